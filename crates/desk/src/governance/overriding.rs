//! Overrides: a limit of the workspace's policy does not hold for one posting as it stands, by a reason that
//! the policy names. One person asks, two approve who have no part in the posting; no prohibition is ever
//! lifted. Here is what holds of one; `settlement::overrides` asks for them and lists them.

use std::collections::BTreeSet;

use tieout_domain::{PersonId, limit_override::LimitOverride};
use tieout_duties::Duties;
use tieout_store::{Change, ChangeKind, PostingRow, Store, StoreError};

use crate::base::{context::Context, error::DeskResult};

/// Those with a part in the posting that an override is for: who prepared, edited or decided on any of it.
pub(crate) fn took_part(ctx: &Context, change: &Change) -> DeskResult<BTreeSet<PersonId>> {
    let Some(said) = LimitOverride::parse(&change.content) else { return Ok(BTreeSet::new()) };
    let row = ctx.known().posting(&said.posting)?;
    let store = ctx.store();
    let mut people: BTreeSet<PersonId> = row.posting.preparer.into_iter().collect();
    people.extend(store.editors_of(&said.posting)?.into_iter().map(|editor| editor.person));
    for decision in store.decisions_for(&said.posting)? {
        people.insert(decision.person);
        people.extend(decision.in_place_of);
    }
    Ok(people)
}

/// What an override would say of its posting as it stands; nothing of one that is over.
pub(crate) fn as_it_stands(ctx: &Context, change: &Change) -> DeskResult<String> {
    let Some(said) = LimitOverride::parse(&change.content) else { return Ok(String::new()) };
    let row = ctx.known().posting(&said.posting)?;
    if row.state.is_final() {
        return Ok(String::new());
    }
    Ok(LimitOverride { content_hash: row.content_hash.clone(), ..said }.to_string())
}

/// The ids of the policies that overrides in force lift for a posting's present content.
pub(crate) fn lifted(
    store: &Store,
    row: &PostingRow,
    duties: &Duties,
) -> Result<BTreeSet<String>, StoreError> {
    if duties.override_reasons().is_empty() {
        return Ok(BTreeSet::new());
    }
    let found = store.change_in_force_named(ChangeKind::Override, row.posting.id.as_str())?;
    let said = found.and_then(|change| LimitOverride::parse(&change.content));
    let said = said.filter(|said| said.posting == row.posting.id && said.content_hash == row.content_hash);
    Ok(said.map(|said| duties.lifted(&said.reason, &said.limits)).unwrap_or_default())
}
