//! Words by which a report's rows say that they are totals.

use tieout_domain::Currency;

/// Words for a total, lower case, as reports write them.
const WORDS: [&str; 30] = [
    "total",
    "totals",
    "grand total",
    "overall total",
    "report total",
    "sub total",
    "subtotal",
    "sum",
    "summe",
    "gesamt",
    "gesamtsumme",
    "gesamtbetrag",
    "zwischensumme",
    "endsumme",
    "endbetrag",
    "saldo",
    "total general",
    "total g\u{e9}n\u{e9}ral",
    "sous total",
    "somme",
    "suma",
    "suma total",
    "totale",
    "totale generale",
    "totaal",
    "eindtotaal",
    "totalt",
    "razem",
    "\u{f6}sszesen",
    "yhteens\u{e4}",
];

/// True where a text is a word for a total, alone or with a currency behind it: `Grand Total:`, `Summe EUR`.
#[must_use]
pub fn is_label(text: &str) -> bool {
    let plain: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let is_word = |words: &[&str]| WORDS.contains(&words.join(" ").to_lowercase().as_str());
    match words.split_last() {
        Some((last, before)) if Currency::new(last).is_ok() && is_word(before) => true,
        _ => is_word(&words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_for_a_total_stands_alone_or_with_a_currency() {
        for text in ["Total", "GRAND TOTAL:", "Overall Total", "Sub-Total", "Summe EUR", "** Total **"] {
            assert!(is_label(text), "{text}");
        }
        for text in ["Total care package", "Total Ltd", "INV-Total", "", "Sum of parts", "EUR"] {
            assert!(!is_label(text), "{text}");
        }
    }
}
