//! A person's own secret, given and checked. What was wrong is logged, and slows the next try down: across
//! processes, because whoever guesses starts as many as they like.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use tieout_store::{LogDraft, Person, SecretTries, Tx};
use tieout_vault::{PassphraseSource, PublicKey, SecretError, Signer};

use crate::base::{
    code::Code,
    context::Context,
    error::{DeskError, DeskResult},
};

/// Wrong secrets in a row that cost nothing: people mistype.
const FREE: u32 = 4;
/// The longest that a person has to wait for their next try, in seconds. Longer would let anybody keep them
/// from their desk; at this pace a guesser has two thousand a day.
const LONGEST: i64 = 40;

/// How long after the last try the next one is answered.
fn pause(failed: u32) -> Duration {
    match failed.checked_sub(FREE) {
        None => Duration::zero(),
        Some(more) => Duration::seconds(3_i64.saturating_pow(more).saturating_mul(2).min(LONGEST)),
    }
}

/// What is left of the pause.
fn left(tries: SecretTries, now: DateTime<Utc>) -> Duration {
    let pause = pause(tries.failed);
    // A clock that was set back keeps nobody waiting for longer than the pause.
    (tries.last_at + pause - now).clamp(Duration::zero(), pause)
}

/// Unlocks a person's key with their own secret, unless too many were wrong just now.
///
/// # Errors
/// `person_secret_slowed`, and what the secrets can give; `person_secret_wrong` is logged.
pub(crate) fn unlocked(
    ctx: &Context,
    person: &Person,
    known: &PublicKey,
    source: &dyn PassphraseSource,
) -> DeskResult<Arc<Signer>> {
    let wrong_before = may_try(ctx, person)?;
    match ctx.secrets.people().unlock(&person.id, known, source) {
        Ok(signer) => {
            if wrong_before {
                ctx.writing()?.secret_given(&person.id)?;
            }
            Ok(Arc::new(signer))
        }
        Err(error) => {
            if matches!(error, SecretError::PersonSecretWrong { .. }) {
                let (actor, detail) = (ctx.account_actor(), json!({ "name": person.name }));
                let (at, what) = (ctx.clock.now(), "person_secret_failed");
                let subject = person.id.as_str();
                let draft = LogDraft { at, actor: &actor, what, subject, detail, signer: None };
                ctx.writing()?.secret_failed(&person.id, &draft)?;
            }
            Err(by_name(error, person))
        }
    }
}

/// Whether a secret may be tried now; answers whether one was wrong before. From then on, of many who try at
/// once only one is answered: the others find that somebody has just tried.
fn may_try(ctx: &Context, person: &Person) -> DeskResult<bool> {
    let now = ctx.clock.now();
    let judged = |tx: &Tx<'_>| -> DeskResult<DeskResult<bool>> {
        let Some(tries) = tx.secret_tries(&person.id)? else { return Ok(Ok(false)) };
        let left = left(tries, now);
        let waits = left > Duration::zero();
        let (clock_set_back, slow) = (tries.last_at > now, tries.failed >= FREE);
        if clock_set_back || slow && !waits {
            tx.secret_tried(&person.id, now)?;
        }
        Ok(if waits { Err(slowed(person, tries.failed, left)) } else { Ok(true) })
    };
    // Who has given no wrong one writes nothing.
    if ctx.store().secret_tries(&person.id)?.is_none() {
        return Ok(false);
    }
    ctx.writing()?.write(judged)?
}

fn slowed(person: &Person, failed: u32, left: Duration) -> DeskError {
    let seconds = (left.num_milliseconds() + 999) / 1000;
    let message = format!(
        "{failed} wrong secrets in a row were given for {}: wait {seconds} s, then try again",
        person.name
    );
    DeskError::new(Code::PersonSecretSlowed, message)
}

/// What is wrong with a person's secret: the secrets know people by their ids, people by their names.
pub(crate) fn by_name(error: SecretError, person: &Person) -> DeskError {
    let mut told = DeskError::from(error);
    told.message = told.message.replace(person.id.as_str(), &person.name);
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_with_each_wrong_secret_to_its_limit() {
        let told: Vec<i64> = (0..10).map(|failed| pause(failed).num_seconds()).collect();
        assert_eq!(told, [0, 0, 0, 0, 2, 6, 18, 40, 40, 40]);
        assert_eq!(pause(u32::MAX).num_seconds(), LONGEST);
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_waiting_for_longer_than_the_pause() {
        let now: DateTime<Utc> = "2026-04-10T12:00:00Z".parse().unwrap();
        let left = |seconds: i64| {
            left(SecretTries { failed: 5, last_at: now + Duration::seconds(seconds) }, now).num_seconds()
        };
        assert_eq!([left(-10), left(-6), left(-5), left(0), left(9_999)], [0, 0, 1, 6, 6]);
    }
}
