//! What this installation is, and what of it others than its user decide: told without any workspace, for
//! whoever has to help.

use serde::Serialize;
use tieout_connectors::kit::proxy_in_use;

use crate::base::{
    error::DeskError,
    machine::{FixedSetting, MachinePolicy},
};

/// What this installation is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct About {
    /// The program's version.
    pub version: String,
    /// The operating system and processor that it was built for.
    pub built_for: String,
    /// Where what the administrator fixes would stand, or stands.
    pub machine_policy: String,
    /// `none`, `in_force` or `unusable`.
    pub machine_policy_state: String,
    /// What is fixed by it.
    pub fixed: Vec<FixedSetting>,
    /// The proxy that the environment names for calls to vendors, without what signs in to it.
    pub proxy: Option<String>,
}

/// What this installation is, and the error of a machine policy that cannot be used.
#[must_use]
pub fn about() -> (About, Option<DeskError>) {
    let (policy, error) = match MachinePolicy::read() {
        Ok(policy) => (Some(policy), None),
        Err(error) => (None, Some(error)),
    };
    let state = match &policy {
        None => "unusable",
        Some(policy) if policy.is_there() => "in_force",
        Some(_) => "none",
    };
    let about = About {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        built_for: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
        machine_policy: MachinePolicy::file().display().to_string(),
        machine_policy_state: state.to_owned(),
        fixed: policy.as_ref().map(MachinePolicy::all_fixed).unwrap_or_default(),
        proxy: proxy_in_use(),
    };
    (about, error)
}
