//! The Stripe adapter against a running `localstripe` (PyPI): somebody else's server, older shapes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod kit_world;

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use kit_world::{venv, world};
use serde_json::Value;
use tieout_connectors::{
    BillingSource, PageRequest, Resource, contract,
    kit::{Limit, Secret},
    stripe::{Offer, StripeConnection, StripeOptions},
};
use tieout_domain::document::{Canonical, DocumentStatus};

/// `localstripe` on a free loopback port, printed first; its own command would bind every address.
const SERVE: &str = r#"
import socket, sys, tempfile, os
os.chdir(tempfile.mkdtemp()); tempfile.tempdir = os.getcwd()
from aiohttp import web
from localstripe import server
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True)
web.run_app(server.app, sock=s, print=None)
"#;

struct Peer(Child, String);

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start() -> Option<Peer> {
    let python = venv("localstripe-venv", &["localstripe==1.15.10"], "import localstripe, aiohttp")?;
    let mut child = Command::new(python)
        .args(["-c", SERVE])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut port = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut port).unwrap();
    Some(Peer(child, format!("http://127.0.0.1:{}", port.trim())))
}

async fn post(peer: &Peer, path: &str, form: &[(&str, &str)]) -> String {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut tries = 0;
    loop {
        let request = client.post(format!("{}/v1/{path}", peer.1)).bearer_auth("sk_test_local").form(form);
        match request.send().await {
            Ok(response) => {
                let text = response.text().await.unwrap();
                let value: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}"));
                return value["id"].as_str().unwrap_or_else(|| panic!("{path}: {value}")).to_owned();
            }
            // The socket is bound before the server accepts.
            Err(_) if tries < 200 => {
                tries += 1;
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            Err(error) => panic!("{path}: {error}"),
        }
    }
}

/// A customer with a subscription and `count` more invoices, every fourth of them paid.
async fn fill(peer: &Peer, count: usize) {
    let customer = post(peer, "customers", &[("name", "Ada Ltd"), ("email", "ada@x.example")]).await;
    let card = [
        ("type", "card"),
        ("card[number]", "4242424242424242"),
        ("card[exp_month]", "4"),
        ("card[exp_year]", "2030"),
        ("card[cvc]", "123"),
    ];
    let method = post(peer, "payment_methods", &card).await;
    post(peer, &format!("payment_methods/{method}/attach"), &[("customer", &customer)]).await;
    let default = [("invoice_settings[default_payment_method]", method.as_str())];
    post(peer, &format!("customers/{customer}"), &default).await;
    let rate = [("display_name", "VAT"), ("percentage", "20"), ("inclusive", "false")];
    let rate = post(peer, "tax_rates", &rate).await;
    post(peer, "products", &[("id", "prod_team"), ("name", "Team"), ("type", "service")]).await;
    let plan = [
        ("id", "team"),
        ("product", "prod_team"),
        ("amount", "4999"),
        ("currency", "gbp"),
        ("interval", "month"),
        ("name", "Team"),
    ];
    post(peer, "plans", &plan).await;
    let subscription =
        [("customer", customer.as_str()), ("items[0][plan]", "team"), ("default_tax_rates[0]", &rate)];
    post(peer, "subscriptions", &subscription).await;
    for n in 0..count {
        let amount = (1000 + n).to_string();
        let item = [("customer", customer.as_str()), ("amount", &amount), ("currency", "gbp")];
        post(peer, "invoiceitems", &item).await;
        let invoice = [("customer", customer.as_str()), ("default_tax_rates[0]", &rate)];
        let invoice = post(peer, "invoices", &invoice).await;
        if n % 4 == 0 {
            post(peer, &format!("invoices/{invoice}/pay"), &[]).await;
        }
    }
}

#[tokio::test]
async fn invoices_and_payments_of_localstripe_are_read() {
    let Some(peer) = start() else { return };
    let count = 120;
    fill(&peer, count).await;
    let mut options = StripeOptions::new(&peer.1, Secret::new("sk_test_local"), false, world());
    options.offer = Offer::localstripe();
    options.limit = Limit::concurrency(4);
    let connection = StripeConnection::new(options).unwrap();
    let mut documents = Vec::new();
    let mut payments = Vec::new();
    for resource in connection.offers().to_vec() {
        let request = PageRequest { resource, next: None, resume: None, since: None };
        let pages = contract::scan(&connection, request).await.unwrap();
        assert!(resource != Resource::Invoices || pages.len() == 2, "{} pages", pages.len());
        for item in pages.into_iter().flat_map(|page| page.items) {
            match (resource, item.item.unwrap()) {
                (Resource::Invoices, Canonical::Document(document)) => documents.push(document),
                (Resource::Payments, Canonical::Document(document)) => payments.push(document),
                _ => {}
            }
        }
    }
    let paid = count / 4 + 1;
    assert_eq!((documents.len(), payments.len()), (count + 1, paid), "and the subscription's own");
    let finals = documents.iter().filter(|d| d.status == DocumentStatus::Final).count();
    assert_eq!(finals, paid, "what was not paid is a draft there");
    for document in &documents {
        let lines: i64 = document.lines.iter().map(|l| l.amount_minor.unwrap() + l.tax_minor).sum();
        assert_eq!(lines, document.total.minor());
        assert!(document.tax_minor > 0);
    }
    for payment in &payments {
        let invoice = documents.iter().find(|d| Some(&d.external_id) == payment.invoice.as_ref()).unwrap();
        assert_eq!(-payment.total.minor(), invoice.total.minor());
    }
}
