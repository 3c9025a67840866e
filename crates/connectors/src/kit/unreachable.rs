//! Why no connection came about, in words for whoever has to do something about it. Nothing was sent in any
//! of these cases, so that each is retryable, for a change too.

use std::{error::Error, io, net::SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::CertificateError;
use tieout_domain::failure::VendorFailure;

/// The operating system's names of hosts, with an error of ours where it has none: what the resolver's own
/// means cannot be told from its type.
pub(super) struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found = tokio::net::lookup_host((host.as_str(), 0)).await;
            let found: io::Result<Vec<SocketAddr>> = found.map(Iterator::collect);
            match found {
                Ok(found) => Ok(Box::new(found.into_iter()) as Addrs),
                Err(cause) => Err(Box::new(UnknownHost { host, cause }) as Box<dyn Error + Send + Sync>),
            }
        })
    }
}

/// A name that nobody knows, or that nobody could be asked about.
#[derive(Debug, thiserror::Error)]
#[error("{host}: {cause}")]
struct UnknownHost {
    host: String,
    cause: io::Error,
}

/// The failure of a call to `host` (with its port where it is not the usual one) for which no connection came
/// about.
///
/// `host_unknown` where its name is not known, `certificate_refused` where it could not prove who it is,
/// `proxy_refused` where a proxy in between does not let it through, else `connect_failed`.
pub(super) fn failure(host: &str, error: &(dyn Error + 'static)) -> VendorFailure {
    let mut last = error;
    loop {
        if let Some(unknown) = last.downcast_ref::<UnknownHost>() {
            return VendorFailure::retryable(
                "host_unknown",
                format!(
                    "there is no host of the name {}: check the address; where it is right, this computer \
                     has no network at the moment",
                    unknown.host
                ),
            );
        }
        if let Some(rustls::Error::InvalidCertificate(why)) = last.downcast_ref() {
            return VendorFailure::retryable("certificate_refused", certificate(host, why));
        }
        if let Some(words) = proxy(host, last) {
            return VendorFailure::retryable("proxy_refused", words);
        }
        let inner = last.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        match inner.map(|inner| inner as &(dyn Error + 'static)).or_else(|| last.source()) {
            Some(deeper) => last = deeper,
            None => break,
        }
    }
    let refused = last.downcast_ref::<io::Error>();
    let message = match refused.map(io::Error::kind) {
        Some(io::ErrorKind::ConnectionRefused) => {
            format!("{host} takes no connections: check the address, or whether the service runs")
        }
        _ => format!("{host} cannot be reached ({last}): check the network, the proxy and the address"),
    };
    VendorFailure::retryable("connect_failed", message)
}

/// What a proxy answered in the place of opening the way to a host. The client's error for it (hyper-util's
/// `TunnelError`) is of a type that nobody else can name: its words are held by a test.
fn proxy(host: &str, error: &(dyn Error + 'static)) -> Option<String> {
    let told = error.to_string();
    match told.strip_prefix("tunnel error: ")? {
        "proxy authorization required" => Some(format!(
            "the proxy before {host} asks who is calling, and was told nobody it knows: put a user and \
             password that it takes into HTTPS_PROXY (http://USER:PASSWORD@PROXY:PORT), or have this computer's calls let \
             through. Nothing was sent"
        )),
        "unsuccessful" => Some(format!(
            "the proxy before {host} does not open the way there: have {host} allowed at the proxy. Nothing \
             was sent"
        )),
        _ => None,
    }
}

/// What is wrong with the certificate that a host showed.
fn certificate(host: &str, why: &CertificateError) -> String {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => format!(
            "the certificate of {host} has expired: whoever runs it has to renew it. Where others reach it, \
             this computer's date is wrong"
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("the certificate of {host} is not valid yet: check this computer's date")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => format!(
            "what answers at {host} shows a certificate for another name: check the address. Nothing was sent"
        ),
        CertificateError::UnknownIssuer => format!(
            "the certificate of {host} is signed by nobody that this computer trusts: something in between \
             answers in its place, or it is not the host that it says. Nothing was sent. Where a proxy of \
             the company reads the traffic, its certificate authority has to be among the system's trusted \
             ones, or in the file that the machine's policy names (network.certificate_authorities)"
        ),
        CertificateError::Revoked => {
            format!("the certificate of {host} was revoked: whoever runs it has to replace it")
        }
        other => format!("the certificate of {host} is refused: {other}"),
    }
}
