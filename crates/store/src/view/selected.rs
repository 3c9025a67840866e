//! How many exceptions a person picked, and how much.

use rusqlite::OptionalExtension;

use super::{
    opened::Opened,
    sums::{Adder, CurrencySum, pair},
};
use crate::{db::Db, error::Result};

/// A selection as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selected {
    /// How many exceptions.
    pub count: u64,
    /// Their sums by currency.
    pub sums: Vec<CurrencySum>,
}

/// What a selection needs of one exception.
struct Picked {
    seq: i64,
    cell: i64,
    currency: String,
    amount: i64,
}

fn picked(db: &Db, id: &str) -> Result<Option<Picked>> {
    let mut statement =
        db.prepare_cached("SELECT seq, cell, currency, amount_minor FROM exception WHERE id = ?1")?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Picked { seq: row.get(0)?, cell: row.get(1)?, currency: row.get(2)?, amount: row.get(3)? })
    };
    Ok(statement.query_row([id], read).optional()?)
}

fn distinct(ids: &[String]) -> Vec<&str> {
    let mut ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The exceptions of these ids; those that are not there count for nothing.
pub(crate) fn of_ids(db: &Db, ids: &[String]) -> Result<Selected> {
    let mut sums = Adder::default();
    for id in distinct(ids) {
        if let Some(one) = picked(db, id)? {
            sums.one(&one.currency, one.amount);
        }
    }
    Ok(Selected { count: sums.count(), sums: sums.done() })
}

/// All of a view but these; those that are not in it count for nothing.
pub(crate) fn all_but(db: &Db, opened: &mut Opened, except: &[String]) -> Result<Selected> {
    let mut sums = Adder::default();
    for sum in opened.sums(db)? {
        sums.add(&sum.currency, sum.count.cast_signed(), (sum.minor, sum.gross));
    }
    for id in distinct(except) {
        let Some(one) = picked(db, id)? else { continue };
        if opened.holds(db, one.seq, one.cell)? {
            let (minor, gross) = pair(one.amount);
            sums.add(&one.currency, -1, (-minor, -gross));
        }
    }
    Ok(Selected { count: sums.count(), sums: sums.done() })
}
