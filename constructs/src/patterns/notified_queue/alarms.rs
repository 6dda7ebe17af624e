//! What should wake somebody up.

use std::time::Duration;

use super::NotifiedQueueRef;
use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison};
use crate::sqs::Delivery;

impl<K: Delivery> NotifiedQueueRef<K> {
    /// Raises alarms when a message waits for longer than this or is given up, and when a call of the function
    /// fails, is turned away, takes 80 % of its timeout or is given up; and when the bucket or the sink does not let a worker in.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// # let stack = app.stack("Mirror", Environment::agnostic());
    /// let operators = stack.add("Operators", sns::Topic::new());
    /// let changes = stack.add("Changes", NotifiedQueue::new());
    /// changes.alarms(minutes(15), &operators);
    /// changes.alarm_when_deeper_than(100_000, &operators);
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    pub fn alarms(&self, age: Duration, target: &(impl AlarmTarget + Clone)) -> Vec<AlarmRef> {
        let mut alarms = vec![self.queue.alarm_when_older_than(age, target)];
        // One that was made without gives nothing up.
        if self.queue.dead_letter_queue().is_some() {
            alarms.push(self.queue.alarm_on_dead_letters(target));
        }
        if let Some(function) = &self.function {
            alarms.extend([
                function.alarm_on_errors(target),
                function.alarm_near_timeout(target),
                function.alarm_on_throttles(target),
            ]);
            alarms.extend(function.alarm_on_failures(target));
        }
        #[cfg(feature = "queue-worker")]
        alarms.extend(
            self.worker
                .iter()
                .filter_map(|worker| worker.alarm_when_not_let_in(target)),
        );
        alarms
    }

    /// Raises an alarm when more messages wait than so many.
    #[track_caller]
    pub fn alarm_when_deeper_than(
        &self,
        messages: u32,
        target: &(impl AlarmTarget + Clone),
    ) -> AlarmRef {
        let alarm = Alarm::new(
            self.queue.metric_visible(),
            Comparison::Above(f64::from(messages)),
        );
        let alarm = alarm
            .description("more messages wait than the workers keep up with")
            .on_alarm(target);
        self.scope.add("DepthAlarm", alarm)
    }
}
