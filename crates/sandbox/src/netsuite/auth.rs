//! Who may call: token-based authentication per request, and bearer tokens issued for signed assertions.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use serde_json::json;

use super::assertion::{self, Client};
use super::oauth1::{self, Signed};
use super::reply::Problem;
use super::{Account, ServerOptions, TOKEN_PATH, der};

/// How far a request's timestamp may be from now, in seconds.
const WINDOW: i64 = 300;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Credentials of token-based authentication, as registered.
#[derive(Clone)]
pub struct TokenCredentials {
    /// Consumer key.
    pub consumer_key: String,
    /// Consumer secret.
    pub consumer_secret: String,
    /// Token id.
    pub token: String,
    /// Token secret.
    pub token_secret: String,
}

impl fmt::Debug for TokenCredentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TokenCredentials({} / {}, secrets hidden)", self.consumer_key, self.token)
    }
}

impl TokenCredentials {
    /// The sandbox's own; they open nothing else.
    #[must_use]
    pub fn sandbox() -> Self {
        Self {
            consumer_key: "ck-tieout-sandbox".to_owned(),
            consumer_secret: "cs-tieout-sandbox".to_owned(),
            token: "tk-tieout-sandbox".to_owned(),
            token_secret: "ts-tieout-sandbox".to_owned(),
        }
    }
}

pub(super) struct Auth {
    account: String,
    tokens: Vec<TokenCredentials>,
    clients: Vec<Client>,
    lifetime: Duration,
    /// So many seconds its clock is ahead of the machine's.
    ahead: AtomicI64,
    state: Mutex<Session>,
}

#[derive(Default)]
struct Session {
    /// Nonces seen, with their timestamps.
    nonces: HashMap<(String, String), i64>,
    /// Access tokens, with when they end.
    bearers: HashMap<String, Instant>,
}

impl Auth {
    pub(super) fn new(options: &ServerOptions) -> io::Result<Self> {
        let mut clients = Vec::new();
        for client in &options.m2m {
            let key = der::public_key(&client.public_key_pem).ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidInput,
                    format!("no public key for {}", client.certificate_id),
                )
            })?;
            let (client_id, certificate_id) = (client.client_id.clone(), client.certificate_id.clone());
            clients.push(Client { client_id, certificate_id, key });
        }
        Ok(Self {
            account: options.account.clone(),
            tokens: options.tokens.clone(),
            clients,
            lifetime: options.token_lifetime,
            ahead: AtomicI64::new(0),
            state: Mutex::default(),
        })
    }

    pub(super) fn turn_ahead(&self, by: Duration) {
        self.ahead.store(i64::try_from(by.as_secs()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Unix seconds by its own clock.
    fn now(&self) -> i64 {
        Utc::now().timestamp().saturating_add(self.ahead.load(Ordering::SeqCst))
    }

    pub(super) fn expire_all(&self) {
        self.lock().bearers.clear();
    }

    /// Ends the access token of these headers. Tokens of token-based authentication do not expire.
    pub(super) fn expire(&self, headers: &HeaderMap) {
        if let Some(token) =
            text(headers, header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "))
        {
            self.lock().bearers.remove(token);
        }
    }

    fn allows(&self, request: &Request) -> bool {
        let Some(authorization) = text(request.headers(), header::AUTHORIZATION) else {
            return false;
        };
        if let Some(token) = authorization.strip_prefix("Bearer ") {
            return self.lock().bearers.get(token).is_some_and(|end| Instant::now() < *end);
        }
        let signed = Signed {
            method: request.method().as_str(),
            host: text(request.headers(), header::HOST).unwrap_or_default(),
            path: request.uri().path(),
            query: request.uri().query().unwrap_or_default(),
        };
        self.allows_signed(authorization, signed, self.now())
    }

    fn allows_signed(&self, authorization: &str, signed: Signed<'_>, now: i64) -> bool {
        let Some(oauth) = oauth1::parameters(authorization) else {
            return false;
        };
        let given = |name: &str| oauth.get(name).map(String::as_str).unwrap_or_default();
        let version = given("oauth_version");
        if given("realm") != self.account
            || given("oauth_signature_method") != "HMAC-SHA256"
            || !(version.is_empty() || version == "1.0")
        {
            return false;
        }
        let known = self.tokens.iter().find(|known| {
            known.consumer_key == given("oauth_consumer_key") && known.token == given("oauth_token")
        });
        let Some(known) = known else { return false };
        let Ok(timestamp) = given("oauth_timestamp").parse::<i64>() else {
            return false;
        };
        if (now - timestamp).abs() > WINDOW
            || given("oauth_nonce").is_empty()
            || !oauth1::verify(signed, &oauth, &known.consumer_secret, &known.token_secret)
        {
            return false;
        }
        let mut state = self.lock();
        state.nonces.retain(|_, seen| (now - *seen).abs() <= WINDOW);
        state.nonces.insert((known.token.clone(), given("oauth_nonce").to_owned()), timestamp).is_none()
    }

    fn issue(&self) -> String {
        let token = hex::encode(rand::random::<[u8; 32]>());
        self.lock().bearers.insert(token.clone(), Instant::now() + self.lifetime);
        token
    }

    fn lock(&self) -> MutexGuard<'_, Session> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The middleware before every record and query.
pub(super) async fn require(State(account): State<Arc<Account>>, request: Request, next: Next) -> Response {
    if account.auth.allows(&request) { next.run(request).await } else { Problem::login().response() }
}

/// The token endpoint.
pub(super) async fn token(State(account): State<Arc<Account>>, headers: HeaderMap, body: String) -> Response {
    let mut form = HashMap::new();
    for pair in body.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if let (Some(name), Some(value)) = (oauth1::decode(name, true), oauth1::decode(value, true)) {
            form.insert(name, value);
        }
    }
    let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let form_type = text(&headers, header::CONTENT_TYPE).unwrap_or_default();
    if !form_type.starts_with("application/x-www-form-urlencoded")
        || given("grant_type") != "client_credentials"
        || given("client_assertion_type") != ASSERTION_TYPE
    {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_request"}))).into_response();
    }
    let host = text(&headers, header::HOST).unwrap_or_default();
    let url = format!("http://{host}{TOKEN_PATH}");
    let now = account.auth.now();
    if let Err(why) = assertion::verify(given("client_assertion"), &account.auth.clients, &url, now) {
        tracing::info!(why, "client assertion refused");
        return (StatusCode::UNAUTHORIZED, Json(json!({"error": "invalid_client"}))).into_response();
    }
    let lifetime = account.auth.lifetime.as_secs().to_string();
    let token = account.auth.issue();
    Json(json!({"access_token": token, "expires_in": lifetime, "token_type": "bearer"})).into_response()
}
