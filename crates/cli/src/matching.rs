//! `tieout match …`: what nothing ties, and what people say of it.

use serde_json::{Value, json};
use tieout_desk::Context;

use crate::{
    answers::{call, given},
    args::Format,
    failure::Ran,
    outcomes,
    render::{self, number, text},
    verbs::MatchVerb,
};

/// Runs one of its verbs.
pub fn run(ctx: &Context, format: Format, verb: MatchVerb) -> Ran {
    match verb {
        MatchVerb::List { open, decided, entity, currency, search } => {
            // What fell due, and what was matched meanwhile, first.
            call(ctx, "refresh", json!({}))?;
            let request = json!({ "entity": entity, "currency": currency, "search": search });
            let all = call(ctx, "match_list", request)?;
            match (open, decided) {
                (true, _) => print_open(format, &all),
                (_, true) => print_matches(format, &all["decided"], "decided"),
                _ => print_matches(format, &all["suggestions"], "suggestions"),
            }
        }
        MatchVerb::Confirm { ids, entries, documents, reason } => {
            let request = json!({
                "ids": given(ids)?, "entries": entries, "documents": documents, "reason": reason,
            });
            decide(ctx, format, "match_confirm", request)
        }
        MatchVerb::Reject { ids, reason } => {
            decide(ctx, format, "match_reject", json!({ "ids": given(ids)?, "reason": reason }))
        }
        MatchVerb::Rules { propose: None } => print_rules(format, &call(ctx, "match_rules", json!({}))?),
        MatchVerb::Rules { propose: Some(id) } => {
            let change = call(ctx, "match_rule_propose", json!({ "id": id }))?;
            let columns = [text("id", "Change"), text("state", "State"), text("needs", "Waits for")];
            Ok(render::rows(format, &columns, &[change])?)
        }
        MatchVerb::Undo { ids, reason } => {
            decide(ctx, format, "match_undo", json!({ "ids": given(ids)?, "reason": reason }))
        }
    }
}

fn decide(ctx: &Context, format: Format, name: &str, request: Value) -> Ran {
    let answer = call(ctx, name, request)?;
    outcomes::print(format, answer.as_array().map_or(&[][..], Vec::as_slice))
}

/// Both sides in one list: which side a row is of stands first.
fn print_open(format: Format, all: &Value) -> Ran {
    let side = |name: &str, called: &str, number: &str, about: [&str; 2]| -> Vec<Value> {
        let rows = all[name].as_array().into_iter().flatten();
        let row = |row: &Value| {
            let words = about.iter().filter_map(|field| row[*field].as_str()).next().unwrap_or_default();
            json!({
                "side": called, "id": row["id"], "number": row[number], "kind": row["kind"],
                "date": row["date"], "entity": row["entity"], "account": row["account"],
                "amount": row["amount"], "currency": row["currency"], "about": words,
            })
        };
        rows.map(row).collect()
    };
    let mut rows = side("entries", "ledger", "number", ["memo", "counterpart"]);
    rows.extend(side("documents", "billing", "reference", ["customer", "kind"]));
    let columns = [
        text("side", "Side"),
        text("number", "Number"),
        text("kind", "What"),
        text("date", "Date"),
        text("entity", "Entity"),
        text("account", "Account"),
        number("amount", "Amount"),
        text("currency", ""),
        text("about", "About"),
    ];
    Ok(render::rows(format, &columns, &rows)?)
}

fn print_rules(format: Format, rules: &Value) -> Ran {
    let rows = rules.as_array().map_or(&[][..], Vec::as_slice);
    let columns = [text("id", "Id"), text("says", "Says"), text("proposed", "Waits as")];
    Ok(render::rows(format, &columns, rows)?)
}

fn print_matches(format: Format, matches: &Value, what: &str) -> Ran {
    let rows = matches.as_array().map_or(&[][..], Vec::as_slice);
    if format != Format::Table {
        return Ok(render::rows(format, &[], rows)?);
    }
    let names = |members: &Value, field: &str| {
        let all: Vec<&str> =
            members.as_array().into_iter().flatten().filter_map(|one| one[field].as_str()).collect();
        match all.as_slice() {
            [one, two, three, more @ ..] if !more.is_empty() => {
                format!("{one}, {two}, {three} and {} more", more.len())
            }
            few => few.join(", "),
        }
    };
    let row = |one: &Value| {
        let reasons: Vec<&str> =
            one["reasons"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let why = match one["reason"].as_str() {
            Some(said) if !said.is_empty() => said.to_owned(),
            _ => reasons.join("; "),
        };
        json!({
            "id": one["id"], "state": one["state"], "points": one["points"],
            "entries": names(&one["entries"], "number"), "documents": names(&one["documents"], "reference"),
            "sum": one["entries_sum"], "difference": one["difference"], "currency": one["currency"],
            "why": why,
        })
    };
    let rows: Vec<Value> = rows.iter().map(row).collect();
    let columns = [
        text("id", "Id"),
        text("state", "State"),
        number("points", "Points"),
        text("entries", "Ledger"),
        text("documents", "Billing"),
        number("sum", "Sum"),
        number("difference", "Difference"),
        text("currency", ""),
        text("why", "Why"),
    ];
    render::rows(format, &columns, &rows)?;
    eprintln!("{} {what}", rows.len());
    Ok(())
}
