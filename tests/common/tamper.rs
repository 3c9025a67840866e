//! Somebody who has the workspace file, its key and an SQL tool of their own.
#![allow(dead_code)]

use std::{
    collections::HashMap,
    sync::{Mutex, OnceLock},
};

use rusqlite::Connection;
use sha2::{Digest as _, Sha256};
use tieout_vault::{Passphrase, PassphraseFor, SecretError, SecretsHome};

use super::binary::{Bench, VAULT};

/// The workspace key in hexadecimal. Copies of one workspace share it, and unlocking it costs: it is kept.
fn key(bench: &Bench) -> String {
    static KNOWN: OnceLock<Mutex<HashMap<String, String>>> = OnceLock::new();
    let marker = std::fs::read_to_string(bench.workspace.with_extension("secrets.toml")).unwrap();
    let mut known = KNOWN.get_or_init(Mutex::default).lock().unwrap();
    let unlock = || {
        let vault =
            |_: &PassphraseFor| -> Result<Passphrase, SecretError> { Ok(Passphrase::new(VAULT.to_owned())) };
        let secrets = SecretsHome::beside(&bench.workspace).open(&vault).unwrap();
        let key = secrets.workspace_key().unwrap().expect("the vault holds the workspace key");
        hex::encode(key.as_slice())
    };
    known.entry(marker).or_insert_with(unlock).clone()
}

/// The data base, opened with its key.
pub fn attacker(bench: &Bench) -> Connection {
    let database = Connection::open(&bench.workspace).unwrap();
    database.execute_batch(&format!("PRAGMA key = \"x'{}'\"", key(bench))).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
    database
}

/// Changes the data base past its triggers, which are there again afterwards, and writes it all into the file
/// itself.
pub fn tamper(bench: &Bench, change: impl FnOnce(&Connection)) {
    let database = attacker(bench);
    let triggers: Vec<(String, String)> = {
        let query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'";
        let mut statement = database.prepare(query).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    for (name, _) in &triggers {
        database.execute_batch(&format!("DROP TRIGGER \"{name}\"")).unwrap();
    }
    change(&database);
    for (_, sql) in &triggers {
        database.execute_batch(sql).unwrap();
    }
    database.execute_batch("COMMIT").unwrap();
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
}

/// One statement, which must change something.
#[track_caller]
pub fn changed(database: &Connection, sql: &str) {
    let count = database.execute(sql, []).unwrap_or_else(|e| panic!("{e}: {sql}"));
    assert!(count > 0, "nothing was changed by: {sql}");
}

/// One value of one row.
#[track_caller]
pub fn value<T: rusqlite::types::FromSql>(database: &Connection, sql: &str) -> T {
    database.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|e| panic!("{e}: {sql}"))
}

/// An entry of the log as its chain has it, without a signature.
pub struct Forged<'a> {
    /// Milliseconds since 1970.
    pub at: i64,
    pub actor: &'a str,
    pub what: &'a str,
    pub subject: &'a str,
    pub detail: &'a str,
}

/// Appends an unsigned entry with its right place in the chain. The encoding is written out here a second
/// time, so that these tests do not trust the store's.
pub fn append_log(database: &Connection, entry: &Forged<'_>) {
    let (last, previous): (i64, Vec<u8>) = database
        .query_row("SELECT number, hash FROM log ORDER BY number DESC LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    let number = last + 1;
    let mut hasher = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    part(b"tieout-log/1");
    part(&previous);
    hasher.update(number.to_be_bytes());
    hasher.update(entry.at.to_be_bytes());
    for text in [entry.actor, entry.what, entry.subject, entry.detail] {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    }
    hasher.update(0_i64.to_be_bytes());
    let hash = hasher.finalize().to_vec();
    let done = database.execute(
        "INSERT INTO log (number, at, actor, what, subject, detail, previous, hash, signer, signature)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, NULL)",
        rusqlite::params![
            number,
            entry.at,
            entry.actor,
            entry.what,
            entry.subject,
            entry.detail,
            previous,
            hash
        ],
    );
    assert_eq!(done.unwrap(), 1);
}
