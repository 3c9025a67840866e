//! Booking in NetSuite: one call under an external id that the vendor keeps unique among journals.
//!
//! `X-NetSuite-Idempotency-Key` is documented for asynchronous requests only, and `PUT …/eid:KEY` would edit
//! a posted journal: neither is used.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use async_trait::async_trait;
use chrono::NaiveDate;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tieout_domain::{
    calendar::Subledger,
    failure::VendorFailure,
    ledger::{LedgerEntry, PeriodReading},
};
use tokio::time::Instant;

use super::{
    client::unreadable,
    connection::{AT_ONCE, NetSuiteConnection},
    decode, journal,
    scan::drifted,
    suiteql,
};
use crate::{
    kit::{Answer, Field},
    traits::{
        BookRequest, CustomerRequest, Each, Found, LedgerPoster, Lookup, PeriodAsked, PeriodCheck, Protocol,
        Receipt,
    },
};

impl NetSuiteConnection {
    /// A journal by id or `eid:KEY`, straight from the record service (never from a search index).
    async fn journal(&self, id: &str) -> Result<Option<LedgerEntry>, VendorFailure> {
        let Some(answer) = self.client.record(&format!("journalEntry/{id}")).await? else { return Ok(None) };
        let value: Value = serde_json::from_slice(&answer.body)
            .map_err(|error| unreadable("a journal", &format!("it is no JSON ({error})")))?;
        let place = format!("journalEntry/{id}");
        let field = Field::root(&value, &place);
        if decode::is_cut(field).map_err(drifted)? {
            let id = field.get("id").id().map_err(drifted)?;
            return self.cut_journal(&id).await.map(Some);
        }
        let names = |key| field.get(key).maybe_id().ok().flatten().unwrap_or_default();
        let (period, currency) = (names("postingPeriod"), names("currency"));
        let accounts: Vec<String> = field
            .get("line")
            .get("items")
            .items()
            .unwrap_or_default()
            .into_iter()
            .filter_map(|item| item.get("account").maybe_id().ok().flatten())
            .collect();
        let chart = self
            .chart
            .with(&self.client, self.home_currency, |chart| {
                chart.period_key(&period).is_some()
                    && (chart.currency(&currency).is_some() || !chart.features().currencies)
                    && accounts.iter().all(|id| chart.number(id).is_some())
            })
            .await?;
        decode::record(field, &chart).map(Some).map_err(|r| unreadable(&place, &r.to_string()))
    }

    /// A journal of whose lines the record service shows only some: all of them are read by a query, which
    /// may lag behind the record.
    async fn cut_journal(&self, id: &str) -> Result<LedgerEntry, VendorFailure> {
        self.entry_of(id).await?.ok_or_else(|| {
            VendorFailure::retryable(
                "listing_lags",
                format!(
                    "journal {id} has more lines than its record shows, and is in no list yet: try again"
                ),
            )
        })
    }

    async fn customer_id(&self, external: &str) -> Result<Option<String>, VendorFailure> {
        let ask = |all| self.customer_ids(all);
        if let Some(id) = self.customers.ask(external.to_owned(), ask).await? {
            return Ok(Some(id));
        }
        // The list may lag. Only these characters are safe in `eid:`; a pipe, for one, separates ids there.
        if !external.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
            return Ok(None);
        }
        let Some(answer) = self.client.record(&format!("customer/eid:{external}")).await? else {
            return Ok(None);
        };
        let value: Value = serde_json::from_slice(&answer.body)
            .map_err(|error| unreadable("a customer", &format!("it is no JSON ({error})")))?;
        Field::root(&value, "customer").get("id").id().map(Some).map_err(drifted)
    }

    async fn customer_ids(&self, externals: Vec<String>) -> Each<Option<String>> {
        let rows = self.client.query_all(|after| suiteql::customers_of(&externals, after)).await?;
        let mut known: HashMap<String, String> = HashMap::new();
        for row in &rows.items {
            let field = Field::root(&row.value, "customer");
            let (id, external) = (field.get("id").id(), field.get("externalid").id());
            known.entry(external.map_err(drifted)?).or_insert(id.map_err(drifted)?);
        }
        Ok(externals.iter().map(|external| Ok(known.get(external).cloned())).collect())
    }

    /// What a query shows of the keys and names of each look-up.
    async fn found(&self, lookups: &[Lookup]) -> Result<Vec<Found>, VendorFailure> {
        let mut found: Vec<Found> = lookups.iter().map(|_| Found::default()).collect();
        let reading = self.reading().await?;
        let mut after = Some(0);
        while let Some(from) = after {
            let sql = suiteql::entries_like(lookups, from, reading);
            let (mut rows, rest) = self.whole_entries(&sql, reading).await?;
            for one in self.entries_of(&mut rows).await? {
                // An entry that cannot be read must never pass for one that is not there.
                let entry = one.item.map_err(drifted)?;
                for (lookup, found) in lookups.iter().zip(&mut found) {
                    if entry.external_id.as_deref() == Some(lookup.key.as_str()) {
                        found.by_key.push(entry.clone());
                    } else if lookup.all_names().any(|name| entry.is_named(name)) {
                        found.by_reference.push(entry.clone());
                    }
                }
            }
            after = rest;
        }
        Ok(found)
    }

    /// What our key holds by the record itself: a list could lag behind what was just committed.
    async fn with_its_record(&self, lookup: &Lookup, mut found: Found) -> Result<Found, VendorFailure> {
        if lookup.sent && found.by_key.is_empty() {
            found.by_key.extend(self.journal(&format!("eid:{}", lookup.key)).await?);
        }
        Ok(found)
    }
}

fn unknown_period(date: NaiveDate) -> VendorFailure {
    VendorFailure::terminal(
        "unknown_period",
        format!(
            "NetSuite has no accounting period that holds {date}: set it up there, or choose another date"
        ),
    )
}

/// The id at the end of a `Location`.
fn created_id(answer: &Answer) -> Option<String> {
    let location = answer.location.as_deref()?;
    let id = location.rsplit('/').next()?;
    (!id.is_empty() && id.bytes().all(|b| b.is_ascii_digit())).then(|| id.to_owned())
}

fn not_drafts() -> VendorFailure {
    VendorFailure::terminal(
        "not_offered",
        "NetSuite books in one call: there are no drafts to post or delete",
    )
}

#[async_trait]
impl LedgerPoster for NetSuiteConnection {
    fn protocol(&self) -> Protocol {
        Protocol::UniqueKey
    }

    fn tenant(&self) -> &str {
        &self.account
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }

    async fn periods_of(&self, asked: &[PeriodAsked]) -> Each<PeriodCheck> {
        let dates: BTreeSet<NaiveDate> = asked.iter().map(|asked| asked.date).collect();
        let dates: Vec<NaiveDate> = dates.into_iter().collect();
        let rows = self.client.query_all(|after| suiteql::periods(&dates, after)).await?;
        let mut periods = Vec::with_capacity(rows.items.len());
        for row in &rows.items {
            let period = decode::period(Field::root(&row.value, "accountingperiod"), self.zone);
            periods.extend(period.map_err(drifted)?);
        }
        let holding = |asked: &PeriodAsked| {
            let holds = |period: &&PeriodReading| (period.starts..=period.ends).contains(&asked.date);
            let period = periods.iter().find(holds).ok_or_else(|| unknown_period(asked.date))?.clone();
            let accepts = period.status.accepts(Subledger::Ar);
            Ok(PeriodCheck { period, accepts })
        };
        Ok(asked.iter().map(holding).collect())
    }

    async fn find_all(&self, lookups: &[Lookup]) -> Each<Found> {
        let found = self.found(lookups).await?;
        let each = lookups.iter().zip(found).map(|(lookup, found)| self.with_its_record(lookup, found));
        Ok(join_all(each).await)
    }

    async fn create(&self, request: &BookRequest, within: Duration) -> Result<Receipt, VendorFailure> {
        let leaves_by = Instant::now() + within;
        let entry = &request.entry;
        let chart = self
            .chart
            .with(&self.client, self.home_currency, |chart| {
                chart.period_id(entry.period()).is_some()
                    && (chart.currency_id(entry.currency()).is_some() || !chart.features().currencies)
                    && entry.lines().iter().all(|line| chart.account(&line.account).is_some())
            })
            .await?;
        // As it was approved; the connection's own only where an earlier version did not keep it.
        let approve = request.options.get("approve").unwrap_or(&self.approve);
        let body = journal::body(request, &chart, approve)?;
        let answer = self.client.create("journalEntry", &body, Some(leaves_by)).await?;
        Ok(Receipt {
            erp_id: created_id(&answer),
            request_id: answer.request_id.clone(),
            transcript: answer.transcript(&body),
        })
    }

    async fn post_draft(&self, _erp_id: &str, _within: Duration) -> Result<Receipt, VendorFailure> {
        Err(not_drafts())
    }

    async fn delete_draft(&self, _erp_id: &str) -> Result<Receipt, VendorFailure> {
        Err(not_drafts())
    }

    async fn read_back(&self, erp_id: &str) -> Result<Option<LedgerEntry>, VendorFailure> {
        // A part of a journal over several subsidiaries, or a record of another type, is no journal of ours:
        // the query shows it as a scan does.
        if decode::split_id(erp_id).1.is_none()
            && let Some(journal) = self.journal(erp_id).await?
        {
            return Ok(Some(journal));
        }
        self.entry_of(erp_id).await
    }

    async fn read_booked(&self, erp_ids: &[String]) -> Each<Option<LedgerEntry>> {
        let listed = self.entries_by_id(erp_ids).await?;
        let each = erp_ids.iter().zip(listed).map(|(erp_id, entry)| async move {
            match entry {
                Some(entry) => Ok(Some(entry)),
                // The list lags behind the record.
                None => self.read_back(erp_id).await,
            }
        });
        Ok(join_all(each).await)
    }

    async fn ensure_customer(&self, customer: &CustomerRequest) -> Result<String, VendorFailure> {
        if let Some(id) = self.customer_id(&customer.external_id).await? {
            return Ok(id);
        }
        let mut body = json!({
            "externalId": customer.external_id,
            "companyName": customer.name,
            "isPerson": false,
            "subsidiary": { "id": customer.entity_erp_id },
        });
        if let (false, Value::Object(fields)) = (self.chart().await?.features().one_world, &mut body) {
            fields.remove("subsidiary");
        }
        let body = body.to_string();
        let created = match self.client.create("customer", &body, None).await {
            Ok(answer) => created_id(&answer),
            // Another desk was there first.
            Err(failure) if failure.code == "duplicate_external_id" => None,
            Err(failure) => return Err(failure),
        };
        if let Some(id) = created {
            return Ok(id);
        }
        self.customer_id(&customer.external_id).await?.ok_or_else(|| {
            VendorFailure::unknown(
                "customer_in_doubt",
                format!(
                    "NetSuite neither has nor takes a customer with external id {}",
                    customer.external_id
                ),
            )
        })
    }
}
