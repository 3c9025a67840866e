//! A workspace in a folder of its own, with data to put into it.

use std::path::PathBuf;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::json;
use tieout_domain::{
    AccountCode, ConnectionId, Currency, DocumentId, EntityCode, ExceptionId, Money, PersonId, PostingId,
    WorkspaceId,
    calendar::PeriodKey,
    document::{Canonical, Document, DocumentDate, DocumentKind, DocumentLine, DocumentStatus, Movement},
    entry::{EntryDraft, JournalEntry, JournalLine},
    key::{KeyScope, PostingKey, Slot},
    ledger::{EntityRef, EntryKind, EntryStatus, LedgerEntry, LedgerLine},
    people::{Origin, Role},
    posting::{Posting, PostingEvent, PostingStep},
};
use tieout_store::{
    Connection, ConnectionMode, ConnectionRole, CursorUpdate, DerivedExpectation, ExceptionRow, IngestPage,
    LogDraft, NewDecision, NewPosting, NewWorkspace, PageRecord, Person, SecretKind, Signer, Store,
    Superseded, Vendor, View, ViewFilter, WorkspaceKey,
};
use zeroize::Zeroizing;

pub const GBP: Currency = Currency::GBP;

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn now() -> DateTime<Utc> {
    at("2026-04-10T12:00:00Z")
}

pub fn key(byte: u8) -> WorkspaceKey {
    WorkspaceKey::new(Zeroizing::new([byte; 32]))
}

/// A connection past the store, as somebody with the key and a tool of their own has it.
pub fn attacker(path: &std::path::Path, byte: u8) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).unwrap();
    let pragma = format!("PRAGMA key = \"x'{}'\"", hex::encode([byte; 32]));
    connection.execute_batch(&pragma).unwrap();
    connection
}

pub struct Desk {
    pub folder: tempfile::TempDir,
    pub path: PathBuf,
    pub store: Store,
    pub billing: ConnectionId,
    pub erp: ConnectionId,
}

/// Somebody with a key of their own.
pub struct Human {
    pub id: PersonId,
    key: SigningKey,
}

impl Human {
    /// The one of this name, with the same key at every desk.
    pub fn of(name: &str) -> Self {
        let mut seed = [0_u8; 32];
        seed[..name.len()].copy_from_slice(name.as_bytes());
        Self { id: PersonId::derive(&[name]), key: SigningKey::from_bytes(&seed) }
    }

    pub fn public(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    pub fn sign(&self) -> impl Fn(&[u8; 32]) -> [u8; 64] + '_ {
        |hash| self.key.sign(hash).to_bytes()
    }
}

/// A draft that nobody signs.
pub fn plain<'a>(what: &'a str, subject: &'a str) -> LogDraft<'a> {
    LogDraft { at: now(), actor: "os:test", what, subject, detail: json!({}), signer: None }
}

pub fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("books.tieoutdb");
    let new = NewWorkspace {
        id: WorkspaceId::derive(&["test"]),
        name: "Books".into(),
        demo: false,
        at: at("2026-01-01T00:00:00Z"),
    };
    let mut store = Store::create(&path, &key(1), &new).unwrap();
    let (billing, erp) = (ConnectionId::derive(&["billing"]), ConnectionId::derive(&["erp"]));
    for (id, name, vendor, role) in [
        (&billing, "stripe-gb", Vendor::new("stripe"), ConnectionRole::Billing),
        (&erp, "netsuite", Vendor::new("netsuite"), ConnectionRole::Erp),
    ] {
        let connection = Connection {
            id: id.clone(),
            name: name.into(),
            vendor,
            role,
            mode: ConnectionMode::Test,
            tenant: format!("tenant-{name}"),
            options: "{}".into(),
            paused: false,
            added_by: "os:test".into(),
            added_at: now(),
        };
        store.add_connection(&connection, &plain("connection_added", id.as_str())).unwrap();
    }
    Desk { folder, path, store, billing, erp }
}

impl Desk {
    /// Adds a person and their key.
    pub fn human(&mut self, name: &str, role: Role) -> Human {
        let id = PersonId::derive(&[name]);
        let person = Person {
            id: id.clone(),
            name: name.into(),
            os_account: None,
            role,
            active: true,
            verifying_key: None,
            secret_kind: None,
            added_by: "os:test".into(),
            added_at: now(),
        };
        self.store.add_person(&person, &plain("person_added", id.as_str())).unwrap();
        let human = Human::of(name);
        let log = plain("person_key_set", id.as_str());
        self.store.set_person_key(&id, &human.public(), SecretKind::Passphrase, &log).unwrap();
        human
    }

    /// Takes in documents as one page.
    pub fn bill(&mut self, documents: &[Document]) -> tieout_store::IngestSummary {
        let page = billing_page(documents);
        self.store.ingest(&self.billing, [&page], None).unwrap()
    }

    /// Derives as the desk would: receivables against revenue, in the month of the date.
    pub fn derive(&mut self) -> usize {
        let given = self.store.documents_to_derive(1000).unwrap();
        let derived: Vec<DerivedExpectation> = given.iter().map(expected).collect();
        self.store.put_expectations(&derived).unwrap();
        derived.len()
    }

    /// The ledger's entries as one page of a sync that came to its end just now.
    pub fn ledger(&mut self, entries: &[LedgerEntry]) -> tieout_store::IngestSummary {
        let body = format!("{entries:?}").into_bytes();
        let page = IngestPage::new(page("entries", body), entries.to_vec(), vec![]);
        let cursor = CursorUpdate {
            resource: "entries".into(),
            next: None,
            resume: None,
            scan_started_at: None,
            complete_through: Some(now()),
            at: now(),
        };
        self.store.ingest(&self.erp, [&page], Some(&cursor)).unwrap()
    }

    /// The exceptions that a filter asks for, the most urgent first.
    pub fn exceptions(&self, filter: ViewFilter) -> Vec<ExceptionRow> {
        self.store.view_rows(&View { filter, sorts: Vec::new() }, 0, u64::MAX).unwrap()
    }

    /// One unposted invoice, found: its exception.
    pub fn unposted(&mut self, external_id: &str) -> ExceptionId {
        self.bill(&[invoice(external_id, 12_000)]);
        self.derive();
        self.ledger(&[]);
        self.store.detect(now(), now()).unwrap();
        let reference = format!("N-{external_id}");
        let found = self.exceptions(ViewFilter { reference: Some(reference), ..ViewFilter::default() });
        assert_eq!(found.iter().map(|e| e.kind.as_str()).collect::<Vec<_>>(), ["unposted"]);
        found[0].id.clone()
    }

    /// Proposes to book an invoice as it is.
    pub fn propose(&mut self, external_id: &str, exception: &ExceptionId, preparer: &Human) -> NewPosting {
        let new = new_posting(self, external_id, exception, preparer, 1);
        let log = plain("proposed", new.posting.id.as_str());
        self.store.propose_posting(&new, None, &log).unwrap();
        new
    }

    /// A complete approval.
    pub fn approve(
        &mut self,
        new: &NewPosting,
        by: &Human,
    ) -> tieout_store::Result<tieout_store::DecisionRecorded> {
        let hash = new.posting.content_hash();
        let sign = by.sign();
        let log = signed("approved", new.posting.id.as_str(), by, &sign);
        self.store.approve_and_enqueue(&decision(new, by, &hash), &log)
    }
}

pub fn decision<'a>(new: &'a NewPosting, by: &'a Human, content_hash: &'a str) -> NewDecision<'a> {
    NewDecision {
        posting: &new.posting.id,
        person: &by.id,
        content_hash,
        seen_approvals: 0,
        in_place_of: None,
        ran_out_until: None,
    }
}

pub fn signed<'a>(
    what: &'a str,
    subject: &'a str,
    by: &'a Human,
    sign: &'a dyn Fn(&[u8; 32]) -> [u8; 64],
) -> LogDraft<'a> {
    let signer = Some(Signer { person: &by.id, sign });
    LogDraft { at: now(), actor: by.id.as_str(), what, subject, detail: json!({}), signer }
}

pub fn page(resource: &str, body: Vec<u8>) -> PageRecord {
    PageRecord {
        resource: resource.into(),
        body,
        request: format!("GET /v1/{resource}"),
        request_id: Some("req_1".into()),
        api_version: Some("2026-10-01".into()),
        count: 1,
        received_at: now(),
    }
}

pub fn billing_page(documents: &[Document]) -> IngestPage {
    let body = format!("{documents:?}").into_bytes();
    let items: Vec<Canonical> = documents.iter().cloned().map(Canonical::Document).collect();
    IngestPage::new(page("invoices", body), items, vec![])
}

/// The id of a document of the desk's billing.
pub fn document_id(kind: &str, external_id: &str) -> DocumentId {
    DocumentId::derive(&[ConnectionId::derive(&["billing"]).as_str(), kind, external_id])
}

/// What a query answers to somebody with the key, one text for each row.
pub fn asked(desk: &Desk, sql: &str) -> Vec<String> {
    let connection = attacker(&desk.path, 1);
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// An issued invoice `N-<id>` of 2 March 2026.
pub fn invoice(external_id: &str, total: i64) -> Document {
    Document {
        kind: DocumentKind::Invoice,
        external_id: external_id.into(),
        reference: format!("N-{external_id}"),
        status: DocumentStatus::Final,
        date: DocumentDate::Instant(at("2026-03-02T09:00:00Z")),
        finalized_at: Some(at("2026-03-02T09:00:00Z")),
        changed_at: None,
        total: Money::new(total, GBP),
        tax_minor: 0,
        lines: vec![DocumentLine {
            product: Some("prod_team".into()),
            description: "Team".into(),
            quantity: "1".parse().unwrap(),
            unit_price: "120.00".parse().unwrap(),
            amount_minor: Some(total),
            tax_minor: 0,
            tax_code: None,
            service_starts: Some(DocumentDate::Local(day("2026-03-01"))),
            service_ends: Some(DocumentDate::Local(day("2026-03-31"))),
        }],
        customer: Some("cus_1".into()),
        country: Some("GB".into()),
        entity: None,
        subscription: Some("sub_1".into()),
        invoice: None,
        payment: None,
        outside: false,
    }
}

/// What the processor's balance took of a payment, with its fee.
pub fn movement(of_payment: &str, fee_minor: i64) -> Movement {
    Movement {
        external_id: format!("txn_{of_payment}"),
        document: of_payment.into(),
        source: Some(of_payment.into()),
        category: "charge".into(),
        gross: Money::new(12_000, GBP),
        fee_minor,
        fee_tax_minor: 0,
        rate: None,
        at: at("2026-03-02T09:00:00Z"),
        available_at: None,
    }
}

/// What a dispute took back of a payment.
pub fn dispute(external_id: &str, of_payment: &str, total: i64) -> Document {
    Document { kind: DocumentKind::Dispute, ..refund(external_id, of_payment, total) }
}

/// A payment of an invoice.
pub fn payment(external_id: &str, of_invoice: &str, total: i64) -> Document {
    Document {
        kind: DocumentKind::Payment,
        external_id: external_id.into(),
        reference: external_id.into(),
        total: Money::new(-total, GBP),
        lines: vec![],
        subscription: None,
        invoice: Some(of_invoice.into()),
        ..invoice(external_id, total)
    }
}

/// A refund that names only its payment.
pub fn refund(external_id: &str, of_payment: &str, total: i64) -> Document {
    Document {
        kind: DocumentKind::Refund,
        total: Money::new(total, GBP),
        invoice: None,
        payment: Some(of_payment.into()),
        ..payment(external_id, "", total)
    }
}

pub fn expected(stored: &tieout_store::StoredDocument) -> DerivedExpectation {
    let total = if stored.facts.disputed { 0 } else { stored.document.total.minor() };
    let account = |code: &str| -> AccountCode { code.parse().unwrap() };
    let lines = match stored.document.status {
        DocumentStatus::Final => vec![(account("1100"), total), (account("4000"), -total)],
        _ => vec![],
    };
    DerivedExpectation {
        seq: stored.seq,
        stamp: stored.stamp,
        entity: Some("GB01".parse().unwrap()),
        document_date: day("2026-03-02"),
        period: Some(PeriodKey::new("2026-03")),
        own_period: Some(PeriodKey::new("2026-03")),
        late: false,
        currency: GBP,
        control: Some(account("1100")),
        tax_account: None,
        lines: lines.into_iter().filter(|(_, minor)| *minor != 0).collect(),
        schedule: Vec::new(),
        booked_before_minor: stored.document.total.minor(),
        gap: None,
        due_at: at("2026-03-03T09:00:00Z"),
        mapping_hash: "m1".into(),
    }
}

pub fn journal(reference: &str, total: i64, period: &str) -> JournalEntry {
    let line = |account: &str, minor| JournalLine {
        account: account.parse().unwrap(),
        transaction: Money::new(minor, GBP),
        functional: Money::new(minor, GBP),
        memo: reference.into(),
    };
    JournalEntry::new(EntryDraft {
        entity: "GB01".parse().unwrap(),
        document_date: day("2026-03-02"),
        posting_date: format!("{period}-02").parse().unwrap(),
        period: PeriodKey::new(period),
        reference: reference.into(),
        customer: None,
        rate: None,
        lines: vec![line("1100", total), line("4000", -total)],
    })
    .unwrap()
}

/// Books an invoice in March; version 2 and later in the month of their number.
pub fn new_posting(
    desk: &Desk,
    external_id: &str,
    exception: &ExceptionId,
    preparer: &Human,
    version: u32,
) -> NewPosting {
    let reference = format!("N-{external_id}");
    let scope = KeyScope { tenant: "tenant-netsuite", entity_erp_id: "1", reference: &reference };
    let key = PostingKey::derive(scope, &Slot::Raise, &[version.to_string()]);
    let entry = journal(&reference, 12_000, &format!("2026-0{}", version + 2));
    let posting = Posting {
        id: PostingId::derive(&[external_id, &version.to_string()]),
        exception: exception.clone(),
        connection: desk.erp.clone(),
        reference,
        version,
        origin: Origin::Manual,
        preparer: Some(preparer.id.clone()),
        reason: None,
        basis: None,
        steps: vec![PostingStep { number: 1, key, entry, reverses: None, destination: None }],
        proposed_at: now(),
    };
    NewPosting {
        posting,
        document: Some(DocumentId::derive(&[desk.billing.as_str(), "invoice", external_id])),
        currency: GBP,
        amount_minor: 12_000,
        mapping_change: None,
        policy_change: None,
    }
}

/// A posting of which nothing was ever sent, in whose place another one comes.
pub fn withdrawn(posting: &PostingId) -> Superseded {
    Superseded { posting: posting.clone(), how: PostingEvent::Cancelled, memo: None }
}

/// A booked entry in the ledger.
pub fn entry(erp_id: &str, reference: &str, external_id: &str, total: i64) -> LedgerEntry {
    let line = |account: &str, minor| LedgerLine {
        account: account.parse().unwrap(),
        transaction_minor: minor,
        functional_minor: minor,
        memo: None,
    };
    LedgerEntry {
        erp_id: erp_id.into(),
        number: Some(format!("JE{erp_id}")),
        external_id: Some(external_id.into()),
        reference: Some(reference.into()),
        entity: EntityRef::Code("GB01".parse::<EntityCode>().unwrap()),
        posting_date: day("2026-03-02"),
        period: PeriodKey::new("2026-03"),
        kind: EntryKind::Journal,
        part_of: None,
        status: EntryStatus::Booked,
        currency: GBP,
        functional_currency: GBP,
        rate: None,
        reverses: None,
        created_at: Some(now() - Duration::hours(1)),
        changed_at: None,
        memo: Some(reference.into()),
        names: Vec::new(),
        counterpart: None,
        lines: vec![line("1100", total), line("4000", -total)],
    }
}

/// What versions 5 to 13 added, taken out again; the cells are made anew by version 8.
pub const BACK_FROM_5: &str = "
    CREATE TABLE document_line (document_seq INTEGER NOT NULL, line_no INTEGER NOT NULL, product TEXT,
        description TEXT NOT NULL, quantity TEXT NOT NULL, unit_price TEXT NOT NULL, amount_minor INTEGER,
        tax_minor INTEGER NOT NULL, tax_code TEXT, service_starts TEXT, service_ends TEXT,
        PRIMARY KEY (document_seq, line_no)) WITHOUT ROWID;
    INSERT INTO document_line
        SELECT l.document_seq, j.key + 1, j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3,
            j.value ->> 4, j.value ->> 5, j.value ->> 6, j.value ->> 7, j.value ->> 8
        FROM document_lines l, json_each(l.lines) j;
    DROP TABLE document_lines;
    DROP INDEX exception_by_worth; DROP INDEX exception_in_cell_by_worth;
    ALTER TABLE exception DROP COLUMN worth;
    ALTER TABLE exception DROP COLUMN backlog; ALTER TABLE exception_revision DROP COLUMN rates;
    DROP TABLE exception_customer;
    DROP TABLE house_cutover; DROP TABLE house_tolerance; DROP TABLE house_clearing;
    DROP TABLE house_rule;
    DROP TABLE import; DROP TABLE import_before;
    DROP TABLE flow_limit; DROP INDEX customer_without_due; ALTER TABLE customer DROP COLUMN due_at;
    DROP INDEX usage_summary_without_due; ALTER TABLE usage_summary DROP COLUMN due_at;
    DROP INDEX subscription_without_due; ALTER TABLE subscription DROP COLUMN due_at;
    DROP TABLE known_roster; DROP TABLE person_card; DROP TABLE packet; DROP TABLE packet_entry;
    DROP TABLE attachment; DROP INDEX exception_event_by_mention;
    DROP TABLE handover; DROP TABLE handover_posting; DROP TABLE booked_elsewhere;
    DROP TABLE bank_account; DROP TABLE bank_statement; DROP TABLE bank_line;
    DROP TABLE payout_receipt; DROP TABLE payout_line;
    DROP TABLE tie_out_cell; DROP TABLE tie_out_kept; DROP TABLE tie_out_stale; DROP TABLE tie_out_touched;
    DROP INDEX entry_by_place; DROP INDEX expectation_by_place;
    DROP TABLE schedule_line; DROP TABLE house_schedule;
    DROP TABLE house_rule_account; DROP TABLE role_account; DROP TABLE set_apart; DROP TABLE tolerated;
    DROP TABLE explained_entry; DROP TABLE entry_token;
    DROP TABLE matching; DROP TABLE matching_entry; DROP TABLE matching_document;
    DROP TABLE unmatched_entry; DROP TABLE unmatched_document;
    DROP TABLE name_rule; DROP TABLE document_form; DROP TABLE entry_form; DROP TABLE entity_rule;
    DROP TABLE settlement; DROP TABLE batch_rule; DROP TABLE batch_document; DROP TABLE batch_entry;
    DROP INDEX entry_by_external_id;
    ALTER TABLE entry DROP COLUMN said_reference; ALTER TABLE entry DROP COLUMN renamed;
    DROP TABLE trial_balance; DROP TABLE trial_balance_account;
    DROP TABLE entry_name; DROP INDEX entry_by_part; ALTER TABLE entry DROP COLUMN kind;
    ALTER TABLE entry DROP COLUMN part_of; ALTER TABLE entry DROP COLUMN counterpart;
    ALTER TABLE ledger_account DROP COLUMN account_type;
    ALTER TABLE rejected_item DROP COLUMN proposed_by; ALTER TABLE rejected_item DROP COLUMN proposed_at;
    ALTER TABLE rejected_item DROP COLUMN tried_by;
    ALTER TABLE rejected_item DROP COLUMN settled_by; ALTER TABLE rejected_item DROP COLUMN settled_reason;
    DROP TABLE movement; DROP INDEX document_payouts;
    DROP INDEX document_by_payment; DROP INDEX expectation_by_gap;
    ALTER TABLE document DROP COLUMN outside;
    DROP TABLE removal; DROP TABLE full_read; DROP TABLE full_read_item; DROP TABLE held_weight;
    ALTER TABLE detection_state DROP COLUMN detectors;
    DROP TABLE unread_reference; DROP TABLE rejected_concern; DROP INDEX rejected_item_of;
    ALTER TABLE rejected_item DROP COLUMN item; ALTER TABLE rejected_item DROP COLUMN named;
    DROP TABLE person_key; DROP TABLE enrolment; DROP TABLE secret_try; DROP TABLE change_approval;
    ALTER TABLE decision DROP COLUMN in_place_of;
    ALTER TABLE period DROP COLUMN soft_closed; ALTER TABLE connection DROP COLUMN rotations;
    ALTER TABLE posting DROP COLUMN release_rule;
    DROP TABLE seal; ALTER TABLE log DROP COLUMN seal; ALTER TABLE document DROP COLUMN lines_hash;
    ALTER TABLE entry DROP COLUMN lines_hash; ALTER TABLE expectation DROP COLUMN lines_hash;";
