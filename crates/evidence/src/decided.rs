//! What a log entry says that somebody decided.

use serde_json::{Value, json};
use tieout_domain::PersonId;

use crate::entry::LogEntry;

const IN_PLACE_OF: &str = "in_place_of";

/// A decision: who decided what, on which content of which posting or change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided<'a> {
    /// The id of the posting or change.
    pub subject: &'a str,
    /// Who decided.
    pub person: &'a PersonId,
    /// What: `approve`, `reject` …
    pub action: &'a str,
    /// The hash of the content that they saw.
    pub content_hash: &'a str,
    /// In whose place they decided, where it was not in their own.
    pub in_place_of: Option<&'a PersonId>,
}

impl Decided<'_> {
    /// The fields that a decision's entry always has, whatever else its detail says.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, Value)> {
        let mut fields = vec![
            ("action", json!(self.action)),
            ("content_hash", json!(self.content_hash)),
            ("person", json!(self.person.as_str())),
        ];
        fields.extend(self.in_place_of.map(|other| (IN_PLACE_OF, json!(other.as_str()))));
        fields
    }

    /// True when the entry says exactly this, under the person's own name. Whether it is unaltered and
    /// really signed is another question: [`Decided::is_proved_by`].
    #[must_use]
    pub fn is_said_by(&self, entry: &LogEntry) -> bool {
        self.is_said(&entry.subject, &entry.detail, entry.signer.as_ref().map(PersonId::as_str))
    }

    /// As [`Decided::is_said_by`], of an entry of which only this much is at hand.
    #[must_use]
    pub fn is_said(&self, subject: &str, detail: &str, signer: Option<&str>) -> bool {
        let detail: Value = serde_json::from_str(detail).unwrap_or(Value::Null);
        let says = |name: &str, value: &str| detail.get(name).and_then(Value::as_str) == Some(value);
        subject == self.subject
            && signer == Some(self.person.as_str())
            && says("person", self.person.as_str())
            && says("action", self.action)
            && says("content_hash", self.content_hash)
            && detail.get(IN_PLACE_OF).and_then(Value::as_str) == self.in_place_of.map(PersonId::as_str)
    }

    /// True when the entry says exactly this, is as it was hashed, and carries a signature of the person's
    /// `key`.
    #[must_use]
    pub fn is_proved_by(&self, entry: &LogEntry, key: &[u8; 32]) -> bool {
        self.is_said_by(entry) && entry.computed_hash() == entry.hash && entry.is_signed_by(key)
    }
}

/// True when an entry's detail says that somebody decided: such an entry is always signed.
pub(crate) fn says_a_decision(detail: &Value) -> bool {
    detail.get("action").is_some() && detail.get("person").is_some()
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};

    use super::*;
    use crate::entry::{LogDraft, LogHead, Signer};

    fn approved(key: &SigningKey, person: &PersonId) -> LogEntry {
        let sign = |hash: &[u8; 32]| key.sign(hash).to_bytes();
        let signer = Signer { person, sign: &sign };
        let decided =
            Decided { subject: "pst_1", person, action: "approve", content_hash: "h", in_place_of: None };
        let draft = LogDraft {
            at: "2026-04-10T12:00:00Z".parse().unwrap(),
            actor: person.as_str(),
            what: "approved",
            subject: decided.subject,
            detail: json!({ "note": "seen" }),
            signer: Some(signer.clone()),
        };
        let mut entry = LogEntry::after(&LogHead::genesis("w"), &draft, &decided.fields());
        entry.sign(&signer, Some(&key.verifying_key().to_bytes())).unwrap();
        entry
    }

    #[test]
    fn an_entry_proves_its_own_decision_and_no_other() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let (ben, eve): (PersonId, PersonId) = (PersonId::derive(&["ben"]), PersonId::derive(&["eve"]));
        let (entry, public) = (approved(&key, &ben), key.verifying_key().to_bytes());
        let decided = Decided {
            subject: "pst_1",
            person: &ben,
            action: "approve",
            content_hash: "h",
            in_place_of: None,
        };
        assert!(decided.is_proved_by(&entry, &public));
        for other in [
            Decided { subject: "pst_2", ..decided },
            Decided { person: &eve, ..decided },
            Decided { action: "reject", ..decided },
            Decided { content_hash: "other", ..decided },
            Decided { in_place_of: Some(&eve), ..decided },
        ] {
            assert!(!other.is_said_by(&entry), "{other:?}");
            assert!(!other.is_proved_by(&entry, &public), "{other:?}");
        }
    }

    #[test]
    fn an_altered_entry_or_one_signed_by_another_key_proves_nothing() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let ben = PersonId::derive(&["ben"]);
        let (entry, public) = (approved(&key, &ben), key.verifying_key().to_bytes());
        let decided = Decided {
            subject: "pst_1",
            person: &ben,
            action: "approve",
            content_hash: "h",
            in_place_of: None,
        };
        let other = SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes();
        assert!(!decided.is_proved_by(&entry, &other));
        assert!(!decided.is_proved_by(&LogEntry { signature: None, ..entry.clone() }, &public));
        let altered = LogEntry { actor: "os:eve".to_owned(), ..entry };
        assert!(decided.is_said_by(&altered) && !decided.is_proved_by(&altered, &public));
    }

    #[test]
    fn a_detail_says_a_decision_only_with_action_and_person() {
        let ben = PersonId::derive(&["ben"]);
        let decided = Decided {
            subject: "pst_1",
            person: &ben,
            action: "approve",
            content_hash: "h",
            in_place_of: None,
        };
        let detail: serde_json::Map<String, Value> =
            decided.fields().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert!(says_a_decision(&Value::Object(detail)));
        assert!(!says_a_decision(&json!({ "action": "sync" })));
        assert!(!says_a_decision(&Value::Null));
    }
}
