//! NetSuite's rows and records into canonical entries, customers and periods. Pure.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use tieout_domain::{
    AccountCode, Currency, Money, MoneyError, Rounding,
    calendar::PeriodStatus,
    ledger::{
        AccountType, EntityRef, EntryKind, EntryStatus, LedgerAccount, LedgerCustomer, LedgerEntry,
        LedgerLine, NameSource, PeriodReading,
    },
    unread::Concerns,
};

use super::{
    chart::{Chart, ONLY, date, flag, period_key},
    suiteql::CHRONO_TIME,
};
use crate::{
    kit::{Field, within_limits},
    traits::Rejection,
};

/// What decoding entries needs to know besides their rows.
pub(super) struct Books<'a> {
    /// Master data.
    pub(super) chart: &'a Chart,
    /// The zone of the account's times.
    pub(super) zone: Tz,
    /// What reversals reverse.
    pub(super) reverses: &'a HashMap<String, String>,
    /// Fields of the customer's own that hold names.
    pub(super) fields: &'a [String],
}

/// Decodes the rows of one transaction: an entry, or of one over several subsidiaries an entry for each, in
/// the order in which they come.
pub(super) fn entries(rows: &[Field<'_>], books: &Books<'_>) -> Result<Vec<LedgerEntry>, Rejection> {
    let mut parts: Vec<(String, Vec<Field<'_>>)> = Vec::new();
    for row in rows {
        let subsidiary = subsidiary(*row, books.chart)?;
        match parts.iter_mut().find(|(known, _)| *known == subsidiary) {
            Some((_, own)) => own.push(*row),
            None => parts.push((subsidiary, vec![*row])),
        }
    }
    let several = parts.len() > 1;
    let made = parts.into_iter().map(|(subsidiary, own)| {
        let entry = entry(&own, &subsidiary, books)?;
        Ok(if several { part(entry, &subsidiary) } else { entry })
    });
    made.collect()
}

fn subsidiary(row: Field<'_>, chart: &Chart) -> Result<String, Rejection> {
    if chart.features().one_world { row.get("subsidiary").id() } else { Ok(ONLY.to_owned()) }
}

/// The id of one subsidiary's part of a transaction.
pub(super) fn part_id(id: &str, subsidiary: &str) -> String {
    format!("{id}{PART}{subsidiary}")
}

/// The transaction's own id, and whose part of it is meant where it is one.
pub(super) fn split_id(erp_id: &str) -> (&str, Option<&str>) {
    erp_id.split_once(PART).map_or((erp_id, None), |(id, subsidiary)| (id, Some(subsidiary)))
}

/// Stands between a transaction's id, which is a number, and a subsidiary's.
const PART: char = ':';

/// The entry as one entity's part of its transaction. A reversal of such a transaction is over the same
/// subsidiaries: part reverses part.
fn part(entry: LedgerEntry, subsidiary: &str) -> LedgerEntry {
    LedgerEntry {
        reverses: entry.reverses.map(|id| part_id(&id, subsidiary)),
        part_of: Some(entry.erp_id.clone()),
        erp_id: part_id(&entry.erp_id, subsidiary),
        ..entry
    }
}

/// The currency of a transaction's amounts.
fn transaction_currency(head: Field<'_>, chart: &Chart) -> Result<Currency, Rejection> {
    if chart.features().currencies {
        return known(head.get("currency"), |id| chart.currency(id));
    }
    chart.currency(ONLY).ok_or_else(|| head.get("currency").missing())
}

/// Decodes the rows of one subsidiary.
fn entry(rows: &[Field<'_>], subsidiary: &str, books: &Books<'_>) -> Result<LedgerEntry, Rejection> {
    let Some(head) = rows.first().copied() else {
        return Err(crate::kit::drift("transaction", "an entry without rows"));
    };
    let (id, chart) = (head.get("id").id()?, books.chart);
    let currency = transaction_currency(head, chart)?;
    let functional = chart.functional(subsidiary).ok_or_else(|| {
        let words = format!("is {subsidiary}, which the account's lists do not have");
        head.get("subsidiary").wrong(&words)
    })?;
    let memo = head.get("memo").maybe_text()?;
    let kind = kind(head.get("type").text()?);
    let lines = lines_of(rows, &kind, (currency, functional), chart)?;
    let number = head.get("tranid").maybe_text()?.map(str::to_owned);
    let mut entry = LedgerEntry {
        reverses: books.reverses.get(&id).cloned(),
        reference: reference(&kind, memo, number.as_deref()),
        number,
        external_id: head.get("externalid").maybe_text()?.map(str::to_owned),
        entity: EntityRef::ErpId(subsidiary.to_owned()),
        posting_date: date(head.get("trandate"))?,
        period: known(head.get("postingperiod"), |id| chart.period_key(id).cloned())?,
        kind,
        part_of: None,
        status: status(head)?,
        currency,
        functional_currency: functional,
        rate: head.get("exchangerate").maybe_decimal()?,
        created_at: instant(head.get("created"), books.zone)?,
        changed_at: instant(head.get("changed"), books.zone)?,
        memo: memo.map(str::to_owned),
        names: Vec::new(),
        counterpart: counterpart(head, rows)?,
        lines,
        erp_id: id,
    };
    if let Some(other) = head.get("otherrefnum").maybe_text()? {
        entry.add_name(NameSource::OtherReference, other);
    }
    for field in books.fields {
        if let Some(name) = head.get(field).maybe_text()? {
            entry.add_name(NameSource::Field(field.clone()), name);
        }
    }
    Ok(entry)
}

/// The lines. A line that moves nothing in one of the currencies (rounding, a revaluation) may come without
/// the amount; where no line has one, or they do not balance without it, it is missing.
fn lines_of(
    rows: &[Field<'_>],
    kind: &EntryKind,
    (currency, functional): (Currency, Currency),
    chart: &Chart,
) -> Result<Vec<LedgerLine>, Rejection> {
    let all_zero = *kind == EntryKind::Revaluation;
    let functional_minors = amounts(rows, "amount", functional, false)?;
    let transaction_minors = match chart.features().currencies {
        true => amounts(rows, "foreignamount", currency, all_zero)?,
        false => functional_minors.clone(),
    };
    let both = transaction_minors.into_iter().zip(functional_minors);
    let lines = rows.iter().zip(both).map(|(row, (transaction_minor, functional_minor))| {
        let memo = row.get("linememo").maybe_text()?.map(str::to_owned);
        Ok(LedgerLine { account: account(row.get("account"))?, transaction_minor, functional_minor, memo })
    });
    lines.collect()
}

fn amounts(
    rows: &[Field<'_>],
    column: &'static str,
    currency: Currency,
    all_zero: bool,
) -> Result<Vec<i64>, Rejection> {
    let (mut minors, mut without) = (Vec::with_capacity(rows.len()), None);
    for row in rows {
        let field = row.get(column);
        without = without.or_else(|| (!field.is_there()).then_some(field));
        minors.push(if field.is_there() { minor(field, currency)? } else { 0 });
    }
    let sum: i128 = minors.iter().map(|minor| i128::from(*minor)).sum();
    let any = rows.iter().any(|row| row.get(column).is_there());
    match without {
        Some(field) if sum != 0 || !(any || all_zero) => Err(field.missing()),
        Some(_) | None => Ok(minors),
    }
}

/// Whom the entry is about: as its header says, else the one whom its receivable lines name.
fn counterpart(head: Field<'_>, rows: &[Field<'_>]) -> Result<Option<String>, Rejection> {
    if let Some(id) = head.get("entity").maybe_id()? {
        return Ok(Some(id));
    }
    let mut found: Option<String> = None;
    for row in rows.iter().filter(|row| row.get("accttype").text() == Ok("AcctRec")) {
        let Some(id) = row.get("lineentity").maybe_id()? else { continue };
        if found.as_ref().is_some_and(|known| *known != id) {
            return Ok(None);
        }
        found = Some(id);
    }
    Ok(found)
}

/// What a record is, by the code of its type in SuiteQL.
fn kind(code: &str) -> EntryKind {
    match code {
        "Journal" => EntryKind::Journal,
        "CustInvc" => EntryKind::Invoice,
        "CustCred" => EntryKind::CreditMemo,
        "CashSale" => EntryKind::CashSale,
        "CashRfnd" => EntryKind::CashRefund,
        "CustPymt" => EntryKind::Payment,
        "CustRfnd" => EntryKind::CustomerRefund,
        "CustDep" => EntryKind::CustomerDeposit,
        "DepAppl" => EntryKind::DepositApplication,
        "Deposit" => EntryKind::Deposit,
        "Transfer" => EntryKind::Transfer,
        "Check" => EntryKind::Check,
        "VendBill" => EntryKind::Bill,
        "VendCred" => EntryKind::BillCredit,
        "VendPymt" => EntryKind::BillPayment,
        "FxReval" => EntryKind::Revaluation,
        other => EntryKind::Other(other.to_owned()),
    }
}

/// The document's reference as the entry itself says it: a journal in its memo, a record of a sale in its own
/// number. A payment's number is its own, and what else it names is in its names.
fn reference(kind: &EntryKind, memo: Option<&str>, number: Option<&str>) -> Option<String> {
    match kind {
        EntryKind::Journal => reference_of(memo),
        EntryKind::Invoice | EntryKind::CreditMemo | EntryKind::CashSale | EntryKind::CashRefund => {
            number.map(str::to_owned)
        }
        _ => None,
    }
}

/// What an entry could be about whose rows cannot be read as one.
pub(super) fn concerns(id: i64, rows: &[Field<'_>], chart: &Chart) -> Concerns {
    let mut concerns = Concerns::of(id.to_string());
    for row in rows {
        let memo = row.get("memo").texts();
        concerns.named |= memo.iter().any(|text| !text.trim().is_empty());
        let keys = ["tranid", "externalid", "otherrefnum", "linememo"];
        let said = keys.map(|key| row.get(key).texts());
        memo.iter().chain(said.iter().flatten()).for_each(|text| concerns.text(text));
        if let Ok(day) = date(row.get("trandate")) {
            concerns.day(day);
        }
        let transaction = transaction_currency(*row, chart);
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
    let currency = transaction_currency(field, chart)?;
    let one_world = chart.features().one_world;
    let subsidiary = if one_world { field.get("subsidiary").id()? } else { ONLY.to_owned() };
    let functional = chart.functional(&subsidiary);
    let functional = functional.ok_or_else(|| field.get("subsidiary").wrong("is not in the lists"))?;
    let rate = field.get("exchangeRate").maybe_decimal()?;
    let items = field.get("line").get("items");
    if !items.is_there() {
        return Err(items.missing());
    }
    let (mut lines, mut named) = (Vec::new(), Vec::new());
    for item in items.items()? {
        named.extend(item.get("entity").maybe_id()?);
        let transaction = side(item, currency)?;
        lines.push(LedgerLine {
            account: known(item.get("account"), |id| chart.number(id).cloned())?,
            transaction_minor: transaction,
            functional_minor: at_rate(item, transaction, currency, functional, rate)?,
            memo: item.get("memo").maybe_text()?.map(str::to_owned),
        });
    }
    let void = field.get("void").maybe_flag()?.unwrap_or(false);
    let status = match (void, is_approved(field)?) {
        (true, _) => EntryStatus::Void,
        (false, true) => EntryStatus::Booked,
        (false, false) => EntryStatus::Unbooked,
    };
    named.dedup();
    let memo = field.get("memo").maybe_text()?;
    Ok(LedgerEntry {
        erp_id: field.get("id").id()?,
        number: field.get("tranId").maybe_text()?.map(str::to_owned),
        external_id: field.get("externalId").maybe_text()?.map(str::to_owned),
        reference: reference_of(memo),
        entity: EntityRef::ErpId(subsidiary),
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
        counterpart: named.pop().filter(|_| named.is_empty()),
        lines,
    })
}

/// Approved as the account approves: by its routing (`approvalStatus`) or, in the older way, by the flag
/// `approved`. Where a record has neither, nothing is approved there.
fn is_approved(field: Field<'_>) -> Result<bool, Rejection> {
    Ok(match field.get("approvalStatus").maybe_id()? {
        Some(status) => status == "2",
        None => field.get("approved").maybe_flag()?.unwrap_or(true),
    })
}

/// True where the record service shows only some of the lines.
pub(super) fn is_cut(field: Field<'_>) -> Result<bool, Rejection> {
    Ok(field.get("line").get("hasMore").maybe_flag()?.unwrap_or(false))
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
        closed_at: if closed { end_of_closing(row.get("closedon"), zone)? } else { None },
    }))
}

/// When a period was closed. The vendor keeps a date and no time (`closedOnDate`, REST API Browser): then it
/// is the end of that day, so that nothing of the day counts as late.
fn end_of_closing(field: Field<'_>, zone: Tz) -> Result<Option<DateTime<Utc>>, Rejection> {
    let Some(text) = field.maybe_text()? else { return Ok(None) };
    let midnight =
        NaiveDateTime::parse_from_str(text, CHRONO_TIME).ok().filter(|at| at.time() == NaiveTime::MIN);
    let Some(next) = midnight.and_then(|at| at.date().succ_opt()) else { return instant(field, zone) };
    let next = at_local(next.and_time(NaiveTime::MIN), zone);
    Ok(Some(next - chrono::Duration::milliseconds(1)))
}

/// Decodes an account's row.
pub(super) fn ledger_account(row: Field<'_>) -> Result<LedgerAccount, Rejection> {
    let (id, code) = (row.get("id").id()?, account(row.get("account"))?);
    let kind = account_type(row.get("accttype").text()?);
    Ok(LedgerAccount::new(id, code, row.get("name").text()?).of_type(Some(kind)))
}

/// What an account is for, by the code of its type.
fn account_type(code: &str) -> AccountType {
    match code {
        "Bank" => AccountType::Bank,
        "AcctRec" => AccountType::Receivable,
        "UnbilledRec" => AccountType::UnbilledReceivable,
        "OthCurrAsset" => AccountType::OtherCurrentAsset,
        "FixedAsset" => AccountType::FixedAsset,
        "OthAsset" => AccountType::OtherAsset,
        "AcctPay" => AccountType::Payable,
        "CredCard" => AccountType::CreditCard,
        "OthCurrLiab" => AccountType::OtherCurrentLiability,
        "LongTermLiab" => AccountType::LongTermLiability,
        "DeferRevenue" => AccountType::DeferredRevenue,
        "DeferExpense" => AccountType::DeferredExpense,
        "Equity" => AccountType::Equity,
        "Income" => AccountType::Income,
        "OthIncome" => AccountType::OtherIncome,
        "COGS" => AccountType::CostOfSales,
        "Expense" => AccountType::Expense,
        "OthExpense" => AccountType::OtherExpense,
        "NonPosting" => AccountType::NonPosting,
        other => AccountType::Other(other.to_owned()),
    }
}

fn known<T>(field: Field<'_>, find: impl Fn(&str) -> Option<T>) -> Result<T, Rejection> {
    let id = field.id()?;
    find(&id).ok_or_else(|| field.wrong(&format!("is {id}, which the account's lists do not have")))
}

pub(super) fn account(field: Field<'_>) -> Result<AccountCode, Rejection> {
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

/// A sum of amounts, which may be larger than one of them.
pub(super) fn sum(field: Field<'_>, currency: Currency) -> Result<i64, Rejection> {
    let money = Money::from_decimal_exact(field.decimal()?, currency);
    money.map(Money::minor).map_err(|error| field.wrong(&error.to_string()))
}

/// A time as queries write it, in the account's zone. One that a clock change makes twice is the earlier.
fn instant(field: Field<'_>, zone: Tz) -> Result<Option<DateTime<Utc>>, Rejection> {
    let Some(text) = field.maybe_text()? else { return Ok(None) };
    let local = NaiveDateTime::parse_from_str(text, CHRONO_TIME).map_err(|_| field.wrong("is no time"))?;
    Ok(Some(at_local(local, zone)))
}

fn at_local(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    let at = zone.from_local_datetime(&local).earliest();
    at.map_or_else(|| local.and_utc(), |at| at.with_timezone(&Utc))
}

fn iso(field: Field<'_>) -> Result<Option<DateTime<Utc>>, Rejection> {
    let Some(text) = field.maybe_text()? else { return Ok(None) };
    let at = DateTime::parse_from_rfc3339(text).map_err(|_| field.wrong("is no time"))?;
    Ok(Some(at.with_timezone(&Utc)))
}
