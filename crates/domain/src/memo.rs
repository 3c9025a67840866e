//! The words of a memo that could be a document's name.

use std::collections::BTreeSet;

/// Digits that stand for a document by themselves. A shorter number is as likely a day, a street or a count.
const LONG_ENOUGH: usize = 5;

/// Words after which a short number is a document's: "invoice 1001", "Rechnung Nr. 17".
const INTRODUCES: [&str; 28] = [
    "invoice",
    "inv",
    "bill",
    "no",
    "nr",
    "num",
    "number",
    "ref",
    "reference",
    "document",
    "doc",
    "credit",
    "note",
    "memo",
    "cn",
    "rechnung",
    "rg",
    "re",
    "beleg",
    "gutschrift",
    "facture",
    "fact",
    "avoir",
    "factura",
    "fattura",
    "faktura",
    "payment",
    "n°",
];

/// What of a memo could be a document's name: its words, without the signs around them, of which each has a
/// digit. A number of fewer than five digits counts only behind a word (or a `#`) that introduces one, so
/// that "12 months" names no invoice 12.
#[must_use]
pub fn names(memo: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut before = String::new();
    for word in memo.split(|c: char| c.is_whitespace() || ",;:()[]{}\"'|=".contains(c)) {
        let marked = word.starts_with('#');
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        if word.is_empty() {
            if marked {
                "#".clone_into(&mut before);
            }
            continue;
        }
        let number = word.bytes().all(|byte| byte.is_ascii_digit());
        let introduced = marked || before == "#" || INTRODUCES.contains(&before.as_str());
        let named = word.bytes().any(|byte| byte.is_ascii_digit());
        if named && (!number || word.len() >= LONG_ENOUGH || introduced) {
            found.insert(word.to_owned());
        }
        before = word.to_lowercase();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::names;

    #[track_caller]
    fn check(memo: &str, want: &[&str]) {
        assert_eq!(names(memo).into_iter().collect::<Vec<_>>(), want, "{memo}");
    }

    #[test]
    fn the_words_with_a_digit_are_names_without_the_signs_around_them() {
        check("Payment received INV-0101, thanks", &["INV-0101"]);
        check("Stripe transfer (po_1Nk2) 4 June", &["po_1Nk2"]);
        check("INV/2026/0001: part 1 of 2", &["INV/2026/0001"]);
        check("Wire ref: 20260001.", &["20260001"]);
        check("bank charges", &[]);
        check("", &[]);
    }

    #[test]
    fn a_short_number_counts_only_where_a_word_introduces_it() {
        check("Payment of invoice 1001", &["1001"]);
        check("Rechnung Nr. 17 bezahlt", &["17"]);
        check("#1001", &["1001"]);
        check("paid # 1001", &["1001"]);
        check("Rent 12 months, suite 1001, 2026", &[]);
    }
}
