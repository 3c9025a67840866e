//! A person decides on what they were shown, and whoever puts an exception aside stops what is on its way.

use crate::{
    approval::content_hash,
    binary::{Ran, text},
    judge::{absent, booked, stands_once, untouched},
    office::{Attack, Lanes, approve, approved_all, in_october, only, post, propose, standing, sync},
};

/// Carl approves with this hash.
fn approve_seen(it: &Attack, id: &str, hash: &str) -> Ran {
    it.desk.run(Some("carl"), ["approve", id, "--content", hash])
}

/// What was put aside stays in the outbox, and goes out when it is taken up again.
fn held(lanes: Lanes) {
    let it = Attack::with(lanes);
    let (aside, other) = (it.papers.us[0].clone(), it.papers.us[1].clone());
    let exception = only(&it.desk, &aside);
    let posting = approved_all(&it.desk, &[&aside, &other]).remove(0);
    it.desk.run(Some("ana"), ["hold", &exception, "--reason", "the customer disputes it"]).ok();
    post(&it.desk);
    absent(it.book(), &aside);
    stands_once(it.book(), &other, 0);
    it.desk.run(Some("ana"), ["hold", &exception, "--release"]).ok();
    post(&it.desk);
    stands_once(it.book(), &aside, 0);
    assert_eq!(standing(&it.desk, &posting).0, "booked");
}

#[test]
fn what_is_on_hold_is_not_sent() {
    held(Lanes::Default);
}

#[test]
fn what_is_on_hold_is_not_sent_with_one_lane() {
    held(Lanes::One);
}

#[test]
fn a_correction_on_hold_reverses_nothing() {
    let it = Attack::begin();
    let docs = [it.papers.gb[0].clone(), it.papers.payments[0].clone()];
    for doc in &docs {
        it.commit(&in_october(doc.entry(it.book())));
    }
    sync(&it.desk);
    let before: Vec<_> = docs.iter().map(|doc| booked(it.book(), doc)).collect();
    let exceptions: Vec<String> = docs.iter().map(|doc| only(&it.desk, doc)).collect();
    approved_all(&it.desk, &[&docs[0], &docs[1]]);
    it.desk.feed(Some("cora"), ["hold", "-", "--reason", "ask the auditors first"], &exceptions).ok();
    post(&it.desk);
    docs.iter().zip(&before).for_each(|(doc, before)| untouched(it.book(), doc, before));
}

#[test]
fn an_approval_of_what_was_not_shown_is_refused() {
    let it = Attack::begin();
    let docs = [it.papers.us[0].clone(), it.papers.notes[0].clone(), it.papers.jp[0].clone()];
    let exceptions: Vec<String> = docs.iter().map(|doc| only(&it.desk, doc)).collect();
    let postings: Vec<String> = exceptions.iter().map(|id| propose(&it.desk, id)).collect();
    // One, by its own id and by its exception's, and a whole queue.
    it.desk.run(Some("carl"), ["approve", &postings[0]]).refused("content_not_shown");
    it.desk.run(Some("carl"), ["approve", &exceptions[0]]).refused("content_not_shown");
    it.desk.feed(Some("carl"), ["approve", "-"], &postings).refused("content_not_shown");
    for posting in &postings {
        assert_eq!(standing(&it.desk, posting).0, "proposed");
    }
    post(&it.desk);
    docs.iter().for_each(|doc| absent(it.book(), doc));
}

#[test]
fn an_approval_with_the_hash_that_was_shown_is_taken() {
    let it = Attack::begin();
    let (first, second) = (it.papers.us[2].clone(), it.papers.gb[1].clone());
    let posting = propose(&it.desk, &only(&it.desk, &first));
    approve_seen(&it, &posting, &content_hash(&it.desk, &posting)).ok();
    let exception = only(&it.desk, &second);
    let posting = propose(&it.desk, &exception);
    approve_seen(&it, &exception, &content_hash(&it.desk, &posting)).ok();
    post(&it.desk);
    stands_once(it.book(), &first, 0);
    stands_once(it.book(), &second, 0);
}

#[test]
fn an_approval_with_another_hash_is_refused() {
    let it = Attack::begin();
    let (first, second) = (it.papers.us[0].clone(), it.papers.us[1].clone());
    let posting = propose(&it.desk, &only(&it.desk, &first));
    let other = propose(&it.desk, &only(&it.desk, &second));
    let (seen, of_other) = (content_hash(&it.desk, &posting), content_hash(&it.desk, &other));
    let damaged = format!("{}{}", if seen.starts_with('0') { "1" } else { "0" }, &seen[1..]);
    for hash in [of_other.as_str(), damaged.as_str(), &seen[..16]] {
        approve_seen(&it, &posting, hash).refused("content_changed");
    }
    assert_eq!(standing(&it.desk, &posting).0, "proposed");
    post(&it.desk);
    absent(it.book(), &first);
}

#[test]
fn a_reroute_after_the_look_is_refused_not_approved_unseen() {
    let it = Attack::begin();
    let doc = it.papers.us[3].clone();
    let exception = only(&it.desk, &doc);
    let first = propose(&it.desk, &exception);
    let seen = content_hash(&it.desk, &first);
    let reroute = ["reroute", &exception, "--account", "4010=4900", "--reason", "elsewhere"];
    let second = text(&it.desk.run(Some("ana"), reroute).ok().one(), "posting");
    approve_seen(&it, &exception, &seen).refused("content_changed");
    let gone = approve_seen(&it, &first, &seen);
    assert_eq!(gone.status, 1, "what was replaced cannot be approved: {gone:?}");
    approve_seen(&it, &second, &seen).refused("content_changed");
    assert_eq!(standing(&it.desk, &second).0, "proposed");
    post(&it.desk);
    absent(it.book(), &doc);
    // Who looks again decides on what is there now.
    approve(&it.desk, &second);
    post(&it.desk);
    assert_eq!(booked(it.book(), &doc).len(), 1);
}
