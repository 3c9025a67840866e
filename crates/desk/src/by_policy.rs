//! Postings that the workspace's policy prepares itself, where a tier asks for no approval. They go the same
//! way as everybody's: the permit is derived afresh before each send, and holds only for an open period.

use tieout_domain::{
    Money,
    exception::{ExceptionKind, ExceptionState},
    people::Origin,
};
use tieout_duties::Approvals;
use tieout_store::{View, ViewFilter};

use crate::{error::DeskResult, workspace::Desk};

impl Desk {
    /// Prepares what the policy lets pass without a person, and puts it into the outbox. Only unposted
    /// documents: corrections and reversals always need a person.
    pub(crate) fn prepare_by_policy(&self) -> DeskResult<u64> {
        let Some(policy) = self.policy_in_force()? else { return Ok(0) };
        if policy.tiers().iter().all(|tier| tier.approvals != Approvals::None) {
            return Ok(0);
        }
        let filter = ViewFilter {
            states: vec![ExceptionState::Open],
            kinds: vec![ExceptionKind::Unposted],
            ..ViewFilter::default()
        };
        let mut prepared = 0;
        let exceptions = self.store().view_rows(&View { filter, sorts: Vec::new() }, 0, u64::MAX)?;
        for exception in exceptions {
            let Some(entity) = &exception.entity else { continue };
            let gross = Money::new(exception.amount_minor.saturating_abs(), exception.currency);
            let tier = policy.tier(entity, exception.kind, gross);
            if tier.is_none_or(|tier| tier.approvals != Approvals::None) {
                continue;
            }
            // What cannot be prepared waits for a person, who is told why when they propose it.
            let Ok(mut draft) = self.draft_for(&exception, None) else { continue };
            draft.origin = Origin::Policy;
            let posting = self.posting_of(&draft, None)?;
            let id = self.store_posting(&draft, posting, None)?;
            if self.enqueue_by_policy(&id)? {
                prepared += 1;
            }
        }
        Ok(prepared)
    }

    /// Into the outbox, if the policy really asks for nobody (its period is fully open, its amount small
    /// enough in functional currency); else it waits for approval like any other.
    fn enqueue_by_policy(&self, id: &tieout_domain::PostingId) -> DeskResult<bool> {
        let row = self.store().posting(id)?;
        let judged = self.judged(&row)?;
        let facts = judged.facts(&row, self.known_status(&row)?);
        if judged.duties.required(&facts) != Approvals::None {
            return Ok(false);
        }
        let detail = serde_json::json!({ "content_hash": row.content_hash });
        self.unsigned("released_by_policy", id.as_str(), detail, |store, log| {
            store.enqueue_by_policy(id, &row.content_hash, log)
        })?;
        Ok(true)
    }
}
