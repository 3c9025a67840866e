//! The first minute of an ERP that knows its entities by ids alone: everything is read before any mapping
//! names them, a mapping is proposed from it, and what was read is judged once it is in force. And the
//! pilot's report of what was compared.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tieout_sandbox::company::{DEFAULT_AS_OF, Spec, generate};

use tieout_tests::paper::printed;

use crate::{
    binary::{Bench, text},
    company::{Served, as_of, connect},
};

fn served() -> Served {
    Served::start(generate(&Spec { seed: 7, invoices: 90, as_of: DEFAULT_AS_OF, fault_rate: 40 }))
}

fn sync(bench: &Bench) -> Vec<Value> {
    bench.run(None, ["sync", "--as-of", &as_of()]).ok().lines()
}

fn tie_out(bench: &Bench) -> Vec<Value> {
    bench.run(None, ["tie-out", "--as-of", &as_of()]).ok().lines()
}

#[test]
fn an_erp_of_ids_is_read_before_any_mapping_and_is_proposed_one_from_what_was_read() {
    let served = served();
    let bench = Bench::new();
    bench.people(&[("ana", "analyst"), ("carl", "controller")]);
    connect(&bench, &served, &[]);
    let failed: Vec<Value> = sync(&bench).into_iter().filter(|one| one["code"].is_string()).collect();
    assert!(failed.is_empty(), "everything is read without a mapping: {failed:#?}");
    let mut kinds: Vec<String> = bench.exceptions(&as_of()).iter().map(|e| text(e, "kind")).collect();
    kinds.sort();
    kinds.dedup();
    let unjudged = |kind: &String| kind == "missing_mapping" || kind.contains("customer");
    assert!(kinds.iter().all(unjudged), "nothing is held against a ledger that nobody mapped: {kinds:?}");

    let proposed = bench.run(None, ["mapping", "propose"]).ok().one();
    assert_eq!(proposed["problem"], "", "{}", text(&proposed, "text"));
    let entities = proposed["table"]["entity"].as_array().unwrap();
    let kept: BTreeMap<String, String> =
        entities.iter().map(|row| (text(row, "erp_id"), text(row, "functional_currency"))).collect();
    let want = [("1", "USD"), ("2", "GBP"), ("3", "EUR"), ("4", "JPY")];
    assert_eq!(kept, want.map(|(id, currency)| (id.to_owned(), currency.to_owned())).into());
    for row in entities {
        assert_eq!(row["accounts"]["receivable"][0], "1100", "by the type of the chart's account: {row}");
        assert_eq!(row["accounts"]["tax_payable"][0], "2200", "{row}");
    }
    let rules = proposed["table"]["entity_rule"].as_array().unwrap();
    let rule = |connection: &str| {
        rules.iter().find(|rule| rule["connection"] == connection).map(|rule| text(rule, "entity"))
    };
    assert_eq!(
        rule("stripe-us01").as_deref(),
        Some("E1"),
        "by what its documents were booked in: {rules:#?}"
    );
    assert_eq!(rule("stripe-jp01").as_deref(), Some("E4"));

    let file = bench.file("proposed.toml", &text(&proposed, "text"));
    let change = bench.run(Some("ana"), ["import", "mapping", file.to_str().unwrap()]).ok().one();
    bench.run(Some("carl"), ["approve", &text(&change, "id")]).ok();
    assert!(sync(&bench).iter().all(|one| !one["code"].is_string()));
    let rows = tie_out(&bench);
    let named = |row: &Value| ["E1", "E2", "E3", "E4"].contains(&text(row, "entity").as_str());
    assert!(!rows.is_empty() && rows.iter().all(named), "what was read is named by it: {rows:#?}");
    let agreed = |row: &&Value| row["billing"] == row["ledger"] && row["billing"] != "0.00";
    assert!(rows.iter().any(|row| agreed(&row)), "and ties out where nothing is wrong");
    assert_eq!(bench.run(None, ["verify"]).ok().one()["sound"], true);
}

#[test]
fn the_pilots_report_says_what_agrees_what_does_not_why_and_by_how_much() {
    let served = served();
    let bench = crate::company::desk(&served, &[], crate::company::ONE_APPROVER);
    let cells = tie_out(&bench);
    let own: Vec<&Value> = cells.iter().filter(|cell| cell["entity"] == "GB01").collect();
    let periods: BTreeSet<String> = own.iter().map(|cell| text(cell, "period")).collect();
    let mut differ = 0;
    for period in periods.iter().rev().take(3) {
        let report = bench.run(None, ["pilot", "GB01", period, "--as-of", &as_of()]).ok().one();
        let accounts = report["accounts"].as_array().unwrap();
        let here: Vec<&&Value> = own.iter().filter(|cell| cell["period"] == **period).collect();
        assert_eq!(accounts.len(), here.len(), "every cell of the tie-out, and no other");
        for account in accounts {
            let same = |cell: &&&&Value| {
                cell["account"] == account["account"] && cell["currency"] == account["currency"]
            };
            let cell = here.iter().find(same).unwrap_or_else(|| panic!("{account} is no cell"));
            for side in ["billing", "ledger", "variance"] {
                assert_eq!(account[side], cell[side], "the very figures of the tie-out");
            }
            // By hand: what agrees and what does not is all that billing has; the reasons make the variance.
            let reasons = account["reasons"].as_array().unwrap();
            let sum = |side: &str| reasons.iter().map(|reason| minor(&reason[side])).sum::<i64>();
            assert_eq!(minor(&account["agrees"]) + sum("billing"), minor(&account["billing"]), "{account}");
            assert_eq!(sum("variance"), minor(&account["variance"]), "{account}");
            let counted: u64 = reasons.iter().map(|reason| reason["count"].as_u64().unwrap()).sum();
            assert_eq!(Some(counted), account["differ"].as_u64());
            differ += counted;
        }
    }
    assert!(differ > 0, "the company has faults");
    bench.run(None, ["pilot", "GB01", "1999-01"]).refused("period_unknown");
    Bench::new().run(None, ["pilot"]).refused("ledger_not_read");

    let to = bench.folder.path().join("pilot.xlsx");
    let written = bench.run(None, ["pilot", "GB01", "--to", to.to_str().unwrap()]).ok().one();
    assert!(written["rows"].as_u64().unwrap() > 3);
    let reviewed = bench.run(None, ["review", to.to_str().unwrap()]).ok();
    assert!(reviewed.stdout.contains("Agrees"), "it is signed as every export: {reviewed:?}");
    bench.run(None, ["pilot", "GB01", "--to", to.to_str().unwrap()]).refused("export_exists");
}

/// An amount as paper has it.
fn grouped(amount: &Value) -> String {
    let text = amount.as_str().unwrap();
    let (sign, digits) = text.split_at(usize::from(text.starts_with('-')));
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let threes: Vec<String> =
        whole.as_bytes().rchunks(3).rev().map(|d| String::from_utf8_lossy(d).into()).collect();
    format!("{sign}{}{rest}", threes.join(","))
}

#[test]
fn on_paper_the_pilots_report_has_the_same_figures_and_the_log_has_the_papers_hash() {
    let served = served();
    let bench = crate::company::desk(&served, &[], crate::company::ONE_APPROVER);
    let to = bench.folder.path().join("pilot.pdf");
    let place = to.to_str().unwrap();
    let report = bench.run(None, ["pilot", "GB01", "--as-of", &as_of()]).ok().one();
    bench.run(None, ["pilot", "GB01", "--as-of", &as_of(), "--to", place]).ok();
    let paper = printed(&to).unwrap();
    assert!(paper.contains("(GB01)") && paper.contains("Page 1 of"), "{paper}");
    let accounts = report["accounts"].as_array().unwrap();
    assert!(accounts.iter().any(|one| one["differ"] != 0), "the company has faults");
    for account in accounts {
        let heading = text(account, "account");
        assert!(paper.lines().any(|line| line.starts_with(&heading)), "{heading}: {paper}");
        let together = ["billing", "ledger", "variance"].map(|side| grouped(&account[side]));
        let line = |line: &&str| {
            let words: Vec<&str> = line.split_whitespace().collect();
            words.first() == Some(&"Together") && words[1..] == together
        };
        assert!(paper.lines().any(|one| line(&one)), "{together:?}: {paper}");
        for reason in account["reasons"].as_array().unwrap() {
            assert!(paper.contains(&grouped(&reason["variance"])), "{reason}: {paper}");
            for item in reason["items"].as_array().unwrap() {
                assert!(paper.contains(&text(item, "reference")), "{item}: {paper}");
            }
        }
    }
    // Who gets it can ask the workspace whether it is the one.
    let hash = tieout_domain::hash::sha256_hex(&std::fs::read(&to).unwrap());
    let log = bench.folder.path().join("log.csv");
    bench.run(None, ["export", "log", "--to", log.to_str().unwrap()]).ok();
    assert!(std::fs::read_to_string(&log).unwrap().contains(&hash), "{hash}");
    bench.run(None, ["pilot", "GB01", "--to", place]).refused("export_exists");
    let elsewhere = bench.folder.path().join("no such folder/pilot.pdf");
    bench.run(None, ["pilot", "GB01", "--to", elsewhere.to_str().unwrap()]).refused("file_unusable");
}

fn minor(value: &Value) -> i64 {
    let text = value.as_str().unwrap();
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let minor: i64 = digits.parse().unwrap();
    if text.starts_with('-') { -minor } else { minor }
}
