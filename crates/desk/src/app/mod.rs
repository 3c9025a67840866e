//! Stands in until the desk's own `app` layer arrives by merge.
use std::{path::PathBuf, sync::Arc};

use crate::{DeskError, DeskResult};

/// What only a window can do.
pub trait Host: Send + Sync {
    /// Tells the UI.
    fn emit(&self, event: &str, payload: serde_json::Value);
    /// Asks for a file.
    fn pick(&self, purpose: PickPurpose, suggested: Option<&str>) -> Option<PathBuf>;
    /// Fills the clipboard.
    fn copy(&self, text: &str, html: &str) -> Result<(), String>;
    /// Notifies.
    fn notify(&self, title: &str, body: &str);
}

/// What a file is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum PickPurpose {
    OpenWorkspace,
    NewWorkspace,
    Backup,
    Restore,
    Import,
    ExportCsv,
    ExportXlsx,
    View,
    SaveView,
}

/// What waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Assigned to the one who acts.
    pub mine: u64,
    /// Of these, overdue.
    pub overdue: u64,
    /// Waiting for an approval.
    pub approvals: u64,
}

/// The app.
pub struct App {
    host: Arc<dyn Host>,
}

#[allow(missing_docs)]
impl App {
    pub fn new(_folder: PathBuf, host: Arc<dyn Host>) -> DeskResult<App> {
        Ok(App { host })
    }
    pub fn call(
        &self,
        name: &str,
        request: serde_json::Value,
        job: Option<&str>,
    ) -> DeskResult<serde_json::Value> {
        match name {
            "echo" => Ok(serde_json::json!({ "request": request, "job": job })),
            "copy" => self
                .host
                .copy("a\tb", "<table><tr><td>a</td><td>b</td></tr></table>")
                .map(|()| serde_json::Value::Null)
                .map_err(|e| DeskError::new("clipboard", e)),
            "pick" => Ok(
                serde_json::json!({ "path": self.host.pick(PickPurpose::NewWorkspace, Some("x.tieoutdb")) }),
            ),
            _ => Err(DeskError::new("unknown_command", format!("there is no command {name}"))),
        }
    }
    pub fn open_request(&self, what: &str) {
        self.host.emit("open", serde_json::json!({ "exception": what, "workspace": null }));
    }
    pub fn tick(&self) {}
    pub fn touch(&self) {}
    pub fn lock(&self) {
        self.host.emit("desk", serde_json::json!({ "reason": "locked" }));
    }
    pub fn waiting(&self) -> Waiting {
        Waiting::default()
    }
}
