//! A document exactly as its source sent it: cut out of the kept page, whose bytes still have their hash.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tieout_domain::DocumentId;
use tieout_store::{DocumentPage, Vendor};

use crate::base::{
    code::Code,
    context::Context,
    error::{DeskError, DeskResult},
};

/// Whose payload.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct PayloadRequest {
    /// Our id of the document.
    pub document: String,
}

/// What the source sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct Payload {
    /// Whose dialect it is in.
    pub vendor: String,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// The object, indented; or the file's heading and rows.
    pub text: String,
}

/// The raw payload of a document's newest version.
///
/// # Errors
/// `bad_id`, `not_found`, `payload_unreadable`, `store_corrupt` where the bytes lost their hash.
pub fn payload(ctx: &Context, request: &PayloadRequest) -> DeskResult<Payload> {
    let id: DocumentId = request.document.parse()?;
    let page = ctx.store().document_page(&id)?;
    let bytes = ctx.store().payload(&page.payload)?;
    let text =
        if page.vendor == Vendor::FILES { rows(&bytes, &page) } else { object(&bytes, &page.external_id) };
    let text = text.ok_or_else(|| {
        DeskError::new(
            Code::PayloadUnreadable,
            format!("the kept page of {} does not show it in a readable form", page.reference),
        )
    })?;
    Ok(Payload { vendor: page.vendor.as_str().to_owned(), received_at: page.received_at, text })
}

/// The object of this id. A page may hold several texts, the later ones read anew: the last counts.
fn object(bytes: &[u8], id: &str) -> Option<String> {
    let texts = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    let found = texts.map_while(Result::ok).filter_map(|value| find(&value, id).cloned()).last()?;
    serde_json::to_string_pretty(&found).ok()
}

fn find<'v>(value: &'v Value, id: &str) -> Option<&'v Value> {
    match value {
        Value::Object(map) if map.get("id").and_then(Value::as_str) == Some(id) => Some(value),
        Value::Object(map) => map.values().find_map(|inner| find(inner, id)),
        Value::Array(items) => items.iter().find_map(|inner| find(inner, id)),
        _ => None,
    }
}

/// The heading of a text file and the rows that name the document.
fn rows(bytes: &[u8], page: &DocumentPage) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.lines();
    let heading = lines.next()?;
    let named = |line: &&str| line.contains(&page.reference) || line.contains(&page.external_id);
    let own: Vec<&str> = lines.filter(named).collect();
    (!own.is_empty()).then(|| format!("{heading}\n{}", own.join("\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_reading_of_an_object_is_cut_out_with_every_digit() {
        let page = br#"{"data":[{"id":"in_1","total":1},{"id":"in_2","rate":0.10}]}
            {"id":"in_2","rate":0.20}"#;
        assert_eq!(object(page, "in_2").unwrap(), "{\n  \"id\": \"in_2\",\n  \"rate\": 0.20\n}");
        assert!(object(page, "in_1").unwrap().contains("\"total\": 1"));
        assert_eq!(object(page, "in_3"), None);
    }
}
