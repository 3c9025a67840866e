//! The cells of the tie-out, kept as things change. A cell has a *place* (entity and period) and is made of
//! *names* (`home` and `wanted` of [`terms`](super::terms)): what changes marks places and names, and only
//! the cells of those places are worked out again, from the entries and documents of the names that are
//! there.
//!
//! Marked are: by [`crate::marking`], whatever writes, the place that something leaves and what exceptions
//! stand on; by [`keep_up`], all that a detection looked at. Without cells that are kept (before the first
//! detection, and while one looks at everything) nothing is.

use std::collections::{BTreeMap, BTreeSet};

use super::terms::{BOOKS, NAMES, SHARES, by_role, home_name, wanted_name};
use crate::{
    db::{Db, Tx},
    error::Result,
    table::{
        house_rule::{has_roles, lines_by_role},
        schedule::schedule_name,
        tie_out_cell::{self as table, Cell, Place},
    },
};

/// What a detection looked at.
const LOOKED_AT: &str = concat!(
    "
    INSERT INTO tie_out_touched (name) SELECT reference FROM work_reference WHERE true
        ON CONFLICT DO NOTHING;
    INSERT INTO tie_out_touched (name)
        SELECT ",
    home_name!("e"),
    " FROM work_reference w CROSS JOIN entry e WHERE e.reference = w.reference
        ON CONFLICT DO NOTHING;
    INSERT INTO tie_out_touched (name)
        SELECT ",
    home_name!("e"),
    " FROM work_entry w CROSS JOIN entry e WHERE e.seq = w.entry_seq
        ON CONFLICT DO NOTHING;
    INSERT INTO tie_out_touched (name)
        SELECT ",
    wanted_name!("d"),
    " FROM work_reference w CROSS JOIN document d WHERE d.reference = w.reference
        ON CONFLICT DO NOTHING;
    INSERT INTO tie_out_stale (entity, period)
        SELECT e.entity, e.period FROM work_reference w CROSS JOIN entry e WHERE e.reference = w.reference
        ON CONFLICT DO NOTHING;
    INSERT INTO tie_out_stale (entity, period)
        SELECT e.entity, e.period FROM work_entry w CROSS JOIN entry e WHERE e.seq = w.entry_seq
        ON CONFLICT DO NOTHING;
    INSERT INTO tie_out_stale (entity, period)
        SELECT x.entity, l.period
        FROM work_reference w CROSS JOIN document d CROSS JOIN schedule_line l CROSS JOIN expectation x
        WHERE d.reference = w.reference AND l.document_seq = d.seq AND x.document_seq = d.seq
            AND x.entity IS NOT NULL
        ON CONFLICT DO NOTHING;"
);

/// What an entity's schedules release between two due times.
const FELL_DUE: &str = "
    INSERT INTO tie_out_stale (entity, period)
    SELECT DISTINCT x.entity, l.period FROM schedule_line l CROSS JOIN expectation x
    WHERE l.due_at > ?2 AND l.due_at <= ?3 AND x.document_seq = l.document_seq AND x.entity = ?1
    ON CONFLICT DO NOTHING";

/// The entries that may count for the names of `$names`, whatever else they might.
macro_rules! entries_of {
    ($names:literal) => {
        concat!(
            "
        SELECT e.seq FROM ",
            $names,
            " n CROSS JOIN entry e WHERE e.reference = n.name
        UNION SELECT e.seq FROM ",
            $names,
            " n CROSS JOIN entry e WHERE e.id = n.name
        UNION SELECT e.seq FROM ",
            $names,
            " n CROSS JOIN document d CROSS JOIN posting p CROSS JOIN posting_step s CROSS JOIN entry e
        WHERE d.reference = n.name AND p.document_seq = d.seq AND s.posting_seq = p.seq
            AND e.external_id = s.key AND length(e.external_id) = 20
        UNION SELECT s.entry_seq FROM ",
            $names,
            " n CROSS JOIN document d CROSS JOIN settlement s
        WHERE d.reference = n.name AND s.document_seq = d.seq
        UNION SELECT b.entry_seq FROM ",
            $names,
            " n CROSS JOIN batch_entry b WHERE b.name = n.name"
        )
    };
}

/// The documents that may count for the names of `$names`.
macro_rules! documents_of {
    ($names:literal) => {
        concat!(
            "
        SELECT d.seq FROM ",
            $names,
            " n CROSS JOIN document d WHERE d.reference = n.name
        UNION SELECT b.document_seq FROM ",
            $names,
            " n CROSS JOIN batch_document b WHERE b.name = n.name"
        )
    };
}

/// Exceptions that are open.
macro_rules! is_open {
    ($row:literal) => {
        concat!($row, ".state IN ('open', 'in_progress', 'on_hold')")
    };
}

/// Of what cells are worked out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// Of everything.
    All,
    /// Of the places that are out of date.
    Stale,
}

/// A temporary table and what fills it, of everything and of the places that are out of date.
struct Near {
    name: &'static str,
    columns: &'static str,
    all: &'static str,
    stale: &'static str,
}

/// Names that are nothing but a document and the entry that books it stand in the cells with their lines
/// alone. Of all others, what the terms of the tie-out read: their entries and documents, wherever they are.
/// In the order in which each table is filled from those before it.
const NEAR: &[Near] = &[
    Near {
        name: "near_place",
        columns: "(entity TEXT NOT NULL, period TEXT NOT NULL, PRIMARY KEY (entity, period)) WITHOUT ROWID",
        all: "SELECT '', '' WHERE false",
        stale: concat!(
            "WITH touched (name) AS MATERIALIZED (
                SELECT name FROM tie_out_touched UNION SELECT reference FROM dirty_reference
                UNION SELECT ",
            home_name!("e"),
            " FROM dirty_reference w CROSS JOIN entry e WHERE e.reference = w.reference
                UNION SELECT ",
            wanted_name!("d"),
            " FROM dirty_reference w CROSS JOIN document d WHERE d.reference = w.reference),
            touched_entry (seq) AS MATERIALIZED (",
            entries_of!("touched"),
            " UNION SELECT e.seq FROM detection_state s CROSS JOIN entry e WHERE e.seq > s.entry_seq),
            touched_document (seq) AS MATERIALIZED (",
            documents_of!("touched"),
            " UNION SELECT d.seq FROM detection_state s CROSS JOIN document d WHERE d.seq > s.document_seq)
            SELECT entity, period FROM tie_out_stale
            UNION SELECT e.entity, e.period FROM touched_entry t CROSS JOIN entry e WHERE e.seq = t.seq
            UNION SELECT x.entity, x.period FROM touched_document t CROSS JOIN expectation x
            WHERE x.document_seq = t.seq AND x.entity IS NOT NULL AND x.period IS NOT NULL"
        ),
    },
    Near {
        name: "near_name",
        columns: "(name TEXT PRIMARY KEY) WITHOUT ROWID",
        all: concat!(
            "SELECT d.reference FROM exception x CROSS JOIN document d
            WHERE ",
            is_open!("x"),
            " AND x.subject_kind = 'document' AND d.seq = x.document_seq
            UNION SELECT x.subject FROM exception x WHERE ",
            is_open!("x"),
            " AND x.subject_kind = 'reference'
            UNION SELECT coalesce(e.reference, e.id)
            FROM exception x CROSS JOIN unmatched_entry u CROSS JOIN entry e
            WHERE ",
            is_open!("x"),
            " AND x.kind = 'clearing_mismatch' AND u.entity = x.entity AND u.currency = x.currency
                AND e.seq = u.entry_seq
            UNION SELECT name FROM tolerated
            UNION SELECT ",
            wanted_name!("d"),
            " FROM expectation x LEFT JOIN detection_horizon h ON h.entity = x.entity
            CROSS JOIN document d
            WHERE x.books = 1 AND (h.reached IS NULL OR x.due_at > h.reached) AND d.seq = x.document_seq
            UNION SELECT reference FROM entry WHERE reference IS NOT NULL
            GROUP BY reference HAVING count(*) > 1
            UNION SELECT ",
            home_name!("e"),
            " FROM posting_step s CROSS JOIN entry e
            WHERE e.external_id = s.key AND length(e.external_id) = 20
            UNION SELECT ",
            home_name!("e"),
            " FROM settlement s CROSS JOIN entry e WHERE e.seq = s.entry_seq
            UNION SELECT name FROM batch_entry WHERE live = 1"
        ),
        stale: concat!(
            "WITH found (name, reference) AS MATERIALIZED (
            SELECT ",
            home_name!("e"),
            ", e.reference FROM near_place p CROSS JOIN entry e
            WHERE e.entity = p.entity AND e.period = p.period
            UNION SELECT ",
            wanted_name!("d"),
            ", d.reference FROM near_place p CROSS JOIN expectation x CROSS JOIN document d
            WHERE x.entity = p.entity AND x.period = p.period AND d.seq = x.document_seq)
            SELECT DISTINCT f.name FROM found f
            WHERE f.name IS NOT f.reference OR (SELECT count(*) FROM entry e WHERE e.reference = f.name) <> 1
                OR EXISTS (
                    SELECT 1 FROM exception x WHERE x.subject_kind = 'reference' AND x.subject = f.name)
                OR EXISTS (
                    SELECT 1 FROM document d CROSS JOIN exception x
                    WHERE d.reference = f.name AND x.document_seq = d.seq)
                OR EXISTS (
                    SELECT 1 FROM document d CROSS JOIN expectation x
                    LEFT JOIN detection_horizon h ON h.entity = x.entity
                    WHERE d.reference = f.name AND x.document_seq = d.seq
                        AND (h.reached IS NULL OR x.due_at > h.reached))
                OR EXISTS (
                    SELECT 1 FROM entry e CROSS JOIN unmatched_entry u
                    WHERE e.reference = f.name AND u.entry_seq = e.seq)
                OR EXISTS (SELECT 1 FROM tolerated t WHERE t.name = f.name)"
        ),
    },
    Near {
        name: "near_entry",
        columns: "(seq INTEGER PRIMARY KEY, id TEXT, reference TEXT, external_id TEXT, entity TEXT,
            currency TEXT, period TEXT, status TEXT, netted INTEGER)",
        all: concat!(
            "WITH found (seq) AS MATERIALIZED (
            SELECT entry_seq FROM set_apart WHERE what = 'released'
            UNION",
            entries_of!("near_name"),
            ")
            SELECT e.seq, e.id, e.reference, e.external_id, e.entity, e.currency, e.period, e.status, e.netted
            FROM found f CROSS JOIN entry e WHERE e.seq = f.seq"
        ),
        stale: concat!(
            "WITH found (seq) AS MATERIALIZED (
            SELECT e.seq FROM near_place p CROSS JOIN entry e CROSS JOIN set_apart a
            WHERE e.entity = p.entity AND e.period = p.period AND a.entry_seq = e.seq AND a.what = 'released'
            UNION",
            entries_of!("near_name"),
            ")
            SELECT e.seq, e.id, e.reference, e.external_id, e.entity, e.currency, e.period, e.status, e.netted
            FROM found f CROSS JOIN entry e WHERE e.seq = f.seq"
        ),
    },
    Near::of(
        "near_line",
        "(entry_seq INTEGER NOT NULL, line_no INTEGER NOT NULL, account TEXT,
            transaction_minor INTEGER, PRIMARY KEY (entry_seq, line_no)) WITHOUT ROWID",
        "SELECT k.entry_seq, k.line_no, k.account, k.transaction_minor
            FROM near_entry n CROSS JOIN entry_line k WHERE k.entry_seq = n.seq",
    ),
    Near::of(
        "near_settlement",
        "(entry_seq INTEGER PRIMARY KEY, document_seq INTEGER)",
        "SELECT s.entry_seq, s.document_seq FROM near_entry n CROSS JOIN settlement s
            WHERE s.entry_seq = n.seq",
    ),
    Near::of(
        "near_apart",
        "(entry_seq INTEGER PRIMARY KEY, what TEXT)",
        "SELECT a.entry_seq, a.what FROM near_entry n CROSS JOIN set_apart a WHERE a.entry_seq = n.seq",
    ),
    Near::of(
        "near_batch_entry",
        "(entry_seq INTEGER PRIMARY KEY, name TEXT, live INTEGER)",
        "SELECT b.entry_seq, b.name, b.live FROM near_entry n CROSS JOIN batch_entry b
            WHERE b.entry_seq = n.seq",
    ),
    Near::of(
        "near_tolerated",
        "(name TEXT PRIMARY KEY) WITHOUT ROWID",
        "SELECT t.name FROM near_name n CROSS JOIN tolerated t WHERE t.name = n.name",
    ),
    Near {
        name: "near_release",
        columns: "(document_seq INTEGER, what TEXT, revenue TEXT, period TEXT, account TEXT, due_at INTEGER,
            counts INTEGER, minor INTEGER)",
        all: "SELECT document_seq, what, revenue, period, account, due_at, counts, minor FROM schedule_line",
        stale: "SELECT l.document_seq, l.what, l.revenue, l.period, l.account, l.due_at, l.counts, l.minor
            FROM schedule_line l CROSS JOIN expectation x
            WHERE x.document_seq = l.document_seq
                AND (x.entity, l.period) IN (SELECT entity, period FROM near_place)",
    },
    Near::of(
        "near_document",
        "(seq INTEGER PRIMARY KEY, reference TEXT, status TEXT, currency TEXT, total_minor INTEGER,
            UNIQUE (reference, seq))",
        concat!(
            "WITH found (seq) AS MATERIALIZED (",
            documents_of!("near_name"),
            "
            UNION SELECT document_seq FROM near_release
            UNION SELECT p.document_seq FROM near_entry n CROSS JOIN posting_step s CROSS JOIN posting p
            WHERE s.key = n.external_id AND length(n.external_id) = 20 AND p.seq = s.posting_seq
            UNION SELECT document_seq FROM near_settlement)
            SELECT d.seq, d.reference, d.status, d.currency, d.total_minor
            FROM found f CROSS JOIN document d WHERE d.seq = f.seq"
        ),
    ),
    Near::of(
        "near_expectation",
        "(document_seq INTEGER PRIMARY KEY, entity TEXT, period TEXT, due_at INTEGER, books INTEGER)",
        "SELECT x.document_seq, x.entity, x.period, x.due_at, x.books
            FROM near_document n CROSS JOIN expectation x WHERE x.document_seq = n.seq",
    ),
    Near::of(
        "near_exception",
        "(seq INTEGER PRIMARY KEY, kind TEXT, subject_kind TEXT, subject TEXT, document_seq INTEGER,
            entity TEXT, period TEXT, currency TEXT, state TEXT, UNIQUE (subject, seq))",
        "WITH found (seq) AS MATERIALIZED (
            SELECT x.seq FROM near_document n CROSS JOIN exception x WHERE x.document_seq = n.seq
            UNION SELECT x.seq FROM near_name n CROSS JOIN exception x
            WHERE x.subject_kind = 'reference' AND x.subject = n.name
            UNION SELECT x.seq FROM exception x WHERE x.subject_kind = 'connection')
            SELECT x.seq, x.kind, x.subject_kind, x.subject, x.document_seq, x.entity, x.period, x.currency,
                x.state
            FROM found f CROSS JOIN exception x WHERE x.seq = f.seq",
    ),
];

impl Near {
    const fn of(name: &'static str, columns: &'static str, rows: &'static str) -> Self {
        Self { name, columns, all: rows, stale: rows }
    }
}

/// What is near, in the place of the tables.
const IN_PLACE: &str = "entry AS (SELECT * FROM near_entry), entry_line AS (SELECT * FROM near_line),
    settlement AS (SELECT * FROM near_settlement), set_apart AS (SELECT * FROM near_apart),
    batch_entry AS (SELECT * FROM near_batch_entry), tolerated AS (SELECT * FROM near_tolerated),
    schedule_line AS (SELECT * FROM near_release), document AS (SELECT * FROM near_document),
    expectation AS (SELECT * FROM near_expectation),
    exception AS (SELECT * FROM near_exception)";

/// The lines of what is near where roles have further accounts.
const NEAR_LINES_BY_ROLE: &str = concat!(
    "SELECT entry_seq, line_no, account, transaction_minor FROM (",
    lines_by_role!("near_entry n CROSS JOIN main.entry_line k ON k.entry_seq = n.seq"),
    ")"
);

/// [`BOOKS`] of every name, which takes no name to sum up; `settled` is of what is near. `{place}`,
/// `{expected}` and `{booked}` narrow it to places; `{lines}` are the lines, by role.
const SUMS: &str = "
    billed AS (
        SELECT x.entity, d.currency, x.period, l.account, sum(l.amount_minor) AS minor
        FROM {place} main.expectation x CROSS JOIN main.document d CROSS JOIN expected_line l
        WHERE {expected} x.books = 1 AND d.seq = x.document_seq AND d.status <> 'draft'
            AND l.document_seq = x.document_seq
        GROUP BY x.entity, d.currency, x.period, l.account
        UNION ALL
        SELECT entity, currency, period, account, minor FROM scheduled WHERE due = 1),
    ledger AS (
        SELECT e.entity, e.currency, e.period, l.account, sum(l.transaction_minor) AS minor,
            sum(CASE WHEN e.netted = 1 THEN l.transaction_minor ELSE 0 END) AS corrected,
            max(EXISTS (
                SELECT 1 FROM {lines} k
                WHERE k.entry_seq = e.seq AND k.account IN (SELECT account FROM control_account))) AS beside
        FROM {place} main.entry e CROSS JOIN {lines} l
        WHERE {booked} e.status = 'booked' AND l.entry_seq = e.seq
        GROUP BY e.entity, e.currency, e.period, l.account),
    settled AS (
        SELECT h.entity, h.currency, h.period, l.account, sum(l.transaction_minor) AS minor
        FROM settlement s JOIN home h ON h.seq = s.entry_seq JOIN entry_line l ON l.entry_seq = s.entry_seq
        WHERE s.document_seq IS NULL AND h.name NOT IN (SELECT name FROM named)
        GROUP BY h.entity, h.currency, h.period, l.account),
    apart AS (
        SELECT e.entity, e.currency, e.period, l.account, a.what, sum(l.transaction_minor) AS minor
        FROM {place} main.entry e CROSS JOIN main.set_apart a CROSS JOIN {lines} l
        WHERE {booked} e.status = 'booked' AND e.netted = 0 AND a.entry_seq = e.seq AND l.entry_seq = e.seq
        GROUP BY e.entity, e.currency, e.period, l.account, a.what),
    beside AS (SELECT entity, currency, period, account FROM ledger WHERE beside = 1),";

/// What entries have that touch a control account.
const BESIDE: &str = "
    beside AS (
        SELECT DISTINCT h.entity, h.currency, h.period, l.account
        FROM home h JOIN entry_line l ON l.entry_seq = h.seq
        WHERE EXISTS (
            SELECT 1 FROM entry_line k
            WHERE k.entry_seq = h.seq AND k.account IN (SELECT account FROM control_account))),";

/// The cells. What is on an account that nothing watches is left out where it is read, because what another
/// place has can make it watched.
const CELLS: &str = ",
    watching AS (
        SELECT entity, currency, period, account FROM billed
        UNION SELECT entity, currency, period, account FROM released
        UNION SELECT entity, currency, period, account FROM beside)
    SELECT c.entity, c.period, c.currency, c.account, sum(c.billing) AS billing, sum(c.ledger) AS ledger,
        sum(c.corrected) AS corrected, sum(c.shifted) AS shifted, sum(c.settled) AS settled,
        sum(c.not_ours) AS not_ours, sum(c.noted) AS noted, sum(c.tolerated) AS tolerated,
        sum(c.opening) AS opening, sum(c.explained) AS explained, sum(c.transit) AS transit,
        sum(c.exceptions) AS exceptions, max(c.watches) AS watches, max(c.stands) AS stands
    FROM (
        SELECT entity, currency, period, account, minor AS billing, 0 AS ledger, 0 AS corrected, 0 AS shifted,
            0 AS settled, 0 AS not_ours, 0 AS noted, 0 AS tolerated, 0 AS opening, 0 AS explained,
            0 AS transit, 0 AS exceptions, 0 AS watches, 1 AS stands FROM billed
        UNION ALL
        SELECT entity, currency, period, account, 0, minor, corrected, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
        FROM ledger
        UNION ALL
        SELECT entity, currency, period, account, 0, 0, 0, minor, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 FROM shifts
        UNION ALL
        SELECT entity, currency, period, account, 0, 0, 0, 0, minor, 0, 0, 0, 0, 0, 0, 0, 0, 1 FROM settled
        UNION ALL
        SELECT entity, currency, period, account, 0, 0, 0, 0, 0,
            CASE what WHEN 'not_ours' THEN minor ELSE 0 END,
            CASE WHEN what IN ('noted', 'explained') THEN minor ELSE 0 END, 0,
            CASE WHEN what IN ('before', 'opening') THEN minor ELSE 0 END, 0, 0, 0, 0, 0 FROM apart
        UNION ALL
        SELECT entity, currency, period, account, 0, 0, 0, 0, 0, 0, 0, minor, 0, 0, 0, 0, 0, 1 FROM taken
        UNION ALL
        SELECT entity, currency, period, account, 0, 0, 0, 0, 0, 0, 0, 0, 0, minor, 0, exceptions, 0, 1
        FROM explained
        UNION ALL
        SELECT entity, currency, period, account, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, minor, 0, 0, 1 FROM transit
        UNION ALL
        SELECT entity, currency, period, account, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0 FROM watching) c";

const GROUPED: &str = "
    GROUP BY c.entity, c.period, c.currency, c.account
    ORDER BY c.entity, c.period, c.currency, c.account";

fn list(db: &Db, sql: &str) -> Result<Vec<Cell>> {
    Ok(db.prepare(sql)?.query_map([], table::read)?.collect::<rusqlite::Result<_>>()?)
}

/// All cells by their definition: what those that are kept are held against.
fn defined(db: &Db) -> Result<Vec<Cell>> {
    list(db, &by_role(db, format!("{NAMES}{BOOKS}{BESIDE}{SHARES}{CELLS}{GROUPED}"))?)
}

/// The cells of everything, or of the places that are out of date.
fn worked_out(db: &Db, scope: Scope) -> Result<Vec<Cell>> {
    let roles = has_roles(db)?;
    for near in NEAR {
        let rows = if scope == Scope::All { near.all } else { near.stale };
        let by_role = roles && near.name == "near_line";
        db.set_aside(near.name, near.columns, if by_role { NEAR_LINES_BY_ROLE } else { rows })?;
    }
    let (place, expected, booked, here) = match scope {
        Scope::All => ("", "", "", ""),
        Scope::Stale => (
            "near_place p CROSS JOIN",
            "x.entity = p.entity AND x.period = p.period AND",
            "e.entity = p.entity AND e.period = p.period AND",
            "WHERE (c.entity, c.period) IN (SELECT entity, period FROM near_place)",
        ),
    };
    let lines =
        if roles { concat!("(", lines_by_role!("main.entry_line k"), ")") } else { "main.entry_line" };
    let sums = [("{place}", place), ("{expected}", expected), ("{booked}", booked), ("{lines}", lines)];
    let sums = sums.iter().fold(SUMS.to_owned(), |sums, (mark, with)| sums.replace(mark, with));
    let terms = NAMES.replacen("WITH ", &format!("WITH {IN_PLACE}, "), 1);
    list(db, &format!("{terms}{sums}{SHARES}{CELLS} {here}{GROUPED}"))
}

/// The places that are out of date, and their cells.
fn fresh(db: &Db) -> Result<(Vec<Place>, Vec<Cell>)> {
    let cells = worked_out(db, Scope::Stale)?;
    let mut places = db.prepare_cached("SELECT entity, period FROM near_place")?;
    let places = places.query_map([], |row| Ok(Place { entity: row.get(0)?, period: row.get(1)? }))?;
    Ok((places.collect::<rusqlite::Result<_>>()?, cells))
}

/// All cells, worked out from the books.
pub(super) fn anew(db: &Db) -> Result<Vec<Cell>> {
    db.at_once(|db| worked_out(db, Scope::All))
}

/// All cells as they are now: those that are kept, those that are out of date worked out.
pub(crate) fn current(db: &Db) -> Result<Vec<Cell>> {
    if !table::is_kept(db)? {
        return anew(db);
    }
    let mut cells = table::kept(db)?;
    if table::is_stale(db)? {
        let (places, fresh) = db.at_once(fresh)?;
        let stale =
            |cell: &Cell| places.iter().any(|at| at.entity == cell.entity && at.period == cell.period);
        cells.retain(|cell| !stale(cell));
        cells.extend(fresh);
    }
    Ok(cells)
}

/// Marks what an entity's schedules release between two due times, where its horizon moved over them.
pub(crate) fn mark_due(tx: &Tx<'_>, entity: &str, after: i64, upto: i64) -> Result<()> {
    if table::is_kept(tx)? {
        tx.prepare_cached(FELL_DUE)?.execute((entity, after, upto))?;
    }
    Ok(())
}

/// Keeps the cells up after a detection, whose tables of work are still there: all of them where it looked
/// at everything.
pub(crate) fn keep_up(tx: &Tx<'_>) -> Result<()> {
    if table::is_kept(tx)? {
        tx.execute_batch(LOOKED_AT)?;
        if table::is_stale(tx)? {
            let (places, cells) = fresh(tx)?;
            table::keep(tx, &places, &cells)?;
        }
    } else {
        table::forget(tx)?;
        table::keep(tx, &[], &worked_out(tx, Scope::All)?)?;
    }
    #[cfg(debug_assertions)]
    agrees(tx)?;
    Ok(())
}

/// Stops a debug build where a small ledger's cells that are kept are not what the books say: something that
/// changed was not marked.
#[cfg(debug_assertions)]
fn agrees(tx: &Tx<'_>) -> Result<()> {
    const SMALL: i64 = 2_000;
    let last = "SELECT coalesce(max(seq), 0) FROM entry";
    let last: i64 = tx.prepare_cached(last)?.query_row([], |row| row.get(0))?;
    if last <= SMALL {
        assert_eq!(table::kept(tx)?, defined(tx)?, "cells of the tie-out are out of date");
    }
    Ok(())
}

/// How many cells that are kept and not out of date are not what the books say.
pub(crate) fn misplaced(db: &Db) -> Result<usize> {
    if !table::is_kept(db)? {
        return Ok(0);
    }
    let (kept, made) = (current(db)?, defined(db)?);
    let by_key = |cells: &[Cell]| -> BTreeMap<_, Cell> {
        let key = |cell: &Cell| {
            (cell.entity.clone(), cell.period.clone(), cell.currency.to_string(), cell.account.clone())
        };
        cells.iter().map(|cell| (key(cell), cell.clone())).collect()
    };
    let (kept, made) = (by_key(&kept), by_key(&made));
    let keys: BTreeSet<_> = kept.keys().chain(made.keys()).collect();
    Ok(keys.into_iter().filter(|key| kept.get(*key) != made.get(*key)).count())
}
