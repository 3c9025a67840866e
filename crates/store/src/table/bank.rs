//! Tables `bank_account`, `bank_statement` and `bank_line`: whose account a bank's statements are of, and
//! what they say. A line is kept once, with the first statement that brought it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{
    AccountCode, Currency, EntityCode,
    bank::{BankLine, BankStatement, Searched},
};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, date, ms, text, text_opt},
};

/// `names` stand on lines of their own. Balances are positive where money is on the account. A statement
/// `joins` where it begins within what was there, or where that ended.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 12,
    sql: "CREATE TABLE bank_account (seq INTEGER PRIMARY KEY, number TEXT NOT NULL, currency TEXT NOT NULL,
            entity TEXT NOT NULL, account TEXT NOT NULL, placed_by TEXT NOT NULL, placed_at INTEGER NOT NULL,
            UNIQUE (number, currency));
          CREATE TABLE bank_statement (seq INTEGER PRIMARY KEY, account_seq INTEGER NOT NULL,
            statement_id TEXT NOT NULL, from_day TEXT NOT NULL, to_day TEXT NOT NULL,
            opening_minor INTEGER NOT NULL, closing_minor INTEGER NOT NULL, line_count INTEGER NOT NULL,
            joins INTEGER NOT NULL,
            file TEXT NOT NULL, sha256 TEXT NOT NULL, format TEXT NOT NULL, imported_by TEXT NOT NULL,
            imported_at INTEGER NOT NULL);
          CREATE INDEX bank_statement_by_account ON bank_statement (account_seq, to_day);
          CREATE INDEX bank_statement_by_file ON bank_statement (sha256);
          CREATE TABLE bank_line (seq INTEGER PRIMARY KEY, account_seq INTEGER NOT NULL,
            statement_seq INTEGER NOT NULL, line_no INTEGER NOT NULL, file_row INTEGER NOT NULL,
            booked_on TEXT NOT NULL, value_on TEXT, amount_minor INTEGER NOT NULL,
            reversal INTEGER NOT NULL, bank_reference TEXT, names TEXT NOT NULL, counterparty TEXT,
            words TEXT NOT NULL, batch INTEGER);
          CREATE INDEX bank_line_by_account ON bank_line (account_seq, booked_on);",
}];

/// Whose a bank account is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankPlace {
    /// The legal entity.
    pub entity: EntityCode,
    /// The ledger's account.
    pub account: AccountCode,
}

/// A bank account as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBankAccount {
    /// The bank's number of it.
    pub number: String,
    /// Its currency.
    pub currency: Currency,
    /// Whose it is.
    pub place: BankPlace,
    pub(crate) seq: i64,
}

/// A statement as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBankStatement {
    /// The bank's own name of it.
    pub id: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// What stood there before, minor units.
    pub opening_minor: i64,
    /// What stood there after, minor units.
    pub closing_minor: i64,
    /// How many lines the bank wrote.
    pub lines: u64,
    /// The file.
    pub file: String,
    /// What it was.
    pub format: String,
    /// When it was imported.
    pub imported_at: DateTime<Utc>,
    pub(crate) joins: bool,
}

/// A line as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBankLine {
    /// What the bank says.
    pub line: BankLine,
    pub(crate) seq: i64,
}

impl StoredBankLine {
    /// By which it is told apart from every other.
    #[must_use]
    pub fn key(&self) -> i64 {
        self.seq
    }
}

fn account(row: &Row<'_>) -> rusqlite::Result<StoredBankAccount> {
    Ok(StoredBankAccount {
        number: row.get("number")?,
        currency: text(row, "currency")?,
        place: BankPlace { entity: text(row, "entity")?, account: text(row, "account")? },
        seq: row.get("seq")?,
    })
}

/// All bank accounts, by entity and account.
pub(crate) fn accounts(db: &Db) -> Result<Vec<StoredBankAccount>> {
    let query = "SELECT * FROM bank_account ORDER BY entity, account, currency, number";
    Ok(db.prepare_cached(query)?.query_map([], account)?.collect::<rusqlite::Result<_>>()?)
}

/// The account of this number and currency.
pub(crate) fn find(db: &Db, number: &str, currency: Currency) -> Result<Option<StoredBankAccount>> {
    let mut statement =
        db.prepare_cached("SELECT * FROM bank_account WHERE number = ?1 AND currency = ?2")?;
    Ok(statement.query_row([number, currency.code()], account).optional()?)
}

/// Says whose an account is, in the place of what was said before; its internal key.
pub(crate) fn put_account(
    tx: &Tx<'_>,
    (number, currency): (&str, Currency),
    place: &BankPlace,
    (by, when): (&str, DateTime<Utc>),
) -> Result<i64> {
    if let Some(known) = find(tx, number, currency)?.filter(|known| known.place == *place) {
        return Ok(known.seq);
    }
    tx.prepare_cached(
        "INSERT INTO bank_account (number, currency, entity, account, placed_by, placed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (number, currency) DO UPDATE SET entity = excluded.entity, account = excluded.account,
            placed_by = excluded.placed_by, placed_at = excluded.placed_at",
    )?
    .execute(params![
        number,
        currency.code(),
        place.entity.as_str(),
        place.account.as_str(),
        by,
        ms(when)
    ])?;
    let mut seq = tx.prepare_cached("SELECT seq FROM bank_account WHERE number = ?1 AND currency = ?2")?;
    Ok(seq.query_row([number, currency.code()], |row| row.get(0))?)
}

/// True where a file of these bytes was taken before.
pub(crate) fn is_known(db: &Db, sha256: &str) -> Result<bool> {
    let mut statement =
        db.prepare_cached("SELECT EXISTS (SELECT 1 FROM bank_statement WHERE sha256 = ?1)")?;
    Ok(statement.query_row([sha256], |row| row.get(0))?)
}

fn statement(row: &Row<'_>) -> rusqlite::Result<StoredBankStatement> {
    Ok(StoredBankStatement {
        id: row.get("statement_id")?,
        from: text(row, "from_day")?,
        to: text(row, "to_day")?,
        opening_minor: row.get("opening_minor")?,
        closing_minor: row.get("closing_minor")?,
        lines: u64::try_from(row.get::<_, i64>("line_count")?).unwrap_or_default(),
        file: row.get("file")?,
        format: row.get("format")?,
        joins: row.get("joins")?,
        imported_at: at(row, "imported_at")?,
    })
}

/// The statements of an account by their days; those of one day in the order in which they came.
pub(crate) fn statements(db: &Db, account_seq: i64) -> Result<Vec<StoredBankStatement>> {
    let query = "SELECT * FROM bank_statement WHERE account_seq = ?1 ORDER BY from_day, to_day, seq";
    let mut list = db.prepare_cached(query)?;
    Ok(list.query_map([account_seq], statement)?.collect::<rusqlite::Result<_>>()?)
}

fn line(row: &Row<'_>) -> rusqlite::Result<StoredBankLine> {
    let names: String = row.get("names")?;
    let line = BankLine {
        number: row.get("line_no")?,
        row: row.get("file_row")?,
        booked_on: text(row, "booked_on")?,
        value_on: text_opt(row, "value_on")?,
        amount_minor: row.get("amount_minor")?,
        reversal: row.get("reversal")?,
        bank_reference: row.get("bank_reference")?,
        references: names.lines().map(str::to_owned).collect(),
        counterparty: row.get("counterparty")?,
        text: row.get("words")?,
        batch: row.get("batch")?,
    };
    Ok(StoredBankLine { line, seq: row.get("seq")? })
}

/// The lines of an account, in the order of their days.
pub(crate) fn lines(db: &Db, account_seq: i64) -> Result<Vec<StoredBankLine>> {
    let mut list =
        db.prepare_cached("SELECT * FROM bank_line WHERE account_seq = ?1 ORDER BY booked_on, seq")?;
    Ok(list.query_map([account_seq], line)?.collect::<rusqlite::Result<_>>()?)
}

/// What a line is known by where the bank gives it no reference.
fn content(line: &BankLine) -> (NaiveDate, i64, String) {
    let unnamed = BankLine { bank_reference: None, ..line.clone() };
    (line.booked_on, line.amount_minor, Searched::of(&unnamed).whole)
}

/// Which lines of a statement are not there yet: known is one by the bank's own reference, its day and its
/// amount, else by its day, amount and words, as often as they are there. `known` are those of its days.
pub(crate) fn new_lines<'l>(known: &[StoredBankLine], lines: &'l [BankLine]) -> Vec<&'l BankLine> {
    let referenced = |line: &BankLine| {
        line.bank_reference.clone().map(|reference| (reference, line.booked_on, line.amount_minor))
    };
    let mut by_reference: BTreeMap<_, u64> = BTreeMap::new();
    let mut by_content: BTreeMap<_, u64> = BTreeMap::new();
    for one in known {
        match referenced(&one.line) {
            Some(key) => *by_reference.entry(key).or_default() += 1,
            None => *by_content.entry(content(&one.line)).or_default() += 1,
        }
    }
    let is_new = |line: &&BankLine| {
        let left = match referenced(line) {
            Some(key) => by_reference.get_mut(&key),
            None => by_content.get_mut(&content(line)),
        };
        match left {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        }
    };
    lines.iter().filter(is_new).collect()
}

/// Where a statement came from.
pub(crate) struct Source<'s> {
    pub file: &'s str,
    pub sha256: &'s str,
    pub format: &'s str,
    pub by: &'s str,
    pub at: DateTime<Utc>,
}

/// Keeps a statement with those of its lines that are new.
pub(crate) fn put(
    tx: &Tx<'_>,
    account_seq: i64,
    said: &BankStatement,
    (new, joins): (&[&BankLine], bool),
    from: &Source<'_>,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO bank_statement (account_seq, statement_id, from_day, to_day, opening_minor,
            closing_minor, line_count, joins, file, sha256, format, imported_by, imported_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?
    .execute(params![
        account_seq,
        said.id,
        date(said.from),
        date(said.to),
        said.opening_minor,
        said.closing_minor,
        i64::try_from(said.lines.len()).unwrap_or(i64::MAX),
        joins,
        from.file,
        from.sha256,
        from.format,
        from.by,
        ms(from.at),
    ])?;
    let statement_seq = tx.last_insert_rowid();
    let mut insert = tx.prepare_cached(
        "INSERT INTO bank_line (account_seq, statement_seq, line_no, file_row, booked_on, value_on,
            amount_minor, reversal, bank_reference, names, counterparty, words, batch)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    for line in new {
        insert.execute(params![
            account_seq,
            statement_seq,
            line.number,
            line.row,
            date(line.booked_on),
            line.value_on.map(date),
            line.amount_minor,
            line.reversal,
            line.bank_reference,
            line.references.join("\n"),
            line.counterparty,
            line.text,
            line.batch,
        ])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(day: u32, minor: i64, text: &str, reference: Option<&str>) -> BankLine {
        BankLine {
            booked_on: NaiveDate::from_ymd_opt(2026, 3, day).unwrap(),
            amount_minor: minor,
            text: text.to_owned(),
            bank_reference: reference.map(str::to_owned),
            ..BankLine::default()
        }
    }

    fn stored(lines: &[BankLine]) -> Vec<StoredBankLine> {
        lines.iter().map(|line| StoredBankLine { line: line.clone(), seq: 0 }).collect()
    }

    #[test]
    fn a_line_is_known_by_the_banks_reference_else_by_its_words_as_often_as_they_are_there() {
        let fee = || line(2, -150, "Account fee", None);
        let known = stored(&[fee(), line(2, 900, "Wire", Some("R-1"))]);
        assert_eq!(new_lines(&known, &[fee()]).len(), 0);
        assert_eq!(new_lines(&known, &[fee(), fee()]).len(), 1, "a second fee of the day is another");
        assert_eq!(new_lines(&known, &[line(3, -150, "Account fee", None)]).len(), 1);
        assert_eq!(new_lines(&known, &[line(2, 900, "wire, as printed", Some("R-1"))]).len(), 0);
        assert_eq!(new_lines(&known, &[line(2, 900, "Wire", Some("R-2"))]).len(), 1);
    }
}
