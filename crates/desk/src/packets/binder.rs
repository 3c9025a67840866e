//! The binder of an entity's period, made: gathered, proved by the log, signed by who makes it.

use std::{collections::BTreeMap, path::PathBuf};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tieout_domain::{EntityCode, calendar::PeriodKey};
use tieout_evidence::file::{
    binder::{Binder, BinderManifest, Readable},
    signed::{Checkpoint, OfWorkspace},
};

use crate::{
    access::actor,
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        files,
        machine::MachinePolicy,
    },
    packets::{
        binder_parts::{self, Gathered},
        binder_sheet::Reading,
    },
};

/// Whose binder to write.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct BinderRequest {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// The file.
    pub path: PathBuf,
    /// In place of a file that is there.
    #[serde(default)]
    pub force: bool,
}

/// A binder that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct BinderMade {
    /// The file.
    pub path: String,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// Exceptions in it.
    pub exceptions: u64,
    /// Postings in it.
    pub postings: u64,
    /// Decisions in it, each proved by its entry of the log.
    pub decisions: u64,
    /// Entries of the log in it, each proved to stand there.
    pub entries: u64,
    /// The key that it is signed with, hex: whoever gets it asks for this another way.
    pub key: String,
}

/// Writes the binder of an entity's period, signed by the acting person.
///
/// # Errors
/// `bad_request` for what is no entity's code, `binder_empty`, what gathering gives, and what
/// writing a file can give.
pub fn binder(ctx: &Context, request: &BinderRequest) -> DeskResult<BinderMade> {
    MachinePolicy::read()?.admits_export("binder")?;
    files::not_there(&request.path, request.force)?;
    let bad = || DeskError::new(Code::BadRequest, format!("\"{}\" is no entity's code", request.entity));
    let entity: EntityCode = request.entity.parse().map_err(|_| bad())?;
    let period = PeriodKey::new(&request.period);
    let actor = actor::actor(ctx)?;
    let made_at = ctx.now_to_the_millisecond();
    let found = binder_parts::gather(ctx, &entity, &period)?;
    if found.is_empty() {
        let message = format!("nothing is known here of {entity} in {period}: there is nothing to bind");
        return Err(DeskError::new(Code::BinderEmpty, message));
    }
    let workspace = ctx.store().workspace()?;
    let manifest = BinderManifest {
        format: String::new(),
        workspace: OfWorkspace { id: workspace.id.to_string(), name: workspace.name },
        entity: entity.to_string(),
        period: period.to_string(),
        made_at,
        made_by: actor.id().clone(),
        checkpoint: Checkpoint::of(&found.head),
        log_root: hex::encode(found.root),
        files: BTreeMap::new(),
    };
    let sections = sections(&found)?;
    let reading = Reading::of(&manifest, &actor.person.name, &sections);
    let readable = Readable { sheet: reading.sheet()?, print: Some(reading.print()?) };
    let own = actor.own_key()?;
    let (key, sign) = (own.public_key(), |hash: &[u8; 32]| own.sign(hash));
    let made = Binder::made(manifest, sections, readable, (key.as_bytes(), &sign))?;
    let bytes = made.to_bytes()?;
    // What nobody could check is not written.
    Binder::read(&bytes)?.check()?;
    let answer = BinderMade {
        path: request.path.display().to_string(),
        made_at,
        exceptions: found.exceptions.len() as u64,
        postings: found.postings.len() as u64,
        decisions: found.decisions.len() as u64,
        entries: found.entries.len() as u64,
        key: key.to_string(),
    };
    files::write_whole(&request.path, request.force, &bytes, || {
        let detail = json!({
            "entity": entity.to_string(), "period": period.to_string(),
            "file": tieout_domain::hash::sha256_hex(&bytes), "checkpoint": found.head.number,
        });
        actor::signed(ctx, &actor, "binder_written", &request.path.display().to_string(), detail, |s, log| {
            s.append_log(log).map(|_| ())
        })
    })?;
    Ok(answer)
}

/// The sections, each as what a check reads it as (`tieout_evidence::file::binder::SECTIONS`). None is there
/// without content of its own that could be.
fn sections(found: &Gathered) -> DeskResult<BTreeMap<String, Value>> {
    let mut sections = BTreeMap::new();
    let mut put = |name: &str, section: Value| {
        sections.insert(name.to_owned(), section);
    };
    put("tie_out", serde_json::to_value(&found.tie_out)?);
    put("population", serde_json::to_value(&found.population)?);
    put("exceptions", serde_json::to_value(&found.exceptions)?);
    put("late", serde_json::to_value(&found.late)?);
    put("postings", serde_json::to_value(&found.postings)?);
    put("decisions", serde_json::to_value(&found.decisions)?);
    put("governance", serde_json::to_value(&found.governance)?);
    put("people", serde_json::to_value(&found.people)?);
    if !found.sign_offs.is_empty() {
        put("sign_offs", serde_json::to_value(&found.sign_offs)?);
    }
    if let Some(close) = &found.close {
        put("close", serde_json::to_value(close)?);
    }
    put("log", serde_json::to_value(&found.entries)?);
    Ok(sections)
}
