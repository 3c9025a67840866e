//! Stripe's objects into canonical ones. Pure: what an object leaves to another read comes in a [`Context`].

use serde_json::Value;
use tieout_domain::{
    Money,
    document::{
        Canonical, CustomerAccount, Dispute, Document, DocumentDate, DocumentKind, DocumentStatus,
        PaymentFee, Subscription, UsageSummary,
    },
};

use super::{
    amount::{amount, currency, opposite},
    invoice,
    shape::{Context, created, product_of},
};
use crate::{
    kit::{Field, drift},
    traits::{Rejection, Resource},
};

/// Decodes one object of `resource`. `None` for an object that says nothing of that resource (a balance
/// transaction that is no payment's).
///
/// # Errors
/// [`Rejection`] with code `schema_drift` where the shape is not one that is known.
pub fn decode(resource: Resource, object: &Value, context: &Context) -> Result<Option<Canonical>, Rejection> {
    let id = object.get("id").and_then(Value::as_str).unwrap_or("?");
    let root = format!("{}/{id}", name(resource));
    let field = Field::root(object, &root);
    match resource {
        Resource::Customers => customer(field).map(|c| Some(Canonical::Customer(c))),
        Resource::Subscriptions => subscription(field).map(|s| Some(Canonical::Subscription(s))),
        Resource::Invoices => invoice::invoice(field, context).map(|d| Some(Canonical::Document(d))),
        Resource::CreditNotes => invoice::credit_note(field, context).map(|d| Some(Canonical::Document(d))),
        Resource::Payments => charge(field, context).map(|d| Some(Canonical::Document(d))),
        Resource::Refunds => refund(field).map(|d| Some(Canonical::Document(d))),
        Resource::Disputes => dispute(field).map(|d| Some(Canonical::Dispute(d))),
        Resource::Fees => fee(field).map(|f| f.map(Canonical::Fee)),
        Resource::Usage => usage(field, context).map(|u| Some(Canonical::Usage(u))),
        Resource::Entries
        | Resource::LedgerCustomers
        | Resource::Periods
        | Resource::Accounts
        | Resource::TrialBalance => Err(drift(root, "a billing system has no such resource")),
    }
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
        Resource::Usage => "event_summaries",
        Resource::Entries => "entries",
        Resource::LedgerCustomers => "ledger_customers",
        Resource::TrialBalance => "trial_balance",
        Resource::Periods => "periods",
        Resource::Accounts => "accounts",
    }
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
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

fn charge(field: Field<'_>, context: &Context) -> Result<Document, Rejection> {
    let word = field.get("status");
    let status = match word.text()? {
        // An authorisation that was not captured is no money received.
        "succeeded" if field.get("captured").maybe_flag()? == Some(false) => DocumentStatus::Pending,
        "succeeded" => DocumentStatus::Final,
        "pending" => DocumentStatus::Pending,
        "failed" => DocumentStatus::Failed,
        other => return Err(word.wrong(&format!("is \"{other}\", which is no known status of a charge"))),
    };
    let invoice = match field.get("invoice").maybe_id()? {
        Some(invoice) => Some(invoice),
        None => context.invoice.clone(),
    };
    let minor = amount(field.get("amount"), currency(field)?)?;
    let mut document = payment_document(field, DocumentKind::Payment, status, opposite(field, minor)?)?;
    document.customer = field.get("customer").maybe_id()?;
    document.invoice = invoice;
    document.country = owned(field.get("billing_details").get("address").get("country").maybe_text()?);
    Ok(document)
}

fn refund(field: Field<'_>) -> Result<Document, Rejection> {
    let word = field.get("status");
    let status = match word.maybe_text()? {
        // Before 2014 a refund had no status: it was done.
        None | Some("succeeded") => DocumentStatus::Final,
        Some("pending" | "requires_action") => DocumentStatus::Pending,
        Some("failed" | "canceled") => DocumentStatus::Failed,
        Some(other) => {
            return Err(word.wrong(&format!("is \"{other}\", which is no known status of a refund")));
        }
    };
    let minor = amount(field.get("amount"), currency(field)?)?;
    let mut document = payment_document(field, DocumentKind::Refund, status, minor)?;
    document.customer = field.get("customer").maybe_id()?;
    document.payment = field.get("charge").maybe_id()?;
    Ok(document)
}

fn payment_document(
    field: Field<'_>,
    kind: DocumentKind,
    status: DocumentStatus,
    minor: i64,
) -> Result<Document, Rejection> {
    let id = field.get("id").id()?;
    let at = created(field)?;
    Ok(Document {
        kind,
        reference: id.clone(),
        external_id: id,
        status,
        date: DocumentDate::Instant(at),
        finalized_at: Some(at),
        changed_at: None,
        total: Money::new(minor, currency(field)?),
        tax_minor: 0,
        lines: Vec::new(),
        customer: None,
        country: None,
        entity: None,
        subscription: None,
        invoice: None,
        payment: None,
    })
}

fn dispute(field: Field<'_>) -> Result<Dispute, Rejection> {
    let word = field.get("status");
    let status = word.text()?;
    let funds_withdrawn = match status {
        "needs_response" | "under_review" | "lost" => true,
        // An inquiry withdraws nothing; a won or prevented dispute leaves the payment as it was; a charge
        // that was refunded instead (older API versions) has its refund.
        "won"
        | "prevented"
        | "charge_refunded"
        | "warning_needs_response"
        | "warning_under_review"
        | "warning_closed" => false,
        other => return Err(word.wrong(&format!("is \"{other}\", which is no known status of a dispute"))),
    };
    let currency = currency(field)?;
    Ok(Dispute {
        external_id: field.get("id").id()?,
        payment: field.get("charge").id()?,
        funds_withdrawn,
        status: status.to_owned(),
        amount: Money::new(amount(field.get("amount"), currency)?, currency),
        created_at: field.get("created").maybe_instant()?,
    })
}

/// A payment's fee; `None` for a balance transaction of anything else.
fn fee(field: Field<'_>) -> Result<Option<PaymentFee>, Rejection> {
    let kind = field.get("type").text()?;
    let currency = currency(field)?;
    let fee = amount(field.get("fee"), currency)?;
    // `charge` is a card's, `payment` any other method's.
    if !matches!(kind, "charge" | "payment") {
        return Ok(None);
    }
    let payment = field.get("source").id()?;
    Ok(Some(PaymentFee { payment, fee: Money::new(fee, currency) }))
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
