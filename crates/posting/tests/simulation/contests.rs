//! Two desks against each other, as they are and with a safeguard taken out.

use tieout_connectors::Protocol;
use tieout_posting::planted::Fault;

use crate::{
    contest::{Contest, play},
    from_env,
    office::Lapse,
};

const UNIQUE: Protocol = Protocol::UniqueKey;
const DRAFTS: Protocol = Protocol::DraftThenPost;

/// Nobody books twice, nothing is sent that was not approved or no longer holds, and in the end all is right.
#[track_caller]
fn check(protocol: Protocol, seeds: std::ops::Range<u64>, documents: u32) {
    let one = from_env("TIEOUT_SIM_SEED");
    for seed in one.map_or(seeds, |seed| seed..seed + 1) {
        let tale = play(Contest::new(seed, documents, protocol)).unwrap_or_else(|faults| {
            panic!("seed {seed}, {protocol:?}: {} faults:\n{}", faults.len(), faults.join("\n"))
        });
        println!("seed {seed} {protocol:?}: {tale:?}");
    }
}

#[test]
fn under_a_unique_key_two_desks_book_each_document_once() {
    check(UNIQUE, 1..7, 40);
}

#[test]
fn by_draft_and_post_two_desks_book_each_document_once() {
    check(DRAFTS, 1..7, 40);
}

/// With the safeguard out, some run of a few shows the fault; with it in, the same runs are clean.
#[track_caller]
fn finds(protocol: Protocol, faults: &[Fault], lapses: &[Lapse], want: &str) {
    for seed in 1..40 {
        let contest = Contest {
            faults: faults.to_vec(),
            lapses: lapses.to_vec(),
            ..Contest::new(seed, 30, protocol)
        };
        if let Err(found) = play(contest)
            && found.iter().any(|fault| fault.contains(want))
        {
            if let Err(faults) = play(Contest::new(seed, 30, protocol)) {
                panic!("seed {seed}: {faults:?}");
            }
            return;
        }
    }
    panic!("nobody saw it: {faults:?} {lapses:?}");
}

#[test]
fn several_postings_for_one_document_would_reverse_and_book_it_more_than_once() {
    let lapses = [Lapse::ManyPerDocument, Lapse::KeysByHistory];
    finds(UNIQUE, &[Fault::LanesByPosting], &lapses, "reversed twice");
}

#[test]
fn a_reversal_known_only_to_the_minor_unit_would_be_made_twice() {
    let lapses = [Lapse::ManyPerDocument, Lapse::KeysByHistory];
    finds(UNIQUE, &[Fault::ExactMirrors], &lapses, "reversed twice");
}

#[test]
fn a_set_that_is_not_looked_over_would_book_what_others_have_booked_meanwhile() {
    finds(UNIQUE, &[Fault::NoLookInSets], &[], "booked twice");
}

#[test]
fn keys_from_a_desks_own_history_would_book_twice_on_two_desks() {
    finds(UNIQUE, &[], &[Lapse::KeysByHistory], "booked twice");
    finds(DRAFTS, &[], &[Lapse::KeysByHistory], "booked twice");
}

#[test]
fn an_entry_taken_by_its_number_alone_would_be_undone_for_another_entitys_document() {
    finds(UNIQUE, &[], &[Lapse::PlansByNumber], "undoes entry");
}

#[test]
fn a_namesake_in_another_entity_would_never_be_booked() {
    finds(UNIQUE, &[Fault::NoNamesakes], &[], "in the end the ledger has []");
}

#[test]
fn a_payment_under_the_invoices_number_would_stop_the_invoice() {
    finds(UNIQUE, &[Fault::NoRoles], &[], "in the end the ledger has []");
}

#[test]
fn a_booking_in_the_wrong_entity_would_be_made_again_in_the_right_one() {
    finds(UNIQUE, &[Fault::OwnEntityOnly], &[], "booked twice");
}

#[test]
fn a_booking_under_another_name_of_the_document_would_be_made_again() {
    finds(UNIQUE, &[Fault::OneName], &[], "booked twice");
}

#[test]
fn a_set_taken_back_blindly_would_bring_back_what_is_booked_otherwise_by_now() {
    finds(UNIQUE, &[Fault::BlindTakingBack], &[], "booked twice");
}

#[test]
fn a_basis_that_is_never_compared_would_send_the_old_amount() {
    finds(UNIQUE, &[], &[Lapse::BasisUnchecked], "although its basis has moved");
}

#[test]
fn what_moves_between_the_permit_and_the_call_would_be_sent_all_the_same() {
    finds(UNIQUE, &[Fault::NoLastLook], &[], "although its basis has moved");
    finds(UNIQUE, &[Fault::NoLastLook], &[], "while it is on hold");
}

#[test]
fn ids_resolved_when_it_is_sent_would_not_be_the_ones_that_were_approved() {
    let lapses = [Lapse::ResolvedWhenSent, Lapse::BasisUnchecked];
    finds(UNIQUE, &[], &lapses, "something else than was approved");
}

#[test]
fn an_entry_that_was_changed_since_would_be_reversed_as_it_was() {
    finds(UNIQUE, &[Fault::ReversedUnread], &[], "which has changed");
}

#[test]
fn a_hold_that_the_outbox_does_not_know_would_not_stop_it() {
    finds(UNIQUE, &[], &[Lapse::HoldIgnored], "while it is on hold");
}

#[test]
fn a_draft_of_another_content_would_be_posted() {
    finds(DRAFTS, &[Fault::AnyDraft], &[], "says something else");
}
