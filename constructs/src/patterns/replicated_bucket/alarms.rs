//! What should wake somebody up.

use cloudwright_contract::Handler;

use super::copier::Copier;
use super::handle::ReplicatedBucketRef;
use super::native::Rule;
use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison, Metric, Statistic};
use crate::lambda::FunctionRef;
use crate::reach;

/// After how many further attempts a failed event is too old.
const ATTEMPTS: u32 = 2;
/// When replication is late, in seconds: 15 minutes, which is also the time limit of S3's own.
const LATE_SECONDS: f64 = 900.0;

impl ReplicatedBucketRef {
    /// Raises alarms when a call of the function fails, is turned away or takes 80 % of its timeout;
    /// when a change reaches the replicas after more than 15 minutes; when more failed events wait than a call copies
    /// [at once](super::ReplicatedBucket::objects_at_once), when one waits for longer than two further attempts, and
    /// when one is given up; and when a run over all objects does not repair them all, or its schedule could not
    /// start it.
    ///
    /// Where S3 replicates by itself: when it fails, or an object waits for more than 15 minutes.
    ///
    /// Several are told as `&(admins, developers)`. Alarms tell targets of their own region. In two-way replication, say this once for each region
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
        if self.scope.environment().region_name() == region.region_name() {
            alarms.extend(self.alarm_on_reconciliation(target));
            let started = self.reconciler.as_ref().and_then(|one| one.rule.as_ref());
            alarms.extend(started.map(|rule| rule.alarm_on_failures(target)));
        }
        for rule in &self.rules {
            alarms.extend(self.alarms_of_rule(rule, target));
        }
        if alarms.is_empty() {
            let what = "the function that copies and whom its alarms tell";
            reach::same_region(self.scope(), target.place(), what);
        }
        alarms
    }

    /// When a run over all objects fails, or could not repair some.
    #[track_caller]
    fn alarm_on_reconciliation(&self, target: &(impl AlarmTarget + Clone)) -> Option<AlarmRef> {
        let machine = self.reconciliation()?;
        let failed = Metric::new("AWS/States", "ExecutionsFailed")
            .dimension("StateMachineArn", machine.cast::<String>())
            .statistic(Statistic::Sum);
        let alarm = Alarm::new(failed, Comparison::Above(0.0))
            .description("a run over all objects failed, or could not repair some; the log of its function says which")
            .on_alarm(target);
        Some(self.scope.add("ReconciliationAlarm", alarm))
    }

    /// A metric of one rule of S3's own replication
    /// ([AWS](https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html#s3-cloudwatch-replication-metrics)).
    fn metric_of_rule(&self, rule: &Rule, name: &'static str) -> Metric {
        Metric::new("AWS/S3", name)
            .of(self.source.scope())
            .dimension("SourceBucket", self.source.name())
            .dimension("DestinationBucket", rule.destination.clone())
            .dimension("RuleId", rule.id.clone())
    }

    #[track_caller]
    fn alarms_of_rule(&self, rule: &Rule, target: &(impl AlarmTarget + Clone)) -> [AlarmRef; 2] {
        let failed = self.metric_of_rule(rule, "OperationsFailedReplication");
        let failed = Alarm::new(failed.statistic(Statistic::Sum), Comparison::Above(0.0))
            .description("S3 could not replicate; the role, the bucket's policy or a key refuses")
            .on_alarm(target);
        let late = self.metric_of_rule(rule, "ReplicationLatency");
        let late = late.statistic(Statistic::Maximum);
        let late = Alarm::new(late, Comparison::Above(LATE_SECONDS))
            .description("the oldest object that waits to be replicated is too old")
            .on_alarm(target);
        let id = &rule.id;
        [
            self.scope.add(format!("{id}FailedAlarm"), failed),
            self.scope.add(format!("{id}LateAlarm"), late),
        ]
    }
}

#[track_caller]
fn alarms_of(copier: &Copier, target: &(impl AlarmTarget + Clone)) -> [AlarmRef; 7] {
    let Copier {
        function,
        failures,
        at_once,
    } = copier;
    let wait = failures.visibility_timeout().unwrap_or_default();
    let late = Alarm::new(
        metric_lag(function),
        Comparison::Above(LATE_SECONDS * 1000.0),
    )
    .description("a change reached the replicas only after a quarter of an hour")
    .on_alarm(target);
    [
        function.alarm_on_errors(target),
        function.alarm_near_timeout(target),
        function.alarm_on_throttles(target),
        function.scope().add("LagAlarm", late),
        failures.alarm_when_more_than(*at_once, target),
        failures.alarm_when_older_than(wait.saturating_mul(ATTEMPTS), target),
        failures.alarm_on_dead_letters(target),
    ]
}

/// How long after it had happened the oldest change of a call was brought to all replicas, in
/// milliseconds: what the bundled handlers tell of each call.
pub(super) fn metric_lag(function: &FunctionRef) -> Metric {
    Metric::new("Cloudwright", "EventAge")
        .dimension("Handler", Handler::Replicate.name())
        .dimension("FunctionName", function.name())
        .statistic(Statistic::Maximum)
}
