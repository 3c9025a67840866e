//! The labels as a file: what a perfect desk would report, to compare with what it does.

use std::io::{self, Write};

use crate::company::Company;

/// Header of `labels.csv`.
pub const HEADER: &str = "external_ref,kind,entity,currency,amount_minor";

/// Writes the labels as CSV, sorted by reference. No field needs quoting: references are made of letters,
/// digits, `-` and `_`.
///
/// # Errors
/// Those of the writer.
pub fn write_csv(company: &Company, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{HEADER}")?;
    for label in &company.labels {
        let entity = company.entities.get(usize::from(label.entity)).map_or("", |entity| entity.code);
        writeln!(
            out,
            "{},{},{entity},{},{}",
            label.external_ref,
            label.kind.word(),
            label.currency.code(),
            label.amount_minor
        )?;
    }
    Ok(())
}
