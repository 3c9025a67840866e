//! A note by which a person explains items of a difference: a category, words, and the items with what they
//! differ by, account by account, and their versions. Its text is what people sign; it holds for the items as
//! they were then.

use std::fmt;

use chrono::NaiveDate;

use crate::{Currency, Money};

const PLACE: &str = "Explains in ";
const CATEGORY: &str = "Category: ";
const CLEARS: &str = "Clears by: ";
const NOTE: &str = "Note: ";
const ITEM: &str = "Item ";

macro_rules! categories {
    ($($(#[$doc:meta])* $name:ident => $text:literal;)*) => {
        /// Under what an item is explained.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum NoteCategory { $($(#[$doc])* $name,)* }

        impl NoteCategory {
            /// All of them.
            pub const ALL: &[NoteCategory] = &[$(NoteCategory::$name,)*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(NoteCategory::$name => $text,)* }
            }

            /// The one of this stable name.
            #[must_use]
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }
    };
}

categories! {
    /// It clears by a stated date.
    Timing => "timing";
    /// A fee of the bank.
    BankFee => "bank_fee";
    /// Rounding.
    Rounding => "rounding";
    /// It was open before the books began here.
    OpeningItem => "opening_item";
    /// It stands on another account, and nets out there.
    Reclassification => "reclassification";
}

/// What one item differs by on one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedItem {
    /// The reference, or the number of an entry without one.
    pub name: String,
    /// The currency.
    pub currency: Currency,
    /// The item's own period.
    pub period: String,
    /// The account.
    pub account: String,
    /// Expected less booked.
    pub minor: i64,
    /// The versions of its documents and entries, as one hash.
    pub version: String,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VarianceNote {
    /// The legal entity.
    pub entity: String,
    /// The period in whose close it was written.
    pub period: String,
    /// Under what.
    pub category: NoteCategory,
    /// The day by which it clears; of timing, and of nothing else.
    pub clears_by: Option<NaiveDate>,
    /// Why.
    pub note: String,
    /// The items, by name, account, currency and period.
    pub items: Vec<NotedItem>,
}

/// A text on one line.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl VarianceNote {
    /// A note; words are put on one line, items in their order.
    #[must_use]
    pub fn new(
        place: (&str, &str),
        (category, clears_by): (NoteCategory, Option<NaiveDate>),
        note: &str,
        mut items: Vec<NotedItem>,
    ) -> Self {
        for item in &mut items {
            item.name = plain(&item.name);
        }
        items.sort_by(|a, b| {
            (&a.name, &a.account, a.currency, &a.period).cmp(&(&b.name, &b.account, b.currency, &b.period))
        });
        let (entity, period) = (place.0.to_owned(), place.1.to_owned());
        Self { entity, period, category, clears_by, note: plain(note), items }
    }

    /// Reads it from its text; `None` of a text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().peekable();
        let (entity, period) = lines.next()?.strip_prefix(PLACE)?.split_once(", ")?;
        let category = NoteCategory::parse(lines.next()?.strip_prefix(CATEGORY)?)?;
        let clears_by = match lines.peek()?.strip_prefix(CLEARS) {
            Some(day) => {
                lines.next();
                Some(day.parse().ok()?)
            }
            None => None,
        };
        let note = lines.next()?.strip_prefix(NOTE)?.to_owned();
        let item = |line: &str| {
            let mut parts = line.strip_prefix(ITEM)?.split('\t');
            let name = parts.next()?.to_owned();
            let currency = Currency::new(parts.next()?).ok()?;
            let (period, account) = (parts.next()?.to_owned(), parts.next()?.to_owned());
            let minor = Money::parse(parts.next()?, currency).ok()?.minor();
            let version = parts.next()?.to_owned();
            parts.next().is_none().then_some(NotedItem { name, currency, period, account, minor, version })
        };
        let items = lines.map(item).collect::<Option<Vec<_>>>()?;
        let (entity, period) = (entity.to_owned(), period.to_owned());
        Some(Self { entity, period, category, clears_by, note, items })
    }

    /// True where it holds for this item, as it is now.
    #[must_use]
    pub fn holds(&self, item: &NotedItem) -> bool {
        self.items.contains(item)
    }
}

impl fmt::Display for VarianceNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{PLACE}{}, {}", self.entity, self.period)?;
        writeln!(f, "{CATEGORY}{}", self.category.as_str())?;
        if let Some(day) = self.clears_by {
            writeln!(f, "{CLEARS}{day}")?;
        }
        writeln!(f, "{NOTE}{}", self.note)?;
        for item in &self.items {
            writeln!(
                f,
                "{ITEM}{}\t{}\t{}\t{}\t{}\t{}",
                item.name,
                item.currency.code(),
                item.period,
                item.account,
                Money::new(item.minor, item.currency).to_decimal(),
                item.version
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, account: &str, minor: i64) -> NotedItem {
        NotedItem {
            name: name.to_owned(),
            currency: Currency::JPY,
            period: "2026-11".to_owned(),
            account: account.to_owned(),
            minor,
            version: "ab".to_owned(),
        }
    }

    #[test]
    fn its_text_says_it_again_and_it_holds_for_the_items_as_they_were() {
        let items = vec![item("B", "1100", 900), item("A", "4000", -900)];
        let kind = (NoteCategory::Timing, "2026-12-04".parse().ok());
        let made = VarianceNote::new(("JP01", "2026-11"), kind, "paid\non Friday", items);
        assert_eq!(made.note, "paid on Friday");
        assert_eq!(VarianceNote::parse(&made.to_string()), Some(made.clone()));
        assert!(made.holds(&item("B", "1100", 900)));
        assert!(!made.holds(&item("B", "1100", 901)), "another amount is another item");
        assert!(!made.holds(&NotedItem { version: "ac".to_owned(), ..item("B", "1100", 900) }));
        let kind = (NoteCategory::BankFee, None);
        let made = VarianceNote::new(("JP01", "2026-11"), kind, "", vec![item("B", "1100", 900)]);
        assert_eq!(VarianceNote::parse(&made.to_string()), Some(made));
        assert_eq!(VarianceNote::parse("anything"), None);
    }
}
