//! Ledgers that are read from files, through the binary: what is approved leaves as a journal file in the
//! ledger's own form, and counts as posted once the ledger's next export shows it and somebody else
//! confirms it. What comes back is made by readers of our own (`handover/ledgers.rs`) out of the file that
//! was written, as the ledger's program would export it, never by the code that wrote it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/scene.rs"]
mod scene;
#[path = "common/switching_on.rs"]
mod switching_on;
#[path = "common/tamper.rs"]
mod tamper;

#[path = "handover/attacks.rs"]
mod attacks;
#[path = "handover/elsewhere.rs"]
mod elsewhere;
#[path = "handover/ledgers.rs"]
mod ledgers;
#[path = "handover/office.rs"]
mod office;

use binary::text;
use ledgers::LEDGERS;
use office::Office;

#[test]
fn each_form_comes_back_by_its_own_ledger_and_settles_what_was_approved() {
    for ledger in LEDGERS {
        let office = Office::open(ledger);
        let exception = office.exception("RE-1002");
        let posting = office.approved(&exception);
        assert_eq!(office.state(&posting), "queued", "{}", ledger.form);
        let written = office.write("ana", "journal.out", &[]).ok().one();
        assert_eq!(
            (text(&written, "format").as_str(), &written["count"]),
            (ledger.form, &1.into()),
            "{written}"
        );
        assert_eq!(office.state(&posting), "handed_over");
        assert_eq!(office.open_of("RE-1002"), ["unposted"], "{}: nothing is posted yet", ledger.form);

        // What was approved, and nothing else, under our key.
        let entries = office.read("journal.out");
        assert_eq!(entries.len(), 1, "{}", ledger.form);
        let mut lines = entries[0].lines.clone();
        lines.sort();
        let mut want = vec![(ledger.receivable.to_owned(), 8400), (ledger.revenue.to_owned(), -8400)];
        want.sort();
        assert_eq!((entries[0].date.as_str(), lines), ("2026-02-16", want), "{}", ledger.form);

        // The ledger's next file shows it; that alone settles nothing.
        office.import(&office.export(&entries), Some("2026-02")).ok();
        assert_eq!(office.state(&posting), "handed_over", "{}: nobody has confirmed it", ledger.form);
        let file = office.files().remove(0);
        assert_eq!(file["postings"][0]["outcome"], "shown", "{}: {file}", ledger.form);
        office.confirm("carl", &file).ok();
        assert_eq!(office.state(&posting), "settled", "{}", ledger.form);
        assert_eq!(office.open_of("RE-1002"), Vec::<String>::new(), "{}", ledger.form);
        assert_eq!(office.open_of("RE-1001"), Vec::<String>::new(), "{}", ledger.form);
        assert_eq!(office.desk.verify()["sound"], true, "{}", ledger.form);
    }
}

#[test]
fn confirmed_first_it_is_settled_by_the_ledgers_next_file() {
    let (office, posting) = Office::handed_over("quickbooks");
    let entries = office.read("journal.out");
    let done = office.confirm("carl", &office.files()[0]).ok().one();
    assert_eq!((&done["settled"], &done["waiting"]), (&0.into(), &1.into()), "{done}");
    assert_eq!(office.state(&posting), "handed_over", "a person's word is no entry");
    office.import(&office.export(&entries), None).ok();
    assert_eq!(office.state(&posting), "settled");
}

#[test]
fn who_handed_a_file_over_does_not_confirm_it_and_nobody_confirms_what_they_were_not_shown() {
    let (office, posting) = Office::handed_over("netsuite");
    office.import(&office.export(&office.read("journal.out")), Some("2026-02")).ok();
    let file = office.files().remove(0);
    let refused = office.confirm("ana", &file).refused("who_hands_over_does_not_confirm");
    assert!(refused.stderr.contains("carl"), "it says who could: {refused:?}");
    office.confirm("aud", &file).refused("auditor_reads_only");
    let id = text(&file, "id");
    office.desk.run("carl", ["handover", "confirm", &id]).refused("content_not_shown");
    office.desk.run("carl", ["handover", "confirm", &id, "--content", "0123"]).refused("content_changed");
    assert_eq!(office.state(&posting), "handed_over");
    office.confirm("carl", &file).ok();
    office.confirm("cora", &file).refused("already_exists");
    assert_eq!(office.state(&posting), "settled");
}

#[test]
fn other_content_under_our_key_is_told_as_what_differs_and_is_never_settled() {
    let (office, posting) = Office::handed_over("xero");
    let mut entries = office.read("journal.out");
    for line in &mut entries[0].lines {
        line.1 += line.1.signum() * 100;
    }
    office.import(&office.export(&entries), Some("2026-02")).ok();
    office.confirm("carl", &office.files()[0]).ok();
    assert_eq!(office.state(&posting), "handed_over");
    let handed = &office.files()[0]["postings"][0];
    assert_eq!(handed["outcome"], "differs", "{handed}");
    let words = text(handed, "words");
    assert!(words.contains("8400") && words.contains("8500"), "{words}");
    let kinds = office.open_of("RE-1002");
    assert_eq!(
        kinds,
        ["amount_mismatch", "handover_unproven"],
        "the ledger has it otherwise, and that is told"
    );
    // The next file has it right: told no more, and settled.
    office.import(&office.export(&office.read("journal.out")), Some("2026-02")).ok();
    assert_eq!(office.state(&posting), "settled");
    assert_eq!(office.open_of("RE-1002"), Vec::<String>::new());
}

#[test]
fn what_a_whole_file_does_not_show_is_told_and_handed_over_again_or_withdrawn() {
    let (office, posting) = Office::handed_over("sap");
    // A file that does not say what it is the whole of, or is of another month, proves nothing.
    office.import(&office.export(&[]), None).ok();
    office.cancel("ana", &posting).refused("posting_handed_over");
    assert_eq!(office.files()[0]["postings"][0]["outcome"], "waiting");
    office.import(&office.export(&[]), Some("2026-02")).ok();
    assert_eq!(office.files()[0]["postings"][0]["outcome"], "not_shown");
    assert_eq!(office.open_of("RE-1002"), ["handover_unproven", "unposted"]);

    // Never in two files unless a person says why.
    office.write("ana", "again.out", &[]).refused("nothing_to_post");
    office.write("ana", "again.out", &[&posting]).refused("posting_handed_over");
    assert!(!office.path("again.out").exists(), "whole or not at all");
    let first = office.read("journal.out");
    office.write("ana", "again.out", &[&posting, "--again", "it was never imported"]).ok();
    assert_eq!(office.read("again.out")[0].key, first[0].key, "the same key, so that two would show");
    let files = office.files();
    assert_eq!(files.len(), 2);
    let current: Vec<bool> = files.iter().map(|f| f["postings"][0]["current"] == true).collect();
    assert_eq!(current, [true, false]);

    // What was confirmed of the first file says nothing of the second.
    office.confirm("carl", &files[1]).ok();
    office.import(&office.export(&first), Some("2026-02")).ok();
    assert_eq!(office.state(&posting), "handed_over");
    office.confirm("carl", &files[0]).ok();
    assert_eq!(office.state(&posting), "settled");
    assert_eq!(office.desk.verify()["sound"], true);
}

#[test]
fn withdrawn_it_is_open_again_and_the_next_posting_has_the_same_key() {
    let (office, posting) = Office::handed_over("datev");
    let key = office.read("journal.out").remove(0).key;
    office.import(&office.export(&[]), Some("2026-02")).ok();
    office.cancel("ana", &posting).ok();
    assert_eq!(office.state(&posting), "cancelled");
    assert_eq!(office.open_of("RE-1002"), ["unposted"]);
    let next = office.approved(&office.exception("RE-1002"));
    office.write("greta", "next.out", &[]).ok();
    assert_eq!(office.state(&next), "handed_over");
    assert_eq!(office.read("next.out")[0].key, key);
}

#[test]
fn two_imports_of_one_file_show_as_a_duplicate() {
    let (office, posting) = Office::handed_over("plain");
    let once = office.read("journal.out");
    let twice = [once.clone(), once].concat();
    office.import(&office.export(&twice), Some("2026-02")).ok();
    office.confirm("carl", &office.files()[0]).ok();
    assert_eq!(office.state(&posting), "settled");
    assert_eq!(office.open_of("RE-1002"), ["duplicate_posting"]);
}

#[test]
fn a_ledger_of_files_is_posted_to_like_any_other_and_never_sent_to() {
    let office = Office::observing("netsuite");
    let exception = office.exception("RE-1002");
    office.desk.run("ana", ["propose", &exception]).refused("connection_observes");
    office.switch_on();
    let preview = office.desk.run("ana", ["propose", &exception, "--dry-run"]).ok().one();
    assert_eq!(preview["preview"]["steps"][0]["entity"], "DE01", "{preview}");
    let posting = office.desk.propose("ana", &exception);
    office.write("ana", "early.out", &[]).refused("nothing_to_post");
    office.write("ana", "early.out", &[&posting]).refused("posting_not_approved");
    office.desk.approve("ana", &posting).refused("preparer_is_not_approver");
    office.desk.approve("cora", &posting).ok();
    office.desk.plainly(["post", "--connection", &office.connection]).refused("erp_is_a_file");
    assert_eq!(office.desk.plainly(["post", "--wait", "1"]).ok().lines().len(), 0);
    assert_eq!(office.state(&posting), "queued");
    office.write("aud", "no.out", &[]).refused("auditor_reads_only");
    office.write("ana", "journal.out", &[]).ok();
    office.write("ana", "journal.out", &[]).refused("export_exists");
}

#[test]
fn the_log_and_the_table_have_the_file_its_hash_and_its_postings() {
    let (office, posting) = Office::handed_over("netsuite");
    let bytes = std::fs::read(office.path("journal.out")).unwrap();
    let file = office.files().remove(0);
    let sha = text(&file, "sha256");
    assert_eq!(sha, office::sha256(&bytes));
    let rows = office.desk.log();
    let handed =
        rows.iter().find(|row| row.values().any(|cell| cell == "handed_over")).expect("it is logged");
    assert!(handed.values().any(|cell| cell.contains(&sha) && cell.contains(&posting)), "{handed:?}");
    assert_eq!(file["by"], "ana");
    assert_eq!(file["confirmed_by"], serde_json::Value::Null);
}
