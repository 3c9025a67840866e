//! `tieout close …`: the close of an entity and period, its differences explained and its accounts signed.

use std::io::{self, Write as _};

use serde_json::{Value, json};
use tieout_desk::Context;

use crate::{
    answers::{call, object},
    args::Format,
    close_verbs::{CloseVerb, PlaceArgs},
    failure::Ran,
    render::{self, number, text},
};

/// Runs one of its verbs. What fell due is looked for first.
pub fn run(ctx: &Context, format: Format, verb: CloseVerb) -> Ran {
    match verb {
        CloseVerb::Status { entity, period, as_of } => {
            detect(ctx, as_of.as_deref())?;
            let request = json!({ "entity": entity, "period": period, "as_of": as_of });
            let close = call(ctx, "close_status", request)?;
            match format {
                Format::Table => status(&close),
                _ => Ok(render::object(format, &close)?),
            }
        }
        CloseVerb::Items { entity, period, account, part, as_of } => {
            detect(ctx, as_of.as_deref())?;
            let request = json!({
                "entity": entity, "period": period, "account": account, "part": part, "as_of": as_of,
            });
            let columns = [
                text("item", "Item"),
                text("account", "Account"),
                number("difference", "Difference"),
                text("currency", ""),
                text("part", "Part"),
                text("period", "Period"),
                number("age_days", "Days"),
                text("says", "Says"),
            ];
            let items = call(ctx, "close_items", request)?;
            Ok(render::rows(format, &columns, items.as_array().map_or(&[][..], Vec::as_slice))?)
        }
        verb @ CloseVerb::Schedules { .. } => schedules(ctx, format, verb),
        verb @ CloseVerb::CutOff { .. } => cut_off(ctx, format, verb),
        CloseVerb::Text(place) => {
            detect(ctx, place.as_of.as_deref())?;
            let shown = call(ctx, "close_text", place.request())?;
            if format != Format::Table {
                return Ok(render::object(format, &shown)?);
            }
            write!(io::stdout(), "{}", shown["text"].as_str().unwrap_or_default())?;
            eprintln!("sha256 {}", shown["sign_off"]["hash"].as_str().unwrap_or_default());
            Ok(())
        }
        verb @ (CloseVerb::Explain { .. } | CloseVerb::Accept { .. } | CloseVerb::TakeBack { .. }) => {
            note(ctx, format, verb)
        }
        CloseVerb::Notes { entity } => {
            let close = call(ctx, "close_status", json!({ "entity": entity }))?;
            Ok(render::rows(format, &NOTES, array(&close, "notes"))?)
        }
        CloseVerb::Checklist { import: Some(file), .. } => {
            object(ctx, format, "import_checklist", json!({ "file": file }))
        }
        CloseVerb::Checklist { entity, period, as_of, .. } => {
            let request = json!({ "entity": entity, "period": period, "as_of": as_of });
            tasks(format, &call(ctx, "close_checklist", request)?)
        }
        CloseVerb::Task { entity, period, task, note, again, as_of } => {
            let request = json!({
                "entity": entity, "period": period, "task": task, "note": note, "again": again,
                "as_of": as_of,
            });
            tasks(format, &call(ctx, "close_task", request)?)
        }
        CloseVerb::Prepare(place) => sign(ctx, format, "close_prepare", &place),
        CloseVerb::Review(place) => sign(ctx, format, "close_review", &place),
    }
}

/// Deferred revenue beside its schedules.
fn schedules(ctx: &Context, format: Format, verb: CloseVerb) -> Ran {
    let CloseVerb::Schedules { entity, period, document, each, as_of } = verb else { return Ok(()) };
    detect(ctx, as_of.as_deref())?;
    let by_document = each || document.is_some();
    let request = json!({ "entity": entity, "period": period, "document": document, "each": each });
    let shown = SCHEDULES.into_iter().filter(|(_, whose)| whose.is_none_or(|of| of == by_document));
    let columns: Vec<render::Column> = shown.map(|(column, _)| column).collect();
    let schedules = call(ctx, "close_schedules", request)?;
    Ok(render::rows(format, &columns, schedules.as_array().map_or(&[][..], Vec::as_slice))?)
}

/// What lies on both sides of a period's end.
fn cut_off(ctx: &Context, format: Format, verb: CloseVerb) -> Ran {
    let CloseVerb::CutOff { entity, period, days, each, as_of } = verb else { return Ok(()) };
    detect(ctx, as_of.as_deref())?;
    let request = json!({
        "entity": entity, "period": period, "days": days, "each": each, "as_of": as_of,
    });
    let test = call(ctx, "close_cut_off", request)?;
    if format == Format::Json {
        return Ok(render::object(format, &test)?);
    }
    let columns = [
        text("item", "Item"),
        text("dated", "Dated"),
        text("belongs", "Belongs to"),
        text("booked", "Booked in"),
        number("expected", "Expected"),
        number("ledger", "Ledger"),
        text("currency", ""),
        text("state", "State"),
        text("exception", "Exception"),
    ];
    render::rows(format, &columns, array(&test, "rows"))?;
    let side = |name: &str, words: &str| {
        let side = &test[name];
        format!(
            "{words}: {} looked at, {} to look at, {} within their time",
            side["tested"], side["wrong"], side["in_time"]
        )
    };
    eprintln!("{}; {}", side("before", "up to the end"), side("after", "after it"));
    Ok(())
}

/// Explanations: written, accepted or refused, taken back.
fn note(ctx: &Context, format: Format, verb: CloseVerb) -> Ran {
    match verb {
        CloseVerb::Explain { entity, period, items, category, clears_by, note, as_of } => {
            detect(ctx, as_of.as_deref())?;
            let request = json!({
                "entity": entity, "period": period, "items": items, "category": category,
                "clears_by": clears_by, "note": note, "as_of": as_of,
            });
            object(ctx, format, "close_explain", request)
        }
        CloseVerb::Accept { id, content, refuse, as_of } => {
            detect(ctx, as_of.as_deref())?;
            let request = json!({
                "id": id, "accept": refuse.is_none(), "content": content, "reason": refuse, "as_of": as_of,
            });
            object(ctx, format, "close_accept", request)
        }
        CloseVerb::TakeBack { id, reason } => {
            object(ctx, format, "close_take_back", json!({ "id": id, "reason": reason }))
        }
        _ => Ok(()),
    }
}

/// The columns of schedules, and those that only documents (true), or only all together (false), have.
const SCHEDULES: [(render::Column, Option<bool>); 13] = [
    (text("entity", "Entity"), None),
    (text("account", "Account"), None),
    (text("document", "Document"), Some(true)),
    (text("period", "Period"), None),
    (number("opening", "Opening"), None),
    (number("deferred", "Deferred"), None),
    (number("released", "Released"), None),
    (number("closing", "Closing"), None),
    (number("booked", "Booked"), None),
    (number("ledger", "Ledger"), Some(false)),
    (number("difference", "Difference"), None),
    (text("currency", ""), None),
    (text("state", "Says"), None),
];

const NOTES: [render::Column; 8] = [
    text("id", "Id"),
    text("period", "Period"),
    text("category", "Category"),
    text("clears_by", "Clears by"),
    text("note", "Note"),
    text("author", "By"),
    text("state", "State"),
    text("hash", "Hash"),
];

fn detect(ctx: &Context, as_of: Option<&str>) -> Ran {
    call(ctx, "refresh", json!({ "as_of": as_of }))?;
    Ok(())
}

fn sign(ctx: &Context, format: Format, name: &str, place: &PlaceArgs) -> Ran {
    detect(ctx, place.as_of.as_deref())?;
    let mut signed = call(ctx, name, place.request())?;
    if format == Format::Table
        && let Some(fields) = signed.as_object_mut()
    {
        // What may be done next is for screens.
        fields.remove("actions");
    }
    Ok(render::object(format, &signed)?)
}

/// What moved since it was signed, item by item.
fn moved(out: &mut impl io::Write, signed: &[Value]) -> io::Result<()> {
    for one in signed {
        for moved in array(one, "moved") {
            let by: Vec<&str> = array(moved, "by").iter().filter_map(Value::as_str).collect();
            let by = if by.is_empty() { String::new() } else { format!(" ({})", by.join(", ")) };
            let account = one["account"].as_str().unwrap_or_default();
            writeln!(out, "  {account}: {}{by}", moved["says"].as_str().unwrap_or_default())?;
        }
    }
    Ok(())
}

fn tasks(format: Format, list: &Value) -> Ran {
    let columns = [
        text("id", "Task"),
        text("name", "What"),
        text("owner", "Owner"),
        number("working_day", "Day"),
        text("due", "Due"),
        text("state", "State"),
        text("done_by", "Done by"),
        text("note", "Note"),
    ];
    Ok(render::rows(format, &columns, array(list, "tasks"))?)
}

fn array<'v>(of: &'v Value, field: &str) -> &'v [Value] {
    of[field].as_array().map_or(&[][..], Vec::as_slice)
}

/// The cockpit for people: what is missing, then the tables.
fn status(close: &Value) -> Ran {
    let said = |field: &str| close[field].as_str().unwrap_or_default();
    let mut out = io::stdout();
    let state = if close["ready"] == true { "ready" } else { "not ready" };
    writeln!(out, "{}, {}: {state}", said("entity"), said("period_name"))?;
    for lack in array(close, "lacks") {
        writeln!(out, "  {}", lack.as_str().unwrap_or_default())?;
    }
    if let Some(says) = close["forecast"]["says"].as_str() {
        writeln!(out, "  {says}")?;
    }
    writeln!(out)?;
    let figures = [
        number("expected", "Expected"),
        number("ledger", "- Ledger"),
        number("difference", "= Difference"),
        number("timing", "Timing"),
        number("to_book", "+ To book"),
        number("accepted", "+ Accepted"),
        number("brought_forward", "+ Brought fwd"),
        number("unexplained", "+ Unexplained"),
    ];
    let mut columns = vec![text("account", "Account"), text("currency", "")];
    columns.extend(figures);
    columns.extend([number("open", "To book + unexpl."), number("tolerance", "Tolerance")]);
    let mut rows: Vec<Value> = array(close, "rows").to_vec();
    for row in &mut rows {
        let name = match row["kind"].as_str() {
            Some("other") => "other accounts".to_owned(),
            Some("earlier") => "earlier periods".to_owned(),
            _ => row["account"].as_str().unwrap_or_default().to_owned(),
        };
        row["account"] = json!(name);
    }
    for proof in array(close, "proof") {
        let mut row = proof.clone();
        row["account"] = json!(if proof["nets"] == true { "proof" } else { "proof: does not net" });
        rows.push(row);
    }
    render::rows(Format::Table, &columns, &rows)?;
    writeln!(out)?;
    let columns = [
        text("account", "Account"),
        text("state", "Sign-off"),
        text("prepared_by", "Prepared"),
        text("reviewed_by", "Reviewed"),
        number("moved_count", "Moved"),
        text("needs", "Needs"),
    ];
    let mut signed: Vec<Value> = array(close, "accounts").to_vec();
    signed.extend(close["movements"].as_object().map(|one| Value::Object(one.clone())));
    render::rows(Format::Table, &columns, &signed)?;
    moved(&mut out, &signed)?;
    if !array(close, "blockers").is_empty() {
        writeln!(out)?;
        let columns = [
            text("label", "Blocks"),
            number("count", "Count"),
            number("worth", "Worth"),
            text("since", "Since"),
        ];
        render::rows(Format::Table, &columns, array(close, "blockers"))?;
    }
    Ok(())
}
