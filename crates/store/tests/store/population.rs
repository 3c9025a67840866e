//! What the ledger holds besides one journal per document: records with names, journals over several
//! entities, and what the ERP itself says of its accounts.

use tieout_domain::{
    calendar::PeriodKey,
    ledger::{EntityRef, EntryKind, EntryStatus, LedgerEntry, NameSource},
    trial_balance::TrialBalance,
};
use tieout_store::{Balances, IngestPage, IngestSummary};

use crate::support::{Desk, GBP, asked, desk, entry, page};

/// An invoice record of another connector.
fn record(erp_id: &str) -> LedgerEntry {
    let mut record = LedgerEntry {
        kind: EntryKind::Invoice,
        counterpart: Some("77".into()),
        ..entry(erp_id, "N-1", "x-1", 500)
    };
    record.add_name(NameSource::OtherReference, "PO-9");
    record.add_name(NameSource::Field("custbody_stripe".into()), "in_1");
    record.add_name(NameSource::Line, "PO-9");
    record.add_name(NameSource::Line, " x-1 ");
    record
}

#[test]
fn an_entry_keeps_what_it_is_its_names_and_whom_it_is_about() {
    let mut desk = desk();
    assert_eq!(desk.ledger(&[record("1")]).new, 1);
    let held = desk.store.entries_by_reference("N-1").unwrap().remove(0).entry;
    assert_eq!(held, record("1"));
    let names = "SELECT name || ' ' || source FROM entry_name ORDER BY name";
    assert_eq!(asked(&desk, names), ["PO-9 other_reference", "in_1 field:custbody_stripe"]);
    assert_eq!(desk.ledger(&[record("1")]).unchanged, 1);
    let mut renamed = record("1");
    renamed.names.pop();
    renamed.kind = EntryKind::Other("Custom7".into());
    assert_eq!(desk.ledger(&[renamed.clone()]).changed, 1);
    let held = desk.store.entries_by_reference("N-1").unwrap().remove(0).entry;
    assert_eq!(held, renamed);
    assert_eq!(asked(&desk, "SELECT kind FROM entry"), ["other:Custom7"]);
}

fn part(entity: &str) -> LedgerEntry {
    let erp_id = format!("9:{entity}");
    LedgerEntry {
        part_of: Some("9".into()),
        entity: EntityRef::ErpId(entity.into()),
        ..entry(&erp_id, "N-9", "ic", 100)
    }
}

fn standing(desk: &Desk) -> Vec<String> {
    asked(desk, "SELECT erp_id FROM entry WHERE status = 'booked' ORDER BY erp_id")
}

#[test]
fn a_transaction_that_becomes_one_of_several_entities_or_ceases_to_be_is_kept_as_it_is_now() {
    let mut desk = desk();
    desk.ledger(&[entry("9", "N-9", "ic", 100), entry("8", "N-8", "y", 1)]);
    assert_eq!(desk.ledger(&[part("1"), part("2"), part("3")]).removed, 1);
    assert_eq!(standing(&desk), ["8", "9:1", "9:2", "9:3"]);
    assert_eq!(desk.ledger(&[part("1"), part("2")]).removed, 1, "the third entity is none of it any more");
    assert_eq!(standing(&desk), ["8", "9:1", "9:2"]);
    assert_eq!(desk.ledger(&[entry("9", "N-9", "ic", 100)]).removed, 2);
    assert_eq!(standing(&desk), ["8", "9"]);
    let gone = desk.store.entries_by_reference("N-9").unwrap();
    assert_eq!(gone.iter().filter(|one| one.entry.status == EntryStatus::Void).count(), 3);
}

fn says(period: &str, opening: i64, debits: i64, credits: i64) -> TrialBalance {
    TrialBalance {
        entity: EntityRef::Code("GB01".parse().unwrap()),
        account: "1100".parse().unwrap(),
        period: PeriodKey::new(period),
        currency: GBP,
        opening_minor: opening,
        debits_minor: debits,
        credits_minor: credits,
        closing_minor: opening + debits - credits,
    }
}

fn told(desk: &mut Desk, rows: Vec<TrialBalance>) -> IngestSummary {
    let body = format!("{rows:?}").into_bytes();
    let balances = Balances { accounts: ["1100".parse().unwrap()].into(), rows };
    let page = IngestPage::new(page("trial_balance", body), balances, vec![]);
    desk.store.ingest(&desk.erp.clone(), [&page], None).unwrap()
}

#[test]
fn what_the_erp_says_of_an_account_is_held_against_what_was_read() {
    let mut desk = desk();
    desk.ledger(&[entry("1", "N-1", "a", 500), entry("2", "N-2", "b", 200)]);
    assert_eq!(told(&mut desk, vec![says("2026-03", 0, 700, 0)]).changed, 1);
    let gaps = |desk: &Desk| -> Vec<(String, i64, i64)> {
        let rows = desk.store.trial_balances().unwrap();
        let of = |row: tieout_store::ProvenBalance| {
            let gap = row.gap_minor();
            (row.balance.period.to_string(), row.read_minor, gap)
        };
        rows.into_iter().map(of).collect()
    };
    assert_eq!(gaps(&desk), [("2026-03".to_owned(), 700, 0)]);
    assert_eq!(told(&mut desk, vec![says("2026-03", 0, 700, 0)]).changed, 0, "as it was");
    told(&mut desk, vec![says("2026-02", 0, 50, 0), says("2026-03", 50, 900, 100)]);
    assert_eq!(gaps(&desk), [("2026-02".to_owned(), 0, 50), ("2026-03".to_owned(), 700, 100)]);
    told(&mut desk, vec![says("2026-02", 0, 50, 0)]);
    let rows = desk.store.trial_balances().unwrap();
    let last = rows.last().unwrap();
    assert_eq!((last.balance.closing_minor, last.gap_minor()), (50, -700), "the ERP has nothing there");
    desk.store.unproven(&desk.erp.clone()).unwrap();
    assert!(desk.store.trial_balances().unwrap().is_empty());
}
