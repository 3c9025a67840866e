//! The worker's ports over the store block while SQLite works, or while another lane has the store. Each call
//! first hands the runtime's thread to somebody else, so that lanes that wait for the network go on.

use chrono::{DateTime, Utc};
use tieout_domain::{AttemptId, ConnectionId, PostingId, calendar::PeriodStatus};
use tieout_duties::Permit;
use tieout_posting::{
    AttemptIntent, AttemptOutcome, Authority, AuthorityError, Busy, Change, Outbox, OutboxError,
    UnfinishedAttempt, Work,
};
use tokio::task::block_in_place;

/// A port whose calls block.
pub(super) struct Aside<P>(pub P);

impl<P: Outbox> Outbox for Aside<P> {
    fn next_due(
        &self,
        connection: &ConnectionId,
        now: DateTime<Utc>,
        busy: &[Busy],
    ) -> Result<Option<Work>, OutboxError> {
        block_in_place(|| self.0.next_due(connection, now, busy))
    }

    fn next_wake(&self, connection: &ConnectionId) -> Result<Option<DateTime<Utc>>, OutboxError> {
        block_in_place(|| self.0.next_wake(connection))
    }

    fn begin_attempt(&self, intent: &AttemptIntent) -> Result<AttemptId, OutboxError> {
        block_in_place(|| self.0.begin_attempt(intent))
    }

    fn finish_attempt(&self, attempt: &AttemptId, outcome: &AttemptOutcome) -> Result<(), OutboxError> {
        block_in_place(|| self.0.finish_attempt(attempt, outcome))
    }

    fn record(&self, change: &Change) -> Result<(), OutboxError> {
        block_in_place(|| self.0.record(change))
    }

    fn unfinished_attempts(&self, connection: &ConnectionId) -> Result<Vec<UnfinishedAttempt>, OutboxError> {
        block_in_place(|| self.0.unfinished_attempts(connection))
    }
}

#[async_trait::async_trait]
impl<P: Authority> Authority for Aside<P> {
    async fn reread(&self, posting: &PostingId) -> Result<(), AuthorityError> {
        // It waits for billing, and blocks only where it takes in what it read: there it does the same.
        self.0.reread(posting).await
    }

    fn permit(&self, posting: &PostingId, step: u32, period: PeriodStatus) -> Result<Permit, AuthorityError> {
        block_in_place(|| self.0.permit(posting, step, period))
    }

    fn basis_holds(&self, posting: &PostingId) -> Result<(), AuthorityError> {
        block_in_place(|| self.0.basis_holds(posting))
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Arc, Mutex},
        time::Duration,
    };

    use super::*;
    use crate::intake::adapters::new_runtime;

    /// An outbox whose store somebody else has.
    struct Taken(Arc<Mutex<()>>);

    impl Outbox for Taken {
        fn next_due(
            &self,
            _: &ConnectionId,
            _: DateTime<Utc>,
            _: &[Busy],
        ) -> Result<Option<Work>, OutboxError> {
            Ok(None)
        }

        fn next_wake(&self, _: &ConnectionId) -> Result<Option<DateTime<Utc>>, OutboxError> {
            drop(self.0.lock().unwrap());
            Ok(None)
        }

        fn begin_attempt(&self, _: &AttemptIntent) -> Result<AttemptId, OutboxError> {
            Err(OutboxError::ContentChanged)
        }

        fn finish_attempt(&self, _: &AttemptId, _: &AttemptOutcome) -> Result<(), OutboxError> {
            Ok(())
        }

        fn record(&self, _: &Change) -> Result<(), OutboxError> {
            Ok(())
        }

        fn unfinished_attempts(&self, _: &ConnectionId) -> Result<Vec<UnfinishedAttempt>, OutboxError> {
            Ok(Vec::new())
        }
    }

    #[test]
    fn lanes_that_wait_for_the_store_leave_the_others_their_threads() {
        let runtime = new_runtime().unwrap();
        let store = Arc::new(Mutex::new(()));
        let outbox = Arc::new(Aside(Taken(Arc::clone(&store))));
        let held = store.lock().unwrap();
        // More lanes than the runtime has threads.
        let lanes: Vec<_> = (0..8)
            .map(|_| {
                let outbox = Arc::clone(&outbox);
                runtime.spawn(async move { outbox.next_wake(&ConnectionId::derive(&["erp"])) })
            })
            .collect();
        let (told, hears) = std::sync::mpsc::channel();
        runtime.spawn(async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            told.send(()).unwrap();
        });
        hears.recv_timeout(Duration::from_secs(30)).expect("a lane that waits for the network goes on");
        drop(held);
        for lane in lanes {
            assert!(runtime.block_on(lane).unwrap().unwrap().is_none());
        }
    }
}
