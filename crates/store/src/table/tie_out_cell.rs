//! Tables `tie_out_cell`, `tie_out_kept`, `tie_out_stale` and `tie_out_touched`: the cells of the tie-out as
//! the last detection left them, and of what they are out of date since. Worked out by [`crate::tieout`].

use rusqlite::{Row, params};
use tieout_domain::Currency;

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::text,
};

/// A row of `tie_out_kept` says that cells are kept: without it nothing is marked. `tie_out_stale` names
/// places whose cells are out of date, `tie_out_touched` names of which any place is (an entry's or a
/// document's, as [`crate::tieout`] counts it).
///
/// `watches`: a document expects something on the account, or an entry that touches a control account or
/// releases deferred revenue does: wherever it is. `stands`: the cell is one whatever is watched; the
/// ledger's part of it counts for nothing on an account that is not.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 13,
    sql: "CREATE TABLE tie_out_cell (entity TEXT NOT NULL, period TEXT NOT NULL, currency TEXT NOT NULL,
            account TEXT NOT NULL, billing INTEGER NOT NULL, ledger INTEGER NOT NULL,
            corrected INTEGER NOT NULL, shifted INTEGER NOT NULL, settled INTEGER NOT NULL,
            not_ours INTEGER NOT NULL, noted INTEGER NOT NULL, tolerated INTEGER NOT NULL,
            opening INTEGER NOT NULL, explained INTEGER NOT NULL, transit INTEGER NOT NULL,
            exceptions INTEGER NOT NULL, watches INTEGER NOT NULL, stands INTEGER NOT NULL,
            PRIMARY KEY (entity, period, currency, account)) WITHOUT ROWID;
          CREATE TABLE tie_out_kept (one INTEGER PRIMARY KEY CHECK (one = 1));
          CREATE TABLE tie_out_stale (entity TEXT NOT NULL, period TEXT NOT NULL,
            PRIMARY KEY (entity, period)) WITHOUT ROWID;
          CREATE TABLE tie_out_touched (name TEXT PRIMARY KEY) WITHOUT ROWID;
          CREATE INDEX entry_by_place ON entry (entity, period);
          CREATE INDEX expectation_by_place ON expectation (entity, period);",
}];

/// Where cells are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub entity: String,
    pub period: String,
}

/// What a cell is made of. Debit-positive minor units of its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cell {
    pub entity: String,
    pub period: String,
    pub currency: Currency,
    pub account: String,
    pub billing: i64,
    /// What is booked; of that, what is netted; and what is not ours, noted or opening.
    pub ledger: i64,
    pub corrected: i64,
    pub not_ours: i64,
    pub noted: i64,
    pub opening: i64,
    pub shifted: i64,
    pub settled: i64,
    pub tolerated: i64,
    pub explained: i64,
    pub transit: i64,
    pub exceptions: i64,
    pub watches: bool,
    pub stands: bool,
}

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Cell> {
    Ok(Cell {
        entity: row.get("entity")?,
        period: row.get("period")?,
        currency: text(row, "currency")?,
        account: row.get("account")?,
        billing: row.get("billing")?,
        ledger: row.get("ledger")?,
        corrected: row.get("corrected")?,
        not_ours: row.get("not_ours")?,
        noted: row.get("noted")?,
        opening: row.get("opening")?,
        shifted: row.get("shifted")?,
        settled: row.get("settled")?,
        tolerated: row.get("tolerated")?,
        explained: row.get("explained")?,
        transit: row.get("transit")?,
        exceptions: row.get("exceptions")?,
        watches: row.get("watches")?,
        stands: row.get("stands")?,
    })
}

/// True where cells are kept.
pub(crate) fn is_kept(db: &Db) -> Result<bool> {
    let mut statement = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM tie_out_kept)")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// True where kept cells are out of date: by what was marked, or by what waits for the next detection.
pub(crate) fn is_stale(db: &Db) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM tie_out_stale) OR EXISTS (SELECT 1 FROM tie_out_touched)
        OR EXISTS (SELECT 1 FROM dirty_reference)
        OR EXISTS (SELECT 1 FROM detection_state s CROSS JOIN entry e WHERE e.seq > s.entry_seq)
        OR EXISTS (SELECT 1 FROM detection_state s CROSS JOIN document d WHERE d.seq > s.document_seq)";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The cells that are kept, sorted by entity, period, currency and account.
pub(crate) fn kept(db: &Db) -> Result<Vec<Cell>> {
    let mut statement = db.prepare_cached("SELECT * FROM tie_out_cell")?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Forgets all cells; nothing is marked until some are kept again.
pub(crate) fn forget(tx: &Tx<'_>) -> Result<()> {
    tx.execute_batch(
        "DELETE FROM tie_out_kept; DELETE FROM tie_out_cell; DELETE FROM tie_out_stale;
         DELETE FROM tie_out_touched;",
    )?;
    Ok(())
}

/// Keeps these cells instead of those of these places; nothing is out of date then.
pub(crate) fn keep(tx: &Tx<'_>, places: &[Place], cells: &[Cell]) -> Result<()> {
    let mut gone = tx.prepare_cached("DELETE FROM tie_out_cell WHERE entity = ?1 AND period = ?2")?;
    for place in places {
        gone.execute(params![place.entity, place.period])?;
    }
    let mut insert = tx.prepare_cached(
        "INSERT INTO tie_out_cell (entity, period, currency, account, billing, ledger, corrected, not_ours,
           noted, opening, shifted, settled, tolerated, explained, transit, exceptions, watches, stands)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    )?;
    for cell in cells {
        insert.execute(params![
            cell.entity,
            cell.period,
            cell.currency.code(),
            cell.account,
            cell.billing,
            cell.ledger,
            cell.corrected,
            cell.not_ours,
            cell.noted,
            cell.opening,
            cell.shifted,
            cell.settled,
            cell.tolerated,
            cell.explained,
            cell.transit,
            cell.exceptions,
            cell.watches,
            cell.stands,
        ])?;
    }
    tx.execute_batch(
        "DELETE FROM tie_out_stale; DELETE FROM tie_out_touched;
         INSERT INTO tie_out_kept (one) VALUES (1) ON CONFLICT DO NOTHING;",
    )?;
    Ok(())
}
