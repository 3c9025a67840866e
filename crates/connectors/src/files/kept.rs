//! What a processor's row says beside its payment: what was kept of it as a fee, what was given back.

use chrono::{DateTime, NaiveTime, Utc};
use tieout_domain::{
    Currency, Money,
    document::{Canonical, Document, DocumentDate, DocumentKind, DocumentStatus, Movement},
};

use super::{
    map::ColumnMap,
    number::{Exact, too_large},
    role::Role,
    rows::RowView,
};
use crate::traits::Rejection;

/// The sums of a document's rows.
#[derive(Default)]
pub struct Kept {
    fee: Option<(Currency, Exact)>,
    refunded: Option<Exact>,
}

impl Kept {
    /// Takes a row of a document in `currency`.
    ///
    /// # Errors
    /// `bad_amount`, `bad_currency`, `document_inconsistent`, `amount_out_of_range`.
    pub fn take(&mut self, map: &ColumnMap, row: &RowView<'_>, currency: Currency) -> Result<(), Rejection> {
        let number = |role: Role| {
            let text = row.text(role)?.filter(|text| !map.numbers.is_nothing(text));
            let parse = |text: std::borrow::Cow<'_, str>| {
                map.numbers.parse(&text).map_err(|message| row.reject(role, "bad_amount", message))
            };
            Ok::<_, Rejection>(text.map(parse).transpose()?.filter(|amount| !amount.is_zero()))
        };
        let too_big = |role| row.reject(role, "amount_out_of_range", too_large(currency));
        if let Some(back) = number(Role::Refunded)? {
            let sum = self.refunded.unwrap_or(Exact::ZERO).plus(back);
            self.refunded = Some(sum.ok_or_else(|| too_big(Role::Refunded))?);
        }
        let Some(fee) = number(Role::Fee)? else { return Ok(()) };
        let own = match row.text(Role::FeeCurrency)? {
            Some(code) => Currency::new(&code)
                .map_err(|e| row.reject(Role::FeeCurrency, "bad_currency", e.to_string()))?,
            None => currency,
        };
        let sum = match self.fee {
            None => Some(fee),
            Some((known, sum)) if known == own => sum.plus(fee),
            Some((known, _)) => {
                let message = format!("another row of the document has its fee in {known}");
                return Err(row.reject(Role::FeeCurrency, "document_inconsistent", message));
            }
        };
        self.fee = Some((own, sum.ok_or_else(|| too_big(Role::Fee))?));
        Ok(())
    }

    /// The documents and movements that stand beside `document`, each with its name.
    ///
    /// # Errors
    /// `amount_out_of_range` for what the currency cannot hold.
    pub fn beside(&self, document: &Document) -> Result<Vec<(String, Canonical)>, (&'static str, String)> {
        let key = &document.external_id;
        let minor = |amount: Exact, currency: Currency| {
            let minor = amount.minor(currency.exponent());
            minor.ok_or_else(|| ("amount_out_of_range", format!("{key}: {}", too_large(currency))))
        };
        let mut beside = Vec::new();
        if document.status != DocumentStatus::Final {
            return Ok(beside);
        }
        let own = |suffix: &str, kind: DocumentKind, total: Money| Document {
            kind,
            external_id: format!("{key}/{suffix}"),
            total,
            tax_minor: 0,
            lines: Vec::new(),
            payment: Some(key.clone()),
            ..document.clone()
        };
        let currency = document.currency();
        if let Some(back) = self.refunded {
            let total = Money::new(minor(back, currency)?, currency);
            let refund = own("refund", DocumentKind::Refund, total);
            beside.push((refund.external_id.clone(), Canonical::Document(refund)));
        }
        match self.fee {
            None => {}
            Some((of, fee)) if of == currency => {
                let movement = Movement {
                    external_id: format!("{key}/fee"),
                    document: key.clone(),
                    source: None,
                    category: document.kind.as_str().to_owned(),
                    gross: Money::new(-document.total.minor(), currency),
                    fee_minor: minor(fee, of)?,
                    fee_tax_minor: 0,
                    rate: None,
                    at: instant(document.date),
                    available_at: None,
                };
                beside.push((movement.external_id.clone(), Canonical::Movement(movement)));
            }
            // A fee in the currency of the balance is no amount of the payment's.
            Some((of, fee)) => {
                let mut fee = own("fee", DocumentKind::Fee, Money::new(minor(fee, of)?, of));
                fee.invoice = None;
                beside.push((fee.external_id.clone(), Canonical::Document(fee)));
            }
        }
        Ok(beside)
    }
}

fn instant(date: DocumentDate) -> DateTime<Utc> {
    match date {
        DocumentDate::Instant(at) => at,
        DocumentDate::Local(day) => day.and_time(NaiveTime::MIN).and_utc(),
    }
}
