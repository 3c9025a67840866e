//! A million documents and a million entries that are stored, matched and judged; and as many from two files,
//! imported and judged. Beside DuckDB, which answers the same from its own stored tables, and loads the same
//! files into a file of its own.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use serde_json::{Value, json};
use tieout_desk::{access::people, base::workspace, intake::detection};
use tieout_domain::people::Role;
use tieout_vault::{Backend, Passphrase};

use crate::{
    bare,
    figures::{Line, Outcome, Series, require},
    import::micros,
    place::{Place, copy_folder, import_billing, import_gl, init, open},
    posting::{govern, passphrases, secret, session},
    retail::{Answers, answer, answers, new_peak, peak, same, tell},
};

/// How many documents: `TIEOUT_BENCH_DOCUMENTS`, or a million.
pub fn count() -> u64 {
    std::env::var("TIEOUT_BENCH_DOCUMENTS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000)
}

/// Six entities, and the rule by which the shop's documents are booked together.
fn mapping() -> String {
    let entity = |n: u32| {
        format!(
            "[[entity]]\ncode = \"E{n:02}\"\nname = \"Entity {n}\"\nfunctional_currency = \"GBP\"\n\
             time_zone = \"Europe/London\"\nerp_id = \"{n}\"\n\
             [entity.accounts]\nreceivable = \"1100\"\ndeferred_revenue = \"2400\"\ntax_payable = \"2200\"\n\
             clearing = \"1050\"\nfees = \"6100\"\nbad_debt = \"6200\"\nfx_clearing = \"1990\"\n\
             bank = \"1010\"\n"
        )
    };
    let rule = "[[batch]]\nname = \"daily\"\nconnection = \"shop\"\nkinds = [\"invoice\"]\nby = \"day\"\n\
                begins_with = \"SUM-\"\n";
    format!("version = 2\n{}{rule}", (0..6).map(entity).collect::<String>())
}

/// Puts the books of so many documents (`books.sql`) into a new workspace; nothing is judged yet.
///
/// # Errors
/// The database's.
pub fn make_books(folder: &Path, count: u64) -> Outcome<PathBuf> {
    let workspace = folder.join("w.tieoutdb");
    workspace::init(&workspace, Backend::Vault, "Benchmark", true, &passphrases("admin"))?;
    let mut desk = workspace::open(&workspace, session("admin", None))?;
    people::add_person(&desk, "carl", Role::Controller, None, Some(Passphrase::new(secret("carl"))))?;
    govern(&mut desk, folder, &mapping())?;
    drop(desk);
    let made = bare::open(&workspace, &*bare::key(&workspace)?)?;
    let sql = include_str!("books.sql").replace(":count", &count.to_string());
    let now = chrono::Utc::now().timestamp_millis().to_string();
    made.execute_batch(&format!("BEGIN; {} COMMIT;", sql.replace(":now", &now)))?;
    Ok(workspace)
}

/// Measures both ways of both.
///
/// # Errors
/// Answers that are not the same, or what went wrong.
pub fn run(place: &Place, rounds: usize) -> Outcome<Vec<Line>> {
    let count = count();
    let mut lines = stored(place, count, rounds)?;
    lines.extend(files(place, count, rounds)?);
    Ok(lines)
}

fn stored(place: &Place, count: u64, rounds: usize) -> Outcome<Vec<Line>> {
    let books = place.fresh("books")?;
    make_books(&books, count)?;
    let peer = place.fresh("peer")?;
    let (database, found) = (peer.join("books.duckdb"), peer.join("answers.csv"));
    let (database, found) = (database.to_string_lossy(), found.to_string_lossy());
    duckdb(place, &["books", &count.to_string(), &database])?;
    let (mut ours, mut kib) = (Series::default(), Series::default());
    let (mut theirs, mut their_kib) = (Series::default(), Series::default());
    for _ in 0..rounds {
        let [took, memory] = duckdb(place, &["match", &database, &found])?[..] else {
            return Err("DuckDB told no time and memory".into());
        };
        theirs.push(took);
        their_kib.push(memory);
        let folder = place.fresh("matched")?;
        copy_folder(&books, &folder)?;
        let (told, answered) = child(&["match", &folder.join("w.tieoutdb").to_string_lossy()])?;
        same("the desk", &answered, &answers(csv::Reader::from_path(&*found)?)?)?;
        ours.push(number(&told, "micros")?);
        kib.push(number(&told, "kib")?);
    }
    let what = format!("{count} documents and as many entries, stored");
    Ok(vec![
        Line::seconds(format!("match, {what}"), &ours),
        Line::seconds("the same by DuckDB over its own tables", &theirs),
        Line::ratio("match over DuckDB", &ours.over(&theirs)).aim("≤ 3"),
        Line::memory("peak memory of the match", &kib).aim("≤ 1,024"),
        Line::memory("peak memory of DuckDB", &their_kib),
    ])
}

fn files(place: &Place, count: u64, rounds: usize) -> Outcome<Vec<Line>> {
    let folder = place.fresh("files")?;
    let (billing, gl) = (folder.join("billing.csv"), folder.join("gl.csv"));
    write_billing(&billing, count)?;
    write_gl(&gl, count)?;
    let (billing, gl) = (billing.to_string_lossy(), gl.to_string_lossy());
    let found = folder.join("answers.csv");
    let (mut ours, mut kib) = (Series::default(), Series::default());
    let (mut loaded, mut judged) = (Series::default(), Series::default());
    for _ in 0..rounds {
        let database = place.fresh("duckdb")?.join("files.duckdb");
        let words = ["files", &billing, &gl, &database.to_string_lossy(), &found.to_string_lossy()];
        let [load, all, _] = duckdb(place, &words)?[..] else {
            return Err("DuckDB told no times".into());
        };
        loaded.push(load);
        judged.push(all);
        let workspace = place.fresh("imported")?;
        let (told, answered) = child(&["files", &billing, &gl, &workspace.to_string_lossy()])?;
        same("the desk", &answered, &answers(csv::Reader::from_path(&found)?)?)?;
        ours.push(number(&told, "micros")?);
        kib.push(number(&told, "kib")?);
    }
    Ok(vec![
        Line::seconds(
            format!("{count} documents and as many entries, both files imported and judged"),
            &ours,
        ),
        Line::seconds("DuckDB, both files loaded into a file of its own", &loaded),
        Line::seconds("… and judged", &judged),
        Line::ratio("import and match over DuckDB's load", &ours.over(&loaded)).aim("≤ 6"),
        Line::memory("peak memory of the import and match", &kib),
    ])
}

/// The amount of a document in minor units, as in `books.sql`.
fn amount(number: u64) -> u64 {
    number.wrapping_mul(2_654_435_761) % 5_000_000 + 100
}

fn day(number: u64) -> String {
    format!("2011-{:02}-{:02}", number * 31 % 12 + 1, number * 17 % 28 + 1)
}

fn major(minor: u64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn write_billing(path: &Path, count: u64) -> Outcome<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country")?;
    for i in 1..=count {
        let (day, price, customer) = (day(i), major(amount(i)), i % 20_000);
        writeln!(
            file,
            "INV-{i:07},P{},Subscription,1,{day} 10:00:00,{price},{customer},United Kingdom",
            i % 40
        )?;
    }
    Ok(file.flush()?)
}

/// Of every thousand documents one is not booked, one with another amount.
fn write_gl(path: &Path, count: u64) -> Outcome<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(
        file,
        "Journal No,External Ref,Entity,Posting Date,Period,Account,Account Name,Debit,Credit,Currency,\
         Memo,Status"
    )?;
    for i in (1..=count).filter(|i| i % 1_000 != 5) {
        let minor = if i % 1_000 == 15 { amount(i) - 7 } else { amount(i) };
        let (day, minor) = (day(i), major(minor));
        let head = format!("JE-{i},INV-{i:07},GB01,{day},{}", &day[..7]);
        writeln!(file, "{head},1100,Receivables,{minor},,GBP,,Posted")?;
        writeln!(file, "{head},4000,Revenue,,{minor},GBP,,Posted")?;
    }
    Ok(file.flush()?)
}

/// What the peer prints.
fn duckdb(place: &Place, words: &[&str]) -> Outcome<Vec<u64>> {
    let told = Command::new(&place.python).arg(place.script("match_duckdb.py")).args(words).output()?;
    require(told.status.success(), || String::from_utf8_lossy(&told.stderr).into_owned())?;
    let numbers = String::from_utf8(told.stdout)?;
    Ok(numbers.split_whitespace().map(str::parse).collect::<Result<_, _>>()?)
}

/// A process of its own, as the peer has one.
fn child(words: &[&str]) -> Outcome<(Value, Answers)> {
    let told = Command::new(std::env::current_exe()?).arg("within").args(words).output()?;
    require(told.status.success(), || String::from_utf8_lossy(&told.stderr).into_owned())?;
    let told: Value = serde_json::from_slice(&told.stdout)?;
    let found = told["exceptions"].as_array().map(|all| all.iter().map(answer).collect());
    Ok((told, found.unwrap_or_default()))
}

fn number(told: &Value, name: &str) -> Outcome<u64> {
    told[name].as_u64().ok_or_else(|| format!("no {name} was told").into())
}

/// The child of [`stored`]: opens a workspace, then measures its detection.
///
/// # Errors
/// The desk's.
pub fn within_match(workspace: &Path) -> Outcome<()> {
    let desk = open(workspace)?;
    new_peak()?;
    let start = Instant::now();
    detection::detect(&desk, None)?;
    tell(&desk, json!({ "micros": micros(start), "kib": peak()? }))
}

/// The child of [`files`]: makes a workspace in a folder, then measures the import of both files.
///
/// # Errors
/// The desk's.
pub fn within_files(place: &Place, billing: &Path, gl: &Path, folder: &Path) -> Outcome<()> {
    let desk = open(&init(folder)?)?;
    new_peak()?;
    let start = Instant::now();
    import_billing(&desk, billing, &place.map("billing"))?;
    import_gl(&desk, gl, &place.map("gl"))?;
    tell(&desk, json!({ "micros": micros(start), "kib": peak()? }))
}
