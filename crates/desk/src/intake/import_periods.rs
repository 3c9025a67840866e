//! Accounting periods out of a file, with their status.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use tieout_connectors::{
    Page, Resource,
    files::{FileSource, Summary, read_periods},
};
use tieout_domain::{
    calendar::PeriodStatus,
    ledger::{EntityRef, PeriodReading},
    people::Action,
};
use tieout_duties::Subject;
use tieout_store::{ConnectionRole, IngestSummary, StoredPeriod};

use crate::{
    access::actor::{self, Actor},
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    intake::{
        imports::{
            ImportError, ImportView, Imported, file_connection, imported, log_import, may_import,
            resource_name, whole_file,
        },
        pages::{periods_of, split},
    },
};

/// A file of periods.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
pub struct ImportPeriodsRequest {
    /// The file.
    pub file: PathBuf,
}

/// Imports accounting periods with their status. A soft close is the desk's own: what a file closes softly
/// stays so whatever the ERP says, and no file lifts it: that takes two people.
///
/// # Errors
/// As [`import_billing`]; `soft_close_takes_two` where it would lift a soft close.
pub fn import_periods(ctx: &Context, request: &ImportPeriodsRequest) -> DeskResult<ImportView> {
    may_import(ctx, &request.file)?;
    let connection = file_connection(ctx, "periods", ConnectionRole::Erp)?;
    let source = FileSource::new(&request.file, ctx.clock.now());
    let lifted = soft_closes_lifted(ctx, &source)?;
    if let Some(first) = lifted.first() {
        let message = format!(
            "{}: the file would lift the soft close of {}, which takes two people: tieout period lift \
             {first} --reason …, which another controller approves; nothing was imported",
            request.file.display(),
            lifted.join(", "),
        );
        return Err(DeskError::new(Code::SoftCloseTakesTwo, message));
    }
    let result = (|| -> Result<(Summary, u64), ImportError> {
        let mut store = ctx.writing()?;
        let mut ingest = store.begin_ingest(&connection.id)?;
        let resource = resource_name(Resource::Periods);
        let summary = read_periods(&source, |page: Page<_>| {
            let part = split(&resource, page);
            ingest.page(&part.map(|all| periods_of(all, None, &connection.name)).page())?;
            Ok::<_, ImportError>(())
        })?;
        ingest.cursor(&whole_file(source.received_at, &resource))?;
        log_import(ctx, &mut ingest, &request.file, (&summary, None))?;
        Ok((summary, changes(ingest.commit()?)))
    })();
    let (summary, changed) = result?;
    Ok(imported(&request.file, &connection, Imported { summary, changed, removed: 0, import: None }))
}

/// The periods, as `entity period`, whose soft close this file would lift.
fn soft_closes_lifted(ctx: &Context, source: &FileSource) -> DeskResult<Vec<String>> {
    let mut closed = ctx.store().periods()?;
    closed.retain(|stored| stored.soft_closed);
    let mut lifted = Vec::new();
    if closed.is_empty() {
        return Ok(lifted);
    }
    read_periods(source, |page: Page<PeriodReading>| {
        for reading in page.items.iter().filter_map(|fetched| fetched.item.as_ref().ok()) {
            let opens = reading.status != PeriodStatus::SoftClosed;
            let is_closed = |stored: &StoredPeriod| {
                stored.period.key == reading.key
                    && reading.entity == Some(EntityRef::Code(stored.period.entity.clone()))
            };
            if let Some(stored) = closed.iter().find(|stored| opens && is_closed(stored)) {
                lifted.push(format!("{} {}", stored.period.entity, stored.period.key));
            }
        }
        Ok::<_, ImportError>(())
    })?;
    Ok(lifted)
}

/// Taking an import back changes what was closed: it takes a controller, who signs.
pub(crate) fn may_reopen(ctx: &Context, file: &Path) -> DeskResult<Actor> {
    let actor = actor::actor(ctx)?;
    let about = file.display().to_string();
    actor::judge(ctx, &actor, Action::ReopenPeriod, Subject::Workspace, &about)?;
    Ok(actor)
}

fn changes(summary: IngestSummary) -> u64 {
    summary.new + summary.changed
}
