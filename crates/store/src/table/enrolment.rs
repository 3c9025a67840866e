//! Table `enrolment`: how a person comes to their own secret: the one-time code that was given out for it, by
//! whom, and whether somebody else has to say that it was really they who set it. Who has no row needs
//! neither.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::PersonId;

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{at, at_opt, ms, named, stored_enum, text, text_opt},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 5,
    // Codes that were given out before this table stood in the log alone.
    sql: "CREATE TABLE enrolment (person TEXT PRIMARY KEY, code_sha256 TEXT, issued_by TEXT NOT NULL,
            issued_at INTEGER NOT NULL, restored INTEGER NOT NULL, confirmation TEXT NOT NULL,
            confirmed_by TEXT, confirmed_at INTEGER) WITHOUT ROWID;
          INSERT INTO enrolment (person, code_sha256, issued_by, issued_at, restored, confirmation)
            SELECT p.id, json_extract(l.detail, '$.enrolment_sha256'), l.actor, l.at, 0, 'not_needed'
            FROM person p JOIN log l ON l.number =
              (SELECT min(number) FROM log WHERE subject = p.id AND what = 'person_added')
            WHERE json_valid(l.detail) AND json_extract(l.detail, '$.enrolment_sha256') IS NOT NULL;",
}];

stored_enum! {
    /// Who has to say of a person that it was they who set their secret.
    Confirmation {
        /// Nobody.
        NotNeeded => "not_needed",
        /// Anybody who could not have set it themselves.
        ByAnother => "by_another",
        /// An administrator, who could not have set it themselves.
        ByAdministrator => "by_administrator",
    }
}

/// How a person comes to their own secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Whose.
    pub person: PersonId,
    /// SHA-256 of the one-time code, in hexadecimal; `None` where none was given out.
    pub code_sha256: Option<String>,
    /// Who gave it out: a person's id or `os:<account>`.
    pub issued_by: String,
    /// When.
    pub issued_at: DateTime<Utc>,
    /// True where a restore gave it out.
    pub restored: bool,
    /// Who has to confirm the person.
    pub confirmation: Confirmation,
    /// Who did.
    pub confirmed_by: Option<PersonId>,
    /// When.
    pub confirmed_at: Option<DateTime<Utc>>,
}

impl Enrolment {
    /// True where nobody has to say anything more.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.confirmation == Confirmation::NotNeeded || self.confirmed_by.is_some()
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Enrolment> {
    Ok(Enrolment {
        person: text(row, "person")?,
        code_sha256: row.get("code_sha256")?,
        issued_by: row.get("issued_by")?,
        issued_at: at(row, "issued_at")?,
        restored: row.get("restored")?,
        confirmation: named(row, "confirmation", Confirmation::parse)?,
        confirmed_by: text_opt(row, "confirmed_by")?,
        confirmed_at: at_opt(row, "confirmed_at")?,
    })
}

/// Keeps how a person comes to their secret, in place of what was kept before.
pub(crate) fn put(tx: &Tx<'_>, enrolment: &Enrolment) -> Result<()> {
    tx.execute(
        "INSERT INTO enrolment (person, code_sha256, issued_by, issued_at, restored, confirmation,
           confirmed_by, confirmed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (person) DO UPDATE SET code_sha256 = excluded.code_sha256,
           issued_by = excluded.issued_by, issued_at = excluded.issued_at, restored = excluded.restored,
           confirmation = excluded.confirmation, confirmed_by = excluded.confirmed_by,
           confirmed_at = excluded.confirmed_at",
        params![
            enrolment.person.as_str(),
            enrolment.code_sha256,
            enrolment.issued_by,
            ms(enrolment.issued_at),
            enrolment.restored,
            enrolment.confirmation.as_str(),
            enrolment.confirmed_by.as_ref().map(PersonId::as_str),
            enrolment.confirmed_at.map(ms),
        ],
    )?;
    Ok(())
}

/// How this person comes to their secret.
pub(crate) fn find(db: &Db, person: &PersonId) -> Result<Option<Enrolment>> {
    let mut statement = db.prepare_cached("SELECT * FROM enrolment WHERE person = ?1")?;
    Ok(statement.query_row([person.as_str()], read).optional()?)
}

/// The same of everybody who has a row.
pub(crate) fn all(db: &Db) -> Result<BTreeMap<PersonId, Enrolment>> {
    let mut statement = db.prepare_cached("SELECT * FROM enrolment")?;
    let rows = statement.query_map([], |row| read(row).map(|one| (one.person.clone(), one)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Says that somebody confirmed the person.
pub(crate) fn confirm(tx: &Tx<'_>, person: &PersonId, by: &PersonId, at: DateTime<Utc>) -> Result<()> {
    let count = tx.execute(
        "UPDATE enrolment SET confirmed_by = ?2, confirmed_at = ?3
         WHERE person = ?1 AND confirmed_by IS NULL",
        params![person.as_str(), by.as_str(), ms(at)],
    )?;
    if count == 0 { Err(StoreError::unknown("unconfirmed person", person)) } else { Ok(()) }
}

/// Forgets everybody's.
pub(crate) fn clear(tx: &Tx<'_>) -> Result<()> {
    tx.execute("DELETE FROM enrolment", [])?;
    Ok(())
}
