//! What waits to be handed over, and what was: as commands answer it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_connectors::files::outgoing::{self, Form};
use tieout_domain::{ConnectionId, people::Action};
use tieout_store::{Connection, ConnectionRole, HandedRow, PostingRow, StoredHandover};

use crate::{
    access::{
        action::ActionView,
        actor::{self, Names},
        judging,
    },
    base::{
        closed,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
    },
    governance::posting_switch,
    settlement::handover,
};

/// A choice that a form needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FormOptionView {
    /// Its stable name.
    pub name: String,
    /// What it is, for people.
    pub label: String,
    /// True where there is no usual value.
    pub needed: bool,
    /// The usual value.
    pub usual: Option<String>,
}

/// A form of journal files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct FormView {
    /// Its stable name.
    pub name: String,
    /// What it is, for people.
    pub title: String,
    /// What whoever imports it has to know.
    pub note: String,
    /// Where it is documented.
    pub sources: Vec<String>,
    /// What it has to be told.
    pub options: Vec<FormOptionView>,
}

/// An approved posting that waits to be handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct WaitingView {
    /// The posting.
    pub posting: String,
    /// The exception that it settles.
    pub exception: String,
    /// The document's reference.
    pub reference: String,
    /// The legal entity.
    pub entity: String,
    /// The period that it posts into.
    pub period: String,
    /// The control amount in major units.
    pub amount: String,
    /// Its currency.
    pub currency: String,
    /// Why it cannot leave now.
    pub refusal: Option<DeskError>,
}

/// A ledger that is read from files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct HandoverLedger {
    /// The connection's name.
    pub connection: String,
    /// True where approved postings may be handed over to it.
    pub on: bool,
    /// The form of its own files.
    pub usual: String,
    /// What waits.
    pub waiting: Vec<WaitingView>,
    /// Whether the acting person may hand over.
    pub action: ActionView,
}

/// A posting of a journal file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct HandedView {
    /// The posting.
    pub posting: String,
    /// The exception that it settles.
    pub exception: String,
    /// The document's reference.
    pub reference: String,
    /// The legal entity.
    pub entity: String,
    /// The period that it posts into.
    pub period: String,
    /// The control amount in major units.
    pub amount: String,
    /// Its currency.
    pub currency: String,
    /// Where it stands.
    #[ts(as = "closed::PostingState")]
    pub state: String,
    /// What the ledger's files showed of it: waiting, shown, differs or not_shown.
    #[ts(as = "closed::HandoverOutcome")]
    pub outcome: String,
    /// The same in words; empty while nothing is known.
    pub words: String,
    /// Why it was written once more.
    pub again: Option<String>,
    /// True in the last file that it was written into.
    pub current: bool,
}

/// A journal file that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct HandoverFile {
    /// Its id.
    pub id: String,
    /// The ledger's connection.
    pub connection: String,
    /// The name of its form.
    pub format: String,
    /// What the form is, for people.
    pub title: String,
    /// The file's name.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// How many bytes it has.
    #[ts(type = "number")]
    pub size: u64,
    /// Who handed it over.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Who confirmed it.
    pub confirmed_by: Option<String>,
    /// When.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// Its postings.
    pub postings: Vec<HandedView>,
    /// Whether the acting person may confirm it; nothing where somebody has.
    pub actions: Vec<ActionView>,
}

/// Everything about journal files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct HandoverView {
    /// Ledgers that are read from files.
    pub ledgers: Vec<HandoverLedger>,
    /// The forms that there are, the plain one first.
    pub forms: Vec<FormView>,
    /// Journal files, the newest first.
    pub files: Vec<HandoverFile>,
}

/// What waits to be handed over, and what was.
///
/// # Errors
/// A database error.
pub fn handovers(ctx: &Context) -> DeskResult<HandoverView> {
    let ctx = &ctx.asking();
    let mut ledgers = ctx.known().connections()?;
    ledgers.retain(|c| c.role == ConnectionRole::Erp && c.is_files());
    let files = ctx.store().handovers(None)?;
    let names = actor::names(ctx)?;
    Ok(HandoverView {
        forms: outgoing::forms().iter().map(form_view).collect(),
        files: files.iter().map(|one| file_view(ctx, &names, one)).collect::<DeskResult<_>>()?,
        ledgers: ledgers.iter().map(|one| ledger_view(ctx, one)).collect::<DeskResult<_>>()?,
    })
}

fn form_view(form: &Form) -> FormView {
    let option = |one: &outgoing::FormOption| FormOptionView {
        name: one.name.clone(),
        label: one.label.clone(),
        needed: one.needed,
        usual: one.usual.clone(),
    };
    FormView {
        name: form.name.clone(),
        title: form.title.clone(),
        note: form.note.clone(),
        sources: form.sources.clone(),
        options: form.option.iter().map(option).collect(),
    }
}

fn ledger_view(ctx: &Context, connection: &Connection) -> DeskResult<HandoverLedger> {
    let waiting = handover::waiting(ctx, connection)?;
    let of = |row: PostingRow| WaitingView {
        posting: row.posting.id.to_string(),
        exception: row.posting.exception.to_string(),
        reference: row.posting.reference.clone(),
        entity: row.entity.to_string(),
        period: row.period.to_string(),
        amount: decimal_text(row.amount_minor, row.currency.code()),
        currency: row.currency.code().to_owned(),
        refusal: handover::may_leave(ctx, connection, row, None).err(),
    };
    let subject = tieout_duties::Subject::Workspace;
    Ok(HandoverLedger {
        connection: connection.name.clone(),
        on: posting_switch::is_on(ctx, connection)?,
        usual: handover::form_for(ctx, connection, None)?.name.clone(),
        waiting: waiting.into_iter().map(of).collect(),
        action: judging::may(ctx, Action::HandOver, subject, &connection.name),
    })
}

fn file_view(ctx: &Context, names: &Names, one: &StoredHandover) -> DeskResult<HandoverFile> {
    let may = || judging::may(ctx, Action::ConfirmHandover, handover::subject(one), one.id.as_str());
    let (by, at) = one.confirmed.clone().unzip();
    Ok(HandoverFile {
        id: one.id.to_string(),
        connection: name_of(ctx, &one.connection)?,
        format: one.format.clone(),
        title: outgoing::form(&one.format).map_or_else(|| one.format.clone(), |form| form.title.clone()),
        file: one.file.clone(),
        sha256: one.sha256.clone(),
        size: one.size,
        by: names.of(one.by.as_str()),
        at: one.at,
        actions: if by.is_none() { vec![may()] } else { Vec::new() },
        confirmed_by: by.map(|by| names.of(by.as_str())),
        confirmed_at: at,
        postings: one.postings.iter().map(|row| handed_view(ctx, row)).collect::<DeskResult<_>>()?,
    })
}

fn name_of(ctx: &Context, id: &ConnectionId) -> DeskResult<String> {
    Ok(ctx.known().connection(id)?.name)
}

fn handed_view(ctx: &Context, one: &HandedRow) -> DeskResult<HandedView> {
    let row = ctx.known().posting(&one.handed.posting)?;
    Ok(HandedView {
        posting: row.posting.id.to_string(),
        exception: row.posting.exception.to_string(),
        reference: row.posting.reference.clone(),
        entity: row.entity.to_string(),
        period: row.period.to_string(),
        amount: decimal_text(row.amount_minor, row.currency.code()),
        currency: row.currency.code().to_owned(),
        state: row.state.as_str().to_owned(),
        outcome: one.outcome.as_str().to_owned(),
        words: one.words.clone(),
        again: one.handed.again.clone(),
        current: one.current,
    })
}
