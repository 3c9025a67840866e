//! The cut-off test of a period: what lies a few days before its end and a few days after, document by
//! document and entry by entry, and whether it stands on the side of the end on which it belongs. Over the
//! receivable accounts, which every document passes through. As last detected.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use tieout_domain::{AccountCode, Currency, calendar::PeriodKey, mapping::Role};
use tieout_store::{MemberQuery, MemberSide, TieOutFilter, TieOutMember};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
    },
    close::arithmetic::Books,
};

/// So many days on each side, where nothing is asked.
const DAYS: u32 = 5;
/// So many at most: what lies further from the end says nothing of it.
const MOST_DAYS: u32 = 31;

/// Which test.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct CutOffRequest {
    /// The legal entity.
    pub entity: String,
    /// The period that ends.
    pub period: String,
    /// How many days on each side of its end, 1 to 31; 5 without it.
    #[serde(default)]
    pub days: Option<u32>,
    /// Every document and entry that was looked at; else only what needs a look.
    #[serde(default)]
    pub each: bool,
    /// The instant or date by which timing is judged; now without one.
    #[serde(default)]
    pub as_of: Option<String>,
}

/// How something stands at the end of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum CutOffState {
    /// Booked in another period than the one that it belongs to.
    AnotherPeriod,
    /// An entry whose day is not within its period.
    DatedOutside,
    /// Not booked, and past its time.
    NotBooked,
    /// Booked where it belongs, with another amount.
    Differs,
    /// An entry that no document and no rule explains.
    NoDocument,
    /// Not booked, and within its time.
    InTime,
    /// Booked in the period into which an approved posting or a rule put it.
    Moved,
    /// Booked where it belongs.
    Right,
}

impl CutOffState {
    /// True of what somebody has to look at.
    fn is_wrong(self) -> bool {
        match self {
            CutOffState::AnotherPeriod
            | CutOffState::DatedOutside
            | CutOffState::NotBooked
            | CutOffState::Differs
            | CutOffState::NoDocument => true,
            CutOffState::InTime | CutOffState::Moved | CutOffState::Right => false,
        }
    }
}

/// A document, or an entry without one, near the end of a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CutOffRow {
    /// The document's reference, or the entry's number.
    pub item: String,
    /// Its day.
    pub dated: String,
    /// True of a day after the end.
    pub after: bool,
    /// The period that it belongs to.
    pub belongs: String,
    /// The periods in which the ledger holds it.
    pub booked: Vec<String>,
    /// The currency.
    pub currency: String,
    /// What it expects on receivables, major units.
    pub expected: String,
    /// What the ledger holds of it there.
    pub ledger: String,
    /// How it stands.
    pub state: CutOffState,
    /// The exception that is open on it.
    pub exception: Option<String>,
}

/// One side of the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CutOffSide {
    /// How many documents and entries were looked at.
    pub tested: u64,
    /// How many of them need a look.
    pub wrong: u64,
    /// How many are not booked and within their time.
    pub in_time: u64,
}

/// A cut-off test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CutOff {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// Its last day.
    pub ends: String,
    /// How many days on each side.
    pub days: u32,
    /// The accounts over which it was made.
    pub accounts: Vec<String>,
    /// Up to the end.
    pub before: CutOffSide,
    /// After it.
    pub after: CutOffSide,
    /// What needs a look, or all; what is worst first.
    pub rows: Vec<CutOffRow>,
}

/// Tests what lies on both sides of a period's end.
///
/// # Errors
/// `mapping_required`, `not_found` of an entity or a period, `bad_request` of other days, a database error.
pub fn close_cut_off(ctx: &Context, request: &CutOffRequest) -> DeskResult<CutOff> {
    let days = request.days.unwrap_or(DAYS);
    if !(1..=MOST_DAYS).contains(&days) {
        let message = format!("{days} days: a cut-off test looks at 1 to {MOST_DAYS} days on each side");
        return Err(DeskError::new(Code::BadRequest, message));
    }
    let books = Books::of(ctx, (&request.entity, &request.period), request.as_of.as_deref())?;
    let period = books.period.clone();
    let unknown = || DeskError::new(Code::NotFound, format!("nobody knows when {period} ends"));
    let ends = books.end_of(period.as_str()).ok_or_else(unknown)?;
    let window = Window { ends, days: days.into() };
    let calendar = Calendar::of(ctx, &books, &window)?;
    let cells = cells(ctx, &books, &window, &calendar)?;
    let known = ctx.store().periods_of(&books.entity.code)?;
    if cells.is_empty() && !known.iter().any(|stored| stored.period.key == period) {
        let message = format!("{} {period} is no period of which anything was read", books.entity.code);
        return Err(DeskError::new(Code::NotFound, message));
    }
    let accounts: BTreeSet<&AccountCode> = cells.iter().map(|(_, account)| account).collect();
    let by_name = members(ctx, &books, &cells)?;
    let rows = by_name.values().filter_map(|of_name| row(&books, &window, &calendar, of_name));
    let mut rows: Vec<CutOffRow> = rows.collect();
    let side = |after: bool| {
        let mut side = CutOffSide::default();
        for row in rows.iter().filter(|row| row.after == after) {
            side.tested += 1;
            side.wrong += u64::from(row.state.is_wrong());
            side.in_time += u64::from(row.state == CutOffState::InTime);
        }
        side
    };
    let (before, after) = (side(false), side(true));
    rows.retain(|row| request.each || row.state.is_wrong());
    rows.sort_by(|a, b| (a.state, &a.dated, &a.item).cmp(&(b.state, &b.dated, &b.item)));
    Ok(CutOff {
        entity: books.entity.code.to_string(),
        period: period.to_string(),
        ends: ends.to_string(),
        days,
        accounts: accounts.iter().map(ToString::to_string).collect(),
        before,
        after,
        rows,
    })
}

/// The days that are looked at.
struct Window {
    ends: NaiveDate,
    days: u64,
}

impl Window {
    fn holds(&self, day: NaiveDate) -> bool {
        day > self.ends - Days::new(self.days) && day <= self.ends + Days::new(self.days)
    }
}

/// The periods in which the days of the window lie, each with its first and last day.
struct Calendar(Vec<(PeriodKey, NaiveDate, NaiveDate)>);

impl Calendar {
    fn of(ctx: &Context, books: &Books, window: &Window) -> DeskResult<Self> {
        let known = ctx.store().periods_of(&books.entity.code)?;
        let mut all = BTreeMap::new();
        for offset in 1..=2 * window.days {
            let day = window.ends - Days::new(window.days) + Days::new(offset);
            let by_ledger = known.iter().map(|stored| &stored.period);
            let found = by_ledger.filter(|one| one.starts <= day && day <= one.ends);
            let found = found.map(|one| (one.key.clone(), one.starts, one.ends)).next();
            let found = found.or_else(|| books.entity.calendar.locate(day));
            all.extend(found.map(|(key, starts, ends)| (starts, (key, starts, ends))));
        }
        Ok(Self(all.into_values().collect()))
    }

    fn has(&self, period: &PeriodKey) -> bool {
        self.0.iter().any(|(key, ..)| key == period)
    }

    /// The period in which a day lies.
    fn of_day(&self, day: NaiveDate) -> Option<&PeriodKey> {
        self.0.iter().find(|(_, starts, ends)| *starts <= day && day <= *ends).map(|(key, ..)| key)
    }
}

/// The receivable cells of the window's periods, and of all later ones: what belongs here may have been put
/// there.
fn cells(
    ctx: &Context,
    books: &Books,
    window: &Window,
    calendar: &Calendar,
) -> DeskResult<BTreeSet<(PeriodKey, AccountCode)>> {
    let filter = TieOutFilter { entity: Some(books.entity.code.clone()), ..TieOutFilter::default() };
    let mut found = BTreeSet::new();
    for cell in ctx.store().tie_out(&filter)? {
        let later = books.end_of(cell.period.as_str()).is_some_and(|ends| ends > window.ends);
        if books.role(&cell.account).0 == Some(Role::Receivable) && (later || calendar.has(&cell.period)) {
            found.extend(cell.account.parse().ok().map(|account| (cell.period, account)));
        }
    }
    Ok(found)
}

/// All that is in these cells, by name and currency.
fn members(
    ctx: &Context,
    books: &Books,
    cells: &BTreeSet<(PeriodKey, AccountCode)>,
) -> DeskResult<BTreeMap<(String, Currency), Vec<TieOutMember>>> {
    // What differs comes with every cell that is asked for.
    let mut seen = BTreeSet::new();
    let mut by_name: BTreeMap<(String, Currency), Vec<TieOutMember>> = BTreeMap::new();
    for (period, account) in cells {
        let whole = Some((period.clone(), account.clone()));
        let query = MemberQuery { entity: books.entity.code.clone(), whole };
        for member in ctx.store().tie_out_members(&query)? {
            let place = (member.period.clone(), member.account.clone(), member.side);
            let known = !seen.insert((member.name.clone(), place, member.id.clone(), member.version.clone()));
            if member.account == account.as_str() && !known {
                by_name.entry((member.name.clone(), member.currency)).or_default().push(member);
            }
        }
    }
    Ok(by_name)
}

/// How one name stands, where it lies in the window: what its documents expect and what entries hold, per
/// period.
fn row(books: &Books, window: &Window, calendar: &Calendar, members: &[TieOutMember]) -> Option<CutOffRow> {
    let day = |member: &TieOutMember| member.dated.parse::<NaiveDate>().ok();
    let of = |side: MemberSide| members.iter().filter(move |member| member.side == side);
    let document = of(MemberSide::Document)
        .filter(|one| day(one).is_some_and(|day| window.holds(day)))
        .max_by_key(|one| one.billing_minor.unsigned_abs());
    let entry = of(MemberSide::Entry).find(|one| day(one).is_some_and(|day| window.holds(day)));
    let first = document.or(entry.filter(|_| of(MemberSide::Document).next().is_none()))?;
    let dated = day(first)?;
    let mut held: BTreeMap<&PeriodKey, i128> = BTreeMap::new();
    for member in members.iter().filter(|member| member.side != MemberSide::Document) {
        let minor = i128::from(member.ledger_minor) - i128::from(member.otherwise_minor);
        *held.entry(&member.period).or_default() += minor;
    }
    held.retain(|_, minor| *minor != 0);
    let expected: i128 = of(MemberSide::Document).map(|one| i128::from(one.billing_minor)).sum();
    let ledger: i128 = held.values().sum();
    let belongs = document.map_or_else(|| calendar.of_day(dated), |one| Some(&one.period))?;
    let outside = of(MemberSide::Entry).any(|one| {
        let own = day(one).and_then(|day| calendar.of_day(day));
        held.contains_key(&one.period) && own.is_some_and(|own| *own != one.period)
    });
    let state = match document {
        None if held.is_empty() => return None,
        None if outside => CutOffState::DatedOutside,
        None => CutOffState::NoDocument,
        Some(_) if expected == 0 && held.is_empty() => return None,
        Some(one) if held.is_empty() && one.due.is_some() => CutOffState::InTime,
        Some(_) if held.is_empty() => CutOffState::NotBooked,
        Some(_) if held.keys().any(|period| *period != belongs) => CutOffState::AnotherPeriod,
        Some(_) if ledger != expected => CutOffState::Differs,
        Some(_) if outside && calendar.of_day(dated) == Some(belongs) => CutOffState::DatedOutside,
        Some(_) if calendar.of_day(dated).is_some_and(|own| own != belongs) => CutOffState::Moved,
        Some(_) => CutOffState::Right,
    };
    let number = || first.number.clone().unwrap_or_else(|| first.name.clone());
    let text = |minor: i128| decimal_text(i64::try_from(minor).unwrap_or(i64::MAX), first.currency.code());
    let exception = books.exceptions.iter().find(|one| one.name == first.name);
    Some(CutOffRow {
        item: if document.is_some() { first.name.clone() } else { number() },
        dated: first.dated.clone(),
        after: dated > window.ends,
        belongs: belongs.to_string(),
        booked: held.keys().map(ToString::to_string).collect(),
        currency: first.currency.code().to_owned(),
        expected: text(expected),
        ledger: text(ledger),
        state,
        exception: exception.map(|one| one.id.to_string()),
    })
}
