//! How things are told to people: dates as finance writes them, period states, and amounts wider than one
//! document's.

use chrono::{DateTime, NaiveDate, Utc};
use tieout_domain::{
    Currency,
    calendar::{Period, PeriodStatus, Subledger},
    document::DocumentKind,
    posting::PostingState,
};

/// `30 Oct 2026`.
pub(crate) fn day(date: NaiveDate) -> String {
    date.format("%-d %b %Y").to_string()
}

/// `30 Oct`, where the year is plain from beside it.
pub(crate) fn short_day(date: NaiveDate) -> String {
    date.format("%-d %b").to_string()
}

/// `3 Nov 2026 at 08:12 UTC`.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    at.format("%-d %b %Y at %H:%M UTC").to_string()
}

/// `October 2026` for a calendar month's key; any other key stays as it is.
pub(crate) fn period(key: &str) -> String {
    let month = format!("{key}-01").parse::<NaiveDate>().ok().filter(|_| key.len() == 7);
    month.map_or_else(|| key.to_owned(), |first| first.format("%B %Y").to_string())
}

/// What a period takes, in words.
pub(crate) fn status(status: PeriodStatus) -> String {
    match status {
        PeriodStatus::Open => "open".to_owned(),
        PeriodStatus::SoftClosed => "soft-closed".to_owned(),
        PeriodStatus::Closed => "closed".to_owned(),
        PeriodStatus::Locked { ar, ap, gl } => {
            let books: Vec<&str> =
                [(ar, "AR"), (ap, "AP"), (gl, "GL")].iter().filter(|(on, _)| *on).map(|(_, b)| *b).collect();
            if books.is_empty() { "open".to_owned() } else { format!("{} locked", books.join(", ")) }
        }
    }
}

/// What one subledger of a period takes, in a word.
pub(crate) fn book(status: PeriodStatus, book: Subledger) -> &'static str {
    match status {
        PeriodStatus::Closed => "closed",
        PeriodStatus::SoftClosed => "soft-closed",
        PeriodStatus::Open | PeriodStatus::Locked { .. } if status.accepts(book) => "open",
        PeriodStatus::Open | PeriodStatus::Locked { .. } => "locked",
    }
}

/// What a period says about entries of receivables, in a sentence.
pub(crate) fn says(period: &Period) -> String {
    let name = self::period(period.key.as_str());
    match (period.status, period.status.accepts(Subledger::Ar)) {
        (PeriodStatus::SoftClosed, _) => {
            format!(
                "{name} is soft-closed: it takes only what an exception lets in and a controller approves."
            )
        }
        (_, true) => format!("{name} takes entries of receivables."),
        (status, false) => format!("{name} takes no entries of receivables: {}.", self::status(status)),
    }
}

/// Where a posting stands, as the end of a sentence.
pub(crate) fn posting(state: PostingState) -> &'static str {
    match state {
        PostingState::Proposed => "waiting for approval",
        PostingState::Queued => "waiting to be sent",
        PostingState::Sending => "being sent",
        PostingState::InDoubt => "in doubt",
        PostingState::Booked => "booked",
        PostingState::HandedOver => "handed over, waiting for the ledger's next file",
        PostingState::Settled => "settled",
        PostingState::Refused => "refused by the ERP",
        PostingState::DeadLetter => "failed, its tries used up",
        PostingState::Rejected => "rejected",
        PostingState::Cancelled => "withdrawn",
    }
}

/// What a document is called.
pub(crate) fn kind(kind: DocumentKind) -> &'static str {
    kind.label()
}

/// Minor units of any width as decimal text.
pub(crate) fn wide_text(minor: i128, currency: Currency) -> String {
    let places = currency.exponent() as usize;
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = places + 1);
    let (whole, part) = digits.split_at(digits.len() - places);
    let sign = if minor < 0 { "-" } else { "" };
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_amounts_keep_every_digit() {
        let check = |minor: i128, currency: &str, want: &str| {
            assert_eq!(wide_text(minor, Currency::new(currency).unwrap()), want);
        };
        check(-5, "GBP", "-0.05");
        check(0, "USD", "0.00");
        check(1_980_000, "JPY", "1980000");
        check(92_233_720_368_547_758_070, "GBP", "922337203685477580.70");
        check(1_234, "KWD", "1.234");
    }

    #[test]
    fn months_and_states_are_told_in_words() {
        assert_eq!(period("2026-10"), "October 2026");
        assert_eq!(period("FY26 P3"), "FY26 P3");
        let locked = PeriodStatus::Locked { ar: true, ap: true, gl: false };
        assert_eq!(status(locked), "AR, AP locked");
        assert_eq!((book(locked, Subledger::Ar), book(locked, Subledger::Gl)), ("locked", "open"));
    }
}
