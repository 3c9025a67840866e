//! A test's own NetSuite client: its own OAuth 1.0 signer, and nothing of the project's adapters.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, dead_code)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDate;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sha2::Sha256;
use tieout_sandbox::book::{Book, Setup};
use tieout_sandbox::fault::Faults;
use tieout_sandbox::netsuite::{Server, ServerOptions};

pub const JOURNAL: &str = "/services/rest/record/v1/journalEntry";
pub const CUSTOMER: &str = "/services/rest/record/v1/customer";
pub const SUITEQL: &str = "/services/rest/query/v1/suiteql";

static NONCE: AtomicU64 = AtomicU64::new(1);

/// Everything of a signature that a test may want to get wrong.
#[derive(Clone)]
pub struct Signer {
    pub realm: String,
    pub consumer_key: String,
    pub consumer_secret: String,
    pub token: String,
    pub token_secret: String,
    pub method: String,
    /// Seconds added to the clock.
    pub clock: i64,
    pub nonce: Option<String>,
    /// Whether the query goes into the signature.
    pub signs_query: bool,
}

impl Default for Signer {
    fn default() -> Self {
        Self {
            realm: "1234567_SB1".into(),
            consumer_key: "ck-tieout-sandbox".into(),
            consumer_secret: "cs-tieout-sandbox".into(),
            token: "tk-tieout-sandbox".into(),
            token_secret: "ts-tieout-sandbox".into(),
            method: "HMAC-SHA256".into(),
            clock: 0,
            nonce: None,
            signs_query: true,
        }
    }
}

fn pct(text: &str) -> String {
    text.bytes()
        .map(|b| match b {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => (b as char).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

impl Signer {
    pub fn header(&self, method: &str, url: &str) -> String {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let nonce =
            self.nonce.clone().unwrap_or_else(|| format!("n{}", NONCE.fetch_add(1, Ordering::SeqCst)));
        let mut oauth = BTreeMap::from([
            ("oauth_consumer_key", self.consumer_key.clone()),
            ("oauth_nonce", nonce),
            ("oauth_signature_method", self.method.clone()),
            ("oauth_timestamp", (chrono::Utc::now().timestamp() + self.clock).to_string()),
            ("oauth_token", self.token.clone()),
            ("oauth_version", "1.0".to_owned()),
        ]);
        let mut pairs: Vec<String> = oauth.iter().map(|(k, v)| format!("{}={}", pct(k), pct(v))).collect();
        if self.signs_query && !query.is_empty() {
            pairs.extend(query.split('&').map(str::to_owned));
        }
        pairs.sort();
        let text = format!("{method}&{}&{}", pct(base), pct(&pairs.join("&")));
        let key = format!("{}&{}", pct(&self.consumer_secret), pct(&self.token_secret));
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        mac.update(text.as_bytes());
        oauth.insert("oauth_signature", STANDARD.encode(mac.finalize().into_bytes()));
        let list: Vec<String> = oauth.iter().map(|(k, v)| format!(r#"{k}="{}""#, pct(v))).collect();
        format!(r#"OAuth realm="{}", {}"#, self.realm, list.join(", "))
    }
}

/// A server with its book, and a client that signs.
pub struct Bench {
    pub server: Server,
    pub client: Client,
    pub signer: Signer,
}

pub fn book() -> Book {
    Book::new(&Setup::meridian(NaiveDate::from_ymd_opt(2026, 9, 1).unwrap(), 4)).unwrap()
}

impl Bench {
    pub async fn new() -> Self {
        Self::with(ServerOptions::default(), Faults::none()).await
    }

    pub async fn faulty(faults: Faults) -> Self {
        Self::with(ServerOptions::default(), faults).await
    }

    pub async fn with(options: ServerOptions, faults: Faults) -> Self {
        let server = Server::start(book(), options, faults).await.unwrap();
        let client = Client::builder().timeout(Duration::from_secs(20)).no_proxy().build().unwrap();
        Self { server, client, signer: Signer::default() }
    }

    pub fn book(&self) -> &Book {
        self.server.book()
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.server.url());
        let header = self.signer.header(method.as_str(), &url);
        self.client.request(method, url).header("Authorization", header)
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).send().await).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body).send().await).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(body).send().await).await
    }

    pub async fn suiteql(&self, parameters: &str, query: &str) -> Answer {
        let request = self.request(Method::POST, &format!("{SUITEQL}{parameters}"));
        Answer::of(request.header("Prefer", "transient").json(&json!({"q": query})).send().await).await
    }

    /// Rows of a query that must succeed, each as its values in the order of `columns`.
    pub async fn rows(&self, query: &str, columns: &[&str]) -> Vec<Vec<String>> {
        let answer = self.suiteql("", query).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        let cell =
            |row: &Value, column: &&str| row.get(*column).map_or("", |v| v.as_str().unwrap()).to_owned();
        let items = answer.body["items"].as_array().unwrap();
        items.iter().map(|row| columns.iter().map(|column| cell(row, column)).collect()).collect()
    }
}

/// What came back; status 0 when the connection was cut or nothing came in time.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub timed_out: bool,
    pub location: Option<String>,
    pub retry_after: Option<String>,
    pub body: Value,
}

impl Answer {
    pub async fn of(sent: Result<Response, reqwest::Error>) -> Self {
        match sent {
            Ok(response) => {
                let header =
                    |name: &str| response.headers().get(name).map(|v| v.to_str().unwrap().to_owned());
                let (location, retry_after) = (header("location"), header("retry-after"));
                let status = response.status().as_u16();
                let text = response.text().await.unwrap();
                let body = serde_json::from_str(&text).unwrap_or(Value::Null);
                Self { status, timed_out: false, location, retry_after, body }
            }
            Err(error) => {
                let timed_out = error.is_timeout();
                Self { status: 0, timed_out, location: None, retry_after: None, body: Value::Null }
            }
        }
    }

    pub fn code(&self) -> &str {
        self.body["o:errorDetails"][0]["o:errorCode"].as_str().unwrap_or_default()
    }

    pub fn detail(&self) -> &str {
        self.body["o:errorDetails"][0]["detail"].as_str().unwrap_or_default()
    }
}

/// A balanced invoice entry of US01: 1100 to 4000.
pub fn invoice(external: &str, memo: &str, date: &str, amount: &str) -> Value {
    let number: Value = serde_json::from_str(amount).unwrap();
    json!({
        "subsidiary": {"id": "1"}, "externalId": external, "tranDate": date, "memo": memo,
        "line": {"items": [
            {"account": {"id": "110"}, "debit": number},
            {"account": {"id": "400"}, "credit": number},
        ]},
    })
}
