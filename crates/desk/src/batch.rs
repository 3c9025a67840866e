//! A whole batch before anything of it is done: by the same code as the actions, without asking the ERP and
//! without logging anything.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tieout_domain::{Currency, EntityCode, ExceptionId, PostingId, calendar::PeriodKey, people::Action};

use crate::{
    asking::By,
    error::DeskResult,
    exception_views::Sum,
    exceptions::{Booked, Done, Work},
    propose::RerouteRequest,
    told::{self, wide_text},
    views::Outcome,
    workspace::Desk,
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
    /// The documents' amounts per currency.
    pub sums: Vec<Sum>,
    /// How many postings have an entry there.
    pub count: u64,
}

/// What would become of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BatchPreview {
    /// The action.
    pub action: String,
    /// How many would be done.
    pub count: u64,
    /// How many of these would still need another person's approval.
    pub halfway: u64,
    /// Their documents' amounts per currency.
    pub sums: Vec<Sum>,
    /// Where entries would go.
    pub periods: Vec<BatchPeriod>,
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
    Reverse,
    Cancel,
    Assign,
    Comment,
    Hold,
    Release,
    Dismiss,
}

impl Ask {
    /// All that can be asked of an exception, in the order of a menu.
    pub(crate) fn of_exception() -> Vec<Ask> {
        let mut all = Self::of_posting();
        all.insert(0, Ask::Propose);
        all.extend([Ask::Assign, Ask::Comment, Ask::Hold, Ask::Release, Ask::Dismiss]);
        all
    }

    /// All that can be asked of a posting.
    pub(crate) fn of_posting() -> Vec<Ask> {
        vec![
            Ask::Approve,
            Ask::Reject,
            Ask::Reroute { date: None, period: None },
            Ask::Replay,
            Ask::Reverse,
            Ask::Cancel,
        ]
    }

    /// All that can be asked of a mapping or policy that waits for approval.
    pub(crate) fn of_change() -> Vec<Ask> {
        vec![Ask::Approve, Ask::Reject]
    }

    pub(crate) fn action(&self) -> Action {
        match self {
            Ask::Propose => Action::Propose,
            Ask::Approve => Action::Approve,
            Ask::Reject => Action::Reject,
            Ask::Reroute { .. } => Action::Reroute,
            Ask::Replay => Action::Replay,
            Ask::Reverse => Action::Reverse,
            Ask::Cancel => Action::Cancel,
            Ask::Assign => Action::Assign,
            Ask::Comment => Action::Comment,
            Ask::Hold => Action::Hold,
            Ask::Release => Action::Release,
            Ask::Dismiss => Action::Dismiss,
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
            BatchRequest::Reverse { ids } => (Ask::Reverse, ids),
            BatchRequest::Assign { ids } => (Ask::Assign, ids),
            BatchRequest::Comment { ids } => (Ask::Comment, ids),
            BatchRequest::Hold { ids } => (Ask::Hold, ids),
            BatchRequest::Release { ids } => (Ask::Release, ids),
            BatchRequest::Dismiss { ids } => (Ask::Dismiss, ids),
            BatchRequest::Cancel { ids } => (Ask::Cancel, ids),
        }
    }
}

impl Desk {
    /// What would become of a batch, for the person who acts. Nothing is stored, logged or asked of the ERP,
    /// and no secret is needed.
    ///
    /// # Errors
    /// Where the acting person cannot be established at all; what would be refused is in the answer.
    pub fn batch(&self, request: &BatchRequest) -> DeskResult<BatchPreview> {
        let by = self.by(true)?;
        let (ask, ids) = request.split();
        let mut sums = Sums::default();
        let mut places: BTreeMap<(EntityCode, PeriodKey), Sums> = BTreeMap::new();
        let mut refusals = Vec::new();
        let mut halfway = 0;
        for id in ids {
            match self.ask(&by, &ask, id) {
                Ok(done) => {
                    halfway += u64::from(done.halfway);
                    let Some(booked) = &done.entries else { continue };
                    sums.add(booked);
                    let own: std::collections::BTreeSet<_> = booked.places.iter().cloned().collect();
                    own.into_iter().for_each(|place| places.entry(place).or_default().add(booked));
                }
                Err(error) => {
                    refusals.push(self.outcome(id, Err(error)));
                }
            }
        }
        Ok(BatchPreview {
            action: ask.action().as_str().to_owned(),
            count: (ids.len() - refusals.len()) as u64,
            halfway,
            sums: sums.view(),
            periods: self.batch_periods(&places)?,
            refusals,
        })
    }

    /// What would become of one item.
    pub(crate) fn ask(&self, by: &By, ask: &Ask, id: &str) -> DeskResult<Done> {
        let none = String::new;
        match ask {
            Ask::Propose => self.propose_one(Some(by), id, None),
            Ask::Approve => self.decide_one(by, id, true, None),
            Ask::Reject => self.decide_one(by, id, false, None),
            Ask::Reroute { date, period } => {
                let request = RerouteRequest {
                    ids: Vec::new(),
                    date: date.clone(),
                    period: period.clone(),
                    accounts: BTreeMap::new(),
                    entity: None,
                    mapping: None,
                    reason: String::new(),
                    dry_run: true,
                };
                self.reroute_one(Some(by), id, &request)
            }
            Ask::Replay => self.replay_one(by, id),
            Ask::Reverse => self.reverse_one(Some(by), id, ""),
            Ask::Cancel => self.cancel_one(by, id),
            Ask::Assign => self.work_one(by, id, &Work::Assign(by.id().to_string())),
            Ask::Comment => self.work_one(by, id, &Work::Comment(none())),
            Ask::Hold => self.work_one(by, id, &Work::Hold(none())),
            Ask::Release => self.work_one(by, id, &Work::Release),
            Ask::Dismiss => self.work_one(by, id, &Work::Dismiss(none())),
        }
    }

    /// The reference of what has this id.
    pub(crate) fn reference_of(&self, id: &str) -> Option<String> {
        if let Ok(posting) = id.parse::<PostingId>() {
            return self.store().posting(&posting).ok().map(|row| row.posting.reference);
        }
        let exception = id.parse::<ExceptionId>().ok()?;
        self.store().exception(&exception).ok().map(|row| row.external_ref)
    }

    fn batch_periods(
        &self,
        places: &BTreeMap<(EntityCode, PeriodKey), Sums>,
    ) -> DeskResult<Vec<BatchPeriod>> {
        let known = self.all_periods()?;
        let view = |((entity, key), sums): (&(EntityCode, PeriodKey), &Sums)| {
            let period = known.iter().find(|p| p.entity == *entity && p.key == *key);
            BatchPeriod {
                entity: entity.to_string(),
                period: key.to_string(),
                status: period.map_or_else(|| "not known".to_owned(), |p| told::status(p.status)),
                count: sums.0.values().map(|(count, _)| count).sum(),
                sums: sums.view(),
            }
        };
        Ok(places.iter().map(view).collect())
    }
}
