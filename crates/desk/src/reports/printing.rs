//! Reports on paper: what the desk says as [`tieout_print`] lays it out. Numbers stand as English has them,
//! with their currency beside them.

use std::path::Path;

use chrono::{DateTime, Utc};
use tieout_domain::hash::sha256_hex;
use tieout_print::{Cells, Column, Part, PrintError, Report, Row, Stands, Table};

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        files,
        said::Said,
        wording,
    },
    close::pilot::{PilotAccount, PilotReason, PilotReport},
    reports::sheet::is_plain_number,
};

/// So much of a hash is printed: whole it stands in the files.
const OF_A_HASH: usize = 16;

impl From<PrintError> for DeskError {
    fn from(error: PrintError) -> Self {
        match error {
            PrintError::TooLong(_) => {
                Self::new(Code::ExportTooLong, format!("{error}: name the file .xlsx or .csv"))
            }
            PrintError::Layout(_) => Self::new(Code::ExportFailed, error.to_string()),
        }
    }
}

/// `1,234,567.80` for `1234567.80`; what is no plain number stays as it is.
pub(crate) fn number(text: &str) -> String {
    if !is_plain_number(text) {
        return text.to_owned();
    }
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::with_capacity(text.len() + whole.len() / 3);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{rest}")
}

/// A sentence of the desk.
fn told(pieces: &[Said]) -> String {
    let piece = |one: &Said| match one {
        Said::Text(words) => words.clone(),
        Said::Amount { amount, currency } => format!("{} {currency}", number(amount)),
        Said::Period(key) => wording::period(key),
        Said::Instant(at) => wording::instant(*at),
    };
    pieces.iter().map(piece).collect()
}

/// A text as such a cell has it: an amount grouped, a hash by its beginning.
fn cell(of: Cells, text: &str) -> String {
    let hash = text.len() >= 64 && text.bytes().all(|letter| letter.is_ascii_hexdigit());
    match of {
        _ if hash => format!("{}…", &text[..OF_A_HASH]),
        Cells::Numbers => number(text),
        Cells::Names | Cells::Texts => text.to_owned(),
    }
}

/// A table of these texts under these titles.
pub(crate) fn table<'t>(
    columns: impl IntoIterator<Item = (&'t str, Cells)>,
    rows: impl IntoIterator<Item = Vec<String>>,
) -> Table {
    let columns: Vec<Column> =
        columns.into_iter().map(|(title, of)| Column { title: title.to_owned(), of }).collect();
    let row = |texts: Vec<String>| Row {
        cells: columns.iter().zip(&texts).map(|(column, text)| cell(column.of, text)).collect(),
        stands: Stands::Alike,
    };
    Table { rows: rows.into_iter().map(row).collect(), columns }
}

/// What stands under every report: what it is of, when it was made and by whom.
fn facts(ctx: &Context, as_of: Option<DateTime<Utc>>) -> DeskResult<Vec<(String, String)>> {
    let workspace = ctx.store().workspace()?.name;
    let told = [
        ("Workspace", workspace),
        ("Compared", as_of.map_or_else(|| "not compared yet".to_owned(), wording::instant)),
        ("Made", wording::instant(ctx.clock.now())),
        ("Made by", actor::who_sits_here(ctx)),
    ];
    Ok(told.map(|(name, value)| (name.to_owned(), value)).to_vec())
}

/// Writes a report as a PDF, whole or not at all; the log holds the file's SHA-256. Answers how many rows it
/// has.
///
/// # Errors
/// `export_exists` (unless `force`), `export_too_long`, `export_failed`, `file_unusable`.
fn write(ctx: &Context, (kind, report): (&str, &Report), to: &Path, force: bool) -> DeskResult<u64> {
    files::not_there(to, force)?;
    let bytes = report.pdf()?;
    let rows = report.rows() as u64;
    files::write_whole(to, force, &bytes, || {
        let detail = serde_json::json!({
            "kind": kind, "rows": rows, "shows": report.title, "file": sha256_hex(&bytes),
        });
        ctx.note_of(&actor::sitting(ctx), "exported", &to.display().to_string(), detail)
    })?;
    Ok(rows)
}

/// Prints the pilot's report, with the largest items of each reason.
///
/// # Errors
/// As [`write`].
pub(super) fn print_pilot(ctx: &Context, report: &PilotReport, to: &Path, force: bool) -> DeskResult<u64> {
    let entity = match report.entity_name.as_str() {
        "" => report.entity.clone(),
        name => format!("{name} ({})", report.entity),
    };
    let title = format!("Pilot’s report: {entity}, {}", wording::period(&report.period));
    let mut about = vec![("Period".to_owned(), format!("{} ({})", report.period, report.status))];
    about.extend(facts(ctx, report.as_of)?);
    let printed = Report {
        says: report.said.iter().map(|pieces| format!("{}.", told(pieces))).collect(),
        facts: about,
        parts: report.accounts.iter().map(pilot_account).collect(),
        foot: title.clone(),
        title,
        wide: false,
        made_at: ctx.clock.now(),
    };
    write(ctx, ("pilot", &printed), to, force)
}

fn pilot_account(one: &PilotAccount) -> Part {
    let row = |stands: Stands, cells: [&str; 5]| {
        let cells = cells.iter().enumerate();
        Row {
            cells: cells.map(|(at, text)| if at == 0 { (*text).to_owned() } else { number(text) }).collect(),
            stands,
        }
    };
    let count = |many: u64| many.to_string();
    let nothing = "";
    let mut rows = vec![row(Stands::Over, ["Agrees", &count(one.agree), &one.agrees, &one.agrees, nothing])];
    for reason in &one.reasons {
        let what = if reason.act.is_empty() {
            reason.label.clone()
        } else {
            format!("{}: {}", reason.label, reason.act)
        };
        rows.push(row(
            Stands::Over,
            [&what, &count(reason.count), &reason.billing, &reason.ledger, &reason.variance],
        ));
        for item in &reason.items {
            let what = format!("{}: {}", item.reference, told(&item.said));
            rows.push(row(Stands::Under, [&what, nothing, &item.billing, &item.ledger, &item.variance]));
        }
        if let Some(more) = not_listed(reason) {
            rows.push(row(Stands::Under, [&more, nothing, nothing, nothing, nothing]));
        }
    }
    for part in &one.beside {
        rows.push(row(Stands::Alike, [&part.name, nothing, nothing, &part.amount, nothing]));
    }
    rows.push(row(Stands::Over, ["Together", nothing, &one.billing, &one.ledger, &one.variance]));
    let column = |title: &str, of| Column { title: title.to_owned(), of };
    let named = one.account_name.as_ref().map_or_else(String::new, |name| format!(" {name}"));
    let differ = match one.differ {
        0 => "Agrees in full.".to_owned(),
        some => format!(
            "{} of {} lines differ.",
            number(&some.to_string()),
            number(&(one.agree + some).to_string())
        ),
    };
    Part {
        heading: format!("{}{named}, {}", one.account, one.currency),
        says: vec![differ],
        table: Some(Table {
            columns: vec![
                column("What", Cells::Texts),
                column("Lines", Cells::Numbers),
                column("Billing", Cells::Numbers),
                column("Ledger", Cells::Numbers),
                column("Difference", Cells::Numbers),
            ],
            rows,
        }),
    }
}

/// How many of a reason are not listed, in words.
fn not_listed(reason: &PilotReason) -> Option<String> {
    let left = reason.count.saturating_sub(reason.items.len() as u64);
    (left > 0).then(|| format!("and {} more, which the report in Excel lists", number(&left.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_grouped_and_nothing_else_is_touched() {
        for (text, want) in [
            ("0", "0"),
            ("-1", "-1"),
            ("123.45", "123.45"),
            ("1234.5", "1,234.5"),
            ("-1234567.800", "-1,234,567.800"),
            ("100000", "100,000"),
            ("INV-1234", "INV-1234"),
            ("", ""),
        ] {
            assert_eq!(number(text), want);
        }
    }

    #[test]
    fn an_account_is_no_amount_and_a_hash_is_told_by_its_beginning() {
        let columns = [("Account", Cells::Names), ("Amount", Cells::Numbers), ("Hash", Cells::Names)];
        let row = ["1100", "-5000.00", &"0f".repeat(32)].map(str::to_owned).to_vec();
        assert_eq!(table(columns, [row]).rows[0].cells, ["1100", "-5,000.00", "0f0f0f0f0f0f0f0f…"]);
    }
}
