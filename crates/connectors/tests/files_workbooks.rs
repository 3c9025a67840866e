//! One ledger in every workbook that people have (XLSX, XLS, ODS, and packed by gzip), with a cell merged
//! over the lines of a journal: read alike. And what a column map says of rows that are no lines.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use tieout_connectors::{
    Page,
    files::{ColumnMap, FileSource, Hints, MapKind, Summary, read_gl, recognise},
};
use tieout_domain::{Currency, ledger::LedgerEntry};

fn now() -> DateTime<Utc> {
    "2026-06-30T12:00:00Z".parse().unwrap()
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/workbooks").join(name)
}

fn read(path: &Path, map: &ColumnMap) -> (Summary, Vec<LedgerEntry>) {
    let mut entries = Vec::new();
    let summary = read_gl(&FileSource::new(path, now()), map, |page: Page<LedgerEntry>| {
        entries.extend(page.items.into_iter().filter_map(|one| one.item.ok()));
        Ok::<_, tieout_connectors::files::FileError>(())
    });
    (summary.unwrap(), entries)
}

/// A journal: its number, its day, its accounts with their amounts.
type Journal = (String, String, Vec<(String, i64)>);

/// What is recognised of a file, and its journals.
fn recognised(path: &Path) -> Vec<Journal> {
    let hints = Hints {
        kind: Some(MapKind::Gl),
        entity: Some("XX01".parse().unwrap()),
        currency: Some(Currency::EUR),
        time_zone: Some(chrono_tz::Tz::UTC),
        mapped: true,
        ..Hints::default()
    };
    let found = recognise(&FileSource::new(path, now()), &hints).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    assert_eq!(found.summary.rejected_rows, 0, "{path:?}: {:?}", found.summary.rejections);
    let (_, entries) = read(path, &ColumnMap::parse(&found.map).unwrap());
    let lines = |entry: &LedgerEntry| {
        entry.lines.iter().map(|line| (line.account.to_string(), line.transaction_minor)).collect()
    };
    entries.iter().map(|one| (one.erp_id.clone(), one.posting_date.to_string(), lines(one))).collect()
}

#[test]
fn a_workbook_is_read_alike_whatever_wrote_it_with_what_is_merged_filled_in() {
    let wanted = recognised(&fixture("ledger.xlsx"));
    assert_eq!(wanted.len(), 2, "{wanted:?}");
    let lines = |of: &[(&str, i64)]| of.iter().map(|(code, minor)| ((*code).to_owned(), *minor)).collect();
    let first: Vec<(String, i64)> = lines(&[("1200", 12_050), ("4000", -10_025), ("2200", -2_025)]);
    assert_eq!(wanted[0], ("J-1".to_owned(), "2026-03-02".to_owned(), first), "{wanted:?}");
    for other in ["ledger.xls", "ledger.ods"] {
        assert_eq!(recognised(&fixture(other)), wanted, "{other}");
    }
    let folder = tempfile::tempdir().unwrap();
    for name in ["ledger.xlsx", "ledger.xls", "ledger.ods"] {
        let packed = folder.path().join(format!("{name}.gz"));
        let bytes = std::fs::read(fixture(name)).unwrap();
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        out.write_all(&bytes).unwrap();
        std::fs::write(&packed, out.finish().unwrap()).unwrap();
        assert_eq!(recognised(&packed), wanted, "{name}, packed");
        let half = std::fs::read(&packed).unwrap();
        std::fs::write(&packed, &half[..half.len() / 2]).unwrap();
        let cut = recognise(&FileSource::new(&packed, now()), &Hints::default()).unwrap_err();
        assert_eq!(cut.code(), "file_truncated", "half of {name} gives nothing");
    }
}

const MAP: &str = r#"
schema = 2
kind = "gl"
[columns]
journal = "No"
reference = "No"
posting_date = "Day"
account = "Account"
amount = "Amount"
[constants]
currency = "EUR"
entity = "XX01"
[table]
header = "found"
TABLE
[formats]
dates = ["%Y-%m-%d"]
[[entity]]
code = "XX01"
functional_currency = "EUR"
time_zone = "UTC"
"#;

const REPORT: &str = "No,Day,Account,Amount\n1,2026-03-02,1200,10.00\n1,2026-03-02,4000,-10.00\n\
    Carried over,,,10.00\n2,2026-03-03,1200,5.00\n2,2026-03-03,4000,-5.00\nWhole book,,,0.00\n\
    Printed by A. N.,,,\n3,2026-03-04,1200,7.00\n3,2026-03-04,4000,-7.00\n";

fn by(table: &str, text: &str) -> (Summary, Vec<LedgerEntry>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.csv");
    std::fs::write(&path, text).unwrap();
    read(&path, &ColumnMap::parse(&MAP.replace("TABLE", table)).unwrap())
}

#[test]
fn a_map_says_which_rows_are_printed_which_add_up_and_where_the_table_ends() {
    let (plain, _) = by("", REPORT);
    assert!(plain.rejected_rows > 0, "without a word of it the rows are told: {:?}", plain.rejections);
    let words = "banner = [\"Carried over\"]\nend = [\"Printed by\"]\ntotals = [\"Whole book\"]";
    let (read, entries) = by(words, REPORT);
    assert_eq!((read.rejected_rows, entries.len()), (0, 2), "{:?}", read.rejections);
    // A total that is not the sum of its lines is told, and an end that never comes ends nothing.
    let (wrong, _) = by(words, &REPORT.replace("Whole book,,,0.00", "Whole book,,,0.01"));
    let codes: Vec<&str> = wrong.rejections.iter().map(|one| one.code.as_str()).collect();
    assert_eq!(codes, ["total_differs"]);
    let (_, all) = by(words, &REPORT.replace("Printed by A. N.,,,\n", ""));
    assert_eq!(all.len(), 3);
    // A line of a journal is none of them, whatever it begins with.
    let hidden = REPORT.replace("\n2,2026-03-03,1200", "\nCarried over,2026-03-03,1200");
    let (told, _) = by(words, &hidden);
    assert!(told.rejected_rows > 0, "its journal does not balance without it: {:?}", told.rejections);
    let empty = ColumnMap::parse(&MAP.replace("TABLE", "banner = [\"\"]")).unwrap_err();
    assert_eq!(empty.code(), "map_bad_value", "{empty}");
}
