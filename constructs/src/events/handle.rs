//! What a program holds of a rule.

use cloudwright_synth::{AnyArn, Arn, IntoValue, Json, ResourceRef, Scope, Value};

use crate::cfn;
use crate::cloudwatch::{Alarm, AlarmRef, AlarmTarget, Comparison, Metric, Statistic};

/// The namespace of the metrics.
const NAMESPACE: &str = "AWS/Events";

/// The handle of a [`Rule`](super::Rule).
#[derive(Clone)]
pub struct RuleRef {
    scope: Scope,
    cfn: cfn::events::RuleRef,
    arn: Value<Arn<cfn::events::Rule>>,
    name: Value<String>,
    bus: Option<Value<String>>,
    /// The ARN by a fixed name, which refers to nothing.
    known_arn: Option<Json>,
}

impl RuleRef {
    pub(super) fn new(
        scope: &Scope,
        cfn: cfn::events::RuleRef,
        name: Option<Json>,
        bus: Option<Json>,
    ) -> Self {
        let mut arn = cfn.arn();
        // Of another bus, `Ref` is both names.
        let mut rule_name = match bus {
            Some(_) => cfn.rule_name(),
            None => Value::from_json(cfn.handle().reference()),
        };
        let mut known_arn = None;
        let is_known = |name: &Json| name.as_text().is_some() && bus.is_none();
        if let Some(name) = name.filter(is_known) {
            let name = Value::<String>::from_json(name);
            let resource = Json::concat(vec![Json::Text("rule/".into()), name.as_json().clone()]);
            let known = scope.arn("events", Value::<String>::from_json(resource));
            known_arn = Some(known.as_json().clone());
            arn = cfn.handle().known(&arn, &known.cast());
            rule_name = cfn.handle().known(&rule_name, &name);
        }
        Self {
            scope: scope.clone(),
            cfn,
            arn,
            name: rule_name,
            bus: bus.map(Value::from_json),
            known_arn,
        }
    }

    /// The ARN as those say it whom the rule tells: with a fixed name, their stack need not wait for the rule's.
    pub(super) fn source(&self) -> Json {
        let arn = || IntoValue::<Json>::into_json(self.arn());
        self.known_arn.clone().unwrap_or_else(arn)
    }

    /// The rule's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource.
    #[must_use]
    pub const fn cfn(&self) -> &cfn::events::RuleRef {
        &self.cfn
    }

    /// The rule's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::events::Rule>> {
        self.arn.clone()
    }

    /// The rule's name.
    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.name.clone()
    }

    /// A metric of the rule by its name, such as `RetryInvocationAttempts`
    /// ([all of them](https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html)), as a sum.
    pub fn metric(&self, name: &'static str) -> Metric {
        let metric = Metric::new(NAMESPACE, name).dimension("RuleName", self.name());
        let metric = match &self.bus {
            Some(bus) => metric.dimension("EventBusName", bus.clone()),
            None => metric,
        };
        metric.statistic(Statistic::Sum).of(&self.scope)
    }

    /// How many events matched, or how often it was time.
    pub fn metric_matched(&self) -> Metric {
        self.metric("MatchedEvents")
    }

    /// How often a target was told.
    pub fn metric_invocations(&self) -> Metric {
        self.metric("Invocations")
    }

    /// How many events could not be handed over in the end.
    pub fn metric_failed(&self) -> Metric {
        self.metric("FailedInvocations")
    }

    /// Raises an alarm as soon as an event could not be handed over. That is about the way to the target: what a
    /// function does with an event is watched at the function.
    #[track_caller]
    pub fn alarm_on_failures(&self, target: &(impl AlarmTarget + Clone)) -> AlarmRef {
        let alarm = Alarm::new(self.metric_failed(), Comparison::Above(0.0))
            .description(
                "events could not be handed over; the dead letters have them with the reason",
            )
            .on_alarm(target);
        self.scope.add("FailuresAlarm", alarm)
    }
}

impl IntoValue<Arn<cfn::events::Rule>> for &RuleRef {
    fn into_json(self) -> Json {
        IntoValue::<Arn<cfn::events::Rule>>::into_json(self.arn())
    }
}

impl IntoValue<AnyArn> for &RuleRef {
    fn into_json(self) -> Json {
        IntoValue::<AnyArn>::into_json(self.arn())
    }
}
