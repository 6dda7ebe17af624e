//! What should wake somebody up.

use super::handle::CacheSyncRef;
use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison, Metric, Statistic};

/// After how many further attempts an event is too old.
const ATTEMPTS: u32 = 2;

impl CacheSyncRef {
    /// Raises alarms when a call of the function fails, is turned away or takes 80 % of its timeout, when
    /// events wait for longer than two further attempts, and when one is given up; and when a rebuild does not
    /// come to its end, or a scheduled one could not even be started.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// # let stack = app.stack("Packages", Environment::new("111111111111", "eu-central-1"));
    /// let operators = stack.add("Operators", sns::Topic::new());
    /// stack.add("Index", CacheSync::dynamodb()).alarms(&operators);
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    pub fn alarms(&self, target: &(impl AlarmTarget + Clone)) -> Vec<AlarmRef> {
        let wait = self.events.visibility_timeout().unwrap_or_default();
        let mut alarms = vec![
            self.events
                .alarm_when_older_than(wait.saturating_mul(ATTEMPTS), target),
            self.events.alarm_on_dead_letters(target),
        ];
        alarms.extend([
            self.function.alarm_on_errors(target),
            self.function.alarm_near_timeout(target),
            self.function.alarm_on_throttles(target),
            self.alarm_on_rebuild(target),
        ]);
        if let Some(rule) = &self.reload.rule {
            alarms.push(rule.alarm_on_failures(target));
        }
        alarms
    }

    /// When a rebuild fails, or could not bring all files up to date.
    #[track_caller]
    fn alarm_on_rebuild(&self, target: &(impl AlarmTarget + Clone)) -> AlarmRef {
        let failed = Metric::new("AWS/States", "ExecutionsFailed")
            .dimension(
                "StateMachineArn",
                self.reload.machine.clone().cast::<String>(),
            )
            .statistic(Statistic::Sum);
        let alarm = Alarm::new(failed, Comparison::Above(0.0))
            .description("a rebuild failed, or could not bring all files up to date; the log of its function says which")
            .on_alarm(target);
        self.scope.add("RebuildAlarm", alarm)
    }
}
