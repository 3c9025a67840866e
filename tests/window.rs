//! The real window, driven through WebKit's WebDriver on a screen of its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use serde_json::json;
use tieout_tests::window::{Start, Window};

#[tokio::test]
async fn the_window_opens_and_its_page_answers() {
    let window = Window::open(&Start::default()).await.unwrap();
    let title = window.script("return document.title", &[]).await.unwrap();
    assert_eq!(title, json!("Tieout"));
    let refused = window.call("no_such_command", &json!({})).await.unwrap().unwrap_err();
    assert_eq!(refused["code"], json!("unknown_command"), "{refused}");
    window.close().await.unwrap();
}
