//! Table `person_key`: every key by which a person signed, from which entry of the log on. After a restore a
//! person has a new one, and what they signed before is still theirs.

use std::collections::BTreeMap;

use rusqlite::params;
use tieout_domain::PersonId;

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{bytes32, text},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 5,
    sql: "CREATE TABLE person_key (person TEXT NOT NULL, log_number INTEGER NOT NULL,
            verifying_key BLOB NOT NULL, PRIMARY KEY (person, log_number)) WITHOUT ROWID;
          INSERT INTO person_key (person, log_number, verifying_key)
            SELECT p.id, coalesce((SELECT max(l.number) FROM log l
              WHERE l.subject = p.id AND l.what = 'person_key_set'), 0), p.verifying_key
            FROM person p WHERE p.verifying_key IS NOT NULL;",
}];

/// The keys of one person, each with the number of the log entry that records it, the oldest first.
pub(crate) type Keys = Vec<(i64, [u8; 32])>;

/// Keeps a key that was recorded by this entry of the log.
pub(crate) fn insert(tx: &Tx<'_>, person: &PersonId, (number, key): (i64, &[u8; 32])) -> Result<()> {
    tx.execute(
        "INSERT INTO person_key (person, log_number, verifying_key) VALUES (?1, ?2, ?3)",
        params![person.as_str(), number, key],
    )?;
    Ok(())
}

/// Everybody's keys.
pub(crate) fn all(db: &Db) -> Result<BTreeMap<PersonId, Keys>> {
    let mut statement = db.prepare_cached("SELECT * FROM person_key ORDER BY person, log_number")?;
    let mut rows = statement.query([])?;
    let mut keys: BTreeMap<PersonId, Keys> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let key = (row.get("log_number")?, bytes32(row, "verifying_key")?);
        keys.entry(text(row, "person")?).or_default().push(key);
    }
    Ok(keys)
}

/// The key by which the entry of this number was to be signed.
pub(crate) fn at(keys: &Keys, number: i64) -> Option<&[u8; 32]> {
    keys.iter().rfind(|(from, _)| *from < number).map(|(_, key)| key)
}

/// Forgets everybody's.
pub(crate) fn clear(tx: &Tx<'_>) -> Result<()> {
    tx.execute("DELETE FROM person_key", [])?;
    Ok(())
}
