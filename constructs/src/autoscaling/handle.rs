//! What a program holds of a group.

use cloudwright_synth::{Id, IntoValue, Json, ResourceRef, Scope, Text, Value, Verb};

use crate::cfn;
use crate::cfn::autoscaling::scaling_policy as l1;
use crate::rules;

/// The handle of a [`Group`](super::Group), or of one that exists already.
#[derive(Clone)]
pub struct GroupRef {
    scope: Scope,
    cfn: Option<cfn::autoscaling::AutoScalingGroupRef>,
    name: Value<Id<cfn::autoscaling::AutoScalingGroup>>,
}

impl GroupRef {
    pub(super) fn owned(
        scope: &Scope,
        cfn: cfn::autoscaling::AutoScalingGroupRef,
        name: Option<Text>,
    ) -> Self {
        let reference = cfn.reference();
        Self {
            scope: scope.clone(),
            name: match name {
                Some(name) => {
                    let name = Value::from_json(Json::Text(name));
                    cfn.handle().known(&reference, &name)
                }
                None => reference,
            },
            cfn: Some(cfn),
        }
    }

    pub(super) const fn imported(
        scope: Scope,
        name: Value<Id<cfn::autoscaling::AutoScalingGroup>>,
    ) -> Self {
        Self {
            scope,
            cfn: None,
            name,
        }
    }

    /// The group's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported group.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::autoscaling::AutoScalingGroupRef> {
        self.cfn.as_ref()
    }

    /// The group's name.
    #[must_use]
    pub fn name(&self) -> Value<Id<cfn::autoscaling::AutoScalingGroup>> {
        self.name.clone()
    }

    /// Has as many servers as keep their processors this busy, in percent
    /// ([AWS](https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html)).
    #[track_caller]
    pub fn scale_on_cpu(&self, percent: f64) -> &Self {
        if !(percent > 0.0 && percent <= 100.0) {
            let message =
                format!("processors are busy for more than 0 and up to 100 percent, got {percent}");
            self.scope.error(
                &rules::OUT_OF_RANGE,
                message,
                "such as `.scale_on_cpu(60.0)`",
            );
        }
        let metric = l1::PredefinedMetricSpecification::new("ASGAverageCPUUtilization");
        let target =
            l1::TargetTrackingConfiguration::new(percent).predefined_metric_specification(metric);
        let policy = cfn::autoscaling::ScalingPolicy::new(self.name())
            .policy_type("TargetTrackingScaling")
            .target_tracking_configuration(target);
        let policy = self.scope.add("ScaleOnCpu", policy);
        (policy.handle().scope()).edge(Verb::Scales, &self.scope, "");
        self
    }
}

impl IntoValue<Id<cfn::autoscaling::AutoScalingGroup>> for &GroupRef {
    fn into_json(self) -> Json {
        self.name.as_json().clone()
    }
}
