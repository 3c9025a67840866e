//! Deferred revenue is released with another amount than its schedules say: of an account in all, or of a
//! document where the ledger releases document by document. Where the amount is right, what is credited may
//! still be another revenue account than the mapping's. Only where the mapping asks for schedules.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
    released::{compared, finding},
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::ScheduleMismatch,
    query: Query::Rows(concat!(
        compared!(),
        finding!("NULL", "p.day"),
        "WHERE abs(p.booked - p.expected) > p.tolerance AND (
             (p.deferred = 1 AND p.entries > 0)
             OR (p.deferred = 0 AND NOT EXISTS (
                 SELECT 1 FROM pair o
                 WHERE o.entity = p.entity AND o.currency = p.currency AND o.period = p.period
                     AND o.document = p.document AND o.deferred = 1
                     AND abs(o.booked - o.expected) > o.tolerance)))"
    )),
    why,
};

fn why(facts: &Facts) -> String {
    let whose = match &facts.a {
        Some(document) => format!("The schedule of {document} puts"),
        None => "Revenue schedules put".to_owned(),
    };
    let booked = facts.variance_minor.checked_add(facts.amount_minor);
    let booked = booked.map_or_else(|| "more than can be kept".to_owned(), |minor| facts.money(minor));
    let entries = match facts.m {
        Some(1) => "one entry".to_owned(),
        Some(count) if count > 1 => format!("{count} entries"),
        _ => "no entry".to_owned(),
    };
    format!(
        "{whose} {} on account {} in {}, and the ledger has {booked} there by {entries}: {} is between them.",
        facts.money(facts.amount_minor),
        facts.label,
        facts.b(),
        facts.money(facts.variance_minor)
    )
}
