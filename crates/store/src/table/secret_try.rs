//! Table `secret_try`: how often in a row somebody gave a secret for a person that was not theirs, so that
//! guessing is slow whichever process guesses. A row goes when the right one is given.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};
use tieout_domain::PersonId;

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, ms},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 5,
    sql: "CREATE TABLE secret_try (person TEXT PRIMARY KEY, failed INTEGER NOT NULL,
            last_at INTEGER NOT NULL) WITHOUT ROWID;",
}];

/// Wrong secrets in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretTries {
    /// How many.
    pub failed: u32,
    /// When somebody tried last.
    pub last_at: DateTime<Utc>,
}

/// Those for this person; `None` where there are none.
pub(crate) fn find(db: &Db, person: &PersonId) -> Result<Option<SecretTries>> {
    let mut statement = db.prepare_cached("SELECT failed, last_at FROM secret_try WHERE person = ?1")?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(SecretTries { failed: row.get("failed")?, last_at: at(row, "last_at")? })
    };
    Ok(statement.query_row([person.as_str()], read).optional()?)
}

/// Counts one more.
pub(crate) fn count(tx: &Tx<'_>, person: &PersonId, at: DateTime<Utc>) -> Result<()> {
    tx.execute(
        "INSERT INTO secret_try (person, failed, last_at) VALUES (?1, 1, ?2)
         ON CONFLICT (person) DO UPDATE SET failed = failed + 1, last_at = excluded.last_at",
        params![person.as_str(), ms(at)],
    )?;
    Ok(())
}

/// Notes that somebody tries now.
pub(crate) fn touch(tx: &Tx<'_>, person: &PersonId, at: DateTime<Utc>) -> Result<()> {
    tx.execute("UPDATE secret_try SET last_at = ?2 WHERE person = ?1", params![person.as_str(), ms(at)])?;
    Ok(())
}

/// Forgets them.
pub(crate) fn forget(tx: &Tx<'_>, person: &PersonId) -> Result<()> {
    tx.execute("DELETE FROM secret_try WHERE person = ?1", [person.as_str()])?;
    Ok(())
}

/// Forgets everybody's.
pub(crate) fn clear(tx: &Tx<'_>) -> Result<()> {
    tx.execute("DELETE FROM secret_try", [])?;
    Ok(())
}
