//! Governed changes: the account mapping and the policy. Imported with author and hash, inert until another
//! person approves them. An author that nobody proved (an import under the OS account) needs two approvers.

use std::{collections::BTreeSet, fs, path::PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tieout_connectors::files::ColumnMap;
use tieout_domain::{
    ChangeId, PersonId, accounts::AccountMapping, delegation::Delegation, hash::sha256_hex,
    limit_override::LimitOverride, lock::LockException, people::Action,
};
use tieout_duties::{ActionRequest, ChangeFacts, ChangeWhat, Policy, Subject};
use tieout_store::{Change, ChangeFilter, ChangeKind, ChangeState, NewChange};

use crate::{
    access::{
        action::ActionView,
        actor::{self, Actor, ActorView},
        judging::{self, By},
    },
    base::{
        clock::OsEntropy,
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::{figures, overriding},
};

/// The name of the workspace's policy.
pub(crate) const POLICY: &str = "policy";

pub(crate) use crate::governance::mapping::{
    Governing, MAPPING, governing_mapping, mapping_in_force, mapping_needed,
};

/// A mapping or policy file to bring in.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ImportChangeRequest {
    /// The file.
    pub file: PathBuf,
}

/// A governed change in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ChangeView {
    /// Its id.
    pub id: String,
    /// mapping, policy, column_map or posting.
    #[ts(as = "closed::ChangeKind")]
    pub kind: String,
    /// Its name; a newer one of the same kind and name replaces it.
    pub name: String,
    /// SHA-256 of its text.
    pub hash: String,
    /// Who brought it in: a person's name, or the OS account.
    #[ts(skip)]
    pub author: String,
    /// Who or what brought it in.
    pub by: ActorView,
    /// When.
    #[ts(skip)]
    pub proposed_at: DateTime<Utc>,
    /// inert, in_force, superseded or rejected.
    #[ts(as = "closed::ChangeState")]
    pub state: String,
    /// Who approved it so far.
    pub approved_by: Vec<String>,
    /// How many approvals it needs.
    #[ts(skip)]
    pub approvals_needed: usize,
    /// When it was brought in.
    pub imported_at: DateTime<Utc>,
    /// What it still waits for, in words; empty where nothing.
    pub needs: String,
    /// What may be done with it now; empty once it was decided.
    pub actions: Vec<ActionView>,
}

/// Reads a whole text file.
pub(crate) fn read_text(path: &std::path::Path) -> DeskResult<String> {
    fs::read_to_string(path).map_err(|e| DeskError::file(path, &e))
}

fn person_of(author: &str) -> Option<PersonId> {
    author.parse().ok()
}

/// A proven author needs one other approver, an unproven one two; so does who asks for an override.
fn approvals_needed(change: &Change) -> usize {
    if change.kind != ChangeKind::Override && person_of(&change.author).is_some() { 1 } else { 2 }
}

/// What a change waits for, in words.
fn needs(change: &Change, missing: usize) -> String {
    let unproven = person_of(&change.author).is_none();
    match (change.state, missing) {
        (ChangeState::InForce | ChangeState::Superseded | ChangeState::Rejected, _) => String::new(),
        (ChangeState::Inert, 0 | 1) if unproven => "one more approval, by another person".to_owned(),
        (ChangeState::Inert, 0 | 1) => "an approval by another person than its author".to_owned(),
        (ChangeState::Inert, _) if !unproven => {
            "two approvals by people who have no part in the posting".to_owned()
        }
        (ChangeState::Inert, _) => {
            "two approvals by different people, because nobody proved who brought it in".to_owned()
        }
    }
}

/// Brings in an account mapping. It is checked now, and inert until approved.
///
/// # Errors
/// `file_unusable`, `mapping_…`, a refusal.
pub fn import_mapping(ctx: &Context, request: &ImportChangeRequest) -> DeskResult<ChangeView> {
    let text = read_text(&request.file)?;
    AccountMapping::parse(&text).map_err(|e| DeskError::from(e).at(&request.file.display().to_string()))?;
    propose_change(ctx, ChangeKind::Mapping, MAPPING, &text)
}

/// Brings in a policy. It is checked now, and inert until approved.
///
/// # Errors
/// `file_unusable`, `policy_…`, a refusal.
pub fn import_policy(ctx: &Context, request: &ImportChangeRequest) -> DeskResult<ChangeView> {
    let text = read_text(&request.file)?;
    Policy::parse(&text)
        .map_err(|e| DeskError::below(e.code(), e.to_string()).at(&request.file.display().to_string()))?;
    propose_policy(ctx, &text, None)
}

/// Proposes a policy that was read and checked, with what it would have made of the late items: the proposal
/// in the log names the hash of that.
///
/// # Errors
/// A refusal.
pub(crate) fn propose_policy(ctx: &Context, text: &str, simulated: Option<&str>) -> DeskResult<ChangeView> {
    let (kind, name) = (ChangeKind::Policy, POLICY);
    let Some(simulated) = simulated else { return propose_change(ctx, kind, name, text) };
    let actor = ctx.session.acting.is_some().then(|| actor::actor(ctx)).transpose()?;
    let author = actor.as_ref().map_or_else(|| ctx.account_actor(), |actor| actor.id().to_string());
    let new = new_change(ctx, (kind, name), text, author.clone());
    let kept = new_change(ctx, (ChangeKind::Simulation, new.id.as_str()), simulated, author);
    let kept = NewChange { at_once: true, ..kept };
    let mut detail = proposal(&new);
    detail["simulation_sha256"] = json!(kept.hash);
    let subject = new.id.as_str();
    let (shown, what) = (proposal(&kept), "simulation_kept");
    match &actor {
        Some(actor) => {
            let facts = change_facts(&new.id, actor.id(), kind);
            actor::judge(ctx, actor, Action::ProposeChange, facts, subject)?;
            actor::signed(ctx, actor, what, kept.id.as_str(), shown, |s, log| s.propose_change(&kept, log))?;
            actor::signed(ctx, actor, "change_proposed", subject, detail, |s, log| {
                s.propose_change(&new, log)
            })?;
        }
        None => {
            judge_account(ctx, &new.id, kind, subject)?;
            ctx.unsigned(what, kept.id.as_str(), shown, |s, log| s.propose_change(&kept, log))?;
            ctx.unsigned("change_proposed", subject, detail, |s, log| s.propose_change(&new, log))?;
        }
    }
    let change = ctx.store().change(&new.id)?;
    judged_change(ctx, &change)
}

pub(crate) fn propose_change(
    ctx: &Context,
    kind: ChangeKind,
    name: &str,
    text: &str,
) -> DeskResult<ChangeView> {
    if ctx.session.acting.is_some() {
        return propose_signed(ctx, &actor::actor(ctx)?, kind, name, text);
    }
    let new = new_change(ctx, (kind, name), text, ctx.account_actor());
    let subject = new.id.as_str();
    // Nobody proves who they are, and whoever it is may do no more than the person of this OS account.
    judge_account(ctx, &new.id, kind, subject)?;
    ctx.unsigned("change_proposed", subject, proposal(&new), |s, log| s.propose_change(&new, log))?;
    let change = ctx.store().change(&new.id)?;
    judged_change(ctx, &change)
}

/// Brings in a change that its author signs.
pub(crate) fn propose_signed(
    ctx: &Context,
    actor: &Actor,
    kind: ChangeKind,
    name: &str,
    text: &str,
) -> DeskResult<ChangeView> {
    let new = new_change(ctx, (kind, name), text, actor.id().to_string());
    let subject = new.id.as_str();
    actor::judge(ctx, actor, Action::ProposeChange, change_facts(&new.id, actor.id(), kind), subject)?;
    actor::signed(ctx, actor, "change_proposed", subject, proposal(&new), |s, log| {
        s.propose_change(&new, log)
    })?;
    let change = ctx.store().change(&new.id)?;
    judged_change(ctx, &change)
}

fn new_change(ctx: &Context, (kind, name): (ChangeKind, &str), text: &str, author: String) -> NewChange {
    NewChange {
        id: ChangeId::random(&mut OsEntropy),
        kind,
        name: name.to_owned(),
        content: text.to_owned(),
        hash: sha256_hex(text.as_bytes()),
        author,
        at: ctx.clock.now(),
        at_once: false,
    }
}

fn proposal(new: &NewChange) -> Value {
    json!({ "kind": new.kind.as_str(), "name": new.name, "sha256": new.hash })
}

/// Withdraws what this person proposed and what waits under this name: other figures take its place.
pub(crate) fn withdraw_own(ctx: &Context, actor: &Actor, kind: ChangeKind, name: &str) -> DeskResult<()> {
    let filter =
        ChangeFilter { kind: Some(kind), name: Some(name.to_owned()), state: Some(ChangeState::Inert) };
    let waiting = ctx.store().changes(&filter)?;
    for before in waiting.iter().filter(|change| change.author == actor.id().as_str()) {
        let detail = json!({ "sha256": before.hash });
        let subject = before.id.as_str();
        actor::signed(ctx, actor, "change_withdrawn", subject, detail, |store, log| {
            store.decide_change(&before.id, false, actor.id(), &before.hash, log)
        })?;
    }
    Ok(())
}

/// Keeps a change that is in force at once, signed by who brings it.
pub(crate) fn keep_at_once(
    ctx: &Context,
    actor: &Actor,
    (kind, name): (ChangeKind, &str),
    (text, what): (&str, &str),
    detail: Value,
) -> DeskResult<()> {
    let new = NewChange { at_once: true, ..new_change(ctx, (kind, name), text, actor.id().to_string()) };
    let subject = new.id.to_string();
    actor::signed(ctx, actor, what, &subject, detail, |s, log| s.propose_change(&new, log))
}

/// Refuses an approval of figures that were not shown, or were shown otherwise.
///
/// # Errors
/// `content_not_shown`, `content_changed`.
pub(crate) fn check_seen(change: &Change, name: &str, shown: Option<&str>) -> DeskResult<()> {
    match shown {
        None if !figures::are_signed(change.kind) => Ok(()),
        shown => figures::check_shown(name, &change.hash, shown),
    }
}

/// Judges what is brought in without `--as` as done by each person of this OS account; a refusal is logged.
fn judge_account(ctx: &Context, id: &ChangeId, kind: ChangeKind, subject: &str) -> DeskResult<()> {
    let duties = actor::duties(ctx)?;
    // Nobody acts in their own name here, so that it does not matter whether anybody has confirmed them.
    let roster = actor::roster(ctx)?.as_confirmed();
    for person in people_of_account(ctx, &ctx.account_actor())? {
        let facts = change_facts(id, &person, kind);
        let request = ActionRequest { actor: person, action: Action::ProposeChange, subject: facts };
        if let Err(refusal) = duties.judge(&request, &roster) {
            let detail = json!({
                "action": Action::ProposeChange.as_str(), "rule": refusal.policy, "code": refusal.code(),
            });
            ctx.unsigned("refused", subject, detail, |store, log| store.append_log(log).map(|_| ()))?;
            return Err(actor::refused(&refusal, &roster));
        }
    }
    Ok(())
}

/// The people, those who left too, to whom an OS account belongs that brought something in.
pub(crate) fn people_of_account(ctx: &Context, author: &str) -> DeskResult<Vec<PersonId>> {
    let Some(account) = author.strip_prefix("os:") else { return Ok(Vec::new()) };
    let people = ctx.known().people()?;
    let theirs = people.into_iter().filter(|person| person.os_account.as_deref() == Some(account));
    Ok(theirs.map(|person| person.id).collect())
}

/// Keeps a file import's column map: in force at once, recorded with author and hash.
pub(crate) fn keep_column_map(ctx: &Context, connection: &str, text: &str) -> DeskResult<()> {
    let hash = sha256_hex(text.as_bytes());
    let current = ctx.known().change_in_force_named(ChangeKind::ColumnMap, connection)?;
    if current.is_some_and(|c| c.hash == hash) {
        return Ok(());
    }
    let new = NewChange {
        id: ChangeId::random(&mut OsEntropy),
        kind: ChangeKind::ColumnMap,
        name: connection.to_owned(),
        content: text.to_owned(),
        hash: hash.clone(),
        author: ctx.account_actor(),
        at: ctx.clock.now(),
        at_once: true,
    };
    let subject = new.id.to_string();
    let detail = json!({ "kind": "column_map", "name": connection, "sha256": hash });
    ctx.unsigned("column_map_kept", &subject, detail, |s, log| s.propose_change(&new, log))?;
    Ok(())
}

/// The profile by which a connection's files are read; `None` where its column map names none.
pub(crate) fn profile_of(ctx: &Context, connection: &str) -> DeskResult<Option<String>> {
    let map = ctx.known().change_in_force_named(ChangeKind::ColumnMap, connection)?;
    Ok(map.and_then(|change| ColumnMap::parse(&change.content).ok()).and_then(|map| map.profile))
}

pub(crate) fn change_facts(id: &ChangeId, author: &PersonId, kind: ChangeKind) -> Subject {
    let what = match kind {
        ChangeKind::Policy | ChangeKind::Simulation | ChangeKind::Checklist => ChangeWhat::Policy,
        ChangeKind::Duty | ChangeKind::Delegation => ChangeWhat::Duty,
        ChangeKind::Posting => ChangeWhat::Posting,
        ChangeKind::Cutover | ChangeKind::OpenItems => ChangeWhat::Cutover,
        ChangeKind::Explanation | ChangeKind::VarianceNote | ChangeKind::SignOff | ChangeKind::TaskDone => {
            ChangeWhat::Explanation
        }
        ChangeKind::SoftClose | ChangeKind::SoftCloseLift | ChangeKind::LockException => ChangeWhat::Lock,
        ChangeKind::Override => ChangeWhat::Override,
        ChangeKind::Mapping | ChangeKind::ColumnMap | ChangeKind::Expectation => ChangeWhat::Mapping,
    };
    let (gains, took_part) = (BTreeSet::new(), BTreeSet::new());
    Subject::Change(ChangeFacts { id: id.clone(), author: author.clone(), what, gains, took_part })
}

/// The same of one that was brought in, with those for whom it is made, or who have a part in what it is of.
pub(crate) fn facts_of(ctx: &Context, change: &Change, author: &PersonId) -> DeskResult<Subject> {
    let mut facts = change_facts(&change.id, author, change.kind);
    if let Subject::Change(facts) = &mut facts {
        facts.gains = match change.kind {
            ChangeKind::LockException => LockException::parse(&change.content)
                .map(|said| said.whom.into_iter().map(|one| one.id).collect())
                .unwrap_or_default(),
            ChangeKind::Delegation => {
                Delegation::parse(&change.content).map(|said| said.to.id).into_iter().collect()
            }
            _ => BTreeSet::new(),
        };
        if change.kind == ChangeKind::Override {
            facts.took_part = overriding::took_part(ctx, change)?;
        }
    }
    Ok(facts)
}

/// Approves a change, or refuses it; in force once it has the approvals that it needs.
pub(crate) fn decide_change(
    ctx: &Context,
    by: &By,
    change: &Change,
    approve: bool,
    reason: Option<&str>,
) -> DeskResult<ChangeView> {
    let earlier = check_change(ctx, by, change, approve)?;
    let By::Actor(actor) = by else { return change_view(ctx, change) };
    let detail = json!({ "sha256": change.hash, "reason": reason });
    let subject = change.id.as_str();
    if approve && earlier.len() + 1 < approvals_needed(change) {
        actor::signed(ctx, actor, "change_first_approval", subject, detail, |store, log| {
            store.approve_change_in_part(&change.id, actor.id(), &change.hash, log)
        })?;
    } else {
        let what = if approve { "change_approved" } else { "change_rejected" };
        actor::signed(ctx, actor, what, subject, detail, |store, log| {
            store.decide_change(&change.id, approve, actor.id(), &change.hash, log)
        })?;
    }
    let change = ctx.store().change(&change.id)?;
    judged_change(ctx, &change)
}

/// True of what is signed in the close of a period: it is listed and decided there, over figures that are
/// looked at again.
pub(crate) fn is_of_a_close(kind: ChangeKind) -> bool {
    matches!(kind, ChangeKind::SignOff | ChangeKind::VarianceNote | ChangeKind::TaskDone)
}

/// Keeps what its author signs, inert, after a judgement of its own.
pub(crate) fn keep_signed(
    ctx: &Context,
    actor: &Actor,
    (kind, name): (ChangeKind, &str),
    text: &str,
    what: &str,
) -> DeskResult<Change> {
    let new = new_change(ctx, (kind, name), text, actor.id().to_string());
    actor::signed(ctx, actor, what, new.id.as_str(), proposal(&new), |store, log| {
        store.propose_change(&new, log)
    })?;
    Ok(ctx.store().change(&new.id)?)
}

/// Signs a decision on what was kept so, after a judgement of its own.
pub(crate) fn decide_signed(
    ctx: &Context,
    actor: &Actor,
    change: &Change,
    (approve, what): (bool, &str),
    reason: Option<&str>,
) -> DeskResult<Change> {
    let detail = json!({ "name": change.name, "sha256": change.hash, "reason": reason });
    actor::signed(ctx, actor, what, change.id.as_str(), detail, |store, log| {
        store.decide_change(&change.id, approve, actor.id(), &change.hash, log)
    })?;
    Ok(ctx.store().change(&change.id)?)
}

/// Judges a decision on a change; answers who approved it before.
fn check_change(ctx: &Context, by: &By, change: &Change, approve: bool) -> DeskResult<Vec<PersonId>> {
    if is_of_a_close(change.kind) {
        let message = "this belongs to the close of a period: decide it there, by tieout close review or \
                       tieout close accept";
        return Err(DeskError::new(Code::DecidedInTheClose, message));
    }
    if change.state != ChangeState::Inert {
        return Err(DeskError::new(
            Code::ChangeAlreadyDecided,
            format!(
                "this {} is {} already: nothing is to be decided",
                change.kind.as_str().replace('_', " "),
                change.state.as_str().replace('_', " ")
            ),
        ));
    }
    let action = if approve { Action::ApproveChange } else { Action::Reject };
    let facts = facts_of(ctx, change, &author_for(ctx, change, by.id())?)?;
    judging::judged_by(ctx, by, action, facts, change.id.as_str())?;
    // Who only asks is not made to wait for all figures to be added up.
    if approve && matches!(by, By::Actor(_)) {
        figures::check_unmoved(ctx, change)?;
    }
    let earlier = standing_approvals(ctx, change)?;
    if approve && earlier.iter().any(|person| person == by.id()) {
        return Err(DeskError::new(
            Code::AlreadyApprovedByYou,
            format!(
                "you approved this {} before: another person must",
                change.kind.as_str().replace('_', " ")
            ),
        ));
    }
    Ok(earlier)
}

/// The author by whom a decision of this person is judged. Where nobody proved who brought the change in, it
/// is anybody to whom the OS account belongs, who is therefore no approver of it; two different people must
/// approve it then, since it may have been somebody else at that account.
fn author_for(ctx: &Context, change: &Change, decides: &PersonId) -> DeskResult<PersonId> {
    if let Some(author) = person_of(&change.author) {
        return Ok(author);
    }
    let own = people_of_account(ctx, &change.author)?.iter().any(|person| person == decides);
    Ok(if own { decides.clone() } else { PersonId::derive(&[&change.author]) })
}

/// Who approved a change that needs one more approval, and still may: an approval of somebody who has left or
/// has another role by now does not count.
fn standing_approvals(ctx: &Context, change: &Change) -> DeskResult<Vec<PersonId>> {
    let (duties, roster) = (actor::duties(ctx)?, actor::roster(ctx)?);
    let mut standing = Vec::new();
    let given = ctx.store().change_approvals(&change.id)?;
    for person in given {
        let facts = facts_of(ctx, change, &author_for(ctx, change, &person)?)?;
        let request = ActionRequest { actor: person.clone(), action: Action::ApproveChange, subject: facts };
        if duties.judge(&request, &roster).is_ok() {
            standing.push(person);
        }
    }
    Ok(standing)
}

/// Mappings, policies and column maps, newest first.
///
/// # Errors
/// A database error.
pub fn changes(ctx: &Context) -> DeskResult<Vec<ChangeView>> {
    let ctx = &ctx.asking();
    let mut changes = ctx.store().changes(&ChangeFilter::default())?;
    // They are read with their policy, and in the close of their period.
    changes.retain(|change| change.kind != ChangeKind::Simulation && !is_of_a_close(change.kind));
    changes.iter().map(|change| judged_change(ctx, change)).collect()
}

/// The view with what may be done. Asking that makes a view too, which therefore is without.
pub(crate) fn judged_change(ctx: &Context, change: &Change) -> DeskResult<ChangeView> {
    let mut view = change_view(ctx, change)?;
    if change.state == ChangeState::Inert {
        view.actions = actions(ctx, change);
    }
    Ok(view)
}

/// What the acting person may decide about a change that waits for approval, by the code that decides.
fn actions(ctx: &Context, change: &Change) -> Vec<ActionView> {
    let by = judging::by(ctx, true);
    let judged = |(action, approve): (Action, bool)| {
        let refusal = match &by {
            Ok(by) => check_change(ctx, by, change, approve).err(),
            Err(nobody) => Some(nobody.clone()),
        };
        ActionView::of(action, refusal)
    };
    [(Action::Approve, true), (Action::Reject, false)].into_iter().map(judged).collect()
}

fn change_view(ctx: &Context, change: &Change) -> DeskResult<ChangeView> {
    let names = actor::names(ctx)?;
    // Who approved what came in force did so, whatever they may do since.
    let given = match change.state {
        ChangeState::Inert | ChangeState::Rejected => standing_approvals(ctx, change)?,
        ChangeState::InForce | ChangeState::Superseded => ctx.store().change_approvals(&change.id)?,
    };
    let mut approved: Vec<String> = given.iter().map(|p| names.of(p.as_str())).collect();
    if change.state != ChangeState::Rejected {
        approved.extend(change.decided_by.iter().map(|p| names.of(p.as_str())));
    }
    let approvals_needed = match change.kind {
        ChangeKind::ColumnMap
        | ChangeKind::Expectation
        | ChangeKind::OpenItems
        | ChangeKind::Simulation
        | ChangeKind::SoftClose => 0,
        ChangeKind::Mapping
        | ChangeKind::Policy
        | ChangeKind::Duty
        | ChangeKind::Posting
        | ChangeKind::Cutover
        | ChangeKind::Explanation
        | ChangeKind::VarianceNote
        | ChangeKind::SignOff
        | ChangeKind::Checklist
        | ChangeKind::SoftCloseLift
        | ChangeKind::LockException
        | ChangeKind::Delegation
        | ChangeKind::Override
        | ChangeKind::TaskDone => approvals_needed(change),
    };
    Ok(ChangeView {
        needs: needs(change, approvals_needed.saturating_sub(approved.len())),
        imported_at: change.proposed_at,
        id: change.id.to_string(),
        kind: change.kind.as_str().to_owned(),
        name: name_of(ctx, change)?,
        hash: change.hash.clone(),
        author: names.of(&change.author),
        by: names.actor(&change.author),
        proposed_at: change.proposed_at,
        state: change.state.as_str().to_owned(),
        approved_by: approved,
        approvals_needed,
        actions: Vec::new(),
    })
}

/// What a change is called: of posting, its connection.
fn name_of(ctx: &Context, change: &Change) -> DeskResult<String> {
    match (change.kind, change.name.parse()) {
        (ChangeKind::Posting, Ok(id)) => Ok(ctx.known().connection(&id)?.name),
        (ChangeKind::Override, _) => {
            let said = LimitOverride::parse(&change.content);
            Ok(said.map_or_else(|| change.name.clone(), |said| said.reference))
        }
        _ => Ok(change.name.clone()),
    }
}

/// The policy in force, as the change that brought it.
pub(crate) fn policy_change(ctx: &Context) -> DeskResult<Option<Change>> {
    Ok(ctx.known().change_in_force_named(ChangeKind::Policy, POLICY)?)
}
