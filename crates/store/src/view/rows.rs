//! The rows of a page, with what stands in the way of each.

use std::collections::HashMap;

use rusqlite::{Row, params_from_iter, types::Value};
use tieout_domain::{
    ExceptionId, calendar::PeriodStatus, document::DocumentKind, exception::ExceptionKind,
    posting::PostingState,
};

use crate::{
    db::Db,
    error::Result,
    sql::{AT_ONCE, marks, named, text, text_opt},
    table::exception::{self, ExceptionRow},
};

/// An exception as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedException {
    /// The exception.
    pub row: ExceptionRow,
    /// The customer's name, or the id where billing gives no name.
    pub customer: Option<String>,
    /// What the document is, where there is one.
    pub document_kind: Option<DocumentKind>,
    /// The vendor's own id of the document.
    pub vendor_id: Option<String>,
    /// The document's date, `YYYY-MM-DD`.
    pub dated: Option<String>,
    /// What is known of its period, where its entity has one of that name.
    pub period_status: Option<PeriodStatus>,
    /// The posting under way, or the last one that failed.
    pub posting: Option<Glance>,
    /// The reference of the document that must be booked before this one.
    pub behind: Option<String>,
}

/// A posting at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Where it stands.
    pub state: PostingState,
    /// Why it stands still, as a code.
    pub failure_code: Option<String>,
    /// The reference of a posting that has to be booked before it.
    pub behind: Option<String>,
}

/// What several SELECTs together tell of some rows, by their internal keys.
type Found<T> = HashMap<i64, T>;

/// Asks `sql`, in which `{}` stands for the keys, for some keys at a time; `take` is given every row.
fn each(
    db: &Db,
    sql: &str,
    keys: impl Iterator<Item = Value>,
    mut take: impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let keys: Vec<Value> = keys.collect();
    for some in keys.chunks(AT_ONCE) {
        let mut statement = db.prepare_cached(&sql.replace("{}", &marks(some.len())))?;
        let mut rows = statement.query(params_from_iter(some))?;
        while let Some(row) = rows.next()? {
            take(row)?;
        }
    }
    Ok(())
}

/// The rows of these internal keys in that order, without what stands in their way.
pub(crate) fn plain(db: &Db, seqs: &[i64]) -> Result<Vec<ExceptionRow>> {
    let sql =
        "SELECT e.*, d.id AS document_id FROM exception e LEFT JOIN document d ON d.seq = e.document_seq
         WHERE e.seq IN ({})";
    let mut rows: Found<ExceptionRow> = HashMap::new();
    each(db, sql, seqs.iter().map(|seq| (*seq).into()), |row| {
        rows.insert(row.get("seq")?, exception::read(row)?);
        Ok(())
    })?;
    Ok(seqs.iter().filter_map(|seq| rows.remove(seq)).collect())
}

/// The rows of these internal keys, in that order. However many they are, a handful of statements reads them.
pub(crate) fn read(db: &Db, seqs: &[i64]) -> Result<Vec<ListedException>> {
    let sql = "SELECT e.*, d.id AS document_id, d.external_id AS vendor_id,
           d.kind AS document_kind, p.status AS period_status
         FROM exception e LEFT JOIN document d ON d.seq = e.document_seq
         LEFT JOIN period p ON p.entity = e.entity AND p.key = e.period
         WHERE e.seq IN ({})";
    let mut found: Found<(ListedException, Option<i64>)> = HashMap::new();
    each(db, sql, seqs.iter().map(|seq| (*seq).into()), |row| {
        found.insert(row.get("seq")?, (one(row)?, row.get("document_seq")?));
        Ok(())
    })?;
    let mut glances = glances(db, found.values().map(|(listed, _)| &listed.row.id))?;
    let unbooked = found.values().filter(|(listed, _)| is_missing(listed.row.kind));
    let behind = behind(db, unbooked.filter_map(|(_, document)| *document))?;
    let with_what_is_in_the_way = |(mut listed, document): (ListedException, Option<i64>)| {
        listed.posting = glances.remove(&listed.row.id);
        let document = document.filter(|_| is_missing(listed.row.kind));
        listed.behind = document.and_then(|seq| behind.get(&seq).cloned());
        listed
    };
    Ok(seqs.iter().filter_map(|seq| found.remove(seq)).map(with_what_is_in_the_way).collect())
}

/// The ids of these internal keys, in that order.
pub(crate) fn ids(db: &Db, seqs: &[i64]) -> Result<Vec<ExceptionId>> {
    let mut found: Found<ExceptionId> = HashMap::new();
    let sql = "SELECT seq, id FROM exception WHERE seq IN ({})";
    each(db, sql, seqs.iter().map(|seq| (*seq).into()), |row| {
        found.insert(row.get("seq")?, text(row, "id")?);
        Ok(())
    })?;
    Ok(seqs.iter().filter_map(|seq| found.remove(seq)).collect())
}

/// The internal keys of these ids, in that order; those that are not there are left out.
pub(crate) fn seqs_of(db: &Db, ids: &[String]) -> Result<Vec<i64>> {
    let mut found: HashMap<String, i64> = HashMap::new();
    let sql = "SELECT seq, id FROM exception WHERE id IN ({})";
    each(db, sql, ids.iter().map(|id| id.clone().into()), |row| {
        found.insert(row.get("id")?, row.get("seq")?);
        Ok(())
    })?;
    Ok(ids.iter().filter_map(|id| found.get(id).copied()).collect())
}

fn one(row: &Row<'_>) -> rusqlite::Result<ListedException> {
    let filled = |column| -> rusqlite::Result<Option<String>> {
        Ok(Some(row.get::<_, String>(column)?).filter(|text| !text.is_empty()))
    };
    Ok(ListedException {
        row: exception::read(row)?,
        customer: filled("customer")?,
        document_kind: row
            .get::<_, Option<String>>("document_kind")?
            .and_then(|kind| DocumentKind::parse(&kind)),
        vendor_id: row.get("vendor_id")?,
        dated: filled("dated")?,
        period_status: text_opt(row, "period_status")?,
        posting: None,
        behind: None,
    })
}

/// The newest posting of each exception that is not over: those of an exception whose posting was booked or
/// withdrawn say nothing of what is in its way now.
fn glances<'i>(db: &Db, ids: impl Iterator<Item = &'i ExceptionId>) -> Result<HashMap<ExceptionId, Glance>> {
    let sql = "SELECT p.seq, p.exception_id, p.state, p.failure_code FROM posting p
         WHERE p.exception_id IN ({}) AND p.state NOT IN ('rejected', 'cancelled', 'settled')
         ORDER BY p.seq";
    let mut found: HashMap<ExceptionId, (i64, Glance)> = HashMap::new();
    each(db, sql, ids.map(|id| id.to_string().into()), |row| {
        let state = named(row, "state", PostingState::parse)?;
        let glance = Glance { state, failure_code: row.get("failure_code")?, behind: None };
        found.insert(text(row, "exception_id")?, (row.get("seq")?, glance));
        Ok(())
    })?;
    let queued = found.values().filter(|(_, glance)| glance.state == PostingState::Queued);
    let before = before(db, queued.map(|(seq, _)| *seq))?;
    let told = |(id, (seq, mut glance)): (ExceptionId, (i64, Glance))| {
        glance.behind = before.get(&seq).cloned();
        (id, glance)
    };
    Ok(found.into_iter().map(told).collect())
}

/// The references of invoices' or payments' postings that are to be booked before these, as the outbox has
/// it.
fn before(db: &Db, posting_seqs: impl Iterator<Item = i64>) -> Result<Found<String>> {
    let sql = |kind: &str| {
        format!(
            "SELECT p.seq, q.reference FROM posting p CROSS JOIN document d CROSS JOIN document b
             CROSS JOIN posting q
             WHERE p.seq IN ({{}}) AND d.seq = p.document_seq AND b.connection_seq = d.connection_seq
               AND b.kind = '{kind}' AND b.external_id = d.{kind} AND q.document_seq = b.seq
               AND q.seq <> p.seq AND q.connection_seq = p.connection_seq AND q.rank < p.rank
               AND q.state IN ('proposed', 'queued', 'sending', 'in_doubt', 'refused', 'dead_letter')
             ORDER BY q.seq"
        )
    };
    named_first(db, sql, posting_seqs)
}

/// True when the document is not in the ledger.
fn is_missing(kind: ExceptionKind) -> bool {
    matches!(kind, ExceptionKind::Unposted | ExceptionKind::LateForClosedPeriod)
}

/// For documents that are not in the ledger: the invoice or payment that each settles, where that is not in
/// the ledger either.
fn behind(db: &Db, document_seqs: impl Iterator<Item = i64>) -> Result<Found<String>> {
    let sql = |kind: &str| {
        format!(
            "SELECT d.seq, b.reference FROM document d CROSS JOIN document b CROSS JOIN exception x
             WHERE d.seq IN ({{}}) AND b.connection_seq = d.connection_seq AND b.kind = '{kind}'
               AND b.external_id = d.{kind} AND x.document_seq = b.seq AND x.live = 1
               AND x.kind IN ('unposted', 'late_for_closed_period', 'missing_mapping')"
        )
    };
    named_first(db, sql, document_seqs)
}

/// The first reference that each key is answered: by the invoice that its document names, else by the
/// payment.
fn named_first(
    db: &Db,
    sql: impl Fn(&str) -> String,
    keys: impl Iterator<Item = i64>,
) -> Result<Found<String>> {
    let keys: Vec<i64> = keys.collect();
    let mut found: Found<String> = HashMap::new();
    for kind in ["invoice", "payment"] {
        each(db, &sql(kind), keys.iter().map(|key| (*key).into()), |row| {
            let (key, reference) = (row.get(0)?, row.get(1)?);
            found.entry(key).or_insert(reference);
            Ok(())
        })?;
    }
    Ok(found)
}
