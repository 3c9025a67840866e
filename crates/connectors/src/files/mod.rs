//! Billing lines, general-ledger detail and periods from files: CSV (also gzipped) or XLSX.
//!
//! A file is read twice. The first reading checks it whole (a truncated gzip, a missing column or an
//! unclosed quote delivers nothing) and counts the rows of each document, so that the second can deliver a
//! document with the page that holds its last row, wherever its rows are scattered. Memory holds the
//! documents that are still incomplete, not the file.
//!
//! Bad rows are kept aside as [`Rejection`]s with their row number. A document with a bad row would be
//! understated without it, so all of its rows are kept aside (`document_incomplete` for the good ones).
//!
//! A document that a file brought cannot be asked for again before an entry of it is sent ([`REREAD`]): what
//! was imported last holds.
//!
//! Row numbers are those that a spreadsheet shows: the header is row 1, a quoted line break starts no row.

mod account;
mod adorned;
mod ahead;
mod billing;
mod census;
mod content;
mod date;
mod encoding;
mod error;
mod flat;
mod gl;
mod grid;
mod group;
mod header;
mod kept;
mod label;
mod map;
mod map_error;
mod map_keys;
mod map_raw;
mod map_text;
mod metadata;
mod months;
mod names;
mod naming;
mod number;
mod open;
pub mod outgoing;
mod periods;
mod phrase;
mod place;
mod read;
mod recognise;
mod role;
mod rows;
mod shape;
mod shaped;
mod source;
mod sums;
mod tee;
mod total;
mod workbook;
mod xlsx;

/// How a document that a file brought is read again before an entry of it is sent.
pub const REREAD: &str = "not at all: it came from a file, and what was imported last holds";

pub use account::AccountRange;
pub use date::DateFormats;
pub use encoding::Encoding;
pub use error::{FileError, Why};
pub use map::{
    BillingRules, BillingSign, Column, ColumnMap, CountryRule, Credits, FileFormat, LedgerRules, LedgerSign,
    LineAmount, MapEntity, MapRules, Rounded, TaxMode, Unnumbered, Words,
};
pub use map_error::MapError;
pub use names::NameRules;
pub use number::{Exact, Negative, NumberFormat};
pub use read::{read_billing, read_gl, read_periods};
pub use recognise::{
    Aside, ColumnView, ControlTotal, Guess, Heading, Hints, Order, OwnTotal, Preview, Recognition, RowKind,
    Said, Shown, Sides, preview, profiles, recognise,
};
pub use role::{MapKind, Role};
pub use shape::{HeaderPlace, Headings, Metadata, TableShape};
pub use source::{FileSource, Summary};
