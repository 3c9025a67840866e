//! Table `exception_customer`: how many exceptions of a kind and currency each customer has, open or not, and
//! what they come to, so that a view by customer reads no exceptions. Kept with the cells
//! ([`crate::table::cell`]).

use std::collections::{BTreeMap, HashMap};

use rusqlite::params;

use super::delta::Delta;
use crate::{
    db::{Migration, Tx},
    error::Result,
};

const COUNTED: &str = "INSERT INTO exception_customer (live, customer, kind, currency, held, high, low,
      gross_high, gross_low)
    SELECT live, customer, kind, currency, count(*), sum(amount_minor >> 32),
      sum(amount_minor & 4294967295), sum(abs(amount_minor) >> 32), sum(abs(amount_minor) & 4294967295)
    FROM exception GROUP BY live, customer, kind, currency";

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 12,
        sql: "CREATE TABLE exception_customer (live INTEGER NOT NULL, customer TEXT NOT NULL,
            kind TEXT NOT NULL, currency TEXT NOT NULL, held INTEGER NOT NULL, high INTEGER NOT NULL,
            low INTEGER NOT NULL, gross_high INTEGER NOT NULL, gross_low INTEGER NOT NULL,
            PRIMARY KEY (live, customer, kind, currency)) WITHOUT ROWID;",
    },
    Migration { version: 12, sql: COUNTED },
];

/// Counts everything anew: cheaper than one by one where most exceptions are new.
pub(crate) fn count(tx: &Tx<'_>) -> Result<()> {
    tx.execute("DELETE FROM exception_customer", [])?;
    tx.execute(COUNTED, [])?;
    Ok(())
}

/// What changes, by the cell of the exceptions and the name of their customer.
#[derive(Default)]
pub(crate) struct CustomerSums(HashMap<i64, HashMap<String, Delta>>);

impl CustomerSums {
    /// So many exceptions of a customer more in a cell, or less.
    pub fn add(&mut self, cell: i64, customer: &str, times: i64, amount: i64) {
        let of_cell = self.0.entry(cell).or_default();
        match of_cell.get_mut(customer) {
            Some(delta) => delta.add(times, amount),
            None => of_cell.entry(customer.to_owned()).or_default().add(times, amount),
        }
    }

    /// Writes what changed. All cells of it must be there still.
    pub fn flush(self, tx: &Tx<'_>) -> Result<()> {
        let mut facets =
            tx.prepare_cached("SELECT live, kind, currency FROM exception_cell WHERE id = ?1")?;
        let mut changes: BTreeMap<(bool, String, String, String), Delta> = BTreeMap::new();
        for (cell, customers) in self.0 {
            let (live, kind, currency): (bool, String, String) =
                facets.query_row([cell], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            for (customer, delta) in customers {
                let key = (live, customer, kind.clone(), currency.clone());
                changes.entry(key).or_default().join(&delta);
            }
        }
        let mut write = tx.prepare_cached(
            "INSERT INTO exception_customer AS o (live, customer, kind, currency, held, high, low, gross_high,
               gross_low) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (live, customer, kind, currency) DO UPDATE SET held = o.held + excluded.held,
               high = o.high + excluded.high, low = o.low + excluded.low,
               gross_high = o.gross_high + excluded.gross_high, gross_low = o.gross_low + excluded.gross_low",
        )?;
        let mut drop_empty = tx.prepare_cached(
            "DELETE FROM exception_customer
             WHERE live = ?1 AND customer = ?2 AND kind = ?3 AND currency = ?4 AND held = 0",
        )?;
        for ((live, customer, kind, currency), delta) in changes {
            if delta == Delta::default() {
                continue;
            }
            let Delta { held, high, low, gross_high, gross_low } = delta;
            write.execute(params![live, customer, kind, currency, held, high, low, gross_high, gross_low])?;
            if held < 0 {
                drop_empty.execute(params![live, customer, kind, currency])?;
            }
        }
        Ok(())
    }
}
