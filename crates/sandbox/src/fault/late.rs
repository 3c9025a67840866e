//! Commits that land late: queued until enough further requests were answered, or a delay has passed.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{oneshot, watch};

/// The queue of late commits; clones share it.
#[derive(Clone)]
pub(super) struct Late {
    waiting: Arc<Mutex<Vec<Waiting>>>,
    /// How many have not landed.
    pending: Arc<watch::Sender<usize>>,
}

struct Waiting {
    due: u64,
    release: oneshot::Sender<()>,
    landed: oneshot::Receiver<()>,
}

impl Default for Late {
    fn default() -> Self {
        Self { waiting: Arc::default(), pending: Arc::new(watch::Sender::new(0)) }
    }
}

impl Late {
    /// Runs `commit` on its own task when request `due` has been answered, or after `delay`.
    pub(super) fn enqueue(
        &self,
        due: u64,
        delay: Duration,
        commit: impl Future<Output = ()> + Send + 'static,
    ) {
        let (release, released) = oneshot::channel();
        let (tell, landed) = oneshot::channel();
        self.pending.send_modify(|count| *count += 1);
        self.lock().push(Waiting { due, release, landed });
        let pending = Arc::clone(&self.pending);
        tokio::spawn(async move {
            // Either way it is time: a dropped sender means that nobody will release it any more.
            let _ = tokio::time::timeout(delay, released).await;
            commit.await;
            pending.send_modify(|count| *count -= 1);
            // The waiter may be gone; the commit has landed all the same.
            let _ = tell.send(());
        });
    }

    /// Request `ordinal` has been answered: lets what is due land, and returns when it has. The caller holds
    /// back its own answer until then, so that the next request sees the commit for certain.
    pub(super) async fn answered(&self, ordinal: u64) {
        let due: Vec<Waiting> = {
            let mut waiting = self.lock();
            let (due, rest) = waiting.drain(..).partition(|late| late.due <= ordinal);
            *waiting = rest;
            due
        };
        for late in due {
            // It may have landed on its own already.
            let _ = late.release.send(());
            let _ = late.landed.await;
        }
    }

    pub(super) fn release_all(&self) {
        for late in self.lock().drain(..) {
            let _ = late.release.send(());
        }
    }

    pub(super) fn pending(&self) -> usize {
        *self.pending.borrow()
    }

    /// Returns when nothing is pending.
    pub(super) async fn landed(&self) {
        let mut pending = self.pending.subscribe();
        // The sender lives as long as `self`.
        let _ = pending.wait_for(|count| *count == 0).await;
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
