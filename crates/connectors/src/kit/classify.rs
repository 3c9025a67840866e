//! Every failed call is terminal, retryable or unknown: decided here, once, for all vendors.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tieout_domain::failure::{FailureClass, VendorFailure};

/// What a call is meant to do at the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// It only reads: repeating it harms nobody.
    Read,
    /// It may change something: after an unknown outcome it is looked up, never repeated blind.
    Change,
}

/// How a call ended without an answer that could be used, once it was sent: why none could be, is said in
/// [`super::unreachable`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// The time ran out after the request was (or may have been) written.
    TimedOut,
    /// The connection broke after the request was (or may have been) written.
    Dropped,
    /// An HTTP status that is no success.
    Status(u16),
}

/// The vendor's own words, and what its dialect says of the failure where a status alone does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// The message in the vendor's words; empty where it gave none.
    pub message: String,
    /// Our stable code, where the dialect knows better than the status (`period_closed`).
    pub code: Option<&'static str>,
    /// The class, where the dialect knows better than the status.
    pub class: Option<FailureClass>,
}

/// The failure that `wire` is for a call of this intent. `place` names the request, without secrets.
#[must_use]
pub fn classify(intent: Intent, wire: Wire, place: &str, words: Words) -> VendorFailure {
    let (class, code, ours) = by_wire(intent, wire);
    let class = words.class.unwrap_or(class);
    let code = words.code.unwrap_or(code);
    let message = match (words.message.is_empty(), wire) {
        (false, Wire::Status(_)) => words.message,
        (false, _) => format!("{place}: {ours} ({})", words.message),
        (true, Wire::Status(status)) => format!("{place}: HTTP {status}: {ours}"),
        (true, _) => format!("{place}: {ours}"),
    };
    VendorFailure::new(class, code, message)
}

/// Class, code and our own words of an ending.
fn by_wire(intent: Intent, wire: Wire) -> (FailureClass, &'static str, &'static str) {
    let unsure = match intent {
        Intent::Read => FailureClass::Retryable,
        Intent::Change => FailureClass::Unknown,
    };
    match wire {
        Wire::TimedOut => (unsure, "timed_out", "no answer in time"),
        Wire::Dropped => {
            (unsure, "connection_dropped", "the connection broke before the answer was complete")
        }
        Wire::Status(429) => {
            (FailureClass::Retryable, "rate_limited", "the vendor asks for fewer calls; nothing was done")
        }
        Wire::Status(401) => (
            FailureClass::Terminal,
            "auth_failed",
            "the vendor refused the credentials: check or rotate them on this connection",
        ),
        Wire::Status(403) => (
            FailureClass::Terminal,
            "permission_missing",
            "the credentials are known there but may not do this: give them the permission at the vendor",
        ),
        Wire::Status(408 | 502 | 503 | 504) => {
            (unsure, "vendor_unavailable", "the vendor's service did not answer for certain")
        }
        Wire::Status(500..=599) => (unsure, "vendor_error", "the vendor failed inside"),
        Wire::Status(300..=399) => (
            FailureClass::Terminal,
            "redirected",
            "the vendor redirects elsewhere: correct the connection's address (credentials never follow)",
        ),
        Wire::Status(404) => (FailureClass::Terminal, "not_found", "the vendor knows no such thing"),
        Wire::Status(_) => (FailureClass::Terminal, "rejected", "the vendor refused the request"),
    }
}

/// Reads a `Retry-After` header: whole seconds, or an HTTP date (RFC 9110 §10.2.3) seen from `now`.
/// A date in the past is no wait; what is neither is `None`.
#[must_use]
pub fn retry_after(header: &str, now: DateTime<Utc>) -> Option<Duration> {
    let text = header.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = http_date(text)?;
    Some(date.signed_duration_since(now).to_std().unwrap_or(Duration::ZERO))
}

/// Reads an HTTP date (RFC 9110 §5.6.7).
#[must_use]
pub fn http_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text.trim()).ok().map(|date| date.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use FailureClass::{Retryable, Terminal, Unknown};

    use super::*;

    #[track_caller]
    fn check(wire: Wire, read: FailureClass, change: FailureClass, code: &str) {
        for (intent, want) in [(Intent::Read, read), (Intent::Change, change)] {
            let got = classify(intent, wire, "POST /x", Words::default());
            assert_eq!((got.class, got.code), (want, code), "{wire:?} {intent:?}");
        }
    }

    #[test]
    fn every_ending_has_one_class_for_reads_and_one_for_changes() {
        check(Wire::TimedOut, Retryable, Unknown, "timed_out");
        check(Wire::Dropped, Retryable, Unknown, "connection_dropped");
        check(Wire::Status(429), Retryable, Retryable, "rate_limited");
        for status in [408, 502, 503, 504] {
            check(Wire::Status(status), Retryable, Unknown, "vendor_unavailable");
        }
        check(Wire::Status(500), Retryable, Unknown, "vendor_error");
        check(Wire::Status(529), Retryable, Unknown, "vendor_error");
        check(Wire::Status(401), Terminal, Terminal, "auth_failed");
        check(Wire::Status(403), Terminal, Terminal, "permission_missing");
        check(Wire::Status(307), Terminal, Terminal, "redirected");
        check(Wire::Status(404), Terminal, Terminal, "not_found");
        for status in [400, 409, 422] {
            check(Wire::Status(status), Terminal, Terminal, "rejected");
        }
    }

    #[test]
    fn the_vendors_own_words_and_its_dialects_verdict_win() {
        let words = Words {
            message: "The period is closed.".into(),
            code: Some("period_closed"),
            class: Some(Terminal),
        };
        let got = classify(Intent::Change, Wire::Status(500), "POST /x", words);
        assert_eq!(
            (got.class, got.code, got.message.as_str()),
            (Terminal, "period_closed", "The period is closed.")
        );
    }

    #[test]
    fn a_retry_after_is_seconds_or_a_date() {
        let now: DateTime<Utc> = "2015-10-21T07:27:30Z".parse().unwrap();
        let check = |text: &str, want: Option<u64>| {
            assert_eq!(retry_after(text, now), want.map(Duration::from_secs), "{text}");
        };
        check("7", Some(7));
        check(" 120 ", Some(120));
        check("Wed, 21 Oct 2015 07:28:00 GMT", Some(30));
        check("Wed, 21 Oct 2015 07:00:00 GMT", Some(0));
        check("soon", None);
        check("-3", None);
        check("1.5", None);
    }
}
