//! A real Tryton 8.2 on PostgreSQL, and what a person does in it.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{kit_world::skip, proxy};

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
        // On ports of its own, in the system's temporary folder: PostgreSQL's own user may enter it. A port
        // that was free may be another's by the time the server binds it: it is tried again on others.
        let dir = tempfile::Builder::new().prefix("tieout-erp-").tempdir().unwrap();
        let mut said = String::new();
        for _ in 0..3 {
            let pg_port = free_port();
            let mut command = Command::new("bash");
            command.arg(&script).arg("start").arg(dir.path());
            command.env("TRYTON_PG_PORT", &pg_port).env("TRYTON_PORT", free_port());
            let out = command.output().unwrap();
            let text = String::from_utf8_lossy(&out.stdout).into_owned();
            if let Some(line) = text.lines().last().filter(|line| line.starts_with('{')) {
                return Some(Self::read(line, pg_port, Some((script, dir))));
            }
            let log = std::fs::read_to_string(dir.path().join("pg/data/log")).unwrap_or_default();
            said = format!("{text}{}{log}", String::from_utf8_lossy(&out.stderr));
            let _ = Command::new("bash").arg(&script).arg("stop").arg(dir.path()).status();
        }
        panic!("Tryton did not start: {said}");
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
        let answer = proxy::exchange(&self.address, request.as_bytes()).await;
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
