//! What a difference between billing and the ledger is made of: timing, to book, accepted, brought forward
//! and unexplained. Debit-positive minor units of one currency.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident => $text:literal, $words:literal;)*) => {
        /// One of the parts of a difference.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Part { $($(#[$doc])* $name,)* }

        impl Part {
            /// All of them, as they are added up.
            pub const ALL: &[Part] = &[$(Part::$name,)*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Part::$name => $text,)* }
            }

            /// In words.
            #[must_use]
            pub const fn words(self) -> &'static str {
                match self { $(Part::$name => $words,)* }
            }
        }
    };
}

parts! {
    /// Clears by a stated date, which has not passed.
    Timing => "timing", "timing";
    /// Unrecorded: its posting exists or is needed.
    ToBook => "to_book", "to book";
    /// Stands, by signatures or by the mapping.
    Accepted => "accepted", "accepted";
    /// Of an earlier period, and not cleared since.
    BroughtForward => "brought_forward", "brought forward";
    /// Nothing accounts for it.
    Unexplained => "unexplained", "unexplained";
}

/// What is known of one item of a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// A document within its time.
    OnItsWay,
    /// An open exception, which a posting settles or which is settled otherwise.
    Open {
        /// True where a posting exists or is what settles it.
        by_posting: bool,
    },
    /// A signed note that accepts it.
    Accepted,
    /// A signed note by which it clears by this day.
    ClearsBy(NaiveDate),
    /// Nothing.
    Nothing,
}

/// Which part an item is of. What a note said would have cleared by now is unexplained, however old it is;
/// everything else of an earlier period is brought forward.
#[must_use]
pub fn part_of(known: Known, earlier: bool, today: NaiveDate) -> Part {
    match known {
        Known::ClearsBy(day) if day < today => Part::Unexplained,
        _ if earlier => Part::BroughtForward,
        Known::OnItsWay | Known::ClearsBy(_) => Part::Timing,
        Known::Open { by_posting: true } => Part::ToBook,
        Known::Accepted => Part::Accepted,
        Known::Open { by_posting: false } | Known::Nothing => Part::Unexplained,
    }
}

/// The arithmetic of a difference: expected − ledger = the sum of its parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// What billing, and what is known beside it, says that the ledger should hold.
    pub expected: i64,
    /// What the ledger holds.
    pub ledger: i64,
    /// Clears by a stated date.
    pub timing: i64,
    /// Unrecorded.
    pub to_book: i64,
    /// Accepted.
    pub accepted: i64,
    /// Of earlier periods.
    pub brought_forward: i64,
    /// What nothing accounts for.
    pub unexplained: i64,
}

impl Difference {
    /// Expected − ledger; `None` beyond what can be counted.
    #[must_use]
    pub fn minor(&self) -> Option<i64> {
        self.expected.checked_sub(self.ledger)
    }

    /// The amount of a part.
    #[must_use]
    pub fn part(&self, part: Part) -> i64 {
        match part {
            Part::Timing => self.timing,
            Part::ToBook => self.to_book,
            Part::Accepted => self.accepted,
            Part::BroughtForward => self.brought_forward,
            Part::Unexplained => self.unexplained,
        }
    }

    /// Adds to a part; `None` beyond what can be counted.
    #[must_use]
    pub fn with(mut self, part: Part, minor: i64) -> Option<Self> {
        let own = match part {
            Part::Timing => &mut self.timing,
            Part::ToBook => &mut self.to_book,
            Part::Accepted => &mut self.accepted,
            Part::BroughtForward => &mut self.brought_forward,
            Part::Unexplained => &mut self.unexplained,
        };
        *own = own.checked_add(minor)?;
        Some(self)
    }

    /// The parts together.
    #[must_use]
    pub fn parts(&self) -> Option<i64> {
        Part::ALL.iter().try_fold(0_i64, |sum, part| sum.checked_add(self.part(*part)))
    }

    /// With what no item accounts for put under `part`: then the parts are the difference, to the minor unit.
    #[must_use]
    pub fn completed(self, part: Part) -> Option<Self> {
        self.with(part, self.minor()?.checked_sub(self.parts()?)?)
    }

    /// Both together, column by column: the proof line adds up all accounts so.
    #[must_use]
    pub fn plus(&self, other: &Difference) -> Option<Self> {
        Some(Self {
            expected: self.expected.checked_add(other.expected)?,
            ledger: self.ledger.checked_add(other.ledger)?,
            timing: self.timing.checked_add(other.timing)?,
            to_book: self.to_book.checked_add(other.to_book)?,
            accepted: self.accepted.checked_add(other.accepted)?,
            brought_forward: self.brought_forward.checked_add(other.brought_forward)?,
            unexplained: self.unexplained.checked_add(other.unexplained)?,
        })
    }

    /// True where every column is nothing: what a proof line has to be.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        *self == Self::default()
    }

    /// What is held against the tolerance: to book and unexplained together, or what is unexplained alone
    /// where that is more, so that neither hides the other. Never negative.
    #[must_use]
    pub fn open(&self) -> u128 {
        let together = i128::from(self.to_book) + i128::from(self.unexplained);
        together.unsigned_abs().max(i128::from(self.unexplained).unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn an_item_is_of_the_part_that_what_is_known_of_it_says() {
        let today = day("2026-12-03");
        let table = [
            (Known::OnItsWay, Part::Timing),
            (Known::ClearsBy(day("2026-12-03")), Part::Timing),
            (Known::ClearsBy(day("2026-12-02")), Part::Unexplained),
            (Known::Open { by_posting: true }, Part::ToBook),
            (Known::Open { by_posting: false }, Part::Unexplained),
            (Known::Accepted, Part::Accepted),
            (Known::Nothing, Part::Unexplained),
        ];
        for (known, part) in table {
            assert_eq!(part_of(known, false, today), part, "{known:?}");
            let older = if known == Known::ClearsBy(day("2026-12-02")) {
                Part::Unexplained
            } else {
                Part::BroughtForward
            };
            assert_eq!(part_of(known, true, today), older, "{known:?} of an earlier period");
        }
    }

    /// The figures of the cockpit's drawing: GB01, November 2026, in pence.
    #[test]
    fn the_worked_example_of_november_adds_up_account_by_account_and_nets_to_nothing() {
        // expected, ledger, timing, to book, accepted, brought forward, unexplained
        let rows: [(&str, [i64; 7]); 7] = [
            ("1100", [64_461_710, 54_338_840, 0, 10_251_310, 0, -128_440, 0]),
            ("1090", [1_645_715, 2_140_715, -481_260, -13_740, 0, 0, 0]),
            ("2400", [-38_712_660, -30_048_292, 0, -8_542_758, -6_210, 0, -115_400]),
            ("2200", [-7_041_810, -5_461_698, 0, -1_708_552, 0, 128_440, 0]),
            ("4010", [-21_338_198, -21_459_808, 0, 0, 6_210, 0, 115_400]),
            ("6150", [545_562, 531_822, 0, 13_740, 0, 0, 0]),
            ("1010", [19_121_470, 18_640_210, 481_260, 0, 0, 0, 0]),
        ];
        let of = |[expected, ledger, timing, to_book, accepted, brought_forward, unexplained]: [i64; 7]| {
            Difference { expected, ledger, timing, to_book, accepted, brought_forward, unexplained }
        };
        let mut proof = Difference::default();
        for (account, figures) in rows {
            let row = of(figures);
            assert_eq!(row.minor(), row.parts(), "{account}");
            proof = proof.plus(&row).unwrap();
        }
        let parts: Vec<i64> = Part::ALL.iter().map(|part| proof.part(*part)).collect();
        assert_eq!(parts, [0; 5], "the parts net to nothing");
        assert_eq!(of(rows[2].1).open(), 8_658_158, "86,581.58 are held against the tolerance of 2400");
        assert_eq!(of(rows[1].1).open(), 13_740);
        assert_eq!(of(rows[4].1).open(), 115_400);
    }

    #[test]
    fn what_no_item_accounts_for_completes_the_parts_to_the_minor_unit() {
        let some = Difference { expected: 1_000, ledger: 400, to_book: 250, ..Difference::default() };
        let whole = some.completed(Part::Unexplained).unwrap();
        assert_eq!((whole.unexplained, whole.parts(), whole.minor()), (350, Some(600), Some(600)));
        assert_eq!(whole.completed(Part::Unexplained), Some(whole), "what is complete stays as it is");
    }

    #[test]
    fn what_is_to_book_hides_nothing_that_is_unexplained() {
        let row = Difference { to_book: 500, unexplained: -500, ..Difference::default() };
        assert_eq!(row.open(), 500, "opposite signs do not pass");
        let row = Difference { to_book: -300, unexplained: -200, ..Difference::default() };
        assert_eq!(row.open(), 500);
    }

    #[test]
    fn what_cannot_be_counted_is_no_figure() {
        let most = Difference { expected: i64::MAX, ledger: -1, ..Difference::default() };
        assert_eq!(most.minor(), None);
        assert_eq!(most.completed(Part::Unexplained), None);
        assert_eq!(most.plus(&most), None);
        let open = Difference { to_book: i64::MIN, unexplained: i64::MIN, ..Difference::default() };
        assert_eq!(open.open(), 1 << 64);
    }
}
