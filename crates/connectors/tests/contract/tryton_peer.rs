//! A real Tryton 8.2 on PostgreSQL, and a proxy before it that breaks exchanges on demand.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::kit_world::skip;

/// A running Tryton.
pub struct Tryton {
    pub url: String,
    pub login: String,
    pub password: String,
    pub company: Value,
    pg_port: String,
    /// Where it was started by this test, so that it is stopped again.
    started: Option<(PathBuf, TempDir)>,
}

fn free_port() -> String {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}

impl Tryton {
    /// The one that `TIEOUT_TRYTON_JSON` names, or a new one; `None` (said aloud, and a failure in CI) where
    /// the script that starts it is absent or this is not root.
    pub fn start() -> Option<Self> {
        if let Ok(line) = std::env::var("TIEOUT_TRYTON_JSON") {
            let pg_port = std::env::var("TRYTON_PG_PORT").unwrap_or_else(|_| "55433".to_owned());
            return Some(Self::read(&line, pg_port, None));
        }
        let shared = std::env::var_os("TIEOUT_SHARED").map(PathBuf::from);
        let shared = shared.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
        let script = shared.join("peers/tryton.sh");
        let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0\n"));
        if !script.exists() || !root {
            skip(&format!("{} and root are needed to start Tryton", script.display()));
            return None;
        }
        // On ports of its own, in the system's temporary folder: PostgreSQL's own user may enter it.
        let dir = tempfile::Builder::new().prefix("tieout-erp-").tempdir().unwrap();
        let pg_port = free_port();
        let out = Command::new("bash")
            .arg(&script)
            .arg("start")
            .arg(dir.path())
            .env("TRYTON_PG_PORT", &pg_port)
            .env("TRYTON_PORT", free_port())
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let line = text.lines().last().filter(|line| line.starts_with('{'));
        let Some(line) = line else {
            panic!("Tryton did not start: {text}{}", String::from_utf8_lossy(&out.stderr));
        };
        Some(Self::read(line, pg_port, Some((script, dir))))
    }

    fn read(line: &str, pg_port: String, started: Option<(PathBuf, TempDir)>) -> Self {
        let value: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| value[key].as_str().unwrap().to_owned();
        let company = value["company"].clone();
        let (url, login, password) = (text("url"), text("login"), text("password"));
        Self { url, login, password, company, pg_port, started }
    }

    /// `127.0.0.1:PORT` of the server.
    pub fn address(&self) -> String {
        let rest = self.url.strip_prefix("http://").unwrap();
        rest.split('/').next().unwrap().to_owned()
    }

    /// Tryton's id of a period.
    pub fn period(&self, name: &str) -> i64 {
        let periods = self.company["periods"].as_array().unwrap();
        periods.iter().find(|p| p["name"] == name).unwrap()["id"].as_i64().unwrap()
    }

    /// Tryton's id of an account.
    pub fn account(&self, code: &str) -> i64 {
        let accounts = self.company["accounts"].as_array().unwrap();
        accounts.iter().find(|a| a["code"] == code).unwrap()["id"].as_i64().unwrap()
    }

    /// One value of Tryton's own tables, read past Tryton.
    pub fn sql(&self, statement: &str) -> String {
        let out = Command::new("psql")
            .args([
                "-h",
                "127.0.0.1",
                "-p",
                &self.pg_port,
                "-U",
                "postgres",
                "-d",
                "tryton",
                "-tAc",
                statement,
            ])
            .output()
            .unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().trim().to_owned()
    }
}

impl Drop for Tryton {
    fn drop(&mut self) {
        if let Some((script, dir)) = &self.started {
            let stop = Command::new("bash").arg(script).arg("stop").arg(dir.path()).status();
            assert!(stop.is_ok() || std::thread::panicking());
        }
    }
}

/// What a person or another integration does in Tryton: JSON-RPC with nothing of the adapter in it.
pub struct Hand {
    address: String,
    session: String,
}

impl Hand {
    pub async fn new(tryton: &Tryton) -> Self {
        use base64::Engine as _;
        let mut hand = Self { address: tryton.address(), session: String::new() };
        let params = json!([tryton.login, { "password": tryton.password }, "en"]);
        let login = hand.send("common.db.login", params).await;
        let (id, token) = (&login["result"][0], login["result"][1].as_str().unwrap());
        let plain = format!("{}:{id}:{token}", tryton.login);
        hand.session = base64::engine::general_purpose::STANDARD.encode(plain);
        hand
    }

    /// The whole answer, error or not.
    pub async fn send(&self, method: &str, params: Value) -> Value {
        let body = json!({ "id": 1, "method": method, "params": params }).to_string();
        let request = format!(
            "POST /tryton/rpc/ HTTP/1.1\r\nHost: tryton\r\nContent-Type: application/json\r\n\
             Authorization: Session {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.session,
            body.len()
        );
        let answer = exchange(&self.address, request.as_bytes()).await;
        let start = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
        serde_json::from_slice(&answer[start..])
            .unwrap_or_else(|e| panic!("{method}: {e}: {}", String::from_utf8_lossy(&answer)))
    }

    /// The result; an error fails the test.
    pub async fn call(&self, method: &str, mut params: Vec<Value>) -> Value {
        params.push(json!({ "company": 1 }));
        let answer = self.send(method, json!(params)).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }
}

async fn exchange(address: &str, request: &[u8]) -> Vec<u8> {
    let mut server = TcpStream::connect(address).await.unwrap();
    server.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await.unwrap();
    answer
}

/// What the next exchange that fits meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429 with `Retry-After: 1`; Tryton hears nothing.
    TooMany,
    /// Half of the answer.
    CutAnswer,
    /// Another word where a state was.
    Malform,
    /// Tryton does it; no answer comes.
    SilentAfter,
    /// Tryton does it; the connection is cut.
    CutAfter,
    /// Tryton hears nothing; the connection is cut.
    CutBefore,
}

/// A proxy that breaks one exchange when told to.
pub struct Proxy {
    pub url: String,
    next: Arc<Mutex<Option<(&'static str, Fault)>>>,
    refused: Arc<AtomicU64>,
}

impl Proxy {
    pub async fn before(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let next: Arc<Mutex<Option<(&'static str, Fault)>>> = Arc::default();
        let refused: Arc<AtomicU64> = Arc::default();
        let (mine, count) = (Arc::clone(&next), Arc::clone(&refused));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (next, count, server) = (Arc::clone(&mine), Arc::clone(&count), server.clone());
                tokio::spawn(async move { serve(client, &server, &next, &count).await });
            }
        });
        Self { url, next, refused }
    }

    /// The next request whose body holds `part` meets `fault`.
    pub fn break_next(&self, part: &'static str, fault: Fault) {
        *self.next.lock().unwrap() = Some((part, fault));
    }

    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::SeqCst)
    }
}

type Next = Mutex<Option<(&'static str, Fault)>>;

async fn serve(mut client: TcpStream, server: &str, next: &Next, refused: &AtomicU64) {
    let Some(request) = read_request(&mut client).await else { return };
    let text = String::from_utf8_lossy(&request);
    let fault = next.lock().unwrap().take_if(|(part, _)| text.contains(*part)).map(|(_, fault)| fault);
    match fault {
        Some(Fault::CutBefore) => return,
        Some(Fault::TooMany) => {
            refused.fetch_add(1, Ordering::SeqCst);
            let answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\
                          Connection: close\r\n\r\n";
            let _ = client.write_all(answer.as_bytes()).await;
            return;
        }
        _ => {}
    }
    let mut answer = exchange(server, &request).await;
    match fault {
        Some(Fault::CutAfter) => return,
        Some(Fault::SilentAfter) => {
            // Until the caller gives up.
            let _ = client.read_u8().await;
            return;
        }
        Some(Fault::CutAnswer) => answer.truncate(answer.len() - answer.len() / 3),
        Some(Fault::Malform) => {
            let text = String::from_utf8(answer).unwrap().replacen("\"open\"", "\"ajar\"", 1);
            answer = text.into_bytes();
        }
        _ => {}
    }
    let _ = client.write_all(&answer).await;
}

/// One request; the proxy's answers all close the connection. Asks Tryton to do the same.
async fn read_request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut block = [0_u8; 8192];
    loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if bytes.len() >= end + 4 + length.unwrap_or(0) {
                let mut request = format!("{head}\r\nConnection: close").into_bytes();
                request.extend_from_slice(&bytes[end..]);
                return Some(request);
            }
        }
        let n = client.read(&mut block).await.ok()?;
        if n == 0 {
            return None;
        }
        bytes.extend_from_slice(&block[..n]);
    }
}
