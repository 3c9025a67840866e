//! Rosters that go from one installation to another: who works in a workspace, as what, and by which public
//! keys they sign, under an administrator's own signature. It is all that two installations share.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::{PersonId, people::Action};
use tieout_duties::{PersonFacts, Subject};
use tieout_evidence::file::{
    card::SignedCard,
    roster::{Roster, RosterPerson, SignedRoster},
    signed::{Checkpoint, OfWorkspace},
};
use tieout_store::KnownRoster;

use crate::{
    access::{
        actor::{self, Actor},
        enrolment,
    },
    base::{
        clock::OsEntropy,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        files, workspace,
        written::Exported,
    },
};

/// Where a roster is written.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct RosterExportRequest {
    /// The file.
    pub path: PathBuf,
    /// In place of a file that is there.
    #[serde(default)]
    pub force: bool,
}

/// A roster to take in.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct RosterImportRequest {
    /// The file.
    pub file: PathBuf,
    /// The key that it must be signed with, hex, where its administrator told it another way.
    #[serde(default)]
    pub key: Option<String>,
}

/// A roster that is known here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct RosterView {
    /// The workspace's id.
    pub workspace: String,
    /// Its name.
    pub name: String,
    /// True of this workspace's own.
    pub own: bool,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The administrator who signed it.
    pub signed_by: String,
    /// Their public key, hex: ask them for it, another way than the one that the file came.
    pub key: String,
    /// How many people work there.
    pub people: u64,
    /// The hash by which packets name it.
    pub hash: String,
    /// True where no earlier roster of that workspace was known here by which this one could be told.
    pub first: bool,
}

/// Asks for an administrator, with their own secret.
fn administrator(ctx: &Context, about: &str) -> DeskResult<Actor> {
    let actor = actor::actor(ctx)?;
    let somebody = PersonId::random(&mut OsEntropy);
    let facts = Subject::Person(PersonFacts { target: somebody });
    actor::judge(ctx, &actor, Action::ManagePeople, facts, about)?;
    Ok(actor)
}

/// Writes this workspace's roster, signed by the acting administrator.
///
/// # Errors
/// A refusal, and what writing a file can give.
pub fn roster_export(ctx: &Context, request: &RosterExportRequest) -> DeskResult<Exported> {
    files::not_there(&request.path, request.force)?;
    let actor = administrator(ctx, "roster")?;
    let own = actor.own_key()?;
    let workspace = ctx.store().workspace()?;
    let head = ctx.store().log_head()?;
    let people = people_now(ctx)?;
    let roster = Roster {
        format: Roster::format(),
        workspace: OfWorkspace { id: workspace.id.to_string(), name: workspace.name },
        made_at: ctx.now_to_the_millisecond(),
        made_by: actor.id().clone(),
        checkpoint: Checkpoint::of(&head),
        export_key: hex::encode(workspace::export_key(ctx)?.public()),
        people,
    };
    let signed = SignedRoster::made(roster, own.public_key().as_bytes(), |hash| own.sign(hash))?;
    // What nobody could take in is not written.
    signed.check()?;
    let text = signed.text()?;
    let kept = known(&signed, &text, ctx, &actor)?;
    let rows = signed.roster.people.len() as u64;
    files::write_whole(&request.path, request.force, text.as_bytes(), || {
        let detail = json!({ "roster": kept.hash, "people": rows });
        actor::signed(ctx, &actor, "roster_exported", &kept.workspace, detail, |store, log| {
            store.keep_roster(&kept, log)
        })
    })?;
    Ok(Exported { path: request.path.display().to_string(), rows })
}

/// Everybody as they stand now.
pub(crate) fn people_now(ctx: &Context) -> DeskResult<Vec<RosterPerson>> {
    let (people, roster) = {
        let store = ctx.store();
        (store.people()?, enrolment::roster(&store)?)
    };
    let one = |person: tieout_store::Person| -> DeskResult<RosterPerson> {
        let card = ctx.store().person_card(&person.id)?;
        let card = card.and_then(|text| SignedCard::read(text.as_bytes()).ok());
        let key = person.verifying_key.map(hex::encode);
        // Of the key that they have now, or of none.
        let card = card.filter(|card| Some(&card.card.key) == key.as_ref());
        Ok(RosterPerson {
            confirmed: roster.get(&person.id).is_some_and(|member| member.confirmed),
            name: person.name,
            role: person.role.as_str().to_owned(),
            active: person.active,
            reading: card.and_then(|card| card.card.reading),
            id: person.id,
            key,
        })
    };
    people.into_iter().map(one).collect()
}

fn known(signed: &SignedRoster, text: &str, ctx: &Context, actor: &Actor) -> DeskResult<KnownRoster> {
    Ok(KnownRoster {
        workspace: signed.roster.workspace.id.clone(),
        name: signed.roster.workspace.name.clone(),
        hash: signed.hash()?,
        content: text.to_owned(),
        made_at: signed.roster.made_at,
        kept_by: actor.id().to_string(),
        kept_at: ctx.clock.now(),
    })
}

/// Takes in another workspace's roster: from then on its packets can be read and decided on here. The first
/// one is believed by its key alone, which its administrator tells another way; a later one must be signed
/// by somebody who was an administrator in the one before.
///
/// # Errors
/// A refusal, `file_unusable`, `packet_unreadable`, `packet_tampered`, `packet_signer_unknown`,
/// `roster_own`, `roster_signer_unknown`, `roster_old`.
pub fn roster_import(ctx: &Context, request: &RosterImportRequest) -> DeskResult<RosterView> {
    let path = &request.file;
    let bytes = std::fs::read(path).map_err(|e| DeskError::file(path, &e))?;
    let place = path.display().to_string();
    let signed = SignedRoster::read(&bytes).map_err(|fault| DeskError::from(fault).at(&place))?;
    let of = &signed.roster.workspace;
    if of.id == ctx.secrets.workspace_id().as_str() {
        let message = format!("{place} is this workspace's own roster: it is taken in elsewhere");
        return Err(DeskError::new(Code::RosterOwn, message));
    }
    if let Some(key) = &request.key
        && !key.trim().eq_ignore_ascii_case(&signed.signature.key)
    {
        let message = format!("{place} is signed with key {}, not with {key}", signed.signature.key);
        return Err(DeskError::new(Code::RosterSignerUnknown, message));
    }
    let actor = administrator(ctx, &of.id)?;
    let before = of_workspace(ctx, &of.id)?;
    if let Some(before) = &before {
        follows(&signed, before)?;
    }
    let text = signed.text()?;
    let kept = known(&signed, &text, ctx, &actor)?;
    if before.as_ref().is_none_or(|before| before != &signed) {
        let detail = json!({ "roster": kept.hash, "name": kept.name, "key": signed.signature.key });
        actor::signed(ctx, &actor, "roster_imported", &kept.workspace, detail, |store, log| {
            store.keep_roster(&kept, log)
        })?;
    }
    Ok(RosterView { first: before.is_none(), ..view(&signed, ctx)? })
}

/// Whether a roster may take the place of the one that is known.
fn follows(next: &SignedRoster, before: &SignedRoster) -> DeskResult<()> {
    let name = &next.roster.workspace.name;
    let signer = before.roster.of_key(&next.signature.key);
    if signer.is_none_or(|one| one.role != "administrator") {
        let message = format!(
            "the roster of {name} is signed by nobody who was an administrator in the one that is known \
             here, of {}: have one of those sign it",
            before.roster.made_at
        );
        return Err(DeskError::new(Code::RosterSignerUnknown, message));
    }
    let (new, old) = (&next.roster.checkpoint, &before.roster.checkpoint);
    if (new.number, next.roster.made_at) < (old.number, before.roster.made_at) {
        let message =
            format!("the roster of {name} is older than the one that is known here: ask for the newest");
        return Err(DeskError::new(Code::RosterOld, message));
    }
    Ok(())
}

/// The roster of a workspace as it is known here.
///
/// # Errors
/// What is wrong with what is kept.
pub(crate) fn of_workspace(ctx: &Context, workspace: &str) -> DeskResult<Option<SignedRoster>> {
    let kept = ctx.store().known_roster(workspace)?;
    Ok(kept.map(|kept| SignedRoster::read(kept.content.as_bytes())).transpose()?)
}

/// Every roster that is known here.
///
/// # Errors
/// What is wrong with what is kept.
pub fn rosters(ctx: &Context) -> DeskResult<Vec<RosterView>> {
    let kept = ctx.store().known_rosters()?;
    kept.iter().map(|kept| view(&SignedRoster::read(kept.content.as_bytes())?, ctx)).collect()
}

fn view(signed: &SignedRoster, ctx: &Context) -> DeskResult<RosterView> {
    let roster = &signed.roster;
    let signer = roster.person(&roster.made_by).map(|one| one.name.clone());
    Ok(RosterView {
        workspace: roster.workspace.id.clone(),
        name: roster.workspace.name.clone(),
        own: roster.workspace.id == ctx.secrets.workspace_id().as_str(),
        made_at: roster.made_at,
        signed_by: signer.unwrap_or_default(),
        key: signed.signature.key.clone(),
        people: roster.people.iter().filter(|one| one.active).count() as u64,
        hash: signed.hash()?,
        first: false,
    })
}
