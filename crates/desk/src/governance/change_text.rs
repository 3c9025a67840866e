//! What a mapping or policy says, beside the one in force: nobody approves well what they cannot read.

use std::collections::HashMap;

use serde::Serialize;
use similar::{ChangeTag, TextDiff};
use tieout_domain::{ChangeId, accounts::AccountMapping};
use tieout_store::{Change, ChangeKind, ChangeState};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
    },
    governance::{
        changes::{self, ChangeView},
        policy_sentences, sentences,
        table::MappingTable,
    },
};

/// The text of a mapping, policy or column map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct ChangeText {
    /// Whose.
    pub change: ChangeView,
    /// SHA-256 of the text in force that it would replace, with which it is compared; none where it waits
    /// for nothing, or nothing is in force.
    pub against: Option<String>,
    /// What changes, as sentences: of a mapping or a policy, against what is in force where it waits, else
    /// all that it says.
    pub says: Vec<String>,
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
        says: says(ctx, replaced.as_ref(), &change)?,
        lines: lines(replaced.as_ref(), &change),
        against: replaced.map(|replaced| replaced.hash),
        change: changes::judged_change(ctx, &change)?,
    })
}

fn says(ctx: &Context, replaced: Option<&Change>, change: &Change) -> DeskResult<Vec<String>> {
    Ok(match change.kind {
        ChangeKind::Mapping => {
            let before = replaced.and_then(|before| AccountMapping::parse(&before.content).ok());
            mapping_says(ctx, before.as_ref(), &AccountMapping::parse(&change.content)?)?
        }
        ChangeKind::Policy => {
            policy_sentences::of_policy(replaced.map(|before| before.content.as_str()), &change.content)
        }
        _ => Vec::new(),
    })
}

/// What changes from one mapping to another, with accounts as the ledgers call them.
pub(crate) fn mapping_says(
    ctx: &Context,
    before: Option<&AccountMapping>,
    after: &AccountMapping,
) -> DeskResult<Vec<String>> {
    let mut names: HashMap<String, Option<String>> = HashMap::new();
    for one in ctx.known().account_names()? {
        let known = names.entry(one.code.to_string()).or_insert_with(|| Some(one.name.clone()));
        // A code that two ledgers call differently has no name.
        if known.as_ref().is_some_and(|known| *known != one.name) {
            *known = None;
        }
    }
    let called = |code: &str| match names.get(code).and_then(Option::as_deref) {
        Some(name) if !name.is_empty() && name != code => format!("{code} {name}"),
        _ => code.to_owned(),
    };
    let before = before.map(MappingTable::of).transpose()?;
    Ok(sentences::of_mapping(before.as_ref(), &MappingTable::of(after)?, &called))
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
