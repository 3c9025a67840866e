//! Documents, everything that belongs together with one of them, and the bytes by which they came.

use rusqlite::params;
use tieout_domain::{
    CorrelationId, DocumentId,
    document::{DocumentDate, DocumentKind, Subscription, UsageSummary},
};

use crate::{
    db::Db,
    error::{Result, StoreError},
    sql::ms,
    table::{
        connection,
        document::{self, StoredDocument},
        entry::{self, StoredEntry},
        payload,
        posting::{self, PostingRow},
        subscription, usage_summary,
    },
};

/// Everything on one screen: usage → subscription → invoice → posting → journal → payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correlated {
    /// What they share.
    pub correlation: CorrelationId,
    /// The invoice, its credit notes, payments and refunds.
    pub documents: Vec<StoredDocument>,
    /// The subscriptions that the documents name.
    pub subscriptions: Vec<Subscription>,
    /// Usage of the invoice's customer in the spans that its lines bill.
    pub usage: Vec<UsageSummary>,
    /// Journals with the documents' references.
    pub entries: Vec<StoredEntry>,
    /// Postings of the documents.
    pub postings: Vec<PostingRow>,
}

impl Db {
    /// The document of this id, with its lines.
    ///
    /// # Errors
    /// `not_found`.
    pub fn document(&self, id: &DocumentId) -> Result<StoredDocument> {
        document::find(self, id)
    }

    /// What a posting of the document rests on of it: one text over all facts that an entry is made of (its
    /// content, its fee, whether it is disputed).
    ///
    /// # Errors
    /// `not_found`.
    pub fn document_basis(&self, id: &DocumentId) -> Result<String> {
        let stored = document::find(self, id)?;
        let basis = posting::basis(self, stored.seq.0)?;
        basis.ok_or_else(|| StoreError::unknown("document", id))
    }

    /// The entities that have a document of this reference, as expected, but for that document.
    ///
    /// # Errors
    /// A database error.
    pub fn entities_with_reference(&self, reference: &str, but: Option<&DocumentId>) -> Result<Vec<String>> {
        let mut statement = self.prepare_cached(
            "SELECT DISTINCT x.entity FROM document d JOIN expectation x ON x.document_seq = d.seq
             WHERE d.reference = ?1 AND d.id IS DISTINCT FROM ?2 AND x.entity IS NOT NULL ORDER BY x.entity",
        )?;
        let rows = statement.query_map(params![reference, but.map(DocumentId::as_str)], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Everything that belongs together with a document.
    ///
    /// # Errors
    /// `not_found`.
    pub fn correlated(&self, id: &DocumentId) -> Result<Correlated> {
        let asked = document::find(self, id)?;
        let seq = connection::seq(self, &asked.connection)?;
        let invoice = match asked.document.kind {
            DocumentKind::Invoice => Some(asked.document.external_id.clone()),
            _ => asked.document.invoice.clone().or(invoice_of_payment(self, seq, &asked)?),
        };
        // Each condition has its index, which the two in one would not use.
        let mut documents = match &invoice {
            Some(invoice) => {
                let values: [&dyn rusqlite::ToSql; 2] = [&seq, invoice];
                let own = "d.connection_seq = ?1 AND d.kind = 'invoice' AND d.external_id = ?2";
                let mut found = document::select(self, own, &values)?;
                found.extend(document::select(self, "d.connection_seq = ?1 AND d.invoice = ?2", &values)?);
                found
            }
            None => vec![asked.clone()],
        };
        for payment in documents.clone().iter().filter(|d| d.document.kind == DocumentKind::Payment) {
            let condition = "d.connection_seq = ?1 AND d.payment = ?2";
            let undone = document::select(self, condition, &[&seq, &payment.document.external_id.as_str()])?;
            documents.extend(undone);
        }
        documents.sort_by_key(|d| d.seq);
        documents.dedup_by_key(|d| d.seq);
        documents.retain(|d| d.correlation == asked.correlation);
        around(self, asked.correlation, seq, documents)
    }

    /// The bytes of a page or file as they were received.
    ///
    /// # Errors
    /// `not_found`, or `store_corrupt` when they no longer have their hash.
    pub fn payload(&self, hash: &[u8; 32]) -> Result<Vec<u8>> {
        payload::bytes(self, hash)
    }
}

fn invoice_of_payment(db: &Db, connection_seq: i64, asked: &StoredDocument) -> Result<Option<String>> {
    let Some(payment) = &asked.document.payment else { return Ok(None) };
    let condition = "d.connection_seq = ?1 AND d.kind = 'payment' AND d.external_id = ?2";
    let found = document::select(db, condition, &[&connection_seq, &payment.as_str()])?;
    Ok(found.into_iter().find_map(|d| d.document.invoice))
}

fn around(
    db: &Db,
    correlation: CorrelationId,
    connection_seq: i64,
    documents: Vec<StoredDocument>,
) -> Result<Correlated> {
    let (mut subscriptions, mut usage) = (Vec::new(), Vec::new());
    let (mut entries, mut postings) = (Vec::new(), Vec::new());
    for stored in &documents {
        let document = &stored.document;
        if let Some(id) = &document.subscription {
            subscriptions.extend(subscription::find(db, connection_seq, id)?);
        }
        usage.extend(usage_billed_by(db, connection_seq, stored)?);
        entries.extend(entry::by_reference(db, &document.reference)?);
        postings.extend(posting::select(db, "d.seq = ?1 ORDER BY p.seq", vec![stored.seq.0.into()])?);
    }
    subscriptions.dedup_by(|a, b| a.external_id == b.external_id);
    entries.dedup_by(|a, b| a.id == b.id);
    Ok(Correlated { correlation, documents, subscriptions, usage, entries, postings })
}

/// Usage of the document's customer within the days of service that its lines name.
fn usage_billed_by(db: &Db, connection_seq: i64, stored: &StoredDocument) -> Result<Vec<UsageSummary>> {
    let lines = &stored.document.lines;
    let first = lines.iter().filter_map(|l| l.service_starts).map(DocumentDate::utc_day).min();
    let last = lines.iter().filter_map(|l| l.service_ends).map(DocumentDate::utc_day).max();
    let (Some(customer), Some(first), Some(last)) = (&stored.document.customer, first, last) else {
        return Ok(Vec::new());
    };
    let start = |day: chrono::NaiveDate| ms(day.and_time(chrono::NaiveTime::MIN).and_utc());
    let after = last.succ_opt().unwrap_or(last);
    usage_summary::between(db, connection_seq, customer, (start(first), start(after)))
}
