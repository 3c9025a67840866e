//! Oracle's functions on the book's values.

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use rusqlite::functions::{Aggregate, Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error, Result};
use rust_decimal::Decimal;

use super::{DateFormat, date_text, number_text};
use crate::book::schema::{DATE_MARK, stamp};

const PURE: FunctionFlags = FunctionFlags::SQLITE_UTF8.union(FunctionFlags::SQLITE_DETERMINISTIC);

/// Registers the dialect's functions.
pub(super) fn register(sql: &Connection, dates: DateFormat) -> Result<()> {
    sql.create_scalar_function("to_date", -1, PURE, to_date)?;
    sql.create_scalar_function("to_timestamp", -1, PURE, to_date)?;
    sql.create_scalar_function("to_char", -1, PURE, move |context| to_char(context, dates))?;
    sql.create_scalar_function("to_number", 1, PURE, |context| match context.get_raw(0) {
        ValueRef::Text(_) => decimal_value(&context.get::<String>(0)?),
        other => Ok(Value::try_from(other)?),
    })?;
    sql.create_scalar_function("sysdate", 0, FunctionFlags::SQLITE_UTF8, |_| Ok(stamp(Utc::now())))?;
    sql.create_scalar_function("nvl", 2, PURE, |context| {
        let first = usize::from(context.get_raw(0) == ValueRef::Null);
        Ok(Value::try_from(context.get_raw(first))?)
    })?;
    sql.create_scalar_function("nvl2", 3, PURE, |context| {
        let chosen = if context.get_raw(0) == ValueRef::Null { 2 } else { 1 };
        Ok(Value::try_from(context.get_raw(chosen))?)
    })?;
    sql.create_scalar_function("decode", -1, PURE, decode)?;
    sql.create_scalar_function("trunc", -1, PURE, trunc)?;
    sql.create_scalar_function("add_months", 2, PURE, add_months)?;
    sql.create_scalar_function("last_day", 1, PURE, last_day)?;
    sql.create_scalar_function("builtin_df", 1, PURE, |context| Ok(Value::try_from(context.get_raw(0))?))?;
    sql.create_aggregate_function("sum", 1, PURE, ExactSum)
}

fn refuse(words: String) -> Error {
    Error::UserFunctionError(words.into())
}

/// A stored date's instant; `None` for null.
fn instant(context: &Context<'_>, position: usize) -> Result<Option<NaiveDateTime>> {
    let Some(text) = context.get::<Option<String>>(position)? else { return Ok(None) };
    let bare = text.strip_prefix(DATE_MARK).ok_or_else(|| refuse(format!("'{text}' is not a date.")))?;
    let parsed = NaiveDateTime::parse_from_str(bare, "%Y-%m-%d %H:%M:%S");
    parsed.map(Some).map_err(|_| refuse(format!("'{bare}' is not a date.")))
}

fn stored(instant: NaiveDateTime) -> Value {
    Value::Text(format!("{DATE_MARK}{}", instant.format("%Y-%m-%d %H:%M:%S")))
}

/// Oracle's date pattern as chrono's.
fn pattern(oracle: &str) -> Result<String> {
    const PARTS: [(&str, &str); 14] = [
        ("YYYY", "%Y"),
        ("HH24", "%H"),
        ("HH12", "%I"),
        ("MONTH", "%B"),
        ("MON", "%b"),
        ("MM", "%m"),
        ("MI", "%M"),
        ("DD", "%d"),
        ("SS", "%S"),
        ("YY", "%y"),
        ("AM", "%p"),
        ("PM", "%p"),
        ("HH", "%I"),
        ("\"T\"", "T"),
    ];
    let mut rest = oracle.to_uppercase();
    let mut made = String::new();
    while let Some(next) = rest.chars().next() {
        if let Some((part, chrono)) = PARTS.iter().find(|(part, _)| rest.starts_with(part)) {
            made.push_str(chrono);
            rest = rest.split_off(part.len());
        } else if next.is_ascii_alphanumeric() || next == '%' {
            return Err(refuse(format!("Date format '{oracle}' is not recognized.")));
        } else {
            made.push(next);
            rest = rest.split_off(next.len_utf8());
        }
    }
    Ok(made)
}

fn to_date(context: &Context<'_>) -> Result<Value> {
    let Some(text) = context.get::<Option<String>>(0)? else { return Ok(Value::Null) };
    if text.starts_with(DATE_MARK) {
        return Ok(Value::Text(text));
    }
    if context.len() != 2 {
        return Err(refuse("TO_DATE needs a date and a format.".to_owned()));
    }
    let oracle = context.get::<String>(1)?;
    let pattern = pattern(&oracle)?;
    let date = NaiveDate::parse_from_str(&text, &pattern).map(|date| date.and_time(NaiveTime::MIN));
    let parsed = NaiveDateTime::parse_from_str(&text, &pattern).or(date);
    parsed
        .map(stored)
        .map_err(|_| refuse(format!("Parse of date/time \"{text}\" failed with date format \"{oracle}\"")))
}

fn to_char(context: &Context<'_>, dates: DateFormat) -> Result<Value> {
    match context.get_raw(0) {
        ValueRef::Null => return Ok(Value::Null),
        ValueRef::Integer(number) => return Ok(Value::Text(number.to_string())),
        ValueRef::Real(number) => return Ok(Value::Text(number_text(&format!("{number:.14e}")))),
        ValueRef::Text(_) | ValueRef::Blob(_) => {}
    }
    let text: String = context.get(0)?;
    if !text.starts_with(DATE_MARK) {
        return Ok(Value::Text(text));
    }
    if context.len() < 2 {
        return Ok(date_text(&text, dates).map_or(Value::Null, |date| Value::Text(date.into())));
    }
    let pattern = pattern(&context.get::<String>(1)?)?;
    let formatted = instant(context, 0)?.map(|instant| instant.format(&pattern).to_string());
    Ok(formatted.map_or(Value::Null, Value::Text))
}

fn decode(context: &Context<'_>) -> Result<Value> {
    let mut position = 1;
    while position + 1 < context.len() {
        if context.get_raw(0) == context.get_raw(position) {
            return Ok(Value::try_from(context.get_raw(position + 1))?);
        }
        position += 2;
    }
    let default = if position < context.len() { context.get_raw(position) } else { ValueRef::Null };
    Ok(Value::try_from(default)?)
}

/// Cuts a date to its day, month or year.
fn trunc(context: &Context<'_>) -> Result<Value> {
    let Some(at) = instant(context, 0)? else { return Ok(Value::Null) };
    let unit = if context.len() > 1 { context.get::<String>(1)?.to_uppercase() } else { "DD".to_owned() };
    let cut = match unit.as_str() {
        "DD" | "DDD" | "J" => Some(at.date()),
        "MM" | "MON" | "MONTH" => at.date().with_day(1),
        "YYYY" | "YEAR" | "Y" => at.date().with_day(1).and_then(|date| date.with_month(1)),
        "HH" | "HH24" => {
            let hour = at.with_minute(0).and_then(|at| at.with_second(0));
            return Ok(hour.map_or(Value::Null, stored));
        }
        _ => return Err(refuse(format!("Unit '{unit}' of TRUNC is not supported."))),
    };
    Ok(cut.map_or(Value::Null, |date| stored(date.and_time(NaiveTime::MIN))))
}

fn add_months(context: &Context<'_>) -> Result<Value> {
    let Some(at) = instant(context, 0)? else { return Ok(Value::Null) };
    let count: i64 = context.get(1)?;
    let months = Months::new(u32::try_from(count.unsigned_abs()).unwrap_or(u32::MAX));
    let moved = if count < 0 { at.checked_sub_months(months) } else { at.checked_add_months(months) };
    Ok(moved.map_or(Value::Null, stored))
}

fn last_day(context: &Context<'_>) -> Result<Value> {
    let Some(at) = instant(context, 0)? else { return Ok(Value::Null) };
    let next = at.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
    Ok(next.and_then(|next| next.checked_sub_days(chrono::Days::new(1))).map_or(Value::Null, stored))
}

/// A decimal as SQLite's number: an integer where it is one, so that no digit is lost.
fn decimal_value(text: &str) -> Result<Value> {
    let decimal: Decimal = text.parse().map_err(|_| refuse(format!("'{text}' is not a number.")))?;
    let plain = decimal.normalize().to_string();
    if let Ok(integer) = plain.parse() {
        return Ok(Value::Integer(integer));
    }
    plain.parse().map(Value::Real).map_err(|_| refuse(format!("'{text}' is not a number.")))
}

/// SUM that adds decimals instead of binary fractions: SQLite's own would show its rounding in the last
/// digits.
struct ExactSum;

impl Aggregate<Option<Decimal>, Value> for ExactSum {
    fn init(&self, _context: &mut Context<'_>) -> Result<Option<Decimal>> {
        Ok(None)
    }

    fn step(&self, context: &mut Context<'_>, sum: &mut Option<Decimal>) -> Result<()> {
        let text = match context.get_raw(0) {
            ValueRef::Null => return Ok(()),
            ValueRef::Integer(number) => number.to_string(),
            ValueRef::Real(number) => number_text(&format!("{number:.14e}")),
            ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            ValueRef::Blob(_) => return Err(refuse("SUM of a blob.".to_owned())),
        };
        let value: Decimal = text.parse().map_err(|_| refuse(format!("'{text}' is not a number.")))?;
        let total = sum
            .unwrap_or_default()
            .checked_add(value)
            .ok_or_else(|| refuse("SUM is too large.".to_owned()))?;
        *sum = Some(total);
        Ok(())
    }

    fn finalize(&self, _context: &mut Context<'_>, sum: Option<Option<Decimal>>) -> Result<Value> {
        sum.flatten().map_or(Ok(Value::Null), |sum| decimal_value(&sum.to_string()))
    }
}
