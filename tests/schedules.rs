//! Revenue schedules through the binary, on files: what is deferred and released by the lines' service
//! periods, compared with the ledger, in both directions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "schedules/house.rs"]
mod house;

use binary::text;
use house::{AS_OF, BILLING, House, RELEASES, SCHEDULES, documents, gb, journal, release, right, row};

#[test]
fn right_books_have_no_exception_and_deferred_revenue_ties_out_in_every_currency() {
    let house = House::of(SCHEDULES, BILLING, &right());
    assert_eq!(house.open(), [""; 0]);
    assert_eq!(house.unexplained(), Vec::<serde_json::Value>::new());
    let gb: Vec<String> = house.schedules(&["--entity", "GB01"]).iter().take(7).map(row).collect();
    assert_eq!(
        gb,
        [
            "2026-01 0.00 + 1290.00 - 131.00 = 1159.00, 1159.00: agrees",
            "2026-02 1159.00 + -45.00 - 98.50 = 1015.50, 1015.50: agrees",
            "2026-03 1015.50 + 0.00 - 115.50 = 900.00, 900.00: agrees",
            "2026-04 900.00 + 450.00 - 150.00 = 1200.00, 1200.00: agrees",
            "2026-05 1200.00 + 0.00 - 150.00 = 1050.00, 1050.00: agrees",
            "2026-06 1050.00 + 0.00 - 150.00 = 900.00, 1050.00: not_due",
            "2026-07 900.00 + 0.00 - 150.00 = 750.00, 1050.00: not_due",
        ]
    );
    let may: Vec<String> = house.schedules(&["--period", "2026-05"]).iter().map(row).collect();
    assert_eq!(
        may,
        [
            "2026-05 1200.00 + 0.00 - 150.00 = 1050.00, 1050.00: agrees",
            "2026-05 91667 + 0 - 8334 = 83333, 83333: agrees",
            "2026-05 0.000 + 0.000 - 0.000 = 0.000, 0.000: agrees",
        ]
    );
    assert_eq!(house.bench.run(None, ["verify"]).ok().one()["sound"], true);
}

#[test]
fn a_month_that_nobody_released_is_missing_and_nothing_else() {
    let rows = RELEASES.into_iter().filter(|(entity, _, month, _)| (*entity, *month) != ("GB01", "2026-02"));
    let ledger: Vec<String> = documents().into_iter().chain(rows.map(release)).collect();
    let house = House::of(SCHEDULES, BILLING, &ledger);
    assert_eq!(house.open(), ["2400 2026-02 schedule_missing -98.50 GBP"]);
    assert_eq!(house.unexplained(), Vec::<serde_json::Value>::new(), "the exception explains the difference");
    let february = &house.schedules(&["--entity", "GB01", "--period", "2026-02"])[0];
    assert_eq!(row(february), "2026-02 1159.00 + -45.00 - 98.50 = 1015.50, 1114.00: differs");
    assert_eq!(text(february, "difference"), "98.50");
    // Booked after all, it is gone.
    house.ledger(&right());
    assert_eq!(house.open(), [""; 0]);
}

#[test]
fn a_release_of_another_amount_differs_by_just_that_in_its_currency() {
    let ledger = right().into_iter().map(|journal| {
        journal
            .replace("2400,8334,", "2400,8344,")
            .replace("4000,,8334,", "4000,,8344,")
            .replace("2400,31.112,", "2400,31.111,")
            .replace("4000,,31.112,", "4000,,31.111,")
    });
    let house = House::of(SCHEDULES, BILLING, &ledger.collect::<Vec<_>>());
    assert_eq!(
        house.open(),
        ["2400 2026-02 schedule_mismatch -0.001 KWD", "2400 2026-05 schedule_mismatch 10 JPY"]
    );
    assert_eq!(house.unexplained(), Vec::<serde_json::Value>::new());
}

#[test]
fn a_release_to_another_revenue_account_is_told_of_both() {
    let ledger = right()
        .into_iter()
        .map(|journal| journal.replace("4000,,34.444", "4100,,34.444"))
        .collect::<Vec<_>>();
    let house = House::of(SCHEDULES, BILLING, &ledger);
    assert_eq!(
        house.open(),
        [
            "4000 2026-01 schedule_mismatch 34.444 KWD",
            "4000 2026-03 schedule_mismatch 34.444 KWD",
            "4100 2026-01 schedule_mismatch -34.444 KWD",
            "4100 2026-03 schedule_mismatch -34.444 KWD",
        ]
    );
}

/// The same releases, each under its document's number.
fn by_document() -> Vec<String> {
    let months = ["01", "02", "03", "04", "05"].map(|month| format!("2026-{month}-28"));
    let team = months.iter().map(|day| journal("INV-1", gb(day), ("2400", "4000", "100.00")));
    let up = months.iter().skip(3).map(|day| journal("INV-2", gb(day), ("2400", "4000", "50.00")));
    let daily = [
        journal("INV-5", gb(&months[0]), ("2400", "4000", "31.00")),
        journal("INV-5", gb(&months[1]), ("2400", "4000", "28.00")),
        journal("INV-5", gb(&months[2]), ("2400", "4000", "31.00")),
        journal("CN-5", gb(&months[1]), ("4000", "2400", "29.50")),
        journal("CN-5", gb(&months[2]), ("4000", "2400", "15.50")),
    ];
    let others = RELEASES.into_iter().filter(|(entity, ..)| *entity != "GB01").map(release);
    team.chain(up).chain(daily).chain(others).collect()
}

#[test]
fn a_ledger_that_releases_document_by_document_is_held_against_each() {
    let house = House::of(SCHEDULES, BILLING, &[documents(), by_document()].concat());
    assert_eq!(house.open(), [""; 0]);
    let note: Vec<String> = house.schedules(&["--document", "CN-5"]).iter().map(row).collect();
    assert_eq!(
        note,
        [
            "2026-02 0.00 + -45.00 - -29.50 = -15.50, -29.50: agrees",
            "2026-03 -15.50 + 0.00 - -15.50 = 0.00, -15.50: agrees",
        ]
    );
    // INV-5 takes from INV-1 in January: in total nothing is wrong.
    let swapped = by_document().into_iter().map(|journal| {
        journal
            .replace("INV-1,GB01,2026-01-28,2400,100.00", "INV-1,GB01,2026-01-28,2400,99.00")
            .replace("INV-1,GB01,2026-01-28,4000,,100.00", "INV-1,GB01,2026-01-28,4000,,99.00")
            .replace("2400,31.00,", "2400,32.00,")
            .replace("4000,,31.00,", "4000,,32.00,")
            .replace("INV-5,GB01,2026-03-28,2400,32.00", "INV-5,GB01,2026-03-28,2400,31.00")
            .replace("INV-5,GB01,2026-03-28,4000,,32.00", "INV-5,GB01,2026-03-28,4000,,31.00")
    });
    house.ledger(&[documents(), swapped.collect()].concat());
    assert_eq!(
        house.open(),
        ["INV-1 2026-01 schedule_mismatch -1.00 GBP", "INV-5 2026-01 schedule_mismatch 1.00 GBP"]
    );
}

#[test]
fn without_schedules_in_the_mapping_nothing_is_expected_and_the_verb_says_what_to_write() {
    let house = House::of("", BILLING, &documents());
    assert_eq!(house.open(), [""; 0]);
    let refused = house.bench.run(None, ["close", "schedules"]).refused("not_found");
    assert!(refused.stderr.contains("[entity.schedules]"), "{}", refused.stderr);
    // Asked for, every month that is due is missing.
    house.govern(SCHEDULES);
    let missing = house.open();
    assert_eq!(missing.len(), RELEASES.len(), "{missing:?}");
    assert!(missing.iter().all(|one| one.contains("schedule_missing")), "{missing:?}");
    // And no longer.
    house.govern("");
    assert_eq!(house.open(), [""; 0]);
}

#[test]
fn a_credit_note_that_comes_before_its_invoice_has_the_same_schedule() {
    let (notes, invoices): (Vec<&str>, Vec<&str>) =
        BILLING.split_inclusive('\n').partition(|row| row.starts_with("CN"));
    let house = House::new(SCHEDULES);
    house.billing(&notes.concat());
    let without = &house.schedules(&["--document", "CN-5"])[0];
    assert_eq!(text(without, "without_term"), "-45.00", "nobody knows over which term");
    house.billing(&invoices.concat());
    house.ledger(&right());
    assert_eq!(house.open(), [""; 0]);
    let note = house.schedules(&["--document", "CN-5"]);
    assert_eq!((note.len(), text(&note[0], "released")), (2, "-29.50".to_owned()));
    assert_eq!(text(&note[0], "without_term"), "0.00");
}

#[test]
fn in_the_close_what_schedules_release_is_expected_of_deferred_revenue() {
    let house = House::of(SCHEDULES, BILLING, &right());
    let close = house.bench.run(None, ["close", "status", "GB01", "2026-05", "--as-of", AS_OF]).ok().one();
    let accounts = close["accounts"].as_array().unwrap();
    let of = |code: &str| {
        accounts.iter().find(|one| one["account"] == code).unwrap_or_else(|| panic!("{close:#}"))
    };
    for code in ["2400", "4000"] {
        let account = of(code);
        assert!(!account["is_over"].as_bool().unwrap_or(false), "{account:#}");
    }
    assert_eq!(close["proof"][0]["nets"], true, "{:#}", close["proof"]);
}

/// The id of a document, by its reference.
fn id_of(house: &House, reference: &str) -> String {
    text(&house.schedules(&["--document", reference])[0], "document_id")
}

#[test]
fn the_schedule_of_a_document_says_its_lines_terms_rules_and_each_period() {
    let house = House::of(SCHEDULES, BILLING, &[documents(), by_document()].concat());
    let schedule = |reference: &str| {
        let asked = serde_json::json!({ "document": id_of(&house, reference) }).to_string();
        house.bench.run(None, ["call", "document_schedule", &asked]).ok().one()
    };
    let line = |one: &serde_json::Value| {
        let word = |field: &str| one[field].as_str().unwrap_or("-").to_owned();
        let (starts, ends) = (word("starts"), word("ends"));
        let each = format!("{} x {}..{}", one["periods"], word("least"), word("most"));
        format!("{} {starts}..{ends} {} {}: {each}", word("product"), word("rule"), word("amount"))
    };
    let lines = |of: &serde_json::Value| of["lines"].as_array().unwrap().iter().map(line).collect::<Vec<_>>();
    let up = schedule("INV-2");
    assert_eq!(
        lines(&up),
        [
            "team 2026-04-01..2026-12-31 by service month -900.00: 9 x -100.00..-100.00",
            "team 2026-04-01..2026-12-31 by service month 1350.00: 9 x 150.00..150.00",
        ]
    );
    assert_eq!((&up["entity"], &up["due_days"], &up["void"]), (&"GB01".into(), &5.into(), &false.into()));
    assert_eq!(up["remainder"], "what does not come out even is spread over the periods");
    assert_eq!(up["rows"].as_array().unwrap().len(), 9, "{up:#}");
    // A credit note goes by the terms of what it credits; what was earned before it is released with it.
    let note = schedule("CN-5");
    assert_eq!(lines(&note), ["daily 2026-01-01..2026-03-31 by day -45.00: 2 x -15.50..-29.50"]);
    assert_eq!(note["credits"], "INV-5");
    let rows: Vec<String> = note["rows"].as_array().unwrap().iter().map(row).collect();
    assert_eq!(
        rows,
        [
            "2026-02 0.00 + -45.00 - -29.50 = -15.50, -29.50: agrees",
            "2026-03 -15.50 + 0.00 - -15.50 = 0.00, -15.50: agrees",
        ]
    );
    let unknown = serde_json::json!({ "document": "doc_aaaaaaaaaaaaaaaaaaaaaaaa" }).to_string();
    house.bench.run(None, ["call", "document_schedule", &unknown]).refused("not_found");
}

#[test]
fn a_period_is_made_up_of_its_documents_those_that_differ_first() {
    let ledger = by_document().into_iter().map(|journal| {
        journal
            .replace("INV-1,GB01,2026-02-28,2400,100.00", "INV-1,GB01,2026-02-28,2400,99.00")
            .replace("INV-1,GB01,2026-02-28,4000,,100.00", "INV-1,GB01,2026-02-28,4000,,99.00")
    });
    let house = House::of(SCHEDULES, BILLING, &[documents(), ledger.collect()].concat());
    let asked = |period: &str, currency: &str, (start, limit): (u64, u64)| {
        let asked = serde_json::json!({
            "entity": "GB01", "account": "2400", "currency": currency, "period": period,
            "start": start, "limit": limit,
        });
        let page = house.bench.run(None, ["call", "schedule_documents", &asked.to_string()]).ok().one();
        let rows = page["rows"].as_array().unwrap().iter();
        let said: Vec<String> = rows
            .map(|one| format!("{} {} {}", text(one, "document"), text(one, "released"), text(one, "state")))
            .collect();
        (page["total"].as_u64().unwrap(), said)
    };
    let february = ["INV-1 100.00 differs", "CN-5 -29.50 agrees", "INV-5 28.00 agrees"];
    assert_eq!(asked("2026-02", "GBP", (0, 100)), (3, february.map(str::to_owned).to_vec()));
    assert_eq!(asked("2026-02", "GBP", (1, 1)), (3, vec![february[1].to_owned()]));
    // INV-5 and its credit note are through by then, and nothing is owed in yen here.
    assert_eq!(asked("2026-05", "GBP", (0, 100)).1, ["INV-1 100.00 agrees", "INV-2 50.00 agrees"]);
    assert_eq!(asked("2026-02", "JPY", (0, 100)).0, 0);
}

#[test]
fn accounts_are_held_against_schedules_where_the_mapping_asks_for_them_alone() {
    let house = House::new(SCHEDULES);
    let accounts = || {
        let all = house.bench.run(None, ["call", "schedule_accounts"]).ok().lines();
        let said = |one: &serde_json::Value| format!("{} {}", text(one, "entity"), text(one, "account"));
        all.iter().map(said).collect::<Vec<_>>()
    };
    assert_eq!(accounts(), ["GB01 2400", "JP01 2400", "KW01 2400"]);
    house.govern("");
    assert_eq!(accounts(), [""; 0]);
}

#[test]
fn what_a_mapping_says_of_schedules_is_checked_with_what_to_do() {
    let house = House::new(SCHEDULES);
    let mapping = House::mapping(SCHEDULES);
    for (wrong, code, says) in [
        (
            mapping.replace("deferred_revenue = \"2400\"\n", ""),
            "mapping_no_deferred_account",
            "deferred_revenue",
        ),
        (mapping.replace("method = \"monthly\"", "method = \"weekly\""), "mapping_syntax", "weekly"),
        (mapping.replace("due_days = 5", "due_days = 500"), "mapping_bad_value", "at most 92"),
        (mapping.replace("due_days = 5", "dew_days = 5"), "mapping_syntax", "dew_days"),
        (
            mapping.replace("account = \"4100\"", "account = \"4100\"\nschedule = \"daily\""),
            "mapping_bad_value",
            "over_time",
        ),
        (mapping.replace("version = 2", "schema = 1"), "mapping_key_too_new", "schedules"),
        (
            mapping.replace(
                "[entity.schedules]",
                "[entity.scopes]\ndeferred_revenue = \"ours\"\n[entity.schedules]",
            ),
            "mapping_bad_value",
            "listed or judged",
        ),
    ] {
        let refused = house.import_mapping(&wrong).refused(code);
        assert!(refused.stderr.contains(says), "{says}: {}", refused.stderr);
    }
}
