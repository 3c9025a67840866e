//! Rules about entries that no document explains: that they are none of this billing's business, or what
//! explains them. Their sums are lines of the tie-out; they are no exceptions.

use serde::{Deserialize, Serialize};

use super::range::AccountRange;
use crate::{EntityCode, ledger::EntryKind};

/// Entries that meet all of these conditions. The first rule that an entry meets counts, *not ours* before
/// what explains; one that names a document is never asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryRule {
    /// What it is called in the tie-out: unique among all rules.
    pub name: String,
    /// Under what it is explained, in the house's own word; only of a rule that explains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Only entries that came by this connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// Only entries of this entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<EntityCode>,
    /// Only entries of these kinds: journal, payment, deposit …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<EntryKind>,
    /// Only entries whose reference, number or text begins with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins_with: Option<String>,
    /// Only entries of these customers, by the ERP's id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub customers: Vec<String>,
    /// Only entries with a line on one of these accounts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountRange>,
}

impl EntryRule {
    /// True where it says nothing of the entries but whose they are: it would take everything.
    #[must_use]
    pub fn takes_everything(&self) -> bool {
        self.kinds.is_empty()
            && self.begins_with.as_deref().is_none_or(str::is_empty)
            && self.customers.is_empty()
            && self.accounts.is_empty()
    }
}
