//! What commands answer, as it crosses to the CLI and the window: flat, with money as minor units *and* as
//! a decimal string with its currency. Nobody parses meaning out of a text.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_domain::calendar::{PeriodStatus, Subledger};

use crate::base::closed;

/// One line of an entry, as it would be or was booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LineView {
    /// The account.
    pub account: String,
    /// What the ERP calls it, where its chart was read.
    pub name: Option<String>,
    /// The ERP's id of the account, under which it is sent.
    pub account_erp_id: Option<String>,
    /// Debit in the transaction currency, major units; empty for a credit.
    pub debit: String,
    /// Credit in the transaction currency, major units; empty for a debit.
    pub credit: String,
    /// The transaction currency.
    pub currency: String,
    /// Debit-positive minor units in the transaction currency.
    #[ts(skip)]
    pub transaction_minor: i64,
    /// Debit-positive minor units in the functional currency.
    #[ts(skip)]
    pub functional_minor: i64,
    /// The line's text.
    pub memo: String,
}

/// The customer that an entry names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CustomerView {
    /// The ERP's id; `None` where the ERP is not known to have the customer: it is made there first.
    pub erp_id: Option<String>,
    /// Billing's id, under which it is made.
    pub external_id: Option<String>,
    /// Its name, under which it is made or as it is known.
    pub name: Option<String>,
}

/// What a period takes, as far as receivables are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum PeriodState {
    /// Everything.
    Open,
    /// What an exception lets in and a controller approves.
    SoftClosed,
    /// Entries of receivables, while other books are locked.
    OthersLocked,
    /// No entry of receivables.
    Locked,
    /// Nothing.
    Closed,
    /// The ERP did not say yet.
    NotKnown,
}

impl PeriodState {
    /// Of a period that was read, or not.
    pub(crate) fn of(status: Option<PeriodStatus>) -> Self {
        match status {
            None => PeriodState::NotKnown,
            Some(PeriodStatus::Open) => PeriodState::Open,
            Some(PeriodStatus::SoftClosed) => PeriodState::SoftClosed,
            Some(PeriodStatus::Closed) => PeriodState::Closed,
            Some(locked) if locked.accepts(Subledger::Ar) => PeriodState::OthersLocked,
            Some(PeriodStatus::Locked { .. }) => PeriodState::Locked,
        }
    }
}

/// One step of a posting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct StepView {
    /// Position, from 1.
    pub number: u32,
    /// The key under which the ERP holds it.
    pub key: String,
    /// The ERP's id of the entry that it undoes.
    pub reverses: Option<String>,
    /// The legal entity.
    pub entity: String,
    /// The ERP's id of the entity's company, in which it is booked.
    pub entity_erp_id: Option<String>,
    /// The customer that it names; `None` where it names nobody.
    pub customer: Option<CustomerView>,
    /// What the connection's options add to what is sent, by the option's name.
    pub options: BTreeMap<String, String>,
    /// The document's own date.
    pub document_date: String,
    /// The date under which it is booked.
    pub posting_date: String,
    /// The period into which it is booked.
    pub period: String,
    /// What is known of that period.
    #[ts(skip)]
    pub period_status: String,
    /// What it takes.
    pub period_state: PeriodState,
    /// The ERP's id of what it booked, once read back.
    pub erp_id: Option<String>,
    /// The entry.
    pub lines: Vec<LineView>,
    /// All debits in `currency`, major units.
    pub debit_total: String,
    /// All credits in `currency`, major units.
    pub credit_total: String,
    /// The entity's functional currency, in which the totals are.
    pub currency: String,
}

/// The three periods of a document, labelled alike on every screen. Names of periods (`2026-10`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PeriodsView {
    /// The document's own period: the one that holds its date. `None` where there is no document.
    pub own: Option<String>,
    /// Where it belongs for the tie-out: its own, or the first that was open when it arrived.
    pub belongs: Option<String>,
    /// What it posts, or would post, into.
    pub posts_into: Option<String>,
    /// In a sentence, where it does not go into its own period: of a late item with the rule and its policy.
    pub says: Option<String>,
    /// The name of the rule for late items that took it.
    pub routed_by: Option<String>,
    /// What that rule says.
    pub rule_says: Option<String>,
    /// What became of it, of a late item; `None` of others, and where the policy has no rules for them.
    pub late: Option<LateState>,
}

/// What the rules for late items made of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LateState {
    /// A rule sends it where it goes.
    Routed,
    /// It waits for a person, or for its own period to be opened again.
    Held,
    /// It was held, and a person put it where it goes.
    Placed,
}

/// A posting: what will happen or happened, and who decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PostingView {
    /// Its id.
    pub id: String,
    /// The exception that it settles.
    pub exception: String,
    /// The document's reference.
    pub reference: String,
    /// proposed, queued, sending, in_doubt, booked, handed_over, settled, refused, dead_letter, rejected or
    /// cancelled.
    #[ts(as = "closed::PostingState")]
    pub state: String,
    /// The ERP connection's name.
    pub connection: String,
    /// manual, policy, reroute, reversal or correction.
    pub origin: String,
    /// Content version.
    pub version: u32,
    /// What decisions are bound to.
    pub content_hash: String,
    /// Who prepared it.
    pub preparer: Option<String>,
    /// Who approved this content.
    pub approved_by: Vec<String>,
    /// Whether the policy let it go, which asked for nobody's approval.
    pub released_by_policy: bool,
    /// The rule of the policy that did, in its own words.
    pub released_by_rule: Option<String>,
    /// Approvals that the policy asks for: none, one or two.
    pub approvals_needed: String,
    /// Why, in a person's words.
    pub reason: Option<String>,
    /// The control amount, minor units.
    #[ts(skip)]
    pub amount_minor: i64,
    /// The same in major units.
    pub amount: String,
    /// The transaction currency.
    pub currency: String,
    /// Why it stands still, where it failed: the ERP's own words.
    pub failure: Option<String>,
    /// The code of that failure.
    pub failure_code: Option<String>,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
    /// Its document's own period, where it belongs, and what it posts into.
    pub periods: PeriodsView,
    /// The steps.
    pub steps: Vec<StepView>,
}

/// What became of one of several things that a command was asked to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Outcome {
    /// The id as given.
    pub id: String,
    /// done or refused.
    #[ts(type = "\"done\" | \"refused\"")]
    pub result: String,
    /// The state after it, or the code of the refusal.
    pub code: String,
    /// In words; a refusal's may begin with the reference.
    #[ts(skip)]
    pub message: String,
    /// The same without the reference; absent where there is no more to say than that it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub said: Option<String>,
    /// How people name the document.
    pub reference: Option<String>,
    /// The posting concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub posting: Option<String>,
    /// The rule that refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub rule: Option<String>,
    /// Who could do it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub who_could: Vec<String>,
    /// What would be sent, for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub preview: Option<Preview>,
}

/// What a dry run shows: the exact entry, its place, the checks, and what the ERP already holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Preview {
    /// The steps, as they would be sent.
    pub steps: Vec<StepView>,
    /// The document's own period, where it belongs, and what this posts into.
    pub periods: PeriodsView,
    /// Each check with its result.
    pub checks: Vec<CheckView>,
    /// What the ERP already holds for the reference or the keys.
    pub already_held: Vec<HeldView>,
    /// When the ERP was asked; `None` if it was not.
    pub looked_up_at: Option<DateTime<Utc>>,
}

/// One check of a dry run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CheckView {
    /// What was checked.
    pub check: String,
    /// True when it stands in nobody's way.
    pub passed: bool,
    /// What was found.
    pub found: String,
}

/// An entry that the ERP already holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct HeldView {
    /// The ERP's id.
    pub erp_id: String,
    /// Its number there.
    pub number: Option<String>,
    /// Its external id.
    pub external_id: Option<String>,
    /// booked, unbooked, void, or removed (the ERP has it no more).
    #[ts(as = "closed::EntryStatus")]
    pub status: String,
    /// The legal entity.
    pub entity: String,
    /// The date under which it is booked.
    pub posting_date: String,
    /// The period.
    pub period: String,
    /// The reference of the document that it settles under that name, rather than books.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub settles: Option<String>,
    /// When it was last known to be there, where it is there no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub last_seen_at: Option<DateTime<Utc>>,
    /// When a read showed that it is there no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub removed_at: Option<DateTime<Utc>>,
}
