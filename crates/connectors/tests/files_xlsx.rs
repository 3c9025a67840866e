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
    row(4, 536_366.0, 1.0, 0.300_000_000_000_000_04, "the tail of 0.1 + 0.2");
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
    assert_eq!(totals, [("536365", 740_739), ("536366", 30), ("536367", -20), ("536368", 100_050)]);
    assert_eq!(documents[0].date, DocumentDate::Local("2026-03-31".parse().unwrap()));
    assert_eq!(documents[3].date, DocumentDate::Local("2026-04-01".parse().unwrap()));
    assert_eq!(documents[0].lines[0].description, "two\nlines, and \"quotes\"");
    assert_eq!(rejections, []);
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

/// A workbook of one sheet, written as bytes: what no library writes, a program may.
fn bare_workbook(path: &Path, rows: &str) {
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let relation = |target: &str, what: &str| {
        format!(
            "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"rId1\" \
             Type=\"{kind}/{what}\" Target=\"{target}\"/></Relationships>"
        )
    };
    let parts = [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{package}/content-types\"><Default Extension=\"rels\" \
                 ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
                 <Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        ("_rels/.rels", relation("xl/workbook.xml", "officeDocument")),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{kind}\"><sheets><sheet name=\"Lines\" sheetId=\"1\" \
                 r:id=\"rId1\"/></sheets></workbook>"
            ),
        ),
        ("xl/_rels/workbook.xml.rels", relation("worksheets/sheet1.xml", "worksheet")),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet xmlns=\"{main}\"><sheetData>{rows}</sheetData></worksheet>"),
        ),
    ];
    std::fs::write(path, stored_zip(&parts)).unwrap();
}

/// A zip archive whose parts are not compressed (APPNOTE.TXT of PKWARE, 4.3.7, 4.3.12, 4.3.16).
fn stored_zip(parts: &[(&str, String)]) -> Vec<u8> {
    let (mut out, mut list) = (Vec::new(), Vec::new());
    let le = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
    let short = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
    for (name, text) in parts {
        let mut crc = flate2::Crc::new();
        crc.update(text.as_bytes());
        let mut about = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        about.extend(crc.sum().to_le_bytes());
        about.extend([le(text.len()), le(text.len())].concat());
        about.extend([short(name.len()), short(0)].concat());
        let at = out.len();
        out.extend(b"PK\x03\x04");
        out.extend(&about);
        out.extend(name.as_bytes());
        out.extend(text.as_bytes());
        list.extend(b"PK\x01\x02\x14\x00");
        list.extend(&about);
        list.extend([0_u8; 10]);
        list.extend(le(at));
        list.extend(name.as_bytes());
    }
    let at = out.len();
    out.extend(&list);
    out.extend(b"PK\x05\x06\x00\x00\x00\x00");
    out.extend([short(parts.len()), short(parts.len())].concat());
    out.extend([le(list.len()), le(at)].concat());
    out.extend([0, 0]);
    out
}

#[test]
fn a_formula_without_a_value_and_a_number_that_was_rounded_are_refused_with_their_document() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.xlsx");
    let text = |cell: &str, text: &str| format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let header: String = ["No", "Date", "Qty", "Price", "Text"]
        .iter()
        .zip("ABCDE".chars())
        .fold(String::new(), |row, (name, at)| row + &text(&format!("{at}1"), name));
    let mut rows = format!("<row r=\"1\">{header}</row>");
    let prices = [
        ("1", "<v>1</v>"),
        ("1234567890123456", "<v>2</v>"),
        ("1234567890123450", "<v>2</v>"),
        ("2", "<v>0.3333333333333333</v>"),
        ("3", "<v>12345678.900000001</v>"),
        ("4", "<f>C7*4</f><v/>"),
        ("5", "<f>C8*5</f>"),
        ("6", "<f>C9*6</f><v>6</v>"),
    ];
    for (n, (number, price)) in prices.iter().enumerate() {
        let at = n + 2;
        let date = text(&format!("B{at}"), "01.04.2026");
        rows += &format!(
            "<row r=\"{at}\"><c r=\"A{at}\"><v>{number}</v></c>{date}<c r=\"C{at}\"><v>1</v></c>\
             <c r=\"D{at}\">{price}</c></row>"
        );
    }
    bare_workbook(&path, &rows);
    let at: DateTime<Utc> = "2026-01-05T08:00:00Z".parse().unwrap();
    let (mut totals, mut aside) = (Vec::new(), Vec::new());
    read_billing(&FileSource::new(&path, at), &ColumnMap::parse(MAP).unwrap(), |page| {
        for item in page.items {
            match item.item {
                Ok(Canonical::Document(document)) => {
                    totals.push((document.reference, document.total.minor()))
                }
                Ok(other) => panic!("{other:?}"),
                Err(rejection) => aside.push((rejection.place, rejection.code)),
            }
        }
        Ok::<(), FileError>(())
    })
    .unwrap();
    let named = |pairs: &[(&str, i64)]| pairs.iter().map(|(n, m)| ((*n).to_owned(), *m)).collect::<Vec<_>>();
    assert_eq!(totals, named(&[("1", 100), ("3", 1_234_567_890), ("6", 600)]));
    let places: Vec<&str> = aside.iter().map(|(place, _)| place.as_str()).collect();
    let wanted = ["row 3, column No", "row 4, column No", "row 5, column Price", "row 7, column Price"];
    assert_eq!(places, [&wanted[..], &["row 8, column Price"]].concat());
    assert!(aside.iter().all(|(_, code)| code == "bad_cell"), "{aside:?}");
}
