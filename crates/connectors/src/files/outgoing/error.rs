//! Why something cannot be written.

/// Why a file, or one entry of it, cannot be written in a form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OutgoingError {
    /// The stable code.
    pub code: &'static str,
    /// What is wrong, and what to do about it.
    pub message: String,
}

impl OutgoingError {
    pub(super) fn option(message: String) -> Self {
        Self { code: "handover_option", message }
    }

    pub(super) fn unfit(message: String) -> Self {
        Self { code: "handover_unfit", message }
    }
}
