//! What the server holds: the company, and per account the order of its objects.

use super::limits::{Limiter, Limits};
use crate::company::{Company, Id, IdKind};

/// Lists that are paged by creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    Customers,
    Subscriptions,
    Invoices,
    CreditNotes,
    Intents,
    Charges,
    Refunds,
    Disputes,
    Payouts,
    Transactions,
    Events,
}

impl Listed {
    const ALL: [Self; 11] = [
        Self::Customers,
        Self::Subscriptions,
        Self::Invoices,
        Self::CreditNotes,
        Self::Intents,
        Self::Charges,
        Self::Refunds,
        Self::Disputes,
        Self::Payouts,
        Self::Transactions,
        Self::Events,
    ];

    /// Number, entity and creation of every object, oldest first.
    fn len(self, company: &Company) -> usize {
        match self {
            Self::Customers => company.customers.len(),
            Self::Subscriptions => company.subscriptions.len(),
            Self::Invoices => company.invoices.len(),
            Self::CreditNotes => company.credit_notes.len(),
            Self::Intents => company.intents.len(),
            Self::Charges => company.charges.len(),
            Self::Refunds => company.refunds.len(),
            Self::Disputes => company.disputes.len(),
            Self::Payouts => company.payouts.len(),
            Self::Transactions => company.transactions.len(),
            Self::Events => company.events.len(),
        }
    }

    /// Entity and creation of one object.
    pub(super) fn facts(self, company: &Company, n: u32) -> Option<(u8, i64)> {
        let n = n as usize;
        match self {
            Self::Customers => company.customers.get(n).map(|it| (it.entity, it.created)),
            Self::Subscriptions => company.subscriptions.get(n).map(|it| (it.entity, it.created)),
            Self::Invoices => company.invoices.get(n).map(|it| (it.entity, it.created)),
            Self::CreditNotes => company.credit_notes.get(n).map(|it| (it.entity, it.created)),
            Self::Intents => {
                let invoice = company.intents.get(n)?;
                let entity = company.invoices.get(invoice.invoice as usize)?.entity;
                Some((entity, invoice.created))
            }
            Self::Charges => company.charges.get(n).map(|it| (it.entity, it.created)),
            Self::Refunds => company.refunds.get(n).map(|it| (it.entity, it.created)),
            Self::Disputes => company.disputes.get(n).map(|it| (it.entity, it.created)),
            Self::Payouts => company.payouts.get(n).map(|it| (it.entity, it.created)),
            Self::Transactions => company.transactions.get(n).map(|it| (it.entity, it.created)),
            Self::Events => company.events.get(n).map(|it| (it.entity, it.created)),
        }
    }

    /// The kind of id that names its objects.
    pub(super) const fn id_kind(self) -> IdKind {
        match self {
            Self::Customers => IdKind::Customer,
            Self::Subscriptions => IdKind::Subscription,
            Self::Invoices => IdKind::Invoice,
            Self::CreditNotes => IdKind::CreditNote,
            Self::Intents => IdKind::PaymentIntent,
            Self::Charges => IdKind::Charge,
            Self::Refunds => IdKind::Refund,
            Self::Disputes => IdKind::Dispute,
            Self::Payouts => IdKind::Payout,
            Self::Transactions => IdKind::BalanceTransaction,
            Self::Events => IdKind::Event,
        }
    }
}

/// A key of an account.
pub(super) struct Key {
    pub(super) secret: String,
    pub(super) entity: u8,
    pub(super) expired: bool,
}

/// Everything behind the server's lock.
pub(super) struct State {
    pub(super) company: Company,
    pub(super) keys: Vec<Key>,
    pub(super) limiter: Limiter,
    pub(super) requests: u64,
    /// Per list and entity: numbers, oldest first.
    order: Vec<Vec<Vec<u32>>>,
    /// Per list: how many objects are in the order.
    ordered: Vec<usize>,
}

impl State {
    pub(super) fn new(company: Company) -> Self {
        let keys = (0u8..)
            .zip(&company.entities)
            .map(|(entity, facts)| Key { secret: facts.api_key.to_owned(), entity, expired: false })
            .collect();
        let lists = Listed::ALL.len();
        let order = vec![vec![Vec::new(); company.entities.len()]; lists];
        let mut state = Self {
            company,
            keys,
            limiter: Limiter::new(Limits::NONE),
            requests: 0,
            order,
            ordered: vec![0; lists],
        };
        state.reindex();
        state
    }

    /// Takes up what was appended since the last call. Appended objects are the newest of their lists.
    pub(super) fn reindex(&mut self) {
        for listed in Listed::ALL {
            let done = self.ordered[listed as usize];
            let length = listed.len(&self.company);
            for n in done..length {
                if let Some((entity, _)) = listed.facts(&self.company, n as u32) {
                    self.order[listed as usize][usize::from(entity)].push(n as u32);
                }
            }
            self.ordered[listed as usize] = length;
        }
    }

    /// The numbers of an account's objects, oldest first.
    pub(super) fn order(&self, listed: Listed, entity: u8) -> &[u32] {
        &self.order[listed as usize][usize::from(entity)]
    }

    /// The number that an id of this account names.
    pub(super) fn own(&self, listed: Listed, entity: u8, id: &str) -> Option<u32> {
        let id: Id = id.parse().ok()?;
        let (owner, _) = listed.facts(&self.company, id.n)?;
        let there = self.order(listed, owner).binary_search(&id.n).is_ok();
        (id.kind == listed.id_kind() && owner == entity && there).then_some(id.n)
    }

    /// Takes an object off its list: it is deleted, or too old to be shown. False if it is not there.
    pub(super) fn forget(&mut self, id: Id) -> bool {
        let Some(listed) = Listed::ALL.into_iter().find(|listed| listed.id_kind() == id.kind) else {
            return false;
        };
        let Some((owner, _)) = listed.facts(&self.company, id.n) else { return false };
        let order = &mut self.order[listed as usize][usize::from(owner)];
        let found = order.binary_search(&id.n);
        found.map(|at| order.remove(at)).is_ok()
    }
}
