//! What can be watched of a function.

use super::FunctionRef;
use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison, Metric, Statistic};
use crate::rules;

/// The namespace of the metrics.
const NAMESPACE: &str = "AWS/Lambda";
/// The share of the timeout from which a call counts as nearly too slow.
const NEAR: f64 = 0.8;

impl FunctionRef {
    /// A metric of the function by its name, such as `PostRuntimeExtensionsDuration`
    /// ([all of them](https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html)).
    pub fn metric(&self, name: &'static str) -> Metric {
        Metric::new(NAMESPACE, name)
            .dimension("FunctionName", self.name())
            .of(self.scope())
    }

    /// How many calls were made, without those that were throttled.
    pub fn metric_invocations(&self) -> Metric {
        self.metric("Invocations").statistic(Statistic::Sum)
    }

    /// How many calls failed.
    pub fn metric_errors(&self) -> Metric {
        self.metric("Errors").statistic(Statistic::Sum)
    }

    /// How many calls were turned away because too many ran already.
    pub fn metric_throttles(&self) -> Metric {
        self.metric("Throttles").statistic(Statistic::Sum)
    }

    /// How long the longest call took, in milliseconds.
    pub fn metric_duration(&self) -> Metric {
        self.metric("Duration").statistic(Statistic::Maximum)
    }

    /// How many calls ran at once at most.
    pub fn metric_concurrent_executions(&self) -> Metric {
        self.metric("ConcurrentExecutions")
            .statistic(Statistic::Maximum)
    }

    /// The age of the last record that was taken from a stream, in milliseconds.
    pub fn metric_iterator_age(&self) -> Metric {
        self.metric("IteratorAge").statistic(Statistic::Maximum)
    }

    /// Raises an alarm as soon as a call failed.
    #[track_caller]
    pub fn alarm_on_errors(&self, target: &(impl AlarmTarget + Clone)) -> AlarmRef {
        let alarm = Alarm::new(self.metric_errors(), Comparison::Above(0.0))
            .description("calls failed; the log group says why")
            .on_alarm(target);
        self.scope().add("ErrorsAlarm", alarm)
    }

    /// Raises an alarm as soon as a call was turned away.
    #[track_caller]
    pub fn alarm_on_throttles(&self, target: &(impl AlarmTarget + Clone)) -> AlarmRef {
        let alarm = Alarm::new(self.metric_throttles(), Comparison::Above(0.0))
            .description("calls were turned away; raise the concurrency, or limit who calls")
            .on_alarm(target);
        self.scope().add("ThrottlesAlarm", alarm)
    }

    /// Raises an alarm as soon as an event of an asynchronous call was given up, and lies in the
    /// [failure queue](Self::failure_queue). `None` for a function that has none.
    #[track_caller]
    pub fn alarm_on_failures(&self, target: &(impl AlarmTarget + Clone)) -> Option<AlarmRef> {
        let failures = self.failure_queue()?;
        // Here and not at the queue, which several functions may share.
        let alarm = Alarm::new(failures.metric_visible(), Comparison::Above(0.0))
            .description("events were given up; the failure queue has them with the reason")
            .on_alarm(target);
        Some(self.scope().add("FailuresAlarm", alarm))
    }

    /// Raises an alarm when a call took 80 % of the function's timeout or more.
    #[track_caller]
    pub fn alarm_near_timeout(&self, target: &(impl AlarmTarget + Clone)) -> AlarmRef {
        let timeout = self.timeout().unwrap_or_default();
        if self.timeout().is_none() {
            let message = "the timeout of an imported function is not known";
            let help = "watch its duration with a threshold of your own: `Alarm::new(function.metric_duration(), Comparison::AtLeast(24_000.0))`";
            self.scope().error(&rules::CONTRADICTION, message, help);
        }
        let threshold = Comparison::AtLeast((timeout.as_secs_f64() * 1000.0 * NEAR).round());
        let alarm = Alarm::new(self.metric_duration(), threshold)
            .description("a call took nearly as long as it may; raise the timeout or the memory")
            .on_alarm(target);
        self.scope().add("NearTimeoutAlarm", alarm)
    }
}
