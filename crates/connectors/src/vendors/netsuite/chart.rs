//! The account's master data by which entries are read and written: read once per connection, and again
//! when something is not in it.

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveDate;
use tieout_domain::{AccountCode, Currency, calendar::PeriodKey, failure::VendorFailure};
use tokio::sync::Mutex;

use super::{
    client::{Client, Row, unreadable},
    suiteql,
};
use crate::{kit::Field, traits::Rejection};

/// An account that takes postings.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) id: String,
    /// Accounts receivable: its line names the customer.
    pub(super) receivable: bool,
}

/// An accounting period that is neither a quarter nor a year.
#[derive(Clone, Debug)]
pub(super) struct PeriodRow {
    pub(super) id: String,
    pub(super) key: PeriodKey,
    pub(super) adjustment: bool,
}

/// Master data as last read.
#[derive(Default)]
pub(super) struct Chart {
    accounts: HashMap<AccountCode, Account>,
    numbers: HashMap<String, AccountCode>,
    currencies: HashMap<String, Currency>,
    subsidiaries: HashMap<String, Currency>,
    periods: Vec<PeriodRow>,
}

impl Chart {
    pub(super) fn account(&self, number: &AccountCode) -> Option<&Account> {
        self.accounts.get(number)
    }

    pub(super) fn number(&self, id: &str) -> Option<&AccountCode> {
        self.numbers.get(id)
    }

    pub(super) fn currency(&self, id: &str) -> Option<Currency> {
        self.currencies.get(id).copied()
    }

    pub(super) fn currency_id(&self, currency: Currency) -> Option<&str> {
        self.currencies.iter().find(|(_, c)| **c == currency).map(|(id, _)| id.as_str())
    }

    /// The functional currency of a subsidiary.
    pub(super) fn functional(&self, subsidiary: &str) -> Option<Currency> {
        self.subsidiaries.get(subsidiary).copied()
    }

    pub(super) fn period_key(&self, id: &str) -> Option<&PeriodKey> {
        self.periods.iter().find(|p| p.id == id).map(|p| &p.key)
    }

    /// The regular (not an adjustment) period of this name.
    pub(super) fn period_id(&self, key: &PeriodKey) -> Option<&str> {
        self.periods.iter().find(|p| p.key == *key && !p.adjustment).map(|p| p.id.as_str())
    }
}

/// The chart of one connection.
#[derive(Default)]
pub(super) struct ChartCache(Mutex<Option<Arc<Chart>>>);

impl ChartCache {
    /// The chart such that `enough` holds; read (again) where it does not. What still lacks is for the caller
    /// to say.
    pub(super) async fn with(
        &self,
        client: &Client,
        enough: impl Fn(&Chart) -> bool + Send,
    ) -> Result<Arc<Chart>, VendorFailure> {
        let mut held = self.0.lock().await;
        if let Some(chart) = held.as_ref().filter(|chart| enough(chart)) {
            return Ok(Arc::clone(chart));
        }
        let fresh = Arc::new(read(client).await?);
        *held = Some(Arc::clone(&fresh));
        Ok(fresh)
    }
}

async fn read(client: &Client) -> Result<Chart, VendorFailure> {
    let mut chart = Chart::default();
    each(client, suiteql::accounts, "account", |row| {
        let number = row.get("account");
        let code: AccountCode = number.text()?.parse().map_err(|_| number.wrong("is no account code"))?;
        let id = row.get("id").id()?;
        chart.numbers.insert(id.clone(), code.clone());
        let receivable = row.get("accttype").text()? == "AcctRec";
        if !flag(row.get("isinactive"))? {
            chart.accounts.insert(code, Account { id, receivable });
        }
        Ok(())
    })
    .await?;
    each(client, suiteql::currencies, "currency", |row| {
        chart.currencies.insert(row.get("id").id()?, currency(row.get("symbol"))?);
        Ok(())
    })
    .await?;
    each(client, suiteql::subsidiaries, "subsidiary", |row| {
        chart.subsidiaries.insert(row.get("id").id()?, currency(row.get("symbol"))?);
        Ok(())
    })
    .await?;
    each(
        client,
        |after| suiteql::periods(None, after),
        "accountingperiod",
        |row| {
            let (starts, ends) = (date(row.get("starts"))?, date(row.get("ends"))?);
            let adjustment = flag(row.get("isadjust"))?;
            chart.periods.push(PeriodRow {
                id: row.get("id").id()?,
                key: period_key(starts, ends),
                adjustment,
            });
            Ok(())
        },
    )
    .await?;
    Ok(chart)
}

async fn each(
    client: &Client,
    above: impl Fn(i64) -> String + Send,
    table: &str,
    mut read: impl FnMut(Field<'_>) -> Result<(), Rejection> + Send,
) -> Result<(), VendorFailure> {
    for Row { value, .. } in client.query_all(above).await?.items {
        read(Field::root(&value, table)).map_err(|rejection| unreadable(table, &rejection.to_string()))?;
    }
    Ok(())
}

/// A period's name in our calendar: the month of its middle day, which for calendar months is the month
/// itself and for 4-4-5 periods the month that finance calls it by.
pub(super) fn period_key(starts: NaiveDate, ends: NaiveDate) -> PeriodKey {
    let half = ends.signed_duration_since(starts).num_days() / 2;
    PeriodKey::month(starts + chrono::Duration::days(half))
}

/// A required `T` or `F`: an absent one is drift, not false.
pub(super) fn flag(field: Field<'_>) -> Result<bool, Rejection> {
    field.maybe_flag()?.ok_or_else(|| field.missing())
}

pub(super) fn date(field: Field<'_>) -> Result<NaiveDate, Rejection> {
    field.text()?.parse().map_err(|_| field.wrong("is no date (YYYY-MM-DD)"))
}

fn currency(field: Field<'_>) -> Result<Currency, Rejection> {
    Currency::new(field.text()?).map_err(|error| field.wrong(&error.to_string()))
}
