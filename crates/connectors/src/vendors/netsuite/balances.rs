//! The account's own sums by account, period and subsidiary: a grouped query. Documented (SuiteQL's GROUP
//! BY), and unverified: only our own sandbox has judged it.

use tieout_domain::{
    failure::VendorFailure,
    ledger::EntityRef,
    trial_balance::{Movement, TrialBalance, chained},
};

use super::{
    chart::{Chart, ONLY},
    client::{Row, Rows, unreadable},
    connection::NetSuiteConnection,
    decode, suiteql,
};
use crate::{
    kit::{Answer, Field},
    traits::{LedgerScope, Rejection},
};

impl NetSuiteConnection {
    /// What is posted on the accounts in scope, with the answers' bytes.
    pub(super) async fn balances(
        &self,
        scope: &LedgerScope,
    ) -> Result<Option<(Answer, Vec<TrialBalance>)>, VendorFailure> {
        let Some(accounts) = scope.accounts.as_ref().filter(|accounts| !accounts.is_empty()) else {
            return Ok(None);
        };
        let chart = self.chart().await?;
        let mut above = (0, 0);
        let mut all: Option<Rows> = None;
        loop {
            let mut rows = self.client.query(&suiteql::balances(accounts, above, chart.features())).await?;
            let has_more = rows.has_more;
            if has_more {
                // The last account's last period may be cut: it is read again with the next answer.
                let last = rows.items.last().map(place).transpose()?;
                let last =
                    last.ok_or_else(|| unreadable("a SuiteQL answer", "it has more rows after none"))?;
                let mut whole = rows.items.len();
                while whole > 0 && rows.items.get(whole - 1).map(place).transpose()? == Some(last) {
                    whole -= 1;
                }
                rows.items.truncate(whole);
                above = match rows.items.last().map(place).transpose()? {
                    Some(place) => place,
                    None => {
                        return Err(unreadable(
                            "a trial balance",
                            "one period of an account fills an answer",
                        ));
                    }
                };
            }
            match &mut all {
                Some(all) => all.extend(rows),
                None => all = Some(rows),
            }
            if !has_more {
                break;
            }
        }
        let Some(rows) = all else { return Ok(None) };
        let mut movements = Vec::with_capacity(rows.items.len());
        for Row { value, .. } in &rows.items {
            match movement(Field::root(value, "a trial balance"), &chart) {
                Ok(movement) => movements.push(movement),
                // Entries of what is not in the lists cannot be read either: they are kept aside one by one.
                Err(rejection) => tracing::warn!(%rejection, "a row of the trial balance cannot be read"),
            }
        }
        let chained = chained(movements)
            .ok_or_else(|| unreadable("a trial balance", "its sums are larger than can be held"))?;
        Ok(Some((rows.answer, chained)))
    }
}

/// The account and the period of a row: where the list goes on.
fn place(row: &Row) -> Result<(i64, i64), VendorFailure> {
    Ok((row.id()?, row.number("period")?))
}

fn movement(row: Field<'_>, chart: &Chart) -> Result<Movement, Rejection> {
    let subsidiary = if chart.features().one_world { row.get("subsidiary").id()? } else { ONLY.to_owned() };
    let currency = chart.functional(&subsidiary);
    let currency = currency.ok_or_else(|| row.get("subsidiary").wrong("is not in the account's lists"))?;
    let period = row.get("period").id()?;
    let period = chart.period_key(&period).cloned();
    Ok(Movement {
        entity: EntityRef::ErpId(subsidiary),
        account: decode::account(row.get("account"))?,
        period: period.ok_or_else(|| row.get("period").wrong("is not in the account's lists"))?,
        currency,
        debits_minor: decode::sum(row.get("debits"), currency)?,
        credits_minor: decode::sum(row.get("credits"), currency)?,
    })
}
