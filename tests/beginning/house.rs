//! What the mapping says beside accounts: tolerances, rules about entries, further accounts of a role; and
//! what people explain. Nothing of it vanishes: it stands in the tie-out.

use std::{collections::BTreeMap, path::Path};

use serde_json::Value;

use crate::binary::{Bench, Ran, root, text};

/// As of when everything is judged.
pub const AS_OF: &str = "2011-02-28";

const BILLING: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
    1001,A,One,1,2011-01-05 09:00:00,10.00,17,United Kingdom\n\
    1002,B,Two,1,2011-01-06 09:00:00,20.00,17,United Kingdom\n";
const GL_HEADER: &str = "Journal No,External Ref,Entity,Posting Date,Period,Account,Account Name,\
    Debit,Credit,Currency,Memo,Status\n";
const PERIODS: &str = "Entity,Period,Starts,Ends,Status\n\
    GB01,2011-01,2011-01-01,2011-01-31,Open\nGB01,2010-12,2010-12-01,2010-12-31,Open\n";

/// A mapping of version 2 with these lines for the entity and for the file.
pub fn mapping(entity: &str, file: &str) -> String {
    format!(
        "version = 2\n[[entity]]\ncode = \"GB01\"\nfunctional_currency = \"GBP\"\n\
         time_zone = \"Europe/London\"\n{entity}\n[entity.accounts]\nreceivable = [\"1100\", \"1105\", \
         \"1110..1119\"]\n[[entity_rule]]\nentity = \"GB01\"\n[[revenue]]\nproduct = \"*\"\n\
         account = \"4000\"\n{file}"
    )
}

/// One journal of the ledger: reference, day, debited and credited account, amount.
pub fn journal(reference: &str, day: &str, debit: &str, credit: &str, amount: &str) -> String {
    let start = format!("J-{reference}-{day}-{amount},{reference},GB01,{day},{}", &day[..7]);
    format!("{start},{debit},,{amount},,GBP,,Posted\n{start},{credit},,,{amount},GBP,,Posted\n")
}

/// A workspace of files with people.
pub struct House {
    pub bench: Bench,
}

fn map(kind: &str) -> String {
    root().join(format!("fixtures/maps/online-retail-{kind}.toml")).to_str().unwrap().to_owned()
}

impl House {
    pub fn new(journals: &[String]) -> Self {
        let bench = Bench::new();
        bench.people(&[("ana", "analyst"), ("carl", "controller"), ("cora", "controller")]);
        let house = Self { bench };
        let periods = house.bench.file("periods.csv", PERIODS);
        house.bench.run(None, ["import", "periods", periods.to_str().unwrap()]).ok();
        let billing = house.bench.file("billing.csv", BILLING);
        let args = ["import", "billing", billing.to_str().unwrap(), "--map", &map("billing")];
        house.bench.run(None, args).ok();
        house.ledger(journals);
        house
    }

    /// The whole ledger is now this.
    pub fn ledger(&self, journals: &[String]) {
        let gl = self.bench.file("gl.csv", &format!("{GL_HEADER}{}", journals.concat()));
        let args = [
            "import",
            "gl",
            gl.to_str().unwrap(),
            "--map",
            &map("gl"),
            "--as-of",
            AS_OF,
            "--replaces",
            "all",
        ];
        self.bench.run(None, args).ok();
    }

    /// Has ana bring a mapping in, and carl approve it.
    pub fn govern(&self, mapping: &str) {
        let file = self.bench.file("mapping.toml", mapping);
        let change = self.import(&file).ok().one();
        self.bench.run(Some("carl"), ["approve", &text(&change, "id")]).ok();
    }

    pub fn import(&self, file: &Path) -> Ran {
        self.bench.run(Some("ana"), ["import", "mapping", file.to_str().unwrap()])
    }

    /// Open exceptions as `reference kind`, sorted.
    pub fn open(&self) -> Vec<String> {
        let open = self.bench.exceptions(AS_OF);
        let mut said: Vec<String> =
            open.iter().map(|e| format!("{} {}", text(e, "external_ref"), text(e, "kind"))).collect();
        said.sort();
        said
    }

    pub fn exception(&self, reference: &str) -> String {
        let open = self.bench.exceptions(AS_OF);
        let found = open.iter().find(|e| e["external_ref"] == reference);
        text(found.unwrap_or_else(|| panic!("{reference} has no exception: {open:#?}")), "id")
    }

    /// The cell of the receivable in January.
    pub fn cell(&self) -> Value {
        let args = ["tie-out", "--as-of", AS_OF, "--period", "2011-01", "--account", "1100"];
        let rows = self.bench.run(None, args).ok().lines();
        rows.into_iter().find(|row| row["entity"] == "GB01").expect("the receivable has a cell")
    }

    /// The same cell as the tie-out is exported, by its columns.
    pub fn exported(&self) -> BTreeMap<String, String> {
        let file = self.bench.folder.path().join("tie-out.csv");
        self.bench.run(None, ["export", "tie-out", "--force", "--to", file.to_str().unwrap()]).ok();
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(&file).unwrap();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let head = rows.iter().find(|row| row.get(0) == Some("entity")).expect("it has its columns");
        let own = rows.iter().find(|row| {
            [row.get(0), row.get(2), row.get(3)] == [Some("GB01"), Some("2011-01"), Some("1100")]
        });
        let own = own.expect("the receivable has a row");
        head.iter().zip(own.iter()).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    }

    /// The lines beside documents on the receivable, as `kind name amount`.
    pub fn lines(&self) -> Vec<String> {
        let rows = self.bench.run(None, ["tie-out", "--lines", "--as-of", AS_OF]).ok().lines();
        let own = rows.iter().filter(|row| row["account"] == "1100");
        own.map(|row| format!("{} {} {}", text(row, "kind"), text(row, "name"), text(row, "amount")))
            .collect()
    }
}

/// Both invoices booked as they are.
pub fn right() -> Vec<String> {
    vec![
        journal("1001", "2011-01-05", "1100", "4000", "10.00"),
        journal("1002", "2011-01-06", "1100", "4000", "20.00"),
    ]
}

#[track_caller]
fn column(cell: &Value, name: &str, want: &str) {
    assert_eq!(text(cell, name), want, "{name} of {cell:#}");
}

#[test]
fn a_difference_within_the_tolerance_stands_on_a_line_and_one_above_it_is_an_exception() {
    let house = House::new(&[
        journal("1001", "2011-01-05", "1100", "4000", "10.04"),
        journal("1002", "2011-01-06", "1100", "4000", "19.99"),
    ]);
    assert_eq!(house.open(), ["1001 amount_mismatch", "1002 amount_mismatch"], "without a tolerance");
    house.govern(&mapping("tolerance = \"0.05\"", ""));
    assert_eq!(house.open(), Vec::<String>::new());
    let cell = house.cell();
    column(&cell, "tolerated", "0.03");
    column(&cell, "variance", "0.00");
    let exported = house.exported();
    for name in ["billing", "settled", "not_ours", "noted", "tolerated", "opening", "ledger", "explained"] {
        assert_eq!(exported.get(name).map(String::as_str), cell[name].as_str(), "{name}: {exported:?}");
    }
    assert_eq!(house.lines(), ["tolerance within the tolerance 0.03"]);
    house.ledger(&[
        journal("1001", "2011-01-05", "1100", "4000", "10.06"),
        journal("1002", "2011-01-06", "1100", "4000", "19.99"),
    ]);
    assert_eq!(house.open(), ["1001 amount_mismatch"]);
    column(&house.cell(), "tolerated", "-0.01");
    house.govern(&mapping("tolerance = { USD = \"100.00\" }", ""));
    assert_eq!(house.open().len(), 2, "a limit of another currency is none");
}

#[test]
fn what_a_rule_says_is_not_ours_or_explained_is_summed_and_is_no_exception() {
    let mut journals = right();
    journals.push(journal("POS-1", "2011-01-10", "1100", "4000", "7.00"));
    journals.push(journal("POS-2", "2011-01-11", "1100", "4000", "8.00"));
    journals.push(journal("REVAL", "2011-01-31", "1100", "7900", "3.00"));
    let house = House::new(&journals);
    house.govern(&mapping("", ""));
    assert_eq!(house.open(), ["POS-1 orphan_journal", "POS-2 orphan_journal", "REVAL orphan_journal"]);
    let rules = "[[not_ours]]\nname = \"shop\"\nbegins_with = \"POS-\"\n\
                 [[explanation]]\nname = \"month end\"\ncategory = \"revaluation\"\n\
                 accounts = [\"7900..7999\"]\n";
    house.govern(&mapping("", rules));
    assert_eq!(house.open(), Vec::<String>::new());
    let cell = house.cell();
    column(&cell, "not_ours", "15.00");
    column(&cell, "noted", "3.00");
    column(&cell, "unexplained", "0.00");
    assert_eq!(house.lines(), ["explained revaluation 3.00", "not_ours shop 15.00"]);
    house.govern(&mapping("", "[[not_ours]]\nname = \"shop\"\nbegins_with = \"POS-1\"\n"));
    assert_eq!(
        house.open(),
        ["POS-2 orphan_journal", "REVAL orphan_journal"],
        "a rule that goes takes it back"
    );
}

#[test]
fn what_stands_on_a_further_account_of_a_role_stands_on_the_role() {
    let house = House::new(&[
        journal("1001", "2011-01-05", "1105", "4000", "10.00"),
        journal("1002", "2011-01-06", "1112", "4000", "20.00"),
        journal("LOST", "2011-01-07", "1119", "4000", "5.00"),
        journal("ELSE", "2011-01-08", "1120", "4000", "6.00"),
    ]);
    house.govern(&mapping("", ""));
    assert_eq!(house.open(), ["LOST orphan_journal"], "1120 is no receivable");
    column(&house.cell(), "ledger", "35.00");
    let alone = mapping("", "").replace("[\"1100\", \"1105\", \"1110..1119\"]", "\"1100\"");
    house.govern(&alone);
    assert_eq!(house.open(), ["1001 wrong_account", "1002 wrong_account"]);
}

#[test]
fn an_entry_is_explained_by_a_signed_note_and_above_the_tolerance_by_two() {
    let mut journals = right();
    journals.push(journal("FEE", "2011-01-10", "7000", "1100", "0.40"));
    journals.push(journal("LARGE", "2011-01-11", "1100", "7000", "90.00"));
    let house = House::new(&journals);
    house.govern(&mapping("tolerance = \"0.50\"", ""));
    assert_eq!(house.open(), ["FEE orphan_journal", "LARGE orphan_journal"]);
    let (fee, large) = (house.exception("FEE"), house.exception("LARGE"));
    let explain = |person: &str, id: &str| {
        let args = ["explain", id, "--category", "bank charges", "--note", "as every month"];
        house.bench.run(Some(person), args)
    };
    let small = explain("ana", &fee).ok().one();
    assert_eq!(small["change"]["state"], "in_force", "{small}");
    let note = explain("ana", &large).ok().one();
    assert_eq!(note["change"]["state"], "inert", "{note}");
    assert_eq!(house.open(), ["LARGE orphan_journal"]);
    let (id, hash) = (text(&note["change"], "id"), text(&note["change"], "hash"));
    let approve = |person: &str| house.bench.run(Some(person), ["approve", &id, "--content", &hash]);
    approve("ana").refused("author_of_a_change_does_not_decide_it");
    approve("carl").ok();
    assert_eq!(house.open(), Vec::<String>::new());
    column(&house.cell(), "noted", "89.60");
    column(&house.cell(), "unexplained", "0.00");
    assert_eq!(house.lines(), ["noted bank charges 89.60"]);
    // What was explained is another entry once it changes.
    journals[3] = journal("LARGE", "2011-01-11", "1100", "7000", "91.00");
    house.ledger(&journals);
    assert_eq!(house.open(), ["LARGE orphan_journal"]);
    let fee_note = text(&small["change"], "id");
    house.bench.run(Some("ana"), ["explain", &fee_note, "--take-back", "it was something else"]).ok();
    assert_eq!(house.open(), ["FEE orphan_journal", "LARGE orphan_journal"]);
    assert_eq!(house.bench.run(None, ["verify"]).ok().one()["sound"], true);
}

#[test]
fn a_mapping_file_is_refused_with_the_place_and_the_key() {
    let house = House::new(&right());
    let check = |text: &str| {
        let file = house.bench.file("mapping.toml", text);
        house.bench.run(None, ["import", "mapping", "--check", file.to_str().unwrap()])
    };
    let good = check(&mapping("materiality = \"5.00\"", "")).ok().one();
    assert_eq!((&good["version"], &good["entities"][0]), (&2.into(), &"GB01".into()));
    let unknown = check(&mapping("tolerence = \"1.00\"", "")).refused("mapping_syntax");
    assert!(unknown.stderr.contains("tolerence") && unknown.stderr.contains("line 6"), "{unknown:?}");
    check(&mapping("scopes = { recievable = \"ours\" }", "")).refused("mapping_syntax");
    check(&mapping("segments = { colour = \"1\" }", "")).refused("mapping_syntax");
    check(&mapping("tolerance = \"a lot\"", "")).refused("mapping_bad_value");
    check(&mapping("rates = \"ECB\"", "")).refused("mapping_bad_value");
    check(&mapping("", "[[not_ours]]\nname = \"all\"\n")).refused("mapping_bad_value");
    check(&mapping("", "[[explanation]]\nname = \"x\"\nbegins_with = \"x\"\n")).refused("mapping_bad_value");
    let first = mapping("", "").replace("version = 2", "schema = 1");
    let lists = check(&first).refused("mapping_key_too_new");
    assert!(lists.stderr.contains("entity GB01"), "{lists:?}");
    check(&first.replace("[\"1100\", \"1105\", \"1110..1119\"]", "\"1100\"")).ok();
    check(&mapping("", "").replace("version = 2", "version = 3")).refused("mapping_schema");
}
