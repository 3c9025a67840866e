//! Books that somebody else keeps beside the desk: records of another connector, entries that vanish.

use tieout_sandbox::book::{NewEntry, RecordFacts};

use crate::{
    judge::absent,
    office::{Attack, approved, post, standing, sync},
    papers::Doc,
};

/// Another connector books the document as a record of this type, which names it like this; its id.
fn recorded(it: &Attack, doc: &Doc, facts: &RecordFacts) -> i64 {
    let entry = NewEntry { memo: "made by the connector".to_owned(), ..doc.entry(it.book()) };
    it.book().make_record(&entry, facts).expect("the book takes it")
}

#[track_caller]
fn stopped(it: &Attack, posting: &str, doc: &Doc) {
    post(&it.desk);
    assert_eq!(standing(&it.desk, posting).1, "already_in_ledger");
    absent(it.book(), doc);
}

#[test]
fn an_invoice_that_another_connector_booked_meanwhile_stops_the_send() {
    let it = Attack::begin();
    let doc = it.papers.twins.0.clone();
    let posting = approved(&it.desk, &doc);
    recorded(&it, &doc, &RecordFacts { number: Some(doc.reference.clone()), ..RecordFacts::of("CustInvc") });
    stopped(&it, &posting, &doc);
}

#[test]
fn so_does_one_that_names_the_document_as_its_other_reference() {
    let it = Attack::begin();
    let doc = it.papers.twins.0.clone();
    let posting = approved(&it.desk, &doc);
    let facts = RecordFacts { other_reference: Some(doc.reference.clone()), ..RecordFacts::of("CustInvc") };
    recorded(&it, &doc, &facts);
    stopped(&it, &posting, &doc);
}

#[test]
fn a_payment_under_the_invoices_number_stops_nothing() {
    let it = Attack::begin();
    let doc = it.papers.twins.0.clone();
    let posting = approved(&it.desk, &doc);
    let mut entry = NewEntry { memo: "thanks".to_owned(), ..doc.entry(it.book()) };
    entry.lines.iter_mut().for_each(|line| line.amount = -line.amount);
    let facts = RecordFacts { other_reference: Some(doc.reference.clone()), ..RecordFacts::of("CustPymt") };
    it.book().make_record(&entry, &facts).expect("the book takes it");
    post(&it.desk);
    assert_eq!(standing(&it.desk, &posting).0, "booked");
}

#[test]
fn what_vanishes_without_a_trace_leaves_a_gap_until_everything_is_read_again() {
    let it = Attack::begin();
    let gaps = || {
        let all = it.desk.exceptions(&crate::company::as_of());
        let of = all.iter().filter(|one| one["kind"] == "population_gap");
        of.map(|one| crate::binary::text(one, "external_ref")).collect::<Vec<_>>()
    };
    let doc = it.papers.twins.0.clone();
    let id = it.commit(&doc.entry(it.book()));
    sync(&it.desk);
    assert_eq!(gaps(), Vec::<String>::new());
    let proof = it.desk.run(None, ["call", "population", "{}"]).ok();
    assert!(!proof.lines().is_empty() || !proof.one().is_null(), "it is proven");
    it.book().vanish(id).expect("the book lets it");
    sync(&it.desk);
    let found = gaps();
    let period = doc.period();
    assert!(found.contains(&format!("1100 {period}")), "{found:?}");
    it.desk.run(None, ["sync", "--full", "--as-of", &crate::company::as_of()]).ok();
    assert_eq!(gaps(), Vec::<String>::new());
}
