//! The workspace file: making it, opening it, and looking after it.

use std::{
    cell::RefCell,
    fs::OpenOptions,
    path::{Path, PathBuf},
    sync::Once,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use zeroize::Zeroizing;

use crate::{
    error::{Result, StoreError},
    key::WorkspaceKey,
    migrate,
    table::workspace::{self, NewWorkspace},
    view::Views,
};

/// SQLCipher's page, in bytes. Larger pages were not faster here; this is its default, so that other
/// SQLCipher tools open the file too.
pub(crate) const PAGE_SIZE: u64 = 4096;

/// One open, encrypted workspace. Every method is one transaction: it happened, or it did not.
///
/// Several `Store`s may be open on one file, also in several processes: SQLite's WAL lets readers go on
/// while one writer writes, and a second writer waits up to [`BUSY_MILLISECONDS`].
pub struct Store {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    pub(crate) key: WorkspaceKey,
    pub(crate) views: RefCell<Views>,
}

/// How long a writer waits for another one, in milliseconds, before it answers `store_busy`.
pub const BUSY_MILLISECONDS: u64 = 60_000;

impl Store {
    /// Makes a new workspace file that only its owner may read.
    ///
    /// # Errors
    /// `store_exists`, `store_io` or a database error. After an error no file is left.
    pub fn create(path: &Path, key: &WorkspaceKey, new: &NewWorkspace) -> Result<Store> {
        if path.exists() {
            return Err(StoreError::Exists(path.to_owned()));
        }
        make_private(path)?;
        let made = Self::create_in(path, key, new);
        if made.is_err() {
            remove_all(path);
        }
        made
    }

    fn create_in(path: &Path, key: &WorkspaceKey, new: &NewWorkspace) -> Result<Store> {
        let mut connection = connect(path, key)?;
        configure(&connection)?;
        migrate::run(&mut connection)?;
        let mut store =
            Store { connection, path: path.to_owned(), key: key.clone(), views: RefCell::default() };
        store.write(|tx| workspace::insert(tx, new))?;
        Ok(store)
    }

    /// Opens a workspace file: checks its length, its key and its schema, and brings an older schema up
    /// to date. [`Store::integrity_check`] reads every page.
    ///
    /// # Errors
    /// `store_not_found`, `store_wrong_key`, `store_newer_schema`, `store_corrupt`, `store_busy`.
    pub fn open(path: &Path, key: &WorkspaceKey) -> Result<Store> {
        let length = match std::fs::metadata(path) {
            Ok(meta) => meta.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StoreError::NotFound(path.to_owned()));
            }
            Err(error) => return Err(StoreError::io("cannot read", path)(error)),
        };
        if length == 0 {
            return Err(StoreError::Corrupt(format!("{} is empty", path.display())));
        }
        let mut connection = connect(path, key)?;
        let read: rusqlite::Result<i64> =
            connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0));
        if let Err(error) = read {
            return Err(diagnose(path, length, error));
        }
        let (found, known) = (migrate::version(&connection)?, migrate::newest());
        if found > known {
            return Err(StoreError::NewerSchema { path: path.to_owned(), found, known });
        }
        configure(&connection)?;
        check_length(&connection, path)?;
        if found == 0 {
            let reason = "it is an encrypted database, but holds no workspace".to_owned();
            return Err(StoreError::WrongKey { path: path.to_owned(), reason });
        }
        if found < known {
            migrate::run(&mut connection)?;
        }
        let store = Store { connection, path: path.to_owned(), key: key.clone(), views: RefCell::default() };
        store.workspace()?;
        Ok(store)
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` in one IMMEDIATE transaction: committed when it answers, rolled back when it fails.
    pub(crate) fn write<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let tx = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let answer = work(&tx)?;
        tx.commit()?;
        Ok(answer)
    }

    /// Reads every page and every reference: SQLCipher's page authentication, SQLite's own check, and
    /// rows that name others which are not there. An empty list is a sound file.
    ///
    /// # Errors
    /// A database error other than the damage that is looked for.
    pub fn integrity_check(&self) -> Result<Vec<String>> {
        let mut findings = Vec::new();
        for pragma in
            ["PRAGMA cipher_integrity_check", "PRAGMA integrity_check(100)", "PRAGMA foreign_key_check"]
        {
            let read = (|| -> rusqlite::Result<()> {
                let mut statement = self.connection.prepare(pragma)?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    match row.get_ref(0)?.as_str() {
                        Ok("ok") => {}
                        Ok(text) => findings.push(text.to_owned()),
                        Err(_) => findings.push(format!("{pragma}: an unreadable answer")),
                    }
                }
                Ok(())
            })();
            if let Err(error) = read {
                findings.push(format!("{pragma} stopped: {error}"));
            }
        }
        if findings.is_empty() {
            self.check_references(&mut findings)?;
        }
        Ok(findings)
    }

    fn check_references(&self, findings: &mut Vec<String>) -> Result<()> {
        for (what, query) in ORPHANS {
            let count: i64 = self.connection.query_row(query, [], |row| row.get(0))?;
            if count > 0 {
                findings.push(format!("{count} {what}"));
            }
        }
        Ok(())
    }
}

/// Rows that name another row which is not there, by what to call them. The agreed tables carry no
/// `REFERENCES`, because checking each row would slow every import; a check reads them all at once.
const ORPHANS: &[(&str, &str)] = &[
    (
        "document lines without their document",
        "SELECT count(*) FROM document_line l LEFT JOIN document d ON d.seq = l.document_seq WHERE
          d.seq IS NULL",
    ),
    (
        "entry lines without their entry",
        "SELECT count(*) FROM entry_line l LEFT JOIN entry e ON e.seq = l.entry_seq WHERE e.seq IS NULL",
    ),
    (
        "documents without their page",
        "SELECT count(*) FROM document d LEFT JOIN page p ON p.seq = d.page_seq WHERE p.seq IS NULL",
    ),
    (
        "entries without their page",
        "SELECT count(*) FROM entry e LEFT JOIN page p ON p.seq = e.page_seq WHERE p.seq IS NULL",
    ),
    (
        "pages without their payload",
        "SELECT count(*) FROM page p LEFT JOIN payload b ON b.hash = p.payload_hash WHERE b.hash IS NULL",
    ),
    (
        "posting steps without their posting",
        "SELECT count(*) FROM posting_step s LEFT JOIN posting p ON p.seq = s.posting_seq WHERE p.seq
          IS NULL",
    ),
    (
        "attempts without their posting",
        "SELECT count(*) FROM attempt a LEFT JOIN posting p ON p.seq = a.posting_seq WHERE p.seq IS NULL",
    ),
    (
        "outbox rows without their posting",
        "SELECT count(*) FROM outbox o LEFT JOIN posting p ON p.seq = o.posting_seq WHERE p.seq IS NULL",
    ),
    (
        "decisions without their log entry",
        "SELECT count(*) FROM decision d LEFT JOIN log l ON l.number = d.log_number WHERE l.number IS NULL",
    ),
    (
        "exceptions that are not in the cell of their own facts",
        "SELECT count(*) FROM exception e LEFT JOIN exception_cell c ON c.id = e.cell
         WHERE c.id IS NULL OR c.live <> e.live OR c.state <> e.state OR c.kind <> e.kind
           OR c.blocked <> e.period_blocked OR c.entity <> coalesce(e.entity, '')
           OR c.period <> coalesce(e.period, '') OR c.currency <> e.currency
           OR c.assignee <> coalesce(e.assignee, '') OR c.group_key <> e.group_key OR c.flow <> e.flow
           OR c.severity <> CASE e.severity WHEN 'low' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2
             ELSE 3 END",
    ),
    (
        "cells that count or sum up other exceptions than they hold",
        "SELECT count(*) FROM exception_cell c LEFT JOIN (
           SELECT cell, count(*) AS held, sum(amount_minor >> 32) AS high,
             sum(amount_minor & 4294967295) AS low
           FROM exception GROUP BY cell) e ON e.cell = c.id
         WHERE c.held <> coalesce(e.held, 0) OR c.high <> coalesce(e.high, 0)
           OR c.low <> coalesce(e.low, 0)",
    ),
    (
        "exception events without their exception",
        "SELECT count(*) FROM exception_event v LEFT JOIN exception e ON e.seq = v.exception_seq \
         WHERE e.seq IS NULL",
    ),
];

/// Makes the file for its owner alone, and refuses one that is there.
pub(crate) fn make_private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(|_| ()).map_err(StoreError::io("cannot create", path))
}

/// Removes a database file that was never finished, with its companions.
pub(crate) fn remove_all(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        // Best effort: the file may not be there, and the caller already answers with the first error.
        let _ = std::fs::remove_file(companion(path, suffix));
    }
}

pub(crate) fn companion(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Opens the database file and gives it its key; nothing is read yet.
pub(crate) fn connect(path: &Path, key: &WorkspaceKey) -> Result<Connection> {
    start_sqlcipher();
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // What SQLCipher would print on the process's stderr, we say ourselves.
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    let pragma: Zeroizing<String> = key.pragma();
    connection.execute_batch(&pragma)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_MILLISECONDS))?;
    Ok(connection)
}

/// Lets one thread alone start the library. SQLite calls itself ready before SQLCipher's part of the
/// start has run (`SQLITE_EXTRA_INIT`, after `isInit`), so a second thread that opens its first file in
/// that moment would be refused its key. Opening a database in memory returns after both; should it
/// fail, the opening of the file says why.
fn start_sqlcipher() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| drop(Connection::open_in_memory()));
}

/// How every connection works. `cipher_memory_security` stays off: it would lock and wipe every
/// allocation of SQLite at a price of a third of all speed, while the documents are in this process's
/// memory anyway; the key itself is wiped by us, and core dumps are off.
pub(crate) fn configure(connection: &Connection) -> Result<()> {
    connection.execute_batch(
        "PRAGMA cipher_memory_security = OFF;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -131072;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

/// A file that does not open: another key, or damage? The first page authenticates itself with the key,
/// so a wrong key and a damaged first page look the same; the file's length and head tell the rest
/// apart.
fn diagnose(path: &Path, length: u64, error: rusqlite::Error) -> StoreError {
    if error.sqlite_error_code() != Some(rusqlite::ErrorCode::NotADatabase) {
        return StoreError::from(error);
    }
    if length == 0 {
        return StoreError::Corrupt(format!("{} is empty", path.display()));
    }
    if !length.is_multiple_of(PAGE_SIZE) {
        return StoreError::Corrupt(format!(
            "{} has {length} bytes, which is no whole number of {PAGE_SIZE}-byte pages: it was cut off, \
              or is \
             no workspace",
            path.display()
        ));
    }
    let mut head = [0_u8; 16];
    let read = std::fs::File::open(path).and_then(|mut f| std::io::Read::read_exact(&mut f, &mut head));
    let reason = if read.is_ok() && head == *b"SQLite format 3\0" {
        "it is an unencrypted SQLite database, no workspace".to_owned()
    } else {
        "the key does not fit (it belongs to another workspace), or its first page is damaged. Try the \
          key of \
             this workspace; if it is the right one, restore the latest backup"
            .to_owned()
    };
    StoreError::WrongKey { path: path.to_owned(), reason }
}

/// Finds a file that lost pages at its end. While another process writes, the newest pages may still be
/// in the WAL, and the check is left to [`Store::integrity_check`].
fn check_length(connection: &Connection, path: &Path) -> Result<()> {
    let (busy, in_wal, moved): (i64, i64, i64) =
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    if busy != 0 || in_wal != moved {
        return Ok(());
    }
    let pages: u64 =
        connection.query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0))?.unsigned_abs();
    let length = std::fs::metadata(path).map_err(StoreError::io("cannot read", path))?.len();
    if length < pages.saturating_mul(PAGE_SIZE) {
        return Err(StoreError::Corrupt(format!(
            "{} should have {pages} pages of {PAGE_SIZE} bytes, but has only {length} bytes: its end \
              was cut off",
            path.display()
        )));
    }
    Ok(())
}
