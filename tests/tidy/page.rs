//! The page parses nothing: what a text means it is told in fields of their own, and names out of closed sets
//! have closed types.

use super::{check_these, tracked};

/// Who reads a text in the page, and why it is none in which the desk hides something.
const READERS: &[(&str, &str)] = &[
    ("ui/src/app/OpenFile.svelte", "the name at the end of a path that the user opened"),
    ("ui/src/app/rank.ts", "what the user types into the palette"),
    ("ui/src/components/Menu.svelte", "the letter that the user types"),
    ("ui/src/features/audit/words.ts", "a date out of its own field"),
    ("ui/src/features/connections/health.ts", "an address that the user types"),
    ("ui/src/features/shared/json.ts", "lays out what was sent and came back, as evidence"),
    ("ui/src/lib/format.ts", "amounts and dates, and what the user types for them"),
    ("ui/src/lib/keys.ts", "names of keys"),
    ("ui/src/lib/names.ts", "people's initials, and whether a sentence ends"),
];

/// Ways to look into a text.
const WAYS: &[&str] = &[
    ".exec(",
    ".match(",
    ".matchAll(",
    ".search(",
    ".split(",
    ".startsWith(",
    ".endsWith(",
    ".test(",
    "RegExp",
];

#[test]
fn the_page_reads_no_meaning_out_of_a_text() {
    let sources = tracked();
    let looks =
        |line: &str| !line.trim_start().starts_with("//") && WAYS.iter().any(|way| line.contains(way));
    check_these("the page parses nothing: give it a field", &sources, |source| {
        let page = source.path.starts_with("ui/src/") && source.is(&["ts", "svelte"]);
        let known = READERS.iter().any(|(path, _)| *path == source.path);
        let aside = source.path.contains(".test.ts") || source.path.starts_with("ui/src/bindings/");
        if page && !known && !aside { source.lines_where(looks) } else { Vec::new() }
    });
    for (path, why) in READERS {
        let reader = sources.iter().find(|source| source.path == *path);
        let still = reader.is_some_and(|source| source.text.lines().any(looks));
        assert!(still, "{path} reads no text any more ({why}): take it off the list");
    }
}

/// Fields whose names come from a closed set wherever they are the desk's.
const CLOSED: &[&str] = &["state", "status", "severity", "role", "action", "outcome", "result"];

/// Those that are words for people, or the system's and not ours.
const WORDS: &[(&str, &str, &str)] = &[
    ("BatchPeriod", "status", "words for people, its state beside them"),
    ("OpenPeriod", "status", "words for people, its state beside them"),
    ("CloseCell", "status", "words for people"),
];

/// What a text of the log, the history or an outcome holds beside words comes in fields of its own; the page
/// must not have the text out of which it could be cut.
const WHOLE: &[(&str, &[&str])] = &[
    ("EventView", &["who", "what", "detail"]),
    ("LogRow", &["who"]),
    ("LogActor", &["name"]),
    ("ChangeView", &["author"]),
    ("Outcome", &["message"]),
    ("StepView", &["period_status"]),
    ("AttemptView", &["transcript"]),
];

#[test]
fn the_pages_types_leave_nothing_to_parse() {
    let sources = tracked();
    let types = sources.iter().find(|source| source.path == "ui/src/bindings/types.ts").unwrap();
    let (mut of, mut open, mut seen) = ("", Vec::new(), 0);
    for (n, line) in types.text.lines().enumerate() {
        if let Some(rest) = line.strip_prefix("export type ") {
            of = rest.split_whitespace().next().unwrap();
        }
        let Some((field, kind)) = line.split_once(": ") else { continue };
        let field = field.trim_end_matches('?');
        if WHOLE.iter().any(|(whole, fields)| *whole == of && fields.contains(&field)) {
            open.push(types.at(n, &format!("{of} says {field} apart already")));
        }
        if !CLOSED.contains(&field) {
            continue;
        }
        seen += 1;
        let text = kind.split([',', ' ']).any(|part| part == "string" || part == "Array<string>");
        let words = WORDS.iter().any(|(view, name, _)| *view == of && *name == field);
        if text && !words {
            open.push(types.at(n, &format!("{of}.{field} is open text")));
        }
    }
    for (view, field, why) in WORDS {
        let stands = types.text.contains(&format!("export type {view} = ")) && CLOSED.contains(field);
        assert!(stands, "{view}.{field} is not there any more ({why}): take it off the list");
    }
    assert!(seen > 20, "only {seen} fields were seen: is the reader blind?");
    assert!(
        open.is_empty(),
        "give these a closed type (crates/desk/src/base/closed.rs):\n{}",
        open.join("\n")
    );
}
