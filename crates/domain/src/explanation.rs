//! A note that explains what stays open on a judged account: a category, words, and the entries that it is
//! tied to. Its text is what people sign.

use std::fmt;

use crate::EntryId;

const CATEGORY: &str = "Category: ";
const NOTE: &str = "Note: ";
const ENTRY: &str = "Entry ";

/// An entry that is explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedItem {
    /// The entry.
    pub entry: EntryId,
    /// What it is, for who reads it: number, date, entity, amounts.
    pub about: String,
}

/// What is explained, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Under what it stands in the tie-out, in the house's own word.
    pub category: String,
    /// Why.
    pub note: String,
    /// The entries, in the order of their ids.
    pub items: Vec<ExplainedItem>,
}

/// A text on one line.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Explanation {
    /// An explanation; words are put on one line.
    #[must_use]
    pub fn new(category: &str, note: &str, mut items: Vec<ExplainedItem>) -> Self {
        items.sort_by(|a, b| a.entry.cmp(&b.entry));
        items.dedup_by(|a, b| a.entry == b.entry);
        Self { category: plain(category), note: plain(note), items }
    }

    /// Reads it from its text; `None` of a text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let category = lines.next()?.strip_prefix(CATEGORY)?.to_owned();
        let note = lines.next()?.strip_prefix(NOTE)?.to_owned();
        let item = |line: &str| {
            let (id, about) = line.strip_prefix(ENTRY)?.split_once(": ")?;
            Some(ExplainedItem { entry: id.parse().ok()?, about: about.to_owned() })
        };
        let items = lines.map(item).collect::<Option<Vec<_>>>()?;
        Some(Self { category, note, items })
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{CATEGORY}{}", self.category)?;
        writeln!(f, "{NOTE}{}", self.note)?;
        for item in &self.items {
            writeln!(f, "{ENTRY}{}: {}", item.entry, item.about)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_text_says_it_again() {
        let item = |id: &str| ExplainedItem { entry: EntryId::derive(&[id]), about: format!("J {id}: 1.00") };
        let made =
            Explanation::new("bank  charges", "as\nevery month", vec![item("b"), item("a"), item("b")]);
        assert_eq!(made.items.len(), 2);
        assert_eq!(Explanation::parse(&made.to_string()), Some(made));
        assert_eq!(Explanation::parse("anything"), None);
    }
}
