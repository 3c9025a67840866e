//! The file itself: keys, schemas and damage.

use std::{fs, path::Path};

use tieout_store::{Store, StoreError};

use crate::support::{attacker, billing_page, desk, invoice, key};

#[track_caller]
fn refused(path: &Path, byte: u8) -> StoreError {
    match Store::open(path, &key(byte)) {
        Ok(_) => panic!("it opened"),
        Err(error) => {
            assert!(
                !error.to_string().contains(['\n', '\t']) && !error.to_string().contains("  "),
                "{error}"
            );
            error
        }
    }
}

/// A closed workspace with some hundred pages.
fn filled() -> (tempfile::TempDir, std::path::PathBuf) {
    let mut desk = desk();
    let documents: Vec<_> = (0..600).map(|n| invoice(&format!("in_{n}"), 1000 + n)).collect();
    desk.bill(&documents);
    (desk.folder, desk.path)
}

#[test]
fn a_workspace_opens_again_with_its_key_and_is_sound() {
    let (_folder, path) = filled();
    let store = Store::open(&path, &key(1)).unwrap();
    assert_eq!(store.workspace().unwrap().name, "Books");
    assert_eq!(store.integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn another_key_is_a_clear_error() {
    let (_folder, path) = filled();
    let error = refused(&path, 2);
    assert_eq!(error.code(), "store_wrong_key");
    assert!(error.to_string().contains("first page is damaged"), "{error}");
    assert!(!error.to_string().contains("0202"), "an error never shows a key: {error}");
}

#[test]
fn no_file_an_existing_file_and_a_foreign_file_are_told_apart() {
    let desk = desk();
    assert_eq!(refused(&desk.folder.path().join("none"), 1).code(), "store_not_found");
    let new = tieout_store::NewWorkspace {
        id: "wsp_other".parse().unwrap(),
        name: "Other".into(),
        demo: false,
        at: crate::support::now(),
    };
    let again = Store::create(&desk.path, &key(1), &new).map(|_| ()).unwrap_err();
    assert_eq!(again.code(), "store_exists");

    let plain = desk.folder.path().join("plain");
    rusqlite::Connection::open(&plain).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let error = refused(&plain, 1);
    assert_eq!(error.code(), "store_wrong_key");
    assert!(error.to_string().contains("unencrypted"), "{error}");

    let other = desk.folder.path().join("other");
    attacker(&other, 1).execute_batch("CREATE TABLE t (a)").unwrap();
    assert!(refused(&other, 1).to_string().contains("holds no workspace"));
}

#[test]
fn a_newer_schema_is_refused_and_left_as_it_is() {
    let (_folder, path) = filled();
    attacker(&path, 1).execute_batch("PRAGMA user_version = 99").unwrap();
    let error = refused(&path, 1);
    assert_eq!(error.code(), "store_newer_schema");
    assert!(error.to_string().contains("schema 99"), "{error}");
    let version: i64 = attacker(&path, 1).query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}

#[test]
fn a_file_cut_off_anywhere_is_found_when_it_is_opened() {
    let (_folder, path) = filled();
    let whole = fs::read(&path).unwrap();
    assert!(whole.len() > 40 * 4096, "{} bytes", whole.len());
    for length in [0, 10, 4095, 4096, 4096 * 20, whole.len() - 4096, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let error = refused(&path, 1);
        assert_eq!(error.code(), "store_corrupt", "{length}: {error}");
    }
}

#[test]
fn one_flipped_bit_in_any_page_is_found() {
    let (_folder, path) = filled();
    let whole = fs::read(&path).unwrap();
    let pages = whole.len() / 4096;
    for page in [0, 1, 2, pages / 2, pages - 1] {
        let mut bytes = whole.clone();
        bytes[page * 4096 + 100] ^= 1;
        fs::write(&path, &bytes).unwrap();
        match Store::open(&path, &key(1)) {
            Err(error) if page == 0 => assert_eq!(error.code(), "store_wrong_key", "{error}"),
            Err(error) => assert_eq!(error.code(), "store_corrupt", "page {page}: {error}"),
            Ok(store) => {
                let findings = store.integrity_check().unwrap();
                assert!(!findings.is_empty(), "page {page} was not noticed");
            }
        }
    }
}

#[test]
fn reading_a_damaged_page_says_that_the_file_is_damaged() {
    let (_folder, path) = filled();
    let whole = fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    for page in 10..whole.len() / 4096 {
        bytes[page * 4096 + 7] ^= 0x80;
    }
    fs::write(&path, &bytes).unwrap();
    let code = match Store::open(&path, &key(1)) {
        Err(error) => error.code(),
        Ok(store) => store.documents_to_derive(1000).unwrap_err().code(),
    };
    assert_eq!(code, "store_corrupt");
}

#[test]
fn rows_that_name_others_which_are_not_there_are_found() {
    let (_folder, path) = filled();
    attacker(&path, 1).execute_batch("DELETE FROM document WHERE external_id = 'in_5'").unwrap();
    let store = Store::open(&path, &key(1)).unwrap();
    assert_eq!(store.integrity_check().unwrap(), ["1 document lines without their document"]);
}

#[test]
fn nothing_of_a_document_or_key_is_readable_in_the_files() {
    let mut desk = desk();
    let mut secret = invoice("in_canary", 4242);
    secret.lines[0].description = "canary-description-7f3a".into();
    desk.store.ingest(&desk.billing.clone(), [&billing_page(&[secret])], None).unwrap();
    for file in fs::read_dir(desk.folder.path()).unwrap() {
        let bytes = fs::read(file.unwrap().path()).unwrap();
        for canary in [&b"canary-description-7f3a"[..], &[1_u8; 32], b"SQLite format 3"] {
            assert!(!bytes.windows(canary.len()).any(|w| w == canary), "found a canary");
        }
    }
}

#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = desk();
    assert_eq!(fs::metadata(&desk.path).unwrap().permissions().mode() & 0o777, 0o600);
}
