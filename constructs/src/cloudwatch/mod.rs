//! Metrics and alarms of CloudWatch.
//!
//! A [`Metric`] names what is measured, of what (dimensions), how (statistic) and in which steps
//! (period); services make theirs: `queue.metric_oldest_age()`. A [`MathExpression`] computes with
//! metrics. An [`Alarm`] watches either and tells [targets](AlarmTarget), such as a topic. A missing
//! measurement is no alarm unless said: most metrics are not sent at all while nothing happens.

mod alarm;
mod comparison;
#[cfg(feature = "cloudwatch-more")]
mod composite;
#[cfg(feature = "cloudwatch-more")]
mod dashboard;
mod math;
mod metric;
mod missing;

pub use alarm::{Alarm, AlarmRef, AlarmTarget};
pub use comparison::Comparison;
#[cfg(feature = "cloudwatch-more")]
pub use composite::{AlarmRule, CompositeAlarm, CompositeAlarmRef};
#[cfg(feature = "cloudwatch-more")]
pub use dashboard::{Dashboard, DashboardRef, Widget};
pub use math::{MathExpression, Watched};
pub use metric::{Metric, Statistic};
pub use missing::MissingData;

pub use crate::cfn::cloudwatch::alarm::AlarmUnit as Unit;
