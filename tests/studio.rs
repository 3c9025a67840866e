//! A file in the studio and after it, through the binary: shown whole before anything of it is taken,
//! imported by what was chosen, taken back; and the same entries under another name, which are seen before
//! anything is written.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "common/company.rs"]
mod company;
#[path = "common/scene.rs"]
mod scene;
#[path = "common/switching_on.rs"]
mod switching_on;

#[path = "studio/in_the_window.rs"]
mod in_the_window;

use std::{collections::BTreeMap, fs};

use serde_json::{Value, json};

use binary::Ran;
use scene::Desk;

const JUDGED: &str = "2026-06-30";

fn qbo() -> String {
    let folder = binary::root().join("fixtures/profiles/quickbooks-online-general-ledger");
    let file = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    fs::read_to_string(file).unwrap()
}

fn stripe() -> String {
    let folder = binary::root().join("fixtures/profiles/stripe-invoices");
    let file = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    fs::read_to_string(file).unwrap()
}

fn call(desk: &Desk, name: &str, request: &Value) -> Ran {
    desk.plainly(["call", name, &request.to_string()])
}

fn put(desk: &Desk, name: &str, text: &str) -> String {
    let path = desk.bench.folder.path().join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

/// What is said of a file, with the rows from `start`.
fn chosen(file: &str, more: Value) -> Value {
    let mut request = json!({
        "file": file, "start": 0, "limit": 200, "head": 3, "entity": "XX01", "currency": "USD",
        "time_zone": "America/New_York", "as_of": JUDGED,
    });
    for (key, value) in more.as_object().unwrap() {
        request[key] = value.clone();
    }
    request
}

fn kinds(view: &Value) -> Vec<(u64, String)> {
    let row = |row: &Value| (row["number"].as_u64().unwrap(), row["kind"].as_str().unwrap().to_owned());
    view["rows"].as_array().unwrap().iter().map(row).collect()
}

fn imports(desk: &Desk) -> Vec<Value> {
    desk.plainly(["import", "list", "--format", "json"]).ok().lines()
}

#[test]
fn a_report_is_shown_as_it_stands_with_what_each_row_is_and_nothing_is_written() {
    let desk = Desk::of_people();
    let file = put(&desk, "export.dat", &qbo());
    let view = call(&desk, "import_preview", &chosen(&file, json!({}))).ok().one();
    assert_eq!(view["is"]["profile"], "quickbooks-online-general-ledger", "{view}");
    assert!(view["is"]["sure"].as_u64().unwrap() >= 80 && view["why"].is_null(), "{view}");
    let rows = kinds(&view);
    let of = |number: u64| rows.iter().find(|(row, _)| *row == number).unwrap().1.as_str();
    let wanted = [(1, "banner"), (4, "blank"), (5, "header"), (6, "account"), (7, "balance"), (8, "line")];
    for (number, kind) in wanted.into_iter().chain([(9, "total"), (10, "account")]) {
        assert_eq!(of(number), kind, "row {number}: {rows:?}");
    }
    let line = view["rows"].as_array().unwrap().iter().find(|row| row["number"] == 8).unwrap();
    assert_eq!((&line["carried"], &line["cells"][3]), (&json!("1000"), &json!("P-9")), "{line}");
    let heading = view["rows"].as_array().unwrap().iter().find(|row| row["number"] == 6).unwrap();
    assert_eq!(heading["note"], "carried down to row 8", "{heading}");
    let date = view["columns"].as_array().unwrap().iter().find(|one| one["heading"] == "Date").unwrap();
    assert_eq!(date["role"], "posting_date", "{view}");
    assert_eq!((&view["balanced"], &view["takes"]), (&json!(true), &json!(5)), "{view}");
    assert_eq!(view["belongs"]["dates"]["why"], "2 prove it", "{}", view["belongs"]);
    assert_eq!(imports(&desk), Vec::<Value>::new(), "nothing is written");
}

#[test]
fn what_only_a_person_can_say_is_a_problem_that_names_its_field_and_keeps_the_import_off() {
    let desk = Desk::of_people();
    let text =
        "Invoice number,Invoice date,Customer,Total\nA-1,02/03/2026,Acme,10.00\nA-2,04/03/2026,Bolt,20.00\n";
    let file = put(&desk, "bills.csv", text);
    let view =
        call(&desk, "import_preview", &json!({ "file": file, "limit": 50, "as_of": JUDGED })).ok().one();
    let fields: Vec<&str> =
        view["problems"].as_array().unwrap().iter().filter_map(|one| one["field"].as_str()).collect();
    for field in ["entity", "time_zone", "currency", "dates", "expect"] {
        assert!(fields.contains(&field), "{field} of {fields:?}: {view}");
    }
    assert!(view["why"].is_string() && view["map"].is_string(), "it is shown all the same: {view}");
    let said =
        json!({ "dates": "day-first", "expect": ["receivable=1100,revenue=4000"], "profile": "general" });
    let view = call(&desk, "import_preview", &chosen(&file, said.clone())).ok().one();
    assert_eq!((&view["why"], &view["problems"]), (&Value::Null, &json!([])), "{view}");
    let undecided =
        chosen(&file, json!({ "dates": "day-first", "expect": ["receivable=1100,revenue=4000"] }));
    let refused = call(&desk, "import_chosen", &undecided);
    if call(&desk, "import_preview", &undecided).ok().one()["undecided"] == json!(true) {
        refused.refused("file_not_recognised");
    }
    let month_first =
        json!({ "dates": "month-first", "expect": ["receivable=1100,revenue=4000"], "profile": "general" });
    let other = call(&desk, "import_preview", &chosen(&file, month_first)).ok().one();
    assert_ne!(other["map"], view["map"], "the choice is what it is read by");
}

#[test]
fn a_role_that_a_person_changes_and_a_row_that_is_a_total_are_read_so_and_told_apart() {
    let desk = Desk::of_people();
    let text = "No,When,Who,Worth,Other\nA-1,2026-03-02,Acme,10.00,1.00\nA-2,2026-03-04,Bolt,20.00,2.00\n\
                Everything,,,30.00,3.00\n";
    let file = put(&desk, "odd.csv", text);
    let said = |more: Value| {
        let mut all = json!({
            "kind": "billing", "header": 1, "expect": ["receivable=1100,revenue=4000"], "profile": "general",
            "columns": [
                { "column": 0, "role": "number" }, { "column": 1, "role": "date" },
                { "column": 2, "role": "customer" }, { "column": 3, "role": "amount" },
                { "column": 4, "role": null },
            ],
        });
        for (key, value) in more.as_object().unwrap() {
            all[key] = value.clone();
        }
        chosen(&file, all)
    };
    let view = call(&desk, "import_preview", &said(json!({}))).ok().one();
    assert_eq!(view["totals"][0]["debits"], "30.00", "{view}");
    let view = call(&desk, "import_preview", &said(json!({ "totals": ["Everything"] }))).ok().one();
    let last = kinds(&view).pop().unwrap();
    assert_eq!((last, &view["items"]), ((4, "total".to_owned()), &json!(2)), "{view}");
    let wrong = text.replace("30.00", "31.00");
    put(&desk, "odd.csv", &wrong);
    let view = call(&desk, "import_preview", &said(json!({ "totals": ["Everything"] }))).ok().one();
    assert_eq!(kinds(&view).pop().unwrap().1, "aside", "a total that differs is told: {view}");
}

#[test]
fn a_document_with_a_bad_row_stays_out_whole_and_the_controls_say_what_it_comes_to() {
    let desk = Desk::of_people();
    let file = put(&desk, "ledger.csv", &qbo().replace("03/02/2026,Invoice,501", "31/31/2026,Invoice,501"));
    let view = call(&desk, "import_preview", &chosen(&file, json!({}))).ok().one();
    let problem = &view["problems"][0];
    assert_eq!((&problem["act"], &problem["grave"]), (&json!("leave_aside"), &json!(true)), "{view}");
    assert!(problem["label"].as_str().unwrap().contains("501"), "{problem}");
    assert!(view["stays_out"].as_str().unwrap().contains("stays out whole"), "{view}");
    let aside: Vec<u64> =
        kinds(&view).into_iter().filter(|(_, kind)| kind == "aside").map(|(row, _)| row).collect();
    assert_eq!(aside.len(), 3, "all lines of 501: {view}");
    let typed = json!({ "typed": [{ "debits": "2,100.00" }] });
    let view = call(&desk, "import_preview", &chosen(&file, typed)).ok().one();
    let line = view["controls"]
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["typed"] == json!(true))
        .unwrap()
        .clone();
    assert_eq!((&line["label"], &line["agrees"]), (&json!("Typed, unverified"), &json!(true)), "{view}");
}

#[test]
fn a_chosen_import_is_remembered_and_the_next_file_is_read_without_asking() {
    let desk = Desk::of_people();
    let file = put(&desk, "march.csv", &qbo());
    let mut request = chosen(&file, json!({ "title": "XX01 ledger" }));
    let done = call(&desk, "import_chosen", &request).ok().one();
    assert_eq!((&done["items"], &done["changed"]), (&json!(2), &json!(2)), "{done}");
    let listed = imports(&desk);
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["profile"], "quickbooks-online-general-ledger", "{listed:?}");
    assert!(listed[0]["totals"].as_str().unwrap().contains("4200.00"), "{listed:?}");
    let next = put(
        &desk,
        "april.csv",
        &qbo().replace("03/", "04/").replace(",501,", ",502,").replace("P-9", "P-10"),
    );
    let alone = json!({ "file": next, "limit": 10, "as_of": JUDGED });
    let view = call(&desk, "import_preview", &alone).ok().one();
    assert_eq!((&view["known"], &view["why"]), (&json!("XX01 ledger"), &Value::Null), "{view}");
    assert_eq!(view["belongs"]["entity"]["value"], "XX01", "{view}");
    // The very bytes again change nothing, and leave no second import.
    request["connection"] = done["connection"].clone();
    let again = call(&desk, "import_chosen", &request).ok().one();
    assert_eq!((&again["changed"], &again["import"]), (&json!(0), &Value::Null), "{again}");
    assert_eq!(imports(&desk).len(), 1);
}

#[test]
fn the_same_entries_under_another_name_map_or_connection_are_said_before_anything_is_written() {
    let desk = Desk::of_people();
    let file = put(&desk, "march.csv", &qbo());
    call(&desk, "import_chosen", &chosen(&file, json!({}))).ok();
    let renamed = put(&desk, "copy of march.csv", &qbo());
    let elsewhere = chosen(&renamed, json!({ "connection": "another" }));
    let effect = call(&desk, "import_effect", &elsewhere).ok().one();
    assert_eq!(effect["known_as"], "quickbooks-online-general-ledger-xx01", "{effect}");
    call(&desk, "import_chosen", &elsewhere).refused("file_known_elsewhere");
    // By another map: a column that is called otherwise is the same ledger.
    let turned = put(&desk, "turned.csv", &qbo().replace("Memo/Description", "Description"));
    let effect = call(&desk, "import_effect", &chosen(&turned, json!({ "connection": "third" }))).ok().one();
    assert_eq!(effect["known_as"], "quickbooks-online-general-ledger-xx01", "{effect}");
    assert_eq!(imports(&desk).len(), 1);
    // Under its own name it changes nothing.
    let effect = call(&desk, "import_effect", &chosen(&renamed, json!({}))).ok().one();
    assert_eq!((&effect["same"], &effect["new"]), (&json!(2), &json!(0)), "{effect}");
    assert_eq!(effect["known_as"], Value::Null);
}

/// What stands of both sides: the open exceptions and the tie-out.
fn stands(desk: &Desk) -> (Vec<String>, Vec<Value>) {
    let open = desk.bench.exceptions(JUDGED);
    let mut open: Vec<String> =
        open.iter().map(|one| format!("{} {}", one["kind"], one["reference"])).collect();
    open.sort();
    let mut cells = desk.plainly(["tie-out", "--format", "json"]).ok().lines();
    // What accounts are called stays known.
    cells.iter_mut().for_each(|cell| cell["account_name"] = Value::Null);
    (open, cells)
}

#[test]
fn an_import_that_is_taken_back_leaves_everything_as_it_was_in_both_directions() {
    let desk = Desk::of_people();
    let bills = put(&desk, "bills.csv", &stripe());
    let expect = json!({ "currency": "EUR", "expect": ["receivable=1200,revenue=4010,tax_payable=2200"] });
    call(&desk, "import_chosen", &chosen(&bills, expect.clone())).ok();
    let before = stands(&desk);
    let march = put(&desk, "march.csv", &qbo());
    let first = call(&desk, "import_chosen", &chosen(&march, json!({}))).ok().one();
    let with_march = stands(&desk);
    assert_ne!(before, with_march);
    // A later file changes one journal and brings another.
    let more = qbo().replace("2,000.00", "2,050.00").replace("100.00,", "50.00,");
    let more = put(&desk, "march-2.csv", &more);
    let second = call(&desk, "import_chosen", &chosen(&more, json!({}))).ok().one();
    assert_eq!(second["changed"], 1, "{second}");
    assert_ne!(stands(&desk), with_march);
    let first_id = first["import"].as_str().unwrap();
    desk.plainly(["import", "undo", first_id]).refused("import_overlaid");
    let back = desk.plainly(["import", "undo", "last"]).ok().one();
    assert_eq!((&back["restored"], &back["gone"]), (&json!(1), &json!(0)), "{back}");
    assert_eq!(stands(&desk), with_march, "what the second file changed is as it was");
    let back = desk.plainly(["import", "undo", first["import"].as_str().unwrap()]).ok().one();
    assert_eq!(back["gone"], 2, "{back}");
    assert_eq!(stands(&desk), before, "what the first file brought is gone");
    desk.plainly(["import", "undo", first["import"].as_str().unwrap()]).refused("import_undone");
    // Billing's file too; and the same bytes bring it all again.
    desk.plainly(["import", "undo", "last"]).ok();
    call(&desk, "import_chosen", &chosen(&bills, expect)).ok();
    assert_eq!(stands(&desk), before);
    call(&desk, "import_chosen", &chosen(&march, json!({}))).ok();
    assert_eq!(stands(&desk), with_march);
    desk.plainly(["verify"]).ok();
}

#[test]
fn what_a_file_showed_to_be_gone_stands_again_once_it_is_taken_back() {
    let desk = Desk::of_people();
    let bills = put(&desk, "bills.csv", &stripe());
    let expect = json!({ "currency": "EUR", "expect": ["receivable=1200,revenue=4010,tax_payable=2200"] });
    call(&desk, "import_chosen", &chosen(&bills, expect)).ok();
    let march = put(&desk, "march.csv", &qbo());
    call(&desk, "import_chosen", &chosen(&march, json!({}))).ok();
    let whole = stands(&desk);
    let less: String =
        qbo().lines().filter(|line| !line.contains("P-9")).map(|line| format!("{line}\n")).collect();
    let less =
        less.replace("\"$2,100.00\",\n1200", "$0.00,\n1200").replace("$0.00,\n2200", "\"$2,100.00\",\n2200");
    let less = put(&desk, "march-again.csv", &less);
    let done = call(
        &desk,
        "import_chosen",
        &chosen(&less, json!({ "replaces": "2026-03", "dates": "month-first" })),
    )
    .ok()
    .one();
    assert_eq!(done["removed"], 1, "{done}");
    let without = stands(&desk);
    assert_ne!(without, whole);
    // A file that brings it again, taken back too: it is gone as before, and of the file that showed it.
    let again = call(&desk, "import_chosen", &chosen(&march, json!({}))).ok().one();
    assert_eq!((&again["changed"], stands(&desk)), (&json!(1), whole.clone()), "{again}");
    desk.plainly(["import", "undo", "last"]).ok();
    assert_eq!(stands(&desk), without);
    desk.plainly(["import", "undo", "last"]).ok();
    assert_eq!(stands(&desk), whole);
    desk.plainly(["verify"]).ok();
}

/// What of a file waits to be read.
fn waits(desk: &Desk, connection: &str) -> Vec<Value> {
    desk.plainly(["import", "aside", connection, "--format", "json"]).ok().lines()
}

#[test]
fn a_row_that_a_corrected_file_settled_waits_again_once_that_file_is_taken_back() {
    let desk = Desk::of_people();
    let torn = put(&desk, "march.csv", &qbo().replace("03/02/2026,Invoice,501", "31/31/2026,Invoice,501"));
    let first = call(&desk, "import_chosen", &chosen(&torn, json!({}))).ok().one();
    assert_eq!(first["rejected_rows"], 3, "{first}");
    let connection = first["connection"].as_str().unwrap();
    let (waited, stood) = (waits(&desk, connection), stands(&desk));
    assert!(!waited.is_empty() && stood.0.iter().any(|one| one.contains("sync_failed")), "{stood:?}");
    let whole = put(&desk, "march-corrected.csv", &qbo());
    call(&desk, "import_chosen", &chosen(&whole, json!({ "connection": connection }))).ok();
    assert_eq!(waits(&desk, connection), Vec::<Value>::new());
    assert_ne!(stands(&desk), stood);
    desk.plainly(["import", "undo", "last"]).ok();
    assert_eq!(waits(&desk, connection), waited, "it waits as before");
    assert_eq!(stands(&desk), stood, "and its exception is back");
    // The corrected file settles it again.
    call(&desk, "import_chosen", &chosen(&whole, json!({ "connection": connection }))).ok();
    assert_eq!(waits(&desk, connection), Vec::<Value>::new());
    desk.plainly(["verify"]).ok();
}

#[test]
fn what_lies_in_a_closed_period_is_taken_back_by_a_controllers_signature_alone() {
    let desk = Desk::of_people();
    let bare = stands(&desk);
    let march = put(&desk, "march.csv", &qbo());
    call(&desk, "import_chosen", &chosen(&march, json!({}))).ok();
    let with_march = stands(&desk);
    let undo = ["import", "undo", "last"];
    // While March is open, who may bring files in may take them back, without a signature.
    desk.run("ana", undo).ok();
    assert_eq!(stands(&desk), bare);
    call(&desk, "import_chosen", &chosen(&march, json!({}))).ok();
    let periods = |status: &str| {
        let rows = format!(
            "Entity,Period,Starts,Ends,Status\nXX01,2026-03,2026-03-01,2026-03-31,{status}\n\
             XX01,2026-04,2026-04-01,2026-04-30,Open\n"
        );
        let file = put(&desk, "periods.csv", &rows);
        desk.plainly(["import", "periods", &file]).ok();
    };
    periods("Closed");
    for person in ["ana", scene::ADMINISTRATOR] {
        desk.run(person, undo).refused("role_may_not");
        assert_eq!(stands(&desk), with_march, "{person} took nothing back");
    }
    desk.run("carl", undo).ok();
    assert_eq!(stands(&desk), bare);
    let log = desk.log();
    let has = |row: &BTreeMap<String, String>, what: &str| row.values().any(|cell| cell.contains(what));
    let taken: Vec<_> = log.iter().filter(|row| has(row, "import_undone")).collect();
    let signed: Vec<_> =
        taken.iter().filter(|row| has(row, "XX01 2026-03") && row["signer"] == row["actor"]).collect();
    assert_eq!((taken.len(), signed.len()), (2, 1), "{taken:#?}");
    // What lies in an open period beside a closed one is nobody's but the analyst's.
    let april = qbo().replace("03/", "04/").replace(",501,", ",502,").replace("P-9", "P-10");
    let april = put(&desk, "april.csv", &april);
    call(&desk, "import_chosen", &chosen(&april, json!({}))).ok();
    desk.run("ana", undo).ok();
    desk.plainly(["verify"]).ok();
}
