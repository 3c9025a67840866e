//! Writes a company to files: JSON Lines, one file per kind, and `labels.csv`. Field order is the order of
//! the structs below, so the bytes depend on the spec alone.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use super::model::{Company, CreditNote, EntryStatus, Invoice, LedgerEntry, Line, PeriodStatus};

#[derive(Serialize)]
struct CustomerRow<'a> {
    id: String,
    entity: &'a str,
    name: &'a str,
    email: Option<&'a str>,
    country: &'a str,
    currency: &'a str,
    created: i64,
    in_erp: bool,
}

#[derive(Serialize)]
struct SubscriptionRow<'a> {
    id: String,
    entity: &'a str,
    customer: String,
    product: &'a str,
    seats: u32,
    unit_amount: i64,
    interval: &'a str,
    metered: bool,
    currency: &'a str,
    created: i64,
    canceled_at: Option<i64>,
}

#[derive(Serialize)]
struct LineRow<'a> {
    product: &'a str,
    proration: bool,
    quantity: u32,
    amount: i64,
    discount: i64,
    tax: i64,
}

#[derive(Serialize)]
struct InvoiceRow<'a> {
    id: String,
    number: Option<String>,
    entity: &'a str,
    customer: String,
    status: &'a str,
    currency: &'a str,
    created: i64,
    finalized_at: Option<i64>,
    effective_at: Option<i64>,
    paid_at: Option<i64>,
    voided_at: Option<i64>,
    uncollectible_at: Option<i64>,
    total: i64,
    lines: Vec<LineRow<'a>>,
}

#[derive(Serialize)]
struct CreditNoteRow<'a> {
    id: String,
    number: String,
    invoice: String,
    entity: &'a str,
    currency: &'a str,
    created: i64,
    effective_at: Option<i64>,
    voided_at: Option<i64>,
    total: i64,
    lines: Vec<LineRow<'a>>,
}

#[derive(Serialize)]
struct PaymentRow<'a> {
    id: String,
    object: &'a str,
    of: String,
    entity: &'a str,
    currency: &'a str,
    created: i64,
    amount: i64,
    fee: i64,
    status: String,
}

#[derive(Serialize)]
struct UsageRow<'a> {
    meter: String,
    customer: String,
    event_name: &'a str,
    start_time: i64,
    end_time: i64,
    value: u64,
}

#[derive(Serialize)]
struct EntryLineRow {
    account: u32,
    amount: i64,
    functional: i64,
}

#[derive(Serialize)]
struct EntryRow<'a> {
    external_id: String,
    memo: String,
    entity: &'a str,
    period: String,
    date: String,
    currency: &'a str,
    rate_micros: i64,
    status: &'a str,
    customer: Option<String>,
    reverses: Option<String>,
    created: i64,
    lines: Vec<EntryLineRow>,
}

#[derive(Serialize)]
struct PeriodRow<'a> {
    id: u32,
    period: String,
    start: String,
    end: String,
    status: &'a str,
    closed_at: Option<i64>,
}

fn file<'a, T, R: Serialize>(
    dir: &Path,
    name: &str,
    items: &'a [T],
    row: impl Fn(&'a T) -> R,
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(dir.join(name))?);
    for item in items {
        serde_json::to_writer(&mut out, &row(item))?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

fn lines(lines: &[Line]) -> Vec<LineRow<'static>> {
    let row = |line: &Line| LineRow {
        product: line.product.id(),
        proration: line.proration,
        quantity: line.quantity,
        amount: line.amount,
        discount: line.discount,
        tax: line.tax,
    };
    lines.iter().map(row).collect()
}

impl Company {
    /// Writes `customers.jsonl`, `subscriptions.jsonl`, `invoices.jsonl`, `credit_notes.jsonl`,
    /// `charges.jsonl`, `refunds.jsonl`, `disputes.jsonl`, `usage.jsonl`, `ledger.jsonl`,
    /// `periods.jsonl` and `labels.csv` into a folder, which
    /// is made if need be. Amounts are minor units, instants Unix seconds UTC.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write_to(&self, dir: &Path) -> io::Result<()> {
        std::fs::create_dir_all(dir)?;
        self.write_accounts(dir)?;
        file(dir, "invoices.jsonl", &self.invoices, |invoice| self.invoice_row(invoice))?;
        file(dir, "credit_notes.jsonl", &self.credit_notes, |note| self.credit_note_row(note))?;
        self.write_payments(dir)?;
        file(dir, "ledger.jsonl", &self.ledger, |entry| self.entry_row(entry))?;
        file(dir, "periods.jsonl", &self.periods, |period| PeriodRow {
            id: period.id,
            period: format!("{}-{:02}", period.year, period.month),
            start: period.start.to_string(),
            end: period.end.to_string(),
            status: match period.status {
                PeriodStatus::Open => "open",
                PeriodStatus::ArLocked => "ar_locked",
                PeriodStatus::Closed => "closed",
            },
            closed_at: period.closed_at,
        })?;
        let mut out = BufWriter::new(File::create(dir.join("labels.csv"))?);
        crate::labels::write_csv(self, &mut out)?;
        out.flush()
    }

    fn code(&self, entity: u8) -> &'static str {
        self.entities.get(usize::from(entity)).map_or("", |entity| entity.code)
    }

    fn customer_id(&self, position: u32) -> String {
        super::Id::new(super::IdKind::Customer, position).to_string()
    }

    fn write_accounts(&self, dir: &Path) -> io::Result<()> {
        file(dir, "customers.jsonl", &self.customers, |customer| CustomerRow {
            id: customer.id.to_string(),
            entity: self.code(customer.entity),
            name: &customer.name,
            email: customer.email.as_deref(),
            country: customer.country,
            currency: customer.currency.code(),
            created: customer.created,
            in_erp: customer.in_erp,
        })?;
        file(dir, "subscriptions.jsonl", &self.subscriptions, |sub| SubscriptionRow {
            id: sub.id.to_string(),
            entity: self.code(sub.entity),
            customer: self.customer_id(sub.customer),
            product: sub.plan.id(),
            seats: sub.seats,
            unit_amount: sub.unit_amount,
            interval: if sub.annual { "year" } else { "month" },
            metered: sub.metered,
            currency: sub.currency.code(),
            created: sub.created,
            canceled_at: sub.canceled_at,
        })?;
        file(dir, "usage.jsonl", &self.usage, |usage| UsageRow {
            meter: super::Id::new(super::IdKind::Meter, usage.meter).to_string(),
            customer: self.customer_id(usage.customer),
            event_name: "api_calls",
            start_time: usage.start,
            end_time: usage.end,
            value: usage.value,
        })
    }

    fn write_payments(&self, dir: &Path) -> io::Result<()> {
        let charge_id = |n: u32| super::Id::new(super::IdKind::Charge, n).to_string();
        file(dir, "charges.jsonl", &self.charges, |charge| PaymentRow {
            id: charge.id.to_string(),
            object: "charge",
            of: super::Id::new(super::IdKind::Invoice, charge.invoice).to_string(),
            entity: self.code(charge.entity),
            currency: charge.currency.code(),
            created: charge.created,
            amount: charge.amount,
            fee: charge.fee,
            status: charge.status.word().to_owned(),
        })?;
        file(dir, "refunds.jsonl", &self.refunds, |refund| PaymentRow {
            id: refund.id.to_string(),
            object: "refund",
            of: charge_id(refund.charge),
            entity: self.code(refund.entity),
            currency: refund.currency.code(),
            created: refund.created,
            amount: refund.amount,
            fee: 0,
            status: refund.status.word().to_owned(),
        })?;
        file(dir, "disputes.jsonl", &self.disputes, |dispute| {
            let charge = self.charges.get(dispute.charge as usize);
            PaymentRow {
                id: dispute.id.to_string(),
                object: "dispute",
                of: charge_id(dispute.charge),
                entity: self.code(dispute.entity),
                currency: charge.map_or("", |charge| charge.currency.code()),
                created: dispute.created,
                amount: charge.map_or(0, |charge| charge.amount),
                fee: 0,
                status: dispute.status.word().to_owned(),
            }
        })
    }

    fn invoice_row(&self, invoice: &Invoice) -> InvoiceRow<'static> {
        InvoiceRow {
            id: invoice.id.to_string(),
            number: self.invoice_number(invoice),
            entity: self.code(invoice.entity),
            customer: self.customer_id(invoice.customer),
            status: invoice.status.word(),
            currency: invoice.currency.code(),
            created: invoice.created,
            finalized_at: invoice.finalized_at,
            effective_at: invoice.effective_at,
            paid_at: invoice.paid_at,
            voided_at: invoice.voided_at,
            uncollectible_at: invoice.uncollectible_at,
            total: invoice.total(),
            lines: lines(&invoice.lines),
        }
    }

    fn credit_note_row(&self, note: &CreditNote) -> CreditNoteRow<'static> {
        CreditNoteRow {
            id: note.id.to_string(),
            number: self.credit_note_number(note),
            invoice: super::Id::new(super::IdKind::Invoice, note.invoice).to_string(),
            entity: self.code(note.entity),
            currency: note.currency.code(),
            created: note.created,
            effective_at: note.effective_at,
            voided_at: note.voided_at,
            total: note.total(),
            lines: lines(&note.lines),
        }
    }

    fn entry_row(&self, entry: &LedgerEntry) -> EntryRow<'static> {
        let period = self.periods.get(usize::from(entry.period));
        EntryRow {
            external_id: entry.external_id(),
            memo: self.reference_text(&entry.reference),
            entity: self.code(entry.entity),
            period: period.map_or_else(String::new, |p| format!("{}-{:02}", p.year, p.month)),
            date: entry.date.to_string(),
            currency: entry.currency.code(),
            rate_micros: entry.rate_micros,
            status: match entry.status {
                EntryStatus::Booked => "booked",
                EntryStatus::PendingApproval => "pending_approval",
            },
            customer: entry.customer.map(|customer| self.customer_id(customer)),
            reverses: entry.reverses.map(|n| format!("bi-{n}")),
            created: entry.created,
            lines: entry
                .lines
                .iter()
                .map(|line| EntryLineRow {
                    account: line.account.number(),
                    amount: line.amount,
                    functional: line.functional,
                })
                .collect(),
        }
    }
}
