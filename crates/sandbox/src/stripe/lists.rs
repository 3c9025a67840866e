//! The resources: lists, single objects, sub-lists.

use serde_json::{Value, json};

use super::filter::passes;
use super::problem::Problem;
use super::query::Query;
use super::render_invoice as invoices;
use super::render_invoice::list;
use super::render_master as master;
use super::render_money as money;
use super::state::{Listed, State};
use crate::company::{Company, Id, IdKind, Product};

/// Events older than this are gone.
const EVENT_WINDOW: i64 = 30 * 86_400;
const DAY: i64 = 86_400;

/// A request after authentication.
pub(super) struct Call<'a> {
    pub(super) state: &'a State,
    pub(super) entity: u8,
    pub(super) version: &'a str,
    pub(super) path: &'a str,
    pub(super) pairs: &'a [(String, String)],
}

type Answer = Result<Value, Problem>;

const LINK_FILTERS: &[&str] = &["invoice", "status", "payment[type]", "payment[payment_intent]"];

/// The list that a path names, the word for one of its objects, its filters.
fn resource(name: &str) -> Option<(Listed, &'static str, &'static [&'static str])> {
    Some(match name {
        "customers" => (Listed::Customers, "customer", &["email", "test_clock"]),
        "subscriptions" => (Listed::Subscriptions, "subscription", &["status", "customer", "test_clock"]),
        "invoices" => (Listed::Invoices, "invoice", &["status", "customer", "subscription"]),
        "credit_notes" => (Listed::CreditNotes, "credit_note", &["invoice", "customer"]),
        "payment_intents" => (Listed::Intents, "payment_intent", &["customer"]),
        "charges" => (Listed::Charges, "charge", &["customer", "payment_intent"]),
        "refunds" => (Listed::Refunds, "refund", &["charge", "payment_intent"]),
        "disputes" => (Listed::Disputes, "dispute", &["charge", "payment_intent"]),
        "payouts" => (Listed::Payouts, "payout", &["status"]),
        "balance_transactions" => (Listed::Transactions, "balance_transaction", &["type", "source"]),
        "events" => (Listed::Events, "event", &["type", "types[]"]),
        "invoice_payments" => (Listed::Intents, "invoice_payment", LINK_FILTERS),
        _ => return None,
    })
}

impl Call<'_> {
    fn company(&self) -> &Company {
        &self.state.company
    }

    /// Answers a GET.
    pub(super) fn answer(&self) -> Answer {
        let segments: Vec<&str> = self.path.trim_start_matches("/v1/").split('/').collect();
        match segments.as_slice() {
            ["account"] => Ok(master::account(&self.company().entities[usize::from(self.entity)])),
            ["products"] => self.small(self.products()),
            ["tax_rates"] => self.small(vec![self.tax_rate()]),
            ["billing", "meters"] => self.small(self.meters()),
            ["products", id] => one("product", id, self.products()),
            ["tax_rates", id] => one("tax_rate", id, vec![self.tax_rate()]),
            ["billing", "meters", id] => one("billing.meter", id, self.meters()),
            ["billing", "meters", id, "event_summaries"] => self.summaries(id),
            // Nobody here has a test clock, or a balance that was credited by hand.
            ["test_helpers", "test_clocks"] => self.small(Vec::new()),
            ["customers", _, "balance_transactions"] => self.small(Vec::new()),
            ["invoices", id, "lines"] => self.invoice_lines(id),
            ["credit_notes", id, "lines"] => self.note_lines(id),
            [name] => self.page(name),
            [name, id] => self.single(name, id),
            _ => Err(self.unrecognized()),
        }
    }

    fn unrecognized(&self) -> Problem {
        Problem::unrecognized("GET", self.path)
    }

    /// One page of a list, newest first.
    fn page(&self, name: &str) -> Answer {
        let (listed, what, filters) = resource(name).ok_or_else(|| self.unrecognized())?;
        let mut query = Query::parse(self.pairs, filters)?;
        check_expand(&query, name)?;
        if listed == Listed::Events {
            query.from = query.from.max(self.company().now - EVENT_WINDOW);
        }
        let order = self.state.order(listed, self.entity);
        let mut end = order.len();
        if let Some(cursor) = &query.starting_after {
            let kind = if name == "invoice_payments" { IdKind::InvoicePayment } else { listed.id_kind() };
            let missing = || Problem::no_such_cursor("starting_after", what, cursor);
            let id: Id = cursor.parse().map_err(|_| missing())?;
            end = order.binary_search(&id.n).map_err(|_| missing())?;
            if id.kind != kind || self.is_gone(listed, id.n) {
                return Err(missing());
            }
        }
        let created = |n: u32| listed.facts(self.company(), n).map_or(0, |(_, created)| created);
        let newest = order[..end].partition_point(|&n| created(n) <= query.to);
        let mut data = Vec::with_capacity(query.limit);
        let mut has_more = false;
        for &n in order[..newest].iter().rev() {
            if created(n) < query.from {
                break;
            }
            if self.is_gone(listed, n) || !passes(self.company(), name, n as usize, &query) {
                continue;
            }
            if data.len() == query.limit {
                has_more = true;
                break;
            }
            data.push(self.render(name, n as usize, &query).ok_or_else(|| self.unrecognized())?);
        }
        Ok(list(&format!("/v1/{name}"), data, has_more))
    }

    /// True for what was deleted, and for events older than those that are kept.
    fn is_gone(&self, listed: Listed, n: u32) -> bool {
        let kept = self.company().now - EVENT_WINDOW;
        let old = || listed.facts(self.company(), n).is_some_and(|(_, created)| created < kept);
        self.company().deleted.contains(&Id::new(listed.id_kind(), n)) || listed == Listed::Events && old()
    }

    fn single(&self, name: &str, id: &str) -> Answer {
        let (listed, what, _) = resource(name).ok_or_else(|| self.unrecognized())?;
        let query = Query::parse(self.pairs, &[])?;
        let missing = || Problem::no_such(what, id);
        let n = match id.parse::<Id>() {
            Ok(found) if name == "invoice_payments" && found.kind == IdKind::InvoicePayment => found.n,
            _ => self.state.own(listed, self.entity, id).ok_or_else(missing)?,
        };
        let owner = listed.facts(self.company(), n).map(|(entity, _)| entity);
        if owner == Some(self.entity) && self.is_gone(listed, n) {
            let stub = json!({ "id": id, "object": what, "deleted": true });
            return if listed == Listed::Customers { Ok(stub) } else { Err(missing()) };
        }
        let found = self.render(name, n as usize, &query).filter(|_| owner == Some(self.entity));
        found.ok_or_else(missing)
    }

    fn render(&self, name: &str, n: usize, query: &Query) -> Option<Value> {
        let company = self.company();
        let expands = |what: &str| query.expand.iter().any(|it| it.trim_start_matches("data.") == what);
        match name {
            "customers" => company.customers.get(n).map(master::customer),
            "subscriptions" => company.subscriptions.get(n).map(|it| master::subscription(company, it)),
            "invoices" => company.invoices.get(n).map(|it| invoices::invoice(company, it)),
            "credit_notes" => company.credit_notes.get(n).map(|it| invoices::credit_note(company, it)),
            "payment_intents" => {
                company.intents.get(n).map(|it| money::intent(company, it, expands("latest_charge")))
            }
            "invoice_payments" => company.intents.get(n).map(|it| money::invoice_payment(company, it)),
            "charges" => {
                company.charges.get(n).map(|it| money::charge(company, it, expands("balance_transaction")))
            }
            "refunds" => {
                company.refunds.get(n).map(|it| money::refund(company, it, expands("balance_transaction")))
            }
            "payouts" => company.payouts.get(n).map(money::payout),
            "disputes" => company.disputes.get(n).map(|it| money::dispute(company, it)),
            "balance_transactions" => {
                company.transactions.get(n).map(|it| money::balance_transaction(company, it))
            }
            "events" => company.events.get(n).map(|it| master::event(company, it, self.version)),
            _ => None,
        }
    }

    fn products(&self) -> Vec<Value> {
        Product::ALL.iter().map(|&product| master::product(product, 1_500_000_000)).collect()
    }

    fn tax_rate(&self) -> Value {
        master::tax_rate(&self.company().entities[usize::from(self.entity)], 1_500_000_000)
    }

    fn meters(&self) -> Vec<Value> {
        let own = self.company().meters.iter().filter(|meter| meter.entity == self.entity);
        own.map(master::meter).collect()
    }

    /// A list that fits on one page or few, in its own order.
    fn small(&self, data: Vec<Value>) -> Answer {
        let query = Query::parse(self.pairs, &["active", "status"])?;
        let inside = |item: &Value| {
            item["created"].as_i64().is_none_or(|created| (query.from..=query.to).contains(&created))
        };
        let data = data.into_iter().filter(inside).collect();
        slice(self.path, data, &query)
    }

    fn invoice_lines(&self, id: &str) -> Answer {
        let n = self.state.own(Listed::Invoices, self.entity, id);
        let n = n.filter(|n| !self.is_gone(Listed::Invoices, *n));
        let found = n.and_then(|n| self.company().invoices.get(n as usize));
        let invoice = found.ok_or_else(|| Problem::no_such("invoice", id))?;
        let lines = invoice.lines.iter().enumerate();
        let data = lines.map(|(at, line)| invoices::line(self.company(), invoice, at, line)).collect();
        slice(self.path, data, &Query::parse(self.pairs, &[])?)
    }

    fn note_lines(&self, id: &str) -> Answer {
        let n = self.state.own(Listed::CreditNotes, self.entity, id);
        let found = n.and_then(|n| self.company().credit_notes.get(n as usize));
        let note = found.ok_or_else(|| Problem::no_such("credit_note", id))?;
        let lines = note.lines.iter().enumerate();
        let data = lines.map(|(at, line)| invoices::note_line(self.company(), note, at, line)).collect();
        slice(self.path, data, &Query::parse(self.pairs, &[])?)
    }

    /// Usage of one customer: one summary for the span, or one a day with `value_grouping_window=day`. Usage
    /// that lies wholly in the span counts, as the sandbox keeps it by month and entity's time zone.
    fn summaries(&self, meter: &str) -> Answer {
        let known = ["customer", "start_time", "end_time", "value_grouping_window"];
        let query = Query::parse(self.pairs, &known)?;
        let id: Id = meter.parse().map_err(|_| Problem::no_such("billing.meter", meter))?;
        let owner = self.company().meters.get(id.n as usize).filter(|it| it.id == id);
        owner
            .filter(|it| it.entity == self.entity)
            .ok_or_else(|| Problem::no_such("billing.meter", meter))?;
        let customer = query.filter("customer").ok_or_else(|| Problem::missing_parameter("customer"))?;
        let (from, to) = (query.required_instant("start_time")?, query.required_instant("end_time")?);
        let n = self.state.own(Listed::Customers, self.entity, customer);
        let n = n.ok_or_else(|| Problem::no_such_cursor("customer", "customer", customer))?;
        let usage = &self.company().usage;
        let first = usage.partition_point(|it| (it.customer, it.start) < (n, from));
        let inside = usage[first..].iter().take_while(|it| it.customer == n && it.start < to);
        let mut buckets: Vec<(i64, i64, u64)> = Vec::new();
        for month in inside.filter(|it| it.end <= to) {
            if query.filter("value_grouping_window").is_some() {
                let days = ((month.end - month.start) / DAY).max(1);
                for day in 0..days {
                    let share = month.value / days as u64;
                    let rest = if day == 0 { month.value % days as u64 } else { 0 };
                    let start = month.start + day * DAY;
                    let end = if day == days - 1 { month.end } else { start + DAY };
                    buckets.push((start, end, share + rest));
                }
            } else if let Some(whole) = buckets.first_mut() {
                whole.2 += month.value;
            } else {
                buckets.push((from, to, month.value));
            }
        }
        let base = first as u32 * 40;
        let data = (base..).zip(buckets.iter().rev());
        let data = data.map(|(n, &(from, to, value))| master::summary(id, n, from, to, value)).collect();
        slice(self.path, data, &query)
    }
}

/// One object of a few.
fn one(what: &str, id: &str, all: Vec<Value>) -> Answer {
    all.into_iter().find(|it| it["id"] == json!(id)).ok_or_else(|| Problem::no_such(what, id))
}

/// A page of a list that is at hand, in its own order.
fn slice(url: &str, data: Vec<Value>, query: &Query) -> Answer {
    let start = match &query.starting_after {
        None => 0,
        Some(cursor) => {
            let found = data.iter().position(|it| it["id"] == json!(cursor));
            found.ok_or_else(|| Problem::no_such_cursor("starting_after", "object", cursor))? + 1
        }
    };
    let has_more = data.len() > start + query.limit;
    let page = data.into_iter().skip(start).take(query.limit).collect();
    Ok(list(url, page, has_more))
}

fn check_expand(query: &Query, name: &str) -> Result<(), Problem> {
    let known = match name {
        "charges" | "refunds" => "data.balance_transaction",
        "payment_intents" => "data.latest_charge",
        _ => "",
    };
    match query.expand.iter().find(|wanted| *wanted != known) {
        None => Ok(()),
        Some(other) => {
            Err(Problem::invalid("expand", format!("This property cannot be expanded ({other}).")))
        }
    }
}
