//! The revenue schedule of one document: its deferred lines with their terms and rules, and what is released
//! in which period, beside what the ledger books of it. As last detected.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tieout_domain::{Currency, document::DocumentStatus, schedule::DeferredLine};

use crate::{
    base::{
        code::Code,
        context::Context,
        error::{DeskError, DeskResult},
        labels::decimal_text,
    },
    close::schedules::{self, ScheduleRow, SchedulesRequest},
    intake::derivation::{self, Deferred},
};

/// Which document.
#[derive(Clone, Debug, Deserialize, ts_rs::TS)]
#[serde(deny_unknown_fields)]
pub struct DocumentScheduleRequest {
    /// Its id.
    pub document: String,
}

/// A part of a document that is deferred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct DeferredLineView {
    /// What was sold, where the line says it.
    pub product: Option<String>,
    /// The account that it becomes revenue on; none where the mapping leaves it on deferred revenue.
    pub revenue: Option<String>,
    /// By what its term is shared out, in words: "by day".
    pub rule: String,
    /// The first day of service; none where nothing says a term.
    pub starts: Option<NaiveDate>,
    /// The last.
    pub ends: Option<NaiveDate>,
    /// What is deferred of it, major units; negative for what is taken back.
    pub amount: String,
    /// How many periods release something of it.
    pub periods: u64,
    /// The smallest amount that a period releases of it, by its size.
    pub least: Option<String>,
    /// The largest.
    pub most: Option<String>,
}

/// The revenue schedule of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
pub struct DocumentSchedule {
    /// The document's id.
    pub document: String,
    /// Its reference.
    pub reference: String,
    /// The legal entity.
    pub entity: String,
    /// The currency.
    pub currency: String,
    /// Where remainders go, in words.
    pub remainder: String,
    /// How many days after a period's end its releases are due.
    pub due_days: u16,
    /// The reference of the invoice by whose terms a credit note goes.
    pub credits: Option<String>,
    /// True where it is void: what was released until then is given back in the void's period.
    pub void: bool,
    /// What it defers, part by part.
    pub lines: Vec<DeferredLineView>,
    /// Period by period, with what is booked.
    pub rows: Vec<ScheduleRow>,
}

/// The revenue schedule of a document.
///
/// # Errors
/// `bad_id`, `not_found` of an unknown document or of one that defers nothing, `mapping_required`, a database
/// error.
pub fn document_schedule(ctx: &Context, request: &DocumentScheduleRequest) -> DeskResult<DocumentSchedule> {
    let stored = ctx.store().document(&request.document.parse()?)?;
    let reference = stored.document.reference.clone();
    let Some(deferred) = derivation::deferred(ctx, &stored)? else {
        let message = format!("the mapping asks for no revenue schedule of {reference}");
        return Err(DeskError::new(Code::NotFound, message));
    };
    let document = Some(stored.id.to_string());
    let asked = SchedulesRequest { document, ..SchedulesRequest::default() };
    let rows = schedules::close_schedules(ctx, &asked)?;
    let currency = stored.document.currency();
    let Deferred { entity, schedules, credits, lines } = deferred;
    Ok(DocumentSchedule {
        document: stored.id.to_string(),
        reference,
        entity: entity.code.to_string(),
        currency: currency.code().to_owned(),
        remainder: schedules.remainder.words().to_owned(),
        due_days: schedules.due_days,
        credits,
        void: stored.document.status == DocumentStatus::Void,
        lines: lines.iter().map(|line| view(line, currency)).collect(),
        rows,
    })
}

fn view(line: &DeferredLine, currency: Currency) -> DeferredLineView {
    let text = |minor: i64| decimal_text(minor, currency.code());
    let size = |minor: &&i64| minor.unsigned_abs();
    let amounts = || line.releases.iter().map(|(_, minor)| minor);
    DeferredLineView {
        product: line.product.clone(),
        revenue: line.revenue.as_ref().map(ToString::to_string),
        rule: line.method.words().to_owned(),
        starts: line.term.map(|(first, _)| first),
        ends: line.term.map(|(_, last)| last),
        amount: text(line.minor),
        periods: line.releases.len() as u64,
        least: amounts().min_by_key(size).map(|minor| text(*minor)),
        most: amounts().max_by_key(size).map(|minor| text(*minor)),
    }
}
