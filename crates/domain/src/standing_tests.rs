use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::{
    Currency,
    calendar::PeriodKey,
    ledger::{EntryKind, LedgerLine},
};

const SCOPE: KeyScope<'_> = KeyScope { tenant: "T", entity_erp_id: "2", reference: "INV-1" };

/// An entry of entity 2: receivable and revenue in US dollars, functional amounts in pounds.
fn entry(erp_id: &str, external_id: &str, minor: i64, functional: i64) -> LedgerEntry {
    let line = |account: &str, transaction_minor, functional_minor| LedgerLine {
        account: account.parse().unwrap(),
        transaction_minor,
        functional_minor,
        memo: None,
    };
    let date: NaiveDate = "2026-03-02".parse().unwrap();
    LedgerEntry {
        erp_id: erp_id.to_owned(),
        number: None,
        external_id: Some(external_id.to_owned()),
        reference: Some("INV-1".to_owned()),
        entity: EntityRef::ErpId("2".to_owned()),
        posting_date: date,
        period: PeriodKey::month(date),
        kind: EntryKind::Journal,
        part_of: None,
        status: EntryStatus::Booked,
        currency: Currency::USD,
        functional_currency: Currency::GBP,
        rate: None,
        reverses: None,
        created_at: None,
        changed_at: None,
        memo: None,
        names: Vec::new(),
        counterpart: None,
        lines: vec![line("1100", minor, functional), line("4000", -minor, -functional)],
    }
}

fn linked(erp_id: &str, external_id: &str, minor: i64, target: &str) -> LedgerEntry {
    LedgerEntry { reverses: Some(target.to_owned()), ..entry(erp_id, external_id, minor, minor) }
}

fn none() -> BTreeMap<String, String> {
    BTreeMap::new()
}

fn reversal_key(erp_id: &str, undone: &[String]) -> String {
    PostingKey::derive(SCOPE, &Slot::Reverse { erp_id: erp_id.to_owned() }, undone).to_string()
}

#[track_caller]
fn check(entries: &[LedgerEntry], known: &[(&str, &str)], want: &[&str]) {
    let known = known.iter().map(|(key, id)| ((*key).to_owned(), (*id).to_owned())).collect();
    let standing = Standing::new(entries, ("T", "INV-1"), &known);
    let found: Vec<&str> = standing.entries().map(|entry| entry.erp_id.as_str()).collect();
    assert_eq!(found, want);
    let mut turned: Vec<LedgerEntry> = entries.to_vec();
    turned.reverse();
    let again = Standing::new(&turned, ("T", "INV-1"), &known);
    assert_eq!(again.entries().map(|e| e.erp_id.as_str()).collect::<Vec<_>>(), want, "in another order");
}

#[test]
fn a_reversal_takes_out_what_it_undoes_however_it_is_known() {
    let booked = entry("5", "bi-1", 1000, 790);
    check(std::slice::from_ref(&booked), &[], &["5"]);
    check(&[booked.clone(), linked("6", "x", -1000, "5")], &[], &[]);
    check(&[booked.clone(), entry("6", &reversal_key("5", &[]), -1000, -790)], &[], &[]);
    check(&[booked.clone(), entry("6", "Told", -1000, -790)], &[("Told", "5")], &[]);
    check(&[booked, entry("6", "by hand", -1000, -790)], &[], &[]);
}

#[test]
fn a_mirror_is_known_by_its_transaction_amounts_because_an_erp_rounds_the_others() {
    check(&[entry("5", "bi-1", 1000, 790), entry("6", "by hand", -1000, -791)], &[], &[]);
    check(&[entry("5", "bi-1", 1000, 790), entry("6", "by hand", -999, -790)], &[], &["5", "6"]);
}

#[test]
fn where_only_functional_amounts_move_the_mirror_is_exact_in_them() {
    let revalued = entry("5", "fx", 0, 12);
    check(&[revalued.clone(), entry("6", "fx back", 0, -12)], &[], &[]);
    check(&[revalued, entry("6", "fx more", 0, -11)], &[], &["5", "6"]);
}

#[test]
fn a_reversal_of_a_part_leaves_both_standing() {
    check(&[entry("5", "bi-1", 1000, 790), linked("6", "x", -400, "5")], &[], &["5", "6"]);
}

#[test]
fn a_reversal_that_is_taken_back_leaves_the_original() {
    let taken_back = [
        entry("5", "bi-1", 1000, 790),
        entry("6", &reversal_key("5", &[]), -1000, -790),
        entry("7", &reversal_key("6", &[]), 1000, 790),
    ];
    check(&taken_back, &[], &["5"]);
    let again = entry("8", &reversal_key("5", &["6".to_owned()]), -1000, -790);
    check(&[&taken_back[..], &[again]].concat(), &[], &[]);
}

#[test]
fn a_reversal_with_its_effect_holds_back_the_original() {
    let booked = entry("5", "bi-1", 1000, 790);
    let reversal = entry("6", &reversal_key("5", &[]), -1000, -790);
    let known = none();
    let both = [booked.clone(), reversal.clone()];
    let standing = Standing::new(&both, ("T", "INV-1"), &known);
    assert_eq!((standing.restored_without("6"), standing.restored_without("5")), (Some("5"), None));
    // Nothing would come back: the original is gone.
    let alone = [LedgerEntry { reverses: Some("5".into()), ..reversal }];
    assert_eq!(Standing::new(&alone, ("T", "INV-1"), &known).restored_without("6"), None);
    let part = [booked, linked("6", "x", -400, "5")];
    assert_eq!(Standing::new(&part, ("T", "INV-1"), &known).restored_without("6"), None);
}

#[test]
fn links_in_a_circle_come_to_an_end() {
    let circle = [linked("5", "a", 10, "6"), linked("6", "b", -10, "5")];
    let known = none();
    let standing = Standing::new(&circle, ("T", "INV-1"), &known);
    assert!(standing.entries().count() <= 2);
}

#[test]
fn an_entry_of_another_entity_or_currency_is_no_mirror() {
    let elsewhere =
        LedgerEntry { entity: EntityRef::ErpId("3".into()), ..entry("6", "by hand", -1000, -790) };
    check(&[entry("5", "bi-1", 1000, 790), elsewhere], &[], &["5", "6"]);
    let other_money = LedgerEntry { currency: Currency::GBP, ..entry("6", "by hand", -1000, -790) };
    check(&[entry("5", "bi-1", 1000, 790), other_money], &[], &["5", "6"]);
}

#[track_caller]
fn check_reversal(entries: &[LedgerEntry], want: Option<&str>) {
    let known = none();
    let standing = Standing::new(entries, ("T", "INV-1"), &known);
    let found = standing.reversal_of(&entries[0]).map(|entry| entry.erp_id.as_str());
    assert_eq!(found, want);
}

#[test]
fn an_entry_is_known_to_be_reversed_even_in_part_and_not_when_that_was_taken_back() {
    let target = entry("5", "bi-1", 1000, 790);
    check_reversal(&[target.clone(), entry("6", "bi-2", 1000, 790)], None);
    check_reversal(&[target.clone(), entry("6", "by hand", -1000, -791)], Some("6"));
    check_reversal(&[target.clone(), linked("6", "x", -400, "5")], Some("6"));
    let key = reversal_key("5", &[]);
    check_reversal(&[target.clone(), entry("6", &key, -1000, -790)], Some("6"));
    let back = entry("7", &reversal_key("6", &[]), 1000, 790);
    check_reversal(&[target.clone(), entry("6", &key, -1000, -790), back], None);
    let twin = entry("4", "bi-0", 1000, 790);
    check_reversal(&[target, twin, entry("6", "by hand", -1000, -790)], None);
}

fn free(ledger: &[LedgerEntry]) -> Result<PostingKey, SlotTaken> {
    free_key(SCOPE, &Slot::Raise, ledger, &none(), &BTreeSet::new())
}

#[test]
fn a_slot_whose_entry_stands_is_taken_unless_the_set_undoes_it_first() {
    let key = free(&[]).unwrap();
    let booked = entry("5", key.as_str(), 1000, 790);
    let taken = free(std::slice::from_ref(&booked)).unwrap_err();
    assert_eq!((taken.erp_id.as_str(), taken.code()), ("5", "slot_taken"));
    let first = BTreeSet::from(["5".to_owned()]);
    let next = free_key(SCOPE, &Slot::Raise, &[booked], &none(), &first).unwrap();
    assert_eq!(next, PostingKey::derive(SCOPE, &Slot::Raise, &["5".to_owned()]));
}

#[test]
fn entries_of_others_have_no_part_in_a_key() {
    assert_eq!(free(&[entry("5", "bi-1", 1000, 790)]), free(&[]));
}

#[test]
fn a_void_entry_has_spent_its_key_and_an_unbooked_one_has_not() {
    let key = free(&[]).unwrap();
    let void = LedgerEntry { status: EntryStatus::Void, ..entry("5", key.as_str(), 1000, 790) };
    assert_eq!(free(&[void]).unwrap(), PostingKey::derive(SCOPE, &Slot::Raise, &["5".to_owned()]));
    let draft = LedgerEntry { status: EntryStatus::Unbooked, ..entry("5", key.as_str(), 1000, 790) };
    assert_eq!(free(&[draft]).unwrap(), key);
}

#[test]
fn two_entries_of_one_key_are_both_behind_the_next() {
    let key = free(&[]).unwrap();
    let one = entry("5", key.as_str(), 1000, 790);
    let other = entry("16", key.as_str(), 1000, 790);
    assert!(free(&[one.clone(), other.clone(), linked("20", "x", -1000, "5")]).is_err(), "one still counts");
    let all = [other, one, linked("20", "x", -1000, "5"), linked("21", "y", -1000, "16")];
    let next = PostingKey::derive(SCOPE, &Slot::Raise, &["5".to_owned(), "16".to_owned()]);
    assert_eq!(free(&all).unwrap(), next);
}

/// What somebody does to the ledger.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// A desk books the document, with content of its own.
    Raise(i64),
    /// A desk undoes what is there.
    Reverse,
    /// Somebody undoes it by hand, without a link.
    ByHand,
    /// Somebody voids it in the ERP.
    Void,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![(1_i64..9).prop_map(Act::Raise), Just(Act::Reverse), Just(Act::ByHand), Just(Act::Void),]
}

fn play(acts: &[Act]) -> (Vec<LedgerEntry>, Vec<PostingKey>) {
    let (mut ledger, mut raised): (Vec<LedgerEntry>, Vec<PostingKey>) = (Vec::new(), Vec::new());
    for act in acts {
        let erp_id = (100 + ledger.len()).to_string();
        let known = none();
        let standing = Standing::new(&ledger, ("T", "INV-1"), &known);
        let there = standing.entries().next().cloned();
        match (act, there) {
            (Act::Raise(minor), _) => {
                if let Ok(key) = free(&ledger) {
                    ledger.push(entry(&erp_id, key.as_str(), *minor, *minor));
                    raised.push(key);
                }
            }
            (Act::Reverse | Act::ByHand, Some(target)) => {
                let slot = Slot::Reverse { erp_id: target.erp_id.clone() };
                let key = free_key(SCOPE, &slot, &ledger, &none(), &BTreeSet::new());
                let key = key.expect("what stands can be undone");
                let external_id = if matches!(act, Act::ByHand) { "by hand" } else { key.as_str() };
                let minor = -target.lines[0].transaction_minor;
                ledger.push(entry(&erp_id, external_id, minor, minor - 1));
            }
            (Act::Void, Some(target)) => {
                let at = ledger.iter().position(|e| e.erp_id == target.erp_id).unwrap();
                ledger[at].status = EntryStatus::Void;
            }
            (Act::Reverse | Act::ByHand | Act::Void, None) => {}
        }
    }
    (ledger, raised)
}

proptest! {
    #[test]
    fn what_was_undone_can_be_booked_again_and_what_stands_cannot(
        acts in prop::collection::vec(act(), 0..12)
    ) {
        let (ledger, raised) = play(&acts);
        let known = none();
        let standing = Standing::new(&ledger, ("T", "INV-1"), &known);
        let count = standing.entries().count();
        prop_assert!(count <= 1, "booked twice: {acts:?}");
        match free(&ledger) {
            Ok(key) => {
                prop_assert_eq!(count, 0);
                prop_assert!(!raised.contains(&key), "a spent key");
            }
            Err(taken) => prop_assert!(standing.counts(&taken.erp_id)),
        }
        let different: BTreeSet<&PostingKey> = raised.iter().collect();
        prop_assert_eq!(different.len(), raised.len(), "a key was used twice");
    }

    #[test]
    fn two_desks_with_different_content_and_order_meet_at_one_key(
        acts in prop::collection::vec(act(), 0..10),
        amounts in prop::collection::vec(1_i64..9, 10),
        seed in 0..9_usize
    ) {
        let (ledger, _) = play(&acts);
        // The other desk would have raised other amounts; what the ledger says of undoing is the same.
        let mut amounts = amounts.into_iter().cycle();
        let other: Vec<Act> = acts
            .iter()
            .map(|act| match act {
                Act::Raise(_) => Act::Raise(amounts.next().unwrap_or(1)),
                other => *other,
            })
            .collect();
        let (mut theirs, _) = play(&other);
        let turn = seed.checked_rem(theirs.len()).unwrap_or(0);
        theirs.rotate_left(turn);
        prop_assert_eq!(free(&ledger), free(&theirs));
    }
}
