//! The peer of the import: a bare loop over rows that are already in memory, into the same tables of the same
//! file with the same key and pragmas, in one transaction. It reads no file, makes no document, and
//! knows nothing.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, params_from_iter, types::Value};
use sha2::{Digest, Sha256};
use tieout_vault::{Passphrase, PassphraseFor, SecretError, SecretsHome};
use zeroize::Zeroizing;

use crate::{figures::Outcome, place::PASSPHRASE};

type Row = Vec<Value>;

/// The key of a scratch workspace.
///
/// # Errors
/// The secrets'.
pub fn key(workspace: &Path) -> Outcome<Zeroizing<[u8; 32]>> {
    let source =
        |_: &PassphraseFor| -> Result<Passphrase, SecretError> { Ok(Passphrase::new(PASSPHRASE.to_owned())) };
    let store = SecretsHome::beside(workspace).open(&source)?;
    store.workspace_key()?.ok_or_else(|| "the vault holds no key".into())
}

/// Opens a workspace file with the key and the pragmas of `crates/store/src/store.rs`.
///
/// # Errors
/// The database's.
pub fn open(workspace: &Path, key: &[u8; 32]) -> Outcome<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(workspace, flags)?;
    connection.execute_batch(&format!(
        "PRAGMA key = \"x'{}'\";
         PRAGMA cipher_memory_security = OFF;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -131072;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864;",
        hex::encode(key)
    ))?;
    Ok(connection)
}

fn tables(connection: &Connection) -> Outcome<Vec<(String, Vec<String>)>> {
    let mut tables = Vec::new();
    let query =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let names: Vec<String> =
        connection.prepare(query)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for name in names {
        let columns = connection
            .prepare(&format!("PRAGMA table_info({name})"))?
            .query_map([], |row| row.get(1))?
            .collect::<Result<_, _>>()?;
        tables.push((name, columns));
    }
    Ok(tables)
}

/// In the order of their keys, which is the order in which they are cheapest to write.
fn rows(connection: &Connection, table: &str) -> Outcome<Vec<Row>> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}"))?;
    let width = statement.column_count();
    let rows = statement.query_map([], |row| (0..width).map(|at| row.get(at)).collect())?;
    Ok(rows.collect::<Result<_, _>>()?)
}

struct Change {
    table: String,
    columns: usize,
    /// Rows went away or changed: the (small) table is written anew.
    anew: bool,
    rows: Vec<Row>,
}

/// Everything that an import left in a workspace.
pub struct Written(Vec<Change>);

impl Written {
    /// What `after` holds and `before` does not.
    ///
    /// # Errors
    /// The database's.
    pub fn between(before: &Connection, after: &Connection) -> Outcome<Self> {
        let mut changes = Vec::new();
        for (table, columns) in tables(after)? {
            let (old, mut new) = (rows(before, &table)?, rows(after, &table)?);
            let anew = old.iter().any(|row| !new.contains(row));
            if !anew {
                new.retain(|row| !old.contains(row));
            }
            if anew || !new.is_empty() {
                changes.push(Change { table, columns: columns.len(), anew, rows: new });
            }
        }
        Ok(Self(changes))
    }

    /// How many rows.
    pub fn rows(&self) -> u64 {
        self.0.iter().map(|change| change.rows.len() as u64).sum()
    }

    /// Writes them: the loop that is measured.
    ///
    /// # Errors
    /// The database's.
    pub fn write(&self, connection: &mut Connection) -> Outcome<()> {
        let tx = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for change in &self.0 {
            if change.anew {
                tx.execute(&format!("DELETE FROM {}", change.table), [])?;
            }
            let places = vec!["?"; change.columns].join(", ");
            let mut insert = tx.prepare(&format!("INSERT INTO {} VALUES ({places})", change.table))?;
            for row in &change.rows {
                insert.execute(params_from_iter(row))?;
            }
        }
        Ok(tx.commit()?)
    }
}

/// Tables and columns that differ from one run to the next, because they say when it was.
fn says_when(table: &str, column: &str) -> bool {
    let table_of_times = matches!(
        table,
        "log" | "seal" | "workspace" | "person" | "change" | "connection" | "detection_horizon"
    );
    let derived = matches!(column, "due_at" | "date_at");
    // An import's id is made by chance.
    let by_chance = table == "import" && column == "id";
    table_of_times
        || by_chance
        || (column.ends_with("_at") && !derived)
        || matches!(column, "as_of" | "complete_through")
}

/// A digest of all that a workspace holds; without `times`, of all that does not say when it was written.
///
/// # Errors
/// The database's.
pub fn digest(connection: &Connection, times: bool) -> Outcome<String> {
    let mut hasher = Sha256::new();
    for (table, columns) in tables(connection)? {
        let kept: Vec<bool> = columns.iter().map(|column| times || !says_when(&table, column)).collect();
        hasher.update(table.as_bytes());
        for row in rows(connection, &table)? {
            for (value, _) in row.iter().zip(&kept).filter(|(_, kept)| **kept) {
                hasher.update(format!("{value:?};").as_bytes());
            }
        }
    }
    Ok(hex::encode(hasher.finalize()))
}
