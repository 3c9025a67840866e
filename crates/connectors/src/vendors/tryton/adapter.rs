//! Reads Tryton: moves with their lines, parties, periods, the chart of accounts.

use std::collections::{BTreeSet, HashMap};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tieout_domain::{
    AccountCode, Currency,
    absence::{Absence, Listed, Scope},
    calendar::PeriodKey,
    failure::VendorFailure,
    ledger::{EntityRef, LedgerAccount, LedgerCustomer, LedgerEntry, PeriodReading},
    trial_balance::{Movement, TrialBalance, chained},
    unread::Concerns,
};
use tokio::sync::Mutex;

use super::{
    client::{Client, Reply, unreadable},
    decode::{self, Books, InvoiceNames},
    encode,
    options::TrytonOptions,
    sheet::TRYTON,
};
use crate::{
    connector::Limited,
    kit::{Answer, Field, Limiter, PageBuilder},
    traits::{
        AccountIdentity, Cursor, LedgerScope, LedgerSource, Page, PageRequest, Rejection, Resource, Since,
    },
};

/// What was written shortly before the last scan is read again: a transaction that was open then shows late.
const OVERLAP_MINUTES: i64 = 10;
const MOVE_FIELDS: [&str; 10] = [
    "number",
    "state",
    "date",
    "description",
    "period",
    "origin",
    "create_date",
    "write_date",
    "company",
    "journal.type",
];
const LINE_FIELDS: [&str; 9] = [
    "move",
    "account.code",
    "account.type.receivable",
    "debit",
    "credit",
    "amount_second_currency",
    "second_currency.code",
    "description",
    "party",
];

const ACCOUNT_FIELDS: [&str; 8] = [
    "code",
    "name",
    "type.receivable",
    "type.payable",
    "type.revenue",
    "type.expense",
    "type.assets",
    "type.statement",
];

/// Records to an answer.
fn page_size() -> i64 {
    i64::from(TRYTON.limits.page)
}

/// One company of a Tryton database.
pub struct TrytonConnection {
    pub(super) client: Client,
    pub(super) company: i64,
    pub(super) journal: String,
    tenant: String,
    pub(super) known: Mutex<Option<Known>>,
}

/// What rarely changes: read once, and again when something is missing.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) currency: Currency,
    pub(super) accounts: HashMap<AccountCode, Account>,
}

/// An account of the chart.
#[derive(Clone, Copy)]
pub(super) struct Account {
    pub(super) id: i64,
    pub(super) party_required: bool,
}

/// Where a scan goes on.
#[derive(Serialize, Deserialize)]
struct Scan {
    after: i64,
    since: Option<DateTime<Utc>>,
    /// When it began, by the server's own clock: what changes from then on is the next scan's.
    began: Option<DateTime<Utc>>,
}

fn instant_of(resume: &Cursor) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(&resume.0).ok().map(|at| at.with_timezone(&Utc))
}

/// What a resume point says.
pub(crate) fn since(resume: &Cursor) -> Option<Since> {
    instant_of(resume).map(Since::At)
}

impl Scan {
    /// Where to go on. A stored place that says nothing (of an earlier version, or damaged) begins anew: all
    /// is read again, and nothing is lost.
    fn of(request: &PageRequest) -> Self {
        let anew = || Self { after: 0, since: None, began: None };
        match (&request.next, &request.resume) {
            (Some(next), _) => serde_json::from_str(&next.0).unwrap_or_else(|_| anew()),
            (None, resume) => Self { since: resume.as_ref().and_then(instant_of), ..anew() },
        }
    }
}

/// An id as a place in a list of everything.
fn place_of(id: i64) -> String {
    if id == 0 { String::new() } else { id.to_string() }
}

pub(super) fn drifted(rejection: Rejection) -> VendorFailure {
    unreadable(&rejection.place, &rejection.message)
}

fn number(field: Field<'_>) -> Result<i64, VendorFailure> {
    field.minor().map_err(drifted)
}

/// The records of an answer, each with its bytes.
pub(super) fn records(reply: &Reply) -> Result<&Vec<Value>, VendorFailure> {
    reply.result.as_array().ok_or_else(|| unreadable("an answer", "it is no list of records"))
}

impl Limited for TrytonConnection {
    fn limiter(&self) -> &Limiter {
        self.client.limiter()
    }
}

impl TrytonConnection {
    /// A connection; nothing is called yet.
    ///
    /// # Errors
    /// `bad_address` and the like, when the base URL cannot be used.
    pub fn new(options: TrytonOptions) -> Result<Self, VendorFailure> {
        Ok(Self {
            client: Client::new(&options)?,
            company: options.company,
            journal: options.journal.clone(),
            tenant: format!("{}/{}", options.database, options.company),
            known: Mutex::new(None),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.tenant
    }

    /// `search_read` with an order that names every record.
    pub(super) async fn search(
        &self,
        model: &str,
        domain: Value,
        limit: Option<i64>,
        fields: &[&str],
    ) -> Result<Reply, VendorFailure> {
        let params = vec![domain, json!(0), json!(limit), json!([["id", "ASC"]]), json!(fields)];
        self.client.read(&format!("model.{model}.search_read"), params).await
    }

    /// Currency and chart; read again when `enough` says that something is missing.
    pub(super) async fn known(&self, enough: impl Fn(&Known) -> bool) -> Result<Known, VendorFailure> {
        let mut held = self.known.lock().await;
        if let Some(known) = held.as_ref().filter(|known| enough(known)) {
            return Ok(known.clone());
        }
        let company = json!([["id", "=", self.company]]);
        let reply = self.search("company.company", company, Some(1), &["currency.code"]).await?;
        let found = records(&reply)?.first().ok_or_else(|| {
            VendorFailure::terminal(
                "unknown_company",
                format!("Tryton has no company {}: correct the connection's setting", self.company),
            )
        })?;
        let code = Field::root(found, "company").get("currency.").get("code");
        let currency = Currency::new(code.text().map_err(drifted)?)
            .map_err(|e| unreadable("company.currency", &e.to_string()))?;
        let mine = json!([["company", "=", self.company]]);
        let reply = self.search("account.account", mine, None, &["code", "party_required"]).await?;
        let mut accounts = HashMap::new();
        let mut twice = Vec::new();
        for record in records(&reply)? {
            let field = Field::root(record, "account.account");
            let Some(code) = field.get("code").maybe_text().map_err(drifted)? else { continue };
            let Ok(code) = code.parse::<AccountCode>() else { continue };
            let party_required = field.get("party_required").maybe_flag().map_err(drifted)?.unwrap_or(false);
            let account = Account { id: number(field.get("id"))?, party_required };
            if accounts.insert(code.clone(), account).is_some() {
                twice.push(code);
            }
        }
        // Tryton lets two accounts share a code: which one is meant cannot be told, so neither is posted to.
        accounts.retain(|code, _| !twice.contains(code));
        Ok(held.insert(Known { currency, accounts }).clone())
    }

    /// The company's periods of any type, as read now; what cannot be read is kept beside.
    async fn period_records(&self, more: &[Value]) -> Result<(Reply, Vec<PeriodItem>), VendorFailure> {
        let mut domain = vec![json!(["company", "=", self.company])];
        domain.extend_from_slice(more);
        let fields = ["name", "state", "start_date", "end_date"];
        let reply = self.search("account.period", Value::Array(domain), None, &fields).await?;
        let read = |record: &Value| {
            let place = format!("account.period/{}", record["id"]);
            let period = decode::period(Field::root(record, &place), self.company);
            (record["id"].to_string(), period, record.to_string())
        };
        let items = records(&reply)?.iter().map(read).collect();
        Ok((reply, items))
    }

    /// Standard periods of a domain. One that cannot be read must never pass for one that is not there.
    pub(super) async fn periods_where(&self, more: &[Value]) -> Result<Vec<PeriodReading>, VendorFailure> {
        let mut domain = vec![json!(["type", "=", "standard"])];
        domain.extend_from_slice(more);
        let (_, items) = self.period_records(&domain).await?;
        items.into_iter().map(|(_, period, _)| period.map_err(drifted)).collect()
    }

    /// Moves of a domain with their lines, as entries; what cannot be read is kept beside.
    pub(super) async fn moves(&self, domain: Value, limit: Option<i64>) -> Result<Moves, VendorFailure> {
        let known = self.known(|_| true).await?;
        let (told, periods) = self.period_records(&[]).await?;
        let readable = periods.into_iter().filter_map(|(_, period, _)| period.ok());
        let periods: HashMap<String, PeriodKey> = readable.map(|p| (p.erp_id, p.key)).collect();
        let mut reply = self.search("account.move", domain, limit, &MOVE_FIELDS).await?;
        let moves = records(&reply)?.clone();
        let ids: Vec<&Value> = moves.iter().map(|m| &m["id"]).collect();
        let lines = match ids.is_empty() {
            true => Vec::new(),
            false => {
                let of = json!([["move", "in", ids]]);
                let lines = self.search("account.move.line", of, None, &LINE_FIELDS).await?;
                reply.answer.body.push(b'\n');
                reply.answer.body.extend_from_slice(&lines.answer.body);
                records(&lines)?.clone()
            }
        };
        let mut by_move: HashMap<String, Vec<&Value>> = HashMap::new();
        for line in &lines {
            by_move.entry(line["move"].to_string()).or_default().push(line);
        }
        let invoices = self.invoices_of(&moves, &mut reply).await?;
        let books =
            Books { company: self.company, currency: known.currency, periods: &periods, invoices: &invoices };
        let mut items = Vec::with_capacity(moves.len());
        for record in &moves {
            let id = record["id"].to_string();
            let place = format!("account.move/{id}");
            let own = by_move.remove(&id).unwrap_or_default();
            let raw = json!({ "move": record, "lines": own }).to_string();
            let fields: Vec<Field<'_>> = own.iter().map(|line| Field::root(line, &place)).collect();
            let field = Field::root(record, &place);
            let item = decode::entry(field, &fields, &books);
            let concerns = match &item {
                Ok(_) => Concerns::default(),
                Err(_) => decode::concerns(&id, field, &fields, &books),
            };
            items.push(Move { id, item, raw, concerns });
        }
        Ok(Moves { reply, items, asked_at: told.answer.vendor_clock })
    }
}

impl TrytonConnection {
    /// The invoices from which moves come, by their ids: their numbers are no text of the move. Only where
    /// there is such a move, and so the module of invoices.
    async fn invoices_of(
        &self,
        moves: &[Value],
        reply: &mut Reply,
    ) -> Result<HashMap<String, InvoiceNames>, VendorFailure> {
        let origins = moves.iter().filter_map(|one| one["origin"].as_str());
        let ids: BTreeSet<i64> =
            origins.filter_map(|origin| decode::invoice_of(origin)?.parse().ok()).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let of = json!([["id", "in", ids]]);
        let read = self.search("account.invoice", of, None, &["number", "reference", "move"]).await?;
        reply.answer.body.push(b'\n');
        reply.answer.body.extend_from_slice(&read.answer.body);
        let names = records(&read)?.iter().map(|record| {
            let field = Field::root(record, "account.invoice");
            let text = |key| field.get(key).maybe_text().map(|text| text.map(str::to_owned));
            let names = InvoiceNames {
                number: text("number").map_err(drifted)?,
                reference: text("reference").map_err(drifted)?,
                own_move: field.get("move").maybe_id().map_err(drifted)?,
            };
            Ok((field.get("id").id().map_err(drifted)?, names))
        });
        names.collect()
    }

    /// What is posted in one period, account by account.
    async fn movements(
        &self,
        period: &PeriodReading,
        codes: &[&str],
        currency: Currency,
    ) -> Result<(Reply, Vec<Movement>), VendorFailure> {
        let context = json!({ "periods": [whole_id(&period.erp_id)?], "posted": true });
        let domain =
            json!([["company", "=", self.company], ["code", "in", codes], ["active", "in", [true, false]],]);
        let fields = json!(["code", "debit", "credit"]);
        let params = vec![domain, json!(0), json!(null), json!([["id", "ASC"]]), fields];
        let method = "model.account.account.search_read";
        let reply = self.client.read_in(method, params, &context).await?;
        let mut movements = Vec::new();
        for record in records(&reply)? {
            let field = Field::root(record, "account.account");
            let code = field.get("code").text().map_err(drifted)?;
            let sum = |key| decode::sum(field.get(key), currency).map_err(drifted);
            let (debits_minor, credits_minor) = (sum("debit")?, sum("credit")?);
            if debits_minor == 0 && credits_minor == 0 {
                continue;
            }
            movements.push(Movement {
                entity: EntityRef::ErpId(self.company.to_string()),
                account: code.parse().map_err(|_| unreadable("account.account", "a code is none"))?,
                period: period.key.clone(),
                currency,
                debits_minor,
                credits_minor,
            });
        }
        Ok((reply, movements))
    }
}

fn whole_id(id: &str) -> Result<i64, VendorFailure> {
    id.parse().map_err(|_| unreadable("an id", "it is no number"))
}

/// A period as read: id, what it means, and its bytes.
type PeriodItem = (String, Result<PeriodReading, Rejection>, String);

/// A move as read.
pub(super) struct Move {
    id: String,
    /// What it means.
    pub(super) item: Result<LedgerEntry, Rejection>,
    /// Its bytes.
    raw: String,
    /// What it could be about, where it cannot be read.
    concerns: Concerns,
}

/// Moves as read.
pub(super) struct Moves {
    reply: Reply,
    pub(super) items: Vec<Move>,
    /// What time it was there just before they were asked for, where the server says.
    asked_at: Option<DateTime<Utc>>,
}

const OFFERS: [Resource; 5] = [
    Resource::Periods,
    Resource::Accounts,
    Resource::LedgerCustomers,
    Resource::Entries,
    Resource::TrialBalance,
];

#[async_trait]
impl LedgerSource for TrytonConnection {
    fn offers(&self) -> &[Resource] {
        &OFFERS
    }

    /// All moves, of whatever journal and account: the scope leaves nothing out.
    async fn entries(
        &self,
        request: &PageRequest,
        _scope: &LedgerScope,
    ) -> Result<Page<LedgerEntry>, VendorFailure> {
        let mut scan = Scan::of(request);
        let mut domain = vec![json!(["company", "=", self.company]), json!(["id", ">", scan.after])];
        if let Some(since) = scan.since {
            let from = encode::instant(since - Duration::minutes(OVERLAP_MINUTES));
            domain.push(json!(["OR", ["create_date", ">=", from], ["write_date", ">=", from]]));
        }
        let moves = self.moves(Value::Array(domain), Some(page_size())).await?;
        scan.began = scan.began.or(moves.asked_at);
        let last = moves.items.last().and_then(|one| one.id.parse::<i64>().ok());
        let full = i64::try_from(moves.items.len()).unwrap_or(0) >= page_size();
        let through = last.filter(|_| full);
        let listed = scan.since.is_none().then(|| Listed {
            after: place_of(scan.after),
            through: through.map(place_of),
            scope: Scope {
                entities: Some(vec![EntityRef::ErpId(self.company.to_string())]),
                ..Scope::default()
            },
        });
        // A server that does not tell its time: from where this scan started, or all of it again.
        let resume = scan.began.or(scan.since).map(|at| Cursor(at.to_rfc3339()));
        let next = through.map(|after| Cursor(json!(Scan { after, ..scan }).to_string()));
        let mut builder = PageBuilder::new(moves.reply.answer);
        for Move { id, item, raw, concerns } in moves.items {
            builder.push_about(concerns, id, &raw, item);
        }
        // The next sync starts where this scan began, not where it ended: what changed meanwhile is read
        // then.
        let resume = resume.filter(|_| next.is_none());
        let absence = Absence { listed, deleted: Vec::new() };
        Ok(Page { absence, ..builder.finish(next, resume) })
    }

    async fn customers(&self, request: &PageRequest) -> Result<Page<LedgerCustomer>, VendorFailure> {
        let after: i64 = request.next.as_ref().and_then(|c| c.0.parse().ok()).unwrap_or(0);
        let domain = json!([["id", ">", after]]);
        let reply = self.search("party.party", domain, Some(page_size()), &["name", "code"]).await?;
        let parties = records(&reply)?.clone();
        let last = parties.last().and_then(|p| p["id"].as_i64());
        let full = i64::try_from(parties.len()).unwrap_or(0) >= page_size();
        let mut page = PageBuilder::new(reply.answer);
        for party in &parties {
            let field = Field::root(party, "party.party");
            let read = || {
                Ok(LedgerCustomer {
                    erp_id: field.get("id").id()?,
                    external_id: field.get("code").maybe_text()?.map(str::to_owned),
                    name: field.get("name").maybe_text()?.unwrap_or_default().to_owned(),
                })
            };
            let id = party["id"].to_string();
            let mut concerns = Concerns::of(&id);
            field.get("code").texts().iter().for_each(|name| concerns.name(name));
            concerns.named = !concerns.names.is_empty();
            page.push_about(concerns, id, &party.to_string(), read());
        }
        Ok(page.finish(last.filter(|_| full).map(|id| Cursor(id.to_string())), None))
    }

    async fn periods(&self) -> Result<Page<PeriodReading>, VendorFailure> {
        let (reply, items) = self.period_records(&[json!(["type", "=", "standard"])]).await?;
        let mut page = PageBuilder::new(reply.answer);
        for (id, period, raw) in items {
            page.push(id, &raw, period);
        }
        Ok(page.finish(None, None))
    }

    async fn accounts(&self) -> Result<Page<LedgerAccount>, VendorFailure> {
        // Without a code an account is a heading of the chart. Inactive ones are shown only to who asks.
        let domain = json!([
            ["company", "=", self.company],
            ["code", "!=", null],
            ["code", "!=", ""],
            ["active", "in", [true, false]],
        ]);
        let reply = self.search("account.account", domain, None, &ACCOUNT_FIELDS).await?;
        let accounts = records(&reply)?.clone();
        let mut page = PageBuilder::new(reply.answer);
        for account in &accounts {
            let place = format!("account.account/{}", account["id"]);
            page.push(
                account["id"].to_string(),
                &account.to_string(),
                decode::account(Field::root(account, &place)),
            );
        }
        Ok(page.finish(None, None))
    }

    async fn trial_balance(&self, scope: &LedgerScope) -> Result<Option<Page<TrialBalance>>, VendorFailure> {
        let Some(accounts) = scope.accounts.as_ref().filter(|accounts| !accounts.is_empty()) else {
            return Ok(None);
        };
        let codes: Vec<&str> = accounts.iter().map(AccountCode::as_str).collect();
        let currency = self.known(|_| true).await?.currency;
        let (mut answer, mut movements): (Option<Answer>, _) = (None, Vec::new());
        // Of any type: what is posted in an adjustment period stands in the month that it closes.
        let (_, periods) = self.period_records(&[]).await?;
        for (_, period, _) in periods {
            let period = period.map_err(drifted)?;
            let (reply, moved) = self.movements(&period, &codes, currency).await?;
            movements.extend(moved);
            match &mut answer {
                None => answer = Some(reply.answer),
                Some(all) => {
                    all.body.push(b'\n');
                    all.body.extend_from_slice(&reply.answer.body);
                }
            }
        }
        let Some(answer) = answer else { return Ok(None) };
        let balances = chained(movements)
            .ok_or_else(|| unreadable("a trial balance", "its sums are larger than can be held"))?;
        let mut page = PageBuilder::new(answer);
        for one in balances {
            page.push(format!("{}/{}/{}", one.entity.as_str(), one.account, one.period), "", Ok(one));
        }
        Ok(Some(page.finish(None, None)))
    }

    async fn test(&self) -> Result<AccountIdentity, VendorFailure> {
        let company = json!([["id", "=", self.company]]);
        let reply = self.search("company.company", company, Some(1), &["party.name"]).await?;
        self.known(|_| true).await?;
        let name = records(&reply)?.first().and_then(|c| c["party."]["name"].as_str());
        let (tenant, name) = (self.tenant.clone(), name.map(str::to_owned));
        Ok(AccountIdentity { tenant, name, live: None, capabilities: Vec::new() })
    }
}
