//! What this file is.

use crate::{
    db::Db,
    error::Result,
    table::workspace::{self, Workspace},
};

impl Db {
    /// What this file is.
    ///
    /// # Errors
    /// `store_corrupt` when the row is not there.
    pub fn workspace(&self) -> Result<Workspace> {
        workspace::find(self)
    }
}
