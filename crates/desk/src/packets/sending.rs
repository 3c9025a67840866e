//! A packet made: postings that wait for a decision, for one person of the roster.

use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::{people::Action, ports::Entropy as _, posting::PostingEvent};
use tieout_duties::Subject;
use tieout_evidence::file::{
    packet::{Manifest, Packet, PacketItem},
    roster::{RosterPerson, SignedRoster},
    signed::{Checkpoint, OfWorkspace},
};
use tieout_store::{PacketSide, StoredPacket};
use tieout_vault::seal_for;

use crate::{
    access::{
        actor::{self, Actor},
        rosters,
    },
    base::{
        clock::OsEntropy,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        files,
    },
    packets::{items, sheet},
    settlement::decide,
};

/// How long decisions are taken in, in days, where nothing else is said.
const DAYS: u32 = 14;
/// The longest.
const MOST_DAYS: u32 = 92;
/// The most items of a packet.
const MOST_ITEMS: usize = 2_000;

/// Postings to send for review.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct PacketExportRequest {
    /// Postings, or the exceptions that they settle.
    pub ids: Vec<String>,
    /// Who is to decide: name or id.
    pub reviewer: String,
    /// The file.
    pub path: PathBuf,
    /// In place of a file that is there.
    #[serde(default)]
    pub force: bool,
    /// For how many days decisions are taken in; 14 without.
    #[serde(default)]
    pub days: Option<u32>,
    /// A few words for the reviewer.
    #[serde(default)]
    pub note: Option<String>,
}

/// A packet that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PacketMade {
    /// Its id.
    pub packet: String,
    /// The file.
    pub path: String,
    /// How many items it has.
    pub items: u64,
    /// Until when decisions are taken in.
    pub valid_until: DateTime<Utc>,
    /// True where only the reviewer can read it.
    pub encrypted: bool,
}

/// This workspace's roster as an administrator signed it last, where it still is right.
fn own_roster(ctx: &Context) -> DeskResult<SignedRoster> {
    let found = rosters::of_workspace(ctx, ctx.secrets.workspace_id().as_str())?;
    let Some(roster) = found else {
        let message = "nobody here has exported the roster yet, by which a packet is read elsewhere: have an \
                       administrator do it first (tieout roster export)";
        return Err(DeskError::new(Code::PacketRosterUnknown, message));
    };
    if roster.roster.people != rosters::people_now(ctx)? {
        let message = "people, roles or keys have changed since the roster was exported: have an \
                       administrator export it again, and the reviewer take it in";
        return Err(DeskError::new(Code::PacketRosterOld, message));
    }
    Ok(roster)
}

/// The person who is to decide.
fn reviewer<'r>(ctx: &Context, roster: &'r SignedRoster, name: &str) -> DeskResult<&'r RosterPerson> {
    let person = actor::find_person(ctx, name)?;
    let unknown = || DeskError::new(Code::PersonUnknown, format!("{name} is not in the roster"));
    let found = roster.roster.person(&person.id).ok_or_else(unknown)?;
    if !found.active {
        return Err(DeskError::new(
            Code::PersonInactive,
            format!("{} does not work here any more", found.name),
        ));
    }
    if found.key.is_none() {
        let message = format!(
            "{} has no key yet: they make one on their own machine (tieout person key new), and an \
             administrator brings it over (tieout person key add)",
            found.name
        );
        return Err(DeskError::new(Code::PersonSecretMissing, message));
    }
    if !found.confirmed {
        let message = format!("nobody has confirmed {}'s key yet (tieout person confirm {0})", found.name);
        return Err(DeskError::new(Code::PersonUnconfirmed, message));
    }
    Ok(found)
}

/// Writes a packet: encrypted where its reviewer's reading key is known.
///
/// # Errors
/// A refusal, `bad_request`, `packet_roster_unknown`, `packet_roster_old`, `person_unknown`,
/// `person_secret_missing`, `person_unconfirmed`, what makes a posting undecidable, and what writing a file
/// can give.
pub fn packet_export(ctx: &Context, request: &PacketExportRequest) -> DeskResult<PacketMade> {
    files::not_there(&request.path, request.force)?;
    let days = request.days.unwrap_or(DAYS);
    if request.ids.is_empty() || request.ids.len() > MOST_ITEMS || !(1..=MOST_DAYS).contains(&days) {
        let message = format!("a packet has 1 to {MOST_ITEMS} postings and holds for 1 to {MOST_DAYS} days");
        return Err(DeskError::new(Code::BadRequest, message));
    }
    let by = actor::actor(ctx)?;
    actor::judge(ctx, &by, Action::ImportFiles, Subject::Workspace, "packet")?;
    let roster = own_roster(ctx)?;
    let reviewer = reviewer(ctx, &roster, &request.reviewer)?;
    let mut all: Vec<PacketItem> = Vec::new();
    for id in &request.ids {
        let row = decide::posting_to_decide(ctx, id)?;
        decide::may_become(&row, PostingEvent::Approved)?;
        if all.iter().all(|one| one.posting.id != row.posting.id) {
            all.push(items::item(ctx, &row)?);
        }
    }
    let made_at = ctx.now_to_the_millisecond();
    let workspace = ctx.store().workspace()?;
    let head = ctx.store().log_head()?;
    let manifest = Manifest {
        format: String::new(),
        id: new_id(),
        workspace: OfWorkspace { id: workspace.id.to_string(), name: workspace.name },
        made_at,
        valid_until: made_at + TimeDelta::days(i64::from(days)),
        made_by: by.id().clone(),
        reviewer: reviewer.id.clone(),
        note: request.note.clone().filter(|note| !note.trim().is_empty()),
        checkpoint: Checkpoint::of(&head),
        items: Vec::new(),
        files: std::collections::BTreeMap::new(),
    };
    let sheet = sheet::sheet(&manifest, [&by.person.name, &reviewer.name], &all)?;
    let reading = reviewer.reading.clone();
    let own = by.own_key()?;
    let key = own.public_key();
    let sign = |hash: &[u8; 32]| own.sign(hash);
    let packet = Packet::made(manifest, all, roster.clone(), sheet, (key.as_bytes(), &sign))?;
    write(ctx, &by, &packet, reading.as_deref(), request)
}

fn new_id() -> String {
    let mut bytes = [0_u8; 15];
    OsEntropy.fill(&mut bytes);
    format!("pkt_{}", tieout_domain::hash::base32_lower(&bytes))
}

fn write(
    ctx: &Context,
    by: &Actor,
    packet: &Packet,
    reading: Option<&str>,
    request: &PacketExportRequest,
) -> DeskResult<PacketMade> {
    let bytes = packet.to_bytes()?;
    // What nobody could read back is not sent.
    Packet::read(&bytes)?;
    let sent = match reading {
        Some(key) => seal_for(key, &bytes)?,
        None => bytes.clone(),
    };
    let kept = stored(packet, PacketSide::Sent, &bytes, by, ctx)?;
    files::write_whole(&request.path, request.force, &sent, || {
        let detail = json!({
            "hash": kept.hash, "reviewer": kept.reviewer, "items": kept.items,
            "roster": packet.roster.hash()?, "checkpoint": packet.manifest.checkpoint.number,
            "encrypted": reading.is_some(),
        });
        actor::signed(ctx, by, "packet_sent", &kept.id, detail, |store, log| {
            store.keep_packet(&kept, &bytes, log)
        })
    })?;
    Ok(PacketMade {
        packet: packet.manifest.id.clone(),
        path: request.path.display().to_string(),
        items: packet.items.len() as u64,
        valid_until: packet.manifest.valid_until,
        encrypted: reading.is_some(),
    })
}

/// A packet as it is kept.
pub(crate) fn stored(
    packet: &Packet,
    side: PacketSide,
    bytes: &[u8],
    by: &Actor,
    ctx: &Context,
) -> DeskResult<StoredPacket> {
    let manifest = &packet.manifest;
    Ok(StoredPacket {
        id: manifest.id.clone(),
        side,
        workspace: manifest.workspace.id.clone(),
        hash: packet.hash()?,
        reviewer: manifest.reviewer.to_string(),
        made_by: manifest.made_by.to_string(),
        made_at: manifest.made_at,
        valid_until: manifest.valid_until,
        items: u32::try_from(packet.items.len()).unwrap_or(u32::MAX),
        sha256: <sha2::Sha256 as sha2::Digest>::digest(bytes).into(),
        kept_by: by.id().to_string(),
        kept_at: ctx.clock.now(),
    })
}
