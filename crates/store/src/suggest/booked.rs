//! How the documents that the ledger names were booked: what a proposed mapping rests on. It reads and
//! counts nothing; what speaks for which account is the desk's to say.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, NaiveTime, Utc};
use rusqlite::{Row, params};
use rust_decimal::Decimal;
use tieout_domain::{
    AccountCode, Currency,
    derive::Facts,
    document::Document,
    ledger::{AccountType, EntityRef},
};

use crate::{
    db::{Db, Select},
    error::Result,
    sql::{date, instant, ms, text, text_opt},
    table::{document, document_lines, entry},
};

/// An account of a ledger, of its chart or only of its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartAccount {
    /// The ERP connection, by its name.
    pub connection: String,
    /// Its code.
    pub code: AccountCode,
    /// What the chart calls it; empty where no chart has it.
    pub name: String,
    /// What it is for, where the chart says.
    pub account_type: Option<AccountType>,
    /// How many booked lines stand on it.
    pub lines: u64,
}

/// A legal entity as a ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerBook {
    /// The ERP connection, by its name.
    pub connection: String,
    /// The entity.
    pub entity: EntityRef,
    /// In which currency its books are kept.
    pub functional: Currency,
    /// How many booked entries say so.
    pub entries: u64,
}

/// An entry that names a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedEntry {
    /// The ERP connection, by its name.
    pub connection: String,
    /// Whose books.
    pub entity: EntityRef,
    /// Net per account in the transaction currency, minor units, debit positive, none of them zero.
    pub nets: BTreeMap<AccountCode, i64>,
}

/// A document with the entries that name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookedDocument {
    /// The billing connection, by its name.
    pub connection: String,
    /// The document with its lines.
    pub document: Document,
    /// What else is known of it.
    pub facts: Facts,
    /// The entries in its currency that name it, none of which cancels out with its reversal.
    pub entries: Vec<BookedEntry>,
}

/// The day of the newest final document, and the first of the twelve months that end with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Year {
    /// The first day.
    pub from: NaiveDate,
    /// The last.
    pub through: NaiveDate,
}

/// The accounts of all ledgers, by connection and code.
pub(crate) fn chart(db: &Db) -> Result<Vec<ChartAccount>> {
    let mut statement = db.prepare(
        "SELECT c.name AS connection, a.code, a.name, a.account_type, coalesce(u.lines, 0) AS lines
         FROM ledger_account a JOIN connection c ON c.seq = a.connection_seq
         LEFT JOIN (SELECT e.connection_seq, l.account, count(*) AS lines
                    FROM entry e JOIN entry_line l ON l.entry_seq = e.seq WHERE e.status = 'booked'
                    GROUP BY e.connection_seq, l.account) u
           ON u.connection_seq = a.connection_seq AND u.account = a.code
         UNION ALL
         SELECT c.name, l.account, '', NULL, count(*)
         FROM entry e JOIN entry_line l ON l.entry_seq = e.seq JOIN connection c ON c.seq = e.connection_seq
         WHERE e.status = 'booked' AND NOT EXISTS (SELECT 1 FROM ledger_account a
            WHERE a.connection_seq = e.connection_seq AND a.code = l.account)
         GROUP BY c.name, l.account
         ORDER BY 1, 2, 3",
    )?;
    let read = |row: &Row<'_>| {
        Ok(ChartAccount {
            connection: row.get("connection")?,
            code: text(row, "code")?,
            name: row.get("name")?,
            account_type: text_opt(row, "account_type")?,
            lines: row.get::<_, i64>("lines")?.unsigned_abs(),
        })
    };
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The entities of all ledgers.
pub(crate) fn books(db: &Db) -> Result<Vec<LedgerBook>> {
    let mut statement = db.prepare(
        "SELECT c.name AS connection, e.entity, e.functional_currency, count(*) AS entries
         FROM entry e JOIN connection c ON c.seq = e.connection_seq WHERE e.status = 'booked'
         GROUP BY c.name, e.entity, e.functional_currency ORDER BY 1, 2, 4 DESC, 3",
    )?;
    let read = |row: &Row<'_>| {
        Ok(LedgerBook {
            connection: row.get("connection")?,
            entity: entry::entity_ref(row.get_ref("entity")?.as_str()?)?,
            functional: text(row, "functional_currency")?,
            entries: row.get::<_, i64>("entries")?.unsigned_abs(),
        })
    };
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The last twelve months of documents that raise or settle what customers owe; `None` without any.
pub(crate) fn last_year(db: &Db) -> Result<Option<Year>> {
    let (at, local): (Option<i64>, Option<String>) = db.query_row(
        "SELECT max(date_at), max(date_local) FROM document WHERE status IN ('final', 'written_off')",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let at: Option<DateTime<Utc>> = at.map(instant).transpose()?;
    let local: Option<NaiveDate> = local.as_deref().map(crate::sql::parsed).transpose()?;
    let Some(through) = at.map(|at| at.date_naive()).max(local) else { return Ok(None) };
    let from = through.checked_sub_months(Months::new(12)).and_then(|day| day.checked_add_days(Days::new(1)));
    Ok(Some(Year { from: from.unwrap_or(through), through }))
}

/// In which currencies anything was billed, and the day of the first document.
pub(crate) fn billed(db: &Db) -> Result<(Vec<Currency>, Option<NaiveDate>)> {
    let mut statement = db.prepare("SELECT DISTINCT currency FROM document ORDER BY 1")?;
    let met = statement.query_map([], |row| text(row, "currency"))?.collect::<rusqlite::Result<_>>()?;
    let (at, local): (Option<i64>, Option<String>) = db.query_row(
        "SELECT min(date_at), min(date_local) FROM document WHERE status IN ('final', 'written_off')",
        [],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let at = at.map(instant).transpose()?.map(|at| at.date_naive());
    let local: Option<NaiveDate> = local.as_deref().map(crate::sql::parsed).transpose()?;
    Ok((met, at.into_iter().chain(local).min()))
}

/// Hands over each final document of a year with the entries that name it.
pub(crate) fn each(db: &Db, year: Year, mut visit: impl FnMut(BookedDocument)) -> Result<()> {
    let query = format!(
        "SELECT l.lines, {}, 0 AS stamp FROM document d JOIN connection c ON c.seq = d.connection_seq
         LEFT JOIN document_lines l ON l.document_seq = d.seq
         WHERE d.status IN ('final', 'written_off') AND (d.date_at >= ?1 OR d.date_local >= ?2)
         ORDER BY d.seq",
        document::columns()
    );
    let mut statement = db.prepare(&query)?;
    let mut named = db.prepare(
        "SELECT e.seq, c.name AS connection, e.entity, l.account, sum(l.transaction_minor) AS net
         FROM entry e JOIN connection c ON c.seq = e.connection_seq JOIN entry_line l ON l.entry_seq = e.seq
         WHERE e.reference = ?1 AND e.currency = ?2 AND e.status = 'booked' AND e.netted = 0
         GROUP BY e.seq, c.name, e.entity, l.account HAVING sum(l.transaction_minor) <> 0
         ORDER BY e.seq, l.account",
    )?;
    let from_at = ms(year.from.and_time(NaiveTime::MIN).and_utc());
    let mut rows = statement.query(params![from_at, date(year.from)])?;
    while let Some(row) = rows.next()? {
        let mut stored = document::read(row)?;
        stored.document.lines = document_lines::read(row, 0)?;
        let entries = entries(&mut named, &stored.document)?;
        visit(BookedDocument {
            connection: stored.connection_name,
            document: stored.document,
            facts: stored.facts,
            entries,
        });
    }
    Ok(())
}

fn entries(named: &mut Select<'_>, document: &Document) -> Result<Vec<BookedEntry>> {
    let mut found: Vec<(i64, BookedEntry)> = Vec::new();
    let mut rows = named.query(params![document.reference, document.currency().code()])?;
    while let Some(row) = rows.next()? {
        let seq: i64 = row.get("seq")?;
        if found.last().is_none_or(|(last, _)| *last != seq) {
            let entity = entry::entity_ref(row.get_ref("entity")?.as_str()?)?;
            let (connection, nets) = (row.get("connection")?, BTreeMap::new());
            found.push((seq, BookedEntry { connection, entity, nets }));
        }
        if let Some((_, entry)) = found.last_mut() {
            entry.nets.insert(text(row, "account")?, row.get("net")?);
        }
    }
    Ok(found.into_iter().map(|(_, entry)| entry).collect())
}

/// A rate by which a ledger itself booked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerRate {
    /// From this currency …
    pub from: Currency,
    /// … into this one.
    pub to: Currency,
    /// The day of the entries.
    pub date: NaiveDate,
    /// The rate, the same in all entries of the day.
    pub rate: Decimal,
}

/// The rates that a ledger's entries of a year name, the first of each month, as far as the entries of that
/// day agree.
pub(crate) fn rates(db: &Db, year: Year) -> Result<Vec<LedgerRate>> {
    let mut statement = db.prepare(
        "SELECT e.currency, e.functional_currency, e.posting_date, min(e.rate) AS rate
         FROM entry e WHERE e.status = 'booked' AND e.rate IS NOT NULL AND e.posting_date >= ?1
            AND e.currency <> e.functional_currency
         GROUP BY e.currency, e.functional_currency, e.posting_date HAVING min(e.rate) = max(e.rate)
         ORDER BY 1, 2, 3",
    )?;
    let read = |row: &Row<'_>| {
        Ok(LedgerRate {
            from: text(row, "currency")?,
            to: text(row, "functional_currency")?,
            date: text(row, "posting_date")?,
            rate: text(row, "rate")?,
        })
    };
    let mut found: Vec<LedgerRate> = Vec::new();
    for rate in statement.query_map([date(year.from)], read)? {
        let rate = rate?;
        let month = |one: &LedgerRate| (one.from, one.to, one.date.year(), one.date.month());
        if found.last().is_none_or(|last| month(last) != month(&rate)) && rate.rate > Decimal::ZERO {
            found.push(rate);
        }
    }
    Ok(found)
}
