//! The retail case made anew with other faults: what a correct integration would have posted for the same
//! invoices, written here from the case's rules alone, and then damaged on purpose with labels.

use std::{collections::BTreeMap, fmt::Write as _, io::Read as _, path::Path};

use flate2::read::GzDecoder;
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive as _};

/// What is wrong: reference and kind to amount.
pub type Truth = BTreeMap<(String, String), i64>;

/// A small generator (Knuth's MMIX constants): a seed gives the same faults.
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// A gzip file's text.
pub fn unpacked(path: &Path) -> String {
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text
}

/// Reference, kind and amount of each label of the case.
pub fn truth(path: &Path) -> Truth {
    let text = unpacked(path);
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let all: Vec<(String, String, i64)> = rows.deserialize().map(|row| row.unwrap()).collect();
    let count = all.len();
    let truth: Truth = all.into_iter().map(|(reference, kind, amount)| ((reference, kind), amount)).collect();
    assert_eq!(truth.len(), count, "the labels are distinct");
    truth
}

/// What to make.
pub struct Variant {
    pub seed: u64,
    /// Faults in ten thousand invoices.
    pub rate: u64,
    /// First and last month that is taken, `YYYY-MM`.
    pub months: (&'static str, &'static str),
    /// Bad-debt adjustments (`A`, negative price) added to each month.
    pub adjustments: u32,
}

struct Invoice {
    number: String,
    date: String,
    entity: &'static str,
    amount: i64,
}

/// One journal as it will be written: entity, date, reference, and what is debited (or credited) where.
struct Journal {
    entity: String,
    date: String,
    reference: String,
    amount: i64,
    credit: &'static str,
}

/// A made case: the two files' text and what a perfect desk reports.
pub struct Made {
    pub billing: String,
    pub gl: String,
    pub truth: Truth,
    /// What receivables move in the ledger, minor units.
    pub ledger: i64,
}

const EUROPE: [&str; 19] = [
    "Germany",
    "France",
    "EIRE",
    "Spain",
    "Netherlands",
    "Belgium",
    "Portugal",
    "Italy",
    "Finland",
    "Austria",
    "Denmark",
    "Sweden",
    "Greece",
    "Cyprus",
    "Malta",
    "Poland",
    "Lithuania",
    "Czech Republic",
    "European Community",
];

fn entity(country: &str) -> &'static str {
    match country {
        "United Kingdom" => "GB01",
        other if EUROPE.contains(&other) => "EU01",
        _ => "RW01",
    }
}

impl Variant {
    /// Makes the case from the real billing lines.
    pub fn make(&self, billing: &str) -> Made {
        let mut dice = Dice(self.seed);
        let kept = self.billing(billing, &mut dice);
        let invoices = invoices(&kept);
        let mut truth = Truth::new();
        let mut journals = Vec::new();
        for invoice in invoices.iter().filter(|i| i.amount != 0) {
            self.post(invoice, &mut dice, &mut journals, &mut truth);
        }
        for n in 0..7 {
            let amount = 1_000 + i64::try_from(dice.below(90_000)).unwrap();
            let amount = if n % 3 == 0 { -amount } else { amount };
            let reference = format!("MAN-{n:03}");
            let date = format!("{}-15", self.months.0);
            let entity = "GB01".to_owned();
            journals.push(Journal { entity, date, reference: reference.clone(), amount, credit: "4000" });
            truth.insert((reference, "orphan_journal".to_owned()), amount);
        }
        shuffle(&mut journals, &mut dice);
        let ledger = journals.iter().map(|j| j.amount).sum();
        Made { billing: kept, gl: gl(&journals, &mut dice), truth, ledger }
    }

    /// The lines of the wanted months, and the adjustments.
    fn billing(&self, billing: &str, dice: &mut Dice) -> String {
        let mut rows = csv::Reader::from_reader(billing.as_bytes());
        let mut kept = csv::Writer::from_writer(Vec::new());
        kept.write_record(rows.headers().unwrap()).unwrap();
        let mut months = std::collections::BTreeSet::new();
        for row in rows.records().map(Result::unwrap) {
            let month = row[4][..7].to_owned();
            if (self.months.0..=self.months.1).contains(&month.as_str()) {
                kept.write_record(&row).unwrap();
                months.insert(month);
            }
        }
        for (at, month) in months.iter().enumerate() {
            for n in 0..self.adjustments {
                let number = format!("A{:06}", 600_000 + at * 100 + n as usize);
                let price = format!("-{}.{:02}", 100 + dice.below(9_000), dice.below(100));
                let date = format!("{month}-12 14:50:00");
                let (what, country) = ("Adjust bad debt", "United Kingdom");
                let row = [number.as_str(), "B", what, "1", &date, &price, "", country];
                kept.write_record(row).unwrap();
            }
        }
        String::from_utf8(kept.into_inner().unwrap()).unwrap()
    }

    /// Posts one invoice rightly, or wrongly with a label.
    fn post(&self, invoice: &Invoice, dice: &mut Dice, journals: &mut Vec<Journal>, truth: &mut Truth) {
        let mut journal = Journal {
            entity: invoice.entity.to_owned(),
            date: invoice.date.clone(),
            reference: invoice.number.clone(),
            amount: invoice.amount,
            credit: "4000",
        };
        let again = |journals: &mut Vec<Journal>| {
            let Journal { entity, date, reference, amount, credit } = &journal;
            let (entity, date, reference) = (entity.clone(), date.clone(), reference.clone());
            journals.push(Journal { entity, date, reference, amount: *amount, credit });
        };
        if dice.below(10_000) >= self.rate {
            return again(journals);
        }
        let kind = match dice.below(7) {
            0 => {
                truth.insert((invoice.number.clone(), "unposted".to_owned()), invoice.amount);
                return;
            }
            1 => {
                for _ in 0..dice.below(2) + 2 {
                    again(journals);
                }
                truth.insert((invoice.number.clone(), "duplicate_posting".to_owned()), invoice.amount);
                return;
            }
            2 => {
                // A penny, or a good part of it; never its mirror, never a multiple of it.
                journal.amount += if dice.below(3) == 0 { 1 } else { 1 + invoice.amount.abs() / 3 };
                "amount_mismatch"
            }
            3 => {
                journal.date = other_month(&journal.date);
                "wrong_period"
            }
            4 => {
                journal.entity = if journal.entity == "GB01" { "EU01" } else { "GB01" }.to_owned();
                "wrong_entity"
            }
            5 => {
                journal.credit = "4900";
                "wrong_account"
            }
            _ => {
                journal.amount = -journal.amount;
                "sign_reversed"
            }
        };
        truth.insert((invoice.number.clone(), kind.to_owned()), invoice.amount);
        journals.push(journal);
    }
}

/// Each invoice's amount is the sum of quantity × price over its lines, rounded once, half to even.
fn invoices(billing: &str) -> Vec<Invoice> {
    let mut rows = csv::Reader::from_reader(billing.as_bytes());
    let mut order = Vec::new();
    let mut sums: BTreeMap<String, (Decimal, String, &'static str)> = BTreeMap::new();
    for row in rows.records().map(Result::unwrap) {
        let line = row[3].parse::<Decimal>().unwrap() * row[5].parse::<Decimal>().unwrap();
        let sum = sums.entry(row[0].to_owned()).or_insert_with(|| {
            order.push(row[0].to_owned());
            (Decimal::ZERO, row[4][..10].to_owned(), entity(&row[7]))
        });
        sum.0 += line;
    }
    let invoice = |number: String| {
        let (sum, date, entity) = sums[&number].clone();
        let rounded = sum.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven);
        let pennies = rounded * Decimal::ONE_HUNDRED;
        Invoice { number, date, entity, amount: pennies.to_i64().unwrap() }
    };
    order.into_iter().map(invoice).collect()
}

/// The same day of the month before or after, as far as there is one in the case.
fn other_month(date: &str) -> String {
    let month: u32 = date[5..7].parse().unwrap();
    let other = if (2..=6).contains(&month) { month + 1 } else { 6 };
    let day: u32 = date[8..10].parse().unwrap();
    format!("2011-{other:02}-{:02}", day.min(28))
}

fn shuffle(journals: &mut [Journal], dice: &mut Dice) {
    for at in (1..journals.len()).rev() {
        journals.swap(at, usize::try_from(dice.below(at as u64 + 1)).unwrap());
    }
}

/// Pennies as pounds.
fn pounds(minor: i64) -> String {
    format!("{}.{:02}", minor / 100, minor % 100)
}

fn gl(journals: &[Journal], dice: &mut Dice) -> String {
    let mut lines = Vec::new();
    for (n, journal) in journals.iter().enumerate() {
        let Journal { entity, date, reference, amount, credit } = journal;
        let period = &date[..7];
        for (account, debit) in [("1100", *amount), (*credit, -*amount)] {
            let side = |on: bool| if on { pounds(debit.abs()) } else { String::new() };
            let (dr, cr) = (side(debit > 0), side(debit < 0));
            let mut line = String::new();
            write!(
                line,
                "JX{n:06},{reference},{entity},{date},{period},{account},,{dr},{cr},GBP,{reference},Posted"
            )
            .unwrap();
            lines.push(line);
        }
    }
    // The two lines of a journal are torn apart: nothing says that they come together.
    for at in (1..lines.len()).rev() {
        lines.swap(at, usize::try_from(dice.below(at as u64 + 1)).unwrap());
    }
    let header = "Journal No,External Ref,Entity,Posting Date,Period,Account,Account Name,Debit,Credit,\
                  Currency,Memo,Status";
    format!("{header}\n{}\n", lines.join("\n"))
}
