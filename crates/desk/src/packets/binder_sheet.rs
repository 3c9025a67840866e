//! The binder for people: a workbook with a sheet for each section, and the same on paper. What proves
//! anything is beside it.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::Value;
use tieout_evidence::file::binder::BinderManifest;
use tieout_print::{
    Cells::{self, Names, Numbers, Texts},
    Part, Report,
};

use crate::{
    base::{
        code::Code,
        error::{DeskError, DeskResult},
        wording,
    },
    reports::printing,
};

/// A column: the path of what it shows, its heading, and how its cells stand on paper.
type Heading = (&'static str, &'static str, Cells);

/// A sheet: its section, its name, and its columns.
type Shown = (&'static str, &'static str, &'static [Heading]);

/// So many rows of a section are printed.
const PRINTED: usize = 250;

const SHEETS: &[Shown] = &[
    (
        "tie_out",
        "Tie-out",
        &[
            ("/account", "Account", Names),
            ("/account_name", "Name", Texts),
            ("/currency", "Currency", Names),
            ("/billing", "Billing", Numbers),
            ("/settled", "Settled", Numbers),
            ("/not_ours", "Not ours", Numbers),
            ("/noted", "Noted", Numbers),
            ("/tolerated", "Tolerated", Numbers),
            ("/opening", "Opening", Numbers),
            ("/ledger", "Ledger", Numbers),
            ("/variance", "Variance", Numbers),
            ("/unexplained", "Unexplained", Numbers),
        ],
    ),
    (
        "population",
        "Population",
        &[
            ("/connection", "Connection", Names),
            ("/account", "Account", Names),
            ("/currency", "Currency", Names),
            ("/opening", "Opening", Numbers),
            ("/debits", "Debits", Numbers),
            ("/credits", "Credits", Numbers),
            ("/closing", "Closing", Numbers),
            ("/read", "Read", Numbers),
            ("/gap", "Gap", Numbers),
        ],
    ),
    (
        "exceptions",
        "Exceptions",
        &[
            ("/exception/external_ref", "Document", Names),
            ("/exception/kind_name", "What", Names),
            ("/exception/state", "State", Names),
            ("/exception/amount", "Amount", Numbers),
            ("/exception/variance", "Variance", Numbers),
            ("/exception/currency", "Currency", Names),
            ("/exception/why", "Why", Texts),
            ("/exception/id", "Id", Names),
        ],
    ),
    (
        "late",
        "Late items",
        &[
            ("/reference", "Document", Names),
            ("/periods/own", "Own period", Names),
            ("/periods/belongs", "Belongs to", Names),
            ("/periods/posts_into", "Posts into", Names),
            ("/periods/routed_by", "Rule", Texts),
            ("/periods/says", "Why", Texts),
            ("/posting", "Posting", Names),
        ],
    ),
    (
        "close/rows",
        "Close",
        &[
            ("/kind", "Kind", Names),
            ("/account", "Account", Names),
            ("/currency", "Currency", Names),
            ("/expected", "Expected", Numbers),
            ("/ledger", "Ledger", Numbers),
            ("/difference", "Difference", Numbers),
            ("/timing", "Timing", Numbers),
            ("/to_book", "To book", Numbers),
            ("/accepted", "Accepted", Numbers),
            ("/brought_forward", "Brought forward", Numbers),
            ("/unexplained", "Unexplained", Numbers),
            ("/tolerance", "Tolerance", Numbers),
        ],
    ),
    (
        "close/accounts",
        "Sign-offs",
        &[
            ("/account", "Account", Names),
            ("/state", "State", Names),
            ("/prepared_by", "Prepared by", Names),
            ("/prepared_at", "On", Names),
            ("/reviewed_by", "Reviewed by", Names),
            ("/reviewed_at", "On (review)", Names),
            ("/needs", "What is open", Texts),
            ("/signed_hash", "SHA-256 of what was signed", Names),
        ],
    ),
    (
        "postings",
        "Postings",
        &[
            ("/posting/reference", "Document", Names),
            ("/state", "State", Names),
            ("/posting/origin", "Origin", Names),
            ("/posting/preparer", "Prepared by", Names),
            ("/posting/reason", "Reason", Texts),
            ("/posting/id", "Posting", Names),
            ("/content_hash", "Content", Names),
        ],
    ),
    (
        "decisions",
        "Decisions",
        &[
            ("/log_number", "Log entry", Names),
            ("/action", "Decision", Names),
            ("/person", "Person", Names),
            ("/subject", "On", Texts),
            ("/content_hash", "Content", Names),
        ],
    ),
    (
        "governance",
        "Mappings and policies",
        &[
            ("/kind", "Kind", Names),
            ("/state", "State", Names),
            ("/author", "Brought in by", Names),
            ("/proposed_at", "On", Names),
            ("/decided_by", "Decided by", Names),
            ("/decided_at", "On (decision)", Names),
            ("/hash", "SHA-256", Names),
            ("/id", "Id", Names),
        ],
    ),
    (
        "people",
        "People",
        &[
            ("/name", "Name", Names),
            ("/role", "Role", Names),
            ("/active", "Works here", Names),
            ("/confirmed", "Confirmed", Names),
            ("/key", "Public key", Names),
            ("/id", "Id", Names),
        ],
    ),
    (
        "log",
        "Log",
        &[
            ("/number", "Number", Names),
            ("/at", "At (UTC)", Names),
            ("/actor", "Who", Names),
            ("/what", "What", Names),
            ("/subject", "About", Texts),
            ("/signer", "Signed by", Names),
            ("/hash", "Hash", Names),
        ],
    ),
];

/// The workbook of these sections.
///
/// # Errors
/// `export_failed`.
pub(super) fn sheet(
    manifest: &BinderManifest,
    made_by: &str,
    sections: &BTreeMap<String, Value>,
) -> DeskResult<Vec<u8>> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let failed = |e: XlsxError| DeskError::new(Code::ExportFailed, e.to_string());
    about(&mut book, manifest, made_by, &bold).map_err(failed)?;
    for (section, name, columns) in SHEETS {
        table(&mut book, name, (columns, rows(sections, section)), &bold).map_err(failed)?;
    }
    book.save_to_buffer().map_err(failed)
}

/// The same on paper: of each section its first rows.
///
/// # Errors
/// `export_failed`.
pub(super) fn print(
    manifest: &BinderManifest,
    made_by: &str,
    sections: &BTreeMap<String, Value>,
) -> DeskResult<Vec<u8>> {
    let title = format!("Binder of {}, {}", manifest.entity, wording::period(&manifest.period));
    let part = |(section, name, columns): &Shown| {
        let rows = rows(sections, section);
        let more = rows.len().saturating_sub(PRINTED);
        let says = match rows.len() {
            0 => vec!["Nothing.".to_owned()],
            _ if more > 0 => vec![format!("The first {PRINTED} of {}; binder.xlsx has all.", rows.len())],
            _ => Vec::new(),
        };
        let texts = |row: &Value| columns.iter().map(|(path, ..)| text(row, path)).collect();
        let table = printing::table(
            columns.iter().map(|(_, title, of)| (*title, *of)),
            rows.iter().take(PRINTED).map(texts),
        );
        Part { heading: (*name).to_owned(), says, table: (!rows.is_empty()).then_some(table) }
    };
    let facts = facts(manifest, made_by);
    let report = Report {
        says: vec![
            "This is the binder for reading. What proves it lies beside it in the same file, and is checked \
             by tieout-verifier on any machine."
                .to_owned(),
        ],
        facts: facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        parts: SHEETS.iter().map(part).collect(),
        foot: format!("{title} · {}", manifest.workspace.name),
        title,
        wide: true,
        made_at: manifest.made_at,
    };
    Ok(report.pdf()?)
}

/// The rows of a section, or of what is within it.
fn rows<'s>(sections: &'s BTreeMap<String, Value>, section: &str) -> &'s [Value] {
    let (name, within) = section.split_once('/').unwrap_or((section, ""));
    let found = match within {
        "" => sections.get(name),
        within => sections.get(name).and_then(|one| one.get(within)),
    };
    found.and_then(Value::as_array).map_or(&[][..], Vec::as_slice)
}

/// What stands at a path of a row; empty where nothing does.
fn text(row: &Value, path: &str) -> String {
    match row.pointer(path) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn facts(manifest: &BinderManifest, made_by: &str) -> [(&'static str, String); 8] {
    [
        ("Binder of", format!("{}, {}", manifest.entity, manifest.period)),
        ("Workspace", manifest.workspace.name.clone()),
        ("Made at (UTC)", manifest.made_at.to_rfc3339()),
        ("Made by", made_by.to_owned()),
        ("Log ends at entry", manifest.checkpoint.number.to_string()),
        ("Hash of that entry", manifest.checkpoint.hash.clone()),
        ("Root of the log", manifest.log_root.clone()),
        ("Checked by", "tieout-verifier FILE, on any machine, without network".to_owned()),
    ]
}

fn about(
    book: &mut Workbook,
    manifest: &BinderManifest,
    made_by: &str,
    bold: &Format,
) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name("About")?.set_column_width(0, 22)?.set_column_width(1, 80)?;
    for (row, (name, value)) in (0..).zip(facts(manifest, made_by)) {
        sheet.write_string_with_format(row, 0, name, bold)?.write_string(row, 1, value)?;
    }
    Ok(())
}

fn table(
    book: &mut Workbook,
    name: &str,
    (columns, rows): (&[Heading], &[Value]),
    bold: &Format,
) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    for (column, (_, title, _)) in (0..).zip(columns) {
        sheet.set_column_width(column, 18)?.write_string_with_format(0, column, *title, bold)?;
    }
    for (row, one) in (1..).zip(rows) {
        for (column, (path, ..)) in (0..).zip(columns) {
            match text(one, path) {
                nothing if nothing.is_empty() => {}
                text => {
                    sheet.write_string(row, column, text)?;
                }
            }
        }
    }
    Ok(())
}
