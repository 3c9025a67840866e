//! How people come to their own secret, and who says that it was really they who set it: one-time codes, the
//! roster with who is confirmed, and what a restore leaves switched off until somebody is.

use std::collections::{BTreeMap, BTreeSet};

use tieout_domain::{PersonId, hash::sha256_hex, people::Role, ports::Entropy};
use tieout_duties::{EnrolmentFacts, Member, Roster, Subject};
use tieout_store::{Confirmation, Db, Enrolment, Person, StoreError};

use crate::base::{
    clock::OsEntropy,
    code::Code,
    context::Context,
    error::{DeskError, DeskResult},
};

/// What is kept of an enrolment code.
pub(crate) fn code_hash(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    sha256_hex(plain.to_ascii_lowercase().as_bytes())
}

/// 80 random bits in groups of four letters.
pub(crate) fn new_code() -> String {
    let mut bytes = [0_u8; 10];
    OsEntropy.fill(&mut bytes);
    let text = tieout_domain::hash::base32_lower(&bytes);
    let groups: Vec<String> =
        text.as_bytes().chunks(4).map(|g| String::from_utf8_lossy(g).into_owned()).collect();
    groups.join("-")
}

/// The others to whom this person's OS account belongs too, those who left included.
pub(crate) fn sharing<'p>(person: &'p Person, people: &'p [Person]) -> impl Iterator<Item = &'p Person> {
    let same = |other: &&Person| {
        other.id != person.id && person.os_account.is_some() && other.os_account == person.os_account
    };
    people.iter().filter(same)
}

/// Who confirms a person that comes to an OS account: where others are there before them, any of these could
/// set the secret in their place.
pub(crate) fn confirmation_at_account(person: &Person, people: &[Person]) -> Confirmation {
    let earlier = |other: &Person| (other.added_at, &other.id) < (person.added_at, &person.id);
    match sharing(person, people).any(earlier) {
        true => Confirmation::ByAdministrator,
        false => Confirmation::NotNeeded,
    }
}

/// Everybody and how they came to their secret.
struct Rolls {
    people: Vec<Person>,
    enrolments: BTreeMap<PersonId, Enrolment>,
}

impl Rolls {
    fn read(db: &Db) -> Result<Self, StoreError> {
        Ok(Self { people: db.people()?, enrolments: db.enrolments()? })
    }

    /// Those who work here and got a new code by a restore.
    fn restored(&self) -> impl Iterator<Item = (&Person, &Enrolment)> {
        let active = self.people.iter().filter(|person| person.active);
        let known = active.filter_map(|person| Some((person, self.enrolments.get(&person.id)?)));
        known.filter(|(_, enrolment)| enrolment.restored)
    }

    /// What a confirmation of this person is judged by.
    fn facts(&self, person: &Person) -> EnrolmentFacts {
        let enrolment = self.enrolments.get(&person.id);
        let by_administrator = enrolment.is_some_and(|one| one.confirmation == Confirmation::ByAdministrator);
        let restored = enrolment.is_some_and(|one| one.restored);
        let mut issuers = BTreeSet::new();
        if by_administrator {
            issuers.extend(sharing(person, &self.people).map(|other| other.id.clone()));
        }
        let by_another = |one: &&Enrolment| one.restored || one.confirmation == Confirmation::ByAnother;
        if let Some(issued_by) = enrolment.filter(by_another).map(|one| one.issued_by.as_str()) {
            // Whoever restored has every code, and whoever brought a key over could have brought another:
            // the person, or anybody to whom their OS account belongs.
            let account = issued_by.strip_prefix("os:");
            let theirs = |one: &&Person| {
                one.id.as_str() == issued_by || account.is_some() && one.os_account.as_deref() == account
            };
            issuers.extend(self.people.iter().filter(theirs).map(|one| one.id.clone()));
        }
        EnrolmentFacts { person: person.id.clone(), issuers, by_administrator, restored }
    }

    /// Whether anybody here could confirm anybody, whatever they set so far.
    fn somebody_could_confirm(&self) -> bool {
        self.restored().any(|(person, _)| {
            let facts = self.facts(person);
            let could = |other: &&Person| {
                other.active
                    && other.id != person.id
                    && other.role != Role::Auditor
                    && !facts.issuers.contains(&other.id)
                    && (!facts.by_administrator || other.role == Role::Administrator)
            };
            self.people.iter().any(|other| could(&other))
        })
    }

    fn nobody_was_confirmed(&self) -> bool {
        self.restored().all(|(_, enrolment)| enrolment.confirmed_by.is_none())
    }

    /// Where a restore left nobody who could confirm anybody, people work on, so that they can bring somebody
    /// in; nothing is sent meanwhile ([`posting_is_on`]).
    fn roster(&self) -> Roster {
        let alone =
            self.restored().next().is_some() && self.nobody_was_confirmed() && !self.somebody_could_confirm();
        let confirmed = |person: &Person| match self.enrolments.get(&person.id) {
            None => true,
            Some(one) if one.is_confirmed() => true,
            Some(one) => alone && one.restored && one.confirmation == Confirmation::ByAnother,
        };
        Roster::new(self.people.iter().map(|person| Member {
            id: person.id.clone(),
            name: person.name.clone(),
            role: person.role,
            active: person.active,
            confirmed: confirmed(person),
        }))
    }
}

/// The people as duties see them.
pub(crate) fn roster(db: &Db) -> Result<Roster, StoreError> {
    Ok(Rolls::read(db)?.roster())
}

/// What a confirmation of this person is judged by.
pub(crate) fn to_confirm(ctx: &Context, person: &Person) -> DeskResult<Subject> {
    Ok(Subject::Enrolment(Rolls::read(&ctx.store())?.facts(person)))
}

/// Refuses to send anything while a restored workspace knows of nobody whether it is them: whoever restored
/// it has every code, and could be each of its people.
///
/// # Errors
/// `posting_off`, with why and what to do.
pub(crate) fn posting_is_on(ctx: &Context) -> DeskResult<()> {
    let rolls = Rolls::read(&ctx.store())?;
    let nobody_left = rolls.people.iter().all(|person| !person.active)
        && rolls.enrolments.values().any(|enrolment| enrolment.restored);
    if !nobody_left && (rolls.restored().next().is_none() || !rolls.nobody_was_confirmed()) {
        return Ok(());
    }
    let then = match (nobody_left, rolls.somebody_could_confirm()) {
        (true, _) => {
            "and nobody of its roster could be taken over, so that nobody can be confirmed: restore another \
             backup"
        }
        (false, true) => {
            "and nobody has confirmed any of its people yet: each sets a new secret with their code, and \
             then somebody who did not give out the codes confirms them"
        }
        (false, false) => {
            "and there is nobody else here who could confirm the one who set a secret: add a second person, \
             who then confirms the first"
        }
    };
    Err(DeskError::new(
        Code::PostingOff,
        format!("posting is off: this workspace was restored from a backup, {then}"),
    ))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn person(name: &str, role: Role, account: Option<&str>, second: i64) -> Person {
        Person {
            id: PersonId::derive(&[name]),
            name: name.to_owned(),
            os_account: account.map(str::to_owned),
            role,
            active: true,
            verifying_key: None,
            secret_kind: None,
            added_by: "os:x".to_owned(),
            added_at: at(second),
        }
    }

    /// People restored by whoever sits at account `x`; those of `confirmed` were confirmed by somebody.
    fn rolls(people: &[(&str, Role, Option<&str>)], confirmed: &[&str]) -> Rolls {
        let people: Vec<Person> =
            (0..).zip(people).map(|(n, (name, role, account))| person(name, *role, *account, n)).collect();
        let enrolment = |one: &Person| {
            let shared = confirmation_at_account(one, &people) == Confirmation::ByAdministrator;
            let known = confirmed.contains(&one.name.as_str());
            let confirmation = if shared { Confirmation::ByAdministrator } else { Confirmation::ByAnother };
            let enrolment = Enrolment {
                person: one.id.clone(),
                code_sha256: None,
                issued_by: "os:x".to_owned(),
                issued_at: at(100),
                restored: true,
                confirmation,
                confirmed_by: known.then(|| PersonId::derive(&["other"])),
                confirmed_at: None,
            };
            (one.id.clone(), enrolment)
        };
        Rolls { enrolments: people.iter().map(enrolment).collect(), people }
    }

    #[track_caller]
    fn check(people: &[(&str, Role, Option<&str>)], confirmed: &[&str], act: &str, could: bool) {
        let rolls = rolls(people, confirmed);
        let roster = rolls.roster();
        let acting: Vec<&str> =
            roster.members().iter().filter(|m| m.confirmed).map(|m| m.name.as_str()).collect();
        assert_eq!((acting.join(" ").as_str(), rolls.somebody_could_confirm()), (act, could));
    }

    #[test]
    fn after_a_restore_only_those_act_whom_somebody_confirmed_unless_nobody_could() {
        use Role::{Administrator, Analyst, Auditor, Controller};
        let (olga, dora) = (("olga", Administrator, Some("x")), ("dora", Administrator, Some("x")));
        let (carl, aud) = (("carl", Controller, None), ("aud", Auditor, None));
        check(&[olga, carl, ("ana", Analyst, None)], &[], "", true);
        check(&[olga, carl, ("ana", Analyst, None)], &["carl"], "carl", true);
        // Carl could confirm Olga, and nobody Carl: he does not act for that.
        check(&[olga, carl], &[], "", true);
        check(&[olga, carl], &["olga"], "olga", true);
        // Nobody but the one who restored, or who could be them.
        check(&[olga], &[], "olga", false);
        check(&[olga, aud], &[], "olga aud", false);
        check(&[olga, dora], &[], "olga", false);
    }

    #[test]
    fn the_second_person_of_an_account_is_the_one_to_be_confirmed() {
        let (first, second) =
            (person("a", Role::Analyst, Some("x"), 1), person("b", Role::Analyst, Some("x"), 2));
        let (other, none) = (person("c", Role::Analyst, Some("y"), 3), person("d", Role::Analyst, None, 4));
        let people = [first, second, other, none];
        let told: Vec<&str> =
            people.iter().map(|one| confirmation_at_account(one, &people).as_str()).collect();
        assert_eq!(told, ["not_needed", "by_administrator", "not_needed", "not_needed"]);
    }

    #[test]
    fn a_code_is_read_as_it_is_written_down_and_no_two_are_alike() {
        let (one, other) = (new_code(), new_code());
        assert_ne!(one, other);
        assert_eq!(one.len(), 19, "{one}");
        let written = one.to_ascii_uppercase().replace('-', " ");
        assert_eq!(code_hash(&written), code_hash(&one));
        assert_ne!(code_hash(&one), code_hash(&other));
    }
}
