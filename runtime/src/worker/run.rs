//! The loop: messages in, work side by side, and the end.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{FutureExt as _, LocalBoxFuture, join_all};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use super::lane::{REQUEST, limit};
use super::ports::{Letter, Mailbox, Sink, Source};
use super::{Ended, Worker};
use crate::failure::Failure;

/// The most messages of one answer.
const AT_ONCE: usize = 10;

/// The first pause after the queue did not answer; it doubles, up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often in a row a worker that ends by itself asks a queue that does not answer.
const TIMES: u32 = 6;

/// What happens next.
enum Turn {
    /// The worker is told to stop.
    Stop,
    /// The queue has answered.
    Answer(Result<Vec<Letter>, Failure>),
    /// Some work is done.
    Done,
    /// There is no time left to end work in.
    Late,
}

type Future_<'a, T> = LocalBoxFuture<'a, T>;
type Asking<'a> = Option<Future_<'a, Result<Vec<Letter>, Failure>>>;

/// What a worker waits for.
struct Waiting<'a> {
    stop: Option<Future_<'a, ()>>,
    asking: Asking<'a>,
    jobs: FuturesUnordered<Future_<'a, ()>>,
    late: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl Waiting<'_> {
    async fn next(&mut self) -> Turn {
        poll_fn(|context| {
            if let Some(stop) = &mut self.stop
                && stop.poll_unpin(context).is_ready()
            {
                self.stop = None;
                return Poll::Ready(Turn::Stop);
            }
            // Before anything that may go on for ever.
            if let Some(late) = &mut self.late
                && late.poll_unpin(context).is_ready()
            {
                return Poll::Ready(Turn::Late);
            }
            if let Poll::Ready(Some(())) = self.jobs.poll_next_unpin(context) {
                return Poll::Ready(Turn::Done);
            }
            if let Some(asking) = &mut self.asking
                && let Poll::Ready(answer) = asking.poll_unpin(context)
            {
                self.asking = None;
                return Poll::Ready(Turn::Answer(answer));
            }
            Poll::Pending
        })
        .await
    }

    fn is_idle(&self) -> bool {
        self.asking.is_none() && self.jobs.is_empty()
    }
}

impl<M, S, K> Worker<M, S, K>
where
    M: Mailbox,
    S: Source,
    K: Sink<S::Content>,
{
    /// Works until it is told to stop, or to the end of the queue if that is its plan.
    pub async fn run(&self, stop: impl Future<Output = ()>) -> Ended {
        let mut waiting = Waiting {
            stop: Some(stop.boxed_local()),
            asking: None,
            jobs: FuturesUnordered::new(),
            late: None,
        };
        let mut failures = 0;
        self.pulse.beat();
        loop {
            let free = self.rules.concurrency.saturating_sub(waiting.jobs.len());
            // What is away is tried with one message at a time.
            let is_probe = self.is_away();
            let is_probing = is_probe && !waiting.jobs.is_empty();
            let may_ask = free > 0 && !is_probing;
            if waiting.asking.is_none() && may_ask && !self.is_stopping.get() {
                let most = if is_probe { 1 } else { free.min(AT_ONCE) };
                waiting.asking = Some(self.ask(most, failures).boxed_local());
            }
            if waiting.is_idle() {
                return Ended::Stopped;
            }
            match waiting.next().await {
                Turn::Stop => waiting.late = Some(self.stop()),
                Turn::Late => {
                    drop(waiting);
                    self.return_all().await;
                    return Ended::Stopped;
                }
                Turn::Done => self.pulse.beat(),
                Turn::Answer(Ok(letters)) => {
                    self.pulse.beat();
                    failures = 0;
                    let is_over = self.rules.until_empty && waiting.jobs.is_empty();
                    if letters.is_empty() && is_over {
                        return Ended::Empty;
                    }
                    self.begin(letters, &mut waiting).await;
                }
                Turn::Answer(Err(failure)) => {
                    self.journal.failure("", &failure);
                    failures += 1;
                    if self.rules.until_empty && failures >= TIMES && waiting.jobs.is_empty() {
                        return Ended::NoQueue;
                    }
                }
            }
        }
    }

    /// Asks for messages, after a pause if the queue did not answer before.
    async fn ask(&self, most: usize, failures: u32) -> Result<Vec<Letter>, Failure> {
        if failures > 0 {
            let doubled = 2_u32.saturating_pow(failures - 1);
            sleep(PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE)).await;
            if self.is_stopping.get() {
                return Ok(Vec::new());
            }
        }
        if self.is_away() {
            // Each time, so that an alarm stays for as long as this does.
            self.count_not_let_in();
            limit(REQUEST, self.sink.check()).await?;
        }
        let wait = self.rules.wait;
        limit(wait + REQUEST, self.mailbox.receive(most, wait)).await
    }

    /// Takes no more messages from now on; gives when work has to end.
    fn stop(&self) -> Pin<Box<tokio::time::Sleep>> {
        self.is_stopping.set(true);
        let held = self.held.borrow().len();
        let message = "told to stop: what is in hand has time to end";
        let about = json!({"messages": held, "seconds": self.rules.grace.as_secs()});
        self.journal.info("", message, about);
        Box::pin(sleep_until(Instant::now() + self.rules.grace))
    }

    /// Begins to work on messages, those of one group or object in one place.
    async fn begin<'a>(&'a self, letters: Vec<Letter>, waiting: &mut Waiting<'a>) {
        let mut lanes: BTreeMap<String, Vec<Letter>> = BTreeMap::new();
        for letter in letters {
            let mut held = self.held.borrow_mut();
            held.insert(letter.receipt.clone(), letter.clone());
            lanes
                .entry(super::lane::name(&letter))
                .or_default()
                .push(letter);
        }
        if self.is_stopping.get() {
            // They came while the worker was told to stop.
            let letters: Vec<_> = lanes.into_values().flatten().collect();
            join_all(
                letters
                    .iter()
                    .map(|letter| self.give_back(letter, Duration::ZERO)),
            )
            .await;
            return;
        }
        for (name, lane) in lanes {
            waiting.jobs.push(self.job(name, lane).boxed_local());
        }
    }

    /// Works on messages that belong together, and keeps them hidden meanwhile.
    async fn job(&self, name: String, letters: Vec<Letter>) {
        let work = std::pin::pin!(self.lane(&name, &letters));
        let hiding = std::pin::pin!(self.keep(&letters));
        futures_util::future::select(work, hiding).await;
        self.forget(&name);
    }

    /// Keeps messages hidden, for ever.
    async fn keep(&self, letters: &[Letter]) {
        loop {
            sleep(self.rules.beat()).await;
            self.pulse.beat();
            let held = letters.iter().filter(|letter| self.holds(letter));
            join_all(held.map(|letter| self.hide(letter))).await;
        }
    }

    /// Keeps one message hidden.
    async fn hide(&self, letter: &Letter) {
        let hidden = self.mailbox.hide(letter, self.rules.visibility);
        // Whoever has it by now does the same as is done here.
        if let Err(failure) = limit(REQUEST, hidden).await {
            let failure = failure.explained("the message may be worked on twice");
            self.journal.failure("", &failure);
        }
    }

    /// Returns everything that is still in hand.
    async fn return_all(&self) {
        let letters: Vec<_> = self.held.borrow().values().cloned().collect();
        let about = json!({"messages": letters.len()});
        self.journal.info("", "not done in time, returned", about);
        join_all(
            letters
                .iter()
                .map(|letter| self.give_back(letter, Duration::ZERO)),
        )
        .await;
    }

    pub(super) fn holds(&self, letter: &Letter) -> bool {
        self.held.borrow().contains_key(&letter.receipt)
    }

    /// Leaves a message in the queue, hidden for so long.
    pub(super) async fn give_back(&self, letter: &Letter, time: Duration) {
        if let Err(failure) = limit(REQUEST, self.mailbox.hide(letter, time)).await {
            self.journal
                .failure("", &failure.explained("the message shows again later"));
        }
        self.held.borrow_mut().remove(&letter.receipt);
    }
}
