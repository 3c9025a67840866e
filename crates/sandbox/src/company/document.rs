//! A document as the existing integration sees it: what it books, and what happens to it afterwards.

use super::model::{Account, ChargeStatus, Company, Currency, Id, IdKind, InvoiceStatus, Line, RefundStatus};

/// Accounts with debit-positive amounts, each account once, none zero.
pub(crate) type Amounts = Vec<(Account, i64)>;

/// What becomes of a document after it was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// A draft, or a total of zero: nothing to book, ever.
    Nothing,
    /// Issued, and left alone.
    Plain,
    /// A payment or refund that failed or is pending.
    Failed,
    /// Voided.
    Void(i64),
    /// Written off.
    WrittenOff(i64),
    /// Disputed: the funds are withdrawn.
    Withdrawn(i64),
    /// Disputed and won: withdrawn, then reinstated.
    Reinstated(i64, i64),
    /// Disputed, but no money moved.
    Warned,
}

/// One document: what it books if it is booked at all.
pub(crate) struct Document {
    pub(crate) id: Id,
    pub(crate) entity: u8,
    pub(crate) customer: u32,
    pub(crate) currency: Currency,
    pub(crate) dated_at: i64,
    pub(crate) finalized_at: i64,
    pub(crate) amounts: Amounts,
    pub(crate) life: Life,
}

/// Adds to an account's amount.
pub(crate) fn add(amounts: &mut Amounts, account: Account, amount: i64) {
    match amounts.iter_mut().find(|(of, _)| *of == account) {
        Some(slot) => slot.1 += amount,
        None => amounts.push((account, amount)),
    }
    amounts.retain(|&(_, amount)| amount != 0);
}

/// The amount of one account.
pub(crate) fn of(amounts: &Amounts, account: Account) -> i64 {
    amounts.iter().find(|(of, _)| *of == account).map_or(0, |&(_, amount)| amount)
}

/// Receivable against revenue and tax; `sign` is 1 for an invoice, −1 for a credit note.
fn sale(lines: &[Line], sign: i64) -> Amounts {
    let mut amounts = Amounts::new();
    let total: i64 = lines.iter().map(|line| line.net() + line.tax).sum();
    add(&mut amounts, Account::Receivable, sign * total);
    for line in lines {
        // What the mapping does not know, this integration has always put under other income.
        let account = line.product.account().unwrap_or(Account::OtherIncome);
        add(&mut amounts, account, -sign * line.net());
        add(&mut amounts, Account::Tax, -sign * line.tax);
    }
    amounts
}

impl Document {
    /// Debit minus credit on the control account.
    pub(crate) fn control(&self) -> i64 {
        of(&self.amounts, Account::Receivable)
    }

    /// All documents of a company, in order: invoices, credit notes, charges, refunds.
    pub(crate) fn count(company: &Company) -> usize {
        company.invoices.len() + company.credit_notes.len() + company.charges.len() + company.refunds.len()
    }

    /// The id of the document at a position of that order.
    pub(crate) fn id_at(company: &Company, position: usize) -> Id {
        let mut rest = position;
        for (kind, length) in [
            (IdKind::Invoice, company.invoices.len()),
            (IdKind::CreditNote, company.credit_notes.len()),
            (IdKind::Charge, company.charges.len()),
        ] {
            if rest < length {
                return Id::new(kind, rest as u32);
            }
            rest -= length;
        }
        Id::new(IdKind::Refund, rest as u32)
    }

    /// The document at a position of that order.
    pub(crate) fn at(company: &Company, position: usize) -> Self {
        let id = Self::id_at(company, position);
        let position = id.n as usize;
        if id.kind == IdKind::Invoice {
            Self::invoice(company, position)
        } else if id.kind == IdKind::CreditNote {
            Self::credit_note(company, position)
        } else if id.kind == IdKind::Charge {
            Self::charge(company, position)
        } else {
            Self::refund(company, position)
        }
    }

    fn invoice(company: &Company, position: usize) -> Self {
        let invoice = &company.invoices[position];
        let life = match invoice.status {
            InvoiceStatus::Draft => Life::Nothing,
            _ if invoice.total() == 0 => Life::Nothing,
            InvoiceStatus::Open | InvoiceStatus::Paid => Life::Plain,
            InvoiceStatus::Void => invoice.voided_at.map_or(Life::Plain, Life::Void),
            InvoiceStatus::Uncollectible => invoice.uncollectible_at.map_or(Life::Plain, Life::WrittenOff),
        };
        let finalized_at = invoice.finalized_at.unwrap_or(invoice.created);
        Self {
            id: invoice.id,
            entity: invoice.entity,
            customer: invoice.customer,
            currency: invoice.currency,
            dated_at: invoice.effective_at.unwrap_or(finalized_at),
            finalized_at,
            amounts: sale(&invoice.lines, 1),
            life,
        }
    }

    fn credit_note(company: &Company, position: usize) -> Self {
        let note = &company.credit_notes[position];
        Self {
            id: note.id,
            entity: note.entity,
            customer: note.customer,
            currency: note.currency,
            dated_at: note.effective_at.unwrap_or(note.created),
            finalized_at: note.created,
            amounts: sale(&note.lines, -1),
            life: note.voided_at.map_or(Life::Plain, Life::Void),
        }
    }

    fn charge(company: &Company, position: usize) -> Self {
        let charge = &company.charges[position];
        let mut amounts = Amounts::new();
        add(&mut amounts, Account::Clearing, charge.amount - charge.fee);
        add(&mut amounts, Account::Fees, charge.fee);
        add(&mut amounts, Account::Receivable, -charge.amount);
        let dispute = charge.dispute.map(|dispute| &company.disputes[dispute as usize]);
        let life = match (charge.status, dispute) {
            (ChargeStatus::Failed | ChargeStatus::Pending, _) => Life::Failed,
            (ChargeStatus::Succeeded, None) => Life::Plain,
            (ChargeStatus::Succeeded, Some(dispute)) => match dispute.closed_at {
                _ if dispute.status.withdrawn() => Life::Withdrawn(dispute.created),
                Some(closed) if dispute.status == super::model::DisputeStatus::Won => {
                    Life::Reinstated(dispute.created, closed)
                }
                _ => Life::Warned,
            },
        };
        Self {
            id: charge.id,
            entity: charge.entity,
            customer: charge.customer,
            currency: charge.currency,
            dated_at: charge.created,
            finalized_at: charge.created,
            amounts,
            life,
        }
    }

    fn refund(company: &Company, position: usize) -> Self {
        let refund = &company.refunds[position];
        let mut amounts = Amounts::new();
        add(&mut amounts, Account::Receivable, refund.amount);
        add(&mut amounts, Account::Clearing, -refund.amount);
        Self {
            id: refund.id,
            entity: refund.entity,
            customer: company.charges[refund.charge as usize].customer,
            currency: refund.currency,
            dated_at: refund.created,
            finalized_at: refund.created,
            amounts,
            life: match refund.status {
                RefundStatus::Succeeded => Life::Plain,
                RefundStatus::Failed => Life::Failed,
            },
        }
    }
}
