//! The binder as a workbook: a sheet for each section, for people. What proves anything is beside it.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::Value;
use tieout_evidence::file::binder::BinderManifest;

use crate::base::{
    code::Code,
    error::{DeskError, DeskResult},
};

/// A sheet: its section, its name, and its columns, each by the path of what it shows and its heading.
type Shown = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const SHEETS: &[Shown] = &[
    (
        "tie_out",
        "Tie-out",
        &[
            ("/account", "Account"),
            ("/account_name", "Name"),
            ("/currency", "Currency"),
            ("/billing", "Billing"),
            ("/settled", "Settled"),
            ("/not_ours", "Not ours"),
            ("/noted", "Noted"),
            ("/tolerated", "Tolerated"),
            ("/opening", "Opening"),
            ("/ledger", "Ledger"),
            ("/variance", "Variance"),
            ("/unexplained", "Unexplained"),
        ],
    ),
    (
        "population",
        "Population",
        &[
            ("/connection", "Connection"),
            ("/account", "Account"),
            ("/currency", "Currency"),
            ("/opening", "Opening"),
            ("/debits", "Debits"),
            ("/credits", "Credits"),
            ("/closing", "Closing"),
            ("/read", "Read"),
            ("/gap", "Gap"),
        ],
    ),
    (
        "exceptions",
        "Exceptions",
        &[
            ("/exception/external_ref", "Document"),
            ("/exception/kind_name", "What"),
            ("/exception/state", "State"),
            ("/exception/amount", "Amount"),
            ("/exception/variance", "Variance"),
            ("/exception/currency", "Currency"),
            ("/exception/why", "Why"),
            ("/exception/id", "Id"),
        ],
    ),
    (
        "late",
        "Late items",
        &[
            ("/reference", "Document"),
            ("/periods/own", "Own period"),
            ("/periods/belongs", "Belongs to"),
            ("/periods/posts_into", "Posts into"),
            ("/periods/routed_by", "Rule"),
            ("/periods/says", "Why"),
            ("/posting", "Posting"),
        ],
    ),
    (
        "close/rows",
        "Close",
        &[
            ("/kind", "Kind"),
            ("/account", "Account"),
            ("/currency", "Currency"),
            ("/expected", "Expected"),
            ("/ledger", "Ledger"),
            ("/difference", "Difference"),
            ("/timing", "Timing"),
            ("/to_book", "To book"),
            ("/accepted", "Accepted"),
            ("/brought_forward", "Brought forward"),
            ("/unexplained", "Unexplained"),
            ("/tolerance", "Tolerance"),
        ],
    ),
    (
        "close/accounts",
        "Sign-offs",
        &[
            ("/account", "Account"),
            ("/state", "State"),
            ("/prepared_by", "Prepared by"),
            ("/prepared_at", "On"),
            ("/reviewed_by", "Reviewed by"),
            ("/reviewed_at", "On (review)"),
            ("/needs", "What is open"),
            ("/signed_hash", "SHA-256 of what was signed"),
        ],
    ),
    (
        "postings",
        "Postings",
        &[
            ("/posting/reference", "Document"),
            ("/state", "State"),
            ("/posting/origin", "Origin"),
            ("/posting/preparer", "Prepared by"),
            ("/posting/reason", "Reason"),
            ("/posting/id", "Posting"),
            ("/content_hash", "Content"),
        ],
    ),
    (
        "decisions",
        "Decisions",
        &[
            ("/log_number", "Log entry"),
            ("/action", "Decision"),
            ("/person", "Person"),
            ("/subject", "On"),
            ("/content_hash", "Content"),
        ],
    ),
    (
        "governance",
        "Mappings and policies",
        &[
            ("/kind", "Kind"),
            ("/state", "State"),
            ("/author", "Brought in by"),
            ("/proposed_at", "On"),
            ("/decided_by", "Decided by"),
            ("/decided_at", "On (decision)"),
            ("/hash", "SHA-256"),
            ("/id", "Id"),
        ],
    ),
    (
        "people",
        "People",
        &[
            ("/name", "Name"),
            ("/role", "Role"),
            ("/active", "Works here"),
            ("/confirmed", "Confirmed"),
            ("/key", "Public key"),
            ("/id", "Id"),
        ],
    ),
    (
        "log",
        "Log",
        &[
            ("/number", "Number"),
            ("/at", "At (UTC)"),
            ("/actor", "Who"),
            ("/what", "What"),
            ("/subject", "About"),
            ("/signer", "Signed by"),
            ("/hash", "Hash"),
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
        let (name_of, within) = section.split_once('/').unwrap_or((section, ""));
        let found = match within {
            "" => sections.get(name_of),
            within => sections.get(name_of).and_then(|one| one.get(within)),
        };
        let rows = found.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        table(&mut book, name, (columns, rows), &bold).map_err(failed)?;
    }
    book.save_to_buffer().map_err(failed)
}

fn about(
    book: &mut Workbook,
    manifest: &BinderManifest,
    made_by: &str,
    bold: &Format,
) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name("About")?.set_column_width(0, 22)?.set_column_width(1, 80)?;
    let rows = [
        ("Binder of", format!("{}, {}", manifest.entity, manifest.period)),
        ("Workspace", manifest.workspace.name.clone()),
        ("Made at (UTC)", manifest.made_at.to_rfc3339()),
        ("Made by", made_by.to_owned()),
        ("Log ends at entry", manifest.checkpoint.number.to_string()),
        ("Hash of that entry", manifest.checkpoint.hash.clone()),
        ("Root of the log", manifest.log_root.clone()),
        ("Checked by", "tieout-verifier FILE, on any machine, without network".to_owned()),
    ];
    for (row, (name, value)) in (0..).zip(rows) {
        sheet.write_string_with_format(row, 0, name, bold)?.write_string(row, 1, value)?;
    }
    Ok(())
}

fn table(
    book: &mut Workbook,
    name: &str,
    (columns, rows): (&[(&str, &str)], &[Value]),
    bold: &Format,
) -> Result<(), XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name(name)?.set_freeze_panes(1, 0)?;
    for (column, (_, title)) in (0..).zip(columns) {
        sheet.set_column_width(column, 18)?.write_string_with_format(0, column, *title, bold)?;
    }
    for (row, one) in (1..).zip(rows) {
        for (column, (path, _)) in (0..).zip(columns) {
            let text = match one.pointer(path) {
                None | Some(Value::Null) => continue,
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            sheet.write_string(row, column, text)?;
        }
    }
    Ok(())
}
