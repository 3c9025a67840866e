//! Sitting down: a person unlocks their own key once, and it stays so until they leave.

use std::sync::PoisonError;

use crate::{
    access::actor,
    base::{context::Context, error::DeskResult},
};

/// Unlocks the acting person's key with their own secret, and keeps it so for as long as they sit here.
/// One who has no secret yet sets it.
///
/// # Errors
/// As for a decision: `person_secret_wrong`, `passphrase_missing`, `enrolment_code_wrong` …
pub fn unlock_seat(ctx: &Context) -> DeskResult<()> {
    let actor = actor::actor(ctx)?;
    *ctx.kept.lock().unwrap_or_else(PoisonError::into_inner) = actor.signer().cloned();
    Ok(())
}
