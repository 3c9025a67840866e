//! The vendors that can be connected, as a form asks for them: the sheets of the connectors' registry.

use serde::Serialize;
use tieout_connectors::{
    sheet::{FormField, Role, Sheet},
    vendors::sheets,
};

use crate::base::closed;

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

/// The vendors that can be connected, each with its form.
#[must_use]
pub fn vendors() -> Vec<VendorView> {
    sheets().map(VendorView::from).collect()
}

/// The stable names of the vendors of a role.
pub(crate) fn of_role(role: Role) -> Vec<&'static str> {
    sheets().filter(|sheet| sheet.role == role).map(|sheet| sheet.vendor).collect()
}
