//! Commands of the list, called from the command line: what they answer, and what is given to them.

use std::io::{self, BufRead as _};

use serde_json::Value;
use tieout_app::commands;
use tieout_desk::{Context, DeskResult};

use crate::{
    args::Format,
    failure::{Failure, Ran},
    render::{self, Column},
};

/// What the command of this name answers.
pub fn call(ctx: &Context, name: &str, request: Value) -> DeskResult<Value> {
    commands::call(ctx, ctx, name, request)
}

/// The answer's rows.
pub fn listed(ctx: &Context, name: &str, request: Value) -> DeskResult<Vec<Value>> {
    Ok(match call(ctx, name, request)? {
        Value::Array(rows) => rows,
        one => vec![one],
    })
}

/// Ids as given, or one a line from standard input where `-` is given.
pub fn given(ids: Vec<String>) -> Result<Vec<String>, Failure> {
    if ids != ["-"] {
        return Ok(ids);
    }
    let lines: Vec<String> = io::stdin().lock().lines().collect::<Result<_, _>>()?;
    Ok(lines.iter().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect())
}

/// Calls a command and prints its one answer.
pub fn object(ctx: &Context, format: Format, name: &str, request: Value) -> Ran {
    Ok(render::object(format, &call(ctx, name, request)?)?)
}

/// Calls a command and prints the rows that it answers.
pub fn rows(ctx: &Context, format: Format, columns: &[Column], name: &str, request: Value) -> Ran {
    Ok(render::rows(format, columns, &listed(ctx, name, request)?)?)
}
