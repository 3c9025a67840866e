//! A page and the proof of what it held.

use tieout_domain::{absence::Absence, unread::Concerns};

use super::http::Answer;
use crate::traits::{Cursor, Fetched, Page, PageEvidence, Rejection};

/// The rejection of an item that has another shape than the adapter knows.
#[must_use]
pub fn drift(place: impl Into<String>, what: impl Into<String>) -> Rejection {
    let what = what.into();
    Rejection {
        code: "schema_drift".to_owned(),
        place: place.into(),
        message: format!(
            "{what}. The item is kept aside as received; compare it with the vendor's change log and update \
             the adapter"
        ),
    }
}

/// Collects the items of one answer into a page.
pub struct PageBuilder<T> {
    answer: Answer,
    items: Vec<Fetched<T>>,
    /// Items that the answer held.
    held: u32,
}

impl<T> PageBuilder<T> {
    /// The page that `answer` is.
    #[must_use]
    pub fn new(answer: Answer) -> Self {
        Self { answer, items: Vec::new(), held: 0 }
    }

    /// Adds an item with its raw bytes: what it means, or why it could not be read.
    pub fn push(&mut self, external_id: impl Into<String>, raw: &str, item: Result<T, Rejection>) {
        let external_id = external_id.into();
        let concerns = Concerns::of(&external_id);
        self.push_about(concerns, external_id, raw, item);
    }

    /// As [`PageBuilder::push`], where it is known what the item could be about if it cannot be read.
    pub fn push_about(
        &mut self,
        concerns: Concerns,
        external_id: impl Into<String>,
        raw: &str,
        item: Result<T, Rejection>,
    ) {
        let concerns = if item.is_err() { concerns } else { Concerns::default() };
        self.items.push(Fetched {
            external_id: external_id.into(),
            item,
            raw: raw.as_bytes().to_vec(),
            concerns,
        });
        self.held = self.held.saturating_add(1);
    }

    /// Counts an item that says nothing of this resource.
    pub fn skip(&mut self) {
        self.held = self.held.saturating_add(1);
    }

    /// The page; `next` goes on within this scan, `resume` starts the next sync after its end.
    #[must_use]
    pub fn finish(self, next: Option<Cursor>, resume: Option<Cursor>) -> Page<T> {
        let Answer { body, request, request_id, api_version, received_at, .. } = self.answer;
        let evidence = PageEvidence { request, request_id, api_version, count: self.held, received_at };
        Page { items: self.items, evidence, body, next, resume, absence: Absence::default() }
    }
}
