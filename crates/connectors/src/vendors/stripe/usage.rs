//! Usage: daily summaries per meter and customer. Stripe gives them for one customer of one meter at a
//! time, so the customers are those whose subscriptions have a metered item.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value, value::RawValue};
use tieout_domain::{document::Canonical, failure::VendorFailure};

use super::{
    client::{Client, id_of, unreadable},
    cursor::{self, DAY, Place, Resume, SubscriptionsPlace, UsagePlace, midnight, seconds},
    decode::decode,
    shape::Context,
    sheet::CURSOR_GONE,
};
use crate::{
    kit::{Field, PageBuilder},
    traits::{Page, PageRequest, Rejection, Resource},
};

/// How far back a first scan of usage goes where nobody says: 13 months.
const REACH: i64 = 400 * DAY;
/// Usage may be reported late; the days before the cursor are read again.
const LATE: i64 = 3 * DAY;

/// Where a scan of usage begins: whole days, today (by Stripe's clock, unix seconds) excluded.
pub(super) fn start(request: &PageRequest, now: i64) -> Place {
    let resume: Option<Resume> = request.resume.as_ref().and_then(cursor::read);
    let from = match (resume, request.since) {
        (Some(resume), _) => resume.from - LATE,
        (None, Some(since)) => seconds(since),
        (None, None) => now - REACH,
    };
    Place::Usage(UsagePlace {
        started: now,
        from: midnight(from),
        until: midnight(now),
        ..UsagePlace::default()
    })
}

impl UsagePlace {
    /// The same scan where Stripe no longer knows the subscription that it was to go on after: from that
    /// one's second where lists can be asked so, else from the top. Days that come a second time are what
    /// they were.
    pub(super) fn without_its_place(self, by_creation: bool) -> Self {
        let SubscriptionsPlace { at, created_until, .. } = self.subscriptions;
        let created_until = at.filter(|_| by_creation).or(created_until);
        let subscriptions = SubscriptionsPlace { after: None, at: None, created_until };
        Self { subscriptions, ..self }
    }
}

/// The next page of usage: one answer of summaries, or the last page of subscriptions where no customer is
/// metered.
///
/// # Errors
/// Among others [`CURSOR_GONE`], where the scan cannot go on from `place`.
pub(super) async fn page(
    client: &Arc<Client>,
    mut place: UsagePlace,
) -> Result<Page<Canonical>, VendorFailure> {
    let resume = Some(cursor::write(&Resume { from: place.until })?);
    loop {
        if let Some((meter, customer)) = place.queue.last().cloned() {
            let builder = summaries(client, &mut place, &meter, customer).await?;
            let more = !place.queue.is_empty() || !place.done;
            let next = if more { Some(cursor::write(&Place::Usage(place))?) } else { None };
            let resume = if more { None } else { resume };
            return Ok(builder.finish(next, resume));
        }
        let mut query = vec![("status", "all".to_owned())];
        query.extend(place.subscriptions.created_until.map(|until| ("created[lte]", until.to_string())));
        let after = place.subscriptions.after.as_deref();
        let list = client.list("/v1/subscriptions", &query, after).await?;
        place.queue = metered(client, &list.items).await?;
        if let Some(last) = list.items.last() {
            place.subscriptions.after = Some(id_of(last)?);
            place.subscriptions.at = created(last);
        }
        place.done = !list.has_more || place.from >= place.until;
        if place.from >= place.until {
            place.queue.clear();
        }
        if place.queue.is_empty() && place.done {
            return Ok(PageBuilder::new(list.answer).finish(None, resume));
        }
    }
}

fn created(raw: &RawValue) -> Option<i64> {
    let object: Value = serde_json::from_str(raw.get()).ok()?;
    object.get("created").and_then(Value::as_i64)
}

async fn summaries(
    client: &Arc<Client>,
    place: &mut UsagePlace,
    meter: &str,
    customer: String,
) -> Result<PageBuilder<Canonical>, VendorFailure> {
    let path = format!("/v1/billing/meters/{meter}/event_summaries");
    let query = [
        ("customer", customer.clone()),
        ("start_time", place.from.to_string()),
        ("end_time", place.until.to_string()),
        ("value_grouping_window", "day".to_owned()),
    ];
    let list = match client.list(&path, &query, place.summary.as_deref()).await {
        // The last one is there no more: these summaries are begun again.
        Err(failure) if failure.code == CURSOR_GONE && place.summary.is_some() => {
            place.summary = None;
            client.list(&path, &query, None).await?
        }
        end => end?,
    };
    match list.items.last() {
        Some(last) if list.has_more => place.summary = Some(id_of(last)?),
        _ => {
            place.summary = None;
            place.queue.pop();
        }
    }
    let context = Context { customer: Some(customer), ..Context::default() };
    let mut builder = PageBuilder::new(list.answer);
    for raw in &list.items {
        let object: Value = serde_json::from_str(raw.get()).unwrap_or(Value::Null);
        match decode(Resource::Usage, &object, &context) {
            Ok(items) => {
                for item in items {
                    let id = match &item {
                        Canonical::Usage(usage) => usage.external_id.clone(),
                        _ => id_of(raw)?,
                    };
                    builder.push(id, raw.get(), Ok(item));
                }
            }
            Err(why) => builder.push(id_of(raw)?, raw.get(), Err(why)),
        }
    }
    Ok(builder)
}

/// Meter and customer of each metered item, each pair once.
async fn metered(
    client: &Arc<Client>,
    subscriptions: &[Box<RawValue>],
) -> Result<Vec<(String, String)>, VendorFailure> {
    let mut pairs = BTreeSet::new();
    let mut all: Option<Vec<String>> = None;
    for raw in subscriptions {
        let object: Value = serde_json::from_str(raw.get()).unwrap_or(Value::Null);
        let found = metered_items(Field::root(&object, "subscriptions"));
        let found = found.map_err(|rejection| unreadable("/v1/subscriptions", &rejection.to_string()))?;
        for (customer, meter) in found {
            if let Some(meter) = meter {
                pairs.insert((meter, customer));
                continue;
            }
            if all.is_none() {
                let meters = client.whole("/v1/billing/meters", &[]).await?;
                all = Some(meters.iter().map(|raw| id_of(raw)).collect::<Result<_, _>>()?);
            }
            pairs.extend(all.iter().flatten().map(|meter| (meter.clone(), customer.clone())));
        }
    }
    Ok(pairs.into_iter().collect())
}

/// Customer of each metered item, with its meter where the price names one.
fn metered_items(subscription: Field<'_>) -> Result<Vec<(String, Option<String>)>, Rejection> {
    let mut found = Vec::new();
    for item in subscription.get("items").get("data").items()? {
        for price in [item.get("price").get("recurring"), item.get("plan")] {
            if price.get("usage_type").maybe_text()? == Some("metered") {
                found.push((subscription.get("customer").id()?, price.get("meter").maybe_id()?));
                break;
            }
        }
    }
    Ok(found)
}
