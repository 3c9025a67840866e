//! The permit: without one nothing is sent.

use chrono::{DateTime, Utc};
use tieout_domain::{ConnectionId, EntityCode, PersonId, PostingId, calendar::PeriodKey, people::Action};

use crate::{approvals::Approvals, facts::PostingFacts};

/// A person's decision on a posting. The caller has verified its signature and its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Who decided.
    pub person: PersonId,
    /// [`Action::Approve`] or [`Action::Reject`]; any other counts for nothing.
    pub action: Action,
    /// The posting that the signed text names. Of another posting: counts for nothing.
    pub posting: PostingId,
    /// The content hash that the person saw and signed.
    pub content_hash: String,
    /// When, UTC.
    pub at: DateTime<Utc>,
    /// In whose place, where it was not their own: it counts once, and for both of them.
    pub in_place_of: Option<PersonId>,
}

impl Decision {
    /// Who took part in it.
    pub fn people(&self) -> impl Iterator<Item = &PersonId> {
        std::iter::once(&self.person).chain(&self.in_place_of)
    }
}

/// Where one step of a posting goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The ERP connection.
    pub connection: ConnectionId,
    /// The step's number in the posting, from 1.
    pub step: u32,
    /// The legal entity of this step's entry.
    pub entity: EntityCode,
    /// The period of this step's entry.
    pub period: PeriodKey,
}

/// What a permit is asked for.
#[derive(Clone, Debug)]
pub struct PermitRequest<'a> {
    /// The posting. Its `period_status` is that of the step's period as read from the ERP just now.
    pub facts: PostingFacts,
    /// The hash of what is about to be sent, with the basis on which it was prepared
    /// ([`tieout_domain::posting::Posting::content_hash`]). The caller has compared that basis with what
    /// holds now: a posting whose basis has moved is not asked for.
    pub content_hash: &'a str,
    /// Where it is about to be sent.
    pub place: Place,
    /// The decisions on this posting in the log's order, signatures verified, without those from before it
    /// last went back to its preparer ([`tieout_domain::posting::PostingEvent::BasisMoved`]): these are void,
    /// even where its content is the same again.
    pub decisions: &'a [Decision],
    /// When it is asked, UTC: an approval may have run out by then.
    pub now: DateTime<Utc>,
}

/// How far a posting's approvals are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What the policy asks for.
    pub required: Approvals,
    /// Whose approvals count, each once, in the decisions' order.
    pub given: Vec<PersonId>,
}

impl Standing {
    /// True when nothing is missing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.given.len() >= self.required.count()
    }
}

/// Leave to send one step of one posting, with exactly this content on exactly this basis, to exactly this
/// place, now.
///
/// Only [`crate::Duties::permit`] makes one; it is derived afresh before every send and used up by it.
/// It cannot be kept, copied or forged. (The first example compiles, so that the others fail for their
/// reason and not for a name.)
///
/// ```
/// fn needs_debug<T: std::fmt::Debug>() {}
/// needs_debug::<tieout_duties::Permit>();
/// fn keep_place(posting: tieout_domain::PostingId, place: tieout_duties::Place) {
///     let _ = (posting, String::new(), place);
/// }
/// ```
/// ```compile_fail,E0277
/// fn needs_clone<T: Clone>() {}
/// needs_clone::<tieout_duties::Permit>();
/// ```
/// ```compile_fail,E0277
/// fn needs_serialize<T: serde::Serialize>() {}
/// needs_serialize::<tieout_duties::Permit>();
/// ```
/// ```compile_fail,E0277
/// fn needs_deserialize<T: for<'a> serde::Deserialize<'a>>() {}
/// needs_deserialize::<tieout_duties::Permit>();
/// ```
/// ```compile_fail,E0277
/// fn needs_default<T: Default>() {}
/// needs_default::<tieout_duties::Permit>();
/// ```
/// ```compile_fail,E0451
/// fn forge(posting: tieout_domain::PostingId, place: tieout_duties::Place) -> tieout_duties::Permit {
///     tieout_duties::Permit { posting, content_hash: String::new(), place }
/// }
/// ```
#[derive(Debug)]
pub struct Permit {
    posting: PostingId,
    content_hash: String,
    place: Place,
}

impl Permit {
    pub(crate) fn new(posting: PostingId, content_hash: String, place: Place) -> Self {
        Self { posting, content_hash, place }
    }

    /// Checks that this permit is for exactly what is about to be sent.
    ///
    /// # Errors
    /// [`PermitMismatch`], the first that holds in the order of its variants.
    pub fn covers(
        &self,
        posting: &PostingId,
        content_hash: &str,
        place: &Place,
    ) -> Result<(), PermitMismatch> {
        if self.posting != *posting {
            return Err(PermitMismatch::Posting);
        }
        if self.content_hash != content_hash {
            return Err(PermitMismatch::Content);
        }
        if self.place.connection != place.connection {
            return Err(PermitMismatch::Connection);
        }
        if self.place.step != place.step {
            return Err(PermitMismatch::Step);
        }
        if self.place.entity != place.entity {
            return Err(PermitMismatch::Entity);
        }
        if self.place.period != place.period {
            return Err(PermitMismatch::Period);
        }
        Ok(())
    }
}

/// What a permit does not cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PermitMismatch {
    /// It is for another posting.
    #[error("the permit is for another posting")]
    Posting,
    /// It is for other content.
    #[error("the permit is for other content than would be sent")]
    Content,
    /// It is for another connection.
    #[error("the permit is for another connection")]
    Connection,
    /// It is for another step.
    #[error("the permit is for another step of the posting")]
    Step,
    /// It is for another legal entity.
    #[error("the permit is for another legal entity")]
    Entity,
    /// It is for another period.
    #[error("the permit is for another period")]
    Period,
}

impl PermitMismatch {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            PermitMismatch::Posting => "permit_other_posting",
            PermitMismatch::Content => "permit_other_content",
            PermitMismatch::Connection => "permit_other_connection",
            PermitMismatch::Step => "permit_other_step",
            PermitMismatch::Entity => "permit_other_entity",
            PermitMismatch::Period => "permit_other_period",
        }
    }
}
