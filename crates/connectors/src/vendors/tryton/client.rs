//! Tryton's wire: one POST per call, a session from a login, errors inside HTTP 200.

use std::sync::{Arc, atomic::AtomicI64, atomic::Ordering};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Method, Url};
use serde_json::{Value, json};
use tieout_domain::failure::{FailureClass, VendorFailure};
use tokio::{sync::Mutex, time::Instant};

use super::{options::TrytonOptions, sheet::TRYTON};
use crate::{
    kit::{Answer, Authorizer, Body, Call, Http, HttpOptions, Intent, Limit, NoAuth, Secret, Words},
    sheet::{Said, rule_for},
};

/// The wire to one database.
pub(super) struct Client {
    http: Http,
    path: String,
    company: i64,
    ids: AtomicI64,
}

/// What a call answered.
pub(super) struct Reply {
    pub(super) answer: Answer,
    pub(super) result: Value,
    /// The request and the answer, without the session.
    pub(super) transcript: String,
}

impl Client {
    pub(super) fn new(options: &TrytonOptions) -> Result<Self, VendorFailure> {
        let mut http = HttpOptions::new(options.base_url.clone(), options.limit, explain);
        http.read_timeout = options.read_timeout;
        let path = format!("/{}/rpc/", options.database);
        let mut logins = http.clone();
        logins.limit = Limit::concurrency(1);
        let session = Session {
            http: Http::new(logins, Arc::new(NoAuth), options.world.clone())?,
            path: path.clone(),
            login: options.login.clone(),
            password: options.password.clone(),
            held: Mutex::new(None),
        };
        let http = Http::new(http, Arc::new(session), options.world.clone())?;
        Ok(Self { http, path, company: options.company, ids: AtomicI64::new(1) })
    }

    /// The limiter of this connection's calls.
    pub(super) fn limiter(&self) -> &crate::kit::Limiter {
        self.http.limiter()
    }

    /// A call that changes nothing; the kit may repeat it.
    pub(super) async fn read(&self, method: &str, params: Vec<Value>) -> Result<Reply, VendorFailure> {
        self.read_in(method, params, &json!({})).await
    }

    /// The same with more in its context.
    pub(super) async fn read_in(
        &self,
        method: &str,
        params: Vec<Value>,
        context: &Value,
    ) -> Result<Reply, VendorFailure> {
        let (call, sent) = self.call(method, params, context);
        reply(Intent::Read, self.http.read(&call).await?, &sent)
    }

    /// A call that changes something: one attempt. An error inside an answer means that Tryton rolled the
    /// whole transaction back.
    pub(super) async fn change(&self, method: &str, params: Vec<Value>) -> Result<Reply, VendorFailure> {
        let (call, sent) = self.call(method, params, &json!({}));
        reply(Intent::Change, self.http.change(&call).await?, &sent)
    }

    /// The same, which is sent by this moment or never.
    pub(super) async fn change_by(
        &self,
        leaves_by: Instant,
        method: &str,
        params: Vec<Value>,
    ) -> Result<Reply, VendorFailure> {
        let (call, sent) = self.call(method, params, &json!({}));
        reply(Intent::Change, self.http.change(&call.leaves_by(leaves_by)).await?, &sent)
    }

    fn call(&self, method: &str, mut params: Vec<Value>, context: &Value) -> (Call, String) {
        // In English whatever the user's own language is: the texts of refusals are read.
        let mut whole = json!({ "company": self.company, "language": "en" });
        if let (Some(whole), Some(more)) = (whole.as_object_mut(), context.as_object()) {
            whole.extend(more.clone());
        }
        params.push(whole);
        let id = self.ids.fetch_add(1, Ordering::Relaxed);
        // Exactly these three fields: without the id Tryton answers errors as HTML.
        let sent = json!({ "id": id, "method": method, "params": params }).to_string();
        (Call::post(self.path.clone(), Body::Json(sent.clone())), sent)
    }
}

fn reply(intent: Intent, answer: Answer, sent: &str) -> Result<Reply, VendorFailure> {
    let mut value: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
    if let Some(error) = value.get("error") {
        return Err(refusal(error, answer.request_id.clone()));
    }
    if value.get("result").is_none() {
        // Whoever answered (a proxy, another version), what became of a change is not known.
        let failure = unreadable("an answer", "it holds neither a result nor an error");
        let class = match intent {
            Intent::Read => failure.class,
            Intent::Change => FailureClass::Unknown,
        };
        return Err(VendorFailure { class, ..failure });
    }
    let transcript = answer.transcript(sent);
    Ok(Reply { result: value["result"].take(), answer, transcript })
}

/// The failure of an answer that is not what Tryton documents.
pub(super) fn unreadable(place: &str, what: &str) -> VendorFailure {
    VendorFailure::retryable(
        "schema_drift",
        format!("{place} cannot be read: {what}. Try again; if it stays, the adapter needs an update"),
    )
}

/// `["UserError", [message, description, …]]`, `["ConcurrencyException", message]` and the like. The texts
/// are those that a running 8.2 gave (see the project's reference of real peers).
fn refusal(error: &Value, request_id: Option<String>) -> VendorFailure {
    let kind = error.get(0).and_then(Value::as_str).unwrap_or_default();
    let words = match error.get(1) {
        Some(Value::Array(parts)) => {
            let texts: Vec<&str> = parts.iter().take(2).filter_map(Value::as_str).collect();
            texts.join(" ").trim().to_owned()
        }
        Some(Value::String(text)) => text.clone(),
        _ => String::new(),
    };
    let message = if words.is_empty() { kind.to_owned() } else { words };
    let rule = rule_for(TRYTON.errors, &Said { status: 200, code: kind, message: &message });
    let (class, code) = rule.map_or((FailureClass::Terminal, "rejected"), |rule| (rule.class, rule.code));
    VendorFailure { request_id, ..VendorFailure::new(class, code, message) }
}

/// HTTP errors are HTML.
fn explain(status: u16, body: &[u8]) -> Words {
    let text = String::from_utf8_lossy(body);
    match rule_for(TRYTON.errors, &Said { status, code: "", message: &text }) {
        Some(rule) if rule.class == FailureClass::Retryable => Words {
            message: "Tryton was busy with another change; nothing was done".to_owned(),
            code: Some(rule.code),
            class: Some(rule.class),
        },
        Some(_) | None => Words::default(),
    }
}

/// The session: a login's token, kept while Tryton takes it.
struct Session {
    http: Http,
    path: String,
    login: String,
    password: Secret,
    held: Mutex<Option<Secret>>,
}

impl Session {
    async fn log_in(&self) -> Result<Secret, VendorFailure> {
        let params = json!([self.login, { "password": self.password.expose() }, "en"]);
        let body = json!({ "id": 0, "method": "common.db.login", "params": params }).to_string();
        let answer = self.http.read(&Call::post(self.path.clone(), Body::Json(body))).await?;
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let (id, token) = (value.pointer("/result/0"), value.pointer("/result/1").and_then(Value::as_str));
        let (Some(id), Some(token)) = (id, token) else {
            return Err(VendorFailure::terminal(
                "auth_failed",
                "Tryton refused the login: check user and password of this connection",
            ));
        };
        Ok(Secret::new(format!("Session {}", STANDARD.encode(format!("{}:{id}:{token}", self.login)))))
    }
}

#[async_trait]
impl Authorizer for Session {
    async fn headers(&self, _: &Method, _: &Url) -> Result<Vec<(&'static str, Secret)>, VendorFailure> {
        let mut held = self.held.lock().await;
        let token = match held.as_ref() {
            Some(token) => token.clone(),
            None => held.insert(self.log_in().await?).clone(),
        };
        Ok(vec![("authorization", token)])
    }

    async fn renew(&self, used: &[(&'static str, Secret)]) -> Result<bool, VendorFailure> {
        let mut held = self.held.lock().await;
        let stale = used.first().map(|(_, token)| token.expose());
        // Another call may have logged in again meanwhile.
        if held.as_ref().map(Secret::expose) == stale {
            *held = Some(self.log_in().await?);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(error: Value, class: FailureClass, code: &str) {
        let failure = refusal(&error, None);
        assert_eq!((failure.class, failure.code), (class, code), "{}", failure.message);
    }

    #[test]
    fn the_erps_own_words_decide_what_may_be_done_next() {
        let user = |text: &str| json!(["UserError", [text, "", null]]);
        let closed =
            "You cannot add/modify/delete lines on closed journal-period \"Miscellaneous - 2026-03\".";
        check(user(closed), FailureClass::Terminal, "period_closed");
        let opening = "You cannot create a journal-period in closed period \"2010-11\".";
        check(user(opening), FailureClass::Terminal, "period_closed");
        let gone = "You are trying to read records \"9\" of \"Account Move\" that don't exist.";
        check(user(gone), FailureClass::Unknown, "draft_missing");
        let domain = "The value \"2026-03\" for field \"Period\" in record \"(20)\" of \"Account Move\" is \
                      not valid according to its domain.";
        check(user(domain), FailureClass::Terminal, "period_closed");
        let twice = "You can not call \"post\" on \"1\" of \"Account Move\".";
        check(user(twice), FailureClass::Unknown, "already_posted");
        let unbalanced = "To post move \"(11)\", you must balance all its lines debits and credits.";
        check(user(unbalanced), FailureClass::Terminal, "rejected");
        let stale = json!(["ConcurrencyException", "Records were modified in the meanwhile"]);
        check(stale, FailureClass::Retryable, "concurrent_change");
    }

    #[test]
    fn a_lost_row_lock_did_nothing_and_may_be_tried_again() {
        let words = explain(503, b"<p>could not obtain lock on row in relation \"ir_sequence_strict\"</p>");
        assert_eq!(words.class, Some(FailureClass::Retryable));
        assert_eq!(explain(500, b"oops"), Words::default());
    }
}
