//! The sheets that `export` writes.

use std::{collections::HashMap, path::Path, sync::Arc};

use tieout_store::Selection;

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        workspace,
    },
    close::{
        flows::{self, BreachRequest},
        pilot::{self, PilotAccount, PilotRequest},
        tie_out::{self, TieOutRequest},
    },
    queue::{
        exception_query::{self, ExceptionQuery},
        exception_views,
    },
    reports::{
        access_review,
        columns::{self, Logged, PilotLine},
        log_view::{self, LogRequest},
        printing,
        sheet::{Column, Heading, Sheet},
    },
    settlement::posting_pages::{self, PostingsRequest},
};

/// A sheet of this kind without rows. `shows` says in words what of it was asked for, `totals_by` by which
/// titles totals are told apart.
fn sheet<R>(
    ctx: &Context,
    (kind, columns): (&'static str, &[Column<R>]),
    shows: &[(&str, String)],
    totals_by: &'static [&'static str],
) -> DeskResult<Sheet> {
    let workspace = ctx.store().workspace()?;
    let asked: Vec<String> = shows.iter().map(|(what, which)| format!("{what}: {which}")).collect();
    let heading = |c: &Column<R>| Heading { field: c.field, title: c.title, summed: c.summed };
    Ok(Sheet {
        kind,
        workspace: workspace.name,
        workspace_id: workspace.id.to_string(),
        written_at: ctx.clock.now(),
        written_by: actor::who_sits_here(ctx),
        as_of: ctx.store().judged_as_of()?,
        shows: if asked.is_empty() { "everything".to_owned() } else { asked.join("; ") },
        totals_by,
        columns: columns.iter().map(heading).collect(),
        rows: Vec::new(),
    })
}

/// What was asked for, of what may be absent.
fn asked<'w>(of: &[(&'w str, &Option<String>)]) -> Vec<(&'w str, String)> {
    of.iter().filter_map(|(what, which)| Some((*what, (*which).clone()?))).collect()
}

/// The exceptions that a query asks for, in its order.
///
/// # Errors
/// What a query can give, and as [`Sheet::write`].
pub(crate) fn export_exceptions(
    ctx: &Context,
    query: &ExceptionQuery,
    (to, force): (&Path, bool),
) -> DeskResult<u64> {
    if query.rank.is_some() {
        let message = "a rank is what a screen shows first, and nothing to export: leave it out";
        return Err(DeskError::new(Code::BadRequest, message));
    }
    let view = exception_query::view_of(ctx, query)?;
    let about = ("exceptions", columns::EXCEPTIONS);
    let mut sheet = sheet(ctx, about, &exception_query::words(ctx, query)?, &["Currency"])?;
    let all = Selection::All { view: Box::new(view), except: Vec::new() };
    exception_views::each_selected(ctx, &all, |one| sheet.push(columns::EXCEPTIONS, one))?;
    write_sheet(ctx, &sheet, to, force)
}

/// The tie-out, as [`crate::close::tie_out::tie_out`] gives it.
///
/// # Errors
/// Its own, and as [`Sheet::write`].
pub fn export_tie_out(ctx: &Context, request: &TieOutRequest, to: &Path, force: bool) -> DeskResult<u64> {
    let rows = tie_out::tie_out(ctx, request)?;
    let mut shows = asked(&[
        ("Entity", &request.entity),
        ("Period", &request.period),
        ("Account", &request.account),
        ("Currency", &request.currency),
    ]);
    shows.extend(request.show.map(|show| ("Only", show.words().to_owned())));
    let by = &["Currency", "Account", "Account name"];
    let mut sheet = sheet(ctx, ("tie-out", columns::TIE_OUT), &shows, by)?;
    rows.iter().for_each(|row| sheet.push(columns::TIE_OUT, row));
    write_sheet(ctx, &sheet, to, force)
}

/// The pilot's report of a period: as a PDF, or a line for what agrees of each account and one for each thing
/// that does not.
///
/// # Errors
/// As [`crate::close::pilot::pilot`] and [`Sheet::write`].
pub fn export_pilot(ctx: &Context, request: &PilotRequest, to: &Path, force: bool) -> DeskResult<u64> {
    if to.extension().is_some_and(|ending| ending == "pdf") {
        return printing::print_pilot(ctx, &pilot::pilot(ctx, request)?, to, force);
    }
    let report = pilot::report(ctx, request, usize::MAX)?;
    let shows = [("Entity", report.entity.clone()), ("Period", report.period.clone())];
    let by = &["Currency", "Account", "Account name"];
    let mut sheet = sheet(ctx, ("pilot", columns::PILOT), &shows, by)?;
    for one in &report.accounts {
        pilot_lines(one).iter().for_each(|line| sheet.push(columns::PILOT, line));
    }
    write_sheet(ctx, &sheet, to, force)
}

fn pilot_lines(one: &PilotAccount) -> Vec<PilotLine> {
    let line = |why: &str, amounts: [&str; 3]| PilotLine {
        account: one.account.clone(),
        account_name: one.account_name.clone(),
        currency: one.currency.clone(),
        why: why.to_owned(),
        document: String::new(),
        count: 1,
        billing: amounts[0].to_owned(),
        ledger: amounts[1].to_owned(),
        variance: amounts[2].to_owned(),
        because: String::new(),
    };
    let agrees = PilotLine { count: one.agree, ..line("Agrees", [&one.agrees, &one.agrees, "0"]) };
    let mut lines = vec![agrees];
    for part in &one.beside {
        lines.push(line(&part.name, ["0", &part.amount, "0"]));
    }
    for reason in &one.reasons {
        lines.extend(reason.items.iter().map(|item| PilotLine {
            document: item.reference.clone(),
            because: item.why.clone(),
            ..line(&reason.label, [&item.billing, &item.ledger, &item.variance])
        }));
    }
    lines
}

/// Postings with their state, newest first: all that the filters leave.
///
/// # Errors
/// As [`crate::settlement::posting_pages::postings_page`] and [`Sheet::write`].
pub fn export_postings(ctx: &Context, request: &PostingsRequest, to: &Path, force: bool) -> DeskResult<u64> {
    let shows = asked(&[
        ("State", &request.state),
        ("Connection", &request.connection),
        ("Entity", &request.entity),
        ("Period", &request.period),
        ("Containing", &request.search),
    ]);
    let mut sheet = sheet(ctx, ("postings", columns::POSTINGS), &shows, &["Entry's currency"])?;
    for posting in posting_pages::postings_of(ctx, request)? {
        let steps = posting.steps.clone();
        let posting = Arc::new(posting);
        steps.into_iter().for_each(|step| sheet.push(columns::POSTINGS, &(Arc::clone(&posting), step)));
    }
    write_sheet(ctx, &sheet, to, force)
}

/// The log, oldest first: all that the filters leave. With hashes and signatures, so that the chain of a
/// whole one can be checked elsewhere.
///
/// # Errors
/// As [`crate::reports::log_view::log_page`] and [`Sheet::write`].
pub fn export_log(ctx: &Context, request: &LogRequest, to: &Path, force: bool) -> DeskResult<u64> {
    let shows = asked(&[
        ("By", &request.actor),
        ("What", &request.what),
        ("Containing", &request.search),
        ("From", &request.from),
        ("To", &request.to),
    ]);
    let mut sheet = sheet(ctx, ("log", columns::LOG), &shows, &[])?;
    let names = actor::names(ctx)?;
    // Many entries are about one item.
    let mut known: HashMap<String, String> = HashMap::new();
    for entry in log_view::log_entries_of(ctx, request)? {
        let reference = match known.get(&entry.subject) {
            Some(reference) => reference.clone(),
            None => {
                let found = log_view::log_about(ctx, &entry.subject)?.reference.unwrap_or_default();
                known.insert(entry.subject.clone(), found.clone());
                found
            }
        };
        sheet.push(columns::LOG, &Logged { who: names.of(&entry.actor), entry, reference });
    }
    write_sheet(ctx, &sheet, to, force)
}

/// What of the flows was finished after its time, or is late.
///
/// # Errors
/// As [`flows::flow_breaches`] and [`Sheet::write`].
pub fn export_breaches(ctx: &Context, request: &BreachRequest, to: &Path, force: bool) -> DeskResult<u64> {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
    let (from, through) = (day(request.from), day(request.to));
    let shows = asked(&[("Due from", &from), ("Due through", &through), ("Flow", &request.flow)]);
    let mut sheet = sheet(ctx, ("breaches", columns::BREACHES), &shows, &[])?;
    flows::flow_breaches(ctx, request)?.iter().for_each(|row| sheet.push(columns::BREACHES, row));
    write_sheet(ctx, &sheet, to, force)
}

/// Who may do what here, since when, given by whom and last used when.
///
/// # Errors
/// As [`Sheet::write`].
pub fn export_access(ctx: &Context, to: &Path, force: bool) -> DeskResult<u64> {
    let review = access_review::access_review(ctx)?;
    let signed = [("Reviewed", review.signed_words())];
    let mut sheet = sheet(ctx, ("access", columns::ACCESS), &signed, &[])?;
    review.people.iter().for_each(|row| sheet.push(columns::ACCESS, row));
    write_sheet(ctx, &sheet, to, force)
}

/// Where duties that should lie apart came together.
///
/// # Errors
/// As [`Sheet::write`].
pub fn export_conflicts(ctx: &Context, to: &Path, force: bool) -> DeskResult<u64> {
    let review = access_review::access_review(ctx)?;
    let signed = [("Reviewed", review.signed_words())];
    let mut sheet = sheet(ctx, ("conflicts", columns::CONFLICTS), &signed, &[])?;
    review.conflicts.iter().for_each(|row| sheet.push(columns::CONFLICTS, row));
    write_sheet(ctx, &sheet, to, force)
}

fn write_sheet(ctx: &Context, sheet: &Sheet, to: &Path, force: bool) -> DeskResult<u64> {
    let rows = sheet.rows.len() as u64;
    sheet.write_logged(to, force, &workspace::export_key(ctx)?, |signature| {
        let detail = serde_json::json!({
            "kind": sheet.kind, "rows": rows, "shows": sheet.shows, "signature": signature
        });
        ctx.note_of(&actor::sitting(ctx), "exported", &to.display().to_string(), detail)
    })?;
    Ok(rows)
}
