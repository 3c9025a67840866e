//! A whole batch before anything of it is done: by the same code as the actions, without asking the ERP and
//! without logging anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tieout_domain::{Currency, EntityCode, calendar::PeriodKey, people::Action};

use crate::{
    access::{
        action::ActionView,
        judging::{self, By},
    },
    base::{
        closed,
        context::Context,
        error::DeskResult,
        views::{Outcome, PeriodState},
        wording::{self, wide_text},
    },
    queue::{
        exception_views::Sum,
        exceptions::{self, Work},
        outcome::{self, Booked, Done},
    },
    settlement::{
        decide::{self, Decide},
        draft, elsewhere, half_booked,
        propose::{self, ProposeRequest},
        reroute::{self, RerouteRequest},
        reverse,
    },
};

/// What is to be done with several exceptions or postings.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum BatchRequest {
    /// Prepare postings.
    Propose {
        /// Exceptions.
        ids: Vec<String>,
    },
    /// Approve postings.
    Approve {
        /// Postings or their exceptions.
        ids: Vec<String>,
    },
    /// Refuse postings.
    Reject {
        /// Postings or their exceptions.
        ids: Vec<String>,
    },
    /// Prepare postings for another place.
    Reroute {
        /// Postings or exceptions.
        ids: Vec<String>,
        /// Under this date.
        date: Option<String>,
        /// Into this period.
        period: Option<String>,
    },
    /// Send failed postings again.
    Replay {
        /// Postings or their exceptions.
        ids: Vec<String>,
    },
    /// Have what is missing of half-booked sets sent.
    Finish {
        /// Postings or their exceptions.
        ids: Vec<String>,
    },
    /// Prepare what undoes the booked steps of half-booked sets.
    TakeBack {
        /// Postings or their exceptions.
        ids: Vec<String>,
    },
    /// Prepare the reversal of booked entries.
    Reverse {
        /// Postings or exceptions.
        ids: Vec<String>,
    },
    /// Give to somebody.
    Assign {
        /// Exceptions.
        ids: Vec<String>,
    },
    /// Comment.
    Comment {
        /// Exceptions.
        ids: Vec<String>,
    },
    /// Put aside.
    Hold {
        /// Exceptions.
        ids: Vec<String>,
    },
    /// Take up again.
    Release {
        /// Exceptions.
        ids: Vec<String>,
    },
    /// Decide that nothing is to be done.
    Dismiss {
        /// Exceptions.
        ids: Vec<String>,
    },
    /// Say that they were booked in the ledger by hand.
    BookedElsewhere {
        /// Exceptions.
        ids: Vec<String>,
    },
    /// Withdraw postings.
    Cancel {
        /// Postings or their exceptions.
        ids: Vec<String>,
    },
}

/// What a batch would put into one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BatchPeriod {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// Its status, in words; `not known` where it was never read.
    pub status: String,
    /// The same, named.
    pub state: PeriodState,
    /// The documents' amounts per currency.
    pub sums: Vec<Sum>,
    /// How many postings have an entry there.
    pub count: u64,
}

/// A posting that a batch would approve, as it is now: the approval is bound to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BatchApproval {
    /// The id that was asked for.
    pub id: String,
    /// How people name the document.
    pub reference: String,
    /// The document's amount in major units.
    pub amount: String,
    /// Its currency.
    pub currency: String,
    /// Each place where an entry would go, entity and period.
    pub places: Vec<BatchPlace>,
    /// The hash of its content, to be handed back with the approval.
    pub content_hash: String,
}

/// Where an entry goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BatchPlace {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
}

/// Late items of a batch that go the same way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BatchLate {
    /// Where they go, by which rule of which policy, or who put them there.
    pub says: String,
    /// How many.
    pub count: u64,
    /// Their documents' amounts per currency.
    pub sums: Vec<Sum>,
}

/// What would become of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BatchPreview {
    /// The action.
    #[ts(as = "closed::ActionName")]
    pub action: String,
    /// How many would be done.
    pub count: u64,
    /// How many of these would still need another person's approval.
    pub halfway: u64,
    /// Their documents' amounts per currency.
    pub sums: Vec<Sum>,
    /// Where entries would go.
    pub periods: Vec<BatchPeriod>,
    /// Late items among them, by the way that they go.
    pub late: Vec<BatchLate>,
    /// What would be approved, each as it is now; empty for other actions.
    pub approvals: Vec<BatchApproval>,
    /// What would be refused, each with the rule and who could.
    pub refusals: Vec<Outcome>,
}

/// Amounts per currency, exact.
#[derive(Default)]
struct Sums(BTreeMap<Currency, (u64, i128)>);

impl Sums {
    fn add(&mut self, booked: &Booked) {
        let sum = self.0.entry(booked.amount.currency()).or_default();
        sum.0 += 1;
        sum.1 += i128::from(booked.amount.minor());
    }

    fn view(&self) -> Vec<Sum> {
        let view = |(currency, (count, minor)): (&Currency, &(u64, i128))| Sum {
            currency: currency.code().to_owned(),
            count: *count,
            amount: wide_text(*minor, *currency),
        };
        self.0.iter().map(view).collect()
    }
}

/// An action, with what it needs besides the item.
pub(crate) enum Ask {
    Propose,
    Approve,
    Reject,
    Reroute { date: Option<String>, period: Option<String> },
    Replay,
    Finish,
    TakeBack,
    Reverse,
    Cancel,
    Assign,
    Comment,
    Hold,
    Release,
    Dismiss,
    BookedElsewhere,
}

impl Ask {
    /// All that can be asked of an exception, in the order of a menu.
    pub(crate) fn of_exception() -> Vec<Ask> {
        let mut all = Self::of_posting();
        all.insert(0, Ask::Propose);
        all.extend([Ask::Assign, Ask::Comment, Ask::Hold, Ask::Release, Ask::Dismiss]);
        all.push(Ask::BookedElsewhere);
        all
    }

    /// All that can be asked of a posting.
    pub(crate) fn of_posting() -> Vec<Ask> {
        vec![
            Ask::Approve,
            Ask::Reject,
            Ask::Reroute { date: None, period: None },
            Ask::Replay,
            Ask::Finish,
            Ask::TakeBack,
            Ask::Reverse,
            Ask::Cancel,
        ]
    }

    pub(crate) fn action(&self) -> Action {
        match self {
            Ask::Propose => Action::Propose,
            Ask::Approve => Action::Approve,
            Ask::Reject => Action::Reject,
            Ask::Reroute { .. } => Action::Reroute,
            Ask::Replay => Action::Replay,
            Ask::Finish => Action::Finish,
            Ask::TakeBack => Action::TakeBack,
            Ask::Reverse => Action::Reverse,
            Ask::Cancel => Action::Cancel,
            Ask::Assign => Action::Assign,
            Ask::Comment => Action::Comment,
            Ask::Hold => Action::Hold,
            Ask::Release => Action::Release,
            Ask::Dismiss => Action::Dismiss,
            Ask::BookedElsewhere => Action::BookedElsewhere,
        }
    }
}

impl BatchRequest {
    fn split(&self) -> (Ask, &[String]) {
        match self {
            BatchRequest::Propose { ids } => (Ask::Propose, ids),
            BatchRequest::Approve { ids } => (Ask::Approve, ids),
            BatchRequest::Reject { ids } => (Ask::Reject, ids),
            BatchRequest::Reroute { ids, date, period } => {
                (Ask::Reroute { date: date.clone(), period: period.clone() }, ids)
            }
            BatchRequest::Replay { ids } => (Ask::Replay, ids),
            BatchRequest::Finish { ids } => (Ask::Finish, ids),
            BatchRequest::TakeBack { ids } => (Ask::TakeBack, ids),
            BatchRequest::Reverse { ids } => (Ask::Reverse, ids),
            BatchRequest::Assign { ids } => (Ask::Assign, ids),
            BatchRequest::Comment { ids } => (Ask::Comment, ids),
            BatchRequest::Hold { ids } => (Ask::Hold, ids),
            BatchRequest::Release { ids } => (Ask::Release, ids),
            BatchRequest::Dismiss { ids } => (Ask::Dismiss, ids),
            BatchRequest::BookedElsewhere { ids } => (Ask::BookedElsewhere, ids),
            BatchRequest::Cancel { ids } => (Ask::Cancel, ids),
        }
    }
}

/// What would become of a batch, for the person who acts. Nothing is stored, logged or asked of the ERP,
/// and no secret is needed.
///
/// # Errors
/// Where the acting person cannot be established at all; what would be refused is in the answer.
pub fn may(ctx: &Context, request: &BatchRequest) -> DeskResult<BatchPreview> {
    let ctx = &ctx.asking();
    let by = judging::by(ctx, true)?;
    let (ask, ids) = request.split();
    let mut sums = Sums::default();
    let mut places: BTreeMap<(EntityCode, PeriodKey), Sums> = BTreeMap::new();
    let mut late: BTreeMap<String, Sums> = BTreeMap::new();
    let (mut approvals, mut refusals) = (Vec::new(), Vec::new());
    let mut halfway = 0;
    for id in ids {
        match outcome_of(ctx, &by, &ask, id) {
            Ok(done) => {
                halfway += u64::from(done.halfway);
                approvals.extend(matches!(ask, Ask::Approve).then(|| approval(id, &done)).flatten());
                let Some(booked) = &done.entries else { continue };
                sums.add(booked);
                done.late.iter().for_each(|way| late.entry(way.clone()).or_default().add(booked));
                let own: std::collections::BTreeSet<_> = booked.places.iter().cloned().collect();
                own.into_iter().for_each(|place| places.entry(place).or_default().add(booked));
            }
            Err(error) => {
                refusals.push(outcome::outcome(ctx, id, Err(error)));
            }
        }
    }
    Ok(BatchPreview {
        action: ask.action().as_str().to_owned(),
        count: (ids.len() - refusals.len()) as u64,
        halfway,
        sums: sums.view(),
        periods: batch_periods(ctx, &places)?,
        late: late.into_iter().map(late_view).collect(),
        approvals,
        refusals,
    })
}

fn late_view((says, sums): (String, Sums)) -> BatchLate {
    let count = sums.0.values().map(|(count, _)| count).sum();
    BatchLate { says, count, sums: sums.view() }
}

/// A posting that would be approved, as it is shown; `None` for a mapping or policy.
fn approval(id: &str, done: &Done) -> Option<BatchApproval> {
    let booked = done.entries.as_ref()?;
    let currency = booked.amount.currency();
    let mut places: Vec<BatchPlace> = Vec::new();
    for (entity, period) in &booked.places {
        let place = BatchPlace { entity: entity.to_string(), period: period.to_string() };
        if !places.contains(&place) {
            places.push(place);
        }
    }
    Some(BatchApproval {
        id: id.to_owned(),
        reference: done.reference.clone().unwrap_or_default(),
        amount: booked.amount.to_decimal().to_string(),
        currency: currency.code().to_owned(),
        places,
        content_hash: done.content.clone()?,
    })
}

/// What would become of one item.
pub(crate) fn outcome_of(ctx: &Context, by: &By, ask: &Ask, id: &str) -> DeskResult<Done> {
    let none = String::new;
    match ask {
        Ask::Propose => propose::propose_as_asked(ctx, Some(by), id, &ProposeRequest::default()),
        Ask::Approve => decide::decide_one(ctx, by, id, Decide::Approve { shown: None }, None),
        Ask::Reject => decide::decide_one(ctx, by, id, Decide::Reject, None),
        Ask::Reroute { date, period } => {
            let request = RerouteRequest {
                ids: Vec::new(),
                date: date.clone(),
                period: period.clone(),
                accounts: BTreeMap::new(),
                entity: None,
                mapping: None,
                reason: String::new(),
            };
            reroute::reroute_one(ctx, Some(by), id, &request)
        }
        Ask::Replay => decide::replay_one(ctx, by, id),
        Ask::Finish => half_booked::finish_one(ctx, Some(by), id, None),
        Ask::TakeBack => half_booked::take_back_one(ctx, Some(by), id, None),
        Ask::Reverse => reverse::reverse_one(ctx, Some(by), id, ""),
        Ask::Cancel => decide::cancel_one(ctx, by, id),
        Ask::Assign => exceptions::work_one(ctx, by, id, &Work::Assign(by.id().to_string())),
        Ask::Comment => exceptions::work_one(ctx, by, id, &Work::Comment(none())),
        Ask::Hold => exceptions::work_one(ctx, by, id, &Work::Hold(none())),
        Ask::Release => exceptions::work_one(ctx, by, id, &Work::Release),
        Ask::Dismiss => exceptions::work_one(ctx, by, id, &Work::Dismiss(none())),
        Ask::BookedElsewhere => elsewhere::elsewhere_one(ctx, by, id, ""),
    }
}

fn batch_periods(
    ctx: &Context,
    places: &BTreeMap<(EntityCode, PeriodKey), Sums>,
) -> DeskResult<Vec<BatchPeriod>> {
    let known = draft::all_periods(ctx)?;
    let view = |((entity, key), sums): (&(EntityCode, PeriodKey), &Sums)| {
        let period = known.iter().find(|p| p.entity == *entity && p.key == *key);
        BatchPeriod {
            entity: entity.to_string(),
            period: key.to_string(),
            state: PeriodState::of(period.map(|p| p.status)),
            status: period.map_or_else(|| "not known".to_owned(), |p| wording::status(p.status)),
            count: sums.0.values().map(|(count, _)| count).sum(),
            sums: sums.view(),
        }
    };
    Ok(places.iter().map(view).collect())
}

/// What the acting person may do with an item, by the very code that would do it.
pub(crate) fn actions(ctx: &Context, id: &str, asks: &[Ask]) -> Vec<ActionView> {
    let by = judging::by(ctx, true);
    let judged = |ask: &Ask| {
        let refusal = match &by {
            Ok(by) => outcome_of(ctx, by, ask, id).err(),
            Err(nobody) => Some(nobody.clone()),
        };
        ActionView::of(ask.action(), refusal)
    };
    asks.iter().map(judged).collect()
}

/// The same for a posting.
pub(crate) fn posting_actions(ctx: &Context, id: &str) -> DeskResult<Vec<ActionView>> {
    Ok(actions(ctx, id, &Ask::of_posting()))
}
