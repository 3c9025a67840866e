//! Decisions that come back: checked as a whole before anything of them is applied, then applied item by
//! item by the very code by which people decide here, against how things stand now.

use std::path::PathBuf;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tieout_domain::{hash::sha256_hex, people::Action};
use tieout_duties::Subject;
use tieout_evidence::{
    LogEntry,
    file::{
        canonical,
        decisions::{PacketEntry, SignedDecisions},
        packet::{Packet, PacketItem},
    },
};
use tieout_store::{HeadHeld, PacketSide, Person};

use crate::{
    access::{
        actor::{self, Actor},
        judging::By,
    },
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::capital,
        views::Outcome,
    },
    packets::items,
    queue::outcome::{self, Done},
    settlement::decide::{self, Decide},
};

/// How far another machine's clock may be ahead of this one's.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// A file of decisions to take in.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct PacketImportRequest {
    /// The file.
    pub file: PathBuf,
}

/// What became of decisions that were taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PacketTaken {
    /// The packet's id.
    pub packet: String,
    /// Who decided.
    pub reviewer: String,
    /// What became of each decision.
    pub outcomes: Vec<Outcome>,
}

/// Takes decisions in. The file is believed as a whole or not at all; each decision is then judged anew.
///
/// # Errors
/// A refusal, `file_unusable`, `packet_unreadable`, `packet_tampered`, `packet_of_another`,
/// `packet_unknown`, `packet_signer_unknown`, `packet_roster_old`, `packet_wrong_time`, `packet_expired`.
pub fn packet_import(ctx: &Context, request: &PacketImportRequest) -> DeskResult<PacketTaken> {
    let path = &request.file;
    let bytes = std::fs::read(path).map_err(|e| DeskError::file(path, &e))?;
    let place = path.display().to_string();
    let at = |error: DeskError| error.at(&place);
    let signed = SignedDecisions::read(&bytes).map_err(|fault| at(fault.into()))?;
    let packet = packet_of(ctx, &signed).map_err(at)?;
    let decisions = signed.on(&packet.manifest).map_err(|fault| at(fault.into()))?;
    let person = reviewer(ctx, &signed, &packet).map_err(at)?;
    in_time(ctx, &signed, &packet).map_err(at)?;
    let fresh = not_known_yet(ctx, &signed, &packet).map_err(at)?;
    let importer = actor::actor(ctx)?;
    actor::judge(ctx, &importer, Action::ImportFiles, Subject::Workspace, &packet.manifest.id)?;

    let mut outcomes = Vec::new();
    let (mut applied, mut refused) = (Vec::new(), serde_json::Map::new());
    for decision in &decisions {
        let done = apply(ctx, &person, &packet, decision, &importer);
        let outcome = outcome::outcome(ctx, &decision.subject, done);
        match outcome.result == "done" {
            true if outcome.code == ALREADY => {}
            true => applied.push(decision.subject.clone()),
            false => {
                refused.insert(decision.subject.clone(), json!(outcome.code));
            }
        }
        outcomes.push(outcome);
    }
    if !fresh.is_empty() || !applied.is_empty() {
        let detail = json!({
            "hash": packet.hash()?, "file": sha256_hex(&bytes), "reviewer": person.id.as_str(),
            "head": signed.decisions.head.number, "head_hash": signed.decisions.head.hash,
            "applied": applied, "refused": refused,
        });
        let (id, what) = (&packet.manifest.id, "packet_decisions_imported");
        actor::signed(ctx, &importer, what, id, detail, |store, log| {
            store.add_packet_entries(id, &fresh, log)
        })?;
    }
    Ok(PacketTaken { packet: packet.manifest.id.clone(), reviewer: person.name, outcomes })
}

/// The code of what was applied before.
const ALREADY: &str = "already_applied";

/// The packet that these decisions are on, as it was sent from here.
fn packet_of(ctx: &Context, signed: &SignedDecisions) -> DeskResult<Packet> {
    let said = &signed.decisions;
    if said.workspace != ctx.secrets.workspace_id().as_str() {
        let message = format!("it holds decisions for workspace {}, which is another", said.workspace);
        return Err(DeskError::new(Code::PacketOfAnother, message));
    }
    let found = ctx.store().packet(&said.packet)?;
    let Some((_, bytes)) = found.filter(|(packet, _)| packet.side == PacketSide::Sent) else {
        let message = format!("packet {} was never sent from here", said.packet);
        return Err(DeskError::new(Code::PacketUnknown, message));
    };
    let packet = Packet::read(&bytes)?;
    let head = packet.manifest.checkpoint.head()?;
    if ctx.store().log_holds(&head)? != HeadHeld::Yes {
        let message = format!(
            "packet {} was made when this workspace's log was another: it went another way since",
            said.packet
        );
        return Err(DeskError::new(Code::PacketOfAnother, message));
    }
    Ok(packet)
}

/// The person who decided, by the key that the roster of the packet and the one of today have of them.
fn reviewer(ctx: &Context, signed: &SignedDecisions, packet: &Packet) -> DeskResult<Person> {
    let key = &signed.signature.key;
    let asked = packet.reviewer().filter(|one| one.key.as_ref() == Some(key));
    let Some(asked) = asked else {
        let message = "it is signed with another key than that of who was asked";
        return Err(DeskError::new(Code::PacketSignerUnknown, message));
    };
    let person = ctx.store().person(&asked.id)?;
    if person.verifying_key.map(hex::encode).as_ref() != Some(key) {
        let message = format!(
            "{} has another key now than in the roster by which the packet was made: send a new packet",
            person.name
        );
        return Err(DeskError::new(Code::PacketRosterOld, message));
    }
    Ok(person)
}

fn in_time(ctx: &Context, signed: &SignedDecisions, packet: &Packet) -> DeskResult<()> {
    let now = ctx.clock.now();
    if signed.decisions.made_at > now + AHEAD {
        let message = format!(
            "it says that it was made at {}, which is still to come by this machine's clock",
            signed.decisions.made_at
        );
        return Err(DeskError::new(Code::PacketWrongTime, message));
    }
    if now > packet.manifest.valid_until {
        let message = format!(
            "the packet ran out on {}: its decisions are not taken in any more; send a new one",
            packet.manifest.valid_until
        );
        return Err(DeskError::new(Code::PacketExpired, message));
    }
    Ok(())
}

/// The entries of the packet's log that were not taken in before. What was must be what it still begins
/// with.
fn not_known_yet(ctx: &Context, signed: &SignedDecisions, packet: &Packet) -> DeskResult<Vec<(i64, String)>> {
    let known = ctx.store().packet_entries(&packet.manifest.id)?;
    let text = |entry: &PacketEntry| Ok((entry.number, canonical::text_of(entry)?));
    let all: Vec<(i64, String)> = signed.decisions.entries.iter().map(text).collect::<DeskResult<_>>()?;
    if known.iter().zip(&all).any(|(known, (_, text))| known != text) {
        let message = "its log went another way than the one that was taken in before: of two copies of a \
                       packet that were decided on, one counts";
        return Err(DeskError::new(Code::PacketTampered, message));
    }
    Ok(all.into_iter().skip(known.len()).collect())
}

/// Applies one decision: by its freshness, and then by all that a decision here is judged by.
fn apply(
    ctx: &Context,
    person: &Person,
    packet: &Packet,
    decision: &LogEntry,
    importer: &Actor,
) -> DeskResult<Done> {
    let subject = decision.subject.as_str();
    let unknown = || DeskError::new(Code::PacketItemUnknown, format!("{subject} is no item of the packet"));
    let item = packet.item(subject).ok_or_else(unknown)?;
    let reference = item.posting.reference.as_str();
    if let Some(done) = applied_before(ctx, packet, decision, reference)? {
        return Ok(done);
    }
    still_as_sent(ctx, item)?;
    let detail = decision.read_detail();
    let reason = detail["reason"].as_str();
    let by = By::Actor(Actor::elsewhere(person.clone(), decision.clone()));
    let content = item.posting.content_hash();
    let what = match detail["action"] == "approve" {
        true => Decide::Approve { shown: Some(&content) },
        false => Decide::Reject,
    };
    let done = decide::decide_one(ctx, &by, subject, what, reason)?;
    if let Some(reason) = reason.filter(|_| detail["action"] == "approve") {
        noted(ctx, item, (person, reason), importer)?;
    }
    Ok(done)
}

/// What was applied before is not applied again; another decision on the same item is refused then.
fn applied_before(
    ctx: &Context,
    packet: &Packet,
    decision: &LogEntry,
    reference: &str,
) -> DeskResult<Option<Done>> {
    let about = ctx.store().log_of(&decision.subject)?;
    let of_packet = |carried: &LogEntry| carried.read_detail()["packet"] == packet.manifest.id.as_str();
    let carried: Vec<LogEntry> = about.iter().filter_map(LogEntry::carried).filter(of_packet).collect();
    if carried.iter().any(|one| one.hash == decision.hash) {
        let words = "It was applied before: nothing was done again";
        return Ok(Some(Done::new(ALREADY, words).named(reference).of_posting(&decision.subject)));
    }
    match carried.is_empty() {
        true => Ok(None),
        false => Err(DeskError::naming(
            Code::PacketItemDecided,
            reference,
            "an earlier decision on it was applied already: it stands",
        )),
    }
}

/// Refuses where the item is not as it was sent, and says what has moved since.
fn still_as_sent(ctx: &Context, item: &PacketItem) -> DeskResult<()> {
    let row = ctx.store().posting(&item.posting.id)?;
    let moved = items::moved(&item.facts, &items::facts(ctx, &row)?);
    if moved.is_empty() && row.posting == item.posting {
        return Ok(());
    }
    let moved = if moved.is_empty() { vec!["its content is another".to_owned()] } else { moved };
    let words = format!("it has changed since it was sent: {}. Send it again", moved.join("; "));
    Err(DeskError::naming(Code::PacketItemChanged, &item.posting.reference, &capital(&words)))
}

/// What the reviewer wrote with an approval, as a comment of who took it in.
fn noted(
    ctx: &Context,
    item: &PacketItem,
    (person, reason): (&Person, &str),
    importer: &Actor,
) -> DeskResult<()> {
    let exception = &item.posting.exception;
    let words = format!("{} wrote with the approval by packet: {reason}", person.name);
    let detail: Value = json!({ "text": words, "posting": item.posting.id.as_str() });
    actor::signed(ctx, importer, "comment", exception.as_str(), detail, |store, log| {
        store.comment(exception, (&words, &[]), log)
    })
}
