//! Files as they come: scattered, damaged, half wrong. Each case is a small file through the public readers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::{io::Write, path::PathBuf};

use chrono::{DateTime, Utc};
use tieout_connectors::{
    Page, Rejection,
    files::{ColumnMap, FileError, FileSource, Summary, read_billing, read_gl, read_periods},
};
use tieout_domain::{
    document::{Canonical, Document, DocumentDate, DocumentStatus},
    ledger::{EntryStatus, LedgerEntry},
};

const BILLING: &str = r#"
schema = 1
kind = "billing"
default_entity = "GB01"
[columns]
number = "No"
date = "Date"
quantity = "Qty"
unit_price = "Price"
description = "Text"
[constants]
currency = "GBP"
[formats]
dates = ["%Y-%m-%d"]
[documents]
line_amount = "quantity_times_price"
rounding = "half_even"
[[entity]]
code = "GB01"
functional_currency = "GBP"
"#;

const HEADER: &str = "No,Date,Qty,Price,Text\n";

struct Bench {
    folder: tempfile::TempDir,
    page_rows: u32,
}

struct Read<T> {
    pages: Vec<Page<T>>,
    summary: Summary,
}

impl<T: Clone> Read<T> {
    fn good(&self) -> Vec<T> {
        let items = self.pages.iter().flat_map(|p| &p.items);
        items.filter_map(|i| i.item.as_ref().ok().cloned()).collect()
    }

    fn bad(&self) -> Vec<Rejection> {
        let items = self.pages.iter().flat_map(|p| &p.items);
        items.filter_map(|i| i.item.as_ref().err().cloned()).collect()
    }

    fn codes(&self) -> Vec<(String, String)> {
        self.bad().into_iter().map(|r| (r.place, r.code)).collect()
    }
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), page_rows: 3 }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn source(&self, path: PathBuf) -> FileSource {
        let at: DateTime<Utc> = "2026-01-05T08:00:00Z".parse().unwrap();
        FileSource { page_rows: self.page_rows, ..FileSource::new(path, at) }
    }

    fn billing(&self, map: &str, bytes: &[u8]) -> Result<Read<Canonical>, FileError> {
        let source = self.source(self.file("billing.csv", bytes));
        let map = ColumnMap::parse(map).unwrap();
        let mut pages = Vec::new();
        let summary = read_billing(&source, &map, |page| {
            pages.push(page);
            Ok::<(), FileError>(())
        })?;
        Ok(Read { pages, summary })
    }

    fn gl(&self, map: &str, bytes: &[u8]) -> Result<Read<LedgerEntry>, FileError> {
        let source = self.source(self.file("gl.csv", bytes));
        let map = ColumnMap::parse(map).unwrap();
        let mut pages = Vec::new();
        let summary = read_gl(&source, &map, |page| {
            pages.push(page);
            Ok::<(), FileError>(())
        })?;
        Ok(Read { pages, summary })
    }
}

fn documents(read: &Read<Canonical>) -> Vec<Document> {
    let document = |c| match c {
        Canonical::Document(document) => document,
        other => panic!("{other:?}"),
    };
    read.good().into_iter().map(document).collect()
}

fn totals(read: &Read<Canonical>) -> Vec<(String, i64)> {
    documents(read).into_iter().map(|d| (d.reference, d.total.minor())).collect()
}

fn named(pairs: &[(&str, i64)]) -> Vec<(String, i64)> {
    pairs.iter().map(|(n, m)| ((*n).to_owned(), *m)).collect()
}

fn coded(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(p, c)| ((*p).to_owned(), (*c).to_owned())).collect()
}

#[test]
fn scattered_rows_make_one_document_which_comes_with_the_page_of_its_last_row() {
    let text = format!(
        "{HEADER}A,2026-01-01,1,10,x\nB,2026-01-02,1,5,x\nC,2026-01-03,-1,7,x\n\
         D,2026-01-04,1,1,x\nB,2026-01-02,2,5,y\n\
         A,2026-01-01,1,0.5,y\nD,2026-01-04,1,1,y\n"
    );
    let read = Bench::new().billing(BILLING, text.as_bytes()).unwrap();
    assert_eq!(totals(&read), named(&[("C", -700), ("B", 1500), ("A", 1050), ("D", 200)]));
    let per_page: Vec<usize> = read.pages.iter().map(|p| p.items.len()).collect();
    assert_eq!(per_page, [1, 2, 1]);
    assert_eq!(read.summary.rows, 7);
    let mut rebuilt = HEADER.as_bytes().to_vec();
    for page in &read.pages {
        assert!(page.body.starts_with(HEADER.as_bytes()));
        rebuilt.extend_from_slice(&page.body[HEADER.len()..]);
        assert_eq!(page.evidence.count as usize, page.items.len());
    }
    assert_eq!(rebuilt, text.as_bytes(), "the pages hold every byte of the file");
    assert_eq!(read.pages.iter().filter(|p| p.next.is_none()).count(), 1);
    assert!(read.pages.last().unwrap().next.is_none());
}

#[test]
fn a_sum_is_rounded_once_and_as_the_map_says() {
    let text = format!("{HEADER}A,2026-01-01,1,0.004,x\nA,2026-01-01,1,0.001,x\nB,2026-01-01,3,0.005,x\n");
    let even = Bench::new().billing(BILLING, text.as_bytes()).unwrap();
    assert_eq!(totals(&even), named(&[("A", 0), ("B", 2)]));
    let up = Bench::new().billing(&BILLING.replace("half_even", "half_up"), text.as_bytes()).unwrap();
    assert_eq!(totals(&up), named(&[("A", 1), ("B", 2)]));
    let lines: Vec<Option<i64>> = documents(&even)[0].lines.iter().map(|l| l.amount_minor).collect();
    assert_eq!(lines, [None, None], "a line with more digits than the currency is not rounded on its own");
}

#[test]
fn a_document_with_a_bad_row_is_kept_aside_whole_and_every_row_is_listed() {
    let text =
        format!("{HEADER}A,2026-01-01,1,10,x\nB,2026-01-01,1,5,x\nA,2026-01-01,1,1O,y\nA,2026-01-01,1,2,z\n");
    let read = Bench::new().billing(BILLING, text.as_bytes()).unwrap();
    assert_eq!(totals(&read), named(&[("B", 500)]));
    assert_eq!(
        read.codes(),
        coded(&[
            ("row 4, column Price", "bad_amount"),
            ("row 2, A", "document_incomplete"),
            ("row 5, A", "document_incomplete"),
        ])
    );
    let summary = &read.summary;
    assert_eq!((summary.items, summary.rejected_rows, summary.rejected_items), (1, 3, 1));
    let raw = read.pages.iter().flat_map(|p| &p.items).find(|i| i.external_id == "A, row 4").unwrap();
    assert_eq!(raw.raw, b"A,2026-01-01,1,1O,y");
}

#[track_caller]
fn one_bad_row(row: &[u8], place: &str, code: &str) {
    let text = [HEADER.as_bytes(), b"G,2026-01-01,1,1,ok\n", row, b"\n"].concat();
    let read = Bench::new().billing(BILLING, &text).unwrap();
    assert_eq!(read.codes(), coded(&[(place, code)]));
    assert_eq!(totals(&read), named(&[("G", 100)]));
}

#[test]
fn bad_cells_are_named_by_row_and_column() {
    one_bad_row(b"A,01/02/2026,1,1,x", "row 3, column Date", "bad_date");
    one_bad_row(b"A,,1,1,x", "row 3, column Date", "missing_value");
    one_bad_row(b"A,2026-01-01,,1,x", "row 3, column Qty", "missing_value");
    one_bad_row(b"A,2026-01-01,1,\"1,5\",x", "row 3, column Price", "bad_amount");
    one_bad_row(b"A,2026-01-01,1,9999999999999999999999,x", "row 3, column Price", "amount_out_of_range");
    one_bad_row(b"A,2026-01-01,1,1,caf\xe9", "row 3, column Text", "bad_text");
    one_bad_row(b"A,2026-01-01,1,1", "row 3", "bad_shape");
    one_bad_row(b"A,2026-01-01,1,1,x,y", "row 3", "bad_shape");
    one_bad_row(b",2026-01-02,1,1,x", "row 3", "missing_value");
}

#[test]
fn rows_of_one_document_must_agree() {
    let text = format!("{HEADER}A,2026-01-01,1,1,x\nA,2026-01-02,1,1,x\n");
    let read = Bench::new().billing(BILLING, text.as_bytes()).unwrap();
    let want = [("row 3, column Date", "document_inconsistent"), ("row 2, A", "document_incomplete")];
    assert_eq!(read.codes(), coded(&want));
}

#[test]
fn latin_1_is_read_where_the_map_says_so() {
    let map = format!("{BILLING}[file]\nencoding = \"windows-1252\"\n");
    let text = [HEADER.as_bytes(), b"A,2026-01-01,1,1,caf\xe9 \x80\n"].concat();
    let read = Bench::new().billing(&map, &text).unwrap();
    assert_eq!(documents(&read)[0].lines[0].description, "café €");
}

#[test]
fn row_numbers_are_those_of_a_spreadsheet() {
    let cases = [
        ("\n", "row 5, column Price"),
        ("\r\n", "row 5, column Price"),
        ("\r", "row 5, column Price"),
        ("\n\n", "row 9, column Price"),
    ];
    for (end, place) in cases {
        let rows = [
            "No,Date,Qty,Price,Text",
            "A,2026-01-01,1,1,\"two\nlines and a \"\"quote\"\"\"",
            "B,2026-01-01,1,1,x",
            "C,2026-01-01,1,1,x",
            "D,2026-01-01,1,bad,x",
        ];
        let read = Bench::new().billing(BILLING, rows.join(end).as_bytes()).unwrap();
        assert_eq!(read.codes(), coded(&[(place, "bad_amount")]), "{end:?}");
        assert_eq!(documents(&read)[0].lines[0].description, "two\nlines and a \"quote\"");
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_header() {
    let text = format!("\u{feff}{HEADER}A,2026-01-01,1,1,x\n");
    assert_eq!(totals(&Bench::new().billing(BILLING, text.as_bytes()).unwrap()), named(&[("A", 100)]));
}

#[track_caller]
fn refuses(bytes: &[u8], code: &str, words: &str) {
    let Err(error) = Bench::new().billing(BILLING, bytes) else { panic!("the file was taken") };
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn a_file_that_cannot_be_read_whole_delivers_nothing_and_says_why() {
    refuses(b"", "file_empty", "billing.csv");
    refuses(b"  \n\n", "file_empty", "billing.csv");
    refuses(b"No,Date,Qty,Prix,Text\nA,2026-01-01,1,1,x\n", "file_missing_columns", "\"Price\"");
    refuses(b"No,Date,Qty,Prix,Text\nA,2026-01-01,1,1,x\n", "file_missing_columns", "\"Prix\"");
    refuses(b"No,Date,Qty,Price,Price,Text\n", "file_duplicate_column", "Price");
    refuses(b"\x7fELF\x02\x01\x01\x00\x00\x00", "file_not_text", "binary");
    refuses(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1junk", "file_not_text", ".xlsx");
    refuses(b"\xff\xfeN\x00o\x00", "file_not_text", "UTF-8");
    refuses(b"PK\x03\x04 not a workbook", "file_workbook", "billing.csv");
    refuses(
        format!("{HEADER}A,2026-01-01,1,1,\"x\nB,2026-01-01,1,1,x\n").as_bytes(),
        "file_unclosed_quote",
        "row 2",
    );
    let stray = format!("{HEADER}A,2026-01-01,1,1,\"x\nB,2026-01-01,1,1,5\" nail\nC,2026-01-01,1,1,x\n");
    refuses(stray.as_bytes(), "file_unclosed_quote", "row 2");
}

#[test]
fn a_truncated_gzip_delivers_nothing() {
    let mut text = HEADER.to_owned();
    for n in 0..5_000 {
        text.push_str(&format!("A{n},2026-01-01,{n},1.25,x\n"));
    }
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(text.as_bytes()).unwrap();
    let whole = gz.finish().unwrap();
    let read = Bench::new().billing(BILLING, &whole).unwrap();
    assert_eq!(read.summary.items, 5_000, "a gzip is known by its first bytes, whatever its name");
    for cut in [whole.len() / 2, whole.len() - 4] {
        refuses(&whole[..cut], "file_truncated", "nothing was taken");
    }
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    refuses(&flipped, "file_truncated", "damaged");
}

#[test]
fn a_missing_file_and_the_wrong_kind_of_map_are_said() {
    let bench = Bench::new();
    let map = ColumnMap::parse(BILLING).unwrap();
    let sink = |_: Page<Canonical>| Ok::<(), FileError>(());
    let absent = read_billing(&bench.source(bench.folder.path().join("absent.csv")), &map, sink);
    assert_eq!(absent.unwrap_err().code(), "file_io");
    let wrong = bench.gl(BILLING, b"x\n").err().unwrap();
    assert_eq!(wrong.code(), "file_wrong_map");
}

#[test]
fn the_sinks_error_stops_the_reading() {
    #[derive(Debug, PartialEq)]
    struct Full;
    impl From<FileError> for Full {
        fn from(_: FileError) -> Self {
            Full
        }
    }
    let bench = Bench::new();
    let rows = "A,2026-01-01,1,1,x\n".repeat(10);
    let source = bench.source(bench.file("b.csv", format!("{HEADER}{rows}").as_bytes()));
    let mut calls = 0;
    let result = read_billing(&source, &ColumnMap::parse(BILLING).unwrap(), |_| {
        calls += 1;
        Err(Full)
    });
    assert_eq!((result, calls), (Err(Full), 1));
}

const FULL: &str = r#"
schema = 1
kind = "billing"
[columns]
number = "No"
date = "Date"
finalized_at = "Finalised"
amount = "Net"
tax = "VAT"
tax_code = "Code"
product = "Plan"
customer = "Customer"
country = "Country"
currency = "Cur"
entity = "Company"
status = "State"
kind = "Type"
invoice = "Settles"
[formats]
dates = ["%d.%m.%Y"]
decimal = ","
thousands = "."
negative = ["parentheses", "trailing_minus"]
[documents]
line_amount = "amount"
rounding = "half_up"
sign = "by_kind"
[status]
final = ["Open", "Paid"]
draft = ["Draft"]
void = ["Void"]
[kinds]
invoice = ["INV"]
credit_note = ["CRN"]
payment = ["PAY"]
[file]
delimiter = ";"
[[entity]]
code = "DE01"
aliases = ["Meridian GmbH"]
functional_currency = "EUR"
time_zone = "Europe/Berlin"
"#;

#[test]
fn every_role_of_a_billing_map_is_read() {
    let text = "Type;No;Date;Finalised;Net;VAT;Code;Plan;Customer;Country;Cur;Company;State;Settles\n\
        INV;R-1;31.03.2026;2026-03-31T22:30:00Z;1.000,00;190,00;std;team;c1;DE;EUR;Meridian GmbH;paid;\n\
        INV;R-1;31.03.2026;;(100,00);19,00-;std;team;c1;DE;EUR;DE01;Paid;\n\
        CRN;G-1;01.04.2026;;50,00;9,50;std;team;c1;DE;EUR;DE01;Open;R-1\n\
        PAY;P-1;02.04.2026;;1.011,50;;;;c1;DE;EUR;DE01;Paid;R-1\n\
        INV;R-2;02.04.2026;;1;;;;;;EUR;DE01;Draft;\n";
    let read = Bench::new().billing(FULL, text.as_bytes()).unwrap();
    assert_eq!(read.bad(), []);
    assert_eq!(totals(&read), named(&[("R-1", 107_100), ("G-1", -5_950), ("P-1", -101_150), ("R-2", 100)]));
    let documents = documents(&read);
    let first = &documents[0];
    assert_eq!(
        (first.tax_minor, first.lines[0].tax_minor, first.lines[1].tax_minor),
        (17_100, 19_000, -1_900)
    );
    assert_eq!(first.finalized_at.unwrap().to_rfc3339(), "2026-03-31T22:30:00+00:00");
    assert_eq!(first.date, DocumentDate::Local("2026-03-31".parse().unwrap()));
    assert_eq!(first.entity.as_ref().unwrap().as_str(), "DE01");
    assert_eq!(documents[1].invoice.as_deref(), Some("R-1"));
    assert_eq!(documents[2].lines, []);
    assert_eq!(documents[3].status, DocumentStatus::Draft);
}

#[test]
fn words_that_the_map_does_not_list_are_refused() {
    let head = "Type;No;Date;Finalised;Net;VAT;Code;Plan;Customer;Country;Cur;Company;State;Settles\n";
    for (row, place, code) in [
        ("XXX;A;31.03.2026;;1;;;;;;EUR;DE01;Paid;\n", "row 2, column Type", "unknown_kind"),
        ("INV;A;31.03.2026;;1;;;;;;EUR;DE01;Lost;\n", "row 2, column State", "unknown_status"),
        ("INV;A;31.03.2026;;1;;;;;;EUR;FR01;Paid;\n", "row 2, column Company", "unknown_entity"),
        ("INV;A;31.03.2026;;1;;;;;;EUX;DE01;Paid;\n", "row 2, column Cur", "bad_currency"),
        ("INV;A;31.03.2026;31.3.;1;;;;;;EUR;DE01;Paid;\n", "row 2, column Finalised", "bad_date"),
    ] {
        let read = Bench::new().billing(FULL, format!("{head}{row}").as_bytes()).unwrap();
        assert_eq!(read.codes(), coded(&[(place, code)]));
    }
}

#[test]
fn tax_within_the_amount_is_taken_out_of_the_line_and_not_out_of_the_total() {
    let map = FULL.replace("sign = \"by_kind\"", "sign = \"by_kind\"\ntax = \"inclusive\"");
    let text = "Type;No;Date;Finalised;Net;VAT;Code;Plan;Customer;Country;Cur;Company;State;Settles\n\
        INV;R-1;31.03.2026;;119,00;19,00;;;;;EUR;DE01;Paid;\n";
    let read = Bench::new().billing(&map, text.as_bytes()).unwrap();
    let document = &documents(&read)[0];
    assert_eq!((document.total.minor(), document.tax_minor), (11_900, 1_900));
    assert_eq!(document.lines[0].amount_minor, Some(10_000));
}

const GL: &str = r#"
schema = 1
kind = "gl"
[columns]
journal = "JE"
reference = "Ref"
entity = "Entity"
posting_date = "Date"
account = "Account"
amount = "Amount"
functional_amount = "Local"
currency = "Cur"
status = "Status"
reverses = "Reverses"
period = "Period"
[formats]
dates = ["%m/%d/%Y"]
periods = ["%b %Y"]
[journals]
amount_sign = "credit_positive"
[status]
booked = ["Posted"]
unbooked = ["Draft"]
void = ["Void"]
[[entity]]
code = "GB01"
functional_currency = "GBP"
"#;

const GL_HEADER: &str = "JE,Ref,Entity,Date,Period,Account,Amount,Local,Cur,Status,Reverses\n";

#[test]
fn every_role_of_a_ledger_map_is_read() {
    let text = format!(
        "{GL_HEADER}J1,INV-1,GB01,03/31/2026,Mar 2026,1100,-10.00,-7.90,USD,Posted,\n\
         J2,,GB01,04/01/2026,Apr 2026,1100,5,5,GBP,Draft,\n\
         J1,,GB01,03/31/2026,Mar 2026,4000,10.00,7.90,USD,Posted,J0\n\
         J2,,GB01,04/01/2026,Apr 2026,4000,-5,-5,GBP,Draft,\n"
    );
    let read = Bench::new().gl(GL, text.as_bytes()).unwrap();
    assert_eq!(read.bad(), []);
    let entries = read.good();
    let first = &entries[0];
    assert_eq!((first.erp_id.as_str(), first.reference.as_deref()), ("J1", Some("INV-1")));
    assert_eq!((first.period.as_str(), first.reverses.as_deref()), ("2026-03", Some("J0")));
    let amounts: Vec<(i64, i64)> =
        first.lines.iter().map(|l| (l.transaction_minor, l.functional_minor)).collect();
    assert_eq!(amounts, [(1_000, 790), (-1_000, -790)]);
    assert_eq!((entries[1].status, entries[1].reference.as_deref()), (EntryStatus::Unbooked, None));
}

#[test]
fn a_ledger_file_names_its_accounts_once_each() {
    let map = GL.replace("account = \"Account\"", "account = \"Account\"\naccount_name = \"Called\"");
    let text = "JE,Ref,Entity,Date,Period,Account,Called,Amount,Local,Cur,Status,Reverses\n\
        J1,R,GB01,03/31/2026,Mar 2026,1100,1100 - Trade debtors,-10,-10,GBP,Posted,\n\
        J1,R,GB01,03/31/2026,Mar 2026,4000,Sales,10,10,GBP,Posted,\n\
        J2,S,GB01,03/31/2026,Mar 2026,1100,Trade debtors,-1,-1,GBP,Posted,\n\
        J2,S,GB01,03/31/2026,Mar 2026,2200,,1,1,GBP,Posted,\n";
    let read = Bench::new().gl(&map, text.as_bytes()).unwrap();
    assert_eq!((read.bad().len(), read.good().len()), (0, 2));
    let named: Vec<_> = read.summary.accounts.iter().map(|a| (a.code.as_str(), a.name.as_str())).collect();
    assert_eq!(named, [("1100", "Trade debtors"), ("4000", "Sales")]);
}

#[test]
fn a_journal_with_a_bad_row_is_kept_aside_whole() {
    for (row, code) in [
        ("J1,R,GB01,03/31/2026,March,4000,1,1,GBP,Posted,\n", "bad_period"),
        ("J1,R,GB01,03/31/2026,Mar 2026,4000,0.005,1,GBP,Posted,\n", "amount_out_of_range"),
        ("J1,R,FR01,03/31/2026,Mar 2026,4000,1,1,GBP,Posted,\n", "unknown_entity"),
        ("J1,R,GB01,03/30/2026,Mar 2026,4000,1,1,GBP,Posted,\n", "document_inconsistent"),
        ("J1,S,GB01,03/31/2026,Mar 2026,4000,1,1,GBP,Posted,\n", "document_inconsistent"),
        ("J1,R,GB01,03/31/2026,Mar 2026,4000,,1,GBP,Posted,\n", "missing_value"),
    ] {
        let good = "J1,R,GB01,03/31/2026,Mar 2026,1100,-1,-1,GBP,Posted,\n";
        let read = Bench::new().gl(GL, format!("{GL_HEADER}{good}{row}").as_bytes()).unwrap();
        assert_eq!(read.good(), []);
        let codes: Vec<String> = read.bad().into_iter().map(|r| r.code).collect();
        assert_eq!(codes, [code, "document_incomplete"]);
    }
}

#[test]
fn an_amount_that_could_not_be_summed_is_refused_by_its_row() {
    let largest = "2882303761517117.43";
    let fits = format!("{HEADER}A,2026-01-01,1,{largest},x\n");
    let read = Bench::new().billing(BILLING, fits.as_bytes()).unwrap();
    assert_eq!(totals(&read), named(&[("A", 288_230_376_151_711_743)]));
    for row in [
        "A,2026-01-01,1,2882303761517117.44,x",
        "A,2026-01-01,1,92233720368547758.07,x",
        "A,2026-01-01,-1,92233720368547758.08,x",
        "A,2026-01-01,3000000000,90071992.5,x",
    ] {
        one_bad_row(row.as_bytes(), "row 3, column Price", "amount_out_of_range");
    }
    // The row that takes its document beyond it is the one that is named.
    let text = format!("{HEADER}A,2026-01-01,1,{largest},x\nA,2026-01-01,1,0.01,y\nB,2026-01-01,1,1,z\n");
    let read = Bench::new().billing(BILLING, text.as_bytes()).unwrap();
    assert_eq!(totals(&read), named(&[("B", 100)]));
    assert_eq!(
        read.codes(),
        coded(&[("row 3, column Price", "amount_out_of_range"), ("row 2, A", "document_incomplete")])
    );
    for (amounts, place) in [("1,92233720368547758.07", "Local"), ("-92233720368547758.08,1", "Amount")] {
        let row = format!("J1,R,GB01,03/31/2026,Mar 2026,1100,{amounts},GBP,Posted,\n");
        let read = Bench::new().gl(GL, format!("{GL_HEADER}{row}").as_bytes()).unwrap();
        assert_eq!(read.codes(), coded(&[(&format!("row 2, column {place}"), "amount_out_of_range")]));
    }
    let rated = GL
        .replace("functional_amount = \"Local\"\n", "")
        .replace("amount = \"Amount\"", "amount = \"Amount\"\nrate = \"Local\"");
    let row = "J1,R,GB01,03/31/2026,Mar 2026,1100,2882303761517117.43,2,USD,Posted,\n";
    let read = Bench::new().gl(&rated, format!("{GL_HEADER}{row}").as_bytes()).unwrap();
    assert_eq!(read.codes(), coded(&[("row 2, column Local", "amount_out_of_range")]), "converted");
}

#[test]
fn a_foreign_amount_without_its_value_in_the_books_is_refused_and_a_rate_gives_it() {
    let plain = GL.replace("functional_amount = \"Local\"\n", "");
    let text = format!("{GL_HEADER}J1,R,GB01,03/31/2026,Mar 2026,1100,-1,0.79,USD,Posted,\n");
    let read = Bench::new().gl(&plain, text.as_bytes()).unwrap();
    assert_eq!(read.codes(), coded(&[("row 2, column Cur", "no_functional_amount")]));
    let rated = plain.replace("amount = \"Amount\"", "amount = \"Amount\"\nrate = \"Local\"");
    let whole = format!("{text}J1,R,GB01,03/31/2026,Mar 2026,4000,1,0.79,USD,Posted,\n");
    let read = Bench::new().gl(&rated, whole.as_bytes()).unwrap();
    assert_eq!(read.good()[0].lines[0].functional_minor, 79);
}

#[test]
fn periods_are_read_in_any_case_and_a_bad_row_is_kept_aside() {
    let bench = Bench::new();
    let text = "status,ENTITY,period,starts,ends,closed_at\n\
        Closed,GB01,2026-01,2026-01-01,2026-01-31,2026-02-03T17:00:00Z\n\
        Ajar,GB01,2026-02,2026-02-01,2026-02-28,\n\
        Open,GB01,2026-03,2026-03-31,2026-03-01,\n\
        Open,GB01,2026-01,2026-01-01,2026-01-31,\n\
        Locked for AR,GB01,2026-04,2026-04-01,2026-04-30,\n";
    let source = bench.source(bench.file("p.csv", text.as_bytes()));
    let mut pages = Vec::new();
    let summary = read_periods(&source, |page| {
        pages.push(page);
        Ok::<(), FileError>(())
    });
    let read = Read { pages, summary: summary.unwrap() };
    let keys: Vec<String> = read.good().iter().map(|p| p.key.to_string()).collect();
    assert_eq!(keys, ["2026-01", "2026-04"]);
    assert_eq!(read.good()[0].closed_at.unwrap().to_rfc3339(), "2026-02-03T17:00:00+00:00");
    assert_eq!(
        read.codes(),
        coded(&[
            ("row 3, column Status", "bad_status"),
            ("row 4, column Ends", "bad_date"),
            ("row 5", "duplicate_period")
        ])
    );
}
