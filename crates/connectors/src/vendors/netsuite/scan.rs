//! Scans of NetSuite's tables: where they go on, which rows make an entry, what is no longer of them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tieout_domain::{
    absence::{Absence, Listed, Scope},
    failure::VendorFailure,
    ledger::{EntityRef, LedgerEntry},
    unread::Concerns,
};

use super::{
    chart::Chart,
    client::{Row, Rows, unreadable},
    connection::NetSuiteConnection,
    decode::{self, Books},
    sheet::UNKNOWN_TABLE,
    suiteql::{self, CHUNK, Population, Reading, Span, with_overlap},
};
use crate::{
    kit::Field,
    traits::{Cursor, LedgerScope, PageRequest, Rejection, Since},
};

/// Where a scan goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Place {
    /// Ids above this.
    pub(super) after: i64,
    /// Changed at or after, in the account's own time.
    pub(super) changed: Option<String>,
    /// Created at or after, in the account's own time.
    created: Option<String>,
    /// The newest change when the scan began: what changes later is the next scan's.
    pub(super) newest: Option<String>,
    /// Last ids of the next pages, already known.
    pub(super) bounds: Vec<i64>,
    /// Of which scope it is a scan ([`LedgerScope::id`]); `None` of what has no scope.
    #[serde(default)]
    scope: Option<String>,
}

/// From where the next scan starts, in the account's own time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Resume {
    changed: Option<String>,
    /// As [`Place::scope`]: what was read of another scope says nothing of this one.
    #[serde(default)]
    scope: Option<String>,
}

impl From<Place> for Resume {
    fn from(place: Place) -> Self {
        Self { changed: place.newest, scope: place.scope }
    }
}

impl NetSuiteConnection {
    /// Where a scan of `table` goes on or begins. A stored place that says nothing (of an earlier version, of
    /// another scope, or damaged) begins anew: all is read again, and nothing is lost.
    pub(super) async fn place(
        &self,
        table: &str,
        request: &PageRequest,
        scope: Option<&LedgerScope>,
    ) -> Result<Place, VendorFailure> {
        let scope = scope.map(LedgerScope::id);
        let next: Option<Place> = request.next.as_ref().and_then(read_cursor);
        match (next.filter(|place| place.scope == scope), &request.next) {
            (Some(place), _) => Ok(place),
            (None, None) => self.start(table, request, scope).await,
            (None, Some(_)) => {
                let anew = PageRequest { resume: None, ..request.clone() };
                self.start(table, &anew, scope).await
            }
        }
    }

    /// What a full read speaks of: the subsidiaries that the role may see now. An entry of another one may be
    /// there, unseen.
    pub(super) async fn sees(&self) -> Result<Scope, VendorFailure> {
        self.chart.forget().await;
        let chart = self.chart().await?;
        let seen = chart.subsidiaries().map(|id| EntityRef::ErpId(id.to_owned())).collect();
        Ok(Scope { entities: Some(seen), ..Scope::default() })
    }

    /// The master data, read where it is not yet.
    pub(super) async fn chart(&self) -> Result<Arc<Chart>, VendorFailure> {
        self.chart.with(&self.client, self.home_currency, |_| true).await
    }

    /// How entries are read here.
    pub(super) async fn reading(&self) -> Result<Reading<'_>, VendorFailure> {
        Ok(Reading { features: self.chart().await?.features(), fields: &self.name_fields })
    }

    /// Where a scan of `table` begins.
    async fn start(
        &self,
        table: &str,
        request: &PageRequest,
        scope: Option<String>,
    ) -> Result<Place, VendorFailure> {
        let resume: Option<Resume> = request.resume.as_ref().and_then(read_cursor);
        let changed = resume.filter(|resume| resume.scope == scope).and_then(|resume| resume.changed);
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
        let newest = newest.or(changed);
        Ok(Place { after: 0, newest, changed: since, created, bounds: Vec::new(), scope })
    }

    /// Fills in the last ids of the next pages. At the end, where there are none, the answer that says so.
    pub(super) async fn plan(
        &self,
        place: &mut Place,
        population: Population<'_>,
    ) -> Result<Option<Rows>, VendorFailure> {
        if !place.bounds.is_empty() {
            return Ok(None);
        }
        let rows = self.client.query(&suiteql::entry_ids(&place.span(None, population))).await?;
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
    pub(super) async fn whole_entries(
        &self,
        sql: &str,
        reading: Reading<'_>,
    ) -> Result<(Rows, Option<i64>), VendorFailure> {
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
            rows.extend(self.client.query(&suiteql::lines_of(last, line, reading)).await?);
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
                format!("transaction {id} was changed or deleted while its many lines were read: sync again"),
            )
        })
    }

    /// The ids that were deleted at or after a time and are no transactions any more. Where the account does
    /// not let us see what was deleted, none: the next full read notices them.
    pub(super) async fn deleted_since(&self, time: &str) -> Result<Vec<String>, VendorFailure> {
        let found = match self.client.query_all(|after| suiteql::deleted_since(time, after)).await {
            Err(failure)
                if [UNKNOWN_TABLE, "auth_failed", "permission_missing", "schema_drift"]
                    .contains(&failure.code) =>
            {
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

    /// The ids that changed at or after a time and are none of the population: they may have been.
    pub(super) async fn outside_since(
        &self,
        population: Population<'_>,
        time: &str,
    ) -> Result<Vec<String>, VendorFailure> {
        let outside = self.client.query_all(|after| suiteql::outside_since(population, time, after)).await?;
        outside.items.iter().map(|row| row.id().map(|id| id.to_string())).collect()
    }

    /// Entries of any type by their ids, where the query shows them; of one over several subsidiaries that
    /// of the subsidiary which the id names.
    pub(super) async fn entries_by_id(
        &self,
        erp_ids: &[String],
    ) -> Result<Vec<Option<LedgerEntry>>, VendorFailure> {
        let ids: BTreeSet<i64> =
            erp_ids.iter().filter_map(|id| decode::split_id(id).0.parse().ok()).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        let mut found: HashMap<String, LedgerEntry> = HashMap::new();
        let reading = self.reading().await?;
        let mut after = (!ids.is_empty()).then_some(0);
        while let Some(from) = after {
            let sql = suiteql::entries_of(&ids, from, reading);
            let (mut rows, rest) = self.whole_entries(&sql, reading).await?;
            for one in self.entries_of(&mut rows).await? {
                // An entry that cannot be read must never pass for one that is not there.
                let entry = one.item.map_err(drifted)?;
                found.insert(entry.erp_id.clone(), entry);
            }
            after = rest;
        }
        Ok(erp_ids.iter().map(|id| found.get(id).cloned()).collect())
    }

    pub(super) async fn entry_of(&self, erp_id: &str) -> Result<Option<LedgerEntry>, VendorFailure> {
        Ok(self.entries_by_id(&[erp_id.to_owned()]).await?.pop().flatten())
    }

    /// The entries in `rows`, in order; each with its rows' bytes. One over several subsidiaries is as many.
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
        let enough = |chart: &Chart| groups.values().all(|rows| covers(chart, rows));
        let chart = self.chart.with(&self.client, self.home_currency, enough).await?;
        let books = Books { chart: &chart, zone: self.zone, reverses: &reverses, fields: &self.name_fields };
        let mut found = Vec::with_capacity(groups.len());
        for (id, rows) in groups {
            let fields: Vec<Field<'_>> = rows.iter().map(|row| field(row)).collect();
            let raw = rows.iter().map(|row| row.raw.as_str()).collect::<Vec<_>>().join("\n");
            let made = |id: String, item, concerns| Found { id, item, raw: raw.clone(), concerns };
            match decode::entries(&fields, &books) {
                Ok(entries) => found.extend(
                    entries.into_iter().map(|one| made(one.erp_id.clone(), Ok(one), Concerns::default())),
                ),
                Err(rejection) => {
                    let concerns = decode::concerns(id, &fields, &chart);
                    found.push(made(id.to_string(), Err(rejection), concerns));
                }
            }
        }
        Ok(found)
    }
}

/// An entry as found.
pub(super) struct Found {
    /// Its id.
    pub(super) id: String,
    /// What it means.
    pub(super) item: Result<LedgerEntry, Rejection>,
    /// Its bytes.
    pub(super) raw: String,
    /// What it could be about, where it cannot be read.
    pub(super) concerns: Concerns,
}

impl Place {
    pub(super) fn span<'a>(&'a self, last: Option<i64>, population: Population<'a>) -> Span<'a> {
        let (changed, created) = (self.changed.as_deref(), self.created.as_deref());
        Span { population, after: self.after, last, changed, created }
    }

    /// What a page proves that goes on after this place up to an id, or to the end: of a scan of everything,
    /// that it has all entries in between.
    pub(super) fn proves(&self, through: Option<i64>, scope: Scope) -> Absence {
        let of = |id: i64| if id == 0 { String::new() } else { id.to_string() };
        let listed =
            self.is_full().then(|| Listed { after: of(self.after), through: through.map(of), scope });
        Absence { listed, deleted: Vec::new() }
    }

    /// True for a scan of everything.
    pub(super) fn is_full(&self) -> bool {
        self.changed.is_none() && self.created.is_none()
    }
}

/// True where the lists have what the entry's rows name, or the rows are unreadable anyway.
fn covers(chart: &Chart, rows: &[&Row]) -> bool {
    let Some(head) = rows.first().map(|row| field(row)) else { return true };
    let has = |row: Field<'_>, key: &'static str, table: &str, known: &dyn Fn(&str) -> bool| {
        row.get(key).id().map_or(true, |id| known(&id) || chart.is_unread(table, &id))
    };
    let subsidiaries =
        |row: &&Row| has(field(row), "subsidiary", "subsidiary", &|id| chart.functional(id).is_some());
    has(head, "currency", "currency", &|id| chart.currency(id).is_some())
        && has(head, "postingperiod", "accountingperiod", &|id| chart.period_key(id).is_some())
        && rows.iter().all(subsidiaries)
}

fn field(row: &Row) -> Field<'_> {
    Field::root(&row.value, "transaction")
}

pub(super) fn drifted(rejection: Rejection) -> VendorFailure {
    unreadable("a SuiteQL answer", &rejection.to_string())
}

pub(super) fn write_cursor(value: &impl Serialize) -> Result<Cursor, VendorFailure> {
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
