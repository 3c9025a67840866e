//! A company of two invoices whose ledger is a file, and its people: Ana prepares, Cora accepts, Dev reviews.

use serde_json::Value;

use crate::binary::{Bench, Ran, root, text};

/// The period that is closed.
pub const JANUARY: &str = "2011-01";
/// The one after it.
pub const FEBRUARY: &str = "2011-02";
/// As of when everything is judged.
pub const AS_OF: &str = "2011-02-28";

const BILLING: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
    1001,A,One,1,2011-01-05 09:00:00,10.00,17,United Kingdom\n\
    1002,B,Two,1,2011-01-06 09:00:00,20.00,17,United Kingdom\n";
const GL_HEADER: &str = "Journal No,External Ref,Entity,Posting Date,Period,Account,Account Name,\
    Debit,Credit,Currency,Memo,Status\n";
const PERIODS: &str = "Entity,Period,Starts,Ends,Status\n\
    GB01,2011-01,2011-01-01,2011-01-31,Open\nGB01,2011-02,2011-02-01,2011-02-28,Open\n";

/// One journal on the receivable and revenue.
pub fn booked(reference: &str, day: &str, amount: &str) -> String {
    let start = format!("J-{reference}-{day},{reference},GB01,{day},{}", &day[..7]);
    format!("{start},1100,,{amount},,GBP,,Posted\n{start},4000,,,{amount},GBP,,Posted\n")
}

/// Both invoices booked as they are.
pub fn right() -> Vec<String> {
    vec![booked("1001", "2011-01-05", "10.00"), booked("1002", "2011-01-06", "20.00")]
}

/// A workspace of files with people.
pub struct House {
    pub bench: Bench,
}

fn map(kind: &str) -> String {
    root().join(format!("fixtures/maps/online-retail-{kind}.toml")).to_str().unwrap().to_owned()
}

impl House {
    /// With these lines about the entity in its mapping, and this ledger.
    pub fn new(entity: &str, journals: &[String]) -> Self {
        let bench = Bench::new();
        bench.people(&[
            ("ana", "analyst"),
            ("cora", "controller"),
            ("dev", "controller"),
            ("carl", "controller"),
            ("aud", "auditor"),
        ]);
        let house = Self { bench };
        let periods = house.bench.file("periods.csv", PERIODS);
        house.bench.run(None, ["import", "periods", periods.to_str().unwrap()]).ok();
        house.govern(entity);
        house.billing(BILLING);
        house.ledger(journals);
        house
    }

    /// Billing is now this.
    pub fn billing(&self, billing: &str) {
        let file = self.bench.file("billing.csv", billing);
        self.bench.run(None, ["import", "billing", file.to_str().unwrap(), "--map", &map("billing")]).ok();
    }

    /// Has Carl bring a mapping in, and Cora approve it.
    pub fn govern(&self, entity: &str) {
        let text_of = format!(
            "version = 2\n[[entity]]\ncode = \"GB01\"\nfunctional_currency = \"GBP\"\n\
             time_zone = \"Europe/London\"\n{}\n[entity.accounts]\nreceivable = \"1100\"\n{}\n\
             [[entity_rule]]\nentity = \"GB01\"\n[[revenue]]\nproduct = \"*\"\naccount = \"4000\"\n",
            if entity.starts_with('[') { "" } else { entity },
            if entity.starts_with('[') { entity } else { "" },
        );
        let file = self.bench.file("mapping.toml", &text_of);
        let args = ["import", "mapping", file.to_str().unwrap()];
        let change = text(&self.bench.run(Some("carl"), args).ok().one(), "id");
        self.bench.run(Some("cora"), ["approve", &change]).ok();
    }

    /// The whole ledger is now this.
    pub fn ledger(&self, journals: &[String]) {
        let gl = self.bench.file("gl.csv", &format!("{GL_HEADER}{}", journals.concat()));
        let gl = gl.to_str().unwrap();
        let args = ["import", "gl", gl, "--map", &map("gl"), "--as-of", AS_OF, "--replaces", "all"];
        self.bench.run(None, args).ok();
    }

    /// How a close stands.
    pub fn status(&self, period: &str) -> Value {
        self.status_of(period, AS_OF)
    }

    pub fn status_of(&self, period: &str, as_of: &str) -> Value {
        self.bench.run(None, ["close", "status", "GB01", period, "--as-of", as_of]).ok().one()
    }

    /// The same without looking at the ledgers again.
    pub fn status_as_it_is(&self, period: &str) -> Value {
        let request = format!("{{\"entity\":\"GB01\",\"period\":\"{period}\",\"as_of\":\"{AS_OF}\"}}");
        self.bench.run(None, ["call", "close_status", &request]).ok().one()
    }

    /// What an account differs by.
    pub fn items(&self, period: &str, account: &str) -> Vec<Value> {
        self.bench.run(None, ["close", "items", "GB01", period, account, "--as-of", AS_OF]).ok().lines()
    }

    /// The sign-off of an account of January.
    pub fn sign_off(&self, account: &str) -> Value {
        let close = self.status(JANUARY);
        if account == "movements" {
            return close["movements"].clone();
        }
        let all = close["accounts"].as_array().unwrap().clone();
        let found = all.into_iter().find(|one| one["account"] == account);
        found.unwrap_or_else(|| panic!("{account} is not signed: {close:#}"))
    }

    pub fn state(&self, account: &str) -> String {
        text(&self.sign_off(account), "state")
    }

    pub fn prepare(&self, who: &str, account: &str) -> Ran {
        let args = ["close", "prepare", "GB01", JANUARY, account, "--as-of", AS_OF];
        self.bench.run(Some(who), args)
    }

    /// Looks at what is signed, and reviews what was seen.
    pub fn review(&self, who: &str, account: &str) -> Ran {
        let args = ["close", "text", "GB01", JANUARY, account, "--as-of", AS_OF];
        let seen = self.bench.run(None, args).ok().one();
        let hash = text(&seen["sign_off"], "hash");
        let args = ["close", "review", "GB01", JANUARY, account, "--content", &hash, "--as-of", AS_OF];
        self.bench.run(Some(who), args)
    }

    pub fn sign(&self, account: &str) {
        self.prepare("ana", account).ok();
        self.review("dev", account).ok();
    }

    /// Has a person explain items of January.
    pub fn explain(&self, who: &str, items: &[&str], kind: (&str, Option<&str>)) -> Ran {
        let mut args = vec!["close", "explain", "GB01", JANUARY];
        args.extend(items);
        args.extend(["--category", kind.0, "--note", "as the bank says", "--as-of", AS_OF]);
        if let Some(day) = kind.1 {
            args.extend(["--clears-by", day]);
        }
        self.bench.run(Some(who), args)
    }

    /// Has a person accept an explanation as it stands.
    pub fn accept(&self, who: &str, note: &Value) -> Ran {
        let (id, hash) = (text(note, "id"), text(note, "hash"));
        self.bench.run(Some(who), ["close", "accept", &id, "--content", &hash, "--as-of", AS_OF])
    }
}

/// A row as `expected - ledger = difference: timing + to book + accepted + brought forward + unexplained`.
pub fn row(close: &Value, account: &str) -> String {
    let rows = close["rows"].as_array().unwrap();
    let found = rows.iter().find(|row| row["account"] == account);
    let row = found.unwrap_or_else(|| panic!("{account} has no row: {rows:#?}"));
    let said = |field: &str| text(row, field);
    let parts = ["timing", "to_book", "accepted", "brought_forward", "unexplained"].map(said).join(" + ");
    let held = if row["over"] == true { "over" } else { "within" };
    format!(
        "{} - {} = {}: {parts} {held} {}",
        said("expected"),
        said("ledger"),
        said("difference"),
        said("tolerance")
    )
}
