//! Accounting periods.

use tieout_domain::{EntityCode, calendar::PeriodKey};

use crate::{
    db::Db,
    error::Result,
    table::period::{self, PeriodHistory, StoredPeriod},
};

impl Db {
    /// All periods, by entity and first day.
    ///
    /// # Errors
    /// A database error.
    pub fn periods(&self) -> Result<Vec<StoredPeriod>> {
        period::all(self)
    }

    /// The periods of one entity, by first day.
    ///
    /// # Errors
    /// A database error.
    pub fn periods_of(&self, entity: &EntityCode) -> Result<Vec<StoredPeriod>> {
        period::of_entity(self, entity)
    }

    /// Every status that a period was read with, oldest first; the last is the present one.
    ///
    /// # Errors
    /// A database error.
    pub fn period_history(&self, entity: &EntityCode, key: &PeriodKey) -> Result<Vec<PeriodHistory>> {
        period::history(self, entity, key)
    }
}
