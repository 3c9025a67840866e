//! The vault: what it keeps, and what it gives nobody.

use std::{os::unix::fs::PermissionsExt, path::Path, thread};

use tempfile::TempDir;
use tieout_domain::{ConnectionId, PersonId, WorkspaceId};
use zeroize::Zeroizing;

use super::*;

pub(super) const CANARY: &str = "canary-sk-live-0123456789";
pub(super) const VAULT_PASSPHRASE: &str = "correct horse battery staple";

pub(super) fn low() -> WorkFactor {
    WorkFactor::log_n(4)
}

/// A source that gives `text` whatever it is asked for.
pub(super) fn typed(text: &str) -> impl PassphraseSource + use<> {
    let text = text.to_owned();
    move |_: &PassphraseFor| Ok(Passphrase::new(text.clone()))
}

pub(super) fn silent(what: &PassphraseFor) -> Result<Passphrase, SecretError> {
    Err(what.missing())
}

pub(super) fn workspace_id() -> WorkspaceId {
    WorkspaceId::derive(&["test"])
}

pub(super) fn vault_in(folder: &Path) -> (SecretsHome, SecretStore) {
    let home = SecretsHome::beside(&folder.join("W.tieoutdb")).with_work_factor(low());
    let store = home.create(&workspace_id(), Backend::Vault, &typed(VAULT_PASSPHRASE)).unwrap();
    (home, store)
}

fn api_key() -> SecretName {
    SecretName::connection(&ConnectionId::derive(&["stripe"]), "api_key").unwrap()
}

#[test]
fn what_is_kept_is_there_when_the_vault_is_opened_again() {
    let folder = TempDir::new().unwrap();
    let (home, store) = vault_in(folder.path());
    let key = store.workspace_key_or_new().unwrap();
    store.set(&api_key(), CANARY.as_bytes()).unwrap();
    drop(store);

    let store = home.open(&typed(VAULT_PASSPHRASE)).unwrap();
    assert_eq!(store.backend(), Backend::Vault);
    assert_eq!(store.workspace_id(), &workspace_id());
    assert_eq!(store.workspace_key().unwrap(), Some(key.clone()));
    assert_eq!(store.workspace_key_or_new().unwrap(), key, "a key that is there is never replaced");
    assert_eq!(store.get(&api_key()).unwrap().unwrap().as_slice(), CANARY.as_bytes());
    assert_eq!(store.names().unwrap(), [SecretName::WorkspaceKey, api_key()]);

    store.delete(&api_key()).unwrap();
    store.delete(&api_key()).unwrap();
    assert_eq!(store.get(&api_key()).unwrap(), None);
    assert_eq!(store.names().unwrap(), [SecretName::WorkspaceKey]);
}

#[test]
fn a_wrong_passphrase_opens_nothing_and_is_called_that() {
    let folder = TempDir::new().unwrap();
    let (home, _store) = vault_in(folder.path());
    let refused = home.open(&typed("correct horse battery stapler")).unwrap_err();
    assert_eq!(refused.code(), "vault_passphrase_wrong");
    assert_eq!(home.open(&silent).unwrap_err().code(), "passphrase_missing");
}

#[test]
fn a_vault_cut_short_or_altered_at_any_place_is_called_damaged_or_does_not_open() {
    let folder = TempDir::new().unwrap();
    let (home, store) = vault_in(folder.path());
    store.set(&api_key(), CANARY.as_bytes()).unwrap();
    let path = folder.path().join("W.tieoutvault");
    let whole = std::fs::read(&path).unwrap();

    for length in [0, 10, 20, 50, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        // It is found before anybody is asked for a passphrase.
        assert_eq!(home.open(&silent).unwrap_err().code(), "vault_damaged", "cut to {length}");
    }
    for at in 0..whole.len() {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        std::fs::write(&path, &altered).unwrap();
        assert_eq!(home.open(&silent).unwrap_err().code(), "vault_damaged", "bit {at}");
    }
    std::fs::write(&path, &whole).unwrap();
    home.open(&typed(VAULT_PASSPHRASE)).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(home.open(&silent).unwrap_err().code(), "vault_missing");
}

#[test]
fn altering_a_vault_and_its_checksum_does_not_change_what_it_says() {
    use sha2::{Digest, Sha256};
    let folder = TempDir::new().unwrap();
    let (home, store) = vault_in(folder.path());
    store.set(&api_key(), CANARY.as_bytes()).unwrap();
    let path = folder.path().join("W.tieoutvault");
    let whole = std::fs::read(&path).unwrap();
    let start = b"tieout-vault/1\n".len();
    for at in start + 32..whole.len() {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        let digest = Sha256::digest(&altered[start + 32..]);
        altered[start..start + 32].copy_from_slice(&digest);
        std::fs::write(&path, &altered).unwrap();
        let refused = home.open(&typed(VAULT_PASSPHRASE)).map(|_| ()).unwrap_err();
        assert!(
            ["vault_damaged", "vault_passphrase_wrong"].contains(&refused.code()),
            "byte {at}: {refused}"
        );
    }
}

#[test]
fn a_vault_is_of_one_workspace_and_is_not_made_twice() {
    let (one, other) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let (home, _store) = vault_in(one.path());
    let again = home.create(&workspace_id(), Backend::Vault, &typed(VAULT_PASSPHRASE)).unwrap_err();
    assert_eq!(again.code(), "secrets_already_set_up");

    let foreign = SecretsHome::beside(&other.path().join("W.tieoutdb")).with_work_factor(low());
    assert_eq!(foreign.open(&silent).unwrap_err().code(), "secrets_not_set_up");
    let id = WorkspaceId::derive(&["another"]);
    foreign.create(&id, Backend::Vault, &typed(VAULT_PASSPHRASE)).unwrap();
    std::fs::copy(one.path().join("W.tieoutvault"), other.path().join("W.tieoutvault")).unwrap();
    assert_eq!(foreign.open(&typed(VAULT_PASSPHRASE)).unwrap_err().code(), "vault_foreign");
}

#[test]
fn a_new_passphrase_that_is_guessed_at_once_is_refused() {
    let folder = TempDir::new().unwrap();
    let home = SecretsHome::beside(&folder.path().join("W.tieoutdb")).with_work_factor(low());
    for weak in ["", "short", "1234567", "aaaaaaaaaaaa", "abababababab"] {
        let refused = home.create(&workspace_id(), Backend::Vault, &typed(weak)).unwrap_err();
        assert_eq!(refused.code(), "passphrase_weak", "{weak:?}");
        assert!(weak.is_empty() || !refused.to_string().contains(weak), "{refused}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "a refusal leaves nothing behind");
}

#[test]
fn nothing_readable_is_in_any_file_or_in_what_is_printed() {
    let folder = TempDir::new().unwrap();
    let (_home, store) = vault_in(folder.path());
    store.set(&api_key(), CANARY.as_bytes()).unwrap();
    let key = store.workspace_key_or_new().unwrap();
    let person = PersonId::derive(&["ana"]);
    store.people().create(&person, &Protection::Passphrase, &typed("ana's own secret")).unwrap();

    let secrets: [&[u8]; 5] =
        [CANARY.as_bytes(), key.as_slice(), VAULT_PASSPHRASE.as_bytes(), b"ana's own secret", b"api_key"];
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret);
            assert!(!found, "{} holds {:?}", path.display(), String::from_utf8_lossy(secret));
        }
    }
    let mode = std::fs::metadata(folder.path().join("W.tieoutvault")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let printed = format!("{store:?} {:?}", Passphrase::new(VAULT_PASSPHRASE.to_owned()));
    assert!(!printed.contains("horse") && !printed.contains(&hex::encode(key.as_slice())), "{printed}");
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    let folder = TempDir::new().unwrap();
    let (home, _store) = vault_in(folder.path());
    let name = |writer: usize, n: usize| {
        SecretName::connection(&ConnectionId::derive(&[&writer.to_string()]), &format!("f{n}")).unwrap()
    };
    thread::scope(|scope| {
        for writer in 0..4 {
            // Each opens the vault for itself, as another process would.
            let store = home.open(&typed(VAULT_PASSPHRASE)).unwrap();
            scope.spawn(move || {
                for n in 0..8 {
                    store.set(&name(writer, n), CANARY.as_bytes()).unwrap();
                    let anchor = Anchor { number: (writer * 8 + n) as u64, hash: [writer as u8; 32] };
                    store.advance_anchor(&anchor).unwrap();
                }
            });
        }
    });
    let store = home.open(&typed(VAULT_PASSPHRASE)).unwrap();
    let names = store.names().unwrap();
    assert_eq!(names.len(), 4 * 8 + 1);
    assert!((0..4).all(|writer| (0..8).all(|n| names.contains(&name(writer, n)))));
    assert_eq!(store.anchor().unwrap(), Some(Anchor { number: 31, hash: [3; 32] }));
}

#[test]
fn the_anchor_only_moves_forward_until_a_restore_resets_it() {
    let folder = TempDir::new().unwrap();
    let (_home, store) = vault_in(folder.path());
    let at = |number| Anchor { number, hash: [u8::try_from(number).unwrap(); 32] };
    assert_eq!(store.anchor().unwrap(), None);
    store.advance_anchor(&at(7)).unwrap();
    store.advance_anchor(&at(5)).unwrap();
    assert_eq!(store.anchor().unwrap(), Some(at(7)));
    store.reset_anchor(&at(5)).unwrap();
    assert_eq!(store.anchor().unwrap(), Some(at(5)));
}

#[test]
fn a_damaged_marker_is_said_and_never_guessed_around() {
    let folder = TempDir::new().unwrap();
    let (home, _store) = vault_in(folder.path());
    let marker = folder.path().join("W.secrets.toml");
    let good = std::fs::read_to_string(&marker).unwrap();
    assert!(good.contains("backend = \"vault\""), "{good}");
    for bad in ["", "backend = 1", &good.replace("vault", "floppy"), &good.replace("= 1", "= 2")] {
        std::fs::write(&marker, bad).unwrap();
        assert_eq!(
            home.open(&typed(VAULT_PASSPHRASE)).unwrap_err().code(),
            "secrets_marker_damaged",
            "{bad}"
        );
    }
}

#[test]
fn a_backup_s_key_comes_back_by_its_recovery_passphrase_only() {
    let key: WorkspaceKey = Zeroizing::new([7; 32]);
    let recovery = Passphrase::new("the safe's second drawer".to_owned());
    let wrapped = wrap_key(&key, &recovery, low()).unwrap();
    assert!(!wrapped.windows(32).any(|window| window == key.as_slice()));
    assert_eq!(unwrap_key(&wrapped, &recovery).unwrap(), key);
    let other = Passphrase::new("the safe's third drawer".to_owned());
    assert_eq!(unwrap_key(&wrapped, &other).unwrap_err().code(), "recovery_passphrase_wrong");
    assert_eq!(unwrap_key(&wrapped[..40], &recovery).unwrap_err().code(), "recovery_key_damaged");
    let weak = wrap_key(&key, &Passphrase::new("weak".to_owned()), low()).unwrap_err();
    assert_eq!(weak.code(), "passphrase_weak");
}

const NEXT: &str = "another passphrase for the vault";

/// The present passphrase of the vault, and the next.
fn present_and_next(present: &str, next: &str) -> impl PassphraseSource + use<> {
    let (present, next) = (present.to_owned(), next.to_owned());
    move |what: &PassphraseFor| match what {
        PassphraseFor::Vault => Ok(Passphrase::new(present.clone())),
        _ => Ok(Passphrase::new(next.clone())),
    }
}

#[test]
fn the_next_passphrase_opens_the_vault_and_the_one_before_does_not() {
    let folder = TempDir::new().unwrap();
    let (home, store) = vault_in(folder.path());
    let key = store.workspace_key_or_new().unwrap();
    store.people().create(&PersonId::derive(&["ana"]), &Protection::Passphrase, &typed("ana's own")).unwrap();
    let refused = |present: &str, next: &str| {
        store.reseal(&present_and_next(present, next)).map(|_| ()).unwrap_err().code()
    };
    assert_eq!(refused("not the vault's", NEXT), "vault_passphrase_wrong");
    assert_eq!(refused(VAULT_PASSPHRASE, "short"), "passphrase_weak");
    assert_eq!(refused(VAULT_PASSPHRASE, "ana's own"), "passphrase_reused", "it would open her key too");

    // Another process has it open from before, and a passphrase that was changed meanwhile is not put back.
    let beside = home.open(&typed(VAULT_PASSPHRASE)).unwrap();
    let late = beside.reseal(&present_and_next(VAULT_PASSPHRASE, "a third one, too late")).unwrap();
    let resealed = store.reseal(&present_and_next(VAULT_PASSPHRASE, NEXT)).unwrap();
    home.open(&typed(VAULT_PASSPHRASE)).unwrap();
    store.keep(&resealed).unwrap();
    beside.set(&api_key(), CANARY.as_bytes()).unwrap();
    assert_eq!(beside.keep(&late).unwrap_err().code(), "vault_passphrase_wrong");

    assert_eq!(home.open(&typed(VAULT_PASSPHRASE)).unwrap_err().code(), "vault_passphrase_wrong");
    let opened = home.open(&typed(NEXT)).unwrap();
    assert_eq!(opened.workspace_key().unwrap(), Some(key));
    assert_eq!(opened.get(&api_key()).unwrap().unwrap().as_slice(), CANARY.as_bytes());
    let reused = beside.people().create(&PersonId::derive(&["ben"]), &Protection::Passphrase, &typed(NEXT));
    assert_eq!(reused.unwrap_err().code(), "passphrase_reused", "whoever opened it before knows the new one");
}

#[test]
fn what_was_made_for_a_workspace_that_failed_is_taken_back() {
    let folder = TempDir::new().unwrap();
    let (home, _store) = vault_in(folder.path());
    home.undo_create().unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    home.undo_create().unwrap();
    home.create(&workspace_id(), Backend::Vault, &typed(VAULT_PASSPHRASE)).unwrap();
}
