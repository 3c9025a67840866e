//! A window over the postings, newest first, and what the worker remembers of one.

use chrono::{DateTime, Utc};
use rusqlite::{Row, params_from_iter};
use tieout_domain::{
    ConnectionId, Currency, ExceptionId, PersonId, PostingId, calendar::PeriodKey, posting::PostingState,
};

use crate::{
    db::Db,
    error::Result,
    sql::{Where, at, at_opt, instant, named, text, text_opt},
    table::{connection, decision, outbox, posting},
};

/// Which postings, and which of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostingQuery {
    /// In this state.
    pub state: Option<PostingState>,
    /// To this ERP connection.
    pub connection: Option<ConnectionId>,
    /// Of this legal entity: that of the step that remains.
    pub entity: Option<String>,
    /// Whose document is of this period, or that posts into it.
    pub period: Option<String>,
    /// Whose reference, id, key or failure contains this.
    pub search: Option<String>,
    /// The first one's place in the list.
    pub start: u64,
    /// At most so many.
    pub limit: u32,
}

/// A posting in a list: what its columns say, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingBrief {
    /// Its id.
    pub id: PostingId,
    /// The exception that it settles.
    pub exception: ExceptionId,
    /// The document's reference.
    pub reference: String,
    /// The customer's name, or the id where billing gives no name.
    pub customer: Option<String>,
    /// Where it stands.
    pub state: PostingState,
    /// The ERP connection's name.
    pub connection: String,
    /// Where it comes from.
    pub origin: String,
    /// Who prepared it.
    pub preparer: Option<PersonId>,
    /// Who approved the present content, and in whose place where it was not their own; in order.
    pub approved_by: Vec<(PersonId, Option<PersonId>)>,
    /// The entity of the step that remains.
    pub entity: String,
    /// The document's own period, where it is known.
    pub own_period: Option<String>,
    /// The period of the step that remains.
    pub period: PeriodKey,
    /// The rule of the policy that let it go, in its own words.
    pub rule: Option<String>,
    /// The document's currency.
    pub currency: Currency,
    /// The document's signed amount, minor units.
    pub amount_minor: i64,
    /// Attempts begun.
    pub tries: u32,
    /// When the worker visits it next.
    pub next_try_at: Option<DateTime<Utc>>,
    /// Why it stands still.
    pub failure: Option<String>,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
}

/// A window of postings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostingWindow {
    /// How many there are altogether.
    pub total: u64,
    /// Those of the window.
    pub rows: Vec<PostingBrief>,
    /// How many there are in each state, whatever state was asked for.
    pub states: Vec<(PostingState, u64)>,
}

/// What the worker remembers of a posting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxFigures {
    /// Attempts begun.
    pub tries: u32,
    /// Look-ups since its outcome became unknown.
    pub lookups: u32,
    /// Since when its outcome is unknown.
    pub doubt_since: Option<DateTime<Utc>>,
    /// When it is visited next.
    pub next_try_at: Option<DateTime<Utc>>,
    /// References of postings that have to be booked before it.
    pub waits_for: Vec<String>,
}

const BRIEF: &str = "SELECT p.id, p.exception_id, p.reference, p.state, c.name AS connection, p.origin,
    p.preparer, p.content_hash, p.entity, p.period, p.currency, p.amount_minor, p.failure, p.proposed_at,
    coalesce(o.tries, 0) AS tries, o.due_at AS due_at, p.release_rule,
    (SELECT e.customer FROM exception e WHERE e.id = p.exception_id) AS customer,
    (SELECT x.own_period FROM expectation x WHERE x.document_seq = p.document_seq) AS own_period
    FROM posting p JOIN connection c ON c.seq = p.connection_seq
    LEFT JOIN outbox o ON o.posting_seq = p.seq";

/// The period of a posting's document.
const OWN_PERIOD: &str = "(SELECT x.own_period FROM expectation x WHERE x.document_seq = p.document_seq)";

/// When a visit is due, unless none ever is.
fn due(row: &Row<'_>) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let due: Option<i64> = row.get("due_at")?;
    due.filter(|due| *due < outbox::NEVER).map(instant).transpose()
}

fn states(db: &Db, wanted: &Where) -> Result<Vec<(PostingState, u64)>> {
    let sql = format!(
        "SELECT p.state, count(*) AS count FROM posting p WHERE {} GROUP BY p.state ORDER BY p.state",
        wanted.sql()
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(&wanted.values), |row| {
        Ok((named(row, "state", PostingState::parse)?, row.get::<_, i64>("count")?.unsigned_abs()))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A row with the hash of its present content; who approved that is not known yet.
fn brief(row: &Row<'_>) -> rusqlite::Result<(PostingBrief, String)> {
    let brief = PostingBrief {
        id: text(row, "id")?,
        approved_by: Vec::new(),
        exception: text(row, "exception_id")?,
        reference: row.get("reference")?,
        customer: row.get::<_, Option<String>>("customer")?.filter(|name| !name.is_empty()),
        state: named(row, "state", PostingState::parse)?,
        connection: row.get("connection")?,
        origin: row.get("origin")?,
        preparer: text_opt(row, "preparer")?,
        entity: row.get("entity")?,
        own_period: row.get("own_period")?,
        period: PeriodKey::new(row.get::<_, String>("period")?),
        rule: row.get("release_rule")?,
        currency: text(row, "currency")?,
        amount_minor: row.get("amount_minor")?,
        tries: row.get("tries")?,
        next_try_at: due(row)?,
        failure: row.get("failure")?,
        proposed_at: at(row, "proposed_at")?,
    };
    Ok((brief, row.get("content_hash")?))
}

impl Db {
    /// A window of the postings, newest first, and how many there are.
    ///
    /// # Errors
    /// `not_found` for the connection.
    pub fn posting_window(&self, query: &PostingQuery) -> Result<PostingWindow> {
        let mut wanted = Where::default();
        if let Some(id) = &query.connection {
            wanted.and("p.connection_seq = ?", connection::seq(self, id)?);
        }
        if let Some(entity) = &query.entity {
            wanted.and("p.entity = ?", entity.clone());
        }
        if let Some(period) = &query.period {
            wanted.either(&["p.period", OWN_PERIOD], period);
        }
        if let Some(words) = query.search.as_deref().filter(|words| !words.is_empty()) {
            wanted.contains(&["p.reference", "p.id", "p.failure", "p.exception_id"], words);
        }
        let states = states(self, &wanted)?;
        if let Some(state) = query.state {
            wanted.and("p.state = ?", state.as_str().to_owned());
        }
        let counted = states.iter().filter(|(state, _)| query.state.is_none_or(|wanted| wanted == *state));
        let total = counted.map(|(_, count)| count).sum();
        let sql = format!("{BRIEF} WHERE {} ORDER BY p.seq DESC LIMIT ? OFFSET ?", wanted.sql());
        let mut statement = self.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(wanted.window(query.start, query.limit)), brief)?;
        let found: Vec<(PostingBrief, String)> = rows.collect::<rusqlite::Result<_>>()?;
        let ids: Vec<PostingId> = found.iter().map(|(brief, _)| brief.id.clone()).collect();
        let mut decisions = decision::of_postings(self, &ids)?;
        let approved = |(mut brief, hash): (PostingBrief, String)| {
            let all = decisions.remove(&brief.id).unwrap_or_default();
            let approvals = all.into_iter().filter(|d| d.action == "approve" && d.content_hash == hash);
            brief.approved_by = approvals.map(|d| (d.person, d.in_place_of)).collect();
            brief
        };
        Ok(PostingWindow { total, rows: found.into_iter().map(approved).collect(), states })
    }

    /// What the worker remembers of a posting; nothing of one that was never approved.
    ///
    /// # Errors
    /// `not_found`.
    pub fn outbox_figures(&self, id: &PostingId) -> Result<OutboxFigures> {
        let Some(item) = outbox::of_posting(self, id)? else { return Ok(OutboxFigures::default()) };
        let waits_for = posting::references(self, &item.waits_for)?;
        let mut statement = self.prepare_cached(
            "SELECT o.tries, o.lookups, o.doubt_since, o.due_at FROM outbox o
             JOIN posting p ON p.seq = o.posting_seq WHERE p.id = ?1",
        )?;
        Ok(statement.query_row([id.as_str()], |row| {
            Ok(OutboxFigures {
                tries: row.get("tries")?,
                lookups: row.get("lookups")?,
                doubt_since: at_opt(row, "doubt_since")?,
                next_try_at: due(row)?,
                waits_for,
            })
        })?)
    }
}
