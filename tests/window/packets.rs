//! A review by packet, in the real window: listed, opened, decided on with one's own key, taken in.

use serde_json::{Value, json};
use tieout_tests::window::{Key, Window};

use crate::{
    importing::hand_over,
    journeys::{SIZE, one_that_allows},
};

async fn picture(window: &Window, name: &str) {
    if let Some(folder) = std::env::var_os("TIEOUT_PICTURES") {
        window.picture(&std::path::Path::new(&folder).join(name)).await.unwrap();
    }
}

/// The administrator who made the demo.
pub async fn administrator(window: &Window) -> String {
    let people = window.must("people", &json!({})).await.unwrap();
    let found = people.as_array().unwrap().iter().find(|one| one["role"] == "administrator");
    found.unwrap()["name"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_packet_is_opened_decided_on_and_taken_in() {
    let window = Window::demo(SIZE).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    window.act_as("ana").await.unwrap();
    let row = one_that_allows(&window, &json!({ "queue": "unposted" }), "propose").await;
    let request = json!({ "ids": [row["id"]], "reason": null });
    let proposed = window.must("propose", &request).await.unwrap();
    let posting = proposed[0]["posting"].as_str().unwrap().to_owned();
    let reference = row["external_ref"].as_str().unwrap();

    window.go("nav-reviews", "reviews").await.unwrap();
    window.says("reviews", "Nothing was sent for review yet").await.unwrap();
    window.click("packet-send").await.unwrap();
    window.says("packet-send-dialog", reference).await.unwrap();
    picture(&window, "packet-send.png").await;
    window.press(Key::Escape).await.unwrap();
    window.gone("packet-send-dialog").await.unwrap();

    window.act_as(&administrator(&window).await).await.unwrap();
    let roster = json!({ "path": file("demo.tieoutroster"), "force": false });
    window.must("roster_export", &roster).await.unwrap();
    window.act_as("ana").await.unwrap();
    let packet = file("review.tieout");
    let export = json!({
        "ids": [posting], "reviewer": "carl", "path": packet, "force": false, "days": null,
        "note": "before Friday, please",
    });
    let made = window.must("packet_export", &export).await.unwrap();
    // No file is read that nobody handed over.
    let show = json!({ "file": packet, "packet": null, "sheet_to": null, "force": false });
    let refused = window.call("packet_show", &show).await.unwrap().unwrap_err();
    assert_eq!(refused["code"], "file_not_chosen");

    window.act_as("carl").await.unwrap();
    window.go("nav-reviews", "packets-table").await.unwrap();
    let id = made["packet"].as_str().unwrap();
    window.says(&format!("packet-{id}"), "sent from here").await.unwrap();
    window.click(&format!("packet-show-{id}")).await.unwrap();
    window.says("packet-items", "before Friday, please").await.unwrap();
    window.click(&format!("packet-look-{reference}")).await.unwrap();
    window.says("packet-shown", "waiting for approval").await.unwrap();
    picture(&window, "packet-items.png").await;
    window.click("packet-approve").await.unwrap();
    window.says(&format!("packet-item-{reference}"), "approved").await.unwrap();
    let back = file("back.tieout");
    let decisions = json!({ "file": null, "packet": id, "path": back, "force": false });
    window.must("packet_decisions", &decisions).await.unwrap();

    window.act_as("ana").await.unwrap();
    hand_over(&window, &back).await;
    let taken = window.must("packet_import", &json!({ "file": back })).await.unwrap();
    assert_eq!(taken["outcomes"][0]["code"], "queued", "{taken}");
    let known = window.must("posting", &json!({ "id": posting })).await.unwrap();
    assert_eq!(known["approved_by"], json!(["carl"]));
    assert_eq!(window.must("verify", &json!({})).await.unwrap()["sound"], Value::from(true));
    window.close().await.unwrap();
}
