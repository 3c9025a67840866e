//! NetSuite's two ways to sign in.
//!
//! Both signers are checked against independent implementations (PyPI `oauthlib` and `PyJWT`), not against
//! NetSuite.

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, Url};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tieout_domain::failure::VendorFailure;
use tokio::sync::Mutex;

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};

use crate::kit::{Authorizer, Body, Call, Http, Secret, World};

/// Credentials of token-based authentication (an integration record and an access token of a user and role).
#[derive(Clone)]
pub struct TokenAuth {
    /// Consumer key.
    pub consumer_key: Secret,
    /// Consumer secret.
    pub consumer_secret: Secret,
    /// Token id.
    pub token_id: Secret,
    /// Token secret.
    pub token_secret: Secret,
}

/// How an assertion is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum M2mAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// RSA-PSS with SHA-256 (keys of 3072 bits or more, as NetSuite asks).
    Ps256,
}

/// Credentials of the OAuth 2.0 client credentials flow.
#[derive(Clone)]
pub struct M2m {
    /// Client id of the integration record.
    pub client_id: String,
    /// Id of the uploaded certificate.
    pub certificate_id: String,
    /// How it signs.
    pub algorithm: M2mAlgorithm,
    /// The private key as PEM (PKCS #8).
    pub private_key_pem: Secret,
}

/// Puts an OAuth 1.0 signature on every attempt.
pub(super) struct TokenAuthorizer {
    pub(super) account: String,
    pub(super) token: TokenAuth,
    pub(super) world: World,
}

#[async_trait]
impl Authorizer for TokenAuthorizer {
    async fn headers(
        &self,
        method: &Method,
        url: &Url,
    ) -> Result<Vec<(&'static str, Secret)>, VendorFailure> {
        let nonce = self.world.nonce();
        let at = self.world.clock.now().timestamp();
        let header = tba_header(&self.account, &self.token, method.as_str(), url, &nonce, at)?;
        Ok(vec![("authorization", header)])
    }

    /// A refused signature may be one of a used nonce or an old timestamp: a fresh one is worth one try,
    /// and a refused call did nothing.
    async fn renew(&self, _: &[(&'static str, Secret)]) -> Result<bool, VendorFailure> {
        Ok(true)
    }
}

/// The `Authorization` header of RFC 5849 with HMAC-SHA256. `account` is the realm (`1234567_SB1`), `at` unix
/// seconds. Query parameters of `url` enter the signature, a JSON body does not.
///
/// # Errors
/// `bad_address` for an address without a host.
pub fn tba_header(
    account: &str,
    token: &TokenAuth,
    method: &str,
    url: &Url,
    nonce: &str,
    at: i64,
) -> Result<Secret, VendorFailure> {
    let at = at.to_string();
    let oauth: [(&str, &str); 6] = [
        ("oauth_consumer_key", token.consumer_key.expose()),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA256"),
        ("oauth_timestamp", &at),
        ("oauth_token", token.token_id.expose()),
        ("oauth_version", "1.0"),
    ];
    let mut pairs: Vec<(String, String)> =
        oauth.iter().map(|(name, value)| (enc(name), enc(value))).collect();
    pairs.extend(url.query_pairs().map(|(name, value)| (enc(&name), enc(&value))));
    pairs.sort();
    let normal: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let base = format!("{}&{}&{}", method.to_uppercase(), enc(&base_uri(url)?), enc(&normal.join("&")));
    let key =
        Secret::new(format!("{}&{}", enc(token.consumer_secret.expose()), enc(token.token_secret.expose())));
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes())
        .map_err(|_| VendorFailure::terminal("bad_credential", "the NetSuite secrets make no signing key"))?;
    mac.update(base.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let mut header = format!("OAuth realm=\"{}\"", enc(account));
    for (name, value) in oauth {
        header.push_str(&format!(", {name}=\"{}\"", enc(value)));
    }
    header.push_str(&format!(", oauth_signature=\"{}\"", enc(&signature)));
    Ok(Secret::new(header))
}

/// Scheme, host, port unless it is the scheme's own, and path (RFC 5849 §3.4.1.2).
fn base_uri(url: &Url) -> Result<String, VendorFailure> {
    let host = url
        .host_str()
        .ok_or_else(|| VendorFailure::terminal("bad_address", "the NetSuite address names no host"))?;
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    Ok(format!("{}://{}{port}{}", url.scheme(), host.to_lowercase(), url.path()))
}

/// Percent-encoding of RFC 3986 as RFC 5849 §3.6 wants it.
fn enc(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// How long an assertion is good for. NetSuite allows an hour; it is used at once.
const ASSERTION_SECONDS: i64 = 300;
/// A token is not used in its last seconds.
const TOKEN_MARGIN: i64 = 60;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
}

/// The signed assertion (JWT) with which a token is asked for at `token_url`.
///
/// # Errors
/// `bad_credential` where the key cannot be read or does not fit the algorithm.
pub fn assertion(m2m: &M2m, token_url: &str, now: DateTime<Utc>) -> Result<Secret, VendorFailure> {
    let pem = m2m.private_key_pem.expose().as_bytes();
    let (algorithm, key) = match m2m.algorithm {
        M2mAlgorithm::Es256 => (Algorithm::ES256, EncodingKey::from_ec_pem(pem)),
        M2mAlgorithm::Ps256 => (Algorithm::PS256, EncodingKey::from_rsa_pem(pem)),
    };
    let bad = || {
        VendorFailure::terminal(
            "bad_credential",
            "the NetSuite private key cannot sign: give a PKCS #8 PEM of the kind that the algorithm names \
             (EC P-256 for ES256, RSA for PS256)",
        )
    };
    let key = key.map_err(|_| bad())?;
    let mut header = Header::new(algorithm);
    header.kid = Some(m2m.certificate_id.clone());
    let iat = now.timestamp();
    let claims = Claims {
        iss: &m2m.client_id,
        scope: "rest_webservices",
        aud: token_url,
        iat,
        exp: iat + ASSERTION_SECONDS,
    };
    jsonwebtoken::encode(&header, &claims, &key).map(Secret::new).map_err(|_| bad())
}

/// Where access tokens are asked for.
pub(super) const TOKEN_PATH: &str = "/services/rest/auth/oauth2/v1/token";

struct Token {
    bearer: Secret,
    good_until: i64,
}

/// Keeps an access token and asks for another when it ends or is refused.
pub(super) struct M2mAuthorizer {
    m2m: M2m,
    token_url: String,
    /// Of its own: the calls that need a token already hold a place in the other's limiter.
    http: Http,
    token: Mutex<Option<Token>>,
}

#[derive(Deserialize)]
struct TokenBody {
    access_token: String,
    expires_in: serde_json::Value,
}

impl M2mAuthorizer {
    pub(super) fn new(m2m: M2m, base_url: &str, http: Http) -> Self {
        let token_url = format!("{}{TOKEN_PATH}", base_url.trim_end_matches('/'));
        Self { m2m, token_url, http, token: Mutex::new(None) }
    }

    async fn ask(&self) -> Result<Token, VendorFailure> {
        let now = self.http.world().clock.now();
        let form = vec![
            ("grant_type", Secret::new("client_credentials")),
            ("client_assertion_type", Secret::new("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")),
            ("client_assertion", assertion(&self.m2m, &self.token_url, now)?),
        ];
        // Asking twice does no harm: a read, as far as books are concerned.
        let answer = self.http.read(&Call::post(TOKEN_PATH, Body::Form(form))).await?;
        let body: TokenBody = serde_json::from_slice(&answer.body).map_err(|_| {
            VendorFailure::retryable("schema_drift", "NetSuite's token answer cannot be read. Try again")
        })?;
        // `expires_in` is documented as a number and given as a text.
        let life = match &body.expires_in {
            serde_json::Value::String(text) => text.parse::<i64>().ok(),
            serde_json::Value::Number(number) => number.as_i64(),
            _ => None,
        };
        let good_until = now.timestamp() + life.unwrap_or(0) - TOKEN_MARGIN;
        Ok(Token { bearer: Secret::new(format!("Bearer {}", body.access_token)), good_until })
    }
}

#[async_trait]
impl Authorizer for M2mAuthorizer {
    async fn headers(&self, _: &Method, _: &Url) -> Result<Vec<(&'static str, Secret)>, VendorFailure> {
        let mut token = self.token.lock().await;
        let now = self.http.world().clock.now().timestamp();
        if let Some(token) = token.as_ref().filter(|token| token.good_until > now) {
            return Ok(vec![("authorization", token.bearer.clone())]);
        }
        let fresh = self.ask().await?;
        let bearer = fresh.bearer.clone();
        *token = Some(fresh);
        Ok(vec![("authorization", bearer)])
    }

    async fn renew(&self, used: &[(&'static str, Secret)]) -> Result<bool, VendorFailure> {
        let mut token = self.token.lock().await;
        let refused = used.first().map(|(_, bearer)| bearer.expose());
        // Only the refused one is thrown away: another call may have renewed it already.
        if token.as_ref().map(|token| token.bearer.expose()) == refused {
            *token = None;
        }
        Ok(true)
    }
}
