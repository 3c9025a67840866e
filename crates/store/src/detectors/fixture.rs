//! Books for tests: documents with what they expect, and entries, as data.
//!
//! One billing connection (1) and one ERP connection (2) whose entries and customers were last read
//! completely at [`NOW`]. Entities GB01 and EU01; receivables 1100, tax 2200, revenue 4000.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, params};
use tieout_domain::hash::short_hash;

use super::{DetectInput, DetectSummary};
use crate::{
    db::{Db, Tx},
    schema,
};

pub(crate) const NOW: &str = "2026-06-30T12:00:00Z";

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn millis(text: &str) -> i64 {
    at(text).timestamp_millis()
}

/// A document and what the ledger should hold for it.
#[derive(Clone, Debug)]
pub(crate) struct Doc {
    pub connection: i64,
    pub kind: &'static str,
    pub reference: String,
    pub status: &'static str,
    pub total: i64,
    pub currency: &'static str,
    pub entity: Option<&'static str>,
    pub period: &'static str,
    pub own_period: &'static str,
    pub late: bool,
    pub control: Option<&'static str>,
    pub control_minor: i64,
    pub lines: Vec<(&'static str, i64)>,
    pub gap: Option<&'static str>,
    pub due: &'static str,
    pub customer: Option<&'static str>,
    /// The invoice that it pays.
    pub invoice: Option<&'static str>,
    /// Total of an earlier version, already final then.
    pub earlier: Option<i64>,
}

/// Debits receivables with `total` and credits revenue.
pub(crate) fn doc(reference: &str, total: i64) -> Doc {
    Doc {
        connection: 1,
        kind: "invoice",
        reference: reference.to_owned(),
        status: "final",
        total,
        currency: "GBP",
        entity: Some("GB01"),
        period: "2026-03",
        own_period: "2026-03",
        late: false,
        control: Some("1100"),
        control_minor: total,
        lines: vec![("1100", total), ("4000", -total)],
        gap: None,
        due: "2026-03-11T00:00:00Z",
        customer: None,
        invoice: None,
        earlier: None,
    }
}

impl Doc {
    /// As an invoice with tax in it.
    pub fn taxed(mut self, tax: i64) -> Self {
        self.lines = vec![("1100", self.total), ("2200", -tax), ("4000", tax - self.total)];
        self
    }

    /// Nothing is to be booked for it any more.
    pub fn nothing(mut self, status: &'static str) -> Self {
        self.status = status;
        self.control_minor = 0;
        self.lines.clear();
        self
    }

    /// Written off: bad debt instead of a receivable.
    pub fn written_off(mut self) -> Self {
        self.status = "written_off";
        self.control_minor = 0;
        self.lines[0].0 = "6200";
        self
    }

    /// A payment of the (positive) total, with a fee.
    pub fn payment(mut self, fee: i64) -> Self {
        self.kind = "payment";
        self.total = -self.total;
        self.control_minor = self.total;
        self.lines = vec![("1100", self.total), ("1050", -self.total - fee), ("6100", fee)];
        self.lines.retain(|(_, minor)| *minor != 0);
        self
    }

    /// The same, of an invoice.
    pub fn of(mut self, invoice: &'static str) -> Self {
        self.invoice = Some(invoice);
        self
    }

    /// A payment whose funds a dispute withdrew.
    pub fn disputed(mut self, fee: i64) -> Self {
        self = self.payment(fee);
        self.control_minor = 0;
        self.lines = vec![("1050", -fee), ("6100", fee)];
        self
    }

    /// No account can be found for it.
    pub fn unmapped(mut self, gap: &'static str) -> Self {
        self.gap = Some(gap);
        self.control = None;
        self.control_minor = 0;
        self.lines.clear();
        self
    }

    /// Sets anything else.
    pub fn with(mut self, set: impl FnOnce(&mut Doc)) -> Self {
        set(&mut self);
        self
    }
}

/// An entry of the ledger.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub connection: i64,
    pub erp_id: Option<&'static str>,
    pub external_id: Option<String>,
    pub reference: Option<String>,
    pub entity: &'static str,
    pub date: &'static str,
    pub period: &'static str,
    pub status: &'static str,
    pub currency: &'static str,
    pub reverses: Option<&'static str>,
    pub lines: Vec<(&'static str, i64)>,
}

/// A booked entry with these lines.
pub(crate) fn entry(reference: &str, lines: &[(&'static str, i64)]) -> Entry {
    Entry {
        connection: 2,
        erp_id: None,
        external_id: None,
        reference: Some(reference.to_owned()),
        entity: "GB01",
        date: "2026-03-10",
        period: "2026-03",
        status: "booked",
        currency: "GBP",
        reverses: None,
        lines: lines.to_vec(),
    }
}

/// A booked entry that debits receivables and credits revenue.
pub(crate) fn booked(reference: &str, minor: i64) -> Entry {
    entry(reference, &[("1100", minor), ("4000", -minor)])
}

impl Entry {
    /// Sets anything else.
    pub fn with(mut self, set: impl FnOnce(&mut Entry)) -> Self {
        set(&mut self);
        self
    }

    /// The entry that undoes it.
    pub fn undone(mut self) -> Self {
        for (_, minor) in &mut self.lines {
            *minor = -*minor;
        }
        self
    }
}

/// A posting with one step.
#[derive(Clone, Debug)]
pub(crate) struct Posting {
    pub reference: &'static str,
    pub state: &'static str,
    pub key: &'static str,
    pub role: &'static str,
    pub reverses: Option<&'static str>,
    pub entity: &'static str,
    pub period: &'static str,
    pub booked_period: Option<&'static str>,
    pub failure: Option<&'static str>,
}

/// A posting of the document with this reference, into GB01's March.
pub(crate) fn posting(reference: &'static str, state: &'static str, key: &'static str) -> Posting {
    Posting {
        reference,
        state,
        key,
        role: "post",
        reverses: None,
        entity: "GB01",
        period: "2026-03",
        booked_period: None,
        failure: None,
    }
}

/// The books of a test.
pub(crate) struct Books {
    pub db: Db,
}

impl Books {
    pub fn new() -> Self {
        let db = Db::new(Connection::open_in_memory().unwrap());
        schema::run(&db).unwrap();
        let books = Books { db };
        for (seq, vendor, role) in
            [(1, "stripe", "billing"), (2, "netsuite", "erp"), (3, "stripe", "billing")]
        {
            books.connection(seq, vendor, role);
        }
        for resource in ["entries", "ledger_customers"] {
            books.synced(2, resource, NOW);
        }
        for (key, accepts) in [("2026-02", 0), ("2026-03", 1), ("2026-04", 1)] {
            for entity in ["GB01", "EU01"] {
                books.period(entity, key, accepts);
            }
        }
        books
    }

    pub fn with(docs: &[Doc], entries: &[Entry]) -> Self {
        let books = Self::new();
        docs.iter().for_each(|doc| books.put(doc));
        entries.iter().for_each(|entry| {
            books.book(entry);
        });
        books
    }

    pub fn run(&self, sql: &str, params: impl rusqlite::Params) {
        self.db.raw().prepare_cached(sql).unwrap().execute(params).unwrap();
    }

    pub fn connection(&self, seq: i64, vendor: &str, role: &str) {
        self.run(
            "INSERT INTO connection (seq, id, name, vendor, role, mode, tenant, options, added_by, added_at)
             VALUES (?1, 'con_' || ?1, ?2 || '-' || ?1, ?2, ?3, 'test', 't', '{}', 'x', 0)",
            params![seq, vendor, role],
        );
    }

    pub fn synced(&self, connection: i64, resource: &str, through: &str) {
        self.run(
            "INSERT INTO sync_state (connection_seq, resource, complete_through) VALUES (?1, ?2, ?3)
             ON CONFLICT (connection_seq, resource)
             DO UPDATE SET complete_through = excluded.complete_through",
            params![connection, resource, millis(through)],
        );
    }

    pub fn period(&self, entity: &str, key: &str, ar_accepts: i64) {
        self.run(
            "INSERT INTO period (entity, key, starts, ends, status, ar_accepts, gl_accepts, read_at)
             VALUES (?1, ?2, ?2 || '-01', ?2 || '-28', 'open', ?3, 1, 0)
             ON CONFLICT (entity, key) DO UPDATE SET ar_accepts = excluded.ar_accepts",
            params![entity, key, ar_accepts],
        );
    }

    pub fn dirty(&self, reference: &str) {
        self.run("INSERT INTO dirty_reference VALUES (?1) ON CONFLICT DO NOTHING", [reference]);
    }

    /// Writes or rewrites a document with its expectation.
    pub fn put(&self, doc: &Doc) {
        let id = format!("doc_{}", short_hash("d", &[&doc.connection.to_string(), doc.kind, &doc.reference]));
        self.run(
            "INSERT INTO document (id, connection_seq, kind, external_id, reference, status, date_local,
                 currency, total_minor, tax_minor, customer, invoice, correlation, content_hash, version,
                 page_seq, first_seen_at)
             VALUES (?1, ?2, ?3, ?4, ?4, ?5, '2026-03-10', ?6, ?7, 0, ?8, ?9, 'c', 'h', 1, 0, 0)
             ON CONFLICT (connection_seq, kind, external_id) DO UPDATE SET status = excluded.status,
                 currency = excluded.currency, total_minor = excluded.total_minor,
                 invoice = excluded.invoice",
            params![
                id,
                doc.connection,
                doc.kind,
                doc.reference,
                doc.status,
                doc.currency,
                doc.total,
                doc.customer,
                doc.invoice
            ],
        );
        let seq: i64 =
            self.db.query_row("SELECT seq FROM document WHERE id = ?1", [id], |r| r.get(0)).unwrap();
        if let Some(total) = doc.earlier {
            self.run(
                "INSERT INTO document_version VALUES (?1, 0, 'e', 'final', ?2, 0, 0) ON CONFLICT DO NOTHING",
                [seq, total],
            );
        }
        self.run("DELETE FROM expectation WHERE document_seq = ?1", [seq]);
        self.run("DELETE FROM expected_line WHERE document_seq = ?1", [seq]);
        self.run(
            "INSERT INTO expectation (document_seq, source, entity, document_date, period, own_period, late,
                 currency, control, tax_account, control_minor, books, booked_before_minor, gap_fingerprint,
                 gap_message, due_at, mapping_hash)
             VALUES (?1, 'derived', ?2, '2026-03-10', ?3, ?4, ?5, ?6, ?7, '2200', ?8, ?9, ?10, ?11,
                 ?11, ?12, 'm')",
            params![
                seq,
                doc.entity,
                doc.period,
                doc.own_period,
                doc.late,
                doc.currency,
                doc.control,
                doc.control_minor,
                doc.lines.iter().any(|(_, minor)| *minor != 0),
                doc.total,
                doc.gap,
                millis(doc.due)
            ],
        );
        for (account, minor) in &doc.lines {
            self.run(
                "INSERT INTO expected_line VALUES (?1, ?2, ?3)
                 ON CONFLICT (document_seq, account) DO UPDATE SET
                     amount_minor = amount_minor + excluded.amount_minor",
                params![seq, account, minor],
            );
        }
        self.dirty(&doc.reference);
    }

    /// Writes an entry; answers its number.
    pub fn book(&self, entry: &Entry) -> i64 {
        let next: i64 =
            self.db.query_row("SELECT coalesce(max(seq), 0) + 1 FROM entry", [], |r| r.get(0)).unwrap();
        self.run(
            "INSERT INTO page (connection_seq, resource, payload_hash, request, count, sums, received_at)
                  VALUES (?1, 'entries', x'00', 'r', 1, '{}', 0)",
            [entry.connection],
        );
        let erp_id = entry.erp_id.map_or_else(|| format!("je{next}"), str::to_owned);
        self.run(
            "INSERT INTO entry (seq, id, connection_seq, erp_id, number, external_id, reference, entity,
                 posting_date, period, status, currency, functional_currency, reverses, created_at, page_seq)
             VALUES (?1, 'ent_' || ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?13,
                 (SELECT max(seq) FROM page))",
            params![
                next,
                entry.connection,
                erp_id,
                format!("JE{next}"),
                entry.external_id,
                entry.reference,
                entry.entity,
                entry.date,
                entry.period,
                entry.status,
                entry.currency,
                entry.reverses,
                millis(&format!("{}T08:00:00Z", entry.date))
            ],
        );
        for (number, (account, minor)) in entry.lines.iter().enumerate() {
            self.run(
                "INSERT INTO entry_line (entry_seq, line_no, account, transaction_minor, functional_minor)
                 VALUES (?1, ?2, ?3, ?4, ?4)",
                params![next, i64::try_from(number).unwrap(), account, minor],
            );
        }
        if let Some(reference) = &entry.reference {
            self.dirty(reference);
        }
        next
    }

    /// Changes the status of an entry in the ERP.
    pub fn restate(&self, seq: i64, status: &str) {
        self.run("UPDATE entry SET status = ?2 WHERE seq = ?1", params![seq, status]);
        self.run(
            "INSERT INTO dirty_reference SELECT reference FROM entry WHERE seq = ?1 AND reference IS NOT NULL
             ON CONFLICT DO NOTHING",
            [seq],
        );
    }

    pub fn post(&self, posting: &Posting) {
        let id = format!("pst_{}", posting.key);
        self.run(
            "INSERT INTO posting (id, exception_id, document_seq, connection_seq, reference, version, origin,
                 content_hash, content, state, entity, period, currency, amount_minor, gross_minor, rank,
                 proposed_at, changed_at, failure_code, failure)
             VALUES (?1, 'exc_x', (SELECT seq FROM document WHERE reference = ?2), 2, ?2, 1, 'manual',
                 'h', '{}',
                 ?3, ?4, ?5, 'GBP', 12000, 12000, 20, 0, ?6, ?7, ?7)",
            params![
                id,
                posting.reference,
                posting.state,
                posting.entity,
                posting.period,
                millis("2026-06-01T00:00:00Z"),
                posting.failure
            ],
        );
        let seq = self.db.raw().last_insert_rowid();
        self.run(
            "INSERT INTO posting_step (posting_seq, number, key, role, reverses, entity, period, posting_date,
                 booked_period)
             VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, '2026-03-10', ?7)",
            params![
                seq, posting.key, posting.role, posting.reverses, posting.entity, posting.period,
                posting.booked_period
            ],
        );
        self.dirty(posting.reference);
    }

    pub fn customer(&self, connection: i64, external_id: &str, email: Option<&str>, created: &str) {
        self.run(
            "INSERT INTO customer (id, connection_seq, external_id, name, email, email_key, created_at,
                due_at, deleted, page_seq)
             VALUES ('cus_' || ?2, ?1, ?2, ?2, ?3, lower(trim(?3)), ?4, ?4 + 172800000, 0, 0)",
            params![connection, external_id, email, millis(created)],
        );
    }

    pub fn known_in_erp(&self, external_id: &str) {
        self.run("INSERT INTO ledger_customer VALUES (2, 'erp-' || ?1, ?1, 'name', 0)", [external_id]);
    }

    pub fn detect_at(&self, as_of: &str) -> DetectSummary {
        let tx = Tx::begin(&self.db).unwrap();
        let summary = super::run(&tx, &DetectInput { as_of: at(as_of), now: at(NOW) }).unwrap();
        crate::table::log::commit(tx).unwrap();
        summary
    }

    pub fn detect(&self) -> DetectSummary {
        self.detect_at(NOW)
    }

    /// Open exceptions as `reference kind`, sorted, joined by commas.
    pub fn open(&self) -> String {
        self.list(
            "SELECT external_ref || ' ' || kind FROM exception
             WHERE state NOT IN ('closed', 'dismissed') ORDER BY 1",
        )
    }

    /// The first column of a query, joined by commas.
    pub fn list(&self, sql: &str) -> String {
        let mut statement = self.db.raw().prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
        tieout_domain::said::plain(&rows.collect::<Result<Vec<_>, _>>().unwrap().join(", "))
    }
}

/// Detects over these books, and expects these open exceptions (`reference kind`, sorted).
#[track_caller]
pub(crate) fn check(docs: &[Doc], entries: &[Entry], want: &str) -> Books {
    let books = Books::with(docs, entries);
    books.detect();
    assert_eq!(books.open(), want);
    books
}

/// The sentence of the only exception.
#[track_caller]
pub(crate) fn why(books: &Books) -> String {
    books.list("SELECT why FROM exception")
}
