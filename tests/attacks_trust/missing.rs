//! Part 7, more of its kinds: what was deleted and booked again, what waits to be read, and files that say
//! what they are the whole of.

use serde_json::Value;
use tieout_sandbox::fault::{FaultKind, FaultPlan, ScriptedFault};

use crate::{
    binary::{Bench, Ran, text},
    scene::{ONE, Scene, judged},
    small::{AS_OF, ledger, map, workspace},
    tamper::{attacker, value},
};

fn full_sync(scene: &Scene) -> Ran {
    let as_of = judged();
    scene.plainly(["sync", "--full", "--as-of", &as_of])
}

fn delete(scene: &Scene, entry: i64) {
    scene.served.sandbox.netsuite.book().delete_entry(entry).unwrap();
}

/// Posts what is unposted, and answers the posting's id.
fn posted(scene: &Scene, exception: &str) -> String {
    let posting = scene.propose("ana", exception);
    scene.approve("carl", &posting).ok();
    scene.post().ok();
    posting
}

#[test]
fn what_was_deleted_in_the_erp_is_booked_again_once() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let exception = scene.exception(&sale.reference, "unposted");
    let first = posted(&scene, &exception);
    scene.sync();
    assert_eq!(scene.posting(&first)["state"], "settled");
    delete(&scene, scene.booked(&sale.reference)[0].id);
    // Where the account tells of deletions, the next read of changes notices.
    scene.sync();
    assert_eq!(scene.open_kinds(&sale.reference), ["unposted"]);
    let second = posted(&scene, &exception);
    assert_ne!(first, second);
    scene.sync();
    assert_eq!(scene.booked(&sale.reference).len(), 1, "booked once");
    assert_eq!(scene.open_kinds(&sale.reference), Vec::<String>::new());
    assert_eq!(scene.posting(&second)["state"], "settled");
}

#[test]
fn what_was_deleted_before_any_sync_had_seen_it_is_booked_again_once() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let exception = scene.exception(&sale.reference, "unposted");
    let first = posted(&scene, &exception);
    delete(&scene, scene.booked(&sale.reference)[0].id);
    full_sync(&scene).ok();
    assert_eq!(scene.posting(&first)["state"], "cancelled", "its entry is gone");
    assert_eq!(scene.exception(&sale.reference, "unposted"), exception, "the same exception");
    posted(&scene, &exception);
    scene.sync();
    assert_eq!(scene.booked(&sale.reference).len(), 1, "booked once");
    assert_eq!(scene.open_kinds(&sale.reference), Vec::<String>::new());
}

#[test]
fn an_entry_whose_reversal_was_deleted_stands_again() {
    let scene = Scene::open(ONE, &["US01"]);
    let orphan = scene.book_by_hand(1, "2026-11-16", "NOBODY-2", 7_700);
    let reversal = scene.book_by_hand(1, "2026-11-16", "NOBODY-2", -7_700);
    scene.sync();
    assert_eq!(scene.open_kinds("NOBODY-2"), Vec::<String>::new(), "they cancel out");
    delete(&scene, reversal);
    full_sync(&scene).ok();
    assert_eq!(scene.open_kinds("NOBODY-2"), ["orphan_journal"]);
    delete(&scene, orphan);
    full_sync(&scene).ok();
    assert_eq!(scene.open_kinds("NOBODY-2"), Vec::<String>::new());
}

#[test]
fn a_full_read_that_broke_off_and_went_on_later_still_knows_what_it_had_listed() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.sale("US01", 45_600);
    let entry = scene.book_by_hand(1, "2026-11-16", &sale.reference, 45_600);
    // Two hundred to a page: the ledger has several.
    for n in 0..450 {
        scene.book_by_hand(1, "2026-11-16", &format!("MANY-{n}"), 100);
    }
    scene.sync();
    // Only a list of everything can tell.
    scene.served.sandbox.netsuite.hide_deletions();
    delete(&scene, entry);
    let faults = scene.served.sandbox.netsuite.faults();
    let in_the_middle = |row: &Value| row["resource"] == "entries" && row["state"] == "failed";
    // After the first page of entries nothing can be read any more.
    let broken = |nth| ScriptedFault::post(nth, "suiteql", FaultKind::SchemaDrift);
    faults.set_plan(FaultPlan::script((13..90).map(broken)));
    let broken = full_sync(&scene).lines();
    faults.switch(false);
    assert!(broken.iter().any(in_the_middle), "{broken:#?}");
    assert_eq!(scene.open_kinds(&sale.reference), Vec::<String>::new(), "what was not read is not gone");
    scene.sync();
    assert_eq!(scene.open_kinds(&sale.reference), ["unposted"], "the list came to its end");
    let standing = "SELECT count(*) FROM entry WHERE status = 'booked' AND reference LIKE 'MANY-%'";
    assert_eq!(value::<i64>(&attacker(&scene.bench), standing), 450);
}

/// More than is taken of any amount: the entry is kept aside.
const BEYOND: i64 = 910_000_000_000_000_000;

#[test]
fn an_entry_that_cannot_be_read_limits_the_judgement_of_its_document_and_of_nothing_else() {
    let scene = Scene::open(ONE, &["US01"]);
    let (torn, missing) = (scene.sale("US01", 45_600), scene.sale("US01", 7_700));
    let entry = scene.book_by_hand(1, "2026-11-16", &torn.reference, BEYOND);
    let rows = scene.sync();
    let entries = rows.iter().find(|row| row["connection"] == "netsuite" && row["resource"] == "entries");
    assert_eq!(entries.unwrap()["rejected"], 1, "{rows:#?}");
    assert_eq!(scene.open_kinds(&missing.reference), ["unposted"], "everything else is judged");
    assert_eq!(scene.open_kinds(&torn.reference), Vec::<String>::new(), "its entry may be right");
    // A full read in which it is aside takes neither it nor anything else for gone.
    full_sync(&scene).ok();
    assert_eq!(scene.open_kinds(&torn.reference), Vec::<String>::new());
    // It is gone: what it limited is judged.
    delete(&scene, entry);
    full_sync(&scene).ok();
    assert_eq!(scene.open_kinds(&torn.reference), ["unposted"]);
}

#[test]
fn a_document_that_cannot_be_read_makes_no_orphan_of_its_entry() {
    let scene = Scene::open(ONE, &["US01"]);
    let huge = scene.sale("US01", BEYOND);
    scene.book_by_hand(1, "2026-11-16", &huge.reference, 45_600);
    scene.book_by_hand(1, "2026-11-16", "NOBODY-3", 45_600);
    scene.sync();
    assert_eq!(scene.open_kinds(&huge.reference), Vec::<String>::new(), "billing has it, aside");
    assert_eq!(scene.open_kinds("NOBODY-3"), ["orphan_journal"]);
}

#[test]
fn an_invoice_that_a_test_account_no_longer_has_is_no_longer_expected() {
    let scene = Scene::open(ONE, &["US01"]);
    let (gone, booked, kept) =
        (scene.sale("US01", 45_600), scene.sale("US01", 12_300), scene.sale("US01", 7_700));
    scene.book_by_hand(1, "2026-11-16", &booked.reference, 12_300);
    scene.sync();
    assert_eq!(scene.open_kinds(&gone.reference), ["unposted"]);
    let billing = scene.served.sandbox.stripe.control();
    assert!(billing.forget(&gone.id) && billing.forget(&booked.id));
    full_sync(&scene).ok();
    assert_eq!(scene.open_kinds(&gone.reference), Vec::<String>::new(), "nothing is to be booked");
    assert_eq!(scene.open_kinds(&booked.reference), ["changed_after_posting"], "the ledger still has it");
    assert_eq!(scene.open_kinds(&kept.reference), ["unposted"]);
}

fn import_gl(bench: &Bench, rows: &str, replaces: Option<&str>) -> Ran {
    let file = bench.file("replaces.csv", rows);
    let (file, map) = (file.to_str().unwrap().to_owned(), map("gl").to_str().unwrap().to_owned());
    let mut args = vec!["import", "gl", &file, "--map", &map, "--as-of", AS_OF];
    args.extend(replaces.iter().flat_map(|what| ["--replaces", *what]));
    bench.run(None, args)
}

fn kinds(bench: &Bench, reference: &str) -> Vec<String> {
    let open = bench.exceptions(AS_OF);
    open.iter().filter(|e| e["external_ref"] == reference).map(|e| text(e, "kind")).collect()
}

/// The small case's ledger without one journal.
fn without(journal: &str) -> String {
    let all = ledger("30.00");
    all.lines().filter(|line| !line.starts_with(journal)).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_file_that_is_the_whole_of_a_month_takes_away_what_it_no_longer_has() {
    let bench = workspace();
    import_gl(&bench, &ledger("30.00"), None).ok();
    assert_eq!(kinds(&bench, "1001"), Vec::<String>::new());
    for (replaces, found) in [(None, vec![]), (Some("2011-02"), vec![]), (Some("2011-01"), vec!["unposted"])]
    {
        let ran = import_gl(&bench, &without("J1"), replaces).ok();
        assert_eq!(ran.one()["removed"], u64::from(!found.is_empty()), "{replaces:?}: {ran:?}");
        assert_eq!(kinds(&bench, "1001"), found, "{replaces:?}");
        assert_eq!(kinds(&bench, "1003"), Vec::<String>::new(), "{replaces:?}");
    }
    import_gl(&bench, &ledger("30.00"), None).ok();
    assert_eq!(kinds(&bench, "1001"), Vec::<String>::new(), "it is there again");
    import_gl(&bench, &without("J3"), Some("all")).ok();
    assert_eq!((kinds(&bench, "1001"), kinds(&bench, "1003")), (vec![], vec!["unposted".to_owned()]));
    let refused = import_gl(&bench, &without("J3"), Some("January"));
    assert_eq!((refused.status, refused.codes()), (1, vec!["bad_date".to_owned()]), "{refused:?}");
}

#[test]
fn a_file_that_was_kept_partly_aside_takes_away_nothing_that_may_be_aside() {
    let bench = workspace();
    import_gl(&bench, &ledger("30.00"), None).ok();
    // The torn journal is there; a row that belongs to none could be any.
    let torn = ledger("30.00").replacen("10.00", "ten", 1);
    import_gl(&bench, &torn, Some("all")).ok();
    assert_eq!(kinds(&bench, "1001"), Vec::<String>::new(), "aside, and not gone");
    let homeless = format!("{},1003,EU01,2011-01-10,2011-01,1100,,7.00,,GBP,,Posted\n", without("J1"));
    let ran = import_gl(&bench, &homeless, Some("all")).ok();
    let told = ran.one();
    // It takes the journal above it aside, which it may continue, and may still be of any other.
    assert_eq!((told["removed"].as_u64(), told["rejected_rows"].as_u64()), (Some(0), Some(3)), "{ran:?}");
    assert_eq!(kinds(&bench, "1001"), Vec::<String>::new());
    // And so is the row's own document, until a file of that day comes without it.
    import_gl(&bench, &ledger("29.00"), None).ok();
    assert_eq!(kinds(&bench, "1003"), ["amount_mismatch"]);
}

#[test]
fn amounts_that_each_can_be_taken_and_together_cannot_be_summed_are_refused_by_row() {
    let bench = workspace();
    let journal = |n: u32| {
        let head = format!("JX{n},MANY{n},GB01,2011-01-10,2011-01");
        let amount = "90071992547409.91";
        format!("{head},1100,,{amount},,GBP,,Posted\n{head},4000,,,{amount},GBP,,Posted\n")
    };
    let head = ledger("30.00");
    let rows: String = (0..1_100).map(journal).collect();
    let ran = import_gl(&bench, &format!("{head}{rows}"), None).ok();
    let aside = ran.one()["rejected_rows"].as_u64().unwrap();
    assert!(aside > 0 && ran.stderr.contains("amount_out_of_range: row "), "{}", ran.stderr);
    let taken: i64 = value(&attacker(&bench), "SELECT count(*) FROM entry WHERE reference LIKE 'MANY%'");
    assert_eq!(u64::try_from(taken).unwrap() * 2 + aside, 2_200, "whole journals, or nothing of them");
    // A second file of the same kind adds nothing that cannot be summed either.
    let more: String = (2_000..2_600).map(journal).collect();
    import_gl(&bench, &format!("{head}{more}"), None).ok();
    let to = bench.folder.path().join("after.csv");
    let to = to.to_str().unwrap();
    for args in [
        &["exceptions", "--as-of", AS_OF][..],
        &["exceptions", "--as-of", AS_OF, "--groups"],
        &["tie-out", "--as-of", AS_OF],
        &["export", "tie-out", "--force", "--to", to],
        &["verify"],
    ] {
        let ran = bench.run(None, args);
        assert_eq!(ran.status, 0, "{args:?} no longer works: {ran:?}");
    }
    assert_eq!(kinds(&bench, "1002"), ["unposted"]);
}
