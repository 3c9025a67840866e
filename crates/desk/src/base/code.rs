//! Every code that the desk answers with: closed, so that nothing compares codes as text.

use std::fmt;

use serde::Serialize;

macro_rules! codes {
    ($($name:ident => $text:literal,)*) => {
        /// What went wrong, for programs. The texts are stable: scripts and the page rest on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, ts_rs::TS)]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// The stable text.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Code::$name => $text,)*
                }
            }

            /// The code of this text.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Code::$name),)*
                    _ => None,
                }
            }
        }
    };
}

impl Code {
    /// The code of a room below, which names its own by text; a test holds all of theirs against this list.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self::parse(text).unwrap_or(Code::Internal)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialEq<str> for Code {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Code {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

codes! {
    AccountNotInChart => "account_not_in_chart",
    AccountNotInEntry => "account_not_in_entry",
    AlreadyApprovedByYou => "already_approved_by_you",
    AlreadyExists => "already_exists",
    AlreadyInLedger => "already_in_ledger",
    AlreadyPosted => "already_posted",
    AlreadyReversed => "already_reversed",
    Ambiguous => "ambiguous",
    AmountDiffers => "amount_differs",
    AmountNeedsCurrency => "amount_needs_currency",
    AmountOutOfRange => "amount_out_of_range",
    AnswerTooLarge => "answer_too_large",
    ApprovalsMissing => "approvals_missing",
    AuditorReadsOnly => "auditor_reads_only",
    AuthFailed => "auth_failed",
    AuthorOfAChangeDoesNotDecideIt => "author_of_a_change_does_not_decide_it",
    AuthorOfTheBasisIsNotApprover => "author_of_the_basis_is_not_approver",
    BackupUnusable => "backup_unusable",
    BadAddress => "bad_address",
    BadAmount => "bad_amount",
    BadCell => "bad_cell",
    BadCredential => "bad_credential",
    BadCursor => "bad_cursor",
    BadDate => "bad_date",
    BadId => "bad_id",
    BadInstant => "bad_instant",
    BadJson => "bad_json",
    BadName => "bad_name",
    BadPair => "bad_pair",
    BadRequest => "bad_request",
    BadShape => "bad_shape",
    BasisMoved => "basis_moved",
    BillingNotRead => "billing_not_read",
    BookedAfterAll => "booked_after_all",
    BookedTwice => "booked_twice",
    Cancelled => "cancelled",
    ChangeAlreadyDecided => "change_already_decided",
    ClipboardUnusable => "clipboard_unusable",
    ColumnUnknown => "column_unknown",
    CommandUnknown => "command_unknown",
    ConcurrentChange => "concurrent_change",
    ConnectionUnfit => "connection_unfit",
    ConnectionUsed => "connection_used",
    ContentChanged => "content_changed",
    ContentNotShown => "content_not_shown",
    CredentialMissing => "credential_missing",
    CustomerDiffers => "customer_differs",
    CustomerInDoubt => "customer_in_doubt",
    CustomerMissing => "customer_missing",
    DateMoved => "date_moved",
    DecidedMeanwhile => "decided_meanwhile",
    DemoFailed => "demo_failed",
    DemoHasNoSecrets => "demo_has_no_secrets",
    DemoSandboxFailed => "demo_sandbox_failed",
    DestinationNoAccount => "destination_no_account",
    DestinationOtherCustomer => "destination_other_customer",
    DocumentChanged => "document_changed",
    DocumentGone => "document_gone",
    DocumentHasLivePosting => "document_has_live_posting",
    DraftLeft => "draft_left",
    DraftMissing => "draft_missing",
    DuplicateExternalId => "duplicate_external_id",
    DuplicatePeriod => "duplicate_period",
    EarlierAttemptUnproven => "earlier_attempt_unproven",
    EarlierVersion => "earlier_version",
    EditorIsNotApprover => "editor_is_not_approver",
    EmptyLine => "empty_line",
    EnrolmentCodeMissing => "enrolment_code_missing",
    EnrolmentCodeWrong => "enrolment_code_wrong",
    EntityDiffers => "entity_differs",
    EntityUnmapped => "entity_unmapped",
    EntryEmptyLine => "entry_empty_line",
    EntryMixedFunctional => "entry_mixed_functional",
    EntryTooFewLines => "entry_too_few_lines",
    EntryUnbalanced => "entry_unbalanced",
    EntryUnbalancedTransaction => "entry_unbalanced_transaction",
    ErpAmbiguous => "erp_ambiguous",
    ErpIsAFile => "erp_is_a_file",
    ExceptionNotOpen => "exception_not_open",
    ExceptionState => "exception_state",
    ExportChanged => "export_changed",
    ExportExists => "export_exists",
    ExportFailed => "export_failed",
    ExportFormat => "export_format",
    ExportTooLong => "export_too_long",
    ExportUnknown => "export_unknown",
    FileAmbiguousDates => "file_ambiguous_dates",
    FileChanged => "file_changed",
    FileDuplicateColumn => "file_duplicate_column",
    FileEmpty => "file_empty",
    FileIo => "file_io",
    FileKnownElsewhere => "file_known_elsewhere",
    FileMissingColumns => "file_missing_columns",
    FileNotText => "file_not_text",
    FileTruncated => "file_truncated",
    FileUnclosedQuote => "file_unclosed_quote",
    FileUnusable => "file_unusable",
    FileWorkbook => "file_workbook",
    FileWrongMap => "file_wrong_map",
    FlowHasAQueue => "flow_has_a_queue",
    FlowUnknown => "flow_unknown",
    ImportStopped => "import_stopped",
    InsecureAddress => "insecure_address",
    Internal => "internal",
    Interrupted => "interrupted",
    IssuerDoesNotConfirm => "issuer_does_not_confirm",
    JournalUnbalanced => "journal_unbalanced",
    JudgementImpossible => "judgement_impossible",
    KeyHoldsOtherContent => "key_holds_other_content",
    KeyVoidedInErp => "key_voided_in_erp",
    KeyringFailed => "keyring_failed",
    KeyringLocked => "keyring_locked",
    KeyringUnavailable => "keyring_unavailable",
    KindUnknown => "kind_unknown",
    LedgerBusy => "ledger_busy",
    LedgerChanged => "ledger_changed",
    ListingLags => "listing_lags",
    ListingMoves => "listing_moves",
    Locked => "locked",
    LogBadSignature => "log_bad_signature",
    LogBrokenLink => "log_broken_link",
    LogDecisionDiffers => "log_decision_differs",
    LogEdited => "log_edited",
    LogGap => "log_gap",
    LogNotSound => "log_not_sound",
    LogRewritten => "log_rewritten",
    LogSealBroken => "log_seal_broken",
    LogSealWrong => "log_seal_wrong",
    LogTimeRunsBack => "log_time_runs_back",
    LogTruncated => "log_truncated",
    LogUnknownSigner => "log_unknown_signer",
    LogUnsignedDecision => "log_unsigned_decision",
    MapBadValue => "map_bad_value",
    MapConflict => "map_conflict",
    MapExpect => "map_expect",
    MapKeyLater => "map_key_later",
    MapMissing => "map_missing",
    MapSchema => "map_schema",
    MapSyntax => "map_syntax",
    MapWrongColumn => "map_wrong_column",
    MapWrongKind => "map_wrong_kind",
    MappingBadRate => "mapping_bad_rate",
    MappingChanged => "mapping_changed",
    MappingDisagrees => "mapping_disagrees",
    MappingDuplicateBatch => "mapping_duplicate_batch",
    MappingDuplicateEntity => "mapping_duplicate_entity",
    MappingNoDeferredAccount => "mapping_no_deferred_account",
    MappingRequired => "mapping_required",
    MappingSchema => "mapping_schema",
    MappingSyntax => "mapping_syntax",
    MappingUnknownEntity => "mapping_unknown_entity",
    MissingMapping => "missing_mapping",
    MissingValue => "missing_value",
    MixedCurrencies => "mixed_currencies",
    ModeUnknown => "mode_unknown",
    MoneyCurrencyMismatch => "money_currency_mismatch",
    MoneyNotANumber => "money_not_a_number",
    MoneyOverflow => "money_overflow",
    MoneyTooPrecise => "money_too_precise",
    MoneyUnknownCurrency => "money_unknown_currency",
    NoClient => "no_client",
    NoErp => "no_erp",
    NoOpenPeriod => "no_open_period",
    NoProgress => "no_progress",
    NoWorkspace => "no_workspace",
    NobodyActs => "nobody_acts",
    NobodyChangesTheirOwnRole => "nobody_changes_their_own_role",
    NobodyConfirmsThemselves => "nobody_confirms_themselves",
    NotAnExport => "not_an_export",
    NotBookedInErp => "not_booked_in_erp",
    NotFound => "not_found",
    NotOffered => "not_offered",
    NotSeenAfterSend => "not_seen_after_send",
    NothingToDecide => "nothing_to_decide",
    NothingToPost => "nothing_to_post",
    NothingToReroute => "nothing_to_reroute",
    NothingToReverse => "nothing_to_reverse",
    OutboxContractBroken => "outbox_contract_broken",
    OutboxStoreFailed => "outbox_store_failed",
    OwnerUnknown => "owner_unknown",
    PassphraseMissing => "passphrase_missing",
    PassphraseReused => "passphrase_reused",
    PassphraseWeak => "passphrase_weak",
    PayloadUnreadable => "payload_unreadable",
    PeriodClosed => "period_closed",
    PeriodDiffers => "period_differs",
    PeriodMoved => "period_moved",
    PeriodUnknown => "period_unknown",
    PermissionMissing => "permission_missing",
    PermitOtherConnection => "permit_other_connection",
    PermitOtherContent => "permit_other_content",
    PermitOtherEntity => "permit_other_entity",
    PermitOtherPeriod => "permit_other_period",
    PermitOtherPosting => "permit_other_posting",
    PermitOtherStep => "permit_other_step",
    PermitUnavailable => "permit_unavailable",
    PersonInactive => "person_inactive",
    PersonKeySet => "person_key_set",
    PersonNameUnusable => "person_name_unusable",
    PersonSecretExists => "person_secret_exists",
    PersonSecretForeign => "person_secret_foreign",
    PersonSecretMissing => "person_secret_missing",
    PersonSecretNeeded => "person_secret_needed",
    PersonSecretNeedsPassphrase => "person_secret_needs_passphrase",
    PersonSecretSlowed => "person_secret_slowed",
    PersonSecretWrong => "person_secret_wrong",
    PersonUnconfirmed => "person_unconfirmed",
    PersonUnknown => "person_unknown",
    PolicyBadAmount => "policy_bad_amount",
    PolicyBadCurrency => "policy_bad_currency",
    PolicyBuiltIn => "policy_built_in",
    PolicyCannotBeEvaluated => "policy_cannot_be_evaluated",
    PolicyCedarDuplicateId => "policy_cedar_duplicate_id",
    PolicyCedarInvalid => "policy_cedar_invalid",
    PolicyCedarPermit => "policy_cedar_permit",
    PolicyCedarSyntax => "policy_cedar_syntax",
    PolicyCedarTemplate => "policy_cedar_template",
    PolicyChanged => "policy_changed",
    PolicyDuplicateTier => "policy_duplicate_tier",
    PolicyMissing => "policy_missing",
    PolicySchema => "policy_schema",
    PolicySyntax => "policy_syntax",
    PolicyTierOrder => "policy_tier_order",
    PolicyUnknownEntity => "policy_unknown_entity",
    PolicyUnknownKind => "policy_unknown_kind",
    PostingAlreadyApproved => "posting_already_approved",
    PostingAlreadyBooked => "posting_already_booked",
    PostingAlreadyFinal => "posting_already_final",
    PostingBeingSent => "posting_being_sent",
    PostingContentChanged => "posting_content_changed",
    PostingContentDamaged => "posting_content_damaged",
    PostingElsewhere => "posting_elsewhere",
    PostingInDoubt => "posting_in_doubt",
    PostingInProgress => "posting_in_progress",
    PostingKeyConflict => "posting_key_conflict",
    PostingNotApproved => "posting_not_approved",
    PostingNotBeingSent => "posting_not_being_sent",
    PostingNotFailed => "posting_not_failed",
    PostingOff => "posting_off",
    PostingRejected => "posting_rejected",
    PreparerIsNotApprover => "preparer_is_not_approver",
    ProposeNeedsMapping => "propose_needs_mapping",
    QueueUnknown => "queue_unknown",
    RateLimited => "rate_limited",
    ReadBackDiffers => "read_back_differs",
    ReasonMissing => "reason_missing",
    RecoveryKeyDamaged => "recovery_key_damaged",
    RecoveryPassphraseWrong => "recovery_passphrase_wrong",
    ReversedEntryChanged => "reversed_entry_changed",
    ReversedEntryMissing => "reversed_entry_missing",
    ReversedEntryNotBooked => "reversed_entry_not_booked",
    ReversedEntryUnknown => "reversed_entry_unknown",
    ReversesAReversal => "reverses_a_reversal",
    RoleMayNot => "role_may_not",
    RoleUnknown => "role_unknown",
    RowContinues => "row_continues",
    RuntimeFailed => "runtime_failed",
    SchemaDrift => "schema_drift",
    SecondApproverIsAnother => "second_approver_is_another",
    SecretDamaged => "secret_damaged",
    SecretNameInvalid => "secret_name_invalid",
    SecretSealFailed => "secret_seal_failed",
    SecretsAlreadySetUp => "secrets_already_set_up",
    SecretsHaveNoPassphrase => "secrets_have_no_passphrase",
    SecretsIo => "secrets_io",
    SecretsMarkerDamaged => "secrets_marker_damaged",
    SecretsNotSetUp => "secrets_not_set_up",
    SecretsSystem => "secrets_system",
    SelectionTooLong => "selection_too_long",
    SetHalfBooked => "set_half_booked",
    SetNotRestorable => "set_not_restorable",
    SetNothingBooked => "set_nothing_booked",
    SetRestorable => "set_restorable",
    SettingBad => "setting_bad",
    SettingMissing => "setting_missing",
    SeverityUnknown => "severity_unknown",
    SharedAccountNeedsAnAdministrator => "shared_account_needs_an_administrator",
    SoftCloseNeedsAController => "soft_close_needs_a_controller",
    StateUnknown => "state_unknown",
    StoreBusy => "store_busy",
    StoreCorrupt => "store_corrupt",
    StoreDiskFull => "store_disk_full",
    StoreExists => "store_exists",
    StoreIo => "store_io",
    StoreNewerSchema => "store_newer_schema",
    StoreNotFound => "store_not_found",
    StoreReadOnly => "store_read_only",
    StoreSql => "store_sql",
    StoreWrongKey => "store_wrong_key",
    SubjectDoesNotFit => "subject_does_not_fit",
    TableDiffers => "table_differs",
    TestAndLiveCross => "test_and_live_cross",
    TestLiveMismatch => "test_live_mismatch",
    TotalDiffers => "total_differs",
    UnknownAccount => "unknown_account",
    UnknownCompany => "unknown_company",
    UnknownCurrency => "unknown_currency",
    UnknownEntity => "unknown_entity",
    UnknownPeriod => "unknown_period",
    UnknownPerson => "unknown_person",
    UnknownReference => "unknown_reference",
    UnknownTable => "unknown_table",
    UnsupportedEntry => "unsupported_entry",
    VaultDamaged => "vault_damaged",
    VaultForeign => "vault_foreign",
    VaultMissing => "vault_missing",
    VaultPassphraseNeeded => "vault_passphrase_needed",
    VaultPassphraseWrong => "vault_passphrase_wrong",
    VendorUnknown => "vendor_unknown",
    ViewChanged => "view_changed",
    ViewNameTaken => "view_name_taken",
    ViewUnusable => "view_unusable",
    ViewVersion => "view_version",
    WaitingUnknown => "waiting_unknown",
    WorkerDied => "worker_died",
    WorkspaceKeyMissing => "workspace_key_missing",
    WorkspaceMismatch => "workspace_mismatch",
    WorkspaceMissing => "workspace_missing",
    WorkspacePolicy => "workspace_policy",
    WorkspaceRolledBack => "workspace_rolled_back",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_one_text_and_is_read_back_from_it() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            assert_eq!(Code::parse(code.as_str()), Some(*code));
        }
        assert_eq!(Code::of("a text that no room uses"), Code::Internal);
    }
}
