//! The real retail case through the binary, with exactly the lines that are promised, and the same rules with
//! other faults, other months and hostile files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

#[path = "common/binary.rs"]
mod binary;
#[path = "common/retail.rs"]
mod retail;

use std::path::{Path, PathBuf};

use binary::{Bench, Ran, bare, finish, root, text};
use retail::{Dice, Truth, Variant, truth, unpacked};
use serde_json::Value;

/// The case's folder; `None` where it is absent, which is a failure in CI.
fn case() -> Option<PathBuf> {
    let folder = root().join("../shared/data/retail");
    if folder.join("truth.csv.gz").exists() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "the retail case is not at {}", folder.display());
    eprintln!("SKIPPED: the retail case is not at {}", folder.display());
    None
}

fn map(name: &str) -> PathBuf {
    root().join(format!("fixtures/maps/online-retail-{name}.toml"))
}

/// A command exactly as it is promised: `--workspace W` and what follows, the vault's passphrase in the
/// environment, nothing else.
fn promised(bench: &Bench, args: &[&str]) -> Ran {
    let mut command = bare();
    command.arg("--workspace").arg(&bench.workspace).args(args).env("TIEOUT_PASSPHRASE", binary::VAULT);
    finish(command, None)
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path that is text")
}

fn import(bench: &Bench, billing: &Path, gl: &Path) {
    let case = case().expect("checked by the caller");
    promised(bench, &["import", "periods", path(&case.join("periods.csv.gz"))]).ok();
    promised(bench, &["import", "billing", path(billing), "--map", path(&map("billing"))]).ok();
    promised(bench, &["import", "gl", path(gl), "--map", path(&map("gl"))]).ok();
}

fn exceptions(bench: &Bench) -> Vec<Value> {
    promised(bench, &["exceptions", "--format", "json"]).ok().lines()
}

#[track_caller]
fn says_exactly(bench: &Bench, wanted: &Truth) {
    let found = exceptions(bench);
    let one = |e: &Value| ((text(e, "external_ref"), text(e, "kind")), e["amount_minor"].as_i64().unwrap());
    let said: Truth = found.iter().map(one).collect();
    let missed: Vec<_> = wanted.iter().filter(|(k, v)| said.get(*k) != Some(v)).take(20).collect();
    let false_alarms: Vec<_> = said.iter().filter(|(k, v)| wanted.get(*k) != Some(v)).take(20).collect();
    assert!(
        missed.is_empty() && false_alarms.is_empty(),
        "missed {missed:#?}\nfalse alarms {false_alarms:#?}"
    );
    assert_eq!(found.len(), wanted.len(), "each exception once");
}

/// Every cell is explained to the penny; gives the totals of billing and ledger on receivables.
#[track_caller]
fn ties_out(bench: &Bench) -> (i64, i64) {
    let cells = promised(bench, &["tie-out", "--format", "json"]).ok().lines();
    let mut totals = (0, 0);
    for cell in &cells {
        let of = |field: &str| cell[field].as_i64().unwrap();
        assert_eq!(of("unexplained_minor"), 0, "{cell}");
        assert_eq!(of("ledger_minor") - of("billing_minor"), of("variance_minor"), "{cell}");
        assert_eq!(cell["currency"], "GBP", "{cell}");
        if cell["account"] == "1100" {
            totals = (totals.0 + of("billing_minor"), totals.1 + of("ledger_minor"));
        }
    }
    totals
}

#[test]
fn the_promised_lines_find_all_375_and_explain_every_penny() {
    let Some(case) = case() else { return };
    let bench = Bench::empty();
    promised(&bench, &["init", "--secrets", "vault"]).ok();
    let (billing, gl) = (case.join("billing.csv.gz"), case.join("erp_gl.csv.gz"));
    import(&bench, &billing, &gl);
    let wanted = truth(&case.join("truth.csv.gz"));
    assert_eq!(wanted.len(), 375);
    says_exactly(&bench, &wanted);
    let (billed, _) = ties_out(&bench);
    assert_eq!(billed, 507_925_087, "what the case's own summary says");

    let before = exceptions(&bench);
    import(&bench, &billing, &gl);
    assert_eq!(exceptions(&bench), before, "the same files again change nothing, not even an id");
    promised(&bench, &["verify"]).ok();
}

#[test]
fn the_order_of_rows_means_nothing() {
    let Some(case) = case() else { return };
    let bench = Bench::new();
    let gl = bench.file("shuffled.csv", &shuffled(&unpacked(&case.join("erp_gl.csv.gz"))));
    let billing = bench.file("billing.csv", &shuffled(&unpacked(&case.join("billing.csv.gz"))));
    import(&bench, &billing, &gl);
    says_exactly(&bench, &truth(&case.join("truth.csv.gz")));
}

/// The rows in another order below the same header. No field of the case holds a line break.
fn shuffled(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let header = lines.remove(0);
    let mut dice = Dice(77);
    for at in (1..lines.len()).rev() {
        lines.swap(at, usize::try_from(dice.below(at as u64 + 1)).unwrap());
    }
    format!("{header}\n{}\n", lines.join("\n"))
}

#[test]
fn other_faults_in_other_months_at_other_rates_are_found_as_exactly() {
    let Some(case) = case() else { return };
    let real = unpacked(&case.join("billing.csv.gz"));
    let variants = [
        Variant { seed: 3, rate: 250, months: ("2010-12", "2011-07"), adjustments: 0 },
        Variant { seed: 4, rate: 1_500, months: ("2011-02", "2011-05"), adjustments: 4 },
        Variant { seed: 5, rate: 10_000, months: ("2011-04", "2011-04"), adjustments: 2 },
        Variant { seed: 6, rate: 0, months: ("2011-03", "2011-03"), adjustments: 3 },
    ];
    for variant in variants {
        let made = variant.make(&real);
        let bench = Bench::new();
        let billing = bench.file("billing.csv", &made.billing);
        let gl = bench.file("gl.csv", &made.gl);
        import(&bench, &billing, &gl);
        says_exactly(&bench, &made.truth);
        let (_, ledger) = ties_out(&bench);
        assert_eq!(ledger, made.ledger, "seed {}", variant.seed);
    }
}

/// The made case of one month, small enough to change by hand.
fn one_month() -> Option<(Bench, retail::Made)> {
    let case = case()?;
    let variant = Variant { seed: 9, rate: 300, months: ("2011-06", "2011-06"), adjustments: 1 };
    let made = variant.make(&unpacked(&case.join("billing.csv.gz")));
    let bench = Bench::new();
    let billing = bench.file("billing.csv", &made.billing);
    let gl = bench.file("gl.csv", &made.gl);
    import(&bench, &billing, &gl);
    says_exactly(&bench, &made.truth);
    Some((bench, made))
}

#[test]
fn an_import_that_breaks_off_leaves_nothing_of_itself() {
    let Some((bench, made)) = one_month() else { return };
    let mut packed = Vec::new();
    let mut gz = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::default());
    let worse = made.gl.replace(",Posted", ",Draft");
    std::io::Write::write_all(&mut gz, worse.as_bytes()).unwrap();
    gz.finish().unwrap();
    packed.truncate(packed.len() * 2 / 3);
    let broken = bench.folder.path().join("broken.csv.gz");
    std::fs::write(&broken, &packed).unwrap();
    let ran = promised(&bench, &["import", "gl", path(&broken), "--map", path(&map("gl"))]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(!ran.stderr.is_empty(), "it says why");
    says_exactly(&bench, &made.truth);
    ties_out(&bench);
}

#[test]
fn an_entry_that_is_a_draft_in_the_ledger_is_not_booked() {
    let Some((bench, made)) = one_month() else { return };
    let billed = made.billing.lines().nth(1).unwrap().split(',').next().unwrap().to_owned();
    assert!(!made.truth.keys().any(|(reference, _)| *reference == billed), "{billed} is clean as made");
    let draft = |line: &str| match line.contains(&format!(",{billed},")) {
        true => line.replace(",Posted", ",Draft"),
        false => line.to_owned(),
    };
    let lines: Vec<String> = made.gl.lines().map(draft).collect();
    let gl = bench.file("drafted.csv", &format!("{}\n", lines.join("\n")));
    promised(&bench, &["import", "gl", path(&gl), "--map", path(&map("gl"))]).ok();
    let about: Vec<Value> =
        exceptions(&bench).into_iter().filter(|e| e["external_ref"] == billed.as_str()).collect();
    assert_eq!(about.len(), 1, "{about:?}");
    assert_eq!(about[0]["kind"], "unposted");
    ties_out(&bench);
}
