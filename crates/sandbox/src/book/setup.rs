//! The master data that a book starts with.

use chrono::{Datelike, Months, NaiveDate};
use rusqlite::params;
use rust_decimal::Decimal;

use super::schema::{stamp, stamp_date};
use super::{BookError, Inner};

/// Internal ids of quarters and years start here, above every month.
const SUMMARY_PERIODS: i64 = 10_000;

/// A currency.
#[derive(Clone, Debug)]
pub struct CurrencySetup {
    /// Internal id; 1 is the base currency.
    pub id: i64,
    /// ISO code.
    pub symbol: String,
    /// Name.
    pub name: String,
    /// Decimals of the minor unit.
    pub exponent: u32,
}

/// A subsidiary.
#[derive(Clone, Debug)]
pub struct SubsidiarySetup {
    /// Internal id.
    pub id: i64,
    /// Short code, as its external id.
    pub code: String,
    /// Name.
    pub name: String,
    /// Functional currency (internal id).
    pub currency: i64,
    /// ISO country.
    pub country: String,
}

/// An account.
#[derive(Clone, Debug)]
pub struct AccountSetup {
    /// Internal id.
    pub id: i64,
    /// Account number.
    pub number: String,
    /// Name.
    pub name: String,
    /// NetSuite's type: `AcctRec`, `Bank`, …
    pub kind: String,
}

/// A calendar month as a posting period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Internal id.
    pub id: i64,
    /// First day of the month.
    pub first: NaiveDate,
}

/// All master data.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// Currencies.
    pub currencies: Vec<CurrencySetup>,
    /// Exchange rates: from, to (internal ids), rate.
    pub rates: Vec<(i64, i64, Decimal)>,
    /// Subsidiaries.
    pub subsidiaries: Vec<SubsidiarySetup>,
    /// Accounts.
    pub accounts: Vec<AccountSetup>,
    /// Months, oldest first; their quarters and years are made from them.
    pub months: Vec<Month>,
}

impl Setup {
    /// The chart of "Meridian Analytics" with this many months from the month of `first` on, with ids from 1.
    #[must_use]
    pub fn meridian(first: NaiveDate, months: u32) -> Self {
        let currency = |id, symbol: &str, name: &str, exponent| CurrencySetup {
            id,
            symbol: symbol.to_owned(),
            name: name.to_owned(),
            exponent,
        };
        let subsidiary = |id, code: &str, name: &str, currency, country: &str| SubsidiarySetup {
            id,
            code: code.to_owned(),
            name: name.to_owned(),
            currency,
            country: country.to_owned(),
        };
        Self {
            currencies: vec![
                currency(1, "USD", "US Dollar", 2),
                currency(2, "GBP", "British Pound", 2),
                currency(3, "EUR", "Euro", 2),
                currency(4, "JPY", "Japanese Yen", 0),
            ],
            rates: vec![
                (1, 2, Decimal::new(79, 2)),
                (1, 3, Decimal::new(92, 2)),
                (1, 4, Decimal::from(150)),
                (2, 1, Decimal::new(1266, 3)),
                (3, 1, Decimal::new(1087, 3)),
                (4, 1, Decimal::new(667, 5)),
            ],
            subsidiaries: vec![
                subsidiary(1, "US01", "Meridian Analytics Inc.", 1, "US"),
                subsidiary(2, "GB01", "Meridian Analytics Ltd", 2, "GB"),
                subsidiary(3, "DE01", "Meridian Analytics GmbH", 3, "DE"),
                subsidiary(4, "JP01", "Meridian Analytics KK", 4, "JP"),
            ],
            accounts: crate::company::Account::ALL.iter().map(|account| AccountSetup::of(*account)).collect(),
            months: Self::calendar(first, months),
        }
    }

    /// Months with ids from 1.
    #[must_use]
    pub fn calendar(first: NaiveDate, months: u32) -> Vec<Month> {
        let first = first.with_day(1).unwrap_or(first);
        (0..months)
            .filter_map(|n| {
                Some(Month { id: i64::from(n) + 1, first: first.checked_add_months(Months::new(n))? })
            })
            .collect()
    }
}

impl AccountSetup {
    /// An account of the simulated company.
    #[must_use]
    pub fn of(account: crate::company::Account) -> Self {
        let (number, name, kind) = account.facts();
        Self {
            id: i64::from(account.internal_id()),
            number: number.to_string(),
            name: name.to_owned(),
            kind: kind.to_owned(),
        }
    }
}

impl Inner {
    pub(super) fn apply_setup(&mut self, setup: &Setup) -> Result<(), BookError> {
        let now = stamp(self.now());
        let sql = self.connection.transaction()?;
        for currency in &setup.currencies {
            sql.execute(
                "INSERT INTO b_currency(id, name, symbol, exponent) VALUES (?, ?, ?, ?)",
                params![currency.id, currency.name, currency.symbol, currency.exponent],
            )?;
        }
        for (source, target, rate) in &setup.rates {
            sql.execute("INSERT INTO b_rate VALUES (?, ?, ?)", params![source, target, rate.to_string()])?;
        }
        for one in &setup.subsidiaries {
            sql.execute(
                "INSERT INTO b_subsidiary(id, code, name, currency, country) VALUES (?, ?, ?, ?, ?)",
                params![one.id, one.code, one.name, one.currency, one.country],
            )?;
        }
        for account in &setup.accounts {
            sql.execute(
                "INSERT INTO b_account(id, number, name, type) VALUES (?, ?, ?, ?)",
                params![account.id, account.number, account.name, account.kind],
            )?;
        }
        let mut summaries = Summaries { next: SUMMARY_PERIODS, known: Vec::new() };
        for month in &setup.months {
            let first = month.first;
            let year_name = format!("FY {}", first.year());
            let quarter = (first.month0() / 3) + 1;
            let quarter_name = format!("Q{quarter} {}", first.year());
            let year = summaries.get(&sql, &year_name, "year", (first.year(), 1, 12), None, &now)?;
            let span = (first.year(), quarter * 3 - 2, 3);
            let parent = summaries.get(&sql, &quarter_name, "quarter", span, Some(year), &now)?;
            let last = last_day(first, 1);
            sql.execute(
                "INSERT INTO b_period(id, name, kind, first, last, parent, modified) VALUES (?, ?,
                'month', ?, ?, ?, ?)",
                params![
                    month.id,
                    first.format("%b %Y").to_string(),
                    stamp_date(first),
                    stamp_date(last),
                    parent,
                    now
                ],
            )?;
        }
        sql.commit()?;
        self.version += 1;
        Ok(())
    }
}

/// Last day of the span of so many months that starts at `first`.
fn last_day(first: NaiveDate, months: u32) -> NaiveDate {
    first.checked_add_months(Months::new(months)).and_then(|next| next.pred_opt()).unwrap_or(first)
}

/// Quarters and years, made when first needed.
struct Summaries {
    next: i64,
    known: Vec<(String, i64)>,
}

impl Summaries {
    /// `span`: year, first month, number of months.
    fn get(
        &mut self,
        sql: &rusqlite::Transaction<'_>,
        name: &str,
        kind: &str,
        span: (i32, u32, u32),
        parent: Option<i64>,
        now: &str,
    ) -> Result<i64, BookError> {
        if let Some((_, id)) = self.known.iter().find(|(known, _)| known == name) {
            return Ok(*id);
        }
        let id = self.next;
        self.next += 1;
        let first = NaiveDate::from_ymd_opt(span.0, span.1, 1)
            .ok_or_else(|| BookError::unknown("postingPeriod", name))?;
        sql.execute(
            "INSERT INTO b_period(id, name, kind, first, last, parent, modified) VALUES (?, ?, ?, ?, ?,
            ?, ?)",
            params![id, name, kind, stamp_date(first), stamp_date(last_day(first, span.2)), parent, now],
        )?;
        self.known.push((name.to_owned(), id));
        Ok(id)
    }
}
