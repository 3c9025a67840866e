//! A month-end whole, through the binary: four entities, people of every duty, late items that policy,
//! people and packets decide on, a soft close with an exception, a delegation, a conflict, an approval that
//! runs out, sign-offs that move with the figures, and a binder that the verifier checks on its own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "packets/away.rs"]
#[allow(dead_code)]
mod away;
#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/empty_root.rs"]
mod empty_root;
#[path = "common/scene.rs"]
mod scene;
#[path = "common/sheet_cells.rs"]
mod sheet_cells;
#[path = "common/switching_on.rs"]
mod switching_on;

use std::process::Command;

use chrono::{Duration, Utc};
use serde_json::Value;

use away::{Away, file_of, introduce, outcomes, sent};
use binary::{Ran, finish, text, tieout};
use empty_root::Root;
use scene::{Invoice, ONE, Scene, judged};

/// Each entity with what is small and what is large in its currency, minor units.
const ENTITIES: [(&str, i64, i64); 4] =
    [("US01", 12_300, 90_000), ("GB01", 11_200, 80_000), ("DE01", 13_400, 85_000), ("JP01", 15_000, 900_000)];
/// October's receivables are locked; November is open, and is what is closed.
const LATE: Option<&str> = Some("2026-10-20");
const NOVEMBER: &str = "2026-11";

/// One approver, whose word counts for a day; small late items go on to the next open period, up to a cap,
/// and larger ones wait for people.
fn policy() -> String {
    let mut policy = ONE.replacen("schema = 1\n", "schema = 1\napprovals_last_days = 1\n", 1);
    for (at, (currency, small, cap)) in [
        ("USD", "500.00", "5000.00"),
        ("GBP", "400.00", "5000.00"),
        ("EUR", "450.00", "5000.00"),
        ("JPY", "50000", "500000"),
    ]
    .into_iter()
    .enumerate()
    {
        policy += &format!(
            "[[late]]\nrule = \"L{at}\"\nsays = \"small, next open period\"\ncurrency = \"{currency}\"\n\
             up_to = \"{small}\"\nper_customer = \"{cap}\"\nper_period = \"{cap}\"\naction = \"next_open\"\n"
        );
    }
    policy + "[[late]]\nrule = \"L9\"\nsays = \"the rest\"\naction = \"hold\"\napprovals = \"one\"\n"
}

struct Month {
    scene: Scene,
    /// Ten late items of each entity: five small, five large.
    small: Vec<Invoice>,
    large: Vec<Invoice>,
}

impl Month {
    fn begin() -> Self {
        let entities = ENTITIES.map(|(entity, ..)| entity);
        let scene = Scene::of(&policy(), &entities, 240);
        let (mut small, mut large) = (Vec::new(), Vec::new());
        for (entity, few, many) in ENTITIES {
            for n in 0..5 {
                small.push(scene.invoice(entity, "prod_onboarding", few + n, LATE));
                large.push(scene.invoice(entity, "prod_onboarding", many + n, LATE));
            }
        }
        scene.sync();
        Self { scene, small, large }
    }

    /// The one posting of a document that is not over.
    fn live(&self, invoice: &Invoice) -> Option<Value> {
        let over = ["cancelled", "rejected"];
        let all = self.scene.postings_of(&invoice.reference);
        all.into_iter().find(|posting| !over.contains(&posting["state"].as_str().unwrap()))
    }

    /// Has a large one prepared for November, which is the only way out of its locked October.
    fn rerouted(&self, invoice: &Invoice) -> String {
        let exception = self.scene.exception(&invoice.reference, "unposted");
        let to = ["reroute", &exception, "--period", NOVEMBER, "--reason", "October is locked"];
        text(&self.scene.run("ana", to).ok().one(), "posting")
    }

    fn booked(&self, invoice: &Invoice) -> Vec<String> {
        self.scene.booked(&invoice.reference).into_iter().map(|entry| entry.period).collect()
    }

    fn status(&self, entity: &str, period: &str) -> Value {
        let as_of = judged();
        self.scene.plainly(["close", "status", entity, period, "--as-of", &as_of]).ok().one()
    }

    fn sign(&self, who: &str, verb: &str, account: &str, content: Option<&str>) -> Ran {
        let as_of = judged();
        let mut args = vec!["close", verb, "US01", NOVEMBER, account, "--as-of", &as_of];
        args.extend(content.into_iter().flat_map(|hash| ["--content", hash]));
        self.scene.run(who, args)
    }

    fn signed(&self, account: &str) {
        self.sign("greta", "prepare", account, None).ok();
        let seen = self.sign("olga", "text", account, None).ok().one();
        self.sign("olga", "review", account, Some(&text(&seen["sign_off"], "hash"))).ok();
    }

    fn state_of(&self, account: &str) -> String {
        let close = self.status("US01", NOVEMBER);
        let all = close["accounts"].as_array().unwrap();
        text(all.iter().find(|one| one["account"] == account).expect("it is signed"), "state")
    }

    /// Runs a command as it would run so many days from now.
    fn in_days(&self, days: i64, person: &str, args: &[&str]) -> Ran {
        let mut ours = self.scene.command(person, args.iter().copied());
        let mut later = Command::new("faketime");
        later.args(["-f", &format!("+{days}d")]).arg(tieout()).args(ours.get_args());
        let set = ours.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        later.envs(set.collect::<Vec<_>>());
        if let Some(folder) = ours.get_current_dir() {
            later.current_dir(folder);
        }
        ours.env_clear();
        finish(later, None)
    }
}

/// Approves a governed change as it reads now.
fn agree(month: &Month, person: &str, change: &Value) -> Ran {
    let (id, hash) = (text(change, "id"), text(change, "hash"));
    month.scene.run(person, ["approve", &id, "--content", &hash])
}

/// A quarter is prepared and approved by people, one of them in another's place; what the policy prepared,
/// too.
fn decided_by_people(month: &Month, until: &str) {
    let scene = &month.scene;
    let postings: Vec<String> = month.large[..10].iter().map(|invoice| month.rerouted(invoice)).collect();
    let asked = scene
        .run("carl", ["delegation", "give", "--to", "cora", "--until", until, "--reason", "away"])
        .ok()
        .one();
    agree(month, "olga", &asked).ok();
    // One conflict is refused: who prepared it does not approve it, in nobody's place.
    scene.approve("ana", &postings[0]).refused("preparer_is_not_approver");
    let content = text(&scene.posting(&postings[0]), "content_hash");
    let in_place = ["approve", &postings[0], "--content", &content, "--in-place-of", "carl"];
    scene.run("cora", in_place).ok();
    for posting in &postings[1..] {
        scene.approve("cora", posting).ok();
    }
    for invoice in &month.small {
        scene.approve("carl", &text(&month.live(invoice).unwrap(), "id")).ok();
    }
}

/// Some travel to a reviewer without network, and come back signed; one by the sheet.
fn decided_by_packet(month: &Month) {
    let scene = &month.scene;
    let travelling: Vec<String> = month.large[10..14].iter().map(|invoice| month.rerouted(invoice)).collect();
    let away = Away::new();
    introduce(&scene.desk, &away);
    let packet = sent(&scene.desk, &travelling, "remy");
    let table = away.file("review.xlsx");
    away.run(["packet", "show", &packet, "--sheet", &table, "--force"]).ok();
    sheet_cells::write(&table, "A2", "approve");
    away.run(["packet", "decide", &packet, "--sheet", &table]).ok();
    for posting in &travelling[1..] {
        away.approve(&packet, posting).ok();
    }
    let back = away.decisions(&packet, "back.tieout");
    let taken = outcomes(&scene.run("ana", ["packet", "import", &back]).ok());
    assert!(taken.values().all(|(result, code)| result == "done" && code == "queued"), "{taken:?}");
}

/// November is closed softly; what is still needed is let in by an exception, until a time.
fn let_in_by_exception(month: &Month, until: &str) {
    let scene = &month.scene;
    // What was approved before goes out before: afterwards it would need the exception, too.
    scene.post().ok();
    scene.run("carl", ["period", "soft-close", "DE01", NOVEMBER, "--reason", "being reviewed"]).ok();
    // The fifth of the third entity, and all of the fourth.
    let (german, others) = month.large[14..].split_at(1);
    let kept_out: Vec<String> = german.iter().map(|invoice| month.rerouted(invoice)).collect();
    for posting in &kept_out {
        scene.approve("cora", posting).refused("soft_close_holds");
    }
    let except = ["period", "except", "DE01", NOVEMBER, "--for", "ana", "--until", until, "--reason", "late"];
    let asked = scene.run("greta", except).ok().one();
    agree(month, "cora", &asked).ok();
    for posting in &kept_out {
        scene.approve("cora", posting).ok();
    }
    for invoice in others {
        scene.approve("cora", &month.rerouted(invoice)).ok();
    }
    scene.post().ok();
    scene.sync();
}

/// What an account of a period still differs by and nothing accounts for.
fn open_items(month: &Month, entity: &str, period: &str) -> Vec<Value> {
    let as_of = judged();
    let close = month.status(entity, period);
    let open = |row: &&Value| !text(row, "open").trim_end_matches(['0', '.']).is_empty();
    let mut items = Vec::new();
    for row in close["rows"].as_array().unwrap().iter().filter(open) {
        let account = text(row, "account");
        let list = ["close", "items", entity, period, &account, "--as-of", &as_of];
        items.extend(month.scene.plainly(list).ok().lines());
    }
    items.retain(|item| item["part"] == "unexplained" || item["part"] == "to_book");
    items
}

/// What people booked at the bank by hand is explained by one person and accepted by another, and rolls
/// forward: then the tie-out is explained to the last minor unit.
fn explained_whole(month: &Month) {
    let (scene, as_of) = (&month.scene, judged());
    for (entity, ..) in ENTITIES {
        for period in ["2026-10", NOVEMBER] {
            let open = open_items(month, entity, period);
            let named: Vec<String> = open.iter().map(|item| text(item, "item")).collect();
            if !named.is_empty() {
                assert!(named.iter().all(|item| item.starts_with("BANK-")), "{entity} {period}: {open:#?}");
                let mut args = vec!["close", "explain", entity, period];
                args.extend(named.iter().map(String::as_str));
                args.extend(["--category", "opening_item", "--note", "moved by the bank", "--as-of", &as_of]);
                let note = scene.run("greta", args).ok().one();
                let (id, hash) = (text(&note, "id"), text(&note, "hash"));
                let accept = ["close", "accept", &id, "--content", &hash, "--as-of", &as_of];
                scene.run("greta", accept).refused("author_of_a_change_does_not_decide_it");
                scene.run("carl", accept).ok();
            }
            assert_eq!(open_items(month, entity, period), [] as [Value; 0], "{entity} {period}");
            for proof in month.status(entity, period)["proof"].as_array().unwrap() {
                assert_eq!(proof["nets"], true, "{entity} {period}: {proof}");
            }
        }
    }
    let november = ["close", "items", "US01", NOVEMBER, "1050", "--as-of", &as_of];
    let rolled = scene.plainly(november).ok().lines();
    let of_october = rolled.iter().filter(|item| item["period"] == "2026-10" && item["note"].is_string());
    let parts: Vec<String> = of_october.map(|item| text(item, "part")).collect();
    assert_eq!(parts, ["brought_forward"], "{rolled:#?}");
}

/// Accounts are signed; what comes afterwards suspends that, and both give it again.
fn signed_twice(month: &Month) {
    let scene = &month.scene;
    month.signed("1100");
    assert_eq!(month.state_of("1100"), "reviewed");
    let sale = scene.sale("US01", 4_500);
    scene.sync();
    assert_eq!(month.state_of("1100"), "suspended");
    let posting = scene.propose("ana", &scene.exception(&sale.reference, "unposted"));
    scene.approve("carl", &posting).ok();
    scene.post().ok();
    scene.sync();
    month.sign("greta", "prepare", "1100", None).ok();
    let seen = month.sign("olga", "text", "1100", None).ok().one();
    let hash = text(&seen["sign_off"], "hash");
    month.sign("carl", "review", "1100", Some(&hash)).refused("who_worked_on_items_does_not_review");
    month.sign("olga", "review", "1100", Some(&hash)).ok();
    assert_eq!(month.state_of("1100"), "reviewed");
}

/// One approval runs out before anything is sent, and is given again.
fn an_approval_runs_out(month: &Month) {
    let scene = &month.scene;
    let sale = scene.sale("GB01", 7_700);
    scene.sync();
    let posting = scene.propose("ana", &scene.exception(&sale.reference, "unposted"));
    scene.approve("cora", &posting).ok();
    scene.served.sandbox.netsuite.turn_clock_ahead(Duration::days(3).to_std().unwrap());
    month.in_days(3, "ana", &["post", "--wait", "20"]);
    assert_eq!(month.booked(&sale), [] as [String; 0], "nothing rests on an old approval");
    let ran_out = scene.posting(&posting);
    assert_eq!(ran_out["failure_code"], "approval_ran_out", "{ran_out}");
    let content = text(&ran_out, "content_hash");
    month.in_days(3, "cora", &["approve", &posting, "--content", &content]).ok();
    month.in_days(3, "ana", &["post", "--wait", "20"]).ok();
    assert_eq!(month.booked(&sale), [NOVEMBER]);
    assert_eq!(month.in_days(3, "ana", &["verify"]).ok().one()["sound"], true);
}

#[test]
fn a_month_end_is_played_from_its_first_late_item_to_its_binder() {
    let month = Month::begin();
    let scene = &month.scene;

    // Half of what is late is routed by the policy: into the next open period, and no further.
    for invoice in &month.small {
        let posting = month.live(invoice).unwrap_or_else(|| panic!("{} is routed", invoice.reference));
        assert_eq!(
            (&posting["origin"], &posting["steps"][0]["period"]),
            (&"policy".into(), &NOVEMBER.into())
        );
    }
    assert!(month.large.iter().all(|invoice| month.live(invoice).is_none()), "the rest is held for people");

    let until = (Utc::now() + Duration::days(5)).to_rfc3339();
    decided_by_people(&month, &until);
    decided_by_packet(&month);
    let_in_by_exception(&month, &until);
    for invoice in month.small.iter().chain(&month.large) {
        assert_eq!(month.booked(invoice), [NOVEMBER], "{} is booked once", invoice.reference);
    }
    assert_eq!(scene.run("ana", ["post", "--wait", "5"]).ok().status, 0);
    assert!(month.large.iter().all(|invoice| month.booked(invoice).len() == 1), "and never again");
    explained_whole(&month);
    signed_twice(&month);

    // All of it can be proven, where there is nothing else of ours.
    assert_eq!(scene.verify()["sound"], true, "{}", scene.verify());
    let binder = file_of(&scene.desk, "close.tieoutbinder");
    scene.run("cora", ["binder", "US01", NOVEMBER, "--to", &binder]).ok();
    let root = Root::with(&[&binder]);
    root.run(&["close.tieoutbinder"]).sound();
    an_approval_runs_out(&month);
}
