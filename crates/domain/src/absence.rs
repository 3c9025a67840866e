//! What reads prove of items that the vendor no longer has.
//!
//! A list shows what is there, never what is gone: an entry that was deleted in the ERP is simply not on any
//! page. It can be taken for gone only where a page proves it, in one of two ways: the page is a part of a
//! list of *everything* ([`Absence::listed`]), or the vendor names the id as deleted and does not have it any
//! more when asked for it ([`Absence::deleted`]).
//!
//! **How the store uses it.** In the transaction that takes the page in:
//!
//! - [`Absence::deleted`]: each entry of this connection with one of these ids is retired.
//! - [`Absence::listed`]: the ids of the page's items are noted (those of items that could not be read too:
//!   they are there). Once the parts make a whole ([`Standing`] says when), every item of the connection that
//!   is in their scope and not among them is retired. A part that is missing, or that begins elsewhere than
//!   the last one ended, ends the proof: such a read retires nothing.
//! - In both cases only what the store received before the read began: another desk may have read a newer one
//!   meanwhile. Both are safe while items come and go: what the store has and a whole list lacks was there,
//!   and is not any more.
//!
//! To retire an item is a recorded fact (which, when last seen, when found missing), not a deletion of its
//! row: it no longer stands, and its documents are judged again. One that is read again stands again. What
//! nothing proves absent stays as it is.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::ledger::EntityRef;

/// What one page proves of items that are not there. Most pages prove nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Absence {
    /// The page is a part of a list of everything within its scope.
    pub listed: Option<Listed>,
    /// Ids that the vendor says it deleted, and did not have when it was asked for them just now.
    pub deleted: Vec<String>,
}

/// A part of a list of everything: the vendor has, in its order, no item after the first place and up to the
/// second but those of the page (read, or kept aside).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// After this place, in the adapter's own words; empty where the list begins.
    pub after: String,
    /// Up to this place; `None` to the list's end.
    pub through: Option<String>,
    /// What the list would have shown. That of the last part holds for the whole.
    pub scope: Scope,
}

/// What a list of everything speaks of. What lies outside may be there or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// Entries of these entities: those that the read could see. `None`: of all.
    pub entities: Option<Vec<EntityRef>>,
    /// Entries dated from the first to the second day, on accounts that the listed ones have.
    pub dated: Option<(NaiveDate, NaiveDate)>,
    /// Documents that were never issued: this vendor never deletes another one.
    pub drafts_only: bool,
}

/// How far a full read has come without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Reached {
    Through(String),
    End,
    /// A page was missing, or proved nothing.
    Broken,
}

/// The ids of one full read, collected from its first page to its last.
#[derive(Clone, Debug)]
pub struct Standing {
    ids: BTreeSet<String>,
    reached: Reached,
}

impl Default for Standing {
    fn default() -> Self {
        Self { ids: BTreeSet::new(), reached: Reached::Through(String::new()) }
    }
}

impl Standing {
    /// Takes a page: what it proves, and the ids of all its items, unreadable ones too.
    pub fn take<'i>(&mut self, absence: &Absence, ids: impl IntoIterator<Item = &'i str>) {
        self.reached = match (&self.reached, &absence.listed) {
            (Reached::Through(last), Some(part)) if part.after == *last => {
                part.through.clone().map_or(Reached::End, Reached::Through)
            }
            _ => Reached::Broken,
        };
        self.ids.extend(ids.into_iter().map(str::to_owned));
    }

    /// The complete listing: everything that the vendor holds. `None` where the read has not come to its end,
    /// was not a full one, or goes on from pages that this did not see: then nothing may be taken for gone.
    #[must_use]
    pub fn complete(&self) -> Option<&BTreeSet<String>> {
        (self.reached == Reached::End).then_some(&self.ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(after: &str, through: Option<&str>) -> Absence {
        let through = through.map(str::to_owned);
        let listed = Listed { after: after.to_owned(), through, scope: Scope::default() };
        Absence { listed: Some(listed), deleted: Vec::new() }
    }

    #[track_caller]
    fn check(pages: &[(Absence, &[&str])], complete: Option<&[&str]>) {
        let mut standing = Standing::default();
        for (absence, ids) in pages {
            standing.take(absence, ids.iter().copied());
        }
        let found = standing.complete().map(|ids| ids.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(found.as_deref(), complete);
    }

    #[test]
    fn a_listing_is_complete_only_without_a_gap_from_the_first_page_to_the_last() {
        let (first, second, last) = (page("", Some("7")), page("7", Some("9")), page("9", None));
        check(
            &[(first.clone(), &["3", "7"]), (second.clone(), &["9"]), (last.clone(), &[])],
            Some(&["3", "7", "9"]),
        );
        check(&[(page("", None), &[])], Some(&[]));
        check(&[], None);
        check(&[(first.clone(), &["3"])], None);
        check(&[(second, &["9"]), (last.clone(), &[])], None);
        check(&[(first.clone(), &["3"]), (last.clone(), &[])], None);
        check(&[(first, &["3"]), (Absence::default(), &["9"]), (last, &[])], None);
    }
}
