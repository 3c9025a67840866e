//! How NetSuite says what goes wrong.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::reply::Problem;
use super::{Account, TOKEN_PATH};
use crate::fault::{Dialect, RequestClass};

pub(super) struct NetSuite {
    pub(super) account: Arc<Account>,
}

impl Dialect for NetSuite {
    fn classify(&self, method: &str, path: &str) -> RequestClass {
        match (method, path) {
            (_, TOKEN_PATH) => RequestClass::Token,
            ("POST", path) if path.ends_with("/suiteql") => RequestClass::Page,
            ("POST", path) if path.ends_with("/journalEntry") => RequestClass::Posting,
            ("GET", path) if path.ends_with("/accountingPeriod") => RequestClass::Page,
            ("GET", _) => RequestClass::Read,
            _ => RequestClass::Write,
        }
    }

    fn too_many(&self, retry_after_s: Option<u64>) -> Response {
        let mut response = Problem::too_many().response();
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn server_error(&self) -> Response {
        Problem::server().response()
    }

    fn expire(&self, headers: &HeaderMap) -> Response {
        self.account.auth.expire(headers);
        Problem::login().response()
    }

    /// Each row's first column is renamed, and its second becomes an object: a renamed field and a changed
    /// type.
    fn drift(&self, mut page: Value) -> Value {
        for item in page.get_mut("items").and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(row) = item.as_object_mut() else { continue };
            let names: Vec<String> = row.keys().filter(|name| *name != "links").take(2).cloned().collect();
            let mut names = names.into_iter();
            if let Some((name, value)) = names.next().and_then(|name| row.remove_entry(&name)) {
                row.insert(format!("{name}_v2"), value);
            }
            if let Some(value) = names.next().and_then(|name| row.get_mut(&name)) {
                *value = json!({"value": value.take()});
            }
        }
        page
    }
}
