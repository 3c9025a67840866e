//! The store: one encrypted workspace file, and the only SQL.
//!
//! [`Store`] is concrete. [`Store::read`] lends out a [`Db`], which has no method that writes;
//! [`Store::write`] lends out a [`Tx`], one transaction that holds what changes, its log entry and its outbox
//! row together. Rooms, lowest first, none of which uses one below it in this list:
//!
//! - `sealed`, `sealing`, `insert`: which tables are evidence, and how the log comes to seal them.
//! - `marking`: which writes put cells of the tie-out out of date.
//! - `db`: the two handles.
//! - `table`: one file per table with its migration, its rows and its statements.
//! - `detectors`, `tieout`, `view`, `suggest`, `ingest`, `verify`: what is worked out over many tables.
//! - `schema`: every table's migrations in order. To add a table: write its file, and add it there. To change
//!   one: add a migration of the next version to its file.
//! - `api`: the public methods, one file per noun.
//! - `store`, `backup`: the file, open, and its copy.
//!
//! What the log proves is in [`Db::verify_log_with`]; what a backup holds is in [`Store::backup`].
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod api;
mod backup;
mod db;
mod detectors;
mod error;
mod file;
mod ingest;
mod insert;
mod key;
mod marking;
mod schema;
mod sealed;
mod sealing;
mod sql;
mod store;
mod suggest;
mod table;
mod tieout;
mod verify;
mod view;

pub use api::{
    bank::{BankCame, BankEntry, NewBankFile},
    connection_figures::{ConnectionFigures, DocumentPage, ResourceFigures},
    decision::{DecisionRecorded, NewDecision},
    document::Correlated,
    duty_pairs::DutyPair,
    flow::{Breach, FlowBounds, FlowClock, FlowCounts, FlowItem, FlowPart},
    handover::Covers,
    home::{Asked, CauseLoad, OpenLoad, PostingLoad},
    log::HeadHeld,
    log_window::{LogQuery, LogReference, LogWindow},
    overview::{AgeRow, LagRow, OwnerRow, PeriodLoad, Within},
    person::StartsAnew,
    posting_window::{OutboxFigures, PostingBrief, PostingQuery, PostingWindow},
    renewal::Renewal,
    view::{ViewPage, ViewTotals},
    withdrawal::Superseded,
};
pub use backup::{BackupHeader, BackupProgress};
pub use db::{Db, Supposing, Tx};
pub use detectors::{DetectInput, DetectSummary};
pub use error::{Result, StoreError};
pub use ingest::{Ingest, IngestPage, IngestSummary, Known, PageItems, trial::Trial, undo::Undone};
pub use key::WorkspaceKey;
pub use store::Store;
pub use suggest::{
    BookedDocument, BookedEntry, ChartAccount, Learned, LedgerBook, LedgerRate, MatchFacts, Pattern,
    PayoutContent, PayoutMember, SuggestQuery, Suggestion, UnmatchedDocument, UnmatchedEntry, UnmatchedQuery,
    UnmatchedWindow, Year,
};
pub use table::{
    apart::ExplainedEntry,
    attachment::Attachment,
    attempt::{Attempt, AttemptEnd, AttemptResult, NewAttempt},
    bank::{BankPlace, StoredBankAccount, StoredBankLine, StoredBankStatement},
    batch::BatchDocument,
    booked_elsewhere::{BookedElsewhere, ElsewhereState},
    change::{Change, ChangeFilter, ChangeKind, ChangeState, NewChange},
    connection::{Connection, ConnectionMode, ConnectionRole, Vendor},
    decision::Decision,
    document::{DocumentSeq, StoredDocument},
    enrolment::{Confirmation, Enrolment},
    entry::StoredEntry,
    exception::{ExceptionEvent, ExceptionMove, ExceptionRow, SubjectKind},
    expectation::{DerivedExpectation, ExpectationSource, GapNote, StoredExpectation},
    handover::{HandedPosting, HandedRow, HandoverOutcome, NewHandover, StoredHandover},
    house_rule::{Apart, HouseRule, HouseRules},
    import::{NewImport, StoredImport},
    known_roster::KnownRoster,
    ledger_account::AccountName,
    matching::{MatchRule, MatchState, NewMatch, StoredMatch},
    outbox::{BookedStep, MemoUpdate, OutboxItem, StepFinding, Visit, VisitFailure},
    packet::{PacketSide, StoredPacket},
    page::PageRecord,
    payout_receipt::StoredReceipt,
    period::{PeriodHistory, PeriodItem, StoredPeriod},
    person::{Person, SecretKind},
    posting::{NewPosting, PostingFilter, PostingRow},
    posting_edit::PostingEdit,
    posting_step::StepRow,
    rejected_item::{KeptRejection, RejectedItem},
    removal::Removal,
    saved_view::StoredView,
    schedule::{ScheduleLine, ScheduleQuery, ScheduleWhat, ScheduledMovement},
    secret_try::SecretTries,
    sync_state::{CursorUpdate, SyncState, WHOLE_CONNECTION},
    trial_balance::{Balances, ProvenBalance},
    workspace::{NewWorkspace, Workspace},
    worth::MinorRate,
};
pub use tieout::{
    Arrived, CellQuery, CellShare, CellWindow, ClearingRow, DeferredInLedger, LineOf, MemberQuery,
    MemberSide, OpenItem, TieOutFilter, TieOutLine, TieOutMember, TieOutRow,
};
pub use tieout_evidence::{
    LogDraft, LogEntry, LogFault, LogFinding, LogHead, LoggedPerson, LoggedRoster, PERSON_ADDED,
    PERSON_REMOVED, ROLE_CHANGED, SEALED, Seals, Signer, VerifyInput, VerifyReport, WORKSPACE_CREATED,
    WORKSPACE_RESTORED,
};
pub use verify::TableFinding;
pub use view::{
    CurrencySum, Given, Glance, Group, GroupBy, Groups, KindTally, ListedException, OpenException, Selected,
    Selection, SortColumn, Tallies, View, ViewFilter, ViewSort, Waiting,
};
