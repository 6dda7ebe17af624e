//! What can be watched of a table.

use super::TableRef;
use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison, Metric, Statistic};

/// The namespace of the metrics.
const NAMESPACE: &str = "AWS/DynamoDB";
const READS: &str = "ReadThrottleEvents";
const WRITES: &str = "WriteThrottleEvents";

impl TableRef {
    /// A metric of the table by its name, such as `ConsumedReadCapacityUnits`
    /// ([all of them](https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html)).
    pub fn metric(&self, name: &'static str) -> Metric {
        Metric::new(NAMESPACE, name)
            .dimension("TableName", self.name())
            .of(self.scope())
    }

    /// How many reads were refused because they were too many.
    pub fn metric_read_throttles(&self) -> Metric {
        self.metric(READS).statistic(Statistic::Sum)
    }

    /// How many writes were refused because they were too many.
    pub fn metric_write_throttles(&self) -> Metric {
        self.metric(WRITES).statistic(Statistic::Sum)
    }

    /// Raises an alarm as soon as reads are refused because they are too many.
    #[track_caller]
    pub fn alarm_on_read_throttles(&self, target: &(impl AlarmTarget + Clone)) -> AlarmRef {
        let alarm = Alarm::new(self.metric_read_throttles(), Comparison::Above(0.0))
            .description(
                "reads of the table were refused: they are too many, or all of one partition",
            )
            .on_alarm(target);
        self.scope().add("ReadThrottlesAlarm", alarm)
    }

    /// Raises an alarm as soon as writes are refused because they are too many.
    #[track_caller]
    pub fn alarm_on_write_throttles(&self, target: &(impl AlarmTarget + Clone)) -> AlarmRef {
        let alarm = Alarm::new(self.metric_write_throttles(), Comparison::Above(0.0))
            .description(
                "writes to the table were refused: they are too many, or all of one partition",
            )
            .on_alarm(target);
        self.scope().add("WriteThrottlesAlarm", alarm)
    }
}
