//! A posting placed elsewhere: another date, period, account, or (by the mapping) entity.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;
use tieout_domain::{
    AccountCode,
    calendar::{Period, PeriodKey},
    people::{Action, Origin},
};

use crate::{
    access::judging::{self, By},
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        views::Outcome,
    },
    governance::changes,
    queue::outcome::{self, Done},
    settlement::{
        decide,
        draft::{self, Draft},
        plan::{self, Place},
        propose, within,
    },
};

/// A posting placed elsewhere.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct RerouteRequest {
    /// Postings, or exceptions that have one or could have one.
    pub ids: Vec<String>,
    /// Book under this date.
    pub date: Option<String>,
    /// Book into this period.
    pub period: Option<String>,
    /// Book on other accounts, old to new.
    #[serde(default)]
    pub accounts: BTreeMap<String, String>,
    /// The right entity, where the derived one is wrong.
    pub entity: Option<String>,
    /// The corrected mapping file that derives it.
    pub mapping: Option<PathBuf>,
    /// Why.
    pub reason: String,
}

/// Prepares postings for another date, period, account or entity.
///
/// # Errors
/// Where the acting person cannot be established at all.
pub fn reroute(ctx: &Context, request: &RerouteRequest) -> DeskResult<Vec<Outcome>> {
    let by = judging::by(ctx, false)?;
    reroute_all(ctx, Some(&by), request)
}

/// As [`reroute`]; where nobody is named, only previewed.
pub(crate) fn reroute_all(
    ctx: &Context,
    by: Option<&By>,
    request: &RerouteRequest,
) -> DeskResult<Vec<Outcome>> {
    if let (Some(_), Some(mapping)) = (&request.entity, &request.mapping) {
        return reroute_entity(ctx, by, request, mapping.clone());
    }
    let one = |id: &str| reroute_one(ctx, by, id, request);
    Ok(request.ids.iter().map(|id| outcome::outcome(ctx, id, one(id))).collect())
}

pub(crate) fn reroute_one(
    ctx: &Context,
    by: Option<&By>,
    id: &str,
    request: &RerouteRequest,
) -> DeskResult<Done> {
    let draft = rerouted_draft(ctx, id, request)?;
    propose::finish_draft(ctx, by, Action::Reroute, draft)
}

/// Another entity is only ever a correction of a wrong derivation, so the mapping is what changes: the
/// corrected file is brought in, and once another person has approved it, every document that it gives
/// to another entity is derived anew and can be proposed.
fn reroute_entity(
    ctx: &Context,
    by: Option<&By>,
    request: &RerouteRequest,
    mapping: PathBuf,
) -> DeskResult<Vec<Outcome>> {
    let text = crate::governance::changes::read_text(&mapping)?;
    let corrected = tieout_domain::accounts::AccountMapping::parse(&text)?;
    let wanted = request.entity.as_deref().unwrap_or_default();
    let checked = |id: &str| {
        let exception = draft::exception_or_its_posting(ctx, id)?.0;
        let document = draft::document_of(ctx, &exception)?.ok_or_else(|| {
            DeskError::new(
                Code::NothingToReroute,
                format!("{id} has no document whose entity could be derived"),
            )
        })?;
        let route = corrected.route(
            &document.connection_name,
            document.document.country.as_deref(),
            document.document.currency(),
        );
        match route {
            Some(entity) if entity.code.as_str() == wanted => Ok(Done::new(
                "mapping_waits",
                format!("Goes to {wanted} once the mapping is approved; then propose it"),
            )
            .named(&exception.external_ref)),
            _ => Err(DeskError::naming(
                Code::MappingDisagrees,
                &exception.external_ref,
                &format!("the corrected mapping does not give it to {wanted}"),
            )),
        }
    };
    let mut outcomes: Vec<Outcome> =
        request.ids.iter().map(|id| outcome::outcome(ctx, id, checked(id))).collect();
    let all_agree = outcomes.iter().all(|o| o.result == "done");
    if all_agree && by.is_some() {
        let change =
            changes::import_mapping(ctx, &crate::governance::changes::ImportChangeRequest { file: mapping })?;
        for outcome in &mut outcomes {
            outcome.message = format!("{} ({})", outcome.message, change.id);
            outcome.said = Some(outcome.message.clone());
        }
    }
    Ok(outcomes)
}

fn rerouted_draft(ctx: &Context, id: &str, request: &RerouteRequest) -> DeskResult<Draft> {
    let (exception, live) = draft::exception_or_its_posting(ctx, id)?;
    let mut draft = match &live {
        Some(row) => {
            let within = within::ground_of(ctx, row)?;
            Draft { within, ..draft::draft_of_posting(ctx, &exception, row)? }
        }
        None => propose::drafted(ctx, &exception, None, None)?,
    };
    let first = draft.steps.iter().rfind(|s| s.reverses.is_none()).or(draft.steps.first());
    let entry =
        &first.ok_or_else(|| DeskError::new(Code::NothingToReroute, "the posting has no steps"))?.entry;
    let date = request.date.as_deref().map(crate::base::when::date).transpose()?;
    let periods = draft::all_periods(ctx)?;
    let to = reroute_place(&periods, entry, date, request.period.as_deref())?;
    let accounts = request
        .accounts
        .iter()
        .map(|(old, new)| Ok((old.parse()?, new.parse()?)))
        .collect::<DeskResult<BTreeMap<AccountCode, AccountCode>>>()?;
    let unknown = accounts.keys().find(|old| entry.lines().iter().all(|l| l.account != **old));
    if let Some(old) = unknown {
        return Err(DeskError::new(
            Code::AccountNotInEntry,
            format!("the entry has no line on account {old}"),
        ));
    }
    draft.steps = plan::rerouted(&draft.steps, &to, &accounts)?;
    draft.origin = Origin::Reroute;
    // Where it goes now is this person's word, and no rule's.
    draft.ruled = None;
    draft.reason = Some(request.reason.clone());
    live.iter().try_for_each(|row| decide::proven_unbooked(ctx, row))?;
    draft.replaces = live;
    Ok(draft)
}

fn reroute_place(
    periods: &[Period],
    entry: &tieout_domain::entry::JournalEntry,
    date: Option<chrono::NaiveDate>,
    period: Option<&str>,
) -> DeskResult<Place> {
    let own: Vec<&Period> = periods.iter().filter(|p| p.entity == *entry.entity()).collect();
    let unknown = |what: String| DeskError::new(Code::PeriodUnknown, what);
    let (date, period) = match (date, period) {
        (None, None) => (entry.posting_date(), entry.period().clone()),
        (Some(date), None) => {
            let holding = own.iter().find(|p| p.contains(date)).map(|p| p.key.clone());
            (date, holding.unwrap_or_else(|| PeriodKey::month(date)))
        }
        (date, Some(name)) => {
            let found = own.iter().find(|p| p.key.as_str() == name).ok_or_else(|| {
                unknown(format!("entity {} has no period {name} that is known here", entry.entity()))
            })?;
            (date.unwrap_or_else(|| entry.posting_date().clamp(found.starts, found.ends)), found.key.clone())
        }
    };
    let moved = period != *entry.period();
    Ok(Place { date, period, moved })
}
