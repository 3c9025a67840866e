//! What exceptions are worth beside each other: the amount without its sign, in minor units of the
//! reporting currency, by which lists of several currencies are ordered (`exception.worth`; -1 where no
//! rate is known). It orders and is never shown: what people read is converted exactly from the amount
//! itself.
//!
//! The rates that it was made by stand beside the revision of the exceptions
//! (`exception_revision.rates`).

use std::collections::BTreeMap;

use tieout_domain::Currency;

use crate::{
    db::{Db, Tx},
    error::Result,
    table::cell,
};

/// One minor unit of the currency that is read from, in millionths of one of the reporting currency.
pub type MinorRate = (Currency, i64);

const MILLION: i64 = 1_000_000;

/// The rates in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Worth(BTreeMap<String, i64>);

impl Worth {
    fn parse(text: &str) -> Self {
        let one = |part: &str| {
            let (code, rate) = part.split_once('=')?;
            Some((code.to_owned(), rate.parse().ok()?))
        };
        Self(text.split(',').filter_map(one).collect())
    }

    fn text(&self) -> String {
        self.0.iter().map(|(code, rate)| format!("{code}={rate}")).collect::<Vec<_>>().join(",")
    }

    /// Those by which the exceptions are ordered now.
    pub fn kept(db: &Db) -> Result<Self> {
        let mut statement = db.prepare_cached("SELECT rates FROM exception_revision WHERE one = 1")?;
        let text: String = statement.query_row([], |row| row.get(0))?;
        Ok(Self::parse(&text))
    }

    /// What an amount in minor units is worth; -1 where its currency has no rate.
    pub fn of(&self, currency: &str, amount: i64) -> i64 {
        let Some(rate) = self.0.get(currency) else { return -1 };
        let amount = amount.saturating_abs().min(most(*rate));
        amount / MILLION * rate + amount % MILLION * rate / MILLION
    }

    /// How many exceptions are ordered by something else than what they are worth.
    pub fn misplaced(db: &Db) -> Result<i64> {
        let query = format!("SELECT count(*) FROM exception WHERE worth <> {}", Self::kept(db)?.sql());
        Ok(db.query_row(&query, [], |row| row.get(0))?)
    }

    /// The same as SQL over `exception`.
    fn sql(&self) -> String {
        let mut whens = String::new();
        for (code, rate) in &self.0 {
            let most = most(*rate);
            let capped =
                format!("CASE WHEN abs(amount_minor) > {most} THEN {most} ELSE abs(amount_minor) END");
            whens.push_str(&format!(
                " WHEN '{code}' THEN {capped} / {MILLION} * {rate}
                    + {capped} % {MILLION} * {rate} / {MILLION}"
            ));
        }
        if whens.is_empty() { "-1".to_owned() } else { format!("CASE currency{whens} ELSE -1 END") }
    }
}

/// Beyond this no product stays within 64 bits: what is more is taken for as much.
fn most(rate: i64) -> i64 {
    (i64::MAX / rate.max(MILLION) - 1).saturating_mul(MILLION)
}

/// Takes over the rates by which exceptions are ordered; all of them are ordered anew where these
/// changed.
pub(crate) fn keep(tx: &Tx<'_>, rates: &[MinorRate]) -> Result<()> {
    let worth = Worth(rates.iter().map(|(code, rate)| (code.code().to_owned(), (*rate).max(1))).collect());
    if worth == Worth::kept(tx)? {
        return Ok(());
    }
    tx.prepare_cached("UPDATE exception_revision SET rates = ?1 WHERE one = 1")?.execute([worth.text()])?;
    tx.execute(&format!("UPDATE exception SET worth = {}", worth.sql()), [])?;
    cell::bump(tx)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_several_currencies_follow_each_other_by_what_they_are_worth() {
        // GBP at 1.27 dollars; a yen, which has no smaller unit, at 0.0065 dollars.
        let worth = Worth::parse("GBP=1270000,JPY=650000,USD=1000000");
        assert_eq!(worth.of("USD", -12_345), 12_345);
        assert_eq!(worth.of("GBP", 10_000), 12_700);
        assert_eq!(worth.of("JPY", 1_000_000), 650_000);
        assert_eq!(worth.of("EUR", 1), -1);
        assert!(worth.of("GBP", i64::MAX) > worth.of("GBP", 1 << 58) / 2);
        assert_eq!(Worth::parse(&worth.text()), worth);
    }
}
