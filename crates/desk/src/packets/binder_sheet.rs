//! The binder for people: a workbook with a sheet for each section, and the same on paper. What proves
//! anything is beside it.

use std::collections::BTreeMap;

use chrono::DateTime;
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

/// A section as people read it: people by their names, instants to the second.
struct Laid {
    name: &'static str,
    columns: &'static [Heading],
    rows: Vec<Vec<String>>,
}

/// A binder as people read it: what it is, and its sections.
pub(super) struct Reading<'m> {
    manifest: &'m BinderManifest,
    made_by: &'m str,
    sections: Vec<Laid>,
}

impl<'m> Reading<'m> {
    /// Of these sections, made by the person of this name.
    pub(super) fn of(
        manifest: &'m BinderManifest,
        made_by: &'m str,
        sections: &BTreeMap<String, Value>,
    ) -> Self {
        let people: BTreeMap<&str, &str> = rows(sections, "people").iter().filter_map(member).collect();
        let laid = |(section, name, columns): &Shown| {
            let row = |row: &Value| columns.iter().map(|(path, ..)| text(row, path, &people)).collect();
            Laid { name, columns, rows: rows(sections, section).iter().map(row).collect() }
        };
        Self { manifest, made_by, sections: SHEETS.iter().map(laid).collect() }
    }

    /// As a workbook.
    ///
    /// # Errors
    /// `export_failed`.
    pub(super) fn sheet(&self) -> DeskResult<Vec<u8>> {
        let failed = |e: XlsxError| DeskError::new(Code::ExportFailed, e.to_string());
        let mut book = Workbook::new();
        let bold = Format::new().set_bold();
        self.about(&mut book, &bold).map_err(failed)?;
        for section in &self.sections {
            table(&mut book, section, &bold).map_err(failed)?;
        }
        book.save_to_buffer().map_err(failed)
    }

    /// On paper: of each section its first rows.
    ///
    /// # Errors
    /// `export_failed`.
    pub(super) fn print(&self) -> DeskResult<Vec<u8>> {
        let manifest = self.manifest;
        let title = format!("Binder of {}, {}", manifest.entity, wording::period(&manifest.period));
        let report = Report {
            says: vec![
                "This is the binder for reading. What proves it lies beside it in the same file, and is \
                 checked by tieout-verifier on any machine."
                    .to_owned(),
            ],
            facts: self.facts().into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            parts: self.sections.iter().map(part).collect(),
            foot: format!("{title} · {}", manifest.workspace.name),
            title,
            wide: true,
            made_at: manifest.made_at,
        };
        Ok(report.pdf()?)
    }

    fn facts(&self) -> [(&'static str, String); 8] {
        let manifest = self.manifest;
        [
            ("Binder of", format!("{}, {}", manifest.entity, manifest.period)),
            ("Workspace", manifest.workspace.name.clone()),
            ("Made at (UTC)", manifest.made_at.to_rfc3339()),
            ("Made by", self.made_by.to_owned()),
            ("Log ends at entry", manifest.checkpoint.number.to_string()),
            ("Hash of that entry", manifest.checkpoint.hash.clone()),
            ("Root of the log", manifest.log_root.clone()),
            ("Checked by", "tieout-verifier FILE, on any machine, without network".to_owned()),
        ]
    }

    fn about(&self, book: &mut Workbook, bold: &Format) -> Result<(), XlsxError> {
        let sheet = book.add_worksheet();
        sheet.set_name("About")?.set_column_width(0, 22)?.set_column_width(1, 80)?;
        for (row, (name, value)) in (0..).zip(self.facts()) {
            sheet.write_string_with_format(row, 0, name, bold)?.write_string(row, 1, value)?;
        }
        Ok(())
    }
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

/// A person's id and name.
fn member(person: &Value) -> Option<(&str, &str)> {
    Some((person.get("id")?.as_str()?, person.get("name")?.as_str()?))
}

/// What stands at a path of a row; empty where nothing does.
fn text(row: &Value, path: &str, people: &BTreeMap<&str, &str>) -> String {
    match row.pointer(path) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) if path != "/id" => match people.get(text.as_str()) {
            Some(name) => (*name).to_owned(),
            None => DateTime::parse_from_rfc3339(text)
                .map_or_else(|_| text.clone(), |at| at.to_utc().format("%Y-%m-%d %H:%M:%SZ").to_string()),
        },
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn part(of: &Laid) -> Part {
    let more = of.rows.len().saturating_sub(PRINTED);
    let says = match of.rows.len() {
        0 => vec!["Nothing.".to_owned()],
        all if more > 0 => vec![format!("The first {PRINTED} of {all}; binder.xlsx has all.")],
        _ => Vec::new(),
    };
    let columns = of.columns.iter().map(|(_, title, stand)| (*title, *stand));
    let table = printing::table(columns, of.rows.iter().take(PRINTED).cloned());
    Part { heading: of.name.to_owned(), says, table: (!of.rows.is_empty()).then_some(table) }
}

fn table(book: &mut Workbook, of: &Laid, bold: &Format) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name(of.name)?.set_freeze_panes(1, 0)?;
    for (column, (_, title, _)) in (0..).zip(of.columns) {
        sheet.set_column_width(column, 18)?.write_string_with_format(0, column, *title, bold)?;
    }
    for (row, texts) in (1..).zip(&of.rows) {
        for (column, text) in (0..).zip(texts).filter(|(_, text)| !text.is_empty()) {
            sheet.write_string(row, column, text)?;
        }
    }
    Ok(())
}
