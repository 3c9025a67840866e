//! NetSuite's wire, and nothing else: records, queries, errors.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use tieout_domain::failure::VendorFailure;
use tokio::time::Instant;

use super::{
    auth::{M2mAuthorizer, TokenAuthorizer},
    options::{NetSuiteAuth, NetSuiteOptions},
    sheet::NETSUITE,
};
use crate::{
    kit::{Answer, Authorizer, Body, Call, Field, Http, HttpOptions, Limit, NoAuth, Words},
    sheet::{Said, rule_for},
};

const RECORD: &str = "/services/rest/record/v1";
const SUITEQL: &str = "/services/rest/query/v1/suiteql";

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

impl Row {
    /// The number in a column.
    pub(super) fn number(&self, column: &'static str) -> Result<i64, VendorFailure> {
        let number = Field::root(&self.value, "a row").get(column).minor();
        number.map_err(|rejection| unreadable("a SuiteQL answer", &rejection.to_string()))
    }

    /// Its id.
    pub(super) fn id(&self) -> Result<i64, VendorFailure> {
        self.number("id")
    }
}

impl Rows {
    /// The rows of `more` behind these, and its bytes.
    pub(super) fn extend(&mut self, more: Rows) {
        self.items.extend(more.items);
        self.answer.body.push(b'\n');
        self.answer.body.extend_from_slice(&more.answer.body);
        self.has_more = more.has_more;
    }
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

    /// Creates a record: one attempt, which is sent by this moment or never.
    pub(super) async fn create(
        &self,
        kind: &str,
        body: &str,
        leaves_by: Option<Instant>,
    ) -> Result<Answer, VendorFailure> {
        // By itself NetSuite ignores a property that it does not know, and books without it.
        let call = Call::post(format!("{RECORD}/{kind}"), Body::Json(body.to_owned()))
            .header("x-netsuite-propertynamevalidation", "error");
        self.http.change(&Call { leaves_by, ..call }).await
    }

    /// The first rows of a query, as many as fit an answer. The next ones are asked for by what the last row
    /// has, never by an offset: what is deleted or added meanwhile would move the rows behind it.
    pub(super) async fn query(&self, sql: &str) -> Result<Rows, VendorFailure> {
        let call = Call::post(SUITEQL, Body::Json(json!({ "q": sql }).to_string()))
            .query("limit", NETSUITE.limits.page.to_string())
            .query("offset", "0")
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

    /// All rows of a query that lists by rising id those above the one that it is given. The answers' bodies
    /// follow each other in the first one's.
    pub(super) async fn query_all(
        &self,
        above: impl Fn(i64) -> String + Send,
    ) -> Result<Rows, VendorFailure> {
        let mut all = self.query(&above(0)).await?;
        while all.has_more {
            let last = all.items.last().map(Row::id).transpose()?;
            let last = last.ok_or_else(|| unreadable("a SuiteQL answer", "it has more rows after none"))?;
            all.extend(self.query(&above(last)).await?);
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

/// NetSuite's words: `{"title", "o:errorDetails": [{"detail", "o:errorCode", "o:errorPath"}]}`; some have the
/// code at the top.
fn explain(status: u16, body: &[u8]) -> Words {
    let value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let text = |place: &str| value.pointer(place).and_then(Value::as_str).filter(|text| !text.is_empty());
    let message = text("/o:errorDetails/0/detail").or_else(|| text("/title")).unwrap_or_default();
    let code = text("/o:errorDetails/0/o:errorCode").or_else(|| text("/o:errorCode")).unwrap_or_default();
    let rule = rule_for(NETSUITE.errors, &Said { status, code, message });
    Words {
        message: message.to_owned(),
        code: rule.map(|rule| rule.code),
        class: rule.map(|rule| rule.class),
    }
}

#[cfg(test)]
mod tests {
    use tieout_domain::failure::FailureClass;

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
        let unknown = Some(("unknown_table", FailureClass::Terminal));
        let text = "Search error occurred: Record 'deletedrecord' was not found.";
        check(400, "INVALID_PARAMETER", text, unknown);
        let top = json!({"title": "Too many", "o:errorCode": "USER_CONCURRENCY_LIMIT_EXCEEDED"});
        assert_eq!(explain(429, top.to_string().as_bytes()).code, Some("rate_limited"), "a code at the top");
    }
}
