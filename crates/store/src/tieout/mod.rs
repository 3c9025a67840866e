//! The tie-out: per legal entity, currency, period and account, what billing says, what the ledger says, and
//! how much of the difference is explained.
//!
//! All amounts are debit-positive minor units of the transaction currency; no sum adds two currencies.
//!
//! - *billing*: what documents expect, and what revenue schedules release, once it is due. A document of
//!   nothing (total zero) of which nothing is booked counts
//!   for nothing, whatever its lines.
//! - *ledger*: the lines of all booked entries, on the accounts that expectations name or that an entry on a
//!   control account touches.
//! - *corrections*: what is in the ledger and cancels out over periods: entries and their reversals, and the
//!   shift that several entries of one document leave between periods when together they are exactly what is
//!   expected (a write-off booked in a later period) and no exception is open on it.
//! - *settled*: entries that settle a document under its name and that billing knows no payment for.
//! - *not ours*, *noted*: entries that no document explains and that a rule of the mapping keeps out, or
//!   that a
//!   rule or a signed note explains.
//! - *tolerated*: differences within the tolerance, account by account; they accumulate here and never
//!   vanish.
//! - *opening*: what was booked before the entity's books began here, and later for opening items.
//! - *variance*: ledger − billing − corrections − settled − not ours − noted − tolerated − opening.
//! - *explained*: the share of open exceptions. Each explains its part in every cell that it touches: what
//!   the ledger holds for its reference, less what its documents expect there.
//! - *in transit*: documents that are not booked and whose time is not up (or lies after the ledger's last
//!   complete sync): expected, so no exception.
//! - *unexplained*: variance − explained − in transit. Zero, or something was missed.
//!
//! Everything is one SELECT over the tables as the last detection left them; it writes nothing. The cells are
//! kept as things change (`kept`).

mod cells;
mod clearing;
mod deferred;
mod items;
mod kept;
mod lines;
mod opening;
mod shares;
mod terms;
#[cfg(test)]
pub(crate) mod tests;

pub use cells::{TieOutFilter, TieOutRow};
pub(crate) use cells::{control_tie_out, tie_out};
pub use clearing::ClearingRow;
pub(crate) use clearing::clearing;
pub use deferred::DeferredInLedger;
pub(crate) use deferred::in_ledger as deferred_in_ledger;
pub use items::{Arrived, MemberQuery, MemberSide, TieOutMember};
pub(crate) use items::{arrived, members, worked_on};
pub(crate) use kept::{keep_up, mark_due, misplaced};
pub(crate) use lines::lines;
pub use lines::{LineOf, TieOutLine};
pub use opening::OpenItem;
pub(crate) use opening::{of_billing as open_in_billing, of_ledger as open_in_ledger};
pub(crate) use shares::cell_window;
pub use shares::{CellQuery, CellShare, CellWindow};
