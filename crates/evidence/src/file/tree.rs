//! A tree of hashes over the entries of a log (RFC 6962): by its root and a short path, an entry is proved to
//! stand at its place without the others being shown.

use sha2::{Digest as _, Sha256};

type Hash = [u8; 32];

fn leaf(hash: &Hash) -> Hash {
    Sha256::new().chain_update([0]).chain_update(hash).finalize().into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The largest power of two below a count of two or more.
fn split(count: usize) -> usize {
    let half = count.next_power_of_two() / 2;
    half.max(1)
}

/// The root over the hashes of all entries; that of nothing for none.
#[must_use]
pub fn root(hashes: &[Hash]) -> Hash {
    match hashes {
        [] => Sha256::digest([]).into(),
        [one] => leaf(one),
        more => {
            let (left, right) = more.split_at(split(more.len()));
            node(&root(left), &root(right))
        }
    }
}

/// The tree over a log, kept so that many paths cost little.
pub struct Tree {
    /// The leaves, then each level above, until there is one.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// Over the hashes of all entries, in order. A level's last one that has no neighbour goes up as it is.
    #[must_use]
    pub fn over(hashes: &[Hash]) -> Self {
        let mut levels = vec![hashes.iter().map(leaf).collect::<Vec<_>>()];
        while let Some(last) = levels.last().filter(|last| last.len() > 1) {
            let up = last.chunks(2).map(|pair| match pair {
                [left, right] => node(left, right),
                other => other[0],
            });
            let up = up.collect();
            levels.push(up);
        }
        Self { levels }
    }

    /// The root.
    #[must_use]
    pub fn root(&self) -> Hash {
        self.levels.last().and_then(|top| top.first()).copied().unwrap_or_else(|| root(&[]))
    }

    /// What proves the entry at this place (from 0), from below.
    #[must_use]
    pub fn path(&self, mut at: usize) -> Vec<Hash> {
        let mut path = Vec::new();
        for level in self.levels.iter().filter(|level| level.len() > 1) {
            path.extend(level.get(at ^ 1));
            at /= 2;
        }
        path
    }
}

/// Whether an entry's hash stands at this place (from 0) of so many, under this root.
#[must_use]
pub fn is_at(hash: &Hash, (mut at, mut count): (usize, usize), path: &[Hash], root: &Hash) -> bool {
    if at >= count {
        return false;
    }
    let mut here = leaf(hash);
    let mut path = path.iter();
    while count > 1 {
        if at ^ 1 < count {
            let Some(other) = path.next() else { return false };
            here = if at % 2 == 0 { node(&here, other) } else { node(other, &here) };
        }
        at /= 2;
        count = count.div_ceil(2);
    }
    path.next().is_none() && here == *root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_proved_at_its_own_place_and_at_no_other() {
        for count in 0..20_u8 {
            let hashes: Vec<Hash> = (0..count).map(|n| [n; 32]).collect();
            let tree = Tree::over(&hashes);
            assert_eq!(tree.root(), root(&hashes), "{count}");
            let count = usize::from(count);
            for at in 0..count {
                let path = tree.path(at);
                assert!(is_at(&hashes[at], (at, count), &path, &tree.root()), "{at} of {count}");
                for other in (0..count).filter(|other| *other != at) {
                    assert!(!is_at(&hashes[at], (other, count), &path, &tree.root()), "{at} of {count}");
                    assert!(!is_at(&hashes[other], (at, count), &path, &tree.root()), "{at} of {count}");
                }
                assert!(!is_at(&hashes[at], (at, count), &path, &[0xff; 32]));
            }
        }
    }

    #[test]
    fn the_root_is_that_of_rfc_6962() {
        // The first leaf of its own test vectors is the empty text; ours are hashes, so the shape alone is
        // held against the definition, worked out by hand for three.
        let [a, b, c] = [[1; 32], [2; 32], [3; 32]];
        assert_eq!(root(&[a, b, c]), node(&node(&leaf(&a), &leaf(&b)), &leaf(&c)));
    }
}
