//! How sure it is what a file is, by which signs, and what else it could be.

use super::{
    super::{
        flat::{Flat, Kind},
        grid::Grid,
        header::{names, told_apart},
        role::MapKind,
    },
    columns::Found,
    profile::{self, Profile},
    words::{alike, plain},
};

/// Something that a file could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// A built-in profile's name, or `general`.
    pub profile: String,
    /// The same in words.
    pub title: String,
    /// How sure that is, in percent.
    pub sure: u8,
}

/// What a file is called that no profile knows.
pub(super) const GENERAL: &str = "general";

/// What kind of file it is, in words, where no profile knows it.
#[must_use]
pub fn by_headings(kind: MapKind) -> &'static str {
    match kind {
        MapKind::Gl => "A ledger, by its headings",
        MapKind::Billing => "Billing, by its headings",
    }
}

/// A part of a whole in percent, rounded down.
fn percent(part: usize, whole: usize) -> usize {
    (part * 100).checked_div(whole).unwrap_or(0)
}

/// How many of a profile's headings the header has, and how many it has in all.
fn headings_of(profile: &Profile, names: &[String]) -> (usize, usize) {
    let has = |headings: &[&str]| headings.iter().any(|one| names.contains(&plain(one)));
    let needs = profile.needs.iter().map(|need| need.split('|').collect::<Vec<_>>());
    let columns = profile.map.get("columns").and_then(toml::Value::as_table);
    let columns = columns.into_iter().flat_map(toml::Table::values).map(|names| {
        let list = names.as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>()
    });
    let all: Vec<Vec<&str>> = needs.chain(columns).collect();
    (all.iter().filter(|headings| has(headings)).count(), all.len())
}

fn alikes(names: &[String]) -> Vec<String> {
    names.iter().flat_map(|name| alike(name)).collect()
}

/// How sure the reading is: what it is by its headings, lowered by the lines that it could not read.
#[must_use]
pub fn surely(found: &Found, (lines, aside): (u64, u64)) -> u8 {
    let by_headings = match found.profile {
        Some(profile) => {
            let (has, all) = headings_of(profile, &alikes(&found.names));
            80 + percent(has, all) * 19 / 100
        }
        None => 50 + percent(found.parts.iter().flatten().count(), found.names.len()) * 37 / 100,
    };
    let unread = usize::try_from((aside * 100).checked_div(lines).unwrap_or(100)).unwrap_or(100);
    // Lines that cannot be read say little against what the file is; that none can says more.
    let lowered = if unread >= 100 { 30 } else { unread * 15 / 100 };
    u8::try_from(by_headings.saturating_sub(lowered)).unwrap_or(0)
}

/// What else a file with this header could be, the likeliest first.
#[must_use]
pub fn others(found: &Found) -> Vec<Guess> {
    let names = alikes(&found.names);
    let own = found.profile.map(|profile| profile.name.as_str());
    let guess = |profile: &Profile| {
        let (has, all) = headings_of(profile, &names);
        let whole = profile.needs.iter().all(|need| need.split('|').any(|one| names.contains(&plain(one))));
        let most = if whole { 79 } else { 60 };
        let sure = u8::try_from(percent(has, all) * most / 100).unwrap_or(0);
        (sure >= 20).then(|| Guess { profile: profile.name.clone(), title: profile.title.clone(), sure })
    };
    let mut all: Vec<Guess> =
        profile::all().iter().filter(|one| Some(one.name.as_str()) != own).filter_map(guess).collect();
    if own.is_some() {
        let told = percent(found.parts.iter().flatten().count(), found.names.len());
        let sure = u8::try_from(told * 50 / 100).unwrap_or(0);
        let title = by_headings(found.kind).to_owned();
        all.push(Guess { profile: GENERAL.to_owned(), title, sure });
    }
    all.sort_by(|one, other| other.sure.cmp(&one.sure).then_with(|| one.profile.cmp(&other.profile)));
    all.truncate(3);
    all
}

/// By which signs a file is taken for what it is.
#[must_use]
pub fn signs(grid: &Grid, found: &Found, flat: Option<&Flat<'_>>) -> String {
    let row = grid.number(found.row);
    let mut said = Vec::new();
    match found.profile {
        Some(profile) => {
            let (has, all) = headings_of(profile, &alikes(&found.names));
            said.push(format!("{has} of its {all} headings in row {row}"));
        }
        None => {
            let known = found.parts.iter().flatten().count();
            said.push(format!("{known} of the {} headings in row {row} are known words", found.names.len()));
        }
    }
    let banner = (0..found.row).find(|row| !grid.is_blank(*row));
    if let Some(title) = banner {
        said.push(format!("a title in row {}", grid.number(title)));
    }
    if let Some(flat) = flat {
        let below = |wanted: fn(&Kind) -> bool| {
            (flat.header.below..grid.len()).map(|row| flat.kind(row)).any(|kind| wanted(&kind))
        };
        if below(|kind| matches!(kind, Kind::Heading(..))) {
            said.push("accounts in rows of their own".to_owned());
        }
        if below(|kind| matches!(kind, Kind::Total(name) if !name.is_empty())) {
            said.push("a total under each".to_owned());
        }
    }
    let mut text = said.join(", ");
    text.push('.');
    text
}

/// The headings of a row of a grid, as a map names its columns.
#[must_use]
pub fn headings(grid: &Grid, row: usize) -> Vec<String> {
    told_apart(names(grid, row, 1))
}
