//! The roster. Each change of it is logged in the same transaction.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tieout_domain::{PersonId, people::Role};
use tieout_evidence::{KEY_SET, LogDraft, key_fields};

use crate::{
    db::{Db, Tx},
    error::Result,
    table::{
        enrolment::{self, Enrolment},
        log,
        person::{self, Person, SecretKind},
        person_card, person_key,
        secret_try::{self, SecretTries},
    },
};

/// A person of a restored workspace: as the log has them, without a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartsAnew {
    /// Who.
    pub person: Person,
    /// Every key by which they signed, with the number of its log entry.
    pub keys: Vec<(i64, [u8; 32])>,
    /// How they come to a new secret; `None` where they do not.
    pub enrolment: Option<Enrolment>,
}

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

    /// How this person comes to their own secret; `None` where nothing is to be said of it.
    ///
    /// # Errors
    /// A database error.
    pub fn enrolment(&self, id: &PersonId) -> Result<Option<Enrolment>> {
        enrolment::find(self, id)
    }

    /// The same of everybody of whom something is to be said.
    ///
    /// # Errors
    /// A database error.
    pub fn enrolments(&self) -> Result<BTreeMap<PersonId, Enrolment>> {
        enrolment::all(self)
    }

    /// Wrong secrets in a row that were given for this person.
    ///
    /// # Errors
    /// A database error.
    pub fn secret_tries(&self, id: &PersonId) -> Result<Option<SecretTries>> {
        secret_try::find(self, id)
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

    /// Adds a person who sets their secret later, or has to be confirmed when they have.
    ///
    /// # Errors
    /// As [`Tx::add_person`].
    pub fn invite_person(&self, person: &Person, enrolment: &Enrolment, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            enrolment::put(tx, enrolment)?;
            tx.add_person(person, log)
        })
    }

    /// Says that somebody confirmed a person.
    ///
    /// # Errors
    /// `not_found` where there is nothing to confirm.
    pub fn confirm_person(&self, id: &PersonId, by: &PersonId, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            enrolment::confirm(tx, id, by, log.at)?;
            log::append(tx, log).map(|_| ())
        })
    }

    /// Puts this roster in the place of the one that there is: after a restore nothing that stands in the
    /// file alone is believed of people, and nobody has a secret.
    ///
    /// # Errors
    /// `already_exists` where two have one name.
    pub fn start_people_anew(&self, people: &[StartsAnew], log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            person::clear(tx)?;
            person_key::clear(tx)?;
            enrolment::clear(tx)?;
            secret_try::clear(tx)?;
            person_card::clear(tx)?;
            for one in people {
                person::insert(tx, &one.person)?;
                for (number, key) in &one.keys {
                    person_key::insert(tx, &one.person.id, (*number, key))?;
                }
                if let Some(enrolment) = &one.enrolment {
                    enrolment::put(tx, enrolment)?;
                }
            }
            log::append(tx, log).map(|_| ())
        })
    }

    /// Notes that somebody gives a secret for this person now, where it was wrong before.
    ///
    /// # Errors
    /// A database error.
    pub fn secret_tried(&self, id: &PersonId, at: DateTime<Utc>) -> Result<()> {
        secret_try::touch(self, id, at)
    }

    /// Counts a wrong secret.
    ///
    /// # Errors
    /// A database error.
    pub fn secret_failed(&self, id: &PersonId, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            secret_try::count(tx, id, log.at)?;
            log::append(tx, log).map(|_| ())
        })
    }

    /// Forgets wrong secrets, because the right one was given.
    ///
    /// # Errors
    /// A database error.
    pub fn secret_given(&self, id: &PersonId) -> Result<()> {
        secret_try::forget(self, id)
    }

    /// Says that a person's key is kept otherwise from now on.
    ///
    /// # Errors
    /// `not_found`, `log_bad_signature`.
    pub fn set_secret_kind(&self, id: &PersonId, kind: SecretKind, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            person::set_secret_kind(tx, id, kind)?;
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
            // Before its entry, which seals it.
            person_key::insert(tx, id, (log::next_number(tx)?, key))?;
            log::append_with(tx, &draft, &key_fields(key)).map(|_| ())
        })
    }
}
