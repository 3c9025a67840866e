//! What a check of the tables finds.

/// The stable code of all that is found in tables.
const CODE: &str = "table_differs";

/// Findings of one table that are told one by one.
pub(super) const MOST: usize = 20;

/// Something in a table that is not as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFinding {
    /// The table.
    pub table: String,
    /// The row, as people name it; `None` where it is about the table.
    pub row: Option<String>,
    /// What is wrong, in words.
    pub message: String,
}

impl TableFinding {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        CODE
    }

    pub(super) fn of_table(table: &str, message: impl Into<String>) -> Self {
        Self { table: table.to_owned(), row: None, message: message.into() }
    }

    pub(super) fn of_row(table: &str, row: impl Into<String>, message: impl Into<String>) -> Self {
        Self { table: table.to_owned(), row: Some(row.into()), message: message.into() }
    }
}

/// The first findings of a table, and how many more there are.
pub(super) fn at_most(mut found: Vec<TableFinding>) -> Vec<TableFinding> {
    if found.len() > MOST {
        let more = found.len() - MOST;
        found.truncate(MOST);
        let table = found[0].table.clone();
        found.push(TableFinding::of_table(&table, format!("and {more} rows more")));
    }
    found
}
