//! What the first screen rests on. Sums of exceptions come from their cells, and postings under way are
//! few, so that it opens at once however many exceptions there are.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{Row, params, params_from_iter, types::Value};
use tieout_domain::{
    Currency, ExceptionId, PersonId, PostingId,
    exception::{ExceptionKind, Remedy},
    posting::PostingState,
};

use crate::{
    db::Db,
    error::Result,
    sql::{at, marks, ms, named, text, text_opt},
    table::delta::whole,
    view::{self, ListedException},
};

/// Open exceptions of one entity, period and currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenLoad {
    /// The legal entity; empty where none is known.
    pub entity: String,
    /// The period; empty where none is known.
    pub period: String,
    /// Whether they were already open when it closed.
    pub backlog: bool,
    /// The currency.
    pub currency: Currency,
    /// How many.
    pub count: u64,
    /// Their amounts together without their signs, minor units.
    pub gross_minor: i128,
}

/// Open exceptions of one root cause and currency that one act settles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseLoad {
    /// The root cause.
    pub group: String,
    /// Their kind.
    pub kind: ExceptionKind,
    /// The currency.
    pub currency: Currency,
    /// How many.
    pub count: u64,
    /// Their amounts together without their signs, minor units.
    pub gross_minor: i128,
}

/// Postings under way that have this in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingLoad {
    /// Proposed, or approved and queued.
    pub state: PostingState,
    /// The rule of the policy that let them go, in its own words; `None` where people decide.
    pub rule: Option<String>,
    /// The entity of the step that remains.
    pub entity: String,
    /// The documents' own period, where it is known.
    pub own_period: Option<String>,
    /// The period into which they post.
    pub period: String,
    /// The documents' currency.
    pub currency: Currency,
    /// Who prepared them; `None`: the desk itself.
    pub preparer: Option<PersonId>,
    /// How many.
    pub count: u64,
    /// Their amounts together without their signs, minor units.
    pub gross_minor: i128,
    /// One of them.
    pub one: PostingId,
    /// The exception of that one.
    pub exception: ExceptionId,
    /// When the first of them was proposed.
    pub since: DateTime<Utc>,
}

/// A comment on an exception of somebody that nobody has answered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The exception.
    pub exception: ExceptionId,
    /// Who wrote it: a person's id.
    pub by: String,
    /// What.
    pub words: String,
    /// When.
    pub at: DateTime<Utc>,
}

fn gross(row: &Row<'_>) -> rusqlite::Result<i128> {
    Ok(whole(row.get("gross_high")?, row.get("gross_low")?))
}

fn count(row: &Row<'_>) -> rusqlite::Result<u64> {
    row.get::<_, i64>("count").map(i64::unsigned_abs)
}

impl Db {
    /// The currencies of exceptions.
    ///
    /// # Errors
    /// A database error.
    pub fn exception_currencies(&self) -> Result<Vec<Currency>> {
        let sql = "SELECT DISTINCT currency FROM exception_cell ORDER BY currency";
        let mut statement = self.prepare_cached(sql)?;
        let rows = statement.query_map([], |row| text(row, "currency"))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Open exceptions by entity, period, currency and whether they are backlog.
    ///
    /// # Errors
    /// A database error.
    pub fn open_loads(&self) -> Result<Vec<OpenLoad>> {
        let mut statement = self.prepare_cached(
            "SELECT entity, period, backlog, currency, sum(held) AS count, sum(gross_high) AS gross_high,
               sum(gross_low) AS gross_low
             FROM exception_cell WHERE live = 1 GROUP BY entity, period, backlog, currency
             ORDER BY entity, period, backlog, currency",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(OpenLoad {
                entity: row.get("entity")?,
                period: row.get("period")?,
                backlog: row.get("backlog")?,
                currency: text(row, "currency")?,
                count: count(row)?,
                gross_minor: gross(row)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// New open exceptions of all or one entity by root cause and currency, of the kinds where one act
    /// settles all of a cause: a mapping, or what is mended at its source.
    ///
    /// # Errors
    /// A database error.
    pub fn cause_loads(&self, entity: Option<&str>) -> Result<Vec<CauseLoad>> {
        let at_once = |kind: &&ExceptionKind| {
            matches!(kind.remedy(), Remedy::Map | Remedy::Difference | Remedy::AtSource)
        };
        let mut values: Vec<&str> =
            ExceptionKind::ALL.iter().filter(at_once).map(|kind| kind.as_str()).collect();
        let kinds = marks(values.len());
        let of_entity = if entity.is_some() { " AND entity = ?" } else { "" };
        values.extend(entity);
        let sql = format!(
            "SELECT group_key, kind, currency, sum(held) AS count, sum(gross_high) AS gross_high,
               sum(gross_low) AS gross_low
             FROM exception_cell
             WHERE live = 1 AND state = 'open' AND backlog = 0 AND kind IN ({kinds}){of_entity}
             GROUP BY group_key, kind, currency"
        );
        let mut statement = self.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), |row| {
            Ok(CauseLoad {
                group: row.get("group_key")?,
                kind: named(row, "kind", ExceptionKind::parse)?,
                currency: text(row, "currency")?,
                count: count(row)?,
                gross_minor: gross(row)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The open exceptions that are worth most and are no backlog, of one root cause and one entity where
    /// these are given, but for those of some periods: at most so many, the most valuable first. Each cell
    /// is asked for its own, so that no more rows are looked at than are told.
    ///
    /// # Errors
    /// A database error.
    pub fn most_valuable(
        &self,
        (group, entity): (Option<&str>, Option<&str>),
        without: &[String],
        limit: u32,
    ) -> Result<Vec<ListedException>> {
        let of_group = if group.is_some() { " AND c.group_key = ?" } else { "" };
        let of_entity = if entity.is_some() { " AND c.entity = ?" } else { "" };
        let but = match without.len() {
            0 => String::new(),
            some => format!(" AND c.period NOT IN ({})", marks(some)),
        };
        let sql = format!(
            "SELECT c.id, (SELECT max(e.worth) FROM exception e WHERE e.cell = c.id) AS top
             FROM exception_cell c
             WHERE c.live = 1 AND c.state = 'open' AND c.backlog = 0{but}{of_group}{of_entity}
             ORDER BY top DESC LIMIT ?"
        );
        let mut values: Vec<Value> = without.iter().map(|period| period.clone().into()).collect();
        values.extend(group.into_iter().chain(entity).map(|one| one.to_owned().into()));
        values.push(i64::from(limit).into());
        let mut statement = self.prepare_cached(&sql)?;
        let cells: Vec<i64> = statement
            .query_map(params_from_iter(values), |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut found: Vec<(i64, i64)> = Vec::new();
        let mut of_cell = self.prepare_cached(
            "SELECT worth, seq FROM exception WHERE cell = ?1 ORDER BY worth DESC LIMIT ?2",
        )?;
        for cell in cells {
            let rows = of_cell.query_map(params![cell, limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
            for row in rows {
                found.push(row?);
            }
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        view::read(self, &found.into_iter().map(|(_, seq)| seq).collect::<Vec<_>>())
    }

    /// Postings that are proposed, or queued for an ERP that can be called, by what they have in common.
    ///
    /// # Errors
    /// A database error.
    pub fn posting_loads(&self) -> Result<Vec<PostingLoad>> {
        let mut statement = self.prepare_cached(
            "SELECT g.*, q.id AS one, q.exception_id FROM (
               SELECT p.state, p.release_rule, p.entity, x.own_period, p.period, p.currency, p.preparer,
                 count(*) AS count, sum(abs(p.amount_minor) >> 32) AS gross_high,
                 sum(abs(p.amount_minor) & 4294967295) AS gross_low, min(p.seq) AS first,
                 min(p.proposed_at) AS since
               FROM posting p JOIN connection c ON c.seq = p.connection_seq
               LEFT JOIN expectation x ON x.document_seq = p.document_seq
               WHERE (p.state = 'proposed' OR p.state = 'queued' AND c.vendor <> 'files')
               GROUP BY p.state, p.release_rule, p.entity, x.own_period, p.period, p.currency, p.preparer) g
             JOIN posting q ON q.seq = g.first
             ORDER BY 1, 2, 3, 4, 5, 6, 7",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(PostingLoad {
                state: named(row, "state", PostingState::parse)?,
                rule: row.get("release_rule")?,
                entity: row.get("entity")?,
                own_period: row.get("own_period")?,
                period: row.get("period")?,
                currency: text(row, "currency")?,
                preparer: text_opt(row, "preparer")?,
                count: count(row)?,
                gross_minor: gross(row)?,
                one: text(row, "one")?,
                exception: text(row, "exception_id")?,
                since: at(row, "since")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The newest comments of others that ask a person something, and that were written since: those that
    /// name them, until they do something about it; and those on open exceptions that are given to them,
    /// where nothing followed. At most so many, each exception once, the newest first.
    ///
    /// # Errors
    /// A database error.
    pub fn asked_of(&self, person: &PersonId, since: DateTime<Utc>, limit: u32) -> Result<Vec<Asked>> {
        let mut all = self.asked_by(
            "SELECT e.id AS exception_id, v.actor, v.at, (
                 SELECT c.detail FROM exception_event c
                 WHERE c.exception_seq = v.exception_seq AND c.seq > v.seq AND c.what = 'comment'
                 ORDER BY c.seq LIMIT 1) AS detail
             FROM exception_event v JOIN exception e ON e.seq = v.exception_seq
             WHERE v.what = 'mentioned' AND v.detail = ?1 AND v.at >= ?2 AND NOT EXISTS (
                 SELECT 1 FROM exception_event l
                 WHERE l.exception_seq = v.exception_seq AND l.seq > v.seq AND l.actor = ?1)
             ORDER BY v.at DESC LIMIT ?3",
            (person, since, limit),
        )?;
        all.extend(self.asked_by(
            "SELECT e.id AS exception_id, v.actor, v.detail, v.at
             FROM exception_cell c CROSS JOIN exception e CROSS JOIN exception_event v
             WHERE c.live = 1 AND c.assignee = ?1 AND e.cell = c.id AND v.exception_seq = e.seq
               AND v.seq = (SELECT max(l.seq) FROM exception_event l WHERE l.exception_seq = e.seq)
               AND v.what = 'comment' AND v.actor <> ?1 AND v.at >= ?2
             ORDER BY v.at DESC LIMIT ?3",
            (person, since, limit),
        )?);
        all.sort_by_key(|one| std::cmp::Reverse(one.at));
        let mut seen = BTreeSet::new();
        all.retain(|one| seen.insert(one.exception.clone()));
        all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(all)
    }

    fn asked_by(
        &self,
        query: &str,
        (person, since, limit): (&PersonId, DateTime<Utc>, u32),
    ) -> Result<Vec<Asked>> {
        let mut statement = self.prepare_cached(query)?;
        let rows = statement.query_map(params![person.as_str(), ms(since), limit], |row| {
            Ok(Asked {
                exception: text(row, "exception_id")?,
                by: row.get("actor")?,
                words: row.get("detail")?,
                at: at(row, "at")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
