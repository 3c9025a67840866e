//! Payments and what undoes them, in Stripe's current shape. Amounts are minor units.

use serde_json::{Value, json};

use super::render_invoice::{address, list, merge};
use crate::company::{
    BalanceTransaction, Charge, ChargeStatus, Company, Dispute, Id, IdKind, PaymentIntent, Payout, Refund,
    RefundStatus, TransactionKind,
};

fn text(kind: IdKind, n: u32) -> String {
    Id::new(kind, n).to_string()
}

fn transaction_id(n: Option<u32>) -> Option<String> {
    n.map(|n| text(IdKind::BalanceTransaction, n))
}

/// A charge; `expand` puts its balance transaction in place of the id.
pub(super) fn charge(company: &Company, charge: &Charge, expand: bool) -> Value {
    let customer = company.customers.get(charge.customer as usize);
    let paid = charge.status == ChargeStatus::Succeeded;
    let transaction = charge.transaction.and_then(|n| company.transactions.get(n as usize));
    let id = charge.id.to_string();
    let mut object = json!({
        "amount": charge.amount,
        "amount_captured": if paid { charge.amount } else { 0 },
        "amount_refunded": charge.refunded,
        "balance_transaction": match transaction {
            Some(found) if expand => balance_transaction(company, found),
            _ => json!(transaction_id(charge.transaction)),
        },
        "billing_details": {
            "address": address(customer.map_or("", |customer| customer.country)),
            "email": customer.and_then(|customer| customer.email.as_deref()),
            "name": customer.map(|customer| customer.name.as_str()),
            "phone": null,
            "tax_id": null
        },
        "captured": paid,
        "created": charge.created,
        "currency": charge.currency.lower(),
        "customer": text(IdKind::Customer, charge.customer),
        "disputed": charge.dispute.is_some(),
        "id": id,
        "paid": paid,
        "payment_intent": text(IdKind::PaymentIntent, charge.intent),
        "refunded": charge.refunded == charge.amount && paid,
        "refunds": list(&format!("/v1/charges/{id}/refunds"), Vec::new(), false),
        "status": charge.status.word()
    });
    merge(&mut object, outcome(charge.status == ChargeStatus::Failed));
    merge(&mut object, charge_constants());
    object
}

fn outcome(failed: bool) -> Value {
    json!({
        "failure_balance_transaction": null,
        "failure_code": failed.then_some("card_declined"),
        "failure_message": failed.then_some("Your card was declined."),
        "outcome": {
            "advice_code": null,
            "network_advice_code": null,
            "network_decline_code": null,
            "network_status": if failed { "declined_by_network" } else { "approved_by_network" },
            "reason": failed.then_some("generic_decline"),
            "seller_message": if failed { "The bank declined the charge." } else { "Payment complete." },
            "type": if failed { "issuer_declined" } else { "authorized" }
        }
    })
}

fn charge_constants() -> Value {
    json!({
        "application": null,
        "application_fee": null,
        "application_fee_amount": null,
        "calculated_statement_descriptor": "MERIDIAN",
        "description": null,
        "fraud_details": {},
        "livemode": false,
        "metadata": {},
        "object": "charge",
        "on_behalf_of": null,
        "payment_method": "pm_card_visa",
        "payment_method_details": {
            "card": { "brand": "visa", "country": "US", "exp_month": 8, "exp_year": 2030, "last4": "4242" },
            "type": "card"
        },
        "receipt_email": null,
        "receipt_number": null,
        "receipt_url": null,
        "review": null,
        "shipping": null,
        "source": null,
        "source_transfer": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "transfer_data": null,
        "transfer_group": null
    })
}

/// A payment intent; `expand` puts its latest charge in place of the id.
pub(super) fn intent(company: &Company, intent: &PaymentIntent, expand: bool) -> Value {
    let id = intent.id.to_string();
    let latest = company.charges.get(intent.latest_charge as usize);
    let status = latest.map_or(ChargeStatus::Failed, |charge| charge.status);
    let amount = latest.map_or(0, |charge| charge.amount);
    let mut object = json!({
        "amount": amount,
        "amount_received": if status == ChargeStatus::Succeeded { amount } else { 0 },
        "client_secret": format!("{id}_secret_sandbox"),
        "created": intent.created,
        "currency": latest.map_or("usd", |charge| charge.currency.lower()),
        "customer": latest.map(|charge| text(IdKind::Customer, charge.customer)),
        "id": id,
        "latest_charge": match latest {
            Some(found) if expand => charge(company, found, false),
            _ => json!(text(IdKind::Charge, intent.latest_charge)),
        },
        "status": match status {
            ChargeStatus::Succeeded => "succeeded",
            ChargeStatus::Pending => "processing",
            ChargeStatus::Failed => "requires_payment_method",
        }
    });
    merge(&mut object, intent_constants());
    object
}

fn intent_constants() -> Value {
    json!({
        "amount_capturable": 0,
        "amount_details": { "tip": {} },
        "application": null,
        "application_fee_amount": null,
        "automatic_payment_methods": null,
        "canceled_at": null,
        "cancellation_reason": null,
        "capture_method": "automatic",
        "confirmation_method": "automatic",
        "customer_account": null,
        "description": null,
        "excluded_payment_method_types": null,
        "last_payment_error": null,
        "livemode": false,
        "managed_payments": { "enabled": false },
        "metadata": {},
        "next_action": null,
        "object": "payment_intent",
        "on_behalf_of": null,
        "payment_method": "pm_card_visa",
        "payment_method_configuration_details": null,
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "processing": null,
        "receipt_email": null,
        "review": null,
        "setup_future_usage": null,
        "shipping": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "transfer_data": null,
        "transfer_group": null
    })
}

/// The link from an invoice to the intent that pays it.
pub(super) fn invoice_payment(company: &Company, intent: &PaymentIntent) -> Value {
    let latest = company.charges.get(intent.latest_charge as usize);
    let paid = latest.filter(|charge| charge.status == ChargeStatus::Succeeded);
    json!({
        "amount_paid": paid.map(|charge| charge.amount),
        "amount_requested": latest.map_or(0, |charge| charge.amount),
        "created": intent.created,
        "currency": latest.map_or("usd", |charge| charge.currency.lower()),
        "id": text(IdKind::InvoicePayment, intent.id.n),
        "invoice": text(IdKind::Invoice, intent.invoice),
        "is_default": true,
        "livemode": false,
        "object": "invoice_payment",
        "payment": { "payment_intent": intent.id.to_string(), "type": "payment_intent" },
        "status": if paid.is_some() { "paid" } else { "open" },
        "status_transitions": { "canceled_at": null, "paid_at": paid.map(|charge| charge.created) }
    })
}

/// A payout. The bank has it two days later.
pub(super) fn payout(payout: &Payout) -> Value {
    json!({
        "amount": payout.amount,
        "application_fee": null,
        "application_fee_amount": null,
        "arrival_date": payout.created + 2 * 86_400,
        "automatic": true,
        "balance_transaction": transaction_id(payout.transaction),
        "created": payout.created,
        "currency": payout.currency.lower(),
        "description": "STRIPE PAYOUT",
        "destination": null,
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "id": payout.id.to_string(),
        "livemode": false,
        "metadata": {},
        "method": "standard",
        "object": "payout",
        "original_payout": null,
        "payout_method": null,
        "reconciliation_status": "completed",
        "reversed_by": null,
        "source_type": "card",
        "statement_descriptor": null,
        "status": "paid",
        "trace_id": null,
        "type": "bank_account"
    })
}

/// A refund; `expand` puts its balance transaction in place of the id.
pub(super) fn refund(company: &Company, refund: &Refund, expand: bool) -> Value {
    let transaction = refund.transaction.and_then(|n| company.transactions.get(n as usize));
    let charge = company.charges.get(refund.charge as usize);
    let mut object = json!({
        "amount": refund.amount,
        "balance_transaction": match transaction {
            Some(found) if expand => balance_transaction(company, found),
            _ => json!(transaction_id(refund.transaction)),
        },
        "charge": text(IdKind::Charge, refund.charge),
        "created": refund.created,
        "currency": refund.currency.lower(),
        "customer": charge.map(|charge| text(IdKind::Customer, charge.customer)),
        "customer_account": null,
        "destination_details": { "card": { "type": "refund" }, "type": "card" },
        "id": refund.id.to_string(),
        "metadata": {},
        "object": "refund",
        "payment_intent": charge.map(|charge| text(IdKind::PaymentIntent, charge.intent)),
        "payment_method": "pm_card_visa",
        "reason": "requested_by_customer",
        "receipt_number": null,
        "source_transfer_reversal": null,
        "status": refund.status.word(),
        "transfer_reversal": null
    });
    if refund.status == RefundStatus::Failed {
        object["failure_reason"] = json!("expired_or_canceled_card");
    }
    object
}

/// A dispute, with the balance transactions that it moved.
pub(super) fn dispute(company: &Company, dispute: &Dispute) -> Value {
    let charge = company.charges.get(dispute.charge as usize);
    let opening = company.transactions.partition_point(|item| item.created < dispute.created);
    let closing = dispute.closed_at.unwrap_or(dispute.created);
    let moved: Vec<Value> = company.transactions[opening..]
        .iter()
        .take_while(|item| item.created <= closing)
        .filter(|item| item.source == Some(dispute.id))
        .map(|item| balance_transaction(company, item))
        .collect();
    json!({
        "amount": charge.map_or(0, |charge| charge.amount),
        "balance_transactions": moved,
        "charge": text(IdKind::Charge, dispute.charge),
        "created": dispute.created,
        "currency": charge.map_or("usd", |charge| charge.currency.lower()),
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": dispute.created + 9 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": false,
            "past_due": false,
            "submission_count": 0
        },
        "id": dispute.id.to_string(),
        "is_charge_refundable": !dispute.status.withdrawn(),
        "livemode": false,
        "metadata": {},
        "object": "dispute",
        "payment_intent": charge.map(|charge| text(IdKind::PaymentIntent, charge.intent)),
        "payment_method_details": {
            "card": {
                "brand": "visa", "case_type": "chargeback", "network": "visa", "network_reason_code": "10.4"
            },
            "type": "card"
        },
        "reason": "general",
        "status": dispute.status.word()
    })
}

/// A balance transaction.
pub(super) fn balance_transaction(company: &Company, item: &BalanceTransaction) -> Value {
    let currency = item.currency.lower();
    let (kind, category) = match item.kind {
        TransactionKind::Charge => ("charge", "charge"),
        TransactionKind::Refund => ("refund", "refund"),
        TransactionKind::DisputeWithdrawal => ("adjustment", "dispute"),
        TransactionKind::DisputeReversal => ("adjustment", "dispute_reversal"),
        TransactionKind::ProcessorFee => ("stripe_fee", "fee"),
        TransactionKind::Payout => ("payout", "payout"),
    };
    let available_on = item.created + 2 * 86_400;
    let fees = if item.fee == 0 {
        json!([])
    } else {
        json!([{
            "amount": item.fee,
            "application": null,
            "currency": currency,
            "description": "Stripe processing fees",
            "type": "stripe_fee"
        }])
    };
    json!({
        "amount": item.amount,
        "available_on": available_on,
        "balance_type": "payments",
        "created": item.created,
        "currency": currency,
        "description": null,
        "exchange_rate": null,
        "fee": item.fee,
        "fee_details": fees,
        "id": item.id.to_string(),
        "net": item.amount - item.fee,
        "object": "balance_transaction",
        "reporting_category": category,
        "source": item.source.map(|source| source.to_string()),
        "status": if available_on <= company.now { "available" } else { "pending" },
        "type": kind
    })
}
