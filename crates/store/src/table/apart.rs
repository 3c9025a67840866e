//! Tables `set_apart`, `tolerated` and `explained_entry`: entries that no document explains and that are no
//! exceptions, differences within the tolerance, and what signed notes explain. The first two are kept by
//! detection (`detectors/apart.rs`).

use rusqlite::params;
use tieout_domain::{ChangeId, EntryId};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
};

/// `what` says why ([`super::house_rule::Apart`]), `name` by which rule, category or cutover.
/// `tolerated.name` is what a document's entries count for in the tie-out. An explanation holds for an
/// entry as it was then: `lines_hash`.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 7,
    sql: "CREATE TABLE set_apart (entry_seq INTEGER PRIMARY KEY, what TEXT NOT NULL, name TEXT NOT NULL);
          CREATE TABLE tolerated (name TEXT PRIMARY KEY) WITHOUT ROWID;
          CREATE TABLE explained_entry (change_id TEXT NOT NULL, entry_seq INTEGER NOT NULL,
            category TEXT NOT NULL, lines_hash BLOB NOT NULL, PRIMARY KEY (change_id, entry_seq))
            WITHOUT ROWID;
          CREATE INDEX explained_entry_by_entry ON explained_entry (entry_seq);",
}];

/// An entry that a signed note explains.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedEntry {
    /// The entry.
    pub entry: EntryId,
    /// Under what.
    pub category: String,
}

/// Ties a note to its entries as they are now.
pub(crate) fn explain(tx: &Tx<'_>, change: &ChangeId, entries: &[ExplainedEntry]) -> Result<()> {
    for one in entries {
        tx.execute(
            "INSERT INTO explained_entry (change_id, entry_seq, category, lines_hash)
             SELECT ?1, seq, ?3, lines_hash FROM entry WHERE id = ?2 AND lines_hash IS NOT NULL
             ON CONFLICT DO NOTHING",
            params![change.as_str(), one.entry.as_str(), one.category],
        )?;
    }
    Ok(())
}

/// Lets go of a note's entries: they are judged again by the next detection.
pub(crate) fn let_go(tx: &Tx<'_>, change: &ChangeId) -> Result<()> {
    tx.execute("DELETE FROM explained_entry WHERE change_id = ?1", [change.as_str()])?;
    Ok(())
}

/// True where anything is set apart, or could be.
pub(crate) fn in_use(db: &Db) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM house_rule) OR EXISTS (SELECT 1 FROM house_cutover)
        OR EXISTS (SELECT 1 FROM explained_entry) OR EXISTS (SELECT 1 FROM set_apart)
        OR EXISTS (SELECT 1 FROM house_schedule)";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}
