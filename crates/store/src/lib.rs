//! The store: one encrypted workspace file, and the only SQL.
//!
//! [`Store`] is concrete. Every public method is one transaction; a method that changes state writes
//! the log entry and the outbox row in the same one. Each table has one file under `table/` with its
//! migration, its rows, its reads and its writes. To add a table: write its file, and add its
//! `MIGRATIONS` to the list in `migrate.rs`. To change one: add a [`migrate::Migration`] of the next
//! version to its file.
//!
//! What the log proves is in [`verify`](Store::verify_log); what a backup holds is in [`Store::backup`].
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod backup;
mod cell;
mod control;
mod correlate;
mod decide;
mod detect;
mod detectors;
mod error;
mod figures;
mod flows;
mod ingest;
mod key;
mod migrate;
mod overview;
mod prepare;
mod sql;
mod store;
mod table;
mod tieout;
mod verified;
mod verify;
mod view;
mod windows;

pub use backup::{BackupHeader, BackupProgress};
pub use cell::{CellQuery, CellShare, CellWindow};
pub use correlate::Correlated;
pub use decide::{DecisionRecorded, NewDecision, NewPosting};
pub use detectors::{DetectInput, DetectSummary};
pub use error::{Result, StoreError};
pub use figures::{ConnectionFigures, DocumentPage, ResourceFigures};
pub use flows::{FlowCounts, LateItem};
pub use ingest::{BillingPage, ChartPage, Ingest, IngestSummary, LedgerCustomerPage, LedgerPage, PeriodPage};
pub use key::WorkspaceKey;
pub use overview::{AgeRow, LagRow, OwnerRow, PeriodLoad};
pub use prepare::PreparedPage;
pub use store::{BUSY_MILLISECONDS, Store};
pub use table::{
    attempt::{Attempt, AttemptEnd, AttemptResult, NewAttempt},
    change::{Change, ChangeFilter, ChangeKind, ChangeState, NewChange},
    connection::{Connection, ConnectionMode, ConnectionRole, Vendor},
    decision::Decision,
    document::{DocumentSeq, StoredDocument},
    document_version::DocumentVersion,
    entry::StoredEntry,
    exception::{ExceptionCount, ExceptionEvent, ExceptionFilter, ExceptionMove, ExceptionRow, SubjectKind},
    expectation::{DerivedExpectation, ExpectationSource, GapNote, StoredExpectation},
    ledger_account::AccountName,
    log::{LogDraft, LogEntry, LogHead, Signer},
    outbox::{BookedStep, MemoUpdate, OutboxItem, StepFinding, Visit, VisitFailure},
    page::{PageEvidence, PageRecord},
    period::{PeriodHistory, PeriodItem, StoredPeriod},
    person::{Person, SecretKind},
    posting::{PostingEdit, PostingFilter, PostingRow, StepRow},
    rejected_item::{KeptRejection, RejectedItem},
    saved_view::StoredView,
    sync_state::{CursorUpdate, SyncState},
    workspace::{NewWorkspace, Workspace},
};
pub use tieout::{TieOutFilter, TieOutRow};
pub use verify::{LogFault, LogFinding, VerifyInput, VerifyReport};
pub use view::{
    CurrencySum, Given, Glance, Group, GroupBy, Groups, KindTally, ListedException, Selected, Selection,
    SortColumn, Tallies, View, ViewFilter, ViewPage, ViewSort, ViewTotals, Waiting,
};
pub use windows::{
    LogQuery, LogReference, LogWindow, OutboxFigures, PostingBrief, PostingQuery, PostingWindow,
};
