//! What became of several things that a command was asked to do, printed.

use serde_json::Value;

use crate::{
    args::Format,
    failure::{Failure, Ran},
    render::{self, text},
};

/// Outcomes whose message says the rule and who could too, which have no column of their own.
fn said(outcome: &Value) -> Value {
    let mut outcome = outcome.clone();
    if let Some(rule) = outcome["rule"].as_str() {
        let could = outcome["who_could"].as_array().into_iter().flatten();
        let could: Vec<String> = could.filter_map(Value::as_str).map(str::to_owned).collect();
        let message = outcome["message"].as_str().unwrap_or_default();
        let message = format!("{message} (rule {rule}; who could: {})", render::who_could(&could));
        outcome["message"] = message.into();
    }
    outcome
}

/// What became of each, printed; it ends with 1 where one was refused.
pub fn print(format: Format, outcomes: &[Value]) -> Ran {
    let columns = [
        text("id", "Id"),
        text("reference", "Document"),
        text("result", "Result"),
        text("code", "Code"),
        text("posting", "Posting"),
        text("message", "Message"),
    ];
    match format {
        Format::Json => render::rows(format, &columns, outcomes)?,
        Format::Table | Format::Csv => {
            let said: Vec<Value> = outcomes.iter().map(said).collect();
            render::rows(format, &columns, &said)?;
        }
    }
    if format == Format::Table {
        for preview in outcomes.iter().map(|o| &o["preview"]).filter(|p| !p.is_null()) {
            render::object(format, preview)?;
        }
    }
    some_refused(outcomes)
}

pub fn some_refused(outcomes: &[Value]) -> Ran {
    let refused = outcomes.iter().filter(|o| o["result"] == "refused").count();
    if refused == 0 { Ok(()) } else { Err(Failure::SomeRefused(refused)) }
}
