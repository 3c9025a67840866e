//! What a command answers when it does not do what was asked.

use serde::Serialize;

use tieout_domain::said;

use crate::base::{code::Code, said::Said};

/// A refusal or failure: a stable code for programs, and words that say what, where and what to do next.
/// Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error, ts_rs::TS)]
#[error("{message}")]
pub struct DeskError {
    /// The stable code.
    pub code: Code,
    /// The code that a system behind the desk gave, where it is none of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub vendor_code: Option<String>,
    /// What is wrong, where, and what to do.
    pub message: String,
    /// The same in pieces, for a page; nothing where it is words alone.
    #[serde(skip_serializing_if = "<[Said]>::is_empty")]
    #[ts(optional, as = "Option<Vec<Said>>")]
    pub pieces: Box<[Said]>,
    /// The rule that refused, where a duty did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub rule: Option<String>,
    /// Names of the people who could do it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub who_could: Vec<String>,
    /// So many bytes of the message name the document, for who shows its reference beside the message.
    #[serde(skip)]
    #[ts(skip)]
    pub named: u32,
}

/// What every command returns.
pub type DeskResult<T> = Result<T, DeskError>;

impl DeskError {
    /// An error of this code. Values in the message may stand between signs ([`tieout_domain::said`]).
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code,
            vendor_code: None,
            pieces: Said::where_valued(&message).into(),
            message: said::plain(&message),
            rule: None,
            who_could: Vec::new(),
            named: 0,
        }
    }

    /// An error of a room below, which names its code by text.
    #[must_use]
    pub fn below(code: &str, message: impl Into<String>) -> Self {
        let vendor_code = Code::parse(code).is_none().then(|| code.to_owned());
        Self { vendor_code, ..Self::new(Code::of(code), message) }
    }

    /// An error about the document of this reference, which its message begins with.
    #[must_use]
    pub fn naming(code: Code, reference: &str, words: &str) -> Self {
        let before = format!("{reference}: ");
        let named = u32::try_from(before.len()).unwrap_or_default();
        Self { named, ..Self::new(code, before + words) }
    }

    /// The message without the reference that it begins with.
    #[must_use]
    pub fn said(&self) -> &str {
        self.message.get(self.named as usize..).unwrap_or(&self.message)
    }

    /// The same, with the place where it happened in front of its message.
    #[must_use]
    pub fn at(mut self, place: &str) -> Self {
        self.message = format!("{place}: {}", self.message);
        if !self.pieces.is_empty() {
            let front = [Said::Text(format!("{place}: "))];
            self.pieces = front.into_iter().chain(self.pieces).collect();
        }
        self.named = 0;
        self
    }

    /// A file that cannot be read or written.
    #[must_use]
    pub fn file(path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::new(Code::FileUnusable, format!("{}: {error}", path.display()))
    }
}

macro_rules! from_coded {
    ($($error:ty),* $(,)?) => {
        $(impl From<$error> for DeskError {
            fn from(error: $error) -> Self {
                Self::below(error.code(), error.to_string())
            }
        })*
    };
}

from_coded!(
    tieout_domain::MoneyError,
    tieout_domain::entry::EntryError,
    tieout_domain::accounts::MappingError,
    tieout_store::StoreError,
    tieout_vault::SecretError,
    tieout_evidence::file::fault::FileFault,
);

impl From<tieout_domain::failure::VendorFailure> for DeskError {
    fn from(failure: tieout_domain::failure::VendorFailure) -> Self {
        Self::below(failure.code, failure.message)
    }
}

impl From<tieout_domain::posting::TransitionRefusal> for DeskError {
    fn from(refusal: tieout_domain::posting::TransitionRefusal) -> Self {
        Self::below(refusal.code(), refusal.to_string())
    }
}

impl From<tieout_domain::IdError> for DeskError {
    fn from(error: tieout_domain::IdError) -> Self {
        Self::new(Code::BadId, error.to_string())
    }
}

impl From<tieout_domain::derive::EntryFromError> for DeskError {
    fn from(error: tieout_domain::derive::EntryFromError) -> Self {
        match error {
            tieout_domain::derive::EntryFromError::Gap(gap) => {
                Self::new(Code::MissingMapping, gap.to_string())
            }
            tieout_domain::derive::EntryFromError::Entry(entry) => entry.into(),
        }
    }
}

impl From<serde_json::Error> for DeskError {
    fn from(error: serde_json::Error) -> Self {
        Self::new(Code::BadJson, format!("stored or given JSON cannot be read: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_about_a_document_says_the_rest_apart() {
        let error = DeskError::naming(Code::NothingToReverse, "INV-1: b", "nothing is booked");
        assert_eq!(
            (error.message.as_str(), error.said()),
            ("INV-1: b: nothing is booked", "nothing is booked")
        );
        assert_eq!(DeskError::new(Code::Internal, "INV-1: it is so").said(), "INV-1: it is so");
        assert_eq!(error.at("file").said(), "file: INV-1: b: nothing is booked");
    }
}
