//! What judgements rest on, read once: one answer of who only asks judges a dozen actions, and all of them by
//! the same facts.

use std::{
    any::Any,
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tieout_domain::{ConnectionId, DocumentId, EntityCode, ExceptionId, PostingId};
use tieout_store::{
    AccountName, Change, ChangeKind, Connection, ExceptionRow, Person, PostingRow, Store, StoreError,
    StoredDocument, StoredEntry, StoredExpectation, StoredPeriod,
};

use crate::base::lent::LentStore;

/// So many are kept at most: a question about thousands of items reads what they share again now and then.
const MOST: usize = 4096;

/// What a fact is, and of which thing.
type Key = (&'static str, String);

/// Facts that were read.
#[derive(Default)]
pub(crate) struct Facts(Mutex<HashMap<Key, Box<dyn Any + Send>>>);

impl Facts {
    fn found<T: Clone + 'static>(&self, key: &Key) -> Option<T> {
        let facts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        facts.get(key).and_then(|fact| fact.downcast_ref::<T>()).cloned()
    }

    fn keep<T: Clone + Send + 'static>(&self, key: Key, fact: &T) {
        let mut facts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if facts.len() >= MOST {
            facts.clear();
        }
        facts.insert(key, Box::new(fact.clone()));
    }
}

/// The facts of a desk: as the store has them, each read once where the desk only asks
/// (`Context::asking`), else anew each time.
#[derive(Clone, Copy)]
pub(crate) struct Known<'c> {
    pub(crate) facts: Option<&'c Facts>,
    pub(crate) store: &'c LentStore,
}

impl Known<'_> {
    /// A fact that is none of the store's own: read once, as the others.
    ///
    /// # Errors
    /// What reading it gives, which is not kept.
    pub(crate) fn once<T: Clone + Send + 'static, E>(
        self,
        what: &'static str,
        of: &str,
        read: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let Some(facts) = self.facts else { return read() };
        let key = (what, of.to_owned());
        if let Some(found) = facts.found(&key) {
            return Ok(found);
        }
        let fact = read()?;
        facts.keep(key, &fact);
        Ok(fact)
    }

    fn stored<T: Clone + Send + 'static>(
        self,
        what: &'static str,
        of: &str,
        read: impl FnOnce(&Store) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.once(what, of, || read(&self.store.store()))
    }

    pub(crate) fn people(self) -> Result<Vec<Person>, StoreError> {
        self.stored("people", "", |store| store.people())
    }

    pub(crate) fn change_in_force_named(
        self,
        kind: ChangeKind,
        name: &str,
    ) -> Result<Option<Change>, StoreError> {
        let of = format!("{} {name}", kind.as_str());
        self.stored("change in force", &of, |store| store.change_in_force_named(kind, name))
    }

    pub(crate) fn connections(self) -> Result<Vec<Connection>, StoreError> {
        self.stored("connections", "", |store| store.connections())
    }

    pub(crate) fn connection(self, id: &ConnectionId) -> Result<Connection, StoreError> {
        self.stored("connection", id.as_str(), |store| store.connection(id))
    }

    pub(crate) fn account_names(self) -> Result<Vec<AccountName>, StoreError> {
        self.stored("account names", "", |store| store.account_names())
    }

    pub(crate) fn exception(self, id: &ExceptionId) -> Result<ExceptionRow, StoreError> {
        self.stored("exception", id.as_str(), |store| store.exception(id))
    }

    pub(crate) fn exceptions_of_document(self, id: &DocumentId) -> Result<Vec<ExceptionRow>, StoreError> {
        self.stored("exceptions of document", id.as_str(), |store| store.exceptions_of_document(id))
    }

    pub(crate) fn document(self, id: &DocumentId) -> Result<StoredDocument, StoreError> {
        self.stored("document", id.as_str(), |store| store.document(id))
    }

    pub(crate) fn expectation(self, id: &DocumentId) -> Result<Option<StoredExpectation>, StoreError> {
        self.stored("expectation", id.as_str(), |store| store.expectation(id))
    }

    pub(crate) fn entries_by_reference(self, reference: &str) -> Result<Vec<StoredEntry>, StoreError> {
        self.stored("entries", reference, |store| store.entries_by_reference(reference))
    }

    pub(crate) fn entities_with_reference(
        self,
        reference: &str,
        but: Option<&DocumentId>,
    ) -> Result<Vec<String>, StoreError> {
        let of = format!("{} {reference}", but.map_or("", DocumentId::as_str));
        self.stored("entities", &of, |store| store.entities_with_reference(reference, but))
    }

    pub(crate) fn posting(self, id: &PostingId) -> Result<PostingRow, StoreError> {
        self.stored("stored posting", id.as_str(), |store| store.posting(id))
    }

    pub(crate) fn postings_for_exception(self, id: &ExceptionId) -> Result<Vec<PostingRow>, StoreError> {
        self.stored("postings", id.as_str(), |store| store.postings_for_exception(id))
    }

    pub(crate) fn next_posting_version(self, erp: &ConnectionId, reference: &str) -> Result<u32, StoreError> {
        let of = format!("{erp} {reference}");
        self.stored("posting version", &of, |store| store.next_posting_version(erp, reference))
    }

    pub(crate) fn periods(self) -> Result<Vec<StoredPeriod>, StoreError> {
        self.stored("periods", "", |store| store.periods())
    }

    pub(crate) fn periods_of(self, entity: &EntityCode) -> Result<Vec<StoredPeriod>, StoreError> {
        self.stored("periods of entity", entity.as_str(), |store| store.periods_of(entity))
    }
}
