//! From a connector's page to the store's: the one place where both are seen.

use std::sync::Arc;

use serde::Serialize;
use tieout_connectors::{Absence, Fetched, Page};
use tieout_domain::{
    accounts::AccountMapping,
    calendar::Period,
    ledger::{EntityRef, LedgerEntry, PeriodReading},
    trial_balance::TrialBalance,
};
use tieout_store::{IngestPage, PageItems, PageRecord, PeriodItem, RejectedItem};

use crate::governance::changes::Governing;

/// A page as the store takes it: its proof, what could be read, what was kept aside, what is there no more.
pub(crate) struct Split<T> {
    pub(crate) page: PageRecord,
    pub(crate) items: Vec<T>,
    pub(crate) rejected: Vec<RejectedItem>,
    pub(crate) absence: Absence,
}

pub(crate) fn split<T>(resource: &str, page: Page<T>) -> Split<T> {
    let Page { items: fetched, evidence, body, absence, .. } = page;
    let mut items = Vec::with_capacity(fetched.len());
    let mut rejected = Vec::new();
    for Fetched { external_id, item, raw, concerns } in fetched {
        match item {
            Ok(item) => items.push(item),
            Err(rejection) => rejected.push(RejectedItem {
                external_id,
                code: rejection.code,
                place: rejection.place,
                message: rejection.message,
                raw,
                concerns,
            }),
        }
    }
    let page = PageRecord {
        resource: resource.to_owned(),
        body,
        request: evidence.request,
        request_id: evidence.request_id,
        api_version: evidence.api_version,
        count: evidence.count,
        received_at: evidence.received_at,
    };
    Split { page, items, rejected, absence }
}

impl<T> Split<T> {
    /// The same page with its items made something else.
    pub(crate) fn map<U>(self, make: impl FnOnce(Vec<T>) -> Vec<U>) -> Split<U> {
        Split { page: self.page, items: make(self.items), rejected: self.rejected, absence: self.absence }
    }
}

impl<T> Split<T>
where
    PageItems: From<Vec<T>>,
{
    /// As the store ingests it.
    pub(crate) fn page(self) -> IngestPage {
        IngestPage::new(self.page, self.items, self.rejected).proving(self.absence)
    }
}

/// Gives an entity its code where the source only knows the ERP's own id.
fn name_entity(entity: &mut EntityRef, mapping: &AccountMapping) {
    if let EntityRef::ErpId(id) = entity
        && let Some(known) = mapping.entities.iter().find(|known| known.erp_id.as_ref() == Some(id))
    {
        *entity = EntityRef::Code(known.code.clone());
    }
}

/// Gives each entry the code of its entity, where the source only knows the ERP's own id.
pub(crate) fn name_entities(entries: &mut [LedgerEntry], mapping: Option<&AccountMapping>) {
    let Some(mapping) = mapping else { return };
    entries.iter_mut().for_each(|entry| name_entity(&mut entry.entity, mapping));
}

/// The same for a page: its entries, and the entities that the read could see.
pub(crate) fn name_page(part: &mut Split<LedgerEntry>, mapping: &AccountMapping) {
    name_entities(&mut part.items, Some(mapping));
    if let Some(seen) = part.absence.listed.as_mut().and_then(|listed| listed.scope.entities.as_mut()) {
        seen.iter_mut().for_each(|entity| name_entity(entity, mapping));
    }
}

/// The same for the ERP's own sums.
pub(crate) fn name_balances(part: &mut Split<TrialBalance>, mapping: &AccountMapping) {
    part.items.iter_mut().for_each(|one| name_entity(&mut one.entity, mapping));
}

/// Expands what an ERP says of its periods to the entities that they hold for: a reading without an entity
/// holds for all entities of this ERP. Without a mapping it is a file's, the desk's own word.
pub(crate) fn periods_of(
    readings: Vec<PeriodReading>,
    mapping: Option<&AccountMapping>,
    connection: &str,
) -> Vec<PeriodItem> {
    let mut items = Vec::new();
    let here = |e: &&tieout_domain::accounts::LegalEntity| {
        e.erp_id.is_some() && e.erp_connection.as_deref().is_none_or(|name| name == connection)
    };
    for reading in readings {
        let entities: Vec<_> = match &reading.entity {
            Some(EntityRef::Code(code)) => vec![code.clone()],
            Some(EntityRef::ErpId(id)) => {
                let all = mapping.iter().flat_map(|m| &m.entities);
                all.filter(|e| e.erp_id.as_ref() == Some(id)).map(|e| e.code.clone()).collect()
            }
            None => mapping.iter().flat_map(|m| &m.entities).filter(here).map(|e| e.code.clone()).collect(),
        };
        for entity in entities {
            items.push(PeriodItem {
                period: Period {
                    entity,
                    key: reading.key.clone(),
                    starts: reading.starts,
                    ends: reading.ends,
                    status: reading.status,
                    closed_at: reading.closed_at,
                },
                erp_id: Some(reading.erp_id.clone()),
                desks_own: mapping.is_none(),
            });
        }
    }
    items
}

/// A rejected row or item, as a command answers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct RejectionView {
    /// The stable code.
    pub code: String,
    /// Where.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
}

impl From<&tieout_connectors::Rejection> for RejectionView {
    fn from(rejection: &tieout_connectors::Rejection) -> Self {
        Self {
            code: rejection.code.clone(),
            place: rejection.place.clone(),
            message: rejection.message.clone(),
        }
    }
}

/// The mapping by which an ERP's entities are named. Before there is one they stay under the ERP's own ids,
/// so that a mapping can be proposed from what was read; once there is, what was read is named by it.
pub(crate) fn mapping_for_ledger(mapping: Option<Governing>) -> Arc<AccountMapping> {
    mapping.map_or_else(Arc::default, |mapping| mapping.content)
}
