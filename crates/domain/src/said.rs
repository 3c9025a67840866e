//! Values in sentences. A sentence is stored and logged as plain text; an amount, a period or an instant in
//! it stands between signs that nobody sees, so that a page finds it without guessing and writes it as its
//! reader has them. A text without such signs is only text: it is shown as it is.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::{Currency, Money};

/// Invisible operators of Unicode (U+2061 to U+2064, general category Cf, "Format"): they have no width and
/// no meaning of their own in prose.
const AMOUNT: char = '\u{2061}';
const PERIOD: char = '\u{2062}';
const INSTANT: char = '\u{2064}';
const END: char = '\u{2063}';

const INSTANT_FORMAT: &str = "%Y-%m-%d %H:%M UTC";

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Text(String),
    /// An amount: major units as decimal text, and the currency's code.
    Amount(String, String),
    /// The key of an accounting period.
    Period(String),
    /// An instant, to the minute.
    Instant(DateTime<Utc>),
}

/// An amount for a sentence: `120.00 GBP`.
#[must_use]
pub fn amount(money: Money) -> String {
    format!("{AMOUNT}{money}{END}")
}

/// The same of a sum that may be wider than an amount, by its decimal text.
#[must_use]
pub fn amount_text(number: &str, currency: Currency) -> String {
    format!("{AMOUNT}{number} {currency}{END}")
}

/// A period for a sentence, by its key.
#[must_use]
pub fn period(key: &str) -> String {
    format!("{PERIOD}{key}{END}")
}

/// An instant for a sentence, to the minute: `2026-11-03 08:12 UTC`.
#[must_use]
pub fn instant(at: DateTime<Utc>) -> String {
    format!("{INSTANT}{}{END}", at.format(INSTANT_FORMAT))
}

fn is_sign(c: char) -> bool {
    matches!(c, AMOUNT | PERIOD | INSTANT | END)
}

/// The sentence as everybody but a page has it: in files, in the log and on a terminal.
#[must_use]
pub fn plain(sentence: &str) -> String {
    sentence.replace(is_sign, "")
}

/// The sentence in pieces. What stands between signs and is no such value is words: what a vendor wrote may
/// hold anything.
#[must_use]
pub fn parts(sentence: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = sentence;
    while let Some(at) = rest.find(|c| matches!(c, AMOUNT | PERIOD | INSTANT)) {
        let (before, marked) = rest.split_at(at);
        words(&mut parts, before);
        let Some((value, after)) = marked.split_once(END) else {
            rest = marked;
            break;
        };
        match valued(value) {
            Some(part) => parts.push(part),
            None => words(&mut parts, value),
        }
        rest = after;
    }
    words(&mut parts, rest);
    parts
}

/// Adds words to those before them.
fn words(parts: &mut Vec<Part>, text: &str) {
    let text = plain(text);
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(before)) => before.push_str(&text),
        _ => parts.push(Part::Text(text)),
    }
}

/// The value behind its sign.
fn valued(marked: &str) -> Option<Part> {
    let mut letters = marked.chars();
    let sign = letters.next()?;
    let text = letters.as_str();
    match sign {
        AMOUNT => {
            let (number, currency) = text.split_once(' ')?;
            let digits = number.strip_prefix('-').unwrap_or(number);
            let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
                && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
                && digits.matches('.').count() < 2;
            let is_code = currency.len() == 3 && currency.chars().all(|c| c.is_ascii_uppercase());
            (is_number && is_code).then(|| Part::Amount(number.to_owned(), currency.to_owned()))
        }
        PERIOD => (!text.is_empty() && !text.contains(is_sign)).then(|| Part::Period(text.to_owned())),
        INSTANT => {
            NaiveDateTime::parse_from_str(text, INSTANT_FORMAT).ok().map(|at| Part::Instant(at.and_utc()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, Currency::new(code).unwrap())
    }

    #[test]
    fn a_sentence_is_plain_where_nobody_formats_it() {
        let said = format!(
            "Invoice INV-1 of {} is of {}; it was due on {}.",
            amount(money(3_776_198, "GBP")),
            period("2026-05"),
            instant("2026-11-03T08:12:40Z".parse().unwrap())
        );
        let told = "Invoice INV-1 of 37761.98 GBP is of 2026-05; it was due on 2026-11-03 08:12 UTC.";
        assert_eq!(plain(&said), told);
        assert_eq!(
            parts(&said),
            [
                Part::Text("Invoice INV-1 of ".to_owned()),
                Part::Amount("37761.98".to_owned(), "GBP".to_owned()),
                Part::Text(" is of ".to_owned()),
                Part::Period("2026-05".to_owned()),
                Part::Text("; it was due on ".to_owned()),
                Part::Instant("2026-11-03T08:12:00Z".parse().unwrap()),
                Part::Text(".".to_owned()),
            ]
        );
    }

    #[test]
    fn a_text_from_before_is_one_piece_and_nothing_in_it_is_taken_for_a_value() {
        let old = "Invoice 2026-05 of 37761.98 GBP is booked as 12.00 GBP instead of 2026-05-01.";
        assert_eq!(parts(old), [Part::Text(old.to_owned())]);
        assert_eq!(parts(""), []);
    }

    #[test]
    fn what_a_vendor_put_between_the_signs_is_words() {
        let (open, end) = (AMOUNT, END);
        for (text, words) in [
            (format!("a {open}pay me 5{end} b"), "a pay me 5 b"),
            (format!("a {open}5.0.0 GBP{end}"), "a 5.0.0 GBP"),
            (format!("a {open}1.00 GBP"), "a 1.00 GBP"),
            (format!("{end}{open}{end}"), ""),
        ] {
            let want: Vec<Part> = if words.is_empty() { vec![] } else { vec![Part::Text(words.to_owned())] };
            assert_eq!(parts(&text), want, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn pieces_put_together_again_are_the_plain_sentence(text in "[ab\u{2061}-\u{2064}1-9. GBP-]{0,40}") {
            let together: String = parts(&text).into_iter().map(|part| match part {
                Part::Text(words) | Part::Period(words) => words,
                Part::Amount(number, code) => format!("{number} {code}"),
                Part::Instant(at) => at.format(INSTANT_FORMAT).to_string(),
            }).collect();
            prop_assert_eq!(together, plain(&text));
        }
    }
}
