//! The proposal on whole ledgers: the simulated company's, the real retail case, and exports of other
//! programs that are recognised by themselves.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde_json::Value;

use crate::{
    binary::{Bench, Ran, root, text},
    retail::{Truth, truth},
};

fn proposed(bench: &Bench) -> Value {
    bench.run(None, ["mapping", "propose"]).ok().one()
}

fn line<'p>(proposed: &'p Value, place: &str) -> &'p Value {
    let found = proposed["lines"].as_array().unwrap().iter().find(|line| line["place"] == place);
    found.unwrap_or_else(|| panic!("nothing is proposed for {place}: {proposed:#}"))
}

/// Rules of a table by what they are about.
fn by(rows: &Value, key: &str, value: &str) -> BTreeMap<String, String> {
    let rows = rows.as_array().map_or(&[][..], Vec::as_slice);
    rows.iter().map(|row| (text(row, key), text(row, value))).collect()
}

/// The retail case's folder; `None` where it is absent, which is a failure in CI.
fn retail_case() -> Option<PathBuf> {
    let folder = root().join("../shared/data/retail");
    if folder.join("truth.csv.gz").exists() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "the retail case is not at {}", folder.display());
    eprintln!("SKIPPED: the retail case is not at {}", folder.display());
    None
}

fn import(bench: &Bench, kind: &str, file: &std::path::Path, map: Option<&std::path::Path>) -> Ran {
    let mut args = vec!["import".to_owned(), kind.to_owned(), file.to_str().unwrap().to_owned()];
    if let Some(map) = map {
        args.extend(["--map".to_owned(), map.to_str().unwrap().to_owned()]);
    }
    bench.run(None, args)
}

#[test]
fn the_retail_case_is_proposed_what_it_ships_with_and_ties_out_by_it() {
    let Some(folder) = retail_case() else { return };
    let bench = Bench::new();
    bench.people(&[("ana", "analyst"), ("carl", "controller")]);
    import(&bench, "periods", &folder.join("periods.csv.gz"), None).ok();
    // Without what its maps say of accounts: only the entries can tell.
    for kind in ["billing", "gl"] {
        let map =
            fs::read_to_string(root().join(format!("fixtures/maps/online-retail-{kind}.toml"))).unwrap();
        let (before, after) = map.split_once("[expect]").unwrap();
        assert!(after.contains("receivable = \"1100\"") && after.contains("revenue = \"4000\""), "{after}");
        let map = bench.file(&format!("{kind}.toml"), before);
        let name = if kind == "billing" { "billing.csv.gz" } else { "erp_gl.csv.gz" };
        import(&bench, kind, &folder.join(name), Some(&map)).ok();
    }
    let proposed = proposed(&bench);
    for entity in ["GB01", "EU01", "RW01"] {
        let entities = proposed["table"]["entity"].as_array().unwrap();
        let row = entities.iter().find(|row| row["code"] == entity).unwrap();
        assert_eq!(row["accounts"]["receivable"], serde_json::json!(["1100"]), "{row}");
        assert_eq!(row["functional_currency"], "GBP");
    }
    let revenue = by(&proposed["table"]["revenue"], "product", "account");
    assert!(revenue.values().all(|account| account == "4000"), "{revenue:?}");
    assert_eq!(proposed["products_covered"], proposed["products"], "{}", proposed["says"]);
    assert_eq!(proposed["covers"][0]["percent"], "100.0", "{}", proposed["says"]);
    assert_eq!(proposed["problem"], "", "{}", text(&proposed, "text"));
    let file = bench.file("mapping.toml", &text(&proposed, "text"));
    let change = bench.run(Some("ana"), ["import", "mapping", file.to_str().unwrap()]).ok().one();
    bench.run(Some("carl"), ["approve", &text(&change, "id")]).ok();
    let found = bench.run(None, ["exceptions"]).ok().lines();
    let one = |e: &Value| ((text(e, "external_ref"), text(e, "kind")), e["amount_minor"].as_i64().unwrap());
    let said: Truth = found.iter().map(one).collect();
    let wanted = truth(&folder.join("truth.csv.gz"));
    let missed: Vec<_> = wanted.iter().filter(|(k, v)| said.get(*k) != Some(v)).take(9).collect();
    let besides: Vec<_> = said.iter().filter(|(k, v)| wanted.get(*k) != Some(v)).take(9).collect();
    assert!(missed.is_empty() && besides.is_empty(), "missed {missed:#?}\nbesides {besides:#?}");
}

#[test]
fn exports_that_are_recognised_by_themselves_are_proposed_a_mapping_line_by_line() {
    let bench = Bench::new();
    let profiles = root().join("fixtures/profiles");
    let file = |profile: &str| {
        fs::read_dir(profiles.join(profile))
            .unwrap()
            .next()
            .unwrap()
            .unwrap()
            .path()
            .to_str()
            .unwrap()
            .to_owned()
    };
    let common = ["--auto", "--entity", "US01", "--currency", "USD", "--time-zone", "America/New_York"];
    let ledger = file("quickbooks-online-general-ledger");
    let args = [&["import", "gl", &ledger][..], &common[..]].concat();
    bench.run(None, args).ok();
    let bills = file("stripe-invoices");
    let expect = ["--expect", "receivable=1200,revenue=4010"];
    bench.run(None, [&["import", "billing", &bills][..], &common[..], &expect[..]].concat()).ok();
    let proposed = proposed(&bench);
    let receivable = line(&proposed, "entity 0 accounts receivable");
    assert!(text(receivable, "says").starts_with("The receivable of US01 is 1200"), "{receivable}");
    assert!(text(receivable, "why").starts_with("so it was said when"), "{receivable}");
    assert_eq!(receivable["sure"], true);
    assert_eq!(receivable["covers"][0]["percent"], "100.0", "{receivable}");
    let revenue = line(&proposed, "revenue 0");
    assert!(text(revenue, "says").starts_with("Revenue of every product goes to 4010"), "{revenue}");
    assert_eq!(proposed["problem"], "");
}

#[test]
fn nothing_is_proposed_before_a_ledger_was_read_nor_where_nothing_speaks_for_it() {
    let bench = Bench::new();
    bench.run(None, ["mapping", "propose"]).refused("nothing_to_propose");
    let rows = "Journal,Date,Account,Account name,Debit,Credit,Ref\n\
                J1,2026-01-31,77,Dogs,10.00,,\nJ1,2026-01-31,88,Cats,,10.00,\n";
    let (file, map) = (bench.file("ledger.csv", rows), bench.file("ledger.toml", crate::charts::MAP));
    import(&bench, "gl", &file, Some(&map)).ok();
    let proposed = proposed(&bench);
    let accounts = &proposed["table"]["entity"][0]["accounts"];
    assert!(accounts.as_object().is_none_or(serde_json::Map::is_empty), "dogs are no receivable: {accounts}");
    let missing: Vec<&str> =
        proposed["missing"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(
        missing.contains(&"XX01 has no account for the receivable: nothing speaks for one"),
        "{missing:?}"
    );
    assert!(!text(&proposed, "problem").is_empty(), "it is no mapping yet, and says so");
}

#[test]
fn the_types_that_a_ledgers_file_says_come_before_what_its_accounts_are_called() {
    let bench = Bench::new();
    let rows = "Journal,Date,Account,Account name,Account type,Debit,Credit\n\
                J1,2026-01-31,10,Dogs,Accounts Receivable,10.00,\n\
                J1,2026-01-31,20,Trade debtors,Equity,,10.00\n\
                J2,2026-01-31,30,Cats,Bank,10.00,\n\
                J2,2026-01-31,10,Dogs,Accounts Receivable,,10.00\n";
    let file = bench.file("ledger.csv", rows);
    let args = ["import", "gl", file.to_str().unwrap(), "--auto", "--entity", "XX01", "--currency", "EUR"];
    bench.run(None, args).ok();
    let proposed = proposed(&bench);
    let receivable = line(&proposed, "entity 0 accounts receivable");
    assert_eq!(proposed["table"]["entity"][0]["accounts"]["receivable"][0], "10", "{receivable}");
    assert_eq!(receivable["sure"], true, "the only account of the type: {receivable}");
    assert_eq!(proposed["table"]["entity"][0]["accounts"]["bank"][0], "30");
}

#[test]
fn a_proposal_to_a_mapping_in_force_adds_what_it_lacks_and_leaves_what_it_says() {
    let bench = Bench::new();
    bench.people(&[("ana", "analyst"), ("carl", "controller")]);
    let rows = "Journal,Date,Account,Account name,Debit,Credit,Ref\n\
                J1,2026-01-31,1100,Trade debtors,12.00,,INV-1\nJ1,2026-01-31,2200,VAT on sales,,2.00,INV-1\n\
                J1,2026-01-31,4100,Subscription revenue,,10.00,INV-1\n\
                J2,2026-01-31,1100,Trade debtors,24.00,,INV-2\nJ2,2026-01-31,2200,VAT on sales,,4.00,INV-2\n\
                J2,2026-01-31,4200,Usage,,20.00,INV-2\n";
    let (file, map) = (bench.file("ledger.csv", rows), bench.file("ledger.toml", crate::charts::MAP));
    import(&bench, "gl", &file, Some(&map)).ok();
    let bills = "Number,Date,Product,Net,Tax\nINV-1,2026-01-31,plan,10.00,2.00\n\
                 INV-2,2026-01-31,meter,20.00,4.00\n\
                 INV-3,2026-01-31,rare,30.00,6.00\n";
    let (bills, map) = (bench.file("bills.csv", bills), bench.file("bills.toml", BILLS));
    import(&bench, "billing", &bills, Some(&map)).ok();
    let first = proposed(&bench);
    let revenue = by(&first["table"]["revenue"], "product", "account");
    assert_eq!((revenue["plan"].as_str(), revenue["meter"].as_str()), ("4100", "4200"), "{first:#}");
    let rare = first["lines"].as_array().unwrap().iter().find(|l| text(l, "says").contains("rare")).unwrap();
    assert_eq!(rare["sure"], false, "no entry shows it: {rare}");
    // By hand: 72.00 with tax in all, 60.00 without; of the products 10.00 is 16.6 %.
    let plan = first["lines"].as_array().unwrap().iter().find(|l| text(l, "says").contains("plan")).unwrap();
    assert_eq!(
        (&plan["covers"][0]["part"], &plan["covers"][0]["percent"]),
        (&"10.00".into(), &"16.6".into())
    );
    assert_eq!(
        first["says"].as_str().unwrap().split(';').next(),
        Some("3 of 3 products"),
        "{}",
        first["says"]
    );
    let tax = line(&first, "entity 0 accounts tax_payable");
    assert!(text(tax, "why").contains("20.0 % on 2200"), "{tax}");
    // The one in force says otherwise where one product goes, and says nothing of another.
    let text_of =
        text(&first, "text").replace("\"4200\"", "\"4100\"").replace("product = \"rare\"", "product = \"x\"");
    let file = bench.file("mapping.toml", &text_of);
    let change = bench.run(Some("ana"), ["import", "mapping", file.to_str().unwrap()]).ok().one();
    bench.run(Some("carl"), ["approve", &text(&change, "id")]).ok();
    let second = proposed(&bench);
    let revenue = by(&second["table"]["revenue"], "product", "account");
    assert_eq!(revenue["meter"], "4100", "what is in force stays");
    let says: Vec<&str> =
        second["lines"].as_array().unwrap().iter().filter_map(|l| l["says"].as_str()).collect();
    assert!(says.len() == 1 && says[0].contains("rare"), "only what is missing is added: {says:?}");
}

pub const BILLS: &str = r#"
schema = 1
kind = "billing"
default_entity = "XX01"
[columns]
number = "Number"
date = "Date"
product = "Product"
amount = "Net"
tax = "Tax"
[constants]
currency = "EUR"
[formats]
dates = ["%Y-%m-%d"]
decimal = "."
[documents]
line_amount = "amount"
rounding = "half_even"
[[entity]]
code = "XX01"
functional_currency = "EUR"
time_zone = "Europe/Paris"
"#;
