//! The window: what it shows, where it may go (nowhere), how large its text is.

use std::sync::{Arc, Mutex};

use tauri::{
    AppHandle, DragDropEvent, Listener as _, Manager as _, Url, WebviewUrl, WebviewWindow,
    WebviewWindowBuilder, WindowEvent, webview::NewWindowResponse,
};
use tieout_app::App;

/// The window's label, to which its capabilities are bound.
pub const LABEL: &str = "main";

const ZOOMS: [f64; 9] = [0.6, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0];
const ACTUAL_SIZE: usize = 3;

/// How far the window is zoomed, as a place in [`ZOOMS`].
pub struct Zoom(Mutex<usize>);

impl Default for Zoom {
    fn default() -> Self {
        Self(Mutex::new(ACTUAL_SIZE))
    }
}

/// Opens the window. It comes up where it last stood, if a screen is still there.
pub fn open(app: &AppHandle) -> tauri::Result<WebviewWindow> {
    let window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Tieout")
        .inner_size(1280.0, 800.0)
        .min_inner_size(960.0, 600.0)
        .initialization_script(include_str!("window.js"))
        .on_navigation(|url| {
            let ours = is_ours(url);
            if !ours {
                tracing::warn!(scheme = url.scheme(), "the page may not go elsewhere");
            }
            ours
        })
        .on_document_title_changed(|window, title| {
            if let Err(error) = window.set_title(&title) {
                tracing::warn!(%error, "the window's title could not be set");
            }
        })
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()?;
    take_drops(app, &window);
    bring_back_a_dead_page(&window)?;
    Ok(window)
}

/// Files dropped anywhere on the window are handed to the desk, off the thread that draws.
fn take_drops(app: &AppHandle, window: &WebviewWindow) {
    let app = Arc::clone(&app.state::<Arc<App>>());
    window.on_window_event(move |event| {
        if let WindowEvent::DragDrop(DragDropEvent::Drop { paths, .. }) = event {
            let (app, paths) = (Arc::clone(&app), paths.clone());
            std::thread::spawn(move || app.hand_over(&paths));
        }
    });
}

/// Whether this is the program's own page.
fn is_ours(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) => true,
        ("http" | "https", Some("tauri.localhost")) => cfg!(windows),
        ("http", Some("127.0.0.1")) => tauri::is_dev() && url.port() == Some(5173),
        _ => false,
    }
}

/// The page runs in a process of its own. When that dies the window would stay empty; nothing is lost by
/// loading the page again, because all state is in the workspace. A page that dies at once stays dead.
#[cfg(target_os = "linux")]
fn bring_back_a_dead_page(window: &WebviewWindow) -> tauri::Result<()> {
    use std::{
        cell::Cell,
        time::{Duration, Instant},
    };
    use webkit2gtk::WebViewExt as _;
    window.with_webview(|view| {
        let last = Cell::new(None::<Instant>);
        view.inner().connect_web_process_terminated(move |view, reason| {
            tracing::error!(?reason, "the page's process ended");
            let before = last.replace(Some(Instant::now()));
            if before.is_none_or(|before| before.elapsed() > Duration::from_secs(30)) {
                view.reload();
            }
        });
    })
}

#[cfg(not(target_os = "linux"))]
fn bring_back_a_dead_page(_: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// Hears what `window.js` says.
pub fn hear(app: &AppHandle, input: impl Fn() + Send + 'static, painted: impl FnOnce() + Send + 'static) {
    app.listen_any("input", move |_| input());
    let painted = Mutex::new(Some(painted));
    app.listen_any("painted", move |_| {
        let first = painted.lock().ok().and_then(|mut once| once.take());
        if let Some(first) = first {
            first();
        }
    });
}

/// Brings the window to the front.
pub fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(LABEL) {
        let shown = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
        if let Err(error) = shown {
            tracing::warn!(%error, "the window could not be brought to the front");
        }
    }
}

/// Zooms the page by so many steps; none goes back to the actual size.
pub fn zoom(app: &AppHandle, steps: Option<isize>) {
    let zoom = app.state::<Zoom>();
    let Ok(mut at) = zoom.0.lock() else { return };
    let wanted = steps.map_or(ACTUAL_SIZE, |steps| at.saturating_add_signed(steps));
    *at = wanted.min(ZOOMS.len() - 1);
    if let (Some(window), Some(factor)) = (app.get_webview_window(LABEL), ZOOMS.get(*at))
        && let Err(error) = window.set_zoom(*factor)
    {
        tracing::warn!(%error, "the page could not be zoomed");
    }
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn the_page_may_go_nowhere_else() {
        let ours = |url: &str| is_ours(&url.parse().unwrap());
        assert!(ours("tauri://localhost/"));
        for other in [
            "https://example.com/",
            "http://127.0.0.1:8080/",
            "http://127.0.0.1/",
            "file:///etc/passwd",
            "data:text/html,hello",
            "tauri://elsewhere/",
            "about:blank",
        ] {
            assert!(!ours(other), "{other}");
        }
    }
}
