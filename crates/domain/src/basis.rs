//! What a posting rests on, noted when it is prepared, and how that may move before it is sent.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    AccountCode, ChangeId, DocumentId,
    calendar::PeriodKey,
    hash::ContentHasher,
    ledger::{EntryStatus, LedgerEntry},
    step::PostingStep,
};

/// What a posting rests on. Part of its content: who approves it approves it on this basis.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The document; `None` for an orphan entry.
    pub document: Option<DocumentBasis>,
    /// The mapping by which it was resolved.
    pub mapping: Option<ChangeId>,
    /// The policy that said who approves it.
    pub policy: Option<ChangeId>,
    /// The entries that its steps undo.
    pub reversed: Vec<ReversedEntry>,
    /// The entries that stay, of a posting that only undoes: without them nothing of the document would be
    /// left in the ledger; and of one that books a difference: all that the difference was worked out of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<KeptEntry>,
    /// Of a late item, the rule that sent it where it goes or held it for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing: Option<Routing>,
    /// Of a posting that books what one document differs by in entries that book many: what these are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Within>,
}

/// The entries that book a document together with others, as they were: a batch of the mapping's rules, or a
/// match that people confirmed. The entries themselves are among those that are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Within {
    /// The batch's name.
    pub name: String,
    /// What its entries book more than its documents expect, by account; minor units, debit positive.
    pub difference: BTreeMap<AccountCode, i64>,
    /// The texts under which its entries stand in the ledger, as far as they tell one batch from another:
    /// what else is booked under one of them later may be of the batch.
    pub names: Vec<String>,
}

impl Within {
    fn hash_into(&self, h: &mut ContentHasher) {
        h.text("within").text(&self.name);
        h.number(i64::try_from(self.difference.len()).unwrap_or(i64::MAX));
        for (account, minor) in &self.difference {
            h.text(account.as_str()).number(*minor);
        }
        h.number(i64::try_from(self.names.len()).unwrap_or(i64::MAX));
        self.names.iter().for_each(|name| _ = h.text(name));
    }
}

/// By which rule of the workspace's policy a late item goes where it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routing {
    /// The rule's name; `None` where no rule took it: a person put it there.
    pub rule: Option<String>,
    /// What the rule says, in the words of who wrote it.
    pub says: String,
    /// Which policy of this workspace, counted from 1.
    pub version: u32,
    /// True where the rule, or none, held it, and a person put it where it goes.
    pub held: bool,
    /// The period of the document's own date.
    pub own: PeriodKey,
    /// How that period stood then: `AR closed 7 Aug`.
    pub own_was: String,
    /// The period that it goes into.
    pub into: PeriodKey,
    /// Billing's id of the customer, whose limit it counts in.
    pub customer: Option<String>,
    /// What it counts in limits: its gross amount in the entity's functional currency, minor units.
    pub gross_minor: i64,
}

impl Routing {
    /// Feeds all of it into a content hash.
    fn hash_into(&self, h: &mut ContentHasher) {
        h.text("routing").optional(self.rule.as_deref()).text(&self.says);
        h.number(i64::from(self.version)).number(i64::from(self.held));
        h.text(self.own.as_str()).text(&self.own_was).text(self.into.as_str());
        h.optional(self.customer.as_deref()).number(self.gross_minor);
    }
}

/// The document as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentBasis {
    /// Which.
    pub id: DocumentId,
    /// Its version: one text over all facts that an entry is made of (content, fee, dispute).
    pub version: String,
}

/// An entry to be reversed, as it was. Its amounts are those of the step that undoes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversedEntry {
    /// The ERP's id.
    pub erp_id: String,
    /// The date under which it is booked.
    pub posting_date: NaiveDate,
    /// The period into which it is booked.
    pub period: PeriodKey,
    /// When the ERP last changed it, where it says. Evidence only: a changed text is no other entry.
    pub changed_at: Option<DateTime<Utc>>,
}

/// An entry that stays while others of its document are undone, as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptEntry {
    /// The ERP's id.
    pub erp_id: String,
    /// Hash over its date, period, currency and amounts.
    pub content: String,
}

impl KeptEntry {
    /// The entry as the ledger has it.
    #[must_use]
    pub fn of(entry: &LedgerEntry) -> Self {
        let mut h = ContentHasher::new("kept-entry/1");
        h.text(&entry.posting_date.to_string()).text(entry.period.as_str()).text(entry.currency.code());
        let nets = entry.transaction_nets();
        h.number(i64::try_from(nets.len()).unwrap_or(i64::MAX));
        for (account, net) in nets {
            h.text(account.as_str()).text(&net.to_string());
        }
        Self { erp_id: entry.erp_id.clone(), content: h.finish_hex() }
    }

    /// Why it does not stay as it was, in words; `None` where it does. `stands` says whether an entry is
    /// booked and nothing has undone it.
    #[must_use]
    pub fn lost(&self, now: Option<&LedgerEntry>, stands: impl Fn(&str) -> bool) -> Option<String> {
        let id = &self.erp_id;
        let Some(now) = now else { return Some(format!("entry {id}, which was to stay, is gone")) };
        if !stands(id) {
            return Some(format!("entry {id}, which was to stay, does not stand any more"));
        }
        (Self::of(now) != *self).then(|| format!("entry {id}, which was to stay, was changed"))
    }
}

impl ReversedEntry {
    /// The entry as the ledger has it.
    #[must_use]
    pub fn of(entry: &LedgerEntry) -> Self {
        Self {
            erp_id: entry.erp_id.clone(),
            posting_date: entry.posting_date,
            period: entry.period.clone(),
            changed_at: entry.changed_at,
        }
    }

    /// How the entry differs now from the one that `step` was made to undo, in words; empty where it does
    /// not. Functional amounts may differ by one minor unit a line, since the ERP rounds each by itself.
    #[must_use]
    pub fn differences(&self, step: &PostingStep, now: &LedgerEntry) -> Vec<String> {
        let mut found = Vec::new();
        let mut differ = |what: &str, was: &str, is: &str| {
            if was != is {
                found.push(format!("{what} was {was} and is {is}"));
            }
        };
        let undo = &step.entry;
        if !now.entity.is(undo.entity(), step.entity_erp_id()) {
            differ("its entity", undo.entity().as_str(), now.entity.as_str());
        }
        differ("its date", &self.posting_date.to_string(), &now.posting_date.to_string());
        differ("its period", self.period.as_str(), now.period.as_str());
        differ("its status", EntryStatus::Booked.as_str(), now.status.as_str());
        differ("its currency", undo.currency().code(), now.currency.code());
        let undone = undo.transaction_nets();
        if let Some(undone) = &undone {
            found.extend(other_amounts(undone, &now.transaction_nets(), |_| 0));
        }
        if found.is_empty() {
            let lines = |account: &AccountCode| {
                now.lines.iter().filter(|line| line.account == *account).count().max(1) as i128
            };
            found.extend(other_amounts(&undo.functional_nets(), &now.functional_nets(), lines));
        }
        found
    }
}

/// Accounts on which what is there is not what `undo` takes back, by more than `tolerance`.
fn other_amounts(
    undo: &BTreeMap<&AccountCode, i128>,
    now: &BTreeMap<&AccountCode, i128>,
    tolerance: impl Fn(&AccountCode) -> i128,
) -> Vec<String> {
    let mut accounts: Vec<&AccountCode> = undo.keys().chain(now.keys()).copied().collect();
    accounts.sort();
    accounts.dedup();
    let net = |nets: &BTreeMap<&AccountCode, i128>, account: &AccountCode| {
        nets.get(account).copied().unwrap_or_default()
    };
    accounts
        .into_iter()
        .filter_map(|account| {
            let (was, is) = (-net(undo, account), net(now, account));
            let off = (was - is).abs() > tolerance(account);
            off.then(|| format!("account {account} held {was} and holds {is} (minor units)"))
        })
        .collect()
}

impl Basis {
    /// The entry of this id as it was.
    #[must_use]
    pub fn reversed(&self, erp_id: &str) -> Option<&ReversedEntry> {
        self.reversed.iter().find(|entry| entry.erp_id == erp_id)
    }

    /// Feeds all of it into a content hash.
    pub fn hash_into(&self, h: &mut ContentHasher) {
        h.optional(self.document.as_ref().map(|d| d.id.as_str()));
        h.optional(self.document.as_ref().map(|d| d.version.as_str()));
        h.optional(self.mapping.as_ref().map(ChangeId::as_str));
        h.optional(self.policy.as_ref().map(ChangeId::as_str));
        h.number(i64::try_from(self.reversed.len()).unwrap_or(i64::MAX));
        for entry in &self.reversed {
            h.text(&entry.erp_id).text(&entry.posting_date.to_string()).text(entry.period.as_str());
            h.optional(entry.changed_at.map(|at| at.to_rfc3339()).as_deref());
        }
        // Only where there are some: a basis of before had none, and keeps its hash.
        if !self.kept.is_empty() {
            h.text("kept").number(i64::try_from(self.kept.len()).unwrap_or(i64::MAX));
            for entry in &self.kept {
                h.text(&entry.erp_id).text(&entry.content);
            }
        }
        if let Some(routing) = &self.routing {
            routing.hash_into(h);
        }
        if let Some(within) = &self.within {
            within.hash_into(h);
        }
    }
}

/// What has moved under a posting since it was prepared: its approvals are void, and it goes back to its
/// preparer. Only what changes what is sent, or who may approve it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasisMove {
    /// It was prepared by a version of Tieout that did not keep where it goes.
    EarlierVersion,
    /// The document was voided, deleted or is a draft again in billing.
    DocumentGone {
        /// What became of it.
        words: String,
    },
    /// The document has changed in billing.
    DocumentChanged {
        /// What was, what is.
        words: String,
    },
    /// By the mapping in force, something else would be sent.
    Mapping {
        /// What was, what is.
        words: String,
    },
    /// By the policy in force, other people approve it.
    Policy {
        /// What was, what is.
        words: String,
    },
    /// Of a late item: the rule that sent it where it was to go does not send it there any more.
    Late {
        /// What was, what is.
        words: String,
    },
    /// The ledger is not any more as it was when this was prepared.
    Ledger {
        /// What was, what is.
        words: String,
    },
}

impl BasisMove {
    /// The stable code, for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            BasisMove::EarlierVersion => "earlier_version",
            BasisMove::DocumentGone { .. } => "document_gone",
            BasisMove::DocumentChanged { .. } => "document_changed",
            BasisMove::Mapping { .. } => "mapping_changed",
            BasisMove::Policy { .. } => "policy_changed",
            BasisMove::Late { .. } => "late_rule",
            BasisMove::Ledger { .. } => "ledger_changed",
        }
    }
}

impl fmt::Display for BasisMove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BasisMove::EarlierVersion => f.write_str(
                "it was prepared by an earlier version of Tieout, which did not keep where it goes",
            ),
            BasisMove::DocumentGone { words } => write!(f, "the document is no longer to be booked: {words}"),
            BasisMove::DocumentChanged { words } => write!(f, "the document has changed in billing: {words}"),
            BasisMove::Mapping { words } => write!(f, "the mapping in force books it otherwise: {words}"),
            BasisMove::Policy { words } => write!(f, "the policy in force has others approve it: {words}"),
            BasisMove::Late { words } => write!(f, "its late rule sends it there no longer: {words}"),
            BasisMove::Ledger { words } => write!(f, "the ledger has changed: {words}"),
        }
    }
}

/// The basis no longer holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("not sent, back to its preparer: {}", words(.moves))]
pub struct BasisMoved {
    /// What has moved, at least one thing.
    pub moves: Vec<BasisMove>,
}

impl BasisMoved {
    /// One thing has moved.
    #[must_use]
    pub fn by(what: BasisMove) -> Self {
        Self { moves: vec![what] }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        "basis_moved"
    }
}

fn words(moves: &[BasisMove]) -> String {
    moves.iter().map(BasisMove::to_string).collect::<Vec<_>>().join("; ")
}
