//! Movements of Stripe's balance as the adapter reads them off the wire: in part, in other currencies, given
//! back, failed, unknown; and what is asked of Stripe for it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use serde_json::{Value, json};
use tieout_connectors::{
    Resource,
    vendors::stripe::{Context, decode},
};
use tieout_domain::document::{Canonical, Document, DocumentDate, DocumentKind, DocumentStatus, Movement};

fn at(seconds: i64) -> DocumentDate {
    DocumentDate::Instant(chrono::DateTime::from_timestamp(seconds, 0).unwrap())
}

fn all(resource: Resource, object: &Value) -> Vec<Canonical> {
    decode(resource, object, &Context::default()).unwrap()
}

fn one(resource: Resource, object: &Value) -> Document {
    let mut found = documents(resource, object);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn documents(resource: Resource, object: &Value) -> Vec<Document> {
    let items = all(resource, object).into_iter();
    items.filter_map(|item| if let Canonical::Document(one) = item { Some(one) } else { None }).collect()
}

fn movement(object: &Value) -> Movement {
    match all(Resource::Fees, object).remove(0) {
        Canonical::Movement(movement) => movement,
        other => panic!("{other:?}"),
    }
}

/// A balance transaction.
fn moved(kind: &str, category: &str, source: Value, amount: i64, currency: &str) -> Value {
    json!({"id": "txn_1", "object": "balance_transaction", "type": kind, "reporting_category": category,
        "source": source, "amount": amount, "fee": 0, "net": amount, "currency": currency, "created": 5000,
        "exchange_rate": null, "fee_details": []})
}

fn charge(change: Value) -> Value {
    let mut object = json!({"id": "ch_1", "object": "charge", "currency": "eur", "status": "succeeded",
        "created": 1000, "captured": true, "amount": 9000, "amount_captured": 9000});
    for (key, value) in change.as_object().unwrap() {
        object[key] = value.clone();
    }
    object
}

#[test]
fn what_was_captured_is_what_was_received_unless_the_rest_came_back_as_a_refund() {
    let taken = |change| one(Resource::Payments, &charge(change)).total.minor();
    assert_eq!(taken(json!({})), -9000);
    assert_eq!(taken(json!({"amount_captured": 4500})), -4500);
    let took = |amount, currency: &str, rate: Value| {
        let mut item = moved("charge", "charge", json!("ch_1"), amount, currency);
        item["exchange_rate"] = rate;
        json!({"amount_captured": 4500, "balance_transaction": item})
    };
    assert_eq!(taken(took(4500, "eur", Value::Null)), -4500);
    assert_eq!(taken(took(9000, "eur", Value::Null)), -9000, "before basil");
    assert_eq!(taken(took(7200, "jpy", json!(160.0))), -4500, "settled in yen");
    assert_eq!(taken(took(14_400, "jpy", json!(160.0))), -9000, "before basil, settled in yen");
    let uncaptured = charge(json!({"captured": false, "amount_captured": 0}));
    let held = one(Resource::Payments, &uncaptured);
    assert_eq!((held.status, held.total.minor()), (DocumentStatus::Pending, -9000));
}

#[test]
fn a_payment_is_of_the_day_on_which_its_money_arrived() {
    let mut item = moved("payment", "charge", json!("py_1"), 9000, "eur");
    item["created"] = json!(400_000);
    let paid = one(Resource::Payments, &charge(json!({"balance_transaction": item})));
    assert_eq!(paid.date, at(400_000), "a bank debit arrives days after it was made");
    let pending = charge(json!({"status": "pending", "balance_transaction": null}));
    assert_eq!(one(Resource::Payments, &pending).date, at(1000));
    let named = charge(json!({"balance_transaction": "txn_1"}));
    assert_eq!(one(Resource::Payments, &named).date, at(1000), "an id alone tells no day");
}

fn dispute(status: &str, moves: &[(i64, i64)], currency: &str) -> Value {
    let item = |(amount, created): &(i64, i64)| {
        let mut item = moved("adjustment", "dispute", json!("dp_1"), *amount, currency);
        item["created"] = json!(created);
        item
    };
    let items: Vec<Value> = moves.iter().map(item).collect();
    json!({"id": "dp_1", "object": "dispute", "amount": 6000, "charge": "ch_1", "currency": "eur",
        "created": 2000, "status": status, "balance_transactions": items})
}

#[test]
fn a_dispute_takes_back_what_its_own_movements_say_on_the_day_of_the_first() {
    let read = |status, moves: &[(i64, i64)], currency| {
        let got = one(Resource::Disputes, &dispute(status, moves, currency));
        assert_eq!((got.kind, got.payment.as_deref()), (DocumentKind::Dispute, Some("ch_1")));
        assert_eq!((got.reference.as_str(), got.total.currency().code()), ("dp_1", "EUR"));
        (got.status, got.total.minor(), got.date)
    };
    let (last, void) = (DocumentStatus::Final, DocumentStatus::Void);
    assert_eq!(read("lost", &[(-6000, 3000)], "eur"), (last, 6000, at(3000)));
    assert_eq!(read("needs_response", &[], "eur"), (last, 6000, at(2000)));
    assert_eq!(read("won", &[(-6000, 3000), (6000, 9000)], "eur"), (void, 6000, at(3000)));
    assert_eq!(read("won", &[(6000, 9000), (-6000, 3000), (-100, 9001)], "eur"), (last, 100, at(3000)));
    assert_eq!(read("lost", &[(-960, 3000)], "jpy"), (last, 6000, at(3000)), "withdrawn in yen");
    assert_eq!(read("lost", &[(-960, 3000), (480, 4000)], "jpy"), (last, 3000, at(3000)));
    assert_eq!(read("prevented", &[], "eur").0, void);
    assert_eq!(read("warning_under_review", &[], "eur").0, DocumentStatus::Pending);
    assert_eq!(read("a_word_of_2029", &[(-6000, 3000)], "eur"), (last, 6000, at(3000)));
    let unknown = decode(Resource::Disputes, &dispute("a_word_of_2029", &[], "eur"), &Context::default());
    let unknown = unknown.unwrap_err();
    assert_eq!(
        (unknown.code.as_str(), unknown.place.as_str()),
        ("schema_drift", "disputes/dp_1, field status")
    );
}

#[test]
fn a_movement_of_a_customers_money_is_its_objects_and_adds_its_fee() {
    for (kind, category, source) in [
        ("charge", "charge", "ch_1"),
        ("payment", "charge", "py_1"),
        ("refund", "partial_capture_reversal", "re_1"),
        ("refund_failure", "refund_failure", "re_1"),
        ("adjustment", "dispute_reversal", "dp_1"),
        ("payout", "payout", "po_1"),
        ("payout_failure", "payout_reversal", "po_1"),
    ] {
        let mut object = moved(kind, category, json!(source), 100, "usd");
        object["fee"] = json!(-87);
        assert_eq!(documents(Resource::Fees, &object), [], "{category}");
        let got = movement(&object);
        assert_eq!((got.document.as_str(), got.fee_minor, got.category.as_str()), (source, -87, category));
    }
}

#[test]
fn what_is_no_customers_money_is_a_document_of_its_own_by_stripes_category() {
    use DocumentKind::{Adjustment, Fee, Movement, Reserve, TopUp, Transfer};
    for (kind, category, source, amount, want) in [
        ("stripe_fee", "fee", Value::Null, -250, (Fee, 250, 0, "txn_1")),
        ("tax_fee", "fee", Value::Null, -55, (Fee, 55, 55, "txn_1")),
        ("stripe_fx_fee", "fee", Value::Null, -5, (Fee, 5, 0, "txn_1")),
        ("topup", "topup", json!("tu_1"), 900, (TopUp, -900, 0, "tu_1")),
        ("topup_reversal", "topup_reversal", json!("tu_1"), -900, (TopUp, 900, 0, "txn_1")),
        ("transfer", "transfer", json!("tr_1"), -70, (Transfer, 70, 0, "tr_1")),
        ("transfer_refund", "transfer_reversal", json!("trr_1"), 70, (Transfer, -70, 0, "txn_1")),
        ("reserve_transaction", "risk_reserved_funds", Value::Null, -40, (Reserve, 40, 0, "txn_1")),
        ("adjustment", "other_adjustment", Value::Null, 3, (Adjustment, -3, 0, "txn_1")),
        ("climate_order_purchase", "climate_order_purchase", json!("co_1"), -9, (Movement, 9, 0, "txn_1")),
        ("a_type_of_2029", "a_category_of_2029", Value::Null, 8, (Movement, -8, 0, "txn_1")),
    ] {
        let object = moved(kind, category, source, amount, "chf");
        let got = one(Resource::Fees, &object);
        let is = (got.kind, got.total.minor(), got.tax_minor, got.reference.as_str());
        assert_eq!((is, got.date), (want, at(5000)), "{category}");
        assert_eq!((got.external_id.as_str(), movement(&object).document.as_str()), ("txn_1", "txn_1"));
    }
}

#[test]
fn money_that_was_converted_is_two_documents_and_its_fee_is_the_balances() {
    let mut object = moved("charge", "charge", json!("ch_1"), 53_480, "thb");
    object["fee"] = json!(3540);
    object["exchange_rate"] = json!(35.6533);
    object["fee_details"] = json!([{"amount": 3000, "type": "stripe_fee"}, {"amount": 540, "type": "tax"}]);
    let conversion = one(Resource::Fees, &object);
    assert_eq!(conversion.kind, DocumentKind::Conversion);
    assert_eq!((conversion.total.minor(), conversion.total.currency().code()), (-53_480, "THB"));
    assert_eq!((conversion.reference.as_str(), conversion.payment.as_deref()), ("txn_1", Some("ch_1")));
    let got = movement(&object);
    assert_eq!((got.document.as_str(), got.source.as_deref()), ("txn_1", Some("ch_1")));
    assert_eq!((got.fee_minor, got.fee_tax_minor), (3540, 540));
    assert_eq!(got.rate.unwrap().to_string(), "35.6533");
    // Stripe's own digits hold for balances too.
    let krona = movement(&moved("stripe_fee", "fee", Value::Null, -2500, "isk"));
    assert_eq!(krona.gross.minor(), -25);
    let unknown =
        decode(Resource::Fees, &moved("stripe_fee", "fee", Value::Null, -1, "usdc"), &Context::default());
    assert_eq!(unknown.unwrap_err().place, "balance_transactions/txn_1, field currency");
}

#[test]
fn a_payout_that_failed_or_was_reversed_brings_its_money_back() {
    let payout = |change: Value| {
        let mut object = json!({"id": "po_1", "object": "payout", "amount": 7875, "currency": "kwd",
            "created": 5000, "arrival_date": 90_000, "status": "paid", "balance_transaction": "txn_1"});
        for (key, value) in change.as_object().unwrap() {
            object[key] = value.clone();
        }
        decode(Resource::Payouts, &object, &Context::default()).map(|mut items| match items.remove(0) {
            Canonical::Document(one) => (one.status, one.total.minor(), one.date),
            other => panic!("{other:?}"),
        })
    };
    let (last, failed) = (DocumentStatus::Final, DocumentStatus::Failed);
    assert_eq!(payout(json!({})), Ok((last, 7875, at(5000))), "the day on which the balance moved");
    assert_eq!(payout(json!({"status": "in_transit"})).unwrap().0, last);
    assert_eq!(
        payout(json!({"status": "failed", "failure_balance_transaction": "txn_2"})).unwrap().0,
        failed
    );
    assert_eq!(payout(json!({"status": "canceled"})).unwrap().0, failed);
    assert_eq!(payout(json!({"original_payout": "po_0"})), Ok((last, -7875, at(5000))));
    assert_eq!(payout(json!({"status": "a_word_of_2029"})).unwrap().0, last, "the balance moved");
    let unknown = payout(json!({"status": "a_word_of_2029", "balance_transaction": null}));
    assert_eq!(unknown.unwrap_err().code, "schema_drift");
}

#[test]
fn what_was_paid_outside_of_stripe_is_a_payment_of_its_invoice() {
    let link = json!({"id": "inpay_1", "object": "invoice_payment", "invoice": "in_1", "amount_paid": 500,
        "amount_requested": 500, "currency": "jpy", "created": 1, "status": "paid",
        "payment": {"type": "payment_record", "payment_record": "pr_1"},
        "status_transitions": {"paid_at": 7000}});
    let paid = one(Resource::OutsidePayments, &link);
    assert_eq!((paid.kind, paid.outside, paid.total.minor()), (DocumentKind::Payment, true, -500));
    assert_eq!(
        (paid.reference.as_str(), paid.invoice.as_deref(), paid.date),
        ("pr_1", Some("in_1"), at(7000))
    );
    let shared = Context { shares_record: true, ..Context::default() };
    let Canonical::Document(part) = decode(Resource::OutsidePayments, &link, &shared).unwrap().remove(0)
    else {
        panic!()
    };
    assert_eq!(part.reference, "inpay_1", "a record of several invoices names none of its parts");
    let mut other = link.clone();
    other["payment"] = json!({"type": "payment_intent", "payment_intent": "pi_1"});
    assert_eq!(all(Resource::OutsidePayments, &other), []);
}

#[test]
fn an_invoice_that_was_marked_as_paid_brings_its_payment_where_nothing_records_it() {
    let invoice = json!({"id": "in_1", "object": "invoice", "created": 1000, "currency": "usd",
        "status": "paid", "number": "A-1", "total": 900, "amount_paid": 900, "paid_out_of_band": true,
        "customer": "cus_1",
        "status_transitions": {"finalized_at": 2000, "paid_at": 3000},
        "lines": {"data": [{"id": "il_1", "amount": 900, "quantity": 1}]}});
    let found = documents(Resource::Invoices, &invoice);
    assert_eq!((found.len(), found[1].kind, found[1].outside), (2, DocumentKind::Payment, true));
    assert_eq!((found[1].total.minor(), found[1].invoice.as_deref()), (-900, Some("in_1")));
    assert_eq!((found[1].reference.as_str(), found[1].date), ("in_1", at(3000)));
    let recorded = Context { recorded_outside: true, ..Context::default() };
    assert_eq!(decode(Resource::Invoices, &invoice, &recorded).unwrap().len(), 1);
    let mut card = invoice.clone();
    card["paid_out_of_band"] = json!(false);
    assert_eq!(documents(Resource::Invoices, &card).len(), 1);
}

#[test]
fn a_credit_note_that_was_paid_back_outside_of_stripe_brings_its_refund() {
    let note = json!({"id": "cn_1", "currency": "usd", "status": "issued", "created": 1000,
        "number": "A-1-CN", "total": 300, "out_of_band_amount": 200, "invoice": "in_1",
        "lines": {"data": [{"id": "l", "amount": 300}]}});
    let found = documents(Resource::CreditNotes, &note);
    assert_eq!((found.len(), found[1].kind, found[1].outside), (2, DocumentKind::Refund, true));
    assert_eq!((found[1].total.minor(), found[1].invoice.as_deref()), (200, Some("in_1")));
}
