//! A control surface over HTTP for drivers in another process: faults on and off, periods closed, the book
//! judged.
//!
//! It listens on a port of its own, so that no vendor's dialect gets paths that the vendor does not have. All
//! bodies are JSON; an error is `{"error": code, "message": words}`.
//!
//! | request | does |
//! |---|---|
//! | `GET /faults/{server}` | plan, counts of what was injected, requests seen, commits still to land |
//! | `PUT /faults/{server}` | sets a [`FaultPlan`] and switches faults on |
//! | `POST /faults/{server}/on`, `/off`, `/flush-late` | switches; lets late commits land |
//! | `POST /periods/{YYYY-MM}/close`, `/lock-ar`, `/reopen` | changes a period |
//! | `PUT /silent-move` | `{"on": true}` |
//! | `GET /book/count`, `/book/drafts`, `/book/csv` | as the [`Book`]'s functions |
//! | `DELETE /book/entries/{id}` | deletes an entry, as a person with the right to do so would |
//! | `GET /book/entries?external_id=…`, `?reference=…`, `?prefix=…` | entries |
//! | `GET /book/balance?account=1100&subsidiary=1&period=2026-11` | `{"balance_minor": n}` |

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::book::{Book, BookError};
use crate::fault::{FaultPlan, Faults, ServerHandle};

/// What is controlled.
#[derive(Clone)]
pub struct Control {
    /// The ERP's book.
    pub book: Book,
    /// The faults of each server, by the name in the path (`netsuite`, `stripe`).
    pub faults: BTreeMap<String, Faults>,
}

impl Control {
    /// Starts the control surface.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start(self, address: SocketAddr) -> io::Result<ServerHandle> {
        ServerHandle::start(router(self), address).await
    }
}

fn router(control: Control) -> Router {
    Router::new()
        .route("/faults/{server}", get(read_faults).put(set_faults))
        .route("/faults/{server}/{action}", post(switch_faults))
        .route("/periods/{month}/{action}", post(change_period))
        .route("/silent-move", put(silent_move))
        .route("/book/count", get(count))
        .route("/book/drafts", get(drafts))
        .route("/book/entries", get(entries))
        .route("/book/entries/{id}", delete(delete_entry))
        .route("/book/balance", get(balance))
        .route("/book/csv", get(csv))
        .with_state(Arc::new(control))
}

type Shared = State<Arc<Control>>;

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    (status, Json(json!({"error": code, "message": message}))).into_response()
}

fn of_book(error: &BookError) -> Response {
    let status = match error {
        BookError::Unknown { .. } => StatusCode::NOT_FOUND,
        BookError::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
        BookError::DuplicateExternalId(_)
        | BookError::Unbalanced(_)
        | BookError::TooFewLines
        | BookError::BadAmount(_)
        | BookError::PeriodClosed
        | BookError::AlreadyApproved => StatusCode::BAD_REQUEST,
    };
    refusal(status, error.code(), &error.to_string())
}

fn answer<T: serde::Serialize>(result: Result<T, BookError>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(error) => of_book(&error),
    }
}

fn done(result: Result<(), BookError>) -> Response {
    match result {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => of_book(&error),
    }
}

fn unknown(what: &str) -> Response {
    refusal(StatusCode::NOT_FOUND, "unknown", &format!("there is no {what} here"))
}

async fn read_faults(State(control): Shared, Path(server): Path<String>) -> Response {
    let Some(faults) = control.faults.get(&server) else { return unknown(&server) };
    let body = json!({
        "plan": faults.plan(),
        "injected": faults.injected(),
        "requests": faults.requests(),
        "late_pending": faults.late_pending(),
    });
    Json(body).into_response()
}

async fn set_faults(
    State(control): Shared,
    Path(server): Path<String>,
    Json(plan): Json<FaultPlan>,
) -> Response {
    let Some(faults) = control.faults.get(&server) else { return unknown(&server) };
    faults.set_plan(plan);
    StatusCode::NO_CONTENT.into_response()
}

async fn switch_faults(State(control): Shared, Path((server, action)): Path<(String, String)>) -> Response {
    let Some(faults) = control.faults.get(&server) else { return unknown(&server) };
    match action.as_str() {
        "on" => faults.switch(true),
        "off" => faults.switch(false),
        "flush-late" => faults.flush_late().await,
        other => return unknown(other),
    }
    StatusCode::NO_CONTENT.into_response()
}

async fn change_period(State(control): Shared, Path((month, action)): Path<(String, String)>) -> Response {
    match action.as_str() {
        "close" => done(control.book.close_period(&month)),
        "lock-ar" => done(control.book.lock_ar(&month)),
        "reopen" => done(control.book.reopen(&month)),
        other => unknown(other),
    }
}

#[derive(Deserialize)]
struct Switch {
    on: bool,
}

async fn silent_move(State(control): Shared, Json(switch): Json<Switch>) -> Response {
    control.book.set_silent_move(switch.on);
    StatusCode::NO_CONTENT.into_response()
}

async fn count(State(control): Shared) -> Response {
    answer(control.book.count().map(|count| json!({"count": count})))
}

async fn drafts(State(control): Shared) -> Response {
    answer(control.book.drafts())
}

async fn delete_entry(State(control): Shared, Path(id): Path<i64>) -> Response {
    done(control.book.delete_entry(id))
}

#[derive(Deserialize)]
struct Wanted {
    external_id: Option<String>,
    reference: Option<String>,
    prefix: Option<String>,
}

async fn entries(State(control): Shared, Query(wanted): Query<Wanted>) -> Response {
    match (wanted.external_id, wanted.reference, wanted.prefix) {
        (Some(key), None, None) => answer(control.book.entries_by_external_id(&key)),
        (None, Some(key), None) => answer(control.book.entries_by_reference(&key)),
        (None, None, Some(key)) => answer(control.book.entries_with_prefix(&key)),
        (_, _, _) => {
            refusal(StatusCode::BAD_REQUEST, "bad_query", "give one of external_id, reference, prefix")
        }
    }
}

#[derive(Deserialize)]
struct Cell {
    account: String,
    subsidiary: i64,
    period: String,
}

async fn balance(State(control): Shared, Query(cell): Query<Cell>) -> Response {
    let balance = control.book.balance(&cell.account, cell.subsidiary, &cell.period);
    answer(balance.map(|minor| json!({"balance_minor": minor})))
}

async fn csv(State(control): Shared) -> Response {
    let mut text = Vec::new();
    match control.book.write_csv(&mut text) {
        Ok(()) => ([(header::CONTENT_TYPE, "text/csv")], text).into_response(),
        Err(error) => of_book(&error),
    }
}
