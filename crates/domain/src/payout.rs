//! Which lines of the bank's statements are the other side of the processor's payouts.
//!
//! A line that bears a payout's name is that payout's, whatever its amount. Where none does, the one line of
//! its amount that was booked in its days is, if that line could be no other payout's. What is not certain
//! is matched to nothing, and said to be unclear.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};

use crate::bank::Searched;

/// For so many days after a payout left the processor, or after the day for which it announced it, the bank
/// may still book it: weekends, holidays and slow banks.
pub const ARRIVES_WITHIN: u64 = 7;
/// A payout may come back for so long.
const COMES_BACK_WITHIN: u64 = 45;

/// A payout of the processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidOut {
    /// The document's internal key.
    pub document: i64,
    /// Its names, as [`crate::bank::comparable`] has them.
    pub names: Vec<String>,
    /// What was paid out, minor units; negative where the processor took money from the bank.
    pub paid_minor: i64,
    /// True where it failed or was cancelled: in the end the bank has nothing of it.
    pub failed: bool,
    /// The day on which it left the processor's balance.
    pub left: NaiveDate,
    /// The day for which it was announced at the bank; that on which it left where nobody says.
    pub arrives: NaiveDate,
    /// True where statements of the account to which the mapping books it are kept: only then can a line be
    /// missing.
    pub judged: bool,
}

/// A line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownLine {
    /// Its internal key.
    pub line: i64,
    /// When the bank booked it.
    pub booked_on: NaiveDate,
    /// Minor units.
    pub minor: i64,
    /// What names are looked for in.
    pub searched: Searched,
}

/// What the statements say of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// It is there, as it was paid out; one that failed went back, or never came.
    Received,
    /// Its lines come to another amount.
    Differs,
    /// Its days are over, the statements cover them, and no line is its own.
    Missing,
    /// Several lines, or several payouts, could belong together.
    Unclear,
    /// No statement covers its days yet.
    Awaited,
}

impl Said {
    /// All of them.
    pub const ALL: [Said; 5] = [Said::Received, Said::Differs, Said::Missing, Said::Unclear, Said::Awaited];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Said::Received => "received",
            Said::Differs => "differs",
            Said::Missing => "missing",
            Said::Unclear => "unclear",
            Said::Awaited => "awaited",
        }
    }

    /// The one of this stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|said| said.as_str() == name)
    }
}

/// What became of one payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The payout's document.
    pub document: i64,
    /// What the statements say.
    pub said: Said,
    /// True where lines bear its name, false where the amount and the day tell.
    pub by_name: bool,
    /// The lines that are its own; of a line that pays out several, that one.
    pub lines: Vec<i64>,
    /// What the bank shows of it, minor units.
    pub shown_minor: i64,
    /// The last day on which it could have come.
    pub due_on: NaiveDate,
}

fn after(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

fn before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN)
}

impl PaidOut {
    /// What the bank has of it in the end.
    fn stays(&self) -> i64 {
        if self.failed { 0 } else { self.paid_minor }
    }

    fn due_on(&self) -> NaiveDate {
        after(self.left.max(self.arrives), ARRIVES_WITHIN)
    }

    /// True where a line of this day may be it by its amount.
    fn may_come(&self, day: NaiveDate) -> bool {
        before(self.left, 1) <= day && day <= self.due_on()
    }

    /// True where a line of this day that bears its name is looked at.
    fn may_be_named(&self, day: NaiveDate) -> bool {
        before(self.left, ARRIVES_WITHIN) <= day && day <= after(self.due_on(), COMES_BACK_WITHIN)
    }
}

/// The matching under way: which line belongs to whom.
struct Matching<'m> {
    payouts: &'m [PaidOut],
    lines: &'m [ShownLine],
    /// Payouts, by their place, that each line names.
    named: Vec<Vec<usize>>,
    /// Lines that are somebody's.
    taken: BTreeSet<usize>,
    /// Lines of each payout.
    of: BTreeMap<usize, Vec<usize>>,
    found: BTreeMap<usize, (Said, bool)>,
}

/// What the statements of one entity's accounts in one currency say of its payouts in that currency.
/// `covered`: for each account, the spans of days that its statements cover without a gap.
#[must_use]
pub fn receipts(
    payouts: &[PaidOut],
    lines: &[ShownLine],
    covered: &[Vec<(NaiveDate, NaiveDate)>],
) -> Vec<Receipt> {
    let named = lines.iter().map(|line| named_by(payouts, line)).collect();
    let (taken, of, found) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
    let mut matching = Matching { payouts, lines, named, taken, of, found };
    matching.by_name(covered);
    matching.came_back();
    matching.by_amount();
    matching.rest(covered);
    matching.told()
}

fn named_by(payouts: &[PaidOut], line: &ShownLine) -> Vec<usize> {
    let bears = |payout: &PaidOut| {
        payout.may_be_named(line.booked_on) && payout.names.iter().any(|name| line.searched.names(name))
    };
    payouts.iter().enumerate().filter(|(_, payout)| bears(payout)).map(|(at, _)| at).collect()
}

fn covers(covered: &[Vec<(NaiveDate, NaiveDate)>], from: NaiveDate, to: NaiveDate) -> bool {
    let one = |spans: &Vec<(NaiveDate, NaiveDate)>| spans.iter().any(|span| span.0 <= from && to <= span.1);
    !covered.is_empty() && covered.iter().all(one)
}

impl Matching<'_> {
    fn sum(&self, lines: &[usize]) -> i64 {
        lines.iter().fold(0, |sum, line| self.lines[*line].minor.saturating_add(sum))
    }

    /// Lines that bear the name of one payout, or of several of which they are the sum.
    fn by_name(&mut self, covered: &[Vec<(NaiveDate, NaiveDate)>]) {
        for (at, named) in self.named.iter().enumerate() {
            let stays = named.iter().fold(0_i64, |sum, one| sum.saturating_add(self.payouts[*one].stays()));
            let together = named.len() > 1;
            if named.is_empty() {
                continue;
            }
            self.taken.insert(at);
            for one in named {
                match together {
                    true if stays == self.lines[at].minor => {
                        self.found.insert(*one, (Said::Received, true));
                        self.of.insert(*one, vec![at]);
                    }
                    true => _ = self.found.entry(*one).or_insert((Said::Unclear, true)),
                    false => self.of.entry(*one).or_default().push(at),
                }
            }
        }
        for (at, payout) in self.payouts.iter().enumerate() {
            let Some(lines) = self.of.get(&at).filter(|_| !self.found.contains_key(&at)) else { continue };
            let shown = self.sum(lines);
            let last = lines.iter().map(|line| self.lines[*line].booked_on).max().unwrap_or(payout.left);
            let said = match shown == payout.stays() {
                true => Said::Received,
                // What failed stands there until the bank has given it back.
                false if payout.failed && !covers(covered, payout.left, after(last, ARRIVES_WITHIN)) => {
                    Said::Awaited
                }
                false => Said::Differs,
            };
            self.found.insert(at, (said, true));
        }
    }

    fn free(&self, minor: i64, days: impl Fn(NaiveDate) -> bool) -> Vec<usize> {
        let fits = |line: &ShownLine| line.minor == minor && days(line.booked_on);
        let all = self.lines.iter().enumerate().filter(|(at, line)| !self.taken.contains(at) && fits(line));
        all.map(|(at, _)| at).collect()
    }

    /// A payout that failed and which no line names: the bank shows it in and out, or never had it.
    fn came_back(&mut self) {
        for (at, payout) in self.payouts.iter().enumerate() {
            if !payout.failed || self.found.contains_key(&at) || payout.paid_minor == 0 {
                continue;
            }
            let came = self.free(payout.paid_minor, |day| payout.may_come(day));
            let came = came.into_iter().min_by_key(|line| (self.lines[*line].booked_on, *line));
            let back = came.map(|line| self.lines[line].booked_on).map(|from| {
                let minor = payout.paid_minor.saturating_neg();
                self.free(minor, |day| from <= day && day <= after(from, COMES_BACK_WITHIN))
            });
            if let (Some(came), Some([back])) = (came, back.as_deref()) {
                self.taken.extend([came, *back]);
                self.of.insert(at, vec![came, *back]);
            }
            self.found.insert(at, (Said::Received, false));
        }
    }

    /// The lines that each payout could be by amount and day.
    fn candidates(&self) -> BTreeMap<usize, Vec<usize>> {
        let open = self.payouts.iter().enumerate();
        let open = open.filter(|(at, payout)| !self.found.contains_key(at) && payout.stays() != 0);
        open.map(|(at, payout)| (at, self.free(payout.stays(), |day| payout.may_come(day)))).collect()
    }

    /// One payout, one line: both ways.
    fn by_amount(&mut self) {
        let candidates = self.candidates();
        let mut wanted: BTreeMap<usize, usize> = BTreeMap::new();
        for line in candidates.values().flatten() {
            *wanted.entry(*line).or_default() += 1;
        }
        for (at, lines) in candidates {
            match lines.as_slice() {
                [] => {}
                [line] if wanted.get(line) == Some(&1) => {
                    self.taken.insert(*line);
                    self.of.insert(at, vec![*line]);
                    self.found.insert(at, (Said::Received, false));
                }
                _ => _ = self.found.insert(at, (Said::Unclear, false)),
            }
        }
    }

    /// What nothing was found of: nothing to be found, too early, or missing.
    fn rest(&mut self, covered: &[Vec<(NaiveDate, NaiveDate)>]) {
        for (at, payout) in self.payouts.iter().enumerate() {
            if self.found.contains_key(&at) {
                continue;
            }
            let over = covers(covered, payout.left, payout.due_on());
            let said = match (payout.stays(), payout.judged && over) {
                (0, _) => Said::Received,
                (_, true) => Said::Missing,
                (_, false) => Said::Awaited,
            };
            self.found.insert(at, (said, false));
        }
    }

    fn told(&self) -> Vec<Receipt> {
        let one = |(at, payout): (usize, &PaidOut)| {
            let lines = self.of.get(&at).map_or(&[][..], Vec::as_slice);
            let (said, by_name) = self.found.get(&at).copied().unwrap_or((Said::Awaited, false));
            let together = lines.first().is_some_and(|line| self.named[*line].len() > 1);
            Receipt {
                document: payout.document,
                said,
                by_name,
                lines: lines.iter().map(|line| self.lines[*line].line).collect(),
                shown_minor: if together { payout.stays() } else { self.sum(lines) },
                due_on: payout.due_on(),
            }
        };
        self.payouts.iter().enumerate().map(one).collect()
    }
}

#[cfg(test)]
#[path = "payout_tests.rs"]
mod tests;
