//! Bank statements as their bank gives them: balances and lines of one account, in minor units of its
//! currency, positive where money is on the account or comes to it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::money::{Currency, Money};

/// One statement of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankStatement {
    /// The account as the bank names it: an IBAN, or its own number. Without spaces, in capitals.
    pub account: String,
    /// The account's currency.
    pub currency: Currency,
    /// The bank's own name of the statement.
    pub id: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// What stood on the account before the first line, minor units.
    pub opening_minor: i64,
    /// What stood there after the last one, minor units.
    pub closing_minor: i64,
    /// What was booked, in the bank's order.
    pub lines: Vec<BankLine>,
    /// Lines that the bank announces and has not booked: they count for nothing and are not kept.
    pub announced: u64,
}

/// What was booked on an account at once. A batch is one line: one amount on the account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BankLine {
    /// Its place in the statement, from 1.
    pub number: u32,
    /// The line of the file at which it begins, from 1.
    pub row: u32,
    /// The day on which the bank booked it.
    pub booked_on: NaiveDate,
    /// The day from which it bears interest, where the bank says.
    pub value_on: Option<NaiveDate>,
    /// Minor units of the account's currency.
    pub amount_minor: i64,
    /// True where it takes an earlier line back.
    pub reversal: bool,
    /// The bank's own reference of the line, where it has one.
    pub bank_reference: Option<String>,
    /// What names it otherwise: end-to-end ids, ids of payments, references of creditors.
    pub references: Vec<String>,
    /// Who paid or was paid, where it is one.
    pub counterparty: Option<String>,
    /// The bank's words for it.
    pub text: String,
    /// Of a batch: how many payments the bank counts in it.
    pub batch: Option<u32>,
}

/// A statement whose lines do not lead from its opening to its closing balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoesNotAddUp {
    /// Opening balance and lines together.
    pub sum: Money,
    /// The closing balance that the bank says.
    pub closing: Money,
}

impl BankStatement {
    /// What its lines come to, minor units; `None` beyond 64 bits.
    #[must_use]
    pub fn total_minor(&self) -> Option<i64> {
        self.lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.amount_minor))
    }

    /// Holds the balances against the lines.
    ///
    /// # Errors
    /// Both figures, where they differ. A sum beyond 64 bits is told as the largest one.
    pub fn adds_up(&self) -> Result<(), DoesNotAddUp> {
        let sum = self.total_minor().and_then(|total| self.opening_minor.checked_add(total));
        if sum == Some(self.closing_minor) {
            return Ok(());
        }
        let money = |minor| Money::new(minor, self.currency);
        Err(DoesNotAddUp { sum: money(sum.unwrap_or(i64::MAX)), closing: money(self.closing_minor) })
    }
}

/// How a name is compared with what a bank writes: banks write capitals, and drop or change signs.
#[must_use]
pub fn comparable(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// What names are looked for in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Searched {
    /// Its references and words, each [`comparable`], between spaces.
    pub words: String,
    /// All of them without spaces: banks break lines in the middle of a word.
    pub whole: String,
}

/// Shorter names are looked for as whole words only: such a text may stand in another by chance.
const LONG_NAME: usize = 12;
/// Still shorter ones name nothing: a day or a count may look alike.
const SHORT_NAME: usize = 5;

impl Searched {
    /// Of a line.
    #[must_use]
    pub fn of(line: &BankLine) -> Self {
        let parts = line.references.iter().chain(&line.bank_reference).map(String::as_str);
        let (mut words, mut whole) = (String::from(" "), String::new());
        for part in parts.chain([line.text.as_str()]) {
            for word in part.split(|c: char| c.is_whitespace() || "/+:;,.()?=&*".contains(c)) {
                let word = comparable(word);
                if !word.is_empty() {
                    words.push_str(&word);
                    words.push(' ');
                }
            }
            whole.push_str(&comparable(part));
            whole.push('|');
        }
        Self { words, whole }
    }

    /// True where this name, as [`comparable`] has it, stands in it.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        match name.len() {
            ..SHORT_NAME => false,
            SHORT_NAME..LONG_NAME => self.words.contains(&format!(" {name} ")),
            _ => self.whole.contains(name),
        }
    }
}

/// An account's number as it is kept: without spaces, in capitals, and without the currency that some banks
/// write behind an IBAN.
#[must_use]
pub fn account_number(said: &str, currency: Currency) -> String {
    let number: String =
        said.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    let bare = number.strip_suffix(currency.code()).unwrap_or(&number);
    let begins = bare.as_bytes();
    let is_iban = bare.len() >= 15
        && begins.iter().take(2).all(u8::is_ascii_alphabetic)
        && begins.iter().skip(2).take(2).all(u8::is_ascii_digit);
    if is_iban { bare.to_owned() } else { number }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(opening: i64, amounts: &[i64], closing: i64) -> BankStatement {
        let line = |amount_minor: &i64| BankLine { amount_minor: *amount_minor, ..BankLine::default() };
        BankStatement {
            account: "GB00".into(),
            currency: Currency::GBP,
            id: "1".into(),
            from: NaiveDate::MIN,
            to: NaiveDate::MAX,
            opening_minor: opening,
            closing_minor: closing,
            lines: amounts.iter().map(line).collect(),
            announced: 0,
        }
    }

    #[test]
    fn a_statement_adds_up_or_says_both_figures() {
        assert_eq!(statement(100, &[50, -30], 120).adds_up(), Ok(()));
        assert_eq!(statement(-5, &[], -5).adds_up(), Ok(()));
        let wrong = statement(100, &[50, -30], 121).adds_up().unwrap_err();
        assert_eq!((wrong.sum.minor(), wrong.closing.minor()), (120, 121));
        assert!(statement(i64::MAX, &[1], 0).adds_up().is_err());
    }

    #[test]
    fn names_are_found_as_banks_write_them_and_not_by_chance() {
        let line = BankLine {
            references: vec!["STRIPE-ABC12".into()],
            text: "SVWZ+Payout po1NqLmE2e ZvKYlo2C0123456 STRIPE 2026".into(),
            ..BankLine::default()
        };
        let searched = Searched::of(&line);
        assert!(searched.names(&comparable("po_1NqLmE2eZvKYlo2C0123456")), "a break within a name");
        assert!(searched.names(&comparable("STRIPE-ABC12")));
        assert!(!searched.names(&comparable("ABC1")), "too short to name anything");
        assert!(!searched.names(&comparable("TRIPEABC1")), "a part of a word is no name");
        assert!(!searched.names(&comparable("po_2NqLmE2eZvKYlo2C0123456")));
    }

    #[test]
    fn account_numbers_are_compared_without_what_banks_add() {
        for (said, want) in [
            ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
            ("nl69ingb0123456789eur", "NL69INGB0123456789"),
            ("37040044/0532013000EUR", "37040044/0532013000EUR"),
        ] {
            assert_eq!(account_number(said, Currency::EUR), want);
        }
    }
}
