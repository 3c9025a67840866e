//! The verbs below `period`, `delegation` and `override`, as clap reads them.

use clap::Subcommand;

/// `tieout period …`
#[derive(Subcommand, Debug)]
pub enum PeriodVerb {
    /// List accounting periods, with what each takes.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb period list GB01")]
    List {
        /// The legal entity; all without one.
        entity: Option<String>,
    },
    /// Close a period softly: from then on nothing is sent there but what an exception lets in. A controller
    /// does.
    #[command(
        name = "soft-close",
        after_help = "Example:\n  tieout -w books.tieoutdb --as carl period soft-close GB01 2026-10 \
                      --reason 'Being reviewed'"
    )]
    SoftClose {
        /// The legal entity.
        entity: String,
        /// The period.
        period: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Ask that a soft close is lifted. A controller does, and another one approves (tieout approve chg_…).
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as carl period lift GB01 2026-10 --reason Audit"
    )]
    Lift {
        /// The legal entity.
        entity: String,
        /// The period.
        period: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Ask for an exception to a soft close: what somebody prepares is let in until a time. A controller
    /// approves it who gains nothing by it (tieout approve chg_… --content HASH).
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as ana period except GB01 2026-10 --for ana \
                      --until 2026-11-09T17:00:00Z --reason 'One bill came late'"
    )]
    Except {
        /// The legal entity.
        entity: String,
        /// The period.
        period: String,
        /// Whose postings, by name; give it once for each.
        #[arg(long = "for", value_name = "PERSON", required_unless_present = "everybody")]
        people: Vec<String>,
        /// Everybody's postings, a policy's own too.
        #[arg(long, conflicts_with = "people")]
        everybody: bool,
        /// Until when: an instant, or the end of a day in UTC; within 31 days.
        #[arg(long, value_name = "WHEN")]
        until: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// List the periods that are closed softly, by whom and why.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb period locks")]
    Locks,
    /// List the exceptions that were asked for, with whether they hold.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb period exceptions")]
    Exceptions,
    /// End an exception before its time. A controller does.
    #[command(
        name = "end-exception",
        after_help = "Example:\n  tieout -w books.tieoutdb --as carl period end-exception chg_k3v… --reason \
                      Booked"
    )]
    EndException {
        /// Its id (chg_…).
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

/// `tieout delegation …`
#[derive(Subcommand, Debug)]
pub enum DelegationVerb {
    /// Ask that another person decides on postings in your place. A third approves it (tieout approve chg_…
    /// --content HASH). They must be allowed to take each decision themselves.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as carl delegation give --to cora --until \
                      2027-01-04 --reason 'Away'"
    )]
    Give {
        /// Who is to decide.
        #[arg(long, value_name = "PERSON")]
        to: String,
        /// For postings of this entity; give it once for each, or not at all for every entity.
        #[arg(long, value_name = "CODE")]
        entity: Vec<String>,
        /// From when; at once where it is left out.
        #[arg(long, value_name = "WHEN")]
        since: Option<String>,
        /// Until when: an instant, or the end of a day in UTC; within 92 days.
        #[arg(long, value_name = "WHEN")]
        until: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// List delegations, the newest first.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb delegation list")]
    List,
    /// End a delegation before its time.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as carl delegation end chg_k3v… --reason Back"
    )]
    End {
        /// Its id (chg_…).
        id: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

/// `tieout override …`
#[derive(Subcommand, Debug)]
pub enum OverrideVerb {
    /// Ask that the limits of the policy which keep a posting from being approved are lifted for it as it
    /// stands. Two people approve who have no part in it (tieout approve chg_… --content HASH). Prohibitions
    /// are never lifted.
    #[command(
        after_help = "Example:\n  tieout -w books.tieoutdb --as ana override ask pst_k3v… --reason-code \
                      customer_escalation --note 'They wait for the credit'"
    )]
    Ask {
        /// The posting (pst_…), or the exception that it settles.
        id: String,
        /// By which reason of the policy.
        #[arg(long, value_name = "CODE")]
        reason_code: String,
        /// Why, in words.
        #[arg(long)]
        note: String,
    },
    /// List overrides, the newest first, with whether they hold.
    #[command(after_help = "Example:\n  tieout -w books.tieoutdb override list")]
    List,
}
