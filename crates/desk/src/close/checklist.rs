//! The checklist of a close: tasks of a template file that two people brought in, due on working days of the
//! close. Who does one signs that it is done, where it asks for it with what proves it.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use tieout_domain::{
    ChangeId,
    checklist::{Checklist, Task, working_day},
    people::Action,
};
use tieout_store::{Change, ChangeKind};

use crate::{
    access::actor,
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    close::arithmetic::Books,
    governance::changes::{self, ChangeView},
};

/// The name under which the checklist is governed: there is one.
const CHECKLIST: &str = "checklist";

/// A checklist file to bring in.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ImportChecklistRequest {
    /// The file.
    pub file: PathBuf,
}

/// Whose checklist.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ChecklistRequest {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// The instant or date by which tasks are overdue; now without one.
    #[serde(default)]
    pub as_of: Option<String>,
}

/// A task that is done, or is to be done again.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct TaskRequest {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// The task's id.
    pub task: String,
    /// What was done, and where that is to be found; why it is to be done again.
    #[serde(default)]
    pub note: String,
    /// True where it is to be done again.
    #[serde(default)]
    pub again: bool,
    /// The instant or date by which tasks are overdue; now without one.
    #[serde(default)]
    pub as_of: Option<String>,
}

/// One task of a close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct TaskView {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub name: String,
    /// Who does it.
    pub owner: String,
    /// The working day of the close.
    pub working_day: u32,
    /// That day.
    pub due: Option<String>,
    /// How it stands.
    #[ts(as = "closed::TaskState")]
    pub state: String,
    /// The tasks before it that are not done.
    pub waits_for: Vec<String>,
    /// True where it asks for a note that proves it.
    pub evidence: bool,
    /// Who signed that it is done.
    pub done_by: Option<String>,
    /// When.
    pub done_at: Option<DateTime<Utc>>,
    /// What they noted.
    pub note: Option<String>,
}

/// The checklist of a close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ChecklistView {
    /// Its tasks, in the file's order.
    pub tasks: Vec<TaskView>,
    /// How many are done.
    pub done: u64,
    /// How many are overdue.
    pub overdue: u64,
    /// The next one that can be done.
    pub next: Option<String>,
}

/// Brings in a checklist. It is checked now, and inert until another person approves it.
///
/// # Errors
/// `file_unusable`, `checklist_…`, a refusal.
pub fn import_checklist(ctx: &Context, request: &ImportChecklistRequest) -> DeskResult<ChangeView> {
    let text = changes::read_text(&request.file)?;
    parsed(&text).map_err(|error| error.at(&request.file.display().to_string()))?;
    changes::propose_change(ctx, ChangeKind::Checklist, CHECKLIST, &text)
}

fn parsed(text: &str) -> DeskResult<Checklist> {
    Checklist::parse(text).map_err(|error| DeskError::below(error.code(), error.to_string()))
}

fn in_force(ctx: &Context) -> DeskResult<Option<Checklist>> {
    let change = ctx.store().change_in_force_named(ChangeKind::Checklist, CHECKLIST)?;
    change.map(|change| parsed(&change.content)).transpose()
}

/// The checklist of an entity and period; without tasks where none is in force.
///
/// # Errors
/// `mapping_required`, `not_found`, `bad_instant`, a database error.
pub fn close_checklist(ctx: &Context, request: &ChecklistRequest) -> DeskResult<ChecklistView> {
    let books = Books::placed(ctx, (&request.entity, &request.period), request.as_of.as_deref())?;
    view(ctx, &books)
}

/// The checklist of these books.
pub(crate) fn view(ctx: &Context, books: &Books) -> DeskResult<ChecklistView> {
    let Some(list) = in_force(ctx)? else {
        return Ok(ChecklistView { tasks: Vec::new(), done: 0, overdue: 0, next: None });
    };
    let policy = actor::policy_in_force(ctx)?;
    let hours = policy.as_ref().and_then(|policy| policy.sla().business(Some(&books.entity.code)));
    let ends = books.end_of(books.period.as_str());
    let mut done: BTreeMap<&str, Change> = BTreeMap::new();
    for task in list.of(&books.entity.code) {
        let name = name_of(books, &task.id);
        if let Some(change) = ctx.store().change_in_force_named(ChangeKind::TaskDone, &name)? {
            done.insert(&task.id, change);
        }
    }
    let names = actor::names(ctx)?;
    let task_view = |task: &Task| {
        let due = ends.and_then(|ends| working_day(ends, task.due, hours));
        let signed = done.get(task.id.as_str());
        let before = task.needs.iter().filter(|id| !done.contains_key(id.as_str()));
        let waits_for: Vec<String> = before
            .filter_map(|id| list.of(&books.entity.code).find(|one| one.id == *id))
            .map(called)
            .collect();
        TaskView {
            id: task.id.clone(),
            name: task.name.clone(),
            owner: task.owner.clone(),
            working_day: task.due,
            due: due.map(|day| day.to_string()),
            state: state(signed.is_some(), &waits_for, due, books.today).to_owned(),
            waits_for,
            evidence: task.evidence,
            done_by: signed.map(|change| names.of(&change.author)),
            done_at: signed.map(|change| change.proposed_at),
            note: signed.map(|change| note_of(&change.content)),
        }
    };
    let tasks: Vec<TaskView> = list.of(&books.entity.code).map(task_view).collect();
    let open = |task: &&TaskView| task.state != "done" && task.waits_for.is_empty();
    Ok(ChecklistView {
        done: tasks.iter().filter(|task| task.state == "done").count() as u64,
        overdue: tasks.iter().filter(|task| task.state == "overdue").count() as u64,
        next: tasks.iter().filter(open).min_by_key(|task| task.working_day).map(|task| task.name.clone()),
        tasks,
    })
}

fn called(task: &Task) -> String {
    task.name.clone()
}

fn state(done: bool, waits_for: &[String], due: Option<NaiveDate>, today: NaiveDate) -> &'static str {
    match (done, due) {
        (true, _) => "done",
        (false, Some(due)) if due < today => "overdue",
        (false, _) if !waits_for.is_empty() => "waiting",
        (false, _) => "open",
    }
}

fn name_of(books: &Books, task: &str) -> String {
    format!("{}/{}/{task}", books.entity.code, books.period)
}

const NOTE: &str = "Note: ";

fn note_of(text: &str) -> String {
    text.lines().find_map(|line| line.strip_prefix(NOTE)).unwrap_or_default().to_owned()
}

/// Signs that a task is done, or that it is to be done again.
///
/// # Errors
/// A refusal, `not_found`, `reason_missing`, `task_waits`, `nothing_to_decide`.
pub fn close_task(ctx: &Context, request: &TaskRequest) -> DeskResult<ChecklistView> {
    let actor = actor::actor(ctx)?;
    let books = Books::placed(ctx, (&request.entity, &request.period), request.as_of.as_deref())?;
    let before = view(ctx, &books)?;
    let task = before.tasks.iter().find(|task| task.id == request.task).ok_or_else(|| {
        let all: Vec<&str> = before.tasks.iter().map(|task| task.id.as_str()).collect();
        let message = format!(
            "the checklist of {} has no task {}; it has {}",
            books.entity.code,
            request.task,
            if all.is_empty() { "none: import one".to_owned() } else { all.join(", ") }
        );
        DeskError::new(Code::NotFound, message)
    })?;
    let name = name_of(&books, &task.id);
    let facts = changes::change_facts(&ChangeId::derive(&[&name]), actor.id(), ChangeKind::TaskDone);
    actor::judge(ctx, &actor, Action::ProposeChange, facts, &name)?;
    let note = request.note.split_whitespace().collect::<Vec<_>>().join(" ");
    if note.is_empty() && (request.again || task.evidence) {
        let message = format!("{}: say what was done and where that is to be found, or why not", task.name);
        return Err(DeskError::new(Code::ReasonMissing, message));
    }
    if request.again != (task.state == "done") {
        let message =
            format!("{} is {}", task.name, if request.again { "not done yet" } else { "done already" });
        return Err(DeskError::new(Code::NothingToDecide, message));
    }
    if request.again {
        let detail = serde_json::json!({ "reason": note });
        actor::signed(ctx, &actor, "task_again", &name, detail, |store, log| {
            store.retire_change(ChangeKind::TaskDone, &name, log)
        })?;
        return view(ctx, &books);
    }
    if !task.waits_for.is_empty() {
        let message = format!("{} waits for {}", task.name, task.waits_for.join(", "));
        return Err(DeskError::new(Code::TaskWaits, message));
    }
    let place = format!("{}, {}", books.entity.code, books.period);
    let text = format!("Done in the close of {place}: {}\n{NOTE}{note}\n", task.name);
    let change = changes::keep_signed(ctx, &actor, (ChangeKind::TaskDone, &name), &text, "task_signed")?;
    changes::decide_signed(ctx, &actor, &change, (true, "task_done"), None)?;
    view(ctx, &books)
}
