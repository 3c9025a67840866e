//! Revenue schedules: how much of a document's deferred revenue is released in which period. Straight-line,
//! in whole minor units, by the method and the remainder that the mapping states; no amount meets a float.
//!
//! Each line of a document is a schedule of its own over its service period. That is all that amendments
//! need: an upgrade, a downgrade or a cancellation comes as lines of the remaining term, negative for what is
//! taken back, so that what was recognised stays and the rest changes (IFRS 15.21(a), ASC 606-10-25-13(a)).
//! What a term earned before the period in which its document belongs is released in that period. A document
//! that is void gives back, in the period of the void, what was released until then.
//!
//! The worked schedules of `fixtures/schedules` say what is right.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use rust_decimal::Decimal;

use crate::{
    AccountCode, Money, Rounding,
    accounts::{AccountMapping, LegalEntity},
    calendar::{FiscalCalendar, Period, PeriodBook, PeriodKey},
    document::{Document, DocumentKind, DocumentLine, DocumentStatus},
    mapping::{CreditTerm, Method, Recognition, Remainder, Schedules},
};

/// The longest term that is read as one: a hundred years.
const MOST_DAYS: i64 = 36_525;

/// A term of service, both days included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    first: NaiveDate,
    last: NaiveDate,
}

impl Term {
    /// From `first` to `last`; `None` where that is no term: it ends before it begins, or after more than a
    /// hundred years.
    #[must_use]
    pub fn new(first: NaiveDate, last: NaiveDate) -> Option<Self> {
        let days = last.signed_duration_since(first).num_days() + 1;
        (1..=MOST_DAYS).contains(&days).then_some(Self { first, last })
    }

    /// What is left of it on `day`; where nothing is, that day alone.
    fn begun_on(self, day: NaiveDate) -> Self {
        if self.last < day {
            return Self { first: day, last: day };
        }
        Self { first: self.first.max(day), last: self.last }
    }
}

/// An accounting period as a term meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its name.
    pub key: PeriodKey,
    /// Its first day.
    pub starts: NaiveDate,
    /// Its last day, included.
    pub ends: NaiveDate,
}

/// Which period a day lies in: the known ones first, then the entity's calendar, then the calendar month.
#[derive(Clone, Copy)]
pub struct Cuts<'c> {
    periods: &'c [Period],
    calendar: &'c FiscalCalendar,
}

impl<'c> Cuts<'c> {
    /// Over the known periods of one entity and its calendar.
    #[must_use]
    pub fn new(periods: &'c [Period], calendar: &'c FiscalCalendar) -> Self {
        Self { periods, calendar }
    }

    /// The period of a day.
    #[must_use]
    pub fn holding(&self, day: NaiveDate) -> Span {
        if let Some(period) = PeriodBook::new(self.periods).holding(day) {
            return Span { key: period.key.clone(), starts: period.starts, ends: period.ends };
        }
        if let Some((key, starts, ends)) = self.calendar.locate(day) {
            return Span { key, starts, ends };
        }
        // A custom calendar that does not reach so far: the month, as far as no known period holds it.
        let key = PeriodKey::month(day);
        let month = (day.with_day(1).unwrap_or(day), key.month_end().unwrap_or(day));
        let before = self.periods.iter().filter(|period| period.ends < day).map(|period| period.ends).max();
        let after =
            self.periods.iter().filter(|period| period.starts > day).map(|period| period.starts).min();
        let starts = before.and_then(|ends| ends.succ_opt()).map_or(month.0, |next| next.max(month.0));
        let ends = after.and_then(|starts| starts.pred_opt()).map_or(month.1, |last| last.min(month.1));
        Span { key, starts, ends }
    }

    /// The period of this name, where it is a known one.
    fn named(&self, key: &PeriodKey) -> Option<Span> {
        let period = PeriodBook::new(self.periods).named(key)?;
        Some(Span { key: period.key.clone(), starts: period.starts, ends: period.ends })
    }

    /// The periods that a term touches, in order, each with how many of its days.
    fn of(&self, term: Term) -> Vec<(Span, i64)> {
        let (mut found, mut day) = (Vec::new(), term.first);
        loop {
            let span = self.holding(day);
            let ends = span.ends.min(term.last).max(day);
            found.push((span, ends.signed_duration_since(day).num_days() + 1));
            match ends.succ_opt() {
                Some(next) if next <= term.last => day = next,
                _ => return found,
            }
        }
    }

    /// What each period weighs of the whole, by a method; all of one amount add up to the whole.
    fn weights(&self, term: Term, method: Method) -> Vec<(Span, i128)> {
        if method == Method::Monthly {
            return self.months(term);
        }
        let spans = self.of(term);
        let count = spans.len();
        let days = |index: usize| i128::from(spans.get(index).map_or(0, |(_, days)| *days));
        let length = |index: usize| {
            spans.get(index).map_or(1, |(span, _)| {
                i128::from(span.ends.signed_duration_since(span.starts).num_days() + 1).max(1)
            })
        };
        let all: i128 = (0..count).map(days).sum();
        let (first, last) = (days(0), days(count.saturating_sub(1)));
        let (first_length, last_length) = (length(0), length(count.saturating_sub(1)));
        let between = i128::try_from(count.saturating_sub(2)).unwrap_or(i128::MAX);
        let weight = |index: usize| {
            let end = index == 0 || index + 1 == count;
            match method {
                Method::EvenPeriods => 1,
                Method::Prorated if count > 2 && end => days(index) * between,
                Method::Prorated if count > 2 => all - first - last,
                Method::PeriodRate if count > 1 && index == 0 => first * last_length,
                Method::PeriodRate if count > 1 && end => last * first_length,
                Method::PeriodRate if count > 1 => first_length * last_length,
                Method::Daily | Method::Monthly | Method::Prorated | Method::PeriodRate => days(index),
            }
        };
        let weights: Vec<i128> = (0..count).map(weight).collect();
        spans.into_iter().map(|(span, _)| span).zip(weights).collect()
    }

    /// The service months of a term, each in the period that holds its first day.
    fn months(&self, term: Term) -> Vec<(Span, i128)> {
        let mut found: Vec<(Span, i128)> = Vec::new();
        for month in 0.. {
            let Some(begins) = term.first.checked_add_months(Months::new(month)) else { break };
            // A month that is too short to hold the day begins after its end: that day alone is none.
            let short = begins.day() < term.first.day();
            if begins > term.last || (short && begins == term.last) {
                break;
            }
            let span = self.holding(begins);
            match found.last_mut() {
                Some((last, months)) if last.key == span.key => *months += 1,
                _ => found.push((span, 1)),
            }
        }
        found
    }
}

fn half_even(numerator: u128, denominator: u128) -> u128 {
    let (whole, rest) = (numerator / denominator, numerator % denominator);
    match (rest * 2).cmp(&denominator) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Greater => whole + 1,
        std::cmp::Ordering::Equal => whole + whole % 2,
    }
}

/// An amount shared out by weights, so that the parts add up to it and none has another sign.
fn share_out(minor: i64, weights: &[i128], remainder: Remainder) -> Vec<i64> {
    let amount = u128::from(minor.unsigned_abs());
    let all: u128 = weights.iter().map(|weight| weight.unsigned_abs()).sum();
    if all == 0 {
        return vec![0; weights.len()];
    }
    let of = |weight: i128| amount * weight.unsigned_abs();
    let rounded: Vec<u128> = match remainder {
        Remainder::Spread => {
            let (mut weighed, mut given) = (0, 0);
            let mut next = |weight: &i128| {
                weighed += weight;
                let earned = half_even(of(weighed), all);
                let part = earned - given;
                given = earned;
                part
            };
            weights.iter().map(&mut next).collect()
        }
        Remainder::First | Remainder::Last | Remainder::NextToLast => {
            let taker = match remainder {
                Remainder::First => 0,
                Remainder::NextToLast => weights.len().saturating_sub(2),
                Remainder::Spread | Remainder::Last => weights.len().saturating_sub(1),
            };
            let shared = |round: fn(u128, u128) -> u128| {
                let mut parts: Vec<u128> = weights.iter().map(|weight| round(of(*weight), all)).collect();
                let others: u128 =
                    parts.iter().enumerate().filter(|(i, _)| *i != taker).map(|(_, p)| p).sum();
                let left = amount.checked_sub(others)?;
                if let Some(part) = parts.get_mut(taker) {
                    *part = left;
                }
                Some(parts)
            };
            let nearest = shared(|numerator, denominator| (2 * numerator + denominator) / (2 * denominator));
            // What is cut off adds up to no more than the amount: there is always something left.
            nearest.or_else(|| shared(|numerator, denominator| numerator / denominator)).unwrap_or_default()
        }
    };
    // No part is more than the amount, which fits; its sign is the amount's.
    let signed = |part: u128| {
        let part = i64::try_from(part).unwrap_or(i64::MAX);
        if minor < 0 { -part } else { part }
    };
    rounded.into_iter().map(signed).collect()
}

/// What a term releases of an amount in each period, in order; periods with nothing are left out. The parts
/// add up to the amount, and none has another sign.
#[must_use]
pub fn straight_line(
    minor: i64,
    term: Term,
    (method, remainder): (Method, Remainder),
    cuts: &Cuts<'_>,
) -> Vec<(Span, i64)> {
    let (spans, weights): (Vec<Span>, Vec<i128>) = cuts.weights(term, method).into_iter().unzip();
    let parts = share_out(minor, &weights, remainder);
    spans.into_iter().zip(parts).filter(|(_, part)| *part != 0).collect()
}

/// What is released of a document in one period, of one revenue account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The revenue account that is credited by it.
    pub revenue: AccountCode,
    /// The period.
    pub period: PeriodKey,
    /// Its last day.
    pub ends: NaiveDate,
    /// Minor units that deferred revenue is debited by; negative for what is taken back.
    pub minor: i64,
}

/// What a document puts on deferred revenue in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deferral {
    /// The period.
    pub period: PeriodKey,
    /// Its last day.
    pub ends: NaiveDate,
    /// Minor units, positive for what an invoice defers.
    pub minor: i64,
}

/// A document's schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// What is deferred, in the document's own period; of a void one also what goes in the void's period.
    pub deferrals: Vec<Deferral>,
    /// By revenue account and period, in the order of both.
    pub releases: Vec<Release>,
    /// What is deferred and says no service period: nobody knows when it is earned. Minor units, positive for
    /// what an invoice defers.
    pub without_term: i64,
}

/// What a schedule is made of.
#[derive(Clone, Copy)]
pub struct Given<'g> {
    /// The document.
    pub document: &'g Document,
    /// Whose it is.
    pub entity: &'g LegalEntity,
    /// The mapping in force.
    pub mapping: &'g AccountMapping,
    /// The invoice that a credit note credits, where it is known.
    pub credits: Option<&'g Document>,
    /// What the document puts on deferred revenue, where it is known: minor units, positive for an invoice.
    pub deferred: Option<i64>,
    /// The period in which the document belongs, where it is known.
    pub belongs: Option<&'g PeriodKey>,
    /// The known periods of the entity.
    pub periods: &'g [Period],
}

/// A part of a document that is deferred.
#[derive(Clone, Debug)]
struct Part {
    product: Option<String>,
    /// The account that it becomes revenue on; `None` where the mapping puts it on deferred revenue for good.
    revenue: Option<AccountCode>,
    method: Method,
    term: Option<Term>,
    minor: i64,
}

/// A part of a document that is deferred, as its schedule takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeferredLine {
    /// What was sold, where the line says it.
    pub product: Option<String>,
    /// The account that it becomes revenue on; `None` where the mapping puts it on deferred revenue for good.
    pub revenue: Option<AccountCode>,
    /// How its term is shared out.
    pub method: Method,
    /// Its first and its last day of service; `None` where nothing says a term.
    pub term: Option<(NaiveDate, NaiveDate)>,
    /// Minor units, positive for what an invoice defers.
    pub minor: i64,
    /// What each period releases of it, in order. A void does not show in it.
    pub releases: Vec<(PeriodKey, i64)>,
}

impl Given<'_> {
    /// What the document defers, part by part; nothing where the entity's mapping asks for no schedules.
    #[must_use]
    pub fn lines(&self) -> Vec<DeferredLine> {
        let Some(schedules) = &self.entity.schedules else { return Vec::new() };
        let cuts = Cuts::new(self.periods, &self.entity.calendar);
        let own = self.own_span(&cuts);
        let line = |part: Part| {
            let mut releases: Vec<(PeriodKey, i64)> = Vec::new();
            for (span, minor) in released(&part, schedules, (&cuts, &own)) {
                match releases.last_mut().filter(|(key, _)| *key == span.key) {
                    Some((_, sum)) => *sum = sum.saturating_add(minor),
                    None => releases.push((span.key, minor)),
                }
            }
            DeferredLine {
                product: part.product,
                revenue: part.revenue,
                method: part.method,
                term: part.term.map(|term| (term.first, term.last)),
                minor: part.minor,
                releases,
            }
        };
        self.parts(schedules).into_iter().map(line).collect()
    }

    /// Works it out; nothing where the entity's mapping asks for no schedules.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        let Some(schedules) = &self.entity.schedules else { return Schedule::default() };
        let stands = match self.document.status {
            DocumentStatus::Final | DocumentStatus::WrittenOff | DocumentStatus::Void => true,
            DocumentStatus::Draft | DocumentStatus::Pending | DocumentStatus::Failed => false,
        };
        if !matches!(self.document.kind, DocumentKind::Invoice | DocumentKind::CreditNote) || !stands {
            return Schedule::default();
        }
        let cuts = Cuts::new(self.periods, &self.entity.calendar);
        let own = self.own_span(&cuts);
        let voided = match self.document.status {
            DocumentStatus::Void => match self.document.changed_at {
                Some(at) => Some(cuts.holding(at.with_timezone(&self.entity.time_zone).date_naive())),
                // Nobody says when: it never was.
                None => return Schedule::default(),
            },
            _ => None,
        };
        let mut made = Made::default();
        for part in self.parts(schedules) {
            made.defer(&own, voided.as_ref(), part.minor);
            match (part.term, &part.revenue) {
                (Some(_), Some(revenue)) => {
                    for (span, minor) in released(&part, schedules, (&cuts, &own)) {
                        made.release(revenue, &span, voided.as_ref(), minor);
                    }
                }
                _ if voided.is_some() => {}
                _ => made.without_term = made.without_term.saturating_add(part.minor),
            }
        }
        made.schedule()
    }

    fn day(&self) -> NaiveDate {
        self.document.date.in_zone(self.entity.time_zone)
    }

    /// The period in which the document belongs.
    fn own_span(&self, cuts: &Cuts<'_>) -> Span {
        let by_day = || cuts.holding(self.day());
        self.belongs.and_then(|key| cuts.named(key)).unwrap_or_else(by_day)
    }

    /// The document's deferred parts, each with its term.
    fn parts(&self, schedules: &Schedules) -> Vec<Part> {
        let own = deferred_parts(self.document, self.entity, self.mapping, schedules, self.deferred);
        let Some(credited) = self.credits else { return own };
        let terms = deferred_parts(credited, self.entity, self.mapping, schedules, None);
        let terms: Vec<Part> = terms.into_iter().filter(|part| part.term.is_some()).collect();
        let day = self.day();
        let over_terms = |part: Part| {
            if part.term.is_some() || part.revenue.is_none() {
                return vec![part];
            }
            credited_terms(&part, &terms, (schedules.credit_notes, day))
        };
        own.into_iter().flat_map(over_terms).collect()
    }
}

/// What each period releases of a part, in order; what was earned before the document's own period, in that.
fn released(part: &Part, schedules: &Schedules, (cuts, own): (&Cuts<'_>, &Span)) -> Vec<(Span, i64)> {
    let (Some(term), Some(_)) = (part.term, &part.revenue) else { return Vec::new() };
    let parts = straight_line(part.minor, term, (part.method, schedules.remainder), cuts);
    let within = |span: Span| if span.ends < own.starts { own.clone() } else { span };
    parts.into_iter().map(|(span, minor)| (within(span), minor)).collect()
}

/// A schedule in the making. What one document adds up to fits by `money::MOST_HELD`.
#[derive(Default)]
struct Made {
    deferrals: BTreeMap<(NaiveDate, PeriodKey), i64>,
    releases: BTreeMap<(AccountCode, NaiveDate, PeriodKey), i64>,
    without_term: i64,
}

impl Made {
    fn defer(&mut self, own: &Span, voided: Option<&Span>, minor: i64) {
        let mut put = |span: &Span, minor: i64| {
            let sum = self.deferrals.entry((span.ends, span.key.clone())).or_insert(0);
            *sum = sum.saturating_add(minor);
        };
        put(own, minor);
        if let Some(void) = voided {
            put(void, minor.saturating_neg());
        }
    }

    /// What was released before a void is taken back in its period; the rest never is.
    fn release(&mut self, revenue: &AccountCode, span: &Span, voided: Option<&Span>, minor: i64) {
        let mut put = |span: &Span, minor: i64| {
            let key = (revenue.clone(), span.ends, span.key.clone());
            let sum = self.releases.entry(key).or_insert(0);
            *sum = sum.saturating_add(minor);
        };
        match voided {
            Some(void) if span.starts >= void.starts => {}
            Some(void) => {
                put(span, minor);
                put(void, minor.saturating_neg());
            }
            None => put(span, minor),
        }
    }

    fn schedule(self) -> Schedule {
        let deferrals = self.deferrals.into_iter().filter(|(_, minor)| *minor != 0);
        let releases = self.releases.into_iter().filter(|(_, minor)| *minor != 0);
        let release = |((revenue, ends, period), minor)| Release { revenue, period, ends, minor };
        Schedule {
            deferrals: deferrals.map(|((ends, period), minor)| Deferral { period, ends, minor }).collect(),
            releases: releases.map(release).collect(),
            without_term: self.without_term,
        }
    }
}

/// A part of a credit note over the terms of what it credits: those of its product, or all of them, each with
/// its share by what was invoiced for it.
fn credited_terms(part: &Part, terms: &[Part], (how, day): (CreditTerm, NaiveDate)) -> Vec<Part> {
    let of_product: Vec<&Part> =
        terms.iter().filter(|term| term.product.is_some() && term.product == part.product).collect();
    let over = if of_product.is_empty() { terms.iter().collect() } else { of_product };
    let weights: Vec<i128> = over.iter().map(|term| i128::from(term.minor).abs()).collect();
    if weights.iter().all(|weight| *weight == 0) {
        return vec![part.clone()];
    }
    let shares = share_out(part.minor, &weights, Remainder::Spread);
    let one = |(credited, minor): (&Part, i64)| {
        let term = credited.term.map(|term| match how {
            CreditTerm::CatchUp => term,
            CreditTerm::Prospective => term.begun_on(day),
        });
        Part { method: credited.method, term, minor, ..part.clone() }
    };
    over.into_iter().zip(shares).map(one).collect()
}

/// What a document defers, line by line in whole minor units. Where the lines, each rounded half to even, do
/// not add up to what is deferred of it, the largest takes the difference, as the account does.
fn deferred_parts(
    document: &Document,
    entity: &LegalEntity,
    mapping: &AccountMapping,
    schedules: &Schedules,
    whole: Option<i64>,
) -> Vec<Part> {
    let Some(deferred) = &entity.accounts.deferred_revenue else { return Vec::new() };
    let rule_of = |product: Option<&str>, tax_code: Option<&str>| {
        let rule = mapping.revenue_rule(entity, product, tax_code)?;
        let over_time = rule.recognition == Recognition::OverTime;
        (over_time || rule.account == *deferred)
            .then(|| (over_time.then(|| rule.account.clone()), rule.schedule.unwrap_or(schedules.method)))
    };
    if document.lines.is_empty() {
        let net = document.total.minor().checked_sub(document.tax_minor);
        let (Some((revenue, method)), Some(net)) = (rule_of(None, None), net) else { return Vec::new() };
        let minor = whole.unwrap_or(net);
        return vec![Part { product: None, revenue, method, term: None, minor }];
    }
    let part = |line: &DocumentLine| {
        let (revenue, method) = rule_of(line.product.as_deref(), line.tax_code.as_deref())?;
        let day = |date: crate::document::DocumentDate| date.in_zone(entity.time_zone);
        let term = line.service_starts.zip(line.service_ends).and_then(|(s, e)| Term::new(day(s), day(e)));
        Some(Part { product: line.product.clone(), revenue, method, term, minor: minor_of(line, document)? })
    };
    let mut parts: Vec<Part> = document.lines.iter().filter_map(part).collect();
    let sum = parts.iter().try_fold(0_i64, |sum, part| sum.checked_add(part.minor));
    let left = whole.zip(sum).and_then(|(whole, sum)| whole.checked_sub(sum)).unwrap_or(0);
    if let Some(largest) = parts.iter_mut().max_by_key(|part| part.minor.unsigned_abs()) {
        largest.minor = largest.minor.saturating_add(left);
    }
    parts.retain(|part| part.minor != 0);
    parts
}

fn minor_of(line: &DocumentLine, document: &Document) -> Option<i64> {
    if let Some(minor) = line.amount_minor {
        return Some(minor);
    }
    let exact: Decimal = line.quantity.checked_mul(line.unit_price)?;
    Money::from_decimal(exact, document.currency(), Rounding::HalfEven).ok().map(Money::minor)
}

/// The first day after which a release of a period is due: `days` after its last day.
#[must_use]
pub fn due_after(ends: NaiveDate, days: u16) -> NaiveDate {
    ends.checked_add_days(Days::new(u64::from(days) + 1)).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
