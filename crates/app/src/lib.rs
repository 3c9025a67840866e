//! The one list of commands ([`commands`]), which the window's router, the CLI and the TypeScript of the
//! boundary ([`bindings`]) are made of; and the window's state ([`App`]).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod app;
pub mod bindings;
pub mod commands;
mod gathered;

pub use self::app::{
    App, AppState, BackupRequest, ChangedEvent, CreateWorkspaceRequest, DateFormat, Density, DeskEvent,
    DeskReason, Host, JobRequest, KeyringState, MenuAction, Negative, OpenEvent, OpenWorkspaceRequest,
    PickPurpose, PickRequest, Picked, ProgressEvent, RecentWorkspace, RestoreRequest, Seat, SeatRequest,
    Settings, Theme, UnlockRequest, Waiting, WorkspaceState,
};
pub use tieout_desk::{DeskError, DeskResult, base::code::Code};
