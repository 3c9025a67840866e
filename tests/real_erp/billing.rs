//! The billing side: one month of real retail invoices, and a running `localstripe` (PyPI).

use std::{
    collections::BTreeMap,
    io::Read as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;

use super::{
    peer::{free_port, shared, skip},
    wire::send,
};

const EUROPE: [&str; 19] = [
    "Germany",
    "France",
    "EIRE",
    "Spain",
    "Netherlands",
    "Belgium",
    "Portugal",
    "Italy",
    "Finland",
    "Austria",
    "Denmark",
    "Sweden",
    "Greece",
    "Cyprus",
    "Malta",
    "Poland",
    "Lithuania",
    "Czech Republic",
    "European Community",
];

/// What billing says that the ledger should hold on the receivable account: minor units by reference.
pub type Expected = BTreeMap<String, i64>;

/// Writes EU01's lines of one month to `file`, and answers each invoice's total that is not zero.
pub fn retail_month(month: &str, file: &Path) -> Option<Expected> {
    let source = shared().join("data/retail/billing.csv.gz");
    let Ok(packed) = std::fs::File::open(&source) else {
        skip(&format!("{} is not there: set TIEOUT_SHARED", source.display()));
        return None;
    };
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let mut writer = csv::Writer::from_path(file).unwrap();
    let names = reader.headers().unwrap().clone();
    writer.write_record(&names).unwrap();
    let column = |name: &str| names.iter().position(|n| n == name).unwrap();
    let at = ["InvoiceNo", "Quantity", "UnitPrice", "InvoiceDate", "Country"].map(column);
    let mut totals: BTreeMap<String, Decimal> = BTreeMap::new();
    for row in reader.records() {
        let row = row.unwrap();
        if EUROPE.contains(&&row[at[4]]) && row[at[3]].starts_with(month) {
            let (quantity, price): (Decimal, Decimal) =
                (row[at[1]].parse().unwrap(), row[at[2]].parse().unwrap());
            *totals.entry(row[at[0]].to_owned()).or_default() += quantity * price;
            writer.write_record(&row).unwrap();
        }
    }
    writer.flush().unwrap();
    let minor = |total: Decimal| {
        let mut rounded = total.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven);
        rounded.rescale(2);
        i64::try_from(rounded.mantissa()).unwrap()
    };
    Some(totals.into_iter().map(|(n, total)| (n, minor(total))).filter(|(_, minor)| *minor != 0).collect())
}

/// `localstripe` on loopback only, on a clock three days slow: what it bills is past its SLA here.
const SERVE: &str = "
import os, sys, tempfile, time
os.chdir(sys.argv[2]); tempfile.tempdir = sys.argv[2]
real = time.time
time.time = lambda: real() - 3 * 86400
from aiohttp import web
from localstripe import server
web.run_app(server.app, host='127.0.0.1', port=int(sys.argv[1]), print=None)
";

/// A running `localstripe`; dropping it ends it.
pub struct LocalStripe {
    child: Child,
    address: String,
}

impl Drop for LocalStripe {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn python() -> Option<PathBuf> {
    let venv = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("localstripe-venv");
    let python = venv.join("bin/python");
    let works = || {
        let check = Command::new(&python).args(["-c", "import localstripe, aiohttp"]).output();
        check.is_ok_and(|out| out.status.success())
    };
    if !works() {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&venv).output();
        let install = ["-m", "pip", "-q", "install", "localstripe==1.15.10"];
        let installed = Command::new(&python).args(install).output();
        if !works() {
            skip(&format!("python3 with venv, pip and localstripe is needed: {made:?} {installed:?}"));
            return None;
        }
    }
    Some(python)
}

impl LocalStripe {
    /// Starts one with its files in `folder`; `None` (and a message) where it cannot be had.
    pub fn start(folder: &Path) -> Option<Self> {
        let port = free_port();
        let mut command = Command::new(python()?);
        command.args(["-c", SERVE, &port.to_string()]).arg(folder);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let peer = Self { child, address: format!("127.0.0.1:{port}") };
        let patience = Instant::now() + Duration::from_secs(60);
        while std::net::TcpStream::connect(&peer.address).is_err() {
            assert!(Instant::now() < patience, "localstripe does not listen");
            std::thread::yield_now();
        }
        Some(peer)
    }

    /// Its address, as a connection needs it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn call(&self, method: &str, path: &str, form: &[(&str, &str)]) -> Value {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers = "Authorization: Bearer sk_test_local\r\n\
                       Content-Type: application/x-www-form-urlencoded\r\n";
        let (status, text) = send(&self.address, method, &format!("/v1/{path}"), headers, &body.join("&"));
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    fn post(&self, path: &str, form: &[(&str, &str)]) -> String {
        self.call("POST", path, form)["id"].as_str().unwrap().to_owned()
    }

    /// Customers, each with a card, a subscription (an invoice with 20 % tax, paid at once) and one more
    /// invoice that stays open for every second of them.
    pub fn fill(&self, customers: usize) {
        let vat = [("display_name", "VAT"), ("percentage", "20"), ("inclusive", "false")];
        let vat = self.post("tax_rates", &vat);
        self.post("products", &[("id", "prod_team"), ("name", "Team"), ("type", "service")]);
        let plan = [("id", "team"), ("product", "prod_team"), ("amount", "4999"), ("name", "Team")];
        self.post("plans", &[&plan[..], &[("currency", "gbp"), ("interval", "month")]].concat());
        for n in 0..customers {
            let email = format!("customer{n}@x.example");
            let customer = self.post("customers", &[("name", "Ada"), ("email", &email)]);
            let card = [("type", "card"), ("card[number]", "4242424242424242"), ("card[cvc]", "123")];
            let until = [("card[exp_month]", "4"), ("card[exp_year]", "2035")];
            let method = self.post("payment_methods", &[&card[..], &until].concat());
            self.post(&format!("payment_methods/{method}/attach"), &[("customer", &customer)]);
            let default = [("invoice_settings[default_payment_method]", method.as_str())];
            self.post(&format!("customers/{customer}"), &default);
            let subscription = [("items[0][plan]", "team"), ("default_tax_rates[0]", &vat)];
            self.post("subscriptions", &[&[("customer", customer.as_str())], &subscription[..]].concat());
            let amount = (1000 + n).to_string();
            let item = [("customer", customer.as_str()), ("amount", &amount), ("currency", "gbp")];
            self.post("invoiceitems", &item);
            let invoice = [("customer", customer.as_str()), ("default_tax_rates[0]", &vat)];
            let invoice = self.post("invoices", &invoice);
            if n % 2 == 0 {
                self.post(&format!("invoices/{invoice}/pay"), &[]);
            }
        }
    }

    /// What it says itself: final invoices with their totals, and succeeded charges the other way.
    pub fn expected(&self) -> Expected {
        let list = |path: &str| self.call("GET", &format!("{path}?limit=1000"), &[])["data"].clone();
        let (invoices, charges) = (list("invoices"), list("charges"));
        let invoices = invoices.as_array().unwrap().iter().filter(|i| {
            matches!(i["status"].as_str(), Some("open" | "paid")) && i["total"].as_i64() != Some(0)
        });
        let charges = charges.as_array().unwrap().iter().filter(|c| c["status"] == "succeeded");
        let id = |one: &Value| one["number"].as_str().or(one["id"].as_str()).unwrap().to_owned();
        let mut all: Expected = invoices.map(|i| (id(i), i["total"].as_i64().unwrap())).collect();
        all.extend(charges.map(|c| (id(c), -c["amount"].as_i64().unwrap())));
        all
    }
}
