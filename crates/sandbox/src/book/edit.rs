//! What people do in the ERP past any connector: they edit a journal, and renumber accounts.

use rusqlite::{OptionalExtension, params};

use super::schema::stamp_date;
use super::write::balanced;
use super::{Book, BookError, BookedEntry, Inner};

impl Book {
    /// Edits a journal in the ERP's own window: date, period, memo, and the account, amounts and memo of the
    /// lines that it has. Id, external id, approval and currency stay, as the number of lines does. The
    /// period's status is not asked: whoever may reopen a period may also do this.
    ///
    /// # Errors
    /// `unknown_reference`, or `unbalanced` where the lines no longer sum to zero, with nothing changed.
    pub fn edit(&self, id: i64, change: impl FnOnce(&mut BookedEntry)) -> Result<(), BookError> {
        self.lock().edit(id, change)
    }

    /// Gives each of two accounts (numbers) the number of the other. What was booked stays on its account.
    ///
    /// # Errors
    /// `unknown_reference` where there is no such account.
    pub fn swap_account_numbers(&self, one: &str, other: &str) -> Result<(), BookError> {
        let mut book = self.lock();
        let account = |number: &str| -> Result<i64, BookError> {
            let mut found = book.connection.prepare_cached("SELECT id FROM b_account WHERE number = ?")?;
            let id = found.query_row([number], |row| row.get(0)).optional()?;
            id.ok_or_else(|| BookError::unknown("account", number))
        };
        let (first, second) = (account(one)?, account(other)?);
        for (id, number) in [(first, ""), (second, one), (first, other)] {
            book.connection.execute("UPDATE b_account SET number = ? WHERE id = ?", params![number, id])?;
        }
        book.version += 1;
        Ok(())
    }
}

impl Inner {
    fn edit(&mut self, id: i64, change: impl FnOnce(&mut BookedEntry)) -> Result<(), BookError> {
        let mut entry = self.entry(id)?.ok_or_else(|| BookError::unknown("journalEntry", id))?;
        let lines = entry.lines.len();
        change(&mut entry);
        if entry.lines.len() != lines {
            return Err(BookError::TooFewLines);
        }
        balanced(entry.lines.iter().map(|line| line.amount))?;
        balanced(entry.lines.iter().map(|line| line.functional))?;
        let now = self.change_time();
        let sql = self.connection.transaction()?;
        let period: Option<i64> = sql
            .query_row(
                "SELECT id FROM b_period WHERE kind = 'month' AND substr(first, 2, 7) = ?",
                [&entry.period],
                |row| row.get(0),
            )
            .optional()?;
        let period = period.ok_or_else(|| BookError::unknown("postingPeriod", &entry.period))?;
        let reference = entry.memo.split_whitespace().next().unwrap_or_default();
        sql.execute(
            "UPDATE b_entry SET date = ?2, period = ?3, memo = NULLIF(?4, ''), reference = ?5, modified = ?6
             WHERE id = ?1",
            params![id, stamp_date(entry.date), period, entry.memo, reference, now],
        )?;
        for (seq, line) in (0_i64..).zip(&entry.lines) {
            let changed = sql.execute(
                "UPDATE b_line SET txn = ?3, func = ?4, memo = ?5,
                   account = (SELECT id FROM b_account WHERE number = ?6)
                 WHERE entry = ?1 AND seq = ?2 AND EXISTS (SELECT 1 FROM b_account WHERE number = ?6)",
                params![id, seq, line.amount, line.functional, line.memo, line.account],
            )?;
            if changed == 0 {
                return Err(BookError::unknown("account", &line.account));
            }
        }
        sql.commit()?;
        self.version += 1;
        self.keep_entry(id)
    }
}
