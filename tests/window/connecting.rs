//! A connection from its guided form to its removal, against a simulated vendor over real HTTP.

use serde_json::json;
use tieout_sandbox::{
    company::{DEFAULT_AS_OF, Spec, generate},
    fault::Faults,
    stripe::Server,
};
use tieout_tests::window::{Start, Window};

use crate::keeping::vault;

/// Chooses the option of this label of a part that offers several.
async fn choose(window: &Window, part: &str, label: &str) {
    let script = "const all = document.querySelectorAll(`[data-testid=\"${arguments[0]}\"] label`);
        const one = [...all].find((label) => label.innerText.trim() === arguments[1]);
        one?.click();
        return one !== undefined";
    let found = window.script(script, &[json!(part), json!(label)]).await.unwrap();
    assert_eq!(found, json!(true), "{part} offers {label}");
}

const SECRET: &str = "four other plain words";

#[tokio::test]
async fn a_billing_system_is_connected_by_its_form_tried_and_taken_away_again() {
    let company = generate(&Spec { seed: 7, invoices: 20, as_of: DEFAULT_AS_OF, fault_rate: 0 });
    let server = Server::start(company, Faults::none()).await.unwrap();
    let key = server.control().read(|control| control.entities[0].api_key.to_owned());
    let window = Window::open(&Start::default()).await.unwrap();
    vault(&window).await;
    window.go("nav-connections", "connections").await.unwrap();
    window.click("connection-add").await.unwrap();
    window.click("vendor-stripe").await.unwrap();
    window.click("add-confirm").await.unwrap();
    let marked = "return document.querySelectorAll(
        '[data-testid=\"add-connection\"] [aria-invalid=\"true\"]').length > 1";
    window.until("the empty fields to be marked", marked, &[]).await.unwrap();
    assert!(!window.has("secret-new").await.unwrap(), "an empty form is not sent");
    window.fill_in("field-connection-name", "Stripe US").await.unwrap();
    choose(&window, "field-mode", "Test").await;
    window.fill_in("field-url", &server.url()).await.unwrap();
    window.fill_in("field-api_key", &key).await.unwrap();
    assert!(window.serious_faults().await.unwrap().is_empty());
    window.click("add-confirm").await.unwrap();
    // Who made the workspace has no secret of their own yet: it is asked for, and the work goes on.
    window.fill_in("secret-new", SECRET).await.unwrap();
    window.fill_in("secret-new-again", SECRET).await.unwrap();
    window.click("secret-give").await.unwrap();
    window.gone("add-connection").await.unwrap();
    window.part("connection-Stripe US").await.unwrap();
    if !window.has("connection-detail").await.unwrap() {
        window.click("connection-Stripe US").await.unwrap();
    }
    window.click("connection-test").await.unwrap();
    window.says("tested", "Reached").await.unwrap();
    // Other credentials, which the vendor does not know: its own words are shown.
    window.click("connection-rotate").await.unwrap();
    window.fill_in("field-api_key", "rk_test_of_nobody").await.unwrap();
    window.click("rotate-confirm").await.unwrap();
    window.gone("rotate").await.unwrap();
    window.click("connection-test").await.unwrap();
    window.says("connection-detail", "Invalid API Key provided").await.unwrap();
    window.click("connection-pause").await.unwrap();
    window.says("connection-detail", "it is neither read nor posted to").await.unwrap();
    let shown = window.text("connection-detail").await.unwrap();
    assert!(!shown.contains("rk_test_of_nobody") && !shown.contains(&key), "no secret is shown");
    window.click("connection-remove").await.unwrap();
    window.click("connection-remove-confirm").await.unwrap();
    window.gone("connection-detail").await.unwrap();
    let left = window.must("connections", &json!({})).await.unwrap();
    assert_eq!(left, json!([]));
    window.close().await.unwrap();
}
