//! The desk's list of codes is closed: whatever a room below names is in it.

use tieout_desk::base::code::Code;

use super::{check_these, lines_outside_tests, test_files, tracked};

/// Rooms whose codes reach the desk.
const ROOMS: &[&str] = &["domain", "duties", "evidence", "store", "connectors", "posting", "vault"];

/// The codes that a line names: the text of a `… => "code",` in a `fn code`, the first argument of what
/// makes a failure, or a field `code`, as in the rows of a vendor's sheet.
fn named(line: &str, in_code: bool) -> Vec<&str> {
    let makers = ["VendorFailure::terminal(\"", "VendorFailure::retryable(\"", "VendorFailure::unknown(\""];
    let makers = makers.iter().chain(&["Stop::refuse(\"", " code: \""]);
    let mut found: Vec<&str> = makers
        .filter_map(|maker| line.split_once(maker).and_then(|(_, rest)| rest.split('"').next()))
        .filter(|code| !code.is_empty())
        .collect();
    if in_code && let Some((_, rest)) = line.split_once("=> \"") {
        found.extend(rest.split('"').next());
    }
    found
}

#[test]
fn every_code_of_a_room_below_is_in_the_desks_list() {
    let sources = tracked();
    let for_tests = test_files(&sources);
    let mut seen = 0;
    let unknown: Vec<String> = sources
        .iter()
        .filter(|source| {
            let room = source.path.strip_prefix("crates/").and_then(|rest| rest.split('/').next());
            room.is_some_and(|room| ROOMS.contains(&room)) && source.path.contains("/src/")
        })
        .filter(|source| source.is(&["rs"]) && !for_tests.contains(&source.path))
        .flat_map(|source| {
            let mut in_code = false;
            let mut unknown = Vec::new();
            for (n, line) in lines_outside_tests(source) {
                if line.contains("fn code(") {
                    in_code = true;
                } else if line == "    }" || line == "}" {
                    in_code = false;
                }
                for code in named(line, in_code) {
                    seen += 1;
                    if Code::parse(code).is_none() {
                        unknown.push(source.at(n, code));
                    }
                }
            }
            unknown
        })
        .collect();
    assert!(seen > 150, "only {seen} codes were seen: is the reader blind?");
    assert!(unknown.is_empty(), "add these to crates/desk/src/base/code.rs:\n{}", unknown.join("\n"));
}

#[test]
fn no_code_is_compared_as_text_in_the_desk() {
    check_these("codes are compared as `Code`", &tracked(), |source| {
        let room = ["crates/desk/src/", "crates/app/src/", "crates/cli/src/", "crates/demo/src/"];
        if !room.iter().any(|room| source.path.starts_with(room)) {
            return Vec::new();
        }
        let outside = lines_outside_tests(source);
        let compared = |line: &str| {
            ["code == \"", "code != \"", "error.code.as_str() ==", "match error.code.as_str()"]
                .iter()
                .any(|way| line.contains(way))
        };
        outside
            .iter()
            .filter(|(_, line)| compared(line))
            .map(|(n, line)| source.at(*n, line.trim()))
            .collect()
    });
}
