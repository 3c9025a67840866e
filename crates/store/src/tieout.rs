//! The tie-out: per legal entity, currency, period and account, what billing says, what the ledger says, and
//! how much of the difference is explained.
//!
//! All amounts are debit-positive minor units of the transaction currency; no sum adds two currencies.
//!
//! - *billing*: what documents expect. A document of nothing (total zero) of which nothing is booked counts
//!   for nothing, whatever its lines.
//! - *ledger*: the lines of all booked entries, on the accounts that expectations name or that an entry on a
//!   control account touches.
//! - *corrections*: what is in the ledger and cancels out over periods: entries and their reversals, and the
//!   shift that several entries of one document leave between periods when together they are exactly what is
//!   expected (a write-off booked in a later period) and no exception is open on it.
//! - *variance*: ledger − billing − corrections.
//! - *explained*: the share of open exceptions. Each explains its part in every cell that it touches: what
//!   the ledger holds for its reference, less what its documents expect there.
//! - *in transit*: documents that are not booked and whose time is not up (or lies after the ledger's last
//!   complete sync): expected, so no exception.
//! - *unexplained*: variance − explained − in transit. Zero, or something was missed.
//!
//! Everything is one SELECT over the tables as the last detection left them; it writes nothing.

use rusqlite::{Connection, Row, params};
use tieout_domain::{AccountCode, Currency, EntityCode, calendar::PeriodKey};

use crate::{error::Result, sql::text};

/// Which cells are wanted; `None` takes all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TieOutFilter {
    /// The legal entity.
    pub entity: Option<EntityCode>,
    /// The accounting period.
    pub period: Option<PeriodKey>,
    /// The transaction currency.
    pub currency: Option<Currency>,
    /// The account.
    pub account: Option<AccountCode>,
}

/// One cell of the tie-out. Amounts are debit-positive minor units of `currency`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TieOutRow {
    /// The legal entity, as the document expects it or the ledger has it.
    pub entity: String,
    /// The transaction currency.
    pub currency: Currency,
    /// The accounting period.
    pub period: PeriodKey,
    /// The account.
    pub account: String,
    /// What documents expect.
    pub billing_minor: i64,
    /// What is in the ledger and cancels out over periods.
    pub corrections_minor: i64,
    /// What is booked.
    pub ledger_minor: i64,
    /// Ledger − billing − corrections.
    pub variance_minor: i64,
    /// The part of the variance that open exceptions explain.
    pub explained_minor: i64,
    /// The part that is still on its way within its time.
    pub in_transit_minor: i64,
    /// What nothing explains.
    pub unexplained_minor: i64,
    /// How many open exceptions touch the cell.
    pub open_exceptions: i64,
}

/// `home` gives each booked entry the reference that it counts for: that of the document whose posting key
/// it carries, else its own, else itself. `named` lists what open exceptions of the ledger stand on.
pub(crate) const NAMES: &str = "
    WITH home AS (
        SELECT e.seq, e.entity, e.currency, e.period, e.netted,
            coalesce(
                (SELECT d.reference FROM posting_step s
                 JOIN posting p ON p.seq = s.posting_seq JOIN document d ON d.seq = p.document_seq
                 WHERE s.key = e.external_id AND length(e.external_id) = 20),
                e.reference, e.id) AS name
        FROM entry e WHERE e.status = 'booked'),
    named AS (
        SELECT CASE WHEN x.subject_kind = 'document' THEN d.reference ELSE x.subject END AS name,
            count(*) AS exceptions
        FROM exception x LEFT JOIN document d ON d.seq = x.document_seq
        WHERE x.state IN ('open', 'in_progress', 'on_hold')
            AND x.subject_kind IN ('document', 'reference')
        GROUP BY 1),
    effective AS (SELECT h.* FROM home h WHERE h.netted = 0),
    wanted AS (
        SELECT d.seq, d.reference AS name, d.total_minor, x.entity, d.currency, x.period, x.due_at,
            h.reached
        FROM document d JOIN expectation x ON x.document_seq = d.seq
        LEFT JOIN detection_horizon h ON h.entity = x.entity
        WHERE d.status <> 'draft' AND x.books = 1
            AND (d.total_minor <> 0 OR EXISTS (
                SELECT 1 FROM entry e
                WHERE e.reference = d.reference AND e.status = 'booked' AND e.netted = 0))),";

/// Cells of what is expected and of what is booked; `part` says what each row is.
pub(crate) const BOOKS: &str = "
    billed AS (
        SELECT w.entity, w.currency, w.period, l.account, sum(l.amount_minor) AS minor
        FROM wanted w JOIN expected_line l ON l.document_seq = w.seq
        GROUP BY w.entity, w.currency, w.period, l.account),
    ledger AS (
        SELECT h.entity, h.currency, h.period, l.account, sum(l.transaction_minor) AS minor,
            sum(CASE WHEN h.netted = 1 THEN l.transaction_minor ELSE 0 END) AS corrected
        FROM home h JOIN entry_line l ON l.entry_seq = h.seq
        GROUP BY h.entity, h.currency, h.period, l.account),
    watched AS (
        SELECT account FROM billed
        UNION SELECT l.account FROM home h JOIN entry_line l ON l.entry_seq = h.seq
        WHERE EXISTS (
            SELECT 1 FROM entry_line k
            WHERE k.entry_seq = h.seq AND k.account IN (SELECT account FROM control_account))),";

/// Shares of single references: those under an open exception, those in transit, and those of several
/// entries that add up to what is expected, but not cell by cell.
pub(crate) const SHARES: &str = "
    explained_lines AS (
        SELECT n.name, n.exceptions, f.entity, f.currency, f.period, l.account, l.transaction_minor AS minor
        FROM named n JOIN effective f ON f.name = n.name JOIN entry_line l ON l.entry_seq = f.seq
        UNION ALL
        SELECT n.name, n.exceptions, w.entity, w.currency, w.period, l.account, 0 - l.amount_minor
        FROM named n JOIN wanted w ON w.name = n.name JOIN expected_line l ON l.document_seq = w.seq),
    explained_cells AS (
        SELECT name, exceptions, entity, currency, period, account, sum(minor) AS minor
        FROM explained_lines GROUP BY name, exceptions, entity, currency, period, account
        HAVING sum(minor) <> 0),
    explained AS (
        SELECT entity, currency, period, account, sum(minor) AS minor, sum(exceptions) AS exceptions
        FROM explained_cells GROUP BY entity, currency, period, account),
    transit AS (
        SELECT w.entity, w.currency, w.period, l.account, 0 - sum(l.amount_minor) AS minor
        FROM wanted w JOIN expected_line l ON l.document_seq = w.seq
        WHERE (w.reached IS NULL OR w.due_at > w.reached)
            AND w.name NOT IN (SELECT name FROM effective) AND w.name NOT IN (SELECT name FROM named)
        GROUP BY w.entity, w.currency, w.period, l.account),
    several AS (
        SELECT f.name FROM effective f
        WHERE f.name NOT IN (SELECT name FROM named) AND EXISTS (
            SELECT 1 FROM document d WHERE d.reference = f.name AND d.status <> 'draft')
        GROUP BY f.name HAVING count(*) > 1),
    shift_lines AS (
        SELECT v.name, f.entity, f.currency, f.period, l.account, l.transaction_minor AS minor
        FROM several v JOIN effective f ON f.name = v.name JOIN entry_line l ON l.entry_seq = f.seq
        UNION ALL
        SELECT v.name, w.entity, w.currency, w.period, l.account, 0 - l.amount_minor
        FROM several v JOIN wanted w ON w.name = v.name JOIN expected_line l ON l.document_seq = w.seq),
    uneven AS (
        SELECT DISTINCT name FROM (
            SELECT name FROM shift_lines GROUP BY name, entity, currency, account HAVING sum(minor) <> 0) u),
    shifts AS (
        SELECT s.entity, s.currency, s.period, s.account, sum(s.minor) AS minor
        FROM shift_lines s WHERE s.name NOT IN (SELECT name FROM uneven)
        GROUP BY s.entity, s.currency, s.period, s.account)";

const CELLS: &str = "
    SELECT c.entity, c.currency, c.period, c.account, sum(c.billing) AS billing,
        sum(c.corrections) AS corrections, sum(c.ledger) AS ledger, sum(c.explained) AS explained,
        sum(c.transit) AS transit, sum(c.exceptions) AS exceptions
    FROM (
        SELECT entity, currency, period, account, minor AS billing, 0 AS corrections, 0 AS ledger,
            0 AS explained, 0 AS transit, 0 AS exceptions FROM billed
        UNION ALL
        SELECT g.entity, g.currency, g.period, g.account, 0, g.corrected, g.minor, 0, 0, 0
        FROM ledger g WHERE g.account IN (SELECT account FROM watched)
        UNION ALL SELECT entity, currency, period, account, 0, minor, 0, 0, 0, 0 FROM shifts
        UNION ALL SELECT entity, currency, period, account, 0, 0, 0, minor, 0, exceptions FROM explained
        UNION ALL SELECT entity, currency, period, account, 0, 0, 0, 0, minor, 0 FROM transit) c
    WHERE (?1 IS NULL OR c.entity = ?1) AND (?2 IS NULL OR c.period = ?2)
        AND (?3 IS NULL OR c.currency = ?3) AND (?4 IS NULL OR c.account = ?4)
    GROUP BY c.entity, c.currency, c.period, c.account
    ORDER BY c.entity, c.currency, c.period, c.account";

pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<TieOutRow> {
    let (billing_minor, corrections_minor): (i64, i64) = (row.get("billing")?, row.get("corrections")?);
    let (ledger_minor, explained_minor): (i64, i64) = (row.get("ledger")?, row.get("explained")?);
    let in_transit_minor: i64 = row.get("transit")?;
    let variance_minor = ledger_minor - billing_minor - corrections_minor;
    Ok(TieOutRow {
        entity: row.get("entity")?,
        currency: text(row, "currency")?,
        period: PeriodKey::new(row.get::<_, String>("period")?),
        account: row.get("account")?,
        billing_minor,
        corrections_minor,
        ledger_minor,
        variance_minor,
        explained_minor,
        in_transit_minor,
        unexplained_minor: variance_minor - explained_minor - in_transit_minor,
        open_exceptions: row.get("exceptions")?,
    })
}

/// Works out the tie-out, sorted by entity, currency, period and account.
///
/// The share of exceptions and the netting of reversals are those of the last detection.
///
/// # Errors
/// [`crate::error::StoreError::Sql`] of the database.
pub fn tie_out(conn: &Connection, filter: &TieOutFilter) -> Result<Vec<TieOutRow>> {
    let mut statement = conn.prepare(&format!("{NAMES}{BOOKS}{SHARES}{CELLS}"))?;
    let rows = statement.query_map(
        params![
            filter.entity.as_ref().map(EntityCode::as_str),
            filter.period.as_ref().map(PeriodKey::as_str),
            filter.currency.as_ref().map(Currency::code),
            filter.account.as_ref().map(AccountCode::as_str),
        ],
        read,
    )?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
#[path = "tieout_tests.rs"]
mod tests;
