//! How a table stands in its file, where it is more than a header and rows: what a column map of version 2
//! says of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::role::Role;

/// Where the header is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderPlace {
    /// In the first row.
    #[default]
    First,
    /// Where the names of the map's columns are. What stands above is no data, and pages may repeat it.
    Found,
}

/// What a first line says that is no row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metadata {
    /// Of a DATEV batch: its days (which give dates their year) and its currency.
    Datev,
}

/// Rows of their own that say something for the lines below them. A list holds the words that such a row
/// begins with; `*` is a row that holds one text and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Headings {
    /// The account.
    pub account: Vec<String>,
    /// The legal entity.
    pub entity: Vec<String>,
    /// The currency.
    pub currency: Vec<String>,
    /// True where accounts stand below accounts, and one is named by the path to it.
    pub path: bool,
}

/// How the table stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableShape {
    /// Where the header is.
    pub header: HeaderPlace,
    /// Over how many rows it goes: 1 or 2.
    pub header_rows: usize,
    /// Roles whose column may be absent.
    pub optional: Vec<Role>,
    /// Rows that are left out: those that say one of these words in the column of the role.
    pub leave_out: BTreeMap<Role, Vec<String>>,
    /// What rows begin with that are printed and no lines; a row with a day and amounts is one all the same.
    pub banner: Vec<String>,
    /// What the row begins with at which the table ends.
    pub end: Vec<String>,
    /// What rows begin with that add up others; they are held against the sums.
    pub totals: Vec<String>,
    /// Rows that say something for the lines below them.
    pub headings: Headings,
    /// What the first line says.
    pub metadata: Option<Metadata>,
}

/// The columns that rows of their own give, behind those of the file: the role, and what it is called.
pub const OF_HEADINGS: [(Role, &str); 3] = [
    (Role::Account, "the heading's account"),
    (Role::Entity, "the heading's entity"),
    (Role::Currency, "the heading's currency"),
];

impl Headings {
    /// The words of such rows for a role.
    #[must_use]
    pub fn of(&self, role: Role) -> &[String] {
        match role {
            Role::Account => &self.account,
            Role::Entity => &self.entity,
            Role::Currency => &self.currency,
            _ => &[],
        }
    }
}
