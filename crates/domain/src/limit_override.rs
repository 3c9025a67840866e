//! What people sign to lift limits of the workspace's policy for one posting as it stands. The text is what
//! is signed.

use std::fmt;

use crate::PostingId;

const POSTING: &str = "Posting: ";
const DOCUMENT: &str = "Document: ";
const CONTENT: &str = "Content: ";
const LIMIT: &str = "Limit: ";
const REASON: &str = "Reason: ";
const WHY: &str = "Why: ";

/// That limits do not hold for one posting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitOverride {
    /// Which posting.
    pub posting: PostingId,
    /// The document that it books, as people name it.
    pub reference: String,
    /// The hash of its content: changed, it needs another one.
    pub content_hash: String,
    /// The limits, by the names that the policy gives them, in order.
    pub limits: Vec<String>,
    /// The reason, by its code in the policy.
    pub reason: String,
    /// Why, in words.
    pub why: String,
}

impl LimitOverride {
    /// The same with its words on one line each and its limits in order, as it is read from its text.
    #[must_use]
    pub fn plain(mut self) -> Self {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        (self.reference, self.why) = (line(&self.reference), line(&self.why));
        self.limits.sort();
        self.limits.dedup();
        self
    }

    /// Reads it from its text; `None` of a text that is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().peekable();
        let posting = lines.next()?.strip_prefix(POSTING)?.parse().ok()?;
        let reference = lines.next()?.strip_prefix(DOCUMENT)?.to_owned();
        let content_hash = lines.next()?.strip_prefix(CONTENT)?.to_owned();
        let mut limits = Vec::new();
        while let Some(line) = lines.next_if(|line| line.starts_with(LIMIT)) {
            limits.push(line.strip_prefix(LIMIT)?.to_owned());
        }
        let reason = lines.next()?.strip_prefix(REASON)?.to_owned();
        let why = lines.next()?.strip_prefix(WHY)?.to_owned();
        let whole = lines.next().is_none() && !limits.is_empty();
        whole.then_some(Self { posting, reference, content_hash, limits, reason, why })
    }
}

impl fmt::Display for LimitOverride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{POSTING}{}\n{DOCUMENT}{}\n{CONTENT}{}",
            self.posting, self.reference, self.content_hash
        )?;
        for limit in &self.limits {
            writeln!(f, "{LIMIT}{limit}")?;
        }
        writeln!(f, "{REASON}{}\n{WHY}{}", self.reason, self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_text_says_it_again_and_names_a_limit() {
        let said = LimitOverride {
            posting: PostingId::derive(&["p"]),
            reference: "GB01-2026-000007".into(),
            content_hash: "ab12".into(),
            limits: vec!["second".into(), "first".into(), "first".into()],
            reason: "customer_escalation".into(),
            why: "they wait\nfor it".into(),
        };
        let said = said.plain();
        assert_eq!(said.limits, ["first", "second"]);
        assert_eq!(LimitOverride::parse(&said.to_string()), Some(said.clone()));
        let none = LimitOverride { limits: Vec::new(), ..said.clone() };
        assert_eq!(LimitOverride::parse(&none.to_string()), None);
        assert_eq!(LimitOverride::parse(&format!("{said}Limit: third\n")), None);
    }
}
