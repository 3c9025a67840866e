//! Applies the decided faults to HTTP requests: an axum middleware that every server wraps around its routes.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::half::HalfBody;
use super::plan::{FaultKind, Tuning};
use super::wire::CutConnection;
use super::{Decision, Faults};

/// The largest body that the layer buffers, in bytes.
const BODY_LIMIT: usize = 64 << 20;

/// What a request is for, which decides what faults make sense for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestClass {
    /// Changes something that is no posting.
    Write,
    /// Books an entry.
    Posting,
    /// Reads many things, page by page.
    Page,
    /// Reads one thing.
    Read,
    /// Asks for a credential.
    Token,
    /// Never gets a fault.
    Exempt,
}

/// How a vendor says what goes wrong. Each server has its own.
pub trait Dialect: Send + Sync + 'static {
    /// What the request is for.
    fn classify(&self, method: &str, path: &str) -> RequestClass;
    /// The vendor's 429, with `Retry-After` seconds if given.
    fn too_many(&self, retry_after_s: Option<u64>) -> Response;
    /// The vendor's 500.
    fn server_error(&self) -> Response;
    /// Makes the credential that these headers carry invalid, as far as the vendor's credentials expire, and
    /// gives the vendor's 401.
    fn expire(&self, headers: &HeaderMap) -> Response;
    /// A page of data with another shape than documented.
    fn drift(&self, page: Value) -> Value;
}

/// What [`apply`] needs.
#[derive(Clone)]
pub struct FaultContext {
    /// Which faults.
    pub faults: Faults,
    /// How they are worded.
    pub dialect: Arc<dyn Dialect>,
}

/// Request extension: the handler itself must act out this fault ([`FaultKind::ClosedPeriod`] or
/// [`FaultKind::PeriodMoved`]) and record it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Injected(pub FaultKind);

/// The middleware: `Router::layer(axum::middleware::from_fn_with_state(context, layer::apply))`.
pub async fn apply(State(context): State<FaultContext>, request: Request, next: Next) -> Response {
    let class = context.dialect.classify(request.method().as_str(), request.uri().path());
    let decision = context.faults.decide(request.method().as_str(), request.uri().path(), class);
    let response = act(&context, decision, request, next).await;
    context.faults.late.answered(decision.ordinal).await;
    response
}

async fn act(context: &FaultContext, decision: Decision, mut request: Request, next: Next) -> Response {
    let Some(kind) = decision.kind else {
        return next.run(request).await;
    };
    let tuning = context.faults.tuning();
    match kind {
        FaultKind::TooManyWithRetryAfter => {
            context.faults.record(kind);
            context.dialect.too_many(Some(tuning.retry_after_s))
        }
        FaultKind::TooMany => {
            context.faults.record(kind);
            context.dialect.too_many(None)
        }
        FaultKind::ErrorBeforeCommit => {
            context.faults.record(kind);
            context.dialect.server_error()
        }
        FaultKind::DropBeforeCommit => {
            context.faults.record(kind);
            CutConnection::response()
        }
        FaultKind::ExpiredToken => {
            context.faults.record(kind);
            context.dialect.expire(request.headers())
        }
        FaultKind::LateCommit => late(context, decision.ordinal, &tuning, request, next).await,
        FaultKind::ErrorAfterCommit | FaultKind::TimeoutAfterCommit | FaultKind::DropAfterCommit => {
            after_commit(context, kind, &tuning, next.run(request).await).await
        }
        FaultKind::DropMidBody => mid_body(context, next.run(request).await).await,
        FaultKind::SlowPage => {
            context.faults.record(kind);
            tokio::time::sleep(Duration::from_millis(tuning.slow_page_ms)).await;
            next.run(request).await
        }
        FaultKind::SchemaDrift => drift(context, next.run(request).await).await,
        FaultKind::ClosedPeriod | FaultKind::PeriodMoved => {
            request.extensions_mut().insert(Injected(kind));
            next.run(request).await
        }
    }
}

/// Hides the success of work that was done. A refusal committed nothing and is answered as it is.
async fn after_commit(context: &FaultContext, kind: FaultKind, tuning: &Tuning, done: Response) -> Response {
    if !done.status().is_success() {
        return done;
    }
    context.faults.record(kind);
    if kind == FaultKind::ErrorAfterCommit {
        return context.dialect.server_error();
    }
    if kind == FaultKind::TimeoutAfterCommit {
        tokio::time::sleep(Duration::from_millis(tuning.silence_ms)).await;
    }
    CutConnection::response()
}

/// Keeps the request for later. Its body is read now: the client will be gone.
async fn late(
    context: &FaultContext,
    ordinal: u64,
    tuning: &Tuning,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_LIMIT).await else {
        return CutConnection::response();
    };
    let request = Request::from_parts(parts, Body::from(bytes));
    let due = ordinal.saturating_add(tuning.late_after_requests.max(1));
    let delay = Duration::from_millis(tuning.late_after_ms);
    context.faults.record(FaultKind::LateCommit);
    context.faults.late.enqueue(due, delay, async move {
        let status = next.run(request).await.status();
        tracing::debug!(%status, "late commit landed");
    });
    if tuning.late_is_silent {
        tokio::time::sleep(Duration::from_millis(tuning.silence_ms)).await;
    }
    CutConnection::response()
}

/// Sends half of a page, and then cuts the connection.
async fn mid_body(context: &FaultContext, page: Response) -> Response {
    if page.status() != StatusCode::OK {
        return page;
    }
    let (parts, body) = page.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_LIMIT).await else {
        return CutConnection::response();
    };
    context.faults.record(FaultKind::DropMidBody);
    HalfBody::response(parts, bytes)
}

async fn drift(context: &FaultContext, page: Response) -> Response {
    if page.status() != StatusCode::OK {
        return page;
    }
    let (mut parts, body) = page.into_parts();
    let Ok(bytes) = to_bytes(body, BODY_LIMIT).await else {
        return context.dialect.server_error();
    };
    let Ok(value) = serde_json::from_slice::<Value>(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    context.faults.record(FaultKind::SchemaDrift);
    parts.headers.remove(header::CONTENT_LENGTH);
    (parts, context.dialect.drift(value).to_string()).into_response()
}
