//! The roster. Each change of it is logged in the same transaction.

use tieout_domain::{PersonId, people::Role};
use tieout_evidence::{KEY_SET, LogDraft, key_fields};

use crate::{
    db::{Db, Tx},
    error::Result,
    table::{
        log,
        person::{self, Person, SecretKind},
    },
};

impl Db {
    /// Everyone, those who left too, by name.
    ///
    /// # Errors
    /// A database error.
    pub fn people(&self) -> Result<Vec<Person>> {
        person::all(self)
    }

    /// The person of this id.
    ///
    /// # Errors
    /// `not_found`.
    pub fn person(&self, id: &PersonId) -> Result<Person> {
        person::find(self, id)
    }
}

impl Tx<'_> {
    /// Adds a person.
    ///
    /// # Errors
    /// `already_exists` when the name or id is taken.
    pub fn add_person(&self, person: &Person, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            person::insert(tx, person)?;
            log::append(tx, log).map(|_| ())
        })
    }

    /// Gives a person another role.
    ///
    /// # Errors
    /// `not_found`.
    pub fn set_person_role(&self, id: &PersonId, role: Role, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            person::set_role(tx, id, role)?;
            log::append(tx, log).map(|_| ())
        })
    }

    /// Says that a person left, or came back.
    ///
    /// # Errors
    /// `not_found`.
    pub fn set_person_active(&self, id: &PersonId, active: bool, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            person::set_active(tx, id, active)?;
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
        &self,
        id: &PersonId,
        key: &[u8; 32],
        kind: SecretKind,
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.whole(|tx| {
            person::set_key(tx, id, key, kind)?;
            let draft = LogDraft { what: KEY_SET, subject: id.as_str(), ..log.clone() };
            log::append_with(tx, &draft, &key_fields(key)).map(|_| ())
        })
    }
}
