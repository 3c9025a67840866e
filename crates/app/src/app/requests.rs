//! What the window asks of the desk itself, before or beside an open workspace.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    host::PickPurpose,
    settings::{RecentWorkspace, Settings},
};
use tieout_desk::{
    access::{action::ActionView, restoring::Restored},
    base::{closed, error::DeskError},
};
use tieout_vault::{Backend, SecretText};

/// Who sits at the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Seat {
    /// The person's id.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// analyst, controller, administrator or auditor.
    #[ts(as = "closed::Role")]
    pub role: String,
    /// keyring, passphrase, or not set yet.
    pub secret: String,
    /// True while their own key is unlocked: decisions then need nothing more until the desk locks.
    pub unlocked: bool,
}

/// The workspace on the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct WorkspaceState {
    /// The file.
    pub path: String,
    /// Its name.
    pub name: String,
    /// True for the simulated company: only there one may be each person.
    pub demo: bool,
    /// keyring or vault.
    pub secrets: String,
    /// True while the desk is locked: then its name is all that is told.
    pub locked: bool,
    /// Who sits at the desk; nobody where no person belongs to this OS account and nobody took the seat.
    pub seat: Option<Seat>,
    /// What they may do with the workspace as a whole: manage_people, manage_connections,
    /// import_files. Empty while locked.
    pub actions: Vec<ActionView>,
}

/// Whether this session has a keyring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct KeyringState {
    /// True when it keeps secrets.
    pub available: bool,
    /// Why not, and what to do.
    pub message: String,
}

/// How things stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct AppState {
    /// Counts the times that somebody looked: of two answers the one with the higher number was seen later,
    /// whichever arrives first.
    pub look: u64,
    /// The version of Tieout.
    pub version: String,
    /// The workspace on the desk.
    pub workspace: Option<WorkspaceState>,
    /// Workspaces that were open here, the last one first.
    pub recent: Vec<RecentWorkspace>,
    /// How the desk looks and behaves.
    pub settings: Settings,
    /// Whether this session has a keyring.
    pub keyring: KeyringState,
    /// What is being opened because the program was started with it, while nothing is open yet.
    pub opening: Option<String>,
    /// Why that could not be opened, until something else is.
    pub start_error: Option<DeskError>,
    /// True while a link waits for its workspace to be opened.
    pub link_waits: bool,
    /// What a link or file asked to be shown while it could not be: told once.
    pub open: Option<OpenEvent>,
}

/// A workspace to make.
#[derive(Debug, Deserialize, TS)]
pub struct CreateWorkspaceRequest {
    /// The file to make.
    #[ts(type = "string")]
    pub path: PathBuf,
    /// What people call it.
    pub name: String,
    /// Where its secrets are kept.
    pub backend: Backend,
    /// The vault's new passphrase.
    pub passphrase: Option<SecretText>,
}

/// A workspace to open.
#[derive(Debug, Deserialize, TS)]
pub struct OpenWorkspaceRequest {
    /// The file.
    #[ts(type = "string")]
    pub path: PathBuf,
    /// The vault's passphrase, where its secrets are in one.
    pub passphrase: Option<SecretText>,
}

/// The desk to unlock.
#[derive(Debug, Deserialize, TS)]
pub struct UnlockRequest {
    /// The vault's passphrase; with the keyring, the seated person's own where they have one.
    pub passphrase: Option<SecretText>,
}

/// A person who takes the seat.
#[derive(Debug, Deserialize, TS)]
pub struct SeatRequest {
    /// Name or id.
    pub person: String,
    /// Their own passphrase; without it they read, and are asked at their first decision.
    pub passphrase: Option<SecretText>,
    /// The one-time code, where they set their passphrase now.
    pub enrolment_code: Option<SecretText>,
    /// The passphrase that they set now.
    pub new_passphrase: Option<SecretText>,
}

/// A backup to write.
#[derive(Debug, Deserialize, TS)]
pub struct BackupRequest {
    /// The file to make.
    #[ts(type = "string")]
    pub path: PathBuf,
    /// The new recovery passphrase.
    pub passphrase: SecretText,
}

/// A backup to make a workspace of.
#[derive(Debug, Deserialize, TS)]
pub struct RestoreRequest {
    /// The backup.
    #[ts(type = "string")]
    pub backup: PathBuf,
    /// The workspace file to make.
    #[ts(type = "string")]
    pub path: PathBuf,
    /// The recovery passphrase that it was written with.
    pub recovery_passphrase: SecretText,
    /// Where the secrets are kept here.
    pub backend: Backend,
    /// The vault's new passphrase.
    pub passphrase: Option<SecretText>,
}

/// How things stand after a restore, and what it made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct RestoredState {
    /// How things stand: the restored workspace is open.
    pub app: AppState,
    /// The codes with which its people start anew, told once, and what was found.
    pub restored: Restored,
}

/// A file to choose.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct PickRequest {
    /// What for.
    pub purpose: PickPurpose,
    /// A name to begin with.
    pub suggested: Option<String>,
}

/// Rows that were pasted.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct PasteRequest {
    /// The text: rows of cells between tabs, commas or semicolons.
    pub text: String,
}

/// The file that was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Picked {
    /// Where it is; nothing when none was chosen.
    pub path: Option<String>,
}

/// A job.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct JobRequest {
    /// Its name, as given to the command that it runs.
    pub job: String,
}

/// Event `changed`: something in the workspace changed; what is shown should be asked for again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ChangedEvent {
    /// Counts the changes.
    pub generation: u64,
}

/// Event `desk`: the desk itself changed; its state should be asked for again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct DeskEvent {
    /// What happened.
    pub reason: DeskReason,
}

/// What happened to the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DeskReason {
    /// What the program was started with is being opened, or could not be.
    Start,
    /// It was locked.
    Locked,
    /// A workspace was opened or unlocked.
    Opened,
    /// The workspace was put away.
    Closed,
    /// A person took the seat.
    Seat,
    /// Settings were changed.
    Settings,
}

/// What the menu bar asks of the page, by the stable name of the page's own action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub enum MenuAction {
    /// The screen on which files are imported.
    #[serde(rename = "go.import")]
    Import,
    /// A backup of the workspace.
    #[serde(rename = "backup")]
    Backup,
}

/// Event `open`: a link, a file or the menu bar asks for something to be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct OpenEvent {
    /// An exception's id.
    pub exception: Option<String>,
    /// A workspace file.
    pub workspace: Option<String>,
    /// A file to look at before it is imported.
    pub file: Option<String>,
    /// An action of the page, which was chosen in the menu bar.
    pub action: Option<MenuAction>,
}
