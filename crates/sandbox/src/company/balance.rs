//! The processor's balance: every movement of it in order of time, and what is paid out of it to the bank.

use std::collections::BTreeMap;

use super::calendar::{Calendar, DAY, MONTHS};
use super::dice::Dice;
use super::model::{
    BalanceTransaction, ChargeStatus, Company, Currency, DisputeStatus, Id, IdKind, Payout, RefundStatus,
    TransactionKind,
};
use super::settle::sort;

/// Nothing is paid out of what is younger than this.
const QUIET: i64 = 3 * DAY;

/// Makes the balance transactions of charges, refunds and disputes, the processor's own fees, and the
/// payouts.
pub(crate) fn balance(company: &mut Company, calendar: &Calendar) {
    company.transactions = of_customers(company);
    fees(company, calendar);
    payouts(company, calendar);
    sort(&mut company.transactions, |item| item.created, |item| &mut item.id);
    for item in &company.transactions {
        let Some(source) = item.source else { continue };
        let position = source.n as usize;
        match item.kind {
            TransactionKind::Charge => company.charges[position].transaction = Some(item.id.n),
            TransactionKind::Refund => company.refunds[position].transaction = Some(item.id.n),
            TransactionKind::Payout => company.payouts[position].transaction = Some(item.id.n),
            TransactionKind::DisputeWithdrawal
            | TransactionKind::DisputeReversal
            | TransactionKind::ProcessorFee => {}
        }
    }
}

fn of_customers(company: &Company) -> Vec<BalanceTransaction> {
    let mut list = Vec::with_capacity(company.charges.len() + company.refunds.len());
    let mut push = |entity, kind, source, amount, fee, currency, created| {
        let id = Id::new(IdKind::BalanceTransaction, list.len() as u32);
        let source = Some(source);
        list.push(BalanceTransaction { id, entity, kind, source, amount, fee, currency, created });
    };
    for charge in company.charges.iter().filter(|charge| charge.status == ChargeStatus::Succeeded) {
        let kind = TransactionKind::Charge;
        push(charge.entity, kind, charge.id, charge.amount, charge.fee, charge.currency, charge.created);
    }
    for refund in company.refunds.iter().filter(|refund| refund.status == RefundStatus::Succeeded) {
        let kind = TransactionKind::Refund;
        push(refund.entity, kind, refund.id, -refund.amount, 0, refund.currency, refund.created);
    }
    for dispute in &company.disputes {
        let charge = &company.charges[dispute.charge as usize];
        let moved = dispute.status.withdrawn() || dispute.status == DisputeStatus::Won;
        if moved {
            let kind = TransactionKind::DisputeWithdrawal;
            push(dispute.entity, kind, dispute.id, -charge.amount, 0, charge.currency, dispute.created);
        }
        if let (DisputeStatus::Won, Some(at)) = (dispute.status, dispute.closed_at) {
            let kind = TransactionKind::DisputeReversal;
            push(dispute.entity, kind, dispute.id, charge.amount, 0, charge.currency, at);
        }
    }
    list
}

/// What the processor takes for itself each month.
fn fees(company: &mut Company, calendar: &Calendar) {
    let mut dice = Dice::new(company.spec.seed, 9);
    for month in 0..MONTHS {
        for entity in 0..4u8 {
            let created = calendar.start(entity, month) + dice.range(8 * DAY, 20 * DAY);
            let amount = -dice.range(250, 9_000);
            let settled = created <= company.spec.as_of - QUIET;
            if !settled || company.charges.is_empty() {
                continue;
            }
            let id = Id::new(IdKind::BalanceTransaction, company.transactions.len() as u32);
            company.transactions.push(BalanceTransaction {
                id,
                entity,
                kind: TransactionKind::ProcessorFee,
                source: None,
                amount,
                fee: 0,
                currency: company.entities[usize::from(entity)].currency,
                created,
            });
        }
    }
}

/// What has come together of a currency is paid out after the end of each month.
fn payouts(company: &mut Company, calendar: &Calendar) {
    let mut order: Vec<usize> = (0..company.transactions.len()).collect();
    order.sort_by_key(|&position| company.transactions[position].created);
    let mut left: BTreeMap<(u8, Currency), i64> = BTreeMap::new();
    let mut next = order.into_iter().peekable();
    for month in 1..=MONTHS {
        for entity in 0..4u8 {
            let until = calendar.start(entity, month);
            while let Some(position) = next.next_if(|&at| company.transactions[at].created < until) {
                let item = &company.transactions[position];
                *left.entry((item.entity, item.currency)).or_insert(0) += item.amount - item.fee;
            }
            for currency in [Currency::Usd, Currency::Gbp, Currency::Eur, Currency::Jpy] {
                let held = left.get(&(entity, currency)).copied().unwrap_or(0);
                let created = until + 2 * DAY + i64::from(entity);
                if held > 0 && created <= company.spec.as_of - QUIET {
                    left.insert((entity, currency), 0);
                    pay_out(company, entity, currency, held, created);
                }
            }
        }
    }
    sort(&mut company.payouts, |payout| payout.created, |payout| &mut payout.id);
    for payout in &company.payouts {
        let id = Id::new(IdKind::BalanceTransaction, company.transactions.len() as u32);
        company.transactions.push(BalanceTransaction {
            id,
            entity: payout.entity,
            kind: TransactionKind::Payout,
            source: Some(payout.id),
            amount: -payout.amount,
            fee: 0,
            currency: payout.currency,
            created: payout.created,
        });
    }
}

fn pay_out(company: &mut Company, entity: u8, currency: Currency, amount: i64, created: i64) {
    let id = Id::new(IdKind::Payout, company.payouts.len() as u32);
    company.payouts.push(Payout { id, entity, amount, currency, created, transaction: None });
}
