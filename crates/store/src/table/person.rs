//! Table `person`: the roster. Each change of it is logged in the same transaction.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{PersonId, people::Role};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{at, bytes32, ms, named, stored_enum, text},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, os_account TEXT, role
      TEXT NOT NULL,
            active INTEGER NOT NULL, verifying_key BLOB, secret_kind TEXT, added_by TEXT NOT NULL,
            added_at INTEGER NOT NULL);",
}];

stored_enum! {
    /// Where a person's own secret is kept.
    SecretKind {
        /// In the keyring of their own account of the operating system.
        Keyring => "keyring",
        /// Sealed by a personal passphrase.
        Passphrase => "passphrase",
        /// On a machine of their own, and nowhere here.
        Elsewhere => "elsewhere",
    }
}

/// A person of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their name, unique in the workspace.
    pub name: String,
    /// Their account of the operating system.
    pub os_account: Option<String>,
    /// What they are.
    pub role: Role,
    /// False once they left.
    pub active: bool,
    /// The key that checks their signatures (ed25519); `None` until they set their secret.
    pub verifying_key: Option<[u8; 32]>,
    /// Where their secret is kept.
    pub secret_kind: Option<SecretKind>,
    /// Who added them: a person's id or `os:<account>`.
    pub added_by: String,
    /// When.
    pub added_at: DateTime<Utc>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Person> {
    let key: Option<Vec<u8>> = row.get("verifying_key")?;
    let kind: Option<String> = row.get("secret_kind")?;
    Ok(Person {
        id: text(row, "id")?,
        name: row.get("name")?,
        os_account: row.get("os_account")?,
        role: named(row, "role", Role::parse)?,
        active: row.get("active")?,
        verifying_key: key.map(|_| bytes32(row, "verifying_key")).transpose()?,
        secret_kind: kind.map(|_| named(row, "secret_kind", SecretKind::parse)).transpose()?,
        added_by: row.get("added_by")?,
        added_at: at(row, "added_at")?,
    })
}

/// The key that checks a person's signatures.
pub(crate) fn verifying_key(db: &Db, person: &PersonId) -> Result<Option<[u8; 32]>> {
    let mut statement =
        db.prepare_cached("SELECT verifying_key FROM person WHERE id = ?1 AND verifying_key IS NOT NULL")?;
    Ok(statement.query_row([person.as_str()], |row| bytes32(row, "verifying_key")).optional()?)
}

fn changed(count: usize, id: &PersonId) -> Result<()> {
    if count == 0 { Err(StoreError::unknown("person", id)) } else { Ok(()) }
}

/// Adds a person.
pub(crate) fn insert(tx: &Tx<'_>, person: &Person) -> Result<()> {
    let count = tx.execute(
        "INSERT INTO person (id, name, os_account, role, active, verifying_key, secret_kind, added_by,
          added_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        params![
            person.id.as_str(),
            person.name,
            person.os_account,
            person.role.as_str(),
            person.active,
            person.verifying_key,
            person.secret_kind.map(SecretKind::as_str),
            person.added_by,
            ms(person.added_at),
        ],
    )?;
    if count == 0 {
        return Err(StoreError::Duplicate { what: "person", id: person.name.clone() });
    }
    Ok(())
}

/// Everyone, those who left too, by name.
pub(crate) fn all(db: &Db) -> Result<Vec<Person>> {
    let mut statement = db.prepare_cached("SELECT * FROM person ORDER BY name")?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The person of this id.
pub(crate) fn find(db: &Db, id: &PersonId) -> Result<Person> {
    let mut statement = db.prepare_cached("SELECT * FROM person WHERE id = ?1")?;
    let found = statement.query_row([id.as_str()], read).optional()?;
    found.ok_or_else(|| StoreError::unknown("person", id))
}

/// Gives a person another role.
pub(crate) fn set_role(tx: &Tx<'_>, id: &PersonId, role: Role) -> Result<()> {
    let sql = "UPDATE person SET role = ?2 WHERE id = ?1";
    changed(tx.execute(sql, params![id.as_str(), role.as_str()])?, id)
}

/// Says that a person left, or came back.
pub(crate) fn set_active(tx: &Tx<'_>, id: &PersonId, active: bool) -> Result<()> {
    changed(tx.execute("UPDATE person SET active = ?2 WHERE id = ?1", params![id.as_str(), active])?, id)
}

/// Records the key that checks a person's signatures.
pub(crate) fn set_key(tx: &Tx<'_>, id: &PersonId, key: &[u8; 32], kind: SecretKind) -> Result<()> {
    let sql = "UPDATE person SET verifying_key = ?2, secret_kind = ?3 WHERE id = ?1";
    changed(tx.execute(sql, params![id.as_str(), key, kind.as_str()])?, id)
}

/// Says where a person's secret is kept from now on.
pub(crate) fn set_secret_kind(tx: &Tx<'_>, id: &PersonId, kind: SecretKind) -> Result<()> {
    let sql = "UPDATE person SET secret_kind = ?2 WHERE id = ?1";
    changed(tx.execute(sql, params![id.as_str(), kind.as_str()])?, id)
}

/// Forgets everybody, for a roster that takes the place of this one.
pub(crate) fn clear(tx: &Tx<'_>) -> Result<()> {
    tx.execute("DELETE FROM person", [])?;
    Ok(())
}
