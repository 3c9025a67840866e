//! A file that a command wrote.

use serde::Serialize;

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Exported {
    /// Where it is.
    pub path: String,
    /// How many rows it has.
    pub rows: u64,
}
