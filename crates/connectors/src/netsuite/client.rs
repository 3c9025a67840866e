//! NetSuite's wire, and nothing else: records, queries, errors.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tieout_domain::failure::{FailureClass, VendorFailure};

use super::{
    NetSuiteAuth, NetSuiteOptions,
    auth::{M2mAuthorizer, TokenAuthorizer},
};
use crate::kit::{Answer, Authorizer, Body, Call, Http, HttpOptions, Limit, NoAuth, Words};

const RECORD: &str = "/services/rest/record/v1";
const SUITEQL: &str = "/services/rest/query/v1/suiteql";
/// NetSuite's largest page of a query.
pub(super) const PAGE: usize = 1000;

/// The wire to one NetSuite account, shared by reading and posting.
pub(super) struct Client {
    http: Http,
}

/// One page of a query.
pub(super) struct Rows {
    pub(super) answer: Answer,
    pub(super) items: Vec<Row>,
    pub(super) has_more: bool,
}

/// One row of a query: its bytes, and what they say. Every value is a text; a null column is left out.
pub(super) struct Row {
    pub(super) raw: String,
    pub(super) value: Value,
}

#[derive(Deserialize)]
struct RowsBody {
    items: Vec<Box<RawValue>>,
    #[serde(rename = "hasMore")]
    has_more: bool,
}

impl Client {
    pub(super) fn new(options: &NetSuiteOptions) -> Result<Self, VendorFailure> {
        let mut http = HttpOptions::new(options.base_url.clone(), options.limit, explain);
        http.read_timeout = options.read_timeout;
        http.total_timeout = options.total_timeout;
        http.request_id_header = "x-n-operationid";
        let world = options.world.clone();
        let auth: Arc<dyn Authorizer> = match &options.auth {
            NetSuiteAuth::Token(token) => Arc::new(TokenAuthorizer {
                account: options.account.clone(),
                token: token.clone(),
                world: world.clone(),
            }),
            NetSuiteAuth::M2m(m2m) => {
                let mut tokens = http.clone();
                tokens.limit = Limit::concurrency(1);
                let tokens = Http::new(tokens, Arc::new(NoAuth), world.clone())?;
                Arc::new(M2mAuthorizer::new(m2m.clone(), &options.base_url, tokens))
            }
        };
        Ok(Self { http: Http::new(http, auth, world)? })
    }

    /// The limiter of this connection's calls.
    pub(super) fn limiter(&self) -> &crate::kit::Limiter {
        self.http.limiter()
    }

    /// A record by its path below the record service; `None` where there is none.
    pub(super) async fn record(&self, path: &str) -> Result<Option<Answer>, VendorFailure> {
        let call = Call::get(format!("{RECORD}/{path}")).query("expandSubResources", "true");
        match self.http.read(&call).await {
            Ok(answer) => Ok(Some(answer)),
            Err(failure) if failure.code == "not_found" => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Creates a record: one attempt.
    pub(super) async fn create(&self, kind: &str, body: &str) -> Result<Answer, VendorFailure> {
        let call = Call::post(format!("{RECORD}/{kind}"), Body::Json(body.to_owned()));
        self.http.change(&call).await
    }

    /// One page of a query, of at most [`PAGE`] rows from `offset`.
    pub(super) async fn query(&self, sql: &str, offset: usize) -> Result<Rows, VendorFailure> {
        let call = Call::post(SUITEQL, Body::Json(json!({ "q": sql }).to_string()))
            .query("limit", PAGE.to_string())
            .query("offset", offset.to_string())
            .header("prefer", "transient");
        let answer = self.http.read(&call).await?;
        let unlike = |error| unreadable("a SuiteQL answer", &format!("it is none as documented ({error})"));
        let body: RowsBody = serde_json::from_slice(&answer.body).map_err(unlike)?;
        let mut items = Vec::with_capacity(body.items.len());
        for raw in body.items {
            let value = serde_json::from_str(raw.get()).map_err(unlike)?;
            items.push(Row { raw: raw.get().to_owned(), value });
        }
        Ok(Rows { answer, items, has_more: body.has_more })
    }

    /// All rows of a query, over as many pages as it takes. The answers' bodies follow each other in the
    /// first one's; an order that names every row must be part of the query.
    pub(super) async fn query_all(&self, sql: &str) -> Result<Rows, VendorFailure> {
        let mut all = self.query(sql, 0).await?;
        let mut offset = PAGE;
        while all.has_more {
            let page = self.query(sql, offset).await?;
            all.items.extend(page.items);
            all.answer.body.push(b'\n');
            all.answer.body.extend_from_slice(&page.answer.body);
            all.has_more = page.has_more;
            offset += PAGE;
        }
        Ok(all)
    }
}

/// The failure of an answer that is not what NetSuite documents. Nothing was changed by reading it.
pub(super) fn unreadable(place: &str, what: &str) -> VendorFailure {
    VendorFailure::retryable(
        "schema_drift",
        format!("{place} cannot be read: {what}. Try again; if it stays, the adapter needs an update"),
    )
}

/// A text in a query, quoted.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// NetSuite's words: `{"title", "o:errorDetails": [{"detail", "o:errorCode", "o:errorPath"}]}`.
///
/// The texts are second-hand (public integration code): the codes alone do not tell a closed period or a
/// duplicate from other user errors.
fn explain(status: u16, body: &[u8]) -> Words {
    let value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let first = value.pointer("/o:errorDetails/0");
    let text = |key: &str| first.and_then(|d| d.get(key)).and_then(Value::as_str).unwrap_or_default();
    let (detail, code) = (text("detail"), text("o:errorCode"));
    let message = if detail.is_empty() {
        value.get("title").and_then(Value::as_str).unwrap_or_default().to_owned()
    } else {
        detail.to_owned()
    };
    let lower = message.to_lowercase();
    let refused = (400..500).contains(&status);
    let verdict = if refused && is_period(&lower, code) {
        Some(("period_closed", FailureClass::Terminal))
    } else if refused && is_duplicate(&lower, code) {
        // Not a failure of ours: an earlier attempt, or another desk, was there first. It is looked up.
        Some(("duplicate_external_id", FailureClass::Unknown))
    } else if refused && code.contains("LIMIT_EXCEEDED") {
        Some(("rate_limited", FailureClass::Retryable))
    } else if status == 400 && code == "INVALID_KEY_OR_REF" {
        Some(("unknown_reference", FailureClass::Terminal))
    } else {
        None
    };
    Words { message, code: verdict.map(|v| v.0), class: verdict.map(|v| v.1) }
}

fn is_period(lower: &str, code: &str) -> bool {
    matches!(code, "TRAN_PERIOD_CLOSED" | "TRAN_PRD_CLOSED")
        || lower.contains("not within the date range of your accounting period")
        || (lower.contains("period") && (lower.contains("closed") || lower.contains("locked")))
}

fn is_duplicate(lower: &str, code: &str) -> bool {
    matches!(code, "DUP_RCRD" | "DUP_ENTITY")
        || lower.contains("record already exists")
        || lower.contains("entity already exists")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, code: &str, detail: &str, want: Option<(&'static str, FailureClass)>) {
        let body =
            json!({"title": "Bad Request", "o:errorDetails": [{"detail": detail, "o:errorCode": code}]});
        let words = explain(status, body.to_string().as_bytes());
        assert_eq!(words.message, detail);
        assert_eq!(words.code.zip(words.class), want, "{code} {detail}");
    }

    #[test]
    fn a_closed_period_and_a_duplicate_are_told_from_other_user_errors() {
        let period = Some(("period_closed", FailureClass::Terminal));
        let duplicate = Some(("duplicate_external_id", FailureClass::Unknown));
        let text =
            "The transaction date you specified is not within the date range of your accounting period.";
        check(400, "USER_ERROR", text, period);
        check(400, "TRAN_PERIOD_CLOSED", "No.", period);
        check(400, "USER_ERROR", "Error while accessing a resource. This record already exists.", duplicate);
        check(400, "USER_ERROR", "This entity already exists.", duplicate);
        check(400, "USER_ERROR", "The amounts in a journal entry must balance.", None);
        check(500, "UNEXPECTED_ERROR", "An unexpected error about a closed period", None);
        let limit = Some(("rate_limited", FailureClass::Retryable));
        check(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded.", limit);
    }
}
