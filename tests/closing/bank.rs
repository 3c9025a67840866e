//! Statements of the bank beside payouts and the ledger: right ones leave nothing open and explain the
//! difference to the minor unit, wrong ones are told as just what they are.

use serde_json::Value;

use crate::{
    binary::{Bench, Ran, root, text},
    scene::{ONE, Scene, judged},
};

const AS_OF: &str = "2026-04-30";

const PAYOUTS_MAP: &str = r#"
schema = 1
kind = "billing"
default_entity = "GB01"
[columns]
number = "Id"
date = "Date"
amount = "Amount"
currency = "Currency"
kind = "Type"
[formats]
dates = ["%Y-%m-%d"]
[documents]
line_amount = "amount"
rounding = "half_even"
sign = "by_kind"
[kinds]
payout = ["payout"]
[[entity]]
code = "GB01"
functional_currency = "GBP"
time_zone = "Europe/London"
[expect]
receivable = "1100"
revenue = "4000"
clearing = "1050"
fees = "6100"
bank = "1010"
"#;

const MAPPING: &str = "version = 2\n[[entity]]\ncode = \"GB01\"\nfunctional_currency = \"GBP\"\n\
    time_zone = \"Europe/London\"\n[entity.accounts]\nreceivable = \"1100\"\nclearing = \"1050\"\n\
    bank = \"1010\"\n[[entity_rule]]\nentity = \"GB01\"\n[[revenue]]\nproduct = \"*\"\naccount = \"4000\"\n";

const PERIODS: &str = "Entity,Period,Starts,Ends,Status\n\
    GB01,2026-03,2026-03-01,2026-03-31,Open\nGB01,2026-04,2026-04-01,2026-04-30,Open\n";

/// A payout of March: its name, day and amount.
type Paid = (&'static str, u32, &'static str);

const TWO: [Paid; 2] = [("po_0000000001", 2, "911.20"), ("po_0000000002", 9, "455.00")];

/// A company in pounds whose payouts and ledger are files.
struct House {
    bench: Bench,
}

impl House {
    /// With these payouts, each booked as it was paid out.
    fn new(payouts: &[Paid]) -> Self {
        Self::with(payouts, "")
    }

    /// The same, with these rows of the ledger besides.
    fn with(payouts: &[Paid], journals: &str) -> Self {
        let bench = Bench::new();
        bench.people(&[("carl", "controller"), ("cora", "controller"), ("aud", "auditor")]);
        let house = Self { bench };
        let periods = house.file("periods.csv", PERIODS);
        house.bench.run(None, ["import", "periods", &periods]).ok();
        let mapping = house.file("mapping.toml", MAPPING);
        let change = text(&house.bench.run(Some("carl"), ["import", "mapping", &mapping]).ok().one(), "id");
        house.bench.run(Some("cora"), ["approve", &change]).ok();
        let row = |(name, day, amount): &Paid| format!("{name},2026-03-{day:02},{amount},GBP,payout\n");
        let rows: String = payouts.iter().map(row).collect();
        let (rows, map) = (
            house.file("po.csv", &format!("Id,Date,Amount,Currency,Type\n{rows}")),
            house.file("po.toml", PAYOUTS_MAP),
        );
        house.bench.run(None, ["import", "billing", &rows, "--map", &map, "--as-of", AS_OF]).ok();
        let booked = |(name, day, amount): &Paid| journal(name, *day, ("1010", "1050"), amount);
        let ledger: String = payouts.iter().map(booked).collect();
        let header = "Journal No,External Ref,Entity,Posting Date,Period,Account,Account Name,Debit,Credit,\
                      Currency,Memo,Status\n";
        let ledger = house.file("gl.csv", &format!("{header}{ledger}{journals}"));
        let map = root().join("fixtures/maps/online-retail-gl.toml").to_str().unwrap().to_owned();
        house
            .bench
            .run(None, ["import", "gl", &ledger, "--map", &map, "--as-of", AS_OF, "--replaces", "all"])
            .ok();
        house
    }

    fn file(&self, name: &str, text: &str) -> String {
        self.bench.file(name, text).to_str().unwrap().to_owned()
    }

    fn import(&self, name: &str, statement: &str) -> Ran {
        let file = self.file(name, statement);
        self.bench.run(None, ["bank", "import", &file, "--as-of", AS_OF])
    }

    fn open(&self) -> Vec<String> {
        open(&self.bench.exceptions(AS_OF))
    }

    fn show(&self) -> Value {
        self.bench.run(None, ["bank", "show", "--account", "1010"]).ok().one()
    }
}

fn open(exceptions: &[Value]) -> Vec<String> {
    let told = |one: &Value| format!("{} {}", text(one, "external_ref"), text(one, "kind"));
    let mut told: Vec<String> = exceptions.iter().map(told).collect();
    told.sort();
    told
}

/// A journal of two lines on a day of March.
fn journal(name: &str, day: u32, (debit, credit): (&str, &str), amount: &str) -> String {
    let start = format!("J-{name},{name},GB01,2026-03-{day:02},2026-03");
    format!("{start},{debit},,{amount},,GBP,,Posted\n{start},{credit},,,{amount},GBP,,Posted\n")
}

/// An MT940: days of March `from` to `to`, balances and amounts as MT940 writes them, lines as mark, amount
/// and words.
fn mt940((from, to): (u32, u32), (opening, closing): (&str, &str), lines: &[(u32, &str, &str)]) -> String {
    let line = |(day, amount, words): &(u32, &str, &str)| {
        format!(":61:2603{day:02}03{day:02}{amount}NTRFNONREF\n:86:{words}\n")
    };
    let lines: String = lines.iter().map(line).collect();
    format!(
        ":20:MARCH\n:25:GB29NWBK60161331926819\n:28C:{from}/1\n:60F:C2603{from:02}GBP{opening}\n{lines}\
         :62F:C2603{to:02}GBP{closing}\n-\n"
    )
}

const FIRST: (u32, &str, &str) = (4, "C911,20", "STRIPE po_0000000001");
const SECOND: (u32, &str, &str) = (11, "C455,00", "STRIPE PAYMENTS UK LTD");

/// What the two differ by, as `difference = not booked - in transit + unexplained, state`.
fn figures(shown: &Value) -> String {
    let said = |field: &str| text(shown, field);
    format!(
        "{} = {} - {} + {}, {}",
        said("difference"),
        said("not_booked"),
        said("in_transit"),
        said("unexplained"),
        said("state")
    )
}

fn items(shown: &Value) -> Vec<String> {
    let told =
        |one: &Value| format!("{} {} {}", text(one, "kind"), text(one, "amount"), text(one, "reference"));
    shown["items"].as_array().unwrap().iter().map(told).collect()
}

#[test]
fn a_right_statement_leaves_nothing_open_and_agrees_with_the_ledger() {
    let house = House::new(&TWO);
    assert_eq!(house.open(), Vec::<String>::new());
    let came = house.import("m.sta", &mt940((1, 31), ("0,00", "1366,20"), &[FIRST, SECOND])).ok().one();
    assert_eq!((came["format"].as_str(), came["known"].as_bool()), (Some("mt940"), Some(false)));
    let one = &came["statements"][0];
    assert_eq!((text(one, "entity"), text(one, "account")), ("GB01".to_owned(), "1010".to_owned()));
    assert_eq!((&one["lines"], &one["new_lines"], &one["gap"]), (&2.into(), &2.into(), &Value::Null));
    assert_eq!(house.open(), Vec::<String>::new());
    let shown = house.show();
    assert_eq!(figures(&shown), "0.00 = 0.00 - 0.00 + 0.00, agrees");
    assert_eq!(
        (text(&shown, "closing"), text(&shown, "ledger")),
        ("1366.20".to_owned(), "1366.20".to_owned())
    );
    assert_eq!(shown["payouts"]["received"], 2);
    assert_eq!(shown["ledger_whole"], true);
    // The same bytes once more, and the log: nothing is done, and what was done stands there.
    let again = house.import("m.sta", &mt940((1, 31), ("0,00", "1366,20"), &[FIRST, SECOND])).ok().one();
    assert_eq!(
        (again["known"].as_bool(), again["statements"].as_array().map(Vec::len)),
        (Some(true), Some(0))
    );
    let log = house.bench.run(None, ["call", "log_page", "{\"limit\":200}"]).ok().one().to_string();
    assert_eq!(log.matches("\"what\":\"bank_imported\"").count(), 1, "{log}");
    assert!(log.contains(came["sha256"].as_str().unwrap()), "{log}");
    assert_eq!(house.bench.run(None, ["verify"]).ok().one()["sound"], true);
}

#[test]
fn a_payout_on_its_way_and_a_fee_that_nobody_booked_explain_the_difference() {
    let on_its_way = [TWO[0], TWO[1], ("po_0000000003", 30, "100.00")];
    let house = House::new(&on_its_way);
    let fee = (31, "D6,90", "ACCOUNT FEE");
    house.import("m.sta", &mt940((1, 31), ("0,00", "1359,30"), &[FIRST, SECOND, fee])).ok();
    assert_eq!(house.open(), Vec::<String>::new());
    let shown = house.show();
    assert_eq!(figures(&shown), "-106.90 = -6.90 - 100.00 + 0.00, explained");
    assert_eq!(items(&shown), ["not_booked -6.90 ", "in_transit 100.00 po_0000000003"]);
    assert_eq!(text(&shown["items"][0], "text"), "ACCOUNT FEE");
    assert_eq!((&shown["payouts"]["received"], &shown["payouts"]["awaited"]), (&2.into(), &1.into()));
    // The fee is booked: what the ledger books otherwise is found by amount and day.
    let booked = House::with(&on_its_way, &journal("FEE-1", 30, ("6100", "1010"), "6.90"));
    booked.import("m.sta", &mt940((1, 31), ("0,00", "1359,30"), &[FIRST, SECOND, fee])).ok();
    assert_eq!(figures(&booked.show()), "-100.00 = 0.00 - 100.00 + 0.00, explained");
}

#[test]
fn a_line_that_is_missing_has_another_amount_or_comes_twice_is_told_as_just_that() {
    let missing = House::new(&TWO);
    missing.import("m.sta", &mt940((1, 31), ("0,00", "911,20"), &[FIRST])).ok();
    assert_eq!(missing.open(), ["po_0000000002 payout_not_received"]);
    assert_eq!(figures(&missing.show()), "-455.00 = 0.00 - 455.00 + 0.00, explained");
    let other = House::new(&TWO);
    let short = (4, "C911,00", "STRIPE po_0000000001");
    other.import("m.sta", &mt940((1, 31), ("0,00", "1366,00"), &[short, SECOND])).ok();
    assert_eq!(other.open(), ["po_0000000001 payout_not_received"]);
    let shown = other.show();
    assert_eq!(figures(&shown), "-0.20 = 0.00 - 0.00 + -0.20, differs");
    assert_eq!(
        (items(&shown), text(&shown, "payout_differences")),
        (vec!["differs -0.20 po_0000000001".to_owned()], "-0.20".to_owned())
    );
    let twice = House::new(&TWO);
    let again = (5, "C911,20", "STRIPE po_0000000001");
    twice.import("m.sta", &mt940((1, 31), ("0,00", "2277,40"), &[FIRST, again, SECOND])).ok();
    assert_eq!(twice.open(), ["po_0000000001 payout_not_received"]);
    assert_eq!(figures(&twice.show()), "911.20 = 0.00 - 0.00 + 911.20, differs");
    // A later statement brings what was missing: it is closed, and nothing else opens.
    missing
        .import("n.sta", &mt940((31, 31), ("911,20", "1366,20"), &[(31, "C455,00", "po_0000000002")]))
        .ok();
    assert_eq!(missing.open(), Vec::<String>::new());
}

#[test]
fn a_statement_that_does_not_add_up_is_refused_whole() {
    let house = House::new(&TWO);
    let right = mt940((1, 15), ("0,00", "911,20"), &[FIRST]);
    let wrong = mt940((15, 31), ("911,20", "1366,21"), &[SECOND]);
    let refused = house.import("m.sta", &format!("{right}{wrong}")).refused("bank_statement_unbalanced");
    for part in ["MARCH 15/1", "1366.20 GBP", "1366.21 GBP", "nothing was imported"] {
        assert!(refused.stderr.contains(part), "{part}: {}", refused.stderr);
    }
    assert_eq!(house.bench.run(None, ["bank", "show"]).ok().lines(), Vec::<Value>::new());
    assert_eq!(house.open(), Vec::<String>::new());
    let unread = right.replace("C911,20N", "C911.20N");
    let refused = house.import("m.sta", &unread).refused("bank_file_unreadable");
    assert!(
        refused.stderr.contains("MARCH 1/1, line 5") && refused.stderr.contains("C911.20N"),
        "{}",
        refused.stderr
    );
    house.import("m.txt", "Dear customer,\n").refused("bank_file_unknown");
    // Where documents and ledgers are looked for it is told as what it is.
    let file = house.file("m.sta", &right);
    house.bench.run(None, ["inspect", &file]).refused("file_of_another_kind");
}

#[test]
fn statements_that_overlap_bring_each_line_once_and_a_gap_is_told() {
    let house = House::new(&TWO);
    let fee = (10, "D6,90", "ACCOUNT FEE");
    house.import("a.sta", &mt940((1, 10), ("0,00", "904,30"), &[FIRST, fee])).ok();
    // From the 9th: the fee is there already; a second one of the same day is not.
    let again = mt940((9, 15), ("911,20", "1352,40"), &[fee, fee, SECOND]);
    let came = house.import("b.sta", &again).ok().one();
    assert_eq!(
        (&came["statements"][0]["new_lines"], &came["statements"][0]["gap"]),
        (&2.into(), &Value::Null)
    );
    let shown = house.show();
    assert_eq!(
        (figures(&shown), text(&shown, "missing_statements")),
        ("-13.80 = -13.80 - 0.00 + 0.00, explained".to_owned(), "0.00".to_owned())
    );
    // The same days in another format: lines could not be told apart.
    let balance = |code: &str, minor: &str, day: &str| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"GBP\">{minor}</Amt>\
             <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        )
    };
    let other = format!(
        "<Document><BkToCstmrStmt><Stmt><Id>X</Id><Acct><Id><IBAN>GB29NWBK60161331926819</IBAN></Id></Acct>\
         {}{}</Stmt></BkToCstmrStmt></Document>",
        balance("OPBD", "1352.40", "2026-03-12"),
        balance("CLBD", "1352.40", "2026-03-20")
    );
    let refused = house.import("x.xml", &other).refused("bank_file_ambiguous");
    assert!(refused.stderr.contains("2026-03-15 came as mt940 in b.sta"), "{}", refused.stderr);
    // A statement between the 15th and the 25th is missing.
    let late = house.import("c.sta", &mt940((25, 31), ("1400,00", "1400,00"), &[])).ok().one();
    let gap = text(&late["statements"][0], "gap");
    assert!(gap.contains("1400.00 GBP") && gap.contains("1352.40 GBP on 2026-03-15"), "{gap}");
    let shown = house.show();
    assert_eq!(figures(&shown), "33.80 = -13.80 - 0.00 + 47.60, differs");
    assert_eq!(text(&shown, "missing_statements"), "47.60");
    assert_eq!(house.open(), Vec::<String>::new());
}

#[test]
fn whose_account_it_is_is_said_once_and_only_who_may_import_does() {
    let house = House::new(&TWO);
    let euros = mt940((1, 31), ("0,00", "1,00"), &[(5, "C1,00", "x")]).replace("GBP", "EUR");
    house.import("e.sta", &euros).refused("bank_account_unknown");
    let file = house.file("e.sta", &euros);
    let args = ["bank", "import", &file, "--entity", "GB01", "--account", "1011"];
    house
        .bench
        .run(None, ["bank", "import", &file, "--entity", "XX01", "--account", "1011"])
        .refused("mapping_unknown_entity");
    house.bench.run(Some("aud"), args).refused("auditor_reads_only");
    house.bench.run(None, args).ok();
    let next = mt940((31, 31), ("1,00", "3,00"), &[(31, "C2,00", "y")]).replace("GBP", "EUR");
    let came = house.import("f.sta", &next).ok().one();
    assert_eq!(text(&came["statements"][0], "account"), "1011", "it is remembered");
    let shown = house.bench.run(None, ["bank", "show", "--account", "1011"]).ok().one();
    assert_eq!((text(&shown, "closing"), text(&shown, "currency")), ("3.00".to_owned(), "EUR".to_owned()));
    assert_eq!(shown["statements"].as_array().map(Vec::len), Some(2));
}

/// The payouts of the first entity of the company, as its processor has them: name, day, minor units.
fn payouts(scene: &Scene) -> Vec<(String, chrono::NaiveDate, i64)> {
    let control = scene.served.sandbox.stripe.control();
    control.read(|company: &tieout_sandbox::company::Company| {
        let own = company.payouts.iter().filter(|payout| payout.entity == 0);
        let day = |created: i64| chrono::DateTime::from_timestamp(created, 0).unwrap().date_naive();
        own.map(|payout| (payout.id.to_string(), day(payout.created), payout.amount)).collect()
    })
}

/// The bank's statement of these payouts, each booked two days after it left, in CAMT.053.
fn camt(payouts: &[(String, chrono::NaiveDate, i64)]) -> String {
    let text = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
    let day = |(_, left, _): &(String, chrono::NaiveDate, i64)| *left + chrono::Days::new(2);
    let entry = |one: &(String, chrono::NaiveDate, i64)| {
        format!(
            "<Ntry><Amt Ccy=\"USD\">{}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{}</Dt>\
             </BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>{}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>",
            text(one.2),
            day(one),
            one.0
        )
    };
    let (first, last) = (payouts.first().unwrap().1, payouts.iter().map(day).max().unwrap());
    let balance = |code: &str, minor: i64, day: chrono::NaiveDate| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy=\"USD\">{}</Amt>\
             <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>",
            text(minor)
        )
    };
    let sum: i64 = payouts.iter().map(|one| one.2).sum();
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt><Id>Y</Id>\
         <Acct><Id><Othr><Id>000123456789</Id></Othr></Id><Ccy>USD</Ccy></Acct>{}{}{}</Stmt>\
         </BkToCstmrStmt></Document>",
        balance("OPBD", 0, first),
        balance("CLBD", sum, last),
        payouts.iter().map(entry).collect::<String>()
    )
}

#[test]
fn the_payouts_of_a_company_are_received_or_missing_one_by_one() {
    let scene = Scene::open(ONE, &["US01"]);
    let mut all = payouts(&scene);
    all.sort_by_key(|one| one.1);
    assert!(all.len() > 5, "{all:?}");
    let kinds = |scene: &Scene| open(&scene.bench.exceptions(&judged()));
    let before = kinds(&scene);
    assert!(!before.iter().any(|one| one.ends_with("payout_not_received")), "{before:?}");
    // One of the first is missing at the bank; the last one closes the statement's days.
    let lacking = all[1].clone();
    let shown: Vec<_> = all.iter().filter(|one| one.0 != lacking.0).cloned().collect();
    let file = scene.bench.file("y.xml", &camt(&shown)).to_str().unwrap().to_owned();
    scene.plainly(["bank", "import", &file, "--as-of", &judged()]).ok();
    let mut want = before.clone();
    want.push(format!("{} payout_not_received", lacking.0));
    want.sort();
    assert_eq!(kinds(&scene), want);
    let view = scene.plainly(["bank", "show"]).ok().one();
    assert_eq!(view["payouts"]["received"].as_u64(), Some(shown.len() as u64), "{view:#}");
    assert_eq!((&view["payouts"]["missing"], &view["payouts"]["unclear"]), (&1.into(), &0.into()));
    assert_eq!(
        (text(&view, "not_booked"), text(&view, "unexplained")),
        ("0.00".to_owned(), "0.00".to_owned())
    );
    assert_eq!(text(&view, "state"), "explained");
    let transit: Vec<&Value> = view["items"].as_array().unwrap().iter().collect();
    assert_eq!(transit.len(), 1, "{transit:#?}");
    assert_eq!(text(transit[0], "reference"), lacking.0);
}
