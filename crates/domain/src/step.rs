//! One step of a posting.

use serde::{Deserialize, Serialize};

use crate::{
    calendar::PeriodKey,
    destination::Destination,
    entry::JournalEntry,
    hash::ContentHasher,
    key::PostingKey,
    ledger::{EntityRef, EntryStatus, LedgerEntry},
};

/// What one step of a posting does in the ledger. Steps are done in order; a set is approved as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostingStep {
    /// Position in the set, from 1.
    pub number: u32,
    /// The key under which the ERP will hold it.
    pub key: PostingKey,
    /// What is booked.
    pub entry: JournalEntry,
    /// The ERP's id of the entry that this step undoes, for a reversal.
    pub reverses: Option<String>,
    /// Where it goes, in the ERP's own ids. `None` only in what an earlier version prepared: that is looked
    /// up and watched, and never sent.
    #[serde(default)]
    pub destination: Option<Destination>,
}

impl PostingStep {
    /// The ERP's id of the entity that it goes to, where it is known.
    #[must_use]
    pub fn entity_erp_id(&self) -> Option<&str> {
        self.destination.as_ref().map(|destination| destination.entity_erp_id.as_str())
    }

    /// True where the ledger's `entry` is what this step books and nothing else: in the same place, with the
    /// same amounts on each side of each account and, where the ERP says what it undoes, undoing the same.
    /// An entry of our key that says anything else was sent by another desk, or changed since.
    #[must_use]
    pub fn is_shown_by(&self, entry: &LedgerEntry) -> bool {
        let same_target = entry.reverses.is_none() || entry.reverses == self.reverses;
        entry.status == EntryStatus::Booked
            && same_target
            && entry.entity.is(self.entry.entity(), self.entity_erp_id())
            && entry.posting_date == self.entry.posting_date()
            && entry.period == *self.entry.period()
            && self.entry.has_the_amounts_of(entry)
    }

    /// True where an entry of the ledger's own file is what this step books and nothing else. A file that has
    /// no periods has months in their place, by the dates of its entries.
    #[must_use]
    pub fn is_shown_in_a_file_by(&self, entry: &LedgerEntry) -> bool {
        if entry.period != PeriodKey::month(entry.posting_date) {
            return self.is_shown_by(entry);
        }
        self.is_shown_by(&LedgerEntry { period: self.entry.period().clone(), ..entry.clone() })
    }

    /// What an entry of our key says otherwise than was approved, in words; empty where it says the same.
    #[must_use]
    pub fn differences(&self, entry: &LedgerEntry) -> Vec<String> {
        let (approved, mut found) = (&self.entry, Vec::new());
        let mut say = |what: &str, was: String, is: String| {
            if was != is {
                found.push(format!("its {what} was approved as {was} and is {is}"));
            }
        };
        let place = match &entry.entity {
            place if place.is(approved.entity(), self.entity_erp_id()) => approved.entity().to_string(),
            EntityRef::Code(code) => code.to_string(),
            EntityRef::ErpId(id) => id.clone(),
        };
        say("entity", approved.entity().to_string(), place);
        say("date", approved.posting_date().to_string(), entry.posting_date.to_string());
        if entry.period != PeriodKey::month(entry.posting_date) {
            say("period", approved.period().to_string(), entry.period.to_string());
        }
        say("status", EntryStatus::Booked.as_str().to_owned(), entry.status.as_str().to_owned());
        say("currency", approved.currency().to_string(), entry.currency.to_string());
        if found.is_empty() && !approved.has_the_amounts_of(entry) {
            found.extend(approved.other_amounts(entry));
        }
        found
    }

    /// Feeds what the ERP is sent into a hash, but the key.
    pub(crate) fn hash_sent_into(&self, h: &mut ContentHasher) {
        h.number(i64::from(self.number)).optional(self.reverses.as_deref());
        self.entry.hash_into(h);
        h.number(i64::from(self.destination.is_some()));
        if let Some(destination) = &self.destination {
            destination.hash_into(h);
        }
    }
}
