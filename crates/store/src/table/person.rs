//! Table `person`: the roster. Each change of it is logged in the same transaction.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use tieout_domain::{PersonId, people::Role};

use crate::{
    error::{Result, StoreError},
    migrate::Migration,
    sql::{at, bytes32, ms, named, stored_enum, text},
    store::Store,
    table::log::{self, LogDraft},
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
pub(crate) fn verifying_key(connection: &Connection, person: &PersonId) -> Result<Option<[u8; 32]>> {
    let mut statement = connection
        .prepare_cached("SELECT verifying_key FROM person WHERE id = ?1 AND verifying_key IS NOT NULL")?;
    Ok(statement.query_row([person.as_str()], |row| bytes32(row, "verifying_key")).optional()?)
}

fn changed(count: usize, id: &PersonId) -> Result<()> {
    if count == 0 { Err(StoreError::unknown("person", id)) } else { Ok(()) }
}

fn insert(tx: &Transaction<'_>, person: &Person) -> Result<()> {
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

impl Store {
    /// Adds a person.
    ///
    /// # Errors
    /// `already_exists` when the name or id is taken.
    pub fn add_person(&mut self, person: &Person, log: &LogDraft<'_>) -> Result<()> {
        self.write(|tx| {
            insert(tx, person)?;
            log::append(tx, log).map(|_| ())
        })
    }

    /// Everyone, those who left too, by name.
    ///
    /// # Errors
    /// A database error.
    pub fn people(&self) -> Result<Vec<Person>> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM person ORDER BY name")?;
        Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The person of this id.
    ///
    /// # Errors
    /// `not_found`.
    pub fn person(&self, id: &PersonId) -> Result<Person> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM person WHERE id = ?1")?;
        let found = statement.query_row([id.as_str()], read).optional()?;
        found.ok_or_else(|| StoreError::unknown("person", id))
    }

    /// The person of this name.
    ///
    /// # Errors
    /// A database error.
    pub fn person_by_name(&self, name: &str) -> Result<Option<Person>> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM person WHERE name = ?1")?;
        Ok(statement.query_row([name], read).optional()?)
    }

    /// The active people of this account of the operating system; more than one only in the demo.
    ///
    /// # Errors
    /// A database error.
    pub fn people_of_account(&self, os_account: &str) -> Result<Vec<Person>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM person WHERE os_account = ?1 AND active = 1 ORDER BY name")?;
        Ok(statement.query_map([os_account], read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// Gives a person another role.
    ///
    /// # Errors
    /// `not_found`.
    pub fn set_person_role(&mut self, id: &PersonId, role: Role, log: &LogDraft<'_>) -> Result<()> {
        self.write(|tx| {
            changed(
                tx.execute("UPDATE person SET role = ?2 WHERE id = ?1", params![id.as_str(), role.as_str()])?,
                id,
            )?;
            log::append(tx, log).map(|_| ())
        })
    }

    /// Says that a person left, or came back.
    ///
    /// # Errors
    /// `not_found`.
    pub fn set_person_active(&mut self, id: &PersonId, active: bool, log: &LogDraft<'_>) -> Result<()> {
        self.write(|tx| {
            changed(
                tx.execute("UPDATE person SET active = ?2 WHERE id = ?1", params![id.as_str(), active])?,
                id,
            )?;
            log::append(tx, log).map(|_| ())
        })
    }

    /// Records the key that checks a person's signatures. The log keeps it too (`verifying_key`, hex,
    /// in the entry's detail), so that a key swapped in this table is found, and older signatures keep
    /// theirs.
    ///
    /// # Errors
    /// `not_found`.
    pub fn set_person_key(
        &mut self,
        id: &PersonId,
        key: &[u8; 32],
        kind: SecretKind,
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.write(|tx| {
            let count = tx.execute(
                "UPDATE person SET verifying_key = ?2, secret_kind = ?3 WHERE id = ?1",
                params![id.as_str(), key, kind.as_str()],
            )?;
            changed(count, id)?;
            let fields = [("verifying_key", serde_json::Value::String(hex::encode(key)))];
            log::append_with(
                tx,
                &LogDraft { what: log::KEY_SET, subject: id.as_str(), ..log.clone() },
                &fields,
            )
            .map(|_| ())
        })
    }
}
