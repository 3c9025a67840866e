//! The people of a workspace.

use serde::{Deserialize, Serialize};
use tieout_domain::{PersonId, people::Role};

/// One person of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub id: PersonId,
    /// How they are called.
    pub name: String,
    /// What they are.
    pub role: Role,
    /// False once they have left: they may do nothing, and their approvals no longer count.
    pub active: bool,
    /// False while their secret counts for nothing, until somebody else says that it is theirs.
    pub confirmed: bool,
}

/// What keeps two different members from preparing and approving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// No active member may approve at all.
    Approver,
    /// Whoever may approve has nobody who prepares for them.
    SecondPerson,
}

/// The members of a workspace, each once, in the order in which refusals list who could act.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster(Vec<Member>);

impl Roster {
    /// The roster of `members`. Of two members with one id the first counts.
    #[must_use]
    pub fn new(members: impl IntoIterator<Item = Member>) -> Self {
        let mut kept: Vec<Member> = Vec::new();
        for member in members {
            if kept.iter().all(|other| other.id != member.id) {
                kept.push(member);
            }
        }
        Self(kept)
    }

    /// All members, those who left included.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.0
    }

    /// The same with everybody confirmed: by it decisions are counted that were signed already. Whether the
    /// secret that somebody has set since, after a restore, is theirs says nothing about these.
    #[must_use]
    pub fn as_confirmed(&self) -> Self {
        Self(self.0.iter().map(|member| Member { confirmed: true, ..member.clone() }).collect())
    }

    /// The member of this id.
    #[must_use]
    pub fn get(&self, id: &PersonId) -> Option<&Member> {
        self.0.iter().find(|member| member.id == *id)
    }
}
