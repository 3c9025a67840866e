//! The tray: how much waits for the one who acts.

use tauri::{
    AppHandle, Wry,
    menu::{MenuBuilder, MenuItem, MenuItemBuilder},
    tray::{TrayIcon, TrayIconBuilder},
};
use tieout_app::Waiting;

/// The icon in the tray and the line that says what waits.
pub struct Tray {
    icon: TrayIcon,
    line: MenuItem<Wry>,
}

impl Tray {
    /// Puts the icon there; none where this system has no tray. To be called from another thread than the
    /// one that draws, on which it is made.
    pub fn put(app: &AppHandle) -> Option<Self> {
        let (made, tray) = std::sync::mpsc::channel();
        let drawing = app.clone();
        let asked = app.run_on_main_thread(move || {
            // Nobody waits for it when the program ends meanwhile.
            let _ = made.send(Self::on_drawing_thread(&drawing));
        });
        asked.ok().and_then(|()| tray.recv().ok()).flatten()
    }

    fn on_drawing_thread(app: &AppHandle) -> Option<Self> {
        // Without its library the tray's crate panics rather than say so.
        match std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| Self::build(app))) {
            Ok(Ok(tray)) => Some(tray),
            Ok(Err(error)) => {
                tracing::warn!(%error, "no tray");
                None
            }
            Err(_) => {
                tracing::warn!("no tray: its library is missing");
                None
            }
        }
    }

    fn build(app: &AppHandle) -> tauri::Result<Self> {
        let line = MenuItemBuilder::with_id("waiting", says(Waiting::default())).enabled(false).build(app)?;
        let menu = MenuBuilder::new(app)
            .item(&line)
            .separator()
            .text("show", "Show")
            .text("lock", "Lock")
            .text("quit", "Quit")
            .build()?;
        let icon = TrayIconBuilder::with_id("tieout")
            .icon(tauri::include_image!("../icons/tray.png"))
            .tooltip("Tieout")
            .menu(&menu)
            .build(app)?;
        Ok(Self { icon, line })
    }

    /// Shows what waits now.
    pub fn show(&self, waiting: Waiting) {
        let count = waiting.mine.saturating_add(waiting.approvals);
        let title = (count > 0).then(|| count.to_string());
        let shown = self
            .line
            .set_text(says(waiting))
            .and_then(|()| self.icon.set_title(title))
            .and_then(|()| self.icon.set_tooltip(Some(format!("Tieout: {}", says(waiting)))));
        if let Err(error) = shown {
            tracing::warn!(%error, "the tray could not be changed");
        }
    }
}

fn says(waiting: Waiting) -> String {
    let mut parts = Vec::new();
    match waiting.mine {
        0 => {}
        1 => parts.push("1 waits for you".to_owned()),
        many => parts.push(format!("{many} wait for you")),
    }
    if waiting.overdue > 0 {
        parts.push(format!("{} overdue", waiting.overdue));
    }
    if waiting.approvals > 0 {
        parts.push(format!("{} to approve", waiting.approvals));
    }
    if parts.is_empty() { "Nothing waits for you".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tray_says_how_much_waits_for_whom() {
        let says = |mine, overdue, approvals| says(Waiting { mine, overdue, approvals });
        assert_eq!(says(0, 0, 0), "Nothing waits for you");
        assert_eq!(says(1, 0, 0), "1 waits for you");
        assert_eq!(says(17, 2, 9), "17 wait for you, 2 overdue, 9 to approve");
        assert_eq!(says(0, 0, 3), "3 to approve");
    }
}
