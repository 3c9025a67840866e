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
        assert_eq!(back.written_by.as_deref(), Some("Ana Analyst"));
        let column =
            |names: [&str; 2]| back.columns.iter().position(|name| names.contains(&name.as_str())).unwrap();
        let (document, amount) = (column(["external_ref", "Document"]), column(["amount", "Amount"]));
        assert_eq!(back.rows[0][document], "000123", "an id stays text");
        assert_eq!(back.rows[2][amount], "12345678901234567.89", "no digit is lost");
        assert_eq!(back.rows[3][document], "'=1+1", "an apostrophe of its own stays");
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
        ("external_ref,currency", "currency,external_ref"),
        ("Ana Analyst", "Carl"),
        ("Entity: GB01", "Entity: US01"),
        ("2026-03-05", "2026-03-06"),
        ("exc_1,000123,", ""),
        ("exc_1,000123,", "exc_1,000123\n"),
        ("in_progress\n", "in_progress,1\n"),
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

#[test]
fn a_workbook_in_which_a_cell_or_a_sheet_was_changed_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "open.xlsx");
    let rewritten = |part: &str, what: &str, with: &str| {
        let mut old = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
        let changed = folder.path().join("changed.xlsx");
        let mut new = zip::ZipWriter::new(fs::File::create(&changed).unwrap());
        for at in 0..old.len() {
            let mut file = old.by_index(at).unwrap();
            let name = file.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
            if name == part {
                let text = String::from_utf8(bytes).unwrap();
                assert!(text.contains(what), "{what} is not in {part}: {text}");
                bytes = text.replacen(what, with, 1).into_bytes();
            }
            new.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut new, &bytes).unwrap();
        }
        new.finish().unwrap();
        review(&changed, None).unwrap().changed
    };
    assert_eq!(rewritten("xl/workbook.xml", "About", "About"), None, "packed anew, it says the same");
    let (table, strings) = ("xl/worksheets/sheet2.xml", "xl/sharedStrings.xml");
    assert!(rewritten(table, "<v>-12.5</v>", "<v>-12.6</v>").is_some(), "an amount");
    assert!(rewritten(table, "000123", "000124").is_some(), "a text");
    assert!(rewritten(table, "In progress", "Closed").is_some(), "a state");
    assert!(rewritten(table, "<v>46086", "<v>46087").is_some(), "a day");
    assert!(rewritten(strings, "Ana Analyst", "Carl").is_some(), "who wrote it");
    assert!(rewritten(strings, "12345678901234755.39", "1").is_some(), "a total");
}

#[test]
fn an_export_of_before_it_said_who_wrote_it_is_still_read() {
    let folder = tempfile::tempdir().unwrap();
    let rows = [["exc_1", "-12.50"], ["exc_2", "3.00"]];
    let told = ["exceptions", "Books", "wsp_books", "2026-11-23T09:00:00+00:00", "2"];
    let texts = |row: &[&str]| row.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let about: Vec<Vec<String>> = told.iter().map(|text| texts(&["", text])).collect();
    let (columns, table) = (texts(&["id", "amount"]), rows.map(|row| texts(&row)));
    let signature = key().sign(&content_hash_2(&about, &columns, &table));
    let names = ["Tieout export", "Workspace", "Workspace id", "Written at (UTC)", "Rows"];
    let mut text: String = names.iter().zip(told).map(|(name, told)| format!("{name},{told}\n")).collect();
    text +=
        &format!("Signed with key,{}\nSignature,{}\n", hex::encode(key().public()), hex::encode(signature));
    text += "id,amount\nexc_1,-12.50\nexc_2,3.00\n";
    let path = folder.path().join("old.csv");
    fs::write(&path, &text).unwrap();
    let back = review(&path, None).unwrap();
    assert_eq!((back.changed, back.rows_found, back.written_by), (None, 2, None));
    for (what, with) in [("-12.50", "-12.51"), ("Signature,", "Shows,everything\nSignature,")] {
        fs::write(&path, text.replacen(what, with, 1)).unwrap();
        assert!(review(&path, None).unwrap().changed.is_some(), "{what} → {with}");
    }
}
