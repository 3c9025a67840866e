//! What no name ties, in the window: a suggestion is confirmed with one key, and undone.

use serde_json::{Value, json};
use tieout_tests::window::{Key, Window};

use super::{importing::hand_over, journeys::SIZE};

const BILLING_MAP: &str = r#"
schema = 1
kind = "billing"
default_entity = "ZZ01"
[columns]
number = "Number"
date = "Date"
amount = "Amount"
currency = "Currency"
customer = "Customer"
[formats]
dates = ["%Y-%m-%d"]
[documents]
line_amount = "amount"
rounding = "half_even"
[[entity]]
code = "ZZ01"
functional_currency = "GBP"
time_zone = "Europe/London"
[expect]
receivable = "1100"
revenue = "4000"
"#;

const GL_MAP: &str = r#"
schema = 1
kind = "gl"
[columns]
journal = "J"
reference = "Ref"
entity = "Entity"
posting_date = "Date"
account = "Account"
debit = "Dr"
credit = "Cr"
currency = "Cur"
memo = "Memo"
[formats]
dates = ["%Y-%m-%d"]
[[entity]]
code = "ZZ01"
functional_currency = "GBP"
time_zone = "Europe/London"
[expect]
receivable = "1100"
revenue = "4000"
"#;

const BILLING: &str = "Number,Date,Amount,Currency,Customer\n\
    ZZ-1,2026-01-15,1200.00,GBP,Acme Industries Ltd\nZZ-2,2026-01-20,600.00,GBP,Blue Ocean Shipping\n";
const LEDGER: &str = "J,Ref,Entity,Date,Account,Dr,Cr,Cur,Memo\n\
    901,,ZZ01,2026-01-16,1100,1200.00,,GBP,Licence ACME INDUST\n\
    901,,ZZ01,2026-01-16,4000,,1200.00,GBP,Licence ACME INDUST\n\
    902,,ZZ01,2026-01-21,1100,600.00,,GBP,Blue Ocean freight\n\
    902,,ZZ01,2026-01-21,4000,,600.00,GBP,Blue Ocean freight\n";

async fn listed(window: &Window) -> Value {
    let request = json!({ "entity": "ZZ01", "currency": null, "search": null, "start": 0, "limit": null });
    window.must("match_list", &request).await.unwrap()
}

#[tokio::test]
async fn a_suggestion_is_confirmed_with_one_key_and_undone_with_a_reason() {
    let window = Window::demo(SIZE).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [("b.csv", BILLING), ("b.toml", BILLING_MAP), ("g.csv", LEDGER), ("g.toml", GL_MAP)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    for name in ["b.csv", "b.toml", "g.csv", "g.toml"] {
        hand_over(&window, &folder.path().join(name)).await;
    }
    for (command, file, map) in [("import_billing", "b.csv", "b.toml"), ("import_gl", "g.csv", "g.toml")] {
        let request = json!({
            "file": folder.path().join(file), "map": folder.path().join(map), "connection": file,
            "as_of": null, "replaces": null,
        });
        window.must(command, &request).await.unwrap();
    }
    let all = listed(&window).await;
    assert_eq!(all["suggestions"].as_array().map(Vec::len), Some(2), "{all}");
    window.act_as("ana").await.unwrap();
    window.go("nav-matching", "matches").await.unwrap();
    window.fill_in("matching-search", "INDUST").await.unwrap();
    window.says("matches", "Acme Industries Ltd").await.unwrap();
    window.says("tie", "901").await.unwrap();
    window.click("match-row").await.unwrap();
    window.press(Key::Sign('m')).await.unwrap();
    window.says("show-decided", "1").await.unwrap();
    let decided = listed(&window).await["decided"].clone();
    assert_eq!(decided[0]["state"], "confirmed", "{decided}");
    assert_eq!(decided[0]["documents"][0]["reference"], "ZZ-1");
    window.click("show-decided").await.unwrap();
    window.click("match-row").await.unwrap();
    window.press(Key::Sign('u')).await.unwrap();
    window.fill_in("match-reason", "Another invoice").await.unwrap();
    window.click("match-dialog-confirm").await.unwrap();
    window.gone("match-dialog").await.unwrap();
    window.click("show-suggestions").await.unwrap();
    window.says("matches", "Acme Industries Ltd").await.unwrap();
    assert_eq!(listed(&window).await["decided"][0]["state"], "undone");
    window.close().await.unwrap();
}
