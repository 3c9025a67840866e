//! Journal files: approved postings of a ledger that is read from files leave in the form in which it takes
//! them in, each with our key. They are handed over, not posted: the ledger's next file has to show them, and
//! somebody else than who handed them over has to confirm it.

use std::{collections::BTreeMap, path::PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::json;
use tieout_connectors::files::outgoing::{self, Form, OutgoingEntry, OutgoingError};
use tieout_domain::{
    AccountCode, EntityCode, HandoverId, PostingId,
    destination::Customer,
    exception::Remedy,
    hash::sha256_hex,
    people::Action,
    posting::{PostingState, PostingStep},
};
use tieout_duties::{HandoverFacts, Subject};
use tieout_posting::AuthorityError;
use tieout_store::{
    Connection, ConnectionRole, HandedPosting, NewHandover, PostingFilter, PostingRow, StoredHandover,
};

use crate::{
    access::{
        actor::{self, refused},
        enrolment,
    },
    base::{
        clock::OsEntropy,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        files::{not_there, write_whole},
        views::Outcome,
    },
    governance::{changes, posting_switch},
    intake::{connections, detection},
    queue::outcome::{self, Done},
    settlement::{decide, post::authority},
};

/// Approved postings to be written into a journal file.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct HandoverWriteRequest {
    /// The ledger's connection; may be left out where only one is read from files.
    #[serde(default)]
    #[ts(optional)]
    pub connection: Option<String>,
    /// The form, by its name; by default that of the ledger's own files.
    #[serde(default)]
    #[ts(optional)]
    pub format: Option<String>,
    /// The file to write.
    pub to: PathBuf,
    /// In place of a file that is there.
    #[serde(default)]
    pub force: bool,
    /// Postings or their exceptions; all that wait without any.
    #[serde(default)]
    pub ids: Vec<String>,
    /// Why those that are in a file already are written once more.
    #[serde(default)]
    #[ts(optional)]
    pub again: Option<String>,
    /// What the form has to be told, by the option's name.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
}

/// A journal file to be confirmed.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct HandoverConfirmRequest {
    /// Its id.
    pub id: String,
    /// SHA-256 of the file, as the person saw it.
    #[serde(default)]
    #[ts(optional)]
    pub content: Option<String>,
}

/// A journal file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct HandedOver {
    /// Its id.
    pub id: String,
    /// Where it is.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// How many bytes it has.
    #[ts(type = "number")]
    pub size: u64,
    /// The ledger's connection.
    pub connection: String,
    /// The name of its form.
    pub format: String,
    /// How many postings are in it.
    pub count: u64,
    /// What became of each that was to be written.
    pub outcomes: Vec<Outcome>,
    /// In words: what is in it, and what whoever imports it has to know.
    pub message: String,
}

/// What confirming a journal file came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct HandoverConfirmed {
    /// Its id.
    pub id: String,
    /// The file's name.
    pub file: String,
    /// Postings that are settled by it: the ledger's last file shows them.
    pub settled: u64,
    /// Postings that wait for the ledger's next file.
    pub waiting: u64,
    /// In words.
    pub message: String,
}

/// A posting that may leave, with the steps that are to be written.
pub(crate) struct Ready {
    row: PostingRow,
    steps: Vec<PostingStep>,
    again: Option<String>,
}

/// The ledger that is meant: one that is read from files.
pub(crate) fn ledger(ctx: &Context, name: Option<&str>) -> DeskResult<Connection> {
    let of_files = |c: &Connection| c.role == ConnectionRole::Erp && c.is_files();
    if let Some(name) = name {
        let found = connections::find_connection(ctx, name)?;
        if of_files(&found) {
            return Ok(found);
        }
        let message = format!("{name} is no ledger that is read from files: tieout post sends to an ERP");
        return Err(DeskError::new(Code::ConnectionUnfit, message));
    }
    let mut all = ctx.known().connections()?;
    all.retain(of_files);
    match all.len() {
        1 => Ok(all.remove(0)),
        0 => Err(DeskError::new(Code::NoErp, "no ledger here is read from files: import one first")),
        _ => Err(DeskError::new(
            Code::ErpAmbiguous,
            format!(
                "several ledgers are read from files: name one with --connection ({})",
                all.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(", ")
            ),
        )),
    }
}

/// The form that is meant: the one that was named, or that of the ledger's own files.
pub(crate) fn form_for(
    ctx: &Context,
    connection: &Connection,
    name: Option<&str>,
) -> DeskResult<&'static Form> {
    if let Some(name) = name {
        return outgoing::form(name).ok_or_else(|| {
            let names: Vec<&str> = outgoing::forms().iter().map(|form| form.name.as_str()).collect();
            let message = format!("\"{name}\" is no form of a journal file; there are {}", names.join(", "));
            DeskError::new(Code::HandoverOption, message)
        });
    }
    Ok(outgoing::usual(changes::profile_of(ctx, &connection.name)?.as_deref()))
}

fn below(error: &OutgoingError) -> DeskError {
    DeskError::below(error.code, error.message.clone())
}

/// Writes approved postings into a journal file, whole or not at all. They are handed over from then on.
///
/// # Errors
/// `posting_off`, `no_erp`, `erp_ambiguous`, `connection_unfit`, `connection_observes`, `handover_option`,
/// `nothing_to_post`, `export_exists`, `file_unusable`, a refusal. What is left out is in the outcomes.
pub fn handover_write(ctx: &Context, request: &HandoverWriteRequest) -> DeskResult<HandedOver> {
    enrolment::posting_is_on(ctx)?;
    let connection = ledger(ctx, request.connection.as_deref())?;
    posting_switch::must_be_on(ctx, &connection)?;
    not_there(&request.to, request.force)?;
    let form = form_for(ctx, &connection, request.format.as_deref())?;
    let options = outgoing::options(form, &request.options).map_err(|e| below(&e))?;
    let actor = actor::actor(ctx)?;
    actor::judge(ctx, &actor, Action::HandOver, Subject::Workspace, &connection.name)?;
    let (ready, mut outcomes) = chosen(ctx, &connection, request)?;
    let names = Named::of(ctx, &connection)?;
    let fit = fitting(form, &names, &ready);
    let mut written = Vec::new();
    for (one, fits) in ready.into_iter().zip(fit) {
        match fits {
            Ok(()) => written.push(one),
            Err(error) => {
                let id = one.row.posting.id.to_string();
                outcomes.push(outcome::outcome(ctx, &id, Err(below(&error))));
            }
        }
    }
    if written.is_empty() {
        return Err(nothing(&connection, &outcomes));
    }
    let entries = written.iter().flat_map(|one| names.entries(one)).collect::<Vec<_>>();
    let bytes = outgoing::write(form, &entries, &options, ctx.clock.now()).map_err(|e| below(&e))?;
    let file = request.to.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let new = NewHandover {
        id: HandoverId::random(&mut OsEntropy),
        connection: connection.id.clone(),
        format: form.name.clone(),
        file: file.clone(),
        sha256: sha256_hex(&bytes),
        size: bytes.len() as u64,
        by: actor.id().clone(),
        postings: written.iter().map(handed).collect(),
    };
    let detail = json!({ "connection": connection.name });
    write_whole(&request.to, request.force, &bytes, || {
        actor::signed(ctx, &actor, "handed_over", new.id.as_str(), detail, |store, log| {
            store.hand_over(&new, log)
        })
    })?;
    let told = written.iter().map(|one| {
        let done = Done::new(PostingState::HandedOver.as_str(), format!("Handed over in {file}"));
        let done = done.of_posting(&one.row.posting.id).named(&one.row.posting.reference);
        outcome::outcome(ctx, one.row.posting.id.as_str(), Ok(done))
    });
    outcomes.splice(0..0, told.collect::<Vec<_>>());
    Ok(HandedOver {
        id: new.id.to_string(),
        file: request.to.display().to_string(),
        sha256: new.sha256,
        size: new.size,
        connection: connection.name,
        format: form.name.clone(),
        count: written.len() as u64,
        outcomes,
        message: format!(
            "{} {} written for {}. {} Nothing counts as posted until the ledger's next file shows it and \
             another person confirms it",
            written.len(),
            if written.len() == 1 { "posting" } else { "postings" },
            form.title,
            form.note
        ),
    })
}

/// That nothing can be written: why not, where only one thing was to be.
fn nothing(connection: &Connection, outcomes: &[Outcome]) -> DeskError {
    match outcomes {
        [] => DeskError::new(
            Code::NothingToPost,
            format!("nothing waits to be handed over to {}", connection.name),
        ),
        [one] => DeskError::below(&one.code, one.message.clone()),
        many => DeskError::new(
            Code::NothingToPost,
            format!(
                "none of {} postings can be handed over to {}; the first: {}",
                many.len(),
                connection.name,
                many[0].message
            ),
        ),
    }
}

fn handed(ready: &Ready) -> HandedPosting {
    HandedPosting {
        posting: ready.row.posting.id.clone(),
        content_hash: ready.row.content_hash.clone(),
        steps: ready.steps.iter().map(|step| step.number).collect(),
        again: ready.again.clone(),
    }
}

/// The postings that are meant, judged one by one.
fn chosen(
    ctx: &Context,
    connection: &Connection,
    request: &HandoverWriteRequest,
) -> DeskResult<(Vec<Ready>, Vec<Outcome>)> {
    let again = request.again.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let ids: Vec<String> = match request.ids.is_empty() {
        true => waiting(ctx, connection)?.iter().map(|row| row.posting.id.to_string()).collect(),
        false => request.ids.clone(),
    };
    let (mut ready, mut outcomes) = (Vec::<Ready>::new(), Vec::new());
    for id in &ids {
        let row = decide::posting_to_decide(ctx, id);
        match row.and_then(|row| may_leave(ctx, connection, row, again)) {
            Ok(one) if ready.iter().any(|other| other.row.posting.id == one.row.posting.id) => {}
            Ok(one) => ready.push(one),
            Err(error) => outcomes.push(outcome::outcome(ctx, id, Err(error))),
        }
    }
    Ok((ready, outcomes))
}

/// Approved postings of a ledger that wait to be handed over, in the order in which they were prepared.
pub(crate) fn waiting(ctx: &Context, connection: &Connection) -> DeskResult<Vec<PostingRow>> {
    let filter = PostingFilter {
        states: vec![PostingState::Queued],
        connection: Some(connection.id.clone()),
        ..PostingFilter::default()
    };
    Ok(ctx.store().postings(&filter)?)
}

/// Whether a posting may leave now: the same questions as before a send.
pub(crate) fn may_leave(
    ctx: &Context,
    connection: &Connection,
    row: PostingRow,
    again: Option<&str>,
) -> DeskResult<Ready> {
    if row.posting.connection != connection.id {
        let message = format!("It goes to another ledger than {}", connection.name);
        return Err(DeskError::new(Code::ConnectionUnfit, message));
    }
    let again = match (row.state, again) {
        (PostingState::Queued, _) => None,
        (PostingState::HandedOver, Some(reason)) => Some(reason.to_owned()),
        (PostingState::HandedOver, None) => {
            let message = "It is in a journal file already: say why it is written once more (--again REASON)";
            return Err(DeskError::new(Code::PostingHandedOver, message));
        }
        (state, _) => {
            let message = format!("It is {}", crate::base::wording::posting(state));
            return Err(DeskError::new(Code::PostingNotApproved, message));
        }
    };
    ready_to_leave(ctx, row, again)
}

fn ready_to_leave(ctx: &Context, row: PostingRow, again: Option<String>) -> DeskResult<Ready> {
    let going_on = authority::may_go_on(&ctx.store(), &row);
    going_on.map_err(|error| not_now(ctx, error))?;
    let judged = decide::judged(ctx, &row)?;
    let status = decide::known_status(ctx, &row)?;
    for step in &row.posting.steps {
        let request = judged.request(&row, step.number, status);
        let request = request.map_err(|words| DeskError::new(Code::PostingContentDamaged, words))?;
        judged.duties.permit(&request, &judged.roster).map_err(|e| refused(&e, &judged.roster))?;
    }
    not_booked_since(ctx, &row)?;
    let there = ctx.store().steps_in_ledger(&row)?;
    if !there.is_empty() && again.is_none() {
        let message =
            "The ledger's last file has an entry under its key already: it is not handed over twice";
        return Err(DeskError::new(Code::AlreadyInLedger, message));
    }
    let missing = row.posting.steps.iter().filter(|step| !there.contains(&step.number));
    let steps: Vec<PostingStep> = missing.cloned().collect();
    if steps.is_empty() {
        let message = "The ledger's last file has all of it under its keys: it waits to be confirmed";
        return Err(DeskError::new(Code::AlreadyInLedger, message));
    }
    Ok(Ready { row, steps, again })
}

/// Refuses what the ledger's files have shown otherwise since: what books a document alone, whose exception
/// asks for something else by now.
fn not_booked_since(ctx: &Context, row: &PostingRow) -> DeskResult<()> {
    let exception = ctx.known().exception(&row.posting.exception)?;
    let only_books = row.posting.steps.iter().all(|step| step.reverses.is_none());
    let booked = only_books && (exception.kind.remedy() != Remedy::Book || !exception.state.is_open());
    match booked {
        false => Ok(()),
        true => Err(DeskError::new(
            Code::AlreadyInLedger,
            "The ledger has an entry of its document by now: cancel this posting, and look at it again",
        )),
    }
}

fn not_now(ctx: &Context, error: AuthorityError) -> DeskError {
    match error {
        AuthorityError::Refused(refusal) => match actor::roster(ctx) {
            Ok(roster) => refused(&refusal, &roster),
            Err(error) => error,
        },
        AuthorityError::BasisMoved(moved) => {
            let moves: Vec<String> = moved.moves.iter().map(ToString::to_string).collect();
            let message = format!("{}: cancel it and propose it again", moves.join("; "));
            DeskError::new(Code::BasisMoved, crate::base::labels::capital(&message))
        }
        AuthorityError::Held => DeskError::new(Code::ExceptionState, error.to_string()),
        AuthorityError::Unavailable(_) | AuthorityError::Unread { .. } => {
            DeskError::new(Code::PermitUnavailable, error.to_string())
        }
    }
}

/// What entries are called by in a file.
struct Named {
    accounts: BTreeMap<AccountCode, String>,
    entities: BTreeMap<EntityCode, String>,
}

impl Named {
    fn of(ctx: &Context, connection: &Connection) -> DeskResult<Self> {
        let names = ctx.known().account_names()?;
        let own = names.into_iter().filter(|one| one.connection == connection.id);
        let mapping = changes::mapping_needed(ctx)?.content;
        let called = mapping.entities.iter().map(|entity| {
            let name = if entity.name.is_empty() { entity.code.to_string() } else { entity.name.clone() };
            (entity.code.clone(), name)
        });
        Ok(Self { accounts: own.map(|one| (one.code, one.name)).collect(), entities: called.collect() })
    }

    fn entries<'a>(&'a self, ready: &'a Ready) -> Vec<OutgoingEntry<'a>> {
        let of = |step: &'a PostingStep| {
            let customer = step.destination.as_ref().and_then(|to| to.customer.as_ref());
            let code = step.entry.entity();
            OutgoingEntry {
                step,
                reference: &ready.row.posting.reference,
                customer: customer.map(|customer| match customer {
                    Customer::Known { erp_id } => erp_id.as_str(),
                    Customer::New { name, .. } => name.as_str(),
                }),
                entity_name: self.entities.get(code).map_or(code.as_str(), String::as_str),
                account_names: &self.accounts,
            }
        };
        ready.steps.iter().map(of).collect()
    }
}

/// Which postings fit into the file, each with all of its entries.
fn fitting(form: &Form, names: &Named, ready: &[Ready]) -> Vec<Result<(), OutgoingError>> {
    let entries: Vec<OutgoingEntry<'_>> = ready.iter().flat_map(|one| names.entries(one)).collect();
    let mut each = outgoing::fitting(form, &entries).into_iter();
    let of = |one: &Ready| each.by_ref().take(one.steps.len()).collect::<Vec<_>>().into_iter().collect();
    ready.iter().map(of).collect()
}

/// The duties' view of a journal file.
pub(crate) fn subject(stored: &StoredHandover) -> Subject {
    let facts = HandoverFacts { id: stored.id.clone(), handed_over_by: [stored.by.clone()].into() };
    Subject::Handover(facts)
}

/// Confirms what somebody else handed over. What the ledger's last file shows of it, as it was approved, is
/// settled; what it does not show waits for the next one.
///
/// # Errors
/// `bad_id`, `not_found`, `content_not_shown`, `content_changed`, `already_exists`, a refusal.
pub fn handover_confirm(ctx: &Context, request: &HandoverConfirmRequest) -> DeskResult<HandoverConfirmed> {
    let id: HandoverId = request.id.parse()?;
    let stored = ctx.store().handover(&id)?;
    let actor = actor::actor(ctx)?;
    actor::judge(ctx, &actor, Action::ConfirmHandover, subject(&stored), id.as_str())?;
    match request.content.as_deref().map(str::trim) {
        Some(shown) if shown == stored.sha256 => {}
        Some(_) => {
            let message = format!("{} is another file than the one that was shown", stored.file);
            return Err(DeskError::new(Code::ContentChanged, message));
        }
        None => {
            let message = format!("Look at {} first, and say its sha256 (--content)", stored.file);
            return Err(DeskError::new(Code::ContentNotShown, message));
        }
    }
    let detail = json!({ "file": stored.file });
    let settled: Vec<PostingId> =
        actor::signed(ctx, &actor, "handover_confirmed", id.as_str(), detail, |store, log| {
            store.confirm_handover(&id, actor.id(), log)
        })?;
    detection::refresh(ctx)?;
    let own = stored.postings.iter().filter(|one| one.current);
    let (of_it, rest): (Vec<_>, Vec<_>) = own.partition(|one| settled.contains(&one.handed.posting));
    let message = match (of_it.len(), rest.len()) {
        (done, 0) => format!("Confirmed: {done} settled, the ledger shows them"),
        (0, left) => format!("Confirmed: {left} waiting for the ledger's next file"),
        (done, left) => format!("Confirmed: {done} settled, {left} waiting for the ledger's next file"),
    };
    Ok(HandoverConfirmed {
        id: id.to_string(),
        file: stored.file.clone(),
        settled: of_it.len() as u64,
        waiting: rest.len() as u64,
        message,
    })
}
