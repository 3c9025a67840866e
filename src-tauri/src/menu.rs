//! The menu bar. Actions on the work itself have their keys in the page, where they can be changed.

use std::sync::Arc;

use tauri::{
    AppHandle, Manager as _,
    menu::{Menu, MenuBuilder, MenuItemBuilder, SubmenuBuilder},
};
use tieout_app::{App, MenuAction};

use crate::window;

/// The menu bar of this system.
pub fn bar(app: &AppHandle) -> tauri::Result<Menu<tauri::Wry>> {
    // No other key than this one: a key of the menu would never reach the page, where keys can be changed.
    let quit = MenuItemBuilder::with_id("quit", "Quit").accelerator("CmdOrCtrl+Q").build(app)?;
    let desk = SubmenuBuilder::new(app, "Tieout").text("lock", "Lock").separator().item(&quit).build()?;
    let file = SubmenuBuilder::new(app, "File")
        .text("import", "Import a file…")
        .separator()
        .text("backup", "Back up the workspace…")
        .build()?;
    let view = SubmenuBuilder::new(app, "View")
        .text("zoom_in", "Zoom in")
        .text("zoom_out", "Zoom out")
        .text("zoom_reset", "Actual size")
        .build()?;
    let menu = MenuBuilder::new(app).item(&desk).item(&file);
    // Elsewhere the page has these by itself, and an entry here would take the keys away from it.
    let menu = if cfg!(target_os = "macos") {
        let edit =
            SubmenuBuilder::new(app, "Edit").undo().redo().separator().cut().copy().paste().select_all();
        menu.item(&edit.build()?)
    } else {
        menu
    };
    menu.item(&view).build()
}

/// Does what was chosen in the menu bar or in the tray's menu.
pub fn chosen(app: &AppHandle, id: &str) {
    match id {
        "show" => window::show(app),
        "lock" => app.state::<Arc<App>>().lock(),
        "quit" => app.exit(0),
        "import" => app.state::<Arc<App>>().ask_page(MenuAction::Import),
        "backup" => app.state::<Arc<App>>().ask_page(MenuAction::Backup),
        "zoom_in" => window::zoom(app, Some(1)),
        "zoom_out" => window::zoom(app, Some(-1)),
        "zoom_reset" => window::zoom(app, None),
        _ => {}
    }
}
