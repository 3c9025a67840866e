//! The records `customer` and `accountingPeriod`, and the governance limits.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::Account;
use super::auth::text;
use super::journal::linked;
use super::reply::{self, Problem};
use crate::book::lookup::{Key, PeriodRow};
use crate::book::{BookError, NewCustomer};

fn of_book(error: &BookError) -> Problem {
    Problem::of_book(error, "entity")
}

pub(super) async fn create_customer(
    State(account): State<Arc<Account>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let made =
        customer_of(&body).and_then(|new| account.book.add_customer(&new).map_err(|error| of_book(&error)));
    match made {
        Ok(id) => reply::created(text(&headers, header::HOST).unwrap_or_default(), "customer", id),
        Err(problem) => problem.response(),
    }
}

fn customer_of(body: &[u8]) -> Result<NewCustomer, Problem> {
    let body: Value =
        serde_json::from_slice(body).map_err(|error| Problem::content("", &format!("{error}.")))?;
    let string = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
    let name = string("companyName").or_else(|| string("entityId"));
    let name =
        name.ok_or_else(|| Problem::content("companyName", "Please enter value(s) for: Company Name."))?;
    let subsidiary = match body.pointer("/subsidiary/id") {
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Number(number)) => number.as_i64(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    };
    let subsidiary = subsidiary
        .ok_or_else(|| Problem::content("subsidiary", "Please enter value(s) for: Primary Subsidiary."))?;
    Ok(NewCustomer { external_id: string("externalId"), name, email: string("email"), subsidiary })
}

pub(super) async fn read_customer(State(account): State<Arc<Account>>, Path(key): Path<String>) -> Response {
    let Some(key) = Key::parse(&key) else { return Problem::no_record().response() };
    match account.book.customer(key) {
        Ok(Some(customer)) => {
            let body = json!({
                "links": [],
                "id": customer.id.to_string(),
                "entityId": customer.external_id.clone().unwrap_or_else(|| customer.id.to_string()),
                "externalId": customer.external_id,
                "companyName": customer.name,
                "email": customer.email,
                "subsidiary": linked(&customer.subsidiary),
                "isPerson": false,
                "isInactive": false,
            });
            reply::json_body("customer", without_nulls(body))
        }
        Ok(None) => Problem::no_record().response(),
        Err(error) => of_book(&error).response(),
    }
}

/// REST leaves out what is empty.
fn without_nulls(mut body: Value) -> Value {
    if let Some(map) = body.as_object_mut() {
        map.retain(|_, value| !value.is_null());
    }
    body
}

pub(super) async fn list_periods(State(account): State<Arc<Account>>) -> Response {
    match account.book.periods() {
        Ok(periods) => {
            let item = |period: &PeriodRow| json!({"links": [], "id": period.id.to_string()});
            let items: Vec<Value> = periods.iter().map(item).collect();
            let body = json!({
                "links": [], "count": items.len(), "hasMore": false, "offset": 0, "totalResults": items.len(),
                "items": items,
            });
            reply::json_body("collection", body)
        }
        Err(error) => of_book(&error).response(),
    }
}

pub(super) async fn read_period(State(account): State<Arc<Account>>, Path(key): Path<String>) -> Response {
    let periods = match account.book.periods() {
        Ok(periods) => periods,
        Err(error) => return of_book(&error).response(),
    };
    let Some(period) = periods.iter().find(|period| period.id.to_string() == key) else {
        return Problem::no_record().response();
    };
    let closed_on = period.closed_on.map(|instant| instant.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    let body = json!({
        "links": [],
        "id": period.id.to_string(),
        "periodName": period.name,
        "startDate": period.first,
        "endDate": period.last,
        "closed": period.closed,
        "allLocked": period.all_locked,
        "arLocked": period.ar_locked,
        "apLocked": period.ap_locked,
        "isYear": period.kind == "year",
        "isQuarter": period.kind == "quarter",
        "isAdjust": false,
        "isPosting": period.kind == "month",
        "closedOnDate": closed_on,
    });
    reply::json_body("accountingPeriod", without_nulls(body))
}

pub(super) async fn governance_limits(State(account): State<Arc<Account>>) -> Response {
    let limit = account.options.concurrency;
    let body = json!({"accountConcurrencyLimit": limit, "accountUnallocatedConcurrencyLimit": limit});
    reply::json_body("governanceLimits", body)
}
