//! What can be watched of a service.

use super::ServiceRef;
use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison, Metric, MissingData, Statistic};
use crate::rules;
use crate::units::minutes;

/// The namespaces of what every service measures, and of Container Insights.
const SERVICE: &str = "AWS/ECS";
const INSIGHTS: &str = "ECS/ContainerInsights";

impl ServiceRef {
    /// A metric of the service by its name
    /// ([all of them](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html)).
    pub fn metric(&self, name: &'static str) -> Metric {
        self.measured(SERVICE, name)
    }

    /// A metric of Container Insights by its name, such as `NetworkRxBytes`
    /// ([all of them](https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html)).
    pub fn insights_metric(&self, name: &'static str) -> Metric {
        self.measured(INSIGHTS, name)
    }

    /// How much of the processors that they asked for the tasks use, in percent.
    pub fn metric_cpu(&self) -> Metric {
        self.metric("CPUUtilization").period(minutes(1))
    }

    /// How much of the memory that they asked for the tasks use, in percent.
    pub fn metric_memory(&self) -> Metric {
        self.metric("MemoryUtilization").period(minutes(1))
    }

    /// How many tasks run; measured by Container Insights.
    pub fn metric_running(&self) -> Metric {
        self.insights_metric("RunningTaskCount").period(minutes(1))
    }

    /// Raises an alarm when for five minutes fewer tasks run than so many, or nothing is known.
    #[track_caller]
    pub fn alarm_when_fewer_than(
        &self,
        tasks: u32,
        target: &(impl AlarmTarget + Clone),
    ) -> AlarmRef {
        if !self.cluster().has_insights {
            let message = "the cluster counts no tasks: it is `.without_insights()`";
            let help = "take that away, or watch `metric_cpu()`";
            self.scope().error(&rules::CONTRADICTION, message, help);
        }
        let metric = self.metric_running().statistic(Statistic::Minimum);
        let alarm = Alarm::new(metric, Comparison::Below(f64::from(tasks)))
            .description("tasks of the service failed and were not replaced in time")
            .evaluation_periods(5)
            .missing_data(MissingData::Breaching)
            .on_alarm(target);
        self.scope().add("FewTasksAlarm", alarm)
    }

    fn measured(&self, namespace: &'static str, name: &'static str) -> Metric {
        Metric::new(namespace, name)
            .dimension("ClusterName", self.cluster().name())
            .dimension("ServiceName", self.name())
            .of(self.scope())
    }
}
