//! How Stripe says what goes wrong, for the shared fault layer.

use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::problem::Problem;
use crate::fault::{Dialect, RequestClass};

/// Stripe's dialect of the fault layer.
pub(super) struct StripeDialect;

/// The key of a request, from `Bearer` or `Basic key:`.
pub(super) fn key_of(headers: &HeaderMap) -> Option<String> {
    use base64::Engine;
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    if let Some(key) = value.strip_prefix("Bearer ") {
        return Some(key.trim().to_owned());
    }
    let encoded = value.strip_prefix("Basic ")?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    text.split(':').next().map(str::to_owned)
}

impl Dialect for StripeDialect {
    fn classify(&self, method: &str, path: &str) -> RequestClass {
        let Some(rest) = path.strip_prefix("/v1/") else { return RequestClass::Exempt };
        if method != "GET" {
            return RequestClass::Write;
        }
        let last = rest.rsplit('/').next().unwrap_or(rest);
        let one = last == "account" || last.contains('_') && rest.contains('/') && last != "event_summaries";
        if one { RequestClass::Read } else { RequestClass::Page }
    }

    fn too_many(&self, retry_after_s: Option<u64>) -> Response {
        Problem::too_many().response(retry_after_s)
    }

    fn server_error(&self) -> Response {
        Problem::server_error().into_response()
    }

    /// A Stripe key is not refreshed but rotated by a person, so an injected expiry is said once and the key
    /// goes on working; [`super::Control::expire_key`] makes one expire for good.
    fn expire(&self, headers: &HeaderMap) -> Response {
        Problem::expired_key(&key_of(headers).unwrap_or_default()).into_response()
    }

    /// The first object of the page gets a text where an integer is documented; the others lose a field.
    fn drift(&self, mut page: Value) -> Value {
        let Some(data) = page.get_mut("data").and_then(Value::as_array_mut) else {
            return page;
        };
        for (position, item) in data.iter_mut().enumerate() {
            let Some(fields) = item.as_object_mut() else { continue };
            let amount = ["total", "amount", "created"].into_iter().find(|name| fields.contains_key(*name));
            if position == 0 {
                if let Some(value) = amount.and_then(|name| fields.get_mut(name)) {
                    *value = json!(format!("{value} units"));
                }
            } else if fields.remove("number").is_none()
                && let Some(value) = fields.remove("currency")
            {
                fields.insert("currency_code".to_owned(), value);
            }
        }
        page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_pages_and_objects_are_reads() {
        let check =
            |path: &str, expected| assert_eq!(StripeDialect.classify("GET", path), expected, "{path}");
        check("/v1/invoices", RequestClass::Page);
        check("/v1/credit_notes", RequestClass::Page);
        check("/v1/invoices/in_1MRDN0/lines", RequestClass::Page);
        check("/v1/billing/meters/mtr_1/event_summaries", RequestClass::Page);
        check("/v1/invoices/in_1MRDN0", RequestClass::Read);
        check("/v1/account", RequestClass::Read);
        check("/_sandbox/control", RequestClass::Exempt);
    }

    #[test]
    fn drift_changes_a_type_and_loses_a_field() {
        let page = json!({"data": [{"total": 5, "number": "A"}, {"total": 6, "number": "B"}]});
        let drifted = StripeDialect.drift(page);
        assert_eq!(drifted, json!({"data": [{"total": "5 units", "number": "A"}, {"total": 6}]}));
    }
}
