//! The HTTP client of one connection: the only place where a request leaves.
//!
//! TLS always, verified by the operating system's trust store (reqwest's default) and by what the machine's
//! administrator trusts beside it; plain HTTP only to this machine. The system's proxy is used, except for
//! this machine. Redirects are not followed, so that credentials never go where nobody sent them, and
//! nothing below this file repeats a request.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::{Method, Url, header::HeaderMap};
use tieout_domain::failure::{FailureClass, VendorFailure};
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    classify::{Intent, Wire, Words, classify, http_date, retry_after},
    limiter::{Limit, Limiter, Pass},
    secret::Secret,
    unreachable::{self, SystemNames},
    world::World,
};

/// The largest answer that is read; a page of any vendor here is far smaller.
const MOST_BYTES: usize = 64 << 20;
/// A read does not wait longer than this by itself: the caller learns of it instead.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// First pause between two tries of a read; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// Reads the vendor's own words out of an answer that is no success.
pub type Explain = fn(status: u16, body: &[u8]) -> Words;

/// How a connection talks HTTP.
#[derive(Clone)]
pub struct HttpOptions {
    /// `https://host[/path]`; `http://` only for this machine.
    pub base_url: String,
    /// Time for the connection, TLS included.
    pub connect_timeout: Duration,
    /// Longest silence while the answer is read.
    pub read_timeout: Duration,
    /// Longest time of one call altogether.
    pub total_timeout: Duration,
    /// Tries of a read, the first included. A change is tried once, always.
    pub read_attempts: u32,
    /// The rate and concurrency that the vendor allows this connection.
    pub limit: Limit,
    /// The vendor's header of the request id, in lower case.
    pub request_id_header: &'static str,
    /// The vendor's header of its API version, in lower case.
    pub version_header: &'static str,
    /// The vendor's dialect of errors.
    pub explain: Explain,
}

impl HttpOptions {
    /// Sensible values for `base_url`: 10 s to connect, 60 s of silence, 120 s altogether, 5 tries.
    #[must_use]
    pub fn new(base_url: impl Into<String>, limit: Limit, explain: Explain) -> Self {
        Self {
            base_url: base_url.into(),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(60),
            total_timeout: Duration::from_secs(120),
            read_attempts: 5,
            limit,
            request_id_header: "request-id",
            version_header: "api-version",
            explain,
        }
    }
}

/// What is sent with a call.
#[derive(Clone)]
pub enum Body {
    /// Nothing.
    None,
    /// JSON text, sent byte for byte (amounts in it never pass through a float).
    Json(String),
    /// A form. Its values are wiped when dropped: token requests carry secrets here.
    Form(Vec<(&'static str, Secret)>),
}

/// One request, without its credentials.
#[derive(Clone)]
pub struct Call {
    /// Method.
    pub method: Method,
    /// Path below the base address, with its leading slash.
    pub path: String,
    /// Query parameters, in order, unencoded.
    pub query: Vec<(&'static str, String)>,
    /// Headers besides authorization and content type.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Body,
    /// It is not sent any more after this, where it had to wait for its turn.
    pub leaves_by: Option<Instant>,
}

impl Call {
    /// A GET.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path, Body::None)
    }

    /// A POST.
    #[must_use]
    pub fn post(path: impl Into<String>, body: Body) -> Self {
        Self::new(Method::POST, path, body)
    }

    /// Any other.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>, body: Body) -> Self {
        Self { method, path: path.into(), query: Vec::new(), headers: Vec::new(), body, leaves_by: None }
    }

    /// With a query parameter more.
    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Not sent any more after this moment: then it fails, retryable, and had no effect.
    #[must_use]
    pub fn leaves_by(mut self, moment: Instant) -> Self {
        self.leaves_by = Some(moment);
        self
    }

    /// With a header more.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// An answer of status 2xx.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// Method, path and query as sent; credentials travel in headers only.
    pub request: String,
    /// The vendor's request id.
    pub request_id: Option<String>,
    /// The vendor's API version.
    pub api_version: Option<String>,
    /// The `Location` header.
    pub location: Option<String>,
    /// The vendor's own clock when it answered (`Date`), where it says.
    pub vendor_clock: Option<DateTime<Utc>>,
    /// When it had been read.
    pub received_at: DateTime<Utc>,
}

impl Answer {
    /// Request and response as text for the list of attempts. `sent` is the body of the request.
    #[must_use]
    pub fn transcript(&self, sent: &str) -> String {
        let shown = String::from_utf8_lossy(&self.body);
        let shown: String = shown.chars().take(4000).collect();
        let location = self.location.as_deref().map_or(String::new(), |l| format!("Location: {l}\n"));
        format!("{}\n{sent}\n\nHTTP {}\n{location}{shown}", self.request, self.status)
    }
}

/// A transcript in its two halves: what was sent, and where an answer came, its status and all of it.
#[must_use]
pub fn transcript_parts(transcript: &str) -> (&str, Option<(u16, &str)>) {
    const HEAD: &str = "\n\nHTTP ";
    let answered = |(at, _): (usize, &str)| {
        let status = transcript.get(at + HEAD.len()..)?.lines().next()?.parse().ok()?;
        Some((transcript.get(..at)?, Some((status, transcript.get(at + 2..)?))))
    };
    transcript.match_indices(HEAD).find_map(answered).unwrap_or((transcript, None))
}

/// Puts credentials on a request. One that must itself call the vendor (for a token) does so through an
/// [`Http`] of its own, because the call it serves already holds a place in the limiter.
#[async_trait]
pub trait Authorizer: Send + Sync {
    /// The headers for one attempt at `method url`. Asked anew for each attempt: nonces are used once.
    ///
    /// # Errors
    /// Where no credential can be had.
    async fn headers(&self, method: &Method, url: &Url)
    -> Result<Vec<(&'static str, Secret)>, VendorFailure>;

    /// After a 401 with the headers `used`: true when there is a fresh credential worth one more try.
    ///
    /// # Errors
    /// Where asking for one failed.
    async fn renew(&self, used: &[(&'static str, Secret)]) -> Result<bool, VendorFailure> {
        let _ = used;
        Ok(false)
    }
}

/// For calls that carry their credentials in the body, or need none.
pub struct NoAuth;

#[async_trait]
impl Authorizer for NoAuth {
    async fn headers(&self, _: &Method, _: &Url) -> Result<Vec<(&'static str, Secret)>, VendorFailure> {
        Ok(Vec::new())
    }
}

/// The client of one connection. Share it (`Arc`) between reading and posting, so that they share the
/// limiter.
pub struct Http {
    client: reqwest::Client,
    options: HttpOptions,
    limiter: Limiter,
    auth: Arc<dyn Authorizer>,
    world: World,
}

impl Http {
    /// A client for `options.base_url`.
    ///
    /// # Errors
    /// `bad_address` or `insecure_address` for the base address; `no_client` where TLS cannot start.
    pub fn new(options: HttpOptions, auth: Arc<dyn Authorizer>, world: World) -> Result<Self, VendorFailure> {
        let local = check_base_url(&options.base_url)?;
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("tieout/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(options.connect_timeout)
            .read_timeout(options.read_timeout)
            .timeout(options.total_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(SystemNames))
            .retry(reqwest::retry::never())
            .tls_certs_merge(world.trusted.all())
            .https_only(!local);
        if local {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|error| {
            VendorFailure::terminal("no_client", format!("the HTTPS client cannot start: {error}"))
        })?;
        let limiter = Limiter::new(options.limit);
        Ok(Self { client, options, limiter, auth, world })
    }

    /// The time and randomness of this connection.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The limiter, for figures.
    #[must_use]
    pub fn limiter(&self) -> &Limiter {
        &self.limiter
    }

    /// Reads, trying again a bounded number of times with growing, jittered pauses after a retryable
    /// failure. A `Retry-After` longer than a minute is left to the caller.
    ///
    /// # Errors
    /// The last failure.
    pub async fn read(&self, call: &Call) -> Result<Answer, VendorFailure> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..self.options.read_attempts {
            match self.send(Intent::Read, call).await {
                Err(failure)
                    if failure.class == FailureClass::Retryable
                        && failure.retry_after.is_none_or(|wait| wait <= LONGEST_WAIT) =>
                {
                    tracing::debug!(code = failure.code, path = %call.path, "reading again");
                    sleep(pause / 2 + self.world.jitter(pause)).await;
                    pause *= 2;
                }
                end => return end,
            }
        }
        self.send(Intent::Read, call).await
    }

    /// Sends a call that may change something: once. Only a request that the vendor refused as
    /// unauthenticated, and so did nothing with, is sent again after a fresh token.
    ///
    /// # Errors
    /// Terminal, retryable or unknown, as [`classify`] says.
    pub async fn change(&self, call: &Call) -> Result<Answer, VendorFailure> {
        self.send(Intent::Change, call).await
    }

    async fn send(&self, intent: Intent, call: &Call) -> Result<Answer, VendorFailure> {
        let url = self.url(call)?;
        let (used, outcome) = self.attempt(intent, call, &url).await?;
        match outcome {
            Err(failure) if failure.code == "auth_failed" && failure.class == FailureClass::Terminal => {
                if !self.auth.renew(&used).await? {
                    return Err(failure);
                }
                self.attempt(intent, call, &url).await?.1
            }
            end => end,
        }
    }

    /// One request: the credentials it carried, and how it ended.
    async fn attempt(&self, intent: Intent, call: &Call, url: &Url) -> Result<Attempt, VendorFailure> {
        let pass = match call.leaves_by {
            None => self.limiter.pass().await,
            Some(moment) => timeout_at(moment, self.limiter.pass()).await.map_err(|_| kept_waiting())?,
        };
        let used = self.auth.headers(&call.method, url).await?;
        if call.leaves_by.is_some_and(|moment| Instant::now() > moment) {
            return Err(kept_waiting());
        }
        let mut request = self.client.request(call.method.clone(), url.clone());
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        for (name, value) in &used {
            let mut value = reqwest::header::HeaderValue::from_str(value.expose()).map_err(|_| {
                VendorFailure::terminal("bad_credential", "a credential holds characters no header may have")
            })?;
            value.set_sensitive(true);
            request = request.header(*name, value);
        }
        request = match &call.body {
            Body::None => request,
            Body::Json(text) => request.header("content-type", "application/json").body(text.clone()),
            Body::Form(fields) => {
                let pairs: Vec<_> = fields.iter().map(|(name, value)| (*name, value.expose())).collect();
                request.form(&pairs)
            }
        };
        let place = format!("{} {}", call.method, call.path);
        let outcome = match request.send().await {
            Err(error) => Err(self.broken(intent, &place, &error)),
            Ok(response) => self.answered(intent, call, url, response, &pass).await.map_err(|mut failure| {
                failure.message = without_secrets(failure.message, &used);
                failure
            }),
        };
        Ok((used, outcome))
    }

    async fn answered(
        &self,
        intent: Intent,
        call: &Call,
        url: &Url,
        mut response: reqwest::Response,
        pass: &Pass,
    ) -> Result<Answer, VendorFailure> {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let place = format!("{} {}", call.method, call.path);
        let wait =
            text_of(&headers, "retry-after").and_then(|header| retry_after(&header, self.world.clock.now()));
        if status == 429 {
            self.limiter.too_many(pass, wait);
        }
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= MOST_BYTES => body.extend_from_slice(&chunk),
                Ok(Some(_)) => {
                    return Err(VendorFailure::terminal(
                        "answer_too_large",
                        format!("{place}: the answer is larger than {MOST_BYTES} bytes"),
                    ));
                }
                Ok(None) => break,
                // What a failed status would have said in its body matters less than the status.
                Err(_) if !(200..300).contains(&status) => break,
                Err(error) => return Err(self.broken(intent, &place, &error)),
            }
        }
        let request_id = text_of(&headers, self.options.request_id_header);
        if !(200..300).contains(&status) {
            let words = (self.options.explain)(status, &body);
            let mut failure = classify(intent, Wire::Status(status), &place, words);
            failure.retry_after = wait;
            failure.request_id = request_id;
            return Err(failure);
        }
        let query = url.query().map_or(String::new(), |query| format!("?{query}"));
        Ok(Answer {
            status,
            body,
            request: format!("{} {}{query}", call.method, url.path()),
            request_id,
            api_version: text_of(&headers, self.options.version_header),
            location: text_of(&headers, "location"),
            vendor_clock: text_of(&headers, "date").and_then(|date| http_date(&date)),
            received_at: self.world.clock.now(),
        })
    }

    /// What a broken exchange means. An error of the connection itself came before anything was written.
    fn broken(&self, intent: Intent, place: &str, error: &reqwest::Error) -> VendorFailure {
        if error.is_connect() {
            return unreachable::failure(&self.host(), error);
        }
        let wire = if error.is_timeout() { Wire::TimedOut } else { Wire::Dropped };
        // The error's own text could show the address with its query; its cause cannot.
        let cause = std::error::Error::source(error).map_or(String::new(), ToString::to_string);
        classify(intent, wire, place, Words { message: cause, code: None, class: None })
    }

    /// `host:port` of the base address; the port only where it is not the scheme's own.
    fn host(&self) -> String {
        let url = Url::parse(&self.options.base_url).ok();
        let named = url.as_ref().and_then(|url| Some((url.host_str()?, url.port())));
        match named {
            Some((host, Some(port))) => format!("{host}:{port}"),
            Some((host, None)) => host.to_owned(),
            None => self.options.base_url.clone(),
        }
    }

    fn url(&self, call: &Call) -> Result<Url, VendorFailure> {
        let text = format!("{}{}", self.options.base_url.trim_end_matches('/'), call.path);
        let mut url = Url::parse(&text)
            .map_err(|error| VendorFailure::terminal("bad_address", format!("{text}: {error}")))?;
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(call.query.iter().map(|(name, value)| (*name, value)));
        }
        Ok(url)
    }
}

type Attempt = (Vec<(&'static str, Secret)>, Result<Answer, VendorFailure>);

/// The call waited for its turn until what it rests on was too old.
fn kept_waiting() -> VendorFailure {
    VendorFailure::retryable(
        "rate_limited",
        "it had to wait too long for its turn, and what was looked up before it is too old: nothing was sent",
    )
}

/// A vendor may quote the credential that it refuses: it does not get into a message.
fn without_secrets(message: String, used: &[(&'static str, Secret)]) -> String {
    let secrets = used.iter().flat_map(|(_, value)| value.expose().split([' ', ',', '"']));
    secrets.filter(|part| part.len() >= 12).fold(message, |text, part| text.replace(part, "[credential]"))
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Checks an address: `https`, or `http` to this machine. True when it is this machine.
///
/// # Errors
/// `bad_address` or `insecure_address`.
pub fn check_base_url(text: &str) -> Result<bool, VendorFailure> {
    let bad = |why: &str| VendorFailure::terminal("bad_address", format!("\"{text}\" is no address: {why}"));
    let url = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(VendorFailure::terminal(
            "bad_address",
            "an address must not hold credentials: give them as the connection's secret",
        ));
    }
    let host = url.host_str().ok_or_else(|| bad("it names no host"))?;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let local = bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    match url.scheme() {
        "https" => Ok(local),
        "http" if local => Ok(true),
        "http" => Err(VendorFailure::terminal(
            "insecure_address",
            format!("\"{text}\" is not encrypted: use https (plain http is only for this machine)"),
        )),
        _ => Err(bad("it starts with neither https nor http")),
    }
}
