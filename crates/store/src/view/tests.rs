//! Views against a plain list in memory that is filtered and sorted whole.

use std::{
    cmp::Ordering,
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{
    params,
    trace::{TraceEvent, TraceEventCodes},
};
use tieout_domain::{
    ExceptionId, PersonId,
    exception::{ExceptionKind, ExceptionState, OwnerTeam, Queue},
    flow::Flow,
    severity::Severity,
};
use zeroize::Zeroizing;

use super::{
    filter::Plan,
    order::{self, Order},
    segment, *,
};
use crate::{
    error::StoreError,
    key::WorkspaceKey,
    store::Store,
    table::{
        cell::{Cells, Facets, rank},
        search,
        workspace::NewWorkspace,
    },
};

pub(super) const COUNT: usize = 7_000;
pub(super) const NOW: i64 = 1_750_000_000_000;

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(NOW).unwrap()
}

/// Numbers that look random and are the same every time.
pub(super) struct Dice(pub u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()].clone()
    }

    pub fn sometimes(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }
}

#[derive(Clone, Debug)]
pub(super) struct Row {
    seq: i64,
    id: String,
    facets: Facets,
    external_ref: String,
    customer: String,
    dated: String,
    amount: i64,
    variance: i64,
    pub due_at: i64,
    opened_at: i64,
}

const SEVERITIES: [Severity; 4] = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical];
const PEOPLE: [&str; 3] = ["", "per_a", "per_b"];
const KINDS: [ExceptionKind; 5] = [
    ExceptionKind::Unposted,
    ExceptionKind::Unposted,
    ExceptionKind::LateForClosedPeriod,
    ExceptionKind::AmountMismatch,
    ExceptionKind::MissingMapping,
];

fn row(dice: &mut Dice, seq: i64) -> Row {
    let kind = dice.of(&KINDS);
    let states = [ExceptionState::Open, ExceptionState::Open, ExceptionState::InProgress];
    let state = if dice.sometimes(12) { dice.of(&ExceptionState::ALL) } else { dice.of(&states) };
    let entity = dice.of(&["", "EU01", "GB01", "US01"]).to_owned();
    let cause = dice.of(&["no account for “Scale add-on”", "GB01:2026-02", "GB01:2026-03"]);
    Row {
        seq,
        id: ExceptionId::derive(&["document", &seq.to_string(), "value"]).to_string(),
        facets: Facets {
            state,
            kind,
            blocked: kind.home() == Queue::Unposted && dice.sometimes(3),
            backlog: dice.sometimes(4),
            entity,
            period: dice.of(&["2026-01", "2026-02", "2026-03"]).to_owned(),
            currency: dice.of(&["EUR", "GBP", "JPY"]).to_owned(),
            severity: rank(dice.of(&SEVERITIES)),
            assignee: dice.of(&PEOPLE).to_owned(),
            group_key: format!("{}:{cause}", kind.as_str()),
            flow: dice.of(&["", "invoice_to_erp"]).to_owned(),
        },
        external_ref: format!("INV-{:05}", dice.below(90_000)),
        customer: dice.of(&["", "Acme", "Blue \"Ox\"", "Øre & Co", "100% Ltd", "acme"]).to_owned(),
        dated: dice.of(&["", "2026-01-05", "2026-02-05", "2026-03-05"]).to_owned(),
        amount: if dice.sometimes(500) { i64::MAX } else { i64::try_from(dice.below(2_000)).unwrap() - 900 },
        variance: i64::try_from(dice.below(50)).unwrap(),
        due_at: NOW - 500 + i64::try_from(dice.below(1_000)).unwrap(),
        // One run found them all, but for a few.
        opened_at: if dice.sometimes(50) { NOW } else { NOW - 1 },
    }
}

fn insert(store: &mut Store, rows: &[Row]) {
    store
        .write(|tx| {
            let mut cells = Cells::default();
            for r in rows {
                let f = &r.facets;
                let cell = cells.place(tx, f)?;
                cells.add(cell, (&r.customer, r.amount));
                let severity = SEVERITIES[usize::try_from(f.severity).unwrap()].as_str();
                tx.prepare_cached(
                    "INSERT INTO exception (seq, id, kind, cause, subject_kind, subject, external_ref, entity,
                       period, currency, amount_minor, variance_minor, severity, owner, assignee, state,
                       period_blocked, fingerprint, group_key, why, since, opened_at, due_at, changed_at,
                       as_of, live, cell, customer, dated, flow, backlog, worth)
                     VALUES (?1, ?2, ?3, 'value', 'document', ?1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
                       ?14, 'f', ?15, 'why', 0, ?16, ?17, 0, 0, ?18, ?19, ?20, ?21, ?22, ?23, abs(?8))",
                )?
                .execute(params![
                    r.seq,
                    r.id,
                    f.kind.as_str(),
                    r.external_ref,
                    Some(&f.entity).filter(|e| !e.is_empty()),
                    f.period,
                    f.currency,
                    r.amount,
                    r.variance,
                    severity,
                    f.kind.owner().as_str(),
                    Some(&f.assignee).filter(|a| !a.is_empty()),
                    f.state.as_str(),
                    f.blocked,
                    f.group_key,
                    r.opened_at,
                    r.due_at,
                    f.state.is_open(),
                    cell,
                    r.customer,
                    r.dated,
                    f.flow,
                    f.backlog,
                ])?;
                search::insert(tx, r.seq, &r.external_ref)?;
            }
            cells.flush(tx)
        })
        .unwrap();
}

pub(super) struct Books {
    _folder: tempfile::TempDir,
    pub store: Store,
    pub rows: Vec<Row>,
}

pub(super) fn books(count: usize) -> Books {
    let folder = tempfile::tempdir().unwrap();
    let new = NewWorkspace { id: "wsp_t".parse().unwrap(), name: "T".into(), demo: false, at: now() };
    let key = WorkspaceKey::new(Zeroizing::new([1; 32]));
    let mut store = Store::create(&folder.path().join("w.tieoutdb"), &key, &new).unwrap();
    let mut dice = Dice(7);
    let rows: Vec<Row> = (1..=count).map(|n| row(&mut dice, i64::try_from(n).unwrap())).collect();
    insert(&mut store, &rows);
    for name in ["Acme", "Blue \"Ox\"", "Øre & Co", "100% Ltd", "acme"] {
        let sql = "INSERT INTO customer (id, connection_seq, external_id, name, deleted, page_seq)
             VALUES (?1, 1, ?1, ?1, 0, 0)";
        store.write(|tx| Ok::<_, StoreError>(tx.execute(sql, [name])?)).unwrap();
    }
    Books { _folder: folder, store, rows }
}

fn owner(row: &Row) -> &'static str {
    row.facets.kind.owner().as_str()
}

/// SQLite's LIKE: letters of ASCII whatever their case.
fn contains(text: &str, term: &str) -> bool {
    text.to_ascii_lowercase().contains(&term.to_ascii_lowercase())
}

fn found_by(r: &Row, term: &str) -> bool {
    let term = search::cleaned(term);
    if term.chars().count() < 3 {
        let forms = [term.clone(), term.to_uppercase(), term.to_lowercase()];
        return forms.iter().any(|form| r.external_ref.starts_with(form.as_str()));
    }
    let cause = r.facets.group_key.split_once(':').map_or("", |(_, rest)| rest);
    contains(&r.external_ref, &term)
        || contains(&r.customer, &term)
        || contains(cause, &term)
        || r.id.starts_with(&term)
}

/// The days about which exceptions are dated or found.
fn days() -> Vec<NaiveDate> {
    let found = now().date_naive();
    let dated = "2026-02-05".parse().unwrap();
    vec![dated, found, found.pred_opt().unwrap()]
}

fn aged(r: &Row) -> NaiveDate {
    r.dated.parse().unwrap_or_else(|_| DateTime::from_timestamp_millis(r.opened_at).unwrap().date_naive())
}

fn within(r: &Row, filter: &ViewFilter) -> bool {
    let f = &r.facets;
    let is = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
    (filter.states.is_empty() || filter.states.contains(&f.state))
        && (filter.kinds.is_empty() || filter.kinds.contains(&f.kind))
        && filter.queue.is_none_or(|queue| f.kind.queues(f.blocked).contains(&queue))
        && is(&filter.entity, &f.entity)
        && is(&filter.period, &f.period)
        && is(&filter.currency, &f.currency)
        && is(&filter.group, &f.group_key)
        && is(&filter.customer, &r.customer)
        && is(&filter.reference, &r.external_ref)
        && filter.given.as_ref().is_none_or(|given| match given {
            Given::Nobody => f.assignee.is_empty(),
            Given::To(person) => f.assignee == person.as_str(),
        })
        && filter.owner.is_none_or(|team| f.kind.owner() == team)
        && filter.backlog.is_none_or(|backlog| f.backlog == backlog)
        && (filter.severities.is_empty() || filter.severities.iter().any(|s| rank(*s) == f.severity))
        && filter.overdue_at.is_none_or(|at| f.state.is_open() && r.due_at < at.timestamp_millis())
        && filter.flow.is_none_or(|flow| f.flow == flow.as_str())
        && filter.aged_until.is_none_or(|day| aged(r) <= day)
        && filter.aged_after.is_none_or(|day| aged(r) > day)
        && filter.amount_from.is_none_or(|least| i128::from(r.amount).abs() >= i128::from(least))
        && filter.search.as_ref().is_none_or(|term| found_by(r, term))
}

fn compare(a: &Row, b: &Row, column: SortColumn) -> Ordering {
    match column {
        SortColumn::Due => a.due_at.cmp(&b.due_at),
        SortColumn::Opened => a.opened_at.cmp(&b.opened_at),
        SortColumn::Document => a.external_ref.cmp(&b.external_ref),
        SortColumn::Customer => a.customer.cmp(&b.customer),
        SortColumn::Entity => a.facets.entity.cmp(&b.facets.entity),
        SortColumn::Period => a.facets.period.cmp(&b.facets.period),
        SortColumn::Dated => a.dated.cmp(&b.dated),
        SortColumn::Amount => a.amount.cmp(&b.amount),
        SortColumn::Variance => a.variance.cmp(&b.variance),
        SortColumn::Worth => a.amount.abs().cmp(&b.amount.abs()),
        SortColumn::Severity => a.facets.severity.cmp(&b.facets.severity),
        SortColumn::Kind => a.facets.kind.as_str().cmp(b.facets.kind.as_str()),
        SortColumn::State => a.facets.state.as_str().cmp(b.facets.state.as_str()),
        SortColumn::Owner => owner(a).cmp(owner(b)),
        SortColumn::Assignee => a.facets.assignee.cmp(&b.facets.assignee),
    }
}

fn of_cell(column: SortColumn) -> bool {
    use SortColumn as C;
    matches!(column, C::Entity | C::Period | C::Severity | C::Kind | C::State | C::Owner | C::Assignee)
}

/// The rows of a view: filtered and sorted whole. Where no key of a row is asked for, the due time comes
/// last; equal rows stand by age in the direction of the first key that is not a cell's.
fn naive<'r>(rows: &'r [Row], view: &View) -> Vec<&'r Row> {
    let mut found: Vec<&Row> = rows.iter().filter(|r| within(r, &view.filter)).collect();
    let due = ViewSort { column: SortColumn::Due, descending: false };
    let tail = view.sorts.iter().find(|sort| !of_cell(sort.column)).copied();
    let mut sorts = view.sorts.clone();
    if tail.is_none() {
        sorts.push(due);
    }
    let reversed = tail.unwrap_or(due).descending;
    let turned = |order: Ordering, descending: bool| if descending { order.reverse() } else { order };
    found.sort_by(|a, b| {
        let by = |sort: &ViewSort| turned(compare(a, b, sort.column), sort.descending);
        let keys = sorts.iter().map(by).find(|order| order.is_ne());
        keys.unwrap_or_else(|| turned(a.seq.cmp(&b.seq), reversed))
    });
    found
}

fn sums_of(rows: &[&Row]) -> Vec<CurrencySum> {
    let mut sums: BTreeMap<&str, (u64, i128, i128)> = BTreeMap::new();
    for r in rows {
        let sum = sums.entry(r.facets.currency.as_str()).or_default();
        let amount = i128::from(r.amount);
        *sum = (sum.0 + 1, sum.1 + amount, sum.2 + amount.abs());
    }
    let sum = |(currency, (count, minor, gross)): (&str, _)| {
        let currency = currency.into();
        CurrencySum { currency, count, minor, gross }
    };
    sums.into_iter().map(sum).collect()
}

#[track_caller]
pub(super) fn check(books: &Books, view: &View, dice: &mut Dice) {
    let wanted = naive(&books.rows, view);
    let ids: Vec<&str> = wanted.iter().map(|r| r.id.as_str()).collect();
    let total = wanted.len() as u64;
    let totals = books.store.view_totals(view, now()).unwrap();
    let overdue = wanted.iter().filter(|r| r.facets.state.is_open() && r.due_at < NOW).count() as u64;
    assert_eq!((totals.total, totals.overdue), (total, overdue), "{view:?}");
    assert_eq!(totals.sums, sums_of(&wanted), "{view:?}");
    let page = 400 + dice.below(300);
    let mut starts: Vec<u64> = (0..total / page + 1).map(|n| n * page).collect();
    starts.extend([dice.below(total + 1), total.saturating_sub(3), total + 5]);
    // The order in which pages are asked for must not matter.
    for index in (1..starts.len()).rev() {
        starts.swap(index, usize::try_from(dice.below(index as u64 + 1)).unwrap());
    }
    for start in starts {
        let got = books.store.view_ids(view, start, page).unwrap();
        let from = usize::try_from(start.min(total)).unwrap();
        let to = usize::try_from((start + page).min(total)).unwrap();
        let got: Vec<&str> = got.iter().map(ExceptionId::as_str).collect();
        assert_eq!(got, ids[from..to], "from {start} of {total}: {view:?}");
    }
    for _ in 0..3 {
        let any = dice.of(&books.rows);
        let at = ids.iter().position(|id| *id == any.id).map(|at| at as u64);
        assert_eq!(books.store.view_find(view, &any.id).unwrap(), at, "{view:?}");
    }
}

fn open_states() -> Vec<ExceptionState> {
    ExceptionState::ALL.into_iter().filter(|s| s.is_open()).collect()
}

pub(super) fn open() -> ViewFilter {
    ViewFilter { states: open_states(), ..ViewFilter::default() }
}

fn filter(dice: &mut Dice) -> ViewFilter {
    let text = |text: &str| Some(text.to_owned());
    let mut filter = open();
    match dice.below(20) {
        0 => filter.states = Vec::new(),
        1 => filter.states = vec![dice.of(&ExceptionState::ALL)],
        2 | 3 => filter.queue = Some(dice.of(&Queue::ALL)),
        4 => filter.kinds = vec![dice.of(&KINDS), dice.of(&KINDS)],
        5 => filter.entity = text(dice.of(&["GB01", "XX99"])),
        6 => filter.overdue_at = Some(now()),
        7 => filter.customer = text(dice.of(&["Acme", "Øre & Co"])),
        8 => filter.amount_from = Some(dice.of(&[0, 500, 1_000, i64::MIN])),
        9 => filter.search = text(dice.of(&["INV", "v-1", "INV-1", "scale ADD", "100%", "\"Ox\"", "_", "%"])),
        10 => {
            filter.search =
                text(dice.of(&["' OR 1", "AND", "\"", "exc_", "NEAR(", "*", "a\0b", "ac", "IN", "øre"]))
        }
        11 => filter.given = Some(dice.of(&[Given::Nobody, Given::To("per_a".parse::<PersonId>().unwrap())])),
        12 => filter.owner = Some(dice.of(&[OwnerTeam::Integration, OwnerTeam::FinanceOperations])),
        13 => filter.severities = vec![dice.of(&SEVERITIES)],
        15 => filter.flow = Some(Flow::InvoiceToErp),
        16 => filter.aged_until = Some(dice.of(&days())),
        17 => filter.aged_after = Some(dice.of(&days())),
        14 => filter.group = text("unposted:GB01:2026-02"),
        18 => filter.backlog = Some(dice.sometimes(2)),
        _ => {}
    }
    if dice.sometimes(3) {
        filter.currency = text("GBP");
    }
    filter
}

#[test]
fn every_page_of_every_order_is_that_of_a_plain_sort() {
    let books = books(COUNT);
    let mut dice = Dice(11);
    for column in SortColumn::ALL {
        for descending in [false, true] {
            let view = View { filter: open(), sorts: vec![ViewSort { column, descending }] };
            check(&books, &view, &mut dice);
        }
    }
}

#[test]
fn every_page_of_any_view_is_that_of_a_plain_sort() {
    let books = books(COUNT);
    let mut dice = Dice(23);
    for _ in 0..150 {
        let mut sorts = Vec::new();
        for _ in 0..dice.below(4) {
            sorts.push(ViewSort { column: dice.of(&SortColumn::ALL), descending: dice.sometimes(2) });
        }
        // A second key of the same column says nothing.
        let mut seen = Vec::new();
        sorts.retain(|sort: &ViewSort| {
            !seen.contains(&sort.column) && {
                seen.push(sort.column);
                true
            }
        });
        // A cell's column after a row's takes part in the order, too.
        check(&books, &View { filter: filter(&mut dice), sorts }, &mut dice);
    }
}

#[test]
fn a_reference_is_looked_for_exactly() {
    let books = books(3_000);
    let mut dice = Dice(41);
    for _ in 0..20 {
        let reference = dice.of(&books.rows).external_ref;
        for reference in [reference[..reference.len() - 1].to_owned(), reference] {
            let filter = ViewFilter { reference: Some(reference), ..ViewFilter::default() };
            check(&books, &View { filter, sorts: Vec::new() }, &mut dice);
        }
    }
}

#[test]
fn exceptions_alone_are_those_of_the_page() {
    let books = books(3_000);
    let view = View { filter: open(), sorts: Vec::new() };
    let rows = books.store.view_rows(&view, 700, 1_200).unwrap();
    let page = books.store.view_page(&view, 700, 1_200).unwrap();
    assert_eq!(rows.len(), 1_200);
    assert_eq!(rows, page.rows.into_iter().map(|one| one.row).collect::<Vec<_>>());
}

/// Statements that were begun, since it was last set to zero.
static BEGUN: AtomicU64 = AtomicU64::new(0);

fn count_begun(event: TraceEvent<'_>) {
    if matches!(event, TraceEvent::Stmt(..)) {
        BEGUN.fetch_add(1, Relaxed);
    }
}

#[test]
fn a_page_is_read_in_a_handful_of_statements_however_long_it_is() {
    let books = books(3_000);
    let view = View { filter: open(), sorts: Vec::new() };
    books.store.view_page(&view, 0, 1).unwrap();
    books.store.raw().trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(count_begun));
    let begun = |limit: u64| {
        BEGUN.store(0, Relaxed);
        assert_eq!(books.store.view_page(&view, 0, limit).unwrap().rows.len() as u64, limit);
        BEGUN.load(Relaxed)
    };
    let (few, many) = (begun(10), begun(400));
    assert!(few > 2 && many <= few && few < 15, "{few} statements for 10 rows, {many} for 400");
}

#[test]
fn a_page_and_its_generation_follow_what_another_process_writes() {
    let mut books = books(3_000);
    let key = WorkspaceKey::new(Zeroizing::new([1; 32]));
    let reader = Store::open(books.store.path(), &key).unwrap();
    let view = View { filter: open(), sorts: Vec::new() };
    let before = reader.view_page(&view, 1_200, 50).unwrap();
    assert_eq!(reader.view_page(&view, 1_200, 50).unwrap(), before, "nothing happened");
    let mut dice = Dice(99);
    let more: Vec<Row> = (4_000..4_300).map(|n| row(&mut dice, n)).collect();
    insert(&mut books.store, &more);
    books.rows.extend(more);
    let after = reader.view_page(&view, 1_200, 50).unwrap();
    assert_ne!(after.generation, before.generation);
    let wanted: Vec<String> =
        naive(&books.rows, &view).iter().skip(1_200).take(50).map(|r| r.id.clone()).collect();
    let got: Vec<String> = after.rows.iter().map(|one| one.row.id.to_string()).collect();
    assert_eq!(got, wanted);
    assert_eq!(reader.generation().unwrap(), after.generation);
}

#[test]
fn groups_add_up_to_the_view() {
    let books = books(COUNT);
    let mut dice = Dice(31);
    for _ in 0..40 {
        let view = View { filter: filter(&mut dice), sorts: Vec::new() };
        let rows = naive(&books.rows, &view);
        for by in [GroupBy::Cause, GroupBy::Customer, GroupBy::Entity] {
            let key = |r: &Row| match by {
                GroupBy::Cause => r.facets.group_key.clone(),
                GroupBy::Customer => r.customer.clone(),
                GroupBy::Entity => r.facets.entity.clone(),
            };
            let mut wanted: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
            for r in &rows {
                wanted.entry(key(r)).or_default().push(r);
            }
            let groups = books.store.view_groups(&view, by).unwrap();
            assert_eq!((groups.groups.len(), groups.more), (wanted.len(), 0), "{by:?} {view:?}");
            assert!(groups.groups.is_sorted_by(|a, b| a.count >= b.count));
            for group in groups.groups {
                let rows = &wanted[&group.key];
                assert_eq!(group.count, rows.len() as u64);
                assert_eq!(group.sums, sums_of(rows), "{by:?} {view:?}");
                let due = rows.iter().map(|r| r.due_at).min();
                assert_eq!(group.due_at.map(|at| at.timestamp_millis()), due);
            }
        }
    }
}

#[test]
fn a_selection_is_summed_exactly_beyond_64_bits() {
    let books = books(3_000);
    let view = View { filter: ViewFilter::default(), sorts: Vec::new() };
    let all: Vec<&Row> = books.rows.iter().collect();
    let total: i128 = sums_of(&all).iter().map(|sum| sum.minor).sum();
    assert!(total > i128::from(i64::MAX), "the case must be beyond it");
    let except: Vec<String> =
        all.iter().step_by(7).map(|r| r.id.clone()).chain(["exc_none".into()]).collect();
    let rest: Vec<&Row> = all.iter().copied().filter(|r| !except.contains(&r.id)).collect();
    let picked =
        books.store.selected(&Selection::All { view: Box::new(view), except: except.clone() }).unwrap();
    assert_eq!(picked, Selected { count: rest.len() as u64, sums: sums_of(&rest) });
    let some: Vec<&Row> = all.iter().copied().filter(|r| except.contains(&r.id)).collect();
    let picked = books.store.selected(&Selection::Ids([except.clone(), except].concat())).unwrap();
    assert_eq!(picked, Selected { count: some.len() as u64, sums: sums_of(&some) });
}

#[test]
fn the_queues_count_what_their_views_hold() {
    let books = books(3_000);
    let me: PersonId = "per_a".parse().unwrap();
    for entity in [None, Some("GB01")] {
        let tallies = books.store.tallies((entity, None), Some(&me), now()).unwrap();
        let totals = |filter: ViewFilter| {
            let filter = ViewFilter { entity: entity.map(str::to_owned), ..filter };
            let totals = books.store.view_totals(&View { filter, sorts: Vec::new() }, now()).unwrap();
            (totals.total, totals.overdue)
        };
        let new = || ViewFilter { backlog: Some(false), ..open() };
        assert_eq!(tallies.all(), totals(new()));
        assert_eq!(tallies.backlog(), totals(ViewFilter { backlog: Some(true), ..open() }).0);
        for queue in Queue::ALL {
            assert_eq!(tallies.of_queue(queue), totals(ViewFilter { queue: Some(queue), ..new() }));
        }
        assert_eq!(tallies.mine(), totals(ViewFilter { given: Some(Given::To(me.clone())), ..open() }));
        assert_eq!(tallies.currencies, ["EUR", "GBP", "JPY"]);
    }
}

#[test]
fn pages_are_read_within_the_index_of_their_order() {
    let books = books(10);
    for column in SortColumn::ALL {
        for descending in [false, true] {
            let order = Order::of(&[ViewSort { column, descending }]);
            let plan = Plan::of(&ViewFilter { queue: Some(Queue::Unposted), ..open() });
            let segment = segment::Segment::new(5_000, 1, (plan.cells, None), true);
            let place = order::Place { key: order::Key::Int(1), seq: 5 };
            for from in [None, Some(&place)] {
                let part = segment.statement(&order, from, (3, 50), false);
                let sql = format!("EXPLAIN QUERY PLAN {}", part.sql);
                let mut statement = books.store.prepare(&sql).unwrap();
                let values = rusqlite::params_from_iter(part.values);
                let rows = statement.query_map(values, |row| row.get::<_, String>(3)).unwrap();
                let steps: Vec<String> = rows.map(|step| step.unwrap()).collect();
                let reads: Vec<&String> = steps.iter().filter(|step| step.contains(" e ")).collect();
                let within = |step: &&String| step.contains("SEARCH e USING COVERING INDEX exception_by_");
                assert!(reads.iter().all(within), "{column:?}: {steps:?}");
                assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{column:?}: {steps:?}");
                if from.is_some() {
                    let place = if order.tail.1 { "seq<?" } else { "seq>?" };
                    assert!(reads.iter().any(|step| step.contains(place)), "{column:?}: {steps:?}");
                }
            }
        }
    }
}
