//! Files that are read without a column map: what they are is recognised, shown, and imported by the map that
//! recognition makes.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tieout_connectors::files::{
    ColumnMap, ControlTotal, FileError, FileSource, Hints, MapKind, Order, Recognition, Said, Why, recognise,
};
use tieout_domain::Currency;
use tieout_store::ChangeKind;

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        when,
    },
    governance::changes::{MAPPING, governing_mapping},
    intake::{
        bank,
        imports::{self, ImportView, Taking},
        pages::RejectionView,
    },
};

/// What kind of file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// Billing's documents.
    Billing,
    /// The ledger's journals.
    Gl,
}

/// Which of day and month the file's dates have first, where none of them says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// The day.
    DayFirst,
    /// The month.
    MonthFirst,
}

/// A file, and what a person says of it.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct InspectRequest {
    /// The file.
    pub file: PathBuf,
    /// What kind of file it is.
    #[serde(default)]
    #[ts(optional)]
    pub kind: Option<FileKind>,
    /// The legal entity whose file it is.
    #[serde(default)]
    #[ts(optional)]
    pub entity: Option<String>,
    /// The currency of the entity's books.
    #[serde(default)]
    #[ts(optional)]
    pub currency: Option<String>,
    /// The entity's time zone, such as `Europe/Berlin`.
    #[serde(default)]
    #[ts(optional)]
    pub time_zone: Option<String>,
    /// Accounts by their role: `receivable=1100`.
    #[serde(default)]
    pub expect: Vec<String>,
    /// The sheet of a workbook.
    #[serde(default)]
    #[ts(optional)]
    pub sheet: Option<String>,
    /// Which of day and month comes first.
    #[serde(default)]
    #[ts(optional)]
    pub dates: Option<DateOrder>,
    /// Judge as of this instant or date.
    #[serde(default)]
    #[ts(optional)]
    pub as_of: Option<String>,
}

/// A file to import without a column map.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ImportRecognisedRequest {
    /// The file, and what a person says of it; `kind` is needed.
    #[serde(flatten)]
    #[ts(flatten)]
    pub file: InspectRequest,
    /// The file connection's name; by default what the file was recognised as, with its entity.
    #[serde(default)]
    #[ts(optional)]
    pub connection: Option<String>,
    /// Of a ledger, what the file is the whole of, as in `ImportLedgerRequest`.
    #[serde(default)]
    #[ts(optional)]
    pub replaces: Option<String>,
}

/// A column of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FileColumn {
    /// What it is called.
    pub heading: String,
    /// The roles it plays, as a column map names them.
    pub roles: Vec<String>,
}

/// What the file comes to in one currency: decimals in major units.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FileTotal {
    /// The currency.
    pub currency: String,
    /// Debits of a ledger, or the sum of billing's documents.
    pub debits: String,
    /// Credits of a ledger.
    pub credits: Option<String>,
}

/// What a file is, and how it would be read. Nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FileView {
    /// The file.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// What kind of file it is.
    pub kind: FileKind,
    /// What it was recognised as: a built-in profile's name, or `general`.
    pub profile: String,
    /// The same in words.
    pub title: String,
    /// `built_in` for a known program's export, `headings` where its headings and rows say what it is.
    pub certainty: String,
    /// How its text is encoded; none of a workbook.
    pub encoding: Option<String>,
    /// What separates its cells; none of a workbook.
    pub delimiter: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The row of the header.
    pub header_row: u64,
    /// Its columns, and what they are read as.
    pub columns: Vec<FileColumn>,
    /// The roles of the cells of `lines`.
    pub shown: Vec<String>,
    /// The first lines as they would be read.
    pub lines: Vec<Vec<String>>,
    /// Lines, without header, banners, headings, balances and totals that agree.
    pub rows: u64,
    /// Documents or journals.
    pub items: u64,
    /// Lines that would be put aside.
    pub rejected_rows: u64,
    /// What it comes to.
    pub totals: Vec<FileTotal>,
    /// What a person should know before importing it.
    pub notes: Vec<String>,
    /// The lines that would be put aside, and why.
    pub rejections: Vec<RejectionView>,
    /// The column map that it would be read by (TOML).
    pub map: String,
}

impl From<MapKind> for FileKind {
    fn from(kind: MapKind) -> Self {
        match kind {
            MapKind::Billing => FileKind::Billing,
            MapKind::Gl => FileKind::Gl,
        }
    }
}

impl From<FileKind> for MapKind {
    fn from(kind: FileKind) -> Self {
        match kind {
            FileKind::Billing => MapKind::Billing,
            FileKind::Gl => MapKind::Gl,
        }
    }
}

/// An error of the reader as the desk's.
pub(crate) fn below(error: &FileError) -> DeskError {
    DeskError::below(error.code(), error.to_string())
}

fn unusable(what: &str, message: impl std::fmt::Display) -> DeskError {
    DeskError::new(Code::BadRequest, format!("{what}: {message}"))
}

/// What a person says, as the reader takes it.
pub(crate) fn hints(request: &InspectRequest) -> DeskResult<Hints> {
    let entity = request.entity.as_deref().map(str::parse).transpose();
    let currency = request.currency.as_deref().map(Currency::new).transpose();
    let time_zone = request.time_zone.as_deref().map(str::parse).transpose();
    let accounts = request.expect.iter().map(|list| Hints::accounts(list));
    let accounts: Vec<_> = accounts.collect::<Result<_, _>>().map_err(|e| unusable("expect", e))?;
    Ok(Hints {
        kind: request.kind.map(MapKind::from),
        entity: entity.map_err(|e| unusable("entity", e))?,
        currency: currency.map_err(|e| unusable("currency", e))?,
        time_zone: time_zone.map_err(|e| unusable("time zone", e))?,
        expect: accounts.concat(),
        mapped: false,
        sheet: request.sheet.clone(),
        decimal: None,
        said: Said::default(),
        order: request.dates.map(|order| match order {
            DateOrder::DayFirst => Order::DayFirst,
            DateOrder::MonthFirst => Order::MonthFirst,
        }),
    })
}

/// What the mapping in force says of the entity: its currency and zone, and that the file need not say what
/// the ledger should hold.
pub(crate) fn governed(ctx: &Context, mut hints: Hints) -> DeskResult<Hints> {
    let mapping = ctx.known().change_in_force_named(ChangeKind::Mapping, MAPPING)?;
    let Some(governing) = governing_mapping(mapping)? else { return Ok(hints) };
    let entities = &governing.content.entities;
    let entity = match &hints.entity {
        Some(code) => entities.iter().find(|entity| entity.code == *code),
        None if entities.len() == 1 => entities.first(),
        None => None,
    };
    if let Some(entity) = entity {
        hints.entity = Some(entity.code.clone());
        hints.currency = hints.currency.or(Some(entity.functional_currency));
        hints.time_zone = hints.time_zone.or(Some(entity.time_zone));
        hints.mapped = true;
    }
    Ok(hints)
}

/// Says what a file is and how it would be read. It needs no workspace, and nothing that a person says: what
/// is missing before it could be imported is told beside.
///
/// # Errors
/// `file_…`: the file cannot be read, or what it is or means cannot be told.
pub fn inspect(request: &InspectRequest, now: DateTime<Utc>) -> DeskResult<FileView> {
    looked_at(request, hints(request)?, now)
}

/// As [`inspect`], with what the mapping in force says.
///
/// # Errors
/// As [`inspect`].
pub fn file_inspect(ctx: &Context, request: &InspectRequest) -> DeskResult<FileView> {
    looked_at(request, governed(ctx, hints(request)?)?, ctx.clock.now())
}

fn looked_at(request: &InspectRequest, mut hints: Hints, now: DateTime<Utc>) -> DeskResult<FileView> {
    bank::refuse_statement(&request.file)?;
    let mut source = FileSource::new(&request.file, now);
    if let Some(as_of) = &request.as_of {
        source.judged_on = when::instant(as_of)?.date_naive();
    }
    let mut missing = Vec::new();
    if hints.entity.is_none() {
        missing.push("whose books it is of is not said: --entity CODE".to_owned());
        hints.entity = "ENTITY".parse().ok();
    }
    if hints.time_zone.is_none() {
        missing.push("the entity's time zone is not said: --time-zone TZ".to_owned());
        hints.time_zone = Some(chrono_tz::Tz::UTC);
    }
    let accounts = ["receivable", "revenue"].iter().all(|role| hints.expected(role).is_some());
    if !accounts && !hints.mapped {
        let what = "the accounts that it is held against are not said: --expect receivable=CODE,revenue=CODE";
        missing.push(what.to_owned());
        hints.mapped = true;
    }
    let recognition = match recognise(&source, &hints) {
        Err(FileError::Unsure { why: Why::Entity, .. }) if hints.currency.is_none() => {
            missing.push("the currency of the books is not said, USD is shown: --currency CUR".to_owned());
            hints.currency = Some(Currency::USD);
            recognise(&source, &hints)
        }
        other => other,
    };
    let recognition = recognition.map_err(|e| below(&e))?;
    Ok(view(&request.file, recognition, missing))
}

/// A control total as it is shown.
pub(crate) fn total(total: &ControlTotal) -> FileTotal {
    FileTotal {
        currency: total.currency.code().to_owned(),
        debits: total.debits.clone(),
        credits: total.credits.clone(),
    }
}

fn view(file: &Path, found: Recognition, missing: Vec<String>) -> FileView {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    FileView {
        file: file.display().to_string(),
        sha256: found.summary.file_sha256.clone(),
        kind: found.kind.into(),
        profile: found.profile,
        title: found.title,
        certainty: if found.built_in { "built_in" } else { "headings" }.to_owned(),
        encoding: found.encoding.map(str::to_owned),
        delimiter: found.delimiter.map(|c| if c == '\t' { "tab".to_owned() } else { c.to_string() }),
        sheet: found.sheet,
        header_row: found.header_row,
        columns: found
            .columns
            .iter()
            .map(|column| FileColumn { heading: column.heading.clone(), roles: words(&column.roles) })
            .collect(),
        shown: words(&found.shown),
        lines: found.lines,
        rows: found.summary.rows,
        items: found.summary.items,
        rejected_rows: found.summary.rejected_rows,
        totals: found.totals.iter().map(total).collect(),
        notes: found.notes.into_iter().chain(missing).collect(),
        rejections: found.summary.rejections.iter().map(RejectionView::from).collect(),
        map: found.map,
    }
}

/// Imports a file by what it is recognised as.
///
/// # Errors
/// As [`inspect`], and as an import by a map; nothing is kept then.
pub fn import_recognised(ctx: &Context, request: &ImportRecognisedRequest) -> DeskResult<ImportView> {
    let asked = &request.file;
    imports::may_import(ctx, &asked.file)?;
    let hints = governed(ctx, hints(asked)?)?;
    let source = imports::judged(ctx, &asked.file, asked.as_of.as_deref())?;
    let found = recognise(&source, &hints).map_err(|e| below(&e))?;
    let map = ColumnMap::parse(&found.map).map_err(|e| DeskError::below(e.code(), e.to_string()))?;
    let entity = hints.entity.as_ref().map(|code| format!("-{}", code.as_str().to_lowercase()));
    let name = match (found.profile.as_str(), found.kind) {
        ("general", MapKind::Gl) => "ledger",
        ("general", MapKind::Billing) => "billing",
        (profile, _) => profile,
    };
    let own = format!("{name}{}", entity.unwrap_or_default());
    let by = imports::kept(ctx, request.connection.as_deref().unwrap_or(&own), (map, &found.map))?;
    let said = |total: &ControlTotal| match &total.credits {
        Some(credits) => format!("{} debits {}, credits {credits}", total.currency, total.debits),
        None => format!("{} {}", total.currency, total.debits),
    };
    let totals = found.totals.iter().map(said).collect::<Vec<_>>().join("; ");
    let (replaces, as_of) = (request.replaces.as_deref(), asked.as_of.as_deref());
    let shown = Some(found.summary.file_sha256.as_str());
    let taking = Taking { file: &asked.file, replaces, as_of, totals: &totals, shown };
    let view = match found.kind {
        MapKind::Billing => imports::billing_by(ctx, &by, Taking { replaces: None, ..taking })?,
        MapKind::Gl => imports::gl_by(ctx, &by, taking)?,
    };
    let notes = found.notes.iter().map(|note| format!("; {note}")).collect::<String>();
    let message = format!("{}: {}; in all {}{notes}", found.title, view.message, totals);
    Ok(ImportView { message, ..view })
}
