//! Propose, reroute, reverse: a posting is prepared, shown as a dry run by the same code, or stored.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::{
    AccountCode, Money, PersonId, PostingId,
    calendar::{Period, PeriodKey},
    derive::Expectation,
    exception::ExceptionKind,
    key::{KeyScope, PostingKey, Slot},
    ledger::{EntityRef, EntryStatus},
    people::{Action, Origin},
    posting::{Posting, PostingStep},
};
use tieout_store::{
    Connection, ConnectionRole, ExceptionRow, NewPosting, PostingRow, StoredDocument, StoredEntry, Vendor,
};

use crate::{
    actor::Actor,
    asking::By,
    error::{DeskError, DeskResult},
    exceptions::{Done, item, named},
    proposal::{self, Case, HeldEntry, Place, StepDraft},
    views::Outcome,
    workspace::Desk,
    world::OsEntropy,
};

/// Exceptions to prepare postings for.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ProposeRequest {
    /// The exceptions.
    pub ids: Vec<String>,
    /// Only show what would be done.
    #[serde(default)]
    pub dry_run: bool,
    /// Why, in a person's words.
    pub reason: Option<String>,
}

/// A posting placed elsewhere.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
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
    /// Only show what would be done.
    #[serde(default)]
    pub dry_run: bool,
}

/// Booked postings (or exceptions whose entries are booked) to undo.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ReverseRequest {
    /// Postings or exceptions.
    pub ids: Vec<String>,
    /// Why.
    pub reason: String,
    /// Only show what would be done.
    #[serde(default)]
    pub dry_run: bool,
}

/// What a proposal is about to become.
pub(crate) struct Draft {
    pub(crate) exception: ExceptionRow,
    pub(crate) document: Option<StoredDocument>,
    pub(crate) connection: Connection,
    pub(crate) steps: Vec<StepDraft>,
    pub(crate) origin: Origin,
    pub(crate) reason: Option<String>,
    /// The posting that this one replaces.
    pub(crate) replaces: Option<PostingRow>,
}

#[derive(Serialize)]
struct ProposedDetail<'a> {
    exception: &'a str,
    reference: &'a str,
    content_hash: &'a str,
    origin: &'a str,
    reason: Option<&'a str>,
}

impl Desk {
    /// Prepares postings, one or many, each with its own outcome.
    ///
    /// # Errors
    /// Where the acting person cannot be established at all.
    pub fn propose(&self, request: &ProposeRequest) -> DeskResult<Vec<Outcome>> {
        let by = self.acting_unless(request.dry_run)?;
        let one = |id: &str| self.propose_one(by.as_ref(), id, request.reason.as_deref());
        Ok(request.ids.iter().map(|id| self.outcome(id, one(id))).collect())
    }

    /// Who acts; `None` for a dry run, which shows what would be sent to whoever asks.
    fn acting_unless(&self, dry_run: bool) -> DeskResult<Option<By>> {
        if dry_run { Ok(None) } else { self.by(false).map(Some) }
    }

    pub(crate) fn propose_one(&self, by: Option<&By>, id: &str, reason: Option<&str>) -> DeskResult<Done> {
        let draft = self.draft_for(&self.find_exception(id)?, reason)?;
        self.finish_draft(by, Action::Propose, draft)
    }

    /// Prepares postings for another date, period, account or entity.
    ///
    /// # Errors
    /// Where the acting person cannot be established at all.
    pub fn reroute(&self, request: &RerouteRequest) -> DeskResult<Vec<Outcome>> {
        let by = self.acting_unless(request.dry_run)?;
        if let (Some(_), Some(mapping)) = (&request.entity, &request.mapping) {
            return self.reroute_entity(request, mapping.clone());
        }
        let one = |id: &str| self.reroute_one(by.as_ref(), id, request);
        Ok(request.ids.iter().map(|id| self.outcome(id, one(id))).collect())
    }

    pub(crate) fn reroute_one(
        &self,
        by: Option<&By>,
        id: &str,
        request: &RerouteRequest,
    ) -> DeskResult<Done> {
        let draft = self.rerouted_draft(id, request)?;
        self.finish_draft(by, Action::Reroute, draft)
    }

    /// Another entity is only ever a correction of a wrong derivation, so the mapping is what changes: the
    /// corrected file is brought in, and once another person has approved it, every document that it gives
    /// to another entity is derived anew and can be proposed.
    fn reroute_entity(&self, request: &RerouteRequest, mapping: PathBuf) -> DeskResult<Vec<Outcome>> {
        let text = crate::changes::read_text(&mapping)?;
        let corrected = tieout_domain::accounts::AccountMapping::parse(&text)?;
        let wanted = request.entity.as_deref().unwrap_or_default();
        let checked = |id: &str| {
            let exception = self.exception_or_its_posting(id)?.0;
            let document = self.document_of(&exception)?.ok_or_else(|| {
                DeskError::new(
                    "nothing_to_reroute",
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
                _ => Err(DeskError::new(
                    "mapping_disagrees",
                    format!("{}: the corrected mapping does not give it to {wanted}", exception.external_ref),
                )),
            }
        };
        let mut outcomes: Vec<Outcome> = request.ids.iter().map(|id| self.outcome(id, checked(id))).collect();
        let all_agree = outcomes.iter().all(|o| o.result == "done");
        if all_agree && !request.dry_run {
            let change = self.import_mapping(&crate::changes::ImportChangeRequest { file: mapping })?;
            for outcome in &mut outcomes {
                outcome.message = format!("{} ({})", outcome.message, change.id);
            }
        }
        Ok(outcomes)
    }

    /// Prepares the reversal of booked entries.
    ///
    /// # Errors
    /// Where the acting person cannot be established at all.
    pub fn reverse(&self, request: &ReverseRequest) -> DeskResult<Vec<Outcome>> {
        let by = self.acting_unless(request.dry_run)?;
        let one = |id: &str| self.reverse_one(by.as_ref(), id, &request.reason);
        Ok(request.ids.iter().map(|id| self.outcome(id, one(id))).collect())
    }

    pub(crate) fn reverse_one(&self, by: Option<&By>, id: &str, reason: &str) -> DeskResult<Done> {
        let (exception, _) = self.exception_or_its_posting(id)?;
        let document = self.document_of(&exception)?;
        let (connection, held) = self.held_entries(&exception, document.as_ref())?;
        if held.is_empty() {
            return Err(DeskError::new(
                "nothing_to_reverse",
                format!("{}: the ledger shows no booked entry; sync first", exception.external_ref),
            ));
        }
        let periods = self.all_periods()?;
        let steps = held
            .iter()
            .map(|entry| proposal::reversal(&periods, &exception.external_ref, entry))
            .collect::<DeskResult<_>>()?;
        let draft = Draft {
            exception,
            document,
            connection,
            steps,
            origin: Origin::Reversal,
            reason: Some(reason.to_owned()),
            replaces: None,
        };
        self.finish_draft(by, Action::Reverse, draft)
    }

    /// Judges a draft and stores it; or says what would become of it; or shows it to nobody in particular (a
    /// dry run).
    fn finish_draft(&self, by: Option<&By>, action: Action, draft: Draft) -> DeskResult<Done> {
        let reference = draft.exception.external_ref.clone();
        let Some(by) = by else {
            let posting = self.posting_of(&draft, None)?;
            let count = posting.steps.len();
            let message = format!("{count} {}, nothing stored", if count == 1 { "step" } else { "steps" });
            let preview = self.preview(&draft, &posting, action)?;
            return Ok(Done::new("dry_run", message).with_preview(preview).named(&reference));
        };
        self.judged_by(by, action, item(&draft.exception), draft.exception.id.as_str())?;
        let By::Actor(actor) = by else {
            let replaced = draft.replaces.as_ref().map(|row| &row.posting.id);
            let free = self.store().check_proposal(&draft.exception.id, replaced);
            free.map_err(|error| named(error, &draft.exception))?;
            let places =
                draft.steps.iter().map(|s| (s.entry.entity().clone(), s.entry.period().clone())).collect();
            let amount = Money::new(draft.exception.amount_minor, draft.exception.currency);
            let done = Done::new("dry_run", "Would wait for approval");
            return Ok(done.named(&reference).booking(amount, places));
        };
        let posting = self.posting_of(&draft, Some(actor.id()))?;
        let id = self.store_posting(&draft, posting, Some(actor))?;
        let done = Done::new("proposed", "Proposed, waiting for approval");
        Ok(done.of_posting(id).named(&reference))
    }

    /// The draft that settles an exception.
    pub(crate) fn draft_for(&self, exception: &ExceptionRow, reason: Option<&str>) -> DeskResult<Draft> {
        if !exception.state.is_open() {
            return Err(DeskError::new(
                "exception_not_open",
                format!(
                    "{} is {}: nothing is to be settled",
                    exception.external_ref,
                    exception.state.as_str()
                ),
            ));
        }
        let document = self.document_of(exception)?;
        let (connection, held) = self.held_entries(exception, document.as_ref())?;
        let expectation = self.expectation_of(document.as_ref())?;
        let periods = self.all_periods()?;
        let mapping = self.mapping_needed()?;
        let steps = proposal::plan(&Case {
            kind: exception.kind,
            reference: &exception.external_ref,
            expectation: expectation.as_ref(),
            held: &held,
            periods: &periods,
            mapping: &mapping.content,
            // The worker makes sure of the customer right before it sends, and names it then.
            customer: None,
        })?;
        let origin = match exception.kind {
            ExceptionKind::Unposted | ExceptionKind::LateForClosedPeriod => Origin::Manual,
            ExceptionKind::DuplicatePosting | ExceptionKind::OrphanJournal => Origin::Reversal,
            _ => Origin::Correction,
        };
        let reason = reason.map(str::to_owned).or_else(|| match origin {
            Origin::Reversal => Some(exception.why.clone()),
            _ => None,
        });
        let exception = exception.clone();
        Ok(Draft { exception, document, connection, steps, origin, reason, replaces: None })
    }

    fn rerouted_draft(&self, id: &str, request: &RerouteRequest) -> DeskResult<Draft> {
        let (exception, live) = self.exception_or_its_posting(id)?;
        let mut draft = match &live {
            Some(row) => self.draft_of_posting(&exception, row)?,
            None => self.draft_for(&exception, None)?,
        };
        let first = draft.steps.iter().rfind(|s| s.reverses.is_none()).or(draft.steps.first());
        let entry =
            &first.ok_or_else(|| DeskError::new("nothing_to_reroute", "the posting has no steps"))?.entry;
        let date = request.date.as_deref().map(crate::when::date).transpose()?;
        let periods = self.all_periods()?;
        let to = reroute_place(&periods, entry, date, request.period.as_deref())?;
        let accounts = request
            .accounts
            .iter()
            .map(|(old, new)| Ok((old.parse()?, new.parse()?)))
            .collect::<DeskResult<BTreeMap<AccountCode, AccountCode>>>()?;
        let unknown = accounts.keys().find(|old| entry.lines().iter().all(|l| l.account != **old));
        if let Some(old) = unknown {
            return Err(DeskError::new(
                "account_not_in_entry",
                format!("the entry has no line on account {old}"),
            ));
        }
        draft.steps = proposal::rerouted(&draft.steps, &to, &accounts)?;
        draft.origin = Origin::Reroute;
        draft.reason = Some(request.reason.clone());
        live.iter().try_for_each(|row| self.proven_unbooked(row))?;
        draft.replaces = live;
        Ok(draft)
    }

    fn draft_of_posting(&self, exception: &ExceptionRow, row: &PostingRow) -> DeskResult<Draft> {
        let steps = row.posting.steps.iter();
        Ok(Draft {
            exception: exception.clone(),
            document: self.document_of(exception)?,
            connection: self.store().connection(&row.posting.connection)?,
            steps: steps
                .map(|s| StepDraft { entry: s.entry.clone(), reverses: s.reverses.clone() })
                .collect(),
            origin: row.posting.origin,
            reason: row.posting.reason.clone(),
            replaces: None,
        })
    }

    /// The exception named, or the one that a named posting settles; with its live posting, if it has one.
    pub(crate) fn exception_or_its_posting(
        &self,
        id: &str,
    ) -> DeskResult<(ExceptionRow, Option<PostingRow>)> {
        if let Ok(posting) = id.parse::<PostingId>() {
            let row = self.store().posting(&posting)?;
            let exception = self.store().exception(&row.posting.exception)?;
            return Ok((exception, (!row.state.is_final()).then_some(row)));
        }
        let exception = self.find_exception(id)?;
        let live = self.live_posting(&exception)?;
        Ok((exception, live))
    }

    /// The posting of an exception that has not come to its end.
    pub(crate) fn live_posting(&self, exception: &ExceptionRow) -> DeskResult<Option<PostingRow>> {
        // An exception about a posting has that posting as its subject.
        if let Ok(posting) = exception.subject.parse::<PostingId>() {
            let row = self.store().posting(&posting)?;
            return Ok((!row.state.is_final()).then_some(row));
        }
        let rows = self.store().postings_for_exception(&exception.id)?;
        Ok(rows.into_iter().find(|row| !row.state.is_final()))
    }

    pub(crate) fn document_of(&self, exception: &ExceptionRow) -> DeskResult<Option<StoredDocument>> {
        let document = exception.document.as_ref();
        document.map(|id| self.store().document(id)).transpose().map_err(Into::into)
    }

    pub(crate) fn all_periods(&self) -> DeskResult<Vec<Period>> {
        Ok(self.store().periods()?.into_iter().map(|p| p.period).collect())
    }

    fn expectation_of(&self, document: Option<&StoredDocument>) -> DeskResult<Option<Expectation>> {
        let Some(document) = document else { return Ok(None) };
        let Some(stored) = self.store().expectation(&document.id)? else { return Ok(None) };
        let e = stored.expected;
        let (Some(entity), Some(control), None) = (e.entity, e.control, &e.gap) else { return Ok(None) };
        let period = e.period.unwrap_or_else(|| PeriodKey::month(e.document_date));
        Ok(Some(Expectation {
            entity,
            document_date: e.document_date,
            period,
            late: e.late,
            currency: e.currency,
            control,
            tax: e.tax_account,
            lines: e.lines,
        }))
    }

    /// The booked, not reversed entries of the exception's reference, oldest first, and the ERP connection
    /// that a posting for it goes to.
    pub(crate) fn held_entries(
        &self,
        exception: &ExceptionRow,
        document: Option<&StoredDocument>,
    ) -> DeskResult<(Connection, Vec<HeldEntry>)> {
        let mut entries = self.store().entries_by_reference(&exception.external_ref)?;
        entries.retain(|e| e.entry.status == EntryStatus::Booked && !e.netted);
        let connection = match entries.first() {
            Some(entry) => self.store().connection(&entry.connection)?,
            None => self.erp_for(exception, document)?,
        };
        entries.retain(|e| e.connection == connection.id);
        if connection.vendor == Vendor::Files {
            return Err(DeskError::new(
                "erp_is_a_file",
                format!(
                    "{} was read from a file: connect the ERP itself to post to it (tieout connection add)",
                    connection.name
                ),
            ));
        }
        self.same_mode(&connection, document)?;
        let held = entries.iter().map(held_entry).collect::<DeskResult<_>>()?;
        Ok((connection, held))
    }

    /// Test and live never cross.
    fn same_mode(&self, erp: &Connection, document: Option<&StoredDocument>) -> DeskResult<()> {
        let Some(document) = document else { return Ok(()) };
        let billing = self.store().connection(&document.connection)?;
        if billing.vendor == Vendor::Files || billing.mode == erp.mode {
            return Ok(());
        }
        Err(DeskError::new(
            "test_and_live_cross",
            format!(
                "{} is a {} connection and {} a {} one: a posting never crosses",
                billing.name,
                billing.mode.as_str(),
                erp.name,
                erp.mode.as_str()
            ),
        ))
    }

    pub(crate) fn erp_for(
        &self,
        exception: &ExceptionRow,
        document: Option<&StoredDocument>,
    ) -> DeskResult<Connection> {
        let named = match (&exception.entity, self.mapping_in_force()?) {
            (Some(entity), Some(mapping)) => {
                mapping.content.entity(entity).and_then(|e| e.erp_connection.clone())
            }
            _ => None,
        };
        if let Some(name) = named {
            return self.find_connection(&name);
        }
        let mode = match document {
            Some(document) => {
                let billing = self.store().connection(&document.connection)?;
                (billing.vendor != Vendor::Files).then_some(billing.mode)
            }
            None => None,
        };
        let mut erps = self.store().connections()?;
        erps.retain(|c| {
            c.role == ConnectionRole::Erp && c.vendor != Vendor::Files && mode.is_none_or(|m| m == c.mode)
        });
        match erps.len() {
            1 => Ok(erps.remove(0)),
            0 => Err(DeskError::new(
                "no_erp",
                "there is no ERP connection to post to: tieout connection add … --vendor netsuite or tryton",
            )),
            _ => Err(DeskError::new(
                "erp_ambiguous",
                "several ERP connections could take it: give the entity an erp_connection in the mapping",
            )),
        }
    }

    /// Gives the draft its keys. Each new version of a posting has new keys, and so new attempts: the store
    /// lets a version in only when every earlier one is proven unbooked or reversed.
    pub(crate) fn posting_of(&self, draft: &Draft, preparer: Option<&PersonId>) -> DeskResult<Posting> {
        let reference = draft.exception.external_ref.clone();
        let version = self.store().next_posting_version(&draft.connection.id, &reference)?;
        let steps = (1_u32..).zip(&draft.steps).map(|(number, step)| {
            let slot = match &step.reverses {
                Some(erp_id) => Slot::Reverse { erp_id: erp_id.clone() },
                None => Slot::Raise,
            };
            let entity_erp_id = step.entry.entity().as_str();
            let scope = KeyScope { tenant: &draft.connection.tenant, entity_erp_id, reference: &reference };
            PostingStep {
                number,
                key: PostingKey::derive(scope, &slot, &[version.to_string()]),
                entry: step.entry.clone(),
                reverses: step.reverses.clone(),
                destination: None,
            }
        });
        Ok(Posting {
            id: PostingId::random(&mut OsEntropy),
            exception: draft.exception.id.clone(),
            connection: draft.connection.id.clone(),
            version,
            origin: draft.origin,
            preparer: preparer.cloned(),
            reason: draft.reason.clone(),
            basis: None,
            steps: steps.collect(),
            reference,
            proposed_at: self.clock.now(),
        })
    }

    pub(crate) fn store_posting(
        &self,
        draft: &Draft,
        posting: Posting,
        actor: Option<&Actor>,
    ) -> DeskResult<PostingId> {
        let hash = posting.content_hash();
        let mapping = self.mapping_in_force()?;
        let policy =
            self.store().change_in_force_named(tieout_store::ChangeKind::Policy, "policy")?.map(|c| c.id);
        let id = posting.id.clone();
        let detail = json!(ProposedDetail {
            exception: posting.exception.as_str(),
            reference: &posting.reference,
            content_hash: &hash,
            origin: posting.origin.as_str(),
            reason: posting.reason.as_deref(),
        });
        let new = NewPosting {
            currency: draft.exception.currency,
            amount_minor: draft.exception.amount_minor,
            document: draft.document.as_ref().map(|d| d.id.clone()),
            mapping_change: mapping.map(|m| m.id),
            policy_change: policy,
            supersedes: draft.replaces.as_ref().map(|row| row.posting.id.clone()),
            posting,
        };
        let what = match draft.origin {
            Origin::Reroute => "rerouted",
            Origin::Policy | Origin::Manual | Origin::Reversal | Origin::Correction => "proposed",
        };
        match actor {
            Some(actor) => {
                self.signed(actor, what, id.as_str(), detail, |s, log| s.propose_posting(&new, log))?;
            }
            None => {
                self.unsigned(what, id.as_str(), detail, |s, log| s.propose_posting(&new, log))?;
            }
        }
        Ok(id)
    }
}

fn reroute_place(
    periods: &[Period],
    entry: &tieout_domain::entry::JournalEntry,
    date: Option<chrono::NaiveDate>,
    period: Option<&str>,
) -> DeskResult<Place> {
    let own: Vec<&Period> = periods.iter().filter(|p| p.entity == *entry.entity()).collect();
    let unknown = |what: String| DeskError::new("period_unknown", what);
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

fn held_entry(stored: &StoredEntry) -> DeskResult<HeldEntry> {
    let e = &stored.entry;
    let entity = match &e.entity {
        EntityRef::Code(code) => code.clone(),
        EntityRef::ErpId(id) => {
            return Err(DeskError::new(
                "entity_unmapped",
                format!("entry {} is in the ERP's entity {id}, which the mapping does not name", e.erp_id),
            ));
        }
    };
    Ok(HeldEntry {
        erp_id: e.erp_id.clone(),
        entity,
        posting_date: e.posting_date,
        period: e.period.clone(),
        currency: e.currency,
        functional_currency: e.functional_currency,
        rate: e.rate,
        lines: e.lines.iter().map(|l| (l.account.clone(), l.transaction_minor, l.functional_minor)).collect(),
    })
}
