//! Tables `exception_cell` and `exception_revision`: exceptions counted and summed by everything that a
//! list can be filtered by.
//!
//! Exceptions of the same state, kind, entity, period, currency, severity, assignee and root cause are one
//! *cell*. A workspace has few thousand of them, so that any count or sum is read from here at once however
//! many exceptions there are, and each index of `exception` carries the cell, so that a filter is judged
//! within the index. Whoever writes an exception files it: [`Cells`] for many, [`refile`] for one.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{
    exception::{ExceptionKind, ExceptionState},
    severity::Severity,
};

use super::{customer_sum::CustomerSums, delta::Delta};
use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::named,
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 2,
        sql:
            "CREATE TABLE exception_cell (id INTEGER PRIMARY KEY, live INTEGER NOT NULL, state TEXT NOT NULL,
            kind TEXT NOT NULL, blocked INTEGER NOT NULL, entity TEXT NOT NULL, period TEXT NOT NULL,
            currency TEXT NOT NULL, severity INTEGER NOT NULL, owner TEXT NOT NULL, assignee TEXT NOT NULL,
            group_key TEXT NOT NULL, flow TEXT NOT NULL, held INTEGER NOT NULL, high INTEGER NOT NULL,
            low INTEGER NOT NULL,
            UNIQUE (group_key, state, kind, blocked, entity, period, currency, severity, assignee, flow));
          CREATE TABLE exception_revision (one INTEGER PRIMARY KEY CHECK (one = 1),
            revision INTEGER NOT NULL);
          INSERT INTO exception_revision (one, revision) VALUES (1, 1);
          INSERT INTO exception_cell (live, state, kind, blocked, entity, period, currency, severity, owner,
            assignee, group_key, flow, held, high, low)
          SELECT live, state, kind, period_blocked, coalesce(entity, ''), coalesce(period, ''), currency,
            CASE severity WHEN 'low' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2 ELSE 3 END,
            owner, coalesce(assignee, ''), group_key, flow, count(*), sum(amount_minor >> 32),
            sum(amount_minor & 4294967295)
          FROM exception GROUP BY live, state, kind, period_blocked, coalesce(entity, ''),
            coalesce(period, ''), currency, severity, owner, coalesce(assignee, ''), group_key,
            flow;
          UPDATE exception SET cell = (SELECT c.id FROM exception_cell c
            WHERE c.group_key = exception.group_key AND c.state = exception.state
              AND c.kind = exception.kind AND c.blocked = exception.period_blocked
              AND c.entity = coalesce(exception.entity, '') AND c.period = coalesce(exception.period, '')
              AND c.currency = exception.currency
              AND c.severity = CASE exception.severity WHEN 'low' THEN 0 WHEN 'medium' THEN 1
                WHEN 'high' THEN 2 ELSE 3 END
              AND c.assignee = coalesce(exception.assignee, '') AND c.flow = exception.flow);",
    },
    Migration { version: 2, sql: FIRST_INDEXES },
    // The backlog apart, and what the amounts come to without their signs.
    Migration {
        version: 8,
        sql: "DROP TABLE exception_cell;
          CREATE TABLE exception_cell (id INTEGER PRIMARY KEY, live INTEGER NOT NULL, state TEXT NOT NULL,
            kind TEXT NOT NULL, blocked INTEGER NOT NULL, backlog INTEGER NOT NULL, entity TEXT NOT NULL,
            period TEXT NOT NULL, currency TEXT NOT NULL, severity INTEGER NOT NULL, owner TEXT NOT NULL,
            assignee TEXT NOT NULL, group_key TEXT NOT NULL, flow TEXT NOT NULL, held INTEGER NOT NULL,
            high INTEGER NOT NULL, low INTEGER NOT NULL, gross_high INTEGER NOT NULL,
            gross_low INTEGER NOT NULL,
            UNIQUE (group_key, state, kind, blocked, backlog, entity, period, currency, severity, assignee,
              flow));
          INSERT INTO exception_cell (live, state, kind, blocked, backlog, entity, period, currency, severity,
            owner, assignee, group_key, flow, held, high, low, gross_high, gross_low)
          SELECT live, state, kind, period_blocked, backlog, coalesce(entity, ''), coalesce(period, ''),
            currency,
            CASE severity WHEN 'low' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2 ELSE 3 END,
            owner, coalesce(assignee, ''), group_key, flow, count(*), sum(amount_minor >> 32),
            sum(amount_minor & 4294967295), sum(abs(amount_minor) >> 32),
            sum(abs(amount_minor) & 4294967295)
          FROM exception GROUP BY live, state, kind, period_blocked, backlog, coalesce(entity, ''),
            coalesce(period, ''), currency, severity, owner, coalesce(assignee, ''), group_key, flow;
          UPDATE exception SET cell = (SELECT c.id FROM exception_cell c
            WHERE c.group_key = exception.group_key AND c.state = exception.state
              AND c.kind = exception.kind AND c.blocked = exception.period_blocked
              AND c.backlog = exception.backlog
              AND c.entity = coalesce(exception.entity, '') AND c.period = coalesce(exception.period, '')
              AND c.currency = exception.currency
              AND c.severity = CASE exception.severity WHEN 'low' THEN 0 WHEN 'medium' THEN 1
                WHEN 'high' THEN 2 ELSE 3 END
              AND c.assignee = coalesce(exception.assignee, '') AND c.flow = exception.flow);
          ALTER TABLE exception_revision ADD COLUMN rates TEXT NOT NULL DEFAULT '';",
    },
    Migration { version: 8, sql: BY_WORTH },
];

/// The indexes of views.
const FIRST_INDEXES: &str = "
    CREATE INDEX exception_by_cell ON exception (cell, due_at, amount_minor);
    CREATE INDEX exception_by_due ON exception (live, due_at, seq, cell);
    CREATE INDEX exception_by_opened ON exception (live, opened_at, seq, cell);
    CREATE INDEX exception_by_ref ON exception (live, external_ref, seq, cell);
    CREATE INDEX exception_by_customer ON exception (live, customer, seq, cell, amount_minor,
      due_at);
    CREATE INDEX exception_by_dated ON exception (live, dated, seq, cell);
    CREATE INDEX exception_by_amount ON exception (live, amount_minor, seq, cell);
    CREATE INDEX exception_by_variance ON exception (live, variance_minor, seq, cell);";

/// The indexes of what exceptions are worth ([`crate::table::worth`]): of all, and within a cell.
const BY_WORTH: &str = "
    CREATE INDEX exception_by_worth ON exception (live, worth, seq, cell);
    CREATE INDEX exception_in_cell_by_worth ON exception (cell, worth);";

/// Their names.
const NAMES: [&str; 10] = [
    "exception_by_cell",
    "exception_by_due",
    "exception_by_opened",
    "exception_by_ref",
    "exception_by_customer",
    "exception_by_dated",
    "exception_by_amount",
    "exception_by_variance",
    "exception_by_worth",
    "exception_in_cell_by_worth",
];

/// So many new exceptions at once are indexed by sorting instead of one by one.
const MANY: i64 = 20_000;

/// Takes the indexes of views away where far more exceptions may be opened than there are; true: they are to
/// be made again within the same transaction. Row by row they would cost more than all else that is written.
pub(crate) fn without_indexes(tx: &Tx<'_>, findings: i64) -> Result<bool> {
    if findings < MANY {
        return Ok(false);
    }
    let held: i64 =
        tx.query_row("SELECT coalesce(sum(held), 0) FROM exception_cell", [], |row| row.get(0))?;
    if findings / 2 < held {
        return Ok(false);
    }
    for name in NAMES {
        tx.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    Ok(true)
}

/// Makes the indexes of views.
pub(crate) fn make_indexes(tx: &Tx<'_>) -> Result<()> {
    tx.execute_batch(FIRST_INDEXES)?;
    Ok(tx.execute_batch(BY_WORTH)?)
}

/// The order of severities, from 0.
pub(crate) fn rank(severity: Severity) -> i64 {
    match severity {
        Severity::Low => 0,
        Severity::Medium => 1,
        Severity::High => 2,
        Severity::Critical => 3,
    }
}

/// The severity of a stable name.
pub(crate) fn severity(name: &str) -> Option<Severity> {
    let all = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
    all.into_iter().find(|s| s.as_str() == name)
}

/// What puts an exception into its cell. An absent entity, period or assignee is the empty text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Facets {
    pub state: ExceptionState,
    pub kind: ExceptionKind,
    pub blocked: bool,
    pub backlog: bool,
    pub entity: String,
    pub period: String,
    pub currency: String,
    pub severity: i64,
    pub assignee: String,
    pub group_key: String,
    pub flow: String,
}

/// The columns that [`Facets::read`] needs, of `exception`.
pub(crate) const FACETS: &str = "state, kind, period_blocked, backlog, coalesce(entity, '') AS entity,
    coalesce(period, '') AS period, currency, severity, coalesce(assignee, '') AS assignee, group_key,
    flow, cell, customer, amount_minor";

impl Facets {
    pub fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            state: named(row, "state", ExceptionState::parse)?,
            kind: named(row, "kind", ExceptionKind::parse)?,
            blocked: row.get("period_blocked")?,
            backlog: row.get("backlog")?,
            entity: row.get("entity")?,
            period: row.get("period")?,
            currency: row.get("currency")?,
            severity: rank(named(row, "severity", severity)?),
            assignee: row.get("assignee")?,
            group_key: row.get("group_key")?,
            flow: row.get("flow")?,
        })
    }
}

/// Files many exceptions: what changes in each cell is kept until [`Cells::flush`].
pub(crate) struct Cells {
    known: HashMap<Facets, i64>,
    deltas: BTreeMap<i64, Delta>,
    /// `None` where customers are counted anew afterwards.
    customers: Option<CustomerSums>,
}

impl Default for Cells {
    fn default() -> Self {
        Self { customers: Some(CustomerSums::default()), ..Self::without_customers() }
    }
}

impl Cells {
    /// Leaves [`customer_sum::count`] to the caller.
    pub fn without_customers() -> Self {
        Self { known: HashMap::new(), deltas: BTreeMap::new(), customers: None }
    }

    /// The cell of these facets, made where there is none.
    pub fn place(&mut self, tx: &Tx<'_>, facets: &Facets) -> Result<i64> {
        if let Some(id) = self.known.get(facets) {
            return Ok(*id);
        }
        let id = find(tx, facets)?.map_or_else(|| make(tx, facets), Ok)?;
        self.known.insert(facets.clone(), id);
        Ok(id)
    }

    /// One exception of this customer and amount more.
    pub fn add(&mut self, cell: i64, (customer, amount): (&str, i64)) {
        self.change(cell, customer, 1, amount);
    }

    /// One less.
    pub fn take(&mut self, cell: i64, (customer, amount): (&str, i64)) {
        self.change(cell, customer, -1, amount);
    }

    fn change(&mut self, cell: i64, customer: &str, times: i64, amount: i64) {
        self.deltas.entry(cell).or_default().add(times, amount);
        if let Some(customers) = &mut self.customers {
            customers.add(cell, customer, times, amount);
        }
    }

    /// Writes what changed, and counts the revision up if anything did. Empty cells go.
    pub fn flush(self, tx: &Tx<'_>) -> Result<()> {
        if self.deltas.is_empty() {
            return Ok(());
        }
        if let Some(customers) = self.customers {
            customers.flush(tx)?;
        }
        let mut write = tx.prepare_cached(
            "UPDATE exception_cell SET held = held + ?2, high = high + ?3, low = low + ?4,
               gross_high = gross_high + ?5, gross_low = gross_low + ?6 WHERE id = ?1",
        )?;
        let mut drop_empty = tx.prepare_cached("DELETE FROM exception_cell WHERE id = ?1 AND held = 0")?;
        for (id, delta) in self.deltas {
            write.execute([id, delta.held, delta.high, delta.low, delta.gross_high, delta.gross_low])?;
            drop_empty.execute([id])?;
        }
        bump(tx)
    }
}

fn find(db: &Db, facets: &Facets) -> Result<Option<i64>> {
    let mut statement = db.prepare_cached(
        "SELECT id FROM exception_cell WHERE group_key = ?1 AND state = ?2 AND kind = ?3 AND blocked = ?4
           AND backlog = ?5 AND entity = ?6 AND period = ?7 AND currency = ?8 AND severity = ?9
           AND assignee = ?10 AND flow = ?11",
    )?;
    Ok(statement
        .query_row(
            params![
                facets.group_key,
                facets.state.as_str(),
                facets.kind.as_str(),
                facets.blocked,
                facets.backlog,
                facets.entity,
                facets.period,
                facets.currency,
                facets.severity,
                facets.assignee,
                facets.flow,
            ],
            |row| row.get(0),
        )
        .optional()?)
}

fn make(tx: &Tx<'_>, facets: &Facets) -> Result<i64> {
    tx.prepare_cached(
        "INSERT INTO exception_cell (live, state, kind, blocked, backlog, entity, period, currency, severity,
           owner, assignee, group_key, flow, held, high, low, gross_high, gross_low)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 0, 0, 0, 0, 0)",
    )?
    .execute(params![
        facets.state.is_open(),
        facets.state.as_str(),
        facets.kind.as_str(),
        facets.blocked,
        facets.backlog,
        facets.entity,
        facets.period,
        facets.currency,
        facets.severity,
        facets.kind.owner().as_str(),
        facets.assignee,
        facets.group_key,
        facets.flow,
    ])?;
    Ok(tx.last_insert_rowid())
}

/// Files one exception again after its row changed; its amount must be the same as before.
pub(crate) fn refile(tx: &Tx<'_>, seq: i64) -> Result<()> {
    let query = format!("SELECT {FACETS} FROM exception WHERE seq = ?1");
    let (facets, old, customer, amount) = tx.prepare_cached(&query)?.query_row([seq], |row| {
        let (customer, amount): (String, i64) = (row.get("customer")?, row.get("amount_minor")?);
        Ok((Facets::read(row)?, row.get::<_, i64>("cell")?, customer, amount))
    })?;
    let mut cells = Cells::default();
    let new = cells.place(tx, &facets)?;
    if new == old {
        return bump(tx);
    }
    tx.prepare_cached("UPDATE exception SET cell = ?2, live = ?3 WHERE seq = ?1")?.execute(params![
        seq,
        new,
        facets.state.is_open()
    ])?;
    cells.take(old, (&customer, amount));
    cells.add(new, (&customer, amount));
    cells.flush(tx)
}

/// Notes that what lists show has changed.
pub(crate) fn bump(tx: &Tx<'_>) -> Result<()> {
    tx.prepare_cached("UPDATE exception_revision SET revision = revision + 1 WHERE one = 1")?.execute([])?;
    Ok(())
}

/// Grows with every change of what lists of exceptions show.
pub(crate) fn revision(db: &Db) -> Result<i64> {
    let mut statement = db.prepare_cached("SELECT revision FROM exception_revision WHERE one = 1")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}
