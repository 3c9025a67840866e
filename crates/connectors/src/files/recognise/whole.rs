//! A file recognised, whole.

use super::{
    super::{error::FileError, map::ColumnMap, role::MapKind, source::FileSource},
    bills,
    draft::Draft,
    hints::Hints,
    ledger,
    sample::{self, Sample},
    trial::{self, Outcome},
};

/// A file that was recognised, with all that it was recognised by.
pub struct Whole {
    /// How it was cut.
    pub sample: Sample,
    /// Its map as it was made.
    pub draft: Draft,
    /// Its map.
    pub map: ColumnMap,
    /// What the map makes of it.
    pub outcome: Outcome,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// Recognises a file.
///
/// # Errors
/// [`FileError`].
pub fn whole(source: &FileSource, hints: &Hints) -> Result<Whole, FileError> {
    let sample = sample::take(source, hints)?;
    let (draft, outcome, notes) = match sample.found.kind {
        MapKind::Gl => {
            let made = ledger::make(&sample, hints, source)?;
            trial::ledger(&sample, made, (hints, source))?
        }
        MapKind::Billing => bills::make(&sample, (hints, source))?,
    };
    let map = trial::parse(&sample, &draft)?;
    Ok(Whole { sample, draft, map, outcome, notes })
}
