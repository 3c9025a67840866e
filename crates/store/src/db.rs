//! The handles on the database: [`Db`] reads, [`Tx`] also writes. Everything above takes one of them, and
//! what takes a `Db` cannot write: it gets no statement that could be executed.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    ops::Deref,
    sync::Arc,
};

use rusqlite::{
    CachedStatement, Connection, MappedRows, Params, Row, Rows, Statement, Transaction, TransactionBehavior,
    ffi,
};

use tieout_evidence::Value;

use crate::{
    error::{Result, StoreError},
    insert::{Insert, bound},
    sealing::{Layout, Pending, Sealing},
};

/// One step of the schema.
pub(crate) struct Migration {
    /// The schema version that it belongs to, from 1.
    pub version: i64,
    /// Its statements.
    pub sql: &'static str,
}

/// An open workspace as it is read. It has no method that writes; [`Tx`] has.
///
/// ```
/// use tieout_store::{Db, LogDraft, Result, Tx};
///
/// fn read(db: &Db) -> Result<i64> {
///     Ok(db.log_head()?.number)
/// }
///
/// fn write(tx: &Tx<'_>, draft: &LogDraft<'_>) -> Result<i64> {
///     read(tx)?;
///     tx.append_log(draft)
/// }
/// ```
///
/// ```compile_fail
/// use tieout_store::{Db, LogDraft, Result};
///
/// fn write(db: &Db, draft: &LogDraft<'_>) -> Result<i64> {
///     db.append_log(draft)
/// }
/// ```
pub struct Db {
    connection: Connection,
    /// What a process worked out from the tables and keeps for the next question.
    kept: RefCell<Option<Box<dyn Any + Send>>>,
    /// What its transactions change in sealed tables.
    sealing: Sealing,
    /// How many statements have read.
    reads: Cell<u64>,
}

impl Db {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { connection, kept: RefCell::new(None), sealing: Sealing::default(), reads: Cell::new(0) }
    }

    /// The connection itself, for what concerns the file as a whole: its pragmas and its copy.
    pub(crate) fn raw(&self) -> &Connection {
        &self.connection
    }

    /// Prepares a statement that reads, and keeps it for the next time.
    pub(crate) fn prepare_cached(&self, sql: &str) -> rusqlite::Result<Select<'_>> {
        Select::of(Prepared::Kept(self.connection.prepare_cached(sql)?), &self.reads)
    }

    /// Prepares a statement that reads, and which is so long or so rare that it is not kept.
    pub(crate) fn prepare(&self, sql: &str) -> rusqlite::Result<Select<'_>> {
        Select::of(Prepared::Once(self.connection.prepare(sql)?), &self.reads)
    }

    /// The first row of a statement that reads and is not kept.
    pub(crate) fn query_row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.prepare(sql)?.query_row(params, read)
    }

    /// Fills a temporary table of this connection anew, which a question puts together on the way to its
    /// answer: it lives in memory, and nothing of the file is written.
    pub(crate) fn set_aside(&self, table: &str, columns: &str, rows: &str) -> rusqlite::Result<()> {
        let made = format!("CREATE TABLE IF NOT EXISTS temp.{table} {columns}; DELETE FROM temp.{table};");
        self.connection.execute_batch(&made)?;
        self.connection.prepare_cached(&format!("INSERT INTO temp.{table} {rows}"))?.execute([])?;
        Ok(())
    }

    /// How many statements have read by this handle so far: what a screen costs is told by the difference.
    #[must_use]
    pub fn statements_read(&self) -> u64 {
        self.reads.get()
    }

    /// Reads within one transaction, so that several answers belong together: the one that is under way,
    /// or one of its own.
    pub(crate) fn at_once<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Db) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        if !self.connection.is_autocommit() {
            return work(self);
        }
        let snapshot = self.connection.unchecked_transaction().map_err(StoreError::from)?;
        let answer = work(self)?;
        // Nothing was written, so nothing is lost where it cannot be ended: a damaged page that was read.
        drop(snapshot);
        Ok(answer)
    }

    /// Works with what was kept by the last question of this kind, or with nothing yet.
    pub(crate) fn keeping<K: Any + Default + Send, T>(
        &self,
        work: impl FnOnce(&mut K) -> Result<T>,
    ) -> Result<T> {
        let kept = self.kept.take().and_then(|kept| kept.downcast::<K>().ok());
        let mut kept = kept.unwrap_or_default();
        let answer = work(&mut kept);
        self.kept.replace(Some(kept));
        answer
    }
}

/// A transaction under way: it reads and writes. Dropped without [`Tx::commit`], nothing of it is kept.
pub struct Tx<'d> {
    db: &'d Db,
    transaction: Option<Transaction<'d>>,
}

impl<'d> Tx<'d> {
    /// Begins an IMMEDIATE transaction. The caller holds the store exclusively, so that none is under way.
    pub(crate) fn begin(db: &'d Db) -> Result<Self> {
        db.sealing.install(&db.connection)?;
        db.sealing.take();
        Self::begin_unsealed(db)
    }

    /// As [`Tx::begin`], for what makes the tables themselves and seals everything afterwards.
    pub(crate) fn begin_unsealed(db: &'d Db) -> Result<Self> {
        let transaction = Transaction::new_unchecked(&db.connection, TransactionBehavior::Immediate)?;
        Ok(Self { db, transaction: Some(transaction) })
    }

    /// Writes that belong together: where they fail, none of them is kept, whatever the caller makes of the
    /// error. Each public write is one, so that several in one transaction stay each whole or undone.
    pub(crate) fn whole<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        if self.db.connection.is_autocommit() {
            // The database itself gave the transaction up, as on a full disk.
            let words = Some("the transaction was given up after an earlier error".to_owned());
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_ABORT), words).into());
        }
        let unsealed = self.db.sealing.kept();
        self.execute_batch("SAVEPOINT whole")?;
        match work(self) {
            Ok(answer) => {
                self.execute_batch("RELEASE whole")?;
                Ok(answer)
            }
            Err(error) => {
                self.db.kept.take();
                self.db.sealing.back_to(unsealed);
                // Where the database gave the transaction up, there is nothing left to take back.
                let _ = self.execute_batch("ROLLBACK TO whole; RELEASE whole");
                Err(error)
            }
        }
    }

    /// The sealed tables, and what changed in them since the last seal, for the seal that is made now.
    pub(crate) fn take_unsealed(&self) -> (Arc<Vec<Layout>>, Pending) {
        (self.db.sealing.layouts(), self.db.sealing.take())
    }

    /// Adds a row whose values the seal is told of here; its internal key, or `None` where one of its names
    /// is there already.
    pub(crate) fn insert(&self, insert: &Insert, values: &[Value<'_>]) -> Result<Option<i64>> {
        if self.prepare_cached(insert.sql)?.execute(bound(values))? == 0 {
            return Ok(None);
        }
        let key = self.last_insert_rowid();
        self.db.sealing.tell(insert, key, values);
        Ok(Some(key))
    }

    /// True where nothing changed in a sealed table since the last seal.
    pub(crate) fn is_sealed(&self) -> bool {
        self.db.sealing.is_nothing()
    }

    /// Keeps everything that it wrote. What is not sealed is not kept: see `table::log::commit`.
    pub(crate) fn commit(mut self) -> Result<()> {
        if !self.is_sealed() {
            let words = Some("sealed tables were changed and not sealed".to_owned());
            return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_MISUSE), words).into());
        }
        if let Some(transaction) = self.transaction.take()
            && let Err(error) = transaction.commit()
        {
            self.db.kept.take();
            return Err(error.into());
        }
        Ok(())
    }

    /// Prepares any statement, and keeps it for the next time.
    pub(crate) fn prepare_cached(&self, sql: &str) -> rusqlite::Result<CachedStatement<'_>> {
        self.db.connection.prepare_cached(sql)
    }

    /// Executes a statement that is not kept; answers how many rows it changed.
    pub(crate) fn execute(&self, sql: &str, params: impl Params) -> rusqlite::Result<usize> {
        self.db.connection.execute(sql, params)
    }

    /// Executes several statements without values.
    pub(crate) fn execute_batch(&self, sql: &str) -> rusqlite::Result<()> {
        self.db.connection.execute_batch(sql)
    }

    /// The internal key of the row that was inserted last.
    pub(crate) fn last_insert_rowid(&self) -> i64 {
        self.db.connection.last_insert_rowid()
    }
}

impl Deref for Tx<'_> {
    type Target = Db;

    fn deref(&self) -> &Db {
        self.db
    }
}

/// Work of which nothing is kept: it reads and writes as any other, and is gone when it is dropped.
pub struct Supposing<'d>(Tx<'d>);

impl<'d> Supposing<'d> {
    pub(crate) fn of(tx: Tx<'d>) -> Self {
        Self(tx)
    }
}

impl<'d> Deref for Supposing<'d> {
    type Target = Tx<'d>;

    fn deref(&self) -> &Tx<'d> {
        &self.0
    }
}

impl Drop for Tx<'_> {
    fn drop(&mut self) {
        // What was worked out from rows that are now taken back must not be told again.
        if let Some(transaction) = self.transaction.take() {
            drop(transaction);
            self.db.kept.take();
        }
    }
}

enum Prepared<'d> {
    Kept(CachedStatement<'d>),
    Once(Statement<'d>),
}

/// A prepared statement that reads.
pub(crate) struct Select<'d>(Prepared<'d>, &'d Cell<u64>);

impl<'d> Select<'d> {
    fn of(prepared: Prepared<'d>, reads: &'d Cell<u64>) -> rusqlite::Result<Self> {
        let mut select = Self(prepared, reads);
        if select.prepared().readonly() {
            return Ok(select);
        }
        let words = Some("a statement that writes was asked of a handle that only reads".to_owned());
        Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_READONLY), words))
    }

    /// The statement, about to read.
    fn statement(&mut self) -> &mut Statement<'d> {
        self.1.set(self.1.get() + 1);
        self.prepared()
    }

    fn prepared(&mut self) -> &mut Statement<'d> {
        match &mut self.0 {
            Prepared::Kept(statement) => statement,
            Prepared::Once(statement) => statement,
        }
    }

    /// Every row, read by `read` as it is asked for.
    pub fn query_map<T, F: FnMut(&Row<'_>) -> rusqlite::Result<T>>(
        &mut self,
        params: impl Params,
        read: F,
    ) -> rusqlite::Result<MappedRows<'_, F>> {
        self.statement().query_map(params, read)
    }

    /// The first row; an error where there is none.
    pub fn query_row<T>(
        &mut self,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.statement().query_row(params, read)
    }

    /// Every row.
    pub fn query(&mut self, params: impl Params) -> rusqlite::Result<Rows<'_>> {
        self.statement().query(params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn db() -> Db {
        let db = Db::new(Connection::open_in_memory().unwrap());
        let tx = Tx::begin(&db).unwrap();
        tx.execute_batch("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)").unwrap();
        tx.commit().unwrap();
        db
    }

    fn sum(db: &Db) -> i64 {
        db.query_row("SELECT sum(n) FROM t", [], |row| row.get(0)).unwrap()
    }

    /// Keeps the sum as the handle sees it.
    fn keep(db: &Db) {
        let now = sum(db);
        let kept: Result<()> = db.keeping(|seen: &mut i64| {
            *seen = now;
            Ok(())
        });
        kept.unwrap();
    }

    #[test]
    fn a_handle_that_reads_prepares_nothing_that_writes() {
        let db = db();
        for sql in
            ["INSERT INTO t VALUES (2) RETURNING n", "UPDATE t SET n = 3", "DELETE FROM t", "DROP TABLE t"]
        {
            let refused = db.prepare_cached(sql).map(|_| ()).unwrap_err();
            assert_eq!(StoreError::from(refused).code(), "store_read_only", "{sql}");
            assert!(db.prepare(sql).is_err(), "{sql}");
        }
        assert_eq!(sum(&db), 1);
    }

    #[test]
    fn what_is_not_committed_is_taken_back_with_all_that_was_kept_of_it() {
        let db = db();
        let tx = Tx::begin(&db).unwrap();
        tx.execute("INSERT INTO t VALUES (?1)", [5]).unwrap();
        keep(&tx);
        drop(tx);
        assert_eq!((sum(&db), db.keeping(|seen: &mut i64| Ok(*seen)).unwrap()), (1, 0));
        let tx = Tx::begin(&db).unwrap();
        tx.execute("INSERT INTO t VALUES (?1)", [5]).unwrap();
        keep(&tx);
        tx.commit().unwrap();
        assert_eq!((sum(&db), db.keeping(|seen: &mut i64| Ok(*seen)).unwrap()), (6, 6));
    }

    #[test]
    fn writes_that_belong_together_are_kept_together_or_not_at_all() {
        let db = db();
        let tx = Tx::begin(&db).unwrap();
        let add = |tx: &Tx<'_>, n: i64| tx.execute("INSERT INTO t VALUES (?1)", [n]);
        let refused = tx.whole(|tx| {
            add(tx, 10)?;
            tx.whole(|tx| Ok(add(tx, 100)?))?;
            Err::<(), _>(StoreError::unknown("thing", 1))
        });
        assert_eq!(refused.unwrap_err().code(), "not_found");
        tx.whole(|tx| Ok(add(tx, 1000)?)).unwrap();
        tx.commit().unwrap();
        assert_eq!(sum(&db), 1001);
    }

    #[test]
    fn nothing_is_written_after_the_database_gave_the_transaction_up() {
        let db = db();
        let tx = Tx::begin(&db).unwrap();
        tx.execute_batch("ROLLBACK").unwrap();
        let refused = tx.whole(|tx| Ok(tx.execute("INSERT INTO t VALUES (?1)", [1])?));
        assert_eq!(refused.unwrap_err().code(), "store_sql");
        assert!(tx.commit().is_err());
        assert_eq!(sum(&db), 1);
    }

    #[test]
    fn several_answers_of_one_reading_are_of_one_instant() {
        let folder = tempfile::tempdir().unwrap();
        let open = || {
            let connection = Connection::open(folder.path().join("t.db")).unwrap();
            connection.execute_batch("PRAGMA journal_mode = WAL").unwrap();
            Db::new(connection)
        };
        let (reader, writer) = (open(), open());
        let write = |sql: &str| {
            let tx = Tx::begin(&writer).unwrap();
            tx.execute_batch(sql).unwrap();
            tx.commit().unwrap();
        };
        write("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)");
        let both: Result<(i64, i64)> = reader.at_once(|db| {
            let before = sum(db);
            write("INSERT INTO t VALUES (1)");
            db.at_once(|db| Ok((before, sum(db))))
        });
        assert_eq!((both.unwrap(), sum(&reader)), ((1, 1), 2));
    }
}
