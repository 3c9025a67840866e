//! How a file writes its dates and numbers: every way that reads all of its cells, and the one that is left
//! once the file's own rows have ruled out the others.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::super::{
    date::{DateFormats, SERIAL, check_day},
    number::{Exact, Negative, NumberFormat},
};

const DAYS: [&str; 25] = [
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y%m%d",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d.%m.%y",
    "%d-%m-%y",
    "%m-%d-%y",
    "%y-%m-%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d/%b/%Y",
    "%b %d, %Y",
    "%b %d %Y",
    "%d %b %y",
    "%d-%b-%y",
    "%d/%b/%y",
    "%d%m%Y",
    SERIAL,
];

const TIMES: [&str; 12] = [
    "",
    " %H:%M",
    " %H:%M:%S",
    " %I:%M %p",
    " %I:%M:%S %p",
    "T%H:%M",
    "T%H:%M:%S",
    "T%H:%M:%S%.f",
    " %H:%M:%S%.f",
    " %H:%M UTC",
    " %H:%M:%S UTC",
    ", %I:%M %p",
];

/// Which of day and month is written first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The day.
    DayFirst,
    /// The month.
    MonthFirst,
}

/// Why the dates or numbers of a file cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt(pub String);

/// How cells look: runs of digits and letters.
fn skeleton(text: &str) -> String {
    let mut out = String::new();
    let mut run = 0;
    for c in text.chars() {
        match c {
            c if c.is_ascii_digit() => {
                run += 1;
                // One digit or two look alike.
                if run != 2 {
                    out.push('9');
                }
                continue;
            }
            c if c.is_alphabetic() => {
                if !out.ends_with('a') {
                    out.push('a');
                }
            }
            c => out.push(c),
        }
        run = 0;
    }
    out
}

struct Way {
    text: String,
    format: DateFormats,
}

fn ways() -> Vec<Way> {
    let one = |text: String| Some(Way { format: DateFormats::new(std::slice::from_ref(&text)).ok()?, text });
    let dates = DAYS.iter().flat_map(|day| TIMES.iter().map(move |time| format!("{day}{time}")));
    let rest = ["%Y-%m-%dT%H:%M:%S%:z", "%Y-%m-%d %H:%M:%S%:z", "%Y-%m-%d %H:%M:%S %z", "%+"];
    let serial_with_time = |text: &String| text.starts_with(SERIAL) && text != SERIAL;
    dates.filter(|text| !serial_with_time(text)).chain(rest.map(str::to_owned)).filter_map(one).collect()
}

fn order_of(format: &str) -> Option<Order> {
    let day = format.find("%d")?;
    let month = format.find("%m")?;
    let year = format.find("%Y").or_else(|| format.find("%y"))?;
    (year > day.min(month)).then_some(if day < month { Order::DayFirst } else { Order::MonthFirst })
}

/// The order that one text decides: a date by slashes or dashes of which one number is above 12.
pub(super) fn decides(text: &str) -> Option<Order> {
    let parts: Vec<&str> = text.split(['/', '-']).collect();
    let [first, second, year] = parts.as_slice() else { return None };
    let number = |part: &str| (part.len() <= 2).then(|| part.parse::<u32>().ok())?;
    if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    match (number(first)?, number(second)?) {
        (13..=31, 1..=12) => Some(Order::DayFirst),
        (1..=12, 13..=31) => Some(Order::MonthFirst),
        _ => None,
    }
}

/// The order that texts of the file decide: none where they contradict each other.
fn decided<'c>(around: impl Iterator<Item = &'c str>, dates: &BTreeSet<&'c str>) -> Option<Order> {
    let words = around.flat_map(str::split_whitespace).map(|word| word.trim_matches([',', '.', ':', ';']));
    let found: Vec<Order> = words.chain(dates.iter().copied()).filter_map(decides).collect();
    let first = found.first().copied()?;
    found.iter().all(|order| *order == first).then_some(first)
}

/// The formats of these dates; `around` are other texts of the file that may decide an order.
///
/// # Errors
/// [`Doubt`] for dates that fit two orders, or none.
pub fn dates<'c>(
    cells: impl Iterator<Item = &'c str>,
    around: impl Iterator<Item = &'c str>,
    said: Option<Order>,
    judged_on: NaiveDate,
) -> Result<Vec<String>, Doubt> {
    let distinct: BTreeSet<&str> = cells.filter(|text| !text.is_empty()).collect();
    let ways = ways();
    let mut alike: BTreeMap<String, (Vec<&str>, Vec<usize>)> = BTreeMap::new();
    // What is no date however it is read is told when its row is read.
    let readable = |text: &&str| ways.iter().any(|way| day(way, text, judged_on).is_some());
    for text in distinct.iter().copied().filter(readable) {
        let (texts, alive) =
            alike.entry(skeleton(text)).or_insert_with(|| (Vec::new(), (0..ways.len()).collect()));
        alive.retain(|way| day(&ways[*way], text, judged_on).is_some());
        texts.push(text);
    }
    let order = said.or_else(|| decided(around, &distinct));
    let mut formats: Vec<String> = Vec::new();
    for (texts, alive) in alike.values() {
        let mut alive: Vec<&Way> = alive.iter().map(|way| &ways[*way]).collect();
        if let Some(order) = order {
            let kept: Vec<&Way> = alive
                .iter()
                .copied()
                .filter(|way| order_of(&way.text).is_none_or(|own| own == order))
                .collect();
            alive = if kept.is_empty() { alive } else { kept };
        }
        let Some(first) = alive.first() else { continue };
        for text in texts {
            let one = day(first, text, judged_on);
            if let Some(other) = alive.iter().find(|way| day(way, text, judged_on) != one) {
                let days = [*first, *other]
                    .map(|way| day(way, text, judged_on).map_or_else(String::new, |day| day.to_string()));
                return Err(Doubt(format!(
                    "\"{text}\" is {} or {}, and no date of the file says which of day and month comes \
                     first: say --dates day-first or --dates month-first",
                    days[0], days[1]
                )));
            }
        }
        if !formats.contains(&first.text) {
            formats.push(first.text.clone());
        }
    }
    if formats.is_empty() {
        let example = distinct.first().copied().unwrap_or_default();
        return Err(Doubt(format!(
            "\"{example}\" is no date with a day, a month and a year that could be read: export dates as \
             2026-01-31"
        )));
    }
    let known = DateFormats::new(&formats).map_err(|e| Doubt(e.to_string()))?;
    let unread = distinct.iter().filter(|text| known.parse(text).is_err()).count();
    if unread * 2 > distinct.len() {
        let example = distinct.iter().find(|text| known.parse(text).is_err()).copied().unwrap_or_default();
        return Err(Doubt(format!(
            "most of its dates cannot be read, or are written in two orders (\"{example}\"): export dates as \
             2026-01-31"
        )));
    }
    Ok(formats)
}

fn day(way: &Way, text: &str, judged_on: NaiveDate) -> Option<NaiveDate> {
    let day = way.format.parse(text).ok()?.in_zone(Tz::UTC);
    check_day(day, judged_on).ok().map(|()| day)
}

/// Every way in which numbers may be written: the mark of decimals, and that of thousands.
const NUMBERS: [(char, Option<char>); 6] = [
    ('.', Some(',')),
    ('.', Some('\'')),
    ('.', Some(' ')),
    (',', Some('.')),
    (',', Some(' ')),
    (',', Some('\'')),
];

/// The format of these amounts; `around` are other numbers of the file that may decide.
///
/// # Errors
/// [`Doubt`] for numbers that fit two conventions.
pub fn numbers<'c>(
    cells: impl Iterator<Item = &'c str>,
    around: impl Iterator<Item = &'c str>,
    said: Option<char>,
) -> Result<NumberFormat, Doubt> {
    let format = |(decimal, thousands): (char, Option<char>)| NumberFormat {
        decimal,
        thousands,
        negative: vec![Negative::TrailingMinus, Negative::Parentheses],
        signs: true,
        nothing: ["-", "--", "\u{2013}", "\u{2014}"].map(str::to_owned).to_vec(),
    };
    let mut alive: Vec<NumberFormat> = NUMBERS.map(format).to_vec();
    alive.retain(|format| said.is_none_or(|mark| mark == format.decimal));
    // What nobody reads as a number is told when its row is read.
    let readable =
        |text: &&str| !text.is_empty() && NUMBERS.map(format).iter().any(|format| format.parse(text).is_ok());
    let distinct: BTreeSet<&str> = cells.filter(readable).collect();
    let decide = |alive: &mut Vec<NumberFormat>, texts: &mut dyn Iterator<Item = &'c str>| {
        for text in texts {
            let kept: Vec<NumberFormat> =
                alive.iter().filter(|format| format.parse(text).is_ok()).cloned().collect();
            if !kept.is_empty() {
                *alive = kept;
            }
        }
    };
    decide(&mut alive, &mut distinct.iter().copied());
    if let Some(doubt) = doubt(&alive, &distinct) {
        let around: BTreeSet<&str> = around.filter(readable).collect();
        decide(&mut alive, &mut around.iter().copied());
        if self::doubt(&alive, &distinct).is_some() {
            return Err(doubt);
        }
    }
    let plain = || format(('.', Some(',')));
    Ok(alive.into_iter().next().unwrap_or_else(plain))
}

fn doubt(alive: &[NumberFormat], cells: &BTreeSet<&str>) -> Option<Doubt> {
    let first = alive.first()?;
    let same = |one: Option<Exact>, other: Option<Exact>| match (one, other) {
        (Some(one), Some(other)) => one.plus(other.negated()).is_some_and(Exact::is_zero),
        (None, None) => true,
        _ => false,
    };
    let read = |format: &NumberFormat, text: &str| format.parse(text).ok();
    let unsure =
        cells.iter().find(|text| alive.iter().any(|other| !same(read(first, text), read(other, text))))?;
    Some(Doubt(format!(
        "\"{unsure}\" may have a mark of thousands or of decimals, and no other number of the file says \
         which: export numbers with their decimals"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: &[&str], around: &[&str]) -> Result<Vec<String>, Doubt> {
        let judged = NaiveDate::from_ymd_opt(2026, 6, 30).unwrap();
        dates(cells.iter().copied(), around.iter().copied(), None, judged)
    }

    #[test]
    fn the_files_own_rows_decide_which_of_day_and_month_comes_first() {
        assert_eq!(read(&["02/01/2026", "23/01/2026"], &[]).unwrap(), ["%d/%m/%Y"]);
        assert_eq!(read(&["01/02/2026", "01/28/2026"], &[]).unwrap(), ["%m/%d/%Y"]);
        assert_eq!(read(&["01/02/2026"], &["From 01/01/2026 to 31/03/2026"]).unwrap(), ["%d/%m/%Y"]);
        assert_eq!(read(&["05/05/2026"], &[]).unwrap(), ["%d/%m/%Y"], "both ways are one day");
        assert!(read(&["02/03/2026"], &[]).unwrap_err().0.contains("2026-02-03"));
        assert!(read(&["13/01/2026", "01/28/2026"], &[]).is_err());
    }

    #[test]
    fn dates_are_read_as_people_and_programs_write_them() {
        for (cell, format) in [
            ("2026.01.15", "%Y.%m.%d"),
            ("20260115", "%Y%m%d"),
            ("15.01.2026", "%d.%m.%Y"),
            ("15/01/26", "%d/%m/%y"),
            ("15. Dez. 2025", "%d %b %Y"),
            ("15 f\u{e9}vr. 2026", "%d %b %Y"),
            ("1/15/2026 11:30 PM", "%m/%d/%Y %I:%M %p"),
            ("2026-01-15T10:00:00Z", "%+"),
            ("46037", "serial"),
        ] {
            assert_eq!(read(&[cell], &[]).unwrap(), [format], "{cell}");
        }
        assert_eq!(read(&["2026-01-15", "15/01/2026"], &[]).unwrap().len(), 2, "cells of two kinds");
        for cell in ["1501", "soon", "2026-13-01"] {
            assert!(read(&[cell], &[]).is_err(), "{cell}");
        }
    }

    #[test]
    fn numbers_are_read_by_the_one_way_that_reads_all_or_not_at_all() {
        let of = |cells: &[&str], around: &[&str]| {
            numbers(cells.iter().copied(), around.iter().copied(), None).map(|n| (n.decimal, n.thousands))
        };
        assert_eq!(of(&["1,250.00", "84.00"], &[]), Ok(('.', Some(','))));
        assert_eq!(of(&["1.250,00-", "50,00"], &[]), Ok((',', Some('.'))));
        assert_eq!(of(&["262 259,50"], &[]), Ok((',', Some(' '))));
        assert_eq!(of(&["1,25,000.00"], &[]), Ok(('.', Some(','))));
        assert_eq!(of(&["100", "20"], &[]), Ok(('.', Some(','))));
        assert_eq!(of(&["1'250.00"], &[]), Ok(('.', Some('\''))));
        assert!(of(&["1.250"], &[]).is_err() && of(&["1,250", "300"], &[]).is_err());
        assert_eq!(of(&["1,250"], &["10,250.00"]), Ok(('.', Some(','))));
    }
}
