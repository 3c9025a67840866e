//! A workspace whose secrets live in the system's keyring; and the same where no keyring answers.

use serde_json::json;
use tieout_tests::window::{Keyring, Start, Window};

#[tokio::test]
async fn a_workspace_is_made_in_the_keyring_of_the_system_and_opens_again() {
    let start = Start { keyring: Keyring::Unlocked, ..Start::default() };
    let window = Window::open(&start).await.unwrap();
    let state = window.call("app_state", &json!({})).await.unwrap().unwrap();
    assert_eq!(state["keyring"]["available"], json!(true), "{state}");
    let path = window.home().join("books.tieoutdb");
    let create = json!({ "path": path, "name": "Books", "backend": "keyring", "passphrase": null });
    let made = window.call("workspace_create", &create).await.unwrap().unwrap();
    assert_eq!(made["workspace"]["secrets"], json!("keyring"), "{made}");
    assert!(path.exists());
    window.call("workspace_close", &json!({})).await.unwrap().unwrap();
    let open = json!({ "path": path, "passphrase": null });
    let opened = window.call("workspace_open", &open).await.unwrap().unwrap();
    assert_eq!(opened["workspace"]["name"], json!("Books"), "{opened}");
    window.close().await.unwrap();
}

#[tokio::test]
async fn without_a_keyring_that_is_said_before_anything_is_tried() {
    let window = Window::open(&Start::default()).await.unwrap();
    let state = window.call("app_state", &json!({})).await.unwrap().unwrap();
    assert_eq!(state["keyring"]["available"], json!(false), "{state}");
    let path = window.home().join("books.tieoutdb");
    let create = json!({ "path": path, "name": "Books", "backend": "keyring", "passphrase": null });
    let refused = window.call("workspace_create", &create).await.unwrap().unwrap_err();
    assert!(refused["code"].as_str().unwrap().starts_with("keyring"), "{refused}");
    assert!(!path.exists(), "nothing is left half made");
    window.click("way-create").await.unwrap();
    assert!(!window.text("keyring-message").await.unwrap().is_empty(), "and the page says it");
    window.close().await.unwrap();
}
