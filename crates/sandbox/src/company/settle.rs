//! Puts lists into the order of their creation, so that an object's number is its position, and numbers the
//! invoices in the order in which they were finalised.

use chrono::Datelike;

use super::calendar::Calendar;
use super::model::{Company, Id, IdKind, InvoiceNumber};

/// Sorts by an instant (ties keep their order), gives new ids, and returns old position → new position.
pub(crate) fn sort<T>(
    list: &mut [T],
    created: impl Fn(&T) -> i64,
    id: impl Fn(&mut T) -> &mut Id,
) -> Vec<u32> {
    list.sort_by_key(&created);
    let mut moved = vec![0; list.len()];
    for (position, item) in (0u32..).zip(list.iter_mut()) {
        let own = id(item);
        if let Some(slot) = moved.get_mut(own.n as usize) {
            *slot = position;
        }
        *own = Id::new(own.kind, position);
    }
    moved
}

fn moved(map: &[u32], position: u32) -> u32 {
    map.get(position as usize).copied().unwrap_or(position)
}

/// Sorts what was planned and mends the links between the lists.
pub(crate) fn order_plan(company: &mut Company) {
    let customers = sort(&mut company.customers, |customer| customer.created, |customer| &mut customer.id);
    for subscription in &mut company.subscriptions {
        subscription.customer = moved(&customers, subscription.customer);
    }
    let subscriptions = sort(&mut company.subscriptions, |sub| sub.created, |sub| &mut sub.id);
    for invoice in &mut company.invoices {
        invoice.customer = moved(&customers, invoice.customer);
        invoice.subscription = invoice.subscription.map(|sub| moved(&subscriptions, sub));
    }
    let invoices = sort(&mut company.invoices, |invoice| invoice.created, |invoice| &mut invoice.id);
    for position in 0..company.invoices.len() {
        let Some(old) = company.invoices[position].revises else { continue };
        let original = moved(&invoices, old);
        company.invoices[position].revises = Some(original);
        company.invoices[original as usize].revised_by = Some(position as u32);
    }
    for usage in &mut company.usage {
        usage.customer = moved(&customers, usage.customer);
    }
    company.usage.sort_by_key(|usage| (usage.customer, usage.start));
}

/// `US01-2026-000123`: counts within entity and year of finalisation.
pub(crate) fn number_invoices(company: &mut Company, calendar: &Calendar) {
    let mut finalized: Vec<(i64, u32)> = company
        .invoices
        .iter()
        .filter_map(|invoice| invoice.finalized_at.map(|at| (at, invoice.id.n)))
        .collect();
    finalized.sort_unstable();
    let mut counters: Vec<(u8, u16, u32)> = Vec::new();
    for (at, position) in finalized {
        let invoice = &mut company.invoices[position as usize];
        debug_assert_eq!(invoice.id.kind, IdKind::Invoice);
        let year = calendar.date(invoice.entity, at).year() as u16;
        let found = counters.iter().position(|&(entity, of, _)| (entity, of) == (invoice.entity, year));
        let slot = found.unwrap_or_else(|| {
            counters.push((invoice.entity, year, 0));
            counters.len() - 1
        });
        counters[slot].2 += 1;
        invoice.number = Some(InvoiceNumber { entity: invoice.entity, year, seq: counters[slot].2 });
    }
}
