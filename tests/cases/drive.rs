//! Drives the desk through a case: imports in order, or Stripe's objects and the ledgers beside them.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use super::{
    binary::{Ran, finish},
    contract::{Case, list},
    judge::{self, Said},
    sayings,
    scene::{ADMINISTRATOR, Desk},
};

/// What the desk says of a case that is not as its `expected.json` has it.
pub fn differences(case: &Case) -> Vec<String> {
    if case.is_stripe() { of_stripe(case) } else { of_files(case) }
}

fn talk(case: &Case, what: &str, ran: &Ran) {
    if std::env::var_os("CASE").is_some() {
        println!("{}: {what} ended with {}\n{}{}", case.name, ran.status, ran.stdout, ran.stderr);
    }
}

fn said(case: &Case, desk: &Desk, aside: bool) -> Said {
    let listed = |what: &str| {
        let ran = desk.plainly([what, "--as-of", case.as_of()]);
        talk(case, what, &ran);
        ran.ok().lines()
    };
    Said { cells: listed("tie-out"), exceptions: listed("exceptions"), aside }
}

fn of_files(case: &Case) -> Vec<String> {
    let desk = Desk::of_people();
    let mut aside = false;
    for step in case.steps() {
        let ran = import(case, &desk, step);
        let refused = ran.status != 0;
        if refused && (ran.status == 2 || ran.codes().is_empty()) {
            return vec![format!("{step} ended with {} and no code: {}", ran.status, ran.stderr)];
        }
        match (refused, &step["refuse"]) {
            (true, Value::Null) if !case.flag("or_refused") => {
                return vec![format!("{step} was refused: {}", ran.stderr)];
            }
            (true, _) => return of_refused(step, &said(case, &desk, true)),
            (false, Value::Null) => {
                let wrong = of_summary(step, &ran);
                if !wrong.is_empty() {
                    return wrong;
                }
                aside |= ran.one()["rejected_rows"] != 0;
            }
            (false, how) => {
                let whole = how == "or_aside" && ran.one()["items"] == 0 && ran.one()["rejected_rows"] != 0;
                if !whole {
                    return vec![format!("{step} was not refused: {}", ran.stdout)];
                }
                aside = true;
            }
        }
    }
    judge::differences(&case.says, &said(case, &desk, aside))
}

/// A refused file leaves nothing in its column of the tie-out.
fn of_refused(step: &Value, said: &Said) -> Vec<String> {
    let column = if step["import"] == "gl" { "ledger" } else { "billing" };
    let zero =
        |cell: &&Value| cell[column].as_str().is_some_and(|text| text.chars().all(|c| "0.-".contains(c)));
    let some = said.cells.iter().filter(|cell| !zero(cell));
    some.map(|cell| format!("it was refused, and this is in: {cell}")).collect()
}

fn of_summary(step: &Value, ran: &Ran) -> Vec<String> {
    let (mut wrong, summary) = (Vec::new(), ran.one());
    if !step["items"].is_null() && step["items"] != summary["items"] {
        wrong.push(format!("{step} read {} items: {}", summary["items"], ran.stderr.trim_end()));
    }
    let any = step.get("rejected").is_some_and(Value::is_null);
    let wanted = step["rejected"].as_u64().unwrap_or(0);
    if !any && summary["rejected_rows"].as_u64() != Some(wanted) {
        wrong.push(format!("{step} put {} rows aside: {}", summary["rejected_rows"], ran.stderr.trim_end()));
    }
    wrong
}

/// A file of the case as it is imported: its text with what the product says itself, in the desk's folder.
fn placed(case: &Case, desk: &Desk, file: &str) -> PathBuf {
    let from = case.folder.join(file);
    let to = desk.bench.folder.path().join(file);
    if file.ends_with(".toml") {
        let name = case.folder.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&from).unwrap_or_else(|e| panic!("{}: {e}", from.display()));
        fs::write(&to, sayings::said(name, file, &text)).unwrap();
    } else {
        fs::copy(&from, &to).unwrap_or_else(|e| panic!("{}: {e}", from.display()));
    }
    to
}

fn import(case: &Case, desk: &Desk, step: &Value) -> Ran {
    let of = |key: &str| step[key].as_str().unwrap_or_else(|| panic!("{key} of {step}"));
    let file = placed(case, desk, of("file"));
    let mut args = vec!["import", of("import"), path(&file), "--as-of", case.as_of()];
    let map = step["map"].as_str().map(|map| placed(case, desk, map));
    let expect = accounts(&step["auto"]["expect"]);
    match &map {
        Some(map) => args.extend(["--map", path(map)]),
        None => {
            args.push("--auto");
            for (key, option) in
                [("entity", "--entity"), ("currency", "--currency"), ("time_zone", "--time-zone")]
            {
                args.extend(step["auto"][key].as_str().iter().flat_map(|value| [option, value]));
            }
            args.extend(expect.iter().flat_map(|list| ["--expect", list.as_str()]));
        }
    }
    if let Some(what) = step["replaces"].as_str() {
        args.extend(["--replaces", what]);
    }
    let ran = desk.plainly(args);
    talk(case, &step.to_string(), &ran);
    ran
}

/// `receivable=1100,revenue=4000`
fn accounts(expect: &Value) -> Option<String> {
    let one = |(role, code): (&String, &Value)| format!("{role}={}", code.as_str().unwrap());
    Some(expect.as_object()?.iter().map(one).collect::<Vec<_>>().join(","))
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path that is text")
}

/// Stripe's objects, served on loopback until this is dropped.
struct Served {
    process: Child,
    url: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn serve(case: &Case, objects: &Path) -> Served {
    let server = case.folder.parent().unwrap().join("stripe_objects.py");
    let mut command = Command::new("python3");
    command.arg(server).arg(objects).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = command.spawn().expect("python3 serves the cases' objects");
    let mut port = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
    Served { process, url: format!("http://127.0.0.1:{}", port.trim()) }
}

/// The case's mapping, with the bank's account where the case names one.
fn mapping(case: &Case, desk: &Desk) -> PathBuf {
    let file = placed(case, desk, "mapping.toml");
    if let Some(bank) = case.says["bank"].as_str() {
        let text = fs::read_to_string(&file).unwrap();
        let with =
            text.replacen("[entity.accounts]\n", &format!("[entity.accounts]\nbank = \"{bank}\"\n"), 1);
        assert!(with != text, "{}: accounts in its mapping", case.name);
        fs::write(&file, with).unwrap();
    }
    file
}

fn sync(case: &Case, desk: &Desk) {
    let ran = desk.plainly(["sync", "--as-of", case.as_of()]);
    talk(case, "sync", &ran);
    assert_ne!(ran.status, 2, "{ran:?}");
}

/// A desk with the case's mapping in force, connected to the case's objects as `stripe-x`.
fn connected(case: &Case, objects: &Path, desk: &Desk) -> Result<Served, String> {
    let served = serve(case, objects);
    let mapping = mapping(case, desk);
    let change = desk.run("greta", ["import", "mapping", path(&mapping)]);
    talk(case, "the mapping", &change);
    if change.status != 0 {
        return Err(format!("the mapping is refused: {}", change.stderr));
    }
    let id = change.one()["id"].as_str().unwrap().to_owned();
    desk.run("carl", ["approve", &id]).ok();
    if let Some(periods) = case.says["periods"].as_str() {
        let file = placed(case, desk, periods);
        desk.plainly(["import", "periods", path(&file)]).ok();
    }
    let text = fs::read_to_string(&mapping).unwrap();
    let rule = text.lines().find_map(|line| line.strip_prefix("connection = \"")?.strip_suffix('"'));
    let name = rule.expect("a rule of entities names the connection");
    let args = ["connection", "add", name, "--vendor", "stripe", "--url", &served.url, "--mode", "test"];
    let mut add = desk.command(ADMINISTRATOR, args);
    add.env("TIEOUT_CREDENTIAL_API_KEY", "sk_test_of_a_case");
    let added = finish(add, None);
    talk(case, "the connection", &added);
    if added.status == 0 { Ok(served) } else { Err(format!("the connection is refused: {}", added.stderr)) }
}

fn ledger(case: &Case, desk: &Desk, file: &str) -> Result<(), String> {
    let step = serde_json::json!({ "import": "gl", "file": file, "map": "gl.toml" });
    let ran = import(case, desk, &step);
    if ran.status != 0 {
        return Err(format!("{file} was refused: {}", ran.stderr));
    }
    match of_summary(&step, &ran) {
        wrong if wrong.is_empty() => Ok(()),
        wrong => Err(wrong.join("; ")),
    }
}

fn of_stripe(case: &Case) -> Vec<String> {
    let desk = Desk::of_people();
    let objects = placed(case, &desk, "objects.json");
    let _served = match connected(case, &objects, &desk) {
        Ok(served) => served,
        Err(why) => return vec![why],
    };
    sync(case, &desk);
    let later = &case.says["later"];
    let mut differs = Vec::new();
    if let Some(gl) = later["gl"].as_str() {
        if let Err(why) = ledger(case, &desk, gl) {
            return vec![why];
        }
        let before = said(case, &desk, false);
        let of_before = judge::of_exceptions(list(&later["before"]), &before.exceptions);
        differs.extend(of_before.into_iter().map(|one| format!("before: {one}")));
        let file = placed(case, &desk, later["objects"].as_str().unwrap());
        fs::copy(file, &objects).unwrap();
        sync(case, &desk);
    }
    differs.extend(judge::differences(&case.says, &said(case, &desk, false)));
    let of_books = |books: &Value| list(books).iter().flat_map(|book| of_book(case, &desk, book)).collect();
    differs.extend::<Vec<String>>(of_books(&case.says["books"]));
    if !case.says["books_any_of"].is_null() {
        differs.extend(judge::of_ways(list(&case.says["books_any_of"]).iter().map(of_books)));
    }
    differs
}

/// The same desk with this ledger added.
fn of_book(case: &Case, desk: &Desk, book: &Value) -> Vec<String> {
    let (desk, file) = (desk.copy(), book["gl"].as_str().unwrap());
    let differs = match ledger(case, &desk, file) {
        Err(why) => vec![why],
        Ok(()) => judge::of_exceptions(list(&book["exceptions"]), &said(case, &desk, false).exceptions),
    };
    differs.into_iter().map(|one| format!("with {file}: {one}")).collect()
}
