//! What was settled without Stripe's money: invoices that were marked as paid, credit notes that were paid
//! back,
//! and customers' balances that somebody credited by hand.

use tieout_domain::{
    Money,
    document::{Document, DocumentDate, DocumentKind, DocumentStatus},
};

use super::{
    amount::{amount, currency, maybe_amount, opposite},
    shape::{Context, created},
};
use crate::{kit::Field, traits::Rejection};

/// True where an invoice says that it was paid outside of Stripe (`amount_paid_off_stripe`; before basil
/// `paid_out_of_band`).
pub(super) fn says_so(invoice: Field<'_>) -> Result<bool, Rejection> {
    let paid = invoice.get("amount_paid_off_stripe").maybe_amount()?.unwrap_or(0);
    Ok(paid != 0 || invoice.get("paid_out_of_band").maybe_flag()? == Some(true))
}

/// The payment of an invoice that was paid outside of Stripe, where no record of a payment tells of it.
pub(super) fn of_invoice(invoice: Field<'_>, context: &Context) -> Result<Option<Document>, Rejection> {
    let paid = invoice.get("status").maybe_text()?.is_none_or(|status| status == "paid");
    if context.recorded_outside || !paid || !says_so(invoice)? {
        return Ok(None);
    }
    let currency = currency(invoice)?;
    let mut minor =
        maybe_amount(invoice.get("amount_paid_off_stripe"), currency)?.filter(|minor| *minor != 0);
    for said in ["amount_paid", "amount_due", "total"] {
        if minor.is_none() {
            minor = maybe_amount(invoice.get(said), currency)?.filter(|minor| *minor != 0);
        }
    }
    let Some(minor) = minor else { return Ok(None) };
    let at = match invoice.get("status_transitions").get("paid_at").maybe_instant()? {
        Some(at) => at,
        None => created(invoice)?,
    };
    let total = Money::new(opposite(invoice, minor)?, currency);
    let payment = Made { kind: DocumentKind::Payment, status: DocumentStatus::Final, total, at };
    Ok(Some(payment.of(invoice)?))
}

/// What was paid back outside of Stripe for a credit note.
pub(super) fn of_note(note: Field<'_>) -> Result<Option<Document>, Rejection> {
    let currency = currency(note)?;
    let back = maybe_amount(note.get("out_of_band_amount"), currency)?.unwrap_or(0);
    if back == 0 {
        return Ok(None);
    }
    let status = match note.get("status").text()? {
        "void" => DocumentStatus::Void,
        _ => DocumentStatus::Final,
    };
    let at = note.get("effective_at").maybe_instant()?.map_or_else(|| created(note), Ok)?;
    let total = Money::new(back, currency);
    let mut refund = Made { kind: DocumentKind::Refund, status, total, at }.of(note)?;
    refund.invoice = note.get("invoice").maybe_id()?;
    Ok(Some(refund))
}

/// A document that an object implies: it is known by that object's id.
struct Made {
    kind: DocumentKind,
    status: DocumentStatus,
    total: Money,
    at: chrono::DateTime<chrono::Utc>,
}

impl Made {
    fn of(self, object: Field<'_>) -> Result<Document, Rejection> {
        let id = object.get("id").id()?;
        Ok(Document {
            kind: self.kind,
            external_id: format!("{id}/outside"),
            reference: id.clone(),
            status: self.status,
            date: DocumentDate::Instant(self.at),
            finalized_at: Some(self.at),
            changed_at: None,
            total: self.total,
            tax_minor: 0,
            lines: Vec::new(),
            customer: object.get("customer").maybe_id()?,
            country: object.get("customer_address").get("country").maybe_text()?.map(str::to_owned),
            entity: None,
            subscription: None,
            invoice: Some(id),
            payment: None,
            outside: true,
        })
    }
}

/// A change of a customer's balance that no other document makes; `None` for one that another makes (an
/// invoice that was too small or used the balance, a credit note, a payment of too much).
pub(super) fn balance(item: Field<'_>) -> Result<Option<Document>, Rejection> {
    let word = item.get("type");
    match word.text()? {
        "adjustment" | "initial" | "migration" | "unspent_receiver_credit" => {}
        "applied_to_invoice"
        | "unapplied_from_invoice"
        | "credit_note"
        | "invoice_overpaid"
        | "invoice_too_large"
        | "invoice_too_small"
        | "checkout_session_subscription_payment"
        | "checkout_session_subscription_payment_canceled" => return Ok(None),
        other => {
            return Err(word.wrong(&format!("is \"{other}\", which is no known change of a balance")));
        }
    }
    let currency = currency(item)?;
    let total = Money::new(amount(item.get("amount"), currency)?, currency);
    let made = Made {
        kind: DocumentKind::CustomerBalance,
        status: DocumentStatus::Final,
        total,
        at: created(item)?,
    };
    // Found again by its customer alone.
    let external_id = format!("{}/{}", item.get("customer").id()?, item.get("id").id()?);
    Ok(Some(Document { external_id, invoice: None, outside: false, ..made.of(item)? }))
}
