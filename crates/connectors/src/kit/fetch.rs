//! A file that stands at an address, read whole: what an administrator publishes, never a vendor's data.

use std::sync::Arc;

use reqwest::Url;
use tieout_domain::failure::VendorFailure;

use super::{
    classify::Words,
    http::{Call, Http, HttpOptions, NoAuth, check_base_url},
    limiter::Limit,
    world::World,
};

/// Reads what stands at an address, by the rules of any connection: `https` (plain http only to this machine), the
/// system's proxy, no redirect.
///
/// # Errors
/// As [`Http::read`], and `bad_address`.
pub async fn fetch(address: &str, world: World) -> Result<Vec<u8>, VendorFailure> {
    let bad =
        |why: String| VendorFailure::terminal("bad_address", format!("\"{address}\" is no address: {why}"));
    let url = Url::parse(address).map_err(|error| bad(error.to_string()))?;
    let base = url.origin().ascii_serialization();
    check_base_url(address)?;
    let mut options = HttpOptions::new(base, Limit::per_second(4, 1), |_, _| Words::default());
    options.read_attempts = 2;
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let answer = Http::new(options, Arc::new(NoAuth), world)?.read(&Call::get(path)).await?;
    Ok(answer.body)
}
