//! Suggestions: for every entry that nothing explains, what it could book.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use rusqlite::params;
use tieout_domain::{Currency, DocumentId, EntryId, MatchId, document::DocumentKind, naming::AliasRule};

use super::{
    facts::{MatchFacts, facts},
    groups::{self, Groups},
    pool::{self, UnmatchedDocument, UnmatchedEntry},
    score::{Grounds, days_apart, names_customer, says_alias, tokens},
};
use crate::{
    db::Db,
    error::Result,
    sql::{Where, date},
    table::matching::{self, MatchRule, MatchState},
};

/// What is suggested, and how far it may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SuggestQuery {
    /// Of this entity.
    pub entity: Option<String>,
    /// In this currency.
    pub currency: Option<Currency>,
    /// By how many days an entry may be away from its document.
    pub window_days: u32,
    /// How many minor units both sides may be apart, by entity and transaction currency; nothing for others.
    pub tolerance: BTreeMap<(String, Currency), i64>,
    /// What texts call customers besides the names that billing has.
    pub aliases: Vec<AliasRule>,
    /// At most so many suggestions.
    pub limit: usize,
}

/// Entries and documents that could be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// By what it was found.
    pub rule: MatchRule,
    /// How much speaks for it, out of a hundred.
    pub points: u32,
    /// What speaks for it, in words.
    pub reasons: Vec<String>,
    /// What both sides come to.
    pub facts: MatchFacts,
}

/// So many entries are looked at, the largest amounts first. A ledger in which more are unexplained wants a
/// rule, not suggestions.
const LOOKED_AT: u32 = 1_000;
/// So many documents of one amount are weighed against each other.
const OF_ONE_AMOUNT: u32 = 6;
/// So many suggestions are made for one entry.
const FOR_ONE_ENTRY: usize = 3;

/// What could be, before it is looked at closely.
struct Candidate {
    rule: MatchRule,
    grounds: Grounds,
    entry: EntryId,
    documents: Vec<DocumentId>,
}

struct Finder<'q> {
    db: &'q Db,
    query: &'q SuggestQuery,
    groups: Groups,
}

/// Suggestions, the best first.
pub(crate) fn suggestions(db: &Db, query: &SuggestQuery) -> Result<Vec<Suggestion>> {
    let mut wanted = Where::default();
    if let Some(entity) = &query.entity {
        wanted.and("u.entity = ?", entity.clone());
    }
    if let Some(currency) = &query.currency {
        wanted.and("u.currency = ?", currency.code().to_owned());
    }
    let entries = pool::entries(db, &wanted, 0, LOOKED_AT)?;
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    let finder = Finder { db, query, groups: groups::all(db)? };
    let mut seen: BTreeSet<MatchId> = BTreeSet::new();
    let mut found = Vec::new();
    for entry in &entries {
        let mut candidates = finder.candidates(entry)?;
        candidates.sort_by_key(|one| std::cmp::Reverse(one.grounds.points));
        candidates.truncate(FOR_ONE_ENTRY);
        for candidate in candidates {
            let entries = [candidate.entry.clone()];
            let facts = facts(db, &entries, &candidate.documents, true)?;
            if seen.insert(facts.id.clone()) && !is_rejected(db, &facts.id)? {
                let Grounds { points, reasons } = candidate.grounds;
                found.push(Suggestion { rule: candidate.rule, points, reasons, facts });
            }
        }
    }
    found.sort_by_key(|one| {
        (std::cmp::Reverse((one.points, one.facts.entries_minor.unsigned_abs())), one.facts.id.clone())
    });
    found.truncate(query.limit);
    Ok(found)
}

fn is_rejected(db: &Db, id: &MatchId) -> Result<bool> {
    Ok(matching::find(db, id)?.is_some_and(|stored| stored.state == MatchState::Rejected))
}

impl Finder<'_> {
    fn tolerance(&self, entry: &UnmatchedEntry) -> i64 {
        let place = (entry.entity.clone(), entry.currency);
        self.query.tolerance.get(&place).copied().unwrap_or(0).max(0)
    }

    /// The days in which the document of an entry may lie.
    fn window(&self, entry: &UnmatchedEntry) -> (NaiveDate, NaiveDate) {
        let days = Days::new(u64::from(self.query.window_days));
        let (day, most) = (entry.day, entry.day);
        (day.checked_sub_days(days).unwrap_or(day), most.checked_add_days(days).unwrap_or(most))
    }

    fn candidates(&self, entry: &UnmatchedEntry) -> Result<Vec<Candidate>> {
        let words = pool::words_of(self.db, entry)?;
        let mut found = Vec::new();
        found.extend(self.named(entry, &words)?);
        found.extend(self.of_one_amount(entry, &words)?);
        found.extend(self.of_a_group(entry, &words)?);
        Ok(found)
    }

    /// Documents that the entry's text names.
    fn named(&self, entry: &UnmatchedEntry, words: &str) -> Result<Option<Candidate>> {
        let mut documents: Vec<UnmatchedDocument> = Vec::new();
        for token in tokens(words) {
            for column in ["d.reference = ?", "d.external_id = ?"] {
                let mut wanted = Where::default();
                wanted.and(column, token.clone());
                wanted.and("u.entity = ?", entry.entity.clone());
                wanted.and("u.currency = ?", entry.currency.code().to_owned());
                wanted.and("u.account = ?", entry.account.clone());
                for one in pool::documents(self.db, &wanted, "u.day", (0, 3))? {
                    if documents.iter().all(|known| known.id != one.id) {
                        documents.push(one);
                    }
                }
            }
        }
        if documents.is_empty() {
            return Ok(None);
        }
        let sum: i128 = documents.iter().map(|one| i128::from(one.minor)).sum();
        let apart = (sum - i128::from(entry.minor)).abs();
        let names: Vec<&str> = documents.iter().map(|one| one.reference.as_str()).collect();
        let mut grounds = Grounds::default();
        if apart <= i128::from(self.tolerance(entry)) {
            grounds.add(70, format!("its text names {}", listed(&names)));
            grounds.add(20, same_or_near(apart == 0));
            let (points, said) = days_apart(documents[0].day, entry.day);
            grounds.add(points, said);
        } else {
            grounds.add(45, format!("its text names {}", listed(&names)));
            grounds.add(0, "the amounts differ");
        }
        let documents = documents.into_iter().map(|one| one.id).collect();
        Ok(Some(Candidate { rule: MatchRule::Name, grounds, entry: entry.id.clone(), documents }))
    }

    /// Single documents of the entry's amount.
    fn of_one_amount(&self, entry: &UnmatchedEntry, words: &str) -> Result<Vec<Candidate>> {
        let tolerance = self.tolerance(entry);
        let mut documents = self.open_within(entry, 0)?;
        if tolerance > 0 {
            // What agrees to the minor unit first, however many are near.
            let near = self.open_within(entry, tolerance)?;
            let further = near.into_iter().filter(|one| one.minor != entry.minor);
            documents.extend(further.take(OF_ONE_AMOUNT as usize - documents.len()));
        }
        let rivals = self.of_this_amount(entry, tolerance)?;
        let alone = documents.len() == 1 && rivals == 1;
        let mut found = Vec::new();
        for one in &documents {
            let mut grounds = Grounds::default();
            grounds
                .add(if one.minor == entry.minor { 35 } else { 25 }, same_or_near(one.minor == entry.minor));
            let (points, said) = days_apart(one.day, entry.day);
            grounds.add(points, said);
            if let Some(said) = self.says_whom(words, one) {
                grounds.add(30, said);
            }
            if one.kind == DocumentKind::Payout {
                grounds.add(10, format!("the processor paid this out as {}", one.reference));
            }
            if alone {
                grounds.add(15, "nothing else open has this amount");
            } else if documents.len() > 1 {
                grounds.add(0, format!("{} open documents have this amount", documents.len()));
            }
            let documents = vec![one.id.clone()];
            let rule = match one.kind {
                DocumentKind::Payout => MatchRule::Payout,
                _ => MatchRule::Amount,
            };
            found.push(Candidate { rule, grounds, entry: entry.id.clone(), documents });
        }
        Ok(found)
    }

    /// How a text names the customer of a document, in words.
    fn says_whom(&self, words: &str, one: &UnmatchedDocument) -> Option<String> {
        let customer = one.customer.as_ref()?;
        if names_customer(words, customer) {
            return Some(format!("its text names {customer}"));
        }
        let theirs = |rule: &&AliasRule| {
            rule.connection == one.connection && Some(&rule.customer) == one.customer_id.as_ref()
        };
        let mut rules = self.query.aliases.iter().filter(theirs);
        let said = rules.find(|rule| says_alias(words, &rule.called))?;
        Some(format!("its text says {}, which is {customer} by a rule of the mapping", said.called))
    }

    /// Open documents of the days about an entry that expect what it holds, or are so far from it.
    fn open_within(&self, entry: &UnmatchedEntry, tolerance: i64) -> Result<Vec<UnmatchedDocument>> {
        let (from, to) = self.window(entry);
        let mut wanted = Where::default();
        wanted.and("u.entity = ?", entry.entity.clone());
        wanted.and("u.currency = ?", entry.currency.code().to_owned());
        wanted.and("u.account = ?", entry.account.clone());
        wanted.and("u.minor >= ?", entry.minor.saturating_sub(tolerance));
        wanted.and("u.minor <= ?", entry.minor.saturating_add(tolerance));
        wanted.and("u.day >= ?", date(from));
        wanted.and("u.day <= ?", date(to));
        pool::documents(self.db, &wanted, "u.day", (0, OF_ONE_AMOUNT))
    }

    /// How many unexplained entries hold this, or are so far from it.
    fn of_this_amount(&self, entry: &UnmatchedEntry, tolerance: i64) -> Result<i64> {
        let mut statement = self.db.prepare_cached(
            "SELECT count(*) FROM unmatched_entry
             WHERE entity = ?1 AND currency = ?2 AND account = ?3 AND minor BETWEEN ?4 AND ?5",
        )?;
        let (least, most) = (entry.minor.saturating_sub(tolerance), entry.minor.saturating_add(tolerance));
        let values = params![entry.entity, entry.currency.code(), entry.account, least, most];
        Ok(statement.query_row(values, |row| row.get(0))?)
    }

    /// Documents of one customer, day or payout that come to the entry's amount together.
    fn of_a_group(&self, entry: &UnmatchedEntry, words: &str) -> Result<Vec<Candidate>> {
        let place = (entry.entity.clone(), entry.currency, entry.account.clone());
        let Some(groups) = self.groups.get(&place) else { return Ok(Vec::new()) };
        let tolerance = self.tolerance(entry);
        let sums = entry.minor.saturating_sub(tolerance)..=entry.minor.saturating_add(tolerance);
        let (from, to) = self.window(entry);
        let mut found = Vec::new();
        for (sum, groups) in groups.range(sums) {
            for group in groups {
                let members = groups::members(self.db, group, entry)?;
                let all: i128 = members.iter().map(|one| i128::from(one.minor)).sum();
                let near = |one: &UnmatchedDocument| one.day >= from && one.day <= to;
                if members.len() < 2 || all != i128::from(*sum) || !members.iter().any(near) {
                    continue;
                }
                let whom = members.first().and_then(|one| self.says_whom(words, one));
                let grounds = of_group(group, &members, entry, whom);
                let documents = members.into_iter().map(|one| one.id).collect();
                found.push(Candidate { rule: group.rule, grounds, entry: entry.id.clone(), documents });
            }
        }
        Ok(found)
    }
}

/// How two amounts are to each other that are the same, or within the tolerance.
fn same_or_near(same: bool) -> &'static str {
    if same { "same amount" } else { "amount within the tolerance" }
}

/// What speaks for it that an entry books a whole group.
fn of_group(
    group: &groups::Group,
    members: &[UnmatchedDocument],
    entry: &UnmatchedEntry,
    whom: Option<String>,
) -> Grounds {
    let count = members.len();
    let sum: i128 = members.iter().map(|one| i128::from(one.minor)).sum();
    let (less, come) = match sum == i128::from(entry.minor) {
        true => (0, "come to exactly this"),
        false => (10, "come to this within the tolerance"),
    };
    let mut grounds = Grounds::default();
    match group.rule {
        MatchRule::Customer => {
            let called = &group.called;
            grounds.add(45 - less, format!("the {count} open documents of {called} {come}"));
            if let Some(said) = whom {
                grounds.add(30, said);
            }
        }
        MatchRule::Payout => {
            let called = &group.called;
            grounds.add(75 - less, format!("the {count} documents of payout {called} {come}"));
        }
        _ => grounds.add(45 - less, format!("the {count} documents of {} {come}", group.called)),
    }
    let last = members.iter().map(|one| one.day).max().unwrap_or(entry.day);
    let (points, said) = days_apart(last, entry.day);
    grounds.add(points, said);
    grounds
}

/// A few names in words.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [few @ .., last] if names.len() <= 4 => format!("{} and {last}", few.join(", ")),
        [one, two, ..] => format!("{one}, {two} and {} more", names.len() - 2),
    }
}
