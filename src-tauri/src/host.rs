//! What the desk asks of the window: events, file dialogs, the clipboard, notifications.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use arboard::Clipboard;
use serde_json::Value;
use tauri::{AppHandle, Emitter as _, Manager as _};
use tauri_plugin_dialog::DialogExt as _;
use tauri_plugin_notification::NotificationExt as _;
use tieout_app::{Host, PickPurpose};

/// The window as the desk sees it.
pub struct WindowHost {
    window: AppHandle,
    /// Kept open: on X11 the one who copied must stay to hand it out.
    clipboard: Mutex<Option<Clipboard>>,
}

impl WindowHost {
    /// Of this program.
    pub fn new(window: AppHandle) -> Self {
        Self { window, clipboard: Mutex::new(None) }
    }
}

impl Host for WindowHost {
    fn emit(&self, event: &str, payload: Value) {
        if let Err(error) = self.window.emit(event, payload) {
            tracing::warn!(%error, event, "an event did not reach the window");
        }
    }

    fn pick(&self, purpose: PickPurpose, suggested: Option<&str>) -> Option<PathBuf> {
        let (name, endings) = purpose.filter();
        let mut dialog = self.window.dialog().file().set_title(title(purpose)).add_filter(name, endings);
        if let Some(window) = self.window.get_webview_window(crate::window::LABEL) {
            dialog = dialog.set_parent(&window);
        }
        if let Some(suggested) = suggested.map(Path::new) {
            if let Some(folder) = suggested.parent().filter(|folder| folder.is_dir()) {
                dialog = dialog.set_directory(folder);
            }
            if let Some(name) = suggested.file_name() {
                dialog = dialog.set_file_name(name.to_string_lossy());
            }
        }
        let picked = if purpose.saves() { dialog.blocking_save_file() } else { dialog.blocking_pick_file() };
        picked?.into_path().ok()
    }

    fn copy(&self, text: &str, html: &str) -> Result<(), String> {
        let mut held = self.clipboard.lock().unwrap_or_else(PoisonError::into_inner);
        let clipboard = match &mut *held {
            Some(clipboard) => clipboard,
            none => none.insert(Clipboard::new().map_err(|error| error.to_string())?),
        };
        clipboard.set().html(html, Some(text)).map_err(|error| error.to_string())
    }

    fn start_with_session(&self, on: bool) -> Result<(), String> {
        crate::autostart::set(on)
    }

    fn notify(&self, title: &str, body: &str) {
        if let Err(error) = self.window.notification().builder().title(title).body(body).show() {
            tracing::warn!(%error, "a notification was not shown");
        }
    }
}

/// How a file is asked for.
fn title(purpose: PickPurpose) -> &'static str {
    match purpose {
        PickPurpose::OpenWorkspace => "Open a workspace",
        PickPurpose::NewWorkspace => "Where to keep the new workspace",
        PickPurpose::Backup => "Where to write the backup",
        PickPurpose::Restore => "The backup to restore from",
        PickPurpose::Import => "The file to import",
        PickPurpose::BankStatement => "The bank's statement",
        PickPurpose::Attach => "The file to attach",
        PickPurpose::SaveAttachment => "Where to write the file",
        PickPurpose::OpenPacket => "The packet, or the decisions on one",
        PickPurpose::SavePacket => "Where to write the file",
        PickPurpose::ExportCsv => "Export as CSV",
        PickPurpose::ExportXlsx => "Export as a workbook",
        PickPurpose::ExportPdf => "Export as a PDF",
        PickPurpose::View => "The view to open",
        PickPurpose::SaveView => "Where to write the view",
    }
}
