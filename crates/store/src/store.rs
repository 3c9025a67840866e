//! One workspace file, open: its making and opening, and the handles that it gives out.

use std::{
    ops::Deref,
    path::{Path, PathBuf},
};

use tieout_domain::ConnectionId;

use crate::{
    db::{Db, Supposing, Tx},
    error::{Result, StoreError},
    file,
    ingest::{Ingest, IngestPage, IngestSummary, trial::Trial},
    key::WorkspaceKey,
    schema,
    table::{
        connection::{self, Connection},
        log,
        sync_state::CursorUpdate,
        workspace::{self, NewWorkspace},
    },
};

/// One open, encrypted workspace. What it reads are the methods of [`Db`], which a store lends out; what it
/// writes are those of [`Tx`].
///
/// Several `Store`s may be open on one file, also in several processes: SQLite's WAL lets readers go on
/// while one writer writes, and a second writer waits up to a minute before it is answered `store_busy`.
pub struct Store {
    db: Db,
    path: PathBuf,
    key: WorkspaceKey,
}

impl Deref for Store {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Store {
    /// Makes a new workspace file that only its owner may read.
    ///
    /// # Errors
    /// `store_exists`, `store_io` or a database error. After an error no file is left.
    pub fn create(path: &Path, key: &WorkspaceKey, new: &NewWorkspace) -> Result<Store> {
        if path.exists() {
            return Err(StoreError::Exists(path.to_owned()));
        }
        file::make_private(path)?;
        let made = Self::create_in(path, key, new);
        if made.is_err() {
            file::remove_all(path);
        }
        made
    }

    fn create_in(path: &Path, key: &WorkspaceKey, new: &NewWorkspace) -> Result<Store> {
        let db = Db::new(file::connect(path, key)?);
        file::configure(db.raw())?;
        schema::run(&db)?;
        let mut store = Store { db, path: path.to_owned(), key: key.clone() };
        store.write(|tx| workspace::insert(tx, new))?;
        Ok(store)
    }

    /// Opens a workspace file: checks its length, its key and its schema, and brings an older schema up
    /// to date. [`Db::integrity_check`] reads every page.
    ///
    /// # Errors
    /// `store_not_found`, `store_wrong_key`, `store_newer_schema`, `store_corrupt`, `store_busy`.
    pub fn open(path: &Path, key: &WorkspaceKey) -> Result<Store> {
        let length = match std::fs::metadata(path) {
            Ok(meta) => meta.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(StoreError::NotFound(path.to_owned()));
            }
            Err(error) => return Err(StoreError::io("cannot read", path)(error)),
        };
        if length == 0 {
            return Err(StoreError::Corrupt(format!("{} is empty", path.display())));
        }
        let db = Db::new(file::connect(path, key)?);
        let read: rusqlite::Result<i64> =
            db.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0));
        if let Err(error) = read {
            return Err(file::diagnose(path, length, error));
        }
        let (found, known) = (schema::version(&db)?, schema::newest());
        if found > known {
            return Err(StoreError::NewerSchema { path: path.to_owned(), found, known });
        }
        file::configure(db.raw())?;
        file::check_length(db.raw(), path)?;
        if found == 0 {
            let reason = "it is an encrypted database, but holds no workspace".to_owned();
            return Err(StoreError::WrongKey { path: path.to_owned(), reason });
        }
        if found < known {
            schema::run(&db)?;
        }
        workspace::find(&db)?;
        Ok(Store { db, path: path.to_owned(), key: key.clone() })
    }

    /// Where the file is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key that opens it.
    pub(crate) fn key(&self) -> &WorkspaceKey {
        &self.key
    }

    /// Lends out the handle that reads, for `work` as one instant: whatever others write meanwhile, all that
    /// it answers belongs together.
    ///
    /// # Errors
    /// What `work` answers, or a database error.
    pub fn read<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Db) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        self.db.at_once(work)
    }

    /// Runs `work` in one transaction: all of it is kept when it answers, nothing when it fails. Each method
    /// of the handle is whole or undone by itself, should `work` go on after an error of one.
    ///
    /// # Errors
    /// What `work` answers, `store_busy`, or a database error.
    pub fn write<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Tx<'_>) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let tx = Tx::begin(&self.db)?;
        let answer = work(&tx)?;
        log::commit(tx)?;
        Ok(answer)
    }

    /// Begins work of which nothing is kept, so that what would be can be told. The store takes no other
    /// write until it is dropped.
    ///
    /// # Errors
    /// `store_busy`, or a database error.
    pub fn suppose(&mut self) -> Result<Supposing<'_>> {
        Ok(Supposing::of(Tx::begin(&self.db)?))
    }

    /// Begins an ingest from one connection. The store takes no other write until it is committed or
    /// dropped.
    ///
    /// # Errors
    /// `not_found` for the connection, `store_busy`.
    pub fn begin_ingest(&mut self, connection: &ConnectionId) -> Result<Ingest<'_>> {
        Ingest::begin(Tx::begin(&self.db)?, connection)
    }

    /// Begins an ingest of which nothing is kept, from a connection that need not be there yet: what it would
    /// change can be told, and is gone when it is dropped.
    ///
    /// # Errors
    /// `store_busy`, a database error.
    pub fn begin_trial(&mut self, connection: &Connection) -> Result<Trial<'_>> {
        let tx = Tx::begin(&self.db)?;
        if connection::by_name(&tx, &connection.name)?.is_none() {
            connection::insert(&tx, connection)?;
        }
        Ok(Trial(Ingest::begin(tx, &connection.id)?))
    }

    /// Ingests pages and their cursor in one transaction.
    ///
    /// # Errors
    /// `not_found` for the connection, or a database error; nothing was kept then.
    pub fn ingest<'p>(
        &mut self,
        connection: &ConnectionId,
        pages: impl IntoIterator<Item = &'p IngestPage>,
        cursor: Option<&CursorUpdate>,
    ) -> Result<IngestSummary> {
        let mut ingest = self.begin_ingest(connection)?;
        pages.into_iter().try_for_each(|page| ingest.page(page))?;
        if let Some(cursor) = cursor {
            ingest.cursor(cursor)?;
        }
        ingest.commit()
    }
}
