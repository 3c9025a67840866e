//! What a new thing costs, in files edited outside its own: a connector two (its line in the registry, its
//! contract test), a detector two (its row of the domain, its line among the detectors), a command one (its
//! row), a screen one (its line). Proved from the source: whoever names one of them beside these is listed
//! here with the reason.

use std::collections::BTreeSet;

use super::{Source, lines_outside_tests, test_files, tracked};

const REGISTRY: &str = "crates/connectors/src/vendors/mod.rs";
const KINDS: &str = "crates/domain/src/exception.rs";
const DETECTORS: &str = "crates/store/src/detectors/mod.rs";
const COMMANDS: &str = "crates/app/src/commands.rs";
const SCREENS: &str = "ui/src/app/screens.ts";

/// Where a vendor may be named besides.
const VENDORS_WITH_A_REASON: &[(&str, &str)] = &[
    ("crates/sandbox/", "stands in for two of them"),
    ("crates/demo/", "its company uses two of them"),
    ("crates/cli/src/args.rs", "the examples of its help"),
    ("crates/cli/src/verbs.rs", "the examples of its help"),
    ("crates/connectors/src/files/recognise/profile.rs", "lists exports, which need no connection"),
    ("crates/connectors/src/files/outgoing/form.rs", "lists journal files, which need no connection"),
];

/// Where a kind may be named besides: what is done otherwise with it than with all others.
const KINDS_WITH_A_REASON: &[(&str, &str)] = &[
    (
        "crates/desk/src/base/labels.rs",
        "what is not posted is told by its period; a gap of the mapping by itself",
    ),
    (
        "crates/desk/src/casefile/detail/",
        "what is not posted is told by what became of it; a document's status",
    ),
    ("crates/desk/src/queue/late.rs", "a rule for late items is of what is not posted"),
    ("crates/desk/src/settlement/by_policy.rs", "a policy proposes what is not posted, and nothing else"),
    ("crates/desk/src/settlement/draft.rs", "where a posting comes from"),
    ("crates/store/src/", "SQL over what is not posted, and over customers and syncs"),
    ("crates/duties/src/facts.rs", "the plainest exception, by which it is tried who could settle any"),
    ("crates/posting/src/finding.rs", "which difference of a read-back is which kind"),
    ("crates/demo/", "the kinds of which its tale tells"),
    ("ui/src/", "what a screen asks for by name"),
];

/// What looks like a command and is none.
const COMMANDS_WITH_A_REASON: &[(&str, &str)] = &[
    ("src-tauri/src/menu.rs", "an entry of a menu that shows the window"),
    ("src-tauri/src/tray.rs", "an entry of a menu that shows the window"),
];

/// Lines of what is compiled into the product, without those that are comments.
fn code<'s>(
    sources: &'s [Source],
    for_tests: &'s BTreeSet<String>,
) -> impl Iterator<Item = (&'s Source, usize, &'s str)> {
    let product = |source: &&Source| {
        let rust = source.is(&["rs"]) && source.path.contains("/src/") && !source.path.starts_with("tests/");
        let page = source.path.starts_with("ui/src/") && source.is(&["ts", "svelte"]);
        (rust || page) && !for_tests.contains(&source.path) && !source.path.ends_with(".test.ts")
    };
    let lines = |source: &'s Source| {
        let own = lines_outside_tests(source).into_iter();
        own.filter(|(_, line)| !line.trim_start().starts_with("//")).map(move |(n, line)| (source, n, line))
    };
    let of_product = sources.iter().filter(product);
    of_product.filter(|source| !source.path.starts_with("xtask/")).flat_map(lines)
}

fn text<'s>(sources: &'s [Source], path: &str) -> &'s str {
    let found = sources.iter().find(|source| source.path == path);
    &found.unwrap_or_else(|| panic!("{path} is gone: what replaces it?")).text
}

/// Whether `word` stands in the line as a whole word, in any writing.
fn says(line: &str, word: &str) -> bool {
    let lower = line.to_lowercase();
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric());
    lower.match_indices(word).any(|(at, _)| {
        !part(lower[..at].chars().next_back()) && !part(lower[at + word.len()..].chars().next())
    })
}

/// What of `found` stands in none of these places.
fn outside(found: Vec<(String, String)>, reasons: &[(&str, &str)]) -> Vec<String> {
    let allowed = |path: &str| reasons.iter().any(|(place, _)| path.starts_with(place));
    found.into_iter().filter(|(path, _)| !allowed(path)).map(|(_, at)| at).collect()
}

#[test]
fn a_connector_costs_its_line_in_the_registry_and_its_contract_test() {
    let sources = tracked();
    let for_tests = test_files(&sources);
    let folder = "crates/connectors/src/vendors/";
    let names: BTreeSet<&str> = sources
        .iter()
        .filter_map(|source| source.path.strip_prefix(folder)?.split_once('/').map(|(name, _)| name))
        .collect();
    assert!(names.len() >= 3, "only {names:?}: is the reader blind?");
    let contract = text(&sources, "crates/connectors/tests/contract/main.rs");
    let mut found = Vec::new();
    for name in &names {
        assert!(text(&sources, REGISTRY).contains(&format!("{name}::build")), "{name} is in no registry");
        assert!(contract.contains(&format!("mod {name};")), "{name} has no contract test");
        let own = format!("{folder}{name}/");
        let elsewhere = code(&sources, &for_tests)
            .filter(|(source, _, _)| source.path != REGISTRY && !source.path.starts_with(&own))
            .filter(|(_, _, line)| says(line, name));
        found.extend(elsewhere.map(|(source, n, line)| (source.path.clone(), source.at(n, line.trim()))));
    }
    let found = outside(found, VENDORS_WITH_A_REASON);
    assert!(found.is_empty(), "a vendor is named in its folder and the registry, but:\n{}", found.join("\n"));
}

/// The kinds: how the code names each, and its stable name.
fn kinds(sources: &[Source]) -> Vec<(String, String)> {
    let row = |line: &str| {
        let (variant, rest) = line.trim().split_once(" => \"")?;
        let (name, rest) = rest.split_once('"')?;
        let queue_follows = rest.starts_with(", ") && rest.matches(", ").count() >= 3;
        (variant.chars().all(char::is_alphanumeric) && queue_follows)
            .then(|| (variant.to_owned(), name.to_owned()))
    };
    text(sources, KINDS).lines().filter_map(row).collect()
}

#[test]
fn a_detector_costs_its_row_and_its_line() {
    let sources = tracked();
    let for_tests = test_files(&sources);
    let kinds = kinds(&sources);
    assert!(kinds.len() > 20, "only {kinds:?}: is the reader blind?");
    let mut plain = Vec::new();
    let mut found = Vec::new();
    for (variant, name) in &kinds {
        let own = format!("crates/store/src/detectors/{name}.rs");
        // In Rust by its variant, in SQL and on the page by its name; a code may have the same name.
        let in_rust = [format!("ExceptionKind::{variant}"), format!("K::{variant}"), format!("'{name}'")];
        let on_page = [format!("\"{name}\""), format!("'{name}'")];
        let names = |path: &str, line: &str| {
            let named = if path.starts_with("ui/") { &on_page[..] } else { &in_rust[..] };
            let whole = |word: &String| {
                line.match_indices(word.as_str()).any(|(at, _)| {
                    let next = line[at + word.len()..].chars().next();
                    !next.is_some_and(char::is_alphanumeric)
                })
            };
            named.iter().any(whole)
        };
        let elsewhere: Vec<(String, String)> = code(&sources, &for_tests)
            .filter(|(source, _, _)| ![KINDS, DETECTORS, own.as_str()].contains(&source.path.as_str()))
            .filter(|(source, _, _)| !source.path.starts_with("crates/sandbox/"))
            .filter(|(source, _, line)| names(&source.path, line))
            .map(|(source, n, line)| (source.path.clone(), source.at(n, line.trim())))
            .collect();
        if elsewhere.is_empty() {
            plain.push(name);
        }
        found.extend(elsewhere);
    }
    let found = outside(found, KINDS_WITH_A_REASON);
    assert!(found.is_empty(), "a kind is named in its row and its detector, but:\n{}", found.join("\n"));
    assert!(plain.len() >= 6, "only {plain:?} are named nowhere else: what made the others cost more?");
}

#[test]
fn a_command_costs_its_row() {
    let sources = tracked();
    let for_tests = test_files(&sources);
    let row = |line: &str| {
        let line = line.trim();
        let rest = line.strip_prefix("read \"").or(line.strip_prefix("write \""))?;
        rest.split('"').next().map(str::to_owned)
    };
    let commands: Vec<String> = text(&sources, COMMANDS).lines().filter_map(row).collect();
    assert!(commands.len() > 50, "only {commands:?}: is the reader blind?");
    // Which of them the command line or the page offers is theirs; what carries them there names none.
    let carries = |path: &str| {
        path != COMMANDS && (path.starts_with("crates/app/src/") || path.starts_with("src-tauri/src/"))
    };
    let found = code(&sources, &for_tests)
        .filter(|(source, _, _)| carries(&source.path))
        .filter(|(_, _, line)| commands.iter().any(|name| line.contains(&format!("\"{name}\""))))
        .map(|(source, n, line)| (source.path.clone(), source.at(n, line.trim())));
    let found = outside(found.collect(), COMMANDS_WITH_A_REASON);
    assert!(found.is_empty(), "what carries commands names none of them, but:\n{}", found.join("\n"));
}

#[test]
fn a_screen_costs_its_line() {
    let sources = tracked();
    let for_tests = test_files(&sources);
    let name = |line: &str| line.trim().strip_prefix("{ name: \"")?.split('"').next().map(str::to_owned);
    let screens: Vec<String> = text(&sources, SCREENS).lines().filter_map(name).collect();
    assert!(screens.len() >= 8, "only {screens:?}: is the reader blind?");
    for screen in &screens {
        text(&sources, &format!("ui/src/features/{screen}/Screen.svelte"));
    }
    // One screen leads to another by its name; a second list of them would have to be kept beside the first,
    // also one by which the window's tests go through them all.
    let mut named: BTreeSet<(&str, &String)> = BTreeSet::new();
    let of_page = code(&sources, &for_tests).filter(|(source, _, _)| {
        let page = source.path.starts_with("ui/src/") && !source.path.starts_with("ui/src/bindings/");
        page && source.path != SCREENS
    });
    let of_tests = sources.iter().filter(|source| source.path.starts_with("tests/") && source.is(&["rs"]));
    let of_tests = of_tests.flat_map(|source| source.text.lines().map(move |line| (source, 0, line)));
    for (source, _, line) in of_page.chain(of_tests) {
        let says = |screen: &&String| {
            line.contains(&format!("\"{screen}\"")) || line.contains(&format!("\"nav-{screen}\""))
        };
        named.extend(screens.iter().filter(says).map(|screen| (source.path.as_str(), screen)));
    }
    let files: BTreeSet<&str> = named.iter().map(|(path, _)| *path).collect();
    let lists = files.iter().filter(|path| named.iter().filter(|(file, _)| file == *path).count() > 3);
    let lists: Vec<&&str> = lists.collect();
    assert!(lists.is_empty(), "{SCREENS} is the one list of screens, but there are others in {lists:?}");
}
