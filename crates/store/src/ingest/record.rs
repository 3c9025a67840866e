//! What an import of a file changes is kept as it was before, so that the import can be taken back.

use tieout_domain::{
    document::{Document, Movement},
    ledger::LedgerEntry,
};

use super::{Ingest, IngestSummary, On};
use crate::{
    error::{Result, StoreError},
    table::{
        document::Put,
        import::{self, Before, Came, NewImport, Was},
        movement,
        rejected_item::{self, RejectedItem},
        sync_state,
    },
};

/// The content of a row of `import_before`.
fn written<T: serde::Serialize>(content: &T) -> Result<String> {
    serde_json::to_string(content).map_err(|e| StoreError::Corrupt(e.to_string()))
}

/// How a document is named there.
pub(super) fn key_of(document: &Document) -> String {
    format!("{}/{}", document.kind.as_str(), document.external_id)
}

impl Ingest<'_> {
    /// Keeps from now on what this ingest changes as it was before, until [`Ingest::keep_import`].
    ///
    /// # Errors
    /// A database error.
    pub fn record(&mut self, resource: &str) -> Result<()> {
        let seq = import::next(&self.tx)?;
        self.recording = Some(seq);
        let before = sync_state::complete_through(&self.tx, self.connection_seq, resource)?;
        let content = before.map(|through| through.map_or_else(String::new, |ms| ms.to_string()));
        import::was(&self.tx, seq, (Before::Cursor, resource), content.as_deref())
    }

    /// Keeps what was imported. Nothing is kept of one that changed nothing: the same bytes again.
    ///
    /// # Errors
    /// A database error.
    pub fn keep_import(&mut self, one: &NewImport) -> Result<bool> {
        let (Some(seq), Some(first)) = (self.recording.take(), self.first_page) else { return Ok(false) };
        let IngestSummary { new, changed, removed, .. } = self.summary;
        let waits = rejected_item::any_of_pages(&self.tx, self.connection_seq, (first, self.last_page))?;
        if new + changed + removed == 0 && !waits {
            import::forget(&self.tx, seq)?;
            return Ok(false);
        }
        let came = Came { new, changed, removed, pages: (first, self.last_page) };
        import::keep(&self.tx, (seq, self.connection_seq), one, &came)?;
        Ok(true)
    }

    pub(super) fn was_entry(&self, was: &Was<LedgerEntry>) -> Result<()> {
        let Some(seq) = self.recording else { return Ok(()) };
        import::was(&self.tx, seq, (Before::Entry, &was.item.erp_id), Some(&written(was)?))
    }

    pub(super) fn was_document(&self, put: &Put) -> Result<()> {
        let (Some(seq), Put::Changed(was) | Put::Touched(was)) = (self.recording, put) else { return Ok(()) };
        import::was(&self.tx, seq, (Before::Document, &key_of(&was.item)), Some(&written(was)?))
    }

    pub(super) fn was_movement(&self, one: &Movement) -> Result<()> {
        let Some(seq) = self.recording else { return Ok(()) };
        let was = movement::find(&self.tx, self.connection_seq, &one.external_id)?;
        if was.as_ref() == Some(one) {
            return Ok(());
        }
        let content = was.as_ref().map(written).transpose()?;
        import::was(&self.tx, seq, (Before::Movement, &one.external_id), content.as_deref())
    }

    pub(super) fn waited(&self, on: On<'_>, item: &RejectedItem) -> Result<()> {
        let Some(seq) = self.recording else { return Ok(()) };
        let place = self.place(on);
        match rejected_item::waits_since(&self.tx, &place, &item.external_id)? {
            Some(page) => {
                let key = item.external_id.as_str();
                import::was(&self.tx, seq, (Before::Aside, key), Some(&page.to_string()))
            }
            None => Ok(()),
        }
    }
}
