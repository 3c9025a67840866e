//! `tieout policy …`: a policy tried on the late items.

use std::io::{self, Write as _};

use serde_json::{Value, json};
use tieout_desk::Context;

use crate::{
    answers::call,
    args::Format,
    failure::Ran,
    render::{self, number, text},
    verbs::PolicyVerb,
};

/// Runs one of its verbs.
pub fn run(ctx: &Context, format: Format, verb: PolicyVerb) -> Ran {
    match verb {
        PolicyVerb::Simulate { file, change, periods, elsewhere } => {
            let request = json!({ "file": file, "change": change, "periods": periods });
            print(format, &call(ctx, "policy_simulate", request)?, elsewhere)
        }
        PolicyVerb::Rules { change } => {
            let all = call(ctx, "late_rules", json!({ "id": change }))?;
            if format != Format::Table {
                return Ok(render::object(format, &all)?);
            }
            let columns = [
                text("rule", "Rule"),
                text("says", "Says"),
                text("takes", "Takes"),
                text("limits", "Up to"),
                text("does", "Does"),
                text("approvals", "Approvals"),
            ];
            Ok(render::rows(format, &columns, all["rules"].as_array().map_or(&[][..], Vec::as_slice))?)
        }
        PolicyVerb::Kept { change } => {
            let kept = call(ctx, "policy_simulation", json!({ "id": change }))?;
            if kept.is_null() && format == Format::Table {
                let words = "Nothing was kept with it: neither it nor the policy before has late rules.";
                return Ok(writeln!(io::stdout(), "{words}")?);
            }
            print(format, &kept, false)
        }
    }
}

/// What each rule takes, and each item. Scripts get the whole of it.
fn print(format: Format, simulation: &Value, elsewhere: bool) -> Ran {
    if format != Format::Table {
        return Ok(render::object(format, simulation)?);
    }
    let whole = |field: &str| simulation[field].as_u64().unwrap_or_default();
    writeln!(
        io::stdout(),
        "{} late items over {} closed periods of each entity; {} would have gone elsewhere.\n",
        whole("count"),
        whole("periods"),
        whole("elsewhere"),
    )?;
    let list = |field: &str| simulation[field].as_array().cloned().unwrap_or_default();
    let rules: Vec<Value> = list("rules").iter().map(rule).collect();
    let columns = [
        text("rule", "Rule"),
        text("says", "Says"),
        number("count", "Items"),
        number("elsewhere", "Elsewhere"),
        text("sums", "Amounts"),
    ];
    render::rows(format, &columns, &rules)?;
    writeln!(io::stdout())?;
    let wanted = |item: &Value| !elsewhere || item["elsewhere"].as_bool() == Some(true);
    let items: Vec<Value> = list("items").into_iter().filter(wanted).map(item).collect();
    let columns = [
        text("reference", "Document"),
        text("entity", "Entity"),
        text("dated", "Dated"),
        number("amount", "Amount"),
        text("currency", ""),
        text("went", "Went"),
        text("goes", "Goes"),
        text("says", "By"),
    ];
    Ok(render::rows(format, &columns, &items)?)
}

fn rule(rule: &Value) -> Value {
    let sum = |sum: &Value| {
        let said = |field: &str| sum[field].as_str().unwrap_or_default().to_owned();
        format!("{} {}", said("amount"), said("currency"))
    };
    let sums: Vec<String> = rule["sums"].as_array().into_iter().flatten().map(sum).collect();
    json!({
        "rule": rule["rule"].as_str().unwrap_or("–"), "says": rule["says"], "count": rule["count"],
        "elsewhere": rule["elsewhere"], "sums": sums.join(", "),
    })
}

fn item(mut item: Value) -> Value {
    for place in ["went", "goes"] {
        if item[place].is_null() {
            item[place] = json!("held");
        }
    }
    item
}
