//! Verifies token-based authentication: OAuth 1.0 signatures with HMAC-SHA256 (RFC 5849).

use std::collections::HashMap;
use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What is signed besides the header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    /// The `Host` header.
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    /// The query as sent, without `?`.
    pub(super) query: &'a str,
}

/// The parameters of an `Authorization: OAuth …` header, decoded. `None` when it is none.
pub(super) fn parameters(header: &str) -> Option<HashMap<String, String>> {
    let list = header.strip_prefix("OAuth ").or_else(|| header.strip_prefix("oauth "))?;
    let mut found = HashMap::new();
    for pair in list.split(',') {
        let (name, value) = pair.trim().split_once('=')?;
        let value = value.strip_prefix('"')?.strip_suffix('"')?;
        if found.insert(decode(name, false)?, decode(value, false)?).is_some() {
            return None;
        }
    }
    Some(found)
}

/// Whether the header's signature is the one that these secrets give.
pub(super) fn verify(
    request: Signed<'_>,
    oauth: &HashMap<String, String>,
    consumer_secret: &str,
    token_secret: &str,
) -> bool {
    let signature = oauth.get("oauth_signature").and_then(|text| STANDARD.decode(text).ok());
    let (Some(signature), Some(base)) = (signature, base_string(request, oauth)) else {
        return false;
    };
    let key = format!("{}&{}", encode(consumer_secret), encode(token_secret));
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else {
        return false;
    };
    mac.update(base.as_bytes());
    mac.verify_slice(&signature).is_ok()
}

/// Section 3.4.1. `None` when the query is not well encoded.
fn base_string(request: Signed<'_>, oauth: &HashMap<String, String>) -> Option<String> {
    let mut parameters = Vec::new();
    for pair in request.query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        parameters.push((encode(&decode(name, true)?), encode(&decode(value, true)?)));
    }
    for (name, value) in oauth {
        if name != "realm" && name != "oauth_signature" {
            parameters.push((encode(name), encode(value)));
        }
    }
    parameters.sort();
    let normalized: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let host = request.host.to_lowercase();
    let host = host.strip_suffix(":80").unwrap_or(&host);
    let uri = format!("http://{host}{}", request.path);
    Some(format!("{}&{}&{}", request.method.to_uppercase(), encode(&uri), encode(&normalized.join("&"))))
}

/// Section 3.6.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Percent-decoding; in a query a plus is a space.
pub(super) fn decode(text: &str, query: bool) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                bytes.extend(hex::decode(digits).ok()?);
                rest = after;
            }
            b'+' if query => bytes.push(b' '),
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The base string of RFC 5849, section 3.4.1.1, without its form body.
    #[test]
    fn the_base_string_is_the_standards_own() {
        let header = concat!(
            r#"OAuth realm="Example", oauth_consumer_key="9djdj82h48djs9d2", "#,
            r#"oauth_token="kkk9d7dh3k39sjv7", "#,
            r#"oauth_signature_method="HMAC-SHA1", oauth_timestamp="137131201", oauth_nonce="7d8f3e4a", "#,
            r#"oauth_signature="bYT5CMsGcbgUdFHObYMEfcx6bsw%3D""#
        );
        let request = Signed {
            method: "post",
            host: "EXAMPLE.com:80",
            path: "/request",
            query: "b5=%3D%253D&a3=a&c%40=&a2=r%20b&c2&a3=2+q",
        };
        let base = base_string(request, &parameters(header).unwrap()).unwrap();
        let expected = concat!(
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26",
            "b5%3D%253D%25253D%26",
            "c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26",
            "oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26",
            "oauth_token%3Dkkk9d7dh3k39sjv7"
        );
        assert_eq!(base, expected);
    }
}
