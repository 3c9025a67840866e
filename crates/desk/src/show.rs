//! One exception or posting whole: what happened, why (both sides), what will happen, who; and the dry run,
//! which shows the same things of a posting that is not stored.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_connectors::Lookup;
use tieout_domain::{
    ExceptionId, PostingId,
    calendar::{Period, PeriodKey, Subledger},
    entry::{JournalEntry, JournalLine},
    ledger::{EntityRef, LedgerEntry},
    people::Action,
    posting::Posting,
};
use tieout_duties::Subject;
use tieout_store::{ConnectionRole, ExceptionRow, PostingFilter, PostingRow, StoredDocument};

use crate::{
    adapters::runtime,
    chart::Charts,
    error::{DeskError, DeskResult},
    exceptions::{item, view},
    ingest::name_entities,
    propose::Draft,
    told,
    views::{
        CheckView, ExceptionRecord, HeldView, LineView, PostingView, Preview, StepView, decimal_text,
        released_by_policy,
    },
    workspace::Desk,
};

/// A document as billing has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct DocumentView {
    /// Our id.
    pub id: String,
    /// The billing connection's name.
    pub connection: String,
    /// invoice, credit_note, payment or refund.
    pub kind: String,
    /// The vendor's id.
    pub external_id: String,
    /// How an ERP entry names it.
    pub reference: String,
    /// Where it stands in billing.
    pub status: String,
    /// The signed amount in major units.
    pub amount: String,
    /// The currency.
    pub currency: String,
    /// When billing made it final.
    pub finalized_at: Option<DateTime<Utc>>,
    /// Its content version.
    pub version: u32,
    /// What ties usage, subscription, invoice, posting, journal and payment together.
    pub correlation: String,
    /// Accounts and amounts that the ledger should hold for it.
    pub expected: Vec<ExpectedLine>,
    /// The period in which it belongs.
    pub expected_period: Option<String>,
}

/// One expected account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ExpectedLine {
    /// The account.
    pub account: String,
    /// Debit-positive, major units.
    pub amount: String,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct EventView {
    /// When.
    pub at: DateTime<Utc>,
    /// Who, by name.
    pub who: String,
    /// What.
    pub what: String,
    /// More.
    pub detail: String,
}

/// Everything about one exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ShowView {
    /// The exception itself; its `why` is the sentence.
    pub exception: ExceptionRecord,
    /// Billing's side.
    pub billing: Option<DocumentView>,
    /// The ledger's side.
    pub ledger: Vec<HeldView>,
    /// Postings that settle it, newest last.
    pub postings: Vec<PostingView>,
    /// Its history, oldest first.
    pub history: Vec<EventView>,
}

impl Desk {
    /// Shows an exception, or the one that a posting settles, or the open one of a reference.
    ///
    /// # Errors
    /// `not_found`, `ambiguous`.
    pub fn show(&self, id: &str) -> DeskResult<ShowView> {
        let (row, _) = match id.parse::<ExceptionId>() {
            Ok(id) => (self.store().exception(&id)?, None),
            Err(_) => self.exception_or_its_posting(id)?,
        };
        let names = self.names()?;
        let document = self.document_of(&row)?;
        let ledger = self.store().entries_by_reference(&row.external_ref)?;
        let postings = self.store().postings_for_exception(&row.id)?;
        let history = self.store().exception_events(&row.id)?;
        Ok(ShowView {
            billing: document.map(|d| self.document_view(&d)).transpose()?,
            ledger: ledger.iter().map(|e| held_view(&e.entry)).collect(),
            postings: postings.iter().map(|p| self.posting_view(p)).collect::<DeskResult<_>>()?,
            history: history
                .into_iter()
                .map(|e| EventView { at: e.at, who: names.of(&e.actor), what: e.what, detail: e.detail })
                .collect(),
            exception: view(&row, &names, self.clock.now()),
        })
    }

    pub(crate) fn document_view(&self, stored: &StoredDocument) -> DeskResult<DocumentView> {
        let expected = self.store().expectation(&stored.id)?.map(|e| e.expected);
        let d = &stored.document;
        let currency = d.currency();
        let currency = currency.code();
        let lines = expected.iter().flat_map(|e| &e.lines).map(|(account, minor)| ExpectedLine {
            account: account.to_string(),
            amount: decimal_text(*minor, currency),
        });
        Ok(DocumentView {
            id: stored.id.to_string(),
            connection: stored.connection_name.clone(),
            kind: d.kind.as_str().to_owned(),
            external_id: d.external_id.clone(),
            reference: d.reference.clone(),
            status: d.status.as_str().to_owned(),
            amount: d.total.to_decimal().to_string(),
            currency: currency.to_owned(),
            finalized_at: d.finalized_at,
            version: stored.version,
            correlation: stored.correlation.to_string(),
            expected: lines.collect(),
            expected_period: expected.as_ref().and_then(|e| e.period.as_ref()).map(PeriodKey::to_string),
        })
    }

    /// All postings, newest first.
    ///
    /// # Errors
    /// A database error.
    pub fn postings(&self) -> DeskResult<Vec<PostingView>> {
        let rows = self.store().postings(&PostingFilter::default())?;
        rows.iter().map(|row| self.posting_view(row)).collect()
    }

    pub(crate) fn posting_view(&self, row: &PostingRow) -> DeskResult<PostingView> {
        let names = self.names()?;
        let judged = self.judged(row)?;
        let facts = judged.facts(row, self.known_status(row)?);
        let periods = self.all_periods()?;
        let mut steps = steps_of(&row.posting, &periods, &self.charts()?);
        for (step, stored) in steps.iter_mut().zip(&row.steps) {
            step.erp_id.clone_from(&stored.erp_id);
        }
        Ok(PostingView {
            id: row.posting.id.to_string(),
            exception: row.posting.exception.to_string(),
            reference: row.posting.reference.clone(),
            state: row.state.as_str().to_owned(),
            connection: self.store().connection(&row.posting.connection)?.name,
            origin: row.posting.origin.as_str().to_owned(),
            version: row.posting.version,
            content_hash: row.content_hash.clone(),
            preparer: row.posting.preparer.as_ref().map(|p| names.of(p.as_str())),
            approved_by: facts.approved_by.iter().map(|p| names.of(p.as_str())).collect(),
            released_by_policy: released_by_policy(
                row.posting.origin.as_str(),
                row.state,
                facts.approved_by.is_empty(),
            ),
            approvals_needed: judged.duties.required(&facts).as_str().to_owned(),
            reason: row.posting.reason.clone(),
            amount_minor: row.amount_minor,
            amount: decimal_text(row.amount_minor, row.currency.code()),
            currency: row.currency.code().to_owned(),
            failure: row.failure.clone(),
            failure_code: row.failure_code.clone(),
            proposed_at: row.posting.proposed_at,
            steps,
        })
    }

    /// A dry run of a draft: the steps as they would be sent, the checks, and what the ERP already holds.
    pub(crate) fn preview(&self, draft: &Draft, posting: &Posting, action: Action) -> DeskResult<Preview> {
        let checks = self.draft_checks(draft, action)?;
        self.preview_of(posting, checks)
    }

    /// The checks of a draft itself: duty, and that nothing else settles its exception.
    pub(crate) fn draft_checks(&self, draft: &Draft, action: Action) -> DeskResult<Vec<CheckView>> {
        let mut checks = vec![self.duty_check(&draft.exception, action)?];
        let live = self.live_posting(&draft.exception)?;
        let free = live
            .as_ref()
            .is_none_or(|l| draft.replaces.as_ref().is_some_and(|r| r.posting.id == l.posting.id));
        checks.push(CheckView {
            check: "no other posting settles it".to_owned(),
            passed: free,
            found: live
                .map_or_else(|| "none".to_owned(), |l| format!("one that is {}", told::posting(l.state))),
        });
        Ok(checks)
    }

    /// The same for a stored posting.
    pub(crate) fn preview_of_posting(&self, row: &PostingRow, action: Action) -> DeskResult<Preview> {
        let exception = self.store().exception(&row.posting.exception)?;
        let checks = vec![self.duty_check(&exception, action)?];
        self.preview_of(&row.posting, checks)
    }

    fn duty_check(&self, exception: &ExceptionRow, action: Action) -> DeskResult<CheckView> {
        let person = self.acting_person()?;
        let roster = self.roster()?;
        let subject: Subject = item(exception);
        let request = tieout_duties::ActionRequest { actor: person.id.clone(), action, subject };
        let judged = self.duties()?.judge(&request, &roster);
        Ok(CheckView {
            check: format!("{} may {}", person.name, action.as_str()),
            passed: judged.is_ok(),
            found: judged.map_or_else(|refusal| refusal.message, |_| "yes".to_owned()),
        })
    }

    fn preview_of(&self, posting: &Posting, checks: Vec<CheckView>) -> DeskResult<Preview> {
        let mut preview = self.preview_without_erp(posting, checks)?;
        match self.look_up(posting) {
            Ok(held) => {
                preview.looked_up_at = Some(self.clock.now());
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
        &self,
        posting: &Posting,
        mut checks: Vec<CheckView>,
    ) -> DeskResult<Preview> {
        let periods = self.all_periods()?;
        let steps = steps_of(posting, &periods, &self.charts()?);
        for (step, view) in posting.steps.iter().zip(&steps) {
            let which = if steps.len() > 1 { format!("step {}: ", view.number) } else { String::new() };
            let accepts = known(&periods, &step.entry).is_none_or(|p| p.status.accepts(Subledger::Ar));
            checks.push(CheckView {
                check: format!("{which}{} takes it, as last synced", told::period(&view.period)),
                passed: accepts,
                found: view.period_status.clone(),
            });
        }
        Ok(Preview { steps, checks, already_held: Vec::new(), looked_up_at: None })
    }

    /// Asks the ERP itself, now, what it holds for the steps' keys and for the reference.
    fn look_up(&self, posting: &Posting) -> DeskResult<Vec<HeldView>> {
        let connection = self.store().connection(&posting.connection)?;
        if connection.role != ConnectionRole::Erp {
            return Ok(Vec::new());
        }
        let poster = self.ledger(&connection)?.poster();
        let mapping = self.mapping_needed()?.content;
        let runtime = runtime()?;
        let mut held: Vec<HeldView> = Vec::new();
        for step in &posting.steps {
            let entity = step.entry.entity();
            let erp_id = mapping.entity(entity).and_then(|e| e.erp_id.clone()).ok_or_else(|| {
                DeskError::new("entity_unmapped", format!("entity {entity} has no erp_id in the mapping"))
            })?;
            let lookup = Lookup {
                key: step.key.clone(),
                reference: posting.reference.clone(),
                other_names: Vec::new(),
                entity: entity.clone(),
                entity_erp_id: erp_id,
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
        Ok(held)
    }

    /// The posting of this id, or a clear error.
    ///
    /// # Errors
    /// `bad_id`, `not_found`.
    pub fn posting(&self, id: &str) -> DeskResult<PostingView> {
        let id: PostingId = id.parse()?;
        let row = self.store().posting(&id)?;
        self.posting_view(&row)
    }
}

fn known<'a>(periods: &'a [Period], entry: &JournalEntry) -> Option<&'a Period> {
    periods.iter().find(|p| p.entity == *entry.entity() && p.key == *entry.period())
}

pub(crate) fn steps_of(posting: &Posting, periods: &[Period], charts: &Charts) -> Vec<StepView> {
    let erp = &posting.connection;
    let of = |step: &tieout_domain::posting::PostingStep| {
        let entry = &step.entry;
        StepView {
            number: step.number,
            key: step.key.to_string(),
            reverses: step.reverses.clone(),
            entity: entry.entity().to_string(),
            document_date: entry.document_date().to_string(),
            posting_date: entry.posting_date().to_string(),
            period: entry.period().to_string(),
            period_status: known(periods, entry).map_or("not known".to_owned(), |p| p.status.as_text()),
            erp_id: None,
            lines: entry
                .lines()
                .iter()
                .map(|line| line_view(line, charts.name(Some(erp), line.account.as_str())))
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
    told::wide_text(sum, entry.functional_currency())
}

fn line_view(line: &JournalLine, name: Option<&str>) -> LineView {
    let minor = line.transaction.minor();
    let currency = line.transaction.currency();
    let currency = currency.code();
    let text = |on: bool| if on { decimal_text(minor.saturating_abs(), currency) } else { String::new() };
    LineView {
        account: line.account.to_string(),
        name: name.map(str::to_owned),
        debit: text(minor > 0),
        credit: text(minor < 0),
        currency: currency.to_owned(),
        transaction_minor: minor,
        functional_minor: line.functional.minor(),
        memo: line.memo.clone(),
    }
}

pub(crate) fn held_view(entry: &LedgerEntry) -> HeldView {
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
    }
}
