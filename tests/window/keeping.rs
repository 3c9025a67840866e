//! A workspace with a vault, files from outside, what an item came from, and work that needs no posting.

use serde_json::{Value, json};
use tieout_tests::window::{Start, Window, program};

use crate::journeys::{SIZE, act_by_menu, one_that_allows, show, state};

const PASSPHRASE: &str = "five plain words of test";

/// A workspace whose secrets lie in a vault, open.
pub async fn vault(window: &Window) -> Value {
    let path = window.home().join("books.tieoutdb");
    let create = json!({ "path": path, "name": "Books", "backend": "vault", "passphrase": PASSPHRASE });
    window.must("workspace_create", &create).await.unwrap();
    json!(path)
}

#[tokio::test]
async fn a_locked_desk_shows_nothing_until_the_vault_is_opened_again() {
    let window = Window::open(&Start::default()).await.unwrap();
    vault(&window).await;
    window.says("workspace-name", "Books").await.unwrap();
    window.must("lock", &json!({})).await.unwrap();
    window.part("locked").await.unwrap();
    assert!(!window.has("workspace-name").await.unwrap(), "nothing of the workspace is left in the page");
    let refused = window.call("people", &json!({})).await.unwrap().unwrap_err();
    assert_eq!(refused["code"], json!("locked"), "{refused}");
    window.fill_in("unlock-passphrase", "another").await.unwrap();
    window.click("unlock").await.unwrap();
    window.says("locked", "It stays locked").await.unwrap();
    assert_eq!(window.script(TYPED, &[]).await.unwrap(), json!(""), "what was typed is gone from the page");
    window.fill_in("unlock-passphrase", PASSPHRASE).await.unwrap();
    window.click("unlock").await.unwrap();
    window.says("workspace-name", "Books").await.unwrap();
    window.close().await.unwrap();
}

const TYPED: &str = "return document.querySelector('[data-testid=\"unlock-passphrase\"]').value";

#[tokio::test]
async fn a_workspace_that_is_opened_from_outside_asks_for_its_passphrase() {
    let window = Window::open(&Start::default()).await.unwrap();
    let path = vault(&window).await;
    // The page hears of it first: else the first run that it still shows would be taken for the one to come.
    window.says("workspace-name", "Books").await.unwrap();
    window.must("workspace_close", &json!({})).await.unwrap();
    window.part("firstrun").await.unwrap();
    // The file manager starts the program with the file; the one that runs takes it over.
    let mut second = window.command(program().unwrap());
    let status = second.arg(path.as_str().unwrap()).status().unwrap();
    assert!(status.success(), "{status}");
    window.fill_in("open-file-passphrase", "another").await.unwrap();
    window.click("open-file-confirm").await.unwrap();
    window.says("open-outside", "does not open the vault").await.unwrap();
    window.fill_in("open-file-passphrase", PASSPHRASE).await.unwrap();
    window.click("open-file-confirm").await.unwrap();
    window.gone("open-outside").await.unwrap();
    window.says("workspace-name", "Books").await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn an_item_is_held_let_go_and_dismissed_and_its_payload_read() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("ana").await.unwrap();
    window.go("queue-unposted", "grid").await.unwrap();
    let row = one_that_allows(&window, &json!({ "queue": "unposted" }), "hold").await;
    show(&window, &row).await;
    window.click("payload-open").await.unwrap();
    let reference = row["external_ref"].as_str().unwrap();
    window.says("payload", "\"id\"").await.unwrap();
    window.says("payload", reference).await.unwrap();
    window.press(tieout_tests::window::Key::Escape).await.unwrap();
    window.gone("payload").await.unwrap();
    act_by_menu(&window, "hold", Some("the customer disputes it")).await;
    assert_eq!(state(&window, &row).await, json!("on_hold"));
    window.says("history", "the customer disputes it").await.unwrap();
    act_by_menu(&window, "release", None).await;
    assert_ne!(state(&window, &row).await, json!("on_hold"));
    act_by_menu(&window, "dismiss", Some("agreed with the auditor")).await;
    assert_eq!(state(&window, &row).await, json!("dismissed"));
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_policy_is_read_where_it_is_approved() {
    let window = Window::demo(SIZE).await.unwrap();
    window.act_as("carl").await.unwrap();
    window.go("nav-governance", "changes").await.unwrap();
    let changes = window.must("changes", &json!({})).await.unwrap();
    let policy = changes.as_array().unwrap().iter().find(|one| one["kind"] == "policy").unwrap();
    window.click(&format!("read-{}", policy["id"].as_str().unwrap())).await.unwrap();
    window.says("change-lines", "approvals").await.unwrap();
    assert!(window.serious_faults().await.unwrap().is_empty());
    window.press(tieout_tests::window::Key::Escape).await.unwrap();
    window.gone("change-text").await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn what_is_late_of_usage_is_listed_behind_its_figure() {
    let window = Window::demo(SIZE).await.unwrap();
    window.go("nav-overview", "flows").await.unwrap();
    let overview = window.must("overview", &json!({})).await.unwrap();
    let usage =
        overview["flows"].as_array().unwrap().iter().find(|one| one["flow"] == "usage_billing").unwrap();
    let late = usage["late"].as_u64().unwrap();
    assert!(late > 0, "{usage}");
    window.click("late-usage_billing").await.unwrap();
    window.part("flow-table").await.unwrap();
    // How many there are hangs on the day: thousands are grouped.
    let shown = match (late / 1_000, late % 1_000) {
        (0, few) => few.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    };
    window.says("flow-items", &format!("{shown} late")).await.unwrap();
    assert!(window.serious_faults().await.unwrap().is_empty());
    window.click("flow-close").await.unwrap();
    window.gone("flow-items").await.unwrap();
    window.close().await.unwrap();
}
