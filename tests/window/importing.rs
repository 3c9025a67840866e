//! The studio in the real window: two exports handed to it become a first tie-out by the keyboard alone, and
//! a file is shown, read otherwise, imported and taken back.

use std::path::{Path, PathBuf};

use serde_json::json;
use tieout_tests::window::{Key, Start, Window, program};

use crate::keeping::vault;

/// Hands a file to the window as the file manager does: a second start, which the first takes over.
pub async fn hand_over(window: &Window, file: &Path) {
    let mut second = window.command(program().unwrap());
    let status = second.arg(file).status().unwrap();
    assert!(status.success(), "{status}");
    let taken = json!({ "file": file, "limit": 1 });
    for _ in 0..1200 {
        match window.call("import_preview", &taken).await.unwrap() {
            Err(refused) if refused["code"] == "file_not_chosen" => {}
            _ => return,
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{} never came", file.display());
}

fn fixture(profile: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let folder = root.join("fixtures/profiles").join(profile);
    std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
}

async fn write(window: &Window, text: &str) {
    for sign in text.chars() {
        window.press(Key::Sign(sign)).await.unwrap();
    }
    window.press(Key::Enter).await.unwrap();
    window.settled().await.unwrap();
}

/// Settles the problem at hand by what is typed into its field.
async fn settle(window: &Window, part: &str, text: &str) {
    window.press(Key::Enter).await.unwrap();
    let focused = "return document.activeElement?.closest(`[data-testid=\"${arguments[0]}\"]`) !== null";
    window.until(&format!("the focus in {part}"), focused, &[json!(part)]).await.unwrap();
    write(window, text).await;
}

const CTRL_ENTER: Key = Key::Control('\u{e007}');

#[tokio::test]
async fn two_exports_become_a_first_tie_out_by_the_keyboard_alone() {
    let window = Window::open(&Start::default()).await.unwrap();
    vault(&window).await;
    window.says("workspace-name", "Books").await.unwrap();
    let began = std::time::Instant::now();
    hand_over(&window, &fixture("quickbooks-online-general-ledger")).await;
    window.says("studio-profile", "QuickBooks Online").await.unwrap();
    window.says("studio-why", "have to be said").await.unwrap();
    settle(&window, "studio-entity", "US01").await;
    // The computer's own zone is offered: it is taken as it stands.
    settle(&window, "studio-time-zone", "").await;
    settle(&window, "studio-currency", "USD").await;
    // What was made of the signs is to be looked at.
    window.says("studio-problems", "natural sign").await.unwrap();
    window.press(Key::Enter).await.unwrap();
    window.says("studio-problems", "none").await.unwrap();
    window.says("studio-effect", "2 journals are new").await.unwrap();
    let faults = window.serious_faults().await.unwrap();
    assert!(faults.is_empty(), "{faults:?}");
    window.press(CTRL_ENTER).await.unwrap();
    window.says("import-done", "imported").await.unwrap();
    hand_over(&window, &fixture("stripe-invoices")).await;
    window.says("studio-profile", "Stripe").await.unwrap();
    settle(&window, "studio-expect", "4010").await;
    window.says("studio-problems", "none").await.unwrap();
    window.press(CTRL_ENTER).await.unwrap();
    window.says("import-done", "imported").await.unwrap();
    window.press(Key::Control('3')).await.unwrap();
    window.says("tieout", "1200").await.unwrap();
    let took = began.elapsed();
    assert!(took.as_secs() < 120, "{took:?}");
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_file_is_read_otherwise_than_it_was_recognised_imported_and_taken_back() {
    let window = Window::open(&Start::default()).await.unwrap();
    vault(&window).await;
    window.says("workspace-name", "Books").await.unwrap();
    let text = std::fs::read_to_string(fixture("quickbooks-online-general-ledger")).unwrap();
    let file = window.home().join("general-ledger.csv");
    std::fs::write(&file, text.replace("03/02/2026,Invoice,501", "31/31/2026,Invoice,501")).unwrap();
    let refused =
        window.call("import_preview", &json!({ "file": file, "limit": 1 })).await.unwrap().unwrap_err();
    assert_eq!(refused["code"], "file_not_chosen", "nobody handed it over: {refused}");
    hand_over(&window, &file).await;
    window.says("studio-rows", "carried down to row").await.unwrap();
    for (part, said) in [("studio-entity", "US01"), ("studio-time-zone", ""), ("studio-currency", "USD")] {
        settle(&window, part, said).await;
    }
    window.says("studio-problems", "Leave 501 aside, whole").await.unwrap();
    window.says("studio-rows", "set aside").await.unwrap();
    // Another reading is one key away, and back.
    window.press(Key::Sign('n')).await.unwrap();
    window.settled().await.unwrap();
    let profile = window.text("studio-profile").await.unwrap();
    assert!(!profile.starts_with("QuickBooks Online: general ledger"), "{profile}");
    window.press(Key::Escape).await.unwrap();
    window.part("import-drop").await.unwrap();
    assert_eq!(window.must("imports", &json!({})).await.unwrap(), json!([]), "left without a trace");
    hand_over(&window, &file).await;
    // Handed over it was before: that it is shown again is what says that it came.
    window.says("studio-rows", "carried down to row").await.unwrap();
    for (part, said) in [("studio-entity", "US01"), ("studio-time-zone", ""), ("studio-currency", "USD")] {
        settle(&window, part, said).await;
    }
    window.press(Key::Enter).await.unwrap();
    window.says("studio-problems", "none").await.unwrap();
    window.press(CTRL_ENTER).await.unwrap();
    window.says("import-done", "1 item").await.unwrap();
    window.press(Key::Sign('u')).await.unwrap();
    window.part("undo-import").await.unwrap();
    window.press(Key::Enter).await.unwrap();
    window.says("imports", "taken back").await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn the_studio_fits_its_window_in_both_themes_and_can_be_read_by_everybody() {
    for size in [(1280, 800), (1920, 1080)] {
        let window = Window::open(&Start { size, ..Start::default() }).await.unwrap();
        vault(&window).await;
        window.says("workspace-name", "Books").await.unwrap();
        let text = std::fs::read_to_string(fixture("quickbooks-online-general-ledger")).unwrap();
        let file = window.home().join("general-ledger-march.csv");
        std::fs::write(&file, text.replace("03/02/2026,Invoice,501", "31/31/2026,Invoice,501")).unwrap();
        for theme in ["light", "dark"] {
            window.theme(theme).await.unwrap();
            hand_over(&window, &file).await;
            window.says("studio-profile", "QuickBooks Online").await.unwrap();
            for (part, said) in
                [("studio-entity", "US01"), ("studio-time-zone", ""), ("studio-currency", "USD")]
            {
                settle(&window, part, said).await;
            }
            window.says("studio-effect", "new").await.unwrap();
            window.settled().await.unwrap();
            let fits = "return document.querySelector('[data-testid=\"studio-import\"]')
                .getBoundingClientRect().bottom <= window.innerHeight";
            assert_eq!(window.script(fits, &[]).await.unwrap(), json!(true), "{theme} {size:?}");
            if let Some(folder) = std::env::var_os("TIEOUT_SCREENSHOTS") {
                let name = format!("import-{theme}-{}x{}.png", size.0, size.1);
                window.picture(&PathBuf::from(folder).join(name)).await.unwrap();
            }
            let faults = window.serious_faults().await.unwrap();
            assert!(faults.is_empty(), "{theme} {size:?}: {faults:?}");
        }
        window.close().await.unwrap();
    }
}
