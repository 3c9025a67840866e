//! What becomes of invoices: paid at once or later, after a failed attempt, never; voided, written off;
//! credited, refunded, disputed.

use super::calendar::{DAY, HOUR};
use super::dice::Dice;
use super::model::{
    Charge, ChargeStatus, Company, CreditNote, Currency, Dispute, DisputeStatus, Id, IdKind, Invoice,
    InvoiceStatus, Line, PaymentIntent, Refund, RefundStatus,
};
use super::seed::tax_of;
use super::settle::sort;

/// Changes of a document happen at least this long before the present, so that the existing integration has
/// had the time to follow them.
const QUIET: i64 = 3 * DAY;

/// Stripe's fee: a percentage and a fixed part by currency.
pub(crate) fn fee(amount: i64, currency: Currency) -> i64 {
    let (per_myriad, fixed) = match currency {
        Currency::Usd => (290, 30),
        Currency::Gbp => (150, 20),
        Currency::Eur => (150, 25),
        Currency::Jpy => (360, 0),
    };
    (tax_of(amount, per_myriad) + fixed).min(amount)
}

/// Decides the fate of every invoice and makes its charges.
pub(crate) fn collect(company: &mut Company) {
    let mut dice = Dice::new(company.spec.seed, 2);
    let as_of = company.spec.as_of;
    let mut charges = Vec::with_capacity(company.invoices.len());
    for invoice in &mut company.invoices {
        let Some(finalized) = invoice.finalized_at else { continue };
        if invoice.status != InvoiceStatus::Open {
            continue;
        }
        if invoice.total() == 0 {
            invoice.status = InvoiceStatus::Paid;
            invoice.paid_at = Some(finalized);
            continue;
        }
        let fate = dice.weighted(&[100, 70, 500, 9_330]);
        let undone = match fate {
            0 if dice.chance(3_000) => finalized + dice.range(60, 9 * 60),
            0 => finalized + dice.range(2 * DAY, 20 * DAY),
            _ => finalized + dice.range(35 * DAY, 80 * DAY),
        };
        match fate {
            0 if undone <= as_of - QUIET => {
                invoice.status = InvoiceStatus::Void;
                invoice.voided_at = Some(undone);
            }
            1 => {
                attempts(&mut dice, invoice, as_of, false, &mut charges);
                if undone <= as_of - QUIET {
                    invoice.status = InvoiceStatus::Uncollectible;
                    invoice.uncollectible_at = Some(undone);
                }
            }
            3 => attempts(&mut dice, invoice, as_of, true, &mut charges),
            _ => {}
        }
    }
    company.charges = charges;
    sort(&mut company.charges, |charge| charge.created, |charge| &mut charge.id);
    make_intents(company);
}

/// The attempts to have an invoice paid: perhaps a failure first, then success, or none.
fn attempts(dice: &mut Dice, invoice: &mut Invoice, as_of: i64, succeeds: bool, charges: &mut Vec<Charge>) {
    let Some(finalized) = invoice.finalized_at else { return };
    let on_terms = invoice.due_date - invoice.created > DAY;
    let first = finalized + if on_terms { dice.range(4 * DAY, 38 * DAY) } else { dice.range(5, 300) };
    let mut push = |created: i64, status: ChargeStatus| {
        if created > as_of {
            return false;
        }
        let amount = invoice.total();
        charges.push(Charge {
            id: Id::new(IdKind::Charge, charges.len() as u32),
            invoice: invoice.id.n,
            entity: invoice.entity,
            customer: invoice.customer,
            currency: invoice.currency,
            amount,
            fee: if status == ChargeStatus::Succeeded { fee(amount, invoice.currency) } else { 0 },
            refunded: 0,
            created,
            status,
            transaction: None,
            dispute: None,
            intent: 0,
        });
        true
    };
    let debit = matches!(invoice.entity, 1 | 2) && dice.chance(2_000);
    if debit && succeeds && first > as_of - 6 * DAY {
        push(first, ChargeStatus::Pending);
        return;
    }
    let stumbles = !succeeds || dice.chance(500);
    let second = first + if stumbles { dice.range(2 * DAY, 4 * DAY) } else { 0 };
    if stumbles && !push(first, ChargeStatus::Failed) {
        return;
    }
    if !succeeds {
        push(second, ChargeStatus::Failed);
    } else if push(second, ChargeStatus::Succeeded) {
        invoice.status = InvoiceStatus::Paid;
        invoice.paid_at = Some(second);
    }
}

fn make_intents(company: &mut Company) {
    let mut of_invoice = vec![u32::MAX; company.invoices.len()];
    for charge in &mut company.charges {
        let slot = &mut of_invoice[charge.invoice as usize];
        if *slot == u32::MAX {
            *slot = company.intents.len() as u32;
            company.intents.push(PaymentIntent {
                id: Id::new(IdKind::PaymentIntent, *slot),
                invoice: charge.invoice,
                created: charge.created,
                latest_charge: charge.id.n,
            });
        }
        charge.intent = *slot;
        company.intents[*slot as usize].latest_charge = charge.id.n;
    }
}

/// Refunds and disputes of succeeded charges.
pub(crate) fn unwind(company: &mut Company) {
    let mut dice = Dice::new(company.spec.seed, 3);
    let as_of = company.spec.as_of;
    for position in 0..company.charges.len() {
        let charge = &mut company.charges[position];
        if charge.status != ChargeStatus::Succeeded {
            continue;
        }
        match dice.weighted(&[200, 80, 9_720]) {
            0 => refund(&mut dice, charge, as_of, &mut company.refunds),
            1 => dispute(&mut dice, charge, as_of, &mut company.disputes),
            _ => {}
        }
    }
    sort(&mut company.refunds, |refund| refund.created, |refund| &mut refund.id);
    sort(&mut company.disputes, |dispute| dispute.created, |dispute| &mut dispute.id);
    for dispute in &company.disputes {
        company.charges[dispute.charge as usize].dispute = Some(dispute.id.n);
    }
}

fn refund(dice: &mut Dice, charge: &mut Charge, as_of: i64, refunds: &mut Vec<Refund>) {
    let mut parts =
        if dice.chance(5_000) { vec![charge.amount] } else { vec![charge.amount / dice.range(2, 5)] };
    if parts[0] < charge.amount / 2 && dice.chance(2_000) {
        parts.push(charge.amount / 3);
    }
    let mut created = charge.created;
    for amount in parts {
        created += dice.range(DAY, 40 * DAY);
        if created > as_of || amount == 0 {
            return;
        }
        let status = if dice.chance(600) { RefundStatus::Failed } else { RefundStatus::Succeeded };
        if status == RefundStatus::Succeeded {
            charge.refunded += amount;
        }
        refunds.push(Refund {
            id: Id::new(IdKind::Refund, refunds.len() as u32),
            charge: charge.id.n,
            entity: charge.entity,
            amount,
            currency: charge.currency,
            created,
            status,
            transaction: None,
        });
    }
}

fn dispute(dice: &mut Dice, charge: &Charge, as_of: i64, disputes: &mut Vec<Dispute>) {
    let created = charge.created + dice.range(4 * DAY, 50 * DAY);
    let closing = created + dice.range(10 * DAY, 40 * DAY);
    if created > as_of - QUIET {
        return;
    }
    let status = match (dice.weighted(&[35, 25, 25, 15]), closing <= as_of - QUIET) {
        (0, true) => DisputeStatus::Lost,
        (1, true) => DisputeStatus::Won,
        (3, true) => DisputeStatus::WarningClosed,
        (3, false) => DisputeStatus::WarningNeedsResponse,
        (2, _) => DisputeStatus::UnderReview,
        _ => DisputeStatus::NeedsResponse,
    };
    let closed = matches!(status, DisputeStatus::Lost | DisputeStatus::Won | DisputeStatus::WarningClosed);
    disputes.push(Dispute {
        id: Id::new(IdKind::Dispute, disputes.len() as u32),
        charge: charge.id.n,
        entity: charge.entity,
        created,
        closed_at: closed.then_some(closing),
        status,
    });
}

/// Credit notes: for open invoices before payment, for paid ones after it; some dated back, some voided.
pub(crate) fn credit(company: &mut Company, closed: impl Fn(u8, i64) -> Option<i64>) {
    let mut dice = Dice::new(company.spec.seed, 4);
    let as_of = company.spec.as_of;
    let entities = &company.entities;
    for invoice in &mut company.invoices {
        let wanted = matches!(invoice.status, InvoiceStatus::Open | InvoiceStatus::Paid);
        let Some(finalized) = invoice.finalized_at.filter(|_| wanted && dice.chance(250)) else { continue };
        let paid = invoice.paid_at;
        let created = paid.unwrap_or(finalized) + dice.range(DAY, 30 * DAY);
        let rate = entities[usize::from(invoice.entity)].tax_hundredths;
        let lines = credited_lines(&mut dice, invoice, rate);
        let total: i64 = lines.iter().map(|line| line.net() + line.tax).sum();
        if created > as_of || total <= 0 || total > invoice.total() {
            continue;
        }
        // Dated back into the month before, after that was closed: a late arrival of its own.
        let back = created - dice.range(12 * DAY, 40 * DAY);
        let dated_back = dice.chance(800) && closed(invoice.entity, back).is_some_and(|at| created > at);
        let voided_at = dice.chance(400).then(|| created + dice.range(2 * DAY, 6 * DAY));
        let voided_at = voided_at.filter(|&at| at <= as_of - QUIET && !dated_back);
        invoice.credit_notes += 1;
        if voided_at.is_none() {
            match paid {
                Some(_) => invoice.post_payment_credit += total,
                None => invoice.pre_payment_credit += total,
            }
        }
        company.credit_notes.push(CreditNote {
            id: Id::new(IdKind::CreditNote, company.credit_notes.len() as u32),
            invoice: invoice.id.n,
            seq: 1,
            entity: invoice.entity,
            customer: invoice.customer,
            currency: invoice.currency,
            created,
            effective_at: dated_back.then_some(back),
            voided_at,
            post_payment: paid.is_some(),
            lines,
        });
    }
    sort(&mut company.credit_notes, |note| note.created, |note| &mut note.id);
}

/// All of an invoice's charges, or a part of one of them.
fn credited_lines(dice: &mut Dice, invoice: &Invoice, hundredths: i64) -> Vec<Line> {
    let whole = dice.chance(4_000);
    let chosen = dice.below(invoice.lines.len() as u64) as usize;
    let share = dice.range(2, 5);
    let mut lines = Vec::new();
    for (position, line) in invoice.lines.iter().enumerate() {
        if line.net() <= 0 || line.proration || !(whole || position == chosen) {
            continue;
        }
        let amount = if whole { line.net() } else { line.net() / share };
        let tax = match (whole, line.taxable) {
            (true, _) => line.tax,
            (false, true) => tax_of(amount, hundredths),
            (false, false) => 0,
        };
        lines.push(Line { amount, tax, discount: 0, source_line: position as u16, ..*line });
    }
    lines
}

/// The lag with which the existing integration books what happened.
pub(crate) fn lag(dice: &mut Dice) -> i64 {
    dice.range(10 * 60, 20 * HOUR)
}
