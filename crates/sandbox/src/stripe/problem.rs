//! Stripe's error bodies.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// A refusal in Stripe's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) kind: &'static str,
    pub(super) code: Option<&'static str>,
    pub(super) param: Option<String>,
    pub(super) message: String,
}

impl Problem {
    fn request(status: StatusCode, code: Option<&'static str>, param: Option<&str>, message: String) -> Self {
        let param = param.map(str::to_owned);
        Self { status, kind: "invalid_request_error", code, param, message }
    }

    pub(super) fn invalid(param: &str, message: String) -> Self {
        Self::request(StatusCode::BAD_REQUEST, None, Some(param), message)
    }

    pub(super) fn unknown_parameter(param: &str) -> Self {
        let message = format!("Received unknown parameter: {param}");
        Self::request(StatusCode::BAD_REQUEST, Some("parameter_unknown"), Some(param), message)
    }

    pub(super) fn missing_parameter(param: &str) -> Self {
        let message = format!("Missing required param: {param}.");
        Self::request(StatusCode::BAD_REQUEST, Some("parameter_missing"), Some(param), message)
    }

    /// A cursor that names nothing.
    pub(super) fn no_such_cursor(param: &str, what: &str, id: &str) -> Self {
        let message = format!("No such {what}: '{id}'");
        Self::request(StatusCode::BAD_REQUEST, Some("resource_missing"), Some(param), message)
    }

    pub(super) fn no_such(what: &str, id: &str) -> Self {
        let message = format!("No such {what}: '{id}'");
        Self::request(StatusCode::NOT_FOUND, Some("resource_missing"), Some("id"), message)
    }

    pub(super) fn unrecognized(method: &str, path: &str) -> Self {
        let message = format!("Unrecognized request URL ({method}: {path}).");
        Self::request(StatusCode::NOT_FOUND, None, None, message)
    }

    pub(super) fn no_key() -> Self {
        let message =
            "You did not provide an API key. You need to provide your API key in the Authorization \
                       header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
                .to_owned();
        Self::request(StatusCode::UNAUTHORIZED, None, None, message)
    }

    pub(super) fn wrong_key(key: &str) -> Self {
        let message = format!("Invalid API Key provided: {}", redacted(key));
        Self::request(StatusCode::UNAUTHORIZED, None, None, message)
    }

    pub(super) fn expired_key(key: &str) -> Self {
        let message = format!("Expired API Key provided: {}", redacted(key));
        Self::request(StatusCode::UNAUTHORIZED, Some("api_key_expired"), None, message)
    }

    pub(super) fn too_many() -> Self {
        let message = "Request rate limit exceeded. You can learn more about rate limits here \
                       https://stripe.com/docs/rate-limits."
            .to_owned();
        Self::request(StatusCode::TOO_MANY_REQUESTS, Some("rate_limit"), None, message)
    }

    pub(super) fn server_error() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            kind: "api_error",
            code: None,
            param: None,
            message: "An unknown error occurred".to_owned(),
        }
    }

    /// The response, with `Retry-After` if given.
    pub(super) fn response(self, retry_after_s: Option<u64>) -> Response {
        let mut response = self.into_response();
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Stripe shows the ends of a key only.
fn redacted(key: &str) -> String {
    let tail = key.len().saturating_sub(4);
    let start: String = key.chars().take(8).collect();
    format!("{start}****{}", key.get(tail..).unwrap_or(""))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let Some(code) = self.code {
            error["code"] = json!(code);
            error["doc_url"] =
                json!(format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")));
        }
        if let Some(param) = self.param {
            error["param"] = json!(param);
        }
        let body = json!({ "error": error }).to_string();
        let mut response = (self.status, body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
