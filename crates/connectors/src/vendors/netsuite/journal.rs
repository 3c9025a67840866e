//! The body of a journal to book: amounts as decimals with the currency's own digits, from text to text.

use serde_json::{Map, Number, Value, json};
use tieout_domain::{
    Money,
    entry::{JournalEntry, JournalLine},
    failure::VendorFailure,
};

use super::{chart::Chart, suiteql::Features};
use crate::traits::BookRequest;

/// The JSON of `request` for `POST /journalEntry`.
///
/// The posting period is named explicitly, so that NetSuite's preference for closed periods cannot choose
/// another; it is read back all the same.
/// `approve` is the connection's option of that name: false, true, or legacy.
pub(super) fn body(request: &BookRequest, chart: &Chart, approve: &str) -> Result<String, VendorFailure> {
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
    // A line that moves nothing in the transaction currency is a rounding of the functional one, which
    // NetSuite books by itself: it takes no such line.
    for line in entry.lines().iter().filter(|line| !line.transaction.is_zero()) {
        items.push(item(request, chart, line)?);
    }
    if items.len() < 2 {
        return Err(VendorFailure::terminal(
            "empty_line",
            "NetSuite books amounts in the transaction currency and converts them itself: it takes no entry \
             of functional amounts alone",
        ));
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
    if let Value::Object(fields) = &mut body {
        adapt(fields, entry, chart.features(), approve)?;
    }
    Ok(body.to_string())
}

/// Makes a record what this account takes: its rate, how it is approved, without what the account lacks.
fn adapt(
    fields: &mut Map<String, Value>,
    entry: &JournalEntry,
    features: Features,
    approve: &str,
) -> Result<(), VendorFailure> {
    if let Some(rate) = entry.rate().filter(|_| entry.currency() != entry.functional_currency()) {
        fields.insert("exchangeRate".to_owned(), Value::Number(number(&rate.normalize().to_string())?));
    }
    match approve {
        "true" => drop(fields.insert("approvalStatus".to_owned(), json!({ "id": "2" }))),
        "legacy" => drop(fields.insert("approved".to_owned(), Value::Bool(true))),
        _ => {}
    }
    if !features.one_world {
        fields.remove("subsidiary");
    }
    if !features.currencies {
        fields.remove("currency");
    }
    Ok(())
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
    for segment in SEGMENTS {
        let own = request.options.get(&format!("{segment}:{}", line.account));
        if let Some(id) = own.or_else(|| request.options.get(segment)) {
            item.insert(segment.to_owned(), json!({ "id": id }));
        }
    }
    Ok(Value::Object(item))
}

/// The classifications of a line, by the names that they have in the record and in the connection's options.
pub(super) const SEGMENTS: [&str; 3] = ["department", "class", "location"];

/// The side of a line and its positive amount in major units (`12.50`; yen without decimals).
fn amount(money: Money) -> Result<(&'static str, Number), VendorFailure> {
    let side = if money.minor() < 0 { "credit" } else { "debit" };
    Ok((side, number(&money.to_decimal().abs().to_string())?))
}

/// A JSON number with exactly these digits.
fn number(digits: &str) -> Result<Number, VendorFailure> {
    digits
        .parse()
        .map_err(|_| VendorFailure::terminal("bad_amount", format!("{digits} cannot be written as a number")))
}
