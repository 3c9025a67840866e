//! Late items go where a rule of an approved policy sends them, or wait for a person: never elsewhere, never
//! more than its limits, and every screen says which.

use serde_json::Value;
use tieout_sandbox::stripe::{Command as Billing, NewLine};

use crate::{
    binary::{Ran, text},
    scene::{ADMINISTRATOR, Invoice, ONE, Scene, mapping},
};

/// October's receivables are locked, July was closed in August; November is open.
const IN_JULY: Option<&str> = Some("2026-07-10");
const IN_OCTOBER: Option<&str> = Some("2026-10-20");

/// One approver for anything, and these rules.
fn with(rules: &str) -> String {
    format!("{ONE}{rules}")
}

/// Up to 500 dollars each and 1,000 in a period, from either period; more than that waits for two people.
const NEXT: &str = r#"
[[late]]
rule = "L3"
says = "up to 500, next open period"
currency = "USD"
up_to = "500.00"
per_customer = "1000.00"
per_period = "1000.00"
action = "next_open"
[[late]]
rule = "L4"
says = "over 500, two people decide"
currency = "USD"
action = "hold"
approvals = "two"
"#;

const LINE: &str = "July 2026 (closed ";
const BY: &str = "→ November 2026 by L3 \"up to 500, next open period\" (policy 1)";

fn sale(scene: &Scene, minor: i64, dated: Option<&str>) -> Invoice {
    scene.invoice("US01", "prod_onboarding", minor, dated)
}

fn late(scene: &Scene, invoice: &Invoice) -> Value {
    let found = scene.exceptions_of(&invoice.reference);
    let open = found.iter().find(|one| one["state"] != "closed");
    open.unwrap_or_else(|| panic!("no open exception of {}: {found:#?}", invoice.reference)).clone()
}

/// The one posting of a document that is not over.
fn live(scene: &Scene, invoice: &Invoice) -> Option<Value> {
    let over = |posting: &Value| ["cancelled", "rejected"].contains(&posting["state"].as_str().unwrap());
    scene.postings_of(&invoice.reference).into_iter().find(|posting| !over(posting))
}

/// The period that the live posting goes into.
fn goes(scene: &Scene, invoice: &Invoice) -> Option<String> {
    live(scene, invoice).map(|posting| text(&posting["steps"][0], "period"))
}

fn file(scene: &Scene, name: &str, policy: &str) -> String {
    scene.bench.file(name, policy).to_str().unwrap().to_owned()
}

fn simulated(scene: &Scene, args: &[&str]) -> Value {
    let all = ["policy", "simulate", "--format", "json"].iter().chain(args);
    scene.plainly(all.copied()).ok().one()
}

fn item<'a>(simulation: &'a Value, invoice: &Invoice) -> &'a Value {
    let items = simulation["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["reference"] == invoice.reference.as_str());
    found.unwrap_or_else(|| panic!("{} is not in {items:#?}", invoice.reference))
}

#[test]
fn a_rule_prepares_a_late_item_and_every_screen_says_which() {
    let scene = Scene::open(&with(NEXT), &["US01"]);
    let july = sale(&scene, 12_300, IN_JULY);
    let october = sale(&scene, 20_000, IN_OCTOBER);
    scene.sync();
    for invoice in [&july, &october] {
        let posting = live(&scene, invoice).expect("the rule prepares it");
        assert_eq!((text(&posting, "origin"), text(&posting, "state")), ("policy".into(), "proposed".into()));
        assert_eq!(posting["approvals_needed"], "one");
        assert_eq!(goes(&scene, invoice).as_deref(), Some("2026-11"));
    }
    let posting = live(&scene, &july).unwrap();
    let says = text(&posting["periods"], "says");
    assert!(says.starts_with(LINE) && says.ends_with(BY), "{says}");
    assert_eq!(posting["periods"]["routed_by"], "L3");
    assert_eq!(posting["periods"]["late"], "routed");
    let exception = late(&scene, &july);
    assert_eq!(text(&exception, "late"), says, "the queue");
    let shown = scene.plainly(["show", &text(&exception, "id")]).ok().one();
    assert_eq!(text(&shown["periods"], "says"), says, "the detail");
    let id = text(&posting, "id");
    let asked = format!("{{\"action\":\"approve\",\"ids\":[\"{id}\"]}}");
    let batch = scene.run("carl", ["call", "may", &asked]).ok().one();
    assert_eq!(text(&batch["late"][0], "says"), says, "the batch: {batch}");
    let proposed = scene
        .log()
        .into_iter()
        .find(|row| row["what"] == "proposed" && row["detail"].contains(&july.reference));
    let detail = proposed.expect("the log has it")["detail"].clone();
    assert!(detail.contains("by L3") && detail.contains("policy 1"), "the log: {detail}");
    let to = scene.bench.folder.path().join("postings.csv");
    scene.plainly(["export", "postings", "--force", "--to", to.to_str().unwrap()]).ok();
    let exported = std::fs::read_to_string(&to).unwrap();
    assert!(
        exported.contains("by L3 \"\"up to 500, next open period\"\" (policy 1)"),
        "the export: {exported}"
    );
    scene.approve("carl", &id).ok();
    scene.post().ok();
    let booked = scene.booked(&july.reference);
    assert_eq!((booked.len(), booked[0].period.as_str()), (1, "2026-11"), "{booked:?}");
    // Its own date stays with it, and nobody approved the other.
    assert_eq!(posting["steps"][0]["document_date"], "2026-07-10");
    assert_eq!(scene.booked(&october.reference), []);
}

#[test]
fn what_no_rule_takes_waits_for_a_person_and_a_held_item_for_two() {
    let scene = Scene::open(&with(NEXT), &["US01"]);
    let large = sale(&scene, 50_001, IN_JULY);
    scene.sync();
    assert_eq!(live(&scene, &large), None, "nobody prepared it");
    let exception = late(&scene, &large);
    assert_eq!(exception["in_the_way"], "Late, L4 holds");
    let held = "held for two approvers by L4 \"over 500, two people decide\" (policy 1)";
    assert!(text(&exception, "late").ends_with(held), "{exception}");
    let posting = scene.propose("ana", &text(&exception, "id"));
    let stored = scene.posting(&posting);
    assert_eq!(stored["approvals_needed"], "two");
    assert_eq!(stored["periods"]["late"], "placed");
    assert!(text(&stored["periods"], "says").contains("by ana, held by L4"), "{stored}");
    scene.approve("carl", &posting).ok();
    scene.post();
    assert_eq!(scene.booked(&large.reference), [], "one of two approved it");
    scene.approve("cora", &posting).ok();
    scene.post().ok();
    assert_eq!(scene.booked(&large.reference).len(), 1);
}

#[test]
fn a_policy_without_rules_leaves_late_items_as_they_were() {
    let scene = Scene::open(ONE, &["US01"]);
    let july = sale(&scene, 12_300, IN_JULY);
    scene.sync();
    let exception = late(&scene, &july);
    assert_eq!((live(&scene, &july), &exception["late"]), (None, &Value::Null));
    assert_eq!(exception["in_the_way"], "AR locked");
    let posting = scene.posting(&scene.propose("ana", &text(&exception, "id")));
    assert_eq!((&posting["approvals_needed"], &posting["periods"]["late"]), (&"one".into(), &Value::Null));
}

#[test]
fn splitting_over_many_small_documents_sends_no_more_than_the_cap() {
    let scene = Scene::open(&with(NEXT), &["US01"]);
    let all: Vec<Invoice> = (0..7).map(|_| sale(&scene, 30_000, IN_JULY)).collect();
    scene.sync();
    let sent: Vec<&Invoice> = all.iter().filter(|one| live(&scene, one).is_some()).collect();
    assert_eq!(sent.len(), 3, "three times 300 are within 1,000, and four are not");
    let held: Vec<&Invoice> = all.iter().filter(|one| live(&scene, one).is_none()).collect();
    assert!(held.iter().all(|one| late(&scene, one)["in_the_way"] == "Late, L4 holds"));
    // What is withdrawn counts no more; what is booked does.
    let first = live(&scene, sent[0]).unwrap();
    scene.approve("carl", &text(&first, "id")).ok();
    let second = live(&scene, sent[1]).unwrap();
    scene.run("carl", ["reject", &text(&second, "id"), "--reason", "not ours"]).ok();
    scene.post().ok();
    scene.sync();
    let sent = all.iter().filter(|one| live(&scene, one).is_some()).count();
    assert_eq!(sent, 3, "one in the place of the one that was refused");
}

#[test]
fn a_simulation_says_what_then_happens() {
    let scene = Scene::open(ONE, &["US01", "GB01"]);
    let mut all = vec![sale(&scene, 12_300, IN_JULY), sale(&scene, 50_001, IN_JULY)];
    all.extend((0..4).map(|_| sale(&scene, 30_000, IN_OCTOBER)));
    all.push(scene.invoice("GB01", "prod_onboarding", 9_900, IN_JULY));
    let current = sale(&scene, 45_600, None);
    scene.sync();
    let policy = file(&scene, "late.toml", &with(NEXT));
    let simulation = simulated(&scene, &[&policy]);
    let items = simulation["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["reference"] != current.reference.as_str()), "it is not late");
    assert!(items.iter().all(|item| item["went"].is_null() || item["waits"] == false), "{items:#?}");
    let of_l3 = simulation["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == "L3").unwrap();
    assert_eq!((&of_l3["count"], &of_l3["sums"][0]["amount"]), (&3.into(), &"723.00".into()), "{of_l3}");

    let change = scene.govern("greta", "cora", "policy", policy.as_ref());
    let kept = scene.plainly(["policy", "kept", &change, "--format", "json"]).ok().one();
    assert_eq!(kept["items"], simulation["items"], "what the approver saw");
    let log = scene.log();
    let proposed = log.iter().find(|row| row["what"] == "change_proposed" && row["subject"] == change);
    assert!(proposed.unwrap()["detail"].contains("simulation_sha256"), "the log proves which");
    assert_eq!(scene.verify()["sound"], true);

    scene.sync();
    for invoice in &all {
        let said = item(&simulation, invoice);
        assert_eq!(goes(&scene, invoice).as_deref(), said["goes"].as_str(), "{said}");
    }
    // Of what was proposed since, the same policy tried again says the same: nothing more goes elsewhere.
    let again = simulated(&scene, &[]);
    assert_eq!(again["elsewhere"], 0, "{again}");
}

#[test]
fn a_period_that_closes_between_approval_and_send_takes_it_back_to_the_queue() {
    let scene = Scene::open(&with(NEXT), &["US01"]);
    let july = sale(&scene, 12_300, IN_JULY);
    scene.sync();
    let posting = text(&live(&scene, &july).unwrap(), "id");
    scene.approve("carl", &posting).ok();
    scene.served.sandbox.netsuite.book().close_period("2026-11").unwrap();
    scene.post();
    assert_eq!(scene.booked(&july.reference), [], "its period is closed by now");
    scene.sync();
    scene.post();
    assert_eq!(scene.booked(&july.reference), [], "nobody approved another period");
    let states: Vec<String> =
        scene.postings_of(&july.reference).iter().map(|posting| text(posting, "state")).collect();
    assert!(!states.iter().any(|state| ["queued", "booked"].contains(&state.as_str())), "{states:?}");
}

#[test]
fn a_period_that_is_read_as_closed_before_the_send_voids_the_approval() {
    let scene = Scene::open(&with(NEXT), &["US01"]);
    let july = sale(&scene, 12_300, IN_JULY);
    scene.sync();
    let posting = text(&live(&scene, &july).unwrap(), "id");
    scene.approve("carl", &posting).ok();
    scene.served.sandbox.netsuite.book().close_period("2026-11").unwrap();
    scene.sync();
    scene.post();
    assert_eq!(scene.booked(&july.reference), []);
    let back = scene.posting(&posting);
    assert!(["proposed", "cancelled", "refused"].contains(&back["state"].as_str().unwrap()), "{back}");
}

#[test]
fn a_period_that_opens_again_takes_its_own_document() {
    let scene = Scene::open(&with(NEXT), &["US01"]);
    let october = sale(&scene, 12_300, IN_OCTOBER);
    scene.sync();
    let posting = text(&live(&scene, &october).unwrap(), "id");
    scene.served.sandbox.netsuite.book().reopen("2026-10").unwrap();
    scene.sync();
    assert_eq!(scene.posting(&posting)["state"], "cancelled", "its rule does not send it there any more");
    assert_eq!(live(&scene, &october), None, "it waits for a person, as whatever is not posted");
    let exception = late(&scene, &october);
    assert_eq!(
        (&exception["late"], exception["in_the_way"].as_str()),
        (&Value::Null, Some("Propose posting"))
    );
    scene.propose("ana", &text(&exception, "id"));
    assert_eq!(goes(&scene, &october).as_deref(), Some("2026-10"));
}

#[test]
fn an_approved_item_whose_period_opens_again_is_not_sent_elsewhere() {
    let scene = Scene::open(&with(NEXT), &["US01"]);
    let october = sale(&scene, 12_300, IN_OCTOBER);
    scene.sync();
    let posting = text(&live(&scene, &october).unwrap(), "id");
    scene.approve("carl", &posting).ok();
    let book = scene.served.sandbox.netsuite.book();
    book.reopen("2026-10").unwrap();
    scene.sync();
    scene.post();
    assert_eq!(scene.booked(&october.reference), [], "it would have gone into November");
}

#[test]
fn a_rule_that_asks_to_open_its_period_again_sends_nothing_elsewhere() {
    let reopen = "[[late]]\nrule = \"L5\"\nsays = \"October is opened again\"\naction = \"reopen\"\n";
    let scene = Scene::open(&with(reopen), &["US01"]);
    let october = sale(&scene, 12_300, IN_OCTOBER);
    scene.sync();
    let exception = late(&scene, &october);
    let id = text(&exception, "id");
    assert_eq!(exception["in_the_way"], "Late, L5 asks to reopen");
    scene.run("ana", ["propose", &id]).refused("late_reopen_asked");
    // A person who will not wait says where it goes instead.
    let place = ["reroute", &id, "--period", "2026-11", "--reason", "the ERP's owner said no"];
    scene.run("ana", place).ok();
    assert_eq!(goes(&scene, &october).as_deref(), Some("2026-11"));
}

#[test]
fn the_tiers_alone_decide_where_a_rule_says_so() {
    let free = NEXT.replacen("action = \"next_open\"", "action = \"next_open\"\napprovals = \"none\"", 1);
    let none = "schema = 1\n[[tier]]\nentity = \"*\"\nkind = \"*\"\ncurrency = \"USD\"\nup_to = \"200.00\"\n\
                approvals = \"none\"\n[[tier]]\nentity = \"*\"\nkind = \"*\"\ncurrency = \"*\"\n\
                up_to = \"unlimited\"\napprovals = \"one\"\n";
    let scene = Scene::open(&format!("{none}{free}"), &["US01"]);
    let (small, large) = (sale(&scene, 12_300, IN_JULY), sale(&scene, 20_100, IN_JULY));
    scene.sync();
    assert_eq!(live(&scene, &small).unwrap()["state"], "queued", "the rule and the tier ask for nobody");
    assert_eq!(live(&scene, &large).unwrap()["state"], "proposed", "the tier asks for one");
    scene.post().ok();
    assert_eq!(scene.booked(&small.reference)[0].period, "2026-11");
    assert_eq!(scene.booked(&large.reference), []);
}

#[test]
fn a_payment_and_a_credit_of_a_late_invoice_stay_in_their_own_open_period() {
    let scene = Scene::open(&with(NEXT), &["US01"]);
    let (paid, credited) = (sale(&scene, 12_300, IN_JULY), sale(&scene, 20_000, IN_JULY));
    let billing = scene.served.sandbox.stripe.control();
    billing.run(Billing::PayInvoice { invoice: paid.id.clone(), succeeds: true }).unwrap();
    let credit = billing.run(Billing::CreditInvoice { invoice: credited.id.clone(), amount: 5_000 }).unwrap();
    let credit = billing.read(|company| company.document_reference(credit));
    scene.sync();
    let own = |reference: &str| {
        let all = scene.exceptions_of(reference);
        let open: Vec<&Value> = all.iter().filter(|one| one["state"] != "closed").collect();
        assert!(!open.is_empty(), "{reference} is not posted: {all:#?}");
        for one in open {
            assert_eq!((&one["late"], &one["period"]), (&Value::Null, &"2026-11".into()), "{one}");
        }
    };
    own(&credit);
    let payments: Vec<Value> = scene
        .plainly(["exceptions", "--state", "open"])
        .ok()
        .lines()
        .into_iter()
        .filter(|one| one["noun"] == "Payment")
        .collect();
    assert!(!payments.is_empty(), "the payment is not posted yet");
    assert!(payments.iter().all(|one| one["late"].is_null() && one["period"] == "2026-11"), "{payments:#?}");
    assert_eq!(goes(&scene, &paid).as_deref(), Some("2026-11"));
}

#[test]
fn the_functional_amount_of_a_document_in_another_currency_decides() {
    let rule = "[[late]]\nrule = \"L6\"\nsays = \"up to 125 dollars\"\n\
                currency = \"USD\"\nup_to = \"125.00\"\n\
                per_customer = \"500.00\"\nper_period = \"500.00\"\naction = \"next_open\"\n";
    let scene = Scene::open(&with(rule), &["GB01"]);
    // The British company keeps its books in dollars, and bills in pounds.
    let text = std::fs::read_to_string(mapping()).unwrap();
    let text = text.replacen("functional_currency = \"GBP\"", "functional_currency = \"USD\"", 1)
        + "\n[[rate]]\nfrom = \"GBP\"\nto = \"USD\"\ndate = \"2020-01-01\"\nrate = \"1.25\"\n";
    let file = scene.bench.file("dollars.toml", &text);
    scene.govern("ana", "cora", "mapping", &file);
    let in_pounds = |minor| scene.invoice("GB01", "prod_onboarding", minor, IN_JULY);
    let (fits, over) = (in_pounds(10_000), in_pounds(10_001));
    scene.sync();
    assert_eq!(goes(&scene, &fits).as_deref(), Some("2026-11"), "100.00 pounds are 125.00 dollars");
    assert_eq!(live(&scene, &over), None, "100.01 pounds are 125.01 dollars");
    assert!(text_of(&late(&scene, &over)).ends_with("(not L6: it is over its limit)"));
}

fn text_of(exception: &Value) -> String {
    text(exception, "late")
}

#[test]
fn a_closed_tax_period_holds_what_carries_tax() {
    let taxes = "[[late_books]]\nentity = \"US01\"\ntax_closed_to = \"2026-07-31\"\n";
    let scene = Scene::open(&with(&format!("{NEXT}{taxes}")), &["US01"]);
    let billing = scene.served.sandbox.stripe.control();
    let customer = billing.read(|company| {
        let own = company.entities[0].currency;
        let fits = |c: &&tieout_sandbox::company::Customer| c.entity == 0 && c.in_erp && c.currency == own;
        company.customers.iter().find(fits).expect("a customer").id.to_string()
    });
    let taxable = |taxable: bool| {
        let noon = "2026-07-10".parse::<chrono::NaiveDate>().unwrap().and_hms_opt(12, 0, 0).unwrap();
        let lines = vec![NewLine { product: "prod_onboarding".to_owned(), amount: 12_300 }];
        let (customer, effective_at) = (customer.clone(), Some(noon.and_utc().timestamp()));
        let id = billing.run(Billing::AddInvoice { customer, lines, taxable, effective_at }).unwrap();
        let reference = billing.read(|company| company.document_reference(id));
        Invoice { id: id.to_string(), reference }
    };
    let (taxed, untaxed) = (taxable(true), taxable(false));
    scene.sync();
    assert_eq!(live(&scene, &taxed), None);
    assert_eq!(late(&scene, &taxed)["in_the_way"], "Late, L4 holds");
    assert_eq!(goes(&scene, &untaxed).as_deref(), Some("2026-11"));
}

#[test]
fn a_rule_that_is_not_built_is_refused_when_the_policy_is_brought_in() {
    let scene = Scene::open(ONE, &[]);
    let text = with("[[late]]\nrule = \"L7\"\nsays = \"accrue\"\naction = \"accrue_and_reverse\"\n");
    let policy = file(&scene, "accrue.toml", &text);
    let refused: Ran = scene.run(ADMINISTRATOR, ["import", "policy", &policy]);
    assert_ne!(refused.status, 0);
    assert!(format!("{refused:?}").contains("books no accruals"), "{refused:?}");
}
