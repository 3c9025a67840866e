//! The body of a journal to book: amounts as decimals with the currency's own digits, from text to text.

use serde_json::{Map, Number, Value, json};
use tieout_domain::{Money, entry::JournalLine, failure::VendorFailure};

use super::chart::Chart;
use crate::traits::BookRequest;

/// The JSON of `request` for `POST /journalEntry`.
///
/// The posting period is named explicitly, so that NetSuite's preference for closed periods cannot choose
/// another; it is read back all the same.
pub(super) fn body(request: &BookRequest, chart: &Chart, approve: bool) -> Result<String, VendorFailure> {
    let entry = &request.entry;
    let currency = entry.currency();
    if entry.lines().iter().any(|line| line.transaction.currency() != currency) {
        return Err(VendorFailure::terminal(
            "mixed_currencies",
            "a NetSuite journal has one currency, and this entry has several: split it",
        ));
    }
    let period = chart.period_id(entry.period()).ok_or_else(|| {
        VendorFailure::terminal(
            "unknown_period",
            format!(
                "NetSuite has no accounting period {}: set it up there, or choose another",
                entry.period()
            ),
        )
    })?;
    let currency_id = chart.currency_id(currency).ok_or_else(|| {
        VendorFailure::terminal(
            "unknown_currency",
            format!("NetSuite has no currency {currency}: set it up there"),
        )
    })?;
    let mut items = Vec::with_capacity(entry.lines().len());
    for line in entry.lines() {
        items.push(item(request, chart, line)?);
    }
    let memo = match &request.reverses {
        Some(id) => format!("{} reverses {id}", entry.reference()),
        None => entry.reference().to_owned(),
    };
    let mut body = json!({
        "externalId": request.key.as_str(),
        "subsidiary": { "id": request.entity_erp_id },
        "tranDate": entry.posting_date().to_string(),
        "postingPeriod": { "id": period },
        "currency": { "id": currency_id },
        "memo": memo,
        "line": { "items": items },
    });
    if let (Some(rate), Value::Object(fields)) = (entry.rate(), &mut body)
        && currency != entry.functional_currency()
    {
        fields.insert("exchangeRate".to_owned(), Value::Number(number(&rate.normalize().to_string())?));
    }
    if let (true, Value::Object(fields)) = (approve, &mut body) {
        fields.insert("approvalStatus".to_owned(), json!({ "id": "2" }));
    }
    Ok(body.to_string())
}

/// One line of the journal.
fn item(request: &BookRequest, chart: &Chart, line: &JournalLine) -> Result<Value, VendorFailure> {
    let account = chart.account(&line.account).ok_or_else(|| {
        VendorFailure::terminal(
            "unknown_account",
            format!(
                "NetSuite has no active account {}: correct the mapping, or set it up there",
                line.account
            ),
        )
    })?;
    // The id that was approved; the chart only says what kind of account it is.
    let id = request.accounts.get(&line.account).unwrap_or(&account.id);
    let mut item = Map::new();
    item.insert("account".to_owned(), json!({ "id": id }));
    let (side, amount) = amount(line.transaction)?;
    item.insert(side.to_owned(), Value::Number(amount));
    if !line.memo.is_empty() {
        item.insert("memo".to_owned(), json!(line.memo));
    }
    if let Some(customer) = request.entry.customer().filter(|_| account.receivable) {
        item.insert("entity".to_owned(), json!({ "id": customer }));
    }
    Ok(Value::Object(item))
}

/// The side of a line and its positive amount in major units (`12.50`; yen without decimals).
fn amount(money: Money) -> Result<(&'static str, Number), VendorFailure> {
    let side = if money.minor() < 0 { "credit" } else { "debit" };
    if money.is_zero() {
        return Err(VendorFailure::terminal(
            "empty_line",
            "NetSuite takes no line without a transaction amount: put the rounding into another line",
        ));
    }
    Ok((side, number(&money.to_decimal().abs().to_string())?))
}

/// A JSON number with exactly these digits.
fn number(digits: &str) -> Result<Number, VendorFailure> {
    digits
        .parse()
        .map_err(|_| VendorFailure::terminal("bad_amount", format!("{digits} cannot be written as a number")))
}
