//! Exchange rates out of a central bank's file, as a proposed change of the mapping: the pairs that entities
//! bill in and read in, each rate exact or worked out, and which it is.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::PathBuf,
};

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use tieout_domain::{
    Currency,
    accounts::{AccountMapping, FxRate},
};
use tieout_store::ChangeKind;

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        when,
    },
    governance::{
        central_bank::{self, Days, ECB},
        changes::{self, ChangeView, MAPPING},
        mapping::mapping_needed,
        table::{MappingTable, Remarks},
    },
};

/// Digits after the point of a rate that had to be worked out.
const DIGITS: u32 = 12;

/// A central bank's file.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct RatesRequest {
    /// The file.
    pub file: PathBuf,
    /// Only rates of this day and later; by default from the last before the first document on.
    #[serde(default)]
    #[ts(optional)]
    pub from: Option<String>,
}

/// What a file of rates brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct RatesView {
    /// What the rates are called in the mapping.
    pub source: String,
    /// The first day that is taken.
    pub from: String,
    /// The last.
    pub through: String,
    /// The pairs of currencies.
    pub pairs: Vec<PairView>,
    /// Pairs that are needed and that the file cannot give.
    pub missing: Vec<String>,
    /// How rates are rounded that had to be worked out.
    pub rounding: String,
    /// How many rates are new.
    pub new: u64,
    /// The entities that would take their rates from this source from then on.
    pub entities: Vec<String>,
    /// The change that brings them; none where it was only asked, or nothing is new.
    pub change: Option<ChangeView>,
}

/// The rates of one pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PairView {
    /// From this currency …
    pub from: String,
    /// … into this one.
    pub to: String,
    /// How they come about: as published, the inverse of what is published, or across the euro.
    pub how: String,
    /// How many days.
    pub days: u64,
    /// The last day's rate.
    pub last: String,
}

/// Says what a file of rates would bring.
///
/// # Errors
/// `mapping_required`, `rates_unreadable`, `bad_date`.
pub fn rates_check(ctx: &Context, request: &RatesRequest) -> DeskResult<RatesView> {
    Ok(prepared(ctx, request)?.0)
}

/// Proposes the rates of a file as a change of the mapping.
///
/// # Errors
/// As [`rates_check`]; a refusal.
pub fn rates_propose(ctx: &Context, request: &RatesRequest) -> DeskResult<RatesView> {
    let (mut view, text) = prepared(ctx, request)?;
    if view.new > 0 || !view.entities.is_empty() {
        view.change = Some(changes::propose_change(ctx, ChangeKind::Mapping, MAPPING, &text)?);
    }
    Ok(view)
}

fn prepared(ctx: &Context, request: &RatesRequest) -> DeskResult<(RatesView, String)> {
    let mapping = mapping_needed(ctx)?;
    let text = changes::read_text(&request.file)?;
    let days = central_bank::read(&text)
        .map_err(|why| DeskError::new(Code::RatesUnreadable, format!("{}: {why}", request.file.display())))?;
    let (wanted, first) = wanted(ctx, &mapping.content)?;
    let from = match &request.from {
        Some(day) => when::date(day)?,
        None => begins(&days, first),
    };
    let mut view = RatesView {
        source: ECB.to_owned(),
        from: from.to_string(),
        through: days.keys().next_back().map(ToString::to_string).unwrap_or_default(),
        pairs: Vec::new(),
        missing: Vec::new(),
        rounding: format!(
            "to {DIGITS} digits after the point, half to even; what is published is taken as it is"
        ),
        new: 0,
        entities: Vec::new(),
        change: None,
    };
    let mut after = (*mapping.content).clone();
    after.schema = 2;
    let known = known(&after);
    for (from_currency, to) in wanted {
        let rates: Vec<(NaiveDate, Decimal)> = days
            .range(from..)
            .filter_map(|(day, rates)| Some((*day, of_pair(rates, from_currency, to)?)))
            .collect();
        let Some((_, last)) = rates.last() else {
            view.missing.push(format!("{from_currency} to {to}"));
            continue;
        };
        view.pairs.push(PairView {
            from: from_currency.to_string(),
            to: to.to_string(),
            how: how(from_currency, to).to_owned(),
            days: rates.len() as u64,
            last: last.to_string(),
        });
        for (date, rate) in rates {
            let new = FxRate { from: from_currency, to, date, rate, source: Some(ECB.to_owned()) };
            view.new += u64::from(put(&mut after, &known, new));
        }
    }
    if !view.pairs.is_empty() {
        for entity in after.entities.iter_mut().filter(|entity| entity.rates.is_none()) {
            entity.rates = Some(ECB.to_owned());
            view.entities.push(entity.code.to_string());
        }
    }
    let change = ctx.store().change(&mapping.id)?;
    let text = written(&change.content, &mapping.content, &after)?;
    Ok((view, text))
}

/// A currency, and the one that it is worth so much of.
type Pairs = BTreeSet<(Currency, Currency)>;

/// Which pairs the books need: of what is billed into the books' own currency, and of both into the currency
/// for reading. And the day of the first document.
fn wanted(ctx: &Context, mapping: &AccountMapping) -> DeskResult<(Pairs, Option<NaiveDate>)> {
    let (met, first) = ctx.store().billed_currencies()?;
    let books: BTreeSet<Currency> =
        mapping.entities.iter().map(|entity| entity.functional_currency).collect();
    let mut pairs: BTreeSet<(Currency, Currency)> = BTreeSet::new();
    for currency in met.iter().chain(&books) {
        pairs.extend(books.iter().map(|to| (*currency, *to)));
        pairs.extend(mapping.reporting_currency.map(|to| (*currency, to)));
    }
    pairs.retain(|(from, to)| from != to);
    Ok((pairs, first))
}

/// The last day with rates that is not after the first document's, or the first there is.
fn begins(days: &Days, first: Option<NaiveDate>) -> NaiveDate {
    let before = first.and_then(|first| days.range(..=first).next_back());
    before.or_else(|| days.iter().next()).map_or(NaiveDate::MIN, |(day, _)| *day)
}

/// Units of `to` per unit of `from`, of rates per euro.
fn of_pair(rates: &BTreeMap<Currency, Decimal>, from: Currency, to: Currency) -> Option<Decimal> {
    let per_euro =
        |currency| if currency == Currency::EUR { Some(Decimal::ONE) } else { rates.get(&currency).copied() };
    let (from_rate, to_rate) = (per_euro(from)?, per_euro(to)?);
    if from == Currency::EUR {
        return Some(to_rate);
    }
    let worked_out = to_rate.checked_div(from_rate)?;
    let rounded =
        worked_out.round_dp_with_strategy(DIGITS, RoundingStrategy::MidpointNearestEven).normalize();
    (rounded > Decimal::ZERO).then_some(rounded)
}

fn how(from: Currency, to: Currency) -> &'static str {
    match (from == Currency::EUR, to == Currency::EUR) {
        (true, _) => "as published",
        (false, true) => "inverse of what is published",
        (false, false) => "cross rate over the euro",
    }
}

/// The bank's rates that a mapping has, by pair and day.
type Known = HashMap<(Currency, Currency, NaiveDate), usize>;

fn known(mapping: &AccountMapping) -> Known {
    let rates = mapping.rates.iter().enumerate().filter(|(_, rate)| rate.source.as_deref() == Some(ECB));
    rates.map(|(place, rate)| ((rate.from, rate.to, rate.date), place)).collect()
}

/// Puts a rate in; answers whether it is new.
fn put(mapping: &mut AccountMapping, known: &Known, new: FxRate) -> bool {
    let there = known.get(&(new.from, new.to, new.date)).and_then(|place| mapping.rates.get_mut(*place));
    match there {
        Some(before) if before.rate == new.rate => false,
        Some(before) => {
            before.rate = new.rate;
            true
        }
        None => {
            mapping.rates.push(new);
            true
        }
    }
}

/// Where a mapping's text names its entities.
#[derive(Deserialize)]
struct Spots {
    #[serde(default)]
    entity: Vec<EntitySpot>,
}

#[derive(Deserialize)]
struct EntitySpot {
    code: toml::Spanned<String>,
}

/// The text with the rates behind it and the source at its entities, all else as it is written; where that
/// does not come to the same mapping, its text made anew.
fn written(text: &str, before: &AccountMapping, after: &AccountMapping) -> DeskResult<String> {
    let appended = appended(text, before, after);
    match appended.filter(|text| AccountMapping::parse(text).is_ok_and(|read| read == *after)) {
        Some(text) => Ok(text),
        None => MappingTable::of(after)?.text(&Remarks::default()),
    }
}

fn appended(text: &str, before: &AccountMapping, after: &AccountMapping) -> Option<String> {
    let spots: Spots = toml::from_str(text).ok()?;
    let mut changed = text.to_owned();
    // From the last to the first, so that the places before stay where they are.
    for spot in spots.entity.iter().rev() {
        let entity = before.entities.iter().find(|entity| entity.code.as_str() == spot.code.get_ref())?;
        if entity.rates.is_none() {
            changed.insert_str(spot.code.span().end, &format!("\nrates = \"{ECB}\""));
        }
    }
    changed.truncate(changed.trim_end().len());
    changed.push('\n');
    for rate in after.rates.iter().skip(before.rates.len()) {
        let FxRate { from, to, date, rate, .. } = rate;
        changed.push_str(&format!(
            "\n[[rate]]\nfrom = \"{from}\"\nto = \"{to}\"\n\
             date = \"{date}\"\nrate = \"{rate}\"\nsource = \"{ECB}\"\n"
        ));
    }
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_taken_as_published_or_worked_out_and_rounded_half_to_even() {
        let currency = |code: &str| Currency::new(code).unwrap();
        let rates: BTreeMap<Currency, Decimal> = [("USD", "1.0705"), ("JPY", "171.94"), ("IDR", "17487.21")]
            .into_iter()
            .map(|(code, rate)| (currency(code), rate.parse().unwrap()))
            .collect();
        let of =
            |from: &str, to: &str| of_pair(&rates, currency(from), currency(to)).map(|rate| rate.to_string());
        assert_eq!(of("EUR", "USD").as_deref(), Some("1.0705"));
        // By hand: 1 / 1.0705 = 0.93414292386735…; 171.94 / 1.0705 = 160.61653432975245…
        assert_eq!(of("USD", "EUR").as_deref(), Some("0.934142923867"));
        assert_eq!(of("USD", "JPY").as_deref(), Some("160.616534329752"));
        assert_eq!(of("IDR", "EUR").as_deref(), Some("0.000057184651"));
        assert_eq!(of("GBP", "EUR"), None, "the file has none");
        assert_eq!(how(currency("USD"), currency("JPY")), "cross rate over the euro");
    }
}
