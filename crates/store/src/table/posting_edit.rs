//! Table `posting_edit`: who shaped a posting, or one that it replaces.

use chrono::{DateTime, Utc};
use rusqlite::params;
use tieout_domain::{PersonId, PostingId};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, ms, text},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE posting_edit (seq INTEGER PRIMARY KEY, posting_id TEXT NOT NULL, person TEXT NOT
            NULL,
            what TEXT NOT NULL, content_hash TEXT NOT NULL, at INTEGER NOT NULL);
          CREATE INDEX posting_edit_by_posting ON posting_edit (posting_id);",
}];

/// Somebody who shaped a posting: they may not approve it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingEdit {
    /// Who.
    pub person: PersonId,
    /// What they did: `proposed`, `amended` …
    pub what: String,
    /// The content that came of it.
    pub content_hash: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Notes that a person shaped a posting.
pub(crate) fn insert(tx: &Tx<'_>, posting: &PostingId, edit: &PostingEdit) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO posting_edit (posting_id, person, what, content_hash, at) VALUES (?1, ?2, ?3,
              ?4, ?5)",
    )?
    .execute(params![
        posting.as_str(),
        edit.person.as_str(),
        edit.what,
        edit.content_hash,
        ms(edit.at)
    ])?;
    Ok(())
}

/// Everyone who shaped a posting or one that it replaces, oldest first.
pub(crate) fn of_posting(db: &Db, id: &PostingId) -> Result<Vec<PostingEdit>> {
    let mut statement = db.prepare_cached("SELECT * FROM posting_edit WHERE posting_id = ?1 ORDER BY seq")?;
    let rows = statement.query_map([id.as_str()], |row| {
        Ok(PostingEdit {
            person: text(row, "person")?,
            what: row.get("what")?,
            content_hash: row.get("content_hash")?,
            at: at(row, "at")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Hands those who shaped a posting on to the one that replaces it.
pub(crate) fn inherit(tx: &Tx<'_>, old: &PostingId, new: &PostingId) -> Result<()> {
    tx.execute(
        "INSERT INTO posting_edit (posting_id, person, what, content_hash, at)
         SELECT ?2, person, what, content_hash, at FROM posting_edit WHERE posting_id = ?1 ORDER BY seq",
        [old.as_str(), new.as_str()],
    )?;
    Ok(())
}
