//! What a detector is: how one kind of exception is found, and what is said about it.

use tieout_domain::exception::ExceptionKind;

use super::facts::Facts;
use crate::{db::Tx, error::Result, table::house_rule::by_role};

/// Where a detector finds its rows.
pub(super) enum Query {
    /// One row per document, from `comparison` (alias `c`).
    Comparison(Over),
    /// A whole SELECT of the columns of `work_finding` from `subject_kind` on.
    Rows(&'static str),
}

/// The parts of a query over `comparison`, as SQL.
pub(super) struct Over {
    /// When the document is found.
    pub when: &'static str,
    /// Since when (Unix milliseconds, NULL: the day of `since_date`).
    pub since: &'static str,
    /// The day since when, where no instant is known.
    pub since_date: &'static str,
    /// 1: its own period takes no more entries, which puts it into period close too.
    pub blocked: &'static str,
    /// What exceptions of one root cause share.
    pub fingerprint: &'static str,
    /// A text for the sentence.
    pub a: &'static str,
    /// Another text for the sentence.
    pub b: &'static str,
    /// A number for the sentence.
    pub m: &'static str,
}

impl Over {
    /// Trouble since the best entry was made.
    pub const SINCE_ENTRY: Over = Over {
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
    pub const SINCE_DUE: Over = Over {
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
pub(super) struct Detector {
    pub kind: ExceptionKind,
    pub query: Query,
    pub why: fn(&Facts) -> String,
}

/// Nothing that waits to be read could be a part of what the ledger holds for the document.
const JUDGED: &str = "NOT EXISTS (
    SELECT 1 FROM unread_reference u WHERE u.side = 'ledger' AND u.reference = c.reference)";

impl Detector {
    /// The SELECT of its findings.
    pub fn rows(&self) -> String {
        match &self.query {
            Query::Rows(rows) => (*rows).to_owned(),
            Query::Comparison(over) => format!(
                "SELECT 'document', c.id, c.document_seq, c.reference, c.entity, c.period, c.currency,
                     c.total_minor, c.variance_minor, {}, {}, {}, coalesce({}, '-'), c.kind, {}, {}, {}
                 FROM comparison c WHERE ({}) AND {}",
                over.since,
                over.since_date,
                over.blocked,
                over.fingerprint,
                over.a,
                over.b,
                over.m,
                over.when,
                // What the mapping lacks, it lacks whatever the ledger holds.
                if self.kind == ExceptionKind::MissingMapping { "1 = 1" } else { JUDGED }
            ),
        }
    }

    /// Inserts its findings; a subject and cause that an earlier detector found stays with that one.
    pub fn find(&self, tx: &Tx<'_>) -> Result<()> {
        let rows = self.rows();
        tx.prepare_cached(&by_role(
            tx,
            &format!(
            "INSERT INTO work_finding (kind, cause, subject_kind, subject, document_seq, external_ref, entity,
                 period, currency, amount_minor, variance_minor, since, since_date, blocked,
                     fingerprint, label,
                 a, b, m)
             SELECT ?1, ?2, r.* FROM ({rows}) r WHERE true ON CONFLICT DO NOTHING"
        ),
        )?)?
        .execute([self.kind.as_str(), self.kind.cause().as_str()])?;
        Ok(())
    }
}
