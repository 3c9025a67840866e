//! What a judgement needs to know. The caller has read it from the store and verified its signatures.

use std::collections::BTreeSet;

use tieout_domain::{
    ChangeId, Currency, EntityCode, ExceptionId, HandoverId, MatchId, Money, PersonId, PostingId,
    calendar::PeriodStatus,
    exception::ExceptionKind,
    people::{Action, Origin},
};

use crate::approvals::Approvals;

/// Somebody wants to do something to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActionRequest {
    /// Who.
    pub actor: PersonId,
    /// What.
    pub action: Action,
    /// To what.
    pub subject: Subject,
}

/// What is acted on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An exception: assign, comment, propose, reroute, hold, release, dismiss, reverse, booked_elsewhere.
    Item(ItemFacts),
    /// A posting: approve, reject, reroute, replay, cancel, reverse and what an exception takes.
    Posting(PostingFacts),
    /// A governed change: propose_change, approve_change, reject.
    Change(ChangeFacts),
    /// An account of a period that is signed: prepare_sign_off, review_sign_off.
    SignOff(SignOffFacts),
    /// A match of entries and documents: confirm_match, reject_match, undo_match.
    Match(MatchFacts),
    /// A person: manage_people.
    Person(PersonFacts),
    /// A person whose secret was set: confirm_person.
    Enrolment(EnrolmentFacts),
    /// A journal file: confirm_handover.
    Handover(HandoverFacts),
    /// The workspace: manage_connections, import_files, keep_views, soft_close_period, reopen_period,
    /// sign_access_review, hand_over.
    Workspace,
}

/// An exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemFacts {
    /// Its id.
    pub id: ExceptionId,
    /// The legal entity; `None` where none can be determined (a missing mapping).
    pub entity: Option<EntityCode>,
    /// What is wrong.
    pub kind: ExceptionKind,
    /// Its size; the sign does not matter. `None` for a customer or a connection.
    pub amount: Option<Money>,
}

impl ItemFacts {
    /// An exception about which no policy says anything.
    pub(crate) fn plainest() -> Self {
        let id = ExceptionId::derive(&["plainest"]);
        Self { id, entity: None, kind: ExceptionKind::Unposted, amount: None }
    }
}

/// A posting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostingFacts {
    /// Its id.
    pub id: PostingId,
    /// The legal entity of its first step.
    pub entity: EntityCode,
    /// What it settles.
    pub kind: ExceptionKind,
    /// The first step's debits in the functional currency of its entity.
    pub gross: Money,
    /// The same of every further step. Each is judged by its own entity and currency, and the strictest
    /// judgement holds: no limit compares two currencies.
    pub further: Vec<(EntityCode, Money)>,
    /// Where it comes from.
    pub origin: Origin,
    /// Who prepared the present version; `None` only for a policy's own.
    pub preparer: Option<PersonId>,
    /// Everybody who prepared, edited or rerouted any version of it.
    pub editors: BTreeSet<PersonId>,
    /// The authors of the mapping and of the policy that it rests on.
    pub basis_authors: BTreeSet<PersonId>,
    /// Whose valid approvals the present content already has. [`crate::Duties::permit`] and
    /// [`crate::Duties::standing`] ignore it: they count the decisions themselves.
    pub approved_by: BTreeSet<PersonId>,
    /// The status of its period; of several steps' periods, the strictest.
    pub period_status: PeriodStatus,
    /// True where exceptions in force let it into every softly closed period that it goes to; only a permit
    /// asks.
    pub exempt: bool,
    /// The workspace's limits that an override lifts for its present content: ids of Cedar policies
    /// ([`crate::Duties::lifted`]).
    pub lifted: BTreeSet<String>,
    /// Of a late item, how many the rule asks for that it came under; none for everything else.
    pub late: Approvals,
}

impl PostingFacts {
    /// The same facts with one step's entity and amount in the place of the first's, for every step.
    pub(crate) fn each_step(&self) -> impl Iterator<Item = PostingFacts> + '_ {
        let first = std::iter::once((self.entity.clone(), self.gross));
        first.chain(self.further.iter().cloned()).map(|(entity, gross)| PostingFacts {
            entity,
            gross,
            further: Vec::new(),
            ..self.clone()
        })
    }

    /// A posting about which no policy says anything, prepared by this person.
    pub(crate) fn plainest(preparer: Option<PersonId>) -> Option<Self> {
        Some(Self {
            id: PostingId::derive(&["plainest"]),
            entity: "plainest".parse().ok()?,
            kind: ExceptionKind::Unposted,
            gross: Money::new(1, Currency::USD),
            further: Vec::new(),
            origin: Origin::Manual,
            preparer,
            editors: BTreeSet::new(),
            basis_authors: BTreeSet::new(),
            approved_by: BTreeSet::new(),
            period_status: PeriodStatus::Open,
            exempt: false,
            lifted: BTreeSet::new(),
            late: Approvals::None,
        })
    }
}

/// An account of an entity and period that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOffFacts {
    /// Its sign-off's id; of one that is still to be prepared, any.
    pub id: ChangeId,
    /// The legal entity.
    pub entity: EntityCode,
    /// Who signed it as prepared; `None` before anybody did.
    pub preparer: Option<PersonId>,
    /// Everybody who prepared, edited or approved a posting of one of its items, or explained, accepted or
    /// dismissed one.
    pub worked_on_items: BTreeSet<PersonId>,
}

/// What a governed change changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeWhat {
    /// An account mapping.
    Mapping,
    /// A workspace policy.
    Policy,
    /// A person's duty.
    Duty,
    /// That approved postings are sent to a connection.
    Posting,
    /// What was open at a cutover.
    Cutover,
    /// What explains entries.
    Explanation,
    /// A period's lock: that a soft close is lifted, or an exception to it.
    Lock,
    /// That a limit of the policy does not hold for a posting.
    Override,
}

impl ChangeWhat {
    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeWhat::Mapping => "mapping",
            ChangeWhat::Policy => "policy",
            ChangeWhat::Duty => "duty",
            ChangeWhat::Posting => "posting",
            ChangeWhat::Cutover => "cutover",
            ChangeWhat::Explanation => "explanation",
            ChangeWhat::Lock => "lock",
            ChangeWhat::Override => "override",
        }
    }
}

/// A governed change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeFacts {
    /// Its id.
    pub id: ChangeId,
    /// Who brought it in. For `propose_change` this is the actor.
    pub author: PersonId,
    /// What it changes.
    pub what: ChangeWhat,
    /// For whom it is made: of an exception to a lock, whose postings it lets in.
    pub gains: BTreeSet<PersonId>,
    /// Of an override, everybody who prepared, edited or decided on the posting.
    pub took_part: BTreeSet<PersonId>,
}

/// A match of entries and documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchFacts {
    /// Its id.
    pub id: MatchId,
    /// The legal entity; `None` where the ERP names one that no mapping knows.
    pub entity: Option<EntityCode>,
    /// What its documents come to; the sign does not matter.
    pub amount: Money,
    /// Who has confirmed it already.
    pub confirmed_by: BTreeSet<PersonId>,
}

/// A journal file that was written for a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverFacts {
    /// Its id.
    pub id: HandoverId,
    /// Who wrote it.
    pub handed_over_by: BTreeSet<PersonId>,
}

/// A person whose membership or role is to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonFacts {
    /// Whose.
    pub target: PersonId,
}

/// A person who has set their secret, and for whom somebody else is to say that it was really them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentFacts {
    /// Who.
    pub person: PersonId,
    /// Everybody who could have set it in their place: who gave the code out, who shares their OS account.
    pub issuers: BTreeSet<PersonId>,
    /// True where only an administrator may say so.
    pub by_administrator: bool,
    /// True where the code came of a restore, after which nobody is confirmed.
    pub restored: bool,
}
