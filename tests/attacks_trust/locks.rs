//! The desk's own lock of a period: what is sent into one that is closed softly, by whose leave, and who
//! opens it again.

use chrono::{Duration, Utc};
use serde_json::Value;

use crate::{
    binary::{Ran, text},
    scene::{ADMINISTRATOR, Desk, ONE, Scene},
};

const WHERE: [&str; 2] = ["US01", "2026-11"];

/// An instant so many hours from now.
fn in_hours(hours: i64) -> String {
    (Utc::now() + Duration::hours(hours)).to_rfc3339()
}

fn soft_close(desk: &Desk, person: &str) -> Ran {
    let reason = ["--reason", "it is being reviewed"];
    desk.run(person, ["period", "soft-close"].into_iter().chain(WHERE).chain(reason))
}

fn lift(desk: &Desk, person: &str) -> Ran {
    desk.run(person, ["period", "lift"].into_iter().chain(WHERE).chain(["--reason", "the audit asks for it"]))
}

/// Asks for an exception for these until then.
fn except(desk: &Desk, person: &str, whom: &[&str], until: &str) -> Ran {
    let mut words = vec!["period", "except"];
    words.extend(WHERE);
    match whom {
        [] => words.push("--everybody"),
        whom => whom.iter().for_each(|one| words.extend(["--for", *one])),
    }
    words.extend(["--until", until, "--reason", "one bill came late"]);
    desk.run(person, words)
}

/// Approves a governed change as it reads now.
fn approve(desk: &Desk, person: &str, change: &Value) -> Ran {
    let (id, hash) = (text(change, "id"), text(change, "hash"));
    desk.run(person, ["approve", &id, "--content", &hash])
}

fn status(desk: &Desk) -> String {
    let periods = desk.plainly(["period", "list", WHERE[0]]).ok().lines();
    let found = periods.into_iter().find(|period| period["key"] == WHERE[1]);
    text(&found.expect("the period is known"), "state")
}

/// A softly closed November, and a posting into it of each of these preparers.
fn closed_on<const N: usize>(preparers: [&str; N]) -> (Scene, [(String, String); N]) {
    let scene = Scene::open(ONE, &["US01"]);
    soft_close(&scene, "carl").ok();
    let postings = preparers.map(|preparer| {
        let sale = scene.sale("US01", 45_600);
        scene.sync();
        let posting = scene.propose(preparer, &scene.exception(&sale.reference, "unposted"));
        (sale.reference, posting)
    });
    (scene, postings)
}

#[test]
fn a_controller_alone_closes_softly_and_the_erps_next_word_leaves_it() {
    let scene = Scene::open(ONE, &["US01"]);
    for (person, rule) in
        [("ana", "role_may_not"), (ADMINISTRATOR, "role_may_not"), ("aud", "auditor_reads_only")]
    {
        soft_close(&scene, person).refused(rule);
    }
    assert_eq!(status(&scene), "open");
    scene.run("carl", ["period", "soft-close", "US01", "2031-01", "--reason", "x"]).refused("not_found");
    scene.run("carl", ["period", "soft-close", "US01", "2026-11", "--reason", " "]).refused("reason_missing");
    soft_close(&scene, "carl").ok();
    scene.sync();
    assert_eq!(status(&scene), "soft_closed");
    soft_close(&scene, "cora").refused("nothing_to_decide");
    let lock = scene.plainly(["period", "locks"]).ok().one();
    assert_eq!((&lock["closed_by"], &lock["why"]), (&"carl".into(), &"it is being reviewed".into()));
    assert_eq!(scene.verify()["sound"], true);
}

#[test]
fn into_a_soft_close_goes_only_what_an_exception_lets_in_and_only_for_whom_it_is_made() {
    let (scene, [(of_ana, by_ana), (of_greta, by_greta)]) = closed_on(["ana", "greta"]);
    scene.approve("carl", &by_ana).refused("soft_close_holds");

    let asked = except(&scene, "ana", &["ana"], &in_hours(5)).ok().one();
    approve(&scene, "ana", &asked).refused("author_of_a_change_does_not_decide_it");
    approve(&scene, "olga", &asked).refused("soft_close_needs_a_controller");
    let id = text(&asked, "id");
    // Nobody approves what they did not read.
    scene.run("carl", ["approve", &id]).refused("content_not_shown");
    scene.approve("carl", &by_ana).refused("soft_close_holds");
    approve(&scene, "carl", &asked).ok();

    scene.approve("carl", &by_ana).ok();
    scene.approve("carl", &by_greta).refused("soft_close_holds");
    scene.post().ok();
    let booked = scene.booked(&of_ana);
    assert_eq!((booked.len(), booked[0].period.as_str()), (1, "2026-11"), "{booked:?}");
    assert_eq!(scene.booked(&of_greta), []);
    let listed = scene.plainly(["period", "exceptions"]).ok().one();
    assert_eq!((&listed["state"], &listed["people"][0]), (&"holds".into(), &"ana".into()), "{listed}");
    assert_eq!(scene.verify()["sound"], true);
}

#[test]
fn an_exception_that_ended_after_the_approval_lets_nothing_in_and_a_new_one_does() {
    let (scene, [(reference, posting)]) = closed_on(["ana"]);
    let asked = except(&scene, "greta", &["ana"], &in_hours(5)).ok().one();
    approve(&scene, "carl", &asked).ok();
    scene.approve("carl", &posting).ok();
    let id = text(&asked, "id");
    let end = ["period", "end-exception", &id, "--reason", "the books are being printed"];
    scene.run("ana", end).refused("role_may_not");
    scene.run("cora", end).ok();
    scene.run("cora", end).refused("nothing_to_decide");
    scene.post();
    assert_eq!(scene.booked(&reference), [], "it was sent although nothing lets it in any more");
    let kept_out = scene.posting(&posting);
    assert_eq!(kept_out["state"], "refused", "{kept_out}");
    assert_eq!(kept_out["failure_code"], "soft_close_holds", "{kept_out}");

    let asked = except(&scene, "ana", &[], &in_hours(5)).ok().one();
    approve(&scene, "cora", &asked).ok();
    scene.run("ana", ["replay", &posting]).ok();
    scene.post().ok();
    assert_eq!(scene.booked(&reference).len(), 1);
}

#[test]
fn an_exception_is_for_a_time_and_approved_by_who_gains_nothing() {
    let (scene, []) = closed_on([]);
    let month = in_hours(24 * 32);
    for until in ["2026-11-01", month.as_str()] {
        except(&scene, "ana", &["ana"], until).refused("exception_too_long");
    }
    except(&scene, "ana", &["nobody"], &in_hours(5)).refused("person_unknown");
    except(&scene, "ana", &["ana"], "tomorrow").refused("bad_instant");
    except(&scene, "aud", &["ana"], &in_hours(5)).refused("auditor_reads_only");
    let asked = except(&scene, "ana", &["carl", "greta"], &in_hours(5)).ok().one();
    approve(&scene, "carl", &asked).refused("who_gains_does_not_approve");
    approve(&scene, "cora", &asked).ok();
    scene
        .run(
            "ana",
            ["period", "except", "US01", "2026-10", "--for", "ana", "--until", &in_hours(5), "--reason", "x"],
        )
        .refused("nothing_to_decide");
}

#[test]
fn lifting_a_soft_close_takes_two_controllers() {
    let (scene, [(reference, posting)]) = closed_on(["ana"]);
    lift(&scene, "ana").refused("role_may_not");
    lift(&scene, ADMINISTRATOR).refused("role_may_not");
    let asked = lift(&scene, "carl").ok().one();
    approve(&scene, "carl", &asked).refused("author_of_a_change_does_not_decide_it");
    approve(&scene, "olga", &asked).refused("soft_close_needs_a_controller");
    assert_eq!(status(&scene), "soft_closed");
    approve(&scene, "cora", &asked).ok();
    assert_eq!(status(&scene), "open");
    scene.approve("carl", &posting).ok();
    scene.post().ok();
    assert_eq!(scene.booked(&reference).len(), 1);
    // It is closed again, and what was lifted says nothing of that.
    soft_close(&scene, "cora").ok();
    assert_eq!(status(&scene), "soft_closed");
    assert_eq!(scene.plainly(["period", "locks"]).ok().one()["lift"], Value::Null);
    lift(&scene, "cora").ok();
    assert_eq!(scene.verify()["sound"], true);
}
