//! After the approval its approver changes the mapping, with somebody else's help: so that company, customer
//! or accounts would be found elsewhere. What is booked is where it was approved, or nothing is sent.

use tieout_sandbox::book::BookedEntry;

use crate::{
    approval::{content_hash, shown},
    binary::text,
    company::as_of,
    judge::{booked, stands_once, told},
    office::{
        Attack, Lanes, approve, approved, approved_all, copy_of, in_october, mapping, only, post, propose,
        remap, standing, sync,
    },
    papers::{Doc, RECEIVABLE},
};

/// What the document's entries would be looked at for, wherever they are.
fn everywhere(it: &Attack, doc: &Doc) -> Vec<BookedEntry> {
    booked(it.book(), doc)
}

/// It stands as approved, or nothing of it was sent.
#[track_caller]
fn as_approved_or_nowhere(it: &Attack, doc: &Doc) {
    let entries = everywhere(it, doc);
    let elsewhere = entries.iter().any(|entry| entry.subsidiary != doc.subsidiary);
    assert!(!elsewhere, "{} went to another company:{}", doc.reference, told(&entries));
    if !entries.is_empty() {
        stands_once(it.book(), doc, 0);
    }
}

/// The mapping with these companies' ids in the ERP exchanged.
fn exchanged(one: &str, other: &str) -> String {
    let id = |of: &str| format!("erp_id = \"{of}\"\n");
    let text = mapping().replace(&id(one), "erp_id = \"moved\"\n");
    text.replace(&id(other), &id(one)).replace("erp_id = \"moved\"\n", &id(other))
}

fn moved_companies(lanes: Lanes, read: bool) {
    let it = Attack::with(lanes);
    let papers = it.papers.clone();
    let docs = [&papers.gb[0], &papers.us[0], &papers.foreign[0], &papers.notes[0], &papers.payments[0]];
    approved_all(&it.desk, &docs);
    remap(&it.desk, "carl", "cora", &exchanged("1", "2"));
    if read {
        sync(&it.desk);
    }
    post(&it.desk);
    docs.iter().for_each(|doc| as_approved_or_nowhere(&it, doc));
}

#[test]
fn an_approved_posting_is_not_booked_in_another_company() {
    moved_companies(Lanes::Default, false);
}

#[test]
fn an_approved_posting_is_not_booked_in_another_company_with_one_lane() {
    moved_companies(Lanes::One, true);
}

#[test]
fn an_approved_correction_is_not_booked_in_another_company() {
    let it = Attack::begin();
    let doc = it.papers.jp[0].clone();
    it.commit(&in_october(doc.entry(it.book())));
    sync(&it.desk);
    approved(&it.desk, &doc);
    remap(&it.desk, "carl", "cora", &exchanged("4", "1"));
    post(&it.desk);
    let entries = everywhere(&it, &doc);
    let elsewhere = entries.iter().any(|entry| entry.subsidiary != doc.subsidiary);
    assert!(!elsewhere, "it went to another company:{}", told(&entries));
}

/// Where an entry goes is part of what is approved, and so of its hash.
#[test]
fn the_company_is_part_of_what_is_approved() {
    let it = Attack::begin();
    let doc = it.papers.gb[1].clone();
    let other = copy_of(&it.desk);
    remap(&other, "carl", "cora", &exchanged("2", "3"));
    let hash = |desk| content_hash(desk, &propose(desk, &only(desk, &doc)));
    assert_ne!(hash(&it.desk), hash(&other), "two companies, and one hash");
}

#[test]
fn a_customer_is_not_created_in_another_company() {
    let it = Attack::begin();
    let doc = it.papers.stranger.clone();
    approved(&it.desk, &doc);
    remap(&it.desk, "carl", "cora", &exchanged("1", "2"));
    post(&it.desk);
    let home = it.book().customer_subsidiary(&doc.customer).expect("the book answers");
    assert!(home.is_none_or(|home| home == doc.subsidiary), "the customer was created in company {home:?}");
    as_approved_or_nowhere(&it, &doc);
}

#[test]
fn a_customer_that_has_to_be_created_is_shown_before_it_is_approved() {
    let it = Attack::begin();
    let doc = it.papers.stranger.clone();
    let posting = propose(&it.desk, &only(&it.desk, &doc));
    let seen = shown(&it.desk, &posting).to_string();
    assert!(seen.contains(&doc.customer), "{} is not in what is approved: {seen}", doc.customer);
}

/// One that the ERP has is shown as the ERP has it: by its id there, its name, and billing's id.
#[test]
fn a_customer_that_the_erp_has_is_shown_by_its_name() {
    let it = Attack::begin();
    let doc = it.papers.us[0].clone();
    let customer = shown(&it.desk, &propose(&it.desk, &only(&it.desk, &doc)))["steps"][0]["customer"].clone();
    let known = it.book().customer_id(&doc.customer).expect("the book answers").expect("the ERP has it");
    assert_eq!(customer["erp_id"], known.to_string());
    assert_eq!(customer["external_id"], doc.customer.as_str());
    assert!(customer["name"].as_str().is_some_and(|name| name.starts_with("Attacked US01")), "{customer}");
}

/// The other direction: it is created on the way, once, and the entry names it.
#[test]
fn a_customer_that_was_approved_is_created_and_named() {
    let it = Attack::begin();
    let doc = it.papers.stranger.clone();
    approved(&it.desk, &doc);
    post(&it.desk);
    stands_once(it.book(), &doc, 0);
    assert_eq!(it.book().customer_subsidiary(&doc.customer).expect("the book answers"), Some(1));
    let entry = everywhere(&it, &doc).remove(0);
    let receivable = entry.lines.iter().find(|line| line.account == RECEIVABLE).expect("receivables");
    assert_eq!(receivable.customer.as_deref(), Some(doc.customer.as_str()));
}

/// The customers that the document's entries name.
fn customers(it: &Attack, reference: &str) -> Vec<String> {
    let entries = it.book().entries_by_reference(reference).expect("the book answers");
    entries.into_iter().flat_map(|entry| entry.lines).filter_map(|line| line.customer).collect()
}

/// The mapping with the sundry customer of the first company exchanged for one of billing's.
fn other_sundry(it: &Attack) -> String {
    let theirs = format!("sundry_customer = \"{}\"", it.papers.us[0].customer);
    let other = mapping().replace("sundry_customer = \"sundry-US01\"", &theirs);
    assert_ne!(other, mapping(), "the mapping names a sundry customer");
    other
}

/// Billing names the customer of a refund: whoever takes what has none, takes nothing of it.
#[test]
fn an_approved_refund_is_not_booked_on_another_customer() {
    let it = Attack::begin();
    let doc = it.papers.refunds[0].clone();
    assert_eq!(doc.entity, "US01", "its sundry customer is exchanged");
    approved(&it.desk, &doc);
    remap(&it.desk, "carl", "cora", &other_sundry(&it));
    post(&it.desk);
    let named = customers(&it, &doc.reference);
    assert!(named.iter().all(|customer| *customer == doc.customer), "booked on {named:?}");
}

/// A bill out of a file, which names no customer: of the entity whose sundry customer takes it.
fn without_a_customer(it: &Attack) -> String {
    const BILL: &str =
        "Number,Date,Entity,Product,Quantity,Price\nF-1001,2026-09-14,US01,prod_team,1,250.00\n";
    const MAP: &str = "schema = 1\nkind = \"billing\"\ndefault_entity = \"US01\"\n\
        [columns]\nnumber = \"Number\"\ndate = \"Date\"\nentity = \"Entity\"\nproduct = \"Product\"\n\
        quantity = \"Quantity\"\n\
        unit_price = \"Price\"\n[constants]\ncurrency = \"USD\"\n\
        [formats]\ndates = [\"%Y-%m-%d\"]\ndecimal = \".\"\n\
        [documents]\ngroup_by = [\"number\"]\nline_amount = \"quantity_times_price\"\n\
        rounding = \"half_even\"\nsign = \"as_written\"\n\
        [[entity]]\ncode = \"US01\"\nname = \"US\"\nfunctional_currency = \"USD\"\n\
        time_zone = \"America/New_York\"\n[expect]\nreceivable = \"1100\"\nrevenue = \"4000\"\n";
    let path = |name: &str, text: &str| it.desk.file(name, text).to_str().expect("a path is text").to_owned();
    let (bill, map) = (path("bill.csv", BILL), path("bill-map.toml", MAP));
    it.desk.run(None, ["import", "billing", &bill, "--map", &map]).ok();
    sync(&it.desk);
    let list = ["exceptions", "--as-of", &as_of(), "--search", "F-1001"];
    let found = it.desk.run(None, list).ok().one();
    assert_eq!(found["kind"], "unposted", "{found}");
    propose(&it.desk, &text(&found, "id"))
}

#[test]
fn what_names_no_customer_is_not_booked_on_another_than_was_approved() {
    let it = Attack::begin();
    let posting = without_a_customer(&it);
    assert!(shown(&it.desk, &posting).to_string().contains("sundry-US01"), "it is shown before");
    approve(&it.desk, &posting);
    remap(&it.desk, "carl", "cora", &other_sundry(&it));
    post(&it.desk);
    let named = customers(&it, "F-1001");
    assert!(named.iter().all(|customer| customer == "sundry-US01"), "booked on {named:?}");
}

/// The other direction: nobody can be asked for it again, and what was imported is booked as it was approved.
#[test]
fn what_a_file_brought_is_booked_on_the_customer_that_was_approved() {
    let it = Attack::begin();
    let posting = without_a_customer(&it);
    approve(&it.desk, &posting);
    post(&it.desk);
    assert_eq!(standing(&it.desk, &posting).0, "booked", "{:?}", standing(&it.desk, &posting));
    assert_eq!(customers(&it, "F-1001"), ["sundry-US01"]);
}

/// The same number, and another account of the ERP: not what was approved.
#[test]
fn an_approved_entry_is_not_booked_on_another_account_that_took_the_number() {
    let it = Attack::begin();
    let doc = it.papers.us[1].clone();
    assert!(doc.lines.contains_key("4010"), "it has usage");
    approved(&it.desk, &doc);
    it.book().swap_account_numbers("4010", "4900").expect("two accounts");
    post(&it.desk);
    let entries = everywhere(&it, &doc);
    let on_other = entries.iter().any(|entry| entry.lines.iter().any(|line| line.account == "4010"));
    assert!(!on_other, "usage was booked on what was other income:{}", told(&entries));
}

/// Accounts that the mapping gives otherwise since: as approved, or not at all.
#[test]
fn an_approved_entry_keeps_its_accounts() {
    let it = Attack::begin();
    let doc = it.papers.us[2].clone();
    approved(&it.desk, &doc);
    let usage = "product = \"prod_usage\"\naccount = \"4010\"";
    let other = mapping().replace(usage, "product = \"prod_usage\"\naccount = \"4900\"");
    assert_ne!(other, mapping(), "the mapping gives usage an account");
    remap(&it.desk, "carl", "cora", &other);
    post(&it.desk);
    as_approved_or_nowhere(&it, &doc);
}
