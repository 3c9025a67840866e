//! What several postings ask in one question.

use std::time::Duration;

use chrono::Days;
use tieout_domain::failure::FailureClass;

use super::{
    fact::{Breach, Kept, fails, must, works},
    ledger::{LedgerHarness, book, lookup},
};
use crate::traits::{Found, Lookup, PeriodAsked};

/// A name with all that a query quotes.
const QUOTED: &str = "O'Neil\"8\"";
/// A name that would end the text of a query, and go on with one that is true of everything.
const UNQUOTED: &str = "') OR ('1'='1";

/// The ids of what was found, sorted.
fn ids(found: &Found) -> [Vec<&str>; 2] {
    [&found.by_key, &found.by_reference].map(|entries| {
        let mut ids: Vec<&str> = entries.iter().map(|entry| entry.erp_id.as_str()).collect();
        ids.sort_unstable();
        ids
    })
}

async fn all(h: &dyn LedgerHarness, lookups: &[Lookup]) -> Result<Vec<Found>, Breach> {
    let each = works(h.poster().find_all(lookups).await, "several can be looked up")?;
    must(each.len() == lookups.len(), "each of several is answered", || format!("{}", each.len()))?;
    each.into_iter().map(|one| works(one, "each of several is answered")).collect()
}

/// Runs what several things are asked for at once.
pub(super) async fn together(h: &dyn LedgerHarness) -> Kept {
    several_are_looked_up_in_one_question(h).await?;
    a_look_up_shows_more_than_one_answer_has(h).await?;
    several_periods_and_entries_are_read_in_one_question(h).await?;
    what_cannot_leave_in_time_is_not_sent(h).await
}

async fn several_are_looked_up_in_one_question(h: &dyn LedgerHarness) -> Kept {
    let ours = h.request(20);
    works(book(h, &ours).await, "an entry can be booked")?;
    h.foreign("CONTRACT-21").await;
    h.foreign(QUOTED).await;
    let under = |n: u32, reference: &str, other: &[&str]| Lookup {
        reference: reference.to_owned(),
        other_names: other.iter().map(|name| (*name).to_owned()).collect(),
        ..lookup(&h.request(n))
    };
    let asked = [
        lookup(&ours),
        under(21, "CONTRACT-21", &[]),
        under(22, "CONTRACT-22", &[]),
        under(23, "CONTRACT-21", &[]),
        under(24, "CONTRACT-24", &[UNQUOTED, QUOTED]),
        under(25, "CONTRACT-2", &[]),
    ];
    let found = all(h, &asked).await?;
    let counts: Vec<(usize, usize)> = found.iter().map(|f| (f.by_key.len(), f.by_reference.len())).collect();
    must(
        counts == [(1, 0), (0, 1), (0, 0), (0, 1), (0, 1), (0, 0)],
        "each of several is found by its own key and names, and by nothing else",
        || format!("{counts:?}"),
    )?;
    for (lookup, found) in asked.iter().zip(&found) {
        let alone = works(h.poster().find(lookup).await, "a look-up works")?;
        must(ids(&alone) == ids(found), "several find what each finds alone", || format!("{found:?}"))?;
    }
    Ok(())
}

async fn a_look_up_shows_more_than_one_answer_has(h: &dyn LedgerHarness) -> Kept {
    let many = h.foreign_pages("CONTRACT-30").await;
    if many == 0 {
        return Ok(());
    }
    h.foreign("CONTRACT-31").await;
    let under = |n: u32, reference: &str| Lookup { reference: reference.to_owned(), ..lookup(&h.request(n)) };
    let asked = [under(30, "CONTRACT-30"), under(31, "CONTRACT-31")];
    let counts: Vec<usize> = all(h, &asked).await?.iter().map(|found| found.by_reference.len()).collect();
    must(counts == [many, 1], "an answer that has an end is read on to the last", || {
        format!("{counts:?} of {many} and 1")
    })
}

async fn several_periods_and_entries_are_read_in_one_question(h: &dyn LedgerHarness) -> Kept {
    let (open, closed) = (h.request(32), h.closed(33));
    let at = |request: &crate::BookRequest, later: Days| PeriodAsked {
        entity_erp_id: request.entity_erp_id.clone(),
        date: request.entry.posting_date() + later,
    };
    let asked = [at(&open, Days::new(0)), at(&open, Days::new(40_000)), at(&closed, Days::new(0))];
    let each = works(h.poster().periods_of(&asked).await, "several periods can be read")?;
    let told: Vec<String> = each
        .into_iter()
        .map(|one| match one {
            Ok(check) => format!("{} {}", check.period.key, check.accepts),
            Err(failure) => failure.code.to_owned(),
        })
        .collect();
    let wanted = [
        format!("{} true", open.entry.period()),
        "unknown_period".to_owned(),
        format!("{} false", closed.entry.period()),
    ];
    must(told == wanted, "each of several periods is told, or that there is none", || format!("{told:?}"))?;
    let id = works(book(h, &open).await, "an entry can be booked")?;
    let unknown = "999999999".to_owned();
    let each = works(h.poster().read_booked(&[unknown, id.clone()]).await, "several entries can be read")?;
    let held: Vec<Option<String>> =
        each.into_iter().map(|one| one.ok().flatten().map(|entry| entry.erp_id)).collect();
    must(held == [None, Some(id)], "each of several entries is read, or that there is none", || {
        format!("{held:?}")
    })
}

async fn what_cannot_leave_in_time_is_not_sent(h: &dyn LedgerHarness) -> Kept {
    let request = h.request(34);
    let answer = h.poster().create(&request, Duration::ZERO).await;
    let failure = fails(answer, "what must have left already is not sent")?;
    must(failure.class == FailureClass::Retryable, "what is not sent in time had no effect", || {
        format!("{:?} {}", failure.class, failure.code)
    })?;
    let booked = h.booked(request.key.as_str()).await;
    must(booked == 0, "what is not sent in time books nothing", || format!("{booked}"))
}
