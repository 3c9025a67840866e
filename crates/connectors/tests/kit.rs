//! The kit's HTTP client against a scripted server.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod kit_world;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use kit_world::world;
use tieout_connectors::kit::{
    Authorizer, Body, Call, Http, HttpOptions, Limit, NoAuth, Secret, Words, check_base_url,
};
use tieout_domain::failure::{FailureClass, VendorFailure};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// What the server does with one request.
#[derive(Clone, Copy)]
enum Play {
    /// Answers these bytes after the status line's first word.
    Say(&'static str),
    /// Reads the request and cuts the connection.
    Cut,
    /// Reads the request and says nothing.
    Silence,
}

/// A server that plays one part per request, in order; and the requests that it saw.
async fn server(plays: Vec<Play>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&seen);
    tokio::spawn(async move {
        for play in plays {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut buffer = vec![0; 65536];
            let mut length = 0;
            while !buffer[..length].windows(4).any(|w| w == b"\r\n\r\n") {
                length += socket.read(&mut buffer[length..]).await.unwrap();
            }
            log.lock().unwrap().push(String::from_utf8_lossy(&buffer[..length]).into_owned());
            match play {
                Play::Say(text) => {
                    socket.write_all(format!("HTTP/1.1 {text}").as_bytes()).await.unwrap();
                }
                Play::Cut => {}
                Play::Silence => {
                    tokio::spawn(async move {
                        let mut rest = [0; 1];
                        let _ = socket.read(&mut rest).await;
                    });
                }
            }
        }
    });
    (url, seen)
}

fn explain(_: u16, body: &[u8]) -> Words {
    Words { message: String::from_utf8_lossy(body).into_owned(), code: None, class: None }
}

fn http(url: &str, auth: Arc<dyn Authorizer>) -> Http {
    let mut options = HttpOptions::new(url, Limit::concurrency(4), explain);
    options.read_timeout = Duration::from_millis(300);
    options.read_attempts = 3;
    Http::new(options, auth, world()).unwrap()
}

const OK: Play = Play::Say("200 OK\r\nrequest-id: req_1\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}");
const BUSY: Play = Play::Say("503 Busy\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
const TOO_MANY: Play =
    Play::Say("429 Slow\r\nretry-after: 0\r\ncontent-length: 4\r\nconnection: close\r\n\r\nslow");
const UNAUTHORIZED: Play = Play::Say("401 No\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno");
const SHORT: Play = Play::Say("200 OK\r\ncontent-length: 100\r\nconnection: close\r\n\r\n{");

#[tokio::test]
async fn a_read_is_tried_again_and_a_change_never_is() {
    for trouble in [BUSY, TOO_MANY, Play::Cut, SHORT, Play::Silence] {
        let (url, seen) = server(vec![trouble, OK]).await;
        let answer = http(&url, Arc::new(NoAuth)).read(&Call::get("/a")).await.unwrap();
        assert_eq!((answer.body.as_slice(), answer.request_id.as_deref()), (&b"{}"[..], Some("req_1")));
        assert_eq!(seen.lock().unwrap().len(), 2);
    }
    for (trouble, class, code) in [
        (BUSY, FailureClass::Unknown, "vendor_unavailable"),
        (TOO_MANY, FailureClass::Retryable, "rate_limited"),
        (Play::Cut, FailureClass::Unknown, "connection_dropped"),
        (SHORT, FailureClass::Unknown, "connection_dropped"),
        (Play::Silence, FailureClass::Unknown, "timed_out"),
    ] {
        let (url, seen) = server(vec![trouble, OK]).await;
        let call = Call::post("/a", Body::Json("{}".into()));
        let failure = http(&url, Arc::new(NoAuth)).change(&call).await.unwrap_err();
        assert_eq!((failure.class, failure.code), (class, code));
        assert_eq!(seen.lock().unwrap().len(), 1, "{code} was sent again");
    }
}

#[tokio::test]
async fn a_read_gives_up_after_its_tries() {
    let (url, seen) = server(vec![BUSY; 9]).await;
    let failure = http(&url, Arc::new(NoAuth)).read(&Call::get("/a")).await.unwrap_err();
    assert_eq!((failure.class, seen.lock().unwrap().len()), (FailureClass::Retryable, 3));
}

#[tokio::test]
async fn no_connection_is_retryable_even_for_a_change() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let call = Call::post("/a", Body::None);
    let failure = http(&url, Arc::new(NoAuth)).change(&call).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (FailureClass::Retryable, "connect_failed"));
}

/// A host of TLS that shows a certificate for `name`, signed by itself, which ran out at the end of `year`.
async fn host_with_certificate(name: &str, year: i32) -> String {
    let mut params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(year, 12, 31);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let config = tokio_rustls::rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.serialize_der().try_into().unwrap())
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = acceptor.accept(stream).await;
        }
    });
    format!("https://localhost:{port}")
}

#[tokio::test]
async fn what_stands_between_is_said_in_plain_words_and_nothing_was_sent() {
    let expired = host_with_certificate("localhost", 2021).await;
    let stranger = host_with_certificate("localhost", 2090).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for (url, code, words) in [
        (expired.as_str(), "certificate_refused", "the certificate of localhost:"),
        (&expired, "certificate_refused", "has expired"),
        (&stranger, "certificate_refused", "signed by nobody that this computer trusts"),
        ("https://no-such-host.invalid", "host_unknown", "no host of the name no-such-host.invalid"),
        (&closed, "connect_failed", "takes no connections"),
    ] {
        let call = Call::post("/v1/things", Body::None);
        let failure = http(url, Arc::new(NoAuth)).change(&call).await.unwrap_err();
        assert_eq!((failure.class, failure.code), (FailureClass::Retryable, code), "{url}: {failure}");
        assert!(failure.message.contains(words), "{url}: {failure}");
        assert!(!failure.message.contains("/v1/things"), "whose words these are: {failure}");
    }
}

struct Fresh(AtomicU32);

#[async_trait]
impl Authorizer for Fresh {
    async fn headers(
        &self,
        _: &reqwest::Method,
        _: &reqwest::Url,
    ) -> Result<Vec<(&'static str, Secret)>, VendorFailure> {
        let n = self.0.load(Ordering::SeqCst);
        Ok(vec![("authorization", Secret::new(format!("Bearer canary-token-{n}")))])
    }
    async fn renew(&self, _: &[(&'static str, Secret)]) -> Result<bool, VendorFailure> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(true)
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_then_it_is_the_credentials() {
    let (url, seen) = server(vec![UNAUTHORIZED, OK]).await;
    let call = Call::post("/a", Body::None);
    http(&url, Arc::new(Fresh(AtomicU32::new(0)))).change(&call).await.unwrap();
    assert!(seen.lock().unwrap()[1].contains("canary-token-1"), "the second try carries the fresh token");

    let (url, seen) = server(vec![UNAUTHORIZED, UNAUTHORIZED, OK]).await;
    let failure = http(&url, Arc::new(Fresh(AtomicU32::new(0)))).read(&call).await.unwrap_err();
    assert_eq!((failure.class, failure.code), (FailureClass::Terminal, "auth_failed"));
    assert_eq!(seen.lock().unwrap().len(), 2);
}

struct Fixed;

#[async_trait]
impl Authorizer for Fixed {
    async fn headers(
        &self,
        _: &reqwest::Method,
        _: &reqwest::Url,
    ) -> Result<Vec<(&'static str, Secret)>, VendorFailure> {
        Ok(vec![("authorization", Secret::new("Bearer canary-token-0"))])
    }
}

#[tokio::test]
async fn a_vendor_that_quotes_the_credential_does_not_get_it_into_a_message() {
    let quoting =
        "403 No\r\ncontent-length: 34\r\nconnection: close\r\n\r\nInvalid API key: canary-token-0 !!!";
    let (url, _) = server(vec![Play::Say(quoting)]).await;
    let failure = http(&url, Arc::new(Fixed)).read(&Call::get("/a")).await.unwrap_err();
    assert!(!format!("{failure:?}").contains("canary"), "{failure:?}");
    assert!(failure.message.contains("Invalid API key"), "{failure}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let away =
        "307 Away\r\nlocation: https://elsewhere.example/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (url, seen) = server(vec![Play::Say(away), OK]).await;
    let failure = http(&url, Arc::new(NoAuth)).read(&Call::get("/a")).await.unwrap_err();
    assert_eq!((failure.code, seen.lock().unwrap().len()), ("redirected", 1));
}

#[test]
fn plain_http_is_only_for_this_machine() {
    let check = |url: &str, want: Result<bool, &str>| {
        assert_eq!(check_base_url(url).map_err(|failure| failure.code), want, "{url}");
    };
    check("https://api.stripe.com", Ok(false));
    check("http://127.0.0.1:8000/db/", Ok(true));
    check("http://[::1]:8000", Ok(true));
    check("http://localhost", Ok(true));
    check("http://api.stripe.com", Err("insecure_address"));
    check("http://127.0.0.1.evil.example", Err("insecure_address"));
    check("http://10.0.0.5", Err("insecure_address"));
    check("https://user:secret@host.example", Err("bad_address"));
    check("ftp://127.0.0.1", Err("bad_address"));
    check("nonsense", Err("bad_address"));
}
