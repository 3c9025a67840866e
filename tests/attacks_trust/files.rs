//! Files that are not what they seem: rows put aside and what becomes of them, the same books under another
//! name, totals that do not add up.

use serde_json::Value;

use super::{
    binary::{Bench, Ran, text},
    scene::Desk,
    small::{AS_OF, ledger, map},
};

const BILLING: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
    1001,A,Clean,2,2011-01-05 09:00:00,5.00,17,United Kingdom\n\
    1003,C,Posted,3,2011-01-07 09:00:00,10.00,18,Germany\n";

fn import(desk: &Desk, what: &str, rows: &str, connection: Option<&str>) -> Ran {
    let file = desk.bench.file(&format!("{what}.csv"), rows);
    let map = map(if what == "gl" { "gl" } else { "billing" });
    let (file, map) = (file.to_str().unwrap(), map.to_str().unwrap());
    let mut args = vec!["import", what, file, "--map", map, "--as-of", AS_OF];
    args.extend(connection.iter().flat_map(|name| ["--connection", *name]));
    desk.plainly(args)
}

fn open(bench: &Bench) -> Vec<(String, String)> {
    let of = |e: &Value| (text(e, "external_ref"), text(e, "kind"));
    let mut open: Vec<_> = bench.exceptions(AS_OF).iter().map(of).collect();
    open.sort();
    open
}

fn named(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(reference, kind)| ((*reference).to_owned(), (*kind).to_owned())).collect()
}

#[test]
fn a_row_put_aside_is_settled_by_a_person_with_a_reason_and_its_document_is_judged_then() {
    let desk = Desk::of_people();
    import(&desk, "billing", BILLING, None).ok();
    let torn = ledger("30.00").replacen("30.00", "thirty", 1);
    import(&desk, "gl", &torn, None).ok();
    let told = ("online-retail-gl/entries", "sync_failed");
    assert_eq!(open(&desk.bench), named(&[told]), "what the row names is not judged");
    let waiting = desk.plainly(["import", "aside", "online-retail-gl"]).ok().lines();
    let items: Vec<&str> = waiting.iter().filter_map(|one| one["item"].as_str()).collect();
    assert_eq!(items, ["J3", "J3"], "the journal is aside whole");

    let settle = ["import", "aside", "online-retail-gl", "--settle"];
    let by = |person: &str, reason: &str| desk.run(person, settle.iter().copied().chain([reason]));
    by("ana", "  ").refused("reason_missing");
    assert_eq!(by("aud", "nothing of ours").status, 1, "an auditor settles nothing");
    assert_eq!(open(&desk.bench), named(&[told]));
    // Its amount is not known: two people say so.
    let first = by("ana", "a test entry of the ERP's own").ok().one();
    assert_eq!((&first["settled"], &first["proposed"]), (&0.into(), &2.into()), "{first}");
    assert_eq!(open(&desk.bench), named(&[told]), "one of two is not enough");
    by("ana", "a test entry of the ERP's own").refused("second_confirmer_is_another");
    assert_eq!(by("greta", "a test entry of the ERP's own").ok().one()["settled"], 2);
    assert_eq!(open(&desk.bench), named(&[("1003", "unposted")]));
    assert_eq!(desk.plainly(["import", "aside", "online-retail-gl"]).ok().lines(), Vec::<Value>::new());
    let kept = desk.plainly(["import", "aside", "online-retail-gl", "--settled"]).ok().lines();
    assert_eq!(kept.len(), 2, "it stays listed");
    assert!(
        kept.iter()
            .all(|one| one["settled_by"] == "greta" && one["reason"] == "a test entry of the ERP's own")
    );
    assert!(kept.iter().any(|one| text(one, "raw").contains("thirty")), "as it was sent: {kept:#?}");
    import(&desk, "gl", &torn, None).ok();
    assert_eq!(open(&desk.bench), named(&[("1003", "unposted")]), "the same rows again change nothing");
    // Another fault of the same row is another row.
    import(&desk, "gl", &ledger("30.00").replacen("30.00", "forty", 1), None).ok();
    assert_eq!(open(&desk.bench), named(&[told]));
    import(&desk, "gl", &ledger("30.00"), None).ok();
    assert_eq!(open(&desk.bench), named(&[]), "a later file brings the journal, and nothing is left");
    let log = desk.log();
    assert!(log.iter().any(|row| row.values().any(|cell| cell.contains("a test entry of the ERP's own"))));
    desk.plainly(["verify"]).ok();
}

#[test]
fn one_unreadable_journal_among_ten_thousand_changes_the_judgement_of_its_own_document_alone() {
    let desk = Desk::of_people();
    let header = BILLING.lines().next().unwrap();
    let invoice = |n: u32| format!("{n},A,One,1,2011-01-05 09:00:00,{}.00,17,United Kingdom\n", n % 97 + 1);
    let billing: String = (10_001..20_001).map(invoice).collect();
    import(&desk, "billing", &format!("{header}\n{billing}"), None).ok();
    let amount = |n: u32, torn: bool| match n {
        12_000 if torn => "ten and a bit".to_owned(),
        13_000 => "5000.00".to_owned(),
        _ => format!("{}.00", n % 97 + 1),
    };
    let journal = |n: u32, torn: bool| {
        let (start, much) = (format!("J{n},{n},GB01,2011-01-05,2011-01"), amount(n, torn));
        format!("{start},1100,,{much},,GBP,,Posted\n{start},4000,,,{much},GBP,,Posted\n")
    };
    let header = ledger("1.00").lines().next().unwrap().to_owned();
    let books = |torn: bool| -> String {
        let all = (10_001..20_001).filter(|n| *n != 14_000).map(|n| journal(n, torn)).collect::<String>();
        format!("{header}\n{all}")
    };
    let wrong = [("13000", "amount_mismatch"), ("14000", "unposted")];
    import(&desk, "gl", &books(true), None).ok();
    let told = ("online-retail-gl/entries", "sync_failed");
    assert_eq!(open(&desk.bench), named(&[wrong[0], wrong[1], told]), "12000 is neither right nor wrong");
    import(&desk, "gl", &books(false), None).ok();
    assert_eq!(open(&desk.bench), named(&wrong), "and once it can be read it is right");
}

#[test]
fn the_same_journals_or_invoices_under_another_name_are_said_and_nothing_is_kept() {
    let desk = Desk::of_people();
    import(&desk, "billing", BILLING, None).ok();
    import(&desk, "gl", &ledger("30.00"), None).ok();
    let cells = || desk.plainly(["tie-out", "--as-of", AS_OF]).ok().lines();
    let before = cells();
    let refused = import(&desk, "gl", &ledger("30.00"), Some("other-ledger")).refused("file_known_elsewhere");
    assert!(refused.stderr.contains("online-retail-gl"), "{refused:?}");
    import(&desk, "billing", BILLING, Some("other-billing")).refused("file_known_elsewhere");
    assert_eq!(cells(), before);
    // Books that have one entry alike and others of their own are books of their own.
    let own = ledger("30.00").replace("J1,1001,", "K1,2001,").replace("J3,1003,", "K3,2003,");
    let more = own.lines().skip(1).map(|line| format!("{line}\n")).collect::<String>();
    import(&desk, "gl", &format!("{}{more}", ledger("30.00")), Some("other-ledger")).ok();
}

#[test]
fn a_total_of_the_ledger_is_no_entry_and_one_that_does_not_add_up_is_told_until_a_file_does() {
    let desk = Desk::of_people();
    import(&desk, "billing", BILLING, None).ok();
    let with =
        |debit: &str, credit: &str| format!("{}Grand Total,,,,,,,{debit},{credit},,,\n", ledger("30.00"));
    let right = import(&desk, "gl", &with("40.00", "40.00"), None).ok().one();
    assert_eq!((&right["items"], &right["rejected_rows"]), (&Value::from(2), &Value::from(0)));
    assert_eq!(open(&desk.bench), named(&[]));
    let wrong = import(&desk, "gl", &with("41.00", "41.00"), None).ok();
    assert!(wrong.stderr.contains("total_differs") && wrong.stderr.contains("41"), "{wrong:?}");
    assert_eq!(open(&desk.bench), named(&[("online-retail-gl/entries", "sync_failed")]), "judged as before");
    import(&desk, "gl", &with("40.00", "40.00"), None).ok();
    assert_eq!(open(&desk.bench), named(&[]));
}

const YEARLY: &str = r#"
schema = 1
kind = "billing"
default_entity = "NL01"
[columns]
number = "No"
date = "Date"
amount = "Amount"
[constants]
currency = "EUR"
[formats]
dates = ["%Y-%m-%d"]
[documents]
group_by = ["number", "date"]
line_amount = "amount"
rounding = "half_even"
[[entity]]
code = "NL01"
functional_currency = "EUR"
[expect]
receivable = "1300"
revenue = "8000"
"#;
const YEARLY_GL: &str = r#"
schema = 1
kind = "gl"
[columns]
journal = "J"
reference = "Ref"
posting_date = "Date"
account = "Account"
amount = "Amount"
[constants]
currency = "EUR"
entity = "NL01"
[formats]
dates = ["%Y-%m-%d"]
[[entity]]
code = "NL01"
functional_currency = "EUR"
"#;

#[test]
fn where_numbers_begin_again_each_year_an_entry_belongs_to_the_document_of_its_year() {
    let desk = Desk::of_people();
    let billing = "No,Date,Amount\n7,2024-03-10,90.00\n7,2025-03-11,90.00\n8,2024-05-01,40.00\n\
                   8,2025-05-02,60.00\n";
    let journal = |n: u32, reference: &str, date: &str, amount: &str| {
        format!("J{n},{reference},{date},1300,{amount}\nJ{n},{reference},{date},8000,-{amount}\n")
    };
    let booked = [
        journal(1, "7", "2025-04-02", "90.00"),
        journal(2, "8", "2024-05-01", "40.00"),
        journal(3, "8", "2025-05-02", "66.00"),
    ];
    let ledger = format!("J,Ref,Date,Account,Amount\n{}", booked.concat());
    for (what, map, rows) in [("billing", YEARLY, billing), ("gl", YEARLY_GL, ledger.as_str())] {
        let (map, file) = (desk.bench.file(&format!("{what}.toml"), map), desk.bench.file(what, rows));
        let (map, file) = (map.to_str().unwrap(), file.to_str().unwrap());
        desk.plainly(["import", what, file, "--map", map, "--as-of", "2026-06-30"]).ok();
    }
    let open = desk.bench.exceptions("2026-06-30");
    let told =
        |e: &Value| ["kind", "external_ref", "dated", "variance"].map(|field| text(e, field)).join(" ");
    let mut told: Vec<String> = open.iter().map(told).collect();
    told.sort();
    let wanted = ["amount_mismatch 8 2025-05-02 6.00", "unposted 7 2024-03-10 -90.00"];
    let period = "wrong_period 7 2025-03-11 0.00";
    assert_eq!(told, [&wanted[..], &[period]].concat(), "{open:#?}");
}
