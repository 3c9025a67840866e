//! Rules for late items in the real window: tried before they are approved, and said wherever an item stands.

use serde_json::{Value, json};
use tieout_tests::window::Window;

use crate::{
    importing::hand_over,
    journeys::{SIZE, rows},
};

const RULES: &str = r#"
[[late]]
rule = "L1"
says = "up to 40,000 each, next open period"
currency = "USD"
up_to = "40000.00"
per_customer = "60000.00"
per_period = "200000.00"
action = "next_open"
[[late]]
rule = "L2"
says = "the rest is looked at by two"
action = "hold"
approvals = "two"
"#;

/// The demo's own policy, and these rules.
fn policy() -> String {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    std::fs::read_to_string(root.join("fixtures/company/policy.toml")).unwrap() + RULES
}

async fn picture(window: &Window, name: &str) {
    if let Some(folder) = std::env::var_os("TIEOUT_PICTURES") {
        window.picture(&std::path::Path::new(&folder).join(name)).await.unwrap();
    }
}

/// The row of one of these that is in sight.
async fn late_row(window: &Window, late: &[Value]) -> String {
    for one in late {
        let row = format!("row-{}", one["external_ref"].as_str().unwrap());
        if window.has(&row).await.unwrap() {
            return row;
        }
    }
    panic!("no late item is in sight: {}", window.shown().await)
}

/// What the queue of the close says of late items.
async fn late(window: &Window) -> Vec<Value> {
    let mut all = rows(window, &json!({ "queue": "period_close" }), 1000).await;
    all.retain(|one| one["late"].is_string());
    all
}

#[tokio::test]
async fn a_policy_is_simulated_before_it_is_approved_and_then_every_screen_says_its_rule() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    assert_eq!(late(&window).await, Vec::<Value>::new(), "no rules, nothing of them is said");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("late.toml");
    std::fs::write(&file, policy()).unwrap();
    hand_over(&window, &file).await;
    let change = window.must("import_policy", &json!({ "file": file })).await.unwrap();
    let id = change["id"].as_str().unwrap();

    window.act_as("carl").await.unwrap();
    window.go("nav-governance", "changes").await.unwrap();
    window.click(&format!("read-{id}")).await.unwrap();
    window.says("late-rules", "up to 40,000 each, next open period").await.unwrap();
    let kept = window.must("policy_simulation", &json!({ "id": id })).await.unwrap();
    let elsewhere = kept["elsewhere"].as_u64().unwrap();
    assert!(elsewhere > 0, "the demo has late items that would go elsewhere: {kept}");
    window.says("late-simulation", &format!("{elsewhere} would have gone elsewhere")).await.unwrap();
    picture(&window, "late-simulation.png").await;
    window.click("change-text-close").await.unwrap();
    window.click(&format!("approve-{id}")).await.unwrap();
    window.says("late-in-force", "$200,000.00 in a period").await.unwrap();
    picture(&window, "late-policy.png").await;

    window.must("sync", &json!({ "connection": null, "as_of": null, "full": false })).await.unwrap();
    let all = late(&window).await;
    let items = kept["items"].as_array().unwrap();
    let waiting: Vec<&Value> = items.iter().filter(|item| item["waits"] == true).collect();
    assert!(!waiting.is_empty(), "{kept}");
    for item in waiting {
        let one = all.iter().find(|one| one["external_ref"] == item["reference"]).expect("it is late");
        assert_eq!(one["late"].as_str().unwrap().contains(" → "), item["goes"].is_string(), "{one} {item}");
    }
    let routed = all.iter().find(|one| one["state"] == "in_progress").expect("a rule routes one");
    let says = routed["late"].as_str().unwrap();
    window.go("queue-period_close", "grid").await.unwrap();
    window.first_row().await.unwrap();
    // Which row comes first hangs on the day: one of those that are late.
    window.click(&late_row(&window, &all).await).await.unwrap();
    window.part("periods-say").await.unwrap();
    picture(&window, "late-queue.png").await;
    let show = json!({ "id": routed["id"] });
    let detail = window.must("exception_detail", &show).await.unwrap();
    assert_eq!(detail["periods"]["says"], *says);
    let ids: Vec<&Value> =
        all.iter().filter(|one| one["state"] == "in_progress").map(|one| &one["id"]).collect();
    let batch = window.must("may", &json!({ "action": "approve", "ids": ids })).await.unwrap();
    let of_batch: u64 =
        batch["late"].as_array().unwrap().iter().map(|way| way["count"].as_u64().unwrap()).sum();
    assert_eq!(of_batch, batch["count"].as_u64().unwrap(), "{batch}");
    window.close().await.unwrap();
}
