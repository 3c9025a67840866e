//! What the rows of a report say of themselves: that they are totals, balances, or name what the lines below
//! them belong to.

use super::label::is_label;

/// Words before the name of what a total closes, lower case; longer ones first.
const TOTAL_BEFORE: [&str; 22] = [
    "total for account",
    "total general",
    "total movement for",
    "totals for",
    "total for",
    "total of",
    "total del",
    "total de",
    "total du compte",
    "total du",
    "total cuenta",
    "total compte",
    "total konto",
    "subtotal",
    "sub-total",
    "grand total",
    "gesamtsumme",
    "zwischensumme",
    "summe",
    "somme",
    "sum",
    "total",
];

/// Words behind the name of what a total closes.
const TOTAL_BEHIND: [&str; 5] = ["total", "totals", "subtotal", "summe", "gesamt"];

/// Beginnings of rows that say a balance, lower case.
const BALANCES: [&str; 46] = [
    "opening balance",
    "opening",
    "beginning balance",
    "begin balance",
    "balance forward",
    "balance brought forward",
    "balance b/f",
    "balance b/d",
    "brought forward",
    "carried forward",
    "balance carried",
    "balance c/f",
    "balance c/d",
    "balance as",
    "balance at",
    "previous balance",
    "starting balance",
    "closing balance",
    "closing",
    "ending balance",
    "end balance",
    "net movement",
    "net change",
    "net activity",
    "total movement",
    "movement",
    "history balance",
    "current balance",
    "anfangsbestand",
    "anfangssaldo",
    "eroeffnungssaldo",
    "er\u{f6}ffnungssaldo",
    "saldovortrag",
    "eb-wert",
    "endsaldo",
    "endbestand",
    "schlusssaldo",
    "report \u{e0} nouveau",
    "solde initial",
    "solde d'ouverture",
    "solde final",
    "solde de cl\u{f4}ture",
    "a nouveau",
    "saldo inicial",
    "saldo anterior",
    "saldo final",
];

fn plain(text: &str) -> String {
    text.trim_matches(|c: char| !c.is_alphanumeric())
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// True for a row that says a balance and no movement.
#[must_use]
pub fn is_balance(text: &str) -> bool {
    let text = plain(text);
    BALANCES
        .iter()
        .any(|word| text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
}

/// What a total closes: `Some("")` where it names nothing; `None` for a text that is no total.
#[must_use]
pub fn total_of(text: &str) -> Option<&str> {
    let bare = text.trim();
    if is_label(bare) || (bare.starts_with('*') && bare.chars().all(|c| c == '*')) {
        return Some("");
    }
    if let Some(rest) = bare.strip_prefix("**") {
        return Some(rest.trim_matches(['*', ' ']));
    }
    for word in TOTAL_BEFORE {
        let Some(head) = bare.get(..word.len()).filter(|head| head.to_lowercase() == word) else { continue };
        let rest = &bare[head.len()..];
        if rest.starts_with(|c: char| c.is_whitespace() || matches!(c, '-' | ':')) {
            return Some(
                rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | ':' | '\u{2013}')),
            );
        }
    }
    for word in TOTAL_BEHIND {
        let Some(at) = bare.len().checked_sub(word.len()).filter(|at| bare.is_char_boundary(*at)) else {
            continue;
        };
        if bare[at..].to_lowercase() == word && bare[..at].ends_with(char::is_whitespace) {
            return Some(bare[..at].trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | ':')));
        }
    }
    None
}

/// What a row names that begins with one of these words: `Account: 1100 - Debtors`, `G/L Account   140000`.
/// A word without a colon needs a number behind it, since `Account Transactions` is a title.
#[must_use]
pub fn named_by(cells: &[&str], words: &[String]) -> Option<String> {
    let first = cells.first()?;
    for word in words.iter().filter(|word| word.as_str() != "*") {
        let word = word.trim_end_matches(':').trim();
        let Some(head) = first.get(..word.len()).filter(|head| head.to_lowercase() == word.to_lowercase())
        else {
            continue;
        };
        let rest = &first[head.len()..];
        if rest.starts_with(char::is_alphanumeric) {
            continue;
        }
        let colon = rest.trim_start().starts_with(':');
        let mut value: Vec<&str> = rest.split_whitespace().collect();
        let own = value.iter().any(|part| part.chars().any(char::is_alphanumeric));
        if !own {
            value.extend(cells.get(1)?.split_whitespace());
            // `N/C: | 1100 | Name: | Debtors`
            if cells.get(2).is_some_and(|label| label.to_lowercase().starts_with("name")) {
                value.extend(cells.get(3)?.split_whitespace());
            }
        }
        let joined = value.join(" ");
        let value = joined.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '.' | '#'));
        let begins = value.starts_with(|c: char| c.is_ascii_digit());
        if !value.is_empty() && (begins || colon || (!own && cells.len() == 2)) {
            return Some(value.to_owned());
        }
    }
    None
}

/// What stands in a text behind the word that it begins with, if that is one of these.
#[must_use]
pub fn behind<'t>(text: &'t str, words: &[String]) -> Option<&'t str> {
    let begins = |word: &String| {
        let word = word.trim();
        let head = text.get(..word.len()).filter(|head| head.to_lowercase() == word.to_lowercase())?;
        text.get(head.len()..).filter(|rest| !rest.starts_with(char::is_alphanumeric))
    };
    words.iter().find_map(begins).map(|rest| rest.trim_matches(|c: char| c.is_whitespace() || c == ':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_known_by_what_they_close() {
        for (text, closes) in [
            ("Total for 1010 Checking", "1010 Checking"),
            ("Total Accounts Receivable", "Accounts Receivable"),
            ("Total - 1100 - Accounts Receivable", "1100 - Accounts Receivable"),
            ("TOTAL", ""),
            ("***", ""),
            ("** Account 140000   1.284,00 EUR", "Account 140000   1.284,00 EUR"),
            ("Summe Konto 1200", "Konto 1200"),
            ("4000 Sales Total", "4000 Sales"),
        ] {
            assert_eq!(total_of(text), Some(closes), "{text}");
        }
        for text in ["Totally new", "Subtotally", "1100 Accounts Receivable", "", "* note"] {
            assert_eq!(total_of(text), None, "{text}");
        }
    }

    #[test]
    fn balances_and_headings_are_known_by_how_they_begin() {
        assert!(is_balance("Opening Balance as at :01/01/2026") && is_balance("Saldo anterior"));
        assert!(!is_balance("Openings Ltd") && !is_balance("Balance sheet") && !is_balance("1010 Checking"));
        let words = ["Account".to_owned(), "G/L Account".to_owned()];
        let named = |cells: &[&str]| named_by(cells, &words);
        assert_eq!(named(&["Account: 1100 - Trade debtors"]).as_deref(), Some("1100 - Trade debtors"));
        assert_eq!(named(&["G/L Account         140000"]).as_deref(), Some("140000"));
        assert_eq!(named(&["Account:", "Sales"]).as_deref(), Some("Sales"));
        assert_eq!(named(&["Account:", "1100", "Name:", "Debtors"]).as_deref(), Some("1100 Debtors"));
        assert_eq!(named(&["Account Transactions"]), None);
        assert_eq!(named(&["Account", "Date", "Amount"]), None);
    }
}
