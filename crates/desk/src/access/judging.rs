//! Acting, and only asking what would become of it: the same judgement by the same code. Who asks needs no
//! secret, and nothing is logged or stored of it.

use serde_json::json;
use tieout_domain::{PersonId, people::Action};
use tieout_duties::{ActionRequest, Subject};
use tieout_store::Person;

use crate::{
    access::{
        action::ActionView,
        actor::{self, Actor, refused},
    },
    base::{context::Context, error::DeskResult},
};

/// Who is at it, and in earnest or not.
pub(crate) enum By {
    /// Acts: their own secret was given.
    Actor(Actor),
    /// Asks what they may do, and what would become of it.
    Asking(Person),
}

impl By {
    pub(crate) fn id(&self) -> &PersonId {
        match self {
            By::Actor(actor) => actor.id(),
            By::Asking(person) => &person.id,
        }
    }
}

/// The acting person: unlocked to act, or only found to ask.
pub(crate) fn by(ctx: &Context, asks: bool) -> DeskResult<By> {
    match asks {
        true => Ok(By::Asking(actor::acting_person(ctx)?)),
        false => Ok(By::Actor(actor::actor(ctx)?)),
    }
}

/// Whether the acting person may, by the very rules that judge who acts.
pub(crate) fn may(ctx: &Context, action: Action, subject: Subject, about: &str) -> ActionView {
    let judged = by(ctx, true).and_then(|by| judged_by(ctx, &by, action, subject, about));
    ActionView::of(action, judged.err())
}

/// Judges what the acting person does without giving their secret, as a sync asks for none either. A refusal
/// is logged under the OS account, unsigned.
pub(crate) fn judged_without_secret(
    ctx: &Context,
    action: Action,
    subject: Subject,
    about: &str,
) -> DeskResult<()> {
    let judged = judged_by(ctx, &by(ctx, true)?, action, subject, about);
    // What could not be judged at all, for want of a person or of the store, is no refusal.
    if let Err(refused) = &judged
        && refused.rule.is_some()
    {
        let detail = json!({ "action": action.as_str(), "rule": refused.rule, "code": refused.code });
        ctx.note("refused", about, detail)?;
    }
    judged
}

/// Judges an action. A refusal of somebody who acts is logged.
pub(crate) fn judged_by(
    ctx: &Context,
    by: &By,
    action: Action,
    subject: Subject,
    about: &str,
) -> DeskResult<()> {
    match by {
        By::Actor(actor) => actor::judge(ctx, actor, action, subject, about),
        By::Asking(person) => {
            let roster = actor::roster(ctx)?;
            let request = ActionRequest { actor: person.id.clone(), action, subject };
            match actor::duties(ctx)?.judge(&request, &roster) {
                Ok(_) => Ok(()),
                Err(refusal) => Err(refused(&refusal, &roster)),
            }
        }
    }
}
