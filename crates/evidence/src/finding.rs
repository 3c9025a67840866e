//! What a check of a log finds.

use crate::{entry::LogHead, seal::Seals};

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFault {
    /// Entries before this one are gone, or one was put in between: the numbers do not follow each
    /// other.
    Gap,
    /// It does not name the hash of the entry before it: one was deleted, inserted or moved.
    BrokenLink,
    /// Its content is not what its hash says: it was edited.
    Edited,
    /// Its signature does not fit the signer's key.
    BadSignature,
    /// Its signer has no recorded key.
    UnknownSigner,
    /// It says that somebody decided, but nobody signed it.
    Unsigned,
    /// It carries a decision of another machine that an entry before it carries already.
    CarriedTwice,
    /// The log ends before the entry that the secrets remember: its end was cut off.
    Truncated,
    /// The entry that the secrets remember has another hash: the chain was made anew.
    Rewritten,
    /// A decision is stored that its log entry does not say, or the entry says one that is not stored.
    DecisionDiffers,
    /// It says an earlier time than an entry before it.
    TimeRunsBack,
    /// When it was written, tables were not as the log had sealed them.
    SealBroken,
    /// What it says of the tables does not follow from the seals before it.
    SealWrong,
}

impl LogFault {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            LogFault::Gap => "log_gap",
            LogFault::BrokenLink => "log_broken_link",
            LogFault::Edited => "log_edited",
            LogFault::BadSignature => "log_bad_signature",
            LogFault::UnknownSigner => "log_unknown_signer",
            LogFault::Unsigned => "log_unsigned_decision",
            LogFault::CarriedTwice => "log_carried_twice",
            LogFault::Truncated => "log_truncated",
            LogFault::Rewritten => "log_rewritten",
            LogFault::DecisionDiffers => "log_decision_differs",
            LogFault::TimeRunsBack => "log_time_runs_back",
            LogFault::SealBroken => "log_seal_broken",
            LogFault::SealWrong => "log_seal_wrong",
        }
    }

    /// In words.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            LogFault::Gap => "the entries before it are missing, or it was put in between",
            LogFault::BrokenLink => {
                "it does not follow the entry before it: one was deleted, inserted or moved"
            }
            LogFault::Edited => "its content is not what its hash says",
            LogFault::BadSignature => "its signature does not fit the signer's key",
            LogFault::UnknownSigner => "its signer has no recorded key",
            LogFault::Unsigned => "it reports a decision that nobody signed",
            LogFault::CarriedTwice => {
                "the decision that it carries was carried by an entry before it already"
            }
            LogFault::Truncated => "the log ends before it, though the secrets remember it",
            LogFault::Rewritten => "it has another hash than the secrets remember: the chain was made anew",
            LogFault::DecisionDiffers => "the stored decisions are not those that it says",
            LogFault::TimeRunsBack => {
                "it says an earlier time than an entry before it: the clock was set back, or it came later"
            }
            LogFault::SealBroken => {
                "when it was written, tables were not as the log had sealed them: they were changed outside \
                 Tieout before"
            }
            LogFault::SealWrong => "what it says of the tables does not follow from the seals before it",
        }
    }
}

/// One fault and where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogFinding {
    /// The entry's number.
    pub number: i64,
    /// What is wrong.
    pub fault: LogFault,
}

/// What a check of the log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyReport {
    /// Entries read.
    pub entries: u64,
    /// Signatures that fit.
    pub signatures: u64,
    /// The end of the log, to be kept as the next anchor when there are no findings.
    pub head: LogHead,
    /// Everything that is wrong, in order. Empty: the log is whole.
    pub findings: Vec<LogFinding>,
    /// The tables as the log sealed them last.
    pub seals: Seals,
}
