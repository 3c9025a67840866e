//! A stream that is read on a thread of its own, ahead of who reads it here: a gzip is unpacked while its
//! rows are looked at.

use std::{
    io::{Error, Read},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

/// Bytes that are handed over at once.
const BLOCK: usize = 256 << 10;

/// Blocks that may wait: enough that neither side waits for long.
const BLOCKS_AHEAD: usize = 4;

/// The stream as it comes.
pub struct Ahead {
    blocks: Receiver<Result<Vec<u8>, Error>>,
    block: Vec<u8>,
    at: usize,
    ended: bool,
}

impl Ahead {
    /// Begins to read `stream`. Whoever drops this ends it.
    ///
    /// # Errors
    /// The system's, where it has no thread.
    pub fn of(stream: impl Read + Send + 'static) -> Result<Self, Error> {
        let (send, blocks) = sync_channel(BLOCKS_AHEAD);
        thread::Builder::new().name("unpacking".to_owned()).spawn(move || hand_over(stream, &send))?;
        Ok(Self { blocks, block: Vec::new(), at: 0, ended: false })
    }
}

/// Hands blocks over until the stream ends, which an empty one says.
fn hand_over(mut stream: impl Read, send: &SyncSender<Result<Vec<u8>, Error>>) {
    loop {
        let mut block = Vec::with_capacity(BLOCK);
        let read = stream.by_ref().take(BLOCK as u64).read_to_end(&mut block);
        let ended = !matches!(read, Ok(1..));
        // What was read before an error comes before it.
        let broken = read.err();
        let held = if broken.is_some() && block.is_empty() { None } else { Some(Ok(block)) };
        let mut all = held.into_iter().chain(broken.map(Err));
        if !all.all(|one| send.send(one).is_ok()) || ended {
            return;
        }
    }
}

impl Read for Ahead {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.block.len() && !self.ended {
            // A thread that is gone without having said so has not come to the end.
            let gone = |_| Err(Error::other("its text could not be unpacked to the end"));
            self.block = self.blocks.recv().unwrap_or_else(gone)?;
            (self.at, self.ended) = (0, self.block.is_empty());
        }
        let n = self.block.get(self.at..).unwrap_or_default().read(buf)?;
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes, then an error.
    struct Breaks(Vec<u8>);

    impl Read for Breaks {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            match self.0.is_empty() {
                true => Err(Error::from(std::io::ErrorKind::UnexpectedEof)),
                false => {
                    let n = self.0.as_slice().read(buf)?;
                    self.0.drain(..n);
                    Ok(n)
                }
            }
        }
    }

    fn text() -> Vec<u8> {
        (0..BLOCK * 3 + 17).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    #[test]
    fn a_stream_comes_whole_whatever_its_length() {
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, text().len()] {
            let (bytes, mut read) = (text()[..length].to_vec(), Vec::new());
            let mut ahead = Ahead::of(std::io::Cursor::new(bytes.clone())).unwrap();
            ahead.read_to_end(&mut read).unwrap();
            assert!(read == bytes, "{length}");
            assert_eq!(ahead.read(&mut [0; 8]).unwrap(), 0);
        }
    }

    #[test]
    fn what_breaks_off_is_an_error_after_what_came_before_it() {
        let (mut ahead, mut read) = (Ahead::of(Breaks(text())).unwrap(), Vec::new());
        let broken = ahead.read_to_end(&mut read).unwrap_err();
        assert_eq!((broken.kind(), read == text()), (std::io::ErrorKind::UnexpectedEof, true));
        assert!(ahead.read(&mut [0; 8]).is_err(), "what broke off is never at its end");
    }

    #[test]
    fn who_stops_reading_ends_the_thread() {
        struct Endless {
            _alive: SyncSender<()>,
        }
        impl Read for Endless {
            fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
                buf.fill(7);
                Ok(buf.len())
            }
        }
        let (alive, ended) = sync_channel(1);
        let mut ahead = Ahead::of(Endless { _alive: alive }).unwrap();
        ahead.read_exact(&mut [0; 100]).unwrap();
        drop(ahead);
        assert!(ended.recv().is_err(), "its sender is dropped with it");
    }
}
