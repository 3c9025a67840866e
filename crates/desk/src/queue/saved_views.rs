//! Saved views: a query with its columns under a name, shared by everyone at the desk, and as a file that can
//! be handed on. A file holds nothing of people (who a view is assigned to is written as "me", or not at
//! all) and no secret.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tieout_domain::{people::Action, ports::Entropy as _};
use tieout_duties::Subject;
use tieout_store::StoredView;

use crate::{
    access::judging,
    base::{
        clock::OsEntropy,
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        written::Exported,
    },
    queue::{
        exception_query::{self, ExceptionQuery},
        exception_views::GroupBy,
    },
};

/// The form of a view's file.
const VERSION: u32 = 1;
/// What the first line of a file says it is.
const KIND: &str = "tieout view";
/// A name's letters at most.
const NAME: usize = 80;
/// A file's bytes at most.
const FILE: u64 = 64 * 1024;

/// A saved view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct SavedView {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Which exceptions, and in which order.
    pub query: ExceptionQuery,
    /// By what it is put into groups.
    pub group_by: Option<GroupBy>,
    /// Its columns.
    pub columns: Vec<String>,
    /// How many exceptions it holds now; none where that cannot be said.
    pub count: Option<u64>,
}

/// A view to be saved.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct SaveViewRequest {
    /// The one it takes the place of; a new one without.
    #[serde(default)]
    pub id: Option<String>,
    /// What people call it.
    pub name: String,
    /// Which exceptions, and in which order.
    pub query: ExceptionQuery,
    /// By what it is put into groups.
    #[serde(default)]
    pub group_by: Option<GroupBy>,
    /// Its columns.
    #[serde(default)]
    pub columns: Vec<String>,
}

/// A view, and the file it goes to.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ViewFileRequest {
    /// The view.
    pub id: String,
    /// The file.
    pub path: PathBuf,
}

/// A file with a view.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ReadViewRequest {
    /// The file.
    pub file: PathBuf,
}

/// What is kept of a view, in the workspace and in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    query: ExceptionQuery,
    #[serde(default)]
    group_by: Option<GroupBy>,
    #[serde(default)]
    columns: Vec<String>,
}

/// A view's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ViewFile {
    kind: String,
    version: u32,
    name: String,
    view: Content,
}

/// What every version of a view's file says.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    version: u32,
}

fn refused(path: &Path, why: impl std::fmt::Display) -> DeskError {
    DeskError::new(Code::ViewUnusable, format!("{}: {why}", path.display()))
}

fn name(text: &str) -> DeskResult<String> {
    let name = text.trim();
    if name.is_empty() || name.chars().count() > NAME || name.chars().any(char::is_control) {
        let message = format!("a view's name has 1 to {NAME} letters in one line");
        return Err(DeskError::new(Code::BadName, message));
    }
    Ok(name.to_owned())
}

fn read(path: &Path) -> DeskResult<ViewFile> {
    let length = std::fs::metadata(path).map_err(|e| DeskError::file(path, &e))?.len();
    if length > FILE {
        return Err(refused(path, format!("{length} bytes are too many for a view")));
    }
    let text = std::fs::read_to_string(path).map_err(|e| DeskError::file(path, &e))?;
    let head: Head = serde_json::from_str(&text).map_err(|_| refused(path, "it is no view of Tieout"))?;
    if head.kind != KIND {
        return Err(refused(path, "it is no view of Tieout"));
    }
    if head.version != VERSION {
        let why = format!("it has version {}, this Tieout reads version {VERSION}", head.version);
        return Err(DeskError { code: Code::ViewVersion, ..refused(path, why) });
    }
    serde_json::from_str(&text).map_err(|e| refused(path, e))
}

/// The saved views with how many exceptions each holds.
///
/// # Errors
/// A database error.
pub fn saved_views(ctx: &Context) -> DeskResult<Vec<SavedView>> {
    let stored = ctx.store().saved_views()?;
    stored.into_iter().map(|view| saved(ctx, view)).collect()
}

fn saved(ctx: &Context, stored: StoredView) -> DeskResult<SavedView> {
    let content: Content = serde_json::from_str(&stored.content)?;
    // A view of "me" has no count where nobody acts.
    let count = match exception_query::view_of(ctx, &content.query) {
        Ok(view) => Some(ctx.store().view_count(&view)?),
        Err(_) => None,
    };
    Ok(SavedView {
        id: stored.id,
        name: stored.name,
        query: content.query,
        group_by: content.group_by,
        columns: content.columns,
        count,
    })
}

/// Views are everybody's: who only reads keeps none and forgets none.
fn may_keep(ctx: &Context, view: &str) -> DeskResult<()> {
    judging::judged_without_secret(ctx, Action::KeepViews, Subject::Workspace, view)
}

/// Saves a view, in place of another where its id is given.
///
/// # Errors
/// A refusal, `bad_name`, `view_name_taken`, and what a query can give.
pub fn view_save(ctx: &Context, request: &SaveViewRequest) -> DeskResult<SavedView> {
    let name = name(&request.name)?;
    may_keep(ctx, &name)?;
    exception_query::view_of(ctx, &request.query)?;
    let others = ctx.store().saved_views()?;
    if others.iter().any(|other| other.name == name && Some(&other.id) != request.id.as_ref()) {
        return Err(DeskError::new(Code::ViewNameTaken, format!("there is a view named {name} already")));
    }
    let id = match &request.id {
        Some(id) => ctx.store().saved_view(id)?.id,
        None => new_id(),
    };
    let content = Content {
        query: request.query.clone(),
        group_by: request.group_by,
        columns: request.columns.clone(),
    };
    let content = serde_json::to_string(&content)?;
    let stored = StoredView { id, name, content, saved_at: ctx.clock.now() };
    ctx.writing()?.put_saved_view(&stored)?;
    saved(ctx, stored)
}

/// Forgets a saved view.
///
/// # Errors
/// A refusal, `not_found`.
pub fn view_delete(ctx: &Context, id: &str) -> DeskResult<()> {
    may_keep(ctx, id)?;
    Ok(ctx.writing()?.delete_saved_view(id)?)
}

/// Writes a saved view to a file that can be handed on. Whom a view is assigned to stays here.
///
/// # Errors
/// `not_found`, `file_unusable`.
pub fn view_write(ctx: &Context, request: &ViewFileRequest) -> DeskResult<Exported> {
    let stored = ctx.store().saved_view(&request.id)?;
    let mut view: Content = serde_json::from_str(&stored.content)?;
    let general = |who: &String| who == "me" || who == "nobody";
    view.query.assignee = view.query.assignee.filter(general);
    let file = ViewFile { kind: KIND.to_owned(), version: VERSION, name: stored.name, view };
    let text = serde_json::to_string_pretty(&file)? + "\n";
    std::fs::write(&request.path, text).map_err(|e| DeskError::file(&request.path, &e))?;
    Ok(Exported { path: request.path.display().to_string(), rows: 1 })
}

/// Takes a view from a file into the workspace; where its name is taken, under that name with a number.
///
/// # Errors
/// `file_unusable`, `view_unusable`, `view_version`, and what a query can give.
pub fn view_read(ctx: &Context, request: &ReadViewRequest) -> DeskResult<SavedView> {
    let file = read(&request.file)?;
    let wanted = name(&file.name).map_err(|e| refused(&request.file, e.message))?;
    exception_query::view_of(ctx, &file.view.query).map_err(|e| refused(&request.file, e.message))?;
    let others = ctx.store().saved_views()?;
    let mut names = std::iter::once(wanted.clone()).chain((2..).map(|n| format!("{wanted} ({n})")));
    let free = names.find(|name| others.iter().all(|other| other.name != *name)).unwrap_or(wanted);
    view_save(
        ctx,
        &SaveViewRequest {
            id: None,
            name: free,
            query: file.view.query,
            group_by: file.view.group_by,
            columns: file.view.columns,
        },
    )
}

fn new_id() -> String {
    let mut bytes = [0_u8; 10];
    OsEntropy.fill(&mut bytes);
    format!("view_{}", hex::encode(bytes))
}

#[cfg(test)]
#[path = "saved_views_tests.rs"]
mod tests;
