//! What two people sign of an account: its figures, and the items that they are made of with their versions.
//! It is a text, so that whoever reviews sees what was prepared, and so that what moves afterwards can be
//! told item by item. Changes that offset each other move items, and are no less told.

use std::{collections::BTreeMap, fmt};

use crate::{Currency, Money};

const OF: &str = "Sign-off of account ";
const FIGURES: &str = "Figures ";
const ITEM: &str = "Item ";

/// What stands in the place of a part where billing and ledger agree.
pub const AGREES: &str = "agrees";

/// One item of an account: what one reference puts there in one period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedItem {
    /// The reference, or the number of an entry without one.
    pub name: String,
    /// The currency.
    pub currency: Currency,
    /// The period.
    pub period: String,
    /// The part of the difference that it is of, or [`AGREES`].
    pub part: String,
    /// What its documents expect here.
    pub expected_minor: i64,
    /// What its entries hold here.
    pub ledger_minor: i64,
    /// The versions of its documents and entries, as one hash.
    pub version: String,
}

/// An account of an entity in a period, as it is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOff {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// The account.
    pub account: String,
    /// Its figures, one line for each currency.
    pub figures: Vec<String>,
    /// Its items, by name, currency and period.
    pub items: Vec<SignedItem>,
}

/// One item that is otherwise than it was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved<'s> {
    /// As it was signed; `None` of what came since.
    pub was: Option<&'s SignedItem>,
    /// As it is; `None` of what is gone.
    pub is: Option<&'s SignedItem>,
}

impl Moved<'_> {
    /// The item, as it is or was.
    fn either(&self) -> Option<&SignedItem> {
        self.is.or(self.was)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.either().map_or("", |item| item.name.as_str())
    }

    /// Its currency.
    #[must_use]
    pub fn currency(&self) -> Option<Currency> {
        self.either().map(|item| item.currency)
    }

    /// By how much it moved, without a sign: on the side that moved more; of one that only became another
    /// part, what it differs by.
    #[must_use]
    pub fn gross(&self) -> u128 {
        let sides = |item: Option<&SignedItem>| {
            item.map_or((0, 0), |item| (i128::from(item.expected_minor), i128::from(item.ledger_minor)))
        };
        let ((was_expected, was_ledger), (expected, ledger)) = (sides(self.was), sides(self.is));
        let moved = (expected - was_expected).unsigned_abs().max((ledger - was_ledger).unsigned_abs());
        let part = |item: Option<&SignedItem>| item.map(|item| item.part.clone());
        match moved == 0 && part(self.was) != part(self.is) {
            true => (expected - ledger).unsigned_abs(),
            false => moved,
        }
    }

    /// What moved, in words.
    #[must_use]
    pub fn says(&self) -> String {
        match (self.was, self.is) {
            (None, Some(is)) => format!("{} came: {}", is.name, is.says()),
            (Some(was), None) => format!("{} is gone: it was {}", was.name, was.says()),
            (Some(was), Some(is)) if was.says() == is.says() => {
                format!("{} has another version, with the same amounts: {}", is.name, is.says())
            }
            (Some(was), Some(is)) => format!("{} is {}; it was {}", is.name, is.says(), was.says()),
            (None, None) => String::new(),
        }
    }
}

impl SignedItem {
    fn key(&self) -> (&str, Currency, &str) {
        (&self.name, self.currency, &self.period)
    }

    fn says(&self) -> String {
        let text = |minor| Money::new(minor, self.currency).to_decimal().to_string();
        format!(
            "{} {} expected, {} booked, {}",
            self.currency.code(),
            text(self.expected_minor),
            text(self.ledger_minor),
            self.part.replace('_', " ")
        )
    }

    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.strip_prefix(ITEM)?.split('\t');
        let mut next = || parts.next();
        let name = next()?.to_owned();
        let currency = Currency::new(next()?).ok()?;
        let (period, part) = (next()?.to_owned(), next()?.to_owned());
        let minor = |text: &str| Money::parse(text, currency).ok().map(Money::minor);
        let (expected_minor, ledger_minor) = (minor(next()?)?, minor(next()?)?);
        let version = next()?.to_owned();
        match next() {
            None => Some(Self { name, currency, period, part, expected_minor, ledger_minor, version }),
            Some(_) => None,
        }
    }
}

impl SignOff {
    /// A sign-off, with its items in their order and each once.
    #[must_use]
    pub fn new(place: (&str, &str, &str), figures: Vec<String>, mut items: Vec<SignedItem>) -> Self {
        for item in &mut items {
            item.name = item.name.split_whitespace().collect::<Vec<_>>().join(" ");
        }
        items.sort_by(|a, b| a.key().cmp(&b.key()));
        let (entity, period, account) = (place.0.to_owned(), place.1.to_owned(), place.2.to_owned());
        Self { entity, period, account, figures, items }
    }

    /// Reads it from its text; `None` of a text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (account, rest) = lines.next()?.strip_prefix(OF)?.split_once(" in ")?;
        let (entity, period) = rest.split_once(", ")?;
        let (mut figures, mut items) = (Vec::new(), Vec::new());
        for line in lines {
            match line.strip_prefix(FIGURES) {
                Some(figure) => figures.push(figure.to_owned()),
                None => items.push(SignedItem::parse(line)?),
            }
        }
        let own = |text: &str| text.to_owned();
        Some(Self { entity: own(entity), period: own(period), account: own(account), figures, items })
    }

    /// What is otherwise now, by name. Empty where nothing is.
    #[must_use]
    pub fn moved<'s>(&'s self, now: &'s SignOff) -> Vec<Moved<'s>> {
        let mut all: BTreeMap<_, Moved<'s>> = BTreeMap::new();
        for item in &self.items {
            all.insert(item.key(), Moved { was: Some(item), is: None });
        }
        for item in &now.items {
            all.entry(item.key()).or_insert(Moved { was: None, is: None }).is = Some(item);
        }
        all.into_values().filter(|moved| moved.was != moved.is).collect()
    }
}

impl fmt::Display for SignOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{OF}{} in {}, {}", self.account, self.entity, self.period)?;
        for figure in &self.figures {
            writeln!(f, "{FIGURES}{figure}")?;
        }
        for item in &self.items {
            let text = |minor| Money::new(minor, item.currency).to_decimal();
            writeln!(
                f,
                "{ITEM}{}\t{}\t{}\t{}\t{}\t{}\t{}",
                item.name,
                item.currency.code(),
                item.period,
                item.part,
                text(item.expected_minor),
                text(item.ledger_minor),
                item.version
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(name: &str, sides: (i64, i64), part: &str, version: &str) -> SignedItem {
        SignedItem {
            name: name.to_owned(),
            currency: Currency::GBP,
            period: "2026-11".to_owned(),
            part: part.to_owned(),
            expected_minor: sides.0,
            ledger_minor: sides.1,
            version: version.to_owned(),
        }
    }

    fn signed(items: Vec<SignedItem>) -> SignOff {
        let figures = vec!["GBP: expected 3.00, ledger 3.00".to_owned()];
        SignOff::new(("GB01", "2026-11", "1100"), figures, items)
    }

    #[test]
    fn its_text_says_it_again() {
        let made = signed(vec![
            item("B\tb", (200, 0), "to_book", "02"),
            item("A", (100, 100), AGREES, "01"),
            item("C", (-5, 10), "unexplained", "03"),
        ]);
        assert_eq!(made.items[1].name, "B b");
        assert_eq!(SignOff::parse(&made.to_string()), Some(made));
        assert_eq!(SignOff::parse("anything"), None);
        assert_eq!(SignOff::parse("Sign-off of account 1100 in GB01, 2026-11\nItem A\tGBP\n"), None);
    }

    #[test]
    fn what_moved_is_told_item_by_item_with_its_gross_amount() {
        let before = signed(vec![
            item("A", (100, 100), AGREES, "01"),
            item("B", (200, 200), AGREES, "02"),
            item("C", (300, 0), "timing", "03"),
            item("D", (1, 1), AGREES, "04"),
        ]);
        let now = signed(vec![
            item("A", (110, 110), AGREES, "11"),
            item("B", (190, 190), AGREES, "12"),
            item("C", (300, 0), "unexplained", "03"),
            item("E", (0, 7), "unexplained", "05"),
        ]);
        let moved = before.moved(&now);
        let told: Vec<(&str, u128)> = moved.iter().map(|one| (one.name(), one.gross())).collect();
        assert_eq!(told, [("A", 10), ("B", 10), ("C", 300), ("D", 1), ("E", 7)]);
        assert_eq!(
            moved[0].says(),
            "A is GBP 1.10 expected, 1.10 booked, agrees; it was GBP 1.00 expected, 1.00 booked, agrees"
        );
        assert!(moved[3].says().starts_with("D is gone"), "{}", moved[3].says());
        assert!(before.moved(&before).is_empty());
    }

    #[test]
    fn changes_that_offset_each_other_move_although_no_figure_does() {
        let before = signed(vec![item("A", (100, 100), AGREES, "01"), item("B", (200, 200), AGREES, "02")]);
        let now = signed(vec![item("A", (150, 150), AGREES, "11"), item("B", (150, 150), AGREES, "12")]);
        assert_eq!(before.figures, now.figures);
        assert_eq!(before.moved(&now).iter().map(Moved::gross).sum::<u128>(), 100);
    }

    #[test]
    fn a_version_that_changed_no_amount_is_told_as_such() {
        let (before, now) =
            (signed(vec![item("A", (1, 1), AGREES, "01")]), signed(vec![item("A", (1, 1), AGREES, "02")]));
        let moved = before.moved(&now);
        assert_eq!((moved.len(), moved[0].gross()), (1, 0));
        assert!(moved[0].says().contains("another version"), "{}", moved[0].says());
    }
}
