//! A Tryton connection from its settings.

use tieout_domain::failure::VendorFailure;

use super::{adapter::TrytonConnection, options::TrytonOptions};
use crate::{
    connector::Connector,
    settings::{self, Credentials, Wanted},
    sheet::Sheet,
};

/// Builds the adapter. Nothing is called yet.
pub(crate) fn build(
    sheet: &'static Sheet,
    wanted: &Wanted<'_>,
    credentials: &Credentials<'_>,
) -> Result<Connector, VendorFailure> {
    let need = |name| settings::need(sheet, wanted.settings, name);
    let company = settings::number(sheet, wanted.settings, "company")?.unwrap_or_default();
    let password = credentials("password")?;
    let (database, login) = (need("database")?, need("login")?);
    let world = wanted.world.clone();
    let mut options = TrytonOptions::new(wanted.url, database, login, password, i64::from(company), world);
    need("journal")?.clone_into(&mut options.journal);
    options.limit = settings::limit(sheet, wanted.settings)?;
    options.read_timeout = settings::timeout(sheet, wanted.settings)?;
    Ok(Connector::ledger(sheet, TrytonConnection::new(options)?))
}
