//! `tieout roster`, `tieout packet` and `tieout person key`: what goes from one installation to another.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tieout_desk::{Context, DeskError, base::code::Code};

use crate::{
    answers::{self, call, object, rows},
    args::{Format, Verb},
    failure::{Failure, Ran},
    outcomes,
    render::{self, number, text},
    travel_verbs::{BinderArgs, KeyVerb, PacketVerb, RosterVerb},
};

/// Runs what goes to another installation or comes from one.
pub fn run(ctx: &Context, format: Format, verb: Verb) -> Ran {
    match verb {
        Verb::Roster(verb) => roster(ctx, format, verb),
        Verb::Packet(verb) => packet(ctx, format, verb),
        Verb::Binder(args) => binder(ctx, format, &args),
        _ => Ok(()),
    }
}

/// Runs `tieout person key …`
pub fn key(ctx: &Context, format: Format, verb: KeyVerb) -> Ran {
    match verb {
        KeyVerb::New { file, force } => {
            object(ctx, format, "person_card", json!({ "path": file, "force": force }))
        }
        KeyVerb::Add { person, file } => {
            let request = json!({ "person": person, "file": file });
            let brought = call(ctx, "person_key_bring", request)?;
            render::object(format, &brought)?;
            if format == Format::Table {
                eprintln!(
                    "It counts once somebody else has compared the key with its person and said: tieout \
                     person confirm {}",
                    brought["name"].as_str().unwrap_or_default()
                );
            }
            Ok(())
        }
    }
}

/// Runs `tieout roster …`
fn roster(ctx: &Context, format: Format, verb: RosterVerb) -> Ran {
    let columns = [
        text("name", "Workspace"),
        text("own", "Own"),
        text("made_at", "Made at"),
        text("signed_by", "Signed by"),
        number("people", "People"),
        text("key", "Key"),
    ];
    match verb {
        RosterVerb::Export { file, force } => {
            let written = call(ctx, "roster_export", json!({ "path": file, "force": force }))?;
            Ok(render::object(format, &written)?)
        }
        RosterVerb::Import { file, key } => {
            let told = key.is_some();
            let known = call(ctx, "roster_import", json!({ "file": file, "key": key }))?;
            render::object(format, &known)?;
            if known["first"] == true && !told && format == Format::Table {
                eprintln!(
                    "Nothing was known here by which this roster could be told. Ask {} for the key, another \
                     way than the file came: {}",
                    known["signed_by"].as_str().unwrap_or_default(),
                    known["key"].as_str().unwrap_or_default()
                );
            }
            Ok(())
        }
        RosterVerb::List => rows(ctx, format, &columns, "rosters", json!({})),
    }
}

/// Runs `tieout packet …`
fn packet(ctx: &Context, format: Format, verb: PacketVerb) -> Ran {
    match verb {
        PacketVerb::Export { ids, reviewer, to, days, note, force } => {
            let request = json!({
                "ids": answers::given(ids)?, "reviewer": reviewer, "path": to, "days": days, "note": note,
                "force": force,
            });
            object(ctx, format, "packet_export", request)
        }
        PacketVerb::Show { packet, sheet, force } => {
            let request = of_packet(&packet, json!({ "sheet_to": sheet, "force": force }));
            show(format, &call(ctx, "packet_show", request)?)
        }
        PacketVerb::Decide { packet, ids, approve, reject, content, note, sheet } => {
            let request = decide(&packet, ids, (approve, reject, note), content, sheet)?;
            items(format, &answers::listed(ctx, "packet_decide", request)?)
        }
        PacketVerb::Decisions { packet, to, force } => {
            let request = of_packet(&packet, json!({ "path": to, "force": force }));
            object(ctx, format, "packet_decisions", request)
        }
        PacketVerb::Import { file } => {
            let taken = call(ctx, "packet_import", json!({ "file": file }))?;
            let all = taken["outcomes"].as_array().cloned().unwrap_or_default();
            outcomes::print(format, &all)
        }
        PacketVerb::List => {
            let columns = [
                text("packet", "Packet"),
                text("side", "Way"),
                text("workspace", "Workspace"),
                text("made_by", "Made by"),
                text("reviewer", "For"),
                number("items", "Items"),
                number("decided", "Decided"),
                text("valid_until", "Until"),
            ];
            rows(ctx, format, &columns, "packets", json!({}))
        }
    }
}

/// A request about a packet: of this file, or of this id where that is no file.
fn of_packet(named: &str, mut request: Value) -> Value {
    let id = named.starts_with("pkt_") && !Path::new(named).exists();
    request[if id { "packet" } else { "file" }] = named.into();
    request
}

/// The request that decides.
fn decide(
    packet: &str,
    ids: Vec<String>,
    (approve, reject, note): (bool, Option<String>, Option<String>),
    content: Option<String>,
    sheet: Option<PathBuf>,
) -> Result<Value, Failure> {
    if sheet.is_none() && approve == reject.is_some() {
        let message = "say --approve, or --reject with a reason, or give the packet's sheet with --sheet";
        return Err(DeskError::new(Code::BadRequest, message).into());
    }
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let mut asked = Vec::new();
    for line in if ids.is_empty() { ids } else { answers::given(ids)? } {
        let (id, hash) = line.split_once(char::is_whitespace).unwrap_or((&line, ""));
        asked.push(id.to_owned());
        if !hash.trim().is_empty() {
            seen.insert(id.to_owned(), hash.trim().to_owned());
        }
    }
    if let Some(content) = content {
        let [only] = asked.as_slice() else {
            let message =
                "--content is the hash of one posting: give one with it, or - and a hash on each line";
            return Err(DeskError::new(Code::BadRequest, message).into());
        };
        seen.insert(only.clone(), content);
    }
    let request = json!({
        "ids": asked, "approve": approve, "reason": reject.or(note), "content": seen, "sheet_file": sheet,
    });
    Ok(of_packet(packet, request))
}

/// A packet, for people without all that its items carry.
fn show(format: Format, packet: &Value) -> Ran {
    if format != Format::Table {
        return Ok(render::object(format, packet)?);
    }
    let mut about = packet.clone();
    if let Some(fields) = about.as_object_mut() {
        fields.remove("items");
    }
    render::object(format, &about)?;
    println!();
    items(format, packet["items"].as_array().map_or(&[][..], Vec::as_slice))
}

fn items(format: Format, items: &[Value]) -> Ran {
    let columns = [
        text("posting", "Posting"),
        text("reference", "Document"),
        text("kind", "What"),
        number("amount", "Amount"),
        text("currency", ""),
        text("preparer", "Prepared by"),
        text("decision", "Decision"),
        text("content_hash", "Content"),
    ];
    Ok(render::rows(format, &columns, items)?)
}

/// Runs `tieout binder`: what fell due is looked for first, so that the tie-out is of now.
fn binder(ctx: &Context, format: Format, args: &BinderArgs) -> Ran {
    call(ctx, "refresh", json!({}))?;
    let request = json!({
        "entity": args.entity, "period": args.period, "path": args.to, "force": args.force,
    });
    object(ctx, format, "binder", request)
}
