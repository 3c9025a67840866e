//! The close of a period, through the binary: what differences are made of, what people explain, who signs,
//! and what suspends a sign-off. Each in both directions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "closing/bank.rs"]
mod bank;
#[path = "common/binary.rs"]
mod binary;
#[path = "closing/checklist.rs"]
mod checklist;
#[path = "common/company.rs"]
mod company;
#[path = "closing/cut_off.rs"]
mod cut_off;
#[path = "closing/house.rs"]
mod house;
#[path = "closing/moving.rs"]
mod moving;
#[path = "closing/posted.rs"]
mod posted;
#[path = "common/scene.rs"]
mod scene;
#[path = "common/switching_on.rs"]
mod switching_on;
#[path = "common/tamper.rs"]
mod tamper;

use house::{House, JANUARY, booked, right, row};

#[test]
fn right_books_have_no_difference_and_a_sign_off_of_them_stands() {
    let house = House::new("", &right());
    let close = house.status(JANUARY);
    assert_eq!(row(&close, "1100"), "30.00 - 30.00 = 0.00: 0.00 + 0.00 + 0.00 + 0.00 + 0.00 within 0.00");
    assert_eq!(row(&close, "4000"), "-30.00 - -30.00 = 0.00: 0.00 + 0.00 + 0.00 + 0.00 + 0.00 within 0.00");
    assert_eq!(close["proof"][0]["nets"], true, "{:#}", close["proof"]);
    assert_eq!(close["ready"], false);
    assert_eq!(house.state("1100"), "open");
    house.prepare("ana", "1100").ok();
    assert_eq!(house.state("1100"), "prepared");
    house.review("dev", "1100").ok();
    house.prepare("ana", "4000").ok();
    house.review("dev", "4000").ok();
    let close = house.status(JANUARY);
    assert_eq!(close["lacks"], serde_json::json!([]), "{close:#}");
    assert_eq!(close["ready"], true);
    // Reading the same ledger again moves nothing.
    house.ledger(&right());
    assert_eq!((house.state("1100"), house.state("4000")), ("reviewed".to_owned(), "reviewed".to_owned()));
    assert_eq!(house.bench.run(None, ["verify"]).ok().one()["sound"], true);
}

#[test]
fn a_difference_is_its_parts_to_the_minor_unit_and_all_lines_net_to_nothing() {
    // 1001 is missing, 1002 is booked one too low, and an entry names no document.
    let house =
        House::new("", &[booked("1002", "2011-01-06", "19.00"), booked("MISC", "2011-01-20", "7.00")]);
    let close = house.status(JANUARY);
    assert_eq!(row(&close, "1100"), "30.00 - 26.00 = 4.00: 0.00 + 11.00 + 0.00 + 0.00 + -7.00 over 0.00");
    assert_eq!(row(&close, "4000"), "-30.00 - -26.00 = -4.00: 0.00 + -11.00 + 0.00 + 0.00 + 7.00 over 0.00");
    assert_eq!(close["proof"][0]["nets"], true, "{:#}", close["proof"]);
    let items = house.items(JANUARY, "1100");
    let said: Vec<String> = items
        .iter()
        .map(|item| format!("{} {} {}", item["item"], item["difference"], item["part"]))
        .collect();
    assert_eq!(
        said,
        [
            "\"1001\" \"10.00\" \"to_book\"",
            "\"MISC\" \"-7.00\" \"unexplained\"",
            "\"1002\" \"1.00\" \"to_book\""
        ]
    );
    house.prepare("ana", "1100").refused("account_over_tolerance");
    let kinds: Vec<&str> =
        close["blockers"].as_array().unwrap().iter().filter_map(|one| one["kind"].as_str()).collect();
    assert_eq!(kinds, ["amount_mismatch", "unposted", "orphan_journal"], "{:#}", close["blockers"]);
    assert_eq!(close["blocker_count"], 3);
    let forecast = close["forecast"]["says"].as_str().unwrap();
    assert!(forecast.contains("too few days are known"), "all came today: {forecast}");
}

#[test]
fn an_account_within_its_tolerance_can_be_signed_and_the_limit_is_the_accounts_own() {
    let limits = "[entity.close.tolerance]\nreceivable = \"1.00\"\n4000 = \"0.99\"\n";
    let journals = [booked("1001", "2011-01-05", "10.00"), booked("1002", "2011-01-06", "19.00")];
    let house = House::new(limits, &journals);
    house.prepare("ana", "1100").ok();
    let refused = house.prepare("ana", "4000").refused("account_over_tolerance");
    assert!(refused.stderr.contains("0.99"), "{}", refused.stderr);
}

#[test]
fn a_ledger_that_holds_one_side_only_does_not_net_and_says_by_how_much() {
    let one_side = "J-1,X-1,GB01,2011-01-09,2011-01,1100,,5.00,,GBP,,Posted\n\
                    J-1,X-1,GB01,2011-01-09,2011-01,4000,,,5.00,GBP,,Posted\n";
    let house = House::new("", &[right().concat(), one_side.to_owned()]);
    // Somebody with a tool of their own takes one side away.
    tamper::tamper(&house.bench, |database| {
        tamper::changed(
            database,
            "DELETE FROM entry_line WHERE account = '4000' AND transaction_minor = -500",
        );
    });
    let close = house.status_as_it_is(JANUARY);
    assert_eq!(close["proof"][0]["nets"], false, "{:#}", close["proof"]);
    assert_eq!(close["proof"][0]["ledger"], "5.00");
    let lacks = close["lacks"][0].as_str().unwrap();
    assert!(lacks.contains("do not net to zero in GBP"), "{lacks}");
}
