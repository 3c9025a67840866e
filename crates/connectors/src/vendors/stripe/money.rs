//! Payments and what undoes them: charges, refunds, disputes, payouts, and payments outside of Stripe.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use tieout_domain::{
    Currency, Money, Rounding,
    document::{Document, DocumentDate, DocumentKind, DocumentStatus},
};

use super::{
    amount::{add_up, amount, currency, maybe_amount, opposite},
    balance::{arrived, took_all},
    shape::{Context, created, owned},
};
use crate::{kit::Field, traits::Rejection};

/// Decodes a charge: what was received, which is less than what was authorised where only a part was
/// captured.
pub(super) fn charge(field: Field<'_>, context: &Context) -> Result<Document, Rejection> {
    let word = field.get("status");
    let status = match word.text()? {
        // An authorisation that was not captured is no money received.
        "succeeded" if field.get("captured").maybe_flag()? == Some(false) => DocumentStatus::Pending,
        "succeeded" => DocumentStatus::Final,
        "pending" => DocumentStatus::Pending,
        "failed" => DocumentStatus::Failed,
        other => return Err(word.wrong(&format!("is \"{other}\", which is no known status of a charge"))),
    };
    let invoice = match field.get("invoice").maybe_id()? {
        Some(invoice) => Some(invoice),
        None => context.invoice.clone(),
    };
    let received = opposite(field, received(field, status)?)?;
    let mut document = money(field, DocumentKind::Payment, status, received)?;
    document.customer = field.get("customer").maybe_id()?;
    document.invoice = invoice;
    document.country = owned(field.get("billing_details").get("address").get("country").maybe_text()?);
    Ok(document)
}

fn received(field: Field<'_>, status: DocumentStatus) -> Result<i64, Rejection> {
    let currency = currency(field)?;
    let whole = amount(field.get("amount"), currency)?;
    let captured = maybe_amount(field.get("amount_captured"), currency)?;
    let Some(captured) = captured.filter(|_| status == DocumentStatus::Final) else { return Ok(whole) };
    let of = |minor| Money::new(minor, currency);
    // Before basil the rest came back as a refund, which is a document of its own.
    Ok(if captured < whole && took_all(field, of(whole), of(captured))? { whole } else { captured })
}

/// Decodes a refund.
pub(super) fn refund(field: Field<'_>) -> Result<Document, Rejection> {
    let word = field.get("status");
    let status = match word.maybe_text()? {
        // Before 2014 a refund had no status: it was done.
        None | Some("succeeded") => DocumentStatus::Final,
        Some("pending" | "requires_action") => DocumentStatus::Pending,
        Some("failed" | "canceled") => DocumentStatus::Failed,
        Some(other) => {
            return Err(word.wrong(&format!("is \"{other}\", which is no known status of a refund")));
        }
    };
    let minor = amount(field.get("amount"), currency(field)?)?;
    let mut document = money(field, DocumentKind::Refund, status, minor)?;
    document.customer = field.get("customer").maybe_id()?;
    document.payment = field.get("charge").maybe_id()?;
    Ok(document)
}

/// A document of money, dated by when the balance moved where the object tells.
fn money(
    field: Field<'_>,
    kind: DocumentKind,
    status: DocumentStatus,
    minor: i64,
) -> Result<Document, Rejection> {
    let id = field.get("id").id()?;
    let at = arrived(field)?.map_or_else(|| created(field), Ok)?;
    Ok(Document {
        kind,
        reference: id.clone(),
        external_id: id,
        status,
        date: DocumentDate::Instant(at),
        finalized_at: Some(at),
        changed_at: None,
        total: Money::new(minor, currency(field)?),
        tax_minor: 0,
        lines: Vec::new(),
        customer: None,
        country: None,
        entity: None,
        subscription: None,
        invoice: None,
        payment: None,
        outside: false,
    })
}

/// Decodes a payout. Its status says whether the bank has it; the balance moved when it was made, and back
/// when it failed.
pub(super) fn payout(field: Field<'_>) -> Result<Document, Rejection> {
    let word = field.get("status");
    let returned = field.get("failure_balance_transaction").is_there();
    let status = match word.text()? {
        "paid" | "pending" | "in_transit" => DocumentStatus::Final,
        "failed" | "canceled" => DocumentStatus::Failed,
        // A word that is not known yet: the balance tells.
        _ if returned => DocumentStatus::Failed,
        _ if field.get("balance_transaction").is_there() => DocumentStatus::Final,
        other => return Err(word.wrong(&format!("is \"{other}\", which is no known status of a payout"))),
    };
    let paid = amount(field.get("amount"), currency(field)?)?;
    // The reversal of another payout brings its money back.
    let minor = if field.get("original_payout").is_there() { opposite(field, paid)? } else { paid };
    money(field, DocumentKind::Payout, status, minor)
}

/// Decodes an invoice payment that is a payment outside of Stripe; `None` for any other.
pub(super) fn outside(field: Field<'_>, context: &Context) -> Result<Option<Document>, Rejection> {
    let payment = field.get("payment");
    if payment.get("type").text()? != "payment_record" {
        return Ok(None);
    }
    let word = field.get("status");
    let status = match word.text()? {
        "paid" => DocumentStatus::Final,
        "open" => DocumentStatus::Pending,
        "canceled" => DocumentStatus::Failed,
        other => {
            let what = format!("is \"{other}\", which is no known status of an invoice's payment");
            return Err(word.wrong(&what));
        }
    };
    let currency = currency(field)?;
    let paid = match maybe_amount(field.get("amount_paid"), currency)? {
        Some(paid) => paid,
        None => amount(field.get("amount_requested"), currency)?,
    };
    let mut document = money(field, DocumentKind::Payment, status, opposite(field, paid)?)?;
    if let Some(at) = field.get("status_transitions").get("paid_at").maybe_instant()? {
        document.date = DocumentDate::Instant(at);
        document.finalized_at = Some(at);
    }
    // A record that pays several invoices names several payments: those go by their own ids.
    if !context.shares_record {
        document.reference = payment.get("payment_record").id()?;
    }
    document.invoice = field.get("invoice").maybe_id()?;
    document.customer = field.get("customer").maybe_id()?;
    document.outside = true;
    Ok(Some(document))
}

/// What a dispute's own balance transactions come to.
struct Balance {
    /// When money was first withdrawn.
    at: Option<DateTime<Utc>>,
    /// When it last moved.
    last: Option<DateTime<Utc>>,
    /// Withdrawn, and given back again: minor units of the balance's currency.
    withdrawn: i64,
    back: i64,
    currency: Currency,
}

impl Balance {
    /// `None` where nothing moved, or nothing is told.
    fn of(field: Field<'_>) -> Result<Option<Self>, Rejection> {
        let items = field.get("balance_transactions").items()?;
        let Some(first) = items.first() else { return Ok(None) };
        let currency = currency(*first)?;
        let each = |item: &Field<'_>| amount(item.get("amount"), currency);
        let amounts: Vec<i64> = items.iter().map(each).collect::<Result<_, _>>()?;
        let sum = |back: bool| {
            let some = amounts.iter().filter(|minor| (**minor > 0) == back);
            add_up(field, some.map(|minor| Ok(if back { *minor } else { opposite(field, *minor)? })))
        };
        let instants = items.iter().map(|item| item.get("created").maybe_instant());
        let instants: Vec<_> = instants.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        let (at, last) = (instants.iter().min().copied(), instants.iter().max().copied());
        Ok(Some(Self { at, last, withdrawn: sum(false)?, back: sum(true)?, currency }))
    }

    /// What stays withdrawn of `disputed`, in the currency of the payment.
    fn stays(&self, disputed: Money) -> Option<Money> {
        let net = self.withdrawn.checked_sub(self.back)?;
        match (self.currency == disputed.currency(), self.back) {
            (true, _) => Some(Money::new(net, self.currency)),
            (false, 0) => Some(disputed),
            (false, _) => {
                let share = Decimal::from(net).checked_div(Decimal::from(self.withdrawn))?;
                let amount = disputed.to_decimal().checked_mul(share)?;
                Money::from_decimal(amount, disputed.currency(), Rounding::HalfEven).ok()
            }
        }
    }
}

/// Decodes a dispute: what it took back of a payment. Its own balance transactions tell; its status does
/// where
/// it names none. A word that is not known then is told, and nothing is guessed.
pub(super) fn dispute(field: Field<'_>) -> Result<Document, Rejection> {
    let word = field.get("status");
    let currency = currency(field)?;
    let disputed = Money::new(amount(field.get("amount"), currency)?, currency);
    let balance = Balance::of(field)?;
    let (status, total) = match &balance {
        Some(balance) => {
            let stays =
                balance.stays(disputed).ok_or_else(|| field.get("balance_transactions").too_large())?;
            // Won, or given up: all of it came back.
            if stays.is_zero() { (DocumentStatus::Void, disputed) } else { (DocumentStatus::Final, stays) }
        }
        None => (by_status(word)?, disputed),
    };
    let mut document = money(field, DocumentKind::Dispute, status, total.minor())?;
    if let Some(at) = balance.as_ref().and_then(|balance| balance.at) {
        document.date = DocumentDate::Instant(at);
        document.finalized_at = Some(at);
    }
    if status == DocumentStatus::Void {
        document.changed_at = balance.and_then(|balance| balance.last);
    }
    document.payment = Some(field.get("charge").id()?);
    Ok(document)
}

fn by_status(word: Field<'_>) -> Result<DocumentStatus, Rejection> {
    match word.text()? {
        "needs_response" | "under_review" | "lost" | "appeal_needs_response" | "appeal_under_review" => {
            Ok(DocumentStatus::Final)
        }
        // A won or prevented dispute leaves the payment as it was; a charge that was refunded instead (older
        // API versions) has its refund.
        "won" | "prevented" | "charge_refunded" => Ok(DocumentStatus::Void),
        // An inquiry withdraws nothing.
        "warning_needs_response" | "warning_under_review" | "warning_closed" => Ok(DocumentStatus::Pending),
        other => Err(word.wrong(&format!("is \"{other}\", which is no known status of a dispute"))),
    }
}
