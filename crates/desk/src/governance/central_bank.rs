//! The European Central Bank's reference rates as it publishes them: the day's file and the whole history, as
//! CSV and as XML. All are units of a currency per euro.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use tieout_domain::Currency;

/// What its rates are called in a mapping.
pub(crate) const ECB: &str = "ECB";

/// Units of each currency per euro, by day. A currency that had no rate on a day (`N/A`) is not in it.
pub(crate) type Days = BTreeMap<NaiveDate, BTreeMap<Currency, Decimal>>;

/// How the CSV says that there is no rate.
const NONE: &str = "N/A";

/// Reads a file.
///
/// # Errors
/// What is wrong with it, and where.
pub(crate) fn read(text: &str) -> Result<Days, String> {
    let text = text.trim_start_matches('\u{feff}');
    let days = if text.trim_start().starts_with('<') { xml(text)? } else { csv(text)? };
    if days.values().all(BTreeMap::is_empty) {
        return Err("it holds no rates".to_owned());
    }
    Ok(days)
}

fn day(text: &str) -> Option<NaiveDate> {
    // The history writes 2026-11-27, the day's file 27 November 2026.
    ["%Y-%m-%d", "%d %B %Y"].iter().find_map(|format| NaiveDate::parse_from_str(text, format).ok())
}

/// A rate, exact as it is written; never nothing or less.
fn rate(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).ok().filter(|rate| *rate > Decimal::ZERO)
}

fn csv(text: &str) -> Result<Days, String> {
    let mut lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let cells = |line: &str| line.split(',').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let head = lines.next().map(|(line, _)| cells(line)).unwrap_or_default();
    if head.first().is_none_or(|first| !first.eq_ignore_ascii_case("date")) {
        return Err("its first line is no head of reference rates (Date, USD, JPY, …)".to_owned());
    }
    let mut days = Days::new();
    for (line, number) in lines {
        let row = cells(line);
        // A decimal comma would make two cells of a rate.
        if row.len() > head.len() {
            return Err(format!("line {number} has more cells than the head"));
        }
        let first = row.first().map(String::as_str).unwrap_or_default();
        let day = day(first).ok_or_else(|| format!("line {number}: \"{first}\" is no day"))?;
        let rates = days.entry(day).or_default();
        for (name, cell) in head.iter().zip(&row).skip(1) {
            if name.is_empty() || cell.is_empty() || cell == NONE {
                continue;
            }
            // A currency that is gone and that nothing can be kept in any more is left out.
            let Ok(currency) = Currency::new(name) else { continue };
            let rate = rate(cell).ok_or_else(|| format!("line {number}: {name}: \"{cell}\" is no rate"))?;
            rates.insert(currency, rate);
        }
    }
    Ok(days)
}

fn xml(text: &str) -> Result<Days, String> {
    if !text.contains("eurofxref") {
        return Err("it is no file of reference rates of the ECB (eurofxref)".to_owned());
    }
    let mut days = Days::new();
    let mut today: Option<NaiveDate> = None;
    for tag in text.split('<').skip(1).filter_map(|rest| rest.split('>').next()) {
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        if name.rsplit(':').next() != Some("Cube") {
            continue;
        }
        if let Some(time) = attribute(tag, "time") {
            let read = day(time).ok_or_else(|| format!("time=\"{time}\" is no day"))?;
            days.entry(read).or_default();
            today = Some(read);
        }
        let (Some(name), Some(cell)) = (attribute(tag, "currency"), attribute(tag, "rate")) else { continue };
        let on = today.ok_or_else(|| format!("the rate of {name} stands under no day"))?;
        let Ok(currency) = Currency::new(name) else { continue };
        if cell != NONE {
            let rate = rate(cell).ok_or_else(|| format!("{on}: {name}: \"{cell}\" is no rate"))?;
            days.entry(on).or_default().insert(currency, rate);
        }
    }
    Ok(days)
}

/// The value of an attribute, between either kind of quotes.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let mut rest = tag;
    loop {
        let at = rest.find(name)?;
        let before = rest[..at].chars().next_back();
        let after = rest[at + name.len()..].trim_start();
        rest = &rest[at + name.len()..];
        if before.is_some_and(|c| !c.is_whitespace()) {
            continue;
        }
        let Some(value) = after.strip_prefix('=').map(str::trim_start) else { continue };
        let quote = value.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        return value[1..].split(quote).next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAILY_XML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
 <gesmes:subject>Reference rates</gesmes:subject>
 <Cube><Cube time='2024-06-28'><Cube currency='USD' rate='1.0705'/>
 <Cube currency='JPY' rate='171.94'/></Cube></Cube>
</gesmes:Envelope>"#;
    const DAILY_CSV: &str = "Date, USD, JPY, \n28 June 2024, 1.0705, 171.94, \n";
    const HISTORY_CSV: &str = "Date,USD,JPY,CYP,LTL,\n2024-06-28,1.0705,171.94,N/A,N/A,\n\
         2007-12-31,1.4721,164.93,0.585274,3.4528,\n";

    fn of(days: &Days, day: &str, currency: &str) -> Option<String> {
        let rates = days.get(&day.parse().unwrap())?;
        Some(rates.get(&Currency::new(currency).unwrap())?.to_string())
    }

    #[test]
    fn the_same_day_reads_the_same_out_of_every_file_of_the_bank() {
        for text in [DAILY_XML, DAILY_CSV, HISTORY_CSV] {
            let days = read(text).unwrap();
            assert_eq!(of(&days, "2024-06-28", "USD").unwrap(), "1.0705");
            assert_eq!(of(&days, "2024-06-28", "JPY").unwrap(), "171.94");
        }
        let history = read(HISTORY_CSV).unwrap();
        assert_eq!((history.len(), of(&history, "2007-12-31", "USD").as_deref()), (2, Some("1.4721")));
    }

    #[test]
    fn what_is_no_rate_is_told_with_its_place_and_never_read_as_one() {
        for (text, says) in [
            ("Date,USD,\n2024-06-28,1.07x,\n", "line 2: USD: \"1.07x\" is no rate"),
            ("Date,USD,\n2024-06-28,1,07,\n", "line 2 has more cells than the head"),
            ("Date,USD,\n2024-06-28,0,\n", "line 2: USD: \"0\" is no rate"),
            ("Date,USD,\n28.06.2024,1.07,\n", "line 2: \"28.06.2024\" is no day"),
            ("Code,Rate\nUSD,1.07\n", "no head of reference rates"),
            ("<rates><Cube time='2024-06-28'/></rates>", "no file of reference rates"),
            ("Date,USD,\n2024-06-28,N/A,\n", "it holds no rates"),
        ] {
            assert!(read(text).unwrap_err().contains(says), "{text}");
        }
    }
}
