//! Which objects of a list pass its filters.

use serde_json::json;

use super::query::Query;
use super::render_master as master;
use super::render_money as money;
use crate::company::{Company, Id, IdKind};

/// A filter by id: absent, or naming this object.
fn is(query: &Query, filter: &str, kind: IdKind, position: Option<u32>) -> bool {
    query
        .filter(filter)
        .is_none_or(|wanted| position.is_some_and(|position| wanted.parse() == Ok(Id::new(kind, position))))
}

/// A filter by word: absent, or this word.
fn word(query: &Query, filter: &str, word: &str) -> bool {
    query.filter(filter).is_none_or(|wanted| wanted == word)
}

/// Whether the `n`th object of a list passes the filters.
pub(super) fn passes(company: &Company, name: &str, n: usize, query: &Query) -> bool {
    match name {
        "customers" => {
            company.customers.get(n).filter(|_| query.filter("test_clock").is_none()).is_some_and(|it| {
                query.filter("email").is_none_or(|wanted| it.email.as_deref() == Some(wanted))
            })
        }
        "subscriptions" => subscription(company, n, query),
        "invoices" => company.invoices.get(n).is_some_and(|it| {
            word(query, "status", it.status.word())
                && is(query, "customer", IdKind::Customer, Some(it.customer))
                && is(query, "subscription", IdKind::Subscription, it.subscription)
        }),
        "credit_notes" => company.credit_notes.get(n).is_some_and(|it| {
            is(query, "invoice", IdKind::Invoice, Some(it.invoice))
                && is(query, "customer", IdKind::Customer, Some(it.customer))
        }),
        _ => payment(company, name, n, query),
    }
}

/// Stripe lists subscriptions that are not canceled unless `status` says otherwise.
fn subscription(company: &Company, n: usize, query: &Query) -> bool {
    company.subscriptions.get(n).filter(|_| query.filter("test_clock").is_none()).is_some_and(|it| {
        let canceled = it.canceled_at.is_some();
        let status = match query.filter("status") {
            None => !canceled,
            Some("all") => true,
            Some("canceled" | "ended") => canceled,
            Some(other) => master::subscription(company, it)["status"] == json!(other),
        };
        status && is(query, "customer", IdKind::Customer, Some(it.customer))
    })
}

fn payment(company: &Company, name: &str, n: usize, query: &Query) -> bool {
    let charge = |position: u32| company.charges.get(position as usize);
    let of_charge = |position: u32| {
        is(query, "charge", IdKind::Charge, Some(position))
            && is(query, "payment_intent", IdKind::PaymentIntent, charge(position).map(|it| it.intent))
    };
    match name {
        "payment_intents" => company.intents.get(n).is_some_and(|it| {
            is(query, "customer", IdKind::Customer, charge(it.latest_charge).map(|it| it.customer))
        }),
        "invoice_payments" => company.intents.get(n).is_some_and(|it| {
            let status = query.filter("status");
            is(query, "invoice", IdKind::Invoice, Some(it.invoice))
                && is(query, "payment[payment_intent]", IdKind::PaymentIntent, Some(it.id.n))
                && word(query, "payment[type]", "payment_intent")
                && status.is_none_or(|wanted| money::invoice_payment(company, it)["status"] == json!(wanted))
        }),
        "charges" => company.charges.get(n).is_some_and(|it| {
            is(query, "customer", IdKind::Customer, Some(it.customer))
                && is(query, "payment_intent", IdKind::PaymentIntent, Some(it.intent))
        }),
        "refunds" => company.refunds.get(n).is_some_and(|it| of_charge(it.charge)),
        "disputes" => company.disputes.get(n).is_some_and(|it| of_charge(it.charge)),
        "payouts" => n < company.payouts.len() && word(query, "status", "paid"),
        "balance_transactions" => company.transactions.get(n).is_some_and(|it| {
            let kind = query.filter("type");
            query
                .filter("source")
                .is_none_or(|wanted| it.source.is_some() && wanted.parse().ok() == it.source)
                && kind.is_none_or(|wanted| money::balance_transaction(company, it)["type"] == json!(wanted))
        }),
        "events" => company.events.get(n).is_some_and(|it| {
            let kinds = query.filters("types[]");
            word(query, "type", it.kind.word()) && (kinds.is_empty() || kinds.contains(&it.kind.word()))
        }),
        _ => false,
    }
}
