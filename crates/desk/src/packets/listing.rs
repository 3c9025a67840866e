//! Packets as they are read: those that were sent and received, and one with its items.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tieout_domain::{entry::JournalLine, posting::PostingStep};
use tieout_evidence::{LogEntry, file::packet::Packet};
use tieout_store::PacketSide;

use crate::{
    access::{actor, rosters},
    base::{context::Context, error::DeskResult, files},
    packets::reading::{entries_of, opened},
};

/// A packet to look at.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct PacketShowRequest {
    /// The packet's file.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// Or its id, where it is known here.
    #[serde(default)]
    pub packet: Option<String>,
    /// Writes its sheet to this file.
    #[serde(default)]
    pub sheet_to: Option<PathBuf>,
    /// In place of a file that is there.
    #[serde(default)]
    pub force: bool,
}

/// A packet in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PacketRow {
    /// Its id.
    pub packet: String,
    /// sent or received.
    #[ts(type = "\"sent\" | \"received\"")]
    pub side: String,
    /// The name of the workspace that it comes from.
    pub workspace: String,
    /// Who made it.
    pub made_by: String,
    /// Who is to decide.
    pub reviewer: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Until when decisions are taken in.
    pub valid_until: DateTime<Utc>,
    /// How many items it has.
    pub items: u64,
    /// On how many of them a decision is known here.
    pub decided: u64,
}

/// A line that would be booked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PacketLineView {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// The date under which it is booked.
    pub posting_date: String,
    /// The account.
    pub account: String,
    /// The debit, major units; empty for a credit.
    pub debit: String,
    /// The credit, major units; empty for a debit.
    pub credit: String,
    /// The currency.
    pub currency: String,
}

/// An item of a packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PacketItemView {
    /// The posting.
    pub posting: String,
    /// The document's reference.
    pub reference: String,
    /// What is wrong, in words.
    pub kind: String,
    /// What happened, in a sentence.
    pub why: String,
    /// The amount, major units.
    pub amount: String,
    /// Its currency.
    pub currency: String,
    /// Who prepared it.
    pub preparer: String,
    /// What a decision is bound to.
    pub content_hash: String,
    /// How it and its surroundings stood, by name.
    pub facts: BTreeMap<String, String>,
    /// What would be booked: each line of each of its entries.
    pub lines: Vec<PacketLineView>,
    /// Everything that is shown of it where it comes from.
    #[ts(skip)]
    pub shown: Value,
    /// approve, reject, or nothing yet.
    #[ts(type = "\"approve\" | \"reject\" | null")]
    pub decision: Option<String>,
    /// The reason that was given with it.
    pub reason: Option<String>,
}

/// A packet with its items.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct PacketView {
    /// Its id.
    pub packet: String,
    /// The hash by which it is named.
    pub hash: String,
    /// The workspace that it comes from.
    pub workspace: String,
    /// Who made it.
    pub made_by: String,
    /// Who is to decide.
    pub reviewer: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Until when decisions are taken in.
    pub valid_until: DateTime<Utc>,
    /// What its sender wrote.
    pub note: Option<String>,
    /// Its items.
    pub items: Vec<PacketItemView>,
}

/// Shows a packet: read from its file, checked, and nothing of it kept.
///
/// # Errors
/// What opening it gives, and what writing the sheet can give.
pub fn packet_show(ctx: &Context, request: &PacketShowRequest) -> DeskResult<PacketView> {
    let (packet, _) = opened(ctx, request.file.as_deref(), request.packet.as_deref())?;
    if let Some(path) = &request.sheet_to {
        files::write_whole(path, request.force, &packet.sheet, || Ok(()))?;
    }
    view(ctx, &packet)
}

/// A packet with what was decided on it as far as it is known here.
pub(crate) fn view(ctx: &Context, packet: &Packet) -> DeskResult<PacketView> {
    let entries = entries_of(ctx, packet)?;
    let last = |id: &str| entries.iter().rfind(|entry| entry.subject == id);
    let person = |id| packet.roster.roster.person(id).map(|one| one.name.clone()).unwrap_or_default();
    let manifest = &packet.manifest;
    let item = |one: &tieout_evidence::file::packet::PacketItem| {
        let shown =
            |path: &str| one.shown.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let said = |entry: Option<&LogEntry>, name: &str| {
            entry.and_then(|entry| entry.read_detail()[name].as_str().map(str::to_owned))
        };
        let decided = last(one.posting.id.as_str());
        PacketItemView {
            posting: one.posting.id.to_string(),
            reference: one.posting.reference.clone(),
            kind: shown("/exception/kind_name"),
            why: shown("/exception/why"),
            amount: shown("/postings/0/amount"),
            currency: shown("/postings/0/currency"),
            preparer: shown("/postings/0/preparer"),
            content_hash: one.posting.content_hash(),
            facts: one.facts.clone(),
            lines: one.posting.steps.iter().flat_map(lines).collect(),
            shown: one.shown.clone(),
            decision: said(decided, "action"),
            reason: said(decided, "reason"),
        }
    };
    Ok(PacketView {
        packet: manifest.id.clone(),
        hash: manifest.hash()?,
        workspace: manifest.workspace.name.clone(),
        made_by: person(&manifest.made_by),
        reviewer: person(&manifest.reviewer),
        made_at: manifest.made_at,
        valid_until: manifest.valid_until,
        note: manifest.note.clone(),
        items: packet.items.iter().map(item).collect(),
    })
}

/// The lines of a step, as it would be booked.
fn lines(step: &PostingStep) -> Vec<PacketLineView> {
    let entry = &step.entry;
    let line = |line: &JournalLine| {
        let amount = line.transaction.to_decimal().to_string();
        let (debit, credit) = match amount.strip_prefix('-') {
            Some(credit) => (String::new(), credit.to_owned()),
            None => (amount, String::new()),
        };
        PacketLineView {
            entity: entry.entity().to_string(),
            period: entry.period().to_string(),
            posting_date: entry.posting_date().to_string(),
            account: line.account.to_string(),
            debit,
            credit,
            currency: line.transaction.currency().code().to_owned(),
        }
    };
    entry.lines().iter().map(line).collect()
}

/// The packets that were sent from here or decided on here, the newest first.
///
/// # Errors
/// A database error.
pub fn packets(ctx: &Context) -> DeskResult<Vec<PacketRow>> {
    let all = ctx.store().packets()?;
    let names = actor::names(ctx)?;
    let row = |one: &tieout_store::StoredPacket| -> DeskResult<PacketRow> {
        let roster = rosters::of_workspace(ctx, &one.workspace)?;
        let name = |id: &str| {
            let people = roster.iter().flat_map(|roster| &roster.roster.people);
            let known = people.into_iter().find(|person| person.id.as_str() == id);
            known.map_or_else(|| names.of(id), |person| person.name.clone())
        };
        let texts = ctx.store().packet_entries(&one.id)?;
        let subject = |text: &String| {
            let entry: Value = serde_json::from_str(text).unwrap_or_default();
            entry["subject"].as_str().map(str::to_owned)
        };
        let decided: std::collections::BTreeSet<String> = texts.iter().filter_map(subject).collect();
        Ok(PacketRow {
            packet: one.id.clone(),
            side: match one.side {
                PacketSide::Sent => "sent",
                PacketSide::Received => "received",
            }
            .to_owned(),
            workspace: roster
                .as_ref()
                .map_or_else(|| one.workspace.clone(), |r| r.roster.workspace.name.clone()),
            made_by: name(&one.made_by),
            reviewer: name(&one.reviewer),
            made_at: one.made_at,
            valid_until: one.valid_until,
            items: u64::from(one.items),
            decided: decided.len() as u64,
        })
    };
    all.iter().map(row).collect()
}
