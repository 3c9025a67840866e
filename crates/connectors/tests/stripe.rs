//! The Stripe adapter against published fixtures, recorded older payloads, and the sandbox's own books.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod kit_world;
#[path = "contract/stripe.rs"]
mod peer;

use std::collections::BTreeMap;

use kit_world::{skip, world};
use peer::{at, harness};
use serde_json::{Value, json};
use tieout_connectors::{
    BillingSource, PageRequest, Resource, contract,
    kit::Secret,
    vendors::stripe::{Context, Offer, StripeConnection, StripeOptions, decode},
};
use tieout_domain::{
    Currency, Money,
    document::{Canonical, Document, DocumentDate, DocumentStatus},
};
use tieout_sandbox::{
    company::{Charge, InvoiceStatus},
    fault::{FaultKind, FaultPlan},
    stripe::Command,
};

/// The vendor's published fixtures, beside the checkout or where TIEOUT_SHARED says.
fn published() -> std::path::PathBuf {
    let beside = || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let shared = std::env::var_os("TIEOUT_SHARED").map_or_else(beside, Into::into);
    shared.join("specs/stripe-fixtures3.json")
}

fn read(resource: Resource, object: &Value, context: &Context) -> Canonical {
    decode(resource, object, context).unwrap().remove(0)
}

fn document(canonical: Canonical) -> Document {
    match canonical {
        Canonical::Document(document) => document,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_published_fixture_that_is_read_decodes() {
    let path = published();
    if !path.exists() {
        return skip(&format!("{} is not here", path.display()));
    }
    let all: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let get = |name: &str| all["resources"][name].clone();
    let context = Context { customer: Some("cus_1".into()), numbers: true, ..Context::default() };
    let mut seen = 0;
    for (resource, name) in [
        (Resource::Customers, "customer"),
        (Resource::Customers, "deleted_customer"),
        (Resource::Subscriptions, "subscription"),
        (Resource::Invoices, "invoice"),
        (Resource::CreditNotes, "credit_note"),
        (Resource::Payments, "charge"),
        (Resource::Refunds, "refund"),
        (Resource::Disputes, "dispute"),
        (Resource::Payouts, "payout"),
        (Resource::Fees, "balance_transaction"),
        (Resource::Usage, "billing.meter_event_summary"),
    ] {
        assert!(get(name).is_object(), "{name} is no longer published");
        read(resource, &get(name), &context);
        seen += 1;
    }
    assert_eq!(seen, 11);

    let invoice = document(read(Resource::Invoices, &get("invoice"), &context));
    assert_eq!((invoice.status, invoice.total), (DocumentStatus::Draft, Money::new(1000, Currency::USD)));
    assert_eq!(invoice.subscription.as_deref(), Some("subscription"), "from `parent`");
    assert_eq!(invoice.lines[0].amount_minor, Some(1000));

    let note = document(read(Resource::CreditNotes, &get("credit_note"), &context));
    assert_eq!((note.reference.as_str(), note.total.minor()), ("ABCD-1234-CN-01", -1690));
    let lines: Vec<_> = note.lines.iter().map(|l| (l.amount_minor.unwrap(), l.tax_code.is_some())).collect();
    assert_eq!(lines[..2], [(-1190, true), (-500, false)], "the rate of the older `tax_rates`");
    // Shipping and credits of the fixture are made up; with what stands for them the whole adds up all the
    // same.
    let sum: i64 = note.lines.iter().map(|l| l.amount_minor.unwrap()).sum();
    assert_eq!(sum + note.tax_minor, note.total.minor());

    let charge = document(read(Resource::Payments, &get("charge"), &context));
    assert_eq!(charge.total.minor(), -100);
    assert_eq!(charge.status, DocumentStatus::Pending, "authorised, not captured: no money yet");
    let dispute = document(read(Resource::Disputes, &get("dispute"), &context));
    assert_ne!(dispute.status, DocumentStatus::Final, "an inquiry withdraws nothing");
    let Canonical::Customer(gone) = read(Resource::Customers, &get("deleted_customer"), &context) else {
        panic!()
    };
    assert!(gone.deleted);
}

/// The objects of a recorded list.
fn recorded(name: &str) -> Vec<Value> {
    let path = format!("{}/../../fixtures/stripe/localstripe_{name}.json", env!("CARGO_MANIFEST_DIR"));
    let list: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    list["data"].as_array().unwrap().clone()
}

#[test]
fn the_shapes_of_2017_decode_as_recorded() {
    let context = Context::default();
    let all = |resource, name: &str| -> Vec<Canonical> {
        recorded(name).iter().flat_map(|object| decode(resource, object, &context).unwrap()).collect()
    };
    let invoices: Vec<_> = all(Resource::Invoices, "invoices").into_iter().map(document).collect();
    let facts: Vec<_> = invoices.iter().map(|i| (i.status, i.total.minor(), i.tax_minor)).collect();
    assert_eq!(
        facts,
        [
            (DocumentStatus::Final, 19477, 3246),
            (DocumentStatus::Draft, 18836, 3139),
            (DocumentStatus::Final, 17996, 2999)
        ]
    );
    for invoice in &invoices {
        assert_eq!(invoice.reference, invoice.external_id, "no number: the id");
        let tax: i64 = invoice.lines.iter().map(|l| l.tax_minor).sum();
        let net: i64 = invoice.lines.iter().map(|l| l.amount_minor.unwrap()).sum();
        assert_eq!((tax, net + tax), (invoice.tax_minor, invoice.total.minor()));
        assert!(invoice.lines.iter().all(|l| l.tax_code.as_deref().unwrap().starts_with("txr_")));
    }
    let first = &invoices[0].lines[0];
    assert_eq!((first.product.as_deref(), first.amount_minor), (Some("prod_team"), Some(14997)));
    assert_eq!(first.unit_price.to_string(), "49.99");
    assert_eq!(all(Resource::Customers, "customers").len(), 1);
    let Canonical::Subscription(sub) = &all(Resource::Subscriptions, "subscriptions")[0] else { panic!() };
    assert_eq!(sub.products, ["prod_team"]);
    let charges: Vec<_> = all(Resource::Payments, "charges").into_iter().map(document).collect();
    assert_eq!(charges.iter().map(|c| c.total.minor()).collect::<Vec<_>>(), [-17996, -19477]);
    let refunds: Vec<_> = all(Resource::Refunds, "refunds").into_iter().map(document).collect();
    assert_eq!((refunds[0].total.minor(), refunds[0].payment.as_ref()), (500, Some(&charges[0].external_id)));
    let moved = all(Resource::Fees, "balance_transactions");
    assert!(moved.iter().all(|item| matches!(item, Canonical::Movement(_))), "each is another object's");
    assert_eq!(moved.len(), 3);
}

/// An invoice in the present shape, changed by `change`.
fn invoice_with(change: impl FnOnce(&mut Value)) -> Value {
    let text = r#"{"id": "in_1", "object": "invoice", "created": 1000, "currency": "usd", "customer": "cus_1",
        "effective_at": null, "number": "A-1", "status": "open", "total": 1150, "total_taxes": null,
        "status_transitions": {"finalized_at": 2000, "voided_at": null, "marked_uncollectible_at": null},
        "lines": {"has_more": false, "data": [{"id": "il_1", "amount": 1000, "quantity": 4,
            "discount_amounts": [{"amount": 50, "discount": "di_1"}],
            "pricing": {"price_details": {"product": "prod_team"}, "unit_amount_decimal": "250"},
            "period": {"start": 0, "end": 86400},
            "taxes": [{"amount": 200, "tax_behavior": "exclusive",
                       "tax_rate_details": {"tax_rate": "txr_1"}}]}]}}"#;
    let mut value = serde_json::from_str(text).unwrap();
    change(&mut value);
    value
}

#[test]
fn what_became_of_an_invoice_is_read_from_its_status() {
    let numbers = Context { numbers: true, ..Context::default() };
    let check = |change: fn(&mut Value), status, changed: Option<i64>, date: i64| {
        let got = document(read(Resource::Invoices, &invoice_with(change), &numbers));
        assert_eq!(
            (got.status, got.changed_at, got.date),
            (status, changed.map(at), DocumentDate::Instant(at(date)))
        );
        assert_eq!(
            (got.lines[0].amount_minor, got.lines[0].tax_minor),
            (Some(950), 200),
            "after the discount"
        );
    };
    check(|_| {}, DocumentStatus::Final, None, 2000);
    check(|v| v["status"] = "paid".into(), DocumentStatus::Final, None, 2000);
    check(|v| v["effective_at"] = 1500.into(), DocumentStatus::Final, None, 1500);
    let void = |v: &mut Value| {
        v["status"] = "void".into();
        v["status_transitions"]["voided_at"] = 3000.into();
    };
    check(void, DocumentStatus::Void, Some(3000), 2000);
    let written_off = |v: &mut Value| {
        v["status"] = "uncollectible".into();
        v["status_transitions"]["marked_uncollectible_at"] = 4000.into();
    };
    check(written_off, DocumentStatus::WrittenOff, Some(4000), 2000);
    check(|v| v["status"] = "draft".into(), DocumentStatus::Draft, None, 2000);
    let legacy = |v: &mut Value| {
        v.as_object_mut().unwrap().remove("status");
        v["paid"] = false.into();
        v["forgiven"] = true.into();
    };
    check(legacy, DocumentStatus::WrittenOff, None, 2000);
}

#[test]
fn what_is_not_known_is_rejected_and_not_guessed() {
    let numbers = Context { numbers: true, ..Context::default() };
    let check = |change: fn(&mut Value), field: &str| {
        let rejection = decode(Resource::Invoices, &invoice_with(change), &numbers).unwrap_err();
        assert_eq!(rejection.code, "schema_drift");
        assert_eq!(rejection.place, format!("invoices/in_1, field {field}"));
    };
    check(|v| v["status"] = "archived".into(), "status");
    check(|v| drop(v.as_object_mut().unwrap().remove("status")), "status");
    check(|v| v["number"] = Value::Null, "number");
    check(|v| v["total"] = "1150 units".into(), "total");
    check(|v| v["currency"] = "zzz".into(), "currency");
    check(|v| v["lines"]["data"][0]["amount"] = serde_json::json!({}), "lines.data[0].amount");
    check(|v| drop(v.as_object_mut().unwrap().remove("lines")), "lines.data");
}

#[test]
fn a_tax_that_differs_from_that_of_the_lines_is_taken_and_the_difference_stands_alone() {
    let shipping = |v: &mut Value| {
        v["total_taxes"] = json!([{"amount": 240}]);
        v["total"] = json!(1190);
    };
    let got = document(read(Resource::Invoices, &invoice_with(shipping), &Context::default()));
    let rest = got.lines.last().unwrap();
    assert_eq!((got.tax_minor, got.lines.len()), (240, 2));
    assert_eq!((rest.product.as_ref(), rest.amount_minor, rest.tax_minor), (None, Some(0), 40));
    let named = |v: &mut Value| {
        shipping(v);
        v["shipping_cost"] = json!({"amount_subtotal": 500, "amount_tax": 40, "amount_total": 540});
        v["total"] = json!(1690);
    };
    let got = document(read(Resource::Invoices, &invoice_with(named), &Context::default()));
    let rest = got.lines.last().unwrap();
    assert_eq!((got.tax_minor, got.lines.len()), (240, 2));
    assert_eq!(
        (rest.product.as_deref(), rest.amount_minor, rest.tax_minor),
        (Some("(shipping)"), Some(500), 40)
    );
}

#[test]
fn a_coupon_on_the_whole_invoice_and_credits_before_tax_are_lines_of_their_own_names() {
    let last = |change: fn(&mut Value)| {
        let got = document(read(Resource::Invoices, &invoice_with(change), &Context::default()));
        let line = got.lines.last().unwrap();
        let sum: i64 = got.lines.iter().map(|l| l.amount_minor.unwrap() + l.tax_minor).sum();
        assert_eq!(sum, got.total.minor());
        (line.product.clone().unwrap_or_default(), line.amount_minor.unwrap())
    };
    let coupon = |v: &mut Value| {
        v["total"] = json!(920);
        v["discount"] = json!({"coupon": {"percent_off": 20.0}});
    };
    assert_eq!(last(coupon), ("(discount)".to_owned(), -230));
    let credits = |v: &mut Value| {
        v["total"] = json!(850);
        v["lines"]["data"][0]["pretax_credit_amounts"] = json!([
            {"amount": 50, "type": "discount"}, {"amount": 300, "type": "credit_balance_transaction"}]);
    };
    assert_eq!(last(credits), ("(credit)".to_owned(), -300));
    assert_eq!(last(|v| v["total"] = json!(1149)), (String::new(), -1), "a rounding has no name");
}

#[test]
fn an_amount_that_billing_does_not_itemise_shows_as_a_line_without_a_product() {
    let got =
        document(read(Resource::Invoices, &invoice_with(|v| v["total"] = 1650.into()), &Context::default()));
    let rest = got.lines.last().unwrap();
    assert_eq!((got.lines.len(), rest.product.as_ref(), rest.amount_minor), (2, None, Some(500)));
}

#[test]
fn an_inclusive_tax_is_taken_out_of_the_line() {
    let inclusive = |v: &mut Value| {
        v["lines"]["data"][0]["taxes"][0]["tax_behavior"] = "inclusive".into();
        v["total"] = 950.into();
    };
    let got = document(read(Resource::Invoices, &invoice_with(inclusive), &Context::default()));
    let line = &got.lines[0];
    assert_eq!((got.lines.len(), line.amount_minor, line.tax_minor), (1, Some(750), 200));
}

async fn all(connection: &dyn BillingSource, resource: Resource) -> Vec<Canonical> {
    let request = PageRequest { resource, next: None, resume: None, since: None };
    let pages = contract::scan(connection, request).await.unwrap();
    pages.into_iter().flat_map(|page| page.items).map(|item| item.item.unwrap()).collect()
}

async fn documents(connection: &dyn BillingSource, resource: Resource) -> BTreeMap<String, Document> {
    let all = all(connection, resource).await.into_iter().map(document);
    all.map(|document| (document.external_id.clone(), document)).collect()
}

#[tokio::test]
async fn documents_say_what_the_companys_own_books_say() {
    for entity in 0..4 {
        let h = harness(400, entity).await;
        let invoices = documents(h.connection.as_ref(), Resource::Invoices).await;
        let notes = documents(h.connection.as_ref(), Resource::CreditNotes).await;
        h.server.control().read(|company| {
            for invoice in company.invoices.iter().filter(|i| i.entity == entity) {
                let got = &invoices[&invoice.id.to_string()];
                assert_eq!((got.total.minor(), got.tax_minor), (invoice.total(), invoice.tax()));
                let status = match invoice.status {
                    InvoiceStatus::Draft => DocumentStatus::Draft,
                    InvoiceStatus::Open | InvoiceStatus::Paid => DocumentStatus::Final,
                    InvoiceStatus::Void => DocumentStatus::Void,
                    InvoiceStatus::Uncollectible => DocumentStatus::WrittenOff,
                };
                assert_eq!(got.status, status);
                assert_eq!(got.total.currency().code(), invoice.currency.code());
                if let Some(dated) = invoice.dated_at() {
                    assert_eq!(got.date, DocumentDate::Instant(at(dated)));
                    assert_eq!(got.reference, company.invoice_number(invoice).unwrap());
                }
                let lines: Vec<_> =
                    got.lines.iter().map(|l| (l.product.clone().unwrap(), l.amount_minor.unwrap())).collect();
                let own: Vec<_> =
                    invoice.lines.iter().map(|l| (l.product.id().to_owned(), l.net())).collect();
                assert_eq!(lines, own);
            }
            for note in company.credit_notes.iter().filter(|n| n.entity == entity) {
                let got = &notes[&note.id.to_string()];
                assert_eq!((got.total.minor(), got.tax_minor), (-note.total(), -note.tax()));
                assert_eq!(got.reference, company.credit_note_number(note));
                let lines: Vec<_> =
                    got.lines.iter().map(|l| (l.product.clone().unwrap(), l.amount_minor.unwrap())).collect();
                let own: Vec<_> = note.lines.iter().map(|l| (l.product.id().to_owned(), -l.net())).collect();
                assert_eq!(lines, own, "a credit note's products come from the invoice's lines");
            }
        });
    }
}

#[tokio::test]
async fn payments_know_their_invoice_fee_and_dispute() {
    let h = harness(600, 1).await;
    let payments = documents(h.connection.as_ref(), Resource::Payments).await;
    let moves = all(h.connection.as_ref(), Resource::Fees).await;
    let disputes = documents(h.connection.as_ref(), Resource::Disputes).await;
    let payouts = documents(h.connection.as_ref(), Resource::Payouts).await;
    let refunds = documents(h.connection.as_ref(), Resource::Refunds).await;
    h.server.control().read(|company| {
        let of = |charge: &Charge| charge.id.to_string();
        for charge in company.charges.iter().filter(|c| c.entity == 1) {
            let got = &payments[&of(charge)];
            let invoice = company.invoices[charge.invoice as usize].id.to_string();
            assert_eq!((got.total.minor(), got.invoice.as_ref()), (-charge.amount, Some(&invoice)));
        }
        for moved in &moves {
            let Canonical::Movement(moved) = moved else { continue };
            let charge = company.charges.iter().find(|c| of(c) == moved.document);
            assert_eq!(moved.fee_minor, charge.map_or(0, |charge| charge.fee), "{moved:?}");
        }
        for dispute in disputes.values() {
            let own = company.disputes.iter().find(|d| d.id.to_string() == dispute.external_id).unwrap();
            let withdrawn = dispute.status == DocumentStatus::Final;
            assert_eq!(withdrawn, own.status.withdrawn(), "{}", own.status.word());
            let charge = &company.charges[own.charge as usize];
            assert_eq!((dispute.total.minor(), dispute.payment.as_ref()), (charge.amount, Some(&of(charge))));
        }
        for payout in company.payouts.iter().filter(|payout| payout.entity == 1) {
            assert_eq!(payouts[&payout.id.to_string()].total.minor(), payout.amount);
        }
        assert!(!moves.is_empty() && !refunds.is_empty() && !payouts.is_empty());
        assert!(refunds.values().all(|r| payments.contains_key(r.payment.as_ref().unwrap())));
    });
}

#[test]
fn amounts_at_the_ends_of_64_bits_are_refused_and_nothing_is_saturated() {
    let numbers = Context { numbers: true, ..Context::default() };
    let check = |change: fn(&mut Value), place: &str| {
        let rejection = decode(Resource::Invoices, &invoice_with(change), &numbers).unwrap_err();
        assert_eq!((rejection.code.as_str(), rejection.place.as_str()), ("amount_out_of_range", place));
    };
    check(|v| v["total"] = json!(i64::MIN), "invoices/in_1, field total");
    check(|v| v["total"] = json!(i64::MAX), "invoices/in_1, field total");
    let line = "invoices/in_1, field lines.data[0]";
    check(|v| v["lines"]["data"][0]["amount"] = json!(i64::MAX), &format!("{line}.amount"));
    check(
        |v| v["lines"]["data"][0]["discount_amounts"][0]["amount"] = json!(i64::MIN),
        &format!("{line}.discount_amounts[0].amount"),
    );
    check(
        |v| v["lines"]["data"][0]["taxes"][0]["amount"] = json!(u64::MAX),
        &format!("{line}.taxes[0].amount"),
    );
    // A tax of the whole document that the lines' own signs would blow up.
    let opposed = |v: &mut Value| {
        let line = |amount: i64| json!({"id": "il", "amount": amount, "quantity": 1, "taxes": []});
        v["lines"]["data"] = json!([line(9_000_000_000_000_000), line(-8_999_999_999_999_999)]);
        v["total_taxes"] = json!([{"amount": 5_000}]);
        v["total"] = json!(5_001);
    };
    check(opposed, "invoices/in_1");
    let note = |amount: Value| {
        json!({"id": "cn_1", "currency": "usd", "status": "issued", "created": 1000, "number": "A-1-CN",
            "total": 100, "lines": {"data": [{"id": "l", "amount": 100, "discount_amount": amount}]}})
    };
    assert!(decode(Resource::CreditNotes, &note(json!(0)), &numbers).is_ok());
    let refused = decode(Resource::CreditNotes, &note(json!(i64::MIN)), &numbers).unwrap_err();
    assert_eq!(refused.code, "amount_out_of_range");
    for (resource, key) in [
        (Resource::Payments, "amount"),
        (Resource::Refunds, "amount"),
        (Resource::Disputes, "amount"),
        (Resource::Fees, "fee"),
    ] {
        let mut object = json!({"id": "x_1", "currency": "usd", "status": "succeeded", "created": 1000,
            "charge": "ch_1", "type": "charge", "source": "ch_1", "amount": 1, "fee": 1});
        if resource == Resource::Disputes {
            object["status"] = json!("lost");
        }
        object[key] = json!(i64::MIN);
        let refused = decode(resource, &object, &numbers).unwrap_err();
        assert_eq!(refused.code, "amount_out_of_range", "{resource:?}");
        object[key] = json!(700);
        assert!(decode(resource, &object, &numbers).is_ok(), "{resource:?}");
    }
}

#[test]
fn an_amount_is_read_by_stripes_own_digits() {
    let charge = |amount: i64, currency: &str| {
        let object = json!({"id": "ch_1", "currency": currency, "status": "succeeded", "created": 1000,
            "amount": amount});
        let read = decode(Resource::Payments, &object, &Context::default());
        read.map(|mut read| -document(read.remove(0)).total.minor()).map_err(|rejection| rejection.code)
    };
    assert_eq!(charge(500, "usd"), Ok(500));
    assert_eq!(charge(500, "jpy"), Ok(500));
    assert_eq!(charge(500, "isk"), Ok(5), "a crown has no hundredths, and Stripe gives two digits");
    assert_eq!(charge(500, "ugx"), Ok(5));
    assert_eq!(charge(500, "mga"), Ok(50_000), "Stripe gives none, and ISO has two");
    assert_eq!(charge(505, "isk"), Err("schema_drift".to_owned()), "nothing is rounded");
    assert_eq!(charge(9_007_199_254_740_991, "mga"), Err("amount_out_of_range".to_owned()));
}

#[tokio::test]
async fn a_void_after_the_first_sync_is_read_again_with_its_time() {
    let h = harness(200, 2).await;
    let request = PageRequest { resource: Resource::Invoices, next: None, resume: None, since: None };
    let full = contract::scan(h.connection.as_ref(), request.clone()).await.unwrap().pop().unwrap();
    let open = h.server.control().read(|c| {
        let found = c.invoices.iter().find(|i| i.entity == 2 && i.status == InvoiceStatus::Open);
        found.unwrap().id.to_string()
    });
    h.server.control().run(Command::Advance { seconds: 3600 }).unwrap();
    h.server.control().run(Command::VoidInvoice { invoice: open.clone() }).unwrap();
    let again =
        contract::scan(h.connection.as_ref(), PageRequest { resume: full.resume, ..request }).await.unwrap();
    let found: Vec<_> =
        again.into_iter().flat_map(|page| page.items).filter(|item| item.external_id == open).collect();
    assert_eq!(found.len(), 1);
    let voided = document(found[0].item.clone().unwrap());
    assert_eq!(
        (voided.status, voided.changed_at),
        (DocumentStatus::Void, Some(at(h.server.control().now())))
    );
}

#[tokio::test]
async fn a_storm_of_faults_that_a_read_can_outlast_changes_nothing_that_is_read() {
    let calm = harness(300, 3).await;
    let storm = harness(300, 3).await;
    let mut plan = FaultPlan::storm(11, 60_000);
    for kind in [FaultKind::ExpiredToken, FaultKind::SchemaDrift, FaultKind::TooManyWithRetryAfter] {
        plan.rates_ppm.remove(&kind);
    }
    plan.tuning.slow_page_ms = 5;
    storm.server.faults().set_plan(plan);
    for resource in [Resource::Customers, Resource::Invoices, Resource::CreditNotes, Resource::Payments] {
        assert_eq!(
            all(calm.connection.as_ref(), resource).await,
            all(storm.connection.as_ref(), resource).await
        );
    }
    assert!(storm.server.faults().injected().values().sum::<u64>() > 0, "the storm blew");
}

#[tokio::test]
async fn a_connection_lists_only_what_it_offers() {
    let h = harness(20, 0).await;
    let key = h.server.control().read(|c| c.entities[0].api_key);
    let mut options = StripeOptions::new(h.server.url(), Secret::new(key), false, world());
    options.offer = Offer::localstripe();
    let connection = StripeConnection::new(options).unwrap();
    assert!(!connection.offers().contains(&Resource::CreditNotes));
    let request = PageRequest { resource: Resource::Disputes, next: None, resume: None, since: None };
    assert_eq!(connection.page(&request).await.unwrap_err().code, "not_offered");
    assert_eq!(h.connection.test().await.unwrap().tenant, "acct_us01");
}
