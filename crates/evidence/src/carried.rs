//! A decision that was signed on another machine, carried by an entry of this log.
//!
//! Who decides elsewhere cannot know where in this log their decision will stand, nor what it will seal. They
//! sign an entry of the packet's own log; the entry here holds that one whole in its detail, under the same
//! signature, and says the same of who decided what on which content. So the signature still is over just
//! that, and where the decision stands is proved by this log's chain.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::entry::{LogEntry, signature_fits};

/// The field of an entry's detail that holds what it carries.
pub const CARRIED: &str = "carried";

/// The fields of a detail by which both must say the same.
const SAME: [&str; 4] = ["action", "content_hash", "person", "packet"];

/// An instant as packets write it: to the millisecond, which is what an entry's hash is over.
#[must_use]
pub fn written_at(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// When the decision that an entry of this detail carries was signed; `None` where it carries none.
#[must_use]
pub fn carried_at(detail: &Value) -> Option<DateTime<Utc>> {
    detail.get(CARRIED)?.get("at")?.as_str()?.parse().ok()
}

impl LogEntry {
    /// What the entry that carries this one holds of it.
    #[must_use]
    pub fn to_carry(&self) -> Value {
        json!({
            "number": self.number,
            "at": written_at(self.at),
            "what": self.what,
            "detail": self.detail,
            "previous": hex::encode(self.previous),
        })
    }

    /// The entry of a packet's log that this one carries, under the signature of this one.
    #[must_use]
    pub fn carried(&self) -> Option<LogEntry> {
        let detail = self.detail_that_carries()?;
        let carried = detail.get(CARRIED)?;
        let text = |name: &str| carried.get(name).and_then(Value::as_str);
        let mut entry = LogEntry {
            number: carried.get("number")?.as_i64()?,
            at: text("at")?.parse().ok()?,
            actor: self.actor.clone(),
            what: text("what")?.to_owned(),
            subject: self.subject.clone(),
            detail: text("detail")?.to_owned(),
            previous: hex::decode(text("previous")?).ok()?.try_into().ok()?,
            hash: [0; 32],
            signer: self.signer.clone(),
            signature: self.signature.clone(),
            seal: None,
        };
        entry.hash = entry.computed_hash();
        let said = entry.read_detail();
        let same = |name: &str| said.get(name).is_some() && said.get(name) == detail.get(name);
        SAME.into_iter().all(same).then_some(entry)
    }

    /// True where its signature is one of this key's: over its hash, or, of a decision that it carries, over
    /// the hash of that.
    #[must_use]
    pub fn is_signed_by(&self, key: &[u8; 32]) -> bool {
        let Some(signature) = &self.signature else { return false };
        signature_fits(key, &self.hash, signature)
            || self.carried().is_some_and(|carried| signature_fits(key, &carried.hash, signature))
    }

    /// Its signature where that is over the whole entry, seal and all; `None` where it only carries a
    /// decision that was signed elsewhere, which proves no more than that decision.
    #[must_use]
    pub fn own_signature(&self) -> Option<&[u8]> {
        if self.detail_that_carries().is_some() { None } else { self.signature.as_deref() }
    }

    /// Its detail, where it carries anything: few do, and the others need not be read for it.
    fn detail_that_carries(&self) -> Option<Value> {
        let detail = self.detail.contains(CARRIED).then(|| self.read_detail())?;
        detail.get(CARRIED).is_some().then_some(detail)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use tieout_domain::PersonId;

    use super::*;
    use crate::{
        decided::Decided,
        entry::{LogDraft, LogHead, Signer},
    };

    fn decided_elsewhere(key: &SigningKey, person: &PersonId) -> LogEntry {
        let sign = |hash: &[u8; 32]| key.sign(hash).to_bytes();
        let signer = Signer { person, sign: &sign };
        let decided =
            Decided { subject: "pst_1", person, action: "approve", content_hash: "h", in_place_of: None };
        let draft = LogDraft {
            at: "2026-04-10T12:00:00.123Z".parse().unwrap(),
            actor: person.as_str(),
            what: "approved",
            subject: "pst_1",
            detail: json!({ "packet": "pkt_1" }),
            signer: Some(signer.clone()),
        };
        let head = LogHead { number: 0, hash: [7; 32] };
        let mut entry = LogEntry::after(&head, &draft, &decided.fields());
        entry.sign(&signer, Some(&key.verifying_key().to_bytes())).unwrap();
        entry
    }

    fn carrying(one: &LogEntry, change: impl FnOnce(&mut Value)) -> LogEntry {
        let mut detail = one.read_detail();
        detail[CARRIED] = one.to_carry();
        change(&mut detail);
        let mut entry = LogEntry { number: 40, previous: [9; 32], detail: detail.to_string(), ..one.clone() };
        entry = entry.sealed("{}".to_owned());
        entry
    }

    #[test]
    fn a_carried_decision_is_proved_by_the_signature_that_was_given_elsewhere() {
        let (key, person) = (SigningKey::from_bytes(&[7; 32]), PersonId::derive(&["ben"]));
        let public = key.verifying_key().to_bytes();
        let one = decided_elsewhere(&key, &person);
        let here = carrying(&one, |_| {});
        assert_eq!(here.carried().as_ref(), Some(&one));
        assert!(here.is_signed_by(&public) && one.is_signed_by(&public));
        assert_eq!((here.own_signature(), one.own_signature().is_some()), (None, true));
        let decided = Decided {
            subject: "pst_1",
            person: &person,
            action: "approve",
            content_hash: "h",
            in_place_of: None,
        };
        assert!(decided.is_proved_by(&here, &public));
        assert!(!here.is_signed_by(&SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes()));
    }

    #[test]
    fn what_was_signed_elsewhere_says_nothing_else_here() {
        let (key, person) = (SigningKey::from_bytes(&[7; 32]), PersonId::derive(&["ben"]));
        let public = key.verifying_key().to_bytes();
        let one = decided_elsewhere(&key, &person);
        let changes: [fn(&mut Value); 8] = [
            |d| d["action"] = json!("reject"),
            |d| d["content_hash"] = json!("i"),
            |d| d["person"] = json!("per_other"),
            |d| d["packet"] = json!("pkt_2"),
            |d| d[CARRIED]["number"] = json!(2),
            |d| d[CARRIED]["at"] = json!("2026-04-10T12:00:00.124Z"),
            |d| d[CARRIED]["previous"] = json!(hex::encode([8; 32])),
            |d| d[CARRIED]["detail"] = json!("{}"),
        ];
        for change in changes {
            assert!(!carrying(&one, change).is_signed_by(&public));
        }
        let mut of_another = carrying(&one, |_| {});
        of_another.subject = "pst_2".to_owned();
        assert!(!of_another.is_signed_by(&public));
    }
}
