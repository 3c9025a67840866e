//! From a connector's page to the store's: the one place where both are seen.

use std::sync::Arc;

use serde::Serialize;
use tieout_connectors::{Fetched, Page};
use tieout_domain::{
    accounts::AccountMapping,
    calendar::Period,
    ledger::{EntityRef, LedgerEntry, PeriodReading},
};
use tieout_store::{IngestPage, PageItems, PageRecord, PeriodItem, RejectedItem};

use crate::{
    base::{
        code::Code,
        error::{DeskError, DeskResult},
    },
    governance::changes::Governing,
};

/// A page as the store takes it: its proof, what could be read, what was kept aside.
pub(crate) struct Split<T> {
    pub(crate) page: PageRecord,
    pub(crate) items: Vec<T>,
    pub(crate) rejected: Vec<RejectedItem>,
}

pub(crate) fn split<T>(resource: &str, page: Page<T>) -> Split<T> {
    let Page { items: fetched, evidence, body, .. } = page;
    let mut items = Vec::with_capacity(fetched.len());
    let mut rejected = Vec::new();
    for Fetched { external_id, item, raw } in fetched {
        match item {
            Ok(item) => items.push(item),
            Err(rejection) => rejected.push(RejectedItem {
                external_id,
                code: rejection.code,
                place: rejection.place,
                message: rejection.message,
                raw,
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
    Split { page, items, rejected }
}

impl<T> Split<T> {
    /// The same page with its items made something else.
    pub(crate) fn map<U>(self, make: impl FnOnce(Vec<T>) -> Vec<U>) -> Split<U> {
        Split { page: self.page, items: make(self.items), rejected: self.rejected }
    }
}

impl<T> Split<T>
where
    PageItems: From<Vec<T>>,
{
    /// As the store ingests it.
    pub(crate) fn page(self) -> IngestPage {
        IngestPage::new(self.page, self.items, self.rejected)
    }
}

/// Gives each entry the code of its entity, where the source only knows the ERP's own id.
pub(crate) fn name_entities(entries: &mut [LedgerEntry], mapping: Option<&AccountMapping>) {
    for entry in entries {
        if let EntityRef::ErpId(id) = &entry.entity
            && let Some(entity) =
                mapping.and_then(|m| m.entities.iter().find(|e| e.erp_id.as_ref() == Some(id)))
        {
            entry.entity = EntityRef::Code(entity.code.clone());
        }
    }
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

/// An ERP whose entities have names only in the mapping cannot be read without one.
pub(crate) fn mapping_for_ledger(mapping: Option<Governing>) -> DeskResult<Arc<AccountMapping>> {
    mapping.map(|mapping| mapping.content).ok_or_else(|| {
        DeskError::new(
            Code::MappingRequired,
            "the ERP names its entities by its own ids: import an account mapping that knows them and have \
             another person approve it, then sync",
        )
    })
}
