//! Files: billing lines, ledger detail and periods, each whole or not at all. Rows that cannot be read are
//! kept aside and told, never dropped in silence.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_connectors::{
    Listed, Page, Rejection, Resource, Scope,
    files::{
        ColumnMap, FileError, FileSource, MapKind, MapRules, Summary, read_billing, read_gl, read_periods,
    },
};
use tieout_domain::{
    ConnectionId,
    calendar::PeriodStatus,
    document::Document,
    ledger::{EntityRef, PeriodReading},
    people::Action,
};
use tieout_duties::Subject;
use tieout_store::{
    Connection, ConnectionMode, ConnectionRole, CursorUpdate, Ingest, IngestPage, IngestSummary, LogDraft,
    Signer as LogSigner, StoreError, StoredPeriod, Vendor,
};

use crate::{
    access::{
        actor::{self, Actor},
        judging,
    },
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        progress::cancelled,
        when,
    },
    governance::changes::{self, read_text},
    intake::{
        derivation::Rules,
        detection,
        pages::{RejectionView, periods_of, split},
        pipe::{Hung, piped},
    },
};

/// A file that needs a column map.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ImportFileRequest {
    /// The file.
    pub file: PathBuf,
    /// The column map.
    pub map: PathBuf,
    /// The file connection's name; by default the column map's file name.
    #[serde(default)]
    #[ts(optional)]
    pub connection: Option<String>,
    /// Judge what is due as of this instant or date.
    #[serde(default)]
    #[ts(optional)]
    pub as_of: Option<String>,
}

/// A file of ledger detail.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ImportLedgerRequest {
    /// The file and its column map.
    #[serde(flatten)]
    #[ts(flatten)]
    pub file: ImportFileRequest,
    /// What the file is the whole of: `all` the ledger, a month (`2026-10`) or some days
    /// (`2026-10-05..2026-10-31`) of the accounts that it holds. What of it the file no longer has is gone
    /// from the ledger. Without it a file only adds and changes.
    #[serde(default)]
    #[ts(optional)]
    pub replaces: Option<String>,
}

/// A file of periods.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ImportPeriodsRequest {
    /// The file.
    pub file: PathBuf,
}

/// What an import came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ImportView {
    /// The file.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// The file connection.
    pub connection: String,
    /// Rows read, the header excluded.
    pub rows: u64,
    /// Documents, journals or periods made of them.
    pub items: u64,
    /// New or changed ones among them.
    pub changed: u64,
    /// Rows kept aside.
    pub rejected_rows: u64,
    /// Rows kept aside, once more under the name that all work has for them.
    pub rejected: u64,
    /// Journals that the ledger no longer has.
    pub removed: u64,
    /// What became of it, in words.
    pub message: String,
    /// Why, row by row (the first thousand).
    pub rejections: Vec<RejectionView>,
}

/// What can end an import: the file, the store, what is in force; or the store's side has ended it, and
/// tells why.
enum ImportError {
    File(FileError),
    Store(StoreError),
    Context(DeskError),
    Hung,
    Cancelled,
}

/// Hands a page over to the store's side.
type Hand<'h, P> = dyn FnMut(P) -> Result<(), Hung> + 'h;

impl From<DeskError> for ImportError {
    fn from(error: DeskError) -> Self {
        ImportError::Context(error)
    }
}

impl From<Hung> for ImportError {
    fn from(_: Hung) -> Self {
        ImportError::Hung
    }
}

impl From<FileError> for ImportError {
    fn from(error: FileError) -> Self {
        ImportError::File(error)
    }
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        ImportError::Store(error)
    }
}

impl From<ImportError> for DeskError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::File(error) => DeskError::below(error.code(), error.to_string()),
            ImportError::Store(error) => error.into(),
            ImportError::Context(error) => error,
            ImportError::Cancelled => cancelled(
                "the import was stopped: nothing of the file was kept; its column map was, and the file can \
                 be imported again",
            ),
            ImportError::Hung => {
                DeskError::new(Code::ImportStopped, "the import was stopped; nothing was kept")
            }
        }
    }
}

/// Imports billing lines.
///
/// # Errors
/// `file_…`, `map_…`, a database error; nothing is kept then.
pub fn import_billing(ctx: &Context, request: &ImportFileRequest) -> DeskResult<ImportView> {
    may_import(ctx, &request.file)?;
    let (connection, map) = mapped(ctx, request, MapKind::Billing, ConnectionRole::Billing)?;
    let source = judged(ctx, request)?;
    ctx.progress.begin("Importing billing", None);
    let result = (|| -> Result<Imported, ImportError> {
        let mut store = ctx.writing()?;
        let mut ingest = store.begin_ingest(&connection.id)?;
        let resource = resource_name(Resource::Invoices);
        let rules = Rules::during(&ingest, &connection.name)?;
        let facts = (connection.name.as_str(), source.received_at);
        let read = |hand: &mut Hand<'_, IngestPage>| {
            read_billing(&source, &map, |page: Page<_>| {
                let page = split(&resource, page).page();
                let derive = |seq, document: &Document| rules.of_a_file(seq, document, facts);
                hand(page.made_ready(&connection.id, derive))?;
                Ok::<_, ImportError>(())
            })
        };
        let summary = piped(read, |page: IngestPage| {
            goes_on(ctx, page.items().count() as u64)?;
            Ok(ingest.page(&page)?)
        })?;
        ended(ctx, ingest, (&resource, &request.file), summary)
    })();
    ctx.progress.end();
    let done = result?;
    detection::detect(ctx, request.as_of.as_deref())?;
    Ok(imported(&request.file, &connection, done))
}

/// What an import came to: what was read, with what was refused although it could be read, and what changed.
struct Imported {
    summary: Summary,
    changed: u64,
    removed: u64,
}

/// Ends an import of documents or journals: rows of earlier files are settled, the file is seen through, and
/// everything is kept.
fn ended(
    ctx: &Context,
    mut ingest: Ingest<'_>,
    (resource, file): (&str, &Path),
    mut summary: Summary,
) -> Result<Imported, ImportError> {
    refuse_twice(&ingest, &summary)?;
    let cursor = whole_file(ctx, resource);
    ingest.settle_rows(resource, cursor.at)?;
    ingest.cursor(&cursor)?;
    for refused in ingest.refused_items() {
        summary.items = summary.items.saturating_sub(1);
        summary.rejected_items += 1;
        summary.rejected_rows += 1;
        if summary.rejections.len() < Summary::LISTED {
            summary.rejections.push(Rejection {
                code: refused.code.clone(),
                place: refused.place.clone(),
                message: refused.message.clone(),
            });
        }
    }
    log_import(ctx, &mut ingest, file, &summary)?;
    let IngestSummary { new, changed, removed, .. } = ingest.commit()?;
    Ok(Imported { summary, changed: new + changed, removed })
}

/// Refuses a file most of which another connection has already: it would count twice.
fn refuse_twice(ingest: &Ingest<'_>, summary: &Summary) -> Result<(), ImportError> {
    let Some(known) = ingest.known_elsewhere()? else { return Ok(()) };
    if known.items.saturating_mul(2) <= summary.items {
        return Ok(());
    }
    let message = format!(
        "{} of the {} documents or journals of this file are there already, by the connection {}: nothing \
         was kept. Import the file under that name (--connection {}) to bring it up to date",
        known.items, summary.items, known.connection, known.connection
    );
    Err(ImportError::Context(DeskError::new(Code::FileKnownElsewhere, message)))
}

/// Tells how far an import is. Where somebody stopped it, the whole of it is rolled back.
fn goes_on(ctx: &Context, items: u64) -> Result<(), ImportError> {
    ctx.progress.advance(items);
    if ctx.progress.cancelled() { Err(ImportError::Cancelled) } else { Ok(()) }
}

/// What a file proves of journals that are gone: it is the whole of something, page by page.
struct Whole {
    scope: Option<Scope>,
    after: String,
}

impl Whole {
    fn of(replaces: Option<&str>) -> DeskResult<Self> {
        let scope = match replaces {
            None => None,
            Some("all") => Some(Scope::default()),
            Some(days) => Some(Scope { dated: Some(when::span(days)?), ..Scope::default() }),
        };
        Ok(Self { scope, after: String::new() })
    }

    fn proven<T>(&mut self, mut page: Page<T>) -> Page<T> {
        if let Some(scope) = &self.scope {
            let through = page.next.as_ref().map(|next| next.0.clone());
            let after = std::mem::replace(&mut self.after, through.clone().unwrap_or_default());
            page.absence.listed = Some(Listed { after, through, scope: scope.clone() });
        }
        page
    }
}

/// Imports ledger detail. It is the ledger as of now, so what was never in it is unposted. What an earlier
/// file had stays, unless this one says that it is the whole of it.
///
/// # Errors
/// As [`import_billing`]; `bad_date`.
pub fn import_gl(ctx: &Context, ledger: &ImportLedgerRequest) -> DeskResult<ImportView> {
    let request = &ledger.file;
    may_import(ctx, &request.file)?;
    let mut whole = Whole::of(ledger.replaces.as_deref())?;
    let (connection, map) = mapped(ctx, request, MapKind::Gl, ConnectionRole::Erp)?;
    let source = judged(ctx, request)?;
    ctx.progress.begin("Importing the ledger", None);
    let result = (|| -> Result<Imported, ImportError> {
        let mut store = ctx.writing()?;
        let mut ingest = store.begin_ingest(&connection.id)?;
        let resource = resource_name(Resource::Entries);
        let read = |hand: &mut Hand<'_, IngestPage>| {
            read_gl(&source, &map, |page: Page<_>| {
                hand(split(&resource, whole.proven(page)).page())?;
                Ok::<_, ImportError>(())
            })
        };
        let summary = piped(read, |page: IngestPage| {
            goes_on(ctx, page.items().count() as u64)?;
            Ok(ingest.page(&page)?)
        })?;
        ingest.account_names(&summary.accounts)?;
        ended(ctx, ingest, (&resource, &request.file), summary)
    })();
    ctx.progress.end();
    let done = result?;
    detection::detect(ctx, request.as_of.as_deref())?;
    let view = imported(&request.file, &connection, done);
    let partial = matches!(&map.rules, MapRules::Gl(rules) if rules.partial);
    let message = match partial {
        true => format!("{}; the file holds some accounts only, so its journals are not whole", view.message),
        false => view.message.clone(),
    };
    Ok(ImportView { message, ..view })
}

/// Imports accounting periods with their status. A soft close is the desk's own: what a file closes softly
/// stays so whatever the ERP says, until a file of a controller's lifts it.
///
/// # Errors
/// As [`import_billing`]; a refusal where it lifts a soft close and the acting person may not.
pub fn import_periods(ctx: &Context, request: &ImportPeriodsRequest) -> DeskResult<ImportView> {
    may_import(ctx, &request.file)?;
    let connection = file_connection(ctx, "periods", ConnectionRole::Erp)?;
    let source = FileSource::new(&request.file, ctx.clock.now());
    let lifted = soft_closes_lifted(ctx, &source)?;
    let lifter = (!lifted.is_empty()).then(|| may_lift(ctx, &request.file)).transpose()?;
    let result = (|| -> Result<(Summary, u64), ImportError> {
        let mut store = ctx.writing()?;
        let mut ingest = store.begin_ingest(&connection.id)?;
        let resource = resource_name(Resource::Periods);
        let summary = read_periods(&source, |page: Page<_>| {
            let part = split(&resource, page);
            ingest.page(&part.map(|all| periods_of(all, None, &connection.name)).page())?;
            Ok::<_, ImportError>(())
        })?;
        ingest.cursor(&whole_file(ctx, &resource))?;
        log_import(ctx, &mut ingest, &request.file, &summary)?;
        if let Some(lifter) = &lifter {
            let sign = |hash: &[u8; 32]| lifter.signer.sign(hash);
            ingest.log(&LogDraft {
                at: ctx.clock.now(),
                actor: lifter.id().as_str(),
                what: "soft_close_lifted",
                subject: &request.file.display().to_string(),
                detail: json!({ "periods": lifted }),
                signer: Some(LogSigner { person: lifter.id(), sign: &sign }),
            })?;
        }
        Ok((summary, changes(ingest.commit()?)))
    })();
    let (summary, changed) = result?;
    Ok(imported(&request.file, &connection, Imported { summary, changed, removed: 0 }))
}

/// The periods, as `entity period`, whose soft close this file would lift.
fn soft_closes_lifted(ctx: &Context, source: &FileSource) -> DeskResult<Vec<String>> {
    let mut closed = ctx.store().periods()?;
    closed.retain(|stored| stored.soft_closed);
    let mut lifted = Vec::new();
    if closed.is_empty() {
        return Ok(lifted);
    }
    read_periods(source, |page: Page<PeriodReading>| {
        for reading in page.items.iter().filter_map(|fetched| fetched.item.as_ref().ok()) {
            let opens = reading.status != PeriodStatus::SoftClosed;
            let is_closed = |stored: &StoredPeriod| {
                stored.period.key == reading.key
                    && reading.entity == Some(EntityRef::Code(stored.period.entity.clone()))
            };
            if let Some(stored) = closed.iter().find(|stored| opens && is_closed(stored)) {
                lifted.push(format!("{} {}", stored.period.entity, stored.period.key));
            }
        }
        Ok::<_, ImportError>(())
    })?;
    Ok(lifted)
}

/// Lifting a soft close lets others than controllers approve into the period: it takes a controller.
fn may_lift(ctx: &Context, file: &Path) -> DeskResult<Actor> {
    let actor = actor::actor(ctx)?;
    let about = file.display().to_string();
    actor::judge(ctx, &actor, Action::ReopenPeriod, Subject::Workspace, &about)?;
    Ok(actor)
}

/// The file, with the day on which it is judged.
fn judged(ctx: &Context, request: &ImportFileRequest) -> DeskResult<FileSource> {
    let source = FileSource::new(&request.file, ctx.clock.now());
    match &request.as_of {
        None => Ok(source),
        Some(as_of) => Ok(FileSource { judged_on: when::instant(as_of)?.date_naive(), ..source }),
    }
}

fn mapped(
    ctx: &Context,
    request: &ImportFileRequest,
    kind: MapKind,
    role: ConnectionRole,
) -> DeskResult<(Connection, ColumnMap)> {
    let text = read_text(&request.map)?;
    let place = request.map.display().to_string();
    let map = ColumnMap::parse(&text).map_err(|e| DeskError::below(e.code(), e.to_string()).at(&place))?;
    if map.kind() != kind {
        return Err(DeskError::new(
            Code::MapWrongKind,
            format!("{place} is a map for another kind of file than the one imported"),
        ));
    }
    let stem = request.map.file_stem().and_then(|s| s.to_str()).unwrap_or("file");
    let name = request.connection.as_deref().unwrap_or(stem);
    let connection = file_connection(ctx, name, role)?;
    changes::keep_column_map(ctx, name, &text)?;
    Ok((connection, map))
}

fn file_connection(ctx: &Context, name: &str, role: ConnectionRole) -> DeskResult<Connection> {
    let found = ctx.store().connection_by_name(name)?;
    if let Some(found) = found {
        if found.is_files() && found.role == role {
            return Ok(found);
        }
        return Err(DeskError::new(
            Code::ConnectionUnfit,
            format!("{name} is another kind of connection: name one for the file with --connection"),
        ));
    }
    let connection = Connection {
        id: ConnectionId::derive(&["file", name]),
        name: name.to_owned(),
        vendor: Vendor::FILES,
        role,
        mode: ConnectionMode::Live,
        tenant: name.to_owned(),
        options: "{}".to_owned(),
        paused: false,
        added_by: ctx.account_actor(),
        added_at: ctx.clock.now(),
    };
    let subject = connection.id.to_string();
    let detail = json!({ "name": name, "vendor": "files" });
    ctx.unsigned("connection_added", &subject, detail, |s, log| s.add_connection(&connection, log))?;
    Ok(connection)
}

/// Files change what is judged: who only reads brings in none. No secret is asked for, as for a sync.
fn may_import(ctx: &Context, file: &Path) -> DeskResult<()> {
    let file = file.display().to_string();
    judging::judged_without_secret(ctx, Action::ImportFiles, Subject::Workspace, &file)
}

/// A file is read whole: seen through now.
fn whole_file(ctx: &Context, resource: &str) -> CursorUpdate {
    let now = ctx.clock.now();
    CursorUpdate {
        resource: resource.to_owned(),
        next: None,
        resume: None,
        scan_started_at: None,
        complete_through: Some(now),
        at: now,
    }
}

fn log_import(
    ctx: &Context,
    ingest: &mut tieout_store::Ingest<'_>,
    file: &Path,
    summary: &Summary,
) -> Result<(), StoreError> {
    let actor = ctx.account_actor();
    let subject = file.display().to_string();
    let detail = json!({
        "sha256": summary.file_sha256, "rows": summary.rows, "items": summary.items,
        "rejected_rows": summary.rejected_rows,
    });
    let draft = LogDraft {
        at: ctx.clock.now(),
        actor: &actor,
        what: "file_imported",
        subject: &subject,
        detail,
        signer: None,
    };
    ingest.log(&draft).map(|_| ())
}

fn changes(summary: IngestSummary) -> u64 {
    summary.new + summary.changed
}

/// The stable name of a resource, as stored.
pub(crate) fn resource_name(resource: Resource) -> String {
    let value = serde_json::to_value(resource).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

fn imported(file: &Path, connection: &Connection, done: Imported) -> ImportView {
    let Imported { summary, changed, removed } = done;
    let aside = (summary.rejected_rows > 0).then(|| format!(", {} kept aside", summary.rejected_rows));
    let gone = (removed > 0).then(|| format!(", {removed} journals no longer in the ledger"));
    ImportView {
        file: file.display().to_string(),
        sha256: summary.file_sha256,
        connection: connection.name.clone(),
        rows: summary.rows,
        items: summary.items,
        changed,
        rejected_rows: summary.rejected_rows,
        rejected: summary.rejected_rows,
        removed,
        message: format!(
            "{} rows read, {changed} new or changed{}{}",
            summary.rows,
            aside.unwrap_or_default(),
            gone.unwrap_or_default()
        ),
        rejections: summary.rejections.iter().map(RejectionView::from).collect(),
    }
}
