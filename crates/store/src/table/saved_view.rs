//! Table `saved_view`: how people want to look at the queues again. Shared by everyone at the desk; what a
//! view says is the desk's own JSON, opaque here.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{at, ms},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 2,
    sql: "CREATE TABLE saved_view (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, content TEXT NOT NULL,
            saved_at INTEGER NOT NULL) WITHOUT ROWID;",
}];

/// A way to look at the queues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it says, as JSON.
    pub content: String,
    /// When it was last saved.
    pub saved_at: DateTime<Utc>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredView> {
    Ok(StoredView {
        id: row.get("id")?,
        name: row.get("name")?,
        content: row.get("content")?,
        saved_at: at(row, "saved_at")?,
    })
}

/// The saved views by name.
pub(crate) fn all(db: &Db) -> Result<Vec<StoredView>> {
    let mut statement = db.prepare_cached("SELECT * FROM saved_view ORDER BY name")?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The saved view of this id.
pub(crate) fn find(db: &Db, id: &str) -> Result<StoredView> {
    let mut statement = db.prepare_cached("SELECT * FROM saved_view WHERE id = ?1")?;
    statement.query_row([id], read).optional()?.ok_or_else(|| StoreError::unknown("saved view", id))
}

/// Saves a view, in place of the one that has its id.
pub(crate) fn put(tx: &Tx<'_>, view: &StoredView) -> Result<()> {
    tx.execute(
        "INSERT INTO saved_view (id, name, content, saved_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, content = excluded.content,
           saved_at = excluded.saved_at",
        params![view.id, view.name, view.content, ms(view.saved_at)],
    )?;
    Ok(())
}

/// Forgets a saved view.
pub(crate) fn delete(tx: &Tx<'_>, id: &str) -> Result<()> {
    match tx.execute("DELETE FROM saved_view WHERE id = ?1", [id])? {
        0 => Err(StoreError::unknown("saved view", id)),
        _ => Ok(()),
    }
}
