//! Why a file is not believed.

use std::fmt;

/// Why a file is not believed, as a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// It is no file of this kind, or one of another version.
    Unreadable,
    /// It is not what was signed: a byte, an order, a name or a hash is another.
    Tampered,
    /// Who signed it is not known, or may not.
    SignerUnknown,
    /// It belongs to another packet or another workspace.
    OfAnother,
    /// It says a time that it cannot be of.
    WrongTime,
}

impl FaultKind {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            FaultKind::Unreadable => "packet_unreadable",
            FaultKind::Tampered => "packet_tampered",
            FaultKind::SignerUnknown => "packet_signer_unknown",
            FaultKind::OfAnother => "packet_of_another",
            FaultKind::WrongTime => "packet_wrong_time",
        }
    }
}

/// Why a file is not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFault {
    /// As a code.
    pub kind: FaultKind,
    /// In words: what, and where.
    pub message: String,
}

impl FileFault {
    /// A fault in these words.
    #[must_use]
    pub fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// It cannot be read.
    #[must_use]
    pub fn unreadable(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Unreadable, message)
    }

    /// It is not what was signed.
    #[must_use]
    pub fn tampered(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Tampered, message)
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }
}

impl fmt::Display for FileFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for FileFault {}

/// What reading a file gives.
pub type FileResult<T> = Result<T, FileFault>;
