//! Posting keys: the external id under which an ERP holds what we sent.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    document::{DocumentKind, Nature},
    hash::{ContentHasher, base32_lower},
};

/// What one step does for its document. At most one entry of each slot may stand in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// Books what the document raises: an invoice or a credit note.
    Raise,
    /// Books what settles or moves money: a payment, a refund, a payout.
    Settle,
    /// Undoes one entry.
    Reverse {
        /// The ERP's id of the entry that is undone.
        erp_id: String,
    },
    /// Books what a document differs by in entries that book it together with others.
    Difference {
        /// The ERP's ids of the document's earlier differences that stand.
        beside: Vec<String>,
    },
}

impl Slot {
    /// The slot in which a document of this kind is booked.
    #[must_use]
    pub fn of(kind: DocumentKind) -> Self {
        match kind.nature() {
            Nature::Raises => Slot::Raise,
            Nature::Settles | Nature::Moves => Slot::Settle,
        }
    }

    fn hash_into(&self, hasher: &mut ContentHasher) {
        match self {
            Slot::Raise => hasher.text("raise"),
            Slot::Settle => hasher.text("settle"),
            Slot::Reverse { erp_id } => hasher.text("reverse").text(erp_id),
            Slot::Difference { beside } => {
                hasher.text("difference").number(i64::try_from(beside.len()).unwrap_or(i64::MAX));
                beside.iter().fold(hasher, |hasher, erp_id| hasher.text(erp_id))
            }
        };
    }
}

/// Whose keys they are: facts of the ERP and of the document, the same on every desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyScope<'a> {
    /// The ERP's own account, tenant or company id.
    pub tenant: &'a str,
    /// The ERP's id of the legal entity (not our code of it, which each desk's mapping chooses).
    pub entity_erp_id: &'a str,
    /// The reference of the document, or of the orphan entry.
    pub reference: &'a str,
}

/// At most 20 characters of `[A-Za-z0-9_-]`, which every ERP that we know takes (Business Central's
/// document number is the shortest). Derived, so that two desks make the same key for the same step.
///
/// A key that was sent is kept and never computed anew: those of earlier versions were derived otherwise.
///
/// The key of a difference begins with `TD`, so that every desk that reads its entry knows what it is: it
/// books no document whole, and what it says counts with the entries that book the document with others.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PostingKey(String);

impl PostingKey {
    /// The key of one slot of a document. `undone` are the ERP ids of the slot's earlier entries that are
    /// already undone in the ledger, the earliest first: content and a desk's own history play no part, so
    /// desks with different content meet at one key, and what was undone can be booked again.
    /// [`crate::standing::free_key`] finds `undone`.
    #[must_use]
    pub fn derive(scope: KeyScope<'_>, slot: &Slot, undone: &[String]) -> Self {
        let mut hasher = ContentHasher::new("posting-key/2");
        hasher.text(scope.tenant).text(scope.entity_erp_id).text(scope.reference);
        slot.hash_into(&mut hasher);
        hasher.number(i64::try_from(undone.len()).unwrap_or(i64::MAX));
        for erp_id in undone {
            hasher.text(erp_id);
        }
        let text = base32_lower(&hasher.finish()[..12]);
        Self(match slot {
            Slot::Raise | Slot::Settle | Slot::Reverse { .. } => format!("T{}", &text[..19]),
            Slot::Difference { .. } => format!("{DIFFERENCE}{}", &text[..18]),
        })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True where `text` has the shape of our keys: an entry with it was sent by a Tieout desk.
    #[must_use]
    pub fn is_ours(text: &str) -> bool {
        text.parse::<PostingKey>().is_ok()
    }

    /// True where `text` is a key of ours under which a difference is booked ([`Slot::Difference`]).
    #[must_use]
    pub fn is_of_a_difference(text: &str) -> bool {
        text.starts_with(DIFFERENCE) && Self::is_ours(text)
    }
}

/// How the key of a difference begins.
pub const DIFFERENCE: &str = "TD";

impl fmt::Display for PostingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a posting key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a posting key")]
pub struct KeyError(String);

impl FromStr for PostingKey {
    type Err = KeyError;
    fn from_str(s: &str) -> Result<Self, KeyError> {
        let tail = s.strip_prefix(DIFFERENCE).or_else(|| s.strip_prefix('T'));
        let base32 = |b: u8| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b);
        if s.len() != 20 || !tail.is_some_and(|tail| tail.bytes().all(base32)) {
            return Err(KeyError(s.to_owned()));
        }
        Ok(Self(s.to_owned()))
    }
}

impl TryFrom<String> for PostingKey {
    type Error = KeyError;
    fn try_from(s: String) -> Result<Self, KeyError> {
        s.parse()
    }
}

impl From<PostingKey> for String {
    fn from(key: PostingKey) -> String {
        key.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SCOPE: KeyScope<'_> = KeyScope { tenant: "1234567_SB1", entity_erp_id: "2", reference: "INV-1" };

    fn reverse(erp_id: &str) -> Slot {
        Slot::Reverse { erp_id: erp_id.to_owned() }
    }

    #[test]
    fn the_key_of_a_slot_never_changes() {
        // Two desks of different versions meet at one key only while this holds.
        let undone = ["17".to_owned()];
        let keys = [
            PostingKey::derive(SCOPE, &Slot::Raise, &[]),
            PostingKey::derive(SCOPE, &Slot::Settle, &[]),
            PostingKey::derive(SCOPE, &reverse("17"), &[]),
            PostingKey::derive(SCOPE, &Slot::Raise, &undone),
            PostingKey::derive(SCOPE, &Slot::Difference { beside: vec!["17".to_owned()] }, &[]),
        ];
        assert_eq!(
            keys.each_ref().map(PostingKey::as_str),
            [
                "Thtto62bkwptbsflsjoi",
                "Topq64orh5zhn2hh2h5n",
                "Txayeuye3idhyktnap5r",
                "Tqhgr6ntzkvuth6ajjer",
                "TDxm4pujlewfnfuzb2gx"
            ]
        );
    }

    #[test]
    fn tenant_entity_document_slot_and_what_is_undone_each_change_the_key() {
        let key = PostingKey::derive(SCOPE, &Slot::Raise, &[]);
        assert_eq!(key.as_str().len(), 20);
        for other in [
            PostingKey::derive(KeyScope { tenant: "x", ..SCOPE }, &Slot::Raise, &[]),
            PostingKey::derive(KeyScope { entity_erp_id: "x", ..SCOPE }, &Slot::Raise, &[]),
            PostingKey::derive(KeyScope { reference: "x", ..SCOPE }, &Slot::Raise, &[]),
            PostingKey::derive(SCOPE, &Slot::Settle, &[]),
            PostingKey::derive(SCOPE, &reverse("17"), &[]),
            PostingKey::derive(SCOPE, &Slot::Difference { beside: Vec::new() }, &[]),
            PostingKey::derive(SCOPE, &Slot::Raise, &["17".to_owned()]),
        ] {
            assert_ne!(key, other);
        }
        let raise: Vec<&str> = DocumentKind::ALL
            .into_iter()
            .filter(|kind| Slot::of(*kind) == Slot::Raise)
            .map(DocumentKind::as_str)
            .collect();
        assert_eq!(raise, ["invoice", "credit_note"], "all else settles or moves money");
    }

    proptest! {
        #[test]
        fn every_key_has_twenty_characters_that_every_erp_takes(
            texts in prop::array::uniform4(".{0,30}"), undone in prop::collection::vec("[0-9]{1,9}", 0..4)
        ) {
            let [tenant, entity_erp_id, reference, target] = &texts;
            let scope = KeyScope { tenant, entity_erp_id, reference };
            let difference = Slot::Difference { beside: undone.clone() };
            for slot in [Slot::Raise, Slot::Settle, reverse(target), difference] {
                let key = PostingKey::derive(scope, &slot, &undone);
                prop_assert_eq!(key.as_str().len(), 20);
                prop_assert!(key.as_str().bytes().all(|b| b.is_ascii_alphanumeric()));
                prop_assert!(PostingKey::is_ours(key.as_str()));
            }
        }
    }

    #[test]
    fn what_others_send_is_not_taken_for_ours() {
        assert!(!PostingKey::is_ours("bi-17"));
        for text in [
            "TDaaaaaaaaaaaaaaaaaaa",
            "Daaaaaaaaaaaaaaaaaaa",
            "2026-0000000-0000000",
            "TD",
            "TDDaaaaaaaaaaaaaaaaa",
        ] {
            assert!(!PostingKey::is_ours(text), "{text}");
        }
    }

    #[test]
    fn the_key_of_a_difference_says_so_to_everybody() {
        let of = |slot: &Slot| PostingKey::derive(SCOPE, slot, &[]).to_string();
        let difference = of(&Slot::Difference { beside: Vec::new() });
        assert!(PostingKey::is_of_a_difference(&difference) && PostingKey::is_ours(&difference));
        assert!(!PostingKey::is_of_a_difference(&of(&Slot::Raise)));
    }
}
