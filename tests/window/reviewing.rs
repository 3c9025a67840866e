//! The access review, in the real window: found by the palette, read by everybody, signed by a controller as
//! it is shown, until rights are others.

use serde_json::{Value, json};
use tieout_tests::window::{Key, Window};

use crate::{journeys::SIZE, packets::administrator};

async fn picture(window: &Window, name: &str) {
    if let Some(folder) = std::env::var_os("TIEOUT_PICTURES") {
        window.picture(&std::path::Path::new(&folder).join(name)).await.unwrap();
    }
}

/// Goes there as people do who know no screen: by the words.
async fn find(window: &Window, words: &str) {
    window.press(Key::Control('k')).await.unwrap();
    window.fill_in("palette-input", words).await.unwrap();
    window.press(Key::Enter).await.unwrap();
    window.gone("palette-input").await.unwrap();
}

async fn off(window: &Window, testid: &str) -> Value {
    let script = "return document.querySelector(arguments[0]).getAttribute('aria-disabled')";
    window.script(script, &[json!(format!("[data-testid=\"{testid}\"]"))]).await.unwrap()
}

#[tokio::test]
async fn a_controller_signs_the_very_text_that_is_shown_and_others_are_told_who_could() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    find(&window, "Access review").await;
    window.says("access-lead", "no conflicts: not signed yet").await.unwrap();
    window.says("access-row-carl", "Controller").await.unwrap();
    window.says("access-signed", "Nobody signed one yet").await.unwrap();
    // Ana is told why not, and who could.
    window.says("access-why", "Carl or Cora can").await.unwrap();
    assert_eq!(off(&window, "access-sign").await, json!("true"));
    assert!(window.serious_faults().await.unwrap().is_empty());

    window.act_as("carl").await.unwrap();
    window.gone("access-why").await.unwrap();
    picture(&window, "access-review.png").await;
    window.click("access-sign").await.unwrap();
    let review = window.must("access_review", &json!({})).await.unwrap();
    let shown = "return document.querySelector('[data-testid=\"access-text\"]').textContent";
    assert_eq!(window.script(shown, &[]).await.unwrap(), review["text"]);
    assert_eq!(window.text("access-hash").await.unwrap(), review["content_hash"].as_str().unwrap());
    assert!(review["text"].as_str().unwrap().contains("Person cora: controller, works here"), "{review:#}");
    assert!(window.serious_faults().await.unwrap().is_empty());
    picture(&window, "access-sign.png").await;
    window.press(Key::Enter).await.unwrap();
    window.gone("access-sign-dialog").await.unwrap();
    window.says("access-lead", "signed by Carl").await.unwrap();
    window.says("access-signature", "as it is now").await.unwrap();
    let signed = window.must("access_review", &json!({})).await.unwrap();
    assert_eq!(signed["signatures"][0]["content_hash"], review["content_hash"]);

    // Another role, and it holds no more; what was signed stays listed.
    let people = window.must("people", &json!({})).await.unwrap();
    let cora = people.as_array().unwrap().iter().find(|one| one["name"] == "cora").unwrap();
    window.act_as(&administrator(&window).await).await.unwrap();
    window.must("person_role", &json!({ "person": cora["id"], "role": "analyst" })).await.unwrap();
    window.says("access-lead", "changed since it was signed by Carl").await.unwrap();
    window.says("access-row-cora", "Analyst").await.unwrap();
    window.says("access-signature", "changed since").await.unwrap();
    assert_eq!(window.must("verify", &json!({})).await.unwrap()["sound"], json!(true));
    window.close().await.unwrap();
}
