//! What became of one of several things that a command was asked to do.

use tieout_domain::{EntityCode, ExceptionId, Money, PostingId, calendar::PeriodKey};
use tieout_store::{ExceptionRow, StoreError};

use crate::base::{
    code::Code,
    context::Context,
    error::{DeskError, DeskResult},
    views::{Outcome, Preview},
};

/// What became of one item.
pub(crate) struct Done {
    code: String,
    message: String,
    /// The message says no more than that it was done.
    plain: bool,
    pub(crate) reference: Option<String>,
    posting: Option<String>,
    preview: Option<Preview>,
    /// Of a late item, by which rule it goes where it goes.
    pub(crate) late: Option<String>,
    /// What would be booked, for who asks about many at once.
    pub(crate) entries: Option<Box<Booked>>,
    /// It would still need another person's approval.
    pub(crate) halfway: bool,
    /// The hash of the content that was judged, for who asks.
    pub(crate) content: Option<String>,
}

/// What a posting would book: its amount, and the place of each step.
pub(crate) struct Booked {
    pub(crate) amount: Money,
    pub(crate) places: Vec<(EntityCode, PeriodKey)>,
}

impl Done {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            message: message.into(),
            plain: false,
            reference: None,
            posting: None,
            preview: None,
            late: None,
            entries: None,
            halfway: false,
            content: None,
        }
    }

    /// What was asked was done, and there is no more to say.
    pub(crate) fn plainly(code: &str, message: &str) -> Self {
        Self { plain: true, ..Self::new(code, message) }
    }

    pub(crate) fn halfway(mut self) -> Self {
        self.halfway = true;
        self
    }

    pub(crate) fn showing(mut self, content_hash: &str) -> Self {
        self.content = Some(content_hash.to_owned());
        self
    }

    pub(crate) fn named(mut self, reference: &str) -> Self {
        self.reference = Some(reference.to_owned());
        self
    }

    /// What the item is about: its reference and amount.
    pub(crate) fn about(self, row: &ExceptionRow) -> Self {
        self.named(&row.external_ref).booking(Money::new(row.amount_minor, row.currency), Vec::new())
    }

    pub(crate) fn booking(mut self, amount: Money, places: Vec<(EntityCode, PeriodKey)>) -> Self {
        self.entries = Some(Box::new(Booked { amount, places }));
        self
    }

    pub(crate) fn late(mut self, line: Option<String>) -> Self {
        self.late = line;
        self
    }

    pub(crate) fn of_posting(mut self, posting: impl ToString) -> Self {
        self.posting = Some(posting.to_string());
        self
    }

    pub(crate) fn with_preview(mut self, preview: Preview) -> Self {
        self.preview = Some(preview);
        self
    }
}

/// What the store refuses, with the document's reference in the place of our id.
pub(crate) fn named(error: StoreError, row: &ExceptionRow) -> DeskError {
    let code = Code::of(error.code());
    let reference = &row.external_ref;
    match error {
        StoreError::ExceptionState { state, wanted, .. } => {
            let state = state.replace('_', " ");
            DeskError::new(code, format!("{reference} is {state}: it cannot be {wanted}"))
        }
        StoreError::PostingInProgress { .. } => DeskError::new(
            code,
            format!("{reference} is already being settled by a posting: reroute or cancel that one"),
        ),
        other => other.into(),
    }
}

/// What became of one of several, named as people name it also where it was refused.
pub(crate) fn outcome(ctx: &Context, id: &str, result: DeskResult<Done>) -> Outcome {
    let mut outcome = outcome_of(id, result);
    outcome.reference = outcome.reference.or_else(|| reference_of(ctx, id));
    outcome
}

/// The reference of what has this id.
pub(crate) fn reference_of(ctx: &Context, id: &str) -> Option<String> {
    if let Ok(posting) = id.parse::<PostingId>() {
        return ctx.known().posting(&posting).ok().map(|row| row.posting.reference);
    }
    let exception = id.parse::<ExceptionId>().ok()?;
    ctx.known().exception(&exception).ok().map(|row| row.external_ref)
}

/// The outcome of one of several items: a refusal of one never stops the others.
fn outcome_of(id: &str, result: DeskResult<Done>) -> Outcome {
    match result {
        Ok(done) => Outcome {
            id: id.to_owned(),
            result: "done".to_owned(),
            code: done.code,
            said: (!done.plain).then(|| done.message.clone()),
            message: done.message,
            reference: done.reference,
            posting: done.posting,
            rule: None,
            who_could: Vec::new(),
            preview: done.preview,
        },
        Err(error) => Outcome {
            id: id.to_owned(),
            result: "refused".to_owned(),
            code: error.code.to_string(),
            said: Some(error.said().to_owned()),
            message: error.message,
            reference: None,
            posting: None,
            rule: error.rule,
            who_could: error.who_could,
            preview: None,
        },
    }
}
