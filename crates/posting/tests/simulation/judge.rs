//! The judge's own book, which the engine has never seen: which entry was booked for which document, and
//! what undid what, whatever keys and links say. A fault is noted the moment it happens.

use std::collections::{BTreeMap, BTreeSet};

use tieout_domain::calendar::PeriodKey;

/// One booking of ours as the judge saw it happen.
#[derive(Clone, Debug)]
pub struct Booking {
    pub erp_id: String,
    pub order: u32,
    pub period: PeriodKey,
}

#[derive(Default)]
pub struct Book {
    /// What was booked under which key, in the order in which it happened.
    pub by_key: BTreeMap<String, Vec<Booking>>,
    /// For which document each entry is, drafts too.
    document: BTreeMap<String, String>,
    /// Entry to the entry that it undoes.
    undoes: BTreeMap<String, String>,
    booked: BTreeSet<String>,
    bookings: u32,
    pub faults: Vec<String>,
}

impl Book {
    pub fn foreign(&mut self, id: &str, document: &str) {
        self.document.insert(id.to_owned(), document.to_owned());
        self.booked.insert(id.to_owned());
    }

    pub fn undone_by_hand(&mut self, id: &str, target: &str) {
        let document = self.document.get(target).cloned().unwrap_or_default();
        self.foreign(id, &document);
        self.undoes.insert(id.to_owned(), target.to_owned());
    }

    pub fn deleted(&mut self, id: &str) {
        self.booked.remove(id);
    }

    /// A request of ours made this entry, as a draft or at once.
    pub fn written(&mut self, id: &str, document: &str, reverses: Option<&str>) {
        self.document.insert(id.to_owned(), document.to_owned());
        let Some(target) = reverses else { return };
        self.undoes.insert(id.to_owned(), target.to_owned());
        let theirs = self.document.get(target).map_or("", String::as_str);
        if theirs != document {
            self.faults.push(format!("{document}: undoes entry {target}, which is of {theirs}"));
        }
    }

    /// An entry of ours is in the books from now on.
    pub fn booked(&mut self, id: &str, key: &str, period: &PeriodKey) {
        self.bookings += 1;
        let booking = Booking { erp_id: id.to_owned(), order: self.bookings, period: period.clone() };
        self.by_key.entry(key.to_owned()).or_default().push(booking);
        self.booked.insert(id.to_owned());
        let document = self.document.get(id).cloned().unwrap_or_default();
        if let Some(target) = self.undoes.get(id).cloned() {
            let by: Vec<&str> = self.standing_reversals(&target).collect();
            if by.len() > 1 {
                self.faults.push(format!("{document}: entry {target} is reversed twice, by {by:?}"));
            }
        }
        let standing = self.standing(&document);
        let adds = self.depth(id).is_multiple_of(2);
        if adds && standing.len() > 1 {
            self.faults.push(format!("{document}: booked twice, as {standing:?}"));
        }
    }

    /// The entries of the document that raise it and count: not undone, or undone and taken back.
    pub fn standing(&self, document: &str) -> Vec<&str> {
        let of_it = self.booked.iter().filter(|id| self.document.get(*id).is_some_and(|d| d == document));
        let raised = of_it.filter(|id| !self.undoes.contains_key(*id) && !self.is_undone(id));
        raised.map(String::as_str).collect()
    }

    fn standing_reversals<'a>(&'a self, target: &'a str) -> impl Iterator<Item = &'a str> {
        let undoes = self.undoes.iter().filter(move |(_, undone)| *undone == target);
        undoes.map(|(id, _)| id.as_str()).filter(|id| self.booked.contains(*id) && !self.is_undone(id))
    }

    fn is_undone(&self, id: &str) -> bool {
        self.standing_reversals(id).next().is_some()
    }

    /// How many reversals lie behind an entry: an even number adds to what stands.
    fn depth(&self, id: &str) -> usize {
        let mut at = id;
        let mut depth = 0;
        while let Some(target) = self.undoes.get(at).filter(|_| depth < 50) {
            at = target;
            depth += 1;
        }
        depth
    }
}
