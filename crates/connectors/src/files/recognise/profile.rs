//! Built-in profiles: what a program's export looks like, and how it is read. Each is a column map without
//! what only the file or its owner can say: formats, entity, accounts.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{super::role::MapKind, words::plain};

/// A profile as its TOML has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name, by which a map says what it was made of.
    pub name: String,
    /// What the file is, for people.
    pub title: String,
    /// What kind of file it is.
    pub kind: MapKind,
    /// Headings that the header has, all of them; one of several, where they are separated by bars.
    pub needs: Vec<String>,
    /// Headings that it has not.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// Whether accounts are rows of their own.
    #[serde(default)]
    pub account_rows: bool,
    /// The column map, as far as it is the same for every such file.
    pub map: toml::Table,
}

/// The profiles' texts, by name.
const TEXTS: [&str; 23] = [
    include_str!("../profiles/stripe-invoices.toml"),
    include_str!("../profiles/stripe-payments.toml"),
    include_str!("../profiles/stripe-itemised.toml"),
    include_str!("../profiles/stripe-payouts.toml"),
    include_str!("../profiles/chargebee-invoices.toml"),
    include_str!("../profiles/recurly-invoices.toml"),
    include_str!("../profiles/quickbooks-online-journal.toml"),
    include_str!("../profiles/quickbooks-online-general-ledger.toml"),
    include_str!("../profiles/quickbooks-desktop-general-ledger.toml"),
    include_str!("../profiles/xero-account-transactions.toml"),
    include_str!("../profiles/xero-journal-report.toml"),
    include_str!("../profiles/xero-general-ledger-detail.toml"),
    include_str!("../profiles/netsuite-saved-search.toml"),
    include_str!("../profiles/netsuite-general-ledger.toml"),
    include_str!("../profiles/sap-line-items.toml"),
    include_str!("../profiles/sap-line-item-list.toml"),
    include_str!("../profiles/datev-batch.toml"),
    include_str!("../profiles/french-fec.toml"),
    include_str!("../profiles/odoo-journal-items.toml"),
    include_str!("../profiles/odoo-invoices.toml"),
    include_str!("../profiles/sage-nominal-ledger.toml"),
    include_str!("../profiles/business-central-entries.toml"),
    include_str!("../profiles/erpnext-general-ledger.toml"),
];

static PROFILES: LazyLock<Vec<Profile>> =
    LazyLock::new(|| TEXTS.iter().filter_map(|text| toml::from_str(text).ok()).collect());

/// All built-in profiles.
#[must_use]
pub fn all() -> &'static [Profile] {
    &PROFILES
}

/// The profile that a header of these names is of: of several the one that needs most.
#[must_use]
pub fn of(names: &[String], kind: Option<MapKind>) -> Option<&'static Profile> {
    let names: Vec<String> = names.iter().flat_map(|name| super::words::alike(name)).collect();
    let has = |need: &String| need.split('|').any(|one| names.contains(&plain(one)));
    let fits = |profile: &&Profile| profile.needs.iter().all(has) && !profile.lacks.iter().any(has);
    let wanted = |profile: &&Profile| kind.is_some_and(|kind| kind == profile.kind);
    all().iter().filter(fits).max_by_key(|profile| (wanted(profile), profile.needs.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_profile_can_be_read_and_has_a_name_of_its_own() {
        for text in TEXTS {
            let profile: Profile = toml::from_str(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
            let same = all().iter().filter(|other| other.name == profile.name).count();
            assert_eq!(same, 1, "{}", profile.name);
        }
        assert_eq!(all().len(), TEXTS.len());
    }
}
