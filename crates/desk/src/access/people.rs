//! People: added, given roles, enrolled. Nobody changes their own role.

use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::{
    PersonId,
    hash::sha256_hex,
    people::{Action, Role},
    ports::Entropy,
};
use tieout_duties::{Lack, PersonFacts, Subject};
use tieout_store::{LogDraft, Person, Store, StoreError};

use crate::{
    access::{
        action::ActionView,
        actor::{self, only},
        judging, names,
    },
    base::{
        clock::OsEntropy,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
};
use tieout_vault::{Passphrase, Protection, SecretText};

/// A person in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PersonView {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The role.
    pub role: String,
    /// Their OS account, if they have their own.
    pub os_account: Option<String>,
    /// False once they left.
    pub active: bool,
    /// keyring, passphrase, or not set yet.
    pub secret: String,
    /// Whether the acting person may change their role or take them off the desk. Empty in the answer to
    /// such a change.
    pub actions: Vec<ActionView>,
    /// The one-time code with which they set their secret, told once, when they are added without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub enrolment_code: Option<String>,
}

impl PersonView {
    fn of(person: &Person) -> Self {
        Self {
            id: person.id.to_string(),
            name: person.name.clone(),
            role: person.role.as_str().to_owned(),
            os_account: person.os_account.clone(),
            active: person.active,
            secret: person.secret_kind.map_or("not set yet", |k| k.as_str()).to_owned(),
            actions: Vec::new(),
            enrolment_code: None,
        }
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
    pub role: String,
    /// Their OS account, if they have their own.
    pub os_account: Option<String>,
    /// The passphrase that they typed themselves; without it the answer has an enrolment code.
    pub passphrase: Option<SecretText>,
}

/// What the log keeps of an enrolment code.
pub(crate) fn enrolment_hash(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    sha256_hex(plain.to_ascii_lowercase().as_bytes())
}

/// 80 random bits in groups of four letters.
fn enrolment_code() -> String {
    let mut bytes = [0_u8; 10];
    OsEntropy.fill(&mut bytes);
    let text = tieout_domain::hash::base32_lower(&bytes);
    let groups: Vec<String> =
        text.as_bytes().chunks(4).map(|g| String::from_utf8_lossy(g).into_owned()).collect();
    groups.join("-")
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
    let code = secret.is_none().then(enrolment_code);
    let detail = json!({
        "name": name, "role": role.as_str(), "os_account": os_account,
        "enrolment_sha256": code.as_deref().map(enrolment_hash),
    });
    actor::signed(ctx, &actor, "person_added", person.id.as_str(), detail, |s, log| {
        s.add_person(&person, log)
    })?;
    let mut added = person;
    if let Some(passphrase) = secret {
        added = actor::create_key(ctx, &added, &Protection::Passphrase, &only(passphrase))?;
    }
    Ok(PersonView { enrolment_code: code, ..PersonView::of(&added) })
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
    change_person(ctx, name, "role_changed", detail, |store, id, log| store.set_person_role(id, role, log))
}

/// Takes a person off the desk. What they decided stays; their approvals no longer count.
///
/// # Errors
/// A refusal, `person_unknown`.
pub fn remove_person(ctx: &Context, name: &str) -> DeskResult<PersonView> {
    let detail = json!({ "active": false });
    change_person(ctx, name, "person_removed", detail, |store, id, log| {
        store.set_person_active(id, false, log)
    })
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
    Ok(PersonView::of(&ctx.store().person(&id)?))
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
    Ok(PersonView::of(&actor::enrol_at_first_decision(ctx, &person)?))
}

/// Everybody, those who left included.
///
/// # Errors
/// A database error.
pub fn people(ctx: &Context) -> DeskResult<Vec<PersonView>> {
    let people = ctx.store().people()?;
    let judged = |person: &Person| {
        let facts = Subject::Person(PersonFacts { target: person.id.clone() });
        let actions = vec![judging::may(ctx, Action::ManagePeople, facts, person.id.as_str())];
        PersonView { actions, ..PersonView::of(person) }
    };
    Ok(people.iter().map(judged).collect())
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

/// The hash of a person's enrolment code, from the signed entry that added them.
pub(crate) fn enrolment_hash_of(ctx: &Context, person: &PersonId) -> DeskResult<Option<String>> {
    for entry in ctx.store().log_of(person.as_str())? {
        if entry.what == "person_added" {
            let detail: serde_json::Value = serde_json::from_str(&entry.detail)?;
            return Ok(detail["enrolment_sha256"].as_str().map(str::to_owned));
        }
    }
    Ok(None)
}
