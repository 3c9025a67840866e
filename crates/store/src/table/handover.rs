//! Tables `handover` and `handover_posting`: the journal files that were written for ledgers which are read
//! from files, the postings in each, and what the ledger's later files showed of them.
//!
//! A posting may be in several of them, once a person asked for that with a reason; the last is `current`,
//! and only what another person confirmed of that one counts.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{ConnectionId, HandoverId, PersonId, PostingId};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{at, at_opt, ms, named, stored_enum, text, text_opt},
    table::connection,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 10,
    sql: "CREATE TABLE handover (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            connection_seq INTEGER NOT NULL, format TEXT NOT NULL, file TEXT NOT NULL,
            sha256 TEXT NOT NULL, size INTEGER NOT NULL, handed_by TEXT NOT NULL, handed_at INTEGER NOT NULL,
            confirmed_by TEXT, confirmed_at INTEGER);
          CREATE INDEX handover_by_connection ON handover (connection_seq, seq);
          CREATE TABLE handover_posting (handover_seq INTEGER NOT NULL, posting_seq INTEGER NOT NULL,
            content_hash TEXT NOT NULL, steps TEXT NOT NULL, again TEXT, current INTEGER NOT NULL,
            outcome TEXT NOT NULL, words TEXT NOT NULL, judged_at INTEGER,
            PRIMARY KEY (handover_seq, posting_seq)) WITHOUT ROWID;
          CREATE INDEX handover_posting_by_posting ON handover_posting (posting_seq);",
}];

stored_enum! {
    /// What the ledger's files showed of a posting that was handed over.
    HandoverOutcome {
        /// None came yet that says anything of it.
        Waiting => "waiting",
        /// Just what was approved.
        Shown => "shown",
        /// Something under its key that was not approved, or a part of it.
        Differs => "differs",
        /// A whole one does not have it.
        NotShown => "not_shown",
    }
}

impl HandoverOutcome {
    /// True where the ledger has something under its key.
    pub(crate) fn is_there(self) -> bool {
        match self {
            HandoverOutcome::Shown | HandoverOutcome::Differs => true,
            HandoverOutcome::Waiting | HandoverOutcome::NotShown => false,
        }
    }
}

/// A posting that is written into a journal file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedPosting {
    /// Which.
    pub posting: PostingId,
    /// The hash of the content that was written.
    pub content_hash: String,
    /// The steps that were written, by number.
    pub steps: Vec<u32>,
    /// Why it is written once more, in a person's words; `None` the first time.
    pub again: Option<String>,
}

/// A journal file that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewHandover {
    /// Its id.
    pub id: HandoverId,
    /// The ledger that it is for.
    pub connection: ConnectionId,
    /// The stable name of its form.
    pub format: String,
    /// The file's name.
    pub file: String,
    /// SHA-256 (hex) of its bytes.
    pub sha256: String,
    /// How many bytes it has.
    pub size: u64,
    /// Who hands it over.
    pub by: PersonId,
    /// The postings in it.
    pub postings: Vec<HandedPosting>,
}

/// A posting of a journal file, as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedRow {
    /// What was written.
    pub handed: HandedPosting,
    /// True in the last file that it was written into.
    pub current: bool,
    /// What the ledger's files showed of it since.
    pub outcome: HandoverOutcome,
    /// The same in words; empty while nothing is known.
    pub words: String,
    /// When that was judged last.
    pub judged_at: Option<DateTime<Utc>>,
}

/// A journal file, as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredHandover {
    /// What was written.
    pub id: HandoverId,
    /// The ledger that it is for.
    pub connection: ConnectionId,
    /// The stable name of its form.
    pub format: String,
    /// The file's name.
    pub file: String,
    /// SHA-256 (hex) of its bytes.
    pub sha256: String,
    /// How many bytes it has.
    pub size: u64,
    /// Who handed it over.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who confirmed it, and when.
    pub confirmed: Option<(PersonId, DateTime<Utc>)>,
    /// Its postings.
    pub postings: Vec<HandedRow>,
    pub(crate) seq: i64,
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredHandover> {
    let by: Option<PersonId> = text_opt(row, "confirmed_by")?;
    Ok(StoredHandover {
        id: text(row, "id")?,
        connection: text(row, "connection_id")?,
        format: row.get("format")?,
        file: row.get("file")?,
        sha256: row.get("sha256")?,
        size: u64::try_from(row.get::<_, i64>("size")?).unwrap_or_default(),
        by: text(row, "handed_by")?,
        at: at(row, "handed_at")?,
        confirmed: by.zip(at_opt(row, "confirmed_at")?),
        postings: Vec::new(),
        seq: row.get("seq")?,
    })
}

fn steps(text: &str) -> Vec<u32> {
    text.split(',').filter_map(|number| number.parse().ok()).collect()
}

fn read_posting(row: &Row<'_>) -> rusqlite::Result<HandedRow> {
    Ok(HandedRow {
        handed: HandedPosting {
            posting: text(row, "posting_id")?,
            content_hash: row.get("content_hash")?,
            steps: steps(&row.get::<_, String>("steps")?),
            again: row.get("again")?,
        },
        current: row.get("current")?,
        outcome: named(row, "outcome", HandoverOutcome::parse)?,
        words: row.get("words")?,
        judged_at: at_opt(row, "judged_at")?,
    })
}

const OF_POSTING: &str = "SELECT h.*, p.id AS posting_id, h.content_hash AS content_hash
     FROM handover_posting h JOIN posting p ON p.seq = h.posting_seq";

/// The journal files of a ledger, or of all, the newest first.
pub(crate) fn list(db: &Db, connection_seq: Option<i64>) -> Result<Vec<StoredHandover>> {
    let mut statement = db.prepare_cached(
        "SELECT h.*, c.id AS connection_id FROM handover h JOIN connection c ON c.seq = h.connection_seq
         WHERE h.connection_seq = coalesce(?1, h.connection_seq) ORDER BY h.seq DESC",
    )?;
    let mut found: Vec<StoredHandover> =
        statement.query_map([connection_seq], read)?.collect::<rusqlite::Result<_>>()?;
    let query = format!("{OF_POSTING} ORDER BY h.handover_seq, p.rank, p.seq");
    let mut statement = db.prepare_cached(&query)?;
    let mut rows = statement.query([])?;
    let mut all: BTreeMap<i64, Vec<HandedRow>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        all.entry(row.get("handover_seq")?).or_default().push(read_posting(row)?);
    }
    for one in &mut found {
        one.postings = all.remove(&one.seq).unwrap_or_default();
    }
    Ok(found)
}

/// The journal file of this id.
pub(crate) fn find(db: &Db, id: &HandoverId) -> Result<StoredHandover> {
    list(db, None)?.into_iter().find(|one| one.id == *id).ok_or_else(|| StoreError::unknown("handover", id))
}

/// How a posting stands in the last file that it was written into.
pub(crate) fn current(db: &Db, posting_seq: i64) -> Result<Option<HandedRow>> {
    let query = format!("{OF_POSTING} WHERE h.posting_seq = ?1 AND h.current = 1");
    Ok(db.prepare_cached(&query)?.query_row([posting_seq], read_posting).optional()?)
}

/// Keeps a journal file.
pub(crate) fn insert(tx: &Tx<'_>, new: &NewHandover, when: DateTime<Utc>) -> Result<i64> {
    tx.prepare_cached(
        "INSERT INTO handover (id, connection_seq, format, file, sha256, size, handed_by, handed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        new.id.as_str(),
        connection::seq(tx, &new.connection)?,
        new.format,
        new.file,
        new.sha256,
        i64::try_from(new.size).unwrap_or(i64::MAX),
        new.by.as_str(),
        ms(when),
    ])?;
    Ok(tx.last_insert_rowid())
}

/// Keeps that a posting is in a journal file, which is the last one from now on.
pub(crate) fn insert_posting(
    tx: &Tx<'_>,
    (handover_seq, posting_seq): (i64, i64),
    handed: &HandedPosting,
) -> Result<()> {
    tx.prepare_cached("UPDATE handover_posting SET current = 0 WHERE posting_seq = ?1 AND current = 1")?
        .execute([posting_seq])?;
    let steps: Vec<String> = handed.steps.iter().map(ToString::to_string).collect();
    tx.prepare_cached(
        "INSERT INTO handover_posting (handover_seq, posting_seq, content_hash, steps, again, current,
           outcome, words)
         VALUES (?1, ?2, ?3, ?4, ?5, 1, 'waiting', '')",
    )?
    .execute(params![handover_seq, posting_seq, handed.content_hash, steps.join(","), handed.again])?;
    Ok(())
}

/// Notes who confirmed a journal file.
pub(crate) fn confirm(tx: &Tx<'_>, seq: i64, by: &PersonId, when: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE handover SET confirmed_by = ?2, confirmed_at = ?3 WHERE seq = ?1")?
        .execute(params![seq, by.as_str(), ms(when)])?;
    Ok(())
}

/// Notes what the ledger's file showed of a posting.
pub(crate) fn judge(
    tx: &Tx<'_>,
    posting_seq: i64,
    (outcome, words): (HandoverOutcome, &str),
    when: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE handover_posting SET outcome = ?2, words = ?3, judged_at = ?4
         WHERE posting_seq = ?1 AND current = 1",
    )?
    .execute(params![posting_seq, outcome.as_str(), words, ms(when)])?;
    Ok(())
}
