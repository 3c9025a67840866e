//! What becomes of a match that people confirmed: its entry goes from the ledger, or its document had a
//! posting that was approved already. And what a payout is made of.

use serde_json::Value;

use crate::{
    AS_OF, LEDGER,
    binary::text,
    books, confirm, open,
    scene::{ONE, Scene, judged},
};

/// The whole ledger is now this.
fn replace_ledger(desk: &crate::scene::Desk, ledger: &str) {
    let file = desk.bench.file("g.csv", ledger);
    let map = desk.bench.folder.path().join("g.toml");
    let (file, map) = (file.to_str().unwrap().to_owned(), map.to_str().unwrap().to_owned());
    let args = ["import", "gl", &file, "--map", &map, "--replaces", "all", "--as-of", AS_OF];
    desk.plainly(args).ok();
}

fn without(number: &str) -> String {
    let begins = format!("{number},");
    LEDGER.lines().filter(|line| !line.starts_with(&begins)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn an_entry_that_people_answered_for_and_that_is_gone_is_removed_from_the_ledger() {
    let desk = books();
    confirm(&desk, "6");
    assert!(!open(&desk).iter().any(|one| one.starts_with("PAY-1 ")), "it is booked by entry 6");
    replace_ledger(&desk, &without("6"));
    let after = open(&desk);
    assert!(after.contains(&"PAY-1 removed_from_ledger".to_owned()), "{after:?}");
    assert!(!after.contains(&"PAY-1 unposted".to_owned()), "it is told once: {after:?}");
    replace_ledger(&desk, LEDGER);
    assert!(
        !open(&desk).iter().any(|one| one.starts_with("PAY-1 ")),
        "it is there again, and the match counts"
    );
    // What nobody answered for is not posted, and no more.
    replace_ledger(&desk, &without("5"));
    let after = open(&desk);
    assert!(after.contains(&"INV-0105 unposted".to_owned()), "{after:?}");
    assert!(!after.iter().any(|one| one.ends_with("removed_from_ledger")), "{after:?}");
}

/// Books a wire's worth past the desk under somebody's words; answers its number as the desk lists it.
fn wire(scene: &Scene, minor: i64) -> String {
    scene.book_by_hand(1, "2026-11-16", "as agreed by phone", minor);
    scene.sync();
    let unmatched = scene.plainly(["match", "list", "--open", "--search", "as agreed by phone"]).ok().lines();
    text(&unmatched[0], "number")
}

#[test]
fn a_posting_that_was_approved_is_refused_once_its_document_is_matched_and_goes_on_where_it_is_not() {
    let scene = Scene::open(ONE, &["US01"]);
    let (sale, other) = (scene.sale("US01", 12_300), scene.sale("US01", 45_600));
    scene.sync();
    for reference in [&sale.reference, &other.reference] {
        let exception = scene.exception(reference, "unposted");
        let posting = scene.propose("ana", &exception);
        scene.approve("carl", &posting).ok();
    }
    let number = wire(&scene, 12_300);
    let by_hand =
        ["match", "confirm", "--entry", &number, "--document", &sale.reference, "--reason", "A call"];
    let ran = scene.run("greta", by_hand).ok();
    assert_eq!(text(&ran.lines()[0], "code"), "confirmed", "{ran:?}");
    scene.post();
    assert_eq!(scene.booked(&sale.reference), [], "nothing is sent for what is booked");
    let state = text(&scene.postings_of(&sale.reference)[0], "state");
    assert!(!["booked", "settled", "sending"].contains(&state.as_str()), "{state}");
    assert_eq!(scene.booked(&other.reference).len(), 1, "the other one is sent");
    scene.sync();
    assert_eq!(scene.open_kinds(&sale.reference), Vec::<String>::new(), "it ties out by the match");
    assert_eq!(scene.verify()["sound"], true);
}

/// The payouts that stand in the ERP's book under their own names.
fn payouts(scene: &Scene) -> Vec<(String, i64)> {
    let billing = scene.served.sandbox.stripe.control();
    let us = |company: &tieout_sandbox::company::Company| -> Vec<(String, i64)> {
        let own = company.payouts.iter().filter(|payout| payout.entity == 0);
        own.map(|payout| (payout.id.to_string(), payout.amount)).collect()
    };
    billing.read(us)
}

#[test]
fn a_payout_shows_the_movements_that_it_pays_out_with_their_sum_beside_the_deposit() {
    let scene = Scene::open(ONE, &["US01"]);
    let (reference, amount) = payouts(&scene).pop().expect("a payout");
    assert_eq!(scene.open_kinds(&reference), Vec::<String>::new(), "right books");
    let entry = scene.booked(&reference).remove(0);
    scene.served.sandbox.netsuite.book().delete_entry(entry.id).unwrap();
    let as_of = judged();
    scene.plainly(["sync", "--full", "--as-of", &as_of]).ok();
    let exception = scene.exception(&reference, "unposted");
    let request = serde_json::json!({ "id": exception }).to_string();
    let tie = scene.plainly(["call", "exception_detail", &request]).ok().one()["tie"].clone();
    let members = tie["documents"].as_array().unwrap_or_else(|| panic!("no members: {tie:#}"));
    assert!(members.len() > 3, "{tie:#}");
    assert_eq!(tie["rule"], "payout");
    let minor = |value: &Value| -> i64 { value.as_str().unwrap().replace('.', "").parse().unwrap() };
    let sum: i64 = members.iter().map(|member| minor(&member["amount"])).sum();
    assert_eq!((sum, minor(&tie["documents_sum"])), (amount, amount), "charges, refunds and fees come to it");
    assert_eq!(tie["entries"].as_array().map(Vec::len), Some(0), "the deposit is not there");
    assert!(members.iter().any(|member| member["kind"] == "payment"), "{tie:#}");
    assert!(tie["reasons"][0].as_str().unwrap().contains(" payments "), "{tie:#}");
}

fn text_of<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap()
}

/// What clearing says of this account.
fn clearing(scene: &Scene) -> Value {
    let rows = scene.plainly(["tie-out", "--clearing", "--as-of", &judged()]).ok().lines();
    let own = rows.into_iter().find(|row| row["entity"] == "US01" && row["currency"] == "USD");
    own.expect("US01 has a clearing account")
}

#[test]
fn clearing_is_the_processors_balance_or_says_by_how_much_it_is_not() {
    let scene = Scene::open(ONE, &["US01"]);
    // The company's bank charges stand on clearing: a rule explains them, and the account is judged.
    let text = std::fs::read_to_string(crate::scene::mapping()).unwrap();
    let judged_text =
        text.replacen("bank = \"1010\"\n", "bank = \"1010\"\n[entity.scopes]\nclearing = \"judged\"\n", 1);
    assert_ne!(text, judged_text);
    let file = scene.bench.file("judged.toml", &judged_text);
    scene.govern("greta", "carl", "mapping", &file);
    assert_eq!(scene.open_kinds("1050 USD"), ["clearing_mismatch"], "bank charges are not the processor's");
    let rule = "\n[[explanation]]\nname = \"bank\"\ncategory = \"bank charges\"\nbegins_with = \"BANK-\"\n";
    let file = scene.bench.file("explained.toml", &format!("{judged_text}{rule}"));
    scene.govern("greta", "carl", "mapping", &file);
    assert_eq!(scene.open_kinds("1050 USD"), Vec::<String>::new());
    let right = clearing(&scene);
    assert_eq!(
        (text_of(&right, "state"), text_of(&right, "unexplained")),
        ("explained", "0.00"),
        "{right:#}"
    );
    assert_eq!(right["balance"], right["documents"], "{right:#}");
    // Somebody books a fee on clearing that the processor did not take.
    let line = |account, amount| tieout_sandbox::book::NewLine {
        account,
        amount,
        functional: None,
        memo: None,
        entity: None,
    };
    let (fees, clearing_account) = (610, 105);
    let entry = tieout_sandbox::book::NewEntry {
        external_id: None,
        subsidiary: 1,
        date: "2026-11-16".parse().unwrap(),
        period: None,
        currency: None,
        rate: None,
        memo: "processor, by estimate".to_owned(),
        approval: tieout_sandbox::book::Approval::Approved,
        reverses: None,
        lines: vec![line(fees, 777), line(clearing_account, -777)],
    };
    let id = scene.served.sandbox.netsuite.book().commit(&entry).unwrap();
    scene.sync();
    assert_eq!(scene.open_kinds("1050 USD"), ["clearing_mismatch"]);
    let shown = scene.plainly(["show", &scene.exception("1050 USD", "clearing_mismatch")]).ok().one();
    let told = crate::scene::texts(&shown).join(" ");
    assert!(told.contains("-7.77 USD stays unexplained"), "{told}");
    assert_eq!(text_of(&clearing(&scene), "state"), "differs");
    scene.served.sandbox.netsuite.book().delete_entry(id).unwrap();
    let as_of = judged();
    scene.plainly(["sync", "--full", "--as-of", &as_of]).ok();
    assert_eq!(scene.open_kinds("1050 USD"), Vec::<String>::new());
}
