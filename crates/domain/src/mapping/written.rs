//! The accounts of an entity as a mapping file writes them: each role with one account or several.

use serde::Deserialize;

use super::roles::RoleAccounts;

/// Each role's accounts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs)]
pub struct WrittenAccounts {
    pub receivable: RoleAccounts,
    pub deferred_revenue: Option<RoleAccounts>,
    pub tax_payable: Option<RoleAccounts>,
    pub clearing: Option<RoleAccounts>,
    pub fees: Option<RoleAccounts>,
    pub bad_debt: Option<RoleAccounts>,
    pub fx_clearing: Option<RoleAccounts>,
    pub bank: Option<RoleAccounts>,
    pub fee_tax: Option<RoleAccounts>,
    pub deposits: Option<RoleAccounts>,
    pub transfers: Option<RoleAccounts>,
    pub reserves: Option<RoleAccounts>,
    pub adjustments: Option<RoleAccounts>,
    pub fx_gains: Option<RoleAccounts>,
    pub fx_losses: Option<RoleAccounts>,
}
