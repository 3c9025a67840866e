//! The record `journalEntry`: create, read, approve.

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Number, Value, json};

use super::Account;
use super::auth::text;
use super::jobs;
use super::reply::{self, Problem};
use crate::book::lookup::{EntryNames, Key, Reference};
use crate::book::{Approval, BookedEntry, Feature, NewEntry, NewLine, PeriodRule};
use crate::fault::{FaultKind, Injected};

pub(super) async fn create(
    State(account): State<Arc<Account>>,
    injected: Option<Extension<Injected>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let injected = injected.map(|Extension(Injected(kind))| kind);
    let host = text(&headers, header::HOST).unwrap_or_default().to_owned();
    if text(&headers, "prefer").is_some_and(|prefer| prefer.contains("respond-async")) {
        return jobs::accept(&account, &headers, &host, || book(&account, injected, &body));
    }
    let strict = text(&headers, "x-netsuite-propertynamevalidation") == Some("error");
    if let Err(problem) =
        known_properties(&account, &body).or_else(|problem| if strict { Err(problem) } else { Ok(()) })
    {
        return problem.response();
    }
    match book(&account, injected, &body) {
        Ok(id) => reply::created(&host, "journalEntry", id),
        Err(problem) => problem.response(),
    }
}

fn book(account: &Account, injected: Option<FaultKind>, body: &[u8]) -> Result<i64, Problem> {
    let entry = entry_of(account, body)?;
    let rule = match injected {
        Some(FaultKind::ClosedPeriod) => PeriodRule::Refuse,
        Some(FaultKind::PeriodMoved) => PeriodRule::Move,
        Some(_) | None => PeriodRule::AsItIs,
    };
    let done = account.book.commit_with(&entry, rule);
    match (&done, injected) {
        (Ok(_), Some(kind @ FaultKind::PeriodMoved)) => account.faults.record(kind),
        (Err(crate::book::BookError::PeriodClosed), Some(kind @ FaultKind::ClosedPeriod)) => {
            account.faults.record(kind);
        }
        (Ok(_) | Err(_), _) => {}
    }
    done.map_err(|error| Problem::of_book(&error, "record"))
}

/// Whether the record has every property of a body (the vendor ignores others unless it is told not to).
fn known_properties(account: &Account, body: &[u8]) -> Result<(), Problem> {
    const HEAD: [&str; 10] = [
        "externalId",
        "tranDate",
        "trandate",
        "postingPeriod",
        "memo",
        "line",
        "approvalStatus",
        "approved",
        "subsidiary",
        "currency",
    ];
    const LINE: [&str; 8] =
        ["account", "debit", "credit", "memo", "entity", "department", "class", "location"];
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return Ok(()) };
    let options = &account.options;
    let has = |name: &str| match name {
        "subsidiary" => options.one_world,
        "currency" | "exchangeRate" => options.currencies,
        name => HEAD.contains(&name),
    };
    let unknown =
        |name: &String| Err(Problem::content(name, &format!("Unknown reference or field name: {name}.")));
    if let Some(name) = body.as_object().into_iter().flat_map(|map| map.keys()).find(|name| !has(name)) {
        return unknown(name);
    }
    let items = body.pointer("/line/items").and_then(Value::as_array).into_iter().flatten();
    let mut names = items.filter_map(Value::as_object).flat_map(|map| map.keys());
    names.find(|name| !LINE.contains(&name.as_str())).map_or(Ok(()), unknown)
}

/// The entry that a body asks for. Unknown properties are ignored: the vendor's default is a warning.
fn entry_of(account: &Account, body: &[u8]) -> Result<NewEntry, Problem> {
    let body: Value =
        serde_json::from_slice(body).map_err(|error| Problem::content("", &format!("{error}.")))?;
    let book_error = |error| Problem::of_book(&error, "record");
    let subsidiary = match account.options.one_world {
        true => reference(&body, "subsidiary", "subsidiary")?
            .ok_or_else(|| Problem::content("subsidiary", "Please enter value(s) for: Subsidiary."))?,
        false => 1,
    };
    let asked = match body.pointer("/currency/refName").and_then(Value::as_str) {
        Some(name) if body.pointer("/currency/id").is_none() => {
            Some(account.book.currency_named(name).map_err(book_error)?)
        }
        Some(_) | None => reference(&body, "currency", "currency")?,
    };
    let (currency, exponent) = account.book.currency_for(subsidiary, asked).map_err(book_error)?;
    let items = body.pointer("/line/items").and_then(Value::as_array);
    let items = items.ok_or_else(|| Problem::content("line.items", "Please enter line items."))?;
    let required = &account.options.required_segments;
    let lines = items
        .iter()
        .enumerate()
        .map(|(at, item)| line_of(item, at, exponent, required))
        .collect::<Result<_, _>>()?;
    let legacy = account.book.is_set_up(Feature::LegacyApprovals).map_err(book_error)?;
    let flag = body.get("approved").and_then(Value::as_bool);
    let asked = if legacy { None } else { reference(&body, "approvalStatus", "approvalStatus")? };
    let approval = match asked {
        None if legacy && flag == Some(true) => Approval::Approved,
        Some(id) => {
            Approval::from_id(id).ok_or_else(|| Problem::content("approvalStatus", "Invalid value."))?
        }
        None => account.options.default_approval,
    };
    Ok(NewEntry {
        external_id: string(&body, "externalId")?,
        subsidiary,
        date: date_of(&body)?.unwrap_or_else(|| account.book.now().date_naive()),
        period: reference(&body, "postingPeriod", "postingPeriod")?,
        currency: Some(currency),
        rate: body.get("exchangeRate").map(|rate| decimal(rate, "exchangeRate")).transpose()?,
        memo: string(&body, "memo")?.unwrap_or_default(),
        approval,
        reverses: None,
        lines,
    })
}

fn date_of(body: &Value) -> Result<Option<NaiveDate>, Problem> {
    let text = match string(body, "tranDate")? {
        Some(text) => Some(text),
        None => string(body, "trandate")?,
    };
    let parse = |text: String| {
        let wrong = |_| Problem::content("tranDate", &format!("Invalid date value '{text}'."));
        NaiveDate::parse_from_str(&text, "%Y-%m-%d").map_err(wrong)
    };
    text.map(parse).transpose()
}

fn line_of(item: &Value, at: usize, exponent: u32, required: &[String]) -> Result<NewLine, Problem> {
    let path = |field: &str| format!("line.items[{at}].{field}");
    let account = reference(item, "account", &path("account"))?
        .ok_or_else(|| Problem::content(&path("account"), "Please enter value(s) for: Account."))?;
    let side = |field: &str| item.get(field).map(|value| minor(value, &path(field), exponent)).transpose();
    let amount = match (side("debit")?, side("credit")?) {
        (Some(debit), None) => debit,
        (None, Some(credit)) => -credit,
        (Some(_), Some(_)) | (None, None) => {
            return Err(Problem::content(&path("debit"), "A line needs either a debit or a credit."));
        }
    };
    for segment in required {
        if reference(item, segment, &path(segment))?.is_none() {
            return Err(Problem::content(&path(segment), &format!("Please enter value(s) for: {segment}.")));
        }
    }
    let entity = reference(item, "entity", &path("entity"))?;
    Ok(NewLine { account, amount, functional: None, memo: string(item, "memo")?, entity })
}

/// `{"id": "7"}` or `{"id": 7}`.
fn reference(body: &Value, field: &str, path: &str) -> Result<Option<i64>, Problem> {
    let Some(value) = body.get(field) else { return Ok(None) };
    let id = match value.get("id") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    };
    id.map(Some).ok_or_else(|| Problem::content(path, "Invalid reference: an id is needed."))
}

fn string(body: &Value, field: &str) -> Result<Option<String>, Problem> {
    match body.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(Problem::content(field, "Invalid value: a string is needed."))
        }
    }
}

/// A JSON number's own digits as a decimal; a string is refused.
fn decimal(value: &Value, path: &str) -> Result<Decimal, Problem> {
    let Value::Number(number) = value else {
        return Err(Problem::content(path, "Invalid value: a number is needed."));
    };
    let digits = number.to_string();
    let parsed = digits.parse().or_else(|_| Decimal::from_scientific(&digits));
    parsed.map_err(|_| Problem::content(path, &format!("Invalid number {digits}.")))
}

fn minor(value: &Value, path: &str, exponent: u32) -> Result<i64, Problem> {
    let major = decimal(value, path)?.normalize();
    if major.scale() > exponent || major <= Decimal::ZERO {
        return Err(Problem::content(path, &format!("Invalid amount {major}.")));
    }
    let minor = major.checked_mul(Decimal::from(10_i64.pow(exponent))).and_then(|minor| minor.to_i64());
    minor.ok_or_else(|| Problem::content(path, "The amount is too large."))
}

pub(super) async fn read(
    State(account): State<Arc<Account>>,
    Path(key): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    match find(&account, &key) {
        Ok((entry, names)) => {
            let expand =
                query.is_some_and(|query| query.split('&').any(|pair| pair == "expandSubResources=true"));
            reply::json_body("journalEntry", shown(&account, render(&entry, &names, expand)))
        }
        Err(problem) => problem.response(),
    }
}

fn find(account: &Account, key: &str) -> Result<(BookedEntry, EntryNames), Problem> {
    let book_error = |error| Problem::of_book(&error, "record");
    let key = Key::parse(key).ok_or_else(Problem::no_record)?;
    let id = account.book.entry_id(key).map_err(book_error)?.ok_or_else(Problem::no_record)?;
    let entry = account.book.entry(id).map_err(book_error)?.ok_or_else(Problem::no_record)?;
    let names = account.book.entry_names(id).map_err(book_error)?.ok_or_else(Problem::no_record)?;
    Ok((entry, names))
}

/// A reference as REST shows it.
pub(super) fn linked((id, name): &Reference) -> Value {
    json!({"links": [], "id": id.to_string(), "refName": name})
}

/// A decimal as a JSON number with just its own digits.
fn number(decimal: Decimal) -> Value {
    decimal.normalize().to_string().parse::<Number>().map_or(Value::Null, Value::Number)
}

/// The record as this account shows it.
fn shown(account: &Account, mut record: Value) -> Value {
    let options = &account.options;
    let legacy = account.book.is_set_up(Feature::LegacyApprovals).unwrap_or(false);
    if let Some(fields) = record.as_object_mut() {
        for (is_lacking, names) in [
            (!options.one_world, &["subsidiary"][..]),
            (!options.currencies, &["currency", "exchangeRate"][..]),
            (legacy, &["approvalStatus"][..]),
        ] {
            names.iter().filter(|_| is_lacking).for_each(|name| drop(fields.remove(*name)));
        }
    }
    if let Some(line) = record.get_mut("line").and_then(Value::as_object_mut) {
        let items = line.get_mut("items").and_then(Value::as_array_mut);
        let has_more = items.is_some_and(|items| {
            let more = items.len() > options.lines_shown;
            items.truncate(options.lines_shown);
            more
        });
        line.insert("hasMore".to_owned(), Value::Bool(has_more));
    }
    record
}

fn render(entry: &BookedEntry, names: &EntryNames, expand: bool) -> Value {
    let approval = Approval::from_id(i64::from(entry.approval)).unwrap_or(Approval::Pending);
    let mut line = json!({"links": [{"rel": "self", "href": format!("journalEntry/{}/line", entry.id)}]});
    if expand {
        let items: Vec<Value> = entry
            .lines
            .iter()
            .zip(&names.lines)
            .enumerate()
            .map(|(at, (line, (account, customer)))| {
                let side = if line.amount >= 0 { "debit" } else { "credit" };
                let amount = Decimal::new(line.amount, names.exponent).abs();
                let mut item = json!({"links": [], "line": at, "account": linked(account)});
                item[side] = number(amount);
                if let Some(memo) = &line.memo {
                    item["memo"] = json!(memo);
                }
                if let Some(customer) = customer {
                    item["entity"] = linked(customer);
                }
                item
            })
            .collect();
        line["totalResults"] = json!(items.len());
        line["items"] = Value::Array(items);
    }
    let mut body = json!({
        "links": [],
        "id": entry.id.to_string(),
        "tranId": format!("JE{}", entry.id),
        "tranDate": entry.date.to_string(),
        "subsidiary": linked(&names.subsidiary),
        "currency": linked(&names.currency),
        "exchangeRate": number(entry.rate.parse().unwrap_or_default()),
        "postingPeriod": linked(&names.period),
        "approvalStatus": {"id": approval.id().to_string(), "refName": approval.label()},
        "approved": approval == Approval::Approved,
        "void": false,
        "createdDate": names.created.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "lastModifiedDate": names.modified.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "line": line,
    });
    if let Some(external) = &entry.external_id {
        body["externalId"] = json!(external);
    }
    if !entry.memo.is_empty() {
        body["memo"] = json!(entry.memo);
    }
    if let Some(id) = names.reversed_by {
        body["reversalEntry"] = json!({"id": id.to_string()});
    }
    body
}

/// Only the approval can be changed: what else an edit may do to a posted journal is none of the sandbox's
/// offers.
pub(super) async fn change(
    State(account): State<Arc<Account>>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let changed = change_approval(&account, &key, &body);
    match changed {
        Ok(id) => reply::created(text(&headers, header::HOST).unwrap_or_default(), "journalEntry", id),
        Err(problem) => problem.into_response(),
    }
}

fn change_approval(account: &Account, key: &str, body: &[u8]) -> Result<i64, Problem> {
    let body: Value =
        serde_json::from_slice(body).map_err(|error| Problem::content("", &format!("{error}.")))?;
    let others = body.as_object().into_iter().flatten().find(|(name, _)| *name != "approvalStatus");
    if let Some((name, _)) = others {
        return Err(Problem::content(name, "Only approvalStatus can be changed."));
    }
    let status = reference(&body, "approvalStatus", "approvalStatus")?.and_then(Approval::from_id);
    let status = status.ok_or_else(|| Problem::content("approvalStatus", "Invalid value."))?;
    let key = Key::parse(key).ok_or_else(Problem::no_record)?;
    let found = account.book.entry_id(key).map_err(|error| Problem::of_book(&error, "record"))?;
    let id = found.ok_or_else(Problem::no_record)?;
    account.book.set_approval(id, status).map_err(|error| Problem::of_book(&error, "record"))?;
    Ok(id)
}
