//! The sheets that `export` writes.

use std::{collections::HashMap, path::Path};

use crate::{
    error::DeskResult,
    exceptions::ExceptionsRequest,
    export::{Cell, Sheet},
    log_view::LogRequest,
    posting_views::PostingsRequest,
    tie_out::TieOutRequest,
    workspace::Desk,
};

impl Desk {
    pub(crate) fn sheet(&self, kind: &'static str, columns: &[&'static str]) -> DeskResult<Sheet> {
        let (workspace, _) = self.about()?;
        Ok(Sheet {
            kind,
            workspace,
            written_at: self.clock.now(),
            columns: columns.to_vec(),
            rows: Vec::new(),
        })
    }

    /// Open exceptions.
    ///
    /// # Errors
    /// As [`Sheet::write`].
    pub fn export_exceptions(&self, to: &Path, force: bool) -> DeskResult<u64> {
        let mut sheet = self.sheet(
            "exceptions",
            &[
                "id",
                "kind",
                "queue",
                "external_ref",
                "entity",
                "period",
                "currency",
                "amount",
                "variance",
                "severity",
                "owner",
                "assignee",
                "due_at",
                "state",
                "why",
            ],
        )?;
        for e in self.exceptions(&ExceptionsRequest::default())? {
            sheet.rows.push(vec![
                Cell::text(e.id),
                Cell::text(e.kind),
                Cell::text(e.queue),
                Cell::text(e.external_ref),
                Cell::text(e.entity.unwrap_or_default()),
                Cell::text(e.period.unwrap_or_default()),
                Cell::text(e.currency),
                Cell::number(e.amount),
                Cell::number(e.variance),
                Cell::text(e.severity),
                Cell::text(e.owner),
                Cell::text(e.assignee.unwrap_or_default()),
                Cell::text(e.due_at.to_rfc3339()),
                Cell::text(e.state),
                Cell::text(e.why),
            ]);
        }
        self.write_sheet(&sheet, to, force)
    }

    /// The tie-out, as [`Desk::tie_out`] gives it.
    ///
    /// # Errors
    /// Its own, and as [`Sheet::write`].
    pub fn export_tie_out(&self, request: &TieOutRequest, to: &Path, force: bool) -> DeskResult<u64> {
        let mut sheet = self.sheet(
            "tie-out",
            &[
                "entity",
                "currency",
                "period",
                "account",
                "account_name",
                "billing",
                "corrections",
                "ledger",
                "variance",
                "explained",
                "in_transit",
                "unexplained",
                "open",
            ],
        )?;
        for row in self.tie_out(request)? {
            sheet.rows.push(vec![
                Cell::text(row.entity),
                Cell::text(row.currency),
                Cell::text(row.period),
                Cell::text(row.account),
                Cell::text(row.account_name.unwrap_or_default()),
                Cell::number(row.billing),
                Cell::number(row.corrections),
                Cell::number(row.ledger),
                Cell::number(row.variance),
                Cell::number(row.explained),
                Cell::number(row.in_transit),
                Cell::number(row.unexplained),
                Cell::number(row.open_exceptions),
            ]);
        }
        self.write_sheet(&sheet, to, force)
    }

    /// Postings with their state, newest first: all that the filters leave.
    ///
    /// # Errors
    /// As [`Desk::postings_page`] and [`Sheet::write`].
    pub fn export_postings(&self, request: &PostingsRequest, to: &Path, force: bool) -> DeskResult<u64> {
        let mut sheet = self.sheet(
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
        for posting in self.postings_of(request)? {
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
        self.write_sheet(&sheet, to, force)
    }

    /// The log, oldest first: all that the filters leave. With hashes and signatures, so that the chain of a
    /// whole one can be checked elsewhere.
    ///
    /// # Errors
    /// As [`Desk::log_page`] and [`Sheet::write`].
    pub fn export_log(&self, request: &LogRequest, to: &Path, force: bool) -> DeskResult<u64> {
        let mut sheet = self.sheet(
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
                "reference",
            ],
        )?;
        // Many entries are about one item.
        let mut known: HashMap<String, String> = HashMap::new();
        for e in self.log_entries_of(request)? {
            let reference = match known.get(&e.subject) {
                Some(reference) => reference.clone(),
                None => {
                    let found = self.log_about(&e.subject)?.reference.unwrap_or_default();
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
                Cell::text(reference),
            ]);
        }
        self.write_sheet(&sheet, to, force)
    }

    pub(crate) fn write_sheet(&self, sheet: &Sheet, to: &Path, force: bool) -> DeskResult<u64> {
        let rows = sheet.write(to, force)?;
        let detail = serde_json::json!({ "kind": sheet.kind, "rows": rows });
        self.note("exported", &to.display().to_string(), detail)?;
        Ok(rows)
    }
}
