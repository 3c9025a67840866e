//! What an entry of the log says of the tables beside it: how they stood when it was written.
//!
//! Whoever changes a row with a tool of their own changes the hash of its table, and no entry of the log says
//! the new one. `sets` holds the hash of every table that changed since the seal before, `root` is over the
//! newest hashes of all of them, and `rows` says of the tables that people answer for which rows changed and
//! to what, so that a check can name the row that is not as it was sealed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tieout_domain::hash::ContentHasher;

/// `what` of the entry that only seals.
pub const SEALED: &str = "sealed";

/// A table as it was sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedSet {
    /// How many rows it had.
    pub rows: i64,
    /// The hash of the set of its rows, hex.
    pub hash: String,
}

/// Rows that changed in one table, by their key: the columns that changed, each with what it holds now.
/// `None` where the row went away.
pub type ChangedRows = BTreeMap<String, Option<BTreeMap<String, Value>>>;

/// What an entry says of the tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Over the newest hash of every table, hex.
    pub root: String,
    /// Where everything was sealed as it stood, without an earlier seal to go by: the schema that it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<i64>,
    /// Tables of which the file said otherwise than the seal before when this one was made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<String>,
    /// The tables that changed since the seal before.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sets: BTreeMap<String, SealedSet>,
    /// Which of their rows, where that is said of a table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub rows: BTreeMap<String, ChangedRows>,
}

impl Seal {
    /// The seal as an entry carries it.
    #[must_use]
    pub fn to_text(&self) -> String {
        // Maps with texts for keys always have a JSON text.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The seal of this text; `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// True where the entry seals everything as it stood.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.schema.is_some()
    }
}

/// The hash over these tables.
pub fn root<'a>(sets: impl IntoIterator<Item = (&'a str, &'a SealedSet)>) -> String {
    let mut hasher = ContentHasher::new("tieout-root/1");
    for (table, set) in sets {
        hasher.text(table).number(set.rows).text(&set.hash);
    }
    hasher.finish_hex()
}

/// The tables as the log has sealed them by now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seals {
    /// The newest seal of each table, and the number of the entry that has it.
    pub tables: BTreeMap<String, (i64, SealedSet)>,
    /// The schema of the last entry that sealed everything.
    pub schema: Option<i64>,
    root: Option<String>,
    /// True after a seal that did not follow, until they add up again.
    lost: bool,
}

impl Seals {
    /// Takes the seal of the next entry in; false where it does not follow from those before. That is said
    /// once, not of all that come after it.
    pub fn follow(&mut self, number: i64, seal: &Seal) -> bool {
        let all_anew = (seal.is_first() && !seal.sets.is_empty()) || !seal.broken.is_empty();
        let begins = self.root.is_some() || seal.is_first();
        if all_anew {
            self.tables.clear();
        }
        for (table, set) in &seal.sets {
            self.tables.insert(table.clone(), (number, set.clone()));
        }
        let schema_grows = seal.schema.is_none_or(|new| self.schema.is_none_or(|old| old <= new));
        self.schema = seal.schema.or(self.schema);
        self.root = Some(seal.root.clone());
        let adds_up = root(self.tables.iter().map(|(table, (_, set))| (table.as_str(), set))) == seal.root;
        let follows = begins && adds_up && schema_grows;
        let told_before = std::mem::replace(&mut self.lost, !follows);
        follows || told_before
    }

    /// True once an entry sealed anything.
    #[must_use]
    pub fn any(&self) -> bool {
        self.root.is_some()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(rows: i64, hash: &str) -> SealedSet {
        SealedSet { rows, hash: hash.to_owned() }
    }

    fn seal(sets: &[(&str, SealedSet)], all: &[(&str, SealedSet)]) -> Seal {
        let sets = sets.iter().map(|(table, set)| ((*table).to_owned(), set.clone())).collect();
        Seal { root: root(all.iter().map(|(table, set)| (*table, set))), sets, ..Seal::default() }
    }

    #[test]
    fn a_seal_says_what_changed_and_reads_back_as_it_was_written() {
        let mut one = seal(&[("person", set(1, "a"))], &[("person", set(1, "a"))]);
        let row = BTreeMap::from([("role".to_owned(), json!("analyst")), ("active".to_owned(), json!(1))]);
        let rows = BTreeMap::from([("per_1".to_owned(), Some(row)), ("per_2".to_owned(), None)]);
        one.rows.insert("person".to_owned(), rows);
        let text = one.to_text();
        assert!(
            text.ends_with(concat!(
                r#""sets":{"person":{"rows":1,"hash":"a"}},"#,
                r#""rows":{"person":{"per_1":{"active":1,"role":"analyst"},"per_2":null}}}"#
            )),
            "{text}"
        );
        assert_eq!(Seal::parse(&text), Some(one));
        assert_eq!(Seal::parse("{}"), None);
    }

    #[test]
    fn seals_follow_each_other_and_add_up() {
        let (a, b, c) = (set(1, "a"), set(2, "b"), set(3, "c"));
        let mut seals = Seals::default();
        let first = seal(&[("t", a.clone())], &[("t", a.clone())]);
        assert!(!seals.clone().follow(1, &first), "it goes by no seal before it");
        assert!(seals.follow(1, &Seal { schema: Some(5), ..first }));
        assert!(seals.follow(2, &seal(&[("u", b.clone())], &[("t", a.clone()), ("u", b.clone())])));
        assert!(!seals.clone().follow(3, &seal(&[("u", c.clone())], &[("u", c.clone())])));
        assert!(seals.follow(3, &seal(&[("t", c.clone())], &[("t", c.clone()), ("u", b.clone())])));
        assert_eq!(seals.tables["t"], (3, c.clone()));
        assert_eq!(seals.tables["u"], (2, b));
        // Where the file said otherwise, the entry says everything.
        let broken = Seal { broken: vec!["u".to_owned()], ..seal(&[("t", a.clone())], &[("t", a)]) };
        assert!(seals.follow(4, &broken));
        assert_eq!(seals.tables.len(), 1);
        // Said once, until they add up again.
        let mut lost = seals.clone();
        let wrong = Seal { root: "0".to_owned(), ..Seal::default() };
        let right = seal(&[], &[("t", set(1, "a"))]);
        let follows: Vec<bool> =
            [&wrong, &wrong, &right, &wrong].into_iter().map(|next| lost.follow(5, next)).collect();
        assert_eq!(follows, [false, true, true, false]);
        let older = Seal { schema: Some(4), ..seal(&[("t", c.clone())], &[("t", c)]) };
        assert!(!seals.follow(5, &older), "an older schema");
    }
}
