//! Steps: how far a number goes when an alarm goes off.

use std::time::Duration;

use cloudwright_synth::Builder as _;
use cloudwright_synth::{Construct, Json, Scope, Text, Value, Verb};

use super::ScalableTargetRef;
use crate::cfn::applicationautoscaling::scaling_policy as l1;
use crate::cloudwatch::AlarmTarget;
use crate::units::{number, whole_seconds};
use crate::{cfn, defaults, rules};

/// The most steps of a policy.
const STEPS: usize = 20;
/// The properties of a step that bound it.
const LOWER: &str = "MetricIntervalLowerBound";
const UPPER: &str = "MetricIntervalUpperBound";

/// How far a number goes when an alarm goes off
/// ([AWS](https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-step-scaling-policies.html)):
/// the further the measurement is beyond the alarm's threshold, the further.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::applicationautoscaling::StepPolicy;
/// use cloudwright::cloudwatch::{Alarm, Comparison};
/// # use cloudwright::{ec2::Vpc, ecs::{Cluster, Container, FargateService, Image, TaskDefinition}};
/// # let app = App::new();
/// # let stack = app.stack("Shop", Environment::agnostic());
/// # let network = stack.add("Network", Vpc::new("10.0.0.0/16").nat(cloudwright::ec2::Nat::One));
/// # let cluster = stack.add("Cluster", Cluster::new());
/// # let shop = Container::new("shop", Image::uri("public.ecr.aws/docker/library/httpd:2.4")).writable();
/// # let task = stack.add("Task", TaskDefinition::new(256, MiB(512)).container(shop));
/// # let service = FargateService::new(&cluster, &task, &network);
/// # let service = stack.add("Service", service);
/// # let orders = stack.add("Orders", sqs::Queue::new());
/// // One task when something waits, five when more than a thousand do.
/// let tasks = service.scale(0..=5);
/// let out = stack.add("Out", StepPolicy::to_exactly(&tasks).step(0.0, 1).step(999.0, 5));
/// stack.add("Waiting", Alarm::new(orders.metric_visible(), Comparison::AtLeast(1.0)).on_alarm(&out));
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct StepPolicy {
    target: ScalableTargetRef,
    kind: l1::AdjustmentType,
    is_exact: bool,
    goes_down: bool,
    steps: Vec<(f64, i64)>,
    cooldown: Option<Duration>,
    name: Option<Text>,
}

impl StepPolicy {
    /// Adds what the step says to the number, or takes it away: less than 0.
    pub fn by_change(target: &ScalableTargetRef) -> Self {
        Self::of(target, l1::AdjustmentType::ChangeInCapacity)
    }

    /// Sets the number to what the step says.
    pub fn to_exactly(target: &ScalableTargetRef) -> Self {
        Self {
            is_exact: true,
            ..Self::of(target, l1::AdjustmentType::ExactCapacity)
        }
    }

    fn of(target: &ScalableTargetRef, kind: l1::AdjustmentType) -> Self {
        Self {
            target: target.clone(),
            kind,
            is_exact: false,
            goes_down: false,
            steps: Vec::new(),
            cooldown: None,
            name: None,
        }
    }

    /// From so far above the alarm's threshold on, up to the next step: 0 or more, growing from step to step.
    pub fn step(mut self, above: f64, adjustment: i64) -> Self {
        self.steps.push((above, adjustment));
        self
    }

    /// Counts the steps from the threshold downwards, for an alarm about too little: `.step(0.0, -1)` is up to the
    /// next step below it.
    pub const fn below_threshold(mut self) -> Self {
        self.goes_down = true;
        self
    }

    /// How long it waits after a change before the next one.
    pub const fn cooldown(mut self, duration: Duration) -> Self {
        self.cooldown = Some(duration);
        self
    }

    /// A fixed name, in place of the place in the tree. A change replaces the policy.
    pub fn policy_name(mut self, name: impl Into<Text>) -> Self {
        self.name = Some(name.into());
        self
    }

    fn check(&self, scope: &Scope) {
        let firsts = || self.steps.iter().map(|(from, _)| *from);
        let grows = firsts().zip(firsts().skip(1)).all(|(one, next)| one < next);
        let is_finite = firsts().all(|from| from.is_finite() && from >= 0.0);
        let starts = firsts().next() == Some(0.0);
        if !starts || !grows || !is_finite || self.steps.len() > STEPS {
            let message = format!(
                "a policy has 1 to {STEPS} steps, the first at 0 and each further from the threshold than the one before, got {:?}",
                firsts().collect::<Vec<_>>()
            );
            let help = "such as `.step(0.0, 1).step(100.0, 5)`";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        if self.is_exact && self.steps.iter().any(|(_, number)| *number < 0) {
            let message = "a number that is set is 0 or more";
            scope.error(
                &rules::OUT_OF_RANGE,
                message,
                "`StepPolicy::by_change(&target)` takes away",
            );
        }
    }

    /// The steps, each up to the next: from the threshold upwards, or downwards with its bounds exchanged.
    fn adjustments(&self) -> Vec<l1::StepAdjustment> {
        let end = |at: usize| self.steps.get(at + 1).map(|(next, _)| *next);
        let adjustment = |(at, (from, change)): (usize, &(f64, i64))| {
            let (first, last) = if self.goes_down {
                (UPPER, LOWER)
            } else {
                (LOWER, UPPER)
            };
            let sign = if self.goes_down { -1.0 } else { 1.0 };
            // 0 has no sign in a template.
            let bound = |bound: f64| number(sign * bound + 0.0);
            let step = l1::StepAdjustment::new(*change).raw(first, bound(*from));
            match end(at) {
                Some(to) => step.raw(last, bound(to)),
                None => step,
            }
        };
        self.steps.iter().enumerate().map(adjustment).collect()
    }
}

impl Construct for StepPolicy {
    type Handle = StepPolicyRef;

    fn construct(mut self, scope: &Scope) -> StepPolicyRef {
        self.name = self.name.or_else(|| defaults::name(scope, 256));
        self.check(scope);
        scope.edge(Verb::Scales, self.target.scope(), "");
        let mut steps = l1::StepScalingPolicyConfiguration::new()
            .adjustment_type(self.kind)
            .step_adjustments(self.adjustments());
        if let Some(cooldown) = self.cooldown {
            steps = steps.cooldown(whole_seconds(scope, "the time after a change", cooldown));
        }
        let name = (self.name).unwrap_or_else(|| scope.path().replace('/', "-").into());
        let policy =
            cfn::applicationautoscaling::ScalingPolicy::new(name, l1::PolicyType::StepScaling)
                .scaling_target_id(self.target.id())
                .step_scaling_policy_configuration(steps);
        StepPolicyRef {
            scope: scope.clone(),
            cfn: scope.add("Resource", policy),
        }
    }
}

/// The handle of a [`StepPolicy`]: a target of alarms.
#[derive(Clone)]
pub struct StepPolicyRef {
    scope: Scope,
    cfn: cfn::applicationautoscaling::ScalingPolicyRef,
}

impl StepPolicyRef {
    /// The policy's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::applicationautoscaling::ScalingPolicyRef {
        &self.cfn
    }

    /// The policy's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.cfn.arn().cast()
    }
}

impl AlarmTarget for StepPolicyRef {
    fn place(&self) -> &Scope {
        &self.scope
    }

    fn bind(&self, _alarm: &Scope) -> Json {
        self.arn().as_json().clone()
    }
}
