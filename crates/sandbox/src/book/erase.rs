//! What some ERPs let a person do although no ledger should: an entry is gone as if it had never been.

use rusqlite::params;

use super::{Book, BookError, Record};

impl Book {
    /// Deletes an entry with its lines. Nothing of it is left to be listed, and no change of any other entry
    /// tells of it: only who reads everything sees that it is missing.
    ///
    /// # Errors
    /// When there is no such entry.
    pub fn delete_entry(&self, id: i64) -> Result<(), BookError> {
        let mut book = self.lock();
        let transaction = book.connection.transaction()?;
        transaction.execute("DELETE FROM b_line WHERE entry = ?", params![id])?;
        let gone = transaction.execute("DELETE FROM b_entry WHERE id = ?", params![id])?;
        transaction.execute(
            "UPDATE b_entry SET reversed_by = NULL, reversal_date = NULL WHERE reversed_by = ?",
            params![id],
        )?;
        if gone == 0 {
            return Err(BookError::unknown("journalEntry", id));
        }
        transaction.commit()?;
        book.version += 1;
        book.keep(&Record::Deleted { id })
    }
}
