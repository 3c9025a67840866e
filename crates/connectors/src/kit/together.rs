//! Questions that several lanes have at the same time are asked together: while one call is under way, those
//! who come wait, and the next call asks for all of them. So nothing is ever answered by a call that began
//! before the question was there, and who is alone waits for nobody.

use std::sync::{Mutex, PoisonError};

use tieout_domain::failure::VendorFailure;
use tokio::sync::{Mutex as Turn, oneshot};

use crate::traits::{Each, only, unlike};

/// What one question came to.
type Answered<A> = Result<A, VendorFailure>;

/// One waiting for an answer; `None` sends it to ask alone.
type Waiting<Q, A> = (Q, oneshot::Sender<Option<Answered<A>>>);

/// Asks together what is asked at the same time.
pub struct Together<Q, A> {
    most: usize,
    turn: Turn<()>,
    waiting: Mutex<Vec<Waiting<Q, A>>>,
}

impl<Q: Clone + Send, A: Send> Together<Q, A> {
    /// At most `most` questions in one call.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, turn: Turn::new(()), waiting: Mutex::new(Vec::new()) }
    }

    /// The answer to one question. `call` is given one or several and answers each, in their order.
    ///
    /// # Errors
    /// Those of the call, or of the question in it. A call that failed for several, and not because the
    /// vendor could not be reached, is made again for this question alone: what is wrong with another's must
    /// not stand in its way. As many answers as questions, or it is none: nobody can tell whose they are.
    pub async fn ask<C, F>(&self, question: Q, call: C) -> Answered<A>
    where
        C: Fn(Vec<Q>) -> F,
        F: Future<Output = Each<A>>,
    {
        let (tell, mut told) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push((question.clone(), tell));
        let answer = tokio::select! {
            biased;
            answer = &mut told => answer.ok().flatten(),
            _mine = self.turn.lock() => match told.try_recv() {
                Ok(answer) => answer,
                // Nobody has asked it yet, or who did was given up in the middle.
                Err(_) => {
                    self.ask_all(&call).await;
                    told.try_recv().ok().flatten()
                }
            },
        };
        match answer {
            Some(answer) => answer,
            None => only(call(vec![question]).await),
        }
    }

    async fn ask_all<C, F>(&self, call: &C)
    where
        C: Fn(Vec<Q>) -> F,
        F: Future<Output = Each<A>>,
    {
        let batch: Vec<Waiting<Q, A>> = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            // Who was given up waits for nothing.
            waiting.retain(|(_, tell)| !tell.is_closed());
            let taken = waiting.len().min(self.most.max(1));
            waiting.drain(..taken).collect()
        };
        if batch.is_empty() {
            return;
        }
        let several = batch.len() > 1;
        match call(batch.iter().map(|(question, _)| question.clone()).collect()).await {
            Ok(answers) if answers.len() == batch.len() => {
                for ((_, tell), answer) in batch.into_iter().zip(answers) {
                    let _ = tell.send(Some(answer));
                }
            }
            Ok(_) => {
                for (_, tell) in batch {
                    let _ = tell.send(Some(Err(unlike())));
                }
            }
            Err(failure) => {
                let each = several && failure.class == tieout_domain::failure::FailureClass::Terminal;
                for (_, tell) in batch {
                    let _ = tell.send((!each).then(|| Err(failure.clone())));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Vendor {
        calls: AtomicUsize,
    }

    impl Vendor {
        async fn double(&self, asked: Vec<u32>) -> Each<u32> {
            self.calls.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            if asked.contains(&13) {
                return Err(VendorFailure::terminal("unlucky", "13 cannot be doubled"));
            }
            if asked.contains(&404) && asked.len() > 1 {
                return Ok(vec![Ok(808)]);
            }
            let double = |number| match number {
                7 => Err(VendorFailure::retryable("busy", "7 is busy")),
                number => Ok(number * 2),
            };
            Ok(asked.into_iter().map(double).collect())
        }
    }

    async fn ask_all(numbers: &[u32], most: usize) -> (Vec<Result<u32, &'static str>>, usize) {
        let vendor = Vendor { calls: AtomicUsize::new(0) };
        let together = Together::new(most);
        let one = async |number: u32| {
            let answer = together.ask(number, |asked| vendor.double(asked)).await;
            answer.map_err(|failure| failure.code)
        };
        let mut answers = Vec::new();
        let mut asked: Vec<_> = numbers.iter().map(|number| Box::pin(one(*number))).collect();
        // All at once, in one task.
        std::future::poll_fn(|cx| {
            answers.resize(asked.len(), None);
            for (slot, asked) in answers.iter_mut().zip(&mut asked) {
                if slot.is_none()
                    && let std::task::Poll::Ready(answer) = asked.as_mut().poll(cx)
                {
                    *slot = Some(answer);
                }
            }
            match answers.iter().all(Option::is_some) {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        })
        .await;
        (answers.into_iter().flatten().collect(), vendor.calls.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn each_gets_its_own_answer_of_few_calls() {
        let (answers, calls) = ask_all(&[1, 2, 3, 4, 5, 6, 9, 8], 20).await;
        assert_eq!(answers, [2, 4, 6, 8, 10, 12, 18, 16].map(Ok));
        assert_eq!(calls, 2, "the first alone, and then those who came meanwhile");
        assert_eq!(ask_all(&[6], 20).await, (vec![Ok(12)], 1));
    }

    #[tokio::test]
    async fn no_call_asks_for_more_than_allowed() {
        let (answers, calls) = ask_all(&[1, 2, 3, 4, 5, 6, 8], 2).await;
        assert_eq!(answers, [2, 4, 6, 8, 10, 12, 16].map(Ok));
        assert!((4..=5).contains(&calls), "{calls}");
    }

    #[tokio::test]
    async fn what_is_wrong_with_one_stands_in_nobody_elses_way() {
        let (answers, _) = ask_all(&[1, 13, 3, 4], 20).await;
        assert_eq!(answers, [Ok(2), Err("unlucky"), Ok(6), Ok(8)]);
        let (answers, _) = ask_all(&[1, 2, 7, 4], 20).await;
        assert_eq!(answers, [Ok(2), Ok(4), Err("busy"), Ok(8)], "a failure of one question is its own");
    }

    #[tokio::test]
    async fn answers_that_are_not_as_many_as_the_questions_are_nobodys() {
        let (answers, _) = ask_all(&[1, 404, 3], 20).await;
        assert_eq!(answers, [Ok(2), Err("no_answer"), Err("no_answer")]);
    }
}
