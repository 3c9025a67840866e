//! Whom connections trust beside the certificate authorities of the operating system.

use reqwest::{Certificate, Url};
use tieout_domain::failure::VendorFailure;

/// Certificate authorities that are trusted beside the system's own: a company's proxy that reads its traffic
/// signs with one.
#[derive(Clone, Default)]
pub struct Trusted(Vec<Certificate>);

impl Trusted {
    /// Those of a file of certificates (PEM).
    ///
    /// # Errors
    /// `no_client` where it holds none, or one that cannot be read.
    pub fn from_pem(text: &[u8]) -> Result<Self, VendorFailure> {
        let bad =
            |why: &str| VendorFailure::terminal("no_client", format!("it holds no certificates: {why}"));
        let found = Certificate::from_pem_bundle(text).map_err(|error| bad(&error.to_string()))?;
        match found.is_empty() {
            true => Err(bad("there is no -----BEGIN CERTIFICATE----- in it")),
            false => Ok(Self(found)),
        }
    }

    /// Each of them.
    pub(super) fn all(&self) -> impl Iterator<Item = Certificate> {
        self.0.iter().cloned()
    }
}

/// The proxy that the environment names for `https` addresses, without what signs in to it. Where the environment
/// names none, Windows and macOS may have one in their own settings, which is used and not told here.
#[must_use]
pub fn proxy_in_use() -> Option<String> {
    // In the order in which the client asks (hyper-util's `client::proxy::matcher`).
    let variables = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let given = variables.iter().find_map(|name| std::env::var(name).ok().filter(|text| !text.is_empty()))?;
    let whole = if given.contains("://") { given } else { format!("http://{given}") };
    let Ok(url) = Url::parse(&whole) else { return Some("one that is no address".to_owned()) };
    let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
    Some(format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default()))
}

/// The host of an address, in lower case and without its port.
#[must_use]
pub fn host_of(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_ascii_lowercase)
}
