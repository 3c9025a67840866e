//! Customers, subscriptions, products, tax rates, meters, usage, accounts and events in Stripe's shape.

use serde_json::{Value, json};

use super::render_invoice::{address, credit_note, invoice, list, price_id};
use super::render_money::{charge, dispute, payout, refund};
use crate::company::{
    Company, Customer, Entity, Event, EventKind, Id, IdKind, Meter, Product, Subscription, SubscriptionStatus,
};

/// A customer.
pub(super) fn customer(customer: &Customer) -> Value {
    json!({
        "address": address(customer.country),
        "balance": 0,
        "created": customer.created,
        "currency": customer.currency.lower(),
        "default_source": null,
        "delinquent": false,
        "description": null,
        "discount": null,
        "email": customer.email,
        "id": customer.id.to_string(),
        "invoice_prefix": format!("MRD{:05}", customer.id.n),
        "invoice_settings": {
            "custom_fields": null,
            "default_payment_method": null,
            "footer": null,
            "rendering_options": null
        },
        "livemode": false,
        "metadata": {},
        "name": customer.name,
        "next_invoice_sequence": 1,
        "object": "customer",
        "phone": null,
        "preferred_locales": [],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": null
    })
}

fn price(sub: &Subscription) -> Value {
    json!({
        "active": true,
        "billing_scheme": "per_unit",
        "created": sub.created,
        "currency": sub.currency.lower(),
        "custom_unit_amount": null,
        "id": price_id(sub.plan, sub.currency.lower()),
        "livemode": false,
        "lookup_key": null,
        "metadata": {},
        "nickname": null,
        "object": "price",
        "product": sub.plan.id(),
        "recurring": {
            "interval": if sub.annual { "year" } else { "month" },
            "interval_count": 1,
            "meter": null,
            "trial_period_days": null,
            "usage_type": "licensed"
        },
        "tax_behavior": "exclusive",
        "tiers_mode": null,
        "transform_quantity": null,
        "type": "recurring",
        "unit_amount": sub.unit_amount,
        "unit_amount_decimal": sub.unit_amount.to_string()
    })
}

/// The metered price of the entity's own meter, where a subscription bills usage.
fn metered_price(company: &Company, sub: &Subscription) -> Option<Value> {
    let meter = company.meters.iter().find(|meter| meter.entity == sub.entity).filter(|_| sub.metered)?;
    let mut value = price(sub);
    let currency = sub.currency.lower();
    value["id"] = json!(format!("price_usage_{currency}"));
    value["product"] = json!(Product::Usage.id());
    value["unit_amount"] = Value::Null;
    value["unit_amount_decimal"] = Value::Null;
    value["recurring"]["interval"] = json!("month");
    value["recurring"]["meter"] = json!(meter.id.to_string());
    value["recurring"]["usage_type"] = json!("metered");
    Some(value)
}

/// A subscription with its item, and a second one where it bills usage.
pub(super) fn subscription(company: &Company, sub: &Subscription) -> Value {
    let id = sub.id.to_string();
    let length = if sub.annual { 365 } else { 30 } * 86_400;
    let elapsed = (company.now - sub.created).max(0) / length;
    let start = sub.created + elapsed * length;
    let item = json!({
        "billing_thresholds": null,
        "created": sub.plan_since.unwrap_or(sub.created),
        "current_period_end": start + length,
        "current_period_start": start,
        "discounts": [],
        "id": Id::new(IdKind::SubscriptionItem, sub.id.n).to_string(),
        "metadata": {},
        "object": "subscription_item",
        "price": price(sub),
        "quantity": sub.seats,
        "subscription": id,
        "tax_rates": []
    });
    let mut items = vec![item];
    if let Some(price) = metered_price(company, sub) {
        let mut metered = items[0].clone();
        metered["id"] = json!(format!("{}u", Id::new(IdKind::SubscriptionItem, sub.id.n)));
        metered["created"] = json!(sub.created);
        metered["price"] = price;
        metered["quantity"] = Value::Null;
        items.push(metered);
    }
    let mut object = json!({
        "billing_cycle_anchor": sub.created,
        "canceled_at": sub.canceled_at,
        "created": sub.created,
        "currency": sub.currency.lower(),
        "customer": Id::new(IdKind::Customer, sub.customer).to_string(),
        "ended_at": sub.canceled_at,
        "id": id,
        "items": list(&format!("/v1/subscription_items?subscription={id}"), items, false),
        "latest_invoice": null,
        "start_date": sub.created,
        "status": match sub.status {
            SubscriptionStatus::Active => "active",
            SubscriptionStatus::PastDue => "past_due",
            SubscriptionStatus::Canceled => "canceled",
        }
    });
    super::render_invoice::merge(&mut object, subscription_constants());
    object
}

fn subscription_constants() -> Value {
    json!({
        "application": null,
        "application_fee_percent": null,
        "automatic_tax": { "disabled_reason": null, "enabled": false, "liability": null },
        "billing_cycle_anchor_config": null,
        "billing_mode": { "flexible": null, "type": "classic" },
        "billing_schedules": [],
        "billing_thresholds": null,
        "cancel_at": null,
        "cancel_at_period_end": false,
        "cancellation_details": { "comment": null, "feedback": null, "reason": null },
        "collection_method": "charge_automatically",
        "customer_account": null,
        "days_until_due": null,
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "invoice_settings": {
            "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null,
            "issuer": { "type": "self" }
        },
        "livemode": false,
        "managed_payments": { "enabled": false },
        "metadata": {},
        "next_pending_invoice_item_invoice": null,
        "object": "subscription",
        "on_behalf_of": null,
        "pause_collection": null,
        "payment_settings": {
            "payment_method_options": null,
            "payment_method_types": null,
            "save_default_payment_method": null
        },
        "pending_invoice_item_interval": null,
        "pending_setup_intent": null,
        "pending_update": null,
        "schedule": null,
        "test_clock": null,
        "transfer_data": null,
        "trial_end": null,
        "trial_settings": { "end_behavior": { "missing_payment_method": "create_invoice" } },
        "trial_start": null
    })
}

/// A product.
pub(super) fn product(product: Product, created: i64) -> Value {
    json!({
        "active": true,
        "created": created,
        "default_price": null,
        "description": null,
        "id": product.id(),
        "images": [],
        "livemode": false,
        "marketing_features": [],
        "metadata": {},
        "name": product.name(),
        "object": "product",
        "package_dimensions": null,
        "shippable": null,
        "statement_descriptor": null,
        "tax_code": null,
        "type": "service",
        "unit_label": null,
        "updated": created,
        "url": null
    })
}

/// A tax rate. Stripe writes percentages as JSON numbers, so this is one, from hundredths, digit by digit.
pub(super) fn tax_rate(entity: &Entity, created: i64) -> Value {
    let (whole, part) = (entity.tax_hundredths / 100, entity.tax_hundredths % 100);
    let text = if part == 0 { whole.to_string() } else { format!("{whole}.{part:02}") };
    let percentage: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    let (name, kind) = match entity.country {
        "US" => ("Sales tax", "sales_tax"),
        "JP" => ("Consumption tax", "jct"),
        _ => ("VAT", "vat"),
    };
    json!({
        "active": true,
        "country": entity.country,
        "created": created,
        "description": null,
        "display_name": name,
        "effective_percentage": percentage,
        "flat_amount": null,
        "id": entity.tax_rate,
        "inclusive": false,
        "jurisdiction": entity.country,
        "jurisdiction_level": "country",
        "livemode": false,
        "metadata": {},
        "object": "tax_rate",
        "percentage": percentage,
        "rate_type": "percentage",
        "state": null,
        "tax_type": kind
    })
}

/// A meter.
pub(super) fn meter(meter: &Meter) -> Value {
    json!({
        "created": meter.created,
        "customer_mapping": { "event_payload_key": "stripe_customer_id", "type": "by_id" },
        "default_aggregation": { "formula": "sum" },
        "display_name": meter.display_name,
        "event_name": meter.event_name,
        "event_time_window": null,
        "id": meter.id.to_string(),
        "livemode": false,
        "object": "billing.meter",
        "status": "active",
        "status_transitions": { "deactivated_at": null },
        "updated": meter.created,
        "value_settings": { "event_payload_key": "value" }
    })
}

/// Usage of a customer in a span of time; `n` tells the summaries of one meter apart.
pub(super) fn summary(meter: Id, n: u32, start: i64, end: i64, value: u64) -> Value {
    json!({
        "aggregated_value": value,
        "end_time": end,
        "id": Id::new(IdKind::MeterSummary, n).to_string(),
        "livemode": false,
        "meter": meter.to_string(),
        "object": "billing.meter_event_summary",
        "start_time": start
    })
}

/// The account itself.
pub(super) fn account(entity: &Entity) -> Value {
    json!({
        "business_profile": { "name": entity.name, "mcc": null, "url": null },
        "business_type": "company",
        "capabilities": { "card_payments": "active", "transfers": "active" },
        "charges_enabled": true,
        "controller": { "type": "account" },
        "country": entity.country,
        "created": 1_500_000_000,
        "default_currency": entity.currency.lower(),
        "details_submitted": true,
        "email": format!("finance@{}.meridian.example", entity.code.to_lowercase()),
        "id": entity.account,
        "metadata": {},
        "object": "account",
        "payouts_enabled": true,
        "settings": { "dashboard": { "display_name": entity.name, "timezone": entity.tz.name() } },
        "type": "standard"
    })
}

/// An event with its object as it is now.
pub(super) fn event(company: &Company, event: &Event, version: &str) -> Value {
    let mut data = json!({ "object": object(company, event.object) });
    if event.kind == EventKind::InvoiceUpdated {
        data["previous_attributes"] = json!({});
    }
    json!({
        "api_version": version,
        "created": event.created,
        "data": data,
        "id": event.id.to_string(),
        "livemode": false,
        "object": "event",
        "pending_webhooks": 0,
        "request": { "id": null, "idempotency_key": null },
        "type": event.kind.word()
    })
}

/// The object that an event is about.
fn object(company: &Company, id: Id) -> Value {
    let n = id.n as usize;
    let found = match id.kind {
        IdKind::Customer => company.customers.get(n).map(customer),
        IdKind::Subscription => company.subscriptions.get(n).map(|sub| subscription(company, sub)),
        IdKind::Invoice => company.invoices.get(n).map(|found| invoice(company, found)),
        IdKind::CreditNote => company.credit_notes.get(n).map(|note| credit_note(company, note)),
        IdKind::Charge => company.charges.get(n).map(|found| charge(company, found, false)),
        IdKind::Refund => company.refunds.get(n).map(|found| refund(company, found, false)),
        IdKind::Dispute => company.disputes.get(n).map(|found| dispute(company, found)),
        IdKind::Payout => company.payouts.get(n).map(payout),
        IdKind::PaymentIntent
        | IdKind::BalanceTransaction
        | IdKind::InvoicePayment
        | IdKind::Event
        | IdKind::Meter
        | IdKind::MeterSummary
        | IdKind::InvoiceLine
        | IdKind::CreditNoteLine
        | IdKind::SubscriptionItem => None,
    };
    found.unwrap_or(Value::Null)
}
