//! Sync: reads what changed in billing and in the ERP, page by page. Each page is stored with its proof and
//! the new cursor in one transaction, so a sync can stop anywhere and goes on where it was.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_connectors::{BillingSource, Cursor, LedgerSource, Page, PageRequest, Resource};
use tieout_domain::failure::VendorFailure;
use tieout_store::{Connection, ConnectionRole, CursorUpdate, SyncState, Vendor};

use crate::{
    base::{
        context::Context,
        error::{DeskError, DeskResult},
        progress::cancelled,
    },
    governance::changes,
    intake::{
        adapters::{self, runtime},
        connections, detection,
        imports::resource_name,
        pages::{mapping_for_ledger, name_entities, periods_of, split},
    },
};

/// What to sync.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
pub struct SyncRequest {
    /// Only this connection.
    pub connection: Option<String>,
    /// Judge what is due as of this instant or date.
    pub as_of: Option<String>,
    /// Read everything again.
    #[serde(default)]
    pub full: bool,
}

/// What became of one resource of one connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct SyncView {
    /// The connection's name.
    pub connection: String,
    /// The resource.
    pub resource: String,
    /// Pages read.
    pub pages: u64,
    /// Items read.
    pub items: u64,
    /// Items kept aside because they could not be read.
    pub rejected: u64,
    /// complete, failed or cancelled.
    pub state: String,
    /// The failure's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub code: Option<String>,
    /// The vendor's own words.
    pub message: String,
}

impl SyncView {
    fn ended(connection: &Connection, resource: &str, counts: (u64, u64, u64), state: &str) -> Self {
        Self {
            connection: connection.name.clone(),
            resource: resource.to_owned(),
            pages: counts.0,
            items: counts.1,
            rejected: counts.2,
            state: state.to_owned(),
            code: None,
            message: match counts.2 {
                0 => String::new(),
                n => format!("{n} kept aside; nothing is judged unposted until they can be read"),
            },
        }
    }
}

fn coded(error: DeskError) -> (String, String) {
    (error.code.to_string(), error.message)
}

/// Why a resource could not be read to its end.
enum Stopped {
    Vendor(VendorFailure),
    Desk(DeskError),
    /// Somebody asked for it, between two pages.
    Cancelled,
}

impl From<VendorFailure> for Stopped {
    fn from(failure: VendorFailure) -> Self {
        Stopped::Vendor(failure)
    }
}

impl From<DeskError> for Stopped {
    fn from(error: DeskError) -> Self {
        Stopped::Desk(error)
    }
}

impl From<tieout_store::StoreError> for Stopped {
    fn from(error: tieout_store::StoreError) -> Self {
        Stopped::Desk(error.into())
    }
}

/// A scan of one resource under way.
struct Scan {
    started: DateTime<Utc>,
    /// Nothing of it had to be kept aside.
    whole: bool,
}

enum Source {
    Billing(std::sync::Arc<dyn BillingSource>),
    Ledger(std::sync::Arc<dyn LedgerSource>),
}

impl Source {
    fn offers(&self) -> Vec<Resource> {
        match self {
            Source::Billing(source) => source.offers().to_vec(),
            Source::Ledger(source) => source.offers().to_vec(),
        }
    }
}

/// Syncs all connections that are not paused (or one), then detects. One connection's failure does not
/// stop the others; it becomes an exception and a line of the answer.
///
/// # Errors
/// `not_found`, `bad_instant`, `cancelled`, a database error.
pub fn sync(ctx: &Context, request: &SyncRequest) -> DeskResult<Vec<SyncView>> {
    let mut connections = match &request.connection {
        Some(name) => vec![connections::find_connection(ctx, name)?],
        None => ctx.store().connections()?,
    };
    connections.retain(|c| c.vendor != Vendor::Files && !c.paused);
    // The ledger comes last: what billing shows is then judged against a ledger that is no older.
    connections.sort_by_key(|c| c.role == ConnectionRole::Erp);
    let runtime = runtime()?;
    let mut views = Vec::new();
    let mut stopped = false;
    for connection in &connections {
        stopped = stopped || runtime.block_on(sync_connection(ctx, connection, request.full, &mut views))?;
    }
    let now = ctx.clock.now();
    let settled = ctx.store().settle_postings(now)?;
    let failed = views.iter().filter(|v| v.code.is_some()).count();
    let detail = json!({ "settled": settled.len(), "failed": failed, "cancelled": stopped });
    ctx.note("synced", "workspace", detail)?;
    if stopped {
        let pages: u64 = views.iter().map(|view| view.pages).sum();
        return Err(cancelled(format!(
            "the sync was stopped: the {pages} pages read so far are kept, and the next sync goes on \
             after them; exceptions are as they were"
        )));
    }
    detection::detect(ctx, request.as_of.as_deref())?;
    Ok(views)
}

/// True where somebody stopped it.
async fn sync_connection(
    ctx: &Context,
    connection: &Connection,
    full: bool,
    views: &mut Vec<SyncView>,
) -> DeskResult<bool> {
    let source = match connection.role {
        ConnectionRole::Billing => adapters::billing_source(ctx, connection).map(Source::Billing),
        ConnectionRole::Erp => adapters::ledger(ctx, connection).map(|l| Source::Ledger(l.source())),
    };
    let source = match source {
        Ok(source) => source,
        Err(error) => {
            failed(ctx, connection, "connection", (0, 0, 0), coded(error), views)?;
            return Ok(false);
        }
    };
    for resource in source.offers() {
        let name = resource_name(resource);
        ctx.progress.begin(&format!("Syncing {} {name}", connection.name), None);
        let mut counts = (0, 0, 0);
        let ended = sync_resource(ctx, connection, &source, resource, full, &mut counts).await;
        ctx.progress.end();
        match ended {
            Ok(()) => views.push(SyncView::ended(connection, &name, counts, "complete")),
            Err(Stopped::Cancelled) => {
                views.push(SyncView::ended(connection, &name, counts, "cancelled"));
                return Ok(true);
            }
            Err(Stopped::Vendor(failure)) => {
                let why = (failure.code.to_owned(), failure.message);
                failed(ctx, connection, &name, counts, why, views)?;
            }
            Err(Stopped::Desk(error)) => failed(ctx, connection, &name, counts, coded(error), views)?,
        }
    }
    Ok(false)
}

fn failed(
    ctx: &Context,
    connection: &Connection,
    resource: &str,
    counts: (u64, u64, u64),
    (code, message): (String, String),
    views: &mut Vec<SyncView>,
) -> DeskResult<()> {
    ctx.store().sync_failed(&connection.id, resource, &code, &message, ctx.clock.now())?;
    let view = SyncView::ended(connection, resource, counts, "failed");
    views.push(SyncView { code: Some(code), message, ..view });
    Ok(())
}

async fn sync_resource(
    ctx: &Context,
    connection: &Connection,
    source: &Source,
    resource: Resource,
    full: bool,
    counts: &mut (u64, u64, u64),
) -> Result<(), Stopped> {
    let name = resource_name(resource);
    let state = ctx.store().sync_state(&connection.id, &name)?;
    let mut scan = scan(ctx, connection, &state, full)?;
    let mut request = first_request(resource, &state, full);
    loop {
        if ctx.progress.cancelled() {
            return Err(Stopped::Cancelled);
        }
        let (next, seen) = read_page(ctx, connection, source, &request, &scan).await?;
        counts.0 += 1;
        counts.1 += seen.0 as u64;
        counts.2 += seen.1 as u64;
        scan.whole &= seen.1 == 0;
        ctx.progress.advance(seen.0 as u64);
        match next {
            Some(next) => {
                request = PageRequest { next: Some(next), ..request };
            }
            None => return Ok(()),
        }
    }
}

/// Reads one page and keeps it: where reading goes on, and how many items were kept and kept aside.
async fn read_page(
    ctx: &Context,
    connection: &Connection,
    source: &Source,
    request: &PageRequest,
    scan: &Scan,
) -> Result<(Option<Cursor>, (usize, usize)), Stopped> {
    let (name, now) = (resource_name(request.resource), ctx.clock.now());
    Ok(match (source, request.resource) {
        (Source::Billing(source), _) => {
            let page = source.page(request).await?;
            let next = page.next.clone();
            let cursor = cursor_update(&name, &page, scan, now);
            let part = split(&name, page).page();
            ctx.store().ingest(&connection.id, [&part], Some(&cursor))?;
            (next, (part.items().count(), part.rejected().len()))
        }
        (Source::Ledger(source), Resource::Periods) => {
            let page = source.periods().await?;
            store_periods(ctx, connection, page, &name, scan)?
        }
        (Source::Ledger(source), Resource::Accounts) => {
            let page = source.accounts().await?;
            let next = page.next.clone();
            let cursor = cursor_update(&name, &page, scan, now);
            let part = split(&name, page).page();
            ctx.store().ingest(&connection.id, [&part], Some(&cursor))?;
            (next, (part.items().count(), part.rejected().len()))
        }
        (Source::Ledger(source), Resource::LedgerCustomers) => {
            let page = source.customers(request).await?;
            let next = page.next.clone();
            let cursor = cursor_update(&name, &page, scan, now);
            let part = split(&name, page).page();
            ctx.store().ingest(&connection.id, [&part], Some(&cursor))?;
            (next, (part.items().count(), part.rejected().len()))
        }
        (Source::Ledger(source), _) => {
            let mapping = changes::mapping_in_force(ctx)?;
            let mapping = mapping_for_ledger(mapping)?;
            let page = source.entries(request).await?;
            let next = page.next.clone();
            let cursor = cursor_update(&name, &page, scan, now);
            let mut part = split(&name, page);
            name_entities(&mut part.items, Some(&mapping));
            let part = part.page();
            ctx.store().ingest(&connection.id, [&part], Some(&cursor))?;
            (next, (part.items().count(), part.rejected().len()))
        }
    })
}

/// The scan that goes on or begins. One that goes on where items were kept aside before is not whole.
fn scan(ctx: &Context, connection: &Connection, state: &SyncState, full: bool) -> DeskResult<Scan> {
    let goes_on = state.next.is_some() && !full;
    let started = state.scan_started_at.filter(|_| goes_on).unwrap_or_else(|| ctx.clock.now());
    let waiting = ctx.store().rejected_items(&connection.id)?;
    let whole = full || waiting.iter().all(|kept| kept.resource != state.resource);
    Ok(Scan { started, whole })
}

fn store_periods(
    ctx: &Context,
    connection: &Connection,
    page: Page<tieout_domain::ledger::PeriodReading>,
    name: &str,
    scan: &Scan,
) -> Result<(Option<Cursor>, (usize, usize)), Stopped> {
    let mapping = changes::mapping_in_force(ctx)?;
    let mapping = mapping_for_ledger(mapping)?;
    let cursor = cursor_update(name, &page, scan, ctx.clock.now());
    let next = page.next.clone();
    let part = split(name, page).map(|all| periods_of(all, Some(&mapping), &connection.name)).page();
    ctx.store().ingest(&connection.id, [&part], Some(&cursor))?;
    Ok((next, (part.items().count(), part.rejected().len())))
}

fn first_request(resource: Resource, state: &SyncState, full: bool) -> PageRequest {
    let go_on = |text: &Option<String>| text.clone().map(Cursor).filter(|_| !full);
    PageRequest { resource, next: go_on(&state.next), resume: go_on(&state.resume), since: None }
}

/// Where reading goes on after this page. At the end of a scan everything up to its start has been seen.
/// What was kept aside because it could not be read leaves a gap: nothing is judged on such a scan.
fn cursor_update<T>(resource: &str, page: &Page<T>, scan: &Scan, now: DateTime<Utc>) -> CursorUpdate {
    let ended = page.next.is_none();
    let whole = scan.whole && page.items.iter().all(|fetched| fetched.item.is_ok());
    CursorUpdate {
        resource: resource.to_owned(),
        next: page.next.as_ref().map(|c| c.0.clone()),
        resume: page.resume.as_ref().map(|c| c.0.clone()),
        scan_started_at: (!ended).then_some(scan.started),
        complete_through: (ended && whole).then_some(scan.started),
        at: now,
    }
}
