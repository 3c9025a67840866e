//! What an IT department fixes and looks after, in the real window: settings that nobody goes beyond, the
//! start with the session, the logs.

use std::fs;

use serde_json::{Value, json};
use tieout_tests::window::{Start, Window};

use crate::keeping::vault;

async fn settings(window: &Window) -> Value {
    window.must("app_state", &json!({})).await.unwrap()["settings"].clone()
}

#[cfg(debug_assertions)]
#[tokio::test]
async fn the_window_obeys_what_the_machine_fixes() {
    let says = "version = 1\n[secrets]\nallowed = [\"vault\"]\n[lock]\nafter_minutes_at_most = 10\n\
                [exports]\nformats = [\"xlsx\"]\n";
    let window = Window::open(&Start { policy: Some(says), ..Start::default() }).await.unwrap();
    vault(&window).await;
    window.says("workspace-name", "Books").await.unwrap();
    let mut wanted = settings(&window).await;
    assert_eq!(wanted["lock_after_minutes"], 10, "15 is what it would be");
    wanted["lock_after_minutes"] = json!(30);
    let file = window.home().join("machine/policy.toml").display().to_string();
    let export = |name: &str| json!({ "what": "exceptions", "path": window.home().join(name) });
    let copy = json!({ "selection": { "ids": [] }, "columns": ["reference"] });
    for (command, request) in [("settings_set", &wanted), ("export", &export("open.csv")), ("copy", &copy)] {
        let refused = window.call(command, request).await.unwrap().unwrap_err();
        assert_eq!(refused["code"], "fixed_by_administrator", "{command}: {refused}");
        assert!(refused["message"].as_str().unwrap().contains(&file), "{refused}");
    }
    window.must("export", &export("open.xlsx")).await.unwrap();
    // On the page too: what cannot be had is said where it was asked for.
    window.go("nav-settings", "set-lock").await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn it_starts_with_the_session_only_where_its_user_says_so() {
    let window = Window::open(&Start::default()).await.unwrap();
    vault(&window).await;
    window.says("workspace-name", "Books").await.unwrap();
    let file = window.home().join(".config/autostart/com.tieout.desk.desktop");
    assert!(!file.exists() && settings(&window).await["start_with_session"] == false);
    window.go("nav-settings", "set-start-with-session").await.unwrap();
    window.click("set-start-with-session").await.unwrap();
    window
        .until(
            "it to be kept",
            "return document.querySelector(arguments[0]).checked",
            &[json!("[data-testid=\"set-start-with-session\"]")],
        )
        .await
        .unwrap();
    let program = fs::read_link(format!("/proc/{}/exe", window.process().unwrap())).unwrap();
    let text = loop {
        match fs::read_to_string(&file) {
            Ok(text) => break text,
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    };
    assert!(text.contains(&format!("TryExec={}\n", program.display())), "{text}");
    let mut off = settings(&window).await;
    off["start_with_session"] = json!(false);
    window.must("settings_set", &off).await.unwrap();
    assert!(!file.exists());
    window.close().await.unwrap();
}

#[tokio::test]
async fn no_secret_is_in_the_logs_of_the_window_at_their_most_talkative() {
    let window = Window::open(&Start { log: Some("trace"), ..Start::default() }).await.unwrap();
    let path = vault(&window).await;
    window.must("lock", &json!({})).await.unwrap();
    for typed in ["a canary that opens nothing", "five plain words of test"] {
        let unlock = json!({ "passphrase": typed });
        let _ = window.call("unlock", &unlock).await.unwrap();
    }
    let people = window.must("people", &json!({})).await.unwrap();
    let seat = json!({ "person": people[0]["name"], "new_passphrase": "my own canary, quite long" });
    window.must("seat", &seat).await.unwrap();
    let key = "sk_test_canary_of_the_window_0123456789";
    let add = json!({ "name": "s", "vendor": "stripe", "url": "http://127.0.0.1:9", "mode": "test",
                      "credentials": { "api_key": key } });
    window.must("connection_add", &add).await.unwrap();
    let backup =
        json!({ "path": window.home().join("b.tieoutbackup"), "passphrase": "a recovery canary, long" });
    window.must("backup", &backup).await.unwrap();
    let folder = window.home().join(".local/share/com.tieout.desk/logs");
    let texts = || -> String {
        let files =
            fs::read_dir(&folder).unwrap().map(|one| fs::read_to_string(one.unwrap().path()).unwrap());
        files.collect()
    };
    assert!(texts().contains("started"));
    for secret in ["five plain words", "a canary that opens", key, "a recovery canary", "my own canary"] {
        assert!(!texts().contains(secret), "{secret} is in the log");
    }
    assert!(path.is_string());
    window.close().await.unwrap();
}
