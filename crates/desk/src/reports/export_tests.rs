use super::*;

fn sheet() -> Sheet {
    let row = |reference: &str, amount: &str| vec![Cell::text(reference), Cell::number(amount)];
    Sheet {
        kind: "exceptions",
        workspace: "Books".into(),
        written_at: "2026-11-23T09:00:00Z".parse().unwrap(),
        columns: vec!["external_ref", "amount"],
        rows: vec![
            row("000123", "-12.50"),
            row("=HYPERLINK(\"http://x\")", "0.00"),
            row("@SUM(A1)", "12345678901234567.89"),
            row("-1+1", "100"),
        ],
    }
}

#[test]
fn what_a_spreadsheet_would_run_is_made_text_and_numbers_are_left_alone() {
    for (text, safe) in [
        ("=1+1", "'=1+1"),
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
fn an_export_reads_back_as_it_was_written_in_both_formats() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["open.csv", "open.xlsx"] {
        let path = folder.path().join(name);
        sheet().write(&path, false).unwrap();
        let back = review(&path).unwrap();
        assert!(back.unchanged, "{name}");
        assert_eq!((back.rows_stated, back.rows_found), (4, 4));
        assert_eq!(back.rows[0][0], "000123", "an id stays text");
        assert_eq!(back.rows[2][1], "12345678901234567.89", "no digit is lost");
        assert_eq!(sheet().write(&path, false).unwrap_err().code, "export_exists");
    }
}

#[test]
fn a_changed_cell_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("open.csv");
    sheet().write(&path, false).unwrap();
    let text = fs::read_to_string(&path).unwrap().replace("-12.50", "-12.51");
    fs::write(&path, text).unwrap();
    assert!(!review(&path).unwrap().unchanged);
}

#[test]
fn other_files_are_refused_with_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.csv");
    fs::write(&path, "a,b\n1,2\n").unwrap();
    assert_eq!(review(&path).unwrap_err().code, "not_an_export");
    assert_eq!(sheet().write(&folder.path().join("x.pdf"), false).unwrap_err().code, "export_format");
}
