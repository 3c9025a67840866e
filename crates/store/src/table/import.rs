//! Tables `import` and `import_before`: the files that were imported, and what each of them changed as it was
//! before, so that an import can be taken back.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::ImportId;

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, at_opt, ms, text},
};

/// `content` of `import_before` is nothing where there was nothing.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 7,
    sql: "CREATE TABLE import (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
            connection_seq INTEGER NOT NULL, resource TEXT NOT NULL, file TEXT NOT NULL,
            sha256 TEXT NOT NULL, profile TEXT NOT NULL, map_hash TEXT NOT NULL, totals TEXT NOT NULL,
            replaced TEXT, imported_by TEXT NOT NULL, imported_at INTEGER NOT NULL, rows INTEGER NOT NULL,
            items INTEGER NOT NULL, rejected_rows INTEGER NOT NULL, new INTEGER NOT NULL,
            changed INTEGER NOT NULL, removed INTEGER NOT NULL, first_page INTEGER NOT NULL,
            last_page INTEGER NOT NULL, undone_by TEXT, undone_at INTEGER);
          CREATE INDEX import_by_connection ON import (connection_seq, seq);
          CREATE TABLE import_before (import_seq INTEGER NOT NULL, what TEXT NOT NULL, key TEXT NOT NULL,
            content TEXT, PRIMARY KEY (import_seq, what, key)) WITHOUT ROWID;",
}];

/// What an import changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Before {
    /// An entry of a ledger.
    Entry,
    /// A document, by its kind and id.
    Document,
    /// A movement of a processor's balance.
    Movement,
    /// An item that waits to be read.
    Aside,
    /// How far the resource had been read.
    Cursor,
}

impl Before {
    /// The stable name.
    fn as_str(self) -> &'static str {
        match self {
            Before::Entry => "entry",
            Before::Document => "document",
            Before::Movement => "movement",
            Before::Aside => "aside",
            Before::Cursor => "cursor",
        }
    }
}

/// What an item was before it changed, and the page that it was of.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Was<T> {
    pub item: T,
    pub page_seq: i64,
}

/// A file that is imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewImport {
    /// Its id.
    pub id: ImportId,
    /// The resource that it brings.
    pub resource: String,
    /// The file's name.
    pub file: String,
    /// SHA-256 (hex) of its bytes.
    pub sha256: String,
    /// What it was recognised as, or the map's own profile; empty where a map names none.
    pub profile: String,
    /// SHA-256 (hex) of the column map's text.
    pub map_hash: String,
    /// Its control totals, in words.
    pub totals: String,
    /// What it is the whole of, as it was said.
    pub replaced: Option<String>,
    /// Who imported it: a person's id or `os:<account>`.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Rows that were read.
    pub rows: u64,
    /// Documents or journals.
    pub items: u64,
    /// Rows put aside.
    pub rejected_rows: u64,
}

/// An import as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredImport {
    /// What it was.
    pub import: NewImport,
    /// The connection's name.
    pub connection: String,
    /// Items that were not there before.
    pub new: u64,
    /// Items that it changed.
    pub changed: u64,
    /// Items that it showed to be gone.
    pub removed: u64,
    /// Who took it back, and when.
    pub undone: Option<(String, DateTime<Utc>)>,
    pub(crate) seq: i64,
    pub(crate) connection_seq: i64,
    pub(crate) first_page: i64,
    pub(crate) last_page: i64,
}

fn count(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}

fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredImport> {
    let undone_by: Option<String> = row.get("undone_by")?;
    Ok(StoredImport {
        import: NewImport {
            id: text(row, "id")?,
            resource: row.get("resource")?,
            file: row.get("file")?,
            sha256: row.get("sha256")?,
            profile: row.get("profile")?,
            map_hash: row.get("map_hash")?,
            totals: row.get("totals")?,
            replaced: row.get("replaced")?,
            by: row.get("imported_by")?,
            at: at(row, "imported_at")?,
            rows: count(row, "rows")?,
            items: count(row, "items")?,
            rejected_rows: count(row, "rejected_rows")?,
        },
        connection: row.get("connection")?,
        new: count(row, "new")?,
        changed: count(row, "changed")?,
        removed: count(row, "removed")?,
        undone: undone_by.zip(at_opt(row, "undone_at")?),
        seq: row.get("seq")?,
        connection_seq: row.get("connection_seq")?,
        first_page: row.get("first_page")?,
        last_page: row.get("last_page")?,
    })
}

const SELECT: &str =
    "SELECT i.*, c.name AS connection FROM import i JOIN connection c ON c.seq = i.connection_seq";

/// All imports, the newest first.
pub(crate) fn all(db: &Db) -> Result<Vec<StoredImport>> {
    let mut statement = db.prepare_cached(&format!("{SELECT} ORDER BY i.seq DESC"))?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The import of this id.
pub(crate) fn find(db: &Db, id: &str) -> Result<Option<StoredImport>> {
    let mut statement = db.prepare_cached(&format!("{SELECT} WHERE i.id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// The last import of the same connection that stands, came after it and changed something.
pub(crate) fn later(db: &Db, of: &StoredImport) -> Result<Option<StoredImport>> {
    let mut statement = db.prepare_cached(&format!(
        "{SELECT} WHERE i.connection_seq = ?1 AND i.seq > ?2 AND i.undone_at IS NULL
           AND i.new + i.changed + i.removed > 0 ORDER BY i.seq DESC LIMIT 1"
    ))?;
    Ok(statement.query_row(params![of.connection_seq, of.seq], read).optional()?)
}

/// The internal key of the next import.
pub(crate) fn next(db: &Db) -> Result<i64> {
    Ok(db.query_row("SELECT coalesce(max(seq), 0) + 1 FROM import", [], |row| row.get(0))?)
}

/// Forgets what was kept of an import that changed nothing.
pub(crate) fn forget(tx: &Tx<'_>, seq: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM import_before WHERE import_seq = ?1")?.execute([seq])?;
    Ok(())
}

/// What an import came to, and the pages that it wrote.
pub(crate) struct Came {
    pub new: u64,
    pub changed: u64,
    pub removed: u64,
    pub pages: (i64, i64),
}

/// Keeps an import under a key that was taken before.
pub(crate) fn keep(
    tx: &Tx<'_>,
    (seq, connection_seq): (i64, i64),
    one: &NewImport,
    came: &Came,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO import (seq, id, connection_seq, resource, file, sha256, profile, map_hash, totals,
           replaced, imported_by, imported_at, rows, items, rejected_rows, new, changed, removed,
           first_page, last_page)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?
    .execute(params![
        seq,
        one.id.as_str(),
        connection_seq,
        one.resource,
        one.file,
        one.sha256,
        one.profile,
        one.map_hash,
        one.totals,
        one.replaced,
        one.by,
        ms(one.at),
        stored(one.rows),
        stored(one.items),
        stored(one.rejected_rows),
        stored(came.new),
        stored(came.changed),
        stored(came.removed),
        came.pages.0,
        came.pages.1,
    ])?;
    Ok(())
}

/// Notes that an import was taken back.
pub(crate) fn undone(tx: &Tx<'_>, seq: i64, by: &str, at: DateTime<Utc>) -> Result<()> {
    tx.prepare_cached("UPDATE import SET undone_by = ?2, undone_at = ?3 WHERE seq = ?1")?
        .execute(params![seq, by, ms(at)])?;
    Ok(())
}

/// Keeps what something was before an import changed it first.
pub(crate) fn was(
    tx: &Tx<'_>,
    import_seq: i64,
    (what, key): (Before, &str),
    content: Option<&str>,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO import_before (import_seq, what, key, content) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![import_seq, what.as_str(), key, content])?;
    Ok(())
}

/// What was changed of one sort: its key, and what it was.
pub(crate) fn before(db: &Db, import_seq: i64, what: Before) -> Result<Vec<(String, Option<String>)>> {
    let mut statement = db.prepare_cached(
        "SELECT key, content FROM import_before WHERE import_seq = ?1 AND what = ?2 ORDER BY key",
    )?;
    let rows =
        statement.query_map(params![import_seq, what.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
