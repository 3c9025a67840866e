//! Stripe's own SDK for Python (PyPI) reads the sandbox as a program of Stripe's customers would, and what it
//! lists and parses is what the adapter reads: by object, amount, currency and link.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod kit_world;
#[path = "contract/stripe.rs"]
mod peer;

use std::collections::BTreeMap;

use kit_world::{run_python, venv};
use peer::{Harness, harness};
use serde_json::{Value, json};
use tieout_connectors::{PageRequest, Resource, contract, vendors::stripe::VERSION};
use tieout_domain::document::{Canonical, DocumentStatus};

/// Lists everything by the SDK's own client and paging: one line per object.
const READ: &str = r#"
import json, sys, stripe
said = json.load(sys.stdin)
client = stripe.StripeClient(said["key"], base_addresses={"api": said["url"]}, stripe_version=said["version"],
                             max_network_retries=3)
def every(service, **params):
    return getattr(client.v1, service).list(params={"limit": 100, **params}).auto_paging_iter()
def tell(kind, one, amount, currency, *more):
    print(json.dumps([kind, one.id, amount, currency, *more]))
for one in every("customers"):
    tell("customers", one, 0, "", one.name)
for one in every("invoices"):
    tell("invoices", one, one.total, one.currency, one.number or one.id, one.status,
         sum(1 for _ in one.lines.auto_paging_iter()))
for one in every("credit_notes"):
    tell("credit_notes", one, one.total, one.currency, one.number, one.invoice)
for one in every("charges"):
    tell("payments", one, one.amount_captured if one.status == "succeeded" else one.amount, one.currency)
for one in every("refunds"):
    tell("refunds", one, one.amount, one.currency, one.charge)
for one in every("disputes"):
    tell("disputes", one, one.amount, one.currency, one.charge)
for one in every("payouts"):
    tell("payouts", one, one.amount, one.currency, one.status)
for one in every("balance_transactions"):
    tell("fees", one, one.net, one.currency, one.fee, one.amount)
"#;

/// By the vendor's id: an amount without its sign, and its currency.
type Amounts = BTreeMap<String, (u64, String)>;

async fn sdk(h: &Harness, url: &str, key: &str) -> Option<BTreeMap<String, Vec<Value>>> {
    let python =
        venv("stripe-venv", &["stripe==16.1.0"], "import stripe; assert stripe.VERSION == '16.1.0'")?;
    let input = json!({ "url": url, "key": key, "version": VERSION }).to_string();
    assert!(h.server.url().starts_with("http://127.0.0.1"), "nothing of this leaves the machine");
    let out = tokio::task::spawn_blocking(move || run_python(&python, READ, &input)).await.unwrap();
    let mut by_kind: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in out.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        by_kind.entry(row[0].as_str().unwrap().to_owned()).or_default().push(row);
    }
    Some(by_kind)
}

async fn ours(h: &Harness, resource: Resource) -> Vec<Canonical> {
    let request = PageRequest { resource, next: None, resume: None, since: None };
    let pages = contract::scan(h.connection.as_ref(), request).await.unwrap();
    pages.into_iter().flat_map(|page| page.items).flat_map(|item| item.item).collect()
}

/// What the adapter reads of a resource.
async fn amounts(h: &Harness, resource: Resource) -> Amounts {
    let documents = ours(h, resource).await.into_iter().filter_map(|one| match one {
        Canonical::Document(document) => Some(document),
        _ => None,
    });
    documents
        .map(|one| {
            let total = (one.total.minor().unsigned_abs(), one.currency().code().to_ascii_lowercase());
            (one.external_id, total)
        })
        .collect()
}

fn told(rows: &[Value], amount: usize) -> Amounts {
    let of = |row: &Value| {
        let currency = row[3].as_str().unwrap().to_owned();
        (row[1].as_str().unwrap().to_owned(), (row[amount].as_i64().unwrap().unsigned_abs(), currency))
    };
    rows.iter().map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn stripes_own_sdk_lists_the_objects_that_the_adapter_reads() {
    // Dollars, and yen, which have no decimals.
    for entity in [0, 3] {
        let h = harness(160, entity).await;
        let key = h.server.control().read(|c| c.entities[usize::from(entity)].api_key);
        let Some(sdk) = sdk(&h, &h.server.url(), key).await else { return };
        for (resource, kind) in [
            (Resource::Invoices, "invoices"),
            (Resource::CreditNotes, "credit_notes"),
            (Resource::Payments, "payments"),
            (Resource::Refunds, "refunds"),
            (Resource::Disputes, "disputes"),
            (Resource::Payouts, "payouts"),
        ] {
            let told = told(sdk.get(kind).map_or(&[][..], Vec::as_slice), 2);
            let read = amounts(&h, resource).await;
            let apart = |these: &Amounts, those: &Amounts| -> Vec<_> {
                these
                    .iter()
                    .filter(|(id, one)| those.get(*id) != Some(*one))
                    .map(|one| format!("{one:?}"))
                    .collect()
            };
            let (ours, theirs) = (apart(&read, &told), apart(&told, &read));
            assert_eq!(ours, theirs, "{kind} of entity {entity}: what we read, and what the SDK lists");
        }
        let names: BTreeMap<String, Value> = sdk["customers"]
            .iter()
            .map(|row| (row[1].as_str().unwrap().to_owned(), row[4].clone()))
            .collect();
        for one in ours(&h, Resource::Customers).await {
            let Canonical::Customer(customer) = one else { panic!("{one:?}") };
            assert_eq!(json!(customer.name), names[&customer.external_id], "{}", customer.external_id);
        }
        for one in ours(&h, Resource::Invoices).await {
            let Canonical::Document(invoice) = one else { panic!("{one:?}") };
            let row = sdk["invoices"].iter().find(|row| row[1] == invoice.external_id.as_str()).unwrap();
            let (number, status, lines) = (&row[4], row[5].as_str().unwrap(), row[6].as_u64().unwrap());
            assert_eq!(json!(invoice.reference), *number);
            let want = match invoice.status {
                DocumentStatus::Draft => &["draft"][..],
                DocumentStatus::Void => &["void"],
                DocumentStatus::WrittenOff => &["uncollectible"],
                _ => &["open", "paid"],
            };
            assert!(want.contains(&status), "{number}: {status}");
            assert_eq!(invoice.lines.len() as u64, lines, "{number}");
        }
    }
}
