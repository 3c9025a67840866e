//! Scans of Stripe's lists and events, and the reads that an object needs besides itself.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use serde_json::Value;
use tieout_domain::{document::Canonical, failure::VendorFailure};

use super::{
    Offer, StripeOptions,
    client::{Client, gather, id_of, unreadable},
    cursor::{self, EVENTS_REACH, OVERLAP, Place, Resume, seconds},
    decode::{Context, decode, name},
    invoice::SourceLine,
    usage,
};
use crate::{
    AccountIdentity, BillingSource, Page, PageRequest, Resource,
    kit::{Answer, Field, PageBuilder},
};

/// Links from payments to invoices that are kept in memory at most.
const MOST_LINKS: usize = 500_000;

/// One Stripe account.
pub struct StripeConnection {
    client: Arc<Client>,
    offer: Offer,
    live_key: Option<bool>,
    base_url: String,
    links: tokio::sync::Mutex<Links>,
    /// Objects that the running event scan has already read again, by resource. Only to spare calls: a
    /// restart reads a few twice.
    seen: Mutex<HashMap<Resource, HashSet<String>>>,
}

/// Invoices by payment intent. Only to spare calls, too.
#[derive(Default)]
struct Links {
    by_intent: HashMap<String, String>,
    scan: i64,
    after: Option<String>,
    exhausted: bool,
}

/// An object of a page: its bytes, and what they say.
struct Object {
    raw: String,
    value: Value,
}

impl Object {
    fn parse(raw: String) -> Result<Self, VendorFailure> {
        let value = serde_json::from_str(&raw)
            .map_err(|error| unreadable("an object", &format!("it is no JSON ({error})")))?;
        Ok(Self { raw, value })
    }

    fn field(&self, key: &'static str) -> Option<&str> {
        self.value.get(key).and_then(Value::as_str)
    }
}

/// What an event asks to read again.
enum Again {
    Object(String),
    RefundsOf(String),
}

impl StripeConnection {
    /// A sync begins. What an earlier one has read again may not have been kept, so that nothing is spared.
    pub fn begin_sync(&self) {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The limiter that reading and posting share.
    #[must_use]
    pub fn limiter(&self) -> &crate::kit::Limiter {
        self.client.http().limiter()
    }

    /// A connection; nothing is sent yet.
    ///
    /// # Errors
    /// `test_live_mismatch`, `auth_failed` for an empty key, `bad_address`, `insecure_address`.
    pub fn new(options: StripeOptions) -> Result<Self, VendorFailure> {
        let client = Arc::new(Client::new(&options)?);
        let key = options.key.expose();
        let live_key = match (key.contains("_live_"), key.contains("_test_")) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        };
        Ok(Self {
            client,
            offer: options.offer,
            live_key,
            base_url: options.base_url,
            links: tokio::sync::Mutex::default(),
            seen: Mutex::default(),
        })
    }

    /// Where a scan begins.
    async fn start(&self, request: &PageRequest) -> Result<Place, VendorFailure> {
        let now = self.client.http().world().clock.now();
        if request.resource == Resource::Usage {
            return usage::start(request, now);
        }
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remove(&request.resource);
        // By Stripe's clock, not by ours: what happens from now on is this event's time or later.
        let newest = if self.offer.events { self.client.newest_event().await? } else { None };
        let started = newest.unwrap_or_else(|| seconds(now));
        let resume: Option<Resume> = request.resume.as_ref().map(cursor::read).transpose()?;
        if let Some(Resume { from }) = resume {
            // A balance transaction never changes and has no events: by creation.
            if request.resource == Resource::Fees && self.offer.created_filter {
                return Ok(Place::List { after: None, since: Some(from - OVERLAP), started });
            }
            if request.resource != Resource::Fees && self.offer.events && seconds(now) - from <= EVENTS_REACH
            {
                return Ok(Place::Events { after: None, from: from - OVERLAP, started });
            }
        }
        let since = match request.resource {
            // An old customer or subscription may stand behind a new invoice.
            Resource::Customers | Resource::Subscriptions => None,
            _ if self.offer.created_filter => request.since.map(seconds),
            _ => None,
        };
        Ok(Place::List { after: None, since, started })
    }

    async fn list_page(
        &self,
        resource: Resource,
        after: Option<String>,
        since: Option<i64>,
        started: i64,
    ) -> Result<Page<Canonical>, VendorFailure> {
        let mut query = Vec::new();
        if resource == Resource::Subscriptions {
            query.push(("status", "all".to_owned()));
        }
        if let Some(since) = since {
            query.push(("created[gte]", since.to_string()));
        }
        let list = self.client.list(&format!("/v1/{}", name(resource)), &query, after.as_deref()).await?;
        let last = list.items.last().map(|raw| id_of(raw)).transpose()?;
        let next = match last {
            Some(last) if list.has_more => {
                if Some(&last) == after.as_ref() {
                    return Err(unreadable("a list", "a page ends with the object that it should follow"));
                }
                Some(cursor::write(&Place::List { after: Some(last), since, started })?)
            }
            _ => None,
        };
        let objects = list.items.into_iter().map(|raw| Object::parse(raw.get().to_owned()));
        let objects = objects.collect::<Result<Vec<_>, _>>()?;
        let contexts = self.contexts(resource, &objects, Some(started)).await?;
        self.finish(resource, list.answer, objects, contexts, next, started)
    }

    /// A page of objects that events name: the events as received, then each object as read again.
    async fn events_page(
        &self,
        resource: Resource,
        after: Option<String>,
        from: i64,
        started: i64,
    ) -> Result<Page<Canonical>, VendorFailure> {
        let query = [("created[gt]", from.to_string())];
        let list = self.client.list("/v1/events", &query, after.as_deref()).await?;
        let last = list.items.last().map(|raw| id_of(raw)).transpose()?;
        let next = match last {
            Some(last) if list.has_more && Some(&last) != after.as_ref() => {
                Some(cursor::write(&Place::Events { after: Some(last), from, started })?)
            }
            _ => None,
        };
        let mut again = Vec::new();
        for raw in &list.items {
            let event: Value = serde_json::from_str(raw.get()).unwrap_or(Value::Null);
            again.extend(named_by(resource, &event).filter(|one| self.first_time(resource, one)));
        }
        let client = Arc::clone(&self.client);
        let path = name(resource);
        let read = gather(again, move |one| read_again(Arc::clone(&client), path, one)).await?;
        let mut answer = list.answer;
        let objects =
            read.into_iter().flatten().map(Object::parse).collect::<Result<Vec<_>, VendorFailure>>()?;
        answer.request = format!("{}; then GET /v1/{path}/… for {} objects", answer.request, objects.len());
        for object in &objects {
            answer.body.push(b'\n');
            answer.body.extend_from_slice(object.raw.as_bytes());
        }
        let contexts = self.contexts(resource, &objects, None).await?;
        self.finish(resource, answer, objects, contexts, next, started)
    }

    fn first_time(&self, resource: Resource, one: &Again) -> bool {
        let key = match one {
            Again::Object(id) => id.clone(),
            Again::RefundsOf(charge) => format!("refunds of {charge}"),
        };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.entry(resource).or_default().insert(key)
    }

    fn finish(
        &self,
        resource: Resource,
        answer: Answer,
        objects: Vec<Object>,
        contexts: Vec<(Context, String)>,
        next: Option<crate::Cursor>,
        started: i64,
    ) -> Result<Page<Canonical>, VendorFailure> {
        let mut builder = PageBuilder::new(answer);
        for (object, (context, more)) in objects.into_iter().zip(contexts) {
            let id = object.field("id").unwrap_or("?").to_owned();
            match decode(resource, &object.value, &context).transpose() {
                Some(item) => builder.push(id, &format!("{}{more}", object.raw), item),
                None => builder.skip(),
            }
        }
        let resume = match next {
            Some(_) => None,
            None => Some(cursor::write(&Resume { from: started })?),
        };
        Ok(builder.finish(next, resume))
    }

    /// What each object needs from other reads, with those bytes. `scan` is the time of a full scan.
    async fn contexts(
        &self,
        resource: Resource,
        objects: &[Object],
        scan: Option<i64>,
    ) -> Result<Vec<(Context, String)>, VendorFailure> {
        let numbers = self.offer.invoice_numbers;
        let mut contexts: Vec<(Context, String)> =
            objects.iter().map(|_| (Context { numbers, ..Context::default() }, String::new())).collect();
        match resource {
            Resource::Invoices => {
                self.learn_links(objects).await;
                self.add_lines(resource, objects, &mut contexts).await?;
            }
            Resource::CreditNotes => {
                self.add_lines(resource, objects, &mut contexts).await?;
                self.add_sources(objects, &mut contexts).await?;
            }
            Resource::Payments => self.add_invoices(objects, &mut contexts, scan).await?,
            Resource::Customers
            | Resource::Subscriptions
            | Resource::Refunds
            | Resource::Disputes
            | Resource::Fees
            | Resource::Usage
            | Resource::Entries
            | Resource::LedgerCustomers
            | Resource::Periods
            | Resource::Accounts => {}
        }
        Ok(contexts)
    }

    /// Lines beyond those that an object carries.
    async fn add_lines(
        &self,
        resource: Resource,
        objects: &[Object],
        contexts: &mut [(Context, String)],
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
        let client = Arc::clone(&self.client);
        let read = gather(wanted, move |(position, path, after)| {
            let client = Arc::clone(&client);
            async move { Ok((position, client.rest_of(&path, &[], after).await?)) }
        })
        .await?;
        for (position, lines) in read {
            let Some((context, more)) = contexts.get_mut(position) else { continue };
            for raw in lines {
                let line = Object::parse(raw.get().to_owned())?;
                context.more_lines.push(line.value);
                more.push('\n');
                more.push_str(&line.raw);
            }
        }
        Ok(())
    }

    /// The products that credit notes' lines credit: only the invoice's own lines name them.
    async fn add_sources(
        &self,
        objects: &[Object],
        contexts: &mut [(Context, String)],
    ) -> Result<(), VendorFailure> {
        let invoices: HashSet<String> =
            objects.iter().filter_map(|note| note.field("invoice")).map(str::to_owned).collect();
        let client = Arc::clone(&self.client);
        let read = gather(invoices.into_iter().collect(), move |invoice: String| {
            let client = Arc::clone(&client);
            async move {
                match client.rest_of(&format!("/v1/invoices/{invoice}/lines"), &[], None).await {
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
        for (note, (context, _)) in objects.iter().zip(contexts) {
            if let Some(sources) = note.field("invoice").and_then(|id| by_invoice.get(id)) {
                context.source_lines.clone_from(sources);
            }
        }
        Ok(())
    }

    /// Older shapes name the payment on the invoice.
    async fn learn_links(&self, invoices: &[Object]) {
        let mut links = self.links.lock().await;
        for invoice in invoices {
            if let (Some(id), Some(intent)) = (invoice.field("id"), invoice.field("payment_intent")) {
                links.learn(intent, id);
            }
        }
    }

    /// The invoice of each payment, where one can be found.
    async fn add_invoices(
        &self,
        charges: &[Object],
        contexts: &mut [(Context, String)],
        scan: Option<i64>,
    ) -> Result<(), VendorFailure> {
        let mut links = self.links.lock().await;
        if let Some(scan) = scan.filter(|scan| *scan != links.scan) {
            links.scan = scan;
            links.after = None;
            links.exhausted = false;
        }
        for (charge, (context, _)) in charges.iter().zip(contexts) {
            let Some(intent) = charge.field("payment_intent") else { continue };
            while self.offer.invoice_payments && !links.by_intent.contains_key(intent) {
                let (query, after) = match scan {
                    Some(_) if links.exhausted => break,
                    Some(_) => (Vec::new(), links.after.clone()),
                    None => (
                        vec![
                            ("payment[type]", "payment_intent".to_owned()),
                            ("payment[payment_intent]", intent.to_owned()),
                        ],
                        None,
                    ),
                };
                let list = match self.client.list("/v1/invoice_payments", &query, after.as_deref()).await {
                    // An account whose version lacks the filter: the link is a convenience, no condition.
                    Err(failure) if scan.is_none() && failure.code == "rejected" => break,
                    end => end?,
                };
                let last = list.items.last().map(|raw| id_of(raw)).transpose()?;
                for raw in &list.items {
                    let link: Value = serde_json::from_str(raw.get()).unwrap_or(Value::Null);
                    let of = link.pointer("/payment/payment_intent").and_then(Value::as_str);
                    if let (Some(of), Some(invoice)) = (of, link.get("invoice").and_then(Value::as_str)) {
                        links.learn(of, invoice);
                    }
                }
                if scan.is_none() {
                    break;
                }
                links.exhausted = !list.has_more || last.is_none();
                links.after = last;
            }
            context.invoice = links.by_intent.get(intent).cloned();
        }
        Ok(())
    }
}

impl Links {
    fn learn(&mut self, intent: &str, invoice: &str) {
        if self.by_intent.len() < MOST_LINKS {
            self.by_intent.insert(intent.to_owned(), invoice.to_owned());
        }
    }
}

/// What an event asks to read again for `resource`.
fn named_by(resource: Resource, event: &Value) -> impl Iterator<Item = Again> {
    let object = event.pointer("/data/object");
    let text = |key: &str| object.and_then(|o| o.get(key)).and_then(Value::as_str);
    let wanted = match resource {
        Resource::Customers => "customer",
        Resource::Subscriptions => "subscription",
        Resource::Invoices => "invoice",
        Resource::CreditNotes => "credit_note",
        Resource::Payments => "charge",
        Resource::Refunds => "refund",
        Resource::Disputes => "dispute",
        Resource::Fees
        | Resource::Usage
        | Resource::Entries
        | Resource::LedgerCustomers
        | Resource::Periods
        | Resource::Accounts => "",
    };
    let refunded = event.get("type").and_then(Value::as_str) == Some("charge.refunded");
    let again = match (text("object"), text("id")) {
        (Some(object), Some(id)) if object == wanted => Some(Again::Object(id.to_owned())),
        // Older accounts tell of a refund only by its charge.
        (Some("charge"), Some(id)) if resource == Resource::Refunds && refunded => {
            Some(Again::RefundsOf(id.to_owned()))
        }
        _ => None,
    };
    again.into_iter()
}

/// The object as it is now; nothing where it was deleted (a draft).
async fn read_again(client: Arc<Client>, path: &str, one: Again) -> Result<Vec<String>, VendorFailure> {
    match one {
        Again::Object(id) => {
            let answer = client.object(&format!("/v1/{path}/{id}")).await?;
            let Some(answer) = answer else { return Ok(Vec::new()) };
            let text = String::from_utf8(answer.body).map_err(|_| unreadable(&id, "it is no UTF-8"))?;
            Ok(vec![text])
        }
        Again::RefundsOf(charge) => {
            let refunds = client.rest_of("/v1/refunds", &[("charge", charge)], None).await?;
            Ok(refunds.into_iter().map(|raw| raw.get().to_owned()).collect())
        }
    }
}

#[async_trait]
impl BillingSource for StripeConnection {
    fn offers(&self) -> &[Resource] {
        &self.offer.resources
    }

    async fn page(&self, request: &PageRequest) -> Result<Page<Canonical>, VendorFailure> {
        let resource = request.resource;
        if !self.offer.resources.contains(&resource) {
            return Err(VendorFailure::terminal(
                "not_offered",
                format!("this Stripe connection does not list {}", name(resource)),
            ));
        }
        let place = match &request.next {
            Some(next) => cursor::read(next)?,
            None => self.start(request).await?,
        };
        match place {
            Place::List { after, since, started } => self.list_page(resource, after, since, started).await,
            Place::Events { after, from, started } => self.events_page(resource, after, from, started).await,
            Place::Usage(place) => usage::page(&self.client, place).await,
        }
    }

    async fn test(&self) -> Result<AccountIdentity, VendorFailure> {
        if !self.offer.account {
            self.client.list("/v1/customers", &[], None).await?;
            return Ok(AccountIdentity { tenant: self.base_url.clone(), name: None, live: self.live_key });
        }
        let answer = self.client.object("/v1/account").await?;
        let answer =
            answer.ok_or_else(|| unreadable("/v1/account", "Stripe knows no account of this key"))?;
        let account: Value = serde_json::from_slice(&answer.body)
            .map_err(|error| unreadable("/v1/account", &format!("it is no JSON ({error})")))?;
        let field = Field::root(&account, "account");
        let drift = |rejection: crate::Rejection| unreadable("/v1/account", &rejection.to_string());
        Ok(AccountIdentity {
            tenant: field.get("id").id().map_err(drift)?,
            name: field.get("business_profile").get("name").maybe_text().map_err(drift)?.map(str::to_owned),
            live: self.live_key,
        })
    }
}
