//! Table `person_card`: the cards of people who made their key on their own machine, as they were brought
//! over.

use rusqlite::{OptionalExtension, params};
use tieout_domain::PersonId;

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 10,
    sql: "CREATE TABLE person_card (person TEXT PRIMARY KEY, card TEXT NOT NULL) WITHOUT ROWID;",
}];

/// The card of this person, as its signed text.
pub(crate) fn find(db: &Db, person: &PersonId) -> Result<Option<String>> {
    let mut statement = db.prepare_cached("SELECT card FROM person_card WHERE person = ?1")?;
    Ok(statement.query_row([person.as_str()], |row| row.get(0)).optional()?)
}

/// Keeps a person's card, in place of the one before.
pub(crate) fn put(tx: &Tx<'_>, person: &PersonId, card: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO person_card (person, card) VALUES (?1, ?2)
         ON CONFLICT (person) DO UPDATE SET card = excluded.card",
        params![person.as_str(), card],
    )?;
    Ok(())
}

/// Forgets everybody's.
pub(crate) fn clear(tx: &Tx<'_>) -> Result<()> {
    tx.execute("DELETE FROM person_card", [])?;
    Ok(())
}
