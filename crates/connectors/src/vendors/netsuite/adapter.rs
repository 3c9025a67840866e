//! Reading NetSuite's ledger: scans of journals and customers, periods, the chart of accounts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use async_trait::async_trait;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tieout_domain::{
    absence::{Absence, Listed, Scope},
    failure::VendorFailure,
    ledger::{EntityRef, LedgerAccount, LedgerCustomer, LedgerEntry, PeriodReading},
    unread::Concerns,
};

use super::{
    chart::{Chart, ChartCache},
    client::{Client, Row, Rows, unreadable},
    decode,
    options::NetSuiteOptions,
    sheet::UNKNOWN_TABLE,
    suiteql::{self, CHUNK, Span, with_overlap},
};
use crate::{
    connector::Limited,
    kit::{Field, Limiter, PageBuilder},
    traits::{AccountIdentity, Cursor, LedgerSource, Page, PageRequest, Rejection, Resource, Since},
};

/// One NetSuite account: reads and books through one limiter.
pub struct NetSuiteConnection {
    pub(super) client: Client,
    pub(super) chart: ChartCache,
    pub(super) account: String,
    pub(super) zone: chrono_tz::Tz,
    pub(super) approve: bool,
}

/// Where a scan goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place {
    /// Ids above this.
    after: i64,
    /// Changed at or after, in the account's own time.
    changed: Option<String>,
    /// Created at or after, in the account's own time.
    created: Option<String>,
    /// The newest change when the scan began: what changes later is the next scan's.
    newest: Option<String>,
    /// Last ids of the next pages, already known.
    bounds: Vec<i64>,
}

/// From where the next scan starts, in the account's own time.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Resume {
    changed: Option<String>,
}

impl Limited for NetSuiteConnection {
    fn limiter(&self) -> &Limiter {
        self.client.limiter()
    }
}

impl NetSuiteConnection {
    /// A connection; nothing is sent yet.
    ///
    /// # Errors
    /// `test_live_mismatch` where the account is of the other kind, `bad_address`, `insecure_address`.
    pub fn new(options: NetSuiteOptions) -> Result<Self, VendorFailure> {
        let is_live = is_production(&options.account);
        if is_live != options.live {
            let (is, wants) = if is_live { ("production", "test") } else { ("sandbox", "live") };
            return Err(VendorFailure::terminal(
                "test_live_mismatch",
                format!(
                    "account {} is a {is} account, but the connection is a {wants} one: use another account \
                     or another connection",
                    options.account
                ),
            ));
        }
        Ok(Self {
            client: Client::new(&options)?,
            chart: ChartCache::default(),
            account: options.account,
            zone: options.time_zone,
            approve: options.approve,
        })
    }

    /// Where a scan of `table` goes on or begins. A stored place that says nothing (of an earlier version, or
    /// damaged) begins anew: all is read again, and nothing is lost.
    async fn place(&self, table: &str, request: &PageRequest) -> Result<Place, VendorFailure> {
        let next: Option<Place> = request.next.as_ref().and_then(read_cursor);
        match (next, &request.next) {
            (Some(place), _) => Ok(place),
            (None, None) => self.start(table, request).await,
            (None, Some(_)) => self.start(table, &PageRequest { resume: None, ..request.clone() }).await,
        }
    }

    /// What a full read speaks of: the subsidiaries that the role may see now. An entry of another one may be
    /// there, unseen.
    async fn sees(&self) -> Result<Scope, VendorFailure> {
        let rows = self.client.query_all(suiteql::subsidiaries).await?;
        let seen = rows.items.iter().map(|row| row.id().map(|id| EntityRef::ErpId(id.to_string())));
        Ok(Scope { entities: Some(seen.collect::<Result<_, _>>()?), ..Scope::default() })
    }

    /// Where a scan of `table` begins.
    async fn start(&self, table: &str, request: &PageRequest) -> Result<Place, VendorFailure> {
        let resume: Option<Resume> = request.resume.as_ref().and_then(read_cursor);
        let changed = resume.and_then(|resume| resume.changed);
        let since = changed.as_deref().and_then(with_overlap);
        let changed = changed.filter(|_| since.is_some());
        let created = request
            .since
            .filter(|_| changed.is_none() && table == "transaction")
            .map(|since| since.with_timezone(&self.zone).format(suiteql::CHRONO_TIME).to_string());
        let rows = self.client.query(&suiteql::newest(table)).await?;
        let newest = match rows.items.first() {
            Some(row) => {
                let newest = Field::root(&row.value, table).get("newest").maybe_text();
                newest.map_err(drifted)?.map(str::to_owned)
            }
            None => return Err(unreadable(table, "the answer has no row")),
        };
        Ok(Place { after: 0, newest: newest.or(changed), changed: since, created, bounds: Vec::new() })
    }

    /// Fills in the last ids of the next pages. At the end, where there are none, the answer that says so.
    async fn plan(&self, place: &mut Place) -> Result<Option<Rows>, VendorFailure> {
        if !place.bounds.is_empty() {
            return Ok(None);
        }
        let rows = self.client.query(&suiteql::entry_ids(&place.span(None))).await?;
        if rows.items.is_empty() {
            return Ok(Some(rows));
        }
        let ids = rows.items.iter().map(Row::id).collect::<Result<Vec<_>, _>>()?;
        place.bounds = ids.chunks(CHUNK).filter_map(|chunk| chunk.last().copied()).collect();
        place.bounds.reverse();
        Ok(None)
    }

    /// The rows of whole entries, as many as fit an answer, and after which id there are more. An entry that
    /// an answer's end would cut is left for the next one; one that fills an answer alone is read to its end.
    pub(super) async fn whole_entries(&self, sql: &str) -> Result<(Rows, Option<i64>), VendorFailure> {
        let mut rows = self.client.query(sql).await?;
        if !rows.has_more {
            return Ok((rows, None));
        }
        let last = rows.items.last().map(Row::id).transpose()?;
        let last = last.ok_or_else(|| unreadable("a SuiteQL answer", "it has more rows after none"))?;
        let mut whole = rows.items.len();
        while whole > 0 && rows.items[whole - 1].id()? == last {
            whole -= 1;
        }
        if whole > 0 {
            rows.items.truncate(whole);
            let last = rows.items.last().map(Row::id).transpose()?;
            return Ok((rows, last));
        }
        while rows.has_more {
            let line = rows.items.last().map(|row| row.number("line")).transpose()?.unwrap_or(0);
            rows.extend(self.client.query(&suiteql::lines_of(last, line)).await?);
        }
        self.still_as_read(last, &rows).await?;
        Ok((rows, Some(last)))
    }

    /// An entry of several answers was not changed or deleted between them.
    async fn still_as_read(&self, id: i64, rows: &Rows) -> Result<(), VendorFailure> {
        let now = self.client.query(&suiteql::changed_at(id)).await?;
        let changed = |row: &Row| row.value.get("changed").cloned();
        let same = now.items.first().map(changed) == rows.items.first().map(changed);
        same.then_some(()).ok_or_else(|| {
            VendorFailure::retryable(
                "listing_moves",
                format!("journal {id} was changed or deleted while its many lines were read: sync again"),
            )
        })
    }

    /// The ids that were deleted at or after a time and are no transactions any more. Where the account does
    /// not let us see what was deleted, none: the next full read notices them.
    async fn deleted_since(&self, time: &str) -> Result<Vec<String>, VendorFailure> {
        let found = match self.client.query_all(|after| suiteql::deleted_since(time, after)).await {
            Err(failure) if [UNKNOWN_TABLE, "auth_failed", "schema_drift"].contains(&failure.code) => {
                tracing::debug!(%failure, "deletions cannot be seen here");
                return Ok(Vec::new());
            }
            end => end?,
        };
        let mut gone = found.items.iter().map(Row::id).collect::<Result<BTreeSet<_>, _>>()?;
        let asked: Vec<i64> = gone.iter().copied().collect();
        for ids in asked.chunks(CHUNK) {
            for row in self.client.query(&suiteql::standing(ids)).await?.items {
                gone.remove(&row.id()?);
            }
        }
        Ok(gone.iter().map(i64::to_string).collect())
    }

    /// The entries in `rows`, in order; each with its rows' bytes.
    pub(super) async fn entries_of(&self, rows: &mut Rows) -> Result<Vec<Found>, VendorFailure> {
        let mut groups: BTreeMap<i64, Vec<&Row>> = BTreeMap::new();
        for row in &rows.items {
            groups.entry(row.id()?).or_default().push(row);
        }
        let reversals: Vec<i64> = groups
            .iter()
            .filter(|(_, rows)| {
                rows.iter().any(|row| field(row).get("isreversal").maybe_flag() == Ok(Some(true)))
            })
            .map(|(id, _)| *id)
            .collect();
        let mut reverses = HashMap::new();
        if !reversals.is_empty() {
            let links = self.client.query_all(|after| suiteql::reversed_by(&reversals, after)).await?;
            for link in &links.items {
                let (id, by) = (field(link).get("id").id(), field(link).get("reversal").id());
                reverses.insert(by.map_err(drifted)?, id.map_err(drifted)?);
            }
            rows.answer.body.push(b'\n');
            rows.answer.body.extend_from_slice(&links.answer.body);
        }
        let chart =
            self.chart.with(&self.client, |chart| groups.values().all(|rows| covers(chart, rows))).await?;
        Ok(groups
            .into_iter()
            .map(|(id, rows)| {
                let fields: Vec<Field<'_>> = rows.iter().map(|row| field(row)).collect();
                let raw: Vec<&str> = rows.iter().map(|row| row.raw.as_str()).collect();
                let item = decode::entry(&fields, &chart, self.zone, &reverses);
                let concerns = match &item {
                    Ok(_) => Concerns::default(),
                    Err(_) => decode::concerns(id, &fields, &chart),
                };
                Found { id, item, raw: raw.join("\n"), concerns }
            })
            .collect())
    }
}

/// An entry as found.
pub(super) struct Found {
    id: i64,
    /// What it means.
    pub(super) item: Result<LedgerEntry, Rejection>,
    /// Its bytes.
    raw: String,
    /// What it could be about, where it cannot be read.
    concerns: Concerns,
}

impl Place {
    fn span(&self, last: Option<i64>) -> Span<'_> {
        Span { after: self.after, last, changed: self.changed.as_deref(), created: self.created.as_deref() }
    }

    /// What a page proves that goes on after this place up to an id, or to the end: of a scan of everything,
    /// that it has all entries in between.
    fn proves(&self, through: Option<i64>, scope: Scope) -> Absence {
        let of = |id: i64| if id == 0 { String::new() } else { id.to_string() };
        let listed =
            self.is_full().then(|| Listed { after: of(self.after), through: through.map(of), scope });
        Absence { listed, deleted: Vec::new() }
    }

    /// True for a scan of everything.
    fn is_full(&self) -> bool {
        self.changed.is_none() && self.created.is_none()
    }
}

/// True where the lists have what the entry's rows name, or the rows are unreadable anyway.
fn covers(chart: &Chart, rows: &[&Row]) -> bool {
    let Some(head) = rows.first().map(|row| field(row)) else { return true };
    let has = |key: &'static str, known: &dyn Fn(&str) -> bool| match head.get(key).id() {
        Ok(id) => known(&id),
        Err(_) => true,
    };
    has("currency", &|id| chart.currency(id).is_some())
        && has("subsidiary", &|id| chart.functional(id).is_some())
        && has("postingperiod", &|id| chart.period_key(id).is_some())
}

fn field(row: &Row) -> Field<'_> {
    Field::root(&row.value, "transaction")
}

pub(super) fn drifted(rejection: Rejection) -> VendorFailure {
    unreadable("a SuiteQL answer", &rejection.to_string())
}

/// `1234567` is production; `1234567_SB1`, `1234567_RP` and `TSTDRV1234567` are not.
fn is_production(account: &str) -> bool {
    account.bytes().all(|b| b.is_ascii_digit())
}

fn write_cursor(value: &impl Serialize) -> Result<Cursor, VendorFailure> {
    serde_json::to_string(value).map(Cursor).map_err(|error| {
        VendorFailure::terminal("bad_cursor", format!("a cursor cannot be written: {error}"))
    })
}

/// What a stored cursor says, if it says anything.
fn read_cursor<T: DeserializeOwned>(cursor: &Cursor) -> Option<T> {
    serde_json::from_str(&cursor.0).ok()
}

/// What a resume point says.
pub(crate) fn since(resume: &Cursor) -> Option<Since> {
    read_cursor::<Resume>(resume)?.changed.map(Since::There)
}

const OFFERS: [Resource; 4] =
    [Resource::Periods, Resource::Accounts, Resource::LedgerCustomers, Resource::Entries];

#[async_trait]
impl LedgerSource for NetSuiteConnection {
    fn offers(&self) -> &[Resource] {
        &OFFERS
    }

    async fn entries(&self, request: &PageRequest) -> Result<Page<LedgerEntry>, VendorFailure> {
        let mut place = self.place("transaction", request).await?;
        if let Some(end) = self.plan(&mut place).await? {
            let scope = if place.is_full() { self.sees().await? } else { Scope::default() };
            let mut absence = place.proves(None, scope);
            if let Some(since) = &place.changed {
                absence.deleted = self.deleted_since(since).await?;
            }
            let resume = write_cursor(&Resume { changed: place.newest })?;
            let page = PageBuilder::new(end.answer).finish(None, Some(resume));
            return Ok(Page { absence, ..page });
        }
        let bound = place.bounds.last().copied();
        let (mut rows, rest) = self.whole_entries(&suiteql::entries(&place.span(bound))).await?;
        if rest.is_none() || rest == bound {
            place.bounds.pop();
        }
        let through = rest.or(bound).unwrap_or(place.after);
        let absence = place.proves(Some(through), Scope::default());
        place.after = through;
        let found = self.entries_of(&mut rows).await?;
        let mut builder = PageBuilder::new(rows.answer);
        for Found { id, item, raw, concerns } in found {
            builder.push_about(concerns, id.to_string(), &raw, item);
        }
        let page = builder.finish(Some(write_cursor(&place)?), None);
        Ok(Page { absence, ..page })
    }

    async fn customers(&self, request: &PageRequest) -> Result<Page<LedgerCustomer>, VendorFailure> {
        let mut place = self.place("customer", request).await?;
        let rows = self.client.query(&suiteql::customers(place.after, place.changed.as_deref())).await?;
        let last = rows.items.last().map(Row::id).transpose()?;
        let mut builder = PageBuilder::new(rows.answer);
        for row in &rows.items {
            let id = row.id()?.to_string();
            let place = format!("customer/{id}");
            let field = Field::root(&row.value, &place);
            let mut concerns = Concerns::of(&id);
            field.get("externalid").texts().iter().for_each(|name| concerns.name(name));
            concerns.named = !concerns.names.is_empty();
            builder.push_about(concerns, id, &row.raw, decode::customer(field));
        }
        match last {
            Some(last) if rows.has_more => {
                place.after = last;
                Ok(builder.finish(Some(write_cursor(&place)?), None))
            }
            _ => Ok(builder.finish(None, Some(write_cursor(&Resume { changed: place.newest })?))),
        }
    }

    async fn periods(&self) -> Result<Page<PeriodReading>, VendorFailure> {
        let rows = self.client.query_all(|after| suiteql::periods(None, after)).await?;
        let mut builder = PageBuilder::new(rows.answer);
        for row in &rows.items {
            // One period without an id is kept aside like any other that cannot be read.
            let id = row.id().map_or_else(|_| "without id".to_owned(), |id| id.to_string());
            let place = format!("accountingperiod/{id}");
            match decode::period(Field::root(&row.value, &place), self.zone).transpose() {
                Some(item) => builder.push(id, &row.raw, item),
                None => builder.skip(),
            }
        }
        Ok(builder.finish(None, None))
    }

    async fn accounts(&self) -> Result<Page<LedgerAccount>, VendorFailure> {
        let rows = self.client.query_all(suiteql::accounts).await?;
        let mut builder = PageBuilder::new(rows.answer);
        for row in &rows.items {
            let id = row.id().map_or_else(|_| "without id".to_owned(), |id| id.to_string());
            let place = format!("account/{id}");
            builder.push(id, &row.raw, decode::ledger_account(Field::root(&row.value, &place)));
        }
        Ok(builder.finish(None, None))
    }

    async fn test(&self) -> Result<AccountIdentity, VendorFailure> {
        let rows = self.client.query(&suiteql::subsidiaries(0)).await?;
        let name = match rows.items.first() {
            Some(row) => Field::root(&row.value, "subsidiary").get("name").maybe_text().map_err(drifted)?,
            None => None,
        };
        Ok(AccountIdentity {
            tenant: self.account.clone(),
            name: name.map(str::to_owned),
            live: Some(is_production(&self.account)),
        })
    }
}
