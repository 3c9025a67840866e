//! One entry of the log: its encoding, its hash and its signature.

use chrono::{DateTime, Utc};
use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::{Map, Value};
use tieout_domain::{PersonId, hash::ContentHasher};

/// `what` of the entry that records a person's verifying key.
pub const KEY_SET: &str = "person_key_set";

/// The field of a [`KEY_SET`] entry's detail that holds the key, in hexadecimal.
pub(crate) const VERIFYING_KEY: &str = "verifying_key";

/// What signs a hash (ed25519).
pub type Sign<'a> = &'a dyn Fn(&[u8; 32]) -> [u8; 64];

/// Signs a log entry's hash with a person's own secret, which only the caller holds.
#[derive(Clone)]
pub struct Signer<'a> {
    /// Whose signature it is.
    pub person: &'a PersonId,
    /// Makes the ed25519 signature (64 bytes) over the hash.
    pub sign: Sign<'a>,
}

/// A log entry to be appended together with what it reports.
#[derive(Clone)]
pub struct LogDraft<'a> {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Who did it: a person's id, `os:<account>` or `desk`.
    pub actor: &'a str,
    /// What was done, snake_case.
    pub what: &'a str,
    /// To what: an id.
    pub subject: &'a str,
    /// More, as a JSON object. Never a secret.
    pub detail: Value,
    /// Who signs it; a decision is always signed.
    pub signer: Option<Signer<'a>>,
}

/// A log entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its number, from 1 without gaps.
    pub number: i64,
    /// When it happened, to the millisecond.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub what: String,
    /// To what.
    pub subject: String,
    /// More, as JSON text.
    pub detail: String,
    /// The hash of the entry before.
    pub previous: [u8; 32],
    /// Its hash.
    pub hash: [u8; 32],
    /// Who signed it.
    pub signer: Option<PersonId>,
    /// The signature.
    pub signature: Option<Vec<u8>>,
    /// What it says of the tables beside the log ([`Seal`](crate::Seal)); entries of before there were seals
    /// have none.
    pub seal: Option<String>,
}

/// The end of the log. Its number and hash are also kept with the secrets, as the anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogHead {
    /// Number of the last entry; 0 for an empty log.
    pub number: i64,
    /// Its hash; that of the genesis for an empty log.
    pub hash: [u8; 32],
}

/// A signature that does not fit the signer's key, or a signer who has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit;

impl LogHead {
    /// The end of a workspace's log before its first entry.
    #[must_use]
    pub fn genesis(workspace: &str) -> Self {
        let mut hasher = ContentHasher::new("tieout-log-genesis/1");
        hasher.text(workspace);
        Self { number: 0, hash: hasher.finish() }
    }
}

impl LogEntry {
    /// The entry that follows `head`, not signed yet. `fields` go into the draft's detail, whatever it says
    /// of them itself.
    #[must_use]
    pub fn after(head: &LogHead, draft: &LogDraft<'_>, fields: &[(&str, Value)]) -> Self {
        let mut detail = match &draft.detail {
            Value::Object(map) => map.clone(),
            Value::Null => Map::new(),
            other => Map::from_iter([("value".to_owned(), other.clone())]),
        };
        detail.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let mut entry = Self {
            number: head.number + 1,
            at: draft.at,
            actor: draft.actor.to_owned(),
            what: draft.what.to_owned(),
            subject: draft.subject.to_owned(),
            detail: Value::Object(detail).to_string(),
            previous: head.hash,
            hash: [0; 32],
            signer: draft.signer.as_ref().map(|signer| signer.person.clone()),
            signature: None,
            seal: None,
        };
        entry.hash = entry.computed_hash();
        entry
    }

    /// The entry with a seal of the tables, before it is signed.
    #[must_use]
    pub fn sealed(mut self, seal: String) -> Self {
        self.seal = Some(seal);
        self.hash = self.computed_hash();
        self
    }

    /// Has the entry's hash signed; one that carries a decision takes the signature of that.
    ///
    /// # Errors
    /// [`Misfit`] where the signature does not fit `key`, which is the signer's recorded one; nothing is
    /// kept of it then.
    pub fn sign(&mut self, signer: &Signer<'_>, key: Option<&[u8; 32]>) -> Result<(), Misfit> {
        self.signature = Some((signer.sign)(&self.hash).to_vec());
        if key.is_some_and(|key| self.is_signed_by(key)) {
            return Ok(());
        }
        self.signature = None;
        Err(Misfit)
    }

    /// The hash that the entry's content gives.
    #[must_use]
    pub fn computed_hash(&self) -> [u8; 32] {
        let format = if self.seal.is_some() { "tieout-log/2" } else { "tieout-log/1" };
        let mut h = ContentHasher::new(format);
        h.bytes(&self.previous).number(self.number).number(self.at.timestamp_millis());
        h.text(&self.actor).text(&self.what).text(&self.subject).text(&self.detail);
        if let Some(seal) = &self.seal {
            h.text(seal);
        }
        h.optional(self.signer.as_ref().map(PersonId::as_str));
        h.finish()
    }

    /// The entry's detail; null where it is no JSON.
    #[must_use]
    pub fn read_detail(&self) -> Value {
        serde_json::from_str(&self.detail).unwrap_or(Value::Null)
    }

    /// The person's key that a [`KEY_SET`] entry records.
    #[must_use]
    pub fn recorded_key(&self) -> Option<(PersonId, [u8; 32])> {
        if self.what != KEY_SET {
            return None;
        }
        let detail = self.read_detail();
        let bytes = hex::decode(detail.get(VERIFYING_KEY)?.as_str()?).ok()?;
        Some((self.subject.parse().ok()?, bytes.try_into().ok()?))
    }
}

/// The fields of a [`KEY_SET`] entry's detail.
#[must_use]
pub fn key_fields(key: &[u8; 32]) -> [(&'static str, Value); 1] {
    [(VERIFYING_KEY, Value::String(hex::encode(key)))]
}

/// True when the signature over the hash is one of this key's.
#[must_use]
pub fn signature_fits(key: &[u8; 32], hash: &[u8; 32], signature: &[u8]) -> bool {
    let Ok(signature) = Signature::from_slice(signature) else { return false };
    VerifyingKey::from_bytes(key).is_ok_and(|key| key.verify_strict(hash, &signature).is_ok())
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use serde_json::json;

    use super::*;

    // Worked out by another program from the encoding as it is described, over the entries below.
    const GENESIS: &str = "69f3a3faf76296e1f5054929e23ef63ac6bf823a9ad5f3bddf7d55cc0aef3106";
    const FIRST: &str = "5b04cc72127b5b79e0f35841f6d2617ab97373d6fc66c4b7e296bab49c445304";
    const SECOND: &str = "23f1f98cd3f6c4af97b5e43418ea71d2c5915e6dd482232868c17678d7aa45cd";
    const SEALED: &str = "15edae1901fe051017dcb9c2705291a33c0ead108ee2a7791a9555a5bb929f9b";
    const SIGNED: &str = "a14b76b64028f2e90bd90dac81634987bdddd02b7239d027b2557e48aa0c5312";
    const SIGNATURE: &str = "25357671fb45b97e6747400c49c8fa5e073bcffdebb6b34bb7632e59c02c6fe8\
        87aab9d0e7db74c0bac819e27e37e01285f032c7d3696f8b8c26925f94955106";

    fn person() -> PersonId {
        "per_aaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap()
    }

    fn draft(detail: Value) -> LogDraft<'static> {
        LogDraft {
            at: "2026-04-10T12:00:00.123Z".parse().unwrap(),
            actor: "os:ana",
            what: "exported",
            subject: "ledger.csv",
            detail,
            signer: None,
        }
    }

    #[test]
    fn the_genesis_and_the_first_entries_hash_to_what_they_always_did() {
        let genesis = LogHead::genesis("wsp_books");
        assert_eq!(hex::encode(genesis.hash), GENESIS);
        let plain = LogEntry::after(&genesis, &draft(json!({ "bytes": "ü" })), &[]);
        assert_eq!(plain.detail, r#"{"bytes":"ü"}"#);
        assert_eq!(hex::encode(plain.hash), FIRST);
        let second = LogEntry::after(&LogHead { number: 1, hash: plain.hash }, &draft(Value::Null), &[]);
        assert_eq!((second.number, second.previous, second.detail.as_str()), (2, plain.hash, "{}"));
        assert_eq!(hex::encode(second.hash), SECOND);
    }

    #[test]
    fn a_signed_entry_hashes_to_what_it_always_did_and_its_signature_is_over_the_hash() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let sign = |hash: &[u8; 32]| key.sign(hash).to_bytes();
        let (genesis, id) = (LogHead::genesis("wsp_books"), person());
        let signer = Signer { person: &id, sign: &sign };
        let draft = LogDraft { signer: Some(signer.clone()), ..draft(json!({})) };
        let mut entry = LogEntry::after(&genesis, &draft, &[("action", json!("approve"))]);
        assert_eq!(entry.detail, r#"{"action":"approve"}"#);
        assert_eq!(hex::encode(entry.hash), SIGNED);
        let public = key.verifying_key().to_bytes();
        entry.sign(&signer, Some(&public)).unwrap();
        // Ed25519 signatures are deterministic.
        assert_eq!(entry.signature.as_deref().map(hex::encode).unwrap(), SIGNATURE);
        assert!(signature_fits(&public, &entry.hash, entry.signature.as_deref().unwrap()));
        assert!(!signature_fits(&public, &[0; 32], entry.signature.as_deref().unwrap()));
        assert!(!signature_fits(&public, &entry.hash, b"short"));
    }

    #[test]
    fn a_sealed_entry_hashes_to_what_it_always_did() {
        let entry = LogEntry::after(&LogHead::genesis("wsp_books"), &draft(json!({})), &[]);
        let sealed = entry.clone().sealed(r#"{"root":"00"}"#.to_owned());
        assert_eq!(hex::encode(sealed.hash), SEALED);
        assert_eq!(LogEntry { seal: None, hash: entry.hash, ..sealed }, entry);
    }

    #[test]
    fn a_signature_that_does_not_fit_is_not_kept() {
        let (id, wrong) = (person(), |_: &[u8; 32]| [7_u8; 64]);
        let signer = Signer { person: &id, sign: &wrong };
        let mut entry = LogEntry::after(&LogHead::genesis("w"), &draft(json!({})), &[]);
        let public = SigningKey::from_bytes(&[7; 32]).verifying_key().to_bytes();
        assert_eq!(entry.sign(&signer, Some(&public)), Err(Misfit));
        assert_eq!(entry.sign(&signer, None), Err(Misfit));
        assert_eq!(entry.signature, None);
    }

    #[test]
    fn the_fields_of_the_store_win_over_what_the_draft_says_of_them() {
        let entry = LogEntry::after(&LogHead::genesis("w"), &draft(json!({ "n": 1 })), &[("n", json!(2))]);
        assert_eq!(entry.detail, r#"{"n":2}"#);
        let entry = LogEntry::after(&LogHead::genesis("w"), &draft(json!("words")), &[]);
        assert_eq!(entry.detail, r#"{"value":"words"}"#);
    }

    #[test]
    fn every_field_counts() {
        let entry = LogEntry::after(&LogHead::genesis("w"), &draft(json!({})), &[]);
        let changed = |change: fn(&mut LogEntry)| {
            let mut other = entry.clone();
            change(&mut other);
            other.computed_hash()
        };
        let changes: [fn(&mut LogEntry); 10] = [
            |e| e.number += 1,
            |e| e.at += chrono::Duration::milliseconds(1),
            |e| e.actor.push('x'),
            |e| e.what.push('x'),
            |e| e.subject.push('x'),
            |e| e.detail.push(' '),
            |e| e.previous[31] ^= 1,
            |e| e.signer = Some("per_aaaaaaaaaaaaaaaaaaaaaaaa".parse().unwrap()),
            |e| e.seal = Some(String::new()),
            |e| e.seal = Some("{}".to_owned()),
        ];
        let mut hashes: Vec<[u8; 32]> = changes.into_iter().map(changed).collect();
        hashes.push(entry.hash);
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 11);
    }

    #[test]
    fn only_the_entry_of_a_key_records_one() {
        let key = [9; 32];
        let made = |what: &'static str, subject: &'static str, fields: &[(&str, Value)]| {
            LogEntry::after(&LogHead::genesis("w"), &LogDraft { what, subject, ..draft(json!({})) }, fields)
        };
        let id = "per_aaaaaaaaaaaaaaaaaaaaaaaa";
        assert_eq!(made(KEY_SET, id, &key_fields(&key)).recorded_key(), Some((person(), key)));
        assert_eq!(made("person_added", id, &key_fields(&key)).recorded_key(), None);
        assert_eq!(made(KEY_SET, "nobody", &key_fields(&key)).recorded_key(), None);
        assert_eq!(made(KEY_SET, id, &[("verifying_key", json!("00"))]).recorded_key(), None);
    }
}
