//! Brings expectations and exceptions up to date.

use chrono::{DateTime, Utc};
use tieout_domain::Currency;
use tieout_store::{ChangeKind, Tx};

use crate::{
    base::{context::Context, error::DeskResult, when},
    governance::{
        changes::{self, MAPPING, governing_mapping},
        reporting::Reporting,
    },
    intake::{derivation, house},
};

/// Brings expectations and exceptions up to date, as of the given instant or now.
///
/// # Errors
/// `bad_instant`, a database error.
pub fn detect(ctx: &Context, as_of: Option<&str>) -> DeskResult<()> {
    let now = ctx.clock.now();
    let as_of = as_of.map(when::instant).transpose()?.unwrap_or(now);
    ctx.progress.begin("Deriving what the ledger should hold", None);
    let derived = derivation::derive_expectations(ctx);
    ctx.progress.end();
    derived?;
    ctx.progress.begin("Comparing the ledgers", None);
    let mapping = changes::mapping_in_force(ctx)?;
    let rules = mapping.as_ref().map(|mapping| house::house_rules(&mapping.content));
    let detected = (|| -> DeskResult<_> {
        let mut store = ctx.writing()?;
        store.keep_rules(mapping.as_ref().map(|mapping| &*mapping.content))?;
        store.keep_house_rules(&rules.unwrap_or_default())?;
        let ordered_by = |met: Vec<Currency>| {
            let mapping = mapping.as_ref().map(|mapping| &*mapping.content);
            Reporting::of(mapping, &met, as_of.date_naive()).minor_rates()
        };
        let before = ordered_by(store.exception_currencies()?);
        store.keep_rates(&before)?;
        store.detect(as_of, now)?;
        // What was found may be of currencies that were not met before.
        let after = ordered_by(store.exception_currencies()?);
        Ok(store.keep_rates(&after)?)
    })();
    ctx.progress.end();
    detected?;
    Ok(())
}

/// Brings exceptions up to date within one piece of work, by what is in force in it.
pub(crate) fn detect_within(tx: &Tx<'_>, as_of: DateTime<Utc>, now: DateTime<Utc>) -> DeskResult<()> {
    let mapping = governing_mapping(tx.change_in_force_named(ChangeKind::Mapping, MAPPING)?)?;
    let mapping = mapping.as_ref().map(|mapping| &*mapping.content);
    tx.keep_rules(mapping)?;
    tx.keep_house_rules(&mapping.map(house::house_rules).unwrap_or_default())?;
    tx.detect(as_of, now)?;
    Ok(())
}

/// Looks for what fell due since the last detection.
///
/// # Errors
/// A database error.
pub fn refresh(ctx: &Context) -> DeskResult<()> {
    detect(ctx, None)
}
