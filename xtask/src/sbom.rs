//! What is in what is shipped: a software bill of materials (CycloneDX) of each program, and the licence
//! texts of all of it in one file. Listed by CycloneDX's own tools for cargo and npm, put together here,
//! and checked by another implementation against the official schema.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    licences, python,
    steps::{Failure, Steps, cargo, program, root, target},
    ui,
};

/// The tool that lists crates, as it is pinned.
const LISTER: &str = "0.5.9";
/// The schema's version: the newest that the lister writes.
const SCHEMA: &str = "1.5";

/// Programs: the name of each, the crate that makes it, and whether the page is in it.
const PROGRAMS: [(&str, &str, bool); 3] = [
    ("tieout-app", "src-tauri", true),
    ("tieout", "crates/cli", false),
    ("tieout-verifier", "crates/verifier", false),
];
/// What the lister adds to a program's name.
const LISTED: &str = "_bin.cdx.json";

/// Where they are written.
pub fn folder() -> PathBuf {
    target().join("sbom")
}

/// The file of all licence texts.
pub fn licence_texts() -> PathBuf {
    folder().join("THIRD-PARTY-LICENCES.txt")
}

/// Lists what each program is made of, writes it with the licence texts, and has it checked.
pub fn make(steps: &mut Steps) -> Result<(), Failure> {
    steps.run("packages of the UI", || ui::install("ui"))?;
    steps.run("the tools that list what is shipped", tools)?;
    steps.run("what each program is made of", write)?;
    steps.run("the lists, checked by another implementation", || validate(&lists()?))?;
    println!("Written to {}", folder().display());
    Ok(())
}

/// Lays the list of all programs beside each installer, which it names with its hash.
pub fn beside(installers: &[PathBuf]) -> Result<(), Failure> {
    let list = together(&lists()?.iter().map(|path| read(path)).collect::<Result<Vec<_>, _>>()?);
    let mut made = Vec::new();
    for installer in installers {
        let mut list = list.clone();
        let bytes = fs::read(installer).map_err(|e| failed(installer, &e))?;
        let name = installer.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let about = &mut list["metadata"]["component"];
        about["hashes"] = json!([{ "alg": "SHA-256", "content": hex(&Sha256::digest(&bytes)) }]);
        about["name"] = Value::String(name.clone());
        let to = installer.with_file_name(format!("{name}.cdx.json"));
        put(&to, &list)?;
        made.push(to);
    }
    // They differ in the name and hash of the installer alone, and the check takes its time.
    validate(made.get(..1).unwrap_or_default())
}

fn tools() -> Result<(), Failure> {
    python::environment(python::SBOM)?;
    let there = program("cargo", &["cyclonedx", "--version"]).output();
    if there.is_some_and(|said| said.split_whitespace().last() == Some(LISTER)) {
        return Ok(());
    }
    let install = ["install", "cargo-cyclonedx", "--quiet", "--locked", "--force", "--version", LISTER];
    // Unoptimised: it runs for seconds, and is compiled in one minute instead of three.
    cargo(&[&install[..], &["--debug", "--config", "profile.dev.debug=0"]].concat()).succeed()
}

fn lists() -> Result<Vec<PathBuf>, Failure> {
    Ok(PROGRAMS.iter().map(|(name, ..)| folder().join(format!("{name}.cdx.json"))).collect())
}

fn write() -> Result<(), Failure> {
    fs::create_dir_all(folder()).map_err(|e| failed(&folder(), &e))?;
    let page = of_page()?;
    let crates = licences::crates()?;
    let mut texts = licences::Texts::default();
    for (name, mut list, with_page) in of_crates()? {
        if with_page {
            join(&mut list, &page);
        }
        bundled(&mut list, &crates)?;
        for component in list["components"].as_array().into_iter().flatten() {
            texts.take(component, &crates)?;
        }
        put(&folder().join(format!("{name}.cdx.json")), &list)?;
    }
    texts.font()?;
    fs::write(licence_texts(), texts.page()?).map_err(|e| failed(&licence_texts(), &e))
}

/// What each program is made of, as cargo resolves it for this system. Build tools are not in it.
fn of_crates() -> Result<Vec<(&'static str, Value, bool)>, Failure> {
    let words = ["cyclonedx", "--format", "json", "--spec-version", SCHEMA, "--no-build-deps", "--quiet"];
    let more = ["--describe", "binaries", "--manifest-path", "src-tauri/Cargo.toml"];
    let features = ["--features", "custom-protocol"];
    let mut lister = program("cargo", &[&words[..], &more, &features].concat());
    // Of one state of the sources always the same list.
    let at = program("git", &["log", "-1", "--format=%ct"]).output().unwrap_or_else(|| "0".to_owned());
    lister.set("SOURCE_DATE_EPOCH", &at);
    let listed = lister.succeed().and_then(|()| {
        let list = |(name, of, page)| {
            let mut list = read(&root().join(of).join(format!("{name}{LISTED}")))?;
            own_places(&mut list);
            Ok((name, list, page))
        };
        PROGRAMS.into_iter().map(list).collect()
    });
    // It writes beside every manifest of the workspace, whichever it is told.
    remove_listed()?;
    listed
}

/// What the page is made of, as npm installed it: what the page itself depends on, and what that does. Its
/// tools are not in it.
fn of_page() -> Result<Value, Failure> {
    let mut lister = program("npm", &["sbom", "--sbom-format", "cyclonedx", "--sbom-type", "application"]);
    lister.within("ui");
    let said = lister.output().ok_or_else(|| Failure("npm sbom failed in ui".to_owned()))?;
    let mut list: Value = serde_json::from_str(&said).map_err(|e| Failure(format!("npm sbom: {e}")))?;
    let package = read(&root().join("ui/package.json"))?;
    let own = package["dependencies"].as_object().into_iter().flatten();
    let mut wanted: Vec<String> =
        own.map(|(name, version)| format!("{name}@{}", version.as_str().unwrap_or_default())).collect();
    let page = list["metadata"]["component"]["bom-ref"].clone();
    let mut edges: BTreeMap<String, Value> = BTreeMap::new();
    for edge in list["dependencies"].as_array().into_iter().flatten() {
        edges.insert(edge["ref"].as_str().unwrap_or_default().to_owned(), edge.clone());
    }
    let mut kept = vec![json!({ "ref": page, "dependsOn": wanted })];
    let mut seen: BTreeSet<String> = BTreeSet::new();
    while let Some(name) = wanted.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let edge = edges.remove(&name).ok_or_else(|| Failure(format!("npm sbom does not list {name}")))?;
        let needs = edge["dependsOn"].as_array().into_iter().flatten();
        wanted.extend(needs.filter_map(Value::as_str).map(str::to_owned));
        kept.push(edge);
    }
    if let Some(all) = list["components"].as_array_mut() {
        all.retain(|one| one["bom-ref"].as_str().is_some_and(|name| seen.contains(name)));
    }
    list["dependencies"] = Value::Array(kept);
    // npm calls it by its folder.
    let own = &mut list["metadata"]["component"];
    own["name"] = package["name"].clone();
    own["licenses"] = json!([{ "license": { "name": package["license"] } }]);
    Ok(list)
}

/// The lists of several programs as one: what each is, and all that any of them is made of, once.
fn together(lists: &[Value]) -> Value {
    let mut whole = lists.first().cloned().unwrap_or_default();
    let mut parts: BTreeMap<String, Value> = BTreeMap::new();
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for list in lists {
        let own = &list["metadata"]["component"];
        for part in list["components"].as_array().into_iter().flatten().chain([own]) {
            parts.insert(text(&part["bom-ref"]), part.clone());
        }
        for edge in list["dependencies"].as_array().into_iter().flatten() {
            let on = edge["dependsOn"].as_array().into_iter().flatten().map(text);
            needs.entry(text(&edge["ref"])).or_default().extend(on);
        }
    }
    let programs = lists.iter().map(|list| text(&list["metadata"]["component"]["bom-ref"])).collect();
    needs.insert("installer".to_owned(), programs);
    let edge = |(of, on): (String, BTreeSet<String>)| json!({ "ref": of, "dependsOn": on });
    whole["components"] = parts.into_values().collect();
    whole["dependencies"] = needs.into_iter().map(edge).collect();
    let version = whole["metadata"]["component"]["version"].clone();
    whole["metadata"]["component"] =
        json!({ "type": "application", "bom-ref": "installer", "name": "tieout", "version": version });
    whole
}

/// Puts the page's parts into the program's list, as parts that the program itself depends on.
fn join(list: &mut Value, page: &Value) {
    for field in ["components", "dependencies"] {
        let more = page[field].as_array().cloned().unwrap_or_default();
        if let Some(all) = list[field].as_array_mut() {
            all.extend(more);
        }
    }
    let (program, whole) = (&list["metadata"]["component"]["bom-ref"], &page["metadata"]["component"]);
    let program = program.clone();
    let mut whole = whole.clone();
    if let Some(fields) = whole.as_object_mut() {
        fields.remove("components");
    }
    let own = list["dependencies"].as_array_mut().into_iter().flatten().find(|one| one["ref"] == program);
    if let Some(needs) = own.and_then(|one| one["dependsOn"].as_array_mut()) {
        needs.push(whole["bom-ref"].clone());
    }
    if let Some(all) = list["components"].as_array_mut() {
        all.push(whole);
    }
}

/// SQLite and SQLCipher come inside a crate, and are what scanners of vulnerabilities ask for.
fn bundled(list: &mut Value, crates: &BTreeMap<(String, String), PathBuf>) -> Result<(), Failure> {
    let mut inside = list["components"].as_array().into_iter().flatten();
    let Some(binding) = inside.find(|one| one["name"] == "libsqlite3-sys").cloned() else {
        return Ok(());
    };
    let version = binding["version"].as_str().unwrap_or_default().to_owned();
    let place = crates
        .get(&("libsqlite3-sys".to_owned(), version))
        .ok_or_else(|| Failure("cargo knows no folder of libsqlite3-sys".to_owned()))?;
    let source = place.join("sqlcipher/sqlite3.c");
    let text = fs::read(&source).map_err(|e| failed(&source, &e))?;
    let text = String::from_utf8_lossy(&text);
    let said = |name: &str| {
        let line =
            text.lines().find_map(|line| line.trim().strip_prefix("#define ")?.trim().strip_prefix(name));
        let value =
            line.map(|rest| rest.trim().trim_matches('"').to_owned()).filter(|value| !value.is_empty());
        value.ok_or_else(|| Failure(format!("{} does not say its {name}", source.display())))
    };
    let made = |name: &str, version: &str, licence: Value, cpe: String| {
        json!({
            "type": "library", "bom-ref": format!("bundled:{name}@{version}"), "name": name,
            "version": version,
            "licenses": [licence], "cpe": cpe, "scope": "required",
        })
    };
    let (sqlite, cipher) = (said("SQLITE_VERSION ")?, said("CIPHER_VERSION_NUMBER ")?);
    let parts = [
        made(
            "sqlite",
            &sqlite,
            json!({ "license": { "id": "blessing" } }),
            format!("cpe:2.3:a:sqlite:sqlite:{sqlite}:*:*:*:*:*:*:*"),
        ),
        made(
            "sqlcipher",
            &cipher,
            json!({ "license": { "id": "BSD-3-Clause" } }),
            format!("cpe:2.3:a:zetetic:sqlcipher:{cipher}:*:*:*:*:*:*:*"),
        ),
    ];
    let refs: Vec<Value> = parts.iter().map(|part| part["bom-ref"].clone()).collect();
    for one in list["dependencies"].as_array_mut().into_iter().flatten() {
        if one["ref"] == binding["bom-ref"] {
            let mut needs = one["dependsOn"].as_array().cloned().unwrap_or_default();
            needs.extend(refs.iter().cloned());
            one["dependsOn"] = Value::Array(needs);
        }
    }
    if let Some(all) = list["components"].as_array_mut() {
        all.extend(parts);
    }
    Ok(())
}

/// Our own crates are named by their place in the sources, not by that on the machine which built them.
fn own_places(value: &mut Value) {
    let here = format!("file://{}/", root().display());
    match value {
        Value::String(text) => *text = text.replace(&here, ""),
        Value::Array(all) => all.iter_mut().for_each(own_places),
        Value::Object(fields) => fields.values_mut().for_each(own_places),
        _ => {}
    }
}

/// Another implementation reads each list against the official schema; and each thing that one names is in
/// it.
fn validate(lists: &[PathBuf]) -> Result<(), Failure> {
    let python = python::environment(python::SBOM)?;
    for list in lists {
        let path = list.to_string_lossy().into_owned();
        program(&python.to_string_lossy(), &["xtask/check_sbom.py", SCHEMA, &path]).succeed()?;
        let read = read(list)?;
        let components = read["components"].as_array().into_iter().flatten();
        let mut known: BTreeSet<&str> = components.filter_map(|one| one["bom-ref"].as_str()).collect();
        known.extend(read["metadata"]["component"]["bom-ref"].as_str());
        let edges = read["dependencies"].as_array().into_iter().flatten();
        let named =
            edges.flat_map(|one| one["dependsOn"].as_array().into_iter().flatten().chain([&one["ref"]]));
        if let Some(lost) = named.filter_map(Value::as_str).find(|name| !known.contains(name)) {
            return Err(Failure(format!("{path} names {lost}, which is not in it")));
        }
        let unlicensed: Vec<&str> = read["components"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| one["licenses"].as_array().is_none_or(Vec::is_empty))
            .filter_map(|one| one["name"].as_str())
            .collect();
        if !unlicensed.is_empty() {
            return Err(Failure(format!("{path} says no licence of {}", unlicensed.join(", "))));
        }
        println!("    {path}: {} components", known.len().saturating_sub(1));
    }
    Ok(())
}

/// Removes what the lister left in the sources.
fn remove_listed() -> Result<(), Failure> {
    let left = program("git", &["ls-files", "--others", "--", &format!(":(glob)**/*{LISTED}")]).output();
    for name in left.unwrap_or_default().lines().filter(|name| !name.starts_with("target/")) {
        let path = root().join(name);
        fs::remove_file(&path).map_err(|e| failed(&path, &e))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Value, Failure> {
    let bytes = fs::read(path).map_err(|e| failed(path, &e))?;
    serde_json::from_slice(&bytes).map_err(|e| Failure(format!("{}: {e}", path.display())))
}

fn put(path: &Path, value: &Value) -> Result<(), Failure> {
    let text = serde_json::to_vec_pretty(value).map_err(|e| Failure(format!("{}: {e}", path.display())))?;
    fs::write(path, text).map_err(|e| failed(path, &e))
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure(format!("{}: {error}", path.display()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
