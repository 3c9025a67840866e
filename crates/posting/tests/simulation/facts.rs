//! The invariants of posting, one fact each: the same world, with chance switched off and a script.

use std::sync::{Arc, Mutex};

use chrono::{Duration, NaiveDate};
use tieout_connectors::{BookRequest, Protocol};
use tieout_domain::{
    PostingId,
    posting::{PostingEvent, PostingState},
};
use tieout_posting::{Done, Worker, planted::Fault};

use crate::{
    Run, SETTLING,
    company::{self, Sort},
    disk::{self, Row},
    erp::{ENTITY, Effect, Erp},
    poll_once, worker,
    world::{Chaos, Scripted, Shared, World, lock},
};

pub const UNIQUE: Protocol = Protocol::UniqueKey;
pub const DRAFTS: Protocol = Protocol::DraftThenPost;

pub struct Scene {
    pub world: Shared,
    worker: Worker,
    run: Run,
    pub ids: Vec<PostingId>,
}

impl Scene {
    /// One posting of each sort, numbered from 0; `prepare` changes the world before anything runs.
    pub fn new(protocol: Protocol, sorts: &[Sort], prepare: impl FnOnce(&mut World, &[PostingId])) -> Self {
        let mut world = World::new(1, Erp::new(protocol));
        world.chaos = Chaos::NONE;
        let mut ids: Vec<PostingId> = Vec::new();
        for (sort, number) in sorts.iter().zip(0..) {
            let before = ids.last().cloned();
            ids.push(company::add(&mut world, number, *sort, before));
        }
        prepare(&mut world, &ids);
        let world: Shared = Arc::new(Mutex::new(world));
        let run = Run::new(1, 0, protocol);
        let worker = worker(run, &world, 0);
        Self { world, worker, run, ids }
    }

    /// The same with these safeguards out.
    pub fn without(self, faults: &[Fault]) -> Self {
        Self { worker: self.worker.planting(faults), ..self }
    }

    pub fn scripted(protocol: Protocol, script: &[Scripted]) -> Self {
        Self::new(protocol, &[Sort::Plain], |world, _| world.script.extend(script.iter().copied()))
    }

    /// One step; a process that dies in it is started again.
    pub fn step(&mut self) -> Option<Done> {
        let done = poll_once(self.worker.step()).map(Result::unwrap);
        if done.is_none() {
            self.worker = worker(self.run, &self.world, 1);
        }
        done
    }

    /// Steps until nothing is left to do, waiting where the engine waits.
    pub fn rest(&mut self) {
        for _ in 0..400 {
            match self.step() {
                Some(Done::Idle { wake: None }) => return,
                Some(Done::Idle { wake: Some(at) }) => lock(&self.world).pass_until(at),
                Some(Done::Visited { .. }) | None => {}
            }
        }
        panic!("it does not come to rest");
    }

    pub fn row(&self, index: usize) -> Row {
        lock(&self.world).disks[0].rows[&self.ids[index]].clone()
    }

    pub fn executed(&self) -> Vec<String> {
        lock(&self.world).erp.executed.clone()
    }

    pub fn count(&self, what: &str) -> usize {
        self.executed().iter().filter(|name| name.starts_with(what)).count()
    }

    /// How often the first step of a posting is booked in the judge's book.
    pub fn booked(&self, index: usize) -> usize {
        let key = self.row(index).posting.steps[0].key.as_str().to_owned();
        lock(&self.world).erp.book.by_key.get(&key).map_or(0, Vec::len)
    }

    #[track_caller]
    pub fn check(&self, index: usize, want: &str) {
        let row = self.row(index);
        let findings: Vec<&str> = row.findings.iter().map(|finding| finding.code()).collect();
        let got = format!("{} {}", row.state.as_str(), row.failure.as_deref().unwrap_or("-"));
        assert_eq!(format!("{got} {}", findings.join(" ")).trim_end(), want);
    }
}

#[test]
fn a_crash_before_the_first_byte_leaves_an_intent_and_no_entry() {
    for protocol in [UNIQUE, DRAFTS] {
        let mut scene = Scene::scripted(protocol, &[Scripted::DiesBefore]);
        assert_eq!(scene.step(), None);
        let key = scene.row(0).posting.steps[0].key.as_str().to_owned();
        assert!(lock(&scene.world).disks[0].has_intent(Some(&key), None));
        assert_eq!(scene.executed().len(), 0);
        scene.rest();
        scene.check(0, "booked -");
        assert_eq!(scene.booked(0), 1);
    }
}

#[test]
fn an_answer_that_was_lost_is_looked_up_and_nothing_is_sent_twice() {
    for script in [[Scripted::Silent], [Scripted::DiesAfter], [Scripted::Late(40)]] {
        let mut scene = Scene::scripted(UNIQUE, &script);
        scene.rest();
        scene.check(0, "booked -");
        assert_eq!((scene.count("create"), scene.booked(0)), (1, 1), "{script:?}");
    }
}

#[test]
fn an_unknown_outcome_is_not_sent_again_before_absence_is_proven() {
    let mut scene = Scene::scripted(UNIQUE, &[Scripted::Lost]);
    scene.step();
    let doubted = lock(&scene.world).now();
    scene.check(0, "in_doubt timed_out");
    assert!(scene.row(0).memo().is_in_doubt());
    while scene.count("create") == 0 {
        if let Some(Done::Idle { wake: Some(at) }) = scene.step() {
            lock(&scene.world).pass_until(at);
        }
    }
    assert!(lock(&scene.world).now() - doubted >= SETTLING, "sent again too early");
    scene.rest();
    scene.check(0, "booked -");
}

#[test]
fn what_the_vendor_asked_for_is_waited_and_failures_end_in_a_dead_letter() {
    let mut scene = Scene::scripted(UNIQUE, &[Scripted::Turned(Some(45)); 6]);
    let asked = lock(&scene.world).now();
    scene.step();
    scene.check(0, "queued rate_limited");
    assert!(scene.row(0).next_try_at.unwrap() - asked >= Duration::seconds(45));
    scene.rest();
    scene.check(0, "dead_letter rate_limited");
    assert_eq!(scene.booked(0), 0);
    disk::person(&mut lock(&scene.world), 0, &scene.ids[0], PostingEvent::Replayed);
    scene.rest();
    scene.check(0, "booked -");
}

#[test]
fn a_closed_period_is_refused_before_anything_is_sent() {
    let close = |world: &mut World, _: &[PostingId]| world.erp.close(company::CLOSING);
    let mut scene = Scene::new(UNIQUE, &[Sort::ClosingPeriod], close);
    scene.rest();
    scene.check(0, "refused period_closed");
    assert_eq!(scene.executed().len(), 0);
}

#[test]
fn a_period_that_closes_between_draft_and_post_leaves_no_draft() {
    let mut scene = Scene::new(DRAFTS, &[Sort::ClosingPeriod], |world, _| {
        world.script.extend([Scripted::Delivered, Scripted::Turned(None)]);
    });
    scene.step();
    lock(&scene.world).erp.close(company::CLOSING);
    assert_eq!(lock(&scene.world).erp.drafts().len(), 1);
    scene.rest();
    scene.check(0, "refused period_closed");
    assert_eq!(lock(&scene.world).erp.drafts().len(), 0);
}

#[test]
fn nothing_is_sent_without_a_permit() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Unapproved], |_, _| {});
    scene.rest();
    scene.check(0, "refused approvals_missing");
    assert_eq!(scene.executed().len(), 0);
}

#[test]
fn an_entry_of_another_integration_stops_the_send_unless_it_is_reversed() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Foreign, Sort::Foreign], |world, ids| {
        let there = world.erp.of_reference(&world.disks[0].rows[&ids[1]].posting.reference.clone(), "");
        world.erp.undo_by_hand(&there[0].erp_id);
    });
    scene.rest();
    scene.check(0, "refused already_in_ledger");
    scene.check(1, "booked -");
    assert_eq!((scene.booked(0), scene.booked(1)), (0, 1));
}

#[test]
fn the_customer_comes_before_the_invoice_and_the_invoice_before_the_payment() {
    let mut scene = Scene::new(UNIQUE, &[Sort::NewCustomer, Sort::Payment], |world, _| {
        world.script.push_back(Scripted::Turned(Some(20)));
    });
    scene.rest();
    let keys: Vec<String> = (0..2).map(|i| scene.row(i).posting.steps[0].key.to_string()).collect();
    let want = ["customer cus_0".to_owned(), format!("create {}", keys[0]), format!("create {}", keys[1])];
    assert_eq!(scene.executed(), want);
}

#[test]
fn a_set_goes_on_only_when_its_step_is_booked() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Correction, Sort::Correction], |world, ids| {
        let key = world.disks[0].rows[&ids[0]].posting.steps[0].key.as_str().to_owned();
        world.erp.refuse(&key);
    });
    scene.rest();
    scene.check(0, "refused validation_failed");
    scene.check(1, "booked -");
    assert_eq!(scene.count("create"), 3, "one refused, and two steps of the other");
    assert_eq!(scene.row(1).memo().booked.len(), 2);
}

#[test]
fn an_entry_is_not_reversed_twice_nor_when_it_is_gone() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Reversal, Sort::Reversal], |world, ids| {
        let target = world.disks[0].rows[&ids[0]].posting.steps[0].reverses.clone().unwrap();
        world.erp.undo_by_hand(&target);
        let mut row = world.disks[0].rows[&ids[1]].clone();
        row.posting.steps[0].reverses = Some("999".to_owned());
        world.disks[0].put(row);
    });
    scene.rest();
    scene.check(0, "refused already_reversed");
    scene.check(1, "refused reversed_entry_missing");
    assert_eq!(scene.executed().len(), 0);
}

#[test]
fn a_date_that_the_erp_moved_is_booked_and_an_exception() {
    for protocol in [UNIQUE, DRAFTS] {
        let mut scene = Scene::new(protocol, &[Sort::Moved], |_, _| {});
        scene.rest();
        scene.check(0, "booked - period_moved");
    }
}

pub fn draft(world: &mut World, id: &PostingId) {
    let step = world.disks[0].rows[id].posting.steps[0].clone();
    let to = step.destination.unwrap();
    let request = BookRequest {
        key: step.key,
        entry: step.entry,
        entity_erp_id: to.entity_erp_id,
        accounts: to.accounts,
        options: to.options,
        reverses: None,
    };
    let document = world.disks[0].rows[id].document.clone();
    world.erp.execute(&Effect::Create(Box::new(request), document)).unwrap();
}

#[test]
fn of_several_drafts_of_one_key_the_lowest_is_posted_and_the_others_are_deleted() {
    let mut scene = Scene::new(DRAFTS, &[Sort::Plain], |world, ids| {
        (0..3).for_each(|_| draft(world, &ids[0]));
    });
    scene.rest();
    scene.check(0, "booked -");
    assert_eq!(scene.executed()[3..], ["post 1001", "delete 1002", "delete 1003"]);
}

#[test]
fn a_draft_that_may_be_posted_already_stays_the_chosen_one() {
    let late_post = [Scripted::Delivered, Scripted::Late(30)];
    let mut scene = Scene::scripted(DRAFTS, &late_post);
    scene.step();
    let chosen = scene.row(0).memo().chosen_draft;
    assert_eq!(chosen.as_deref(), Some("1001"));
    // Another draft of the key turns up, with a lower id.
    let mut row = lock(&scene.world).erp.row("1001").unwrap();
    row.erp_id = "0999".to_owned();
    lock(&scene.world).erp.plant(row);
    scene.rest();
    scene.check(0, "booked -");
    assert_eq!((scene.booked(0), scene.count("post 0999")), (1, 0));
    assert_eq!(lock(&scene.world).erp.drafts().len(), 0);
}

#[test]
fn a_draft_that_comes_after_absence_was_proven_is_swept() {
    let late = i64::from(u8::MAX) / 2;
    assert!(Duration::seconds(late) > SETTLING);
    let mut scene = Scene::scripted(DRAFTS, &[Scripted::Late(late)]);
    scene.rest();
    scene.check(0, "booked -");
    assert_eq!((scene.booked(0), scene.count("create"), scene.count("delete")), (1, 2, 1));
    assert_eq!(lock(&scene.world).erp.drafts().len(), 0);
}

#[test]
fn a_key_that_holds_other_content_is_refused() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Plain], |world, ids| {
        let key = world.disks[0].rows[&ids[0]].posting.steps[0].key.as_str().to_owned();
        let date = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        world.erp.book_foreign(&key, ENTITY, &company::entry("INV-0", 1, date), "INV-0");
    });
    scene.rest();
    scene.check(0, "refused key_holds_other_content");
}

#[test]
fn a_key_that_another_desk_has_booked_with_the_same_content_is_taken_for_ours() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Plain], |world, ids| draft(world, &ids[0]));
    scene.rest();
    scene.check(0, "booked -");
    assert_eq!(scene.count("create"), 1);
}

#[test]
fn a_posting_can_be_withdrawn_only_while_it_is_proven_unbooked() {
    let mut scene = Scene::scripted(UNIQUE, &[Scripted::Turned(Some(30))]);
    scene.step();
    assert_eq!(scene.row(0).state, PostingState::Queued);
    assert!(scene.row(0).memo().is_proven_unbooked());
    let mut doubted = Scene::scripted(UNIQUE, &[Scripted::Lost]);
    doubted.step();
    assert!(!doubted.row(0).memo().is_proven_unbooked());
    assert!(!disk::person(&mut lock(&doubted.world), 0, &doubted.ids[0], PostingEvent::Cancelled));
    let mut fresh = Scene::scripted(UNIQUE, &[]);
    disk::person(&mut lock(&fresh.world), 0, &fresh.ids[0], PostingEvent::Cancelled);
    fresh.rest();
    fresh.check(0, "cancelled -");
    assert_eq!(fresh.executed().len(), 0);
}

#[test]
fn several_lanes_book_everything_once() {
    let scene = Scene::new(DRAFTS, &[Sort::Plain; 40], |_, _| {});
    let deadline = lock(&scene.world).now() + Duration::hours(1);
    let lanes = Arc::new(scene.worker);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    let visits = runtime.block_on(lanes.run_lanes(4, deadline)).unwrap();
    assert_eq!(visits.len(), 40);
    let world = lock(&scene.world);
    assert_eq!(world.erp.book.by_key.len(), 40);
    assert!(world.erp.book.by_key.values().all(|bookings| bookings.len() == 1));
}
