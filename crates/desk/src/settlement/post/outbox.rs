//! The outbox port over the store: each method is one store method, and so one transaction.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};
use tieout_domain::{
    AccountCode, AttemptId, ConnectionId, PostingId,
    accounts::{AccountMapping, LegalEntity},
    failure::FailureClass,
    ledger::EntityRef,
    mapping::{AccountRange, Role},
};
use tieout_posting::{
    AttemptAction, AttemptIntent, AttemptOutcome, Busy, Change, Heir, Look, Memo, Name, Outbox, OutboxError,
    UnfinishedAttempt, Work,
};
use tieout_store::{
    AttemptEnd, AttemptResult, BookedStep, Db, MemoUpdate, NewAttempt, OutboxItem, StepFinding, Store,
    StoreError, Visit, VisitFailure,
};

use crate::{
    base::{
        context::Context,
        error::DeskResult,
        lent::{Borrowed, LentStore},
    },
    governance::changes,
    settlement::destination,
};

pub(super) struct StoreOutbox {
    store: Arc<LentStore>,
    mapping: Arc<AccountMapping>,
}

impl StoreOutbox {
    pub(super) fn new(desk: &Context) -> DeskResult<Self> {
        Ok(Self { store: Arc::clone(&desk.store), mapping: changes::mapping_needed(desk)?.content })
    }

    fn store(&self) -> Borrowed<'_> {
        self.store.store()
    }

    /// The posting with what the ledger is looked through for: the document's reference, which in other
    /// entities may be another document's, and what this desk has undone of it.
    fn work(&self, store: &Store, item: OutboxItem) -> Result<Work, OutboxError> {
        let OutboxItem { posting: row, memo, waits_for } = item;
        let memo = self::memo(&memo)?;
        let reference = row.posting.reference.clone();
        let others = store.entities_with_reference(&reference, row.document.as_ref()).map_err(refused)?;
        let named =
            others.iter().filter_map(|code| self.mapping.entities.iter().find(|e| e.code.as_str() == code));
        let elsewhere = named.flat_map(|entity| {
            let erp_id = entity.erp_id.clone().map(EntityRef::ErpId);
            std::iter::once(EntityRef::Code(entity.code.clone())).chain(erp_id)
        });
        let look = Look {
            names: vec![Name { text: reference.clone(), elsewhere: elsewhere.collect() }],
            control_accounts: control_accounts(store, &self.mapping).map_err(refused)?,
            reversals: destination::reversals_of(store, &reference).map_err(refused)?,
        };
        let passed_on = store.keys_passed_on(&row.posting).map_err(refused)?;
        let heir = |under_way| if under_way { Heir::UnderWay } else { Heir::AtRest };
        let passed_on = passed_on
            .into_iter()
            .filter_map(|(key, under_way)| Some((key.parse().ok()?, heir(under_way))))
            .collect();
        Ok(Work { posting: row.posting, state: row.state, memo, look, passed_on, waits_for })
    }
}

/// Every account on which a receivable stands: the further ones of the role too, as far as a chart knows
/// them.
pub(crate) fn control_accounts(
    store: &Store,
    mapping: &AccountMapping,
) -> Result<BTreeSet<AccountCode>, StoreError> {
    let further = |entity: &LegalEntity| entity.accounts.further(Role::Receivable).to_vec();
    let ranges: Vec<AccountRange> = mapping.entities.iter().flat_map(further).collect();
    let mut accounts: BTreeSet<AccountCode> =
        mapping.entities.iter().map(|entity| entity.accounts.receivable.clone()).collect();
    if ranges.is_empty() {
        return Ok(accounts);
    }
    accounts.extend(ranges.iter().filter_map(AccountRange::single).cloned());
    let chart = store.account_names()?.into_iter().map(|one| one.code);
    accounts.extend(chart.filter(|code| ranges.iter().any(|range| range.holds(code))));
    Ok(accounts)
}

fn refused(error: StoreError) -> OutboxError {
    match error {
        StoreError::Refused(refusal) => OutboxError::Transition(refusal),
        StoreError::ContentChanged { .. } => OutboxError::ContentChanged,
        other => OutboxError::Store(other.to_string()),
    }
}

/// What the engine stored about a posting last.
pub(crate) fn memo(json: &str) -> Result<Memo, OutboxError> {
    if json.is_empty() {
        return Ok(Memo::default());
    }
    serde_json::from_str(json).map_err(|e| OutboxError::Store(format!("memo: {e}")))
}

pub(crate) fn memo_update(memo: &Memo) -> Result<MemoUpdate, OutboxError> {
    Ok(MemoUpdate {
        json: serde_json::to_string(memo).map_err(|e| OutboxError::Store(format!("memo: {e}")))?,
        tries: memo.attempts,
        lookups: memo.doubt.as_ref().map_or(0, |d| d.look_ups),
        doubt_since: memo.doubt.as_ref().map(|d| d.since),
        watch_until: memo.watch_until,
    })
}

/// What the worker is to remember of a posting once a person has acted on it; `None` where it was never in
/// the outbox. Read and stored in one transaction, since the worker may be at it.
pub(crate) fn remembered(
    db: &Db,
    posting: &PostingId,
    change: impl FnOnce(Memo) -> Memo,
) -> Result<Option<MemoUpdate>, StoreError> {
    let damaged = |error: OutboxError| StoreError::Corrupt(error.to_string());
    let Some(item) = db.outbox_item(posting)? else { return Ok(None) };
    let changed = change(memo(&item.memo).map_err(damaged)?);
    memo_update(&changed).map(Some).map_err(damaged)
}

fn visit(change: &Change) -> Result<Visit, OutboxError> {
    let finding = |finding: &tieout_posting::Finding| StepFinding {
        code: finding.code().to_owned(),
        message: finding.message(),
    };
    let booked = change.memo.booked.iter().map(|b| BookedStep {
        step: b.step,
        erp_id: b.erp_id.clone(),
        period: b.period.clone(),
    });
    Ok(Visit {
        posting: change.posting.clone(),
        step: change.step,
        at: change.at,
        events: change.events.clone(),
        memo: memo_update(&change.memo)?,
        next_try_at: change.next_try_at,
        booked: booked.collect(),
        failure: change
            .failure
            .as_ref()
            .map(|f| VisitFailure { code: f.code.clone(), message: f.message.clone() }),
        findings: change.findings.iter().map(finding).collect(),
    })
}

fn result(outcome: &AttemptOutcome) -> AttemptResult {
    let end = match &outcome.failure {
        None => AttemptEnd::Done,
        Some(failure) => match failure.class {
            FailureClass::Terminal => AttemptEnd::Terminal,
            FailureClass::Retryable => AttemptEnd::Retryable,
            FailureClass::Unknown => AttemptEnd::Unknown,
        },
    };
    AttemptResult {
        end,
        code: outcome.failure.as_ref().map(|f| f.code.clone()),
        message: outcome.failure.as_ref().map(|f| f.message.clone()),
        erp_id: outcome.erp_id.clone(),
        request_id: outcome.request_id.clone(),
        transcript: outcome.transcript.clone(),
    }
}

impl Outbox for StoreOutbox {
    fn next_due(
        &self,
        connection: &ConnectionId,
        now: DateTime<Utc>,
        busy: &[Busy],
    ) -> Result<Option<Work>, OutboxError> {
        let store = self.store();
        let busy: Vec<String> = busy.iter().map(|busy| busy.reference.clone()).collect();
        let item = store.next_due(connection, now, &busy).map_err(refused)?;
        item.map(|item| self.work(&store, item)).transpose()
    }

    fn next_wake(&self, connection: &ConnectionId) -> Result<Option<DateTime<Utc>>, OutboxError> {
        self.store().next_wake(connection).map_err(refused)
    }

    fn begin_attempt(&self, intent: &AttemptIntent) -> Result<AttemptId, OutboxError> {
        let new = NewAttempt {
            posting: intent.posting.clone(),
            step: intent.step,
            number: intent.attempt_no,
            action: intent.action.as_str().to_owned(),
            key: intent.key.clone(),
            target: intent.target.clone(),
            content_hash: intent.content_hash.clone(),
            at: intent.at,
        };
        let memo = memo_update(&intent.memo)?;
        self.store.writing().begin_attempt(&new, intent.event, &memo).map_err(refused)
    }

    fn finish_attempt(&self, attempt: &AttemptId, outcome: &AttemptOutcome) -> Result<(), OutboxError> {
        let visit = visit(&outcome.change)?;
        self.store.writing().finish_attempt(attempt, &result(outcome), &visit).map(|_| ()).map_err(refused)
    }

    fn record(&self, change: &Change) -> Result<(), OutboxError> {
        let visit = visit(change)?;
        self.store.writing().record_visit(&visit).map(|_| ()).map_err(refused)
    }

    fn unfinished_attempts(&self, connection: &ConnectionId) -> Result<Vec<UnfinishedAttempt>, OutboxError> {
        let store = self.store();
        let attempts = store.unfinished_attempts(connection).map_err(refused)?;
        let mut unfinished = Vec::with_capacity(attempts.len());
        for attempt in attempts {
            let Some(item) = store.outbox_item(&attempt.posting).map_err(refused)? else { continue };
            let action = AttemptAction::parse(&attempt.action).ok_or_else(|| {
                OutboxError::Store(format!("attempt {}: action {}", attempt.id, attempt.action))
            })?;
            let work = self.work(&store, item)?;
            unfinished.push(UnfinishedAttempt {
                id: attempt.id,
                action,
                step: attempt.step,
                at: attempt.started_at,
                work,
            });
        }
        Ok(unfinished)
    }
}
