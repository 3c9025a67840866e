//! `tieout pilot`: the first tie-out of a period, said or written to a file.

use serde_json::{Value, json};
use tieout_desk::Context;

use crate::{
    answers::call,
    args::Format,
    failure::Ran,
    render::{self, number, text},
    verbs::PilotArgs,
};

/// Says what agrees in a period and what does not; or writes it to a file.
pub fn pilot(ctx: &Context, format: Format, args: PilotArgs) -> Ran {
    let PilotArgs { entity, period, to, force, as_of } = args;
    // What fell due is judged first, as everywhere.
    call(ctx, "refresh", json!({ "as_of": as_of }))?;
    let of = json!({ "entity": entity, "period": period });
    if let Some(path) = to {
        let written = call(ctx, "pilot_write", json!({ "of": of, "path": path, "force": force }))?;
        return Ok(render::object(format, &written)?);
    }
    let report = call(ctx, "pilot", of)?;
    if format != Format::Table {
        return Ok(render::object(format, &report)?);
    }
    let said = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (entity, period) = (said(&report["entity"]), said(&report["period"]));
    eprintln!("{entity} in {period} ({})", said(&report["status"]));
    for line in report["says"].as_array().into_iter().flatten() {
        eprintln!("{}", said(line));
    }
    let columns = [
        text("account", "Account"),
        text("account_name", "Name"),
        text("currency", "Currency"),
        text("why", "What"),
        number("count", "Lines"),
        number("billing", "Billing"),
        number("ledger", "Ledger"),
        number("variance", "Variance"),
    ];
    Ok(render::rows(format, &columns, &lines(&report))?)
}

/// What agrees of each account, and why the rest does not.
fn lines(report: &Value) -> Vec<Value> {
    let mut lines = Vec::new();
    for account in report["accounts"].as_array().into_iter().flatten() {
        let mut line = |why: &Value, of: [&Value; 4]| {
            lines.push(json!({
                "account": account["account"], "account_name": account["account_name"],
                "currency": account["currency"], "why": why, "count": of[0], "billing": of[1],
                "ledger": of[2], "variance": of[3],
            }));
        };
        let agrees = &account["agrees"];
        line(&json!("Agrees"), [&account["agree"], agrees, agrees, &json!("0")]);
        for one in account["reasons"].as_array().into_iter().flatten() {
            line(&one["label"], [&one["count"], &one["billing"], &one["ledger"], &one["variance"]]);
        }
        for part in account["beside"].as_array().into_iter().flatten() {
            line(&part["name"], [&Value::Null, &Value::Null, &part["amount"], &Value::Null]);
        }
    }
    lines
}
