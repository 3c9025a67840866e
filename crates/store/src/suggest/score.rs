//! How much speaks for it that an entry and a document are one, and in which words.

use std::collections::BTreeSet;

use chrono::NaiveDate;

/// What speaks for a suggestion: points out of a hundred, and each reason in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Grounds {
    pub points: u32,
    pub reasons: Vec<String>,
}

impl Grounds {
    pub fn add(&mut self, points: u32, reason: impl Into<String>) {
        self.points = (self.points + points).min(100);
        self.reasons.push(reason.into());
    }
}

/// How far apart two days are, in words, and the points for it.
pub(super) fn days_apart(document: NaiveDate, entry: NaiveDate) -> (u32, String) {
    let days = (entry - document).num_days();
    let far = days.unsigned_abs();
    let points = match far {
        0 => 15,
        1..=3 => 10,
        4..=10 => 5,
        _ => 0,
    };
    let words = match (far, days > 0) {
        (0, _) => "same day".to_owned(),
        (1, true) => "booked a day later".to_owned(),
        (1, false) => "booked a day before".to_owned(),
        (_, true) => format!("booked {far} days later"),
        (_, false) => format!("booked {far} days before"),
    };
    (points, words)
}

/// Words that say nothing of who somebody is.
const COMMON: [&str; 22] = [
    "ltd", "limited", "inc", "llc", "llp", "plc", "gmbh", "ag", "kg", "sa", "sas", "sarl", "srl", "bv", "nv",
    "co", "corp", "company", "group", "the", "and", "und",
];

/// The words of a text that could be a name: letters and digits, in small letters, without those that many
/// names have.
pub(super) fn telling(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|word| word.chars().count() >= 3 && !COMMON.contains(&word.as_str())).collect()
}

/// True where two words are alike: the same, or one the beginning of the other, as banks cut names short.
fn alike(one: &str, other: &str) -> bool {
    let begins = |long: &str, short: &str| short.chars().count() >= 6 && long.starts_with(short);
    one == other || begins(one, other) || begins(other, one)
}

/// True where a text names a customer: at least half of the telling words of the name stand in it, one of
/// four letters or more among them.
pub(super) fn names_customer(text: &str, customer: &str) -> bool {
    let name = telling(customer);
    let said = telling(text);
    let found: Vec<&String> =
        name.iter().filter(|word| said.iter().any(|other| alike(word, other))).collect();
    !name.is_empty() && found.len() * 2 >= name.len() && found.iter().any(|word| word.chars().count() >= 4)
}

/// True where a text has all the words by which a rule says that it calls a customer.
pub(super) fn says_alias(text: &str, called: &str) -> bool {
    let (wanted, said) = (telling(called), telling(text));
    !wanted.is_empty() && wanted.iter().all(|word| said.contains(word))
}

/// What of a text could be the name of a document: words as they stand, and without what a sentence puts
/// around them. Of three letters or more, one a digit; each once.
pub(super) fn tokens(text: &str) -> Vec<String> {
    let around = |c: char| ".,;:!?()[]{}\"'#".contains(c);
    let mut seen = BTreeSet::new();
    let parts = text.split(|c: char| c.is_whitespace() || ",;+&".contains(c));
    let both = parts.flat_map(|word| [word, word.trim_matches(around)]);
    both.filter(|word| word.len() >= 3 && word.chars().any(|c| c.is_ascii_digit()))
        .filter(|word| seen.insert((*word).to_owned()))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_names_a_customer_by_the_words_that_tell_who_it_is() {
        for (text, customer, named) in [
            ("FPI ACME INDUST REF 8837", "Acme Industries Ltd", true),
            ("Payment from Harbour & Finch", "Harbour and Finch Limited", true),
            ("Wire Northwind", "Northwind Traders GmbH", true),
            ("Wire received, thank you", "Thanksgiving Foods", false),
            ("THE GROUP LTD", "The Company Ltd", false),
            ("Deposit", "Acme", false),
            ("BACS 12 Blue", "Blue Ocean Shipping Partners", false),
        ] {
            assert_eq!(names_customer(text, customer), named, "{text} / {customer}");
        }
    }

    #[test]
    fn another_name_counts_where_all_its_words_stand_there() {
        for (text, called, said) in [
            ("SEPA ZENITH HLDG 8837", "ZENITH HLDG", true),
            ("Zenith, part of Hldg", "ZENITH HLDG", true),
            ("ZENITHS HLDG", "ZENITH HLDG", false),
            ("ZENITH", "ZENITH HLDG", false),
            ("anything", "a b", false),
        ] {
            assert_eq!(says_alias(text, called), said, "{text} / {called}");
        }
    }

    #[test]
    fn what_could_be_a_documents_name_is_taken_as_it_stands_and_out_of_its_sentence() {
        assert_eq!(
            tokens("Paid INV-1001,INV-1002; (INV-1003)."),
            ["INV-1001", "INV-1002", "(INV-1003).", "INV-1003"]
        );
        assert_eq!(tokens("rent for March"), Vec::<String>::new());
    }

    #[test]
    fn days_are_told_in_words() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 3, d).unwrap();
        assert_eq!(days_apart(day(5), day(5)), (15, "same day".to_owned()));
        assert_eq!(days_apart(day(5), day(7)), (10, "booked 2 days later".to_owned()));
        assert_eq!(days_apart(day(30), day(1)), (0, "booked 29 days before".to_owned()));
    }
}
