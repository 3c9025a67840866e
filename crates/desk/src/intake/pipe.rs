//! A file is read on one thread while what can be worked out of its pages without the store is made on
//! another, and the pages are stored on a third: each takes about a third of an import.

use std::{
    sync::mpsc::{Receiver, sync_channel},
    thread,
};

/// Pages that may wait between two of them: enough that neither waits for long, few enough that a large file
/// is never in memory.
const PAGES_AHEAD: usize = 4;

/// The other side has stopped, and says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hung;

/// Runs `read` on a thread of its own, which hands pages over, `make` on another, and `take` here, page by
/// page in their order. Answers what `read` answers.
///
/// # Errors
/// The first error of `take`, else that of `read`.
pub(crate) fn piped<P: Send, Q: Send, A: Send, E: Send>(
    read: impl FnOnce(&mut dyn FnMut(P) -> Result<(), Hung>) -> Result<A, E> + Send,
    make: impl Fn(P) -> Q + Send,
    mut take: impl FnMut(Q) -> Result<(), E>,
) -> Result<A, E> {
    thread::scope(|scope| {
        let (send, pages) = sync_channel::<P>(PAGES_AHEAD);
        let (made, receive) = sync_channel::<Q>(PAGES_AHEAD);
        let reader = scope.spawn(move || read(&mut |page| send.send(page).map_err(|_| Hung)));
        // Whoever takes no more pages makes both threads before it end, one after the other.
        let maker = scope.spawn(move || pages.into_iter().all(|page| made.send(make(page)).is_ok()));
        let taken = take_all(receive, &mut take);
        maker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let ended = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        taken.and(ended)
    })
}

/// Drops the receiver at its first error, which tells the reader to stop.
fn take_all<P, E>(receive: Receiver<P>, take: &mut impl FnMut(P) -> Result<(), E>) -> Result<(), E> {
    receive.into_iter().try_for_each(take)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq)]
    enum Failed {
        Read,
        Take,
        Hung,
    }

    impl From<Hung> for Failed {
        fn from(_: Hung) -> Self {
            Failed::Hung
        }
    }

    fn run(pages: u32, fail_read: bool, fail_take: Option<u32>) -> (Result<u32, Failed>, Vec<u32>) {
        let mut taken = Vec::new();
        let answer = piped(
            |hand| {
                for page in 0..pages {
                    hand(page)?;
                }
                if fail_read { Err(Failed::Read) } else { Ok(pages) }
            },
            |page| page * 2,
            |page| {
                taken.push(page);
                if fail_take == Some(page) { Err(Failed::Take) } else { Ok(()) }
            },
        );
        (answer, taken)
    }

    #[test]
    fn every_page_is_taken_once_and_in_order() {
        assert_eq!(run(100, false, None), (Ok(100), (0..100).map(|page| page * 2).collect()));
        assert_eq!(run(0, false, None), (Ok(0), Vec::new()));
    }

    #[test]
    fn a_reader_that_fails_is_told_after_what_it_had_read() {
        assert_eq!(run(7, true, None), (Err(Failed::Read), (0..7).map(|page| page * 2).collect()));
    }

    #[test]
    fn a_store_that_fails_stops_the_reader_and_is_the_reason_told() {
        assert_eq!(run(1_000_000, false, Some(4)), (Err(Failed::Take), vec![0, 2, 4]));
    }
}
