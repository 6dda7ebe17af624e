//! What can be watched of a group.

use super::GroupRef;
use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison, Metric, MissingData, Statistic};
use crate::units::minutes;

/// The namespaces of the group's own metrics, and of its servers'.
const GROUP: &str = "AWS/AutoScaling";
const SERVERS: &str = "AWS/EC2";
/// The dimension of both.
const DIMENSION: &str = "AutoScalingGroupName";

impl GroupRef {
    /// A metric of the group by its name, such as `GroupPendingInstances`
    /// ([all of them](https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html)).
    pub fn metric(&self, name: &'static str) -> Metric {
        self.measured(GROUP, name)
    }

    /// A metric of its servers by its name, such as `NetworkIn`: the average of all
    /// ([all of them](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html)).
    pub fn server_metric(&self, name: &'static str) -> Metric {
        self.measured(SERVERS, name)
    }

    /// How many servers work.
    pub fn metric_in_service(&self) -> Metric {
        self.metric("GroupInServiceInstances").period(minutes(1))
    }

    /// How busy the processors are, in percent.
    pub fn metric_cpu(&self) -> Metric {
        self.server_metric("CPUUtilization")
    }

    /// Raises an alarm when for five minutes fewer servers work than so many, or nothing is known.
    #[track_caller]
    pub fn alarm_when_fewer_than(
        &self,
        servers: u32,
        target: &(impl AlarmTarget + Clone),
    ) -> AlarmRef {
        let metric = self.metric_in_service().statistic(Statistic::Minimum);
        let alarm = Alarm::new(metric, Comparison::Below(f64::from(servers)))
            .description("servers of the group failed and were not replaced in time")
            .evaluation_periods(5)
            .missing_data(MissingData::Breaching)
            .on_alarm(target);
        self.scope().add("FewServersAlarm", alarm)
    }

    fn measured(&self, namespace: &'static str, name: &'static str) -> Metric {
        Metric::new(namespace, name)
            .dimension(DIMENSION, self.name())
            .of(self.scope())
    }
}
