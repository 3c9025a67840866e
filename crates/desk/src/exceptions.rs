//! Exceptions: listed, shown, assigned, commented, held, dismissed; and detection itself.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::{
    DocumentId, EntityCode, ExceptionId, Money,
    calendar::PeriodKey,
    exception::{ExceptionKind, ExceptionState, Queue},
    people::Action,
};
use tieout_duties::{ItemFacts, Subject};
use tieout_store::{ExceptionMove, ExceptionRow, StoreError, View, ViewFilter};

use crate::{
    actor::Names,
    asking::By,
    error::{DeskError, DeskResult},
    views::{ExceptionRecord, Outcome, decimal_text},
    when,
    workspace::Desk,
};

/// Which exceptions to list.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
pub struct ExceptionsRequest {
    /// Shown in this queue.
    pub queue: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this entity.
    pub entity: Option<String>,
    /// Of this period.
    pub period: Option<String>,
    /// open (open, in progress and on hold), one state, or all.
    pub state: Option<String>,
    /// Whose reference contains this.
    pub search: Option<String>,
    /// Judge what is due as of this instant or date.
    pub as_of: Option<String>,
    /// At most so many.
    pub limit: Option<u32>,
}

/// Exceptions of one root cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CauseRecord {
    /// The root cause.
    pub group: String,
    /// The kind of its exceptions.
    pub kind: String,
    /// The currency; a group of two currencies is listed once for each.
    pub currency: String,
    /// How many.
    pub count: u64,
    /// Their variance together, minor units.
    #[ts(skip)]
    pub variance_minor: i64,
    /// The same in major units.
    pub variance: String,
    /// When the first of them should be settled.
    pub due_at: DateTime<Utc>,
    /// The first one's sentence.
    pub why: String,
}

/// Something that is done with exceptions as such.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct WorkRequest {
    /// The exceptions.
    pub ids: Vec<String>,
    /// What is done.
    pub work: Work,
    /// Only say what would become of it.
    #[serde(default)]
    pub dry_run: bool,
}

/// What is done.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Given to a person.
    Assign(String),
    /// Commented.
    Comment(String),
    /// Put aside, with a reason.
    Hold(String),
    /// Taken up again.
    Release,
    /// Nothing is to be done, with a reason.
    Dismiss(String),
}

impl Work {
    /// The move of the exception's state that it is, if it is one.
    fn moves(&self) -> Option<ExceptionMove> {
        match self {
            Work::Hold(_) => Some(ExceptionMove::Hold),
            Work::Release => Some(ExceptionMove::Release),
            Work::Dismiss(_) => Some(ExceptionMove::Dismiss),
            Work::Assign(_) | Work::Comment(_) => None,
        }
    }
}

fn states(text: Option<&str>) -> DeskResult<Vec<ExceptionState>> {
    match text {
        None | Some("open") => Ok(ExceptionState::ALL.into_iter().filter(|s| s.is_open()).collect()),
        Some("all") => Ok(Vec::new()),
        Some(name) => ExceptionState::parse(name).map(|state| vec![state]).ok_or_else(|| {
            let names: Vec<&str> = ExceptionState::ALL.iter().map(|s| s.as_str()).collect();
            DeskError::new(
                "state_unknown",
                format!("\"{name}\" is no state; there are {}, all", names.join(", ")),
            )
        }),
    }
}

fn filter(request: &ExceptionsRequest) -> DeskResult<ViewFilter> {
    let unknown = |what: &str, text: &str, names: Vec<&str>| {
        DeskError::new(
            format!("{what}_unknown"),
            format!("\"{text}\" is no {what}; there are {}", names.join(", ")),
        )
    };
    let queue = request.queue.as_deref().map(|text| {
        Queue::parse(text)
            .ok_or_else(|| unknown("queue", text, Queue::ALL.iter().map(|q| q.as_str()).collect()))
    });
    let kind = request.kind.as_deref().map(|text| {
        ExceptionKind::parse(text)
            .ok_or_else(|| unknown("kind", text, ExceptionKind::ALL.iter().map(|k| k.as_str()).collect()))
    });
    let entity: Option<EntityCode> = request.entity.as_deref().map(str::parse).transpose()?;
    Ok(ViewFilter {
        states: states(request.state.as_deref())?,
        kinds: kind.transpose()?.into_iter().collect(),
        queue: queue.transpose()?,
        entity: entity.map(|entity| entity.to_string()),
        period: request.period.clone(),
        search: request.search.clone(),
        ..ViewFilter::default()
    })
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

impl Desk {
    /// Brings expectations and exceptions up to date, as of the given instant or now.
    ///
    /// # Errors
    /// `bad_instant`, a database error.
    pub fn detect(&self, as_of: Option<&str>) -> DeskResult<()> {
        let now = self.clock.now();
        let as_of = as_of.map(when::instant).transpose()?.unwrap_or(now);
        self.progress.begin("Deriving what the ledger should hold", None);
        let derived = self.derive_expectations();
        self.progress.end();
        derived?;
        self.progress.begin("Comparing the ledgers", None);
        let detected = self.store().detect(as_of, now);
        self.progress.end();
        detected?;
        Ok(())
    }

    /// Looks for what fell due since the last detection.
    ///
    /// # Errors
    /// A database error.
    pub fn refresh(&self) -> DeskResult<()> {
        self.detect(None)
    }

    /// Lists exceptions, each once.
    ///
    /// # Errors
    /// `queue_unknown`, `kind_unknown`, `state_unknown`, `bad_instant`.
    pub fn exceptions(&self, request: &ExceptionsRequest) -> DeskResult<Vec<ExceptionRecord>> {
        let filter = filter(request)?;
        self.detect(request.as_of.as_deref())?;
        let names = self.names()?;
        let now = self.clock.now();
        let limit = request.limit.map_or(u64::MAX, u64::from);
        let rows = self.store().view_rows(&View { filter, sorts: Vec::new() }, 0, limit)?;
        Ok(rows.iter().map(|row| view(row, &names, now)).collect())
    }

    /// Open exceptions by root cause, the largest group first.
    ///
    /// # Errors
    /// As [`Desk::exceptions`].
    pub fn exception_groups(&self, request: &ExceptionsRequest) -> DeskResult<Vec<CauseRecord>> {
        let mut groups: BTreeMap<(String, String), CauseRecord> = BTreeMap::new();
        for row in self.exceptions(request)? {
            let key = (row.group.clone(), row.currency.clone());
            let group = groups.entry(key).or_insert_with(|| CauseRecord {
                group: row.group,
                kind: row.kind,
                currency: row.currency,
                count: 0,
                variance_minor: 0,
                variance: String::new(),
                due_at: row.due_at,
                why: row.why,
            });
            group.count += 1;
            group.variance_minor = group.variance_minor.saturating_add(row.variance_minor);
            group.due_at = group.due_at.min(row.due_at);
        }
        let mut groups: Vec<CauseRecord> = groups.into_values().collect();
        for group in &mut groups {
            group.variance = decimal_text(group.variance_minor, &group.currency);
        }
        groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.group.cmp(&b.group)));
        Ok(groups)
    }

    /// Assigns, comments, holds, releases or dismisses, one or many, each with its own outcome.
    ///
    /// # Errors
    /// Where the acting person cannot be established at all; what is refused is in the outcomes.
    pub fn work(&self, request: &WorkRequest) -> DeskResult<Vec<Outcome>> {
        let by = self.by(request.dry_run)?;
        Ok(request.ids.iter().map(|id| self.outcome(id, self.work_one(&by, id, &request.work))).collect())
    }

    /// What became of one of several, named as people name it also where it was refused.
    pub(crate) fn outcome(&self, id: &str, result: DeskResult<Done>) -> Outcome {
        let mut outcome = outcome(id, result);
        outcome.reference = outcome.reference.or_else(|| self.reference_of(id));
        outcome
    }

    pub(crate) fn work_one(&self, by: &By, id: &str, work: &Work) -> DeskResult<Done> {
        let row = self.find_exception(id)?;
        let action = match work {
            Work::Assign(_) => Action::Assign,
            Work::Comment(_) => Action::Comment,
            Work::Hold(_) => Action::Hold,
            Work::Release => Action::Release,
            Work::Dismiss(_) => Action::Dismiss,
        };
        let about = row.id.to_string();
        self.judged_by(by, action, item(&row), &about)?;
        if let Some(what) = work.moves() {
            self.store().check_exception_move(&row.id, what).map_err(|error| named(error, &row))?;
        }
        let By::Actor(actor) = by else {
            if let Work::Assign(to) = work {
                self.find_person(to)?;
            }
            return Ok(Done::new("dry_run", "Would be done").about(&row));
        };
        let moved = |what: ExceptionMove, reason: &str| {
            let detail = json!({ "reason": reason });
            self.signed(actor, action.as_str(), &about, detail, |store, log| {
                store.set_exception_state(&row.id, what, reason, log)
            })
            .map(|state| Done::new(state.as_str(), now_is(state)))
        };
        let done = match work {
            Work::Assign(to) => {
                let to = self.find_person(to)?;
                let detail = json!({ "to": to.name });
                self.signed(actor, "assign", &about, detail, |s, log| s.assign(&row.id, Some(&to.id), log))?;
                Ok(Done::new("assigned", format!("Assigned to {}", to.name)))
            }
            Work::Comment(text) => {
                let detail = json!({ "text": text });
                self.signed(actor, "comment", &about, detail, |s, log| s.comment(&row.id, text, log))?;
                Ok(Done::new("commented", "Comment kept"))
            }
            Work::Hold(reason) => moved(ExceptionMove::Hold, reason),
            Work::Release => moved(ExceptionMove::Release, ""),
            Work::Dismiss(reason) => moved(ExceptionMove::Dismiss, reason),
        };
        done.map(|done| done.about(&row))
    }

    /// The exception of this id, or the only open one of this reference.
    pub(crate) fn find_exception(&self, id: &str) -> DeskResult<ExceptionRow> {
        if let Ok(id) = id.parse::<ExceptionId>() {
            return Ok(self.store().exception(&id)?);
        }
        let filter =
            ViewFilter { states: states(None)?, reference: Some(id.to_owned()), ..ViewFilter::default() };
        let mut rows = self.store().view_rows(&View { filter, sorts: Vec::new() }, 0, u64::MAX)?;
        match rows.len() {
            1 => Ok(rows.remove(0)),
            0 => Err(DeskError::new("not_found", format!("there is no exception {id}"))),
            n => Err(DeskError::new(
                "ambiguous",
                format!("{id} has {n} open exceptions: name one by its id (exc_…)"),
            )),
        }
    }
}

/// What an exception has become, in a word or two.
fn now_is(state: ExceptionState) -> &'static str {
    match state {
        ExceptionState::Open => "Taken up again",
        ExceptionState::InProgress => "In progress",
        ExceptionState::OnHold => "On hold",
        ExceptionState::Dismissed => "Dismissed",
        ExceptionState::Closed => "Settled",
    }
}

/// What the store refuses, with the document's reference in the place of our id.
pub(crate) fn named(error: StoreError, row: &ExceptionRow) -> DeskError {
    let code = error.code();
    let reference = &row.external_ref;
    match error {
        StoreError::ExceptionState { state, wanted, .. } => {
            let state = state.replace('_', " ");
            DeskError::new(code, format!("{reference} is {state}: it cannot be {wanted}"))
        }
        StoreError::PostingInProgress { .. } => DeskError::new(
            code,
            format!("{reference} is already being settled by a posting: reroute or cancel that one"),
        ),
        other => other.into(),
    }
}

/// An exception as duties see it.
pub(crate) fn item(row: &ExceptionRow) -> Subject {
    Subject::Item(ItemFacts {
        id: row.id.clone(),
        entity: row.entity.clone(),
        kind: row.kind,
        amount: Some(Money::new(row.amount_minor, row.currency)),
    })
}

/// What became of one item.
pub(crate) struct Done {
    code: String,
    message: String,
    reference: Option<String>,
    posting: Option<String>,
    preview: Option<crate::views::Preview>,
    /// What would be booked, for who asks about many at once.
    pub(crate) entries: Option<Box<Booked>>,
    /// It would still need another person's approval.
    pub(crate) halfway: bool,
}

/// What a posting would book: its amount, and the place of each step.
pub(crate) struct Booked {
    pub(crate) amount: Money,
    pub(crate) places: Vec<(EntityCode, PeriodKey)>,
}

impl Done {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            reference: None,
            posting: None,
            preview: None,
            entries: None,
            halfway: false,
        }
    }

    pub(crate) fn halfway(mut self) -> Self {
        self.halfway = true;
        self
    }

    pub(crate) fn named(mut self, reference: &str) -> Self {
        self.reference = Some(reference.to_owned());
        self
    }

    /// What the item is about: its reference and amount.
    pub(crate) fn about(self, row: &ExceptionRow) -> Self {
        self.named(&row.external_ref).booking(Money::new(row.amount_minor, row.currency), Vec::new())
    }

    pub(crate) fn booking(mut self, amount: Money, places: Vec<(EntityCode, PeriodKey)>) -> Self {
        self.entries = Some(Box::new(Booked { amount, places }));
        self
    }

    pub(crate) fn of_posting(mut self, posting: impl ToString) -> Self {
        self.posting = Some(posting.to_string());
        self
    }

    pub(crate) fn with_preview(mut self, preview: crate::views::Preview) -> Self {
        self.preview = Some(preview);
        self
    }
}

/// The outcome of one of several items: a refusal of one never stops the others.
fn outcome(id: &str, result: DeskResult<Done>) -> Outcome {
    match result {
        Ok(done) => Outcome {
            id: id.to_owned(),
            result: "done".to_owned(),
            code: done.code,
            message: done.message,
            reference: done.reference,
            posting: done.posting,
            rule: None,
            who_could: Vec::new(),
            preview: done.preview,
        },
        Err(error) => Outcome {
            id: id.to_owned(),
            result: "refused".to_owned(),
            code: error.code,
            message: error.message,
            reference: None,
            posting: None,
            rule: error.rule,
            who_could: error.who_could,
            preview: None,
        },
    }
}
