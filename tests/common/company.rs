//! The simulated company's servers in the test's own process, and a bench connected to them.
#![allow(dead_code)]

use serde_json::Value;
use tieout_sandbox::{
    company::{Company, DEFAULT_AS_OF},
    serve::{Options, Sandbox},
};

use super::{
    binary::{Bench, finish, root, text},
    switching_on::switch_on,
};

/// As of when the company is judged, RFC 3339.
pub fn as_of() -> String {
    instant(DEFAULT_AS_OF)
}

/// Unix seconds as RFC 3339.
pub fn instant(seconds: i64) -> String {
    chrono::DateTime::from_timestamp(seconds, 0).expect("an instant").to_rfc3339()
}

/// Running servers; they stop when this is dropped.
pub struct Served {
    pub sandbox: Sandbox,
    pub runtime: tokio::runtime::Runtime,
}

impl Served {
    pub fn start(company: Company) -> Self {
        Self::start_with(company, Options::default())
    }

    /// The same at named ports, or slower than it need be.
    pub fn start_with(company: Company, options: Options) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let sandbox = runtime.block_on(Sandbox::start_company(company, options));
        Self { sandbox: sandbox.expect("the sandbox starts"), runtime }
    }

    /// Stops the servers and returns when their ports are free again.
    pub fn stop(self) {
        let Self { sandbox, runtime } = self;
        runtime.block_on(sandbox.shutdown());
    }

    /// Lets every late commit land.
    pub fn flush(&self) {
        self.runtime.block_on(self.sandbox.netsuite.faults().flush_late());
    }
}

/// Connects a bench to all of the company's accounts, with more settings for NetSuite.
pub fn connect(bench: &Bench, served: &Served, netsuite: &[&str]) {
    let about = served.sandbox.describe();
    for account in about["stripe"]["accounts"].as_array().expect("accounts") {
        let name = format!("stripe-{}", text(account, "entity").to_ascii_lowercase());
        let set = format!("account={}", text(account, "account"));
        let url = text(&about["stripe"], "url");
        let args = ["connection", "add", &name, "--vendor", "stripe", "--url", &url];
        let mut add = bench.command(None, args);
        add.args(["--mode", "test", "--set", &set, "--set", "rate=2000"]);
        add.env("TIEOUT_CREDENTIAL_API_KEY", text(account, "api_key"));
        finish(add, None).ok();
    }
    let url = text(&about["netsuite"], "url");
    let account = format!("account={}", text(&about["netsuite"], "account"));
    let args = ["connection", "add", "netsuite", "--vendor", "netsuite", "--url", &url, "--mode", "test"];
    let mut add = bench.command(None, args);
    add.args(["--set", &account, "--set", "auth=tba", "--set", "customers=create", "--set", "approve=true"]);
    for setting in netsuite {
        add.args(["--set", setting]);
    }
    let token: &Value = &about["netsuite"]["tokens"][0];
    for (field, variable) in [
        ("consumer_key", "TIEOUT_CREDENTIAL_CONSUMER_KEY"),
        ("consumer_secret", "TIEOUT_CREDENTIAL_CONSUMER_SECRET"),
        ("token", "TIEOUT_CREDENTIAL_TOKEN_ID"),
        ("token_secret", "TIEOUT_CREDENTIAL_TOKEN_SECRET"),
    ] {
        add.env(variable, text(token, field));
    }
    finish(add, None).ok();
}

/// A policy under which one approver is enough for anything, and nothing is prepared without a person.
pub const ONE_APPROVER: &str = "schema = 1\n[[tier]]\nentity = \"*\"\nkind = \"*\"\ncurrency = \"*\"\n\
                                up_to = \"unlimited\"\napprovals = \"one\"\n";

/// A bench with ana (analyst), carl (controller) and aud (auditor), connected, with mapping and policy in
/// force, synced as of the company's present, and with posting switched on.
pub fn desk(served: &Served, netsuite: &[&str], policy: &str) -> Bench {
    let bench = Bench::new();
    bench.people(&[("ana", "analyst"), ("carl", "controller"), ("aud", "auditor")]);
    connect(&bench, served, netsuite);
    let file = bench.file("policy.toml", policy);
    bench.govern("carl", &root().join("fixtures/company/mapping.toml"), &file);
    bench.run(None, ["sync", "--as-of", &as_of()]).ok();
    switch_on(&bench, "netsuite", "carl");
    if policy.contains("\"none\"") {
        // What a policy prepares by itself it prepares only from now on.
        bench.run(None, ["sync", "--as-of", &as_of()]).ok();
    }
    bench
}
