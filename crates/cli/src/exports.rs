//! Exports written, and read back.

use std::path::Path;

use serde_json::{Map, Value, json};
use tieout_desk::{Context, DeskError, base::code::Code, reports::review::Review};

use crate::{
    answers::call,
    args::{ExportWhat, Format},
    failure::Ran,
    render::{self, Column},
};

/// `tieout export`
pub fn export(ctx: &Context, what: ExportWhat, to: &Path, force: bool) -> Ran {
    let what = match what {
        ExportWhat::Exceptions => "exceptions",
        ExportWhat::TieOut => "tie_out",
        ExportWhat::Postings => "postings",
        ExportWhat::Log => "log",
        ExportWhat::Breaches => "breaches",
        ExportWhat::Access => "access",
        ExportWhat::Conflicts => "conflicts",
    };
    call(ctx, "refresh", json!({}))?;
    let written = call(ctx, "export", json!({ "what": what, "path": to, "force": force }))?;
    eprintln!("{} rows written to {}", written["rows"], to.display());
    Ok(())
}

/// `tieout review`
pub fn print_review(format: Format, review: &Review) -> Ran {
    if format == Format::Table {
        render::object(format, review)?;
        println!();
    }
    let rows: Vec<Map<String, Value>> = review
        .rows
        .iter()
        .map(|row| review.columns.iter().cloned().zip(row.iter().map(|c| c.clone().into())).collect())
        .collect();
    let columns: Vec<Column> = review
        .columns
        .iter()
        .map(|name| Column { field: leak(name), title: leak(name), number: false })
        .collect();
    render::rows(format, &columns, &rows)?;
    let Some(why) = &review.changed else {
        eprintln!("Signed with key {}: `tieout verify` in its workspace must tell the same.", review.key);
        return Ok(());
    };
    let message = format!("the file is not what was written at {}: {why}", review.written_at);
    Err(DeskError::new(Code::ExportChanged, message).into())
}

/// Headings that are known only at run time live as long as the process, which ends with the command.
fn leak(name: &str) -> &'static str {
    Box::leak(name.to_owned().into_boxed_str())
}
