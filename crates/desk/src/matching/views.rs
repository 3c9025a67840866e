//! Matches and what nothing ties, as they are shown.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_store::{UnmatchedDocument, UnmatchedEntry};

use crate::{
    access::{action::ActionView, actor::ActorView},
    base::{closed, labels::decimal_text},
};

/// An entry that names no document, by what it holds on one account on which documents are compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct UnmatchedEntryView {
    /// Its id.
    pub id: String,
    /// Its number in the ERP.
    pub number: String,
    /// The name of the ERP's connection.
    pub connection: String,
    /// What it is in the ERP.
    pub kind: String,
    /// The reference that it bears, which is no document's.
    pub reference: Option<String>,
    /// Its text.
    pub memo: Option<String>,
    /// Whom it is about, as the ERP calls them.
    pub counterpart: Option<String>,
    /// The entity.
    pub entity: String,
    /// The account.
    pub account: String,
    /// What it holds there, debit positive, major units.
    pub amount: String,
    /// The transaction currency.
    pub currency: String,
    /// Its posting date.
    pub date: String,
}

/// A document that should be booked and of which the ledger holds nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct UnmatchedDocumentView {
    /// Its id.
    pub id: String,
    /// How people name it.
    pub reference: String,
    /// The name of its billing connection.
    pub connection: String,
    /// What it is.
    #[ts(as = "closed::DocumentKind")]
    pub kind: String,
    /// Its customer.
    pub customer: Option<String>,
    /// The entity.
    pub entity: String,
    /// The account on which it is compared.
    pub account: String,
    /// What it expects there, debit positive, major units.
    pub amount: String,
    /// The transaction currency.
    pub currency: String,
    /// Its date.
    pub date: String,
}

/// Entries and documents that could be one, or that people said are, or are not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct MatchView {
    /// Its id, by which it is confirmed, rejected or undone. With another amount it is another match.
    pub id: String,
    /// suggested, proposed (one of two has confirmed it), confirmed, rejected or undone.
    #[ts(as = "closed::MatchState")]
    pub state: String,
    /// By what it was found.
    #[ts(as = "closed::MatchRule")]
    pub rule: String,
    /// How much speaks for it, out of a hundred; 0 for what people decided on.
    pub points: u32,
    /// What speaks for it, each reason in words.
    pub reasons: Vec<String>,
    /// What people said of it last.
    pub reason: String,
    /// The entity.
    pub entity: String,
    /// The transaction currency.
    pub currency: String,
    /// The account on which most of it stands.
    pub account: String,
    /// Its entries.
    pub entries: Vec<UnmatchedEntryView>,
    /// Its documents.
    pub documents: Vec<UnmatchedDocumentView>,
    /// What its documents come to on the account, debit positive, major units.
    pub documents_sum: String,
    /// What its entries hold there.
    pub entries_sum: String,
    /// What the entries hold beyond the documents.
    pub difference: String,
    /// Why a second person must confirm it too, in words; none where one is enough.
    pub second: Option<String>,
    /// Who confirmed it so far.
    pub confirmed_by: Vec<ActorView>,
    /// Who changed it last; none of a suggestion.
    pub changed_by: Option<ActorView>,
    /// When; none of a suggestion.
    pub changed_at: Option<DateTime<Utc>>,
    /// What may be done with it now.
    pub actions: Vec<ActionView>,
}

/// Both sides of what nothing ties, and what could be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct MatchListView {
    /// How many entries name no document.
    #[ts(type = "number")]
    pub entries_total: u64,
    /// Those of the window, the largest first.
    pub entries: Vec<UnmatchedEntryView>,
    /// How many documents no entry books.
    #[ts(type = "number")]
    pub documents_total: u64,
    /// Those of the window, the largest first.
    pub documents: Vec<UnmatchedDocumentView>,
    /// What could belong together, the best first, and before it what waits for a second person.
    pub suggestions: Vec<MatchView>,
    /// What people decided, the last first.
    pub decided: Vec<MatchView>,
}

/// An entry as it is listed.
pub(crate) fn entry_view(entry: &UnmatchedEntry) -> UnmatchedEntryView {
    UnmatchedEntryView {
        id: entry.id.to_string(),
        number: entry.number.clone(),
        connection: entry.connection.clone(),
        kind: entry.kind.clone(),
        reference: entry.reference.clone(),
        memo: entry.memo.clone(),
        counterpart: entry.counterpart.clone(),
        entity: entry.entity.clone(),
        account: entry.account.clone(),
        amount: decimal_text(entry.minor, entry.currency.code()),
        currency: entry.currency.code().to_owned(),
        date: entry.day.to_string(),
    }
}

/// A document as it is listed.
pub(crate) fn document_view(document: &UnmatchedDocument) -> UnmatchedDocumentView {
    UnmatchedDocumentView {
        id: document.id.to_string(),
        reference: document.reference.clone(),
        connection: document.connection.clone(),
        kind: document.kind.as_str().to_owned(),
        customer: document.customer.clone(),
        entity: document.entity.clone(),
        account: document.account.clone(),
        amount: decimal_text(document.minor, document.currency.code()),
        currency: document.currency.code().to_owned(),
        date: document.day.to_string(),
    }
}
