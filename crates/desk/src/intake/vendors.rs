//! The vendors that can be connected, as a form asks for them: the sheets of the connectors' registry.

use std::collections::BTreeMap;

use serde::Serialize;
use tieout_connectors::{
    sheet::{FormField, Needed, Permission, Role, Sheet, Trust},
    vendors::{self, sheets},
};

use crate::base::{
    closed,
    code::Code,
    error::{DeskError, DeskResult},
};

/// One field of a vendor's form: a setting, or a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct VendorField {
    /// The setting's or credential's name.
    pub name: String,
    /// What the form calls it.
    pub label: String,
    /// Where to find it, and what it is for.
    pub help: String,
    /// True for a credential: it goes to the secrets and is never shown again.
    pub secret: bool,
    /// True where the connection cannot do without it.
    pub required: bool,
    /// What it is where nothing is given.
    pub default: Option<String>,
    /// The only possible values, where there are few.
    pub choices: Vec<String>,
    /// With what it goes: it is neither asked for nor taken where another field has another value. With that
    /// value a credential is required.
    pub with: Option<FieldValue>,
}

/// A value of a field with choices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FieldValue {
    /// The field's name.
    pub field: String,
    /// The value.
    pub value: String,
}

/// A vendor, and the form that connects it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct VendorView {
    /// The stable name that `connection_add` takes.
    pub vendor: String,
    /// Its name.
    pub name: String,
    /// billing or erp.
    #[ts(as = "closed::SystemRole")]
    pub role: String,
    /// What address is needed.
    pub url_help: String,
    /// The usual address, where there is one.
    pub url_default: Option<String>,
    /// The fields, in the order of the form.
    pub fields: Vec<VendorField>,
    /// Against what this adapter has been checked, and against what it has not.
    pub checked_against: String,
}

impl From<&FormField> for VendorField {
    fn from(field: &FormField) -> Self {
        let with =
            |(field, value): (&str, &str)| FieldValue { field: field.to_owned(), value: value.to_owned() };
        Self {
            name: field.name.to_owned(),
            label: field.label.to_owned(),
            help: field.help.to_owned(),
            secret: field.is_secret(),
            required: field.required && field.with.is_none(),
            default: field.proposed.or(field.usual).map(str::to_owned),
            choices: field.choices().iter().map(|choice| (*choice).to_owned()).collect(),
            with: field.with.map(with),
        }
    }
}

impl From<&Sheet> for VendorView {
    fn from(sheet: &Sheet) -> Self {
        Self {
            vendor: sheet.vendor.to_owned(),
            name: sheet.name.to_owned(),
            role: sheet.role.as_str().to_owned(),
            url_help: sheet.address.help.to_owned(),
            url_default: sheet.address.usual.map(str::to_owned),
            fields: sheet.form.iter().map(VendorField::from).collect(),
            checked_against: sheet.checked_against.to_owned(),
        }
    }
}

/// One permission of the least that a connection needs at its vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PermissionView {
    /// Where the vendor's own screen lists it.
    pub area: String,
    /// What it is called there.
    pub permission: String,
    /// How much of it.
    pub level: String,
    /// For what it is needed.
    pub needed: String,
}

impl From<&Permission> for PermissionView {
    fn from(one: &Permission) -> Self {
        let needed = match one.needed {
            Needed::Read => "to read".to_owned(),
            Needed::Post => "to post".to_owned(),
            Needed::Where(this) => format!("where {this}"),
        };
        Self {
            area: one.area.to_owned(),
            permission: one.name.to_owned(),
            level: one.level.to_owned(),
            needed,
        }
    }
}

/// The least that a connection to this vendor needs there; all else stays withheld.
///
/// # Errors
/// `vendor_unknown`.
pub fn permissions(vendor: &str) -> DeskResult<Vec<PermissionView>> {
    let sheet = vendors::sheet(vendor, &BTreeMap::new()).ok_or_else(|| {
        let all: Vec<&str> = sheets().map(|sheet| sheet.vendor).collect();
        DeskError::new(
            Code::VendorUnknown,
            format!("\"{vendor}\" is no vendor here; there are {}", all.join(", ")),
        )
    })?;
    Ok(sheet.permissions.all.iter().map(PermissionView::from).collect())
}

/// What of the sheets an IT department asks for, as a page: whom the program calls, and what it needs there.
#[must_use]
pub fn document() -> String {
    let mut page = String::from(
        "# What Tieout calls, and the least that it needs there\n\nWritten by `tieout connection permissions \
         --document` from the vendors' sheets. A connection calls the address that it was given and nothing \
         else: HTTPS (port 443), out through the system's proxy, no redirect followed, nothing listened on. \
         Besides these there is the place for news of releases, where the administrator of the machine \
         names one. There is no telemetry.\n\n| vendor | hosts |\n|---|---|\n",
    );
    for sheet in sheets() {
        page += &format!("| {} (`{}`) | {} |\n", sheet.name, sheet.vendor, sheet.address.hosts.join("; "));
    }
    for sheet in sheets().filter(|sheet| !sheet.permissions.all.is_empty()) {
        let permissions = &sheet.permissions;
        let trust = match permissions.source.trust {
            Trust::Documented => "documented",
            Trust::Tried => "tried",
            Trust::SecondHand => "second hand",
            Trust::Unconfirmed => "not confirmed",
        };
        page += &format!("\n## {}\n\nGiven at {}.\n\n", sheet.name, permissions.given_at);
        page += "| area | permission | level | needed |\n|---|---|---|---|\n";
        for one in permissions.all.iter().map(PermissionView::from) {
            page += &format!("| {} | {} | {} | {} |\n", one.area, one.permission, one.level, one.needed);
        }
        page += &format!("\nSource ({trust}, {}): {}.\n", permissions.source.read, permissions.source.from);
        page += "\n| what is read | where | permission |\n|---|---|---|\n";
        for one in sheet.resources {
            let name = serde_json::to_value(one.resource).unwrap_or_default();
            let name = name.as_str().unwrap_or_default().replace('_', " ");
            page += &format!("| {name} | {} | {} |\n", one.listed_at, one.permission);
        }
        page += &format!("\nChecked against: {}\n", sheet.checked_against);
    }
    page
}

/// The vendors that can be connected, each with its form.
#[must_use]
pub fn vendors() -> Vec<VendorView> {
    sheets().map(VendorView::from).collect()
}

/// The stable names of the vendors of a role.
pub(crate) fn of_role(role: Role) -> Vec<&'static str> {
    sheets().filter(|sheet| sheet.role == role).map(|sheet| sheet.vendor).collect()
}
