//! The columns of every table that leaves the desk, for files and the clipboard alike: each once.

use std::sync::Arc;

use tieout_evidence::LogEntry;

use crate::{
    base::views::{PostingView, StepView},
    close::{flows::BreachView, tie_out::TieOutView},
    queue::record::ExceptionView,
    reports::{
        access_review::{AccessRow, ConflictRow},
        sheet::{Cell, Column},
    },
};

/// A column that files and the clipboard have.
const fn both<R>(
    id: &'static str,
    field: &'static str,
    title: &'static str,
    cell: fn(&R) -> Cell,
) -> Column<R> {
    Column { id, field, title, summed: false, cell }
}

/// A column that a CSV file has, for machines.
const fn machine<R>(field: &'static str, cell: fn(&R) -> Cell) -> Column<R> {
    Column { id: "", field, title: "", summed: false, cell }
}

/// A column that people read.
const fn people<R>(id: &'static str, title: &'static str, cell: fn(&R) -> Cell) -> Column<R> {
    Column { id, field: "", title, summed: false, cell }
}

/// A column of amounts that the totals sum.
const fn sum<R>(
    id: &'static str,
    field: &'static str,
    title: &'static str,
    cell: fn(&R) -> Cell,
) -> Column<R> {
    Column { id, field, title, summed: true, cell }
}

fn optional(text: &Option<String>) -> Cell {
    Cell::optional(text.as_deref())
}

fn code(name: &str) -> Cell {
    Cell::Code(name.to_owned())
}

fn yes(is: bool) -> Cell {
    Cell::text(if is { "yes" } else { "" })
}

/// Of exceptions.
pub(crate) const EXCEPTIONS: &[Column<ExceptionView>] = &[
    both("id", "id", "Id", |e| Cell::text(&e.id)),
    machine("kind", |e| Cell::text(&e.kind)),
    machine("queue", |e| Cell::text(&e.queue)),
    both("document", "external_ref", "Document", |e| Cell::text(&e.external_ref)),
    both("customer", "customer", "Customer", |e| optional(&e.customer)),
    both("entity", "entity", "Entity", |e| optional(&e.entity)),
    both("period", "period", "Period", |e| optional(&e.period)),
    both("dated", "dated", "Dated", |e| Cell::day(e.dated.as_deref().unwrap_or_default())),
    both("currency", "currency", "Currency", |e| Cell::text(&e.currency)),
    sum("amount", "amount", "Amount", |e| Cell::number(&e.amount)),
    sum("variance", "variance", "Variance", |e| Cell::number(&e.variance)),
    people("worth", "In the reporting currency", worth),
    both("severity", "severity", "Severity", |e| code(&e.severity)),
    people("kind", "Kind", |e| Cell::text(&e.kind_name)),
    both("state", "state", "State", |e| code(&e.state)),
    both("owner", "owner", "Owner", |e| code(&e.owner)),
    both("assignee", "assignee", "Assigned to", |e| optional(&e.assignee)),
    both("due", "due_at", "Due", |e| Cell::At(e.due_at)),
    machine("overdue", |e| Cell::text(e.overdue)),
    people("", "Overdue", |e| yes(e.overdue)),
    both("opened", "opened_at", "Opened", |e| Cell::At(e.opened_at)),
    both("in_the_way", "in_the_way", "In the way", |e| Cell::text(&e.in_the_way)),
    both("why", "why", "What happened", |e| Cell::text(&e.why)),
    both("late", "late", "Late item", |e| optional(&e.late)),
    people("", "Backlog", |e| yes(e.backlog)),
    both("", "vendor_id", "Vendor's id", |e| optional(&e.vendor_id)),
    machine("worth", worth),
    machine("backlog", |e| Cell::text(e.backlog)),
];

fn worth(one: &ExceptionView) -> Cell {
    one.worth.as_ref().map_or_else(|| Cell::text(""), Cell::number)
}

/// Of the tie-out's cells.
pub(crate) const TIE_OUT: &[Column<TieOutView>] = &[
    both("", "entity", "Entity", |row| Cell::text(&row.entity)),
    both("", "currency", "Currency", |row| Cell::text(&row.currency)),
    both("", "period", "Period", |row| Cell::text(&row.period)),
    both("", "account", "Account", |row| Cell::text(&row.account)),
    both("", "account_name", "Account name", |row| optional(&row.account_name)),
    sum("", "billing", "Billing", |row| Cell::number(&row.billing)),
    sum("", "corrections", "Corrections", |row| Cell::number(&row.corrections)),
    sum("", "settled", "Settled", |row| Cell::number(&row.settled)),
    sum("", "not_ours", "Not ours", |row| Cell::number(&row.not_ours)),
    sum("", "noted", "Noted", |row| Cell::number(&row.noted)),
    sum("", "tolerated", "Tolerated", |row| Cell::number(&row.tolerated)),
    sum("", "opening", "Opening", |row| Cell::number(&row.opening)),
    sum("", "ledger", "Ledger", |row| Cell::number(&row.ledger)),
    sum("", "variance", "Variance", |row| Cell::number(&row.variance)),
    sum("", "explained", "Explained", |row| Cell::number(&row.explained)),
    sum("", "in_transit", "In transit", |row| Cell::number(&row.in_transit)),
    sum("", "unexplained", "Unexplained", |row| Cell::number(&row.unexplained)),
    both("", "open", "Open exceptions", |row| Cell::number(row.open_exceptions)),
    both("", "material", "Material", |row| yes(row.material)),
];

/// Of what the flows were late with.
pub(crate) const BREACHES: &[Column<BreachView>] = &[
    machine("flow", |row| Cell::text(&row.flow)),
    people("", "Flow", |row| Cell::text(&row.flow_name)),
    both("", "entity", "Entity", |row| optional(&row.item.entity)),
    both("", "reference", "What", |row| Cell::text(&row.item.reference)),
    both("", "customer", "Customer", |row| optional(&row.item.customer)),
    both("", "limit", "May take", |row| Cell::text(&row.limit)),
    both("", "since", "Began", |row| instant(row.item.since)),
    both("", "due_at", "Due", |row| Cell::At(row.item.due_at)),
    both("", "finished_at", "Finished", |row| instant(row.finished_at)),
    both("", "hours_late", "Hours late", |row| Cell::number(row.hours_late)),
];

fn instant(at: Option<chrono::DateTime<chrono::Utc>>) -> Cell {
    at.map_or_else(|| Cell::text(""), Cell::At)
}

/// Of people and what they may do.
pub(crate) const ACCESS: &[Column<AccessRow>] = &[
    both("", "person", "Person", |row| Cell::text(&row.person)),
    both("", "role", "Role", |row| code(&row.role)),
    both("", "active", "Works here", |row| yes(row.active)),
    both("", "since", "Since", |row| Cell::At(row.since)),
    both("", "given_by", "Given by", |row| Cell::text(&row.given_by)),
    both("", "last_used", "Last used", |row| instant(row.last_used)),
    both("", "entries", "Log entries", |row| Cell::number(row.entries)),
    both("", "os_account", "OS account", |row| optional(&row.os_account)),
    both("", "secret", "Own secret", |row| Cell::text(&row.secret)),
    both("", "confirmed_by", "Confirmed by", |row| Cell::text(&row.confirmed_by)),
];

/// Of duties that came together.
pub(crate) const CONFLICTS: &[Column<ConflictRow>] = &[
    both("", "says", "What", |row| Cell::text(&row.says)),
    both("", "approver", "Approved by", |row| Cell::text(&row.approver)),
    both("", "preparer", "Prepared by", |row| Cell::text(&row.preparer)),
    both("", "count", "Postings", |row| Cell::number(row.count)),
    both("", "items", "Documents", |row| Cell::text(row.items.join(", "))),
];

/// A line of the pilot's report: what of an account agrees, or one thing that does not.
pub(crate) struct PilotLine {
    pub account: String,
    pub account_name: Option<String>,
    pub currency: String,
    pub why: String,
    pub document: String,
    pub count: u64,
    pub billing: String,
    pub ledger: String,
    pub variance: String,
    pub because: String,
}

/// Of the pilot's report.
pub(crate) const PILOT: &[Column<PilotLine>] = &[
    both("", "account", "Account", |line| Cell::text(&line.account)),
    both("", "account_name", "Account name", |line| optional(&line.account_name)),
    both("", "currency", "Currency", |line| Cell::text(&line.currency)),
    both("", "why", "Why", |line| Cell::text(&line.why)),
    both("", "document", "Document", |line| Cell::text(&line.document)),
    both("", "lines", "Lines", |line| Cell::number(line.count)),
    sum("", "billing", "Billing", |line| Cell::number(&line.billing)),
    sum("", "ledger", "Ledger", |line| Cell::number(&line.ledger)),
    sum("", "variance", "Variance", |line| Cell::number(&line.variance)),
    both("", "because", "Because", |line| Cell::text(&line.because)),
];

/// A step of a posting, and its posting.
pub(crate) type Step = (Arc<PostingView>, StepView);

/// Of postings, a row for each step.
pub(crate) const POSTINGS: &[Column<Step>] = &[
    both("", "id", "Id", |(posting, _)| Cell::text(&posting.id)),
    both("", "reference", "Document", |(posting, _)| Cell::text(&posting.reference)),
    both("", "state", "State", |(posting, _)| code(&posting.state)),
    both("", "origin", "Prepared by way of", |(posting, _)| code(&posting.origin)),
    both("", "currency", "Currency", |(posting, _)| Cell::text(&posting.currency)),
    both("", "amount", "Amount", |(posting, _)| Cell::number(&posting.amount)),
    both("", "preparer", "Prepared by", |(posting, _)| optional(&posting.preparer)),
    both("", "approved_by", "Approved by", |(posting, _)| Cell::text(posting.approved_by.join(", "))),
    people("", "Entity", |(_, step)| Cell::text(&step.entity)),
    both("", "late", "Late item", |(posting, _)| optional(&late_of(posting))),
    both("", "posting_date", "Posting date", |(_, step)| Cell::day(&step.posting_date)),
    both("", "period", "Period", |(_, step)| Cell::text(&step.period)),
    people("", "Entry's currency", |(_, step)| Cell::text(&step.currency)),
    sum("", "", "Entry's debits", |(_, step)| Cell::number(&step.debit_total)),
    both("", "key", "Key", |(_, step)| Cell::text(&step.key)),
    both("", "erp_id", "Id in the ERP", |(_, step)| optional(&step.erp_id)),
    both("", "failure", "Failure", |(posting, _)| optional(&posting.failure)),
];

/// By which rule a late item goes where it goes.
fn late_of(posting: &PostingView) -> Option<String> {
    posting.periods.late.and(posting.periods.says.clone())
}

/// An entry of the log, who made it by name, and the reference of what it is about.
pub(crate) struct Logged {
    pub entry: LogEntry,
    pub who: String,
    pub reference: String,
}

/// Of the log. A check needs the entries' own texts to the last digit: what people read of them stands
/// beside.
pub(crate) const LOG: &[Column<Logged>] = &[
    both("", "number", "number", |e| Cell::number(e.entry.number)),
    people("", "When (UTC)", |e| Cell::At(e.entry.at)),
    people("", "Who", |e| Cell::text(&e.who)),
    people("", "What", |e| code(&e.entry.what)),
    people("", "About", |e| Cell::text(&e.reference)),
    both("", "at", "at", |e| Cell::text(e.entry.at.to_rfc3339())),
    both("", "actor", "actor", |e| Cell::text(&e.entry.actor)),
    both("", "what", "what", |e| Cell::text(&e.entry.what)),
    both("", "subject", "subject", |e| Cell::text(&e.entry.subject)),
    both("", "detail", "detail", |e| Cell::text(&e.entry.detail)),
    both("", "previous", "previous", |e| Cell::text(hex::encode(e.entry.previous))),
    both("", "hash", "hash", |e| Cell::text(hex::encode(e.entry.hash))),
    both("", "signer", "signer", |e| {
        Cell::text(e.entry.signer.as_ref().map(ToString::to_string).unwrap_or_default())
    }),
    both("", "signature", "signature", |e| {
        Cell::text(e.entry.signature.as_ref().map(hex::encode).unwrap_or_default())
    }),
    both("", "seal", "seal", |e| optional(&e.entry.seal)),
    machine("reference", |e| Cell::text(&e.reference)),
];
