//! Backups: one by hand, or dated ones in a folder, each checked to restore before an older one goes. How a
//! workspace is made of one is [`crate::access::restoring`].

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;
use serde_json::json;
use tieout_store::{BackupHeader, HeadHeld, LogHead, Store, WorkspaceKey};
use tieout_vault::{Passphrase, PassphraseFor, PassphraseSource, harden_process, unwrap_key, wrap_key};

use crate::base::{
    code::Code,
    context::Context,
    error::{DeskError, DeskResult},
    examining::{Found, examined},
    machine::MachinePolicy,
};

const EXTENSION: &str = "tieoutbackup";
/// How a dated backup writes its instant (UTC).
const INSTANT: &str = "%Y%m%dT%H%M%SZ";
/// What a backup is called until it was checked, and what it stays called where the check found something.
const UNCHECKED: &str = "unchecked";
const UNSOUND: &str = "unsound";
/// The folder into which a backup is restored to be checked, beside it.
const TRIED_IN: &str = ".tieout-check-";
/// What a run that died left behind is removed by a later one after so long: until then it may be at work.
const LEFT_FOR: Duration = Duration::from_secs(24 * 3_600);

/// What the check of a backup found: it was restored into a folder of its own and read to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CheckedBackup {
    /// The backup.
    pub file: String,
    /// The workspace's id.
    pub workspace: String,
    /// Its name.
    pub name: String,
    /// When the backup was made.
    pub made_at: DateTime<Utc>,
    /// Bytes of the file.
    pub bytes: u64,
    /// Entries of its log.
    pub entries: u64,
    /// The hash of the last of them, hex.
    pub head: String,
    /// Whether the open workspace's own log holds that entry; `None` where none was given, or another one.
    pub held_by_workspace: Option<bool>,
    /// True where it restores, and everything in it holds.
    pub sound: bool,
    /// What does not hold, each in a sentence.
    pub faults: Vec<String>,
}

/// What a dated backup made and removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct DatedBackup {
    /// The new backup, as it was checked.
    #[serde(flatten)]
    #[ts(flatten)]
    pub checked: CheckedBackup,
    /// How many backups of this workspace the folder has now.
    pub kept: usize,
    /// The older ones that were removed.
    pub removed: Vec<String>,
    /// Files that are named like its backups and are none: they were left alone.
    pub left_alone: Vec<String>,
}

/// Copies the workspace to `to` while it is in use, its key wrapped by a recovery passphrase.
///
/// # Errors
/// `passphrase_missing`, `passphrase_weak`, `store_exists`, and what writing can give.
pub fn backup(ctx: &Context, to: &Path) -> DeskResult<()> {
    let passphrase = ctx.session.passphrases.ask(&PassphraseFor::NewRecovery)?;
    write(ctx, to, &passphrase)?;
    ctx.note("backup_written", &to.display().to_string(), json!({}))
}

/// Backs up into `folder` under a name that says the workspace's file and the instant (UTC). The backup gets
/// that name only once it was restored beside it, its log verified, and its head found in the workspace's own
/// log. Then those beyond the newest `keep` go. Never touched is what is no backup of this workspace, or is
/// named otherwise.
///
/// # Errors
/// `backup_folder` where the folder is not there (none is made: a share that is not mounted would be one) or
/// cannot be written, `backup_unusable` where the check found something, `backup_not_removed`, and as
/// [`backup`]. Nothing is removed unless the new one is sound.
pub fn dated(ctx: &Context, folder: &Path, keep: Option<u32>) -> DeskResult<DatedBackup> {
    let stem = stem(ctx.path());
    usable(folder)?;
    remove_leftovers(folder, &stem);
    let at = ctx.clock.now();
    let to = folder.join(format!("{stem}-{}.{EXTENSION}", at.format(INSTANT)));
    if to.exists() {
        return Err(tieout_store::StoreError::Exists(to).into());
    }
    let passphrase = ctx.session.passphrases.ask(&PassphraseFor::NewRecovery)?;
    let before = ctx.store().log_head()?;
    let unchecked = companion(&to, UNCHECKED);
    write(ctx, &unchecked, &passphrase)?;
    let checked = checked(&unchecked, &passphrase, Some((ctx, &before)));
    let checked = match checked {
        Ok(checked) if checked.sound => checked,
        Ok(unsound) => return Err(kept_apart(&unchecked, &to, &unsound.faults.join("; "))),
        Err(error) if error.code == Code::BackupUnusable => {
            return Err(kept_apart(&unchecked, &to, &error.message));
        }
        Err(error) => {
            // That it could not be checked is told; an unchecked file is of no use to anybody.
            let _ = fs::remove_file(&unchecked);
            return Err(error);
        }
    };
    fs::rename(&unchecked, &to).map_err(|e| DeskError::file(&to, &e))?;
    let checked = CheckedBackup { file: to.display().to_string(), ..checked };
    let made = thinned(ctx, &to, &stem, keep, checked);
    let removed = made.as_ref().map_or(0, |made| made.removed.len());
    let detail = json!({ "checked_to": before.number, "removed": removed });
    ctx.note("backup_written", &to.display().to_string(), detail)?;
    made
}

/// Restores a backup into a temporary folder beside it, reads it to its end and removes that again. Where a
/// workspace is open and it is the same one, the backup's head is looked for in its log too.
///
/// # Errors `backup_unusable`, `recovery_passphrase_wrong`, `store_newer_schema`, and what reading and
/// writing can give.
pub fn check(
    file: &Path,
    workspace: Option<&Context>,
    passphrases: &dyn PassphraseSource,
) -> DeskResult<CheckedBackup> {
    harden_process()?;
    MachinePolicy::read()?;
    // Whether it is a backup at all is said before anybody is asked for its passphrase.
    Store::read_backup(file)?;
    let passphrase = passphrases.ask(&PassphraseFor::Recovery)?;
    let nothing = LogHead { number: 0, hash: [0; 32] };
    checked(file, &passphrase, workspace.map(|ctx| (ctx, &nothing)))
}

fn write(ctx: &Context, to: &Path, passphrase: &Passphrase) -> DeskResult<()> {
    let key = ctx.secrets.workspace_key()?.ok_or_else(|| {
        DeskError::new(Code::WorkspaceKeyMissing, "the secrets hold no key for this workspace")
    })?;
    let wrapped = wrap_key(&key, passphrase, ctx.secrets.work_factor())?;
    // By a connection of its own: the desk works on meanwhile.
    let store = Store::open(ctx.path(), &WorkspaceKey::new(key.clone()))?;
    ctx.progress.begin("Backing up", None);
    let progress = Arc::clone(&ctx.progress);
    let copied = store.backup(to, &wrapped, ctx.clock.now(), &mut |_| progress.advance(1));
    ctx.progress.end();
    copied?;
    Ok(())
}

/// Restores and reads it; `against` is the workspace, and the end that its log had before the backup began.
fn checked(
    file: &Path,
    passphrase: &Passphrase,
    against: Option<(&Context, &LogHead)>,
) -> DeskResult<CheckedBackup> {
    let header = Store::read_backup(file)?;
    let key = unwrap_key(&header.wrapped_key, passphrase)?;
    let beside = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Where a backup lies on what can only be read, elsewhere.
    let mut folder = tempfile::Builder::new();
    let folder = folder.prefix(TRIED_IN);
    let folder = folder.tempdir_in(beside).or_else(|_| folder.tempdir());
    let folder = folder.map_err(|e| DeskError::file(beside, &e).at("the folder to try it in"))?;
    let restored = folder.path().join("restored.tieoutdb");
    Store::restore_backup(file, &restored)?;
    let found = Store::open(&restored, &WorkspaceKey::new(key)).map_err(DeskError::from);
    let found = found.and_then(|store| examined(&store)).map_err(|error| {
        let words = format!("{} cannot be read once it is restored: {error}", file.display());
        DeskError::new(Code::BackupUnusable, words)
    })?;
    let Found { head, entries, mut faults, .. } = found;
    let same = against.filter(|(ctx, _)| *ctx.secrets.workspace_id() == header.workspace);
    let held = same.map(|(ctx, before)| held(ctx, before, &head)).transpose()?;
    if let Some(Err(fault)) = &held {
        faults.push(fault.clone());
    }
    let BackupHeader { workspace, name, created_at, .. } = header;
    Ok(CheckedBackup {
        file: file.display().to_string(),
        workspace: workspace.to_string(),
        name,
        made_at: created_at,
        bytes: fs::metadata(file).map_err(|e| DeskError::file(file, &e))?.len(),
        entries,
        head: hex::encode(head.hash),
        held_by_workspace: held.map(|held| held.is_ok()),
        sound: faults.is_empty(),
        faults,
    })
}

/// Whether the backup ends where the workspace's log was when it began, or later, and on the same way.
fn held(ctx: &Context, before: &LogHead, head: &LogHead) -> DeskResult<Result<(), String>> {
    let number = head.number;
    let way = ctx.store().log_holds(head)?;
    Ok(match way {
        HeadHeld::Yes if number >= before.number => Ok(()),
        HeadHeld::Yes => Err(format!(
            "it ends at entry {number} of the log, and the workspace had {} before it was made",
            before.number
        )),
        HeadHeld::Shorter => {
            Err(format!("it ends at entry {number} of the log, which the workspace does not have"))
        }
        HeadHeld::Other => Err(format!(
            "entry {number} of its log is not the one that the workspace has: it went another way"
        )),
    })
}

/// A backup that is not as it should be gets a name under which nobody takes it for one, for who looks into
/// it.
fn kept_apart(unchecked: &Path, to: &Path, why: &str) -> DeskError {
    let apart = companion(to, UNSOUND);
    let at = if fs::rename(unchecked, &apart).is_ok() { apart } else { unchecked.to_owned() };
    DeskError::new(
        Code::BackupUnusable,
        format!(
            "the new backup is not as it should be: {why}. It stands as {}, and no older one was removed: \
             run `tieout verify`, and keep the older ones",
            at.display()
        ),
    )
}

/// Removes what is beyond the newest `keep` backups of this workspace. The new one stays whatever the clock
/// says.
fn thinned(
    ctx: &Context,
    new: &Path,
    stem: &str,
    keep: Option<u32>,
    checked: CheckedBackup,
) -> DeskResult<DatedBackup> {
    let folder = new.parent().unwrap_or(Path::new("."));
    let (mut own, mut left_alone) = (Vec::new(), Vec::new());
    let mut named = listed(folder).map_err(|e| DeskError::file(folder, &e))?;
    named.retain(|path| dated_name(path, stem).is_some());
    for path in named {
        let plain = fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
        let workspace = Store::read_backup(&path).ok().filter(|_| plain).map(|header| header.workspace);
        match workspace.is_some_and(|workspace| workspace == *ctx.secrets.workspace_id()) {
            true => own.push(path),
            false => left_alone.push(path.display().to_string()),
        }
    }
    // By their names, which say the instant: the newest first.
    own.sort();
    own.reverse();
    let keep = keep.map_or(usize::MAX, |keep| usize::try_from(keep).unwrap_or(usize::MAX));
    let (mut removed, mut stays) = (Vec::new(), Vec::new());
    for path in own.iter().skip(keep).filter(|path| *path != new) {
        match fs::remove_file(path) {
            Ok(()) => removed.push(path.display().to_string()),
            // Another run may have removed it just now.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => stays.push(format!("{}: {error}", path.display())),
        }
    }
    if !stays.is_empty() {
        let words = format!("the backup {} is made and sound, but older ones stay", new.display());
        return Err(DeskError::new(Code::BackupNotRemoved, format!("{words}: {}", stays.join("; "))));
    }
    Ok(DatedBackup { checked, kept: own.len().saturating_sub(removed.len()), removed, left_alone })
}

/// Refuses what is no folder, or one in which nothing can be made.
fn usable(folder: &Path) -> DeskResult<()> {
    let refused = |why: String| DeskError::new(Code::BackupFolder, format!("{}: {why}", folder.display()));
    if !folder.is_dir() {
        return Err(refused(
            "it is no folder that is there. Is the share mounted? A backup makes no folder of its own"
                .to_owned(),
        ));
    }
    let tried = tempfile::Builder::new().prefix(TRIED_IN).tempdir_in(folder);
    let tried = tried.map_err(|e| refused(format!("nothing can be written there ({e})")))?;
    tried.close().map_err(|e| refused(format!("nothing can be removed there ({e})")))
}

/// Removes what runs that died have left of this workspace's backups: best effort, the next one tries again.
fn remove_leftovers(folder: &Path, stem: &str) {
    let old = |path: &Path| {
        let modified = fs::symlink_metadata(path).and_then(|found| found.modified());
        let age = modified.ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        age.is_some_and(|age| age > LEFT_FOR)
    };
    for path in listed(folder).unwrap_or_default().into_iter().filter(|path| old(path)) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let begun = name.split_once(&format!(".{UNCHECKED}")).map(|(of, _)| folder.join(of));
        if begun.is_some_and(|of| dated_name(&of, stem).is_some()) {
            let _ = fs::remove_file(&path);
        } else if name.starts_with(TRIED_IN) && path.join("restored.tieoutdb").exists() {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

fn listed(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect()
}

/// The instant that a name says, where it is one of this workspace's dated backups.
fn dated_name(path: &Path, stem: &str) -> Option<NaiveDateTime> {
    let name = path.file_name()?.to_str()?;
    let at = name.strip_prefix(stem)?.strip_prefix('-')?.strip_suffix(EXTENSION)?.strip_suffix('.')?;
    NaiveDateTime::parse_from_str(at, INSTANT).ok()
}

/// How a workspace's backups begin: the name of its file.
fn stem(workspace: &Path) -> String {
    workspace.file_stem().map_or_else(|| "workspace".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn companion(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_a_dated_backup_gives_are_its() {
        let of = |name: &str| dated_name(Path::new(name), "books").is_some();
        assert!(of("books-20261130T123201Z.tieoutbackup"));
        for other in [
            "books.tieoutbackup",
            "books-20261130T123201Z.tieoutbackup.unsound",
            "books-20261330T123201Z.tieoutbackup",
            "books-2-20261130T123201Z.tieoutbackup",
            "other-20261130T123201Z.tieoutbackup",
            "books-20261130T123201Z.zip",
        ] {
            assert!(!of(other), "{other}");
        }
    }
}
