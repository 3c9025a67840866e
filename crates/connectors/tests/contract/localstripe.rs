//! The Stripe adapter against a running `localstripe` (PyPI): somebody else's server, older shapes.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::Arc,
};

use async_trait::async_trait;
use serde_json::Value;
use tieout_connectors::{
    BillingSource, Connector, PageRequest, Resource, Wanted,
    contract::{self, BillingHarness, Trouble},
    kit::Secret,
    vendors,
};
use tieout_domain::{
    document::{Canonical, DocumentStatus},
    failure::VendorFailure,
};

use crate::{
    kit_world::{venv, world},
    proxy::{Fault, Proxy},
};

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

/// localstripe takes any key: the proxy refuses this one.
const WRONG: &str = "sk_test_wrong";

struct Harness {
    _peer: Peer,
    proxy: Proxy,
    connector: Connector,
    source: Arc<dyn BillingSource>,
    invoices: usize,
}

/// As the registry builds it of a form.
fn connect(url: &str, key: &str) -> Connector {
    let (_, settings, tenant) = vendors::admit("localstripe", &BTreeMap::new(), "local").unwrap();
    // As it is kept: by its dialect, with the vendor's marks.
    let wanted =
        Wanted { vendor: "stripe", url, live: false, tenant: &tenant, settings: &settings, world: world() };
    vendors::build(&wanted, |_| Ok::<Secret, VendorFailure>(Secret::new(key))).unwrap()
}

impl Harness {
    async fn start() -> Option<Self> {
        let peer = start()?;
        let count = 120;
        fill(&peer, count).await;
        let address = peer.1.strip_prefix("http://").unwrap().to_owned();
        let proxy = Proxy::before(address, ("\"gbp\"", "\"zzz\"")).await;
        let connector = connect(&proxy.url, "sk_test_local");
        let source = connector.billing_source().unwrap();
        // And the subscription's own.
        Some(Self { _peer: peer, proxy, connector, source, invoices: count + 1 })
    }
}

#[async_trait]
impl Trouble for Harness {
    async fn too_many_next(&self) {
        self.proxy.break_next("/v1/", Fault::TooMany);
    }
    async fn cut_next_page(&self) {
        self.proxy.break_next("/v1/", Fault::CutAnswer);
    }
    async fn malform_next_page(&self) -> bool {
        self.proxy.break_next("/v1/invoices", Fault::Malform);
        true
    }
    async fn refused(&self) -> u64 {
        self.proxy.refused()
    }
}

#[async_trait]
impl BillingHarness for Harness {
    fn source(&self) -> &dyn BillingSource {
        self.source.as_ref()
    }
    fn stranger(&self) -> Arc<dyn BillingSource> {
        self.proxy.break_next(WRONG, Fault::Refuse);
        connect(&self.proxy.url, WRONG).billing_source().unwrap()
    }
    fn count(&self, resource: Resource) -> Option<usize> {
        (resource == Resource::Invoices).then_some(self.invoices)
    }
    fn large(&self) -> Resource {
        Resource::Invoices
    }
    async fn change_one(&self) -> Option<String> {
        // It keeps no events that anybody promises: everything is read each time.
        None
    }
    async fn delete(&self, _: &str) -> bool {
        // It deletes no invoice that is listed.
        false
    }
}

pub async fn keeps_the_contract() -> Option<Connector> {
    let harness = Harness::start().await?;
    contract::billing(&harness).await.unwrap();
    its_documents_say_what_was_billed(&harness).await;
    Some(harness.connector.clone())
}

async fn its_documents_say_what_was_billed(h: &Harness) {
    let mut documents = Vec::new();
    let mut payments = Vec::new();
    for resource in h.connector.offers() {
        let request = PageRequest { resource, next: None, resume: None, since: None };
        let pages = contract::scan(h.source.as_ref(), request).await.unwrap();
        assert!(resource != Resource::Invoices || pages.len() == 2, "{} pages", pages.len());
        for item in pages.into_iter().flat_map(|page| page.items) {
            match (resource, item.item.unwrap()) {
                (Resource::Invoices, Canonical::Document(document)) => documents.push(document),
                (Resource::Payments, Canonical::Document(document)) => payments.push(document),
                _ => {}
            }
        }
    }
    let paid = h.invoices / 4 + 1;
    assert_eq!((documents.len(), payments.len()), (h.invoices, paid));
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
