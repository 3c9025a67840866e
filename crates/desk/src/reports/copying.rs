//! Exceptions for a spreadsheet's clipboard, as tab-separated text and as a table that Excel reads.
//!
//! Amounts keep every digit, with the decimal sign that a person's spreadsheet expects and no grouping. Ids
//! and references are marked as text, so that leading zeros survive; dates are dates; nothing that somebody
//! else wrote runs as a formula.

use std::fmt::Write as _;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        machine::MachinePolicy,
    },
    queue::{
        exception_views::{self, Selection},
        record::ExceptionView,
    },
    reports::{
        columns::EXCEPTIONS,
        sheet::{Cell, Column, formula_safe},
    },
};

/// Rows that go onto a clipboard at most: Excel has no more.
const MOST_ROWS: u64 = 1_048_575;
/// Digits that a spreadsheet's numbers keep.
const DIGITS: usize = 15;

/// What to copy.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct CopyRequest {
    /// The rows.
    pub selection: Selection,
    /// The columns by their ids, in order; ids that do not exist are left out.
    pub columns: Vec<String>,
    /// With a first row of headings.
    #[serde(default)]
    pub headings: bool,
    /// Plain numbers with a dot and a minus, whatever the settings.
    #[serde(default)]
    pub raw: bool,
}

/// What was copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Copied {
    /// How many rows.
    pub rows: u64,
}

/// How a person wants numbers and dates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CopyStyle {
    /// BCP 47 tag whose decimal sign numbers have; empty: a dot.
    pub number_format: String,
    /// `parentheses` or `minus`.
    pub negative: String,
    /// `d MMM yyyy`, `yyyy-MM-dd`, `dd/MM/yyyy` or `MM/dd/yyyy`.
    pub date_format: String,
}

/// What goes onto the clipboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// How many rows, the headings not counted.
    pub rows: u64,
    /// Tab-separated.
    pub text: String,
    /// A table.
    pub html: String,
}

/// The sign before the fraction, where a tag's numbers have it.
fn decimal_sign(tag: &str) -> char {
    let mut parts = tag.split(['-', '_']);
    let language = parts.next().unwrap_or_default().to_ascii_lowercase();
    let region = parts.find(|part| part.len() == 2).unwrap_or_default().to_ascii_uppercase();
    let comma = match (language.as_str(), region.as_str()) {
        ("de" | "it", "CH" | "LI")
        | ("es", "MX" | "US" | "GT" | "HN" | "NI" | "PA" | "PE" | "PR" | "SV" | "DO") => false,
        ("en", "ZA") => true,
        (
            "de" | "fr" | "it" | "es" | "pt" | "nl" | "pl" | "cs" | "sk" | "sl" | "hr" | "sr" | "bs" | "bg"
            | "ro" | "hu" | "ru" | "uk" | "be" | "sv" | "nb" | "nn" | "no" | "da" | "fi" | "is" | "et" | "lv"
            | "lt" | "el" | "tr" | "id" | "vi" | "ca" | "gl" | "eu" | "sq" | "mk" | "ka" | "hy" | "az" | "kk",
            _,
        ) => true,
        _ => false,
    };
    if comma { ',' } else { '.' }
}

/// A number as the person's spreadsheet reads it.
fn number(value: &str, style: &CopyStyle) -> String {
    let (negative, digits) = value.strip_prefix('-').map_or((false, value), |digits| (true, digits));
    let digits = digits.replace('.', &decimal_sign(&style.number_format).to_string());
    match (negative, style.negative.as_str()) {
        (false, _) => digits,
        (true, "parentheses") => format!("({digits})"),
        (true, _) => format!("-{digits}"),
    }
}

/// A date in the person's form. `d MMM yyyy` in a plain text stays in the order that every spreadsheet knows.
fn date(day: NaiveDate, style: &CopyStyle) -> String {
    let form = match style.date_format.as_str() {
        "dd/MM/yyyy" => "%d/%m/%Y",
        "MM/dd/yyyy" => "%m/%d/%Y",
        _ => "%Y-%m-%d",
    };
    day.format(form).to_string()
}

/// The form in which Excel shows a date.
fn date_picture(style: &CopyStyle) -> &'static str {
    match style.date_format.as_str() {
        "d MMM yyyy" => r"d\ mmm\ yyyy",
        "dd/MM/yyyy" => r"dd\/mm\/yyyy",
        "MM/dd/yyyy" => r"mm\/dd\/yyyy",
        _ => r"yyyy\-mm\-dd",
    }
}

/// One line, one cell: no tab or line break of the text may become one of the table.
fn flat(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c }).collect()
}

fn plain(cell: &Cell, style: &CopyStyle) -> String {
    match cell {
        Cell::Text(text) | Cell::Code(text) => formula_safe(&flat(text)).into_owned(),
        Cell::Number(value) => number(value, style),
        Cell::Date(day) => date(*day, style),
        Cell::At(at) => date(at.date_naive(), style),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn tagged(cell: &Cell, style: &CopyStyle) -> String {
    let as_text = |text: &str| format!(r#"<td style='mso-number-format:"\@"'>{}</td>"#, escaped(text));
    let dated =
        |day: NaiveDate| format!(r#"<td style='mso-number-format:"{}"'>{day}</td>"#, date_picture(style));
    match cell {
        Cell::Text(text) | Cell::Code(text) => as_text(&formula_safe(&flat(text))),
        Cell::Number(value) if value.bytes().filter(u8::is_ascii_digit).count() > DIGITS => {
            // A spreadsheet's number would lose its last digits.
            as_text(&number(value, style))
        }
        Cell::Number(value) => {
            let decimals = value.split_once('.').map_or(0, |(_, fraction)| fraction.len());
            let picture = if decimals == 0 {
                r"\#\,\#\#0".to_owned()
            } else {
                format!(r"\#\,\#\#0\.{}", "0".repeat(decimals))
            };
            let shown = number(value, style);
            format!(r#"<td style='mso-number-format:"{picture}"' x:num="{value}">{shown}</td>"#)
        }
        Cell::Date(day) => dated(*day),
        Cell::At(at) => dated(at.date_naive()),
    }
}

/// Puts the clipboard's content together row by row.
struct Writer {
    columns: Vec<&'static Column<ExceptionView>>,
    style: CopyStyle,
    clip: Clip,
}

impl Writer {
    fn new(ids: &[String], style: &CopyStyle, headings: bool) -> Self {
        let find = |id: &String| EXCEPTIONS.iter().find(|column| !id.is_empty() && column.id == id);
        let columns: Vec<&Column<ExceptionView>> = ids.iter().filter_map(find).collect();
        let mut text = String::new();
        let mut html =
            r#"<html xmlns:x="urn:schemas-microsoft-com:office:excel"><meta charset="utf-8"><table>"#
                .to_owned();
        if headings {
            let titles: Vec<&str> = columns.iter().map(|column| column.title).collect();
            text = titles.join("\t") + "\r\n";
            let cells: String = titles.iter().map(|title| format!("<th>{title}</th>")).collect();
            let _ = write!(html, "<tr>{cells}</tr>");
        }
        Self { columns, style: style.clone(), clip: Clip { rows: 0, text, html } }
    }

    fn row(&mut self, view: &ExceptionView) {
        let cells: Vec<Cell> = self.columns.iter().map(|column| (column.cell)(view)).collect();
        let plain: Vec<String> = cells.iter().map(|cell| plain(cell, &self.style)).collect();
        self.clip.text.push_str(&plain.join("\t"));
        self.clip.text.push_str("\r\n");
        self.clip.html.push_str("<tr>");
        for cell in &cells {
            self.clip.html.push_str(&tagged(cell, &self.style));
        }
        self.clip.html.push_str("</tr>");
        self.clip.rows += 1;
    }

    fn done(mut self) -> Clip {
        self.clip.html.push_str("</table></html>");
        self.clip
    }
}

/// The clipboard's content for these rows.
#[must_use]
pub fn clip(rows: &[ExceptionView], columns: &[String], style: &CopyStyle, headings: bool) -> Clip {
    let mut writer = Writer::new(columns, style, headings);
    rows.iter().for_each(|row| writer.row(row));
    writer.done()
}

/// What a selection puts onto the clipboard.
///
/// # Errors
/// As [`crate::queue::exception_views::exception_view`]; `selection_too_long`, `view_changed`,
/// `fixed_by_administrator`.
pub fn copy(ctx: &Context, request: &CopyRequest, style: &CopyStyle) -> DeskResult<Clip> {
    MachinePolicy::read()?.admits_export("clipboard")?;
    let selection = exception_views::selection_of(ctx, &request.selection)?;
    let count = ctx.store().selected(&selection)?.count;
    if count > MOST_ROWS {
        let message = format!("{count} rows are more than a sheet of Excel holds: export them as CSV");
        return Err(DeskError::new(Code::SelectionTooLong, message));
    }
    let raw = CopyStyle { date_format: "yyyy-MM-dd".to_owned(), ..CopyStyle::default() };
    let style = if request.raw { &raw } else { style };
    let mut writer = Writer::new(&request.columns, style, request.headings);
    exception_views::each_selected(ctx, &selection, |view| writer.row(view))?;
    Ok(writer.done())
}

#[cfg(test)]
#[path = "copying_tests.rs"]
mod tests;
