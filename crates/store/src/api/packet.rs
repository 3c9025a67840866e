//! Packets that go to other installations and come from them, the rosters that they go by, and the cards of
//! people whose key is on their own machine.

use tieout_domain::PersonId;
use tieout_evidence::LogDraft;

use crate::{
    db::{Db, Tx},
    error::Result,
    table::{
        enrolment::{self, Enrolment},
        known_roster::{self, KnownRoster},
        log,
        packet::{self, StoredPacket},
        person::SecretKind,
        person_card,
    },
};

impl Db {
    /// All packets, the newest first.
    ///
    /// # Errors
    /// A database error.
    pub fn packets(&self) -> Result<Vec<StoredPacket>> {
        packet::all(self)
    }

    /// The packet of this id with its bytes, if it is known here.
    ///
    /// # Errors
    /// A database error; `store_corrupt` where its bytes are others.
    pub fn packet(&self, id: &str) -> Result<Option<(StoredPacket, Vec<u8>)>> {
        let Some(found) = packet::find(self, id)? else { return Ok(None) };
        let bytes = packet::bytes(self, &found)?;
        Ok(Some((found, bytes)))
    }

    /// The log of the decisions on a packet as far as it is known here, each entry as JSON.
    ///
    /// # Errors
    /// A database error.
    pub fn packet_entries(&self, id: &str) -> Result<Vec<String>> {
        packet::entries(self, id)
    }

    /// Every roster that is known here, this workspace's own too once it was exported.
    ///
    /// # Errors
    /// A database error.
    pub fn known_rosters(&self) -> Result<Vec<KnownRoster>> {
        known_roster::all(self)
    }

    /// The roster of this workspace, if it is known here.
    ///
    /// # Errors
    /// A database error.
    pub fn known_roster(&self, workspace: &str) -> Result<Option<KnownRoster>> {
        known_roster::find(self, workspace)
    }

    /// The card that was brought over of this person.
    ///
    /// # Errors
    /// A database error.
    pub fn person_card(&self, person: &PersonId) -> Result<Option<String>> {
        person_card::find(self, person)
    }
}

impl Tx<'_> {
    /// Keeps a packet that leaves or comes in.
    ///
    /// # Errors
    /// `already_exists`, `log_bad_signature`.
    pub fn keep_packet(&self, packet: &StoredPacket, bytes: &[u8], log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            packet::keep(tx, packet, bytes)?;
            log::append(tx, log).map(|_| ())
        })
    }

    /// Adds entries to the log of the decisions on a packet.
    ///
    /// # Errors
    /// `log_bad_signature`; a database error where one of that number is there.
    pub fn add_packet_entries(&self, id: &str, entries: &[(i64, String)], log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            for (number, entry) in entries {
                packet::add_entry(tx, id, *number, entry)?;
            }
            log::append(tx, log).map(|_| ())
        })
    }

    /// Keeps a roster, in place of the one before of its workspace.
    ///
    /// # Errors
    /// `log_bad_signature`.
    pub fn keep_roster(&self, roster: &KnownRoster, log: &LogDraft<'_>) -> Result<()> {
        self.whole(|tx| {
            known_roster::put(tx, roster)?;
            log::append(tx, log).map(|_| ())
        })
    }

    /// Records the public key of a person who made it on their own machine; somebody else has to confirm it.
    ///
    /// # Errors
    /// `not_found`, `log_bad_signature`.
    pub fn bring_person_key(
        &self,
        (person, key): (&PersonId, &[u8; 32]),
        card: &str,
        enrolment: &Enrolment,
        log: &LogDraft<'_>,
    ) -> Result<()> {
        self.whole(|tx| {
            enrolment::put(tx, enrolment)?;
            person_card::put(tx, person, card)?;
            tx.set_person_key(person, key, SecretKind::Elsewhere, log)
        })
    }
}
