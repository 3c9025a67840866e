//! `tieout flows` and `tieout person review`: how the flows stand, what was late, and who may do what.

use serde_json::{Value, json};
use tieout_desk::Context;

use crate::{
    answers::{call, listed, rows},
    args::Format,
    failure::Ran,
    render::{self, Column, number, text},
};

/// The five flows, each against its limit.
pub fn flows(ctx: &Context, format: Format, as_of: Option<String>) -> Ran {
    let columns = [
        text("name", "Flow"),
        text("start", "From"),
        text("finish", "To"),
        text("limit", "May take"),
        number("done", "Done"),
        number("in_time", "In time"),
        number("soon", "Soon due"),
        number("late", "Late"),
        number("escalated", "Escalated"),
        text("note", ""),
    ];
    rows(ctx, format, &columns, "flows", json!({ "as_of": as_of }))
}

/// What of the flows was finished after its time, or is late.
pub fn breaches(ctx: &Context, format: Format, (from, to): (Option<String>, Option<String>)) -> Ran {
    call(ctx, "refresh", json!({}))?;
    let columns = [
        text("flow_name", "Flow"),
        text("entity", "Entity"),
        text("reference", "What"),
        text("customer", "Customer"),
        text("limit", "May take"),
        text("due_at", "Due"),
        text("finished_at", "Finished"),
        number("hours_late", "Hours late"),
    ];
    let mut rows = listed(ctx, "flow_breaches", json!({ "from": from, "to": to }))?;
    for row in &mut rows {
        // What it is stands in the row, as in every other table.
        if let Some(Value::Object(item)) = row.as_object_mut().and_then(|row| row.remove("item")) {
            row.as_object_mut().into_iter().for_each(|row| row.extend(item.clone()));
        }
    }
    Ok(render::rows(format, &columns, &rows)?)
}

/// Who may do what, or where duties came together; or signs both as reviewed.
pub fn review_access(ctx: &Context, format: Format, conflicts: bool, sign: Option<String>) -> Ran {
    let access = [
        text("person", "Person"),
        text("role", "Role"),
        text("active", "Works here"),
        text("since", "Since"),
        text("given_by", "Given by"),
        text("last_used", "Last used"),
        number("entries", "Log entries"),
        text("confirmed_by", "Confirmed by"),
    ];
    let together = [text("says", "What"), number("count", "Postings"), text("items", "Documents")];
    let (columns, part): (&[Column], _) =
        if conflicts { (&together, "conflicts") } else { (&access, "people") };
    let review = match sign {
        Some(content) => call(ctx, "access_review_sign", json!({ "content": content }))?,
        None => call(ctx, "access_review", json!({}))?,
    };
    let said = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let signed = &review["signed"];
    match (signed.is_null(), signed["holds"] == true) {
        (true, _) => eprintln!("Signed by nobody yet."),
        (_, true) => eprintln!("Signed by {} at {}.", said(&signed["by"]), said(&signed["at"])),
        (_, false) => eprintln!(
            "Signed by {} at {}; rights or conflicts have changed since.",
            said(&signed["by"]),
            said(&signed["at"])
        ),
    }
    eprintln!("Content: {}", said(&review["content_hash"]));
    let rows: Vec<Value> = review[part].as_array().cloned().unwrap_or_default();
    Ok(render::rows(format, columns, &rows)?)
}
