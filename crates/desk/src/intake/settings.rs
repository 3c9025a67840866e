//! The settings of a connection as they are kept, and what its vendor's sheet says of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tieout_connectors::{Since, kit::Limit, sheet::Sheet, vendors};
use tieout_store::Connection;

use crate::base::{
    code::Code,
    error::{DeskError, DeskResult},
};

/// The settings of a connection, as stored: no secret is among them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) url: String,
    #[serde(flatten)]
    pub(crate) more: BTreeMap<String, String>,
}

impl Settings {
    pub(crate) fn of(connection: &Connection) -> DeskResult<Self> {
        Ok(serde_json::from_str(&connection.options)?)
    }

    /// A setting that is a number, where it is given.
    pub(crate) fn number(&self, name: &str) -> DeskResult<Option<u32>> {
        let number = |text: &String| {
            text.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
                let message = format!("{name}: a whole number above 0 is needed, and \"{text}\" is none");
                DeskError::new(Code::SettingBad, message)
            })
        };
        self.more.get(name).map(number).transpose()
    }

    /// What is known of the connection's vendor; nothing of files.
    pub(crate) fn sheet(&self, connection: &Connection) -> Option<&'static Sheet> {
        vendors::sheet(connection.vendor.as_str(), &self.more)
    }

    /// How much of the vendor's allowance the connection may use.
    pub(crate) fn limit(&self, connection: &Connection) -> DeskResult<Limit> {
        Ok(vendors::limit(connection.vendor.as_str(), &self.more)?)
    }

    /// From when on the next sync reads what changed, as a resume point of the connection says it.
    pub(crate) fn since(&self, connection: &Connection, resume: &str) -> Option<Since> {
        vendors::since(connection.vendor.as_str(), &self.more, resume)
    }

    /// The names of the credentials that the connection has.
    pub(crate) fn credentials(&self, connection: &Connection) -> DeskResult<Vec<&'static str>> {
        Ok(vendors::credentials(connection.vendor.as_str(), &self.more)?)
    }
}
