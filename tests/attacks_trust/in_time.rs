//! How long a flow may take stands in the policy: what is due when follows it, also once it changes; what is
//! about to be late is told before, what stays late comes to a lead, and what was late is in a report.

use serde_json::Value;
use tieout_sandbox::stripe::{Command as Billing, NewLine};

use crate::{
    binary::text,
    scene::{ONE, Scene, judged},
};

/// One approver, and this limit of invoices in the States. What happens now is judged four days later.
fn within(limit: &str) -> String {
    format!("{ONE}\n[[sla]]\nflow = \"invoice_to_erp\"\nentity = \"US01\"\n{limit}")
}

/// How the flow of invoices stands as of the day that everything is judged.
fn invoices(scene: &Scene) -> Value {
    let flows = scene.plainly(["flows", "--as-of", &judged()]).ok().lines();
    flows.into_iter().find(|flow| flow["flow"] == "invoice_to_erp").unwrap()
}

fn counts(flow: &Value) -> [u64; 3] {
    ["soon", "late", "escalated"].map(|part| flow[part].as_u64().unwrap())
}

fn of<'a>(flow: &'a Value, entity: &str) -> &'a Value {
    let entities = flow["entities"].as_array().unwrap();
    entities.iter().find(|one| one["entity"] == entity).unwrap_or_else(|| panic!("{entity}: {flow:#}"))
}

fn breaches(scene: &Scene) -> Vec<Value> {
    scene.plainly(["flows", "--breaches"]).ok().lines()
}

fn govern(scene: &Scene, policy: &str) {
    let file = scene.bench.file("limits.toml", policy);
    scene.govern("greta", "carl", "policy", &file);
}

#[test]
fn what_is_due_when_follows_the_policy_and_its_changes() {
    // The invoice is four days old when it is judged.
    let scene = Scene::open(&within("hours = 144\nwarn = 24\n"), &["US01"]);
    let before = counts(&invoices(&scene));
    let sale = scene.sale("US01", 12_300);
    scene.sync();
    assert_eq!(counts(&invoices(&scene)), before, "six days may pass");
    assert!(scene.open_kinds(&sale.reference).is_empty());
    govern(&scene, &within("hours = 110\nwarn = 24\n"));
    let flow = invoices(&scene);
    assert_eq!(counts(&flow), [before[0] + 1, before[1], before[2]], "it is warned of: {flow:#}");
    assert_eq!(text(of(&flow, "US01"), "limit"), "110 h");
    assert_eq!(text(&flow, "limit"), "24 h", "every other entity's");
    assert!(scene.open_kinds(&sale.reference).is_empty());
    let soon = r#"{"flow": "invoice_to_erp", "part": "soon", "limit": 50}"#;
    let listed = scene.plainly(["call", "flow_items", soon]).ok().one();
    let rows = listed["rows"].as_array().unwrap();
    assert!(rows.iter().any(|row| row["reference"] == sale.reference.as_str()), "{listed:#}");
    assert_eq!(listed["total"].as_u64().unwrap() as usize, rows.len());
    govern(&scene, &within("hours = 48\nescalate = 24\nlead = \"carl\"\n"));
    let flow = invoices(&scene);
    assert_eq!(counts(&flow), [before[0], before[1] + 1, before[2] + 1], "{flow:#}");
    assert_eq!(of(&flow, "US01")["lead"], "carl");
    assert_eq!(scene.open_kinds(&sale.reference), ["unposted"]);
    // Back to where nothing is late: the exception goes, too.
    govern(&scene, &within("hours = 144\n"));
    assert_eq!(counts(&invoices(&scene)), before);
    assert!(scene.open_kinds(&sale.reference).is_empty());
    assert_eq!(scene.verify()["sound"], true);
}

#[test]
fn an_item_that_stays_late_comes_to_its_lead_and_to_nobody_else() {
    let scene = Scene::open(&within("hours = 24\nescalate = 8\nlead = \"carl\"\n"), &["US01"]);
    let sale = scene.sale("US01", 12_300);
    scene.sync();
    assert_eq!(scene.open_kinds(&sale.reference), ["unposted"]);
    let escalated = |person: &str| {
        let home = scene.run(person, ["call", "home"]).ok().one();
        let waits = home["waits"].as_array().unwrap().clone();
        waits.into_iter().find(|one| one["kind"] == "escalated")
    };
    let wait = escalated("carl").expect("it comes to Carl");
    assert_eq!(
        (wait["flow"].as_str(), wait["count"].as_u64()),
        (Some("invoice_to_erp"), Some(1)),
        "{wait:#}"
    );
    assert_eq!(wait["sums"][0]["amount"], "123.00");
    for person in ["cora", "ana"] {
        assert_eq!(escalated(person), None, "{person} is not the lead");
    }
}

#[test]
fn what_was_late_is_reported_whether_it_is_booked_by_now_or_not() {
    let scene = Scene::open(&within("hours = 2\n"), &["US01"]);
    let known = breaches(&scene).len();
    let (booked, missing) = (scene.sale("US01", 12_300), scene.sale("US01", 4_500));
    scene.sync();
    // The ERP's clock stands a day later than billing's.
    let sale = scene.exception(&booked.reference, "unposted");
    let posting = scene.propose("ana", &sale);
    scene.approve("carl", &posting).ok();
    scene.post().ok();
    scene.sync();
    let found = breaches(&scene);
    let row = |reference: &str| found.iter().find(|row| row["reference"] == reference).cloned();
    let late = row(&booked.reference).expect("it was booked a day later");
    assert!(late["finished_at"].is_string() && late["hours_late"].as_i64().unwrap() >= 21, "{late:#}");
    assert_eq!((text(&late, "entity"), text(&late, "limit")), ("US01".into(), "2 h".into()));
    assert_eq!(row(&missing.reference).expect("it is not booked")["finished_at"], Value::Null);
    assert_eq!(found.len(), known + 2);
    let to = scene.bench.folder.path().join("late.csv");
    scene.plainly(["export", "breaches", "--to", to.to_str().unwrap()]).ok();
    let written = std::fs::read_to_string(&to).unwrap();
    assert!(written.contains(&booked.reference) && written.contains(&missing.reference), "{written}");
    // In time, nothing is said.
    govern(&scene, &within("hours = 200\n"));
    scene.sync();
    let left = breaches(&scene);
    assert!(left.iter().all(|row| row["reference"] != booked.reference.as_str()), "{left:#?}");
}

#[test]
fn a_customer_whom_the_erp_does_not_know_is_missed_by_the_limit_of_their_flow() {
    let scene = Scene::open(ONE, &["US01"]);
    let billing = scene.served.sandbox.stripe.control();
    let (entity, name) = ("US01".to_owned(), "Brightwater".to_owned());
    let customer = billing.run(Billing::AddCustomer { entity, name, email: None }).unwrap().to_string();
    let lines = vec![NewLine { product: "prod_onboarding".to_owned(), amount: 4_200 }];
    let sale = Billing::AddInvoice { customer: customer.clone(), lines, taxable: false, effective_at: None };
    billing.run(sale).unwrap();
    scene.sync();
    assert_eq!(scene.open_kinds(&customer), ["customer_not_in_erp"], "48 hours have passed");
    let months = "[[sla]]\nflow = \"customer_activation\"\nhours = 2200\n";
    govern(&scene, &format!("{ONE}\n{months}"));
    assert!(scene.open_kinds(&customer).is_empty());
    govern(&scene, ONE);
    assert_eq!(scene.open_kinds(&customer), ["customer_not_in_erp"]);
}

#[test]
fn a_limit_that_cannot_hold_is_refused_with_what_to_write() {
    let scene = Scene::open(ONE, &[]);
    let refused = |limits: &str, want: &str| {
        let file = scene.bench.file("limits.toml", &format!("{ONE}\n{limits}"));
        let ran = scene.run("greta", ["import", "policy", file.to_str().unwrap()]).refused("policy_sla");
        assert!(ran.stderr.contains(want), "{limits}: {ran:?}");
    };
    refused("[[sla]]\nflow = \"sales\"\nhours = 3\n", "no flow is called so");
    refused("[[sla]]\nflow = \"invoice_to_erp\"\nhours = 0\n", "1 to");
    refused("[[sla]]\nflow = \"invoice_to_erp\"\nhours = 3\nwarn = 3\n", "fewer hours before");
    refused("[[sla]]\nflow = \"invoice_to_erp\"\nhours = 3\nescalate = 3\n", "by name");
    refused("[[sla]]\nflow = \"invoice_to_erp\"\nhours = 3\nlead = \"Carl\"\n", "how many hours");
    refused("[[sla]]\nflow = \"invoice_to_erp\"\nhours = 3\ncounted = \"business\"\n", "[[business_hours]]");
    let twice = "[[sla]]\nflow = \"invoice_to_erp\"\nhours = 3\n";
    refused(&twice.repeat(2), "two limits of this flow");
    let hours = |rest: &str| format!("[[business_hours]]\ndays = [\"mon\", \"tue\"]\n{rest}");
    refused(&hours("from = \"17:00\"\nto = \"09:00\"\n"), "later time");
    refused(&hours("from = \"9\"\nto = \"17:00\"\n"), "write it as 09:00");
    refused(&hours("from = \"09:00\"\nto = \"10:00\"\n"), "at least 10 hours");
    refused(&hours("from = \"09:00\"\nto = \"17:00\"\ntime_zone = \"London\"\n"), "Europe/London");
    refused("[[business_hours]]\ndays = [\"someday\"]\nfrom = \"09:00\"\nto = \"17:00\"\n", "mon to sun");
}
