//! What belongs together: the messages of one group or object, one after another.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::Worker;
use super::message::{self, Changed};
use super::ports::{Head, Letter, Mailbox, Sink, Source};
use crate::failure::{Class, Failure};
use crate::journal::Counts;

/// The first pause between two tries; each one after it is twice as long.
const PAUSE: Duration = Duration::from_secs(1);

/// How often an object that changes while it is carried is carried again, each time that it is tried.
const ROUNDS: u32 = 5;

/// How long a request may take that carries nothing, and how many bytes more may take a second.
const PATIENCE: Duration = Duration::from_secs(60);
const SLOWEST: u64 = 256 << 10;

/// What became of objects, by bucket and key.
type Settled = BTreeMap<(String, String), Result<(), Failure>>;

/// What a message belongs to: its group, or the first object that it tells of.
pub(super) fn name(letter: &Letter) -> String {
    if let Some(group) = &letter.group {
        return group.clone();
    }
    let first = message::read(&letter.body).ok().and_then(|changes| {
        let first = changes.into_iter().next()?;
        Some(format!("{}/{}", first.bucket, first.key))
    });
    first.unwrap_or_else(|| letter.id.clone())
}

impl<M, S, K> Worker<M, S, K>
where
    M: Mailbox,
    S: Source,
    K: Sink<S::Content>,
{
    /// Works on messages that belong together. All of them were received before their objects are looked
    /// at, so that one look answers for all.
    pub(super) async fn lane(&self, name: &str, letters: &[Letter]) {
        let turn = {
            let mut turns = self.turns.borrow_mut();
            Rc::clone(turns.entry(name.to_owned()).or_default())
        };
        let _turn = turn.lock().await;
        let started = Instant::now();
        let (mut settled, mut counts) = (Settled::new(), Counts::default());
        let mut earlier: Option<Failure> = None;
        for letter in letters {
            let outcome = match &earlier {
                // Its order is kept: it comes after the one that failed.
                Some(failure) => Err(failure.clone()),
                None => self.work(letter, &mut settled, &mut counts).await,
            };
            match outcome {
                Ok(()) => self.done(letter).await,
                Err(failure) => {
                    counts.failed += 1;
                    let is_returned = self.failed(letter, &failure).await;
                    if is_returned && self.rules.is_fifo {
                        earlier = Some(failure);
                    }
                }
            }
        }
        self.journal.metrics("", counts, started.elapsed());
    }

    /// Nobody waits for this any more.
    pub(super) fn forget(&self, name: &str) {
        let mut turns = self.turns.borrow_mut();
        if turns
            .get(name)
            .is_some_and(|turn| Rc::strong_count(turn) == 1)
        {
            turns.remove(name);
        }
    }

    /// Does what a message tells of.
    async fn work(
        &self,
        letter: &Letter,
        settled: &mut Settled,
        counts: &mut Counts,
    ) -> Result<(), Failure> {
        for Changed { bucket, key, time } in message::read(&letter.body)? {
            let object = (bucket, key);
            let result = match settled.get(&object) {
                Some(result) => result.clone(),
                None => {
                    let result = self.settle(&object.0, &object.1).await;
                    settled.insert(object, result.clone());
                    result
                }
            };
            result?;
            counts.done += 1;
            counts.oldest = [counts.oldest, time].into_iter().flatten().min();
        }
        Ok(())
    }

    async fn done(&self, letter: &Letter) {
        if let Err(failure) = self.mailbox.remove(letter).await {
            self.journal
                .failure("", &failure.explained("it is done, and will be done again"));
        }
        self.held.borrow_mut().remove(&letter.receipt);
    }

    /// Returns a message for later or gives it up; whether it was returned.
    async fn failed(&self, letter: &Letter, failure: &Failure) -> bool {
        self.journal.failure("", failure);
        if !is_final(failure) && letter.receives < self.rules.receives {
            self.give_back(letter, self.rules.pause(letter.receives))
                .await;
            return true;
        }
        match self.mailbox.bury(letter, failure).await {
            Ok(()) => {
                self.done(letter).await;
                false
            }
            Err(problem) => {
                let problem =
                    problem.explained("the message was not given up, it stays in the queue");
                self.journal.failure("", &problem);
                self.give_back(letter, self.rules.pause(letter.receives))
                    .await;
                true
            }
        }
    }

    /// Makes the sink say what the bucket says of one object, with tries.
    async fn settle(&self, bucket: &str, key: &str) -> Result<(), Failure> {
        let place = self
            .sink
            .place(key)
            .map_err(|failure| failure.about(bucket, key))?;
        let mut number = 1;
        loop {
            let tried = self.carry(bucket, key, &place).await;
            let Err(failure) = tried.map_err(|failure| failure.about(bucket, key)) else {
                return Ok(());
            };
            if is_final(&failure) || number >= self.rules.attempts || self.is_stopping.get() {
                return Err(failure);
            }
            sleep(PAUSE * 2_u32.pow(number - 1)).await;
            number += 1;
        }
    }

    /// Carries an object until it is in the sink as it is in the bucket.
    async fn carry(&self, bucket: &str, key: &str, place: &str) -> Result<(), Failure> {
        for _ in 0..ROUNDS {
            let carried = match limit(PATIENCE, self.source.open(bucket, key)).await? {
                Some((head, content)) => {
                    let time = patience(head.size);
                    limit(time, self.sink.put(place, &head, content)).await?;
                    Some(head)
                }
                None => {
                    limit(PATIENCE, self.sink.remove(place)).await?;
                    None
                }
            };
            let now = limit(PATIENCE, self.source.look(bucket, key)).await?;
            if now.as_ref().map(Head::version) == carried.as_ref().map(Head::version) {
                return Ok(());
            }
        }
        let message = format!("it was another object each of {ROUNDS} times that it was carried");
        Err(Failure::new(Class::KeepsChanging, message))
    }
}

/// Whether it is of no use to try again.
fn is_final(failure: &Failure) -> bool {
    matches!(failure.class, Class::Refused | Class::UnreadableEvent)
}

/// How long the carrying of so many bytes may take.
fn patience(size: u64) -> Duration {
    PATIENCE + Duration::from_secs(size / SLOWEST)
}

async fn limit<T>(
    time: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    timeout(time, work).await.unwrap_or_else(|_| {
        let message = format!("not finished after {} s", time.as_secs());
        Err(Failure::new(Class::Unreachable, message))
    })
}
