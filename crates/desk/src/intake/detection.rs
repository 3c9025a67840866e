//! Brings expectations and exceptions up to date.

use crate::{
    base::{context::Context, error::DeskResult, when},
    governance::changes,
    intake::derivation,
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
    let batches = changes::mapping_in_force(ctx)?.map(|mapping| mapping.content.batches.clone());
    let detected = (|| -> DeskResult<_> {
        let mut store = ctx.writing()?;
        store.keep_batch_rules(&batches.unwrap_or_default())?;
        Ok(store.detect(as_of, now)?)
    })();
    ctx.progress.end();
    detected?;
    Ok(())
}

/// Looks for what fell due since the last detection.
///
/// # Errors
/// A database error.
pub fn refresh(ctx: &Context) -> DeskResult<()> {
    detect(ctx, None)
}
