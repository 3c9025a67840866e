//! How a document's name is made of what a file writes, where the ledger writes it otherwise. Nothing is
//! guessed: without a rule a name is what stands in its cell.

use serde::Deserialize;

use super::role::Role;

/// `[names]` of a column map.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NameRules {
    /// Words that stand for no name, such as `-`.
    pub none: Vec<String>,
    /// The columns that a name is composed of; empty: its own alone.
    pub compose: Vec<Role>,
    /// What stands between them.
    pub separator: String,
    /// Of these the longest that a name begins with is taken off.
    pub strip_prefix: Vec<String>,
    /// Then its leading zeros.
    pub strip_zeros: bool,
    /// Then this is put before it.
    pub add_prefix: String,
}

impl NameRules {
    /// True where a name is what stands in its cell.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.compose.is_empty()
            && self.strip_prefix.is_empty()
            && !self.strip_zeros
            && self.add_prefix.is_empty()
    }

    /// True where a text stands for no name.
    #[must_use]
    pub fn is_none(&self, written: &str) -> bool {
        self.none.iter().any(|word| word.trim() == written)
    }

    /// The name that a text gives, its parts already put together.
    #[must_use]
    pub fn applied(&self, written: &str) -> String {
        let bare = |prefix: &String| {
            let rest = written.strip_prefix(prefix.as_str())?.trim_start();
            (!prefix.is_empty() && !rest.is_empty()).then_some(rest)
        };
        let name = self.strip_prefix.iter().filter_map(bare).min_by_key(|rest| rest.len()).unwrap_or(written);
        let name = match self.strip_zeros {
            true if name.bytes().all(|b| b == b'0') => "0",
            true => name.trim_start_matches('0'),
            false => name,
        };
        format!("{}{name}", self.add_prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_taken_off_then_zeros_then_one_is_put_before() {
        let rules = NameRules {
            strip_prefix: vec!["INV".into(), "INV-".into(), "X".into()],
            strip_zeros: true,
            add_prefix: "R".into(),
            ..NameRules::default()
        };
        for (written, name) in
            [("INV-0012", "R12"), ("INV 7", "R7"), ("0000", "R0"), ("X", "RX"), ("A-1", "RA-1")]
        {
            assert_eq!(rules.applied(written), name, "{written}");
        }
        assert_eq!(NameRules::default().applied("INV-0012"), "INV-0012");
    }
}
