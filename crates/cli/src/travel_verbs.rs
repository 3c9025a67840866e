//! The verbs below `roster`, `packet` and `person key`, and what `binder` takes, as clap reads them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
        Examples:\n  tieout -w mine.tieoutdb packet decide r.tieout pst_q2a… --approve --content 5e88…\n  \
        tieout -w mine.tieoutdb packet decide r.tieout --sheet r.xlsx"
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

/// `tieout binder`
#[derive(Args, Debug)]
pub struct BinderArgs {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    pub to: PathBuf,
    /// Overwrite an existing file.
    #[arg(long)]
    pub force: bool,
}
