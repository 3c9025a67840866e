//! Late items: where the workspace's policy sends a document whose own period takes nothing more, or which
//! came after that was closed. Pure: facts in, verdict out.
//!
//! The first rule that fits wins; what no rule takes is held. A limit is of the functional currency of the
//! entity, holds for each document and for all of a customer's together, and never without a cap on what the
//! rule sends into one period, so that nothing walks around it by being split. No rule crosses the end of a
//! year, none moves what has its tax point in a closed tax period, and none jumps over a period that takes
//! it.

use std::collections::HashMap;

use chrono::NaiveDate;
use tieout_domain::{
    Currency, EntityCode, Money,
    calendar::{FiscalCalendar, Period, PeriodBook, PeriodKey, PeriodStatus, Subledger},
    document::DocumentKind,
};

use crate::approvals::Approvals;

/// What a rule does with what fits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LateAction {
    /// It goes into its own period, if that takes it.
    OwnPeriod,
    /// It goes into the first later period that is open; its date and own period stay with it.
    NextOpen,
    /// It waits for a person, and for as many approvals.
    Hold,
    /// It waits for its own period to be opened again.
    Reopen,
}

/// What one book of the document's own period takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BookState {
    /// Everything.
    Open,
    /// What a controller approves.
    SoftClosed,
    /// Nothing.
    Closed,
}

impl BookState {
    /// Of one book of a period.
    #[must_use]
    pub fn of(status: PeriodStatus, book: Subledger) -> Self {
        match status {
            PeriodStatus::Open => BookState::Open,
            PeriodStatus::SoftClosed => BookState::SoftClosed,
            PeriodStatus::Closed => BookState::Closed,
            PeriodStatus::Locked { .. } if status.accepts(book) => BookState::Open,
            PeriodStatus::Locked { .. } => BookState::Closed,
        }
    }
}

/// One `[[late]]` rule. `None` stands for what it does not ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateRule {
    /// Its name.
    pub name: String,
    /// What it says, in a sentence.
    pub says: String,
    /// Only of this legal entity.
    pub entity: Option<EntityCode>,
    /// Only of these kinds; of every kind where it is empty.
    pub kinds: Vec<DocumentKind>,
    /// Only of entities with this functional currency, in which the limits are.
    pub currency: Option<Currency>,
    /// The largest document, included, minor units.
    pub up_to: Option<i64>,
    /// The most of one customer in one period, included.
    pub per_customer: Option<i64>,
    /// The most that it sends into one period of an entity, included.
    pub per_period: Option<i64>,
    /// At most so many days after its own period was closed.
    pub days_late: Option<u32>,
    /// What receivables of its own period take.
    pub ar: Option<BookState>,
    /// What payables of its own period take.
    pub ap: Option<BookState>,
    /// What the general ledger of its own period takes.
    pub gl: Option<BookState>,
    /// What is done with it.
    pub action: LateAction,
    /// How many have to approve it at least. With none the amount tiers alone say so.
    pub approvals: Approvals,
}

/// What the rules have to know of an entity's books, besides its calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateBooks {
    /// Whose.
    pub entity: EntityCode,
    /// The day (month, day) with which its accounting year begins.
    pub year_starts: Option<(u32, u32)>,
    /// The last day of the tax periods that are closed.
    pub tax_closed_to: Option<NaiveDate>,
}

/// All that a policy says of late items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LatePolicy {
    /// The rules, in the order in which they are tried.
    pub rules: Vec<LateRule>,
    /// What is said of entities.
    pub books: Vec<LateBooks>,
}

/// A document as the rules see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LateItem {
    /// Its kind.
    pub kind: DocumentKind,
    /// Billing's id of its customer; those of whom billing says nothing are one.
    pub customer: Option<String>,
    /// All debits of its entry in the functional currency of its entity.
    pub gross: Money,
    /// Its date in the entity's time zone, which is its tax point too.
    pub date: NaiveDate,
    /// True where it carries tax.
    pub taxed: bool,
    /// True where it was final only after its own period was closed, by the instants of both.
    pub after_close: bool,
    /// The day in the entity's time zone on which it was final.
    pub arrived: Option<NaiveDate>,
    /// The day in the entity's time zone on which its own period was closed, where that is known.
    pub closed_on: Option<NaiveDate>,
}

/// The books that it belongs to.
#[derive(Clone, Debug)]
pub struct ItemBooks<'a> {
    /// The legal entity.
    pub entity: &'a EntityCode,
    /// Its periods, in any order.
    pub periods: &'a [Period],
    /// How it cuts its years.
    pub calendar: &'a FiscalCalendar,
}

/// What rules have sent into periods so far: what counts in their limits.
#[derive(Clone, Debug, Default)]
pub struct LateUsed {
    sums: HashMap<(String, EntityCode, PeriodKey, Currency), Used>,
}

#[derive(Clone, Debug, Default)]
struct Used {
    all: i128,
    of_customer: HashMap<Option<String>, i128>,
}

impl LateUsed {
    /// Counts one document.
    pub fn add(&mut self, rule: &str, (entity, into): (&EntityCode, &PeriodKey), of: (Option<&str>, Money)) {
        let (customer, gross) = of;
        let key = (rule.to_owned(), entity.clone(), into.clone(), gross.currency());
        let used = self.sums.entry(key).or_default();
        let minor = i128::from(gross.minor()).abs();
        used.all += minor;
        *used.of_customer.entry(customer.map(str::to_owned)).or_default() += minor;
    }

    /// What a rule has sent into a period, and what of it is one customer's, minor units.
    #[must_use]
    pub fn of(
        &self,
        rule: &str,
        (entity, into): (&EntityCode, &PeriodKey),
        (customer, currency): (Option<&str>, Currency),
    ) -> (i128, i128) {
        let key = (rule.to_owned(), entity.clone(), into.clone(), currency);
        let Some(used) = self.sums.get(&key) else { return (0, 0) };
        let customer = customer.map(str::to_owned);
        (used.all, used.of_customer.get(&customer).copied().unwrap_or_default())
    }
}

/// Why a rule that is meant for such an item does not take this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It is larger than the rule's limit.
    Limit,
    /// With what the rule sent of its customer into that period it would be more than the limit.
    Customer,
    /// With what the rule sent into that period it would be more than the cap.
    Period,
    /// A year ends between its own period and the one that it would go into, or nobody knows whether.
    YearEnd,
    /// Its tax point lies in a closed tax period.
    TaxClosed,
    /// No later period is open.
    NothingOpen,
    /// Its own period takes nothing.
    OwnClosed,
    /// Its own period takes it.
    OwnOpen,
}

/// What becomes of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is not late: its own period takes it, and it came before that was ever closed.
    InTime,
    /// A rule sends it into this period.
    Route {
        /// Which rule, by its place in the policy.
        rule: usize,
        /// Where.
        into: PeriodKey,
    },
    /// It waits for a person.
    Hold {
        /// The rule that says so; `None` where no rule takes it.
        rule: Option<usize>,
        /// The rules that were meant for such an item and did not take it, and why.
        passed: Vec<(usize, Passed)>,
    },
    /// It waits for its own period to be opened again.
    Reopen {
        /// The rule that asks for it.
        rule: usize,
    },
}

impl Verdict {
    /// The rule that decided, by its place in the policy.
    #[must_use]
    pub fn rule(&self) -> Option<usize> {
        match self {
            Verdict::Route { rule, .. } | Verdict::Reopen { rule } => Some(*rule),
            Verdict::Hold { rule, .. } => *rule,
            Verdict::InTime => None,
        }
    }
}

impl LatePolicy {
    /// The rule at this place.
    #[must_use]
    pub fn rule(&self, at: usize) -> Option<&LateRule> {
        self.rules.get(at)
    }

    /// How many have to approve what came to this verdict, at least.
    #[must_use]
    pub fn approvals(&self, verdict: &Verdict) -> Approvals {
        let rule = verdict.rule().and_then(|at| self.rule(at));
        rule.map_or(Approvals::None, |rule| rule.approvals)
    }

    /// What becomes of a document, given what the rules have sent so far.
    #[must_use]
    pub fn decide(&self, item: &LateItem, books: &ItemBooks<'_>, used: &LateUsed) -> Verdict {
        let book = PeriodBook::new(books.periods);
        let Some(own) = book.holding(item.date) else { return Verdict::InTime };
        if own.status.accepts(Subledger::Ar) && !item.after_close {
            return Verdict::InTime;
        }
        let mut passed = Vec::new();
        for (at, rule) in self.rules.iter().enumerate() {
            if !rule.is_meant_for(item, books.entity, own) {
                continue;
            }
            match self.tried(rule, item, (books, own), used) {
                Ok(verdict) => return verdict.at(at),
                Err(why) => passed.push((at, why)),
            }
        }
        Verdict::Hold { rule: None, passed }
    }

    /// What a rule that is meant for it does with it, or why nothing.
    fn tried(
        &self,
        rule: &LateRule,
        item: &LateItem,
        (books, own): (&ItemBooks<'_>, &Period),
        used: &LateUsed,
    ) -> Result<Done, Passed> {
        let minor = i128::from(item.gross.minor()).abs();
        let over = |limit: Option<i64>, sum: i128| limit.is_some_and(|most| sum > i128::from(most));
        if over(rule.up_to, minor) {
            return Err(Passed::Limit);
        }
        let into = match rule.action {
            LateAction::Hold => return Ok(Done::Hold),
            LateAction::Reopen if own.status.accepts(Subledger::Ar) => return Err(Passed::OwnOpen),
            LateAction::Reopen => return Ok(Done::Reopen),
            LateAction::OwnPeriod if !own.status.accepts(Subledger::Ar) => return Err(Passed::OwnClosed),
            LateAction::OwnPeriod => own,
            LateAction::NextOpen if own.status.accepts(Subledger::Ar) => return Err(Passed::OwnOpen),
            LateAction::NextOpen => next_open(books.periods, own).ok_or(Passed::NothingOpen)?,
        };
        let said = self.books.iter().find(|said| said.entity == *books.entity);
        if item.taxed && said.and_then(|said| said.tax_closed_to).is_some_and(|to| item.date <= to) {
            return Err(Passed::TaxClosed);
        }
        let year = |period: &Period| books.calendar.year_of(period, said.and_then(|said| said.year_starts));
        if into.key != own.key && (year(own).is_none() || year(own) != year(into)) {
            return Err(Passed::YearEnd);
        }
        let (all, customers) =
            used.of(&rule.name, (books.entity, &into.key), (item.customer.as_deref(), item.gross.currency()));
        if over(rule.per_customer, customers + minor) {
            return Err(Passed::Customer);
        }
        if over(rule.per_period, all + minor) {
            return Err(Passed::Period);
        }
        Ok(Done::Into(into.key.clone()))
    }
}

/// What a rule does, before it is said which.
enum Done {
    Into(PeriodKey),
    Hold,
    Reopen,
}

impl Done {
    fn at(self, rule: usize) -> Verdict {
        match self {
            Done::Into(into) => Verdict::Route { rule, into },
            Done::Hold => Verdict::Hold { rule: Some(rule), passed: Vec::new() },
            Done::Reopen => Verdict::Reopen { rule },
        }
    }
}

/// The first period after `own` that takes entries of receivables from anybody: a soft-closed one takes what
/// a person brings.
fn next_open<'a>(periods: &'a [Period], own: &Period) -> Option<&'a Period> {
    let takes = |period: &&Period| {
        period.starts > own.ends
            && period.status != PeriodStatus::SoftClosed
            && period.status.accepts(Subledger::Ar)
    };
    periods.iter().filter(takes).min_by_key(|period| period.starts)
}

impl LateRule {
    /// Whether all that it asks of an item holds, but for its limits.
    fn is_meant_for(&self, item: &LateItem, entity: &EntityCode, own: &Period) -> bool {
        let takes = |asked: Option<BookState>, book| {
            asked.is_none_or(|asked| asked == BookState::of(own.status, book))
        };
        self.entity.as_ref().is_none_or(|only| only == entity)
            && (self.kinds.is_empty() || self.kinds.contains(&item.kind))
            && self.currency.is_none_or(|only| only == item.gross.currency())
            && self.days_late.is_none_or(|most| days_late(item, own) <= i64::from(most))
            && takes(self.ar, Subledger::Ar)
            && takes(self.ap, Subledger::Ap)
            && takes(self.gl, Subledger::Gl)
    }
}

/// How many days after its own period was closed it was final; after the period's last day where nobody says
/// when it was closed. 0 for what came before.
#[must_use]
pub fn days_late(item: &LateItem, own: &Period) -> i64 {
    let Some(arrived) = item.arrived else { return 0 };
    arrived.signed_duration_since(item.closed_on.unwrap_or(own.ends)).num_days().max(0)
}
