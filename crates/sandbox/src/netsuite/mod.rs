//! The NetSuite-dialect server: SuiteTalk REST records, SuiteQL, token-based authentication and OAuth 2.0
//! client credentials with a signed assertion, over real HTTP on loopback, on top of a [`Book`].
//!
//! What is known of the vendor and what is assumed is said where it is acted out; `reply` holds the error
//! wording.

mod assertion;
mod auth;
mod der;
mod dialect;
mod jobs;
mod journal;
mod limits;
mod oauth1;
mod query;
mod records;
mod reply;
mod suiteql;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::http::Uri;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};

use tokio::sync::watch;

use crate::book::{Approval, Book};
use crate::fault::{FaultContext, Faults, ServerHandle, layer};

pub use auth::TokenCredentials;
pub use limits::{Counters, RateLimit};
pub use suiteql::{DateFormat, MAX_ROWS};

/// Where access tokens are asked for.
pub const TOKEN_PATH: &str = "/services/rest/auth/oauth2/v1/token";

/// A client registered for OAuth 2.0 client credentials.
#[derive(Clone, Debug)]
pub struct M2mClient {
    /// Client id: the assertion's `iss`.
    pub client_id: String,
    /// Certificate id: the assertion's `kid`.
    pub certificate_id: String,
    /// PEM, `PUBLIC KEY` or `CERTIFICATE`; P-256, or RSA of at least 2048 bits.
    pub public_key_pem: String,
}

/// How the server behaves.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Where to listen; port 0 is any free one.
    pub address: SocketAddr,
    /// Account, as in the `realm`: `1234567_SB1`.
    pub account: String,
    /// Credentials of token-based authentication.
    pub tokens: Vec<TokenCredentials>,
    /// Clients of OAuth 2.0.
    pub m2m: Vec<M2mClient>,
    /// How long an access token lives.
    pub token_lifetime: Duration,
    /// How many requests are worked on at the same time; more are refused with 429. `None`: no limit.
    pub concurrency: Option<usize>,
    /// The allowed request rate; beyond it requests are refused with 429. `None`: no limit.
    pub rate: Option<RateLimit>,
    /// How long each request takes at least.
    pub latency: Duration,
    /// Approval of a journal that does not say.
    pub default_approval: Approval,
    /// How the account writes dates in SuiteQL's answers.
    pub dates: DateFormat,
    /// Whether SuiteQL's answers hold null columns; the vendor leaves them out.
    pub nulls: bool,
    /// OneWorld: the account has subsidiaries. Without it the record and the columns are unknown.
    pub one_world: bool,
    /// Multiple Currencies. Without it the record and the columns are unknown.
    pub currencies: bool,
    /// Classifications (`department`, `class`, `location`) that every line of a journal needs.
    pub required_segments: Vec<String>,
    /// How many lines of a journal its record shows at most.
    pub lines_shown: usize,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            account: "1234567_SB1".to_owned(),
            tokens: vec![TokenCredentials::sandbox()],
            m2m: Vec::new(),
            token_lifetime: Duration::from_secs(3600),
            concurrency: Some(5),
            rate: None,
            latency: Duration::ZERO,
            default_approval: Approval::Approved,
            dates: DateFormat::default(),
            nulls: false,
            one_world: true,
            currencies: true,
            required_segments: Vec::new(),
            lines_shown: usize::MAX,
        }
    }
}

/// Where records are read and written.
const RECORD: &str = "/services/rest/record/v1";

/// What the handlers share.
pub(crate) struct Account {
    book: Book,
    options: ServerOptions,
    faults: Faults,
    auth: auth::Auth,
    suiteql: suiteql::SuiteQl,
    jobs: jobs::Jobs,
    limits: limits::Limits,
    /// Whether the answers to what was written wait.
    withheld: watch::Sender<bool>,
    asked: Mutex<Option<Vec<Asked>>>,
}

/// A query that was asked, and what it could see at least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The query.
    pub sql: String,
    /// The internal id of the book's newest entry when it came: it and all before were there to be found.
    pub newest: i64,
}

impl Account {
    /// Notes a query, where somebody listens.
    fn note(&self, sql: &str) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asked) = asked.as_mut() {
            asked.push(Asked { sql: sql.to_owned(), newest: self.book.newest().unwrap_or(0) });
        }
    }
}

/// A running NetSuite-dialect server. Dropping it stops it.
pub struct Server {
    handle: ServerHandle,
    account: Arc<Account>,
}

impl Server {
    /// Starts a server on this book.
    ///
    /// # Errors
    /// When the address cannot be bound, or a registered public key cannot be read.
    pub async fn start(book: Book, options: ServerOptions, faults: Faults) -> io::Result<Self> {
        let address = options.address;
        let account = Arc::new(Account {
            auth: auth::Auth::new(&options)?,
            suiteql: suiteql::SuiteQl::new(book.clone(), options.dates, lacking(&options))
                .map_err(io::Error::other)?,
            limits: limits::Limits::new(options.concurrency, options.rate, options.latency),
            jobs: jobs::Jobs::default(),
            withheld: watch::Sender::new(false),
            asked: Mutex::new(None),
            book,
            options,
            faults,
        });
        let handle = ServerHandle::start(router(&account), address).await?;
        Ok(Self { handle, account })
    }

    /// `http://127.0.0.1:<port>`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        self.handle.url()
    }

    /// The book that it serves.
    #[must_use]
    pub fn book(&self) -> &Book {
        &self.account.book
    }

    /// Its faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.account.faults
    }

    /// What it has counted so far.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.account.limits.counters()
    }

    /// Withholds the answer to whatever is written from now on, or lets all go that wait: what is booked
    /// meanwhile stands, and its sender does not know.
    pub fn withhold_answers(&self, withheld: bool) {
        self.account.withheld.send_replace(withheld);
    }

    /// Turns the clock by which it judges requests ahead of the machine's, for clients whose own is.
    pub fn turn_clock_ahead(&self, by: Duration) {
        self.account.auth.turn_ahead(by);
    }

    /// Makes every access token that was issued so far expire.
    pub fn expire_access_tokens(&self) {
        self.account.auth.expire_all();
    }

    /// Takes the role's permission to see what was deleted.
    pub fn hide_deletions(&self) {
        self.account.suiteql.hide_deletions();
    }

    /// Takes the role's permission to see records of this name (`subsidiary`, `account` …).
    pub fn hide(&self, record: &str) {
        self.account.suiteql.hide(record);
    }

    /// Notes every query from now on.
    pub fn listen(&self) {
        *self.account.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Vec::new());
    }

    /// The queries that were asked since, in their order.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.account.asked.lock().unwrap_or_else(PoisonError::into_inner).clone().unwrap_or_default()
    }

    /// Stops the server and cuts its connections. The book stays.
    pub async fn shutdown(self) {
        self.handle.shutdown().await;
    }
}

/// The names that queries may not say, because the account does not have what they name.
fn lacking(options: &ServerOptions) -> Vec<&'static str> {
    let mut lacking = Vec::new();
    if !options.one_world {
        lacking.push("subsidiary");
    }
    if !options.currencies {
        lacking.extend(["currency", "exchangerate", "foreignamount"]);
    }
    lacking
}

fn router(account: &Arc<Account>) -> Router {
    let protected = Router::new()
        .route(&format!("{RECORD}/journalEntry"), post(journal::create))
        .route(&format!("{RECORD}/journalEntry/{{id}}"), get(journal::read).patch(journal::change))
        .route(&format!("{RECORD}/customer"), post(records::create_customer))
        .route(&format!("{RECORD}/customer/{{id}}"), get(records::read_customer))
        .route(&format!("{RECORD}/accountingPeriod"), get(records::list_periods))
        .route(&format!("{RECORD}/accountingPeriod/{{id}}"), get(records::read_period))
        .route("/services/rest/query/v1/suiteql", post(query::suiteql))
        .route("/services/rest/async/v1/job/{id}", get(jobs::read))
        .route("/services/rest/system/v1/governanceLimits", get(records::governance_limits))
        .layer(from_fn_with_state(Arc::clone(account), auth::require));
    let faults = FaultContext {
        faults: account.faults.clone(),
        dialect: Arc::new(dialect::NetSuite { account: Arc::clone(account) }),
    };
    Router::new()
        .route(TOKEN_PATH, post(auth::token))
        .merge(protected)
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .layer(from_fn_with_state(faults, layer::apply))
        .layer(from_fn_with_state(Arc::clone(account), limits::apply))
        .layer(from_fn(reply::request_id))
        .with_state(Arc::clone(account))
}

async fn not_found(uri: Uri) -> Response {
    reply::Problem::not_found(&format!("The resource {} was not found.", uri.path())).response()
}

async fn not_allowed() -> Response {
    reply::Problem::method().response()
}
