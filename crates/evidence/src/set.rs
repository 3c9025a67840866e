//! The hash of a set of rows: one row more or less changes it without the others being read.
//!
//! Each row is hashed into 4096 bits (BLAKE3's extended output), taken as 64 whole numbers of 64 bits, and
//! the hash of a set is the sum of those of its rows, number by number. Nobody can find another set of the
//! same sum: a row that belongs in a table is there once, and to make the sums of chosen rows meet in 4096
//! bits is out of reach (Wagner's attack on a million rows takes some 2^215 steps, and one on as many rows
//! as a disk can hold still more than 2^128). The sum itself is no secret, and needs none.

use tieout_domain::hash::ContentHasher;

use crate::fields::Fields;

/// Whole numbers in a sum.
const WIDTH: usize = 64;

/// Bytes of a set as it is kept.
const BYTES: usize = WIDTH * 8;

/// A set of rows, or what changes in one: then the count may be negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowSet {
    rows: i64,
    sums: Box<[u64; WIDTH]>,
}

impl Default for RowSet {
    fn default() -> Self {
        Self { rows: 0, sums: Box::new([0; WIDTH]) }
    }
}

/// The numbers that stand for a row.
fn spread(row: &Fields) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    let mut hasher = blake3::Hasher::new();
    hasher.update(row.bytes());
    hasher.finalize_xof().fill(&mut bytes);
    bytes
}

fn numbers(bytes: &[u8; BYTES]) -> impl Iterator<Item = u64> {
    let (chunks, _) = bytes.as_chunks::<8>();
    chunks.iter().map(|chunk| u64::from_le_bytes(*chunk))
}

impl RowSet {
    /// One row more.
    pub fn add(&mut self, row: &Fields) {
        self.rows += 1;
        for (sum, number) in self.sums.iter_mut().zip(numbers(&spread(row))) {
            *sum = sum.wrapping_add(number);
        }
    }

    /// One row less.
    pub fn take(&mut self, row: &Fields) {
        self.rows -= 1;
        for (sum, number) in self.sums.iter_mut().zip(numbers(&spread(row))) {
            *sum = sum.wrapping_sub(number);
        }
    }

    /// All that changes in another one.
    pub fn merge(&mut self, change: &RowSet) {
        self.rows += change.rows;
        for (sum, number) in self.sums.iter_mut().zip(change.sums.iter()) {
            *sum = sum.wrapping_add(*number);
        }
    }

    /// True where nothing changes.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// How many rows.
    #[must_use]
    pub fn rows(&self) -> i64 {
        self.rows
    }

    /// The sums as they are kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.sums.iter().flat_map(|sum| sum.to_le_bytes()).collect()
    }

    /// The set of these sums; `None` where they are not as many as they should be.
    #[must_use]
    pub fn from_bytes(rows: i64, bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; BYTES] = bytes.try_into().ok()?;
        let mut set = Self { rows, ..Self::default() };
        set.sums.iter_mut().zip(numbers(bytes)).for_each(|(sum, number)| *sum = number);
        Some(set)
    }

    /// The hash of the set, for the table of this name.
    #[must_use]
    pub fn hash(&self, table: &str) -> [u8; 32] {
        let mut hasher = ContentHasher::new("tieout-set/1");
        hasher.text(table).number(self.rows).bytes(&self.to_bytes());
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::Value;

    fn row(number: i64) -> Fields {
        let mut row = Fields::default();
        row.begin("t");
        row.value(0, Value::Integer(number));
        row
    }

    fn set(rows: &[i64]) -> RowSet {
        let mut set = RowSet::default();
        rows.iter().for_each(|number| set.add(&row(*number)));
        set
    }

    #[test]
    fn a_set_is_its_rows_in_whatever_order_they_came_and_went() {
        assert_eq!(set(&[1, 2, 3]), set(&[3, 1, 2]));
        let mut other = set(&[3, 9, 1]);
        other.take(&row(9));
        other.add(&row(2));
        assert_eq!((other.clone(), other.rows()), (set(&[1, 2, 3]), 3));
        let mut apart = set(&[1]);
        apart.merge(&set(&[2, 3]));
        assert_eq!(apart, other);
        other.take(&row(1));
        other.take(&row(2));
        other.take(&row(3));
        assert!(other.is_nothing());
    }

    #[test]
    fn other_rows_are_another_set() {
        let sets = [set(&[]), set(&[1]), set(&[2]), set(&[1, 1]), set(&[1, 2]), set(&[1, 2, 3])];
        let mut hashes: Vec<[u8; 32]> = sets.iter().map(|set| set.hash("t")).collect();
        hashes.push(sets[1].hash("u"));
        for (at, one) in hashes.iter().enumerate() {
            assert!(!hashes[..at].contains(one), "{at}");
        }
    }

    #[test]
    fn what_was_taken_before_it_came_is_a_change_like_another() {
        let mut change = RowSet::default();
        change.take(&row(4));
        change.add(&row(5));
        let mut whole = set(&[4, 6]);
        whole.merge(&change);
        assert_eq!(whole, set(&[5, 6]));
    }

    #[test]
    fn a_set_is_kept_as_bytes_and_read_back() {
        let kept = set(&[1, 2]);
        assert_eq!(RowSet::from_bytes(2, &kept.to_bytes()), Some(kept.clone()));
        assert_eq!(RowSet::from_bytes(2, &kept.to_bytes()[1..]), None);
    }

    #[test]
    fn a_set_hashes_to_what_it_always_did() {
        // Worked out by another program (in Python) from the encoding as it
        // is described.
        assert_eq!(
            hex::encode(set(&[1, 2]).hash("t")),
            "1a29997ce7611012dbb94a441089bb91256a39048af39dd999234d4cbaf1c0d2"
        );
    }
}
