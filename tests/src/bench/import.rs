//! An encrypted import against a bare loop that writes the same rows. Import and detection are one command;
//! detection, which the loop has no counterpart of, is told apart (`retail` measures both together).

use std::{
    path::Path,
    sync::{Arc, OnceLock},
    time::Instant,
};

use tieout_desk::base::{progress::Progress, workspace};

use crate::{
    bare::{self, Written},
    figures::{Line, Outcome, Series, require},
    place::{Place, copy_folder, import_billing, import_periods, init, open},
};

/// Measures the retail file, and one of four times its size.
///
/// # Errors
/// What does not match, or went wrong.
pub fn run(place: &Place, rounds: usize) -> Outcome<Vec<Line>> {
    let before = place.fresh("before")?;
    let workspace = init(&before)?;
    {
        let desk = open(&workspace)?;
        import_periods(&desk, &place.retail("periods.csv.gz"))?;
        workspace::anchor(&desk)?;
    }
    let mut lines = Vec::new();
    for copies in [1, 4] {
        lines.extend(Case::new(place, &before, copies)?.measure(rounds)?);
    }
    Ok(lines)
}

/// Notes when the import itself has ended, which is when its first stretch of work has.
#[derive(Default)]
struct Watch(OnceLock<Instant>);

impl Progress for Watch {
    fn begin(&self, _what: &str, _total: Option<u64>) {}
    fn advance(&self, _by: u64) {}
    fn end(&self) {
        self.0.get_or_init(Instant::now);
    }
}

struct Case<'p> {
    place: &'p Place,
    before: &'p Path,
    file: std::path::PathBuf,
    documents: u64,
    rows: u64,
    written: Written,
    key: zeroize::Zeroizing<[u8; 32]>,
    /// Of all that the reference import left, and of all of it but times.
    digests: (String, String),
}

impl<'p> Case<'p> {
    /// Imports once, to know which rows the bare loop is to write.
    fn new(place: &'p Place, before: &'p Path, copies: u32) -> Outcome<Self> {
        let (file, documents, rows) = place.billing(copies)?;
        let folder = place.fresh("reference")?;
        copy_folder(before, &folder)?;
        let workspace = folder.join("w.tieoutdb");
        let view = import_billing(&open(&workspace)?, &file, &place.map("billing"))?;
        require(view.changed == documents && view.rows == rows && view.rejected_rows == 0, || {
            format!("imported {} documents of {documents}, {} rows of {rows}", view.changed, view.rows)
        })?;
        let key = bare::key(&workspace)?;
        let after = bare::open(&workspace, &key)?;
        let written = Written::between(&bare::open(&before.join("w.tieoutdb"), &key)?, &after)?;
        let digests = (bare::digest(&after, true)?, bare::digest(&after, false)?);
        Ok(Self { place, before, file, documents, rows, written, key, digests })
    }

    fn measure(&self, rounds: usize) -> Outcome<Vec<Line>> {
        let (mut ours, mut detection, mut bare) = (Series::default(), Series::default(), Series::default());
        for round in 0..rounds {
            for turn in 0..2 {
                if (round + turn) % 2 == 0 {
                    let (import, detect) = self.import()?;
                    ours.push(import);
                    detection.push(detect);
                } else {
                    bare.push(self.bare()?);
                }
            }
        }
        let (documents, name) = (self.documents, format!("{} documents, {} rows", self.documents, self.rows));
        eprintln!("    {name}: the bare loop writes {} rows", self.written.rows());
        Ok(vec![
            Line::rate(format!("import, {name}"), "documents/s", documents, &ours),
            Line::rate("the same in rows", "rows/s", self.rows, &ours),
            Line::rate("bare loop, the same rows", "documents/s", documents, &bare),
            // Speed over speed is time over time the other way round.
            Line::ratio("import over bare loop", &bare.over(&ours)).aim("≥ 0.80"),
            Line::millis("detection after the import", &detection),
        ])
    }

    /// Microseconds of the import, and of the detection after it.
    fn import(&self) -> Outcome<(u64, u64)> {
        let folder = self.place.fresh("ours")?;
        copy_folder(self.before, &folder)?;
        let workspace = folder.join("w.tieoutdb");
        let watch = Arc::new(Watch::default());
        let desk = open(&workspace)?.with_progress(Arc::<Watch>::clone(&watch));
        let start = Instant::now();
        let view = import_billing(&desk, &self.file, &self.place.map("billing"))?;
        let all = micros(start);
        drop(desk);
        let ended = watch.0.get().ok_or("the import never told that it had ended")?;
        let took = u64::try_from(ended.duration_since(start).as_micros())?;
        require(view.changed == self.documents, || format!("imported only {}", view.changed))?;
        let digest = bare::digest(&bare::open(&workspace, &self.key)?, false)?;
        require(digest == self.digests.1, || "two imports of one file differ".to_owned())?;
        Ok((took, all.saturating_sub(took)))
    }

    fn bare(&self) -> Outcome<u64> {
        let folder = self.place.fresh("bare")?;
        copy_folder(self.before, &folder)?;
        let mut connection = bare::open(&folder.join("w.tieoutdb"), &self.key)?;
        let start = Instant::now();
        self.written.write(&mut connection)?;
        let took = micros(start);
        let digest = bare::digest(&connection, true)?;
        require(digest == self.digests.0, || "the bare loop wrote other rows than the import".to_owned())?;
        Ok(took)
    }
}

/// Microseconds since `start`.
pub fn micros(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX)
}
