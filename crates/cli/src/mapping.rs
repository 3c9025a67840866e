//! `tieout mapping …`: what the desk proposes, what a mapping would change, and rates out of a central bank's
//! file.

use std::{
    fs,
    io::{self, Write as _},
    path::Path,
};

use serde_json::{Value, json};
use tieout_desk::base::{
    context::Context,
    error::{DeskError, DeskResult},
};

use crate::{
    answers::call,
    args::Format,
    failure::Ran,
    render::{self, number, text},
    verbs::MappingVerb,
};

pub fn run(ctx: &Context, format: Format, verb: MappingVerb) -> Ran {
    match verb {
        MappingVerb::Propose { write } => propose(ctx, format, write.as_deref()),
        MappingVerb::Preview { mapping } => preview(ctx, format, &mapping),
        MappingVerb::Rates { file, from, dry_run } => {
            let name = if dry_run { "rates_check" } else { "rates_propose" };
            rates(format, &call(ctx, name, json!({ "file": file, "from": from }))?)
        }
    }
}

fn words(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn propose(ctx: &Context, format: Format, write: Option<&Path>) -> Ran {
    let proposed = call(ctx, "mapping_propose", json!({}))?;
    if let Some(file) = write {
        fs::write(file, words(&proposed["text"])).map_err(|e| DeskError::file(file, &e))?;
    }
    if format != Format::Table {
        return Ok(render::object(format, &proposed)?);
    }
    let lines: Vec<Value> = list(&proposed["lines"]).iter().map(line).collect();
    let columns =
        [text("sure", "Sure"), text("says", "Proposed"), text("covers", "Covers"), text("why", "Because")];
    render::rows(format, &columns, &lines)?;
    for missing in list(&proposed["missing"]) {
        eprintln!("Nobody said {}", words(missing));
    }
    eprintln!("{}", words(&proposed["says"]));
    if !words(&proposed["problem"]).is_empty() {
        eprintln!("It cannot be brought in as it is: {}", words(&proposed["problem"]));
    }
    match write {
        Some(file) => {
            let file = file.display();
            eprintln!("Written to {file}: tieout mapping preview {file}, then tieout import mapping {file}");
        }
        None => eprintln!("Nothing was stored: --write FILE writes it as a mapping file"),
    }
    Ok(())
}

fn line(line: &Value) -> Value {
    let covers: Vec<String> = list(&line["covers"])
        .iter()
        .map(|share| format!("{} % of {}", words(&share["percent"]), words(&share["currency"])))
        .collect();
    json!({
        "sure": if line["sure"] == true { "yes" } else { "UNSURE" },
        "says": line["says"], "why": line["why"], "covers": covers.join(", "),
    })
}

/// A file, or the id of a change that waits.
fn preview(ctx: &Context, format: Format, mapping: &str) -> Ran {
    let request = match mapping.starts_with("chg_") {
        true => json!({ "change": mapping }),
        false => json!({ "text": read(Path::new(mapping))? }),
    };
    let preview = call(ctx, "mapping_preview", request)?;
    if format != Format::Table {
        return Ok(render::object(format, &preview)?);
    }
    let mut out = io::stdout().lock();
    for change in list(&preview["changes"]) {
        writeln!(out, "{}", words(change))?;
    }
    drop(out);
    let kinds = [text("name", "Exceptions"), number("appear", "Appear"), number("close", "Close")];
    render::rows(format, &kinds, list(&preview["exceptions"]))?;
    let cells = [
        text("entity", "Entity"),
        text("period", "Period"),
        text("account", "Account"),
        text("account_name", "Name"),
        text("currency", "Currency"),
        number("billing_before", "Billing"),
        number("billing_after", "then"),
        number("ledger_before", "Ledger"),
        number("ledger_after", "then"),
        number("variance_before", "Difference"),
        number("variance_after", "then"),
    ];
    render::rows(format, &cells, list(&preview["cells"]))?;
    eprintln!("{} Nothing was stored.", words(&preview["says"]));
    Ok(())
}

fn read(file: &Path) -> DeskResult<String> {
    fs::read_to_string(file).map_err(|e| DeskError::file(file, &e))
}

fn rates(format: Format, rates: &Value) -> Ran {
    if format != Format::Table {
        return Ok(render::object(format, rates)?);
    }
    let columns = [
        text("from", "From"),
        text("to", "To"),
        text("how", "How"),
        number("days", "Days"),
        number("last", "Last rate"),
    ];
    render::rows(format, &columns, list(&rates["pairs"]))?;
    for missing in list(&rates["missing"]) {
        eprintln!("The file has no rates from {}", words(missing));
    }
    eprintln!(
        "{} of {} to {}: {} new rates. Rounded {}",
        words(&rates["source"]),
        words(&rates["from"]),
        words(&rates["through"]),
        rates["new"],
        words(&rates["rounding"])
    );
    match words(&rates["change"]["id"]) {
        "" => eprintln!("Nothing was proposed"),
        id => eprintln!("Proposed as {id}, which needs {}", words(&rates["change"]["needs"])),
    }
    Ok(())
}
