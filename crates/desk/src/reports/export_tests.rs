use super::*;

pub(in crate::reports) fn key() -> ExportKey {
    ExportKey::of(&[7; 32])
}

pub(in crate::reports) fn sheet() -> Sheet {
    let row = |reference: &str, amount: &str| vec![Cell::text(reference), Cell::number(amount)];
    Sheet {
        kind: "exceptions",
        workspace: "Books".into(),
        workspace_id: "wsp_books".into(),
        written_at: "2026-11-23T09:00:00Z".parse().unwrap(),
        columns: vec!["external_ref", "amount"],
        rows: vec![
            row("000123", "-12.50"),
            row("=HYPERLINK(\"http://x\")", "0.00"),
            row("@SUM(A1)", "12345678901234567.89"),
            row("'=1+1", "100"),
            row("-1+1", "100"),
        ],
    }
}

#[test]
fn what_a_spreadsheet_would_run_is_made_text_and_numbers_are_left_alone() {
    for (text, safe) in [
        ("=1+1", "'=1+1"),
        ("'=1+1", "''=1+1"),
        ("'quoted'", "'quoted'"),
        ("@x", "'@x"),
        ("+44 20", "'+44 20"),
        ("-5", "-5"),
        ("-12.50", "-12.50"),
        ("--5", "'--5"),
        ("plain", "plain"),
    ] {
        assert_eq!(formula_safe(text), safe);
    }
}

#[test]
fn a_file_is_written_once_and_in_the_formats_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, force| sheet().write(&folder.path().join(name), force, &key());
    let signature = write("open.csv", false).unwrap();
    assert_eq!(signature.len(), 128);
    assert_eq!(write("open.csv", false).unwrap_err().code, "export_exists");
    assert_eq!(write("open.csv", true).unwrap(), signature);
    assert_eq!(write("x.pdf", false).unwrap_err().code, "export_format");
}

#[test]
fn what_is_signed_is_all_of_it_and_where_each_part_ends() {
    let (told, columns) = (["exceptions", "Books"], ["a", "b"]);
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<String>>();
    let hash = |rows: &[Vec<String>]| content_hash(&told, &columns, rows);
    let two = [row(&["1", "2"]), row(&["3", "4"])];
    let all = [
        hash(&two),
        hash(&[row(&["1", "2", "3"]), row(&["4"])]),
        hash(&[row(&["1", "2", "3", "4"])]),
        hash(&[row(&["12", ""]), row(&["3", "4"])]),
        hash(&two[..1]),
        content_hash(&["exceptions", "Other"], &columns, &two),
        content_hash(&told, &["a", "c"], &two),
        content_hash(&told, &["a"], &two),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(!all[..at].contains(one), "{at}");
    }
    // A spreadsheet drops zeros at the end of a fraction.
    assert_eq!(hash(&[row(&["1.50", "2"])]), hash(&[row(&["1.5", "2"])]));
}
