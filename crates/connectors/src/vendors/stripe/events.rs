//! What Stripe's events tell to read again.

use serde_json::Value;

use super::sheet::EVENTS_OF;
use crate::traits::Resource;

/// What an event asks to read again.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Again {
    /// The object of this id.
    Object(String),
    /// The refunds of this charge.
    RefundsOf(String),
    /// The charges of this payment intent: it was attached to an invoice.
    ChargesOf(String),
}

impl Again {
    pub(super) fn key(&self) -> String {
        match self {
            Again::Object(id) => id.clone(),
            Again::RefundsOf(charge) => format!("refunds of {charge}"),
            Again::ChargesOf(intent) => format!("charges of {intent}"),
        }
    }
}

/// The types of events that tell of `resource`, as Stripe filters them: at most 20. None where no event does.
pub(super) fn types_of(resource: Resource) -> &'static [&'static str] {
    EVENTS_OF.iter().find(|(of, _)| *of == resource).map_or(&[], |(_, types)| types)
}

/// What an event asks to read again for `resource`.
pub(super) fn named_by(resource: Resource, event: &Value) -> Option<Again> {
    let kind = event.get("type").and_then(Value::as_str).unwrap_or_default();
    let object = event.pointer("/data/object");
    let text = |path: &str| object.and_then(|o| o.pointer(path)).and_then(Value::as_str);
    let id = text("/id")?.to_owned();
    match (resource, text("/object")?) {
        (Resource::Customers, "customer")
        | (Resource::Subscriptions, "subscription")
        | (Resource::Invoices, "invoice")
        | (Resource::CreditNotes, "credit_note")
        | (Resource::Payments, "charge")
        | (Resource::Refunds, "refund")
        | (Resource::Disputes, "dispute")
        | (Resource::Payouts, "payout") => Some(Again::Object(id)),
        // A payment that is attached to its invoice later.
        (Resource::Payments, "invoice_payment") => match text("/payment/charge") {
            Some(charge) => Some(Again::Object(charge.to_owned())),
            None => text("/payment/payment_intent").map(|intent| Again::ChargesOf(intent.to_owned())),
        },
        (Resource::OutsidePayments, "invoice_payment") => {
            (text("/payment/type") == Some("payment_record")).then_some(Again::Object(id))
        }
        // Older accounts tell of a refund only by its charge.
        (Resource::Refunds, "charge") if kind == "charge.refunded" => Some(Again::RefundsOf(id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_event_filter_names_at_most_twenty_types_and_all_that_is_read_by_events_has_one() {
        for (resource, types) in EVENTS_OF {
            assert!(!types.is_empty() && types.len() <= 20, "{resource:?}");
        }
        assert!(types_of(Resource::Fees).is_empty(), "a balance transaction never changes");
    }

    #[test]
    fn a_payment_attached_to_an_invoice_later_is_read_again() {
        let event = |payment: Value| {
            let object = json!({"object": "invoice_payment", "id": "inpay_1", "payment": payment});
            json!({"type": "invoice_payment.paid", "data": {"object": object}})
        };
        let by_intent = event(json!({"type": "payment_intent", "payment_intent": "pi_1"}));
        assert!(named_by(Resource::Payments, &by_intent) == Some(Again::ChargesOf("pi_1".into())));
        assert!(named_by(Resource::OutsidePayments, &by_intent).is_none());
        let by_charge = event(json!({"type": "charge", "charge": "ch_1"}));
        assert!(named_by(Resource::Payments, &by_charge) == Some(Again::Object("ch_1".into())));
        let outside = event(json!({"type": "payment_record", "payment_record": "pr_1"}));
        assert!(named_by(Resource::OutsidePayments, &outside) == Some(Again::Object("inpay_1".into())));
        assert!(named_by(Resource::Payments, &outside).is_none());
    }
}
