//! Secrets, seen from outside: the real binary does a whole day's work at its most talkative, and nothing
//! that was typed or kept is found in any file it wrote, in its data base, or in what it printed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/approval.rs"]
mod approval;
#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/switching_on.rs"]
mod switching_on;

use std::{
    ffi::OsStr,
    fs,
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
};

use binary::{Bench, Ran, VAULT, finish, own_passphrase, text};
use company::{ONE_APPROVER, Served, as_of, desk};
use tieout_sandbox::company::{DEFAULT_AS_OF, Spec, generate};
use tieout_vault::{Passphrase, PassphraseFor, SecretError, SecretsHome};

const RECOVERY: &str = "recovery words in the safe, quite long";
const WRONG: &str = "a passphrase that opens nothing at all";
const ROTATED: &str = "sk_test_canary_rotated_0123456789";

fn served() -> Served {
    let spec = Spec { seed: 3, invoices: 120, as_of: DEFAULT_AS_OF, fault_rate: 1500 };
    Served::start(generate(&spec))
}

/// Everything that must stay secret, with what it is.
fn canaries(served: &Served) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = [("vault", VAULT), ("recovery", RECOVERY), ("wrong", WRONG)]
        .map(|(what, secret)| (what.to_owned(), secret.to_owned()))
        .into();
    all.push(("rotated key".to_owned(), ROTATED.to_owned()));
    for person in ["ana", "carl", "aud", "administrator"] {
        all.push((person.to_owned(), own_passphrase(person)));
    }
    let about = served.sandbox.describe();
    for account in about["stripe"]["accounts"].as_array().unwrap() {
        all.push(("API key".to_owned(), text(account, "api_key")));
    }
    for field in ["consumer_secret", "token_secret"] {
        all.push((field.to_owned(), text(&about["netsuite"]["tokens"][0], field)));
    }
    assert!(all.iter().all(|(_, secret)| secret.len() >= 12), "a short canary would be found by chance");
    all
}

#[track_caller]
fn absent(place: &str, bytes: &[u8], canaries: &[(String, String)]) {
    for (what, secret) in canaries {
        let hex: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
        for form in [secret.as_bytes(), hex.as_bytes()] {
            assert!(memchr::memmem::find(bytes, form).is_none(), "{place} holds the secret of {what}");
        }
    }
}

/// Runs commands as talkatively as they can be made, and keeps all they say.
struct Listener<'a> {
    bench: &'a Bench,
    heard: String,
}

impl Listener<'_> {
    fn command<S: AsRef<OsStr>>(&self, acting: Option<&str>, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.bench.command(acting, args);
        command
            .env("TIEOUT_LOG", "trace")
            .env("TIEOUT_RECOVERY_PASSPHRASE", RECOVERY)
            .env("RUST_BACKTRACE", "1");
        command
    }

    fn hear(&mut self, command: Command) -> Ran {
        let ran = finish(command, None);
        self.heard.push_str(&ran.stdout);
        self.heard.push_str(&ran.stderr);
        ran
    }

    fn run<S: AsRef<OsStr>>(&mut self, acting: Option<&str>, args: impl IntoIterator<Item = S>) -> Ran {
        let command = self.command(acting, args);
        self.hear(command)
    }
}

/// A day's work: a proposal, an approval, posting, reports, a backup, and mistakes with every secret.
fn a_day(bench: &Bench) -> String {
    let mut day = Listener { bench, heard: String::new() };
    day.run(None, ["sync", "--as-of", &as_of()]).ok();
    let open = day.run(None, ["exceptions", "--as-of", &as_of(), "--kind", "unposted"]).ok().lines();
    let id = text(open.first().expect("the company has an unposted document"), "id");
    let posting = text(&day.run(Some("ana"), ["propose", &id]).ok().lines()[0], "posting");
    let seen = approval::content_hash(bench, &posting);
    day.run(Some("carl"), ["approve", &posting, "--content", &seen]).ok();
    day.run(None, ["post"]).ok();
    let folder = bench.folder.path();
    let (export, backup) = (folder.join("open.xlsx"), folder.join("books.tieoutbackup"));
    for args in [
        vec!["show".as_ref(), posting.as_ref()],
        vec!["connection".as_ref(), "test".as_ref(), "stripe-us01".as_ref()],
        vec!["connection".as_ref(), "list".as_ref()],
        vec!["export".as_ref(), "exceptions".as_ref(), "--to".as_ref(), export.as_os_str()],
        vec!["backup".as_ref(), "--to".as_ref(), backup.as_os_str()],
        vec!["verify".as_ref()],
    ] {
        day.run(None, args).ok();
    }
    let mut locked = day.command(None, ["exceptions"]);
    locked.env("TIEOUT_PASSPHRASE", WRONG);
    day.hear(locked).refused("vault_passphrase_wrong");
    let mut stranger = day.command(Some("carl"), ["approve", &posting]);
    stranger.env("TIEOUT_PERSON_PASSPHRASE", WRONG);
    assert_eq!(day.hear(stranger).status, 1);
    let mut rotate = day.command(Some(&bench.administrator()), ["connection", "rotate", "stripe-us01"]);
    rotate.env("TIEOUT_CREDENTIAL_API_KEY", ROTATED);
    rotate.env("TIEOUT_PERSON_PASSPHRASE", own_passphrase("administrator"));
    day.hear(rotate).ok();
    assert_eq!(day.run(None, ["connection", "test", "stripe-us01"]).status, 1, "the key is wrong now");
    day.heard
}

/// Every value of the data base, decrypted, as one text.
fn decrypted(bench: &Bench) -> Vec<u8> {
    let vault =
        |_: &PassphraseFor| -> Result<Passphrase, SecretError> { Ok(Passphrase::new(VAULT.to_owned())) };
    let key = SecretsHome::beside(&bench.workspace).open(&vault).unwrap().workspace_key().unwrap().unwrap();
    let hex: String = key.iter().map(|b| format!("{b:02x}")).collect();
    let database = rusqlite::Connection::open(&bench.workspace).unwrap();
    database.execute_batch(&format!("PRAGMA key = \"x'{hex}'\"")).unwrap();
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut names = database.prepare(tables).unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert!(names.len() > 10, "{names:?}");
    let mut all = Vec::new();
    for name in names {
        let mut rows = database.prepare(&format!("SELECT * FROM \"{name}\"")).unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                match row.get_ref(column).unwrap() {
                    rusqlite::types::ValueRef::Text(bytes) | rusqlite::types::ValueRef::Blob(bytes) => {
                        all.extend_from_slice(bytes);
                        all.push(b'\n');
                    }
                    _ => {}
                }
            }
        }
    }
    // The key itself is the last thing that may stand in the data base it opens.
    absent("the data base", &all, &[("the workspace key".to_owned(), hex)]);
    all
}

#[test]
fn no_secret_is_in_any_file_the_data_base_or_anything_printed() {
    let served = served();
    let bench = desk(&served, &[], ONE_APPROVER);
    let canaries = canaries(&served);
    let heard = a_day(&bench);
    assert!(heard.len() > 10_000, "the log was on: {} bytes", heard.len());
    absent("what was printed and logged", heard.as_bytes(), &canaries);

    let mut files = 0;
    for entry in fs::read_dir(bench.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            absent(&path.display().to_string(), &fs::read(&path).unwrap(), &canaries);
            files += 1;
        }
    }
    assert!(files >= 5, "workspace, vault, marker, backup and export: only {files} files");
    let all = decrypted(&bench);
    assert!(memchr::memmem::find(&all, b"stripe").is_some(), "the data base was really read");
    absent("the decrypted data base", &all, &canaries);
}

#[test]
fn whoever_holds_the_vault_s_passphrase_cannot_both_prepare_and_approve() {
    let served = served();
    let bench = desk(&served, &[], ONE_APPROVER);
    let open = bench.run(None, ["exceptions", "--as-of", &as_of(), "--kind", "unposted"]).ok().lines();
    let id = text(&open[0], "id");
    let posting = text(&bench.run(Some("ana"), ["propose", &id]).ok().lines()[0], "posting");
    let state = |bench: &Bench| -> String {
        let listed = bench.run(None, ["post", "--list"]).ok().lines();
        let one = listed.iter().find(|one| text(one, "id") == posting);
        text(one.expect("the posting is listed"), "state")
    };
    let before = state(&bench);

    let seen = approval::content_hash(&bench, &posting);

    // In her own name she is refused, by rule.
    let own = bench.run(Some("ana"), ["approve", &posting, "--content", &seen]);
    assert_eq!(own.status, 1, "{own:?}");
    // In his name she is too, with her own passphrase and with the vault's.
    for passphrase in [own_passphrase("ana"), VAULT.to_owned(), WRONG.to_owned()] {
        let mut posing = bench.command(Some("carl"), ["approve", &posting, "--content", &seen]);
        posing.env("TIEOUT_PERSON_PASSPHRASE", &passphrase);
        finish(posing, None).refused("person_secret_wrong");
    }
    let mut silent = bench.command(Some("carl"), ["approve", &posting, "--content", &seen]);
    silent.env_remove("TIEOUT_PERSON_PASSPHRASE");
    finish(silent, None).refused("passphrase_missing");
    assert_eq!(state(&bench), before, "nothing was approved");

    // Nor may anybody's own passphrase be the one that opens the workspace.
    let mut add = bench.command(None, ["person", "add", "dora", "--role", "controller"]);
    add.env("TIEOUT_NEW_PERSON_PASSPHRASE", VAULT);
    finish(add, None).refused("passphrase_reused");
    approval::approve(&bench, "carl", &posting).ok();
    assert_ne!(state(&bench), before);
}

#[test]
fn a_process_that_is_killed_leaves_no_core() {
    let bench = Bench::new();
    let pipe = bench.folder.path().join("periods.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // Not SEGV: sent from outside it only makes Rust's own handler step aside, once. Not QUIT: what a shell
    // starts in the background inherits that it is ignored, and this would wait for ever.
    for signal in ["ABRT", "TRAP", "KILL"] {
        let importing = bench.command(None, [OsStr::new("import"), OsStr::new("periods"), pipe.as_os_str()]);
        // The shell asks for cores of any size and becomes the program.
        let mut child = Command::new("sh");
        child.args(["-c", "ulimit -c unlimited 2>/dev/null; exec \"$@\"", "_"]);
        child.arg(importing.get_program()).args(importing.get_args());
        for (name, value) in importing.get_envs() {
            match value {
                Some(value) => child.env(name, value),
                None => child.env_remove(name),
            };
        }
        child.current_dir(bench.folder.path());
        child.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = child.spawn().unwrap();
        // Opening the pipe waits for the import to open it too: then the secrets are in its memory.
        let held = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
        let limits = fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");
        let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
        assert!(kill.success());
        let ended = child.wait().unwrap();
        drop(held);
        assert!(ended.signal().is_some() && !ended.core_dumped(), "{signal}: {ended}");
    }
    let names: Vec<_> = fs::read_dir(bench.folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with("core")), "{names:?}");
}
