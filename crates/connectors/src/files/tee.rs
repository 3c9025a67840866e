//! A text as its rows are read of it: what stands between two places of it is at hand until it is let go.

use std::io::Read;

/// A text as it is read, with what was read since the last cut.
pub struct Tee<'c> {
    inner: Inner<'c>,
    start: u64,
}

enum Inner<'c> {
    /// All of it, and how much of it was read.
    Memory(&'c [u8], usize),
    /// What is still to come, and what is held of what was read.
    Stream(Box<dyn Read + 'c>, Held),
}

/// What is held of a stream.
struct Held {
    bytes: Vec<u8>,
    /// Where in the text they begin.
    from: u64,
    /// How much of the text is held before anything of it is let go, so that it may be read from here again.
    most: u64,
}

impl Held {
    /// Lets go of what stands before `at`, unless it is still to be held.
    fn let_go(&mut self, at: u64) {
        if at > self.most {
            let n = usize::try_from(at.saturating_sub(self.from)).unwrap_or(usize::MAX);
            self.bytes.drain(..n.min(self.bytes.len()));
            (self.from, self.most) = (at, 0);
        }
    }
}

impl Read for Tee<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        match &mut self.inner {
            Inner::Memory(text, at) => {
                let n = text.get(*at..).unwrap_or_default().read(buf)?;
                *at += n;
                Ok(n)
            }
            Inner::Stream(stream, held) => {
                let n = stream.read(buf)?;
                held.bytes.extend_from_slice(&buf[..n]);
                Ok(n)
            }
        }
    }
}

impl<'c> Tee<'c> {
    /// A text that is in memory.
    #[must_use]
    pub fn of(text: &'c [u8]) -> Self {
        Self { inner: Inner::Memory(text, 0), start: 0 }
    }

    /// A text as it comes, of which so much is held from its start on.
    #[must_use]
    pub fn holding(stream: Box<dyn Read + 'c>, most: u64) -> Self {
        Self { inner: Inner::Stream(stream, Held { bytes: Vec::new(), from: 0, most }), start: 0 }
    }

    /// The bytes between two places in the text, of what was read and not let go.
    #[must_use]
    pub fn slice(&self, from: u64, to: u64) -> &[u8] {
        let (bytes, first) = match &self.inner {
            Inner::Memory(text, _) => (*text, 0),
            Inner::Stream(_, held) => (held.bytes.as_slice(), held.from),
        };
        let at = |offset: u64| usize::try_from(offset.saturating_sub(first)).unwrap_or(usize::MAX);
        bytes.get(at(from)..at(to)).unwrap_or_default()
    }

    /// Takes what was read up to `at`, behind `head`.
    pub fn cut(&mut self, head: &[u8], at: u64) -> Vec<u8> {
        let bytes = [head, self.slice(self.start, at)].concat();
        self.let_go(at);
        bytes
    }

    /// What stands before `at` is asked for no more.
    pub fn let_go(&mut self, at: u64) {
        self.start = at;
        if let Inner::Stream(_, held) = &mut self.inner {
            held.let_go(at);
        }
    }

    /// Where the last cut was.
    #[must_use]
    pub fn cut_at(&self) -> u64 {
        self.start
    }

    /// The whole text, read to its end, where all of it was held.
    #[must_use]
    pub fn whole(self) -> Option<Vec<u8>> {
        match self.inner {
            Inner::Stream(_, held) if held.most > 0 => Some(held.bytes),
            Inner::Stream(..) | Inner::Memory(..) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tee: &mut Tee<'_>, length: usize) {
        tee.read_exact(&mut vec![0; length]).unwrap();
    }

    #[test]
    fn the_same_is_cut_of_a_text_wherever_it_is() {
        let text: Vec<u8> = (0..=255).collect();
        for mut tee in
            [Tee::of(&text), Tee::holding(Box::new(&text[..]), 0), Tee::holding(Box::new(&text[..]), 99)]
        {
            read(&mut tee, 100);
            assert_eq!(tee.cut(b"", 10), text[..10]);
            assert_eq!((tee.slice(10, 90), tee.cut_at()), (&text[10..90], 10));
            read(&mut tee, 100);
            assert_eq!(tee.cut(b"head", 150), [&b"head"[..], &text[10..150]].concat());
            read(&mut tee, 56);
            assert_eq!(tee.slice(150, 256), &text[150..]);
            assert_eq!(tee.slice(150, 257), b"", "never more than there is");
        }
    }

    #[test]
    fn a_text_is_whole_only_where_nothing_of_it_was_let_go() {
        let text = [7_u8; 100];
        let whole = |most: u64, at: u64| {
            let mut tee = Tee::holding(Box::new(&text[..]), most);
            read(&mut tee, 100);
            tee.let_go(at);
            tee.whole()
        };
        assert_eq!(whole(100, 100), Some(text.to_vec()));
        assert_eq!((whole(99, 100), whole(0, 50), Tee::of(&text).whole()), (None, None, None));
    }
}
