//! An exception as it is read: by the grid, by one exception's screen, by scripts.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_domain::{DocumentId, exception::Gravity};
use tieout_store::{ExceptionRow, ListedException};

use crate::{
    access::actor::{self, Names},
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::{self, decimal_text},
        said::Said,
    },
    governance::reporting::{self, Reporting},
    queue::{late, late_words},
};

/// An exception as screens and scripts read it. The names of the fields are a promise to scripts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ExceptionView {
    /// The exception's id.
    pub id: String,
    /// What is wrong.
    pub kind: String,
    /// The same in plain words.
    pub kind_name: String,
    /// How bad that is by itself.
    #[ts(type = "\"blocked\" | \"doubtful\" | \"routine\"")]
    pub kind_gravity: Gravity,
    /// The queue that lists it.
    pub queue: String,
    /// Every queue that shows it.
    pub queues: Vec<String>,
    /// Exceptions of one root cause have the same group.
    pub group: String,
    /// The document's number (or the orphan entry's reference, the customer's id …).
    pub external_ref: String,
    /// Billing's own id of the document, where there is one.
    pub vendor_id: Option<String>,
    /// Our id of the document, where there is one.
    pub document: Option<String>,
    /// The customer's name, or the id where billing gives no name.
    pub customer: Option<String>,
    /// What the document is called, where there is one: what concerns no customer is known by it.
    pub noun: Option<String>,
    /// The legal entity.
    pub entity: Option<String>,
    /// The period.
    pub period: Option<String>,
    /// The document's date.
    pub dated: Option<String>,
    /// The currency.
    pub currency: String,
    /// The amount in minor units.
    #[ts(skip)]
    pub amount_minor: i64,
    /// The document's signed amount, major units; for an orphan the journal's debit minus credit on the
    /// control account.
    pub amount: String,
    /// The amount in the reporting currency, major units; `None` where no rate is known.
    pub worth: Option<String>,
    /// The variance in minor units.
    #[ts(skip)]
    pub variance_minor: i64,
    /// Ledger minus billing, major units.
    pub variance: String,
    /// low, medium, high or critical.
    #[ts(as = "closed::Severity")]
    pub severity: String,
    /// The owning team.
    pub owner: String,
    /// The person who works it.
    pub assignee: Option<String>,
    /// When it was found, UTC.
    pub opened_at: DateTime<Utc>,
    /// When it should be settled, UTC.
    pub due_at: DateTime<Utc>,
    /// True when that is past.
    pub overdue: bool,
    /// open, in_progress, on_hold, dismissed or closed.
    #[ts(as = "closed::ExceptionState")]
    pub state: String,
    /// True when it was already open when its period closed.
    pub backlog: bool,
    /// What happened, in one sentence.
    pub why: String,
    /// The same in pieces, for a page.
    pub said: Vec<Said>,
    /// What is in the way, in two or three words.
    pub in_the_way: String,
    /// How bad that is.
    #[ts(type = "\"blocked\" | \"doubtful\" | \"routine\"")]
    pub gravity: Gravity,
    /// Of a late item, where it goes by which rule of which policy, or who it waits for; `None` of others,
    /// and where the policy has no rules for them.
    pub late: Option<String>,
}

/// What a row needs beside itself to be read.
pub(crate) struct Reader<'c> {
    ctx: &'c Context,
    names: Names,
    now: DateTime<Utc>,
    reporting: Reporting,
    /// Whether there are rules for late items.
    rules: bool,
}

impl<'c> Reader<'c> {
    /// As people are called, rates stand and ages are now.
    pub(crate) fn now(ctx: &'c Context) -> DeskResult<Self> {
        let names = actor::names(ctx)?;
        let rules = late::rules(&ctx.store())?.is_some();
        Ok(Self { ctx, names, now: ctx.clock.now(), reporting: reporting::in_force(ctx)?, rules })
    }

    /// A row as it is read.
    pub(crate) fn shown(&self, one: &ListedException) -> ExceptionView {
        let view = shown(one, &self.names, self.now, &self.reporting);
        let row = &one.row;
        if !self.rules || !late::is_candidate(row) {
            return view;
        }
        // What cannot be judged is shown without; whoever acts on it is told why.
        match late::of_listed(self.ctx, row).ok().flatten() {
            Some(ruled) => ExceptionView {
                in_the_way: one
                    .posting
                    .as_ref()
                    .map_or_else(|| late_words::short(&ruled), |_| view.in_the_way),
                late: Some(late_words::line(&ruled)),
                ..view
            },
            None => ExceptionView { late: self.posted(row).ok().flatten(), ..view },
        }
    }

    /// What its posting says of it.
    fn posted(&self, row: &ExceptionRow) -> DeskResult<Option<String>> {
        let postings = self.ctx.known().postings_for_exception(&row.id)?;
        match postings.iter().find(|posting| !posting.state.is_final()) {
            Some(live) => late_words::of_posting(self.ctx, &live.posting),
            None => Ok(None),
        }
    }
}

fn shown(one: &ListedException, names: &Names, now: DateTime<Utc>, reporting: &Reporting) -> ExceptionView {
    let row = &one.row;
    let currency = row.currency.code();
    let (in_the_way, gravity) = labels::in_the_way(one);
    ExceptionView {
        id: row.id.to_string(),
        kind: row.kind.as_str().to_owned(),
        kind_name: row.kind.label().to_owned(),
        kind_gravity: row.kind.gravity(),
        queue: row.kind.home().as_str().to_owned(),
        queues: row.queues().iter().map(|q| q.as_str().to_owned()).collect(),
        group: row.group_key.clone(),
        external_ref: row.external_ref.clone(),
        vendor_id: one.vendor_id.clone(),
        document: row.document.as_ref().map(DocumentId::to_string),
        customer: one.customer.clone(),
        noun: one.document_kind.map(|kind| kind.label().to_owned()),
        entity: row.entity.as_ref().map(ToString::to_string),
        period: row.period.as_ref().map(ToString::to_string),
        dated: one.dated.clone(),
        currency: currency.to_owned(),
        amount_minor: row.amount_minor,
        amount: decimal_text(row.amount_minor, currency),
        worth: reporting.worth(row.amount_minor, currency),
        variance_minor: row.variance_minor,
        variance: decimal_text(row.variance_minor, currency),
        severity: row.severity.as_str().to_owned(),
        owner: row.owner.as_str().to_owned(),
        assignee: row.assignee.as_ref().map(|id| names.of(id.as_str())),
        opened_at: row.opened_at,
        due_at: row.due_at,
        overdue: row.state.is_open() && row.due_at < now,
        state: row.state.as_str().to_owned(),
        backlog: row.backlog,
        why: row.why.clone(),
        said: Said::of(&row.said),
        in_the_way,
        gravity,
        late: None,
    }
}

/// One exception as the grid shows it.
pub(crate) fn listed(ctx: &Context, row: &ExceptionRow) -> DeskResult<ExceptionView> {
    let listed = ctx.store().exceptions_of(&[row.id.to_string()])?;
    let one = listed.first().ok_or_else(|| DeskError::new(Code::NotFound, "it is gone by now"))?;
    Ok(Reader::now(ctx)?.shown(one))
}
