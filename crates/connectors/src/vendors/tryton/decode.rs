//! From Tryton's JSON to the vocabulary.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use tieout_domain::{
    AccountCode, Currency, Money, MoneyError,
    calendar::{PeriodKey, PeriodStatus},
    key::PostingKey,
    ledger::{
        AccountType, EntityRef, EntryKind, EntryStatus, LedgerAccount, LedgerEntry, LedgerLine, NameSource,
        PeriodReading,
    },
    unread::Concerns,
};

use crate::{
    kit::{Field, parse_decimal, within_limits},
    traits::Rejection,
};

/// What an entry's description says: our key, and the document's reference.
pub(super) struct Description<'a> {
    pub(super) key: Option<&'a str>,
    pub(super) reference: Option<&'a str>,
}

/// `KEY REFERENCE …` for our own moves, `REFERENCE …` for everybody else's.
pub(super) fn description(text: &str) -> Description<'_> {
    let mut words = text.split_whitespace();
    let first = words.next();
    match first {
        Some(key) if PostingKey::is_ours(key) => Description { key: Some(key), reference: words.next() },
        reference => Description { key: None, reference },
    }
}

/// `{"__class__": "date", "year", "month", "day"}`.
pub(super) fn date(field: Field<'_>) -> Result<NaiveDate, Rejection> {
    let part = |name| field.get(name).minor();
    let (year, month, day) = (part("year")?, part("month")?, part("day")?);
    let made = i32::try_from(year).ok().zip(u32::try_from(month).ok().zip(u32::try_from(day).ok()));
    made.and_then(|(y, (m, d))| NaiveDate::from_ymd_opt(y, m, d)).ok_or_else(|| field.wrong("is no date"))
}

/// `{"__class__": "datetime", …}` in UTC.
fn instant(field: Field<'_>) -> Result<Option<DateTime<Utc>>, Rejection> {
    if !field.is_there() {
        return Ok(None);
    }
    let part = |name| field.get(name).minor().ok().and_then(|n| u32::try_from(n).ok());
    let time = part("hour").zip(part("minute")).zip(part("second"));
    let at = time.and_then(|((h, m), s)| date(field).ok()?.and_hms_opt(h, m, s));
    at.map(|at| Some(at.and_utc())).ok_or_else(|| field.wrong("is no instant"))
}

/// `{"__class__": "Decimal", "decimal": "1.00"}`; nothing is zero.
pub(super) fn decimal(field: Field<'_>) -> Result<Decimal, Rejection> {
    if !field.is_there() {
        return Ok(Decimal::ZERO);
    }
    let text = field.get("decimal").text()?;
    parse_decimal(text).ok_or_else(|| field.wrong("is no decimal number"))
}

fn money(field: Field<'_>, currency: Currency) -> Result<i64, Rejection> {
    let amount = decimal(field)?;
    let money = Money::from_decimal_exact(amount, currency).map_err(|error| match error {
        MoneyError::Overflow => field.too_large(),
        _ => field.wrong(&error.to_string()),
    })?;
    within_limits(i128::from(money.minor())).ok_or_else(|| field.too_large())
}

/// One `account.period`.
pub(super) fn period(field: Field<'_>, company: i64) -> Result<PeriodReading, Rejection> {
    let (starts, ends) = (date(field.get("start_date"))?, date(field.get("end_date"))?);
    let status = match field.get("state").text()? {
        "open" => PeriodStatus::Open,
        "closed" | "locked" => PeriodStatus::Closed,
        _ => return Err(field.get("state").wrong("is a state that is not known")),
    };
    let whole_month = starts.day() == 1 && ends.succ_opt().is_some_and(|d| d.day() == 1);
    let key = match whole_month {
        true => PeriodKey::month(starts),
        false => PeriodKey::new(field.get("name").text()?),
    };
    Ok(PeriodReading {
        erp_id: field.get("id").id()?,
        entity: Some(EntityRef::ErpId(company.to_string())),
        key,
        starts,
        ends,
        status,
        // Tryton keeps no closing instant: only when the record was last written, for whatever reason.
        closed_at: None,
    })
}

/// What decoding moves needs to know besides them.
pub(super) struct Books<'a> {
    pub(super) company: i64,
    pub(super) currency: Currency,
    pub(super) periods: &'a HashMap<String, PeriodKey>,
    /// The invoices from which moves come, by their ids.
    pub(super) invoices: &'a HashMap<String, InvoiceNames>,
}

/// What names an invoice of Tryton's own.
pub(super) struct InvoiceNames {
    pub(super) number: Option<String>,
    pub(super) reference: Option<String>,
    /// The id of the move that books the invoice itself; others of it are payments and write-offs.
    pub(super) own_move: Option<String>,
}

/// The id of the invoice from which a move comes.
pub(super) fn invoice_of(origin: &str) -> Option<&str> {
    origin.strip_prefix("account.invoice,")
}

/// What a move is, of its origin and the type of its journal. The sign of what it moves on receivables tells
/// an invoice from a credit note, and a payment from one to a customer.
fn kind(own: Option<bool>, journal: &str, receivable: i128) -> EntryKind {
    match (own, journal) {
        (Some(true), "expense") if receivable == 0 => EntryKind::Bill,
        (Some(true), _) if receivable < 0 => EntryKind::CreditMemo,
        (Some(true), _) => EntryKind::Invoice,
        (Some(false), "cash") if receivable < 0 => EntryKind::Payment,
        (Some(false), "cash") if receivable > 0 => EntryKind::CustomerRefund,
        (Some(false), "cash") => EntryKind::BillPayment,
        _ => EntryKind::Journal,
    }
}

/// The party of the receivable lines, where it is one.
fn counterpart(lines: &[Field<'_>]) -> Result<Option<String>, Rejection> {
    let mut found: Option<String> = None;
    for line in lines.iter().filter(|line| is_receivable(**line)) {
        let Some(party) = line.get("party").maybe_id()? else { continue };
        if found.as_ref().is_some_and(|known| *known != party) {
            return Ok(None);
        }
        found = Some(party);
    }
    Ok(found)
}

fn is_receivable(line: Field<'_>) -> bool {
    line.get("account.").get("type.").get("receivable").maybe_flag() == Ok(Some(true))
}

/// What an account is for. Tryton's types say receivable, payable, revenue and expense; of all others only on
/// which statement they stand.
fn account_type(field: Field<'_>) -> Result<Option<AccountType>, Rejection> {
    let of = field.get("type.");
    if !of.is_object() {
        return Ok(None);
    }
    let is = |key| Ok::<bool, Rejection>(of.get(key).maybe_flag()?.unwrap_or(false));
    // Spain's charts have types that are both: such an account is no more income than it is a cost.
    if is("revenue")? && is("expense")? {
        return Ok(Some(AccountType::Other("income statement".to_owned())));
    }
    for (key, found) in [
        ("receivable", AccountType::Receivable),
        ("payable", AccountType::Payable),
        ("revenue", AccountType::Income),
        ("expense", AccountType::Expense),
    ] {
        if is(key)? {
            return Ok(Some(found));
        }
    }
    Ok(match of.get("statement").maybe_text()? {
        Some("balance") if is("assets")? => Some(AccountType::OtherCurrentAsset),
        Some("balance") => Some(AccountType::OtherCurrentLiability),
        Some("off-balance") => Some(AccountType::NonPosting),
        Some("income") => Some(AccountType::Other("income statement".to_owned())),
        _ => None,
    })
}

/// A sum of amounts, which may be larger than one of them.
pub(super) fn sum(field: Field<'_>, currency: Currency) -> Result<i64, Rejection> {
    let money = Money::from_decimal_exact(decimal(field)?, currency);
    money.map(Money::minor).map_err(|error| field.wrong(&error.to_string()))
}

/// One `account.account` that has a code.
pub(super) fn account(field: Field<'_>) -> Result<LedgerAccount, Rejection> {
    let (id, code) = (field.get("id").id()?, field.get("code"));
    let parsed = code.text()?.parse().map_err(|_| code.wrong("is no account code"))?;
    Ok(LedgerAccount::new(id, parsed, field.get("name").text()?).of_type(account_type(field)?))
}

/// One `account.move` with its lines.
pub(super) fn entry(
    move_: Field<'_>,
    lines: &[Field<'_>],
    books: &Books<'_>,
) -> Result<LedgerEntry, Rejection> {
    let said = move_.get("description").maybe_text()?.unwrap_or_default();
    let described = description(said);
    let period_id = move_.get("period").id()?;
    let period = books.periods.get(&period_id).cloned();
    let status = match move_.get("state").text()? {
        "posted" => EntryStatus::Booked,
        "draft" => EntryStatus::Unbooked,
        _ => return Err(move_.get("state").wrong("is a state that is not known")),
    };
    let currency = transaction_currency(lines, books.currency)?;
    let origin = move_.get("origin").maybe_text()?.unwrap_or_default();
    let erp_id = move_.get("id").id()?;
    let invoice = invoice_of(origin).and_then(|id| books.invoices.get(id));
    let own = invoice.map(|invoice| invoice.own_move.as_ref() == Some(&erp_id));
    let made: Vec<LedgerLine> =
        lines.iter().map(|l| line(*l, currency, books.currency)).collect::<Result<_, _>>()?;
    let receivable = lines.iter().zip(&made).filter(|(field, _)| is_receivable(**field));
    let receivable: i128 = receivable.map(|(_, line)| i128::from(line.functional_minor)).sum();
    let journal = move_.get("journal.").get("type").maybe_text()?.unwrap_or_default();
    let reference = match (own, invoice) {
        // Its own text may be anything: the invoice's number says what the move is of.
        (Some(true), Some(invoice)) if described.key.is_none() => invoice.number.clone(),
        (Some(false), _) if described.key.is_none() => None,
        _ => described.reference.map(str::to_owned),
    };
    let mut entry = LedgerEntry {
        erp_id,
        number: move_.get("number").maybe_text()?.map(str::to_owned),
        external_id: described.key.map(str::to_owned),
        reference,
        entity: EntityRef::ErpId(books.company.to_string()),
        posting_date: date(move_.get("date"))?,
        period: period.ok_or_else(|| move_.get("period").wrong("is no period of this company"))?,
        kind: kind(own, journal, receivable),
        part_of: None,
        status,
        currency,
        functional_currency: books.currency,
        rate: None,
        reverses: origin.strip_prefix("account.move,").map(str::to_owned),
        created_at: instant(move_.get("create_date"))?,
        changed_at: instant(move_.get("write_date"))?,
        memo: Some(said.to_owned()),
        names: Vec::new(),
        counterpart: counterpart(lines)?,
        lines: made,
    };
    for name in invoice.into_iter().flat_map(|invoice| [&invoice.number, &invoice.reference]).flatten() {
        entry.add_name(NameSource::OtherReference, name);
    }
    Ok(entry)
}

/// What a move could be about that cannot be read.
pub(super) fn concerns(id: &str, move_: Field<'_>, lines: &[Field<'_>], books: &Books<'_>) -> Concerns {
    let mut concerns = Concerns::of(id);
    let described = move_.get("description").texts();
    concerns.named = described.iter().any(|text| !text.trim().is_empty());
    described.iter().chain(&move_.get("number").texts()).for_each(|text| concerns.text(text));
    if let Ok(day) = date(move_.get("date")) {
        concerns.day(day);
    }
    for line in lines {
        line.get("description").texts().iter().for_each(|text| concerns.text(text));
        for side in ["debit", "credit"] {
            if let Ok(minor) = money(line.get(side), books.currency) {
                concerns.amount(minor);
            }
        }
        let second = line.get("second_currency.").get("code").text().ok().and_then(|c| Currency::new(c).ok());
        if let Some(Ok(minor)) = second.map(|own| money(line.get("amount_second_currency"), own)) {
            concerns.amount(minor);
        }
    }
    concerns
}

/// The lines' second currency where all of them have the same one, else the company's own.
fn transaction_currency(lines: &[Field<'_>], own: Currency) -> Result<Currency, Rejection> {
    let mut found: Option<Currency> = None;
    for line in lines {
        let second = line.get("second_currency.");
        if !second.is_object() {
            return Ok(own);
        }
        let code = second.get("code").text()?;
        let currency = Currency::new(code).map_err(|e| second.wrong(&e.to_string()))?;
        if found.is_some_and(|f| f != currency) {
            return Ok(own);
        }
        found = Some(currency);
    }
    Ok(found.unwrap_or(own))
}

fn line(line: Field<'_>, currency: Currency, own: Currency) -> Result<LedgerLine, Rejection> {
    let (debit, credit) = (money(line.get("debit"), own)?, money(line.get("credit"), own)?);
    let functional = within_limits(i128::from(debit) - i128::from(credit)).ok_or_else(|| line.too_large())?;
    let transaction = match currency == own {
        true => functional,
        false => money(line.get("amount_second_currency"), currency)?,
    };
    let code = line.get("account.").get("code");
    let account: AccountCode = code.text()?.parse().map_err(|_| code.wrong("is no account code"))?;
    Ok(LedgerLine {
        account,
        transaction_minor: transaction,
        functional_minor: functional,
        memo: line.get("description").maybe_text()?.map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use tieout_domain::key::{KeyScope, Slot};

    use super::*;

    #[test]
    fn a_description_names_our_key_and_the_reference_or_just_the_reference() {
        let key = PostingKey::derive(
            KeyScope { tenant: "tryton/1", entity_erp_id: "1", reference: "INV-1" },
            &Slot::Raise,
            &[],
        );
        let text = format!("{key} INV-1 more");
        let ours = description(&text);
        assert_eq!((ours.key, ours.reference), (Some(key.as_str()), Some("INV-1")));
        let other = description("INV-1 by hand");
        assert_eq!((other.key, other.reference), (None, Some("INV-1")));
        assert_eq!(description("").reference, None);
    }

    #[test]
    fn an_amount_that_could_not_be_summed_is_refused() {
        let decimal = |text: &str| serde_json::json!({ "__class__": "Decimal", "decimal": text });
        let value = serde_json::json!({
            "a": decimal("2882303761517117.43"), "b": decimal("2882303761517117.44"),
            "c": decimal("-92233720368547758.08"), "d": decimal("99999999999999999999999999"),
            "account.": { "code": "1" }, "debit": decimal("2882303761517117.43"),
            "credit": decimal("-0.01"),
        });
        let read = |key| money(Field::root(&value, "line").get(key), Currency::GBP).map_err(|r| r.code);
        assert_eq!(read("a"), Ok(288_230_376_151_711_743));
        for key in ["b", "c", "d"] {
            assert_eq!(read(key), Err("amount_out_of_range".to_owned()), "{key}");
        }
        let net = line(Field::root(&value, "line"), Currency::GBP, Currency::GBP).unwrap_err();
        assert_eq!(net.code, "amount_out_of_range", "debit less credit");
    }

    #[test]
    fn an_amount_with_more_digits_than_the_currency_is_drift() {
        let value = serde_json::json!({ "debit": { "__class__": "Decimal", "decimal": "1.005" } });
        let field = Field::root(&value, "line").get("debit");
        assert_eq!(money(field, Currency::GBP).unwrap_err().code, "schema_drift");
        assert_eq!(money(Field::root(&value, "line").get("credit"), Currency::GBP).unwrap(), 0);
    }
}
