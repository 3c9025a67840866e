//! What several of Stripe's objects have in common, and what an object does not say itself.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::{kit::Field, traits::Rejection};

/// What an object does not say itself, from other reads.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Lines beyond those that the object carries.
    pub more_lines: Vec<Value>,
    /// The invoice's lines that a credit note's lines refer to, by line id.
    pub source_lines: HashMap<String, SourceLine>,
    /// The invoice that a payment pays.
    pub invoice: Option<String>,
    /// The customer and meter that usage was asked for.
    pub customer: Option<String>,
    /// A finalised invoice must have a number.
    pub numbers: bool,
    /// A payment outside of Stripe is listed by itself: the invoice need not tell of it.
    pub recorded_outside: bool,
    /// The record of a payment outside of Stripe pays other invoices too.
    pub shares_record: bool,
}

/// What a credit note's line takes over from the invoice's line that it credits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SourceLine {
    /// The product.
    pub product: Option<String>,
    /// The tax rate's id.
    pub tax_code: Option<String>,
}

impl SourceLine {
    /// Reads what matters of an invoice's line.
    ///
    /// # Errors
    /// Where its shape is not known.
    pub fn read(field: Field<'_>) -> Result<Self, Rejection> {
        Ok(Self { product: product_of(field)?, tax_code: tax_code(field)? })
    }
}

/// The text without blanks around it; `None` where nothing is left.
pub(super) fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned)
}

/// An instant that every object of this kind has.
pub(super) fn created(field: Field<'_>) -> Result<DateTime<Utc>, Rejection> {
    let created = field.get("created");
    // Invoices and refunds of older API versions have `date`.
    match created.maybe_instant()? {
        Some(at) => Ok(at),
        None => field.get("date").maybe_instant()?.ok_or_else(|| created.missing()),
    }
}

/// The product of a line or item: of its pricing (now), its price, or its plan (2017).
pub(super) fn product_of(field: Field<'_>) -> Result<Option<String>, Rejection> {
    for place in [
        field.get("pricing").get("price_details").get("product"),
        field.get("price").get("product"),
        field.get("plan").get("product"),
    ] {
        if let Some(product) = place.maybe_id()? {
            return Ok(Some(product));
        }
    }
    Ok(None)
}

/// The taxes of a line or document, each with whether the amounts contain it: as they are now (`taxes`), or
/// as before (`tax_amounts`).
pub(super) fn taxes_of(field: Field<'_>) -> Result<Vec<(Field<'_>, bool)>, Rejection> {
    let mut taxes = Vec::new();
    if field.get("taxes").is_there() {
        for tax in field.get("taxes").items()? {
            taxes.push((tax, tax.get("tax_behavior").maybe_text()? == Some("inclusive")));
        }
        return Ok(taxes);
    }
    for tax in field.get("tax_amounts").items()? {
        taxes.push((tax, tax.get("inclusive").maybe_flag()?.unwrap_or(false)));
    }
    Ok(taxes)
}

/// The rate of a tax, in either shape.
pub(super) fn rate_of(tax: Field<'_>) -> Result<Option<String>, Rejection> {
    match tax.get("tax_rate_details").get("tax_rate").maybe_id()? {
        Some(rate) => Ok(Some(rate)),
        None => tax.get("tax_rate").maybe_id(),
    }
}

/// The first tax rate of a line: of its taxes, or (older still) of its `tax_rates` alone.
pub(super) fn tax_code(field: Field<'_>) -> Result<Option<String>, Rejection> {
    for (tax, _) in taxes_of(field)? {
        if let Some(rate) = rate_of(tax)? {
            return Ok(Some(rate));
        }
    }
    Ok(field.get("tax_rates").items()?.first().map(|rate| rate.maybe_id()).transpose()?.flatten())
}
