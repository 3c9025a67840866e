use std::collections::BTreeMap;

use tieout_domain::{
    AccountCode, Currency, Money,
    calendar::PeriodKey,
    entry::{EntryDraft, JournalEntry, JournalLine},
    posting::PostingStep,
};

use super::super::{OutgoingEntry, fitting, form, key_in, options, write};

const KEY: &str = "Thtto62bkwptbsflsjoi";

fn step(lines: &[(&str, i64)], currency: Currency) -> PostingStep {
    let line = |(account, minor): &(&str, i64)| JournalLine {
        account: account.parse().unwrap(),
        transaction: Money::new(*minor, currency),
        functional: Money::new(*minor, Currency::EUR),
        memo: String::new(),
    };
    let day = "2026-02-15".parse().unwrap();
    let entry = JournalEntry::new(EntryDraft {
        entity: "DE01".parse().unwrap(),
        document_date: day,
        posting_date: day,
        period: PeriodKey::new("2026-02"),
        reference: "RE-1001".to_owned(),
        customer: None,
        rate: (currency != Currency::EUR).then(|| "1".parse().unwrap()),
        lines: lines.iter().map(line).collect(),
    })
    .unwrap();
    PostingStep { number: 1, key: KEY.parse().unwrap(), entry, reverses: None, destination: None }
}

fn text(form_name: &str, step: &PostingStep, said: &[(&str, &str)]) -> String {
    let names = BTreeMap::from([("10000".parse::<AccountCode>().unwrap(), "Forderungen".to_owned())]);
    let entry = OutgoingEntry {
        step,
        reference: "RE-1001",
        customer: Some("Müller; Söhne"),
        entity_name: "Meridian GmbH",
        account_names: &names,
    };
    let form = form(form_name).unwrap();
    let said = said.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let options = options(form, &said).unwrap();
    assert_eq!(fitting(form, std::slice::from_ref(&entry)), [Ok(())]);
    let now = chrono::DateTime::from_timestamp(1_772_000_000, 0).unwrap();
    let bytes = write(form, &[entry], &options, now).unwrap();
    encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned()
}

#[test]
fn a_batch_has_each_line_against_its_contra_account() {
    let step = step(&[("10000", 11_900), ("8400", -10_000), ("1776", -1900)], Currency::EUR);
    let said = [("consultant", "29098"), ("client", "55003")];
    let text = text("datev", &step, &said);
    let lines: Vec<&str> = text.split("\r\n").collect();
    let head = "\"EXTF\";700;21;\"Buchungsstapel\";13;20260225061320000;;\"RE\";\"\";\"\";29098;55003;\
                20260101;4;\
                20260215;20260215;\"Tieout\";\"\";1;0;0;\"EUR\";;\"\";;;\"\";;;\"\";\"\"";
    assert_eq!(lines[0], head);
    let headings: Vec<&str> = lines[1].split(';').collect();
    assert_eq!((headings.len(), headings[13], headings[124]), (125, "Buchungstext", "Abw. Skontokonto"));
    let row = |amount: &str, contra: &str| {
        format!(
            "{amount};\"S\";\"EUR\";;;\"\";10000;{contra};\"\";1502;\"{KEY}\";\"\";;\
             \"RE-1001 Müller; Söhne\"{}",
            ";".repeat(111)
        )
    };
    assert_eq!(lines[2..], [row("100,00", "8400"), row("19,00", "1776"), String::new()]);
}

#[test]
fn a_form_that_cannot_say_an_entry_says_so() {
    let foreign = step(&[("1100", 100), ("4000", -100)], Currency::USD);
    let names = BTreeMap::new();
    let entry = OutgoingEntry {
        step: &foreign,
        reference: "RE-1",
        customer: None,
        entity_name: "DE01",
        account_names: &names,
    };
    let told = |name: &str| {
        let mut all = fitting(form(name).unwrap(), std::slice::from_ref(&entry));
        all.remove(0).map_err(|error| error.message)
    };
    assert_eq!(told("plain"), Ok(()));
    assert_eq!(told("netsuite"), Ok(()));
    assert!(told("xero").unwrap_err().contains("takes entries in EUR alone"), "{:?}", told("xero"));
    let missing = options(form("xero").unwrap(), &BTreeMap::new()).unwrap_err();
    assert_eq!(missing.code, "handover_option");
}

#[test]
fn our_key_is_found_in_whatever_came_back() {
    let found = |text: &str| key_in(text).map(|key| key.to_string());
    assert_eq!(found(&format!("{KEY} RE-1001")).as_deref(), Some(KEY));
    assert_eq!(found(&format!("{} RE-1001", KEY.to_uppercase())).as_deref(), Some(KEY));
    assert_eq!(found(&format!("{KEY} {KEY}")).as_deref(), Some(KEY));
    assert_eq!(found(&format!("{KEY} Topq64orh5zhn2hh2h5n")), None, "two of them");
    assert_eq!(found("INV-1 of a customer"), None);
}
