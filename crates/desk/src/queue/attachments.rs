//! Files that people put to an exception: kept encrypted in the workspace, their hash in the log.

use std::{fs, io::Read as _, path::Path};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use tieout_domain::{AttachmentId, ExceptionId, people::Action};
use tieout_store::Attachment;

use crate::{
    access::actor::{self, Names},
    base::{
        clock::OsEntropy,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        files,
    },
    queue::exceptions::{find_exception, item},
};

/// The largest file that is kept: the workspace is one file, which is copied whole for a backup.
pub const MOST_BYTES: u64 = 25 << 20;
/// The longest name, in bytes, as file systems have it.
const LONGEST_NAME: usize = 255;

/// A file to put to an exception.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct AttachRequest {
    /// The exception's id, or its reference where only one is open.
    pub id: String,
    /// The file's path.
    pub file: String,
}

/// A file to write to the disk again.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct SaveAttachmentRequest {
    /// Its id (`fil_…`).
    pub id: String,
    /// Where to write it.
    pub path: String,
    /// Whether what stands there is overwritten.
    #[serde(default)]
    pub force: bool,
}

/// A file that somebody put to an exception.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct AttachmentView {
    /// Its id.
    pub id: String,
    /// What it was called.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// SHA-256 of its bytes, as the log has it.
    pub sha256: String,
    /// Who attached it, by name.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Puts a file to an exception. The same bytes are put to the same exception once.
///
/// # Errors
/// A refusal, `not_found`, `ambiguous`, `file_unusable` (also where it is empty, too large, or has a name
/// that cannot be shown), `already_exists`.
pub fn attach(ctx: &Context, request: &AttachRequest) -> DeskResult<AttachmentView> {
    let row = find_exception(ctx, &request.id)?;
    let actor = actor::actor(ctx)?;
    actor::judge(ctx, &actor, Action::Comment, item(&row), row.id.as_str())?;
    let (name, bytes) = read(Path::new(&request.file))?;
    let sha256 = Sha256::digest(&bytes);
    let held = ctx.store().attachments(&row.id)?;
    if let Some(same) = held.iter().find(|one| one.sha256[..] == sha256[..]) {
        let message = format!("{} is attached already, as {}", request.file, same.name);
        return Err(DeskError::new(Code::AlreadyExists, message));
    }
    let id = AttachmentId::random(&mut OsEntropy);
    actor::signed(ctx, &actor, "attached", row.id.as_str(), json!({}), |store, log| {
        store.attach(&row.id, (&id, &name, &bytes), log)
    })?;
    let (kept, _) = ctx.store().attachment(&id)?;
    Ok(view(&kept, &actor::names(ctx)?))
}

/// The files of an exception, the first first.
///
/// # Errors
/// `not_found`, `ambiguous`.
pub fn attachments(ctx: &Context, id: &str) -> DeskResult<Vec<AttachmentView>> {
    let row = find_exception(ctx, id)?;
    of_exception(ctx, &row.id, &actor::names(ctx)?)
}

pub(crate) fn of_exception(
    ctx: &Context,
    id: &ExceptionId,
    names: &Names,
) -> DeskResult<Vec<AttachmentView>> {
    Ok(ctx.store().attachments(id)?.iter().map(|one| view(one, names)).collect())
}

/// Writes a file that was attached to the disk, as it was, and notes who took it out.
///
/// # Errors
/// A refusal, `bad_id`, `not_found`, `export_exists` (unless `force`), `file_unusable`, `corrupt`.
pub fn attachment_save(ctx: &Context, request: &SaveAttachmentRequest) -> DeskResult<AttachmentView> {
    let (kept, bytes) = ctx.store().attachment(&request.id.parse()?)?;
    let by = actor::sitting(ctx);
    let path = Path::new(&request.path);
    files::write_whole(path, request.force, &bytes, || {
        let detail = json!({ "name": kept.name, "sha256": hex::encode(kept.sha256), "by": by });
        ctx.note("attachment_saved", kept.id.as_str(), detail)
    })?;
    Ok(view(&kept, &actor::names(ctx)?))
}

fn view(one: &Attachment, names: &Names) -> AttachmentView {
    AttachmentView {
        id: one.id.to_string(),
        name: one.name.clone(),
        size: one.size,
        sha256: hex::encode(one.sha256),
        by: names.of(&one.added_by),
        at: one.added_at,
    }
}

/// The name and the bytes of a file that may be kept.
fn read(path: &Path) -> DeskResult<(String, Vec<u8>)> {
    let unfit = |why: &str| DeskError::new(Code::FileUnusable, format!("{}: {why}", path.display()));
    let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| unfit("it names no file"))?;
    if name.len() > LONGEST_NAME || name.chars().any(unseen) {
        return Err(unfit("its name is too long, or holds characters that nobody sees: rename it first"));
    }
    let file = fs::File::open(path).map_err(|error| DeskError::file(path, &error))?;
    if file.metadata().map_err(|error| DeskError::file(path, &error))?.is_dir() {
        return Err(unfit("it is a folder: attach its files, or an archive of them"));
    }
    let mut bytes = Vec::new();
    // One more than is kept: a file that grows, or is none, is not read without end.
    let read = file.take(MOST_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| DeskError::file(path, &error))?;
    match bytes.len() as u64 {
        0 => Err(unfit("it is empty")),
        1..=MOST_BYTES => Ok((name.to_owned(), bytes)),
        _ => Err(unfit(&format!(
            "it is larger than {} MiB: keep it where files are kept, and say in a comment where",
            MOST_BYTES >> 20
        ))),
    }
}

/// Characters by which a name is read as another one, or not at all.
fn unseen(c: char) -> bool {
    let marks =
        ['\u{200b}'..='\u{200f}', '\u{2028}'..='\u{202e}', '\u{2060}'..='\u{2069}', '\u{feff}'..='\u{feff}'];
    c.is_control() || marks.iter().any(|range| range.contains(&c))
}
