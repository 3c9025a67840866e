//! Detection: finds what does not tie out, and opens, updates and closes exceptions. It never edits a
//! document or an entry (but for `entry.netted`, which only it keeps).
//!
//! One run: choose the references to look at ([`work`]), let reversals cancel ([`netting`]), put expectation
//! and ledger side by side ([`compare`]), let each detector insert what it finds, and bring the exceptions
//! in line ([`settle`]). Each detector is one file: the condition and the sentence that explains it.
//!
//! Precedence: detectors run in the order of [`ExceptionKind::ALL`] and the first finding of a subject and
//! cause stays, so that a document is listed once per cause, under the most specific kind.

mod amount_mismatch;
mod changed_after_posting;
mod compare;
mod customer_not_in_erp;
mod dead_letter;
mod duplicate_customer;
mod duplicate_posting;
mod facts;
mod late_for_closed_period;
mod missing_mapping;
mod netting;
mod orphan_journal;
mod payment_status_mismatch;
mod period_moved;
mod posting_in_doubt;
mod posting_rejected;
mod schema_drift;
mod settle;
mod sign_reversed;
pub(crate) mod state;
mod sync_failed;
mod tax_mismatch;
mod unposted;
mod work;
mod wrong_account;
mod wrong_currency;
mod wrong_entity;
mod wrong_period;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests_incremental;
#[cfg(test)]
mod tests_life;
#[cfg(test)]
mod tests_netting;
#[cfg(test)]
pub(crate) mod tests_scale;

use chrono::{DateTime, Utc};
use facts::Facts;
use rusqlite::Connection;
use tieout_domain::exception::ExceptionKind;

use crate::{error::Result, sql::ms};

/// When a run judges, and when it takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DetectInput {
    /// Due times and ages are judged as of this instant.
    pub as_of: DateTime<Utc>,
    /// The real time: events and changes bear it.
    pub now: DateTime<Utc>,
}

/// What a run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DetectSummary {
    /// References looked at, and entries without one.
    pub looked_at: u64,
    /// Exceptions that are new.
    pub opened: u64,
    /// Exceptions whose facts changed under the same kind.
    pub updated: u64,
    /// Exceptions that are of another kind now.
    pub kind_changed: u64,
    /// Exceptions whose cause came back, or whose facts changed after they were dismissed.
    pub reopened: u64,
    /// Exceptions whose cause is gone.
    pub closed: u64,
}

/// Where a detector finds its rows.
enum Query {
    /// One row per document, from `comparison` (alias `c`).
    Comparison(Over),
    /// A whole SELECT of the columns of `work_finding` from `subject_kind` on.
    Rows(&'static str),
}

/// The parts of a query over `comparison`, as SQL.
struct Over {
    /// When the document is found.
    when: &'static str,
    /// Since when (Unix milliseconds, NULL: the day of `since_date`).
    since: &'static str,
    /// The day since when, where no instant is known.
    since_date: &'static str,
    /// 1: its own period takes no more entries, which puts it into period close too.
    blocked: &'static str,
    /// What exceptions of one root cause share.
    fingerprint: &'static str,
    /// A text for the sentence.
    a: &'static str,
    /// Another text for the sentence.
    b: &'static str,
    /// A number for the sentence.
    m: &'static str,
}

impl Over {
    /// Trouble since the best entry was made.
    const SINCE_ENTRY: Over = Over {
        when: "0",
        since: "c.best_at",
        since_date: "c.best_date",
        blocked: "0",
        fingerprint: "c.entity",
        a: "NULL",
        b: "NULL",
        m: "NULL",
    };
    /// Trouble since the document should have been booked.
    const SINCE_DUE: Over = Over {
        when: "0",
        since: "c.due_at",
        since_date: "NULL",
        blocked: "c.blocked",
        fingerprint: "c.entity || ':' || c.own_period",
        a: "NULL",
        b: "NULL",
        m: "NULL",
    };
}

/// One kind of exception: how it is found, and what is said about it.
struct Detector {
    kind: ExceptionKind,
    query: Query,
    why: fn(&Facts) -> String,
}

/// The detector of a kind.
fn detector(kind: ExceptionKind) -> &'static Detector {
    match kind {
        ExceptionKind::MissingMapping => &missing_mapping::DETECTOR,
        ExceptionKind::PaymentStatusMismatch => &payment_status_mismatch::DETECTOR,
        ExceptionKind::ChangedAfterPosting => &changed_after_posting::DETECTOR,
        ExceptionKind::LateForClosedPeriod => &late_for_closed_period::DETECTOR,
        ExceptionKind::Unposted => &unposted::DETECTOR,
        ExceptionKind::WrongCurrency => &wrong_currency::DETECTOR,
        ExceptionKind::SignReversed => &sign_reversed::DETECTOR,
        ExceptionKind::DuplicatePosting => &duplicate_posting::DETECTOR,
        ExceptionKind::AmountMismatch => &amount_mismatch::DETECTOR,
        ExceptionKind::TaxMismatch => &tax_mismatch::DETECTOR,
        ExceptionKind::WrongAccount => &wrong_account::DETECTOR,
        ExceptionKind::WrongEntity => &wrong_entity::DETECTOR,
        ExceptionKind::PeriodMoved => &period_moved::DETECTOR,
        ExceptionKind::WrongPeriod => &wrong_period::DETECTOR,
        ExceptionKind::OrphanJournal => &orphan_journal::DETECTOR,
        ExceptionKind::DuplicateCustomer => &duplicate_customer::DETECTOR,
        ExceptionKind::CustomerNotInErp => &customer_not_in_erp::DETECTOR,
        ExceptionKind::PostingInDoubt => &posting_in_doubt::DETECTOR,
        ExceptionKind::PostingRejected => &posting_rejected::DETECTOR,
        ExceptionKind::DeadLetter => &dead_letter::DETECTOR,
        ExceptionKind::SchemaDrift => &schema_drift::DETECTOR,
        ExceptionKind::SyncFailed => &sync_failed::DETECTOR,
    }
}

impl Detector {
    /// Inserts its findings; a subject and cause that an earlier detector found stays with that one.
    fn find(&self, conn: &Connection) -> Result<()> {
        let rows = match &self.query {
            Query::Rows(rows) => (*rows).to_owned(),
            Query::Comparison(over) => format!(
                "SELECT 'document', c.id, c.document_seq, c.reference, c.entity, c.period, c.currency,
                     c.total_minor, c.variance_minor, {}, {}, {}, coalesce({}, '-'), c.kind, {}, {}, {}
                 FROM comparison c WHERE {}",
                over.since,
                over.since_date,
                over.blocked,
                over.fingerprint,
                over.a,
                over.b,
                over.m,
                over.when
            ),
        };
        conn.prepare_cached(&format!(
            "INSERT INTO work_finding (kind, cause, subject_kind, subject, document_seq, external_ref, entity,
                 period, currency, amount_minor, variance_minor, since, since_date, blocked,
                     fingerprint, label,
                 a, b, m)
             SELECT ?1, ?2, r.* FROM ({rows}) r WHERE true ON CONFLICT DO NOTHING"
        ))?
        .execute([self.kind.as_str(), self.kind.cause().as_str()])?;
        Ok(())
    }
}

/// Runs detection over what changed since the last run, or over everything if there was none.
///
/// Works within the caller's transaction. Reads `dirty_reference` and empties it. The tables must be
/// those of the newest schema; expectations of changed documents must have been derived before.
///
/// # Errors
/// [`crate::error::StoreError::Sql`] of the database.
pub fn run(conn: &Connection, input: &DetectInput) -> Result<DetectSummary> {
    let as_of = ms(input.as_of);
    let last = state::last_run(conn)?;
    work::prepare(conn, as_of)?;
    let all = work::choose(conn, as_of, last)?;
    netting::run(conn)?;
    compare::run(conn)?;
    for kind in ExceptionKind::ALL {
        detector(*kind).find(conn)?;
    }
    let mut summary = settle::run(conn, input, all)?;
    settle::age(conn, input, last)?;
    settle::rename(conn, last)?;
    let looked_at = "SELECT (SELECT count(*) FROM work_reference) + (SELECT count(*) FROM work_entry)";
    let looked_at: i64 = conn.query_row(looked_at, [], |row| row.get(0))?;
    summary.looked_at = looked_at.unsigned_abs();
    conn.execute("DELETE FROM dirty_reference", [])?;
    state::remember(conn, as_of)?;
    work::clear(conn)?;
    Ok(summary)
}

/// As [`run`], over everything: forgets what earlier runs worked out (but no exception) first.
///
/// # Errors
/// As [`run`].
pub fn run_from_scratch(conn: &Connection, input: &DetectInput) -> Result<DetectSummary> {
    state::forget(conn)?;
    run(conn, input)
}
