//! "Booked elsewhere": a person says that somebody booked it in the ledger by hand.

use crate::{ledgers::Entry, office::Office};

/// The second invoice, booked by hand under its own number.
fn by_hand(office: &Office) -> Vec<u8> {
    let own = Entry {
        key: "RE-1002".to_owned(),
        date: "2026-02-16".to_owned(),
        lines: vec![(office.ledger.receivable.to_owned(), 8400), (office.ledger.revenue.to_owned(), -8400)],
    };
    office.export(&[own])
}

fn say(office: &Office, person: &str, exception: &str) -> crate::binary::Ran {
    office.desk.run(person, ["booked-elsewhere", exception, "--reason", "voucher 77, by the bookkeeper"])
}

fn state(office: &Office) -> String {
    let all = office.desk.exceptions_of("RE-1002");
    crate::binary::text(all.iter().find(|e| e["kind"] == "unposted").unwrap(), "state")
}

#[test]
fn the_ledgers_next_file_proves_what_was_said_to_be_booked_by_hand() {
    let office = Office::observing("quickbooks");
    let exception = office.exception("RE-1002");
    say(&office, "aud", &exception).refused("auditor_reads_only");
    say(&office, "ana", &exception).ok();
    assert_eq!(state(&office), "on_hold");
    office.import(&by_hand(&office), Some("2026-02")).ok();
    assert_eq!(state(&office), "closed");
    assert_eq!(office.desk.verify()["sound"], true);
}

#[test]
fn a_whole_file_without_it_opens_it_again_and_another_months_says_nothing() {
    let office = Office::open(crate::ledgers::of("sap"));
    let exception = office.exception("RE-1002");
    say(&office, "ana", &exception).ok();
    office.desk.run("ana", ["booked-elsewhere", &exception, "--reason", "again"]).refused("exception_state");
    office.import(&office.export(&[]), None).ok();
    assert_eq!(state(&office), "on_hold", "it does not say what it is the whole of");
    office.import(&office.export(&[]), Some("2026-01")).ok();
    assert_eq!(state(&office), "on_hold", "the whole of another month");
    office.import(&office.export(&[]), Some("2026-02")).ok();
    assert_eq!(state(&office), "open");
    let shown = office.desk.plainly(["show", &exception]).ok().one();
    let words = serde_json::to_string(&shown).unwrap();
    assert!(words.contains("voucher 77") && words.contains("does not show it"), "{words}");
}

#[test]
fn what_has_a_posting_under_way_is_not_said_to_be_booked_elsewhere() {
    let office = Office::open(crate::ledgers::of("netsuite"));
    let exception = office.exception("RE-1002");
    office.approved(&exception);
    say(&office, "greta", &exception).refused("posting_in_progress");
    office.desk.run("ana", ["booked-elsewhere", &exception, "--reason", " "]).refused("posting_in_progress");
}
