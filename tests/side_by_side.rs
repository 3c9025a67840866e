//! Connections are read side by side: one that hangs keeps nobody from what the others brought.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/switching_on.rs"]
mod switching_on;

use std::{
    net::TcpListener,
    process::Stdio,
    time::{Duration, Instant},
};

use binary::{Bench, finish, root};
use company::{ONE_APPROVER, Served, as_of, connect};
use tieout_sandbox::company::{DEFAULT_AS_OF, Spec, generate};

/// Takes calls and answers none.
fn hanging() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    (listener, url)
}

#[test]
fn what_the_others_brought_is_judged_while_one_connection_still_hangs() {
    let served =
        Served::start(generate(&Spec { seed: 7, invoices: 300, as_of: DEFAULT_AS_OF, ..Spec::default() }));
    let bench = Bench::new();
    bench.people(&[("ana", "analyst"), ("carl", "controller"), ("aud", "auditor")]);
    connect(&bench, &served, &[]);
    let policy = bench.file("policy.toml", ONE_APPROVER);
    bench.govern("carl", &root().join("fixtures/company/mapping.toml"), &policy);
    let (_listener, url) = hanging();
    let args = ["connection", "add", "slow", "--vendor", "stripe", "--url", &url, "--mode", "test"];
    let mut add = bench.command(None, args);
    add.args(["--untried", "--set", "account=acct_slow"]).env("TIEOUT_CREDENTIAL_API_KEY", "sk_test_slow");
    finish(add, None).ok();

    let mut syncing = bench.command(None, ["sync", "--as-of", &as_of()]);
    let mut syncing = syncing.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    loop {
        let found = bench.exceptions(&as_of()).len();
        assert!(syncing.try_wait().unwrap().is_none(), "the hanging connection was waited for");
        if found > 5 {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(120), "nothing was judged");
        std::thread::sleep(Duration::from_millis(200));
    }
    syncing.kill().unwrap();
    syncing.wait().unwrap();
}
