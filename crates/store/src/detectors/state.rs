//! What detection remembers from one run to the next, and the indexes that its queries need.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row};
use tieout_domain::document::{DocumentKind, Nature};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::named,
};

/// The schema of detection. `control_account`, `detection_horizon`, `ledger_entity`, `netted_pair`,
/// `settlement` and `unread_reference` can be worked out again from the rest: a run from scratch does so.
pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "
        CREATE TABLE detection_state (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            as_of INTEGER NOT NULL,      -- of the last run
            page_seq INTEGER NOT NULL);  -- the newest page that the last run saw
        CREATE TABLE control_account (account TEXT PRIMARY KEY) WITHOUT ROWID;
        -- up to which due time the entity's documents are judged: within its ledger's last complete sync
        CREATE TABLE detection_horizon (entity TEXT PRIMARY KEY, reached INTEGER NOT NULL) WITHOUT ROWID;
        -- which ERP connections hold entries of an entity
        CREATE TABLE ledger_entity (entity TEXT NOT NULL, connection_seq INTEGER NOT NULL,
            PRIMARY KEY (entity, connection_seq)) WITHOUT ROWID;
        -- an entry and the one that cancels it, both ways
        CREATE TABLE netted_pair (entry_seq INTEGER PRIMARY KEY, partner_seq INTEGER NOT NULL);
        CREATE INDEX expectation_by_due ON expectation (entity, control, due_at);
        CREATE INDEX entry_by_reverses ON entry (reverses) WHERE reverses IS NOT NULL;
        -- posting keys have 20 characters
        CREATE INDEX entry_by_key ON entry (external_id) WHERE length(external_id) = 20;
        CREATE INDEX entry_unreferenced ON entry (page_seq) WHERE reference IS NULL;
        CREATE INDEX document_by_customer ON document (connection_seq, customer)
            WHERE customer IS NOT NULL;
        CREATE INDEX ledger_customer_by_external_id ON ledger_customer (external_id)
            WHERE external_id IS NOT NULL;
        CREATE INDEX posting_by_document ON posting (document_seq);
        CREATE INDEX posting_for_reference ON posting (reference);
        CREATE INDEX posting_by_state ON posting (state);
        CREATE INDEX posting_step_moved ON posting_step (posting_seq) WHERE booked_period <> period;
        CREATE INDEX exception_by_age ON exception (since) WHERE state <> 'closed';
    ",
    },
    // The newest document and entry that the last run saw: what is newer needs no mark of its own. And the
    // functional currency of an entity, in which its customers are listed.
    Migration {
        version: 3,
        sql: "
        ALTER TABLE detection_state ADD COLUMN document_seq INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE detection_state ADD COLUMN entry_seq INTEGER NOT NULL DEFAULT 0;
        UPDATE detection_state SET document_seq = (SELECT coalesce(max(seq), 0) FROM document),
            entry_seq = (SELECT coalesce(max(seq), 0) FROM entry);
        ALTER TABLE ledger_entity ADD COLUMN currency TEXT;
        UPDATE ledger_entity SET currency = (SELECT e.functional_currency FROM entry e
            WHERE e.entity = ledger_entity.entity AND e.connection_seq = ledger_entity.connection_seq);
    ",
    },
    // References that cannot be judged because something that waits to be read could concern them. And by
    // which detectors the last run judged: none that we know, for a run before this step.
    Migration {
        version: 5,
        sql: "CREATE TABLE unread_reference (side TEXT NOT NULL, reference TEXT NOT NULL,
            PRIMARY KEY (side, reference)) WITHOUT ROWID;
        ALTER TABLE detection_state ADD COLUMN detectors TEXT NOT NULL DEFAULT '';",
    },
    // What is missing once for many documents is found by what is missing.
    Migration {
        version: 6,
        sql: "CREATE INDEX expectation_by_gap ON expectation (gap_fingerprint, document_seq)
            WHERE gap_fingerprint IS NOT NULL;",
    },
];

/// Where the last run stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LastRun {
    pub as_of: i64,
    pub page_seq: i64,
    pub document_seq: i64,
    pub entry_seq: i64,
    /// By which detectors it judged.
    pub detectors: String,
}

/// The last run; `None` before the first.
pub(super) fn last_run(db: &Db) -> Result<Option<LastRun>> {
    let mut statement = db.prepare_cached(
        "SELECT as_of, page_seq, document_seq, entry_seq, detectors FROM detection_state WHERE one = 1",
    )?;
    let read = |row: &Row<'_>| {
        Ok(LastRun {
            as_of: row.get(0)?,
            page_seq: row.get(1)?,
            document_seq: row.get(2)?,
            entry_seq: row.get(3)?,
            detectors: row.get(4)?,
        })
    };
    Ok(statement.query_row([], read).optional()?)
}

/// Notes that a run judged everything as of `as_of`, by these detectors.
pub(super) fn remember(tx: &Tx<'_>, as_of: i64, detectors: &str) -> Result<()> {
    tx.execute(
        "INSERT INTO detection_state (one, as_of, page_seq, document_seq, entry_seq, detectors)
         VALUES (1, ?1, (SELECT coalesce(max(seq), 0) FROM page),
            (SELECT coalesce(max(seq), 0) FROM document), (SELECT coalesce(max(seq), 0) FROM entry), ?2)
         ON CONFLICT (one) DO UPDATE SET as_of = excluded.as_of, page_seq = excluded.page_seq,
            document_seq = excluded.document_seq, entry_seq = excluded.entry_seq,
            detectors = excluded.detectors",
        (as_of, detectors),
    )?;
    Ok(())
}

/// Has the next run look at everything, because by what it judges has changed.
pub(crate) fn judge_all_again(tx: &Tx<'_>) -> Result<()> {
    tx.execute("UPDATE detection_state SET detectors = '' WHERE detectors <> ''", [])?;
    Ok(())
}

/// Forgets all that can be worked out again: the next run is one from scratch. Exceptions stay.
#[cfg(test)]
pub(super) fn forget(tx: &Tx<'_>) -> Result<()> {
    tx.execute_batch(
        "DELETE FROM detection_state; DELETE FROM control_account; DELETE FROM detection_horizon;
         DELETE FROM ledger_entity; DELETE FROM netted_pair; DELETE FROM settlement;
         DELETE FROM batch_document; DELETE FROM batch_entry; DELETE FROM unread_reference;
         DELETE FROM set_apart; DELETE FROM tolerated;
         DELETE FROM payout_receipt; DELETE FROM payout_line;
         DELETE FROM entry_token;
         DELETE FROM unmatched_document; DELETE FROM unmatched_entry;
         DELETE FROM document_form; DELETE FROM entry_form;
         UPDATE entry SET netted = 0 WHERE netted <> 0;",
    )?;
    Ok(())
}

/// Every (entity, control account) that expectations name: a loose scan of `expectation_by_due`, a probe or
/// two for each pair.
pub(super) fn control_pairs(db: &Db) -> Result<Vec<(String, String)>> {
    // Two probes, because a comparison of pairs would walk through the whole entity.
    let mut control = db.prepare_cached(
        "SELECT entity, control FROM expectation WHERE entity = ?1 AND control > ?2 ORDER BY control LIMIT 1",
    )?;
    let mut entity = db.prepare_cached(
        "SELECT entity, control FROM expectation WHERE entity > ?1 AND control IS NOT NULL
         ORDER BY entity, control LIMIT 1",
    )?;
    let pair = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let mut pairs: Vec<(String, String)> = Vec::new();
    loop {
        let (at_entity, at_control) = pairs.last().map_or(("", ""), |(e, c)| (e.as_str(), c.as_str()));
        let next = match control.query_row([at_entity, at_control], pair).optional()? {
            Some(next) => Some(next),
            None => entity.query_row([at_entity], pair).optional()?,
        };
        match next {
            Some(next) => pairs.push(next),
            None => return Ok(pairs),
        }
    }
}

/// Those of the pairs that are receivables: movements of a processor's balance are compared on clearing, of
/// which the ledger may hold more than billing knows. One probe for each pair, because an account has one
/// role.
fn receivables(db: &Db, pairs: &[(String, String)]) -> Result<Vec<String>> {
    let mut kind = db.prepare_cached(
        "SELECT d.kind FROM expectation x JOIN document d ON d.seq = x.document_seq
         WHERE x.entity = ?1 AND x.control = ?2 LIMIT 1",
    )?;
    let mut found = Vec::new();
    for (entity, control) in pairs {
        let of = kind.query_row([entity, control], |row| named(row, "kind", DocumentKind::parse))?;
        if of.nature() != Nature::Moves {
            found.push(control.clone());
        }
    }
    Ok(found)
}

/// Keeps the list of control accounts; true when it changed, so that every entry must be looked at again.
pub(super) fn keep_control_accounts(tx: &Tx<'_>, pairs: &[(String, String)]) -> Result<bool> {
    let mut known: Vec<String> = tx
        .prepare_cached("SELECT account FROM control_account")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut wanted = receivables(tx, pairs)?;
    known.sort();
    wanted.sort();
    wanted.dedup();
    if known == wanted {
        return Ok(false);
    }
    tx.execute("DELETE FROM control_account", [])?;
    let mut insert = tx.prepare_cached("INSERT INTO control_account (account) VALUES (?1)")?;
    for account in &wanted {
        insert.execute([account])?;
    }
    Ok(true)
}

/// Up to which due time each entity may be judged: the earlier of `as_of` and the last complete sync of
/// entries of every ERP connection that holds entries of the entity. Where none does, every ERP connection
/// must have completed one. An entity without a value is not judged.
pub(super) fn horizons(db: &Db, as_of: i64, pairs: &[(String, String)]) -> Result<BTreeMap<String, i64>> {
    let reached: BTreeMap<i64, Option<i64>> = db
        .prepare_cached(
            "SELECT c.seq, s.complete_through FROM connection c
             LEFT JOIN sync_state s ON s.connection_seq = c.seq AND s.resource = 'entries'
             WHERE c.role = 'erp'",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut serving: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut list = db.prepare_cached("SELECT entity, connection_seq FROM ledger_entity")?;
    let mut rows = list.query([])?;
    while let Some(row) = rows.next()? {
        serving.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    let all: Vec<i64> = reached.keys().copied().collect();
    let mut horizons = BTreeMap::new();
    for (entity, _) in pairs {
        let connections = serving.get(entity).unwrap_or(&all);
        let earliest: Option<Vec<i64>> =
            connections.iter().map(|seq| reached.get(seq).copied().flatten()).collect();
        if let Some(complete) = earliest.and_then(|all| all.into_iter().min()) {
            horizons.insert(entity.clone(), complete.min(as_of));
        }
    }
    Ok(horizons)
}

/// The horizons of the last run.
pub(super) fn last_horizons(db: &Db) -> Result<BTreeMap<String, i64>> {
    let mut list = db.prepare_cached("SELECT entity, reached FROM detection_horizon")?;
    let rows = list.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Keeps the horizons of this run.
pub(super) fn keep_horizons(tx: &Tx<'_>, horizons: &BTreeMap<String, i64>) -> Result<()> {
    tx.execute("DELETE FROM detection_horizon", [])?;
    let mut insert = tx.prepare_cached("INSERT INTO detection_horizon (entity, reached) VALUES (?1, ?2)")?;
    for (entity, reached) in horizons {
        insert.execute((entity, reached))?;
    }
    Ok(())
}
