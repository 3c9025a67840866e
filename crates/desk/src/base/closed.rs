//! Closed sets of names as the page's types: a view says them as text, for scripts, and the page's type of
//! the field lists them all, out of the one list that the name comes from. So the page takes none as open
//! text, and a name that it has no words for does not compile there.

use ts_rs::{Config, TS};

macro_rules! closed {
    ($($(#[$doc:meta])* $name:ident: $texts:expr;)*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl TS for $name {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;
            const IS_ENUM: bool = true;

            fn docs() -> Option<String> {
                Some(concat!("/** Closed: ", stringify!($name), ". */\n").to_owned())
            }

            fn name(_: &Config) -> String {
                stringify!($name).to_owned()
            }

            fn inline(_: &Config) -> String {
                let texts: Vec<String> = $texts.into_iter().map(|text| format!("\"{text}\"")).collect();
                texts.join(" | ")
            }

            fn decl(config: &Config) -> String {
                format!("type {} = {};", stringify!($name), Self::inline(config))
            }

            fn output_path() -> Option<std::path::PathBuf> {
                Some(concat!(stringify!($name), ".ts").into())
            }
        }
    )*};
}

macro_rules! all {
    ($of:ty) => {
        <$of>::ALL.iter().map(|one| one.as_str())
    };
}

/// The roles of both kinds of file, each once.
fn column_roles() -> std::collections::BTreeSet<&'static str> {
    use tieout_connectors::files::MapKind;
    MapKind::Gl.roles().iter().chain(MapKind::Billing.roles()).map(|role| role.as_str()).collect()
}

closed! {
    /// The part that a column of a file plays.
    ColumnRole: column_roles();
    /// Whether a connection is tried as it is added.
    Trying: ["tell", "must_answer", "untried"];
    /// What an account is for that the ledger is held against.
    AccountRole: ["receivable", "revenue", "tax_payable", "clearing", "fees", "bank", "bad_debt"];
    /// Where an exception stands.
    ExceptionState: all!(tieout_domain::exception::ExceptionState);
    /// Which exceptions by where they stand: `open` for all whose cause holds and that nobody dismissed.
    StateAsked: all!(tieout_domain::exception::ExceptionState).chain(["all"]);
    /// What a ledger's files showed of a posting that was handed over.
    HandoverOutcome: all!(tieout_store::HandoverOutcome);
    /// Where a posting stands.
    PostingState: all!(tieout_domain::posting::PostingState);
    /// Where a governed change stands.
    ChangeState: all!(tieout_store::ChangeState);
    /// Where a match of entries and documents stands.
    MatchState: ["suggested"].into_iter().chain(all!(tieout_store::MatchState));
    /// By what a match was found.
    MatchRule: all!(tieout_store::MatchRule);
    /// What a governed change changes.
    ChangeKind: all!(tieout_store::ChangeKind);
    /// What one call of a posting does in the ERP.
    AttemptAction: all!(tieout_posting::AttemptAction);
    /// How one call of a posting ended.
    AttemptEnd: all!(tieout_store::AttemptEnd);
    /// What a document of billing is.
    DocumentKind: all!(tieout_domain::document::DocumentKind);
    /// Where a document of billing stands.
    DocumentStatus: all!(tieout_domain::document::DocumentStatus);
    /// What an entry of the ledger is; one that the ERP has no more is `removed`.
    EntryStatus: all!(tieout_domain::ledger::EntryStatus).chain(["removed"]);
    /// What a person is in a workspace.
    Role: all!(tieout_domain::people::Role);
    /// What a system is for.
    SystemRole: all!(tieout_store::ConnectionRole);
    /// What a person may try to do.
    ActionName: all!(tieout_domain::people::Action);
    /// How bad it is.
    Severity: all!(tieout_domain::severity::Severity);
    /// How a sync of one resource ended.
    SyncState: ["complete", "failed", "cancelled"];
    /// Whether approved postings are sent to a connection.
    PostingSwitchState: ["never", "observing", "proposed", "on"];
    /// How an entity's cutover stands.
    CutoverState: ["open", "proposed", "signed"];
    /// What a rule for late items does.
    LateActionName: ["own_period", "next_open", "hold", "reopen"];
    /// Where the ledger's open items at a cutover come from.
    OpenItemsFrom: ["ledger", "file"];
    /// What a line of the tie-out beside documents is.
    LineKind: ["noted", "not_ours", "explained", "before", "opening", "tolerance", "opening_difference"];
    /// How deferred revenue of a period stands beside its schedules: it agrees or differs, its releases are
    /// not due yet, or the ledger releases in total, so that nothing is known of a single document.
    ScheduleState: ["agrees", "differs", "not_due", "in_total"];
    /// What a row of a close is.
    CloseRowKind: ["signed", "opposite", "other", "earlier"];
    /// A part of a difference.
    DifferencePart: all!(tieout_domain::difference::Part);
    /// Under what items of a difference are explained.
    NoteCategory: all!(tieout_domain::variance_note::NoteCategory);
    /// How a task of a checklist stands.
    TaskState: ["open", "waiting", "overdue", "done"];
    /// How the sign-off of an account stands.
    SignOffState: ["open", "prepared", "reviewed", "suspended"];
    /// Whether a processor's balance and its clearing account agree.
    ClearingState: ["agrees", "explained", "differs", "not_proven"];
    /// How a bank's balance and the ledger's account stand: what they differ by is explained, or not.
    BankState: ["agrees", "explained", "differs"];
    /// What a bank and the ledger differ by: a line that nothing books, a payout that no line shows, one with
    /// another amount, another entry that no line shows.
    BankItemKind: ["not_booked", "in_transit", "differs", "entry"];
    /// What a connection's test found of what an account has.
    CapabilityState: ["here", "absent", "missing", "unknown"];
}
