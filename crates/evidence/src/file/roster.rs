//! A workspace's roster as it goes to other installations: who works there, as what, and by which public
//! keys they sign, under the signature of one of its administrators.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::{PersonId, hash::sha256_hex};

use crate::file::{
    canonical,
    fault::{FaultKind, FileFault, FileResult},
    signed::{Checkpoint, FileSignature, OfWorkspace, is_format, key_of},
};

const FORMAT: &str = "tieout-roster/1";

/// A person of the roster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterPerson {
    /// Their id there.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: String,
    /// False once they left.
    pub active: bool,
    /// False while somebody else has to say that their key is theirs.
    pub confirmed: bool,
    /// The public key by which they sign, hex; `None` where they have none yet.
    pub key: Option<String>,
    /// The key (age, X25519) by which others encrypt for them.
    pub reading: Option<String>,
}

/// What a roster says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// Which version of a roster it is.
    pub format: String,
    /// Whose.
    pub workspace: OfWorkspace,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The administrator who signed it.
    pub made_by: PersonId,
    /// The end of the workspace's log then.
    pub checkpoint: Checkpoint,
    /// The key by which the workspace signs its exports, hex.
    pub export_key: String,
    /// Everybody, those who left too.
    pub people: Vec<RosterPerson>,
}

/// A roster under an administrator's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedRoster {
    /// The roster.
    pub roster: Roster,
    /// By the administrator's own key.
    pub signature: FileSignature,
}

impl Roster {
    /// The name of the format.
    #[must_use]
    pub fn format() -> String {
        FORMAT.to_owned()
    }

    /// A person of it.
    #[must_use]
    pub fn person(&self, id: &PersonId) -> Option<&RosterPerson> {
        self.people.iter().find(|one| one.id == *id)
    }

    /// Who signs with this key and works there; nobody where they are not confirmed.
    #[must_use]
    pub fn of_key(&self, key: &str) -> Option<&RosterPerson> {
        self.people.iter().find(|one| one.active && one.confirmed && one.key.as_deref() == Some(key))
    }
}

impl SignedRoster {
    /// A roster signed by the administrator of this key.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn made(
        roster: Roster,
        key: &[u8; 32],
        sign: impl FnOnce(&[u8; 32]) -> [u8; 64],
    ) -> FileResult<Self> {
        let text = canonical::text_of(&roster)?;
        Ok(Self { signature: FileSignature::over((FORMAT, text.as_bytes()), key, sign), roster })
    }

    /// Reads a roster and checks that one of its own administrators signed it. Whether that one is to be
    /// believed is for whoever knew an earlier roster, or looks at the key.
    ///
    /// # Errors
    /// `packet_unreadable`, `packet_tampered`, `packet_signer_unknown`.
    pub fn read(bytes: &[u8]) -> FileResult<Self> {
        let one: Self = canonical::read(bytes, "the roster")?;
        one.check()?;
        Ok(one)
    }

    /// The same of one that was read already.
    ///
    /// # Errors
    /// As [`SignedRoster::read`].
    pub fn check(&self) -> FileResult<()> {
        let roster = &self.roster;
        is_format(&roster.format, FORMAT)?;
        self.signature.check(FORMAT, canonical::text_of(roster)?.as_bytes())?;
        roster.checkpoint.head()?;
        let signer = roster.of_key(&self.signature.key);
        if signer.is_none_or(|one| one.id != roster.made_by || one.role != "administrator") {
            let words = "the roster is not signed by one of its administrators";
            return Err(FileFault::new(FaultKind::SignerUnknown, words));
        }
        let keys: Vec<&String> = roster.people.iter().filter_map(|one| one.key.as_ref()).collect();
        let twice = |at: usize| keys[..at].contains(&keys[at]);
        if keys.iter().any(|key| key_of(key).is_none()) || (0..keys.len()).any(twice) {
            return Err(FileFault::tampered("a key of the roster is none, or stands for two people"));
        }
        Ok(())
    }

    /// Its text as it is kept and sent.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn text(&self) -> FileResult<String> {
        canonical::text_of(self)
    }

    /// The hash by which it is named.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn hash(&self) -> FileResult<String> {
        Ok(sha256_hex(self.text()?.as_bytes()))
    }
}
