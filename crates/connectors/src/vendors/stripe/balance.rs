//! Balance transactions: every movement of the processor's balance, by Stripe's reporting category.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use tieout_domain::{
    Currency, Money,
    document::{Canonical, Document, DocumentDate, DocumentKind, DocumentStatus, Movement},
};

use super::{
    amount::{add_up, amount, currency, opposite},
    sheet::{CATEGORIES, Category},
};
use crate::{kit::Field, traits::Rejection};

/// What a balance transaction is: by its reporting category; by its type, where that is what tells a reserve
/// from other adjustments, or where an older account has no category.
fn category(item: Field<'_>) -> Result<(Category, &str), Rejection> {
    let kind = item.get("type").text()?;
    let word = item.get("reporting_category").maybe_text()?.unwrap_or(kind);
    let by = |word: &str| CATEGORIES.iter().find(|(known, _)| *known == word).map(|(_, of)| *of);
    let found = by(word).or_else(|| by(kind)).unwrap_or(Category::Own(DocumentKind::Movement));
    Ok((found, word))
}

/// The sides of a balance transaction, minor units of its currency.
struct Sides {
    gross: i64,
    fee: i64,
    fee_tax: i64,
}

fn sides(item: Field<'_>, currency: Currency) -> Result<Sides, Rejection> {
    let taxes = item.get("fee_details").items()?.into_iter().filter(|detail| {
        let kind = detail.get("type").maybe_text().ok().flatten();
        kind == Some("tax")
    });
    Ok(Sides {
        gross: amount(item.get("amount"), currency)?,
        fee: amount(item.get("fee"), currency)?,
        fee_tax: add_up(item, taxes.map(|detail| amount(detail.get("amount"), currency)))?,
    })
}

/// Decodes a balance transaction: the movement, and the document that it is where nothing else books it.
pub(super) fn transaction(item: Field<'_>) -> Result<Vec<Canonical>, Rejection> {
    let id = item.get("id").id()?;
    let currency = currency(item)?;
    let (category, word) = category(item)?;
    let Sides { gross, fee, fee_tax } = sides(item, currency)?;
    let created = item.get("created");
    let at = created.maybe_instant()?.ok_or_else(|| created.missing())?;
    let source = item.get("source").maybe_id()?;
    // 1 where nothing was converted, as older stand-ins say it; Stripe itself says nothing then.
    let rate = item.get("exchange_rate").maybe_decimal()?.filter(|rate| *rate != Decimal::ONE);
    // Money that was converted is booked in the balance's currency by a document of its own.
    let (kind, names) = match (category, &source) {
        (Category::OfCustomer, Some(_)) if rate.is_some() => (Some(DocumentKind::Conversion), &id),
        (Category::OfCustomer | Category::OfPayout, Some(source)) => (None, source),
        (Category::OfCustomer | Category::OfPayout, None) => (Some(DocumentKind::Movement), &id),
        (Category::Own(kind), _) => (Some(kind), &id),
    };
    let document = kind.map(|kind| {
        let all_tax = kind == DocumentKind::Fee && is_tax(item, word);
        own(item, kind, Own { id: &id, currency, gross, all_tax, at, source: source.as_deref() })
    });
    let movement = Movement {
        external_id: id.clone(),
        document: names.clone(),
        source: source.clone(),
        category: word.to_owned(),
        gross: Money::new(gross, currency),
        fee_minor: fee,
        fee_tax_minor: fee_tax,
        rate,
        at,
        available_at: item.get("available_on").maybe_instant()?,
    };
    let mut items = vec![Canonical::Movement(movement)];
    items.extend(document.transpose()?.map(Canonical::Document));
    Ok(items)
}

fn is_tax(item: Field<'_>, category: &str) -> bool {
    category == "tax" || item.get("type").text().ok() == Some("tax_fee")
}

/// What a document of a movement itself is made of.
struct Own<'o> {
    id: &'o str,
    currency: Currency,
    gross: i64,
    all_tax: bool,
    at: DateTime<Utc>,
    source: Option<&'o str>,
}

fn own(item: Field<'_>, kind: DocumentKind, own: Own<'_>) -> Result<Document, Rejection> {
    let total = opposite(item, own.gross)?;
    // A transfer or top-up is known by its own id; what reverses it, and all else, by the movement's.
    let primary = item.get("type").maybe_text()?.is_some_and(|word| word == "transfer" || word == "topup");
    let reference = own.source.filter(|_| primary).unwrap_or(own.id);
    Ok(Document {
        kind,
        external_id: own.id.to_owned(),
        reference: reference.to_owned(),
        status: DocumentStatus::Final,
        date: DocumentDate::Instant(own.at),
        finalized_at: Some(own.at),
        changed_at: None,
        total: Money::new(total, own.currency),
        tax_minor: if own.all_tax { total } else { 0 },
        lines: Vec::new(),
        customer: None,
        country: None,
        entity: None,
        subscription: None,
        invoice: None,
        payment: own.source.filter(|_| kind == DocumentKind::Conversion).map(str::to_owned),
        outside: false,
    })
}

/// When the processor's balance took the money of `object`, where it carries its balance transaction: a bank
/// debit is created days before its money arrives.
pub(super) fn arrived(object: Field<'_>) -> Result<Option<DateTime<Utc>>, Rejection> {
    let transaction = object.get("balance_transaction");
    match transaction.is_object() {
        true => transaction.get("created").maybe_instant(),
        false => Ok(None),
    }
}

/// Whether the balance took the whole of `whole` and not only `part` of it, where the object carries its
/// balance
/// transaction: accounts before basil captured a part by taking all and giving the rest back.
pub(super) fn took_all(object: Field<'_>, whole: Money, part: Money) -> Result<bool, Rejection> {
    let transaction = object.get("balance_transaction");
    if !transaction.is_object() {
        return Ok(false);
    }
    let settled = currency(transaction)?;
    let took = Money::new(amount(transaction.get("amount"), settled)?, settled);
    if settled == whole.currency() {
        return Ok(took == whole);
    }
    let Some(rate) = transaction.get("exchange_rate").maybe_decimal()? else { return Ok(false) };
    let far = |from: Money| -> Option<Decimal> {
        Some((from.to_decimal().checked_mul(rate)? - took.to_decimal()).abs())
    };
    Ok(far(whole).zip(far(part)).is_some_and(|(whole, part)| whole < part))
}
