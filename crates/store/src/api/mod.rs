//! What can be asked of a workspace, and done to it: one file per noun. Reading methods are those of
//! [`Db`](crate::Db), writing ones those of [`Tx`](crate::Tx).

mod attempt;
mod booked;
mod change;
mod connection;
pub(crate) mod connection_figures;
mod customer;
mod cutover;
pub(crate) mod decision;
pub(crate) mod document;
mod entry;
mod exception;
mod expectation;
pub(crate) mod flow;
pub(crate) mod handover;
pub(crate) mod home;
mod import;
mod integrity;
pub(crate) mod log;
pub(crate) mod log_window;
mod matching;
mod outbox;
pub(crate) mod overview;
mod period;
pub(crate) mod person;
mod posting;
pub(crate) mod posting_window;
mod proposal;
pub(crate) mod renewal;
mod saved_view;
mod single;
mod sync;
mod tie_out;
mod verify;
pub(crate) mod view;
pub(crate) mod withdrawal;
mod workspace;
