//! The journals of the company's existing integration: what it books for each document, right or wrong, with
//! the oddities of a real ledger that are no faults.

use chrono::NaiveDate;

use super::calendar::{Calendar, DAY, HOUR, MONTHS};
use super::dice::Dice;
use super::document::{Amounts, Document, Life, add, of};
use super::faults::Fates;
use super::model::{
    Account, Company, Currency, EntryLine, EntryStatus, FaultKind, IdKind, Label, LedgerEntry, Reference,
    TransactionKind,
};
use super::pay::lag;
use super::seed::{convert, rate_micros};

/// One entry before it has its place in time.
#[derive(Clone)]
struct Draft {
    reference: Reference,
    entity: u8,
    customer: Option<u32>,
    currency: Currency,
    amounts: Amounts,
    period: u8,
    date: NaiveDate,
    created: i64,
    status: EntryStatus,
    reverses: Option<u32>,
}

struct Scribe<'a> {
    calendar: &'a Calendar,
    functional: [Currency; 4],
    as_of: i64,
    dice: Dice,
    entries: Vec<LedgerEntry>,
}

/// Writes the whole ledger.
pub(crate) fn write(company: &mut Company, calendar: &Calendar, fates: &Fates) {
    let functional = [0, 1, 2, 3].map(|entity: usize| company.entities[entity].currency);
    let mut scribe = Scribe {
        calendar,
        functional,
        as_of: company.spec.as_of,
        dice: Dice::new(company.spec.seed, 6),
        entries: Vec::with_capacity(fates.documents.len()),
    };
    for (position, fate) in fates.documents.iter().enumerate() {
        let document = Document::at(company, position);
        let known = company.customers[document.customer as usize].in_erp;
        scribe.document(&document, known, *fate);
    }
    scribe.manual(company, fates.orphans);
    scribe.processor(company);
    let mut entries = scribe.entries;
    entries.sort_by_key(|entry| entry.created);
    let mut moved = vec![0u32; entries.len()];
    for (position, entry) in (1u32..).zip(entries.iter_mut()) {
        moved[entry.n as usize] = position;
        entry.n = position;
    }
    for entry in &mut entries {
        entry.reverses = entry.reverses.map(|old| moved[old as usize]);
    }
    company.ledger = entries;
}

fn negated(amounts: &Amounts) -> Amounts {
    amounts.iter().map(|&(account, amount)| (account, -amount)).collect()
}

impl Scribe<'_> {
    /// Writes an entry, unless it would be in the future; returns its number until the ledger is sorted.
    fn push(&mut self, draft: Draft) -> Option<u32> {
        if draft.created > self.as_of || draft.amounts.is_empty() {
            return None;
        }
        let functional = self.functional[usize::from(draft.entity)];
        let rate = rate_micros(draft.currency, functional, usize::from(draft.period));
        let mut left = 0;
        let mut lines: Vec<EntryLine> = Vec::with_capacity(draft.amounts.len());
        for &(account, amount) in &draft.amounts {
            let converted = convert(amount, draft.currency, functional, rate);
            left += converted;
            lines.push(EntryLine { account, amount, functional: converted });
        }
        // Rounding of a rate leaves a unit or two: the last line takes it, as the ERP does.
        if let Some(last) = lines.last_mut() {
            last.functional -= left;
        }
        let n = self.entries.len() as u32;
        self.entries.push(LedgerEntry {
            n,
            entity: draft.entity,
            period: draft.period,
            currency: draft.currency,
            status: draft.status,
            reference: draft.reference,
            customer: draft.customer,
            date: draft.date,
            rate_micros: rate,
            reverses: draft.reverses,
            created: draft.created,
            lines,
        });
        Some(n)
    }

    /// What is booked for one document.
    fn document(&mut self, document: &Document, known: bool, fate: Option<FaultKind>) {
        let (period, date) = self.calendar.belongs(document.entity, document.dated_at, document.finalized_at);
        let draft = Draft {
            reference: Reference::Document(document.id),
            entity: document.entity,
            customer: known.then_some(document.customer),
            currency: document.currency,
            amounts: document.amounts.clone(),
            period,
            date,
            created: document.finalized_at + lag(&mut self.dice),
            status: EntryStatus::Booked,
            reverses: None,
        };
        match (fate, document.life) {
            (Some(kind), _) => self.wrong(draft, kind),
            (None, Life::Nothing | Life::Failed) => {}
            (None, Life::Plain | Life::Warned) => self.right(draft, document),
            (None, Life::Void(at)) => self.voided(draft, at),
            (None, Life::WrittenOff(at)) => {
                let total = document.control();
                self.changed(draft, at, vec![(Account::BadDebt, total), (Account::Receivable, -total)]);
            }
            (None, Life::Withdrawn(at)) => {
                let amount = -document.control();
                self.changed(draft, at, vec![(Account::Receivable, amount), (Account::Clearing, -amount)]);
            }
            (None, Life::Reinstated(at, closed)) => self.reinstated(draft, document, at, closed),
        }
    }

    /// Booked as it should be; now and then by a detour that leaves the same.
    fn right(&mut self, draft: Draft, document: &Document) {
        let settled = document.finalized_at <= self.as_of - 3 * DAY;
        let detour = if settled { self.dice.weighted(&[40, 30, 50, 9_880]) } else { 3 };
        match detour {
            // Wrong at first, reversed by the ERP's own reversal, then booked right.
            0 => {
                let mut wrong = draft.clone();
                add(&mut wrong.amounts, Account::Receivable, 700);
                add(&mut wrong.amounts, Account::OtherIncome, -700);
                self.reversed(wrong);
            }
            // Booked, taken back by a mirror entry that nothing links, and booked again.
            1 => {
                self.push(draft.clone());
                let created = draft.created + HOUR;
                self.push(Draft { amounts: negated(&draft.amounts), created, ..draft.clone() });
            }
            // A second one that nobody approved.
            2 => {
                let created = draft.created + 2 * HOUR;
                self.push(Draft { status: EntryStatus::PendingApproval, created, ..draft.clone() });
            }
            _ => {}
        }
        let later = if detour < 2 { 2 * HOUR } else { 0 };
        self.push(Draft { created: draft.created + later, ..draft });
    }

    /// An entry and its linked reversal an hour later: nothing remains.
    fn reversed(&mut self, draft: Draft) {
        let first = self.push(draft.clone());
        let created = draft.created + HOUR;
        self.push(Draft { amounts: negated(&draft.amounts), created, reverses: first, ..draft });
    }

    /// The day on which a change of a document is booked: that of the change.
    fn at(&self, draft: &Draft, at: i64) -> (u8, NaiveDate) {
        (self.calendar.period_of(draft.entity, at), self.calendar.date(draft.entity, at))
    }

    fn voided(&mut self, draft: Draft, at: i64) {
        if at < draft.created {
            return;
        }
        let first = self.push(draft.clone());
        let (period, date) = self.at(&draft, at);
        let created = at + lag(&mut self.dice);
        let amounts = negated(&draft.amounts);
        self.push(Draft { amounts, period, date, created, reverses: first, ..draft });
    }

    /// Booked as issued, and then the change by an entry of its own with the same reference.
    fn changed(&mut self, draft: Draft, at: i64, amounts: Amounts) -> Option<u32> {
        self.push(draft.clone());
        let (period, date) = self.at(&draft, at);
        let created = at.max(draft.created) + lag(&mut self.dice);
        self.push(Draft { amounts, period, date, created, ..draft })
    }

    fn reinstated(&mut self, draft: Draft, document: &Document, at: i64, closed: i64) {
        if self.dice.chance(5_000) {
            self.push(draft);
            return;
        }
        let amount = -document.control();
        let amounts = vec![(Account::Receivable, amount), (Account::Clearing, -amount)];
        let withdrawal = self.changed(draft.clone(), at, amounts.clone());
        let (period, date) = self.at(&draft, closed);
        let created = closed + DAY + lag(&mut self.dice);
        self.push(Draft { amounts: negated(&amounts), period, date, created, reverses: withdrawal, ..draft });
    }

    /// Booked wrongly in exactly one way.
    fn wrong(&mut self, mut draft: Draft, kind: FaultKind) {
        match kind {
            FaultKind::Unposted | FaultKind::LateForClosedPeriod => return self.missing(draft),
            FaultKind::AmountMismatch => {
                let control = of(&draft.amounts, Account::Receivable);
                let by = self.off_by(control / 5);
                add(&mut draft.amounts, Account::Receivable, by);
                let other = self.other_line(&draft.amounts);
                add(&mut draft.amounts, other, -by);
            }
            FaultKind::TaxMismatch => {
                let by = self.off_by(of(&draft.amounts, Account::Tax) / 2);
                let other = self.other_line(&draft.amounts);
                add(&mut draft.amounts, Account::Tax, by);
                add(&mut draft.amounts, other, -by);
            }
            FaultKind::SignReversed => draft.amounts = negated(&draft.amounts),
            FaultKind::WrongEntity => {
                draft.entity = (draft.entity + 1 + self.dice.below(3) as u8) % 4;
            }
            FaultKind::WrongCurrency => {
                let functional = self.functional[usize::from(draft.entity)];
                draft.currency = match draft.currency {
                    other if other != functional => functional,
                    Currency::Usd => Currency::Eur,
                    Currency::Gbp | Currency::Eur | Currency::Jpy => Currency::Usd,
                };
            }
            FaultKind::WrongAccount => {
                let from = self.other_line(&draft.amounts);
                let amount = of(&draft.amounts, from);
                let to = match from {
                    Account::Deferred => Account::ProductRevenue,
                    Account::UsageRevenue => Account::Deferred,
                    Account::Clearing => Account::FxClearing,
                    _ => Account::OtherIncome,
                };
                add(&mut draft.amounts, from, -amount);
                add(&mut draft.amounts, to, amount);
            }
            FaultKind::WrongPeriod => self.misplace(&mut draft),
            FaultKind::DuplicatePosting => {
                let copies = if self.dice.chance(1_000) { 2 } else { 1 };
                for copy in 1..=copies {
                    let created = draft.created + copy * HOUR + self.dice.range(60, HOUR);
                    self.push(Draft { created, ..draft.clone() });
                }
            }
            FaultKind::ChangedAfterPosting
            | FaultKind::PaymentStatusMismatch
            | FaultKind::MissingMapping
            | FaultKind::OrphanJournal
            | FaultKind::DuplicateCustomer
            | FaultKind::CustomerNotInErp => {}
        }
        self.push(draft);
    }

    /// Nothing booked, sometimes after all: an entry that awaits approval, or one that was reversed.
    fn missing(&mut self, draft: Draft) {
        match self.dice.weighted(&[85, 10, 5]) {
            0 => {}
            1 => {
                self.push(Draft { status: EntryStatus::PendingApproval, ..draft });
            }
            _ => self.reversed(draft),
        }
    }

    /// Not zero, at most `most` in size, either way.
    fn off_by(&mut self, most: i64) -> i64 {
        let size = self.dice.range(1, most.abs().max(1));
        if self.dice.chance(5_000) { size } else { -size }
    }

    /// The biggest line that is neither control account nor tax.
    fn other_line(&self, amounts: &Amounts) -> Account {
        amounts
            .iter()
            .filter(|(account, _)| !matches!(account, Account::Receivable | Account::Tax))
            .max_by_key(|(_, amount)| amount.abs())
            .map_or(Account::OtherIncome, |&(account, _)| account)
    }

    /// Another period: with a date in it, or with the date unchanged.
    fn misplace(&mut self, draft: &mut Draft) {
        let last = MONTHS as u8 - 1;
        draft.period = if draft.period == last { last - 1 } else { draft.period + 1 };
        let period = &self.calendar.periods[usize::from(draft.period)];
        if self.dice.chance(6_000) {
            draft.date = draft.date.clamp(period.start, period.end);
        }
    }

    /// Journals written by hand: bank charges that concern no document, and orphans on the control account,
    /// which are labelled.
    fn manual(&mut self, company: &mut Company, orphans: usize) {
        let mut dice = Dice::new(company.spec.seed, 7);
        for month in 0..MONTHS {
            for entity in 0..4u8 {
                let created = self.calendar.start(entity, month) + dice.range(2 * DAY, 27 * DAY);
                let fee = dice.range(500, 90_000);
                let text = format!("BANK-{}-{:02}", company.entities[usize::from(entity)].code, month + 1);
                let amounts = vec![(Account::Fees, fee), (Account::Clearing, -fee)];
                self.by_hand(entity, created, &text, amounts, EntryStatus::Booked);
            }
        }
        for number in 0..orphans {
            let entity = dice.weighted(&[45, 20, 20, 15]) as u8;
            let from = self.calendar.start(entity, 0) + DAY;
            let created = dice.range(from, self.as_of - 3 * DAY);
            let amount = dice.range(900, 400_000);
            let facts = &company.entities[usize::from(entity)];
            let period = &self.calendar.periods[usize::from(self.calendar.period_of(entity, created))];
            let text = match dice.below(3) {
                0 => format!("{}-{}-{}", facts.code, period.year, 900_000 + number),
                1 => format!("MANUAL-{:06}", number + 1),
                _ => super::model::Id::new(IdKind::Charge, u32::MAX - number as u32).to_string(),
            };
            let (debit, other) = if dice.chance(5_000) {
                (amount, Account::OtherIncome)
            } else {
                (-amount, Account::Clearing)
            };
            let amounts = vec![(Account::Receivable, debit), (other, -debit)];
            self.by_hand(entity, created, &text, amounts.clone(), EntryStatus::Booked);
            if number % 4 == 0 {
                // One that awaits approval counts for nothing, whatever it names.
                let pending = format!("DRAFT-{:06}", number + 1);
                self.by_hand(entity, created, &pending, amounts, EntryStatus::PendingApproval);
            }
            company.labels.push(Label {
                external_ref: text,
                kind: FaultKind::OrphanJournal,
                entity,
                currency: facts.currency,
                amount_minor: debit,
            });
        }
    }

    /// Payouts and the processor's own fees, each under its name at the processor.
    fn processor(&mut self, company: &Company) {
        let mut dice = Dice::new(company.spec.seed, 10);
        for item in &company.transactions {
            let (other, reference) = match (item.kind, item.source) {
                (TransactionKind::ProcessorFee, _) => (Account::Fees, item.id),
                (TransactionKind::Payout, Some(payout)) => (Account::Bank, payout),
                _ => continue,
            };
            self.push(Draft {
                reference: Reference::Document(reference),
                entity: item.entity,
                customer: None,
                currency: item.currency,
                amounts: vec![(other, -item.amount), (Account::Clearing, item.amount)],
                period: self.calendar.period_of(item.entity, item.created),
                date: self.calendar.date(item.entity, item.created),
                created: item.created + lag(&mut dice),
                status: EntryStatus::Booked,
                reverses: None,
            });
        }
    }

    fn by_hand(&mut self, entity: u8, created: i64, text: &str, amounts: Amounts, status: EntryStatus) {
        let draft = Draft {
            reference: Reference::Text(text.into()),
            entity,
            customer: None,
            currency: self.functional[usize::from(entity)],
            amounts,
            period: self.calendar.period_of(entity, created),
            date: self.calendar.date(entity, created),
            created,
            status,
            reverses: None,
        };
        self.push(draft);
    }
}
