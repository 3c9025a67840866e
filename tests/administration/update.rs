//! News of releases: only from where the administrator says, only as signed by their key, and nothing is
//! installed. Signed here by minisign's own library, another than the one that verifies.
#![cfg(debug_assertions)]

use std::{
    fs,
    io::{Cursor, Read as _, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
};

use minisign::KeyPair;
use tempfile::TempDir;

use super::{
    binary::{Ran, bare, finish},
    names,
};

/// A place for news of releases, of which the machine's policy knows.
struct Share {
    folder: TempDir,
    keys: KeyPair,
}

fn text_of(version: &str) -> String {
    format!(
        "product = \"tieout\"\nversion = \"{version}\"\npublished = \"2026-12-01\"\n\
         changes = [\"Payouts are matched by their id.\", \"Opens faster.\"]\n\
         [[package]]\nfile = \"Tieout_{version}_amd64.deb\"\nsha256 = \"{}\"\n",
        "ab".repeat(32)
    )
}

impl Share {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), keys: KeyPair::generate_unencrypted_keypair().unwrap() }
    }

    fn manifest(&self) -> PathBuf {
        self.folder.path().join("release.toml")
    }

    fn sign(&self, text: &str, keys: &KeyPair) {
        let signed =
            minisign::sign(Some(&keys.pk), &keys.sk, Cursor::new(text), Some("tieout"), None).unwrap();
        fs::write(self.manifest(), text).unwrap();
        fs::write(self.folder.path().join("release.toml.minisig"), signed.to_string()).unwrap();
    }

    fn policy(&self, manifest: &str) -> PathBuf {
        let file = self.folder.path().join("policy.toml");
        let key = self.keys.pk.to_base64();
        fs::write(&file, format!("version = 1\n[update]\nmanifest = \"{manifest}\"\nkey = \"{key}\"\n"))
            .unwrap();
        file
    }

    fn check(&self) -> Ran {
        check_by(&self.policy(self.manifest().to_str().unwrap()))
    }
}

fn check_by(policy: &Path) -> Ran {
    let mut command = bare();
    command.args(["--format", "json", "update", "check"]).env("TIEOUT_DEBUG_POLICY", policy);
    finish(command, None)
}

#[test]
fn nothing_is_looked_for_unless_the_administrator_says_where() {
    let news = check_by(Path::new("/nowhere/at/all/policy.toml")).ok().one();
    assert_eq!((&news["state"], &news["released"]), (&"off".into(), &serde_json::Value::Null));
}

#[test]
fn a_newer_release_is_told_with_what_changed_and_nothing_is_installed() {
    let share = Share::new();
    share.sign(&text_of("99.0.1"), &share.keys);
    share.policy(share.manifest().to_str().unwrap());
    let before = names(share.folder.path());
    let news = share.check().ok().one();
    assert_eq!((&news["state"], &news["released"]), (&"newer".into(), &"99.0.1".into()));
    assert_eq!(news["changes"][1], "Opens faster.");
    assert_eq!(news["packages"][0]["file"], "Tieout_99.0.1_amd64.deb");
    assert_eq!(names(share.folder.path()), before);
    let here = news["here"].as_str().unwrap().to_owned();
    for (version, state) in [(here.as_str(), "current"), ("0.0.9", "older")] {
        share.sign(&text_of(version), &share.keys);
        assert_eq!(share.check().ok().one()["state"], state);
    }
}

#[test]
fn what_was_changed_signed_by_another_or_out_of_date_is_not_believed() {
    let share = Share::new();
    share.sign(&text_of("99.0.1"), &share.keys);
    let said = |code: &str, words: &str| {
        let ran = share.check().refused(code);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
        assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    };
    fs::write(share.manifest(), text_of("99.0.2")).unwrap();
    said("update_untrusted", "changed after it was signed");
    let other = KeyPair::generate_unencrypted_keypair().unwrap();
    share.sign(&text_of("99.0.1"), &other);
    said("update_untrusted", "another key");
    share.sign(&text_of("99.0.1"), &share.keys);
    let signature = share.folder.path().join("release.toml.minisig");
    let whole = fs::read_to_string(&signature).unwrap();
    fs::write(&signature, whole.replace("trusted comment: tieout", "trusted comment: another")).unwrap();
    said("update_untrusted", "changed after it was signed");
    fs::write(&signature, "no signature").unwrap();
    said("update_untrusted", "no minisign signature");
    fs::remove_file(&signature).unwrap();
    said("update_unreachable", "release.toml.minisig");
    let old = format!("valid_until = \"2026-01-31\"\n{}", text_of("99.0.1"));
    share.sign(&old, &share.keys);
    said("update_unusable", "valid until 2026-01-31");
    share.sign("product = \"tieout\"\n", &share.keys);
    said("update_unusable", "missing field `version`");
    fs::remove_file(share.manifest()).unwrap();
    said("update_unreachable", "release.toml");
}

#[test]
fn an_address_is_read_as_a_file_is_and_one_that_does_not_answer_is_told() {
    let share = Share::new();
    share.sign(&text_of("99.0.1"), &share.keys);
    let files = share.folder.path().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0_u8; 2048];
            let read = stream.read(&mut asked).unwrap_or_default();
            let asked = String::from_utf8_lossy(&asked[..read]).into_owned();
            let name = asked.split_whitespace().nth(1).unwrap_or("/").trim_start_matches("/it/").to_owned();
            let (status, body) = match fs::read(files.join(&name)) {
                Ok(body) => ("200 OK", body),
                Err(_) => ("404 Not Found", Vec::new()),
            };
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    let at = |path: &str| check_by(&share.policy(&format!("http://{address}{path}")));
    assert_eq!(at("/it/release.toml").ok().one()["state"], "newer");
    at("/it/another.toml").refused("update_unreachable");
    let nobody = check_by(&share.policy("http://127.0.0.1:9/release.toml")).refused("update_unreachable");
    assert!(nobody.stderr.contains("127.0.0.1:9"), "{}", nobody.stderr);
    // In the clear only to this machine.
    let plain = check_by(&share.policy("http://it.example/release.toml")).refused("update_unreachable");
    assert!(plain.stderr.contains("not encrypted"), "{}", plain.stderr);
}

#[test]
fn a_workspace_of_a_newer_schema_is_refused_with_what_to_do_and_left_as_it_is() {
    let bench = super::binary::Bench::new();
    super::tamper::tamper(&bench, |database| database.execute_batch("PRAGMA user_version = 9999").unwrap());
    let before = fs::read(&bench.workspace).unwrap();
    let refused = bench.run(None, ["person", "list"]).refused("store_newer_schema");
    assert!(refused.stderr.contains("install the newer version"), "{}", refused.stderr);
    assert_eq!(fs::read(&bench.workspace).unwrap(), before);
}
