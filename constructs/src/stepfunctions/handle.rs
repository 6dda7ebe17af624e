//! What a program holds of a state machine.

use cloudwright_synth::intrinsic::{select, split};
use cloudwright_synth::{AnyArn, Arn, IntoValue, Json, ResourceRef as _, Scope, Text, Value};

use crate::cloudwatch::{
    Alarm, AlarmRef, AlarmTarget, Comparison, MathExpression, Metric, Statistic,
};
use crate::iam::{GrantRule, Grantee, Identity, OwnName, RoleRef, Subject, grant, table};
use crate::{cfn, rules};

/// The namespace of the metrics.
const NAMESPACE: &str = "AWS/States";

/// The handle of a [`StateMachine`](super::StateMachine), or of one that exists already.
#[derive(Clone)]
pub struct StateMachineRef {
    scope: Scope,
    cfn: Option<cfn::stepfunctions::StateMachineRef>,
    arn: Value<Arn<cfn::stepfunctions::StateMachine>>,
    name: Value<String>,
    role: Option<RoleRef>,
}

impl StateMachineRef {
    pub(super) fn owned(
        scope: &Scope,
        cfn: cfn::stepfunctions::StateMachineRef,
        fixed: Option<Text>,
        role: RoleRef,
    ) -> Self {
        let (mut arn, mut name) = (cfn.arn().cast(), cfn.name());
        if let Some(fixed) = fixed {
            let resource = format!("stateMachine:{fixed}");
            arn = cfn
                .handle()
                .known(&arn, &scope.arn("states", resource).cast());
            let fixed = Value::<String>::from_json(Json::Text(fixed));
            name = cfn.handle().known(&name, &fixed);
        }
        Self {
            scope: scope.clone(),
            cfn: Some(cfn),
            arn,
            name,
            role: Some(role),
        }
    }

    #[track_caller]
    pub(super) fn imported(
        scope: Scope,
        arn: Value<Arn<cfn::stepfunctions::StateMachine>>,
    ) -> Self {
        let name = match arn.literal() {
            Some(text) => Value::from_json(Json::Text(literal_name(&scope, text))),
            None => select(6, split(":", &arn)).cast(),
        };
        Self {
            scope,
            cfn: None,
            arn,
            name,
            role: None,
        }
    }

    /// The machine's place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The L1 resource; `None` for an imported machine.
    #[must_use]
    pub const fn cfn(&self) -> Option<&cfn::stepfunctions::StateMachineRef> {
        self.cfn.as_ref()
    }

    /// The machine's ARN.
    #[must_use]
    pub fn arn(&self) -> Value<Arn<cfn::stepfunctions::StateMachine>> {
        self.arn.clone()
    }

    /// The machine's name.
    #[must_use]
    pub fn name(&self) -> Value<String> {
        self.name.clone()
    }

    /// The role that the machine acts as; `None` for an imported machine.
    #[must_use]
    pub const fn role(&self) -> Option<&RoleRef> {
        self.role.as_ref()
    }

    /// Lets a grantee start runs.
    #[track_caller]
    pub fn grant_start(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::STEPFUNCTIONS_START, self.arn.as_json(), grantee)
    }

    /// Lets a grantee start runs of an express machine and wait for their end.
    #[track_caller]
    pub fn grant_start_and_wait(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(
            &table::STEPFUNCTIONS_START_AND_WAIT,
            self.arn.as_json(),
            grantee,
        )
    }

    /// Lets a grantee look at the machine, and list its runs.
    #[track_caller]
    pub fn grant_read(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::STEPFUNCTIONS_READ, self.arn.as_json(), grantee)
    }

    /// Lets a grantee look at runs and their history, with the data that they worked on.
    #[track_caller]
    pub fn grant_read_runs(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::STEPFUNCTIONS_READ_RUNS, &self.runs(), grantee)
    }

    /// Lets a grantee tell how a task ended that waits for an answer.
    #[track_caller]
    pub fn grant_answer(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::STEPFUNCTIONS_ANSWER, self.arn.as_json(), grantee)
    }

    /// Lets a grantee end runs before their end.
    #[track_caller]
    pub fn grant_stop(&self, grantee: &dyn Grantee) -> &Self {
        self.grant(&table::STEPFUNCTIONS_STOP, &self.runs(), grantee)
    }

    /// The ARN of all its runs.
    fn runs(&self) -> Json {
        let runs = Json::concat(vec![
            Json::Text("execution:".into()),
            self.name.as_json().clone(),
            Json::Text(":*".into()),
        ]);
        let runs = self.scope.arn("states", Value::<String>::from_json(runs));
        runs.as_json().clone()
    }

    #[track_caller]
    fn grant(&self, rule: &'static GrantRule, arn: &Json, grantee: &dyn Grantee) -> &Self {
        let subject = Subject {
            scope: &self.scope,
            arn: arn.clone(),
            content: "",
            key: None,
            policy: None,
            own_name: OwnName::Arn,
            known_arn: None,
        };
        grant(rule, &subject, grantee);
        self
    }

    /// A metric of the machine by its name, such as `ExecutionThrottled`
    /// ([all of them](https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html)), as a sum.
    pub fn metric(&self, name: &'static str) -> Metric {
        Metric::new(NAMESPACE, name)
            .dimension("StateMachineArn", self.arn.clone().cast::<String>())
            .statistic(Statistic::Sum)
            .of(&self.scope)
    }

    /// How many runs began.
    pub fn metric_started(&self) -> Metric {
        self.metric("ExecutionsStarted")
    }

    /// How many runs ended well.
    pub fn metric_succeeded(&self) -> Metric {
        self.metric("ExecutionsSucceeded")
    }

    /// How many runs ended as failures.
    pub fn metric_failed(&self) -> Metric {
        self.metric("ExecutionsFailed")
    }

    /// How many runs took too long.
    pub fn metric_timed_out(&self) -> Metric {
        self.metric("ExecutionsTimedOut")
    }

    /// How many runs were ended by somebody.
    pub fn metric_aborted(&self) -> Metric {
        self.metric("ExecutionsAborted")
    }

    /// How many steps had to wait because there were too many.
    pub fn metric_throttled(&self) -> Metric {
        self.metric("ExecutionThrottled")
    }

    /// How long the longest run took, in milliseconds.
    pub fn metric_time(&self) -> Metric {
        self.metric("ExecutionTime").statistic(Statistic::Maximum)
    }

    /// Raises an alarm as soon as a run failed or took too long.
    #[track_caller]
    pub fn alarm_on_failures(&self, target: &(impl AlarmTarget + Clone)) -> AlarmRef {
        let failures = MathExpression::new("failed + late")
            .using("failed", self.metric_failed())
            .using("late", self.metric_timed_out())
            .label("runs that failed");
        let alarm = Alarm::new(failures, Comparison::Above(0.0))
            .description("runs failed or took too long; their history says at which step and why")
            .on_alarm(target);
        self.scope.add("FailuresAlarm", alarm)
    }

    /// Raises an alarm as soon as steps had to wait because there were too many.
    #[track_caller]
    pub fn alarm_on_throttles(&self, target: &(impl AlarmTarget + Clone)) -> AlarmRef {
        let alarm = Alarm::new(self.metric_throttled(), Comparison::Above(0.0))
            .description("steps had to wait; start fewer runs at once, or have the quota raised")
            .on_alarm(target);
        self.scope.add("ThrottlesAlarm", alarm)
    }
}

/// The name in a machine's ARN.
#[track_caller]
fn literal_name(scope: &Scope, arn: &str) -> Text {
    if let Some((_, name)) = arn.split_once(":stateMachine:")
        && arn.starts_with("arn:")
    {
        return Text::Owned(name.split(':').next().unwrap_or(name).to_owned());
    }
    let message = format!(
        "a state machine's ARN looks like \"arn:aws:states:eu-central-1:123456789012:stateMachine:name\", got \"{arn}\""
    );
    let help = "copy the ARN from `aws stepfunctions list-state-machines`";
    scope.error(&rules::BAD_ARN, message, help);
    "".into()
}

impl Grantee for StateMachineRef {
    fn identity(&self) -> Identity {
        match &self.role {
            Some(role) => Identity::Role {
                role: role.clone(),
                actor: self.scope.clone(),
            },
            None => Identity::Unknown(self.scope.clone()),
        }
    }
}

impl IntoValue<Arn<cfn::stepfunctions::StateMachine>> for &StateMachineRef {
    fn into_json(self) -> Json {
        self.arn.as_json().clone()
    }
}

impl IntoValue<AnyArn> for &StateMachineRef {
    fn into_json(self) -> Json {
        self.arn.as_json().clone()
    }
}
