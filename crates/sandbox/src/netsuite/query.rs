//! The SuiteQL endpoint: parameters, paging, envelope.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::Account;
use super::auth::text;
use super::reply::{self, Problem};
use super::suiteql::{Answer, MAX_ROWS};

const PATH: &str = "/services/rest/query/v1/suiteql";
/// Rows of a page when the client does not say, and the most that it may say (documented).
const PAGE: usize = 1000;

struct Page {
    limit: usize,
    offset: usize,
}

pub(super) async fn suiteql(
    State(account): State<Arc<Account>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let prepared = prepare(&headers, query.as_deref().unwrap_or_default(), &body);
    let (page, sql) = match prepared {
        Ok(prepared) => prepared,
        Err(problem) => return problem.response(),
    };
    let host = text(&headers, header::HOST).unwrap_or_default().to_owned();
    let nulls = account.options.nulls;
    // A query over a large book takes a while: not on a thread that serves connections.
    let run = tokio::task::spawn_blocking(move || {
        account.note(&sql);
        account.suiteql.run(&sql)
    })
    .await;
    match run {
        Ok(Ok(answer)) => reply::json_body("collection", envelope(&answer, &page, &host, nulls)),
        Ok(Err(why)) => Problem::parameter(&format!("Search error occurred: {why}")).response(),
        Err(_) => Problem::server().response(),
    }
}

fn prepare(headers: &HeaderMap, query: &str, body: &[u8]) -> Result<(Page, String), Problem> {
    let prefer = text(headers, "prefer").unwrap_or_default();
    if !prefer.split([',', ';']).any(|part| part.trim() == "transient") {
        return Err(Problem::parameter("The header Prefer: transient is required."));
    }
    let mut page = Page { limit: PAGE, offset: 0 };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let number: usize =
            value.parse().map_err(|_| Problem::parameter(&format!("Invalid value for {name}.")))?;
        match name {
            "limit" if (1..=PAGE).contains(&number) => page.limit = number,
            "limit" => return Err(Problem::parameter("The limit must be between 1 and 1000.")),
            "offset" => page.offset = number,
            _ => return Err(Problem::parameter(&format!("Invalid query parameter name: {name}."))),
        }
    }
    if !page.offset.is_multiple_of(page.limit) {
        return Err(Problem::parameter("The offset must be divisible by the limit."));
    }
    if page.offset >= MAX_ROWS {
        return Err(Problem::parameter("A query gives at most 100000 rows."));
    }
    let body: Value =
        serde_json::from_slice(body).map_err(|error| Problem::content("", &format!("{error}.")))?;
    let sql = body.get("q").and_then(Value::as_str);
    let sql = sql.ok_or_else(|| Problem::content("q", "A query is needed."))?;
    Ok((page, sql.to_owned()))
}

fn envelope(answer: &Answer, page: &Page, host: &str, nulls: bool) -> Value {
    let total = answer.rows.len();
    let rows = answer.rows.get(page.offset..).unwrap_or_default();
    let rows = rows.get(..page.limit).unwrap_or(rows);
    let items: Vec<Value> = rows.iter().map(|row| item(answer, row, nulls)).collect();
    let has_more = page.offset + items.len() < total;
    let link = |rel: &str, offset: usize| {
        let limit = page.limit;
        json!({"rel": rel, "href": format!("http://{host}{PATH}?limit={limit}&offset={offset}")})
    };
    let mut links = vec![link("self", page.offset)];
    if has_more {
        links.push(link("next", page.offset + page.limit));
    }
    json!({
        "links": links,
        "count": items.len(),
        "hasMore": has_more,
        "items": items,
        "offset": page.offset,
        "totalResults": total,
    })
}

/// A row; null columns are left out unless `nulls`.
fn item(answer: &Answer, row: &[Option<Box<str>>], nulls: bool) -> Value {
    let mut map = Map::new();
    map.insert("links".to_owned(), Value::Array(Vec::new()));
    for (name, value) in answer.columns.iter().zip(row) {
        match value {
            Some(value) => map.insert(name.clone(), Value::String(value.to_string())),
            None if nulls => map.insert(name.clone(), Value::Null),
            None => None,
        };
    }
    Value::Object(map)
}
