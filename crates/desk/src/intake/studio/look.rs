//! A file looked at: read once for the choices that a person made, kept while it is on the screen, and shown
//! row by row as it is scrolled.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use chrono::{Datelike as _, Months, NaiveDate};
use serde::Deserialize;
use tieout_connectors::files::{Guess, Hints, MapKind, Preview, RowKind, Shown, preview};
use tieout_store::ConnectionRole;

use super::{
    belongs::{self, Sources},
    choices::FileChoices,
    controls::{self, TypedTotal},
    known::{self, Known},
    problems, roles,
    views::{GuessView, PreviewView, StudioColumn, StudioRow, StudioRowKind, WholeView},
};
use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    intake::{
        bank, imports,
        recognition::{self, FileTotal},
    },
};

/// Below this a person says which of several readings is meant.
const SURE: u8 = 80;

/// The most rows that are answered at once.
const MOST_ROWS: u32 = 500;

/// A file to look at, and which of its rows.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct LookRequest {
    /// The file, and what a person says of it.
    #[serde(flatten)]
    #[ts(flatten)]
    pub choices: FileChoices,
    /// The first row, folded ones counted as one.
    #[serde(default)]
    pub start: u32,
    /// How many rows, at most 500.
    pub limit: u32,
    /// How many lines alike stay before the others are folded.
    #[serde(default)]
    pub head: u32,
    /// The folds that are open, by the number of their first row.
    #[serde(default)]
    #[ts(type = "Array<number>")]
    pub open: Vec<u64>,
    /// Totals that the user typed from the report.
    #[serde(default)]
    pub typed: Vec<TypedTotal>,
}

/// A file that was looked at.
pub(super) struct Looked {
    pub(super) preview: Preview,
    pub(super) hints: Hints,
    /// What such files are called, and the connection by which the last one came.
    known: Option<(String, String)>,
    size: u64,
}

/// The last file that was looked at: one, whatever its size.
#[derive(Default)]
struct Last(Mutex<Option<(String, Arc<Looked>)>>);

fn stamp(path: &Path) -> DeskResult<(u64, Option<SystemTime>)> {
    let unusable = |e: std::io::Error| DeskError::new(Code::FileIo, format!("{}: {e}", path.display()));
    let meta = std::fs::metadata(path).map_err(unusable)?;
    Ok((meta.len(), meta.modified().ok()))
}

/// Forgets what was kept of the file on the screen.
pub(super) fn forget(ctx: &Context) {
    *ctx.shelf.get::<Last>().0.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// The file as these choices read it; read again only where they or the file changed.
pub(super) fn looked(ctx: &Context, choices: &FileChoices) -> DeskResult<Arc<Looked>> {
    let hints = choices.hints(ctx)?;
    let path = &choices.file.file;
    let stamp = stamp(path)?;
    let key = format!("{}|{stamp:?}|{:?}|{hints:?}", path.display(), choices.file.as_of);
    let last = ctx.shelf.get::<Last>();
    if let Some((known, looked)) = &*last.0.lock().unwrap_or_else(PoisonError::into_inner)
        && *known == key
    {
        return Ok(Arc::clone(looked));
    }
    let looked = Arc::new(look(ctx, choices, (hints, stamp.0))?);
    *last.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, Arc::clone(&looked)));
    Ok(looked)
}

fn look(ctx: &Context, choices: &FileChoices, (mut hints, size): (Hints, u64)) -> DeskResult<Looked> {
    bank::refuse_statement(&choices.file.file)?;
    let source = imports::judged(ctx, &choices.file.file, choices.file.as_of.as_deref())?;
    let read = |hints: &Hints| preview(&source, hints).map_err(|e| recognition::below(&e));
    let said = hints.clone();
    let mut first = read(&hints)?;
    let known = known::of(ctx, &first)?;
    if let Some(known) = &known {
        known.fill(&mut hints, &first);
    }
    known::only_entity(ctx, &mut hints)?;
    if first.kind == Some(MapKind::Billing) && !hints.mapped {
        let proposed = belongs::proposed(ctx, &first, &hints)?;
        hints.expect.extend(proposed);
    }
    if hints != said {
        first = read(&hints)?;
    }
    let known = known.map(|Known { title, connection, .. }| (title, connection));
    Ok(Looked { preview: first, hints, known, size })
}

/// What an import needs of a file that nothing is open of.
pub(super) struct Ready {
    /// The column map.
    pub(super) map: String,
    /// The connection's name.
    pub(super) connection: String,
    /// SHA-256 of the file's bytes, hex.
    pub(super) sha256: String,
    pub(super) totals: Vec<FileTotal>,
    /// The live ERP that is this entity's ledger of record.
    pub(super) live: Option<String>,
}

/// The file, ready to be imported.
pub(super) fn ready(ctx: &Context, choices: &FileChoices) -> DeskResult<Ready> {
    let looked = looked(ctx, choices)?;
    if looked.undecided(choices) {
        let message = "what the file is is not sure: say which reading is meant";
        return Err(DeskError::new(Code::FileNotRecognised, message));
    }
    if let Some((code, message)) = looked.preview.doubts.first() {
        return Err(DeskError::below(code, message.clone()));
    }
    let found = looked.preview.found.as_ref().ok_or_else(|| {
        DeskError::new(Code::FileNotRecognised, "it cannot be read: say what its columns are")
    })?;
    Ok(Ready {
        map: found.map.clone(),
        connection: looked.connection(choices),
        sha256: found.summary.file_sha256.clone(),
        totals: found.totals.iter().map(recognition::total).collect(),
        live: looked.live(ctx)?,
    })
}

impl Looked {
    fn undecided(&self, choices: &FileChoices) -> bool {
        let sure = self.preview.is.as_ref().is_none_or(|guess| guess.sure >= SURE);
        !sure && choices.profile.is_none() && self.known.is_none()
    }

    fn connection(&self, choices: &FileChoices) -> String {
        let known = || self.known.as_ref().map(|(_, connection)| connection.clone());
        let own = || known::connection_of(&self.preview, &self.hints);
        choices.connection.clone().or_else(known).unwrap_or_else(own)
    }

    /// The months that a ledger's file may be the whole of.
    fn whole(&self, ctx: &Context, choices: &FileChoices) -> DeskResult<Option<WholeView>> {
        let days = self.preview.days.filter(|_| self.preview.kind == Some(MapKind::Gl));
        let Some((value, label)) = days.and_then(|(first, last)| months(first, last)) else {
            return Ok(None);
        };
        let connection = self.connection(choices);
        let before = ctx.store().imports()?;
        let last = before.iter().find(|one| one.connection == connection && one.undone.is_none());
        let as_last_time = last.is_some_and(|one| one.import.replaced.is_some());
        Ok(Some(WholeView { value, label, as_last_time }))
    }

    /// The live ERP that is this entity's ledger of record.
    pub(super) fn live(&self, ctx: &Context) -> DeskResult<Option<String>> {
        let Some(entity) = self.hints.entity.as_ref().filter(|_| self.preview.kind == Some(MapKind::Gl))
        else {
            return Ok(None);
        };
        let connections = ctx.store().connections()?;
        for one in connections {
            let erp = one.role == ConnectionRole::Erp && !one.is_files();
            if erp && ctx.store().entities_of_ledger(&one.id)?.contains(&entity.to_string()) {
                return Ok(Some(one.name));
            }
        }
        Ok(None)
    }

    fn title(&self) -> String {
        let what = self.preview.is.as_ref().map_or("", |guess| guess.title.as_str());
        match (&self.known, &self.hints.entity) {
            (Some((title, _)), _) => title.clone(),
            (None, Some(entity)) => format!("{entity} \u{b7} {what}"),
            (None, None) => what.to_owned(),
        }
    }

    fn why(&self, choices: &FileChoices) -> Option<String> {
        let preview = &self.preview;
        let unbalanced = preview.found.as_ref().is_some_and(|found| {
            found.totals.iter().any(|one| one.credits.as_ref().is_some_and(|credits| *credits != one.debits))
        });
        match (&preview.found, preview.doubts.len()) {
            _ if self.undecided(choices) => Some("What the file is has to be said first.".to_owned()),
            (_, 1) => Some("One thing has to be said first: it stands under Problems.".to_owned()),
            (_, open) if open > 1 => {
                Some(format!("{open} things have to be said first: they stand under Problems."))
            }
            (None, _) => Some("The file cannot be read yet: say what its columns are.".to_owned()),
            (Some(found), _) if found.summary.items == 0 => Some("Nothing of it can be read.".to_owned()),
            (Some(found), _) if unbalanced && !found.map.contains("partial = true") => {
                Some("What is read does not balance.".to_owned())
            }
            _ => None,
        }
    }
}

fn guess(guess: &Guess) -> GuessView {
    GuessView { profile: guess.profile.clone(), title: guess.title.clone(), sure: guess.sure }
}

/// Shows a file and how it would be read. Nothing is written, and nothing that a person did not say is
/// decided: what is open stands among the problems.
///
/// # Errors
/// `file_…` where the file cannot be opened at all; `bad_request`; a refusal of who may not bring in files.
pub fn import_preview(ctx: &Context, request: &LookRequest) -> DeskResult<PreviewView> {
    let choices = &request.choices;
    imports::may_import(ctx, &choices.file.file)?;
    let looked = looked(ctx, choices)?;
    let preview = &looked.preview;
    let undecided = looked.undecided(choices);
    let head = usize::try_from(request.head.clamp(1, 50)).unwrap_or(1);
    let shown = preview.shown(head, &request.open);
    let start = usize::try_from(request.start).unwrap_or(usize::MAX).min(shown.len());
    let limit = usize::try_from(request.limit.min(MOST_ROWS)).unwrap_or(0);
    let bad = bad_cells(preview);
    let rows = shown.iter().skip(start).take(limit).map(|one| row(preview, *one, &bad)).collect();
    let belongs = {
        let known = looked.known.as_ref().map(|(title, _)| title.as_str());
        belongs::of(ctx, &Sources { asked: &choices.file, hints: &looked.hints, known }, preview)?
    };
    let found = preview.found.as_ref();
    let totals: Vec<FileTotal> =
        found.iter().flat_map(|found| &found.totals).map(recognition::total).collect();
    let whole = |total: u64| u32::try_from(total).unwrap_or(u32::MAX);
    Ok(PreviewView {
        name: preview.name.clone(),
        size: looked.size,
        sheets: preview.sheets.clone(),
        sheet: preview.format.sheet.clone(),
        encoding: preview.format.sheet.is_none().then(|| preview.format.encoding.as_str().to_owned()),
        kind: preview.kind.map(Into::into),
        is: preview.is.as_ref().map(guess),
        signs: preview.signs.clone(),
        others: preview.others.iter().map(guess).collect(),
        undecided,
        known: looked.known.as_ref().map(|(title, _)| title.clone()),
        title: looked.title(),
        columns: columns(preview),
        roles: preview.kind.map(roles::of).unwrap_or_default(),
        carried: preview.carried.map(|role| roles::label(role).to_owned()),
        belongs,
        rows_read: preview.len() as u64,
        total: whole(shown.len() as u64),
        start: whole(start as u64),
        rows,
        problems: problems::of(preview, undecided),
        controls: controls::of(preview, &request.typed),
        balanced: controls::balanced(preview),
        takes: found.map_or(0, |found| found.summary.rows.saturating_sub(found.summary.rejected_rows)),
        items: found.map_or(0, |found| found.summary.items),
        stays_out: stays_out(preview),
        why: looked.why(choices),
        connection: looked.connection(choices),
        whole: looked.whole(ctx, choices)?,
        live: looked.live(ctx)?,
        map: found.map(|found| found.map.clone()),
        sha256: found.map(|found| found.summary.file_sha256.clone()),
        totals,
    })
}

/// The months of these days: as an import takes them, and in words.
fn months(first: NaiveDate, last: NaiveDate) -> Option<(String, String)> {
    let begins = first.with_day(1)?;
    let ends = last.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()?;
    let words = |day: NaiveDate| day.format("%B %Y").to_string();
    match begins.checked_add_months(Months::new(1))? > ends {
        true => Some((begins.format("%Y-%m").to_string(), words(begins))),
        false => Some((format!("{begins}..{ends}"), format!("{} to {}", words(begins), words(ends)))),
    }
}

fn columns(preview: &Preview) -> Vec<StudioColumn> {
    let column = |(at, own): (usize, &tieout_connectors::files::ColumnView)| {
        let role = own.roles.first().map(|role| (*role).to_owned());
        let money = role.as_deref().is_some_and(roles::is_money);
        // What the reader calls a column that the header does not name is no heading.
        let named = own.heading != format!("column {}", at + 1);
        let heading = if named { own.heading.clone() } else { String::new() };
        StudioColumn { heading, role, money }
    };
    preview.columns.iter().enumerate().map(column).collect()
}

/// What stays out of an import, in words.
fn stays_out(preview: &Preview) -> Option<String> {
    let found = preview.found.as_ref()?;
    let rows = found.summary.rejected_rows;
    let lines = if rows == 1 { "1 line".to_owned() } else { format!("{rows} lines") };
    match (preview.aside.as_slice(), preview.aside_items) {
        (_, 0) => None,
        ([one], 1) => Some(format!("{} stays out whole, {lines}, and waits as an exception.", one.name)),
        (_, items) => {
            Some(format!("{items} documents or journals stay out whole, {lines}, and wait as exceptions."))
        }
    }
}

/// The cells that keep rows aside: by the row's number the column, counted from 0.
fn bad_cells(preview: &Preview) -> Vec<(u64, u32)> {
    let one = |aside: &tieout_connectors::files::Aside| {
        let (row, column) = aside.place.strip_prefix("row ")?.split_once(", column ")?;
        let at = preview.columns.iter().position(|own| own.heading == column)?;
        Some((row.parse().ok()?, u32::try_from(at).ok()?))
    };
    preview.aside.iter().filter_map(one).collect()
}

fn row(preview: &Preview, shown: Shown, bad: &[(u64, u32)]) -> StudioRow {
    let at = match shown {
        Shown::Row(at) => at,
        Shown::Fold(first, last) => {
            let (from, to) = (preview.number(first), preview.number(last));
            let what = match preview.kind_of(first) {
                RowKind::Line => "lines read the same way",
                RowKind::Aside => "lines put aside",
                _ => "rows that are no lines",
            };
            let count = last - first + 1;
            return StudioRow {
                number: from,
                kind: StudioRowKind::Fold,
                cells: Vec::new(),
                carried: None,
                note: Some(format!("rows {from}\u{2013}{to}: {count} {what}")),
                bad: None,
            };
        }
    };
    let number = preview.number(at);
    let (kind, note) = kind_of(preview, at);
    StudioRow {
        number,
        kind,
        cells: preview.cells(at),
        carried: preview.carried_to(at).map(|heading| heading.short.clone()),
        note,
        bad: bad.iter().find(|(row, _)| *row == number).map(|(_, column)| *column),
    }
}

fn kind_of(preview: &Preview, at: usize) -> (StudioRowKind, Option<String>) {
    let reach = || match preview.heading(at)?.reach? {
        (first, last) if first == last => Some(format!("carried down to row {first}")),
        (first, last) => Some(format!("carried down to rows {first}\u{2013}{last}")),
    };
    match preview.kind_of(at) {
        RowKind::Blank => (StudioRowKind::Blank, None),
        RowKind::Banner => (StudioRowKind::Banner, None),
        RowKind::Header => (StudioRowKind::Header, None),
        RowKind::Account => (StudioRowKind::Account, reach()),
        RowKind::Heading => (StudioRowKind::Heading, None),
        RowKind::Balance => (StudioRowKind::Balance, None),
        RowKind::Line => (StudioRowKind::Line, None),
        RowKind::Total => (StudioRowKind::Total, None),
        RowKind::LeftOut => (StudioRowKind::LeftOut, None),
        RowKind::Aside => (StudioRowKind::Aside, None),
    }
}
