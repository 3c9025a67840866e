//! Customers, their subscriptions, and the invoices that follow from them, month by month.

use super::calendar::{Calendar, DAY, HOUR, MONTHS};
use super::dice::Dice;
use super::model::{
    Currency, Customer, Entity, Id, IdKind, Invoice, InvoiceStatus, Line, MeterEventSummary, Product,
    Subscription, SubscriptionStatus,
};
use super::seed::{identity, price, tax_of};

/// Everything planned; positions are in the order of planning until [`super::settle`] sorts them.
pub(crate) struct Plan {
    pub(crate) customers: Vec<Customer>,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) invoices: Vec<Invoice>,
    pub(crate) usage: Vec<MeterEventSummary>,
}

/// How one customer buys.
struct Habit {
    entity: u8,
    customer: u32,
    subscription: u32,
    currency: Currency,
    plan: Product,
    seats: i64,
    annual: bool,
    metered: bool,
    taxable: bool,
    discount_percent: i64,
    trial: bool,
    projects: i64,
    first_month: usize,
    day: i64,
    second: i64,
    churned: Option<i64>,
}

pub(crate) struct Planner<'a> {
    entities: &'a [Entity],
    calendar: &'a Calendar,
    as_of: i64,
    target: usize,
    dice: Dice,
    plan: Plan,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(
        seed: u64,
        target: u32,
        as_of: i64,
        entities: &'a [Entity],
        calendar: &'a Calendar,
    ) -> Self {
        let plan = Plan {
            customers: Vec::new(),
            subscriptions: Vec::new(),
            invoices: Vec::with_capacity(target as usize + 64),
            usage: Vec::new(),
        };
        Self { entities, calendar, as_of, target: target as usize, dice: Dice::new(seed, 1), plan }
    }

    /// Plans customers until there are exactly as many invoices as asked for.
    pub(crate) fn run(mut self) -> Plan {
        while self.plan.invoices.len() < self.target {
            let mut habit = self.customer();
            for month in habit.first_month..MONTHS {
                self.month(&mut habit, month);
            }
            self.finish(&habit);
            if self.dice.chance(200) {
                self.prospect();
            }
        }
        self.plan.invoices.truncate(self.target);
        self.plan
    }

    fn add_customer(&mut self, entity: u8, created: i64) -> (u32, Currency, bool) {
        let draft = self.plan.customers.len();
        let dollars = matches!(entity, 1 | 2) && self.dice.chance(300);
        let (name, email, country) = identity(&mut self.dice, entity, draft, dollars);
        let facts = &self.entities[usize::from(entity)];
        let currency = if dollars { Currency::Usd } else { facts.currency };
        let taxable = country == facts.country && (entity != 0 || self.dice.chance(3_500));
        let email = (!self.dice.chance(400)).then_some(email);
        let id = Id::new(IdKind::Customer, draft as u32);
        self.plan.customers.push(Customer {
            id,
            entity,
            name,
            email,
            country,
            currency,
            created,
            in_erp: true,
        });
        (draft as u32, currency, taxable)
    }

    /// Somebody who signed up and never bought: unknown to the ERP, and rightly so.
    fn prospect(&mut self) {
        let entity = self.dice.weighted(&[45, 20, 20, 15]) as u8;
        let created = self.as_of - self.dice.range(DAY, 300 * DAY);
        let (customer, _, _) = self.add_customer(entity, created);
        self.plan.customers[customer as usize].in_erp = false;
    }

    fn customer(&mut self) -> Habit {
        let dice = &mut self.dice;
        let entity = dice.weighted(&[45, 20, 20, 15]) as u8;
        let first_month = if dice.chance(4_500) { 0 } else { dice.below(MONTHS as u64) as usize };
        let day = match dice.weighted(&[30, 60, 10]) {
            0 => 0,
            1 => dice.range(1, 27),
            _ => 30,
        };
        let second = dice.range(0, DAY - 1);
        let plan = [Product::Starter, Product::Team, Product::Enterprise][dice.weighted(&[50, 35, 15])];
        let seats = match plan {
            Product::Enterprise => dice.range(20, 400),
            Product::Team => dice.range(3, 40),
            _ => dice.range(1, 5),
        };
        let annual = dice.chance(2_000);
        let metered = dice.chance(4_000);
        let discount_percent = if dice.chance(1_200) { dice.pick(&[10, 15, 20, 25]) } else { 0 };
        let trial = dice.chance(500);
        let projects = if metered && dice.chance(250) { dice.range(11, 30) } else { 1 };
        let start = self.calendar.start(entity, first_month) + day.min(27) * DAY + second;
        let earlier =
            if first_month == 0 { self.dice.range(1, 400) * DAY } else { self.dice.range(60, HOUR) };
        let created = (start - earlier).min(self.as_of - DAY);
        let (customer, currency, taxable) = self.add_customer(entity, created);
        let subscription = self.plan.subscriptions.len() as u32;
        let unit = price(plan, currency) * if annual { 10 } else { 1 };
        self.plan.subscriptions.push(Subscription {
            id: Id::new(IdKind::Subscription, subscription),
            customer,
            entity,
            plan,
            seats: seats as u32,
            unit_amount: unit,
            annual,
            metered,
            currency,
            created: created + 30,
            plan_since: None,
            canceled_at: None,
            status: SubscriptionStatus::Active,
        });
        Habit {
            entity,
            customer,
            subscription,
            currency,
            plan,
            seats,
            annual,
            metered,
            taxable,
            discount_percent,
            trial,
            projects,
            first_month,
            day,
            second,
            churned: None,
        }
    }

    /// What one month brings: a subscription invoice, a usage invoice, an upgrade, the end.
    fn month(&mut self, habit: &mut Habit, month: usize) {
        if habit.churned.is_some() {
            return;
        }
        let start = self.calendar.start(habit.entity, month);
        let length = (self.calendar.start(habit.entity, month + 1) - start) / DAY;
        let at = start + habit.day.min(length - 1) * DAY + habit.second;
        let since = month - habit.first_month;
        if since > 0 && self.dice.chance(200) {
            habit.churned = Some(at);
            return;
        }
        let mut lines = Vec::new();
        if since > 0 && !habit.annual && self.dice.chance(300) {
            self.upgrade(habit, at, &mut lines);
        }
        if !habit.annual || since.is_multiple_of(12) {
            lines.push(self.plan_line(habit, at, since));
            if since == 0 && habit.plan != Product::Starter && self.dice.chance(3_000) {
                let amount = price(Product::Onboarding, habit.currency);
                lines.push(self.line(habit, Product::Onboarding, 1, amount, at, at + 30 * DAY));
            }
        }
        if habit.metered && since > 0 {
            self.usage_lines(habit, month, &mut lines);
        }
        if !lines.is_empty() {
            self.invoice(habit, month, at, lines);
        }
    }

    fn line(&self, habit: &Habit, product: Product, quantity: i64, amount: i64, from: i64, to: i64) -> Line {
        let discount = if amount > 0 { amount * habit.discount_percent / 100 } else { 0 };
        let rate = self.entities[usize::from(habit.entity)].tax_hundredths;
        let tax = if habit.taxable { tax_of(amount - discount, rate) } else { 0 };
        Line {
            product,
            proration: false,
            quantity: quantity as u32,
            amount,
            discount,
            tax,
            taxable: habit.taxable,
            source_line: 0,
            period_start: from,
            period_end: to,
        }
    }

    fn plan_line(&self, habit: &Habit, at: i64, since: usize) -> Line {
        let free = habit.trial && since == 0;
        let months = if habit.annual { 10 } else { 1 };
        let amount = if free { 0 } else { price(habit.plan, habit.currency) * months * habit.seats };
        let to = at + if habit.annual { 365 } else { 30 } * DAY;
        self.line(habit, habit.plan, habit.seats, amount, at, to)
    }

    /// More seats or a bigger plan, in the middle of the month before: a credit for the old, a charge
    /// for the new.
    fn upgrade(&mut self, habit: &mut Habit, at: i64, lines: &mut Vec<Line>) {
        let days = self.dice.range(3, 27);
        let prorated = |plan: Product, seats: i64| price(plan, habit.currency) * seats * days / 30;
        let old = (habit.plan, habit.seats);
        let plan = match (habit.plan, self.dice.chance(4_000)) {
            (Product::Starter, true) => Product::Team,
            (Product::Team, true) => Product::Enterprise,
            (plan, _) => plan,
        };
        let seats = habit.seats + self.dice.range(1, 6);
        let credit = -prorated(old.0, old.1);
        let charge = prorated(plan, seats);
        let mut first = self.line(habit, old.0, old.1, credit, at - days * DAY, at);
        let mut second = self.line(habit, plan, seats, charge, at - days * DAY, at);
        first.proration = true;
        second.proration = true;
        lines.push(first);
        lines.push(second);
        (habit.plan, habit.seats) = (plan, seats);
        let since = at - days * DAY;
        if since <= self.as_of {
            let subscription = &mut self.plan.subscriptions[habit.subscription as usize];
            subscription.seats = seats as u32;
            if plan != old.0 {
                subscription.plan = plan;
                subscription.unit_amount = price(plan, habit.currency);
                subscription.plan_since = Some(since);
            }
        }
    }

    /// Usage of the month before, billed in arrears; a customer with many projects has a line for each.
    fn usage_lines(&mut self, habit: &Habit, month: usize, lines: &mut Vec<Line>) {
        let from = self.calendar.start(habit.entity, month - 1);
        let to = self.calendar.start(habit.entity, month);
        let mut value = 0;
        for _ in 0..habit.projects {
            let thousands = self.dice.range(5, 900);
            let units = thousands * 1_000;
            value += units as u64;
            let amount = price(Product::Usage, habit.currency) * thousands;
            lines.push(self.line(habit, Product::Usage, units, amount, from, to));
        }
        let meter = u32::from(habit.entity);
        let customer = habit.customer;
        self.plan.usage.push(MeterEventSummary { meter, customer, start: from, end: to, value });
    }

    /// Makes the draft and decides when it becomes a document, and of what date.
    fn invoice(&mut self, habit: &Habit, month: usize, at: i64, lines: Vec<Line>) {
        let mut created = at;
        let mut effective_at = None;
        let settled_in = month > habit.first_month;
        if settled_in && month < MONTHS - 1 && self.dice.chance(60) {
            let back = if self.dice.chance(2_500) { self.dice.range(1, 3) } else { 1 };
            let own = month.saturating_sub(back as usize);
            created = self.calendar.start(habit.entity, month) + self.dice.range(9 * DAY, 25 * DAY);
            effective_at = Some(self.calendar.start(habit.entity, own + 1) - self.dice.range(HOUR, 10 * DAY));
        } else if settled_in && self.dice.chance(100) {
            let start = self.calendar.start(habit.entity, month);
            created = start + self.dice.range(HOUR, 2 * DAY);
            effective_at = Some(start - self.dice.range(HOUR, 3 * DAY));
        }
        if created > self.as_of {
            return;
        }
        let forgotten = self.dice.chance(30);
        let finalized_at = Some(created + HOUR).filter(|&at| at <= self.as_of && !forgotten);
        let on_terms = self.dice.chance(2_500);
        let draft = self.plan.invoices.len() as u32;
        let mut invoice = Invoice {
            id: Id::new(IdKind::Invoice, draft),
            entity: habit.entity,
            customer: habit.customer,
            subscription: Some(habit.subscription),
            number: None,
            status: if finalized_at.is_some() { InvoiceStatus::Open } else { InvoiceStatus::Draft },
            currency: habit.currency,
            created,
            finalized_at,
            effective_at: effective_at.filter(|_| finalized_at.is_some()),
            paid_at: None,
            voided_at: None,
            uncollectible_at: None,
            due_date: created + if on_terms { 30 * DAY } else { HOUR },
            revises: None,
            revised_by: None,
            pre_payment_credit: 0,
            post_payment_credit: 0,
            credit_notes: 0,
            lines,
        };
        if invoice.total() < 0 {
            invoice.lines.retain(|line| !line.proration);
        }
        self.plan.invoices.push(invoice);
        if effective_at.is_none() && finalized_at.is_some() && self.dice.chance(20) {
            self.revision(draft);
        }
    }

    /// The customer objects some days later: the invoice is voided and a revision takes its place.
    fn revision(&mut self, of: u32) {
        let original = &mut self.plan.invoices[of as usize];
        let at = original.created + self.dice.range(3 * DAY, 12 * DAY);
        if at > self.as_of - 4 * DAY || original.total() <= 0 {
            return;
        }
        let mut copy = original.clone();
        original.voided_at = Some(at);
        original.status = InvoiceStatus::Void;
        let hundredths = self.entities[usize::from(copy.entity)].tax_hundredths;
        for line in copy.lines.iter_mut().filter(|line| line.amount > 0) {
            line.discount = line.amount * 30 / 100;
            line.tax = if line.taxable { tax_of(line.net(), hundredths) } else { 0 };
        }
        if copy.total() < 0 {
            copy.lines.retain(|line| !line.proration);
        }
        copy.id = Id::new(IdKind::Invoice, self.plan.invoices.len() as u32);
        copy.created = at;
        copy.finalized_at = Some(at);
        copy.due_date = at + 30 * DAY;
        copy.revises = Some(of);
        self.plan.invoices.push(copy);
    }

    /// What the subscription is now.
    fn finish(&mut self, habit: &Habit) {
        let late = self.dice.chance(200);
        let subscription = &mut self.plan.subscriptions[habit.subscription as usize];
        subscription.plan = habit.plan;
        subscription.seats = habit.seats as u32;
        subscription.unit_amount = price(habit.plan, habit.currency) * if habit.annual { 10 } else { 1 };
        subscription.canceled_at = habit.churned.filter(|&at| at <= self.as_of);
        subscription.status = match subscription.canceled_at {
            Some(_) => SubscriptionStatus::Canceled,
            None if late => SubscriptionStatus::PastDue,
            None => SubscriptionStatus::Active,
        };
    }
}
