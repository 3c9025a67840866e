//! Sync: reads what changed in billing and in the ERP, page by page. Each page is stored with its proof and
//! the new cursor in one transaction, so a sync can stop anywhere and goes on where it was.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_connectors::{Cursor, LedgerScope, LedgerSource, Page, PageRequest, Resource};
use tieout_domain::{
    accounts::AccountMapping,
    failure::{FailureClass, VendorFailure},
    trial_balance::TrialBalance,
};
use tieout_store::{
    Balances, Connection, ConnectionRole, Covers, CursorUpdate, IngestPage, PageItems, SyncState,
    WHOLE_CONNECTION,
};
use tokio::{sync::watch, time::timeout};

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
        fetch::{Fetched, Pages, Source},
        house,
        imports::resource_name,
        pages::{Split, mapping_for_ledger, name_balances, name_page, periods_of, split},
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

impl SyncView {
    fn failed(
        connection: &Connection,
        resource: &str,
        counts: Counts,
        (code, message): (String, String),
    ) -> Self {
        Self { code: Some(code), message, ..Self::ended(connection, resource, counts, "failed") }
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

/// True of a failure that every other resource of the connection would meet as well: the host, what it shows
/// of itself, or the credentials. Nothing more is asked then, and it is told once.
fn concerns_the_whole(code: Code) -> bool {
    matches!(
        code,
        Code::AuthFailed
            | Code::BadAddress
            | Code::BadCredential
            | Code::CertificateRefused
            | Code::ConnectFailed
            | Code::CredentialMissing
            | Code::FixedByAdministrator
            | Code::HostUnknown
            | Code::ProxyRefused
            | Code::InsecureAddress
            | Code::Redirected
            | Code::TestLiveMismatch
    )
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
}

/// What became of one page.
struct Taken {
    items: u64,
    changed: u64,
    rejected: u64,
    removed: u64,
}

/// How long the reading of a ledger waits for that of billing to end, so that what billing shows is judged
/// against a ledger that is no older.
const LEDGER_WAITS: Duration = Duration::from_secs(20);

/// How long the others' results wait for a connection that is still being read, before they are judged
/// without it. What it brings later is judged at the end.
const JUDGED_WITHOUT: Duration = Duration::from_secs(10);

/// Syncs all connections that are not paused (or one) side by side, then detects. One connection's failure
/// does not stop the others; it becomes an exception and a line of the answer. One that is slow delays
/// nobody.
///
/// # Errors
/// `not_found`, `bad_instant`, `cancelled`, a database error.
pub fn sync(ctx: &Context, request: &SyncRequest) -> DeskResult<Vec<SyncView>> {
    let mut connections = match &request.connection {
        Some(name) => vec![connections::find_connection(ctx, name)?],
        None => ctx.store().connections()?,
    };
    connections.retain(|c| !c.is_files() && !c.paused);
    connections.sort_by_key(|c| c.role == ConnectionRole::Erp);
    let what = match connections.as_slice() {
        [one] => format!("Syncing {}", one.name),
        many => format!("Syncing {} connections", many.len()),
    };
    ctx.progress.begin(&what, None);
    let read = runtime()?.block_on(side_by_side(ctx, &connections, request));
    ctx.progress.end();
    let (views, stopped) = read?;
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
    // A sync reads all that changed: what it did not bring is not there.
    let read = |one: &&Connection| views.iter().all(|v| v.connection != one.name || v.code.is_none());
    for erp in connections.iter().filter(|one| one.role == ConnectionRole::Erp).filter(read) {
        ctx.writing()?.judge_booked_elsewhere(&erp.id, Covers::Everything, now)?;
    }
    Ok(views)
}

/// What became of every connection, in their order, and whether somebody stopped any of them.
async fn side_by_side(
    ctx: &Context,
    connections: &[Connection],
    request: &SyncRequest,
) -> DeskResult<(Vec<SyncView>, bool)> {
    let unread = connections.iter().filter(|one| one.role == ConnectionRole::Billing).count();
    let (billing, still_read) = watch::channel(unread);
    let mut running = FuturesUnordered::new();
    for (at, connection) in connections.iter().enumerate() {
        let (billing, mut still_read) = (&billing, still_read.clone());
        running.push(async move {
            let mut views = Vec::new();
            if connection.role == ConnectionRole::Erp {
                // Whoever waits has waited long enough either way.
                let _ = timeout(LEDGER_WAITS, still_read.wait_for(|unread| *unread == 0)).await;
            }
            let stopped = sync_connection(ctx, connection, request.full, &mut views).await;
            if connection.role == ConnectionRole::Billing {
                billing.send_modify(|unread| *unread -= 1);
            }
            stopped.map(|stopped| (at, views, stopped))
        });
    }
    let (mut all, mut any_stopped, mut unjudged) = (BTreeMap::new(), false, false);
    loop {
        match timeout(JUDGED_WITHOUT, running.next()).await {
            Ok(None) => break,
            Ok(Some(ended)) => {
                let (at, views, stopped) = ended?;
                all.insert(at, views);
                any_stopped |= stopped;
                unjudged = true;
            }
            Err(_) if unjudged && !any_stopped => {
                ctx.writing()?.settle_postings(ctx.clock.now())?;
                detection::detect(ctx, request.as_of.as_deref())?;
                unjudged = false;
            }
            Err(_) => {}
        }
    }
    Ok((all.into_values().flatten().collect(), any_stopped))
}

/// True where somebody stopped it.
async fn sync_connection(
    ctx: &Context,
    connection: &Connection,
    full: bool,
    views: &mut Vec<SyncView>,
) -> DeskResult<bool> {
    if connection.role == ConnectionRole::Erp {
        name_known(ctx, connection)?;
    }
    let source = match connection.role {
        ConnectionRole::Billing => adapters::billing_source(ctx, connection).map(Source::Billing),
        ConnectionRole::Erp => adapters::ledger_source(ctx, connection).map(Source::Ledger),
    };
    let source = match source {
        Ok(source) => source,
        Err(error) => {
            failed(ctx, connection, WHOLE_CONNECTION, Counts::default(), coded(error), views)?;
            return Ok(false);
        }
    };
    for resource in source.offers() {
        let name = resource_name(resource);
        let mut counts = Counts::default();
        let ended = match (&source, resource) {
            (Source::Ledger(ledger), Resource::TrialBalance) => {
                prove(ctx, connection, (&source, ledger.as_ref()), &mut counts).await
            }
            _ => sync_resource(ctx, connection, &source, resource, full, &mut counts).await,
        };
        let ended = match ended {
            Ok(()) => removed_postings(ctx, connection, &source, resource).await,
            stopped => stopped,
        };
        match ended {
            Ok(()) => {
                ctx.writing()?.sync_reached(&connection.id)?;
                views.push(SyncView::ended(connection, &name, counts, "complete"));
            }
            Err(Stopped::Cancelled) => {
                views.push(SyncView::ended(connection, &name, counts, "cancelled"));
                return Ok(true);
            }
            Err(Stopped::Vendor(failure)) if concerns_the_whole(Code::of(failure.code)) => {
                let why = (failure.code.to_owned(), failure.message);
                ctx.writing()?.sync_failed(
                    &connection.id,
                    WHOLE_CONNECTION,
                    &why.0,
                    &why.1,
                    ctx.clock.now(),
                )?;
                views.push(SyncView::failed(connection, &name, counts, why));
                return Ok(false);
            }
            Err(Stopped::Vendor(failure)) => {
                ctx.writing()?.sync_reached(&connection.id)?;
                let why = (failure.code.to_owned(), failure.message);
                failed(ctx, connection, &name, counts, why, views)?;
            }
            Err(Stopped::Desk(error)) => failed(ctx, connection, &name, counts, coded(error), views)?,
        }
    }
    Ok(false)
}

/// Names what was read of an ERP's entities while no mapping named them.
fn name_known(ctx: &Context, connection: &Connection) -> DeskResult<()> {
    let Some(mapping) = changes::mapping_in_force(ctx)? else { return Ok(()) };
    let own = mapping.content.entities.iter().filter(|entity| house::kept_by(entity, &connection.name));
    let named = own.filter_map(|entity| Some((entity.erp_id.clone()?, entity.code.clone())));
    ctx.writing()?.name_entities(&connection.id, &named.collect::<Vec<_>>())?;
    Ok(())
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
    views.push(SyncView::failed(connection, resource, counts, (code, message)));
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
    // What an earlier program could not read is tried again.
    ctx.writing()?.try_unread_again(&connection.id, &name)?;
    let state = ctx.store().sync_state(&connection.id, &name)?;
    let scan = scan(ctx, &state, full);
    let scope = match source {
        Source::Billing(_) => LedgerScope::default(),
        Source::Ledger(_) => {
            let mapping = ledger_mapping(ctx)?;
            scope_of(ctx, connection, &mapping)?
        }
    };
    let mut pages = Pages::begin(source, first_request(resource, &state, full), scope);
    loop {
        if ctx.progress.cancelled() {
            return Err(Stopped::Cancelled);
        }
        let Some(page) = pages.next().await? else { return Ok(()) };
        let taken = keep_page(&Keep { ctx, connection, scan: &scan, resource: name.clone() }, page)?;
        counts.pages += 1;
        counts.items += taken.items;
        counts.changed += taken.changed;
        counts.rejected += taken.rejected;
        counts.removed += taken.removed;
        ctx.progress.advance(taken.items);
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
    let scope = scope_of(ctx, connection, &mapping)?;
    let entries = ctx.store().sync_state(&connection.id, &resource_name(Resource::Entries))?;
    let mut tries = if entries.next.is_none() && entries.last_error.is_none() { SNAPSHOTS } else { 0 };
    while tries > 0 {
        tries -= 1;
        let scan = Scan { started: ctx.clock.now() };
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
    let cursor = cursor_update(&resource, &page, scan.started, ctx);
    let mut part = split(&resource, page);
    name_balances(&mut part, mapping);
    let accounts = scope.accounts.clone().unwrap_or_default();
    let balances = Balances { accounts, rows: part.items };
    let page = IngestPage::new(part.page, balances, part.rejected);
    ctx.writing()?.ingest(&connection.id, [&page], Some(&cursor))?;
    Ok(())
}

/// Keeps one page.
fn keep_page(keep: &Keep<'_>, page: Fetched) -> Result<Taken, Stopped> {
    match page {
        Fetched::Billing(page) => keep.page(page, |_| ()),
        Fetched::Accounts(page) => keep.page(page, |_| ()),
        Fetched::Customers(page) => keep.page(page, |_| ()),
        Fetched::Periods(page) => {
            let mapping = ledger_mapping(keep.ctx)?;
            let name = &keep.connection.name;
            keep.made(page, |part| part.map(|all| periods_of(all, Some(&mapping), name)))
        }
        Fetched::Entries(page) => {
            let mapping = ledger_mapping(keep.ctx)?;
            keep.page(page, |part| name_page(part, &mapping))
        }
    }
}

/// Which entries of this ERP are read. Its chart is asked for only where the mapping names ranges.
fn scope_of(ctx: &Context, connection: &Connection, mapping: &AccountMapping) -> DeskResult<LedgerScope> {
    let mut chart = BTreeSet::new();
    if house::has_ranges(mapping) {
        let names = ctx.known().account_names()?;
        chart.extend(names.into_iter().filter(|one| one.connection == connection.id).map(|one| one.code));
    }
    Ok(house::ledger_scope(mapping, &connection.name, &chart))
}

fn ledger_mapping(ctx: &Context) -> DeskResult<Arc<AccountMapping>> {
    Ok(mapping_for_ledger(changes::mapping_in_force(ctx)?))
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
        let cursor = cursor_update(&self.resource, &page, self.scan.started, self.ctx);
        let part = make(split(&self.resource, page)).page();
        let summary = self.ctx.writing()?.ingest(&self.connection.id, [&part], Some(&cursor))?;
        Ok(Taken {
            items: part.items().count() as u64,
            changed: summary.new + summary.changed + summary.removed,
            rejected: summary.rejected,
            removed: summary.removed,
        })
    }
}

/// The scan that goes on or begins.
fn scan(ctx: &Context, state: &SyncState, full: bool) -> Scan {
    let goes_on = state.next.is_some() && !full;
    let started = state.scan_started_at.filter(|_| goes_on).unwrap_or_else(|| ctx.clock.now());
    Scan { started }
}

fn first_request(resource: Resource, state: &SyncState, full: bool) -> PageRequest {
    let go_on = |text: &Option<String>| text.clone().map(Cursor).filter(|_| !full);
    PageRequest { resource, next: go_on(&state.next), resume: go_on(&state.resume), since: None }
}

/// Where reading goes on after this page. At the end of a scan everything up to its start has been seen. What
/// was kept aside limits the judgement of what it could concern, and of nothing else.
fn cursor_update<T>(resource: &str, page: &Page<T>, started: DateTime<Utc>, ctx: &Context) -> CursorUpdate {
    let ended = page.next.is_none();
    CursorUpdate {
        resource: resource.to_owned(),
        next: page.next.as_ref().map(|c| c.0.clone()),
        resume: page.resume.as_ref().map(|c| c.0.clone()),
        scan_started_at: (!ended).then_some(started),
        complete_through: ended.then_some(started),
        at: ctx.clock.now(),
    }
}
