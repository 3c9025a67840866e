//! Statements of banks: taken whole, each line once, and asked for beside the ledger.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Row, params};
use tieout_domain::{Currency, bank::BankStatement};
use tieout_evidence::LogDraft;

use crate::{
    db::{Db, Tx},
    error::Result,
    sql::{date, text},
    table::{
        bank::{self, BankPlace, Source, StoredBankAccount, StoredBankLine, StoredBankStatement},
        log,
        payout_receipt::{self, StoredReceipt},
    },
};

/// A file of statements to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBankFile {
    /// Its name.
    pub file: String,
    /// SHA-256 (hex) of its bytes.
    pub sha256: String,
    /// What it is.
    pub format: String,
    /// Who imported it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Its statements, each with whose account it is.
    pub statements: Vec<(BankStatement, BankPlace)>,
}

/// What became of one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BankCame {
    /// Lines that were not there before.
    pub new: u64,
    /// Where it does not begin with what the statement before it closed with: that balance, minor units, and
    /// its day. Something between them is missing.
    pub gap: Option<(i64, NaiveDate)>,
}

/// An entry of the ledger on a bank's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankEntry {
    /// How people find it in the ledger.
    pub number: String,
    /// Its date of posting.
    pub posted_on: NaiveDate,
    /// What it puts on the account, minor units, debit-positive.
    pub minor: i64,
    /// Its words.
    pub memo: String,
    /// What names it.
    pub names: Vec<String>,
    /// The payout that it books, by its reference.
    pub payout: Option<String>,
}

impl Db {
    /// The bank accounts of which statements are kept, by entity and account.
    ///
    /// # Errors
    /// A database error.
    pub fn bank_accounts(&self) -> Result<Vec<StoredBankAccount>> {
        bank::accounts(self)
    }

    /// The bank account of this number and currency, if statements of it are kept.
    ///
    /// # Errors
    /// A database error.
    pub fn bank_account(&self, number: &str, currency: Currency) -> Result<Option<StoredBankAccount>> {
        bank::find(self, number, currency)
    }

    /// True where a file of these bytes was taken before.
    ///
    /// # Errors
    /// A database error.
    pub fn bank_file_known(&self, sha256: &str) -> Result<bool> {
        bank::is_known(self, sha256)
    }

    /// The statements of an account, the oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn bank_statements(&self, of: &StoredBankAccount) -> Result<Vec<StoredBankStatement>> {
        bank::statements(self, of.seq)
    }

    /// The lines of an account, the oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn bank_lines(&self, of: &StoredBankAccount) -> Result<Vec<StoredBankLine>> {
        bank::lines(self, of.seq)
    }

    /// What the statements say of the payouts of an account's entity in its currency, as last detected.
    ///
    /// # Errors
    /// A database error.
    pub fn payout_receipts(&self, of: &StoredBankAccount) -> Result<Vec<StoredReceipt>> {
        payout_receipt::of(self, of.place.entity.as_str(), of.currency.code())
    }

    /// What the ledger has booked on an account in the account's currency, up to a day, the oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn bank_entries(&self, of: &StoredBankAccount, through: NaiveDate) -> Result<Vec<BankEntry>> {
        let mut list = self.prepare_cached(
            "SELECT coalesce(e.number, e.erp_id) AS number, e.posting_date, coalesce(e.memo, '') AS memo,
                 e.external_id, e.said_reference, e.reference, (
                     SELECT min(d.reference) FROM document d JOIN expectation x ON x.document_seq = d.seq
                     WHERE d.reference = e.reference AND d.kind = 'payout' AND x.entity = e.entity) AS payout,
                 sum(l.transaction_minor) AS minor
             FROM entry e JOIN entry_line l ON l.entry_seq = e.seq
             WHERE e.status = 'booked' AND e.entity = ?1 AND l.account = ?2 AND e.currency = ?3
                 AND e.posting_date <= ?4
             GROUP BY e.seq, e.number, e.erp_id, e.posting_date, e.memo, e.external_id, e.said_reference,
                 e.reference, e.entity
             HAVING sum(l.transaction_minor) <> 0 ORDER BY e.posting_date, e.seq",
        )?;
        let values =
            params![of.place.entity.as_str(), of.place.account.as_str(), of.currency.code(), date(through)];
        Ok(list.query_map(values, entry)?.collect::<rusqlite::Result<_>>()?)
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<BankEntry> {
    let number: String = row.get("number")?;
    let said: [Option<String>; 3] =
        [row.get("external_id")?, row.get("said_reference")?, row.get("reference")?];
    let mut names: Vec<String> = said.into_iter().flatten().collect();
    names.push(number.clone());
    Ok(BankEntry {
        number,
        posted_on: text(row, "posting_date")?,
        minor: row.get("minor")?,
        memo: row.get("memo")?,
        names,
        payout: row.get("payout")?,
    })
}

impl Tx<'_> {
    /// Keeps a file of statements: each line once, however many statements show it. What is said of payouts
    /// is worked out by the next detection.
    ///
    /// # Errors
    /// A database error; nothing is kept then.
    pub fn import_bank(&self, file: &NewBankFile, draft: &LogDraft<'_>) -> Result<Vec<BankCame>> {
        self.whole(|tx| {
            let came = file.statements.iter().map(|(said, place)| keep(tx, file, said, place));
            let came: Vec<BankCame> = came.collect::<Result<_>>()?;
            log::append(tx, draft)?;
            Ok(came)
        })
    }
}

fn keep(tx: &Tx<'_>, file: &NewBankFile, said: &BankStatement, place: &BankPlace) -> Result<BankCame> {
    let account = bank::put_account(tx, (&said.account, said.currency), place, (&file.by, file.at))?;
    let before = bank::statements(tx, account)?;
    let known = match goes_on(&before, said) {
        true => Vec::new(),
        false => bank::lines(tx, account)?,
    };
    let new = bank::new_lines(&known, &said.lines);
    // One that repeats lines begins within what is there.
    let repeats = new.len() < said.lines.len();
    let gap = gap(&before, said).filter(|_| !repeats);
    let joins = gap.is_none() && !before.is_empty();
    let NewBankFile { file, sha256, format, by, at, .. } = file;
    bank::put(tx, account, said, (&new, joins), &Source { file, sha256, format, by, at: *at })?;
    // What was said of payouts is to be worked out anew.
    tx.execute("DELETE FROM payout_receipt", [])?;
    Ok(BankCame { new: new.len() as u64, gap })
}

/// True where a statement begins where the last one ended, so that it repeats nothing.
fn goes_on(before: &[StoredBankStatement], said: &BankStatement) -> bool {
    let Some(last) = before.iter().max_by_key(|one| one.to) else { return true };
    let again = |one: &StoredBankStatement| {
        one.id == said.id
            && one.opening_minor == said.opening_minor
            && one.closing_minor == said.closing_minor
    };
    let ends: Vec<&StoredBankStatement> = before.iter().filter(|one| one.to == last.to).collect();
    last.to <= said.from
        && !before.iter().any(again)
        && ends.iter().any(|one| one.closing_minor == said.opening_minor)
}

/// What the statement before this one closed with, where this one opens otherwise. One that overlaps with
/// another opens somewhere within it.
fn gap(before: &[StoredBankStatement], said: &BankStatement) -> Option<(i64, NaiveDate)> {
    if before.iter().any(|one| one.from <= said.from && said.from < one.to) {
        return None;
    }
    let earlier: Vec<&StoredBankStatement> = before.iter().filter(|one| one.to <= said.from).collect();
    let day = earlier.iter().map(|one| one.to).max()?;
    let ends: BTreeSet<i64> = earlier
        .iter()
        .filter(|one| one.to == day)
        .flat_map(|one| [one.opening_minor, one.closing_minor])
        .collect();
    if ends.contains(&said.opening_minor) {
        return None;
    }
    let last = earlier.iter().rev().find(|one| one.to == day)?;
    Some((last.closing_minor, last.to))
}
