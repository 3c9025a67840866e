//! One cell of the tie-out down to what it is made of: per reference its documents' share, its entries'
//! share and the difference. The shares add up to the cell, exactly.

use rusqlite::params;
use tieout_domain::{
    AccountCode, Currency, DocumentId, EntityCode, ExceptionId, calendar::PeriodKey, exception::ExceptionKind,
};

use super::terms::{BOOKS, NAMES, SHARES, by_role};
use crate::{
    db::Db,
    error::Result,
    sql::{named, text_opt},
    table::schedule::{schedule_name, schedule_subject},
};

/// A cell, and which of its references.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellQuery {
    /// The legal entity.
    pub entity: EntityCode,
    /// The transaction currency.
    pub currency: Currency,
    /// The accounting period.
    pub period: PeriodKey,
    /// The account.
    pub account: AccountCode,
    /// The first one's place in the list.
    pub start: u64,
    /// At most so many.
    pub limit: u32,
}

/// What one reference puts into the cell. Debit-positive minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellShare {
    /// The reference; for an entry without one its number in the ERP.
    pub reference: String,
    /// The document of this reference, where billing has one.
    pub document: Option<DocumentId>,
    /// What its documents expect here.
    pub billing_minor: i64,
    /// What its entries hold here.
    pub ledger_minor: i64,
    /// Ledger − billing, less all that the cell explains otherwise than by exceptions.
    pub variance_minor: i64,
    /// The open exception that stands on it.
    pub exception: Option<(ExceptionId, ExceptionKind)>,
}

/// A window of a cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CellWindow {
    /// How many references the cell has.
    pub total: u64,
    /// Those of the window.
    pub rows: Vec<CellShare>,
}

const SHARE: &str = concat!(
    ",
    share AS (
        SELECT w.name, l.amount_minor AS billing, 0 AS ledger, 0 AS corrected
        FROM wanted w JOIN expected_line l ON l.document_seq = w.seq
        WHERE w.entity = ?1 AND w.currency = ?2 AND w.period = ?3 AND l.account = ?4
        UNION ALL
        SELECT s.name, s.minor, 0, 0 FROM scheduled s
        WHERE s.due = 1 AND s.entity = ?1 AND s.currency = ?2 AND s.period = ?3 AND s.account = ?4
        UNION ALL
        SELECT h.name, 0, l.transaction_minor, CASE WHEN h.netted = 1 THEN l.transaction_minor ELSE 0 END
        FROM home h JOIN entry_line l ON l.entry_seq = h.seq
        WHERE h.entity = ?1 AND h.currency = ?2 AND h.period = ?3 AND l.account = ?4
        UNION ALL
        SELECT h.name, 0, 0, l.transaction_minor
        FROM settlement s JOIN home h ON h.seq = s.entry_seq JOIN entry_line l ON l.entry_seq = s.entry_seq
        WHERE s.document_seq IS NULL AND h.entity = ?1 AND h.currency = ?2 AND h.period = ?3
            AND l.account = ?4
        UNION ALL
        SELECT h.name, 0, 0, l.transaction_minor
        FROM set_apart a JOIN home h ON h.seq = a.entry_seq JOIN entry_line l ON l.entry_seq = a.entry_seq
        WHERE h.netted = 0 AND a.what <> 'released' AND h.entity = ?1 AND h.currency = ?2 AND h.period = ?3
            AND l.account = ?4
        UNION ALL
        SELECT t.name, 0, 0, t.minor FROM taken t
        WHERE t.entity = ?1 AND t.currency = ?2 AND t.period = ?3 AND t.account = ?4
        UNION ALL
        SELECT s.name, 0, 0, s.minor FROM shift_lines s
        WHERE s.entity = ?1 AND s.currency = ?2 AND s.period = ?3 AND s.account = ?4
            AND s.name NOT IN (SELECT name FROM uneven)),
    reference AS (
        SELECT name, sum(billing) AS billing, sum(ledger) AS ledger,
            sum(ledger) - sum(billing) - sum(corrected) AS variance
        FROM share GROUP BY name),
    page AS (
        SELECT r.*, count(*) OVER () AS total FROM reference r
        ORDER BY CASE WHEN r.variance = 0 THEN 1 ELSE 0 END, abs(r.variance) DESC, r.name
        LIMIT ?5 OFFSET ?6)
    SELECT p.*, coalesce((SELECT coalesce(e.number, e.erp_id) FROM entry e WHERE e.id = p.name), p.name)
            AS shown,
        (SELECT d.id FROM document d WHERE d.reference = p.name ORDER BY d.seq LIMIT 1) AS document,
        x.id AS exception, x.kind AS kind
    FROM page p LEFT JOIN exception x ON x.seq = coalesce(
        (SELECT min(y.seq) FROM document d JOIN exception y ON y.document_seq = d.seq
         WHERE d.reference = p.name AND y.subject_kind = 'document'
             AND y.state IN ('open', 'in_progress', 'on_hold')),
        (SELECT min(y.seq) FROM exception y WHERE y.subject_kind = 'reference' AND y.subject = p.name
             AND y.state IN ('open', 'in_progress', 'on_hold')),
        (SELECT min(y.seq) FROM exception y WHERE y.subject_kind = 'connection'
             AND substr(y.subject, 1, 9) = '",
    schedule_subject!(),
    "' AND ",
    schedule_name!("y"),
    " = p.name
             AND y.state IN ('open', 'in_progress', 'on_hold')))
    ORDER BY CASE WHEN p.variance = 0 THEN 1 ELSE 0 END, abs(p.variance) DESC, p.name"
);

/// What a cell of the tie-out is made of, the largest differences first. As of the last detection.
pub(crate) fn cell_window(db: &Db, query: &CellQuery) -> Result<CellWindow> {
    let mut statement = db.prepare_cached(&by_role(db, format!("{NAMES}{BOOKS}{SHARES}{SHARE}"))?)?;
    let mut rows = statement.query(params![
        query.entity.as_str(),
        query.currency.code(),
        query.period.as_str(),
        query.account.as_str(),
        query.limit,
        i64::try_from(query.start).unwrap_or(i64::MAX),
    ])?;
    let mut window = CellWindow::default();
    while let Some(row) = rows.next()? {
        window.total = row.get::<_, i64>("total")?.unsigned_abs();
        let exception: Option<ExceptionId> = text_opt(row, "exception")?;
        let kind = exception.is_some().then(|| named(row, "kind", ExceptionKind::parse)).transpose()?;
        window.rows.push(CellShare {
            reference: row.get("shown")?,
            document: text_opt(row, "document")?,
            billing_minor: row.get("billing")?,
            ledger_minor: row.get("ledger")?,
            variance_minor: row.get("variance")?,
            exception: exception.zip(kind),
        });
    }
    Ok(window)
}
