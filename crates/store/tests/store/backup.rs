//! Backup while in use, and restore.

use std::fs;

use tieout_store::{Store, StoreError};

use crate::support::{billing_page, desk, invoice, key, now};

fn count(store: &Store) -> usize {
    store.documents_to_derive(u32::MAX).unwrap().len()
}

#[test]
fn a_backup_taken_while_somebody_writes_holds_the_state_of_one_instant() {
    let mut desk = desk();
    let many: Vec<_> = (0..2000).map(|n| invoice(&format!("in_{n}"), n)).collect();
    desk.bill(&many);
    let mut writer = Store::open(&desk.path, &key(1)).unwrap();
    let to = desk.folder.path().join("books.tieoutbackup");
    let mut steps = 0_i64;
    let header = desk
        .store
        .backup(&to, b"wrapped", now(), &mut |progress| {
            assert!(progress.done <= progress.total);
            steps += 1;
            // Another process commits between any two steps.
            let page = billing_page(&[invoice(&format!("late_{steps}"), steps)]);
            writer.ingest(&desk.billing, [&page], None).unwrap();
        })
        .unwrap();
    assert!(steps > 1, "copied in {steps} steps");
    assert_eq!(Store::read_backup(&to).unwrap(), header);
    assert_eq!(header.wrapped_key, b"wrapped");

    let elsewhere = desk.folder.path().join("restored.tieoutdb");
    Store::restore_backup(&to, &elsewhere).unwrap();
    let restored = Store::open(&elsewhere, &key(1)).unwrap();
    assert_eq!(count(&restored), 2000);
    assert_eq!(restored.integrity_check().unwrap(), Vec::<String>::new());
    assert_eq!(restored.workspace().unwrap(), desk.store.workspace().unwrap());
    assert_eq!(count(&desk.store), 2000 + usize::try_from(steps).unwrap());
}

#[test]
fn a_backup_is_no_use_without_the_key() {
    let desk = desk();
    let (to, elsewhere) = (desk.folder.path().join("b"), desk.folder.path().join("r"));
    desk.store.backup(&to, b"wrapped", now(), &mut |_| {}).unwrap();
    Store::restore_backup(&to, &elsewhere).unwrap();
    let error = Store::open(&elsewhere, &key(9)).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), "store_wrong_key");
    let bytes = fs::read(&to).unwrap();
    assert!(!bytes.windows(15).any(|w| w == b"SQLite format 3"));
}

#[test]
fn nothing_is_ever_overwritten_and_nothing_is_left_behind() {
    let desk = desk();
    let to = desk.folder.path().join("b");
    desk.store.backup(&to, b"wrapped", now(), &mut |_| {}).unwrap();
    let again = desk.store.backup(&to, b"wrapped", now(), &mut |_| {}).unwrap_err();
    assert_eq!(again.code(), "store_exists");
    assert_eq!(Store::restore_backup(&to, &desk.path).unwrap_err().code(), "store_exists");
    let mut names: Vec<String> = fs::read_dir(desk.folder.path())
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.retain(|name| !name.ends_with("-wal") && !name.ends_with("-shm"));
    assert_eq!(names, ["b", "books.tieoutdb"]);
}

#[test]
fn a_damaged_backup_is_refused_wherever_the_damage_is() {
    let desk = desk();
    let (to, elsewhere) = (desk.folder.path().join("b"), desk.folder.path().join("r"));
    desk.store.backup(&to, b"wrapped-key", now(), &mut |_| {}).unwrap();
    let whole = fs::read(&to).unwrap();
    let wrapped = whole.windows(11).position(|w| w == b"wrapped-key").unwrap();
    let check = |bytes: &[u8], what: &str| {
        fs::write(&to, bytes).unwrap();
        let error = Store::restore_backup(&to, &elsewhere).unwrap_err();
        assert!(matches!(error, StoreError::BadBackup { .. }), "{what}: {error}");
        assert!(!elsewhere.exists(), "{what}");
    };
    for (place, what) in [
        (0, "magic"),
        (10, "header length"),
        (20, "header"),
        (wrapped, "wrapped key"),
        (wrapped + 5000, "database"),
        (whole.len() - 1, "end"),
    ] {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x10;
        check(&bytes, what);
    }
    check(&whole[..whole.len() - 4096], "cut off");
    check(&whole[..5], "almost nothing");
}
