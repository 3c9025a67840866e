//! The processors' balances beside the clearing accounts: what was read of a balance, what its documents
//! expect on the account, and what the ledger holds there.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rusqlite::params;
use tieout_domain::Currency;

use crate::{
    db::Db,
    error::Result,
    sql::{date, end_of, ms, text},
    table::house_rule::by_role,
};

/// A clearing account in one currency. Amounts are debit-positive minor units of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClearingRow {
    /// The legal entity, by its code.
    pub entity: String,
    /// The account.
    pub account: String,
    /// The currency.
    pub currency: Currency,
    /// The processor's balance: all its movements after fees. `None` where none were read, or where several
    /// entities share it, so that nobody says what each has.
    pub balance_minor: Option<i64>,
    /// What documents expect on the account.
    pub documents_minor: i64,
    /// What the ledger holds there.
    pub ledger_minor: i64,
}

/// An account of an entity in a currency.
type Place = (String, String, Currency);

/// Whose documents stand on which clearing accounts.
fn places(db: &Db) -> Result<BTreeMap<Place, BTreeSet<i64>>> {
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT x.entity, x.control, d.currency, d.connection_seq
         FROM expectation x JOIN document d ON d.seq = x.document_seq
         WHERE x.entity IS NOT NULL AND d.status <> 'draft' AND d.kind NOT IN ('invoice', 'credit_note')
             AND x.control IS NOT NULL AND x.control NOT IN (SELECT account FROM control_account)",
    )?;
    let mut rows = statement.query([])?;
    let mut found: BTreeMap<Place, BTreeSet<i64>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let place = (row.get(0)?, row.get(1)?, text(row, "currency")?);
        found.entry(place).or_default().insert(row.get(3)?);
    }
    Ok(found)
}

fn sum(db: &Db, sql: &str, place: &Place, until: &str) -> Result<i64> {
    let (entity, account, currency) = place;
    let mut statement = db.prepare_cached(&by_role(db, sql)?)?;
    Ok(statement.query_row(params![entity, account, currency.code(), until], |row| row.get(0))?)
}

const EXPECTED: &str = "SELECT coalesce(sum(l.amount_minor), 0)
    FROM expectation x JOIN document d ON d.seq = x.document_seq
    JOIN expected_line l ON l.document_seq = x.document_seq
    WHERE x.entity = ?1 AND l.account = ?2 AND d.currency = ?3 AND x.document_date <= ?4
        AND x.books = 1 AND d.status <> 'draft'";

const BOOKED: &str = "SELECT coalesce(sum(l.transaction_minor), 0)
    FROM entry e JOIN entry_line l ON l.entry_seq = e.seq
    WHERE e.status = 'booked' AND e.entity = ?1 AND l.account = ?2 AND e.currency = ?3
        AND e.posting_date <= ?4";

/// What a connection's balance is in a currency; `None` where no movement was read.
fn balance(db: &Db, connection: i64, currency: Currency, until: i64) -> Result<Option<i64>> {
    let mut statement = db.prepare_cached(
        "SELECT sum(gross_minor - fee_minor) FROM movement
         WHERE connection_seq = ?1 AND currency = ?2 AND at < ?3",
    )?;
    Ok(statement.query_row(params![connection, currency.code(), until], |row| row.get(0))?)
}

/// Each clearing account, through a day (of the processor's own clock, UTC) or all that was read.
pub(crate) fn clearing(db: &Db, through: Option<NaiveDate>) -> Result<Vec<ClearingRow>> {
    let places = places(db)?;
    let shared = |connection: &i64, place: &Place| {
        places.iter().any(|(other, of)| other != place && other.2 == place.2 && of.contains(connection))
    };
    let day = through.map_or_else(|| "9999-12-31".to_owned(), date);
    let until = through.map_or(i64::MAX, |day| ms(end_of(day)));
    let mut rows = Vec::new();
    for (place, connections) in &places {
        let mut known = Some(0_i64);
        for connection in connections {
            let one = match shared(connection, place) {
                true => None,
                false => balance(db, *connection, place.2, until)?,
            };
            known = known.zip(one).and_then(|(sum, one)| sum.checked_add(one));
        }
        rows.push(ClearingRow {
            entity: place.0.clone(),
            account: place.1.clone(),
            currency: place.2,
            balance_minor: known,
            documents_minor: sum(db, EXPECTED, place, &day)?,
            ledger_minor: sum(db, BOOKED, place, &day)?,
        });
    }
    Ok(rows)
}
