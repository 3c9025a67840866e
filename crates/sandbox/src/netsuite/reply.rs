//! NetSuite's answers: the error object, and the wording of the book's refusals.

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::book::BookError;

/// Words that stand before most details (seen in public logs).
const ACCESSING: &str = "Error while accessing a resource.";

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    status: StatusCode,
    title: &'static str,
    code: &'static str,
    detail: String,
    path: Option<String>,
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, code, detail: detail.into(), path: None }
    }

    fn bad(code: &'static str, detail: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Bad Request", code, format!("{ACCESSING} {detail}"))
    }

    /// The vendor's documented answer to a bad or expired credential.
    pub(super) fn login() -> Self {
        let detail = "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI \
                      at Setup > \
                      Users/Roles > User Management > View Login Audit Trail.";
        Self::new(StatusCode::UNAUTHORIZED, "Unauthorized", "INVALID_LOGIN", detail)
    }

    /// A body that does not say what it must; `path` names the field.
    pub(super) fn content(path: &str, detail: &str) -> Self {
        Self { path: Some(path.to_owned()), ..Self::bad("INVALID_CONTENT", detail) }
    }

    /// A bad query or parameter.
    pub(super) fn parameter(detail: &str) -> Self {
        let words = format!("Invalid search query. Detailed unprocessed description follows. {detail}");
        Self::new(StatusCode::BAD_REQUEST, "Bad Request", "INVALID_PARAMETER", words)
    }

    pub(super) fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found", "NONEXISTENT_ID", detail)
    }

    pub(super) fn no_record() -> Self {
        Self::not_found("The record instance does not exist. Provide a valid record instance ID.")
    }

    pub(super) fn method() -> Self {
        let detail = "The requested method is not supported for this resource.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed", "INVALID_METHOD", detail)
    }

    pub(super) fn too_many() -> Self {
        let detail = "Concurrent request limit exceeded. Request blocked.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests", "CONCURRENCY_LIMIT_EXCEEDED", detail)
    }

    pub(super) fn server() -> Self {
        let detail = "An unexpected error occurred. Error ID: sandbox.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error", "UNEXPECTED_ERROR", detail)
    }

    /// A second use of an idempotency key (documented: status 400 titled "Conflict").
    pub(super) fn idempotency() -> Self {
        let detail = "A request with the same idempotency key was already received.";
        Self::new(StatusCode::BAD_REQUEST, "Conflict", "IDEMPOTENCY_ERROR", detail)
    }

    /// The closed-period wording (second-hand; the code is likely).
    pub(super) fn closed_period() -> Self {
        let detail =
            "The transaction date you specified is not within the date range of your accounting period.";
        Self::bad("USER_ERROR", detail)
    }

    /// The vendor's words for what the book refuses. `duplicate`: `record` or `entity`.
    pub(super) fn of_book(error: &BookError, duplicate: &str) -> Self {
        match error {
            BookError::Unknown { what, key } => {
                Self::bad("INVALID_KEY_OR_REF", &format!("Invalid {what} reference key {key}."))
            }
            BookError::DuplicateExternalId(_) => {
                Self::bad("USER_ERROR", &format!("This {duplicate} already exists."))
            }
            BookError::Unbalanced(_) => {
                Self::bad("USER_ERROR", "The amounts in a journal entry must balance.")
            }
            BookError::TooFewLines => {
                Self::bad("USER_ERROR", "You must enter at least two lines for this transaction.")
            }
            BookError::BadAmount(what) => Self::bad("INVALID_CONTENT", &format!("Invalid amount: {what}.")),
            BookError::PeriodClosed => Self::closed_period(),
            BookError::AlreadyApproved => {
                Self::bad("USER_ERROR", "This transaction is approved and cannot be taken back.")
            }
            BookError::Storage(_) => Self::server(),
        }
    }

    pub(super) fn response(&self) -> Response {
        let mut detail = json!({"detail": self.detail, "o:errorCode": self.code});
        if let (Some(path), Some(map)) = (&self.path, detail.as_object_mut()) {
            map.insert("o:errorPath".to_owned(), Value::String(path.clone()));
        }
        let section = self.status.as_u16().saturating_sub(399);
        let body = json!({
            "type": format!("https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.{section}"),
            "title": self.title,
            "status": self.status.as_u16(),
            "o:errorDetails": [detail],
        });
        let kind = (header::CONTENT_TYPE, "application/vnd.oracle.resource+json; type=error; charset=UTF-8");
        (self.status, [kind], body.to_string()).into_response()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.response()
    }
}

/// 204 with the record's address.
pub(super) fn created(host: &str, kind: &str, id: i64) -> Response {
    let location = format!("http://{host}/services/rest/record/v1/{kind}/{id}");
    (StatusCode::NO_CONTENT, [(header::LOCATION, location)]).into_response()
}

/// 200 with JSON of the vendor's type.
pub(super) fn json_body(kind: &str, body: Value) -> Response {
    let content = format!("application/vnd.oracle.resource+json; type={kind}; charset=UTF-8");
    let mut response = Json(body).into_response();
    if let Ok(content) = HeaderValue::from_str(&content) {
        response.headers_mut().insert(header::CONTENT_TYPE, content);
    }
    response
}

/// Gives every answer an id, as the vendor does.
pub(super) async fn request_id(request: Request, next: Next) -> Response {
    let id = hex::encode(rand::random::<[u8; 12]>());
    let mut response = next.run(request).await;
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HeaderName::from_static("x-n-operationid"), id);
    }
    response
}
