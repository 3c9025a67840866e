//! The ways in which books are kept: by whom, as which records, in an account that is set up how.

/// Who keeps the company's books, and so what a document's booking is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Keeper {
    /// An integration that writes one journal per document, with its name in the memo.
    #[default]
    Journals,
    /// The billing vendor's connector: invoices, credit memos, payments and refunds as records.
    Records,
    /// People: journals with the document's number somewhere in the memo, payments and refunds under the
    /// number of their invoice.
    ByHand,
    /// A nightly job: one journal for the sales of a day, entity and currency. What is late, taken back or
    /// written off is a journal of its own, as all that moves money.
    Summaries,
    /// The first entity by [`Keeper::Records`], the second by [`Keeper::ByHand`], the third by
    /// [`Keeper::Summaries`], the others by [`Keeper::Journals`].
    Mixed,
}

/// What a record of another type has besides its booking.
#[derive(Clone, Debug)]
pub struct RecordFacts {
    /// NetSuite's code of the type: `CustInvc`, `CustCred`, `CustPymt`, `Deposit` …
    pub kind: String,
    /// The transaction's number; the type's own where absent.
    pub number: Option<String>,
    /// `otherrefnum`.
    pub other_reference: Option<String>,
    /// The customer of the header (internal id).
    pub customer: Option<i64>,
    /// A field of the customer's own (`custbody_billing_id`).
    pub billing_id: Option<String>,
}

impl RecordFacts {
    /// A record of this type, with nothing else.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        Self { kind: kind.to_owned(), number: None, other_reference: None, customer: None, billing_id: None }
    }
}

/// How an account is set up otherwise than most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// "Require Approvals on Journal Entries": the flag `approved`, and no `approvalStatus`.
    LegacyApprovals,
    /// The day of a closing is known, and no time, as the vendor documents it.
    ClosingDates,
}

impl Feature {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::LegacyApprovals => "legacy_approvals",
            Self::ClosingDates => "closing_dates",
        }
    }
}
