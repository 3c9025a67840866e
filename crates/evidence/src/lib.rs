//! Evidence: how a log entry is encoded, hashed, chained and signed, and how that is checked. Pure: whoever
//! has the entries can verify them, with no database, no key of the workspace and nothing else of ours.
//!
//! An entry's `hash` is SHA-256 over an explicit encoding, each field with its length before it: the name of
//! the format, the previous hash, number, instant, actor, what, subject, detail, seal and signer. The first
//! entry's previous hash is that of the workspace's id ([`LogHead::genesis`]). A signature (ed25519) is over
//! `hash`. Entries of before there were seals are in format 1, which has none; the others in format 2.
//!
//! A seal ([`Seal`]) says how the tables beside the log stood when the entry was written: a hash for each, of
//! the set of its rows ([`RowSet`]).
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod carried;
mod chain;
mod decided;
mod entry;
mod fields;
pub mod file;
mod finding;
mod roster;
mod seal;
mod set;

pub use carried::{CARRIED, carried_at, written_at};
pub use chain::{Chain, Checked, VerifyInput};
pub use decided::Decided;
pub use entry::{KEY_SET, LogDraft, LogEntry, LogHead, Misfit, Sign, Signer, key_fields, signature_fits};
pub use fields::{Fields, LinesHash, Value};
pub use finding::{LogFault, LogFinding, VerifyReport};
pub use roster::{
    LoggedPerson, LoggedRoster, PERSON_ADDED, PERSON_REMOVED, ROLE_CHANGED, WORKSPACE_CREATED,
    WORKSPACE_RESTORED,
};
pub use seal::{ChangedRows, SEALED, Seal, SealedSet, Seals, root};
pub use set::RowSet;
