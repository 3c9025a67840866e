//! Proof of the log against what the file holds: its chain and signatures, and the decisions that rest on it.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Row;
use tieout_domain::{PersonId, PostingId};
use tieout_evidence::{Chain, Checked, LogEntry, LogFault, LogFinding, Seals, VerifyInput, VerifyReport};

use crate::{
    db::Db,
    error::{Result, StoreError},
    schema,
    table::{
        decision::{self, Decision},
        log,
        person_key::{self, Keys},
    },
    verify::{self, TableFinding},
};

/// Entries that are checked before the caller is told, and asked whether to go on.
const CHUNK: u64 = 500;

impl Db {
    /// Checks the whole log: numbers, links, contents, signatures, the end that the secrets remember,
    /// and that every stored decision is what its log entry says. Edits, deletions, insertions and
    /// moves break the chain; truncation and a chain made anew are found against the anchor. `more` is told
    /// how many further entries were checked; `None` where it answers that the check is to stop.
    ///
    /// # Errors
    /// A database error. What is wrong with the log is in the report, not an error.
    pub fn verify_log_with(
        &self,
        input: &VerifyInput,
        more: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<VerifyReport>> {
        let mut chain = Chain::new(log::genesis(self)?, input);
        if !walk(self, &mut chain, more)? {
            return Ok(None);
        }
        let Checked { mut report, decisions } = chain.end();
        check_decisions(self, decisions, &mut report.findings)?;
        Ok(Some(report))
    }

    /// Holds every table against what the log sealed of it: `seals` is what [`Db::verify_log_with`] answers,
    /// in the same reading. A row that was added, changed or taken away past Tieout is named where the log
    /// says what it held. `more` is told how many further rows were read; `None` where it answers that the
    /// check is to stop.
    ///
    /// # Errors
    /// A database error. What is wrong with the tables is in the answer, not an error.
    pub fn verify_tables(
        &self,
        seals: &Seals,
        more: &mut dyn FnMut(u64) -> bool,
    ) -> Result<Option<Vec<TableFinding>>> {
        self.at_once(|db| {
            let mut found = schema::strange(db)?;
            Ok(verify::run(db, seals, more)?.map(|of_tables| {
                found.extend(of_tables);
                found
            }))
        })
    }

    /// The decisions on a posting, in order, every one verified against its signed log entry. Asked
    /// before each send, so it looks at these entries only; [`Db::verify_log_with`] walks the whole chain.
    ///
    /// # Errors
    /// `log_bad_signature` when a stored decision is not what its log entry says, or that entry was
    /// altered or is not signed by its person: nothing may rest on it then.
    pub fn verified_decisions(&self, posting: &PostingId) -> Result<Vec<Decision>> {
        let mut all = self.verified_decisions_for_all(std::slice::from_ref(posting))?;
        all.remove(posting).unwrap_or_else(|| Ok(Vec::new()))
    }

    /// As [`Db::verified_decisions`], of several postings in one read, each with its own outcome. Postings on
    /// which nobody decided are left out.
    ///
    /// # Errors
    /// A database error.
    pub fn verified_decisions_for_all(
        &self,
        postings: &[PostingId],
    ) -> Result<BTreeMap<PostingId, Result<Vec<Decision>>>> {
        self.at_once(|db| {
            let all = decision::of_postings(db, postings)?;
            let numbers: Vec<i64> = all.values().flatten().map(|decision| decision.log_number).collect();
            let (entries, keys) = (log::of_numbers(db, &numbers)?, person_key::all(db)?);
            let verified = |(posting, decisions)| (posting, verified(decisions, &entries, &keys));
            Ok(all.into_iter().map(verified).collect())
        })
    }

    /// The keys that people's signatures are checked by: all that each of them ever had here.
    ///
    /// # Errors
    /// A database error.
    pub fn verifying_keys(&self) -> Result<BTreeMap<PersonId, Vec<[u8; 32]>>> {
        let only = |keys: Keys| keys.into_iter().map(|(_, key)| key).collect();
        Ok(person_key::all(self)?.into_iter().map(|(person, keys)| (person, only(keys))).collect())
    }
}

fn verified(
    decisions: Vec<Decision>,
    entries: &BTreeMap<i64, LogEntry>,
    keys: &BTreeMap<PersonId, Keys>,
) -> Result<Vec<Decision>> {
    let proved = |decision: &Decision| {
        // By the key that they had then: one that a restore has ended proves nothing that came after.
        let keys = keys.get(&decision.person);
        let key = keys.and_then(|keys| person_key::at(keys, decision.log_number));
        let proof = entries.get(&decision.log_number).zip(key);
        decision.decided().zip(proof).is_some_and(|(decided, (entry, key))| decided.is_proved_by(entry, key))
    };
    match decisions.iter().find(|decision| !proved(decision)) {
        Some(decision) => Err(StoreError::BadSignature { person: decision.person.to_string() }),
        None => Ok(decisions),
    }
}

/// False where it was told to stop.
fn walk(db: &Db, chain: &mut Chain<'_>, more: &mut dyn FnMut(u64) -> bool) -> Result<bool> {
    let mut statement = db.prepare_cached("SELECT * FROM log ORDER BY number")?;
    let mut rows = statement.query([])?;
    let mut told = 0;
    while let Some(row) = rows.next()? {
        match log::read(row) {
            Ok(entry) => chain.entry(&entry),
            Err(_) => chain.unreadable(row.get("number")?),
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

/// Every stored decision is what its entry says, and every entry's decision is stored.
fn check_decisions(db: &Db, mut said: BTreeSet<i64>, findings: &mut Vec<LogFinding>) -> Result<()> {
    let mut statement = db.prepare_cached(
        "SELECT d.*, l.subject, l.detail, l.signer FROM decision d LEFT JOIN log l ON l.number = d.log_number
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
    findings.extend(said.into_iter().map(|number| LogFinding { number, fault: LogFault::DecisionDiffers }));
    Ok(())
}

/// True when the log entry says exactly the decision of this row.
fn says_so(row: &Row<'_>) -> rusqlite::Result<bool> {
    let stored = decision::read(row)?;
    let (subject, detail): (Option<String>, Option<String>) = (row.get("subject")?, row.get("detail")?);
    let signer: Option<String> = row.get("signer")?;
    let entry = subject.zip(detail);
    Ok(stored
        .decided()
        .zip(entry)
        .is_some_and(|(d, (subject, detail))| d.is_said(&subject, &detail, signer.as_deref())))
}
