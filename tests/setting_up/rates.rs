//! Rates out of the European Central Bank's files, as a change of the mapping that another person approves.

use serde_json::Value;

use crate::binary::{Bench, text};

const MAPPING: &str = r#"# ours, by hand
version = 2
reporting_currency = "USD"

[[entity]]
code = "GB01"
functional_currency = "GBP"
time_zone = "Europe/London"
[entity.accounts]
receivable = "1100"
# what is sold
[[entity_rule]]
connection = "bills"
entity = "GB01"
[[revenue]]
product = "*"
account = "4000"
"#;

/// The history as the bank writes it: newest first, `N/A` where there is none, a comma at the end.
const HISTORY: &str = "Date,USD,JPY,GBP,RUB,\n2026-02-02,1.0900,172.00,0.8500,N/A,\n\
    2026-01-30,1.0800,171.00,0.8400,N/A,\n\
    2025-12-31,1.0700,170.00,0.8300,N/A,\n2025-12-30,1.06,169,0.82,N/A,\n";

fn bench() -> Bench {
    let bench = Bench::new();
    bench.people(&[("ana", "analyst"), ("carl", "controller")]);
    let bills = bench.file("bills.csv", "Number,Date,Net,Currency\nINV-1,2026-01-15,10.00,EUR\n");
    let map = bench.file("bills.toml", BILLS);
    let args = ["import", "billing", bills.to_str().unwrap(), "--map", map.to_str().unwrap()];
    bench.run(None, args).ok();
    bench
}

fn in_force(bench: &Bench, change: &Value) {
    bench.run(Some("carl"), ["approve", &text(change, "id")]).ok();
}

#[test]
fn the_banks_rates_become_a_proposed_change_of_the_mapping() {
    let bench = bench();
    let file = bench.file("eurofxref-hist.csv", HISTORY);
    let rates = |who: Option<&str>, more: &[&str]| {
        bench.run(who, [&["mapping", "rates", file.to_str().unwrap()][..], more].concat())
    };
    rates(Some("ana"), &[]).refused("mapping_required");
    let mapping = bench.file("mapping.toml", MAPPING);
    let change = bench.run(Some("ana"), ["import", "mapping", mapping.to_str().unwrap()]).ok().one();
    in_force(&bench, &change);
    let asked = rates(None, &["--dry-run"]).ok().one();
    assert_eq!(asked["change"], Value::Null, "it was only asked");
    let came = rates(Some("ana"), &[]).ok().one();
    let pairs: Vec<(String, String, String)> = came["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| {
            (format!("{}>{}", text(pair, "from"), text(pair, "to")), text(pair, "how"), text(pair, "last"))
        })
        .collect();
    // By hand: 1.0900 / 0.8500 = 1.282352941176…
    let wanted = [
        ("EUR>GBP", "as published", "0.8500"),
        ("EUR>USD", "as published", "1.0900"),
        ("GBP>USD", "cross rate over the euro", "1.282352941176"),
    ];
    let wanted: Vec<_> = wanted.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())).into();
    assert_eq!(pairs, wanted);
    // The last day before the first document, and all since.
    assert_eq!((text(&came, "from"), &came["new"]), ("2025-12-31".to_owned(), &9.into()));
    assert!(text(&came, "rounding").contains("half to even"), "{came}");
    let said = bench.run(None, ["show", &text(&came["change"], "id"), "--format", "table"]).ok().stdout;
    assert!(said.contains("GB01 takes its exchange rates from ECB"), "{said}");
    assert!(said.contains("# ours, by hand") && said.contains("# what is sold"), "the rest stays: {said}");
    in_force(&bench, &came["change"]);
    let again = rates(Some("ana"), &[]).ok().one();
    assert_eq!((&again["new"], &again["change"]), (&0.into(), &Value::Null), "the same file brings nothing");
}

#[test]
fn a_file_that_is_no_file_of_rates_is_refused_by_its_place() {
    let bench = bench();
    let mapping = bench.file("mapping.toml", MAPPING);
    let change = bench.run(Some("ana"), ["import", "mapping", mapping.to_str().unwrap()]).ok().one();
    in_force(&bench, &change);
    for (name, text) in [("a.csv", "Date,USD,\n2026-01-30,1,08,\n"), ("b.xml", "<x/>"), ("c.csv", "")] {
        let file = bench.file(name, text);
        bench.run(Some("ana"), ["mapping", "rates", file.to_str().unwrap()]).refused("rates_unreadable");
    }
}

const BILLS: &str = r#"
schema = 1
kind = "billing"
default_entity = "GB01"
[columns]
number = "Number"
date = "Date"
amount = "Net"
currency = "Currency"
[formats]
dates = ["%Y-%m-%d"]
decimal = "."
[documents]
line_amount = "amount"
rounding = "half_even"
[[entity]]
code = "GB01"
functional_currency = "GBP"
time_zone = "Europe/London"
"#;
