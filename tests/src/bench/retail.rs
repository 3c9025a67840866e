//! The retail case, imported and judged, against a pandas script that gives the same 375 answers and keeps
//! nothing. Every run's answers are held against the truth.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use flate2::read::GzDecoder;
use serde_json::{Value, json};
use tieout_desk::queue::exceptions::{self, ExceptionsRequest};

use crate::{
    figures::{Line, Outcome, Series, require},
    import::micros,
    place::{PASSPHRASE, Place, import_billing, import_gl, import_periods, init, open},
};

/// Runs a program and tells its wall time (microseconds) and its peak memory (KiB, `ru_maxrss`), so that
/// every program is measured the same way.
const MEASURE: &str = "\
import resource, subprocess, sys, time
with open(sys.argv[1], 'wb') as out:
    start = time.perf_counter()
    code = subprocess.call(sys.argv[2:], stdout=out)
    took = time.perf_counter() - start
print(int(took * 1e6), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)";

/// Reference and kind.
pub type Answers = BTreeSet<(String, String)>;

/// One run of one way.
struct Ran {
    micros: u64,
    kib: u64,
}

#[derive(Default)]
struct Way {
    micros: Series,
    kib: Series,
}

impl Way {
    fn push(&mut self, ran: &Ran) {
        self.micros.push(ran.micros);
        self.kib.push(ran.kib);
    }
}

/// Measures the three ways in rotated order.
///
/// # Errors
/// Answers that are not the truth, or what went wrong.
pub fn run(place: &Place, rounds: usize) -> Outcome<Vec<Line>> {
    let truth = truth(place)?;
    let mut ways: [Way; 3] = Default::default();
    let (mut vault, mut python) = (Series::default(), Series::default());
    for round in 0..rounds {
        for turn in 0..3 {
            let way = (round + turn) % 3;
            let ran = match way {
                0 => pandas(place, &truth)?,
                1 => open_workspace(&truth)?,
                _ => commands(place, &truth)?,
            };
            ways[way].push(&ran);
        }
        vault.push(opening(place)?);
        let output = place.scratch.path().join("start.txt");
        python.push(
            measured(place, &output, &[&place.python.to_string_lossy(), "-c", "import pandas"])?.micros,
        );
    }
    let [pandas, within, binary] = &ways;
    let four_openings = vault.map(|m| m * 4);
    Ok(vec![
        Line::seconds("retail case, pandas script, whole process", &pandas.micros),
        Line::seconds("retail case, Tieout, open workspace", &within.micros),
        Line::seconds("retail case, Tieout, four commands", &binary.micros),
        Line::seconds("… of which opening the vault four times (scrypt)", &four_openings),
        Line::seconds("… and Python with pandas starting", &python),
        Line::ratio("open workspace over pandas", &within.micros.over(&pandas.micros)).aim("≤ 2"),
        Line::ratio("four commands over pandas", &binary.micros.over(&pandas.micros)),
        Line::memory("peak memory, pandas", &pandas.kib),
        Line::memory("peak memory, Tieout, open workspace", &within.kib),
        Line::memory("peak memory, Tieout, largest command (scrypt needs 128)", &binary.kib),
    ])
}

fn truth(place: &Place) -> Outcome<Answers> {
    let file = File::open(place.retail("truth.csv.gz"))?;
    answers(csv::Reader::from_reader(GzDecoder::new(file)))
}

/// Answers as CSV with the columns `external_ref` and `kind`.
///
/// # Errors
/// What is missing, or answered twice.
pub fn answers<R: std::io::Read>(mut reader: csv::Reader<R>) -> Outcome<Answers> {
    let header = reader.headers()?.clone();
    let column = |name: &str| {
        header.iter().position(|h| h == name).ok_or_else(|| format!("the answers have no column {name}"))
    };
    let (reference, kind) = (column("external_ref")?, column("kind")?);
    let mut all = Answers::new();
    for record in reader.records() {
        let record = record?;
        require(all.insert((record[reference].to_owned(), record[kind].to_owned())), || {
            format!("{} is answered twice", &record[reference])
        })?;
    }
    Ok(all)
}

/// Refuses answers that are not the expected ones, or none.
///
/// # Errors
/// How many are missed, how many too many.
pub fn same(who: &str, found: &Answers, truth: &Answers) -> Outcome<()> {
    require(found == truth && !truth.is_empty(), || {
        let (missed, extra) = (truth.difference(found).count(), found.difference(truth).count());
        format!("{who} does not give the truth: {missed} missed, {extra} extra")
    })
}

/// Runs a command, its output into a file.
fn measured(place: &Place, output: &Path, words: &[&str]) -> Outcome<Ran> {
    let mut command = Command::new(&place.python);
    command.arg("-c").arg(MEASURE).arg(output).args(words).env("TIEOUT_PASSPHRASE", PASSPHRASE);
    let told = command.output()?;
    require(told.status.success(), || {
        format!("{} failed: {}", words.join(" "), String::from_utf8_lossy(&told.stderr))
    })?;
    let text = String::from_utf8(told.stdout)?;
    let mut numbers = text.split_whitespace().map(str::parse::<u64>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(micros)), Some(Ok(kib))) => Ok(Ran { micros, kib }),
        _ => Err(format!("no measurement in {text:?}").into()),
    }
}

fn pandas(place: &Place, truth: &Answers) -> Outcome<Ran> {
    let output = place.scratch.path().join("pandas.csv");
    let (script, folder) = (place.script("retail_pandas.py"), place.retail_folder().to_owned());
    let words = [&*place.python.to_string_lossy(), &*script.to_string_lossy(), &*folder.to_string_lossy()];
    let ran = measured(place, &output, &words)?;
    same("pandas", &answers(csv::Reader::from_path(&output)?)?, truth)?;
    Ok(ran)
}

fn commands(place: &Place, truth: &Answers) -> Outcome<Ran> {
    let workspace = init(&place.fresh("commands")?)?;
    let output = place.scratch.path().join("commands.jsonl");
    let text = |path: PathBuf| path.to_string_lossy().into_owned();
    let steps: [Vec<String>; 4] = [
        vec!["import".into(), "periods".into(), text(place.retail("periods.csv.gz"))],
        import_words("billing", text(place.retail("billing.csv.gz")), text(place.map("billing"))),
        import_words("gl", text(place.retail("erp_gl.csv.gz")), text(place.map("gl"))),
        vec!["exceptions".into(), "--format".into(), "json".into()],
    ];
    let (tieout, workspace) = (text(place.tieout.clone()), text(workspace));
    let mut all = Ran { micros: 0, kib: 0 };
    for step in &steps {
        let mut words = vec![tieout.as_str(), "--workspace", &workspace];
        words.extend(step.iter().map(String::as_str));
        let ran = measured(place, &output, &words)?;
        all = Ran { micros: all.micros + ran.micros, kib: all.kib.max(ran.kib) };
    }
    let mut found = Answers::new();
    for line in fs::read_to_string(&output)?.lines() {
        found.insert(answer(&serde_json::from_str(line)?));
    }
    same("tieout", &found, truth)?;
    Ok(all)
}

fn import_words(kind: &str, file: String, map: String) -> Vec<String> {
    vec!["import".into(), kind.into(), file, "--map".into(), map]
}

/// The answer that an exception is.
pub fn answer(exception: &Value) -> (String, String) {
    let text = |name: &str| exception[name].as_str().unwrap_or_default().to_owned();
    (text("external_ref"), text("kind"))
}

/// What a command costs before it does anything.
fn opening(place: &Place) -> Outcome<u64> {
    let workspace = init(&place.fresh("opening")?)?;
    let output = place.scratch.path().join("opening.txt");
    let words = [
        &*place.tieout.to_string_lossy(),
        "--workspace",
        &*workspace.to_string_lossy(),
        "connection",
        "list",
    ];
    Ok(measured(place, &output, &words)?.micros)
}

/// A process of its own, as every other way has one.
fn open_workspace(truth: &Answers) -> Outcome<Ran> {
    let told = Command::new(std::env::current_exe()?).args(["within", "retail"]).output()?;
    require(told.status.success(), || String::from_utf8_lossy(&told.stderr).into_owned())?;
    let told: Value = serde_json::from_slice(&told.stdout)?;
    let found = told["exceptions"].as_array().map(|all| all.iter().map(answer).collect());
    same("the desk", &found.unwrap_or_default(), truth)?;
    let number = |name: &str| told[name].as_u64().ok_or_else(|| format!("no {name} was told"));
    Ok(Ran { micros: number("micros")?, kib: number("kib")? })
}

/// The child of [`open_workspace`]: opens a workspace, then measures time and memory from there.
///
/// # Errors
/// The desk's.
pub fn within(place: &Place) -> Outcome<()> {
    let workspace = init(&place.fresh("within")?)?;
    let desk = open(&workspace)?;
    new_peak()?;
    let start = Instant::now();
    import_periods(&desk, &place.retail("periods.csv.gz"))?;
    let periods = micros(start);
    import_billing(&desk, &place.retail("billing.csv.gz"), &place.map("billing"))?;
    let billing = micros(start);
    import_gl(&desk, &place.retail("erp_gl.csv.gz"), &place.map("gl"))?;
    let gl = micros(start);
    let found = exceptions::exceptions(&desk, &ExceptionsRequest::default())?;
    let all = micros(start);
    let kib = peak()?;
    let found: Vec<Value> =
        found.iter().map(|e| json!({ "external_ref": e.external_ref, "kind": e.kind })).collect();
    let parts = json!({ "periods": periods, "billing": billing - periods, "gl": gl - billing,
        "exceptions": all - gl });
    println!("{}", json!({ "micros": all, "kib": kib, "parts": parts, "exceptions": found }));
    Ok(())
}

/// What opening the vault needed is not what the job needs: the peak of memory starts anew (Linux).
///
/// # Errors
/// The system's.
pub fn new_peak() -> Outcome<()> {
    Ok(fs::write("/proc/self/clear_refs", "5")?)
}

/// The peak of this process's memory since, in KiB.
///
/// # Errors
/// The system's.
pub fn peak() -> Outcome<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(peak.and_then(|p| p.split_whitespace().next()).unwrap_or_default().parse()?)
}

/// The exceptions of a desk as answers, told by a child of this program together with what it took.
///
/// # Errors
/// The desk's.
pub fn tell(desk: &tieout_desk::Context, mut told: Value) -> Outcome<()> {
    let found = exceptions::exceptions(desk, &ExceptionsRequest::default())?;
    let found = found.iter().map(|e| json!({ "external_ref": e.external_ref, "kind": e.kind }));
    told["exceptions"] = found.collect();
    println!("{told}");
    Ok(())
}
