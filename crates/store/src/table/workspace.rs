//! Table `workspace`: the one row that says what this file is.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};
use tieout_domain::WorkspaceId;

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{at, ms, text},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE workspace (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, name TEXT
      NOT NULL,
            demo INTEGER NOT NULL, created_at INTEGER NOT NULL);",
}];

/// A workspace to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWorkspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// True for the demo, where several people share one machine account.
    pub demo: bool,
    /// When it is made.
    pub at: DateTime<Utc>,
}

/// What this file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// Its name.
    pub name: String,
    /// True for the demo.
    pub demo: bool,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

pub(crate) fn insert(tx: &Tx<'_>, new: &NewWorkspace) -> Result<()> {
    tx.execute(
        "INSERT INTO workspace (one, id, name, demo, created_at) VALUES (1, ?1, ?2, ?3, ?4)",
        params![new.id.as_str(), new.name, new.demo, ms(new.at)],
    )?;
    Ok(())
}

/// The workspace's id, as the log's genesis needs it.
pub(crate) fn id(db: &Db) -> Result<String> {
    Ok(db.prepare_cached("SELECT id FROM workspace")?.query_row([], |row| row.get(0))?)
}

/// What this file is.
pub(crate) fn find(db: &Db) -> Result<Workspace> {
    let found = db
        .query_row("SELECT id, name, demo, created_at FROM workspace", [], |row| {
            Ok(Workspace {
                id: text(row, "id")?,
                name: row.get("name")?,
                demo: row.get("demo")?,
                created_at: at(row, "created_at")?,
            })
        })
        .optional()?;
    found.ok_or_else(|| StoreError::Corrupt("it does not say which workspace it is".to_owned()))
}
