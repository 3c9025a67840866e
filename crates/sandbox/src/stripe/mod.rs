//! A server that speaks Stripe's dialect about a simulated company: Bearer or Basic keys, one per account,
//! form-encoded parameters, `limit` / `starting_after` / `has_more`, spans of creation, newest first, events
//! of the last thirty days, Stripe's error bodies. Reading only; what a person would do in Stripe's dashboard
//! is done through [`Control`]. Shapes follow Stripe's published fixtures of autumn 2026.

mod control;
mod dialect;
mod filter;
mod limits;
mod lists;
mod problem;
mod query;
mod render_invoice;
mod render_master;
mod render_money;
mod state;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Query as AxumQuery, Request, State as AxumState};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use chrono::DateTime;
use serde_json::Value;

pub use control::{Command, Control, ControlError, NewLine};
pub use limits::Limits;

use dialect::{StripeDialect, key_of};
use lists::Call;
use problem::Problem;
use state::State;

use crate::company::Company;
use crate::fault::layer::apply;
use crate::fault::{FaultContext, Faults, ServerHandle};

/// The API version of the shapes, where the client names none.
pub const API_VERSION: &str = "2026-09-30.endive";

/// Shared by the server and its control.
type Shared = Arc<Mutex<State>>;

fn lock(shared: &Shared) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A running Stripe server. Dropping it stops it.
pub struct Server {
    handle: ServerHandle,
    control: Control,
    faults: Faults,
}

impl Server {
    /// Serves a company on 127.0.0.1, on any free port.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(company: Company, faults: Faults) -> io::Result<Self> {
        Self::start_at(company, faults, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await
    }

    /// Serves a company at an address.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start_at(company: Company, faults: Faults, address: SocketAddr) -> io::Result<Self> {
        let shared: Shared = Arc::new(Mutex::new(State::new(company)));
        let context = FaultContext { faults: faults.clone(), dialect: Arc::new(StripeDialect) };
        let router = Router::new()
            .route("/v1/{*path}", any(answer))
            .route("/_sandbox/control", post(control_over_http))
            .fallback(nowhere)
            .with_state(Arc::clone(&shared))
            .layer(from_fn_with_state(context, apply))
            .layer(from_fn(named));
        let handle = ServerHandle::start(router, address).await?;
        Ok(Self { handle, control: Control::new(shared), faults })
    }

    /// `http://127.0.0.1:<port>`; the API is below `/v1`.
    #[must_use]
    pub fn url(&self) -> String {
        self.handle.url()
    }

    /// Changes the company while it is served.
    #[must_use]
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// The faults of this server.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Stops the server and frees its port.
    pub async fn shutdown(self) {
        self.handle.shutdown().await;
    }
}

/// Gives every response what Stripe's have: a request id, and the version of its shapes.
async fn named(request: Request, next: Next) -> Response {
    static COUNTER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    let version = request.headers().get("stripe-version").cloned();
    let mut response = next.run(request).await;
    let number = COUNTER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&format!("req_1MRDN{number:011}")) {
        headers.insert(HeaderName::from_static("request-id"), id);
    }
    let version = version.unwrap_or(HeaderValue::from_static(API_VERSION));
    headers.insert(HeaderName::from_static("stripe-version"), version);
    response
}

async fn nowhere(request: Request) -> Response {
    Problem::unrecognized(request.method().as_str(), request.uri().path()).into_response()
}

/// The entity of a key.
fn authenticate(state: &State, headers: &HeaderMap) -> Result<u8, Problem> {
    let given = key_of(headers).filter(|key| !key.is_empty()).ok_or_else(Problem::no_key)?;
    match state.keys.iter().find(|key| key.secret == given) {
        None => Err(Problem::wrong_key(&given)),
        Some(key) if key.expired => Err(Problem::expired_key(&given)),
        Some(key) => Ok(key.entity),
    }
}

/// The endpoint that a path counts for: ids do not make a new one.
fn endpoint(path: &str) -> String {
    let words: Vec<&str> = path.split('/').filter(|word| !word.contains("_1MRDN")).collect();
    words.join("/")
}

async fn answer(
    AxumState(shared): AxumState<Shared>,
    AxumQuery(pairs): AxumQuery<Vec<(String, String)>>,
    request: Request,
) -> Response {
    let mut response = answered(&shared, &pairs, &request);
    // The vendor's clock is the company's, not this machine's.
    let now = DateTime::from_timestamp(lock(&shared).company.now, 0).unwrap_or_default();
    if let Ok(date) = HeaderValue::from_str(&now.format("%a, %d %b %Y %H:%M:%S GMT").to_string()) {
        response.headers_mut().insert(header::DATE, date);
    }
    response
}

fn answered(shared: &Shared, pairs: &[(String, String)], request: &Request) -> Response {
    let path = request.uri().path().to_owned();
    let version = request.headers().get("stripe-version").and_then(|value| value.to_str().ok());
    let version = version.unwrap_or(API_VERSION);
    let mut state = lock(shared);
    state.requests += 1;
    let entity = match authenticate(&state, request.headers()) {
        Ok(entity) => entity,
        Err(problem) => return problem.into_response(),
    };
    if !state.limiter.admit(entity, &endpoint(&path), Instant::now()) {
        return Problem::too_many().into_response();
    }
    if request.method() != Method::GET {
        return Problem::unrecognized(request.method().as_str(), &path).into_response();
    }
    let call = Call { state: &state, entity, version, path: &path, pairs };
    match call.answer() {
        Ok(value) => json_response(StatusCode::OK, &value),
        Err(problem) => problem.into_response(),
    }
}

fn json_response(status: StatusCode, value: &Value) -> Response {
    let json = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, json)], value.to_string()).into_response()
}

/// `POST /_sandbox/control` with a [`Command`] as JSON; answers `{"id": …}` or `{"code": …, "message": …}`.
async fn control_over_http(AxumState(shared): AxumState<Shared>, body: Body) -> Response {
    let refused = |code: &str, message: String| {
        let body = serde_json::json!({ "code": code, "message": message });
        json_response(StatusCode::BAD_REQUEST, &body)
    };
    let bytes = match to_bytes(body, 1 << 20).await {
        Ok(bytes) => bytes,
        Err(error) => return refused("unreadable_body", error.to_string()),
    };
    let command: Command = match serde_json::from_slice(&bytes) {
        Ok(command) => command,
        Err(error) => return refused("unreadable_command", error.to_string()),
    };
    match Control::new(shared).run(command) {
        Ok(id) => json_response(StatusCode::OK, &serde_json::json!({ "id": id.to_string() })),
        Err(error) => refused(error.code(), error.to_string()),
    }
}
