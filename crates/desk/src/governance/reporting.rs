//! The reporting currency: into what amounts of several currencies are translated so that they can be
//! read and ordered beside each other. Nothing is posted or held against a limit of another entity by
//! it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;
use tieout_domain::{Currency, Money, accounts::AccountMapping};
use tieout_store::CurrencySum;

use crate::{
    base::{context::Context, error::DeskResult, wording::wide_text},
    governance::changes,
};

/// One minor unit of a currency in millionths of one of the reporting currency.
const MILLIONTHS: i64 = 1_000_000;

/// How each currency is translated, as of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reporting {
    currency: Option<Currency>,
    rates: BTreeMap<Currency, (Decimal, NaiveDate)>,
}

/// In which currency totals over several are, and by which rates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ReportingView {
    /// The currency.
    pub currency: String,
    /// From which day on the oldest of the rates holds, `YYYY-MM-DD`; `None` where none was needed.
    pub rates_of: Option<String>,
    /// Currencies of open exceptions for which no rate is known: they are in no total over several.
    pub without_rate: Vec<String>,
}

/// The reporting currency in force with today's rates. Where the mapping names none, it is the one
/// currency that all books, or else all exceptions, are in.
pub(crate) fn in_force(ctx: &Context) -> DeskResult<Reporting> {
    let mapping = changes::mapping_in_force(ctx)?.map(|mapping| mapping.content);
    let met: Vec<Currency> = ctx.store().exception_currencies()?;
    Ok(Reporting::of(mapping.as_deref(), &met, ctx.clock.now().date_naive()))
}

impl Reporting {
    /// Of a mapping and the currencies that are met, by the rates of a day.
    pub(crate) fn of(mapping: Option<&AccountMapping>, met: &[Currency], day: NaiveDate) -> Self {
        let books: BTreeSet<Currency> =
            mapping.into_iter().flat_map(|m| m.entities.iter().map(|e| e.functional_currency)).collect();
        let only = |all: Vec<Currency>| {
            let first = *all.first()?;
            all.iter().all(|other| *other == first).then_some(first)
        };
        let currency = mapping
            .and_then(|m| m.reporting_currency)
            .or_else(|| only(books.iter().copied().collect()))
            .or_else(|| only(met.to_vec()));
        let Some(to) = currency else { return Self::default() };
        let mut rates = BTreeMap::from([(to, (Decimal::ONE, day))]);
        for from in met.iter().chain(&books) {
            if let Some(rate) = mapping.and_then(|mapping| rate(mapping, (*from, to), day)) {
                rates.entry(*from).or_insert(rate);
            }
        }
        Self { currency, rates }
    }

    /// Minor units of any size in minor units of the reporting currency, to the nearest, halves to even;
    /// `None` without a rate.
    pub(crate) fn minor(&self, minor: i128, from: Currency) -> Option<i128> {
        let to = self.currency?;
        if from == to {
            return Some(minor);
        }
        let (rate, _) = self.rates.get(&from)?;
        let amount = Decimal::try_from_i128_with_scale(minor, from.exponent()).ok()?;
        let there = amount.checked_mul(*rate)?.checked_mul(Decimal::from(10_i64.pow(to.exponent())))?;
        let whole = there.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
        i128::try_from(whole).ok()
    }

    /// Minor units as decimal text of the reporting currency.
    pub(crate) fn text(&self, minor: i128) -> Option<String> {
        Some(wide_text(minor, self.currency?))
    }

    /// An amount in the reporting currency, major units, with its sign.
    pub(crate) fn worth(&self, minor: i64, currency: &str) -> Option<String> {
        self.text(self.minor(i128::from(minor), Currency::new(currency).ok()?)?)
    }

    /// Amounts of several currencies together without their signs, in minor units; `None` where no rate
    /// is known for one of them, since a part is no total.
    pub(crate) fn gross<'s>(&self, sums: impl IntoIterator<Item = (&'s str, i128)>) -> Option<i128> {
        sums.into_iter().try_fold(0, |sum, (currency, gross)| {
            if gross == 0 {
                return Some(sum);
            }
            Some(sum + self.minor(gross, Currency::new(currency).ok()?)?)
        })
    }

    /// The same of a view's sums, as decimal text.
    pub(crate) fn gross_text(&self, sums: &[CurrencySum]) -> Option<String> {
        self.text(self.gross(sums.iter().map(|sum| (sum.currency.as_str(), sum.gross)))?)
    }

    /// What screens say of it.
    pub(crate) fn view(&self, met: &[Currency]) -> Option<ReportingView> {
        let currency = self.currency?;
        let used = |code: &&Currency| **code != currency;
        let days = met.iter().filter(used).filter_map(|code| self.rates.get(code)).map(|(_, day)| *day);
        Some(ReportingView {
            currency: currency.code().to_owned(),
            rates_of: days.min().map(|day| day.to_string()),
            without_rate: met
                .iter()
                .filter(|code| !self.rates.contains_key(code))
                .map(|code| code.code().to_owned())
                .collect(),
        })
    }

    /// By what exceptions are ordered ([`tieout_store::Tx::keep_rates`]).
    pub(crate) fn minor_rates(&self) -> Vec<(Currency, i64)> {
        let Some(to) = self.currency else { return Vec::new() };
        let one = |(from, (rate, _)): (&Currency, &(Decimal, NaiveDate))| {
            let minor = Decimal::from(10_i64.pow(to.exponent())) / Decimal::from(10_i64.pow(from.exponent()));
            let millionths = rate.checked_mul(minor)?.checked_mul(Decimal::from(MILLIONTHS))?;
            Some((*from, i64::try_from(millionths.round()).ok()?.max(1)))
        };
        self.rates.iter().filter_map(one).collect()
    }
}

/// The rate of a day for reading: as the mapping has it, without a source before those that an entity
/// names; else by its inverse.
fn rate(
    mapping: &AccountMapping,
    (from, to): (Currency, Currency),
    day: NaiveDate,
) -> Option<(Decimal, NaiveDate)> {
    let named: Vec<Option<&str>> = [None]
        .into_iter()
        .chain(mapping.entities.iter().filter_map(|e| e.rates.as_deref().map(Some)))
        .collect();
    let of = |source: Option<&str>, (from, to): (Currency, Currency)| {
        let rates = mapping.rates.iter().filter(|r| r.source.as_deref() == source && r.date <= day);
        rates.filter(|r| r.from == from && r.to == to).max_by_key(|r| r.date).map(|r| (r.rate, r.date))
    };
    named.into_iter().find_map(|source| {
        of(source, (from, to)).or_else(|| {
            let (rate, date) = of(source, (to, from))?;
            Some((Decimal::ONE.checked_div(rate)?, date))
        })
    })
}

/// An entity's materiality in minor units of the reporting currency, with the amount as the mapping has
/// it.
pub(crate) fn materiality(
    mapping: &AccountMapping,
    reporting: &Reporting,
    entity: &str,
) -> Option<(i128, Money)> {
    let entity = mapping.entities.iter().find(|e| e.code.as_str() == entity)?;
    let least = entity.materiality.as_ref()?.of(entity.functional_currency).ok()?;
    let there = reporting.minor(i128::from(least.minor()), least.currency())?;
    (there > 0).then_some((there, least))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: &str = r#"
        version = 2
        reporting_currency = "GBP"
        [[entity]]
        code = "US01"
        functional_currency = "USD"
        materiality = "1000.00"
        [entity.accounts]
        receivable = "1100"
        [[rate]]
        from = "GBP"
        to = "USD"
        date = "2026-11-30"
        rate = "1.25"
        [[rate]]
        from = "JPY"
        to = "GBP"
        date = "2026-11-01"
        rate = "0.005"
        [[rate]]
        from = "JPY"
        to = "GBP"
        date = "2026-12-31"
        rate = "0.006"
    "#;

    fn met() -> Vec<Currency> {
        ["EUR", "JPY", "USD"].iter().map(|code| Currency::new(code).unwrap()).collect()
    }

    #[test]
    fn amounts_are_read_by_the_days_rate_or_its_inverse_and_never_without_one() {
        let mapping = AccountMapping::parse(MAPPING).unwrap();
        let reporting = Reporting::of(Some(&mapping), &met(), "2026-12-03".parse().unwrap());
        assert_eq!(reporting.worth(23_484_000, "USD").as_deref(), Some("187872.00"));
        assert_eq!(reporting.worth(-1_170_000, "JPY").as_deref(), Some("-5850.00"));
        assert_eq!(reporting.worth(1, "EUR"), None);
        assert_eq!(reporting.gross([("USD", 125), ("JPY", 200)]), Some(200));
        assert_eq!(reporting.gross([("USD", 125), ("EUR", 1)]), None, "a part is no total");
        let view = reporting.view(&met()).unwrap();
        assert_eq!((view.rates_of.as_deref(), view.without_rate), (Some("2026-11-01"), vec!["EUR".into()]));
        let (there, own) = materiality(&mapping, &reporting, "US01").unwrap();
        assert_eq!((there, own.minor()), (80_000, 100_000));
        let of = |code: &str| {
            let rates = reporting.minor_rates();
            rates.iter().find(|(from, _)| from.code() == code).map(|(_, rate)| *rate)
        };
        assert_eq!((of("USD"), of("JPY"), of("EUR")), (Some(800_000), Some(500_000), None));
    }

    #[test]
    fn without_a_mapping_the_one_currency_there_is_needs_no_rate() {
        let usd = [Currency::USD];
        let reporting = Reporting::of(None, &usd, "2026-12-03".parse().unwrap());
        assert_eq!(reporting.worth(150, "USD").as_deref(), Some("1.50"));
        assert_eq!(reporting.view(&usd).unwrap().rates_of, None);
        assert_eq!(Reporting::of(None, &met(), "2026-12-03".parse().unwrap()), Reporting::default());
    }
}
