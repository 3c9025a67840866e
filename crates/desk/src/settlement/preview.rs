//! The dry run: what would be booked, the checks, and what the ERP already holds; of a draft that is not
//! stored and of a posting that is.

use chrono::{DateTime, Utc};
use tieout_connectors::{Lookup, files};
use tieout_domain::{
    calendar::{Period, Subledger},
    destination::Customer,
    entry::{JournalEntry, JournalLine},
    ledger::{EntityRef, LedgerEntry},
    people::Action,
    posting::Posting,
};
use tieout_duties::Subject;
use tieout_store::{ExceptionRow, PostingRow, StoredEntry};

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
        views::{CheckView, CustomerView, HeldView, LineView, PeriodState, Preview, StepView},
        wording,
    },
    governance::{changes, posting_switch},
    intake::{
        adapters::{self, runtime},
        chart::{self, Charts},
        pages::name_entities,
    },
    queue::exceptions::item,
    settlement::{
        draft::{self, Draft},
        three_periods,
    },
};

/// A dry run of a draft: the steps as they would be sent, the checks, and what the ERP already holds.
pub(crate) fn preview(
    ctx: &Context,
    draft: &Draft,
    posting: &Posting,
    action: Action,
) -> DeskResult<Preview> {
    let checks = draft_checks(ctx, draft, action)?;
    preview_of(ctx, posting, checks)
}

/// The checks of a draft itself: duty, and that nothing else settles its exception.
pub(crate) fn draft_checks(ctx: &Context, draft: &Draft, action: Action) -> DeskResult<Vec<CheckView>> {
    let mut checks = vec![duty_check(ctx, &draft.exception, action)?];
    let live = draft::live_posting(ctx, &draft.exception)?;
    let free =
        live.as_ref().is_none_or(|l| draft.replaces.as_ref().is_some_and(|r| r.posting.id == l.posting.id));
    checks.push(CheckView {
        check: "no other posting settles it".to_owned(),
        passed: free,
        found: live
            .map_or_else(|| "none".to_owned(), |l| format!("one that is {}", wording::posting(l.state))),
    });
    let on = posting_switch::is_on(ctx, &draft.connection)?;
    checks.push(CheckView {
        check: format!("posting to {} is switched on", draft.connection.name),
        passed: on,
        found: if on { "yes".to_owned() } else { posting_switch::observes(&draft.connection.name) },
    });
    Ok(checks)
}

/// The same for a stored posting.
pub(crate) fn preview_of_posting(ctx: &Context, row: &PostingRow, action: Action) -> DeskResult<Preview> {
    let exception = ctx.known().exception(&row.posting.exception)?;
    let checks = vec![duty_check(ctx, &exception, action)?];
    preview_of(ctx, &row.posting, checks)
}

fn duty_check(ctx: &Context, exception: &ExceptionRow, action: Action) -> DeskResult<CheckView> {
    let person = actor::acting_person(ctx)?;
    let roster = actor::roster(ctx)?;
    let subject: Subject = item(exception);
    let request = tieout_duties::ActionRequest { actor: person.id.clone(), action, subject };
    let judged = actor::duties(ctx)?.judge(&request, &roster);
    Ok(CheckView {
        check: format!("{} may {}", person.name, action.as_str()),
        passed: judged.is_ok(),
        found: judged.map_or_else(|refusal| refusal.message, |_| "yes".to_owned()),
    })
}

fn preview_of(ctx: &Context, posting: &Posting, checks: Vec<CheckView>) -> DeskResult<Preview> {
    let mut preview = preview_without_erp(ctx, posting, checks)?;
    match look_up(ctx, posting) {
        Ok((held, at)) => {
            preview.looked_up_at = at;
            preview.already_held = held;
        }
        Err(error) => preview.checks.push(CheckView {
            check: "the ERP was asked what it already holds".to_owned(),
            passed: false,
            found: format!("{}: {}", error.code, error.message),
        }),
    }
    Ok(preview)
}

/// Steps and checks by what is known here, without asking the ERP.
pub(crate) fn preview_without_erp(
    ctx: &Context,
    posting: &Posting,
    mut checks: Vec<CheckView>,
) -> DeskResult<Preview> {
    let periods = draft::all_periods(ctx)?;
    let steps = steps_shown(ctx, posting, &periods)?;
    for (step, view) in posting.steps.iter().zip(&steps) {
        let which = if steps.len() > 1 { format!("step {}: ", view.number) } else { String::new() };
        let accepts = known(&periods, &step.entry).is_none_or(|p| p.status.accepts(Subledger::Ar));
        checks.push(CheckView {
            check: format!("{which}{} takes it, as last synced", wording::period(&view.period)),
            passed: accepts,
            found: view.period_status.clone(),
        });
    }
    checks.extend(reread_check(ctx, posting)?);
    let periods = three_periods::of_posting(ctx, posting)?;
    Ok(Preview { steps, periods, checks, already_held: Vec::new(), looked_up_at: None })
}

/// How billing is asked once more for the document before it is sent.
fn reread_check(ctx: &Context, posting: &Posting) -> DeskResult<Option<CheckView>> {
    let Some(rests_on) = posting.basis.as_ref().and_then(|basis| basis.document.as_ref()) else {
        return Ok(None);
    };
    let document = ctx.known().document(&rests_on.id)?;
    let connection = ctx.known().connection(&document.connection)?;
    let found = if connection.is_files() {
        files::REREAD.to_owned()
    } else {
        format!("right before it is sent, by {}", connection.name)
    };
    Ok(Some(CheckView { check: "billing is asked for it once more".to_owned(), passed: true, found }))
}

/// Asks the ERP itself, now, what it holds for the steps' keys and for the reference.
fn look_up(ctx: &Context, posting: &Posting) -> DeskResult<(Vec<HeldView>, Option<DateTime<Utc>>)> {
    let connection = ctx.known().connection(&posting.connection)?;
    if connection.is_files() {
        return in_last_file(ctx, posting);
    }
    let poster = adapters::poster(ctx, &connection)?;
    let mapping = changes::mapping_needed(ctx)?.content;
    let runtime = runtime()?;
    let mut held: Vec<HeldView> = Vec::new();
    for step in &posting.steps {
        let entity = step.entry.entity();
        let erp_id = mapping.entity(entity).and_then(|e| e.erp_id.clone()).ok_or_else(|| {
            DeskError::new(Code::EntityUnmapped, format!("entity {entity} has no erp_id in the mapping"))
        })?;
        let lookup = Lookup {
            key: step.key.clone(),
            reference: posting.reference.clone(),
            other_names: Vec::new(),
            entity: entity.clone(),
            entity_erp_id: erp_id,
            sent: false,
        };
        let found = runtime.block_on(poster.find(&lookup))?;
        let mut entries: Vec<LedgerEntry> = found.by_key.into_iter().chain(found.by_reference).collect();
        name_entities(&mut entries, Some(&mapping));
        for entry in &entries {
            if held.iter().all(|h| h.erp_id != entry.erp_id) {
                held.push(held_view(entry));
            }
        }
    }
    Ok((held, Some(ctx.clock.now())))
}

/// What the ledger's last file holds, and when that was received: a ledger that is read from files cannot be
/// asked.
fn in_last_file(ctx: &Context, posting: &Posting) -> DeskResult<(Vec<HeldView>, Option<DateTime<Utc>>)> {
    let store = ctx.store();
    let mut entries = store.entries_by_reference(&posting.reference)?;
    entries.retain(|stored| stored.connection == posting.connection && stored.removed.is_none());
    let states = store.sync_states(&posting.connection)?;
    let read = states.iter().find(|state| state.resource == "entries");
    Ok((entries.iter().map(kept_view).collect(), read.and_then(|state| state.complete_through)))
}

fn known<'a>(periods: &'a [Period], entry: &JournalEntry) -> Option<&'a Period> {
    periods.iter().find(|p| p.entity == *entry.entity() && p.key == *entry.period())
}

/// The steps as they are shown, with the names of the customers that the ERP has.
pub(crate) fn steps_shown(ctx: &Context, posting: &Posting, periods: &[Period]) -> DeskResult<Vec<StepView>> {
    let mut steps = steps_of(posting, periods, &chart::charts(ctx)?);
    for customer in steps.iter_mut().filter_map(|step| step.customer.as_mut()) {
        let Some(erp_id) = &customer.erp_id else { continue };
        let known = ctx.store().erp_customer_named(&posting.connection, erp_id)?;
        if let Some((external_id, name)) = known {
            (customer.external_id, customer.name) = (external_id, Some(name));
        }
    }
    Ok(steps)
}

fn steps_of(posting: &Posting, periods: &[Period], charts: &Charts) -> Vec<StepView> {
    let erp = &posting.connection;
    let of = |step: &tieout_domain::posting::PostingStep| {
        let (entry, to) = (&step.entry, step.destination.as_ref());
        StepView {
            number: step.number,
            key: step.key.to_string(),
            reverses: step.reverses.clone(),
            entity: entry.entity().to_string(),
            entity_erp_id: step.entity_erp_id().map(str::to_owned),
            customer: to.and_then(|to| to.customer.as_ref()).map(customer_view),
            options: to.map(|to| to.options.clone()).unwrap_or_default(),
            document_date: entry.document_date().to_string(),
            posting_date: entry.posting_date().to_string(),
            period: entry.period().to_string(),
            period_state: PeriodState::of(known(periods, entry).map(|p| p.status)),
            period_status: known(periods, entry).map_or("not known".to_owned(), |p| p.status.as_text()),
            erp_id: None,
            lines: entry
                .lines()
                .iter()
                .map(|line| {
                    let erp_id = to.and_then(|to| to.accounts.get(&line.account)).cloned();
                    line_view(line, charts.name(Some(erp), line.account.as_str()), erp_id)
                })
                .collect(),
            debit_total: total(entry, 1),
            credit_total: total(entry, -1),
            currency: entry.functional_currency().code().to_owned(),
        }
    };
    posting.steps.iter().map(of).collect()
}

/// All debits (1) or credits (-1) of an entry in functional currency, in which every entry balances.
fn total(entry: &JournalEntry, side: i64) -> String {
    let minors = entry.lines().iter().map(|line| i128::from(line.functional.minor()) * i128::from(side));
    let sum: i128 = minors.filter(|minor| *minor > 0).sum();
    wording::wide_text(sum, entry.functional_currency())
}

fn customer_view(customer: &Customer) -> CustomerView {
    match customer {
        Customer::Known { erp_id } => {
            CustomerView { erp_id: Some(erp_id.clone()), external_id: None, name: None }
        }
        Customer::New { external_id, name } => {
            CustomerView { erp_id: None, external_id: Some(external_id.clone()), name: Some(name.clone()) }
        }
    }
}

fn line_view(line: &JournalLine, name: Option<&str>, account_erp_id: Option<String>) -> LineView {
    let minor = line.transaction.minor();
    let currency = line.transaction.currency();
    let currency = currency.code();
    let text = |on: bool| if on { decimal_text(minor.saturating_abs(), currency) } else { String::new() };
    LineView {
        account: line.account.to_string(),
        name: name.map(str::to_owned),
        account_erp_id,
        debit: text(minor > 0),
        credit: text(minor < 0),
        currency: currency.to_owned(),
        transaction_minor: minor,
        functional_minor: line.functional.minor(),
        memo: line.memo.clone(),
    }
}

/// An entry as it is kept: also one that the ERP has no more.
pub(crate) fn kept_view(stored: &StoredEntry) -> HeldView {
    let view = HeldView { settles: stored.settles.clone(), ..held_view(&stored.entry) };
    match stored.removed {
        Some(removal) => HeldView {
            status: "removed".to_owned(),
            last_seen_at: Some(removal.last_seen_at),
            removed_at: Some(removal.noticed_at),
            ..view
        },
        None => view,
    }
}

fn held_view(entry: &LedgerEntry) -> HeldView {
    let entity = match &entry.entity {
        EntityRef::Code(code) => code.to_string(),
        EntityRef::ErpId(id) => format!("ERP entity {id}"),
    };
    HeldView {
        erp_id: entry.erp_id.clone(),
        number: entry.number.clone(),
        external_id: entry.external_id.clone(),
        status: entry.status.as_str().to_owned(),
        entity,
        posting_date: entry.posting_date.to_string(),
        period: entry.period.to_string(),
        settles: None,
        last_seen_at: None,
        removed_at: None,
    }
}
