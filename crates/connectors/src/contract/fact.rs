//! What the facts of both contracts are stated with.

use std::{collections::BTreeSet, time::Duration};

use async_trait::async_trait;
use tieout_domain::{absence::Standing, failure::VendorFailure};

use crate::traits::{Cursor, Page, PageRequest, Resource};

/// How long a call of a contract may wait for its turn.
pub const NO_HURRY: Duration = Duration::from_secs(600);

/// A fact that did not hold.
#[derive(Debug, thiserror::Error)]
#[error("{fact}: {found}")]
pub struct Breach {
    /// What must hold.
    pub fact: &'static str,
    /// What was found instead.
    pub found: String,
}

pub(super) type Kept = Result<(), Breach>;

pub(super) fn must(holds: bool, fact: &'static str, found: impl FnOnce() -> String) -> Kept {
    if holds { Ok(()) } else { Err(Breach { fact, found: found() }) }
}

pub(super) fn works<T>(result: Result<T, VendorFailure>, fact: &'static str) -> Result<T, Breach> {
    result.map_err(|failure| Breach { fact, found: format!("{}: {failure}", failure.code) })
}

pub(super) fn fails<T>(
    result: Result<T, VendorFailure>,
    fact: &'static str,
) -> Result<VendorFailure, Breach> {
    match result {
        Ok(_) => Err(Breach { fact, found: "it succeeded".to_owned() }),
        Err(failure) => Ok(failure),
    }
}

/// What a test of a reading connection can make happen.
#[async_trait]
pub trait Trouble: Send + Sync {
    /// The next request is answered 429 with a `Retry-After`.
    async fn too_many_next(&self);

    /// The next page is cut in the middle of its body.
    async fn cut_next_page(&self);

    /// The next page of data has another shape than documented. False where the vendor's stand-in cannot.
    async fn malform_next_page(&self) -> bool;

    /// Requests that were answered 429 so far.
    async fn refused(&self) -> u64;
}

/// A full read, or one from a cursor.
pub(super) fn request(resource: Resource, resume: Option<Cursor>) -> PageRequest {
    PageRequest { resource, next: None, resume, since: None }
}

pub(super) fn evidence_of<T>(page: &Page<T>) -> Kept {
    must(page.evidence.count as usize >= page.items.len(), "evidence counts the items", || {
        format!("{} for {} items", page.evidence.count, page.items.len())
    })?;
    must(!page.evidence.request.is_empty(), "evidence names the request", || "it is empty".to_owned())
}

pub(super) fn kept_aside<T>(page: &Page<T>, whole: usize) -> Kept {
    must(page.items.len() == whole, "a malformed item is not dropped", || {
        format!("{} of {whole} items", page.items.len())
    })?;
    let aside: Vec<_> = page.items.iter().filter_map(|item| item.item.as_ref().err()).collect();
    must(!aside.is_empty(), "a malformed item is kept aside", || "all were read".to_owned())?;
    must(aside.iter().all(|rejection| rejection.code == "schema_drift"), "its code is schema_drift", || {
        format!("{aside:?}")
    })
}

/// What a read proves to stand, whole.
///
/// # Errors
/// A [`Breach`] where its pages leave a gap.
pub fn standing<T>(pages: &[Page<T>]) -> Result<BTreeSet<String>, Breach> {
    let mut standing = Standing::default();
    for page in pages {
        standing.take(&page.absence, page.items.iter().map(|item| item.external_id.as_str()));
    }
    let gap = || Breach { fact: "a full read lists everything", found: "its pages leave a gap".to_owned() };
    standing.complete().cloned().ok_or_else(gap)
}

/// Cursors that say nothing: damaged ones, and those of an earlier version.
pub(super) const SENSELESS: [&str; 4] = ["", "{}", "not a cursor", "{\"scan\":\"of an earlier version\"}"];
