//! The look before a send: whether the ledger is as the approved step supposes. Nothing is changed here.

use std::collections::BTreeMap;

use tieout_connectors::{Found, PeriodCheck};
use tieout_domain::{
    basis::{BasisMove, BasisMoved, Within},
    calendar::PeriodStatus,
    failure::{FailureClass, VendorFailure},
    ledger::{EntryStatus, LedgerEntry},
    posting::PostingStep,
    standing::Standing,
};

use crate::{
    attempt::FailureNote,
    planted::Fault,
    send::Stop,
    visit::Case,
    worker::{Worker, WorkerError},
};

/// The document's entries in the ledger, as they were found just now.
pub(crate) struct Seen {
    entries: Vec<LedgerEntry>,
}

impl Seen {
    pub(crate) fn of(found: &Found) -> Self {
        Self { entries: found.by_reference.iter().chain(&found.by_key).cloned().collect() }
    }

    fn has(&self, erp_id: &str) -> bool {
        self.entries.iter().any(|entry| entry.erp_id == erp_id)
    }

    /// What is read by id is newer than what a search answered.
    fn put(&mut self, entry: LedgerEntry) {
        self.entries.retain(|known| known.erp_id != entry.erp_id);
        self.entries.push(entry);
    }
}

impl Worker {
    /// What counts among the entries that were seen.
    pub(crate) fn standing<'a>(&self, case: &Case, seen: &'a Seen) -> Standing<'a> {
        let posting = &case.work.posting;
        let mut known: BTreeMap<String, String> = case.work.look.reversals.clone();
        for step in &posting.steps {
            known.extend(step.reverses.clone().map(|target| (step.key.to_string(), target)));
        }
        Standing::new(&seen.entries, (self.ledger.tenant(), &posting.reference), &known)
    }

    /// The period's status, read from the ERP now. A closed one is refused here: nothing is sent. Before the
    /// first step of a set the periods of all its steps are read: one that would be refused half-way is not
    /// begun.
    pub(crate) async fn check_period(&self, case: &Case) -> Result<Result<PeriodStatus, Stop>, WorkerError> {
        let step = case.step()?;
        let status = match self.period_of(step).await {
            Ok(status) => status,
            Err(stop) => return Ok(Err(stop)),
        };
        if case.memo.booked.is_empty() && case.memo.step_attempts == 0 {
            for later in case.work.posting.steps.iter().skip(1) {
                if let Err(stop) = self.period_of(later).await {
                    return Ok(Err(stop));
                }
            }
        }
        Ok(Ok(status))
    }

    async fn period_of(&self, step: &PostingStep) -> Result<PeriodStatus, Stop> {
        let entity_erp_id = step.entity_erp_id().unwrap_or_default();
        let date = step.entry.posting_date();
        let check = self.ask_period(entity_erp_id, date).await;
        let PeriodCheck { period, accepts } = check.map_err(|failure| Stop::read(&failure))?;
        if period.key != *step.entry.period() {
            let message = format!(
                "approved for period {}, and the ERP keeps {date} in period {}: reroute it",
                step.entry.period(),
                period.key
            );
            return Err(Stop::refuse("period_differs", message));
        }
        if !accepts {
            let message = format!(
                "the ERP says that period {} of entity {} is {}: it takes no entry; reroute it",
                period.key,
                step.entry.entity(),
                period.status.as_text()
            );
            return Err(Stop::refuse("period_closed", message));
        }
        Ok(period.status)
    }

    /// Nobody else has booked this document; or, for a step that undoes an entry, the entry is there as it
    /// was approved and still stands. Before the first step of a set, those that book are looked over too.
    pub(crate) async fn check_ledger(
        &self,
        case: &Case,
        found: &Found,
    ) -> Result<Result<(), Stop>, WorkerError> {
        let step = case.step()?;
        let mut seen = Seen::of(found);
        if let Err(failure) = self.complete(case, &mut seen).await {
            return Ok(Err(Stop::read(&failure)));
        }
        let basis = case.work.posting.basis.as_ref();
        let Some(target) = &step.reverses else {
            return Ok(match basis.and_then(|basis| basis.within.as_ref()) {
                Some(within) => self.check_within(case, step, within, &seen).await,
                None => self.free_of_others(case, step, &seen),
            });
        };
        if let Err(stop) = self.check_reversed(case, step, target, &mut seen).await {
            return Ok(Err(stop));
        }
        if let Err(stop) = self.check_kept(case, target, &mut seen).await {
            return Ok(Err(stop));
        }
        if let Some(undone) = self.standing(case, &seen).restored_without(target) {
            // That would book again under a key of its own what another desk may book at this moment.
            let message = format!(
                "entry {target} itself undoes entry {undone}: book the document again instead of reversing it"
            );
            return Ok(Err(Stop::refuse("reverses_a_reversal", message)));
        }
        if case.memo.booked.is_empty() {
            for later in case.work.posting.steps.iter().filter(|later| later.reverses.is_none()) {
                if let Err(stop) = self.free_of_others(case, later, &seen) {
                    return Ok(Err(stop));
                }
            }
        }
        Ok(Ok(()))
    }

    /// A search may lag behind what was booked a moment ago: the set's own booked steps, and what they undid,
    /// are read by id where it does not show them.
    async fn complete(&self, case: &Case, seen: &mut Seen) -> Result<(), VendorFailure> {
        let booked = case.memo.booked.iter();
        let undone = case.work.posting.steps.iter().take(case.memo.booked.len());
        let ids = booked.map(|step| &step.erp_id).chain(undone.filter_map(|step| step.reverses.as_ref()));
        for erp_id in ids {
            if !seen.has(erp_id)
                && let Some(entry) = self.ledger.read_back(erp_id).await?
            {
                seen.put(entry);
            }
        }
        Ok(())
    }

    /// The entry to be reversed is read last of all, so that what is compared is what is reversed.
    async fn check_reversed(
        &self,
        case: &Case,
        step: &PostingStep,
        erp_id: &str,
        seen: &mut Seen,
    ) -> Result<(), Stop> {
        let read = self.ledger.read_back(erp_id).await.map_err(|failure| Stop::read(&failure))?;
        let Some(target) = read else {
            let message = format!("the entry {erp_id} that is to be reversed is not in the ERP");
            return Err(Stop::refuse("reversed_entry_missing", message));
        };
        if target.status != EntryStatus::Booked {
            let message = format!("the entry {erp_id} that is to be reversed is {}", target.status.as_str());
            return Err(Stop::refuse("reversed_entry_not_booked", message));
        }
        let basis = case.work.posting.basis.as_ref().and_then(|basis| basis.reversed(erp_id));
        let Some(approved) = basis else {
            let message =
                format!("what entry {erp_id} was like is not in what was approved: prepare it again");
            return Err(Stop::refuse("reversed_entry_unknown", message));
        };
        let differences = approved.differences(step, &target);
        if !differences.is_empty() && !self.is_out(Fault::ReversedUnread) {
            let message = format!(
                "the entry {erp_id} that is to be reversed is not the one that was approved: {}; sync, and \
                 prepare it again",
                differences.join("; ")
            );
            return Err(Stop::refuse("reversed_entry_changed", message));
        }
        seen.put(target.clone());
        match self.standing(case, seen).reversal_of(&target).filter(|entry| self.knows(entry, &target)) {
            None => Ok(()),
            Some(earlier) => {
                let message = format!("the entry {erp_id} is already reversed, by entry {}", earlier.erp_id);
                Err(Stop::refuse("already_reversed", message))
            }
        }
    }

    /// What is to stay of the document stands as it was approved, and so does what is to be undone: of two
    /// alike of which somebody undid one, nobody can say which, and one has to be left.
    async fn check_kept(&self, case: &Case, target: &str, seen: &mut Seen) -> Result<(), Stop> {
        let Some(basis) = case.work.posting.basis.as_ref().filter(|basis| !basis.kept.is_empty()) else {
            return Ok(());
        };
        if self.is_out(Fault::KeptUnread) {
            return Ok(());
        }
        for kept in &basis.kept {
            let read = self.ledger.read_back(&kept.erp_id).await.map_err(|failure| Stop::read(&failure))?;
            seen.entries.retain(|known| known.erp_id != kept.erp_id);
            seen.entries.extend(read);
        }
        let standing = self.standing(case, seen);
        let lost = basis.kept.iter().find_map(|kept| {
            let now = seen.entries.iter().find(|entry| entry.erp_id == kept.erp_id);
            kept.lost(now, |erp_id| standing.counts(erp_id))
        });
        let words = lost.or_else(|| {
            (!standing.counts(target)).then(|| format!("entry {target} does not stand any more"))
        });
        match words {
            None => Ok(()),
            Some(words) => Err(Stop::Moved(BasisMoved::by(BasisMove::Ledger { words }))),
        }
    }

    /// Always, but for a planted fault.
    fn knows(&self, reversal: &LedgerEntry, target: &LedgerEntry) -> bool {
        let taken_back = |account, net: i128| target.functional_nets().get(account) == Some(&-net);
        !self.is_out(Fault::ExactMirrors)
            || reversal.reverses.is_some()
            || reversal.functional_nets().into_iter().all(|(account, net)| taken_back(account, net))
    }

    /// No entry of the step's role that still counts stands under a name of the document, but for those that
    /// the set itself is still to undo.
    fn free_of_others(&self, case: &Case, step: &PostingStep, seen: &Seen) -> Result<(), Stop> {
        let posting = &case.work.posting;
        let corrects = posting.steps.iter().any(|step| step.reverses.is_some());
        if corrects && self.is_out(Fault::NoLookInSets) {
            return Ok(());
        }
        let to_undo: Vec<&String> = posting
            .steps
            .iter()
            .skip(case.memo.booked.len())
            .filter_map(|step| step.reverses.as_ref())
            .collect();
        let standing = self.standing(case, seen);
        let other = standing.entries().find(|entry| {
            entry.external_id.as_deref() != Some(step.key.as_str())
                && !to_undo.contains(&&entry.erp_id)
                && self.has_its_role(case, step, entry)
                && self.is_of_the_document(case, step, entry)
        });
        other.map_or(Ok(()), |other| Err(in_the_way(&posting.reference, other)))
    }

    /// The entries that book the document together with others are as they were when its difference was
    /// worked out, nothing else stands beside them under their names, and nobody has booked anything more
    /// under the document's own.
    async fn check_within(
        &self,
        case: &Case,
        step: &PostingStep,
        within: &Within,
        seen: &Seen,
    ) -> Result<(), Stop> {
        let kept = case.work.posting.basis.as_ref().map(|basis| basis.kept.as_slice()).unwrap_or_default();
        let is_kept = |erp_id: &str| kept.iter().any(|kept| kept.erp_id == erp_id);
        let moved = |words: String| Err(Stop::Moved(BasisMoved::by(BasisMove::Ledger { words })));
        if self.is_out(Fault::KeptUnread) {
            return Ok(());
        }
        for kept in kept {
            let read = self.ledger.read_back(&kept.erp_id).await.map_err(|failure| Stop::read(&failure))?;
            let booked = read.as_ref().is_some_and(|entry| entry.status == EntryStatus::Booked);
            if let Some(words) = kept.lost(read.as_ref(), |_| booked) {
                return moved(words);
            }
            let undoes = |entry: &&LedgerEntry| {
                entry.status == EntryStatus::Booked && entry.reverses.as_deref() == Some(&kept.erp_id)
            };
            if let Some(undone) = seen.entries.iter().find(undoes) {
                let (kept, by) = (&kept.erp_id, &undone.erp_id);
                return moved(format!("entry {kept}, which was to stay, is undone by entry {by}"));
            }
        }
        let look = &case.work.look;
        let names: Vec<&str> =
            look.names.iter().map(|name| &name.text).chain(&within.names).map(String::as_str).collect();
        let is_new = |entry: &&LedgerEntry| {
            !is_kept(&entry.erp_id)
                && entry.external_id.as_deref() != Some(step.key.as_str())
                && entry.entity.is(step.entry.entity(), step.entity_erp_id())
        };
        let known = (self.ledger.tenant(), case.work.posting.reference.as_str());
        let beside = Standing::new(seen.entries.iter().filter(is_new), known, &look.reversals);
        let counts = |entry: &&LedgerEntry| {
            entry.side_on(&look.control_accounts).is_some() && names.iter().any(|name| entry.is_named(name))
        };
        match beside.entries().find(counts) {
            None => Ok(()),
            Some(entry) => moved(format!("entry {} stands there, too, since then", entry.erp_id)),
        }
    }

    /// Raise or settlement, by the side of the control accounts. What leaves them as they are may be the same
    /// document on a wrong account: it is not taken for something else.
    fn has_its_role(&self, case: &Case, step: &PostingStep, entry: &LedgerEntry) -> bool {
        let control = &case.work.look.control_accounts;
        match (step.entry.side_on(control), entry.side_on(control)) {
            (Some(own), Some(other)) => own == other || self.is_out(Fault::NoRoles),
            (None, _) | (_, None) => true,
        }
    }

    /// An entry of another entity is of that entity's own document where it has one of the name. Otherwise it
    /// is this document, booked in the wrong place.
    fn is_of_the_document(&self, case: &Case, step: &PostingStep, entry: &LedgerEntry) -> bool {
        if entry.entity.is(step.entry.entity(), step.entity_erp_id()) {
            return true;
        }
        if self.is_out(Fault::OwnEntityOnly) {
            return false;
        }
        let names = case.work.look.names.iter().filter(|name| entry.is_named(&name.text));
        let is_theirs = names.into_iter().any(|name| name.elsewhere.contains(&entry.entity));
        !is_theirs || self.is_out(Fault::NoNamesakes)
    }

    /// An entry of the step's key that another desk booked and that was undone since is no booking of this.
    pub(crate) fn is_spent(
        &self,
        case: &Case,
        step: &PostingStep,
        seen: &Seen,
        booked: &LedgerEntry,
    ) -> bool {
        let standing = self.standing(case, seen);
        let stands = match &step.reverses {
            Some(_) => standing.is_in_force(&booked.erp_id),
            None => standing.counts(&booked.erp_id),
        };
        !case.memo.may_be_ours() && !stands
    }
}

/// The refusal where an entry of the document is there already.
fn in_the_way(reference: &str, other: &LedgerEntry) -> Stop {
    let name = other.number.as_deref().or(other.external_id.as_deref()).unwrap_or("without number");
    let message = format!(
        "the ERP already holds {reference} as entry {} ({name}) of entity {}: nothing was sent",
        other.erp_id,
        other.entity.as_str()
    );
    Stop::refuse("already_in_ledger", message)
}

impl Stop {
    pub(crate) fn refuse(code: &str, message: impl Into<String>) -> Self {
        Stop::Refuse(FailureNote::new(FailureClass::Terminal, code, message))
    }

    /// A read failed: it had no effect, whatever its class says of a change.
    pub(crate) fn read(failure: &VendorFailure) -> Self {
        match failure.class {
            FailureClass::Terminal => Stop::Refuse(failure.into()),
            FailureClass::Retryable | FailureClass::Unknown => {
                Stop::Later(failure.into(), failure.retry_after)
            }
        }
    }
}
