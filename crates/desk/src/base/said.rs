//! Sentences in pieces, so that a page writes amounts, periods and instants as its reader has them.

use chrono::{DateTime, Utc};
use serde::Serialize;
use tieout_domain::said::{self, Part};

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// Words.
    Text(String),
    /// An amount.
    Amount {
        /// Major units.
        amount: String,
        /// In this currency.
        currency: String,
    },
    /// An accounting period, by its key.
    Period(String),
    /// An instant, to the minute.
    Instant(DateTime<Utc>),
}

impl Said {
    /// The pieces of a sentence of the core ([`tieout_domain::said`]).
    #[must_use]
    pub fn of(sentence: &str) -> Vec<Self> {
        said::parts(sentence)
            .into_iter()
            .map(|part| match part {
                Part::Text(words) => Self::Text(words),
                Part::Amount(amount, currency) => Self::Amount { amount, currency },
                Part::Period(key) => Self::Period(key),
                Part::Instant(at) => Self::Instant(at),
            })
            .collect()
    }

    /// The same where there is any value in the sentence; nothing of one that is words alone.
    #[must_use]
    pub fn where_valued(sentence: &str) -> Vec<Self> {
        let pieces = Self::of(sentence);
        if pieces.iter().all(|piece| matches!(piece, Self::Text(_))) { Vec::new() } else { pieces }
    }
}
