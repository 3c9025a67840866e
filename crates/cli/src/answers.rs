//! Commands of the list, called from the command line: what they answer, and what is given to them.

use std::io::{self, BufRead as _};

use serde_json::Value;
use tieout_app::commands;
use tieout_desk::{Context, DeskResult};

use crate::failure::Failure;

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
