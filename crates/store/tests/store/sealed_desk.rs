//! A desk with rows in every sealed table, and somebody who changes them past the store.

use std::collections::BTreeMap;

use rusqlite::Connection;
use tieout_domain::{
    DocumentId, EntryId, ImportId, MatchId, Money, PersonId,
    absence::{Absence, Listed, Scope},
    accounts::AccountMapping,
    calendar::{Period, PeriodKey, PeriodStatus},
    document::{Canonical, CustomerAccount, Subscription, UsageSummary},
    ledger::{AccountType, EntityRef, LedgerAccount, LedgerCustomer, LedgerEntry, NameSource},
    people::Role,
    posting::{PostingEvent, PostingState},
    trial_balance::TrialBalance,
    unread::Concerns,
};
use tieout_store::{
    AttemptEnd, AttemptResult, Balances, ChangeKind, Confirmation, Enrolment, ExceptionMove, IngestPage,
    MatchRule, MemoUpdate, NewAttempt, NewChange, NewImport, NewMatch, PeriodItem, Person, RejectedItem,
    Store, StoreError, VerifyInput, Visit,
};

use crate::support::{
    Desk, GBP, Human, at, attacker, desk, entry, invoice, key, movement, now, page, payment, plain, refund,
    signed,
};

/// What `verify` finds, each as `table row: message`; what nobody signed is left out, since nobody here signs
/// for people.
pub fn found(desk: &Desk) -> Vec<String> {
    let store = Store::open(&desk.path, &key(1)).unwrap();
    let all = store.read(|db| {
        let report = db.verify_log_with(&VerifyInput::default(), &mut |_| true)?.unwrap();
        let mut all: Vec<String> =
            report.findings.iter().map(|f| format!("log {}: {}", f.number, f.fault.code())).collect();
        let tables = db.verify_tables(&report.seals, &mut |_| true)?.unwrap();
        let told = tables.iter().map(|f| format!("{} {:?}: {}", f.table, f.row, f.message));
        all.extend(told.filter(|told| !told.contains("nobody signed")));
        Ok::<_, StoreError>(all)
    });
    all.unwrap()
}

#[track_caller]
pub fn sound(desk: &Desk) {
    assert_eq!(found(desk), Vec::<String>::new());
}

/// Past the file's own triggers, as somebody with the key and a tool of their own.
pub fn tampered(desk: &Desk, sql: &str) {
    let connection = attacker(&desk.path, 1);
    let free = "DROP TRIGGER decision_is_not_updated; DROP TRIGGER decision_is_not_deleted;";
    let back = "CREATE TRIGGER decision_is_not_updated BEFORE UPDATE ON decision
                  BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
                CREATE TRIGGER decision_is_not_deleted BEFORE DELETE ON decision
                  BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;";
    connection.execute_batch(&format!("{free} {sql}; {back}")).unwrap();
}

pub fn period(key: &str, status: PeriodStatus) -> PeriodItem {
    let period = Period {
        entity: "GB01".parse().unwrap(),
        key: PeriodKey::new(key),
        starts: format!("{key}-01").parse().unwrap(),
        ends: format!("{key}-28").parse().unwrap(),
        status,
        closed_at: None,
    };
    PeriodItem { period, erp_id: Some(key.to_owned()), desks_own: false }
}

/// Something of everything that a page of billing can hold.
pub fn billing() -> IngestPage {
    let documents = [
        invoice("in_1", 12_000),
        invoice("in_2", 5_000),
        payment("ch_1", "in_1", 12_000),
        refund("re_1", "ch_1", 100),
    ];
    let mut items: Vec<Canonical> = documents.into_iter().map(Canonical::Document).collect();
    items.extend([
        Canonical::Customer(CustomerAccount {
            external_id: "cus_1".into(),
            name: Some("Ada".into()),
            email: Some("ada@example.com".into()),
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
            amended_at: Some(now()),
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
    ]);
    let rejected = RejectedItem {
        external_id: "in_bad".into(),
        code: "missing_value".into(),
        place: "data[9].total".into(),
        message: "total is missing".into(),
        raw: b"{}".to_vec(),
        concerns: Concerns { names: ["N-in_2".into()].into(), named: true, ..Concerns::of("in_bad") },
    };
    IngestPage::new(page("invoices", b"everything".to_vec()), items, vec![rejected])
}

/// Detection, which finds exceptions and pairs of entries that cancel out.
pub fn sync(desk: &mut Desk) {
    let (billing_id, erp) = (desk.billing.clone(), desk.erp.clone());
    desk.store.ingest(&billing_id, [&billing()], None).unwrap();
    let mut changed = invoice("in_2", 5_000);
    changed.total = Money::new(6_000, GBP);
    desk.bill(&[changed]);
    let mut wrong = entry("7", "N-in_2", "x", 100);
    wrong.rate = Some("1.25".parse().unwrap());
    wrong.add_name(NameSource::OtherReference, "PO-9");
    let undone = LedgerEntry { reverses: Some("7".into()), ..entry("8", "N-in_2", "y", -100) };
    desk.ledger(&[wrong, undone, entry("9", "N-nothing", "z", 700)]);
    let customer =
        LedgerCustomer { erp_id: "c1".into(), external_id: Some("cus_9".into()), name: "Ada".into() };
    let account = LedgerAccount::new("a1".into(), "1100".parse().unwrap(), "Receivables")
        .of_type(Some(AccountType::Receivable));
    let pages = [
        IngestPage::new(page("customers", b"c".to_vec()), vec![customer], vec![]),
        IngestPage::new(page("accounts", b"a".to_vec()), vec![account], vec![]),
        IngestPage::new(page("periods", b"p".to_vec()), vec![period("2026-03", PeriodStatus::Open)], vec![]),
        IngestPage::new(page("trial_balance", b"t".to_vec()), balances(), vec![]),
    ];
    desk.store.ingest(&erp, &pages, None).unwrap();
    desk.derive();
    desk.store.detect(now(), now()).unwrap();
}

/// What the ERP says of receivables, all of it read.
fn balances() -> Balances {
    let row = TrialBalance {
        entity: EntityRef::Code("GB01".parse().unwrap()),
        account: "1100".parse().unwrap(),
        period: PeriodKey::new("2026-03"),
        currency: GBP,
        opening_minor: 0,
        debits_minor: 800,
        credits_minor: 100,
        closing_minor: 700,
    };
    Balances { accounts: [row.account.clone()].into(), rows: vec![row] }
}

pub fn mapping(desk: &mut Desk, by: &Human) {
    let id = tieout_domain::ChangeId::derive(&["mapping"]);
    let new = NewChange {
        id: id.clone(),
        kind: ChangeKind::Mapping,
        name: "mapping".into(),
        content: "schema = 1".into(),
        hash: "h1".into(),
        author: "os:test".into(),
        at: now(),
        at_once: false,
    };
    desk.store.propose_change(&new, &plain("change_proposed", id.as_str())).unwrap();
    let sign = by.sign();
    let log = signed("change_approved", id.as_str(), by, &sign);
    desk.store.decide_change(&id, true, &by.id, "h1", &log).unwrap();
}

/// A posting that was sent, booked and read back, and what the worker remembers of it.
pub fn post(desk: &mut Desk, ann: &Human, ben: &Human) {
    let exception = {
        let filter = tieout_store::ViewFilter { reference: Some("N-in_1".into()), ..Default::default() };
        desk.exceptions(filter)[0].id.clone()
    };
    let new = desk.propose("in_1", &exception, ann);
    desk.approve(&new, ben).unwrap();
    let step = &new.posting.steps[0];
    let attempt = NewAttempt {
        posting: new.posting.id.clone(),
        step: 1,
        number: 1,
        action: "create_booked".into(),
        key: step.key.clone(),
        target: Some("t".into()),
        content_hash: new.posting.content_hash(),
        at: now(),
    };
    let memo = MemoUpdate {
        json: "{\"n\":1}".into(),
        tries: 1,
        lookups: 1,
        doubt_since: Some(now()),
        watch_until: Some(now()),
    };
    let id = desk.store.begin_attempt(&attempt, Some(PostingEvent::SendStarted), &memo).unwrap();
    let result = AttemptResult {
        end: AttemptEnd::Done,
        code: Some("c".into()),
        message: Some("m".into()),
        erp_id: Some("11".into()),
        request_id: Some("r1".into()),
        transcript: Some("POST /je".repeat(40)),
    };
    let visit = Visit {
        posting: new.posting.id.clone(),
        step: 1,
        at: now(),
        events: vec![PostingEvent::AllBooked],
        memo,
        next_try_at: Some(now()),
        booked: vec![tieout_store::BookedStep {
            step: 1,
            erp_id: "11".into(),
            period: PeriodKey::new("2026-03"),
        }],
        failure: Some(tieout_store::VisitFailure { code: "f".into(), message: "words".into() }),
        findings: vec![tieout_store::StepFinding { code: "amount_differs".into(), message: "by 1".into() }],
    };
    assert_eq!(desk.store.finish_attempt(&id, &result, &visit).unwrap(), PostingState::Booked);
}

/// A desk with rows in every sealed table.
pub fn worked() -> Desk {
    let mut desk = desk();
    let (ann, ben) = (desk.human("ann", Role::Analyst), desk.human("ben", Role::Controller));
    mapping(&mut desk, &ben);
    sync(&mut desk);
    post(&mut desk, &ann, &ben);
    let open = desk.exceptions(tieout_store::ViewFilter::default());
    let id = open.iter().find(|e| e.external_ref == "N-nothing").unwrap().id.clone();
    desk.store.assign(&id, Some(&ann.id), &plain("assign", id.as_str())).unwrap();
    desk.store.comment(&id, ("asked the bank", &[]), &plain("comment", id.as_str())).unwrap();
    desk.store.set_exception_state(&id, ExceptionMove::Hold, "waits", &plain("hold", id.as_str())).unwrap();
    office(&mut desk, &ben);
    lose_an_entry(&mut desk);
    pair(&mut desk, &ann);
    import_a_file(&mut desk);
    desk
}

/// A file was imported: what it was, and what it changed as it was before.
pub fn import_a_file(desk: &mut Desk) {
    let rows =
        IngestPage::new(page("entries", b"a file".to_vec()), vec![entry("file-1", "F-1", "", 77)], vec![]);
    let mut ingest = desk.store.begin_ingest(&desk.erp).unwrap();
    ingest.record("entries").unwrap();
    ingest.page(&rows).unwrap();
    let one = NewImport {
        id: ImportId::derive(&["a file"]),
        resource: "entries".into(),
        file: "a.csv".into(),
        sha256: "00".into(),
        profile: "general".into(),
        map_hash: "00".into(),
        totals: "GBP debits 0.77, credits 0.77".into(),
        replaced: None,
        by: "os:test".into(),
        at: now(),
        rows: 2,
        items: 1,
        rejected_rows: 0,
    };
    assert!(ingest.keep_import(&one).unwrap());
    ingest.log(&plain("file_imported", one.id.as_str())).unwrap();
    ingest.commit().unwrap();
}

/// Somebody said that an entry and a document are one; the mapping says how names and receipts are read.
pub fn pair(desk: &mut Desk, ann: &Human) {
    let mapping = "schema = 1\n[[entity]]\ncode = \"GB01\"\nfunctional_currency = \"GBP\"\n\
        receipts_master = \"erp\"\n[entity.accounts]\nreceivable = \"1100\"\n\
        [[names]]\nconnection = \"netsuite\"\nstrip_prefix = [\"XX-\"]\n";
    desk.store.keep_rules(Some(&AccountMapping::parse(mapping).unwrap())).unwrap();
    let id = MatchId::derive(&["pair"]);
    let new = NewMatch {
        id: id.clone(),
        name: "match of JE9".into(),
        rule: MatchRule::Hand,
        entity: "GB01".into(),
        currency: GBP,
        documents_minor: 1,
        entries_minor: 1,
        needs_two: true,
        why: String::new(),
        reason: "they are one".into(),
        entries: vec![EntryId::derive(&[desk.erp.as_str(), "9"])],
        documents: vec![DocumentId::derive(&[desk.billing.as_str(), "invoice", "in_2"])],
    };
    let log = plain("match_confirmed", id.as_str());
    desk.store.write(|tx| tx.confirm_match(&new, &ann.id, &log)).unwrap();
}

/// Somebody who was invited, a wrong secret, and the first of two approvals of a change.
pub fn office(desk: &mut Desk, ben: &Human) {
    let dora = PersonId::derive(&["dora"]);
    let known = desk.store.person(&ben.id).unwrap();
    let person =
        Person { id: dora.clone(), name: "dora".into(), verifying_key: None, secret_kind: None, ..known };
    let enrolment = Enrolment {
        person: dora.clone(),
        code_sha256: Some("abc".into()),
        issued_by: "os:test".into(),
        issued_at: now(),
        restored: false,
        confirmation: Confirmation::ByAnother,
        confirmed_by: None,
        confirmed_at: None,
    };
    desk.store.invite_person(&person, &enrolment, &plain("person_added", dora.as_str())).unwrap();
    desk.store.secret_failed(&ben.id, &plain("secret_failed", ben.id.as_str())).unwrap();
    let id = tieout_domain::ChangeId::derive(&["policy"]);
    let new = NewChange {
        id: id.clone(),
        kind: ChangeKind::Policy,
        name: "policy".into(),
        content: "schema = 1".into(),
        hash: "h2".into(),
        author: "os:test".into(),
        at: now(),
        at_once: false,
    };
    desk.store.propose_change(&new, &plain("change_proposed", id.as_str())).unwrap();
    let sign = ben.sign();
    let log = signed("change_first_approval", id.as_str(), ben, &sign);
    desk.store.approve_change_in_part(&id, &ben.id, "h2", &log).unwrap();
}

/// Two whole lists of the ledger's entries, the second without one of the first.
pub fn lose_an_entry(desk: &mut Desk) {
    let erp = desk.erp.clone();
    let kept = entry("90", "N-kept", "kept", 100);
    let lost = entry("91", "N-lost", "lost", 100);
    let whole = |body: &[u8], entries: Vec<LedgerEntry>| {
        let listed = Listed { after: String::new(), through: None, scope: Scope::default() };
        IngestPage::new(page("entries", body.to_vec()), entries, vec![])
            .proving(Absence { listed: Some(listed), deleted: Vec::new() })
    };
    let pages = [whole(b"both", vec![kept.clone(), lost]), whole(b"one", vec![kept])];
    desk.store.ingest(&erp, &pages, None).unwrap();
}

/// The sealed columns by table, as the seals say which tables there are.
pub fn columns(connection: &Connection, table: &str) -> Vec<String> {
    let mut statement = connection.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
    statement.query_map([table], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

pub fn sealed_tables(desk: &Desk) -> BTreeMap<String, i64> {
    let report = desk.store.verify_log_with(&VerifyInput::default(), &mut |_| true).unwrap().unwrap();
    report.seals.tables.into_iter().map(|(table, (_, set))| (table, set.rows)).collect()
}
