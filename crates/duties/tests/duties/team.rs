//! A small team, and requests to judge.

use std::collections::BTreeSet;

use tieout_domain::{
    ChangeId, ConnectionId, Currency, ExceptionId, HandoverId, MatchId, Money, PersonId, PostingId,
    calendar::{PeriodKey, PeriodStatus},
    exception::ExceptionKind,
    people::{Action, Origin, Role},
};
use tieout_duties::{
    ActionRequest, Approvals, ChangeFacts, ChangeWhat, Decision, EnrolmentFacts, HandoverFacts, ItemFacts,
    MatchFacts, Member, PersonFacts, Place, PostingFacts, Roster, SignOffFacts, Subject,
};

pub fn person(name: &str) -> PersonId {
    PersonId::derive(&[name])
}

/// ana and ben: analysts; cy and dot: controllers; eve: administrator; flo: auditor; gus: a controller who
/// left.
pub fn roster() -> Roster {
    let member = |name: &str, role, active| Member {
        id: person(name),
        name: name.to_owned(),
        role,
        active,
        confirmed: true,
    };
    Roster::new([
        member("ana", Role::Analyst, true),
        member("ben", Role::Analyst, true),
        member("cy", Role::Controller, true),
        member("dot", Role::Controller, true),
        member("eve", Role::Administrator, true),
        member("flo", Role::Auditor, true),
        member("gus", Role::Controller, false),
    ])
}

pub const EVERYBODY: [&str; 8] = ["ana", "ben", "cy", "dot", "eve", "flo", "gus", "stranger"];

pub fn people(names: &[&str]) -> BTreeSet<PersonId> {
    names.iter().map(|name| person(name)).collect()
}

pub fn names(roster: &Roster, ids: &[PersonId]) -> String {
    let names: Vec<&str> =
        ids.iter().filter_map(|id| roster.get(id)).map(|member| member.name.as_str()).collect();
    names.join(" ")
}

/// A manual posting of GBP 500.00 by ana in GB01, into an open period.
pub fn posting() -> PostingFacts {
    PostingFacts {
        id: PostingId::derive(&["p"]),
        entity: "GB01".parse().unwrap(),
        kind: ExceptionKind::Unposted,
        gross: Money::new(50_000, Currency::GBP),
        further: Vec::new(),
        origin: Origin::Manual,
        preparer: Some(person("ana")),
        editors: people(&["ana"]),
        basis_authors: BTreeSet::new(),
        approved_by: BTreeSet::new(),
        period_status: PeriodStatus::Open,
        exempt: false,
        lifted: BTreeSet::new(),
        late: Approvals::None,
    }
}

pub fn item() -> Subject {
    Subject::Item(ItemFacts {
        id: ExceptionId::derive(&["x"]),
        entity: None,
        kind: ExceptionKind::OrphanJournal,
        amount: Some(Money::new(-200_000, Currency::GBP)),
    })
}

/// An account that this person prepared, and whose items these people worked on.
pub fn sign_off(preparer: &str, worked: &[&str]) -> Subject {
    Subject::SignOff(SignOffFacts {
        id: ChangeId::derive(&["sign-off"]),
        entity: "GB01".parse().unwrap(),
        preparer: Some(person(preparer)),
        worked_on_items: people(worked),
    })
}

/// A match that these people have confirmed already.
pub fn pair(confirmed_by: &[&str]) -> Subject {
    Subject::Match(MatchFacts {
        id: MatchId::derive(&["m"]),
        entity: Some("GB01".parse().unwrap()),
        amount: Money::new(-200_000, Currency::GBP),
        confirmed_by: people(confirmed_by),
    })
}

pub fn file_of(by: &str) -> Subject {
    let id = HandoverId::derive(&["f"]);
    Subject::Handover(HandoverFacts { id, handed_over_by: people(&[by]) })
}

pub fn change(author: &str) -> Subject {
    governed(author, ChangeWhat::Mapping, &[], &[])
}

/// An exception to a lock that this person asked for, for these.
pub fn exception_for(author: &str, gains: &[&str]) -> Subject {
    governed(author, ChangeWhat::Lock, gains, &[])
}

/// An override that this person asked for, of a posting in which these have a part.
pub fn override_of(author: &str, took_part: &[&str]) -> Subject {
    governed(author, ChangeWhat::Override, &[], took_part)
}

fn governed(author: &str, what: ChangeWhat, gains: &[&str], took_part: &[&str]) -> Subject {
    let (id, author) = (ChangeId::derive(&["c"]), person(author));
    Subject::Change(ChangeFacts { id, author, what, gains: people(gains), took_part: people(took_part) })
}

pub fn target(name: &str) -> Subject {
    Subject::Person(PersonFacts { target: person(name) })
}

pub fn enrolment(name: &str, issuers: &[&str], change: impl FnOnce(&mut EnrolmentFacts)) -> Subject {
    let (person, issuers) = (person(name), people(issuers));
    let mut facts = EnrolmentFacts { person, issuers, by_administrator: false, restored: false };
    change(&mut facts);
    Subject::Enrolment(facts)
}

pub fn wants(actor: &str, action: Action, subject: &Subject) -> ActionRequest {
    ActionRequest { actor: person(actor), action, subject: subject.clone() }
}

pub fn place() -> Place {
    Place {
        connection: ConnectionId::derive(&["erp"]),
        step: 1,
        entity: "GB01".parse().unwrap(),
        period: PeriodKey::new("2026-03"),
    }
}

pub fn decision(name: &str, action: Action, content_hash: &str) -> Decision {
    Decision {
        person: person(name),
        action,
        posting: posting().id,
        content_hash: content_hash.to_owned(),
        at: "2026-04-01T08:00:00Z".parse().unwrap(),
        in_place_of: None,
    }
}
