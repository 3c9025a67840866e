//! An exception as scripts read it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_domain::DocumentId;
use tieout_store::ExceptionRow;

use crate::{access::actor::Names, base::labels::decimal_text};

/// An exception as scripts read it. The names of the fields are a promise to them; the window has
/// [`crate::queue::exception_views::ExceptionView`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ExceptionRecord {
    /// The exception's id.
    pub id: String,
    /// What is wrong.
    pub kind: String,
    /// The queue that lists it.
    pub queue: String,
    /// Every queue that shows it.
    pub queues: Vec<String>,
    /// Exceptions of one root cause have the same group.
    pub group: String,
    /// The document's number (or the orphan entry's reference, the customer's id …).
    pub external_ref: String,
    /// Our id of the document, where there is one.
    pub document: Option<String>,
    /// The legal entity.
    pub entity: Option<String>,
    /// The period.
    pub period: Option<String>,
    /// The currency.
    pub currency: String,
    /// The document's signed amount; for an orphan the journal's debit minus credit on the control account.
    #[ts(skip)]
    pub amount_minor: i64,
    /// The same in major units.
    pub amount: String,
    /// Ledger minus billing.
    #[ts(skip)]
    pub variance_minor: i64,
    /// The same in major units.
    pub variance: String,
    /// low, medium, high or critical.
    pub severity: String,
    /// The owning team.
    pub owner: String,
    /// The person who works it.
    pub assignee: Option<String>,
    /// When it should be settled, UTC.
    pub due_at: DateTime<Utc>,
    /// True when that is past.
    pub overdue: bool,
    /// open, in_progress, on_hold, dismissed or closed.
    pub state: String,
    /// What happened, in one sentence.
    pub why: String,
}

pub(crate) fn view(row: &ExceptionRow, names: &Names, now: DateTime<Utc>) -> ExceptionRecord {
    let currency = row.currency.code();
    ExceptionRecord {
        id: row.id.to_string(),
        kind: row.kind.as_str().to_owned(),
        queue: row.kind.home().as_str().to_owned(),
        queues: row.queues().iter().map(|q| q.as_str().to_owned()).collect(),
        group: row.group_key.clone(),
        external_ref: row.external_ref.clone(),
        document: row.document.as_ref().map(DocumentId::to_string),
        entity: row.entity.as_ref().map(ToString::to_string),
        period: row.period.as_ref().map(ToString::to_string),
        currency: currency.to_owned(),
        amount_minor: row.amount_minor,
        amount: decimal_text(row.amount_minor, currency),
        variance_minor: row.variance_minor,
        variance: decimal_text(row.variance_minor, currency),
        severity: row.severity.as_str().to_owned(),
        owner: row.owner.as_str().to_owned(),
        assignee: row.assignee.as_ref().map(|id| names.of(id.as_str())),
        due_at: row.due_at,
        overdue: row.state.is_open() && row.due_at < now,
        state: row.state.as_str().to_owned(),
        why: row.why.clone(),
    }
}
