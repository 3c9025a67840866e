//! Tables `rejected_item` and `rejected_concern`: what could not be read, kept aside with its bytes until it
//! can be, and what it could be about.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{OptionalExtension, Row, params};
use tieout_domain::{ConnectionId, unread::Concerns};

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
    sql::{at, at_opt, date, ms, parsed},
    table::connection,
};

pub(crate) const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        sql: "CREATE TABLE rejected_item (seq INTEGER PRIMARY KEY, connection_seq INTEGER NOT NULL,
            page_seq INTEGER NOT NULL, resource TEXT NOT NULL, external_id TEXT NOT NULL, code TEXT NOT
              NULL,
            place TEXT NOT NULL, message TEXT NOT NULL, raw BLOB NOT NULL, at INTEGER NOT NULL,
            resolved_at INTEGER);
          CREATE UNIQUE INDEX rejected_item_waiting ON rejected_item (connection_seq, resource, external_id)
            WHERE resolved_at IS NULL;",
    },
    Migration {
        version: 5,
        sql: "ALTER TABLE rejected_item ADD COLUMN item TEXT;
          ALTER TABLE rejected_item ADD COLUMN named INTEGER NOT NULL DEFAULT 0;
          UPDATE rejected_item SET item = external_id
            WHERE connection_seq IN (SELECT seq FROM connection WHERE vendor <> 'files');
          CREATE INDEX rejected_item_of ON rejected_item (connection_seq, resource, item)
            WHERE resolved_at IS NULL;
          CREATE TABLE rejected_concern (rejected_seq INTEGER NOT NULL, what TEXT NOT NULL,
            value TEXT NOT NULL, PRIMARY KEY (rejected_seq, what, value)) WITHOUT ROWID;",
    },
    Migration {
        version: 6,
        sql: "ALTER TABLE rejected_item ADD COLUMN settled_by TEXT;
          ALTER TABLE rejected_item ADD COLUMN settled_reason TEXT;",
    },
    // Who said first that it is to be set aside, where two people must; and by which program it was tried
    // last.
    Migration {
        version: 8,
        sql: "ALTER TABLE rejected_item ADD COLUMN proposed_by TEXT;
          ALTER TABLE rejected_item ADD COLUMN proposed_at INTEGER;
          ALTER TABLE rejected_item ADD COLUMN tried_by TEXT NOT NULL DEFAULT '';",
    },
];

/// An item of a page that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectedItem {
    /// The vendor's id, or the row.
    pub external_id: String,
    /// A stable code.
    pub code: String,
    /// Where in the page.
    pub place: String,
    /// What is wrong and what to do.
    pub message: String,
    /// The item's bytes.
    pub raw: Vec<u8>,
    /// What it could be about.
    pub concerns: Concerns,
}

/// A rejected item as kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRejection {
    /// By which it is named in the workspace.
    pub seq: i64,
    /// What was rejected, and why.
    pub item: RejectedItem,
    /// The resource of its page.
    pub resource: String,
    /// When it was rejected last.
    pub at: DateTime<Utc>,
    /// When a later page brought it in a readable shape, or showed that it is there no more, or people set it
    /// aside.
    pub resolved_at: Option<DateTime<Utc>>,
    /// The person who said first that it is to be set aside, where another one must say so too.
    pub proposed_by: Option<String>,
    /// The person by whose word it is set aside, and why.
    pub settled: Option<(String, String)>,
}

/// This program, as it notes what it could not read.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

fn read(row: &Row<'_>, concerns: &mut BTreeMap<i64, Concerns>) -> rusqlite::Result<KeptRejection> {
    let seq = row.get("seq")?;
    let about = concerns.remove(&seq).unwrap_or_default();
    Ok(KeptRejection {
        seq,
        item: RejectedItem {
            external_id: row.get("external_id")?,
            code: row.get("code")?,
            place: row.get("place")?,
            message: row.get("message")?,
            raw: row.get("raw")?,
            concerns: Concerns { item: row.get("item")?, named: row.get("named")?, ..about },
        },
        resource: row.get("resource")?,
        at: at(row, "at")?,
        resolved_at: at_opt(row, "resolved_at")?,
        proposed_by: row.get("proposed_by")?,
        settled: row.get::<_, Option<String>>("settled_by")?.zip(row.get("settled_reason")?),
    })
}

/// Which page a rejection was found on.
pub(crate) struct Place<'a> {
    pub connection_seq: i64,
    pub page_seq: i64,
    pub resource: &'a str,
    pub at: DateTime<Utc>,
}

/// Keeps a rejected item; one that already waits is brought up to date, and one that a person has settled as
/// it stands stays settled. Answers whether anything changed.
pub(crate) fn keep(tx: &Tx<'_>, place: &Place<'_>, item: &RejectedItem) -> Result<bool> {
    if is_settled(tx, place, item)? {
        return Ok(false);
    }
    let searched = RejectedItem { concerns: searched(tx, item)?, ..item.clone() };
    let item = &searched;
    let count = tx
        .prepare_cached(
            "INSERT INTO rejected_item (connection_seq, page_seq, resource, external_id, code, place,
              message, raw, at, item, named, tried_by)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
             ON CONFLICT (connection_seq, resource, external_id) WHERE resolved_at IS NULL
             DO UPDATE SET page_seq = excluded.page_seq, code = excluded.code, place = excluded.place,
               message = excluded.message, raw = excluded.raw, at = excluded.at, item = excluded.item,
               named = excluded.named, tried_by = excluded.tried_by, proposed_by = NULL, proposed_at = NULL
             WHERE (rejected_item.code, rejected_item.place, rejected_item.message, rejected_item.raw,
               rejected_item.item, rejected_item.named)
               IS DISTINCT FROM (excluded.code, excluded.place, excluded.message, excluded.raw,
               excluded.item, excluded.named)",
        )?
        .execute(params![
            place.connection_seq,
            place.page_seq,
            place.resource,
            item.external_id,
            item.code,
            item.place,
            item.message,
            item.raw,
            ms(place.at),
            item.concerns.item,
            item.concerns.named,
            PROGRAM,
        ])?;
    if count > 0 {
        keep_concerns(tx, place, item)?;
    }
    Ok(count > 0)
}

/// What an item could be about, where its reader found nothing that names a document: its raw text is
/// searched for names of documents. What it has of them it concerns too: a number in it may be somebody's
/// reference by chance, so that the documents of its amounts or days stay concerned. Where nothing else is
/// known of it, it concerns what it names, or what its words may come to name, and nothing else.
fn searched(db: &Db, item: &RejectedItem) -> Result<Concerns> {
    let mut concerns = item.concerns.clone();
    if concerns.named {
        return Ok(concerns);
    }
    let bounded = concerns.is_bounded();
    let text = String::from_utf8_lossy(&item.raw);
    let words: BTreeSet<&str> = text
        .split(|c: char| !(c.is_alphanumeric() || "-_/.#".contains(c)))
        .flat_map(|word| [word, word.trim_matches(|c: char| !c.is_alphanumeric())])
        .filter(|word| word.len() >= 3 && word.len() <= 80 && word.chars().any(|c| c.is_ascii_digit()))
        .take(if bounded { MOST_WORDS } else { usize::MAX })
        .collect();
    let mut known = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM document d WHERE d.reference = ?1 AND d.status <> 'draft')",
    )?;
    let mut found = false;
    for word in &words {
        if known.query_row([word], |row| row.get(0))? {
            concerns.name(word);
            found = true;
        }
    }
    if !found && !bounded {
        words.iter().for_each(|word| concerns.name(word));
    }
    concerns.named = !bounded;
    Ok(concerns)
}

/// So many words are looked up of an unreadable item whose amounts or days are known. Of one without them
/// every word is: nothing else says what it concerns.
const MOST_WORDS: usize = 2_000;

/// Notes that a person has said first that an item is to be set aside; answers whether it did wait.
pub(crate) fn propose(
    tx: &Tx<'_>,
    (connection_seq, seq): (i64, i64),
    person: &str,
    at: DateTime<Utc>,
) -> Result<bool> {
    let count = tx
        .prepare_cached(
            "UPDATE rejected_item SET proposed_by = ?3, proposed_at = ?4
             WHERE connection_seq = ?1 AND seq = ?2 AND resolved_at IS NULL",
        )?
        .execute(params![connection_seq, seq, person, ms(at)])?;
    Ok(count > 0)
}

/// True where something of a resource waits, or is set aside, that an earlier program could not read: it is
/// to be read again, which is noted, so that it is done once.
pub(crate) fn to_be_tried_again(tx: &Tx<'_>, connection_seq: i64, resource: &str) -> Result<bool> {
    let count = tx
        .prepare_cached(
            "UPDATE rejected_item SET tried_by = ?3
             WHERE connection_seq = ?1 AND resource = ?2 AND tried_by <> ?3
                 AND (resolved_at IS NULL OR settled_by IS NOT NULL)",
        )?
        .execute(params![connection_seq, resource, PROGRAM])?;
    Ok(count > 0)
}

/// True where a person has settled the very same item, and nothing of it has come since.
fn is_settled(tx: &Tx<'_>, place: &Place<'_>, item: &RejectedItem) -> Result<bool> {
    Ok(tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM rejected_item r
               WHERE r.settled_by IS NOT NULL AND r.connection_seq = ?1 AND r.resource = ?2
                 AND r.external_id = ?3 AND r.code = ?4 AND r.message = ?5 AND r.raw = ?6
                 AND NOT EXISTS (SELECT 1 FROM rejected_item n
                   WHERE n.connection_seq = r.connection_seq AND n.resource = r.resource
                     AND n.external_id = r.external_id AND n.seq > r.seq))",
        )?
        .query_row(
            params![
                place.connection_seq,
                place.resource,
                item.external_id,
                item.code,
                item.message,
                item.raw
            ],
            |row| row.get(0),
        )?)
}

/// Settles what waits by a person's word; answers whether it did wait.
pub(crate) fn settle(
    tx: &Tx<'_>,
    (connection_seq, seq): (i64, i64),
    (person, reason): (&str, &str),
    at: DateTime<Utc>,
) -> Result<bool> {
    let count = tx
        .prepare_cached(
            "UPDATE rejected_item SET resolved_at = ?3, settled_by = ?4, settled_reason = ?5
             WHERE connection_seq = ?1 AND seq = ?2 AND resolved_at IS NULL",
        )?
        .execute(params![connection_seq, seq, ms(at), person, reason])?;
    Ok(count > 0)
}

fn keep_concerns(tx: &Tx<'_>, place: &Place<'_>, item: &RejectedItem) -> Result<()> {
    let seq: i64 = tx
        .prepare_cached(
            "SELECT seq FROM rejected_item
             WHERE connection_seq = ?1 AND resource = ?2 AND external_id = ?3 AND resolved_at IS NULL",
        )?
        .query_row(params![place.connection_seq, place.resource, item.external_id], |row| row.get(0))?;
    tx.prepare_cached("DELETE FROM rejected_concern WHERE rejected_seq = ?1")?.execute([seq])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO rejected_concern (rejected_seq, what, value) VALUES (?1, ?2, ?3)
         ON CONFLICT DO NOTHING",
    )?;
    for name in &item.concerns.names {
        insert.execute(params![seq, "name", name])?;
    }
    for minor in &item.concerns.amounts {
        insert.execute(params![seq, "amount", minor.to_string()])?;
    }
    for day in &item.concerns.days {
        insert.execute(params![seq, "day", date(*day)])?;
    }
    Ok(())
}

/// What each of these rejections could be about, but for what stands in its own row.
fn concerns(db: &Db, condition: &str, values: &[&dyn rusqlite::ToSql]) -> Result<BTreeMap<i64, Concerns>> {
    let mut found: BTreeMap<i64, Concerns> = BTreeMap::new();
    let mut statement = db.prepare_cached(&format!(
        "SELECT n.rejected_seq, n.what, n.value, r.item, r.named
         FROM rejected_item r JOIN rejected_concern n ON n.rejected_seq = r.seq
         WHERE r.resolved_at IS NULL AND {condition} ORDER BY n.rejected_seq"
    ))?;
    let mut rows = statement.query(values)?;
    while let Some(row) = rows.next()? {
        let about = found.entry(row.get(0)?).or_default();
        (about.item, about.named) = (row.get(3)?, row.get(4)?);
        let value = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        match row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)? {
            "amount" => about.amount(parsed(value)?),
            "day" => about.day(parsed(value)?),
            _ => about.name(value),
        }
    }
    Ok(found)
}

/// What the entries of any ERP could be about that wait to be read and name no document.
pub(crate) fn nameless_entries(db: &Db) -> Result<Vec<Concerns>> {
    let condition = "r.resource = 'entries' AND r.named = 0 AND r.connection_seq IN
         (SELECT seq FROM connection WHERE role = 'erp')";
    Ok(concerns(db, condition, &[])?.into_values().collect())
}

/// True when items of this connection wait: only then is it worth asking whether a page resolves one.
pub(crate) fn any_waiting(db: &Db, connection_seq: i64) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM rejected_item WHERE connection_seq = ?1 AND resolved_at IS NULL)",
        )?
        .query_row([connection_seq], |row| row.get(0))?)
}

/// Notes that a readable item of this id has come; answers whether one waited.
pub(crate) fn resolve(tx: &Tx<'_>, place: &Place<'_>, external_id: &str) -> Result<bool> {
    let mut count = 0;
    for column in ["external_id", "item"] {
        count += tx
            .prepare_cached(&format!(
                "UPDATE rejected_item SET resolved_at = ?4
                 WHERE connection_seq = ?1 AND resource = ?2 AND {column} = ?3 AND resolved_at IS NULL"
            ))?
            .execute(params![place.connection_seq, place.resource, external_id, ms(place.at)])?;
    }
    Ok(count > 0)
}

/// Notes that what waited and is not in the list is there no more: all of it, or, where the list is of some
/// days, what is known to be of those days and no others.
pub(crate) fn gone(
    tx: &Tx<'_>,
    place: &Place<'_>,
    (first_page_seq, dated): (i64, Option<(NaiveDate, NaiveDate)>),
) -> Result<()> {
    let (from, to) = dated.map_or_else(Default::default, |(from, to)| (date(from), date(to)));
    tx.prepare_cached(
        "UPDATE rejected_item SET resolved_at = ?4
         WHERE connection_seq = ?1 AND resource = ?2 AND resolved_at IS NULL AND page_seq < ?3
           AND item IS NOT NULL AND NOT EXISTS (SELECT 1 FROM full_read_item i
             WHERE i.connection_seq = ?1 AND i.resource = ?2 AND i.external_id = rejected_item.item)
           AND (?5 = '' OR item IN (
             SELECT s.item FROM rejected_item s JOIN rejected_concern n ON n.rejected_seq = s.seq
             WHERE s.connection_seq = ?1 AND s.resource = ?2 AND s.resolved_at IS NULL AND n.what = 'day'
             GROUP BY s.item HAVING min(n.value) >= ?5 AND max(n.value) <= ?6))",
    )?
    .execute(params![place.connection_seq, place.resource, first_page_seq, ms(place.at), from, to])?;
    Ok(())
}

/// Settles rows that belong to no item: those that are not aside again, and on whose day, where it is known,
/// the file reaches over.
pub(crate) fn settle_rows(
    tx: &Tx<'_>,
    place: &Place<'_>,
    again: &BTreeSet<String>,
    span: Option<(NaiveDate, NaiveDate)>,
) -> Result<()> {
    let Some((from, to)) = span else { return Ok(()) };
    let condition = "r.connection_seq = ?1 AND r.resource = ?2 AND r.item IS NULL";
    let about = concerns(tx, condition, &[&place.connection_seq, &place.resource])?;
    let waiting: Vec<(i64, String)> = tx
        .prepare_cached(&format!(
            "SELECT r.seq, r.external_id FROM rejected_item r WHERE r.resolved_at IS NULL AND {condition}"
        ))?
        .query_map(params![place.connection_seq, place.resource], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut settle = tx.prepare_cached("UPDATE rejected_item SET resolved_at = ?2 WHERE seq = ?1")?;
    for (seq, external_id) in waiting {
        let reached = about.get(&seq).is_none_or(|about| {
            about.days.is_empty() || about.days.iter().any(|day| (from..=to).contains(day))
        });
        if reached && !again.contains(&external_id) {
            settle.execute(params![seq, ms(place.at)])?;
        }
    }
    Ok(())
}

/// The items of a connection that people have set aside, the last first.
pub(crate) fn set_aside(db: &Db, id: &ConnectionId) -> Result<Vec<KeptRejection>> {
    let seq = connection::seq(db, id)?;
    let mut statement = db.prepare_cached(
        "SELECT * FROM rejected_item WHERE connection_seq = ?1 AND settled_by IS NOT NULL
         ORDER BY resolved_at DESC, seq DESC",
    )?;
    let mut none = BTreeMap::new();
    Ok(statement.query_map([seq], |row| read(row, &mut none))?.collect::<rusqlite::Result<_>>()?)
}

/// The items of a connection that still wait to be read.
pub(crate) fn waiting(db: &Db, id: &ConnectionId) -> Result<Vec<KeptRejection>> {
    let seq = connection::seq(db, id)?;
    let mut about = concerns(db, "r.connection_seq = ?1", &[&seq])?;
    let mut statement = db.prepare_cached(
        "SELECT * FROM rejected_item WHERE connection_seq = ?1 AND resolved_at IS NULL ORDER BY seq",
    )?;
    Ok(statement.query_map([seq], |row| read(row, &mut about))?.collect::<rusqlite::Result<_>>()?)
}

/// The page on which an item was put aside that still waits.
pub(crate) fn waits_since(db: &Db, place: &Place<'_>, external_id: &str) -> Result<Option<i64>> {
    let mut statement = db.prepare_cached(
        "SELECT page_seq FROM rejected_item WHERE connection_seq = ?1 AND resource = ?2
           AND external_id = ?3 AND resolved_at IS NULL",
    )?;
    let values = params![place.connection_seq, place.resource, external_id];
    Ok(statement.query_row(values, |row| row.get(0)).optional()?)
}

/// True where an item of these pages waits.
pub(crate) fn any_of_pages(db: &Db, connection_seq: i64, (first, last): (i64, i64)) -> Result<bool> {
    let mut statement = db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM rejected_item WHERE connection_seq = ?1
           AND page_seq BETWEEN ?2 AND ?3 AND resolved_at IS NULL)",
    )?;
    Ok(statement.query_row(params![connection_seq, first, last], |row| row.get(0))?)
}

/// An item that waits is of the page again on which it was put aside before.
pub(crate) fn of_page_again(
    tx: &Tx<'_>,
    (connection_seq, resource): (i64, &str),
    (external_id, page_seq): (&str, i64),
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE rejected_item SET page_seq = ?4 WHERE connection_seq = ?1 AND resource = ?2
           AND external_id = ?3 AND resolved_at IS NULL",
    )?
    .execute(params![connection_seq, resource, external_id, page_seq])?;
    Ok(())
}

/// What a file resolved at this instant waits again, but for what a person settled.
pub(crate) fn waits_again(
    tx: &Tx<'_>,
    (connection_seq, resource): (i64, &str),
    at: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE rejected_item SET resolved_at = NULL WHERE connection_seq = ?1
           AND resource = ?2 AND resolved_at = ?3 AND settled_by IS NULL AND NOT EXISTS (
             SELECT 1 FROM rejected_item w WHERE w.connection_seq = rejected_item.connection_seq
               AND w.resource = rejected_item.resource AND w.external_id = rejected_item.external_id
               AND w.resolved_at IS NULL)",
    )?
    .execute(params![connection_seq, resource, ms(at)])?;
    Ok(())
}

/// What was put aside of these pages waits no longer: what brought it was taken back.
pub(crate) fn withdrawn(
    tx: &Tx<'_>,
    connection_seq: i64,
    (first, last): (i64, i64),
    at: DateTime<Utc>,
) -> Result<()> {
    tx.prepare_cached(
        "UPDATE rejected_item SET resolved_at = ?4 WHERE connection_seq = ?1
           AND page_seq BETWEEN ?2 AND ?3 AND resolved_at IS NULL",
    )?
    .execute(params![connection_seq, first, last, ms(at)])?;
    Ok(())
}
