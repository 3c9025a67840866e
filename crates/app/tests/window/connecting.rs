//! A connection is tried as it is added, and what stands in the way of a whole connection is told once.

use std::{collections::BTreeMap, net::TcpListener};

use tieout_desk::{
    Context,
    intake::{
        connections::{self, AddConnectionRequest, ConnectionView, RotateRequest, Trying},
        sync::{SyncRequest, SyncView},
    },
    queue::exceptions::{self, ExceptionsRequest},
    settlement::by_policy,
};
use tieout_vault::SecretText;

use crate::company::Company;

fn secret(text: &str) -> SecretText {
    serde_json::from_value(text.into()).unwrap()
}

fn key(text: &str) -> BTreeMap<String, SecretText> {
    BTreeMap::from([("api_key".to_owned(), secret(text))])
}

fn find(ctx: &Context, name: &str) -> ConnectionView {
    connections::connections(ctx).unwrap().into_iter().find(|one| one.name == name).unwrap()
}

/// A Stripe connection of the sandbox, and its key.
fn stripe(company: &Company) -> (ConnectionView, String) {
    let billing =
        connections::connections(company.desk()).unwrap().into_iter().find(|c| c.role == "billing").unwrap();
    let about = company.demo.sandbox.describe();
    let accounts = about["stripe"]["accounts"].as_array().unwrap().clone();
    let account = accounts.iter().find(|account| account["account"] == billing.tenant).unwrap();
    (billing, account["api_key"].as_str().unwrap().to_owned())
}

fn sync(company: &Company, name: &str) -> Vec<SyncView> {
    let request = SyncRequest { connection: Some(name.to_owned()), ..company.sync_request() };
    by_policy::sync(company.desk(), &request).unwrap()
}

fn failed_syncs(company: &Company) -> Vec<(String, String)> {
    let request = ExceptionsRequest { kind: Some("sync_failed".to_owned()), ..Default::default() };
    let found = exceptions::exceptions(company.desk(), &request).unwrap();
    found.into_iter().map(|one| (one.external_ref, one.why)).collect()
}

#[test]
fn a_refused_key_is_one_exception_of_the_connection_until_it_answers_again() {
    let mut company = Company::synced(60);
    company.seat_administrator();
    let (billing, right) = stripe(&company);
    let rotate = |company: &Company, text: &str| {
        let request = RotateRequest { id: billing.id.clone(), credentials: key(text) };
        connections::connection_rotate(company.desk(), &request).unwrap();
    };
    rotate(&company, "sk_test_wrong_key_000000");
    let views = sync(&company, &billing.name);
    let told: Vec<_> = views.iter().map(|view| (view.resource.as_str(), view.code.as_deref())).collect();
    assert!(matches!(told[..], [(_, Some("auth_failed"))]), "the others were not asked: {views:?}");
    let found = failed_syncs(&company);
    assert_eq!(found.len(), 1, "{found:?}");
    let (reference, why) = &found[0];
    assert_eq!(reference, &billing.name);
    assert!(why.starts_with(&format!("Nothing of {} can be read: ", billing.name)), "{why}");
    let shown = find(company.desk(), &billing.name);
    assert_eq!(shown.error_code.as_deref(), Some("auth_failed"));
    assert_eq!(shown.resources.len(), billing.resources.len(), "the connection is no resource of itself");
    assert_eq!(shown.complete_through, billing.complete_through, "what was read before stays read");

    rotate(&company, &right);
    assert!(sync(&company, &billing.name).iter().all(|view| view.code.is_none()));
    assert_eq!(failed_syncs(&company), []);
    let shown = find(company.desk(), &billing.name);
    assert_eq!((shown.error_code, shown.last_error), (None, None));
    assert!(shown.complete_through.is_some());
}

#[test]
fn a_connection_that_must_answer_is_added_only_where_it_does() {
    let mut company = Company::new(60);
    company.seat_administrator();
    let (billing, right) = stripe(&company);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let asked = |name: &str, url: &str, api_key: &str, trying: Trying| AddConnectionRequest {
        name: name.to_owned(),
        vendor: "stripe".to_owned(),
        url: url.to_owned(),
        mode: "test".to_owned(),
        settings: BTreeMap::from([("account".to_owned(), billing.tenant.clone())]),
        credentials: key(api_key),
        trying,
    };
    let add = |request: &AddConnectionRequest| connections::connection_add(company.desk(), request);
    for (url, api_key, code) in
        [(nobody.as_str(), right.as_str(), "connect_failed"), (&billing.url, "sk_test_wrong", "auth_failed")]
    {
        let refused = add(&asked("second", url, api_key, Trying::MustAnswer)).unwrap_err();
        assert_eq!(refused.code, code, "{refused}");
        assert!(connections::connections(company.desk()).unwrap().iter().all(|one| one.name != "second"));
    }
    let told = add(&asked("third", &nobody, &right, Trying::Tell)).unwrap().tried.unwrap();
    assert_eq!((told.code.as_deref(), told.account.is_none()), (Some("connect_failed"), true), "{told:?}");
    assert_eq!(find(company.desk(), "third").url, nobody, "it was added all the same");
    assert_eq!(add(&asked("fourth", &nobody, &right, Trying::Untried)).unwrap().tried, None);
    let added = add(&asked("second", &billing.url, &right, Trying::MustAnswer)).unwrap();
    let account = added.tried.unwrap().account.unwrap();
    assert_eq!((account.tenant, account.live), (billing.tenant.clone(), Some(false)));
}
