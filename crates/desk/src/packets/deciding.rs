//! A packet on its reviewer's machine: read, decided on with their own key, and the decisions written for
//! the way back. Nothing of the sender's workspace is needed but its roster.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;
use serde_json::json;
use tieout_evidence::{
    Decided, LogDraft, LogEntry, LogHead, Signer,
    file::{
        canonical,
        decisions::{PacketEntry, SignedDecisions},
        packet::{Packet, PacketItem},
    },
};
use tieout_store::PacketSide;

use crate::{
    access::actor::{self, Actor},
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        files,
        written::Exported,
    },
    packets::{
        listing::{self, PacketItemView},
        reading::{entries_of, opened},
        sending::stored,
        sheet,
    },
};

/// Decisions on a packet's items.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct PacketDecideRequest {
    /// The packet's file.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// Or the id of one that was decided on here before.
    #[serde(default)]
    pub packet: Option<String>,
    /// Postings or their references; those of the sheet without any.
    #[serde(default)]
    pub ids: Vec<String>,
    /// True to approve, false to refuse; what the sheet says otherwise.
    #[serde(default)]
    pub approve: bool,
    /// Why: needed for a refusal.
    #[serde(default)]
    pub reason: Option<String>,
    /// By id, the hash of the content that was seen: an item is approved only as it was shown.
    #[serde(default)]
    pub content: BTreeMap<String, String>,
    /// The packet's sheet, with its column of decisions filled in.
    #[serde(default)]
    pub sheet_file: Option<PathBuf>,
}

/// Decisions to write.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct PacketDecisionsRequest {
    /// The packet's file.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// Or its id.
    #[serde(default)]
    pub packet: Option<String>,
    /// The file to write.
    pub path: PathBuf,
    /// In place of a file that is there.
    #[serde(default)]
    pub force: bool,
}

/// The acting person, who must be the one that the packet is for: by their key, whatever they are called
/// here.
fn as_reviewer(ctx: &Context, packet: &Packet) -> DeskResult<Actor> {
    let actor = actor::actor(ctx)?;
    let asked = packet.reviewer();
    let key = actor.own_key()?.public_key().to_string();
    if asked.is_some_and(|one| one.active && one.confirmed && one.key.as_ref() == Some(&key)) {
        return Ok(actor);
    }
    let name = asked.map_or("somebody else", |one| one.name.as_str());
    let message = format!(
        "the packet is for {name} of {}, whose key is another than {}'s here",
        packet.manifest.workspace.name, actor.person.name
    );
    Err(DeskError::new(Code::PacketNotForYou, message))
}

/// A decision that is to be signed.
struct Wanted<'p> {
    item: &'p PacketItem,
    approve: bool,
    reason: Option<String>,
}

fn wanted<'p>(request: &PacketDecideRequest, packet: &'p Packet) -> DeskResult<Vec<Wanted<'p>>> {
    if let Some(path) = &request.sheet_file {
        let written = sheet::decisions(path, &packet.manifest, &packet.items)?;
        let found = written.into_iter().filter_map(|one| {
            let item = packet.item(&one.posting)?;
            debug_assert_eq!(one.content, item.posting.content_hash());
            Some(Wanted { item, approve: one.approve, reason: one.reason })
        });
        return Ok(found.collect());
    }
    let reason = request.reason.clone().filter(|reason| !reason.trim().is_empty());
    if !request.approve && reason.is_none() {
        return Err(DeskError::new(Code::ReasonMissing, "a rejection needs a reason"));
    }
    let mut found: Vec<Wanted<'p>> = Vec::new();
    for id in &request.ids {
        let Some(item) = packet.item(id) else {
            let message = format!("{id} is none of the packet's postings, or the name of several");
            return Err(DeskError::new(Code::PacketItemUnknown, message));
        };
        if request.approve {
            check_shown(item, request.content.get(id).map(|hash| hash.trim()))?;
        }
        if found.iter().all(|one| one.item.posting.id != item.posting.id) {
            found.push(Wanted { item, approve: request.approve, reason: reason.clone() });
        }
    }
    Ok(found)
}

/// An approval is bound to what was seen.
fn check_shown(item: &PacketItem, shown: Option<&str>) -> DeskResult<()> {
    let reference = &item.posting.reference;
    let (code, words) = match shown {
        Some(shown) if shown == item.posting.content_hash() => return Ok(()),
        Some(_) => (Code::ContentChanged, "the hash given is not that of its content in the packet"),
        None => (
            Code::ContentNotShown,
            "an approval is bound to what was seen: look at it first, and approve with the hash of the \
             content that was shown",
        ),
    };
    Err(DeskError::naming(code, reference, words))
}

/// Decides on items of a packet, all or none; each is signed by the acting person's own key. The last
/// decision on an item counts.
///
/// # Errors
/// What opening the packet gives, `packet_not_for_you`, `packet_expired`, `packet_item_unknown`,
/// `packet_sheet_unfit`, `preparer_is_not_approver`, `content_not_shown`, `content_changed`,
/// `reason_missing`, `nothing_to_decide`.
pub fn packet_decide(ctx: &Context, request: &PacketDecideRequest) -> DeskResult<Vec<PacketItemView>> {
    let (packet, bytes) = opened(ctx, request.file.as_deref(), request.packet.as_deref())?;
    let actor = as_reviewer(ctx, &packet)?;
    let now = ctx.now_to_the_millisecond();
    let manifest = &packet.manifest;
    if now > manifest.valid_until {
        let message = format!("the packet ran out on {}: ask for a new one", manifest.valid_until);
        return Err(DeskError::new(Code::PacketExpired, message));
    }
    if now < manifest.made_at {
        let message = format!(
            "the packet says that it was made at {}, which is still to come by this machine's clock",
            manifest.made_at
        );
        return Err(DeskError::new(Code::PacketWrongTime, message));
    }
    let wanted = wanted(request, &packet)?;
    if wanted.is_empty() {
        return Err(DeskError::new(Code::NothingToDecide, "nothing was decided on"));
    }
    if let Some(own) = wanted
        .iter()
        .find(|one| one.approve && one.item.posting.preparer.as_ref() == Some(&manifest.reviewer))
    {
        let message =
            format!("{} was prepared by you: another person approves it", own.item.posting.reference);
        return Err(DeskError::new(Code::PreparerIsNotApprover, message));
    }
    if ctx.store().packet(&manifest.id)?.is_none() {
        let kept = stored(&packet, PacketSide::Received, &bytes, &actor, ctx)?;
        let detail = json!({ "hash": kept.hash, "workspace": kept.workspace, "items": kept.items });
        actor::signed(ctx, &actor, "packet_received", &kept.id, detail, |store, log| {
            store.keep_packet(&kept, &bytes, log)
        })?;
    }
    let mut head = head_of(ctx, &packet)?;
    let mut entries = Vec::new();
    for one in &wanted {
        let entry = signed_entry(&actor, &packet, one, &head, now)?;
        head = LogHead { number: entry.number, hash: entry.hash };
        entries.push((entry.number, canonical::text_of(&PacketEntry::of(&entry))?));
    }
    let detail = json!({
        "hash": packet.hash()?, "decisions": entries.len(),
        "head": head.number, "head_hash": hex::encode(head.hash),
    });
    actor::signed(ctx, &actor, "packet_decided", &manifest.id, detail, |store, log| {
        store.add_packet_entries(&manifest.id, &entries, log)
    })?;
    Ok(listing::view(ctx, &packet)?.items)
}

/// The next entry of a packet's log.
fn signed_entry(
    actor: &Actor,
    packet: &Packet,
    one: &Wanted<'_>,
    head: &LogHead,
    now: chrono::DateTime<chrono::Utc>,
) -> DeskResult<LogEntry> {
    let (manifest, own) = (&packet.manifest, actor.own_key()?);
    let content_hash = one.item.posting.content_hash();
    let (action, what) = if one.approve { ("approve", "approved") } else { ("reject", "rejected") };
    let decided = Decided {
        subject: one.item.posting.id.as_str(),
        person: &manifest.reviewer,
        action,
        content_hash: &content_hash,
        in_place_of: None,
    };
    let sign = |hash: &[u8; 32]| own.sign(hash);
    let signer = Signer { person: &manifest.reviewer, sign: &sign };
    let mut detail = json!({ "packet": manifest.id, "packet_hash": manifest.hash()? });
    if let Some(reason) = &one.reason {
        detail["reason"] = json!(reason);
    }
    let draft = LogDraft {
        at: now,
        actor: manifest.reviewer.as_str(),
        what,
        subject: decided.subject,
        detail,
        signer: Some(signer.clone()),
    };
    let mut entry = LogEntry::after(head, &draft, &decided.fields());
    entry.sign(&signer, Some(own.public_key().as_bytes())).map_err(|_| {
        DeskError::new(Code::LogBadSignature, "the decision could not be signed with your own key")
    })?;
    Ok(entry)
}

fn head_of(ctx: &Context, packet: &Packet) -> DeskResult<LogHead> {
    match entries_of(ctx, packet)?.last() {
        Some(last) => Ok(LogHead { number: last.number, hash: last.hash }),
        None => Ok(packet.manifest.genesis()?),
    }
}

/// Writes the decisions on a packet for the way back, signed over the end of the packet's log.
///
/// # Errors
/// What opening the packet gives, `packet_not_for_you`, `nothing_to_decide`, and what writing a file can
/// give.
pub fn packet_decisions(ctx: &Context, request: &PacketDecisionsRequest) -> DeskResult<Exported> {
    files::not_there(&request.path, request.force)?;
    let (packet, _) = opened(ctx, request.file.as_deref(), request.packet.as_deref())?;
    let actor = as_reviewer(ctx, &packet)?;
    let entries = entries_of(ctx, &packet)?;
    if entries.is_empty() {
        let message = "nothing of this packet was decided on yet (tieout packet decide)";
        return Err(DeskError::new(Code::NothingToDecide, message));
    }
    let own = actor.own_key()?;
    let (key, sign) = (own.public_key(), |hash: &[u8; 32]| own.sign(hash));
    let made_at = ctx.now_to_the_millisecond();
    let made = SignedDecisions::made(&packet.manifest, &entries, made_at, (key.as_bytes(), &sign))?;
    let bytes = made.to_bytes()?;
    let rows = SignedDecisions::read(&bytes)?.on(&packet.manifest)?.len() as u64;
    files::write_whole(&request.path, request.force, &bytes, || {
        let detail = json!({
            "hash": packet.hash()?, "decisions": rows, "head": made.decisions.head.number,
            "file": tieout_domain::hash::sha256_hex(&bytes),
        });
        actor::signed(ctx, &actor, "packet_returned", &packet.manifest.id, detail, |store, log| {
            store.append_log(log).map(|_| ())
        })
    })?;
    Ok(Exported { path: request.path.display().to_string(), rows })
}
