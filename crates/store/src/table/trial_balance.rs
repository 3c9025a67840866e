//! Tables `trial_balance` and `trial_balance_account`: what each ERP itself says of the accounts in scope, by
//! entity and period, and beside it the sum of what was read of its entries at that moment. Both are of one
//! snapshot, or there is nothing here.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Row, params};
use tieout_domain::{
    AccountCode, ConnectionId, Currency, EntityCode, calendar::PeriodKey, ledger::EntityRef,
    trial_balance::TrialBalance,
};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::text,
    table::entry::{entity_ref, entity_text},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 6,
    sql: "CREATE TABLE trial_balance (connection_seq INTEGER NOT NULL, entity TEXT NOT NULL,
            account TEXT NOT NULL, period TEXT NOT NULL, currency TEXT NOT NULL,
            opening_minor INTEGER NOT NULL,
            debits_minor INTEGER NOT NULL, credits_minor INTEGER NOT NULL, closing_minor INTEGER NOT NULL,
            read_minor INTEGER NOT NULL, page_seq INTEGER NOT NULL,
            PRIMARY KEY (connection_seq, entity, account, period)) WITHOUT ROWID;
          CREATE TABLE trial_balance_account (connection_seq INTEGER NOT NULL, account TEXT NOT NULL,
            PRIMARY KEY (connection_seq, account)) WITHOUT ROWID;",
}];

/// A trial balance as read: of which accounts, and their figures. One of no accounts proves nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Balances {
    /// The accounts that were asked for.
    pub accounts: BTreeSet<AccountCode>,
    /// The ERP's figures of them.
    pub rows: Vec<TrialBalance>,
}

/// The ERP's figures of one account in one period, and what was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvenBalance {
    /// Whose figures.
    pub connection: ConnectionId,
    /// What the ERP says.
    pub balance: TrialBalance,
    /// The sum of what was read of the entity's booked entries of the period on the account, minor units,
    /// debit positive. Complete where it is debits less credits.
    pub read_minor: i64,
}

impl ProvenBalance {
    /// What the ERP has and was not read, minor units.
    #[must_use]
    pub fn gap_minor(&self) -> i64 {
        self.balance.debits_minor - self.balance.credits_minor - self.read_minor
    }
}

type Key = (String, String, String);

/// One row without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Figures {
    currency: String,
    opening: i64,
    debits: i64,
    credits: i64,
    closing: i64,
    read: i64,
}

/// Takes the place of what was there; answers whether anything differs.
pub(crate) fn replace(tx: &Tx<'_>, connection_seq: i64, balances: &Balances, page_seq: i64) -> Result<bool> {
    let codes: BTreeSet<String> = balances.accounts.iter().map(ToString::to_string).collect();
    let (known, old) = (accounts(tx, connection_seq)?, figures(tx, connection_seq)?);
    let mut new: BTreeMap<Key, Figures> = BTreeMap::new();
    for row in &balances.rows {
        let key = (entity_text(&row.entity), row.account.to_string(), row.period.to_string());
        let figures = Figures {
            currency: row.currency.code().to_owned(),
            opening: row.opening_minor,
            debits: row.debits_minor,
            credits: row.credits_minor,
            closing: row.closing_minor,
            read: 0,
        };
        new.insert(key, figures);
    }
    for (key, currency, read) in sums(tx, connection_seq, &codes)? {
        match new.get_mut(&key) {
            Some(figures) => figures.read = read,
            None if read == 0 => {}
            // The ERP has nothing there: what the period began with, it also left.
            None => {
                let before = new.range(..&key).next_back().filter(|(k, _)| (&k.0, &k.1) == (&key.0, &key.1));
                let opening = before.map_or(0, |(_, before)| before.closing);
                let closing = opening;
                new.insert(key, Figures { currency, opening, debits: 0, credits: 0, closing, read });
            }
        }
    }
    if (&known, &old) == (&codes, &new) {
        return Ok(false);
    }
    write(tx, connection_seq, (&codes, &new), page_seq)?;
    Ok(true)
}

fn write(
    tx: &Tx<'_>,
    connection_seq: i64,
    (codes, rows): (&BTreeSet<String>, &BTreeMap<Key, Figures>),
    page_seq: i64,
) -> Result<()> {
    tx.execute("DELETE FROM trial_balance WHERE connection_seq = ?1", [connection_seq])?;
    tx.execute("DELETE FROM trial_balance_account WHERE connection_seq = ?1", [connection_seq])?;
    let mut account =
        tx.prepare_cached("INSERT INTO trial_balance_account (connection_seq, account) VALUES (?1, ?2)")?;
    for code in codes {
        account.execute(params![connection_seq, code])?;
    }
    let mut insert = tx.prepare_cached(
        "INSERT INTO trial_balance (connection_seq, entity, account, period, currency, opening_minor,
           debits_minor, credits_minor, closing_minor, read_minor, page_seq)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    for ((entity, account, period), row) in rows {
        insert.execute(params![
            connection_seq,
            entity,
            account,
            period,
            row.currency,
            row.opening,
            row.debits,
            row.credits,
            row.closing,
            row.read,
            page_seq
        ])?;
    }
    Ok(())
}

fn accounts(db: &Db, connection_seq: i64) -> Result<BTreeSet<String>> {
    let mut statement =
        db.prepare_cached("SELECT account FROM trial_balance_account WHERE connection_seq = ?1")?;
    Ok(statement.query_map([connection_seq], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

fn key(row: &Row<'_>) -> rusqlite::Result<Key> {
    Ok((row.get("entity")?, row.get("account")?, row.get("period")?))
}

fn figures(db: &Db, connection_seq: i64) -> Result<BTreeMap<Key, Figures>> {
    let mut statement = db.prepare_cached("SELECT * FROM trial_balance WHERE connection_seq = ?1")?;
    let read = |row: &Row<'_>| {
        let figures = Figures {
            currency: row.get("currency")?,
            opening: row.get("opening_minor")?,
            debits: row.get("debits_minor")?,
            credits: row.get("credits_minor")?,
            closing: row.get("closing_minor")?,
            read: row.get("read_minor")?,
        };
        Ok((key(row)?, figures))
    };
    Ok(statement.query_map([connection_seq], read)?.collect::<rusqlite::Result<_>>()?)
}

/// What was read of booked entries on these accounts, by entity, account and period.
fn sums(db: &Db, connection_seq: i64, codes: &BTreeSet<String>) -> Result<Vec<(Key, String, i64)>> {
    let mut statement = db.prepare_cached(
        "SELECT e.entity, l.account, e.period, min(e.functional_currency) AS currency,
           sum(l.functional_minor) AS minor
         FROM entry e JOIN entry_line l ON l.entry_seq = e.seq
         WHERE e.connection_seq = ?1 AND e.status = 'booked' GROUP BY e.entity, l.account, e.period
         ORDER BY e.entity, l.account, e.period",
    )?;
    let rows = statement
        .query_map([connection_seq], |row| Ok((key(row)?, row.get("currency")?, row.get("minor")?)))?
        .collect::<rusqlite::Result<Vec<(Key, String, i64)>>>()?;
    Ok(rows.into_iter().filter(|(key, ..)| codes.contains(&key.1)).collect())
}

/// Gives figures of an entity that is known only by the ERP's id its code.
pub(crate) fn name_entity(
    tx: &Tx<'_>,
    connection_seq: i64,
    (erp_id, code): (&str, &EntityCode),
) -> Result<()> {
    tx.execute(
        "UPDATE trial_balance SET entity = ?3 WHERE connection_seq = ?1 AND entity = ?2",
        params![connection_seq, entity_text(&EntityRef::ErpId(erp_id.to_owned())), code.as_str()],
    )?;
    Ok(())
}

/// The figures of all connections, by entity, account and period.
pub(crate) fn all(db: &Db) -> Result<Vec<ProvenBalance>> {
    let mut statement = db.prepare_cached(
        "SELECT t.*, c.id AS connection_id FROM trial_balance t JOIN connection c ON c.seq = t.connection_seq
         ORDER BY t.entity, t.account, t.period, t.connection_seq",
    )?;
    let read = |row: &Row<'_>| {
        Ok(ProvenBalance {
            connection: text(row, "connection_id")?,
            balance: TrialBalance {
                entity: entity_ref(row.get_ref("entity")?.as_str()?)?,
                account: text(row, "account")?,
                period: PeriodKey::new(row.get::<_, String>("period")?),
                currency: text::<Currency>(row, "currency")?,
                opening_minor: row.get("opening_minor")?,
                debits_minor: row.get("debits_minor")?,
                credits_minor: row.get("credits_minor")?,
                closing_minor: row.get("closing_minor")?,
            },
            read_minor: row.get("read_minor")?,
        })
    };
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}
