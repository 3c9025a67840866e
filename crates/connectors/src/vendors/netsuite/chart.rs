//! The account's master data by which entries are read and written: read once per connection, and again
//! when something is not in it. What the account does not have (subsidiaries, currencies) is found out here.
//! One row that cannot be read is left out, and stops only what names it.

use std::{collections::HashMap, sync::Arc};

use chrono::NaiveDate;
use tieout_domain::{AccountCode, Currency, calendar::PeriodKey, failure::VendorFailure};
use tokio::sync::Mutex;

use super::{
    client::{Client, Row, unreadable},
    sheet::UNKNOWN_TABLE,
    suiteql::{self, Features},
};
use crate::{kit::Field, traits::Rejection};

/// How the one entity of an account without subsidiaries is called, and the one currency of an account
/// without currencies: what queries leave out is read as this.
pub(super) const ONLY: &str = "1";

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
pub(super) struct Chart {
    features: Features,
    accounts: HashMap<AccountCode, Account>,
    numbers: HashMap<String, AccountCode>,
    currencies: HashMap<String, Currency>,
    subsidiaries: HashMap<String, Currency>,
    periods: Vec<PeriodRow>,
    /// Ids of rows that are there and cannot be read: reading again would not help.
    unread: Vec<(&'static str, String)>,
}

impl Chart {
    pub(super) fn features(&self) -> Features {
        self.features
    }

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

    /// The ids of the subsidiaries that the role sees.
    pub(super) fn subsidiaries(&self) -> impl Iterator<Item = &str> {
        self.subsidiaries.keys().map(String::as_str)
    }

    pub(super) fn period_key(&self, id: &str) -> Option<&PeriodKey> {
        self.periods.iter().find(|p| p.id == id).map(|p| &p.key)
    }

    /// The regular (not an adjustment) period of this name.
    pub(super) fn period_id(&self, key: &PeriodKey) -> Option<&str> {
        self.periods.iter().find(|p| p.key == *key && !p.adjustment).map(|p| p.id.as_str())
    }

    /// True where the row of this id is there and cannot be read.
    pub(super) fn is_unread(&self, table: &str, id: &str) -> bool {
        self.unread.iter().any(|(of, unread)| *of == table && unread == id)
    }
}

/// The chart of one connection.
#[derive(Default)]
pub(super) struct ChartCache(Mutex<Option<Arc<Chart>>>);

impl ChartCache {
    /// The chart such that `enough` holds; read (again) where it does not. What still lacks is for the caller
    /// to say. `home` is the currency of an account that has no others.
    pub(super) async fn with(
        &self,
        client: &Client,
        home: Option<Currency>,
        enough: impl Fn(&Chart) -> bool + Send,
    ) -> Result<Arc<Chart>, VendorFailure> {
        let mut held = self.0.lock().await;
        if let Some(chart) = held.as_ref().filter(|chart| enough(chart)) {
            return Ok(Arc::clone(chart));
        }
        let fresh = Arc::new(read(client, home).await?);
        *held = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// Forgets it: the next use reads it again.
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}

async fn read(client: &Client, home: Option<Currency>) -> Result<Chart, VendorFailure> {
    let mut chart = Chart {
        features: Features { one_world: true, currencies: true },
        accounts: HashMap::new(),
        numbers: HashMap::new(),
        currencies: HashMap::new(),
        subsidiaries: HashMap::new(),
        periods: Vec::new(),
        unread: Vec::new(),
    };
    each(client, suiteql::accounts, "account", &mut chart, |chart, row| {
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
    read_currencies(client, home, &mut chart).await?;
    read_subsidiaries(client, home, &mut chart).await?;
    let periods = |after| suiteql::periods(&[], after);
    each(client, periods, "accountingperiod", &mut chart, |chart, row| {
        let (starts, ends) = (date(row.get("starts"))?, date(row.get("ends"))?);
        let adjustment = flag(row.get("isadjust"))?;
        chart.periods.push(PeriodRow { id: row.get("id").id()?, key: period_key(starts, ends), adjustment });
        Ok(())
    })
    .await?;
    Ok(chart)
}

async fn read_currencies(
    client: &Client,
    home: Option<Currency>,
    chart: &mut Chart,
) -> Result<(), VendorFailure> {
    let listed = each(client, suiteql::currencies, "currency", chart, |chart, row| {
        chart.currencies.insert(row.get("id").id()?, currency(row.get("symbol"))?);
        Ok(())
    })
    .await;
    if !is_lacking(client, listed, suiteql::any_currency(), "Lists › Currency, view").await? {
        return Ok(());
    }
    let home = home.ok_or_else(|| {
        VendorFailure::terminal(
            "setting_missing",
            "this NetSuite account has no Multiple Currencies and so no list of them: say its one currency \
             in the connection's setting home_currency (USD, …)",
        )
    })?;
    chart.features.currencies = false;
    chart.currencies.insert(ONLY.to_owned(), home);
    Ok(())
}

async fn read_subsidiaries(
    client: &Client,
    home: Option<Currency>,
    chart: &mut Chart,
) -> Result<(), VendorFailure> {
    let currencies = chart.features.currencies;
    let all = |after| suiteql::subsidiaries(after, currencies);
    let listed = each(client, all, "subsidiary", chart, |chart, row| {
        let only = chart.currency(ONLY).filter(|_| !currencies);
        let functional = only.map_or_else(|| currency(row.get("symbol")), Ok)?;
        chart.subsidiaries.insert(row.get("id").id()?, functional);
        Ok(())
    })
    .await;
    if !is_lacking(client, listed, suiteql::any_subsidiary(), "Lists › Subsidiaries, view").await? {
        return Ok(());
    }
    chart.features.one_world = false;
    let functional = home.ok_or_else(|| {
        VendorFailure::terminal(
            "setting_missing",
            "this NetSuite account has no subsidiaries: say its base currency in the connection's setting \
             home_currency (USD, …)",
        )
    })?;
    chart.subsidiaries.insert(ONLY.to_owned(), functional);
    Ok(())
}

/// True where the account does not have what a list is of. The same words say that the role may not see it:
/// then `probe`, which needs no list, is answered, and the permission is what is missing.
async fn is_lacking(
    client: &Client,
    listed: Result<(), VendorFailure>,
    probe: String,
    permission: &str,
) -> Result<bool, VendorFailure> {
    match listed {
        Ok(()) => return Ok(false),
        Err(failure) if failure.code == UNKNOWN_TABLE => {}
        Err(failure) => return Err(failure),
    }
    match client.query(&probe).await {
        Ok(_) => Err(VendorFailure::terminal(
            "permission_missing",
            format!("the role of this connection lacks the permission {permission}: add it in NetSuite"),
        )),
        // Unknown tables and fields, in whatever words; that a query is refused says that it is one.
        Err(failure) if [UNKNOWN_TABLE, "rejected"].contains(&failure.code) => Ok(true),
        Err(failure) => Err(failure),
    }
}

/// Reads a list row by row. A row that cannot be read is noted and left out; where no row can, it is the
/// list.
async fn each(
    client: &Client,
    above: impl Fn(i64) -> String + Send,
    table: &'static str,
    chart: &mut Chart,
    mut read: impl FnMut(&mut Chart, Field<'_>) -> Result<(), Rejection> + Send,
) -> Result<(), VendorFailure> {
    let rows = client.query_all(above).await?.items;
    let (all, mut bad, mut last) = (rows.len(), 0, None);
    for Row { value, .. } in rows {
        let row = Field::root(&value, table);
        if let Err(rejection) = read(chart, row) {
            bad += 1;
            if let Ok(id) = row.get("id").id() {
                chart.unread.push((table, id));
            }
            tracing::warn!(table, %rejection, "a row of master data cannot be read and is left out");
            last = Some(rejection);
        }
    }
    match last.filter(|_| bad == all) {
        Some(rejection) => Err(unreadable(table, &rejection.to_string())),
        None => Ok(()),
    }
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
