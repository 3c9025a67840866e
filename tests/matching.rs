//! Books as a bookkeeper keeps them, with entries that name no document: what is suggested, and what becomes
//! of both sides when people confirm, reject and undo it. Through the binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/scene.rs"]
mod scene;
#[path = "common/switching_on.rs"]
mod switching_on;

#[path = "matching/after.rs"]
mod after;

use binary::{Ran, text};
use scene::Desk;
use serde_json::Value;

const AS_OF: &str = "2026-06-30";

const BILLING_MAP: &str = r#"
schema = 1
kind = "billing"
default_entity = "GB01"
[columns]
number = "Number"
date = "Date"
amount = "Amount"
currency = "Currency"
customer = "Customer"
kind = "Type"
invoice = "Invoice"
[formats]
dates = ["%Y-%m-%d"]
[documents]
line_amount = "amount"
rounding = "half_even"
sign = "by_kind"
[kinds]
invoice = ["invoice"]
payment = ["payment"]
[[entity]]
code = "GB01"
functional_currency = "GBP"
time_zone = "Europe/London"
[expect]
receivable = "1100"
revenue = "4000"
clearing = "1010"
fees = "6100"
"#;

const GL_MAP: &str = r#"
schema = 1
kind = "gl"
[columns]
journal = "Num"
reference = "Name"
entity = "Class"
posting_date = "Date"
account = "Account"
debit = "Debit"
credit = "Credit"
currency = "Currency"
memo = "Memo/Description"
[formats]
dates = ["%d/%m/%Y"]
[[entity]]
code = "GB01"
functional_currency = "GBP"
time_zone = "Europe/London"
[expect]
receivable = "1100"
revenue = "4000"
"#;

/// What was paid out to the bank, as the processor's report has it.
const PAYOUTS_MAP: &str = r#"
schema = 1
kind = "billing"
default_entity = "GB01"
[columns]
number = "Id"
date = "Date"
amount = "Amount"
currency = "Currency"
kind = "Type"
[formats]
dates = ["%Y-%m-%d"]
[documents]
line_amount = "amount"
rounding = "half_even"
sign = "by_kind"
[kinds]
payout = ["payout"]
[[entity]]
code = "GB01"
functional_currency = "GBP"
time_zone = "Europe/London"
[expect]
receivable = "1100"
revenue = "4000"
clearing = "1050"
fees = "6100"
bank = "1010"
"#;

/// Five invoices and four payments, of three customers.
const BILLING: &str = "\
Number,Date,Amount,Currency,Customer,Type,Invoice
INV-0101,2026-01-15,1200.00,GBP,Acme Industries Ltd,invoice,
INV-0102,2026-01-20,600.00,GBP,Blue Ocean Shipping,invoice,
INV-0103,2026-01-25,90.00,GBP,Blue Ocean Shipping,invoice,
INV-0104,2026-01-28,318.50,GBP,Northwind Traders,invoice,
INV-0105,2026-01-30,45.00,GBP,Northwind Traders,invoice,
PAY-1,2026-02-10,1200.00,GBP,Acme Industries Ltd,payment,INV-0101
PAY-2,2026-02-12,600.00,GBP,Blue Ocean Shipping,payment,INV-0102
PAY-3,2026-02-12,90.00,GBP,Blue Ocean Shipping,payment,INV-0103
PAY-4,2026-02-20,318.50,GBP,Northwind Traders,payment,INV-0104
";

/// The same books as somebody exports them from QuickBooks: invoices under their numbers but for one that has
/// the customer's name; payments as the bank's feed has them; one deposit for two payments.
const LEDGER: &str = "\
Num,Date,Name,Class,Memo/Description,Account,Debit,Credit,Currency
1,15/01/2026,INV-0101,GB01,Invoice,1100,1200.00,,GBP
1,15/01/2026,INV-0101,GB01,Invoice,4000,,1200.00,GBP
2,20/01/2026,INV-0102,GB01,Invoice,1100,600.00,,GBP
2,20/01/2026,INV-0102,GB01,Invoice,4000,,600.00,GBP
3,25/01/2026,INV-0103,GB01,Invoice,1100,90.00,,GBP
3,25/01/2026,INV-0103,GB01,Invoice,4000,,90.00,GBP
4,28/01/2026,Northwind Traders,GB01,Jan licence,1100,318.50,,GBP
4,28/01/2026,Northwind Traders,GB01,Jan licence,4000,,318.50,GBP
5,30/01/2026,INV-0105,GB01,Invoice,1100,45.00,,GBP
5,30/01/2026,INV-0105,GB01,Invoice,4000,,45.00,GBP
6,11/02/2026,,GB01,FPI ACME INDUST REF 8837,1010,1200.00,,GBP
6,11/02/2026,,GB01,FPI ACME INDUST REF 8837,1100,,1200.00,GBP
7,13/02/2026,Deposit,GB01,BLUE OCEAN,1010,690.00,,GBP
7,13/02/2026,Deposit,GB01,BLUE OCEAN,1100,,690.00,GBP
8,21/02/2026,,GB01,Northwind part of Jan,1010,300.00,,GBP
8,21/02/2026,,GB01,Northwind part of Jan,1100,,300.00,GBP
";

/// Four wires of one customer, under a name that billing does not know.
const ALIASED: &str = "\
Num,Date,Name,Class,Memo/Description,Account,Debit,Credit,Currency
21,16/01/2026,,GB01,MERIDIANO HLDG 8837,1100,600.00,,GBP
21,16/01/2026,,GB01,MERIDIANO HLDG 8837,4000,,600.00,GBP
22,26/01/2026,,GB01,Transfer MERIDIANO (HLDG),1100,90.00,,GBP
22,26/01/2026,,GB01,Transfer MERIDIANO (HLDG),4000,,90.00,GBP
23,13/02/2026,,GB01,MERIDIANO HLDG,1010,600.00,,GBP
23,13/02/2026,,GB01,MERIDIANO HLDG,1100,,600.00,GBP
24,14/02/2026,,GB01,Wire from Meridiano Hldg,1010,90.00,,GBP
24,14/02/2026,,GB01,Wire from Meridiano Hldg,1100,,90.00,GBP
";

fn books() -> Desk {
    books_of(LEDGER)
}

/// The same billing beside another ledger.
fn books_of(ledger: &str) -> Desk {
    let desk = Desk::of_people();
    import(&desk, "GB01", ledger);
    desk
}

/// Imports billing and this ledger as the books of this entity.
fn import(desk: &Desk, entity: &str, ledger: &str) {
    for (name, contents) in
        [("b.csv", BILLING), ("b.toml", BILLING_MAP), ("g.csv", ledger), ("g.toml", GL_MAP)]
    {
        desk.bench.file(name, &contents.replace("GB01", entity));
    }
    let path = |name: &str| desk.bench.folder.path().join(name).to_str().unwrap().to_owned();
    for (what, file, map) in [("billing", "b.csv", "b.toml"), ("gl", "g.csv", "g.toml")] {
        desk.plainly(["import", what, &path(file), "--map", &path(map), "--as-of", AS_OF]).ok();
    }
}

/// Open exceptions as `reference kind`, sorted.
fn open(desk: &Desk) -> Vec<String> {
    let mut found: Vec<String> = desk
        .bench
        .exceptions(AS_OF)
        .iter()
        .map(|one| format!("{} {}", text(one, "external_ref"), text(one, "kind")))
        .collect();
    found.sort();
    found
}

fn suggestions(desk: &Desk) -> Vec<Value> {
    desk.plainly(["match", "list"]).ok().lines()
}

/// The suggestion about the entry of this number.
#[track_caller]
fn suggested(desk: &Desk, number: &str) -> Value {
    let all = suggestions(desk);
    let found = all.iter().find(|one| one["entries"][0]["number"] == number);
    found.unwrap_or_else(|| panic!("nothing is suggested for {number}: {all:#?}")).clone()
}

fn documents(suggestion: &Value) -> Vec<String> {
    suggestion["documents"].as_array().unwrap().iter().map(|one| text(one, "reference")).collect()
}

fn code(ran: &Ran) -> String {
    text(&ran.lines()[0], "code")
}

/// What is open before anybody said anything.
const BEFORE: [&str; 9] = [
    "6 orphan_journal",
    "8 orphan_journal",
    "Deposit orphan_journal",
    "INV-0104 unposted",
    "Northwind Traders orphan_journal",
    "PAY-1 unposted",
    "PAY-2 unposted",
    "PAY-3 unposted",
    "PAY-4 unposted",
];

#[test]
fn a_bookkeepers_words_are_suggested_and_confirming_them_ties_both_sides_out() {
    let desk = books();
    assert_eq!(open(&desk), BEFORE);
    assert_eq!(documents(&suggested(&desk, "6")), ["PAY-1"]);
    assert_eq!(documents(&suggested(&desk, "4")), ["INV-0104"]);
    assert_eq!(documents(&suggested(&desk, "7")), ["PAY-2", "PAY-3"]);
    let first = text(&suggested(&desk, "6"), "id");
    assert_eq!(code(&desk.run("ana", ["match", "confirm", &first]).ok()), "confirmed");
    let deposit = text(&suggested(&desk, "7"), "id");
    assert_eq!(
        code(&desk.run("ana", ["match", "confirm", &deposit]).ok()),
        "confirmed",
        "it is of one customer"
    );
    let raised = text(&suggested(&desk, "4"), "id");
    desk.run("ana", ["match", "confirm", &raised]).ok();
    assert_eq!(open(&desk), ["8 orphan_journal", "PAY-4 unposted"]);
    for cell in desk.plainly(["tie-out", "--as-of", AS_OF]).ok().lines() {
        assert_eq!(text(&cell, "unexplained"), "0.00", "{cell}");
    }
    desk.run("ana", ["match", "undo", &deposit, "--reason", "It was another customer's"]).ok();
    let mut back = vec!["8 orphan_journal", "Deposit orphan_journal", "PAY-2 unposted", "PAY-3 unposted"];
    back.push("PAY-4 unposted");
    assert_eq!(open(&desk), back);
    assert_eq!(documents(&suggested(&desk, "7")), ["PAY-2", "PAY-3"], "it may be confirmed again");
    assert_eq!(desk.plainly(["verify"]).ok().one()["sound"], true);
    let log = desk.bench.folder.path().join("log.csv");
    desk.plainly(["export", "log", "--to", log.to_str().unwrap()]).ok();
    let log = std::fs::read_to_string(log).unwrap();
    for what in ["match_confirmed", "match_undone"] {
        assert!(log.contains(what), "{what}");
    }
}

#[test]
fn what_does_not_come_to_the_same_counts_once_a_second_person_confirms_it_too() {
    let desk = books();
    let both = ["match", "confirm", "--entry", "8", "--document", "PAY-4"];
    desk.run("ana", both).refused("reason_missing");
    let with = |reason| [&both[..], &["--reason", reason]].concat();
    let ran = desk.run("ana", with("They still owe 18.50")).ok();
    assert_eq!(code(&ran), "proposed");
    let before: Vec<&str> = BEFORE.to_vec();
    assert_eq!(open(&desk), before, "one of two is not enough");
    let waiting = suggestions(&desk).into_iter().find(|one| one["state"] == "proposed").unwrap();
    let id = text(&waiting, "id");
    assert_eq!(waiting["difference"], "18.50");
    desk.run("ana", ["match", "confirm", &id]).refused("second_confirmer_is_another");
    desk.run("aud", ["match", "confirm", &id]).refused("auditor_reads_only");
    assert_eq!(code(&desk.run("greta", ["match", "confirm", &id]).ok()), "confirmed");
    let after = open(&desk);
    assert!(!after.contains(&"8 orphan_journal".to_owned()), "{after:?}");
    assert!(after.contains(&"PAY-4 amount_mismatch".to_owned()), "what is short is said: {after:?}");
}

/// Has greta bring a mapping in that takes so much as equal, and carl approve it.
fn tolerate(desk: &Desk, amount: &str) {
    let mapping = format!(
        "version = 2\n[[entity]]\ncode = \"GB01\"\nfunctional_currency = \"GBP\"\n\
         time_zone = \"Europe/London\"\ntolerance = \"{amount}\"\n[entity.accounts]\n\
         receivable = \"1100\"\nclearing = \"1010\"\nfees = \"6100\"\n[[entity_rule]]\n\
         entity = \"GB01\"\n[[revenue]]\nproduct = \"*\"\naccount = \"4000\"\n"
    );
    let file = desk.bench.file("mapping.toml", &mapping);
    let change = desk.run("greta", ["import", "mapping", file.to_str().unwrap()]).ok().one();
    desk.run("carl", ["approve", &text(&change, "id")]).ok();
}

#[test]
fn what_is_apart_within_the_tolerance_is_suggested_and_one_person_confirms_it() {
    let desk = books();
    assert!(suggestions(&desk).iter().all(|one| one["entries"][0]["number"] != "8"), "nobody tolerates it");
    tolerate(&desk, "18.50");
    let near = suggested(&desk, "8");
    assert_eq!((documents(&near), text(&near, "difference")), (vec!["PAY-4".to_owned()], "18.50".to_owned()));
    assert_eq!(near["reasons"][0], "amount within the tolerance");
    assert_eq!(near["second"], Value::Null);
    assert_eq!(code(&desk.run("ana", ["match", "confirm", &text(&near, "id")]).ok()), "confirmed");
    let after = open(&desk);
    assert!(!after.iter().any(|one| one.starts_with("8 ") || one.starts_with("PAY-4 ")), "{after:?}");
    let lines = desk.plainly(["tie-out", "--lines", "--as-of", AS_OF]).ok().lines();
    let kept = lines.iter().find(|line| line["kind"] == "tolerance" && line["account"] == "1100");
    assert_eq!(
        kept.map(|line| text(line, "amount")),
        Some("18.50".to_owned()),
        "it stands there: {lines:#?}"
    );
}

#[test]
fn what_is_apart_beyond_the_tolerance_takes_another_person_too() {
    let desk = books();
    tolerate(&desk, "18.49");
    assert!(suggestions(&desk).iter().all(|one| one["entries"][0]["number"] != "8"), "it is beyond");
    let by_hand =
        ["match", "confirm", "--entry", "8", "--document", "PAY-4", "--reason", "They owe the rest"];
    let first = desk.run("ana", by_hand).ok();
    assert_eq!(code(&first), "proposed");
    let said = text(&first.lines()[0], "message");
    assert!(said.contains("18.50 GBP apart") && said.contains("tolerance of GB01 is 18.49 GBP"), "{said}");
    let waiting = suggestions(&desk).into_iter().find(|one| one["state"] == "proposed").unwrap();
    let id = text(&waiting, "id");
    desk.run("ana", ["match", "confirm", &id]).refused("second_confirmer_is_another");
    assert!(open(&desk).contains(&"8 orphan_journal".to_owned()), "one of two is not enough");
    assert_eq!(code(&desk.run("greta", ["match", "confirm", &id]).ok()), "confirmed");
    let after = open(&desk);
    assert!(!after.contains(&"8 orphan_journal".to_owned()), "{after:?}");
    assert!(after.contains(&"PAY-4 amount_mismatch".to_owned()), "{after:?}");
}

#[test]
fn a_deposit_over_two_customers_takes_another_person_however_right_its_sum_is() {
    let desk = books_of(&LEDGER.replace("690.00", "918.50"));
    let both = ["match", "confirm", "--entry", "7", "--document", "PAY-2", "--document", "PAY-4"];
    let ran = desk.run("ana", [&both[..], &["--reason", "One wire for both"]].concat()).ok();
    assert_eq!(code(&ran), "proposed");
    assert!(text(&ran.lines()[0], "message").contains("over 2 customers"), "{ran:?}");
    let waiting = suggestions(&desk).into_iter().find(|one| one["state"] == "proposed").unwrap();
    assert_eq!(text(&waiting, "difference"), "0.00");
    let id = text(&waiting, "id");
    desk.run("ana", ["match", "confirm", &id]).refused("second_confirmer_is_another");
    desk.run("greta", ["match", "confirm", &id]).ok();
    let after = open(&desk);
    assert!(!after.iter().any(|one| one.starts_with("PAY-2 ") || one.starts_with("Deposit ")), "{after:?}");
}

#[test]
fn a_deposit_that_names_no_payout_is_suggested_by_amount_and_date_and_ties_out_once_confirmed() {
    let desk = books();
    let payouts = "Id,Date,Amount,Currency,Type\npo_1,2026-03-02,911.20,GBP,payout\n\
                   po_2,2026-03-09,455.00,GBP,payout\n";
    let (file, map) = (desk.bench.file("po.csv", payouts), desk.bench.file("po.toml", PAYOUTS_MAP));
    let (file, map) = (file.to_str().unwrap(), map.to_str().unwrap());
    desk.plainly(["import", "billing", file, "--map", map, "--connection", "payouts", "--as-of", AS_OF]).ok();
    // The bank's feed: one is po_1's, two days later; the other is nobody's.
    let feed = "9,04/03/2026,,GB01,STRIPE PAYMENTS UK,1010,911.20,,GBP\n\
                9,04/03/2026,,GB01,STRIPE PAYMENTS UK,1050,,911.20,GBP\n\
                10,12/03/2026,,GB01,STRIPE PAYMENTS UK,1010,333.33,,GBP\n\
                10,12/03/2026,,GB01,STRIPE PAYMENTS UK,1050,,333.33,GBP\n";
    let ledger = desk.bench.file("g2.csv", &format!("{LEDGER}{feed}"));
    let map = desk.bench.folder.path().join("g.toml");
    let (ledger, map) = (ledger.to_str().unwrap().to_owned(), map.to_str().unwrap().to_owned());
    desk.plainly(["import", "gl", &ledger, "--map", &map, "--connection", "g", "--as-of", AS_OF]).ok();
    let found = suggested(&desk, "9");
    assert_eq!((documents(&found), text(&found, "rule")), (vec!["po_1".to_owned()], "payout".to_owned()));
    assert_eq!(found["reasons"][1], "booked 2 days later");
    assert!(suggestions(&desk).iter().all(|one| one["entries"][0]["number"] != "10"), "it fits nothing");
    let unmatched = desk.plainly(["match", "list", "--open", "--search", "STRIPE"]).ok().lines();
    assert!(unmatched.iter().any(|one| one["number"] == "10" && one["amount"] == "-333.33"), "{unmatched:?}");
    assert!(open(&desk).contains(&"po_1 unposted".to_owned()));
    assert_eq!(code(&desk.run("ana", ["match", "confirm", &text(&found, "id")]).ok()), "confirmed");
    let after = open(&desk);
    assert!(!after.iter().any(|one| one.starts_with("po_1 ")), "{after:?}");
    assert!(after.contains(&"po_2 unposted".to_owned()), "{after:?}");
    let unmatched = desk.plainly(["match", "list", "--open", "--search", "STRIPE"]).ok().lines();
    assert_eq!(unmatched.iter().map(|one| text(one, "number")).collect::<Vec<_>>(), ["10"]);
}

/// The rules that are offered.
fn rules(desk: &Desk) -> Vec<Value> {
    desk.plainly(["match", "rules"]).ok().lines()
}

/// Confirms what is suggested for the entry of this number.
fn confirm(desk: &Desk, number: &str) {
    let id = text(&suggested(desk, number), "id");
    assert_eq!(code(&desk.run("ana", ["match", "confirm", &id]).ok()), "confirmed");
}

/// A ledger whose invoices have the country before their numbers.
fn prefixed() -> String {
    ["INV-0101", "INV-0102", "INV-0103", "INV-0105"]
        .iter()
        .fold(LEDGER.to_owned(), |text, name| text.replace(&format!(",{name},"), &format!(",GB/{name},")))
}

#[test]
fn three_confirmations_of_one_prefix_offer_a_rule_that_another_person_approves() {
    let desk = books_of(&prefixed());
    tolerate(&desk, "0.00");
    confirm(&desk, "1");
    confirm(&desk, "2");
    assert_eq!(rules(&desk), Vec::<Value>::new(), "two are no pattern");
    confirm(&desk, "3");
    let offered = rules(&desk);
    assert_eq!(offered.len(), 1, "{offered:#?}");
    let offer = &offered[0];
    assert_eq!(text(offer, "says"), "g writes GB/ before the names of documents, in 3 confirmed matches");
    assert!(open(&desk).contains(&"INV-0105 unposted".to_owned()), "an offer is no rule");
    let id = text(offer, "id");
    desk.run("aud", ["match", "rules", "--propose", &id]).refused("auditor_reads_only");
    desk.run("ana", ["match", "rules", "--propose", "rule_0"]).refused("not_found");
    let change = desk.run("ana", ["match", "rules", "--propose", &id]).ok().one();
    assert_eq!(text(&change, "state"), "inert");
    assert_eq!(text(&rules(&desk)[0], "proposed"), text(&change, "id"));
    desk.run("ana", ["match", "rules", "--propose", &id]).refused("nothing_to_decide");
    assert!(open(&desk).contains(&"INV-0105 unposted".to_owned()), "a proposal is no rule");
    let approve = ["approve", &text(&change, "id")];
    desk.run("ana", approve).refused("author_of_a_change_does_not_decide_it");
    desk.run("carl", approve).ok();
    let after = open(&desk);
    assert!(!after.iter().any(|one| one.contains("INV-0105")), "it ties by the rule: {after:?}");
    assert_eq!(rules(&desk), Vec::<Value>::new(), "what the mapping says is not offered");
    assert_eq!(desk.plainly(["verify"]).ok().one()["sound"], true);
}

#[test]
fn three_confirmations_of_another_name_offer_it_and_suggestions_know_the_customer_by_it() {
    let desk = books_of(ALIASED);
    tolerate(&desk, "0.00");
    for number in ["21", "22", "23"] {
        assert_eq!(rules(&desk), Vec::<Value>::new());
        confirm(&desk, number);
    }
    let offered = rules(&desk);
    assert_eq!(offered.len(), 1, "{offered:#?}");
    assert_eq!(
        text(&offered[0], "says"),
        "the ledger's texts call Blue Ocean Shipping MERIDIANO HLDG, in 3 confirmed matches"
    );
    let before = suggested(&desk, "24");
    let change = desk.run("ana", ["match", "rules", "--propose", &text(&offered[0], "id")]).ok().one();
    desk.run("carl", ["approve", &text(&change, "id")]).ok();
    let after = suggested(&desk, "24");
    assert_eq!(documents(&before), documents(&after));
    let points = |one: &Value| one["points"].as_u64().unwrap();
    assert!(points(&after) > points(&before), "{before:#?} {after:#?}");
    let said = after["reasons"].as_array().unwrap().iter().any(|why| {
        why == "its text says MERIDIANO HLDG, which is Blue Ocean Shipping by a rule of the mapping"
    });
    assert!(said, "{after:#?}");
    assert!(open(&desk).contains(&"24 orphan_journal".to_owned()), "nothing is matched by it alone");
}

#[test]
fn a_rejected_suggestion_does_not_come_back_and_an_auditor_decides_nothing() {
    let desk = books();
    let id = text(&suggested(&desk, "6"), "id");
    for verb in [&["match", "confirm", &id][..], &["match", "reject", &id, "--reason", "no"]] {
        desk.run("aud", verb.iter().copied()).refused("auditor_reads_only");
    }
    desk.run("ana", ["match", "reject", &id, "--reason", " "]).refused("reason_missing");
    desk.run("ana", ["match", "reject", &id, "--reason", "A loan"]).ok();
    let numbers = |desk: &Desk| -> Vec<String> {
        suggestions(desk).iter().map(|one| text(&one["entries"][0], "number")).collect()
    };
    assert!(!numbers(&desk).contains(&"6".to_owned()));
    assert_eq!(open(&desk), BEFORE);
    desk.run("ana", ["match", "confirm", &id]).refused("match_unfit");
    let decided = desk.plainly(["match", "list", "--decided"]).ok().one();
    assert_eq!((text(&decided, "state"), text(&decided, "reason")), ("rejected".into(), "A loan".into()));
    desk.run("ana", ["match", "undo", &id, "--reason", "It was right"]).ok();
    assert!(numbers(&desk).contains(&"6".to_owned()));
}

#[test]
fn what_is_no_match_is_refused_with_the_reason() {
    let desk = books();
    let hand = |entry: &str, document: &str| {
        desk.run("ana", ["match", "confirm", "--entry", entry, "--document", document, "--reason", "x"])
    };
    hand("6", "INV-0101").refused("match_unfit");
    hand("1", "PAY-1").refused("match_unfit");
    hand("66", "PAY-1").refused("match_unfit");
    desk.run("ana", ["match", "confirm", "mat_none"]).refused("match_unfit");
    desk.run("ana", ["match", "undo", "mat_none", "--reason", "x"]).refused("not_found");
    assert_eq!(open(&desk), BEFORE, "nothing is half-written");
    let unmatched = desk.plainly(["match", "list", "--open"]).ok().lines();
    assert_eq!(unmatched.len(), 9, "four entries and five documents");
}

#[test]
fn a_file_that_names_its_entity_is_judged_by_its_own_map_where_the_approved_mapping_does_not_know_it() {
    let desk = Desk::of_people();
    desk.govern(scene::ADMINISTRATOR, "carl", "mapping", &scene::mapping());
    import(&desk, "ZZ01", LEDGER);
    assert_eq!(open(&desk), BEFORE);
}
