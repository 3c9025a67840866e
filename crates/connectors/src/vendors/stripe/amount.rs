//! Stripe's amounts: whole minor units by its own table of currencies.

use tieout_domain::Currency;

use super::sheet::STRIPE;
use crate::{
    kit::{Field, within_limits},
    traits::Rejection,
};

/// The currency of an object.
pub(super) fn currency(field: Field<'_>) -> Result<Currency, Rejection> {
    let code = field.get("currency");
    Currency::new(code.text()?).map_err(|error| code.wrong(&error.to_string()))
}

/// An amount as our minor units of `currency`.
pub(super) fn amount(field: Field<'_>, currency: Currency) -> Result<i64, Rejection> {
    in_our_units(field, field.amount()?, currency)
}

/// The same, `None` where it is absent.
pub(super) fn maybe_amount(field: Field<'_>, currency: Currency) -> Result<Option<i64>, Rejection> {
    field.maybe_amount()?.map(|minor| in_our_units(field, minor, currency)).transpose()
}

/// Stripe gives some currencies more digits than they have, always 0, and one of them fewer.
fn in_our_units(field: Field<'_>, minor: i64, currency: Currency) -> Result<i64, Rejection> {
    let (theirs, ours) = (STRIPE.exponent(currency), currency.exponent());
    if theirs <= ours {
        let up = i128::from(10_i64.pow(ours - theirs));
        return within_limits(i128::from(minor) * up).ok_or_else(|| field.too_large());
    }
    let down = 10_i64.pow(theirs - ours);
    match minor % down {
        0 => Ok(minor / down),
        _ => Err(field.wrong(&format!("has a fraction that {currency} does not have"))),
    }
}

/// The amount on the other side of the ledger.
pub(super) fn opposite(field: Field<'_>, minor: i64) -> Result<i64, Rejection> {
    within_limits(-i128::from(minor)).ok_or_else(|| field.too_large())
}

/// The sum of amounts, which is small enough to be taken like each of them.
pub(super) fn add_up(
    field: Field<'_>,
    amounts: impl IntoIterator<Item = Result<i64, Rejection>>,
) -> Result<i64, Rejection> {
    let mut sum = 0_i128;
    for amount in amounts {
        sum += i128::from(amount?);
    }
    within_limits(sum).ok_or_else(|| field.too_large())
}
