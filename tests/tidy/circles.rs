//! No file of a crate uses another that uses it in turn, near or far: read from `use` and from paths in the
//! code, tests left out.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, lines_outside_tests, test_files, tracked};

/// Files that may stay in one circle, each named once, and why.
const CIRCLES_WITH_A_REASON: &[(&[&str], &str)] = &[
    (
        &[
            "crates/posting/src/asking.rs",
            "crates/posting/src/look.rs",
            "crates/posting/src/planted.rs",
            "crates/posting/src/send.rs",
            "crates/posting/src/visit.rs",
            "crates/posting/src/worker.rs",
        ],
        "one engine, a file for each stage of a visit: each is part of the worker and calls the next",
    ),
    (
        &[
            "crates/sandbox/src/book/judge.rs",
            "crates/sandbox/src/book/mod.rs",
            "crates/sandbox/src/book/period.rs",
            "crates/sandbox/src/book/record.rs",
            "crates/sandbox/src/book/setup.rs",
        ],
        "one book, whose parts work on what the book is declared with",
    ),
    (
        &[
            "crates/sandbox/src/company/billing.rs",
            "crates/sandbox/src/company/books.rs",
            "crates/sandbox/src/company/model.rs",
        ],
        "one model in three files",
    ),
    (
        &[
            "crates/sandbox/src/fault/layer.rs",
            "crates/sandbox/src/fault/mod.rs",
            "crates/sandbox/src/fault/plan.rs",
        ],
        "a plan names requests, and the layer that classifies them carries it out",
    ),
    (
        &[
            "crates/sandbox/src/netsuite/auth.rs",
            "crates/sandbox/src/netsuite/dialect.rs",
            "crates/sandbox/src/netsuite/jobs.rs",
            "crates/sandbox/src/netsuite/journal.rs",
            "crates/sandbox/src/netsuite/limits.rs",
            "crates/sandbox/src/netsuite/mod.rs",
            "crates/sandbox/src/netsuite/query.rs",
            "crates/sandbox/src/netsuite/records.rs",
        ],
        "one stand-in server, whose handlers share the account that it is declared with",
    ),
    (
        &["crates/sandbox/src/netsuite/suiteql/functions.rs", "crates/sandbox/src/netsuite/suiteql/mod.rs"],
        "the functions of a dialect write as the dialect does",
    ),
    (
        &[
            "crates/sandbox/src/stripe/control.rs",
            "crates/sandbox/src/stripe/control/disputes.rs",
            "crates/sandbox/src/stripe/mod.rs",
        ],
        "one stand-in server, as above",
    ),
];

type Module = Vec<String>;

/// Which file uses which, of one crate, by their paths.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// The module that a file of a crate is; `None` for a file that is no module of its library.
fn module_of(source_folder: &str, path: &str) -> Option<Module> {
    let within = path.strip_prefix(source_folder)?.strip_suffix(".rs")?;
    let mut parts: Module = within.split('/').map(str::to_owned).collect();
    let last = parts.last().map(String::as_str);
    if last == Some("mod") || (parts.len() == 1 && (last == Some("lib") || last == Some("main"))) {
        parts.pop();
    }
    Some(parts)
}

/// The code without comments, and with every text and character emptied.
fn bare(lines: &[(usize, &str)]) -> String {
    let text: String = lines.iter().flat_map(|(_, line)| [line, "\n"]).collect();
    let (mut out, mut rest) = (String::new(), text.as_str());
    while let Some(first) = rest.chars().next() {
        let raw = rest.starts_with("r\"") || rest.starts_with("r#");
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |at| &rest[at..]);
        } else if raw && !out.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            let marks = rest[1..].chars().take_while(|c| *c == '#').count();
            let end = format!("\"{}", "#".repeat(marks));
            let body = &rest[1 + marks..];
            // `r#name` is a name, not a text.
            rest = match body.strip_prefix('"') {
                Some(body) => body.find(&end).map_or("", |at| &body[at + end.len()..]),
                None => body,
            };
        } else if first == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            rest = end.map_or("", |at| &rest[at + 2..]);
        } else if let Some(length) = character(rest) {
            rest = &rest[length..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// How long the character literal is that begins here; `None` for a lifetime or anything else.
fn character(rest: &str) -> Option<usize> {
    let body = rest.strip_prefix('\'')?;
    let length = match body.strip_prefix('\\') {
        Some(escaped) => escaped.get(1..)?.find('\'')? + 2,
        None => body.chars().next()?.len_utf8(),
    };
    (body[length..].starts_with('\'')).then_some(length + 2)
}

/// Every path of names in the code, those of `use` trees written out.
fn paths(code: &str) -> Vec<Module> {
    let mut found = Vec::new();
    let words: Vec<&str> = tokens(code);
    let mut at = 0;
    while at < words.len() {
        if words[at] == "use" && words.get(at + 1).is_none_or(|next| *next != "<") {
            let from = at + 1;
            at = tree(&words, from, &[], &mut found).max(from);
        } else if is_name(words[at]) && (at == 0 || words[at - 1] != "::") {
            let mut path = vec![words[at].to_owned()];
            while words.get(at + 1) == Some(&"::") && words.get(at + 2).is_some_and(|word| is_name(word)) {
                path.push(words[at + 2].to_owned());
                at += 2;
            }
            if path.len() > 1 {
                found.push(path);
            }
            at += 1;
        } else {
            at += 1;
        }
    }
    found
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::`, and single marks.
fn tokens(code: &str) -> Vec<&str> {
    let (mut words, mut rest) = (Vec::new(), code.trim_start());
    while let Some(first) = rest.chars().next() {
        let named = |c: char| c.is_alphanumeric() || c == '_';
        let length = if named(first) {
            rest.find(|c| !named(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        words.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    words
}

/// Reads one `use` tree, and answers where it ends.
fn tree(words: &[&str], mut at: usize, before: &[String], found: &mut Vec<Module>) -> usize {
    let mut path = before.to_vec();
    while let Some(word) = words.get(at) {
        match *word {
            "::" => at += 1,
            "{" => {
                at += 1;
                while words.get(at).is_some_and(|word| *word != "}") {
                    at = tree(words, at, &path, found);
                    if words.get(at) == Some(&",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            "," | "}" | ";" => break,
            "as" => at += 2,
            "*" | "self" if path.len() > before.len() || !before.is_empty() => at += 1,
            name => {
                path.push(name.to_owned());
                at += 1;
            }
        }
    }
    found.push(path);
    at
}

/// The file that a path leads to, seen from a module: that of the longest part of it which is a module.
fn target<'f>(
    files: &'f BTreeMap<Module, String>,
    from: &[String],
    children: &BTreeSet<String>,
    path: &[String],
) -> Option<&'f String> {
    let mut whole: Module = match path.first()?.as_str() {
        "crate" => Vec::new(),
        "self" => from.to_vec(),
        "super" => from.get(..from.len().checked_sub(1)?)?.to_vec(),
        child if children.contains(child) => from.iter().cloned().chain([child.to_owned()]).collect(),
        _ => return None,
    };
    for part in &path[1..] {
        match part.as_str() {
            "super" => drop(whole.pop()),
            name => whole.push(name.to_owned()),
        }
    }
    (0..=whole.len()).rev().find_map(|length| files.get(&whole[..length]))
}

/// The modules that a file declares in files of their own, and which are not only tests.
fn children(lines: &[(usize, &str)]) -> BTreeSet<String> {
    let declared = |line: &str| {
        let line = line.trim();
        let line = line.strip_prefix("pub(crate) ").or(line.strip_prefix("pub ")).unwrap_or(line);
        Some(line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned())
    };
    lines.iter().filter_map(|(_, line)| declared(line)).collect()
}

fn uses(sources: &[Source], name: &str) -> Uses {
    let folder = format!("crates/{name}/src/");
    let for_tests = test_files(sources);
    let of_crate = |source: &&Source| source.path.starts_with(&folder) && !for_tests.contains(&source.path);
    let own: Vec<&Source> = sources.iter().filter(of_crate).collect();
    let modules = own.iter().filter_map(|source| Some((module_of(&folder, &source.path)?, source)));
    let modules: Vec<(Module, &&Source)> = modules.collect();
    let files: BTreeMap<Module, String> =
        modules.iter().map(|(module, source)| (module.clone(), source.path.clone())).collect();
    let mut uses = Uses::new();
    for (module, source) in &modules {
        let lines = lines_outside_tests(source);
        let children = children(&lines);
        let used = paths(&bare(&lines)).into_iter().filter_map(|path| {
            target(&files, module, &children, &path).filter(|file| **file != source.path).cloned()
        });
        uses.insert(source.path.clone(), used.collect());
    }
    uses
}

fn reached(uses: &Uses, from: &str) -> BTreeSet<String> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(file) = next.pop() {
        for used in uses.get(&file).into_iter().flatten() {
            if reached.insert(used.clone()) {
                next.push(used.clone());
            }
        }
    }
    reached
}

/// Files that reach each other, the largest possible groups of them.
fn circles(uses: &Uses) -> BTreeSet<BTreeSet<String>> {
    let reached: BTreeMap<&String, BTreeSet<String>> =
        uses.keys().map(|file| (file, reached(uses, file))).collect();
    let circle = |file: &String| -> BTreeSet<String> {
        let there = reached[file].iter();
        there.filter(|other| reached[*other].contains(file)).cloned().collect()
    };
    uses.keys().map(circle).filter(|circle| !circle.is_empty()).collect()
}

fn told(uses: &Uses, circle: &BTreeSet<String>) -> String {
    let edges = circle.iter().flat_map(|file| {
        let within = uses[file].intersection(circle);
        within.map(move |used| format!("  {file} uses {used}"))
    });
    edges.collect::<Vec<_>>().join("\n")
}

/// The names of all crates: each is held to it.
fn crates(sources: &[Source]) -> BTreeSet<String> {
    let name = |source: &Source| {
        let (name, rest) = source.path.strip_prefix("crates/")?.split_once('/')?;
        rest.starts_with("src/").then(|| name.to_owned())
    };
    sources.iter().filter_map(name).collect()
}

#[test]
fn no_file_uses_one_that_uses_it() {
    let sources = tracked();
    let allowed = |circle: &BTreeSet<String>| {
        let same = |files: &[&str]| circle.iter().map(String::as_str).eq(files.iter().copied());
        CIRCLES_WITH_A_REASON.iter().any(|(files, _)| same(files))
    };
    let names = crates(&sources);
    assert!(names.len() > 10, "only {names:?}: is this the whole house?");
    let mut found = Vec::new();
    for name in &names {
        let uses = uses(&sources, name);
        assert!(!uses.is_empty(), "{name} has no files");
        found.extend(circles(&uses).iter().filter(|one| !allowed(one)).map(|one| told(&uses, one)));
    }
    assert!(found.is_empty(), "no files of a crate use each other in circles, but:\n{}", found.join("\n\n"));
}

#[test]
fn every_reason_for_a_circle_is_still_needed() {
    let sources = tracked();
    for (files, reason) in CIRCLES_WITH_A_REASON {
        let name = files[0].split('/').nth(1).unwrap();
        let there = circles(&uses(&sources, name));
        let one: BTreeSet<String> = files.iter().map(|file| (*file).to_owned()).collect();
        assert!(there.contains(&one), "{files:?} are no circle any more: drop their exception ({reason})");
    }
}

fn made(files: &[(&str, &str)]) -> Vec<Source> {
    let file = |(path, text): &(&str, &str)| Source {
        path: format!("crates/x/src/{path}"),
        text: (*text).to_owned(),
    };
    files.iter().map(file).collect()
}

#[track_caller]
fn check(files: &[(&str, &str)], want: &[&[&str]]) {
    let found = circles(&uses(&made(files), "x"));
    let of = |circle: &[&str]| circle.iter().map(|file| format!("crates/x/src/{file}")).collect();
    assert_eq!(found, want.iter().map(|circle| of(circle)).collect());
}

#[test]
fn circles_are_seen_however_the_files_name_each_other() {
    let none: &[&[&str]] = &[];
    check(&[("lib.rs", "mod a;\nmod b;"), ("a.rs", "use crate::b::B;"), ("b.rs", "")], none);
    let both: &[&[&str]] = &[&["a.rs", "b.rs"]];
    check(&[("a.rs", "use crate::b::B;"), ("b.rs", "use crate::a::{self, A};")], both);
    check(&[("a.rs", "fn a() { crate::b::b() }"), ("b.rs", "use super::a::A;")], both);
    check(&[("a.rs", "use crate::{\n    c,\n    b::{B as C, D},\n};"), ("b.rs", "use crate::a::*;")], both);
    check(
        &[("a.rs", "use crate::b::B;"), ("b.rs", "use crate::c::C;"), ("c.rs", "use crate::a::A;")],
        &[&["a.rs", "b.rs", "c.rs"]],
    );
    // A module file and its own child.
    let folder = &[("r/mod.rs", "mod child;\npub use child::C;"), ("r/child.rs", "use super::R;")];
    check(folder, &[&["r/child.rs", "r/mod.rs"]]);
    let folder =
        &[("r/mod.rs", "mod child;\nfn r() { child::c() }"), ("r/child.rs", "use super::super::r::R;")];
    check(folder, &[&["r/child.rs", "r/mod.rs"]]);
    check(&[("r/mod.rs", "mod child;"), ("r/child.rs", "use super::R;")], none);
    check(
        &[("r/mod.rs", "mod a;\nmod b;\npub use a::A;"), ("r/a.rs", "use super::b::B;"), ("r/b.rs", "")],
        none,
    );
    // What goes through the crate's root counts as well.
    check(&[("lib.rs", "mod a;\npub use a::A;"), ("a.rs", "use crate::A;")], &[&["a.rs", "lib.rs"]]);
}

#[test]
fn comments_texts_and_tests_make_no_circle() {
    let none: &[&[&str]] = &[];
    let back = ("b.rs", "use crate::a::A;");
    check(&[("a.rs", "//! As [`crate::b`].\n// use crate::b::B;"), back], none);
    check(
        &[("a.rs", "const T: &str = \"use crate::b::B;\";\nconst R: &str = r#\"crate::b::\"#;"), back],
        none,
    );
    check(
        &[("a.rs", "fn a<'a>(c: char) { c == '\"'; }\n// \"\nconst T: &str = \"crate::b::B\";"), back],
        none,
    );
    check(&[("a.rs", "#[cfg(test)]\nmod tests {\n    use crate::b::B;\n}\n"), back], none);
    check(&[("a.rs", "#[cfg(test)]\nmod tests;"), ("a/tests.rs", "use crate::b::B;"), back], none);
    // Another crate's module of the same name is not ours.
    check(&[("a.rs", "use other::b::B;\nfn a() { b::b() }"), back], none);
    let both: &[&[&str]] = &[&["a.rs", "b.rs"]];
    check(&[("a.rs", "const Q: char = '\"';\nuse crate::b::B;"), back], both);
    check(&[("a.rs", "fn a<'a>(x: &'a str) {}\nuse crate::b::B;"), back], both);
}
