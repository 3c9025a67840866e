//! What an item that cannot be read could be about.
//!
//! Such an item is kept aside, whole, until it can be read. Until then it limits the judgement of what it
//! could concern, and of nothing else: of the documents that it names; where it names none, of those with one
//! of its amounts, or else of those that could have been booked on its day.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};

/// Days before an entry's on which its document may be dated, where the day is all that is known.
const LOOKS_BACK: Days = Days::new(31);

/// What can be told of an item that cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Concerns {
    /// The id that the item has once it can be read (a row is a part of its journal); `None` where that
    /// cannot be told.
    pub item: Option<String>,
    /// Everything that could be a document's name in it.
    pub names: BTreeSet<String>,
    /// True where what names the document was read: the item concerns nothing that it does not name.
    pub named: bool,
    /// Its amounts without their signs, minor units of its own currency.
    pub amounts: BTreeSet<i64>,
    /// Its days.
    pub days: BTreeSet<NaiveDate>,
}

impl Concerns {
    /// An item of which nothing but its id is known.
    #[must_use]
    pub fn of(item: impl Into<String>) -> Self {
        Self { item: Some(item.into()), ..Self::default() }
    }

    /// Notes a name.
    pub fn name(&mut self, name: &str) {
        let name = name.trim();
        if !name.is_empty() && !self.names.contains(name) {
            self.names.insert(name.to_owned());
        }
    }

    /// Notes a text that may hold names: each of its words, and all of it.
    pub fn text(&mut self, text: &str) {
        self.name(text);
        text.split_whitespace().for_each(|word| self.name(word));
    }

    /// Notes an amount.
    pub fn amount(&mut self, minor: i64) {
        let size = i64::try_from(minor.unsigned_abs()).unwrap_or(i64::MAX);
        if size != 0 {
            self.amounts.insert(size);
        }
    }

    /// Notes a day.
    pub fn day(&mut self, day: NaiveDate) {
        self.days.insert(day);
    }

    /// True where it can be told what the item could concern. One of which nothing at all can be told could
    /// be anything.
    #[must_use]
    pub fn is_bounded(&self) -> bool {
        self.named || !self.amounts.is_empty() || !self.days.is_empty()
    }

    /// The days on which a document may be dated that the item concerns, first and last, where its days are
    /// all that tells.
    #[must_use]
    pub fn spans(&self) -> Vec<(NaiveDate, NaiveDate)> {
        if self.named || !self.amounts.is_empty() {
            return Vec::new();
        }
        self.days.iter().map(|day| (day.checked_sub_days(LOOKS_BACK).unwrap_or(*day), *day)).collect()
    }

    /// The amounts that the documents have which the item concerns, where it names none.
    #[must_use]
    pub fn sizes(&self) -> BTreeSet<i64> {
        if self.named { BTreeSet::new() } else { self.amounts.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn names_come_first_then_amounts_then_days() {
        let mut item = Concerns::of("7");
        assert!(!item.is_bounded());
        item.day(day("2026-03-31"));
        assert_eq!(item.spans(), [(day("2026-02-28"), day("2026-03-31"))]);
        item.amount(-500);
        item.amount(500);
        assert_eq!((item.spans(), item.sizes()), (vec![], [500].into()));
        item.text(" INV-1  for March ");
        item.name("INV-1");
        item.named = true;
        assert!(item.names.iter().eq(["INV-1", "INV-1  for March", "March", "for"]));
        assert!(item.sizes().is_empty() && item.is_bounded());
    }

    #[test]
    fn an_amount_at_the_end_of_the_range_has_a_size() {
        let mut item = Concerns::default();
        item.amount(i64::MIN);
        item.amount(0);
        assert_eq!(item.amounts, [i64::MAX].into());
    }
}
