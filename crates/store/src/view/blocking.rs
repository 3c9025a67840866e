//! Open exceptions as a close looks at them: which kind, of which name, whose, and since when.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Row, params};
use tieout_domain::{
    Currency, EntityCode, ExceptionId,
    exception::{ExceptionKind, ExceptionState},
};

use crate::{
    db::Db,
    error::Result,
    sql::{at, instant, ms, named, text},
    table::schedule::{schedule_name, schedule_subject},
};

/// One open exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenException {
    /// Its id.
    pub id: ExceptionId,
    /// Its kind.
    pub kind: ExceptionKind,
    /// Where it stands.
    pub state: ExceptionState,
    /// The name that it stands on in the tie-out: its document's reference, or what it is about.
    pub name: String,
    /// What people call it.
    pub external_ref: String,
    /// The legal entity; empty where none is known.
    pub entity: String,
    /// The period; empty where none is known.
    pub period: String,
    /// True where it was open when its period closed.
    pub backlog: bool,
    /// The customer; empty where none is known.
    pub customer: String,
    /// The currency.
    pub currency: Currency,
    /// Its size, minor units.
    pub amount_minor: i64,
    /// Who works it; empty: nobody.
    pub assignee: String,
    /// Since when it is open.
    pub since: DateTime<Utc>,
    /// When it should be settled.
    pub due_at: DateTime<Utc>,
}

const OPEN: &str = concat!(
    "
    SELECT x.id, x.kind, x.state, coalesce(
            CASE WHEN x.subject_kind = 'document' THEN d.reference END,
            CASE WHEN x.subject_kind = 'connection'
                AND substr(x.subject, 1, 9) = '",
    schedule_subject!(),
    "' THEN ",
    schedule_name!("x"),
    " END,
            x.subject) AS name,
        x.external_ref, coalesce(x.entity, '') AS entity, coalesce(x.period, '') AS period, x.backlog,
        x.customer, x.currency, x.amount_minor, coalesce(x.assignee, '') AS assignee, x.since, x.due_at
    FROM exception x LEFT JOIN document d ON d.seq = x.document_seq
    WHERE x.live = 1 ORDER BY x.seq"
);

fn read(row: &Row<'_>) -> rusqlite::Result<OpenException> {
    Ok(OpenException {
        id: text(row, "id")?,
        kind: named(row, "kind", ExceptionKind::parse)?,
        state: named(row, "state", ExceptionState::parse)?,
        name: row.get("name")?,
        external_ref: row.get("external_ref")?,
        entity: row.get("entity")?,
        period: row.get("period")?,
        backlog: row.get("backlog")?,
        customer: row.get("customer")?,
        currency: text(row, "currency")?,
        amount_minor: row.get("amount_minor")?,
        assignee: row.get("assignee")?,
        since: at(row, "since")?,
        due_at: at(row, "due_at")?,
    })
}

/// Every open exception, in the order in which they were found.
pub(crate) fn open(db: &Db) -> Result<Vec<OpenException>> {
    let mut statement = db.prepare_cached(OPEN)?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// One day in milliseconds.
const DAY: i64 = 86_400_000;

const BY_DAY: &str = "
    SELECT m.day, sum(m.opened) AS opened, sum(m.closed) AS closed
    FROM (
        SELECT x.opened_at / ?3 AS day, 1 AS opened, 0 AS closed FROM exception x
        WHERE x.entity = ?1 AND x.backlog = 0 AND x.opened_at >= ?2
        UNION ALL
        SELECT x.closed_at / ?3, 0, 1 FROM exception x
        WHERE x.entity = ?1 AND x.backlog = 0 AND x.closed_at >= ?2) m
    GROUP BY m.day ORDER BY m.day";

/// How many exceptions of an entity came and went, by day (UTC), since then; days on which nothing moved are
/// left out.
pub(crate) fn by_day(
    db: &Db,
    entity: &EntityCode,
    since: DateTime<Utc>,
) -> Result<BTreeMap<NaiveDate, (u64, u64)>> {
    let mut statement = db.prepare_cached(BY_DAY)?;
    let mut rows = statement.query(params![entity.as_str(), ms(since), DAY])?;
    let mut days = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let day = instant(row.get::<_, i64>("day")?.saturating_mul(DAY))?.date_naive();
        let count = |value: i64| value.unsigned_abs();
        days.insert(day, (count(row.get("opened")?), count(row.get("closed")?)));
    }
    Ok(days)
}
