//! Pages into documents, entries and periods.

use tieout_domain::{
    EntityCode,
    calendar::{Period, PeriodKey, PeriodStatus},
    derive::Facts,
    document::{
        Canonical, CustomerAccount, DocumentDate, DocumentKind, DocumentStatus, Subscription, UsageSummary,
    },
    exception::ExceptionKind,
    ledger::LedgerEntry,
    unread::Concerns,
};
use tieout_store::{CursorUpdate, IngestPage, IngestSummary, PeriodItem, RejectedItem, Store, ViewFilter};

use crate::support::{
    Desk, asked, at, attacker, billing_page, day, desk, dispute, document_id, entry, invoice, key, movement,
    now, page, payment, refund,
};

/// Every row of every table but the log, as text: two equal dumps are two equal workspaces.
fn dump(desk: &Desk) -> String {
    let connection = attacker(&desk.path, 1);
    let mut out = String::new();
    let mut tables = connection
        .prepare(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
        )
        .unwrap();
    let names: Vec<String> = tables.query_map([], |r| r.get(0)).unwrap().map(Result::unwrap).collect();
    for name in names {
        let mut statement = connection.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let width = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let cells: Vec<String> = (0..width).map(|i| format!("{:?}", row.get_ref(i).unwrap())).collect();
            out.push_str(&format!("{name}: {}\n", cells.join("|")));
        }
    }
    out
}

const VERSIONS: &str =
    "SELECT version || ' ' || status || ' ' || total_minor FROM document_version ORDER BY version";

fn mixed_page() -> IngestPage {
    let documents = [invoice("in_1", 12_000), payment("ch_1", "in_1", 12_000)];
    let mut items: Vec<Canonical> = documents.into_iter().map(Canonical::Document).collect();
    items.extend([
        Canonical::Customer(CustomerAccount {
            external_id: "cus_1".into(),
            name: Some("Ada".into()),
            email: Some(" Ada@Example.com ".into()),
            country: Some("GB".into()),
            created_at: Some(now()),
            deleted: false,
        }),
        Canonical::Subscription(Subscription {
            external_id: "sub_1".into(),
            customer: Some("cus_1".into()),
            status: "active".into(),
            products: vec!["prod_team".into()],
            started_at: Some(now()),
            amended_at: None,
        }),
        Canonical::Usage(UsageSummary {
            external_id: "use_1".into(),
            meter: "calls".into(),
            customer: "cus_1".into(),
            starts_at: at("2026-03-01T00:00:00Z"),
            ends_at: at("2026-03-02T00:00:00Z"),
            value: "12.5".parse().unwrap(),
        }),
        Canonical::Movement(movement("ch_1", 30)),
        Canonical::Document(dispute("dp_1", "ch_1", 12_000)),
    ]);
    IngestPage::new(page("invoices", b"mixed".to_vec()), items, vec![])
}

#[test]
fn the_same_page_twice_changes_nothing() {
    let mut desk = desk();
    let billing = desk.billing.clone();
    let page = mixed_page();
    let first = desk.store.ingest(&billing, [&page], None).unwrap();
    assert_eq!((first.new, first.changed, first.unchanged), (3, 4, 0));
    desk.ledger(&[entry("1", "N-in_1", "bi-1", 12_000)]);
    let before = dump(&desk);
    let second = desk.store.ingest(&billing, [&page], None).unwrap();
    let want = IngestSummary { pages: 1, unchanged: 7, ..IngestSummary::default() };
    assert_eq!(second, want);
    desk.ledger(&[entry("1", "N-in_1", "bi-1", 12_000)]);
    assert_eq!(dump(&desk), before);
}

#[test]
fn documents_come_back_as_they_were_with_their_fees() {
    let mut desk = desk();
    let billing = desk.billing.clone();
    desk.store.ingest(&billing, [&mixed_page()], None).unwrap();
    let given = desk.store.documents_to_derive(10).unwrap();
    let documents: Vec<_> = given.iter().map(|d| d.document.clone()).collect();
    let dispute = dispute("dp_1", "ch_1", 12_000);
    assert_eq!(documents, [invoice("in_1", 12_000), payment("ch_1", "in_1", 12_000), dispute]);
    assert_eq!(given[1].facts, Facts { fee_minor: 30, ..Facts::default() });
    assert_eq!(given[0].facts, Facts::default());
    let of = |at: usize| desk.store.document(&given[at].id).unwrap().correlation;
    assert_eq!(of(2), of(1), "a dispute belongs to its payment, and so to the invoice");
    assert_eq!(given[0].connection_name, "stripe-gb");
    assert_eq!(desk.store.document(&given[0].id).unwrap().document, invoice("in_1", 12_000));
}

#[test]
fn a_changed_document_keeps_its_earlier_versions_and_is_derived_again() {
    let mut desk = desk();
    desk.bill(&[invoice("in_1", 12_000)]);
    assert_eq!(desk.derive(), 1);
    assert_eq!(desk.derive(), 0);
    let mut void = invoice("in_1", 12_000);
    void.status = DocumentStatus::Void;
    let summary = desk.bill(&[void]);
    assert_eq!((summary.new, summary.changed), (0, 1));
    desk.bill(&[invoice("in_1", 13_000)]);
    let stored = desk.store.documents_to_derive(10).unwrap().remove(0);
    assert_eq!((stored.version, stored.document.total.minor()), (3, 13_000));
    let versions = asked(&desk, VERSIONS);
    assert_eq!(versions, ["1 final 12000", "2 void 12000"]);
}

#[test]
fn what_books_do_not_depend_on_is_updated_without_a_new_version() {
    let mut desk = desk();
    desk.bill(&[invoice("in_1", 12_000)]);
    let mut linked = invoice("in_1", 12_000);
    linked.subscription = Some("sub_2".into());
    linked.lines[0].service_ends = Some(DocumentDate::Local(day("2026-04-30")));
    let summary = desk.bill(&[linked.clone()]);
    assert_eq!(summary.changed, 1);
    let stored = desk.store.documents_to_derive(10).unwrap().remove(0);
    assert_eq!((stored.version, stored.document), (1, linked));
    assert_eq!(asked(&desk, VERSIONS), [""; 0]);
}

/// The fee of payment `ch_1` comes, or changes.
fn fee(desk: &mut Desk, minor: i64) {
    let items = vec![Canonical::Movement(movement("ch_1", minor))];
    let fees = IngestPage::new(page("fees", minor.to_string().into_bytes()), items, vec![]);
    let billing = desk.billing.clone();
    desk.store.ingest(&billing, [&fees], None).unwrap();
}

#[test]
fn a_fee_that_comes_after_the_derivation_began_is_not_lost() {
    let mut desk = desk();
    desk.bill(&[payment("ch_1", "in_1", 500)]);
    let given = desk.store.documents_to_derive(10).unwrap();
    fee(&mut desk, 20);
    assert_eq!(given[0].facts.fee_minor, 0);
    assert_eq!(desk.derive(), 1);
    let none = desk.store.documents_to_derive(10).unwrap();
    assert_eq!(none, []);
    // The stale derivation, put now, must not take the newer mark away.
    fee(&mut desk, 30);
    let stale = desk.store.documents_to_derive(10).unwrap();
    fee(&mut desk, 40);
    assert!(stale[0].stamp < desk.store.documents_to_derive(10).unwrap()[0].stamp);
}

#[test]
fn an_import_comes_in_whole_or_not_at_all() {
    let mut desk = desk();
    desk.bill(&[invoice("in_0", 1)]);
    let before = dump(&desk);
    let billing = desk.billing.clone();
    let mut ingest = desk.store.begin_ingest(&billing).unwrap();
    for n in 1..20 {
        ingest.page(&billing_page(&[invoice(&format!("in_{n}"), n)])).unwrap();
    }
    drop(ingest);
    assert_eq!(dump(&desk), before);

    // Killed: the process ends without a word. What was written so far is not there for the next one.
    let mut second = Store::open(&desk.path, &key(1)).unwrap();
    let mut ingest = second.begin_ingest(&billing).unwrap();
    ingest.page(&billing_page(&[invoice("in_1", 1)])).unwrap();
    std::mem::forget(ingest);
    std::mem::forget(second);
    assert_eq!(dump(&desk), before);
}

#[test]
fn the_cursor_moves_with_the_page_or_not_at_all() {
    let mut desk = desk();
    let billing = desk.billing.clone();
    let cursor = |next: Option<&str>, resume: Option<&str>, complete: bool| CursorUpdate {
        resource: "invoices".into(),
        next: next.map(str::to_owned),
        resume: resume.map(str::to_owned),
        scan_started_at: next.map(|_| now()),
        complete_through: complete.then(now),
        at: now(),
    };
    let page = billing_page(&[invoice("in_1", 1)]);
    desk.store.ingest(&billing, [&page], Some(&cursor(Some("p2"), None, false))).unwrap();
    let mut ingest = desk.store.begin_ingest(&billing).unwrap();
    ingest.page(&billing_page(&[invoice("in_2", 2)])).unwrap();
    ingest.cursor(&cursor(None, Some("r1"), true)).unwrap();
    drop(ingest);
    let state = desk.store.sync_state(&billing, "invoices").unwrap();
    assert_eq!((state.next.as_deref(), state.complete_through), (Some("p2"), None));
    desk.store.ingest(&billing, [], Some(&cursor(None, Some("r1"), true))).unwrap();
    desk.store.sync_failed(&billing, "invoices", "rate_limited", "later", now()).unwrap();
    let state = desk.store.sync_state(&billing, "invoices").unwrap();
    assert_eq!((state.next, state.resume.as_deref()), (None, Some("r1")));
    assert_eq!(
        (state.complete_through, state.last_error_code.as_deref()),
        (Some(now()), Some("rate_limited"))
    );
}

#[test]
fn the_proof_of_a_page_holds_its_bytes_and_its_sums() {
    let mut desk = desk();
    let page = billing_page(&[invoice("in_1", 12_000), payment("ch_1", "in_1", 2_000)]);
    let billing = desk.billing.clone();
    desk.store.ingest(&billing, [&page], None).unwrap();
    let proof = asked(&desk, "SELECT sums || ' ' || request FROM page");
    assert_eq!(proof, [r#"{"GBP":10000} GET /v1/invoices"#]);
    let hash = hex::decode(asked(&desk, "SELECT lower(hex(payload_hash)) FROM page").remove(0)).unwrap();
    assert_eq!(desk.store.payload(&hash.try_into().unwrap()).unwrap(), page.record().body);
}

#[test]
fn a_page_that_flips_back_is_a_new_proof() {
    let mut desk = desk();
    for total in [1, 2, 1, 1] {
        desk.bill(&[invoice("in_1", total)]);
    }
    assert_eq!(asked(&desk, "SELECT resource FROM page").len(), 3);
}

#[test]
fn a_rejected_item_waits_until_it_can_be_read() {
    let mut desk = desk();
    let billing = desk.billing.clone();
    let rejected = vec![RejectedItem {
        external_id: "in_1".into(),
        code: "schema_drift".into(),
        place: "invoices/in_1, field total".into(),
        message: "total is missing".into(),
        raw: b"{}".to_vec(),
        concerns: Concerns { names: ["N-in_1".into()].into(), named: true, ..Concerns::of("in_1") },
    }];
    let bad = IngestPage::new(page("invoices", vec![]), Vec::<Canonical>::new(), rejected);
    for _ in 0..2 {
        let summary = desk.store.ingest(&billing, [&bad], None).unwrap();
        assert_eq!(summary.rejected, 1);
    }
    let kept = desk.store.rejected_items(&billing).unwrap();
    assert_eq!((kept.len(), &kept[0].item), (1, &bad.rejected()[0]));
    desk.bill(&[invoice("in_1", 1)]);
    assert_eq!(desk.store.rejected_items(&billing).unwrap(), []);
}

/// An item of which its reader could tell nothing.
fn unreadable(raw: &str) -> IngestPage {
    let rejected = vec![RejectedItem {
        external_id: "9".into(),
        code: "schema_drift".into(),
        place: "entries/9".into(),
        message: "lines is no list".into(),
        raw: raw.as_bytes().to_vec(),
        concerns: Concerns::of("9"),
    }];
    IngestPage::new(page("entries", raw.into()), Vec::<LedgerEntry>::new(), rejected)
}

#[test]
fn the_raw_text_of_what_cannot_be_read_is_searched_for_names_of_documents() {
    let mut desk = desk();
    let erp = desk.erp.clone();
    desk.bill(&[invoice("in_1", 1), invoice("in_2", 1)]);
    let raw = r#"{"memo":"for N-in_2, thanks","ref":"X-77","amount":"12,00"}"#;
    desk.store.ingest(&erp, [&unreadable(raw)], None).unwrap();
    let names = |desk: &Desk| -> Vec<String> {
        let kept = desk.store.rejected_items(&erp).unwrap().remove(0);
        assert!(kept.item.concerns.named, "it limits what it names and nothing else");
        assert_eq!(String::from_utf8_lossy(&kept.item.raw).chars().next(), Some('{'), "it is kept whole");
        kept.item.concerns.names.into_iter().collect()
    };
    assert_eq!(names(&desk), ["N-in_2"]);
    // Where no document has any of its words, all that could be a name is kept: one may come later.
    desk.store.ingest(&erp, [&unreadable(r#"{"memo":"for N-in_3","total":"n/a"}"#)], None).unwrap();
    assert_eq!(names(&desk), ["N-in_3"]);
}

/// The references of what is told to be unposted once an entry waits of which this is known, with these
/// bytes.
fn unposted_beside(raw: &str, concerns: Concerns) -> Vec<String> {
    let mut desk = desk();
    desk.bill(&[invoice("in_1", 100), invoice("in_2", 200)]);
    desk.derive();
    desk.ledger(&[]);
    let erp = desk.erp.clone();
    let mut rejected = unreadable(raw).rejected().to_vec();
    rejected[0].concerns = concerns;
    let aside = IngestPage::new(page("entries", raw.into()), Vec::<LedgerEntry>::new(), rejected);
    desk.store.ingest(&erp, [&aside], None).unwrap();
    desk.store.detect(now(), now()).unwrap();
    let all = desk.exceptions(ViewFilter::default());
    let unposted = all.into_iter().filter(|one| one.kind == ExceptionKind::Unposted);
    let mut references: Vec<String> = unposted.map(|one| one.external_ref).collect();
    references.sort();
    references
}

#[test]
fn a_word_that_is_a_reference_by_chance_takes_nothing_from_what_is_known_of_an_unread_entry() {
    let chance = r#"{"account":"N-in_2","total":"1.00"}"#;
    let amount = Concerns { amounts: [100].into(), days: [day("2026-03-02")].into(), ..Concerns::of("9") };
    let none: [&str; 0] = [];
    assert_eq!(unposted_beside(r#"{"total":"1.00"}"#, amount.clone()), ["N-in_2"], "it may book in_1");
    assert_eq!(unposted_beside(chance, amount), none, "it may book in_1 still, and in_2 too");
    let days = Concerns { days: [day("2026-03-02")].into(), ..Concerns::of("9") };
    assert_eq!(unposted_beside(chance, days), none, "all of its days");
    assert_eq!(unposted_beside(chance, Concerns::of("9")), ["N-in_1"], "its words are all that is known");
}

#[test]
fn a_document_is_found_that_an_unread_entry_names_after_very_many_words() {
    let mut raw: String = (0..5_000).map(|n| format!("x-{n} ")).collect();
    raw.push_str("N-in_2");
    assert_eq!(unposted_beside(&raw, Concerns::of("9")), ["N-in_1"]);
}

#[test]
fn entries_that_cannot_be_read_are_one_exception_however_many_they_are() {
    let mut desk = desk();
    let one = unreadable("{}").rejected()[0].clone();
    let item = |n: i64| RejectedItem {
        external_id: n.to_string(),
        concerns: Concerns { named: true, ..Concerns::of(n.to_string()) },
        ..one.clone()
    };
    let page = IngestPage::new(
        page("entries", b"{}".to_vec()),
        Vec::<LedgerEntry>::new(),
        (0..101).map(item).collect::<Vec<_>>(),
    );
    let erp = desk.erp.clone();
    desk.store.ingest(&erp, [&page], None).unwrap();
    desk.store.detect(now(), now()).unwrap();
    let told = desk.exceptions(ViewFilter::default());
    assert_eq!(told.iter().map(|one| one.external_ref.as_str()).collect::<Vec<_>>(), ["netsuite/entries"]);
}

#[test]
fn what_an_earlier_program_could_not_read_is_read_again_once_though_people_set_it_aside() {
    let mut desk = desk();
    let erp = desk.erp.clone();
    let update = CursorUpdate {
        resource: "entries".into(),
        next: None,
        resume: Some("cursor".into()),
        scan_started_at: None,
        complete_through: Some(now()),
        at: now(),
    };
    desk.store.ingest(&erp, [&unreadable("{}")], Some(&update)).unwrap();
    let resume = |desk: &Desk| desk.store.sync_state(&erp, "entries").unwrap().resume;
    assert!(!desk.store.try_unread_again(&erp, "entries").unwrap(), "this program tried it");
    assert_eq!(resume(&desk).as_deref(), Some("cursor"));
    for settled in ["NULL", "'p'"] {
        let sql = format!("UPDATE rejected_item SET tried_by = '0.0.1', settled_by = {settled}");
        attacker(&desk.path, 1).execute(&sql, []).unwrap();
        assert!(desk.store.try_unread_again(&erp, "entries").unwrap());
        assert_eq!(resume(&desk), None, "the list begins again");
        assert!(!desk.store.try_unread_again(&erp, "entries").unwrap(), "once");
    }
}

#[test]
fn invoice_payment_and_refund_share_a_correlation_in_whatever_order_they_come() {
    let documents = [invoice("in_1", 100), payment("ch_1", "in_1", 100), refund("re_1", "ch_1", 40)];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let mut desk = desk();
        for index in order {
            desk.bill(&[documents[index].clone()]);
        }
        desk.bill(&[invoice("in_2", 7)]);
        desk.ledger(&[entry("1", "N-in_1", "bi-1", 100), entry("2", "other", "bi-2", 5)]);
        for kind in [DocumentKind::Invoice, DocumentKind::Payment, DocumentKind::Refund] {
            let id = name_of(kind);
            let all = desk.store.correlated(&document_id(kind.as_str(), id)).unwrap();
            let mut names: Vec<_> = all.documents.iter().map(|d| d.document.external_id.as_str()).collect();
            names.sort_unstable();
            assert_eq!(names, ["ch_1", "in_1", "re_1"], "asked for {id}, came in {order:?}");
            assert_eq!(all.entries.len(), 1);
        }
    }
}

#[test]
fn usage_and_subscription_are_reached_from_their_invoice() {
    let mut desk = desk();
    let billing = desk.billing.clone();
    desk.store.ingest(&billing, [&mixed_page()], None).unwrap();
    let all = desk.store.correlated(&document_id("invoice", "in_1")).unwrap();
    assert_eq!(all.subscriptions[0].external_id, "sub_1");
    assert_eq!(all.usage[0].external_id, "use_1");
}

fn periods(desk: &mut Desk, status: PeriodStatus, closed: Option<&str>) -> IngestSummary {
    let period = Period {
        entity: "GB01".parse().unwrap(),
        key: PeriodKey::new("2026-03"),
        starts: day("2026-03-01"),
        ends: day("2026-03-31"),
        status,
        closed_at: closed.map(at),
    };
    let body = format!("{period:?}").into_bytes();
    let items = vec![PeriodItem { period, erp_id: Some("17".into()), desks_own: false }];
    let page = IngestPage::new(page("periods", body), items, vec![]);
    let erp = desk.erp.clone();
    desk.store.ingest(&erp, [&page], None).unwrap()
}

#[test]
fn a_period_that_changes_its_status_keeps_its_history_and_marks_its_documents() {
    let mut desk = desk();
    desk.bill(&[invoice("in_1", 1)]);
    desk.derive();
    periods(&mut desk, PeriodStatus::Open, None);
    assert_eq!(desk.derive(), 1, "a new period");
    periods(&mut desk, PeriodStatus::Open, None);
    assert_eq!(desk.derive(), 0, "the same again");
    periods(&mut desk, PeriodStatus::Closed, Some("2026-04-05T00:00:00Z"));
    assert_eq!(desk.derive(), 1, "closed");
    let entity: EntityCode = "GB01".parse().unwrap();
    let history = desk.store.period_history(&entity, &PeriodKey::new("2026-03")).unwrap();
    let names: Vec<_> = history.iter().map(|h| h.status.as_text()).collect();
    assert_eq!(names, ["open", "closed"]);
    let now = desk.store.periods_of(&entity).unwrap().remove(0);
    assert_eq!((now.period.closed_at, now.erp_id.as_deref()), (Some(at("2026-04-05T00:00:00Z")), Some("17")));
}

#[test]
fn an_entry_that_changes_is_written_anew_and_named_by_the_mapping() {
    use tieout_domain::ledger::EntityRef;
    let mut desk = desk();
    let mut first = entry("1", "N-in_1", "bi-1", 100);
    first.entity = EntityRef::ErpId("2".into());
    desk.ledger(&[first.clone()]);
    let erp = desk.erp.clone();
    let code: EntityCode = "GB01".parse().unwrap();
    assert_eq!(desk.store.name_entities(&erp, &[("2".into(), code.clone())]).unwrap(), 1);
    let mut changed = first.clone();
    changed.entity = EntityRef::Code(code);
    changed.lines.pop();
    assert_eq!(desk.ledger(&[changed.clone()]).changed, 1);
    let found = desk.store.entries_by_reference("N-in_1").unwrap();
    assert_eq!(found.iter().map(|e| &e.entry).collect::<Vec<_>>(), [&changed]);
}

fn name_of(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Invoice | DocumentKind::CreditNote => "in_1",
        DocumentKind::Payment => "ch_1",
        _ => "re_1",
    }
}
