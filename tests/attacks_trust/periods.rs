//! Part 4: what belongs to a closed period goes nowhere by itself, and every screen says the same of it.

use serde_json::Value;
use tieout_sandbox::book::BookClock;

use crate::{
    binary::{finish, root, text},
    scene::{ADMINISTRATOR, BY_POLICY, Invoice, ONE, PRESENT, Scene, judged, texts},
};

const NOVEMBER: (&str, &str) = ("2026-11-01", "2026-11-30");
/// October's receivables are locked since 4 November, and November is open.
const IN_OCTOBER: Option<&str> = Some("2026-10-20");

/// Any of the ways in which a text may name a month.
fn names(text: &str, month: &str) -> bool {
    let words = match month {
        "2026-07" => "July 2026",
        "2026-10" => "October 2026",
        "2026-11" => "November 2026",
        other => panic!("no name for {other}"),
    };
    text.contains(month) || text.contains(words)
}

/// References of what the policy prepared, or let go, for a document of another period than it books into.
fn moved_by_policy(scene: &Scene) -> Vec<String> {
    let by_policy = |posting: &&Value| posting["origin"] == "policy" || posting["preparer"].is_null();
    let moved = |posting: &&Value| {
        let steps = posting["steps"].as_array().unwrap();
        steps.iter().any(|step| text(step, "document_date")[..7] != text(step, "period"))
    };
    let postings = scene.postings();
    postings.iter().filter(by_policy).filter(moved).map(|posting| text(posting, "reference")).collect()
}

/// A document of October that the ledger lacks, and October is shut.
fn shut_out(scene: &Scene) -> Invoice {
    let invoice = scene.invoice("US01", "prod_onboarding", 12_300, IN_OCTOBER);
    scene.sync();
    assert_eq!(scene.open_kinds(&invoice.reference), ["unposted"]);
    invoice
}

#[test]
fn what_belongs_to_a_locked_period_is_never_prepared_or_sent_by_policy_into_another() {
    let scene = Scene::open(BY_POLICY, &["US01"]);
    let (open, shut) = (scene.sale("US01", 45_600), shut_out(&scene));
    scene.post().ok();
    assert_eq!(moved_by_policy(&scene), Vec::<String>::new(), "the policy moved these into another period");
    assert_eq!(scene.booked(&shut.reference), [], "the ERP's book has it although nobody decided");
    assert_eq!(scene.open_kinds(&shut.reference), ["unposted"], "it waits");
    // What belongs into an open period the policy still lets go.
    let booked = scene.booked(&open.reference);
    assert_eq!((booked.len(), booked[0].period.as_str()), (1, "2026-11"), "{booked:?}");
}

#[test]
fn what_belongs_to_a_closed_period_is_never_prepared_or_sent_by_policy_into_another() {
    let scene = Scene::open(BY_POLICY, &["US01"]);
    let book = scene.served.sandbox.netsuite.book();
    // Final before October was closed: no late arrival, only never booked.
    let closing = chrono::DateTime::from_timestamp(PRESENT + 2 * 86_400, 0).unwrap();
    book.set_clock(BookClock::Fixed(closing));
    let invoice = scene.invoice("US01", "prod_onboarding", 12_300, IN_OCTOBER);
    book.close_period("2026-10").unwrap();
    for _ in 0..2 {
        scene.sync();
        scene.post().ok();
    }
    assert_eq!(moved_by_policy(&scene), Vec::<String>::new(), "the policy moved these into another period");
    assert_eq!(scene.booked(&invoice.reference), [], "the ERP's book has it although nobody decided");
}

#[test]
fn a_period_that_closes_between_release_and_sending_sends_the_posting_nowhere_else() {
    let scene = Scene::open(BY_POLICY, &["US01"]);
    let invoice = scene.sale("US01", 7_700);
    scene.sync();
    assert_eq!(scene.postings_of(&invoice.reference)[0]["state"], "queued", "November is open, and released");
    scene.served.sandbox.netsuite.book().close_period("2026-11").unwrap();
    scene.post();
    scene.sync();
    scene.post();
    assert_eq!(scene.booked(&invoice.reference), [], "there is no period that takes it");
    let all = scene.postings_of(&invoice.reference);
    assert_eq!(all.len(), 1, "it was prepared anew: {all:#?}");
    assert_ne!(all[0]["state"], "queued", "a person has to look at it");
}

#[test]
fn what_waits_says_that_its_period_is_shut_and_where_it_would_go() {
    let scene = Scene::open(BY_POLICY, &["US01"]);
    let shut = shut_out(&scene);
    let shown = scene.plainly(["show", &scene.exception(&shut.reference, "unposted")]).ok().one();
    let says = |sentence: &String| {
        let shut = ["closed", "locked"].iter().any(|word| sentence.contains(word));
        shut && names(sentence, "2026-10") && names(sentence, "2026-11")
    };
    let all = texts(&shown);
    assert!(
        all.iter().any(says),
        "no sentence says that October is shut and November would take it: {all:#?}"
    );
}

#[test]
fn a_person_books_it_into_the_open_period_all_the_same() {
    let scene = Scene::open(ONE, &["US01"]);
    let shut = shut_out(&scene);
    let exception = scene.exception(&shut.reference, "unposted");
    // By proposing what they are shown, or by saying where it is to go.
    let proposed = scene.run("ana", ["propose", &exception]);
    let place = ["reroute", &exception, "--period", "2026-11", "--reason", "October is locked"];
    let outcome = if proposed.status == 0 { proposed.one() } else { scene.run("ana", place).ok().one() };
    scene.approve("carl", &text(&outcome, "posting")).ok();
    scene.post().ok();
    let booked = scene.booked(&shut.reference);
    assert_eq!((booked.len(), booked[0].period.as_str()), (1, "2026-11"), "{booked:?}");
}

fn status_of_its_period(scene: &Scene, exception: &str) -> String {
    let shown = scene.run("ana", ["propose", exception, "--dry-run"]).ok().one();
    text(&shown["preview"]["steps"][0], "period_status")
}

#[test]
fn a_soft_close_is_the_desks_own_and_survives_a_sync_of_the_erp() {
    let scene = Scene::open(ONE, &["US01"]);
    scene.soft_close("US01", "2026-11", NOVEMBER);
    let invoice = scene.sale("US01", 45_600);
    for _ in 0..2 {
        scene.sync();
    }
    let exception = scene.exception(&invoice.reference, "unposted");
    assert_eq!(status_of_its_period(&scene, &exception), "soft_closed", "the ERP's sync opened it again");
    let posting = scene.propose("ana", &exception);
    let refused = scene.approve(ADMINISTRATOR, &posting);
    assert!(
        refused.stdout.contains("soft_close_needs_a_controller"),
        "an administrator approved into a soft-closed period: {refused:?}"
    );
    let kept_out = scene.approve("carl", &posting);
    assert!(
        kept_out.stdout.contains("soft_close_holds"),
        "nothing is let in without an exception: {kept_out:?}"
    );
}

#[test]
fn a_policy_releases_nothing_into_a_period_that_was_soft_closed_before_the_sync() {
    let scene = Scene::open(BY_POLICY, &["US01"]);
    scene.soft_close("US01", "2026-11", NOVEMBER);
    let invoice = scene.sale("US01", 45_600);
    scene.sync();
    scene.post().ok();
    let states: Vec<String> =
        scene.postings_of(&invoice.reference).iter().map(|posting| text(posting, "state")).collect();
    assert!(states.iter().all(|state| state == "proposed"), "nobody approved it, and it is {states:?}");
    assert_eq!(scene.booked(&invoice.reference), []);
}

#[test]
fn no_file_lifts_a_soft_close() {
    let scene = Scene::open(ONE, &["US01"]);
    scene.soft_close("US01", "2026-11", NOVEMBER);
    let (starts, ends) = NOVEMBER;
    let open = format!("Entity,Period,Starts,Ends,Status\nUS01,2026-11,{starts},{ends},Open\n");
    let file = scene.bench.file("open-again.csv", &open);
    let lift = ["import", "periods", file.to_str().unwrap()];
    for person in ["ana", ADMINISTRATOR, "aud", "carl"] {
        let refused = scene.run(person, lift);
        assert_ne!(refused.status, 0, "{person} opened a period that was closed softly: {refused:?}");
    }
    scene.run("carl", lift).refused("soft_close_takes_two");
    let invoice = scene.sale("US01", 45_600);
    scene.sync();
    let exception = scene.exception(&invoice.reference, "unposted");
    assert_eq!(status_of_its_period(&scene, &exception), "soft_closed");
}

#[test]
fn a_soft_close_of_one_entity_leaves_the_others_open() {
    let scene = Scene::open(ONE, &["US01", "GB01"]);
    scene.soft_close("US01", "2026-11", NOVEMBER);
    let invoice = scene.sale("GB01", 45_600);
    scene.sync();
    let exception = scene.exception(&invoice.reference, "unposted");
    assert_eq!(status_of_its_period(&scene, &exception), "open");
}

/// `own`, `belongs` and `posts_into` of what this shows.
fn places(value: &Value) -> [String; 3] {
    ["own", "belongs", "posts_into"].map(|which| value["periods"][which].as_str().unwrap_or("?").to_owned())
}

#[test]
fn the_three_periods_of_a_late_arrival_are_the_same_on_every_screen() {
    let scene = Scene::open(ONE, &["US01"]);
    // July was closed in August; October, then the first that was not, takes no receivables any more.
    let late = scene.invoice("US01", "prod_onboarding", 12_300, Some("2026-07-10"));
    scene.sync();
    let exception = scene.exception(&late.reference, "late_for_closed_period");
    let wanted = ["2026-07", "2026-10", "2026-11"].map(str::to_owned);

    let dry = scene.run("ana", ["propose", &exception, "--dry-run"]).ok().one();
    let place = ["reroute", &exception, "--period", "2026-11", "--reason", "the first open one"];
    let proposed = scene.run("ana", ["propose", &exception]);
    let proposed = if proposed.status == 0 { proposed.one() } else { scene.run("ana", place).ok().one() };
    let listed = scene.posting(&text(&proposed, "posting"));
    let shown = scene.plainly(["show", &exception]).ok().one();
    assert_eq!(listed["steps"][0]["period"], "2026-11", "the entry: {listed}");
    let seen = [
        ("show", places(&shown)),
        ("the dry run", places(&dry["preview"])),
        ("the entry in the list of postings", places(&listed)),
        ("the entry in show", places(&shown["postings"][0])),
    ];
    for (screen, periods) in seen {
        assert_eq!(periods, wanted, "own, belongs and posts into, by {screen}");
    }
}

#[test]
fn no_sentence_sends_a_late_arrival_to_another_period_than_its_entry() {
    let scene = Scene::open(ONE, &["US01"]);
    let late = scene.invoice("US01", "prod_onboarding", 12_300, Some("2026-07-10"));
    scene.sync();
    let exception = scene.exception(&late.reference, "late_for_closed_period");
    let dry = scene.run("ana", ["propose", &exception, "--dry-run"]).ok().one();
    let into = text(&dry["preview"]["steps"][0], "period");
    let shown = scene.plainly(["show", &exception]).ok().one();
    let sentences: Vec<String> =
        [text(&shown["exception"], "why")].into_iter().chain(texts(&shown["history"])).collect();
    let misleads = |sentence: &&String| {
        sentence.contains("go to") && !names(sentence, &into) && names(sentence, "2026-10")
    };
    let misleading: Vec<&String> = sentences.iter().filter(misleads).collect();
    assert!(misleading.is_empty(), "the entry goes to {into}, but: {misleading:#?}");
}

fn default_policy() -> String {
    std::fs::read_to_string(root().join("fixtures/policies/default.toml")).unwrap()
}

#[test]
fn the_first_policy_asks_for_at_least_one_approver_everywhere() {
    let policy = default_policy();
    let said = policy.lines().map(str::trim).filter(|line| line.starts_with("approvals"));
    let asks: Vec<&str> = said.map(|line| line.split('"').nth(1).unwrap()).collect();
    assert!(asks.len() >= 2, "{policy}");
    assert!(
        asks.iter().all(|count| ["one", "two"].contains(count)),
        "it lets pass without anybody: {asks:?}"
    );
}

/// Brings in a file of billing that somebody made up: small, of a product that the mapping knows, and by a
/// column map that says whose it is.
fn bring_in_made_up(scene: &Scene, without_secret: bool) {
    let rows = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country,Whose\n\
                MADE-UP-1,prod_onboarding,Never sold,1,2026-11-10 09:00:00,120.00,,United Kingdom,GB01\n";
    let file = scene.bench.file("made-up.csv", rows);
    let map = std::fs::read_to_string(root().join("fixtures/maps/online-retail-billing.toml")).unwrap();
    let map = map.replacen("country = \"Country\"", "country = \"Country\"\nentity = \"Whose\"", 1);
    let map = scene.bench.file("made-up.toml", &map);
    let (file, map, as_of) = (file.to_str().unwrap(), map.to_str().unwrap(), judged());
    let args = ["import", "billing", file, "--map", map, "--as-of", &as_of];
    let mut import = scene.bench.command(None, args);
    if without_secret {
        import.env_remove("TIEOUT_PERSON_PASSPHRASE");
    }
    assert_eq!(finish(import, None).ok().one()["items"], 1);
    assert_eq!(scene.open_kinds("MADE-UP-1"), ["unposted"], "it is as good as any other document");
}

#[test]
fn a_document_from_a_file_never_passes_without_a_person() {
    let scene = Scene::open(BY_POLICY, &["GB01"]);
    bring_in_made_up(&scene, false);
    scene.sync();
    scene.post().ok();
    let passed: Vec<String> = scene
        .postings_of("MADE-UP-1")
        .iter()
        .filter(|posting| posting["state"] != "proposed")
        .map(|posting| format!("{} by {}", text(posting, "state"), text(posting, "origin")))
        .collect();
    assert_eq!(scene.booked("MADE-UP-1"), [], "a file's document was booked: {passed:?}");
    assert_eq!(passed, Vec::<String>::new(), "nobody approved it");
    // With two people it is as good as any other document.
    let exception = scene.exception("MADE-UP-1", "unposted");
    let prepared = scene.postings_of("MADE-UP-1").first().map(|posting| text(posting, "id"));
    let posting = prepared.unwrap_or_else(|| scene.propose("ana", &exception));
    scene.approve("carl", &posting).ok();
    scene.post().ok();
    assert_eq!(scene.booked("MADE-UP-1").len(), 1);
}

#[test]
fn under_the_first_policy_one_person_without_a_personal_secret_has_nothing_booked() {
    let scene = Scene::open(&default_policy(), &["US01", "GB01"]);
    let book = scene.served.sandbox.netsuite.book().clone();
    scene.sale("US01", 9_900);
    scene.sale("GB01", 9_900);
    let before = book.count().unwrap();
    bring_in_made_up(&scene, true);
    // All that the vault's passphrase alone lets somebody do.
    let as_of = judged();
    for args in [&["sync", "--as-of", &as_of][..], &["post", "--wait", "20"]] {
        let mut command = scene.bench.command(None, args);
        command.env_remove("TIEOUT_PERSON_PASSPHRASE");
        finish(command, None).ok();
    }
    let waiting = scene.postings().iter().filter(|posting| posting["state"] != "proposed").count();
    let booked = book.count().unwrap() - before;
    assert_eq!((booked, waiting), (0, 0), "{booked} entries were booked with nobody's secret");
}

#[test]
fn what_a_policy_released_is_said_to_be_its_and_never_the_os_accounts() {
    let scene = Scene::open(BY_POLICY, &["US01"]);
    let invoice = scene.sale("US01", 45_600);
    scene.sync();
    let posting = text(&scene.postings_of(&invoice.reference)[0], "id");
    assert_eq!(scene.posting(&posting)["state"], "queued");

    let shown = scene.plainly(["show", &scene.exception(&invoice.reference, "unposted")]).ok().one();
    let history = shown["history"].as_array().unwrap();
    let by_account = |event: &&Value| {
        let did = ["proposed", "approved", "released", "released_by_policy"];
        text(event, "who").starts_with("os:") && did.contains(&text(event, "what").as_str())
    };
    let of_account: Vec<&Value> = history.iter().filter(by_account).collect();
    assert!(of_account.is_empty(), "the OS account is said to have done it: {of_account:#?}");
    let said = |sentence: &String| sentence.to_lowercase().contains("released by policy, rule ");
    let all = texts(&shown);
    assert!(all.iter().any(said), "\"released by policy, rule …\" is nowhere in {all:#?}");

    let log = scene.log();
    let about: Vec<_> = log.iter().filter(|row| row["subject"] == posting).collect();
    assert!(!about.is_empty());
    let by: Vec<&str> = about.iter().map(|row| row["actor"].as_str()).collect();
    assert!(by.iter().all(|actor| !actor.starts_with("os:")), "actors in the log: {by:?}");
    assert!(about.iter().any(|row| row["detail"].contains("rule")), "no entry names the rule: {about:#?}");
}
