//! Whether the window is painted is noted, and a start after one that never was draws without the graphics
//! card.

use std::{fs, path::Path, time::Duration};

use tieout_tests::window::{Start, Window};

const SAFE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER=1";
/// A process that cannot be: beyond what Linux numbers.
const NOBODY: u32 = 4_194_305;

fn note(home: &Path) -> std::path::PathBuf {
    home.join(".config/com.tieout.desk/graphics")
}

/// Waits until the note says this.
async fn says(home: &Path, wanted: &str) {
    for _ in 0..600 {
        if fs::read_to_string(note(home)).unwrap_or_default().trim() == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the note says {:?}, not {wanted:?}", fs::read_to_string(note(home)));
}

fn is_safe(window: &Window) -> bool {
    let environment = fs::read(format!("/proc/{}/environ", window.process().unwrap())).unwrap();
    environment.split(|byte| *byte == 0).any(|variable| variable == SAFE.as_bytes())
}

#[tokio::test]
async fn a_window_that_was_painted_leaves_the_graphics_card_in_use() {
    let window = Window::open(&Start::default()).await.unwrap();
    says(&window.home(), "fine").await;
    assert!(!is_safe(&window), "nothing was switched off");
    window.close().await.unwrap();
}

#[tokio::test]
async fn after_a_window_that_stayed_empty_the_next_start_is_safe() {
    let before = |home: &Path| {
        fs::create_dir_all(note(home).parent().unwrap()).unwrap();
        fs::write(note(home), format!("starting {NOBODY}\n")).unwrap();
    };
    let window = Window::open_after(&Start::default(), before).await.unwrap();
    says(&window.home(), "fails 0.1.0").await;
    assert!(is_safe(&window), "the program started itself anew with the safe setting");
    window.close().await.unwrap();
}

#[tokio::test]
async fn safe_graphics_can_be_asked_for() {
    let window = Window::open(&Start::with(&["--safe-graphics"])).await.unwrap();
    assert!(is_safe(&window));
    window.close().await.unwrap();
}
