//! What a set of entries and documents comes to: whether it can be one match at all, and how far both sides
//! are apart.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::params;
use tieout_domain::{Currency, DocumentId, EntryId, MatchId};

use super::pool::{self, UnmatchedDocument, UnmatchedEntry};
use crate::{
    db::Db,
    error::{Result, StoreError},
};

/// Entries and documents as one match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchFacts {
    /// Its id: of exactly these with exactly these amounts.
    pub id: MatchId,
    /// The entity, by its code.
    pub entity: String,
    /// The transaction currency.
    pub currency: Currency,
    /// The account on which most of it stands.
    pub account: String,
    /// What the documents expect there, debit-positive minor units.
    pub documents_minor: i64,
    /// What the entries hold there.
    pub entries_minor: i64,
    /// The largest difference on any account on which the documents are compared, without its sign.
    pub apart_minor: i64,
    /// How many customers the documents are of.
    pub customers: usize,
    /// The entries, each once, with what they hold on that account.
    pub entries: Vec<UnmatchedEntry>,
    /// The documents.
    pub documents: Vec<UnmatchedDocument>,
}

fn unfit(words: impl Into<String>) -> StoreError {
    StoreError::MatchUnfit { words: words.into() }
}

/// What these entries and documents come to together. `free`: none of them may be in a match that counts or
/// waits for a second person.
///
/// # Errors
/// `match_unfit` where one of them is matched, booked or gone meanwhile, or they are of two entities or
/// currencies.
pub(crate) fn facts(
    db: &Db,
    entries: &[EntryId],
    documents: &[DocumentId],
    free: bool,
) -> Result<MatchFacts> {
    let found = pool::documents_of(db, documents, free)?;
    if found.len() != documents.len() || documents.is_empty() {
        return Err(unfit(
            "one of the documents is booked, matched or being posted by now, or is none: look again",
        ));
    }
    let held = pool::entries_of(db, entries, free)?;
    let ids: BTreeSet<&str> = held.iter().map(|entry| entry.id.as_str()).collect();
    if ids.len() != entries.len() || entries.is_empty() {
        return Err(unfit(
            "one of the entries names a document or is matched by now, or is none: look again",
        ));
    }
    let (entity, currency) = (found[0].entity.clone(), found[0].currency);
    let places =
        held.iter().map(|e| (&e.entity, e.currency)).chain(found.iter().map(|d| (&d.entity, d.currency)));
    for (other, unit) in places {
        if *other != entity || unit != currency {
            return Err(unfit(format!(
                "a match is of one entity and one currency; these are of {entity} {} and of {other} {}",
                currency.code(),
                unit.code()
            )));
        }
    }
    let accounts: BTreeSet<&str> = found.iter().map(|document| document.account.as_str()).collect();
    let (expected, booked) = (expected(db, &found)?, booked(db, &held)?);
    let of = |sums: &BTreeMap<String, i64>, account: &str| sums.get(account).copied().unwrap_or(0);
    let mut sums: Vec<(&str, i64, i64)> =
        accounts.iter().map(|account| (*account, of(&expected, account), of(&booked, account))).collect();
    sums.sort_by_key(|(account, minor, _)| (std::cmp::Reverse(minor.unsigned_abs()), *account));
    let Some(&(account, documents_minor, entries_minor)) = sums.first() else {
        return Err(unfit("there is nothing to be matched"));
    };
    let apart = sums.iter().map(|(_, expected, booked)| i128::from(*expected) - i128::from(*booked));
    let apart = apart.map(i128::abs).max().unwrap_or_default();
    let account = account.to_owned();
    Ok(MatchFacts {
        id: identity(&held, &found),
        apart_minor: i64::try_from(apart).map_err(|_| unfit("the amounts are too large to be compared"))?,
        customers: found.iter().filter_map(|one| one.customer.as_deref()).collect::<BTreeSet<_>>().len(),
        entries: once(held, &account),
        documents: found,
        entity,
        currency,
        account,
        documents_minor,
        entries_minor,
    })
}

/// Each entry once: by the account on which most of the match stands, where it holds something there.
fn once(held: Vec<UnmatchedEntry>, account: &str) -> Vec<UnmatchedEntry> {
    let mut each: BTreeMap<i64, UnmatchedEntry> = BTreeMap::new();
    for entry in held {
        if entry.account == account || !each.contains_key(&entry.seq) {
            each.insert(entry.seq, entry);
        }
    }
    each.into_values().collect()
}

/// The id of exactly these entries and documents with their amounts, however they are ordered.
fn identity(entries: &[UnmatchedEntry], documents: &[UnmatchedDocument]) -> MatchId {
    let mut parts: Vec<String> =
        entries.iter().map(|e| format!("{} {} {} {}", e.id, e.account, e.minor, e.day)).collect();
    parts.extend(documents.iter().map(|d| format!("{} {} {} {}", d.id, d.account, d.minor, d.day)));
    parts.sort();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    MatchId::derive(&parts)
}

fn expected(db: &Db, documents: &[UnmatchedDocument]) -> Result<BTreeMap<String, i64>> {
    let sql = "SELECT account, amount_minor FROM expected_line WHERE document_seq = ?1";
    added(db, sql, documents.iter().map(|one| one.seq))
}

fn booked(db: &Db, entries: &[UnmatchedEntry]) -> Result<BTreeMap<String, i64>> {
    let sql = "SELECT account, transaction_minor FROM entry_line WHERE entry_seq = ?1";
    let seqs: BTreeSet<i64> = entries.iter().map(|one| one.seq).collect();
    added(db, sql, seqs.into_iter())
}

fn added(db: &Db, sql: &str, of: impl Iterator<Item = i64>) -> Result<BTreeMap<String, i64>> {
    let mut sums: BTreeMap<String, i64> = BTreeMap::new();
    let mut statement = db.prepare_cached(sql)?;
    for seq in of {
        let mut rows = statement.query(params![seq])?;
        while let Some(row) = rows.next()? {
            let sum = sums.entry(row.get(0)?).or_default();
            let minor: i64 = row.get(1)?;
            *sum = sum.checked_add(minor).ok_or_else(|| unfit("the amounts are too large to be added up"))?;
        }
    }
    Ok(sums)
}
