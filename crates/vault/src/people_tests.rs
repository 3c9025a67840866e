//! People's keys: only their own secret opens them.

use tempfile::TempDir;
use tieout_domain::PersonId;

use super::{
    vault_tests::{VAULT_PASSPHRASE, silent, typed, vault_in},
    *,
};

const OWN: &str = "ana keeps this to herself";

fn ana() -> PersonId {
    PersonId::derive(&["ana"])
}

fn ben() -> PersonId {
    PersonId::derive(&["ben"])
}

#[test]
fn a_person_signs_with_their_own_secret_and_everybody_can_check_it() {
    let folder = TempDir::new().unwrap();
    let (home, store) = vault_in(folder.path());
    let key = store.people().create(&ana(), &Protection::Passphrase, &typed(OWN)).unwrap();
    drop(store);

    let store = home.open(&typed(VAULT_PASSPHRASE)).unwrap();
    assert!(store.people().exists(&ana()).unwrap());
    let signer = store.people().unlock(&ana(), &key, &typed(OWN)).unwrap();
    assert_eq!((signer.person(), signer.public_key()), (&ana(), key));
    let signature = signer.sign(b"approve pst_1 hash");
    assert!(key.verifies(b"approve pst_1 hash", &signature));
    assert!(!key.verifies(b"approve pst_2 hash", &signature));
    assert_eq!(key.to_string().parse::<PublicKey>().unwrap(), key);
    assert_eq!(format!("{signer:?}"), format!("Signer {{ person: {:?}, .. }}", ana()));
}

#[test]
fn opening_the_vault_is_never_enough_to_sign() {
    let folder = TempDir::new().unwrap();
    let (_home, store) = vault_in(folder.path());
    let people = store.people();
    let key = people.create(&ana(), &Protection::Passphrase, &typed(OWN)).unwrap();

    // What the vault gives to whoever opens it is sealed, and the vault's passphrase does not open it.
    let refused = people.unlock(&ana(), &key, &typed(VAULT_PASSPHRASE)).unwrap_err();
    assert_eq!(refused.code(), "person_secret_wrong");
    assert_eq!(people.unlock(&ana(), &key, &silent).unwrap_err().code(), "passphrase_missing");
    // Nor can a person choose it as their own, now or later.
    let same = people.create(&ben(), &Protection::Passphrase, &typed(VAULT_PASSPHRASE)).unwrap_err();
    assert_eq!(same.code(), "passphrase_reused");
    let signer = people.unlock(&ana(), &key, &typed(OWN)).unwrap();
    let reused = people.reseal(&signer, &typed(VAULT_PASSPHRASE)).map(|_| ()).unwrap_err();
    assert_eq!(reused.code(), "passphrase_reused");
    // And a vault never takes a key that nothing seals.
    let bare = people.create(&ben(), &Protection::OsAccount, &silent).unwrap_err();
    assert_eq!(bare.code(), "person_secret_needs_passphrase");
    assert!(!people.exists(&ben()).unwrap());
}

#[test]
fn a_key_put_in_the_place_of_another_s_is_refused() {
    let folder = TempDir::new().unwrap();
    let (_home, store) = vault_in(folder.path());
    let people = store.people();
    let ana_key = people.create(&ana(), &Protection::Passphrase, &typed(OWN)).unwrap();
    people.create(&ben(), &Protection::Passphrase, &typed("ben's own passphrase")).unwrap();

    // Ben, who can open the vault, copies his sealed key over Ana's and types his own passphrase.
    let mine = store.get(&SecretName::PersonSigningKey(ben())).unwrap().unwrap();
    store.set(&SecretName::PersonSigningKey(ana()), &mine).unwrap();
    let refused = people.unlock(&ana(), &ana_key, &typed("ben's own passphrase")).unwrap_err();
    assert_eq!(refused.code(), "person_secret_foreign");

    // An unsealed key written there by hand opens nothing in a vault either.
    let account = os_account().unwrap();
    let bare = [b"tieout-person-key/1 account ".as_slice(), account.as_bytes(), b"\n", &[1; 32]].concat();
    store.set(&SecretName::PersonSigningKey(ana()), &bare).unwrap();
    assert_eq!(people.unlock(&ana(), &ana_key, &silent).unwrap_err().code(), "person_secret_wrong");
}

#[test]
fn each_refusal_about_a_person_s_secret_has_its_own_code() {
    let folder = TempDir::new().unwrap();
    let (_home, store) = vault_in(folder.path());
    let people = store.people();
    let key = PublicKey::from_bytes([1; 32]);
    assert_eq!(people.unlock(&ana(), &key, &typed(OWN)).unwrap_err().code(), "person_secret_missing");
    assert_eq!(
        people.create(&ana(), &Protection::Passphrase, &typed("short")).unwrap_err().code(),
        "passphrase_weak"
    );
    let key = people.create(&ana(), &Protection::Passphrase, &typed(OWN)).unwrap();
    let again = people.create(&ana(), &Protection::Passphrase, &typed(OWN)).unwrap_err();
    assert_eq!(again.code(), "person_secret_exists");
    let wrong = people.unlock(&ana(), &key, &typed("ana keeps this to herselg")).unwrap_err();
    assert_eq!(wrong.code(), "person_secret_wrong");

    let name = SecretName::PersonSigningKey(ana());
    let whole = store.get(&name).unwrap().unwrap();
    for damaged in [&whole[..10], &whole[..60], &whole[..whole.len() - 1], b"".as_slice()] {
        store.set(&name, damaged).unwrap();
        let refused = people.unlock(&ana(), &key, &typed(OWN)).unwrap_err();
        assert_eq!(refused.code(), "secret_damaged", "{} bytes", damaged.len());
    }
}

#[test]
fn a_new_passphrase_keeps_the_key_and_ends_the_old_one() {
    let folder = TempDir::new().unwrap();
    let (_home, store) = vault_in(folder.path());
    let people = store.people();
    let key = people.create(&ana(), &Protection::Passphrase, &typed(OWN)).unwrap();
    let signer = people.unlock(&ana(), &key, &typed(OWN)).unwrap();
    let weak = people.reseal(&signer, &typed("short")).map(|_| ()).unwrap_err();
    assert_eq!(weak.code(), "passphrase_weak");
    let resealed = people.reseal(&signer, &typed("a different one")).unwrap();
    people.unlock(&ana(), &key, &typed(OWN)).unwrap();
    people.keep(resealed).unwrap();
    assert_eq!(people.unlock(&ana(), &key, &typed(OWN)).unwrap_err().code(), "person_secret_wrong");
    assert_eq!(people.unlock(&ana(), &key, &typed("a different one")).unwrap().public_key(), key);
}

#[test]
fn everybodys_key_is_forgotten_at_once_and_nothing_else_is() {
    let folder = TempDir::new().unwrap();
    let (_home, store) = vault_in(folder.path());
    let key = store.workspace_key_or_new().unwrap();
    store.people().create(&ana(), &Protection::Passphrase, &typed(OWN)).unwrap();
    store.people().create(&ben(), &Protection::Passphrase, &typed("ben's own passphrase")).unwrap();
    store.people().forget_all().unwrap();
    assert!(!store.people().exists(&ana()).unwrap() && !store.people().exists(&ben()).unwrap());
    assert_eq!(store.workspace_key().unwrap(), Some(key));
    store.people().create(&ana(), &Protection::Passphrase, &typed(OWN)).unwrap();
}
