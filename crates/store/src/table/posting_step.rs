//! Table `posting_step`: the steps of postings, each under its key, and what became of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params, params_from_iter};
use tieout_domain::{
    PostingId,
    calendar::PeriodKey,
    key::PostingKey,
    posting::{Posting, PostingStep},
};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{AT_ONCE, at_opt, date, marks, ms, text},
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE posting_step (posting_seq INTEGER NOT NULL, number INTEGER NOT NULL,
            key TEXT NOT NULL UNIQUE, role TEXT NOT NULL, reverses TEXT, entity TEXT NOT NULL, period
              TEXT NOT NULL,
            posting_date TEXT NOT NULL, erp_id TEXT, booked_at INTEGER, booked_period TEXT, difference TEXT,
            PRIMARY KEY (posting_seq, number)) WITHOUT ROWID;",
    },
    // Keys do not depend on content: a posting that came to its end leaves its keys to the next one of its
    // document, and keeps its steps all the same. One live posting has a key; what ended may have had it too.
    Migration {
        version: 5,
        sql: "CREATE TABLE posting_step_kept (posting_seq INTEGER NOT NULL, number INTEGER NOT NULL,
            key TEXT NOT NULL, role TEXT NOT NULL, reverses TEXT, entity TEXT NOT NULL, period TEXT NOT NULL,
            posting_date TEXT NOT NULL, erp_id TEXT, booked_at INTEGER, booked_period TEXT, difference TEXT,
            PRIMARY KEY (posting_seq, number)) WITHOUT ROWID;
          INSERT INTO posting_step_kept SELECT posting_seq, number, key, role, reverses, entity, period,
            posting_date, erp_id, booked_at, booked_period, difference FROM posting_step;
          DROP TABLE posting_step;
          ALTER TABLE posting_step_kept RENAME TO posting_step;
          CREATE INDEX posting_step_by_key ON posting_step (key);
          CREATE INDEX posting_step_moved ON posting_step (posting_seq) WHERE booked_period <> period;",
    },
];

/// What became of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepRow {
    /// Its number, from 1.
    pub number: u32,
    /// Its key.
    pub key: PostingKey,
    /// True when it undoes a booked entry.
    pub is_reversal: bool,
    /// The ERP's id of the entry, once booked.
    pub erp_id: Option<String>,
    /// When the read-back showed it booked.
    pub booked_at: Option<DateTime<Utc>>,
    /// The period into which the ERP booked it.
    pub booked_period: Option<PeriodKey>,
    /// How it differs from what was approved: `code: words`, one per line.
    pub difference: Option<String>,
}

/// What became of the steps of these postings, by the posting's internal key, in one read however many they
/// are.
pub(crate) fn of_postings(db: &Db, seqs: &[i64]) -> Result<BTreeMap<i64, Vec<StepRow>>> {
    let mut steps: BTreeMap<i64, Vec<StepRow>> = BTreeMap::new();
    for some in seqs.chunks(AT_ONCE) {
        let query = format!(
            "SELECT * FROM posting_step WHERE posting_seq IN ({}) ORDER BY posting_seq, number",
            marks(some.len())
        );
        let mut statement = db.prepare_cached(&query)?;
        let mut rows = statement.query(params_from_iter(some))?;
        while let Some(row) = rows.next()? {
            steps.entry(row.get("posting_seq")?).or_default().push(read(row)?);
        }
    }
    Ok(steps)
}

fn read(row: &Row<'_>) -> rusqlite::Result<StepRow> {
    Ok(StepRow {
        number: row.get("number")?,
        key: text(row, "key")?,
        is_reversal: row.get_ref("role")?.as_str()? == "reverse",
        erp_id: row.get("erp_id")?,
        booked_at: at_opt(row, "booked_at")?,
        booked_period: row.get::<_, Option<String>>("booked_period")?.map(PeriodKey::new),
        difference: row.get("difference")?,
    })
}

/// Which of these keys a later posting has that was not withdrawn, and whether that one is under way.
pub(crate) fn passed_on(db: &Db, posting: &PostingId, keys: &[&str]) -> Result<Vec<(String, bool)>> {
    let mut found = Vec::new();
    let mut statement = db.prepare_cached(
        "SELECT max(CASE WHEN p.state IN ('queued', 'sending', 'in_doubt', 'handed_over') THEN 1 ELSE 0 END)
         FROM posting_step s JOIN posting p ON p.seq = s.posting_seq JOIN posting own ON own.id = ?2
         WHERE s.key = ?1 AND p.seq > own.seq AND p.connection_seq = own.connection_seq
           AND p.state NOT IN ('rejected', 'cancelled')",
    )?;
    for key in keys {
        let under_way: Option<bool> =
            statement.query_row(params![key, posting.as_str()], |row| row.get(0))?;
        found.extend(under_way.map(|under_way| ((*key).to_owned(), under_way)));
    }
    Ok(found)
}

/// The reversals among the steps of a reference's postings to an ERP: key to the ERP's id of what it undoes.
pub(crate) fn reversals(db: &Db, connection_seq: i64, reference: &str) -> Result<BTreeMap<String, String>> {
    let mut statement = db.prepare_cached(
        "SELECT s.key, s.reverses FROM posting p JOIN posting_step s ON s.posting_seq = p.seq
         WHERE p.connection_seq = ?1 AND p.reference = ?2 AND s.reverses IS NOT NULL",
    )?;
    let rows =
        statement.query_map(params![connection_seq, reference], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// How many steps of a posting the ERP has booked, and how many it has.
pub(crate) fn booked_of_all(db: &Db, posting_seq: i64) -> Result<(u32, u32)> {
    Ok(db
        .prepare_cached("SELECT count(erp_id), count(*) FROM posting_step WHERE posting_seq = ?1")?
        .query_row([posting_seq], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// What a step does: it undoes an entry, books a document, or books only what the document differs by, which
/// says nothing of where all of it belongs.
fn role(step: &PostingStep) -> &'static str {
    match &step.reverses {
        Some(_) => "reverse",
        None if PostingKey::is_of_a_difference(step.key.as_str()) => "difference",
        None => "post",
    }
}

/// Writes the steps of a posting. Only one that is not at its end may have a key.
pub(crate) fn insert(tx: &Tx<'_>, posting_seq: i64, posting: &Posting) -> Result<()> {
    let mut holder = tx.prepare_cached(
        "SELECT p.id FROM posting_step s JOIN posting p ON p.seq = s.posting_seq
         JOIN posting own ON own.seq = ?2
         WHERE s.key = ?1 AND p.connection_seq = own.connection_seq
           AND p.state NOT IN ('settled', 'rejected', 'cancelled') ORDER BY p.seq LIMIT 1",
    )?;
    for step in &posting.steps {
        let taken = holder.query_row(params![step.key.as_str(), posting_seq], |row| row.get(0)).optional()?;
        if let Some(posting) = taken {
            return Err(StoreError::KeyConflict { key: step.key.to_string(), posting });
        }
        tx.prepare_cached(
            "INSERT INTO posting_step (posting_seq, number, key, role, reverses, entity, period,
              posting_date)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            posting_seq,
            step.number,
            step.key.as_str(),
            role(step),
            step.reverses,
            step.entry.entity().as_str(),
            step.entry.period().as_str(),
            date(step.entry.posting_date()),
        ])?;
    }
    Ok(())
}

/// Notes that the ERP has a step booked, by its read-back or by the ledger's sync.
pub(crate) fn set_booked(
    tx: &Tx<'_>,
    seq: i64,
    (step, erp_id, period): (u32, &str, &PeriodKey),
    at: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE posting_step SET erp_id = ?3, booked_period = ?4, booked_at = coalesce(booked_at, ?5)
         WHERE posting_seq = ?1 AND number = ?2",
    )?
    .execute(params![seq, step, erp_id, period.as_str(), ms(at)])?;
    Ok(())
}

/// Notes how a booked step differs from what was approved.
pub(crate) fn set_difference(tx: &Tx<'_>, seq: i64, step: u32, difference: &str) -> Result<()> {
    tx.prepare_cached("UPDATE posting_step SET difference = ?3 WHERE posting_seq = ?1 AND number = ?2")?
        .execute(params![seq, step, difference])?;
    Ok(())
}
