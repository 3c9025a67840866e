//! A packet: postings that wait for a decision, with everything that their reviewer is shown, for one
//! person of the roster to look at and decide on where nothing of the workspace is at hand.
//!
//! A zip of `manifest.json` (what it is, for whom, and the hash of all else), `items.json`, `roster.json`
//! (which its sender's administrator signed), `review.xlsx` (for anybody to read, with a column for the
//! decision) and `signature.json` (the sender's, over the manifest).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tieout_domain::{
    PersonId, PostingId,
    hash::{ContentHasher, sha256_hex},
    posting::Posting,
};

use crate::{
    entry::{LogHead, Sign},
    file::{
        canonical,
        container::{self, Parts},
        fault::{FaultKind, FileFault, FileResult},
        roster::{RosterPerson, SignedRoster},
        signed::{Checkpoint, FileSignature, OfWorkspace, is_format},
    },
};

const FORMAT: &str = "tieout-packet/1";
const MANIFEST: &str = "manifest.json";
const ITEMS: &str = "items.json";
const ROSTER: &str = "roster.json";
/// The part that anybody can read.
pub const SHEET: &str = "review.xlsx";
/// The part that holds the signature.
pub(crate) const SIGNATURE: &str = "signature.json";

/// A posting that waits for a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PacketItem {
    /// The posting, whole: its content hash is worked out from it, never believed.
    pub posting: Posting,
    /// What it and its surroundings stood like, by name: where one is otherwise when the decision comes
    /// back, that is told, and the decision is not applied.
    pub facts: BTreeMap<String, String>,
    /// What its reviewer is shown besides.
    pub shown: Value,
}

/// An item as the manifest names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ManifestItem {
    /// The posting.
    pub posting: PostingId,
    /// What a decision on it is bound to.
    pub content_hash: String,
    /// SHA-256 of the item as it stands in the packet.
    pub sha256: String,
}

/// What a packet is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Which version of a packet it is.
    pub format: String,
    /// Its id (pkt_…).
    pub id: String,
    /// Whose workspace it comes from.
    pub workspace: OfWorkspace,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Until when its decisions are taken in.
    pub valid_until: DateTime<Utc>,
    /// Who made it.
    pub made_by: PersonId,
    /// Who is to decide.
    pub reviewer: PersonId,
    /// What its sender wrote to the reviewer.
    pub note: Option<String>,
    /// The end of the workspace's log when it was made: the packet's own log begins there.
    pub checkpoint: Checkpoint,
    /// Its items, in order.
    pub items: Vec<ManifestItem>,
    /// SHA-256 of its other parts, by their names.
    pub files: BTreeMap<String, String>,
}

/// A packet that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// What it is.
    pub manifest: Manifest,
    /// Its items, in the manifest's order.
    pub items: Vec<PacketItem>,
    /// The roster that it goes by.
    pub roster: SignedRoster,
    /// The sheet for anybody to read.
    pub sheet: Vec<u8>,
    /// The sender's signature.
    pub signature: FileSignature,
}

impl Packet {
    /// A new packet; what the manifest says of items and parts is worked out here.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn made(
        mut manifest: Manifest,
        items: Vec<PacketItem>,
        roster: SignedRoster,
        sheet: Vec<u8>,
        (key, sign): (&[u8; 32], Sign<'_>),
    ) -> FileResult<Self> {
        FORMAT.clone_into(&mut manifest.format);
        manifest.items = items.iter().map(named).collect::<FileResult<_>>()?;
        let hashed = |name: &str, bytes: &[u8]| (name.to_owned(), sha256_hex(bytes));
        manifest.files = BTreeMap::from([
            hashed(ITEMS, canonical::text_of(&items)?.as_bytes()),
            hashed(ROSTER, roster.text()?.as_bytes()),
            hashed(SHEET, &sheet),
        ]);
        let text = canonical::text_of(&manifest)?;
        let signature = FileSignature::over((FORMAT, text.as_bytes()), key, sign);
        Ok(Self { manifest, items, roster, sheet, signature })
    }

    /// The packet as a file.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn to_bytes(&self) -> FileResult<Vec<u8>> {
        container::pack(&Parts::from([
            (MANIFEST.to_owned(), canonical::text_of(&self.manifest)?.into_bytes()),
            (ITEMS.to_owned(), canonical::text_of(&self.items)?.into_bytes()),
            (ROSTER.to_owned(), self.roster.text()?.into_bytes()),
            (SHEET.to_owned(), self.sheet.clone()),
            (SIGNATURE.to_owned(), canonical::text_of(&self.signature)?.into_bytes()),
        ]))
    }

    /// Reads a packet: all of it is what its sender signed, who was of the roster that it has. Whether that
    /// roster is to be believed is for whoever knows the workspace's.
    ///
    /// # Errors
    /// `packet_unreadable`, `packet_tampered`, `packet_signer_unknown`, `packet_of_another`,
    /// `packet_wrong_time`.
    pub fn read(bytes: &[u8]) -> FileResult<Self> {
        let mut parts = container::unpack(bytes)?;
        let text = container::take(&mut parts, MANIFEST)?;
        let manifest: Manifest = canonical::read(&text, "its manifest")?;
        is_format(&manifest.format, FORMAT)?;
        let signature: FileSignature =
            canonical::read(&container::take(&mut parts, SIGNATURE)?, "its signature")?;
        signature.check(FORMAT, &text)?;
        let names: Vec<&str> = manifest.files.keys().map(String::as_str).collect();
        if names != [ITEMS, SHEET, ROSTER] {
            return Err(FileFault::tampered("its manifest names other parts than a packet has"));
        }
        let mut part = |name: &str| -> FileResult<Vec<u8>> {
            let bytes = container::take(&mut parts, name)?;
            if manifest.files.get(name) != Some(&sha256_hex(&bytes)) {
                return Err(FileFault::tampered(format!("{name} is not what its sender signed")));
            }
            Ok(bytes)
        };
        let items: Vec<PacketItem> = canonical::read(&part(ITEMS)?, "its items")?;
        let roster: SignedRoster = canonical::read(&part(ROSTER)?, "its roster")?;
        let sheet = part(SHEET)?;
        container::nothing_more(&parts)?;
        let packet = Self { manifest, items, roster, sheet, signature };
        packet.check()?;
        Ok(packet)
    }

    /// Whether its parts fit each other.
    fn check(&self) -> FileResult<()> {
        let Self { manifest, items, roster, .. } = self;
        let found = items.iter().map(named).collect::<FileResult<Vec<_>>>()?;
        if found != manifest.items || found.is_empty() {
            return Err(FileFault::tampered("its items are not those of its manifest"));
        }
        if (0..found.len()).any(|at| found[..at].iter().any(|one| one.posting == found[at].posting)) {
            return Err(FileFault::tampered("an item stands in it twice"));
        }
        roster.check()?;
        let (of, people) = (&manifest.workspace, &roster.roster);
        if people.workspace.id != of.id {
            let words = format!("its roster is that of workspace {}, not of {}", people.workspace.id, of.id);
            return Err(FileFault::new(FaultKind::OfAnother, words));
        }
        let signer = people.of_key(&self.signature.key);
        if signer.is_none_or(|one| one.id != manifest.made_by) {
            let words = "who signed it is nobody of its roster who works there and is confirmed";
            return Err(FileFault::new(FaultKind::SignerUnknown, words));
        }
        if people.person(&manifest.reviewer).is_none() {
            return Err(FileFault::tampered("its reviewer is nobody of its roster"));
        }
        manifest.checkpoint.head()?;
        let made_before = people.checkpoint.number > manifest.checkpoint.number;
        if manifest.valid_until <= manifest.made_at || made_before {
            let words = "it runs out before it was made, or is older than the roster in it";
            return Err(FileFault::new(FaultKind::WrongTime, words));
        }
        Ok(())
    }

    /// The hash by which it is named: over its manifest.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn hash(&self) -> FileResult<String> {
        self.manifest.hash()
    }

    /// The person who is to decide.
    #[must_use]
    pub fn reviewer(&self) -> Option<&RosterPerson> {
        self.roster.roster.person(&self.manifest.reviewer)
    }

    /// The item of this posting, or of the posting that has this reference.
    #[must_use]
    pub fn item(&self, named: &str) -> Option<&PacketItem> {
        let by_id = self.items.iter().find(|one| one.posting.id.as_str() == named);
        by_id.or_else(|| {
            let mut found = self.items.iter().filter(|one| one.posting.reference == named);
            let only = found.next();
            if found.next().is_some() { None } else { only }
        })
    }
}

impl Manifest {
    /// The hash by which the packet is named.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn hash(&self) -> FileResult<String> {
        Ok(sha256_hex(canonical::text_of(self)?.as_bytes()))
    }

    /// The end of the packet's own log before its first decision: bound to the end of its workspace's log
    /// and to the packet.
    ///
    /// # Errors
    /// `packet_unreadable`.
    pub fn genesis(&self) -> FileResult<LogHead> {
        let mut hasher = ContentHasher::new("tieout-packet-log/1");
        hasher.text(&self.workspace.id).number(self.checkpoint.number).text(&self.checkpoint.hash);
        hasher.text(&self.hash()?);
        Ok(LogHead { number: 0, hash: hasher.finish() })
    }

    /// The item of this posting.
    #[must_use]
    pub fn item(&self, posting: &str) -> Option<&ManifestItem> {
        self.items.iter().find(|one| one.posting.as_str() == posting)
    }
}

fn named(item: &PacketItem) -> FileResult<ManifestItem> {
    Ok(ManifestItem {
        posting: item.posting.id.clone(),
        content_hash: item.posting.content_hash(),
        sha256: sha256_hex(canonical::text_of(item)?.as_bytes()),
    })
}
