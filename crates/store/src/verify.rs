//! Proof of the log: its chain, its signatures, its end, and the decisions that rest on it.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Row;
use serde_json::Value;
use tieout_domain::PersonId;

use crate::{
    error::Result,
    store::Store,
    table::{
        decision,
        log::{self, LogEntry, LogHead},
    },
};

/// Entries that are checked before the caller is told, and asked whether to go on.
const CHUNK: u64 = 500;

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

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFault {
    /// Entries before this one are gone, or one was put in between: the numbers do not follow each
    /// other.
    Gap,
    /// It does not name the hash of the entry before it: one was deleted, inserted or moved.
    BrokenLink,
    /// Its content is not what its hash says: it was edited.
    Edited,
    /// Its signature does not fit the signer's key.
    BadSignature,
    /// Its signer has no recorded key.
    UnknownSigner,
    /// It says that somebody decided, but nobody signed it.
    Unsigned,
    /// The log ends before the entry that the secrets remember: its end was cut off.
    Truncated,
    /// The entry that the secrets remember has another hash: the chain was made anew.
    Rewritten,
    /// A decision is stored that its log entry does not say, or the entry says one that is not stored.
    DecisionDiffers,
}

impl LogFault {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            LogFault::Gap => "log_gap",
            LogFault::BrokenLink => "log_broken_link",
            LogFault::Edited => "log_edited",
            LogFault::BadSignature => "log_bad_signature",
            LogFault::UnknownSigner => "log_unknown_signer",
            LogFault::Unsigned => "log_unsigned_decision",
            LogFault::Truncated => "log_truncated",
            LogFault::Rewritten => "log_rewritten",
            LogFault::DecisionDiffers => "log_decision_differs",
        }
    }

    /// In words.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            LogFault::Gap => "the entries before it are missing, or it was put in between",
            LogFault::BrokenLink => {
                "it does not follow the entry before it: one was deleted, inserted or moved"
            }
            LogFault::Edited => "its content is not what its hash says",
            LogFault::BadSignature => "its signature does not fit the signer's key",
            LogFault::UnknownSigner => "its signer has no recorded key",
            LogFault::Unsigned => "it reports a decision that nobody signed",
            LogFault::Truncated => "the log ends before it, though the secrets remember it",
            LogFault::Rewritten => "it has another hash than the secrets remember: the chain was made anew",
            LogFault::DecisionDiffers => "the stored decisions are not those that it says",
        }
    }
}

/// One fault and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogFinding {
    /// The entry's number.
    pub number: i64,
    /// What is wrong.
    pub fault: LogFault,
}

/// What a check of the log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// Entries read.
    pub entries: u64,
    /// Signatures that fit.
    pub signatures: u64,
    /// The end of the log, to be kept as the next anchor when there are no findings.
    pub head: LogHead,
    /// Everything that is wrong, in order. Empty: the log is whole.
    pub findings: Vec<LogFinding>,
}

/// The walk along the chain.
struct Walk<'i> {
    input: &'i VerifyInput,
    previous: LogHead,
    logged_keys: BTreeMap<PersonId, Vec<[u8; 32]>>,
    /// Numbers of the entries that report a decision.
    decisions: BTreeSet<i64>,
    report: VerifyReport,
}

impl Walk<'_> {
    fn fault(&mut self, number: i64, fault: LogFault) {
        self.report.findings.push(LogFinding { number, fault });
    }

    /// Checks one entry. A broken link is reported once: the walk goes on from the entry as it is
    /// stored.
    fn entry(&mut self, entry: &LogEntry) {
        self.report.entries += 1;
        if entry.number != self.previous.number + 1 {
            self.fault(entry.number, LogFault::Gap);
        } else if entry.previous != self.previous.hash {
            self.fault(entry.number, LogFault::BrokenLink);
        }
        if entry.computed_hash() != entry.hash {
            self.fault(entry.number, LogFault::Edited);
        }
        let detail: Value = serde_json::from_str(&entry.detail).unwrap_or(Value::Null);
        self.note_key(entry, &detail);
        self.signature(entry, &detail);
        if self.input.anchor.is_some_and(|a| a.number == entry.number && a.hash != entry.hash) {
            self.fault(entry.number, LogFault::Rewritten);
        }
        self.previous = LogHead { number: entry.number, hash: entry.hash };
    }

    fn note_key(&mut self, entry: &LogEntry, detail: &Value) {
        if entry.what != log::KEY_SET {
            return;
        }
        let bytes = detail.get("verifying_key").and_then(Value::as_str).and_then(|k| hex::decode(k).ok());
        let key: Option<[u8; 32]> = bytes.and_then(|b| b.try_into().ok());
        if let (Some(key), Ok(person)) = (key, entry.subject.parse::<PersonId>()) {
            self.logged_keys.entry(person).or_default().push(key);
        }
    }

    fn signature(&mut self, entry: &LogEntry, detail: &Value) {
        // The store marks every decision in the entry's detail; those are always signed.
        let decision = detail.get("action").is_some() && detail.get("person").is_some();
        if decision {
            self.decisions.insert(entry.number);
        }
        let (Some(signer), Some(signature)) = (&entry.signer, &entry.signature) else {
            if decision || entry.signer.is_some() {
                self.fault(entry.number, LogFault::Unsigned);
            }
            return;
        };
        let keys = self.input.keys.get(signer).or_else(|| self.logged_keys.get(signer));
        let fits = keys.map(|keys| keys.iter().any(|key| log::signature_fits(key, &entry.hash, signature)));
        match fits {
            Some(true) => self.report.signatures += 1,
            Some(false) => self.fault(entry.number, LogFault::BadSignature),
            None => self.fault(entry.number, LogFault::UnknownSigner),
        }
    }
}

impl Store {
    /// Checks the whole log: numbers, links, contents, signatures, the end that the secrets remember,
    /// and that every stored decision is what its log entry says. Edits, deletions, insertions and
    /// moves break the chain; truncation and a chain made anew are found against the anchor.
    ///
    /// # Errors
    /// A database error. What is wrong with the log is in the report, not an error.
    pub fn verify_log(&self, input: &VerifyInput) -> Result<VerifyReport> {
        let mut walk = self.walk(input)?;
        self.read_log(&mut walk, &mut |_| true)?;
        self.ended(walk)
    }

    /// As [`Store::verify_log`], telling `more` how many further entries were checked; `None` where it
    /// answers that the check is to stop.
    ///
    /// # Errors
    /// As [`Store::verify_log`].
    pub fn verify_log_with(
        &self,
        input: &VerifyInput,
        more: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<VerifyReport>> {
        let mut walk = self.walk(input)?;
        match self.read_log(&mut walk, more)? {
            true => self.ended(walk).map(Some),
            false => Ok(None),
        }
    }

    fn walk<'i>(&self, input: &'i VerifyInput) -> Result<Walk<'i>> {
        let previous = LogHead { number: 0, hash: log::genesis(&self.connection)? };
        let report = VerifyReport { entries: 0, signatures: 0, head: previous, findings: Vec::new() };
        Ok(Walk { input, previous, logged_keys: BTreeMap::new(), decisions: BTreeSet::new(), report })
    }

    /// False where it was told to stop.
    fn read_log(&self, walk: &mut Walk<'_>, more: &mut dyn FnMut(u64) -> bool) -> Result<bool> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM log ORDER BY number")?;
        let mut rows = statement.query([])?;
        let mut told = 0;
        while let Some(row) = rows.next()? {
            match log::read(row) {
                Ok(entry) => walk.entry(&entry),
                // What cannot even be read was changed.
                Err(_) => {
                    let number = row.get("number")?;
                    walk.fault(number, LogFault::Edited);
                    walk.previous.number = number;
                }
            }
            told += 1;
            if told == CHUNK {
                told = 0;
                if !more(CHUNK) {
                    return Ok(false);
                }
            }
        }
        Ok(more(told))
    }

    fn ended(&self, mut walk: Walk<'_>) -> Result<VerifyReport> {
        walk.report.head = walk.previous;
        if let Some(anchor) = walk.input.anchor.filter(|a| a.number > walk.previous.number) {
            walk.fault(anchor.number, LogFault::Truncated);
        }
        let Walk { mut report, decisions, .. } = walk;
        self.check_decisions(decisions, &mut report.findings)?;
        Ok(report)
    }

    /// Every stored decision is what its entry says, and every entry's decision is stored.
    fn check_decisions(&self, mut said: BTreeSet<i64>, findings: &mut Vec<LogFinding>) -> Result<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT d.*, l.subject, l.detail, l.signer FROM decision d LEFT JOIN log l ON l.number =
              d.log_number
             ORDER BY d.seq",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let number = row.get("log_number")?;
            said.remove(&number);
            if !says_so(row).unwrap_or(false) {
                findings.push(LogFinding { number, fault: LogFault::DecisionDiffers });
            }
        }
        findings
            .extend(said.into_iter().map(|number| LogFinding { number, fault: LogFault::DecisionDiffers }));
        Ok(())
    }

    /// The keys that people's signatures are checked by, as the roster has them now.
    ///
    /// # Errors
    /// A database error.
    pub fn verifying_keys(&self) -> Result<BTreeMap<PersonId, Vec<[u8; 32]>>> {
        let people = self.people()?;
        Ok(people.into_iter().filter_map(|p| p.verifying_key.map(|key| (p.id, vec![key]))).collect())
    }
}

/// True when the log entry says exactly this decision.
fn says_so(row: &Row<'_>) -> rusqlite::Result<bool> {
    let stored = decision::read(row)?;
    let (subject, detail): (Option<String>, Option<String>) = (row.get("subject")?, row.get("detail")?);
    let signer: Option<String> = row.get("signer")?;
    let detail: Value = detail.and_then(|d| serde_json::from_str(&d).ok()).unwrap_or(Value::Null);
    let field = |name: &str| detail.get(name).and_then(Value::as_str);
    let id = stored.posting.map(|p| p.to_string()).or(stored.change.map(|c| c.to_string()));
    Ok(subject == id
        && field("action") == Some(&stored.action)
        && field("content_hash") == Some(&stored.content_hash)
        && field("person") == Some(stored.person.as_str())
        && signer.as_deref() == Some(stored.person.as_str()))
}
