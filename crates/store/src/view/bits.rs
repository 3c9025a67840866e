//! A set of rows by their internal keys, one bit each.

/// The set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bits {
    words: Vec<u64>,
    held: u64,
    /// True for the set of all rows, which has no bits of its own.
    all: bool,
}

impl Bits {
    /// The set of every row, to sweep a whole view; it is not to be changed.
    pub fn everything() -> Self {
        Self { words: Vec::new(), held: u64::MAX, all: true }
    }

    pub fn insert(&mut self, seq: i64) {
        let Ok(at) = usize::try_from(seq) else { return };
        if at / 64 >= self.words.len() {
            self.words.resize(at / 64 + 1, 0);
        }
        let bit = 1_u64 << (at % 64);
        if self.words[at / 64] & bit == 0 {
            self.words[at / 64] |= bit;
            self.held += 1;
        }
    }

    pub fn holds(&self, seq: i64) -> bool {
        let word = |at: usize| self.words.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0);
        self.all || usize::try_from(seq).is_ok_and(word)
    }

    pub fn held(&self) -> u64 {
        self.held
    }

    /// Keeps what the other has too.
    pub fn keep(&mut self, other: &Bits) {
        for (at, word) in self.words.iter_mut().enumerate() {
            *word &= other.words.get(at).copied().unwrap_or(0);
        }
        self.held = self.words.iter().map(|word| u64::from(word.count_ones())).sum();
    }

    /// The keys, ascending.
    pub fn iter(&self) -> impl Iterator<Item = i64> + '_ {
        let of = |(at, word): (usize, &u64)| {
            let word = *word;
            (0..64).filter(move |bit| word & (1 << bit) != 0).map(move |bit| (at * 64 + bit) as i64)
        };
        self.words.iter().enumerate().flat_map(of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_once() {
        let mut bits = Bits::default();
        for seq in [1, 63, 64, 1_000, 64] {
            bits.insert(seq);
        }
        assert_eq!((bits.held(), bits.iter().collect::<Vec<_>>()), (4, vec![1, 63, 64, 1_000]));
        let mut other = Bits::default();
        other.insert(64);
        other.insert(5_000);
        bits.keep(&other);
        assert_eq!((bits.held(), bits.holds(64), bits.holds(1), bits.holds(-1)), (1, true, false, false));
    }
}
