//! Part 7: an export that somebody changed, and made its hash anew as anybody can.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::{
    binary::{Bench, Ran, bare, finish},
    small::workspace,
    worked::copied,
};

/// The heading above the hash over the rows.
const HASH: &str = "SHA-256 of the rows";

type Table = Vec<Vec<String>>;

fn read(path: &Path) -> Table {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(path).unwrap();
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn write(path: &Path, table: &Table) {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_path(path).unwrap();
    for row in table {
        writer.write_record(row).unwrap();
    }
    writer.flush().unwrap();
}

/// Where the columns are named.
fn head(table: &Table, first: &str) -> usize {
    table.iter().position(|row| row[0] == first).expect("the export has its columns")
}

/// The hash over headings and rows, by the rule that the program's source tells everybody.
fn hash_of(rows: &[Vec<String>]) -> String {
    let mut hasher = Sha256::new();
    let mut part = |text: &str| {
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    };
    part("export/1");
    for cell in rows.iter().flatten() {
        let plain = cell.strip_prefix('\'').unwrap_or(cell);
        let digits = plain.trim_start_matches(['+', '-']);
        let number = plain.len() - digits.len() <= 1
            && digits.bytes().any(|b| b.is_ascii_digit())
            && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let shortest = match number && plain.contains('.') {
            true => plain.trim_end_matches('0').trim_end_matches('.'),
            false => plain,
        };
        part(shortest);
    }
    hex::encode(hasher.finalize())
}

/// Makes the hash fit the rows, where the file has one.
fn rehash(table: &mut Table, first: &str) {
    let hash = hash_of(&table[head(table, first)..]);
    if let Some(row) = table.iter_mut().find(|row| row[0] == HASH) {
        row[1] = hash;
    }
}

fn review(path: &Path) -> Ran {
    let mut command = bare();
    command.args(["--format", "json", "review", path.to_str().unwrap()]);
    finish(command, None)
}

fn exported(bench: &Bench, what: &str) -> PathBuf {
    let file = bench.folder.path().join(format!("{what}.csv"));
    bench.run(None, ["export", what, "--to", file.to_str().unwrap()]).ok();
    file
}

#[track_caller]
fn told(path: &Path) {
    let ran = review(path);
    assert_eq!(ran.status, 1, "the changed export passes as unchanged: {ran:?}");
    assert!(ran.stderr.contains("export_changed"), "{ran:?}");
}

#[test]
fn an_export_with_an_amount_changed_and_its_hash_made_anew_is_told() {
    let bench = workspace();
    let file = exported(&bench, "exceptions");
    review(&file).ok();
    let mut table = read(&file);
    let at = head(&table, "id");
    let amount = table[at].iter().position(|column| column == "amount").unwrap();
    // What is rehashed without a change is still the file that was written.
    let written = table.clone();
    rehash(&mut table, "id");
    assert_eq!(table, written, "the rule of the hash is the program's own");
    table[at + 1][amount] = "1.00".to_owned();
    rehash(&mut table, "id");
    write(&file, &table);
    told(&file);
}

#[test]
fn an_export_with_a_row_left_out_and_its_count_and_hash_made_anew_is_told() {
    let bench = workspace();
    let file = exported(&bench, "exceptions");
    let mut table = read(&file);
    let rows = table.len() - head(&table, "id") - 1;
    table.pop();
    if let Some(row) = table.iter_mut().find(|row| row[0] == "Rows") {
        row[1] = (rows - 1).to_string();
    }
    rehash(&mut table, "id");
    write(&file, &table);
    told(&file);
}

#[test]
fn a_log_with_an_entry_rewritten_and_its_hash_made_anew_is_told() {
    let (desk, _) = copied();
    let file = exported(&desk.bench, "log");
    review(&file).ok();
    let mut table = read(&file);
    let at = head(&table, "number");
    let column = |name: &str| table[at].iter().position(|column| column == name).unwrap();
    let (what, detail) = (column("what"), column("detail"));
    let comment = table.iter().rposition(|row| row.get(what).is_some_and(|w| w == "comment")).unwrap();
    table[comment][detail] = table[comment][detail].replace("disputes", "accepts");
    rehash(&mut table, "number");
    write(&file, &table);
    told(&file);
}

#[test]
fn exports_that_nobody_changed_are_said_to_be_unchanged() {
    let (desk, _) = copied();
    for what in ["exceptions", "tie-out", "postings", "log"] {
        review(&exported(&desk.bench, what)).ok();
    }
}
