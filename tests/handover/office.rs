//! A desk whose ledger is read from files: two invoices in billing, of which the ledger has the first.

use std::path::PathBuf;

use serde_json::Value;

use crate::{
    binary::{Ran, text},
    ledgers::{self, Entry, Ledger},
    scene::{Desk, ONE},
    switching_on::switch_on,
};

const BILLING: &str = "Number,Date,Amount,Product,Kind\n\
    RE-1001,2026-02-13,1250.00,service,invoice\n\
    RE-1002,2026-02-16,84.00,service,invoice\n";

pub struct Office {
    pub desk: Desk,
    pub ledger: &'static Ledger,
    pub connection: String,
}

/// SHA-256 in hex.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest as _, Sha256};
    hex::encode(Sha256::digest(bytes))
}

impl Office {
    /// Posting is switched on.
    pub fn open(ledger: &'static Ledger) -> Self {
        let office = Self::seen(ledger);
        office.switch_on();
        office
    }

    /// The same, by the name of the ledger's form, and not switched on.
    pub fn observing(form: &str) -> Self {
        Self::seen(ledgers::of(form))
    }

    /// A posting of the second invoice is handed over by ana, in `journal.out`.
    pub fn handed_over(form: &str) -> (Self, String) {
        let office = Self::open(ledgers::of(form));
        let posting = office.approved(&office.exception("RE-1002"));
        office.write("ana", "journal.out", &[]).ok();
        (office, posting)
    }

    fn seen(ledger: &'static Ledger) -> Self {
        let desk = Desk::of_people();
        let connection = match ledger.profile {
            Some(profile) => format!("{profile}-de01"),
            None => "ledger".to_owned(),
        };
        let office = Self { desk, ledger, connection };
        let mapping = office.desk.bench.file("mapping.toml", &office.mapping());
        let policy = office.desk.bench.file("policy.toml", ONE);
        office.desk.govern("greta", "carl", "mapping", &mapping);
        office.desk.govern("greta", "carl", "policy", &policy);
        let billing = office.desk.bench.file("billing.csv", BILLING);
        let map = office.desk.bench.file("billing.toml", &office.billing_map());
        let (billing, map) = (billing.to_str().unwrap(), map.to_str().unwrap());
        office.desk.plainly(["import", "billing", billing, "--map", map]).ok();
        office.import(&office.export(&[]), None).ok();
        assert_eq!(office.open_of("RE-1001"), Vec::<String>::new(), "{}", ledger.form);
        office
    }

    pub fn switch_on(&self) {
        switch_on(&self.desk.bench, &self.connection, "carl");
    }

    fn mapping(&self) -> String {
        let Ledger { receivable, revenue, currency, .. } = self.ledger;
        format!(
            "version = 2\n[[entity]]\ncode = \"DE01\"\nname = \"Meridian\"\n\
             functional_currency = \"{currency}\"\n\
             time_zone = \"UTC\"\n[entity.accounts]\nreceivable = \"{receivable}\"\n\
             deferred_revenue = \"2400\"\ntax_payable = \"2200\"\nclearing = \"1050\"\nfees = \"6100\"\n\
             bad_debt = \"6200\"\n[[entity_rule]]\nconnection = \"billing\"\nentity = \"DE01\"\n\
             [[revenue]]\nproduct = \"service\"\naccount = \"{revenue}\"\n"
        )
    }

    fn billing_map(&self) -> String {
        let Ledger { receivable, revenue, currency, .. } = self.ledger;
        format!(
            "schema = 1\nkind = \"billing\"\ndefault_entity = \"DE01\"\n[columns]\nnumber = \"Number\"\n\
             date = \"Date\"\namount = \"Amount\"\nproduct = \"Product\"\nkind = \"Kind\"\n[constants]\n\
             currency = \"{currency}\"\n[formats]\ndates = [\"%Y-%m-%d\"]\n[documents]\n\
             line_amount = \"amount\"\nrounding = \"half_even\"\n[kinds]\ninvoice = [\"invoice\"]\n\
             credit_note = [\"credit\"]\npayment = [\"payment\"]\n[[entity]]\ncode = \"DE01\"\n\
             functional_currency = \"{currency}\"\ntime_zone = \"UTC\"\n[expect]\n\
             receivable = \"{receivable}\"\nrevenue = \"{revenue}\"\n"
        )
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.desk.bench.folder.path().join(name)
    }

    /// What the ledger's program exports: the first invoice, and these.
    pub fn export(&self, entries: &[Entry]) -> Vec<u8> {
        let first = Entry {
            key: String::new(),
            date: "2026-02-13".to_owned(),
            lines: vec![
                (self.ledger.receivable.to_owned(), 125_000),
                (self.ledger.revenue.to_owned(), -125_000),
            ],
        };
        let all = [&[first], entries].concat();
        (self.ledger.export)(self.ledger, &all)
    }

    /// Imports an export of the ledger, as the whole of a month where one is named.
    pub fn import(&self, export: &[u8], replaces: Option<&str>) -> Ran {
        let file = self.path("ledger.export");
        std::fs::write(&file, export).unwrap();
        let file = file.to_str().unwrap();
        let map = self.desk.bench.file("ledger.toml", ledgers::PLAIN_MAP);
        let Ledger { receivable, revenue, currency, .. } = self.ledger;
        let expect = format!("receivable={receivable},revenue={revenue}");
        let mut args = vec!["import", "gl", file, "--as-of", "2026-03-31"];
        match self.ledger.profile {
            Some(_) => args.extend([
                "--auto",
                "--entity",
                "DE01",
                "--currency",
                currency,
                "--time-zone",
                "UTC",
                "--expect",
                &expect,
            ]),
            None => args.extend(["--map", map.to_str().unwrap()]),
        }
        if let Some(month) = replaces {
            args.extend(["--replaces", month]);
        }
        self.desk.plainly(args)
    }

    /// The entries of a file that was written.
    pub fn read(&self, name: &str) -> Vec<Entry> {
        (self.ledger.read)(&std::fs::read(self.path(name)).unwrap())
    }

    pub fn exception(&self, reference: &str) -> String {
        let all = self.desk.exceptions_of(reference);
        let open: Vec<&Value> = all.iter().filter(|e| e["kind"] == "unposted").collect();
        assert_eq!(open.len(), 1, "{}: {all:#?}", self.ledger.form);
        text(open[0], "id")
    }

    pub fn open_of(&self, reference: &str) -> Vec<String> {
        self.desk.open_kinds(reference)
    }

    /// A posting that ana prepared and cora approved.
    pub fn approved(&self, exception: &str) -> String {
        let posting = self.desk.propose("ana", exception);
        self.desk.approve("cora", &posting).ok();
        posting
    }

    pub fn state(&self, posting: &str) -> String {
        text(&self.desk.posting(posting), "state")
    }

    /// Writes what waits (or is named in `more`) into a journal file of the form of the ledger's own files.
    pub fn write(&self, person: &str, name: &str, more: &[&str]) -> Ran {
        let to = self.path(name);
        let mut args =
            vec!["handover", "write", "--connection", &self.connection, "--to", to.to_str().unwrap()];
        for option in self.ledger.options {
            args.extend(["--set", option]);
        }
        args.extend(more);
        self.desk.run(person, args)
    }

    /// Journal files, the newest first.
    pub fn files(&self) -> Vec<Value> {
        let all = self.desk.plainly(["handover", "list"]).ok().one();
        all["files"].as_array().unwrap().clone()
    }

    /// Confirms a file as it was listed.
    pub fn confirm(&self, person: &str, file: &Value) -> Ran {
        let (id, sha) = (text(file, "id"), text(file, "sha256"));
        self.desk.run(person, ["handover", "confirm", &id, "--content", &sha])
    }

    pub fn cancel(&self, person: &str, posting: &str) -> Ran {
        self.desk.run(person, ["post", "--cancel", posting])
    }
}
