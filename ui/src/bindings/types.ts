// Generated from crates/app by `cargo xtask bindings`; do not edit.
// Money is decimal text beside its currency. Instants are RFC 3339 in UTC, dates YYYY-MM-DD.

/**
 * The account that a connection's credentials open.
 */
export type AccountIdentity = { 
/**
 * The vendor's account, tenant or company id.
 */
tenant: string, 
/**
 * Its name, where there is one.
 */
name: string | null, 
/**
 * True for a production account, where the vendor tells.
 */
live: boolean | null, 
/**
 * What the account has and lacks, where the adapter looks.
 */
capabilities: Array<Capability>, };

/** Closed: ActionName. */
export type ActionName = "assign" | "comment" | "propose" | "approve" | "reject" | "reroute" | "replay" | "finish" | "take_back" | "hold" | "release" | "dismiss" | "reverse" | "cancel" | "manage_people" | "confirm_person" | "manage_connections" | "import_files" | "keep_views" | "reopen_period" | "propose_change" | "approve_change";

/**
 * What may be done now, and for what may not, why and who could.
 */
export type ActionView = { 
/**
 * The action's stable name.
 */
action: ActionName, 
/**
 * True where the acting person may do it now.
 */
allowed: boolean, 
/**
 * The code of the refusal: a rule's, or that of a state that does not allow it.
 */
code: Code | null, 
/**
 * The refusal in words.
 */
message: string | null, 
/**
 * The rule, where a duty refuses.
 */
rule: string | null, 
/**
 * Names of those who could.
 */
who_could: Array<string>, };

/**
 * What acts.
 */
export type ActorKind = "person" | "os_account" | "desk" | "policy" | "worker" | "unknown";

/**
 * Who or what did something.
 */
export type ActorView = { 
/**
 * The person's name, or the account's; else as it is written down.
 */
name: string, 
/**
 * What it is.
 */
kind: ActorKind, };

/**
 * A connection to add.
 */
export type AddConnectionRequest = { 
/**
 * Its name, unique in the workspace.
 */
name: string, 
/**
 * The stable name of a vendor of the registry (`vendors` lists them).
 */
vendor: string, 
/**
 * The base address.
 */
url: string, 
/**
 * test or live.
 */
mode: string, 
/**
 * Vendor settings.
 */
settings: { [key in string]: string }, 
/**
 * Credentials by the name of their field; they go straight to the secrets. The command line asks for
 * them instead.
 */
credentials: { [key in string]: SecretText }, };

/**
 * A person to add.
 */
export type AddPersonRequest = { 
/**
 * The name.
 */
name: string, 
/**
 * analyst, controller, administrator or auditor.
 */
role: Role, 
/**
 * Their OS account, if they have their own.
 */
os_account: string | null, 
/**
 * The passphrase that they typed themselves; without it the answer has an enrolment code.
 */
passphrase: SecretText | null, };

/**
 * Open exceptions of one age.
 */
export type AgeBucket = { 
/**
 * The bucket, in words.
 */
label: string, 
/**
 * Days since their document's date (since they were found, where there is none), at least.
 */
from_days: number, 
/**
 * How many.
 */
count: number, 
/**
 * How many of them are past due.
 */
overdue: number, 
/**
 * Their amounts per currency.
 */
sums: Array<Sum>, };

/**
 * How things stand.
 */
export type AppState = { 
/**
 * The version of Tieout.
 */
version: string, 
/**
 * The workspace on the desk.
 */
workspace: WorkspaceState | null, 
/**
 * Workspaces that were open here, the last one first.
 */
recent: Array<RecentWorkspace>, 
/**
 * How the desk looks and behaves.
 */
settings: Settings, 
/**
 * Whether this session has a keyring.
 */
keyring: KeyringState, 
/**
 * What is being opened because the program was started with it, while nothing is open yet.
 */
opening: string | null, 
/**
 * Why that could not be opened, until something else is.
 */
start_error: DeskError | null, 
/**
 * True while a link waits for its workspace to be opened.
 */
link_waits: boolean, 
/**
 * What a link or file asked to be shown while it could not be: told once.
 */
open: OpenEvent | null, };

/**
 * As of when.
 */
export type AsOfRequest = { 
/**
 * An instant or date; now without one.
 */
as_of: string | null, };

/**
 * Whose items are meant.
 */
export type AsideRequest = { 
/**
 * The connection's name.
 */
connection: string, };

/**
 * An item or a row of a file that could not be read.
 */
export type AsideView = { 
/**
 * By which it is settled.
 */
id: number, 
/**
 * What it is of: invoices, entries …
 */
resource: string, 
/**
 * The stable code.
 */
code: string, 
/**
 * Where it stands.
 */
place: string, 
/**
 * What is wrong and what would make it readable.
 */
message: string, 
/**
 * Its document or journal, where that is known.
 */
item: string | null, 
/**
 * When it was put aside, UTC.
 */
at: string, };

/** Closed: AttemptAction. */
export type AttemptAction = "ensure_customer" | "create_draft" | "post_draft" | "delete_draft" | "create_booked";

/** Closed: AttemptEnd. */
export type AttemptEnd = "done" | "terminal" | "retryable" | "unknown";

/**
 * One call that changed, or was to change, something in the ERP.
 */
export type AttemptView = { 
/**
 * Its number within the posting, from 1.
 */
number: number, 
/**
 * The step.
 */
step: number, 
/**
 * What was called.
 */
action: AttemptAction, 
/**
 * The key.
 */
key: string, 
/**
 * When it began.
 */
started_at: string, 
/**
 * When its end was known.
 */
finished_at: string | null, 
/**
 * done, terminal, retryable or unknown.
 */
outcome: AttemptEnd | null, 
/**
 * The failure's stable code.
 */
code: string | null, 
/**
 * Its words.
 */
message: string | null, 
/**
 * The ERP's id of the entry.
 */
erp_id: string | null, 
/**
 * The vendor's request id.
 */
request_id: string | null, 
/**
 * The same in its parts.
 */
exchange: ExchangeView | null, };

/**
 * Where secrets are kept. Chosen once, by the user; never changed behind their back.
 */
export type Backend = "keyring" | "vault";

/**
 * A backup to write.
 */
export type BackupRequest = { 
/**
 * The file to make.
 */
path: string, 
/**
 * The new recovery passphrase.
 */
passphrase: SecretText, };

/**
 * A posting that a batch would approve, as it is now: the approval is bound to it.
 */
export type BatchApproval = { 
/**
 * The id that was asked for.
 */
id: string, 
/**
 * How people name the document.
 */
reference: string, 
/**
 * The document's amount in major units.
 */
amount: string, 
/**
 * Its currency.
 */
currency: string, 
/**
 * Each place where an entry would go, entity and period.
 */
places: Array<BatchPlace>, 
/**
 * The hash of its content, to be handed back with the approval.
 */
content_hash: string, };

/**
 * What a batch would put into one period.
 */
export type BatchPeriod = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * Its status, in words; `not known` where it was never read.
 */
status: string, 
/**
 * The same, named.
 */
state: PeriodState, 
/**
 * The documents' amounts per currency.
 */
sums: Array<Sum>, 
/**
 * How many postings have an entry there.
 */
count: number, };

/**
 * Where an entry goes.
 */
export type BatchPlace = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, };

/**
 * What would become of a batch.
 */
export type BatchPreview = { 
/**
 * The action.
 */
action: ActionName, 
/**
 * How many would be done.
 */
count: number, 
/**
 * How many of these would still need another person's approval.
 */
halfway: number, 
/**
 * Their documents' amounts per currency.
 */
sums: Array<Sum>, 
/**
 * Where entries would go.
 */
periods: Array<BatchPeriod>, 
/**
 * What would be approved, each as it is now; empty for other actions.
 */
approvals: Array<BatchApproval>, 
/**
 * What would be refused, each with the rule and who could.
 */
refusals: Array<Outcome>, };

/**
 * What is to be done with several exceptions or postings.
 */
export type BatchRequest = { "action": "propose", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "approve", 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, } | { "action": "reject", 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, } | { "action": "reroute", 
/**
 * Postings or exceptions.
 */
ids: Array<string>, 
/**
 * Under this date.
 */
date: string | null, 
/**
 * Into this period.
 */
period: string | null, } | { "action": "replay", 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, } | { "action": "finish", 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, } | { "action": "take_back", 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, } | { "action": "reverse", 
/**
 * Postings or exceptions.
 */
ids: Array<string>, } | { "action": "assign", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "comment", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "hold", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "release", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "dismiss", 
/**
 * Exceptions.
 */
ids: Array<string>, } | { "action": "cancel", 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, };

/**
 * What an account of the vendor has or lacks.
 */
export type Capability = { 
/**
 * What: subsidiaries, currencies, approvals, deletions …
 */
what: string, 
/**
 * here, absent (the connection does without), missing (somebody has to give it) or unknown.
 */
state: CapabilityState, 
/**
 * What that means; where something is missing, which permission or preference to ask for.
 */
says: string, };

/** Closed: CapabilityState. */
export type CapabilityState = "here" | "absent" | "missing" | "unknown";

/**
 * Exceptions of one root cause.
 */
export type CauseRecord = { 
/**
 * The root cause.
 */
group: string, 
/**
 * The kind of its exceptions.
 */
kind: string, 
/**
 * The currency; a group of two currencies is listed once for each.
 */
currency: string, 
/**
 * How many.
 */
count: number, 
/**
 * The same in major units.
 */
variance: string, 
/**
 * When the first of them should be settled.
 */
due_at: string, 
/**
 * The first one's sentence.
 */
why: string, };

/**
 * What one reference puts into a cell, debit-positive, major units.
 */
export type CellDocument = { 
/**
 * The reference, or the number of an entry without one.
 */
reference: string, 
/**
 * Our id of the document, where billing has one.
 */
document: string | null, 
/**
 * What its documents expect here.
 */
billing: string, 
/**
 * What its entries hold here.
 */
ledger: string, 
/**
 * Ledger minus billing, corrections and what is settled.
 */
variance: string, 
/**
 * The open exception that stands on it.
 */
exception: string | null, 
/**
 * Its kind.
 */
kind: string | null, };

/**
 * A window of a cell, the largest differences first.
 */
export type CellDocuments = { 
/**
 * How many references the cell has.
 */
total: number, 
/**
 * The first one's place.
 */
start: number, 
/**
 * The references.
 */
rows: Array<CellDocument>, };

/**
 * One cell of the tie-out, and which of its references.
 */
export type CellRequest = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * The period.
 */
period: string, 
/**
 * The account.
 */
account: string, 
/**
 * The first one's place in the list.
 */
start: number, 
/**
 * At most so many.
 */
limit: number, };

/** Closed: ChangeKind. */
export type ChangeKind = "mapping" | "policy" | "duty" | "column_map" | "expectation";

/**
 * One line of it.
 */
export type ChangeLine = { 
/**
 * How it stands to the text in force.
 */
mark: ChangeMark, 
/**
 * The line, without its end.
 */
text: string, };

/**
 * How a line stands to the text in force.
 */
export type ChangeMark = "same" | "added" | "removed";

/**
 * A passphrase to change.
 */
export type ChangePassphraseRequest = { 
/**
 * The present one.
 */
passphrase: SecretText, 
/**
 * The next one.
 */
new_passphrase: SecretText, };

/** Closed: ChangeState. */
export type ChangeState = "inert" | "in_force" | "superseded" | "rejected";

/**
 * The text of a mapping, policy or column map.
 */
export type ChangeText = { 
/**
 * Whose.
 */
change: ChangeView, 
/**
 * SHA-256 of the text in force that it would replace, with which it is compared; none where it waits
 * for nothing, or nothing is in force.
 */
against: string | null, 
/**
 * Its lines, and in their places those that would go.
 */
lines: Array<ChangeLine>, };

/**
 * A governed change in a list.
 */
export type ChangeView = { 
/**
 * Its id.
 */
id: string, 
/**
 * mapping, policy or column_map.
 */
kind: ChangeKind, 
/**
 * Its name; a newer one of the same kind and name replaces it.
 */
name: string, 
/**
 * SHA-256 of its text.
 */
hash: string, 
/**
 * Who or what brought it in.
 */
by: ActorView, 
/**
 * inert, in_force, superseded or rejected.
 */
state: ChangeState, 
/**
 * Who approved it so far.
 */
approved_by: Array<string>, 
/**
 * When it was brought in.
 */
imported_at: string, 
/**
 * What it still waits for, in words; empty where nothing.
 */
needs: string, 
/**
 * What may be done with it now; empty once it was decided.
 */
actions: Array<ActionView>, };

/**
 * Event `changed`: something in the workspace changed; what is shown should be asked for again.
 */
export type ChangedEvent = { 
/**
 * Counts the changes.
 */
generation: number, };

/**
 * One check of a dry run.
 */
export type CheckView = { 
/**
 * What was checked.
 */
check: string, 
/**
 * True when it stands in nobody's way.
 */
passed: boolean, 
/**
 * What was found.
 */
found: string, };

/**
 * How ready one period of one entity is to be closed.
 */
export type CloseCell = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * Its status, in words.
 */
status: string, 
/**
 * Receivables: open, soft-closed, locked or closed.
 */
ar: string, 
/**
 * The general ledger: the same.
 */
gl: string, 
/**
 * Open exceptions.
 */
open: number, 
/**
 * Those that keep it from being closed: all but low ones.
 */
blocking: number, 
/**
 * Documents still on their way, in time.
 */
in_transit: number, 
/**
 * True where nothing keeps it from being closed.
 */
ready: boolean, 
/**
 * All that in one sentence.
 */
says: string, };

/**
 * What went wrong, for programs. The texts are stable: scripts and the page rest on them.
 */
export type Code = "account_not_in_chart" | "account_not_in_entry" | "already_approved_by_you" | "already_exists" | "already_in_ledger" | "already_posted" | "already_reversed" | "ambiguous" | "amount_differs" | "amount_needs_currency" | "amount_out_of_range" | "answer_too_large" | "approvals_missing" | "auditor_reads_only" | "auth_failed" | "author_of_a_change_does_not_decide_it" | "author_of_the_basis_is_not_approver" | "backup_unusable" | "bad_address" | "bad_amount" | "bad_cell" | "bad_credential" | "bad_cursor" | "bad_date" | "bad_id" | "bad_instant" | "bad_json" | "bad_name" | "bad_pair" | "bad_request" | "bad_shape" | "basis_moved" | "billing_not_read" | "booked_after_all" | "booked_twice" | "cancelled" | "change_already_decided" | "clipboard_unusable" | "column_unknown" | "command_unknown" | "concurrent_change" | "connection_unfit" | "connection_used" | "content_changed" | "content_not_shown" | "credential_missing" | "customer_differs" | "customer_in_doubt" | "customer_missing" | "date_moved" | "decided_meanwhile" | "demo_failed" | "demo_has_no_secrets" | "demo_sandbox_failed" | "destination_no_account" | "destination_other_customer" | "document_changed" | "document_gone" | "document_has_live_posting" | "draft_left" | "draft_missing" | "duplicate_external_id" | "duplicate_period" | "earlier_attempt_unproven" | "earlier_version" | "editor_is_not_approver" | "empty_line" | "enrolment_code_missing" | "enrolment_code_wrong" | "entity_differs" | "entity_unmapped" | "entry_empty_line" | "entry_mixed_functional" | "entry_too_few_lines" | "entry_unbalanced" | "entry_unbalanced_transaction" | "erp_ambiguous" | "erp_is_a_file" | "exception_not_open" | "exception_state" | "export_changed" | "export_exists" | "export_failed" | "export_format" | "export_too_long" | "export_unknown" | "file_ambiguous_dates" | "file_changed" | "file_duplicate_column" | "file_empty" | "file_io" | "file_known_elsewhere" | "file_missing_columns" | "file_not_text" | "file_truncated" | "file_unclosed_quote" | "file_unusable" | "file_workbook" | "file_wrong_map" | "flow_has_a_queue" | "flow_unknown" | "import_stopped" | "insecure_address" | "internal" | "interrupted" | "issuer_does_not_confirm" | "journal_unbalanced" | "judgement_impossible" | "key_holds_other_content" | "key_voided_in_erp" | "keyring_failed" | "keyring_locked" | "keyring_unavailable" | "kind_unknown" | "ledger_busy" | "ledger_changed" | "listing_lags" | "listing_moves" | "locked" | "log_bad_signature" | "log_broken_link" | "log_decision_differs" | "log_edited" | "log_gap" | "log_not_sound" | "log_rewritten" | "log_seal_broken" | "log_seal_wrong" | "log_time_runs_back" | "log_truncated" | "log_unknown_signer" | "log_unsigned_decision" | "map_bad_value" | "map_conflict" | "map_expect" | "map_key_later" | "map_missing" | "map_schema" | "map_syntax" | "map_wrong_column" | "map_wrong_kind" | "mapping_bad_rate" | "mapping_changed" | "mapping_disagrees" | "mapping_duplicate_batch" | "mapping_duplicate_entity" | "mapping_no_deferred_account" | "mapping_required" | "mapping_schema" | "mapping_syntax" | "mapping_unknown_entity" | "missing_mapping" | "missing_value" | "mixed_currencies" | "mode_unknown" | "money_currency_mismatch" | "money_not_a_number" | "money_overflow" | "money_too_precise" | "money_unknown_currency" | "no_client" | "no_erp" | "no_open_period" | "no_progress" | "no_workspace" | "nobody_acts" | "nobody_changes_their_own_role" | "nobody_confirms_themselves" | "not_an_export" | "not_booked_in_erp" | "not_found" | "not_offered" | "not_seen_after_send" | "nothing_to_decide" | "nothing_to_post" | "nothing_to_reroute" | "nothing_to_reverse" | "outbox_contract_broken" | "outbox_store_failed" | "owner_unknown" | "passphrase_missing" | "passphrase_reused" | "passphrase_weak" | "payload_unreadable" | "period_closed" | "period_differs" | "period_moved" | "period_unknown" | "permission_missing" | "permit_other_connection" | "permit_other_content" | "permit_other_entity" | "permit_other_period" | "permit_other_posting" | "permit_other_step" | "permit_unavailable" | "person_inactive" | "person_key_set" | "person_name_unusable" | "person_secret_exists" | "person_secret_foreign" | "person_secret_missing" | "person_secret_needed" | "person_secret_needs_passphrase" | "person_secret_slowed" | "person_secret_wrong" | "person_unconfirmed" | "person_unknown" | "policy_bad_amount" | "policy_bad_currency" | "policy_built_in" | "policy_cannot_be_evaluated" | "policy_cedar_duplicate_id" | "policy_cedar_invalid" | "policy_cedar_permit" | "policy_cedar_syntax" | "policy_cedar_template" | "policy_changed" | "policy_duplicate_tier" | "policy_missing" | "policy_schema" | "policy_syntax" | "policy_tier_order" | "policy_unknown_entity" | "policy_unknown_kind" | "posting_already_approved" | "posting_already_booked" | "posting_already_final" | "posting_being_sent" | "posting_content_changed" | "posting_content_damaged" | "posting_elsewhere" | "posting_in_doubt" | "posting_in_progress" | "posting_key_conflict" | "posting_not_approved" | "posting_not_being_sent" | "posting_not_failed" | "posting_off" | "posting_rejected" | "preparer_is_not_approver" | "propose_needs_mapping" | "queue_unknown" | "rate_limited" | "read_back_differs" | "reason_missing" | "recovery_key_damaged" | "recovery_passphrase_wrong" | "reversed_entry_changed" | "reversed_entry_missing" | "reversed_entry_not_booked" | "reversed_entry_unknown" | "reverses_a_reversal" | "role_may_not" | "role_unknown" | "row_continues" | "runtime_failed" | "schema_drift" | "second_approver_is_another" | "secret_damaged" | "secret_name_invalid" | "secret_seal_failed" | "secrets_already_set_up" | "secrets_have_no_passphrase" | "secrets_io" | "secrets_marker_damaged" | "secrets_not_set_up" | "secrets_system" | "selection_too_long" | "set_half_booked" | "set_not_restorable" | "set_nothing_booked" | "set_restorable" | "setting_bad" | "setting_missing" | "severity_unknown" | "shared_account_needs_an_administrator" | "soft_close_needs_a_controller" | "state_unknown" | "store_busy" | "store_corrupt" | "store_disk_full" | "store_exists" | "store_io" | "store_newer_schema" | "store_not_found" | "store_read_only" | "store_sql" | "store_wrong_key" | "subject_does_not_fit" | "table_differs" | "test_and_live_cross" | "test_live_mismatch" | "total_differs" | "unknown_account" | "unknown_company" | "unknown_currency" | "unknown_entity" | "unknown_period" | "unknown_person" | "unknown_reference" | "unknown_table" | "unsupported_entry" | "vault_damaged" | "vault_foreign" | "vault_missing" | "vault_passphrase_needed" | "vault_passphrase_wrong" | "vendor_unknown" | "view_changed" | "view_name_taken" | "view_unusable" | "view_version" | "waiting_unknown" | "worker_died" | "workspace_key_missing" | "workspace_mismatch" | "workspace_missing" | "workspace_policy" | "workspace_rolled_back";

/**
 * Billing and ledger side by side.
 */
export type Compare = { 
/**
 * The billing connection's name.
 */
billing_name: string | null, 
/**
 * The ERP connection's name.
 */
ledger_name: string | null, 
/**
 * The currency of money lines.
 */
currency: string, 
/**
 * The lines.
 */
lines: Array<CompareLine>, };

/**
 * One line of billing against ledger. Texts are ready to show.
 */
export type CompareLine = { 
/**
 * What is compared.
 */
what: string, 
/**
 * Billing's side; `None` where it has none.
 */
billing: string | null, 
/**
 * The ledger's side.
 */
ledger: string | null, 
/**
 * True where this is the difference.
 */
differs: boolean, 
/**
 * True where both are decimal text in the comparison's currency.
 */
money: boolean, };

/**
 * A connection in a list.
 */
export type ConnectionView = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its name.
 */
name: string, 
/**
 * The stable name of the vendor.
 */
vendor: string, 
/**
 * The vendor's own name.
 */
vendor_name: string, 
/**
 * billing or erp.
 */
role: SystemRole, 
/**
 * test or live.
 */
mode: string, 
/**
 * The vendor's account, tenant or company.
 */
tenant: string, 
/**
 * True while it is neither read nor posted to.
 */
paused: boolean, 
/**
 * Everything up to this instant has been seen, in every resource.
 */
complete_through: string | null, 
/**
 * What last went wrong, in the vendor's own words.
 */
last_error: string | null, 
/**
 * Its base address; empty for files.
 */
url: string, 
/**
 * When any of its resources was last tried.
 */
last_attempt_at: string | null, 
/**
 * Documents (of billing) or entries (of an ERP) that came by it.
 */
documents: number, 
/**
 * What it lists, and how far each has been read.
 */
resources: Array<ResourceView>, 
/**
 * How much of the vendor's allowance it uses.
 */
rate: RateView, 
/**
 * The names of the credentials that it has; what they are is never told.
 */
credentials: Array<string>, };

/**
 * What was copied.
 */
export type Copied = { 
/**
 * How many rows.
 */
rows: number, };

/**
 * What to copy.
 */
export type CopyRequest = { 
/**
 * The rows.
 */
selection: Selection, 
/**
 * The columns by their ids, in order; ids that do not exist are left out.
 */
columns: Array<string>, 
/**
 * With a first row of headings.
 */
headings: boolean, 
/**
 * Plain numbers with a dot and a minus, whatever the settings.
 */
raw: boolean, };

/**
 * Within which entity and period to count.
 */
export type CountsRequest = { 
/**
 * Only this entity.
 */
entity: string | null, 
/**
 * Only this period.
 */
period: string | null, };

/**
 * A workspace to make.
 */
export type CreateWorkspaceRequest = { 
/**
 * The file to make.
 */
path: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Where its secrets are kept.
 */
backend: Backend, 
/**
 * The vault's new passphrase.
 */
passphrase: SecretText | null, };

/**
 * The customer that an entry names.
 */
export type CustomerView = { 
/**
 * The ERP's id; `None` where the ERP is not known to have the customer: it is made there first.
 */
erp_id: string | null, 
/**
 * Billing's id, under which it is made.
 */
external_id: string | null, 
/**
 * Its name, under which it is made or as it is known.
 */
name: string | null, };

/**
 * How a date looks.
 */
export type DateFormat = "d MMM yyyy" | "yyyy-MM-dd" | "dd/MM/yyyy" | "MM/dd/yyyy";

/**
 * Postings or governed changes to decide on.
 */
export type DecideRequest = { 
/**
 * Posting, exception or change ids.
 */
ids: Array<string>, 
/**
 * True to approve, false to refuse.
 */
approve: boolean, 
/**
 * Why: needed for a refusal, kept as a note with an approval.
 */
reason: string | null, 
/**
 * By id, the hash of the content that the person saw: a posting is approved only as it was shown.
 */
content: { [key in string]: string }, };

/**
 * The height of rows.
 */
export type Density = "compact" | "standard" | "comfortable";

/**
 * A refusal or failure: a stable code for programs, and words that say what, where and what to do next.
 * Never holds a secret.
 */
export type DeskError = { 
/**
 * The stable code.
 */
code: Code, 
/**
 * The code that a system behind the desk gave, where it is none of ours.
 */
vendor_code?: string, 
/**
 * What is wrong, where, and what to do.
 */
message: string, 
/**
 * The rule that refused, where a duty did.
 */
rule?: string, 
/**
 * Names of the people who could do it.
 */
who_could?: Array<string>, };

/**
 * Event `desk`: the desk itself changed; its state should be asked for again.
 */
export type DeskEvent = { 
/**
 * What happened.
 */
reason: DeskReason, };

/**
 * What happened to the desk.
 */
export type DeskReason = "start" | "locked" | "opened" | "closed" | "seat" | "settings";

/** Closed: DocumentKind. */
export type DocumentKind = "invoice" | "credit_note" | "payment" | "refund" | "dispute" | "customer_balance" | "fee" | "payout" | "top_up" | "transfer" | "reserve" | "adjustment" | "conversion" | "movement";

/** Closed: DocumentStatus. */
export type DocumentStatus = "draft" | "final" | "void" | "written_off" | "pending" | "failed";

/**
 * A document as billing has it.
 */
export type DocumentView = { 
/**
 * Our id.
 */
id: string, 
/**
 * The billing connection's name.
 */
connection: string, 
/**
 * The kind of document (`invoice`, `payment`, `payout`).
 */
kind: DocumentKind, 
/**
 * The vendor's id.
 */
external_id: string, 
/**
 * How an ERP entry names it.
 */
reference: string, 
/**
 * Where it stands in billing.
 */
status: DocumentStatus, 
/**
 * The signed amount in major units.
 */
amount: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * When billing made it final.
 */
finalized_at: string | null, 
/**
 * Its content version.
 */
version: number, 
/**
 * What ties usage, subscription, invoice, posting, journal and payment together.
 */
correlation: string, 
/**
 * Accounts and amounts that the ledger should hold for it.
 */
expected: Array<ExpectedLine>, 
/**
 * The period in which it belongs.
 */
expected_period: string | null, };

/**
 * One person's one-time code.
 */
export type EnrolmentCode = { 
/**
 * Their name.
 */
person: string, 
/**
 * Their role, as the log has it.
 */
role: Role, 
/**
 * The code.
 */
code: string, };

/** Closed: EntryStatus. */
export type EntryStatus = "booked" | "unbooked" | "void" | "removed";

/**
 * Something that happened. What scripts read as text (`who`, `what`, `detail`) the page has only in parts.
 */
export type EventView = { 
/**
 * When.
 */
at: string, 
/**
 * Who or what did it.
 */
by: ActorView, 
/**
 * What happened.
 */
happening: Happening, 
/**
 * To whom it was given; `None` for nobody, and where something else happened.
 */
to: ActorView | null, 
/**
 * The kinds that it was and became, by their names for people.
 */
kinds: KindsView | null, 
/**
 * What a person wrote, or the desk says of it.
 */
words: string | null, };

/**
 * Everything about one exception.
 */
export type ExceptionDetail = { 
/**
 * The exception.
 */
exception: ExceptionView, 
/**
 * A short title.
 */
title: string, 
/**
 * What happened, in one or two plain sentences.
 */
sentence: string, 
/**
 * usage → contract → invoice → posting → journal → payment.
 */
trail: Array<TrailStep>, 
/**
 * Billing against ledger.
 */
compare: Compare, 
/**
 * Billing's side.
 */
billing: DocumentView | null, 
/**
 * The ledger's side.
 */
ledger: Array<HeldView>, 
/**
 * The document's own period, where it belongs, and what it posts, or would post, into.
 */
periods: PeriodsView, 
/**
 * What would be booked, by the same code that proposes.
 */
would_post: Preview | null, 
/**
 * Or why nothing would.
 */
would_post_refusal: DeskError | null, 
/**
 * Postings of it, newest last.
 */
postings: Array<PostingView>, 
/**
 * What happened, oldest first.
 */
history: Array<EventView>, 
/**
 * What may be done now.
 */
actions: Array<ActionView>, };

/**
 * A window of a view.
 */
export type ExceptionPage = { 
/**
 * The first row, from 0.
 */
start: number, 
/**
 * The rows.
 */
rows: Array<ExceptionView>, 
/**
 * Changes whenever rows may have moved.
 */
generation: number, };

/**
 * Which exceptions, and in which order. What is absent asks for everything.
 */
export type ExceptionQuery = { 
/**
 * Shown in this queue.
 */
queue: string | null, 
/**
 * Of these kinds.
 */
kinds: Array<string>, 
/**
 * Of this entity; empty: of none.
 */
entity: string | null, 
/**
 * Of this period; empty: of none.
 */
period: string | null, 
/**
 * open, one state, or all.
 */
state: StateAsked, 
/**
 * A person's id, "me", "nobody", or anyone.
 */
assignee: string | null, 
/**
 * Of this team.
 */
owner: string | null, 
/**
 * Of these severities.
 */
severity: Array<Severity>, 
/**
 * Only those past their time.
 */
overdue: boolean, 
/**
 * In this currency.
 */
currency: string | null, 
/**
 * Decimal text: the absolute amount is at least this, in `currency`.
 */
amount_from: string | null, 
/**
 * approval or in_doubt: what a posting waits for.
 */
waiting: "approval" | "in_doubt" | null, 
/**
 * Of this customer; empty: of none.
 */
customer: string | null, 
/**
 * Of this root cause.
 */
group: string | null, 
/**
 * Of this business flow.
 */
flow: string | null, 
/**
 * Whose document's date lies so many days back (UTC) or more; without a date, when it was found.
 */
age_from_days: number | null, 
/**
 * Whose document's date lies less than so many days back.
 */
age_to_days: number | null, 
/**
 * Whose reference, customer or root cause contains this, or whose id begins with it.
 */
search: string | null, 
/**
 * The order; the most urgent first where nothing is said.
 */
sort: Array<SortKey>, };

/** Closed: ExceptionState. */
export type ExceptionState = "open" | "in_progress" | "on_hold" | "dismissed" | "closed";

/**
 * An exception as screens and scripts read it. The names of the fields are a promise to scripts.
 */
export type ExceptionView = { 
/**
 * The exception's id.
 */
id: string, 
/**
 * What is wrong.
 */
kind: string, 
/**
 * The same in plain words.
 */
kind_name: string, 
/**
 * How bad that is by itself.
 */
kind_gravity: "blocked" | "doubtful" | "routine", 
/**
 * The queue that lists it.
 */
queue: string, 
/**
 * Every queue that shows it.
 */
queues: Array<string>, 
/**
 * Exceptions of one root cause have the same group.
 */
group: string, 
/**
 * The document's number (or the orphan entry's reference, the customer's id …).
 */
external_ref: string, 
/**
 * Our id of the document, where there is one.
 */
document: string | null, 
/**
 * The customer's name, or the id where billing gives no name.
 */
customer: string | null, 
/**
 * The legal entity.
 */
entity: string | null, 
/**
 * The period.
 */
period: string | null, 
/**
 * The document's date.
 */
dated: string | null, 
/**
 * The currency.
 */
currency: string, 
/**
 * The document's signed amount, major units; for an orphan the journal's debit minus credit on the
 * control account.
 */
amount: string, 
/**
 * Ledger minus billing, major units.
 */
variance: string, 
/**
 * low, medium, high or critical.
 */
severity: Severity, 
/**
 * The owning team.
 */
owner: string, 
/**
 * The person who works it.
 */
assignee: string | null, 
/**
 * When it was found, UTC.
 */
opened_at: string, 
/**
 * When it should be settled, UTC.
 */
due_at: string, 
/**
 * True when that is past.
 */
overdue: boolean, 
/**
 * open, in_progress, on_hold, dismissed or closed.
 */
state: ExceptionState, 
/**
 * What happened, in one sentence.
 */
why: string, 
/**
 * What is in the way, in two or three words.
 */
in_the_way: string, 
/**
 * How bad that is.
 */
gravity: "blocked" | "doubtful" | "routine", };

/**
 * Which exceptions to list.
 */
export type ExceptionsRequest = { 
/**
 * Shown in this queue.
 */
queue: string | null, 
/**
 * Of this kind.
 */
kind: string | null, 
/**
 * Of this entity.
 */
entity: string | null, 
/**
 * Of this period.
 */
period: string | null, 
/**
 * open (open, in progress and on hold), one state, or all.
 */
state: StateAsked | null, 
/**
 * Whose reference contains this.
 */
search: string | null, 
/**
 * Judge what is due as of this instant or date.
 */
as_of: string | null, 
/**
 * At most so many.
 */
limit: number | null, };

/**
 * What was sent and what came back, word for word.
 */
export type ExchangeView = { 
/**
 * The request: its line and its body.
 */
request: string, 
/**
 * The HTTP status of the answer; `None` where none came.
 */
status: number | null, 
/**
 * The answer: its status line, and what followed.
 */
response: string | null, };

/**
 * One expected account.
 */
export type ExpectedLine = { 
/**
 * The account.
 */
account: string, 
/**
 * Debit-positive, major units.
 */
amount: string, };

/**
 * What to export.
 */
export type ExportRequest = { 
/**
 * exceptions, tie_out, postings or log.
 */
what: string, 
/**
 * Which exceptions; all open ones without.
 */
query: ExceptionQuery | null, 
/**
 * What of the tie-out; all of it without.
 */
tie_out: TieOutRequest | null, 
/**
 * Which postings, whatever the place and number of the rows; all without.
 */
postings: PostingsRequest | null, 
/**
 * What of the log, likewise; all of it without.
 */
log: LogRequest | null, 
/**
 * The file, `.csv` or `.xlsx`.
 */
path: string, 
/**
 * In place of a file that is there.
 */
force: boolean, };

/**
 * A file that was written.
 */
export type Exported = { 
/**
 * Where it is.
 */
path: string, 
/**
 * How many rows it has.
 */
rows: number, };

/**
 * A value of a field with choices.
 */
export type FieldValue = { 
/**
 * The field's name.
 */
field: string, 
/**
 * The value.
 */
value: string, };

/**
 * Where a row stands in a view.
 */
export type FindRequest = { 
/**
 * The query.
 */
query: ExceptionQuery, 
/**
 * The exception.
 */
id: string, };

/**
 * Half-booked sets to finish.
 */
export type FinishRequest = { 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, 
/**
 * Why, in a person's words.
 */
reason: string | null, 
/**
 * Send nothing more, and end them as they are, where they cannot be taken back; why.
 */
leave?: string, };

/**
 * The first rows of a list or of a group: a page of them, or all where there are fewer.
 */
export type FirstRows = { 
/**
 * The group's key; none for a plain list.
 */
key: string | null, 
/**
 * The rows.
 */
rows: Array<ExceptionView>, };

/**
 * A window of what is late, the longest late first.
 */
export type FlowLate = { 
/**
 * How many are late.
 */
total: number, 
/**
 * The first one's place.
 */
start: number, 
/**
 * The items.
 */
rows: Array<LateView>, };

/**
 * Which flow, and which of its late items.
 */
export type FlowLateRequest = { 
/**
 * The flow's stable name.
 */
flow: string, 
/**
 * The first one's place in the list.
 */
start: number, 
/**
 * At most so many.
 */
limit: number, };

/**
 * How one of the five flows stands.
 */
export type FlowView = { 
/**
 * Its stable name.
 */
flow: string, 
/**
 * Its name.
 */
name: string, 
/**
 * The event that starts it.
 */
start: string, 
/**
 * The event that finishes it.
 */
finish: string, 
/**
 * Hours from start to finish.
 */
sla_hours: number, 
/**
 * Finished; `None` where no source lets us see.
 */
done: number | null, 
/**
 * Under way and in time.
 */
in_time: number | null, 
/**
 * Under way and late.
 */
late: number | null, 
/**
 * Open exceptions of its documents that are no mere lateness.
 */
broken: number | null, 
/**
 * What is missing, where the flow cannot be seen.
 */
note: string, };

/**
 * Its place.
 */
export type Found = { 
/**
 * From 0; none where it is not in the view.
 */
index: number | null, };

/**
 * By what a view is put into groups.
 */
export type GroupBy = "cause" | "customer" | "entity";

/**
 * Exceptions that have something in common.
 */
export type GroupView = { 
/**
 * What a query names them by; empty where nothing is known.
 */
key: string, 
/**
 * What they have in common, in words.
 */
label: string, 
/**
 * The team, where it is one.
 */
owner: string | null, 
/**
 * How many.
 */
count: number, 
/**
 * Their amounts by currency.
 */
sums: Array<Sum>, 
/**
 * When the first of them should be settled.
 */
due_at: string | null, };

/**
 * The groups of a view, the largest first.
 */
export type GroupsView = { 
/**
 * By what.
 */
by: GroupBy, 
/**
 * The groups.
 */
groups: Array<GroupView>, 
/**
 * Groups that are not listed.
 */
more: number, 
/**
 * Changes whenever rows may have moved.
 */
generation: number, };

/**
 * Half-booked sets to bring to their end.
 */
export type HalfBookedRequest = { 
/**
 * Postings or their exceptions.
 */
ids: Array<string>, 
/**
 * Why, in a person's words.
 */
reason: string | null, };

/**
 * What happened to an exception.
 */
export type Happening = "opened" | "updated" | "kind_changed" | "reopened" | "closed" | "assigned" | "comment" | "held" | "released" | "dismissed" | "proposed" | "amended" | "released_by_policy" | "approved_in_part" | "approved" | "approvals_void" | "reject" | "cancel" | "replay" | "finish" | "removed" | "queued" | "sending" | "in_doubt" | "booked" | "settled" | "refused" | "dead_letter" | "rejected" | "cancelled" | "other";

/**
 * An entry that the ERP already holds.
 */
export type HeldView = { 
/**
 * The ERP's id.
 */
erp_id: string, 
/**
 * Its number there.
 */
number: string | null, 
/**
 * Its external id.
 */
external_id: string | null, 
/**
 * booked, unbooked, void, or removed (the ERP has it no more).
 */
status: EntryStatus, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The date under which it is booked.
 */
posting_date: string, 
/**
 * The period.
 */
period: string, 
/**
 * The reference of the document that it settles under that name, rather than books.
 */
settles?: string, 
/**
 * When it was last known to be there, where it is there no more.
 */
last_seen_at?: string, 
/**
 * When a read showed that it is there no more.
 */
removed_at?: string, };

/**
 * Ids in the order of a view.
 */
export type Ids = { 
/**
 * The ids.
 */
ids: Array<string>, };

/**
 * Which ids of a view.
 */
export type IdsRequest = { 
/**
 * The query.
 */
query: ExceptionQuery, 
/**
 * The first row, from 0.
 */
start: number, 
/**
 * So many rows.
 */
limit: number, };

/**
 * A mapping or policy file to bring in.
 */
export type ImportChangeRequest = { 
/**
 * The file.
 */
file: string, };

/**
 * A file that needs a column map.
 */
export type ImportFileRequest = { 
/**
 * The file.
 */
file: string, 
/**
 * The column map.
 */
map: string, 
/**
 * The file connection's name; by default the column map's file name.
 */
connection?: string, 
/**
 * Judge what is due as of this instant or date.
 */
as_of?: string, };

/**
 * A file of ledger detail.
 */
export type ImportLedgerRequest = { 
/**
 * What the file is the whole of: `all` the ledger, a month (`2026-10`) or some days
 * (`2026-10-05..2026-10-31`) of the accounts that it holds. What of it the file no longer has is gone
 * from the ledger. Without it a file only adds and changes.
 */
replaces?: string, 
/**
 * The file.
 */
file: string, 
/**
 * The column map.
 */
map: string, 
/**
 * The file connection's name; by default the column map's file name.
 */
connection?: string, 
/**
 * Judge what is due as of this instant or date.
 */
as_of?: string, };

/**
 * A file of periods.
 */
export type ImportPeriodsRequest = { 
/**
 * The file.
 */
file: string, };

/**
 * What an import came to.
 */
export type ImportView = { 
/**
 * The file.
 */
file: string, 
/**
 * SHA-256 of its bytes.
 */
sha256: string, 
/**
 * The file connection.
 */
connection: string, 
/**
 * Rows read, the header excluded.
 */
rows: number, 
/**
 * Documents, journals or periods made of them.
 */
items: number, 
/**
 * New or changed ones among them.
 */
changed: number, 
/**
 * Rows kept aside.
 */
rejected_rows: number, 
/**
 * Rows kept aside, once more under the name that all work has for them.
 */
rejected: number, 
/**
 * Journals that the ledger no longer has.
 */
removed: number, 
/**
 * What became of it, in words.
 */
message: string, 
/**
 * Why, row by row (the first thousand).
 */
rejections: Array<RejectionView>, };

/**
 * A job.
 */
export type JobRequest = { 
/**
 * Its name, as given to the command that it runs.
 */
job: string, };

/**
 * Whether this session has a keyring.
 */
export type KeyringState = { 
/**
 * True when it keeps secrets.
 */
available: boolean, 
/**
 * Why not, and what to do.
 */
message: string, };

/**
 * A kind with its name.
 */
export type KindName = { 
/**
 * Its stable name.
 */
kind: string, 
/**
 * Its name.
 */
name: string, };

/**
 * An exception's kind before and after.
 */
export type KindsView = { 
/**
 * What it was.
 */
from: string, 
/**
 * What it became.
 */
to: string, };

/**
 * How long invoices took to the ledger, of those booked on one day: from the document being final in billing
 * to its journal being made in the ERP, which is what the flow's time limit means.
 */
export type LagPoint = { 
/**
 * The day, UTC.
 */
day: string, 
/**
 * Half of them took no longer, in minutes.
 */
p50_minutes: number, 
/**
 * 95 of 100 took no longer, in minutes.
 */
p95_minutes: number, 
/**
 * How many there were.
 */
count: number, };

/**
 * Something that a flow began and that is late.
 */
export type LateView = { 
/**
 * Billing's id of the usage summary or of the subscription.
 */
reference: string, 
/**
 * The customer's name, or billing's id where it has none.
 */
customer: string | null, 
/**
 * When the flow began: the usage ended, the subscription was amended.
 */
since: string, 
/**
 * When it should have been on a final invoice.
 */
due_at: string, };

/**
 * One line of an entry, as it would be or was booked.
 */
export type LineView = { 
/**
 * The account.
 */
account: string, 
/**
 * What the ERP calls it, where its chart was read.
 */
name: string | null, 
/**
 * The ERP's id of the account, under which it is sent.
 */
account_erp_id: string | null, 
/**
 * Debit in the transaction currency, major units; empty for a credit.
 */
debit: string, 
/**
 * Credit in the transaction currency, major units; empty for a debit.
 */
credit: string, 
/**
 * The transaction currency.
 */
currency: string, 
/**
 * The line's text.
 */
memo: string, };

/**
 * Somebody who acts in the log.
 */
export type LogActor = { 
/**
 * What the filter takes.
 */
id: string, 
/**
 * Who or what it is.
 */
by: ActorView, };

/**
 * One text of an entry's detail.
 */
export type LogField = { 
/**
 * What it is.
 */
name: string, 
/**
 * The text.
 */
value: string, };

/**
 * A window of the log.
 */
export type LogPage = { 
/**
 * How many entries the filters leave.
 */
total: number, 
/**
 * The first one's place.
 */
start: number, 
/**
 * The entries, newest first.
 */
rows: Array<LogRow>, 
/**
 * Every kind of entry there is.
 */
whats: Array<string>, 
/**
 * Everybody who acts.
 */
actors: Array<LogActor>, };

/**
 * Which log entries.
 */
export type LogRequest = { 
/**
 * By this actor (an id of [`LogPage::actors`]).
 */
actor: string | null, 
/**
 * Of this kind.
 */
what: string | null, 
/**
 * Containing this, or about a posting or an exception whose reference contains it.
 */
search: string | null, 
/**
 * From this instant or date on.
 */
from: string | null, 
/**
 * Until this instant, or through this date.
 */
to: string | null, 
/**
 * The first one's place in the list.
 */
start: number, 
/**
 * At most so many.
 */
limit: number, };

/**
 * One log entry.
 */
export type LogRow = { 
/**
 * Its number.
 */
number: number, 
/**
 * When.
 */
at: string, 
/**
 * Who or what did it.
 */
by: ActorView, 
/**
 * What was done.
 */
what: string, 
/**
 * To what: its id, or a person's name.
 */
subject: string, 
/**
 * The same as people name it: a document's reference, or a connection's name.
 */
reference: string | null, 
/**
 * The same where it is a person.
 */
person: ActorView | null, 
/**
 * The exception that it is about, also by way of its posting.
 */
exception: string | null, 
/**
 * More, as JSON text.
 */
detail: string, 
/**
 * What of it says something at a glance: its plain texts, but no hash or key.
 */
gist: Array<LogField>, 
/**
 * True where a person's own key signed it.
 */
signed: boolean, 
/**
 * Its hash.
 */
hash: string, };

/**
 * Several things, by their ids.
 */
export type ManyRequest = { 
/**
 * The ids.
 */
ids: Array<string>, };

/**
 * How an amount below zero looks.
 */
export type Negative = "parentheses" | "minus";

/**
 * A request that asks for nothing in particular.
 */
export type Nothing = Record<symbol, never>;

/**
 * One thing, by its id (or a name or reference, where the command says so).
 */
export type OneRequest = { 
/**
 * The id.
 */
id: string, };

/**
 * Event `open`: a link or file asks for something to be shown.
 */
export type OpenEvent = { 
/**
 * An exception's id.
 */
exception: string | null, 
/**
 * A workspace file.
 */
workspace: string | null, };

/**
 * One accounting period.
 */
export type OpenPeriod = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * Its name.
 */
key: string, 
/**
 * First day.
 */
starts: string, 
/**
 * Last day, included.
 */
ends: string, 
/**
 * Its status, in words.
 */
status: string, 
/**
 * The same, named.
 */
state: PeriodState, 
/**
 * True where it takes entries of receivables.
 */
accepts: boolean, 
/**
 * What that means, in a sentence.
 */
says: string, };

/**
 * Which view, and how much of it is seen at first.
 */
export type OpenViewRequest = { 
/**
 * The query.
 */
query: ExceptionQuery, 
/**
 * Put into groups by this; without it a plain list.
 */
by: GroupBy | null, 
/**
 * Rows for at least so many lines, the headers of groups counted; 0 asks for none.
 */
lines: number, 
/**
 * At most so many rows of the list or of each group.
 */
page: number, };

/**
 * A workspace to open.
 */
export type OpenWorkspaceRequest = { 
/**
 * The file.
 */
path: string, 
/**
 * The vault's passphrase, where its secrets are in one.
 */
passphrase: SecretText | null, };

/**
 * A view with what is seen of it at first.
 */
export type OpenedView = { 
/**
 * The view as a whole.
 */
summary: ViewSummary, 
/**
 * Its groups, where it is put into some.
 */
groups: GroupsView | null, 
/**
 * The first rows: of the list, or of one group after the other.
 */
first: Array<FirstRows>, };

/**
 * What became of one of several things that a command was asked to do.
 */
export type Outcome = { 
/**
 * The id as given.
 */
id: string, 
/**
 * done or refused.
 */
result: "done" | "refused", 
/**
 * The state after it, or the code of the refusal.
 */
code: string, 
/**
 * The same without the reference; absent where there is no more to say than that it was done.
 */
said?: string, 
/**
 * How people name the document.
 */
reference: string | null, 
/**
 * The posting concerned.
 */
posting?: string, 
/**
 * The rule that refused.
 */
rule?: string, 
/**
 * Who could do it.
 */
who_could?: Array<string>, 
/**
 * What would be sent, for a dry run.
 */
preview?: Preview, };

/**
 * Everything that the overview shows.
 */
export type Overview = { 
/**
 * The five flows.
 */
flows: Array<FlowView>, 
/**
 * Invoice to ledger, per day, over at most the last 90 days.
 */
lag: Array<LagPoint>, 
/**
 * The time limit of that flow, in minutes.
 */
lag_sla_minutes: number, 
/**
 * Open exceptions by age.
 */
ageing: Array<AgeBucket>, 
/**
 * Open exceptions by owner, the most first.
 */
owners: Array<OwnerCount>, 
/**
 * Close readiness.
 */
close: Array<CloseCell>, 
/**
 * Billing against the ledger.
 */
variance: Array<VarianceCell>, 
/**
 * As of when exceptions were last judged.
 */
checked_at: string | null, };

/**
 * Open exceptions of one owner.
 */
export type OwnerCount = { 
/**
 * The team.
 */
owner: string, 
/**
 * The person's name, or the team's where nobody has them.
 */
name: string, 
/**
 * The person's id.
 */
assignee: string | null, 
/**
 * How many.
 */
count: number, 
/**
 * How many of them are past due.
 */
overdue: number, };

/**
 * Which window of a view.
 */
export type PageRequest = { 
/**
 * The query.
 */
query: ExceptionQuery, 
/**
 * The first row, from 0.
 */
start: number, 
/**
 * So many rows.
 */
limit: number, };

/**
 * A connection to stop reading from and posting to, or to take up again.
 */
export type PauseRequest = { 
/**
 * The connection's id or name.
 */
id: string, 
/**
 * True to stop.
 */
paused: boolean, };

/**
 * What the source sent.
 */
export type Payload = { 
/**
 * Whose dialect it is in.
 */
vendor: string, 
/**
 * When it was received.
 */
received_at: string, 
/**
 * The object, indented; or the file's heading and rows.
 */
text: string, };

/**
 * Whose payload.
 */
export type PayloadRequest = { 
/**
 * Our id of the document.
 */
document: string, };

/**
 * What a period takes, as far as receivables are concerned.
 */
export type PeriodState = "open" | "soft_closed" | "others_locked" | "locked" | "closed" | "not_known";

/**
 * Whose periods.
 */
export type PeriodsRequest = { 
/**
 * Only of this entity.
 */
entity: string | null, };

/**
 * The three periods of a document, labelled alike on every screen. Names of periods (`2026-10`).
 */
export type PeriodsView = { 
/**
 * The document's own period: the one that holds its date. `None` where there is no document.
 */
own: string | null, 
/**
 * Where it belongs for the tie-out: its own, or the first that was open when it arrived.
 */
belongs: string | null, 
/**
 * What it posts, or would post, into.
 */
posts_into: string | null, 
/**
 * In a sentence, where it does not go into its own period.
 */
says: string | null, };

/**
 * A person in a list.
 */
export type PersonView = { 
/**
 * The id.
 */
id: string, 
/**
 * The name.
 */
name: string, 
/**
 * The role.
 */
role: Role, 
/**
 * Their OS account, if they have their own.
 */
os_account: string | null, 
/**
 * False once they left.
 */
active: boolean, 
/**
 * keyring, passphrase, or not set yet.
 */
secret: string, 
/**
 * True while somebody else has to say that this is the person: until then their secret counts for
 * nothing.
 */
unconfirmed: boolean, 
/**
 * True where a restore started them anew: they set their secret with its code, from any OS account.
 */
restored: boolean, 
/**
 * Whether the acting person may change their role or take them off the desk, and confirm them where that
 * is to be done. Empty in the answer to such a change.
 */
actions: Array<ActionView>, 
/**
 * The one-time code with which they set their secret, told once, when they are added without one.
 */
enrolment_code?: string, };

/**
 * What a file dialog is for.
 */
export type PickPurpose = "open_workspace" | "new_workspace" | "backup" | "restore" | "import" | "export_csv" | "export_xlsx" | "view" | "save_view";

/**
 * A file to choose.
 */
export type PickRequest = { 
/**
 * What for.
 */
purpose: PickPurpose, 
/**
 * A name to begin with.
 */
suggested: string | null, };

/**
 * The file that was chosen.
 */
export type Picked = { 
/**
 * Where it is; nothing when none was chosen.
 */
path: string | null, };

/**
 * Which of the proof.
 */
export type PopulationRequest = { 
/**
 * Only this entity.
 */
entity: string | null, 
/**
 * Only this period.
 */
period: string | null, 
/**
 * Only this account.
 */
account: string | null, };

/**
 * One account of one entity in one period: opening and what moved are the closing, and what moved was read.
 * Functional currency, debit-positive, major units. What is not listed is not proven.
 */
export type PopulationView = { 
/**
 * The name of the ERP's connection.
 */
connection: string, 
/**
 * The entity, by its code, or the ERP's id of one that no mapping names.
 */
entity: string, 
/**
 * The account.
 */
account: string, 
/**
 * What the ERP calls it, where its chart was read.
 */
account_name: string | null, 
/**
 * The period.
 */
period: string, 
/**
 * The functional currency.
 */
currency: string, 
/**
 * What the ERP says earlier periods left.
 */
opening: string, 
/**
 * What the ERP says was debited.
 */
debits: string, 
/**
 * What the ERP says was credited, positive.
 */
credits: string, 
/**
 * What the ERP says the period left.
 */
closing: string, 
/**
 * The sum of what was read of booked entries.
 */
read: string, 
/**
 * What the ERP has and was not read.
 */
gap: string, 
/**
 * True where nothing is missing.
 */
whole: boolean, };

/**
 * What to send.
 */
export type PostRequest = { 
/**
 * Only to this connection.
 */
connection: string | null, 
/**
 * How long to go on with what has to be tried or looked up again, in seconds.
 */
wait_seconds: number, };

/**
 * What became of one connection's outbox.
 */
export type PostView = { 
/**
 * The connection's name.
 */
connection: string, 
/**
 * Postings that the ERP booked during this run, by its own read-back.
 */
booked: number, 
/**
 * Postings that stand refused by the ERP or a rule.
 */
refused: number, 
/**
 * Postings whose outcome is not known yet.
 */
in_doubt: number, 
/**
 * Postings that wait for their turn, a retry or an approval in the ERP.
 */
waiting: number, 
/**
 * Postings that were tried as often as allowed.
 */
dead_letter: number, 
/**
 * Why the worker could not run, if it could not.
 */
code?: Code, 
/**
 * In words.
 */
message: string, };

/**
 * Everything about one posting.
 */
export type PostingDetail = { 
/**
 * The posting.
 */
posting: PostingView, 
/**
 * Its attempts, in order.
 */
attempts: Array<AttemptView>, 
/**
 * Attempts begun.
 */
tries: number, 
/**
 * Look-ups since its outcome became unknown.
 */
lookups: number, 
/**
 * Since when its outcome is unknown.
 */
doubt_since: string | null, 
/**
 * When it is tried or looked up next.
 */
next_try_at: string | null, 
/**
 * References of postings that must be booked first.
 */
waits_for: Array<string>, 
/**
 * What may be done with it now.
 */
actions: Array<ActionView>, };

/**
 * A posting in a list.
 */
export type PostingRow = { 
/**
 * Its id.
 */
id: string, 
/**
 * The exception that it settles.
 */
exception: string, 
/**
 * The document's reference.
 */
reference: string, 
/**
 * Where it stands.
 */
state: PostingState, 
/**
 * The ERP connection's name.
 */
connection: string, 
/**
 * Where it comes from.
 */
origin: string, 
/**
 * Who prepared it.
 */
preparer: string | null, 
/**
 * Who approved this content.
 */
approved_by: Array<string>, 
/**
 * Whether the policy let it go, which asked for nobody's approval.
 */
released_by_policy: boolean, 
/**
 * The control amount in major units.
 */
amount: string, 
/**
 * Its currency.
 */
currency: string, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The period.
 */
period: string, 
/**
 * Attempts begun.
 */
tries: number, 
/**
 * When it is tried or looked up next.
 */
next_try_at: string | null, 
/**
 * Why it stands still.
 */
failure: string | null, 
/**
 * When it was proposed.
 */
proposed_at: string, };

/** Closed: PostingState. */
export type PostingState = "proposed" | "queued" | "sending" | "in_doubt" | "booked" | "settled" | "refused" | "dead_letter" | "rejected" | "cancelled";

/**
 * A posting: what will happen or happened, and who decided.
 */
export type PostingView = { 
/**
 * Its id.
 */
id: string, 
/**
 * The exception that it settles.
 */
exception: string, 
/**
 * The document's reference.
 */
reference: string, 
/**
 * proposed, queued, sending, in_doubt, booked, settled, refused, dead_letter, rejected or cancelled.
 */
state: PostingState, 
/**
 * The ERP connection's name.
 */
connection: string, 
/**
 * manual, policy, reroute, reversal or correction.
 */
origin: string, 
/**
 * Content version.
 */
version: number, 
/**
 * What decisions are bound to.
 */
content_hash: string, 
/**
 * Who prepared it.
 */
preparer: string | null, 
/**
 * Who approved this content.
 */
approved_by: Array<string>, 
/**
 * Whether the policy let it go, which asked for nobody's approval.
 */
released_by_policy: boolean, 
/**
 * The rule of the policy that did, in its own words.
 */
released_by_rule: string | null, 
/**
 * Approvals that the policy asks for: none, one or two.
 */
approvals_needed: string, 
/**
 * Why, in a person's words.
 */
reason: string | null, 
/**
 * The same in major units.
 */
amount: string, 
/**
 * The transaction currency.
 */
currency: string, 
/**
 * Why it stands still, where it failed: the ERP's own words.
 */
failure: string | null, 
/**
 * The code of that failure.
 */
failure_code: string | null, 
/**
 * When it was proposed.
 */
proposed_at: string, 
/**
 * Its document's own period, where it belongs, and what it posts into.
 */
periods: PeriodsView, 
/**
 * The steps.
 */
steps: Array<StepView>, };

/**
 * A window of postings, newest first.
 */
export type PostingsPage = { 
/**
 * How many the filters leave.
 */
total: number, 
/**
 * The first one's place.
 */
start: number, 
/**
 * The postings.
 */
rows: Array<PostingRow>, 
/**
 * How many there are in each state, whatever state was asked for.
 */
states: Array<StateCount>, };

/**
 * Which postings.
 */
export type PostingsRequest = { 
/**
 * In this state.
 */
state: PostingState | null, 
/**
 * To this connection, by name or id.
 */
connection: string | null, 
/**
 * Containing this.
 */
search: string | null, 
/**
 * The first one's place in the list.
 */
start: number, 
/**
 * At most so many.
 */
limit: number, };

/**
 * What a dry run shows: the exact entry, its place, the checks, and what the ERP already holds.
 */
export type Preview = { 
/**
 * The steps, as they would be sent.
 */
steps: Array<StepView>, 
/**
 * The document's own period, where it belongs, and what this posts into.
 */
periods: PeriodsView, 
/**
 * Each check with its result.
 */
checks: Array<CheckView>, 
/**
 * What the ERP already holds for the reference or the keys.
 */
already_held: Array<HeldView>, 
/**
 * When the ERP was asked; `None` if it was not.
 */
looked_up_at: string | null, };

/**
 * A request that would act, to be previewed: the same, with the name of its command as `action`.
 */
export type PreviewRequest = { "action": "propose" } & ProposeRequest | { "action": "reroute" } & RerouteRequest | { "action": "replay" } & ManyRequest | { "action": "finish" } & FinishRequest | { "action": "take_back" } & HalfBookedRequest | { "action": "reverse" } & ReverseRequest;

/**
 * Event `progress`.
 */
export type ProgressEvent = { 
/**
 * The job, as the caller named it.
 */
job: string, 
/**
 * What is being done.
 */
what: string, 
/**
 * How much of it is done.
 */
done: number, 
/**
 * Out of how much, where that is known.
 */
total: number | null, };

/**
 * Exceptions to prepare postings for.
 */
export type ProposeRequest = { 
/**
 * The exceptions.
 */
ids: Array<string>, 
/**
 * Why, in a person's words.
 */
reason: string | null, };

/**
 * What a queue holds.
 */
export type QueueCount = { 
/**
 * Its stable name.
 */
queue: string, 
/**
 * Its name.
 */
name: string, 
/**
 * What it lists, in a sentence.
 */
about: string, 
/**
 * Open exceptions.
 */
count: number, 
/**
 * Those past their time.
 */
overdue: number, };

/**
 * Everything that stands beside the queues.
 */
export type QueueCounts = { 
/**
 * The queues.
 */
queues: Array<QueueCount>, 
/**
 * Open exceptions, each counted once: two queues may list one.
 */
open: number, 
/**
 * Those past their time.
 */
overdue: number, 
/**
 * Open exceptions of the person who asks.
 */
assigned: number, 
/**
 * Those past their time.
 */
assigned_overdue: number, 
/**
 * Open exceptions whose posting waits for an approval.
 */
waiting_approval: number, 
/**
 * Open exceptions whose posting is in doubt.
 */
in_doubt: number, 
/**
 * Legal entities.
 */
entities: Array<string>, 
/**
 * Periods, the newest first.
 */
periods: Array<string>, 
/**
 * Currencies.
 */
currencies: Array<string>, 
/**
 * Kinds.
 */
kinds: Array<KindName>, 
/**
 * When detection last judged; none before the first time.
 */
checked_at: string | null, 
/**
 * Documents that were looked at.
 */
documents: number, 
/**
 * Entries that were looked at.
 */
entries: number, };

/**
 * How much of the vendor's allowance a connection uses.
 */
export type RateView = { 
/**
 * Percent of the allowed rate in use now; `None` before the first call of this run.
 */
share_percent: number | null, 
/**
 * Calls under way.
 */
in_flight: number, 
/**
 * Nothing is sent before this, because the vendor asked for it.
 */
blocked_until: string | null, 
/**
 * What is allowed, in words.
 */
allowed: string, };

/**
 * A file with a view.
 */
export type ReadViewRequest = { 
/**
 * The file.
 */
path: string, };

/**
 * A workspace that was open here.
 */
export type RecentWorkspace = { 
/**
 * The file.
 */
path: string, 
/**
 * Its name when it was last open.
 */
name: string, 
/**
 * When it was last opened, UTC.
 */
opened_at: string, 
/**
 * True when the file is not there now.
 */
missing: boolean, };

/**
 * A rejected row or item, as a command answers it.
 */
export type RejectionView = { 
/**
 * The stable code.
 */
code: string, 
/**
 * Where.
 */
place: string, 
/**
 * What is wrong and what to do.
 */
message: string, };

/**
 * A posting placed elsewhere.
 */
export type RerouteRequest = { 
/**
 * Postings, or exceptions that have one or could have one.
 */
ids: Array<string>, 
/**
 * Book under this date.
 */
date: string | null, 
/**
 * Book into this period.
 */
period: string | null, 
/**
 * Book on other accounts, old to new.
 */
accounts: { [key in string]: string }, 
/**
 * The right entity, where the derived one is wrong.
 */
entity: string | null, 
/**
 * The corrected mapping file that derives it.
 */
mapping: string | null, 
/**
 * Why.
 */
reason: string, };

/**
 * How far one resource of a connection has been read.
 */
export type ResourceView = { 
/**
 * The resource.
 */
resource: string, 
/**
 * Everything up to this instant has been seen.
 */
complete_through: string | null, 
/**
 * The cursor from which the next sync starts, as the vendor's lists understand it.
 */
resume: string | null, 
/**
 * From when on the next sync reads what changed, where the cursor says an instant.
 */
since: string | null, 
/**
 * The same where it says a time of the vendor's own account, as the vendor writes it.
 */
since_there: string | null, 
/**
 * When the scan began that stopped before its end and goes on with the next sync.
 */
scanning_since: string | null, 
/**
 * When it was last tried.
 */
last_attempt_at: string | null, 
/**
 * Items that its kept pages listed.
 */
items: number, 
/**
 * Pages that are kept as evidence.
 */
pages: number, 
/**
 * Items kept aside because they cannot be read.
 */
rejected: number, 
/**
 * The vendor's API version, as its newest page says it.
 */
api_version: string | null, 
/**
 * The stable code of the last failure.
 */
error_code: string | null, 
/**
 * What last went wrong, in the vendor's own words.
 */
error: string | null, 
/**
 * What to do about it.
 */
advice: string | null, };

/**
 * A backup to make a workspace of.
 */
export type RestoreRequest = { 
/**
 * The backup.
 */
backup: string, 
/**
 * The workspace file to make.
 */
path: string, 
/**
 * The recovery passphrase that it was written with.
 */
recovery_passphrase: SecretText, 
/**
 * Where the secrets are kept here.
 */
backend: Backend, 
/**
 * The vault's new passphrase.
 */
passphrase: SecretText | null, };

/**
 * What a restore made.
 */
export type Restored = { 
/**
 * The workspace file.
 */
workspace: string, 
/**
 * Its id.
 */
id: string, 
/**
 * keyring or vault.
 */
secrets: string, 
/**
 * How many entries the backup's log has.
 */
entries: number, 
/**
 * With which code each person sets a new secret, told once. It counts once somebody else has confirmed
 * them. Nobody has one where the log does not hold.
 */
enrolment_codes: Array<EnrolmentCode>, 
/**
 * What is not as it should be, each in a sentence.
 */
faults: Array<string>, };

/**
 * How things stand after a restore, and what it made.
 */
export type RestoredState = { 
/**
 * How things stand: the restored workspace is open.
 */
app: AppState, 
/**
 * The codes with which its people start anew, told once, and what was found.
 */
restored: Restored, };

/**
 * Booked postings (or exceptions whose entries are booked) to undo.
 */
export type ReverseRequest = { 
/**
 * Postings or exceptions.
 */
ids: Array<string>, 
/**
 * Why.
 */
reason: string, };

/** Closed: Role. */
export type Role = "analyst" | "controller" | "administrator" | "auditor";

/**
 * A person and their new role.
 */
export type RoleRequest = { 
/**
 * Name or id.
 */
person: string, 
/**
 * analyst, controller, administrator or auditor.
 */
role: Role, };

/**
 * New credentials of a connection.
 */
export type RotateRequest = { 
/**
 * The connection's id or name.
 */
id: string, 
/**
 * All its credentials by the name of their field.
 */
credentials: { [key in string]: SecretText }, };

/**
 * A view to be saved.
 */
export type SaveViewRequest = { 
/**
 * The one it takes the place of; a new one without.
 */
id: string | null, 
/**
 * What people call it.
 */
name: string, 
/**
 * Which exceptions, and in which order.
 */
query: ExceptionQuery, 
/**
 * By what it is put into groups.
 */
group_by: GroupBy | null, 
/**
 * Its columns.
 */
columns: Array<string>, };

/**
 * A saved view.
 */
export type SavedView = { 
/**
 * Its id.
 */
id: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * Which exceptions, and in which order.
 */
query: ExceptionQuery, 
/**
 * By what it is put into groups.
 */
group_by: GroupBy | null, 
/**
 * Its columns.
 */
columns: Array<string>, 
/**
 * How many exceptions it holds now; none where that cannot be said.
 */
count: number | null, };

/**
 * Who sits at the desk.
 */
export type Seat = { 
/**
 * The person's id.
 */
id: string, 
/**
 * The person's name.
 */
name: string, 
/**
 * analyst, controller, administrator or auditor.
 */
role: Role, 
/**
 * keyring, passphrase, or not set yet.
 */
secret: string, 
/**
 * True while their own key is unlocked: decisions then need nothing more until the desk locks.
 */
unlocked: boolean, };

/**
 * A person who takes the seat.
 */
export type SeatRequest = { 
/**
 * Name or id.
 */
person: string, 
/**
 * Their own passphrase; without it they read, and are asked at their first decision.
 */
passphrase: SecretText | null, 
/**
 * The one-time code, where they set their passphrase now.
 */
enrolment_code: SecretText | null, 
/**
 * The passphrase that they set now.
 */
new_passphrase: SecretText | null, };

/**
 * A passphrase or credential in a request. It is wiped when dropped, prints as `…`, and cannot be
 * serialised.
 */
export type SecretText = string;

/**
 * What a person picked: some rows, or all of a view but some.
 */
export type Selection = { 
/**
 * Their ids.
 */
ids: Array<string>, } | { 
/**
 * The query.
 */
query: ExceptionQuery, 
/**
 * The ids of those that were taken out.
 */
except: Array<string>, };

/**
 * Which selection.
 */
export type SelectionRequest = { 
/**
 * The selection.
 */
selection: Selection, };

/**
 * A selection as a whole.
 */
export type SelectionSummary = { 
/**
 * How many.
 */
count: number, 
/**
 * Their amounts by currency.
 */
sums: Array<Sum>, };

/**
 * How the desk looks and behaves for the user of this machine.
 */
export type Settings = { 
/**
 * The colours.
 */
theme: Theme, 
/**
 * Percent, 80 to 150.
 */
text_size: number, 
/**
 * The height of rows.
 */
density: Density, 
/**
 * BCP 47 tag whose separators numbers have, whatever the language; empty follows the system.
 */
number_format: string, 
/**
 * How an amount below zero looks.
 */
negative: Negative, 
/**
 * How a date looks.
 */
date_format: DateFormat, 
/**
 * Minutes without input after which the desk locks; 0 is never.
 */
lock_after_minutes: number, 
/**
 * Whether the operating system tells what is newly yours or overdue.
 */
notifications: boolean, 
/**
 * Remapped shortcuts: action to key (`p`, `shift+a`, `mod+k`).
 */
shortcuts: { [key in string]: string }, };

/**
 * Settles items that wait to be read.
 */
export type SettleRequest = { 
/**
 * The connection's name.
 */
connection: string, 
/**
 * The items; empty: all that wait.
 */
ids: Array<number>, 
/**
 * Why nothing more is to come of them.
 */
reason: string, };

/**
 * What became of it.
 */
export type SettledView = { 
/**
 * How many were settled.
 */
settled: number, 
/**
 * The same in words.
 */
message: string, };

/** Closed: Severity. */
export type Severity = "low" | "medium" | "high" | "critical";

/**
 * Everything about one exception.
 */
export type ShowView = { 
/**
 * The exception itself; its `why` is the sentence.
 */
exception: ExceptionView, 
/**
 * Billing's side.
 */
billing: DocumentView | null, 
/**
 * The ledger's side.
 */
ledger: Array<HeldView>, 
/**
 * Postings that settle it, newest last.
 */
postings: Array<PostingView>, 
/**
 * Its document's own period, where it belongs, and what it posts, or would post, into.
 */
periods: PeriodsView, 
/**
 * Its history, oldest first.
 */
history: Array<EventView>, };

/**
 * Which cells are worth a look.
 */
export type Shown = "variance" | "unexplained";

/**
 * One key of an order.
 */
export type SortKey = { 
/**
 * By this: due, opened, document, customer …
 */
column: "due" | "opened" | "document" | "customer" | "entity" | "period" | "dated" | "amount" | "variance" | "severity" | "kind" | "state" | "owner" | "assignee", 
/**
 * The greatest first.
 */
descending: boolean, };

/** Closed: StateAsked. */
export type StateAsked = "open" | "in_progress" | "on_hold" | "dismissed" | "closed" | "all";

/**
 * How many postings are in one state.
 */
export type StateCount = { 
/**
 * The state.
 */
state: PostingState, 
/**
 * How many.
 */
count: number, };

/**
 * One step of a posting.
 */
export type StepView = { 
/**
 * Position, from 1.
 */
number: number, 
/**
 * The key under which the ERP holds it.
 */
key: string, 
/**
 * The ERP's id of the entry that it undoes.
 */
reverses: string | null, 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The ERP's id of the entity's company, in which it is booked.
 */
entity_erp_id: string | null, 
/**
 * The customer that it names; `None` where it names nobody.
 */
customer: CustomerView | null, 
/**
 * What the connection's options add to what is sent, by the option's name.
 */
options: { [key in string]: string }, 
/**
 * The document's own date.
 */
document_date: string, 
/**
 * The date under which it is booked.
 */
posting_date: string, 
/**
 * The period into which it is booked.
 */
period: string, 
/**
 * What it takes.
 */
period_state: PeriodState, 
/**
 * The ERP's id of what it booked, once read back.
 */
erp_id: string | null, 
/**
 * The entry.
 */
lines: Array<LineView>, 
/**
 * All debits in `currency`, major units.
 */
debit_total: string, 
/**
 * All credits in `currency`, major units.
 */
credit_total: string, 
/**
 * The entity's functional currency, in which the totals are.
 */
currency: string, };

/**
 * Exceptions of one currency: how many, and their amount together as exact decimal text.
 */
export type Sum = { 
/**
 * The currency.
 */
currency: string, 
/**
 * How many.
 */
count: number, 
/**
 * Major units.
 */
amount: string, };

/**
 * What to sync.
 */
export type SyncRequest = { 
/**
 * Only this connection.
 */
connection: string | null, 
/**
 * Judge what is due as of this instant or date.
 */
as_of: string | null, 
/**
 * Read everything again.
 */
full: boolean, };

/** Closed: SyncState. */
export type SyncState = "complete" | "failed" | "cancelled";

/**
 * What became of one resource of one connection.
 */
export type SyncView = { 
/**
 * The connection's name.
 */
connection: string, 
/**
 * The resource.
 */
resource: string, 
/**
 * Pages read.
 */
pages: number, 
/**
 * Items read.
 */
items: number, 
/**
 * Items kept aside because they could not be read.
 */
rejected: number, 
/**
 * Items that are no longer there.
 */
removed: number, 
/**
 * complete, failed or cancelled.
 */
state: SyncState, 
/**
 * The failure's code.
 */
code?: string, 
/**
 * The vendor's own words.
 */
message: string, };

/** Closed: SystemRole. */
export type SystemRole = "billing" | "erp";

/**
 * The colours of the window.
 */
export type Theme = "system" | "light" | "dark" | "contrast";

/**
 * Which cells.
 */
export type TieOutRequest = { 
/**
 * Only this entity.
 */
entity: string | null, 
/**
 * Only this period.
 */
period: string | null, 
/**
 * Only this account.
 */
account: string | null, 
/**
 * Only this currency.
 */
currency: string | null, 
/**
 * Only where this is not zero: variance, or unexplained.
 */
show: Shown | null, 
/**
 * Detect first, as of this instant or date; without it the state as last detected is shown.
 */
as_of: string | null, };

/**
 * One cell of the tie-out, debit-positive.
 */
export type TieOutView = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The currency; no total adds two.
 */
currency: string, 
/**
 * The period.
 */
period: string, 
/**
 * The account.
 */
account: string, 
/**
 * What the ERP calls it, where its chart was read.
 */
account_name: string | null, 
/**
 * Open exceptions that touch this cell.
 */
open_exceptions: number, 
/**
 * The billing total in major units.
 */
billing: string, 
/**
 * The ledger total in major units.
 */
ledger: string, 
/**
 * The variance in major units.
 */
variance: string, 
/**
 * The unexplained part in major units.
 */
unexplained: string, 
/**
 * The corrections in major units.
 */
corrections: string, 
/**
 * What settles documents in the ledger and billing does not know (receipts that the ERP is the master
 * of), in major units.
 */
settled: string, 
/**
 * The explained part in major units.
 */
explained: string, 
/**
 * The part on its way in major units.
 */
in_transit: string, };

/**
 * One stage of a document's way.
 */
export type TrailStep = { 
/**
 * usage, contract, invoice, posting, journal or payment.
 */
stage: "usage" | "contract" | "invoice" | "posting" | "journal" | "payment", 
/**
 * What it is called.
 */
label: string, 
/**
 * What is there, in a few words.
 */
text: string | null, 
/**
 * When.
 */
at: string | null, 
/**
 * done, trouble or missing.
 */
state: "done" | "trouble" | "missing", };

/**
 * Whether two different people can prepare and approve here.
 */
export type TwoPeople = { 
/**
 * Who is lacking, as a sentence; nothing when nobody is.
 */
lacks: string | null, };

/**
 * The desk to unlock.
 */
export type UnlockRequest = { 
/**
 * The vault's passphrase; with the keyring, the seated person's own where they have one.
 */
passphrase: SecretText | null, };

/**
 * Billing against the ledger on the control accounts.
 */
export type VarianceCell = { 
/**
 * The legal entity.
 */
entity: string, 
/**
 * The currency.
 */
currency: string, 
/**
 * The period.
 */
period: string, 
/**
 * What billing says, major units.
 */
billing: string, 
/**
 * What was corrected: in the ledger, and cancelling out over periods.
 */
corrections: string, 
/**
 * What settles documents in the ledger and billing does not know.
 */
settled: string, 
/**
 * What the ledger holds.
 */
ledger: string, 
/**
 * Ledger minus billing, corrections and what is settled.
 */
variance: string, 
/**
 * What nothing explains.
 */
unexplained: string, 
/**
 * Share of the largest absolute variance of its currency, 0 to 1000, for drawing.
 */
weight: number, };

/**
 * One field of a vendor's form: a setting, or a credential.
 */
export type VendorField = { 
/**
 * The setting's or credential's name.
 */
name: string, 
/**
 * What the form calls it.
 */
label: string, 
/**
 * Where to find it, and what it is for.
 */
help: string, 
/**
 * True for a credential: it goes to the secrets and is never shown again.
 */
secret: boolean, 
/**
 * True where the connection cannot do without it.
 */
required: boolean, 
/**
 * What it is where nothing is given.
 */
default: string | null, 
/**
 * The only possible values, where there are few.
 */
choices: Array<string>, 
/**
 * With what it goes: it is neither asked for nor taken where another field has another value. With that
 * value a credential is required.
 */
with: FieldValue | null, };

/**
 * A vendor, and the form that connects it.
 */
export type VendorView = { 
/**
 * The stable name that `connection_add` takes.
 */
vendor: string, 
/**
 * Its name.
 */
name: string, 
/**
 * billing or erp.
 */
role: SystemRole, 
/**
 * What address is needed.
 */
url_help: string, 
/**
 * The usual address, where there is one.
 */
url_default: string | null, 
/**
 * The fields, in the order of the form.
 */
fields: Array<VendorField>, 
/**
 * Against what this adapter has been checked, and against what it has not.
 */
checked_against: string, };

/**
 * What `verify` found.
 */
export type Verified = { 
/**
 * True when everything holds.
 */
sound: boolean, 
/**
 * Entries of the log.
 */
entries: number, 
/**
 * Signed ones among them.
 */
signed: number, 
/**
 * The number up to which the log agrees with the anchor kept with the secrets.
 */
anchored_to: number | null, 
/**
 * The key with which this workspace signs its exports, hex: what `review` tells of one should be the
 * same.
 */
export_key: string, 
/**
 * What does not hold, each in a sentence.
 */
faults: Array<string>, };

/**
 * A view, and the file it goes to.
 */
export type ViewFileRequest = { 
/**
 * The view.
 */
id: string, 
/**
 * The file.
 */
path: string, };

/**
 * A view as a whole.
 */
export type ViewSummary = { 
/**
 * How many exceptions.
 */
total: number, 
/**
 * How many of them are open and past their time.
 */
overdue: number, 
/**
 * Their amounts by currency.
 */
sums: Array<Sum>, 
/**
 * Changes whenever rows may have moved.
 */
generation: number, };

/**
 * What is done.
 */
export type Work = { "assign": string } | { "comment": string } | { "hold": string } | "release" | { "dismiss": string };

/**
 * Something that is done with exceptions as such.
 */
export type WorkRequest = { 
/**
 * The exceptions.
 */
ids: Array<string>, 
/**
 * What is done.
 */
work: Work, };

/**
 * The workspace on the desk.
 */
export type WorkspaceState = { 
/**
 * The file.
 */
path: string, 
/**
 * Its name.
 */
name: string, 
/**
 * True for the simulated company: only there one may be each person.
 */
demo: boolean, 
/**
 * keyring or vault.
 */
secrets: string, 
/**
 * True while the desk is locked: then its name is all that is told.
 */
locked: boolean, 
/**
 * Who sits at the desk; nobody where no person belongs to this OS account and nobody took the seat.
 */
seat: Seat | null, 
/**
 * What they may do with the workspace as a whole: manage_people, manage_connections,
 * import_files. Empty while locked.
 */
actions: Array<ActionView>, };
