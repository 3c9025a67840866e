//! The documents that the attacks are about: a small company whose integration has booked nothing and whose
//! months are all open, with invoices added that have just what an attack needs.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate};
use tieout_sandbox::{
    book::{Book, NewEntry, NewLine},
    company::{
        ChargeStatus, Company, Currency, Customer, DEFAULT_AS_OF, Id, IdKind, Invoice, InvoiceNumber,
        InvoiceStatus, Line, PeriodStatus, Product, RefundStatus, Spec, generate,
    },
};

pub const RECEIVABLE: &str = "1100";
const DAY: i64 = 86_400;
/// 2026-09-10, noon UTC: the date of every invoice that is added here, in every entity's zone.
const SEPTEMBER: i64 = DEFAULT_AS_OF - 71 * DAY;

/// One document, as billing issued it.
#[derive(Clone, Debug)]
pub struct Doc {
    /// Billing's id: `in_…`, `cn_…`, `ch_…`, `re_…`.
    pub id: String,
    /// The name that an ERP entry has for it.
    pub reference: String,
    /// The legal entity's code.
    pub entity: &'static str,
    /// Its id in the ERP.
    pub subsidiary: i64,
    pub currency: Currency,
    /// Billing's id of the customer.
    pub customer: String,
    /// The document's date in the entity's zone.
    pub day: NaiveDate,
    /// What the ledger should hold: account number to minor units, debit positive.
    pub lines: BTreeMap<String, i64>,
    /// Whether another entity's document has the same reference.
    pub shared: bool,
}

impl Doc {
    /// The month in which it belongs, `YYYY-MM`.
    pub fn period(&self) -> String {
        self.day.format("%Y-%m").to_string()
    }

    /// Debit less credit on receivables.
    pub fn control(&self) -> i64 {
        self.lines.get(RECEIVABLE).copied().unwrap_or_default()
    }

    /// The entry that books it rightly, without an external id, as some other connector would.
    pub fn entry(&self, book: &Book) -> NewEntry {
        let known = book.customer_id(&self.customer).expect("the book answers");
        let sundry = book.customer_id(&format!("sundry-{}", self.entity)).expect("the book answers");
        let customer = known.or(sundry);
        let line = |(account, amount): (&String, &i64)| NewLine {
            account: account_id(account),
            amount: *amount,
            functional: None,
            memo: None,
            entity: customer.filter(|_| account == RECEIVABLE),
        };
        NewEntry {
            external_id: None,
            subsidiary: self.subsidiary,
            date: self.day,
            period: None,
            currency: Some(currency_id(self.currency)),
            rate: None,
            memo: self.reference.clone(),
            approval: tieout_sandbox::book::Approval::Approved,
            reverses: None,
            lines: self.lines.iter().map(line).collect(),
        }
    }

    /// What the company's billing says of one of its documents.
    pub fn of(company: &Company, id: Id) -> Self {
        let at = id.n as usize;
        let (entity, customer, currency, dated_at, lines) = match id.kind {
            IdKind::Invoice => {
                let it = &company.invoices[at];
                let dated = it.dated_at().expect("a document has its date");
                (it.entity, it.customer, it.currency, dated, sale(&it.lines, 1))
            }
            IdKind::CreditNote => {
                let it = &company.credit_notes[at];
                let dated = it.effective_at.unwrap_or(it.created);
                (it.entity, it.customer, it.currency, dated, sale(&it.lines, -1))
            }
            IdKind::Charge => {
                let it = &company.charges[at];
                let lines = [("1050", it.amount - it.fee), (RECEIVABLE, -it.amount), ("6100", it.fee)];
                (it.entity, it.customer, it.currency, it.created, lines.to_vec())
            }
            IdKind::Refund => {
                let it = &company.refunds[at];
                let customer = company.charges[it.charge as usize].customer;
                let lines = [("1050", -it.amount), (RECEIVABLE, it.amount)];
                (it.entity, customer, it.currency, it.created, lines.to_vec())
            }
            other => panic!("{other:?} is no document"),
        };
        let facts = &company.entities[usize::from(entity)];
        let mut sums = BTreeMap::new();
        for (account, amount) in lines {
            *sums.entry(account.to_owned()).or_default() += amount;
        }
        sums.retain(|_, amount| *amount != 0);
        let instant = DateTime::from_timestamp(dated_at, 0).expect("an instant");
        Self {
            id: id.to_string(),
            reference: company.document_reference(id),
            entity: facts.code,
            subsidiary: i64::from(facts.subsidiary),
            currency,
            customer: company.customers[customer as usize].id.to_string(),
            day: instant.with_timezone(&facts.tz).date_naive(),
            lines: sums,
            shared: false,
        }
    }
}

/// The ERP's id of an account: a tenth of its number.
pub fn account_id(number: &str) -> i64 {
    number.parse::<i64>().expect("an account's number") / 10
}

fn currency_id(currency: Currency) -> i64 {
    match currency {
        Currency::Usd => 1,
        Currency::Gbp => 2,
        Currency::Eur => 3,
        Currency::Jpy => 4,
    }
}

fn sale(lines: &[Line], sign: i64) -> Vec<(&'static str, i64)> {
    let mut amounts = Vec::new();
    for line in lines {
        let revenue = match line.product {
            Product::Starter | Product::Team | Product::Enterprise => "2400",
            Product::Usage => "4010",
            Product::Onboarding => "4000",
            Product::LegacyAddon => panic!("nothing that has no account is attacked"),
        };
        amounts.push((RECEIVABLE, sign * (line.net() + line.tax)));
        amounts.push((revenue, -sign * line.net()));
        amounts.push(("2200", -sign * line.tax));
    }
    amounts
}

/// All that is attacked.
#[derive(Clone, Debug)]
pub struct Papers {
    /// Open invoices in dollars of US01.
    pub us: Vec<Doc>,
    /// Open invoices in pounds of GB01.
    pub gb: Vec<Doc>,
    /// Open invoices in yen of JP01.
    pub jp: Vec<Doc>,
    /// Open invoices in dollars of GB01, whose books are in pounds.
    pub foreign: Vec<Doc>,
    /// An open invoice in yen of US01, whose books are in dollars.
    pub yen_in_dollars: Doc,
    /// An invoice of US01 and one of GB01 with one number.
    pub twins: (Doc, Doc),
    /// An invoice of US01 to a customer whom the ERP does not know.
    pub stranger: Doc,
    /// Payments that succeeded.
    pub payments: Vec<Doc>,
    /// Refunds that succeeded.
    pub refunds: Vec<Doc>,
    /// Credit notes.
    pub notes: Vec<Doc>,
}

struct Builder {
    company: Company,
    numbered: u32,
}

impl Builder {
    fn customer(&mut self, entity: u8, currency: Currency, in_erp: bool) -> u32 {
        let n = self.company.customers.len() as u32;
        let facts = &self.company.entities[usize::from(entity)];
        let name = format!("Attacked {} {n}", facts.code);
        let (country, created) = (facts.country, SEPTEMBER - 30 * DAY);
        let id = Id::new(IdKind::Customer, n);
        let customer = Customer { id, entity, name, email: None, country, currency, created, in_erp };
        self.company.customers.push(customer);
        n
    }

    /// An open invoice with these lines (product, net, tax); under the next number where none is given.
    fn invoice(
        &mut self,
        (entity, customer): (u8, u32),
        number: Option<InvoiceNumber>,
        lines: &[(Product, i64, i64)],
    ) -> Doc {
        self.numbered += 1;
        let usual = InvoiceNumber { entity, year: 2026, seq: 900_000 + self.numbered };
        let line = |(product, amount, tax): &(Product, i64, i64)| Line {
            product: *product,
            proration: false,
            quantity: 1,
            amount: *amount,
            discount: 0,
            tax: *tax,
            taxable: *tax != 0,
            source_line: 0,
            period_start: SEPTEMBER,
            period_end: SEPTEMBER + 30 * DAY,
        };
        let id = Id::new(IdKind::Invoice, self.company.invoices.len() as u32);
        self.company.invoices.push(Invoice {
            id,
            entity,
            customer,
            subscription: None,
            number: Some(number.unwrap_or(usual)),
            status: InvoiceStatus::Open,
            currency: self.company.customers[customer as usize].currency,
            created: SEPTEMBER,
            finalized_at: Some(SEPTEMBER),
            effective_at: None,
            paid_at: None,
            voided_at: None,
            uncollectible_at: None,
            due_date: SEPTEMBER + 30 * DAY,
            revises: None,
            revised_by: None,
            pre_payment_credit: 0,
            post_payment_credit: 0,
            credit_notes: 0,
            lines: lines.iter().map(line).collect(),
        });
        Doc::of(&self.company, id)
    }

    /// So many invoices; the n-th has these lines.
    fn invoices(
        &mut self,
        (entity, currency): (u8, Currency),
        count: i64,
        lines: impl Fn(i64) -> Vec<(Product, i64, i64)>,
    ) -> Vec<Doc> {
        let customer = self.customer(entity, currency, true);
        (1..=count).map(|n| self.invoice((entity, customer), None, &lines(n))).collect()
    }
}

/// The company and its documents.
pub fn attacked() -> (Company, Papers) {
    let spec = Spec { seed: 17, invoices: 140, as_of: DEFAULT_AS_OF, fault_rate: 0 };
    let mut company = generate(&spec);
    company.ledger.clear();
    for period in &mut company.periods {
        (period.status, period.closed_at) = (PeriodStatus::Open, None);
    }
    let (payments, refunds, notes) = (payments(&company), refunds(&company), notes(&company));
    let mut build = Builder { company, numbered: 0 };
    let us = build.invoices((0, Currency::Usd), 4, |n| {
        vec![(Product::Onboarding, 40_000 * n, 2_900 * n), (Product::Usage, 1_250 * n, 0)]
    });
    let gb = build.invoices((1, Currency::Gbp), 3, |n| vec![(Product::Team, 50_000 * n, 10_000 * n)]);
    let jp = build.invoices((3, Currency::Jpy), 3, |n| vec![(Product::Onboarding, 80_000 * n, 8_000 * n)]);
    let foreign = build.invoices((1, Currency::Usd), 3, |n| vec![(Product::Team, 100_005 * n, 0)]);
    let yen = build.invoices((0, Currency::Jpy), 1, |_| vec![(Product::Usage, 90_001, 0)]);
    let stranger = build.customer(0, Currency::Usd, false);
    let stranger = build.invoice((0, stranger), None, &[(Product::Team, 77_700, 0)]);
    let one = InvoiceNumber { entity: 0, year: 2026, seq: 990_001 };
    let (ours, theirs) = (build.customer(0, Currency::Usd, true), build.customer(1, Currency::Gbp, true));
    let first = build.invoice((0, ours), Some(one), &[(Product::Team, 61_000, 0)]);
    let second = build.invoice((1, theirs), Some(one), &[(Product::Team, 43_000, 8_600)]);
    let twin = |doc: Doc| Doc { shared: true, ..doc };
    let papers = Papers {
        us,
        gb,
        jp,
        foreign,
        yen_in_dollars: yen.into_iter().next().expect("one was made"),
        twins: (twin(first), twin(second)),
        stranger,
        payments,
        refunds,
        notes,
    };
    (build.company, papers)
}

/// What is older than this is due.
const SETTLED: i64 = DEFAULT_AS_OF - 5 * DAY;

/// The first so many that do not belong to October, where the attacks book what is wrong.
fn first(company: &Company, ids: impl Iterator<Item = Id>, count: usize) -> Vec<Doc> {
    let docs = ids.map(|id| Doc::of(company, id)).filter(|doc| doc.period() != "2026-10");
    let docs: Vec<Doc> = docs.take(count).collect();
    assert_eq!(docs.len(), count, "the company has too few of them");
    docs
}

fn payments(company: &Company) -> Vec<Doc> {
    let plain = company
        .charges
        .iter()
        .filter(|it| it.status == ChargeStatus::Succeeded && it.dispute.is_none() && it.created < SETTLED);
    first(company, plain.filter(|it| it.refunded == 0).map(|it| it.id), 4)
}

fn refunds(company: &Company) -> Vec<Doc> {
    let plain =
        company.refunds.iter().filter(|it| it.status == RefundStatus::Succeeded && it.created < SETTLED);
    first(company, plain.map(|it| it.id), 1)
}

fn notes(company: &Company) -> Vec<Doc> {
    let plain = company.credit_notes.iter().filter(|it| {
        let live = company.invoices[it.invoice as usize].status != InvoiceStatus::Void;
        it.voided_at.is_none() && it.created < SETTLED && it.total() != 0 && live
    });
    first(company, plain.map(|it| it.id), 2)
}
