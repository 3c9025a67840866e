//! Meters, and the events of the last thirty days.

use super::calendar::{Calendar, DAY};
use super::model::{ChargeStatus, Company, Entity, Event, EventKind, Id, IdKind, Meter, RefundStatus};

/// Stripe lists events of the last 30 days only.
pub(crate) const EVENT_WINDOW: i64 = 30 * DAY;

/// One meter per entity.
pub(crate) fn meters(entities: &[Entity], calendar: &Calendar) -> Vec<Meter> {
    (0u8..)
        .zip(entities)
        .map(|(entity, _)| Meter {
            id: Id::new(IdKind::Meter, u32::from(entity)),
            entity,
            display_name: "API calls",
            event_name: "api_calls",
            created: calendar.start(entity, 0) - 400 * DAY,
        })
        .collect()
}

/// All that happened in the window before the present, oldest first.
pub(crate) fn recent(company: &Company) -> Vec<Event> {
    let since = company.now - EVENT_WINDOW;
    let mut found: Vec<(i64, EventKind, u8, Id)> = Vec::new();
    let mut push = |at: Option<i64>, kind, entity, id| {
        if let Some(at) = at.filter(|&at| at > since && at <= company.now) {
            found.push((at, kind, entity, id));
        }
    };
    for customer in &company.customers {
        push(Some(customer.created), EventKind::CustomerCreated, customer.entity, customer.id);
    }
    for sub in &company.subscriptions {
        push(Some(sub.created), EventKind::SubscriptionCreated, sub.entity, sub.id);
        push(sub.canceled_at, EventKind::SubscriptionDeleted, sub.entity, sub.id);
    }
    for invoice in &company.invoices {
        let (entity, id) = (invoice.entity, invoice.id);
        push(Some(invoice.created), EventKind::InvoiceCreated, entity, id);
        push(invoice.finalized_at, EventKind::InvoiceFinalized, entity, id);
        push(invoice.paid_at, EventKind::InvoicePaid, entity, id);
        push(invoice.voided_at, EventKind::InvoiceVoided, entity, id);
        push(invoice.uncollectible_at, EventKind::InvoiceMarkedUncollectible, entity, id);
    }
    for note in &company.credit_notes {
        push(Some(note.created), EventKind::CreditNoteCreated, note.entity, note.id);
        push(note.voided_at, EventKind::CreditNoteVoided, note.entity, note.id);
    }
    for charge in &company.charges {
        let kind = match charge.status {
            ChargeStatus::Succeeded => EventKind::ChargeSucceeded,
            ChargeStatus::Pending => EventKind::ChargePending,
            ChargeStatus::Failed => EventKind::ChargeFailed,
        };
        push(Some(charge.created), kind, charge.entity, charge.id);
    }
    for dispute in &company.disputes {
        push(Some(dispute.created), EventKind::DisputeCreated, dispute.entity, dispute.id);
        push(dispute.closed_at, EventKind::DisputeClosed, dispute.entity, dispute.id);
    }
    for refund in &company.refunds {
        push(Some(refund.created), EventKind::RefundCreated, refund.entity, refund.id);
        let failed = (refund.status == RefundStatus::Failed).then_some(refund.created);
        push(failed, EventKind::RefundFailed, refund.entity, refund.id);
    }
    for payout in &company.payouts {
        push(Some(payout.created), EventKind::PayoutCreated, payout.entity, payout.id);
    }
    found.sort_by_key(|&(at, kind, _, id)| (at, id, kind));
    (0u32..)
        .zip(found)
        .map(|(n, (created, kind, entity, object))| Event {
            id: Id::new(IdKind::Event, n),
            entity,
            kind,
            object,
            created,
        })
        .collect()
}
