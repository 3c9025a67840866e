//! The verbs below `person`, `secrets`, `connection` and `import`, as clap reads them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `tieout person …`
#[derive(Subcommand, Debug)]
pub enum PersonVerb {
    /// Add a person; their own passphrase is asked for, or set at their first decision.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb person add ana --role analyst")]
    Add {
        /// The name, unique in the workspace.
        name: String,
        /// analyst, controller, administrator or auditor.
        #[arg(long)]
        role: String,
        /// Their account of this operating system, when they have their own.
        #[arg(long)]
        os_account: Option<String>,
    },
    /// Give a person another role. Nobody changes their own.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb person role ana controller")]
    Role {
        /// Name or id.
        person: String,
        /// The new role.
        role: String,
    },
    /// Take a person off the desk; what they decided stays.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb person remove ana")]
    Remove {
        /// Name or id.
        person: String,
    },
    /// Say that a person who has set their secret is who they should be: after a restore, or where they share
    /// an OS account. What they decide counts from then on.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as olga person confirm dora")]
    Confirm {
        /// Name or id.
        person: String,
    },
    /// Change your own passphrase (TIEOUT_PERSON_PASSPHRASE) to another (TIEOUT_NEW_PERSON_PASSPHRASE).
    #[command(
        name = "change-passphrase",
        after_help = "Example:\n  tieout -w books.tieoutdb --as ana person change-passphrase"
    )]
    ChangePassphrase,
    /// Set your own secret, if it was not set when you were added, or after a restore.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb person enrol ana")]
    Enrol {
        /// Name or id.
        person: String,
    },
    /// List people.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb person list")]
    List,
}

/// `tieout secrets …`
#[derive(Subcommand, Debug)]
pub enum SecretsVerb {
    /// Change the vault's passphrase (TIEOUT_PASSPHRASE) to another (TIEOUT_NEW_PASSPHRASE).
    #[command(
        name = "change-passphrase",
        after_help = "Example:\n  tieout -w books.tieoutdb --as olga secrets change-passphrase"
    )]
    ChangePassphrase,
}

/// `tieout connection …`
#[derive(Subcommand, Debug)]
pub enum ConnectionVerb {
    /// Add a connection. Credentials come from a prompt or TIEOUT_CREDENTIAL_<FIELD>.
    #[command(
        after_help = "Example:\n  TIEOUT_CREDENTIAL_API_KEY=… tieout -w b.tieoutdb connection add stripe-gb \
        --vendor stripe --url https://api.stripe.com --mode test"
    )]
    Add {
        /// The name, unique in the workspace.
        name: String,
        /// The vendor by its stable name; a wrong one is answered with the list.
        #[arg(long)]
        vendor: String,
        /// The base address.
        #[arg(long)]
        url: String,
        /// test or live; postings never cross from one to the other.
        #[arg(long, default_value = "test")]
        mode: String,
        /// Vendor options, as name=value (see README).
        #[arg(long = "set", value_name = "NAME=VALUE")]
        options: Vec<String>,
    },
    /// Try the credentials.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb connection test stripe-gb")]
    Test {
        /// Name or id.
        name: String,
    },
    /// Replace the credentials.
    #[command(
        after_help = "Example:\n  TIEOUT_CREDENTIAL_API_KEY=… tieout -w b.tieoutdb connection rotate gb"
    )]
    Rotate {
        /// Name or id.
        name: String,
    },
    /// Remove a connection by which nothing was ever read or posted; pause any other.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb connection remove tryton-tset")]
    Remove {
        /// Name or id.
        name: String,
    },
    /// List connections with their last sync.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb connection list")]
    List,
}

/// `tieout import …`
#[derive(Subcommand, Debug)]
pub enum ImportVerb {
    /// Billing lines (CSV, CSV.gz or XLSX) through a column map.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb import billing lines.csv.gz --map billing.toml"
    )]
    Billing(MappedFile),
    /// General-ledger detail (CSV, CSV.gz or XLSX) through a column map.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb import gl detail.xlsx --map gl.toml")]
    Gl {
        #[command(flatten)]
        file: MappedFile,
        /// The file is the whole of this: "all" of the ledger, a month (2026-10) or some days
        /// (2026-10-05..2026-10-31) of the accounts that it holds. What it no longer has of that is gone.
        #[arg(long, value_name = "WHAT")]
        replaces: Option<String>,
    },
    /// List what was put aside of a file or a sync and waits to be read; or settle it, with a reason.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as ana import aside billing --settle 'A test row'"
    )]
    Aside {
        /// The connection's name.
        connection: String,
        /// Settle it: nothing more is to come of it, for this reason.
        #[arg(long, value_name = "REASON")]
        settle: Option<String>,
        /// Only these, by their number in the list; by default all.
        #[arg(long = "item", value_name = "NUMBER", requires = "settle")]
        items: Vec<i64>,
    },
    /// Accounting periods: Entity, Period, Starts, Ends, Status and, where known, ClosedAt.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb import periods periods.csv")]
    Periods {
        /// The file.
        file: PathBuf,
    },
    /// The account mapping that postings are made from. Inert until another person approves it.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as ada import mapping mapping.toml")]
    Mapping {
        /// The file.
        file: PathBuf,
    },
    /// The workspace's policy. Inert until another person approves it.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as ada import policy policy.toml")]
    Policy {
        /// The file.
        file: PathBuf,
    },
    /// List mappings and policies with their author, hash and state.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb import changes")]
    Changes,
}

/// A file and its column map.
#[derive(Args, Debug)]
pub struct MappedFile {
    /// The file.
    pub file: PathBuf,
    /// The column map (TOML).
    #[arg(long, value_name = "FILE")]
    pub map: PathBuf,
    /// Name of the file connection; by default the column map's name.
    #[arg(long)]
    pub connection: Option<String>,
    /// Judge what is due as of this instant (RFC 3339) or date.
    #[arg(long, value_name = "WHEN")]
    pub as_of: Option<String>,
}
