//! Table `entity_rule`: what the mapping in force says of an entity that detection judges by.

use rusqlite::params;
use tieout_domain::{
    accounts::LegalEntity,
    receipts::{CreditNotes, ReceiptsMaster},
};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
};

/// `receipts`: who knows every receipt, where the mapping says it.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 7,
    sql: "CREATE TABLE entity_rule (entity TEXT PRIMARY KEY, receipts TEXT, credit_notes INTEGER NOT NULL)
            WITHOUT ROWID;",
}];

type Kept = (String, Option<String>, bool);

fn kept(entity: &LegalEntity) -> Kept {
    let receipts = entity.receipts_master.map(ReceiptsMaster::as_str).map(str::to_owned);
    (entity.code.to_string(), receipts, entity.credit_notes == CreditNotes::Required)
}

fn all(db: &Db) -> Result<Vec<Kept>> {
    let mut statement =
        db.prepare_cached("SELECT entity, receipts, credit_notes FROM entity_rule ORDER BY entity")?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Takes over what the mapping in force says, where it says anything; true where that changed.
pub(crate) fn keep(tx: &Tx<'_>, entities: &[LegalEntity]) -> Result<bool> {
    let mut wanted: Vec<Kept> = entities.iter().map(kept).collect();
    wanted.retain(|(_, receipts, credit_notes)| receipts.is_some() || *credit_notes);
    wanted.sort();
    if all(tx)? == wanted {
        return Ok(false);
    }
    tx.execute("DELETE FROM entity_rule", [])?;
    let mut insert =
        tx.prepare_cached("INSERT INTO entity_rule (entity, receipts, credit_notes) VALUES (?1, ?2, ?3)")?;
    for (entity, receipts, credit_notes) in wanted {
        insert.execute(params![entity, receipts, credit_notes])?;
    }
    Ok(true)
}
