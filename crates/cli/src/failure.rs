//! How a verb ends.

use std::io;

use tieout_desk::DeskError;

/// Why the process ends with 1.
pub enum Failure {
    /// A command refused or failed.
    Desk(DeskError),
    /// Several things were asked for, and at least one was refused; each was printed.
    SomeRefused(usize),
    /// Standard output cannot be written.
    Output(io::Error),
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        Failure::Desk(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

/// How a verb ends.
pub type Ran = Result<(), Failure>;
