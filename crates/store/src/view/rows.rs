//! The rows of a page, with what stands in the way of each.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tieout_domain::{ExceptionId, calendar::PeriodStatus, exception::ExceptionKind, posting::PostingState};

use crate::{
    error::Result,
    sql::{named, parsed, text, text_opt},
    table::exception::{self, ExceptionRow},
};

/// An exception as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedException {
    /// The exception.
    pub row: ExceptionRow,
    /// The customer's name, or the id where billing gives no name.
    pub customer: Option<String>,
    /// The document's date, `YYYY-MM-DD`.
    pub dated: Option<String>,
    /// What is known of its period, where its entity has one of that name.
    pub period_status: Option<PeriodStatus>,
    /// The posting under way, or the last one that failed.
    pub posting: Option<Glance>,
    /// The reference of the document that must be booked before this one.
    pub behind: Option<String>,
}

/// A posting at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Where it stands.
    pub state: PostingState,
    /// Why it stands still, as a code.
    pub failure_code: Option<String>,
    /// The reference of a posting that has to be booked before it.
    pub behind: Option<String>,
}

/// The rows of these internal keys, in that order.
pub(super) fn read(conn: &Connection, seqs: &[i64]) -> Result<Vec<ListedException>> {
    let mut statement = conn.prepare_cached(
        "SELECT e.*, d.id AS document_id, p.status AS period_status
         FROM exception e LEFT JOIN document d ON d.seq = e.document_seq
         LEFT JOIN period p ON p.entity = e.entity AND p.key = e.period
         WHERE e.seq = ?1",
    )?;
    let mut listed = Vec::with_capacity(seqs.len());
    for seq in seqs {
        let found = statement.query_row([seq], |row| Ok((one(row)?, row.get("document_seq")?))).optional()?;
        let Some((mut one, document_seq)) = found else { continue };
        one.posting = glance(conn, &one.row.id)?;
        one.behind = behind(conn, one.row.kind, document_seq)?;
        listed.push(one);
    }
    Ok(listed)
}

/// The ids of these internal keys, in that order.
pub(super) fn ids(conn: &Connection, seqs: &[i64]) -> Result<Vec<ExceptionId>> {
    let mut statement = conn.prepare_cached("SELECT id FROM exception WHERE seq = ?1")?;
    let mut ids = Vec::with_capacity(seqs.len());
    for seq in seqs {
        ids.extend(statement.query_row([seq], |row| text(row, "id")).optional()?);
    }
    Ok(ids)
}

fn one(row: &Row<'_>) -> rusqlite::Result<ListedException> {
    let filled = |column| -> rusqlite::Result<Option<String>> {
        Ok(Some(row.get::<_, String>(column)?).filter(|text| !text.is_empty()))
    };
    Ok(ListedException {
        row: exception::read(row)?,
        customer: filled("customer")?,
        dated: filled("dated")?,
        period_status: text_opt(row, "period_status")?,
        posting: None,
        behind: None,
    })
}

/// The newest posting that is not over: those of an exception whose posting was booked or withdrawn say
/// nothing of what is in its way now.
fn glance(conn: &Connection, id: &ExceptionId) -> Result<Option<Glance>> {
    let mut statement = conn.prepare_cached(
        "SELECT p.seq, p.state, p.failure_code FROM posting p
         WHERE p.exception_id = ?1 AND p.state NOT IN ('rejected', 'cancelled', 'settled')
         ORDER BY p.seq DESC LIMIT 1",
    )?;
    let found: Option<(i64, PostingState, Option<String>)> = statement
        .query_row([id.as_str()], |row| {
            Ok((row.get("seq")?, named(row, "state", PostingState::parse)?, row.get("failure_code")?))
        })
        .optional()?;
    let Some((seq, state, failure_code)) = found else { return Ok(None) };
    let behind = if state == PostingState::Queued { before(conn, seq)? } else { None };
    Ok(Some(Glance { state, failure_code, behind }))
}

/// The reference of an invoice's or payment's posting that is to be booked first, as the outbox has it.
fn before(conn: &Connection, posting_seq: i64) -> Result<Option<String>> {
    let mut statement = conn.prepare_cached(
        "SELECT q.reference FROM posting p JOIN document d ON d.seq = p.document_seq
         JOIN document b ON b.connection_seq = d.connection_seq AND b.kind = ?2
           AND b.external_id = CASE WHEN ?2 = 'invoice' THEN d.invoice ELSE d.payment END
         JOIN posting q ON q.document_seq = b.seq
         WHERE p.seq = ?1 AND q.seq <> p.seq AND q.connection_seq = p.connection_seq AND q.rank < p.rank
           AND q.state IN ('proposed', 'queued', 'sending', 'in_doubt', 'refused', 'dead_letter')
         ORDER BY q.seq LIMIT 1",
    )?;
    for kind in ["invoice", "payment"] {
        let found = statement.query_row(params![posting_seq, kind], |row| row.get(0)).optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// For a document that is not in the ledger: the invoice or payment that it settles, where that is not in
/// the ledger either.
fn behind(conn: &Connection, kind: ExceptionKind, document_seq: Option<i64>) -> Result<Option<String>> {
    let missing = matches!(kind, ExceptionKind::Unposted | ExceptionKind::LateForClosedPeriod);
    let Some(document_seq) = document_seq.filter(|_| missing) else { return Ok(None) };
    let mut statement = conn.prepare_cached(
        "SELECT b.reference FROM document d CROSS JOIN document b CROSS JOIN exception x
         WHERE d.seq = ?1 AND b.connection_seq = d.connection_seq AND b.kind = ?2
           AND b.external_id = CASE WHEN ?2 = 'invoice' THEN d.invoice ELSE d.payment END
           AND x.document_seq = b.seq AND x.live = 1
           AND x.kind IN ('unposted', 'late_for_closed_period', 'missing_mapping') LIMIT 1",
    )?;
    for kind in ["invoice", "payment"] {
        let found: Option<String> =
            statement.query_row(params![document_seq, kind], |row| row.get(0)).optional()?;
        if let Some(reference) = found {
            return Ok(Some(parsed(&reference)?));
        }
    }
    Ok(None)
}
