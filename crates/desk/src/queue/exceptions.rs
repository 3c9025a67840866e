//! Exceptions: listed, shown, assigned, commented, held, dismissed; and detection itself.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::{
    EntityCode, ExceptionId, Money, PersonId,
    exception::{ExceptionKind, ExceptionState, Queue},
    people::Action,
};
use tieout_duties::{ItemFacts, Subject};
use tieout_store::{ExceptionMove, ExceptionRow, View, ViewFilter};

use crate::{
    access::{
        actor::{self},
        judging::{self, By},
    },
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
        views::Outcome,
    },
    intake::detection,
    queue::{
        mentions,
        outcome::{self, Done, named},
        record::{ExceptionView, Reader},
    },
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
    #[ts(as = "Option<closed::StateAsked>")]
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
#[serde(deny_unknown_fields)]
pub struct WorkRequest {
    /// The exceptions.
    pub ids: Vec<String>,
    /// What is done.
    pub work: Work,
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
                Code::StateUnknown,
                format!("\"{name}\" is no state; there are {}, all", names.join(", ")),
            )
        }),
    }
}

fn filter(request: &ExceptionsRequest) -> DeskResult<ViewFilter> {
    let unknown = |code: Code, what: &str, text: &str, names: Vec<&str>| {
        DeskError::new(code, format!("\"{text}\" is no {what}; there are {}", names.join(", ")))
    };
    let queue = request.queue.as_deref().map(|text| {
        Queue::parse(text).ok_or_else(|| {
            unknown(Code::QueueUnknown, "queue", text, Queue::ALL.iter().map(|q| q.as_str()).collect())
        })
    });
    let kind = request.kind.as_deref().map(|text| {
        ExceptionKind::parse(text).ok_or_else(|| {
            unknown(Code::KindUnknown, "kind", text, ExceptionKind::ALL.iter().map(|k| k.as_str()).collect())
        })
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

/// Lists exceptions, each once.
///
/// # Errors
/// `queue_unknown`, `kind_unknown`, `state_unknown`, `bad_instant`.
pub fn exceptions(ctx: &Context, request: &ExceptionsRequest) -> DeskResult<Vec<ExceptionView>> {
    let filter = filter(request)?;
    detection::detect(ctx, request.as_of.as_deref())?;
    let reader = Reader::now(ctx)?;
    let limit = request.limit.map_or(u64::MAX, u64::from);
    let page = ctx.store().view_page(&View { filter, sorts: Vec::new() }, 0, limit)?;
    Ok(page.rows.iter().map(|one| reader.shown(one)).collect())
}

/// Open exceptions by root cause, the largest group first.
///
/// # Errors
/// As [`exceptions`].
pub fn exception_groups(ctx: &Context, request: &ExceptionsRequest) -> DeskResult<Vec<CauseRecord>> {
    let mut groups: BTreeMap<(String, String), CauseRecord> = BTreeMap::new();
    for row in exceptions(ctx, request)? {
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
        group.variance_minor = group.variance_minor.checked_add(row.variance_minor).ok_or_else(|| {
            DeskError::new(Code::MoneyOverflow, "The variances of one cause are too large to be added up")
        })?;
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
pub fn work(ctx: &Context, request: &WorkRequest) -> DeskResult<Vec<Outcome>> {
    let by = judging::by(ctx, false)?;
    Ok(request
        .ids
        .iter()
        .map(|id| outcome::outcome(ctx, id, work_one(ctx, &by, id, &request.work)))
        .collect())
}

pub(crate) fn work_one(ctx: &Context, by: &By, id: &str, work: &Work) -> DeskResult<Done> {
    let row = find_exception(ctx, id)?;
    let action = match work {
        Work::Assign(_) => Action::Assign,
        Work::Comment(_) => Action::Comment,
        Work::Hold(_) => Action::Hold,
        Work::Release => Action::Release,
        Work::Dismiss(_) => Action::Dismiss,
    };
    let about = row.id.to_string();
    judging::judged_by(ctx, by, action, item(&row), &about)?;
    if let Some(what) = work.moves() {
        ctx.store().check_exception_move(&row.id, what).map_err(|error| named(error, &row))?;
    }
    let By::Actor(actor) = by else {
        if let Work::Assign(to) = work {
            actor::find_person(ctx, to)?;
        }
        return Ok(Done::new("dry_run", "Would be done").about(&row));
    };
    let moved = |what: ExceptionMove, reason: &str| {
        let detail = json!({ "reason": reason });
        actor::signed(ctx, actor, action.as_str(), &about, detail, |store, log| {
            store.set_exception_state(&row.id, what, reason, log)
        })
        .map(|state| Done::plainly(state.as_str(), now_is(state)))
    };
    let done = match work {
        Work::Assign(to) => {
            let to = actor::find_person(ctx, to)?;
            let detail = json!({ "to": to.name });
            actor::signed(ctx, actor, "assign", &about, detail, |s, log| {
                s.assign(&row.id, Some(&to.id), log)
            })?;
            Ok(Done::new("assigned", format!("Assigned to {}", to.name)))
        }
        Work::Comment(text) => {
            let people = ctx.known().people()?;
            let asks: Vec<_> =
                mentions::asked(text, &people).into_iter().filter(|id| id != actor.id()).collect();
            let detail = json!({ "text": text });
            actor::signed(ctx, actor, "comment", &about, detail, |store, log| {
                store.comment(&row.id, (text, &asks), log)
            })?;
            let name = |id: &PersonId| {
                people.iter().find(|person| person.id == *id).map(|person| person.name.as_str())
            };
            let names: Vec<&str> = asks.iter().filter_map(name).collect();
            Ok(match names.as_slice() {
                [] => Done::plainly("commented", "Comment kept"),
                some => Done::new("commented", format!("Comment kept; it asks {}", some.join(" and "))),
            })
        }
        Work::Hold(reason) => moved(ExceptionMove::Hold, reason),
        Work::Release => moved(ExceptionMove::Release, ""),
        Work::Dismiss(reason) => moved(ExceptionMove::Dismiss, reason),
    };
    done.map(|done| done.about(&row))
}

/// The exception of this id, or the only open one of this reference.
pub(crate) fn find_exception(ctx: &Context, id: &str) -> DeskResult<ExceptionRow> {
    if let Ok(id) = id.parse::<ExceptionId>() {
        return Ok(ctx.known().exception(&id)?);
    }
    let filter =
        ViewFilter { states: states(None)?, reference: Some(id.to_owned()), ..ViewFilter::default() };
    let mut rows = ctx.store().view_rows(&View { filter, sorts: Vec::new() }, 0, u64::MAX)?;
    match rows.len() {
        1 => Ok(rows.remove(0)),
        0 => Err(DeskError::new(Code::NotFound, format!("there is no exception {id}"))),
        n => Err(DeskError::new(
            Code::Ambiguous,
            format!("{id} has {n} open exceptions: name one by its id (exc_…)"),
        )),
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

/// An exception as duties see it.
pub(crate) fn item(row: &ExceptionRow) -> Subject {
    Subject::Item(ItemFacts {
        id: row.id.clone(),
        entity: row.entity.clone(),
        kind: row.kind,
        amount: Some(Money::new(row.amount_minor, row.currency)),
    })
}
