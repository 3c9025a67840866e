//! The sheet of a packet: what anybody can read without Tieout, with a column for the decision, and how that
//! is read back. All else in it must be as it was written: who decides in a sheet goes by what it shows.

use std::path::Path;

use calamine::{Data, Reader as _};
use rust_xlsxwriter::{DataValidation, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use tieout_evidence::file::packet::{Manifest, PacketItem};

use crate::base::{
    code::Code,
    error::{DeskError, DeskResult},
};

const TABLE: &str = "Review";
const DECISION: &str = "Decision";
const REASON: &str = "Reason";

/// The columns after those for the decision: heading, width in characters.
const COLUMNS: [(&str, u16); 13] = [
    ("Document", 16),
    ("What", 24),
    ("Why", 50),
    ("Amount", 16),
    ("Currency", 9),
    ("Entity", 9),
    ("Period", 10),
    ("Posting date", 12),
    ("Would be booked", 60),
    ("Prepared by", 16),
    ("Reason given", 30),
    ("Posting", 30),
    ("Content", 66),
];
/// Places of the last two of them.
const POSTING: usize = 11;
const CONTENT: usize = 12;

/// A decision that stands in a sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) posting: String,
    pub(crate) content: String,
    pub(crate) approve: bool,
    pub(crate) reason: Option<String>,
}

fn failed(error: &XlsxError) -> DeskError {
    DeskError::new(Code::ExportFailed, error.to_string())
}

fn unfit(message: impl Into<String>) -> DeskError {
    DeskError::new(Code::PacketSheetUnfit, message)
}

/// The cells of an item, by [`COLUMNS`].
fn cells(item: &PacketItem) -> [String; 13] {
    let shown = |path: &str| item.shown.pointer(path).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let steps = &item.posting.steps;
    let each = |of: &dyn Fn(&tieout_domain::posting::PostingStep) -> String| {
        let mut all: Vec<String> = steps.iter().map(of).collect();
        all.dedup();
        all.join(", ")
    };
    let booked = steps.iter().flat_map(|step| step.entry.lines()).map(|line| {
        let money = line.transaction;
        let side = if money.minor() < 0 { "credit" } else { "debit" };
        let amount = money.to_decimal().to_string();
        let amount = amount.trim_start_matches('-');
        format!("{side} {} {amount} {}", line.account, money.currency().code())
    });
    [
        item.posting.reference.clone(),
        shown("/exception/kind_name"),
        shown("/exception/why"),
        shown("/postings/0/amount"),
        shown("/postings/0/currency"),
        each(&|step| step.entry.entity().to_string()),
        each(&|step| step.entry.period().to_string()),
        each(&|step| step.entry.posting_date().to_string()),
        booked.collect::<Vec<_>>().join("; "),
        shown("/postings/0/preparer"),
        item.posting.reason.clone().unwrap_or_default(),
        item.posting.id.to_string(),
        item.posting.content_hash(),
    ]
}

/// The sheet of a packet of these items.
pub(crate) fn sheet(manifest: &Manifest, people: [&str; 2], items: &[PacketItem]) -> DeskResult<Vec<u8>> {
    let mut book = Workbook::new();
    let about = [
        ("Packet", manifest.id.clone()),
        ("Workspace", manifest.workspace.name.clone()),
        ("Sent by", people[0].to_owned()),
        ("For", people[1].to_owned()),
        ("Made at (UTC)", manifest.made_at.to_rfc3339()),
        ("Decisions until (UTC)", manifest.valid_until.to_rfc3339()),
        ("Note", manifest.note.clone().unwrap_or_default()),
        (
            "How",
            "Write approve or reject into the column Decision of the sheet Review, and a reason for \
                 each rejection; then: tieout packet decide PACKET --sheet FILE"
                .to_owned(),
        ),
    ];
    let bold = Format::new().set_bold();
    let first = book.add_worksheet();
    first.set_name("About").map_err(|e| failed(&e))?;
    let mut write = || -> Result<(), XlsxError> {
        first.set_column_width(0, 22)?.set_column_width(1, 90)?;
        for (row, (name, value)) in (0..).zip(&about) {
            first.write_string_with_format(row, 0, *name, &bold)?.write_string(row, 1, value)?;
        }
        Ok(())
    };
    write().map_err(|e| failed(&e))?;
    let table = book.add_worksheet();
    write_table(table, items, &bold).map_err(|e| failed(&e))?;
    book.save_to_buffer().map_err(|e| failed(&e))
}

fn write_table(table: &mut Worksheet, items: &[PacketItem], bold: &Format) -> Result<(), XlsxError> {
    let (amount, open) = (Format::new().set_align(FormatAlign::Right), Format::new().set_unlocked());
    let wrapped = Format::new().set_text_wrap();
    table.set_name(TABLE)?.set_freeze_panes(1, 3)?;
    table.set_column_width(0, 11)?.set_column_width(1, 30)?;
    table.write_string_with_format(0, 0, DECISION, bold)?.write_string_with_format(0, 1, REASON, bold)?;
    for (column, (title, width)) in (2..).zip(COLUMNS) {
        table.set_column_width(column, width)?.write_string_with_format(0, column, title, bold)?;
    }
    let last = u32::try_from(items.len()).unwrap_or(u32::MAX);
    for (row, item) in (1..).zip(items) {
        table.write_blank(row, 0, &open)?.write_blank(row, 1, &open)?;
        for (column, cell) in (2..).zip(cells(item)) {
            let format = if column == 5 { &amount } else { &wrapped };
            table.write_string_with_format(row, column, cell, format)?;
        }
    }
    let choice = DataValidation::new().allow_list_strings(&["approve", "reject"])?;
    table.add_data_validation(1, 0, last.max(1), 0, &choice)?;
    Ok(())
}

/// The decisions that stand in a sheet, by the packet that it belongs to.
///
/// # Errors
/// `file_unusable`, `packet_sheet_unfit`, `packet_of_another`, `packet_item_unknown`, `reason_missing`.
pub(crate) fn decisions(path: &Path, manifest: &Manifest, items: &[PacketItem]) -> DeskResult<Vec<Written>> {
    let place = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|e| DeskError::file(path, &e))?;
    let read = |e: &dyn std::fmt::Display| unfit(format!("{place}: it is no sheet of a packet: {e}"));
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(bytes))
        .map_err(|e: calamine::XlsxError| read(&e))?;
    let about = book.worksheet_range("About").map_err(|e| read(&e))?;
    let id = about.get_value((0, 1)).map(text).unwrap_or_default();
    if id != manifest.id {
        let message = format!("{place} belongs to packet {id}, not to {}", manifest.id);
        return Err(DeskError::new(Code::PacketOfAnother, message));
    }
    let table = book.worksheet_range(TABLE).map_err(|e| read(&e))?;
    let mut rows = table.rows();
    let headings: Vec<String> = rows.next().unwrap_or_default().iter().map(text).collect();
    let wanted: Vec<&str> = [DECISION, REASON].into_iter().chain(COLUMNS.map(|(title, _)| title)).collect();
    if headings != wanted {
        return Err(unfit(format!("{place}: its columns are not those of a packet's sheet")));
    }
    let mut found: Vec<Written> = Vec::new();
    for (n, row) in (2..).zip(rows) {
        let at = |column: usize| row.get(column).map(text).unwrap_or_default();
        if row.iter().all(|cell| text(cell).is_empty()) {
            continue;
        }
        let posting = at(2 + POSTING);
        let Some(item) = items.iter().find(|one| one.posting.id.as_str() == posting) else {
            let message = format!("{place}, row {n}: {posting} is none of the packet's postings");
            return Err(DeskError::new(Code::PacketItemUnknown, message));
        };
        for (column, cell) in (2..).zip(cells(item)) {
            if at(column) != cell {
                let message = format!(
                    "{place}, row {n}: {} is \"{}\", and the packet has \"{cell}\": take the sheet from the \
                     packet again",
                    wanted[column],
                    at(column)
                );
                return Err(unfit(message));
            }
        }
        let Some(approve) = says(&at(0)).map_err(|said| {
            unfit(format!("{place}, row {n}: \"{said}\" is no decision: write approve or reject"))
        })?
        else {
            continue;
        };
        if found.iter().any(|one| one.posting == posting) {
            return Err(unfit(format!("{place}, row {n}: {} stands in it twice", item.posting.reference)));
        }
        let reason = Some(at(1).trim().to_owned()).filter(|reason| !reason.is_empty());
        if !approve && reason.is_none() {
            let message = format!("{place}, row {n}: a rejection needs a reason");
            return Err(DeskError::new(Code::ReasonMissing, message));
        }
        found.push(Written { posting, content: at(2 + CONTENT), approve, reason });
    }
    Ok(found)
}

/// What a cell decides; nothing where it is empty.
fn says(cell: &str) -> Result<Option<bool>, String> {
    match cell.trim().to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "approve" | "approved" | "yes" | "y" => Ok(Some(true)),
        "reject" | "rejected" | "no" | "n" => Ok(Some(false)),
        other => Err(other.to_owned()),
    }
}

fn text(cell: &Data) -> String {
    cell.to_string()
}
