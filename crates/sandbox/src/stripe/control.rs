//! What a person would do in Stripe's dashboard: add an invoice, void it, write it off, amend it, take or
//! refund a payment, dispute one. Each change appends its event. The ledger is not touched: that is the
//! existing integration's business, and it is not running.

mod disputes;

use std::fmt;
use std::str::FromStr;

use chrono::Datelike;
use serde::{Deserialize, Serialize};

use super::limits::Limits;
use super::state::{Key, State};
use super::{Shared, lock};
use crate::company::{
    BalanceTransaction, Charge, ChargeStatus, Company, CreditNote, Customer, Dispute, DisputeStatus, Event,
    EventKind, Id, IdKind, Invoice, InvoiceNumber, InvoiceStatus, Line, PaymentIntent, Product, Refund,
    RefundStatus, TransactionKind, date_in, fee_of, tax_of,
};

/// A line of a new invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLine {
    /// Product id (`prod_team`).
    pub product: String,
    /// Net amount, minor units.
    pub amount: i64,
}

/// A change of the company, as JSON: `{"do": "void_invoice", "invoice": "in_…"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Lets time pass.
    Advance {
        /// Seconds, not negative.
        seconds: i64,
    },
    /// A new customer.
    AddCustomer {
        /// Entity code (`US01`).
        entity: String,
        /// Name.
        name: String,
        /// E-mail.
        email: Option<String>,
    },
    /// Deletes a customer: it is shown as deleted, and no longer listed.
    DeleteCustomer {
        /// `cus_…`
        customer: String,
    },
    /// Deletes a draft: it is gone.
    DeleteDraft {
        /// `in_…`
        invoice: String,
    },
    /// A new invoice, finalised at once.
    AddInvoice {
        /// `cus_…`
        customer: String,
        /// Its lines; taxable at the entity's rate if `taxable`.
        lines: Vec<NewLine>,
        /// Whether tax applies.
        taxable: bool,
        /// The document's date if it is not now, Unix seconds.
        effective_at: Option<i64>,
    },
    /// Voids an open invoice.
    VoidInvoice {
        /// `in_…`
        invoice: String,
    },
    /// Writes an open invoice off.
    WriteOffInvoice {
        /// `in_…`
        invoice: String,
    },
    /// Changes the first line of an open or paid invoice in place.
    AmendInvoice {
        /// `in_…`
        invoice: String,
        /// Added to the line's net amount, minor units; tax follows.
        by: i64,
    },
    /// Credits the first line of an open or paid invoice.
    CreditInvoice {
        /// `in_…`
        invoice: String,
        /// Net amount, minor units, positive; tax follows.
        amount: i64,
    },
    /// Voids a credit note.
    VoidCreditNote {
        /// `cn_…`
        credit_note: String,
    },
    /// Pays an open invoice.
    PayInvoice {
        /// `in_…`
        invoice: String,
        /// Whether the charge succeeds.
        succeeds: bool,
    },
    /// Refunds a succeeded charge.
    RefundCharge {
        /// `ch_…`
        charge: String,
        /// Minor units, at most what is left.
        amount: i64,
    },
    /// A refund that had succeeded comes back from the bank.
    FailRefund {
        /// `re_…`
        refund: String,
    },
    /// Disputes a succeeded charge: funds are withdrawn, a response is needed.
    DisputeCharge {
        /// `ch_…`
        charge: String,
    },
    /// Closes a dispute.
    CloseDispute {
        /// `dp_…`
        dispute: String,
        /// Whether it is won.
        won: bool,
    },
}

/// Why a change was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlError {
    /// No such object in this company.
    NoSuch(String),
    /// The object's status does not allow it.
    WrongStatus(String),
    /// The amount does not fit.
    WrongAmount(i64),
}

impl ControlError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuch(_) => "no_such_object",
            Self::WrongStatus(_) => "wrong_status",
            Self::WrongAmount(_) => "wrong_amount",
        }
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuch(what) => {
                write!(f, "the sandbox has no {what}; list the resource to see what it has")
            }
            Self::WrongStatus(what) => write!(f, "{what} has another status than this change needs"),
            Self::WrongAmount(amount) => write!(f, "an amount of {amount} does not fit this object"),
        }
    }
}

impl std::error::Error for ControlError {}

/// Changes a company while it is served; clones share it.
#[derive(Clone)]
pub struct Control {
    shared: Shared,
}

impl Control {
    pub(super) const fn new(shared: Shared) -> Self {
        Self { shared }
    }

    /// Does one change at the company's present, appends its event, and returns the id of what was made or
    /// changed.
    ///
    /// # Errors
    /// [`ControlError`], with nothing changed.
    pub fn run(&self, command: Command) -> Result<Id, ControlError> {
        let mut state = lock(&self.shared);
        let done = act(&mut state.company, command);
        state.reindex();
        done
    }

    /// The company's present, Unix seconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        lock(&self.shared).company.now
    }

    /// Reads the company as it is now.
    pub fn read<T>(&self, look: impl FnOnce(&Company) -> T) -> T {
        look(&lock(&self.shared).company)
    }

    /// Replaces the rate limits.
    pub fn set_limits(&self, limits: Limits) {
        lock(&self.shared).limiter.limits = limits;
    }

    /// Requests seen, and requests refused by the rate limits.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        let state = lock(&self.shared);
        (state.requests, state.limiter.refused)
    }

    /// Takes an object off its list, as one that was deleted, or an event that is too old to be shown: it is
    /// not listed, not found, and no list goes on after it. False if it is not there.
    #[must_use]
    pub fn forget(&self, id: &str) -> bool {
        id.parse().is_ok_and(|id| lock(&self.shared).forget(id))
    }

    /// Expires a key for good; false if there is no such key.
    #[must_use]
    pub fn expire_key(&self, secret: &str) -> bool {
        let mut state = lock(&self.shared);
        let found = state.keys.iter_mut().find(|key| key.secret == secret);
        found.map(|key| key.expired = true).is_some()
    }

    /// Adds a key to the account of an entity (`US01`); false if there is no such entity.
    #[must_use]
    pub fn add_key(&self, entity: &str, secret: &str) -> bool {
        let mut state = lock(&self.shared);
        let State { company, keys, .. } = &mut *state;
        let found = (0u8..).zip(&company.entities).find(|(_, facts)| facts.code == entity);
        let found =
            found.map(|(entity, _)| keys.push(Key { secret: secret.to_owned(), entity, expired: false }));
        found.is_some()
    }
}

fn find(text: &str, kind: IdKind, length: usize) -> Result<usize, ControlError> {
    let id = Id::from_str(text).ok().filter(|id| id.kind == kind && (id.n as usize) < length);
    id.map(|id| id.n as usize).ok_or_else(|| ControlError::NoSuch(text.to_owned()))
}

fn emit(company: &mut Company, entity: u8, kind: EventKind, object: Id) -> Id {
    let id = Id::new(IdKind::Event, company.events.len() as u32);
    company.events.push(Event { id, entity, kind, object, created: company.now });
    object
}

fn act(company: &mut Company, command: Command) -> Result<Id, ControlError> {
    // A second passes with every change, so that no two share an instant.
    company.now += 1;
    match command {
        Command::Advance { seconds } => {
            company.now += seconds.max(0);
            Ok(Id::new(IdKind::Event, company.events.len().saturating_sub(1) as u32))
        }
        Command::AddCustomer { entity, name, email } => add_customer(company, &entity, name, email),
        Command::DeleteCustomer { customer } => delete_customer(company, &customer),
        Command::DeleteDraft { invoice } => delete_draft(company, &invoice),
        Command::AddInvoice { customer, lines, taxable, effective_at } => {
            add_invoice(company, &customer, &lines, taxable, effective_at)
        }
        Command::VoidInvoice { invoice } => end(company, &invoice, InvoiceStatus::Void),
        Command::WriteOffInvoice { invoice } => end(company, &invoice, InvoiceStatus::Uncollectible),
        Command::AmendInvoice { invoice, by } => amend(company, &invoice, by),
        Command::CreditInvoice { invoice, amount } => credit(company, &invoice, amount),
        Command::VoidCreditNote { credit_note } => void_note(company, &credit_note),
        Command::PayInvoice { invoice, succeeds } => pay(company, &invoice, succeeds),
        Command::RefundCharge { charge, amount } => refund(company, &charge, amount),
        Command::FailRefund { refund } => fail_refund(company, &refund),
        Command::DisputeCharge { charge } => disputes::dispute(company, &charge),
        Command::CloseDispute { dispute, won } => disputes::close(company, &dispute, won),
    }
}

fn add_customer(
    company: &mut Company,
    entity: &str,
    name: String,
    email: Option<String>,
) -> Result<Id, ControlError> {
    let found = (0u8..).zip(&company.entities).find(|(_, facts)| facts.code == entity);
    let (entity, facts) = found.ok_or_else(|| ControlError::NoSuch(entity.to_owned()))?;
    let id = Id::new(IdKind::Customer, company.customers.len() as u32);
    let (country, currency) = (facts.country, facts.currency);
    let created = company.now;
    company.customers.push(Customer { id, entity, name, email, country, currency, created, in_erp: false });
    Ok(emit(company, entity, EventKind::CustomerCreated, id))
}

fn delete_customer(company: &mut Company, id: &str) -> Result<Id, ControlError> {
    let position = find(id, IdKind::Customer, company.customers.len())?;
    let (id, entity) = (company.customers[position].id, company.customers[position].entity);
    delete(company, entity, EventKind::CustomerDeleted, id)
}

fn delete_draft(company: &mut Company, id: &str) -> Result<Id, ControlError> {
    let position = invoice_in(company, id, &[InvoiceStatus::Draft])?;
    let (id, entity) = (company.invoices[position].id, company.invoices[position].entity);
    delete(company, entity, EventKind::InvoiceDeleted, id)
}

fn delete(company: &mut Company, entity: u8, kind: EventKind, id: Id) -> Result<Id, ControlError> {
    match company.deleted.insert(id) {
        true => Ok(emit(company, entity, kind, id)),
        false => Err(ControlError::NoSuch(id.to_string())),
    }
}

fn next_number(company: &Company, entity: u8) -> InvoiceNumber {
    let zone = company.entities[usize::from(entity)].tz;
    let year = date_in(zone, company.now).year() as u16;
    let own = company.invoices.iter().filter_map(|invoice| invoice.number);
    let own = own.filter(|number| number.entity == entity && number.year == year);
    let seq = own.map(|number| number.seq).max().unwrap_or(0) + 1;
    InvoiceNumber { entity, year, seq }
}

fn add_invoice(
    company: &mut Company,
    customer: &str,
    new: &[NewLine],
    taxable: bool,
    effective_at: Option<i64>,
) -> Result<Id, ControlError> {
    let position = find(customer, IdKind::Customer, company.customers.len())?;
    let (entity, currency) = (company.customers[position].entity, company.customers[position].currency);
    let hundredths = company.entities[usize::from(entity)].tax_hundredths;
    let now = company.now;
    let mut lines = Vec::with_capacity(new.len());
    for line in new {
        let product = Product::ALL.into_iter().find(|product| product.id() == line.product);
        lines.push(Line {
            product: product.ok_or_else(|| ControlError::NoSuch(line.product.clone()))?,
            proration: false,
            quantity: 1,
            amount: line.amount,
            discount: 0,
            tax: if taxable { tax_of(line.amount, hundredths) } else { 0 },
            taxable,
            source_line: 0,
            period_start: now,
            period_end: now + 30 * 86_400,
        });
    }
    let id = Id::new(IdKind::Invoice, company.invoices.len() as u32);
    let number = Some(next_number(company, entity));
    company.invoices.push(Invoice {
        id,
        entity,
        customer: position as u32,
        subscription: None,
        number,
        status: InvoiceStatus::Open,
        currency,
        created: now,
        finalized_at: Some(now),
        effective_at,
        paid_at: None,
        voided_at: None,
        uncollectible_at: None,
        due_date: now + 30 * 86_400,
        revises: None,
        revised_by: None,
        pre_payment_credit: 0,
        post_payment_credit: 0,
        credit_notes: 0,
        lines,
    });
    emit(company, entity, EventKind::InvoiceCreated, id);
    Ok(emit(company, entity, EventKind::InvoiceFinalized, id))
}

/// The position of an invoice that has one of these statuses.
fn invoice_in(company: &Company, id: &str, statuses: &[InvoiceStatus]) -> Result<usize, ControlError> {
    let position = find(id, IdKind::Invoice, company.invoices.len())?;
    match statuses.contains(&company.invoices[position].status) {
        true => Ok(position),
        false => Err(ControlError::WrongStatus(id.to_owned())),
    }
}

fn end(company: &mut Company, id: &str, status: InvoiceStatus) -> Result<Id, ControlError> {
    let position = invoice_in(company, id, &[InvoiceStatus::Open, InvoiceStatus::Uncollectible])?;
    let now = company.now;
    let invoice = &mut company.invoices[position];
    if invoice.status == status {
        return Err(ControlError::WrongStatus(id.to_owned()));
    }
    invoice.status = status;
    let (entity, id) = (invoice.entity, invoice.id);
    let kind = if status == InvoiceStatus::Void {
        invoice.voided_at = Some(now);
        EventKind::InvoiceVoided
    } else {
        invoice.uncollectible_at = Some(now);
        EventKind::InvoiceMarkedUncollectible
    };
    Ok(emit(company, entity, kind, id))
}

const LIVE: [InvoiceStatus; 2] = [InvoiceStatus::Open, InvoiceStatus::Paid];

fn amend(company: &mut Company, id: &str, by: i64) -> Result<Id, ControlError> {
    let position = invoice_in(company, id, &LIVE)?;
    let invoice = &mut company.invoices[position];
    let hundredths = company.entities[usize::from(invoice.entity)].tax_hundredths;
    let line = invoice.lines.first_mut().ok_or(ControlError::WrongAmount(by))?;
    let amount = line.amount.checked_add(by).filter(|amount| *amount >= line.discount);
    line.amount = amount.filter(|_| by != 0).ok_or(ControlError::WrongAmount(by))?;
    line.tax = if line.taxable { tax_of(line.net(), hundredths) } else { 0 };
    let (entity, id) = (invoice.entity, invoice.id);
    Ok(emit(company, entity, EventKind::InvoiceUpdated, id))
}

fn credit(company: &mut Company, id: &str, amount: i64) -> Result<Id, ControlError> {
    let position = invoice_in(company, id, &LIVE)?;
    let invoice = &mut company.invoices[position];
    let hundredths = company.entities[usize::from(invoice.entity)].tax_hundredths;
    let fits = |line: &&Line| amount > 0 && line.net() >= amount;
    let line = *invoice.lines.first().filter(fits).ok_or(ControlError::WrongAmount(amount))?;
    let tax = if line.taxable { tax_of(amount, hundredths) } else { 0 };
    let paid = invoice.status == InvoiceStatus::Paid;
    if paid {
        invoice.post_payment_credit += amount + tax;
    } else {
        invoice.pre_payment_credit += amount + tax;
    }
    invoice.credit_notes += 1;
    let note = CreditNote {
        id: Id::new(IdKind::CreditNote, company.credit_notes.len() as u32),
        invoice: position as u32,
        seq: invoice.credit_notes,
        entity: invoice.entity,
        customer: invoice.customer,
        currency: invoice.currency,
        created: company.now,
        effective_at: None,
        voided_at: None,
        post_payment: paid,
        lines: vec![Line { amount, tax, discount: 0, source_line: 0, ..line }],
    };
    let (entity, id) = (note.entity, note.id);
    company.credit_notes.push(note);
    Ok(emit(company, entity, EventKind::CreditNoteCreated, id))
}

fn void_note(company: &mut Company, id: &str) -> Result<Id, ControlError> {
    let position = find(id, IdKind::CreditNote, company.credit_notes.len())?;
    let now = company.now;
    let note = &mut company.credit_notes[position];
    if note.voided_at.is_some() {
        return Err(ControlError::WrongStatus(id.to_owned()));
    }
    note.voided_at = Some(now);
    let credited = note.total();
    let (entity, id, post_payment) = (note.entity, note.id, note.post_payment);
    let invoice = &mut company.invoices[note.invoice as usize];
    let of = if post_payment { &mut invoice.post_payment_credit } else { &mut invoice.pre_payment_credit };
    *of -= credited;
    Ok(emit(company, entity, EventKind::CreditNoteVoided, id))
}

fn transact(
    company: &mut Company,
    entity: u8,
    kind: TransactionKind,
    source: Id,
    amount: i64,
    fee: i64,
) -> u32 {
    let n = company.transactions.len() as u32;
    let charge = match source.kind {
        IdKind::Refund => company.refunds.get(source.n as usize).map(|refund| refund.charge),
        IdKind::Dispute => company.disputes.get(source.n as usize).map(|dispute| dispute.charge),
        _ => Some(source.n),
    };
    let charge = charge.and_then(|n| company.charges.get(n as usize));
    let currency = charge.map_or(company.entities[usize::from(entity)].currency, |charge| charge.currency);
    let id = Id::new(IdKind::BalanceTransaction, n);
    let created = company.now;
    company.transactions.push(BalanceTransaction {
        id,
        entity,
        kind,
        source: Some(source),
        amount,
        fee,
        currency,
        created,
    });
    n
}

fn pay(company: &mut Company, id: &str, succeeds: bool) -> Result<Id, ControlError> {
    let position = invoice_in(company, id, &[InvoiceStatus::Open])?;
    let now = company.now;
    let invoice = &mut company.invoices[position];
    let amount = invoice.total() - invoice.pre_payment_credit;
    if amount <= 0 {
        return Err(ControlError::WrongAmount(amount));
    }
    if succeeds {
        invoice.status = InvoiceStatus::Paid;
        invoice.paid_at = Some(now);
    }
    let (entity, customer, currency) = (invoice.entity, invoice.customer, invoice.currency);
    let (of, id) = (invoice.id, Id::new(IdKind::Charge, company.charges.len() as u32));
    let earlier = company.intents.iter().rposition(|intent| intent.invoice == of.n);
    let intent = earlier.unwrap_or(company.intents.len()) as u32;
    match earlier.and_then(|at| company.intents.get_mut(at)) {
        Some(found) => found.latest_charge = id.n,
        None => company.intents.push(PaymentIntent {
            id: Id::new(IdKind::PaymentIntent, intent),
            invoice: of.n,
            created: now,
            latest_charge: id.n,
        }),
    }
    let status = if succeeds { ChargeStatus::Succeeded } else { ChargeStatus::Failed };
    let fee = if succeeds { fee_of(amount, currency) } else { 0 };
    company.charges.push(Charge {
        id,
        invoice: of.n,
        entity,
        customer,
        currency,
        amount,
        fee,
        refunded: 0,
        created: now,
        status,
        transaction: None,
        dispute: None,
        intent,
    });
    if !succeeds {
        return Ok(emit(company, entity, EventKind::ChargeFailed, id));
    }
    let n = transact(company, entity, TransactionKind::Charge, id, amount, fee);
    company.charges[id.n as usize].transaction = Some(n);
    emit(company, entity, EventKind::ChargeSucceeded, id);
    emit(company, entity, EventKind::InvoicePaid, of);
    Ok(id)
}

/// The position of a succeeded charge that is not disputed.
fn taken(company: &Company, id: &str) -> Result<usize, ControlError> {
    let position = find(id, IdKind::Charge, company.charges.len())?;
    let charge = &company.charges[position];
    match charge.status == ChargeStatus::Succeeded && charge.dispute.is_none() {
        true => Ok(position),
        false => Err(ControlError::WrongStatus(id.to_owned())),
    }
}

fn refund(company: &mut Company, id: &str, amount: i64) -> Result<Id, ControlError> {
    let position = taken(company, id)?;
    let charge = &mut company.charges[position];
    if amount <= 0 || amount > charge.amount - charge.refunded {
        return Err(ControlError::WrongAmount(amount));
    }
    charge.refunded += amount;
    let (entity, currency) = (charge.entity, charge.currency);
    let id = Id::new(IdKind::Refund, company.refunds.len() as u32);
    company.refunds.push(Refund {
        id,
        charge: position as u32,
        entity,
        amount,
        currency,
        created: company.now,
        status: RefundStatus::Succeeded,
        transaction: None,
    });
    let n = transact(company, entity, TransactionKind::Refund, id, -amount, 0);
    company.refunds[id.n as usize].transaction = Some(n);
    Ok(emit(company, entity, EventKind::RefundCreated, id))
}

fn fail_refund(company: &mut Company, id: &str) -> Result<Id, ControlError> {
    let position = find(id, IdKind::Refund, company.refunds.len())?;
    let refund = &mut company.refunds[position];
    if refund.status == RefundStatus::Failed {
        return Err(ControlError::WrongStatus(id.to_owned()));
    }
    refund.status = RefundStatus::Failed;
    let (entity, id, charge, amount) = (refund.entity, refund.id, refund.charge as usize, refund.amount);
    company.charges[charge].refunded -= amount;
    Ok(emit(company, entity, EventKind::RefundFailed, id))
}
