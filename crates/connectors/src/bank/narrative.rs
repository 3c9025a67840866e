//! What field 86 of an MT940 says of a line: fields behind `?20`, words like `EREF+` or `/EREF/` within
//! them, or plain text.

/// Who paid, what names it, and the words.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Narrative {
    pub references: Vec<String>,
    pub counterparty: Option<String>,
    pub text: String,
}

/// The words by which German banks tell the parts of a SEPA payment.
const PLUS_WORDS: [&str; 16] = [
    "EREF", "KREF", "MREF", "PREF", "RREF", "CRED", "DEBT", "COAM", "OAMT", "SVWZ", "ABWA", "ABWE", "IBAN",
    "BIC", "TRCD", "PURP",
];
/// Those that name the payment.
const NAMES: [&str; 7] = ["EREF", "KREF", "MREF", "PREF", "RREF", "MARF", "RTRN"];

/// Reads the lines of a field 86.
pub(super) fn read(lines: &[&str]) -> Narrative {
    let joined = lines.concat();
    match subfields(&joined) {
        Some(fields) => structured(&fields),
        None => plain(lines),
    }
}

/// `166?00CREDIT?20SVWZ+…`: the fields by their numbers. The sign between them is the bank's choice.
fn subfields(text: &str) -> Option<Vec<(u8, String)>> {
    let mut chars = text.chars();
    if !chars.by_ref().take(3).all(|c| c.is_ascii_digit()) {
        return None;
    }
    let sign = chars.next().filter(|c| !c.is_alphanumeric() && !c.is_whitespace() && *c != '/')?;
    let mut fields: Vec<(u8, String)> = Vec::new();
    for part in text.split(sign).skip(1) {
        match part.get(..2).and_then(|number| number.parse().ok()) {
            Some(number) => fields.push((number, part[2..].to_owned())),
            // The sign may also stand in the text.
            None => {
                let (_, text) = fields.last_mut()?;
                text.push(sign);
                text.push_str(part);
            }
        }
    }
    (!fields.is_empty()).then_some(fields)
}

fn structured(fields: &[(u8, String)]) -> Narrative {
    let of = |wanted: &dyn Fn(u8) -> bool| -> String {
        fields.iter().filter(|(number, _)| wanted(*number)).map(|(_, text)| text.as_str()).collect()
    };
    let purpose = of(&|number| matches!(number, 20..=29 | 60..=63));
    let name = of(&|number| matches!(number, 32 | 33)).trim().to_owned();
    let parts = plus_parts(&purpose);
    let references = parts.iter().filter(|(word, _)| NAMES.contains(word)).map(|(_, text)| text.clone());
    let posting = of(&|number| number == 0);
    let text = [posting.trim(), purpose.trim()].into_iter().filter(|part| !part.is_empty());
    Narrative {
        references: references.filter(|text| is_name(text)).collect(),
        counterparty: (!name.is_empty()).then_some(name),
        text: text.collect::<Vec<_>>().join(" "),
    }
}

/// The parts behind `EREF+` and its like.
fn plus_parts(text: &str) -> Vec<(&'static str, String)> {
    let mut starts: Vec<(usize, &'static str)> = PLUS_WORDS
        .iter()
        .flat_map(|word| {
            text.match_indices(&format!("{word}+")).map(|(at, _)| (at, *word)).collect::<Vec<_>>()
        })
        .collect();
    starts.sort_unstable();
    let end = |n: usize| starts.get(n + 1).map_or(text.len(), |(next, _)| *next);
    let one = |(n, (at, word)): (usize, &(usize, &'static str))| {
        (*word, text[at + word.len() + 1..end(n)].trim().to_owned())
    };
    starts.iter().enumerate().map(one).collect()
}

/// `/EREF/…/CNTP/IBAN/BIC/NAME/CITY/REMI/…`, or words alone.
fn plain(lines: &[&str]) -> Narrative {
    let joined = lines.concat();
    let parts: Vec<&str> = joined.split('/').map(str::trim).collect();
    let behind = |word: &str, steps: usize| {
        let at = parts.iter().position(|part| *part == word)?;
        parts.get(at + steps).copied().filter(|text| !text.is_empty())
    };
    let named = NAMES.iter().filter_map(|word| behind(word, 1));
    let mut references: Vec<String> = named.filter(|text| is_name(text)).map(str::to_owned).collect();
    let plus = plus_parts(&joined).into_iter().filter(|(word, _)| NAMES.contains(word));
    references.extend(plus.map(|(_, text)| text).filter(|text| is_name(text)));
    let counterparty = behind("NAME", 1).or_else(|| behind("CNTP", 3));
    Narrative {
        references,
        counterparty: counterparty.map(str::to_owned),
        text: lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" "),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !["NONREF", "NOTPROVIDED"].contains(&text.to_ascii_uppercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_german_banks_are_joined_across_their_breaks() {
        let lines = [
            "166?00GUTSCHRIFT?109310?20EREF+PO1NQLME2E?21ZVKYLO2C0123456SVWZ+STRIPE",
            "?22 PAYOUT?30DEUTDEFFXXX?31DE02120300000000202051?32STRIPE TECHNOL?33OGY EUROPE",
        ];
        let read = read(&lines);
        assert_eq!(read.references, ["PO1NQLME2EZVKYLO2C0123456"]);
        assert_eq!(read.counterparty.as_deref(), Some("STRIPE TECHNOLOGY EUROPE"));
        assert_eq!(read.text, "GUTSCHRIFT EREF+PO1NQLME2EZVKYLO2C0123456SVWZ+STRIPE PAYOUT");
    }

    #[test]
    fn words_between_slashes_and_plain_text_are_read_too() {
        let dutch = read(&[
            "/EREF/E2E-77//CNTP/NL71RABO0123456789/RABONL2U/Bakker BV/Utrecht//REMI/",
            "USTD//Inv 9/",
        ]);
        assert_eq!(dutch.references, ["E2E-77"]);
        assert_eq!(dutch.counterparty.as_deref(), Some("Bakker BV"));
        let plain = read(&["STRIPE PAYMENTS UK LTD", "REF 8812"]);
        assert_eq!((plain.references.len(), plain.text.as_str()), (0, "STRIPE PAYMENTS UK LTD REF 8812"));
    }
}
