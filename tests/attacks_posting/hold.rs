//! Whoever puts something aside stops what is on its way: in the middle of a set too, and whichever of the
//! document's exceptions it was.

use std::{
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    judge::{booked, stands_once, undoings, untouched},
    office::{
        Attack, about, approve, approved, in_october, of_kind, off_by, only, post, propose, standing, sync,
    },
};

/// The reversal is booked, and somebody holds the exception while its answer is still on its way.
#[test]
fn a_hold_in_the_middle_of_a_set_stops_the_rest_of_it() {
    let it = Attack::begin();
    let doc = it.papers.us[0].clone();
    let wrong = it.commit(&in_october(doc.entry(it.book())));
    sync(&it.desk);
    let exception = only(&it.desk, &doc);
    let posting = approved(&it.desk, &doc);
    it.withhold_answers(true);
    let mut sending = it.desk.start(["post", "--wait", "5"]);
    let begun = Instant::now();
    while undoings(it.book(), wrong) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(300), "the reversal never came");
        sleep(Duration::from_millis(20));
    }
    it.desk.run(Some("ana"), ["hold", &exception, "--reason", "the customer disputes it"]).ok();
    it.withhold_answers(false);
    assert!(sending.wait().expect("it ends").success());
    assert_eq!(booked(it.book(), &doc).len(), 2, "nothing was sent after the hold");
    assert_eq!(standing(&it.desk, &posting), ("queued".to_owned(), "exception_held".to_owned()));
    // Taken up again, the rest goes out.
    it.desk.run(Some("ana"), ["hold", &exception, "--release"]).ok();
    it.desk.run(None, ["post", "--wait", "120"]).ok();
    stands_once(it.book(), &doc, 1);
    assert_eq!(standing(&it.desk, &posting).0, "booked");
}

/// The set settles both; who puts one of them aside puts the document aside.
#[test]
fn a_hold_of_another_exception_of_the_document_stops_its_posting() {
    let it = Attack::begin();
    let (doc, bystander) = (it.papers.gb[0].clone(), it.papers.gb[1].clone());
    for doc in [&doc, &bystander] {
        it.commit(&in_october(off_by(doc.entry(it.book()), 700)));
    }
    sync(&it.desk);
    let aside = of_kind(&it.desk, &doc, "wrong_period");
    let ours = propose(&it.desk, &of_kind(&it.desk, &doc, "amount_mismatch"));
    let theirs = propose(&it.desk, &of_kind(&it.desk, &bystander, "amount_mismatch"));
    [&ours, &theirs].into_iter().for_each(|posting| approve(&it.desk, posting));
    it.desk.run(Some("cora"), ["hold", &aside, "--reason", "ask the auditors first"]).ok();
    let before = booked(it.book(), &doc);
    post(&it.desk);
    untouched(it.book(), &doc, &before);
    stands_once(it.book(), &bystander, 1);
    it.desk.run(Some("cora"), ["hold", &aside, "--release"]).ok();
    post(&it.desk);
    stands_once(it.book(), &doc, 1);
    sync(&it.desk);
    assert_eq!(about(&it.desk, &doc).len(), 0);
}
