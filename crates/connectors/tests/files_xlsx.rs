//! Workbooks: numbers and dates as cells, read exactly or refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::Path;

use chrono::{DateTime, Utc};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use tieout_connectors::files::{ColumnMap, FileError, FileSource, read_billing};
use tieout_domain::document::{Canonical, Document, DocumentDate};

const MAP: &str = r#"
schema = 1
kind = "billing"
default_entity = "DE01"
[file]
sheet = "Lines"
[columns]
number = "No"
date = "Date"
quantity = "Qty"
unit_price = "Price"
description = "Text"
[constants]
currency = "EUR"
[formats]
dates = ["%d.%m.%Y"]
decimal = ","
thousands = "."
[documents]
line_amount = "quantity_times_price"
rounding = "half_even"
[[entity]]
code = "DE01"
functional_currency = "EUR"
"#;

fn workbook(path: &Path) {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Notes").unwrap().write(0, 0, "nothing to see").unwrap();
    let sheet = book.add_worksheet().set_name("Lines").unwrap();
    for (column, name) in ["No", "Date", "Qty", "Price", "Text"].iter().enumerate() {
        sheet.write(2, u16::try_from(column).unwrap(), *name).unwrap();
    }
    let dated = Format::new().set_num_format("dd/mm/yyyy");
    let day = ExcelDateTime::from_ymd(2026, 3, 31).unwrap();
    let mut row = |at: u32, number: f64, quantity: f64, price: f64, text: &str| {
        sheet.write(at, 0, number).unwrap();
        sheet.write_with_format(at, 1, &day, &dated).unwrap();
        sheet.write(at, 2, quantity).unwrap();
        sheet.write(at, 3, price).unwrap();
        sheet.write(at, 4, text).unwrap();
    };
    row(3, 536_365.0, 6.0, 1234.565, "two\nlines, and \"quotes\"");
    row(4, 536_366.0, 1.0, 0.300_000_000_000_000_04, "a formula's rest");
    row(6, 536_367.0, -2.0, 0.1, "");
    sheet.write(7, 0, 536_368.0).unwrap();
    sheet.write(7, 1, "01.04.2026").unwrap();
    sheet.write(7, 2, "1").unwrap();
    sheet.write(7, 3, "1.000,50").unwrap();
    book.save(path).unwrap();
}

#[test]
fn cells_of_a_workbook_are_read_exactly_or_refused_by_row_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.xlsx");
    workbook(&path);
    let at: DateTime<Utc> = "2026-01-05T08:00:00Z".parse().unwrap();
    let (mut documents, mut rejections): (Vec<Document>, Vec<_>) = (Vec::new(), Vec::new());
    let summary = read_billing(&FileSource::new(&path, at), &ColumnMap::parse(MAP).unwrap(), |page| {
        for item in page.items {
            match item.item {
                Ok(Canonical::Document(document)) => documents.push(document),
                Ok(other) => panic!("{other:?}"),
                Err(rejection) => rejections.push((rejection.place, rejection.code)),
            }
        }
        Ok::<(), FileError>(())
    })
    .unwrap();
    let totals: Vec<(&str, i64)> =
        documents.iter().map(|d| (d.reference.as_str(), d.total.minor())).collect();
    assert_eq!(totals, [("536365", 740_739), ("536367", -20), ("536368", 100_050)]);
    assert_eq!(documents[0].date, DocumentDate::Local("2026-03-31".parse().unwrap()));
    assert_eq!(documents[2].date, DocumentDate::Local("2026-04-01".parse().unwrap()));
    assert_eq!(documents[0].lines[0].description, "two\nlines, and \"quotes\"");
    assert_eq!(rejections, [("row 5, column Price".to_owned(), "bad_cell".to_owned())]);
    assert_eq!(summary.rows, 4);
}

#[test]
fn a_sheet_that_is_not_there_is_said_with_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.xlsx");
    workbook(&path);
    let map = ColumnMap::parse(&MAP.replace("\"Lines\"", "\"Zeilen\"")).unwrap();
    let at: DateTime<Utc> = "2026-01-05T08:00:00Z".parse().unwrap();
    let error = read_billing(&FileSource::new(&path, at), &map, |_| Ok::<(), FileError>(())).unwrap_err();
    assert_eq!(error.code(), "file_workbook");
    assert!(error.to_string().contains("Notes, Lines"), "{error}");
}
