//! Table `known_roster`: rosters as administrators signed them: this workspace's own, as it was exported
//! last, and those of workspaces from which packets come.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, ms},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 10,
    sql: "CREATE TABLE known_roster (workspace TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL,
            content TEXT NOT NULL, made_at INTEGER NOT NULL, kept_by TEXT NOT NULL,
            kept_at INTEGER NOT NULL) WITHOUT ROWID;",
}];

/// A roster as it is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRoster {
    /// Whose: the workspace's id.
    pub workspace: String,
    /// The workspace's name.
    pub name: String,
    /// The hash by which it is named.
    pub hash: String,
    /// Its signed text.
    pub content: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Who exported it or took it in: a person's id.
    pub kept_by: String,
    /// When.
    pub kept_at: DateTime<Utc>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<KnownRoster> {
    Ok(KnownRoster {
        workspace: row.get("workspace")?,
        name: row.get("name")?,
        hash: row.get("hash")?,
        content: row.get("content")?,
        made_at: at(row, "made_at")?,
        kept_by: row.get("kept_by")?,
        kept_at: at(row, "kept_at")?,
    })
}

/// Every roster, by the workspace's name.
pub(crate) fn all(db: &Db) -> Result<Vec<KnownRoster>> {
    let mut statement = db.prepare_cached("SELECT * FROM known_roster ORDER BY name, workspace")?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The roster of this workspace.
pub(crate) fn find(db: &Db, workspace: &str) -> Result<Option<KnownRoster>> {
    let mut statement = db.prepare_cached("SELECT * FROM known_roster WHERE workspace = ?1")?;
    Ok(statement.query_row([workspace], read).optional()?)
}

/// Keeps a roster, in place of the one before.
pub(crate) fn put(tx: &Tx<'_>, roster: &KnownRoster) -> Result<()> {
    tx.execute(
        "INSERT INTO known_roster (workspace, name, hash, content, made_at, kept_by, kept_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (workspace) DO UPDATE SET name = excluded.name, hash = excluded.hash,
           content = excluded.content, made_at = excluded.made_at, kept_by = excluded.kept_by,
           kept_at = excluded.kept_at",
        params![
            roster.workspace,
            roster.name,
            roster.hash,
            roster.content,
            ms(roster.made_at),
            roster.kept_by,
            ms(roster.kept_at),
        ],
    )?;
    Ok(())
}
