//! The one list of commands: name, request, response. The window's router ([`call`]) and the types of its
//! TypeScript ([`crate::bindings`]) are generated from it, and the CLI runs the same methods. A command
//! without a place in this list does not exist.
//!
//! Opening, making and restoring a workspace, reading an export and the demo need no open workspace: they are
//! functions of their own ([`crate::workspace`], [`crate::export`], [`crate::demo`]), and in the window
//! commands of the desk itself ([`crate::app`]). A secret that a request needs is a
//! [`crate::secrets::SecretText`], which goes in and never comes out.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    batch::{BatchPreview, BatchRequest},
    bindings::Bindings,
    change_text::ChangeText,
    changes::{ChangeView, ImportChangeRequest},
    connections::{AddConnectionRequest, ConnectionView, PauseRequest, RotateRequest},
    decide::DecideRequest,
    detail::{ExceptionDetail, Payload, PayloadRequest},
    error::{DeskError, DeskResult},
    exception_open::{OpenViewRequest, OpenedView},
    exception_views::{
        CountsRequest, ExceptionPage, FindRequest, Found, Ids, IdsRequest, PageRequest, QueueCounts,
        SelectionRequest, SelectionSummary,
    },
    exceptions::{CauseRecord, ExceptionsRequest, WorkRequest},
    exporting::{ExportRequest, Exported},
    flow_late::{FlowLate, FlowLateRequest},
    imports::{ImportFileRequest, ImportPeriodsRequest, ImportView},
    log_view::{LogPage, LogRequest},
    overview::Overview,
    people::{AddPersonRequest, PersonView, TwoPeople, parse_role},
    periods::{OpenPeriod, PeriodsRequest},
    post::{PostRequest, PostView},
    posting_views::{PostingDetail, PostingsPage, PostingsRequest},
    propose::{ProposeRequest, RerouteRequest, ReverseRequest},
    saved_views::{ReadViewRequest, SaveViewRequest, SavedView, ViewFileRequest},
    show::ShowView,
    sync::{SyncRequest, SyncView},
    tie_out::{CellDocuments, CellRequest, FlowView, TieOutRequest},
    vendors::VendorView,
    views::{AccountView, ExceptionRecord, Outcome, PostingView, TieOutView},
    workspace::{Desk, Verified},
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

/// Several things, by their ids.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ManyRequest {
    /// The ids.
    pub ids: Vec<String>,
    /// Only show what would be done.
    #[serde(default)]
    pub dry_run: bool,
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
        pub fn call(reader: &Desk, desk: &Desk, name: &str, request: Value) -> DeskResult<Value> {
            match name {
                $($name => {
                    let run: fn(&Desk, &$request) -> DeskResult<$response> = $run;
                    let request: $request = parsed(name, request)?;
                    command_list!(@run $kind reader desk run request)
                })*
                _ => Err(unknown(name)),
            }
        }

        /// The types of every command, for the bindings.
        pub(crate) fn describe(bindings: &mut Bindings) {
            $(bindings.command::<$request, $response>($name, $about);)*
        }
    };
    (@writes read) => { false };
    (@writes write) => { true };
    (@run read $reader:ident $desk:ident $run:ident $request:ident) => { answered($run($reader, &$request)) };
    (@run write $reader:ident $desk:ident $run:ident $request:ident) => {{
        let answer = answered($run($desk, &$request));
        $desk.anchor()?;
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
        pub(crate) fn describe(bindings: &mut crate::bindings::Bindings) {
            $(bindings.command::<$request, $response>($name, $about);)*
        }
    };
}
pub(crate) use app_list;

command_list! {
    // What is read: on a connection of its own, while something else writes.
    read "queue_counts", "Says what the queues hold and what they can be filtered by.",
        CountsRequest => QueueCounts, |desk, r| desk.queue_counts(r);
    read "exception_open", "Opens a view: how much it holds, its groups and its first rows.",
        OpenViewRequest => OpenedView, |desk, r| desk.exception_open(r);
    read "exception_page", "Reads a window of a view.",
        PageRequest => ExceptionPage, |desk, r| desk.exception_page(r);
    read "exception_find", "Says where an exception stands in a view.",
        FindRequest => Found, |desk, r| desk.exception_find(r);
    read "exception_ids", "Lists the ids of a view in its order.",
        IdsRequest => Ids, |desk, r| desk.exception_ids(r);
    read "exception_detail", "Shows one exception whole, with what may be done now.",
        OneRequest => ExceptionDetail, |desk, r| desk.exception_detail(&r.id);
    read "selection_summary", "Counts and sums a selection.",
        SelectionRequest => SelectionSummary, |desk, r| desk.selection_summary(r);
    read "payload", "Shows a document as its vendor sent it.",
        PayloadRequest => Payload, |desk, r| desk.payload(r);
    read "periods", "Lists accounting periods.", PeriodsRequest => Vec<OpenPeriod>, |desk, r| desk.periods(r);
    read "overview", "Says how the business flows, the queues and the close stand.",
        Nothing => Overview, |desk, _| desk.overview();
    read "flows", "Says how the five flows stand.",
        AsOfRequest => Vec<FlowView>, |desk, r| desk.flows(r.as_of.as_deref());
    read "flow_late", "Lists what is late of usage billing or of subscription amendments.",
        FlowLateRequest => FlowLate, |desk, r| desk.flow_late(r);
    read "tie_out", "Compares billing with the ledger per cell.",
        TieOutRequest => Vec<TieOutView>, |desk, r| desk.tie_out(r);
    read "tie_out_documents", "Lists the documents and entries of one cell.",
        CellRequest => CellDocuments, |desk, r| desk.tie_out_documents(r);
    read "postings_page", "Reads a window of the postings.",
        PostingsRequest => PostingsPage, |desk, r| desk.postings_page(r);
    read "posting_detail", "Shows one posting whole, with every attempt.",
        OneRequest => PostingDetail, |desk, r| desk.posting_detail(&r.id);
    read "log_page", "Reads a window of the log, the newest first.",
        LogRequest => LogPage, |desk, r| desk.log_page(r);
    read "verify", "Checks the log, its anchor and the file.", Nothing => Verified, |desk, _| desk.verify();
    read "people", "Lists people.", Nothing => Vec<PersonView>, |desk, _| desk.people();
    read "two_people", "Says who is lacking for one to prepare and another to approve.",
        Nothing => TwoPeople, |desk, _| desk.two_people();
    read "connections", "Lists connections with their last sync.",
        Nothing => Vec<ConnectionView>, |desk, _| desk.connections();
    read "vendors", "Lists what can be connected, and what each needs.",
        Nothing => Vec<VendorView>, |desk, _| Ok(desk.vendors());
    read "changes", "Lists mappings and policies.", Nothing => Vec<ChangeView>, |desk, _| desk.changes();
    read "change_text", "Shows what a mapping or policy says, line by line against the one in force.",
        OneRequest => ChangeText, |desk, r| desk.change_text(&r.id);
    read "saved_views", "Lists saved views.", Nothing => Vec<SavedView>, |desk, _| desk.saved_views();
    read "batch", "Says what would become of an action on many, without asking the ERP.",
        BatchRequest => BatchPreview, |desk, r| desk.batch(r);
    // What scripts read: whole lists, of which a window would choke.
    write "exceptions", "Looks for what fell due, and lists exceptions, each once.",
        ExceptionsRequest => Vec<ExceptionRecord>, |desk, r| desk.exceptions(r);
    write "exception_causes", "Looks for what fell due, and lists root causes.",
        ExceptionsRequest => Vec<CauseRecord>, |desk, r| desk.exception_groups(r);
    read "show", "Shows one exception by its id, its posting's or its reference.",
        OneRequest => ShowView, |desk, r| desk.show(&r.id);
    read "postings", "Lists postings with their state.",
        Nothing => Vec<PostingView>, |desk, _| desk.postings();
    read "posting", "Shows one posting.", OneRequest => PostingView, |desk, r| desk.posting(&r.id);
    // What acts.
    write "work", "Assigns, comments, holds, releases or dismisses.",
        WorkRequest => Vec<Outcome>, |desk, r| desk.work(r);
    write "propose", "Prepares the posting that settles an exception.",
        ProposeRequest => Vec<Outcome>, |desk, r| desk.propose(r);
    write "decide", "Approves or refuses postings and governed changes.",
        DecideRequest => Vec<Outcome>, |desk, r| desk.decide(r);
    write "reroute", "Prepares a posting for another date, period, account or entity.",
        RerouteRequest => Vec<Outcome>, |desk, r| desk.reroute(r);
    write "replay", "Sends failed postings again under the same key.",
        ManyRequest => Vec<Outcome>, |desk, r| desk.replay(&r.ids, r.dry_run);
    write "reverse", "Prepares the reversal of booked entries.",
        ReverseRequest => Vec<Outcome>, |desk, r| desk.reverse(r);
    write "cancel", "Withdraws postings that are not booked.",
        ManyRequest => Vec<Outcome>, |desk, r| desk.cancel_or_ask(&r.ids, r.dry_run);
    write "sync", "Reads what changed in billing and in the ERP, then detects.",
        SyncRequest => Vec<SyncView>, |desk, r| desk.sync(r);
    write "post", "Sends what is approved.", PostRequest => Vec<PostView>, |desk, r| desk.post(r);
    write "refresh", "Looks for what fell due.", Nothing => (), |desk, _| desk.refresh();
    write "connection_add", "Adds a connection; its credentials go straight to the secrets.",
        AddConnectionRequest => ConnectionView, |desk, r| desk.connection_add(r);
    write "connection_test", "Tries a connection's credentials.",
        OneRequest => AccountView, |desk, r| desk.test_connection(&r.id).map(AccountView::from);
    write "connection_rotate", "Replaces a connection's credentials.",
        RotateRequest => ConnectionView, |desk, r| desk.connection_rotate(r);
    write "connection_pause", "Pauses a connection, or takes it up again.",
        PauseRequest => ConnectionView, |desk, r| desk.connection_pause(r);
    write "connection_remove", "Removes a connection by which nothing was ever read or posted.",
        OneRequest => ConnectionView, |desk, r| desk.connection_remove(&r.id);
    write "import_billing", "Imports billing lines from a file.",
        ImportFileRequest => ImportView, |desk, r| desk.import_billing(r);
    write "import_gl", "Imports ledger detail from a file.",
        ImportFileRequest => ImportView, |desk, r| desk.import_gl(r);
    write "import_periods", "Imports accounting periods from a file.",
        ImportPeriodsRequest => ImportView, |desk, r| desk.import_periods(r);
    write "import_mapping", "Brings in an account mapping, inert until another person approves it.",
        ImportChangeRequest => ChangeView, |desk, r| desk.import_mapping(r);
    write "import_policy", "Brings in a policy, inert until another person approves it.",
        ImportChangeRequest => ChangeView, |desk, r| desk.import_policy(r);
    write "person_add", "Adds a person.", AddPersonRequest => PersonView, |desk, r| desk.person_add(r);
    write "person_role", "Gives a person another role; nobody changes their own.",
        RoleRequest => PersonView, |desk, r| desk.set_role(&r.person, parse_role(&r.role)?);
    write "person_remove", "Takes a person off the desk.",
        OneRequest => PersonView, |desk, r| desk.remove_person(&r.id);
    write "person_enrol", "Sets a person's own secret.",
        OneRequest => PersonView, |desk, r| desk.enrol(&r.id);
    write "view_save", "Keeps a view under a name.",
        SaveViewRequest => SavedView, |desk, r| desk.view_save(r);
    write "view_delete", "Forgets a saved view.", OneRequest => (), |desk, r| desk.view_delete(&r.id);
    write "view_read", "Takes a view from a file.", ReadViewRequest => SavedView, |desk, r| desk.view_read(r);
    read "view_write", "Writes a view to a file, for somebody else.",
        ViewFileRequest => Exported, |desk, r| desk.view_write(r);
    read "export", "Writes a file for a spreadsheet.", ExportRequest => Exported, |desk, r| desk.export(r);
}

/// What the list says of the command of this name.
///
/// # Errors
/// `command_unknown`.
pub fn info(name: &str) -> DeskResult<CommandInfo> {
    COMMANDS.iter().find(|info| info.name == name).copied().ok_or_else(|| unknown(name))
}

fn unknown(name: &str) -> DeskError {
    DeskError::new("command_unknown", format!("there is no command {name}"))
}

pub(crate) fn parsed<T: DeserializeOwned>(name: &str, request: Value) -> DeskResult<T> {
    serde_json::from_value(request)
        .map_err(|e| DeskError::new("bad_request", format!("the request of {name} cannot be read: {e}")))
}

pub(crate) fn answered<T: Serialize>(answer: DeskResult<T>) -> DeskResult<Value> {
    Ok(serde_json::to_value(answer?)?)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        Session,
        secrets::{Backend, Passphrase, PassphraseFor, SecretError},
    };

    fn passphrase(what: &PassphraseFor) -> Result<Passphrase, SecretError> {
        Ok(Passphrase::new(format!("a test passphrase for {}", what.variable())))
    }

    fn desk(folder: &std::path::Path) -> Desk {
        let path = folder.join("w.tieoutdb");
        Desk::init(&path, Backend::Vault, "Test", false, &passphrase).unwrap();
        let session =
            Session { acting: None, passphrases: Box::new(passphrase), enrolment: Box::new(|_| None) };
        Desk::open(&path, session).unwrap()
    }

    #[test]
    fn every_command_has_one_name_and_one_line_of_explanation() {
        for (index, info) in COMMANDS.iter().enumerate() {
            assert!(info.about.ends_with('.'), "{}", info.name);
            assert!(COMMANDS[..index].iter().all(|other| other.name != info.name), "{} twice", info.name);
        }
    }

    #[test]
    fn the_router_answers_in_json_and_refuses_with_a_code() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(folder.path());
        let people = call(&desk, &desk, "people", json!({})).unwrap();
        assert_eq!(people[0]["role"], "administrator");
        assert_eq!(call(&desk, &desk, "exceptions", json!({})).unwrap(), json!([]));
        assert_eq!(call(&desk, &desk, "verify", json!({})).unwrap()["sound"], true);
        let code = |name: &str, request| call(&desk, &desk, name, request).unwrap_err().code;
        assert_eq!(code("unknown", json!({})), "command_unknown");
        assert_eq!(code("show", json!({})), "bad_request");
        assert_eq!(code("show", json!({ "id": "exc_none" })), "not_found");
        assert_eq!(code("exceptions", json!({ "queue": "nowhere" })), "queue_unknown");
    }

    #[test]
    fn a_flow_without_a_source_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let flows = {
            let desk = desk(folder.path());
            call(&desk, &desk, "flows", json!({}))
        }
        .unwrap();
        assert_eq!(flows.as_array().unwrap().len(), 5);
        assert!(flows[0]["note"].as_str().unwrap().starts_with("not seen: it needs"));
        assert_eq!(flows[0]["done"], Value::Null);
    }
}
