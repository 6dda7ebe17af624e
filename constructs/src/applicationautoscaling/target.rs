//! What can be scaled.

use std::ops::RangeInclusive;

use cloudwright_synth::{Arn, Construct, ResourceRef as _, Scope, Value, Verb};

use crate::cfn::applicationautoscaling::scalable_target as l1;
use crate::cfn::applicationautoscaling::scaling_policy;
use crate::{cfn, rules};

/// A number between two limits
/// ([AWS](https://docs.aws.amazon.com/autoscaling/application/userguide/getting-started.html)): the tasks of a
/// service. `ecs::ServiceRef::scale` makes one.
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct ScalableTarget {
    resource: Value<String>,
    numbers: RangeInclusive<u32>,
}

impl ScalableTarget {
    /// The tasks of a service that exists already, by `service/CLUSTER/SERVICE`.
    pub const fn of_service(resource: Value<String>, tasks: RangeInclusive<u32>) -> Self {
        Self {
            resource,
            numbers: tasks,
        }
    }
}

impl Construct for ScalableTarget {
    type Handle = ScalableTargetRef;

    fn construct(self, scope: &Scope) -> ScalableTargetRef {
        let (least, most) = (*self.numbers.start(), *self.numbers.end());
        if least > most {
            let message = format!(
                "a service has at least {least} and at most {most} tasks, which no number is"
            );
            let help = "say the smaller number first: `0..=10`";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        let target = cfn::applicationautoscaling::ScalableTarget::new(l1::Required {
            max_capacity: i64::from(most),
            min_capacity: i64::from(least),
            // The facts take it for the ARN of one service's clusters.
            resource_id: self.resource.cast::<Arn<cfn::msk::Cluster>>(),
            scalable_dimension: l1::ScalableDimension::EcsServiceDesiredCount,
            service_namespace: l1::ServiceNamespace::Ecs,
        });
        ScalableTargetRef {
            scope: scope.clone(),
            cfn: scope.add("Resource", target),
        }
    }
}

/// The handle of a [`ScalableTarget`].
#[derive(Clone)]
pub struct ScalableTargetRef {
    scope: Scope,
    cfn: cfn::applicationautoscaling::ScalableTargetRef,
}

impl ScalableTargetRef {
    /// The target's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::applicationautoscaling::ScalableTargetRef {
        &self.cfn
    }

    /// Has as many tasks as use so much of the processors that they asked for, in percent
    /// ([AWS](https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html)).
    #[track_caller]
    pub fn track_cpu(&self, percent: f64) -> &Self {
        self.track(
            "TrackCpu",
            scaling_policy::PredefinedMetricSpecificationPredefinedMetricType::EcsServiceAverageCpuUtilization,
            percent,
        )
    }

    /// As [`track_cpu`](Self::track_cpu), for memory.
    #[track_caller]
    pub fn track_memory(&self, percent: f64) -> &Self {
        self.track(
            "TrackMemory",
            scaling_policy::PredefinedMetricSpecificationPredefinedMetricType::EcsServiceAverageMemoryUtilization,
            percent,
        )
    }

    #[track_caller]
    fn track(
        &self,
        id: &'static str,
        metric: scaling_policy::PredefinedMetricSpecificationPredefinedMetricType,
        percent: f64,
    ) -> &Self {
        if !(percent > 0.0 && percent <= 100.0) {
            let message = format!(
                "tasks use more than 0 and up to 100 percent of what they have, got {percent}"
            );
            let help = "such as `.track_cpu(60.0)`";
            self.scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        let metric = scaling_policy::PredefinedMetricSpecification::new(metric);
        let tracking = scaling_policy::TargetTrackingScalingPolicyConfiguration::new(percent)
            .predefined_metric_specification(metric);
        let policy = cfn::applicationautoscaling::ScalingPolicy::new(
            id,
            scaling_policy::PolicyType::TargetTrackingScaling,
        );
        let policy = policy
            .scaling_target_id(self.id())
            .target_tracking_scaling_policy_configuration(tracking);
        let policy = self.scope.add(id, policy);
        (policy.handle().scope()).edge(Verb::Scales, &self.scope, "");
        self
    }

    /// What policies call it by.
    pub(super) fn id(&self) -> Value<String> {
        self.cfn.reference().cast()
    }
}
