//! Two desks against each other, as they are and with a safeguard taken out.

use tieout_connectors::Protocol;
use tieout_posting::planted::Fault;

use crate::{
    contest::{Contest, play},
    from_env,
    office::Lapse,
    wire::Planted,
};

const UNIQUE: Protocol = Protocol::UniqueKey;
const DRAFTS: Protocol = Protocol::DraftThenPost;

/// Nobody books twice, nothing is sent that was not approved or no longer holds, and in the end all is right.
#[track_caller]
fn check(protocol: Protocol, seeds: std::ops::Range<u64>, documents: u32) {
    let one = from_env("TIEOUT_SIM_SEED");
    let (mut half_booked, mut taken_back, mut at_once) = (0, 0, 0);
    for seed in one.map_or(seeds, |seed| seed..seed + 1) {
        let tale = play(Contest::new(seed, documents, protocol)).unwrap_or_else(|faults| {
            panic!("seed {seed}, {protocol:?}: {} faults:\n{}", faults.len(), faults.join("\n"))
        });
        println!("seed {seed} {protocol:?}: {tale:?}");
        half_booked += tale.half_booked;
        taken_back += tale.taken_back;
        at_once = at_once.max(tale.at_once);
        assert!(tale.booked > 40 && tale.unknowns > 0, "nothing happened");
    }
    assert!(one.is_some() || (half_booked > 0 && taken_back > 0), "no set stayed half-booked");
    assert!(one.is_some() || at_once > 1, "lanes never asked together");
}

#[test]
fn under_a_unique_key_two_desks_book_each_document_once() {
    check(UNIQUE, 1..31, 40);
}

#[test]
fn by_draft_and_post_two_desks_book_each_document_once() {
    check(DRAFTS, 1..31, 40);
}

/// What is out, and what else is out already: the safeguards behind one another would hide each other.
struct Trial {
    desks: usize,
    planted: Planted,
    faults: &'static [Fault],
    lapses: &'static [Lapse],
    also: &'static [Lapse],
}

/// Nothing else is out.
const ALONE: Trial = Trial { desks: 2, planted: Planted::Nothing, faults: &[], lapses: &[], also: &[] };
/// One desk, where the rules before the engine are out: what is left are the engine's own.
const ENGINE: Trial = Trial { desks: 1, also: &[Lapse::ManyPerDocument, Lapse::KeysByHistory], ..ALONE };

/// With the safeguard out, some run of a few shows the fault; with it in, the same run does not.
#[track_caller]
fn finds(protocol: Protocol, trial: &Trial, want: &str) {
    let shows = |seed, planted, faults: &[Fault], lapses: Vec<Lapse>| {
        let base = Contest::new(seed, 30, protocol);
        let found = play(Contest { desks: trial.desks, planted, faults: faults.to_vec(), lapses, ..base });
        found.err().unwrap_or_default()
    };
    for seed in 1..60 {
        let out = shows(seed, trial.planted, trial.faults, [trial.also, trial.lapses].concat());
        if out.iter().any(|fault| fault.contains(want)) {
            let with = shows(seed, Planted::Nothing, &[], trial.also.to_vec());
            let clean = trial.also.is_empty() && !with.is_empty();
            assert!(!clean && !with.iter().any(|fault| fault.contains(want)), "seed {seed}: {with:?}");
            return;
        }
    }
    panic!("nobody saw it: {:?} {:?}", trial.faults, trial.lapses);
}

#[track_caller]
fn finds_fault(protocol: Protocol, fault: &'static [Fault], want: &str) {
    finds(protocol, &Trial { faults: fault, ..ALONE }, want);
}

#[track_caller]
fn finds_lapse(protocol: Protocol, lapse: &'static [Lapse], want: &str) {
    finds(protocol, &Trial { lapses: lapse, ..ALONE }, want);
}

#[test]
fn a_look_up_for_several_that_failed_would_be_no_proof_that_nothing_is_there() {
    finds(UNIQUE, &Trial { planted: Planted::FailuresFindNothing, ..ALONE }, "booked twice");
}

#[test]
fn answers_that_are_fewer_than_the_questions_are_taken_for_none() {
    for seed in 1..6 {
        let planted = Planted::PartsOfAnswers;
        let faults = play(Contest { planted, ..Contest::new(seed, 30, UNIQUE) }).err();
        assert_eq!(faults, None, "seed {seed}");
    }
}

#[test]
fn several_postings_for_one_document_would_reverse_and_book_it_more_than_once() {
    finds(UNIQUE, &Trial { faults: &[Fault::LanesByPosting], ..ENGINE }, "reversed twice");
}

#[test]
fn a_reversal_known_only_to_the_minor_unit_would_be_made_twice() {
    finds(UNIQUE, &Trial { faults: &[Fault::ExactMirrors], ..ENGINE }, "reversed twice");
}

#[test]
fn a_set_that_is_not_looked_over_would_book_what_others_have_booked_meanwhile() {
    finds_fault(UNIQUE, &[Fault::NoLookInSets], "booked twice");
}

#[test]
fn keys_from_a_desks_own_history_would_book_twice_on_two_desks() {
    finds_lapse(UNIQUE, &[Lapse::KeysByHistory], "booked twice");
    finds_lapse(DRAFTS, &[Lapse::KeysByHistory], "booked twice");
}

#[test]
fn an_entry_taken_by_its_number_alone_would_be_undone_for_another_entitys_document() {
    finds_lapse(UNIQUE, &[Lapse::PlansByNumber], "undoes entry");
}

#[test]
fn a_namesake_in_another_entity_would_never_be_booked() {
    finds_fault(UNIQUE, &[Fault::NoNamesakes], "in the end the ledger has []");
}

#[test]
fn a_payment_under_the_invoices_number_would_stop_the_invoice() {
    finds_fault(UNIQUE, &[Fault::NoRoles], "in the end the ledger has []");
}

#[test]
fn a_booking_in_the_wrong_entity_would_be_made_again_in_the_right_one() {
    finds_fault(UNIQUE, &[Fault::OwnEntityOnly], "booked twice");
}

#[test]
fn a_booking_under_another_name_of_the_document_would_be_made_again() {
    finds_fault(UNIQUE, &[Fault::OneName], "booked twice");
}

#[test]
fn a_basis_that_is_never_compared_would_send_the_old_amount() {
    finds_lapse(UNIQUE, &[Lapse::BasisUnchecked], "although its basis has moved");
}

#[test]
fn what_moves_between_the_permit_and_the_call_would_be_sent_all_the_same() {
    finds_fault(UNIQUE, &[Fault::NoLastLook], "although its basis has moved");
    finds_fault(UNIQUE, &[Fault::NoLastLook], "while it is on hold");
}

#[test]
fn what_billing_moved_and_no_desk_has_read_would_be_sent_as_it_was() {
    finds_fault(UNIQUE, &[Fault::NoReread], "although billing moved it since");
    finds_fault(DRAFTS, &[Fault::NoReread], "although billing moved it since");
}

#[test]
fn ids_resolved_when_it_is_sent_would_not_be_the_ones_that_were_approved() {
    let trial = Trial { lapses: &[Lapse::ResolvedWhenSent], also: &[Lapse::BasisUnchecked], ..ALONE };
    finds(UNIQUE, &trial, "something else than was approved");
}

#[test]
fn an_entry_that_was_changed_since_would_be_reversed_as_it_was() {
    finds_fault(UNIQUE, &[Fault::ReversedUnread], "which has changed");
}

#[test]
fn a_hold_that_the_outbox_does_not_know_would_not_stop_it() {
    finds_lapse(UNIQUE, &[Lapse::HoldIgnored], "while it is on hold");
}

#[test]
fn a_draft_of_another_content_would_be_posted() {
    finds_fault(DRAFTS, &[Fault::AnyDraft], "says something else");
}

#[test]
fn what_another_desk_booked_under_the_key_would_be_taken_for_what_was_approved_here() {
    finds_fault(UNIQUE, &[Fault::AnyOfKey], "for booked, which says something else");
}
