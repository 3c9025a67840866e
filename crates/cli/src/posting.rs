//! `tieout connection posting`: whether approved postings are sent to an ERP.

use std::io::{self, Write as _};

use serde_json::{Value, json};
use tieout_desk::{Context, DeskError, base::code::Code};

use crate::{
    answers::{call, listed},
    args::Format,
    failure::{Failure, Ran},
    prompt, render,
    verbs::PostingVerb,
};

/// Runs the verb.
pub fn posting(ctx: &Context, format: Format, verb: PostingVerb) -> Ran {
    match verb {
        PostingVerb::Show { name } => show(ctx, format, &name),
        PostingVerb::Propose { name } => {
            let change = call(ctx, "connection_posting_propose", json!({ "id": name }))?;
            if format == Format::Table {
                eprintln!("Still needed: {}", change["needs"].as_str().unwrap_or_default());
            }
            Ok(render::object(format, &change)?)
        }
        PostingVerb::Approve { name, content } => {
            let content = match content {
                None if prompt::at_a_terminal() => Some(asked(ctx, &name)?),
                given => given,
            };
            let request = json!({ "id": name, "content": content });
            Ok(render::object(format, &call(ctx, "connection_posting_approve", request)?)?)
        }
        PostingVerb::Off { name, reason } => {
            let request = json!({ "id": name, "reason": reason });
            Ok(render::object(format, &call(ctx, "connection_posting_off", request)?["posting"])?)
        }
    }
}

/// In a list, whether it posts is one word.
pub fn flattened(connection: &mut Value) {
    connection["posts"] = connection["posting"]["state"].clone();
}

/// How it stands, of the connection of this name or id.
fn stands(ctx: &Context, name: &str) -> Result<Value, Failure> {
    let known = listed(ctx, "connections", json!({}))?;
    let mut named = known.into_iter().filter(|c| c["name"] == name || c["id"] == name);
    let found = named.next().ok_or_else(|| {
        Failure::from(DeskError::new(Code::NotFound, format!("there is no connection {name}")))
    })?;
    Ok(found["posting"].clone())
}

fn show(ctx: &Context, format: Format, name: &str) -> Ran {
    let stands = stands(ctx, name)?;
    if format == Format::Table {
        print_figures(ctx, &stands)?;
    }
    Ok(render::object(format, &stands)?)
}

/// The text that waits or holds.
fn print_figures(ctx: &Context, stands: &Value) -> Result<(), Failure> {
    let Some(change) = stands["change"].as_str() else { return Ok(()) };
    let text = call(ctx, "change_text", json!({ "id": change }))?;
    let mut out = io::stdout().lock();
    for line in text["lines"].as_array().into_iter().flatten() {
        writeln!(out, "{}", line["text"].as_str().unwrap_or_default())?;
    }
    Ok(())
}

/// Shows the figures that wait, and asks; the hash of what was shown.
fn asked(ctx: &Context, name: &str) -> Result<String, Failure> {
    let stands = stands(ctx, name)?;
    print_figures(ctx, &stands)?;
    match (stands["state"].as_str(), stands["hash"].as_str()) {
        (Some("proposed"), Some(hash)) if prompt::yes(&format!("Send approved postings to {name}?")) => {
            Ok(hash.to_owned())
        }
        (Some("proposed"), _) => {
            Err(DeskError::new(Code::Cancelled, "You did not approve it: nothing was done").into())
        }
        _ => Ok(String::new()),
    }
}
