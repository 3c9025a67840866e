//! `tieout bank …`: statements of banks, and the ledger's accounts beside them.

use std::io::{self, Write as _};

use serde_json::{Value, json};
use tieout_desk::Context;

use crate::{
    answers::call,
    args::Format,
    bank_verbs::BankVerb,
    failure::Ran,
    render::{self, number, text},
};

/// Runs one of its verbs.
pub fn run(ctx: &Context, format: Format, verb: BankVerb) -> Ran {
    match verb {
        BankVerb::Import { file, account, entity, number, currency, as_of } => {
            let request = json!({
                "file": file, "account": account, "entity": entity, "number": number, "currency": currency,
                "as_of": as_of,
            });
            imported(format, &call(ctx, "bank_import", request)?)
        }
        BankVerb::Show { account, entity, through } => {
            let request = json!({ "entity": entity, "account": account, "through": through });
            let found = call(ctx, "bank", request)?;
            let accounts = found.as_array().map_or(&[][..], Vec::as_slice);
            match format {
                Format::Table => shown(accounts),
                _ => Ok(render::rows(format, &figures(), accounts)?),
            }
        }
    }
}

fn imported(format: Format, came: &Value) -> Ran {
    if format != Format::Table {
        return Ok(render::object(format, came)?);
    }
    let columns = [
        text("id", "Statement"),
        text("number", "Bank account"),
        text("entity", "Entity"),
        text("account", "Account"),
        text("from", "From"),
        text("to", "To"),
        number("opening", "Opening"),
        number("closing", "Closing"),
        text("currency", ""),
        number("lines", "Lines"),
        number("new_lines", "New"),
    ];
    render::rows(format, &columns, list(came, "statements"))?;
    eprintln!("{}", came["message"].as_str().unwrap_or_default());
    Ok(())
}

fn figures() -> [render::Column; 11] {
    [
        text("entity", "Entity"),
        text("account", "Account"),
        text("number", "Bank account"),
        text("through", "Through"),
        number("closing", "Bank"),
        number("ledger", "- Ledger"),
        number("difference", "= Difference"),
        number("not_booked", "Not booked"),
        number("in_transit", "- In transit"),
        number("unexplained", "+ Unexplained"),
        text("currency", ""),
    ]
}

fn list<'v>(of: &'v Value, field: &str) -> &'v [Value] {
    of[field].as_array().map_or(&[][..], Vec::as_slice)
}

/// The figures, then what they are made of, account by account.
fn shown(accounts: &[Value]) -> Ran {
    render::rows(Format::Table, &figures(), accounts)?;
    let mut out = io::stdout();
    for one in accounts {
        let said = |field: &str| one[field].as_str().unwrap_or_default();
        if list(one, "items").is_empty() {
            continue;
        }
        writeln!(out, "\n{} {} at the bank, {}:", said("entity"), said("number"), said("currency"))?;
        let columns = [
            text("kind", "What"),
            text("date", "Date"),
            number("amount", "Amount"),
            text("counterparty", "Counterparty"),
            text("reference", "Reference"),
            text("text", "Says"),
        ];
        render::rows(Format::Table, &columns, list(one, "items"))?;
        if one["ledger_whole"] == false {
            eprintln!(
                "Of account {} only entries that concern billing are read. Give it the scope \"listed\" in \
                 the mapping to have all of them.",
                said("account")
            );
        }
    }
    Ok(())
}
