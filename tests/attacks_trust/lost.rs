//! Part 7: nothing is lost, whatever vendors, files and people do.

use serde_json::Value;
use tieout_sandbox::fault::{FaultKind, FaultPlan, ScriptedFault};

use crate::{
    binary::{Bench, Ran, text},
    scene::{ONE, Scene, judged},
    small::{AS_OF, import_ledger, map, workspace},
    tamper::{attacker, value},
};

fn full_sync(scene: &Scene) -> Ran {
    let as_of = judged();
    scene.plainly(["sync", "--full", "--as-of", &as_of])
}

/// A sale that somebody booked in the ERP, seen by the desk: reference, and the ERP's id of the entry.
fn booked_sale(scene: &Scene, minor: i64) -> (String, i64) {
    let sale = scene.sale("US01", minor);
    let entry = scene.book_by_hand(1, "2026-11-16", &sale.reference, minor);
    (sale.reference, entry)
}

fn delete(scene: &Scene, entry: i64) {
    scene.served.sandbox.netsuite.book().delete_entry(entry).unwrap();
}

#[test]
fn an_entry_that_was_deleted_in_the_erp_is_noticed_by_the_next_full_read() {
    let scene = Scene::open(ONE, &["US01"]);
    let ((gone, entry), (kept, _)) = (booked_sale(&scene, 45_600), booked_sale(&scene, 12_300));
    scene.sync();
    assert_eq!(scene.open_kinds(&gone), Vec::<String>::new(), "it ties out");
    delete(&scene, entry);
    full_sync(&scene).ok();
    assert_eq!(
        scene.open_kinds(&gone),
        ["unposted"],
        "the ERP no longer has it, and the desk believes it has"
    );
    assert_eq!(scene.open_kinds(&kept), Vec::<String>::new(), "what is there stays");
    let shown = scene.plainly(["show", &scene.exception(&gone, "unposted")]).ok().one();
    let booked = shown["ledger"].as_array().unwrap().iter().filter(|held| held["status"] == "booked").count();
    assert_eq!(booked, 0, "{}", shown["ledger"]);
}

#[test]
fn an_entry_of_ours_that_was_deleted_in_the_erp_opens_its_exception_again() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let exception = scene.exception(&sale.reference, "unposted");
    let posting = scene.propose("ana", &exception);
    scene.approve("carl", &posting).ok();
    scene.post().ok();
    scene.sync();
    assert_eq!(scene.open_kinds(&sale.reference), Vec::<String>::new());
    delete(&scene, scene.booked(&sale.reference)[0].id);
    full_sync(&scene).ok();
    assert_eq!(scene.open_kinds(&sale.reference), ["unposted"]);
    assert_eq!(scene.exception(&sale.reference, "unposted"), exception, "it is the same exception");
}

#[test]
fn a_duplicate_and_an_orphan_that_were_deleted_in_the_erp_are_no_longer_asked_about() {
    let scene = Scene::open(ONE, &["US01"]);
    let (twice, _) = booked_sale(&scene, 45_600);
    let surplus = scene.book_by_hand(1, "2026-11-16", &twice, 45_600);
    let orphan = scene.book_by_hand(1, "2026-11-16", "NOBODY-1", 7_700);
    scene.sync();
    assert_eq!(scene.open_kinds(&twice), ["duplicate_posting"]);
    assert_eq!(scene.open_kinds("NOBODY-1"), ["orphan_journal"]);
    delete(&scene, surplus);
    delete(&scene, orphan);
    full_sync(&scene).ok();
    assert_eq!(scene.open_kinds(&twice), Vec::<String>::new(), "one of the two is gone");
    assert_eq!(scene.open_kinds("NOBODY-1"), Vec::<String>::new(), "it is gone");
}

#[test]
fn a_full_read_of_a_ledger_from_which_nothing_was_deleted_changes_nothing() {
    let scene = Scene::open(ONE, &["US01"]);
    let (booked, _) = booked_sale(&scene, 45_600);
    let missing = scene.sale("US01", 7_700);
    scene.sync();
    let before = scene.bench.exceptions(&judged());
    full_sync(&scene).ok();
    assert_eq!(scene.bench.exceptions(&judged()), before);
    assert_eq!(scene.open_kinds(&booked), Vec::<String>::new());
    assert_eq!(scene.open_kinds(&missing.reference), ["unposted"]);
}

#[test]
fn a_full_read_that_broke_off_retires_nothing() {
    let scene = Scene::open(ONE, &["US01"]);
    let (booked, _) = booked_sale(&scene, 45_600);
    scene.sync();
    let faults = scene.served.sandbox.netsuite.faults();
    let broken = |nth| ScriptedFault::post(nth, "suiteql", FaultKind::SchemaDrift);
    faults.set_plan(FaultPlan::script((3..60).map(broken)));
    assert_eq!(full_sync(&scene).status, 1, "the ledger cannot be read");
    faults.switch(false);
    assert_eq!(scene.open_kinds(&booked), Vec::<String>::new(), "what was not read is not gone");
    full_sync(&scene).ok();
    assert_eq!(scene.open_kinds(&booked), Vec::<String>::new());
}

/// Where the scan of this resource of the American billing goes on, as the desk keeps it.
fn goes_on_after(scene: &Scene, resource: &str) -> String {
    let query = format!(
        "SELECT coalesce(s.next_cursor, '') FROM sync_state s JOIN connection c ON c.seq = s.connection_seq
         WHERE c.name = 'stripe-us01' AND s.resource = '{resource}'"
    );
    value(&attacker(&scene.bench), &query)
}

/// The id of this kind in a cursor.
fn id_in(cursor: &str, prefix: &str) -> String {
    let from = cursor.find(prefix).unwrap_or_else(|| panic!("no {prefix}… in \"{cursor}\""));
    let rest = &cursor[from..];
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    rest[..end].to_owned()
}

/// Rows of a sync about this resource of the American billing.
fn row(rows: &[Value], resource: &str) -> Value {
    let found = rows.iter().find(|row| row["connection"] == "stripe-us01" && row["resource"] == resource);
    found.unwrap_or_else(|| panic!("no {resource} in {rows:#?}")).clone()
}

#[test]
fn a_scan_that_would_go_on_after_an_object_deleted_since_starts_anew_by_itself() {
    let scene = Scene::open(ONE, &["US01"]);
    let sales: Vec<String> = (0..130).map(|n| scene.sale("US01", 1_000 + n).reference).collect();
    let billing = &scene.served.sandbox.stripe;
    // The second page of invoices does not come any more; the first is kept.
    let second = ScriptedFault::nth(2, "/v1/invoices", FaultKind::ExpiredToken);
    billing.faults().set_plan(FaultPlan::script([second]));
    let broken = full_sync(&scene);
    assert_eq!(row(&broken.lines(), "invoices")["state"], "failed", "{broken:?}");
    let last = id_in(&goes_on_after(&scene, "invoices"), "in_");
    assert!(billing.control().forget(&last), "{last} is deleted in billing");

    let as_of = judged();
    for _ in 0..2 {
        let ran = scene.plainly(["sync", "--as-of", &as_of]);
        assert_eq!(row(&ran.lines(), "invoices")["state"], "complete", "after {last} was deleted: {ran:?}");
    }
    let missed: Vec<&String> =
        sales.iter().filter(|reference| scene_lacks(&scene, reference.as_str())).collect();
    assert!(missed.len() <= 1, "invoices that the desk never read: {missed:?}");
}

/// True where the desk has no document of this reference.
fn scene_lacks(scene: &Scene, reference: &str) -> bool {
    let query = format!("SELECT count(*) FROM document WHERE reference = '{reference}'");
    value::<i64>(&attacker(&scene.bench), &query) == 0
}

#[test]
fn a_resume_point_that_the_vendor_no_longer_knows_starts_the_reading_anew_by_itself() {
    // One of the first requests for events is for the second page of a list.
    assert!((3..12).any(starts_anew_after_the_request_that_fails), "no list broke off in its middle");
}

/// False where the request for events of this number is none for a list's second page.
fn starts_anew_after_the_request_that_fails(number: u64) -> bool {
    let scene = Scene::open(ONE, &["US01"]);
    // Two events each: more than two pages of what is new.
    let sales: Vec<String> = (0..120).map(|n| scene.sale("US01", 1_000 + n).reference).collect();
    let billing = &scene.served.sandbox.stripe;
    let expired = ScriptedFault::nth(number, "/v1/events", FaultKind::ExpiredToken);
    billing.faults().set_plan(FaultPlan::script([expired]));
    let as_of = judged();
    let broken = scene.plainly(["sync", "--connection", "stripe-us01", "--as-of", &as_of]).lines();
    let failed: Vec<String> =
        broken.iter().filter(|row| row["state"] == "failed").map(|row| text(row, "resource")).collect();
    assert_eq!(failed.len(), 1, "{broken:#?}");
    let cursor = goes_on_after(&scene, &failed[0]);
    if !cursor.contains("evt_") {
        return false;
    }
    let last = id_in(&cursor, "evt_");
    assert!(billing.control().forget(&last), "{last} is too old to be shown");

    let ran = scene.plainly(["sync", "--as-of", &as_of]);
    assert_eq!(row(&ran.lines(), &failed[0])["state"], "complete", "after {last} was gone: {ran:?}");
    scene.sync();
    let missed: Vec<&String> =
        sales.iter().filter(|reference| scene_lacks(&scene, reference.as_str())).collect();
    assert!(missed.is_empty(), "invoices that the desk never read: {missed:?}");
    true
}

const BILLING: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";
const LEDGER: &str = "Journal No,External Ref,Entity,Posting Date,Period,Account,Account Name,Debit,Credit,\
                      Currency,Memo,Status\n";
/// What 64 bits hold of pence at most.
const MOST: &str = "92233720368547758.07";
const LEAST: &str = "-92233720368547758.08";

fn import(bench: &Bench, kind: &str, rows: &str) -> Ran {
    let file = bench.file(&format!("huge-{kind}.csv"), rows);
    let map = map(kind);
    let (file, map) = (file.to_str().unwrap(), map.to_str().unwrap());
    bench.run(None, ["import", kind, file, "--map", map, "--as-of", AS_OF])
}

/// The import says which rows it did not take, kept nothing of them, and everything works afterwards.
#[track_caller]
fn refused_by_row(bench: &Bench, ran: &Ran, references: &[&str]) {
    let kept_aside = ran.status == 0 && ran.one()["rejected_rows"].as_u64().unwrap() > 0;
    assert!(
        kept_aside || ran.codes().iter().any(|code| code.contains("amount")),
        "amounts at the limit of what can be counted were taken, or broke the import: {ran:?}"
    );
    assert!(ran.stderr.contains("row "), "which rows? {ran:?}");
    let database = attacker(bench);
    for reference in references {
        for table in ["document", "entry"] {
            let query = format!("SELECT count(*) FROM {table} WHERE reference = '{reference}'");
            assert_eq!(value::<i64>(&database, &query), 0, "{reference} is kept as a {table}");
        }
    }
    everything_works(bench);
}

#[track_caller]
fn everything_works(bench: &Bench) {
    let to = bench.folder.path().join("after.csv");
    let to = to.to_str().unwrap();
    for args in [
        &["exceptions", "--as-of", AS_OF][..],
        &["exceptions", "--as-of", AS_OF, "--groups"],
        &["tie-out", "--as-of", AS_OF],
        &["flows", "--as-of", AS_OF],
        &["export", "exceptions", "--force", "--to", to],
        &["export", "tie-out", "--force", "--to", to],
        &["verify"],
    ] {
        let ran = bench.run(None, args);
        assert_eq!(ran.status, 0, "{args:?} no longer works: {ran:?}");
    }
    let open = bench.exceptions(AS_OF);
    assert!(open.iter().any(|e| e["external_ref"] == "1002" && e["kind"] == "unposted"), "{open:#?}");
}

#[test]
fn billing_near_the_limits_of_amounts_is_refused_by_row_and_every_later_command_works() {
    let bench = workspace();
    let row = |number: &str, price: &str| {
        format!("{number},A,Huge,1,2011-01-09 09:00:00,{price},17,United Kingdom\n")
    };
    let rows = format!("{BILLING}{}{}{}", row("H1", MOST), row("H2", MOST), row("H3", LEAST));
    let ran = import(&bench, "billing", &rows);
    refused_by_row(&bench, &ran, &["H1", "H2", "H3"]);
}

#[test]
fn a_ledger_near_the_limits_of_amounts_is_refused_by_row_and_every_later_command_works() {
    let bench = workspace();
    let journal = |journal: &str, amount: &str| {
        let head = format!("{journal},HUGE,GB01,2011-01-10,2011-01");
        format!("{head},1100,,{amount},,GBP,,Posted\n{head},4000,,,{amount},GBP,,Posted\n")
    };
    let rows = format!("{LEDGER}{}{}", journal("J91", MOST), journal("J92", MOST));
    let ran = import(&bench, "gl", &rows);
    refused_by_row(&bench, &ran, &["HUGE"]);
}

#[test]
fn a_ledger_whose_entries_of_one_document_add_up_to_more_than_can_be_counted_breaks_nothing() {
    let bench = workspace();
    // Each of them fits four times over.
    let journal = |n: u32| {
        let head = format!("J8{n},1001,GB01,2011-01-10,2011-01");
        let amount = "23058430092136939.00";
        format!("{head},1100,,{amount},,GBP,,Posted\n{head},4000,,,{amount},GBP,,Posted\n")
    };
    let rows: String = (1..=6).map(journal).collect();
    import(&bench, "gl", &format!("{LEDGER}{rows}"));
    everything_works(&bench);
}

#[test]
fn amounts_that_any_company_can_have_are_taken() {
    let bench = workspace();
    let rows = format!(
        "{BILLING}B1,A,A bank,1,2011-01-09 09:00:00,999999999999.99,17,United Kingdom\n\
         B2,A,A bank,1,2011-01-09 09:00:00,-999999999999.99,17,United Kingdom\n"
    );
    let ran = import(&bench, "billing", &rows).ok();
    assert_eq!(ran.one()["rejected_rows"], 0, "{ran:?}");
    everything_works(&bench);
}

#[test]
fn sums_of_what_a_vendor_sends_are_checked_too() {
    let scene = Scene::open(ONE, &["US01"]);
    for _ in 0..2 {
        scene.sale("US01", 6_000_000_000_000_000_000);
    }
    let plain = scene.sale("US01", 7_700);
    let as_of = judged();
    for args in [
        &["sync", "--as-of", &as_of][..],
        &["exceptions", "--as-of", &as_of],
        &["exceptions", "--as-of", &as_of, "--groups"],
        &["tie-out", "--as-of", &as_of],
        &["flows", "--as-of", &as_of],
    ] {
        let ran = scene.plainly(args.iter().copied());
        let broken = ran.stderr.contains("overflow") || ran.stderr.contains("store_");
        assert!(!broken, "{args:?} no longer works: {ran:?}");
    }
    assert_eq!(scene.open_kinds(&plain.reference), ["unposted"], "the others go on");
}

/// The small case's ledger with one more journal, for 1002, of which a row cannot be read.
fn ledger_with_a_torn_journal(amount: &str) -> String {
    let head = "J2,1002,GB01,2011-01-10,2011-01";
    let torn = format!("{head},1100,,{amount},,GBP,,Posted\n{head},4000,,,20.00,GBP,,Posted\n");
    format!("{}{torn}", crate::small::ledger("29.00"))
}

fn kinds(bench: &Bench, reference: &str) -> Vec<String> {
    let open = bench.exceptions(AS_OF);
    open.iter().filter(|e| e["external_ref"] == reference).map(|e| text(e, "kind")).collect()
}

#[test]
fn a_ledger_row_that_was_kept_aside_does_not_make_its_document_unposted() {
    let bench = workspace();
    // Another document is really missing, which must still be said.
    let ran = import(&bench, "gl", &ledger_with_a_torn_journal("twenty")).ok();
    assert_eq!(ran.one()["rejected_rows"], 2, "{ran:?}");
    assert_eq!(kinds(&bench, "=2+3"), ["unposted"], "what the torn journal does not concern is judged");
    let said = kinds(&bench, "1002");
    assert!(
        !said.iter().any(|kind| kind == "unposted"),
        "its journal is there, and was kept aside: {said:?}"
    );
    // Once the row can be read, it is judged like any other.
    import(&bench, "gl", &ledger_with_a_torn_journal("20.00")).ok();
    assert_eq!(kinds(&bench, "1002"), Vec::<String>::new());
    assert_eq!(kinds(&bench, "=2+3"), ["unposted"]);
}

#[test]
fn a_document_whose_journal_is_in_no_row_is_unposted_still() {
    let bench = workspace();
    import_ledger(&bench, "30.00").ok();
    assert_eq!(kinds(&bench, "1002"), ["unposted"]);
    assert_eq!(kinds(&bench, "1003"), Vec::<String>::new());
}

#[test]
fn what_was_settled_with_a_remainder_can_be_finished() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let exception = scene.exception(&sale.reference, "unposted");
    let posting = scene.propose("ana", &exception);
    scene.approve("carl", &posting).ok();
    scene.post().ok();
    // Billing gives a cent more before the ledger is read again.
    let amend = tieout_sandbox::stripe::Command::AmendInvoice { invoice: sale.id.clone(), by: 1 };
    scene.served.sandbox.stripe.control().run(amend).unwrap();
    scene.sync();
    assert_eq!(scene.posting(&posting)["state"], "settled", "the ledger shows what was approved");
    let left = scene.exceptions_of(&sale.reference);
    assert_eq!(left.len(), 1, "{left:#?}");
    assert_eq!(left[0]["variance_minor"], -1, "a cent remains: {left:#?}");
    let dismissed = scene.run("carl", ["dismiss", &exception, "--reason", "a cent is immaterial"]);
    assert_eq!(dismissed.status, 0, "it cannot be finished: {dismissed:?}");
    assert_eq!(scene.open_kinds(&sale.reference), Vec::<String>::new());
}

#[test]
fn a_remainder_can_be_settled_by_another_posting_as_well() {
    let scene = Scene::open(ONE, &["US01"]);
    let sale = scene.sale("US01", 45_600);
    scene.sync();
    let exception = scene.exception(&sale.reference, "unposted");
    let first = scene.propose("ana", &exception);
    scene.approve("carl", &first).ok();
    scene.post().ok();
    let amend = tieout_sandbox::stripe::Command::AmendInvoice { invoice: sale.id.clone(), by: 500 };
    scene.served.sandbox.stripe.control().run(amend).unwrap();
    scene.sync();
    let second = scene.propose("ana", &exception);
    scene.approve("carl", &second).ok();
    scene.post().ok();
    scene.sync();
    let net: i64 = scene.booked(&sale.reference).iter().map(|entry| entry.amount_on("1100")).sum();
    assert_eq!(net, 46_100);
    assert_eq!(scene.open_kinds(&sale.reference), Vec::<String>::new());
}
