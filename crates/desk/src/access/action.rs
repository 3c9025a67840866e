//! What may be done now, and for what may not, why and who could.

use serde::Serialize;
use tieout_domain::people::Action;

use crate::base::{closed, code::Code, error::DeskError, said::Said};

/// What may be done now, and for what may not, why and who could.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ActionView {
    /// The action's stable name.
    #[ts(as = "closed::ActionName")]
    pub action: String,
    /// True where the acting person may do it now.
    pub allowed: bool,
    /// The code of the refusal: a rule's, or that of a state that does not allow it.
    pub code: Option<Code>,
    /// The refusal in words.
    pub message: Option<String>,
    /// The same in pieces, for a page; nothing where it is words alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<Said>>")]
    pub pieces: Vec<Said>,
    /// The rule, where a duty refuses.
    pub rule: Option<String>,
    /// Names of those who could.
    pub who_could: Vec<String>,
}

impl ActionView {
    /// The answer to who asked whether they may.
    pub(crate) fn of(action: Action, refusal: Option<DeskError>) -> Self {
        let (code, message) = refusal.as_ref().map(|r| (r.code, r.message.clone())).unzip();
        Self {
            action: action.as_str().to_owned(),
            allowed: refusal.is_none(),
            code,
            message,
            pieces: refusal.as_ref().map(|r| r.pieces.to_vec()).unwrap_or_default(),
            rule: refusal.as_ref().and_then(|r| r.rule.clone()),
            who_could: refusal.map(|r| r.who_could).unwrap_or_default(),
        }
    }
}
