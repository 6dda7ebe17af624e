//! What belongs together: the messages of one group or object, one after another.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::message::{self, Changed};
use super::ports::{Head, Letter, Mailbox, Sink, Source};
use super::{STREAK, Worker};
use crate::failure::{Class, Failure};
use crate::journal::Counts;

/// The first pause between two tries; each one after it is twice as long.
const PAUSE: Duration = Duration::from_secs(1);

/// How often an object that changes while it is carried is carried again, each time that it is tried.
const ROUNDS: u32 = 5;

/// How long a request may take that carries nothing, and how many bytes more may take a second.
const PATIENCE: Duration = Duration::from_secs(60);
const SLOWEST: u64 = 256 << 10;

/// How long the queue may take to answer.
pub(super) const REQUEST: Duration = Duration::from_secs(20);

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
        // How long those wait that come after one that was returned.
        let mut behind: Option<Duration> = None;
        for letter in letters {
            if let Some(pause) = behind {
                // Its order is kept, and nothing is known about it.
                self.give_back(letter, pause).await;
                continue;
            }
            match self.work(letter, &mut settled, &mut counts).await {
                Ok(()) => {
                    self.streak.borrow_mut().clear();
                    self.done(letter).await;
                }
                Err(failure) => {
                    counts.failed += 1;
                    let returned = self.failed(name, letter, &failure).await;
                    behind = returned.filter(|_| self.rules.is_fifo);
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
        if let Err(failure) = limit(REQUEST, self.mailbox.remove(letter)).await {
            let failure = failure.explained("it is done, and will be done again");
            self.journal.failure("", &failure);
        }
        self.held.borrow_mut().remove(&letter.receipt);
    }

    /// Returns a message for later, and says for how long it is left alone; or gives it up.
    async fn failed(&self, name: &str, letter: &Letter, failure: &Failure) -> Option<Duration> {
        self.journal.failure("", failure);
        if !is_final(failure) {
            let was_away = self.is_away();
            self.streak.borrow_mut().insert(name.to_owned());
            self.is_refused.set(failure.class == Class::AccessDenied);
            if self.is_away() && !was_away {
                self.journal.failure("", &away(failure));
                // A worker that ends by itself may ask no more.
                self.count_not_let_in();
            }
            // Nothing was found out about it.
            if self.is_stopping.get() {
                return self.returned(letter, Duration::ZERO).await;
            }
            if self.is_away() || letter.receives < self.rules.receives {
                return self
                    .returned(letter, self.rules.pause(letter.receives))
                    .await;
            }
        }
        match limit(REQUEST, self.mailbox.bury(letter, failure)).await {
            Ok(()) => {
                self.done(letter).await;
                None
            }
            Err(problem) => {
                let problem =
                    problem.explained("the message was not given up, it stays in the queue");
                self.journal.failure("", &problem);
                self.returned(letter, self.rules.pause(letter.receives))
                    .await
            }
        }
    }

    async fn returned(&self, letter: &Letter, pause: Duration) -> Option<Duration> {
        self.give_back(letter, pause).await;
        Some(pause)
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

/// What is told once when so many objects in a row were not carried that none of them is to blame.
fn away(last: &Failure) -> Failure {
    let next = match last.class {
        Class::AccessDenied => {
            "; bucket or sink does not let the worker in: put its login right and start the tasks anew, or give it the right that it lacks"
        }
        Class::Unreachable | Class::ServiceFailed | Class::Throttled => "; bucket or sink is away",
        Class::NotFound => {
            "; look whether bucket and sink are named right, with the base URL or the CP code"
        }
        // It says what there is to say.
        _ => "",
    };
    let message = format!(
        "{STREAK} objects in a row were not carried, the last one by {last}{next}. One message is tried at a time, and none is given up"
    );
    Failure::new(last.class, message)
}

/// Whether it is of no use to try again.
fn is_final(failure: &Failure) -> bool {
    matches!(failure.class, Class::Refused | Class::UnreadableEvent)
}

/// How long the carrying of so many bytes may take.
fn patience(size: u64) -> Duration {
    PATIENCE + Duration::from_secs(size / SLOWEST)
}

pub(super) async fn limit<T>(
    time: Duration,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    timeout(time, work).await.unwrap_or_else(|_| {
        let message = format!("not finished after {} s", time.as_secs());
        Err(Failure::new(Class::Unreachable, message))
    })
}
