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
  /** Keeps rows that were pasted as a file to import. */
  paste_rows: [t.PasteRequest, t.Picked];
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
  /** Lists the files that were put to an exception. */
  attachments: [t.OneRequest, Array<t.AttachmentView>];
  /** Counts and sums a selection. */
  selection_summary: [t.SelectionRequest, t.SelectionSummary];
  /** Shows a document as its vendor sent it. */
  payload: [t.PayloadRequest, t.Payload];
  /** Lists accounting periods. */
  periods: [t.PeriodsRequest, Array<t.OpenPeriod>];
  /** Where the period being closed stands, what to do first, and what waits for whom. */
  home: [t.HomeRequest, t.Home];
  /** Says how the business flows, the queues and the close stand. */
  overview: [t.OverviewRequest, t.Overview];
  /** Says who may do what since when, and where duties that lie apart came together. */
  access_review: [t.Nothing, t.AccessReview];
  /** Lists what of a flow is about to be late, late, or has come to a lead. */
  flow_items: [t.FlowItemsRequest, t.FlowItems];
  /** Lists what of the flows was finished after its time, or is late. */
  flow_breaches: [t.BreachRequest, Array<t.BreachView>];
  /** Compares billing with the ledger per cell. */
  tie_out: [t.TieOutRequest, Array<t.TieOutView>];
  /** Lists what rules, notes, tolerances and cutovers keep out of the exceptions. */
  tie_out_lines: [t.Nothing, Array<t.TieOutLineView>];
  /** Lists who decides in whose place, until when. */
  delegations: [t.Nothing, Array<t.DelegationView>];
  /** Says which limits keep a posting from being approved, and by which reasons they may be lifted. */
  override_option: [t.OverrideOptionRequest, t.OverrideOption];
  /** Lists for which postings limits of the policy were lifted, by whom and why. */
  overrides: [t.Nothing, Array<t.OverrideView>];
  /** Lists the periods that are closed softly, and the exceptions to that. */
  period_locks: [t.Nothing, Array<t.LockView>];
  /** Shows the close of an entity and period: differences, proof, sign-offs, blockers. */
  close_status: [t.CloseRequest, t.CloseView];
  /** Lists what an account differs by, item by item, the largest first. */
  close_items: [t.CloseItemsRequest, Array<t.CloseItem>];
  /** Lists the tasks of a close, with their working days and who did them. */
  close_checklist: [t.ChecklistRequest, t.ChecklistView];
  /** Tests what lies on both sides of a period's end, and where it is booked. */
  close_cut_off: [t.CutOffRequest, t.CutOff];
  /** Shows deferred revenue beside its revenue schedules, by period or document. */
  close_schedules: [t.SchedulesRequest, Array<t.ScheduleRow>];
  /** Shows the revenue schedule of a document, with its lines' terms and rules. */
  document_schedule: [t.DocumentScheduleRequest, t.DocumentSchedule];
  /** Lists the accounts that are held against revenue schedules. */
  schedule_accounts: [t.Nothing, Array<t.ScheduleAccount>];
  /** Lists the documents whose schedules make up a period, by page. */
  schedule_documents: [t.ScheduleDocumentsRequest, t.ScheduleDocuments];
  /** Shows what would be signed of an account. */
  close_text: [t.SignRequest, t.SignTextView];
  /** Lists the cutovers of the mapping in force, with both sides' open items. */
  cutovers: [t.Nothing, Array<t.CutoverView>];
  /** Shows an entity's cutover: both sides' open items and the difference. */
  cutover: [t.CutoverRequest, t.CutoverView];
  /** Holds what the ERPs themselves say of accounts against what was read. */
  population: [t.PopulationRequest, Array<t.PopulationView>];
  /** Holds the processors' balances against the clearing accounts. */
  clearing: [t.ClearingRequest, Array<t.ClearingView>];
  /** Holds the banks' own balances against the ledger's accounts. */
  bank: [t.BankRequest, Array<t.BankView>];
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
  /** Tries a policy on the real late items: where each would go, and where it went. */
  policy_simulate: [t.SimulateRequest, t.Simulation];
  /** Shows what was kept with a policy: what it would have made of the late items. */
  policy_simulation: [t.OneRequest, t.Simulation | null];
  /** Lists a policy's rules for late items, what they used, and what was simulated. */
  late_rules: [t.OneRequest, t.LateRulesView];
  /** Lists saved views. */
  saved_views: [t.Nothing, Array<t.SavedView>];
  /** Says whether an action on one or many may be done, and what its sums are: only judged. */
  may: [t.BatchRequest, t.BatchPreview];
  /** Shows what an action would book, and asks the ERP what it holds: nothing is stored. */
  preview: [t.PreviewRequest, Array<t.Outcome>];
  /** Lists what nothing ties, both sides, and what could belong together. */
  match_list: [t.MatchListRequest, t.MatchListView];
  /** Shows what entries and documents of one's choice come to: nothing is stored. */
  match_look: [t.MatchLookRequest, t.MatchView];
  /** Lists rules that confirmed matches teach and the mapping does not say yet. */
  match_rules: [t.Nothing, Array<t.RuleOfferView>];
  /** Lists the packets that were sent from here or decided on here. */
  packets: [t.Nothing, Array<t.PacketRow>];
  /** Lists the rosters that packets are read by. */
  rosters: [t.Nothing, Array<t.RosterView>];
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
  /** Puts a file to an exception: kept in the workspace, its hash in the log. */
  attach: [t.AttachRequest, t.AttachmentView];
  /** Writes a file that was attached to the disk, as it was. */
  attachment_save: [t.SaveAttachmentRequest, t.AttachmentView];
  /** Assigns, comments, holds, releases or dismisses. */
  work: [t.WorkRequest, Array<t.Outcome>];
  /** Says that entries and documents belong together. */
  match_confirm: [t.MatchConfirmRequest, Array<t.Outcome>];
  /** Says that entries and documents do not belong together. */
  match_reject: [t.MatchRefuseRequest, Array<t.Outcome>];
  /** Takes a match back: what it explained is compared again. */
  match_undo: [t.MatchRefuseRequest, Array<t.Outcome>];
  /** Proposes a rule that matches teach, as a change of the mapping. */
  match_rule_propose: [t.RuleProposeRequest, t.ChangeView];
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
  connection_add: [t.AddConnectionRequest, t.AddedView];
  /** Tries a connection's credentials. */
  connection_test: [t.OneRequest, t.AccountIdentity];
  /** Replaces a connection's credentials. */
  connection_rotate: [t.RotateRequest, t.ConnectionView];
  /** Pauses a connection, or takes it up again. */
  connection_pause: [t.PauseRequest, t.ConnectionView];
  /** Removes a connection by which nothing was ever read or posted. */
  connection_remove: [t.OneRequest, t.ConnectionView];
  /** Proposes that postings are sent to a connection, by its figures. */
  connection_posting_propose: [t.OneRequest, t.ChangeView];
  /** Approves that postings are sent to a connection. */
  connection_posting_approve: [t.ApprovePostingRequest, t.ChangeView];
  /** Switches posting to a connection off. */
  connection_posting_off: [t.PostingOffRequest, t.ConnectionView];
  /** Imports billing lines from a file. */
  import_billing: [t.ImportFileRequest, t.ImportView];
  /** Imports ledger detail from a file. */
  import_gl: [t.ImportLedgerRequest, t.ImportView];
  /** Says what a file is and how it would be read. */
  file_inspect: [t.InspectRequest, t.FileView];
  /** Shows a file whole before anything of it is taken, as it would be read. */
  import_preview: [t.LookRequest, t.PreviewView];
  /** Lists the files that were imported, the newest first. */
  imports: [t.Nothing, Array<t.ImportedFile>];
  /** Imports a file by what it is recognised as. */
  import_recognised: [t.ImportRecognisedRequest, t.ImportView];
  /** Says what an import as chosen would change; nothing of it is kept. */
  import_effect: [t.EffectRequest, t.EffectView];
  /** Imports a file as it was shown, by what a person chose for it. */
  import_chosen: [t.ImportChosenRequest, t.ImportView];
  /** Takes an import back: what it brought is gone, and judged again. */
  import_undo: [t.UndoImportRequest, t.UndoneView];
  /** Imports accounting periods from a file. */
  import_periods: [t.ImportPeriodsRequest, t.ImportView];
  /** Takes a bank's statements from a file: whole, each line once. */
  bank_import: [t.BankImportRequest, t.BankImported];
  /** Lists what was put aside and waits to be read. */
  aside: [t.AsideRequest, Array<t.AsideView>];
  /** Settles what was put aside, with a reason. */
  aside_settle: [t.SettleRequest, t.SettledView];
  /** Says of a period what agrees, what does not, why, and by how much. */
  pilot: [t.PilotRequest, t.PilotReport];
  /** Writes the pilot's report to a file. */
  pilot_write: [t.PilotWriteRequest, t.Exported];
  /** Lists what waits to be handed over in journal files, and the files that were written. */
  handovers: [t.Nothing, t.HandoverView];
  /** Writes approved postings into a journal file for their ledger. */
  handover_write: [t.HandoverWriteRequest, t.HandedOver];
  /** Confirms a journal file that another person handed over. */
  handover_confirm: [t.HandoverConfirmRequest, t.HandoverConfirmed];
  /** Says that exceptions were settled in the ledger by hand. */
  booked_elsewhere: [t.BookedElsewhereRequest, Array<t.Outcome>];
  /** Takes the ledger's open items at a cutover from a file. */
  cutover_import: [t.OpenItemsRequest, t.CutoverView];
  /** Signs a cutover's figures; two people do. */
  cutover_sign: [t.SignCutoverRequest, t.CutoverView];
  /** Explains entries that no document does, by a signed note. */
  explain: [t.ExplainRequest, t.ExplainedView];
  /** Asks that another person decides on postings in one's own place. */
  delegate: [t.DelegationRequest, t.ChangeView];
  /** Ends a delegation before its time. */
  delegation_end: [t.EndDelegationRequest, t.DelegationView];
  /** Signs who may do what, and where duties came together, as reviewed. */
  access_review_sign: [t.SignReviewRequest, t.AccessReview];
  /** Asks that limits of the policy are lifted for a posting; two people approve. */
  override_ask: [t.OverrideRequest, t.ChangeView];
  /** Closes a period softly: only what an exception lets in is sent there. */
  period_soft_close: [t.SoftCloseRequest, t.LockView];
  /** Asks that a soft close is lifted. */
  period_lift: [t.SoftCloseRequest, t.ChangeView];
  /** Asks for an exception to a soft close, for somebody until a time. */
  period_except: [t.LockExceptionRequest, t.ChangeView];
  /** Ends an exception to a soft close before its time. */
  period_exception_end: [t.EndExceptionRequest, t.LockView];
  /** Explains items of a difference in the close of a period, by a signed note. */
  close_explain: [t.NoteRequest, t.NoteView];
  /** Accepts another person's explanation of items, or refuses it. */
  close_accept: [t.AcceptRequest, t.NoteView];
  /** Takes an explanation of items back. */
  close_take_back: [t.TakeBackNoteRequest, t.NoteView];
  /** Signs that a task of the checklist is done, or is to be done again. */
  close_task: [t.TaskRequest, t.ChecklistView];
  /** Brings in the checklist of closes, inert until another person approves it. */
  import_checklist: [t.ImportChecklistRequest, t.ChangeView];
  /** Signs an account of a period as prepared. */
  close_prepare: [t.SignRequest, t.SignOffView];
  /** Signs what another person prepared as reviewed. */
  close_review: [t.SignRequest, t.SignOffView];
  /** Takes an explanation back. */
  unexplain: [t.UnexplainRequest, t.ChangeView];
  /** Reads a mapping file and says what is in it, without bringing it in. */
  mapping_check: [t.ImportChangeRequest, t.MappingSummary];
  /** Gives the mapping in force as a table, and what its cells can be. */
  mapping_edit: [t.Nothing, t.MappingEdit];
  /** Proposes a mapping from what was read: nothing is stored. */
  mapping_propose: [t.Nothing, t.ProposedMapping];
  /** Says what a mapping that was edited as a table would change: nothing is stored. */
  mapping_says: [t.MappingTableRequest, t.MappingSays];
  /** Brings in a mapping edited as a table, inert until another person approves it. */
  mapping_submit: [t.MappingTableRequest, t.ChangeView];
  /** Says what a mapping would change in the tie-out; nothing of it is kept. */
  mapping_preview: [t.MappingPreviewRequest, t.MappingPreview];
  /** Reads a central bank's file of rates and says what it would bring. */
  rates_check: [t.RatesRequest, t.RatesView];
  /** Proposes the rates of a central bank's file as a change of the mapping. */
  rates_propose: [t.RatesRequest, t.RatesView];
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
  /** Writes the acting person's card: the public half of their key. */
  person_card: [t.CardRequest, t.CardView];
  /** Brings the public half of a person's key over from their own machine. */
  person_key_bring: [t.BringKeyRequest, t.PersonView];
  /** Writes this workspace's roster, signed by the acting administrator. */
  roster_export: [t.RosterExportRequest, t.Exported];
  /** Takes in another workspace's roster. */
  roster_import: [t.RosterImportRequest, t.RosterView];
  /** Writes a packet of postings for one person to decide on elsewhere. */
  packet_export: [t.PacketExportRequest, t.PacketMade];
  /** Shows a packet: checked, and nothing of it kept. */
  packet_show: [t.PacketShowRequest, t.PacketView];
  /** Decides on items of a packet, each signed with one's own key. */
  packet_decide: [t.PacketDecideRequest, Array<t.PacketItemView>];
  /** Writes the decisions on a packet for the way back. */
  packet_decisions: [t.PacketDecisionsRequest, t.Exported];
  /** Takes decisions on a packet in: each is judged anew. */
  packet_import: [t.PacketImportRequest, t.PacketTaken];
  /** Writes the binder of an entity's period, signed by who makes it. */
  binder: [t.BinderRequest, t.BinderMade];
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
