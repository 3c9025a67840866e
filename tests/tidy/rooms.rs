//! The rooms of the desk stand in one order: each may use those below it and never one above.

use super::{Source, check_these, lines_outside_tests, test_files, tracked};

/// The rooms of `crates/desk`, the lowest first.
const ROOMS: &[&str] = &[
    "base",
    "access",
    "governance",
    "intake",
    "queue",
    "matching",
    "settlement",
    "casefile",
    "close",
    "reports",
    "packets",
];

fn room_of(path: &str) -> Option<usize> {
    let name = path.strip_prefix("crates/desk/src/")?.split(['/', '.']).next()?;
    ROOMS.iter().position(|room| *room == name)
}

/// The rooms that a line of code names by `crate::`, or that stand in a group under `use crate::{`.
fn named<'s>(line: &'s str, in_group: &mut bool) -> Vec<&'s str> {
    let mut found = Vec::new();
    let first = |text: &'s str| {
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        &text[..end]
    };
    for (at, _) in line.match_indices("crate::") {
        found.push(first(&line[at + "crate::".len()..]));
    }
    if line.starts_with("use crate::{") {
        *in_group = true;
        if let Some(rest) = line.strip_prefix("use crate::{").filter(|rest| rest.ends_with("};")) {
            found.extend(rest.split(',').map(|part| first(part.trim())));
        }
    } else if *in_group && line.starts_with("    ") && !line.starts_with("     ") {
        found.push(first(line.trim_start()));
    }
    if line.starts_with("};") || line.ends_with("};") {
        *in_group = false;
    }
    found
}

fn upward(source: &Source) -> Vec<String> {
    let Some(own) = room_of(&source.path) else { return Vec::new() };
    let mut in_group = false;
    let mut found = Vec::new();
    for (n, line) in lines_outside_tests(source) {
        if line.trim_start().starts_with("//") {
            continue;
        }
        for name in named(line, &mut in_group) {
            if ROOMS.iter().position(|room| *room == name).is_some_and(|other| other > own) {
                found.push(source.at(n, line.trim()));
            }
        }
    }
    found
}

#[test]
fn each_room_of_the_desk_uses_only_those_below_it() {
    let sources = tracked();
    let for_tests = test_files(&sources);
    for room in ROOMS {
        let there = sources.iter().any(|s| s.path == format!("crates/desk/src/{room}.rs"));
        assert!(there, "there is no room {room}");
    }
    check_these("a room uses those below it and never one above", &sources, |source| {
        if for_tests.contains(&source.path) { Vec::new() } else { upward(source) }
    });
}

#[test]
fn every_file_of_the_desk_stands_in_a_room() {
    check_these("a file of the desk stands in one of its rooms", &tracked(), |source| {
        let inside = source.path.starts_with("crates/desk/src/") && source.path != "crates/desk/src/lib.rs";
        let lost = inside && room_of(&source.path).is_none();
        lost.then(|| source.path.clone()).into_iter().collect()
    });
}

#[test]
fn the_order_of_rooms_is_seen_in_every_way_to_name_one() {
    let path = "crates/desk/src/intake/x.rs";
    let source = |text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let seen = |text: &str| upward(&source(text)).len();
    assert_eq!(seen("use crate::settlement::decide;\n"), 1);
    assert_eq!(seen("use crate::{base::error::DeskError, close::periods};\n"), 1);
    assert_eq!(seen("use crate::{\n    base::{\n        close,\n    },\n    queue::outcome,\n};\n"), 1);
    assert_eq!(seen("fn f() {\n    crate::reports::export::x();\n}\n"), 1);
    assert_eq!(seen("use crate::{\n    access::actor,\n    base::when,\n};\n// see crate::close\n"), 0);
    assert_eq!(seen("#[cfg(test)]\nmod tests {\n    use crate::close::x;\n}\n"), 0);
}
