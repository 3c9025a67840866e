//! What lies on both sides of a period's end, and on which side it is booked.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    binary::{Ran, text},
    house::{House, JANUARY, booked, right},
};

const AS_OF: &str = "2011-02-28";
const BILLING: &str = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n\
    1001,A,One,1,2011-01-05 09:00:00,10.00,17,United Kingdom\n\
    1002,B,Two,1,2011-01-06 09:00:00,20.00,17,United Kingdom\n";

/// An invoice of this day, of twenty pounds.
fn billed(number: &str, day: &str) -> String {
    format!("{number},B,Two,1,{day} 09:00:00,20.00,17,United Kingdom\n")
}

/// A house with these invoices besides its own, and these journals besides the right ones.
fn house(invoices: &[(&str, &str)], journals: &[String]) -> House {
    let house = House::new("", &right());
    let billing: String = invoices.iter().map(|(number, day)| billed(number, day)).collect();
    house.billing(&format!("{BILLING}{billing}"));
    house.ledger(&[right(), journals.to_vec()].concat());
    house
}

/// A journal of this day in another period than its own.
fn in_period(reference: &str, day: &str, period: &str) -> String {
    booked(reference, day, "20.00").replace(&format!(",{day},{},", &day[..7]), &format!(",{day},{period},"))
}

fn test(house: &House, more: &[&str]) -> Ran {
    let args = ["close", "cut-off", "GB01", JANUARY, "--as-of", AS_OF];
    house.bench.run(None, args.iter().chain(more).copied())
}

fn side(test: &Value, name: &str) -> (u64, u64) {
    (test[name]["tested"].as_u64().unwrap(), test[name]["wrong"].as_u64().unwrap())
}

/// Each item with where it is booked and how it stands.
fn stands(test: &Value) -> BTreeMap<String, String> {
    let rows = test["rows"].as_array().unwrap().iter();
    let said = |row: &Value| {
        let booked: Vec<&str> = row["booked"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        format!("{} of {} in [{}]", text(row, "state"), text(row, "belongs"), booked.join(" "))
    };
    rows.map(|row| (text(row, "item"), said(row))).collect()
}

#[test]
fn books_that_are_right_at_the_end_of_a_period_need_no_look() {
    let invoices = [("2001", "2011-01-30"), ("2002", "2011-02-02"), ("2003", "2011-02-20")];
    let journals = [
        booked("2001", "2011-01-30", "20.00"),
        booked("2002", "2011-02-02", "20.00"),
        booked("2003", "2011-02-20", "20.00"),
    ];
    let house = house(&invoices, &journals);
    let found = test(&house, &[]).ok().one();
    assert_eq!((side(&found, "before"), side(&found, "after")), ((1, 0), (1, 0)), "{found:#}");
    assert_eq!(stands(&found), BTreeMap::new());
    assert_eq!((&found["ends"], &found["accounts"][0]), (&"2011-01-31".into(), &"1100".into()));
    let all = test(&house, &["--each", "--days", "31"]).ok().one();
    assert_eq!((side(&all, "before"), side(&all, "after")), ((3, 0), (2, 0)), "{all:#}");
    assert!(stands(&all).values().all(|said| said.starts_with("right of ")), "{all:#}");
}

#[test]
fn what_is_on_the_wrong_side_is_told_and_nothing_else() {
    let invoices = [
        ("2001", "2011-01-31"),
        ("2002", "2011-02-01"),
        ("2003", "2011-01-29"),
        ("2004", "2011-01-30"),
        ("2005", "2011-01-30"),
        ("2006", "2011-01-28"),
    ];
    let journals = [
        // Billed in January and booked in February, and the other way round.
        booked("2001", "2011-02-01", "20.00"),
        booked("2002", "2011-01-31", "20.00"),
        // 2003 is booked nowhere; 2004 in its period, by a day that is not in it; 2005 one too low.
        in_period("2004", "2011-02-01", "2011-01"),
        booked("2005", "2011-01-30", "19.00"),
        booked("2006", "2011-01-28", "20.00"),
        booked("MISC", "2011-01-31", "7.00"),
    ];
    let house = house(&invoices, &journals);
    let found = test(&house, &[]).ok().one();
    assert_eq!((side(&found, "before"), side(&found, "after")), ((6, 5), (1, 1)), "{found:#}");
    let told = stands(&found);
    let want = [
        ("2001", "another_period of 2011-01 in [2011-02]"),
        ("2002", "another_period of 2011-02 in [2011-01]"),
        ("2003", "not_booked of 2011-01 in []"),
        ("2004", "dated_outside of 2011-01 in [2011-01]"),
        ("2005", "differs of 2011-01 in [2011-01]"),
    ];
    for (item, said) in want {
        assert_eq!(told.get(item).map(String::as_str), Some(said), "{found:#}");
    }
    let journal: Vec<&String> = told.values().filter(|said| said.starts_with("no_document")).collect();
    assert_eq!((told.len(), journal.len()), (6, 1), "{told:?}");
    let of = |item: &str| found["rows"].as_array().unwrap().iter().find(|row| row["item"] == item).cloned();
    assert!(of("2001").unwrap()["exception"].as_str().unwrap().starts_with("exc_"));
}

#[test]
fn other_days_and_unknown_places_are_refused() {
    let house = House::new("", &right());
    for days in ["0", "32"] {
        test(&house, &["--days", days]).refused("bad_request");
    }
    let args = ["close", "cut-off", "GB01", "2031-01", "--as-of", AS_OF];
    house.bench.run(None, args).refused("not_found");
    let args = ["close", "cut-off", "XX01", JANUARY, "--as-of", AS_OF];
    house.bench.run(None, args).refused("not_found");
}
