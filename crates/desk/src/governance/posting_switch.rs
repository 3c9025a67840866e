//! Whether approved postings are sent to a connection, or handed over to it in files. A new connection only
//! observes: it is read, compared and reported on. An administrator proposes that it posts, another person
//! approves, and both sign the figures of its tie-out; switching it off again takes one administrator.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::people::Action;
use tieout_duties::Subject;
use tieout_store::{Change, ChangeFilter, ChangeKind, ChangeState, Connection, ConnectionRole};

use crate::{
    access::{action::ActionView, actor, judging},
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::{
        changes::{self, ChangeView},
        figures,
    },
};

/// The approval of posting to a connection, by who saw these figures.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct ApprovePostingRequest {
    /// The connection's id or name.
    pub id: String,
    /// The hash of the figures that the person saw.
    pub content: Option<String>,
}

/// Switching posting to a connection off.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct PostingOffRequest {
    /// The connection's id or name.
    pub id: String,
    /// Why.
    pub reason: String,
}

/// Whether approved postings are sent to a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PostingSwitch {
    /// never (nothing can be posted to it), observing, proposed or on.
    #[ts(as = "closed::PostingSwitchState")]
    pub state: String,
    /// Since when it is on.
    pub since: Option<DateTime<Utc>>,
    /// Who proposed what is on or waits.
    pub proposed_by: Option<String>,
    /// Who approved it.
    pub approved_by: Vec<String>,
    /// The governed change that is on or waits.
    pub change: Option<String>,
    /// The hash of the figures that it signs.
    pub hash: Option<String>,
    /// What it still waits for, in words; empty where nothing.
    pub needs: String,
    /// What may be done with it now: propose_change, approve and manage_connections (to switch it off).
    pub actions: Vec<ActionView>,
}

/// True where postings can be sent to such a connection at all, or handed over to it in files.
fn posts(connection: &Connection) -> bool {
    connection.role == ConnectionRole::Erp
}

/// The change that says so, where posting to this connection is switched on.
fn on(ctx: &Context, connection: &Connection) -> DeskResult<Option<Change>> {
    Ok(ctx.known().change_in_force_named(ChangeKind::Posting, connection.id.as_str())?)
}

/// What waits for its approval, the newest.
fn proposed(ctx: &Context, connection: &Connection) -> DeskResult<Option<Change>> {
    let filter = ChangeFilter {
        kind: Some(ChangeKind::Posting),
        name: Some(connection.id.to_string()),
        state: Some(ChangeState::Inert),
    };
    Ok(ctx.store().changes(&filter)?.into_iter().next())
}

/// True while approved postings are sent to it.
pub(crate) fn is_on(ctx: &Context, connection: &Connection) -> DeskResult<bool> {
    Ok(on(ctx, connection)?.is_some())
}

/// Refuses to prepare, approve or send for a connection that only observes.
///
/// # Errors
/// `connection_observes`.
pub(crate) fn must_be_on(ctx: &Context, connection: &Connection) -> DeskResult<()> {
    match is_on(ctx, connection)? {
        true => Ok(()),
        false => Err(DeskError::new(Code::ConnectionObserves, observes(&connection.name))),
    }
}

/// That nothing is sent there, and what to do, in words.
pub(crate) fn observes(name: &str) -> String {
    format!(
        "{name} only observes: nothing is posted to it before an administrator proposes that and another \
         person approves it, under Connections or by tieout connection posting propose {name}"
    )
}

/// How posting to a connection stands, and what may be done about it.
pub(crate) fn switch_view(ctx: &Context, connection: &Connection) -> DeskResult<PostingSwitch> {
    let ctx = &ctx.asking();
    let (on, waits) = (on(ctx, connection)?, proposed(ctx, connection)?);
    let change = waits.as_ref().or(on.as_ref());
    let state = match (posts(connection), &on, &waits) {
        (false, _, _) => "never",
        (true, Some(_), _) => "on",
        (true, None, Some(_)) => "proposed",
        (true, None, None) => "observing",
    };
    let view = change.map(|change| changes::judged_change(ctx, change)).transpose()?;
    let mut actions = Vec::new();
    match state {
        "observing" => actions.push(may_propose(ctx, connection)),
        "on" => {
            actions.push(judging::may(ctx, Action::ManageConnections, Subject::Workspace, &connection.name));
        }
        _ => {}
    }
    actions.extend(view.iter().filter(|_| waits.is_some()).flat_map(|view| view.actions.clone()));
    Ok(PostingSwitch {
        state: state.to_owned(),
        since: on.as_ref().map(|change| change.decided_at.unwrap_or(change.proposed_at)),
        proposed_by: view.as_ref().map(|view| view.author.clone()),
        approved_by: view.as_ref().map(|view| view.approved_by.clone()).unwrap_or_default(),
        change: change.map(|change| change.id.to_string()),
        hash: change.map(|change| change.hash.clone()),
        needs: match &waits {
            Some(change) => who_is_needed(ctx, change)?,
            None => String::new(),
        },
        actions,
    })
}

fn may_propose(ctx: &Context, connection: &Connection) -> ActionView {
    let judged = judging::by(ctx, true)
        .and_then(|by| {
            judging::judged_by(ctx, &by, Action::ManageConnections, Subject::Workspace, &connection.name)
        })
        .and_then(|()| figures::was_read(ctx, connection));
    ActionView::of(Action::ProposeChange, judged.err())
}

/// Who could approve what waits, in words; who is lacking where nobody could.
fn who_is_needed(ctx: &Context, change: &Change) -> DeskResult<String> {
    let Ok(author) = change.author.parse() else { return Ok(String::new()) };
    let facts = changes::change_facts(&change.id, &author, change.kind);
    let roster = actor::roster(ctx)?;
    let could = actor::duties(ctx)?.who_could(Action::ApproveChange, &facts, &roster);
    let names: Vec<&str> = could.iter().filter_map(|id| roster.get(id)).map(|m| m.name.as_str()).collect();
    Ok(match names.as_slice() {
        [] => "the approval of another person, and nobody else here may give it: add a controller or a \
               second administrator (tieout person add NAME --role controller)"
            .to_owned(),
        names => format!("the approval of another person: {}", names.join(", ")),
    })
}

/// Proposes that approved postings are sent to a connection, signing the figures of its tie-out as they
/// stand. It is inert until another person approves it.
///
/// # Errors
/// A refusal, `not_found`, `nothing_to_post`, `ledger_not_read`, `nothing_to_decide` where it is on already.
pub(crate) fn propose(ctx: &Context, connection: &Connection) -> DeskResult<ChangeView> {
    let actor = actor::actor(ctx)?;
    actor::judge(ctx, &actor, Action::ManageConnections, Subject::Workspace, &connection.name)?;
    if !posts(connection) {
        let message = format!("{} is no ERP that can be posted to", connection.name);
        return Err(DeskError::new(Code::NothingToPost, message));
    }
    if is_on(ctx, connection)? {
        let message = format!("posting to {} is switched on already", connection.name);
        return Err(DeskError::new(Code::NothingToDecide, message));
    }
    let text = figures::of_ledger(ctx, connection)?;
    // What waited with figures of before is replaced: nobody is to approve what has moved.
    if let Some(before) = proposed(ctx, connection)? {
        if before.content == text {
            return waiting(ctx, &before);
        }
        changes::withdraw_own(ctx, &actor, ChangeKind::Posting, connection.id.as_str())?;
    }
    let view = changes::propose_signed(ctx, &actor, ChangeKind::Posting, connection.id.as_str(), &text)?;
    let change = ctx.store().change(&view.id.parse()?)?;
    waiting(ctx, &change)
}

/// A change that waits, saying who is still needed.
fn waiting(ctx: &Context, change: &Change) -> DeskResult<ChangeView> {
    let view = changes::judged_change(ctx, change)?;
    Ok(ChangeView { needs: who_is_needed(ctx, change)?, ..view })
}

/// Approves what was proposed: from then on approved postings are sent.
///
/// # Errors
/// A refusal, `nothing_to_decide`, `content_not_shown`, `content_changed`, `figures_moved`.
pub(crate) fn approve(ctx: &Context, connection: &Connection, shown: Option<&str>) -> DeskResult<ChangeView> {
    let by = judging::by(ctx, false)?;
    let change = proposed(ctx, connection)?.ok_or_else(|| {
        let message = format!("nobody proposed to post to {}: an administrator does that", connection.name);
        DeskError::new(Code::NothingToDecide, message)
    })?;
    changes::check_seen(&change, &connection.name, shown)?;
    changes::decide_change(ctx, &by, &change, true, None)
}

/// Switches posting to a connection off, alone. What is being sent comes to its end; what waits stays.
///
/// # Errors
/// A refusal, `nothing_to_decide` where it is off already, `reason_missing`.
pub(crate) fn off(ctx: &Context, connection: &Connection, reason: &str) -> DeskResult<()> {
    let actor = actor::actor(ctx)?;
    actor::judge(ctx, &actor, Action::ManageConnections, Subject::Workspace, &connection.name)?;
    if reason.trim().is_empty() {
        return Err(DeskError::new(Code::ReasonMissing, "say why posting is switched off"));
    }
    let detail = json!({ "name": connection.name, "reason": reason });
    let subject = connection.id.as_str();
    let retired = actor::signed(ctx, &actor, "posting_switched_off", subject, detail, |store, log| {
        store.retire_change(ChangeKind::Posting, connection.id.as_str(), log)
    })?;
    if !retired {
        let message = format!("posting to {} is not switched on", connection.name);
        return Err(DeskError::new(Code::NothingToDecide, message));
    }
    Ok(())
}
