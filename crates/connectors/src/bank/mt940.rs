//! MT940 of SWIFT, with the liberties that banks take: headers of messages or none, statements over several
//! messages (`60M`, `62M`), signs beyond SWIFT's own in the narrative.

use chrono::{Datelike, NaiveDate};
use tieout_domain::{
    Currency, Money,
    bank::{BankLine, BankStatement, account_number},
};

use super::{error::BankError, narrative};

/// True where a text has the fields of a statement, each at the beginning of a line.
pub(super) fn is_one(text: &str) -> bool {
    let begins = |tag: &str| text.lines().any(|line| after_header(line).starts_with(tag));
    begins(":20:") && (begins(":60F:") || begins(":60M:") || begins(":61:") || begins(":25"))
}

/// A field with its lines, and the line of the file at which it begins.
struct Field<'t> {
    tag: &'t str,
    row: u32,
    lines: Vec<&'t str>,
}

/// What stands behind the blocks of a message's header.
fn after_header(line: &str) -> &str {
    match line.rfind("{4:") {
        Some(at) if line.starts_with('{') => &line[at + 3..],
        _ => line,
    }
}

/// `:61:` and what follows it in its line.
fn tagged(line: &str) -> Option<(&str, &str)> {
    let (tag, rest) = line.strip_prefix(':')?.split_once(':')?;
    let known = matches!(tag.len(), 2 | 3) && tag.bytes().take(2).all(|byte| byte.is_ascii_digit());
    known.then_some((tag, rest))
}

fn fields(text: &str) -> Vec<Field<'_>> {
    let mut found: Vec<Field<'_>> = Vec::new();
    let mut open = false;
    for (n, line) in text.lines().enumerate() {
        let line = after_header(line.trim_end());
        if let Some((tag, rest)) = tagged(line) {
            let row = u32::try_from(n + 1).unwrap_or(u32::MAX);
            found.push(Field { tag, row, lines: vec![rest] });
            open = true;
        } else if line == "-" || line.starts_with("-}") || line.starts_with('{') {
            open = false;
        } else if let Some(field) = found.last_mut().filter(|_| open) {
            field.lines.push(line);
        }
    }
    found
}

/// The statements of a file.
pub(super) fn read(text: &str) -> Result<Vec<BankStatement>, BankError> {
    let fields = fields(text);
    let starts: Vec<usize> =
        fields.iter().enumerate().filter(|(_, field)| field.tag == "20").map(|(at, _)| at).collect();
    let end = |n: usize| starts.get(n + 1).copied().unwrap_or(fields.len());
    starts.iter().enumerate().map(|(n, start)| statement(&fields[*start..end(n)])).collect()
}

/// A balance: minor units, its day, its currency.
type Balance = (i64, NaiveDate, Currency);

fn statement(fields: &[Field<'_>]) -> Result<BankStatement, BankError> {
    let one = |tags: &[&str]| fields.iter().find(|field| tags.contains(&field.tag));
    let said = |tags: &[&str]| one(tags).map(|field| field.lines[0].trim()).unwrap_or_default();
    let id = [said(&["20"]), said(&["28C", "28"])].join(" ").trim().to_owned();
    let row = fields.first().map_or(1, |field| field.row);
    let lacks = |what: &str| BankError::at(Some(&id), row, format!("the statement has no {what}"));
    let number = one(&["25", "25P"]).ok_or_else(|| lacks("account (field 25)"))?;
    let opening = one(&["60F", "60M"]).ok_or_else(|| lacks("opening balance (field 60F or 60M)"))?;
    let closing = one(&["62F", "62M"]).ok_or_else(|| lacks("closing balance (field 62F or 62M)"))?;
    let (opening_minor, from, currency) = balance(opening, &id)?;
    let (closing_minor, to, closes_in) = balance(closing, &id)?;
    if closes_in != currency {
        let message = format!("it opens in {currency} and closes in {closes_in}");
        return Err(BankError::at(Some(&id), closing.row, message));
    }
    let (mut lines, mut announced) = (Vec::<BankLine>::new(), 0);
    let mut last_counts = false;
    for field in fields {
        match field.tag {
            "61" => match line(field, currency, &id)? {
                Some(mut line) => {
                    line.number = u32::try_from(lines.len() + 1).unwrap_or(u32::MAX);
                    lines.push(line);
                    last_counts = true;
                }
                None => (announced, last_counts) = (announced + 1, false),
            },
            "86" if last_counts => {
                let said = narrative::read(&field.lines);
                let Some(line) = lines.last_mut() else { continue };
                line.references.extend(said.references);
                line.counterparty = line.counterparty.take().or(said.counterparty);
                line.text = [line.text.as_str(), said.text.as_str()].join(" ").trim().to_owned();
            }
            // What follows the balances is about the statement.
            "62F" | "62M" => last_counts = false,
            _ => {}
        }
    }
    // The opening balance bears the day on which the statement before closed.
    let next = from.succ_opt().unwrap_or(from);
    let days = || lines.iter().map(|line| line.booked_on);
    Ok(BankStatement {
        account: account_number(number.lines[0].trim(), currency),
        currency,
        from: days().min().unwrap_or(next).min(next).min(to),
        to: days().max().map_or(to, |day| day.max(to)),
        id,
        opening_minor,
        closing_minor,
        announced,
        lines,
    })
}

/// `YYMMDD`. Banks that count every month as thirty days write a 30th of February: it is the month's last.
fn day(text: &str) -> Option<NaiveDate> {
    let part = |at: usize| text.get(at..at + 2)?.parse::<u32>().ok();
    let (year, month, day) = (i32::try_from(part(0)?).ok()?, part(2)?, part(4)?);
    let year = if year < 80 { 2000 + year } else { 1900 + year };
    let last = || (28..day.min(31)).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day));
    NaiveDate::from_ymd_opt(year, month, day).or_else(|| last().filter(|_| day <= 31))
}

/// `1234,56`: a comma before the decimals, which may be none.
fn amount(text: &str, currency: Currency) -> Result<i64, String> {
    let digits = text.chars().any(|c| c.is_ascii_digit());
    if !digits || text.matches(',').count() > 1 || !text.chars().all(|c| c.is_ascii_digit() || c == ',') {
        return Err(format!("\"{text}\" is no amount: digits and one comma are"));
    }
    let plain = format!("0{}", text.replace(',', "."));
    Money::parse(plain.trim_end_matches('.'), currency).map(Money::minor).map_err(|e| e.to_string())
}

fn balance(field: &Field<'_>, id: &str) -> Result<Balance, BankError> {
    let text = field.lines[0].trim();
    let wrong =
        |what: String| BankError::at(Some(id), field.row, format!("field {} \"{text}\": {what}", field.tag));
    let shape = || wrong("it is not D or C, a date, a currency and an amount".to_owned());
    let sign = match text.get(..1) {
        Some("C") => 1,
        Some("D") => -1,
        _ => return Err(shape()),
    };
    let day = text.get(1..7).and_then(day).ok_or_else(shape)?;
    let currency = text.get(7..10).ok_or_else(shape)?;
    let currency = Currency::new(currency).map_err(|e| wrong(e.to_string()))?;
    let minor = amount(text.get(10..).unwrap_or_default(), currency).map_err(wrong)?;
    Ok((sign * minor, day, currency))
}

/// The entry date has no year: it is the one nearest to the value date.
fn entry_day(value: NaiveDate, text: &str) -> Option<NaiveDate> {
    let (month, day) = (text.get(..2)?.parse().ok()?, text.get(2..4)?.parse().ok()?);
    let of = |year: i32| NaiveDate::from_ymd_opt(year, month, day);
    let near = [value.year() - 1, value.year(), value.year() + 1].into_iter().filter_map(of);
    near.min_by_key(|found| (*found - value).num_days().abs())
}

/// A line; nothing where the bank only expects it (`EC`, `ED`).
fn line(field: &Field<'_>, currency: Currency, id: &str) -> Result<Option<BankLine>, BankError> {
    let text = field.lines[0];
    let wrong = |what: &str| BankError::at(Some(id), field.row, format!("field 61 \"{text}\": {what}"));
    let value_on = text.get(..6).and_then(day).ok_or_else(|| wrong("it begins with no date (YYMMDD)"))?;
    let rest = text.get(6..).unwrap_or_default();
    // Some banks write spaces in the place of an entry date.
    let rest = rest.strip_prefix("    ").unwrap_or(rest);
    let has_entry = rest.get(..4).is_some_and(|four| four.bytes().all(|byte| byte.is_ascii_digit()));
    let (booked_on, rest) = match has_entry {
        true => (entry_day(value_on, rest).ok_or_else(|| wrong("its entry date is none"))?, &rest[4..]),
        false => (value_on, rest),
    };
    let marks = [("RC", -1, true), ("RD", 1, true), ("EC", 0, false), ("ED", 0, false), ("C", 1, false)];
    let mark = marks.into_iter().chain([("D", -1, false)]).find(|(mark, ..)| rest.starts_with(mark));
    let (mark, sign, reversal) = mark.ok_or_else(|| wrong("no C, D, RC or RD stands before its amount"))?;
    let rest = &rest[mark.len()..];
    // The third letter of the currency may follow.
    let rest = rest.strip_prefix(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(rest.len());
    if !rest[end..].starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(wrong("no kind of payment stands behind its amount"));
    }
    let minor = amount(&rest[..end], currency).map_err(|e| wrong(&e))?;
    if sign == 0 {
        return Ok(None);
    }
    // N, F or S, and three signs: what kind of payment it is.
    let named = rest.get(end + 4..).unwrap_or_default();
    let (own, bank) = named.split_once("//").unwrap_or((named, ""));
    let known = |name: &str| Some(name.trim().to_owned()).filter(|name| !name.is_empty() && name != "NONREF");
    Ok(Some(BankLine {
        number: 0,
        row: field.row,
        booked_on,
        value_on: Some(value_on),
        amount_minor: sign * minor,
        reversal,
        bank_reference: known(bank),
        references: known(own).into_iter().collect(),
        counterparty: None,
        text: field.lines[1..].join(" ").trim().to_owned(),
        batch: None,
    }))
}
