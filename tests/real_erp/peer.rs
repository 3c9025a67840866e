//! A real Tryton 8.2 on PostgreSQL, started from nothing for one test. What the test asserts is read with SQL
//! or by a client of this file's own, never by the adapter under test.

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::wire::send;

/// The password that the starter gives the user `admin`.
pub const PASSWORD: &str = "tryton-demo-password";

/// A running Tryton. Dropping it stops both servers, also when a test panics.
pub struct Tryton {
    folder: TempDir,
    starter: PathBuf,
    ports: [String; 2],
    about: Value,
    session: String,
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The folder of references and peers beside the checkout.
pub fn shared() -> PathBuf {
    let given = std::env::var_os("TIEOUT_SHARED").map(PathBuf::from);
    given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"))
}

/// Says why a test does nothing here; fails in CI.
pub fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{why}");
    eprintln!("SKIPPED: {why}");
}

impl Tryton {
    /// Starts one with the fiscal years `years`; `None` (and a message) where that cannot be had.
    pub fn start(years: &str) -> Option<Self> {
        let starter = shared().join("peers/tryton.sh");
        let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout == b"0\n");
        if !starter.exists() || !root {
            skip(&format!("{} and root are needed: set TIEOUT_SHARED", starter.display()));
            return None;
        }
        // In the system's folder for temporary files, which PostgreSQL's own user may enter.
        let folder = tempfile::Builder::new().prefix("tieout-erp-").tempdir().unwrap();
        let ports = [free_port().to_string(), free_port().to_string()];
        let mut peer = Self { folder, starter, ports, about: Value::Null, session: String::new() };
        let out = peer.script("start").env("TRYTON_YEARS", years).output().unwrap();
        let printed = String::from_utf8_lossy(&out.stdout).into_owned();
        let line = printed.lines().last().unwrap_or_default();
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        peer.about = serde_json::from_str(line).unwrap_or_else(|e| panic!("no Tryton: {e}: {printed}{said}"));
        let login = json!(["admin", { "password": PASSWORD }, "en"]);
        let login = peer.rpc("common.db.login", &login).unwrap();
        let token = format!("admin:{}:{}", login[0], login[1].as_str().unwrap());
        peer.session = format!("Authorization: Session {}\r\n", base64(token.as_bytes()));
        Some(peer)
    }

    fn script(&self, verb: &str) -> Command {
        let mut command = Command::new("bash");
        command.arg(&self.starter).arg(verb).arg(self.folder.path());
        command.env("TRYTON_PG_PORT", &self.ports[0]).env("TRYTON_PORT", &self.ports[1]);
        command
    }

    /// Where its web server listens.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.ports[1])
    }

    fn rpc(&self, method: &str, params: &Value) -> Result<Value, String> {
        let body = json!({ "id": 1, "method": method, "params": params }).to_string();
        let head = format!("Content-Type: application/json\r\n{}", self.session);
        let (status, body) = send(&self.address(), "POST", "/tryton/rpc/", &head, &body);
        let value: Value = serde_json::from_str(&body).map_err(|_| format!("{status}: {body}"))?;
        match value.get("error") {
            Some(error) => Err(error.to_string()),
            None => Ok(value["result"].clone()),
        }
    }

    /// Calls Tryton past the adapter; an error is its own words.
    pub fn call(&self, method: &str, mut params: Value) -> Result<Value, String> {
        params.as_array_mut().unwrap().push(json!({ "company": self.company() }));
        self.rpc(method, &params)
    }

    /// The id of the company.
    pub fn company(&self) -> i64 {
        self.about["company"]["id"].as_i64().unwrap()
    }

    fn id(&self, kind: &str, field: &str, value: &str) -> i64 {
        let all = self.about["company"][kind].as_array().unwrap();
        let found = all.iter().find(|one| one[field] == value);
        found.and_then(|one| one["id"].as_i64()).unwrap_or_else(|| panic!("no {kind} {value}"))
    }

    /// The rows of a query on Tryton's own tables, columns separated by `|`.
    pub fn sql(&self, query: &str) -> Vec<String> {
        let mut psql = Command::new("psql");
        psql.args(["-h", "127.0.0.1", "-p", &self.ports[0], "-U", "postgres", "-d", "tryton", "-At", "-c"]);
        let out = psql.arg(query).output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// The query's only value.
    pub fn one(&self, query: &str) -> String {
        let mut rows = self.sql(query);
        assert_eq!(rows.len(), 1, "{query}: {rows:?}");
        rows.remove(0)
    }

    /// Closes a whole period.
    pub fn close_period(&self, name: &str) {
        let period = self.id("periods", "name", name);
        self.call("model.account.period.close", json!([[period]])).unwrap();
    }

    /// Closes or reopens one journal of a period. The period itself stays open.
    pub fn journal_period(&self, journal: &str, period: &str, verb: &str) {
        let (journal, period) = (self.id("journals", "code", journal), self.id("periods", "name", period));
        let model = "model.account.journal.period";
        let domain = json!([["journal", "=", journal], ["period", "=", period]]);
        let found = self.call(&format!("{model}.search"), json!([domain, 0, 1, null])).unwrap();
        self.call(&format!("{model}.{verb}"), json!([found])).unwrap();
    }
}

impl Drop for Tryton {
    fn drop(&mut self) {
        let _ = self.script("stop").output();
    }
}

/// RFC 4648, so that this client shares nothing with the adapter.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut bits = [0_u8; 3];
        bits[..chunk.len()].copy_from_slice(chunk);
        let all = u32::from_be_bytes([0, bits[0], bits[1], bits[2]]);
        for n in 0..4 {
            let index = (all >> (18 - 6 * n)) & 63;
            text.push(if n <= chunk.len() { char::from(ALPHABET[index as usize]) } else { '=' });
        }
    }
    text
}
