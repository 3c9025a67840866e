//! What an ERP itself says of an account in a period, to be held against what was read of its entries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{AccountCode, Currency, calendar::PeriodKey, ledger::EntityRef};

/// The ERP's own figures of one account of one entity in one period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialBalance {
    /// The entity.
    pub entity: EntityRef,
    /// The account.
    pub account: AccountCode,
    /// The period.
    pub period: PeriodKey,
    /// The entity's functional currency.
    pub currency: Currency,
    /// What all earlier periods left, minor units, debit positive. Income is not closed at a year's end.
    pub opening_minor: i64,
    /// The period's debits, minor units.
    pub debits_minor: i64,
    /// The period's credits, minor units, positive.
    pub credits_minor: i64,
    /// What the period left, minor units, debit positive.
    pub closing_minor: i64,
}

/// What moved an account in one period, as the ERP adds it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The entity.
    pub entity: EntityRef,
    /// The account.
    pub account: AccountCode,
    /// The period. An adjustment period is part of the one that it lies in.
    pub period: PeriodKey,
    /// The entity's functional currency.
    pub currency: Currency,
    /// Debits, minor units.
    pub debits_minor: i64,
    /// Credits, minor units, positive.
    pub credits_minor: i64,
}

/// Lays movements of all periods in a row, account by account: what one period leaves the next one begins
/// with. `None` where a sum leaves its range.
#[must_use]
pub fn chained(movements: Vec<Movement>) -> Option<Vec<TrialBalance>> {
    type Of = (String, AccountCode, Currency);
    let mut cells: BTreeMap<Of, BTreeMap<PeriodKey, (EntityRef, i64, i64)>> = BTreeMap::new();
    for one in movements {
        let of = (one.entity.as_str().to_owned(), one.account, one.currency);
        let cell = cells.entry(of).or_default().entry(one.period).or_insert((one.entity, 0, 0));
        cell.1 = cell.1.checked_add(one.debits_minor)?;
        cell.2 = cell.2.checked_add(one.credits_minor)?;
    }
    let mut all = Vec::new();
    for ((_, account, currency), periods) in cells {
        let mut opening_minor: i64 = 0;
        for (period, (entity, debits_minor, credits_minor)) in periods {
            let closing_minor = opening_minor.checked_add(debits_minor)?.checked_sub(credits_minor)?;
            let account = account.clone();
            all.push(TrialBalance {
                entity,
                account,
                period,
                currency,
                opening_minor,
                debits_minor,
                credits_minor,
                closing_minor,
            });
            opening_minor = closing_minor;
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(period: &str, debits_minor: i64, credits_minor: i64) -> Movement {
        Movement {
            entity: EntityRef::ErpId("1".to_owned()),
            account: "1100".parse().unwrap(),
            period: PeriodKey::new(period),
            currency: Currency::USD,
            debits_minor,
            credits_minor,
        }
    }

    #[test]
    fn what_a_period_leaves_the_next_one_begins_with() {
        let rows = vec![moved("2026-03", 5, 1), moved("2026-01", 100, 30), moved("2026-03", 10, 0)];
        let chained = chained(rows).unwrap();
        let told: Vec<_> = chained
            .iter()
            .map(|row| (row.period.as_str(), row.opening_minor, row.debits_minor, row.closing_minor))
            .collect();
        assert_eq!(told, [("2026-01", 0, 100, 70), ("2026-03", 70, 15, 84)]);
        assert_eq!(super::chained(vec![moved("2026-01", i64::MAX, 0), moved("2026-02", 1, 0)]), None);
    }
}
