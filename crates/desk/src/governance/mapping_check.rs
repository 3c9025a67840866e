//! A mapping file looked at before it is brought in: what is wrong with it, and where, or what it says.

use serde::Serialize;
use tieout_domain::accounts::AccountMapping;

use crate::{
    base::error::{DeskError, DeskResult},
    governance::changes::{self, ImportChangeRequest},
};

/// What a mapping file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct MappingSummary {
    /// The version of its format.
    pub version: u32,
    /// SHA-256 of its text.
    pub hash: String,
    /// The codes of its entities.
    pub entities: Vec<String>,
    /// Rules that give documents to entities.
    pub entity_rules: u64,
    /// Revenue accounts by product.
    pub revenue: u64,
    /// Exchange rates.
    pub rates: u64,
    /// Documents that the ledger books together.
    pub batches: u64,
    /// Entries that are none of this billing's business.
    pub not_ours: u64,
    /// What explains entries.
    pub explanations: u64,
    /// What is worth another look, though it is no error.
    pub remarks: Vec<String>,
}

/// Reads a mapping file.
///
/// # Errors
/// `file_unusable`, `mapping_…` with the place.
pub fn mapping_check(request: &ImportChangeRequest) -> DeskResult<MappingSummary> {
    let text = changes::read_text(&request.file)?;
    let mapping = AccountMapping::parse(&text)
        .map_err(|e| DeskError::from(e).at(&request.file.display().to_string()))?;
    Ok(MappingSummary {
        version: mapping.schema,
        hash: AccountMapping::text_hash(&text),
        entities: mapping.entities.iter().map(|entity| entity.code.to_string()).collect(),
        entity_rules: mapping.entity_rules.len() as u64,
        revenue: mapping.revenue.len() as u64,
        rates: mapping.rates.len() as u64,
        batches: mapping.batches.len() as u64,
        not_ours: mapping.not_ours.len() as u64,
        explanations: mapping.explanations.len() as u64,
        remarks: remarks(&mapping),
    })
}

fn remarks(mapping: &AccountMapping) -> Vec<String> {
    let mut remarks = Vec::new();
    for entity in &mapping.entities {
        let code = &entity.code;
        if entity.erp_id.is_none() {
            remarks.push(format!("{code} has no erp_id: nothing can be posted for it"));
        }
        if mapping.entity_rules.iter().all(|rule| rule.entity != *code) {
            remarks.push(format!("no [[entity_rule]] gives documents to {code}"));
        }
    }
    remarks
}
