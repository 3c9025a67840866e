//! Files that were imported.

use std::collections::BTreeSet;

use rusqlite::params;
use tieout_domain::{ImportId, ledger::LedgerEntry};

use crate::{
    db::Db,
    error::{Result, StoreError},
    table::{
        entry,
        import::{self, Before, StoredImport, Was},
    },
};

impl Db {
    /// The files that were imported, the newest first; those that were taken back, too.
    ///
    /// # Errors
    /// A database error.
    pub fn imports(&self) -> Result<Vec<StoredImport>> {
        import::all(self)
    }

    /// One import.
    ///
    /// # Errors
    /// `not_found`.
    pub fn import(&self, id: &ImportId) -> Result<StoredImport> {
        import::find(self, id.as_str())?.ok_or_else(|| StoreError::unknown("import", id))
    }

    /// The periods, as `entity period`, that take no receivables any more and in which something lies that
    /// taking this import back would remove, bring back or change.
    ///
    /// # Errors
    /// `store_corrupt`, a database error.
    pub fn closed_periods_of(&self, import: &StoredImport) -> Result<Vec<String>> {
        let closed: BTreeSet<(String, String)> = self
            .prepare_cached("SELECT entity, key FROM period WHERE ar_accepts = 0")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        if closed.is_empty() {
            return Ok(Vec::new());
        }
        let mut touched: BTreeSet<(String, String)> = self
            .prepare_cached(
                "SELECT e.entity, e.period FROM entry e
                   WHERE e.connection_seq = ?1 AND e.page_seq BETWEEN ?2 AND ?3
                 UNION SELECT n.entity, n.period FROM document d JOIN expectation n ON n.document_seq = d.seq
                   WHERE d.connection_seq = ?1 AND d.page_seq BETWEEN ?2 AND ?3
                     AND n.entity IS NOT NULL AND n.period IS NOT NULL
                 UNION SELECT n.entity, n.own_period
                   FROM document d JOIN expectation n ON n.document_seq = d.seq
                   WHERE d.connection_seq = ?1 AND d.page_seq BETWEEN ?2 AND ?3
                     AND n.entity IS NOT NULL AND n.own_period IS NOT NULL",
            )?
            .query_map(params![import.connection_seq, import.first_page, import.last_page], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        // What it changed goes back to the period in which it was.
        for (_, was) in import::before(self, import.seq, Before::Entry)? {
            let Some(was) = was else { continue };
            let was: Was<LedgerEntry> =
                serde_json::from_str(&was).map_err(|e| StoreError::Corrupt(e.to_string()))?;
            touched.insert((entry::entity_text(&was.item.entity), was.item.period.to_string()));
        }
        Ok(touched.intersection(&closed).map(|(entity, key)| format!("{entity} {key}")).collect())
    }
}
