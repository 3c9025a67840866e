//! The one list of commands: name, request, response. The window's router ([`call`]) and the types of its
//! TypeScript ([`crate::bindings`]) are generated from it, and the CLI runs the same methods. A command
//! without a place in this list does not exist.
//!
//! Opening, making and restoring a workspace, reading an export and the demo need no open workspace: they are
//! functions of their own ([`tieout_desk::base::workspace`], [`tieout_desk::reports::review`],
//! [`tieout_demo`]), and in the window
//! commands of the desk itself ([`crate`]). A secret that a request needs is a
//! [`tieout_vault::SecretText`], which goes in and never comes out.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::gathered::Gathered;
use tieout_desk::{
    access::{
        cards::{self, BringKeyRequest, CardRequest, CardView},
        passphrases::{self, ChangePassphraseRequest},
        people::{self, AddPersonRequest, PersonView, TwoPeople, parse_role},
        rosters::{self, RosterExportRequest, RosterImportRequest, RosterView},
    },
    base::{
        closed,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        views::{Outcome, PostingView},
        workspace::{self, Verified},
        written::Exported,
    },
    casefile::{
        detail::{self, ExceptionDetail, Payload, PayloadRequest},
        show::{self, ShowView},
    },
    close::{
        bank::{self, BankRequest, BankView},
        checklist::{self, ChecklistRequest, ChecklistView, ImportChecklistRequest, TaskRequest},
        clearing::{self, ClearingRequest, ClearingView},
        cockpit::{self, CloseItem, CloseItemsRequest, CloseRequest, CloseView},
        cut_off::{self, CutOff, CutOffRequest},
        document_schedule::{self, DocumentSchedule, DocumentScheduleRequest},
        flows::{self, BreachRequest, BreachView, FlowItems, FlowItemsRequest, FlowView},
        home::{self, Home, HomeRequest},
        lines::{self, TieOutLineView},
        mapping_preview::{self, MappingPreview, MappingPreviewRequest},
        noting::{self, AcceptRequest, NoteRequest, NoteView, TakeBackNoteRequest},
        overview::{self, Overview, OverviewRequest},
        periods::{self, OpenPeriod, PeriodsRequest},
        pilot::{self, PilotReport, PilotRequest},
        population::{self, PopulationRequest, PopulationView},
        schedules::{
            self, ScheduleAccount, ScheduleDocuments, ScheduleDocumentsRequest, ScheduleRow, SchedulesRequest,
        },
        signing::{self, SignOffView, SignRequest, SignTextView},
        tie_out::{self, CellDocuments, CellRequest, TieOutRequest, TieOutView},
    },
    governance::{
        change_text::{self, ChangeText},
        changes::{self, ChangeView, ImportChangeRequest},
        cutover::{self, CutoverRequest, CutoverView, OpenItemsRequest, SignCutoverRequest},
        delegating::{self, DelegationRequest, DelegationView, EndDelegationRequest},
        editing::{self, MappingEdit, MappingSays, MappingTableRequest},
        explaining::{self, ExplainRequest, ExplainedView, UnexplainRequest},
        locks::{self, EndExceptionRequest, LockExceptionRequest, LockView, SoftCloseRequest},
        mapping_check::{self, MappingSummary},
        posting_switch::{ApprovePostingRequest, PostingOffRequest},
        proposing::{self, ProposedMapping},
        rates::{self, RatesRequest, RatesView},
    },
    intake::{
        account::AccountView,
        aside::{self, AsideRequest, AsideView, SettleRequest, SettledView},
        bank::{self as bank_intake, BankImportRequest, BankImported},
        connecting,
        connections::{self, AddConnectionRequest, AddedView, ConnectionView, PauseRequest, RotateRequest},
        detection,
        import_periods::{self, ImportPeriodsRequest},
        imports::{self, ImportFileRequest, ImportLedgerRequest, ImportView},
        recognition::{self, FileView, ImportRecognisedRequest, InspectRequest},
        studio::{
            effect::{self, EffectRequest},
            look::{self, LookRequest},
            take::{self, ImportChosenRequest},
            views::{EffectView, PreviewView},
        },
        sync::{SyncRequest, SyncView},
        undo::{self, ImportedFile, UndoImportRequest, UndoneView},
        vendors::{self, VendorView},
    },
    matching::{
        deciding::{self, MatchConfirmRequest, MatchRefuseRequest},
        listing::{self, MatchListRequest, MatchLookRequest},
        rules::{self, RuleOfferView, RuleProposeRequest},
        views::{MatchListView, MatchView},
    },
    packets::{
        binder::{self, BinderMade, BinderRequest},
        deciding::{self as packet_deciding, PacketDecideRequest, PacketDecisionsRequest},
        listing::{self as packet_listing, PacketItemView, PacketRow, PacketShowRequest, PacketView},
        sending::{self, PacketExportRequest, PacketMade},
        taking_in::{self, PacketImportRequest, PacketTaken},
    },
    queue::{
        attachments::{self, AttachRequest, AttachmentView, SaveAttachmentRequest},
        exception_open::{self, OpenViewRequest, OpenedView},
        exception_views::{
            self, CountsRequest, ExceptionPage, FindRequest, Found, Ids, IdsRequest, PageRequest,
            QueueCounts, SelectionRequest, SelectionSummary,
        },
        exceptions::{self, CauseRecord, ExceptionsRequest, WorkRequest},
        record::ExceptionView,
        saved_views::{self, ReadViewRequest, SaveViewRequest, SavedView, ViewFileRequest},
    },
    reports::{
        access_review::{self, AccessReview, SignReviewRequest},
        exporting::{self, ExportRequest, PilotWriteRequest},
        log_view::{self, LogPage, LogRequest},
    },
    settlement::{
        batch::{self, BatchPreview, BatchRequest},
        by_policy,
        decide::{self, DecideRequest, ManyRequest},
        elsewhere::{self, BookedElsewhereRequest},
        half_booked::{self, FinishRequest, HalfBookedRequest},
        handover::{self, HandedOver, HandoverConfirmRequest, HandoverConfirmed, HandoverWriteRequest},
        handover_views::{self, HandoverView},
        late_rules::{self, LateRulesView},
        overrides::{self, OverrideOption, OverrideOptionRequest, OverrideRequest, OverrideView},
        post::{self, PostRequest, PostView},
        posting_pages::{self, PostingDetail, PostingsPage, PostingsRequest},
        posting_view,
        previewing::{self, PreviewRequest},
        propose::{self, ProposeRequest},
        reroute::{self, RerouteRequest},
        reverse::{self, ReverseRequest},
        simulate::{self, SimulateRequest, Simulation},
    },
};

/// A request that asks for nothing in particular.
#[derive(Clone, Copy, Debug, Default, Deserialize, ts_rs::TS)]
pub struct Nothing {}

/// One thing, by its id (or a name or reference, where the command says so).
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct OneRequest {
    /// The id.
    pub id: String,
}

/// As of when.
#[derive(Clone, Debug, Default, Deserialize, ts_rs::TS)]
pub struct AsOfRequest {
    /// An instant or date; now without one.
    pub as_of: Option<String>,
}

/// A person and their new role.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct RoleRequest {
    /// Name or id.
    pub person: String,
    /// analyst, controller, administrator or auditor.
    #[ts(as = "closed::Role")]
    pub role: String,
}

/// What the list says of one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct CommandInfo {
    /// Its name.
    pub name: &'static str,
    /// What it does, in one line.
    pub about: &'static str,
    /// True when it may change something in the workspace.
    pub writes: bool,
}

macro_rules! command_list {
    ($($kind:ident $name:literal, $about:literal, $request:ty => $response:ty, $run:expr;)*) => {
        /// Every command of an open workspace.
        pub const COMMANDS: &[CommandInfo] = &[$(CommandInfo {
            name: $name,
            about: $about,
            writes: command_list!(@writes $kind),
        },)*];

        /// Runs the command of this name with a JSON request: one that only reads on `reader`, which goes on
        /// while `desk` writes; any other on `desk`, after which the log's head is kept with the secrets.
        ///
        /// # Errors
        /// `command_unknown`, `bad_request`, and whatever the command gives.
        pub fn call(reader: &Context, desk: &Context, name: &str, request: Value) -> DeskResult<Value> {
            match name {
                $($name => {
                    let run: fn(&Context, &$request) -> DeskResult<$response> = $run;
                    let request: $request = parsed(name, request)?;
                    command_list!(@run $kind reader desk run request)
                })*
                _ => Err(unknown(name)),
            }
        }

        /// The types of every command, for the bindings.
        pub(crate) fn describe(bindings: &mut Gathered) {
            $(bindings.command::<$request, $response>($name, $about);)*
        }
    };
    (@writes read) => { false };
    (@writes write) => { true };
    (@run read $reader:ident $desk:ident $run:ident $request:ident) => {
        answered($run(&$reader.reading(), &$request))
    };
    (@run write $reader:ident $desk:ident $run:ident $request:ident) => {{
        let answer = answered($run($desk, &$request));
        workspace::anchor($desk)?;
        answer
    }};
}

/// The commands of the desk itself, which need no open workspace.
macro_rules! app_list {
    ($($name:literal, $about:literal, $request:ty => $response:ty, $run:expr;)*) => {
        /// Runs the desk's own command of this name, if it is one.
        fn call_app(app: &App, name: &str, request: &Value) -> Option<DeskResult<Value>> {
            match name {
                $($name => {
                    let run: fn(&App, &$request) -> DeskResult<$response> = $run;
                    Some(parsed(name, request.clone()).and_then(|request| answered(run(app, &request))))
                })*
                _ => None,
            }
        }

        /// The types of the desk's own commands, for the bindings.
        pub(crate) fn describe(bindings: &mut crate::gathered::Gathered) {
            $(bindings.command::<$request, $response>($name, $about);)*
        }
    };
}
pub(crate) use app_list;

command_list! {
    // What is read: on a connection of its own, while something else writes.
    read "queue_counts", "Says what the queues hold and what they can be filtered by.",
        CountsRequest => QueueCounts, |ctx, r| exception_views::queue_counts(ctx, r);
    read "exception_open", "Opens a view: how much it holds, its groups and its first rows.",
        OpenViewRequest => OpenedView, |ctx, r| exception_open::exception_open(ctx, r);
    read "exception_page", "Reads a window of a view.",
        PageRequest => ExceptionPage, |ctx, r| exception_views::exception_page(ctx, r);
    read "exception_find", "Says where an exception stands in a view.",
        FindRequest => Found, |ctx, r| exception_views::exception_find(ctx, r);
    read "exception_ids", "Lists the ids of a view in its order.",
        IdsRequest => Ids, |ctx, r| exception_views::exception_ids(ctx, r);
    read "exception_detail", "Shows one exception whole, with what may be done now.",
        OneRequest => ExceptionDetail, |ctx, r| detail::exception_detail(ctx, &r.id);
    read "attachments", "Lists the files that were put to an exception.",
        OneRequest => Vec<AttachmentView>, |ctx, r| attachments::attachments(ctx, &r.id);
    read "selection_summary", "Counts and sums a selection.",
        SelectionRequest => SelectionSummary, |ctx, r| exception_views::selection_summary(ctx, r);
    read "payload", "Shows a document as its vendor sent it.",
        PayloadRequest => Payload, |ctx, r| detail::payload(ctx, r);
    read "periods", "Lists accounting periods.",
        PeriodsRequest => Vec<OpenPeriod>, |ctx, r| periods::periods(ctx, r);
    read "home", "Where the period being closed stands, what to do first, and what waits for whom.",
        HomeRequest => Home, |ctx, r| home::home(ctx, r);
    read "overview", "Says how the business flows, the queues and the close stand.",
        OverviewRequest => Overview, |ctx, r| overview::overview(ctx, r);
    read "access_review", "Says who may do what since when, and where duties that lie apart came together.",
        Nothing => AccessReview, |ctx, _| access_review::access_review(ctx);
    read "flow_items", "Lists what of a flow is about to be late, late, or has come to a lead.",
        FlowItemsRequest => FlowItems, |ctx, r| flows::flow_items(ctx, r);
    read "flow_breaches", "Lists what of the flows was finished after its time, or is late.",
        BreachRequest => Vec<BreachView>, |ctx, r| flows::flow_breaches(ctx, r);
    read "tie_out", "Compares billing with the ledger per cell.",
        TieOutRequest => Vec<TieOutView>, |ctx, r| tie_out::tie_out(ctx, r);
    read "tie_out_lines", "Lists what rules, notes, tolerances and cutovers keep out of the exceptions.",
        Nothing => Vec<TieOutLineView>, |ctx, _| lines::tie_out_lines(ctx);
    read "delegations", "Lists who decides in whose place, until when.",
        Nothing => Vec<DelegationView>, |ctx, _| delegating::delegations(ctx);
    read "override_option", "Says which limits keep a posting from being approved, and by which reasons they \
        may be lifted.",
        OverrideOptionRequest => OverrideOption, |ctx, r| overrides::override_option(ctx, r);
    read "overrides", "Lists for which postings limits of the policy were lifted, by whom and why.",
        Nothing => Vec<OverrideView>, |ctx, _| overrides::overrides(ctx);
    read "period_locks", "Lists the periods that are closed softly, and the exceptions to that.",
        Nothing => Vec<LockView>, |ctx, _| locks::period_locks(ctx);
    read "close_status", "Shows the close of an entity and period: differences, proof, sign-offs, blockers.",
        CloseRequest => CloseView, |ctx, r| cockpit::close_status(ctx, r);
    read "close_items", "Lists what an account differs by, item by item, the largest first.",
        CloseItemsRequest => Vec<CloseItem>, |ctx, r| cockpit::close_items(ctx, r);
    read "close_checklist", "Lists the tasks of a close, with their working days and who did them.",
        ChecklistRequest => ChecklistView, |ctx, r| checklist::close_checklist(ctx, r);
    read "close_cut_off", "Tests what lies on both sides of a period's end, and where it is booked.",
        CutOffRequest => CutOff, |ctx, r| cut_off::close_cut_off(ctx, r);
    read "close_schedules", "Shows deferred revenue beside its revenue schedules, by period or document.",
        SchedulesRequest => Vec<ScheduleRow>, |ctx, r| schedules::close_schedules(ctx, r);
    read "document_schedule", "Shows the revenue schedule of a document, with its lines' terms and rules.",
        DocumentScheduleRequest => DocumentSchedule, |ctx, r| document_schedule::document_schedule(ctx, r);
    read "schedule_accounts", "Lists the accounts that are held against revenue schedules.",
        Nothing => Vec<ScheduleAccount>, |ctx, _| schedules::schedule_accounts(ctx);
    read "schedule_documents", "Lists the documents whose schedules make up a period, by page.",
        ScheduleDocumentsRequest => ScheduleDocuments, |ctx, r| schedules::schedule_documents(ctx, r);
    read "close_text", "Shows what would be signed of an account.",
        SignRequest => SignTextView, |ctx, r| signing::close_text(ctx, r);
    read "cutovers", "Lists the cutovers of the mapping in force, with both sides' open items.",
        Nothing => Vec<CutoverView>, |ctx, _| cutover::cutovers(ctx);
    read "cutover", "Shows an entity's cutover: both sides' open items and the difference.",
        CutoverRequest => CutoverView, |ctx, r| cutover::cutover(ctx, r);
    read "population", "Holds what the ERPs themselves say of accounts against what was read.",
        PopulationRequest => Vec<PopulationView>, |ctx, r| population::population(ctx, r);
    read "clearing", "Holds the processors' balances against the clearing accounts.",
        ClearingRequest => Vec<ClearingView>, |ctx, r| clearing::clearing(ctx, r);
    read "bank", "Holds the banks' own balances against the ledger's accounts.",
        BankRequest => Vec<BankView>, |ctx, r| bank::bank(ctx, r);
    read "tie_out_documents", "Lists the documents and entries of one cell.",
        CellRequest => CellDocuments, |ctx, r| tie_out::tie_out_documents(ctx, r);
    read "postings_page", "Reads a window of the postings.",
        PostingsRequest => PostingsPage, |ctx, r| posting_pages::postings_page(ctx, r);
    read "posting_detail", "Shows one posting whole, with every attempt.",
        OneRequest => PostingDetail, |ctx, r| posting_pages::posting_detail(ctx, &r.id);
    read "log_page", "Reads a window of the log, the newest first.",
        LogRequest => LogPage, |ctx, r| log_view::log_page(ctx, r);
    read "verify", "Checks the log, its anchor and the file.",
        Nothing => Verified, |ctx, _| workspace::verify(ctx);
    read "people", "Lists people.", Nothing => Vec<PersonView>, |ctx, _| people::people(ctx);
    read "two_people", "Says who is lacking for one to prepare and another to approve.",
        Nothing => TwoPeople, |ctx, _| people::two_people(ctx);
    read "connections", "Lists connections with their last sync.",
        Nothing => Vec<ConnectionView>, |ctx, _| connections::connections(ctx);
    read "vendors", "Lists what can be connected, and what each needs.",
        Nothing => Vec<VendorView>, |_, _| Ok(vendors::vendors());
    read "changes", "Lists mappings and policies.",
        Nothing => Vec<ChangeView>, |ctx, _| changes::changes(ctx);
    read "change_text", "Shows what a mapping or policy says, line by line against the one in force.",
        OneRequest => ChangeText, |ctx, r| change_text::change_text(ctx, &r.id);
    read "policy_simulate", "Tries a policy on the real late items: where each would go, and where it went.",
        SimulateRequest => Simulation, |ctx, r| simulate::policy_simulate(ctx, r);
    read "policy_simulation", "Shows what was kept with a policy: what it would have made of the late items.",
        OneRequest => Option<Simulation>, |ctx, r| simulate::policy_simulation(ctx, &r.id);
    read "late_rules", "Lists a policy's rules for late items, what they used, and what was simulated.",
        OneRequest => LateRulesView, |ctx, r| late_rules::late_rules(ctx, &r.id);
    read "saved_views", "Lists saved views.",
        Nothing => Vec<SavedView>, |ctx, _| saved_views::saved_views(ctx);
    read "may", "Says whether an action on one or many may be done, and what its sums are: only judged.",
        BatchRequest => BatchPreview, |ctx, r| batch::may(ctx, r);
    read "preview", "Shows what an action would book, and asks the ERP what it holds: nothing is stored.",
        PreviewRequest => Vec<Outcome>, |ctx, r| previewing::preview(ctx, r);
    read "match_list", "Lists what nothing ties, both sides, and what could belong together.",
        MatchListRequest => MatchListView, |ctx, r| listing::match_list(ctx, r);
    read "match_look", "Shows what entries and documents of one's choice come to: nothing is stored.",
        MatchLookRequest => MatchView, |ctx, r| listing::match_look(ctx, r);
    read "match_rules", "Lists rules that confirmed matches teach and the mapping does not say yet.",
        Nothing => Vec<RuleOfferView>, |ctx, _| rules::match_rules(ctx);
    read "packets", "Lists the packets that were sent from here or decided on here.",
        Nothing => Vec<PacketRow>, |ctx, _| packet_listing::packets(ctx);
    read "rosters", "Lists the rosters that packets are read by.",
        Nothing => Vec<RosterView>, |ctx, _| rosters::rosters(ctx);
    // What scripts read: whole lists, of which a window would choke.
    write "exceptions", "Looks for what fell due, and lists exceptions, each once.",
        ExceptionsRequest => Vec<ExceptionView>, |ctx, r| exceptions::exceptions(ctx, r);
    write "flows", "Looks for what fell due, and says how the five flows stand.",
        AsOfRequest => Vec<FlowView>, |ctx, r| flows::flows(ctx, r.as_of.as_deref());
    write "exception_causes", "Looks for what fell due, and lists root causes.",
        ExceptionsRequest => Vec<CauseRecord>, |ctx, r| exceptions::exception_groups(ctx, r);
    read "show", "Shows one exception by its id, its posting's or its reference.",
        OneRequest => ShowView, |ctx, r| show::show(ctx, &r.id);
    read "postings", "Lists postings with their state.",
        Nothing => Vec<PostingView>, |ctx, _| posting_view::postings(ctx);
    read "posting", "Shows one posting.",
        OneRequest => PostingView, |ctx, r| posting_view::posting(ctx, &r.id);
    // What acts.
    write "attach", "Puts a file to an exception: kept in the workspace, its hash in the log.",
        AttachRequest => AttachmentView, |ctx, r| attachments::attach(ctx, r);
    write "attachment_save", "Writes a file that was attached to the disk, as it was.",
        SaveAttachmentRequest => AttachmentView, |ctx, r| attachments::attachment_save(ctx, r);
    write "work", "Assigns, comments, holds, releases or dismisses.",
        WorkRequest => Vec<Outcome>, |ctx, r| exceptions::work(ctx, r);
    write "match_confirm", "Says that entries and documents belong together.",
        MatchConfirmRequest => Vec<Outcome>, |ctx, r| deciding::match_confirm(ctx, r);
    write "match_reject", "Says that entries and documents do not belong together.",
        MatchRefuseRequest => Vec<Outcome>, |ctx, r| deciding::match_reject(ctx, r);
    write "match_undo", "Takes a match back: what it explained is compared again.",
        MatchRefuseRequest => Vec<Outcome>, |ctx, r| deciding::match_undo(ctx, r);
    write "match_rule_propose", "Proposes a rule that matches teach, as a change of the mapping.",
        RuleProposeRequest => ChangeView, |ctx, r| rules::match_rule_propose(ctx, r);
    write "propose", "Prepares the posting that settles an exception.",
        ProposeRequest => Vec<Outcome>, |ctx, r| propose::propose(ctx, r);
    write "decide", "Approves or refuses postings and governed changes.",
        DecideRequest => Vec<Outcome>, |ctx, r| decide::decide(ctx, r);
    write "reroute", "Prepares a posting for another date, period, account or entity.",
        RerouteRequest => Vec<Outcome>, |ctx, r| reroute::reroute(ctx, r);
    write "replay", "Sends failed postings again under the same key.",
        ManyRequest => Vec<Outcome>, |ctx, r| decide::replay(ctx, &r.ids);
    write "finish", "Has what is missing of half-booked sets sent, or ends them where nothing is.",
        FinishRequest => Vec<Outcome>, |ctx, r| half_booked::finish(ctx, r);
    write "take_back", "Prepares what undoes the booked steps of half-booked sets.",
        HalfBookedRequest => Vec<Outcome>, |ctx, r| half_booked::take_back(ctx, r);
    write "reverse", "Prepares the reversal of booked entries.",
        ReverseRequest => Vec<Outcome>, |ctx, r| reverse::reverse(ctx, r);
    write "cancel", "Withdraws postings that are not booked.",
        ManyRequest => Vec<Outcome>, |ctx, r| decide::cancel(ctx, &r.ids);
    write "sync", "Reads what changed in billing and in the ERP, then detects.",
        SyncRequest => Vec<SyncView>, |ctx, r| by_policy::sync(ctx, r);
    write "post", "Sends what is approved.", PostRequest => Vec<PostView>, |ctx, r| post::post(ctx, r);
    write "refresh", "Looks for what fell due, as of now or of another instant.",
        AsOfRequest => (), |ctx, r| detection::detect(ctx, r.as_of.as_deref());
    write "connection_add", "Adds a connection; its credentials go straight to the secrets.",
        AddConnectionRequest => AddedView, |ctx, r| connections::connection_add(ctx, r);
    write "connection_test", "Tries a connection's credentials.",
        OneRequest => AccountView, |ctx, r| connections::test_connection(ctx, &r.id).map(AccountView::from);
    write "connection_rotate", "Replaces a connection's credentials.",
        RotateRequest => ConnectionView, |ctx, r| connections::connection_rotate(ctx, r);
    write "connection_pause", "Pauses a connection, or takes it up again.",
        PauseRequest => ConnectionView, |ctx, r| connections::connection_pause(ctx, r);
    write "connection_remove", "Removes a connection by which nothing was ever read or posted.",
        OneRequest => ConnectionView, |ctx, r| connecting::connection_remove(ctx, &r.id);
    write "connection_posting_propose", "Proposes that postings are sent to a connection, by its figures.",
        OneRequest => ChangeView, |ctx, r| connecting::posting_propose(ctx, &r.id);
    write "connection_posting_approve", "Approves that postings are sent to a connection.",
        ApprovePostingRequest => ChangeView, |ctx, r| connecting::posting_approve(ctx, r);
    write "connection_posting_off", "Switches posting to a connection off.",
        PostingOffRequest => ConnectionView, |ctx, r| connecting::posting_off(ctx, r);
    write "import_billing", "Imports billing lines from a file.",
        ImportFileRequest => ImportView, |ctx, r| imports::import_billing(ctx, r);
    write "import_gl", "Imports ledger detail from a file.",
        ImportLedgerRequest => ImportView, |ctx, r| imports::import_gl(ctx, r);
    read "file_inspect", "Says what a file is and how it would be read.",
        InspectRequest => FileView, |ctx, r| recognition::file_inspect(ctx, r);
    read "import_preview", "Shows a file whole before anything of it is taken, as it would be read.",
        LookRequest => PreviewView, |ctx, r| look::import_preview(ctx, r);
    read "imports", "Lists the files that were imported, the newest first.",
        Nothing => Vec<ImportedFile>, |ctx, _| undo::imported_files(ctx);
    write "import_recognised", "Imports a file by what it is recognised as.",
        ImportRecognisedRequest => ImportView, |ctx, r| recognition::import_recognised(ctx, r);
    write "import_effect", "Says what an import as chosen would change; nothing of it is kept.",
        EffectRequest => EffectView, |ctx, r| effect::import_effect(ctx, r);
    write "import_chosen", "Imports a file as it was shown, by what a person chose for it.",
        ImportChosenRequest => ImportView, |ctx, r| take::import_chosen(ctx, r);
    write "import_undo", "Takes an import back: what it brought is gone, and judged again.",
        UndoImportRequest => UndoneView, |ctx, r| undo::import_undo(ctx, r);
    write "import_periods", "Imports accounting periods from a file.",
        ImportPeriodsRequest => ImportView, |ctx, r| import_periods::import_periods(ctx, r);
    write "bank_import", "Takes a bank's statements from a file: whole, each line once.",
        BankImportRequest => BankImported, |ctx, r| bank_intake::bank_import(ctx, r);
    read "aside", "Lists what was put aside and waits to be read.",
        AsideRequest => Vec<AsideView>, |ctx, r| aside::aside(ctx, r);
    write "aside_settle", "Settles what was put aside, with a reason.",
        SettleRequest => SettledView, |ctx, r| aside::aside_settle(ctx, r);
    read "pilot", "Says of a period what agrees, what does not, why, and by how much.",
        PilotRequest => PilotReport, |ctx, r| pilot::pilot(ctx, r);
    write "pilot_write", "Writes the pilot's report to a file.",
        PilotWriteRequest => Exported, |ctx, r| exporting::pilot_write(ctx, r);
    read "handovers", "Lists what waits to be handed over in journal files, and the files that were written.",
        Nothing => HandoverView, |ctx, _| handover_views::handovers(ctx);
    write "handover_write", "Writes approved postings into a journal file for their ledger.",
        HandoverWriteRequest => HandedOver, |ctx, r| handover::handover_write(ctx, r);
    write "handover_confirm", "Confirms a journal file that another person handed over.",
        HandoverConfirmRequest => HandoverConfirmed, |ctx, r| handover::handover_confirm(ctx, r);
    write "booked_elsewhere", "Says that exceptions were settled in the ledger by hand.",
        BookedElsewhereRequest => Vec<Outcome>, |ctx, r| elsewhere::booked_elsewhere(ctx, r);
    write "cutover_import", "Takes the ledger's open items at a cutover from a file.",
        OpenItemsRequest => CutoverView, |ctx, r| cutover::import_open_items(ctx, r);
    write "cutover_sign", "Signs a cutover's figures; two people do.",
        SignCutoverRequest => CutoverView, |ctx, r| cutover::sign(ctx, r);
    write "explain", "Explains entries that no document does, by a signed note.",
        ExplainRequest => ExplainedView, |ctx, r| explaining::explain(ctx, r);
    write "delegate", "Asks that another person decides on postings in one's own place.",
        DelegationRequest => ChangeView, |ctx, r| delegating::delegate(ctx, r);
    write "delegation_end", "Ends a delegation before its time.",
        EndDelegationRequest => DelegationView, |ctx, r| delegating::delegation_end(ctx, r);
    write "access_review_sign", "Signs who may do what, and where duties came together, as reviewed.",
        SignReviewRequest => AccessReview, |ctx, r| access_review::access_review_sign(ctx, r);
    write "override_ask", "Asks that limits of the policy are lifted for a posting; two people approve.",
        OverrideRequest => ChangeView, |ctx, r| overrides::override_ask(ctx, r);
    write "period_soft_close", "Closes a period softly: only what an exception lets in is sent there.",
        SoftCloseRequest => LockView, |ctx, r| locks::period_soft_close(ctx, r);
    write "period_lift", "Asks that a soft close is lifted.",
        SoftCloseRequest => ChangeView, |ctx, r| locks::period_lift(ctx, r);
    write "period_except", "Asks for an exception to a soft close, for somebody until a time.",
        LockExceptionRequest => ChangeView, |ctx, r| locks::period_except(ctx, r);
    write "period_exception_end", "Ends an exception to a soft close before its time.",
        EndExceptionRequest => LockView, |ctx, r| locks::period_exception_end(ctx, r);
    write "close_explain", "Explains items of a difference in the close of a period, by a signed note.",
        NoteRequest => NoteView, |ctx, r| noting::close_explain(ctx, r);
    write "close_accept", "Accepts another person's explanation of items, or refuses it.",
        AcceptRequest => NoteView, |ctx, r| noting::close_accept(ctx, r);
    write "close_take_back", "Takes an explanation of items back.",
        TakeBackNoteRequest => NoteView, |ctx, r| noting::close_take_back(ctx, r);
    write "close_task", "Signs that a task of the checklist is done, or is to be done again.",
        TaskRequest => ChecklistView, |ctx, r| checklist::close_task(ctx, r);
    write "import_checklist", "Brings in the checklist of closes, inert until another person approves it.",
        ImportChecklistRequest => ChangeView, |ctx, r| checklist::import_checklist(ctx, r);
    write "close_prepare", "Signs an account of a period as prepared.",
        SignRequest => SignOffView, |ctx, r| signing::close_prepare(ctx, r);
    write "close_review", "Signs what another person prepared as reviewed.",
        SignRequest => SignOffView, |ctx, r| signing::close_review(ctx, r);
    write "unexplain", "Takes an explanation back.",
        UnexplainRequest => ChangeView, |ctx, r| explaining::unexplain(ctx, r);
    read "mapping_check", "Reads a mapping file and says what is in it, without bringing it in.",
        ImportChangeRequest => MappingSummary, |_, r| mapping_check::mapping_check(r);
    read "mapping_edit", "Gives the mapping in force as a table, and what its cells can be.",
        Nothing => MappingEdit, |ctx, _| editing::mapping_edit(ctx);
    read "mapping_propose", "Proposes a mapping from what was read: nothing is stored.",
        Nothing => ProposedMapping, |ctx, _| proposing::mapping_propose(ctx);
    read "mapping_says", "Says what a mapping that was edited as a table would change: nothing is stored.",
        MappingTableRequest => MappingSays, |ctx, r| editing::mapping_says(ctx, r);
    write "mapping_submit", "Brings in a mapping edited as a table, inert until another person approves it.",
        MappingTableRequest => ChangeView, |ctx, r| editing::mapping_submit(ctx, r);
    write "mapping_preview", "Says what a mapping would change in the tie-out; nothing of it is kept.",
        MappingPreviewRequest => MappingPreview, |ctx, r| mapping_preview::mapping_preview(ctx, r);
    read "rates_check", "Reads a central bank's file of rates and says what it would bring.",
        RatesRequest => RatesView, |ctx, r| rates::rates_check(ctx, r);
    write "rates_propose", "Proposes the rates of a central bank's file as a change of the mapping.",
        RatesRequest => RatesView, |ctx, r| rates::rates_propose(ctx, r);
    write "import_mapping", "Brings in an account mapping, inert until another person approves it.",
        ImportChangeRequest => ChangeView, |ctx, r| changes::import_mapping(ctx, r);
    write "import_policy", "Brings in a policy, inert until another person approves it.",
        ImportChangeRequest => ChangeView, |ctx, r| simulate::import_policy(ctx, r);
    write "person_add", "Adds a person.", AddPersonRequest => PersonView, |ctx, r| people::person_add(ctx, r);
    write "person_role", "Gives a person another role; nobody changes their own.",
        RoleRequest => PersonView, |ctx, r| people::set_role(ctx, &r.person, parse_role(&r.role)?);
    write "person_remove", "Takes a person off the desk.",
        OneRequest => PersonView, |ctx, r| people::remove_person(ctx, &r.id);
    write "person_enrol", "Sets a person's own secret.",
        OneRequest => PersonView, |ctx, r| people::enrol(ctx, &r.id);
    write "person_confirm", "Says that a person who has set their secret is who they should be.",
        OneRequest => PersonView, |ctx, r| people::confirm_person(ctx, &r.id);
    write "person_change_passphrase", "Changes the acting person's own passphrase.",
        ChangePassphraseRequest => (), |ctx, r| passphrases::change_own_passphrase(ctx, r);
    write "secrets_change_passphrase", "Changes the passphrase of the vault.",
        ChangePassphraseRequest => (), |ctx, r| passphrases::change_vault_passphrase(ctx, r);
    write "person_card", "Writes the acting person's card: the public half of their key.",
        CardRequest => CardView, |ctx, r| cards::card_write(ctx, r);
    write "person_key_bring", "Brings the public half of a person's key over from their own machine.",
        BringKeyRequest => PersonView, |ctx, r| cards::card_bring(ctx, r);
    write "roster_export", "Writes this workspace's roster, signed by the acting administrator.",
        RosterExportRequest => Exported, |ctx, r| rosters::roster_export(ctx, r);
    write "roster_import", "Takes in another workspace's roster.",
        RosterImportRequest => RosterView, |ctx, r| rosters::roster_import(ctx, r);
    write "packet_export", "Writes a packet of postings for one person to decide on elsewhere.",
        PacketExportRequest => PacketMade, |ctx, r| sending::packet_export(ctx, r);
    // An encrypted one needs its reviewer's own secret.
    write "packet_show", "Shows a packet: checked, and nothing of it kept.",
        PacketShowRequest => PacketView, |ctx, r| packet_listing::packet_show(ctx, r);
    write "packet_decide", "Decides on items of a packet, each signed with one's own key.",
        PacketDecideRequest => Vec<PacketItemView>, |ctx, r| packet_deciding::packet_decide(ctx, r);
    write "packet_decisions", "Writes the decisions on a packet for the way back.",
        PacketDecisionsRequest => Exported, |ctx, r| packet_deciding::packet_decisions(ctx, r);
    write "packet_import", "Takes decisions on a packet in: each is judged anew.",
        PacketImportRequest => PacketTaken, |ctx, r| taking_in::packet_import(ctx, r);
    write "binder", "Writes the binder of an entity's period, signed by who makes it.",
        BinderRequest => BinderMade, |ctx, r| binder::binder(ctx, r);
    write "view_save", "Keeps a view under a name.",
        SaveViewRequest => SavedView, |ctx, r| saved_views::view_save(ctx, r);
    write "view_delete", "Forgets a saved view.",
        OneRequest => (), |ctx, r| saved_views::view_delete(ctx, &r.id);
    write "view_read", "Takes a view from a file.",
        ReadViewRequest => SavedView, |ctx, r| saved_views::view_read(ctx, r);
    read "view_write", "Writes a view to a file, for somebody else.",
        ViewFileRequest => Exported, |ctx, r| saved_views::view_write(ctx, r);
    // The log says who took what out.
    write "export", "Writes a file for a spreadsheet.",
        ExportRequest => Exported, |ctx, r| exporting::export(ctx, r);
}

/// What the list says of the command of this name.
///
/// # Errors
/// `command_unknown`.
pub fn info(name: &str) -> DeskResult<CommandInfo> {
    COMMANDS.iter().find(|info| info.name == name).copied().ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> DeskError {
    DeskError::new(Code::CommandUnknown, format!("there is no command {name}"))
}

pub(crate) fn parsed<T: DeserializeOwned>(name: &str, request: Value) -> DeskResult<T> {
    serde_json::from_value(request)
        .map_err(|e| DeskError::new(Code::BadRequest, format!("the request of {name} cannot be read: {e}")))
}

pub(crate) fn answered<T: Serialize>(answer: DeskResult<T>) -> DeskResult<Value> {
    Ok(serde_json::to_value(answer?)?)
}

#[cfg(test)]
#[path = "commands_tests.rs"]
mod tests;
