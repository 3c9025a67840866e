//! NetSuite's rows and records into canonical entries, customers and periods. Pure.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use tieout_domain::{
    AccountCode, Currency, Money, MoneyError, Rounding,
    calendar::PeriodStatus,
    ledger::{
        EntityRef, EntryKind, EntryStatus, LedgerAccount, LedgerCustomer, LedgerEntry, LedgerLine,
        PeriodReading,
    },
    unread::Concerns,
};

use super::{
    chart::{Chart, date, flag, period_key},
    suiteql::CHRONO_TIME,
};
use crate::{
    kit::{Field, within_limits},
    traits::Rejection,
};

/// Decodes the rows of one entry. `reverses` has what reversals reverse.
pub(super) fn entry(
    rows: &[Field<'_>],
    chart: &Chart,
    zone: Tz,
    reverses: &HashMap<String, String>,
) -> Result<LedgerEntry, Rejection> {
    let Some(head) = rows.first().copied() else {
        return Err(crate::kit::drift("transaction", "an entry without rows"));
    };
    let id = head.get("id").id()?;
    let currency = known(head.get("currency"), |id| chart.currency(id))?;
    let subsidiary = head.get("subsidiary").id()?;
    let functional = known(head.get("subsidiary"), |id| chart.functional(id))?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        if row.get("subsidiary").id()? != subsidiary {
            return Err(Rejection {
                code: "unsupported_entry".to_owned(),
                place: format!("transaction/{id}"),
                message: "an intercompany journal over several subsidiaries: tie it out by hand".to_owned(),
            });
        }
        lines.push(LedgerLine {
            account: account(row.get("account"))?,
            transaction_minor: minor(row.get("foreignamount"), currency)?,
            functional_minor: minor(row.get("amount"), functional)?,
            memo: row.get("linememo").maybe_text()?.map(str::to_owned),
        });
    }
    let memo = head.get("memo").maybe_text()?;
    Ok(LedgerEntry {
        reverses: reverses.get(&id).cloned(),
        number: head.get("tranid").maybe_text()?.map(str::to_owned),
        external_id: head.get("externalid").maybe_text()?.map(str::to_owned),
        reference: reference_of(memo),
        entity: EntityRef::ErpId(subsidiary),
        posting_date: date(head.get("trandate"))?,
        period: known(head.get("postingperiod"), |id| chart.period_key(id).cloned())?,
        kind: EntryKind::Journal,
        part_of: None,
        status: status(head)?,
        currency,
        functional_currency: functional,
        rate: head.get("exchangerate").maybe_decimal()?,
        created_at: instant(head.get("created"), zone)?,
        changed_at: instant(head.get("changed"), zone)?,
        memo: memo.map(str::to_owned),
        names: Vec::new(),
        counterpart: None,
        lines,
        erp_id: id,
    })
}

/// What an entry could be about whose rows cannot be read as one.
pub(super) fn concerns(id: i64, rows: &[Field<'_>], chart: &Chart) -> Concerns {
    let mut concerns = Concerns::of(id.to_string());
    for row in rows {
        let memo = row.get("memo").texts();
        concerns.named |= memo.iter().any(|text| !text.trim().is_empty());
        let said = [row.get("tranid").texts(), row.get("externalid").texts(), row.get("linememo").texts()];
        memo.iter().chain(said.iter().flatten()).for_each(|text| concerns.text(text));
        if let Ok(day) = date(row.get("trandate")) {
            concerns.day(day);
        }
        let transaction = known(row.get("currency"), |id| chart.currency(id));
        let functional = known(row.get("subsidiary"), |id| chart.functional(id));
        for (amount, currency) in [(row.get("foreignamount"), transaction), (row.get("amount"), functional)] {
            if let Ok(minor) = currency.and_then(|currency| minor(amount, currency)) {
                concerns.amount(minor);
            }
        }
    }
    concerns
}

/// An entry counts when it posts, is approved (or needs no approval) and is not voided.
fn status(head: Field<'_>) -> Result<EntryStatus, Rejection> {
    let posting = flag(head.get("posting"))?;
    let voided = flag(head.get("voided"))?;
    // Absent where the account does not route journals for approval.
    let approval = head.get("approvalstatus").maybe_id()?;
    Ok(match (voided, posting, approval.as_deref()) {
        (true, _, _) => EntryStatus::Void,
        (false, true, None | Some("2")) => EntryStatus::Booked,
        (false, _, _) => EntryStatus::Unbooked,
    })
}

/// The document's reference: the first word of the memo.
pub(super) fn reference_of(memo: Option<&str>) -> Option<String> {
    memo.and_then(|memo| memo.split_whitespace().next()).map(str::to_owned)
}

/// Decodes a journal as the record service shows it, lines included. Functional amounts are the transaction
/// amounts at the entry's rate, because the record has no others.
pub(super) fn record(field: Field<'_>, chart: &Chart) -> Result<LedgerEntry, Rejection> {
    let currency = known(field.get("currency"), |id| chart.currency(id))?;
    let functional = known(field.get("subsidiary"), |id| chart.functional(id))?;
    let rate = field.get("exchangeRate").maybe_decimal()?;
    let items = field.get("line").get("items");
    if !items.is_there() {
        return Err(items.missing());
    }
    let mut lines = Vec::new();
    for item in items.items()? {
        let transaction = side(item, currency)?;
        lines.push(LedgerLine {
            account: known(item.get("account"), |id| chart.number(id).cloned())?,
            transaction_minor: transaction,
            functional_minor: at_rate(item, transaction, currency, functional, rate)?,
            memo: item.get("memo").maybe_text()?.map(str::to_owned),
        });
    }
    let approval = field.get("approvalStatus").maybe_id()?;
    let void = field.get("void").maybe_flag()?.unwrap_or(false);
    let status = match (void, approval.as_deref()) {
        (true, _) => EntryStatus::Void,
        (false, None | Some("2")) => EntryStatus::Booked,
        (false, Some(_)) => EntryStatus::Unbooked,
    };
    let memo = field.get("memo").maybe_text()?;
    Ok(LedgerEntry {
        erp_id: field.get("id").id()?,
        number: field.get("tranId").maybe_text()?.map(str::to_owned),
        external_id: field.get("externalId").maybe_text()?.map(str::to_owned),
        reference: reference_of(memo),
        entity: EntityRef::ErpId(field.get("subsidiary").id()?),
        posting_date: date(field.get("tranDate"))?,
        period: known(field.get("postingPeriod"), |id| chart.period_key(id).cloned())?,
        kind: EntryKind::Journal,
        part_of: None,
        status,
        currency,
        functional_currency: functional,
        rate,
        reverses: None,
        created_at: iso(field.get("createdDate"))?,
        changed_at: iso(field.get("lastModifiedDate"))?,
        memo: memo.map(str::to_owned),
        names: Vec::new(),
        counterpart: None,
        lines,
    })
}

/// Debit less credit of a line, minor units.
fn side(item: Field<'_>, currency: Currency) -> Result<i64, Rejection> {
    let amount = |key| {
        let field = item.get(key);
        if field.is_there() { minor(field, currency) } else { Ok(0) }
    };
    let (debit, credit) = (amount("debit")?, amount("credit")?);
    if !item.get("debit").is_there() && !item.get("credit").is_there() {
        return Err(item.get("debit").missing());
    }
    within_limits(i128::from(debit) - i128::from(credit)).ok_or_else(|| item.too_large())
}

fn at_rate(
    item: Field<'_>,
    transaction: i64,
    currency: Currency,
    functional: Currency,
    rate: Option<Decimal>,
) -> Result<i64, Rejection> {
    if currency == functional {
        return Ok(transaction);
    }
    let rate =
        rate.ok_or_else(|| item.wrong("is in a foreign currency, but the entry has no exchangeRate"))?;
    let converted = Money::new(transaction, currency).convert(rate, functional, Rounding::HalfUp);
    let minor = converted.map_err(|error| item.wrong(&error.to_string()))?.minor();
    within_limits(i128::from(minor)).ok_or_else(|| item.too_large())
}

/// Decodes a customer's row.
pub(super) fn customer(row: Field<'_>) -> Result<LedgerCustomer, Rejection> {
    let mut name = None;
    for key in ["companyname", "altname", "entityid"] {
        if name.is_none() {
            name = row.get(key).maybe_text()?;
        }
    }
    let entityid = row.get("entityid");
    Ok(LedgerCustomer {
        erp_id: row.get("id").id()?,
        external_id: row.get("externalid").maybe_text()?.map(str::to_owned),
        name: name.ok_or_else(|| entityid.missing())?.to_owned(),
    })
}

/// Decodes a period's row. `None` for an adjustment period, which lies within another.
pub(super) fn period(row: Field<'_>, zone: Tz) -> Result<Option<PeriodReading>, Rejection> {
    let (starts, ends) = (date(row.get("starts"))?, date(row.get("ends"))?);
    let (closed, all) = (flag(row.get("closed"))?, flag(row.get("alllocked"))?);
    let (ar, ap) = (flag(row.get("arlocked"))?, flag(row.get("aplocked"))?);
    if flag(row.get("isadjust"))? {
        return Ok(None);
    }
    let status = match (closed, all, ar, ap) {
        (true, _, _, _) => PeriodStatus::Closed,
        (false, true, _, _) => PeriodStatus::Locked { ar: true, ap: true, gl: true },
        (false, false, false, false) => PeriodStatus::Open,
        (false, false, ar, ap) => PeriodStatus::Locked { ar, ap, gl: false },
    };
    Ok(Some(PeriodReading {
        erp_id: row.get("id").id()?,
        entity: None,
        key: period_key(starts, ends),
        starts,
        ends,
        status,
        closed_at: if closed { instant(row.get("closedon"), zone)? } else { None },
    }))
}

/// Decodes an account's row.
pub(super) fn ledger_account(row: Field<'_>) -> Result<LedgerAccount, Rejection> {
    Ok(LedgerAccount::new(row.get("id").id()?, account(row.get("account"))?, row.get("name").text()?))
}

fn known<T>(field: Field<'_>, find: impl Fn(&str) -> Option<T>) -> Result<T, Rejection> {
    let id = field.id()?;
    find(&id).ok_or_else(|| field.wrong(&format!("is {id}, which the account's lists do not have")))
}

fn account(field: Field<'_>) -> Result<AccountCode, Rejection> {
    field.text()?.parse().map_err(|_| field.wrong("is no account code"))
}

fn minor(field: Field<'_>, currency: Currency) -> Result<i64, Rejection> {
    let amount = field.decimal()?;
    let money = Money::from_decimal_exact(amount, currency).map_err(|error| match error {
        MoneyError::Overflow => field.too_large(),
        _ => field.wrong(&error.to_string()),
    })?;
    within_limits(i128::from(money.minor())).ok_or_else(|| field.too_large())
}

/// A time as queries write it, in the account's zone. One that a clock change makes twice is the earlier.
fn instant(field: Field<'_>, zone: Tz) -> Result<Option<DateTime<Utc>>, Rejection> {
    let Some(text) = field.maybe_text()? else { return Ok(None) };
    let local = NaiveDateTime::parse_from_str(text, CHRONO_TIME).map_err(|_| field.wrong("is no time"))?;
    let at = zone.from_local_datetime(&local).earliest();
    Ok(Some(at.map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))))
}

fn iso(field: Field<'_>) -> Result<Option<DateTime<Utc>>, Rejection> {
    let Some(text) = field.maybe_text()? else { return Ok(None) };
    let at = DateTime::parse_from_rfc3339(text).map_err(|_| field.wrong("is no time"))?;
    Ok(Some(at.with_timezone(&Utc)))
}
