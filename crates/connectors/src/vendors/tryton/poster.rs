//! Books in Tryton: a draft, then a post by id. Every call is one attempt.

use std::time::Duration;

use async_trait::async_trait;
use chrono::NaiveDate;
use serde_json::{Value, json};
use tieout_domain::{
    AccountCode, Currency,
    calendar::Subledger,
    entry::JournalEntry,
    failure::VendorFailure,
    ledger::{EntryStatus, LedgerEntry, PeriodReading},
};
use tokio::time::Instant;

use super::{
    adapter::{Account, Known, TrytonConnection, drifted, records},
    client::Reply,
    encode,
};
use crate::{
    kit::Field,
    traits::{
        BookRequest, CustomerRequest, Each, Found, LedgerPoster, Lookup, PeriodAsked, PeriodCheck, Protocol,
        Receipt, only, patterns_of,
    },
};

/// How many postings are looked for by one search.
const AT_ONCE: usize = 25;

impl TrytonConnection {
    /// The entries of a domain. One that cannot be read must never pass for one that is not there.
    async fn entries_where(&self, more: Value) -> Result<Vec<LedgerEntry>, VendorFailure> {
        let mut domain = vec![json!(["company", "=", self.company])];
        domain.extend(more.as_array().cloned().unwrap_or_default());
        let moves = self.moves(Value::Array(domain), None).await?;
        moves.items.into_iter().map(|one| one.item.map_err(drifted)).collect()
    }

    /// The invoices of one of the documents' names, as moves name where they come from; none where the module
    /// of invoices is not there.
    async fn invoices_named(&self, lookups: &[Lookup]) -> Result<Vec<String>, VendorFailure> {
        let module = json!([["name", "=", "account_invoice"], ["state", "=", "activated"]]);
        if self.id_of("ir.module", module).await?.is_none() {
            return Ok(Vec::new());
        }
        let names: Vec<&str> = lookups.iter().flat_map(Lookup::all_names).collect();
        let domain = json!([["OR", ["number", "in", names], ["reference", "in", names]]]);
        let reply = self.search("account.invoice", domain, None, &["id"]).await?;
        let ids = records(&reply)?.iter().map(|record| format!("account.invoice,{}", record["id"]));
        Ok(ids.collect())
    }

    async fn id_of(&self, model: &str, domain: Value) -> Result<Option<i64>, VendorFailure> {
        let reply = self.search(model, domain, Some(1), &["id"]).await?;
        records(&reply)?
            .first()
            .map(|record| Field::root(record, model).get("id").minor().map_err(drifted))
            .transpose()
    }

    async fn need(&self, model: &str, domain: Value, what: String) -> Result<i64, VendorFailure> {
        self.id_of(model, domain).await?.ok_or_else(|| VendorFailure::terminal("unknown_reference", what))
    }

    /// A refusal in words that are not known is one of a closed period where the period is closed.
    async fn judged(&self, failure: VendorFailure, date: Option<NaiveDate>) -> VendorFailure {
        let Some(date) = date.filter(|_| failure.code == "rejected") else { return failure };
        match self.period("", date).await {
            Ok(check) if !check.accepts => VendorFailure { code: "period_closed", ..failure },
            Ok(_) | Err(_) => failure,
        }
    }

    /// The party of the entry that a reversal undoes, for accounts that need one.
    async fn party_of(&self, erp_id: &str) -> Result<Option<i64>, VendorFailure> {
        let domain = json!([["move", "=", whole(erp_id)?], ["party", "!=", null]]);
        let reply = self.search("account.move.line", domain, Some(1), &["party"]).await?;
        Ok(records(&reply)?.first().and_then(|line| line["party"].as_i64()))
    }

    async fn party(&self, request: &BookRequest) -> Result<Option<i64>, VendorFailure> {
        match (request.entry.customer(), &request.reverses) {
            (Some(customer), _) => whole(customer).map(Some),
            (None, Some(reversed)) => self.party_of(reversed).await,
            (None, None) => Ok(None),
        }
    }

    /// The period of this name that holds the posting date.
    async fn period_of(&self, entry: &JournalEntry) -> Result<i64, VendorFailure> {
        let date = encode::date(entry.posting_date());
        let holding = [json!(["start_date", "<=", date]), json!(["end_date", ">=", date])];
        let periods = self.periods_where(&holding).await?;
        let found = periods.iter().find(|p| p.key == *entry.period()).ok_or_else(|| {
            VendorFailure::terminal(
                "unknown_period",
                format!(
                    "Tryton has no period {} that holds {}: choose a date of the period, or another period",
                    entry.period(),
                    entry.posting_date()
                ),
            )
        })?;
        whole(&found.erp_id)
    }

    async fn second_currency(
        &self,
        entry: &JournalEntry,
        own: Currency,
    ) -> Result<Option<i64>, VendorFailure> {
        let currency = entry.currency();
        if currency == own {
            return Ok(None);
        }
        let what = format!("Tryton has no currency {currency}: set it up there");
        self.need("currency.currency", json!([["code", "=", currency.code()]]), what).await.map(Some)
    }

    /// The move as Tryton takes it.
    async fn body(&self, request: &BookRequest) -> Result<Value, VendorFailure> {
        let entry = &request.entry;
        if request.entity_erp_id != self.company.to_string() {
            return Err(VendorFailure::terminal(
                "unknown_company",
                format!(
                    "it was approved for company {}, and this connection books in company {}: correct the \
                     mapping or the connection, and prepare it again",
                    request.entity_erp_id, self.company
                ),
            ));
        }
        let known = self.known(|k| entry.lines().iter().all(|l| k.accounts.contains_key(&l.account))).await?;
        let party = self.party(request).await?;
        let second = self.second_currency(entry, known.currency).await?;
        let code = request.options.get("journal").unwrap_or(&self.journal);
        let journal = json!([["code", "=", code]]);
        let what = format!("Tryton has no journal {code}: correct the connection's setting");
        let journal = self.need("account.journal", journal, what).await?;
        let mut lines = Vec::with_capacity(entry.lines().len());
        for line in entry.lines() {
            let account = account(&known, &line.account)?;
            if account.party_required && party.is_none() {
                return Err(VendorFailure::terminal(
                    "customer_missing",
                    format!(
                        "Tryton wants a party on account {}: name a sundry_customer in the mapping",
                        line.account
                    ),
                ));
            }
            let foreign = second.filter(|_| line.transaction.currency() != known.currency);
            let named = party.filter(|_| account.party_required);
            // The id that was approved; the chart only says what kind of account it is.
            let approved = request.accounts.get(&line.account).map(|id| whole(id)).transpose()?;
            let encoded = encode::line(line, approved.unwrap_or(account.id), named, foreign);
            lines.push(encoded.map_err(|error| VendorFailure::terminal("bad_amount", error.to_string()))?);
        }
        let mut body = json!({
            "company": self.company,
            "journal": journal,
            "period": self.period_of(entry).await?,
            "date": encode::date(entry.posting_date()),
            "description": format!("{} {}", request.key, entry.reference()),
            "lines": [["create", lines]],
        });
        if let Some(reversed) = &request.reverses {
            body["origin"] = json!(format!("account.move,{reversed}"));
        }
        Ok(body)
    }
}

fn account(known: &Known, code: &AccountCode) -> Result<Account, VendorFailure> {
    known.accounts.get(code).copied().ok_or_else(|| {
        VendorFailure::terminal(
            "unknown_account",
            format!("Tryton's chart has no account {code}: correct the mapping, or add it there"),
        )
    })
}

fn whole(id: &str) -> Result<i64, VendorFailure> {
    id.parse().map_err(|_| {
        VendorFailure::terminal(
            "unknown_reference",
            format!("\"{id}\" is no id of Tryton: it needs a number"),
        )
    })
}

fn receipt(reply: Reply, erp_id: Option<String>) -> Receipt {
    Receipt { erp_id, request_id: reply.answer.request_id, transcript: reply.transcript }
}

fn unknown_period(date: NaiveDate) -> VendorFailure {
    VendorFailure::terminal(
        "unknown_period",
        format!("Tryton has no period that holds {date}: set up its fiscal year, or choose another date"),
    )
}

/// What a search for several shows of one.
fn of_one(lookup: &Lookup, found: &[LedgerEntry]) -> Found {
    let of_key = |entry: &&LedgerEntry| entry.external_id.as_deref() == Some(lookup.key.as_str());
    let (by_key, others): (Vec<&LedgerEntry>, Vec<&LedgerEntry>) = found.iter().partition(of_key);
    // A move's own number is of a sequence that knows no documents: it names none.
    let nameless = |entry: &LedgerEntry| LedgerEntry { number: None, ..entry.clone() };
    let named = |entry: &&LedgerEntry| lookup.all_names().any(|name| nameless(entry).is_named(name));
    Found {
        by_key: by_key.into_iter().cloned().collect(),
        by_reference: others.into_iter().filter(named).cloned().collect(),
    }
}

/// The text as a pattern of `like`: nothing in it is a wildcard.
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[async_trait]
impl LedgerPoster for TrytonConnection {
    fn protocol(&self) -> Protocol {
        Protocol::DraftThenPost
    }

    fn tenant(&self) -> &str {
        self.name()
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }

    async fn periods_of(&self, asked: &[PeriodAsked]) -> Each<PeriodCheck> {
        let (Some(first), Some(last)) =
            (asked.iter().map(|asked| asked.date).min(), asked.iter().map(|asked| asked.date).max())
        else {
            return Ok(Vec::new());
        };
        let (first, last) = (encode::date(first), encode::date(last));
        let touching = [json!(["start_date", "<=", last]), json!(["end_date", ">=", first])];
        let periods = self.periods_where(&touching).await?;
        let holding = |asked: &PeriodAsked| {
            let holds = |period: &&PeriodReading| (period.starts..=period.ends).contains(&asked.date);
            let period = periods.iter().find(holds).ok_or_else(|| unknown_period(asked.date))?.clone();
            let accepts = period.status.accepts(Subledger::Gl);
            Ok(PeriodCheck { period, accepts })
        };
        Ok(asked.iter().map(holding).collect())
    }

    async fn find_all(&self, lookups: &[Lookup]) -> Each<Found> {
        let like = |pattern: String| json!(["description", "like", pattern]);
        let mut shapes = vec![json!("OR")];
        for lookup in lookups {
            shapes.push(like(format!("{}%", literal(lookup.key.as_str()))));
            for name in lookup.all_names() {
                shapes.push(json!(["description", "=", name]));
                // Exact shapes, so that a short reference does not bring half of the ledger along.
                shapes.extend(patterns_of(&literal(name)).into_iter().map(like));
            }
        }
        let invoiced = self.invoices_named(lookups).await?;
        if !invoiced.is_empty() {
            shapes.push(json!(["origin", "in", invoiced]));
        }
        let found = self.entries_where(json!([shapes])).await?;
        Ok(lookups.iter().map(|lookup| Ok(of_one(lookup, &found))).collect())
    }

    async fn create(&self, request: &BookRequest, within: Duration) -> Result<Receipt, VendorFailure> {
        let leaves_by = Instant::now() + within;
        let body = self.body(request).await?;
        let params = vec![json!([body])];
        let created = self.client.change_by(leaves_by, "model.account.move.create", params).await;
        let date = request.entry.posting_date();
        let reply = match created {
            Ok(reply) => reply,
            Err(failure) => return Err(self.judged(failure, Some(date)).await),
        };
        let id = reply.result.get(0).and_then(Value::as_i64).map(|id| id.to_string());
        Ok(receipt(reply, id))
    }

    async fn post_draft(&self, erp_id: &str, within: Duration) -> Result<Receipt, VendorFailure> {
        let ids = json!([whole(erp_id)?]);
        let leaves_by = Instant::now() + within;
        match self.client.change_by(leaves_by, "model.account.move.post", vec![ids]).await {
            Ok(reply) => Ok(receipt(reply, Some(erp_id.to_owned()))),
            Err(failure) if failure.code == "rejected" => {
                let draft = self.read_back(erp_id).await.ok().flatten();
                Err(self.judged(failure, draft.map(|entry| entry.posting_date)).await)
            }
            Err(failure) => Err(failure),
        }
    }

    async fn delete_draft(&self, erp_id: &str) -> Result<Receipt, VendorFailure> {
        let ids = json!([whole(erp_id)?]);
        let reply = self.client.change("model.account.move.delete", vec![ids]).await?;
        Ok(receipt(reply, Some(erp_id.to_owned())))
    }

    async fn read_back(&self, erp_id: &str) -> Result<Option<LedgerEntry>, VendorFailure> {
        only(self.read_booked(&[erp_id.to_owned()]).await)
    }

    async fn read_booked(&self, erp_ids: &[String]) -> Each<Option<LedgerEntry>> {
        let ids: Vec<i64> = erp_ids.iter().map(|erp_id| whole(erp_id)).collect::<Result<_, _>>()?;
        let mut found = self.entries_where(json!([["id", "in", ids]])).await?;
        found.retain(|entry| entry.status != EntryStatus::Void);
        let of = |erp_id: &String| Ok(found.iter().find(|entry| entry.erp_id == *erp_id).cloned());
        Ok(erp_ids.iter().map(of).collect())
    }

    async fn ensure_customer(&self, customer: &CustomerRequest) -> Result<String, VendorFailure> {
        let domain = json!([["code", "=", customer.external_id]]);
        if let Some(id) = self.id_of("party.party", domain.clone()).await? {
            return Ok(id.to_string());
        }
        let party = json!([{ "name": customer.name, "code": customer.external_id }]);
        self.client.change("model.party.party.create", vec![party]).await?;
        let what = format!("Tryton made no party with code {}", customer.external_id);
        self.need("party.party", domain, what).await.map(|id| id.to_string())
    }
}
