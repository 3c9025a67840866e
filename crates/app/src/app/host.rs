//! What only a window can do. The window implements it; tests have one without a screen.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// What a file dialog is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum PickPurpose {
    /// A workspace that is there.
    OpenWorkspace,
    /// A place for a new workspace.
    NewWorkspace,
    /// A place for a backup.
    Backup,
    /// A backup that is there.
    Restore,
    /// A file to import.
    Import,
    /// A bank's statement.
    BankStatement,
    /// A file to put to an exception.
    Attach,
    /// A place for one that was.
    SaveAttachment,
    /// A place for a CSV file.
    ExportCsv,
    /// A place for a workbook.
    ExportXlsx,
    /// A place for a report on paper.
    ExportPdf,
    /// A packet that is there, or the decisions on one.
    OpenPacket,
    /// A place for one.
    SavePacket,
    /// A saved view that is there.
    View,
    /// A place for a saved view.
    SaveView,
}

impl PickPurpose {
    /// True where a new file is named, false where one that is there is chosen.
    #[must_use]
    pub fn saves(self) -> bool {
        match self {
            Self::NewWorkspace
            | Self::Backup
            | Self::SaveAttachment
            | Self::ExportCsv
            | Self::ExportXlsx
            | Self::ExportPdf
            | Self::SavePacket
            | Self::SaveView => true,
            Self::OpenWorkspace
            | Self::Restore
            | Self::Import
            | Self::BankStatement
            | Self::Attach
            | Self::OpenPacket
            | Self::View => false,
        }
    }

    /// What the files are called, and their endings.
    #[must_use]
    pub fn filter(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::OpenWorkspace | Self::NewWorkspace => ("Tieout workspace", &["tieoutdb"]),
            Self::Backup | Self::Restore => ("Tieout backup", &["tieoutbackup"]),
            Self::Import => (
                "Data, column map, mapping or policy",
                &["csv", "tsv", "txt", "gz", "xlsx", "xls", "ods", "toml"],
            ),
            Self::BankStatement => (
                "Bank statement (CAMT.053, MT940, CSV)",
                &["xml", "camt", "053", "sta", "mt940", "940", "swi", "fin", "txt", "csv"],
            ),
            Self::Attach | Self::SaveAttachment => ("Any file", &["*"]),
            Self::ExportCsv => ("CSV", &["csv"]),
            Self::ExportXlsx => ("Excel workbook", &["xlsx"]),
            Self::ExportPdf => ("PDF", &["pdf"]),
            Self::OpenPacket | Self::SavePacket => ("Tieout packet", &["tieout"]),
            Self::View | Self::SaveView => ("Tieout view", &["tieoutview"]),
        }
    }
}

/// What only a window can do. Every call may come from any thread and may block.
pub trait Host: Send + Sync {
    /// Tells the window something: `progress`, `changed`, `desk` or `open`.
    fn emit(&self, event: &str, payload: Value);
    /// Lets the user choose a file; `None` when they did not.
    fn pick(&self, purpose: PickPurpose, suggested: Option<&str>) -> Option<PathBuf>;
    /// Puts a table on the clipboard, as tab-separated text and as HTML.
    ///
    /// # Errors
    /// Why it is not there.
    fn copy(&self, text: &str, html: &str) -> Result<(), String>;
    /// Has the program start with the user's session, or not any more.
    ///
    /// # Errors
    /// Why it could not be set.
    fn start_with_session(&self, on: bool) -> Result<(), String>;
    /// Shows a notification of the operating system.
    fn notify(&self, title: &str, body: &str);
}
