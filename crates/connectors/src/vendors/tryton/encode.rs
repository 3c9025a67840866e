//! From the vocabulary to Tryton's JSON.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use serde_json::{Value, json};
use tieout_domain::{Money, MoneyError, entry::JournalLine};

/// A date as Tryton's JSON has it.
pub(super) fn date(date: NaiveDate) -> Value {
    json!({ "__class__": "date", "year": date.year(), "month": date.month(), "day": date.day() })
}

/// An instant, UTC.
pub(super) fn instant(at: DateTime<Utc>) -> Value {
    json!({
        "__class__": "datetime", "year": at.year(), "month": at.month(), "day": at.day(),
        "hour": at.hour(), "minute": at.minute(), "second": at.second(), "microsecond": 0,
    })
}

/// An amount: always a Decimal object, since Tryton would take a JSON float too.
fn decimal(money: Money) -> Value {
    json!({ "__class__": "Decimal", "decimal": money.to_decimal().to_string() })
}

/// One line. `second` is Tryton's id of the transaction currency, where it is not the company's own.
///
/// # Errors
/// [`MoneyError::Overflow`] for the one amount that has no opposite.
pub(super) fn line(
    line: &JournalLine,
    account: i64,
    party: Option<i64>,
    second: Option<i64>,
) -> Result<Value, MoneyError> {
    let functional = line.functional;
    let zero = Money::zero(functional.currency());
    let (debit, credit) = match functional.minor() >= 0 {
        true => (functional, zero),
        false => (zero, functional.checked_neg()?),
    };
    let mut value = json!({
        "account": account,
        "debit": decimal(debit),
        "credit": decimal(credit),
        "description": line.memo,
    });
    if let Some(party) = party {
        value["party"] = json!(party);
    }
    if let Some(second) = second {
        value["second_currency"] = json!(second);
        value["amount_second_currency"] = decimal(line.transaction);
    }
    Ok(value)
}
