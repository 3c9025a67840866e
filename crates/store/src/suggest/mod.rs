//! What could belong together and no name ties: entries and documents that neither side explains, beside each
//! other, and suggestions which of them are one. Only ever suggestions: a person confirms them or not.
//!
//! Everything is read from the two lists that detection keeps (`unmatched_entry`, `unmatched_document`). What
//! is in a match that waits for a second person, or was rejected, is not suggested again. `booked` is apart:
//! it reads how what names do tie was booked, for the proposed mapping.

mod booked;
mod facts;
mod find;
mod groups;
mod learned;
mod payout;
mod pool;
mod score;
#[cfg(test)]
mod tests;

pub use booked::{BookedDocument, BookedEntry, ChartAccount, LedgerBook, LedgerRate, Year};
pub(crate) use booked::{billed, books, chart, each, last_year, rates};
pub use facts::MatchFacts;
pub(crate) use facts::facts;
pub(crate) use find::suggestions;
pub use find::{SuggestQuery, Suggestion};
pub(crate) use learned::learned;
pub use learned::{Learned, Pattern};
pub(crate) use payout::content as payout_content;
pub use payout::{PayoutContent, PayoutMember};
pub use pool::{UnmatchedDocument, UnmatchedEntry, UnmatchedQuery, UnmatchedWindow};
pub(crate) use pool::{documents_named, entries_named, window};
