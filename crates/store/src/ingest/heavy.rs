//! What is refused although it could be read: with it, amounts could no longer be summed.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use tieout_domain::{
    document::{Document, DocumentDate, Movement},
    ledger::LedgerEntry,
    money::MOST_HELD,
    unread::Concerns,
};

use super::page::{IngestPage, PageItems};
use crate::table::rejected_item::RejectedItem;

fn refused(id: &str, place: String, names: &[&str]) -> RejectedItem {
    let mut concerns = Concerns::of(id);
    names.iter().for_each(|name| concerns.name(name));
    concerns.named = true;
    RejectedItem {
        external_id: id.to_owned(),
        code: "amount_out_of_range".to_owned(),
        place,
        message: format!(
            "it takes the workspace beyond what can be summed ({MOST_HELD} minor units), and is kept aside: \
             correct its amounts at their source"
        ),
        raw: Vec::new(),
        concerns,
    }
}

pub(super) fn entry(entry: &LedgerEntry) -> RejectedItem {
    let named = [entry.reference.as_deref(), entry.external_id.as_deref()];
    let names: Vec<&str> = named.into_iter().flatten().collect();
    refused(&entry.erp_id, format!("entry {}", entry.erp_id), &names)
}

pub(super) fn movement(movement: &Movement) -> RejectedItem {
    let names = [movement.external_id.as_str(), movement.document.as_str()];
    refused(&movement.external_id, format!("the fee of {}", movement.document), &names)
}

pub(super) fn document(document: &Document) -> RejectedItem {
    let place = format!("{} {}", document.kind.as_str(), document.reference);
    refused(&document.external_id, place, &[&document.reference, &document.external_id])
}

/// What an ingest has seen of a file: the days that it reaches over, and its rows aside that belong to
/// nothing.
#[derive(Default)]
pub(super) struct Rows {
    pub span: Option<(NaiveDate, NaiveDate)>,
    pub aside: BTreeSet<String>,
}

impl Rows {
    pub fn note(&mut self, page: &IngestPage) {
        let homeless = page.rejected.iter().filter(|aside| aside.concerns.item.is_none());
        self.aside.extend(homeless.map(|aside| aside.external_id.clone()));
        match &page.items {
            PageItems::Entries(entries) => entries.iter().for_each(|entry| self.reach(entry.posting_date)),
            PageItems::Billing(items) => {
                for item in items {
                    if let tieout_domain::document::Canonical::Document(document) = item {
                        self.reach(match document.date {
                            DocumentDate::Instant(at) => at.date_naive(),
                            DocumentDate::Local(date) => date,
                        });
                    }
                }
            }
            PageItems::Customers(_)
            | PageItems::Accounts(_)
            | PageItems::Periods(_)
            | PageItems::Balances(_) => {}
        }
    }

    fn reach(&mut self, day: NaiveDate) {
        self.span = Some(self.span.map_or((day, day), |(from, to)| (from.min(day), to.max(day))));
    }
}
