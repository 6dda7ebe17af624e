//! What can be watched of a queue.

use std::time::Duration;

use super::QueueRefOf;
use crate::cloudwatch::{
    Alarm, AlarmRef, AlarmTarget, Comparison, MathExpression, Metric, Statistic,
};
use crate::delivery::Delivery;
use crate::rules;

/// The namespace of the metrics.
const NAMESPACE: &str = "AWS/SQS";
const VISIBLE: &str = "ApproximateNumberOfMessagesVisible";
const TAKEN: &str = "ApproximateNumberOfMessagesNotVisible";
const OLDEST: &str = "ApproximateAgeOfOldestMessage";

impl<K: Delivery> QueueRefOf<K> {
    /// A metric of the queue by its name, such as `NumberOfMessagesSent`
    /// ([all of them](https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html)).
    pub fn metric(&self, name: &'static str) -> Metric {
        Metric::new(NAMESPACE, name)
            .dimension("QueueName", self.name())
            .of(self.scope())
    }

    /// How many messages wait to be received.
    pub fn metric_visible(&self) -> Metric {
        self.metric(VISIBLE).statistic(Statistic::Maximum)
    }

    /// How many messages somebody has taken and not deleted, those that failed and wait to be seen again included.
    pub fn metric_taken(&self) -> Metric {
        self.metric(TAKEN).statistic(Statistic::Maximum)
    }

    /// The age of the oldest message that is not deleted, in seconds.
    pub fn metric_oldest_age(&self) -> Metric {
        self.metric(OLDEST).statistic(Statistic::Maximum)
    }

    /// Raises an alarm as soon as a message has been given up. It watches the dead-letter queue, or
    /// this queue itself when it is one.
    #[track_caller]
    pub fn alarm_on_dead_letters(&self, target: &(impl AlarmTarget + Clone)) -> AlarmRef {
        let watched = self.dead_letter_queue().unwrap_or(self);
        if self.dead_letter_queue().is_none() && self.cfn().is_some() && !self.is_dead_letter() {
            let message = "this queue gives up no messages: it has no dead-letter queue";
            let help = "take `without_dead_letter_queue()` away, or watch the age of its messages";
            self.scope().error(&rules::CONTRADICTION, message, help);
        }
        let alarm = Alarm::new(watched.metric_visible(), Comparison::Above(0.0))
            .description("messages were given up; look at them, then redrive them")
            .on_alarm(target);
        self.scope().add("DeadLettersAlarm", alarm)
    }

    /// Raises an alarm when a message waits for longer than this: nobody takes it, or all who try
    /// fail.
    #[track_caller]
    pub fn alarm_when_older_than(
        &self,
        age: Duration,
        target: &(impl AlarmTarget + Clone),
    ) -> AlarmRef {
        let age = crate::units::whole_seconds(self.scope(), "the age of a message", age);
        #[allow(
            clippy::cast_precision_loss,
            reason = "messages live for two weeks at most"
        )]
        let alarm = Alarm::new(self.metric_oldest_age(), Comparison::Above(age as f64))
            .description("the oldest message has waited for too long")
            .on_alarm(target);
        self.scope().add("OldMessagesAlarm", alarm)
    }

    /// Raises an alarm when the queue holds more messages than this: those that wait, and those that were taken
    /// and are not done.
    #[track_caller]
    pub fn alarm_when_more_than(
        &self,
        messages: u32,
        target: &(impl AlarmTarget + Clone),
    ) -> AlarmRef {
        let held = MathExpression::new("waiting + taken")
            .using("waiting", self.metric_visible())
            .using("taken", self.metric_taken())
            .label("messages");
        let alarm = Alarm::new(held, Comparison::Above(f64::from(messages)))
            .description("more messages are in the queue than its workers keep up with")
            .on_alarm(target);
        self.scope().add("DepthAlarm", alarm)
    }
}
