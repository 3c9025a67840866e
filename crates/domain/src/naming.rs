//! How a ledger's names of documents are read where they differ from billing's by a rule: a prefix of the
//! country, zeros in front, another case. Without a rule names must be equal.

use serde::{Deserialize, Serialize};

use crate::mapping::MappingError;

/// Whether a difference between two names counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// It does: other names.
    #[default]
    Counts,
    /// It does not.
    Ignored,
}

/// A `[[names]]` of the mapping: how the names that an ERP connection's entries carry are made billing's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameRule {
    /// The ERP connection whose names they are, by its name.
    pub connection: String,
    /// What the ledger puts before a document's own name; the longest that is there is taken off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strip_prefix: Vec<String>,
    /// What it puts after it, likewise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strip_suffix: Vec<String>,
    /// What billing has before it that the ledger leaves out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub add_prefix: Option<String>,
    /// Whether zeros in front count.
    #[serde(default)]
    pub leading_zeros: Difference,
    /// Whether capitals are other letters.
    #[serde(default)]
    pub case: Difference,
}

/// An `[[alias]]` of the mapping: what a ledger's texts call a customer besides the name that billing has.
/// Suggestions take it for the customer's name; nothing is matched by it alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliasRule {
    /// The billing connection whose customer it is, by its name.
    pub connection: String,
    /// The customer, by the vendor's id.
    pub customer: String,
    /// The words by which texts of the ledger name them.
    pub called: String,
}

/// What a mapping says of names: each connection once, and nothing that says nothing.
pub(crate) fn check(names: &[NameRule], aliases: &[AliasRule]) -> Result<(), MappingError> {
    for (index, rule) in names.iter().enumerate() {
        let again = names[..index].iter().any(|other| other.connection == rule.connection);
        if again || !rule.is_whole() {
            return Err(MappingError::BadNames(rule.connection.clone()));
        }
    }
    match aliases.iter().find(|rule| !rule.is_whole()) {
        Some(rule) => Err(MappingError::of_alias(&rule.customer)),
        None => Ok(()),
    }
}

impl AliasRule {
    /// True where it names a customer by something that could be a name.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.connection.is_empty()
            && !self.customer.is_empty()
            && self.called.chars().filter(|c| c.is_alphanumeric()).count() >= 3
    }
}

impl NameRule {
    /// True where nothing in it is empty, so that it says something of every name.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let affixes = self.strip_prefix.iter().chain(&self.strip_suffix).chain(&self.add_prefix);
        !self.connection.is_empty() && affixes.clone().all(|affix| !affix.is_empty())
    }

    /// What a name of the ledger is compared by. The same as [`Self::of_document`] gives of the document that
    /// it names.
    #[must_use]
    pub fn of_entry(&self, name: &str) -> String {
        let name = self.folded(name);
        let longest = |affixes: &[String], fits: &dyn Fn(&str) -> bool| {
            let folded = affixes.iter().map(|affix| self.folded(affix));
            folded.filter(|affix| affix.len() < name.len() && fits(affix)).map(|affix| affix.len()).max()
        };
        let from = longest(&self.strip_prefix, &|affix| name.starts_with(affix)).unwrap_or(0);
        let rest = name.get(from..).unwrap_or_default();
        let after = longest(&self.strip_suffix, &|affix| rest.len() > affix.len() && rest.ends_with(affix));
        let core = rest.get(..rest.len() - after.unwrap_or(0)).unwrap_or_default();
        self.plain(core)
    }

    /// What the name of a document is compared by; `None` where it is none that this ledger could mean.
    #[must_use]
    pub fn of_document(&self, name: &str) -> Option<String> {
        let name = self.folded(name);
        let core = match &self.add_prefix {
            Some(prefix) => name.strip_prefix(self.folded(prefix).as_str())?.to_owned(),
            None => name,
        };
        Some(self.plain(&core))
    }

    fn folded(&self, name: &str) -> String {
        match self.case {
            Difference::Counts => name.to_owned(),
            Difference::Ignored => name.to_lowercase(),
        }
    }

    fn plain(&self, core: &str) -> String {
        match self.leading_zeros {
            Difference::Counts => core.to_owned(),
            Difference::Ignored => match core.trim_start_matches('0') {
                "" => core.to_owned(),
                rest => rest.to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> NameRule {
        toml::from_str(&format!("connection = \"erp\"\n{text}")).unwrap()
    }

    #[track_caller]
    fn check(text: &str, ledger: &str, billing: &str, same: bool) {
        let rule = rule(text);
        assert_eq!(
            rule.of_document(billing) == Some(rule.of_entry(ledger)),
            same,
            "{text}: {ledger} {billing}"
        );
    }

    #[test]
    fn a_ledgers_name_is_the_documents_by_what_the_rule_says_and_no_more() {
        for (text, ledger, billing, same) in [
            ("", "INV-1", "INV-1", true),
            ("", "inv-1", "INV-1", false),
            ("", "INV-01", "INV-1", false),
            ("strip_prefix = [\"GB\", \"GB-\"]", "GB-1000", "1000", true),
            ("strip_prefix = [\"GB\"]", "IE1000", "1000", false),
            ("strip_prefix = [\"GB\"]", "GB", "", false),
            ("strip_suffix = [\"/A\"]", "1000/A", "1000", true),
            ("add_prefix = \"INV-\"", "1000", "INV-1000", true),
            ("add_prefix = \"INV-\"", "1000", "CN-1000", false),
            ("add_prefix = \"INV-\"\nleading_zeros = \"ignored\"", "0001000", "INV-001000", true),
            ("leading_zeros = \"ignored\"", "000", "0", false),
            ("case = \"ignored\"", "inv-1a", "INV-1A", true),
            ("case = \"ignored\"\nstrip_prefix = [\"SI \"]", "si inv-1", "INV-1", true),
        ] {
            check(text, ledger, billing, same);
        }
    }

    #[test]
    fn an_empty_affix_says_nothing_and_is_refused() {
        assert!(rule("").is_whole());
        assert!(!rule("strip_prefix = [\"\"]").is_whole());
        assert!(!rule("add_prefix = \"\"").is_whole());
    }
}
