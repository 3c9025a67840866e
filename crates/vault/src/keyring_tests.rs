//! The keyring against a real Secret Service (gnome-keyring) in a D-Bus session of the test's own.
//!
//! Each test starts itself again inside such a session: the keyring crate looks for the session once per
//! process, and the session of whoever runs the tests must not be touched.

use std::{path::Path, process::Command, time::Duration};

use tempfile::TempDir;
use tieout_domain::{ConnectionId, PersonId};

use super::{
    vault_tests::{low, silent, typed, workspace_id},
    *,
};

const INSIDE: &str = "TIEOUT_TEST_INSIDE_SESSION";

/// What answers on the session's bus.
#[derive(Clone, Copy)]
enum Session {
    /// A keyring that is unlocked, as after logging in to a desktop.
    Unlocked,
    /// A keyring with a password that nobody has typed in this session.
    Locked,
    /// A keyring that was never set up, as in a session over SSH.
    NeverUnlocked,
    /// A bus, but nothing that keeps secrets.
    NoService,
    /// Not even a bus.
    NoBus,
}

impl Session {
    /// The shell script that runs its arguments in such a session.
    fn script(self) -> &'static str {
        match self {
            // The newline is the (empty) password: without one no login keyring is made.
            Session::Unlocked => {
                r#"exec dbus-run-session -- sh -c '
                    printf "\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null
                    exec "$@"' _ "$@""#
            }
            Session::Locked => {
                r#"dbus-run-session -- sh -c '
                    printf "password\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null'
                exec dbus-run-session -- sh -c '
                    gnome-keyring-daemon --start --components=secrets >/dev/null
                    exec "$@"' _ "$@""#
            }
            Session::NeverUnlocked => {
                r#"exec dbus-run-session -- sh -c '
                    gnome-keyring-daemon --start --components=secrets >/dev/null
                    exec "$@"' _ "$@""#
            }
            Session::NoService => {
                r#"cat > "$HOME/bus.conf" <<END
<busconfig>
  <listen>unix:tmpdir=$HOME</listen><auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
END
                exec dbus-run-session --config-file="$HOME/bus.conf" -- "$@""#
            }
            Session::NoBus => r#"exec env -u DBUS_SESSION_BUS_ADDRESS "$@""#,
        }
    }
}

/// Whether the tools are there. In CI they must be: a skipped test would prove nothing.
fn tools_missing() -> bool {
    let there = |tool: &str| Command::new(tool).arg("--version").output().is_ok();
    let missing = !(there("dbus-run-session") && there("gnome-keyring-daemon"));
    assert!(!missing || std::env::var_os("CI").is_none(), "CI needs dbus and gnome-keyring installed");
    missing
}

/// Runs the test of this name again inside `session`, where `inside` is called instead.
fn check(test: &str, session: Session, inside: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        inside();
        return;
    }
    if tools_missing() {
        eprintln!("skipped: install dbus and gnome-keyring to run {test}");
        return;
    }
    let home = TempDir::new().unwrap();
    let run = home.path().join("run");
    std::fs::create_dir(&run).unwrap();
    let mut command = Command::new("timeout");
    command.args(["60", "sh", "-c", session.script(), "_"]);
    command.arg(std::env::current_exe().unwrap());
    command.args([&format!("keyring_tests::{test}"), "--exact", "--nocapture"]);
    command.env_remove("XDG_DATA_HOME").env_remove("XDG_CACHE_HOME").env_remove("DBUS_SESSION_BUS_ADDRESS");
    command.env("HOME", home.path()).env("XDG_RUNTIME_DIR", &run).env(INSIDE, "1");
    let output = command.output().unwrap();
    let text =
        format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "inside the session, {}:\n{text}", output.status);
    assert!(text.contains("test result: ok. 1 passed"), "the test did not run inside the session:\n{text}");
}

fn home_in(folder: &Path) -> SecretsHome {
    SecretsHome::beside(&folder.join("W.tieoutdb")).with_work_factor(low())
}

#[test]
fn an_unlocked_keyring_keeps_secrets_and_a_vault_is_not_needed() {
    check("an_unlocked_keyring_keeps_secrets_and_a_vault_is_not_needed", Session::Unlocked, || {
        let folder = TempDir::new().unwrap();
        let home = home_in(folder.path());
        let backend = Backend::choose(None).unwrap();
        assert_eq!(backend, Backend::Keyring);
        let store = home.create(&workspace_id(), backend, &silent).unwrap();
        let name = SecretName::connection(&ConnectionId::derive(&["stripe"]), "api_key").unwrap();
        let bytes: Vec<u8> = (0..=255).collect();
        let key = store.workspace_key_or_new().unwrap();
        store.set(&name, &bytes).unwrap();
        store.advance_anchor(&Anchor { number: 3, hash: [9; 32] }).unwrap();
        drop(store);

        let store = home.open(&silent).unwrap();
        assert_eq!(store.workspace_key().unwrap(), Some(key));
        assert_eq!(store.get(&name).unwrap().unwrap().as_slice(), bytes);
        assert_eq!(store.names().unwrap(), [SecretName::WorkspaceKey, name.clone(), SecretName::Anchor]);
        store.delete(&name).unwrap();
        store.delete(&name).unwrap();
        assert_eq!(store.names().unwrap(), [SecretName::WorkspaceKey, SecretName::Anchor]);

        let other = SecretsHome::beside(&folder.path().join("V"));
        let id = tieout_domain::WorkspaceId::derive(&["another"]);
        let store = other.create(&id, Backend::Keyring, &silent).unwrap();
        assert_eq!(store.names().unwrap(), [], "workspaces do not see each other's secrets");
    });
}

#[test]
fn in_a_keyring_one_person_is_their_os_account_and_any_other_has_a_passphrase() {
    let test = "in_a_keyring_one_person_is_their_os_account_and_any_other_has_a_passphrase";
    check(test, Session::Unlocked, || {
        let folder = TempDir::new().unwrap();
        let store = home_in(folder.path()).create(&workspace_id(), Backend::Keyring, &silent).unwrap();
        let people = store.people();
        let (ana, ben) = (PersonId::derive(&["ana"]), PersonId::derive(&["ben"]));
        let key = people.create(&ana, &Protection::OsAccount, &silent).unwrap();
        let signature = people.unlock(&ana, &key, &silent).unwrap().sign(b"m");
        assert!(key.verifies(b"m", &signature));

        let second = people.create(&ben, &Protection::OsAccount, &silent).unwrap_err();
        assert_eq!(second.code(), "person_secret_needs_passphrase");
        let bens = people.create(&ben, &Protection::Passphrase, &typed("ben's own passphrase")).unwrap();
        assert_eq!(people.unlock(&ben, &bens, &silent).unwrap_err().code(), "passphrase_missing");
        assert!(people.unlock(&ben, &bens, &typed("ben's own passphrase")).is_ok());
    });
}

#[test]
fn the_keyring_answers_from_inside_an_async_runtime() {
    check("the_keyring_answers_from_inside_an_async_runtime", Session::Unlocked, || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async { assert_eq!(Backend::choose(None).unwrap(), Backend::Keyring) });
    });
}

fn refuses_with(code: &str) {
    for explicit in [None, Some(Backend::Keyring)] {
        let refused = Backend::choose(explicit).unwrap_err();
        assert_eq!(refused.code(), code, "{refused}");
        let told = refused.to_string();
        assert!(told.contains("passphrase-encrypted file"), "it says what to do: {told}");
    }
    // The vault needs no keyring, but is only used where it is asked for.
    assert_eq!(Backend::choose(Some(Backend::Vault)).unwrap(), Backend::Vault);
    let folder = TempDir::new().unwrap();
    let refused = home_in(folder.path()).create(&workspace_id(), Backend::Keyring, &silent).unwrap_err();
    assert_eq!(refused.code(), code);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is written instead");
}

#[test]
fn without_a_bus_the_error_says_that_no_keyring_answers() {
    let test = "without_a_bus_the_error_says_that_no_keyring_answers";
    check(test, Session::NoBus, || refuses_with("keyring_unavailable"));
}

#[test]
fn probes_at_the_same_time_do_not_disturb_each_other() {
    check("probes_at_the_same_time_do_not_disturb_each_other", Session::Unlocked, || {
        let asked: Vec<_> = (0..8).map(|_| std::thread::spawn(keyring::probe)).collect();
        for one in asked {
            one.join().unwrap().unwrap();
        }
    });
}

#[test]
fn a_bus_without_a_keyring_service_gives_the_same_error() {
    let test = "a_bus_without_a_keyring_service_gives_the_same_error";
    check(test, Session::NoService, || refuses_with("keyring_unavailable"));
}

#[test]
fn a_keyring_that_was_never_set_up_is_called_locked() {
    let test = "a_keyring_that_was_never_set_up_is_called_locked";
    check(test, Session::NeverUnlocked, || refuses_with("keyring_locked"));
}

#[test]
fn a_keyring_whose_prompt_nobody_answers_is_called_locked() {
    let test = "a_keyring_whose_prompt_nobody_answers_is_called_locked";
    check(test, Session::Locked, || {
        // Its prompt is never answered here, however long one waits.
        let refused = keyring::probe_within(Duration::from_secs(1)).unwrap_err();
        assert_eq!(refused.code(), "keyring_locked", "{refused}");
        assert!(refused.to_string().contains("passphrase-encrypted file"), "{refused}");
    });
}
