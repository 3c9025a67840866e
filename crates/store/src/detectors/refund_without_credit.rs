//! Money that was given back beyond what credit notes of its invoice say, where the mapping says that the
//! entity gives none back without one (`credit_notes = "required"`). Of several refunds of one invoice those
//! come first that came first.

use tieout_domain::exception::ExceptionKind;

use super::{
    detector::{Detector, Query},
    facts::Facts,
};
use crate::{db::Tx, error::Result};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::RefundWithoutCredit,
    query: Query::Rows(
        "SELECT 'document', r.id, r.seq, r.reference, r.entity, r.period, r.currency, r.total_minor,
            CASE WHEN r.through - r.credited < r.total_minor THEN r.through - r.credited
                ELSE r.total_minor END,
            NULL, r.document_date, 0, r.entity, 'refund', r.invoice, NULL, NULL
         FROM (
             SELECT w.id, w.document_seq AS seq, w.reference, w.entity, w.period, w.currency, w.total_minor,
                 w.document_date, coalesce(i.reference, '-') AS invoice,
                 sum(w.total_minor) OVER (
                     PARTITION BY coalesce(i.seq, 0 - w.document_seq)
                     ORDER BY w.document_date, w.document_seq) AS through,
                 coalesce((
                     SELECT sum(abs(k.total_minor)) FROM document k
                     WHERE k.connection_seq = d.connection_seq AND k.invoice = i.external_id
                         AND k.kind = 'credit_note' AND k.status = 'final'), 0) AS credited
             FROM work_document w CROSS JOIN document d
             LEFT JOIN document p ON p.connection_seq = d.connection_seq AND p.kind = 'payment'
                 AND p.external_id = d.payment
             LEFT JOIN document i ON i.connection_seq = d.connection_seq AND i.kind = 'invoice'
                 AND i.external_id = coalesce(d.invoice, p.invoice)
             WHERE w.kind = 'refund' AND w.books = 1 AND w.total_minor > 0 AND d.seq = w.document_seq
                 AND EXISTS (
                     SELECT 1 FROM entity_rule e WHERE e.entity = w.entity AND e.credit_notes = 1)) r
         WHERE r.through > r.credited",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    let of = match facts.a() {
        "-" => "and names no invoice".to_owned(),
        invoice => format!("of invoice {invoice}, whose credit notes say less"),
    };
    format!(
        "{} was given back {of}: {} lacks a credit note.",
        facts.document(),
        facts.money(facts.variance_minor)
    )
}

/// The refunds of an invoice are judged together, and with its credit notes.
pub(super) fn tie(tx: &Tx<'_>) -> Result<()> {
    let required: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM entity_rule WHERE credit_notes = 1)")?
        .query_row([], |row| row.get(0))?;
    if !required {
        return Ok(());
    }
    for sql in [
        // of the invoice that a credit note or a refund names
        "INSERT INTO work_reference (reference)
         SELECT o.reference FROM work_reference w CROSS JOIN document d CROSS JOIN document o
         WHERE d.reference = w.reference AND d.kind IN ('credit_note', 'refund') AND d.invoice IS NOT NULL
             AND o.connection_seq = d.connection_seq AND o.invoice = d.invoice AND o.kind = 'refund'
         ON CONFLICT DO NOTHING",
        // of the payments of the invoice that a credit note names
        "INSERT INTO work_reference (reference)
         SELECT o.reference
         FROM work_reference w CROSS JOIN document d CROSS JOIN document p CROSS JOIN document o
         WHERE d.reference = w.reference AND d.kind = 'credit_note' AND d.invoice IS NOT NULL
             AND p.connection_seq = d.connection_seq AND p.invoice = d.invoice AND p.kind = 'payment'
             AND o.connection_seq = d.connection_seq AND o.payment = p.external_id AND o.kind = 'refund'
         ON CONFLICT DO NOTHING",
        // of the same payment
        "INSERT INTO work_reference (reference)
         SELECT o.reference FROM work_reference w CROSS JOIN document d CROSS JOIN document o
         WHERE d.reference = w.reference AND d.kind = 'refund' AND d.payment IS NOT NULL
             AND o.connection_seq = d.connection_seq AND o.payment = d.payment AND o.kind = 'refund'
         ON CONFLICT DO NOTHING",
    ] {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, Doc, doc, entry, why};

    fn refund(name: &str, minor: i64) -> Doc {
        doc(name, minor).of("INV-1").with(|d| {
            d.kind = "refund";
            d.lines = vec![("1100", minor), ("1050", -minor)];
        })
    }

    fn credit(minor: i64) -> Doc {
        doc("CN-1", -minor).of("INV-1").with(|d| d.kind = "credit_note")
    }

    /// An invoice of 900, booked, with these refunds, each booked, and credit notes.
    fn books(required: bool, docs: &[Doc]) -> Books {
        let books = Books::with(&[doc("INV-1", 900)], &[entry("INV-1", &[("1100", 900), ("4000", -900)])]);
        if required {
            books.run("INSERT INTO entity_rule VALUES ('GB01', NULL, 1)", []);
        }
        for one in docs {
            books.put(one);
            let lines = one.lines.clone();
            books.book(&entry(&one.reference, &lines));
        }
        books.detect();
        books
    }

    #[test]
    fn a_refund_beyond_the_credit_notes_is_found_where_they_are_required() {
        let lone = books(true, &[refund("re_1", 300)]);
        assert_eq!(lone.open(), "re_1 refund_without_credit");
        assert_eq!(
            why(&lone),
            "Refund re_1 of 3.00 GBP was given back of invoice INV-1, whose credit notes say less: 3.00 GBP \
             lacks a credit note."
        );
        let part = books(true, &[refund("re_1", 300), refund("re_2", 200), credit(400)]);
        assert_eq!(part.open(), "re_2 refund_without_credit");
        assert_eq!(part.list("SELECT '' || variance_minor FROM exception"), "100");
    }

    #[test]
    fn one_that_a_credit_note_covers_is_right_and_so_is_any_where_none_is_required() {
        assert_eq!(books(true, &[refund("re_1", 300), credit(300)]).open(), "");
        assert_eq!(books(false, &[refund("re_1", 300)]).open(), "");
    }

    #[test]
    fn the_credit_note_may_come_later() {
        let books = books(true, &[refund("re_1", 300)]);
        books.put(&credit(300));
        books.book(&entry("CN-1", &[("1100", -300), ("4000", 300)]));
        books.detect();
        assert_eq!(books.open(), "");
    }
}
