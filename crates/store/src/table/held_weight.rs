//! Table `held_weight`: how much of what can be summed each side of the workspace takes up. Beyond
//! [`MOST_HELD`] nothing more is taken, so that no sum over the tables ever leaves 64 bits.

use rusqlite::{OptionalExtension, params};
use tieout_domain::money::MOST_HELD;

use crate::{
    db::{Db, Migration, Tx},
    error::Result,
};

/// The fee of a payment stands on two lines of what is expected.
pub(crate) const FEE_LINES: i128 = 2;

pub(crate) const MIGRATIONS: &[Migration] = &[Migration {
    version: 5,
    // In units of 2^20, rounded up: amounts of an earlier version may be so large that they cannot be summed.
    sql: "CREATE TABLE held_weight (side TEXT PRIMARY KEY, minor INTEGER NOT NULL) WITHOUT ROWID;
          INSERT INTO held_weight (side, minor) SELECT 'ledger', min(1099511627776, coalesce(
            sum(abs(transaction_minor / 1048576) + abs(functional_minor / 1048576) + 2), 0)) * 1048576
          FROM entry_line;
          INSERT INTO held_weight (side, minor) SELECT 'billing', min(1099511627776,
            coalesce((SELECT sum(abs(total_minor / 1048576) + abs(tax_minor / 1048576) + 2) FROM document), 0)
            + coalesce((SELECT sum(abs(coalesce(amount_minor, 0) / 1048576) + abs(tax_minor / 1048576) + 2)
                FROM document_line), 0)
            + coalesce((SELECT sum(2 * abs(fee_minor / 1048576) + 2) FROM payment_fee), 0)) * 1048576;",
}];

/// A side of the workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Billing,
    Ledger,
}

impl Side {
    fn as_str(self) -> &'static str {
        match self {
            Side::Billing => "billing",
            Side::Ledger => "ledger",
        }
    }
}

/// What a side holds while an ingest is under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    side: Side,
    was: i128,
    now: i128,
}

impl Held {
    /// As stored.
    pub fn read(db: &Db, side: Side) -> Result<Self> {
        let mut statement = db.prepare_cached("SELECT minor FROM held_weight WHERE side = ?1")?;
        let minor: Option<i64> = statement.query_row([side.as_str()], |row| row.get(0)).optional()?;
        let now = i128::from(minor.unwrap_or(0));
        Ok(Self { side, was: now, now })
    }

    /// True where so much more can still be summed with the rest.
    pub fn takes(&self, more: i128) -> bool {
        self.now.saturating_add(more) <= i128::from(MOST_HELD)
    }

    /// Notes what came in, and what it replaced.
    pub fn add(&mut self, came: i128, went: i128) {
        self.now = self.now.saturating_add(came).saturating_sub(went).max(0);
    }

    /// Writes it, if it changed.
    pub fn keep(&self, tx: &Tx<'_>) -> Result<()> {
        if self.now == self.was {
            return Ok(());
        }
        tx.prepare_cached(
            "INSERT INTO held_weight (side, minor) VALUES (?1, ?2)
             ON CONFLICT (side) DO UPDATE SET minor = excluded.minor",
        )?
        .execute(params![self.side.as_str(), i64::try_from(self.now).unwrap_or(i64::MAX)])?;
        Ok(())
    }
}
