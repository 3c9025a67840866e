//! Runs of one thing, and how they are told: median, least, most. Whole numbers only.

use std::fmt;

/// What can go wrong in a benchmark. It ends it: a figure of a wrong answer is no figure.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Refuses the result where `holds` is false.
///
/// # Errors
/// The message.
pub fn require(holds: bool, message: impl FnOnce() -> String) -> Outcome<()> {
    if holds { Ok(()) } else { Err(message().into()) }
}

/// Measurements of one thing, in one unit.
#[derive(Clone, Debug, Default)]
pub struct Series(Vec<u64>);

impl Series {
    /// Adds a run.
    pub fn push(&mut self, value: u64) {
        self.0.push(value);
    }

    /// The middle run, or the mean of the two in the middle.
    pub fn median(&self) -> u64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        match (sorted.len(), sorted.len() / 2) {
            (0, _) => 0,
            (n, half) if n % 2 == 1 => sorted[half],
            (_, half) => u64::midpoint(sorted[half - 1], sorted[half]),
        }
    }

    /// The least.
    pub fn least(&self) -> u64 {
        self.0.iter().copied().min().unwrap_or(0)
    }

    /// The most.
    pub fn most(&self) -> u64 {
        self.0.iter().copied().max().unwrap_or(0)
    }

    /// The value that so many percent of the runs do not exceed.
    pub fn percentile(&self, percent: usize) -> u64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(at).copied().unwrap_or(0)
    }

    /// Round by round, this over the other, in thousandths.
    pub fn over(&self, other: &Series) -> Series {
        Series(self.0.iter().zip(&other.0).map(|(a, b)| a * 1000 / (*b).max(1)).collect())
    }

    /// Every run made something else.
    pub fn map(&self, make: impl Fn(u64) -> u64) -> Series {
        Series(self.0.iter().copied().map(make).collect())
    }

    fn told(&self, tell: impl Fn(u64) -> String) -> [String; 3] {
        [self.median(), self.least(), self.most()].map(tell)
    }
}

/// `of` things in `micros`, per second.
pub fn per_second(of: u64, micros: u64) -> u64 {
    of * 1_000_000 / micros.max(1)
}

/// One row of the report.
pub struct Line {
    what: String,
    unit: &'static str,
    told: [String; 3],
    note: String,
}

impl Line {
    /// Seconds, of a series in microseconds.
    pub fn seconds(what: impl Into<String>, micros: &Series) -> Self {
        Self::new(what, "s", micros.told(|m| format!("{}.{:03}", m / 1_000_000, m / 1000 % 1000)))
    }

    /// Milliseconds, of a series in microseconds.
    pub fn millis(what: impl Into<String>, micros: &Series) -> Self {
        Self::new(what, "ms", micros.told(|m| format!("{}.{}", m / 1000, m / 100 % 10)))
    }

    /// `count` per second, of a series in microseconds.
    pub fn rate(what: impl Into<String>, unit: &'static str, count: u64, micros: &Series) -> Self {
        Self::count(what, unit, &micros.map(|m| per_second(count, m)))
    }

    /// Plain numbers.
    pub fn count(what: impl Into<String>, unit: &'static str, series: &Series) -> Self {
        Self::new(what, unit, series.told(grouped))
    }

    /// A ratio, of a series in thousandths.
    pub fn ratio(what: impl Into<String>, thousandths: &Series) -> Self {
        Self::new(what, "×", thousandths.told(|m| format!("{}.{:02}", m / 1000, m / 10 % 100)))
    }

    /// A share in percent, of a series in hundredths of a percent.
    pub fn percent(what: impl Into<String>, hundredths: &Series) -> Self {
        Self::new(what, "%", hundredths.told(|m| format!("{}.{:02}", m / 100, m % 100)))
    }

    /// Mebibytes, of a series in KiB.
    pub fn memory(what: impl Into<String>, kib: &Series) -> Self {
        Self::new(what, "MiB", kib.told(|k| grouped(k / 1024)))
    }

    /// What the figure is aimed at.
    #[must_use]
    pub fn aim(mut self, note: &str) -> Self {
        note.clone_into(&mut self.note);
        self
    }

    fn new(what: impl Into<String>, unit: &'static str, told: [String; 3]) -> Self {
        Self { what: what.into(), unit, told, note: String::new() }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, least, most] = &self.told;
        write!(f, "| {} | {median} | {least} | {most} | {} | {} |", self.what, self.unit, self.note)
    }
}

/// The heading of a table of lines.
pub const HEADING: &str = "| figure | median | min | max | unit | aim |\n|---|--:|--:|--:|---|---|";

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(values: &[u64]) -> Series {
        Series(values.to_vec())
    }

    #[test]
    fn the_median_is_the_middle_and_numbers_are_grouped() {
        assert_eq!(series(&[9, 1, 5]).median(), 5);
        assert_eq!(series(&[9, 1, 5, 7]).median(), 6);
        assert_eq!((series(&[9, 1, 5]).percentile(99), series(&[9, 1, 5]).percentile(50)), (9, 5));
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(123), "123");
        let line = Line::ratio("r", &series(&[200]).over(&series(&[160]))).aim("≥ 0.8");
        assert_eq!(line.to_string(), "| r | 1.25 | 1.25 | 1.25 | × | ≥ 0.8 |");
    }
}
