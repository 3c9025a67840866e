//! A proposal while it is made: the table, and a line for each thing that is proposed in it.

use std::collections::BTreeMap;

use tieout_connectors::files::ColumnMap;
use tieout_domain::{accounts::AccountMapping, ledger::AccountType};
use tieout_store::{ChartAccount, LedgerBook, LedgerRate};

use super::{
    chart::{self, Account},
    history::{Amounts, Book, History, join},
};
use crate::governance::table::{EntityRow, MappingTable};

/// What the proposal rests on.
pub(super) struct Given {
    pub(super) history: History,
    pub(super) books: Vec<LedgerBook>,
    pub(super) chart: Vec<ChartAccount>,
    pub(super) rates: Vec<LedgerRate>,
    /// The column maps by which files are read: by connection.
    pub(super) maps: Vec<(String, ColumnMap)>,
    /// What people said of their files when they imported them: by connection.
    pub(super) said: Vec<(String, AccountMapping)>,
}

/// One thing that is proposed.
pub(super) struct Line {
    /// Where it stands in the table.
    pub(super) place: String,
    /// What it says, as a sentence.
    pub(super) says: String,
    /// What speaks for it.
    pub(super) why: String,
    pub(super) sure: bool,
    /// What it covers of what was billed.
    pub(super) covers: Amounts,
}

/// The proposal.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) table: MappingTable,
    pub(super) lines: Vec<Line>,
    /// What nothing speaks for.
    pub(super) missing: Vec<String>,
    /// The entities of the table that ledgers keep books of, by their place in it.
    pub(super) kept: BTreeMap<usize, Vec<Book>>,
}

impl Draft {
    /// Adds a line; what it covers is worked out at the end.
    pub(super) fn line(&mut self, place: String, says: String, (sure, why): (bool, String)) {
        self.lines.push(Line { place, says, why, sure, covers: Amounts::new() });
    }

    /// The entity of this code, and its place.
    pub(super) fn entity(&self, code: &str) -> Option<(usize, &EntityRow)> {
        self.table.entity.iter().enumerate().find(|(_, row)| row.code == code)
    }

    /// The entity that keeps these books.
    pub(super) fn keeper(&self, book: &Book) -> Option<&str> {
        let (index, _) = self.kept.iter().find(|(_, books)| books.contains(book))?;
        self.table.entity.get(*index).map(|row| row.code.as_str())
    }
}

impl Given {
    /// The accounts of the connections of some books, as they are judged.
    pub(super) fn accounts(&self, books: &[Book]) -> Vec<Account> {
        let of_books =
            |one: &&ChartAccount| books.iter().any(|(connection, _)| *connection == one.connection);
        let account = |one: &ChartAccount| Account {
            code: one.code.to_string(),
            // An account without a number is named whole.
            name: if one.name.is_empty() { one.code.to_string() } else { one.name.clone() },
            kind: one.account_type.clone(),
            used: one.lines > 0,
        };
        self.chart.iter().filter(of_books).map(account).collect()
    }

    /// `1100 Accounts receivable`, as the ledgers of these books call it.
    pub(super) fn called(&self, books: &[Book], code: &str) -> String {
        let known = self.accounts(books).into_iter().find(|account| account.code == code);
        known.map_or_else(|| code.to_owned(), |account| chart::full(&account))
    }

    /// The type of an account.
    pub(super) fn kind(&self, books: &[Book], code: &str) -> Option<AccountType> {
        self.accounts(books).into_iter().find(|account| account.code == code).and_then(|account| account.kind)
    }

    /// What was billed, tax included.
    pub(super) fn billed(&self) -> Amounts {
        let mut all = Amounts::new();
        self.history.groups.values().for_each(|group| join(&mut all, &group.billed.amounts));
        all
    }

    /// What was billed without tax, by lines.
    pub(super) fn billed_net(&self) -> Amounts {
        let mut all = Amounts::new();
        let products = self.history.groups.values().flat_map(|group| group.products.values());
        products.for_each(|seen| join(&mut all, &seen.amounts));
        all
    }
}
