//! The sheets that `export` writes.

use std::{collections::HashMap, path::Path};

use crate::{
    base::{context::Context, error::DeskResult, workspace},
    close::tie_out::{self, TieOutRequest},
    reports::{
        export::{Cell, Sheet},
        log_view::{self, LogRequest},
    },
    settlement::posting_pages::{self, PostingsRequest},
};

pub(crate) fn sheet(ctx: &Context, kind: &'static str, columns: &[&'static str]) -> DeskResult<Sheet> {
    let workspace = ctx.store().workspace()?;
    Ok(Sheet {
        kind,
        workspace: workspace.name,
        workspace_id: workspace.id.to_string(),
        written_at: ctx.clock.now(),
        columns: columns.to_vec(),
        rows: Vec::new(),
    })
}

/// The tie-out, as [`crate::close::tie_out::tie_out`] gives it.
///
/// # Errors
/// Its own, and as [`Sheet::write`].
pub fn export_tie_out(ctx: &Context, request: &TieOutRequest, to: &Path, force: bool) -> DeskResult<u64> {
    let mut sheet = sheet(
        ctx,
        "tie-out",
        &[
            "entity",
            "currency",
            "period",
            "account",
            "account_name",
            "billing",
            "corrections",
            "settled",
            "ledger",
            "variance",
            "explained",
            "in_transit",
            "unexplained",
            "open",
        ],
    )?;
    for row in tie_out::tie_out(ctx, request)? {
        sheet.rows.push(vec![
            Cell::text(row.entity),
            Cell::text(row.currency),
            Cell::text(row.period),
            Cell::text(row.account),
            Cell::text(row.account_name.unwrap_or_default()),
            Cell::number(row.billing),
            Cell::number(row.corrections),
            Cell::number(row.settled),
            Cell::number(row.ledger),
            Cell::number(row.variance),
            Cell::number(row.explained),
            Cell::number(row.in_transit),
            Cell::number(row.unexplained),
            Cell::number(row.open_exceptions),
        ]);
    }
    write_sheet(ctx, &sheet, to, force)
}

/// Postings with their state, newest first: all that the filters leave.
///
/// # Errors
/// As [`crate::settlement::posting_pages::postings_page`] and [`Sheet::write`].
pub fn export_postings(ctx: &Context, request: &PostingsRequest, to: &Path, force: bool) -> DeskResult<u64> {
    let mut sheet = sheet(
        ctx,
        "postings",
        &[
            "id",
            "reference",
            "state",
            "origin",
            "currency",
            "amount",
            "preparer",
            "approved_by",
            "posting_date",
            "period",
            "key",
            "erp_id",
            "failure",
        ],
    )?;
    for posting in posting_pages::postings_of(ctx, request)? {
        for step in &posting.steps {
            sheet.rows.push(vec![
                Cell::text(&posting.id),
                Cell::text(&posting.reference),
                Cell::text(&posting.state),
                Cell::text(&posting.origin),
                Cell::text(&posting.currency),
                Cell::number(&posting.amount),
                Cell::text(posting.preparer.as_deref().unwrap_or_default()),
                Cell::text(posting.approved_by.join(", ")),
                Cell::text(&step.posting_date),
                Cell::text(&step.period),
                Cell::text(&step.key),
                Cell::text(step.erp_id.as_deref().unwrap_or_default()),
                Cell::text(posting.failure.as_deref().unwrap_or_default()),
            ]);
        }
    }
    write_sheet(ctx, &sheet, to, force)
}

/// The log, oldest first: all that the filters leave. With hashes and signatures, so that the chain of a
/// whole one can be checked elsewhere.
///
/// # Errors
/// As [`crate::reports::log_view::log_page`] and [`Sheet::write`].
pub fn export_log(ctx: &Context, request: &LogRequest, to: &Path, force: bool) -> DeskResult<u64> {
    let mut sheet = sheet(
        ctx,
        "log",
        &[
            "number",
            "at",
            "actor",
            "what",
            "subject",
            "detail",
            "previous",
            "hash",
            "signer",
            "signature",
            "seal",
            "reference",
        ],
    )?;
    // Many entries are about one item.
    let mut known: HashMap<String, String> = HashMap::new();
    for e in log_view::log_entries_of(ctx, request)? {
        let reference = match known.get(&e.subject) {
            Some(reference) => reference.clone(),
            None => {
                let found = log_view::log_about(ctx, &e.subject)?.reference.unwrap_or_default();
                known.insert(e.subject.clone(), found.clone());
                found
            }
        };
        sheet.rows.push(vec![
            Cell::number(e.number),
            Cell::text(e.at.to_rfc3339()),
            Cell::text(&e.actor),
            Cell::text(&e.what),
            Cell::text(&e.subject),
            Cell::text(&e.detail),
            Cell::text(hex::encode(e.previous)),
            Cell::text(hex::encode(e.hash)),
            Cell::text(e.signer.as_ref().map(ToString::to_string).unwrap_or_default()),
            Cell::text(e.signature.as_ref().map(hex::encode).unwrap_or_default()),
            Cell::text(e.seal.as_deref().unwrap_or_default()),
            Cell::text(reference),
        ]);
    }
    write_sheet(ctx, &sheet, to, force)
}

pub(crate) fn write_sheet(ctx: &Context, sheet: &Sheet, to: &Path, force: bool) -> DeskResult<u64> {
    let signature = sheet.write(to, force, &workspace::export_key(ctx)?)?;
    let rows = sheet.rows.len() as u64;
    let detail = serde_json::json!({ "kind": sheet.kind, "rows": rows, "signature": signature });
    ctx.note("exported", &to.display().to_string(), detail)?;
    Ok(rows)
}
