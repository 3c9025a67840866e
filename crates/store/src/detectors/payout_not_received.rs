//! A payout of which the bank's statements show nothing, once its days are over and statements cover them; or
//! whose lines come to another amount than was paid out. Only where statements of the account are kept.
//!
//! Which line is whose is worked out before (`domain::payout`), whenever payouts or lines are new.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rusqlite::{Row, params};
use tieout_domain::{
    bank::{Searched, comparable},
    exception::ExceptionKind,
    payout::{PaidOut, Receipt, ShownLine, receipts},
};

use super::{
    detector::{Detector, Query},
    facts::Facts,
    state::LastRun,
};
use crate::{
    db::{Db, Tx},
    error::Result,
    sql::{at_opt, text},
    table::{bank, dirty, payout_receipt},
};

pub(super) static DETECTOR: Detector = Detector {
    kind: ExceptionKind::PayoutNotReceived,
    query: Query::Rows(
        "SELECT 'document', w.id, w.document_seq, w.reference, w.entity, w.period, w.currency, w.total_minor,
            r.shown_minor - CASE WHEN w.status = 'final' THEN w.total_minor ELSE 0 END,
            NULL, r.due_on, 0, w.entity, w.kind, r.said, r.due_on, r.shown_minor
         FROM work_document w JOIN payout_receipt r ON r.document_seq = w.document_seq
         WHERE w.kind = 'payout' AND r.said IN ('missing', 'differs')",
    ),
    why,
};

fn why(facts: &Facts) -> String {
    match facts.a() {
        "missing" => format!(
            "{} left the processor, and no line of the bank's statements shows it, which cover its days up \
             to {}.",
            facts.document(),
            facts.b()
        ),
        _ => {
            let shown = facts.m.unwrap_or_default();
            let stays = shown.checked_sub(facts.variance_minor).map(|minor| facts.money(minor));
            format!(
                "{}: the bank's lines that bear its name come to {}, and {} should be there.",
                facts.document(),
                facts.money(shown),
                stays.unwrap_or_else(|| "more than can be kept".to_owned())
            )
        }
    }
}

/// The payouts of an entity in a currency of which statements are kept.
const PAYOUTS: &str = "
    SELECT d.seq, d.external_id, d.reference, d.total_minor, d.status, x.document_date, (
            SELECT min(m.available_at) FROM movement m
            WHERE m.connection_seq = d.connection_seq AND m.document = d.external_id) AS available_at,
        EXISTS (
            SELECT 1 FROM expected_line l JOIN bank_account b ON b.entity = x.entity
                AND b.currency = d.currency
            WHERE l.document_seq = d.seq AND (b.account = l.account OR EXISTS (
                SELECT 1 FROM role_account r
                WHERE r.entity = b.entity AND r.account = l.account
                    AND b.account >= r.from_code AND b.account <= r.to_code))) AS judged
    FROM document d CROSS JOIN expectation x
    WHERE d.kind = 'payout' AND d.status <> 'draft' AND d.currency = ?2 AND x.document_seq = d.seq
        AND x.entity = ?1
    ORDER BY d.seq";

fn paid_out(row: &Row<'_>) -> rusqlite::Result<PaidOut> {
    let names: [String; 2] = [row.get("external_id")?, row.get("reference")?];
    let names: BTreeSet<String> = names.iter().map(|name| comparable(name)).collect();
    let left: NaiveDate = text(row, "document_date")?;
    let status: String = row.get("status")?;
    Ok(PaidOut {
        document: row.get("seq")?,
        names: names.into_iter().collect(),
        paid_minor: row.get("total_minor")?,
        failed: status != "final",
        left,
        arrives: at_opt(row, "available_at")?.map_or(left, |at| at.date_naive()),
        judged: row.get("judged")?,
    })
}

/// True where a payout is new or changed since the last run, or where lines are: an import forgets what was
/// said of them.
fn is_due(db: &Db, last: Option<&LastRun>) -> Result<bool> {
    let any: bool =
        db.prepare_cached("SELECT EXISTS (SELECT 1 FROM bank_statement)")?.query_row([], |row| row.get(0))?;
    let Some(last) = last.filter(|_| any) else { return Ok(any) };
    let mut due = db.prepare_cached(
        "SELECT EXISTS (
                SELECT 1 FROM dirty_reference w CROSS JOIN document d
                WHERE d.reference = w.reference AND d.kind = 'payout')
            OR EXISTS (SELECT 1 FROM document d WHERE d.seq > ?1 AND d.kind = 'payout')
            OR EXISTS (
                SELECT 1 FROM document d CROSS JOIN expectation x CROSS JOIN bank_account b
                WHERE d.kind = 'payout' AND d.status <> 'draft' AND x.document_seq = d.seq
                    AND b.entity = x.entity AND b.currency = d.currency
                    AND d.seq NOT IN (SELECT document_seq FROM payout_receipt))",
    )?;
    Ok(due.query_row([last.document_seq], |row| row.get(0))?)
}

/// Works out which line is which payout's, and has those judged anew of which something else is said.
pub(super) fn run(tx: &Tx<'_>, last: Option<&LastRun>) -> Result<()> {
    if !is_due(tx, last)? {
        return Ok(());
    }
    let before = payout_receipt::all(tx)?;
    let mut now: BTreeMap<i64, Receipt> = BTreeMap::new();
    let mut places: BTreeMap<(String, String), Vec<i64>> = BTreeMap::new();
    for account in bank::accounts(tx)? {
        let place = (account.place.entity.to_string(), account.currency.code().to_owned());
        places.entry(place).or_default().push(account.seq);
    }
    for ((entity, currency), accounts) in &places {
        let mut list = tx.prepare_cached(PAYOUTS)?;
        let payouts: Vec<PaidOut> =
            list.query_map(params![entity, currency], paid_out)?.collect::<rusqlite::Result<_>>()?;
        let (mut lines, mut covered) = (Vec::new(), Vec::new());
        for account in accounts {
            lines.extend(bank::lines(tx, *account)?.iter().map(|one| ShownLine {
                line: one.seq,
                booked_on: one.line.booked_on,
                minor: one.line.amount_minor,
                searched: Searched::of(&one.line),
            }));
            covered.push(spans(tx, *account)?);
        }
        let found = receipts(&payouts, &lines, &covered);
        now.extend(found.into_iter().map(|receipt| (receipt.document, receipt)));
    }
    for document in before.keys().chain(now.keys()).copied().collect::<BTreeSet<_>>() {
        if before.get(&document) != now.get(&document) {
            payout_receipt::put(tx, document, now.get(&document))?;
            dirty::mark_reference_of(tx, document)?;
        }
    }
    Ok(())
}

/// The spans of days that the statements of an account cover without a gap: one goes on where a statement
/// joins it, opens with a balance that is known of it, or begins within it.
fn spans(db: &Db, account: i64) -> Result<Vec<(NaiveDate, NaiveDate)>> {
    let mut spans: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    let mut balances: BTreeSet<i64> = BTreeSet::new();
    for one in bank::statements(db, account)? {
        match spans.last_mut() {
            Some(span) if one.joins || one.from < span.1 || balances.contains(&one.opening_minor) => {
                span.1 = span.1.max(one.to);
            }
            _ => {
                balances.clear();
                spans.push((one.from, one.to));
            }
        }
        balances.extend([one.opening_minor, one.closing_minor]);
    }
    Ok(spans)
}

#[cfg(test)]
mod tests {
    use crate::detectors::fixture::{Books, Doc, Entry, doc, entry, why};

    fn payout(name: &str, minor: i64) -> Doc {
        doc(name, minor).with(|d| {
            d.kind = "payout";
            (d.control, d.control_minor) = (Some("1050"), -d.total);
            d.lines = vec![("1010", d.total), ("1050", -d.total)];
        })
    }

    fn booked(name: &str, minor: i64) -> Entry {
        entry(name, &[("1010", minor), ("1050", -minor)])
    }

    /// A payout of 10 March that is booked as it should be.
    fn paid() -> Books {
        Books::with(&[payout("po_0000000001", 7_875)], &[booked("po_0000000001", 7_875)])
    }

    /// A statement of an account in pounds, from one day to another, with lines of 10 March.
    fn shown(books: &Books, account: &str, (from, to): (&str, &str), lines: &[(&str, i64)]) {
        books.run(
            "INSERT INTO bank_account (number, currency, entity, account, placed_by, placed_at)
             VALUES ('GB' || ?1, 'GBP', 'GB01', ?1, 'x', 0) ON CONFLICT DO NOTHING",
            [account],
        );
        books.run(
            "INSERT INTO bank_statement (account_seq, statement_id, from_day, to_day, opening_minor,
                closing_minor, line_count, joins, file, sha256, format, imported_by, imported_at)
             VALUES ((SELECT seq FROM bank_account WHERE account = ?1), 'S', ?2, ?3, 0, 0, 0, 0, 'f', 'h',
                'x', 'x', 0)",
            [account, from, to],
        );
        for (text, minor) in lines {
            books.run(
                "INSERT INTO bank_line (account_seq, statement_seq, line_no, file_row, booked_on,
                    amount_minor, reversal, names, words)
                 VALUES ((SELECT seq FROM bank_account WHERE account = ?1), 1, 1, 1, '2026-03-10', ?3, 0, '',
                    ?2)",
                (account, text, minor),
            );
        }
        books.run("DELETE FROM payout_receipt", []);
    }

    const MARCH: (&str, &str) = ("2026-03-01", "2026-03-31");

    #[test]
    fn a_payout_that_no_line_shows_is_found_once_statements_cover_its_days() {
        let books = paid();
        books.detect();
        assert_eq!(books.open(), "", "no statement: nobody says what the bank has");
        shown(&books, "1010", ("2026-03-01", "2026-03-12"), &[]);
        books.detect();
        assert_eq!(books.open(), "", "it may come until the 17th");
        shown(&books, "1010", MARCH, &[]);
        books.detect();
        assert_eq!(books.open(), "po_0000000001 payout_not_received");
        assert_eq!(
            why(&books),
            "Payout po_0000000001 of 78.75 GBP left the processor, and no line of the bank's statements \
             shows it, which cover its days up to 2026-03-17."
        );
        assert_eq!(books.list("SELECT '' || variance_minor FROM exception"), "-7875");
        shown(&books, "1010", MARCH, &[("STRIPE", 7_875)]);
        books.detect();
        assert_eq!(books.open(), "", "it came in a later file");
    }

    #[test]
    fn lines_that_bear_its_name_with_another_amount_are_found_and_the_right_one_is_not() {
        for (lines, want) in [
            (vec![("PO0000000001", 7_875)], ""),
            (vec![("PO0000000001", 7_785)], "po_0000000001 payout_not_received"),
            (vec![("PO0000000001", 7_875), ("PO0000000001", 7_875)], "po_0000000001 payout_not_received"),
        ] {
            let books = paid();
            shown(&books, "1010", MARCH, &lines);
            books.detect();
            assert_eq!(books.open(), want, "{lines:?}");
        }
        let books = paid();
        shown(&books, "1010", MARCH, &[("PO0000000001", 7_785)]);
        books.detect();
        assert_eq!(
            why(&books),
            "Payout po_0000000001 of 78.75 GBP: the bank's lines that bear its name come to 77.85 GBP, and \
             78.75 GBP should be there."
        );
    }

    #[test]
    fn a_statement_of_another_account_makes_nothing_missing() {
        let books = paid();
        shown(&books, "1020", MARCH, &[]);
        books.detect();
        assert_eq!(books.open(), "");
    }

    #[test]
    fn it_stands_beside_what_the_ledger_lacks() {
        let books = Books::with(&[payout("po_0000000001", 7_875)], &[]);
        shown(&books, "1010", MARCH, &[]);
        books.detect();
        assert_eq!(books.open(), "po_0000000001 payout_not_received, po_0000000001 unposted");
    }
}
