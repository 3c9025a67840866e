//! Ways to look at the queues that people saved.

use crate::{
    db::{Db, Tx},
    error::Result,
    table::saved_view::{self, StoredView},
};

impl Db {
    /// The saved views by name.
    ///
    /// # Errors
    /// A database error.
    pub fn saved_views(&self) -> Result<Vec<StoredView>> {
        saved_view::all(self)
    }

    /// The saved view of this id.
    ///
    /// # Errors
    /// `not_found`.
    pub fn saved_view(&self, id: &str) -> Result<StoredView> {
        saved_view::find(self, id)
    }
}

impl Tx<'_> {
    /// Saves a view, in place of the one that has its id.
    ///
    /// # Errors
    /// A database error.
    pub fn put_saved_view(&self, view: &StoredView) -> Result<()> {
        saved_view::put(self, view)
    }

    /// Forgets a saved view.
    ///
    /// # Errors
    /// `not_found`.
    pub fn delete_saved_view(&self, id: &str) -> Result<()> {
        saved_view::delete(self, id)
    }
}
