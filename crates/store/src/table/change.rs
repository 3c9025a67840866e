//! Tables `change` and `change_approval`: governed changes (mappings, policies, duties, column maps), inert
//! until they are in force.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{ChangeId, PersonId};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
    sql::{at, at_opt, ms, named, stored_enum, text, text_opt},
    table::dirty,
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE change (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
            name TEXT NOT NULL, content TEXT NOT NULL, hash TEXT NOT NULL, author TEXT NOT NULL,
            proposed_at INTEGER NOT NULL, state TEXT NOT NULL, decided_by TEXT, decided_at INTEGER);
          CREATE UNIQUE INDEX change_in_force ON change (kind, name) WHERE state = 'in_force';",
    },
    // Until then the log alone knew who had approved a change that needs another approval.
    Migration {
        version: 5,
        sql: "CREATE TABLE change_approval (seq INTEGER PRIMARY KEY, change_id TEXT NOT NULL,
            person TEXT NOT NULL, at INTEGER NOT NULL, log_number INTEGER NOT NULL);
          CREATE INDEX change_approval_by_change ON change_approval (change_id);
          INSERT INTO change_approval (change_id, person, at, log_number)
            SELECT subject, signer, at, number FROM log
            WHERE what = 'change_first_approval' AND signer IS NOT NULL ORDER BY number;",
    },
    // Until then whatever was connected could post. What has been approved to be sent to goes on; the hash is
    // that of the text.
    Migration {
        version: 7,
        sql: "INSERT INTO change (id, kind, name, content, hash, author, proposed_at, state)
            SELECT 'chg_' || substr(c.id, 5), 'posting', c.id,
                'Posting was under way before it had to be switched on.',
                '5cebafab6b874bfb793109b988674e353e4e9cb7b06108bca29e7962a0396cd7', c.added_by,
                (SELECT min(p.proposed_at) FROM posting p WHERE p.connection_seq = c.seq), 'in_force'
            FROM connection c
            WHERE c.role = 'erp' AND c.vendor <> 'files'
                AND EXISTS (SELECT 1 FROM outbox o WHERE o.connection_seq = c.seq)
                AND NOT EXISTS (SELECT 1 FROM change g WHERE g.kind = 'posting' AND g.name = c.id)
            ON CONFLICT DO NOTHING;",
    },
];

stored_enum! {
    /// What is changed.
    ChangeKind {
        /// The account mapping.
        Mapping => "mapping",
        /// An approval policy.
        Policy => "policy",
        /// A duty.
        Duty => "duty",
        /// A file import's column map.
        ColumnMap => "column_map",
        /// What a file import expects the ledger to hold.
        Expectation => "expectation",
        /// That approved postings are sent to a connection: in force while it is switched on.
        Posting => "posting",
        /// What was open at an entity's cutover, and the difference that is carried.
        Cutover => "cutover",
        /// What a policy would have made of the late items, kept beside it; the name is the policy's id.
        Simulation => "simulation",
        /// Open items of a ledger at a cutover, from a file.
        OpenItems => "open_items",
        /// What explains entries that no document does.
        Explanation => "explanation",
        /// What explains items of a difference, in the close of a period.
        VarianceNote => "variance_note",
        /// An account of a period as it is signed: inert while it is prepared, in force once it is reviewed.
        SignOff => "sign_off",
        /// The checklist of closes.
        Checklist => "checklist",
        /// That a task of the checklist is done in the close of a period.
        TaskDone => "task_done",
        /// That the desk has closed a period softly: in force while it is.
        SoftClose => "soft_close",
        /// That a soft close is lifted.
        SoftCloseLift => "soft_close_lift",
        /// An exception to a soft close, for somebody until a time.
        LockException => "lock_exception",
        /// That limits of the policy do not hold for a posting; the name is the posting's id.
        Override => "override",
        /// That somebody decides on postings in another's place for a while.
        Delegation => "delegation",
    }
}

stored_enum! {
    /// Where a change stands.
    ChangeState {
        /// Waits for another person.
        Inert => "inert",
        /// Holds now.
        InForce => "in_force",
        /// Held until a newer one of its kind and name came in force.
        Superseded => "superseded",
        /// Was refused.
        Rejected => "rejected",
    }
}

/// A governed change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its id.
    pub id: ChangeId,
    /// What it changes.
    pub kind: ChangeKind,
    /// Its name: a newer one of the same kind and name replaces it. Of posting, the connection's id.
    pub name: String,
    /// The file's text.
    pub content: String,
    /// SHA-256 of the text, hex.
    pub hash: String,
    /// Who brought it in: a person's id or `os:<account>`.
    pub author: String,
    /// When.
    pub proposed_at: DateTime<Utc>,
    /// Where it stands.
    pub state: ChangeState,
    /// Who decided on it.
    pub decided_by: Option<PersonId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
}

/// A change to be brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// Its id.
    pub id: ChangeId,
    /// What it changes.
    pub kind: ChangeKind,
    /// Its name.
    pub name: String,
    /// The file's text.
    pub content: String,
    /// SHA-256 of the text, hex.
    pub hash: String,
    /// Who brings it in.
    pub author: String,
    /// When.
    pub at: DateTime<Utc>,
    /// True where it takes effect at once: a file import's column map and what it expects.
    pub at_once: bool,
}

/// Which changes to list. `None` asks for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeFilter {
    /// Of this kind.
    pub kind: Option<ChangeKind>,
    /// Of this name.
    pub name: Option<String>,
    /// In this state.
    pub state: Option<ChangeState>,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Change> {
    Ok(Change {
        id: text(row, "id")?,
        kind: named(row, "kind", ChangeKind::parse)?,
        name: row.get("name")?,
        content: row.get("content")?,
        hash: row.get("hash")?,
        author: row.get("author")?,
        proposed_at: at(row, "proposed_at")?,
        state: named(row, "state", ChangeState::parse)?,
        decided_by: text_opt(row, "decided_by")?,
        decided_at: at_opt(row, "decided_at")?,
    })
}

/// The change of this id.
pub(crate) fn find(db: &Db, id: &ChangeId) -> Result<Change> {
    let mut statement = db.prepare_cached("SELECT * FROM change WHERE id = ?1")?;
    let found = statement.query_row([id.as_str()], read).optional()?;
    found.ok_or_else(|| StoreError::unknown("change", id))
}

/// Makes room for a newer change of this kind and name.
pub(crate) fn supersede(tx: &Tx<'_>, kind: ChangeKind, name: &str) -> Result<()> {
    tx.execute(
        "UPDATE change SET state = 'superseded' WHERE kind = ?1 AND name = ?2 AND state = 'in_force'",
        [kind.as_str(), name],
    )?;
    if matches!(kind, ChangeKind::Mapping | ChangeKind::Expectation) {
        dirty::mark_all(tx)?;
    }
    Ok(())
}

/// The change of this kind and name that is in force.
pub(crate) fn in_force_named(db: &Db, kind: ChangeKind, name: &str) -> Result<Option<Change>> {
    let mut statement =
        db.prepare_cached("SELECT * FROM change WHERE kind = ?1 AND name = ?2 AND state = 'in_force'")?;
    Ok(statement.query_row([kind.as_str(), name], read).optional()?)
}

/// The changes that the filter asks for, newest first.
pub(crate) fn list(db: &Db, filter: &ChangeFilter) -> Result<Vec<Change>> {
    let mut statement = db.prepare_cached(
        "SELECT * FROM change WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR name = ?2)
           AND (?3 IS NULL OR state = ?3) ORDER BY seq DESC",
    )?;
    let values =
        params![filter.kind.map(ChangeKind::as_str), filter.name, filter.state.map(ChangeState::as_str)];
    Ok(statement.query_map(values, read)?.collect::<rusqlite::Result<_>>()?)
}

/// Brings a change in.
pub(crate) fn insert(tx: &Tx<'_>, new: &NewChange, state: ChangeState) -> Result<()> {
    let count = tx.execute(
        "INSERT INTO change (id, kind, name, content, hash, author, proposed_at, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
        params![
            new.id.as_str(),
            new.kind.as_str(),
            new.name,
            new.content,
            new.hash,
            new.author,
            ms(new.at),
            state.as_str()
        ],
    )?;
    if count == 0 {
        return Err(StoreError::Duplicate { what: "change", id: new.id.to_string() });
    }
    Ok(())
}

/// Notes an approval of a change that needs another one.
pub(crate) fn approve_in_part(
    tx: &Tx<'_>,
    id: &ChangeId,
    (person, at): (&PersonId, DateTime<Utc>),
    log_number: i64,
) -> Result<()> {
    tx.execute(
        "INSERT INTO change_approval (change_id, person, at, log_number) VALUES (?1, ?2, ?3, ?4)",
        params![id.as_str(), person.as_str(), ms(at), log_number],
    )?;
    Ok(())
}

/// Who approved a change that needs another approval, in order.
pub(crate) fn approvals(db: &Db, id: &ChangeId) -> Result<Vec<PersonId>> {
    let mut statement =
        db.prepare_cached("SELECT person FROM change_approval WHERE change_id = ?1 ORDER BY seq")?;
    Ok(statement.query_map([id.as_str()], |row| text(row, "person"))?.collect::<rusqlite::Result<_>>()?)
}

/// Notes what was decided on a change, by whom.
pub(crate) fn decide(
    tx: &Tx<'_>,
    id: &ChangeId,
    state: ChangeState,
    (person, at): (&PersonId, DateTime<Utc>),
) -> Result<()> {
    tx.execute(
        "UPDATE change SET state = ?2, decided_by = ?3, decided_at = ?4 WHERE id = ?1",
        params![id.as_str(), state.as_str(), person.as_str(), ms(at)],
    )?;
    Ok(())
}
