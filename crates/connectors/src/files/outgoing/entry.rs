//! An entry as it is to be written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use tieout_domain::{AccountCode, Currency, EntityCode, key::PostingKey, posting::PostingStep};

/// A step that is written, with what its form may want to call things by.
#[derive(Clone, Debug)]
pub struct OutgoingEntry<'a> {
    /// What was approved.
    pub step: &'a PostingStep,
    /// The reference of its document.
    pub reference: &'a str,
    /// The customer's name, where there is one.
    pub customer: Option<&'a str>,
    /// What the mapping calls the legal entity.
    pub entity_name: &'a str,
    /// The names of its accounts, as far as the chart has any.
    pub account_names: &'a BTreeMap<AccountCode, String>,
}

impl OutgoingEntry<'_> {
    pub(super) fn key(&self) -> &PostingKey {
        &self.step.key
    }

    pub(super) fn entity(&self) -> &EntityCode {
        self.step.entry.entity()
    }

    pub(super) fn day(&self) -> NaiveDate {
        self.step.entry.posting_date()
    }

    pub(super) fn functional(&self) -> Currency {
        self.step.entry.functional_currency()
    }
}
