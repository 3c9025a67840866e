//! Verifies the signed assertion of OAuth 2.0 client credentials: JWT with `ES256` or `PS256` (RFC 7515,
//! 7518, 7523).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

/// The longest life of an assertion, in seconds (documented).
const LONGEST_LIFE: i64 = 3600;
/// How far the clocks of client and server may differ, in seconds.
const SKEW: i64 = 60;

/// A registered client with its key's bytes.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) client_id: String,
    pub(super) certificate_id: String,
    pub(super) key: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: OneOrMany,
    scope: OneOrMany,
    iat: i64,
    exp: i64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn any(&self, holds: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(text) => text.split([' ', ',']).any(holds),
            Self::Many(texts) => texts.iter().any(|text| holds(text)),
        }
    }
}

/// Checks an assertion at `now` (Unix seconds) for this token endpoint.
///
/// # Errors
/// What is wrong with it; the server's log gets it, the client does not (as with the vendor).
pub(super) fn verify(assertion: &str, clients: &[Client], token_url: &str, now: i64) -> Result<(), String> {
    let (signed, signature) = assertion.rsplit_once('.').ok_or("not a JWT")?;
    let (header, claims) = signed.split_once('.').ok_or("not a JWT")?;
    let header: Header = part(header)?;
    let claims: Claims = part(claims)?;
    let client = clients
        .iter()
        .find(|client| client.certificate_id == header.kid && client.client_id == claims.iss)
        .ok_or("no such certificate for this client")?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|error| error.to_string())?;
    let verified = match header.alg.as_str() {
        "ES256" => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &client.key)
            .verify(signed.as_bytes(), &signature),
        "PS256" => UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, &client.key)
            .verify(signed.as_bytes(), &signature),
        other => return Err(format!("algorithm {other} is not supported")),
    };
    verified.map_err(|_| "the signature is wrong")?;
    if !claims.aud.any(|aud| aud == token_url) {
        return Err("aud is not the token endpoint".to_owned());
    }
    if !claims.scope.any(|scope| scope == "rest_webservices") {
        return Err("scope lacks rest_webservices".to_owned());
    }
    if claims.exp <= now {
        return Err("expired".to_owned());
    }
    if claims.iat > now + SKEW || claims.exp <= claims.iat || claims.exp - claims.iat > LONGEST_LIFE {
        return Err("iat and exp are not within an hour of each other, from now".to_owned());
    }
    Ok(())
}

fn part<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|error| error.to_string())?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| error.to_string())?;
    serde_json::from_value(value).map_err(|error| error.to_string())
}
