//! Documents by their names, and everything that belongs together with one of them.

use rusqlite::params;
use tieout_domain::{
    ConnectionId, CorrelationId, DocumentId,
    document::{DocumentKind, Subscription, UsageSummary},
};

use crate::{
    error::{Result, StoreError},
    sql::ms,
    store::Store,
    table::{
        connection,
        document::{self, StoredDocument},
        entry::StoredEntry,
        posting::PostingRow,
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

impl Store {
    /// The document of this id, with its lines.
    ///
    /// # Errors
    /// `not_found`.
    pub fn document(&self, id: &DocumentId) -> Result<StoredDocument> {
        let found = document::find(&self.connection, "d.id = ?1", id.as_str())?;
        found.ok_or_else(|| StoreError::unknown("document", id))
    }

    /// The documents of this reference, of all billing connections, with their lines.
    ///
    /// # Errors
    /// A database error.
    pub fn documents_by_reference(&self, reference: &str) -> Result<Vec<StoredDocument>> {
        self.documents_where("d.reference = ?1", &[&reference])
    }

    /// The document of this kind that a vendor names so.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn document_by_external_id(
        &self,
        billing: &ConnectionId,
        kind: DocumentKind,
        external_id: &str,
    ) -> Result<Option<StoredDocument>> {
        let seq = connection::seq(&self.connection, billing)?;
        let condition = "d.connection_seq = ?1 AND d.kind = ?2 AND d.external_id = ?3";
        Ok(self.documents_where(condition, &[&seq, &kind.as_str(), &external_id])?.pop())
    }

    fn documents_where(
        &self,
        condition: &str,
        values: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<StoredDocument>> {
        let query = format!(
            "SELECT {}, 0 AS stamp FROM document d JOIN connection c ON c.seq = d.connection_seq
             WHERE {condition} ORDER BY d.seq",
            document::COLUMNS
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let found: Vec<StoredDocument> =
            statement.query_map(values, document::read)?.collect::<rusqlite::Result<_>>()?;
        found.into_iter().map(|document| document::with_lines(&self.connection, document)).collect()
    }

    /// Everything that belongs together with a document.
    ///
    /// # Errors
    /// `not_found`.
    pub fn correlated(&self, id: &DocumentId) -> Result<Correlated> {
        let asked = self.document(id)?;
        let seq = connection::seq(&self.connection, &asked.connection)?;
        let invoice = match asked.document.kind {
            DocumentKind::Invoice => Some(asked.document.external_id.clone()),
            _ => asked.document.invoice.clone().or(self.invoice_of_payment(seq, &asked)?),
        };
        // Each condition has its index, which the two in one would not use.
        let mut documents = match &invoice {
            Some(invoice) => {
                let values: [&dyn rusqlite::ToSql; 2] = [&seq, invoice];
                let own = "d.connection_seq = ?1 AND d.kind = 'invoice' AND d.external_id = ?2";
                let mut found = self.documents_where(own, &values)?;
                found.extend(self.documents_where("d.connection_seq = ?1 AND d.invoice = ?2", &values)?);
                found
            }
            None => vec![asked.clone()],
        };
        for payment in documents.clone().iter().filter(|d| d.document.kind == DocumentKind::Payment) {
            let condition = "d.connection_seq = ?1 AND d.kind = 'refund' AND d.payment = ?2";
            let refunds = self.documents_where(condition, &[&seq, &payment.document.external_id.as_str()])?;
            documents.extend(refunds);
        }
        documents.sort_by_key(|d| d.seq);
        documents.dedup_by_key(|d| d.seq);
        documents.retain(|d| d.correlation == asked.correlation);
        self.around(asked.correlation, seq, documents)
    }

    fn invoice_of_payment(&self, connection_seq: i64, asked: &StoredDocument) -> Result<Option<String>> {
        let Some(payment) = &asked.document.payment else { return Ok(None) };
        let condition = "d.connection_seq = ?1 AND d.kind = 'payment' AND d.external_id = ?2";
        let found = self.documents_where(condition, &[&connection_seq, &payment.as_str()])?;
        Ok(found.into_iter().find_map(|d| d.document.invoice))
    }

    fn around(
        &self,
        correlation: CorrelationId,
        connection_seq: i64,
        documents: Vec<StoredDocument>,
    ) -> Result<Correlated> {
        let (mut subscriptions, mut usage) = (Vec::new(), Vec::new());
        let (mut entries, mut postings) = (Vec::new(), Vec::new());
        for stored in &documents {
            let document = &stored.document;
            if let Some(id) = &document.subscription {
                let mut statement = self.connection.prepare_cached(
                    "SELECT * FROM subscription WHERE connection_seq = ?1 AND external_id = ?2",
                )?;
                let rows = statement.query_map(params![connection_seq, id], subscription::read)?;
                subscriptions.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
            }
            usage.extend(self.usage_billed_by(connection_seq, stored)?);
            entries.extend(self.entries_by_reference(&document.reference)?);
            postings.extend(self.postings_where("d.seq = ?1 ORDER BY p.seq", vec![stored.seq.0.into()])?);
        }
        subscriptions.dedup_by(|a, b| a.external_id == b.external_id);
        entries.dedup_by(|a, b| a.id == b.id);
        Ok(Correlated { correlation, documents, subscriptions, usage, entries, postings })
    }

    /// Usage of the document's customer within the days of service that its lines name.
    fn usage_billed_by(&self, connection_seq: i64, stored: &StoredDocument) -> Result<Vec<UsageSummary>> {
        let lines = &stored.document.lines;
        let first = lines.iter().filter_map(|l| l.service_starts).min();
        let last = lines.iter().filter_map(|l| l.service_ends).max();
        let (Some(customer), Some(first), Some(last)) = (&stored.document.customer, first, last) else {
            return Ok(Vec::new());
        };
        let start = |day: chrono::NaiveDate| ms(day.and_time(chrono::NaiveTime::MIN).and_utc());
        let after = last.succ_opt().unwrap_or(last);
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM usage_summary WHERE connection_seq = ?1 AND customer = ?2 AND starts_at >= ?3
               AND ends_at <= ?4 ORDER BY starts_at, seq",
        )?;
        let rows = statement
            .query_map(params![connection_seq, customer, start(first), start(after)], usage_summary::read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
