//! `tieout roster`, `tieout packet` and `tieout person key`: what goes from one installation to another.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};
use tieout_desk::{Context, DeskError, base::code::Code};

use crate::{
    answers::{self, call, object, rows},
    args::Format,
    failure::{Failure, Ran},
    outcomes,
    render::{self, number, text},
};

/// `tieout person key …`
#[derive(Subcommand, Debug)]
pub enum KeyVerb {
    /// Write your card: the public half of the key that you have, or make, on this machine.
    #[command(after_help = "Example:\n  tieout -w mine.tieoutdb person key new carl.tieoutperson")]
    New {
        /// The file to write.
        file: PathBuf,
        /// Overwrite an existing file.
        #[arg(long)]
        force: bool,
    },
    /// Bring the public half of a person's key over from their card. Somebody else then confirms it.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as olga person key add carl carl.tieoutperson"
    )]
    Add {
        /// Name or id.
        person: String,
        /// Their card.
        file: PathBuf,
    },
}

/// `tieout roster …`
#[derive(Subcommand, Debug)]
pub enum RosterVerb {
    /// Write who works here, as what and by which keys they sign, under your own signature.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as olga roster export books.tieoutroster")]
    Export {
        /// The file to write.
        file: PathBuf,
        /// Overwrite an existing file.
        #[arg(long)]
        force: bool,
    },
    /// Take in another workspace's roster, so that its packets can be decided on here.
    #[command(
        after_help = "The first roster of a workspace is believed by its key: have its administrator tell \
        it to you\nanother way than the file came, and give it with --key.\n\n\
        Example:\n  tieout -w mine.tieoutdb roster import books.tieoutroster --key 5e88…"
    )]
    Import {
        /// The file.
        file: PathBuf,
        /// The key that it must be signed with.
        #[arg(long, value_name = "HEX")]
        key: Option<String>,
    },
    /// List the rosters that are known here.
    #[command(after_help = "Example:\n  tieout -w mine.tieoutdb roster list")]
    List,
}

/// `tieout packet …`
#[derive(Subcommand, Debug)]
pub enum PacketVerb {
    /// Write a packet of postings for one person to decide on elsewhere: encrypted for them where their
    /// reading key is known.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as ana packet export pst_q2a… --for carl --to \
        review.tieout"
    )]
    Export {
        /// Posting or exception ids (or -).
        #[arg(required = true)]
        ids: Vec<String>,
        /// Who is to decide: name or id.
        #[arg(long = "for", value_name = "PERSON")]
        reviewer: String,
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// For how many days decisions are taken in; 14 without.
        #[arg(long, value_name = "DAYS")]
        days: Option<u32>,
        /// A few words for the reviewer.
        #[arg(long)]
        note: Option<String>,
        /// Overwrite an existing file.
        #[arg(long)]
        force: bool,
    },
    /// Show a packet: checked, nothing of it kept.
    #[command(after_help = "Example:\n  tieout -w mine.tieoutdb packet show review.tieout --sheet r.xlsx")]
    Show {
        /// The packet's file, or its id where it was decided on here.
        packet: String,
        /// Write its sheet, with a column for decisions, to this file.
        #[arg(long, value_name = "FILE")]
        sheet: Option<PathBuf>,
        /// Overwrite an existing file.
        #[arg(long, requires = "sheet")]
        force: bool,
    },
    /// Decide on items of a packet, each signed with your own key; the last decision on an item counts.
    #[command(
        after_help = "An item is approved as it was seen: with the content_hash that `packet show` prints. \
        With -\neach line is a posting, and the hash after it.\n\n\
        Examples:\n  tieout -w mine.tieoutdb packet decide review.tieout pst_q2a… --approve --content 5e88…\n  \
        tieout -w mine.tieoutdb packet decide review.tieout --sheet r.xlsx"
    )]
    Decide {
        /// The packet's file, or its id where it was decided on here.
        packet: String,
        /// Postings, or references of documents (or -).
        #[arg(required_unless_present = "sheet")]
        ids: Vec<String>,
        /// Say yes.
        #[arg(long, conflicts_with_all = ["reject", "sheet"])]
        approve: bool,
        /// Say no, for this reason.
        #[arg(long, value_name = "REASON", conflicts_with = "sheet")]
        reject: Option<String>,
        /// The content_hash that `packet show` printed of the posting.
        #[arg(long, value_name = "HASH")]
        content: Option<String>,
        /// A note that is kept with the approval.
        #[arg(long, conflicts_with = "reject")]
        note: Option<String>,
        /// Take the decisions from the packet's sheet.
        #[arg(long, value_name = "FILE", conflicts_with = "ids")]
        sheet: Option<PathBuf>,
    },
    /// Write the decisions on a packet for the way back.
    #[command(
        after_help = "Example:\n  tieout -w mine.tieoutdb packet decisions review.tieout --to back.tieout"
    )]
    Decisions {
        /// The packet's file or id.
        packet: String,
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Overwrite an existing file.
        #[arg(long)]
        force: bool,
    },
    /// Take decisions in: the file is believed as a whole or not at all, each decision is judged anew.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as ana packet import back.tieout")]
    Import {
        /// The file of decisions.
        file: PathBuf,
    },
    /// List the packets that were sent from here or decided on here.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb packet list")]
    List,
}

/// Runs `tieout person key …`
pub fn key(ctx: &Context, format: Format, verb: KeyVerb) -> Ran {
    match verb {
        KeyVerb::New { file, force } => {
            object(ctx, format, "person_card", json!({ "path": file, "force": force }))
        }
        KeyVerb::Add { person, file } => {
            let request = json!({ "person": person, "path": file });
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
pub fn roster(ctx: &Context, format: Format, verb: RosterVerb) -> Ran {
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
            let known = call(ctx, "roster_import", json!({ "path": file, "key": key }))?;
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
pub fn packet(ctx: &Context, format: Format, verb: PacketVerb) -> Ran {
    match verb {
        PacketVerb::Export { ids, reviewer, to, days, note, force } => {
            let request = json!({
                "ids": answers::given(ids)?, "reviewer": reviewer, "path": to, "days": days, "note": note,
                "force": force,
            });
            object(ctx, format, "packet_export", request)
        }
        PacketVerb::Show { packet, sheet, force } => {
            let request = json!({ "packet": packet, "sheet_to": sheet, "force": force });
            show(format, &call(ctx, "packet_show", request)?)
        }
        PacketVerb::Decide { packet, ids, approve, reject, content, note, sheet } => {
            let request = decide(packet, ids, (approve, reject, note), content, sheet)?;
            items(format, &answers::listed(ctx, "packet_decide", request)?)
        }
        PacketVerb::Decisions { packet, to, force } => {
            let request = json!({ "packet": packet, "path": to, "force": force });
            object(ctx, format, "packet_decisions", request)
        }
        PacketVerb::Import { file } => {
            let taken = call(ctx, "packet_import", json!({ "path": file }))?;
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

/// The request that decides.
fn decide(
    packet: String,
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
    Ok(json!({
        "packet": packet, "ids": asked, "approve": approve, "reason": reject.or(note), "content": seen,
        "sheet": sheet,
    }))
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
pub fn binder(ctx: &Context, format: Format, request: Value) -> Ran {
    call(ctx, "refresh", json!({}))?;
    object(ctx, format, "binder", request)
}
