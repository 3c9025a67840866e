//! Journal files out: approved entries in the form in which a ledger takes them in, each with our key in a
//! field that its own exports give back. A form is data (`forms/*.toml`), with the source of what it says.

mod entry;
mod error;
mod form;
mod row;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use tieout_domain::key::PostingKey;

pub use entry::OutgoingEntry;
pub use error::OutgoingError;
pub use form::{Form, FormOption};

/// All forms, the plain one first.
#[must_use]
pub fn forms() -> &'static [Form] {
    form::all()
}

/// The form of this name.
#[must_use]
pub fn form(name: &str) -> Option<&'static Form> {
    forms().iter().find(|form| form.name == name)
}

/// The form in which a ledger takes entries whose own files are read by this profile.
#[must_use]
pub fn usual(profile: Option<&str>) -> &'static Form {
    let named = profile.and_then(|profile| forms().iter().find(|form| form.is_for(profile)));
    named.unwrap_or(&forms()[0])
}

/// Which of our keys a text has in it: the one word of their shape. An ERP that writes capitals only gives it
/// back all the same.
#[must_use]
pub fn key_in(text: &str) -> Option<PostingKey> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() == 20);
    let mut keys = words.filter_map(|word| {
        let (first, rest) = word.split_at(1);
        format!("{}{}", first.to_ascii_uppercase(), rest.to_ascii_lowercase()).parse().ok()
    });
    let found: PostingKey = keys.next()?;
    keys.all(|other| other == found).then_some(found)
}

/// What the caller says of a form's options, checked; those that it leaves out are the usual ones.
///
/// # Errors
/// `handover_option`.
pub fn options(
    form: &Form,
    said: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, OutgoingError> {
    if let Some(unknown) = said.keys().find(|name| form.option.iter().all(|option| option.name != **name)) {
        let names: Vec<&str> = form.option.iter().map(|option| option.name.as_str()).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(OutgoingError::option(format!(
            "{} has no option {unknown}; there are: {names}",
            form.title
        )));
    }
    let mut all = BTreeMap::new();
    for option in &form.option {
        let value = said.get(&option.name).or(option.usual.as_ref()).map(|text| text.trim());
        match value.filter(|text| !text.is_empty()) {
            Some(value) => {
                option.check(value)?;
                all.insert(option.name.clone(), value.to_owned());
            }
            None if option.needed => {
                return Err(OutgoingError::option(format!(
                    "{} needs {}: --set {}=…",
                    form.title, option.label, option.name
                )));
            }
            None => {}
        }
    }
    Ok(all)
}

/// Which of the entries fit into one file of this form, in their order; and why each of the others does not.
#[must_use]
pub fn fitting(form: &Form, entries: &[OutgoingEntry<'_>]) -> Vec<Result<(), OutgoingError>> {
    let mut first: Option<&OutgoingEntry<'_>> = None;
    let mut rows = 0_usize;
    let mut answers = Vec::with_capacity(entries.len());
    for entry in entries {
        let fits = row::fits(form, entry).and_then(|own| {
            if let Some(first) = first {
                beside(form, first, entry)?;
            }
            match form.most_rows {
                Some(most) if rows + own > most => Err(OutgoingError::unfit(format!(
                    "{} takes {most} lines a file: hand this over in the next one",
                    form.title
                ))),
                _ => Ok(own),
            }
        });
        if let Ok(own) = &fits {
            rows += own;
            first = first.or(Some(entry));
        }
        answers.push(fits.map(|_| ()));
    }
    answers
}

/// Whether an entry may stand in the same file as another one.
fn beside(form: &Form, first: &OutgoingEntry<'_>, entry: &OutgoingEntry<'_>) -> Result<(), OutgoingError> {
    if form.one_entity && (first.entity(), first.functional()) != (entry.entity(), entry.functional()) {
        return Err(OutgoingError::unfit(format!(
            "{} is a file of one company, and this one is of {}: hand {} over by itself",
            form.title,
            first.entity(),
            entry.entity()
        )));
    }
    Ok(())
}

/// The bytes of a file with these entries, which fit.
///
/// # Errors
/// `handover_option`, `handover_unfit`.
pub fn write(
    form: &Form,
    entries: &[OutgoingEntry<'_>],
    options: &BTreeMap<String, String>,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, OutgoingError> {
    row::write(form, entries, options, now)
}
