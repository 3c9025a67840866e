//! Asynchronous requests (`Prefer: respond-async`): the only ones for which the vendor honours
//! `X-NetSuite-Idempotency-Key`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Account;
use super::auth::text;
use super::reply::{self, Problem};

#[derive(Default)]
pub(super) struct Jobs(Mutex<Submitted>);

#[derive(Default)]
struct Submitted {
    /// Idempotency key → job.
    keys: HashMap<String, u64>,
    /// Per job, from 1, whether it succeeded.
    done: Vec<bool>,
}

impl Jobs {
    fn lock(&self) -> MutexGuard<'_, Submitted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn location(host: &str, job: u64) -> String {
    format!("http://{host}/services/rest/async/v1/job/{job}")
}

/// Runs `work` once per idempotency key and answers 202; the outcome is asked of the job.
pub(super) fn accept(
    account: &Account,
    headers: &HeaderMap,
    host: &str,
    work: impl FnOnce() -> Result<i64, Problem>,
) -> Response {
    let key = text(headers, "x-netsuite-idempotency-key");
    let mut jobs = account.jobs.lock();
    if let Some(first) = key.and_then(|key| jobs.keys.get(key)) {
        let mut response = Problem::idempotency().response();
        if let Ok(value) = HeaderValue::from_str(&location(host, *first)) {
            response.headers_mut().insert(header::LOCATION, value);
        }
        return response;
    }
    jobs.done.push(work().is_ok());
    let job = jobs.done.len() as u64;
    if let Some(key) = key {
        jobs.keys.insert(key.to_owned(), job);
    }
    let applied = (HeaderName::from_static("preference-applied"), "respond-async".to_owned());
    (StatusCode::ACCEPTED, [(header::LOCATION, location(host, job)), applied]).into_response()
}

pub(super) async fn read(State(account): State<Arc<Account>>, Path(id): Path<u64>) -> Response {
    let position = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
    let done = position.and_then(|position| account.jobs.lock().done.get(position).copied());
    match done {
        Some(succeeded) => {
            let progress = if succeeded { "succeeded" } else { "failed" };
            reply::json_body("job", json!({"id": id.to_string(), "completed": true, "progress": progress}))
        }
        None => Problem::no_record().response(),
    }
}
