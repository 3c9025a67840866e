//! Table `posting_step`: the steps of postings, each under its key, and what became of them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{Row, params, params_from_iter};
use tieout_domain::{PostingId, calendar::PeriodKey, key::PostingKey, posting::Posting};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{AT_ONCE, at_opt, date, marks, ms, text},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE posting_step (posting_seq INTEGER NOT NULL, number INTEGER NOT NULL,
            key TEXT NOT NULL UNIQUE, role TEXT NOT NULL, reverses TEXT, entity TEXT NOT NULL, period
              TEXT NOT NULL,
            posting_date TEXT NOT NULL, erp_id TEXT, booked_at INTEGER, booked_period TEXT, difference TEXT,
            PRIMARY KEY (posting_seq, number)) WITHOUT ROWID;",
}];

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

/// Which of these keys a posting other than this one has by now.
pub(crate) fn passed_on(db: &Db, posting: &PostingId, keys: &[&str]) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut statement = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM posting_step s JOIN posting p ON p.seq = s.posting_seq
           WHERE s.key = ?1 AND p.id <> ?2)",
    )?;
    for key in keys {
        if statement.query_row(params![key, posting.as_str()], |row| row.get(0))? {
            found.push((*key).to_owned());
        }
    }
    Ok(found)
}

/// Takes a key from a posting that came to its end and has nothing booked under it, or nothing any more
/// because somebody deleted it in the ERP: keys do not depend on content, so that the next posting of the
/// document has the same. Its own content keeps it, and its attempts what it had booked.
fn take_over(tx: &Tx<'_>, key: &PostingKey) -> Result<()> {
    tx.execute(
        "DELETE FROM posting_step WHERE key = ?1 AND (
           (erp_id IS NULL AND posting_seq IN
             (SELECT seq FROM posting WHERE state IN ('rejected', 'cancelled')))
           OR EXISTS (SELECT 1 FROM posting p JOIN removal r ON r.connection_seq = p.connection_seq
             AND r.resource = 'entries' AND r.external_id = posting_step.erp_id AND r.returned_at IS NULL
             WHERE p.seq = posting_step.posting_seq AND p.state IN ('settled', 'cancelled')))",
        [key.as_str()],
    )?;
    Ok(())
}

/// Writes the steps of a posting that has none.
pub(crate) fn insert(tx: &Tx<'_>, posting_seq: i64, posting: &Posting) -> Result<()> {
    for step in &posting.steps {
        take_over(tx, &step.key)?;
        let count = tx
            .prepare_cached(
                "INSERT INTO posting_step (posting_seq, number, key, role, reverses, entity, period,
                  posting_date)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (key) DO NOTHING",
            )?
            .execute(params![
                posting_seq,
                step.number,
                step.key.as_str(),
                if step.reverses.is_some() { "reverse" } else { "post" },
                step.reverses,
                step.entry.entity().as_str(),
                step.entry.period().as_str(),
                date(step.entry.posting_date()),
            ])?;
        if count == 0 {
            let holder: String = tx.query_row(
                "SELECT p.id FROM posting_step s JOIN posting p ON p.seq = s.posting_seq WHERE s.key = ?1",
                [step.key.as_str()],
                |row| row.get(0),
            )?;
            return Err(StoreError::KeyConflict { key: step.key.to_string(), posting: holder });
        }
    }
    Ok(())
}

/// Writes the steps anew.
pub(crate) fn replace(tx: &Tx<'_>, posting_seq: i64, posting: &Posting) -> Result<()> {
    tx.execute("DELETE FROM posting_step WHERE posting_seq = ?1", [posting_seq])?;
    insert(tx, posting_seq, posting)
}

/// Notes that the read-back showed a step booked.
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

/// Takes what is not known yet of a posting's booked steps from the ledger's entries under their keys.
pub(crate) fn set_booked_by_the_ledger(tx: &Tx<'_>, seq: i64, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached(
        "UPDATE posting_step SET booked_at = coalesce(booked_at, ?2),
           erp_id = coalesce(erp_id, (SELECT min(e.erp_id) FROM entry e WHERE
             e.external_id = posting_step.key AND length(e.external_id) = 20 AND e.status = 'booked')),
           booked_period = coalesce(booked_period, (SELECT min(e.period) FROM entry e WHERE
             e.external_id = posting_step.key AND length(e.external_id) = 20 AND e.status = 'booked'))
         WHERE posting_seq = ?1",
    )?
    .execute(params![seq, ms(at)])?;
    Ok(())
}
