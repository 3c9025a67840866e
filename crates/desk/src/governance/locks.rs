//! The desk's own lock of a period: a controller closes it softly, two people lift that, and in between
//! nothing is sent there but what an exception lets in: for somebody, until a time, asked for by one and
//! approved by a controller who gains nothing by it.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::{
    calendar::{PeriodKey, PeriodStatus},
    delegation::Named,
    lock::{LockException, LockPlace, SoftClose},
    people::Action,
};
use tieout_duties::Subject;
use tieout_store::{
    Change, ChangeFilter, ChangeKind, ChangeState, PostingRow, Store, StoreError, StoredPeriod,
};

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        views::PeriodState,
        when, wording,
    },
    governance::changes::{self, ChangeView},
};

/// The longest that an exception may hold, days: what is needed for longer is no exception.
const LONGEST_DAYS: i64 = 31;

/// A period to close softly, or to have that lifted.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct SoftCloseRequest {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// Why.
    pub reason: String,
}

/// An exception to a soft close, to be approved.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct LockExceptionRequest {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// Whose postings it lets in, by name or id; none for everybody's.
    pub people: Vec<String>,
    /// Until when: an instant, or the end of a day in UTC.
    pub until: String,
    /// Why.
    pub reason: String,
}

/// An exception to end before its time.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct EndExceptionRequest {
    /// The exception's id (chg_…).
    pub id: String,
    /// Why.
    pub reason: String,
}

/// Where an exception to a soft close stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum LockExceptionState {
    /// Waits for a controller.
    Asked,
    /// Lets in.
    Holds,
    /// Its time is over.
    RanOut,
    /// It was ended, refused or replaced.
    Over,
}

/// An exception to a soft close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LockExceptionView {
    /// The governed change.
    pub id: String,
    /// Whose postings it lets in, by name; none for everybody's.
    pub people: Vec<String>,
    /// Until when.
    pub until: DateTime<Utc>,
    /// Why.
    pub why: String,
    /// Who asked for it.
    pub asked_by: String,
    /// Who approved it.
    pub approved_by: Vec<String>,
    /// Where it stands.
    pub state: LockExceptionState,
    /// The hash of its text: what an approval is under.
    pub hash: String,
}

/// A period's lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct LockView {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// What it takes: the stricter of the ERP's word and the desk's own.
    pub state: PeriodState,
    /// Whether the desk has closed it softly.
    pub soft_closed: bool,
    /// Who closed it softly; none where a file did.
    pub closed_by: Option<String>,
    /// When.
    pub closed_at: Option<DateTime<Utc>>,
    /// Why.
    pub why: Option<String>,
    /// The governed change by which that is to be lifted, while it waits.
    pub lift: Option<ChangeView>,
    /// The exceptions to it, the newest first.
    pub exceptions: Vec<LockExceptionView>,
}

fn place_of(entity: &str, period: &str) -> DeskResult<LockPlace> {
    Ok(LockPlace { entity: entity.parse()?, period: PeriodKey::new(period) })
}

/// The period, as it stands.
fn found(ctx: &Context, place: &LockPlace) -> DeskResult<StoredPeriod> {
    let all = ctx.store().periods_of(&place.entity)?;
    all.into_iter().find(|known| known.period.key == place.period).ok_or_else(|| {
        let message = format!("{place} is no period that is known: tieout period list names them");
        DeskError::new(Code::NotFound, message)
    })
}

fn reason(text: &str, what: &str) -> DeskResult<String> {
    match text.trim() {
        "" => Err(DeskError::new(Code::ReasonMissing, format!("say why {what}"))),
        reason => Ok(reason.to_owned()),
    }
}

/// Closes a period softly: from then on nothing is sent there but what an exception lets in. A controller
/// does that alone, and signs it.
///
/// # Errors
/// A refusal, `not_found`, `reason_missing`, `nothing_to_decide` where it is closed already.
pub fn period_soft_close(ctx: &Context, request: &SoftCloseRequest) -> DeskResult<LockView> {
    let actor = actor::actor(ctx)?;
    let place = place_of(&request.entity, &request.period)?;
    let name = place.to_string();
    actor::judge(ctx, &actor, Action::SoftClosePeriod, Subject::Workspace, &name)?;
    let why = reason(&request.reason, "the period is closed softly")?;
    let known = found(ctx, &place)?;
    if known.soft_closed || known.period.status == PeriodStatus::Closed {
        let message = format!("{name} is {} already", wording::status(known.period.status));
        return Err(DeskError::new(Code::NothingToDecide, message));
    }
    let text = SoftClose::new(place.clone(), &why).to_string();
    let detail = json!({ "period": name, "reason": why });
    changes::keep_at_once(ctx, &actor, (ChangeKind::SoftClose, &name), (&text, "soft_close_set"), detail)?;
    view(ctx, &found(ctx, &place)?, &all(ctx)?)
}

/// Asks that a soft close is lifted: a controller does, and another one approves.
///
/// # Errors
/// A refusal, `not_found`, `reason_missing`, `nothing_to_decide` where it is not closed softly.
pub fn period_lift(ctx: &Context, request: &SoftCloseRequest) -> DeskResult<ChangeView> {
    let actor = actor::actor(ctx)?;
    let place = place_of(&request.entity, &request.period)?;
    let name = place.to_string();
    actor::judge(ctx, &actor, Action::ReopenPeriod, Subject::Workspace, &name)?;
    let why = reason(&request.reason, "the soft close is to be lifted")?;
    must_be_soft(ctx, &place)?;
    changes::withdraw_own(ctx, &actor, ChangeKind::SoftCloseLift, &name)?;
    let text = SoftClose::new(place, &why).to_string();
    changes::propose_signed(ctx, &actor, ChangeKind::SoftCloseLift, &name, &text)
}

fn must_be_soft(ctx: &Context, place: &LockPlace) -> DeskResult<()> {
    match found(ctx, place)?.soft_closed {
        true => Ok(()),
        false => Err(DeskError::new(Code::NothingToDecide, format!("{place} is not closed softly"))),
    }
}

/// Asks for an exception to a soft close. A controller approves it who neither asked for it nor gains by it.
///
/// # Errors
/// A refusal, `not_found`, `person_unknown`, `bad_instant`, `exception_too_long`, `reason_missing`,
/// `nothing_to_decide` where the period is not closed softly.
pub fn period_except(ctx: &Context, request: &LockExceptionRequest) -> DeskResult<ChangeView> {
    let actor = actor::actor(ctx)?;
    let place = place_of(&request.entity, &request.period)?;
    let why = reason(&request.reason, "the exception is needed")?;
    must_be_soft(ctx, &place)?;
    let (now, until) = (ctx.clock.now(), when::instant(&request.until)?);
    if until <= now || until > now + Duration::days(LONGEST_DAYS) {
        let message = format!(
            "an exception holds from its approval until a time within {LONGEST_DAYS} days: give --until \
             such a day or instant"
        );
        return Err(DeskError::new(Code::ExceptionTooLong, message));
    }
    let mut whom = Vec::with_capacity(request.people.len());
    for person in &request.people {
        let person = actor::find_person(ctx, person)?;
        whom.push(Named { id: person.id, name: person.name });
    }
    let said = LockException::new(place, whom, until, &why);
    changes::propose_signed(ctx, &actor, ChangeKind::LockException, &name_of(&said), &said.to_string())
}

/// What the change is called: a newer exception for the same people into the same period replaces it.
fn name_of(said: &LockException) -> String {
    let names: Vec<&str> = said.whom.iter().map(|one| one.name.as_str()).collect();
    match names.as_slice() {
        [] => format!("{} for everybody", said.place),
        names => format!("{} for {}", said.place, names.join(", ")),
    }
}

/// Ends an exception before its time. Stricter is never more than one controller's word.
///
/// # Errors
/// A refusal, `not_found`, `reason_missing`, `nothing_to_decide` where it does not hold.
pub fn period_exception_end(ctx: &Context, request: &EndExceptionRequest) -> DeskResult<LockView> {
    let actor = actor::actor(ctx)?;
    actor::judge(ctx, &actor, Action::SoftClosePeriod, Subject::Workspace, &request.id)?;
    let why = reason(&request.reason, "the exception ends")?;
    let missing = || DeskError::new(Code::NotFound, format!("there is no exception {}", request.id));
    let change = ctx.store().change(&request.id.parse().map_err(|_| missing())?)?;
    let said = said_by(&change).ok_or_else(missing)?;
    if change.state != ChangeState::InForce {
        return Err(DeskError::new(Code::NothingToDecide, format!("{} does not hold", request.id)));
    }
    let detail = json!({ "name": change.name, "sha256": change.hash, "reason": why });
    actor::signed(ctx, &actor, "lock_exception_ended", change.id.as_str(), detail, |store, log| {
        store.retire_change(ChangeKind::LockException, &change.name, log)
    })?;
    view(ctx, &found(ctx, &said.place)?, &all(ctx)?)
}

/// The locks of the periods that are closed softly or were while an exception to it was asked for.
///
/// # Errors
/// A database error.
pub fn period_locks(ctx: &Context) -> DeskResult<Vec<LockView>> {
    let changes = all(ctx)?;
    let mut views = Vec::new();
    let periods = ctx.store().periods()?;
    for known in &periods {
        let view = view(ctx, known, &changes)?;
        if known.soft_closed || !view.exceptions.is_empty() {
            views.push(view);
        }
    }
    Ok(views)
}

/// The governed changes of locks, the newest first.
fn all(ctx: &Context) -> DeskResult<Vec<Change>> {
    let mut found = Vec::new();
    for kind in [ChangeKind::SoftClose, ChangeKind::SoftCloseLift, ChangeKind::LockException] {
        found.extend(ctx.store().changes(&ChangeFilter { kind: Some(kind), ..ChangeFilter::default() })?);
    }
    Ok(found)
}

fn said_by(change: &Change) -> Option<LockException> {
    match change.kind {
        ChangeKind::LockException => LockException::parse(&change.content),
        _ => None,
    }
}

fn view(ctx: &Context, known: &StoredPeriod, changes: &[Change]) -> DeskResult<LockView> {
    let period = &known.period;
    let place = LockPlace { entity: period.entity.clone(), period: period.key.clone() };
    let name = place.to_string();
    let of = |kind, state| changes.iter().find(|c| c.kind == kind && c.state == state && c.name == name);
    let set = of(ChangeKind::SoftClose, ChangeState::InForce);
    let lift = of(ChangeKind::SoftCloseLift, ChangeState::Inert);
    let names = actor::names(ctx)?;
    let mut exceptions = Vec::new();
    for change in changes {
        if let Some(said) = said_by(change).filter(|said| said.place == place) {
            exceptions.push(exception(ctx, change, &said)?);
        }
    }
    Ok(LockView {
        entity: period.entity.to_string(),
        period: period.key.to_string(),
        state: PeriodState::of(Some(period.status)),
        soft_closed: known.soft_closed,
        closed_by: set.map(|change| names.of(&change.author)),
        closed_at: set.map(|change| change.proposed_at),
        why: set.and_then(|change| SoftClose::parse(&change.content)).map(|said| said.why),
        lift: lift.map(|change| changes::judged_change(ctx, change)).transpose()?,
        exceptions,
    })
}

fn exception(ctx: &Context, change: &Change, said: &LockException) -> DeskResult<LockExceptionView> {
    let shown = changes::judged_change(ctx, change)?;
    Ok(LockExceptionView {
        id: shown.id,
        people: said.whom.iter().map(|one| one.name.clone()).collect(),
        until: said.until,
        why: said.why.clone(),
        asked_by: shown.author,
        approved_by: shown.approved_by,
        state: match change.state {
            ChangeState::Inert => LockExceptionState::Asked,
            ChangeState::InForce if ctx.clock.now() < said.until => LockExceptionState::Holds,
            ChangeState::InForce => LockExceptionState::RanOut,
            ChangeState::Superseded | ChangeState::Rejected => LockExceptionState::Over,
        },
        hash: shown.hash,
    })
}

/// The softly closed periods that a posting goes to and that no exception lets it into at this time.
pub(crate) fn kept_out(
    store: &Store,
    row: &PostingRow,
    now: DateTime<Utc>,
) -> Result<Vec<LockPlace>, StoreError> {
    let mut places = Vec::new();
    for step in &row.posting.steps {
        let (entity, key) = (step.entry.entity(), step.entry.period());
        let known = store.periods_of(entity)?;
        if known.iter().any(|known| known.soft_closed && known.period.key == *key) {
            places.push(LockPlace { entity: entity.clone(), period: key.clone() });
        }
    }
    if places.is_empty() {
        return Ok(places);
    }
    places.sort();
    places.dedup();
    let in_force = ChangeFilter {
        kind: Some(ChangeKind::LockException),
        state: Some(ChangeState::InForce),
        ..ChangeFilter::default()
    };
    let exceptions: Vec<LockException> = store.changes(&in_force)?.iter().filter_map(said_by).collect();
    let preparer = row.posting.preparer.as_ref();
    places.retain(|place| !exceptions.iter().any(|said| said.covers(place, preparer, now)));
    Ok(places)
}
