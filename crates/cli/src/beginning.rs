//! `tieout cutover`, `tieout explain`, the lines of the tie-out and clearing.

use serde_json::json;
use tieout_desk::Context;

use crate::{
    answers::{call, listed},
    args::Format,
    failure::Ran,
    render::{self, number, text},
    verbs::CutoverVerb,
};

/// The lines of the tie-out beside documents.
pub fn lines(ctx: &Context, format: Format) -> Ran {
    let columns = [
        text("kind", "What"),
        text("name", "Name"),
        text("entity", "Entity"),
        text("currency", ""),
        text("period", "Period"),
        text("account", "Account"),
        number("amount", "Amount"),
        number("count", "Entries"),
    ];
    Ok(render::rows(format, &columns, &listed(ctx, "tie_out_lines", json!({}))?)?)
}

/// The processors' balances beside the clearing accounts.
pub fn clearing(ctx: &Context, format: Format, request: serde_json::Value) -> Ran {
    let columns = [
        text("entity", "Entity"),
        text("account", "Account"),
        text("currency", ""),
        number("balance", "Processor"),
        number("ledger", "Ledger"),
        number("difference", "Difference"),
        number("explained", "Explained"),
        number("in_transit", "In transit"),
        number("unexplained", "Unexplained"),
        text("state", "State"),
    ];
    Ok(render::rows(format, &columns, &listed(ctx, "clearing", request)?)?)
}

/// Cutovers.
pub fn cutover(ctx: &Context, format: Format, verb: CutoverVerb) -> Ran {
    let (name, request) = match verb {
        CutoverVerb::Show { entity: None } => ("cutovers", json!({})),
        CutoverVerb::Show { entity: Some(entity) } => ("cutover", json!({ "entity": entity })),
        CutoverVerb::Import { entity, file } => ("cutover_import", json!({ "entity": entity, "file": file })),
        CutoverVerb::Sign { entity, content } => {
            ("cutover_sign", json!({ "entity": entity, "content": content }))
        }
    };
    let columns = [
        text("customer", "Customer"),
        text("name", "Name"),
        text("currency", ""),
        number("ledger", "ERP"),
        number("billing", "Billing"),
        number("difference", "Difference"),
    ];
    for mut one in listed(ctx, name, request)? {
        if format == Format::Table
            && let Some(items) = one.as_object_mut().and_then(|fields| fields.remove("items"))
        {
            render::rows(format, &columns, items.as_array().map_or(&[][..], Vec::as_slice))?;
        }
        render::object(format, &one)?;
    }
    Ok(())
}

/// Explains entries, or takes an explanation back.
pub fn explain(
    ctx: &Context,
    format: Format,
    ids: Vec<String>,
    [category, note, take_back]: [Option<String>; 3],
) -> Ran {
    if let Some(reason) = take_back {
        for id in ids {
            let change = call(ctx, "unexplain", json!({ "id": id, "reason": reason }))?;
            render::object(format, &change)?;
        }
        return Ok(());
    }
    let request = json!({
        "ids": ids, "category": category.unwrap_or_default(), "note": note.unwrap_or_default(),
    });
    Ok(render::object(format, &call(ctx, "explain", request)?)?)
}
