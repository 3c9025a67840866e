//! The walk along the chain: numbers, links, contents, signatures, and the end that the secrets remember.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use tieout_domain::PersonId;

use crate::{
    decided::says_a_decision,
    entry::{LogEntry, LogHead},
    finding::{LogFault, LogFinding, VerifyReport},
    seal::{Seal, Seals},
};

/// How far behind the latest time before it an entry may lie. An entry notes its time before it waits for its
/// turn to be written, which is up to a minute while another process writes; and a clock that is kept right
/// by the network is set back by seconds at most. What lies further behind is told.
const MOST_BEHIND: TimeDelta = TimeDelta::minutes(2);

/// What the log is checked against. An anchor and keys that come from outside the file catch what the
/// file alone cannot: a cut-off end, and a chain made anew as a whole.
#[derive(Clone, Debug, Default)]
pub struct VerifyInput {
    /// The end of the log as the secrets remember it.
    pub anchor: Option<LogHead>,
    /// Keys that the caller trusts, besides those that the chain itself records. A person who is named
    /// here is checked by these alone.
    pub keys: BTreeMap<PersonId, Vec<[u8; 32]>>,
}

/// A chain that was walked to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What was found.
    pub report: VerifyReport,
    /// Numbers of the entries that say that somebody decided: what is stored of decisions elsewhere is to
    /// be held against these.
    pub decisions: BTreeSet<i64>,
}

/// A log while it is checked, entry by entry in the order of their numbers.
pub struct Chain<'i> {
    input: &'i VerifyInput,
    previous: LogHead,
    logged_keys: BTreeMap<PersonId, Vec<[u8; 32]>>,
    decisions: BTreeSet<i64>,
    /// Hashes of the decisions that entries carried so far.
    carried: BTreeSet<[u8; 32]>,
    entries: u64,
    signatures: u64,
    findings: Vec<LogFinding>,
    latest: Option<DateTime<Utc>>,
    seals: Seals,
}

impl<'i> Chain<'i> {
    /// A log of this genesis, before its first entry.
    #[must_use]
    pub fn new(genesis: LogHead, input: &'i VerifyInput) -> Self {
        Self {
            input,
            previous: genesis,
            logged_keys: BTreeMap::new(),
            decisions: BTreeSet::new(),
            carried: BTreeSet::new(),
            entries: 0,
            signatures: 0,
            findings: Vec::new(),
            latest: None,
            seals: Seals::default(),
        }
    }

    /// Checks the next entry. A broken link is reported once: the walk goes on from the entry as it is
    /// stored.
    pub fn entry(&mut self, entry: &LogEntry) {
        self.entries += 1;
        if entry.number != self.previous.number + 1 {
            self.fault(entry.number, LogFault::Gap);
        } else if entry.previous != self.previous.hash {
            self.fault(entry.number, LogFault::BrokenLink);
        }
        if entry.computed_hash() != entry.hash {
            self.fault(entry.number, LogFault::Edited);
        }
        if let Some((person, key)) = entry.recorded_key() {
            self.logged_keys.entry(person).or_default().push(key);
        }
        self.signature(entry);
        self.time(entry);
        self.seal(entry);
        if self.input.anchor.is_some_and(|a| a.number == entry.number && a.hash != entry.hash) {
            self.fault(entry.number, LogFault::Rewritten);
        }
        self.previous = LogHead { number: entry.number, hash: entry.hash };
    }

    /// Notes an entry of this number that cannot even be read: it was changed.
    pub fn unreadable(&mut self, number: i64) {
        self.fault(number, LogFault::Edited);
        self.previous.number = number;
    }

    /// Ends the check after the last entry.
    #[must_use]
    pub fn end(mut self) -> Checked {
        if let Some(anchor) = self.input.anchor.filter(|a| a.number > self.previous.number) {
            self.fault(anchor.number, LogFault::Truncated);
        }
        let Self { previous, entries, signatures, findings, decisions, seals, .. } = self;
        let report = VerifyReport { entries, signatures, head: previous, findings, seals };
        Checked { report, decisions }
    }

    fn fault(&mut self, number: i64, fault: LogFault) {
        self.findings.push(LogFinding { number, fault });
    }

    /// Times go on. After a step back is told once, what follows is held against the new time.
    fn time(&mut self, entry: &LogEntry) {
        let back = self.latest.is_some_and(|latest| entry.at < latest - MOST_BEHIND);
        if back {
            self.fault(entry.number, LogFault::TimeRunsBack);
        }
        if back || self.latest.is_none_or(|latest| latest < entry.at) {
            self.latest = Some(entry.at);
        }
    }

    fn seal(&mut self, entry: &LogEntry) {
        let Some(text) = &entry.seal else { return };
        let seal = Seal::parse(text);
        let follows = seal.as_ref().is_some_and(|seal| self.seals.follow(entry.number, seal));
        if !follows {
            self.fault(entry.number, LogFault::SealWrong);
        }
        if seal.is_some_and(|seal| !seal.broken.is_empty()) {
            self.fault(entry.number, LogFault::SealBroken);
        }
    }

    fn signature(&mut self, entry: &LogEntry) {
        let decision = says_a_decision(&entry.read_detail());
        if decision {
            self.decisions.insert(entry.number);
        }
        let (Some(signer), Some(_)) = (&entry.signer, &entry.signature) else {
            if decision || entry.signer.is_some() {
                self.fault(entry.number, LogFault::Unsigned);
            }
            return;
        };
        if entry.carried().is_some_and(|carried| !self.carried.insert(carried.hash)) {
            self.fault(entry.number, LogFault::CarriedTwice);
        }
        let keys = self.input.keys.get(signer).or_else(|| self.logged_keys.get(signer));
        let fits = keys.map(|keys| keys.iter().any(|key| entry.is_signed_by(key)));
        match fits {
            Some(true) => self.signatures += 1,
            Some(false) => self.fault(entry.number, LogFault::BadSignature),
            None => self.fault(entry.number, LogFault::UnknownSigner),
        }
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer as _, SigningKey};
    use serde_json::json;

    use super::*;
    use crate::{
        decided::Decided,
        entry::{KEY_SET, LogDraft, Signer, key_fields},
    };

    fn ben() -> PersonId {
        PersonId::derive(&["ben"])
    }

    fn key() -> SigningKey {
        SigningKey::from_bytes(&[7; 32])
    }

    fn genesis() -> LogHead {
        LogHead::genesis("wsp_books")
    }

    fn add(log: &mut Vec<LogEntry>, what: &str, subject: &str, fields: &[(&str, serde_json::Value)]) {
        let head = log.last().map_or(genesis(), |e| LogHead { number: e.number, hash: e.hash });
        let (person, key) = (ben(), key());
        let sign = |hash: &[u8; 32]| key.sign(hash).to_bytes();
        let signer = Signer { person: &person, sign: &sign };
        let decides = fields.iter().any(|(name, _)| *name == "action");
        let draft = LogDraft {
            at: "2026-04-10T12:00:00Z".parse().unwrap(),
            actor: "os:test",
            what,
            subject,
            detail: json!({}),
            signer: decides.then(|| signer.clone()),
        };
        let mut entry = LogEntry::after(&head, &draft, fields);
        if decides {
            entry.sign(&signer, Some(&key.verifying_key().to_bytes())).unwrap();
        }
        log.push(entry);
    }

    /// Ben's key, his signed approval, and three entries more.
    fn log() -> Vec<LogEntry> {
        let (mut log, person) = (Vec::new(), ben());
        add(&mut log, KEY_SET, person.as_str(), &key_fields(&key().verifying_key().to_bytes()));
        let decided = Decided {
            subject: "pst_1",
            person: &person,
            action: "approve",
            content_hash: "h",
            in_place_of: None,
        };
        add(&mut log, "approved", "pst_1", &decided.fields());
        for n in 0..3 {
            add(&mut log, "exported", &format!("file {n}"), &[]);
        }
        log
    }

    fn head(log: &[LogEntry]) -> LogHead {
        log.last().map(|e| LogHead { number: e.number, hash: e.hash }).unwrap()
    }

    fn checked(log: &[LogEntry], input: &VerifyInput) -> Checked {
        let mut chain = Chain::new(genesis(), input);
        log.iter().for_each(|entry| chain.entry(entry));
        chain.end()
    }

    #[track_caller]
    fn check(tamper: impl FnOnce(&mut Vec<LogEntry>), want: &[&str]) {
        let mut log = log();
        let input = VerifyInput { anchor: Some(head(&log)), keys: BTreeMap::new() };
        assert_eq!(checked(&log, &input).report.findings, [], "before");
        tamper(&mut log);
        let findings = checked(&log, &input).report.findings;
        let got: Vec<String> = findings.iter().map(|f| format!("{} {}", f.number, f.fault.code())).collect();
        assert_eq!(got, want);
    }

    #[test]
    fn a_whole_log_verifies_and_says_which_entries_decide() {
        let log = log();
        let input = VerifyInput { anchor: Some(head(&log)), keys: BTreeMap::new() };
        let Checked { report, decisions } = checked(&log, &input);
        assert_eq!((report.entries, report.signatures, report.head), (5, 1, head(&log)));
        assert_eq!((report.findings, decisions), (vec![], BTreeSet::from([2])));
    }

    #[test]
    fn a_log_of_another_workspace_does_not_begin_here() {
        let input = VerifyInput::default();
        let mut chain = Chain::new(LogHead::genesis("wsp_other"), &input);
        log().iter().for_each(|entry| chain.entry(entry));
        let findings = chain.end().report.findings;
        assert_eq!(findings, [LogFinding { number: 1, fault: LogFault::BrokenLink }]);
    }

    #[test]
    fn edits_deletions_insertions_and_moves_break_the_chain() {
        check(|log| log[3].detail = "{\"n\":1}".to_owned(), &["4 log_edited"]);
        check(|log| drop(log.remove(3)), &["5 log_gap"]);
        check(|log| log.swap(2, 3), &["4 log_gap", "3 log_gap", "5 log_gap"]);
        check(
            |log| {
                let mut forged = log[3].clone();
                forged.number = 5;
                log.insert(4, forged);
            },
            &["5 log_broken_link", "5 log_edited", "5 log_rewritten", "5 log_gap"],
        );
    }

    /// The log with an entry more that says this much more than the one before it.
    fn later_by(log: &mut Vec<LogEntry>, seconds: i64) {
        let last = log.last().unwrap().clone();
        let head = LogHead { number: last.number, hash: last.hash };
        let mut entry = LogEntry { number: head.number + 1, previous: head.hash, ..last };
        (entry.at, entry.signer, entry.signature) = (entry.at + TimeDelta::seconds(seconds), None, None);
        entry.hash = entry.computed_hash();
        log.push(entry);
    }

    #[test]
    fn times_that_run_back_are_found_where_they_do() {
        let found = |steps: &[i64]| -> Vec<String> {
            let mut log = log();
            steps.iter().for_each(|step| later_by(&mut log, *step));
            let findings = checked(&log, &VerifyInput::default()).report.findings;
            findings.iter().map(|f| format!("{} {}", f.number, f.fault.code())).collect()
        };
        let none: [&str; 0] = [];
        assert_eq!(found(&[0, 60, 0, -60, 120]), none);
        assert_eq!(found(&[-120]), none);
        assert_eq!(found(&[-121]), ["6 log_time_runs_back"]);
        // Step by step, each small enough.
        assert_eq!(found(&[-100, -100, 10]), ["7 log_time_runs_back"]);
        // Told once, not with all that follows; and again where it runs back again.
        assert_eq!(found(&[-86_400, 5, 5]), ["6 log_time_runs_back"]);
        assert_eq!(found(&[86_400, -86_400, 5, -600]), ["7 log_time_runs_back", "9 log_time_runs_back"]);
    }

    #[test]
    fn seals_that_do_not_follow_or_were_broken_are_found() {
        let root = |sets: &std::collections::BTreeMap<String, crate::seal::SealedSet>| {
            crate::seal::root(sets.iter().map(|(table, set)| (table.as_str(), set)))
        };
        let set = crate::seal::SealedSet { rows: 1, hash: "a".to_owned() };
        let sets = std::collections::BTreeMap::from([("person".to_owned(), set)]);
        let good = Seal { root: root(&sets), sets, schema: Some(5), ..Seal::default() };
        let found = |seal: String| -> Vec<String> {
            let mut log = log();
            later_by(&mut log, 0);
            let last = log.pop().unwrap();
            log.push(last.sealed(seal));
            let findings = checked(&log, &VerifyInput::default()).report.findings;
            findings.iter().map(|f| format!("{} {}", f.number, f.fault.code())).collect()
        };
        assert_eq!(found(good.to_text()), Vec::<String>::new());
        assert_eq!(found("{".to_owned()), ["6 log_seal_wrong"]);
        assert_eq!(found(Seal { root: "0".to_owned(), ..good.clone() }.to_text()), ["6 log_seal_wrong"]);
        let broken = Seal { broken: vec!["person".to_owned()], ..good };
        assert_eq!(found(broken.to_text()), ["6 log_seal_broken"]);
    }

    #[test]
    fn a_cut_off_end_is_found_against_the_anchor_only() {
        check(|log| log.truncate(3), &["5 log_truncated"]);
        let mut short = log();
        short.truncate(3);
        assert_eq!(checked(&short, &VerifyInput::default()).report.findings, []);
    }

    #[test]
    fn a_signature_that_is_gone_or_of_another_key_is_found() {
        check(|log| log[1].signature = None, &["2 log_unsigned_decision"]);
        check(|log| log[1].signature = Some(vec![0; 64]), &["2 log_bad_signature"]);
        check(
            |log| {
                log[0].what = "person_added".to_owned();
            },
            &["1 log_edited", "2 log_unknown_signer"],
        );
    }

    #[test]
    fn keys_from_outside_count_instead_of_those_that_the_chain_records() {
        let log = log();
        let input = |seed| {
            let key = SigningKey::from_bytes(&[seed; 32]).verifying_key().to_bytes();
            VerifyInput { anchor: None, keys: BTreeMap::from([(ben(), vec![key])]) }
        };
        assert_eq!(checked(&log, &input(7)).report.findings, []);
        let findings = checked(&log, &input(8)).report.findings;
        assert_eq!(findings, [LogFinding { number: 2, fault: LogFault::BadSignature }]);
    }

    #[test]
    fn an_entry_that_cannot_be_read_was_changed() {
        let (log, input) = (log(), VerifyInput::default());
        let mut chain = Chain::new(genesis(), &input);
        chain.entry(&log[0]);
        chain.unreadable(2);
        log[2..].iter().for_each(|entry| chain.entry(entry));
        let findings = chain.end().report.findings;
        let got: Vec<String> = findings.iter().map(|f| format!("{} {}", f.number, f.fault.code())).collect();
        assert_eq!(got, ["2 log_edited", "3 log_broken_link"]);
    }
}
