//! Names of months as people write them, in the languages of the files that are read.

/// Month by month: names and their short forms, lower case, without dots.
const NAMES: [&[&str]; 12] = [
    &[
        "january",
        "jan",
        "januar",
        "j\u{e4}nner",
        "j\u{e4}n",
        "janvier",
        "janv",
        "enero",
        "ene",
        "gennaio",
        "gen",
    ],
    &[
        "february",
        "feb",
        "februar",
        "feber",
        "f\u{e9}vrier",
        "fevrier",
        "f\u{e9}vr",
        "fevr",
        "febrero",
        "febbraio",
    ],
    &["march", "mar", "m\u{e4}rz", "maerz", "m\u{e4}r", "mrz", "mars", "marzo"],
    &["april", "apr", "avril", "avr", "abril", "abr", "aprile"],
    &["may", "mai", "mayo", "maggio", "mag"],
    &["june", "jun", "juni", "juin", "junio", "giugno", "giu"],
    &["july", "jul", "juli", "juillet", "juil", "julio", "luglio", "lug"],
    &["august", "aug", "ao\u{fb}t", "aout", "agosto", "ago"],
    &["september", "sep", "sept", "septembre", "septiembre", "set", "settembre"],
    &["october", "oct", "oktober", "okt", "octobre", "octubre", "ottobre", "ott"],
    &["november", "nov", "novembre", "noviembre"],
    &[
        "december",
        "dec",
        "dezember",
        "dez",
        "d\u{e9}cembre",
        "d\u{e9}c",
        "decembre",
        "diciembre",
        "dic",
        "dicembre",
    ],
];

const SHORT: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The number of the month that a word names, from 1.
#[must_use]
pub fn number(word: &str) -> Option<usize> {
    let word = word.trim_end_matches('.').to_lowercase();
    NAMES.iter().position(|names| names.contains(&word.as_str())).map(|at| at + 1)
}

/// The same text with its month in English and short, and without dots behind words, ordinals and
/// articles, so that one format reads the dates of all of these languages.
#[must_use]
pub fn english(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphabetic() {
            word.push(c);
            if chars.peek().is_none_or(|next| !next.is_alphabetic()) {
                push(&mut out, &word);
                word.clear();
            }
        } else if c == '.' && chars.peek().is_none_or(|next| !next.is_ascii_digit()) {
            // `15. Dez. 2025`, `15.Dez.2025`
            if chars.peek().is_some_and(|next| next.is_alphabetic()) {
                out.push(' ');
            }
        } else if c == '.' && out.ends_with(|last: char| last.is_alphabetic()) {
            out.push(' ');
        } else {
            out.push(c);
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn push(out: &mut String, word: &str) {
    let lower = word.to_lowercase();
    let after_digit = out.ends_with(|c: char| c.is_ascii_digit());
    match number(word).and_then(|month| SHORT.get(month - 1)) {
        Some(short) => out.push_str(short),
        // 1er janvier, 1st January, 15 de enero
        None if after_digit && ["st", "nd", "rd", "th", "er"].contains(&lower.as_str()) => {}
        None if ["de", "del", "of"].contains(&lower.as_str()) => {}
        None => out.push_str(word),
    }
}

#[cfg(test)]
mod tests {
    use super::english;

    #[test]
    fn months_of_four_languages_are_written_as_one() {
        for (text, want) in [
            ("15. Dez. 2025", "15 Dec 2025"),
            ("15.Dez.2025", "15 Dec 2025"),
            ("15 f\u{e9}vr. 2026", "15 Feb 2026"),
            ("1er ao\u{fb}t 2026", "1 Aug 2026"),
            ("3 de enero de 2026", "3 Jan 2026"),
            ("January 15, 2026", "Jan 15, 2026"),
            ("15-M\u{e4}rz-26", "15-Mar-26"),
            ("1/15/2026 11:30 PM", "1/15/2026 11:30 PM"),
        ] {
            assert_eq!(english(text), want, "{text}");
        }
    }
}
