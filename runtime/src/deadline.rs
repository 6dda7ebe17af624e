//! The time that an invocation has.
//!
//! Lambda kills a function that runs out of time, and nothing is reported. So work stops a little
//! before: what is not finished then is reported as failed, and retried by who sent the event.

use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::failure::{Class, Failure};

/// The most that is kept back for reporting.
const MARGIN: Duration = Duration::from_secs(1);

/// When work has to stop.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// Stops early enough to report within `remaining`: a tenth of it before its end, at most a second.
    #[must_use]
    pub fn within(remaining: Duration) -> Self {
        let margin = (remaining / 10).min(MARGIN);
        Self(Instant::now() + remaining.saturating_sub(margin))
    }

    /// The time that is left.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// A deadline that is earlier than this one: for work after which more is to be done.
    #[must_use]
    pub fn earlier(&self, by: Duration) -> Self {
        Self(self.0.checked_sub(by).unwrap_or(self.0))
    }

    /// Does the work, unless the time is over before it is done.
    ///
    /// # Errors
    /// What the work fails with, or that the deadline was reached; then the work is dropped where
    /// it waits.
    pub async fn limit<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        // A timeout polls the work first, so without this check each one would still send a request.
        if Instant::now() >= self.0 {
            return Err(late("not started"));
        }
        timeout_at(self.0, work)
            .await
            .unwrap_or_else(|_| Err(late("not finished")))
    }
}

fn late(state: &str) -> Failure {
    let advice = "give the function more time, or its queue a smaller batch";
    Failure::new(
        Class::DeadlineReached,
        format!("{state} when the time was over; {advice}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_ends_before_the_function_does_and_says_so() {
        let started = Instant::now();
        let deadline = Deadline::within(Duration::from_secs(30));
        let work = async {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(())
        };
        let failure = deadline.limit(work).await.unwrap_err();
        assert_eq!(failure.class, Class::DeadlineReached);
        assert_eq!(started.elapsed().as_secs(), 29);
        let next = deadline
            .limit(async { panic!("started") as Result<(), Failure> })
            .await;
        assert!(next.unwrap_err().message.starts_with("not started"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_earlier_deadline_leaves_time_after_it() {
        let deadline = Deadline::within(Duration::from_secs(30));
        let earlier = deadline.earlier(Duration::from_secs(3));
        assert_eq!(earlier.remaining(), Duration::from_secs(26));
        tokio::time::sleep(Duration::from_secs(27)).await;
        assert_eq!(earlier.remaining(), Duration::ZERO);
        assert_eq!(deadline.remaining(), Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn short_functions_keep_most_of_their_time() {
        let started = Instant::now();
        let work = async { std::future::pending::<Result<(), Failure>>().await };
        let _ = Deadline::within(Duration::from_secs(3)).limit(work).await;
        assert_eq!(started.elapsed(), Duration::from_millis(2_700));
    }
}
