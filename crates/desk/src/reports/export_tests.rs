use std::fs;

use super::*;
use crate::reports::sheet::{Heading, content_hash};

pub(in crate::reports) fn key() -> ExportKey {
    ExportKey::of(&[7; 32])
}

pub(in crate::reports) fn sheet() -> Sheet {
    let at: DateTime<Utc> = "2026-03-31T23:59:07.250Z".parse().unwrap();
    let row = |reference: &str, amount: &str| {
        vec![
            Cell::text("exc_1"),
            Cell::text(reference),
            Cell::text("GBP"),
            Cell::number(amount),
            Cell::day("2026-03-05"),
            Cell::At(at),
            Cell::Code("in_progress".into()),
        ]
    };
    let heading = |field, title, summed| Heading { field, title, summed };
    Sheet {
        kind: "exceptions",
        workspace: "Books".into(),
        workspace_id: "wsp_books".into(),
        written_at: "2026-11-23T09:00:00Z".parse().unwrap(),
        written_by: "Ana Analyst".into(),
        as_of: Some("2026-11-23T00:00:00Z".parse().unwrap()),
        shows: "State: Open; Entity: GB01".into(),
        totals_by: &["Currency"],
        columns: vec![
            heading("id", "Id", false),
            heading("external_ref", "Document", false),
            heading("currency", "Currency", false),
            heading("amount", "Amount", true),
            heading("dated", "Dated", false),
            heading("due_at", "Due", false),
            heading("state", "State", false),
        ],
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
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<String>>();
    let (told, columns) = ([row(&["kind", "exceptions"]), row(&["Workspace", "Books"])], ["a", "b"]);
    let hash = |rows: &[Vec<String>]| content_hash(&told, &columns, rows);
    let two = [row(&["1", "2"]), row(&["3", "4"])];
    let all = [
        hash(&two),
        hash(&[row(&["1", "2", "3"]), row(&["4"])]),
        hash(&[row(&["1", "2", "3", "4"])]),
        hash(&[row(&["12", ""]), row(&["3", "4"])]),
        hash(&two[..1]),
        content_hash(&[row(&["kind", "exceptions"]), row(&["Workspace", "Other"])], &columns, &two),
        content_hash(&[row(&["kind", "exceptions", "Workspace", "Books"])], &columns, &two),
        content_hash(&told, &["a", "c"], &two),
        content_hash(&told, &["a"], &two),
    ];
    for (at, one) in all.iter().enumerate() {
        assert!(!all[..at].contains(one), "{at}");
    }
    // A spreadsheet drops zeros at the end of a fraction, midnight, and what is empty.
    assert_eq!(hash(&[row(&["1.50", "2"])]), hash(&[row(&["1.5", "2"])]));
    assert_eq!(hash(&[row(&["2026-01-01T00:00:00Z", "2"])]), hash(&[row(&["2026-01-01", "2"])]));
    let padded = [row(&["kind", "exceptions", ""]), Vec::new(), row(&["Workspace", "Books"])];
    assert_eq!(content_hash(&padded, &columns, &two), hash(&two));
}

#[test]
fn totals_are_exact_and_never_add_two_currencies() {
    let mut sheet = sheet();
    sheet.rows.truncate(2);
    let mut other = sheet.rows[0].clone();
    (other[2], other[3]) = (Cell::text("JPY"), Cell::number("300"));
    sheet.rows.push(other);
    let shown: Vec<String> = sheet
        .totals()
        .iter()
        .map(|line| line.iter().map(|cell| cell.exact().into_owned()).collect::<Vec<_>>().join("|"))
        .collect();
    assert_eq!(shown, ["Totals|Currency|Rows|Amount", "|GBP|2|-12.50", "|JPY|1|300"]);
}

#[test]
fn a_workbook_has_names_real_dates_frozen_heads_and_a_filter() {
    use calamine::{Data, Reader as _};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("open.xlsx");
    sheet().write(&path, false, &key()).unwrap();
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(&path).unwrap();
    assert_eq!(book.sheet_names(), ["About", "Exceptions"]);
    let about = book.worksheet_range("About").unwrap();
    let beside = |name: &str| {
        let row = about.rows().find(|row| row[0] == Data::String(name.into())).unwrap();
        row[1].to_string()
    };
    assert_eq!(beside("Written by"), "Ana Analyst");
    assert_eq!(beside("Shows"), "State: Open; Entity: GB01");
    let table = book.worksheet_range("Exceptions").unwrap();
    let rows: Vec<&[Data]> = table.rows().collect();
    let heads: Vec<String> = rows[0].iter().map(ToString::to_string).collect();
    assert_eq!(heads, ["Document", "Currency", "Amount", "Dated", "Due", "State", "Id"]);
    assert!(matches!(rows[1][3], Data::DateTime(_)) && matches!(rows[1][4], Data::DateTime(_)), "{rows:?}");
    assert_eq!((&rows[1][2], rows[1][5].to_string()), (&Data::Float(-12.5), "In progress".to_owned()));
    let mut zip = zip::ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut zip.by_name("xl/worksheets/sheet2.xml").unwrap(), &mut text).unwrap();
    for part in ["<pane ", "state=\"frozen\"", "<autoFilter ref=\"A1:G6\"", "<cols>", "fitToHeight"] {
        assert!(text.contains(part), "{part}");
    }
}

#[test]
fn a_file_that_cannot_be_logged_does_not_leave() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("open.csv");
    fs::write(&path, "what stood there").unwrap();
    let refused = sheet().write_logged(&path, true, &key(), |_| Err(DeskError::new(Code::StoreBusy, "busy")));
    assert_eq!(refused.unwrap_err().code, "store_busy");
    assert_eq!(fs::read_to_string(&path).unwrap(), "what stood there");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
