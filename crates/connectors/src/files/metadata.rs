//! What the first line of a DATEV batch says.

use chrono::{Days, Months, NaiveDate};
use tieout_domain::Currency;

/// A DATEV batch, as its first line describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The days of its fiscal year, or those that it goes over: they give its dates their year.
    pub days: (NaiveDate, NaiveDate),
    /// The currency of its books.
    pub currency: Option<String>,
}

const FISCAL_YEAR: usize = 12;
const FROM: usize = 14;
const TO: usize = 15;
const CURRENCY: usize = 21;

impl Batch {
    /// Reads the cells of a file's first line; `None` where they are none of a batch of postings.
    #[must_use]
    pub fn read(cells: &[&str]) -> Option<Self> {
        if !matches!(cells.first(), Some(&"EXTF" | &"DTVF")) || cells.get(2) != Some(&"21") {
            return None;
        }
        let day = |at: usize| NaiveDate::parse_from_str(cells.get(at)?, "%Y%m%d").ok();
        let year = |from: NaiveDate| {
            Some((from, from.checked_add_months(Months::new(12))?.checked_sub_days(Days::new(1))?))
        };
        let days = day(FISCAL_YEAR).and_then(year).or_else(|| Some((day(FROM)?, day(TO)?)))?;
        let currency = cells.get(CURRENCY).filter(|code| Currency::new(code).is_ok());
        Some(Self { days, currency: currency.map(|code| (*code).to_owned()) })
    }
}
