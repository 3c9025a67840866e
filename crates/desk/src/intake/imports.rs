//! Files: billing lines, ledger detail and periods, each whole or not at all. Rows that cannot be read are
//! kept aside and told, never dropped in silence.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_connectors::{
    Listed, Page, Rejection, Resource, Scope,
    files::{ColumnMap, FileError, FileSource, MapKind, MapRules, Summary, read_billing, read_gl},
};
use tieout_domain::{ConnectionId, ImportId, document::Document, people::Action};
use tieout_duties::Subject;
use tieout_store::{
    Connection, ConnectionMode, ConnectionRole, Covers, CursorUpdate, Ingest, IngestPage, IngestSummary,
    Known, LogDraft, NewImport, StoreError, Vendor,
};

use crate::{
    access::judging,
    base::{
        clock::OsEntropy,
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
        pages::{RejectionView, split},
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
    /// By which the import can be taken back; nothing where it changed nothing.
    pub import: Option<String>,
}

/// A file to take by a map that is in force.
#[derive(Clone, Copy)]
pub(crate) struct Taking<'a> {
    /// The file.
    pub(crate) file: &'a Path,
    /// What it is the whole of.
    pub(crate) replaces: Option<&'a str>,
    /// The day of judgement.
    pub(crate) as_of: Option<&'a str>,
    /// What it comes to, in words, where that is known.
    pub(crate) totals: &'a str,
    /// SHA-256 (hex) of the bytes that were looked at, where they were: another file is refused.
    pub(crate) shown: Option<&'a str>,
}

/// What can end an import: the file, the store, what is in force; or the store's side has ended it, and
/// tells why.
pub(crate) enum ImportError {
    /// The file.
    File(FileError),
    /// The store.
    Store(StoreError),
    /// What is in force.
    Context(DeskError),
    /// The store's side has ended it.
    Hung,
    /// Somebody stopped it.
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
    let by = mapped(ctx, request, MapKind::Billing)?;
    let (replaces, as_of) = (None, request.as_of.as_deref());
    billing_by(ctx, &by, Taking { file: &request.file, replaces, as_of, totals: "", shown: None })
}

/// Imports billing lines by a map that is in force for its connection.
pub(crate) fn billing_by(
    ctx: &Context,
    (connection, map): &(Connection, ColumnMap),
    taking: Taking<'_>,
) -> DeskResult<ImportView> {
    let Taking { file, as_of, .. } = taking;
    let source = judged(ctx, file, as_of)?;
    ctx.progress.begin("Importing billing", None);
    let result = (|| -> Result<Imported, ImportError> {
        let mut store = ctx.writing()?;
        let mut ingest = store.begin_ingest(&connection.id)?;
        let resource = resource_name(Resource::Invoices);
        ingest.record(&resource)?;
        let rules = Rules::during(&ingest, &connection.name)?;
        let facts = (connection.name.as_str(), source.received_at);
        let read = |hand: &mut Hand<'_, IngestPage>| {
            read_billing(&source, map, |page: Page<_>| {
                hand(split(&resource, page).page())?;
                Ok::<_, ImportError>(())
            })
        };
        let make = |page: IngestPage| {
            let derive = |seq, document: &Document| rules.of_a_file(seq, document, facts);
            page.made_ready(&connection.id, derive)
        };
        let summary = piped(read, make, |page: IngestPage| {
            goes_on(ctx, page.items().count() as u64)?;
            Ok(ingest.page(&page)?)
        })?;
        ended(ctx, ingest, (&resource, taking, map, source.received_at), summary)
    })();
    ctx.progress.end();
    let done = result?;
    detection::detect(ctx, as_of)?;
    Ok(imported(file, connection, done))
}

/// What an import came to: what was read, with what was refused although it could be read, and what changed.
pub(crate) struct Imported {
    pub(crate) summary: Summary,
    pub(crate) changed: u64,
    pub(crate) removed: u64,
    pub(crate) import: Option<ImportId>,
}

/// Ends an import of documents or journals: rows of earlier files are settled, the file is seen through, and
/// everything is kept. All of it is of the one instant at which the file was received, as its pages are: by
/// it an undo finds what the import settled.
fn ended(
    ctx: &Context,
    mut ingest: Ingest<'_>,
    (resource, taking, map, received_at): (&str, Taking<'_>, &ColumnMap, DateTime<Utc>),
    mut summary: Summary,
) -> Result<Imported, ImportError> {
    refuse_other(taking, &summary)?;
    refuse_twice(&ingest, &summary)?;
    ingest.settle_rows(resource, received_at)?;
    ingest.cursor(&whole_file(received_at, resource))?;
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
    let one = NewImport {
        id: ImportId::random(&mut OsEntropy),
        resource: resource.to_owned(),
        file: taking.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        sha256: summary.file_sha256.clone(),
        profile: map.profile.clone().unwrap_or_default(),
        map_hash: map.text_hash().to_owned(),
        totals: taking.totals.to_owned(),
        replaced: taking.replaces.map(str::to_owned),
        by: ctx.account_actor(),
        at: received_at,
        rows: summary.rows,
        items: summary.items,
        rejected_rows: summary.rejected_rows,
    };
    let import = ingest.keep_import(&one)?.then(|| one.id.clone());
    log_import(ctx, &mut ingest, taking.file, (&summary, Some(&one).filter(|_| import.is_some())))?;
    let IngestSummary { new, changed, removed, .. } = ingest.commit()?;
    Ok(Imported { summary, changed: new + changed, removed, import })
}

/// Refuses a file whose bytes are not those that were shown.
fn refuse_other(taking: Taking<'_>, summary: &Summary) -> Result<(), ImportError> {
    if taking.shown.is_none_or(|shown| shown == summary.file_sha256) {
        return Ok(());
    }
    let message = format!(
        "{} changed since it was shown: nothing was kept. Look at it again, then import it",
        taking.file.display()
    );
    Err(ImportError::Context(DeskError::new(Code::FileChanged, message)))
}

/// Refuses a file most of which another connection has already: it would count twice.
fn refuse_twice(ingest: &Ingest<'_>, summary: &Summary) -> Result<(), ImportError> {
    let Some(known) = ingest.known_elsewhere()?.filter(|known| is_most(known, summary)) else {
        return Ok(());
    };
    let message = format!(
        "{} of the {} documents or journals of this file are there already, by the connection {}: nothing \
         was kept. Import the file under that name (--connection {}) to bring it up to date",
        known.items, summary.items, known.connection, known.connection
    );
    Err(ImportError::Context(DeskError::new(Code::FileKnownElsewhere, message)))
}

/// True where another connection has most of what a file holds.
pub(crate) fn is_most(known: &Known, summary: &Summary) -> bool {
    known.items.saturating_mul(2) > summary.items
}

/// Tells how far an import is. Where somebody stopped it, the whole of it is rolled back.
fn goes_on(ctx: &Context, items: u64) -> Result<(), ImportError> {
    ctx.progress.advance(items);
    if ctx.progress.cancelled() { Err(ImportError::Cancelled) } else { Ok(()) }
}

/// What a file proves of journals that are gone: it is the whole of something, page by page.
pub(crate) struct Whole {
    scope: Option<Scope>,
    after: String,
}

impl Whole {
    /// Of what was said; `bad_date`.
    pub(crate) fn of(replaces: Option<&str>) -> DeskResult<Self> {
        let scope = match replaces {
            None => None,
            Some("all") => Some(Scope::default()),
            Some(days) => Some(Scope { dated: Some(when::span(days)?), ..Scope::default() }),
        };
        Ok(Self { scope, after: String::new() })
    }

    pub(crate) fn proven<T>(&mut self, mut page: Page<T>) -> Page<T> {
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
    Whole::of(ledger.replaces.as_deref())?;
    let by = mapped(ctx, request, MapKind::Gl)?;
    let (replaces, as_of) = (ledger.replaces.as_deref(), request.as_of.as_deref());
    gl_by(ctx, &by, Taking { file: &request.file, replaces, as_of, totals: "", shown: None })
}

/// Imports ledger detail by a map that is in force for its connection.
pub(crate) fn gl_by(
    ctx: &Context,
    (connection, map): &(Connection, ColumnMap),
    taking: Taking<'_>,
) -> DeskResult<ImportView> {
    let Taking { file, replaces, as_of, .. } = taking;
    let mut whole = Whole::of(replaces)?;
    let source = judged(ctx, file, as_of)?;
    ctx.progress.begin("Importing the ledger", None);
    let result = (|| -> Result<Imported, ImportError> {
        let mut store = ctx.writing()?;
        let mut ingest = store.begin_ingest(&connection.id)?;
        let resource = resource_name(Resource::Entries);
        ingest.record(&resource)?;
        let read = |hand: &mut Hand<'_, IngestPage>| {
            read_gl(&source, map, |page: Page<_>| {
                hand(split(&resource, whole.proven(page)).page())?;
                Ok::<_, ImportError>(())
            })
        };
        let make = |page: IngestPage| page.made_ready(&connection.id, |_, _| None);
        let summary = piped(read, make, |page: IngestPage| {
            goes_on(ctx, page.items().count() as u64)?;
            Ok(ingest.page(&page)?)
        })?;
        ingest.account_names(&summary.accounts)?;
        ended(ctx, ingest, (&resource, taking, map, source.received_at), summary)
    })();
    ctx.progress.end();
    let done = result?;
    let partial = matches!(&map.rules, MapRules::Gl(rules) if rules.partial);
    let covers = covered(replaces, &done.summary)?;
    if !partial {
        proves(ctx, connection, covers)?;
    }
    detection::detect(ctx, as_of)?;
    ctx.writing()?.judge_booked_elsewhere(&connection.id, covers, ctx.clock.now())?;
    let view = imported(file, connection, done);
    let message = match partial {
        true => format!("{}; the file holds some accounts only, so its journals are not whole", view.message),
        false => view.message.clone(),
    };
    Ok(ImportView { message, ..view })
}

/// What a file is the whole of; nothing, where a row of it could be any journal's.
fn covered(replaces: Option<&str>, summary: &Summary) -> DeskResult<Covers> {
    Ok(match replaces {
        None => Covers::Nothing,
        Some(_) if summary.rejected_rows > 0 => Covers::Nothing,
        Some("all") => Covers::Everything,
        Some(days) => {
            let (from, to) = when::span(days)?;
            Covers::Days(from, to)
        }
    })
}

/// What a ledger's file proves of the postings that were handed over to it: told of each, and settled where
/// another person has confirmed it.
pub(crate) fn proves(ctx: &Context, connection: &Connection, covers: Covers) -> DeskResult<()> {
    let now = ctx.clock.now();
    let mut store = ctx.writing()?;
    store.judge_handovers(&connection.id, covers, now)?;
    store.settle_postings(now)?;
    Ok(())
}

/// The file, with the day on which it is judged.
pub(crate) fn judged(ctx: &Context, file: &Path, as_of: Option<&str>) -> DeskResult<FileSource> {
    let source = FileSource::new(file, ctx.clock.now());
    match as_of {
        None => Ok(source),
        Some(as_of) => Ok(FileSource { judged_on: when::instant(as_of)?.date_naive(), ..source }),
    }
}

fn mapped(ctx: &Context, request: &ImportFileRequest, kind: MapKind) -> DeskResult<(Connection, ColumnMap)> {
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
    kept(ctx, name, (map, &text))
}

/// The file connection of this name, with its map in force.
pub(crate) fn kept(
    ctx: &Context,
    name: &str,
    (map, text): (ColumnMap, &str),
) -> DeskResult<(Connection, ColumnMap)> {
    let role = match map.kind() {
        MapKind::Billing => ConnectionRole::Billing,
        MapKind::Gl => ConnectionRole::Erp,
    };
    let connection = file_connection(ctx, name, role)?;
    changes::keep_column_map(ctx, name, text)?;
    Ok((connection, map))
}

/// The file connection of this name; made where there is none.
pub(crate) fn file_connection(ctx: &Context, name: &str, role: ConnectionRole) -> DeskResult<Connection> {
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
    let connection = new_connection(ctx, name, role);
    let subject = connection.id.to_string();
    let detail = json!({ "name": name, "vendor": "files" });
    ctx.unsigned("connection_added", &subject, detail, |s, log| s.add_connection(&connection, log))?;
    Ok(connection)
}

/// A file connection that is not there yet.
pub(crate) fn new_connection(ctx: &Context, name: &str, role: ConnectionRole) -> Connection {
    Connection {
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
    }
}

/// Files change what is judged: who only reads brings in none. No secret is asked for, as for a sync.
pub(crate) fn may_import(ctx: &Context, file: &Path) -> DeskResult<()> {
    let file = file.display().to_string();
    judging::judged_without_secret(ctx, Action::ImportFiles, Subject::Workspace, &file)
}

/// A file is read whole: seen through when it was received.
pub(crate) fn whole_file(received_at: DateTime<Utc>, resource: &str) -> CursorUpdate {
    CursorUpdate {
        resource: resource.to_owned(),
        next: None,
        resume: None,
        scan_started_at: None,
        complete_through: Some(received_at),
        at: received_at,
    }
}

/// Logs who imported which file, and what it came to.
pub(crate) fn log_import(
    ctx: &Context,
    ingest: &mut tieout_store::Ingest<'_>,
    file: &Path,
    (summary, kept): (&Summary, Option<&NewImport>),
) -> Result<(), StoreError> {
    let actor = ctx.account_actor();
    let subject = file.display().to_string();
    let mut detail = json!({
        "sha256": summary.file_sha256, "rows": summary.rows, "items": summary.items,
        "rejected_rows": summary.rejected_rows,
    });
    if let Some(one) = kept {
        detail["import"] = json!(one.id);
        detail["profile"] = json!(one.profile);
        detail["map_sha256"] = json!(one.map_hash);
        detail["totals"] = json!(one.totals);
        detail["replaces"] = json!(one.replaced);
    }
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

/// The stable name of a resource, as stored.
pub(crate) fn resource_name(resource: Resource) -> String {
    let value = serde_json::to_value(resource).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// What became of an import, in words too.
pub(crate) fn imported(file: &Path, connection: &Connection, done: Imported) -> ImportView {
    let Imported { summary, changed, removed, import } = done;
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
        import: import.map(|id| id.to_string()),
    }
}
