//! Who may do what here, since when, given by whom and last used when, as the log tells it; and where duties
//! that should lie apart came together, with the items. A controller signs it as reviewed: what was signed
//! are rights and conflicts, not their use, which goes on.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::{
    PersonId,
    hash::sha256_hex,
    people::{Action, Role},
};
use tieout_duties::Subject;
use tieout_evidence::{LogEntry, PERSON_ADDED, ROLE_CHANGED, WORKSPACE_CREATED};
use tieout_store::{DutyPair, Enrolment, Person};

use crate::{
    access::{
        action::ActionView,
        actor::{self, Names},
        judging,
    },
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        wording,
    },
    governance::delegating::{self, DelegationState, DelegationView},
    settlement::overrides::{self, OverrideView},
};

/// What the log calls a review that was signed.
const SIGNED: &str = "access_reviewed";

/// A person and what they may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct AccessRow {
    /// The name.
    pub person: String,
    /// The role.
    #[ts(as = "closed::Role")]
    pub role: String,
    /// False once they left.
    pub active: bool,
    /// Since when they have this role.
    pub since: DateTime<Utc>,
    /// Who gave it to them.
    pub given_by: String,
    /// When they last did anything that is logged; `None` where they never did.
    pub last_used: Option<DateTime<Utc>>,
    /// How many log entries are theirs.
    pub entries: u64,
    /// Their OS account, if they have their own.
    pub os_account: Option<String>,
    /// keyring, passphrase, or not set yet.
    pub secret: String,
    /// Who confirmed that it is them; empty where nobody had to or nobody did yet.
    pub confirmed_by: String,
}

/// Why duties conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Conflict {
    /// Two people of one OS account: one prepared what the other approved.
    SharedAccount,
    /// The approver gave out the code by which the preparer set their secret, and nobody else confirmed them.
    ApproverIssuedTheCode,
    /// The same the other way around.
    PreparerIssuedTheCode,
    /// Who gives people their roles approves postings.
    AdministratorApproves,
    /// A limit of the policy was lifted for a posting.
    LimitLifted,
}

/// Duties that came together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ConflictRow {
    /// Why.
    pub conflict: Conflict,
    /// In a sentence.
    pub says: String,
    /// Who approved.
    pub approver: String,
    /// Who prepared.
    pub preparer: String,
    /// How many postings.
    pub count: u64,
    /// Their documents, the newest approval first; at most fifty are named.
    pub items: Vec<String>,
}

/// Who may do what, and where duties came together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct AccessReview {
    /// Everybody, those who left too, by name.
    pub people: Vec<AccessRow>,
    /// The conflicts; none is the aim.
    pub conflicts: Vec<ConflictRow>,
    /// Who decides in whose place, now or later.
    pub delegations: Vec<DelegationView>,
    /// What a signature is under, as text: who has which rights, who decides in whose place, and the
    /// conflicts.
    pub text: String,
    /// SHA-256 of the text.
    pub content_hash: String,
    /// The last signature; `None` where nobody signed yet.
    pub signed: Option<SignedReview>,
    /// Every signature, the last first.
    pub signatures: Vec<SignedReview>,
    /// What may be done with it now.
    pub actions: Vec<ActionView>,
}

/// A signature under a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct SignedReview {
    /// Who reviewed.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The entry of the log that holds it.
    pub entry: i64,
    /// SHA-256 of what they signed.
    pub content_hash: String,
    /// How many people it was about.
    pub people: u64,
    /// How many conflicts it told of.
    pub conflicts: u64,
    /// False once rights or conflicts are others than those that were signed.
    pub holds: bool,
}

impl AccessReview {
    /// By whom and when it was signed, in words.
    pub(crate) fn signed_words(&self) -> String {
        match &self.signed {
            None => "by nobody yet".to_owned(),
            Some(one) => format!(
                "by {} on {} (log entry {}){}",
                one.by,
                wording::instant(one.at),
                one.entry,
                if one.holds { "" } else { "; rights or conflicts have changed since" }
            ),
        }
    }
}

/// The review as it was seen.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct SignReviewRequest {
    /// Its hash, as the review said it.
    pub content: String,
}

/// What the log says of one person.
#[derive(Default)]
struct Logged {
    given: Option<(DateTime<Utc>, String)>,
    last_used: Option<DateTime<Utc>>,
    entries: u64,
}

/// Who may do what here, and where duties that should lie apart came together.
///
/// # Errors
/// A database error.
pub fn access_review(ctx: &Context) -> DeskResult<AccessReview> {
    let store = ctx.store();
    let mut logged: BTreeMap<String, Logged> = BTreeMap::new();
    let mut signings: Vec<LogEntry> = Vec::new();
    store.each_log_entry(&mut |entry| {
        note(&mut logged, entry);
        if entry.what == SIGNED {
            signings.push(entry.clone());
        }
    })?;
    let (mut people, enrolments, pairs) = (store.people()?, store.enrolments()?, store.duty_pairs()?);
    drop(store);
    people.sort_by(|a, b| a.name.cmp(&b.name));
    let names = actor::names(ctx)?;
    let row = |person: &Person| {
        let of = logged.get(person.id.as_str());
        let given = of.and_then(|of| of.given.clone());
        let (since, given_by) = given.unwrap_or((person.added_at, person.added_by.clone()));
        let confirmed = enrolments.get(&person.id).and_then(|one| one.confirmed_by.as_ref());
        AccessRow {
            person: person.name.clone(),
            role: person.role.as_str().to_owned(),
            active: person.active,
            since,
            given_by: names.of(&given_by),
            last_used: of.and_then(|of| of.last_used),
            entries: of.map_or(0, |of| of.entries),
            os_account: person.os_account.clone(),
            secret: person.secret_kind.map_or("not set yet", |kind| kind.as_str()).to_owned(),
            confirmed_by: confirmed.map_or_else(String::new, |by| names.of(by.as_str())),
        }
    };
    let rows: Vec<AccessRow> = people.iter().map(row).collect();
    let mut conflicts = conflicts(&pairs, &people, &enrolments, &names);
    conflicts.extend(overrides::overrides(ctx)?.iter().filter_map(lifted));
    let mut delegations = delegating::delegations(ctx)?;
    delegations.retain(|one| matches!(one.state, DelegationState::Holds | DelegationState::ToCome));
    let text = content(&rows, &delegations, &conflicts);
    let content_hash = sha256_hex(text.as_bytes());
    let before = sha256_hex(content_before(&rows, &conflicts)?.as_bytes());
    let is_this = |signed: &str| signed == content_hash || (delegations.is_empty() && signed == before);
    let signature = |entry: &LogEntry| {
        let detail = entry.read_detail();
        let number = |name: &str| detail[name].as_u64().unwrap_or_default();
        let signed = detail["review"].as_str().unwrap_or_default();
        SignedReview {
            by: names.of(&entry.actor),
            at: entry.at,
            entry: entry.number,
            content_hash: signed.to_owned(),
            people: number("people"),
            conflicts: number("conflicts"),
            holds: is_this(signed),
        }
    };
    let signatures: Vec<SignedReview> = signings.iter().rev().map(signature).collect();
    Ok(AccessReview {
        signed: signatures.first().cloned(),
        signatures,
        people: rows,
        conflicts,
        delegations,
        text,
        content_hash,
        actions: vec![judging::may(ctx, Action::SignAccessReview, Subject::Workspace, "access")],
    })
}

/// Signs the review as it was seen.
///
/// # Errors
/// A refusal, `content_changed` where rights or conflicts are others by now.
pub fn access_review_sign(ctx: &Context, request: &SignReviewRequest) -> DeskResult<AccessReview> {
    let actor = actor::actor(ctx)?;
    actor::judge(ctx, &actor, Action::SignAccessReview, Subject::Workspace, "access")?;
    let review = access_review(ctx)?;
    if review.content_hash != request.content.trim() {
        let message = "who may do what, or where duties came together, is not what you saw: look again, and \
                       sign what you see then";
        return Err(DeskError::new(Code::ContentChanged, message));
    }
    let detail = json!({
        "review": review.content_hash, "people": review.people.len(), "conflicts": review.conflicts.len(),
    });
    actor::signed(ctx, &actor, SIGNED, "access", detail, |store, log| store.append_log(log).map(|_| ()))?;
    access_review(ctx)
}

/// What is signed, a line for each person, delegation and conflict.
fn content(people: &[AccessRow], delegations: &[DelegationView], conflicts: &[ConflictRow]) -> String {
    let mut lines = vec!["Access review: who may do what, and where duties came together".to_owned()];
    lines.extend(people.iter().map(|row| {
        one_line(&format!(
            "Person {}: {}, {}, since {}, given by {}; OS account {}; secret {}; confirmed by {}",
            row.person,
            row.role,
            if row.active { "works here" } else { "has left" },
            instant(row.since),
            row.given_by,
            row.os_account.as_deref().unwrap_or("none"),
            row.secret,
            if row.confirmed_by.is_empty() { "nobody" } else { &row.confirmed_by },
        ))
    }));
    lines.extend(delegations.iter().map(|one| {
        let entities =
            if one.entities.is_empty() { "every entity".to_owned() } else { one.entities.join(", ") };
        one_line(&format!(
            "Delegation: {} decides in the place of {} for {entities}, from {} to {}, approved by {}",
            one.to,
            one.from,
            instant(one.since),
            instant(one.until),
            one.approved_by.join(" and ")
        ))
    }));
    lines.extend(conflicts.iter().map(|row| {
        one_line(&format!("Conflict: {}; {} in all: {}", row.says, row.count, row.items.join(", ")))
    }));
    if delegations.is_empty() {
        lines.push("Nobody decides in another's place.".to_owned());
    }
    if conflicts.is_empty() {
        lines.push("No duties came together.".to_owned());
    }
    lines.join("\n") + "\n"
}

/// What people wrote into a line ends no line.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// What was signed before delegations were part of it: what was signed so still holds.
fn content_before(people: &[AccessRow], conflicts: &[ConflictRow]) -> DeskResult<String> {
    let rights = |row: &AccessRow| {
        json!([
            row.person,
            row.role,
            row.active,
            row.since,
            row.given_by,
            row.os_account,
            row.secret,
            row.confirmed_by
        ])
    };
    let rights: Vec<_> = people.iter().map(rights).collect();
    Ok(serde_json::to_string(&json!({ "people": rights, "conflicts": conflicts }))?)
}

/// A limit that was lifted once two people approved it, whatever became of it.
fn lifted(one: &OverrideView) -> Option<ConflictRow> {
    if one.approved_by.len() < 2 {
        return None;
    }
    let (limits, approvers) = (one.limits.join(", "), one.approved_by.join(" and "));
    Some(ConflictRow {
        conflict: Conflict::LimitLifted,
        says: format!(
            "{approvers} lifted {limits} for {}, as {} asked: {}, {}",
            one.reference, one.asked_by, one.reason, one.why
        ),
        approver: approvers,
        preparer: one.asked_by.clone(),
        count: 1,
        items: vec![one.reference.clone()],
    })
}

fn note(logged: &mut BTreeMap<String, Logged>, entry: &LogEntry) {
    let actor = logged.entry(entry.actor.clone()).or_default();
    actor.last_used = Some(entry.at);
    actor.entries += 1;
    if [PERSON_ADDED, ROLE_CHANGED].contains(&entry.what.as_str()) {
        let given = Some((entry.at, entry.actor.clone()));
        logged.entry(entry.subject.clone()).or_default().given = given;
    } else if entry.what == WORKSPACE_CREATED {
        // Who made the workspace has their role from nobody.
        logged.entry(entry.actor.clone()).or_default().given = Some((entry.at, entry.actor.clone()));
    }
}

fn conflicts(
    pairs: &[DutyPair],
    people: &[Person],
    enrolments: &BTreeMap<PersonId, Enrolment>,
    names: &Names,
) -> Vec<ConflictRow> {
    let person = |id: &PersonId| people.iter().find(|person| person.id == *id);
    let mut found = Vec::new();
    for pair in pairs {
        let (approver, preparer) = (names.of(pair.approver.as_str()), names.of(pair.preparer.as_str()));
        let mut told = |conflict: Conflict, says: String| {
            found.push(ConflictRow {
                conflict,
                says,
                approver: approver.clone(),
                preparer: preparer.clone(),
                count: pair.count,
                items: pair.references.clone(),
            });
        };
        let account = |id: &PersonId| person(id).and_then(|one| one.os_account.clone());
        if let Some(shared) =
            account(&pair.approver).filter(|one| account(&pair.preparer).as_ref() == Some(one))
        {
            told(
                Conflict::SharedAccount,
                format!("{approver} approved what {preparer} prepared, and both use the OS account {shared}"),
            );
        }
        // Whoever gave out the code could have set the secret, unless a third person said that they did not.
        let issued = |of: &PersonId, by: &PersonId| {
            enrolments.get(of).is_some_and(|one| {
                let third = one.confirmed_by.as_ref().is_some_and(|third| third != by && third != of);
                one.issued_by == by.as_str() && one.code_sha256.is_some() && !third
            })
        };
        if issued(&pair.preparer, &pair.approver) {
            told(
                Conflict::ApproverIssuedTheCode,
                format!("{approver} approved what {preparer} prepared, and gave out {preparer}'s code"),
            );
        }
        if issued(&pair.approver, &pair.preparer) {
            told(
                Conflict::PreparerIssuedTheCode,
                format!("{preparer} prepared what {approver} approved, and gave out {approver}'s code"),
            );
        }
        if person(&pair.approver).is_some_and(|one| one.role == Role::Administrator) {
            told(
                Conflict::AdministratorApproves,
                format!("{approver} gives people their roles, and approved what {preparer} prepared"),
            );
        }
    }
    found.sort_by(|a, b| (a.conflict, &a.approver, &a.preparer).cmp(&(b.conflict, &b.approver, &b.preparer)));
    found
}
