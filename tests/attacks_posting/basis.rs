//! What an approval rests on moves before the send: billing voids or amends the document. The old amount is
//! not booked; the posting waits for a new decision and says why. What leaves it as it is, voids nothing.

use tieout_sandbox::{book::NewEntry, stripe::Command};

use crate::{
    approval,
    company::ONE_APPROVER,
    judge::{absent, booked, stands_once, untouched},
    office::{
        Attack, Lanes, approve, approved, approved_all, in_october, mapping, of_kind, only, post, posting,
        propose, remap, standing, sync, went_back,
    },
    papers::Doc,
};

const TWO_APPROVERS: &str = "schema = 1\n[[tier]]\nentity = \"*\"\nkind = \"*\"\ncurrency = \"*\"\n\
                             up_to = \"unlimited\"\napprovals = \"two\"\n";

/// Every document that billing takes back after it was approved, and one that it does not.
fn taken_back(lanes: Lanes, read: bool) {
    let it = Attack::with(lanes);
    let papers = it.papers.clone();
    let (invoice, note) = (&papers.us[0], &papers.notes[0]);
    // A dispute takes back what the payment brought, by a document of its own: the payment stays what it was.
    let (refund, payment) = (&papers.refunds[0], &papers.payments[0]);
    let kept = &papers.us[1];
    let moved = [invoice, note, refund];
    let mut postings = approved_all(&it.desk, &[invoice, note, refund, payment, kept]);
    let staying = postings.split_off(3);
    it.bill(Command::VoidInvoice { invoice: invoice.id.clone() });
    it.bill(Command::VoidCreditNote { credit_note: note.id.clone() });
    it.bill(Command::FailRefund { refund: refund.id.clone() });
    it.bill(Command::DisputeCharge { charge: payment.id.clone() });
    if read {
        sync(&it.desk);
    }
    post(&it.desk);
    moved.iter().for_each(|doc| absent(it.book(), doc));
    stands_once(it.book(), kept, 0);
    stands_once(it.book(), payment, 0);
    staying.iter().for_each(|id| assert_eq!(standing(&it.desk, id).0, "booked"));
    for id in &postings {
        went_back(&it.desk, id, "basis_moved");
        let why = posting(&it.desk, id)["failure"].as_str().unwrap_or_default().to_owned();
        assert!(!why.is_empty(), "it says what moved");
        approval::approve(&it.desk, "carl", id).refused("basis_moved");
    }
    post(&it.desk);
    moved.iter().for_each(|doc| absent(it.book(), doc));
}

#[test]
fn what_billing_took_back_after_approval_is_not_booked() {
    taken_back(Lanes::Default, true);
}

#[test]
fn what_billing_took_back_and_nobody_read_is_not_booked() {
    taken_back(Lanes::Default, false);
}

#[test]
fn what_billing_took_back_and_nobody_read_is_not_booked_with_one_lane() {
    taken_back(Lanes::One, false);
}

/// Amended up and down, in cents and in yen.
fn amended(read: bool) {
    let it = Attack::begin();
    let papers = it.papers.clone();
    let docs = [(&papers.us[2], 3_000), (&papers.gb[0], -1), (&papers.jp[0], 1), (&papers.foreign[0], 250)];
    let postings = approved_all(&it.desk, &docs.map(|(doc, _)| doc));
    for (doc, by) in &docs {
        it.bill(Command::AmendInvoice { invoice: doc.id.clone(), by: *by });
    }
    if read {
        sync(&it.desk);
    }
    post(&it.desk);
    docs.iter().for_each(|(doc, _)| absent(it.book(), doc));
    postings.iter().for_each(|id| went_back(&it.desk, id, "basis_moved"));
}

#[test]
fn an_invoice_that_was_amended_after_approval_is_not_booked_as_it_was() {
    amended(true);
}

#[test]
fn an_invoice_that_was_amended_unread_is_not_booked_as_it_was() {
    amended(false);
}

#[test]
fn an_approval_after_an_amendment_is_refused() {
    let it = Attack::begin();
    let docs = [it.papers.us[0].clone(), it.papers.jp[1].clone()];
    let postings: Vec<String> = docs.iter().map(|doc| propose(&it.desk, &only(&it.desk, doc))).collect();
    for doc in &docs {
        it.bill(Command::AmendInvoice { invoice: doc.id.clone(), by: 10 });
    }
    sync(&it.desk);
    for id in &postings {
        approval::approve(&it.desk, "carl", id).refused("basis_moved");
    }
    post(&it.desk);
    docs.iter().for_each(|doc| absent(it.book(), doc));
}

/// A whole set goes back: neither the reversal nor the repost of the old amount goes out.
fn a_set(change: impl Fn(&Attack, &Doc), read: bool) {
    let it = Attack::begin();
    let doc = it.papers.gb[1].clone();
    it.commit(&in_october(doc.entry(it.book())));
    sync(&it.desk);
    let id = approved(&it.desk, &doc);
    change(&it, &doc);
    if read {
        sync(&it.desk);
    }
    let before = booked(it.book(), &doc);
    post(&it.desk);
    untouched(it.book(), &doc, &before);
    went_back(&it.desk, &id, "basis_moved");
}

#[test]
fn a_correcting_set_whose_invoice_was_amended_does_not_go_out() {
    a_set(|it, doc| it.bill(Command::AmendInvoice { invoice: doc.id.clone(), by: 500 }), true);
}

#[test]
fn a_correcting_set_whose_invoice_was_voided_unread_does_not_go_out() {
    a_set(|it, doc| it.bill(Command::VoidInvoice { invoice: doc.id.clone() }), false);
}

/// Nothing is left to be done: the reversal that was approved would undo the document's only entry.
#[test]
fn a_surplus_is_not_reversed_after_somebody_reversed_the_other_entry() {
    let it = Attack::begin();
    let doc = it.papers.us[1].clone();
    let first = it.commit(&doc.entry(it.book()));
    it.commit(&doc.entry(it.book()));
    sync(&it.desk);
    assert_eq!(only(&it.desk, &doc), of_kind(&it.desk, &doc, "duplicate_posting"));
    approved(&it.desk, &doc);
    let mut undo = doc.entry(it.book());
    undo.lines.iter_mut().for_each(|line| line.amount = -line.amount);
    it.commit(&NewEntry { reverses: Some(first), ..undo });
    sync(&it.desk);
    post(&it.desk);
    stands_once(it.book(), &doc, 1);
}

/// The same, and nobody has read it: neither by a link nor by amounts alone is one left undone twice.
fn the_other_was_reversed_unread(linked: bool) {
    let it = Attack::begin();
    let doc = it.papers.gb[2].clone();
    let first = it.commit(&doc.entry(it.book()));
    it.commit(&doc.entry(it.book()));
    sync(&it.desk);
    let id = approved(&it.desk, &doc);
    let mut undo = doc.entry(it.book());
    undo.lines.iter_mut().for_each(|line| line.amount = -line.amount);
    it.commit(&NewEntry { reverses: linked.then_some(first), ..undo });
    post(&it.desk);
    stands_once(it.book(), &doc, 1);
    let (state, code) = standing(&it.desk, &id);
    assert!(!code.is_empty() && state != "booked", "it says why: {state} {code}");
}

#[test]
fn a_surplus_is_not_reversed_after_somebody_reversed_the_other_entry_unread() {
    the_other_was_reversed_unread(true);
}

#[test]
fn a_surplus_is_not_reversed_after_somebody_undid_the_other_entry_by_hand_unread() {
    the_other_was_reversed_unread(false);
}

#[test]
fn a_surplus_is_not_reversed_after_the_entry_that_was_to_stay_was_changed() {
    let it = Attack::begin();
    let doc = it.papers.jp[0].clone();
    let first = it.commit(&doc.entry(it.book()));
    it.commit(&doc.entry(it.book()));
    sync(&it.desk);
    let id = approved(&it.desk, &doc);
    it.book().edit(first, |entry| entry.lines.iter_mut().for_each(|line| line.amount *= 2)).expect("an edit");
    let before = booked(it.book(), &doc);
    post(&it.desk);
    untouched(it.book(), &doc, &before);
    went_back(&it.desk, &id, "basis_moved");
    // Who decides again decides on what the ledger holds now.
    sync(&it.desk);
    approval::approve(&it.desk, "carl", &id).refused("basis_moved");
}

/// The other direction: while the other one stands as it was, the surplus is reversed, and once.
#[test]
fn a_surplus_is_reversed_while_the_other_entry_stands() {
    let it = Attack::begin();
    let doc = it.papers.us[3].clone();
    it.commit(&doc.entry(it.book()));
    it.commit(&doc.entry(it.book()));
    sync(&it.desk);
    let id = approved(&it.desk, &doc);
    post(&it.desk);
    assert_eq!(standing(&it.desk, &id).0, "booked", "{:?}", standing(&it.desk, &id));
    stands_once(it.book(), &doc, 1);
}

/// Billing does not answer: nothing is booked unseen, and what was approved stays approved and goes out once
/// it does.
#[test]
fn what_billing_cannot_be_asked_about_is_not_sent_until_it_can() {
    let it = Attack::begin();
    let docs = [it.papers.us[0].clone(), it.papers.payments[0].clone(), it.papers.gb[0].clone()];
    let postings = approved_all(&it.desk, &[&docs[0], &docs[1], &docs[2]]);
    it.break_billing(true);
    post(&it.desk);
    docs.iter().for_each(|doc| absent(it.book(), doc));
    for id in &postings {
        assert_eq!(standing(&it.desk, id), ("queued".to_owned(), "billing_not_read".to_owned()));
        let why = posting(&it.desk, id)["failure"].as_str().unwrap_or_default().to_owned();
        assert!(why.contains("stripe-"), "it does not say who did not answer: {why}");
    }
    it.break_billing(false);
    it.bill(Command::VoidInvoice { invoice: docs[0].id.clone() });
    it.desk.run(None, ["post", "--wait", "30"]).ok();
    absent(it.book(), &docs[0]);
    went_back(&it.desk, &postings[0], "basis_moved");
    docs[1..].iter().for_each(|doc| stands_once(it.book(), doc, 0));
}

/// A document is asked for by its id, once for each call that changes something in the ERP at most: posting
/// many does not read all of billing again.
#[test]
fn each_document_is_read_again_by_itself() {
    let it = Attack::begin();
    let docs: Vec<&Doc> = it.papers.us.iter().chain(&it.papers.gb).collect();
    approved_all(&it.desk, &docs);
    let before = it.billing_requests();
    post(&it.desk);
    docs.iter().for_each(|doc| stands_once(it.book(), doc, 0));
    let asked = it.billing_requests() - before;
    let count = docs.len() as u64;
    assert!((count..=2 * count).contains(&asked), "{asked} requests to billing for {count} invoices");
}

/// The other direction: what changes elsewhere, in billing, mapping or policy, voids nothing.
#[test]
fn what_leaves_a_posting_as_it_is_voids_nothing() {
    let it = Attack::begin();
    let papers = it.papers.clone();
    let docs = [&papers.us[3], &papers.notes[1], &papers.foreign[1]];
    let postings = approved_all(&it.desk, &docs);
    it.bill(Command::AmendInvoice { invoice: it.papers.us[0].id.clone(), by: 100 });
    let more = "# One more product\n[[revenue]]\nproduct = \"prod_legacy_addon\"\naccount = \"4900\"\n";
    remap(&it.desk, "ana", "cora", &format!("{}{more}", mapping()));
    sync(&it.desk);
    post(&it.desk);
    for (doc, id) in docs.iter().zip(&postings) {
        assert_eq!(standing(&it.desk, id).0, "booked", "{:?}", standing(&it.desk, id));
        stands_once(it.book(), doc, 0);
    }
}

/// Has a policy brought in by ana and approved by cora.
fn govern(it: &Attack, policy: &str) {
    let file = it.desk.file("another-policy.toml", policy);
    let file = file.to_str().expect("a path is text");
    let change = it.desk.run(Some("ana"), ["import", "policy", file]).ok().one();
    it.desk.run(Some("cora"), ["approve", change["id"].as_str().expect("an id")]).ok();
}

/// The other direction, for who may approve: the same rules in other words void nothing, stricter ones do.
#[test]
fn a_policy_voids_what_it_would_not_have_let_pass_and_nothing_else() {
    let it = Attack::begin();
    let (first, second) = (it.papers.us[0].clone(), it.papers.jp[2].clone());
    let id = approved(&it.desk, &first);
    govern(&it, &format!("# The same, in the auditors' words\n{ONE_APPROVER}"));
    post(&it.desk);
    assert_eq!(standing(&it.desk, &id).0, "booked", "{:?}", standing(&it.desk, &id));
    stands_once(it.book(), &first, 0);

    let id = propose(&it.desk, &only(&it.desk, &second));
    approve(&it.desk, &id);
    govern(&it, TWO_APPROVERS);
    post(&it.desk);
    absent(it.book(), &second);
}
