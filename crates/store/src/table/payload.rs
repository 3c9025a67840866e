//! Table `payload`: raw pages and files, named by their content and compressed.

use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::{
    db::{Db, Migration, Tx},
    error::{Result, StoreError},
};

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    sql: "CREATE TABLE payload (hash BLOB PRIMARY KEY, size INTEGER NOT NULL, zstd BLOB NOT NULL)
      WITHOUT ROWID;",
}];

/// The fastest level: pages are JSON or CSV, which already shrink to about a tenth.
const LEVEL: i32 = 1;

/// Bytes made ready to be kept, which needs no database: an import does it while the store writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    hash: [u8; 32],
    zstd: Vec<u8>,
}

impl Packed {
    pub(crate) fn of(bytes: &[u8]) -> Result<Self> {
        Ok(Self { hash: Sha256::digest(bytes).into(), zstd: compressed(bytes)? })
    }
}

fn compressed(bytes: &[u8]) -> Result<Vec<u8>> {
    zstd::bulk::compress(bytes, LEVEL).map_err(compression)
}

/// Keeps the bytes, once, and answers their SHA-256. What is known already is not compressed again.
pub(crate) fn keep(tx: &Tx<'_>, bytes: &[u8], packed: Option<&Packed>) -> Result<[u8; 32]> {
    let hash = packed.map_or_else(|| Sha256::digest(bytes).into(), |packed| packed.hash);
    let known = tx
        .prepare_cached("SELECT 1 FROM payload WHERE hash = ?1")?
        .query_row([&hash[..]], |_| Ok(()))
        .optional()?;
    if known.is_none() {
        let made = if packed.is_none() { compressed(bytes)? } else { Vec::new() };
        let zstd = packed.map_or(&made, |packed| &packed.zstd);
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        tx.prepare_cached("INSERT INTO payload (hash, size, zstd) VALUES (?1, ?2, ?3)")?.execute(params![
            &hash[..],
            size,
            zstd
        ])?;
    }
    Ok(hash)
}

fn compression(error: std::io::Error) -> StoreError {
    StoreError::Corrupt(format!("a payload cannot be compressed or read: {error}"))
}

/// The bytes of a page or file as they were received.
pub(crate) fn bytes(db: &Db, hash: &[u8; 32]) -> Result<Vec<u8>> {
    let found: Option<(i64, Vec<u8>)> = db
        .prepare_cached("SELECT size, zstd FROM payload WHERE hash = ?1")?
        .query_row([&hash[..]], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (size, small) = found.ok_or_else(|| StoreError::unknown("payload", hex::encode(hash)))?;
    let bytes = zstd::bulk::decompress(&small, usize::try_from(size).unwrap_or(0)).map_err(compression)?;
    if Sha256::digest(&bytes)[..] != hash[..] {
        return Err(StoreError::Corrupt(format!("payload {} has other content", hex::encode(hash))));
    }
    Ok(bytes)
}
