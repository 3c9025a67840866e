//! What reads prove of entries that the vendor no longer has.
//!
//! A list shows what is there, never what is gone: an entry that was deleted in the ERP is simply not on any
//! page. It can be taken for gone only where a page proves it, in one of two ways: the page says that it
//! lists a span of ids *completely* ([`Absence::listed`]), or the vendor names the id as deleted and does not
//! have it any more when asked for it ([`Absence::deleted`]).
//!
//! **How the store uses it.** In the transaction that takes the page in:
//!
//! - [`Absence::deleted`]: each entry of this connection with one of these ids is retired.
//! - [`Absence::listed`]: each entry of this connection whose id lies in the span and is none of the page's
//!   [`crate::Fetched::external_id`]s (those of items that could not be read count: they are there) is
//!   retired.
//! - In both cases only where what the store has of it was received before this page: another desk may have
//!   read a newer one meanwhile.
//!
//! Who prefers one comparison at the end of a full read to one per page collects a [`Standing`] over its
//! pages and retires, once [`Standing::complete`] answers, every entry of the connection that is not in it.
//! Both ways are safe while entries come and go: an id is given once, in rising order, so that an entry that
//! the store has and a complete span lacks was there and is not any more. An entry that is booked meanwhile
//! is above the span, or was not in the store.
//!
//! To retire an entry is a recorded fact (which, when seen), not a deletion of its row: it no longer stands,
//! and its documents are judged again. A retired entry whose id is read again stands again. What a page does
//! not prove absent stays as it is.

use std::collections::BTreeSet;

/// What one page proves of entries that are not there. Most pages prove nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Absence {
    /// Every entry that the vendor holds in this span is an item of the page (read, or kept aside).
    pub listed: Option<IdSpan>,
    /// Ids that the vendor says it deleted, and did not have when it was asked for them just now.
    pub deleted: Vec<String>,
}

/// A span of ids that are whole numbers above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdSpan {
    /// Above this; 0 begins with the first.
    pub after: i64,
    /// Up to this, included; `None` to the last one that there is.
    pub through: Option<i64>,
}

impl IdSpan {
    /// True where `id` is a number in the span.
    #[must_use]
    pub fn holds(&self, id: &str) -> bool {
        let number: Option<i64> = id.parse().ok();
        number.is_some_and(|n| n > self.after && self.through.is_none_or(|last| n <= last))
    }
}

/// How far a full read has come without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    Through(i64),
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
        Self { ids: BTreeSet::new(), reached: Reached::Through(0) }
    }
}

impl Standing {
    /// Takes a page: what it proves, and the ids of all its items, unreadable ones too.
    pub fn take<'i>(&mut self, absence: &Absence, ids: impl IntoIterator<Item = &'i str>) {
        self.reached = match (self.reached, absence.listed) {
            (Reached::Through(last), Some(span)) if span.after == last => {
                span.through.map_or(Reached::End, Reached::Through)
            }
            _ => Reached::Broken,
        };
        self.ids.extend(ids.into_iter().map(str::to_owned));
    }

    /// The complete listing: every entry that the vendor holds. `None` where the read has not come to its
    /// end, was not a full one, or goes on from pages that this did not see: then nothing may be taken for
    /// gone.
    #[must_use]
    pub fn complete(&self) -> Option<&BTreeSet<String>> {
        (self.reached == Reached::End).then_some(&self.ids)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(after: i64, through: Option<i64>) -> Absence {
        Absence { listed: Some(IdSpan { after, through }), deleted: Vec::new() }
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
        let (first, second, last) = (page(0, Some(7)), page(7, Some(9)), page(9, None));
        check(
            &[(first.clone(), &["3", "7"]), (second.clone(), &["9"]), (last.clone(), &[])],
            Some(&["3", "7", "9"]),
        );
        check(&[(page(0, None), &[])], Some(&[]));
        check(&[], None);
        check(&[(first.clone(), &["3"])], None);
        check(&[(second, &["9"]), (last.clone(), &[])], None);
        check(&[(first.clone(), &["3"]), (last.clone(), &[])], None);
        check(&[(first, &["3"]), (Absence::default(), &["9"]), (last, &[])], None);
    }

    #[test]
    fn a_span_holds_whole_numbers_and_no_other_ids() {
        let span = IdSpan { after: 7, through: Some(9) };
        for (id, held) in [("7", false), ("8", true), ("9", true), ("10", false), ("x", false), ("", false)] {
            assert_eq!(span.holds(id), held, "{id}");
        }
        assert!(IdSpan { after: 7, through: None }.holds("9000"));
    }
}
