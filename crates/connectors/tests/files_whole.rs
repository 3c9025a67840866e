//! A document or journal is taken with all of its rows or set aside with all of them, and nothing ambiguous
//! is decided in silence: the rules that no file may break, with both directions of each.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use chrono::{DateTime, Utc};
use tieout_connectors::{
    Page,
    files::{ColumnMap, FileError, FileSource, read_billing, read_gl},
};
use tieout_domain::{
    document::{Canonical, Document},
    ledger::LedgerEntry,
    unread::Concerns,
};

const BILLING: &str = r#"
schema = 2
kind = "billing"
default_entity = "NL01"
[columns]
number = "Factuur"
date = ["Datum", "Datum (UTC)"]
amount = "Bedrag"
product = "Artikel"
[constants]
currency = "EUR"
[formats]
dates = ["%d-%m-%Y", "%d-%m-%Y %H:%M"]
decimal = ","
[documents]
line_amount = "amount"
rounding = "half_up"
[[entity]]
code = "NL01"
functional_currency = "EUR"
time_zone = "Europe/Amsterdam"
"#;

const LEDGER: &str = r#"
schema = 2
kind = "gl"
[columns]
journal = "Boeking"
reference = "Stuk"
posting_date = "Datum"
account = "Rekening"
debit = "Debet"
credit = "Credit"
[constants]
currency = "EUR"
entity = "NL01"
[formats]
dates = ["%d-%m-%Y"]
decimal = ","
[[entity]]
code = "NL01"
functional_currency = "EUR"
"#;

#[derive(Debug)]
struct Read<T> {
    items: Vec<T>,
    /// Code and place of each row aside, with what it is about.
    aside: Vec<(String, String, Concerns)>,
    messages: String,
}

impl<T> Default for Read<T> {
    fn default() -> Self {
        Self { items: Vec::new(), aside: Vec::new(), messages: String::new() }
    }
}

impl<T> Read<T> {
    fn take(&mut self, page: Page<T>) -> Result<(), FileError> {
        for fetched in page.items {
            match fetched.item {
                Ok(item) => self.items.push(item),
                Err(rejection) => {
                    self.messages.push_str(&rejection.message);
                    self.aside.push((rejection.code, rejection.place, fetched.concerns));
                }
            }
        }
        Ok(())
    }

    fn codes(&self) -> Vec<&str> {
        self.aside.iter().map(|(code, ..)| code.as_str()).collect()
    }
}

fn source(folder: &tempfile::TempDir, text: &str) -> FileSource {
    let path = folder.path().join("file.csv");
    std::fs::write(&path, text).unwrap();
    let at: DateTime<Utc> = "2026-03-31T08:00:00Z".parse().unwrap();
    FileSource { page_rows: 2, ..FileSource::new(path, at) }
}

fn billing(map: &str, text: &str) -> Result<Read<Canonical>, FileError> {
    let folder = tempfile::tempdir().unwrap();
    let mut read = Read::default();
    read_billing(&source(&folder, text), &ColumnMap::parse(map).unwrap(), |page| read.take(page))?;
    Ok(read)
}

fn ledger(map: &str, text: &str) -> Read<LedgerEntry> {
    let folder = tempfile::tempdir().unwrap();
    let mut read = Read::default();
    read_gl(&source(&folder, text), &ColumnMap::parse(map).unwrap(), |page| read.take(page)).unwrap();
    read
}

fn documents(read: &Read<Canonical>) -> Vec<Document> {
    let document = |item: &Canonical| match item {
        Canonical::Document(document) => document.clone(),
        other => panic!("{other:?}"),
    };
    read.items.iter().map(document).collect()
}

fn totals(read: &Read<Canonical>) -> Vec<(String, i64)> {
    documents(read).into_iter().map(|d| (d.reference, d.total.minor())).collect()
}

fn entries(read: &Read<LedgerEntry>) -> Vec<(String, Vec<(String, i64)>)> {
    let lines = |e: &LedgerEntry| {
        e.lines.iter().map(|l| (l.account.to_string(), l.transaction_minor)).collect::<Vec<_>>()
    };
    read.items.iter().map(|e| (e.reference.clone().unwrap_or_default(), lines(e))).collect()
}

fn pairs(list: &[(&str, i64)]) -> Vec<(String, i64)> {
    list.iter().map(|(name, minor)| ((*name).to_owned(), *minor)).collect()
}

const NUMBER_ONCE: &str = "Factuur;Datum;Bedrag;Artikel\n\
    F-1;10-02-2026;100,00;A\n;;40,00;B\nF-2;11-02-2026;50,00;A\nF-3;12-02-2026;7,00;A\n;;3,00;C\n";

fn semicolons(map: &str) -> String {
    map.replace("[columns]", "[file]\ndelimiter = \";\"\n[columns]")
}

#[test]
fn a_row_that_continues_a_document_takes_it_aside_or_into_the_document_where_the_map_says_so() {
    let map = semicolons(BILLING);
    let read = billing(&map, NUMBER_ONCE).unwrap();
    assert_eq!(totals(&read), pairs(&[("F-2", 5_000)]));
    let codes = ["row_continues", "document_incomplete", "row_continues", "document_incomplete"];
    assert_eq!(read.codes(), codes);
    assert!(read.aside.iter().any(|(.., about)| about.names.contains("F-1") && about.named));

    let carrying = map.replace("[columns]", "[table]\ncarry_down = [\"number\", \"date\"]\n[columns]");
    let read = billing(&carrying, NUMBER_ONCE).unwrap();
    assert_eq!(totals(&read), pairs(&[("F-1", 14_000), ("F-2", 5_000), ("F-3", 1_000)]));
    assert!(read.aside.is_empty(), "{:?}", read.aside);
}

#[test]
fn a_total_that_agrees_is_left_out_and_one_that_does_not_is_told_and_about_no_document() {
    let map = semicolons(BILLING);
    let rows = "Factuur;Datum;Bedrag;Artikel\nF-1;10-02-2026;100,00;A\nF-2;11-02-2026;-30,00;A\n";
    for total in
        ["Totaal;;70,00;", "Total;;#SUM;", "Grand total:;;70,00;", ";;70,00;", ";Subtotal EUR;70,00;", ";;;"]
    {
        let read = billing(&map, &format!("{rows}{total}\n")).unwrap();
        assert_eq!(totals(&read), pairs(&[("F-1", 10_000), ("F-2", -3_000)]), "{total}");
        assert!(read.aside.is_empty(), "{total}: {:?}", read.aside);
    }
    let read = billing(&map, &format!("{rows}Totaal;;71,00;\n")).unwrap();
    assert_eq!(totals(&read).len(), 2);
    assert_eq!(read.codes(), ["total_differs"]);
    assert!(read.messages.contains("71") && read.messages.contains("70"), "{}", read.messages);
    assert!(read.aside[0].2.named && read.aside[0].2.names.is_empty());
    // An amount alone that is no sum belongs to the document above it.
    let read = billing(&map, &format!("{rows};;71,00;\n")).unwrap();
    assert_eq!(totals(&read), pairs(&[("F-1", 10_000)]));
    assert_eq!(read.codes(), ["row_continues", "document_incomplete"]);
    // So does a second line of the same amount, which one row alone does not add up to.
    let read = billing(&map, "Factuur;Datum;Bedrag;Artikel\nF-1;10-02-2026;100,00;A\n;;100,00;\n").unwrap();
    assert_eq!(totals(&read), []);
}

#[test]
fn a_product_that_is_called_total_is_no_total() {
    let map = semicolons(BILLING);
    let read = billing(&map, "Factuur;Datum;Bedrag;Artikel\nF-1;10-02-2026;100,00;A\n;;100,00;Total care\n")
        .unwrap();
    assert_eq!(totals(&read), []);
    assert_eq!(read.codes(), ["row_continues", "document_incomplete"]);
}

#[test]
fn a_number_that_names_two_documents_needs_its_date_and_a_row_without_it_takes_both_along() {
    let map = semicolons(BILLING).replace("[documents]", "[documents]\ngroup_by = [\"number\", \"date\"]");
    let rows =
        "Factuur;Datum;Bedrag;Artikel\n7;10-02-2025;100,00;A\n7;10-02-2026;40,00;A\n8;11-02-2026;5,00;A\n";
    let read = billing(&map, rows).unwrap();
    assert_eq!(totals(&read), pairs(&[("7", 10_000), ("7", 4_000), ("8", 500)]));
    let ids: Vec<String> = documents(&read).into_iter().map(|d| d.external_id).collect();
    assert_eq!(ids, ["7/10-02-2025", "7/10-02-2026", "8/11-02-2026"]);
    for broken in ["7;;2,00;B\n", "7;31-02-2026;2,00;B\n"] {
        let read = billing(&map, &format!("{rows}{broken}")).unwrap();
        assert_eq!(totals(&read), pairs(&[("8", 500)]), "{broken}: {:?}", read.aside);
    }
    let read = billing(&semicolons(BILLING), rows).unwrap();
    assert_eq!(totals(&read), pairs(&[("8", 500)]));
    assert!(read.messages.contains("documents.group_by"), "{}", read.messages);
}

#[test]
fn a_journal_that_does_not_balance_is_put_aside_by_name_with_both_sums() {
    let map = semicolons(LEDGER);
    let header = "Boeking;Stuk;Datum;Rekening;Debet;Credit\n";
    let good = "B1;F-1;10-02-2026;1300 Debiteuren;121,00;\nB1;F-1;10-02-2026;8000 - Omzet;;100,00\n\
                B1;F-1;10-02-2026;1500 \u{b7} Btw;;21,00\n";
    let read = ledger(
        &map,
        &format!("{header}{good}B2;F-2;11-02-2026;1300;50,00;\nB2;F-2;11-02-2026;8000;;49,00\n"),
    );
    let lines = pairs(&[("1300", 12_100), ("8000", -10_000), ("1500", -2_100)]);
    assert_eq!(entries(&read), [("F-1".to_owned(), lines)]);
    assert_eq!(read.codes(), ["journal_unbalanced", "document_incomplete"]);
    for told in ["B2", "50.00", "49.00"] {
        assert!(read.messages.contains(told), "{told}: {}", read.messages);
    }
    assert!(read.aside[0].2.names.contains("F-2") && read.aside[0].2.amounts.contains(&5_000));
    let one_line = format!("{header}B3;F-3;11-02-2026;1300;50,00;\n");
    assert_eq!(ledger(&map, &one_line).codes(), ["journal_unbalanced"]);
    let partial = map.replace("[formats]", "[journals]\npartial = true\n[formats]");
    assert_eq!(ledger(&partial, &one_line).items.len(), 1);
}

#[test]
fn natural_signs_balance_by_the_accounts_that_the_map_calls_credit_accounts() {
    let signed = semicolons(LEDGER).replace("debit = \"Debet\"\ncredit = \"Credit\"", "amount = \"Bedrag\"");
    let rows =
        "Boeking;Stuk;Datum;Rekening;Bedrag\nB1;F-1;10-02-2026;1300;50,00\nB1;F-1;10-02-2026;8000;50,00\n";
    assert_eq!(ledger(&signed, rows).codes(), ["journal_unbalanced", "document_incomplete"]);
    let natural = signed.replace(
        "[formats]",
        "[journals]\namount_sign = \"natural\"\n[accounts]\ncredit = [\"1500\", \"8000..8999\"]\n[formats]",
    );
    let read = ledger(&natural, rows);
    assert_eq!(entries(&read), [("F-1".to_owned(), pairs(&[("1300", 5_000), ("8000", -5_000)]))]);
}

#[test]
fn accounts_of_debtors_are_read_as_the_receivable_that_they_add_up_to() {
    let map =
        semicolons(LEDGER).replace("[columns]", "[accounts.roll_up]\n1300 = [\"13001..13999\"]\n[columns]");
    let rows = "Boeking;Stuk;Datum;Rekening;Debet;Credit\nB1;F-1;10-02-2026;13044;50,00;\n\
                B1;F-1;10-02-2026;8000;;50,00\n";
    assert_eq!(entries(&ledger(&map, rows))[0].1, pairs(&[("1300", 5_000), ("8000", -5_000)]));
    assert_eq!(entries(&ledger(&semicolons(LEDGER), rows))[0].1[0].0, "13044");
}

#[test]
fn dates_that_a_map_reads_in_two_orders_are_refused_unless_every_row_is_read_by_one_of_them() {
    let map = semicolons(BILLING).replace("\"%d-%m-%Y %H:%M\"", "\"%m-%d-%Y\"");
    let file = |days: &[&str]| {
        let rows: String = days.iter().enumerate().map(|(n, day)| format!("{n};{day};1,00;A\n")).collect();
        billing(&map, &format!("Factuur;Datum;Bedrag;Artikel\n{rows}"))
    };
    assert_eq!(file(&["02-20-2026", "01-31-2026", "03-03-2026"]).unwrap().items.len(), 3);
    assert_eq!(file(&["20-02-2026", "31-01-2026"]).unwrap().items.len(), 2);
    for days in [&["20-02-2026", "02-03-2026"][..], &["20-02-2026", "02-20-2026"]] {
        let refused = file(days).unwrap_err();
        assert_eq!(refused.code(), "file_ambiguous_dates", "{refused}");
        assert!(refused.to_string().contains(days[1]), "{refused}");
    }
}

#[test]
fn a_column_in_utc_is_read_by_the_entitys_clock() {
    let rows = "Factuur;Datum (UTC);Bedrag;Artikel\n1;31-01-2026 23:30;1,00;A\n2;31-01-2026 22:30;1,00;A\n";
    let days = |map: &str, rows: &str| -> Vec<String> {
        let zone = chrono_tz::Europe::Amsterdam;
        documents(&billing(map, rows).unwrap()).iter().map(|d| d.date.in_zone(zone).to_string()).collect()
    };
    let map = semicolons(BILLING);
    assert_eq!(days(&map, rows), ["2026-02-01", "2026-01-31"]);
    let local = rows.replace(" (UTC)", "");
    assert_eq!(days(&map, &local), ["2026-01-31", "2026-01-31"]);
    let said = map.replace("[formats]", "[formats]\nzone = \"America/New_York\"");
    assert_eq!(days(&said, &local), ["2026-02-01", "2026-02-01"]);
}

#[test]
fn a_date_that_no_document_has_today_and_a_number_that_a_spreadsheet_has_cut_are_refused() {
    let map = semicolons(BILLING);
    let read = billing(
        &map,
        "Factuur;Datum;Bedrag;Artikel\n1;10-02-1926;1,00;A\n2;10-02-2062;1,00;A\n3;10-02-2027;1,00;A\n\
         1,23E+15;10-02-2026;1,00;A\n5;10-02-2026;1,23E+15;A\n\
         E+E;10-02-2026;1,00;A\n1E12;10-02-2026;1,00;A\n",
    )
    .unwrap();
    assert_eq!(totals(&read), pairs(&[("3", 100), ("E+E", 100), ("1E12", 100)]));
    assert_eq!(read.codes(), ["bad_date", "bad_date", "bad_cell", "bad_amount"]);
}

#[test]
fn names_follow_the_rules_that_the_map_states_and_no_others() {
    let ledger_map = semicolons(LEDGER).replace(
        "[columns]",
        "[names]\nnone = [\"-\"]\nstrip_prefix = [\"NL\"]\nstrip_zeros = true\n[columns]",
    );
    let rows = "Boeking;Stuk;Datum;Rekening;Debet;Credit\nB1;NL0044;10-02-2026;1300;5,00;\n\
                B1;NL0044;10-02-2026;8000;;5,00\nB2;-;10-02-2026;1300;5,00;\nB2;-;10-02-2026;8000;;5,00\n";
    let names = |map: &str| -> Vec<String> { entries(&ledger(map, rows)).into_iter().map(|e| e.0).collect() };
    assert_eq!(names(&ledger_map), ["44", ""]);
    assert_eq!(names(&semicolons(LEDGER)), ["NL0044", "-"]);
    let composed =
        semicolons(BILLING).replace("[columns]", "[names]\ncompose = [\"product\", \"number\"]\n[columns]");
    let read = billing(&composed, "Factuur;Datum;Bedrag;Artikel\n44;10-02-2026;1,00;NL\n").unwrap();
    assert_eq!(totals(&read), pairs(&[("NL44", 100)]));
}

#[test]
fn a_map_says_whether_each_line_is_rounded_or_their_sum() {
    let map = semicolons(BILLING);
    let rows =
        "Factuur;Datum;Bedrag;Artikel\n1;10-02-2026;0,125;A\n1;10-02-2026;0,125;B\n1;10-02-2026;0,125;C\n";
    assert_eq!(totals(&billing(&map, rows).unwrap()), pairs(&[("1", 38)]));
    let lines = map.replace("rounding = \"half_up\"", "rounding = \"half_up\"\nrounded = \"line\"");
    assert_eq!(totals(&billing(&lines, rows).unwrap()), pairs(&[("1", 39)]));
}

#[test]
fn cells_beyond_the_header_count_only_where_they_hold_something() {
    let map = semicolons(BILLING);
    let read = billing(&map, "Factuur;Datum;Bedrag;Artikel\n1;10-02-2026;1,00;A;;\n2;10-02-2026;1,00;A;x\n")
        .unwrap();
    assert_eq!(totals(&read), pairs(&[("1", 100)]));
    assert_eq!(read.codes(), ["bad_shape"]);
}

#[test]
fn keys_of_the_second_version_are_refused_by_line_where_they_do_not_belong() {
    let says = |text: &str, code: &str, words: &str| {
        let error = ColumnMap::parse(text).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    };
    let first =
        BILLING.replace("schema = 2", "schema = 1").replace("[\"Datum\", \"Datum (UTC)\"]", "\"Datum\"");
    assert!(ColumnMap::parse(&first).is_ok());
    let zone = first.replace("[formats]", "[formats]\nzone = \"UTC\"");
    says(&zone, "map_bad_value", "line 13, formats.zone");
    let later = BILLING.replace("[formats]", "[file]\nhidden_rows = 3\n[formats]");
    says(&later, "map_key_later", "file.hidden_rows");
    says(&BILLING.replace("[formats]", "[tables]\n[formats]"), "map_syntax", "tables");
    says(
        &BILLING.replace("[formats]", "[names]\nstripprefix = \"x\"\n[formats]"),
        "map_syntax",
        "stripprefix",
    );
    says(&BILLING.replace("schema = 2", "schema = 3"), "map_schema", "schemas 1 and 2");
}
