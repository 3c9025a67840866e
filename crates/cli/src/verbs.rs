//! The verbs below `person`, `secrets`, `connection`, `attachment` and `import`, as clap reads them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::travel_verbs::KeyVerb;

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
    /// Who may do what here, since when, given by whom and last used when; or where duties that should lie
    /// apart came together.
    #[command(after_help = "Examples:\n  tieout -w books.tieoutdb person review\n  \
                            tieout -w books.tieoutdb person review --conflicts\n  \
                            tieout -w books.tieoutdb --as carl person review --sign 5f2c…\n\n\
                            As files: tieout export access, tieout export conflicts.")]
    Review {
        /// Where duties came together and limits were lifted, with the documents.
        #[arg(long)]
        conflicts: bool,
        /// Sign it as reviewed, by the content that it was shown with. A controller does.
        #[arg(long, value_name = "CONTENT", conflicts_with = "conflicts")]
        sign: Option<String>,
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
    /// A key that its person made on their own machine: its card, and how that comes here.
    #[command(subcommand)]
    Key(KeyVerb),
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

/// `tieout attachment …`
#[derive(Subcommand, Debug)]
pub enum AttachmentVerb {
    /// List them.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb attachment list exc_k3v…")]
    List {
        /// Exception id, or a document's reference.
        id: String,
    },
    /// Write one to the disk, as it was.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb attachment save fil_7a… --to remittance.pdf"
    )]
    Save {
        /// Its id (fil_…).
        id: String,
        /// The file to write.
        #[arg(long)]
        to: PathBuf,
        /// Overwrite what stands there.
        #[arg(long)]
        force: bool,
    },
}

/// `tieout handover …`
#[derive(Subcommand, Debug)]
pub enum HandoverVerb {
    /// Write what is approved into a journal file, in the form in which the ledger takes it in. It is handed
    /// over, not posted: the ledger's next file has to show it, and another person to confirm it.
    #[command(after_help = "Example:\n  tieout -w b.tieoutdb --as ana handover write --to journal.csv")]
    Write {
        /// The ledger (name or id of its connection); may be left out where there is one.
        #[arg(long)]
        connection: Option<String>,
        /// plain, netsuite, quickbooks, xero, sap or datev; by default that of the ledger's own files.
        #[arg(long)]
        form: Option<String>,
        /// The file to write.
        #[arg(long)]
        to: PathBuf,
        /// Overwrite what stands there.
        #[arg(long)]
        force: bool,
        /// Only these postings (or those of these exceptions); all that wait without any.
        ids: Vec<String>,
        /// Write also what is in a file already, and say why.
        #[arg(long, value_name = "REASON", requires = "ids")]
        again: Option<String>,
        /// What the form has to be told, such as client=7.
        #[arg(long, value_name = "NAME=VALUE")]
        set: Vec<String>,
    },
    /// List what waits to be handed over, and the files that were written with what became of each posting.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb handover list")]
    List {
        /// Only what waits.
        #[arg(long)]
        waiting: bool,
    },
    /// Confirm a file that somebody else handed over: by its sha256, as `list` printed it.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as carl handover confirm hnd_3f… --content 5e88…"
    )]
    Confirm {
        /// The file (hnd_…).
        id: String,
        /// The sha256 that `list` printed of it.
        #[arg(long, value_name = "SHA256")]
        content: Option<String>,
    },
}

/// `tieout pilot …`
#[derive(Args, Debug)]
pub struct PilotArgs {
    /// The legal entity; by default the first.
    pub entity: Option<String>,
    /// The period; by default the last that is closed.
    pub period: Option<String>,
    /// The file: .pdf, .xlsx or .csv.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Overwrite an existing file.
    #[arg(long)]
    pub force: bool,
    /// Judge what is due as of this instant (RFC 3339) or date.
    #[arg(long, value_name = "WHEN")]
    pub as_of: Option<String>,
}

/// `tieout mapping …`
#[derive(Subcommand, Debug)]
pub enum MappingVerb {
    /// Propose a mapping from what was read: each line says why, how sure it is and what it covers of what
    /// was billed. Nothing is stored.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb mapping propose --write mapping.toml")]
    Propose {
        /// Write it as a mapping file, with what is unsure marked in it.
        #[arg(long, value_name = "FILE")]
        write: Option<PathBuf>,
    },
    /// Say what a mapping would change in the tie-out, before anybody approves it. Nothing is stored.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb mapping preview mapping.toml")]
    Preview {
        /// A mapping file, or the id of a mapping that waits (chg_…).
        #[arg(value_name = "FILE|ID")]
        mapping: String,
    },
    /// Propose the rates of a central bank's file as a change of the mapping: the reference rates of the
    /// European Central Bank, as CSV or XML.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as ana mapping rates eurofxref-hist.csv")]
    Rates {
        /// The file.
        file: PathBuf,
        /// Only rates of this day and later; by default from the last before the first document on.
        #[arg(long, value_name = "DAY")]
        from: Option<String>,
        /// Only say what it would bring.
        #[arg(long)]
        dry_run: bool,
    },
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
        /// Add it without trying it; else what comes of that is told, and it is added either way.
        #[arg(long)]
        untried: bool,
    },
    /// List the least that a connection needs at its vendor, so that its key or role gets no more. It needs
    /// no workspace.
    #[command(after_help = "Examples:\n  tieout connection permissions netsuite\n  \
        tieout connection permissions --document > docs/vendors.md")]
    Permissions {
        /// The vendor by its stable name.
        #[arg(required_unless_present = "document")]
        vendor: Option<String>,
        /// Write all vendors' as a page (Markdown), with the hosts that are called.
        #[arg(long, conflicts_with = "vendor")]
        document: bool,
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
    /// Whether approved postings are sent to an ERP. A new connection only observes.
    #[command(subcommand)]
    Posting(PostingVerb),
}

/// `tieout connection posting …`
#[derive(Subcommand, Debug)]
pub enum PostingVerb {
    /// Show how it stands, and the figures that would be signed, with their hash.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb connection posting show netsuite")]
    Show {
        /// Name or id.
        name: String,
    },
    /// Propose that it posts, signing the figures of its tie-out; an administrator does.
    #[command(after_help = "Example:\n  tieout -w b.tieoutdb --as olga connection posting propose netsuite")]
    Propose {
        /// Name or id.
        name: String,
    },
    /// Approve that it posts, as another person than who proposed it.
    #[command(
        after_help = "Approved are the figures that were seen: at a terminal they are shown and asked for; \
        anywhere\nelse their hash is given, which `posting show` prints.\n\n\
        Example:\n  tieout -w b.tieoutdb --as carl connection posting approve netsuite --content 5e88…"
    )]
    Approve {
        /// Name or id.
        name: String,
        /// The hash of the figures, as `posting show` prints it.
        #[arg(long, value_name = "HASH")]
        content: Option<String>,
    },
    /// Switch it off again: nothing more is sent.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as olga connection posting off erp --reason 'Audit'"
    )]
    Off {
        /// Name or id.
        name: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

/// `tieout policy …`
#[derive(Subcommand, Debug)]
pub enum PolicyVerb {
    /// Try a policy's rules for late items on the real ones: where each would have gone, by which rule, and
    /// where it went. Nothing is stored.
    #[command(
        after_help = "Without a file: the policy in force, or with --change one that was brought in.\n\n\
        Example:\n  tieout -w books.tieoutdb policy simulate policy.toml --periods 3"
    )]
    Simulate {
        /// The policy file.
        #[arg(conflicts_with = "change")]
        file: Option<PathBuf>,
        /// A policy that was brought in, by its id.
        #[arg(long, value_name = "ID")]
        change: Option<String>,
        /// Over so many closed periods of each entity.
        #[arg(long, default_value_t = 3)]
        periods: u32,
        /// Only what would have gone elsewhere.
        #[arg(long)]
        elsewhere: bool,
    },
    /// List the rules for late items of the policy in force, or of one that was brought in.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb policy rules")]
    Rules {
        /// The policy's id; the one in force without it.
        #[arg(default_value = "")]
        change: String,
    },
    /// Show what was kept with a policy when it was brought in: what its approver sees.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb policy kept chg_7d1…")]
    Kept {
        /// The policy's id, from `import changes`.
        change: String,
    },
}

/// `tieout match …`
#[derive(Subcommand, Debug)]
pub enum MatchVerb {
    /// List suggestions, the best first; or the entries and documents that nothing ties, or what was decided.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb match list --entity GB01")]
    List {
        /// The entries that name no document and the documents that no entry books, in the place of
        /// suggestions.
        #[arg(long, conflicts_with = "decided")]
        open: bool,
        /// What people decided, in the place of suggestions.
        #[arg(long)]
        decided: bool,
        /// Only this legal entity.
        #[arg(long)]
        entity: Option<String>,
        /// Only this currency.
        #[arg(long)]
        currency: Option<String>,
        /// Only what contains this text.
        #[arg(long)]
        search: Option<String>,
    },
    /// Say that a suggestion is right; or that entries and documents of your choice belong together.
    #[command(after_help = "Examples:\n  tieout -w b.tieoutdb --as ana match confirm mat_k3v…\n  \
        tieout -w b.tieoutdb --as ana match confirm --entry JE-12 --document INV-7 --reason 'Paid by wire'")]
    Confirm {
        /// Ids of suggestions (or -).
        #[arg(required_unless_present = "entries")]
        ids: Vec<String>,
        /// An entry, by its id or number.
        #[arg(long = "entry", value_name = "ENTRY", requires = "documents")]
        entries: Vec<String>,
        /// A document that it books, by its id or reference.
        #[arg(long = "document", value_name = "DOCUMENT", requires = "entries")]
        documents: Vec<String>,
        /// Why, in your own words.
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Say that a suggestion is wrong: it is not made again.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as ana match reject mat_k3v… --reason 'A loan'"
    )]
    Reject {
        /// Ids of suggestions (or -).
        #[arg(required = true)]
        ids: Vec<String>,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// List the rules that three confirmed matches or more teach, or propose one as a change of the mapping.
    #[command(after_help = "Examples:\n  tieout -w b.tieoutdb match rules\n  \
        tieout -w b.tieoutdb --as ana match rules --propose rule_1f0c…")]
    Rules {
        /// Propose the rule of this id: it counts once another person approves the change.
        #[arg(long, value_name = "ID")]
        propose: Option<String>,
    },
    /// Take a match back: what it explained is compared again.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as ana match undo mat_k3v… --reason 'Not ours'"
    )]
    Undo {
        /// Ids of matches (or -).
        #[arg(required = true)]
        ids: Vec<String>,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

/// `tieout import …`
#[derive(Subcommand, Debug)]
pub enum ImportVerb {
    /// Billing's documents (text, workbook, gzip), by what the file is recognised as or by a column map.
    #[command(
        after_help = "Examples:\n  tieout -w b.tieoutdb import billing lines.csv.gz --map billing.toml\n  \
                      tieout -w books.tieoutdb import billing invoices.csv --auto --entity GB01"
    )]
    Billing(MappedFile),
    /// The ledger's journals (text, workbook, gzip), by what the file is recognised as or by a column map.
    #[command(after_help = "Examples:\n  tieout -w books.tieoutdb import gl detail.xlsx --map gl.toml\n  \
                      tieout -w books.tieoutdb import gl journal.csv --auto --entity US01 --currency USD")]
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
        /// List what people have set aside, in the place of what waits.
        #[arg(long, conflicts_with = "settle")]
        settled: bool,
        /// Only these, by their number in the list; by default all.
        #[arg(long = "item", value_name = "NUMBER", requires = "settle")]
        items: Vec<i64>,
    },
    /// List the files that were imported, the newest first.
    List,
    /// Take an import back: what it brought is gone, what it changed is as it was.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb import undo last")]
    Undo {
        /// Its id, from `import list`; `last` for the newest that stands.
        import: String,
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
        /// Only read it: say what is wrong with it, and where, or what it holds.
        #[arg(long)]
        check: bool,
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

/// What a person says of a file that is read without a column map.
#[derive(Args, Debug, Default)]
pub struct Said {
    /// The legal entity whose file it is.
    #[arg(long, value_name = "CODE")]
    pub entity: Option<String>,
    /// The currency of the entity's books.
    #[arg(long, value_name = "CUR")]
    pub currency: Option<String>,
    /// The entity's time zone, such as Europe/Berlin.
    #[arg(long, value_name = "TZ")]
    pub time_zone: Option<String>,
    /// Accounts by their role: receivable, revenue, tax_payable, deferred_revenue, clearing, fees, bad_debt,
    /// fx_clearing, bank.
    #[arg(long, value_name = "ROLE=CODE,…")]
    pub expect: Vec<String>,
    /// The sheet of a workbook.
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// What comes first in dates, where none of the file's own says it: day-first or month-first.
    #[arg(long, value_name = "ORDER", value_parser = ["day-first", "month-first"])]
    pub dates: Option<String>,
}

/// `tieout inspect`
#[derive(Args, Debug)]
pub struct InspectArgs {
    /// The file.
    pub file: PathBuf,
    /// What kind of file it is: billing or gl.
    #[arg(long, value_parser = ["billing", "gl"])]
    pub kind: Option<String>,
    #[command(flatten)]
    pub said: Said,
    /// Write the column map that it would be read by to this file.
    #[arg(long, value_name = "FILE")]
    pub save_map: Option<PathBuf>,
    /// Answer in JSON, as --format json does.
    #[arg(long)]
    pub json: bool,
}

/// `tieout cutover …`
#[derive(Subcommand, Debug)]
pub enum CutoverVerb {
    /// Show what customers owed when an entity's books began here, on both sides, and the difference.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb cutover show US01")]
    Show {
        /// The entity's code; all that have a cutover without one.
        entity: Option<String>,
    },
    /// Take the ERP's open items from a CSV file (Customer, Currency, Amount) in the place of what was read.
    #[command(after_help = "Example:\n  tieout -w b.tieoutdb --as carl cutover import US01 ageing.csv")]
    Import {
        /// The entity's code.
        entity: String,
        /// The file.
        file: PathBuf,
    },
    /// Sign the figures; the difference is carried once two people have.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as carl cutover sign US01 --content 5e884898da28…"
    )]
    Sign {
        /// The entity's code.
        entity: String,
        /// The hash of the figures, as `cutover show` prints it.
        #[arg(long, value_name = "HASH")]
        content: Option<String>,
    },
}

/// A file and its column map.
#[derive(Args, Debug)]
pub struct MappedFile {
    /// The file.
    pub file: PathBuf,
    /// The column map (TOML).
    #[arg(long, value_name = "FILE", required_unless_present = "auto",
          conflicts_with_all = ["auto", "entity", "currency", "time_zone", "expect", "sheet", "dates"])]
    pub map: Option<PathBuf>,
    /// Read it by what it is recognised as, or refuse it and say what is missing.
    #[arg(long)]
    pub auto: bool,
    #[command(flatten)]
    pub said: Said,
    /// Name of the file connection; by default the column map's name.
    #[arg(long)]
    pub connection: Option<String>,
    /// Judge what is due as of this instant (RFC 3339) or date.
    #[arg(long, value_name = "WHEN")]
    pub as_of: Option<String>,
}
