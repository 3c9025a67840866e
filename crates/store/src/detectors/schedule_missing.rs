//! What revenue schedules release in a period is due, and no entry books it: of an account in all, or of a
//! document where the ledger releases document by document. Only where the mapping asks for schedules.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
    released::{compared, finding},
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::ScheduleMissing,
    query: Query::Rows(concat!(
        compared!(),
        finding!("p.due_at", "NULL"),
        "WHERE p.deferred = 1 AND p.entries = 0 AND abs(p.expected) > p.tolerance"
    )),
    why,
};

fn why(facts: &Facts) -> String {
    format!(
        "{} {} from deferred revenue (account {}) in {}, and no entry books it; it was due on {}.",
        match &facts.a {
            Some(document) => format!("The schedule of {document} releases"),
            None => "Revenue schedules release".to_owned(),
        },
        facts.money(facts.amount_minor),
        facts.label,
        facts.b(),
        facts.since.format("%Y-%m-%d %H:%M UTC")
    )
}
