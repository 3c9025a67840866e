//! Tables `name_rule`, `document_form` and `entry_form`: by which rules of the mapping in force a ledger's
//! names are read, and what the names of documents and entries are compared by under each. Without a rule
//! there are no forms.

use rusqlite::params;
use tieout_domain::naming::NameRule;

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 7,
    sql: "CREATE TABLE name_rule (seq INTEGER PRIMARY KEY, connection TEXT NOT NULL UNIQUE,
            rule TEXT NOT NULL);
          CREATE TABLE document_form (rule_seq INTEGER NOT NULL, form TEXT NOT NULL,
            document_seq INTEGER NOT NULL, PRIMARY KEY (rule_seq, form, document_seq)) WITHOUT ROWID;
          CREATE INDEX document_form_of ON document_form (document_seq);
          CREATE TABLE entry_form (rule_seq INTEGER NOT NULL, form TEXT NOT NULL,
            entry_seq INTEGER NOT NULL, PRIMARY KEY (rule_seq, form, entry_seq)) WITHOUT ROWID;
          CREATE INDEX entry_form_of ON entry_form (entry_seq);",
}];

/// The rules, each with its internal key.
pub(crate) fn all(db: &Db) -> Result<Vec<(i64, NameRule)>> {
    let mut statement = db.prepare_cached("SELECT seq, rule FROM name_rule ORDER BY seq")?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(1)?;
        let rule = serde_json::from_str(&text)
            .map_err(|error| StoreError::Corrupt(format!("a rule of names cannot be read: {error}")))?;
        found.push((row.get(0)?, rule));
    }
    Ok(found)
}

/// Takes the rules over from the mapping in force; true where they changed.
pub(crate) fn keep(tx: &Tx<'_>, rules: &[NameRule]) -> Result<bool> {
    let known: Vec<NameRule> = all(tx)?.into_iter().map(|(_, rule)| rule).collect();
    if known == rules {
        return Ok(false);
    }
    tx.execute_batch("DELETE FROM name_rule; DELETE FROM document_form; DELETE FROM entry_form")?;
    let mut insert = tx.prepare_cached("INSERT INTO name_rule (connection, rule) VALUES (?1, ?2)")?;
    for rule in rules {
        let text = serde_json::to_string(rule)
            .map_err(|error| StoreError::Corrupt(format!("a rule of names cannot be kept: {error}")))?;
        insert.execute(params![rule.connection, text])?;
    }
    Ok(true)
}
