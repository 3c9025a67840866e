//! Views: lists of exceptions by any filter and order, of which a window asks for pages. However many rows

//! a view has, no more of them are read than are shown.
//!
//! Which rows belong to a view is told by cells ([`crate::table::cell`]) wherever the filter asks for what
//! cells know, so that totals and sums need no row at all; a search, a customer or an amount makes a set of
//! rows first. Pages come from the index of the order (`segment`). What was worked out for a view is kept
//! in the process until the revision of the exceptions changes, by whichever process changed it.
//!
//! Everything here reads.

mod asked;
mod bits;
mod blocking;
mod due;
mod filter;
mod groups;
mod layout;
mod opened;
mod order;
mod rows;
mod segment;
mod selected;
mod sums;
mod tally;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_due;

pub use asked::{Selection, View};
pub use blocking::OpenException;
pub(crate) use blocking::{by_day as exceptions_by_day, open as open_exceptions};
pub use filter::{Given, ViewFilter, Waiting};
pub(crate) use groups::groups;
pub use groups::{Group, GroupBy, Groups};
pub(crate) use opened::{Opened, Views};
pub use order::{SortColumn, ViewSort};
pub use rows::{Glance, ListedException};
pub(crate) use rows::{ids, plain, read, seqs_of};
pub use selected::Selected;
pub(crate) use selected::{all_but, of_ids};
pub use sums::CurrencySum;
pub(crate) use tally::tallies;
pub use tally::{KindTally, Tallies};
