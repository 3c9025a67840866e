//! Accounting periods from a file. Its columns have fixed names, so it needs no map.

use chrono::{DateTime, NaiveDate, Utc};
use tieout_domain::{
    EntityCode,
    calendar::{PeriodKey, PeriodStatus},
    ledger::{EntityRef, PeriodReading},
};

use super::{
    billing::instant,
    content::Content,
    date::DateFormats,
    encoding::{Encoding, decode},
    error::FileError,
    group::Pages,
    number::NumberFormat,
    rows::Rows,
    source::{FileSource, Summary},
    xlsx::CellWriter,
};
use crate::traits::{Page, Rejection};

const COLUMNS: [&str; 5] = ["Entity", "Period", "Starts", "Ends", "Status"];

struct Columns {
    needed: [usize; 5],
    closed_at: Option<usize>,
    width: usize,
}

/// Reads the file.
///
/// # Errors
/// As [`super::read_billing`].
pub fn read<E: From<FileError>>(
    source: &FileSource,
    sink: impl FnMut(Page<PeriodReading>) -> Result<(), E>,
) -> Result<Summary, E> {
    // Both are well-formed, so `new` cannot refuse them; an empty list would only refuse every date.
    let formats = ["%Y-%m-%d".to_owned(), "%Y-%m-%d %H:%M:%S".to_owned()];
    let dates = DateFormats::new(&formats)
        .map_err(|e| FileError::Io { file: "periods".to_owned(), message: e.to_string() })?;
    let cells = CellWriter { numbers: NumberFormat::default(), dates: dates.clone() };
    let content = Content::load(&source.path, None, &cells)?;
    check_whole(&content)?;
    let mut rows = Rows::open(&content, ',')?;
    let columns = columns(&content, &rows)?;
    let mut out = Pages::new(source, &content, sink);
    let mut seen: Vec<String> = Vec::new();
    while rows.advance()? {
        if out.is_full(&rows) {
            let body = rows.cut_before();
            out.emit(body, Some(rows.number()))?;
        }
        out.row(rows.number());
        let place = format!("row {}", rows.number());
        match reading(&rows, &columns, &dates, &place, &content) {
            Ok(period) if seen.contains(&period.erp_id) => {
                let message = format!("{} is listed before", period.erp_id);
                let rejection = Rejection { code: "duplicate_period".into(), place, message };
                out.reject_row(rows.number(), rejection, rows.bytes().to_vec());
            }
            Ok(period) => {
                seen.push(period.erp_id.clone());
                out.item(period.erp_id.clone(), period, |_| true);
            }
            Err(rejection) => out.reject_row(rows.number(), rejection, rows.bytes().to_vec()),
        }
    }
    content.check_unchanged()?;
    let body = rows.cut_after();
    out.emit(body, None)?;
    Ok(out.summary)
}

/// Reads to the end once, so that a truncated file delivers nothing.
fn check_whole(content: &Content) -> Result<(), FileError> {
    let mut rows = Rows::open(content, ',')?;
    while rows.advance()? {
        rows.let_go();
    }
    Ok(())
}

fn columns(content: &Content, rows: &Rows<'_>) -> Result<Columns, FileError> {
    let present = rows.header(Encoding::Utf8);
    let plain = |name: &str| name.replace(['_', ' '], "").to_ascii_lowercase();
    let find = |wanted: &str| present.iter().position(|name| plain(name) == plain(wanted));
    let mut needed = [0; 5];
    let mut missing = Vec::new();
    for (slot, name) in needed.iter_mut().zip(COLUMNS) {
        match find(name) {
            Some(at) => *slot = at,
            None => missing.push(name.to_owned()),
        }
    }
    if !missing.is_empty() {
        return Err(FileError::MissingColumns { file: content.name.clone(), missing, present });
    }
    Ok(Columns { needed, closed_at: find("ClosedAt"), width: present.len() })
}

fn reading(
    rows: &Rows<'_>,
    columns: &Columns,
    dates: &DateFormats,
    place: &str,
    content: &Content,
) -> Result<PeriodReading, Rejection> {
    let refuse = |code: &str, column: &str, message: String| {
        let place = if column.is_empty() { place.to_owned() } else { format!("{place}, column {column}") };
        Rejection { code: code.to_owned(), place, message }
    };
    let have = rows.record().len();
    if have != columns.width {
        let message = format!("the row has {have} cells, the header has {}", columns.width);
        return Err(refuse("bad_shape", "", message));
    }
    let cell = |at: usize, name: &str| {
        if let Some(reason) = content.bad_cells.reason(rows.number(), at) {
            return Err(refuse("bad_cell", name, reason.to_owned()));
        }
        let bytes = rows.record().get(at).unwrap_or_default().trim_ascii();
        let text = decode(bytes, Encoding::Utf8).map(|text| text.into_owned());
        text.ok_or_else(|| refuse("bad_text", name, "the text is not UTF-8".into()))
    };
    let need = |n: usize| {
        let text = cell(columns.needed[n], COLUMNS[n])?;
        if text.is_empty() {
            return Err(refuse("missing_value", COLUMNS[n], "the cell is empty".into()));
        }
        Ok(text)
    };
    let date = |n: usize| -> Result<NaiveDate, Rejection> {
        let date = dates.parse(&need(n)?).map_err(|m| refuse("bad_date", COLUMNS[n], m))?;
        Ok(date.in_zone(chrono_tz::Tz::UTC))
    };
    let entity: EntityCode =
        need(0)?.parse().map_err(|e| refuse("unknown_entity", "Entity", format!("{e}")))?;
    let (key, starts, ends) = (PeriodKey::new(need(1)?), date(2)?, date(3)?);
    if ends < starts {
        return Err(refuse("bad_date", "Ends", format!("{ends} is before {starts}")));
    }
    let status: PeriodStatus =
        need(4)?.parse().map_err(|e| refuse("bad_status", "Status", format!("{e}")))?;
    let closed_at: Option<DateTime<Utc>> = match columns.closed_at {
        None => None,
        Some(at) => match cell(at, "ClosedAt")? {
            text if text.is_empty() => None,
            text => Some(instant(&text).map_err(|m| refuse("bad_date", "ClosedAt", m))?),
        },
    };
    let erp_id = format!("{entity}/{key}");
    Ok(PeriodReading { erp_id, entity: Some(EntityRef::Code(entity)), key, starts, ends, status, closed_at })
}
