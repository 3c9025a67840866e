//! Reading NetSuite's ledger: entries of whatever type, customers, periods, the chart of accounts.

use async_trait::async_trait;
use tieout_domain::{
    absence::Scope,
    failure::VendorFailure,
    ledger::{LedgerAccount, LedgerCustomer, LedgerEntry, PeriodReading},
    trial_balance::TrialBalance,
    unread::Concerns,
};

use super::{
    client::Row,
    connection::{NetSuiteConnection, is_production},
    decode,
    scan::{Found, Resume, write_cursor},
    suiteql::{self, Population},
};
use crate::{
    kit::{Field, PageBuilder},
    traits::{AccountIdentity, LedgerScope, LedgerSource, Page, PageRequest, Resource},
};

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
        let rows = self.client.query_all(|after| suiteql::periods(&[], after)).await?;
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
