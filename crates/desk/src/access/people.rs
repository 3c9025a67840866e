//! People: added, given roles, enrolled, confirmed. Nobody changes their own role.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::{
    PersonId,
    people::{Action, Role},
};
use tieout_duties::{Lack, PersonFacts, Subject};
use tieout_store::{
    Enrolment, LogDraft, PERSON_ADDED, PERSON_REMOVED, Person, ROLE_CHANGED, SecretKind, Store, StoreError,
};

use crate::{
    access::{
        action::ActionView,
        actor::{self, only},
        enrolment, judging, names,
    },
    base::{
        clock::OsEntropy,
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
};
use tieout_vault::{Passphrase, Protection, PublicKey, SecretText};

/// A person in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PersonView {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The role.
    #[ts(as = "closed::Role")]
    pub role: String,
    /// Their OS account, if they have their own.
    pub os_account: Option<String>,
    /// False once they left.
    pub active: bool,
    /// keyring, passphrase, elsewhere (on a machine of their own), or not set yet.
    pub secret: String,
    /// The public half of their key, hex, where that is on a machine of their own: whoever confirms it asks
    /// them for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub key: Option<String>,
    /// True while somebody else has to say that this is the person: until then their secret counts for
    /// nothing.
    pub unconfirmed: bool,
    /// True where a restore started them anew: they set their secret with its code, from any OS account.
    pub restored: bool,
    /// Whether the acting person may change their role or take them off the desk, and confirm them where that
    /// is to be done. Empty in the answer to such a change.
    pub actions: Vec<ActionView>,
    /// The one-time code with which they set their secret, told once, when they are added without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub enrolment_code: Option<String>,
}

impl PersonView {
    fn of(person: &Person, enrolment: Option<&Enrolment>) -> Self {
        let key = person.verifying_key.map(hex::encode);
        Self {
            id: person.id.to_string(),
            name: person.name.clone(),
            role: person.role.as_str().to_owned(),
            os_account: person.os_account.clone(),
            active: person.active,
            secret: person.secret_kind.map_or("not set yet", |k| k.as_str()).to_owned(),
            key: key.filter(|_| person.secret_kind == Some(SecretKind::Elsewhere)),
            unconfirmed: person.active && enrolment.is_some_and(|one| !one.is_confirmed()),
            restored: enrolment.is_some_and(|one| one.restored),
            actions: Vec::new(),
            enrolment_code: None,
        }
    }

    fn read(ctx: &Context, id: &PersonId) -> DeskResult<Self> {
        let store = ctx.store();
        Ok(Self::of(&store.person(id)?, store.enrolment(id)?.as_ref()))
    }
}

/// Whether two different people can prepare and approve here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct TwoPeople {
    /// Who is lacking, as a sentence; nothing when nobody is.
    pub lacks: Option<String>,
}

/// A person to add.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct AddPersonRequest {
    /// The name.
    pub name: String,
    /// analyst, controller, administrator or auditor.
    #[ts(as = "closed::Role")]
    pub role: String,
    /// Their OS account, if they have their own.
    pub os_account: Option<String>,
    /// The passphrase that they typed themselves; without it the answer has an enrolment code.
    pub passphrase: Option<SecretText>,
}

/// Reads a role's name.
///
/// # Errors
/// `role_unknown`.
pub fn parse_role(text: &str) -> DeskResult<Role> {
    Role::parse(text).ok_or_else(|| {
        let names: Vec<&str> = Role::ALL.iter().map(|r| r.as_str()).collect();
        DeskError::new(
            Code::RoleUnknown,
            format!("\"{text}\" is no role; the roles are {}", names.join(", ")),
        )
    })
}

/// Adds a person. With `secret` they have set their own passphrase now; without, they set it at their
/// first decision with the enrolment code in the answer (or from their own OS account).
///
/// # Errors
/// A refusal, `already_exists`, `passphrase_weak`, `passphrase_reused`.
pub fn add_person(
    ctx: &Context,
    name: &str,
    role: Role,
    os_account: Option<&str>,
    secret: Option<Passphrase>,
) -> DeskResult<PersonView> {
    names::check(name, &ctx.store().people()?)?;
    let actor = actor::actor(ctx)?;
    let person = Person {
        id: PersonId::random(&mut OsEntropy),
        name: name.to_owned(),
        os_account: os_account.map(str::to_owned),
        role,
        active: true,
        verifying_key: None,
        secret_kind: None,
        added_by: actor.id().to_string(),
        added_at: ctx.clock.now(),
    };
    let facts = Subject::Person(PersonFacts { target: person.id.clone() });
    actor::judge(ctx, &actor, Action::ManagePeople, facts, person.id.as_str())?;
    let code = secret.is_none().then(enrolment::new_code);
    let invited = invitation(ctx, &person, code.as_deref())?;
    let detail = json!({
        "name": name, "role": role.as_str(), "os_account": os_account,
        "enrolment_sha256": invited.code_sha256, "confirmation": invited.confirmation.as_str(),
    });
    actor::signed(ctx, &actor, PERSON_ADDED, person.id.as_str(), detail, |s, log| {
        s.invite_person(&person, &invited, log)
    })?;
    if let Some(passphrase) = secret {
        actor::create_key(ctx, &person, &Protection::Passphrase, &only(passphrase))?;
    }
    Ok(PersonView { enrolment_code: code, ..PersonView::read(ctx, &person.id)? })
}

/// How somebody new comes to their secret, and who confirms them then.
fn invitation(ctx: &Context, person: &Person, code: Option<&str>) -> DeskResult<Enrolment> {
    Ok(Enrolment {
        person: person.id.clone(),
        code_sha256: code.map(enrolment::code_hash),
        issued_by: person.added_by.clone(),
        issued_at: person.added_at,
        restored: false,
        confirmation: enrolment::confirmation_at_account(person, &ctx.store().people()?),
        confirmed_by: None,
        confirmed_at: None,
    })
}

/// Adds a person, whose passphrase may come with the request.
///
/// # Errors
/// As [`add_person`], and `role_unknown`.
pub fn person_add(ctx: &Context, request: &AddPersonRequest) -> DeskResult<PersonView> {
    let secret = request.passphrase.as_ref().map(SecretText::passphrase);
    add_person(ctx, &request.name, parse_role(&request.role)?, request.os_account.as_deref(), secret)
}

/// Gives a person another role.
///
/// # Errors
/// A refusal (nobody changes their own), `person_unknown`.
pub fn set_role(ctx: &Context, name: &str, role: Role) -> DeskResult<PersonView> {
    let detail = json!({ "role": role.as_str() });
    change_person(ctx, name, ROLE_CHANGED, detail, |store, id, log| store.set_person_role(id, role, log))
}

/// Takes a person off the desk. What they decided stays; their approvals no longer count.
///
/// # Errors
/// A refusal, `person_unknown`.
pub fn remove_person(ctx: &Context, name: &str) -> DeskResult<PersonView> {
    let detail = json!({ "active": false });
    change_person(ctx, name, PERSON_REMOVED, detail, |store, id, log| store.set_person_active(id, false, log))
}

fn change_person(
    ctx: &Context,
    name: &str,
    what: &str,
    detail: serde_json::Value,
    run: impl FnOnce(&mut Store, &PersonId, &LogDraft<'_>) -> Result<(), StoreError>,
) -> DeskResult<PersonView> {
    let actor = actor::actor(ctx)?;
    let id = actor::find_person(ctx, name)?.id;
    let facts = Subject::Person(PersonFacts { target: id.clone() });
    actor::judge(ctx, &actor, Action::ManagePeople, facts, id.as_str())?;
    actor::signed(ctx, &actor, what, id.as_str(), detail, |store, log| run(store, &id, log))?;
    PersonView::read(ctx, &id)
}

/// Says that a person who has set their secret is who they should be. What they decide counts from then on.
///
/// # Errors
/// A refusal (nobody confirms themselves, nor whoever could have set the secret in their place),
/// `person_unknown`, `person_secret_missing`, `nothing_to_decide`.
pub fn confirm_person(ctx: &Context, name: &str) -> DeskResult<PersonView> {
    let actor = actor::actor(ctx)?;
    let person = actor::find_person(ctx, name)?;
    actor::judge(
        ctx,
        &actor,
        Action::ConfirmPerson,
        enrolment::to_confirm(ctx, &person)?,
        person.id.as_str(),
    )?;
    if ctx.store().enrolment(&person.id)?.is_none_or(|one| one.is_confirmed()) {
        let message = format!("{} needs nobody's confirmation, or has it already", person.name);
        return Err(DeskError::new(Code::NothingToDecide, message));
    }
    let Some(key) = person.verifying_key else {
        let message = format!(
            "{} has not set a secret yet: confirm them once they have, because whoever sets it is confirmed",
            person.name
        );
        return Err(DeskError::new(Code::PersonSecretMissing, message));
    };
    let key = PublicKey::from_bytes(key).to_string();
    let detail = json!({ "name": person.name, "public_key": key });
    actor::signed(ctx, &actor, "person_confirmed", person.id.as_str(), detail, |store, log| {
        store.confirm_person(&person.id, actor.id(), log)
    })?;
    PersonView::read(ctx, &person.id)
}

/// Sets the acting person's own secret, if it was not set when they were added.
///
/// # Errors
/// `person_secret_exists`, `enrolment_code_missing`, `enrolment_code_wrong`, `passphrase_weak` …
pub fn enrol(ctx: &Context, name: &str) -> DeskResult<PersonView> {
    let person = actor::find_person(ctx, name)?;
    if person.verifying_key.is_some() {
        return Err(DeskError::new(
            Code::PersonSecretExists,
            format!("{} has a secret already; it is set once", person.name),
        ));
    }
    PersonView::read(ctx, &actor::enrol_at_first_decision(ctx, &person)?.id)
}

/// One person.
///
/// # Errors
/// `not_found`.
pub(crate) fn person(ctx: &Context, id: &PersonId) -> DeskResult<PersonView> {
    PersonView::read(ctx, id)
}

/// Everybody, those who left included.
///
/// # Errors
/// A database error.
pub fn people(ctx: &Context) -> DeskResult<Vec<PersonView>> {
    let (people, enrolments) = {
        let store = ctx.store();
        (store.people()?, store.enrolments()?)
    };
    let judged = |person: &Person| -> DeskResult<PersonView> {
        let view = PersonView::of(person, enrolments.get(&person.id));
        let facts = Subject::Person(PersonFacts { target: person.id.clone() });
        let mut actions = vec![judging::may(ctx, Action::ManagePeople, facts, person.id.as_str())];
        if view.unconfirmed {
            let facts = enrolment::to_confirm(ctx, person)?;
            actions.push(judging::may(ctx, Action::ConfirmPerson, facts, person.id.as_str()));
        }
        Ok(PersonView { actions, ..view })
    };
    people.iter().map(judged).collect()
}

/// Whether two different people can prepare and approve here, by the rules that judge them.
///
/// # Errors
/// A database error, or what is wrong with the policy in force.
pub fn two_people(ctx: &Context) -> DeskResult<TwoPeople> {
    let lack = actor::duties(ctx)?.lack(&actor::roster(ctx)?).map(|lack| match lack {
        Lack::Approver => "Nobody here can approve.",
        Lack::SecondPerson => "Nobody else here can prepare or approve.",
    });
    Ok(TwoPeople { lacks: lack.map(str::to_owned) })
}

/// What the acting person may do with the workspace as a whole: add people, look after connections,
/// import files.
#[must_use]
pub fn workspace_actions(ctx: &Context) -> Vec<ActionView> {
    let somebody_new = PersonFacts { target: PersonId::random(&mut OsEntropy) };
    vec![
        judging::may(ctx, Action::ManagePeople, Subject::Person(somebody_new), ""),
        judging::may(ctx, Action::ManageConnections, Subject::Workspace, ""),
        judging::may(ctx, Action::ImportFiles, Subject::Workspace, ""),
    ]
}
