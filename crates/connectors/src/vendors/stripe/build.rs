//! A Stripe connection from its settings.

use tieout_domain::failure::VendorFailure;

use super::{
    adapter::StripeConnection,
    options::{Offer, StripeOptions},
    sheet::LOCALSTRIPE,
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
    let key = credentials("api_key")?;
    let mut options = StripeOptions::new(wanted.url, key, wanted.live, wanted.world.clone());
    if sheet.vendor == LOCALSTRIPE.vendor {
        options.offer = Offer::localstripe();
        options.api_version = None;
    }
    options.connected_account =
        settings::value(sheet, wanted.settings, "connected_account").map(str::to_owned);
    options.limit = settings::limit(sheet, wanted.settings)?;
    options.read_timeout = settings::timeout(sheet, wanted.settings)?;
    Ok(Connector::billing(sheet, StripeConnection::new(options)?))
}
