//! Backups: one file with the encrypted database, the workspace key wrapped by a recovery passphrase,
//! and what is needed to tell what it is and that it is whole.
//!
//! Layout: the 9 bytes `TIEOUTBK1`; the header's length (4 bytes, big-endian) and the header as JSON;
//! the wrapped key's length (4 bytes) and the wrapped key, which the store does not look into; the
//! database, encrypted under the workspace key, to the end of the file. The header holds the SHA-256 of
//! the other two parts.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};
use rusqlite::backup::{Backup, StepResult};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tieout_domain::WorkspaceId;

use crate::{
    error::{Result, StoreError},
    file::{companion, connect, make_private, remove_all},
    schema,
    store::Store,
};

const MAGIC: &[u8; 9] = b"TIEOUTBK1";

/// Neither a header nor a wrapped key is ever longer; anything longer is damage.
const PART_LIMIT: u32 = 1 << 20;

/// Pages per step: between steps, progress is reported.
const PAGES_PER_STEP: i32 = 128;

/// How far a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupProgress {
    /// Pages copied.
    pub done: u64,
    /// Pages in all.
    pub total: u64,
}

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupHeader {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// Its name.
    pub name: String,
    /// Its schema.
    pub schema: i64,
    /// When the backup was made.
    pub created_at: DateTime<Utc>,
    /// SHA-256 of the database part, hex.
    pub sha256: String,
    /// The workspace key, wrapped by whoever made the backup.
    pub wrapped_key: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct StoredHeader {
    workspace: WorkspaceId,
    name: String,
    schema: i64,
    created_at: DateTime<Utc>,
    sha256: String,
    wrapped_key_sha256: String,
}

impl Store {
    /// Writes a backup while the workspace is in use: the state of one instant, whatever others write
    /// meanwhile. `to` appears whole or not at all. `progress` is called between steps.
    ///
    /// # Errors
    /// `store_exists`, `store_io`, or a database error; nothing is left behind then.
    pub fn backup(
        &self,
        to: &Path,
        wrapped_key: &[u8],
        at: DateTime<Utc>,
        progress: &mut dyn FnMut(BackupProgress),
    ) -> Result<BackupHeader> {
        if to.exists() {
            return Err(StoreError::Exists(to.to_owned()));
        }
        let database = companion(to, ".database.tmp");
        let container = companion(to, ".tmp");
        let made = self.backup_in((&database, &container), to, wrapped_key, at, progress);
        remove_all(&database);
        if made.is_err() {
            remove_all(&container);
        }
        made
    }

    fn backup_in(
        &self,
        (database, container): (&Path, &Path),
        to: &Path,
        wrapped_key: &[u8],
        at: DateTime<Utc>,
        progress: &mut dyn FnMut(BackupProgress),
    ) -> Result<BackupHeader> {
        remove_all(database);
        remove_all(container);
        self.copy_database(database, progress)?;
        let workspace = self.workspace()?;
        let header = BackupHeader {
            workspace: workspace.id,
            name: workspace.name,
            schema: schema::version(self)?,
            created_at: at,
            sha256: hash_file(database)?,
            wrapped_key: wrapped_key.to_vec(),
        };
        make_private(container)?;
        write_container(container, &header, database).map_err(StoreError::io("cannot write", container))?;
        publish(container, to)?;
        Ok(header)
    }

    /// Copies the database into a file that the same key opens. A connection of its own holds one
    /// snapshot from first page to last; without that, each commit of somebody else would start the
    /// copy anew.
    fn copy_database(&self, to: &Path, progress: &mut dyn FnMut(BackupProgress)) -> Result<()> {
        let source = connect(self.path(), self.key())?;
        let snapshot = source.unchecked_transaction()?;
        let _: i64 = snapshot.query_row("SELECT count(*) FROM workspace", [], |row| row.get(0))?;
        make_private(to)?;
        let mut target = connect(to, self.key())?;
        let backup = Backup::new(&source, &mut target)?;
        loop {
            let step = backup.step(PAGES_PER_STEP)?;
            let state = backup.progress();
            let total = u64::from(state.pagecount.unsigned_abs());
            progress(BackupProgress {
                done: total - u64::from(state.remaining.unsigned_abs()).min(total),
                total,
            });
            match step {
                StepResult::Done => break,
                StepResult::More => {}
                // Another connection holds a lock for a moment: give way, then go on.
                _ => std::thread::yield_now(),
            }
        }
        drop(backup);
        drop(snapshot);
        // Into the file itself: a WAL beside it would not be part of the backup.
        target.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
        target.close().map_err(|(_, error)| StoreError::from(error))
    }

    /// Removes a workspace file that was restored and could not be used, with its companions.
    pub fn remove(path: &Path) {
        remove_all(path);
    }

    /// Reads what a backup says of itself, and its wrapped key.
    ///
    /// # Errors
    /// `store_not_found`, `store_io`, `backup_unusable`.
    pub fn read_backup(path: &Path) -> Result<BackupHeader> {
        open_backup(path).map(|(header, _)| header)
    }

    /// Writes the database of a backup to `to`, after checking that it is whole. It is then opened with
    /// the key that the backup carries, on any machine.
    ///
    /// # Errors
    /// `store_exists` (nothing is ever overwritten), `backup_unusable`, `store_newer_schema`,
    /// `store_io`.
    pub fn restore_backup(path: &Path, to: &Path) -> Result<BackupHeader> {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let taken = companion(to, suffix);
            if taken.exists() {
                return Err(StoreError::Exists(taken));
            }
        }
        let (header, mut file) = open_backup(path)?;
        if header.schema > schema::newest() {
            let (found, known) = (header.schema, schema::newest());
            return Err(StoreError::NewerSchema { path: path.to_owned(), found, known });
        }
        let part = companion(to, ".tmp");
        remove_all(&part);
        let restored = restore_in(&mut file, &header, path, (&part, to));
        if restored.is_err() {
            remove_all(&part);
        }
        restored.map(|()| header)
    }
}

fn restore_in(
    file: &mut BufReader<File>,
    header: &BackupHeader,
    path: &Path,
    (part, to): (&Path, &Path),
) -> Result<()> {
    make_private(part)?;
    let hash = copy_hashed(file, part).map_err(StoreError::io("cannot write", part))?;
    if hash != header.sha256 {
        let reason = "its database was damaged or cut off; use another backup".to_owned();
        return Err(StoreError::BadBackup { path: path.to_owned(), reason });
    }
    publish(part, to)
}

fn copy_hashed(from: &mut impl Read, to: &Path) -> io::Result<String> {
    let mut out = BufWriter::new(fs::OpenOptions::new().write(true).open(to)?);
    let mut hasher = Sha256::new();
    let mut buffer = vec![0_u8; 1 << 16];
    loop {
        let count = from.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
        hasher.update(bytes);
        out.write_all(bytes)?;
    }
    out.flush()?;
    out.get_ref().sync_all()?;
    Ok(hex::encode(hasher.finalize()))
}

fn hash_file(path: &Path) -> Result<String> {
    let read = || -> io::Result<String> {
        let mut file = File::open(path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0_u8; 1 << 16];
        loop {
            let count = file.read(&mut buffer)?;
            let Some(bytes) = buffer.get(..count).filter(|bytes| !bytes.is_empty()) else { break };
            hasher.update(bytes);
        }
        Ok(hex::encode(hasher.finalize()))
    };
    read().map_err(StoreError::io("cannot read", path))
}

fn write_container(container: &Path, header: &BackupHeader, database: &Path) -> io::Result<()> {
    let stored = StoredHeader {
        workspace: header.workspace.clone(),
        name: header.name.clone(),
        schema: header.schema,
        created_at: header.created_at,
        sha256: header.sha256.clone(),
        wrapped_key_sha256: hex::encode(Sha256::digest(&header.wrapped_key)),
    };
    let json = serde_json::to_vec(&stored)?;
    let mut out = BufWriter::new(fs::OpenOptions::new().write(true).open(container)?);
    out.write_all(MAGIC)?;
    for part in [&json, &header.wrapped_key] {
        let length = u32::try_from(part.len()).map_err(io::Error::other)?;
        out.write_all(&length.to_be_bytes())?;
        out.write_all(part)?;
    }
    io::copy(&mut File::open(database)?, &mut out)?;
    out.flush()?;
    out.get_ref().sync_all()
}

/// Gives the finished file its name, without ever replacing another, and makes the name durable.
fn publish(from: &Path, to: &Path) -> Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => {
            // The file has its name; a leftover second name harms nothing.
            let _ = fs::remove_file(from);
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(StoreError::Exists(to.to_owned()));
        }
        // A file system without links.
        Err(_) => fs::rename(from, to).map_err(StoreError::io("cannot create", to))?,
    }
    let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).map_or(PathBuf::from("."), Path::to_owned);
    // Only Unix lets a folder be opened to make its entries durable.
    if cfg!(unix) {
        File::open(&folder).and_then(|f| f.sync_all()).map_err(StoreError::io("cannot write", &folder))?;
    }
    Ok(())
}

/// The header, and the file at the start of its database.
fn open_backup(path: &Path) -> Result<(BackupHeader, BufReader<File>)> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::NotFound(path.to_owned()),
        _ => StoreError::io("cannot read", path)(error),
    })?;
    let mut file = BufReader::new(file);
    let bad = |reason: &str| StoreError::BadBackup { path: path.to_owned(), reason: reason.to_owned() };
    let mut magic = [0_u8; 9];
    file.read_exact(&mut magic).map_err(|_| bad("it is too short"))?;
    if magic != *MAGIC {
        return Err(bad("it is no Tieout backup"));
    }
    let json = read_part(&mut file).ok_or_else(|| bad("its header is damaged"))?;
    let wrapped_key = read_part(&mut file).ok_or_else(|| bad("its wrapped key is damaged"))?;
    let stored: StoredHeader = serde_json::from_slice(&json).map_err(|_| bad("its header is damaged"))?;
    if stored.wrapped_key_sha256 != hex::encode(Sha256::digest(&wrapped_key)) {
        return Err(bad("its wrapped key is damaged"));
    }
    let StoredHeader { workspace, name, schema, created_at, sha256, .. } = stored;
    Ok((BackupHeader { workspace, name, schema, created_at, sha256, wrapped_key }, file))
}

fn read_part(file: &mut impl Read) -> Option<Vec<u8>> {
    let mut length = [0_u8; 4];
    file.read_exact(&mut length).ok()?;
    let length = u32::from_be_bytes(length);
    if length > PART_LIMIT {
        return None;
    }
    let mut part = vec![0_u8; usize::try_from(length).ok()?];
    file.read_exact(&mut part).ok()?;
    Some(part)
}
