//! The acting person: found, enrolled if need be, unlocked with their own secret, and judged.

use std::sync::{Arc, PoisonError};

use serde::Serialize;
use serde_json::{Value, json};
use tieout_domain::{PersonId, people::Action};
use tieout_duties::{ActionRequest, Duties, Policy, Refusal, Roster, Subject};
use tieout_evidence::{CARRIED, LogEntry};
use tieout_store::{LogDraft, Person, SecretKind, Signer as LogSigner, Store};

use crate::{
    access::{
        enrolment::{self, code_hash},
        rules::duties_under,
        unlocking::{by_name, unlocked},
    },
    base::{
        code::Code,
        context::{Context, POLICY_ACTOR},
        error::{DeskError, DeskResult},
        labels::capital,
    },
};
use tieout_vault::{Backend, PassphraseFor, Protection, PublicKey, Signer};

/// A person whose own secret was given for this decision.
pub(crate) struct Actor {
    pub(crate) person: Person,
    hand: Hand,
    /// Their OS account, where it is another person's too.
    shared_account: Option<String>,
}

/// What a person signs with.
enum Hand {
    /// Their own key, unlocked here.
    Key(Arc<Signer>),
    /// The decision that they signed on another machine, which is carried over.
    Carried(Box<LogEntry>),
}

impl Actor {
    /// Somebody who decided on another machine, and has no secret here.
    pub(crate) fn elsewhere(person: Person, decided: LogEntry) -> Self {
        Self { person, hand: Hand::Carried(Box::new(decided)), shared_account: None }
    }

    pub(crate) fn id(&self) -> &PersonId {
        &self.person.id
    }

    /// Their unlocked key; none of somebody who decided elsewhere.
    pub(crate) fn signer(&self) -> Option<&Arc<Signer>> {
        match &self.hand {
            Hand::Key(signer) => Some(signer),
            Hand::Carried(_) => None,
        }
    }

    /// Their unlocked key, for what only they can sign here.
    ///
    /// # Errors
    /// `person_secret_missing` of somebody who decided elsewhere.
    pub(crate) fn own_key(&self) -> DeskResult<&Signer> {
        self.signer().map(AsRef::as_ref).ok_or_else(|| {
            let message = format!("{}'s own key is on another machine", self.person.name);
            DeskError::new(Code::PersonSecretMissing, message)
        })
    }

    /// What they decided elsewhere.
    pub(crate) fn carried(&self) -> Option<&LogEntry> {
        match &self.hand {
            Hand::Key(_) => None,
            Hand::Carried(entry) => Some(entry),
        }
    }

    /// Their signature: over this hash, or the one that they gave elsewhere.
    pub(crate) fn sign(&self, hash: &[u8; 32]) -> [u8; 64] {
        match &self.hand {
            Hand::Key(signer) => signer.sign(hash),
            Hand::Carried(entry) => {
                let given = entry.signature.as_deref().unwrap_or_default();
                given.try_into().unwrap_or([0; 64])
            }
        }
    }
}

/// The person who acts: `--as`, else the one who belongs to this OS account.
///
/// # Errors
/// `nobody_acts`, `person_unknown`.
pub fn acting_person(ctx: &Context) -> DeskResult<Person> {
    match &ctx.session.acting {
        Some(name) => find_person(ctx, name),
        None => {
            let people = ctx.known().people()?;
            let mine = |p: &Person| p.active && p.os_account.as_deref() == Some(&ctx.os_account);
            people.into_iter().find(mine).ok_or_else(|| {
                DeskError::new(
                    Code::NobodyActs,
                    format!("no person of this workspace belongs to OS account {}", ctx.os_account),
                )
            })
        }
    }
}

/// The person who provably sits here: whose key was unlocked, or whose OS account this is and nobody
/// else's. A name that was only said proves nothing.
fn proven_person(ctx: &Context) -> Option<Person> {
    let person = acting_person(ctx).ok()?;
    let known = person.verifying_key.map(PublicKey::from_bytes);
    let unlocked = known.is_some_and(|key| kept_signer(ctx, &person.id, &key).is_some());
    let own = || {
        let people = ctx.known().people().unwrap_or_default();
        let mine = person.os_account.as_deref() == Some(&ctx.os_account);
        mine && person.active && enrolment::sharing(&person, &people).next().is_none()
    };
    (unlocked || own()).then_some(person)
}

/// Under whom the log notes what needs no secret: the person who provably sits here, else the OS account.
pub(crate) fn sitting(ctx: &Context) -> String {
    proven_person(ctx).map_or_else(|| ctx.account_actor(), |person| person.id.to_string())
}

/// The same by name.
pub(crate) fn who_sits_here(ctx: &Context) -> String {
    proven_person(ctx).map_or_else(|| format!("account {}", ctx.os_account), |person| person.name)
}

/// A person by name or id.
///
/// # Errors
/// `person_unknown`.
pub fn find_person(ctx: &Context, name: &str) -> DeskResult<Person> {
    let people = ctx.known().people()?;
    people
        .iter()
        .find(|p| p.id.as_str() == name)
        .or_else(|| people.iter().find(|p| p.name == name))
        .cloned()
        .ok_or_else(|| {
            let names: Vec<&str> = people.iter().map(|p| p.name.as_str()).collect();
            DeskError::new(
                Code::PersonUnknown,
                format!("there is no person {name} here; there are {}", names.join(", ")),
            )
        })
}

/// The acting person with their key unlocked. A first decision enrols them.
pub(crate) fn actor(ctx: &Context) -> DeskResult<Actor> {
    let mut person = acting_person(ctx)?;
    if person.verifying_key.is_none() {
        person = enrol_at_first_decision(ctx, &person)?;
    }
    let known = person.verifying_key.map(PublicKey::from_bytes).ok_or_else(|| {
        DeskError::new(Code::PersonSecretMissing, format!("{} has no secret yet", person.name))
    })?;
    let signer = match kept_signer(ctx, &person.id, &known) {
        Some(signer) => signer,
        None => unlocked(ctx, &person, &known, ctx.session.passphrases.as_ref())?,
    };
    unlocked_actor(ctx, person, signer)
}

/// A person whose key was unlocked.
pub(crate) fn unlocked_actor(ctx: &Context, person: Person, signer: Arc<Signer>) -> DeskResult<Actor> {
    let people = ctx.known().people()?;
    let shared = enrolment::sharing(&person, &people).next().is_some();
    let shared_account = person.os_account.clone().filter(|_| shared);
    Ok(Actor { person, hand: Hand::Key(signer), shared_account })
}

/// The key that its person unlocked when they sat down, if it is this person's and still the one that
/// the roster knows.
#[must_use]
pub fn kept_signer(ctx: &Context, person: &PersonId, known: &PublicKey) -> Option<Arc<Signer>> {
    let kept = ctx.kept.lock().unwrap_or_else(PoisonError::into_inner).clone();
    kept.filter(|signer| signer.person() == person && signer.public_key() == *known)
}

/// Sets a person's own secret. Only the holder of the OS account that the person belongs to, or of the
/// one-time enrolment code that was told when they were added, may do it: otherwise whoever opens the
/// workspace first could become them. After a restore nobody does without their code.
pub(crate) fn enrol_at_first_decision(ctx: &Context, person: &Person) -> DeskResult<Person> {
    let own_account = person.os_account.as_deref() == Some(ctx.os_account.as_str());
    let enrolment = ctx.store().enrolment(&person.id)?;
    if !own_account || enrolment.as_ref().is_some_and(|one| one.restored) {
        let given = (ctx.session.enrolment)(&person.name).ok_or_else(|| {
            DeskError::new(
                Code::EnrolmentCodeMissing,
                format!(
                    "{} has no secret yet: give the enrolment code that was told when they were added \
                     or when the workspace was restored",
                    person.name
                ),
            )
        })?;
        if enrolment.and_then(|one| one.code_sha256).as_deref() != Some(code_hash(&given).as_str()) {
            ctx.note("enrolment_code_failed", person.id.as_str(), json!({ "name": person.name }))?;
            return Err(DeskError::new(
                Code::EnrolmentCodeWrong,
                format!("that is not the enrolment code of {}", person.name),
            ));
        }
    }
    let protection = match (ctx.secrets.backend(), own_account) {
        (Backend::Keyring, true) => Protection::OsAccount,
        _ => Protection::Passphrase,
    };
    create_key(ctx, person, &protection, ctx.session.passphrases.as_ref())
}

pub(crate) fn create_key(
    ctx: &Context,
    person: &Person,
    protection: &Protection,
    source: &dyn tieout_vault::PassphraseSource,
) -> DeskResult<Person> {
    let public = ctx.secrets.people().create(&person.id, protection, source);
    let public = public.map_err(|error| by_name(error, person))?;
    let kind = match protection {
        Protection::OsAccount => SecretKind::Keyring,
        Protection::Passphrase => SecretKind::Passphrase,
    };
    let actor = ctx.account_actor();
    let draft = LogDraft {
        at: ctx.clock.now(),
        actor: &actor,
        what: "person_enrolled",
        subject: person.id.as_str(),
        detail: json!({ "name": person.name, "public_key": public.to_string() }),
        signer: None,
    };
    ctx.writing()?.set_person_key(&person.id, public.as_bytes(), kind, &draft)?;
    Ok(ctx.store().person(&person.id)?)
}

/// Runs one store method with a log entry that the actor signs. Where their OS account is another person's
/// too, the entry says so: what proves them apart is their secret alone.
pub(crate) fn signed<T>(
    ctx: &Context,
    actor: &Actor,
    what: &str,
    subject: &str,
    detail: Value,
    run: impl FnOnce(&mut Store, &LogDraft<'_>) -> Result<T, tieout_store::StoreError>,
) -> DeskResult<T> {
    let sign = |hash: &[u8; 32]| actor.sign(hash);
    let mut detail = detail;
    if let (Some(decided), Some(fields)) = (actor.carried(), detail.as_object_mut()) {
        fields.insert("packet".to_owned(), decided.read_detail()["packet"].clone());
        fields.insert(CARRIED.to_owned(), decided.to_carry());
    }
    if let (Some(account), Some(fields)) = (&actor.shared_account, detail.as_object_mut()) {
        fields.insert("shared_os_account".to_owned(), json!(account));
    }
    let draft = LogDraft {
        at: ctx.clock.now(),
        actor: actor.person.id.as_str(),
        what,
        subject,
        detail,
        signer: Some(LogSigner { person: &actor.person.id, sign: &sign }),
    };
    Ok(run(&mut *ctx.writing()?, &draft)?)
}

/// The people as duties see them.
pub(crate) fn roster(ctx: &Context) -> DeskResult<Roster> {
    Ok(ctx.known().once("roster", "", || enrolment::roster(&ctx.store()))?)
}

/// The duties with the policy in force.
pub(crate) fn duties(ctx: &Context) -> DeskResult<std::sync::Arc<Duties>> {
    let change = ctx.known().change_in_force_named(tieout_store::ChangeKind::Policy, "policy")?;
    let duties = duties_under(change.as_ref().map(|c| c.content.as_str()));
    duties.map_err(|e| DeskError::below(e.code(), e.to_string()))
}

/// The workspace's policy in force, if there is one.
pub(crate) fn policy_in_force(ctx: &Context) -> DeskResult<Option<Policy>> {
    let change = ctx.known().change_in_force_named(tieout_store::ChangeKind::Policy, "policy")?;
    let parse = |text: &str| Policy::parse(text).map_err(|e| DeskError::below(e.code(), e.to_string()));
    change.map(|c| parse(&c.content)).transpose()
}

/// Judges an action; a refusal is logged, signed by the one who tried.
pub(crate) fn judge(
    ctx: &Context,
    actor: &Actor,
    action: Action,
    subject: Subject,
    about: &str,
) -> DeskResult<()> {
    let roster = roster(ctx)?;
    let request = ActionRequest { actor: actor.person.id.clone(), action, subject };
    match duties(ctx)?.judge(&request, &roster) {
        Ok(_) => Ok(()),
        Err(refusal) => {
            log_refusal(ctx, actor, action, about, &refusal)?;
            Err(refused(&refusal, &roster))
        }
    }
}

/// Logs a refused attempt.
pub(crate) fn log_refusal(
    ctx: &Context,
    actor: &Actor,
    action: Action,
    about: &str,
    refusal: &Refusal,
) -> DeskResult<()> {
    let mut detail = json!({ "action": action.as_str(), "rule": refusal.policy, "code": refusal.code() });
    if let Some(decided) = actor.carried() {
        // They signed the decision, not that it was refused.
        detail["reviewer"] = json!(actor.id().as_str());
        detail["packet"] = decided.read_detail()["packet"].clone();
        return ctx.note("refused", about, detail);
    }
    signed(ctx, actor, "refused", about, detail, |store, log| store.append_log(log).map(|_| ()))
}

/// A refusal as a command answers it: the rule, and the names of those who could.
pub(crate) fn refused(refusal: &Refusal, roster: &Roster) -> DeskError {
    let name = |id: &PersonId| roster.get(id).map_or_else(|| id.to_string(), |m| m.name.clone());
    DeskError {
        rule: Some(refusal.policy.clone()),
        who_could: refusal.who_could.iter().map(name).collect(),
        ..DeskError::below(refusal.code(), capital(&refusal.message))
    }
}

/// A source that has exactly one passphrase, for a person who types theirs while being added.
pub(crate) fn only(
    passphrase: tieout_vault::Passphrase,
) -> impl Fn(&PassphraseFor) -> Result<tieout_vault::Passphrase, tieout_vault::SecretError> {
    move |_| Ok(passphrase.clone())
}

/// What acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person of the workspace.
    Person,
    /// An account of the computer, of which no person of the workspace is proven.
    OsAccount,
    /// The desk itself: what detection finds.
    Desk,
    /// The policy in force.
    Policy,
    /// The worker that sends.
    Worker,
    /// Someone or something that this workspace does not know.
    Unknown,
}

/// Who or what did something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ActorView {
    /// The person's name, or the account's; else as it is written down.
    pub name: String,
    /// What it is.
    pub kind: ActorKind,
}

/// Names of people by id; anything else (an OS account, `desk`) stays as it is.
pub(crate) struct Names(Vec<Person>);

impl Names {
    /// Who decided, and in whose place where it was not their own: `cora for carl`.
    pub(crate) fn in_place(&self, who: &PersonId, other: Option<&PersonId>) -> String {
        let who = self.of(who.as_str());
        match other {
            None => who,
            Some(other) => format!("{who} for {}", self.of(other.as_str())),
        }
    }

    pub(crate) fn of(&self, actor: &str) -> String {
        self.0.iter().find(|p| p.id.as_str() == actor).map_or_else(|| actor.to_owned(), |p| p.name.clone())
    }

    /// Who this is, and of what kind.
    pub(crate) fn actor(&self, actor: &str) -> ActorView {
        let (name, kind) = match (self.0.iter().find(|p| p.id.as_str() == actor), actor) {
            (Some(person), _) => (person.name.as_str(), ActorKind::Person),
            (None, DESK_ACTOR) => (actor, ActorKind::Desk),
            (None, POLICY_ACTOR) => (actor, ActorKind::Policy),
            (None, WORKER_ACTOR) => (actor, ActorKind::Worker),
            (None, _) => match actor.strip_prefix(ACCOUNT) {
                Some(account) => (account, ActorKind::OsAccount),
                None => (actor, ActorKind::Unknown),
            },
        };
        ActorView { name: name.to_owned(), kind }
    }
}

/// What an account of the computer is written with.
const ACCOUNT: &str = "os:";
/// Who what the desk itself does is written under.
const DESK_ACTOR: &str = "desk";
/// Who what is sent is written under.
const WORKER_ACTOR: &str = "worker";

pub(crate) fn names(ctx: &Context) -> DeskResult<Names> {
    Ok(Names(ctx.known().people()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_says_what_it_is_apart_from_its_name() {
        let ana = Person {
            id: PersonId::derive(&["ana"]),
            name: "ana".to_owned(),
            os_account: None,
            role: tieout_domain::people::Role::Analyst,
            active: true,
            verifying_key: None,
            secret_kind: None,
            added_by: "os:root".to_owned(),
            added_at: chrono::DateTime::UNIX_EPOCH,
        };
        let id = ana.id.to_string();
        let names = Names(vec![ana]);
        let of = |actor: &str| {
            let ActorView { name, kind } = names.actor(actor);
            (name, kind)
        };
        assert_eq!(of(&id), ("ana".to_owned(), ActorKind::Person));
        assert_eq!(of("os:ana"), ("ana".to_owned(), ActorKind::OsAccount));
        assert_eq!(of("desk"), ("desk".to_owned(), ActorKind::Desk));
        assert_eq!(of("policy"), ("policy".to_owned(), ActorKind::Policy));
        assert_eq!(of("worker"), ("worker".to_owned(), ActorKind::Worker));
        assert_eq!(of("per_gone"), ("per_gone".to_owned(), ActorKind::Unknown));
    }
}
