//! The role of an entry that stands under a document's name: does it *raise* what the customer owes, as the
//! document says, or *settle* it? An ERP books payments under the number of the invoice that they pay; such
//! an entry is never a second booking.
//!
//! Of an invoice or credit note an entry settles where it moves the control account against the document and
//! touches no account that raises it: no income or deferred revenue as the chart says, none that the document
//! is expected on, and none that an entry on the document's own side touches; nor does one settle that the
//! ERP links as the reversal of another. So an entry whose sign was reversed stays a booking with its sign
//! reversed, and the write-off of an invoice that billing has written off stays a part of it.
//!
//! A credit memo settles the invoice whose name it has, and what only stands against a bank account (as the
//! chart says) or clearing settles on whichever side: money that went back under the invoice's number.
//!
//! Where nothing is to be booked (a void invoice), what moves the control account back takes the booking
//! back, on whatever account, and is judged with it.
//!
//! A settlement belongs to the payment or refund that billing has for the document and that no entry names:
//! the same amount first, in the order of dates; then those that are left, in the order of dates, each to
//! one. One that is left over is a receipt which billing does not know. That is no exception where the ERP is
//! the master of receipts; its sum is a line of the tie-out.

use crate::{
    db::{Db, Tx},
    error::Result,
    table::house_rule::by_role,
};

/// The entries of the work that settle, by what `work_effective` holds of them so far.
const FOUND: &str = "
    INSERT INTO work_settlement (entry_seq, invoice_seq, minor, currency, day)
    SELECT f.entry_seq, f.document_seq, f.control_minor, e.currency, e.posting_date
    FROM work_effective f CROSS JOIN work_document w CROSS JOIN entry e
    WHERE w.document_seq = f.document_seq AND w.kind IN ('invoice', 'credit_note')
        AND (w.books = 1 OR w.opening = 1 OR w.gap_fingerprint IS NOT NULL)
        AND e.seq = f.entry_seq
        AND (sign(f.control_minor) = 0 - sign(w.total_minor)
            OR (f.control_minor <> 0 AND EXISTS (
                SELECT 1 FROM entry_line l WHERE l.entry_seq = f.entry_seq AND l.account IS NOT w.control)
            AND NOT EXISTS (
                SELECT 1 FROM entry_line l
                WHERE l.entry_seq = f.entry_seq AND l.account IS NOT w.control
                    AND l.account NOT IN (SELECT account FROM control_account) AND NOT EXISTS (
                    SELECT 1 FROM ledger_account a
                    WHERE a.connection_seq = e.connection_seq AND a.code = l.account
                        AND a.account_type = 'bank'))))
        AND NOT EXISTS (SELECT 1 FROM work_key k WHERE k.entry_seq = f.entry_seq)
        AND NOT EXISTS (
            SELECT 1 FROM work_effective o CROSS JOIN entry t
            WHERE o.document_seq = f.document_seq AND t.seq = o.entry_seq AND t.erp_id = e.reverses
                AND t.connection_seq = e.connection_seq)
        AND (e.kind = 'credit_memo' AND w.kind = 'invoice' OR NOT EXISTS (
            SELECT 1 FROM entry_line l
            WHERE l.entry_seq = f.entry_seq AND l.account IS NOT w.control
                AND (EXISTS (
                    SELECT 1 FROM ledger_account a
                    WHERE a.connection_seq = e.connection_seq AND a.code = l.account
                        AND a.account_type IN ('income', 'other_income', 'deferred_revenue'))
                OR EXISTS (
                    SELECT 1 FROM expected_line x
                    WHERE x.document_seq = f.document_seq AND x.account = l.account)
                OR EXISTS (
                    SELECT 1 FROM work_effective o CROSS JOIN entry_line k
                    WHERE o.document_seq = f.document_seq AND k.entry_seq = o.entry_seq
                        AND k.account = l.account AND k.account NOT IN (SELECT account FROM control_account)
                        AND NOT EXISTS (
                            SELECT 1 FROM ledger_account a
                            WHERE a.connection_seq = e.connection_seq AND a.code = k.account
                                AND a.account_type = 'bank')
                        AND ((w.total_minor > 0 AND o.control_minor > 0)
                            OR (w.total_minor < 0 AND o.control_minor < 0))))))";

/// They say nothing of the document whose name they have.
const NO_BOOKING: &str =
    "DELETE FROM work_effective WHERE entry_seq IN (SELECT entry_seq FROM work_settlement)";

/// The payments and refunds of the documents that are settled, which no entry names; a refund that names no
/// document itself is of its payment's. `refused`: billing says
/// that it came to nothing.
const PAYMENTS: &str = "
    INSERT INTO work_payment (document_seq, invoice_seq, minor, currency, day, refused)
    SELECT p.document_seq, i.seq, p.total_minor, p.currency, p.document_date,
        CASE WHEN p.books = 0 THEN 1 ELSE 0 END
    FROM work_document p CROSS JOIN document d LEFT JOIN document c
        ON d.invoice IS NULL AND c.connection_seq = d.connection_seq AND c.kind = 'payment'
            AND c.external_id = d.payment
    CROSS JOIN document i
    WHERE p.kind IN ('payment', 'refund') AND p.total_minor <> 0 AND p.opening = 0 AND d.seq = p.document_seq
        AND i.connection_seq = d.connection_seq AND i.kind IN ('invoice', 'credit_note')
        AND i.external_id = coalesce(d.invoice, c.invoice)
        AND EXISTS (SELECT 1 FROM work_settlement s WHERE s.invoice_seq = i.seq)
        AND NOT EXISTS (SELECT 1 FROM work_effective f WHERE f.document_seq = p.document_seq)";

/// Gives settlements to payments: those that agree in what `same` lists, in the order of dates, what billing
/// refused last. `among` says which payments.
fn assign(same: &str, among: &str) -> String {
    format!(
        "UPDATE work_settlement SET document_seq = t.document_seq
         FROM (
             SELECT s.entry_seq, p.document_seq
             FROM (
                 SELECT w.*, sign(w.minor) AS direction, row_number() OVER (
                     PARTITION BY w.invoice_seq, w.currency, {same} ORDER BY w.day, w.entry_seq) AS place
                 FROM work_settlement w WHERE w.document_seq IS NULL) s
             JOIN (
                 SELECT w.*, sign(w.minor) AS direction, row_number() OVER (
                     PARTITION BY w.invoice_seq, w.currency, {same}
                     ORDER BY w.refused, w.day, w.document_seq) AS place
                 FROM work_payment w
                 WHERE {among} AND NOT EXISTS (
                     SELECT 1 FROM work_settlement k WHERE k.document_seq = w.document_seq)) p
             ON p.invoice_seq = s.invoice_seq AND p.currency = s.currency AND p.place = s.place
                 AND p.direction = s.direction {}) t
         WHERE work_settlement.entry_seq = t.entry_seq",
        if same == "w.minor" { "AND p.minor = s.minor" } else { "" }
    )
}

/// What the last run kept of the work and does not hold any more, and what is new.
const KEEP: [&str; 3] = [
    "DELETE FROM settlement
     WHERE entry_seq IN (
         SELECT e.seq FROM work_reference w CROSS JOIN entry e WHERE e.reference = w.reference
         UNION ALL SELECT entry_seq FROM work_entry
         UNION ALL SELECT s.entry_seq FROM work_document w CROSS JOIN settlement s
             WHERE s.invoice_seq = w.document_seq)
         AND NOT EXISTS (
             SELECT 1 FROM work_settlement n
             WHERE n.entry_seq = settlement.entry_seq AND n.invoice_seq = settlement.invoice_seq)",
    "UPDATE settlement SET document_seq = n.document_seq FROM work_settlement n
     WHERE n.entry_seq = settlement.entry_seq AND n.document_seq IS NOT settlement.document_seq",
    "INSERT INTO settlement (entry_seq, invoice_seq, document_seq)
     SELECT n.entry_seq, n.invoice_seq, n.document_seq FROM work_settlement n
     WHERE NOT EXISTS (SELECT 1 FROM settlement s WHERE s.entry_seq = n.entry_seq)",
];

/// Takes the settlements out of what `work_effective` holds of the documents whose names they have.
pub(super) fn run(tx: &Tx<'_>) -> Result<()> {
    tx.prepare_cached(&by_role(tx, FOUND)?)?.execute([])?;
    if any(tx)? {
        tx.prepare_cached(NO_BOOKING)?.execute([])?;
        tx.prepare_cached(PAYMENTS)?.execute([])?;
        tx.prepare_cached(&assign("w.minor", "true"))?.execute([])?;
        tx.prepare_cached(&assign("sign(w.minor)", "w.refused = 0"))?.execute([])?;
    }
    for sql in KEEP {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}

fn any(db: &Db) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM work_settlement)";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}
