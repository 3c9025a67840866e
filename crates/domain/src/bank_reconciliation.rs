//! A bank's account beside the ledger's: which lines the ledger books, and what is left on either side.
//!
//! Payouts are compared as they were matched ([`crate::payout`]), all lines and entries of one together. Of
//! the rest a line and an entry belong together where the line bears a name of the entry, or where their
//! amounts are equal and their days near; of several equal ones the nearest, since the sum is the same.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::bank::Searched;

/// So many days may lie between the bank's booking and the ledger's.
pub const NEAR: i64 = 7;

/// A line of the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its key.
    pub key: i64,
    /// When the bank booked it.
    pub booked_on: NaiveDate,
    /// Minor units.
    pub minor: i64,
    /// What names are looked for in.
    pub searched: Searched,
}

/// An entry of the ledger on the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its date of posting.
    pub posted_on: NaiveDate,
    /// What it puts on the account, minor units.
    pub minor: i64,
    /// What names it, as [`crate::bank::comparable`] has it.
    pub names: Vec<String>,
    /// The payout that it books.
    pub payout: Option<String>,
}

/// What lines and entries of a payout differ by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differs {
    /// The payouts, by their references.
    pub payouts: Vec<String>,
    /// What the bank shows beyond what the ledger books, minor units.
    pub minor: i64,
}

/// What is left on either side, by places in what was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// Lines that nothing in the ledger books.
    pub lines: Vec<usize>,
    /// Entries of payouts that no line shows.
    pub in_transit: Vec<usize>,
    /// Other entries that no line shows.
    pub entries: Vec<usize>,
    /// Payouts of which both sides are there, with another amount.
    pub differs: Vec<Differs>,
}

/// Lays the lines of the bank beside the entries of the ledger. `payouts`: the lines of each payout, by keys.
#[must_use]
pub fn reconcile(lines: &[Line], entries: &[Entry], payouts: &[(String, Vec<i64>)]) -> Left {
    let mut left = Left::default();
    let (mut own_lines, mut own_entries) = (BTreeSet::new(), BTreeSet::new());
    let places: BTreeMap<i64, usize> = lines.iter().enumerate().map(|(at, line)| (line.key, at)).collect();
    for names in together(payouts) {
        let is_own = |entry: &Entry| entry.payout.as_ref().is_some_and(|name| names.contains(name.as_str()));
        let booked: Vec<usize> =
            entries.iter().enumerate().filter(|(_, entry)| is_own(entry)).map(|(at, _)| at).collect();
        let keys =
            payouts.iter().filter(|(name, _)| names.contains(name.as_str())).flat_map(|(_, keys)| keys);
        let shown: BTreeSet<usize> = keys.filter_map(|key| places.get(key).copied()).collect();
        // Of what one side alone has, the rest decides.
        if booked.is_empty() || shown.is_empty() {
            continue;
        }
        let bank = shown.iter().fold(0_i64, |sum, at| sum.saturating_add(lines[*at].minor));
        let ledger = booked.iter().fold(0_i64, |sum, at| sum.saturating_add(entries[*at].minor));
        if bank != ledger {
            let payouts = names.iter().map(|name| (*name).to_owned()).collect();
            left.differs.push(Differs { payouts, minor: bank.saturating_sub(ledger) });
        }
        own_lines.extend(shown);
        own_entries.extend(booked);
    }
    let free = |at: &usize, own: &BTreeSet<usize>| !own.contains(at);
    let named = |line: &Line, entry: &Entry| entry.names.iter().any(|name| line.searched.names(name));
    for by_name in [true, false] {
        for (at, line) in lines.iter().enumerate() {
            if !free(&at, &own_lines) {
                continue;
            }
            let days = |entry: &Entry| (entry.posted_on - line.booked_on).num_days().abs();
            let fits = |(other, entry): &(usize, &Entry)| {
                let same = entry.minor == line.minor && days(entry) <= NEAR;
                free(other, &own_entries) && same && (!by_name || named(line, entry))
            };
            let nearest = entries.iter().enumerate().filter(fits);
            if let Some((other, _)) = nearest.min_by_key(|(other, entry)| (days(entry), *other)) {
                own_lines.insert(at);
                own_entries.insert(other);
            }
        }
    }
    left.lines = (0..lines.len()).filter(|at| free(at, &own_lines)).collect();
    let open = (0..entries.len()).filter(|at| free(at, &own_entries));
    (left.in_transit, left.entries) = open.partition(|at| entries[*at].payout.is_some());
    left
}

/// The payouts that are compared together: those that share a line.
fn together(payouts: &[(String, Vec<i64>)]) -> Vec<BTreeSet<&str>> {
    let mut groups: Vec<(BTreeSet<&str>, BTreeSet<i64>)> = Vec::new();
    for (name, keys) in payouts {
        let keys: BTreeSet<i64> = keys.iter().copied().collect();
        let (sharing, mut rest): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|(_, known)| !known.is_disjoint(&keys));
        let mut one = (BTreeSet::from([name.as_str()]), keys);
        for (names, known) in sharing {
            one.0.extend(names);
            one.1.extend(known);
        }
        rest.push(one);
        groups = rest;
    }
    groups.into_iter().map(|(names, _)| names).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bank::{BankLine, comparable};

    fn day(of: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, of).unwrap()
    }

    fn line(key: i64, booked: u32, minor: i64, text: &str) -> Line {
        let of = BankLine { text: text.to_owned(), ..BankLine::default() };
        Line { key, booked_on: day(booked), minor, searched: Searched::of(&of) }
    }

    fn entry(posted: u32, minor: i64, name: &str, payout: Option<&str>) -> Entry {
        let payout = payout.map(str::to_owned);
        Entry { posted_on: day(posted), minor, names: vec![comparable(name)], payout }
    }

    /// `lines; in transit; entries; differences`.
    #[track_caller]
    fn check(lines: &[Line], entries: &[Entry], payouts: &[(&str, &[i64])], want: &str) {
        let payouts: Vec<(String, Vec<i64>)> =
            payouts.iter().map(|(name, keys)| ((*name).to_owned(), keys.to_vec())).collect();
        let left = reconcile(lines, entries, &payouts);
        let differs: Vec<String> =
            left.differs.iter().map(|one| format!("{} {}", one.payouts.join("+"), one.minor)).collect();
        let told =
            format!("{:?} {:?} {:?} {}", left.lines, left.in_transit, left.entries, differs.join(", "));
        assert_eq!(told.trim(), want);
    }

    #[test]
    fn payouts_are_compared_as_they_were_matched() {
        let lines = [line(1, 4, 500, ""), line(2, 9, 690, "")];
        let entries = [entry(2, 500, "JE1", Some("po_1")), entry(8, 700, "JE2", Some("po_2"))];
        let payouts: &[(&str, &[i64])] = &[("po_1", &[1]), ("po_2", &[2])];
        check(&lines, &entries, payouts, "[] [] [] po_2 -10");
        check(&lines[..1], &entries, payouts, "[] [1] []");
        check(&lines, &entries[..1], payouts, "[1] [] []");
    }

    #[test]
    fn a_line_that_pays_out_several_is_compared_with_all_of_their_entries() {
        let lines = [line(1, 4, 1_200, "")];
        let entries = [entry(2, 500, "JE1", Some("po_1")), entry(3, 700, "JE2", Some("po_2"))];
        check(&lines, &entries, &[("po_1", &[1]), ("po_2", &[1])], "[] [] []");
        check(&lines, &entries[..1], &[("po_1", &[1]), ("po_2", &[1])], "[] [] [] po_1+po_2 700");
    }

    #[test]
    fn what_the_ledger_books_otherwise_is_found_by_name_amount_and_day() {
        let lines = [line(1, 4, -150, "fee"), line(2, 4, -150, "INVOICE-88 fee"), line(3, 5, 900, "wire")];
        let entries = [entry(4, -150, "INVOICE-88", None), entry(1, -150, "JE-FEES", None)];
        check(&lines, &entries, &[], "[2] [] []");
        check(&lines, &[entry(20, -150, "JE9", None)], &[], "[0, 1, 2] [] [0]");
    }
}
