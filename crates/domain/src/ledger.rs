//! What an ERP's ledger holds, in one vocabulary.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

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
    /// The lines.
    pub lines: Vec<LedgerLine>,
}

impl LedgerEntry {
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
}

impl LedgerAccount {
    /// An account by the name that the ERP shows: where that begins with the code, as a display name does,
    /// the code is left out.
    #[must_use]
    pub fn new(erp_id: String, code: AccountCode, shown: &str) -> Self {
        let bare = shown.strip_prefix(code.as_str()).filter(|rest| rest.starts_with([' ', '-', ':', '·']));
        let name = bare.map_or(shown, |rest| rest.trim_start_matches([' ', '-', ':', '·'])).trim();
        Self { erp_id, code, name: name.to_owned() }
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
