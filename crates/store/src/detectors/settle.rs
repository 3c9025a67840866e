//! Brings the exceptions in line with what was found: opens, updates, closes and reopens them, each with
//! its line of history. What people decided (assignee, hold, dismissal, a posting under way) stays theirs.

use chrono::{DateTime, Duration, Utc};
use rusqlite::{Row, params};
use tieout_domain::{
    Currency, ExceptionId, Money,
    exception::{ExceptionKind, ExceptionState},
    said,
    severity::Severity,
};

use super::{
    detector::Detector,
    facts::Facts,
    input::{DetectInput, DetectSummary},
    state::LastRun,
};
use crate::{
    db::{Db, Tx},
    error::Result,
    sql::{at, ms, named, text},
    table::{
        cell::{self, Cells, Facets, rank},
        customer_sum, search,
        worth::Worth,
    },
};

/// Who did it, in the history: the desk itself.
const ACTOR: &str = "desk";
/// Why an exception closes that cannot be judged for now.
const UNREAD: &str = "It cannot be judged until what was kept aside and may concern it can be read.";
/// Findings read at once; between reads the exceptions are written.
const CHUNK: i64 = 2_000;

/// An exception as it stands.
struct Standing {
    seq: i64,
    kind: ExceptionKind,
    state: ExceptionState,
    document_seq: Option<i64>,
    external_ref: String,
    entity: Option<String>,
    period: Option<String>,
    currency: String,
    amount_minor: i64,
    variance_minor: i64,
    fingerprint: String,
    why: String,
    blocked: bool,
    since: DateTime<Utc>,
    reopened: i64,
    assignee: String,
    cell: i64,
    customer: String,
    dated: String,
    flow: String,
    backlog: bool,
}

impl Standing {
    fn read(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let Some(seq) = row.get::<_, Option<i64>>("x_seq")? else { return Ok(None) };
        Ok(Some(Self {
            seq,
            kind: named(row, "x_kind", ExceptionKind::parse)?,
            state: named(row, "x_state", ExceptionState::parse)?,
            document_seq: row.get("x_document_seq")?,
            external_ref: row.get("x_external_ref")?,
            entity: row.get("x_entity")?,
            period: row.get("x_period")?,
            currency: row.get("x_currency")?,
            amount_minor: row.get("x_amount")?,
            variance_minor: row.get("x_variance")?,
            fingerprint: row.get("x_fingerprint")?,
            why: row.get("x_why")?,
            blocked: row.get("x_blocked")?,
            since: at(row, "x_since")?,
            reopened: row.get("x_reopened")?,
            assignee: row.get("x_assignee")?,
            cell: row.get("x_cell")?,
            customer: row.get("x_customer")?,
            dated: row.get("x_dated")?,
            flow: row.get("x_flow")?,
            backlog: row.get("x_backlog")?,
        }))
    }

    /// What a dismissal was about.
    fn same_facts(&self, facts: &Facts) -> bool {
        self.kind == facts.kind
            && self.variance_minor == facts.variance_minor
            && self.amount_minor == facts.amount_minor
            && self.fingerprint == facts.fingerprint
            && self.entity == facts.entity
            && self.period == facts.period
            && self.currency == facts.currency.code()
    }

    fn same_row(&self, facts: &Facts, why: &str) -> bool {
        self.same_facts(facts)
            && self.why == why
            && self.blocked == facts.blocked
            && self.since == facts.since
            && self.external_ref == facts.external_ref
            && self.document_seq == facts.document_seq
            && self.customer == facts.customer
            && self.dated == facts.dated
            && self.flow == facts.flow
            && self.backlog == backlog(facts)
    }
}

/// What becomes of an exception that stands.
enum Change {
    /// Nothing that a person would want to know.
    Silent,
    Updated,
    KindChanged,
    Reopened,
}

fn change_of(standing: &Standing, facts: &Facts) -> Change {
    let same = standing.same_facts(facts);
    match standing.state {
        ExceptionState::Closed => Change::Reopened,
        ExceptionState::Dismissed if !same => Change::Reopened,
        ExceptionState::Dismissed => Change::Silent,
        ExceptionState::Open | ExceptionState::InProgress | ExceptionState::OnHold => {
            if standing.kind != facts.kind {
                Change::KindChanged
            } else if same {
                Change::Silent
            } else {
                Change::Updated
            }
        }
    }
}

/// Opens, updates and closes. `all`: every exception was looked at; `detector` says what is said of a kind.
pub(super) fn run(
    tx: &Tx<'_>,
    input: &DetectInput,
    all: bool,
    detector: fn(ExceptionKind) -> &'static Detector,
) -> Result<DetectSummary> {
    let mut summary = DetectSummary::default();
    list_open(tx, all)?;
    let findings = tx.query_row("SELECT count(*) FROM work_finding", [], |row| row.get(0))?;
    let bare = cell::without_indexes(tx, findings)?;
    let mut cells = if bare { Cells::without_customers() } else { Cells::default() };
    let newest: i64 = tx.query_row("SELECT coalesce(max(seq), 0) FROM exception", [], |row| row.get(0))?;
    let mut after = 0;
    loop {
        let chunk = read_chunk(tx, input.as_of, after)?;
        let Some((last, _)) = chunk.last() else { break };
        after = last.seq;
        for (facts, standing) in &chunk {
            let why = (detector(facts.kind).why)(facts);
            match standing {
                None => {
                    open(tx, input, &mut cells, facts, &why)?;
                    summary.opened += 1;
                }
                Some(standing) => {
                    update(tx, input, &mut cells, (standing, facts, &why), &mut summary)?;
                }
            }
        }
    }
    summary.closed = close(tx, input, &mut cells)?;
    cells.flush(tx)?;
    search::insert_after(tx, newest)?;
    if bare {
        cell::make_indexes(tx)?;
        customer_sum::count(tx)?;
    }
    Ok(summary)
}

/// Lists the exceptions that this run may close, before it opens any.
fn list_open(tx: &Tx<'_>, all: bool) -> Result<()> {
    if all {
        tx.execute(
            "INSERT INTO work_open (exception_seq) SELECT seq FROM exception WHERE state <> 'closed'",
            [],
        )?;
        return Ok(());
    }
    for sql in [
        "INSERT INTO work_open (exception_seq)
         SELECT x.seq
         FROM work_reference w CROSS JOIN document d CROSS JOIN exception x
         WHERE d.reference = w.reference AND x.subject_kind = 'document' AND x.subject = d.id
             AND x.state <> 'closed'
         ON CONFLICT DO NOTHING",
        "INSERT INTO work_open (exception_seq)
         SELECT x.seq
         FROM work_reference w CROSS JOIN exception x
         WHERE x.subject_kind = 'reference' AND x.subject = w.reference AND x.state <> 'closed'
         ON CONFLICT DO NOTHING",
        // entries that had no reference
        "INSERT INTO work_open (exception_seq)
         SELECT x.seq FROM exception x JOIN entry e ON e.id = x.subject
         WHERE x.subject_kind = 'reference' AND x.state <> 'closed'
         ON CONFLICT DO NOTHING",
        "INSERT INTO work_open (exception_seq)
         SELECT x.seq FROM exception x
         WHERE x.subject_kind IN ('customer', 'posting', 'connection') AND x.state <> 'closed'
         ON CONFLICT DO NOTHING",
    ] {
        tx.prepare_cached(sql)?.execute([])?;
    }
    Ok(())
}

fn read_chunk(db: &Db, as_of: DateTime<Utc>, after: i64) -> Result<Vec<(Facts, Option<Standing>)>> {
    let mut statement = db.prepare_cached(
        "SELECT f.*, x.seq AS x_seq, x.kind AS x_kind, x.state AS x_state, x.document_seq AS x_document_seq,
             x.external_ref AS x_external_ref, x.entity AS x_entity, x.period AS x_period,
             x.currency AS x_currency, x.amount_minor AS x_amount, x.variance_minor AS x_variance,
             x.fingerprint AS x_fingerprint, x.why AS x_why, x.period_blocked AS x_blocked,
             x.since AS x_since, x.reopened AS x_reopened, coalesce(x.assignee, '') AS x_assignee,
             x.cell AS x_cell, x.customer AS x_customer, x.dated AS x_dated,
             x.flow AS x_flow, x.backlog AS x_backlog, d.kind AS document_kind,
             coalesce(k.name, d.customer, c.name, c.external_id, '') AS customer,
             coalesce(n.document_date, d.date_local, f.since_date, '') AS dated,
             CASE WHEN p.key IS NULL THEN NULL ELSE coalesce(p.closed_at, 9223372036854775807) END
               AS period_closed_at
         FROM work_finding f
         LEFT JOIN document d ON d.seq = f.document_seq
         LEFT JOIN expectation n ON n.document_seq = f.document_seq
         LEFT JOIN customer k ON k.connection_seq = d.connection_seq AND k.external_id = d.customer
         LEFT JOIN period p ON p.entity = f.entity AND p.key = f.period AND p.ar_accepts = 0
         LEFT JOIN customer c ON c.id = CASE WHEN f.subject_kind = 'customer' THEN f.subject END
         LEFT JOIN exception x
             ON x.subject_kind = f.subject_kind AND x.subject = f.subject AND x.cause = f.cause
         WHERE f.seq > ?1 ORDER BY f.seq LIMIT ?2",
    )?;
    let (mut chunk, worth) = (Vec::new(), Worth::kept(db)?);
    let mut rows = statement.query([after, CHUNK])?;
    while let Some(row) = rows.next()? {
        let mut facts = Facts::read(row, as_of)?;
        facts.worth = worth.of(facts.currency.code(), facts.amount_minor);
        let standing = Standing::read(row)?;
        if let Some(standing) = &standing {
            keep_start(&mut facts, standing);
        }
        chunk.push((facts, standing));
    }
    Ok(chunk)
}

/// A sync that fails again, or a posting that is tried again, has been in trouble since the first time; so
/// has anything of which nothing says when it began.
fn keep_start(facts: &mut Facts, standing: &Standing) {
    let repeats = !facts.since_known || matches!(facts.subject_kind.as_str(), "connection" | "posting");
    if repeats && standing.state != ExceptionState::Closed && standing.kind == facts.kind {
        facts.since = facts.since.min(standing.since);
    }
}

/// Already open when its period closed. What came after that blocks the period that it will be posted to.
fn backlog(facts: &Facts) -> bool {
    facts.kind != ExceptionKind::LateForClosedPeriod
        && facts.period_closed_at.is_some_and(|closed| ms(facts.since) < closed)
}

fn severity(facts: &Facts, as_of: DateTime<Utc>) -> Severity {
    Severity::of(Money::new(facts.amount_minor, facts.currency), facts.since, as_of)
}

fn group_key(facts: &Facts) -> String {
    format!("{}:{}", facts.kind.as_str(), facts.fingerprint)
}

/// What puts an exception of these facts into its cell.
fn facets(facts: &Facts, input: &DetectInput, state: ExceptionState, assignee: &str) -> Facets {
    Facets {
        state,
        kind: facts.kind,
        blocked: facts.blocked,
        backlog: backlog(facts),
        entity: facts.entity.clone().unwrap_or_default(),
        period: facts.period.clone().unwrap_or_default(),
        currency: facts.currency.code().to_owned(),
        severity: rank(severity(facts, input.as_of)),
        assignee: assignee.to_owned(),
        group_key: group_key(facts),
        flow: facts.flow.clone(),
    }
}

fn open(tx: &Tx<'_>, input: &DetectInput, cells: &mut Cells, facts: &Facts, why: &str) -> Result<()> {
    let cell = cells.place(tx, &facets(facts, input, ExceptionState::Open, ""))?;
    cells.add(cell, (&facts.customer, facts.amount_minor));
    let id = ExceptionId::derive(&[&facts.subject_kind, &facts.subject, &facts.cause]);
    let now = ms(input.now);
    tx.prepare_cached(
        "INSERT INTO exception (id, kind, cause, subject_kind, subject, document_seq, external_ref, entity,
             period, currency, amount_minor, variance_minor, severity, owner, assignee, state, period_blocked,
             fingerprint, group_key, why, since, opened_at, due_at, changed_at, closed_at, reopened, as_of,
             live, cell, customer, dated, flow, backlog, worth)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, NULL, 'open', ?15, ?16,
             ?17, ?18,
             ?19, ?20, ?21, ?20, NULL, 0, ?22, 1, ?23, ?24, ?25, ?26, ?27, ?28)",
    )?
    .execute(params![
        id.as_str(),
        facts.kind.as_str(),
        facts.cause,
        facts.subject_kind,
        facts.subject,
        facts.document_seq,
        facts.external_ref,
        facts.entity,
        facts.period,
        facts.currency.code(),
        facts.amount_minor,
        facts.variance_minor,
        severity(facts, input.as_of).as_str(),
        facts.kind.owner().as_str(),
        facts.blocked,
        facts.fingerprint,
        group_key(facts),
        why,
        ms(facts.since),
        now,
        ms(facts.since + facts.kind.time_to_settle()),
        ms(input.as_of),
        cell,
        facts.customer,
        facts.dated,
        facts.flow,
        backlog(facts),
        facts.worth,
    ])?;
    let seq = tx.last_insert_rowid();
    event(tx, seq, now, "opened", &said::plain(why))
}

fn update(
    tx: &Tx<'_>,
    input: &DetectInput,
    cells: &mut Cells,
    (standing, facts, why): (&Standing, &Facts, &str),
    summary: &mut DetectSummary,
) -> Result<()> {
    let change = change_of(standing, facts);
    let state = match change {
        Change::Reopened => ExceptionState::Open,
        Change::Silent | Change::Updated | Change::KindChanged => standing.state,
    };
    if matches!(change, Change::Silent) && standing.same_row(facts, why) {
        return Ok(());
    }
    write(tx, input, cells, (standing, facts, why), state)?;
    let now = ms(input.now);
    let told = said::plain(why);
    match change {
        Change::Silent => Ok(()),
        Change::Updated => {
            summary.updated += 1;
            event(tx, standing.seq, now, "updated", &told)
        }
        Change::KindChanged => {
            summary.kind_changed += 1;
            let detail = format!("{} → {}: {told}", standing.kind.as_str(), facts.kind.as_str());
            event(tx, standing.seq, now, "kind_changed", &detail)
        }
        Change::Reopened => {
            summary.reopened += 1;
            event(tx, standing.seq, now, "reopened", &told)
        }
    }
}

fn write(
    tx: &Tx<'_>,
    input: &DetectInput,
    cells: &mut Cells,
    (standing, facts, why): (&Standing, &Facts, &str),
    state: ExceptionState,
) -> Result<()> {
    let again = state != standing.state;
    let cell = cells.place(tx, &facets(facts, input, state, &standing.assignee))?;
    cells.take(standing.cell, (&standing.customer, standing.amount_minor));
    cells.add(cell, (&facts.customer, facts.amount_minor));
    if standing.external_ref != facts.external_ref {
        search::replace(tx, standing.seq, &facts.external_ref)?;
    }
    tx.prepare_cached(
        "UPDATE exception SET kind = ?2, document_seq = ?3, external_ref = ?4, entity = ?5, period = ?6,
             currency = ?7, amount_minor = ?8, variance_minor = ?9, severity = ?10, owner = ?11, state = ?12,
             period_blocked = ?13, fingerprint = ?14, group_key = ?15, why = ?16, since = ?17, due_at = ?18,
             changed_at = ?19, as_of = ?20, reopened = ?21, closed_at = NULL,
             opened_at = CASE WHEN ?22 THEN ?19 ELSE opened_at END, live = ?23, cell = ?24, customer = ?25,
             dated = ?26, flow = ?27, backlog = ?28, worth = ?29
         WHERE seq = ?1",
    )?
    .execute(params![
        standing.seq,
        facts.kind.as_str(),
        facts.document_seq,
        facts.external_ref,
        facts.entity,
        facts.period,
        facts.currency.code(),
        facts.amount_minor,
        facts.variance_minor,
        severity(facts, input.as_of).as_str(),
        facts.kind.owner().as_str(),
        state.as_str(),
        facts.blocked,
        facts.fingerprint,
        group_key(facts),
        why,
        ms(facts.since),
        ms(facts.since + facts.kind.time_to_settle()),
        ms(input.now),
        ms(input.as_of),
        standing.reopened + i64::from(again),
        again,
        state.is_open(),
        cell,
        facts.customer,
        facts.dated,
        facts.flow,
        backlog(facts),
        facts.worth,
    ])?;
    Ok(())
}

/// Closes those whose cause is gone, whatever a person had decided: if it returns, it reopens. What cannot be
/// judged because something waits to be read is no longer asked about, but what people decided stays.
fn close(tx: &Tx<'_>, input: &DetectInput, cells: &mut Cells) -> Result<u64> {
    let gone: Vec<(Moving, bool)> = tx
        .prepare_cached(
            "SELECT y.* FROM (SELECT x.seq, x.state, x.kind, x.period_blocked, x.backlog,
                 coalesce(x.entity, '') AS entity,
                 coalesce(x.period, '') AS period, x.currency, x.severity,
                 coalesce(x.assignee, '') AS assignee, x.group_key, x.flow, x.cell, x.customer,
                 x.amount_minor,
                 EXISTS (
                     SELECT 1 FROM unread_reference u WHERE u.reference = CASE
                         WHEN x.document_seq IS NULL THEN x.subject
                         ELSE (SELECT d.reference FROM document d WHERE d.seq = x.document_seq) END
                     AND u.side = CASE WHEN x.document_seq IS NULL THEN 'billing' ELSE 'ledger' END) AS unread
             FROM work_open o CROSS JOIN exception x
             WHERE x.seq = o.exception_seq AND NOT EXISTS (
                 SELECT 1 FROM work_finding f
                 WHERE f.subject_kind = x.subject_kind AND f.subject = x.subject AND f.cause = x.cause)) y
             WHERE y.unread = 0 OR y.state = 'open'",
        )?
        .query_map([], |row| {
            let moving = Moving::read(row)?;
            let facets = Facets { state: ExceptionState::Closed, ..moving.facets };
            Ok((Moving { facets, ..moving }, row.get("unread")?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let now = ms(input.now);
    let mut statement = tx.prepare_cached(
        "UPDATE exception SET state = 'closed', closed_at = ?2, changed_at = ?2, as_of = ?3, live = 0,
             cell = ?4
         WHERE seq = ?1",
    )?;
    for (moving, unread) in &gone {
        let cell = moving.file(tx, cells)?;
        statement.execute([moving.seq, now, ms(input.as_of), cell])?;
        event(tx, moving.seq, now, "closed", if *unread { UNREAD } else { "The cause is gone." })?;
    }
    Ok(u64::try_from(gone.len()).unwrap_or(u64::MAX))
}

/// An exception that goes into another cell.
struct Moving {
    seq: i64,
    /// Those that it is to have.
    facets: Facets,
    /// The cell in which it still is.
    cell: i64,
    customer: String,
    amount: i64,
}

impl Moving {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get("seq")?,
            facets: Facets::read(row)?,
            cell: row.get("cell")?,
            customer: row.get("customer")?,
            amount: row.get("amount_minor")?,
        })
    }

    /// Moves what is counted of it; answers the cell into which it goes.
    fn file(&self, tx: &Tx<'_>, cells: &mut Cells) -> Result<i64> {
        let placed = cells.place(tx, &self.facets)?;
        cells.take(self.cell, (&self.customer, self.amount));
        cells.add(placed, (&self.customer, self.amount));
        Ok(placed)
    }
}

fn event(tx: &Tx<'_>, exception_seq: i64, now: i64, what: &str, detail: &str) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO exception_event (exception_seq, at, actor, what, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![exception_seq, now, ACTOR, what, detail])?;
    Ok(())
}

/// Raises (or, with an earlier `as_of`, lowers) the severity of those whose age passed one of its limits
/// since the last run.
pub(super) fn age(tx: &Tx<'_>, input: &DetectInput, last: Option<&LastRun>) -> Result<()> {
    let new = ms(input.as_of);
    let old = last.map_or(i64::MIN / 2, |last| last.as_of);
    let mut passed = tx.prepare_cached(
        "SELECT seq, since, state, kind, period_blocked, backlog, coalesce(entity, '') AS entity,
             coalesce(period, '') AS period, currency, severity, coalesce(assignee, '') AS assignee,
             group_key, flow, cell, customer, amount_minor
         FROM exception WHERE state <> 'closed' AND since > ?1 AND since <= ?2",
    )?;
    let mut write =
        tx.prepare_cached("UPDATE exception SET severity = ?2, as_of = ?3, cell = ?4 WHERE seq = ?1")?;
    let mut cells = Cells::default();
    for days in [7, 30, 90] {
        let limit = Duration::days(days).num_milliseconds();
        let mut rows = passed.query([old.min(new) - limit, old.max(new) - limit])?;
        let mut changed: Vec<(Moving, Severity)> = Vec::new();
        while let Some(row) = rows.next()? {
            let currency: Currency = text(row, "currency")?;
            let moving = Moving::read(row)?;
            let severity = Severity::of(Money::new(moving.amount, currency), at(row, "since")?, input.as_of);
            if moving.facets.severity != rank(severity) {
                let facets = Facets { severity: rank(severity), ..moving.facets };
                changed.push((Moving { facets, ..moving }, severity));
            }
        }
        drop(rows);
        for (moving, severity) in changed {
            let placed = moving.file(tx, &mut cells)?;
            write.execute(params![moving.seq, severity.as_str(), new, placed])?;
        }
    }
    cells.flush(tx)
}

/// What a period's closing or opening makes backlog, or takes out of it, of what was not looked at again.
pub(super) fn set_apart(tx: &Tx<'_>) -> Result<()> {
    let mut moved = tx.prepare_cached(
        "SELECT e.seq, e.state, e.kind, e.period_blocked, 1 - c.backlog AS backlog, c.entity, c.period,
             e.currency, e.severity, c.assignee, e.group_key, e.flow, e.cell, e.customer, e.amount_minor
         FROM exception_cell c
         LEFT JOIN period p ON p.entity = c.entity AND p.key = c.period AND p.ar_accepts = 0
         CROSS JOIN exception e
         WHERE c.live = 1 AND e.cell = c.id AND CASE c.backlog
             WHEN 1 THEN p.key IS NULL
             ELSE p.key IS NOT NULL AND c.kind <> 'late_for_closed_period'
                 AND e.since < coalesce(p.closed_at, 9223372036854775807) END",
    )?;
    let found: Vec<Moving> = moved.query_map([], Moving::read)?.collect::<rusqlite::Result<_>>()?;
    let mut write = tx.prepare_cached("UPDATE exception SET backlog = ?2, cell = ?3 WHERE seq = ?1")?;
    let mut cells = Cells::default();
    for moving in found {
        let placed = moving.file(tx, &mut cells)?;
        write.execute(params![moving.seq, moving.facets.backlog, placed])?;
    }
    cells.flush(tx)
}

/// Shows customers under the names that they have since the last run.
pub(super) fn rename(tx: &Tx<'_>, last: Option<&LastRun>) -> Result<()> {
    let Some(last) = last else { return Ok(()) };
    let renamed: Vec<(i64, i64, (String, i64), String)> = tx
        .prepare_cached(
            "SELECT x.seq, x.cell, x.customer, x.amount_minor, coalesce(c.name, c.external_id) AS name
             FROM customer c CROSS JOIN document d CROSS JOIN exception x
             WHERE c.page_seq > ?1 AND d.connection_seq = c.connection_seq
                 AND d.customer = c.external_id AND x.document_seq = d.seq
                 AND x.customer <> coalesce(c.name, c.external_id)",
        )?
        .query_map([last.page_seq], |row| {
            let known = (row.get("customer")?, row.get("amount_minor")?);
            Ok((row.get("seq")?, row.get("cell")?, known, row.get("name")?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut write = tx.prepare_cached("UPDATE exception SET customer = ?2 WHERE seq = ?1")?;
    let mut cells = Cells::default();
    for (seq, cell, (customer, amount), name) in &renamed {
        cells.take(*cell, (customer, *amount));
        cells.add(*cell, (name, *amount));
        write.execute(params![seq, name])?;
    }
    cells.flush(tx)
}
