//! How long work tells how far it is. The desk reports; the CLI draws a bar, the window an event.

use crate::base::{code::Code, error::DeskError};

/// Receives progress.
pub trait Progress: Send + Sync {
    /// A stretch of work begins; `total` where it is known.
    fn begin(&self, what: &str, total: Option<u64>);
    /// So much more is done.
    fn advance(&self, by: u64);
    /// The stretch is over.
    fn end(&self);
    /// True once somebody wants the work to stop. Work asks at places where it can stop without harm.
    fn cancelled(&self) -> bool {
        false
    }
}

/// What stopped work answers: the sentence says what was kept.
pub(crate) fn cancelled(kept: impl Into<String>) -> DeskError {
    DeskError::new(Code::Cancelled, kept)
}

/// Progress that nobody watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _what: &str, _total: Option<u64>) {}
    fn advance(&self, _by: u64) {}
    fn end(&self) {}
}
