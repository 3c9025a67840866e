//! The workspace file: how it is made, opened with its key, and told from a damaged one.

use std::{
    fs::OpenOptions,
    path::{Path, PathBuf},
    sync::Once,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};
use zeroize::Zeroizing;

use crate::{
    error::{Result, StoreError},
    key::WorkspaceKey,
};

/// SQLCipher's page, in bytes. Larger pages were not faster here; this is its default, so that other
/// SQLCipher tools open the file too.
pub(crate) const PAGE_SIZE: u64 = 4096;

/// How long a writer waits for another one, in milliseconds, before it answers `store_busy`.
pub(crate) const BUSY_MILLISECONDS: u64 = 60_000;

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
         PRAGMA recursive_triggers = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -131072;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    // What somebody put into the file does not run with our hands; our own triggers are temporary ones.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(())
}

/// A file that does not open: another key, or damage? The first page authenticates itself with the key,
/// so a wrong key and a damaged first page look the same; the file's length and head tell the rest
/// apart.
pub(crate) fn diagnose(path: &Path, length: u64, error: rusqlite::Error) -> StoreError {
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
/// in the WAL, and the check is left to `Db::integrity_check`.
pub(crate) fn check_length(connection: &Connection, path: &Path) -> Result<()> {
    let version = || connection.query_row("PRAGMA data_version", [], |row| row.get::<_, i64>(0));
    let before = version()?;
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
    // What another process committed in between counts, and is not in the file itself.
    if length < pages.saturating_mul(PAGE_SIZE) && version()? == before {
        return Err(StoreError::Corrupt(format!(
            "{} should have {pages} pages of {PAGE_SIZE} bytes, but has only {length} bytes: its end \
              was cut off",
            path.display()
        )));
    }
    Ok(())
}
