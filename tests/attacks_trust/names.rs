//! Part 5: names by which somebody could pass for somebody else, or for the machine.

use crate::scene::{ADMINISTRATOR, Desk};

/// Names that a desk with ana, carl and cora must not take, each with why.
const UNUSABLE: [(&str, &str); 16] = [
    ("", "empty"),
    (" \u{a0}\t", "nothing but spaces"),
    ("dora\nadministrator", "a line break"),
    ("dora\u{7}", "a control character"),
    ("dora\u{202e}nimda", "written backwards from there"),
    ("\u{2066}dora\u{2069}", "bidirectional marks"),
    ("do\u{200b}ra", "a space of no width"),
    ("car\u{ad}l", "a hyphen that does not show"),
    ("\u{430}na", "ana with a Cyrillic a"),
    ("c\u{3bf}ra", "cora with a Greek o"),
    ("\u{ff43}\u{ff41}\u{ff52}\u{ff4c}", "carl in wide letters"),
    ("carl ", "carl with a space behind"),
    ("per_aaaaaaaaaaaaaaaaaaaaaaaa", "a person's id"),
    ("pst_q2a", "a posting's id"),
    ("os:root", "an OS account as the log writes it"),
    ("desk", "the program itself as the log writes it"),
];

#[test]
fn a_name_that_nobody_can_tell_from_another_or_from_the_machine_is_refused() {
    let desk = Desk::of_people();
    let mut taken = Vec::new();
    for (name, why) in UNUSABLE {
        let ran = desk.run(ADMINISTRATOR, ["person", "add", name, "--role", "controller"]);
        if ran.status == 0 {
            taken.push(why);
        } else {
            ran.refused("person_name_unusable");
        }
    }
    assert_eq!(taken, Vec::<&str>::new(), "names that were taken");
}

#[test]
fn the_names_of_people_of_all_countries_are_taken() {
    let desk = Desk::of_people();
    for name in ["Åsa Öberg-Núñez", "李小龍", "Анна Иванова", "O'Brien, Siobhán", "mary jane 2"]
    {
        desk.run(ADMINISTRATOR, ["person", "add", name, "--role", "analyst"]).ok();
    }
    let people = desk.plainly(["person", "list"]).ok().lines();
    assert!(people.iter().any(|person| person["name"] == "李小龍"), "{people:#?}");
}

#[test]
fn two_people_have_two_names() {
    let desk = Desk::of_people();
    let ran = desk.run(ADMINISTRATOR, ["person", "add", "ana", "--role", "controller"]);
    assert_eq!(ran.status, 1, "{ran:?}");
}
