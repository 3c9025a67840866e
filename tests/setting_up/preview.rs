//! What a mapping would change in the tie-out is told before anybody approves it, and nothing of it is kept.

use serde_json::Value;

use crate::binary::{Bench, text};

const LEDGER: &str = "Journal,Date,Account,Account name,Debit,Credit,Ref\n\
    J1,2026-01-31,1100,Trade debtors,10.00,,INV-1\nJ1,2026-01-31,4100,Subscriptions,,10.00,INV-1\n\
    J2,2026-01-31,1100,Trade debtors,20.00,,INV-2\nJ2,2026-01-31,4200,Usage,,20.00,INV-2\n";
const BILLED: &str = "Number,Date,Product,Net\nINV-1,2026-01-31,plan,10.00\nINV-2,2026-01-31,meter,20.00\n";
const MAPPING: &str = "version = 2\n[[entity]]\ncode = \"XX01\"\nfunctional_currency = \"EUR\"\n\
    time_zone = \"Europe/Paris\"\n[entity.accounts]\nreceivable = \"1100\"\n\
    [[entity_rule]]\nentity = \"XX01\"\n\
    [[revenue]]\nproduct = \"plan\"\naccount = \"4100\"\n\
    [[revenue]]\nproduct = \"meter\"\naccount = \"4200\"\n";

fn bench() -> Bench {
    let bench = Bench::new();
    bench.people(&[("ana", "analyst"), ("carl", "controller")]);
    let gl = crate::charts::MAP.to_owned();
    let bills = crate::ledgers::BILLS.replace("tax = \"Tax\"\n", "");
    for (kind, rows, map) in [("gl", LEDGER, gl), ("billing", BILLED, bills)] {
        let (file, map) = (bench.file(kind, rows), bench.file(&format!("{kind}.toml"), &map));
        bench.run(None, ["import", kind, file.to_str().unwrap(), "--map", map.to_str().unwrap()]).ok();
    }
    bench
}

fn bring_in(bench: &Bench, mapping: &str) -> Value {
    let file = bench.file("mapping.toml", mapping);
    bench.run(Some("ana"), ["import", "mapping", file.to_str().unwrap()]).ok().one()
}

fn approve(bench: &Bench, change: &Value) {
    bench.run(Some("carl"), ["approve", &text(change, "id")]).ok();
}

fn stands(bench: &Bench) -> (Vec<Value>, Vec<Value>) {
    let of = |what: &str| bench.run(None, [what, "--as-of", "2026-06-30"]).ok().lines();
    (of("tie-out"), of("exceptions"))
}

fn kinds(preview: &Value) -> Vec<(String, u64, u64)> {
    let all = preview["exceptions"].as_array().unwrap().iter();
    all.map(|k| (text(k, "kind"), k["appear"].as_u64().unwrap(), k["close"].as_u64().unwrap())).collect()
}

#[test]
fn a_mapping_says_what_it_would_change_and_changes_just_that() {
    let bench = bench();
    let first = bring_in(&bench, MAPPING);
    // Before any mapping each document lacks one.
    let preview = bench.run(None, ["mapping", "preview", &text(&first, "id")]).ok().one();
    assert!(
        kinds(&preview)
            .iter()
            .any(|(kind, appear, close)| kind == "missing_mapping" && *appear == 0 && *close > 0),
        "{preview:#}"
    );
    approve(&bench, &first);
    let before = stands(&bench);
    assert!(before.1.is_empty(), "all ties out: {:#?}", before.1);
    // Revenue of one product on the other's account: each cell before and after, and what would be wrong.
    let moved = MAPPING.replacen("\"4200\"", "\"4100\"", 1);
    let file = bench.file("moved.toml", &moved);
    let preview = bench.run(None, ["mapping", "preview", file.to_str().unwrap()]).ok().one();
    assert_eq!(
        preview["changes"],
        serde_json::json!(["Revenue of product meter goes to 4100 Subscriptions instead of 4200 Usage"])
    );
    let cell = |account: &str| {
        let cells = preview["cells"].as_array().unwrap();
        let cell =
            cells.iter().find(|cell| cell["account"] == account).unwrap_or_else(|| panic!("{account}"));
        [text(cell, "billing_before"), text(cell, "billing_after"), text(cell, "variance_after")]
    };
    assert_eq!(cell("4100"), ["-10.00", "-30.00", "20.00"]);
    assert_eq!(cell("4200"), ["-20.00", "0.00", "-20.00"]);
    assert_eq!(preview["cells_changed"], 2, "the receivable stays");
    assert_eq!(kinds(&preview), [("wrong_account".to_owned(), 1, 0)]);
    assert_eq!(stands(&bench), before, "nothing of it was kept");
    assert_eq!(bench.run(None, ["verify"]).ok().one()["sound"], true);
    // What was told is what comes.
    approve(&bench, &bring_in(&bench, &moved));
    let after = stands(&bench);
    assert_eq!(after.1.len(), 1, "{:#?}", after.1);
    assert_eq!(text(&after.1[0], "kind"), "wrong_account");
    let found = after.0.iter().find(|cell| cell["account"] == "4200").unwrap();
    assert_eq!(text(found, "variance"), "-20.00");
    // And back again.
    let back = bring_in(&bench, MAPPING);
    let preview = bench.run(None, ["mapping", "preview", &text(&back, "id")]).ok().one();
    assert_eq!(kinds(&preview), [("wrong_account".to_owned(), 0, 1)]);
}

#[test]
fn a_preview_wants_one_mapping_that_is_one_and_still_waits() {
    let bench = bench();
    let change = bring_in(&bench, MAPPING);
    approve(&bench, &change);
    bench.run(None, ["mapping", "preview", &text(&change, "id")]).refused("change_already_decided");
    bench.run(None, ["mapping", "preview", "chg_none"]).refused("not_found");
    let file = bench.file("broken.toml", "version = 2\n[[revenue]]\nproduct = \"x\"\naccount = \"1\"\n");
    bench.run(None, ["mapping", "preview", file.to_str().unwrap()]).refused("mapping_unknown_entity");
}
