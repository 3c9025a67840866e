//! Scans of Stripe's lists and events.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use serde_json::Value;
use tieout_domain::{
    absence::{Absence, Listed, Scope},
    document::{Canonical, DocumentKind},
    failure::VendorFailure,
    unread::Concerns,
};

use super::{
    amount::{currency, maybe_amount},
    besides::{self, Links, Object, Read},
    client::{Client, RESTARTS, StripeClock, gather, id_of, moving, unreadable},
    cursor::{self, DAY, EVENTS_REACH, EventsPlace, ListPlace, OVERLAP, Place, Resume, seconds},
    decode::{decode, name},
    events::{Again, named_by, types_of},
    options::{Offer, StripeOptions},
    outside,
    sheet::CURSOR_GONE,
    usage,
};
use crate::{
    connector::Limited,
    kit::{Answer, Field, Limiter, PageBuilder},
    traits::{AccountIdentity, BillingSource, Cursor, Page, PageRequest, Rejection, Reread, Resource},
};

/// One Stripe account.
pub struct StripeConnection {
    pub(super) client: Arc<Client>,
    pub(super) offer: Offer,
    live_key: Option<bool>,
    /// A production account: issued documents are never deleted there, only drafts.
    live: bool,
    base_url: String,
    links: tokio::sync::Mutex<Links>,
    seen: Mutex<HashMap<Resource, Seen>>,
}

/// Objects that a scan of events has read again, each with the page (by the event that it follows) on which
/// it did. Only to spare calls: a page that is asked for again reads its objects again, because nobody knows
/// whether it was kept the first time.
#[derive(Default)]
struct Seen {
    scan: String,
    read_on: HashMap<String, Option<String>>,
}

impl Limited for StripeConnection {
    fn limiter(&self) -> &Limiter {
        self.client.http().limiter()
    }
}

impl StripeConnection {
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
            live: options.live,
            base_url: options.base_url,
            links: tokio::sync::Mutex::default(),
            seen: Mutex::default(),
        })
    }

    /// Stripe's clock, where the account has events; nothing is asked otherwise.
    async fn clock(&self) -> Result<StripeClock, VendorFailure> {
        match self.offer.events {
            true => self.client.clock().await,
            false => Ok(StripeClock { now: None, newest_event: None }),
        }
    }

    /// From when on what happens is the next scan's, by Stripe's clock and not by ours: its newest event's
    /// time, but on a quiet account no more than a day ago, or the events would soon not reach back to it.
    fn begins(&self, clock: StripeClock) -> i64 {
        match (clock.now, clock.newest_event) {
            (Some(now), Some(newest)) => newest.max(now - DAY),
            (Some(at), None) | (None, Some(at)) => at,
            // Without events a scan reads everything each time, and nothing begins here.
            (None, None) => seconds(self.client.http().world().clock.now()),
        }
    }

    /// Where a scan begins.
    async fn start(&self, request: &PageRequest) -> Result<Place, VendorFailure> {
        let clock = self.clock().await?;
        if request.resource == Resource::Usage {
            return Ok(usage::start(request, clock.now.unwrap_or_else(|| self.begins(clock))));
        }
        let started = self.begins(clock);
        let resume: Option<Resume> = request.resume.as_ref().and_then(cursor::read);
        if let Some(Resume { from }) = resume {
            // A balance transaction never changes and has no events: by creation.
            if request.resource == Resource::Fees && self.offer.created_filter {
                let since = Some(from - OVERLAP);
                return Ok(Place::List(ListPlace { since, started, ..ListPlace::default() }));
            }
            if request.resource != Resource::Fees && reaches(clock.now, from) {
                return Ok(Place::Events(self.events_from(from - OVERLAP, started)));
            }
        }
        let mut place = self.full(request, started);
        let of_clocks = matches!(request.resource, Resource::Customers | Resource::Subscriptions);
        // A live account has no test clocks.
        if of_clocks && self.offer.test_clocks && !self.live && self.live_key != Some(true) {
            place.clocks = besides::test_clocks(&self.client).await?;
        }
        Ok(Place::List(place))
    }

    /// A scan of all there is.
    fn full(&self, request: &PageRequest, started: i64) -> ListPlace {
        let since = match request.resource {
            // An old customer or subscription may stand behind a new invoice.
            Resource::Customers | Resource::Subscriptions => None,
            _ if self.offer.created_filter => request.since.map(seconds),
            _ => None,
        };
        ListPlace { since, started, ..ListPlace::default() }
    }

    fn events_from(&self, from: i64, started: i64) -> EventsPlace {
        EventsPlace { after: None, from, started, id: self.client.http().world().nonce() }
    }

    /// Where a scan goes on whose place Stripe no longer knows.
    async fn restarted(&self, request: &PageRequest, place: Place) -> Result<Place, VendorFailure> {
        Ok(match place {
            Place::List(place) => Place::List(place.without_its_object(self.offer.created_filter)),
            Place::Events(place) => {
                let clock = self.clock().await?;
                match reaches(clock.now, place.from) {
                    true => Place::Events(self.events_from(place.from, place.started)),
                    // What happened in between can no longer be told: everything is read.
                    false => Place::List(self.full(request, self.begins(clock))),
                }
            }
            Place::Usage(place) => Place::Usage(place.without_its_place(self.offer.created_filter)),
        })
    }

    async fn page_at(&self, request: &PageRequest, place: Place) -> Result<Page<Canonical>, VendorFailure> {
        match place {
            Place::List(place) => self.list_page(request.resource, place).await,
            Place::Events(place) => self.events_page(request.resource, place).await,
            Place::Usage(place) => usage::page(&self.client, place).await,
        }
    }

    async fn list_page(
        &self,
        resource: Resource,
        place: ListPlace,
    ) -> Result<Page<Canonical>, VendorFailure> {
        let mut query = Vec::new();
        if resource == Resource::Subscriptions {
            query.push(("status", "all".to_owned()));
        }
        if self.offer.expands && carries_balance(resource) {
            query.push(("expand[]", "data.balance_transaction".to_owned()));
        }
        if resource == Resource::OutsidePayments {
            query.push(("payment[type]", "payment_record".to_owned()));
        }
        query.extend(place.clock.clone().map(|clock| ("test_clock", clock)));
        query.extend(place.since.map(|since| ("created[gte]", since.to_string())));
        query.extend(place.until.map(|until| ("created[lte]", until.to_string())));
        let path = format!("/v1/{}", name(resource));
        let list = self.client.list(&path, &query, place.after.as_deref()).await?;
        let last = list.items.last().map(|raw| id_of(raw)).transpose()?;
        let objects = list.items.into_iter().map(|raw| Object::parse(raw.get().to_owned()));
        let objects = objects.collect::<Result<Vec<_>, _>>()?;
        let started = place.started;
        let next = match last {
            Some(last) if list.has_more => {
                if Some(&last) == place.after.as_ref() {
                    return Err(unreadable("a list", "a page ends with the object that it should follow"));
                }
                let at = objects.last().and_then(Object::created);
                Some(ListPlace { after: Some(last), at, ..place })
            }
            _ => place.next_clock(),
        };
        let next = next.map(|next| cursor::write(&Place::List(next))).transpose()?;
        let contexts = self.contexts(resource, &objects, Some(started)).await?;
        self.finish(resource, list.answer, objects, contexts, next, started)
    }

    /// A page of objects that events name: the events as received, then each object as read again.
    async fn events_page(
        &self,
        resource: Resource,
        place: EventsPlace,
    ) -> Result<Page<Canonical>, VendorFailure> {
        let mut query = vec![("created[gt]", place.from.to_string())];
        query.extend(types_of(resource).iter().map(|of| ("types[]", (*of).to_owned())));
        let list = self.client.list("/v1/events", &query, place.after.as_deref()).await?;
        if !reaches(list.answer.vendor_clock.map(seconds), place.from) {
            // The older ones, which come last, may be gone already: an end would be no end.
            return Err(VendorFailure::terminal(
                CURSOR_GONE,
                "Stripe's events no longer reach back that far",
            ));
        }
        let last = list.items.last().map(|raw| id_of(raw)).transpose()?;
        let started = place.started;
        let next = match last {
            Some(last) if list.has_more && Some(&last) != place.after.as_ref() => {
                Some(cursor::write(&Place::Events(EventsPlace { after: Some(last), ..place.clone() }))?)
            }
            _ => None,
        };
        let mut named = HashSet::new();
        let mut again = Vec::new();
        for raw in &list.items {
            let event: Value = serde_json::from_str(raw.get()).unwrap_or(Value::Null);
            let one = named_by(resource, &event).filter(|one| named.insert(one.clone()));
            again.extend(one.filter(|one| self.is_due(resource, &place, one)));
        }
        for one in &again {
            if let Again::ChargesOf(intent) = one {
                self.links.lock().await.forget(intent);
            }
        }
        let client = Arc::clone(&self.client);
        let (path, whole) = (name(resource), self.offer.expands && carries_balance(resource));
        let read = gather(again, move |one| read_again(Arc::clone(&client), (path, whole), one)).await?;
        let mut answer = list.answer;
        let objects =
            read.into_iter().flatten().map(Object::parse).collect::<Result<Vec<_>, VendorFailure>>()?;
        let mut ids = HashSet::new();
        let objects: Vec<Object> = objects.into_iter().filter(|one| ids.insert(one.id())).collect();
        answer.request = format!("{}; then GET /v1/{path}/… for {} objects", answer.request, objects.len());
        for object in &objects {
            answer.body.push(b'\n');
            answer.body.extend_from_slice(object.raw.as_bytes());
        }
        let contexts = self.contexts(resource, &objects, None).await?;
        self.finish(resource, answer, objects, contexts, next, started)
    }

    /// The page with what it proves, where it goes on in a list of everything that has come up to `after`.
    fn proven(&self, page: Page<Canonical>, after: Option<String>) -> Page<Canonical> {
        let next: Option<Place> = page.next.as_ref().and_then(cursor::read);
        let scope = Scope { drafts_only: self.live, ..Scope::default() };
        let through = next.and_then(|next| next.listed());
        let listed = after.map(|after| Listed { after, through, scope });
        Page { absence: Absence { listed, deleted: Vec::new() }, ..page }
    }

    /// True where no other page of this scan has read the object again already.
    fn is_due(&self, resource: Resource, place: &EventsPlace, one: &Again) -> bool {
        let mut seen = self.seen();
        let seen = seen.entry(resource).or_default();
        if seen.scan != place.id {
            *seen = Seen { scan: place.id.clone(), read_on: HashMap::new() };
        }
        *seen.read_on.entry(one.key()).or_insert_with(|| place.after.clone()) == place.after
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<Resource, Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(
        &self,
        resource: Resource,
        answer: Answer,
        objects: Vec<Object>,
        contexts: Vec<Read>,
        next: Option<Cursor>,
        started: i64,
    ) -> Result<Page<Canonical>, VendorFailure> {
        let mut builder = PageBuilder::new(answer);
        for (object, read) in objects.into_iter().zip(contexts) {
            take(&mut builder, resource, (&object, &read));
        }
        let resume = match next {
            Some(_) => None,
            None => Some(cursor::write(&Resume { from: started })?),
        };
        Ok(builder.finish(next, resume))
    }

    /// # Errors
    /// `not_offered`.
    pub(super) fn must_offer(&self, resource: Resource) -> Result<(), VendorFailure> {
        if self.offer.resources.contains(&resource) {
            return Ok(());
        }
        Err(VendorFailure::terminal(
            "not_offered",
            format!("this Stripe connection does not list {}", name(resource)),
        ))
    }

    /// What each object needs from other reads, with those bytes. `scan` is the time of a full scan.
    pub(super) async fn contexts(
        &self,
        resource: Resource,
        objects: &[Object],
        scan: Option<i64>,
    ) -> Result<Vec<Read>, VendorFailure> {
        let mut reads: Vec<Read> = objects.iter().map(|_| Read::new(self.offer.invoice_numbers)).collect();
        match resource {
            Resource::Invoices => {
                self.links.lock().await.learn_from(objects);
                besides::add_lines(&self.client, resource, objects, &mut reads).await?;
                if self.offer.invoice_payments {
                    let balances = self.offer.customer_balances;
                    besides::add_settlements(&self.client, balances, objects, &mut reads).await?;
                }
            }
            Resource::OutsidePayments => besides::add_records(&self.client, objects, &mut reads).await?,
            Resource::CreditNotes => {
                besides::add_lines(&self.client, resource, objects, &mut reads).await?;
                besides::add_sources(&self.client, objects, &mut reads).await?;
            }
            Resource::Payments if self.offer.invoice_payments => {
                self.links.lock().await.add_invoices(&self.client, objects, &mut reads, scan).await?;
            }
            Resource::Payments => self.links.lock().await.add_known(objects, &mut reads),
            Resource::Customers
            | Resource::Subscriptions
            | Resource::Refunds
            | Resource::Disputes
            | Resource::Fees
            | Resource::Payouts
            | Resource::Usage
            | Resource::Entries
            | Resource::LedgerCustomers
            | Resource::TrialBalance
            | Resource::Periods
            | Resource::Accounts => {}
        }
        Ok(reads)
    }
}

/// True for what carries the balance transaction by which it is dated.
pub(super) fn carries_balance(resource: Resource) -> bool {
    matches!(resource, Resource::Payments | Resource::Refunds)
}

/// Puts on the page what an object says, and what was read besides it.
pub(super) fn take(
    builder: &mut PageBuilder<Canonical>,
    resource: Resource,
    (object, read): (&Object, &Read),
) {
    let id = object.id();
    let raw = format!("{}{}", object.raw, read.more);
    match decode(resource, &object.value, &read.context) {
        Ok(items) if items.is_empty() => builder.skip(),
        Ok(items) => items.into_iter().for_each(|item| builder.push(known_by(&item, &id), &raw, Ok(item))),
        Err(why) => builder.push_about(concerns(resource, &object.value), id, &raw, Err(why)),
    }
    for item in &read.balances {
        match outside::balance(Field::root(&item.value, "balance_transactions")) {
            Ok(None) => builder.skip(),
            Ok(Some(one)) => builder.push(item.id(), &item.raw, Ok(Canonical::Document(one))),
            Err(why) => builder.push(item.id(), &item.raw, Err(why)),
        }
    }
}

/// The vendor's id of what an item is, which is the object's but for a document that the object implies.
fn known_by(item: &Canonical, object: &str) -> String {
    match item {
        Canonical::Document(document) => document.external_id.clone(),
        Canonical::Usage(usage) => usage.external_id.clone(),
        Canonical::Customer(_) | Canonical::Subscription(_) | Canonical::Movement(_) => object.to_owned(),
    }
}

/// What an object could be about that cannot be read.
fn concerns(resource: Resource, object: &Value) -> Concerns {
    let field = Field::root(object, "object");
    let id = field.get("id").text().unwrap_or_default();
    let mut concerns = Concerns::of(id);
    // Invoices and credit notes are known by their numbers, all else by its id.
    let numbered = matches!(resource, Resource::Invoices | Resource::CreditNotes);
    let numbers = field.get("number").texts();
    concerns.named = !numbered || !numbers.is_empty();
    numbers.iter().chain([&id]).for_each(|name| concerns.name(name));
    for amount in ["total", "amount"] {
        let minor = currency(field).and_then(|currency| maybe_amount(field.get(amount), currency));
        if let Ok(Some(minor)) = minor {
            concerns.amount(minor);
        }
    }
    concerns
}

/// True where Stripe's events reach back to `from`, by Stripe's own clock. A clock that nobody told proves
/// nothing.
fn reaches(now: Option<i64>, from: i64) -> bool {
    now.is_some_and(|now| now - from <= EVENTS_REACH)
}

/// The object as it is now; nothing where it was deleted (a draft).
async fn read_again(
    client: Arc<Client>,
    (path, whole): (&str, bool),
    one: Again,
) -> Result<Vec<String>, VendorFailure> {
    let expand = |what: &str| -> Vec<(&'static str, String)> {
        whole.then(|| ("expand[]", what.to_owned())).into_iter().collect()
    };
    let list = |key, id| {
        let mut query = vec![(key, id)];
        query.extend(expand("data.balance_transaction"));
        query
    };
    match one {
        Again::Object(id) => {
            let answer = client.object(&format!("/v1/{path}/{id}"), &expand("balance_transaction")).await?;
            let Some(answer) = answer else { return Ok(Vec::new()) };
            let text = String::from_utf8(answer.body).map_err(|_| unreadable(&id, "it is no UTF-8"))?;
            Ok(vec![text])
        }
        Again::RefundsOf(charge) => {
            let refunds = client.whole("/v1/refunds", &list("charge", charge)).await?;
            Ok(refunds.into_iter().map(|raw| raw.get().to_owned()).collect())
        }
        Again::ChargesOf(intent) => {
            let charges = client.whole("/v1/charges", &list("payment_intent", intent)).await?;
            Ok(charges.into_iter().map(|raw| raw.get().to_owned()).collect())
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
        self.must_offer(resource)?;
        let mut place = match (request.next.as_ref().and_then(cursor::read), &request.next) {
            (Some(place), _) => place,
            (None, None) => self.start(request).await?,
            (None, Some(_)) => self.start(&PageRequest { resume: None, ..request.clone() }).await?,
        };
        // A list that goes on near to its place reads from there on, and more.
        let mut listed = place.listed();
        for _ in 0..RESTARTS {
            match self.page_at(request, place.clone()).await {
                Err(failure) if failure.code == CURSOR_GONE => {
                    tracing::info!(
                        resource = name(resource),
                        "the place to go on from is gone: reading again"
                    );
                    place = self.restarted(request, place).await?;
                    listed = listed.or_else(|| place.listed());
                }
                Ok(page) => return Ok(self.proven(page, listed)),
                // What an object is made of was deleted while it was read: the page as it is now.
                Err(failure) if failure.code == besides::MOVED => {}
                end => return end,
            }
        }
        Err(moving(name(resource)))
    }

    async fn reread(&self, kind: DocumentKind, external_id: &str) -> Result<Option<Reread>, VendorFailure> {
        self.document_now(kind, external_id).await
    }

    async fn test(&self) -> Result<AccountIdentity, VendorFailure> {
        if !self.offer.account {
            self.client.list("/v1/customers", &[], None).await?;
            let (tenant, live) = (self.base_url.clone(), self.live_key);
            return Ok(AccountIdentity { tenant, name: None, live, capabilities: Vec::new() });
        }
        let answer = self.client.object("/v1/account", &[]).await?;
        let answer =
            answer.ok_or_else(|| unreadable("/v1/account", "Stripe knows no account of this key"))?;
        let account: Value = serde_json::from_slice(&answer.body)
            .map_err(|error| unreadable("/v1/account", &format!("it is no JSON ({error})")))?;
        let field = Field::root(&account, "account");
        let drift = |rejection: Rejection| unreadable("/v1/account", &rejection.to_string());
        Ok(AccountIdentity {
            tenant: field.get("id").id().map_err(drift)?,
            name: field.get("business_profile").get("name").maybe_text().map_err(drift)?.map(str::to_owned),
            live: self.live_key,
            capabilities: Vec::new(),
        })
    }
}
