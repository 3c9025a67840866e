//! The settings and credentials of a connection, checked by its vendor's sheet.

use std::{collections::BTreeMap, time::Duration};

use tieout_domain::failure::VendorFailure;

use crate::{
    kit::{Limit, Secret, World},
    sheet::{FieldKind, FormField, Sheet, Tenant},
};

/// Gives one credential by the name of its field.
pub type Credentials<'a> = dyn Fn(&str) -> Result<Secret, VendorFailure> + 'a;

/// A connection to build: what is kept of it, without its credentials.
#[derive(Clone)]
pub struct Wanted<'a> {
    /// The vendor, or the dialect under which the connection is kept.
    pub vendor: &'a str,
    /// The base address.
    pub url: &'a str,
    /// True for a production account.
    pub live: bool,
    /// The vendor's account, tenant or company.
    pub tenant: &'a str,
    /// The settings by the names of their fields, and the sheet's marks.
    pub settings: &'a BTreeMap<String, String>,
    /// Time and randomness.
    pub world: World,
}

fn missing(sheet: &Sheet, field: &FormField) -> VendorFailure {
    let (name, vendor) = (field.name, sheet.name);
    VendorFailure::terminal("setting_missing", format!("{vendor} needs the setting {name}: {}", field.help))
}

fn bad(field: &FormField, given: &str, wanted: &str) -> VendorFailure {
    VendorFailure::terminal(
        "setting_bad",
        format!("{}: {wanted} is needed, and \"{given}\" is none", field.name),
    )
}

/// The value of a setting: as given, else the usual one.
pub(crate) fn value<'v>(
    sheet: &Sheet,
    settings: &'v BTreeMap<String, String>,
    name: &str,
) -> Option<&'v str> {
    let given = settings.get(name).map(String::as_str);
    given.or_else(|| sheet.field(name).and_then(|field| field.usual))
}

/// True where a field is asked for with these settings.
fn applies(sheet: &Sheet, settings: &BTreeMap<String, String>, field: &FormField) -> bool {
    field.with.is_none_or(|(other, wanted)| value(sheet, settings, other) == Some(wanted))
}

/// Checks the settings by the form: what is needed is there, numbers are numbers, choices are known.
///
/// # Errors
/// `setting_missing` or `setting_bad`; each names the field.
pub(crate) fn check(sheet: &Sheet, settings: &BTreeMap<String, String>) -> Result<(), VendorFailure> {
    for field in sheet.form.iter().filter(|field| !field.is_secret() && applies(sheet, settings, field)) {
        match (value(sheet, settings, field.name), field.kind) {
            (None, _) if field.required => return Err(missing(sheet, field)),
            (Some(given), FieldKind::Whole) => {
                whole(field, given)?;
            }
            (Some(given), FieldKind::Choice(of)) if !of.contains(&given) => {
                return Err(bad(field, given, &format!("one of {}", of.join(", "))));
            }
            (Some(_) | None, _) => {}
        }
    }
    Ok(())
}

fn whole(field: &FormField, given: &str) -> Result<u32, VendorFailure> {
    let number = given.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| bad(field, given, "a whole number above 0"))
}

/// A text that is needed.
///
/// # Errors
/// `setting_missing`.
pub(crate) fn need<'v>(
    sheet: &Sheet,
    settings: &'v BTreeMap<String, String>,
    name: &str,
) -> Result<&'v str, VendorFailure> {
    let unknown = || VendorFailure::terminal("setting_missing", format!("{} needs {name}", sheet.name));
    value(sheet, settings, name)
        .ok_or_else(|| sheet.field(name).map_or_else(unknown, |field| missing(sheet, field)))
}

/// A number, where one is given or usual.
///
/// # Errors
/// `setting_bad`.
pub(crate) fn number(
    sheet: &Sheet,
    settings: &BTreeMap<String, String>,
    name: &str,
) -> Result<Option<u32>, VendorFailure> {
    let (Some(field), Some(given)) = (sheet.field(name), value(sheet, settings, name)) else {
        return Ok(None);
    };
    whole(field, given).map(Some)
}

/// How long a call may stay without an answer.
///
/// # Errors
/// `setting_bad`.
pub(crate) fn timeout(sheet: &Sheet, settings: &BTreeMap<String, String>) -> Result<Duration, VendorFailure> {
    Ok(Duration::from_secs(u64::from(number(sheet, settings, "timeout")?.unwrap_or(60))))
}

/// The rate and concurrency that a connection may use.
///
/// # Errors
/// `setting_bad`.
pub(crate) fn limit(sheet: &Sheet, settings: &BTreeMap<String, String>) -> Result<Limit, VendorFailure> {
    let usual = sheet.limits.usual;
    if !sheet.limits.settable {
        return Ok(usual);
    }
    let concurrency = number(sheet, settings, "concurrency")?.unwrap_or(usual.concurrency);
    Ok(match number(sheet, settings, "rate")? {
        Some(rate) => Limit::per_second(rate, concurrency),
        None => Limit { concurrency, ..usual },
    })
}

/// The names of the credentials that a connection with these settings has.
///
/// # Errors
/// `setting_bad` where the way to sign in is none that the vendor knows.
pub(crate) fn credentials(
    sheet: &Sheet,
    settings: &BTreeMap<String, String>,
) -> Result<Vec<&'static str>, VendorFailure> {
    for field in sheet.form.iter().filter(|field| !field.choices().is_empty()) {
        match value(sheet, settings, field.name) {
            Some(given) if !field.choices().contains(&given) => {
                return Err(bad(field, given, &format!("one of {}", field.choices().join(", "))));
            }
            Some(_) | None => {}
        }
    }
    let mine = sheet.form.iter().filter(|field| field.is_secret() && applies(sheet, settings, field));
    Ok(mine.map(|field| field.name).collect())
}

/// The tenant of a new connection.
///
/// # Errors
/// `setting_missing`.
pub(crate) fn tenant(
    sheet: &Sheet,
    settings: &BTreeMap<String, String>,
    name: &str,
) -> Result<String, VendorFailure> {
    match sheet.tenant {
        Tenant::Settings(of) => {
            let parts: Vec<&str> =
                of.iter().map(|part| need(sheet, settings, part)).collect::<Result<_, _>>()?;
            Ok(parts.join("/"))
        }
        Tenant::SettingOrName(setting) => {
            Ok(settings.get(setting).map_or_else(|| name.to_owned(), Clone::clone))
        }
    }
}
