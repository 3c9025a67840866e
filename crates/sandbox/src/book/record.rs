//! The durable record: one JSON line per change, so that another process can judge what was booked.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{BookError, BookedEntry, Inner};

/// One change of the book.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// An entry was booked.
    Entry(BookedEntry),
    /// An entry's approval changed.
    Approval {
        /// The entry.
        id: i64,
        /// NetSuite's number of the state.
        approval: u8,
    },
    /// An entry was deleted.
    Deleted {
        /// The entry.
        id: i64,
    },
}

impl Inner {
    pub(super) fn keep_entry(&mut self, id: i64) -> Result<(), BookError> {
        if self.record.is_none() {
            return Ok(());
        }
        match self.entry(id)? {
            Some(entry) => self.keep(&Record::Entry(entry)),
            None => Err(BookError::unknown("journalEntry", id)),
        }
    }

    pub(super) fn keep(&mut self, record: &Record) -> Result<(), BookError> {
        if let Some(file) = &mut self.record {
            let mut line =
                serde_json::to_vec(record).map_err(|error| BookError::Storage(error.to_string()))?;
            line.push(b'\n');
            file.write_all(&line)?;
            file.flush()?;
        }
        Ok(())
    }
}

/// Reads a record file: the entries as they stand after all changes, by internal id. A last line without its
/// end (the writer was killed in the middle of it) is left out.
///
/// # Errors
/// When the file cannot be read or a complete line is not a [`Record`].
pub fn read_records(path: &Path) -> io::Result<BTreeMap<i64, BookedEntry>> {
    let mut reader = BufReader::new(File::open(path)?);
    let mut entries = BTreeMap::new();
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 && line.ends_with('\n') {
        match serde_json::from_str(&line).map_err(io::Error::other)? {
            Record::Entry(entry) => {
                entries.insert(entry.id, entry);
            }
            Record::Approval { id, approval } => {
                if let Some(entry) = entries.get_mut(&id) {
                    entry.approval = approval;
                }
            }
            Record::Deleted { id } => {
                entries.remove(&id);
            }
        }
        line.clear();
    }
    Ok(entries)
}
