//! Files that were damaged on their way: whatever is cut, shuffled or flipped in them, recognition and
//! reading end, and end in an answer or in a refusal with a code. The damage is the same at every run.
#![allow(clippy::unwrap_used, missing_docs)]

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use chrono::{TimeZone as _, Utc};
use tieout_connectors::files::{FileSource, Hints, MapKind, recognise};

/// Damages of each kind that each file suffers.
const TIMES: u64 = 2;

/// The longest that one small file may take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(30);

/// Numbers that look random and are the same at every run.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % below.max(1)
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        if path.is_dir() {
            files(&path, found);
        } else if matches!(extension, "csv" | "txt" | "xlsx") {
            found.push(path);
        }
    }
}

/// A damage: bytes in, other bytes out.
type Damage = fn(&[u8], &mut Dice) -> Vec<u8>;

fn cut_off(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    bytes[..dice.next(bytes.len())].to_vec()
}

fn hole(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let from = dice.next(bytes.len());
    let to = (from + 1 + dice.next(40)).min(bytes.len());
    [&bytes[..from], &bytes[to..]].concat()
}

fn flips(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for _ in 0..1 + dice.next(6) {
        let at = dice.next(out.len());
        if let Some(byte) = out.get_mut(at) {
            *byte = u8::try_from(dice.next(256)).unwrap();
        }
    }
    out
}

fn without_quotes(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut seen = 0;
    let drop = dice.next(3) + 1;
    let keeps = |byte: &&u8| {
        seen += usize::from(**byte == b'"');
        **byte != b'"' || seen % drop != 0
    };
    bytes.iter().filter(keeps).copied().collect()
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|b| *b == b'\n').collect()
}

fn shuffled_lines(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut lines = lines(bytes);
    for _ in 0..3 {
        let (one, other) = (dice.next(lines.len()), dice.next(lines.len()));
        lines.swap(one, other);
    }
    lines.concat()
}

fn shuffled_columns(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mark = [b',', b';', b'\t', b'|'].into_iter().max_by_key(|m| bytes.iter().filter(|b| *b == m).count());
    let (mark, turn) = (mark.unwrap(), dice.next(7));
    let turned = |line: &[u8]| {
        let end = line.strip_suffix(b"\n").unwrap_or(line);
        let mut cells: Vec<&[u8]> = end.split(|b| *b == mark).collect();
        let by = turn % cells.len();
        cells.rotate_left(by);
        [cells.join(&mark), b"\n".to_vec()].concat()
    };
    lines(bytes).iter().flat_map(|line| turned(line)).collect()
}

fn repeated(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let lines = lines(bytes);
    let again = lines[dice.next(lines.len())];
    [bytes, again, again, again].concat()
}

const DAMAGES: [Damage; 7] =
    [cut_off, hole, flips, without_quotes, shuffled_lines, shuffled_columns, repeated];

#[test]
fn a_damaged_file_is_read_or_refused_and_never_breaks_the_reader() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    files(&root.join("fixtures/profiles"), &mut found);
    for cases in ["../shared/data/cases", "../../shared/data/cases"] {
        files(&root.join(cases), &mut found);
    }
    assert!(found.len() > 20, "only {} files", found.len());
    let bench = tempfile::tempdir().unwrap();
    let at = Utc.with_ymd_and_hms(2026, 6, 30, 0, 0, 0).unwrap();
    let (mut read, mut refused) = (0, 0);
    for (n, path) in found.iter().enumerate() {
        let bytes = fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for (m, damage) in DAMAGES.iter().enumerate() {
            for time in 0..TIMES {
                let mut dice = Dice(u64::try_from(n * 1_000 + m).unwrap() * 1_000 + time);
                let damaged = bench.path().join(&name);
                fs::write(&damaged, damage(&bytes, &mut dice)).unwrap();
                let kind = if dice.next(2) == 0 { MapKind::Gl } else { MapKind::Billing };
                let hints = Hints {
                    kind: Some(kind).filter(|_| time % 2 == 0),
                    entity: "XX01".parse().ok(),
                    currency: tieout_domain::Currency::new("EUR").ok(),
                    time_zone: Some(chrono_tz::Tz::Europe__Berlin),
                    mapped: true,
                    ..Hints::default()
                };
                let began = Instant::now();
                match recognise(&FileSource::new(&damaged, at), &hints) {
                    Ok(_) => read += 1,
                    Err(error) => {
                        assert!(!error.code().is_empty() && !error.to_string().is_empty());
                        refused += 1;
                    }
                }
                assert!(began.elapsed() < PATIENCE, "{name}, damage {m}, time {time} took too long");
            }
        }
    }
    assert!(read > 40 && refused > 40, "{read} were read and {refused} refused");
}
