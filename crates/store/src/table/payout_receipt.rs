//! Tables `payout_receipt` and `payout_line`: what the bank's statements say of each payout, and which lines
//! are its own. Worked out again whenever payouts or lines are new.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rusqlite::{Row, params};
use tieout_domain::payout::{Receipt, Said};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{date, named, text},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 12,
    sql: "CREATE TABLE payout_receipt (document_seq INTEGER PRIMARY KEY, said TEXT NOT NULL,
            by_name INTEGER NOT NULL, shown_minor INTEGER NOT NULL, due_on TEXT NOT NULL);
          CREATE TABLE payout_line (document_seq INTEGER NOT NULL, line_seq INTEGER NOT NULL,
            PRIMARY KEY (document_seq, line_seq)) WITHOUT ROWID;
          CREATE INDEX payout_line_of ON payout_line (line_seq);",
}];

/// What the statements say of a payout, as a screen shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReceipt {
    /// How people name the payout.
    pub reference: String,
    /// What is said.
    pub said: Said,
    /// Minor units that left the processor; nothing of one that failed.
    pub paid_minor: i64,
    /// What the bank shows of it, minor units.
    pub shown_minor: i64,
    /// The last day on which it could come.
    pub due_on: NaiveDate,
    /// Its lines, by their keys.
    pub lines: Vec<i64>,
}

/// What is kept, by document.
pub(crate) fn all(db: &Db) -> Result<BTreeMap<i64, Receipt>> {
    let mut lines: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    let mut list = db.prepare_cached("SELECT document_seq, line_seq FROM payout_line ORDER BY line_seq")?;
    let mut rows = list.query([])?;
    while let Some(row) = rows.next()? {
        lines.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    let mut list = db.prepare_cached("SELECT * FROM payout_receipt")?;
    let read = |row: &Row<'_>| {
        Ok(Receipt {
            document: row.get("document_seq")?,
            said: named(row, "said", Said::parse)?,
            by_name: row.get("by_name")?,
            lines: Vec::new(),
            shown_minor: row.get("shown_minor")?,
            due_on: text(row, "due_on")?,
        })
    };
    let receipts: Vec<Receipt> = list.query_map([], read)?.collect::<rusqlite::Result<_>>()?;
    let whole = |receipt: Receipt| {
        let lines = lines.remove(&receipt.document).unwrap_or_default();
        (receipt.document, Receipt { lines, ..receipt })
    };
    Ok(receipts.into_iter().map(whole).collect())
}

/// Keeps what is said of a payout, in the place of what was; nothing for one of which nothing is said.
pub(crate) fn put(tx: &Tx<'_>, document_seq: i64, receipt: Option<&Receipt>) -> Result<()> {
    tx.prepare_cached("DELETE FROM payout_line WHERE document_seq = ?1")?.execute([document_seq])?;
    let Some(one) = receipt else {
        tx.prepare_cached("DELETE FROM payout_receipt WHERE document_seq = ?1")?.execute([document_seq])?;
        return Ok(());
    };
    tx.prepare_cached(
        "INSERT INTO payout_receipt (document_seq, said, by_name, shown_minor, due_on)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (document_seq) DO UPDATE SET said = excluded.said, by_name = excluded.by_name,
            shown_minor = excluded.shown_minor, due_on = excluded.due_on",
    )?
    .execute(params![
        document_seq,
        one.said.as_str(),
        one.by_name,
        one.shown_minor,
        date(one.due_on)
    ])?;
    let mut insert = tx.prepare_cached("INSERT INTO payout_line (document_seq, line_seq) VALUES (?1, ?2)")?;
    for line in &one.lines {
        insert.execute([document_seq, *line])?;
    }
    Ok(())
}

/// What is said of the payouts of an entity in a currency.
pub(crate) fn of(db: &Db, entity: &str, currency: &str) -> Result<Vec<StoredReceipt>> {
    let kept = all(db)?;
    let mut list = db.prepare_cached(
        "SELECT d.seq, d.reference, CASE WHEN d.status = 'final' THEN d.total_minor ELSE 0 END AS paid_minor
         FROM payout_receipt r JOIN document d ON d.seq = r.document_seq
         JOIN expectation x ON x.document_seq = d.seq
         WHERE x.entity = ?1 AND d.currency = ?2 ORDER BY r.due_on, d.reference",
    )?;
    let mut rows = list.query([entity, currency])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(receipt) = kept.get(&row.get("seq")?) else { continue };
        found.push(StoredReceipt {
            reference: row.get("reference")?,
            said: receipt.said,
            paid_minor: row.get("paid_minor")?,
            shown_minor: receipt.shown_minor,
            due_on: receipt.due_on,
            lines: receipt.lines.clone(),
        });
    }
    Ok(found)
}
