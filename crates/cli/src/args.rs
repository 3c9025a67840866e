//! The command line of `tieout`, as clap reads it. Each command's help ends with an example.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::{
    admin_verbs::{BackupArgs, UpdateVerb},
    bank_verbs::BankVerb,
    close_verbs::CloseVerb,
    governed_verbs::{DelegationVerb, OverrideVerb, PeriodVerb},
    travel_verbs::{BinderArgs, PacketVerb, RosterVerb},
    verbs::{
        AttachmentVerb, ConnectionVerb, CutoverVerb, HandoverVerb, ImportVerb, InspectArgs, MappingVerb,
        MatchVerb, PersonVerb, PilotArgs, PolicyVerb, SecretsVerb,
    },
};

/// The finance operations desk between billing systems and the ERP.
#[derive(Parser, Debug)]
#[command(
    name = "tieout",
    version,
    about,
    max_term_width = 110,
    after_help = "\
Exit status: 0 done, 1 refused or failed (with a code), 2 wrong usage.\n\
Secrets come from a prompt, or from TIEOUT_PASSPHRASE (the vault's), TIEOUT_PERSON_PASSPHRASE (the acting\n\
person's own), TIEOUT_NEW_PASSPHRASE and TIEOUT_NEW_PERSON_PASSPHRASE (what they are changed to),\n\
TIEOUT_ENROLMENT_CODE, TIEOUT_RECOVERY_PASSPHRASE and TIEOUT_CREDENTIAL_<FIELD>; or, for each of these,\n\
from the file that the same variable with _FILE at its end names, which its owner alone may read.\n\n\
Example:\n  tieout --workspace books.tieoutdb exceptions --queue unposted"
)]
pub struct Cli {
    /// The workspace file.
    #[arg(long, short = 'w', global = true, value_name = "PATH", env = "TIEOUT_WORKSPACE")]
    pub workspace: Option<PathBuf>,
    /// The person who acts (name or id); by default the one who belongs to this OS account.
    #[arg(long = "as", global = true, value_name = "PERSON")]
    pub acting: Option<String>,
    /// How results are printed on standard output.
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Do not show progress bars.
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Verb,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned columns, for people.
    Table,
    /// JSON Lines: one object a line.
    Json,
    /// Comma-separated values with a header.
    Csv,
}

/// Where secrets are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SecretsArg {
    /// The operating system's keyring.
    Keyring,
    /// A passphrase-encrypted file beside the workspace.
    Vault,
}

/// The verbs.
#[derive(Subcommand, Debug)]
pub enum Verb {
    /// Make a workspace; you become its first administrator.
    #[command(after_help = "Example:\n  tieout --workspace books.tieoutdb init --secrets vault")]
    Init {
        /// Where its secrets live. There is no silent fallback.
        #[arg(long, value_enum, default_value_t = SecretsArg::Keyring)]
        secrets: SecretsArg,
        /// What the workspace is called.
        #[arg(long, default_value = "Books")]
        name: String,
    },
    /// Add people, give roles, list them.
    #[command(subcommand)]
    Person(PersonVerb),
    /// Who works here and by which keys they sign, for installations that share nothing else.
    #[command(subcommand)]
    Roster(RosterVerb),
    /// Postings that travel to a reviewer without network, and come back decided and signed.
    #[command(subcommand)]
    Packet(PacketVerb),
    /// What opens this workspace.
    #[command(subcommand)]
    Secrets(SecretsVerb),
    /// Add, test, list, rotate and remove connections.
    #[command(subcommand)]
    Connection(ConnectionVerb),
    /// Bring in files: billing lines, ledger detail, periods, account mappings, policies.
    #[command(subcommand)]
    Import(ImportVerb),
    /// Propose an account mapping from what was read, say what one would change, bring in rates.
    #[command(subcommand)]
    Mapping(MappingVerb),
    /// Say what a file is, how sure that is, and how it would be read. It needs no workspace and writes none.
    #[command(after_help = "Example:\n  tieout inspect journal.csv --save-map journal.toml")]
    Inspect(InspectArgs),
    /// Read what changed in billing and in the ERP, then look for what does not tie out.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb sync --connection netsuite")]
    Sync {
        /// Only this connection (name or id); by default all that are not paused.
        #[arg(long)]
        connection: Option<String>,
        /// Judge what is due as of this instant (RFC 3339) or date.
        #[arg(long, value_name = "WHEN")]
        as_of: Option<String>,
        /// Read everything again, not only what changed.
        #[arg(long)]
        full: bool,
    },
    /// List exceptions, each once; open ones unless --state says otherwise.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb exceptions --queue mismatch --format json")]
    Exceptions(ExceptionsArgs),
    /// Show one exception or posting whole: what happened, why, what will happen, who; or what a mapping or
    /// policy says, against the one in force.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb show exc_k3v…")]
    Show {
        /// Exception or posting id, a document's reference, or the id of a mapping or policy.
        id: String,
    },
    /// Tie entries and documents that no name ties: suggestions, confirmed, rejected, undone.
    #[command(subcommand)]
    Match(MatchVerb),
    /// The close of a period: differences explained, accounts prepared and reviewed.
    #[command(subcommand)]
    Close(CloseVerb),
    /// Statements of banks, and the ledger's accounts beside them.
    #[command(subcommand)]
    Bank(BankVerb),
    /// Accounting periods: soft closes of the desk's own, and exceptions to them.
    #[command(subcommand)]
    Period(PeriodVerb),
    /// Who decides on postings in whose place, while they are away.
    #[command(subcommand)]
    Delegation(DelegationVerb),
    /// Limits of the policy, lifted for one posting by two people who have no part in it.
    #[command(subcommand)]
    Override(OverrideVerb),
    /// Rules for late items: tried before they are approved.
    #[command(subcommand)]
    Policy(PolicyVerb),
    /// Give exceptions to a person.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as ana assign exc_k3v… --to carl")]
    Assign {
        /// Exception ids (or - to read them from standard input, one a line).
        #[arg(required = true)]
        ids: Vec<String>,
        /// Who works them.
        #[arg(long)]
        to: String,
    },
    /// Write a comment on an exception.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as ana comment exc_k3v… --text 'Asked billing'"
    )]
    Comment {
        /// Exception ids.
        #[arg(required = true)]
        ids: Vec<String>,
        /// The comment.
        #[arg(long)]
        text: String,
    },
    /// Put files to an exception: they are kept in the workspace, their hashes in the log.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as ana attach exc_k3v… remittance.pdf")]
    Attach {
        /// Exception id, or a document's reference.
        id: String,
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Files that were put to an exception: listed, or written to the disk again.
    #[command(subcommand)]
    Attachment(AttachmentVerb),
    /// Prepare the posting that settles an exception.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as ana propose exc_k3v… --dry-run")]
    Propose {
        /// Exception ids (or -).
        #[arg(required = true)]
        ids: Vec<String>,
        /// Of entries that book many documents together: the document that is corrected, by number or id.
        #[arg(long)]
        document: Option<String>,
        /// Only show the entry, its period, the checks and what the ERP already holds.
        #[arg(long)]
        dry_run: bool,
        /// Why, in your own words.
        #[arg(long)]
        reason: Option<String>,
    },
    /// Approve postings, or a mapping or policy that waits.
    #[command(
        after_help = "A posting is approved as it was seen: with the content_hash that `show` printed or, at \
        a\nterminal, after it was shown and asked for. With - each line is an id, and the hash after it.\n\n\
        Example:\n  tieout -w books.tieoutdb --as carl approve pst_q2a… --content 5e884898da28…"
    )]
    Approve {
        /// Posting, exception or change ids (or -).
        #[arg(required = true)]
        ids: Vec<String>,
        /// The content_hash that `show` printed of the posting.
        #[arg(long, value_name = "HASH")]
        content: Option<String>,
        /// A note that is kept with the approval.
        #[arg(long)]
        note: Option<String>,
        /// In whose place you decide, where a delegation lets you.
        #[arg(long, value_name = "PERSON")]
        in_place_of: Option<String>,
    },
    /// Refuse postings, or a mapping or policy that waits.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as carl reject pst_q2a… --reason 'Wrong customer'"
    )]
    Reject {
        /// Posting, exception or change ids (or -).
        #[arg(required = true)]
        ids: Vec<String>,
        /// Why.
        #[arg(long)]
        reason: String,
        /// In whose place you decide, where a delegation lets you.
        #[arg(long, value_name = "PERSON")]
        in_place_of: Option<String>,
    },
    /// Prepare a posting for another date, period, account or entity. The document date never changes.
    #[command(after_help = "Example:\n  tieout -w b.tieoutdb --as ana reroute pst_q2a… --date 2026-11-01 \
            --reason 'October is closed'")]
    Reroute(RerouteArgs),
    /// Send a failed posting again, under the same key while its content is the same.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as ana replay pst_q2a…")]
    Replay {
        /// Posting or exception ids (or -).
        #[arg(required = true)]
        ids: Vec<String>,
        /// Only show what would be done and what the ERP already holds.
        #[arg(long)]
        dry_run: bool,
    },
    /// Have what is missing of a half-booked set sent: as it was approved while that is right, else as
    /// another posting that needs approval. Where somebody filled the gap, nothing is sent and the set ends.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as ana finish pst_q2a…")]
    Finish {
        #[command(flatten)]
        sets: HalfBookedArgs,
        /// Send nothing more, and end a set as it is that cannot be taken back; why, in your own words.
        #[arg(long, value_name = "REASON", conflicts_with = "reason")]
        leave: Option<String>,
    },
    /// Prepare a posting that undoes what is booked of a half-booked set, which ends with that.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb --as ana take-back pst_q2a…")]
    TakeBack(HalfBookedArgs),
    /// Put exceptions aside, or take them up again with --release.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as ana hold exc_k3v… --reason 'Customer asked'"
    )]
    Hold {
        /// Exception ids (or -).
        #[arg(required = true)]
        ids: Vec<String>,
        /// Why.
        #[arg(long, required_unless_present = "release")]
        reason: Option<String>,
        /// Take them up again.
        #[arg(long)]
        release: bool,
    },
    /// Decide that nothing is to be done.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as ana dismiss exc_k3v… --reason 'Immaterial'"
    )]
    Dismiss {
        /// Exception ids (or -).
        #[arg(required = true)]
        ids: Vec<String>,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Say that somebody booked it in the ledger by hand: put aside until the ledger's next file, or sync,
    /// shows it, or opens it again.
    #[command(
        name = "booked-elsewhere",
        after_help = "Example:\n  tieout -w b.tieoutdb --as ana booked-elsewhere exc_k3v… --reason 'JE 1044'"
    )]
    BookedElsewhere {
        /// Exception ids (or -).
        #[arg(required = true)]
        ids: Vec<String>,
        /// Who booked it, and where.
        #[arg(long)]
        reason: String,
    },
    /// Journal files for ledgers that are read from files: write what is approved, list, confirm.
    #[command(subcommand)]
    Handover(HandoverVerb),
    /// Prepare the reversal of what one of our postings booked.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as ana reverse pst_q2a… --reason 'Booked twice'"
    )]
    Reverse {
        /// Posting or exception ids (or -).
        #[arg(required = true)]
        ids: Vec<String>,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Only show the reversal.
        #[arg(long)]
        dry_run: bool,
    },
    /// Send what is approved; one worker per ERP connection.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb post")]
    Post {
        /// Only this connection (name or id).
        #[arg(long)]
        connection: Option<String>,
        /// Withdraw these approved postings instead, before they are sent.
        #[arg(long, value_name = "POSTING", num_args = 1..)]
        cancel: Vec<String>,
        /// How long to go on with what has to be tried or looked up again, in seconds.
        #[arg(long, value_name = "SECONDS", default_value_t = 60)]
        wait: u32,
        /// List postings and their state instead of sending.
        #[arg(long, conflicts_with = "cancel")]
        list: bool,
    },
    /// Compare billing with the ledger per entity, currency, period and account.
    #[command(
        name = "tie-out",
        after_help = "Example:\n  tieout -w books.tieoutdb tie-out --entity GB01 --period 2026-10"
    )]
    TieOut {
        /// Only this legal entity.
        #[arg(long)]
        entity: Option<String>,
        /// Only this period.
        #[arg(long)]
        period: Option<String>,
        /// Only this account.
        #[arg(long)]
        account: Option<String>,
        /// Judge what is due as of this instant (RFC 3339) or date.
        #[arg(long, value_name = "WHEN")]
        as_of: Option<String>,
        /// The lines beside documents instead: what rules, notes, tolerances and cutovers keep out.
        #[arg(long, conflicts_with_all = ["entity", "period", "account"])]
        lines: bool,
        /// The processors' balances beside the clearing accounts instead.
        #[arg(long, conflicts_with_all = ["entity", "period", "account", "lines"])]
        clearing: bool,
        /// With --clearing: balances through the end of this day (UTC).
        #[arg(long, value_name = "DAY", requires = "clearing")]
        through: Option<String>,
    },
    /// Say of a period what agrees, what does not, why, and by how much; or write it to a file for Excel.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb pilot GB01 2026-10 --to pilot.xlsx")]
    Pilot(PilotArgs),
    /// Where an entity's books began here: both sides' open items, and the difference that two people sign.
    #[command(subcommand)]
    Cutover(CutoverVerb),
    /// Explain entries that no document does, by a signed note with a category; above the entity's tolerance
    /// another person approves it first.
    #[command(
        after_help = "Example:\n  tieout -w b.tieoutdb --as carl explain exc_k3v… --category 'bank charges' \
            --note 'Booked by the bank each month'"
    )]
    Explain {
        /// Exceptions about entries without a document, or entries (or -); with --take-back, the notes.
        #[arg(required = true)]
        ids: Vec<String>,
        /// Under what they stand in the tie-out.
        #[arg(long, required_unless_present = "take_back")]
        category: Option<String>,
        /// Why.
        #[arg(long, required_unless_present = "take_back")]
        note: Option<String>,
        /// Take these notes (chg_…) back, for this reason.
        #[arg(long, value_name = "REASON", conflicts_with_all = ["category", "note"])]
        take_back: Option<String>,
    },
    /// The five flows between product, billing and finance: done, in time, late, without a source.
    #[command(after_help = "Examples:\n  tieout -w books.tieoutdb flows\n  \
                            tieout -w books.tieoutdb flows --breaches --from 2026-10-01\n\n\
                            How long each may take stands in the policy, as [[sla]].")]
    Flows {
        /// Judge as of this instant (RFC 3339) or date.
        #[arg(long, value_name = "WHEN", conflicts_with = "breaches")]
        as_of: Option<String>,
        /// What was finished after its time, or is late.
        #[arg(long)]
        breaches: bool,
        /// Only what fell due on this day (UTC) or later.
        #[arg(long, value_name = "DAY", requires = "breaches")]
        from: Option<String>,
        /// Only what fell due on this day (UTC) or earlier.
        #[arg(long, value_name = "DAY", requires = "breaches")]
        through: Option<String>,
    },
    /// Write the binder of an entity's period: what tied out and what did not, who decided what, and the
    /// entries of the log that prove it. `tieout-verifier` checks it on any machine.
    #[command(after_help = "Example:\n  tieout -w b.tieoutdb --as carl binder GB01 2026-10 --to gb01.tieout")]
    Binder(BinderArgs),
    /// Check the log's chain and signatures, its anchor, and the workspace file.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb verify")]
    Verify,
    /// Write exceptions, the tie-out, postings, the log or what was late to a file for Excel.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb export exceptions --to open.xlsx")]
    Export {
        /// What to write.
        #[arg(value_enum)]
        what: ExportWhat,
        /// The file: .csv or .xlsx.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Overwrite an existing file.
        #[arg(long)]
        force: bool,
    },
    /// Read an export offline, and check it: no workspace, no secrets.
    #[command(after_help = "Example:\n  tieout review open.xlsx\n\n\
                            Whoever can write the file can sign it with a key of their own: --key says \
                            which one it must be, as `tieout verify` in its workspace tells it.")]
    Review {
        /// The export.
        file: PathBuf,
        /// The key that it must be signed with.
        #[arg(long, value_name = "HEX")]
        key: Option<String>,
    },
    /// Copy the workspace to one file while it is in use, its key wrapped by a recovery passphrase; or
    /// check that such a file restores.
    Backup(BackupArgs),
    /// Make a workspace of a backup, also on another machine.
    #[command(
        after_help = "Example:\n  tieout -w restored.tieoutdb restore books.tieoutbackup --secrets vault"
    )]
    Restore {
        /// The backup file.
        file: PathBuf,
        /// Where the restored workspace keeps its secrets.
        #[arg(long, value_enum, default_value_t = SecretsArg::Keyring)]
        secrets: SecretsArg,
    },
    /// Say what this installation is, and what of it this machine's administrator has fixed, by which file.
    #[command(after_help = "Example:\n  tieout about")]
    About,
    /// News of releases, from where this machine's administrator says.
    #[command(subcommand)]
    Update(UpdateVerb),
    /// Run any command of the list by its name: what the window calls, from a script.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb call exception_detail '{\"id\":\"exc_k3v…\"}'"
    )]
    Call {
        /// The command's name.
        name: String,
        /// Its request as JSON (or - to read it from standard input); nothing in particular without.
        request: Option<String>,
    },
    /// Play the whole job on a simulated company: sync, queues, four eyes, posting, replay, tie-out, proof.
    #[command(after_help = "Example:\n  tieout demo --invoices 400")]
    Demo {
        /// Invoices of the simulated company.
        #[arg(long, default_value_t = 400)]
        invoices: u32,
        /// Seed of the simulated company.
        #[arg(long, default_value_t = 7)]
        seed: u64,
        /// Keep the demo workspace in this folder (by default a temporary one is removed).
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
    },
}

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportWhat {
    /// Open exceptions.
    Exceptions,
    /// The tie-out.
    TieOut,
    /// Postings with their state.
    Postings,
    /// The log.
    Log,
    /// What of the flows was finished after its time, or is late.
    Breaches,
    /// Who may do what here, since when, given by whom and last used when.
    Access,
    /// Where duties that should lie apart came together.
    Conflicts,
}

/// `tieout exceptions`
#[derive(Args, Debug)]
pub struct ExceptionsArgs {
    /// Only this queue: unposted, failed_syncs, period_close, mismatch or master_data.
    #[arg(long)]
    pub queue: Option<String>,
    /// Only this kind.
    #[arg(long)]
    pub kind: Option<String>,
    /// Only this legal entity.
    #[arg(long)]
    pub entity: Option<String>,
    /// Only this period.
    #[arg(long)]
    pub period: Option<String>,
    /// open (the default: open, in progress and on hold), in_progress, on_hold, dismissed, closed or all.
    #[arg(long, default_value = "open")]
    pub state: String,
    /// Only references that contain this text.
    #[arg(long)]
    pub search: Option<String>,
    /// Judge what is due as of this instant (RFC 3339) or date.
    #[arg(long, value_name = "WHEN")]
    pub as_of: Option<String>,
    /// Print one line per root cause instead.
    #[arg(long)]
    pub groups: bool,
}

/// `tieout finish` and `tieout take-back`
#[derive(Args, Debug)]
pub struct HalfBookedArgs {
    /// Posting or exception ids (or -).
    #[arg(required = true)]
    pub ids: Vec<String>,
    /// Why, in your own words.
    #[arg(long)]
    pub reason: Option<String>,
    /// Only show what would be done.
    #[arg(long)]
    pub dry_run: bool,
}

/// `tieout reroute`
#[derive(Args, Debug)]
pub struct RerouteArgs {
    /// Posting or exception ids (or -).
    #[arg(required = true)]
    pub ids: Vec<String>,
    /// Book under this date.
    #[arg(long)]
    pub date: Option<String>,
    /// Book into this period (by default the one that holds the date).
    #[arg(long)]
    pub period: Option<String>,
    /// Book on another account, as OLD=NEW.
    #[arg(long = "account", value_name = "OLD=NEW")]
    pub accounts: Vec<String>,
    /// The right entity, where the derived one is wrong; needs a mapping file that derives it.
    #[arg(long, requires = "mapping")]
    pub entity: Option<String>,
    /// The corrected mapping file, for --entity.
    #[arg(long)]
    pub mapping: Option<PathBuf>,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// Only show the entry and the checks.
    #[arg(long)]
    pub dry_run: bool,
}
