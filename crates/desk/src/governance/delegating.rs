//! Delegations: somebody decides on postings in another's place for a while. They are asked for by whoever
//! is away, approved by a third, and give no right: both must be allowed to take the decision themselves, and
//! both names stand on it.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::{
    EntityCode, PersonId,
    delegation::{Delegation, Named},
    people::Action,
};
use tieout_store::{Change, ChangeFilter, ChangeKind, ChangeState, Person, PostingRow};

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        when,
    },
    governance::changes::{self, ChangeView},
};

/// The longest that a delegation may hold, days.
const LONGEST_DAYS: i64 = 92;

/// A delegation, to be approved. It is in the place of whoever asks.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct DelegationRequest {
    /// Who is to decide, by name or id.
    pub to: String,
    /// For postings of these entities; none for all.
    #[serde(default)]
    pub entities: Vec<String>,
    /// From when: an instant, or the end of a day in UTC; at once where it is left out.
    #[serde(default)]
    #[ts(optional)]
    pub since: Option<String>,
    /// Until when: an instant, or the end of a day in UTC.
    pub until: String,
    /// Why.
    pub reason: String,
}

/// A delegation to end before its time.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct EndDelegationRequest {
    /// The delegation's id (chg_…).
    pub id: String,
    /// Why.
    pub reason: String,
}

/// Where a delegation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum DelegationState {
    /// Waits for a third person's approval.
    Asked,
    /// Is approved and has not begun.
    ToCome,
    /// Holds.
    Holds,
    /// Its time is over.
    RanOut,
    /// It was ended, refused or replaced.
    Over,
}

/// A delegation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct DelegationView {
    /// The governed change.
    pub id: String,
    /// In whose place.
    pub from: String,
    /// Who decides.
    pub to: String,
    /// For postings of these entities; none for all.
    pub entities: Vec<String>,
    /// From when.
    pub since: DateTime<Utc>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Why.
    pub why: String,
    /// Who approved it.
    pub approved_by: Vec<String>,
    /// Where it stands.
    pub state: DelegationState,
    /// The hash of its text: what an approval is under.
    pub hash: String,
}

/// Asks that another person decides on postings in one's own place. A third approves it.
///
/// # Errors
/// A refusal, `person_unknown`, `bad_instant`, `delegation_too_long`, `delegated_to_self`, `reason_missing`.
pub fn delegate(ctx: &Context, request: &DelegationRequest) -> DeskResult<ChangeView> {
    let actor = actor::actor(ctx)?;
    let (from, to) = (person(ctx, actor.id())?, actor::find_person(ctx, &request.to)?);
    if from.id == to.id {
        let message = "nobody decides in their own place: name another person";
        return Err(DeskError::new(Code::DelegatedToSelf, message));
    }
    if request.reason.trim().is_empty() {
        return Err(DeskError::new(Code::ReasonMissing, "say why another person is to decide"));
    }
    let now = ctx.clock.now();
    let since = request.since.as_deref().map(when::instant).transpose()?.unwrap_or(now);
    let until = when::instant(&request.until)?;
    if until <= now || until <= since || until > since + Duration::days(LONGEST_DAYS) {
        let message = format!(
            "a delegation ends, within {LONGEST_DAYS} days of its begin: give --until such a day or instant"
        );
        return Err(DeskError::new(Code::DelegationTooLong, message));
    }
    let mut entities: Vec<EntityCode> =
        request.entities.iter().map(|code| code.parse()).collect::<Result<_, _>>()?;
    entities.sort();
    entities.dedup();
    let named = |person: Person| Named { id: person.id, name: person.name };
    let said = Delegation {
        from: named(from),
        to: named(to),
        entities,
        since,
        until,
        why: request.reason.trim().to_owned(),
    };
    let name = format!("{} for {}", said.to.name, said.from.name);
    changes::withdraw_own(ctx, &actor, ChangeKind::Delegation, &name)?;
    changes::propose_signed(ctx, &actor, ChangeKind::Delegation, &name, &said.to_string())
}

fn person(ctx: &Context, id: &PersonId) -> DeskResult<Person> {
    actor::find_person(ctx, id.as_str())
}

fn said_by(change: &Change) -> Option<Delegation> {
    match change.kind {
        ChangeKind::Delegation => Delegation::parse(&change.content),
        _ => None,
    }
}

/// Ends a delegation before its time: whoever gave it or has it does, or a controller or administrator.
///
/// # Errors
/// A refusal, `not_found`, `reason_missing`, `nothing_to_decide` where it does not hold.
pub fn delegation_end(ctx: &Context, request: &EndDelegationRequest) -> DeskResult<DelegationView> {
    let actor = actor::actor(ctx)?;
    let missing = || DeskError::new(Code::NotFound, format!("there is no delegation {}", request.id));
    let change = ctx.store().change(&request.id.parse().map_err(|_| missing())?)?;
    let said = said_by(&change).ok_or_else(missing)?;
    if request.reason.trim().is_empty() {
        return Err(DeskError::new(Code::ReasonMissing, "say why the delegation ends"));
    }
    if *actor.id() != said.from.id && *actor.id() != said.to.id {
        let facts = changes::change_facts(&change.id, &said.from.id, change.kind);
        actor::judge(ctx, &actor, Action::ApproveChange, facts, change.id.as_str())?;
    }
    if change.state != ChangeState::InForce {
        return Err(DeskError::new(Code::NothingToDecide, format!("{} does not hold", request.id)));
    }
    let detail = json!({ "name": change.name, "sha256": change.hash, "reason": request.reason.trim() });
    actor::signed(ctx, &actor, "delegation_ended", change.id.as_str(), detail, |store, log| {
        store.retire_change(ChangeKind::Delegation, &change.name, log)
    })?;
    let change = ctx.store().change(&change.id)?;
    view(ctx, &change, &said)
}

/// All delegations, the newest first.
///
/// # Errors
/// A database error.
pub fn delegations(ctx: &Context) -> DeskResult<Vec<DelegationView>> {
    let filter = ChangeFilter { kind: Some(ChangeKind::Delegation), ..ChangeFilter::default() };
    let changes = ctx.store().changes(&filter)?;
    changes.iter().filter_map(|change| Some(view(ctx, change, &said_by(change)?))).collect()
}

fn view(ctx: &Context, change: &Change, said: &Delegation) -> DeskResult<DelegationView> {
    let shown = changes::judged_change(ctx, change)?;
    let now = ctx.clock.now();
    Ok(DelegationView {
        id: shown.id,
        from: said.from.name.clone(),
        to: said.to.name.clone(),
        entities: said.entities.iter().map(ToString::to_string).collect(),
        since: said.since,
        until: said.until,
        why: said.why.clone(),
        approved_by: shown.approved_by,
        state: match change.state {
            ChangeState::Inert => DelegationState::Asked,
            ChangeState::InForce if now < said.since => DelegationState::ToCome,
            ChangeState::InForce if now < said.until => DelegationState::Holds,
            ChangeState::InForce => DelegationState::RanOut,
            ChangeState::Superseded | ChangeState::Rejected => DelegationState::Over,
        },
        hash: shown.hash,
    })
}

/// Everybody's delegations that hold now.
fn that_hold(ctx: &Context) -> DeskResult<Vec<Delegation>> {
    let filter = ChangeFilter {
        kind: Some(ChangeKind::Delegation),
        state: Some(ChangeState::InForce),
        ..ChangeFilter::default()
    };
    let now = ctx.clock.now();
    let all = ctx.store().changes(&filter)?;
    Ok(all.iter().filter_map(said_by).filter(|said| (said.since..said.until).contains(&now)).collect())
}

/// In whose place this person may decide now.
pub(crate) fn places_of(ctx: &Context, me: &PersonId) -> DeskResult<Vec<Named>> {
    let mut places: Vec<Named> =
        that_hold(ctx)?.into_iter().filter(|said| said.to.id == *me).map(|said| said.from).collect();
    places.sort();
    places.dedup();
    Ok(places)
}

/// The person in whose place this one wants to decide on a posting.
///
/// # Errors
/// `person_unknown`, `not_delegated` where no delegation between the two holds for it.
pub(crate) fn in_place_of(
    ctx: &Context,
    me: &PersonId,
    other: &str,
    row: &PostingRow,
) -> DeskResult<PersonId> {
    let other = actor::find_person(ctx, other)?;
    let entities: Vec<EntityCode> =
        row.posting.steps.iter().map(|step| step.entry.entity().clone()).collect();
    let now = ctx.clock.now();
    match that_hold(ctx)?.iter().any(|said| said.covers((&other.id, me), &entities, now)) {
        true => Ok(other.id),
        false => {
            let message = format!(
                "no delegation lets you decide in the place of {} here: they ask for one (tieout delegation \
                 give), and a third person approves it",
                other.name
            );
            Err(DeskError::new(Code::NotDelegated, message))
        }
    }
}
