//! The export that the window asks for: what it shows, as a file.

use std::path::PathBuf;

use serde::Deserialize;
use tieout_store::Selection;

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        written::Exported,
    },
    close::tie_out::TieOutRequest,
    queue::{
        exception_query::{self, ExceptionQuery},
        exception_views,
    },
    reports::{export::Cell, log_view::LogRequest, report},
    settlement::posting_pages::PostingsRequest,
};

/// What to export.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ExportRequest {
    /// exceptions, tie_out, postings or log.
    pub what: String,
    /// Which exceptions; all open ones without.
    #[serde(default)]
    pub query: Option<ExceptionQuery>,
    /// What of the tie-out; all of it without.
    #[serde(default)]
    pub tie_out: Option<TieOutRequest>,
    /// Which postings, whatever the place and number of the rows; all without.
    #[serde(default)]
    pub postings: Option<PostingsRequest>,
    /// What of the log, likewise; all of it without.
    #[serde(default)]
    pub log: Option<LogRequest>,
    /// The file, `.csv` or `.xlsx`.
    pub path: PathBuf,
    /// In place of a file that is there.
    #[serde(default)]
    pub force: bool,
}

const COLUMNS: [&str; 20] = [
    "id",
    "kind",
    "queue",
    "external_ref",
    "customer",
    "entity",
    "period",
    "dated",
    "currency",
    "amount",
    "variance",
    "severity",
    "owner",
    "assignee",
    "opened_at",
    "due_at",
    "overdue",
    "state",
    "in_the_way",
    "why",
];

/// Exports what the window shows.
///
/// # Errors
/// `export_unknown`, what a query can give, and what writing the file can give.
pub fn export(ctx: &Context, request: &ExportRequest) -> DeskResult<Exported> {
    let (path, force) = (&request.path, request.force);
    let rows = match request.what.as_str() {
        "exceptions" => export_view(ctx, request)?,
        "tie_out" => report::export_tie_out(ctx, &request.tie_out.clone().unwrap_or_default(), path, force)?,
        "postings" => {
            report::export_postings(ctx, &request.postings.clone().unwrap_or_default(), path, force)?
        }
        "log" => report::export_log(ctx, &request.log.clone().unwrap_or_default(), path, force)?,
        other => {
            let message = format!("\"{other}\" cannot be exported: exceptions, tie_out, postings, log can");
            return Err(DeskError::new(Code::ExportUnknown, message));
        }
    };
    Ok(Exported { path: path.display().to_string(), rows })
}

fn export_view(ctx: &Context, request: &ExportRequest) -> DeskResult<u64> {
    let view = exception_query::view_of(ctx, request.query.as_ref().unwrap_or(&ExceptionQuery::default()))?;
    let mut sheet = report::sheet(ctx, "exceptions", &COLUMNS)?;
    let optional = |text: &Option<String>| Cell::text(text.as_deref().unwrap_or_default());
    exception_views::each_selected(ctx, &Selection::All { view: Box::new(view), except: Vec::new() }, |e| {
        sheet.rows.push(vec![
            Cell::text(&e.id),
            Cell::text(&e.kind),
            Cell::text(&e.queue),
            Cell::text(&e.external_ref),
            optional(&e.customer),
            optional(&e.entity),
            optional(&e.period),
            optional(&e.dated),
            Cell::text(&e.currency),
            Cell::number(&e.amount),
            Cell::number(&e.variance),
            Cell::text(&e.severity),
            Cell::text(&e.owner),
            optional(&e.assignee),
            Cell::text(e.opened_at.to_rfc3339()),
            Cell::text(e.due_at.to_rfc3339()),
            Cell::text(e.overdue),
            Cell::text(&e.state),
            Cell::text(&e.in_the_way),
            Cell::text(&e.why),
        ]);
    })?;
    report::write_sheet(ctx, &sheet, &request.path, request.force)
}
