// Generated from crates/app by `cargo xtask bindings`; do not edit.
import type * as t from "./types";

/** Every command, with its request and its response. */
export type Commands = {
  /** Says how things stand; the page asks it once it listens. */
  app_state: [t.Nothing, t.AppState];
  /** Says how things stand, before the page listens: what waits to be shown goes on waiting. */
  app_glance: [t.Nothing, t.AppState];
  /** Keeps how the desk looks and behaves. */
  settings_set: [t.Settings, t.Settings];
  /** Makes the simulated company and opens its workspace. */
  demo_open: [t.Nothing, t.AppState];
  /** Makes a workspace and opens it. */
  workspace_create: [t.CreateWorkspaceRequest, t.AppState];
  /** Opens a workspace. */
  workspace_open: [t.OpenWorkspaceRequest, t.AppState];
  /** Puts the workspace away. */
  workspace_close: [t.Nothing, t.AppState];
  /** Makes a workspace of a backup and opens it; tells the codes with which people start anew. */
  restore: [t.RestoreRequest, t.RestoredState];
  /** Locks the desk. */
  lock: [t.Nothing, t.AppState];
  /** Unlocks the desk. */
  unlock: [t.UnlockRequest, t.AppState];
  /** Puts another person in front of the desk. */
  seat: [t.SeatRequest, t.AppState];
  /** Lets the user choose a file. */
  pick: [t.PickRequest, t.Picked];
  /** Asks long work to stop where it next can. */
  cancel_job: [t.JobRequest, null];
  /** Puts a selection onto the clipboard. */
  copy: [t.CopyRequest, t.Copied];
  /** Copies the workspace while it is in use. */
  backup: [t.BackupRequest, t.Picked];
  /** Says what the queues hold and what they can be filtered by. */
  queue_counts: [t.CountsRequest, t.QueueCounts];
  /** Opens a view: how much it holds, its groups and its first rows. */
  exception_open: [t.OpenViewRequest, t.OpenedView];
  /** Reads a window of a view. */
  exception_page: [t.PageRequest, t.ExceptionPage];
  /** Says where an exception stands in a view. */
  exception_find: [t.FindRequest, t.Found];
  /** Lists the ids of a view in its order. */
  exception_ids: [t.IdsRequest, t.Ids];
  /** Shows one exception whole, with what may be done now. */
  exception_detail: [t.OneRequest, t.ExceptionDetail];
  /** Counts and sums a selection. */
  selection_summary: [t.SelectionRequest, t.SelectionSummary];
  /** Shows a document as its vendor sent it. */
  payload: [t.PayloadRequest, t.Payload];
  /** Lists accounting periods. */
  periods: [t.PeriodsRequest, Array<t.OpenPeriod>];
  /** Says how the business flows, the queues and the close stand. */
  overview: [t.Nothing, t.Overview];
  /** Lists what is late of usage billing or of subscription amendments. */
  flow_late: [t.FlowLateRequest, t.FlowLate];
  /** Compares billing with the ledger per cell. */
  tie_out: [t.TieOutRequest, Array<t.TieOutView>];
  /** Holds what the ERPs themselves say of accounts against what was read. */
  population: [t.PopulationRequest, Array<t.PopulationView>];
  /** Lists the documents and entries of one cell. */
  tie_out_documents: [t.CellRequest, t.CellDocuments];
  /** Reads a window of the postings. */
  postings_page: [t.PostingsRequest, t.PostingsPage];
  /** Shows one posting whole, with every attempt. */
  posting_detail: [t.OneRequest, t.PostingDetail];
  /** Reads a window of the log, the newest first. */
  log_page: [t.LogRequest, t.LogPage];
  /** Checks the log, its anchor and the file. */
  verify: [t.Nothing, t.Verified];
  /** Lists people. */
  people: [t.Nothing, Array<t.PersonView>];
  /** Says who is lacking for one to prepare and another to approve. */
  two_people: [t.Nothing, t.TwoPeople];
  /** Lists connections with their last sync. */
  connections: [t.Nothing, Array<t.ConnectionView>];
  /** Lists what can be connected, and what each needs. */
  vendors: [t.Nothing, Array<t.VendorView>];
  /** Lists mappings and policies. */
  changes: [t.Nothing, Array<t.ChangeView>];
  /** Shows what a mapping or policy says, line by line against the one in force. */
  change_text: [t.OneRequest, t.ChangeText];
  /** Lists saved views. */
  saved_views: [t.Nothing, Array<t.SavedView>];
  /** Says whether an action on one or many may be done, and what its sums are: only judged. */
  may: [t.BatchRequest, t.BatchPreview];
  /** Shows what an action would book, and asks the ERP what it holds: nothing is stored. */
  preview: [t.PreviewRequest, Array<t.Outcome>];
  /** Looks for what fell due, and lists exceptions, each once. */
  exceptions: [t.ExceptionsRequest, Array<t.ExceptionView>];
  /** Looks for what fell due, and says how the five flows stand. */
  flows: [t.AsOfRequest, Array<t.FlowView>];
  /** Looks for what fell due, and lists root causes. */
  exception_causes: [t.ExceptionsRequest, Array<t.CauseRecord>];
  /** Shows one exception by its id, its posting's or its reference. */
  show: [t.OneRequest, t.ShowView];
  /** Lists postings with their state. */
  postings: [t.Nothing, Array<t.PostingView>];
  /** Shows one posting. */
  posting: [t.OneRequest, t.PostingView];
  /** Assigns, comments, holds, releases or dismisses. */
  work: [t.WorkRequest, Array<t.Outcome>];
  /** Prepares the posting that settles an exception. */
  propose: [t.ProposeRequest, Array<t.Outcome>];
  /** Approves or refuses postings and governed changes. */
  decide: [t.DecideRequest, Array<t.Outcome>];
  /** Prepares a posting for another date, period, account or entity. */
  reroute: [t.RerouteRequest, Array<t.Outcome>];
  /** Sends failed postings again under the same key. */
  replay: [t.ManyRequest, Array<t.Outcome>];
  /** Has what is missing of half-booked sets sent, or ends them where nothing is. */
  finish: [t.FinishRequest, Array<t.Outcome>];
  /** Prepares what undoes the booked steps of half-booked sets. */
  take_back: [t.HalfBookedRequest, Array<t.Outcome>];
  /** Prepares the reversal of booked entries. */
  reverse: [t.ReverseRequest, Array<t.Outcome>];
  /** Withdraws postings that are not booked. */
  cancel: [t.ManyRequest, Array<t.Outcome>];
  /** Reads what changed in billing and in the ERP, then detects. */
  sync: [t.SyncRequest, Array<t.SyncView>];
  /** Sends what is approved. */
  post: [t.PostRequest, Array<t.PostView>];
  /** Looks for what fell due, as of now or of another instant. */
  refresh: [t.AsOfRequest, null];
  /** Adds a connection; its credentials go straight to the secrets. */
  connection_add: [t.AddConnectionRequest, t.ConnectionView];
  /** Tries a connection's credentials. */
  connection_test: [t.OneRequest, t.AccountIdentity];
  /** Replaces a connection's credentials. */
  connection_rotate: [t.RotateRequest, t.ConnectionView];
  /** Pauses a connection, or takes it up again. */
  connection_pause: [t.PauseRequest, t.ConnectionView];
  /** Removes a connection by which nothing was ever read or posted. */
  connection_remove: [t.OneRequest, t.ConnectionView];
  /** Imports billing lines from a file. */
  import_billing: [t.ImportFileRequest, t.ImportView];
  /** Imports ledger detail from a file. */
  import_gl: [t.ImportLedgerRequest, t.ImportView];
  /** Imports accounting periods from a file. */
  import_periods: [t.ImportPeriodsRequest, t.ImportView];
  /** Lists what was put aside and waits to be read. */
  aside: [t.AsideRequest, Array<t.AsideView>];
  /** Settles what was put aside, with a reason. */
  aside_settle: [t.SettleRequest, t.SettledView];
  /** Brings in an account mapping, inert until another person approves it. */
  import_mapping: [t.ImportChangeRequest, t.ChangeView];
  /** Brings in a policy, inert until another person approves it. */
  import_policy: [t.ImportChangeRequest, t.ChangeView];
  /** Adds a person. */
  person_add: [t.AddPersonRequest, t.PersonView];
  /** Gives a person another role; nobody changes their own. */
  person_role: [t.RoleRequest, t.PersonView];
  /** Takes a person off the desk. */
  person_remove: [t.OneRequest, t.PersonView];
  /** Sets a person's own secret. */
  person_enrol: [t.OneRequest, t.PersonView];
  /** Says that a person who has set their secret is who they should be. */
  person_confirm: [t.OneRequest, t.PersonView];
  /** Changes the acting person's own passphrase. */
  person_change_passphrase: [t.ChangePassphraseRequest, null];
  /** Changes the passphrase of the vault. */
  secrets_change_passphrase: [t.ChangePassphraseRequest, null];
  /** Keeps a view under a name. */
  view_save: [t.SaveViewRequest, t.SavedView];
  /** Forgets a saved view. */
  view_delete: [t.OneRequest, null];
  /** Takes a view from a file. */
  view_read: [t.ReadViewRequest, t.SavedView];
  /** Writes a view to a file, for somebody else. */
  view_write: [t.ViewFileRequest, t.Exported];
  /** Writes a file for a spreadsheet. */
  export: [t.ExportRequest, t.Exported];
};
