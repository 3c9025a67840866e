//! Decisions on a packet's items, as they go back: the packet's own log, in which each decision is an entry
//! that its reviewer signed, under their signature over its end.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tieout_domain::PersonId;

use crate::{
    carried::written_at,
    entry::{LogEntry, Sign},
    file::{
        canonical,
        container::{self, Parts},
        fault::{FaultKind, FileFault, FileResult},
        packet::{Manifest, SIGNATURE},
        signed::{Checkpoint, FileSignature, is_format, key_of},
    },
};

const FORMAT: &str = "tieout-decisions/1";
const DECISIONS: &str = "decisions.json";

/// An entry of a packet's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PacketEntry {
    /// Its number, from 1 without gaps.
    pub number: i64,
    /// When, to the millisecond.
    pub at: String,
    /// What: `approved` or `rejected`.
    pub what: String,
    /// The posting.
    pub subject: String,
    /// More, as JSON text.
    pub detail: String,
    /// The hash of the entry before, hex.
    pub previous: String,
    /// Its hash, hex.
    pub hash: String,
    /// The reviewer's signature over that, hex.
    pub signature: String,
}

/// The decisions of one reviewer on one packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decisions {
    /// Which version it is.
    pub format: String,
    /// The packet's id.
    pub packet: String,
    /// The packet's hash.
    pub packet_hash: String,
    /// The workspace that the packet comes from.
    pub workspace: String,
    /// Who decided.
    pub reviewer: PersonId,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// The end of the packet's log.
    pub head: Checkpoint,
    /// The packet's log.
    pub entries: Vec<PacketEntry>,
}

/// A file of decisions that was checked as far as it can be without its packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedDecisions {
    /// What it says.
    pub decisions: Decisions,
    /// The reviewer's signature.
    pub signature: FileSignature,
}

impl PacketEntry {
    /// As it is sent.
    #[must_use]
    pub fn of(entry: &LogEntry) -> Self {
        Self {
            number: entry.number,
            at: written_at(entry.at),
            what: entry.what.clone(),
            subject: entry.subject.clone(),
            detail: entry.detail.clone(),
            previous: hex::encode(entry.previous),
            hash: hex::encode(entry.hash),
            signature: entry.signature.as_ref().map(hex::encode).unwrap_or_default(),
        }
    }

    /// As an entry of the log of this reviewer.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn entry(&self, reviewer: &PersonId) -> FileResult<LogEntry> {
        let bad = || FileFault::unreadable(format!("entry {} of its log cannot be read", self.number));
        let at: DateTime<Utc> = self.at.parse().map_err(|_| bad())?;
        if written_at(at) != self.at {
            return Err(bad());
        }
        Ok(LogEntry {
            number: self.number,
            at,
            actor: reviewer.to_string(),
            what: self.what.clone(),
            subject: self.subject.clone(),
            detail: self.detail.clone(),
            previous: key_of(&self.previous).ok_or_else(bad)?,
            hash: key_of(&self.hash).ok_or_else(bad)?,
            signer: Some(reviewer.clone()),
            signature: Some(hex::decode(&self.signature).map_err(|_| bad())?),
            seal: None,
        })
    }
}

impl SignedDecisions {
    /// New ones, with the whole of the packet's log.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn made(
        manifest: &Manifest,
        entries: &[LogEntry],
        made_at: DateTime<Utc>,
        (key, sign): (&[u8; 32], Sign<'_>),
    ) -> FileResult<Self> {
        let head = match entries.last() {
            Some(last) => Checkpoint { number: last.number, hash: hex::encode(last.hash) },
            None => Checkpoint::of(&manifest.genesis()?),
        };
        let decisions = Decisions {
            format: FORMAT.to_owned(),
            packet: manifest.id.clone(),
            packet_hash: manifest.hash()?,
            workspace: manifest.workspace.id.clone(),
            reviewer: manifest.reviewer.clone(),
            made_at,
            head,
            entries: entries.iter().map(PacketEntry::of).collect(),
        };
        let text = canonical::text_of(&decisions)?;
        Ok(Self { signature: FileSignature::over((FORMAT, text.as_bytes()), key, sign), decisions })
    }

    /// As a file.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn to_bytes(&self) -> FileResult<Vec<u8>> {
        container::pack(&Parts::from([
            (DECISIONS.to_owned(), canonical::text_of(&self.decisions)?.into_bytes()),
            (SIGNATURE.to_owned(), canonical::text_of(&self.signature)?.into_bytes()),
        ]))
    }

    /// Reads decisions: each entry is whole, follows the one before it, and all of them and the file are
    /// signed by one key. Whose that is, and on what they decide, only the packet tells: [`Self::on`].
    ///
    /// # Errors
    /// `packet_unreadable`, `packet_tampered`.
    pub fn read(bytes: &[u8]) -> FileResult<Self> {
        let mut parts = container::unpack(bytes)?;
        let text = container::take(&mut parts, DECISIONS)?;
        let decisions: Decisions = canonical::read(&text, "its decisions")?;
        is_format(&decisions.format, FORMAT)?;
        let signature: FileSignature =
            canonical::read(&container::take(&mut parts, SIGNATURE)?, "its signature")?;
        container::nothing_more(&parts)?;
        let key = signature.check(FORMAT, &text)?;
        let mut before: Option<LogEntry> = None;
        for (at, sent) in (1..).zip(&decisions.entries) {
            let entry = sent.entry(&decisions.reviewer)?;
            let broken = |why: &str| FileFault::tampered(format!("entry {at} of its log: {why}"));
            if entry.number != at || before.as_ref().is_some_and(|before| before.hash != entry.previous) {
                return Err(broken(
                    "it does not follow the one before it: one was taken out, put in or moved",
                ));
            }
            if entry.computed_hash() != entry.hash {
                return Err(broken("its content is not what its hash says"));
            }
            if entry.own_signature().is_none() || !entry.is_signed_by(&key) {
                return Err(broken("it is not signed by who signed the file"));
            }
            if before.as_ref().is_some_and(|before| before.at > entry.at) || entry.at > decisions.made_at {
                return Err(FileFault::new(
                    FaultKind::WrongTime,
                    format!(
                        "entry {at} of its log: it is earlier than the one before it, or later than the file"
                    ),
                ));
            }
            before = Some(entry);
        }
        if let Some(last) = &before
            && (decisions.head.number != last.number || decisions.head.hash != hex::encode(last.hash))
        {
            return Err(FileFault::tampered("its log does not end where its reviewer signed that it does"));
        }
        Ok(Self { decisions, signature })
    }

    /// The last decision on each item, in the order in which they were made, where all of this belongs to
    /// that packet.
    ///
    /// # Errors
    /// `packet_of_another`, `packet_tampered`, `packet_wrong_time`.
    pub fn on(&self, manifest: &Manifest) -> FileResult<Vec<LogEntry>> {
        let said = &self.decisions;
        let other = |words: String| FileFault::new(FaultKind::OfAnother, words);
        if said.workspace != manifest.workspace.id {
            return Err(other(format!("these are decisions for workspace {}", said.workspace)));
        }
        if said.packet != manifest.id || said.packet_hash != manifest.hash()? {
            return Err(other(format!("these are decisions on packet {}, as it was not sent", said.packet)));
        }
        if said.reviewer != manifest.reviewer {
            return Err(other("these are not the decisions of who was asked".to_owned()));
        }
        let mut previous = manifest.genesis()?.hash;
        let mut last: BTreeMap<String, LogEntry> = BTreeMap::new();
        for sent in &said.entries {
            let entry = sent.entry(&said.reviewer)?;
            let broken = |why: &str| FileFault::tampered(format!("entry {} of its log: {why}", entry.number));
            if entry.previous != previous {
                return Err(broken(
                    "the log does not begin at the packet and at the end of its sender's log",
                ));
            }
            previous = entry.hash;
            let detail = entry.read_detail();
            let says = |name: &str| detail.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            let item =
                manifest.item(&entry.subject).ok_or_else(|| broken("it is on no item of the packet"))?;
            let word = match says("action").as_str() {
                "approve" => "approved",
                "reject" => "rejected",
                _ => return Err(broken("it says neither yes nor no")),
            };
            let fits = entry.what == word
                && says("person") == said.reviewer.as_str()
                && says("content_hash") == item.content_hash
                && says("packet") == manifest.id;
            if !fits {
                return Err(broken("it does not say what it decides on as the packet has it"));
            }
            if entry.at < manifest.made_at || entry.at > manifest.valid_until {
                let words = format!("entry {} of its log: not while the packet held", entry.number);
                return Err(FileFault::new(FaultKind::WrongTime, words));
            }
            last.insert(entry.subject.clone(), entry);
        }
        if said.entries.is_empty() && said.head != Checkpoint::of(&manifest.genesis()?) {
            return Err(FileFault::tampered("its log does not end where its reviewer signed that it does"));
        }
        let mut ordered: Vec<LogEntry> = last.into_values().collect();
        ordered.sort_by_key(|entry| entry.number);
        Ok(ordered)
    }
}
