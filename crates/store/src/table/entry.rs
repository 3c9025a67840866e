//! Tables `entry` and `entry_line`: what the ERPs' ledgers hold.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, Row, params};
use rust_decimal::Decimal;
use tieout_domain::{
    ConnectionId, EntityCode, EntryId,
    calendar::PeriodKey,
    ledger::{EntityRef, EntryStatus, LedgerEntry, LedgerLine},
    money::weight,
};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at_opt, date, ms_opt, parsed, text, text_opt, unreadable},
    table::{
        dirty, entry_name,
        import::Was,
        lines::of_entry,
        removal::{self, Removal},
    },
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
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
    },
    // What was there were journals, as far as anybody asked for others.
    Migration {
        version: 6,
        sql: "ALTER TABLE entry ADD COLUMN kind TEXT NOT NULL DEFAULT 'journal';
          ALTER TABLE entry ADD COLUMN part_of TEXT;
          ALTER TABLE entry ADD COLUMN counterpart TEXT;
          -- where detection counts it for a document that it names otherwise: what the ERP says
          ALTER TABLE entry ADD COLUMN said_reference TEXT;
          ALTER TABLE entry ADD COLUMN renamed INTEGER NOT NULL DEFAULT 0;
          CREATE INDEX entry_by_external_id ON entry (external_id) WHERE external_id IS NOT NULL;
          CREATE INDEX entry_by_part ON entry (connection_seq, part_of) WHERE part_of IS NOT NULL;",
    },
];

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
    /// The reference of the document that it settles under that name, rather than books.
    pub settles: Option<String>,
    /// That the ERP has it no more, as a read of everything showed or as the ERP says.
    pub removed: Option<Removal>,
    /// The entry. One that the ERP has no more is void.
    pub entry: LedgerEntry,
}

pub(crate) fn entity_text(entity: &EntityRef) -> String {
    match entity {
        EntityRef::Code(code) => code.to_string(),
        EntityRef::ErpId(id) => format!("{BY_ERP_ID}{id}"),
    }
}

pub(crate) fn entity_ref(text: &str) -> rusqlite::Result<EntityRef> {
    match text.strip_prefix(BY_ERP_ID) {
        Some(id) => Ok(EntityRef::ErpId(id.to_owned())),
        None => Ok(EntityRef::Code(parsed(text)?)),
    }
}

fn status(name: &str) -> rusqlite::Result<EntryStatus> {
    let all = [EntryStatus::Booked, EntryStatus::Unbooked, EntryStatus::Void];
    all.into_iter().find(|s| s.as_str() == name).ok_or_else(|| unreadable(name))
}

/// An entry without its lines and further names, from its own columns.
fn read_header(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    Ok(LedgerEntry {
        erp_id: row.get("erp_id")?,
        number: row.get("number")?,
        external_id: row.get("external_id")?,
        reference: row.get("reference")?,
        entity: entity_ref(row.get_ref("entity")?.as_str()?)?,
        posting_date: text(row, "posting_date")?,
        period: PeriodKey::new(row.get::<_, String>("period")?),
        kind: text(row, "kind")?,
        part_of: row.get("part_of")?,
        status: status(row.get_ref("status")?.as_str()?)?,
        currency: text(row, "currency")?,
        functional_currency: text(row, "functional_currency")?,
        rate: text_opt(row, "rate")?,
        reverses: row.get("reverses")?,
        created_at: at_opt(row, "created_at")?,
        changed_at: at_opt(row, "changed_at")?,
        memo: row.get("memo")?,
        names: Vec::new(),
        counterpart: row.get("counterpart")?,
        lines: Vec::new(),
    })
}

/// The columns that [`read_line`] needs.
const LINE: &str = "l.account, l.transaction_minor, l.functional_minor, l.memo";

fn read_line(row: &Row<'_>) -> rusqlite::Result<LedgerLine> {
    Ok(LedgerLine {
        account: text(row, "account")?,
        transaction_minor: row.get("transaction_minor")?,
        functional_minor: row.get("functional_minor")?,
        memo: row.get("memo")?,
    })
}

fn lines(db: &Db, entry_seq: i64) -> Result<Vec<LedgerLine>> {
    let query = format!("SELECT {LINE} FROM entry_line l WHERE l.entry_seq = ?1 ORDER BY l.line_no");
    Ok(db.prepare_cached(&query)?.query_map([entry_seq], read_line)?.collect::<rusqlite::Result<_>>()?)
}

/// What writing an entry came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// It was not there.
    New,
    /// It changed, and was this before.
    Changed(Box<Was<LedgerEntry>>),
    /// Nothing changed.
    Same,
}

/// Writes an entry: new, changed or as it was. The references of one that changed, and that of the entry
/// that it reverses, are compared again; a new one detection finds by itself.
pub(crate) fn put(
    tx: &Tx<'_>,
    (connection_seq, connection_id): (i64, &str),
    entry: &LedgerEntry,
    page_seq: i64,
) -> Result<Put> {
    if insert(tx, (connection_seq, connection_id), entry, page_seq)? {
        let seq = tx.last_insert_rowid();
        insert_lines(tx, seq, &entry.lines)?;
        entry_name::put(tx, seq, &entry.names)?;
        mark_reversed(tx, connection_seq, entry)?;
        return Ok(Put::New);
    }
    let (seq, mut old, before) = tx
        .prepare_cached("SELECT * FROM entry WHERE connection_seq = ?1 AND erp_id = ?2")?
        .query_row(params![connection_seq, entry.erp_id], |row| {
            Ok((row.get::<_, i64>("seq")?, read_header(row)?, row.get("page_seq")?))
        })?;
    old.lines = lines(tx, seq)?;
    old.names = entry_name::of(tx, seq)?;
    let (counted, said) = said(tx, seq, old.reference.take())?;
    old.reference = said;
    if same(&old, entry) {
        return Ok(Put::Same);
    }
    if let Some(counted) = counted {
        dirty::mark_reference(tx, &counted)?;
    }
    update(tx, seq, entry, page_seq)?;
    tx.prepare_cached("DELETE FROM entry_line WHERE entry_seq = ?1")?.execute([seq])?;
    insert_lines(tx, seq, &entry.lines)?;
    if old.names != entry.names {
        entry_name::replace(tx, seq, &entry.names)?;
    }
    mark(tx, connection_seq, &old)?;
    mark(tx, connection_seq, entry)?;
    Ok(Put::Changed(Box::new(Was { item: old, page_seq: before })))
}

/// What an entry counts for, where detection found another name than its own, and what the ERP says.
fn said(db: &Db, seq: i64, reference: Option<String>) -> Result<(Option<String>, Option<String>)> {
    let mut statement =
        db.prepare_cached("SELECT said_reference FROM entry WHERE seq = ?1 AND renamed = 1")?;
    let renamed: Option<Option<String>> = statement.query_row([seq], |row| row.get(0)).optional()?;
    Ok(match renamed {
        Some(said) => (reference, said),
        None => (None, reference),
    })
}

/// True where a transaction of the connection is kept as an entry for each of its entities.
pub(crate) fn any_parts(db: &Db, connection_seq: i64) -> Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM entry WHERE connection_seq = ?1 AND part_of IS NOT NULL)";
    Ok(db.prepare_cached(query)?.query_row([connection_seq], |row| row.get(0))?)
}

/// What the entry weighs that is there; 0 where there is none.
pub(crate) fn weight_of(db: &Db, connection_seq: i64, erp_id: &str) -> Result<i128> {
    let seq: Option<i64> = db
        .prepare_cached("SELECT seq FROM entry WHERE connection_seq = ?1 AND erp_id = ?2")?
        .query_row(params![connection_seq, erp_id], |row| row.get(0))
        .optional()?;
    let lines = seq.map_or_else(|| Ok(Vec::new()), |seq| lines(db, seq))?;
    Ok(weight(lines.iter().flat_map(|line| [line.transaction_minor, line.functional_minor])))
}

/// An entry is of the page again that it was of before.
pub(crate) fn of_page_again(tx: &Tx<'_>, connection_seq: i64, erp_id: &str, page_seq: i64) -> Result<()> {
    tx.prepare_cached("UPDATE entry SET page_seq = ?3 WHERE connection_seq = ?1 AND erp_id = ?2")?
        .execute(params![connection_seq, erp_id, page_seq])?;
    Ok(())
}

/// Retires an entry that the ERP has no more, as `page_seq` proves: it counts no longer. What it counted for
/// is compared again: its reference, the entry that it reverses, and the document whose posting it is.
pub(crate) fn retire(tx: &Tx<'_>, connection_seq: i64, seq: i64, page_seq: i64) -> Result<()> {
    let gone = tx.prepare_cached("SELECT * FROM entry WHERE seq = ?1")?.query_row([seq], read_header)?;
    tx.prepare_cached("UPDATE entry SET status = ?2, page_seq = ?3 WHERE seq = ?1")?.execute(params![
        seq,
        EntryStatus::Void.as_str(),
        page_seq
    ])?;
    mark(tx, connection_seq, &gone)?;
    if let Some(key) = &gone.external_id {
        tx.prepare_cached(
            "INSERT INTO dirty_reference (reference)
             SELECT d.reference FROM posting_step s JOIN posting p ON p.seq = s.posting_seq
             JOIN document d ON d.seq = p.document_seq
             WHERE s.key = ?1 AND p.connection_seq = ?2 ON CONFLICT DO NOTHING",
        )?
        .execute(params![key, connection_seq])?;
    }
    Ok(())
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
fn mark(tx: &Tx<'_>, connection_seq: i64, entry: &LedgerEntry) -> Result<()> {
    if let Some(reference) = &entry.reference {
        dirty::mark_reference(tx, reference)?;
    }
    mark_reversed(tx, connection_seq, entry)
}

fn mark_reversed(tx: &Tx<'_>, connection_seq: i64, entry: &LedgerEntry) -> Result<()> {
    if let Some(reverses) = &entry.reverses {
        tx.prepare_cached(
            "INSERT INTO dirty_reference (reference) SELECT reference FROM entry
                 WHERE connection_seq = ?1 AND erp_id = ?2 AND reference IS NOT NULL ON CONFLICT DO
                   NOTHING",
        )?
        .execute(params![connection_seq, reverses])?;
    }
    Ok(())
}

fn insert(
    tx: &Tx<'_>,
    (connection_seq, connection_id): (i64, &str),
    entry: &LedgerEntry,
    page_seq: i64,
) -> Result<bool> {
    let id = EntryId::derive(&[connection_id, &entry.erp_id]);
    let count = tx
        .prepare_cached(
            "INSERT INTO entry (id, connection_seq, erp_id, number, external_id, reference, entity,
              posting_date, period,
               status, currency, functional_currency, rate, reverses, created_at, changed_at, memo,
                 page_seq, lines_hash, kind, part_of, counterpart)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19,
               ?20, ?21, ?22)
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
            of_entry(&entry.lines),
            entry.kind.name(),
            entry.part_of,
            entry.counterpart,
        ])?;
    Ok(count > 0)
}

fn update(tx: &Tx<'_>, seq: i64, entry: &LedgerEntry, page_seq: i64) -> Result<()> {
    tx.prepare_cached(
        "UPDATE entry SET number = ?2, external_id = ?3, reference = ?4, entity = ?5, posting_date = ?6,
               period = ?7, status = ?8, currency = ?9, functional_currency = ?10, rate = ?11, reverses
                 = ?12,
               created_at = ?13, changed_at = ?14, memo = ?15, page_seq = ?16, lines_hash = ?17,
               kind = ?18, part_of = ?19, counterpart = ?20, said_reference = NULL, renamed = 0
             WHERE seq = ?1",
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
        of_entry(&entry.lines),
        entry.kind.name(),
        entry.part_of,
        entry.counterpart,
    ])?;
    Ok(())
}

fn insert_lines(tx: &Tx<'_>, entry_seq: i64, lines: &[LedgerLine]) -> Result<()> {
    let mut statement = tx.prepare_cached(
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

/// The entries that count for documents of this reference, of all ERP connections, oldest first: those that
/// carry it and book such a document, and those that book one under the name of the document that it settles;
/// of a batch those that book it.
pub(crate) fn by_reference(db: &Db, reference: &str) -> Result<Vec<StoredEntry>> {
    let condition = "(e.reference = ?1 AND NOT EXISTS (SELECT 1 FROM settlement s WHERE s.entry_seq = e.seq))
        OR e.seq IN (SELECT s.entry_seq FROM document d JOIN settlement s ON s.document_seq = d.seq
            WHERE d.reference = ?1)
        OR e.seq IN (SELECT b.entry_seq FROM batch_entry b WHERE b.name = ?1)";
    select(db, condition, reference)
}

/// The entries that settle documents of this reference under their name, oldest first.
pub(crate) fn settling(db: &Db, reference: &str) -> Result<Vec<StoredEntry>> {
    let condition = "e.seq IN (SELECT s.entry_seq FROM document d JOIN settlement s ON s.invoice_seq = d.seq
        WHERE d.reference = ?1)";
    select(db, condition, reference)
}

/// The entries under this posting key, of all ERP connections.
pub(crate) fn by_external_id(db: &Db, key: &str) -> Result<Vec<StoredEntry>> {
    select(db, "e.external_id = ?1 AND length(e.external_id) = 20", key)
}

/// The entry of this id.
pub(crate) fn find(db: &Db, id: &EntryId) -> Result<Option<StoredEntry>> {
    Ok(select(db, "e.id = ?1", id.as_str())?.pop())
}

/// Entries with their lines, by a condition over `entry e`.
fn select(db: &Db, condition: &str, value: &str) -> Result<Vec<StoredEntry>> {
    let query = format!(
        "SELECT e.*, c.id AS connection_id, i.reference AS settles, {}
         FROM entry e JOIN connection c ON c.seq = e.connection_seq
         LEFT JOIN settlement k ON k.entry_seq = e.seq LEFT JOIN document i ON i.seq = k.invoice_seq
         LEFT JOIN removal r ON r.connection_seq = e.connection_seq AND r.resource = 'entries'
           AND r.external_id = e.erp_id AND r.returned_at IS NULL
         WHERE {condition} ORDER BY e.seq",
        removal::COLUMNS
    );
    let mut statement = db.prepare_cached(&query)?;
    let mut rows = statement.query([value])?;
    let mut found: Vec<(i64, StoredEntry)> = Vec::new();
    while let Some(row) = rows.next()? {
        let stored = StoredEntry {
            id: text(row, "id")?,
            connection: text(row, "connection_id")?,
            netted: row.get("netted")?,
            settles: row.get("settles")?,
            removed: removal::read(row)?,
            entry: read_header(row)?,
        };
        found.push((row.get("seq")?, stored));
    }
    let mut lines = lines_where(db, condition, value)?;
    let mut names = entry_name::all_where(db, condition, value)?;
    let whole = |(seq, mut stored): (i64, StoredEntry)| {
        stored.entry.lines = lines.remove(&seq).unwrap_or_default();
        stored.entry.names = names.remove(&seq).unwrap_or_default();
        stored
    };
    Ok(found.into_iter().map(whole).collect())
}

/// The lines of all these entries, by the entry's internal key, in one read however many they are.
fn lines_where(db: &Db, condition: &str, value: &str) -> Result<BTreeMap<i64, Vec<LedgerLine>>> {
    let query = format!(
        "SELECT l.entry_seq, {LINE} FROM entry e JOIN entry_line l ON l.entry_seq = e.seq
         WHERE {condition} ORDER BY l.entry_seq, l.line_no"
    );
    let mut statement = db.prepare_cached(&query)?;
    let mut rows = statement.query([value])?;
    let mut lines: BTreeMap<i64, Vec<LedgerLine>> = BTreeMap::new();
    while let Some(row) = rows.next()? {
        lines.entry(row.get("entry_seq")?).or_default().push(read_line(row)?);
    }
    Ok(lines)
}

/// Gives entries of an entity that is known only by the ERP's id its code; answers how many were named.
pub(crate) fn name_entity(
    tx: &Tx<'_>,
    connection_seq: i64,
    (erp_id, code): (&str, &EntityCode),
) -> Result<usize> {
    let unnamed = format!("{BY_ERP_ID}{erp_id}");
    tx.execute(
        "INSERT INTO dirty_reference (reference) SELECT DISTINCT reference FROM entry
         WHERE connection_seq = ?1 AND entity = ?2 AND reference IS NOT NULL ON CONFLICT DO NOTHING",
        params![connection_seq, unnamed],
    )?;
    Ok(tx.execute(
        "UPDATE entry SET entity = ?3 WHERE connection_seq = ?1 AND entity = ?2",
        params![connection_seq, unnamed, code.as_str()],
    )?)
}
