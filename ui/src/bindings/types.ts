// The boundary, as generated from crates/desk (cargo xtask bindings). Money is a decimal string beside its
// currency; instants are RFC 3339 in UTC; dates are YYYY-MM-DD. Nothing here is parsed for a meaning.

export type DeskError = { code: string; message: string; rule?: string; who_could?: string[]; args?: Record<string, string> };
export type Nothing = Record<string, never>;
/** An amount: major units as exact decimal text. */
export type Sum = { currency: string; count: number; amount: string };

// ── the desk itself: no open workspace is needed ──────────────────────────────────────────────────────────
export type Seat = {
  id: string; name: string; role: string;
  /** keyring, passphrase, or not set yet */
  secret: string;
  /** Their key is unlocked until the desk locks: decisions need nothing more. */
  unlocked: boolean;
};
export type WorkspaceState = {
  path: string; name: string; demo: boolean;
  /** keyring or vault */
  secrets: string;
  locked: boolean;
  /** Who acts; null where no person belongs to this OS account and nobody took a seat. */
  seat: Seat | null;
};
export type RecentWorkspace = { path: string; name: string; opened_at: string; missing: boolean };
export type AppState = {
  version: string;
  workspace: WorkspaceState | null;
  recent: RecentWorkspace[];
  settings: Settings;
  /** False with the reason where no keyring answers; then only a vault can be chosen. */
  keyring: { available: boolean; message: string };
  /** A deep link or file that the app was started with and that waits for an open workspace. */
  pending: string | null;
};
export type Settings = {
  theme: "system" | "light" | "dark" | "contrast";
  /** Percent, 80 to 150. */
  text_size: number;
  density: "compact" | "standard" | "comfortable";
  /** BCP 47 tag whose separators numbers are shown with, independent of language; "" follows the system. */
  number_format: string;
  /** "parentheses" or "minus" */
  negative: string;
  /** "d MMM yyyy", "yyyy-MM-dd", "dd/MM/yyyy", "MM/dd/yyyy" */
  date_format: string;
  /** Minutes without input after which the desk locks; 0 never. */
  lock_after_minutes: number;
  notifications: boolean;
  /** Remapped shortcuts, action id → key ("p", "shift+a", "mod+k"). */
  shortcuts: Record<string, string>;
};
export type CreateWorkspaceRequest = { path: string; name: string; backend: "keyring" | "vault"; passphrase: string | null };
export type OpenWorkspaceRequest = { path: string; passphrase: string | null };
export type UnlockRequest = { passphrase: string | null };
export type SeatRequest = { person: string; passphrase: string | null; enrolment_code: string | null; new_passphrase: string | null };
export type BackupRequest = { path: string; passphrase: string };
export type RestoreRequest = { backup: string; path: string; recovery_passphrase: string; backend: "keyring" | "vault"; passphrase: string | null };
/** What the file dialog is for; the desk knows the filters. */
export type PickRequest = { purpose: "open_workspace" | "new_workspace" | "backup" | "restore" | "import" | "export_csv" | "export_xlsx" | "view" | "save_view"; suggested: string | null };
export type Picked = { path: string | null };
export type JobRequest = { job: string };

// ── exceptions ────────────────────────────────────────────────────────────────────────────────────────────
export type SortKey = { column: "due" | "opened" | "document" | "customer" | "entity" | "period" | "dated" | "amount" | "variance" | "severity" | "kind" | "state" | "owner" | "assignee"; descending: boolean };
export type GroupBy = "cause" | "customer" | "entity";
export type ExceptionQuery = {
  queue: string | null;
  kinds: string[];
  entity: string | null;
  period: string | null;
  /** open, one state, or all */
  state: string;
  /** A person's id, "me", "nobody", or null for anyone. */
  assignee: string | null;
  owner: string | null;
  severity: string[];
  overdue: boolean;
  currency: string | null;
  /** Decimal text; absolute amount at least, together with `currency`. */
  amount_from: string | null;
  /** A posting waits for an approval ("approval"), is in doubt ("in_doubt"). */
  waiting: "approval" | "in_doubt" | null;
  customer: string | null;
  group: string | null;
  /** Only the items of this flow, by its stable name. */
  flow: string | null;
  /** Age since it was opened in whole days, at least and less than: as Overview.ageing counts it. */
  age_from_days: number | null;
  age_to_days: number | null;
  search: string | null;
  sort: SortKey[];
};
export type ExceptionView = {
  id: string; kind: string; kind_name: string; queue: string; queues: string[]; group: string;
  external_ref: string; document: string | null; customer: string | null;
  entity: string | null; period: string | null; dated: string | null;
  currency: string; amount: string; variance: string;
  severity: string; owner: string; assignee: string | null;
  opened_at: string; due_at: string; overdue: boolean; state: string; why: string;
  /** What is in the way, in two or three words ("AR locked", "Mapping missing", "Behind INV-1"). */
  in_the_way: string;
};
export type QueueCount = { queue: string; name: string; count: number; overdue: number };
export type QueueCounts = {
  queues: QueueCount[];
  assigned: number; assigned_overdue: number;
  waiting_approval: number; in_doubt: number;
  entities: string[]; periods: string[]; currencies: string[]; kinds: { kind: string; name: string }[];
  /** When detection last ran; null before the first time. */
  checked_at: string | null;
  /** What was looked at: documents and entries. */
  documents: number; entries: number;
};
export type CountsRequest = { entity: string | null; period: string | null };
export type ViewSummary = {
  total: number; overdue: number; sums: Sum[];
  /** Changes whenever rows may have moved; send it back with pages. */
  generation: number;
};
export type ViewRequest = { query: ExceptionQuery };
export type PageRequest = { query: ExceptionQuery; start: number; limit: number };
export type ExceptionPage = { start: number; rows: ExceptionView[]; generation: number };
export type GroupsRequest = { query: ExceptionQuery; by: GroupBy };
export type GroupView = { key: string; label: string; owner: string | null; count: number; sums: Sum[]; due_at: string | null };
export type GroupsView = { by: GroupBy; groups: GroupView[]; /** Groups beyond the limit that are not listed. */ more: number; generation: number };
/** Where a row stands in a view; null where it is not in it. */
export type FindRequest = { query: ExceptionQuery; id: string };
export type Found = { index: number | null };
export type Selection = { ids: string[] } | { query: ExceptionQuery; except: string[] };
export type SelectionRequest = { selection: Selection };
export type SelectionSummary = { count: number; sums: Sum[] };
export type IdsRequest = { query: ExceptionQuery; start: number; limit: number };
export type Ids = { ids: string[] };
export type CopyRequest = { selection: Selection; columns: string[]; headings: boolean; /** plain numbers with a dot, no grouping */ raw: boolean };
export type Copied = { rows: number };
export type ExportRequest = { what: "exceptions" | "tie_out" | "postings" | "log"; query: ExceptionQuery | null; path: string; force: boolean };
export type Exported = { path: string; rows: number };

export type DocumentView = {
  id: string; connection: string; kind: string; external_id: string; reference: string; status: string;
  amount: string; currency: string; finalized_at: string | null; version: number; correlation: string;
  expected: { account: string; amount: string }[]; expected_period: string | null;
};
export type HeldView = { erp_id: string; number: string | null; external_id: string | null; status: string; entity: string; posting_date: string; period: string };
/** One line of billing against ledger. Texts are ready to show; `money` cells are decimal text in `currency`. */
export type CompareLine = { what: string; billing: string | null; ledger: string | null; differs: boolean; money: boolean };
export type Compare = { billing_name: string | null; ledger_name: string | null; currency: string; lines: CompareLine[] };
export type TrailStep = { stage: "usage" | "contract" | "invoice" | "posting" | "journal" | "payment"; label: string; text: string | null; at: string | null; state: "done" | "trouble" | "missing" };
export type EventView = { at: string; who: string; what: string; detail: string };
/** What may be done with it now, and for what may not, why and who could. */
export type ActionView = { action: string; allowed: boolean; code: string | null; message: string | null; rule: string | null; who_could: string[] };
export type LineView = { account: string; name: string | null; debit: string; credit: string; currency: string; memo: string };
export type StepView = { number: number; key: string; reverses: string | null; entity: string; document_date: string; posting_date: string; period: string; period_status: string; erp_id: string | null; lines: LineView[]; debit_total: string; credit_total: string; currency: string };
export type CheckView = { check: string; passed: boolean; found: string };
export type Preview = { steps: StepView[]; checks: CheckView[]; already_held: HeldView[]; /** When the ERP was asked; null if it was not. */ looked_up_at: string | null };
export type PostingView = {
  id: string; exception: string; reference: string; state: string; connection: string; origin: string;
  version: number; content_hash: string; preparer: string | null; approved_by: string[]; approvals_needed: string;
  reason: string | null; amount: string; currency: string; failure: string | null; failure_code: string | null;
  proposed_at: string; steps: StepView[];
};
export type ExceptionDetail = {
  exception: ExceptionView;
  /** A short title ("Invoice of 30 Oct arrived after AR closed for October") and one or two plain sentences. */
  title: string; sentence: string;
  trail: TrailStep[];
  compare: Compare;
  billing: DocumentView | null;
  ledger: HeldView[];
  /** The entry that would be booked, by the same code that proposes, without asking the ERP; or why there is none. */
  would_post: Preview | null; would_post_refusal: DeskError | null;
  postings: PostingView[];
  history: EventView[];
  actions: ActionView[];
};
export type PayloadRequest = { document: string };
export type Payload = { vendor: string; received_at: string; text: string };

export type Outcome = { id: string; result: "done" | "refused"; code: string; message: string; reference: string | null; posting?: string; rule?: string; who_could?: string[]; preview?: Preview };
export type Work = { assign: string } | { comment: string } | { hold: string } | "release" | { dismiss: string };
export type WorkRequest = { ids: string[]; work: Work; dry_run: boolean };
export type ProposeRequest = { ids: string[]; dry_run: boolean; reason: string | null };
export type DecideRequest = { ids: string[]; approve: boolean; reason: string | null; dry_run: boolean };
export type RerouteRequest = { ids: string[]; date: string | null; period: string | null; accounts: Record<string, string>; entity: string | null; mapping: string | null; reason: string; dry_run: boolean };
export type ManyRequest = { ids: string[]; dry_run: boolean };
export type ReverseRequest = { ids: string[]; reason: string; dry_run: boolean };
/** The whole batch before anything is done: never asks the ERP. */
export type BatchRequest =
  | { action: "propose"; ids: string[] } | { action: "approve"; ids: string[] } | { action: "reject"; ids: string[] }
  | { action: "reroute"; ids: string[]; date: string | null; period: string | null } | { action: "replay"; ids: string[] }
  | { action: "reverse"; ids: string[] } | { action: "assign"; ids: string[] } | { action: "comment"; ids: string[] }
  | { action: "hold"; ids: string[] } | { action: "release"; ids: string[] } | { action: "dismiss"; ids: string[] } | { action: "cancel"; ids: string[] };
export type BatchPeriod = { entity: string; period: string; status: string; sums: Sum[]; count: number };
export type BatchPreview = { action: string; count: number; sums: Sum[]; periods: BatchPeriod[]; refusals: Outcome[] };

export type OpenPeriod = { entity: string; key: string; starts: string; ends: string; status: string; accepts: boolean; says: string };
export type PeriodsRequest = { entity: string | null };

// ── work on connections, posting, imports ─────────────────────────────────────────────────────────────────
export type SyncRequest = { connection: string | null; as_of: string | null; full: boolean };
export type SyncView = { connection: string; resource: string; pages: number; items: number; rejected: number; state: string; code?: string; message: string };
export type PostRequest = { connection: string | null; wait_seconds: number };
export type PostView = { connection: string; booked: number; refused: number; in_doubt: number; waiting: number; dead_letter: number; code?: string; message: string };
export type VendorField = { name: string; label: string; help: string; secret: boolean; required: boolean; default: string | null; choices: string[] };
export type VendorView = { vendor: string; name: string; role: "billing" | "erp"; url_help: string; url_default: string | null; fields: VendorField[]; checked_against: string };
export type ResourceView = { resource: string; complete_through: string | null; last_attempt_at: string | null; items: number; pages: number; rejected: number; api_version: string | null; error_code: string | null; error: string | null; advice: string | null };
export type RateView = { /** percent of the allowed rate in use now; null before the first call of this run */ share_percent: number | null; in_flight: number; blocked_until: string | null; allowed: string };
export type ConnectionView = {
  id: string; name: string; vendor: string; role: string; mode: string; tenant: string; url: string; paused: boolean;
  complete_through: string | null; last_attempt_at: string | null; last_error: string | null; documents: number;
  resources: ResourceView[]; rate: RateView;
};
export type AddConnectionRequest = { name: string; vendor: string; url: string; mode: "test" | "live"; settings: Record<string, string>; credentials: Record<string, string> };
export type RotateRequest = { id: string; credentials: Record<string, string> };
export type PauseRequest = { id: string; paused: boolean };
export type AccountIdentity = { tenant: string; name: string | null; live: boolean };
export type OneRequest = { id: string };
export type ImportFileRequest = { file: string; map: string };
export type ImportPeriodsRequest = { file: string };
export type ImportChangeRequest = { file: string };
export type ImportView = { connection: string; items: number; rejected: number; message: string };
export type ChangeView = { id: string; kind: string; name: string; author: string; hash: string; state: string; imported_at: string; approved_by: string[]; needs: string };

// ── postings ──────────────────────────────────────────────────────────────────────────────────────────────
export type PostingsRequest = { state: string | null; connection: string | null; search: string | null; start: number; limit: number };
export type PostingRow = { id: string; exception: string; reference: string; state: string; connection: string; origin: string; preparer: string | null; approved_by: string[]; amount: string; currency: string; entity: string; period: string; tries: number; next_try_at: string | null; failure: string | null; proposed_at: string };
export type PostingsPage = { total: number; start: number; rows: PostingRow[]; states: { state: string; count: number }[] };
export type AttemptView = { number: number; step: number; action: string; key: string; started_at: string; finished_at: string | null; outcome: string | null; code: string | null; message: string | null; erp_id: string | null; request_id: string | null; transcript: string | null };
export type PostingDetail = { posting: PostingView; attempts: AttemptView[]; tries: number; lookups: number; doubt_since: string | null; next_try_at: string | null; waits_for: string[]; actions: ActionView[] };

// ── overview, tie-out ─────────────────────────────────────────────────────────────────────────────────────
export type FlowView = { flow: string; name: string; start: string; finish: string; sla_hours: number; done: number | null; in_time: number | null; late: number | null; /** open exceptions of its documents that are no mere lateness */ broken: number | null; note: string };
export type LagPoint = { day: string; p50_minutes: number; p95_minutes: number; count: number };
export type AgeBucket = { label: string; from_days: number; count: number; overdue: number; sums: Sum[] };
export type OwnerCount = { owner: string; name: string; assignee: string | null; count: number; overdue: number };
export type CloseCell = { entity: string; period: string; status: string; ar: string; gl: string; open: number; blocking: number; in_transit: number; ready: boolean; says: string };
export type VarianceCell = { entity: string; currency: string; period: string; billing: string; ledger: string; variance: string; unexplained: string; /** Share of the largest absolute variance of its currency, 0 to 1000, for drawing. */ weight: number };
export type Overview = { flows: FlowView[]; lag: LagPoint[]; lag_sla_minutes: number; ageing: AgeBucket[]; owners: OwnerCount[]; close: CloseCell[]; variance: VarianceCell[]; checked_at: string | null };
export type TieOutRequest = { entity: string | null; period: string | null; account: string | null; as_of: string | null };
export type TieOutView = { entity: string; currency: string; period: string; account: string; billing: string; corrections: string; ledger: string; variance: string; explained: string; in_transit: string; unexplained: string; open_exceptions: number };
export type CellRequest = { entity: string; currency: string; period: string; account: string; start: number; limit: number };
export type CellDocument = { reference: string; document: string | null; billing: string; ledger: string; variance: string; exception: string | null; kind: string | null };
export type CellDocuments = { total: number; start: number; rows: CellDocument[] };

// ── log, people, views ────────────────────────────────────────────────────────────────────────────────────
export type LogRequest = { actor: string | null; what: string | null; search: string | null; from: string | null; to: string | null; start: number; limit: number };
export type LogRow = { number: number; at: string; who: string; what: string; subject: string; detail: string; signed: boolean; hash: string };
export type LogPage = { total: number; start: number; rows: LogRow[]; whats: string[]; actors: { id: string; name: string }[] };
export type Verified = { sound: boolean; entries: number; signed: number; anchored_to: number | null; faults: string[] };
export type PersonView = { id: string; name: string; role: string; os_account: string | null; active: boolean; secret: string; enrolment_code?: string };
export type AddPersonRequest = { name: string; role: string; os_account: string | null; passphrase: string | null };
export type RoleRequest = { person: string; role: string };
export type SavedView = { id: string; name: string; query: ExceptionQuery; group_by: GroupBy | null; columns: string[]; count: number | null };
export type SaveViewRequest = { id: string | null; name: string; query: ExceptionQuery; group_by: GroupBy | null; columns: string[] };
export type ViewFileRequest = { id: string; path: string };
export type ReadViewRequest = { path: string };

// ── events ────────────────────────────────────────────────────────────────────────────────────────────────
/** Event "progress". */
export type ProgressEvent = { job: string; what: string; done: number; total: number | null };
/** Event "changed": something in the workspace changed; what is shown should be asked for again. */
export type ChangedEvent = { generation: number };
/** Event "desk": the desk was locked, opened, or a person took the seat; ask for app_state again. */
export type DeskEvent = { reason: "locked" | "opened" | "closed" | "seat" | "settings" };
/** Event "open": a deep link or file asks for something to be shown. */
export type OpenEvent = { exception: string | null; workspace: string | null };
