//! `tieout close …`: the close of an entity and period, its differences explained and its accounts signed.

use std::io::{self, Write as _};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tieout_desk::Context;

use crate::{
    answers::{call, object},
    args::Format,
    failure::Ran,
    render::{self, number, text},
};

/// `tieout close …`
#[derive(Subcommand, Debug)]
pub enum CloseVerb {
    /// Show how a close stands: what each account's difference is made of, the proof, who signed, what moved
    /// and what blocks.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb close status GB01 2026-11")]
    Status {
        /// The legal entity; the mapping's first without one.
        entity: Option<String>,
        /// The period; the one that is being closed without one.
        period: Option<String>,
        /// As of this date or instant.
        #[arg(long, value_name = "WHEN")]
        as_of: Option<String>,
    },
    /// List what an account differs by, item by item.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb close items GB01 2026-11 1100")]
    Items {
        /// The legal entity.
        entity: String,
        /// The period.
        period: String,
        /// The account; all without one.
        account: Option<String>,
        /// Only this part: timing, to_book, accepted, brought_forward or unexplained.
        #[arg(long)]
        part: Option<String>,
        /// As of this date or instant.
        #[arg(long, value_name = "WHEN")]
        as_of: Option<String>,
    },
    /// Show what is signed of an account: its figures, and its items with their versions.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb close text GB01 2026-11 1100")]
    Text(PlaceArgs),
    /// Explain items of a difference by a signed note. Above the tolerance another person accepts it.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as ana close explain GB01 2026-11 PO-3317 \
        --category timing --clears-by 2026-12-02 --note 'Paid out on 30 November'"
    )]
    Explain {
        /// The legal entity.
        entity: String,
        /// The period that is closed.
        period: String,
        /// The items, by reference or entry number.
        #[arg(required = true)]
        items: Vec<String>,
        /// timing, bank_fee, rounding, opening_item or reclassification.
        #[arg(long)]
        category: String,
        /// Of timing: the day by which it clears.
        #[arg(long, value_name = "DATE")]
        clears_by: Option<String>,
        /// Why.
        #[arg(long)]
        note: String,
        /// As of this date or instant.
        #[arg(long, value_name = "WHEN")]
        as_of: Option<String>,
    },
    /// Accept another person's explanation, with the hash of what you saw; or refuse it.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as cora close accept chg_k3v… --content 5cebaf…"
    )]
    Accept {
        /// The explanation's id (chg_…).
        id: String,
        /// The hash of its text, as `close notes` shows it.
        #[arg(long, value_name = "SHA256", required_unless_present = "refuse")]
        content: Option<String>,
        /// Refuse it, for this reason.
        #[arg(long, value_name = "REASON", conflicts_with = "content")]
        refuse: Option<String>,
        /// As of this date or instant.
        #[arg(long, value_name = "WHEN")]
        as_of: Option<String>,
    },
    /// Take an explanation back: its items are open again.
    #[command(
        name = "take-back",
        after_help = "Example:\n  tieout -w books.tieoutdb --as ana close take-back chg_k3v… --reason 'It was not'"
    )]
    TakeBack {
        /// The explanation's id (chg_…).
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// List explanations that hold or wait.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb close notes GB01")]
    Notes {
        /// The legal entity; the mapping's first without one.
        entity: Option<String>,
    },
    /// Sign an account as prepared. `movements` stands for small movements after a sign-off.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as ana close prepare GB01 2026-11 1100")]
    Prepare(PlaceArgs),
    /// Sign what another person prepared as reviewed, with the hash of what you saw.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as dev close review GB01 2026-11 1100 --content 5c…"
    )]
    Review(PlaceArgs),
}

/// An account of an entity and period.
#[derive(Args, Debug)]
pub struct PlaceArgs {
    /// The legal entity.
    entity: String,
    /// The period.
    period: String,
    /// The account, or `movements`.
    account: String,
    /// The hash of what you saw, as `close text` shows it.
    #[arg(long, value_name = "SHA256")]
    content: Option<String>,
    /// As of this date or instant.
    #[arg(long, value_name = "WHEN")]
    as_of: Option<String>,
}

impl PlaceArgs {
    fn request(&self) -> Value {
        json!({
            "entity": self.entity, "period": self.period, "account": self.account, "content": self.content,
            "as_of": self.as_of,
        })
    }
}

/// Runs one of its verbs. What fell due is looked for first.
pub fn run(ctx: &Context, format: Format, verb: CloseVerb) -> Ran {
    match verb {
        CloseVerb::Status { entity, period, as_of } => {
            detect(ctx, as_of.as_deref())?;
            let request = json!({ "entity": entity, "period": period, "as_of": as_of });
            let close = call(ctx, "close_status", request)?;
            match format {
                Format::Table => status(&close),
                _ => Ok(render::object(format, &close)?),
            }
        }
        CloseVerb::Items { entity, period, account, part, as_of } => {
            detect(ctx, as_of.as_deref())?;
            let request = json!({
                "entity": entity, "period": period, "account": account, "part": part, "as_of": as_of,
            });
            let columns = [
                text("item", "Item"),
                text("account", "Account"),
                number("difference", "Difference"),
                text("currency", ""),
                text("part", "Part"),
                text("period", "Period"),
                number("age_days", "Days"),
                text("says", "Says"),
            ];
            let items = call(ctx, "close_items", request)?;
            Ok(render::rows(format, &columns, items.as_array().map_or(&[][..], Vec::as_slice))?)
        }
        CloseVerb::Text(place) => {
            detect(ctx, place.as_of.as_deref())?;
            let shown = call(ctx, "close_text", place.request())?;
            if format != Format::Table {
                return Ok(render::object(format, &shown)?);
            }
            write!(io::stdout(), "{}", shown["text"].as_str().unwrap_or_default())?;
            eprintln!("sha256 {}", shown["sign_off"]["hash"].as_str().unwrap_or_default());
            Ok(())
        }
        CloseVerb::Explain { entity, period, items, category, clears_by, note, as_of } => {
            detect(ctx, as_of.as_deref())?;
            let request = json!({
                "entity": entity, "period": period, "items": items, "category": category,
                "clears_by": clears_by, "note": note, "as_of": as_of,
            });
            object(ctx, format, "close_explain", request)
        }
        CloseVerb::Accept { id, content, refuse, as_of } => {
            detect(ctx, as_of.as_deref())?;
            let request = json!({
                "id": id, "accept": refuse.is_none(), "content": content, "reason": refuse, "as_of": as_of,
            });
            object(ctx, format, "close_accept", request)
        }
        CloseVerb::TakeBack { id, reason } => {
            object(ctx, format, "close_take_back", json!({ "id": id, "reason": reason }))
        }
        CloseVerb::Notes { entity } => {
            let close = call(ctx, "close_status", json!({ "entity": entity }))?;
            Ok(render::rows(format, &NOTES, array(&close, "notes"))?)
        }
        CloseVerb::Prepare(place) => sign(ctx, format, "close_prepare", &place),
        CloseVerb::Review(place) => sign(ctx, format, "close_review", &place),
    }
}

const NOTES: [render::Column; 8] = [
    text("id", "Id"),
    text("period", "Period"),
    text("category", "Category"),
    text("clears_by", "Clears by"),
    text("note", "Note"),
    text("author", "By"),
    text("state", "State"),
    text("hash", "Hash"),
];

fn detect(ctx: &Context, as_of: Option<&str>) -> Ran {
    call(ctx, "refresh", json!({ "as_of": as_of }))?;
    Ok(())
}

fn sign(ctx: &Context, format: Format, name: &str, place: &PlaceArgs) -> Ran {
    detect(ctx, place.as_of.as_deref())?;
    let mut signed = call(ctx, name, place.request())?;
    if format == Format::Table
        && let Some(fields) = signed.as_object_mut()
    {
        // What may be done next is for screens.
        fields.remove("actions");
    }
    Ok(render::object(format, &signed)?)
}

fn array<'v>(of: &'v Value, field: &str) -> &'v [Value] {
    of[field].as_array().map_or(&[][..], Vec::as_slice)
}

/// The cockpit for people: what is missing, then the tables.
fn status(close: &Value) -> Ran {
    let said = |field: &str| close[field].as_str().unwrap_or_default();
    let mut out = io::stdout();
    let state = if close["ready"] == true { "ready" } else { "not ready" };
    writeln!(out, "{}, {}: {state}", said("entity"), said("period_name"))?;
    for lack in array(close, "lacks") {
        writeln!(out, "  {}", lack.as_str().unwrap_or_default())?;
    }
    writeln!(out)?;
    let figures = [
        number("expected", "Expected"),
        number("ledger", "- Ledger"),
        number("difference", "= Difference"),
        number("timing", "Timing"),
        number("to_book", "+ To book"),
        number("accepted", "+ Accepted"),
        number("brought_forward", "+ Brought fwd"),
        number("unexplained", "+ Unexplained"),
    ];
    let mut columns = vec![text("account", "Account"), text("currency", "")];
    columns.extend(figures);
    columns.extend([number("open", "To book + unexpl."), number("tolerance", "Tolerance")]);
    let mut rows: Vec<Value> = array(close, "rows").to_vec();
    for row in &mut rows {
        let name = match row["kind"].as_str() {
            Some("other") => "other accounts".to_owned(),
            Some("earlier") => "earlier periods".to_owned(),
            _ => row["account"].as_str().unwrap_or_default().to_owned(),
        };
        row["account"] = json!(name);
    }
    for proof in array(close, "proof") {
        let mut row = proof.clone();
        row["account"] = json!(if proof["nets"] == true { "proof" } else { "proof: does not net" });
        rows.push(row);
    }
    render::rows(Format::Table, &columns, &rows)?;
    writeln!(out)?;
    let columns = [
        text("account", "Account"),
        text("state", "Sign-off"),
        text("prepared_by", "Prepared"),
        text("reviewed_by", "Reviewed"),
        number("moved_count", "Moved"),
        text("needs", "Needs"),
    ];
    let mut signed: Vec<Value> = array(close, "accounts").to_vec();
    signed.extend(close["movements"].as_object().map(|one| Value::Object(one.clone())));
    render::rows(Format::Table, &columns, &signed)?;
    for one in &signed {
        for moved in array(one, "moved") {
            let by: Vec<&str> = array(moved, "by").iter().filter_map(Value::as_str).collect();
            let by = if by.is_empty() { String::new() } else { format!(" ({})", by.join(", ")) };
            let account = one["account"].as_str().unwrap_or_default();
            writeln!(out, "  {account}: {}{by}", moved["says"].as_str().unwrap_or_default())?;
        }
    }
    if !array(close, "blockers").is_empty() {
        writeln!(out)?;
        let columns = [
            text("label", "Blocks"),
            number("count", "Count"),
            number("worth", "Worth"),
            text("since", "Since"),
        ];
        render::rows(Format::Table, &columns, array(close, "blockers"))?;
    }
    Ok(())
}
