//! How a container tells that it works.

use std::time::Duration;

use cloudwright_synth::{Scope, Text};

use crate::cfn::ecs::task_definition as l1;
use crate::rules;
use crate::units::check_seconds;

/// How a container tells that it works
/// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html)).
#[derive(Clone)]
pub struct HealthCheck {
    command: Vec<Text>,
    interval: Duration,
    timeout: Duration,
    start: Option<Duration>,
    retries: u32,
}

impl HealthCheck {
    /// A program of the image and its arguments; it works while that ends with 0. Asked every 30 seconds, with 5
    /// seconds to answer, and ill after 3 failures.
    pub fn program<T: Into<Text>>(program: impl IntoIterator<Item = T>) -> Self {
        let command = ["CMD".into()].into_iter();
        Self {
            command: command.chain(program.into_iter().map(Into::into)).collect(),
            interval: Duration::from_secs(30),
            timeout: Duration::from_secs(5),
            start: None,
            retries: 3,
        }
    }

    /// How often it is asked: 5 to 300 seconds.
    #[must_use]
    pub const fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// How long it has to answer: 2 to 60 seconds.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long failures do not count after the start: up to 300 seconds.
    #[must_use]
    pub const fn start_period(mut self, period: Duration) -> Self {
        self.start = Some(period);
        self
    }

    /// After how many failures in a row it is ill: 1 to 10.
    #[must_use]
    pub const fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    pub(super) fn l1(&self, scope: &Scope) -> l1::HealthCheck {
        let seconds = |what, duration, range| check_seconds(scope, what, duration, range);
        if !(1..=10).contains(&self.retries) {
            let message = format!(
                "a container is ill after 1 to 10 failures, got {}",
                self.retries
            );
            scope.error(&rules::OUT_OF_RANGE, message, "3 unless said");
        }
        let check = l1::HealthCheck::new()
            .command(self.command.clone())
            .interval(seconds(
                "the time between two looks",
                self.interval,
                5..=300,
            ))
            .timeout(seconds("the time to answer", self.timeout, 2..=60))
            .retries(i64::from(self.retries));
        match self.start {
            Some(start) => check.start_period(seconds("the time to start", start, 0..=300)),
            None => check,
        }
    }
}
