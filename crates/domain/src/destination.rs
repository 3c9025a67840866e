//! Where a step goes, resolved into the ERP's own ids when it is prepared: part of what is approved, so that
//! nothing is looked up in a mapping any more when it is sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AccountCode, entry::JournalEntry, hash::ContentHasher};

/// The customer that an entry names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Customer {
    /// The ERP has it, under this id.
    Known {
        /// The ERP's id.
        erp_id: String,
    },
    /// The ERP is not known to have it: it is made first, under exactly these.
    New {
        /// The billing system's id, kept as the ERP's external id.
        external_id: String,
        /// Its name.
        name: String,
    },
}

/// The ERP's ids of everything that a step's entry names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The ERP's id of the legal entity.
    pub entity_erp_id: String,
    /// The ERP's id of each account of the entry.
    pub accounts: BTreeMap<AccountCode, String>,
    /// The customer on the receivable line; `None`: the entry names none.
    pub customer: Option<Customer>,
    /// What the connection's options add to what is sent (the journal, whether it is approved there), by the
    /// option's name.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// A destination that does not belong to its entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DestinationError {
    /// An account without an id.
    #[error("the ERP's id of account {0} was not found when this was prepared: prepare it again")]
    NoAccount(AccountCode),
    /// The entry names one customer and the destination another.
    #[error("the entry names another customer than its destination: prepare it again")]
    OtherCustomer,
}

impl DestinationError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            DestinationError::NoAccount(_) => "destination_no_account",
            DestinationError::OtherCustomer => "destination_other_customer",
        }
    }
}

impl Destination {
    /// Checks that this covers everything that the entry names.
    ///
    /// # Errors
    /// [`DestinationError`], the first that holds in the order of its variants.
    pub fn covers(&self, entry: &JournalEntry) -> Result<(), DestinationError> {
        let without = entry.lines().iter().find(|line| !self.accounts.contains_key(&line.account));
        if let Some(line) = without {
            return Err(DestinationError::NoAccount(line.account.clone()));
        }
        let known = match &self.customer {
            Some(Customer::Known { erp_id }) => Some(erp_id.as_str()),
            Some(Customer::New { .. }) | None => None,
        };
        if entry.customer() != known {
            return Err(DestinationError::OtherCustomer);
        }
        Ok(())
    }

    /// Feeds all of it into a content hash.
    pub fn hash_into(&self, h: &mut ContentHasher) {
        h.text(&self.entity_erp_id);
        h.number(i64::try_from(self.accounts.len()).unwrap_or(i64::MAX));
        for (account, erp_id) in &self.accounts {
            h.text(account.as_str()).text(erp_id);
        }
        match &self.customer {
            None => h.number(0),
            Some(Customer::Known { erp_id }) => h.number(1).text(erp_id),
            Some(Customer::New { external_id, name }) => h.number(2).text(external_id).text(name),
        };
        h.number(i64::try_from(self.options.len()).unwrap_or(i64::MAX));
        for (name, value) in &self.options {
            h.text(name).text(value);
        }
    }
}
