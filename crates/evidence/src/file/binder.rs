//! The binder of an entity's period, for somebody who trusts nobody: what tied out, what did not and who
//! decided what about it, by which rules, and the entries of the log that prove it.
//!
//! A zip of `manifest.json`, a part of JSON for each section ([`SECTIONS`]), `binder.xlsx` and
//! `binder.pdf` for people, and `signature.json`.
//!
//! The log's entries in it are proved to stand in a log of this length under one root
//! ([`crate::file::tree`]), whose last entry is the checkpoint.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tieout_domain::{PersonId, hash::sha256_hex, posting::Posting};

use crate::{
    decided::Decided,
    entry::{LogEntry, Sign},
    file::{
        canonical,
        container::{self, Parts},
        fault::{FaultKind, FileFault, FileResult},
        packet::SIGNATURE,
        roster::RosterPerson,
        signed::{Checkpoint, FileSignature, OfWorkspace, is_format, key_of},
        tree,
    },
};

const FORMAT: &str = "tieout-binder/1";
const MANIFEST: &str = "manifest.json";
const SHEET: &str = "binder.xlsx";
const PRINT: &str = "binder.pdf";
const LOG: &str = "log";
const POSTINGS: &str = "postings";
const DECISIONS: &str = "decisions";
const SIGN_OFFS: &str = "sign_offs";
const GOVERNANCE: &str = "governance";
const PEOPLE: &str = "people";

/// The sections of a binder, in their order. Its manifest says which it has: `close` and `sign_offs` are
/// there where there is something to tell in them.
pub const SECTIONS: &[&str] =
    &["tie_out", "population", "exceptions", "late", POSTINGS, DECISIONS, GOVERNANCE, PEOPLE, LOG];

/// What a binder is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinderManifest {
    /// Which version of a binder it is.
    pub format: String,
    /// Whose workspace it comes from.
    pub workspace: OfWorkspace,
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Who made it.
    pub made_by: PersonId,
    /// The end of the workspace's log then.
    pub checkpoint: Checkpoint,
    /// The root over all entries of the log to there, hex.
    pub log_root: String,
    /// SHA-256 of its parts, by their names.
    pub files: BTreeMap<String, String>,
}

/// An entry of the log, with what proves its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProvedEntry {
    /// Its number.
    pub number: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// What.
    pub what: String,
    /// To what.
    pub subject: String,
    /// More, as JSON text.
    pub detail: String,
    /// The hash of the entry before, hex.
    pub previous: String,
    /// Its hash, hex.
    pub hash: String,
    /// Who signed it.
    pub signer: Option<PersonId>,
    /// The signature, hex.
    pub signature: Option<String>,
    /// What it says of the tables.
    pub seal: Option<String>,
    /// What proves that it stands in the log under the root, from below, hex.
    pub path: Vec<String>,
}

/// A decision that the binder tells of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinderDecision {
    /// The posting or change.
    pub subject: String,
    /// Who.
    pub person: PersonId,
    /// What.
    pub action: String,
    /// On which content.
    pub content_hash: String,
    /// The number of its entry.
    pub log_number: i64,
    /// In whose place, where it was not their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_place_of: Option<PersonId>,
}

/// A posting that the binder tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BinderPosting {
    /// It, whole.
    pub posting: Posting,
    /// Where it stood.
    pub state: String,
    /// What decisions on it were bound to.
    pub content_hash: String,
}

/// A binder that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binder {
    /// What it is.
    pub manifest: BinderManifest,
    /// Its sections by name.
    pub sections: BTreeMap<String, Value>,
    /// The same for people.
    pub readable: Readable,
    /// The signature of who made it.
    pub signature: FileSignature,
}

/// A binder as people read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readable {
    /// A workbook.
    pub sheet: Vec<u8>,
    /// On paper; `None` in the binders of before.
    pub print: Option<Vec<u8>>,
}

/// What a check of a binder counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BinderChecked {
    /// Entries of the log that are proved to stand in it.
    pub entries: usize,
    /// Signatures among them that fit.
    pub signatures: usize,
    /// Postings whose content is what their hash says.
    pub postings: usize,
    /// Texts of sign-offs, mappings and policies that are what their hashes say.
    pub texts: usize,
    /// Decisions that their entries prove.
    pub decisions: usize,
}

/// A governed change or a sign-off of a binder, with what was decided on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecidedChange {
    /// What is changed: `mapping`, `policy`, `override` …
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The decisions on it, in the order of the log, each with its person's name there.
    pub decisions: Vec<(String, BinderDecision)>,
}

/// A sign-off, a mapping or a policy as far as a check reads it.
#[derive(Deserialize)]
struct BoundText {
    id: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    hash: String,
    text: Option<String>,
}

impl ProvedEntry {
    /// Of this entry.
    #[must_use]
    pub fn of(entry: &LogEntry, path: &[[u8; 32]]) -> Self {
        Self {
            number: entry.number,
            at: entry.at,
            actor: entry.actor.clone(),
            what: entry.what.clone(),
            subject: entry.subject.clone(),
            detail: entry.detail.clone(),
            previous: hex::encode(entry.previous),
            hash: hex::encode(entry.hash),
            signer: entry.signer.clone(),
            signature: entry.signature.as_ref().map(hex::encode),
            seal: entry.seal.clone(),
            path: path.iter().map(hex::encode).collect(),
        }
    }

    /// As the log has it.
    #[must_use]
    pub fn entry(&self) -> Option<LogEntry> {
        Some(LogEntry {
            number: self.number,
            at: self.at,
            actor: self.actor.clone(),
            what: self.what.clone(),
            subject: self.subject.clone(),
            detail: self.detail.clone(),
            previous: key_of(&self.previous)?,
            hash: key_of(&self.hash)?,
            signer: self.signer.clone(),
            signature: self.signature.as_ref().map(hex::decode).transpose().ok()?,
            seal: self.seal.clone(),
        })
    }
}

fn part_of(section: &str) -> String {
    format!("{section}.json")
}

impl Binder {
    /// A new binder; what the manifest says of its parts is worked out here.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn made(
        mut manifest: BinderManifest,
        sections: BTreeMap<String, Value>,
        readable: Readable,
        (key, sign): (&[u8; 32], Sign<'_>),
    ) -> FileResult<Self> {
        FORMAT.clone_into(&mut manifest.format);
        let print = readable.print.iter().map(|print| (PRINT.to_owned(), sha256_hex(print)));
        manifest.files = print.collect();
        manifest.files.insert(SHEET.to_owned(), sha256_hex(&readable.sheet));
        for (name, section) in &sections {
            manifest.files.insert(part_of(name), sha256_hex(canonical::text_of(section)?.as_bytes()));
        }
        let text = canonical::text_of(&manifest)?;
        let signature = FileSignature::over((FORMAT, text.as_bytes()), key, sign);
        Ok(Self { manifest, sections, readable, signature })
    }

    /// The binder as a file.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn to_bytes(&self) -> FileResult<Vec<u8>> {
        let mut parts = Parts::from([
            (MANIFEST.to_owned(), canonical::text_of(&self.manifest)?.into_bytes()),
            (SHEET.to_owned(), self.readable.sheet.clone()),
            (SIGNATURE.to_owned(), canonical::text_of(&self.signature)?.into_bytes()),
        ]);
        parts.extend(self.readable.print.iter().map(|print| (PRINT.to_owned(), print.clone())));
        for (name, section) in &self.sections {
            parts.insert(part_of(name), canonical::text_of(section)?.into_bytes());
        }
        container::pack(&parts)
    }

    /// Reads a binder: all of it is what somebody signed with the key that it says. Whether it proves what
    /// it tells is [`Binder::check`]'s.
    ///
    /// # Errors
    /// `packet_unreadable`, `packet_tampered`.
    pub fn read(bytes: &[u8]) -> FileResult<Self> {
        let mut parts = container::unpack(bytes)?;
        let text = container::take(&mut parts, MANIFEST)?;
        let manifest: BinderManifest = canonical::read(&text, "its manifest")?;
        is_format(&manifest.format, FORMAT)?;
        let signature: FileSignature =
            canonical::read(&container::take(&mut parts, SIGNATURE)?, "its signature")?;
        signature.check(FORMAT, &text)?;
        let mut sections = BTreeMap::new();
        let (mut sheet, mut print) = (None, None);
        for (name, hash) in &manifest.files {
            let bytes = container::take(&mut parts, name)?;
            if sha256_hex(&bytes) != *hash {
                return Err(FileFault::tampered(format!("{name} is not what was signed")));
            }
            match name.strip_suffix(".json") {
                Some(section) => {
                    sections.insert(section.to_owned(), canonical::read(&bytes, name)?);
                }
                None if name == SHEET => sheet = Some(bytes),
                None if name == PRINT => print = Some(bytes),
                None => return Err(FileFault::tampered(format!("{name} is no part of a binder"))),
            }
        }
        container::nothing_more(&parts)?;
        let sheet = sheet.ok_or_else(|| FileFault::unreadable(format!("its part {SHEET} is missing")))?;
        Ok(Self { manifest, sections, readable: Readable { sheet, print }, signature })
    }

    /// A section as what it is.
    fn section<T: serde::de::DeserializeOwned>(&self, name: &str) -> FileResult<T> {
        let found = self.sections.get(name);
        let found = found.ok_or_else(|| FileFault::unreadable(format!("its section {name} is missing")))?;
        serde_json::from_value(found.clone())
            .map_err(|e| FileFault::unreadable(format!("its section {name} cannot be read: {e}")))
    }

    /// Whether it proves what it tells: each entry stands in the log under the root, the last at the
    /// checkpoint; each is as it was hashed, and signed where it decides; postings are what their hashes say;
    /// each decision is said by its entry, and each entry's decision on a posting of it is told; and who
    /// made it is a person whose key the log has.
    ///
    /// # Errors
    /// `packet_unreadable`, `packet_tampered`, `packet_signer_unknown`.
    pub fn check(&self) -> FileResult<BinderChecked> {
        let mut checked = BinderChecked::default();
        let entries = self.entries(&mut checked)?;
        let mut keys: BTreeMap<PersonId, Vec<(i64, [u8; 32])>> = BTreeMap::new();
        for entry in entries.values() {
            if let Some((person, key)) = entry.recorded_key() {
                keys.entry(person).or_default().push((entry.number, key));
            }
        }
        // The key that a person had when an entry was written.
        let key_at = |person: &PersonId, number: i64| {
            keys.get(person)?.iter().rfind(|(from, _)| *from < number).map(|(_, key)| *key)
        };
        for entry in entries.values() {
            let Some(signer) = &entry.signer else { continue };
            let fits = key_at(signer, entry.number).is_some_and(|key| entry.is_signed_by(&key));
            if !fits {
                let words =
                    format!("log entry {}: its signature does not fit its signer's key", entry.number);
                return Err(FileFault::tampered(words));
            }
            checked.signatures += 1;
        }
        let contents = self.contents(&mut checked)?;
        let told: Vec<BinderDecision> = self.section(DECISIONS)?;
        for one in &told {
            let decided = Decided {
                subject: &one.subject,
                person: &one.person,
                action: &one.action,
                content_hash: &one.content_hash,
                in_place_of: one.in_place_of.as_ref(),
            };
            let proved = entries.get(&one.log_number).zip(key_at(&one.person, one.log_number));
            if !proved.is_some_and(|(entry, key)| decided.is_proved_by(entry, &key)) {
                let words = format!("the decision of log entry {} is not proved by it", one.log_number);
                return Err(FileFault::tampered(words));
            }
            checked.decisions += 1;
        }
        let numbers: BTreeSet<i64> = told.iter().map(|one| one.log_number).collect();
        let untold = entries.values().find(|entry| {
            let detail = entry.read_detail();
            let decides = ["action", "person", "content_hash"].iter().all(|name| detail.get(*name).is_some());
            decides && contents.contains(&entry.subject) && !numbers.contains(&entry.number)
        });
        if let Some(entry) = untold {
            let words = format!(
                "log entry {} decides on what is in the binder, which does not tell it",
                entry.number
            );
            return Err(FileFault::tampered(words));
        }
        let signer = keys.get(&self.manifest.made_by).and_then(|keys| keys.last());
        if signer.is_none_or(|(_, key)| hex::encode(key) != self.signature.key) {
            let words = "it is not signed with the key that the log has of who made it";
            return Err(FileFault::new(FaultKind::SignerUnknown, words));
        }
        Ok(checked)
    }

    /// Who decided what on each change and sign-off of it, as it tells that; those on which nobody decided
    /// are left out. That the log proves it is [`Binder::check`]'s.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn decided_changes(&self) -> FileResult<Vec<DecidedChange>> {
        let people: Vec<RosterPerson> = self.section(PEOPLE)?;
        let mut decisions: Vec<BinderDecision> = self.section(DECISIONS)?;
        decisions.sort_by_key(|one| one.log_number);
        let named = |one: &BinderDecision| {
            let person = people.iter().find(|person| person.id == one.person);
            (person.map_or_else(|| one.person.to_string(), |person| person.name.clone()), one.clone())
        };
        let mut found = Vec::new();
        for of in self.texts()? {
            let on_it = decisions.iter().filter(|one| one.subject == of.id).map(named);
            found.push(DecidedChange { kind: of.kind, name: of.name, decisions: on_it.collect() });
        }
        found.retain(|one| !one.decisions.is_empty());
        Ok(found)
    }

    /// Its changes and its sign-offs.
    fn texts(&self) -> FileResult<Vec<BoundText>> {
        let there = [SIGN_OFFS, GOVERNANCE].into_iter().filter(|name| self.sections.contains_key(*name));
        let each: Vec<Vec<BoundText>> = there.map(|name| self.section(name)).collect::<FileResult<_>>()?;
        Ok(each.into_iter().flatten().collect())
    }

    /// Postings and texts, each of which is what its hash says; answers their ids.
    fn contents(&self, checked: &mut BinderChecked) -> FileResult<BTreeSet<String>> {
        let mut contents = BTreeSet::new();
        for one in self.section::<Vec<BinderPosting>>(POSTINGS)? {
            if one.posting.content_hash() != one.content_hash {
                let words = format!("posting {} is not what its hash says", one.posting.id);
                return Err(FileFault::tampered(words));
            }
            contents.insert(one.posting.id.to_string());
            checked.postings += 1;
        }
        for one in self.texts()? {
            if one.text.as_ref().is_some_and(|text| sha256_hex(text.as_bytes()) != one.hash) {
                let words = format!("the text of {} is not what its hash says", one.id);
                return Err(FileFault::tampered(words));
            }
            contents.insert(one.id);
            checked.texts += usize::from(one.text.is_some());
        }
        Ok(contents)
    }

    /// The entries of the log, each proved to stand there.
    fn entries(&self, checked: &mut BinderChecked) -> FileResult<BTreeMap<i64, LogEntry>> {
        let manifest = &self.manifest;
        let root = key_of(&manifest.log_root)
            .ok_or_else(|| FileFault::unreadable("the root of its log is no hash"))?;
        let head = manifest.checkpoint.head()?;
        let count = usize::try_from(head.number).unwrap_or_default();
        let mut entries = BTreeMap::new();
        for proved in self.section::<Vec<ProvedEntry>>(LOG)? {
            let broken = |why: &str| FileFault::tampered(format!("log entry {}: {why}", proved.number));
            let entry = proved.entry().ok_or_else(|| broken("it cannot be read"))?;
            if entry.computed_hash() != entry.hash {
                return Err(broken("its content is not what its hash says"));
            }
            let path: Option<Vec<[u8; 32]>> = proved.path.iter().map(|hash| key_of(hash)).collect();
            let at = usize::try_from(entry.number - 1).unwrap_or(usize::MAX);
            let stands = path.is_some_and(|path| tree::is_at(&entry.hash, (at, count), &path, &root));
            if !stands {
                return Err(broken("it is not proved to stand in the log at its place"));
            }
            checked.entries += 1;
            if entries.insert(entry.number, entry).is_some() {
                return Err(broken("it stands in the binder twice"));
            }
        }
        if entries.get(&head.number).is_none_or(|last| last.hash != head.hash) {
            return Err(FileFault::tampered("the log does not end at the checkpoint"));
        }
        Ok(entries)
    }
}
