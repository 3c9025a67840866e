//! What an import would change: the very same work, of which nothing is kept.

use serde::Deserialize;
use tieout_connectors::{
    Page, Resource,
    files::{ColumnMap, MapKind, read_billing, read_gl},
};
use tieout_store::{ConnectionRole, IngestPage};

use super::{choices::FileChoices, look, views::EffectView};
use crate::{
    base::{
        context::Context,
        error::{DeskError, DeskResult},
        progress::cancelled,
    },
    intake::{
        imports::{self, ImportError, Whole, is_most},
        pages::split,
        pipe::{Hung, piped},
    },
};

/// A file to compare with what is there.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct EffectRequest {
    /// The file, and what a person says of it.
    #[serde(flatten)]
    #[ts(flatten)]
    pub choices: FileChoices,
    /// Of a ledger, what the file is the whole of: `all`, a month or some days.
    #[serde(default)]
    #[ts(optional)]
    pub replaces: Option<String>,
}

/// Says what an import would change. Nothing is written; the store takes no other write meanwhile.
///
/// # Errors
/// As an import.
pub fn import_effect(ctx: &Context, request: &EffectRequest) -> DeskResult<EffectView> {
    let file = &request.choices.file.file;
    imports::may_import(ctx, file)?;
    let ready = look::ready(ctx, &request.choices)?;
    let map = ColumnMap::parse(&ready.map).map_err(|e| DeskError::below(e.code(), e.to_string()))?;
    let source = imports::judged(ctx, file, request.choices.file.as_of.as_deref())?;
    let (role, resource) = match map.kind() {
        MapKind::Billing => (ConnectionRole::Billing, Resource::Invoices),
        MapKind::Gl => (ConnectionRole::Erp, Resource::Entries),
    };
    let resource = imports::resource_name(resource);
    let connection = match ctx.store().connection_by_name(&ready.connection)? {
        Some(connection) => connection,
        None => imports::new_connection(ctx, &ready.connection, role),
    };
    let mut whole = Whole::of(request.replaces.as_deref())?;
    let result = (|| -> Result<EffectView, ImportError> {
        let mut store = ctx.writing()?;
        let mut trial = store.begin_trial(&connection)?;
        let read = |hand: &mut dyn FnMut(IngestPage) -> Result<(), Hung>| match map.kind() {
            MapKind::Billing => read_billing(&source, &map, |page: Page<_>| {
                hand(split(&resource, page).page())?;
                Ok::<_, ImportError>(())
            }),
            MapKind::Gl => read_gl(&source, &map, |page: Page<_>| {
                hand(split(&resource, whole.proven(page)).page())?;
                Ok::<_, ImportError>(())
            }),
        };
        let summary = piped(
            read,
            |page| page,
            |page: IngestPage| {
                if ctx.progress.cancelled() {
                    return Err(ImportError::Context(cancelled("nothing was compared to its end")));
                }
                Ok(trial.page(&page)?)
            },
        )?;
        let known = trial.known_elsewhere()?.filter(|known| is_most(known, &summary));
        let came = trial.summary();
        let mut view = EffectView {
            new: came.new,
            changed: came.changed,
            same: came.unchanged,
            removed: came.removed,
            known_as: known.map(|known| known.connection),
            message: String::new(),
        };
        view.message = in_words(&view, map.kind());
        Ok(view)
    })();
    Ok(result?)
}

fn in_words(view: &EffectView, kind: MapKind) -> String {
    let (one, many) = if kind == MapKind::Gl { ("journal", "journals") } else { ("document", "documents") };
    if let Some(known) = &view.known_as {
        return format!("Most of these {many} are there already, by the connection {known}.");
    }
    if view.changed + view.removed + view.new == 0 {
        return format!("All {} {many} are there as they are: it would change nothing.", view.same);
    }
    let mut said = Vec::new();
    let counted = [
        (view.same, "stays", "stay"),
        (view.changed, "changes", "change"),
        (view.new, "is new", "are new"),
        (view.removed, "goes", "go"),
    ];
    for (count, does, do_so) in counted.into_iter().filter(|(count, ..)| *count > 0) {
        let (what, does) = if count == 1 { (one, does) } else { (many, do_so) };
        said.push(if said.is_empty() { format!("{count} {what} {does}") } else { format!("{count} {does}") });
    }
    let mut text = said.join(", ");
    text.push('.');
    text
}
