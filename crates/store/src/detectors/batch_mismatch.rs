//! Documents that the ledger books together, with another sum than theirs: on the control account, or only on
//! others. Where one document, or two, of the batch are exactly what is missing or too much, it says which.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::BatchMismatch,
    query: Query::Rows(
        "SELECT 'reference', b.name, NULL, b.name, b.entity, b.period, b.currency, b.expected_minor,
            b.variance_minor, NULL, b.day, 0, b.entity, 'batch', (
                SELECT a.account FROM work_batch_account a
                WHERE a.name = b.name ORDER BY abs(a.minor) DESC, a.account LIMIT 1),
            coalesce((
                SELECT min(w.reference) FROM work_batch_document d CROSS JOIN work_document w
                WHERE d.name = b.name AND w.document_seq = d.document_seq AND b.variance_minor <> 0
                    AND (w.total_minor = b.variance_minor OR w.total_minor = 0 - b.variance_minor)), (
                SELECT min(v.reference || ' and ' || w.reference)
                FROM work_batch_document d CROSS JOIN work_document v CROSS JOIN work_batch_document f
                CROSS JOIN work_document w
                WHERE d.name = b.name AND v.document_seq = d.document_seq AND f.name = b.name
                    AND w.document_seq = f.document_seq AND v.document_seq < w.document_seq
                    AND b.documents <= 1000 AND b.variance_minor <> 0
                    AND (v.total_minor + w.total_minor = b.variance_minor
                        OR v.total_minor + w.total_minor = 0 - b.variance_minor))),
            b.documents
         FROM work_batch b
         WHERE b.due = 1 AND EXISTS (SELECT 1 FROM work_batch_account a WHERE a.name = b.name)
             AND NOT EXISTS (SELECT 1 FROM work_tolerated t WHERE t.name = b.name)",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    let documents = facts.m.unwrap_or(0);
    let sum = facts.money(facts.amount_minor);
    let holds = facts
        .variance_minor
        .checked_add(facts.amount_minor)
        .map_or_else(|| "more than can be kept".to_owned(), |minor| facts.money(minor));
    let what = match facts.variance_minor {
        0 => format!(
            "The {documents} documents of {} come to {sum}, as the ledger has them together, but account {} \
             differs.",
            facts.external_ref,
            facts.a()
        ),
        off => format!(
            "The {documents} documents of {} come to {sum}; the ledger has booked them together with \
             {holds}, which is {} {}.",
            facts.external_ref,
            facts.money(off.saturating_abs()),
            if off > 0 { "too much" } else { "too little" }
        ),
    };
    match &facts.b {
        Some(documents) => format!("{what} {documents} would explain it."),
        None => what,
    }
}
