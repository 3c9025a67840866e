//! What the cells of an entity are made of, document by document and entry by entry, with versions: what a
//! sign-off is signed over. The figures are those of the cells: what `cells` adds up is here, name by name.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params};
use tieout_domain::{AccountCode, Currency, EntityCode, PersonId, calendar::PeriodKey};

use super::terms::{BOOKS, NAMES, SHARES, by_role};
use crate::{
    db::Db,
    error::Result,
    sql::{at, at_opt, text},
};

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberSide {
    /// A document of billing.
    Document,
    /// An entry of the ledger.
    Entry,
    /// What is known beside both: corrections, settlements, what is set apart or tolerated.
    Beside,
}

/// What one document or entry puts into one cell. Debit-positive minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TieOutMember {
    /// The reference that it counts for.
    pub name: String,
    /// The transaction currency.
    pub currency: Currency,
    /// The accounting period.
    pub period: PeriodKey,
    /// The account.
    pub account: String,
    /// What it is.
    pub side: MemberSide,
    /// Its id; empty of what is known beside both.
    pub id: String,
    /// Its version: the hash of what it says.
    pub version: String,
    /// Its day.
    pub dated: String,
    /// The entry's number.
    pub number: Option<String>,
    /// The entry's kind.
    pub kind: Option<String>,
    /// Of a document that is within its time, until when.
    pub due: Option<DateTime<Utc>>,
    /// What it expects here.
    pub billing_minor: i64,
    /// What it holds here.
    pub ledger_minor: i64,
    /// What of that is known beside exceptions.
    pub otherwise_minor: i64,
}

/// Whose members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberQuery {
    /// The legal entity.
    pub entity: EntityCode,
    /// All members of this cell besides; else only of names that differ somewhere.
    pub whole: Option<(PeriodKey, AccountCode)>,
}

/// When something of a name was last read, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// The connection's name.
    pub connection: String,
    /// When.
    pub at: DateTime<Utc>,
}

const MEMBERS: &str = ",
    on_its_way AS (
        SELECT w.seq, w.due_at FROM wanted w
        WHERE (w.reached IS NULL OR w.due_at > w.reached)
            AND w.name NOT IN (SELECT name FROM named)
            AND (w.name NOT IN (SELECT name FROM effective) OR w.name IN (SELECT name FROM undue))),
    member AS (
        SELECT w.name, w.currency, w.period, l.account, 0 AS side, d.id, d.content_hash AS version,
            NULL AS lines, x.document_date AS dated, NULL AS number, NULL AS kind, o.due_at AS due,
            l.amount_minor AS billing, 0 AS ledger, 0 AS otherwise
        FROM wanted w JOIN expected_line l ON l.document_seq = w.seq JOIN document d ON d.seq = w.seq
        JOIN expectation x ON x.document_seq = w.seq LEFT JOIN on_its_way o ON o.seq = w.seq
        WHERE w.entity = ?1
        UNION ALL
        SELECT h.name, h.currency, h.period, l.account, 1, e.id,
            CASE WHEN h.netted = 1 THEN 'reversed ' ELSE '' END, e.lines_hash, e.posting_date,
            coalesce(e.number, e.erp_id), e.kind, NULL, 0, l.transaction_minor,
            CASE WHEN h.netted = 1 THEN l.transaction_minor ELSE 0 END
        FROM home h JOIN entry_line l ON l.entry_seq = h.seq JOIN entry e ON e.seq = h.seq
        WHERE h.entity = ?1
        UNION ALL
        SELECT h.name, h.currency, h.period, l.account, 2, '', 'settled', NULL, '', NULL, NULL, NULL, 0, 0,
            l.transaction_minor
        FROM settlement s JOIN home h ON h.seq = s.entry_seq JOIN entry_line l ON l.entry_seq = s.entry_seq
        WHERE s.document_seq IS NULL AND h.entity = ?1 AND h.name NOT IN (SELECT name FROM named)
        UNION ALL
        SELECT h.name, h.currency, h.period, l.account, 2, '', a.what || ' ' || a.name, NULL, '', NULL, NULL,
            NULL, 0, 0, l.transaction_minor
        FROM set_apart a JOIN home h ON h.seq = a.entry_seq JOIN entry_line l ON l.entry_seq = a.entry_seq
        WHERE h.netted = 0 AND a.what <> 'released' AND h.entity = ?1
        UNION ALL
        SELECT s.name, s.currency, s.period, s.account, 2, '', 'scheduled ' || s.minor, NULL, '', NULL, NULL,
            CASE s.due WHEN 0 THEN s.due_at END, s.due * s.minor, 0, 0
        FROM scheduled s WHERE s.entity = ?1
        UNION ALL
        SELECT t.name, t.currency, t.period, t.account, 2, '', 'tolerated', NULL, '', NULL, NULL, NULL, 0, 0,
            t.minor
        FROM taken t WHERE t.entity = ?1
        UNION ALL
        SELECT s.name, s.currency, s.period, s.account, 2, '', 'shifted', NULL, '', NULL, NULL, NULL, 0, 0,
            s.minor
        FROM shift_lines s WHERE s.entity = ?1 AND s.name NOT IN (SELECT name FROM uneven)),
    open_name AS (
        SELECT DISTINCT name FROM (
            SELECT name FROM member WHERE account IN (SELECT account FROM watched)
            GROUP BY name, currency, period, account
            HAVING sum(ledger) - sum(billing) - sum(otherwise) <> 0) o)
    SELECT m.* FROM member m
    WHERE m.name IN (SELECT name FROM open_name) OR (m.period = ?2 AND m.account = ?3)
    ORDER BY m.name, m.currency, m.period, m.account, m.side, m.id";

fn read(row: &Row<'_>) -> rusqlite::Result<TieOutMember> {
    let lines: Option<Vec<u8>> = row.get("lines")?;
    let mut version: String = row.get("version")?;
    version.extend(lines.unwrap_or_default().iter().map(|byte| format!("{byte:02x}")));
    Ok(TieOutMember {
        name: row.get("name")?,
        currency: text(row, "currency")?,
        period: PeriodKey::new(row.get::<_, String>("period")?),
        account: row.get("account")?,
        side: match row.get::<_, i64>("side")? {
            0 => MemberSide::Document,
            1 => MemberSide::Entry,
            _ => MemberSide::Beside,
        },
        id: row.get("id")?,
        version,
        dated: row.get("dated")?,
        number: row.get("number")?,
        kind: row.get("kind")?,
        due: at_opt(row, "due")?,
        billing_minor: row.get("billing")?,
        ledger_minor: row.get("ledger")?,
        otherwise_minor: row.get("otherwise")?,
    })
}

/// The members of an entity's cells, by name. As of the last detection.
pub(crate) fn members(db: &Db, query: &MemberQuery) -> Result<Vec<TieOutMember>> {
    let mut statement = db.prepare_cached(&by_role(db, format!("{NAMES}{BOOKS}{SHARES}{MEMBERS}"))?)?;
    let (period, account) = query.whole.clone().unzip();
    let period = period.map(|key| key.as_str().to_owned());
    let account = account.map(|code: AccountCode| code.as_str().to_owned());
    let rows = statement.query_map(params![query.entity.as_str(), period, account], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Who prepared, edited or approved a posting of an item of the entity, said that it belongs together with
/// others, explained or dismissed it: reference and person.
const WORKED: &str = "
    WITH own AS (
        SELECT p.seq, p.id, p.reference, p.preparer FROM posting p
        WHERE p.state NOT IN ('rejected', 'cancelled')
            AND EXISTS (SELECT 1 FROM posting_step s WHERE s.posting_seq = p.seq AND s.entity = ?1))
    SELECT o.reference AS name, o.preparer AS person FROM own o WHERE o.preparer IS NOT NULL
    UNION SELECT o.reference, e.person FROM own o JOIN posting_edit e ON e.posting_id = o.id
    UNION SELECT o.reference, d.person FROM own o JOIN decision d ON d.posting_id = o.id
        WHERE d.action = 'approve'
    UNION SELECT coalesce(d.reference, x.subject), v.actor
        FROM exception x JOIN exception_event v ON v.exception_seq = x.seq
        LEFT JOIN document d ON d.seq = x.document_seq
        WHERE v.what = 'dismissed' AND x.state = 'dismissed' AND x.entity = ?1
    UNION SELECT d.reference, m.first_by FROM matching m
        JOIN matching_document k ON k.matching_seq = m.seq JOIN document d ON d.seq = k.document_seq
        WHERE m.state = 'confirmed' AND m.entity = ?1 AND m.first_by IS NOT NULL
    UNION SELECT d.reference, m.second_by FROM matching m
        JOIN matching_document k ON k.matching_seq = m.seq JOIN document d ON d.seq = k.document_seq
        WHERE m.state = 'confirmed' AND m.entity = ?1 AND m.second_by IS NOT NULL
    UNION SELECT coalesce(e.reference, e.id), c.author FROM explained_entry k
        JOIN change c ON c.id = k.change_id JOIN entry e ON e.seq = k.entry_seq WHERE e.entity = ?1
    UNION SELECT coalesce(e.reference, e.id), c.decided_by FROM explained_entry k
        JOIN change c ON c.id = k.change_id JOIN entry e ON e.seq = k.entry_seq
        WHERE e.entity = ?1 AND c.decided_by IS NOT NULL
    ORDER BY 1, 2";

/// Who worked on items of an entity, by the names of the items.
pub(crate) fn worked_on(db: &Db, entity: &EntityCode) -> Result<Vec<(String, PersonId)>> {
    let mut statement = db.prepare_cached(WORKED)?;
    let mut rows = statement.query([entity.as_str()])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        // An account of the computer, or the desk itself, is nobody.
        if let Ok(person) = row.get_ref("person")?.as_str()?.parse() {
            found.push((row.get("name")?, person));
        }
    }
    Ok(found)
}

const ARRIVED: &str = "
    SELECT c.name AS connection, max(p.received_at) AS at
    FROM (
        SELECT d.page_seq FROM document d WHERE d.reference = ?1
        UNION ALL SELECT e.page_seq FROM entry e WHERE e.reference = ?1
        UNION ALL SELECT e.page_seq FROM entry e WHERE e.id = ?1) k
    JOIN page p ON p.seq = k.page_seq JOIN connection c ON c.seq = p.connection_seq
    GROUP BY c.name ORDER BY 2 DESC, 1";

/// From where and when what stands under a name was last read.
pub(crate) fn arrived(db: &Db, name: &str) -> Result<Vec<Arrived>> {
    let mut statement = db.prepare_cached(ARRIVED)?;
    let read = |row: &Row<'_>| Ok(Arrived { connection: row.get("connection")?, at: at(row, "at")? });
    Ok(statement.query_map([name], read)?.collect::<rusqlite::Result<_>>()?)
}
