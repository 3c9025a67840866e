//! A person's card: the public half of the key that they made on their own machine, and the key by which
//! others encrypt for them, under that very key. Nobody's secret is in it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::file::{
    canonical,
    fault::{FileFault, FileResult},
    signed::{FileSignature, is_format, key_of},
};

const FORMAT: &str = "tieout-person/1";

/// What a card says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// Which version of a card it is.
    pub format: String,
    /// How its person is called where it was made.
    pub name: String,
    /// The public key by which their signatures are checked, hex.
    pub key: String,
    /// The key (age, X25519) by which others encrypt for them.
    pub reading: Option<String>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
}

/// A card under its own key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedCard {
    /// The card.
    pub card: Card,
    /// By the key that it says.
    pub signature: FileSignature,
}

impl SignedCard {
    /// A new card of this key.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn made(
        (name, reading): (&str, Option<String>),
        key: &[u8; 32],
        made_at: DateTime<Utc>,
        sign: impl FnOnce(&[u8; 32]) -> [u8; 64],
    ) -> FileResult<Self> {
        let (format, name) = (FORMAT.to_owned(), name.to_owned());
        let card = Card { format, name, key: hex::encode(key), reading, made_at };
        let text = canonical::text_of(&card)?;
        Ok(Self { signature: FileSignature::over((FORMAT, text.as_bytes()), key, sign), card })
    }

    /// Reads a card and checks that it was made by whoever has its key.
    ///
    /// # Errors
    /// `packet_unreadable`, `packet_tampered`.
    pub fn read(bytes: &[u8]) -> FileResult<Self> {
        let one: Self = canonical::read(bytes, "the card")?;
        is_format(&one.card.format, FORMAT)?;
        one.signature.check(FORMAT, canonical::text_of(&one.card)?.as_bytes())?;
        if one.signature.key != one.card.key || key_of(&one.card.key).is_none() {
            return Err(FileFault::tampered("the card is signed with another key than it says"));
        }
        Ok(one)
    }

    /// The key.
    #[must_use]
    pub fn key(&self) -> Option<[u8; 32]> {
        key_of(&self.card.key)
    }
}
