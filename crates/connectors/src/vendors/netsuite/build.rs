//! A NetSuite connection from its settings.

use tieout_domain::{Currency, failure::VendorFailure};

use super::{
    auth::{M2m, M2mAlgorithm, TokenAuth},
    connection::NetSuiteConnection,
    options::{NetSuiteAuth, NetSuiteOptions},
};
use crate::{
    connector::Connector,
    settings::{self, Credentials, Wanted},
    sheet::Sheet,
};

/// Builds the adapter. Nothing is sent yet.
pub(crate) fn build(
    sheet: &'static Sheet,
    wanted: &Wanted<'_>,
    credentials: &Credentials<'_>,
) -> Result<Connector, VendorFailure> {
    let chosen = |name| settings::value(sheet, wanted.settings, name);
    let auth = match chosen("auth") {
        Some("m2m") => NetSuiteAuth::M2m(M2m {
            client_id: credentials("client_id")?.expose().to_owned(),
            certificate_id: credentials("certificate_id")?.expose().to_owned(),
            algorithm: match chosen("algorithm") {
                Some("PS256") => M2mAlgorithm::Ps256,
                _ => M2mAlgorithm::Es256,
            },
            private_key_pem: credentials("private_key")?,
        }),
        _ => NetSuiteAuth::Token(TokenAuth {
            consumer_key: credentials("consumer_key")?,
            consumer_secret: credentials("consumer_secret")?,
            token_id: credentials("token_id")?,
            token_secret: credentials("token_secret")?,
        }),
    };
    let world = wanted.world.clone();
    let mut options = NetSuiteOptions::new(wanted.url, wanted.tenant, wanted.live, auth, world);
    options.limit = settings::limit(sheet, wanted.settings)?;
    options.read_timeout = settings::timeout(sheet, wanted.settings)?;
    if let Some(approve) = chosen("approve") {
        approve.clone_into(&mut options.approve);
    }
    if let Some(zone) = chosen("time_zone") {
        options.time_zone =
            zone.parse().map_err(|_| bad("time_zone", zone, "a time zone such as Europe/Berlin"))?;
    }
    if let Some(code) = chosen("home_currency") {
        let wrong = |_| bad("home_currency", code, "a currency's code such as USD");
        options.home_currency = Some(Currency::new(code).map_err(wrong)?);
    }
    for field in chosen("name_fields").unwrap_or_default().split([',', ' ']).filter(|name| !name.is_empty()) {
        // It becomes part of a query.
        let field = field.to_lowercase();
        if !field.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err(bad("name_fields", &field, "the id of a field such as custbody_invoice_number"));
        }
        options.name_fields.push(field);
    }
    Ok(Connector::ledger(sheet, NetSuiteConnection::new(options)?))
}

fn bad(field: &str, given: &str, wanted: &str) -> VendorFailure {
    VendorFailure::terminal("setting_bad", format!("{field}: {wanted} is needed, and \"{given}\" is none"))
}
