//! Table `ledger_account`: the charts of accounts of the ERPs.

use std::collections::BTreeMap;

use rusqlite::{Row, params};
use tieout_domain::{
    AccountCode, ConnectionId,
    ledger::{AccountType, LedgerAccount},
};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::text,
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 4,
        sql: "CREATE TABLE ledger_account (connection_seq INTEGER NOT NULL, erp_id TEXT NOT NULL,
            code TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (connection_seq, erp_id)) WITHOUT ROWID;",
    },
    Migration { version: 6, sql: "ALTER TABLE ledger_account ADD COLUMN account_type TEXT;" },
];

/// What an ERP calls an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName {
    /// Whose chart it is in.
    pub connection: ConnectionId,
    /// Its code, which one chart may hold twice.
    pub code: AccountCode,
    /// Its name.
    pub name: String,
}

fn read(row: &Row<'_>) -> rusqlite::Result<AccountName> {
    Ok(AccountName { connection: text(row, "id")?, code: text(row, "code")?, name: row.get("name")? })
}

/// Writes an account of an ERP; answers whether anything changed.
pub(crate) fn put(tx: &Tx<'_>, connection_seq: i64, account: &LedgerAccount) -> Result<bool> {
    let count = tx
        .prepare_cached(
            "INSERT INTO ledger_account (connection_seq, erp_id, code, name, account_type)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (connection_seq, erp_id) DO UPDATE SET code = excluded.code, name = excluded.name,
               account_type = excluded.account_type
             WHERE (ledger_account.code, ledger_account.name, ledger_account.account_type)
               IS DISTINCT FROM (excluded.code, excluded.name, excluded.account_type)",
        )?
        .execute(params![
            connection_seq,
            account.erp_id,
            account.code.as_str(),
            account.name,
            account.account_type.as_ref().map(AccountType::name),
        ])?;
    Ok(count > 0)
}

/// The ERP's ids of the accounts of one chart, by their codes; a code that two accounts have is left out.
pub(crate) fn ids(db: &Db, connection_seq: i64) -> Result<BTreeMap<AccountCode, String>> {
    let mut statement = db.prepare_cached(
        "SELECT code, min(erp_id) AS erp_id FROM ledger_account WHERE connection_seq = ?1
         GROUP BY code HAVING count(*) = 1",
    )?;
    let read = |row: &Row<'_>| Ok((text(row, "code")?, row.get("erp_id")?));
    Ok(statement.query_map([connection_seq], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The names of all accounts of all charts, those of one chart together.
pub(crate) fn names(db: &Db) -> Result<Vec<AccountName>> {
    let mut statement = db.prepare_cached(
        "SELECT c.id, a.code, a.name FROM ledger_account a JOIN connection c ON c.seq = a.connection_seq
         ORDER BY a.connection_seq, a.code, a.erp_id",
    )?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}
