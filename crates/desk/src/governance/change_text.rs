//! What a mapping or policy says, beside the one in force: nobody approves well what they cannot read.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use tieout_domain::ChangeId;
use tieout_store::{Change, ChangeState};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::changes::{self, ChangeView},
};

/// The text of a mapping, policy or column map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ChangeText {
    /// Whose.
    pub change: ChangeView,
    /// SHA-256 of the text in force that it would replace, with which it is compared; none where it waits
    /// for nothing, or nothing is in force.
    pub against: Option<String>,
    /// Its lines, and in their places those that would go.
    pub lines: Vec<ChangeLine>,
}

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ChangeLine {
    /// How it stands to the text in force.
    pub mark: ChangeMark,
    /// The line, without its end.
    pub text: String,
}

/// How a line stands to the text in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ChangeMark {
    /// It is there already, or nothing is compared.
    Same,
    /// It would come.
    Added,
    /// It would go.
    Removed,
}

/// What a change says, line by line; of one that waits, against what is in force.
///
/// # Errors
/// `not_found`.
pub fn change_text(ctx: &Context, id: &str) -> DeskResult<ChangeText> {
    let missing = || DeskError::new(Code::NotFound, format!("there is no mapping and no policy {id}"));
    let id: ChangeId = id.parse().map_err(|_| missing())?;
    let change = ctx.store().change(&id)?;
    let replaced = match change.state {
        ChangeState::Inert => ctx.store().change_in_force_named(change.kind, &change.name)?,
        ChangeState::InForce | ChangeState::Superseded | ChangeState::Rejected => None,
    };
    Ok(ChangeText {
        lines: lines(replaced.as_ref(), &change),
        against: replaced.map(|replaced| replaced.hash),
        change: changes::judged_change(ctx, &change)?,
    })
}

fn lines(replaced: Option<&Change>, change: &Change) -> Vec<ChangeLine> {
    let before = replaced.map_or(change.content.as_str(), |replaced| &replaced.content);
    let diff = TextDiff::from_lines(before, &change.content);
    let line = |part: similar::Change<&str>| ChangeLine {
        mark: match part.tag() {
            ChangeTag::Equal => ChangeMark::Same,
            ChangeTag::Insert => ChangeMark::Added,
            ChangeTag::Delete => ChangeMark::Removed,
        },
        text: part.value().trim_end_matches(['\r', '\n']).to_owned(),
    };
    diff.iter_all_changes().map(line).collect()
}
