//! What billing has now of a document that is about to be booked: it is read again by its id, so that what
//! was voided or amended there counts although no sync has read it yet.

use std::{collections::HashMap, sync::Arc};

use tieout_connectors::{BillingSource, Page, Reread, Resource};
use tieout_domain::{
    ConnectionId, PostingId,
    basis::{BasisMove, BasisMoved},
    derive::Facts,
    document::{Canonical, Document},
};
use tieout_posting::AuthorityError;
use tieout_store::{Connection, ConnectionRole, IngestPage, StoreError, StoredDocument};
use tokio::task::block_in_place;

use crate::{
    base::{
        context::Context,
        error::DeskResult,
        lent::{Borrowed, LentStore},
    },
    intake::{adapters, imports::resource_name, pages::split},
};

/// Where a document is read again.
enum Source {
    Billing(Arc<dyn BillingSource>),
    /// It came from a file, which nobody can ask: what was imported holds.
    File,
    /// Not now, and why.
    Shut(String),
}

/// The billing connections of one run of the outbox.
pub(super) struct Rereading {
    store: Arc<LentStore>,
    sources: HashMap<ConnectionId, (String, Source)>,
}

/// What was read again of a document.
struct Now {
    document: Document,
    facts: Facts,
}

impl Rereading {
    /// # Errors
    /// A database error. A connection that cannot be opened stops only its own documents, when they are due.
    pub(super) fn new(ctx: &Context) -> DeskResult<Self> {
        let connections = ctx.store().connections()?;
        let billing = connections.into_iter().filter(|c| c.role == ConnectionRole::Billing);
        let sources = billing.map(|c| (c.id.clone(), (c.name.clone(), source(ctx, &c)))).collect();
        Ok(Self { store: Arc::clone(&ctx.store), sources })
    }

    fn store(&self) -> Borrowed<'_> {
        self.store.store()
    }

    /// Reads the posting's document again, where it has one, and keeps what has changed of it.
    pub(super) async fn reread(&self, posting: &PostingId) -> Result<(), AuthorityError> {
        let Some(stored) = block_in_place(|| self.document_of(posting)).map_err(unavailable)? else {
            return Ok(());
        };
        let Some((name, source)) = self.sources.get(&stored.connection) else {
            return Err(unread(format!("{} was added just now: try again", stored.connection_name)));
        };
        let source = match source {
            Source::File => return Ok(()),
            Source::Shut(why) => return Err(unread(format!("{name}: {why}"))),
            Source::Billing(source) => source,
        };
        let document = &stored.document;
        let read = source.reread(document.kind, &document.external_id).await;
        let read = read.map_err(|failure| AuthorityError::Unread {
            why: format!("{name}: {failure}"),
            retry_after: failure.retry_after,
        })?;
        let Some(read) = read else {
            let words = format!("{name} does not know {} any more", document.external_id);
            return Err(BasisMoved::by(BasisMove::DocumentGone { words }).into());
        };
        let now = now(&stored, &read).map_err(|why| unread(format!("{name}: {why}")))?;
        if now.is_as_stored(&stored) {
            return Ok(());
        }
        block_in_place(|| self.keep(&stored, read)).map_err(unavailable)
    }

    fn document_of(&self, posting: &PostingId) -> Result<Option<StoredDocument>, StoreError> {
        let store = self.store();
        let basis = store.posting(posting)?.posting.basis;
        basis.and_then(|basis| basis.document).map(|rests_on| store.document(&rests_on.id)).transpose()
    }

    /// Takes in what was read, as a sync would; the scans go on where they were.
    fn keep(&self, stored: &StoredDocument, read: Reread) -> Result<(), StoreError> {
        let pages = read.pages.into_iter().map(|(resource, mut page)| {
            link(&mut page, stored);
            split(&resource_name(resource), page).page()
        });
        let pages: Vec<IngestPage> = pages.collect();
        self.store.writing().ingest(&stored.connection, &pages, None).map(|_| ())
    }
}

fn source(ctx: &Context, connection: &Connection) -> Source {
    if connection.is_files() {
        return Source::File;
    }
    if connection.paused {
        return Source::Shut("it is paused; take it up again".to_owned());
    }
    match adapters::billing_source(ctx, connection) {
        Ok(source) => Source::Billing(source),
        Err(error) => Source::Shut(error.message),
    }
}

pub(super) fn unavailable(error: StoreError) -> AuthorityError {
    AuthorityError::Unavailable(error.to_string())
}

fn unread(why: String) -> AuthorityError {
    AuthorityError::Unread { why, retry_after: None }
}

/// Links that a single object does not show are as the lists showed them.
fn link(page: &mut Page<Canonical>, stored: &StoredDocument) {
    for fetched in &mut page.items {
        if let Ok(Canonical::Document(document)) = &mut fetched.item {
            let known = &stored.document;
            document.invoice = document.invoice.take().or_else(|| known.invoice.clone());
            document.payment = document.payment.take().or_else(|| known.payment.clone());
            document.subscription = document.subscription.take().or_else(|| known.subscription.clone());
        }
    }
}

/// What the pages say of the document. What the connection does not list is as it is stored.
fn now(stored: &StoredDocument, read: &Reread) -> Result<Now, String> {
    let mut found = None;
    let mut moved = false;
    let (mut fee_minor, mut fee_tax_minor, mut converted) = (0_i64, 0_i64, false);
    let (id, kind) = (&stored.document.external_id, stored.document.kind);
    for (resource, page) in &read.pages {
        moved |= *resource == Resource::Fees;
        for fetched in &page.items {
            match fetched.item.as_ref().map_err(ToString::to_string)? {
                Canonical::Document(document) if document.external_id == *id && document.kind == kind => {
                    found = Some(document.clone());
                }
                Canonical::Movement(one) => {
                    converted |= one.source.as_ref() == Some(id) && one.document != *id;
                    if one.document == *id && one.gross.currency() == stored.document.currency() {
                        fee_minor = fee_minor.saturating_add(one.fee_minor);
                        fee_tax_minor = fee_tax_minor.saturating_add(one.fee_tax_minor);
                    }
                }
                Canonical::Document(_)
                | Canonical::Customer(_)
                | Canonical::Subscription(_)
                | Canonical::Usage(_) => {}
            }
        }
    }
    let document = found.ok_or("the answer holds another document")?;
    // Movements that were read say all of it; what was not read is as it is stored.
    let facts = match moved {
        true => Facts { fee_minor, fee_tax_minor, converted, ..stored.facts },
        false => stored.facts,
    };
    Ok(Now { document, facts })
}

impl Now {
    fn is_as_stored(&self, stored: &StoredDocument) -> bool {
        self.document.content_hash() == stored.document.content_hash() && self.facts == stored.facts
    }
}
