//! The built-in profiles, each on a file of ours (`fixtures/profiles`), through the binary: it is recognised
//! for what it is, comes to what it holds, and the column map that is saved of it says all of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/scene.rs"]
mod scene;
#[path = "common/switching_on.rs"]
mod switching_on;

use std::{collections::BTreeSet, fs, path::PathBuf};

use serde_json::Value;

use scene::Desk;

/// A profile, the kind of its file, the currency of the books, how many documents or journals the file of
/// ours holds, and what they come to.
struct Known(&'static str, &'static str, &'static str, u64, &'static [Sum]);

/// A currency with debits and credits, or with the sum of billing's documents.
struct Sum(&'static str, &'static str, Option<&'static str>);

const fn sides(currency: &'static str, both: &'static str) -> Sum {
    Sum(currency, both, Some(both))
}

const fn documents(currency: &'static str, sum: &'static str) -> Sum {
    Sum(currency, sum, None)
}

const KNOWN: &[Known] = &[
    Known("business-central-entries", "gl", "USD", 2, &[sides("USD", "2500.00")]),
    Known("chargebee-invoices", "billing", "GBP", 3, &[documents("GBP", "184.00")]),
    Known("datev-batch", "gl", "EUR", 3, &[sides("EUR", "595.00")]),
    Known("erpnext-general-ledger", "gl", "INR", 1, &[sides("INR", "118000.00")]),
    Known("french-fec", "gl", "EUR", 3, &[sides("EUR", "240.00"), sides("USD", "100.00")]),
    Known("netsuite-general-ledger", "gl", "USD", 2, &[sides("USD", "1100.00")]),
    Known("netsuite-saved-search", "gl", "USD", 2, &[sides("USD", "1100.00")]),
    Known("odoo-invoices", "billing", "USD", 2, &[documents("USD", "175.00")]),
    Known("odoo-journal-items", "gl", "USD", 2, &[sides("USD", "460.00")]),
    Known("quickbooks-desktop-general-ledger", "gl", "USD", 2, &[sides("USD", "840.00")]),
    Known("quickbooks-online-general-ledger", "gl", "USD", 2, &[sides("USD", "4200.00")]),
    Known("quickbooks-online-journal", "gl", "USD", 3, &[sides("USD", "2104.10")]),
    Known("recurly-invoices", "billing", "USD", 3, &[documents("USD", "146.55")]),
    Known("sage-nominal-ledger", "gl", "GBP", 2, &[sides("GBP", "240.00")]),
    Known("sap-line-item-list", "gl", "EUR", 2, &[sides("EUR", "2100.00")]),
    Known("sap-line-items", "gl", "EUR", 2, &[sides("EUR", "2499.00")]),
    Known("stripe-invoices", "billing", "EUR", 3, &[documents("EUR", "121.00")]),
    Known("stripe-itemised", "billing", "EUR", 5, &[documents("EUR", "-2.90")]),
    // Four payments, what came back of one, and a fee in another currency than its payment.
    Known("stripe-payments", "billing", "EUR", 6, &[documents("EUR", "-154.95"), documents("USD", "-10.00")]),
    Known("stripe-payouts", "billing", "EUR", 2, &[documents("EUR", "165.60")]),
    Known("xero-account-transactions", "gl", "GBP", 1, &[sides("GBP", "240.00")]),
    Known("xero-general-ledger-detail", "gl", "GBP", 2, &[sides("GBP", "480.00")]),
    Known("xero-journal-report", "gl", "GBP", 2, &[sides("GBP", "480.00")]),
];

fn file(profile: &str) -> PathBuf {
    let folder = binary::root().join("fixtures/profiles").join(profile);
    let mut files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    files.next().unwrap().unwrap().path()
}

const ACCOUNTS: &str = "receivable=1200,revenue=4000,tax_payable=2200,clearing=1050,fees=6100,bank=1000";

#[test]
fn each_built_in_profile_is_recognised_by_its_headings_and_read_whole() {
    let start = Desk::of_people();
    for Known(profile, kind, currency, items, sums) in KNOWN {
        let desk = start.copy();
        let found = file(profile);
        // By shape and headings, never by name.
        let renamed = desk.bench.folder.path().join("export.dat");
        fs::copy(&found, &renamed).unwrap();
        let (renamed, map) = (renamed.to_str().unwrap(), desk.bench.folder.path().join("saved.toml"));
        let said = ["--entity", "XX01", "--currency", currency, "--time-zone", "UTC", "--expect", ACCOUNTS];
        let map = map.to_str().unwrap();
        let look = ["inspect", renamed, "--json", "--save-map", map].into_iter().chain(said);
        let view = desk.plainly(look).ok().one();
        assert_eq!(view["profile"], *profile, "{view}");
        assert_eq!((&view["kind"], view["items"].as_u64()), (&Value::from(*kind), Some(*items)), "{view}");
        assert_eq!(view["rejected_rows"], 0, "{view}");
        let sum = |sum: &Sum| {
            let Sum(currency, debits, credits) = sum;
            serde_json::json!({ "currency": currency, "debits": debits, "credits": credits })
        };
        assert_eq!(view["totals"], sums.iter().map(sum).collect::<Value>(), "{profile}");
        let import = ["import", kind, renamed, "--auto", "--as-of", "2026-06-30"].into_iter().chain(said);
        let done = desk.plainly(import).ok().one();
        assert_eq!(
            (done["items"].as_u64(), &done["rejected_rows"]),
            (Some(*items), &Value::from(0)),
            "{done}"
        );
        let name = done["connection"].as_str().unwrap();
        assert_eq!(name, format!("{profile}-xx01"));
        let again = ["import", kind, renamed, "--map", map, "--connection", name, "--as-of", "2026-06-30"];
        let again = desk.plainly(again).ok().one();
        assert_eq!((again["items"].as_u64(), &again["changed"]), (Some(*items), &Value::from(0)), "{again}");
    }
}

#[test]
fn every_profile_has_a_file_of_ours() {
    let known: BTreeSet<String> = KNOWN.iter().map(|known| known.0.to_owned()).collect();
    let folder = binary::root().join("crates/connectors/src/files/profiles");
    let profiles = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let built_in: BTreeSet<String> =
        profiles.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(known, built_in);
}

#[test]
fn what_is_missing_is_said_with_a_code_and_nothing_is_taken() {
    let desk = Desk::of_people();
    let place = desk.bench.folder.path().join("some.csv");
    let path = place.to_str().unwrap();
    let gl = "Journal,Date,Account,Amount\n";
    let said = ["--entity", "XX01", "--currency", "EUR", "--expect", "receivable=1100,revenue=4000"];
    for (kind, text, said, code) in [
        (
            "gl",
            format!("{gl}1,02/03/2026,1100,5.00\n1,02/03/2026,4000,-5.00\n"),
            &said[..],
            "file_ambiguous_dates",
        ),
        (
            "gl",
            format!("{gl}1,2026-03-02,1100,\"1,250\"\n1,2026-03-02,4000,\"-1,250\"\n"),
            &said,
            "file_ambiguous_numbers",
        ),
        (
            "gl",
            format!("{gl}1,2026-03-02,1100,-5.00\n1,2026-03-02,4000,5.00\n"),
            &said,
            "file_ambiguous_signs",
        ),
        ("gl", format!("{gl}1,2026-03-02,1100,5.00\n1,2026-03-02,4000,-4.00\n"), &said, "file_unbalanced"),
        ("gl", format!("{gl}1,2026-03-02,1100,5.00\n1,2026-03-02,4000,-5.00\n"), &[], "file_needs_entity"),
        ("billing", format!("{gl}1,2026-03-02,1100,5.00\n"), &said, "file_of_another_kind"),
        (
            "billing",
            "Number,Date,Amount,Tax\n1,2026-03-02,5.00,1.00\n".to_owned(),
            &said,
            "file_ambiguous_tax",
        ),
        ("billing", "Number,Date,Amount\n1,2026-03-02,5.00\n".to_owned(), &said[..4], "file_needs_expect"),
        ("billing", "once,upon\na,time\n".to_owned(), &said, "file_not_recognised"),
    ] {
        fs::write(&place, &text).unwrap();
        let ran = desk.plainly(["import", kind, path, "--auto"].into_iter().chain(said.iter().copied()));
        assert_eq!((ran.status, ran.codes()), (1, vec![code.to_owned()]), "{text}{ran:?}");
        assert!(desk.plainly(["tie-out"]).ok().lines().is_empty(), "{text}");
    }
    fs::write(&place, format!("{gl}1,02/03/2026,1100,5.00\n1,02/03/2026,4000,-5.00\n")).unwrap();
    let told = ["import", "gl", path, "--auto", "--dates", "day-first", "--as-of", "2026-06-30"];
    let done = desk.plainly(told.into_iter().chain(said)).ok().one();
    assert_eq!((&done["items"], &done["rejected_rows"]), (&Value::from(1), &Value::from(0)));
    let shown = ["inspect", path, "--kind", "gl", "--dates", "day-first", "--json"];
    let shown = desk.plainly(shown.into_iter().chain(said)).ok().stdout;
    assert!(shown.contains("%d/%m/%Y") && !shown.contains("%m/%d/%Y"), "{shown}");
}
