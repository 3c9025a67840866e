//! Sync: reads what changed in billing and in the ERP, page by page. Each page is stored with its proof and
//! the new cursor in one transaction, so a sync can stop anywhere and goes on where it was.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_connectors::{BillingSource, Cursor, LedgerScope, LedgerSource, Page, PageRequest, Resource};
use tieout_domain::{
    accounts::AccountMapping,
    failure::{FailureClass, VendorFailure},
    trial_balance::TrialBalance,
};
use tieout_store::{Balances, Connection, ConnectionRole, CursorUpdate, IngestPage, PageItems, SyncState};

use crate::{
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        progress::cancelled,
    },
    governance::changes,
    intake::{
        adapters::{self, runtime},
        connections, detection,
        imports::resource_name,
        pages::{Split, ledger_scope, mapping_for_ledger, name_balances, name_page, periods_of, split},
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
    /// Items that are no longer there.
    pub removed: u64,
    /// complete, failed or cancelled.
    #[ts(as = "closed::SyncState")]
    pub state: String,
    /// The failure's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub code: Option<String>,
    /// The vendor's own words.
    pub message: String,
}

impl SyncView {
    fn ended(connection: &Connection, resource: &str, counts: Counts, state: &str) -> Self {
        let aside = (counts.rejected > 0).then(|| {
            format!(
                "{} kept aside; what they could concern is not judged until they can be read",
                counts.rejected
            )
        });
        let removed = (counts.removed > 0).then(|| format!("{} no longer there", counts.removed));
        let words: Vec<String> = [aside, removed].into_iter().flatten().collect();
        Self {
            connection: connection.name.clone(),
            resource: resource.to_owned(),
            pages: counts.pages,
            items: counts.items,
            rejected: counts.rejected,
            removed: counts.removed,
            state: state.to_owned(),
            code: None,
            message: words.join("; "),
        }
    }
}

/// What a sync of one resource came to so far.
#[derive(Clone, Copy, Default)]
struct Counts {
    pages: u64,
    items: u64,
    /// Items that are new, changed or gone.
    changed: u64,
    rejected: u64,
    removed: u64,
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
    /// Of everything that had to be kept aside it is known what it could concern.
    whole: bool,
}

/// What became of one page.
struct Taken {
    next: Option<Cursor>,
    items: u64,
    changed: u64,
    rejected: u64,
    removed: u64,
    /// As [`Scan::whole`].
    whole: bool,
}

enum Source {
    Billing(Arc<dyn BillingSource>),
    Ledger(Arc<dyn LedgerSource>),
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
    connections.retain(|c| !c.is_files() && !c.paused);
    // The ledger comes last: what billing shows is then judged against a ledger that is no older.
    connections.sort_by_key(|c| c.role == ConnectionRole::Erp);
    let runtime = runtime()?;
    let mut views = Vec::new();
    let mut stopped = false;
    for connection in &connections {
        stopped = stopped || runtime.block_on(sync_connection(ctx, connection, request.full, &mut views))?;
    }
    let now = ctx.clock.now();
    let settled = ctx.writing()?.settle_postings(now)?;
    let failed = views.iter().filter(|v| v.code.is_some()).count();
    let removed: u64 = views.iter().map(|view| view.removed).sum();
    let detail =
        json!({ "settled": settled.len(), "failed": failed, "cancelled": stopped, "removed": removed });
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
        ConnectionRole::Erp => adapters::ledger_source(ctx, connection).map(Source::Ledger),
    };
    let source = match source {
        Ok(source) => source,
        Err(error) => {
            failed(ctx, connection, "connection", Counts::default(), coded(error), views)?;
            return Ok(false);
        }
    };
    for resource in source.offers() {
        let name = resource_name(resource);
        ctx.progress.begin(&format!("Syncing {} {name}", connection.name), None);
        let mut counts = Counts::default();
        let ended = match (&source, resource) {
            (Source::Ledger(ledger), Resource::TrialBalance) => {
                prove(ctx, connection, (&source, ledger.as_ref()), &mut counts).await
            }
            _ => sync_resource(ctx, connection, &source, resource, full, &mut counts).await,
        };
        ctx.progress.end();
        let ended = match ended {
            Ok(()) => removed_postings(ctx, connection, &source, resource).await,
            stopped => stopped,
        };
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

/// Ends postings whose entry somebody deleted before any read showed it: those that a whole read did not
/// have, and that the ERP does not know when it is asked for them.
async fn removed_postings(
    ctx: &Context,
    connection: &Connection,
    source: &Source,
    resource: Resource,
) -> Result<(), Stopped> {
    if !matches!(source, Source::Ledger(_)) || resource != Resource::Entries {
        return Ok(());
    }
    let missing = ctx.store().booked_and_missing(&connection.id)?;
    if missing.is_empty() {
        return Ok(());
    }
    let poster = adapters::poster(ctx, connection)?;
    for (posting, erp_id) in missing {
        if poster.read_back(&erp_id).await?.is_none() {
            ctx.writing()?.posting_removed(&posting, &erp_id, ctx.clock.now())?;
        }
    }
    Ok(())
}

fn failed(
    ctx: &Context,
    connection: &Connection,
    resource: &str,
    counts: Counts,
    (code, message): (String, String),
    views: &mut Vec<SyncView>,
) -> DeskResult<()> {
    ctx.writing()?.sync_failed(&connection.id, resource, &code, &message, ctx.clock.now())?;
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
    counts: &mut Counts,
) -> Result<(), Stopped> {
    let name = resource_name(resource);
    let state = ctx.store().sync_state(&connection.id, &name)?;
    let mut scan = scan(ctx, connection, &state, full)?;
    let mut request = first_request(resource, &state, full);
    loop {
        if ctx.progress.cancelled() {
            return Err(Stopped::Cancelled);
        }
        let taken = read_page(ctx, connection, source, &request, &scan).await?;
        counts.pages += 1;
        counts.items += taken.items;
        counts.changed += taken.changed;
        counts.rejected += taken.rejected;
        counts.removed += taken.removed;
        scan.whole &= taken.whole;
        ctx.progress.advance(taken.items);
        match taken.next {
            Some(next) => {
                request = PageRequest { next: Some(next), ..request };
            }
            None => return Ok(()),
        }
    }
}

/// How often the ERP's own sums are read because entries changed beside them.
const SNAPSHOTS: u32 = 3;

/// Reads the ERP's own sums and holds them against what was read of its entries. Both have to be of one
/// moment: entries are read once more right after the sums, and where any changed, so are the sums. Where
/// that does not end, or the ERP does not tell its sums, nothing is proven.
async fn prove(
    ctx: &Context,
    connection: &Connection,
    (source, ledger): (&Source, &dyn LedgerSource),
    counts: &mut Counts,
) -> Result<(), Stopped> {
    let mapping = ledger_mapping(ctx)?;
    let scope = ledger_scope(&mapping, &connection.name);
    let entries = ctx.store().sync_state(&connection.id, &resource_name(Resource::Entries))?;
    let mut tries = if entries.next.is_none() && entries.last_error.is_none() { SNAPSHOTS } else { 0 };
    while tries > 0 {
        tries -= 1;
        let scan = Scan { started: ctx.clock.now(), whole: true };
        let page = match ledger.trial_balance(&scope).await {
            Ok(Some(page)) => page,
            Ok(None) => break,
            // It is refused, not out of reach: an account, or a role, that does not give it.
            Err(failure)
                if failure.class == FailureClass::Terminal && Code::of(failure.code) != Code::AuthFailed =>
            {
                tracing::warn!(%failure, connection = connection.name, "completeness cannot be proven");
                break;
            }
            Err(failure) => {
                ctx.writing()?.unproven(&connection.id)?;
                return Err(failure.into());
            }
        };
        let mut beside = Counts::default();
        sync_resource(ctx, connection, source, Resource::Entries, false, &mut beside).await?;
        counts.pages += 1;
        if beside.changed == 0 {
            counts.items += page.items.len() as u64;
            return keep_balances(ctx, connection, &scan, (page, &scope, &mapping));
        }
    }
    Ok(ctx.writing()?.unproven(&connection.id)?)
}

fn keep_balances(
    ctx: &Context,
    connection: &Connection,
    scan: &Scan,
    (page, scope, mapping): (Page<TrialBalance>, &LedgerScope, &AccountMapping),
) -> Result<(), Stopped> {
    let resource = resource_name(Resource::TrialBalance);
    let cursor = cursor_update(&resource, &page, true, scan.started, ctx);
    let mut part = split(&resource, page);
    name_balances(&mut part, mapping);
    let accounts = scope.accounts.clone().unwrap_or_default();
    let balances = Balances { accounts, rows: part.items };
    let page = IngestPage::new(part.page, balances, part.rejected);
    ctx.writing()?.ingest(&connection.id, [&page], Some(&cursor))?;
    Ok(())
}

/// Reads one page and keeps it.
async fn read_page(
    ctx: &Context,
    connection: &Connection,
    source: &Source,
    request: &PageRequest,
    scan: &Scan,
) -> Result<Taken, Stopped> {
    let keep = Keep { ctx, connection, scan, resource: resource_name(request.resource) };
    match (source, request.resource) {
        (Source::Billing(source), _) => keep.page(source.page(request).await?, |_| ()),
        (Source::Ledger(source), Resource::Periods) => {
            let mapping = ledger_mapping(ctx)?;
            let page = source.periods().await?;
            keep.made(page, |part| part.map(|all| periods_of(all, Some(&mapping), &connection.name)))
        }
        (Source::Ledger(source), Resource::Accounts) => keep.page(source.accounts().await?, |_| ()),
        (Source::Ledger(source), Resource::LedgerCustomers) => {
            keep.page(source.customers(request).await?, |_| ())
        }
        (Source::Ledger(source), _) => {
            let mapping = ledger_mapping(ctx)?;
            let scope = ledger_scope(&mapping, &connection.name);
            keep.page(source.entries(request, &scope).await?, |part| name_page(part, &mapping))
        }
    }
}

fn ledger_mapping(ctx: &Context) -> DeskResult<Arc<AccountMapping>> {
    mapping_for_ledger(changes::mapping_in_force(ctx)?)
}

/// Keeps the pages of one scan.
struct Keep<'k> {
    ctx: &'k Context,
    connection: &'k Connection,
    scan: &'k Scan,
    resource: String,
}

impl Keep<'_> {
    /// A page whose items are as the store has them, once they were `named`.
    fn page<T>(&self, page: Page<T>, named: impl FnOnce(&mut Split<T>)) -> Result<Taken, Stopped>
    where
        PageItems: From<Vec<T>>,
    {
        self.made(page, |mut part| {
            named(&mut part);
            part
        })
    }

    /// A page, and what the store is to have of it.
    fn made<T, U>(&self, page: Page<T>, make: impl FnOnce(Split<T>) -> Split<U>) -> Result<Taken, Stopped>
    where
        PageItems: From<Vec<U>>,
    {
        let whole = page.items.iter().all(|one| one.item.is_ok() || one.concerns.is_bounded());
        let cursor =
            cursor_update(&self.resource, &page, self.scan.whole && whole, self.scan.started, self.ctx);
        let next = page.next.clone();
        let part = make(split(&self.resource, page)).page();
        let summary = self.ctx.writing()?.ingest(&self.connection.id, [&part], Some(&cursor))?;
        Ok(Taken {
            next,
            items: part.items().count() as u64,
            changed: summary.new + summary.changed + summary.removed,
            rejected: summary.rejected,
            removed: summary.removed,
            whole,
        })
    }
}

/// The scan that goes on or begins. One that goes on where something was kept aside before of which nothing
/// is known is not whole.
fn scan(ctx: &Context, connection: &Connection, state: &SyncState, full: bool) -> DeskResult<Scan> {
    let goes_on = state.next.is_some() && !full;
    let started = state.scan_started_at.filter(|_| goes_on).unwrap_or_else(|| ctx.clock.now());
    let whole = full || !ctx.store().waits_for_anything(&connection.id, &state.resource)?;
    Ok(Scan { started, whole })
}

fn first_request(resource: Resource, state: &SyncState, full: bool) -> PageRequest {
    let go_on = |text: &Option<String>| text.clone().map(Cursor).filter(|_| !full);
    PageRequest { resource, next: go_on(&state.next), resume: go_on(&state.resume), since: None }
}

/// Where reading goes on after this page. At the end of a scan everything up to its start has been seen. What
/// was kept aside limits the judgement of what it could concern; where nothing is known of it that may be
/// anything, and nothing is judged on such a scan.
fn cursor_update<T>(
    resource: &str,
    page: &Page<T>,
    whole: bool,
    started: DateTime<Utc>,
    ctx: &Context,
) -> CursorUpdate {
    let ended = page.next.is_none();
    CursorUpdate {
        resource: resource.to_owned(),
        next: page.next.as_ref().map(|c| c.0.clone()),
        resume: page.resume.as_ref().map(|c| c.0.clone()),
        scan_started_at: (!ended).then_some(started),
        complete_through: (ended && whole).then_some(started),
        at: ctx.clock.now(),
    }
}
