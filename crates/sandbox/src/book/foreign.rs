//! What others make in the ERP: records of every type by another connector or by people, journals over
//! several subsidiaries, and the ways in which an account is set up.

use rusqlite::{TransactionBehavior, params};

use super::write::{Place, insert};
use super::{Book, BookError, Feature, Inner, NewEntry, PeriodRule, RecordFacts};

impl Book {
    /// Makes a record of another type with its booking, and gives its internal id.
    ///
    /// # Errors
    /// As [`Book::commit`].
    pub fn make_record(&self, entry: &NewEntry, facts: &RecordFacts) -> Result<i64, BookError> {
        let mut book = self.lock();
        let id = book.commit(entry, PeriodRule::AsItIs)?;
        book.describe(id, facts)?;
        Ok(id)
    }

    /// Books a journal over several subsidiaries: each line with the subsidiary (internal id) that it is of.
    /// The lines of each balance by themselves.
    ///
    /// # Errors
    /// As [`Book::commit`], for each subsidiary.
    pub fn commit_over(&self, entry: &NewEntry, subsidiaries: &[i64]) -> Result<i64, BookError> {
        self.lock().commit_over(entry, subsidiaries)
    }

    /// Puts the lines of a journal into other subsidiaries, in order.
    ///
    /// # Errors
    /// When there is no such entry.
    pub fn move_lines(&self, id: i64, subsidiaries: &[i64]) -> Result<(), BookError> {
        let mut book = self.lock();
        let now = book.change_time();
        for (seq, subsidiary) in (0_i64..).zip(subsidiaries) {
            book.connection.execute(
                "UPDATE b_line SET subsidiary = ?3 WHERE entry = ?1 AND seq = ?2",
                params![id, seq, subsidiary],
            )?;
        }
        let changed =
            book.connection.execute("UPDATE b_entry SET modified = ?2 WHERE id = ?1", params![id, now])?;
        book.version += 1;
        if changed == 0 { Err(BookError::unknown("journalEntry", id)) } else { Ok(()) }
    }

    /// Removes a record as if by SQL: nothing says that it was there.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn vanish(&self, id: i64) -> Result<(), BookError> {
        let mut book = self.lock();
        book.connection.execute("DELETE FROM b_line WHERE entry = ?", [id])?;
        book.connection.execute("DELETE FROM b_entry WHERE id = ?", [id])?;
        book.version += 1;
        Ok(())
    }

    /// Sets the account up in this way.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn set_up(&self, feature: Feature) -> Result<(), BookError> {
        let mut book = self.lock();
        book.connection.execute("INSERT OR IGNORE INTO b_feature(name) VALUES (?)", [feature.name()])?;
        book.version += 1;
        Ok(())
    }

    /// True where the account is set up in this way.
    ///
    /// # Errors
    /// When the storage fails.
    pub fn is_set_up(&self, feature: Feature) -> Result<bool, BookError> {
        let book = self.lock();
        let mut statement = book.connection.prepare_cached("SELECT 1 FROM b_feature WHERE name = ?")?;
        Ok(statement.exists([feature.name()])?)
    }

    /// Adds an account and a currency that no program can read: a path of more characters than anything
    /// takes, and a symbol of the customer's own. Gives their internal ids.
    ///
    /// # Errors
    /// When they are there already.
    pub fn add_odd_master_data(&self) -> Result<(i64, i64), BookError> {
        let mut book = self.lock();
        let path = ["Receivables of the former subsidiaries"; 8].join(" : ");
        book.connection.execute(
            "INSERT INTO b_account(id, number, name, type) VALUES (9001, ?1, ?1, 'OthCurrAsset')",
            [path],
        )?;
        book.connection.execute(
            "INSERT INTO b_currency(id, name, symbol, exponent) VALUES (9002, 'Loyalty points', 'PTS-1', 2)",
            [],
        )?;
        book.version += 1;
        Ok((9001, 9002))
    }
}

impl Inner {
    fn commit_over(&mut self, entry: &NewEntry, subsidiaries: &[i64]) -> Result<i64, BookError> {
        let mut parts: Vec<i64> = subsidiaries.to_vec();
        parts.dedup();
        let mut whole = NewEntry { lines: Vec::new(), ..entry.clone() };
        let mut exponents = Vec::new();
        let mut over = Vec::new();
        let mut touches_ar = false;
        for subsidiary in parts {
            let of = entry.lines.iter().zip(subsidiaries).filter(|(_, own)| **own == subsidiary);
            let lines = of.map(|(line, _)| line.clone()).collect();
            let own = NewEntry { subsidiary, rate: None, lines, ..entry.clone() };
            let checked = self.check(&own)?;
            touches_ar |= checked.touches_ar;
            for (line, functional) in own.lines.iter().zip(&checked.functional) {
                whole.lines.push(super::NewLine { functional: Some(*functional), ..line.clone() });
                exponents.push(checked.functional_unit.exponent);
                over.push(subsidiary);
            }
        }
        self.refuse_duplicate("b_entry", entry.external_id.as_deref())?;
        let period = self.period_for(entry.date, entry.period, touches_ar, PeriodRule::AsItIs)?;
        let place = Place { period, created: self.change_time() };
        // The header says the first subsidiary; each line its own.
        let head = NewEntry { subsidiary: entry.subsidiary, rate: None, ..whole.clone() };
        let checked = self.unbalanced(&head)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let id = insert(&transaction, &checked, &place)?;
        for ((seq, subsidiary), exponent) in (0_i64..).zip(&over).zip(&exponents) {
            transaction.execute(
                "UPDATE b_line SET subsidiary = ?3, func_exp = ?4 WHERE entry = ?1 AND seq = ?2",
                params![id, seq, subsidiary, exponent],
            )?;
        }
        transaction.commit()?;
        self.version += 1;
        self.keep_entry(id)?;
        Ok(id)
    }
}
