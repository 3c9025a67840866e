//! The simulated company: "Meridian Analytics", four legal entities, thirteen months. [`generate`] makes it
//! from a [`Spec`]; the same spec gives the same bytes on any machine.

mod balance;
mod billing;
mod books;
mod calendar;
mod dice;
mod document;
mod events;
mod faults;
mod id;
mod ledger;
pub mod model;
mod pay;
mod plan;
mod seed;
mod settle;
mod write;

use std::collections::BTreeSet;

pub use id::NoSuchId;
pub use model::*;

pub(crate) use calendar::date_in;
pub(crate) use pay::fee as fee_of;
pub(crate) use seed::tax_of;

use calendar::Calendar;

/// 2026-11-20T12:00:00Z, the present of the company where nothing else is asked for.
pub const DEFAULT_AS_OF: i64 = 1_795_176_000;
/// 2.5 %.
pub const DEFAULT_FAULT_RATE: u32 = 250;

impl Default for Spec {
    fn default() -> Self {
        Self { seed: 1, invoices: 1_000, as_of: DEFAULT_AS_OF, fault_rate: DEFAULT_FAULT_RATE }
    }
}

/// Makes a company: exactly `spec.invoices` invoices, what was paid and credited for them, the ledger of the
/// existing integration, and the labels of what is wrong. With a fault rate above 0 every kind of fault
/// occurs if there are 5,000 invoices.
pub fn generate(spec: &Spec) -> Company {
    let entities = seed::entities();
    let calendar = Calendar::new(&entities, spec.as_of);
    let plan = plan::Planner::new(spec.seed, spec.invoices, spec.as_of, &entities, &calendar).run();
    let mut company = Company {
        spec: *spec,
        now: spec.as_of,
        periods: calendar.periods.clone(),
        customers: plan.customers,
        subscriptions: plan.subscriptions,
        invoices: plan.invoices,
        credit_notes: Vec::new(),
        intents: Vec::new(),
        charges: Vec::new(),
        refunds: Vec::new(),
        disputes: Vec::new(),
        payouts: Vec::new(),
        transactions: Vec::new(),
        meters: events::meters(&entities, &calendar),
        usage: plan.usage,
        events: Vec::new(),
        deleted: BTreeSet::new(),
        ledger: Vec::new(),
        labels: Vec::new(),
        entities,
    };
    settle::order_plan(&mut company);
    settle::number_invoices(&mut company, &calendar);
    pay::collect(&mut company);
    pay::unwind(&mut company);
    balance::balance(&mut company, &calendar);
    pay::credit(&mut company, |entity, at| {
        let inside = at >= calendar.start(entity, 0);
        let period = &calendar.periods[usize::from(calendar.period_of(entity, at))];
        period.closed_at.filter(|_| inside)
    });
    faults::customers(&mut company);
    let fates = faults::assign(&mut company, &calendar);
    ledger::write(&mut company, &calendar, &fates);
    company.events = events::recent(&company);
    company.labels.sort();
    company
}
