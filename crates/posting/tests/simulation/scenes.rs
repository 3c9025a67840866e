//! More of the invariants of posting, one fact each: what a send rests on, what stops it, and how a set that
//! stayed half-booked comes to its end.

use tieout_domain::{
    PostingId,
    basis::{KeptEntry, ReversedEntry, Within},
    entry::JournalEntry,
    ledger::EntityRef,
    posting::{PostingEvent, PostingState},
};
use tieout_posting::{Done, Memo, Name, planted::Fault};

use crate::{
    company::{self, Sort},
    disk::{self, Row},
    erp::{ENTITY, OTHER_ENTITY},
    facts::{DRAFTS, Scene, UNIQUE, draft},
    office::Answer,
    world::{Scripted, World, lock},
};

/// The entry that a posting books, or, turned, a payment of it.
fn own_entry(world: &World, id: &PostingId) -> JournalEntry {
    let posting = &world.disks[0].rows[id].posting;
    posting.steps.last().unwrap().entry.clone()
}

fn change(world: &mut World, id: &PostingId, change: impl FnOnce(&mut Row)) {
    let mut row = world.disks[0].rows[id].clone();
    change(&mut row);
    world.disks[0].put(row);
}

#[test]
fn what_has_moved_since_the_approval_goes_back_and_nothing_is_sent() {
    let script = [[Answer::Moved].as_slice(), &[Answer::Fine, Answer::Moved]];
    for (protocol, script) in [UNIQUE, DRAFTS].into_iter().zip(script) {
        let mut scene = Scene::new(protocol, &[Sort::Plain], |world, _| world.office.script.extend(script));
        scene.rest();
        scene.check(0, "proposed basis_moved");
        assert_eq!((scene.executed().len(), scene.row(0).approved), (0, None));
        assert!(scene.row(0).memo().is_proven_unbooked());
    }
}

#[test]
fn a_draft_of_what_has_moved_is_not_posted_and_not_left() {
    let answers = [Answer::Fine, Answer::Fine, Answer::Moved];
    let mut scene = Scene::new(DRAFTS, &[Sort::Plain], |world, _| world.office.script.extend(answers));
    scene.rest();
    scene.check(0, "proposed basis_moved");
    assert_eq!(scene.executed()[1..], ["delete 1001"]);
    assert_eq!(scene.booked(0), 0);
}

#[test]
fn a_hold_stops_the_outbox_and_voids_nothing() {
    let mut scene =
        Scene::new(UNIQUE, &[Sort::Plain], |world, ids| change(world, &ids[0], |row| row.held = true));
    for _ in 0..40 {
        scene.step();
    }
    assert_eq!((scene.executed().len(), scene.row(0).state), (0, PostingState::Queued));
    let id = scene.ids[0].clone();
    change(&mut lock(&scene.world), &id, |row| row.held = false);
    scene.rest();
    scene.check(0, "booked -");
}

#[test]
fn a_hold_that_comes_between_stops_the_call_and_is_no_failure() {
    for answers in [vec![Answer::Held], vec![Answer::Fine, Answer::Held]] {
        let mut scene = Scene::new(UNIQUE, &[Sort::Plain], |world, _| world.office.script.extend(answers));
        scene.step();
        scene.check(0, "queued exception_held");
        assert_eq!((scene.executed().len(), scene.row(0).memo().failures), (0, 0));
        scene.rest();
        scene.check(0, "booked -");
    }
}

/// What an earlier version stored: no basis, no destination.
fn earlier(world: &mut World, id: &PostingId) {
    change(world, id, |row| {
        row.posting.basis = None;
        row.posting.steps.iter_mut().for_each(|step| step.destination = None);
        row.approved = Some(row.posting.content_hash());
    });
}

#[test]
fn what_an_earlier_version_prepared_is_looked_for_and_never_sent() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Plain, Sort::Plain], |world, ids| {
        draft(world, &ids[1]);
        ids.iter().for_each(|id| earlier(world, id));
    });
    scene.rest();
    scene.check(0, "proposed basis_moved");
    scene.check(1, "booked -");
    assert_eq!(scene.count("create"), 1, "the one that was there already");
}

#[test]
fn an_entry_that_was_changed_since_it_was_approved_is_not_reversed() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Reversal, Sort::Correction], |world, ids| {
        for id in ids {
            let target = world.disks[0].rows[id].posting.steps[0].reverses.clone().unwrap();
            world.erp.edit(&target, 1);
        }
    });
    scene.rest();
    scene.check(0, "refused reversed_entry_changed");
    scene.check(1, "refused reversed_entry_changed");
    assert_eq!(scene.executed().len(), 0);
}

/// An entry like the one that the posting undoes is to stay.
fn keep_another(world: &mut World, id: &PostingId) -> (String, String) {
    let step = world.disks[0].rows[id].posting.steps[0].clone();
    let surplus = step.reverses.unwrap();
    let wrong = step.entry.reversed(step.entry.posting_date(), step.entry.period().clone()).unwrap();
    let reference = step.entry.reference().to_owned();
    let stays = world.erp.book_foreign("bi-stays", ENTITY, &wrong, &reference);
    let kept = KeptEntry::of(&world.erp.row(&stays).unwrap());
    change(world, id, |row| {
        row.posting.basis.as_mut().unwrap().kept = vec![kept];
        row.approved = Some(row.posting.content_hash());
    });
    (surplus, stays)
}

#[test]
fn a_surplus_is_undone_only_while_the_entry_that_is_to_stay_stands_as_it_was() {
    type InTheErp = fn(&mut World, &str, &str);
    let nothing: InTheErp = |_, _, _| {};
    let changes: [InTheErp; 4] = [
        |world, _, stays| _ = world.erp.undo_by_hand(stays),
        // Of two alike nobody can say which one a mirror undid.
        |world, surplus, _| _ = world.erp.undo_by_hand(surplus),
        |world, _, stays| world.erp.edit(stays, 300),
        |world, _, stays| world.erp.delete_booked(stays),
    ];
    let scene = |what: InTheErp| {
        Scene::new(UNIQUE, &[Sort::Reversal], |world, ids| {
            let (surplus, stays) = keep_another(world, &ids[0]);
            what(world, &surplus, &stays);
        })
    };
    let mut as_it_was = scene(nothing);
    as_it_was.rest();
    as_it_was.check(0, "booked -");
    for what in changes {
        let mut moved = scene(what);
        moved.rest();
        moved.check(0, "proposed basis_moved");
        assert_eq!((moved.executed().len(), moved.row(0).approved), (0, None));
        // With the safeguard out the last entry would be undone.
        let mut unread = scene(what).without(&[Fault::KeptUnread]);
        unread.rest();
        assert_eq!(unread.count("create"), 1, "{}", unread.row(0).state.as_str());
    }
}

/// The posting books what its document differs by in a journal of many: the journal's id.
fn in_a_journal(world: &mut World, id: &PostingId) -> String {
    let mut draft = own_entry(world, id).into_draft();
    draft.reference = SUMMARY.to_owned();
    let entry = JournalEntry::new(draft).unwrap();
    let journal = world.erp.book_foreign("job-1", ENTITY, &entry, "others");
    let kept = vec![KeptEntry::of(&world.erp.row(&journal).unwrap())];
    change(world, id, |row| {
        let basis = row.posting.basis.as_mut().unwrap();
        basis.kept = kept;
        basis.within = Some(Within {
            name: "daily 2026-03-01".to_owned(),
            difference: Default::default(),
            names: vec![SUMMARY.to_owned()],
        });
        row.approved = Some(row.posting.content_hash());
    });
    journal
}

const SUMMARY: &str = "SUM-2026-03-01";

#[test]
fn a_difference_is_booked_only_while_the_entries_that_it_was_worked_out_of_are_as_they_were() {
    type InTheErp = fn(&mut World, &JournalEntry, &str);
    let nothing: InTheErp = |_, _, _| {};
    let changes: [InTheErp; 4] = [
        |world, _, journal| world.erp.edit(journal, 300),
        |world, _, journal| world.erp.delete_booked(journal),
        // A second journal of the day, and an entry under the document's own name.
        |world, own, _| {
            let mut draft = own.clone().into_draft();
            draft.reference = SUMMARY.to_owned();
            world.erp.book_foreign("job-2", ENTITY, &JournalEntry::new(draft).unwrap(), "others");
        },
        |world, own, _| _ = world.erp.book_foreign("by hand", ENTITY, own, "others"),
    ];
    let scene = |what: InTheErp| {
        Scene::new(UNIQUE, &[Sort::Plain], |world, ids| {
            let own = own_entry(world, &ids[0]);
            let journal = in_a_journal(world, &ids[0]);
            what(world, &own, &journal);
        })
    };
    let mut as_it_was = scene(nothing);
    as_it_was.rest();
    as_it_was.check(0, "booked -");
    for what in changes {
        let mut moved = scene(what);
        moved.rest();
        moved.check(0, "proposed basis_moved");
        assert_eq!((moved.executed().len(), moved.row(0).approved), (0, None));
        // With the safeguard out it would be booked all the same.
        let mut unread = scene(what).without(&[Fault::KeptUnread]);
        unread.rest();
        assert_eq!(unread.count("create"), 1, "{}", unread.row(0).state.as_str());
    }
}

#[test]
fn billing_that_does_not_answer_is_asked_again_and_nothing_is_sent_meanwhile() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Plain], |world, _| {
        world.office.script.extend([Answer::Unread, Answer::Unread]);
    });
    for failures in 1..3 {
        while scene.row(0).memo().failures < failures {
            if let Some(Done::Idle { wake: Some(at) }) = scene.step() {
                lock(&scene.world).pass_until(at);
            }
        }
        scene.check(0, "queued billing_not_read");
        assert_eq!(scene.executed().len(), 0);
        assert!(scene.row(0).approved.is_some(), "its approval stays");
    }
    scene.rest();
    scene.check(0, "booked -");
}

#[test]
fn what_was_looked_up_too_long_ago_is_looked_up_again_before_anything_is_sent() {
    let scene = || Scene::new(UNIQUE, &[Sort::Plain], |world, _| world.office.script.push_back(Answer::Slow));
    let mut looks_again = scene();
    looks_again.rest();
    looks_again.check(0, "refused already_in_ledger");
    assert_eq!(looks_again.executed().len(), 0, "nothing was sent");
    // With the safeguard out it is booked a second time.
    let mut trusts = scene().without(&[Fault::OldLookUps]);
    trusts.rest();
    assert_eq!(trusts.count("create"), 1);
}

#[test]
fn a_set_of_which_a_later_step_cannot_be_booked_is_not_begun() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Correction, Sort::Correction], |world, ids| {
        let entry = own_entry(world, &ids[0]);
        world.erp.book_foreign("by hand", ENTITY, &entry, "INV-0");
        let april = chrono::NaiveDate::from_ymd_opt(2026, 4, 2).unwrap();
        change(world, &ids[1], |row| {
            let step = row.posting.steps.last_mut().unwrap();
            let period = tieout_domain::calendar::PeriodKey::month(april);
            step.entry = step.entry.rerouted(april, period, &Default::default()).unwrap();
            row.approved = Some(row.posting.content_hash());
        });
        world.erp.close("2026-04");
    });
    scene.rest();
    scene.check(0, "refused already_in_ledger");
    scene.check(1, "refused period_closed");
    assert_eq!(scene.executed().len(), 0);
}

/// A correction whose first step is booked and whose second was refused.
fn half_booked() -> Scene {
    let mut scene = Scene::new(UNIQUE, &[Sort::Correction], |world, ids| {
        let key = world.disks[0].rows[&ids[0]].posting.steps[1].key.as_str().to_owned();
        world.erp.refuse(&key);
    });
    scene.rest();
    scene.check(0, "refused validation_failed");
    lock(&scene.world).erp.refuse_nothing();
    let row = scene.row(0);
    assert!(row.memo().is_half_booked(&row.posting) && !row.memo().is_proven_unbooked());
    scene
}

#[test]
fn a_half_booked_set_is_finished_by_a_person() {
    let mut scene = half_booked();
    let id = scene.ids[0].clone();
    assert!(!disk::person(&mut lock(&scene.world), 0, &id, PostingEvent::Cancelled), "it cannot be dropped");
    assert!(scene.row(0).memo().may_finish(&scene.row(0).posting).is_ok());
    assert!(disk::person(&mut lock(&scene.world), 0, &id, PostingEvent::Replayed));
    scene.rest();
    scene.check(0, "booked -");
    assert_eq!(scene.count("create"), 3, "one refused, and two that were booked");
    assert!(lock(&scene.world).erp.book.faults.is_empty());
}

#[test]
fn a_gap_that_somebody_filled_meanwhile_is_not_booked_again() {
    let mut scene = half_booked();
    let id = scene.ids[0].clone();
    {
        let mut world = lock(&scene.world);
        let entry = own_entry(&world, &id);
        world.erp.book_foreign("by hand", ENTITY, &entry, "INV-0");
        disk::person(&mut world, 0, &id, PostingEvent::Replayed);
    }
    scene.rest();
    scene.check(0, "refused already_in_ledger");
    assert_eq!(scene.count("create"), 2);
}

#[test]
fn a_reversal_that_was_taken_back_by_hand_stops_the_rest_of_its_set() {
    let mut scene = half_booked();
    let id = scene.ids[0].clone();
    {
        let mut world = lock(&scene.world);
        let reversal = world.disks[0].rows[&id].memo().booked[0].erp_id.clone();
        world.erp.undo_by_hand(&reversal);
        disk::person(&mut world, 0, &id, PostingEvent::Replayed);
    }
    scene.rest();
    scene.check(0, "refused already_in_ledger");
}

#[test]
fn a_reversal_is_not_reversed_because_that_would_book_again_under_a_key_of_its_own() {
    let mut scene = half_booked();
    {
        let mut world = lock(&scene.world);
        let row = world.disks[0].rows[&scene.ids[0]].clone();
        let booked = row.memo().booked[0].clone();
        assert!(disk::person(&mut world, 0, &scene.ids[0], PostingEvent::TakenBack));
        let mut back = row;
        let step = &mut back.posting.steps[0];
        let date = step.entry.posting_date();
        step.entry = step.entry.reversed(date, step.entry.period().clone()).unwrap();
        step.key = company::key("INV-0", Some(&booked.erp_id));
        step.reverses = Some(booked.erp_id.clone());
        back.posting.steps.truncate(1);
        let entry = world.erp.row(&booked.erp_id).unwrap();
        back.posting.basis.as_mut().unwrap().reversed = vec![ReversedEntry::of(&entry)];
        back.posting.id = PostingId::derive(&["back"]);
        back.approved = Some(back.posting.content_hash());
        back.remember(&Memo::default());
        (back.state, back.next_try_at, back.failure) = (PostingState::Queued, Some(world.now()), None);
        scene.ids.push(back.posting.id.clone());
        world.disks[0].put(back);
    }
    scene.rest();
    scene.check(1, "refused reverses_a_reversal");
}

#[test]
fn a_set_with_a_step_in_doubt_or_none_booked_or_all_is_neither_finished_nor_taken_back() {
    let code = |memo: &Memo, row: &Row| memo.to_take_back(&row.posting).unwrap_err().code();
    let scene = Scene::new(UNIQUE, &[Sort::Correction], |_, _| {});
    assert_eq!(code(&Memo::default(), &scene.row(0)), "set_nothing_booked");
    let mut doubted = Scene::scripted(UNIQUE, &[Scripted::Lost]);
    doubted.step();
    assert_eq!(code(&doubted.row(0).memo(), &doubted.row(0)), "posting_in_doubt");
    let mut whole = Scene::new(UNIQUE, &[Sort::Correction], |_, _| {});
    whole.rest();
    assert_eq!(code(&whole.row(0).memo(), &whole.row(0)), "posting_already_booked");
}

#[test]
fn a_payment_under_the_invoices_number_stops_nothing_and_a_raise_in_any_entity_does() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Plain, Sort::Plain, Sort::Plain], |world, ids| {
        for (id, (entity, turned)) in
            ids.iter().zip([(ENTITY, true), (OTHER_ENTITY, true), (OTHER_ENTITY, false)])
        {
            let mut draft = own_entry(world, id).into_draft();
            if turned {
                for line in &mut draft.lines {
                    line.transaction = line.transaction.checked_neg().unwrap();
                    line.functional = line.functional.checked_neg().unwrap();
                }
                draft.lines[1].account = "1000".parse().unwrap();
            }
            let entry = JournalEntry::new(draft).unwrap();
            world.erp.book_foreign("bi", entity, &entry, "");
        }
    });
    scene.rest();
    scene.check(0, "booked -");
    scene.check(1, "booked -");
    scene.check(2, "refused already_in_ledger");
}

#[test]
fn an_entry_that_leaves_the_control_account_as_it_is_may_be_the_document_on_a_wrong_account() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Plain], |world, ids| {
        let mut draft = own_entry(world, &ids[0]).into_draft();
        draft.lines[0].account = "1000".parse().unwrap();
        world.erp.book_foreign("bi", ENTITY, &JournalEntry::new(draft).unwrap(), "");
    });
    scene.rest();
    scene.check(0, "refused already_in_ledger");
}

#[test]
fn an_entry_in_an_entity_that_has_a_document_of_the_name_is_that_documents() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Plain], |world, ids| {
        let entry = own_entry(world, &ids[0]);
        world.erp.book_foreign("bi", OTHER_ENTITY, &entry, "");
        change(world, &ids[0], |row| {
            row.look.names[0].elsewhere = vec![EntityRef::ErpId(OTHER_ENTITY.to_owned())];
        });
    });
    scene.rest();
    scene.check(0, "booked -");
}

#[test]
fn an_entry_under_another_name_of_the_document_stops_the_send() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Plain], |world, ids| {
        let mut draft = own_entry(world, &ids[0]).into_draft();
        draft.reference = "in_123".to_owned();
        world.erp.book_foreign("bi", ENTITY, &JournalEntry::new(draft).unwrap(), "");
        change(world, &ids[0], |row| {
            row.look.names.push(Name { text: "in_123".to_owned(), elsewhere: Vec::new() });
        });
    });
    scene.rest();
    scene.check(0, "refused already_in_ledger");
    assert_eq!(scene.executed().len(), 0);
}

#[test]
fn an_entry_of_the_key_that_was_undone_since_is_no_booking_of_this() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Plain], |world, ids| {
        draft(world, &ids[0]);
        world.erp.undo_by_hand("1001");
    });
    scene.rest();
    scene.check(0, "refused key_spent_in_erp");
}

#[test]
fn other_content_under_the_key_is_never_taken_for_what_was_sent_and_refused() {
    let mut scene = Scene::scripted(UNIQUE, &[Scripted::Turned(Some(5))]);
    scene.step();
    assert_eq!(scene.row(0).memo().step_attempts, 1);
    let id = scene.ids[0].clone();
    draft(&mut lock(&scene.world), &id);
    lock(&scene.world).erp.edit("1001", 500);
    scene.rest();
    scene.check(0, "refused key_holds_other_content");
}

#[test]
fn a_draft_of_another_content_is_deleted_and_the_approved_one_is_posted() {
    let mut scene = Scene::new(DRAFTS, &[Sort::Plain], |world, ids| {
        draft(world, &ids[0]);
        world.erp.edit("1001", 500);
    });
    scene.rest();
    scene.check(0, "booked -");
    assert_eq!(scene.executed()[1], "delete 1001");
    assert_eq!((scene.booked(0), scene.count("post 1001"), scene.count("post 1002")), (1, 0, 1));
}

#[test]
fn a_customer_that_is_known_is_named_as_approved_and_not_asked_for() {
    let mut scene = Scene::new(UNIQUE, &[Sort::NewCustomer, Sort::NewCustomer], |world, ids| {
        change(world, &ids[1], |row| {
            let step = &mut row.posting.steps[0];
            let mut draft = step.entry.clone().into_draft();
            draft.customer = Some("c77".to_owned());
            step.entry = JournalEntry::new(draft).unwrap();
            let erp_id = "c77".to_owned();
            step.destination.as_mut().unwrap().customer =
                Some(tieout_domain::destination::Customer::Known { erp_id });
            row.approved = Some(row.posting.content_hash());
        });
    });
    scene.rest();
    scene.check(0, "booked -");
    scene.check(1, "booked -");
    assert_eq!(scene.count("customer"), 1);
}

#[test]
fn a_destination_that_lacks_an_account_is_refused_and_nothing_is_sent() {
    let mut scene = Scene::new(UNIQUE, &[Sort::Plain], |world, ids| {
        change(world, &ids[0], |row| {
            row.posting.steps[0].destination.as_mut().unwrap().accounts.clear();
            row.approved = Some(row.posting.content_hash());
        });
    });
    scene.rest();
    scene.check(0, "refused destination_no_account");
    assert_eq!(scene.executed().len(), 0);
}

#[test]
fn a_key_that_the_next_posting_has_is_that_ones_to_watch() {
    for protocol in [UNIQUE, DRAFTS] {
        // Never executed, and at last proven unbooked; then the ERP refuses it, and it is still watched.
        let mut scene = Scene::scripted(protocol, &[Scripted::Lost]);
        let key = scene.row(0).posting.steps[0].key.as_str().to_owned();
        lock(&scene.world).erp.refuse(&key);
        while scene.row(0).state != PostingState::Refused {
            if let Some(Done::Idle { wake: Some(at) }) = scene.step() {
                lock(&scene.world).pass_until(at);
            }
        }
        assert!(scene.row(0).memo().watch_until.is_some());
        {
            let mut world = lock(&scene.world);
            world.erp.refuse_nothing();
            assert!(disk::person(&mut world, 0, &scene.ids[0], PostingEvent::Cancelled));
            let mut again = world.disks[0].rows[&scene.ids[0]].clone();
            again.posting.id = PostingId::derive(&["again"]);
            again.state = PostingState::Queued;
            again.remember(&Memo::default());
            (again.next_try_at, again.failure) = (Some(world.now()), None);
            world.disks[0].put(again.clone());
            scene.ids.push(again.posting.id);
        }
        scene.rest();
        scene.check(1, "booked -");
        scene.check(0, "cancelled validation_failed");
        assert_eq!((scene.booked(1), lock(&scene.world).erp.drafts().len()), (1, 0));
    }
}
