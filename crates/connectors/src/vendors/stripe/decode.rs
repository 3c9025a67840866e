//! Stripe's objects into canonical ones. Pure: what an object leaves to another read comes in a [`Context`].

use serde_json::Value;
use tieout_domain::document::{Canonical, CustomerAccount, Document, Subscription, UsageSummary};

use super::{
    balance, invoice, money, outside,
    shape::{Context, owned, product_of},
};
use crate::{
    kit::{Field, drift},
    traits::{Rejection, Resource},
};

/// Decodes one object of `resource`: what it means, which is nothing for an object that says nothing of that
/// resource, and more than one thing for a movement of the balance that is also a document.
///
/// # Errors
/// [`Rejection`] with code `schema_drift` where the shape is not one that is known.
pub fn decode(resource: Resource, object: &Value, context: &Context) -> Result<Vec<Canonical>, Rejection> {
    let id = object.get("id").and_then(Value::as_str).unwrap_or("?");
    let root = format!("{}/{id}", name(resource));
    let field = Field::root(object, &root);
    let document = |decoded: Result<Document, Rejection>| decoded.map(|d| vec![Canonical::Document(d)]);
    match resource {
        Resource::Customers => customer(field).map(|c| vec![Canonical::Customer(c)]),
        Resource::Subscriptions => subscription(field).map(|s| vec![Canonical::Subscription(s)]),
        Resource::Invoices => {
            documents(invoice::invoice(field, context)?, outside::of_invoice(field, context)?)
        }
        Resource::CreditNotes => documents(invoice::credit_note(field, context)?, outside::of_note(field)?),
        Resource::Payments => document(money::charge(field, context)),
        Resource::Refunds => document(money::refund(field)),
        Resource::Disputes => document(money::dispute(field)),
        Resource::Payouts => document(money::payout(field)),
        Resource::OutsidePayments => {
            Ok(money::outside(field, context)?.into_iter().map(Canonical::Document).collect())
        }
        Resource::Fees => balance::transaction(field),
        Resource::Usage => usage(field, context).map(|u| vec![Canonical::Usage(u)]),
        Resource::Entries
        | Resource::LedgerCustomers
        | Resource::Periods
        | Resource::Accounts
        | Resource::TrialBalance => Err(drift(root, "a billing system has no such resource")),
    }
}

fn documents(document: Document, more: Option<Document>) -> Result<Vec<Canonical>, Rejection> {
    Ok(std::iter::once(document).chain(more).map(Canonical::Document).collect())
}

/// The name of a resource in places and paths.
pub(super) fn name(resource: Resource) -> &'static str {
    match resource {
        Resource::Customers => "customers",
        Resource::Subscriptions => "subscriptions",
        Resource::Invoices => "invoices",
        Resource::CreditNotes => "credit_notes",
        Resource::Payments => "charges",
        Resource::Refunds => "refunds",
        Resource::Disputes => "disputes",
        Resource::Fees => "balance_transactions",
        Resource::Payouts => "payouts",
        Resource::OutsidePayments => "invoice_payments",
        Resource::Usage => "event_summaries",
        Resource::Entries => "entries",
        Resource::LedgerCustomers => "ledger_customers",
        Resource::TrialBalance => "trial_balance",
        Resource::Periods => "periods",
        Resource::Accounts => "accounts",
    }
}

fn customer(field: Field<'_>) -> Result<CustomerAccount, Rejection> {
    Ok(CustomerAccount {
        external_id: field.get("id").id()?,
        name: owned(field.get("name").maybe_text()?),
        email: owned(field.get("email").maybe_text()?),
        country: owned(field.get("address").get("country").maybe_text()?),
        created_at: field.get("created").maybe_instant()?,
        deleted: field.get("deleted").maybe_flag()?.unwrap_or(false),
    })
}

fn subscription(field: Field<'_>) -> Result<Subscription, Rejection> {
    let started = match field.get("start_date").maybe_instant()? {
        Some(at) => Some(at),
        None => field.get("created").maybe_instant()?,
    };
    let (mut products, mut amended) = (Vec::new(), None);
    for item in field.get("items").get("data").items()? {
        products.extend(product_of(item)?);
        // Stripe keeps no time of amendment; an item added after the start is one.
        let added = item.get("created").maybe_instant()?;
        if added > started {
            amended = amended.max(added);
        }
    }
    if products.is_empty() {
        products.extend(product_of(field)?);
    }
    Ok(Subscription {
        external_id: field.get("id").id()?,
        customer: field.get("customer").maybe_id()?,
        status: field.get("status").text()?.to_owned(),
        products,
        started_at: started,
        amended_at: amended,
    })
}

fn usage(field: Field<'_>, context: &Context) -> Result<UsageSummary, Rejection> {
    let meter = field.get("meter").id()?;
    let customer = context.customer.clone().ok_or_else(|| field.wrong("names no customer"))?;
    let instant = |key| {
        let at = field.get(key);
        at.maybe_instant()?.ok_or_else(|| at.missing())
    };
    let (starts_at, ends_at) = (instant("start_time")?, instant("end_time")?);
    Ok(UsageSummary {
        // Stripe's own id of a summary is not documented to stay the same when it is asked for again.
        external_id: format!("{meter}:{customer}:{}", starts_at.timestamp()),
        meter,
        customer,
        starts_at,
        ends_at,
        value: field.get("aggregated_value").decimal()?,
    })
}
