//! Tables `entry` and `entry_line`: what the ERPs' ledgers hold.

use rusqlite::{Connection, OptionalExtension, Row, params};
use rust_decimal::Decimal;
use tieout_domain::{
    ConnectionId, EntityCode, EntryId,
    calendar::PeriodKey,
    ledger::{EntityRef, EntryStatus, LedgerEntry, LedgerLine},
};

use crate::{
    error::Result,
    migrate::Migration,
    sql::{at_opt, date, ms_opt, parsed, text, text_opt, unreadable},
    store::Store,
    table::{connection, dirty},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE entry (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, connection_seq INTEGER
      NOT NULL,
            erp_id TEXT NOT NULL, number TEXT, external_id TEXT, reference TEXT, entity TEXT NOT NULL,
            posting_date TEXT NOT NULL, period TEXT NOT NULL, status TEXT NOT NULL, currency TEXT NOT NULL,
            functional_currency TEXT NOT NULL, rate TEXT, reverses TEXT, created_at INTEGER, changed_at
              INTEGER,
            memo TEXT, page_seq INTEGER NOT NULL, netted INTEGER NOT NULL DEFAULT 0,
            UNIQUE (connection_seq, erp_id));
          CREATE INDEX entry_by_reference ON entry (reference);
          CREATE TABLE entry_line (entry_seq INTEGER NOT NULL, line_no INTEGER NOT NULL, account TEXT
            NOT NULL,
            transaction_minor INTEGER NOT NULL, functional_minor INTEGER NOT NULL, memo TEXT,
            PRIMARY KEY (entry_seq, line_no)) WITHOUT ROWID;",
}];

/// How an entity is stored that the ERP names by its own id and no mapping has named yet.
const BY_ERP_ID: &str = "erp:";

/// An entry as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its id.
    pub id: EntryId,
    /// The connection that it came by.
    pub connection: ConnectionId,
    /// True when it and its reversal cancel out.
    pub netted: bool,
    /// The entry.
    pub entry: LedgerEntry,
}

fn entity_text(entity: &EntityRef) -> String {
    match entity {
        EntityRef::Code(code) => code.to_string(),
        EntityRef::ErpId(id) => format!("{BY_ERP_ID}{id}"),
    }
}

fn entity_ref(text: &str) -> rusqlite::Result<EntityRef> {
    match text.strip_prefix(BY_ERP_ID) {
        Some(id) => Ok(EntityRef::ErpId(id.to_owned())),
        None => Ok(EntityRef::Code(parsed(text)?)),
    }
}

fn status(name: &str) -> rusqlite::Result<EntryStatus> {
    let all = [EntryStatus::Booked, EntryStatus::Unbooked, EntryStatus::Void];
    all.into_iter().find(|s| s.as_str() == name).ok_or_else(|| unreadable(name))
}

/// An entry without its lines, from its own columns.
fn read_header(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    Ok(LedgerEntry {
        erp_id: row.get("erp_id")?,
        number: row.get("number")?,
        external_id: row.get("external_id")?,
        reference: row.get("reference")?,
        entity: entity_ref(row.get_ref("entity")?.as_str()?)?,
        posting_date: text(row, "posting_date")?,
        period: PeriodKey::new(row.get::<_, String>("period")?),
        status: status(row.get_ref("status")?.as_str()?)?,
        currency: text(row, "currency")?,
        functional_currency: text(row, "functional_currency")?,
        rate: text_opt(row, "rate")?,
        reverses: row.get("reverses")?,
        created_at: at_opt(row, "created_at")?,
        changed_at: at_opt(row, "changed_at")?,
        memo: row.get("memo")?,
        lines: Vec::new(),
    })
}

fn lines(sqlite: &Connection, entry_seq: i64) -> Result<Vec<LedgerLine>> {
    let mut statement = sqlite.prepare_cached(
        "SELECT account, transaction_minor, functional_minor, memo FROM entry_line WHERE entry_seq = ?1
         ORDER BY line_no",
    )?;
    let rows = statement.query_map([entry_seq], |row| {
        Ok(LedgerLine {
            account: text(row, "account")?,
            transaction_minor: row.get("transaction_minor")?,
            functional_minor: row.get("functional_minor")?,
            memo: row.get("memo")?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What writing an entry came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It was not there.
    New,
    /// It changed.
    Changed,
    /// Nothing changed.
    Same,
}

/// Writes an entry: new, changed or as it was. The references of one that changed, and that of the entry
/// that it reverses, are compared again; a new one detection finds by itself.
pub(crate) fn put(
    sqlite: &Connection,
    (connection_seq, connection_id): (i64, &str),
    entry: &LedgerEntry,
    page_seq: i64,
) -> Result<Put> {
    if insert(sqlite, (connection_seq, connection_id), entry, page_seq)? {
        insert_lines(sqlite, sqlite.last_insert_rowid(), &entry.lines)?;
        mark_reversed(sqlite, connection_seq, entry)?;
        return Ok(Put::New);
    }
    let (seq, mut old) = sqlite
        .prepare_cached("SELECT * FROM entry WHERE connection_seq = ?1 AND erp_id = ?2")?
        .query_row(params![connection_seq, entry.erp_id], |row| {
            Ok((row.get::<_, i64>("seq")?, read_header(row)?))
        })?;
    old.lines = lines(sqlite, seq)?;
    if same(&old, entry) {
        return Ok(Put::Same);
    }
    update(sqlite, seq, entry, page_seq)?;
    sqlite.prepare_cached("DELETE FROM entry_line WHERE entry_seq = ?1")?.execute([seq])?;
    insert_lines(sqlite, seq, &entry.lines)?;
    mark(sqlite, connection_seq, &old)?;
    mark(sqlite, connection_seq, entry)?;
    Ok(Put::Changed)
}

/// True when nothing differs as it is stored: instants to the millisecond, rates by value.
fn same(old: &LedgerEntry, new: &LedgerEntry) -> bool {
    let mut new = new.clone();
    new.created_at = new.created_at.map(|at| at - chrono::Duration::nanoseconds(sub_millisecond(at)));
    new.changed_at = new.changed_at.map(|at| at - chrono::Duration::nanoseconds(sub_millisecond(at)));
    *old == new
}

fn sub_millisecond(at: chrono::DateTime<chrono::Utc>) -> i64 {
    i64::from(at.timestamp_subsec_nanos() % 1_000_000)
}

/// The references to be compared again: its own, and that of the entry that it reverses.
fn mark(sqlite: &Connection, connection_seq: i64, entry: &LedgerEntry) -> Result<()> {
    if let Some(reference) = &entry.reference {
        dirty::mark_reference(sqlite, reference)?;
    }
    mark_reversed(sqlite, connection_seq, entry)
}

fn mark_reversed(sqlite: &Connection, connection_seq: i64, entry: &LedgerEntry) -> Result<()> {
    if let Some(reverses) = &entry.reverses {
        sqlite
            .prepare_cached(
                "INSERT INTO dirty_reference (reference) SELECT reference FROM entry
                 WHERE connection_seq = ?1 AND erp_id = ?2 AND reference IS NOT NULL ON CONFLICT DO
                   NOTHING",
            )?
            .execute(params![connection_seq, reverses])?;
    }
    Ok(())
}

fn insert(
    sqlite: &Connection,
    (connection_seq, connection_id): (i64, &str),
    entry: &LedgerEntry,
    page_seq: i64,
) -> Result<bool> {
    let id = EntryId::derive(&[connection_id, &entry.erp_id]);
    let count = sqlite
        .prepare_cached(
            "INSERT INTO entry (id, connection_seq, erp_id, number, external_id, reference, entity,
              posting_date, period,
               status, currency, functional_currency, rate, reverses, created_at, changed_at, memo,
                 page_seq)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
             ON CONFLICT (connection_seq, erp_id) DO NOTHING",
        )?
        .execute(params![
            id.as_str(),
            connection_seq,
            entry.erp_id,
            entry.number,
            entry.external_id,
            entry.reference,
            entity_text(&entry.entity),
            date(entry.posting_date),
            entry.period.as_str(),
            entry.status.as_str(),
            entry.currency.code(),
            entry.functional_currency.code(),
            entry.rate.as_ref().map(Decimal::to_string),
            entry.reverses,
            ms_opt(entry.created_at),
            ms_opt(entry.changed_at),
            entry.memo,
            page_seq,
        ])?;
    Ok(count > 0)
}

fn update(sqlite: &Connection, seq: i64, entry: &LedgerEntry, page_seq: i64) -> Result<()> {
    sqlite
        .prepare_cached(
            "UPDATE entry SET number = ?2, external_id = ?3, reference = ?4, entity = ?5, posting_date = ?6,
               period = ?7, status = ?8, currency = ?9, functional_currency = ?10, rate = ?11, reverses
                 = ?12,
               created_at = ?13, changed_at = ?14, memo = ?15, page_seq = ?16 WHERE seq = ?1",
        )?
        .execute(params![
            seq,
            entry.number,
            entry.external_id,
            entry.reference,
            entity_text(&entry.entity),
            date(entry.posting_date),
            entry.period.as_str(),
            entry.status.as_str(),
            entry.currency.code(),
            entry.functional_currency.code(),
            entry.rate.as_ref().map(Decimal::to_string),
            entry.reverses,
            ms_opt(entry.created_at),
            ms_opt(entry.changed_at),
            entry.memo,
            page_seq,
        ])?;
    Ok(())
}

fn insert_lines(sqlite: &Connection, entry_seq: i64, lines: &[LedgerLine]) -> Result<()> {
    let mut statement = sqlite.prepare_cached(
        "INSERT INTO entry_line (entry_seq, line_no, account, transaction_minor, functional_minor, memo)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for (index, line) in lines.iter().enumerate() {
        statement.execute(params![
            entry_seq,
            i64::try_from(index + 1).unwrap_or(i64::MAX),
            line.account.as_str(),
            line.transaction_minor,
            line.functional_minor,
            line.memo,
        ])?;
    }
    Ok(())
}

impl Store {
    /// The entries that carry this reference, of all ERP connections, oldest first.
    ///
    /// # Errors
    /// A database error.
    pub fn entries_by_reference(&self, reference: &str) -> Result<Vec<StoredEntry>> {
        self.entries_where("e.reference = ?1", reference)
    }

    /// The entry of this id.
    ///
    /// # Errors
    /// A database error.
    pub fn entry(&self, id: &EntryId) -> Result<Option<StoredEntry>> {
        Ok(self.entries_where("e.id = ?1", id.as_str())?.pop())
    }

    /// The entries that the ERP holds under this external id: the posting key, for our own.
    ///
    /// # Errors
    /// A database error.
    pub fn entries_by_key(&self, key: &str) -> Result<Vec<StoredEntry>> {
        // The second condition lets the index over keys, all of 20 characters, be used.
        self.entries_where("e.external_id = ?1 AND length(e.external_id) = 20", key)
    }

    fn entries_where(&self, condition: &str, value: &str) -> Result<Vec<StoredEntry>> {
        let query = format!(
            "SELECT e.*, c.id AS connection_id FROM entry e JOIN connection c ON c.seq = e.connection_seq
             WHERE {condition} ORDER BY e.seq"
        );
        let mut statement = self.connection.prepare_cached(&query)?;
        let mut rows = statement.query([value])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let mut entry = read_header(row)?;
            entry.lines = lines(&self.connection, row.get("seq")?)?;
            found.push(StoredEntry {
                id: text(row, "id")?,
                connection: text(row, "connection_id")?,
                netted: row.get("netted")?,
                entry,
            });
        }
        Ok(found)
    }

    /// Gives entries whose entity is known only by the ERP's id their code, as a mapping says it.
    /// Answers how many entries were named.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn name_entities(&mut self, erp: &ConnectionId, names: &[(String, EntityCode)]) -> Result<usize> {
        self.write(|tx| {
            let seq = connection::seq(tx, erp)?;
            let mut named = 0;
            for (erp_id, code) in names {
                let unnamed = format!("{BY_ERP_ID}{erp_id}");
                tx.execute(
                    "INSERT INTO dirty_reference (reference) SELECT DISTINCT reference FROM entry
                     WHERE connection_seq = ?1 AND entity = ?2 AND reference IS NOT NULL ON CONFLICT DO
                       NOTHING",
                    params![seq, unnamed],
                )?;
                named += tx.execute(
                    "UPDATE entry SET entity = ?3 WHERE connection_seq = ?1 AND entity = ?2",
                    params![seq, unnamed, code.as_str()],
                )?;
            }
            Ok(named)
        })
    }

    /// The entry that an ERP holds under its own id.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn entry_by_erp_id(&self, erp: &ConnectionId, erp_id: &str) -> Result<Option<StoredEntry>> {
        let seq = connection::seq(&self.connection, erp)?;
        let id: Option<String> = self
            .connection
            .prepare_cached("SELECT id FROM entry WHERE connection_seq = ?1 AND erp_id = ?2")?
            .query_row(params![seq, erp_id], |row| row.get(0))
            .optional()?;
        match id {
            Some(id) => Ok(self.entries_where("e.id = ?1", &id)?.pop()),
            None => Ok(None),
        }
    }
}
