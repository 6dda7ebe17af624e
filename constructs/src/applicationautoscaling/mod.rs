//! Numbers that follow the load: [Application Auto Scaling](https://docs.aws.amazon.com/autoscaling/application/userguide/what-is-application-auto-scaling.html).
//!
//! A [`ScalableTarget`] is a number between two limits, such as the tasks of a service. It follows a metric by
//! itself (`track_cpu`), or alarms tell it how far to go: a [`StepPolicy`] is a target of alarms. With an alarm for
//! each direction, what is measured may differ: out when something waits, in only when nothing is in work.

mod policy;
mod target;

pub use policy::{StepPolicy, StepPolicyRef};
pub use target::{ScalableTarget, ScalableTargetRef};
