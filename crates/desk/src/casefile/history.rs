//! The history of an exception: what happened, typed. The store keeps short names and one text beside each;
//! what that text holds (a person, two kinds, a posting, words) is told apart here and nowhere else.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_domain::{ExceptionId, PostingId, exception::ExceptionKind};
use tieout_store::ExceptionEvent;

use crate::{
    access::actor::{ActorView, Names},
    base::{context::Context, error::DeskResult},
};

macro_rules! happenings {
    ($($(#[$doc:meta])* $name:ident => $text:literal,)*) => {
        /// What happened to an exception.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
        #[serde(rename_all = "snake_case")]
        pub enum Happening {
            $($(#[$doc])* $name,)*
            /// What this version of the desk does not know by name.
            Other,
        }

        impl Happening {
            /// The one that is stored under this name.
            fn of(what: &str) -> Self {
                match what {
                    $($text => Happening::$name,)*
                    _ => Happening::Other,
                }
            }
        }
    };
}

happenings! {
    /// Detection found it.
    Opened => "opened",
    /// Detection found it changed.
    Updated => "updated",
    /// Detection found it to be of another kind.
    KindChanged => "kind_changed",
    /// Detection found it again.
    Reopened => "reopened",
    /// Its cause is gone.
    Closed => "closed",
    /// It was given to a person, or to nobody.
    Assigned => "assigned",
    /// Somebody wrote something.
    Comment => "comment",
    /// A comment asks somebody.
    Mentioned => "mentioned",
    /// A file was put to it.
    Attached => "attached",
    /// It was put aside.
    Held => "held",
    /// It was taken up again.
    Released => "released",
    /// Nothing is to be done, somebody decided.
    Dismissed => "dismissed",
    /// A posting was proposed.
    Proposed => "proposed",
    /// A posting was changed.
    Amended => "amended",
    /// The policy let its posting go.
    ReleasedByPolicy => "released_by_policy",
    /// Its posting has one of its approvals.
    ApprovedInPart => "approved_in_part",
    /// Its posting was approved.
    Approved => "approved",
    /// The approvals of its posting are void.
    ApprovalsVoid => "approvals_void",
    /// Its posting was refused by a person.
    Reject => "reject",
    /// Its posting was withdrawn.
    Cancel => "cancel",
    /// Its posting is sent again.
    Replay => "replay",
    /// Its half-booked posting was brought to its end.
    Finish => "finish",
    /// What its posting had booked is no longer in the ERP.
    Removed => "removed",
    /// Its posting stands in the outbox.
    Queued => "queued",
    /// Its posting is being sent.
    Sending => "sending",
    /// Whether its posting is booked is not known.
    InDoubt => "in_doubt",
    /// The ERP booked its posting.
    Booked => "booked",
    /// Its posting was written into a journal file.
    HandedOver => "handed_over",
    /// The ledger's file shows what was handed over.
    HandoverShown => "handover_shown",
    /// The ledger's file shows something else under its key.
    HandoverDiffers => "handover_differs",
    /// A whole file of the ledger does not have what was handed over.
    HandoverNotShown => "handover_not_shown",
    /// Somebody booked it in the ledger by hand, a person said.
    BookedElsewhere => "booked_elsewhere",
    /// The ledger shows its posting.
    Settled => "settled",
    /// The ERP refused its posting.
    Refused => "refused",
    /// Every try of its posting failed.
    DeadLetter => "dead_letter",
    /// Its posting was rejected.
    Rejected => "rejected",
    /// Its posting was cancelled.
    Cancelled => "cancelled",
}

/// Something that happened. What scripts read as text (`who`, `what`, `detail`) the page has only in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct EventView {
    /// When.
    pub at: DateTime<Utc>,
    /// Who, by name.
    #[ts(skip)]
    pub who: String,
    /// What.
    #[ts(skip)]
    pub what: String,
    /// More.
    #[ts(skip)]
    pub detail: String,
    /// Who or what did it.
    pub by: ActorView,
    /// What happened.
    pub happening: Happening,
    /// To whom it was given; `None` for nobody, and where something else happened.
    pub to: Option<ActorView>,
    /// The kinds that it was and became, by their names for people.
    pub kinds: Option<KindsView>,
    /// What a person wrote, or the desk says of it.
    pub words: Option<String>,
}

/// An exception's kind before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct KindsView {
    /// What it was.
    pub from: String,
    /// What it became.
    pub to: String,
}

/// The history of an exception, oldest first.
pub(crate) fn history(ctx: &Context, id: &ExceptionId, names: &Names) -> DeskResult<Vec<EventView>> {
    let events = ctx.store().exception_events(id)?;
    Ok(events.into_iter().map(|event| view(event, names)).collect())
}

fn view(event: ExceptionEvent, names: &Names) -> EventView {
    let ExceptionEvent { at, actor, what, detail } = event;
    let happening = Happening::of(&what);
    let (mut to, mut kinds, mut words) = (None, None, None);
    match happening {
        Happening::Assigned | Happening::Mentioned => to = (!detail.is_empty()).then(|| names.actor(&detail)),
        Happening::KindChanged => match kinds_and_why(&detail) {
            Some((from, became, why)) => {
                kinds = Some(KindsView { from: from.label().to_owned(), to: became.label().to_owned() });
                words = said(why);
            }
            None => words = said(&detail),
        },
        _ => words = said(&detail),
    }
    EventView {
        at,
        who: names.of(&actor),
        by: names.actor(&actor),
        happening,
        to,
        kinds,
        words,
        what,
        detail,
    }
}

/// Words for people: a posting's id says nothing to them.
fn said(detail: &str) -> Option<String> {
    (!detail.is_empty() && detail.parse::<PostingId>().is_err()).then(|| detail.to_owned())
}

/// As detection writes it: `amount_mismatch → unposted: why`.
fn kinds_and_why(detail: &str) -> Option<(ExceptionKind, ExceptionKind, &str)> {
    let (kinds, why) = detail.split_once(": ").unwrap_or((detail, ""));
    let (from, to) = kinds.split_once(" → ")?;
    Some((ExceptionKind::parse(from)?, ExceptionKind::parse(to)?, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_kind_is_told_in_parts_however_its_reason_is_written() {
        let parts = |detail: &str| {
            kinds_and_why(detail).map(|(from, to, why)| (from.as_str(), to.as_str(), why.to_owned()))
        };
        let (from, to) = ("amount_mismatch", "unposted");
        let why = "no entry: A → B: none".to_owned();
        assert_eq!(parts("amount_mismatch → unposted: no entry: A → B: none"), Some((from, to, why)));
        assert_eq!(parts("amount_mismatch → unposted"), Some((from, to, String::new())));
        assert_eq!(parts("a comment → of somebody"), None);
    }

    #[test]
    fn an_id_of_a_posting_is_no_words_and_a_text_like_one_is() {
        let id = PostingId::derive(&["a"]).to_string();
        assert_eq!(said(&id), None);
        assert_eq!(said("pst_ is no reason").as_deref(), Some("pst_ is no reason"));
        assert_eq!(said(""), None);
    }
}
