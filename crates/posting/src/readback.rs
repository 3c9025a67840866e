//! Comparing what was booked with what was approved.

use std::collections::BTreeMap;

use tieout_domain::{
    AccountCode, Currency, Money,
    entry::JournalEntry,
    ledger::{EntityRef, EntryStatus, LedgerEntry},
};

use crate::Finding;

/// What differs between an entry as approved and as the ERP booked it: entity, period, date, then amounts
/// per account. Amounts are compared in the document's currency where the whole entry is in it, else in the
/// functional currency (an entry with an FX clearing leg has no single transaction currency).
#[must_use]
pub fn compare(sent: &JournalEntry, entity_erp_id: &str, booked: &LedgerEntry) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (same_entity, named) = match &booked.entity {
        EntityRef::Code(code) => (code == sent.entity(), code.as_str()),
        EntityRef::ErpId(id) => (id == entity_erp_id, id.as_str()),
    };
    if !same_entity {
        findings.push(Finding::EntityDiffers { sent: entity_erp_id.to_owned(), booked: named.to_owned() });
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
    let mut nets: BTreeMap<&AccountCode, (i64, i64)> = BTreeMap::new();
    for line in sent.lines() {
        let amount = if by_transaction { line.transaction } else { line.functional };
        let net = nets.entry(&line.account).or_default();
        net.0 = net.0.saturating_add(amount.minor());
    }
    for line in &booked.lines {
        let minor = if by_transaction { line.transaction_minor } else { line.functional_minor };
        let net = nets.entry(&line.account).or_default();
        net.1 = net.1.saturating_add(minor);
    }
    let differs = |net: &(i64, i64)| net.0 != net.1 || (unit != booked_unit && net.0 != 0);
    nets.into_iter()
        .filter(|(_, net)| differs(net))
        .map(|(account, net)| Finding::AmountDiffers {
            account: account.clone(),
            sent: Money::new(net.0, unit),
            booked: Money::new(net.1, booked_unit),
        })
        .collect()
}
