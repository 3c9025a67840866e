//! Stripe's wire, and nothing else: authorization, lists, single objects, errors.

use std::{collections::HashMap, future::Future, sync::Arc};

use async_trait::async_trait;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use tieout_domain::failure::VendorFailure;
use tokio::task::JoinSet;

use super::{
    options::StripeOptions,
    sheet::{CURSOR_GONE, STRIPE},
};
use crate::{
    kit::{Answer, Authorizer, Call, Field, Http, HttpOptions, Secret, Words},
    sheet::{Said, rule_for},
};

/// How often a list is begun again because what it was to be gone on with was deleted meanwhile.
pub(super) const RESTARTS: usize = 5;

/// The wire to one Stripe account.
pub(super) struct Client {
    http: Http,
    version: Option<String>,
    /// Whose data is asked for with a platform's key.
    on_behalf_of: Option<String>,
}

/// What time it is at Stripe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StripeClock {
    /// Its own clock, unix seconds, where it says.
    pub(super) now: Option<i64>,
    /// When the newest event happened, unix seconds; `None` where there is none.
    pub(super) newest_event: Option<i64>,
}

/// A list as received, with each item's own bytes.
pub(super) struct List {
    /// The answer.
    pub(super) answer: Answer,
    /// The items, byte for byte.
    pub(super) items: Vec<Box<RawValue>>,
    /// Whether there are more after the last.
    pub(super) has_more: bool,
}

#[derive(Deserialize)]
struct ListBody {
    data: Vec<Box<RawValue>>,
    has_more: bool,
}

struct Bearer(Secret);

#[async_trait]
impl Authorizer for Bearer {
    async fn headers(&self, _: &Method, _: &Url) -> Result<Vec<(&'static str, Secret)>, VendorFailure> {
        Ok(vec![("authorization", Secret::new(format!("Bearer {}", self.0.expose())))])
    }
}

impl Client {
    pub(super) fn new(options: &StripeOptions) -> Result<Self, VendorFailure> {
        check_key(&options.key, options.live)?;
        let mut http = HttpOptions::new(options.base_url.clone(), options.limit, explain);
        http.read_timeout = options.read_timeout;
        http.version_header = "stripe-version";
        let http = Http::new(http, Arc::new(Bearer(options.key.clone())), options.world.clone())?;
        let on_behalf_of = options.connected_account.clone();
        Ok(Self { http, version: options.api_version.clone(), on_behalf_of })
    }

    /// The HTTP client, for its clock.
    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    /// One page of a list, newest first where Stripe lists it.
    pub(super) async fn list(
        &self,
        path: &str,
        query: &[(&'static str, String)],
        after: Option<&str>,
    ) -> Result<List, VendorFailure> {
        let mut call = Call::get(path).query("limit", STRIPE.limits.page.to_string());
        for (name, value) in query {
            call = call.query(name, value.clone());
        }
        if let Some(after) = after {
            call = call.query("starting_after", after);
        }
        let answer = self.http.read(&self.addressed(call)).await?;
        let body: ListBody = serde_json::from_slice(&answer.body)
            .map_err(|error| unreadable(path, &format!("it is no list as Stripe documents it ({error})")))?;
        Ok(List { answer, items: body.data, has_more: body.has_more })
    }

    /// What time it is at Stripe, and when its newest event happened.
    pub(super) async fn clock(&self) -> Result<StripeClock, VendorFailure> {
        let path = "/v1/events";
        let answer = self.http.read(&self.addressed(Call::get(path).query("limit", "1"))).await?;
        let body: Value = serde_json::from_slice(&answer.body)
            .map_err(|error| unreadable(path, &format!("it is no JSON ({error})")))?;
        let events = Field::root(&body, path).get("data").items();
        let newest = events.and_then(|events| match events.first() {
            Some(event) => event.get("created").minor().map(Some),
            None => Ok(None),
        });
        let newest_event = newest.map_err(|rejection| unreadable(path, &rejection.to_string()))?;
        Ok(StripeClock { now: answer.vendor_clock.map(|at| at.timestamp()), newest_event })
    }

    /// One object; `None` where Stripe knows no such thing.
    pub(super) async fn object(
        &self,
        path: &str,
        query: &[(&'static str, String)],
    ) -> Result<Option<Answer>, VendorFailure> {
        let mut call = Call::get(path);
        for (name, value) in query {
            call = call.query(name, value.clone());
        }
        match self.http.read(&self.addressed(call)).await {
            Ok(answer) => Ok(Some(answer)),
            Err(failure) if failure.code == "not_found" => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// All items of a list from its top, with their bytes.
    pub(super) async fn whole(
        &self,
        path: &str,
        query: &[(&'static str, String)],
    ) -> Result<Vec<Box<RawValue>>, VendorFailure> {
        for _ in 0..RESTARTS {
            match self.rest_of(path, query, None).await {
                Err(failure) if failure.code == CURSOR_GONE => {}
                end => return end,
            }
        }
        Err(moving(path))
    }

    /// All items of a list after `after`, with their bytes.
    ///
    /// # Errors
    /// Among others [`CURSOR_GONE`], where `after` or an item further on was deleted meanwhile.
    pub(super) async fn rest_of(
        &self,
        path: &str,
        query: &[(&'static str, String)],
        after: Option<String>,
    ) -> Result<Vec<Box<RawValue>>, VendorFailure> {
        let (mut after, mut items) = (after, Vec::new());
        loop {
            let page = self.list(path, query, after.as_deref()).await?;
            let last = page.items.last().map(|raw| id_of(raw)).transpose()?;
            items.extend(page.items);
            match last {
                Some(last) if page.has_more && after.as_deref() != Some(&last) => after = Some(last),
                _ => return Ok(items),
            }
        }
    }

    /// The call in the version that is read here, for the account that is meant.
    fn addressed(&self, call: Call) -> Call {
        let given = [("stripe-version", &self.version), ("stripe-account", &self.on_behalf_of)];
        given.into_iter().fold(call, |call, (header, value)| match value {
            Some(value) => call.header(header, value.clone()),
            None => call,
        })
    }
}

/// The `id` of an object, which every list needs to go on. Without one a scan cannot continue.
pub(super) fn id_of(raw: &RawValue) -> Result<String, VendorFailure> {
    #[derive(Deserialize)]
    struct WithId {
        id: String,
    }
    let object: WithId = serde_json::from_str(raw.get())
        .map_err(|error| unreadable("a list", &format!("an object in it has no id ({error})")))?;
    Ok(object.id)
}

/// The failure of an answer that is not what Stripe documents. Reading it again may help: a proxy or a
/// change under way are the usual causes.
pub(super) fn unreadable(place: &str, what: &str) -> VendorFailure {
    VendorFailure::retryable(
        "schema_drift",
        format!(
            "{place}: the answer cannot be read: {what}. Try again; if it stays, the adapter needs an update"
        ),
    )
}

/// The failure of a list in which objects are deleted as fast as it is read.
pub(super) fn moving(place: &str) -> VendorFailure {
    VendorFailure::retryable(
        "listing_moves",
        format!(
            "{place}: what was read last was deleted, {RESTARTS} times in a row, before the list could be \
             gone on with. Sync again when that is over; it goes on from there"
        ),
    )
}

/// Runs `run` for every input at once (the limiter decides how many really are) and keeps their order.
pub(super) async fn gather<I, T, F, R>(inputs: Vec<I>, run: F) -> Result<Vec<T>, VendorFailure>
where
    F: Fn(I) -> R,
    R: Future<Output = Result<T, VendorFailure>> + Send + 'static,
    T: Send + 'static,
{
    let mut tasks = JoinSet::new();
    let count = inputs.len();
    for (position, input) in inputs.into_iter().enumerate() {
        let task = run(input);
        tasks.spawn(async move { (position, task.await) });
    }
    let mut done: HashMap<usize, T> = HashMap::with_capacity(count);
    while let Some(end) = tasks.join_next().await {
        let (position, result) = end.map_err(|error| {
            VendorFailure::retryable("interrupted", format!("a read was interrupted: {error}"))
        })?;
        done.insert(position, result?);
    }
    Ok((0..count).filter_map(|position| done.remove(&position)).collect())
}

/// A live key never serves a test connection, nor the reverse.
fn check_key(key: &Secret, live: bool) -> Result<(), VendorFailure> {
    if key.is_empty() {
        return Err(VendorFailure::terminal(
            "auth_failed",
            "the Stripe connection has no secret key: add one",
        ));
    }
    let (is, wants) = match (key.expose().contains("_live_"), key.expose().contains("_test_"), live) {
        (true, _, false) => ("live", "test"),
        (_, true, true) => ("test", "live"),
        _ => return Ok(()),
    };
    Err(VendorFailure::terminal(
        "test_live_mismatch",
        format!(
            "the key is a {is} key, but the connection is a {wants} one: use a {wants} key, or make a {is} \
             connection"
        ),
    ))
}

/// Stripe's words: `{"error": {"message", "type", "code", "param"}}`; older accounts have no code.
fn explain(status: u16, body: &[u8]) -> Words {
    let value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let text = |key: &str| value.pointer(key).and_then(Value::as_str).unwrap_or_default();
    let (message, code) =
        (text("/error/message"), format!("{}/{}", text("/error/param"), text("/error/code")));
    let rule = rule_for(STRIPE.errors, &Said { status, code: &code, message });
    Words {
        message: message.to_owned(),
        code: rule.map(|rule| rule.code),
        class: rule.map(|rule| rule.class),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deleted_object_to_go_on_after_is_told_from_other_refusals() {
        let check = |status, error: &str, want: Option<&str>| {
            assert_eq!(explain(status, format!("{{\"error\": {error}}}").as_bytes()).code, want, "{error}");
        };
        let gone = Some(CURSOR_GONE);
        check(
            400,
            r#"{"code": "resource_missing", "param": "starting_after", "message": "No such x"}"#,
            gone,
        );
        check(400, r#"{"param": "starting_after", "message": "No such account: acct_1"}"#, gone);
        check(400, r#"{"code": "resource_missing", "param": "customer", "message": "No such x"}"#, None);
        check(404, r#"{"code": "resource_missing", "param": "id", "message": "No such x"}"#, None);
        check(500, r#"{"param": "starting_after", "message": "oops"}"#, None);
    }

    #[test]
    fn a_live_key_never_serves_a_test_connection_nor_the_reverse() {
        let check = |key: &str, live, want: Result<(), &str>| {
            assert_eq!(check_key(&Secret::new(key), live).map_err(|e| e.code), want, "{key} {live}");
        };
        check("sk_test_x", false, Ok(()));
        check("rk_live_x", true, Ok(()));
        check("sk_anything", false, Ok(()));
        check("sk_live_x", false, Err("test_live_mismatch"));
        check("rk_test_x", true, Err("test_live_mismatch"));
        check(" ", true, Err("auth_failed"));
    }
}
