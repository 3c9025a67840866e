//! What stands beside a number in a cell: signs and codes of currencies, `Dr` and `Cr`, and what keeps a
//! spreadsheet from computing.

use tieout_domain::Currency;

/// Words behind a number that say its side; true for a credit.
const SIDES: [(&str, bool); 6] =
    [("dr", false), ("cr", true), ("s", false), ("h", true), ("dt", false), ("ct", true)];

/// Signs of currencies that are written in letters.
const LETTERS: [&str; 12] =
    ["us$", "r$", "a$", "c$", "nz$", "hk$", "s$", "kr", "z\u{142}", "fr.", "fr", "rs."];

/// True for the sign of a currency.
fn is_sign(c: char) -> bool {
    matches!(c, '$' | '\u{a2}'..='\u{a5}' | '\u{20a0}'..='\u{20cf}' | '\u{e3f}' | '\u{fdfc}')
}

fn is_minus(c: char) -> bool {
    matches!(c, '-' | '\u{2212}' | '\u{2013}')
}

/// The number in a text, and whether a word beside it turns its sign; `None` where the text is no number
/// with what may stand beside one. A minus stands before the digits then, or behind them.
#[must_use]
pub fn bare(text: &str) -> Option<(bool, String)> {
    let text = undefused(text.trim());
    let (negative, text) = match text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => (true, inner.trim()),
        None => (false, text),
    };
    let (before, text) = minus(text);
    let (side, text) = side(text);
    let text = without_currency(text);
    let (between, text) = minus(text);
    let text = without_currency(text);
    let (behind, text) = match text.strip_suffix(is_minus) {
        Some(rest) => (true, rest.trim()),
        None => (false, text),
    };
    let signs = u8::from(negative) + u8::from(before) + u8::from(between) + u8::from(behind);
    let numeric = text.chars().next().is_some_and(|c| c.is_ascii_digit() || matches!(c, '.' | ','));
    // A minus and a word for the other side say two things.
    if signs > 1 || !numeric || (signs == 1 && side == Some(true)) {
        return None;
    }
    Some(((signs == 1) != side.unwrap_or(false), text.to_owned()))
}

/// The text within `="…"`, or behind an apostrophe.
fn undefused(text: &str) -> &str {
    if let Some(inner) = text.strip_prefix("=\"").and_then(|inner| inner.strip_suffix('"')) {
        return inner.trim();
    }
    text.strip_prefix('\'').or_else(|| text.strip_prefix('\u{2019}')).unwrap_or(text).trim()
}

fn minus(text: &str) -> (bool, &str) {
    match text.strip_prefix(is_minus) {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    }
}

fn side(text: &str) -> (Option<bool>, &str) {
    let end = text.trim_end_matches('.');
    let word = end.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let letters = end.get(word.len()..).unwrap_or_default().to_ascii_lowercase();
    match SIDES.iter().find(|(known, _)| *known == letters) {
        Some((_, credit)) => (Some(*credit), word.trim_end()),
        None => (None, text),
    }
}

fn without_currency(text: &str) -> &str {
    let text = text.trim_matches(|c: char| is_sign(c) || c.is_whitespace());
    let lower = text.to_lowercase();
    for letters in LETTERS {
        // Lower case may have another length than what it is of: then neither end is cut.
        if lower.len() != text.len() {
            break;
        }
        if lower.starts_with(letters) {
            return text.get(letters.len()..).unwrap_or_default().trim();
        }
        if lower.ends_with(letters) {
            return text.get(..text.len() - letters.len()).unwrap_or_default().trim();
        }
    }
    let code = |part: Option<&str>| part.is_some_and(|part| Currency::new(part).is_ok());
    if code(text.get(..3)) {
        return text.get(3..).unwrap_or_default().trim();
    }
    match text.len().checked_sub(3).filter(|at| text.is_char_boundary(*at)) {
        Some(at) if code(text.get(at..)) => text.get(..at).unwrap_or_default().trim(),
        _ => text,
    }
}
