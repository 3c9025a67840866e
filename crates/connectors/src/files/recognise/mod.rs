//! What a file is, told by its shape and its headings and never by its name: a column map is made of it,
//! and the file's own rows decide what several readings leave open. What stays open is refused, with a code
//! that says what is missing.

mod bills;
mod columns;
mod draft;
mod formats;
mod hints;
mod ledger;
mod natural;
mod preview;
mod profile;
mod sample;
mod shown;
mod sure;
mod trial;
mod view;
mod whole;
mod words;

use self::whole::{Whole, whole};
use super::{error::FileError, source::FileSource};

pub use formats::Order;
pub use hints::{Hints, Said};
pub use preview::{Aside, OwnTotal, Preview, Sides, preview};
pub use shown::{Heading, RowKind, Shown};
pub use sure::Guess;
pub use view::{ColumnView, ControlTotal, Recognition};

/// The built-in profiles: name and title.
#[must_use]
pub fn profiles() -> Vec<(&'static str, &'static str)> {
    profile::all().iter().map(|profile| (profile.name.as_str(), profile.title.as_str())).collect()
}

/// Recognises a file: makes its column map, and reads it once by it.
///
/// # Errors
/// [`FileError`]: it cannot be read, or what it is or means cannot be told without a person.
pub fn recognise(source: &FileSource, hints: &Hints) -> Result<Recognition, FileError> {
    let Whole { sample, draft, map, outcome, notes } = whole(source, hints)?;
    view::recognition(&sample, (&draft, &map), &outcome, notes)
}
