//! The readings: billing lines, general-ledger detail, periods.

use tieout_domain::{
    document::Canonical,
    ledger::{LedgerEntry, PeriodReading},
};

use super::{
    billing,
    error::FileError,
    gl, group,
    map::ColumnMap,
    periods, shaped,
    source::{FileSource, Summary},
};
use crate::traits::Page;

/// Reads billing lines and hands documents to `sink`, page by page. The body of a page holds the header and
/// the page's rows byte for byte; a document comes with the page of its last row.
///
/// # Errors
/// [`FileError`] as `E` before any page is delivered, or the first error of `sink`.
pub fn read_billing<E: From<FileError>>(
    source: &FileSource,
    map: &ColumnMap,
    sink: impl FnMut(Page<Canonical>) -> Result<(), E>,
) -> Result<Summary, E> {
    let (content, map) = shaped::load(&source.path, map)?;
    let assembler = billing::Billing::new(&map, source.judged_on)?;
    group::read((source, content), &map, assembler, sink)
}

/// Reads general-ledger detail and hands journals to `sink`, page by page, as [`read_billing`] does.
///
/// # Errors
/// As [`read_billing`].
pub fn read_gl<E: From<FileError>>(
    source: &FileSource,
    map: &ColumnMap,
    sink: impl FnMut(Page<LedgerEntry>) -> Result<(), E>,
) -> Result<Summary, E> {
    let (content, map) = shaped::load(&source.path, map)?;
    let assembler = gl::Ledger::new(&map, source.judged_on)?;
    group::read((source, content), &map, assembler, sink)
}

/// Reads accounting periods: a file with the columns `Entity`, `Period`, `Starts`, `Ends`, `Status` and
/// optionally `ClosedAt` (UTC, RFC 3339), in any order and case. It needs no map.
///
/// # Errors
/// As [`read_billing`].
pub fn read_periods<E: From<FileError>>(
    source: &FileSource,
    sink: impl FnMut(Page<PeriodReading>) -> Result<(), E>,
) -> Result<Summary, E> {
    periods::read(source, sink)
}
