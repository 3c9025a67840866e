//! The export that the window asks for: what it shows, as a file.

use std::path::{Path, PathBuf};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        machine::MachinePolicy,
        written::Exported,
    },
    close::{flows::BreachRequest, pilot::PilotRequest, tie_out::TieOutRequest},
    queue::exception_query::ExceptionQuery,
    reports::{log_view::LogRequest, report},
    settlement::posting_pages::PostingsRequest,
};
use serde::Deserialize;

/// What to export.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ExportRequest {
    /// exceptions, tie_out, postings, log, breaches, access or conflicts.
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
    /// Of which days breaches are told, likewise.
    #[serde(default)]
    pub breaches: Option<BreachRequest>,
    /// The file: `.csv` or `.parquet` for machines, `.xlsx` for people.
    pub path: PathBuf,
    /// In place of a file that is there.
    #[serde(default)]
    pub force: bool,
}

/// The pilot's report as a file.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct PilotWriteRequest {
    /// Of which period of which entity.
    pub of: PilotRequest,
    /// The file: `.pdf` and `.xlsx` for people, `.csv` for machines.
    pub path: PathBuf,
    /// In place of a file that is there.
    #[serde(default)]
    pub force: bool,
}

/// Writes the pilot's report to a file.
///
/// # Errors
/// As [`crate::close::pilot::pilot`], and what writing the file can give.
pub fn pilot_write(ctx: &Context, request: &PilotWriteRequest) -> DeskResult<Exported> {
    admitted(&request.path)?;
    let rows = report::export_pilot(ctx, &request.of, &request.path, request.force)?;
    Ok(Exported { path: request.path.display().to_string(), rows })
}

/// Refuses a format that this machine's administrator does not allow.
fn admitted(path: &Path) -> DeskResult<()> {
    let format = path.extension().map_or_else(String::new, |ending| ending.to_string_lossy().to_lowercase());
    MachinePolicy::read()?.admits_export(&format)
}

/// Exports what the window shows.
///
/// # Errors
/// `export_unknown`, `fixed_by_administrator`, what a query can give, and what writing the file can give.
pub fn export(ctx: &Context, request: &ExportRequest) -> DeskResult<Exported> {
    let (path, force) = (&request.path, request.force);
    admitted(path)?;
    let rows = match request.what.as_str() {
        "exceptions" => {
            let query = request.query.clone().unwrap_or_default();
            report::export_exceptions(ctx, &query, (path, force))?
        }
        "tie_out" => report::export_tie_out(ctx, &request.tie_out.clone().unwrap_or_default(), path, force)?,
        "postings" => {
            report::export_postings(ctx, &request.postings.clone().unwrap_or_default(), path, force)?
        }
        "log" => report::export_log(ctx, &request.log.clone().unwrap_or_default(), path, force)?,
        "breaches" => {
            report::export_breaches(ctx, &request.breaches.clone().unwrap_or_default(), path, force)?
        }
        "access" => report::export_access(ctx, path, force)?,
        "conflicts" => report::export_conflicts(ctx, path, force)?,
        other => {
            let known = "exceptions, tie_out, postings, log, breaches, access, conflicts";
            let message = format!("\"{other}\" cannot be exported: {known} can");
            return Err(DeskError::new(Code::ExportUnknown, message));
        }
    };
    Ok(Exported { path: path.display().to_string(), rows })
}
