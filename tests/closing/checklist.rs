//! The checklist of a close: brought in by one person and approved by another, due on working days of the
//! close, done by signature, in the order that the file says.

use serde_json::Value;

use crate::{
    binary::{Ran, text},
    house::{House, JANUARY, right},
    tamper,
};

const LIST: &str = "version = 1\n\
    [[task]]\nid = \"bank\"\nname = \"Bank statement filed\"\nowner = \"ana\"\ndue = 1\nevidence = true\n\
    [[task]]\nid = \"accrual\"\nname = \"Card fee accrual\"\nowner = \"cora\"\ndue = 3\nneeds = [\"bank\"]\n\
    [[task]]\nid = \"us\"\nname = \"Sales tax\"\nowner = \"ana\"\nentity = \"US01\"\ndue = 2\n";

fn tasks(house: &House, as_of: &str) -> Vec<Value> {
    let request = format!("{{\"entity\":\"GB01\",\"period\":\"{JANUARY}\",\"as_of\":\"{as_of}\"}}");
    let list = house.bench.run(None, ["call", "close_checklist", &request]).ok().one();
    list["tasks"].as_array().unwrap().clone()
}

fn states(house: &House, as_of: &str) -> Vec<String> {
    let all = tasks(house, as_of);
    all.iter()
        .map(|task| format!("{} {} {}", text(task, "id"), text(task, "due"), text(task, "state")))
        .collect()
}

fn task(house: &House, who: &str, id: &str, rest: &[&str]) -> Ran {
    let mut args = vec!["close", "task", "GB01", JANUARY, id];
    args.extend(rest);
    house.bench.run(Some(who), args)
}

fn with_checklist() -> House {
    let house = House::new("", &right());
    let file = house.bench.file("checklist.toml", LIST);
    let args = ["close", "checklist", "--import", file.to_str().unwrap()];
    let change = house.bench.run(Some("ana"), args).ok().one();
    assert_eq!(tasks(&house, "2011-02-01").len(), 0, "it is inert until another person approves it");
    house.bench.run(Some("cora"), ["approve", &text(&change, "id")]).ok();
    house
}

#[test]
fn tasks_are_due_on_working_days_and_done_in_order_by_signature() {
    let house = with_checklist();
    // January 2011 ends on a Monday.
    assert_eq!(states(&house, "2011-02-01"), ["bank 2011-02-01 open", "accrual 2011-02-03 waiting"]);
    assert_eq!(states(&house, "2011-02-02"), ["bank 2011-02-01 overdue", "accrual 2011-02-03 waiting"]);
    task(&house, "ana", "bank", &[]).refused("reason_missing");
    task(&house, "ana", "accrual", &[]).refused("task_waits");
    task(&house, "aud", "bank", &["--note", "page 3"]).refused("auditor_reads_only");
    task(&house, "ana", "us", &[]).refused("not_found");
    task(&house, "ana", "bank", &["--note", "statement 2011-01, page 3"]).ok();
    task(&house, "ana", "bank", &["--note", "again"]).refused("nothing_to_decide");
    task(&house, "cora", "accrual", &[]).ok();
    let done = tasks(&house, "2011-02-10");
    assert_eq!(states(&house, "2011-02-10"), ["bank 2011-02-01 done", "accrual 2011-02-03 done"]);
    assert_eq!(
        (text(&done[0], "done_by"), text(&done[0], "note")),
        ("ana".into(), "statement 2011-01, page 3".into())
    );
    task(&house, "cora", "bank", &["--again"]).refused("reason_missing");
    task(&house, "cora", "bank", &["--again", "--note", "the wrong month"]).ok();
    assert_eq!(states(&house, "2011-02-10"), ["bank 2011-02-01 overdue", "accrual 2011-02-03 done"]);
    assert_eq!(house.bench.run(None, ["verify"]).ok().one()["sound"], true);
    tamper::tamper(&house.bench, |database| {
        tamper::changed(database, "UPDATE change SET author = decided_by || 'x' WHERE kind = 'task_done'");
    });
    house.bench.run(None, ["verify"]).refused("log_not_sound");
}

#[test]
fn a_checklist_that_cannot_be_followed_is_refused_with_its_task() {
    let house = House::new("", &right());
    let file = house.bench.file("checklist.toml", &LIST.replace("needs = [\"bank\"]", "needs = [\"fees\"]"));
    let args = ["close", "checklist", "--import", file.to_str().unwrap()];
    let refused = house.bench.run(Some("ana"), args).refused("checklist_bad_task");
    assert!(refused.stderr.contains("accrual") && refused.stderr.contains("fees"), "{}", refused.stderr);
    let file = house.bench.file("checklist.toml", "version = 2\n");
    let args = ["close", "checklist", "--import", file.to_str().unwrap()];
    house.bench.run(Some("ana"), args).refused("checklist_syntax");
}
