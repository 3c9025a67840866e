//! What a read of everything no longer had, and what is so heavy that it could not be summed.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use tieout_domain::{
    ConnectionId, PostingId,
    absence::{Absence, Listed, Scope},
    document::{Canonical, CustomerAccount, Document, DocumentStatus},
    exception::ExceptionState,
    ledger::{EntityRef, EntryStatus, LedgerEntry},
    people::Role,
    posting::PostingState,
    unread::Concerns,
};
use tieout_store::{
    ExceptionMove, IngestPage, IngestSummary, PageItems, PageRecord, RejectedItem, StoredEntry, ViewFilter,
};

use crate::support::{
    Desk, asked, at, attacker, day, desk, document_id, entry, invoice, new_posting, now, plain,
};

/// A read of everything: what it lists from one place to another, and when.
struct Read {
    at: DateTime<Utc>,
    after: &'static str,
    through: Option<&'static str>,
    scope: Scope,
    aside: Vec<RejectedItem>,
}

/// A whole list in one page, an hour after the last one.
fn whole(hour: i64) -> Read {
    let at = now() + Duration::hours(hour);
    Read { at, after: "", through: None, scope: Scope::default(), aside: Vec::new() }
}

fn aside(id: &str, item: Option<&str>) -> RejectedItem {
    RejectedItem {
        external_id: id.into(),
        code: "schema_drift".into(),
        place: id.into(),
        message: "it cannot be read".into(),
        raw: b"{}".to_vec(),
        concerns: Concerns { item: item.map(str::to_owned), named: true, ..Concerns::default() },
    }
}

impl Read {
    fn page(self, resource: &str, items: impl Into<PageItems>) -> IngestPage {
        let items = items.into();
        let record = PageRecord {
            resource: resource.into(),
            body: format!("{} {} {items:?}", self.at, self.after).into_bytes(),
            request: format!("GET {resource} after {}", self.after),
            request_id: None,
            api_version: None,
            count: 0,
            received_at: self.at,
        };
        let through = self.through.map(str::to_owned);
        let listed = Listed { after: self.after.into(), through, scope: self.scope };
        let absence = Absence { listed: Some(listed), deleted: Vec::new() };
        IngestPage::new(record, items, self.aside).proving(absence)
    }

    fn entries(self, desk: &mut Desk, ids: &[i64]) -> IngestSummary {
        let entries: Vec<LedgerEntry> = ids.iter().map(|id| booked(*id)).collect();
        let page = self.page("entries", entries);
        desk.store.ingest(&desk.erp.clone(), [&page], None).unwrap()
    }
}

fn booked(id: i64) -> LedgerEntry {
    entry(&id.to_string(), &format!("N-in_{id}"), &format!("bi-{id}"), 100 * id)
}

fn held(desk: &Desk, id: i64) -> StoredEntry {
    desk.store.entries_by_reference(&format!("N-in_{id}")).unwrap().remove(0)
}

fn standing(desk: &Desk) -> Vec<String> {
    asked(desk, "SELECT erp_id FROM entry WHERE status = 'booked' ORDER BY erp_id")
}

#[test]
fn an_entry_that_a_whole_list_no_longer_has_is_retired_and_stands_again_once_it_is_read_again() {
    let mut desk = desk();
    assert_eq!(whole(0).entries(&mut desk, &[1, 2, 3]).removed, 0);
    assert_eq!(whole(5).entries(&mut desk, &[1, 2, 3]).removed, 0, "nothing is gone");
    let summary = whole(9).entries(&mut desk, &[1, 3]);
    assert_eq!((summary.removed, summary.unchanged, standing(&desk)), (1, 2, vec!["1".into(), "3".into()]));
    let gone = held(&desk, 2);
    let removal = gone.removed.unwrap();
    assert_eq!(gone.entry.status, EntryStatus::Void);
    assert_eq!(removal.last_seen_at, now() + Duration::hours(5), "the last list that had it");
    assert_eq!(removal.noticed_at, now() + Duration::hours(9));
    assert_eq!(gone.entry.lines, booked(2).lines, "its row stays as evidence");
    assert_eq!(asked(&desk, "SELECT status FROM removal"), ["booked"]);
    assert_eq!(whole(10).entries(&mut desk, &[1, 3]).removed, 0, "it is noticed once");

    assert_eq!(whole(11).entries(&mut desk, &[1, 2, 3]).changed, 1);
    assert_eq!((held(&desk, 2).removed, standing(&desk).len()), (None, 3));
    assert_eq!(desk.store.integrity_check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_list_in_parts_retires_at_its_end_and_not_before_whatever_happens_in_between() {
    let mut desk = desk();
    let part = |hour, after, through, ids: &[i64], desk: &mut Desk| {
        Read { after, through, ..whole(hour) }.entries(desk, ids).removed
    };
    whole(0).entries(&mut desk, &[1, 2, 3, 4]);
    assert_eq!(part(1, "", Some("2"), &[2], &mut desk), 0);
    // Another resource, another connection: no matter.
    desk.bill(&[invoice("in_9", 9)]);
    assert_eq!(part(2, "2", Some("3"), &[], &mut desk), 0);
    assert_eq!(standing(&desk).len(), 4, "it may still break off");
    assert_eq!(part(3, "3", None, &[4], &mut desk), 2);
    assert_eq!(standing(&desk), ["2", "4"]);
}

#[test]
fn a_list_with_a_gap_retires_nothing() {
    let part = |hour, after, through| Read { after, through, ..whole(hour) };
    let last = || part(3, "3", None);
    let cases: [(&str, Vec<Read>); 4] = [
        ("its first part is missing", vec![last()]),
        ("a part in the middle is missing", vec![part(1, "", Some("2")), last()]),
        ("its end is missing", vec![part(1, "", Some("3"))]),
        (
            "a part came twice",
            vec![part(1, "", Some("2")), part(2, "2", Some("3")), part(2, "2", Some("3")), last()],
        ),
    ];
    for (why, parts) in cases {
        let mut desk = desk();
        whole(0).entries(&mut desk, &[1, 2, 3]);
        let removed: u64 = parts.into_iter().map(|part| part.entries(&mut desk, &[]).removed).sum();
        assert_eq!((removed, standing(&desk).len()), (0, 3), "{why}");
    }
    // A page that proves nothing, of what changed, in between.
    let mut desk = desk();
    whole(0).entries(&mut desk, &[1, 2, 3]);
    part(1, "", Some("2")).entries(&mut desk, &[]);
    desk.ledger(&[]);
    assert_eq!(part(2, "2", None).entries(&mut desk, &[]).removed, 0);
    // A new list begins anew.
    part(3, "", Some("2")).entries(&mut desk, &[1]);
    assert_eq!(part(4, "2", None).entries(&mut desk, &[]).removed, 2);
}

#[test]
fn what_is_kept_aside_is_there_and_a_row_that_belongs_to_nothing_could_be_anything() {
    let mut desk = desk();
    whole(0).entries(&mut desk, &[1, 2, 3]);
    let aside_of = |hour, aside| Read { aside: vec![aside], ..whole(hour) };
    assert_eq!(aside_of(1, aside("row 4", None)).entries(&mut desk, &[1]).removed, 0);
    assert_eq!(aside_of(2, aside("2", Some("2"))).entries(&mut desk, &[1]).removed, 1);
    assert_eq!(standing(&desk), ["1", "2"], "the one aside is there");
    let waiting = desk.store.rejected_items(&desk.erp).unwrap();
    assert_eq!(waiting.len(), 2, "{waiting:?}");
    // What was aside and is not listed any more waits for nothing.
    whole(3).entries(&mut desk, &[1]);
    let waiting = desk.store.rejected_items(&desk.erp).unwrap();
    assert_eq!(waiting.iter().map(|one| one.item.external_id.as_str()).collect::<Vec<_>>(), ["row 4"]);
}

#[test]
fn what_was_received_after_the_list_began_is_not_missing_in_it() {
    let mut desk = desk();
    whole(0).entries(&mut desk, &[1, 2]);
    let first = Read { through: Some("2"), ..whole(1) }.page("entries", vec![booked(1)]);
    let erp = desk.erp.clone();
    desk.store.ingest(&erp, [&first], None).unwrap();
    // Another desk's read of changes comes in between, and does not end this one's list.
    let mut newer = whole(2).page("entries", vec![booked(7)]);
    newer = newer.proving(Absence::default());
    let bystander = asked(&desk, "SELECT reached FROM full_read");
    desk.store.ingest(&erp, [&newer], None).unwrap();
    assert_eq!((bystander.len(), standing(&desk).len()), (1, 3));
    assert_eq!(Read { after: "2", ..whole(3) }.entries(&mut desk, &[]).removed, 0, "it was given up");
    assert_eq!(whole(4).entries(&mut desk, &[1]).removed, 2, "and the next one tells");
    // Received an hour later than the list began, though taken in before.
    whole(9).entries(&mut desk, &[1, 7]);
    assert_eq!(whole(8).entries(&mut desk, &[1]).removed, 0);
}

#[test]
fn an_id_that_the_vendor_names_as_deleted_is_retired_unless_it_was_read_since() {
    let mut desk = desk();
    whole(0).entries(&mut desk, &[1, 2]);
    let erp = desk.erp.clone();
    let tell = |hour: i64, id: &str, desk: &mut Desk| {
        let page = whole(hour).page("entries", Vec::<LedgerEntry>::new());
        let page = page.proving(Absence { listed: None, deleted: vec![id.to_owned(), "404".into()] });
        desk.store.ingest(&erp, [&page], None).unwrap().removed
    };
    assert_eq!(tell(-1, "1", &mut desk), 0);
    assert_eq!(tell(1, "1", &mut desk), 1);
    assert_eq!(tell(2, "1", &mut desk), 0, "once");
    assert_eq!(standing(&desk), ["2"]);
}

#[test]
fn a_list_speaks_only_of_what_it_could_show() {
    let mut desk = desk();
    let other = EntityRef::Code("US01".parse().unwrap());
    let mut elsewhere = booked(2);
    elsewhere.entity = other.clone();
    let page = whole(0).page("entries", vec![booked(1), elsewhere, booked(3)]);
    let erp = desk.erp.clone();
    desk.store.ingest(&erp, [&page], None).unwrap();
    let seen = |entities| Scope { entities: Some(entities), ..Scope::default() };
    assert_eq!(Read { scope: seen(vec![]), ..whole(1) }.entries(&mut desk, &[]).removed, 0);
    assert_eq!(Read { scope: seen(vec![other]), ..whole(2) }.entries(&mut desk, &[3]).removed, 1);
    assert_eq!(standing(&desk), ["1", "3"]);
}

#[test]
fn a_list_of_some_days_speaks_of_these_days_on_the_accounts_that_it_has() {
    let mut desk = desk();
    let dated = |id: i64, date: &str, account: &str| {
        let mut one = booked(id);
        one.posting_date = day(date);
        one.lines[0].account = account.parse().unwrap();
        one.lines[1].account = account.parse().unwrap();
        one
    };
    let entries = vec![
        dated(1, "2026-02-28", "1100"),
        dated(2, "2026-03-01", "1100"),
        dated(3, "2026-03-31", "1100"),
        dated(4, "2026-04-01", "1100"),
        dated(5, "2026-03-15", "9999"),
    ];
    let erp = desk.erp.clone();
    let page = whole(0).page("entries", entries.clone());
    desk.store.ingest(&erp, [&page], None).unwrap();
    let march: (NaiveDate, NaiveDate) = (day("2026-03-01"), day("2026-03-31"));
    let scope = Scope { dated: Some(march), ..Scope::default() };
    let page = Read { scope, ..whole(1) }.page("entries", vec![entries[1].clone()]);
    assert_eq!(desk.store.ingest(&erp, [&page], None).unwrap().removed, 1);
    assert_eq!(standing(&desk), ["1", "2", "4", "5"]);
}

#[test]
fn the_document_of_a_retired_entry_is_judged_again_and_so_is_what_it_reversed() {
    let mut desk = desk();
    desk.bill(&[invoice("in_1", 100), invoice("in_2", 200)]);
    desk.derive();
    let mut reversal = entry("3", "N-in_2", "bi-3", -200);
    reversal.reverses = Some("2".into());
    let all = vec![booked(1), booked(2), reversal.clone()];
    desk.ledger(&all);
    let page = whole(0).page("entries", all);
    let erp = desk.erp.clone();
    desk.store.ingest(&erp, [&page], None).unwrap();
    let open = |desk: &mut Desk| {
        desk.store.detect(now() + Duration::days(9), now()).unwrap();
        let found =
            desk.exceptions(ViewFilter { states: vec![ExceptionState::Open], ..ViewFilter::default() });
        let mut found: Vec<String> =
            found.iter().map(|e| format!("{} {}", e.external_ref, e.kind.as_str())).collect();
        found.sort();
        found
    };
    assert_eq!(open(&mut desk), ["N-in_2 unposted"]);
    // The first entry and the reversal of the second are gone.
    whole(5).entries(&mut desk, &[2]);
    assert_eq!(open(&mut desk), ["N-in_1 unposted"]);
}

#[test]
fn a_posting_whose_entry_was_deleted_before_it_was_settled_comes_to_its_end() {
    for seen in [false, true] {
        let mut desk = desk();
        let (ann, bob) = (desk.human("ann", Role::Analyst), desk.human("bob", Role::Controller));
        let exception = desk.unposted("in_1");
        let new = desk.propose("in_1", &exception, &ann);
        desk.approve(&new, &bob).unwrap();
        let id = new.posting.id.clone();
        // As the worker leaves it that had it read back.
        let booked = format!(
            "UPDATE posting SET state = 'booked' WHERE id = '{id}';
             UPDATE posting_step SET erp_id = '77', booked_period = '2026-03', booked_at = {}",
            now().timestamp_millis()
        );
        attacker(&desk.path, 1).execute_batch(&booked).unwrap();
        let missing = |desk: &Desk| desk.store.booked_and_missing(&desk.erp).unwrap();
        whole(-1).entries(&mut desk, &[5]);
        whole(0).entries(&mut desk, &[5]);
        assert_eq!(missing(&desk), [], "the read began before it was booked");
        if seen {
            whole(1).entries(&mut desk, &[5, 77]);
            assert_eq!(missing(&desk), [], "it is there");
        }
        whole(2).entries(&mut desk, &[5]);
        assert_eq!(missing(&desk), [(id.clone(), "77".to_owned())]);
        desk.store.posting_removed(&id, "77", now() + Duration::hours(2)).unwrap();
        assert_eq!(missing(&desk), []);
        assert_eq!(desk.store.posting(&id).unwrap().state, PostingState::Cancelled);
        assert_eq!(desk.store.exception(&exception).unwrap().state, ExceptionState::Open);
        assert_eq!(asked(&desk, "SELECT external_id FROM removal"), ["77"]);
        // The same key books it again.
        let mut again = new_posting(&desk, "in_1", &exception, &ann, 1);
        again.posting.id = PostingId::derive(&["in_1", "again"]);
        let log = plain("proposed", again.posting.id.as_str());
        desk.store.propose_posting(&again, None, &log).unwrap();
    }
}

#[test]
fn a_document_that_billing_has_no_more_is_void_and_a_draft_is_only_gone() {
    for drafts_only in [false, true] {
        let mut desk = desk();
        let mut draft = invoice("in_3", 300);
        draft.status = DocumentStatus::Draft;
        let all = [invoice("in_1", 100), invoice("in_2", 200), draft];
        let billing = desk.billing.clone();
        let page = |hour, documents: &[Document]| {
            let items: Vec<Canonical> = documents.iter().cloned().map(Canonical::Document).collect();
            let scope = Scope { drafts_only, ..Scope::default() };
            Read { scope, ..whole(hour) }.page("invoices", items)
        };
        desk.store.ingest(&billing, [&page(0, &all)], None).unwrap();
        let summary = desk.store.ingest(&billing, [&page(1, &all[..1])], None).unwrap();
        let of = |desk: &Desk, id: &str| desk.store.document(&document_id("invoice", id)).unwrap();
        let gone = if drafts_only { (1, DocumentStatus::Final, 1) } else { (2, DocumentStatus::Void, 2) };
        let second = of(&desk, "in_2");
        assert_eq!((summary.removed, second.document.status, second.version), gone, "{drafts_only}");
        assert_eq!(of(&desk, "in_1").document.status, DocumentStatus::Final);
        assert_eq!(of(&desk, "in_3").document.status, DocumentStatus::Draft);
        desk.store.ingest(&billing, [&page(2, &all)], None).unwrap();
        assert_eq!(of(&desk, "in_2").document.status, DocumentStatus::Final, "it is there again");
        assert_eq!(
            asked(&desk, "SELECT external_id FROM removal WHERE returned_at IS NULL"),
            Vec::<String>::new()
        );
    }
}

#[test]
fn a_customer_that_billing_has_no_more_is_deleted() {
    let mut desk = desk();
    let customer = |id: &str| {
        Canonical::Customer(CustomerAccount {
            external_id: id.into(),
            name: None,
            email: None,
            country: None,
            created_at: None,
            deleted: false,
        })
    };
    let billing = desk.billing.clone();
    let page = whole(0).page("customers", vec![customer("cus_1"), customer("cus_2")]);
    desk.store.ingest(&billing, [&page], None).unwrap();
    let page = whole(1).page("customers", vec![customer("cus_2")]);
    assert_eq!(desk.store.ingest(&billing, [&page], None).unwrap().removed, 1);
    assert_eq!(asked(&desk, "SELECT external_id FROM customer WHERE deleted = 1"), ["cus_1"]);
}

/// An entry or invoice of this many of the largest amounts that are taken.
const LARGE: i64 = (1 << 53) - 1;

#[test]
fn what_could_no_longer_be_summed_is_kept_aside_and_everything_goes_on() {
    let mut desk = desk();
    let large = |id: i64| {
        let mut one = entry(&id.to_string(), "N-in_1", &format!("bi-{id}"), LARGE);
        one.lines = std::iter::repeat_n(one.lines, 8).flatten().collect();
        one
    };
    let entries: Vec<LedgerEntry> = (1..=6).map(large).collect();
    // Each weighs 32 of the largest; 128 of them are the limit.
    let summary = desk.ledger(&entries);
    assert_eq!((summary.new, summary.rejected), (4, 2));
    let waiting = desk.store.rejected_items(&desk.erp).unwrap();
    let told: Vec<&str> = waiting.iter().map(|one| one.item.code.as_str()).collect();
    assert_eq!(told, ["amount_out_of_range"; 2]);
    // What replaces another one takes its room.
    let mut smaller = large(1);
    smaller.lines.truncate(2);
    assert_eq!(desk.ledger(&[smaller]).changed, 1);
    assert_eq!(desk.ledger(&[entry("9", "N-in_9", "bi-9", 5)]).new, 1);

    let billed: Vec<_> = (0..600).map(|n| invoice(&format!("in_{n}"), LARGE)).collect();
    let summary = desk.bill(&billed);
    assert!(summary.rejected > 0 && summary.new + summary.rejected == 600, "{summary:?}");
    desk.derive();
    desk.store.detect(now() + Duration::days(9), now()).unwrap();
    desk.store.tie_out(&tieout_store::TieOutFilter::default()).unwrap();
    desk.store.control_tie_out().unwrap();
}

#[test]
fn rows_that_belong_to_nothing_are_settled_by_the_next_file_of_their_days() {
    let mut desk = desk();
    let erp: ConnectionId = desk.erp.clone();
    let of = |id: &str, days: &[&str]| {
        let mut one = aside(id, None);
        one.concerns.days = days.iter().map(|text| day(text)).collect();
        one
    };
    let asides = vec![of("row 3", &["2026-03-02"]), of("row 4", &["2025-01-01"]), of("row 5", &[])];
    let file = |asides: Vec<RejectedItem>| {
        let page = whole(1).page("entries", vec![booked(1)]);
        let record = page.record().clone();
        IngestPage::new(record, vec![booked(1)], asides)
    };
    desk.store.ingest(&erp, [&file(asides.clone())], None).unwrap();
    let settle = |desk: &mut Desk, asides: Vec<RejectedItem>| {
        let mut ingest = desk.store.begin_ingest(&erp).unwrap();
        ingest.page(&file(asides)).unwrap();
        ingest.settle_rows("entries", at("2026-04-11T00:00:00Z")).unwrap();
        ingest.commit().unwrap();
        let waiting = desk.store.rejected_items(&erp).unwrap();
        waiting.into_iter().map(|one| one.item.external_id).collect::<Vec<_>>()
    };
    assert_eq!(settle(&mut desk, asides.clone()), ["row 3", "row 4", "row 5"], "aside again");
    assert_eq!(settle(&mut desk, vec![]), ["row 4"], "of another year");
}

#[test]
fn an_exception_that_was_settled_with_a_remainder_is_open_and_can_be_finished() {
    let mut desk = desk();
    let (ann, bob) = (desk.human("ann", Role::Analyst), desk.human("bob", Role::Controller));
    let exception = desk.unposted("in_1");
    let new = desk.propose("in_1", &exception, &ann);
    desk.approve(&new, &bob).unwrap();
    assert_eq!(desk.store.exception(&exception).unwrap().state, ExceptionState::InProgress);
    let key = new.posting.steps[0].key.as_str();
    desk.ledger(&[entry("9", "N-in_1", key, 12_000)]);
    assert_eq!(desk.store.settle_postings(now()).unwrap().len(), 1);
    // Billing gives a cent more meanwhile.
    desk.bill(&[invoice("in_1", 12_001)]);
    desk.derive();
    desk.store.detect(now(), now()).unwrap();
    let left = desk.store.exception(&exception).unwrap();
    assert_eq!((left.state, left.variance_minor), (ExceptionState::Open, -1));
    let log = plain("dismissed", exception.as_str());
    desk.store.set_exception_state(&exception, ExceptionMove::Dismiss, "immaterial", &log).unwrap();
    // One that an earlier version left taken up, too.
    attacker(&desk.path, 1).execute_batch("UPDATE exception SET state = 'in_progress', live = 1").unwrap();
    desk.store.settle_postings(now()).unwrap();
    assert_eq!(desk.store.exception(&exception).unwrap().state, ExceptionState::Open);
}
