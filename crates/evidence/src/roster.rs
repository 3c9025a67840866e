//! The roster as the log tells it: who was added by whom, as what, and by which keys they signed. Nothing
//! that stands in a file beside the log is believed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tieout_domain::{PersonId, people::Role};

use crate::entry::{LogEntry, signature_fits};

/// `what` of a workspace's first entry, which makes its first administrator.
pub const WORKSPACE_CREATED: &str = "workspace_created";
/// `what` of the entry by which a person is added.
pub const PERSON_ADDED: &str = "person_added";
/// `what` of the entry that gives a person another role.
pub const ROLE_CHANGED: &str = "role_changed";
/// `what` of the entry by which a person leaves.
pub const PERSON_REMOVED: &str = "person_removed";
/// `what` of the entry that says that a backup was restored: everybody's key ends there.
pub const WORKSPACE_RESTORED: &str = "workspace_restored";

/// A person as the log has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedPerson {
    /// Their id.
    pub id: PersonId,
    /// Their name.
    pub name: String,
    /// Their account of the operating system.
    pub os_account: Option<String>,
    /// Their role now.
    pub role: Role,
    /// False once they left.
    pub active: bool,
    /// Who added them: a person's id or `os:<account>`.
    pub added_by: String,
    /// When.
    pub added_at: DateTime<Utc>,
    /// Every key by which they signed, with the number of the entry that records it, the oldest first.
    pub keys: Vec<(i64, [u8; 32])>,
}

/// The roster while a log is read, entry by entry in the order of their numbers. Whether the chain holds is
/// another question ([`crate::Chain`]); what an entry says of people counts only as far as whoever signed it
/// could say it then: an administrator, by the key that they had. Anything else is passed over, and told.
#[derive(Clone, Debug, Default)]
pub struct LoggedRoster {
    people: BTreeMap<PersonId, LoggedPerson>,
    /// Who has a key that a restore has not ended.
    keyed: BTreeSet<PersonId>,
    passed_over: Vec<i64>,
}

impl LoggedRoster {
    /// Takes the next entry in.
    pub fn entry(&mut self, entry: &LogEntry) {
        let known = match entry.what.as_str() {
            WORKSPACE_CREATED => self.created(entry),
            PERSON_ADDED => self.added(entry),
            ROLE_CHANGED => self.role_changed(entry),
            PERSON_REMOVED => self.removed(entry),
            WORKSPACE_RESTORED => {
                self.keyed.clear();
                Some(())
            }
            crate::entry::KEY_SET => self.key_set(entry),
            _ => Some(()),
        };
        if known.is_none() {
            self.passed_over.push(entry.number);
        }
    }

    /// Everybody, those who left too, by their ids.
    pub fn people(&self) -> impl Iterator<Item = &LoggedPerson> {
        self.people.values()
    }

    /// The key by which this person signs now: none before they set one, nor since a restore ended it.
    #[must_use]
    pub fn key_of(&self, person: &PersonId) -> Option<&[u8; 32]> {
        let keyed = self.keyed.contains(person);
        self.people.get(person).filter(|_| keyed)?.keys.last().map(|(_, key)| key)
    }

    /// Numbers of the entries that say something of people which nobody had the right to say.
    #[must_use]
    pub fn passed_over(&self) -> &[i64] {
        &self.passed_over
    }

    fn created(&mut self, entry: &LogEntry) -> Option<()> {
        let os_account = entry.actor.strip_prefix("os:").map(str::to_owned);
        let person = added_person(entry, os_account)?;
        // Who makes a workspace signs nothing yet; nobody else comes into one this way.
        let first = entry.number == 1 && self.people.is_empty() && person.role == Role::Administrator;
        first.then(|| {
            self.people.insert(person.id.clone(), person);
        })
    }

    fn added(&mut self, entry: &LogEntry) -> Option<()> {
        self.signed_by_administrator(entry)?;
        let os_account = text(&entry.read_detail(), "os_account");
        let person = added_person(entry, os_account)?;
        let taken = self.people.values().any(|other| other.id == person.id || other.name == person.name);
        (!taken).then(|| {
            self.people.insert(person.id.clone(), person);
        })
    }

    fn role_changed(&mut self, entry: &LogEntry) -> Option<()> {
        let role = Role::parse(&text(&entry.read_detail(), "role")?)?;
        self.another(entry)?.role = role;
        Some(())
    }

    fn removed(&mut self, entry: &LogEntry) -> Option<()> {
        self.another(entry)?.active = false;
        Some(())
    }

    /// The first key of a person, or the first since a restore: whoever sets it has no other to sign with.
    fn key_set(&mut self, entry: &LogEntry) -> Option<()> {
        let (person, key) = entry.recorded_key()?;
        let known = self.people.get_mut(&person)?;
        let fresh = self.keyed.insert(person);
        fresh.then(|| known.keys.push((entry.number, key)))
    }

    /// The person that an administrator's signed entry is about, who is not that administrator.
    fn another(&mut self, entry: &LogEntry) -> Option<&mut LoggedPerson> {
        let signer = self.signed_by_administrator(entry)?;
        let subject: PersonId = entry.subject.parse().ok()?;
        if subject == signer { None } else { self.people.get_mut(&subject) }
    }

    fn signed_by_administrator(&self, entry: &LogEntry) -> Option<PersonId> {
        let signer = self.people.get(entry.signer.as_ref()?)?;
        let key = self.key_of(&signer.id)?;
        let signature = entry.signature.as_deref()?;
        let may = signer.active && signer.role == Role::Administrator;
        let signed =
            may && entry.computed_hash() == entry.hash && signature_fits(key, &entry.hash, signature);
        signed.then(|| signer.id.clone())
    }
}

fn added_person(entry: &LogEntry, os_account: Option<String>) -> Option<LoggedPerson> {
    let detail = entry.read_detail();
    Some(LoggedPerson {
        id: entry.subject.parse().ok()?,
        name: text(&detail, "name")?,
        os_account,
        role: Role::parse(&text(&detail, "role")?)?,
        active: true,
        added_by: entry.actor.clone(),
        added_at: entry.at,
        keys: Vec::new(),
    })
}

fn text(detail: &Value, field: &str) -> Option<String> {
    detail.get(field).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use serde_json::json;

    use super::*;
    use crate::entry::{KEY_SET, LogDraft, LogHead, Signer, key_fields};

    fn person(name: &str) -> PersonId {
        PersonId::derive(&[name])
    }

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    /// A log that is written as the tests say.
    struct Log {
        head: LogHead,
        roster: LoggedRoster,
    }

    impl Log {
        /// Olga made it, and set her key.
        fn new() -> Self {
            let mut log = Self { head: LogHead::genesis("w"), roster: LoggedRoster::default() };
            log.add(WORKSPACE_CREATED, "olga", json!({ "name": "olga", "role": "administrator" }), None);
            log.set_key("olga", 1);
            log
        }

        fn add(&mut self, what: &str, subject: &str, detail: Value, by: Option<(&str, u8)>) {
            let (id, subject) = (by.map(|(name, _)| person(name)), person(subject));
            let key = key(by.map_or(0, |(_, seed)| seed));
            let sign = |hash: &[u8; 32]| key.sign(hash).to_bytes();
            let signer = id.as_ref().map(|person| Signer { person, sign: &sign });
            let actor = id.as_ref().map_or("os:olga", PersonId::as_str);
            let at = "2026-04-10T12:00:00Z".parse().unwrap();
            let draft = LogDraft { at, actor, what, subject: subject.as_str(), detail, signer };
            let mut entry = LogEntry::after(&self.head, &draft, &[]);
            if let Some(signer) = &draft.signer {
                entry.sign(signer, Some(&key.verifying_key().to_bytes())).unwrap();
            }
            self.head = LogHead { number: entry.number, hash: entry.hash };
            self.roster.entry(&entry);
        }

        fn set_key(&mut self, name: &str, seed: u8) {
            let [(field, value)] = key_fields(&key(seed).verifying_key().to_bytes());
            self.add(KEY_SET, name, json!({ field: value }), None);
        }

        fn add_person(&mut self, name: &str, role: &str, by: Option<(&str, u8)>) {
            self.add(PERSON_ADDED, name, json!({ "name": name, "role": role }), by);
        }

        #[track_caller]
        fn holds(&self, want: &str, passed_over: &[i64]) {
            let told = |p: &LoggedPerson| {
                let gone = if p.active { "" } else { " gone" };
                format!("{} {} {}{gone}", p.name, p.role.as_str(), p.keys.len())
            };
            let mut people: Vec<String> = self.roster.people().map(told).collect();
            people.sort();
            assert_eq!((people.join(", ").as_str(), self.roster.passed_over()), (want, passed_over));
        }
    }

    #[test]
    fn people_are_what_administrators_signed_that_they_are() {
        let mut log = Log::new();
        log.add_person("ana", "analyst", Some(("olga", 1)));
        log.set_key("ana", 2);
        log.add_person("carl", "controller", Some(("olga", 1)));
        log.add(ROLE_CHANGED, "carl", json!({ "role": "auditor" }), Some(("olga", 1)));
        log.add(PERSON_REMOVED, "ana", json!({}), Some(("olga", 1)));
        log.holds("ana analyst 1 gone, carl auditor 0, olga administrator 1", &[]);
    }

    #[test]
    fn what_nobody_had_the_right_to_say_counts_for_nothing() {
        let mut log = Log::new();
        log.add_person("ana", "analyst", Some(("olga", 1)));
        log.set_key("ana", 2);
        let raise = json!({ "role": "administrator" });
        log.add(ROLE_CHANGED, "ana", raise.clone(), None);
        log.add(ROLE_CHANGED, "ana", raise.clone(), Some(("ana", 2)));
        log.add(ROLE_CHANGED, "ana", raise.clone(), Some(("olga", 3)));
        log.add(ROLE_CHANGED, "olga", json!({ "role": "analyst" }), Some(("olga", 1)));
        log.add_person("mallory", "administrator", None);
        log.add_person("mallory", "administrator", Some(("ana", 2)));
        log.add(WORKSPACE_CREATED, "eve", json!({ "name": "eve", "role": "administrator" }), None);
        log.set_key("olga", 4);
        log.add(ROLE_CHANGED, "ana", raise, Some(("olga", 4)));
        log.holds("ana analyst 1, olga administrator 1", &[5, 6, 7, 8, 9, 10, 11, 12, 13]);
    }

    #[test]
    fn a_restore_ends_everybodys_key_and_lets_each_set_one_more() {
        let mut log = Log::new();
        log.add_person("ana", "analyst", Some(("olga", 1)));
        log.set_key("ana", 2);
        log.add(WORKSPACE_RESTORED, "w", json!({}), None);
        log.add_person("eve", "controller", Some(("olga", 1)));
        log.set_key("olga", 5);
        log.set_key("olga", 6);
        log.add(ROLE_CHANGED, "ana", json!({ "role": "controller" }), Some(("olga", 5)));
        log.holds("ana controller 1, olga administrator 2", &[6, 8]);
    }
}
