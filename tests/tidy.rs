//! The limits of the house that a compiler does not keep: sizes, words, floats, machine paths. What breaks
//! one is listed by file and line, all of it at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/codes.rs"]
mod codes;
#[path = "tidy/costs.rs"]
mod costs;
#[path = "tidy/page.rs"]
mod page;
#[path = "tidy/rooms.rs"]
mod rooms;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const LINES: usize = 600;
const COLUMNS: usize = 110;
const FUNCTION_LINES: usize = 70;
const FIXTURE_BYTES: u64 = 200 * 1024;

/// Rooms through which money passes.
const MONEY_ROOMS: &[&str] = &["domain", "store", "connectors", "posting", "desk", "duties", "app", "demo"];

/// Where a float stands between a file format that knows nothing else and a check that it is exact.
const FLOATS_WITH_A_REASON: &[(&str, &str)] = &[
    (
        "crates/desk/src/reports/export.rs",
        "an XLSX cell holds a float: only what survives the way back is written as one",
    ),
    ("crates/connectors/tests/files_xlsx.rs", "writes such cells"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A tracked text file.
struct Source {
    path: String,
    text: String,
}

impl Source {
    fn is(&self, extensions: &[&str]) -> bool {
        let extension = Path::new(&self.path).extension().and_then(|e| e.to_str()).unwrap_or_default();
        extensions.contains(&extension)
    }

    /// `path:line` and the line, for each line that `broken` finds.
    fn lines_where(&self, broken: impl Fn(&str) -> bool) -> Vec<String> {
        let lines = self.text.lines().enumerate();
        lines.filter(|(_, l)| broken(l)).map(|(n, l)| self.at(n, l.trim())).collect()
    }

    fn at(&self, index: usize, what: &str) -> String {
        format!("{}:{}: {}", self.path, index + 1, what.chars().take(100).collect::<String>())
    }
}

/// Everything tracked, and what is about to be, that is text.
fn tracked() -> Vec<Source> {
    let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let listed = Command::new("git").args(arguments).current_dir(root()).output().unwrap();
    assert!(listed.status.success(), "git lists the files: {}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).unwrap();
    let sources: Vec<Source> = names
        .split('\0')
        .filter(|name| !name.is_empty())
        // A file that was deleted and not yet committed is listed but not there.
        .filter_map(|name| Some((name, fs::read(root().join(name)).ok()?)))
        .filter_map(|(name, bytes)| {
            Some(Source { path: name.to_owned(), text: String::from_utf8(bytes).ok()? })
        })
        .collect();
    assert!(sources.len() > 100, "only {} files: is this the whole checkout?", sources.len());
    sources
}

#[track_caller]
fn check(rule: &str, broken: impl Fn(&Source) -> Vec<String>) {
    check_these(rule, &tracked(), broken);
}

#[track_caller]
fn check_these(rule: &str, sources: &[Source], broken: impl Fn(&Source) -> Vec<String>) {
    let found: Vec<String> = sources.iter().flat_map(broken).collect();
    assert!(found.is_empty(), "{rule}, but:\n{}", found.join("\n"));
}

fn crate_source(source: &Source) -> bool {
    source.path.starts_with("crates/") && source.path.contains("/src/") && source.is(&["rs"])
}

/// Files that are only compiled for tests: those of `tests/` folders, and the modules that a `#[cfg(test)]`
/// line declares.
fn test_files(sources: &[Source]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for source in sources.iter().filter(|source| source.is(&["rs"])) {
        if source.path.contains("/tests/") {
            found.insert(source.path.clone());
        }
        let beside = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let below = source.path.trim_end_matches("/lib.rs").trim_end_matches("/mod.rs");
        let below = below.trim_end_matches(".rs");
        let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
        let marked = lines.iter().enumerate().filter(|(_, line)| **line == "#[cfg(test)]");
        for (at, _) in marked {
            let next = |n: usize| lines.get(at + n).copied().unwrap_or_default();
            let path = next(1).strip_prefix("#[path = \"").and_then(|rest| rest.strip_suffix("\"]"));
            if let (Some(path), Some(_)) = (path, declared(next(2))) {
                found.insert(format!("{beside}/{path}"));
            } else if let Some(module) = declared(next(1)) {
                found.insert(format!("{below}/{module}.rs"));
                found.insert(format!("{below}/{module}/mod.rs"));
            }
        }
    }
    found
}

/// The module that this line declares in a file of its own.
fn declared(line: &str) -> Option<&str> {
    line.trim_start_matches("pub(crate) ")
        .trim_start_matches("pub(super) ")
        .strip_prefix("mod ")?
        .strip_suffix(';')
}

/// The lines of a file that are in no `#[cfg(test)]` item. rustfmt closes an item at its own indentation.
fn lines_outside_tests(source: &Source) -> Vec<(usize, &str)> {
    let mut kept = Vec::new();
    let mut skipping: Option<(String, bool)> = None;
    for (n, line) in source.text.lines().enumerate() {
        if let Some((indent, opened)) = &mut skipping {
            let body = line.strip_prefix(indent.as_str()).unwrap_or("");
            let starts_item = !body.starts_with(' ') && !body.is_empty() && !body.starts_with("#[");
            if *opened && body.starts_with('}') || !*opened && starts_item && line.ends_with(';') {
                skipping = None;
            } else if starts_item && line.ends_with('{') {
                *opened = true;
            }
            continue;
        }
        if line.trim() == "#[cfg(test)]" {
            let indent = line.chars().take_while(|c| *c == ' ').collect();
            skipping = Some((indent, false));
            continue;
        }
        kept.push((n, line));
    }
    kept
}

/// Functions longer than the limit. rustfmt puts `fn` and its closing brace at the same indentation.
fn long_functions(source: &Source) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<(usize, usize, &str)> = Vec::new();
    for (n, line) in source.text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let code = line.trim_start();
        if code.starts_with('}') && open.last().is_some_and(|(at, ..)| *at == indent) {
            let (_, from, head) = open.pop().unwrap();
            let length = n - from + 1;
            if length > FUNCTION_LINES {
                found.push(source.at(from, &format!("{length} lines: {head}")));
            }
        }
        let words: Vec<&str> = code.split_whitespace().take(6).collect();
        let modifiers = ["pub", "pub(crate)", "pub(super)", "const", "async", "unsafe", "extern", "\"C\""];
        let head = words.iter().find(|word| !modifiers.contains(word) && !word.starts_with("pub("));
        let one_line = code.ends_with('}') || code.ends_with(';');
        if head == Some(&"fn") && !one_line {
            // A declaration without a body ends at the first `;` of its own indentation.
            open.push((indent, n, code));
        }
        if code.ends_with(");") || code.ends_with(';') {
            open.retain(|(at, from, _)| !(*at == indent && *from < n));
        }
    }
    found
}

fn mentions_float(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| word == "f32" || word == "f64")
}

#[test]
fn no_source_file_is_longer_than_its_limit() {
    check("a source file has at most 600 lines", |source| {
        let length = source.text.lines().count();
        let kinds = ["rs", "ts", "svelte", "js", "mjs", "css", "html", "sql", "sh", "py"];
        let counted = source.is(&kinds);
        let generated = source.path.contains("bindings/");
        let over = counted && !generated && length > LINES;
        over.then(|| format!("{}: {length} lines", source.path)).into_iter().collect()
    });
}

/// Lines that are longer than the limit: of Rust, addresses excepted, and of the page, its generated types
/// excepted.
fn wide_lines(source: &Source) -> Vec<String> {
    let page = source.path.starts_with("ui/") && !source.path.starts_with("ui/src/bindings/");
    let wide = |line: &str| line.chars().count() > COLUMNS;
    if source.is(&["rs"]) {
        source.lines_where(|line| wide(line) && !line.contains("http"))
    } else if page && source.is(&["ts", "svelte", "css", "html", "js", "mjs"]) {
        source.lines_where(wide)
    } else {
        Vec::new()
    }
}

#[test]
fn no_line_of_code_is_longer_than_a_screen_is_wide() {
    check("a line of Rust or of the page has at most 110 columns", wide_lines);
}

#[test]
fn every_function_fits_a_screen() {
    check("a function has at most 70 lines", |source| {
        if source.is(&["rs"]) { long_functions(source) } else { Vec::new() }
    });
}

#[test]
fn library_code_does_not_panic_on_purpose() {
    let words = [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "dbg!("];
    let sources = tracked();
    let for_tests = test_files(&sources);
    check_these("unwrap, expect and panic stand in tests only", &sources, |source| {
        if !crate_source(source) || for_tests.contains(&source.path) {
            return Vec::new();
        }
        let outside = lines_outside_tests(source);
        let code = |line: &str| !line.trim_start().starts_with("//");
        let broken = outside.iter().filter(|(_, l)| code(l) && words.iter().any(|word| l.contains(word)));
        broken.map(|(n, l)| source.at(*n, l.trim())).collect()
    });
}

#[test]
fn money_never_touches_a_float() {
    check("no f32 or f64 where money passes", |source| {
        let room = source.path.strip_prefix("crates/").and_then(|rest| rest.split('/').next());
        let excepted = FLOATS_WITH_A_REASON.iter().any(|(path, _)| *path == source.path);
        if !source.is(&["rs"]) || excepted || !room.is_some_and(|room| MONEY_ROOMS.contains(&room)) {
            return Vec::new();
        }
        source.lines_where(mentions_float)
    });
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not find itself.
    let marks = [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["todo", "!("].concat()];
    check("nothing is marked as unfinished", |source| {
        if !source.is(&["rs", "ts", "svelte", "js", "css", "sql", "sh", "py", "toml", "md"]) {
            return Vec::new();
        }
        let word = |line: &str, mark: &String| {
            line.split(|c: char| !(c.is_alphanumeric() || c == '!' || c == '(')).any(|word| word == mark)
        };
        // An attack that still gets through is kept out of the verdict until its fault is mended.
        let skipped = |line: &str| {
            let attack = source.path.starts_with("tests/attacks") && line.contains("\"red until ");
            line.contains("#[ignore") && !attack
        };
        source
            .lines_where(|line| marks.iter().any(|mark| word(line, mark)) || skipped(line))
            .into_iter()
            .filter(|_| source.path != "tests/tidy.rs")
            // An attack that is not mended yet is kept out of the verdict, and says which part mends it.
            .filter(|line| !line.contains("ignore = \"red until part"))
            .collect()
    });
}

#[test]
fn no_path_of_one_machine_is_written_down() {
    let folders = ["work", "tmp", "root"].map(|folder| format!("/{folder}/"));
    check("no tracked file names a path of one machine", |source| {
        if source.path.ends_with(".lock") {
            return Vec::new();
        }
        source.lines_where(|line| {
            folders.iter().any(|folder| {
                let mut before =
                    line.match_indices(folder.as_str()).map(|(at, _)| line[..at].chars().next_back());
                before.any(|before| !before.is_some_and(|c| c.is_alphabetic() || c == '.'))
            })
        })
    });
}

#[test]
fn lock_files_record_no_place_to_download_from() {
    check("a lock file names packages, not addresses", |source| match source.path.rsplit('/').next() {
        Some("package-lock.json") => source.lines_where(|line| line.contains("\"resolved\"")),
        Some("Cargo.lock") => {
            let usual = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
            source.lines_where(|line| line.starts_with("source = ") && line != usual)
        }
        _ => Vec::new(),
    });
}

#[test]
fn every_room_says_what_it_is() {
    check("a crate's lib.rs begins with what the room is", |source| {
        let is_room = source.path.starts_with("crates/") && source.path.ends_with("/src/lib.rs");
        let says = source.text.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > 20);
        (is_room && !says).then(|| source.path.clone()).into_iter().collect()
    });
}

#[test]
fn fixtures_stay_small() {
    check("a fixture has at most 200 KB", |source| {
        let length = fs::metadata(root().join(&source.path)).unwrap().len();
        let over = source.path.starts_with("fixtures/") && length > FIXTURE_BYTES;
        over.then(|| format!("{}: {length} bytes", source.path)).into_iter().collect()
    });
}

#[test]
fn every_reason_for_a_float_is_still_needed() {
    let sources = tracked();
    for (path, reason) in FLOATS_WITH_A_REASON {
        let there = sources.iter().find(|source| source.path == *path);
        let used = there.is_some_and(|source| !source.lines_where(mentions_float).is_empty());
        assert!(used, "{path} has no float any more: drop its exception ({reason})");
    }
}

/// The checks above would pass on anything if their readers were blind.
#[test]
fn the_checks_see_what_they_look_for() {
    let body = "        let x = 1;\n".repeat(80);
    let long =
        format!("impl A {{\n    pub async fn long(\n        a: u8,\n    ) -> u8 {{\n{body}    }}\n}}\n");
    let tests = "#[cfg(test)]\nmod tests {\n    fn t() {\n        b.unwrap();\n    }\n}\n";
    let text = format!(
        "fn short() {{\n}}\n\n{long}\n#[cfg(test)]\nmod gone;\n\nfn kept() {{\n    a.unwrap();\n}}\n\n{tests}"
    );
    let source = Source { path: "crates/x/src/a.rs".to_owned(), text };
    let long = long_functions(&source);
    assert_eq!(long.len(), 1, "{long:?}");
    assert!(long[0].contains(":5: 84 lines: pub async fn long("), "{long:?}");
    let outside: Vec<&str> = lines_outside_tests(&source).into_iter().map(|(_, line)| line.trim()).collect();
    assert!(outside.contains(&"a.unwrap();") && !outside.contains(&"b.unwrap();"), "{outside:?}");
    let two = format!("{}\n{}\n", "é".repeat(COLUMNS), "é".repeat(COLUMNS + 1));
    let wide = |path: &str| wide_lines(&Source { path: path.to_owned(), text: two.clone() }).len();
    for path in ["tests/a.rs", "ui/src/a.ts", "ui/src/A.svelte", "ui/dev/a.mjs", "ui/a.css", "ui/a.html"] {
        assert_eq!(wide(path), 1, "{path}");
    }
    for path in ["ui/src/bindings/types.ts", "README.md", "ui/package-lock.json"] {
        assert_eq!(wide(path), 0, "{path}");
    }
    assert!(mentions_float("let x: f64 = y as f32;") && !mentions_float("let f = 64; // not an f64"));
    let tests = test_files(&[source]);
    assert!(tests.contains("crates/x/src/a/gone.rs") && !tests.contains("crates/x/src/a.rs"), "{tests:?}");
}
