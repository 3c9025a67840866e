//! A company that bills in advance, in three entities and currencies, and its people: Carl brings mappings
//! in, Cora approves them. Its billing says service periods; its ledger is a file.

use serde_json::Value;

use crate::binary::{Bench, Ran, text};

/// As of when everything is judged: releases through May 2026 are due, June's are not.
pub const AS_OF: &str = "2026-07-03";

const ENTITIES: [&str; 3] = [
    "[[entity]]\ncode = \"GB01\"\nfunctional_currency = \"GBP\"\ntime_zone = \"Europe/London\"\n",
    "[[entity]]\ncode = \"JP01\"\nfunctional_currency = \"JPY\"\ntime_zone = \"Asia/Tokyo\"\n",
    "[[entity]]\ncode = \"KW01\"\nfunctional_currency = \"KWD\"\ntime_zone = \"Asia/Kuwait\"\n",
];

const BILLING_MAP: &str = r#"schema = 2
kind = "billing"
[columns]
number = "Number"
kind = "Type"
date = "Date"
invoice = "Credits"
entity = "Entity"
product = "Product"
amount = "Amount"
currency = "Currency"
service_starts = "From"
service_ends = "To"
[formats]
dates = ["%Y-%m-%d"]
decimal = "."
[documents]
group_by = ["number"]
line_amount = "amount"
rounding = "half_even"
sign = "as_written"
[kinds]
invoice = ["Invoice"]
credit_note = ["Credit"]
"#;

const GL_MAP: &str = r#"schema = 2
kind = "gl"
[columns]
journal = "Journal"
reference = "Reference"
entity = "Entity"
posting_date = "Date"
account = "Account"
debit = "Debit"
credit = "Credit"
currency = "Currency"
[formats]
dates = ["%Y-%m-%d"]
decimal = "."
[journals]
group_by = ["journal"]
"#;

const EXPECT: &str = "[expect]\nreceivable = \"1100\"\nrevenue = \"4000\"\n";

const BILLING_HEADER: &str = "Number,Type,Date,Credits,Entity,Product,Amount,Currency,From,To\n";

/// A year by month with an upgrade in its middle; a quarter by day, half of which is credited after January;
/// a year in yen by month; a quarter in dinars by day. As in `fixtures/schedules/worked.toml`.
pub const BILLING: &str = "\
    INV-1,Invoice,2026-01-01,,GB01,team,1200.00,GBP,2026-01-01,2026-12-31\n\
    INV-2,Invoice,2026-04-01,,GB01,team,-900.00,GBP,2026-04-01,2026-12-31\n\
    INV-2,Invoice,2026-04-01,,GB01,team,1350.00,GBP,2026-04-01,2026-12-31\n\
    INV-5,Invoice,2026-01-01,,GB01,daily,90.00,GBP,2026-01-01,2026-03-31\n\
    CN-5,Credit,2026-02-01,INV-5,GB01,daily,-45.00,GBP,,\n\
    INV-3,Invoice,2026-04-01,,JP01,team,100000,JPY,2026-04-01,2027-03-31\n\
    INV-4,Invoice,2026-01-01,,KW01,daily,100.000,KWD,2026-01-01,2026-03-31\n\
    INV-6,Invoice,2026-02-02,,GB01,once,10.00,GBP,,\n";

/// What is released of them in each month that is due: entity, currency, month, amount.
pub const RELEASES: [(&str, &str, &str, &str); 10] = [
    ("GB01", "GBP", "2026-01", "131.00"),
    ("GB01", "GBP", "2026-02", "98.50"),
    ("GB01", "GBP", "2026-03", "115.50"),
    ("GB01", "GBP", "2026-04", "150.00"),
    ("GB01", "GBP", "2026-05", "150.00"),
    ("JP01", "JPY", "2026-04", "8333"),
    ("JP01", "JPY", "2026-05", "8334"),
    ("KW01", "KWD", "2026-01", "34.444"),
    ("KW01", "KWD", "2026-02", "31.112"),
    ("KW01", "KWD", "2026-03", "34.444"),
];

/// How the entities release, as their mapping says it.
pub const SCHEDULES: &str = "[entity.schedules]\nmethod = \"monthly\"\ndue_days = 5\n";

/// A journal of two accounts.
pub fn journal(name: &str, place: (&str, &str, &str), (debit, credit, amount): (&str, &str, &str)) -> String {
    let (entity, currency, day) = place;
    let start = format!("J-{name}-{entity}-{day},{name},{entity},{day}");
    format!("{start},{debit},{amount},,{currency}\n{start},{credit},,{amount},{currency}\n")
}

/// A day of the British books.
pub fn gb(day: &str) -> (&str, &str, &str) {
    ("GB01", "GBP", day)
}

/// The documents as a connector books them.
pub fn documents() -> Vec<String> {
    vec![
        journal("INV-1", gb("2026-01-01"), ("1100", "2400", "1200.00")),
        journal("INV-2", gb("2026-04-01"), ("1100", "2400", "450.00")),
        journal("INV-5", gb("2026-01-01"), ("1100", "2400", "90.00")),
        journal("CN-5", gb("2026-02-01"), ("2400", "1100", "45.00")),
        journal("INV-6", gb("2026-02-02"), ("1100", "4100", "10.00")),
        journal("INV-3", ("JP01", "JPY", "2026-04-01"), ("1100", "2400", "100000")),
        journal("INV-4", ("KW01", "KWD", "2026-01-01"), ("1100", "2400", "100.000")),
    ]
}

/// One release of a month in total.
pub fn release((entity, currency, month, amount): (&str, &str, &str, &str)) -> String {
    journal("REVREC", (entity, currency, &format!("{month}-28")), ("2400", "4000", amount))
}

/// The whole ledger as it should be.
pub fn right() -> Vec<String> {
    documents().into_iter().chain(RELEASES.into_iter().map(release)).collect()
}

/// A workspace of files with people.
pub struct House {
    pub bench: Bench,
}

impl House {
    /// Without anything but people and a mapping with these lines about every entity.
    pub fn new(schedules: &str) -> Self {
        let bench = Bench::new();
        bench.people(&[("carl", "controller"), ("cora", "controller")]);
        let house = Self { bench };
        house.govern(schedules);
        house
    }

    /// With this billing and this ledger.
    pub fn of(schedules: &str, billing: &str, ledger: &[String]) -> Self {
        let house = Self::new(schedules);
        house.billing(billing);
        house.ledger(ledger);
        house
    }

    /// The mapping with these lines about every entity.
    pub fn mapping(schedules: &str) -> String {
        let entity = |entity: &str| {
            format!(
                "{entity}[entity.accounts]\nreceivable = \"1100\"\ndeferred_revenue = \"2400\"\n{schedules}\n"
            )
        };
        let entities = ENTITIES.map(entity).concat();
        let daily = if schedules.is_empty() { "" } else { "schedule = \"daily\"\n" };
        format!(
            "version = 2\n{entities}\
             [[revenue]]\nproduct = \"team\"\naccount = \"4000\"\nrecognition = \"over_time\"\n\
             [[revenue]]\nproduct = \"daily\"\naccount = \"4000\"\nrecognition = \"over_time\"\n{daily}\
             [[revenue]]\nproduct = \"*\"\naccount = \"4100\"\n"
        )
    }

    /// Has Carl bring a mapping in, and Cora approve it.
    pub fn govern(&self, schedules: &str) {
        let change = text(&self.import_mapping(&Self::mapping(schedules)).ok().one(), "id");
        self.bench.run(Some("cora"), ["approve", &change]).ok();
    }

    /// Has Carl bring this mapping in.
    pub fn import_mapping(&self, mapping: &str) -> Ran {
        let file = self.bench.file("mapping.toml", mapping);
        self.bench.run(Some("carl"), ["import", "mapping", file.to_str().unwrap()])
    }

    /// Billing has this as well.
    pub fn billing(&self, rows: &str) {
        let map = self.bench.file("billing.toml", &format!("{BILLING_MAP}{}{EXPECT}", ENTITIES.concat()));
        let file = self.bench.file("billing.csv", &format!("{BILLING_HEADER}{rows}"));
        let args = ["import", "billing", file.to_str().unwrap(), "--map", map.to_str().unwrap()];
        self.bench.run(None, args).ok();
    }

    /// The whole ledger is now this.
    pub fn ledger(&self, journals: &[String]) {
        let map = self.bench.file("gl.toml", &format!("{GL_MAP}{}{EXPECT}", ENTITIES.concat()));
        let rows =
            format!("Journal,Reference,Entity,Date,Account,Debit,Credit,Currency\n{}", journals.concat());
        let file = self.bench.file("gl.csv", &rows);
        let (file, map) = (file.to_str().unwrap(), map.to_str().unwrap());
        let args = ["import", "gl", file, "--map", map, "--as-of", AS_OF, "--replaces", "all"];
        self.bench.run(None, args).ok();
    }

    /// Open exceptions as `reference kind variance currency`, sorted.
    pub fn open(&self) -> Vec<String> {
        let all = self.bench.exceptions(AS_OF);
        let word = |one: &Value, field| text(one, field);
        let mut found: Vec<String> = all
            .iter()
            .map(|one| {
                let (what, kind) = (word(one, "external_ref"), word(one, "kind"));
                format!("{what} {kind} {} {}", word(one, "variance"), word(one, "currency"))
            })
            .collect();
        found.sort();
        found
    }

    /// The schedules, by these arguments.
    pub fn schedules(&self, args: &[&str]) -> Vec<Value> {
        let args = [&["close", "schedules", "--as-of", AS_OF][..], args].concat();
        self.bench.run(None, args).ok().lines()
    }

    /// What nothing explains in the tie-out.
    pub fn unexplained(&self) -> Vec<Value> {
        let all = self.bench.run(None, ["tie-out", "--as-of", AS_OF]).ok().lines();
        all.into_iter()
            .filter(|cell| text(cell, "unexplained").chars().any(|c| ('1'..='9').contains(&c)))
            .collect()
    }
}

/// A row of schedules: `period opening + deferred - released = closing, ledger: state`.
pub fn row(one: &Value) -> String {
    let word = |field: &str| one[field].as_str().unwrap_or("-").to_owned();
    format!(
        "{} {} + {} - {} = {}, {}: {}",
        word("period"),
        word("opening"),
        word("deferred"),
        word("released"),
        word("closing"),
        word(if one["document"].is_null() { "ledger" } else { "booked" }),
        word("state")
    )
}
