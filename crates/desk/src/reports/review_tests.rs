use super::*;
use crate::reports::export::tests::{key, sheet};

fn written(folder: &Path, name: &str) -> std::path::PathBuf {
    let path = folder.join(name);
    sheet().write(&path, true, &key()).unwrap();
    path
}

#[test]
fn an_export_reads_back_as_it_was_written_in_both_formats() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["open.csv", "open.xlsx"] {
        let back = review(&written(folder.path(), name), None).unwrap();
        assert_eq!((back.changed.as_deref(), back.rows_stated, back.rows_found), (None, 5, 5), "{name}");
        assert_eq!(back.key, hex::encode(key().public()));
        assert_eq!(back.rows[0][0], "000123", "an id stays text");
        assert_eq!(back.rows[2][1], "12345678901234567.89", "no digit is lost");
        assert_eq!(back.rows[3][0], "'=1+1", "an apostrophe of its own stays");
    }
}

#[test]
fn whatever_was_changed_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "open.csv");
    let text = fs::read_to_string(&path).unwrap();
    for (what, with) in [
        ("-12.50", "-12.51"),
        ("000123", "00123"),
        ("Books", "Other books"),
        ("2026-11-23", "2026-11-24"),
        ("Rows,5", "Rows,6"),
        ("external_ref,amount", "amount,external_ref"),
        ("000123,-12.50\n", ""),
        ("000123,-12.50\n", "000123\n-12.50\n"),
        ("000123,-12.50\n", "000123,-12.50,1\n"),
        ("Tieout export,exceptions", "Tieout export,log"),
    ] {
        let changed = text.replacen(what, with, 1);
        assert_ne!(changed, text, "{what}");
        fs::write(&path, changed).unwrap();
        assert!(review(&path, None).unwrap().changed.is_some(), "{what} → {with}");
    }
}

#[test]
fn a_file_that_somebody_signed_anew_has_their_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("open.csv");
    let theirs = tieout_vault::ExportKey::of(&[8; 32]);
    sheet().write(&path, false, &theirs).unwrap();
    let back = review(&path, None).unwrap();
    assert_eq!((back.changed, back.key), (None, hex::encode(theirs.public())));
    let ours = hex::encode(key().public());
    assert!(review(&path, Some(&ours)).unwrap().changed.is_some());
    assert_eq!(review(&path, Some(&hex::encode(theirs.public()))).unwrap().changed, None);
}

#[test]
fn other_files_are_refused_with_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.csv");
    for text in ["a,b\n1,2\n", "", "Tieout export,exceptions\nWorkspace,Books\nRows,1\n"] {
        fs::write(&path, text).unwrap();
        assert_eq!(review(&path, None).unwrap_err().code, "not_an_export", "{text}");
    }
    // One of before exports were signed, which anybody could make.
    let old = "Tieout export,exceptions\nWorkspace,Books\n\
               Written at (UTC),2026-11-23T09:00:00+00:00\nRows,1\nSHA-256 of the rows,00\nid\nexc_1\n";
    fs::write(&path, old).unwrap();
    let refused = review(&path, None).unwrap_err();
    assert!(refused.message.contains("not signed"), "{}", refused.message);
}
