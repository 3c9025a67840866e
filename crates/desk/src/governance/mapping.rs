//! The account mapping in force, read.

use std::sync::{Arc, Mutex, PoisonError};

use tieout_domain::{ChangeId, accounts::AccountMapping};
use tieout_store::{Change, ChangeKind};

use crate::base::{
    code::Code,
    context::Context,
    error::{DeskError, DeskResult},
};

/// The mapping in force.
#[derive(Clone, Debug)]
pub(crate) struct Governing {
    pub(crate) id: ChangeId,
    pub(crate) hash: String,
    pub(crate) content: Arc<AccountMapping>,
}

/// The name under which the account mapping is governed: there is one.
pub(crate) const MAPPING: &str = "mapping";

/// A change that brought a mapping, read.
pub(crate) fn governing_mapping(change: Option<Change>) -> DeskResult<Option<Governing>> {
    let read = |change: Change| {
        let content = parsed_mapping(&change.content)?;
        Ok(Governing { content, id: change.id, hash: change.hash })
    };
    change.map(read).transpose()
}

/// A mapping of this text. Reading it costs more than most of what it is asked, and what it says depends on
/// the text alone: the last one is kept.
fn parsed_mapping(text: &str) -> DeskResult<Arc<AccountMapping>> {
    type Last = Option<(String, Arc<AccountMapping>)>;
    static LAST: Mutex<Last> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((known, mapping)) = last.as_ref()
        && known == text
    {
        return Ok(Arc::clone(mapping));
    }
    let mapping = Arc::new(AccountMapping::parse(text)?);
    *last = Some((text.to_owned(), Arc::clone(&mapping)));
    Ok(mapping)
}

/// The mapping in force.
pub(crate) fn mapping_in_force(ctx: &Context) -> DeskResult<Option<Governing>> {
    governing_mapping(ctx.known().change_in_force_named(ChangeKind::Mapping, MAPPING)?)
}

/// The mapping in force, where the work cannot do without one.
pub(crate) fn mapping_needed(ctx: &Context) -> DeskResult<Governing> {
    mapping_in_force(ctx)?.ok_or_else(|| {
        DeskError::new(
            Code::MappingRequired,
            "no account mapping is in force: import one (tieout import mapping FILE) and have another \
             person approve it",
        )
    })
}
