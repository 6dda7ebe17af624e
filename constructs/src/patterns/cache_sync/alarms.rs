//! What should wake somebody up.

use super::handle::CacheSyncRef;
use crate::cloudwatch::{AlarmRef, AlarmTarget};

/// After how many further attempts an event is too old.
const ATTEMPTS: u32 = 2;

impl CacheSyncRef {
    /// Raises alarms when a call of one of the functions fails, is turned away or takes 80 % of its
    /// timeout, when events wait for longer than two further attempts, and when one is given up. A
    /// rebuild that does not come to its end is a call that fails; a scheduled one that could not even be
    /// started lies in the function's failure queue.
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
        for function in [&self.function, &self.rebuild] {
            alarms.extend([
                function.alarm_on_errors(target),
                function.alarm_near_timeout(target),
                function.alarm_on_throttles(target),
            ]);
        }
        if self.is_scheduled {
            alarms.extend(self.rebuild.alarm_on_failures(target));
        }
        alarms
    }
}
