//! What an ERP's ledger holds, in one vocabulary.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

pub use crate::entry_kind::{AccountType, EntryKind, EntryName, NameSource};
use crate::{
    AccountCode, Currency, EntityCode,
    calendar::{PeriodKey, PeriodStatus},
    money::weight,
};

/// Whether an ERP entry counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntryStatus {
    /// In the books.
    Booked,
    /// A draft, or waiting for approval in the ERP: not booked.
    Unbooked,
    /// Voided or deleted in the ERP.
    Void,
}

impl EntryStatus {
    /// All of them.
    pub const ALL: [EntryStatus; 3] = [EntryStatus::Booked, EntryStatus::Unbooked, EntryStatus::Void];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            EntryStatus::Booked => "booked",
            EntryStatus::Unbooked => "unbooked",
            EntryStatus::Void => "void",
        }
    }
}

/// One line of an ERP entry. Debits are positive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// The account's number or code, as finance writes it.
    pub account: AccountCode,
    /// Minor units of the entry's transaction currency.
    pub transaction_minor: i64,
    /// Minor units of the entity's functional currency.
    pub functional_minor: i64,
    /// The line's own text.
    pub memo: Option<String>,
}

/// One entry that an ERP holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// The ERP's own id.
    pub erp_id: String,
    /// The number that finance sees.
    pub number: Option<String>,
    /// The external id, where the ERP has such a field: our posting key, or another integration's.
    pub external_id: Option<String>,
    /// The document's reference, as the adapter reads it from the entry.
    pub reference: Option<String>,
    /// The legal entity's code, or the ERP's id of it where the adapter cannot know the code.
    pub entity: EntityRef,
    /// The date under which it is booked.
    pub posting_date: NaiveDate,
    /// The period that the ERP booked it into.
    pub period: PeriodKey,
    /// What it is in the ERP.
    pub kind: EntryKind,
    /// The ERP's own id of the transaction, where this entry is only one entity's part of it: a journal over
    /// several subsidiaries is an entry for each.
    pub part_of: Option<String>,
    /// Whether it counts.
    pub status: EntryStatus,
    /// Transaction currency.
    pub currency: Currency,
    /// Functional currency.
    pub functional_currency: Currency,
    /// Functional per transaction unit, where the ERP says.
    pub rate: Option<Decimal>,
    /// The ERP id of the entry that this one reverses.
    pub reverses: Option<String>,
    /// When the ERP created it.
    pub created_at: Option<DateTime<Utc>>,
    /// When the ERP last changed it.
    pub changed_at: Option<DateTime<Utc>>,
    /// The entry's text.
    pub memo: Option<String>,
    /// Every further name that it carries besides number, external id and reference, in the order of
    /// [`EntryName`], none twice.
    pub names: Vec<EntryName>,
    /// The ERP's id of the customer (or vendor) whom it is about, where it or its receivable line has one.
    pub counterpart: Option<String>,
    /// The lines.
    pub lines: Vec<LedgerLine>,
}

impl LedgerEntry {
    /// Adds a further name, unless it is empty or the entry has it already, from wherever.
    pub fn add_name(&mut self, from: NameSource, name: &str) {
        let name = name.trim();
        let told = [&self.number, &self.external_id, &self.reference];
        let known = told.into_iter().flatten().any(|known| known == name)
            || self.names.iter().any(|known| known.name == name);
        if name.is_empty() || known {
            return;
        }
        let name = EntryName { name: name.to_owned(), from };
        let at = self.names.partition_point(|known| *known < name);
        self.names.insert(at, name);
    }

    /// Every name that it carries: number, external id, reference, and all others.
    pub fn all_names(&self) -> impl Iterator<Item = &str> {
        let told = [&self.number, &self.external_id, &self.reference];
        let told = told.into_iter().flatten().map(String::as_str);
        told.chain(self.names.iter().map(|name| name.name.as_str()))
    }

    /// True where it carries this name: as one of its own, or as a whole token of its text.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.all_names().any(|own| own == name)
            || self.memo.as_deref().is_some_and(|memo| has_token(memo, name))
    }

    /// Net per account in the transaction currency, minor units, accounts of nothing left out. Wide, so that
    /// no sum can leave its range.
    #[must_use]
    pub fn transaction_nets(&self) -> BTreeMap<&AccountCode, i128> {
        nets(self.lines.iter().map(|line| (&line.account, line.transaction_minor)))
    }

    /// Net per account in the functional currency, likewise.
    #[must_use]
    pub fn functional_nets(&self) -> BTreeMap<&AccountCode, i128> {
        nets(self.lines.iter().map(|line| (&line.account, line.functional_minor)))
    }

    /// What it adds to its side's weight ([`crate::money::MOST_HELD`]): its lines, in both currencies.
    #[must_use]
    pub fn weight(&self) -> i128 {
        weight(self.lines.iter().flat_map(|line| [line.transaction_minor, line.functional_minor]))
    }

    /// True where `other` takes back exactly this entry: the same entity and currency, and minus its amounts
    /// account by account in the transaction currency. Functional amounts do not count, since an ERP rounds
    /// each entry for itself; they only do where nothing is moved in the transaction currency.
    #[must_use]
    pub fn is_mirrored_by(&self, other: &LedgerEntry) -> bool {
        let (own, others) = (self.transaction_nets(), other.transaction_nets());
        let mirrored = match own.is_empty() && others.is_empty() {
            true => are_negated(&self.functional_nets(), &other.functional_nets()),
            false => are_negated(&own, &others),
        };
        mirrored && self.entity == other.entity && self.currency == other.currency
    }

    /// On which side of these control accounts the entry stands; `None` where it leaves them as they are.
    #[must_use]
    pub fn side_on(&self, control: &BTreeSet<AccountCode>) -> Option<Side> {
        Side::of(self.lines.iter().map(|line| (&line.account, line.transaction_minor)), control)
    }
}

/// True where a text has this name as a whole token (of several words: as tokens in a row): between white
/// space, but for the punctuation of a sentence around it.
#[must_use]
pub fn has_token(text: &str, name: &str) -> bool {
    let wanted: Vec<&str> = name.split_whitespace().collect();
    if wanted.is_empty() {
        return false;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(wanted.len()).any(|run| {
        run.iter().zip(&wanted).all(|(word, wanted)| word == wanted || word.trim_matches(SENTENCE) == *wanted)
    })
}

/// What may stand around a word in a sentence and is none of it.
const SENTENCE: &[char] = &['.', ',', ';', ':', '!', '?', '(', ')', '[', ']', '{', '}', '"', '\'', '#'];

pub(crate) fn nets<'a>(
    lines: impl Iterator<Item = (&'a AccountCode, i64)>,
) -> BTreeMap<&'a AccountCode, i128> {
    let mut nets: BTreeMap<&AccountCode, i128> = BTreeMap::new();
    for (account, minor) in lines {
        *nets.entry(account).or_default() += i128::from(minor);
    }
    nets.retain(|_, net| *net != 0);
    nets
}

fn are_negated(a: &BTreeMap<&AccountCode, i128>, b: &BTreeMap<&AccountCode, i128>) -> bool {
    a.len() == b.len() && a.iter().all(|(account, net)| b.get(account) == Some(&-net))
}

/// The side of the control account on which an entry stands, and so its role: of an invoice the debit raises
/// and the credit settles, of a credit note the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// It adds to receivables.
    Debit,
    /// It takes from receivables.
    Credit,
}

impl Side {
    pub(crate) fn of<'a>(
        lines: impl Iterator<Item = (&'a AccountCode, i64)>,
        control: &BTreeSet<AccountCode>,
    ) -> Option<Self> {
        let on = lines.filter(|(account, _)| control.contains(*account));
        match on.map(|(_, minor)| i128::from(minor)).sum::<i128>() {
            0 => None,
            net if net > 0 => Some(Side::Debit),
            _ => Some(Side::Credit),
        }
    }
}

/// How a source names a legal entity.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EntityRef {
    /// By the code that finance uses.
    Code(EntityCode),
    /// By the ERP's own id ([`crate::accounts::LegalEntity::erp_id`] maps it).
    ErpId(String),
}

impl EntityRef {
    /// True where this names the entity of this code, whose id in the ERP is `erp_id` where that is known. An
    /// id that cannot be compared is not taken for another entity's.
    #[must_use]
    pub fn is(&self, code: &EntityCode, erp_id: Option<&str>) -> bool {
        match self {
            EntityRef::Code(other) => other == code,
            EntityRef::ErpId(other) => erp_id.is_none_or(|id| id == other),
        }
    }

    /// The text of the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            EntityRef::Code(code) => code.as_str(),
            EntityRef::ErpId(id) => id,
        }
    }
}

/// What an ERP says of one accounting period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodReading {
    /// The ERP's own id of the period.
    pub erp_id: String,
    /// Whose period: `None` where the ERP has one calendar for all entities.
    pub entity: Option<EntityRef>,
    /// Its name in our calendar.
    pub key: PeriodKey,
    /// First day.
    pub starts: NaiveDate,
    /// Last day, included.
    pub ends: NaiveDate,
    /// What may be booked.
    pub status: PeriodStatus,
    /// When it was closed, where the ERP says.
    pub closed_at: Option<DateTime<Utc>>,
}

/// An account of an ERP's chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerAccount {
    /// The ERP's own id.
    pub erp_id: String,
    /// Its number or code, as finance writes it.
    pub code: AccountCode,
    /// Its name without the code.
    pub name: String,
    /// What it is for, where the chart says.
    pub account_type: Option<AccountType>,
}

impl LedgerAccount {
    /// An account by the name that the ERP shows: where that begins with the code, as a display name does,
    /// the code is left out.
    #[must_use]
    pub fn new(erp_id: String, code: AccountCode, shown: &str) -> Self {
        let bare = shown.strip_prefix(code.as_str()).filter(|rest| rest.starts_with([' ', '-', ':', '·']));
        let name = bare.map_or(shown, |rest| rest.trim_start_matches([' ', '-', ':', '·'])).trim();
        Self { erp_id, code, name: name.to_owned(), account_type: None }
    }

    /// The same account with its type.
    #[must_use]
    pub fn of_type(self, account_type: Option<AccountType>) -> Self {
        Self { account_type, ..self }
    }
}

/// A customer that an ERP holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerCustomer {
    /// The ERP's own id.
    pub erp_id: String,
    /// The billing system's id of it, where the ERP keeps one.
    pub external_id: Option<String>,
    /// Name.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_what_stands_in_it_as_a_whole_token() {
        for (text, name, named) in [
            ("INV-1", "INV-1", true),
            ("payment for INV-1, thanks", "INV-1", true),
            ("(INV-1)", "INV-1", true),
            ("paid \"INV-1\".", "INV-1", true),
            ("INV-10", "INV-1", false),
            ("XINV-1", "INV-1", false),
            ("INV-1-A", "INV-1", false),
            ("inv-1", "INV-1", false),
            ("Order No 12 of May", "No 12", true),
            ("Order No 123", "No 12", false),
            ("anything", "", false),
        ] {
            assert_eq!(has_token(text, name), named, "{text} / {name}");
        }
    }
}
