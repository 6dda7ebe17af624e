//! What a program holds of the worker.

use std::time::Duration;

use cloudwright_contract as contract;
use cloudwright_synth::{Scope, Value};

use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison, Metric, Statistic};
use crate::ec2::VpcRef;
use crate::ecs::{ClusterRef, ServiceRef, TaskDefinitionRef};
use crate::iam::{Grantee, Identity};
use crate::minutes;

/// Within which a task that is refused says so at least once: one that ends by it has been started anew by then.
const PERIOD: Duration = minutes(5);

/// The handle of a [`Worker`](super::Worker). What is granted to it, its containers may.
#[derive(Clone)]
pub struct WorkerRef {
    pub(super) scope: Scope,
    pub(super) cluster: ClusterRef,
    pub(super) network: VpcRef,
    pub(super) task: TaskDefinitionRef,
    pub(super) service: Option<ServiceRef>,
    /// The name of the queue that it works on.
    pub(super) queue: Value<String>,
    /// Whether it is the program that is brought along, which says how it fares.
    pub(super) is_ours: bool,
}

impl WorkerRef {
    /// The worker's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The cluster that it runs in.
    #[must_use]
    pub const fn cluster(&self) -> &ClusterRef {
        &self.cluster
    }

    /// The network that it runs in.
    #[must_use]
    pub const fn network(&self) -> &VpcRef {
        &self.network
    }

    /// What it runs.
    #[must_use]
    pub const fn task(&self) -> &TaskDefinitionRef {
        &self.task
    }

    /// The service that keeps it running; `None` for one that runs by a schedule.
    #[must_use]
    pub const fn service(&self) -> Option<&ServiceRef> {
        self.service.as_ref()
    }
}

impl WorkerRef {
    /// Raises an alarm when bucket or sink does not let the worker in: with a wrong login messages only wait, and
    /// their age would tell of it much later. `None` for an image of one's own.
    ///
    /// It goes off about a quarter of an hour after the first refusal, when tasks of the service were refused in three of the last five
    /// periods of five minutes; where the worker runs by a schedule, within minutes after one run was. Refused is a task that NetStorage
    /// does not let in at its start, and one of whose objects three in a row were refused, with none carried in between, for as long
    /// as that stays so. An object that is refused alone is among the dead letters in the end, and raises only their alarm.
    #[track_caller]
    pub fn alarm_when_not_let_in(&self, target: &(impl AlarmTarget + Clone)) -> Option<AlarmRef> {
        let refused = Metric::new("Cloudwright", contract::Worker::NOT_LET_IN)
            .dimension("Handler", "worker")
            .dimension("FunctionName", self.queue.clone())
            .statistic(Statistic::Sum)
            .period(PERIOD);
        // A run may be the only one for hours; tasks of a service are refused again and again.
        let (said, periods) = match self.service {
            Some(_) => (3, 5),
            None => (1, 1),
        };
        let alarm = Alarm::new(refused, Comparison::AtLeast(1.0))
            .evaluation_periods(periods)
            .datapoints_to_alarm(said)
            .description("the bucket or the sink does not let the worker in; its log says which, and messages wait meanwhile")
            .on_alarm(target);
        self.is_ours.then(|| self.scope.add("NotLetInAlarm", alarm))
    }
}

impl Grantee for WorkerRef {
    fn identity(&self) -> Identity {
        self.task.identity()
    }
}
