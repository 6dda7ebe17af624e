//! What happens when a state fails.

use std::time::Duration;

use cloudwright_synth::{Json, Scope, Text};

use crate::units::{check_seconds, number};

/// Every error that a state can end with.
const ALL: &str = "States.ALL";
/// How long a wait may be, in seconds.
const WAIT: std::ops::RangeInclusive<i64> = 1..=31_622_400;

/// How a state that failed is tried again
/// ([AWS](https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html)): three times, after 1, 2
/// and 4 seconds, unless said.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::stepfunctions::Retry;
/// let patient = Retry::on(["Throttled"]).first_after(seconds(10)).times(6).with_jitter();
/// ```
#[derive(Clone)]
#[must_use = "does nothing until a state has it: `.retry(..)`"]
pub struct Retry {
    errors: Vec<Text>,
    first: Option<Duration>,
    times: u32,
    backoff: f64,
    longest: Option<Duration>,
    jitter: bool,
}

impl Retry {
    /// Whatever the error is.
    pub fn always() -> Self {
        Self::on([ALL])
    }

    /// These errors only.
    pub fn on<T: Into<Text>>(errors: impl IntoIterator<Item = T>) -> Self {
        Self {
            errors: errors.into_iter().map(Into::into).collect(),
            first: None,
            times: 3,
            backoff: 2.0,
            longest: None,
            jitter: false,
        }
    }

    /// Waits so long before the first new try, in whole seconds.
    pub const fn first_after(mut self, wait: Duration) -> Self {
        self.first = Some(wait);
        self
    }

    /// Tries so often again.
    pub const fn times(mut self, count: u32) -> Self {
        self.times = count;
        self
    }

    /// Makes each wait so many times as long as the one before, 1 or more; twice as long unless said.
    pub const fn backoff(mut self, factor: f64) -> Self {
        self.backoff = factor;
        self
    }

    /// The longest wait, in whole seconds.
    pub const fn longest_wait(mut self, wait: Duration) -> Self {
        self.longest = Some(wait);
        self
    }

    /// Waits a random part of each wait, so that many runs do not come back at once.
    pub const fn with_jitter(mut self) -> Self {
        self.jitter = true;
        self
    }

    pub(super) fn render(self, scope: &Scope) -> Json {
        let errors = self.errors.into_iter().map(Json::Text).collect();
        let mut retry = Json::map([
            ("ErrorEquals", Json::List(errors)),
            ("MaxAttempts", Json::Int(i64::from(self.times))),
            ("BackoffRate", number(self.backoff)),
        ]);
        let mut wait = |name: &'static str, duration: Option<Duration>| {
            if let Some(duration) = duration {
                let seconds = check_seconds(scope, "a wait before a new try", duration, WAIT);
                retry.set(name, Json::Int(seconds));
            }
        };
        wait("IntervalSeconds", self.first);
        wait("MaxDelaySeconds", self.longest);
        if self.jitter {
            retry.set("JitterStrategy", Json::Text("FULL".into()));
        }
        retry
    }
}

/// Where a flow goes on after an error: a name alone stands for every error.
#[derive(Clone)]
#[must_use = "does nothing until a state has it: `.catch(..)`"]
pub struct Catch {
    errors: Vec<Text>,
    next: Text,
    result: Option<Text>,
}

impl Catch {
    /// After any error.
    pub fn all(next: impl Into<Text>) -> Self {
        Self::on([ALL], next)
    }

    /// After these errors only.
    pub fn on<T: Into<Text>>(errors: impl IntoIterator<Item = T>, next: impl Into<Text>) -> Self {
        Self {
            errors: errors.into_iter().map(Into::into).collect(),
            next: next.into(),
            result: None,
        }
    }

    /// Keeps the input, and puts the error in at this path, such as `$.error`. Unless said, the error stands in its place.
    pub fn result_path(mut self, path: impl Into<Text>) -> Self {
        self.result = Some(path.into());
        self
    }

    pub(super) const fn next(&self) -> &Text {
        &self.next
    }

    pub(super) fn render(self) -> Json {
        let errors = self.errors.into_iter().map(Json::Text).collect();
        let mut catch = Json::map([
            ("ErrorEquals", Json::List(errors)),
            ("Next", Json::Text(self.next)),
        ]);
        if let Some(path) = self.result {
            catch.set("ResultPath", Json::Text(path));
        }
        catch
    }
}

impl From<&'static str> for Catch {
    fn from(next: &'static str) -> Self {
        Self::all(next)
    }
}
