//! What should wake somebody up.

use super::copier::Copier;
use super::handle::ReplicatedBucketRef;
use crate::cloudwatch::{AlarmRef, AlarmTarget};
use crate::reach;

/// After how many further attempts a failed event is too old.
const ATTEMPTS: u32 = 2;

impl ReplicatedBucketRef {
    /// Raises alarms when a call of the function fails, is turned away or takes 80 % of its timeout,
    /// when failed events wait for longer than two further attempts, and when one is given up.
    ///
    /// Alarms tell targets of their own region. In two-way replication, say this once for each region
    /// that has a function, with a topic of that region.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// # let app = App::new();
    /// # let stack = app.stack("Artifacts", Environment::new("111111111111", "eu-central-1"));
    /// let operators = stack.add("Operators", sns::Topic::new());
    /// let artifacts = stack.add("Artifacts", ReplicatedBucket::to(["us-west-2"]));
    /// artifacts.alarms(&operators);
    /// # app.synth().unwrap();
    /// ```
    #[track_caller]
    pub fn alarms(&self, target: &(impl AlarmTarget + Clone)) -> Vec<AlarmRef> {
        let region = target.place().environment();
        let is_near = |copier: &&Copier| {
            let environment = copier.function.scope().environment();
            environment.region_name() == region.region_name()
        };
        let mut alarms = Vec::new();
        for copier in self.copiers.iter().filter(is_near) {
            alarms.extend(alarms_of(copier, target));
        }
        if alarms.is_empty() {
            let what = "the function that copies and whom its alarms tell";
            reach::same_region(self.scope(), target.place(), what);
        }
        alarms
    }
}

#[track_caller]
fn alarms_of(copier: &Copier, target: &(impl AlarmTarget + Clone)) -> [AlarmRef; 5] {
    let Copier { function, failures } = copier;
    let wait = failures.visibility_timeout().unwrap_or_default();
    [
        function.alarm_on_errors(target),
        function.alarm_near_timeout(target),
        function.alarm_on_throttles(target),
        failures.alarm_when_older_than(wait.saturating_mul(ATTEMPTS), target),
        failures.alarm_on_dead_letters(target),
    ]
}
