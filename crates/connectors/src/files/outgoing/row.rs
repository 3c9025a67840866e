//! Entries as rows of a form.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};
use encoding_rs::WINDOWS_1252;
use tieout_domain::{Currency, Money, entry::JournalLine};

use super::{
    entry::OutgoingEntry,
    error::OutgoingError,
    form::{Cell, Column, Form},
};

/// What a row books: one line, or an amount from one account to another.
struct Row<'a> {
    line: &'a JournalLine,
    contra: Option<&'a str>,
    transaction: Money,
    functional: Money,
}

/// The rows of an entry.
fn rows<'a>(form: &Form, entry: &OutgoingEntry<'a>) -> Vec<Row<'a>> {
    let lines = entry.step.entry.lines();
    if !form.pairs {
        let row = |line: &'a JournalLine| Row {
            line,
            contra: None,
            transaction: line.transaction,
            functional: line.functional,
        };
        return lines.iter().map(row).collect();
    }
    pairs(lines)
}

/// Debits and credits in pairs: as many rows as it takes, on each account the same debits and credits.
fn pairs(lines: &[JournalLine]) -> Vec<Row<'_>> {
    let side = |sign: i64| {
        let of = lines.iter().filter(move |line| line.transaction.minor().signum() == sign);
        of.map(|line| (line, line.transaction.minor().saturating_abs())).collect::<Vec<_>>()
    };
    let (mut debits, mut credits) = (side(1), side(-1));
    debits.reverse();
    credits.reverse();
    let mut found = Vec::new();
    while let (Some((debit, left)), Some((credit, right))) = (debits.pop(), credits.pop()) {
        let minor = left.min(right);
        let amount = Money::new(minor, debit.transaction.currency());
        found.push(Row {
            line: debit,
            contra: Some(credit.account.as_str()),
            transaction: amount,
            functional: amount,
        });
        if left > minor {
            debits.push((debit, left - minor));
        }
        if right > minor {
            credits.push((credit, right - minor));
        }
    }
    found
}

/// How many rows an entry takes.
///
/// # Errors
/// `handover_unfit`: the form cannot say it.
pub(super) fn fits(form: &Form, entry: &OutgoingEntry<'_>) -> Result<usize, OutgoingError> {
    let own = &entry.step.entry;
    let one = own.lines().iter().all(|line| line.transaction.currency() == own.currency());
    if !one && !form.mixed {
        return Err(OutgoingError::unfit(format!(
            "{} takes entries in one currency, and this one is in several: hand it over in the plain form",
            form.title
        )));
    }
    if own.currency() != own.functional_currency() && !form.foreign {
        return Err(OutgoingError::unfit(format!(
            "{} takes entries in {} alone, and this one is in {}: hand it over in the plain form",
            form.title,
            own.functional_currency(),
            own.currency()
        )));
    }
    let rows = rows(form, entry);
    for row in &rows {
        for column in form.column.iter().filter(|column| column.exact) {
            let text = value(form, (entry, row), &column.field, &BTreeMap::new());
            if column.most.is_some_and(|most| text.chars().count() > most) {
                return Err(OutgoingError::unfit(format!(
                    "{} has no room for \"{text}\" in {}",
                    form.title, column.heading
                )));
            }
        }
    }
    Ok(rows.len())
}

fn decimal(form: &Form, money: Money) -> String {
    let text = money.to_decimal().to_string();
    if form.decimal == '.' { text } else { text.replace('.', &form.decimal.to_string()) }
}

/// An amount on its side, and nothing on the other.
fn on(form: &Form, money: Money, sign: i64) -> String {
    if money.minor().signum() == sign { decimal(form, unsigned(money)) } else { String::new() }
}

fn unsigned(money: Money) -> Money {
    Money::new(money.minor().saturating_abs(), money.currency())
}

fn day(date: NaiveDate, format: &str) -> String {
    date.format(format).to_string()
}

/// Line breaks and other signs that no import takes are spaces, and a text that a spreadsheet would work out
/// is marked as text.
fn plain(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

/// What stands in a cell of a row.
fn value(
    form: &Form,
    (entry, row): (&OutgoingEntry<'_>, &Row<'_>),
    field: &str,
    options: &BTreeMap<String, String>,
) -> String {
    let own = &entry.step.entry;
    let account = &row.line.account;
    let name = entry.account_names.get(account).filter(|name| !name.is_empty()).map(String::as_str);
    if let Some(text) = field.strip_prefix("text:") {
        return text.to_owned();
    }
    if let Some(name) = field.strip_prefix("option:") {
        return options.get(name).cloned().unwrap_or_default();
    }
    if let Some((debit, credit)) = field.strip_prefix("side:").and_then(|words| words.split_once('/')) {
        return if row.transaction.minor() >= 0 { debit } else { credit }.to_owned();
    }
    match field {
        "key" => entry.key().to_string(),
        "reference" => plain(entry.reference),
        "key_and_reference" => plain(&format!("{} {}", entry.key(), entry.reference)),
        "reference_and_customer" => {
            let customer = entry.customer.unwrap_or_default();
            plain(format!("{} {customer}", entry.reference).trim())
        }
        "customer" => plain(entry.customer.unwrap_or_default()),
        "document_date" => day(own.document_date(), &form.date),
        "posting_date" => day(own.posting_date(), &form.date),
        "period" => own.period().to_string(),
        "entity" => own.entity().to_string(),
        "entity_id" => entry.step.entity_erp_id().unwrap_or(own.entity().as_str()).to_owned(),
        "entity_name" => plain(entry.entity_name),
        "currency" => row.transaction.currency().code().to_owned(),
        "functional_currency" => own.functional_currency().code().to_owned(),
        "rate" => rate(entry),
        "account" => account.to_string(),
        "contra_account" => row.contra.unwrap_or_default().to_owned(),
        "account_name" => plain(name.unwrap_or_default()),
        "account_called" => plain(name.unwrap_or(account.as_str())),
        "debit" => on(form, row.transaction, 1),
        "credit" => on(form, row.transaction, -1),
        "amount" => decimal(form, row.transaction),
        "unsigned" => decimal(form, unsigned(row.transaction)),
        "functional_debit" => on(form, row.functional, 1),
        "functional_credit" => on(form, row.functional, -1),
        "functional_unsigned" => decimal(form, unsigned(row.functional)),
        "reverses" => plain(entry.step.reverses.as_deref().unwrap_or_default()),
        _ => String::new(),
    }
}

/// Functional per transaction unit; nothing where both are the same currency.
fn rate(entry: &OutgoingEntry<'_>) -> String {
    let own = &entry.step.entry;
    let foreign = own.currency() != own.functional_currency();
    own.rate().filter(|_| foreign).map(|rate| rate.normalize().to_string()).unwrap_or_default()
}

/// What the line before the headings says of all entries.
struct Whole {
    now: DateTime<Utc>,
    first: NaiveDate,
    last: NaiveDate,
    year_starts: NaiveDate,
    currency: Currency,
}

impl Whole {
    fn of(
        form: &Form,
        entries: &[OutgoingEntry<'_>],
        options: &BTreeMap<String, String>,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, OutgoingError> {
        let days = || entries.iter().map(OutgoingEntry::day);
        let (Some(first), Some(last), Some(entry)) = (days().min(), days().max(), entries.first()) else {
            return Ok(None);
        };
        let year_starts = match options.get("year_starts") {
            Some(text) => year_of(first, text)?,
            None => first,
        };
        let next = year_starts
            .checked_add_months(Months::new(12))
            .and_then(|day| day.checked_sub_days(Days::new(1)));
        if form.one_year && next.is_none_or(|end| last > end) {
            return Err(OutgoingError::unfit(format!(
                "{} is of one fiscal year, and these go from {first} to {last}: name those of one year",
                form.title
            )));
        }
        Ok(Some(Self { now, first, last, year_starts, currency: entry.functional() }))
    }

    fn value(&self, field: &str, options: &BTreeMap<String, String>) -> String {
        if let Some(text) = field.strip_prefix("text:") {
            return text.to_owned();
        }
        if let Some(name) = field.strip_prefix("option:") {
            return options.get(name).cloned().unwrap_or_default();
        }
        match field {
            "now" => self.now.format("%Y%m%d%H%M%S%3f").to_string(),
            "first_date" => day(self.first, "%Y%m%d"),
            "last_date" => day(self.last, "%Y%m%d"),
            "year_starts" => day(self.year_starts, "%Y%m%d"),
            "functional_currency" => self.currency.code().to_owned(),
            _ => String::new(),
        }
    }
}

/// The first day of the fiscal year that a day is in, by the month and day on which years start.
fn year_of(date: NaiveDate, text: &str) -> Result<NaiveDate, OutgoingError> {
    let in_year = |year: i32| NaiveDate::parse_from_str(&format!("{year:04}-{text}"), "%Y-%m-%d").ok();
    let this = in_year(date.year()).filter(|start| *start <= date).or_else(|| in_year(date.year() - 1));
    this.ok_or_else(|| OutgoingError::option(format!("\"{text}\" is no month and day, such as 01-01")))
}

fn cut(column: &Column, text: String) -> String {
    match column.most {
        Some(most) if text.chars().count() > most => text.chars().take(most).collect(),
        _ => text,
    }
}

fn cell(form: &Form, text: &str, quoted: bool) -> String {
    let needs = |c: char| c == form.separator || matches!(c, '"' | '\n' | '\r');
    if quoted || text.contains(needs) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// The bytes of a file.
///
/// # Errors
/// `handover_option`, `handover_unfit`.
pub(super) fn write(
    form: &Form,
    entries: &[OutgoingEntry<'_>],
    options: &BTreeMap<String, String>,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, OutgoingError> {
    let whole = Whole::of(form, entries, options, now)?;
    let separator = form.separator.to_string();
    let mut lines = Vec::new();
    if let Some(whole) = whole.filter(|_| !form.head.is_empty()) {
        let of = |one: &Cell| cell(form, &whole.value(&one.field, options), one.quoted);
        lines.push(form.head.iter().map(of).collect::<Vec<_>>().join(&separator));
    }
    let headings = form.column.iter().map(|column| &column.heading).chain(&form.rest);
    lines.push(headings.map(|heading| cell(form, heading, false)).collect::<Vec<_>>().join(&separator));
    for entry in entries {
        for row in rows(form, entry) {
            let of = |column: &Column| {
                let text = value(form, (entry, &row), &column.field, options);
                cell(form, &cut(column, text), column.quoted)
            };
            let mut cells: Vec<String> = form.column.iter().map(of).collect();
            cells.extend(form.rest.iter().map(|_| String::new()));
            lines.push(cells.join(&separator));
        }
    }
    let end = if form.crlf { "\r\n" } else { "\n" };
    let text: String = lines.iter().flat_map(|line| [line.as_str(), end]).collect();
    match form.encoding.as_str() {
        "windows-1252" => encoded(form, &text),
        _ => Ok(text.into_bytes()),
    }
}

/// In Windows-1252, where a sign that it lacks is a question mark: it is only ever in words for people.
fn encoded(form: &Form, text: &str) -> Result<Vec<u8>, OutgoingError> {
    let lacks = |c: char| {
        let one = c.to_string();
        WINDOWS_1252.encode(&one).2
    };
    let known: String = text.chars().map(|c| if lacks(c) { '?' } else { c }).collect();
    let (bytes, _, failed) = WINDOWS_1252.encode(&known);
    match failed {
        true => Err(OutgoingError::unfit(format!("{} cannot hold a sign of it", form.title))),
        false => Ok(bytes.into_owned()),
    }
}

#[cfg(test)]
#[path = "row_tests.rs"]
mod tests;
