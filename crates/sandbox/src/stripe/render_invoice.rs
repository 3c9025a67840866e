//! Invoices and credit notes in Stripe's current shape: no `charge`, `payment_intent`, `paid` or `tax` on the
//! invoice; lines with `pricing`, `parent` and `taxes`. Field names and null-ability follow Stripe's
//! published
//! fixtures (`fixtures3.json`, autumn 2026). Amounts are minor units.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::company::{Company, CreditNote, Customer, Id, IdKind, Invoice, InvoiceStatus, Line, Product};

/// How many lines an invoice carries itself; the rest is behind its `lines` URL.
pub(super) const EMBEDDED_LINES: usize = 10;

/// A list object.
pub(super) fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({ "object": "list", "data": data, "has_more": has_more, "url": url })
}

/// An address of which only the country is known.
pub(super) fn address(country: &str) -> Value {
    json!({
        "city": null, "country": country, "line1": null, "line2": null, "postal_code": null, "state": null
    })
}

fn taxes(company: &Company, entity: u8, taxable: i64, tax: i64, applies: bool) -> Value {
    let Some(entity) = company.entities.get(usize::from(entity)).filter(|_| applies) else {
        return json!([]);
    };
    json!([{
        "amount": tax,
        "tax_behavior": "exclusive",
        "tax_rate_details": { "tax_rate": entity.tax_rate },
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable,
        "type": "tax_rate_details"
    }])
}

fn discounts(line: &Line, id: &str) -> Value {
    if line.discount == 0 { json!([]) } else { json!([{ "amount": line.discount, "discount": id }]) }
}

fn pretax_credits(amount: i64, id: &str) -> Value {
    if amount == 0 { json!([]) } else { json!([{ "amount": amount, "discount": id, "type": "discount" }]) }
}

/// The discount's id: one per customer.
fn discount_id(customer: u32) -> String {
    Id::new(IdKind::Customer, customer).to_string().replacen("cus_", "di_", 1)
}

/// Price id of a product in a currency.
pub(super) fn price_id(product: Product, currency: &str) -> String {
    format!("price_{}_{currency}", product.id().trim_start_matches("prod_"))
}

fn unit_amount(line: &Line) -> String {
    if line.quantity == 0 {
        return "0".to_owned();
    }
    let exact = Decimal::from(line.amount) / Decimal::from(line.quantity);
    exact.round_dp(12).normalize().to_string()
}

/// The id of an invoice's line.
pub(super) fn line_id(invoice: u32, position: usize) -> Id {
    Id::new(IdKind::InvoiceLine, invoice * 64 + position as u32)
}

/// One line of an invoice.
pub(super) fn line(company: &Company, invoice: &Invoice, position: usize, line: &Line) -> Value {
    let discount = discount_id(invoice.customer);
    let currency = invoice.currency.lower();
    let subscription = invoice.subscription.map(|n| Id::new(IdKind::Subscription, n).to_string());
    let item = invoice.subscription.map(|n| Id::new(IdKind::SubscriptionItem, n).to_string());
    let from_subscription = subscription.is_some() && line.product != Product::Onboarding;
    let details = json!({
        "invoice_item": null,
        "proration": line.proration,
        "proration_details": { "credited_items": null },
        "subscription": subscription,
        "subscription_item": item
    });
    let item_details = json!({
        "invoice_item": format!("ii_{position}_{}", invoice.id.n),
        "proration": line.proration,
        "proration_details": { "credited_items": null },
        "subscription": null
    });
    json!({
        "amount": line.amount,
        "currency": currency,
        "description": format!("{} × {}", line.quantity, line.product.name()),
        "discount_amounts": discounts(line, &discount),
        "discountable": line.amount > 0,
        "discounts": [],
        "id": line_id(invoice.id.n, position).to_string(),
        "invoice": invoice.id.to_string(),
        "livemode": false,
        "metadata": {},
        "object": "line_item",
        "parent": if from_subscription {
            json!({
                "invoice_item_details": null,
                "subscription_item_details": details,
                "type": "subscription_item_details"
            })
        } else {
            json!({
                "invoice_item_details": item_details,
                "subscription_item_details": null,
                "type": "invoice_item_details"
            })
        },
        "period": { "end": line.period_end, "start": line.period_start },
        "pretax_credit_amounts": pretax_credits(line.discount, &discount),
        "pricing": {
            "price_details": { "price": price_id(line.product, currency), "product": line.product.id() },
            "type": "price_details",
            "unit_amount_decimal": unit_amount(line)
        },
        "quantity": line.quantity,
        "quantity_decimal": line.quantity.to_string(),
        "subscription": null,
        "subtotal": line.amount,
        "taxes": taxes(company, invoice.entity, line.net(), line.tax, line.taxable)
    })
}

fn reason(invoice: &Invoice) -> &'static str {
    match invoice.subscription {
        _ if invoice.revises.is_some() => "manual",
        Some(_) => "subscription_cycle",
        None => "manual",
    }
}

/// An invoice.
pub(super) fn invoice(company: &Company, invoice: &Invoice) -> Value {
    let mut object = amounts(company, invoice);
    let empty = Customer {
        id: Id::new(IdKind::Customer, invoice.customer),
        entity: invoice.entity,
        name: String::new(),
        email: None,
        country: "",
        currency: invoice.currency,
        created: 0,
        in_erp: false,
    };
    let customer = company.customers.get(invoice.customer as usize).unwrap_or(&empty);
    let url = format!("/v1/invoices/{}/lines", invoice.id);
    let lines: Vec<Value> = invoice
        .lines
        .iter()
        .take(EMBEDDED_LINES)
        .enumerate()
        .map(|(position, each)| line(company, invoice, position, each))
        .collect();
    let has_more = invoice.lines.len() > EMBEDDED_LINES;
    let revision = |n: u32| Id::new(IdKind::Invoice, n).to_string();
    let details = invoice
        .subscription
        .map(|n| json!({ "metadata": {}, "subscription": Id::new(IdKind::Subscription, n).to_string() }));
    let rest = json!({
        "billing_reason": reason(invoice),
        "created": invoice.created,
        "currency": invoice.currency.lower(),
        "customer": customer.id.to_string(),
        "customer_address": address(customer.country),
        "customer_email": customer.email,
        "customer_name": customer.name,
        "due_date": invoice.due_date,
        "effective_at": invoice.effective_at.or(invoice.finalized_at),
        "from_invoice": invoice.revises.map(|n| json!({ "action": "revision", "invoice": revision(n) })),
        "id": invoice.id.to_string(),
        "latest_revision": invoice.revised_by.map(revision),
        "lines": list(&url, lines, has_more),
        "number": company.invoice_number(invoice),
        "parent": details.map(|details| {
            json!({
                "quote_details": null,
                "subscription_details": details,
                "type": "subscription_details"
            })
        }),
        "period_end": invoice.created,
        "period_start": invoice.lines.first().map_or(invoice.created, |line| line.period_start),
        "status": invoice.status.word(),
        "status_transitions": {
            "finalized_at": invoice.finalized_at,
            "marked_uncollectible_at": invoice.uncollectible_at,
            "paid_at": invoice.paid_at,
            "voided_at": invoice.voided_at
        }
    });
    merge(&mut object, rest);
    merge(&mut object, constants(invoice.status));
    object
}

/// Moves the fields of one object into another.
pub(super) fn merge(object: &mut Value, fields: Value) {
    if let (Value::Object(object), Value::Object(fields)) = (object, fields) {
        object.extend(fields);
    }
}

fn amounts(company: &Company, invoice: &Invoice) -> Value {
    let (total, tax) = (invoice.total(), invoice.tax());
    let due = (total - invoice.pre_payment_credit).max(0);
    let paid = if invoice.status == InvoiceStatus::Paid { due } else { 0 };
    let applies = invoice.lines.iter().any(|line| line.taxable);
    let taxable = invoice.lines.iter().filter(|line| line.taxable).map(Line::net).sum();
    let discount = invoice.discount();
    let id = discount_id(invoice.customer);
    json!({
        "amount_due": due,
        "amount_overpaid": 0,
        "amount_paid": paid,
        "amount_remaining": due - paid,
        "amount_shipping": 0,
        "post_payment_credit_notes_amount": invoice.post_payment_credit,
        "pre_payment_credit_notes_amount": invoice.pre_payment_credit,
        "starting_balance": 0,
        "ending_balance": invoice.finalized_at.map(|_| 0),
        "subtotal": invoice.subtotal(),
        "subtotal_excluding_tax": invoice.subtotal(),
        "total": total,
        "total_discount_amounts": if discount == 0 {
            json!([])
        } else {
            json!([{ "amount": discount, "discount": id }])
        },
        "total_excluding_tax": total - tax,
        "total_pretax_credit_amounts": pretax_credits(discount, &id),
        "total_taxes": taxes(company, invoice.entity, taxable, tax, applies)
    })
}

/// What does not vary, or only with the status.
fn constants(status: InvoiceStatus) -> Value {
    let attempted = status != InvoiceStatus::Draft;
    json!({
        "account_country": null,
        "account_name": "Meridian Analytics",
        "account_tax_ids": null,
        "application": null,
        "attempt_count": i32::from(attempted),
        "attempted": attempted,
        "auto_advance": false,
        "automatic_tax": {
            "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null
        },
        "automatically_finalizes_at": null,
        "collection_method": "charge_automatically",
        "custom_fields": null,
        "customer_account": null,
        "customer_phone": null,
        "customer_shipping": null,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "footer": null,
        "hosted_invoice_url": null,
        "invoice_pdf": null,
        "issuer": { "type": "self" },
        "last_finalization_error": null,
        "livemode": false,
        "metadata": {},
        "next_payment_attempt": null,
        "object": "invoice",
        "on_behalf_of": null,
        "payment_settings": {
            "default_mandate": null, "payment_method_options": null, "payment_method_types": null
        },
        "receipt_number": null,
        "rendering": null,
        "shipping_cost": null,
        "shipping_details": null,
        "statement_descriptor": null,
        "subscription": null,
        "test_clock": null,
        "webhooks_delivered_at": null
    })
}

/// The id of a credit note's line.
pub(super) fn note_line_id(note: u32, position: usize) -> Id {
    Id::new(IdKind::CreditNoteLine, note * 64 + position as u32)
}

/// One line of a credit note.
pub(super) fn note_line(company: &Company, note: &CreditNote, position: usize, line: &Line) -> Value {
    let source = line_id(note.invoice, usize::from(line.source_line));
    json!({
        "amount": line.amount,
        "description": format!("Credit: {}", line.product.name()),
        "discount_amount": line.discount,
        "discount_amounts": [],
        "id": note_line_id(note.id.n, position).to_string(),
        "invoice_line_item": source.to_string(),
        "livemode": false,
        "metadata": {},
        "object": "credit_note_line_item",
        "pretax_credit_amounts": [],
        "quantity": line.quantity,
        "tax_rates": [],
        "taxes": taxes(company, note.entity, line.net(), line.tax, line.taxable),
        "type": "invoice_line_item",
        "unit_amount": null,
        "unit_amount_decimal": null
    })
}

/// A credit note.
pub(super) fn credit_note(company: &Company, note: &CreditNote) -> Value {
    let url = format!("/v1/credit_notes/{}/lines", note.id);
    let lines: Vec<Value> = note
        .lines
        .iter()
        .take(EMBEDDED_LINES)
        .enumerate()
        .map(|(position, line)| note_line(company, note, position, line))
        .collect();
    let (total, tax) = (note.total(), note.tax());
    let applies = note.lines.iter().any(|line| line.taxable);
    let (before, after) = if note.post_payment { (0, total) } else { (total, 0) };
    json!({
        "amount": total,
        "amount_shipping": 0,
        "created": note.created,
        "currency": note.currency.lower(),
        "customer": Id::new(IdKind::Customer, note.customer).to_string(),
        "customer_account": null,
        "customer_balance_transaction": null,
        "discount_amount": 0,
        "discount_amounts": [],
        "effective_at": note.effective_at.unwrap_or(note.created),
        "id": note.id.to_string(),
        "invoice": Id::new(IdKind::Invoice, note.invoice).to_string(),
        "lines": list(&url, lines, note.lines.len() > EMBEDDED_LINES),
        "livemode": false,
        "memo": null,
        "metadata": {},
        "number": company.credit_note_number(note),
        "object": "credit_note",
        "out_of_band_amount": null,
        "pdf": "",
        "post_payment_amount": after,
        "pre_payment_amount": before,
        "pretax_credit_amounts": [],
        "reason": "order_change",
        "refunds": [],
        "shipping_cost": null,
        "status": if note.voided_at.is_some() { "void" } else { "issued" },
        "subtotal": total - tax,
        "subtotal_excluding_tax": total - tax,
        "total": total,
        "total_excluding_tax": total - tax,
        "total_taxes": taxes(company, note.entity, total - tax, tax, applies),
        "type": if note.post_payment { "post_payment" } else { "pre_payment" },
        "voided_at": note.voided_at
    })
}
