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

closed! {
    /// Where an exception stands.
    ExceptionState: all!(tieout_domain::exception::ExceptionState);
    /// Which exceptions by where they stand: `open` for all whose cause holds and that nobody dismissed.
    StateAsked: all!(tieout_domain::exception::ExceptionState).chain(["all"]);
    /// Where a posting stands.
    PostingState: all!(tieout_domain::posting::PostingState);
    /// Where a governed change stands.
    ChangeState: all!(tieout_store::ChangeState);
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
    /// What a connection's test found of what an account has.
    CapabilityState: ["here", "absent", "missing", "unknown"];
}
