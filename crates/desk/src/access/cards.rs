//! People whose key is on a machine of their own: their card written there, and brought over here by an
//! administrator. It counts once somebody else has confirmed that it is theirs.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_domain::people::Action;
use tieout_duties::{PersonFacts, Subject};
use tieout_evidence::file::card::SignedCard;
use tieout_store::{Confirmation, Enrolment};

use crate::{
    access::{
        actor,
        people::{self, PersonView},
    },
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        files,
    },
};

/// Where a card is written.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct CardRequest {
    /// The file.
    pub path: PathBuf,
    /// In place of a file that is there.
    #[serde(default)]
    pub force: bool,
}

/// A card to bring over.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct BringKeyRequest {
    /// Whose: name or id.
    pub person: String,
    /// The card.
    pub file: PathBuf,
}

/// A card that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CardView {
    /// The file.
    pub path: String,
    /// Whose it is.
    pub name: String,
    /// The public key, hex: whoever confirms it asks its person for it.
    pub key: String,
}

/// Writes the acting person's card: the public half of their key. One who has no secret yet sets it.
///
/// # Errors
/// As for a decision, and what writing a file can give.
pub fn card_write(ctx: &Context, request: &CardRequest) -> DeskResult<CardView> {
    files::not_there(&request.path, request.force)?;
    let actor = actor::actor(ctx)?;
    let own = actor.own_key()?;
    let (name, key) = (actor.person.name.as_str(), own.public_key());
    let reading = Some(own.reading_key()?);
    let made_at = ctx.now_to_the_millisecond();
    let card = SignedCard::made((name, reading), key.as_bytes(), made_at, |hash| own.sign(hash))?;
    let text = tieout_evidence::file::canonical::text_of(&card)?;
    files::write_whole(&request.path, request.force, text.as_bytes(), || {
        let detail = json!({ "public_key": key.to_string() });
        actor::signed(ctx, &actor, "person_card_written", actor.id().as_str(), detail, |store, log| {
            store.append_log(log).map(|_| ())
        })
    })?;
    let path = request.path.display().to_string();
    Ok(CardView { path, name: name.to_owned(), key: key.to_string() })
}

/// Brings the public half of a person's key over, which they made on their own machine.
///
/// # Errors
/// A refusal, `person_unknown`, `person_secret_exists`, `card_taken`, `packet_unreadable`, `packet_tampered`.
pub fn card_bring(ctx: &Context, request: &BringKeyRequest) -> DeskResult<PersonView> {
    let person = actor::find_person(ctx, &request.person)?;
    let (card, key) = read(&request.file)?;
    let actor = actor::actor(ctx)?;
    let facts = Subject::Person(PersonFacts { target: person.id.clone() });
    actor::judge(ctx, &actor, Action::ManagePeople, facts, person.id.as_str())?;
    if person.verifying_key.is_some() {
        let message = format!("{} has a key already; it is set once", person.name);
        return Err(DeskError::new(Code::PersonSecretExists, message));
    }
    let keys = ctx.store().verifying_keys()?;
    if let Some((other, _)) = keys.iter().find(|(_, keys)| keys.contains(&key)) {
        let name = actor::names(ctx)?.of(other.as_str());
        let message = format!("this key is {name}'s already: each person has a key of their own");
        return Err(DeskError::new(Code::CardTaken, message));
    }
    let enrolment = Enrolment {
        person: person.id.clone(),
        code_sha256: None,
        issued_by: actor.id().to_string(),
        issued_at: ctx.clock.now(),
        restored: false,
        confirmation: Confirmation::ByAnother,
        confirmed_by: None,
        confirmed_at: None,
    };
    let text = tieout_evidence::file::canonical::text_of(&card)?;
    let detail = json!({ "name": person.name, "public_key": card.card.key, "kept": "elsewhere" });
    actor::signed(ctx, &actor, "person_key_brought", person.id.as_str(), detail, |store, log| {
        store.bring_person_key((&person.id, &key), &text, &enrolment, log)
    })?;
    people::person(ctx, &person.id)
}

fn read(path: &Path) -> DeskResult<(SignedCard, [u8; 32])> {
    let bytes = std::fs::read(path).map_err(|e| DeskError::file(path, &e))?;
    let place = path.display().to_string();
    let card = SignedCard::read(&bytes).map_err(|fault| DeskError::from(fault).at(&place))?;
    let unreadable = || DeskError::new(Code::PacketUnreadable, format!("{place}: its key is none"));
    let key = card.key().ok_or_else(unreadable)?;
    Ok((card, key))
}
