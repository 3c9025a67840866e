//! Comparing what was booked with what was approved.

use std::collections::BTreeMap;

use tieout_domain::{
    AccountCode, Currency, Money,
    entry::JournalEntry,
    ledger::{EntryStatus, LedgerEntry},
};

use crate::finding::Finding;

/// What differs between an entry as approved and as the ERP booked it: entity, period, date, then amounts
/// per account. Amounts are compared in the document's currency where the whole entry is in it, else in the
/// functional currency (an entry with an FX clearing leg has no single transaction currency).
#[must_use]
pub fn compare(sent: &JournalEntry, entity_erp_id: Option<&str>, booked: &LedgerEntry) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !booked.entity.is(sent.entity(), entity_erp_id) {
        let sent = entity_erp_id.unwrap_or(sent.entity().as_str()).to_owned();
        findings.push(Finding::EntityDiffers { sent, booked: booked.entity.as_str().to_owned() });
    }
    if booked.period != *sent.period() {
        findings.push(Finding::PeriodMoved { sent: sent.period().clone(), booked: booked.period.clone() });
    } else if booked.posting_date != sent.posting_date() {
        findings.push(Finding::DateMoved { sent: sent.posting_date(), booked: booked.posting_date });
    }
    findings.extend(amounts(sent, booked));
    if booked.status != EntryStatus::Booked {
        findings.push(Finding::NotBooked { erp_id: booked.erp_id.clone() });
    }
    findings
}

/// True where the entry is placed elsewhere than was approved.
pub(crate) fn is_elsewhere(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| match finding {
        Finding::PeriodMoved { .. } | Finding::DateMoved { .. } => true,
        Finding::AmountDiffers { .. }
        | Finding::EntityDiffers { .. }
        | Finding::NotBooked { .. }
        | Finding::BookedTwice { .. }
        | Finding::DraftLeft { .. }
        | Finding::BookedAfterAll { .. } => false,
    })
}

/// True where the entry is not the approved one: it says something else, or stands elsewhere.
pub(crate) fn is_not_as_approved(findings: &[Finding]) -> bool {
    is_other_content(findings) || is_elsewhere(findings)
}

/// True where the entry is another one than was approved, not merely the same one placed elsewhere.
pub(crate) fn is_other_content(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| match finding {
        Finding::AmountDiffers { .. } | Finding::EntityDiffers { .. } => true,
        Finding::PeriodMoved { .. }
        | Finding::DateMoved { .. }
        | Finding::NotBooked { .. }
        | Finding::BookedTwice { .. }
        | Finding::DraftLeft { .. }
        | Finding::BookedAfterAll { .. } => false,
    })
}

fn amounts(sent: &JournalEntry, booked: &LedgerEntry) -> Vec<Finding> {
    let currency = sent.currency();
    let one_currency = sent.lines().iter().all(|line| line.transaction.currency() == currency);
    let by_transaction = one_currency && booked.currency == currency;
    let (unit, booked_unit): (Currency, Currency) = match by_transaction {
        true => (currency, booked.currency),
        false => (sent.functional_currency(), booked.functional_currency),
    };
    let mut nets: BTreeMap<&AccountCode, (i128, i128)> = BTreeMap::new();
    for line in sent.lines() {
        let amount = if by_transaction { line.transaction } else { line.functional };
        let net = nets.entry(&line.account).or_default();
        net.0 += i128::from(amount.minor());
    }
    for line in &booked.lines {
        let minor = if by_transaction { line.transaction_minor } else { line.functional_minor };
        let net = nets.entry(&line.account).or_default();
        net.1 += i128::from(minor);
    }
    let differs = |net: &(i128, i128)| net.0 != net.1 || (unit != booked_unit && net.0 != 0);
    nets.into_iter()
        .filter(|(_, net)| differs(net))
        .map(|(account, net)| Finding::AmountDiffers {
            account: account.clone(),
            sent: Money::new(within(net.0), unit),
            booked: Money::new(within(net.1), booked_unit),
        })
        .collect()
}

/// Only to be shown: a sum outside the range is told as its limit, and differs all the same.
fn within(minor: i128) -> i64 {
    i64::try_from(minor).unwrap_or(if minor < 0 { i64::MIN } else { i64::MAX })
}
