//! Reading NetSuite's ledger: entries of whatever type, customers, periods, the chart of accounts.

use async_trait::async_trait;
use tieout_domain::{
    Currency,
    absence::Scope,
    failure::VendorFailure,
    ledger::{LedgerAccount, LedgerCustomer, LedgerEntry, PeriodReading},
    trial_balance::TrialBalance,
    unread::Concerns,
};

use super::{
    chart::ChartCache,
    client::{Client, Row},
    decode,
    options::NetSuiteOptions,
    scan::{Found, Resume, write_cursor},
    suiteql::{self, Population},
};
use crate::{
    connector::Limited,
    kit::{Field, Limiter, PageBuilder},
    traits::{AccountIdentity, LedgerScope, LedgerSource, Page, PageRequest, Resource},
};

/// One NetSuite account: reads and books through one limiter.
pub struct NetSuiteConnection {
    pub(super) client: Client,
    pub(super) chart: ChartCache,
    pub(super) account: String,
    pub(super) zone: chrono_tz::Tz,
    pub(super) approve: String,
    pub(super) name_fields: Vec<String>,
    pub(super) home_currency: Option<Currency>,
}

impl Limited for NetSuiteConnection {
    fn limiter(&self) -> &Limiter {
        self.client.limiter()
    }
}

impl NetSuiteConnection {
    /// A connection; nothing is sent yet.
    ///
    /// # Errors
    /// `test_live_mismatch` where the account is of the other kind, `bad_address`, `insecure_address`.
    pub fn new(options: NetSuiteOptions) -> Result<Self, VendorFailure> {
        let is_live = is_production(&options.account);
        if is_live != options.live {
            let (is, wants) = if is_live { ("production", "test") } else { ("sandbox", "live") };
            return Err(VendorFailure::terminal(
                "test_live_mismatch",
                format!(
                    "account {} is a {is} account, but the connection is a {wants} one: use another account \
                     or another connection",
                    options.account
                ),
            ));
        }
        Ok(Self {
            client: Client::new(&options)?,
            chart: ChartCache::default(),
            account: options.account,
            zone: options.time_zone,
            approve: options.approve,
            name_fields: options.name_fields,
            home_currency: options.home_currency,
        })
    }
}

/// `1234567` is production; `1234567_SB1`, `1234567_RP` and `TSTDRV1234567` are not.
fn is_production(account: &str) -> bool {
    account.bytes().all(|b| b.is_ascii_digit())
}

const OFFERS: [Resource; 5] = [
    Resource::Periods,
    Resource::Accounts,
    Resource::LedgerCustomers,
    Resource::Entries,
    Resource::TrialBalance,
];

#[async_trait]
impl LedgerSource for NetSuiteConnection {
    fn offers(&self) -> &[Resource] {
        &OFFERS
    }

    async fn entries(
        &self,
        request: &PageRequest,
        scope: &LedgerScope,
    ) -> Result<Page<LedgerEntry>, VendorFailure> {
        let population = Population(scope);
        let mut place = self.place("transaction", request, Some(scope)).await?;
        if let Some(end) = self.plan(&mut place, population).await? {
            let sees = if place.is_full() { self.sees().await? } else { Scope::default() };
            let mut absence = place.proves(None, sees);
            if let Some(since) = &place.changed {
                absence.deleted = self.deleted_since(since).await?;
                absence.deleted.extend(self.outside_since(population, since).await?);
            }
            let resume = write_cursor(&Resume::from(place))?;
            let page = PageBuilder::new(end.answer).finish(None, Some(resume));
            return Ok(Page { absence, ..page });
        }
        let reading = self.reading().await?;
        let bound = place.bounds.last().copied();
        let sql = suiteql::entries(&place.span(bound, population), reading);
        let (mut rows, rest) = self.whole_entries(&sql, reading).await?;
        if rest.is_none() || rest == bound {
            place.bounds.pop();
        }
        let through = rest.or(bound).unwrap_or(place.after);
        let absence = place.proves(Some(through), Scope::default());
        place.after = through;
        let found = self.entries_of(&mut rows).await?;
        let mut builder = PageBuilder::new(rows.answer);
        for Found { id, item, raw, concerns } in found {
            builder.push_about(concerns, id, &raw, item);
        }
        let page = builder.finish(Some(write_cursor(&place)?), None);
        Ok(Page { absence, ..page })
    }

    async fn customers(&self, request: &PageRequest) -> Result<Page<LedgerCustomer>, VendorFailure> {
        let mut place = self.place("customer", request, None).await?;
        let rows = self.client.query(&suiteql::customers(place.after, place.changed.as_deref())).await?;
        let last = rows.items.last().map(Row::id).transpose()?;
        let mut builder = PageBuilder::new(rows.answer);
        for row in &rows.items {
            let id = row.id()?.to_string();
            let place = format!("customer/{id}");
            let field = Field::root(&row.value, &place);
            let mut concerns = Concerns::of(&id);
            field.get("externalid").texts().iter().for_each(|name| concerns.name(name));
            concerns.named = !concerns.names.is_empty();
            builder.push_about(concerns, id, &row.raw, decode::customer(field));
        }
        match last {
            Some(last) if rows.has_more => {
                place.after = last;
                Ok(builder.finish(Some(write_cursor(&place)?), None))
            }
            _ => Ok(builder.finish(None, Some(write_cursor(&Resume::from(place))?))),
        }
    }

    async fn periods(&self) -> Result<Page<PeriodReading>, VendorFailure> {
        let rows = self.client.query_all(|after| suiteql::periods(None, after)).await?;
        let mut builder = PageBuilder::new(rows.answer);
        for row in &rows.items {
            // One period without an id is kept aside like any other that cannot be read.
            let id = row.id().map_or_else(|_| "without id".to_owned(), |id| id.to_string());
            let place = format!("accountingperiod/{id}");
            match decode::period(Field::root(&row.value, &place), self.zone).transpose() {
                Some(item) => builder.push(id, &row.raw, item),
                None => builder.skip(),
            }
        }
        Ok(builder.finish(None, None))
    }

    async fn accounts(&self) -> Result<Page<LedgerAccount>, VendorFailure> {
        let rows = self.client.query_all(suiteql::accounts).await?;
        let mut builder = PageBuilder::new(rows.answer);
        for row in &rows.items {
            let id = row.id().map_or_else(|_| "without id".to_owned(), |id| id.to_string());
            let place = format!("account/{id}");
            builder.push(id, &row.raw, decode::ledger_account(Field::root(&row.value, &place)));
        }
        Ok(builder.finish(None, None))
    }

    async fn trial_balance(&self, scope: &LedgerScope) -> Result<Option<Page<TrialBalance>>, VendorFailure> {
        let Some((answer, balances)) = self.balances(scope).await? else { return Ok(None) };
        let mut builder = PageBuilder::new(answer);
        for one in balances {
            let id = format!("{}/{}/{}", one.entity.as_str(), one.account, one.period);
            builder.push(id, "", Ok(one));
        }
        Ok(Some(builder.finish(None, None)))
    }

    async fn test(&self) -> Result<AccountIdentity, VendorFailure> {
        let (name, capabilities) = self.capabilities().await?;
        let live = Some(is_production(&self.account));
        Ok(AccountIdentity { tenant: self.account.clone(), name, live, capabilities })
    }
}
