//! Documents that the ledger books together: a nightly job's summary journal of a day or a month.

use serde::{Deserialize, Serialize};

use crate::{EntityCode, document::DocumentKind};

/// What one batch covers of the documents' own dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchSpan {
    /// One day.
    Day,
    /// One calendar month.
    Month,
}

impl BatchSpan {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            BatchSpan::Day => "day",
            BatchSpan::Month => "month",
        }
    }
}

fn invoices() -> Vec<DocumentKind> {
    vec![DocumentKind::Invoice, DocumentKind::CreditNote]
}

/// A `[[batch]]` of the mapping: which documents the ledger books together, per entity and currency, and by
/// what its entries are known. A document that an entry names is none of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchRule {
    /// What people call it (`daily invoices`); no two have one name.
    pub name: String,
    /// The billing connection whose documents they are, by its name.
    pub connection: String,
    /// Which kinds of documents; invoices and credit notes where nothing is said.
    #[serde(default = "invoices")]
    pub kinds: Vec<DocumentKind>,
    /// What one batch covers.
    pub by: BatchSpan,
    /// The only entity that books so; every one where nothing is said.
    #[serde(default)]
    pub entity: Option<EntityCode>,
    /// With what the entry's reference, number or text begins; anything where nothing is said.
    #[serde(default)]
    pub begins_with: Option<String>,
}
