//! Tables `schedule_line` and `house_schedule`: what each document defers and what of it is released in which
//! period, worked out by the desk beside its expectation; and the deferred revenue accounts that are held
//! against it, of the entities whose mapping asks for schedules.

use chrono::{DateTime, Utc};
use rusqlite::params;
use tieout_domain::{AccountCode, Currency, DocumentId, EntityCode, calendar::PeriodKey};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{ms, named, stored_enum, text},
    table::dirty,
};

/// `counts`: 0 of what is released before the entity's books began here. `account` is the deferred revenue
/// account. Debit-positive minor units of that account, in the document's currency.
pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 11,
    sql: "CREATE TABLE schedule_line (document_seq INTEGER NOT NULL, what TEXT NOT NULL,
            revenue TEXT NOT NULL, period TEXT NOT NULL, account TEXT NOT NULL, due_at INTEGER NOT NULL,
            counts INTEGER NOT NULL, minor INTEGER NOT NULL,
            PRIMARY KEY (document_seq, what, revenue, period)) WITHOUT ROWID;
          CREATE TABLE house_schedule (entity TEXT NOT NULL, account TEXT NOT NULL,
            PRIMARY KEY (entity, account)) WITHOUT ROWID;",
}];

stored_enum! {
    /// What a line of a schedule says.
    ScheduleWhat {
        /// What the document puts on deferred revenue.
        Deferred => "deferred",
        /// What is released of it.
        Released => "released",
        /// What says no service period, so that nobody knows when it is released.
        WithoutTerm => "without_term",
    }
}

/// A line of a document's schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleLine {
    /// What it says.
    pub what: ScheduleWhat,
    /// The deferred revenue account.
    pub account: AccountCode,
    /// The revenue account; `None` of what is not released.
    pub revenue: Option<AccountCode>,
    /// The period; `None` of what has no term.
    pub period: Option<PeriodKey>,
    /// When it is to be booked.
    pub due_at: DateTime<Utc>,
    /// False of what lies before the entity's books began here.
    pub counts: bool,
    /// Debit-positive minor units of the deferred revenue account.
    pub minor: i64,
}

/// What the tie-out calls the releases of an entity, a period and a currency: an SQL expression over columns
/// of `$row`.
macro_rules! schedule_name {
    ($row:literal) => {
        concat!(
            "'Revenue schedule ' || ",
            $row,
            ".entity || ' ' || ",
            $row,
            ".period || ' ' || ",
            $row,
            ".currency"
        )
    };
}
pub(crate) use schedule_name;

/// With what the subjects of exceptions begin that are about releases.
macro_rules! schedule_subject {
    () => {
        "schedule/"
    };
}
pub(crate) use schedule_subject;

/// Writes a document's schedule anew. Credit notes without a term of their own go by the terms of what they
/// credit: where that changed, they are derived again.
pub(crate) fn put(tx: &Tx<'_>, document_seq: i64, lines: &[ScheduleLine]) -> Result<()> {
    let gone =
        tx.prepare_cached("DELETE FROM schedule_line WHERE document_seq = ?1")?.execute([document_seq])?;
    if gone > 0 && lines.is_empty() {
        return dirty::mark_credits_of(tx, document_seq);
    }
    insert(tx, document_seq, lines)
}

/// The same of a document that has none.
pub(crate) fn insert(tx: &Tx<'_>, document_seq: i64, lines: &[ScheduleLine]) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT INTO schedule_line (document_seq, what, revenue, period, account, due_at, counts, minor)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for line in lines {
        statement.execute(params![
            document_seq,
            line.what.as_str(),
            line.revenue.as_ref().map_or("", AccountCode::as_str),
            line.period.as_ref().map_or("", PeriodKey::as_str),
            line.account.as_str(),
            ms(line.due_at),
            line.counts,
            line.minor,
        ])?;
    }
    match lines.is_empty() {
        true => Ok(()),
        false => dirty::mark_credits_of(tx, document_seq),
    }
}

/// Takes over which accounts are held against schedules.
pub(crate) fn keep_accounts(tx: &Tx<'_>, all: &[(EntityCode, AccountCode)]) -> Result<()> {
    tx.execute("DELETE FROM house_schedule", [])?;
    let sql = "INSERT INTO house_schedule (entity, account) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let mut insert = tx.prepare_cached(sql)?;
    for (entity, account) in all {
        insert.execute(params![entity.as_str(), account.as_str()])?;
    }
    Ok(())
}

/// True where anything is held against schedules.
pub(crate) fn in_use(db: &Db) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM house_schedule)";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// True where the document defers something that is held against its schedule.
pub(crate) fn is_of(db: &Db, document: &DocumentId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM schedule_line s JOIN document d ON d.seq = s.document_seq
        WHERE d.id = ?1)";
    Ok(db.prepare_cached(sql)?.query_row([document.as_str()], |row| row.get(0))?)
}

/// What a document's schedule, or those of all documents together, put on an account in a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledMovement {
    /// The document and its reference; `None` of all together.
    pub document: Option<(DocumentId, String)>,
    /// The legal entity.
    pub entity: EntityCode,
    /// The deferred revenue account.
    pub account: AccountCode,
    /// The transaction currency.
    pub currency: Currency,
    /// The period; `None` of what has no term.
    pub period: Option<PeriodKey>,
    /// What it is.
    pub what: ScheduleWhat,
    /// Debit-positive minor units of the deferred revenue account.
    pub minor: i64,
    /// False where it is not due by the last detection.
    pub due: bool,
}

/// Which movements.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScheduleQuery {
    /// Only this entity.
    pub entity: Option<EntityCode>,
    /// Only the documents of this reference or id, each by itself.
    pub document: Option<String>,
    /// Each document by itself.
    pub each: bool,
}

const MOVEMENTS: &str = "
    SELECT m.id, m.reference, m.entity, m.account, m.currency, m.period, m.what, sum(m.minor) AS minor,
        min(m.due) AS due
    FROM (
        SELECT CASE WHEN ?2 = 1 THEN d.id END AS id, CASE WHEN ?2 = 1 THEN d.reference END AS reference,
            x.entity, s.account, d.currency, s.period, s.what, s.minor,
            CASE WHEN s.due_at <= h.reached THEN 1 ELSE 0 END AS due
        FROM schedule_line s JOIN document d ON d.seq = s.document_seq
        JOIN expectation x ON x.document_seq = s.document_seq
        LEFT JOIN detection_horizon h ON h.entity = x.entity
        WHERE (?1 IS NULL OR x.entity = ?1) AND (?3 IS NULL OR d.reference = ?3 OR d.id = ?3)
            AND x.entity IS NOT NULL) m
    GROUP BY m.id, m.reference, m.entity, m.account, m.currency, m.period, m.what
    ORDER BY m.entity, m.account, m.currency, m.reference, m.id, m.period, m.what";

/// What schedules put on deferred revenue, in the order of entity, account, currency, document and period.
pub(crate) fn movements(db: &Db, query: &ScheduleQuery) -> Result<Vec<ScheduledMovement>> {
    let mut statement = db.prepare_cached(MOVEMENTS)?;
    let each = query.each || query.document.is_some();
    let entity = query.entity.as_ref().map(EntityCode::as_str);
    let rows = statement.query_map(params![entity, each, query.document], |row| {
        let id: Option<String> = row.get("id")?;
        let document = match id {
            Some(_) => Some((text(row, "id")?, row.get("reference")?)),
            None => None,
        };
        let period: String = row.get("period")?;
        Ok(ScheduledMovement {
            document,
            entity: text(row, "entity")?,
            account: text(row, "account")?,
            currency: text(row, "currency")?,
            period: (!period.is_empty()).then(|| PeriodKey::new(period)),
            what: named(row, "what", ScheduleWhat::parse)?,
            minor: row.get("minor")?,
            due: row.get("due")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
