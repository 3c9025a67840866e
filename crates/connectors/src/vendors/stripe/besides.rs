//! The reads that an object needs besides itself: lines beyond the first page, what a credit note credits,
//! which invoice a payment pays.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde_json::{Value, value::RawValue};
use tieout_domain::failure::VendorFailure;

use super::{
    client::{Client, RESTARTS, gather, id_of, moving, unreadable},
    decode::name,
    outside,
    shape::{Context, SourceLine},
    sheet::CURSOR_GONE,
};
use crate::{kit::Field, traits::Resource};

/// Links from payments to invoices that are kept in memory at most.
const MOST_LINKS: usize = 500_000;
/// The code of a read that did not find what its object named: the object is another one now.
pub(super) const MOVED: &str = "listing_moved";

/// An object of a page: its bytes, and what they say.
pub(super) struct Object {
    pub(super) raw: String,
    pub(super) value: Value,
}

impl Object {
    pub(super) fn parse(raw: String) -> Result<Self, VendorFailure> {
        let value = serde_json::from_str(&raw)
            .map_err(|error| unreadable("an object", &format!("it is no JSON ({error})")))?;
        Ok(Self { raw, value })
    }

    pub(super) fn field(&self, key: &'static str) -> Option<&str> {
        self.value.get(key).and_then(Value::as_str)
    }

    /// Its id, or what stands for one.
    pub(super) fn id(&self) -> String {
        self.field("id").unwrap_or("?").to_owned()
    }

    /// When it was created, unix seconds, where it says so.
    pub(super) fn created(&self) -> Option<i64> {
        self.value.get("created").and_then(Value::as_i64)
    }
}

/// What was read besides an object: what it says, and its bytes.
pub(super) struct Read {
    pub(super) context: Context,
    pub(super) more: String,
    /// Changes of a customer's balance that were read besides.
    pub(super) balances: Vec<Object>,
}

impl Read {
    pub(super) fn new(numbers: bool) -> Self {
        let context = Context { numbers, ..Context::default() };
        Self { context, more: String::new(), balances: Vec::new() }
    }
}

/// Lines beyond those that an object carries.
pub(super) async fn add_lines(
    client: &Arc<Client>,
    resource: Resource,
    objects: &[Object],
    reads: &mut [Read],
) -> Result<(), VendorFailure> {
    let mut wanted = Vec::new();
    for (position, object) in objects.iter().enumerate() {
        let more = object.value.pointer("/lines/has_more").and_then(Value::as_bool) == Some(true);
        let Some(id) = object.field("id").filter(|_| more) else { continue };
        let carried = object.value.pointer("/lines/data").and_then(Value::as_array);
        let after = carried.and_then(|lines| lines.last()).and_then(|line| line.get("id"));
        let after = after.and_then(Value::as_str).map(str::to_owned);
        wanted.push((position, format!("/v1/{}/{id}/lines", name(resource)), after));
    }
    let read = gather(wanted, |(position, path, after)| {
        let client = Arc::clone(client);
        async move {
            match client.rest_of(&path, &[], after).await {
                Ok(lines) => Ok((position, lines)),
                // A draft was changed or deleted meanwhile: its first lines are no longer what it has.
                Err(failure) if [CURSOR_GONE, "not_found"].contains(&failure.code) => {
                    Err(VendorFailure::retryable(MOVED, failure.message))
                }
                Err(failure) => Err(failure),
            }
        }
    })
    .await?;
    for (position, lines) in read {
        let Some(read) = reads.get_mut(position) else { continue };
        for raw in lines {
            let line = Object::parse(raw.get().to_owned())?;
            read.context.more_lines.push(line.value);
            read.more.push('\n');
            read.more.push_str(&line.raw);
        }
    }
    Ok(())
}

/// The products that credit notes' lines credit: only the invoice's own lines name them.
pub(super) async fn add_sources(
    client: &Arc<Client>,
    objects: &[Object],
    reads: &mut [Read],
) -> Result<(), VendorFailure> {
    let invoices: HashSet<String> =
        objects.iter().filter_map(|note| note.field("invoice")).map(str::to_owned).collect();
    let read = gather(invoices.into_iter().collect(), |invoice: String| {
        let client = Arc::clone(client);
        async move {
            match client.whole(&format!("/v1/invoices/{invoice}/lines"), &[]).await {
                Ok(lines) => Ok((invoice, lines)),
                Err(failure) if failure.code == "not_found" => Ok((invoice, Vec::new())),
                Err(failure) => Err(failure),
            }
        }
    })
    .await?;
    let mut by_invoice: HashMap<String, HashMap<String, SourceLine>> = HashMap::new();
    for (invoice, lines) in read {
        let mut sources = HashMap::new();
        for raw in lines {
            let line = Object::parse(raw.get().to_owned())?;
            let source = SourceLine::read(Field::root(&line.value, "lines"));
            let source = source.map_err(|rejection| unreadable(&invoice, &rejection.to_string()))?;
            sources.insert(id_of(&raw)?, source);
        }
        by_invoice.insert(invoice, sources);
    }
    for (note, read) in objects.iter().zip(reads) {
        if let Some(sources) = note.field("invoice").and_then(|id| by_invoice.get(id)) {
            read.context.source_lines.clone_from(sources);
        }
    }
    Ok(())
}

/// What an invoice leaves to other lists: whether a payment outside of Stripe is recorded by itself, and the
/// changes of its customer's balance, where it used or made one.
pub(super) async fn add_settlements(
    client: &Arc<Client>,
    balances: bool,
    invoices: &[Object],
    reads: &mut [Read],
) -> Result<(), VendorFailure> {
    let mut customers = HashSet::new();
    for (invoice, read) in invoices.iter().zip(reads) {
        let field = Field::root(&invoice.value, "invoices");
        let Some(id) = invoice.field("id") else { continue };
        if outside::says_so(field).unwrap_or(false) {
            let links = client.whole("/v1/invoice_payments", &[("invoice", id.to_owned())]).await?;
            let recorded = |raw: &RawValue| raw.get().contains("payment_record");
            read.context.recorded_outside = links.iter().any(|raw| recorded(raw));
        }
        let used = |key: &str| invoice.value.get(key).and_then(Value::as_i64).is_some_and(|minor| minor != 0);
        let customer =
            invoice.field("customer").filter(|_| used("starting_balance") || used("ending_balance"));
        let Some(customer) = customer.filter(|customer| balances && customers.insert((*customer).to_owned()))
        else {
            continue;
        };
        match client.whole(&format!("/v1/customers/{customer}/balance_transactions"), &[]).await {
            Ok(items) => {
                for raw in items {
                    let item = Object::parse(raw.get().to_owned())?;
                    read.more.push('\n');
                    read.more.push_str(&item.raw);
                    read.balances.push(item);
                }
            }
            // The customer was deleted: nobody lists its balance any more.
            Err(failure) if failure.code == "not_found" => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

/// Whether the record of a payment outside of Stripe pays more than the invoice at hand.
pub(super) async fn add_records(
    client: &Arc<Client>,
    payments: &[Object],
    reads: &mut [Read],
) -> Result<(), VendorFailure> {
    for (payment, read) in payments.iter().zip(reads) {
        let Some(record) = payment.value.pointer("/payment/payment_record").and_then(Value::as_str) else {
            continue;
        };
        let Some(answer) = client.object(&format!("/v1/payment_records/{record}"), &[]).await? else {
            continue;
        };
        let value: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let whole = value.pointer("/amount/value").and_then(Value::as_i64);
        let paid = payment.value.get("amount_paid").and_then(Value::as_i64);
        read.context.shares_record = whole.zip(paid).is_some_and(|(whole, paid)| whole != paid);
        read.more.push('\n');
        read.more.push_str(&String::from_utf8_lossy(&answer.body));
    }
    Ok(())
}

/// The test clocks of a sandbox: what belongs to them is on no other list. None where the account has no such
/// thing, or the key may not see them.
pub(super) async fn test_clocks(client: &Client) -> Result<Vec<String>, VendorFailure> {
    match client.whole("/v1/test_helpers/test_clocks", &[]).await {
        Ok(clocks) => clocks.iter().map(|raw| id_of(raw)).collect(),
        Err(failure)
            if ["not_found", "auth_failed", "permission_missing", "rejected"].contains(&failure.code) =>
        {
            tracing::info!(code = failure.code, "test clocks are not listed");
            Ok(Vec::new())
        }
        Err(failure) => Err(failure),
    }
}

/// What a link to an invoice names a charge by.
fn named(charge: &Object) -> Option<&str> {
    charge.field("payment_intent").or_else(|| charge.field("id"))
}

/// Invoices by payment intent, or by charge where there is no intent. Only to spare calls.
#[derive(Default)]
pub(super) struct Links {
    by_payment: HashMap<String, String>,
    scan: i64,
    after: Option<String>,
    exhausted: bool,
}

impl Links {
    fn learn(&mut self, payment: &str, invoice: &str) {
        if self.by_payment.len() < MOST_LINKS {
            self.by_payment.insert(payment.to_owned(), invoice.to_owned());
        }
    }

    /// Older shapes name the payment on the invoice.
    pub(super) fn learn_from(&mut self, invoices: &[Object]) {
        for invoice in invoices {
            if let (Some(id), Some(intent)) = (invoice.field("id"), invoice.field("payment_intent")) {
                self.learn(intent, id);
            }
        }
    }

    /// The invoice of each payment that an invoice named.
    pub(super) fn add_known(&self, charges: &[Object], reads: &mut [Read]) {
        for (charge, read) in charges.iter().zip(reads) {
            let invoice = named(charge).and_then(|payment| self.by_payment.get(payment));
            read.context.invoice = invoice.cloned();
        }
    }

    /// The invoice of each payment, where one can be found.
    pub(super) async fn add_invoices(
        &mut self,
        client: &Client,
        charges: &[Object],
        reads: &mut [Read],
        scan: Option<i64>,
    ) -> Result<(), VendorFailure> {
        if let Some(scan) = scan.filter(|scan| *scan != self.scan) {
            self.scan = scan;
            self.after = None;
            self.exhausted = false;
        }
        for (charge, read) in charges.iter().zip(reads) {
            let Some(payment) = named(charge) else { continue };
            match scan {
                Some(_) => self.walk_to(client, payment).await?,
                // Stripe lists links by intent alone.
                None if charge.field("payment_intent").is_some() => self.ask(client, payment).await?,
                None => {}
            }
            read.context.invoice = self.by_payment.get(payment).cloned();
        }
        Ok(())
    }

    /// In a full scan: goes on through all links, newest first like the payments, until this one is known.
    async fn walk_to(&mut self, client: &Client, intent: &str) -> Result<(), VendorFailure> {
        let mut restarts = 0;
        while !self.exhausted && !self.by_payment.contains_key(intent) {
            let list = match client.list("/v1/invoice_payments", &[], self.after.as_deref()).await {
                // The link that was read last was deleted: from the top again.
                Err(failure) if failure.code == CURSOR_GONE && restarts < RESTARTS => {
                    self.after = None;
                    restarts += 1;
                    continue;
                }
                Err(failure) if failure.code == CURSOR_GONE => return Err(moving("/v1/invoice_payments")),
                end => end?,
            };
            let last = list.items.last().map(|raw| id_of(raw)).transpose()?;
            self.learn_links(list.items.iter().map(|raw| raw.get()));
            self.exhausted = !list.has_more || last.is_none();
            self.after = last;
        }
        Ok(())
    }

    /// For a single payment: asks for its link.
    async fn ask(&mut self, client: &Client, intent: &str) -> Result<(), VendorFailure> {
        if self.by_payment.contains_key(intent) {
            return Ok(());
        }
        let query =
            [("payment[type]", "payment_intent".to_owned()), ("payment[payment_intent]", intent.to_owned())];
        match client.list("/v1/invoice_payments", &query, None).await {
            Ok(list) => {
                self.learn_links(list.items.iter().map(|raw| raw.get()));
                Ok(())
            }
            // An account whose version lacks the filter: the link is a convenience, no condition.
            Err(failure) if failure.code == "rejected" => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// A payment may be attached to its invoice after it was asked for: what is known of it is asked anew.
    pub(super) fn forget(&mut self, intent: &str) {
        self.by_payment.remove(intent);
    }

    fn learn_links<'r>(&mut self, links: impl Iterator<Item = &'r str>) {
        for raw in links {
            let link: Value = serde_json::from_str(raw).unwrap_or(Value::Null);
            let of = ["/payment/payment_intent", "/payment/charge"];
            let of = of.iter().find_map(|at| link.pointer(at).and_then(Value::as_str));
            if let (Some(of), Some(invoice)) = (of, link.get("invoice").and_then(Value::as_str)) {
                self.learn(of, invoice);
            }
        }
    }
}
