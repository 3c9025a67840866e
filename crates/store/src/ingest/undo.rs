//! An import is taken back: what it brought is gone, what it changed is as it was, what it showed to be gone
//! stands again. Its pages stay, as evidence; a page of its own says by what its items went.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};
use tieout_domain::{
    DocumentId,
    document::{Document, DocumentStatus, Movement},
    ledger::{EntryStatus, LedgerEntry},
};

use super::{Ingest, On};
use crate::{
    error::{Result, StoreError},
    sql::{instant, ms, parsed},
    table::{
        dirty, document, entry,
        import::{self, Before, StoredImport, Was},
        movement,
        page::{self, PageRecord},
        rejected_item,
        removal::{self, Noticed, Removed},
        sync_state,
    },
};

/// What taking an import back came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Documents or journals that are gone.
    pub gone: u64,
    /// Those that are as they were before.
    pub restored: u64,
}

fn content<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// An item of the import, or one that it retired.
struct Item {
    seq: i64,
    external_id: String,
    status: String,
}

impl Ingest<'_> {
    /// Takes an import of this connection back.
    ///
    /// # Errors
    /// `import_undone`, `import_overlaid` where a later file of the connection changed something,
    /// `import_in_use` where a posting rests on it; a database error.
    pub fn undo(&mut self, id: &str, at: DateTime<Utc>) -> Result<Undone> {
        let stored = import::find(&self.tx, id)?.ok_or_else(|| StoreError::unknown("import", id))?;
        self.may_undo(&stored)?;
        let record = PageRecord {
            resource: stored.import.resource.clone(),
            body: Vec::new(),
            request: format!("undo of import {id}"),
            request_id: None,
            api_version: None,
            count: 0,
            received_at: at,
        };
        let page_seq = page::keep(&self.tx, self.connection_seq, &record, (&Default::default(), None))?;
        let on = On { page_seq, record: &record };
        let entries = self.undo_entries(&stored, on)?;
        let documents = self.undo_documents(&stored, on)?;
        self.undo_movements(&stored, on)?;
        self.undo_asides(&stored, at)?;
        for (resource, was) in import::before(&self.tx, stored.seq, Before::Cursor)? {
            let was = was.map(|text| text.parse().ok());
            sync_state::put_back(&self.tx, (self.connection_seq, &resource), was)?;
        }
        Ok(Undone { gone: entries.gone + documents.gone, restored: entries.restored + documents.restored })
    }

    /// Notes who took it back.
    ///
    /// # Errors
    /// `not_found`, a database error.
    pub fn undone(&self, id: &str, by: &str, at: DateTime<Utc>) -> Result<()> {
        let stored = import::find(&self.tx, id)?.ok_or_else(|| StoreError::unknown("import", id))?;
        import::undone(&self.tx, stored.seq, by, at)
    }

    fn may_undo(&self, stored: &StoredImport) -> Result<()> {
        let id = stored.import.id.to_string();
        if stored.undone.is_some() {
            return Err(StoreError::ImportUndone { id });
        }
        if let Some(later) = import::later(&self.tx, stored)? {
            let (file, later) = (later.import.file, later.import.id.to_string());
            return Err(StoreError::ImportOverlaid { id, file, later });
        }
        let rests: Option<String> = self
            .tx
            .prepare_cached(
                "SELECT p.id FROM posting p WHERE p.state NOT IN ('rejected', 'cancelled') AND (
                   p.document_seq IN (SELECT d.seq FROM document d
                     WHERE d.connection_seq = ?1 AND d.page_seq BETWEEN ?2 AND ?3)
                   OR EXISTS (SELECT 1 FROM posting_step s JOIN entry e
                     ON e.erp_id = s.erp_id OR e.erp_id = s.reverses OR e.external_id = s.key
                     WHERE s.posting_seq = p.seq AND e.connection_seq = ?1
                       AND e.page_seq BETWEEN ?2 AND ?3)) ORDER BY p.seq LIMIT 1",
            )?
            .query_row(params![stored.connection_seq, stored.first_page, stored.last_page], |row| row.get(0))
            .optional()?;
        match rests {
            Some(posting) => Err(StoreError::ImportInUse { id, posting }),
            None => Ok(()),
        }
    }

    /// What stands on the import's pages and was there before.
    fn items(&self, stored: &StoredImport, sql: &str) -> Result<Vec<Item>> {
        let mut statement = self.tx.prepare_cached(sql)?;
        let values = params![stored.connection_seq, stored.first_page, stored.last_page];
        let rows = statement.query_map(values, |row| {
            Ok(Item { seq: row.get(0)?, external_id: row.get(1)?, status: row.get(2)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What the import showed to be gone: its id, and what it was.
    fn retired(&self, stored: &StoredImport) -> Result<Vec<(String, String, Option<i64>)>> {
        let mut statement = self.tx.prepare_cached(
            "SELECT external_id, status, seen_page_seq FROM removal WHERE connection_seq = ?1
               AND resource = ?4 AND returned_at IS NULL AND page_seq BETWEEN ?2 AND ?3 ORDER BY seq",
        )?;
        let values =
            params![stored.connection_seq, stored.first_page, stored.last_page, stored.import.resource];
        let rows = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn note(&self, on: On<'_>, gone: &Item, stored: &StoredImport) -> Result<()> {
        let noticed = Noticed {
            connection_seq: self.connection_seq,
            resource: &stored.import.resource,
            page_seq: Some(on.page_seq),
            at: on.record.received_at,
        };
        let removed = Removed {
            external_id: &gone.external_id,
            status: &gone.status,
            last_seen_at: ms(stored.import.at),
            seen_page_seq: Some(stored.last_page),
        };
        removal::note(&self.tx, noticed, &removed)
    }

    /// Items that had been gone when the import brought them again are gone as before.
    fn gone_again(&self, stored: &StoredImport) -> Result<()> {
        self.tx
            .prepare_cached(
                "UPDATE removal SET returned_at = NULL
                 WHERE connection_seq = ?1 AND resource = ?2 AND returned_at = ?3",
            )?
            .execute(params![stored.connection_seq, stored.import.resource, ms(stored.import.at)])?;
        Ok(())
    }

    fn undo_entries(&mut self, stored: &StoredImport, on: On<'_>) -> Result<Undone> {
        let retired = self.retired(stored)?;
        let before = import::before(&self.tx, stored.seq, Before::Entry)?;
        let there = self.items(
            stored,
            "SELECT seq, erp_id, status FROM entry WHERE connection_seq = ?1
               AND page_seq BETWEEN ?2 AND ?3 ORDER BY seq",
        )?;
        let known: HashSet<&str> = retired
            .iter()
            .map(|(gone, ..)| gone.as_str())
            .chain(before.iter().map(|(key, _)| key.as_str()))
            .collect();
        let mut undone = Undone::default();
        for item in there {
            if known.contains(item.external_id.as_str()) {
                continue;
            }
            self.note(on, &item, stored)?;
            entry::retire(&self.tx, self.connection_seq, item.seq, on.page_seq)?;
            undone.gone += 1;
        }
        for (_, was) in &before {
            let Some(was) = was else { continue };
            let was: Was<LedgerEntry> = content(was)?;
            let whose = (self.connection_seq, self.connection_id.as_str());
            entry::put(&self.tx, whose, &was.item, on.page_seq)?;
            entry::of_page_again(&self.tx, whose.0, &was.item.erp_id, was.page_seq)?;
            undone.restored += 1;
        }
        for (id, status, seen) in retired {
            if self.stands_again(stored, (&id, &status), seen.unwrap_or(on.page_seq))? {
                undone.restored += 1;
            }
        }
        self.gone_again(stored)?;
        Ok(undone)
    }

    /// An entry that the import retired counts again; false where it is none.
    fn stands_again(&self, stored: &StoredImport, (id, status): (&str, &str), page: i64) -> Result<bool> {
        let count = self
            .tx
            .prepare_cached(
                "UPDATE entry SET status = ?3, page_seq = ?4 WHERE connection_seq = ?1 AND erp_id = ?2
                   AND status = ?5",
            )?
            .execute(params![stored.connection_seq, id, status, page, EntryStatus::Void.as_str()])?;
        if count == 0 {
            return Ok(false);
        }
        let mut references = self.tx.prepare_cached(
            "SELECT e.reference FROM entry e WHERE e.connection_seq = ?1 AND e.erp_id = ?2
             UNION SELECT o.reference FROM entry e JOIN entry o ON o.connection_seq = e.connection_seq
               AND o.erp_id = e.reverses WHERE e.connection_seq = ?1 AND e.erp_id = ?2",
        )?;
        let named = references.query_map(params![stored.connection_seq, id], |row| row.get(0))?;
        let named: Vec<Option<String>> = named.collect::<rusqlite::Result<_>>()?;
        named.iter().flatten().try_for_each(|reference| dirty::mark_reference(&self.tx, reference))?;
        removal::taken_back(&self.tx, (stored.connection_seq, &stored.import.resource), id)?;
        Ok(true)
    }

    fn undo_documents(&mut self, stored: &StoredImport, on: On<'_>) -> Result<Undone> {
        let before = import::before(&self.tx, stored.seq, Before::Document)?;
        let there = self.items(
            stored,
            "SELECT seq, id, kind || '/' || external_id FROM document WHERE connection_seq = ?1
               AND page_seq BETWEEN ?2 AND ?3 ORDER BY seq",
        )?;
        let known: HashSet<&str> = before.iter().map(|(key, _)| key.as_str()).collect();
        let mut undone = Undone::default();
        for item in there {
            if known.contains(item.status.as_str()) {
                continue;
            }
            let found = document::find(&self.tx, &parsed::<DocumentId>(&item.external_id)?)?.document;
            let gone = Item {
                seq: item.seq,
                external_id: found.external_id.clone(),
                status: found.status.as_str().to_owned(),
            };
            self.note(on, &gone, stored)?;
            let changed_at = Some(instant(ms(on.record.received_at))?);
            self.put_document(&Document { status: DocumentStatus::Void, changed_at, ..found }, on)?;
            undone.gone += 1;
        }
        for (_, was) in &before {
            let Some(was) = was else { continue };
            let was: Was<Document> = content(was)?;
            self.put_document(&was.item, on)?;
            let whose = [self.connection_id.as_str(), was.item.kind.as_str(), &was.item.external_id];
            document::of_page_again(&self.tx, &DocumentId::derive(&whose), was.page_seq)?;
            undone.restored += 1;
        }
        Ok(undone)
    }

    fn put_document(&self, document: &Document, on: On<'_>) -> Result<()> {
        let (connection_seq, page_seq) = (self.connection_seq, on.page_seq);
        let source = document::Source { connection_seq, page_seq, received_at: on.record.received_at };
        let keys = document::Keys::of(&self.connection_id, document);
        document::put(&self.tx, &source, (document, &keys)).map(|_| ())
    }

    fn undo_movements(&self, stored: &StoredImport, on: On<'_>) -> Result<()> {
        for (id, was) in import::before(&self.tx, stored.seq, Before::Movement)? {
            match was {
                Some(was) => {
                    let was: Movement = content(&was)?;
                    movement::put(&self.tx, self.connection_seq, &was, on.page_seq)?;
                }
                None => movement::forget(&self.tx, self.connection_seq, &id)?,
            }
        }
        Ok(())
    }

    /// What the import put aside waits no longer; what it settled waits again.
    fn undo_asides(&self, stored: &StoredImport, at: DateTime<Utc>) -> Result<()> {
        for (key, page) in import::before(&self.tx, stored.seq, Before::Aside)? {
            let page: Option<i64> = page.and_then(|page| page.parse().ok());
            let place = (self.connection_seq, stored.import.resource.as_str());
            rejected_item::of_page_again(&self.tx, place, (&key, page.unwrap_or_default()))?;
        }
        let pages = (stored.first_page, stored.last_page);
        let place = (stored.connection_seq, stored.import.resource.as_str());
        rejected_item::waits_again(&self.tx, place, stored.import.at)?;
        rejected_item::withdrawn(&self.tx, stored.connection_seq, pages, at)
    }
}
