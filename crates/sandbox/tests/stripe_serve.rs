#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]
//! The whole sandbox as its binary serves it: both servers tell of the same company.

use serde_json::Value;
use tieout_sandbox::company::{DEFAULT_AS_OF, Spec, generate};
use tieout_sandbox::fault::{FaultKind, FaultPlan};
use tieout_sandbox::serve::{Options, Sandbox};
use tieout_sandbox::stripe::Limits;

#[tokio::test]
async fn both_servers_tell_of_one_company_and_their_faults_are_apart() {
    let spec = Spec { seed: 3, invoices: 120, ..Spec::default() };
    let company = generate(&spec);
    let options = Options { limits: Limits::STRIPE, ..Options::default() };
    let sandbox = Sandbox::start(&spec, options).await.unwrap();
    let described = sandbox.describe();
    assert_eq!(described["as_of"], Value::from(DEFAULT_AS_OF));
    assert_eq!(described["control"]["url"], Value::from(sandbox.control_url()));
    let entries = sandbox.netsuite.book().count().unwrap();
    assert_eq!(entries as usize, company.ledger.len());
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut currencies = Vec::new();
    for account in described["stripe"]["accounts"].as_array().unwrap() {
        let url = format!("{}/v1/account", described["stripe"]["url"].as_str().unwrap());
        let key = account["api_key"].as_str().unwrap();
        let text = client.get(url).bearer_auth(key).send().await.unwrap().text().await.unwrap();
        let body: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(body["id"], account["account"]);
        currencies.push(body["default_currency"].as_str().unwrap().to_owned());
    }
    assert_eq!(currencies, ["usd", "gbp", "eur", "jpy"]);
    let control = format!("{}/faults/stripe", sandbox.control_url());
    let plan = FaultPlan::rate(1, FaultKind::ErrorBeforeCommit, 1_000_000);
    let plan = serde_json::to_string(&plan).unwrap();
    let put = client.put(control).header("content-type", "application/json").body(plan);
    assert!(put.send().await.unwrap().status().is_success());
    let url = format!("{}/v1/invoices", sandbox.stripe.url());
    let key = company.entities[0].api_key;
    assert_eq!(client.get(&url).bearer_auth(key).send().await.unwrap().status().as_u16(), 500);
    assert!(sandbox.netsuite.faults().injected().is_empty());
    sandbox.shutdown().await;
    assert!(client.get(&url).send().await.is_err());
}
