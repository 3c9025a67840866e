//! The verbs of `tieout close`, as clap reads them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

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
    /// Show deferred revenue beside its revenue schedules: what was deferred, what is released, what is left,
    /// and what the ledger holds, by period or by document.
    #[command(after_help = "Examples:\n  tieout -w b.tieoutdb close schedules --period 2026-06\n  \
        tieout -w b.tieoutdb close schedules --entity GB01 --document INV-1042 --format json")]
    Schedules {
        /// Only this legal entity.
        #[arg(long)]
        entity: Option<String>,
        /// Only this period.
        #[arg(long)]
        period: Option<String>,
        /// The schedule of this document, by its reference or id.
        #[arg(long)]
        document: Option<String>,
        /// The schedule of every document.
        #[arg(long, conflicts_with = "document")]
        each: bool,
        /// As of this date or instant.
        #[arg(long, value_name = "WHEN")]
        as_of: Option<String>,
    },
    /// Test the cut-off: what lies a few days before a period's end and a few days after, and whether it is
    /// booked on the side on which it belongs.
    #[command(
        name = "cut-off",
        after_help = "Example:\n  tieout -w books.tieoutdb close cut-off GB01 2026-10 --days 7 --each"
    )]
    CutOff {
        /// The legal entity.
        entity: String,
        /// The period that ends.
        period: String,
        /// How many days on each side, 1 to 31; 5 without it.
        #[arg(long)]
        days: Option<u32>,
        /// Every document and entry that was looked at, not only what needs a look.
        #[arg(long)]
        each: bool,
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
    #[command(after_help = "Example:\n  tieout -w b.tieoutdb --as cora close accept chg_k3v… --content 5c…")]
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
        after_help = "Example:\n  tieout -w b.tieoutdb --as ana close take-back chg_k3v… --reason 'No fee'"
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
    /// List the tasks of a close by working day; bring the checklist's file in.
    #[command(after_help = "Examples:\n  tieout -w b.tieoutdb close checklist GB01 2026-11\n  \
        tieout -w b.tieoutdb --as ana close checklist --import checklist.toml")]
    Checklist {
        /// The legal entity.
        #[arg(required_unless_present = "import")]
        entity: Option<String>,
        /// The period.
        #[arg(required_unless_present = "import")]
        period: Option<String>,
        /// Bring in this file: inert until another person approves it.
        #[arg(long, value_name = "FILE", conflicts_with = "entity")]
        import: Option<PathBuf>,
        /// As of this date or instant.
        #[arg(long, value_name = "WHEN")]
        as_of: Option<String>,
    },
    /// Sign that a task of the checklist is done, or that it is to be done again.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as ana close task GB01 2026-11 bank --note 'Page 3'"
    )]
    Task {
        /// The legal entity.
        entity: String,
        /// The period.
        period: String,
        /// The task's id.
        task: String,
        /// What was done and where that is to be found; or why it is to be done again.
        #[arg(long, default_value = "")]
        note: String,
        /// It is to be done again.
        #[arg(long)]
        again: bool,
        /// As of this date or instant.
        #[arg(long, value_name = "WHEN")]
        as_of: Option<String>,
    },
    /// Sign an account as prepared. `movements` stands for small movements after a sign-off.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as ana close prepare GB01 2026-11 1100")]
    Prepare(PlaceArgs),
    /// Sign what another person prepared as reviewed, with the hash of what you saw.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as dev close review GB01 2026-11 1100 --content 5c…"
    )]
    Review(PlaceArgs),
}

/// An account of an entity and period.
#[derive(Args, Debug)]
pub struct PlaceArgs {
    /// The legal entity.
    pub entity: String,
    /// The period.
    pub period: String,
    /// The account, or `movements`.
    pub account: String,
    /// The hash of what you saw, as `close text` shows it.
    #[arg(long, value_name = "SHA256")]
    pub content: Option<String>,
    /// As of this date or instant.
    #[arg(long, value_name = "WHEN")]
    pub as_of: Option<String>,
}

impl PlaceArgs {
    /// As the commands ask for it.
    pub fn request(&self) -> Value {
        json!({
            "entity": self.entity, "period": self.period, "account": self.account, "content": self.content,
            "as_of": self.as_of,
        })
    }
}
