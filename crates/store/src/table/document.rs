//! Table `document`: the canonical documents of all billing connections, each in its newest version.
//!
//! `correlation` is shared by an invoice and everything that settles it: it derives from the invoice's
//! id where the document is an invoice or names one, else from the payment that a refund names (which
//! [`link_refunds`] then replaces by the payment's own), else from the document itself. Subscriptions
//! and usage belong to many invoices, so they are reached through the invoice: by its subscription, and
//! by customer and time ([`Db::correlated`](crate::Db::correlated)).

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{
    CorrelationId, Currency, DocumentId, Money,
    derive::Facts,
    document::{Document, DocumentDate, DocumentKind, DocumentStatus},
};
use tieout_evidence::Value;

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    insert::DOCUMENT,
    sql::{at_opt, instant, ms, ms_opt, named, text, text_opt},
    table::{
        dirty,
        document_lines::{self, Text},
        document_version,
        import::Was,
        lines,
        movement::{CONVERTED, DISPUTED, FEE, FEE_TAX},
    },
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE document (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, connection_seq
      INTEGER NOT NULL,
            kind TEXT NOT NULL, external_id TEXT NOT NULL, reference TEXT NOT NULL, status TEXT NOT NULL,
            date_at INTEGER, date_local TEXT, finalized_at INTEGER, changed_at INTEGER, currency TEXT
              NOT NULL,
            total_minor INTEGER NOT NULL, tax_minor INTEGER NOT NULL, customer TEXT, country TEXT,
            entity_hint TEXT, subscription TEXT, invoice TEXT, payment TEXT, correlation TEXT NOT NULL,
            content_hash TEXT NOT NULL, version INTEGER NOT NULL, page_seq INTEGER NOT NULL,
            first_seen_at INTEGER NOT NULL, UNIQUE (connection_seq, kind, external_id),
            CHECK ((date_at IS NULL) <> (date_local IS NULL)));
          CREATE INDEX document_by_reference ON document (reference);
          CREATE INDEX document_by_invoice ON document (connection_seq, invoice) WHERE invoice IS NOT
            NULL;",
    },
    // Money that did not go through the processor; and what belongs to a payment, found by it.
    Migration {
        version: 6,
        sql: "ALTER TABLE document ADD COLUMN outside INTEGER NOT NULL DEFAULT 0;
          CREATE INDEX document_by_payment ON document (connection_seq, payment) WHERE payment IS NOT NULL;",
    },
];

/// A document's internal key, to be handed back with what was derived from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentSeq(pub(crate) i64);

/// A document as kept, with what else is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDocument {
    /// Its internal key.
    pub seq: DocumentSeq,
    /// Grows each time the document is marked for derivation; handed back with the expectation.
    pub stamp: i64,
    /// Its id.
    pub id: DocumentId,
    /// The id of the connection that it came by.
    pub connection: tieout_domain::ConnectionId,
    /// Its name, which entity rules match.
    pub connection_name: String,
    /// The document.
    pub document: Document,
    /// What is known of it besides itself.
    pub facts: Facts,
    /// Its content version, from 1.
    pub version: u32,
    /// What ties it to its invoice, payments and postings.
    pub correlation: CorrelationId,
    /// When its first version came.
    pub first_seen_at: DateTime<Utc>,
}

/// The columns that [`read`] needs, from `document d JOIN connection c`; `stamp` is added by the caller.
pub(crate) fn columns() -> String {
    format!(
        "{COLUMNS}, {FEE} AS fee_minor, {FEE_TAX} AS fee_tax_minor, {DISPUTED} AS disputed,
      {CONVERTED} AS converted"
    )
}

const COLUMNS: &str = "d.seq, d.id, c.id AS connection_id, c.name AS connection_name, d.kind,
    d.external_id, d.reference, d.status, d.date_at, d.date_local, d.finalized_at, d.changed_at, d.currency,
    d.total_minor, d.tax_minor, d.customer, d.country, d.entity_hint, d.subscription, d.invoice, d.payment,
    d.correlation, d.version, d.first_seen_at, d.outside";

/// A document without its lines.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<StoredDocument> {
    let currency: Currency = text(row, "currency")?;
    let date = match row.get::<_, Option<i64>>("date_at")? {
        Some(at) => DocumentDate::Instant(instant(at)?),
        None => DocumentDate::Local(text(row, "date_local")?),
    };
    Ok(StoredDocument {
        seq: DocumentSeq(row.get("seq")?),
        stamp: row.get("stamp")?,
        id: text(row, "id")?,
        connection: text(row, "connection_id")?,
        connection_name: row.get("connection_name")?,
        document: Document {
            kind: named(row, "kind", DocumentKind::parse)?,
            external_id: row.get("external_id")?,
            reference: row.get("reference")?,
            status: named(row, "status", DocumentStatus::parse)?,
            date,
            finalized_at: at_opt(row, "finalized_at")?,
            changed_at: at_opt(row, "changed_at")?,
            total: Money::new(row.get("total_minor")?, currency),
            tax_minor: row.get("tax_minor")?,
            lines: Vec::new(),
            customer: row.get("customer")?,
            country: row.get("country")?,
            entity: text_opt(row, "entity_hint")?,
            subscription: row.get("subscription")?,
            invoice: row.get("invoice")?,
            payment: row.get("payment")?,
            outside: row.get("outside")?,
        },
        facts: Facts {
            fee_minor: row.get("fee_minor")?,
            fee_tax_minor: row.get("fee_tax_minor")?,
            disputed: row.get("disputed")?,
            converted: row.get("converted")?,
        },
        version: row.get("version")?,
        correlation: text(row, "correlation")?,
        first_seen_at: instant(row.get("first_seen_at")?)?,
    })
}

/// Where a page's documents come from.
#[derive(Clone, Copy)]
pub(crate) struct Source {
    pub connection_seq: i64,
    pub page_seq: i64,
    pub received_at: DateTime<Utc>,
}

/// What writing a document came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It was not there; this is its internal key now.
    New(i64),
    /// Its content changed: the earlier version is kept. With what it was until now.
    Changed(Box<Was<Document>>),
    /// Something about it changed that books do not depend on. With what it was until now.
    Touched(Box<Was<Document>>),
    /// Nothing changed. With what it weighs.
    Same(i128),
}

impl Put {
    /// What the document weighed before ([`tieout_domain::money::MOST_HELD`]).
    pub(crate) fn weighed(&self) -> i128 {
        match self {
            Put::New(_) => 0,
            Put::Changed(was) | Put::Touched(was) => was.item.weight(),
            Put::Same(weight) => *weight,
        }
    }
}

/// What names a document and its content: hashes, made without the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Keys {
    id: DocumentId,
    correlation: CorrelationId,
    content_hash: String,
    lines: Text,
    lines_hash: lines::Hash,
    /// What the document weighs ([`tieout_domain::money::MOST_HELD`]).
    pub weight: i128,
}

impl Keys {
    pub(crate) fn of(connection_id: &str, document: &Document) -> Self {
        let (kind, id) = match (document.kind, &document.invoice, &document.payment) {
            (DocumentKind::Invoice, _, _) => ("invoice", &document.external_id),
            (_, Some(invoice), _) => ("invoice", invoice),
            (_, None, Some(payment)) => ("payment", payment),
            (kind, None, None) => (kind.as_str(), &document.external_id),
        };
        let lines = Text::of(&document.lines);
        Self {
            id: DocumentId::derive(&[connection_id, document.kind.as_str(), &document.external_id]),
            correlation: CorrelationId::derive(&[connection_id, kind, id]),
            content_hash: document.content_hash(),
            lines_hash: lines.hash(),
            lines,
            weight: document.weight(),
        }
    }
}

/// Writes a document: new, changed or as it was. One that changed is marked for derivation; of one that is
/// new the caller knows whether its expectation is at hand.
pub(crate) fn put(tx: &Tx<'_>, source: &Source, (document, keys): (&Document, &Keys)) -> Result<Put> {
    if let Some(seq) = insert(tx, source, document, keys)? {
        document_lines::insert(tx, seq, &keys.lines)?;
        return Ok(Put::New(seq));
    }
    let old = existing(tx, source, document)?;
    let content_changed = old.content_hash != keys.content_hash;
    if !content_changed && old.fits(document) && document_lines::same(tx, old.seq, &keys.lines)? {
        return Ok(Put::Same(keys.weight));
    }
    let item = same_name(tx, source.connection_seq, document)?.unwrap_or_else(|| document.clone());
    let was = Box::new(Was { item, page_seq: old.page_seq });
    if content_changed {
        document_version::keep(tx, old.seq)?;
    }
    update(tx, source, document, (keys, &old))?;
    document_lines::replace(tx, old.seq, &keys.lines)?;
    dirty::mark_document(tx, old.seq)?;
    if old.reference != document.reference {
        dirty::mark_reference(tx, &old.reference)?;
    }
    Ok(if content_changed { Put::Changed(was) } else { Put::Touched(was) })
}

/// A document is of the page again that it was of before.
pub(crate) fn of_page_again(tx: &Tx<'_>, id: &DocumentId, page_seq: i64) -> Result<()> {
    tx.prepare_cached("UPDATE document SET page_seq = ?2 WHERE id = ?1")?
        .execute(params![id.as_str(), page_seq])?;
    Ok(())
}

/// What the document weighs that is there under the same id; 0 where there is none.
pub(crate) fn weight_of(db: &Db, connection_seq: i64, document: &Document) -> Result<i128> {
    Ok(same_name(db, connection_seq, document)?.map_or(0, |found| found.weight()))
}

/// The document that is there under the same id.
fn same_name(db: &Db, connection_seq: i64, document: &Document) -> Result<Option<Document>> {
    let (kind, id) = (document.kind.as_str(), document.external_id.as_str());
    let condition = "d.connection_seq = ?1 AND d.kind = ?2 AND d.external_id = ?3";
    let found = select(db, condition, &[&connection_seq, &kind, &id])?.pop();
    Ok(found.map(|stored| stored.document))
}

fn dates(document: &Document) -> (Option<i64>, Option<String>) {
    match document.date {
        DocumentDate::Instant(at) => (Some(ms(at)), None),
        DocumentDate::Local(date) => (None, Some(crate::sql::date(date))),
    }
}

/// The new row's key, or `None` when the document is there already.
fn insert(tx: &Tx<'_>, source: &Source, document: &Document, keys: &Keys) -> Result<Option<i64>> {
    let (date_at, date_local) = dates(document);
    tx.insert(
        &DOCUMENT,
        &[
            Value::word(keys.id.as_str()),
            Value::Integer(source.connection_seq),
            Value::word(document.kind.as_str()),
            Value::word(&document.external_id),
            Value::word(&document.reference),
            Value::word(document.status.as_str()),
            Value::integer(date_at),
            Value::text(date_local.as_deref()),
            Value::integer(ms_opt(document.finalized_at)),
            Value::integer(ms_opt(document.changed_at)),
            Value::word(document.currency().code()),
            Value::Integer(document.total.minor()),
            Value::Integer(document.tax_minor),
            Value::text(document.customer.as_deref()),
            Value::text(document.country.as_deref()),
            Value::text(document.entity.as_ref().map(tieout_domain::EntityCode::as_str)),
            Value::text(document.subscription.as_deref()),
            Value::text(document.invoice.as_deref()),
            Value::text(document.payment.as_deref()),
            Value::word(keys.correlation.as_str()),
            Value::word(&keys.content_hash),
            Value::Integer(1),
            Value::Integer(source.page_seq),
            Value::Integer(ms(source.received_at)),
            Value::bytes(keys.lines_hash.as_ref()),
            Value::Integer(document.outside.into()),
        ],
    )
}

/// What is compared of a document that is there.
struct Existing {
    seq: i64,
    content_hash: String,
    version: i64,
    page_seq: i64,
    reference: String,
    finalized_at: Option<i64>,
    changed_at: Option<i64>,
    links: [Option<String>; 3],
}

impl Existing {
    /// True when nothing differs that the content hash leaves out.
    fn fits(&self, document: &Document) -> bool {
        let links = [&document.subscription, &document.invoice, &document.payment];
        self.finalized_at == ms_opt(document.finalized_at)
            && self.changed_at == ms_opt(document.changed_at)
            && self.links.iter().eq(links)
    }
}

fn existing(db: &Db, source: &Source, document: &Document) -> Result<Existing> {
    Ok(db
        .prepare_cached(
            "SELECT seq, content_hash, version, reference, finalized_at, changed_at, subscription,
              invoice, payment, page_seq
             FROM document WHERE connection_seq = ?1 AND kind = ?2 AND external_id = ?3",
        )?
        .query_row(params![source.connection_seq, document.kind.as_str(), document.external_id], |row| {
            Ok(Existing {
                seq: row.get(0)?,
                content_hash: row.get(1)?,
                version: row.get(2)?,
                reference: row.get(3)?,
                finalized_at: row.get(4)?,
                changed_at: row.get(5)?,
                links: [row.get(6)?, row.get(7)?, row.get(8)?],
                page_seq: row.get(9)?,
            })
        })?)
}

fn update(tx: &Tx<'_>, source: &Source, document: &Document, (keys, old): (&Keys, &Existing)) -> Result<()> {
    let (date_at, date_local) = dates(document);
    let version = if old.content_hash == keys.content_hash { old.version } else { old.version + 1 };
    tx.prepare_cached(
        "UPDATE document SET reference = ?2, status = ?3, date_at = ?4, date_local = ?5,
              finalized_at = ?6,
               changed_at = ?7, currency = ?8, total_minor = ?9, tax_minor = ?10, customer = ?11,
                 country = ?12,
               entity_hint = ?13, subscription = ?14, invoice = ?15, payment = ?16, correlation = ?17,
               content_hash = ?18, version = ?19, page_seq = ?20, lines_hash = ?21, outside = ?22
               WHERE seq = ?1",
    )?
    .execute(params![
        old.seq,
        document.reference,
        document.status.as_str(),
        date_at,
        date_local,
        ms_opt(document.finalized_at),
        ms_opt(document.changed_at),
        document.currency().code(),
        document.total.minor(),
        document.tax_minor,
        document.customer,
        document.country,
        document.entity.as_ref().map(tieout_domain::EntityCode::as_str),
        document.subscription,
        document.invoice,
        document.payment,
        keys.correlation.as_str(),
        keys.content_hash,
        version,
        source.page_seq,
        keys.lines_hash,
        document.outside,
    ])?;
    Ok(())
}

/// Gives refunds, disputes and conversions that name only their payment the correlation of that payment,
/// which
/// may have come earlier or later than they.
pub(crate) fn link_to_payments(tx: &Tx<'_>, connection_seq: i64) -> Result<()> {
    tx.execute(
        "UPDATE document SET correlation = p.correlation FROM document p
         WHERE document.connection_seq = ?1 AND document.kind IN ('refund', 'dispute', 'conversion')
           AND document.invoice IS NULL
           AND p.connection_seq = document.connection_seq AND p.kind = 'payment'
           AND p.external_id = document.payment AND p.correlation <> document.correlation",
        [connection_seq],
    )?;
    Ok(())
}

/// Documents with their lines, by a condition over `document d`, in the order in which they came.
pub(crate) fn select(
    db: &Db,
    condition: &str,
    values: &[&dyn rusqlite::ToSql],
) -> Result<Vec<StoredDocument>> {
    let query = format!(
        "SELECT {}, 0 AS stamp FROM document d JOIN connection c ON c.seq = d.connection_seq
         WHERE {condition} ORDER BY d.seq",
        columns()
    );
    let mut found: Vec<StoredDocument> =
        db.prepare_cached(&query)?.query_map(values, read)?.collect::<rusqlite::Result<_>>()?;
    let seqs: Vec<i64> = found.iter().map(|document| document.seq.0).collect();
    let mut lines = document_lines::of_documents(db, &seqs)?;
    for document in &mut found {
        document.document.lines = lines.remove(&document.seq.0).unwrap_or_default();
    }
    Ok(found)
}

/// The document of this id, with its lines.
pub(crate) fn find(db: &Db, id: &DocumentId) -> Result<StoredDocument> {
    let found = select(db, "d.id = ?1", &[&id.as_str()])?.pop();
    found.ok_or_else(|| StoreError::unknown("document", id))
}

/// The internal key and the kind of the document of this id.
pub(crate) fn seq_and_kind(db: &Db, id: &DocumentId) -> Result<(i64, DocumentKind)> {
    let mut statement = db.prepare_cached("SELECT seq, kind FROM document WHERE id = ?1")?;
    let found = statement
        .query_row([id.as_str()], |row| Ok((row.get("seq")?, named(row, "kind", DocumentKind::parse)?)))
        .optional()?;
    found.ok_or_else(|| StoreError::unknown("document", id))
}
