//! `tieout handover …`: journal files for ledgers that are read from files.

use serde_json::{Map, Value, json};
use tieout_desk::{Context, DeskError, base::code::Code};

use crate::{
    answers::{call, given},
    args::Format,
    failure::{Failure, Ran},
    outcomes, prompt,
    render::{self, number, text},
    verbs::HandoverVerb,
};

/// Runs the verb.
pub fn run(ctx: &Context, format: Format, verb: HandoverVerb) -> Ran {
    match verb {
        HandoverVerb::Write { connection, form, to, force, ids, again, set } => {
            let request = json!({
                "connection": connection, "format": form, "to": to, "force": force,
                "ids": given(ids)?, "again": again, "options": options(&set)?,
            });
            write(ctx, format, request)
        }
        HandoverVerb::List { waiting } => list(ctx, format, waiting),
        HandoverVerb::Confirm { id, content } => confirm(ctx, format, &id, content),
    }
}

/// Says that exceptions were settled in the ledger by hand.
pub fn elsewhere(ctx: &Context, format: Format, ids: Vec<String>, reason: &str) -> Ran {
    let answer = call(ctx, "booked_elsewhere", json!({ "ids": given(ids)?, "reason": reason }))?;
    outcomes::print(format, rows(&answer))
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn options(set: &[String]) -> Result<Map<String, Value>, Failure> {
    let pair = |text: &String| match text.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), json!(value))),
        None => {
            let message = format!("\"{text}\" is no NAME=VALUE");
            Err(DeskError::new(Code::BadPair, message).into())
        }
    };
    set.iter().map(pair).collect()
}

fn write(ctx: &Context, format: Format, request: Value) -> Ran {
    let done = call(ctx, "handover_write", request)?;
    if format != Format::Table {
        return Ok(render::object(format, &done)?);
    }
    eprintln!(
        "{}: {}",
        done["file"].as_str().unwrap_or_default(),
        done["message"].as_str().unwrap_or_default()
    );
    outcomes::print(format, rows(&done["outcomes"]))
}

fn list(ctx: &Context, format: Format, waiting: bool) -> Ran {
    let all = call(ctx, "handovers", json!({}))?;
    if format != Format::Table {
        return Ok(render::object(format, &all)?);
    }
    let mut lines = Vec::new();
    for ledger in rows(&all["ledgers"]) {
        for one in rows(&ledger["waiting"]) {
            let mut line = one.clone();
            line["connection"] = ledger["connection"].clone();
            line["why"] = one["refusal"]["message"].clone();
            lines.push(line);
        }
    }
    let columns = [
        text("connection", "Ledger"),
        text("reference", "Document"),
        text("entity", "Entity"),
        text("period", "Period"),
        number("amount", "Amount"),
        text("currency", "Currency"),
        text("why", "Stays, because"),
    ];
    render::rows(format, &columns, &lines)?;
    if waiting {
        return Ok(());
    }
    for file in rows(&all["files"]) {
        let said = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
        let confirmed = file["confirmed_by"].as_str().map_or_else(
            || "waits to be confirmed by another person".to_owned(),
            |by| format!("confirmed by {by}"),
        );
        eprintln!("\n{} {} ({}), by {}, {confirmed}", said("id"), said("file"), said("title"), said("by"));
        eprintln!("sha256 {}", said("sha256"));
        let columns = [
            text("reference", "Document"),
            number("amount", "Amount"),
            text("currency", "Currency"),
            text("state", "State"),
            text("outcome", "Ledger's files"),
            text("words", "Because"),
        ];
        render::rows(format, &columns, rows(&file["postings"]))?;
    }
    Ok(())
}

fn confirm(ctx: &Context, format: Format, id: &str, content: Option<String>) -> Ran {
    let content = match content {
        None if prompt::at_a_terminal() => asked(ctx, format, id)?,
        given => given,
    };
    let done = call(ctx, "handover_confirm", json!({ "id": id, "content": content }))?;
    if format == Format::Table {
        eprintln!("{}", done["message"].as_str().unwrap_or_default());
    }
    Ok(render::object(format, &done)?)
}

/// Shows the file's postings, and asks; the hash of what was shown.
fn asked(ctx: &Context, format: Format, id: &str) -> Result<Option<String>, Failure> {
    let all = call(ctx, "handovers", json!({}))?;
    let Some(file) = rows(&all["files"]).iter().find(|file| file["id"] == id) else { return Ok(None) };
    render::rows(format, &[], rows(&file["postings"]))?;
    let name = file["file"].as_str().unwrap_or_default();
    match prompt::yes(&format!("Confirm that {name} was handed over as it stands here?")) {
        true => Ok(file["sha256"].as_str().map(str::to_owned)),
        false => Err(DeskError::new(Code::Cancelled, "You did not confirm it: nothing was done").into()),
    }
}
