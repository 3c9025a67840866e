//! The registry: every vendor that can be connected, one folder and one line each.
//!
//! A new vendor costs its folder, its line here, and its line in the contract's tests. Nothing else names a
//! vendor: what the desk needs of one it asks of its [`Sheet`] or of the [`Connector`].

pub mod netsuite;
pub mod stripe;
pub mod tryton;

use std::{cell::RefCell, collections::BTreeMap};

use tieout_domain::failure::VendorFailure;

use crate::{
    connector::Connector,
    kit::{Limit, Secret},
    settings::{self, Credentials, Wanted},
    sheet::Sheet,
    traits::{Cursor, Since},
};

/// What a resume point says; `None` where it names no time.
type Reads = fn(&Cursor) -> Option<Since>;
type Build = fn(&'static Sheet, &Wanted<'_>, &Credentials<'_>) -> Result<Connector, VendorFailure>;

/// Every vendor, in the order in which they are offered: what is known of it, how its adapter is built, and
/// what its resume points say.
static REGISTRY: [(&Sheet, Build, Reads); 4] = [
    (&stripe::STRIPE, stripe::build, stripe::since),
    (&netsuite::NETSUITE, netsuite::build, netsuite::since),
    (&tryton::TRYTON, tryton::build, tryton::since),
    (&stripe::LOCALSTRIPE, stripe::build, stripe::since),
];

/// The sheets of all vendors.
pub fn sheets() -> impl Iterator<Item = &'static Sheet> {
    REGISTRY.iter().copied().map(|(sheet, _, _)| sheet)
}

/// The vendor of this name, or the one that a connection of this dialect with these settings belongs to.
#[must_use]
pub fn sheet(vendor: &str, settings: &BTreeMap<String, String>) -> Option<&'static Sheet> {
    line(vendor, settings).map(|(sheet, _, _)| sheet)
}

/// From when on the next sync of a connection reads what changed, as its resume point says it.
#[must_use]
pub fn since(vendor: &str, settings: &BTreeMap<String, String>, resume: &str) -> Option<Since> {
    line(vendor, settings).and_then(|(_, _, reads)| reads(&Cursor(resume.to_owned())))
}

fn line(vendor: &str, settings: &BTreeMap<String, String>) -> Option<(&'static Sheet, Build, Reads)> {
    let marked = |sheet: &Sheet| {
        let has = |(name, value): &(&str, &str)| settings.get(*name).is_some_and(|given| given == value);
        sheet.dialect == vendor && !sheet.marks.is_empty() && sheet.marks.iter().all(has)
    };
    let of_marks = REGISTRY.iter().copied().find(|(sheet, _, _)| marked(sheet));
    of_marks.or_else(|| REGISTRY.iter().copied().find(|(sheet, _, _)| sheet.vendor == vendor))
}

fn known(
    vendor: &str,
    settings: &BTreeMap<String, String>,
) -> Result<(&'static Sheet, Build), VendorFailure> {
    line(vendor, settings).map(|(sheet, build, _)| (sheet, build)).ok_or_else(|| {
        let all: Vec<&str> = sheets().map(|sheet| sheet.vendor).collect();
        VendorFailure::terminal(
            "vendor_unknown",
            format!("\"{vendor}\" is no vendor here; there are {}", all.join(", ")),
        )
    })
}

/// The settings that a new connection is kept with (those given, those that the form proposes, and the
/// vendor's marks), and its tenant.
///
/// # Errors
/// `vendor_unknown`, `setting_missing`.
pub fn admit(
    vendor: &str,
    given: &BTreeMap<String, String>,
    name: &str,
) -> Result<(&'static Sheet, BTreeMap<String, String>, String), VendorFailure> {
    let (sheet, _) = known(vendor, given)?;
    let mut kept = given.clone();
    kept.extend(sheet.marks.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    for field in sheet.form {
        if let Some(proposed) = field.proposed {
            kept.entry(field.name.to_owned()).or_insert_with(|| proposed.to_owned());
        }
    }
    let tenant = settings::tenant(sheet, &kept, name)?;
    Ok((sheet, kept, tenant))
}

/// The names of the credentials that a connection needs, in the order of the form.
///
/// # Errors
/// `vendor_unknown`; `setting_bad` where its way to sign in is none of the vendor's.
pub fn credentials(
    vendor: &str,
    settings: &BTreeMap<String, String>,
) -> Result<Vec<&'static str>, VendorFailure> {
    settings::credentials(known(vendor, settings)?.0, settings)
}

/// What a connection with these settings may use of the vendor's allowance, before it is opened.
///
/// # Errors
/// `vendor_unknown`, `setting_bad`.
pub fn limit(vendor: &str, settings: &BTreeMap<String, String>) -> Result<Limit, VendorFailure> {
    settings::limit(known(vendor, settings)?.0, settings)
}

/// Opens a connection: checks its settings by the vendor's sheet, asks `credentials` for what its way to sign
/// in needs, and builds the adapter. Nothing is sent yet, so that whatever can be known to be wrong without a
/// call is told by the very code that would use it.
///
/// # Errors
/// What `credentials` answers; `vendor_unknown`, `setting_missing`, `setting_bad`, `bad_address`,
/// `insecure_address`, `test_live_mismatch`, `auth_failed` for an empty credential.
pub fn build<E: From<VendorFailure>>(
    wanted: &Wanted<'_>,
    credentials: impl Fn(&str) -> Result<Secret, E>,
) -> Result<Connector, E> {
    let (sheet, build) = known(wanted.vendor, wanted.settings)?;
    settings::check(sheet, wanted.settings)?;
    // The adapters know one kind of failure: the caller's own is kept beside, and told instead.
    let own: RefCell<Option<E>> = RefCell::new(None);
    let asked = |field: &str| {
        credentials(field).map_err(|error| {
            *own.borrow_mut() = Some(error);
            VendorFailure::terminal("credential_missing", format!("there is no {field}"))
        })
    };
    let built = build(sheet, wanted, &asked);
    built.map_err(|failure| own.into_inner().unwrap_or_else(|| failure.into()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tieout_domain::Currency;

    use super::*;
    use crate::sheet::{FieldKind, Role};

    fn settings(of: &[(&str, &str)]) -> BTreeMap<String, String> {
        of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn every_vendor_is_named_once_and_says_against_what_it_was_checked() {
        let names: BTreeSet<&str> = sheets().map(|sheet| sheet.vendor).collect();
        assert_eq!(names.len(), REGISTRY.len());
        for sheet in sheets() {
            assert!(!sheet.checked_against.is_empty() && !sheet.resources.is_empty(), "{}", sheet.vendor);
            assert!(!sheet.auth.is_empty() && !sheet.address.hosts.is_empty(), "{}", sheet.vendor);
            assert_eq!(sheet.idempotency.is_some(), sheet.capabilities.posts, "{}", sheet.vendor);
            assert_eq!(sheet.role == Role::Erp, sheet.periods.is_some(), "{}", sheet.vendor);
            let rereads = sheet.capabilities.reread.is_some();
            assert_eq!(sheet.role == Role::Billing, rereads, "{}", sheet.vendor);
            let one = sheets().filter(|other| other.dialect == sheet.dialect).count();
            assert!(one == 1 || sheet.vendor == sheet.dialect || !sheet.marks.is_empty(), "{}", sheet.vendor);
        }
    }

    #[test]
    fn every_fact_says_where_it_comes_from_and_when_it_was_read_there() {
        for sheet in sheets() {
            for source in sheet.sources() {
                assert!(source.from.len() > 8, "{}: {source:?}", sheet.vendor);
                let (year, month) = source.read.split_once('-').unwrap();
                let year: u32 = year.parse().unwrap();
                let month: u32 = month.parse().unwrap();
                assert!((2020..2100).contains(&year) && (1..=12).contains(&month), "{source:?}");
            }
        }
    }

    #[test]
    fn what_a_vendor_grants_is_just_what_its_resources_name() {
        let stripe = sheet("stripe", &settings(&[])).unwrap();
        let named = stripe.resources.iter().flat_map(|resource| resource.permission.split([';', ',']));
        let named = named.filter_map(|part| part.trim().split_once(": "));
        let tail = |area: &str| area.rsplit(' ').next().unwrap().to_owned();
        let mut named: BTreeSet<(String, &str)> = named.map(|(area, name)| (tail(area), name)).collect();
        // What tells of changes is no resource of its own.
        named.insert(("Core".to_owned(), "Events"));
        let granted = stripe.permissions.all.iter().map(|one| (one.area.to_owned(), one.name));
        assert_eq!(granted.collect::<BTreeSet<_>>(), named);
        for sheet in sheets() {
            let said = sheet.resources.iter().map(|resource| resource.permission);
            let said: Vec<&str> = said.chain(sheet.form.iter().map(|field| field.help)).collect();
            for one in sheet.permissions.all {
                let lower = one.name.to_lowercase();
                let told = said.iter().any(|text| text.to_lowercase().contains(lower.trim_end_matches('y')));
                assert!(told, "{}: {} is granted, and nothing that is read needs it", sheet.vendor, one.name);
            }
        }
    }

    #[test]
    fn every_form_marks_its_secrets_and_offers_only_what_it_takes() {
        for sheet in sheets() {
            assert!(sheet.form.iter().any(|field| field.is_secret()), "{}", sheet.vendor);
            for field in sheet.form {
                assert!(!field.help.is_empty() && !field.label.is_empty(), "{}", field.name);
                let secret_name = ["key", "secret", "password"].iter().any(|word| field.name.contains(word));
                assert!(!secret_name || field.is_secret(), "{} is a secret", field.name);
                let choices = field.choices();
                let fits = field.usual.is_none_or(|usual| match field.kind {
                    FieldKind::Choice(_) => choices.contains(&usual),
                    FieldKind::Whole => usual.parse::<u32>().is_ok_and(|number| number > 0),
                    FieldKind::Text => true,
                    FieldKind::Secret => false,
                });
                assert!(fits, "{}: it is usually what it does not take", field.name);
                let known = field.with.is_none_or(|(other, value)| {
                    sheet.field(other).is_some_and(|other| other.choices().contains(&value))
                });
                assert!(known, "{}: what it goes with is no choice of another field", field.name);
            }
        }
    }

    #[test]
    fn a_connection_is_known_by_its_vendor_or_by_its_dialect_and_marks() {
        let name = |vendor: &str, of: &[(&str, &str)]| sheet(vendor, &settings(of)).map(|sheet| sheet.vendor);
        assert_eq!(name("stripe", &[]), Some("stripe"));
        assert_eq!(name("localstripe", &[]), Some("localstripe"));
        assert_eq!(name("stripe", &[("offer", "localstripe")]), Some("localstripe"), "as it is kept");
        assert_eq!(name("stripe", &[("offer", "another")]), Some("stripe"));
        assert_eq!(name("files", &[]), None);
        let (sheet, kept, tenant) = admit("localstripe", &settings(&[]), "billing").unwrap();
        assert_eq!((sheet.dialect, tenant.as_str()), ("stripe", "billing"));
        assert_eq!(kept, settings(&[("offer", "localstripe")]));
        let (_, _, tenant) =
            admit("tryton", &settings(&[("database", "d"), ("company", "3")]), "erp").unwrap();
        assert_eq!(tenant, "d/3");
        assert_eq!(admit("netsuite", &settings(&[]), "erp").unwrap_err().code, "setting_missing");
        let (_, kept, _) = admit("netsuite", &settings(&[("account", "1_SB1")]), "erp").unwrap();
        assert_eq!(
            kept,
            settings(&[("account", "1_SB1"), ("auth", "m2m"), ("customers", "known")]),
            "a new one, where nothing is said"
        );
        assert_eq!(admit("sap", &settings(&[]), "erp").unwrap_err().code, "vendor_unknown");
    }

    #[test]
    fn the_way_to_sign_in_decides_which_credentials_are_asked_for() {
        let asked = |vendor, of: &[(&str, &str)]| credentials(vendor, &settings(of)).map_err(|e| e.code);
        assert_eq!(asked("stripe", &[]), Ok(vec!["api_key"]));
        assert_eq!(asked("tryton", &[]), Ok(vec!["password"]));
        let tba = vec!["consumer_key", "consumer_secret", "token_id", "token_secret"];
        assert_eq!(asked("netsuite", &[]), Ok(tba.clone()), "of before the certificate was the usual way");
        assert_eq!(asked("netsuite", &[("auth", "tba")]), Ok(tba));
        let m2m = vec!["client_id", "certificate_id", "private_key"];
        assert_eq!(asked("netsuite", &[("auth", "m2m")]), Ok(m2m));
        assert_eq!(asked("netsuite", &[("auth", "password")]), Err("setting_bad"));
    }

    #[test]
    fn a_connections_own_limit_is_used_where_the_vendor_lets_it_be_set() {
        let said = |vendor, of: &[(&str, &str)]| limit(vendor, &settings(of)).unwrap().to_string();
        assert_eq!(said("stripe", &[]), "25 calls a second, 8 at once");
        assert_eq!(said("stripe", &[("rate", "5"), ("concurrency", "2")]), "5 calls a second, 2 at once");
        assert_eq!(said("netsuite", &[]), "4 calls at once");
        assert_eq!(said("tryton", &[("concurrency", "9")]), "1 call at once", "no setting there");
        assert_eq!(limit("stripe", &settings(&[("rate", "0")])).unwrap_err().code, "setting_bad");
    }

    #[test]
    fn each_vendor_reads_its_own_resume_points() {
        let said = |vendor, cursor: &str| since(vendor, &settings(&[]), cursor);
        let at = |text: &str| Some(Since::At(text.parse().unwrap()));
        assert_eq!(said("stripe", r#"{"from":1795600000}"#), at("2026-11-25T09:46:40Z"));
        let there = Some(Since::There("2026-11-25T10:00:00".to_owned()));
        assert_eq!(said("netsuite", r#"{"changed":"2026-11-25T10:00:00"}"#), there);
        assert_eq!(said("tryton", "2026-11-25T10:00:00+00:00"), at("2026-11-25T10:00:00Z"));
        for vendor in ["stripe", "netsuite", "tryton", "files"] {
            assert_eq!(said(vendor, "p4"), None, "{vendor}");
        }
        assert_eq!(said("netsuite", r#"{"changed":null}"#), None);
    }

    #[test]
    fn a_vendors_digits_are_its_own() {
        let stripe = &stripe::STRIPE;
        let of = |code: &str| stripe.exponent(Currency::new(code).unwrap());
        assert_eq!([of("USD"), of("JPY"), of("KWD")], [2, 0, 3]);
        assert_eq!([of("ISK"), of("MGA"), of("UGX")], [2, 0, 2]);
    }
}
